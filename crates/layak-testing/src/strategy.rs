//! Households as proptest strategies: for the tests of a program that decides by rules.
//!
//! They are made from what the entities of a ruleset declare, most often with values on which something turns: each number, date and
//! length of time that the rules compare with and those beside it, birthdays, 29 February, the ends of months, lists that are empty,
//! short or as long as they can be. What fails is made as small as it can be by proptest.
//!
//! ```
//! use layak::Ruleset;
//! use layak_testing::strategy::{households, partial_households};
//! use proptest::prelude::*;
//! use proptest::test_runner::{Config, TestRunner};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let rules = Ruleset::from_text("
//!   module aid
//!   entity Household { desil integer 1..10  rooms integer 0.. }
//!   criterion poor when desil <= 4
//!   programme food
//!     requires poor
//!     gives    points = 100 / (rooms + 1)")?;
//! let day = "2026-01-15".parse()?;
//! let plan = rules.as_of(day);
//! let runner = || TestRunner::new(Config { failure_persistence: None, ..Config::default() });
//! // Whatever the household, it is decided.
//! runner().run(&households(&rules, day), |household| {
//!     let facts = plan.facts_from_json(household.to_json().as_bytes()).map_err(|e| TestCaseError::fail(e.to_string()))?;
//!     let food = plan.decide(&facts).programme("food").and_then(|p| p.entitlement()).cloned();
//!     let food = food.ok_or_else(|| TestCaseError::fail("food is decided"))?;
//!     prop_assert!(!matches!(food.outcome(), layak::Outcome::Undetermined(_) | layak::Outcome::Error(_)));
//!     Ok(())
//! })?;
//! // A law that does not hold fails on the smallest household.
//! let failed = runner().run(&partial_households(&rules, day), |household| {
//!     prop_assert!(!household.to_json().contains("\"desil\":4"));
//!     Ok(())
//! });
//! assert!(failed.unwrap_err().to_string().contains(r#"{"desil":4}"#));
//! # Ok(())
//! # }
//! ```

use layak::{Date, HouseholdKind, HouseholdMaker, MadeHousehold, Ruleset};
use proptest::prelude::any;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// Households of which every fact is known.
pub fn households(rules: &Ruleset, as_of: Date) -> Households {
    Households { maker: rules.household_maker(as_of) }
}

/// Households of which some facts are not known.
pub fn partial_households(rules: &Ruleset, as_of: Date) -> Households {
    Households { maker: rules.household_maker(as_of).kind(HouseholdKind::Partial) }
}

/// Households of which some facts come as evidence from several sources, which may be stale or disagree.
pub fn households_with_evidence(rules: &Ruleset, as_of: Date) -> Households {
    Households { maker: rules.household_maker(as_of).kind(HouseholdKind::Evidence) }
}

/// Households that are refused, and only just: one fact of them is wrong.
pub fn invalid_households(rules: &Ruleset, as_of: Date) -> Households {
    Households { maker: rules.household_maker(as_of).kind(HouseholdKind::Invalid) }
}

/// A strategy of households.
#[derive(Clone, Debug)]
pub struct Households {
    maker: HouseholdMaker,
}

impl Strategy for Households {
    type Tree = HouseholdTree;
    type Value = MadeHousehold;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Households> {
        let seed = any::<u64>().new_tree(runner)?.current();
        let made = self.maker.make(seed);
        Ok(HouseholdTree { maker: self.maker.clone(), failing: made.clone(), current: made, next: 0 })
    }
}

/// A household, and what is left to try to make it smaller.
#[derive(Clone, Debug)]
pub struct HouseholdTree {
    maker: HouseholdMaker,
    /// The smallest known to fail.
    failing: MadeHousehold,
    current: MadeHousehold,
    /// The next way of making it simpler.
    next: usize,
}

impl HouseholdTree {
    /// The next simpler household, if there is one; else the last that failed.
    fn advance(&mut self) -> bool {
        while let Some(simpler) = self.maker.simpler(&self.failing, self.next) {
            self.next += 1;
            if let Some(simpler) = simpler {
                self.current = simpler;
                return true;
            }
        }
        self.current = self.failing.clone();
        false
    }
}

impl ValueTree for HouseholdTree {
    type Value = MadeHousehold;

    fn current(&self) -> MadeHousehold {
        self.current.clone()
    }

    fn simplify(&mut self) -> bool {
        // What stands now has failed.
        if self.current != self.failing {
            self.failing = self.current.clone();
            self.next = 0;
        }
        self.advance()
    }

    fn complicate(&mut self) -> bool {
        self.advance()
    }
}
