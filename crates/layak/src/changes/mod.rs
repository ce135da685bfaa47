//! What would change a decision: changes of the household's own facts, each found by deciding again, how far it is from the
//! thresholds, and what time alone will bring.

use std::sync::Arc;

use crate::diagnostic::Phrase;
use crate::facts::Case;
use crate::outcome::Verdict;
use crate::program::ProgrammeId;
use crate::report::{Answer, Entitlements};
use crate::ruleset::{Facts, Plan};
use crate::value::Date;

mod search;
mod tell;
mod thresholds;
mod time;

#[cfg(test)]
mod tests;

/// What would change the decision on a household: of each programme that refuses what would make it eligible, of each that it is
/// eligible for what would end it.
#[derive(Clone, Debug, PartialEq)]
pub struct Changes {
    id: Option<Arc<str>>,
    as_of: Date,
    programmes: Vec<ProgrammeChanges>,
}

/// What would change one programme's decision, on the household or on one of its members.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgrammeChanges {
    name: Arc<str>,
    member: Option<Arc<str>>,
    verdict: Verdict,
    ways: Vec<Way>,
    thresholds: Vec<Threshold>,
    time: Option<InTime>,
    complete: bool,
}

/// Changes that together would turn a decision. Any of the values of each will do, and each change is needed.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    changes: Vec<FactChange>,
    open: bool,
}

/// Another value of one fact.
#[derive(Clone, Debug, PartialEq)]
pub struct FactChange {
    fact: String,
    from: Told,
    to: Vec<Told>,
    /// Of a number or date how far the nearest value is, and whether it is above.
    distance: Option<(Told, bool)>,
}

/// How far a value is from a limit that had a part in the decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    criterion: Arc<str>,
    element: Option<String>,
    subject: String,
    value: Told,
    limit: Told,
    distance: Told,
    above: bool,
}

/// What time alone will bring: the first day on which the same facts are decided otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct InTime {
    date: Date,
    verdict: Verdict,
    because: Vec<Phrase>,
}

/// A value as data and in words.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    answer: Answer,
    words: Phrase,
}

impl Plan {
    /// What would change the decision on a household.
    ///
    /// Of a refusal it looks for single changes of the household's own known facts, and where none will do for pairs; of numbers and
    /// dates for the nearest value. Facts that are `fixed`, keys, links and lists are never changed. Each change that it names has
    /// been decided: with it the outcome is another. For time it decides the same facts month by month for five years, by the law
    /// as it is known on the plan's day, and then finds the day; a change that lasts less than a month may be passed over.
    ///
    /// The cost is up to 20,000 decisions, and a plan for each month: it is made for one household, not for many.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use layak::{Lang, Ruleset};
    /// let rules = Ruleset::from_text(r#"
    ///   module aid
    ///   entity Household { desil integer 1..10  power integer 0.. }
    ///   criterion poor when desil <= 4
    ///   criterion high_power when power >= 2_200
    ///   programme food requires poor refuses high_power
    /// "#)?;
    /// let plan = rules.as_of("2026-01-15".parse()?);
    /// let changes = plan.changes(&plan.facts_from_json(br#"{"desil": 3, "power": 3500}"#)?);
    /// let food = changes.programmes().next().ok_or("decided")?;
    /// let way = &food.ways()[0].changes()[0];
    /// assert_eq!((way.fact(), way.text().in_lang(Lang::En)), ("power", "`power`: 2,199 instead of 3,500 (1,301 less)"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn changes(&self, facts: &Facts) -> Changes {
        let case = self.case_of(facts);
        let mut search = search::Search::new(self, &case);
        let mut programmes = Vec::new();
        for target in 0..search.targets.len() {
            programmes.extend(search.programme(target).map(|found| (target, found)));
        }
        time::add(self, facts, &search.targets, &mut programmes);
        let programmes = programmes.into_iter().map(|(_, found)| found).collect();
        Changes { id: search.id(), as_of: self.as_of(), programmes }
    }
}

/// One programme for the household or one member.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    name: Arc<str>,
    member: Option<Arc<str>>,
    programme: ProgrammeId,
    /// Its number in the plan's graph, and the row of its frame.
    root: usize,
    row: u32,
    verdict: Verdict,
}

/// Every programme of the household and of its members, in the order of decisions.
fn targets(plan: &Plan, case: &Case) -> Vec<Target> {
    let reporter = plan.reporter();
    let mut out = Vec::new();
    for decided in reporter.programmes(case) {
        let name = &decided.name;
        let number =
            |root: &crate::graph::RootProgramme| reporter.program.programmes[root.programme].declared.name == *name;
        let mut roots = reporter.graph.programmes.iter().enumerate();
        let Some((root, found)) = roots.find(|(_, root)| number(root)) else { continue };
        let programme = found.programme;
        let target = |member, row, verdict| Target { name: Arc::clone(name), member, programme, root, row, verdict };
        match decided.entitlements {
            Entitlements::One(one) => out.push(target(None, 0, one.verdict)),
            Entitlements::Members(list) => {
                let rows = reporter.elements(case, reporter.program.programmes[programme].owner);
                out.extend(rows.zip(list).map(|((row, _), (key, one))| target(Some(key), row, one.verdict)));
            }
        }
    }
    out
}
