//! The properties of the rule files, tried on households made by chance.

mod generate;
mod interests;
mod plausible;
mod runner;
mod search;
mod show;
mod tree;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::Phrase;
#[cfg(test)]
use crate::facts::Data;
use crate::program::*;
use crate::ruleset::Ruleset;
use crate::source::Place;
use crate::syntax::Lang;
use crate::value::Date;

pub(in crate::testing) use generate::{Chance, Maker, Materials, field_at};
use runner::{Failure, Runner, World};
pub(in crate::testing) use search::Search;
pub(in crate::testing) use tree::{Path, Step, at, insert, places, remove, shrink, simpler};

/// How many households properties are tried on, and which.
///
/// ```
/// let options = layak::PropertyOptions::new().count(50).seed(7);
/// assert_eq!(options, layak::PropertyOptions::new().seed(7).count(50));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyOptions {
    seed: u64,
    count: usize,
}

impl Default for PropertyOptions {
    fn default() -> PropertyOptions {
        PropertyOptions::new()
    }
}

impl PropertyOptions {
    /// 1000 households of seed 1.
    pub fn new() -> PropertyOptions {
        PropertyOptions { seed: 1, count: 1000 }
    }

    pub(in crate::testing) fn households(&self) -> usize {
        self.count
    }

    pub(in crate::testing) fn of_seed(&self) -> u64 {
        self.seed
    }

    /// What the households are made from: the same seed makes the same households of the same rules.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> PropertyOptions {
        self.seed = seed;
        self
    }

    /// How many households are made for each property.
    #[must_use]
    pub fn count(mut self, count: usize) -> PropertyOptions {
        self.count = count;
        self
    }
}

impl Ruleset {
    /// Households made from what the entities declare, as JSON: those that properties are tried on, most often with the values
    /// that the rules compare with. The same options make the same households of the same rules. Some may be refused, as where
    /// links must keep something.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use layak::{PropertyOptions, Ruleset};
    /// let rules = Ruleset::from_text("
    ///   module aid
    ///   entity Household { desil integer 1..10 }
    ///   criterion poor when desil <= 4
    ///   programme food requires poor")?;
    /// let day = "2026-01-15".parse()?;
    /// let plan = rules.as_of(day);
    /// let households = rules.households(day, &PropertyOptions::new().count(20));
    /// assert_eq!(households.len(), 20);
    /// for household in &households {
    ///     assert!(plan.decide(&plan.facts_from_json(household.as_bytes())?).programme("food").is_some());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn households(&self, as_of: Date, options: &PropertyOptions) -> Vec<String> {
        let maker = Maker::new(&self.inner().program, as_of);
        let numbers = 0..u64::try_from(options.count).unwrap_or(u64::MAX);
        numbers.map(|number| maker.household(&mut Chance::new(options.seed, number)).to_json()).collect()
    }
}

/// How a property came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyResult {
    name: Arc<str>,
    place: Place,
    tried: usize,
    failures: Vec<Phrase>,
    counterexample: Option<Counterexample>,
    stopped: bool,
}

impl PropertyResult {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it stands.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// How many households it spoke of. A household that a change made invalid is none of them, nor is one of which the
    /// rules cannot tell whether the property holds.
    pub fn tried(&self) -> usize {
        self.tried
    }

    /// Whether the time was over before all households had been made.
    pub fn stopped(&self) -> bool {
        self.stopped
    }

    /// What did not hold; also that there was no household to try it on. Empty where it held of all.
    pub fn failures(&self) -> &[Phrase] {
        &self.failures
    }

    /// The household of which it does not hold, made as small as was found.
    pub fn counterexample(&self) -> Option<&Counterexample> {
        self.counterexample.as_ref()
    }
}

/// A household of which a property does not hold, and those that it was changed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    number: usize,
    seed: u64,
    as_of: Date,
    households: Vec<PropertyHousehold>,
}

impl Counterexample {
    /// Which of the households made it was, from 1, before it was made smaller.
    pub fn number(&self) -> usize {
        self.number
    }

    /// What they were made from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The date for which they were decided.
    pub fn as_of(&self) -> Date {
        self.as_of
    }

    /// The household and its changes, in the order of the property.
    pub fn households(&self) -> &[PropertyHousehold] {
        &self.households
    }
}

/// One household of a counterexample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyHousehold {
    name: Option<Arc<str>>,
    json: String,
    test: Option<String>,
    explanation: Phrase,
}

impl PropertyHousehold {
    /// What the property calls it; none where it has no name for it.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Its facts as one line of JSON, which `Plan::facts_from_json` reads. Facts that do not matter are left out.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Why it is decided as it is: the reasoning of the programmes that the property speaks of, of all where it speaks of
    /// none; empty where there are no programmes.
    pub fn explanation(&self, lang: Lang) -> &str {
        self.explanation.in_lang(lang)
    }

    /// A `test` for a rule file, in the language of the property's own. Of a property of one household it expects what the
    /// property does, and so fails until the rules are put right; of several, it states what the rules say of this one now,
    /// and there is none where the property asks nothing of this one alone.
    pub fn test(&self) -> Option<&str> {
        self.test.as_deref()
    }
}

impl Ruleset {
    /// Tries every property of the rule files, in their order, on households made by chance: from the types, ranges, keys and
    /// links of the entities, most often with the values that the rules compare with and those beside them.
    ///
    /// A property without a date is tried on the day on which the last version of anything begins, in rules without dates on
    /// 2000-01-01. The cost is that of deciding the households, and of some thousand more where a property fails.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = layak::Ruleset::from_text(
    ///     "module m
    ///      entity Household { income integer 0.. }
    ///      define grant = if income < 900 then 300 else 0
    ///      property more_income_is_no_loss
    ///        for all h: Household
    ///        let richer = h with { income: h.income + 1 }
    ///        expect h.income + h.grant <= richer.income + richer.grant",
    /// )?;
    /// let results = rules.run_properties(&layak::PropertyOptions::new());
    /// let counterexample = results[0].counterexample().ok_or("the cliff is found")?;
    /// assert_eq!(counterexample.households()[0].json(), r#"{"income":899}"#);
    /// # Ok(())
    /// # }
    /// ```
    pub fn run_properties(&self, options: &PropertyOptions) -> Vec<PropertyResult> {
        self.run_properties_while(options, &mut |_| true)
    }

    /// Tries every property as `run_properties` does, each for as long as `goes_on` says of its position among the properties.
    /// It is asked before each household; of a property that it ends, `PropertyResult::stopped` says so. What is tried until
    /// then is the same for the same options.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = layak::Ruleset::from_text(
    ///     "module m
    ///      entity Household { income integer 0.. }
    ///      criterion low when income < 900
    ///      programme aid requires low
    ///      property richer_gains_nothing
    ///        expect more of income never adds aid",
    /// )?;
    /// let mut households = 0;
    /// let results = rules.run_properties_while(&layak::PropertyOptions::new(), &mut |_| { households += 1; households <= 20 });
    /// assert!(results[0].stopped() && results[0].failures().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn run_properties_while(
        &self,
        options: &PropertyOptions,
        goes_on: &mut dyn FnMut(usize) -> bool,
    ) -> Vec<PropertyResult> {
        let program = &self.inner().program;
        let mut makers: BTreeMap<Date, Maker<'_>> = BTreeMap::new();
        let mut results = Vec::new();
        for (position, property) in program.properties.iter().enumerate() {
            let as_of = property.as_of.unwrap_or_else(|| last_day(program));
            let maker = makers.entry(as_of).or_insert_with(|| Maker::new(program, as_of));
            results.push(Runner::new(self, property, as_of, maker).run(options, &mut || goes_on(position)));
        }
        results
    }

    /// The names of the properties in the rule files, in the order in which they are tried.
    pub fn properties(&self) -> Vec<&str> {
        self.inner().program.properties.iter().map(|property| &*property.name).collect()
    }
}

/// The day on which the last version of anything begins.
fn last_day(program: &Program) -> Date {
    let definitions = program.definitions.values().flat_map(|d| d.versions.iter().map(|v| v.period.from));
    let programmes = program.programmes.values().flat_map(|p| p.versions.iter().map(|v| v.period.from));
    let parameters =
        program.parameters.values().flat_map(|p| &p.values).flat_map(|v| v.versions.iter().map(|v| v.period.from));
    let last = definitions.chain(programmes).chain(parameters).flatten().max();
    last.or_else(|| Date::new(2000, 1, 1)).unwrap_or(Date::MIN)
}

/// Households made up by chance, of which everything is known.
#[cfg(test)]
pub(crate) fn households(program: &Program, as_of: Date, seed: u64, count: usize) -> Vec<Data<'static>> {
    let maker = Maker::new(program, as_of);
    (0..count).map(|number| maker.household(&mut Chance::new(seed, u64::try_from(number).unwrap_or(0)))).collect()
}
