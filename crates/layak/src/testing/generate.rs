//! Cases made up for a ruleset: as few as are found that show all of it, for people to confirm.

use std::collections::BTreeSet;

use crate::facts::Data;
use crate::graph::{Day, Request};
use crate::outcome::evaluate;
use crate::program::DefinitionId;
use crate::report::{Answer, Entitlement, Outcome};
use crate::ruleset::{Plan, PlanOptions, Ruleset};
use crate::value::Date;

use super::PropertyOptions;
use super::cases::shown;
use super::coverage::{Coverage, CoverageGoal, Expected, Watch};
use super::mutants::days;
use super::properties::{Chance, Maker, Search, places, remove, shrink};

/// So many smaller households are tried for each case.
const SHRINKING: usize = 250;

/// Of so many days at most.
const DAYS: usize = 40;

/// So many of them, the last, are looked at most often.
const LAST_DAYS: usize = 3;

/// A part of the rules, by its position in a coverage, and what is shown of it.
type Goal = (usize, CoverageGoal);

/// Cases made up for a ruleset, and what they show of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedCases {
    cases: Vec<String>,
    coverage: Coverage,
    tried: usize,
}

impl GeneratedCases {
    /// The cases as JSON, in the order in which they show the most. What is expected of each is what the rules say now, and its
    /// `origin` says that nobody has confirmed it.
    pub fn cases(&self) -> &[String] {
        &self.cases
    }

    /// What they show of the rules.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// How many households were tried.
    pub fn tried(&self) -> usize {
        self.tried
    }
}

/// The rules of a day.
struct Side<'p> {
    day: Date,
    maker: Maker<'p>,
    plan: Plan,
    search: Search,
}

struct Candidate {
    side: usize,
    data: Data<'static>,
    goals: BTreeSet<Goal>,
}

struct Work<'r> {
    ruleset: &'r Ruleset,
    watch: Watch,
    /// What is expected of rules without programmes, by the names that cases use.
    named: Vec<(String, DefinitionId)>,
    /// Nothing is shown of it but while one household is looked at.
    blank: Coverage,
}

impl Ruleset {
    /// Makes up cases, at most so many and as few as are found, that show as much of the rules as is found: by households of the options' seed and
    /// count, on the days on which versions begin and the days before, whole ones and ones of which facts are left out. Each is made as small as it can be. The same
    /// options make the same cases of the same rules, unless `goes_on`, which is asked before each household, says no.
    ///
    /// The cost is that of deciding the households some times, and of some hundreds for each case.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = layak::Ruleset::from_text("
    ///   module aid
    ///   entity Household { desil integer 1..10 }
    ///   criterion poor when desil <= 4
    ///   programme food requires poor")?;
    /// let options = layak::PropertyOptions::new().count(200);
    /// let made = rules.generate_cases(&options, 20, &mut || true);
    /// let (shown, all) = made.coverage().shown(None);
    /// assert_eq!(shown, all);
    /// // Eligible, refused and not known: one case of each is enough.
    /// assert_eq!(made.cases().len(), 3);
    /// let mut cases = rules.cases();
    /// assert!(made.cases().iter().all(|case| cases.run(case.as_bytes()).failures().is_empty()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn generate_cases(
        &self,
        options: &PropertyOptions,
        most: usize,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> GeneratedCases {
        let program = &self.inner().program;
        let mut work = Work { ruleset: self, watch: Watch::of(self), named: Vec::new(), blank: self.coverage() };
        if program.programmes.len() == 0 {
            let named = program.definitions.iter().filter(|(_, d)| d.arguments.is_empty() && d.part_of.is_none());
            work.named = named
                .map(|(id, d)| (format!("{}.{}", program.modules[d.declared.module].name, d.declared.name), id))
                .collect();
        }
        let mut sides: Vec<Side<'_>> = Vec::new();
        for day in days(program).into_iter().rev().take(DAYS) {
            if let Some(plan) = work.plan(day) {
                let search = Search::everywhere();
                sides.push(Side { day, maker: Maker::new(program, day), plan, search });
            }
        }
        let (found, tried) = work.search(&mut sides, options, goes_on);
        let mut small: Vec<Candidate> = Vec::new();
        let mut shown: BTreeSet<Goal> = BTreeSet::new();
        for candidate in fewest(found, most) {
            let Some(side) = sides.get(candidate.side) else { continue };
            // What the cases before it have shown it need not show.
            let needed: BTreeSet<Goal> = candidate.goals.difference(&shown).copied().collect();
            let data = shrink(candidate.data, SHRINKING, |smaller| work.goals(side, smaller).is_superset(&needed));
            let goals = work.goals(side, &data);
            shown.extend(&goals);
            small.push(Candidate { side: candidate.side, data, goals });
        }
        without_needless(&mut small);
        let mut coverage = self.coverage();
        let mut cases = Vec::new();
        for Candidate { side, data, .. } in &small {
            let side = sides.get(*side);
            cases.extend(side.and_then(|side| work.case(side, data, cases.len() + 1, &mut coverage)));
        }
        GeneratedCases { cases, coverage, tried }
    }
}

impl Work<'_> {
    /// The plan of a day that shows what is watched, before anything else.
    fn plan(&self, day: Date) -> Option<Plan> {
        let rules = self.ruleset;
        let program = &rules.inner().program;
        let mut options = PlanOptions::new(day);
        for (name, _) in &self.named {
            options = options.show(name.clone());
        }
        // A name that is not told apart is no name that a case can use.
        rules.plan(options.clone()).ok()?;
        let named =
            self.named.iter().map(|(_, id)| (std::sync::Arc::clone(&program.definitions[*id].declared.name), *id));
        let show: Vec<_> = self.watch.show.iter().cloned().chain(named).collect();
        let of = Day { as_of: day, known_on: day };
        Some(Plan::traced(rules, &Request { day: Some(of), show: &show, ..Request::default() }, options))
    }

    fn expected(&self) -> Expected<'static> {
        let programmes = self.ruleset.inner().program.programmes.ids().collect();
        Expected { programmes, values: self.named.iter().map(|(_, id)| *id).collect(), ..Expected::default() }
    }

    /// What a household shows; nothing where it is none.
    fn goals(&mut self, side: &Side<'_>, data: &Data<'static>) -> BTreeSet<Goal> {
        let Ok(facts) = side.plan.bind(data) else { return BTreeSet::new() };
        let expected = self.expected();
        let case = side.plan.case_of(&facts);
        self.blank.observe(self.ruleset, &self.watch, &side.plan, &case, &expected);
        self.blank.take_shown()
    }

    /// The households that showed something that none before them did.
    fn search(
        &mut self,
        sides: &mut [Side<'_>],
        options: &PropertyOptions,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> (Vec<Candidate>, usize) {
        let (_, all) = self.blank.shown(None);
        let mut found: Vec<Candidate> = Vec::new();
        let mut shown: BTreeSet<Goal> = BTreeSet::new();
        let mut tried = 0;
        for number in 0..options.households() {
            if shown.len() >= all || sides.is_empty() || !goes_on() {
                break;
            }
            tried += 1;
            let among = if number.is_multiple_of(2) { sides.len() } else { sides.len().min(LAST_DAYS) };
            let at = (number / 2).checked_rem(among).unwrap_or(0);
            let Some(side) = sides.get_mut(at) else { break };
            let mut chance = Chance::new(options.of_seed(), u64::try_from(number).unwrap_or(u64::MAX));
            // One in three is in one fact other than one that is eligible: what refuses it decides alone.
            let eligible = || found.iter().filter(|c| c.goals.iter().any(|(_, goal)| *goal == CoverageGoal::Eligible));
            let near = match chance.times(1, 3) {
                true => eligible().nth(chance.index(eligible().count())),
                false => None,
            };
            let mut data = match near {
                Some(near) => side.search.changed(&near.data, &side.maker, &mut chance),
                None => side.search.next(&side.maker, &mut chance),
            };
            // One in three has facts that are not known.
            if chance.times(1, 3) {
                let all = places(&data);
                for _ in 0..=chance.index(all.len().min(6)) {
                    let now = places(&data);
                    if let Some(path) = now.get(chance.index(now.len())) {
                        remove(&mut data, path);
                    }
                }
            } else if let Ok(facts) = side.plan.bind(&data) {
                let recording =
                    evaluate(side.plan.plan_graph(), &side.plan.case_of(&facts), &self.ruleset.inner().limits);
                side.search.note(side.plan.plan_graph(), &recording, &data);
            }
            let Some(side) = sides.get(at) else { break };
            let goals = self.goals(side, &data);
            if !goals.is_subset(&shown) {
                shown.extend(&goals);
                found.push(Candidate { side: at, data, goals });
            }
        }
        (found, tried)
    }

    /// A household as a case, with what the rules say of it now.
    fn case(&self, side: &Side<'_>, data: &Data<'static>, number: usize, coverage: &mut Coverage) -> Option<String> {
        let facts = side.plan.bind(data).ok()?;
        let case = side.plan.case_of(&facts);
        coverage.observe(self.ruleset, &self.watch, &side.plan, &case, &self.expected());
        // Decided by the plan that a case is decided by.
        let mut options = PlanOptions::new(side.day);
        for (name, _) in &self.named {
            options = options.show(name.clone());
        }
        let plan = self.ruleset.plan(options).ok()?;
        let decision = plan.decide(&plan.bind(data).ok()?);
        let mut programmes = Vec::new();
        for programme in decision.programmes() {
            let name = json_text(programme.name());
            match programme.entitlement() {
                Some(one) => programmes.push(format!("{name}:{}", entitlement(one))),
                None => {
                    let members: Vec<String> = programme
                        .members()
                        .map(|(key, one)| format!("{}:{}", json_text(key), entitlement(one)))
                        .collect();
                    if !members.is_empty() {
                        programmes.push(format!("{name}:{{{}}}", members.join(",")));
                    }
                }
            }
        }
        let values: Vec<String> =
            decision.values().map(|(name, value)| format!("{}:{}", json_text(name), answer(value))).collect();
        let mut out = format!(
            "{{\"id\":\"g{number}\",\"as_of\":\"{}\",\"origin\":\"unconfirmed\",\"input\":{}",
            side.day,
            data.to_json()
        );
        if !values.is_empty() {
            out.push_str(&format!(",\"expect\":{{{}}}", values.join(",")));
        }
        if !programmes.is_empty() {
            out.push_str(&format!(",\"programmes\":{{{}}}", programmes.join(",")));
        }
        Some(out + "}")
    }
}

/// Of the households those that show the most that is not shown yet, one after the other; then none of which the others show
/// everything.
fn fewest(mut found: Vec<Candidate>, most: usize) -> Vec<Candidate> {
    let mut chosen: Vec<Candidate> = Vec::new();
    let mut shown: BTreeSet<Goal> = BTreeSet::new();
    loop {
        let news = |candidate: &Candidate| candidate.goals.difference(&shown).count();
        let best = found.iter().enumerate().map(|(at, c)| (news(c), std::cmp::Reverse(at))).max();
        match best {
            Some((news, std::cmp::Reverse(at))) if news > 0 => {
                let candidate = found.swap_remove(at);
                shown.extend(&candidate.goals);
                chosen.push(candidate);
            }
            _ => break,
        }
    }
    without_needless(&mut chosen);
    chosen.truncate(most);
    chosen
}

/// Leaves out what the others show too, the last first.
fn without_needless(chosen: &mut Vec<Candidate>) {
    let mut at = chosen.len();
    while at > 0 {
        at -= 1;
        let others: BTreeSet<Goal> =
            chosen.iter().enumerate().filter(|(n, _)| *n != at).flat_map(|(_, c)| &c.goals).copied().collect();
        if chosen.get(at).is_some_and(|candidate| candidate.goals.is_subset(&others)) {
            chosen.remove(at);
        }
    }
}

fn entitlement(one: &Entitlement) -> String {
    let list = |names: Vec<String>| {
        let names: Vec<String> = names.iter().map(|name| json_text(name)).collect();
        format!("[{}]", names.join(","))
    };
    match one.outcome() {
        Outcome::Eligible => {
            let known = one.outputs.iter().filter(|(_, value)| !matches!(value, Answer::Unknown));
            let outputs: Vec<String> =
                known.map(|(name, value)| format!("{}:{}", json_text(name), answer(value))).collect();
            match outputs.is_empty() {
                true => "{\"outcome\":\"eligible\"}".to_owned(),
                false => format!("{{\"outcome\":\"eligible\",\"outputs\":{{{}}}}}", outputs.join(",")),
            }
        }
        Outcome::NotEligible => {
            let reasons = one.reasons.iter().map(|r| r.criterion.to_string()).collect();
            format!("{{\"outcome\":\"not_eligible\",\"because\":{}}}", list(reasons))
        }
        Outcome::Undetermined(_) => {
            let missing = one.missing().iter().map(|m| m.fact.clone()).collect();
            format!("{{\"outcome\":\"undetermined\",\"missing\":{}}}", list(missing))
        }
        Outcome::Error(_) => "{\"outcome\":\"error\"}".to_owned(),
    }
}

/// An answer as a case expects it.
fn answer(value: &Answer) -> String {
    match value {
        Answer::Boolean(yes) => yes.to_string(),
        Answer::None | Answer::Unknown => "null".to_owned(),
        Answer::Failure(_) => "\"ERROR\"".to_owned(),
        Answer::List(items) => format!("[{}]", items.iter().map(answer).collect::<Vec<_>>().join(",")),
        Answer::Record(parts) => {
            let parts = parts.iter().map(|(name, value)| format!("{}:{}", json_text(name), answer(value)));
            format!("{{{}}}", parts.collect::<Vec<_>>().join(","))
        }
        other => json_text(&shown(other)),
    }
}

fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
