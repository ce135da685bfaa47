//! What tests have shown of the rules, by meaning: what each rule can come to, and whether a test has seen it come to that.
//!
//! It is read off the evaluations that the tests decided by, along what the expected results rest on: what a test does not ask
//! for it does not cover.

mod items;
mod junctions;
mod observe;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::program::Program;
use crate::ruleset::{Package, Ruleset};
use crate::source::Place;

pub(super) use observe::{Expected, Watch};

/// What a part of the rules is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CoverageKind {
    /// A programme: each outcome that rests on the household.
    Programme,
    /// What a programme requires or refuses, or another programme that excludes it.
    Condition,
    /// A criterion.
    Criterion,
    /// A definition that is yes or no.
    Definition,
    /// A condition that `and`, `or` or `not` joins with others, within any rule.
    Operand,
    /// An exception to a rule.
    Exception,
    /// A row of a table, a bracket of a scale, or what `else` gives.
    Row,
    /// A cell of a table that asks something.
    Cell,
    /// A version of a parameter: of few keys for each key, of many for each first day.
    Parameter,
}

impl CoverageKind {
    /// All of them, in the order in which they are told.
    pub const ALL: [CoverageKind; 9] = [
        CoverageKind::Programme,
        CoverageKind::Condition,
        CoverageKind::Criterion,
        CoverageKind::Definition,
        CoverageKind::Operand,
        CoverageKind::Exception,
        CoverageKind::Row,
        CoverageKind::Cell,
        CoverageKind::Parameter,
    ];

    /// As data names it.
    pub fn name(self) -> &'static str {
        match self {
            CoverageKind::Programme => "programme",
            CoverageKind::Condition => "condition",
            CoverageKind::Criterion => "criterion",
            CoverageKind::Definition => "definition",
            CoverageKind::Operand => "operand",
            CoverageKind::Exception => "exception",
            CoverageKind::Row => "row",
            CoverageKind::Cell => "cell",
            CoverageKind::Parameter => "parameter",
        }
    }
}

/// What a test can show of a part of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CoverageGoal {
    /// It is yes; of an exception, it is held.
    True,
    /// It is no; of an exception, it is not held.
    False,
    /// It is not known.
    Unknown,
    /// It alone decides: all else is fulfilled, and the household is refused because of it. Of a cell: the row does not match
    /// because of it alone.
    Decides,
    /// It is yes, and settles alone what it comes to together with those that it is joined with.
    DecidesTrue,
    /// It is no, and settles that alone.
    DecidesFalse,
    /// It is given as a reason.
    Reason,
    /// A programme is given.
    Eligible,
    /// A programme is refused.
    NotEligible,
    /// A programme is not decided yet.
    Undetermined,
    /// A row matches, `else` is taken, a version of a parameter is used.
    Used,
}

impl CoverageGoal {
    /// As data names it.
    pub fn name(self) -> &'static str {
        match self {
            CoverageGoal::True => "true",
            CoverageGoal::False => "false",
            CoverageGoal::Unknown => "unknown",
            CoverageGoal::Decides => "decides",
            CoverageGoal::DecidesTrue => "decides_true",
            CoverageGoal::DecidesFalse => "decides_false",
            CoverageGoal::Reason => "reason",
            CoverageGoal::Eligible => "eligible",
            CoverageGoal::NotEligible => "not_eligible",
            CoverageGoal::Undetermined => "undetermined",
            CoverageGoal::Used => "used",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    place: Place,
    kind: CoverageKind,
    name: String,
}

/// What tests have shown of the rules.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let rules = layak::Ruleset::from_text(r#"
///   module aid
///   entity Household { desil integer 1..10 }
///   criterion poor when desil <= 4
///   programme food requires poor
///   test "a poor household" as of 2026-01-15
///     given { desil: 4 }
///     expect food eligible
/// "#)?;
/// let mut coverage = rules.coverage();
/// assert!(rules.run_tests_covered(&mut coverage).iter().all(|test| test.failures().is_empty()));
/// let criterion = coverage.items().find(|item| item.name() == "poor").ok_or("it is there")?;
/// let times: Vec<(&str, u64)> = criterion.goals().map(|(goal, times)| (goal.name(), times)).collect();
/// assert_eq!(times, [("true", 1), ("false", 0), ("unknown", 0)]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    items: BTreeMap<Key, BTreeMap<CoverageGoal, u64>>,
}

/// A part of the rules, and what tests have shown of it.
#[derive(Clone, Copy, Debug)]
pub struct CoverageItem<'c> {
    key: &'c Key,
    goals: &'c BTreeMap<CoverageGoal, u64>,
}

impl<'c> CoverageItem<'c> {
    /// What it is.
    pub fn kind(&self) -> CoverageKind {
        self.key.kind
    }

    /// Its name, as findings would tell it.
    pub fn name(&self) -> &'c str {
        &self.key.name
    }

    /// Where it stands.
    pub fn place(&self) -> &'c Place {
        &self.key.place
    }

    /// What can be shown of it, and how often it has been.
    pub fn goals(&self) -> impl Iterator<Item = (CoverageGoal, u64)> + use<'c> {
        self.goals.iter().map(|(goal, times)| (*goal, *times))
    }
}

impl Coverage {
    /// The parts of the rules, by their place.
    pub fn items(&self) -> impl Iterator<Item = CoverageItem<'_>> {
        self.items.iter().map(|(key, goals)| CoverageItem { key, goals })
    }

    /// How many goals have been shown, and how many there are: of a kind, or of all where it is none.
    pub fn shown(&self, kind: Option<CoverageKind>) -> (usize, usize) {
        let of = self.items().filter(|item| kind.is_none_or(|kind| item.kind() == kind));
        let goals = of.flat_map(|item| item.goals());
        goals.fold((0, 0), |(shown, all), (_, times)| (shown + usize::from(times > 0), all + 1))
    }

    /// Adds what others have shown. Parts that stand in one place under one name are the same.
    pub fn merge(&mut self, other: Coverage) {
        for (key, goals) in other.items {
            let own = self.items.entry(key).or_default();
            for (goal, times) in goals {
                let slot = own.entry(goal).or_default();
                *slot = slot.saturating_add(times);
            }
        }
    }

    /// What is shown, by the position of the part; after that nothing is.
    pub(in crate::testing) fn take_shown(&mut self) -> std::collections::BTreeSet<(usize, CoverageGoal)> {
        let mut shown = std::collections::BTreeSet::new();
        for (position, goals) in self.items.values_mut().enumerate() {
            for (goal, times) in goals.iter_mut().filter(|(_, times)| **times > 0) {
                shown.insert((position, *goal));
                *times = 0;
            }
        }
        shown
    }

    fn declare(&mut self, place: Place, kind: CoverageKind, name: String, goals: &[CoverageGoal]) {
        let own = self.items.entry(Key { place, kind, name }).or_default();
        goals.iter().for_each(|goal| {
            own.entry(*goal).or_default();
        });
    }

    /// Counts what has been shown. What is not a goal of the part is not counted.
    fn show(&mut self, place: Place, kind: CoverageKind, name: String, goal: CoverageGoal) {
        if let Some(times) = self.items.get_mut(&Key { place, kind, name }).and_then(|goals| goals.get_mut(&goal)) {
            *times = times.saturating_add(1);
        }
    }
}

impl Ruleset {
    /// What can be shown of the rules, none of it shown yet.
    pub fn coverage(&self) -> Coverage {
        let inner = self.inner();
        let mut coverage = Coverage::default();
        items::declare(&inner.program, &inner.sources, &mut coverage);
        coverage
    }
}

impl Package {
    /// What can be shown of the rules of all its rulesets, none of it shown yet.
    pub fn coverage(&self) -> Coverage {
        let mut coverage = Coverage::default();
        self.rulesets().iter().for_each(|rules| coverage.merge(rules.coverage()));
        coverage
    }
}

/// More keys than these are not told one by one.
const MOST_KEYS: usize = 24;

/// The cells of a table with more rows than these are not told one by one.
const MOST_ROWS: usize = 1_000;

/// The name of a definition as findings tell it.
fn definition_name(program: &Program, id: crate::program::DefinitionId) -> String {
    let definition = &program.definitions[id];
    program.owned(definition.owner, &definition.declared.name)
}
