//! Which statement of a fact counts: on the day of the decision, the most trusted fresh one that the field accepts.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::facts::{Case, EvidenceFact, EvidenceItem, Fact};
use crate::program::{Field, Program, SourceDeclId};
use crate::value::{Calendar, Date, LeapDay, MonthEnd, Value};

/// The evidence of a fact on a day. Numbers are those of its items. Each source speaks by its latest statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Weighed {
    /// The statement whose value is the fact; None where no accepted fresh source knows it, or equally good ones differ.
    pub chosen: Option<usize>,
    /// What the fact is then.
    pub fact: Fact,
    /// Fresh statements that say otherwise than the one that counts; all that differ, where for that reason none counts.
    pub differing: Vec<usize>,
    /// Statements of accepted sources that are too old.
    pub stale: Vec<usize>,
    /// What the fact rests on although no source verifies it; of one that must be verified, what was merely stated.
    pub unverified: Vec<usize>,
    /// Statements of sources that the field does not accept.
    pub unaccepted: Vec<usize>,
}

/// Puts what the evidence comes to on a day into the case. The cost is linear in the statements.
pub(crate) fn settle(program: &Program, evidence: &[EvidenceFact], case: &mut Case, day: Date) {
    for given in evidence {
        if let Some(weighed) = weigh(program, given, day) {
            case.set((given.entity, given.field, given.row), weighed.fact);
        }
    }
}

/// Weighs the evidence of one fact; nothing where the program has no such field.
pub(crate) fn weigh(program: &Program, evidence: &EvidenceFact, day: Date) -> Option<Weighed> {
    let field = program.entities[evidence.entity].fields.get(evidence.field)?;
    let scale = Scale { program, field, day };
    let items = || evidence.items.iter().enumerate();
    let counts = |item: &EvidenceItem| scale.is_fresh(item) && (!field.verified || scale.verifies(item));
    let weight = |item: &EvidenceItem| Some((Reverse(scale.rank(item)?), scale.nearness(item)));

    let candidates = || items().filter(|(_, item)| item.value.value().is_some() && counts(item));
    let heaviest = candidates().filter_map(|(_, item)| weight(item)).max();
    let best: Vec<(usize, &EvidenceItem)> =
        candidates().filter(|(_, item)| heaviest.is_some() && weight(item) == heaviest).collect();
    let agreed = best.first().filter(|(_, first)| best.iter().all(|(_, other)| other.value == first.value));
    let chosen = agreed.map(|(index, _)| *index);
    let asked = || items().any(|(_, i)| i.value == Fact::Asked && scale.rank(i).is_some() && counts(i));
    let fact = match agreed {
        Some((_, item)) => item.value.clone(),
        None if asked() => Fact::Asked,
        None => Fact::Unknown,
    };

    let known = || items().filter(|(_, item)| item.value.value().is_some());
    let mut latest: BTreeMap<Option<SourceDeclId>, (u8, i64)> = BTreeMap::new();
    for (_, item) in known() {
        let nearest = latest.entry(item.source).or_insert_with(|| scale.nearness(item));
        *nearest = scale.nearness(item).max(*nearest);
    }
    let is_latest = |item: &EvidenceItem| latest.get(&item.source) == Some(&scale.nearness(item));
    let accepted = |item: &EvidenceItem| scale.rank(item).is_some();
    let numbers = |which: &dyn Fn(&EvidenceItem) -> bool| -> Vec<usize> {
        known().filter(|(_, item)| which(item)).map(|(index, _)| index).collect()
    };
    let differing = match agreed {
        Some((_, chosen)) => {
            numbers(&|item| accepted(item) && is_latest(item) && scale.is_fresh(item) && item.value != chosen.value)
        }
        None => best.iter().map(|(index, _)| *index).collect(),
    };
    let unverified = match agreed {
        Some((index, item)) if !scale.verifies(item) => vec![*index],
        None if field.verified => numbers(&|item| {
            (item.source.is_none() || accepted(item))
                && is_latest(item)
                && scale.is_fresh(item)
                && !scale.verifies(item)
        }),
        _ => Vec::new(),
    };
    Some(Weighed {
        chosen,
        fact,
        differing,
        stale: numbers(&|item| accepted(item) && is_latest(item) && !scale.is_fresh(item)),
        unverified,
        unaccepted: numbers(&|item| item.source.is_some() && !accepted(item)),
    })
}

const NO_MONTHS: Calendar = Calendar { leap_day: LeapDay::March1, month_end: MonthEnd::Clip };

/// What statements of one field are weighed with.
struct Scale<'a> {
    program: &'a Program,
    field: &'a Field,
    day: Date,
}

impl Scale<'_> {
    /// How far from the most trusted its source is; None where the field does not accept it.
    fn rank(&self, item: &EvidenceItem) -> Option<usize> {
        rank(self.field, item.source?)
    }

    fn verifies(&self, item: &EvidenceItem) -> bool {
        item.source.is_some_and(|source| self.program.sources[source].verifies)
    }

    /// A statement of a source whose word holds for so long counts to the last day of it; one without a date does not.
    fn is_fresh(&self, item: &EvidenceItem) -> bool {
        let Some(fresh) = item.source.and_then(|source| self.program.sources[source].fresh) else { return true };
        // INVARIANT: whose word holds for months is in a program with a calendar; days need none.
        let calendar = self.program.calendar.unwrap_or(NO_MONTHS);
        let last = item.date.map(|date| calendar.add(date, fresh).unwrap_or(Date::MAX));
        last.is_some_and(|last| self.day <= last)
    }

    /// The latest up to the day goes first, then those without a date; of those from after the day the earliest.
    fn nearness(&self, item: &EvidenceItem) -> (u8, i64) {
        match item.date {
            Some(date) if date <= self.day => (2, i64::from(date.ordinal())),
            None => (1, 0),
            Some(later) => (0, -i64::from(later.ordinal())),
        }
    }
}

fn rank(field: &Field, source: SourceDeclId) -> Option<usize> {
    if field.sources.is_empty() { Some(0) } else { field.sources.iter().position(|s| *s == source) }
}

impl EvidenceFact {
    /// Brings the statements into an order that does not hang on how they were given.
    pub(super) fn sort(&mut self, program: &Program) {
        let Some(field) = program.entities[self.entity].fields.get(self.field) else { return };
        let name = |source: SourceDeclId| &program.sources[source].declared.name;
        self.items.sort_by_cached_key(|item| {
            let rank = item.source.and_then(|source| rank(field, source)).unwrap_or(usize::MAX);
            let value: Option<Value> = item.value.value().cloned();
            (rank, item.source.map(name), Reverse(item.date), value, item.value == Fact::Asked)
        });
    }
}
