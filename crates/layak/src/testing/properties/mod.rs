//! The properties of the rule files, tried on households made by chance.

mod generate;
mod search;
mod show;
mod tree;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Phrase, phrase};
use crate::facts::{Bound, Case, Data, data_of, key_of, settle};
use crate::graph::{Day, Frame, Graph, Lowered, NodeId, Request};
use crate::outcome::{Possible, Recording, combine, evaluate};
use crate::program::*;
use crate::ruleset::Ruleset;
use crate::source::Place;
use crate::value::{Calendar, Date, Fault, LeapDay, MonthEnd, Value};

pub(in crate::testing) use generate::{Chance, Maker};
use search::Search;
pub(in crate::testing) use tree::shrink;
use tree::{Path, Step};

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

    /// A `test` for a rule file, in the language of the property's own. Of a property of one household it expects what the
    /// property does, and so fails until the rules are put right; of several, it states what the rules say of this one now,
    /// and there is none where the property asks nothing of this one alone.
    pub fn test(&self) -> Option<&str> {
        self.test.as_deref()
    }
}

/// So many smaller households are tried to make a counterexample small.
const SHRINKING: usize = 2_000;

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
        let program = &self.inner().program;
        let mut makers: BTreeMap<Date, Maker<'_>> = BTreeMap::new();
        let mut results = Vec::new();
        for property in &program.properties {
            let as_of = property.as_of.unwrap_or_else(|| last_day(program));
            let maker = makers.entry(as_of).or_insert_with(|| Maker::new(program, as_of));
            results.push(Runner::new(self, property, as_of).run(maker, options));
        }
        results
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

/// A household as the property sees it.
struct World {
    tree: Data<'static>,
    case: Case,
    recording: Recording,
}

/// What a household says of a property.
enum Verdict {
    Holds,
    /// It is none that the property speaks of, or it cannot be told.
    Void,
    Fails(Box<Failure>),
}

struct Failure {
    law: usize,
    fault: Option<Fault>,
    /// The element of which it does not hold.
    row: u32,
    worlds: Vec<World>,
    /// By part of the law.
    parts: Vec<Possible>,
}

struct Runner<'r> {
    ruleset: &'r Ruleset,
    property: &'r Property,
    as_of: Date,
    calendar: Calendar,
    graph: Graph,
}

impl<'r> Runner<'r> {
    fn new(ruleset: &'r Ruleset, property: &'r Property, as_of: Date) -> Runner<'r> {
        let program = &ruleset.inner().program;
        let calendar = program.calendar.unwrap_or(Calendar { leap_day: LeapDay::March1, month_end: MonthEnd::Clip });
        let bodies: Vec<(&ExprBody, EntityId)> =
            mixes(property).flat_map(|m| &m.parts).map(|part| (&part.body, property.entity)).collect();
        let day = Day { as_of, known_on: property.known_on.unwrap_or(as_of) };
        let request = Request { day: Some(day), programmes: Some(&[]), extra: &bodies, ..Request::default() };
        Runner { ruleset, property, as_of, calendar, graph: ruleset.graph(&request) }
    }

    fn program(&self) -> &'r Program {
        &self.ruleset.inner().program
    }

    fn run(&self, maker: &Maker<'_>, options: &PropertyOptions) -> PropertyResult {
        let mut result = PropertyResult {
            name: Arc::clone(&self.property.name),
            place: self.ruleset.inner().sources.place(self.property.span),
            tried: 0,
            failures: Vec::new(),
            counterexample: None,
        };
        let fields = &self.program().entities[self.property.entity].fields;
        let changes = self.property.worlds.iter().flat_map(|w| &w.changes);
        let focus = changes.filter_map(|c| fields.get(c.field)).map(|f| Arc::clone(&f.name)).collect();
        let mut search = Search::new(&self.graph, focus);
        for number in 0..options.count {
            let mut chance = Chance::new(options.seed, u64::try_from(number).unwrap_or(u64::MAX));
            let tree = search.next(maker, &mut chance);
            let Some(world) = self.see(tree.clone()) else { continue };
            search.note(&self.graph, &world.recording, &tree);
            match self.verdict(world) {
                Verdict::Void => {}
                Verdict::Holds => result.tried += 1,
                Verdict::Fails(failure) => {
                    result.tried += 1;
                    let failure = self.smallest(tree, *failure);
                    result.failures.push(self.told(&failure));
                    let households = self.households(&failure);
                    let (number, seed) = (number + 1, options.seed);
                    result.counterexample = Some(Counterexample { number, seed, as_of: self.as_of, households });
                    return result;
                }
            }
        }
        if result.tried == 0 {
            result.failures.push(phrase!(
                "none of {0} households could be tried: each was out of the ranges of the facts, or it could not be told",
                "tidak satu pun dari {0} rumah tangga bisa dicoba: semuanya di luar rentang fakta, atau tidak bisa ditentukan",
                options.count
            ));
        }
        result
    }

    fn smallest(&self, tree: Data<'static>, failure: Failure) -> Failure {
        let law = failure.law;
        let faulty = failure.fault.is_some();
        let mut best = failure;
        tree::shrink(tree, SHRINKING, |smaller| match self.see(smaller.clone()).map(|world| self.verdict(world)) {
            Some(Verdict::Fails(failure)) if failure.law == law && failure.fault.is_some() == faulty => {
                best = *failure;
                true
            }
            Some(Verdict::Fails(_) | Verdict::Holds | Verdict::Void) | None => false,
        });
        best
    }

    fn told(&self, failure: &Failure) -> Phrase {
        let law = self.property.laws.get(failure.law);
        let text = law.map_or("", |law| self.ruleset.inner().sources.snippet(law.span));
        match &failure.fault {
            None => phrase!("`{0}` does not hold", "`{0}` tidak terpenuhi", text),
            Some(fault) => {
                let message = fault.kind.message();
                Phrase { en: format!("`{text}`: {}", message.en), id: format!("`{text}`: {}", message.id) }
            }
        }
    }

    fn see(&self, tree: Data<'static>) -> Option<World> {
        let inner = self.ruleset.inner();
        let Bound { mut case, evidence } = inner.binder.bind(&inner.program, &tree, &inner.limits).ok()?;
        settle(&inner.program, &evidence, &mut case, self.as_of);
        inner.binder.hold_links(&inner.program, &mut case, &evidence, &inner.limits).ok()?;
        let recording = evaluate(&self.graph, &case, &inner.limits);
        Some(World { tree, case, recording })
    }

    fn verdict(&self, first: World) -> Verdict {
        let table = first.case.table(self.property.entity);
        let rows: Vec<u32> = table
            .map_or(&[][..], |t| &t.rows)
            .iter()
            .zip(0u32..)
            .filter(|(row, _)| row.phantom.is_none())
            .map(|(_, row)| row)
            .collect();
        let mut worlds = vec![first];
        let mut held = false;
        for row in rows {
            worlds.truncate(1);
            match self.of_row(row, &mut worlds) {
                None => {}
                Some(None) => held = true,
                Some(Some((law, fault, parts))) => {
                    return Verdict::Fails(Box::new(Failure { law, fault, row, worlds, parts }));
                }
            }
        }
        if held { Verdict::Holds } else { Verdict::Void }
    }

    /// What one element says; nothing where the property does not speak of it.
    #[expect(clippy::type_complexity, reason = "the law that fails, with its fault and parts")]
    fn of_row(&self, row: u32, worlds: &mut Vec<World>) -> Option<Option<(usize, Option<Fault>, Vec<Possible>)>> {
        let mut start = 0;
        for world in self.property.worlds.iter().skip(1) {
            let base = worlds.get(world.base)?;
            let mut tree = base.tree.clone();
            let path = self.path(&base.case, row)?;
            for change in &world.changes {
                let (value, _) = self.mixed(&change.value, start, worlds, row);
                start += change.value.parts.len();
                let name = self.program().entities[self.property.entity].fields.get(change.field).map(|f| &*f.name)?;
                if value.certain_fault().is_some() {
                    return None;
                }
                match value.as_known().and_then(|v| self.data(change.field, v, worlds.get(world.base)?)) {
                    Some(value) => tree::insert(&mut tree, &path, name, value),
                    None => {
                        let mut at = path.clone();
                        at.push(Step::Field(Arc::from(name)));
                        tree::remove(&mut tree, &at);
                    }
                }
            }
            worlds.push(self.see(tree)?);
        }
        let mut known = true;
        for (index, law) in self.property.laws.iter().enumerate() {
            let (value, parts) = self.mixed(&law.value, start, worlds, row);
            start += law.value.parts.len();
            match (value.truth(), value.certain_fault()) {
                (Some(true), _) => {}
                (Some(false), _) => return Some(Some((index, None, parts))),
                (None, Some(fault)) => return Some(Some((index, Some(fault.clone()), parts))),
                (None, None) => known = false,
            }
        }
        known.then_some(None)
    }

    /// The value of an expression over several households, and those of its parts.
    fn mixed(&self, mixed: &Mixed, start: usize, worlds: &[World], row: u32) -> (Possible, Vec<Possible>) {
        let mut parts = Vec::with_capacity(mixed.parts.len());
        for (index, part) in mixed.parts.iter().enumerate() {
            let value = match (self.graph.extra.get(start + index), worlds.get(part.world)) {
                (Some(Lowered::One(node)), Some(world)) => self.own(*node, world, row),
                _ => Possible::any(),
            };
            parts.push(value);
        }
        let known = mixed.parts.iter().zip(&parts).map(|(part, value)| (part.at, value.clone())).collect();
        (combine(&mixed.body, known, self.calendar), parts)
    }

    /// The value of a node for an element: that of its own frame, or of the frame of what holds it.
    fn own(&self, node: NodeId, world: &World, row: u32) -> Possible {
        let frame = self.graph.nodes[node].frame;
        let (mut entity, mut row) = (self.property.entity, row);
        loop {
            match self.graph.frames[frame] {
                Frame::Root => return world.recording.own(node, 0).clone(),
                Frame::Home { entity: home, .. } if home == entity => {
                    let rows = &world.recording.frames.get(frame).rows;
                    let at = rows.iter().position(|r| r.element == Some(row)).and_then(|at| u32::try_from(at).ok());
                    return at.map_or_else(Possible::any, |at| world.recording.own(node, at).clone());
                }
                Frame::Home { .. } | Frame::Item { .. } | Frame::Listed { .. } => {}
            }
            let holder = world.case.table(entity).and_then(|t| t.rows.get(row as usize)).and_then(|r| r.holder);
            let Some((above, _, at)) = holder else { return Possible::any() };
            (entity, row) = (above, at);
        }
    }

    /// A value as facts write it.
    fn data(&self, field: usize, value: &Value, world: &World) -> Option<Data<'static>> {
        let program = self.program();
        let FieldShape::Scalar { ty, .. } = &program.entities[self.property.entity].fields.get(field)?.shape else {
            return None;
        };
        let shape = program.entities[self.property.entity].fields.get(field)?;
        let (Value::Element(row), Type::Element(target)) = (value, ty.required()) else {
            return Some(generate::stated(program, shape, data_of(program, ty, value), self.as_of));
        };
        let key = key_of(program, &world.case, *target, *row)?;
        let target = &program.entities[*target];
        let is_number = target.key.and_then(|k| target.fields.get(k)).is_some_and(
            |f| matches!(&f.shape, FieldShape::Scalar { ty, .. } if matches!(ty.required(), Type::Number(_))),
        );
        let key = key.to_string().into();
        let key = if is_number { Data::Number(key) } else { Data::Text(key) };
        Some(generate::stated(program, shape, key, self.as_of))
    }

    /// Where an element stands in its household's tree.
    fn path(&self, case: &Case, row: u32) -> Option<Path> {
        let program = self.program();
        let mut path = Vec::new();
        let (mut entity, mut row) = (self.property.entity, row);
        while let Some((above, field, at)) = case.table(entity)?.rows.get(row as usize)?.holder {
            let position = case.table(entity)?.rows.get(row as usize)?.position;
            path.push(Step::Item(position as usize));
            path.push(Step::Field(Arc::clone(&program.entities[above].fields.get(field)?.name)));
            (entity, row) = (above, at);
        }
        path.reverse();
        Some(path)
    }
}

/// The expressions of a property, in the order in which their parts are laid out.
fn mixes(property: &Property) -> impl Iterator<Item = &Mixed> {
    let changes = property.worlds.iter().flat_map(|w| &w.changes).map(|c| &c.value);
    changes.chain(property.laws.iter().map(|law| &law.value))
}

/// Households made up by chance, of which everything is known.
#[cfg(test)]
pub(crate) fn households(program: &Program, as_of: Date, seed: u64, count: usize) -> Vec<Data<'static>> {
    let maker = Maker::new(program, as_of);
    (0..count).map(|number| maker.household(&mut Chance::new(seed, u64::try_from(number).unwrap_or(0)))).collect()
}
