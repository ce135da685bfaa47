//! Households made up for the tests of a host: the same ones that properties are tried on, whole or in part, with evidence, or just
//! not valid; each can be made simpler step by step.

mod nearly;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::facts::Data;
use crate::ruleset::{Plan, Ruleset};
use crate::value::Date;

use super::properties::{Chance, Maker, Materials, Path, Step, at, insert, places, remove, simpler};

/// What households are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum HouseholdKind {
    /// Every fact is known.
    Complete,
    /// Some facts are left out: they are not known.
    Partial,
    /// Some facts come as evidence: from several sources, of several days, which may disagree.
    Evidence,
    /// The facts are refused, most often only just: one of them is a unit outside its range, a day that no calendar has, of another type or
    /// unknown by name, a list has one element too many, a link leads to nobody, or a key stands twice.
    Invalid,
}

/// Makes households from what a ruleset's entities declare, most often with values on which something turns.
#[derive(Clone)]
pub struct HouseholdMaker {
    ruleset: Ruleset,
    plan: Plan,
    as_of: Date,
    kind: HouseholdKind,
    materials: Arc<Materials>,
}

impl fmt::Debug for HouseholdMaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HouseholdMaker").field("as_of", &self.as_of).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A household that was made up. It is told as its JSON.
#[derive(Clone, PartialEq)]
pub struct MadeHousehold {
    data: Data<'static>,
    kind: HouseholdKind,
}

impl fmt::Debug for MadeHousehold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

/// Households made before one is found that is as it must be.
const TRIES: u64 = 50;

impl Ruleset {
    /// Makes households of these rules for the tests of a program, as of a date: by default those of which everything is known.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use layak::{HouseholdKind, Ruleset};
    /// let rules = Ruleset::from_text("
    ///   module aid
    ///   entity Household { desil integer 1..10 }
    ///   criterion poor when desil <= 4
    ///   programme food requires poor")?;
    /// let day = "2026-01-15".parse()?;
    /// let plan = rules.as_of(day);
    /// let good = rules.household_maker(day);
    /// let bad = rules.household_maker(day).kind(HouseholdKind::Invalid);
    /// for seed in 0..20 {
    ///     assert!(plan.facts_from_json(good.make(seed).to_json().as_bytes()).is_ok());
    ///     assert!(plan.facts_from_json(bad.make(seed).to_json().as_bytes()).is_err());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn household_maker(&self, as_of: Date) -> HouseholdMaker {
        let materials = Maker::new(&self.inner().program, as_of).materials();
        let plan = self.as_of(as_of);
        HouseholdMaker { ruleset: self.clone(), plan, as_of, kind: HouseholdKind::Complete, materials }
    }
}

impl HouseholdMaker {
    /// Makes another kind of household.
    #[must_use]
    pub fn kind(mut self, kind: HouseholdKind) -> HouseholdMaker {
        self.kind = kind;
        self
    }

    /// A household; the same of the same seed, rules and date.
    pub fn make(&self, seed: u64) -> MadeHousehold {
        let maker = Maker::of(&self.ruleset.inner().program, self.as_of, Arc::clone(&self.materials));
        let mut last = Data::Object(Vec::new());
        for number in 0..TRIES {
            let mut chance = Chance::new(seed, number);
            let mut data = maker.household(&mut chance);
            if !self.accepts(&data) {
                continue;
            }
            match self.kind {
                HouseholdKind::Complete => {}
                HouseholdKind::Partial => {
                    // Up to half of them.
                    for _ in 0..=chance.index((places(&data).len() / 2).max(1)) {
                        let all = places(&data);
                        if let Some(path) = all.get(chance.index(all.len())) {
                            let mut smaller = data.clone();
                            remove(&mut smaller, path);
                            if self.accepts(&smaller) {
                                data = smaller;
                            }
                        }
                    }
                }
                HouseholdKind::Evidence => self.evidence(&maker, &mut data, &mut chance),
                HouseholdKind::Invalid => self.broken(&mut data, &mut chance),
            }
            if self.fits(&data) {
                return MadeHousehold { data, kind: self.kind };
            }
            last = data;
        }
        MadeHousehold { data: last, kind: self.kind }
    }

    /// The n-th way of making a household simpler: a fact or an element less, or a plainer value. None says that there are no
    /// more ways; a way that leads to no household of its kind leads to none.
    pub fn simpler(&self, household: &MadeHousehold, n: usize) -> Option<Option<MadeHousehold>> {
        let all = places(&household.data);
        let mut data = household.data.clone();
        if let Some(path) = all.get(n) {
            // What everything is known of stays so.
            let is_element = matches!(path.last(), Some(Step::Item(_)));
            if household.kind == HouseholdKind::Complete && !is_element {
                return Some(None);
            }
            remove(&mut data, path);
        } else {
            let mut left = n - all.len();
            let mut found = None;
            for path in &all {
                let ways = simpler(at(&mut data, path));
                match ways.into_iter().nth(left) {
                    Some(value) => {
                        found = Some((path, value));
                        break;
                    }
                    None => left -= simpler(at(&mut data, path)).len(),
                }
            }
            let (path, value) = found?;
            if let Some(slot) = at(&mut data, path) {
                *slot = value;
            }
        }
        Some(self.fits(&data).then_some(MadeHousehold { data, kind: household.kind }))
    }

    fn accepts(&self, data: &Data<'static>) -> bool {
        self.plan.bind(data).is_ok()
    }

    fn fits(&self, data: &Data<'static>) -> bool {
        self.accepts(data) == (self.kind != HouseholdKind::Invalid)
    }

    /// States some facts as evidence, from the sources that their fields accept or from any.
    fn evidence(&self, maker: &Maker<'_>, data: &mut Data<'static>, chance: &mut Chance) {
        let program = &self.ruleset.inner().program;
        let sources: Vec<&Arc<str>> = program.sources.values().map(|s| &s.declared.name).collect();
        if sources.is_empty() {
            return;
        }
        for path in places(data) {
            if !chance.times(1, 3) || !matches!(path.last(), Some(Step::Field(_))) {
                continue;
            }
            let mut statements = Vec::new();
            for _ in 0..=chance.index(3) {
                let Some(source) = sources.get(chance.index(sources.len())) else { continue };
                let same = at(data, &path).map(|value| value.clone());
                let value = if chance.times(1, 2) { same } else { maker.another(&path, chance) };
                let Some(value) = value.filter(|v| !matches!(v, Data::Object(_) | Data::List(_))) else { continue };
                let day = self.stated_on(source, chance);
                statements.push(Data::Object(vec![
                    (Cow::Borrowed("value"), value),
                    (Cow::Borrowed("source"), Data::Text(Cow::Owned(source.to_string()))),
                    (Cow::Borrowed("date"), Data::Text(Cow::Owned(day.to_string()))),
                ]));
            }
            let mut stated = data.clone();
            if let Some(slot) = at(&mut stated, &path).filter(|_| !statements.is_empty()) {
                *slot = Data::Object(vec![(Cow::Borrowed("evidence"), Data::List(statements))]);
                if self.accepts(&stated) {
                    *data = stated;
                }
            }
        }
    }

    /// Some day before the date, often the last on which what a source says is fresh, or one beside it.
    fn stated_on(&self, source: &str, chance: &mut Chance) -> Date {
        let program = &self.ruleset.inner().program;
        let fresh = program.sources.values().find(|s| *s.declared.name == *source).and_then(|s| s.fresh);
        let calendar = self.plan.plan_graph().calendar;
        let last = fresh.and_then(|fresh| calendar.add(self.as_of, fresh.checked_neg()?));
        let day = match last.filter(|_| chance.times(1, 2)) {
            Some(last) => last.add_days(i64::try_from(chance.index(3)).unwrap_or(0) - 1),
            None => self.as_of.add_days(-i64::try_from(chance.index(800)).unwrap_or(0)),
        };
        day.filter(|day| *day <= self.as_of).unwrap_or(self.as_of)
    }

    /// Breaks one thing.
    fn broken(&self, data: &mut Data<'static>, chance: &mut Chance) {
        let all = places(data);
        let path = all.get(chance.index(all.len())).cloned();
        match (chance.index(10), path) {
            // A name that no entity has.
            (0, _) | (_, None) => {
                let objects: Vec<Path> = all
                    .iter()
                    .filter(|path| matches!(at(data, path), Some(Data::Object(_))))
                    .cloned()
                    .chain([Vec::new()])
                    .collect();
                let place = objects.get(chance.index(objects.len())).cloned().unwrap_or_default();
                insert(data, &place, "no_such_fact", Data::Boolean(true));
            }
            // A key that another element has.
            (1, Some(_)) => self.doubled(data, chance),
            // A value that is only just refused, of any fact that has one.
            (5.., Some(_)) => {
                let program = &self.ruleset.inner().program;
                let all = all.iter().flat_map(|path| {
                    let now = at(data, path).map(|value| value.clone());
                    let ways = now.map_or_else(Vec::new, |now| nearly::nearly(program, path, &now));
                    ways.into_iter().map(|value| (path.clone(), value)).collect::<Vec<_>>()
                });
                let all: Vec<(Path, Data<'static>)> = all.collect();
                if let Some((path, value)) = all.get(chance.index(all.len()))
                    && let Some(slot) = at(data, path)
                {
                    *slot = value.clone();
                }
            }
            (way, Some(path)) => {
                let Some(slot) = at(data, &path) else { return };
                let wrong = match (way, &*slot) {
                    (2, Data::Number(n)) => Data::Number(format!("-{}", n.text().trim_start_matches('-')).into()),
                    (3, Data::Number(_)) => Data::Number("1e30".into()),
                    (_, Data::Number(_)) => Data::Text(Cow::Borrowed("many")),
                    (2, Data::Text(text)) => Data::Text(Cow::Owned(format!("{text}-"))),
                    (_, Data::Text(_)) => Data::Boolean(true),
                    (_, Data::Boolean(_)) => Data::Text(Cow::Borrowed("perhaps")),
                    (_, Data::List(_)) => Data::Number("1".into()),
                    (_, _) => Data::List(vec![Data::Null]),
                };
                *slot = wrong;
            }
        }
    }

    fn doubled(&self, data: &mut Data<'static>, chance: &mut Chance) {
        let mut lists: BTreeMap<Path, usize> = BTreeMap::new();
        for path in places(data) {
            if let Some(Data::List(items)) = at(data, &path) {
                lists.insert(path, items.len());
            }
        }
        let filled: Vec<Path> = lists.into_iter().filter(|(_, n)| *n > 0).map(|(path, _)| path).collect();
        if let Some(path) = filled.get(chance.index(filled.len()))
            && let Some(Data::List(items)) = at(data, path)
            && let Some(first) = items.first().cloned()
        {
            items.push(first);
        }
    }
}

impl MadeHousehold {
    pub(in crate::testing) fn into_data(self) -> Data<'static> {
        self.data
    }

    /// Its facts as one line of JSON, which `Plan::facts_from_json` reads.
    pub fn to_json(&self) -> String {
        self.data.to_json()
    }

    /// What kind of household it is.
    pub fn kind(&self) -> HouseholdKind {
        self.kind
    }
}
