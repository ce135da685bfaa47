//! What time alone will bring: the same facts decided on later days, by the law as it is known now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{InTime, ProgrammeChanges, Target};
use crate::diagnostic::{Phrase, phrase};
use crate::facts::{Case, Fact, path_of, settle, weigh};
use crate::graph::{Day, Graph, Request};
use crate::outcome::{Recording, Slot, Verdict, decide, evaluate};
use crate::program::{Period, Program};
use crate::report::words;
use crate::ruleset::{Facts, Plan};
use crate::syntax::Lang;
use crate::value::{Calendar, Date, Value};

/// For so many months it is looked ahead.
const MONTHS: i64 = 60;
/// So many nodes of graphs are laid out for it: of large rules fewer days are looked at.
const MOST_NODES: usize = 3_000_000;
/// So many dates of the household are tried as causes.
const MOST_DATES: usize = 200;
/// So many causes are named.
const MOST_CAUSES: usize = 6;

/// The household on one day.
struct OnDay {
    graph: Graph,
    case: Case,
    recording: Recording,
}

/// Adds to each programme the first day on which it is decided otherwise.
pub(super) fn add(plan: &Plan, facts: &Facts, targets: &[Target], programmes: &mut [(usize, ProgrammeChanges)]) {
    let today = plan.as_of();
    let calendar = plan.plan_graph().calendar;
    let rows: usize = facts.case.tables.iter().map(|table| table.rows.len()).sum();
    let nodes = plan.plan_graph().nodes.len().max(1).saturating_mul(1 + rows / 64);
    let looks = i64::try_from(MOST_NODES / nodes).unwrap_or(MONTHS).clamp(5, MONTHS);
    let mut ahead = Ahead { plan, facts, targets, days: BTreeMap::new() };
    let mut open: Vec<(usize, &mut ProgrammeChanges)> = programmes.iter_mut().map(|(t, found)| (*t, found)).collect();
    let mut before = today;
    for look in 1..=looks {
        if open.is_empty() {
            return;
        }
        let Some(day) = calendar.add_months(today, look * MONTHS / looks) else { return };
        ahead.days.retain(|kept, _| *kept == before);
        open.retain_mut(|(target, programme)| {
            let now = programme.verdict;
            if ahead.verdict(day, *target) == Some(now) {
                return true;
            }
            programme.time = ahead.first(*target, now, before, day, calendar);
            false
        });
        before = day;
    }
}

struct Ahead<'a> {
    plan: &'a Plan,
    facts: &'a Facts,
    targets: &'a [Target],
    days: BTreeMap<Date, Arc<OnDay>>,
}

impl Ahead<'_> {
    fn on(&mut self, day: Date) -> Arc<OnDay> {
        if let Some(known) = self.days.get(&day) {
            return Arc::clone(known);
        }
        let inner = self.plan.ruleset().inner();
        let known_on = self.plan.plan_graph().day.map_or(day, |d| d.known_on);
        let decided = self.plan.programmes();
        let request =
            Request { day: Some(Day { as_of: day, known_on }), programmes: Some(&decided), ..Request::default() };
        let graph = self.plan.ruleset().graph(&request);
        let mut case = crate::facts::Case::clone(&self.facts.case);
        settle(&inner.program, &self.facts.evidence, &mut case, day);
        let recording = evaluate(&graph, &case, &inner.limits);
        let made = Arc::new(OnDay { graph, case, recording });
        self.days.insert(day, Arc::clone(&made));
        made
    }

    fn verdict(&mut self, day: Date, target: usize) -> Option<Verdict> {
        let target = self.targets.get(target)?;
        let on = self.on(day);
        let root = on.graph.programmes.iter().find(|root| root.programme == target.programme)?;
        let limits = &self.plan.ruleset().inner().limits;
        Some(decide(&on.graph, &on.case, &on.recording, root, target.row, limits).verdict)
    }

    /// The first day, after one on which a programme is decided as now, up to one on which it is not.
    fn first(&mut self, target: usize, now: Verdict, same: Date, other: Date, calendar: Calendar) -> Option<InTime> {
        let (mut same, mut other) = (same, other);
        while same.days_to(other) > 1 {
            let middle = same.add_days(same.days_to(other) / 2)?;
            if self.verdict(middle, target) == Some(now) { same = middle } else { other = middle }
        }
        let verdict = self.verdict(other, target)?;
        let on = self.on(other);
        Some(InTime { date: other, verdict, because: self.causes(&on, target, now, other, calendar) })
    }

    /// What happens on a day: dates of the household without which, a day later, the decision would stand as before; evidence that
    /// has become too old; and where it is neither of these, versions of the law.
    fn causes(&self, on: &OnDay, target: usize, now: Verdict, day: Date, calendar: Calendar) -> Vec<Phrase> {
        let program = &self.plan.ruleset().inner().program;
        let date_of = |slot: &Slot| match on.case.fact(slot.0, slot.1, slot.2).and_then(Fact::value) {
            Some(Value::Date(date)) if *date <= day => Some((*slot, *date)),
            _ => None,
        };
        let dates: Vec<(Slot, Date)> = self.behind(on, target).iter().filter_map(date_of).take(MOST_DATES).collect();
        let told = |(slot, date): &(Slot, Date)| {
            let path = path_of(program, &on.case, slot.0, slot.1, slot.2);
            of_date(program, &path, *date, &ago(*date, day, calendar))
        };
        let mut out: Vec<Phrase> =
            dates.iter().filter(|(slot, date)| self.decides(on, target, now, *slot, *date)).map(told).collect();
        for given in &self.facts.evidence {
            let fact = |day| weigh(program, given, day).map(|weighed| weighed.fact);
            if day.add_days(-1).is_some_and(|before| fact(before) != fact(day)) {
                let path = path_of(program, &on.case, given.entity, given.field, given.row);
                out.push(phrase!(
                    "the evidence of `{0}` counts no longer as it did",
                    "bukti `{0}` tidak lagi berlaku seperti semula",
                    path
                ));
            }
        }
        if out.is_empty() {
            let another = |name| phrase!("another version of `{0}` holds", "versi lain `{0}` berlaku", name);
            out.extend(versions(program, day).into_iter().map(another));
        }
        if out.is_empty() {
            // Several that come on one day, none of which decides alone.
            out.extend(
                dates
                    .iter()
                    .filter(|(_, date)| {
                        calendar.add_months(*date, calendar.years_between(*date, day) * 12) == Some(day)
                    })
                    .map(told),
            );
        }
        out.truncate(MOST_CAUSES);
        out
    }

    /// Whether a programme would be decided as before, were a date one day later.
    fn decides(&self, on: &OnDay, target: usize, now: Verdict, slot: Slot, date: Date) -> bool {
        let (Some(target), Some(later)) = (self.targets.get(target), date.add_days(1)) else { return false };
        let Some(root) = on.graph.programmes.iter().find(|root| root.programme == target.programme) else {
            return false;
        };
        let limits = &self.plan.ruleset().inner().limits;
        let mut case = on.case.clone();
        case.set(slot, Fact::Known(Value::Date(later)));
        let recording = evaluate(&on.graph, &case, limits);
        decide(&on.graph, &case, &recording, root, target.row, limits).verdict == now
    }

    /// The facts that the conditions of a programme rest on.
    fn behind(&self, on: &OnDay, target: usize) -> BTreeSet<Slot> {
        let reporter = self.plan.reporter();
        let reporter = crate::report::Reporter { graph: &on.graph, machine: None, ..reporter };
        let Some(target) = self.targets.get(target) else { return BTreeSet::new() };
        let root = on.graph.programmes.iter().find(|root| root.programme == target.programme);
        let (Some(root), row) = (root, target.row) else { return BTreeSet::new() };
        let nodes: Vec<_> = root.conditions.iter().map(|c| (c.node, root.frame, row)).collect();
        reporter.facts_behind(&on.recording, &nodes)
    }
}

/// How long a date is ago on a day: in whole years or months, where it is or was the day before, else in days.
fn ago(date: Date, day: Date, calendar: Calendar) -> Phrase {
    let fits = |months: i64| {
        let then = calendar.add_months(date, months);
        then == Some(day) || then.and_then(|then| then.add_days(1)) == Some(day)
    };
    let (years, months) = (calendar.years_between(date, day), calendar.months_between(date, day));
    match (years, months) {
        (0, 0) if date == day => phrase!("has come", "telah tiba"),
        (1.., _) if fits(years * 12) => phrase!("is {0} years ago", "sudah {0} tahun lalu", years),
        (_, 1..) if fits(months) => phrase!("is {0} months ago", "sudah {0} bulan lalu", months),
        _ => phrase!("is {0} days ago", "sudah {0} hari lalu", date.days_to(day)),
    }
}

fn of_date(program: &Program, path: &str, date: Date, ago: &Phrase) -> Phrase {
    let date = |lang| words(program, &Value::Date(date), &crate::program::Type::Date, lang);
    Phrase {
        en: format!("`{path}` ({}) {}", date(Lang::En), ago.en),
        id: format!("`{path}` ({}) {}", date(Lang::Id), ago.id),
    }
}

/// What has another version on a day than on the day before.
fn versions(program: &Program, day: Date) -> BTreeSet<Arc<str>> {
    let before = day.add_days(-1);
    let turns = |period: &Period| period.from == Some(day) || (period.until.is_some() && period.until == before);
    let parameters =
        program.parameters.values().filter(|p| p.values.iter().flat_map(|v| &v.versions).any(|v| turns(&v.period)));
    let definitions = program.definitions.values().filter(|d| d.versions.iter().any(|v| turns(&v.period)));
    let programmes = program.programmes.values().filter(|p| p.versions.iter().any(|v| turns(&v.period)));
    let names = parameters.map(|p| &p.declared).chain(definitions.map(|d| &d.declared));
    names.chain(programmes.map(|p| &p.declared)).map(|d| Arc::clone(&d.name)).collect()
}
