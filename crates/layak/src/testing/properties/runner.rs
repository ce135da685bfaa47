//! A property tried on households, each changed as the property says.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::diagnostic::{Phrase, phrase};
use crate::facts::{Bound, Case, Data, Fact, ListState, data_of, key_of, settle};
use crate::graph::{Day, Frame, Graph, Lowered, NodeId, Request};
use crate::outcome::{Possible, Recording, combine, evaluate};
use crate::program::{World as Changed, *};
use crate::ruleset::Ruleset;
use crate::value::{Calendar, Date, Fault, LeapDay, MonthEnd, Value};

use super::generate::{self, Chance, Maker};
use super::search::Search;
use super::tree::{self, Path, Step};
use super::{Counterexample, PropertyOptions, PropertyResult};

/// So many smaller households are tried to make a counterexample small.
const SHRINKING: usize = 2_000;

/// A household as the property sees it.
pub(super) struct World {
    pub tree: Data<'static>,
    pub case: Case,
    recording: Recording,
}

/// What a household says of a property.
enum Verdict {
    /// The expectations that hold of it; none where it is no household that the property speaks of, or it cannot be told.
    Holds(BTreeSet<usize>),
    Fails(Box<Failure>),
}

pub(super) struct Failure {
    pub claim: usize,
    pub law: usize,
    pub fault: Option<Fault>,
    /// The element of which it does not hold.
    pub row: u32,
    pub worlds: Vec<World>,
    /// By part of the law.
    pub parts: Vec<Possible>,
}

/// A law that does not hold of an element.
struct Broken {
    law: usize,
    fault: Option<Fault>,
    parts: Vec<Possible>,
}

pub(super) struct Runner<'r> {
    pub ruleset: &'r Ruleset,
    pub property: &'r Property,
    pub as_of: Date,
    calendar: Calendar,
    graph: Graph,
    maker: &'r Maker<'r>,
    /// By claim: the first of its parts among those of the graph.
    starts: Vec<usize>,
}

impl<'r> Runner<'r> {
    pub(super) fn new(ruleset: &'r Ruleset, property: &'r Property, as_of: Date, maker: &'r Maker<'r>) -> Runner<'r> {
        let program = &ruleset.inner().program;
        let calendar = program.calendar.unwrap_or(Calendar { leap_day: LeapDay::March1, month_end: MonthEnd::Clip });
        let mut bodies: Vec<(&ExprBody, EntityId)> = Vec::new();
        let mut starts = Vec::new();
        for claim in &property.claims {
            starts.push(bodies.len());
            bodies.extend(claim.mixes().flat_map(|m| &m.parts).map(|part| (&part.body, property.entity)));
        }
        let day = Day { as_of, known_on: property.known_on.unwrap_or(as_of) };
        let request = Request { day: Some(day), programmes: Some(&[]), extra: &bodies, ..Request::default() };
        Runner { ruleset, property, as_of, calendar, graph: ruleset.graph(&request), maker, starts }
    }

    pub(super) fn program(&self) -> &'r Program {
        &self.ruleset.inner().program
    }

    pub(super) fn run(&self, options: &PropertyOptions, goes_on: &mut dyn FnMut() -> bool) -> PropertyResult {
        let mut result = PropertyResult {
            name: Arc::clone(&self.property.name),
            place: self.ruleset.inner().sources.place(self.property.span),
            tried: 0,
            failures: Vec::new(),
            counterexample: None,
            stopped: false,
        };
        let fields = &self.program().entities[self.property.entity].fields;
        let changes = self.property.claims.iter().flat_map(|c| &c.worlds).flat_map(|w| &w.changes);
        let focus = changes.filter_map(|c| fields.get(c.field)).map(|f| Arc::clone(&f.name)).collect();
        let mut search = Search::new(&self.graph, focus);
        let mut tried: BTreeSet<usize> = BTreeSet::new();
        for number in 0..options.count {
            if !goes_on() {
                result.stopped = true;
                break;
            }
            let mut chance = Chance::new(options.seed, u64::try_from(number).unwrap_or(u64::MAX));
            let tree = search.next(self.maker, &mut chance);
            let Some(world) = self.see(tree.clone()) else { continue };
            search.note(&self.graph, &world.recording, &tree);
            match self.verdict(world) {
                Verdict::Holds(expectations) => {
                    result.tried += usize::from(!expectations.is_empty());
                    tried.extend(expectations);
                }
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
        if result.tried == 0 && result.stopped {
            result.failures.push(phrase!(
                "the time was over before it could be tried on any household",
                "waktu habis sebelum sifat ini bisa dicoba pada satu rumah tangga pun"
            ));
        } else if result.tried == 0 {
            result.failures.push(phrase!(
                "none of {0} households could be tried: each was out of the ranges of the facts, or it could not be told",
                "tidak satu pun dari {0} rumah tangga bisa dicoba: semuanya di luar rentang fakta, atau tidak bisa ditentukan",
                options.count
            ));
        } else if !result.stopped {
            let mut told: BTreeSet<usize> = tried;
            for claim in &self.property.claims {
                if told.insert(claim.expectation) {
                    result.failures.push(phrase!(
                        "`{1}`: none of {0} households could be tried",
                        "`{1}`: tidak satu pun dari {0} rumah tangga bisa dicoba",
                        options.count,
                        self.ruleset.inner().sources.snippet(claim.span)
                    ));
                }
            }
        }
        result
    }

    fn smallest(&self, tree: Data<'static>, failure: Failure) -> Failure {
        let law = failure.law;
        let faulty = failure.fault.is_some();
        // The first claims of an expectation are its plainest: the smallest steps.
        let plainer = |failure: &Failure, than: &Failure| {
            let of = |claim: usize| self.property.claims.get(claim).map(|c| c.expectation);
            failure.law == law
                && failure.fault.is_some() == faulty
                && of(failure.claim) == of(than.claim)
                && failure.claim <= than.claim
        };
        let mut best = failure;
        let tree = self.nearer(tree, &mut best, &plainer);
        tree::shrink(tree, SHRINKING, |smaller| match self.see(smaller.clone()).map(|world| self.verdict(world)) {
            Some(Verdict::Fails(failure)) if plainer(&failure, &best) => {
                best = *failure;
                true
            }
            Some(Verdict::Fails(_) | Verdict::Holds(_)) | None => false,
        });
        best
    }

    /// Of a household of which a wide step shows a failure, one of which a step of one unit does: the fact that is moved
    /// stands just before where it turns.
    fn nearer(
        &self,
        tree: Data<'static>,
        best: &mut Failure,
        plainer: &impl Fn(&Failure, &Failure) -> bool,
    ) -> Data<'static> {
        let change = self.property.claims.get(best.claim).and_then(|c| c.worlds.last()?.changes.first());
        let Some(FactChange { field, value: NewValue::Step { reach: Reach::Next | Reach::Last, .. } }) = change else {
            return tree;
        };
        let Some(first) = best.worlds.first() else { return tree };
        let (Some(path), Some(shape)) =
            (self.path(&first.case, best.row), self.program().entities[self.property.entity].fields.get(*field))
        else {
            return tree;
        };
        let values = self.maker.values_of((self.property.entity, *field));
        let stated: Vec<Data<'static>> = values.iter().filter_map(|v| self.data(*field, v, first)).collect();
        for value in stated {
            let mut nearer = tree.clone();
            tree::insert(&mut nearer, &path, &shape.name, value);
            if let Some(world) = self.see(nearer.clone())
                && let Verdict::Fails(failure) = self.verdict(world)
                && failure.claim < best.claim
                && plainer(&failure, best)
            {
                *best = *failure;
                return nearer;
            }
        }
        tree
    }

    fn told(&self, failure: &Failure) -> Phrase {
        let law = self.property.claims.get(failure.claim).and_then(|claim| claim.laws.get(failure.law));
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
        let complete = self.property.claims.iter().any(|claim| claim.complete) && self.is_complete(&first.case);
        let mut worlds = vec![first];
        let mut held = BTreeSet::new();
        for ((claim, number), start) in self.property.claims.iter().zip(0..).zip(&self.starts) {
            if claim.complete && !complete {
                continue;
            }
            for row in &rows {
                worlds.truncate(1);
                match self.of_row(claim, *start, *row, &mut worlds) {
                    None => {}
                    Some(None) => {
                        held.insert(claim.expectation);
                    }
                    Some(Some(Broken { law, fault, parts })) => {
                        return Verdict::Fails(Box::new(Failure {
                            claim: number,
                            law,
                            fault,
                            row: *row,
                            worlds,
                            parts,
                        }));
                    }
                }
            }
        }
        Verdict::Holds(held)
    }

    /// Whether every fact of a household is known.
    fn is_complete(&self, case: &Case) -> bool {
        let entities = &self.program().entities;
        entities.iter().all(|(id, entity)| {
            let rows = case.table(id).map_or(0, |table| table.rows.len());
            (0..u32::try_from(rows).unwrap_or(0)).all(|row| {
                entity.fields.iter().enumerate().all(|(index, field)| match &field.shape {
                    FieldShape::Scalar { .. } => matches!(case.fact(id, index, row), Some(Fact::Known(_))),
                    FieldShape::List { .. } => {
                        case.list(id, index, row).is_some_and(|list| list.state == ListState::Known)
                    }
                    FieldShape::Record { .. } => true,
                })
            })
        })
    }

    /// A household changed as a property says; nothing where that is none.
    fn changed(&self, world: &Changed, start: &mut usize, row: u32, worlds: &[World]) -> Option<World> {
        let base = worlds.get(world.base)?;
        let mut tree = base.tree.clone();
        let path = self.path(&base.case, row)?;
        let fields = &self.program().entities[self.property.entity].fields;
        for change in &world.changes {
            let field = fields.get(change.field)?;
            let value = match &change.value {
                NewValue::Of(mixed) => {
                    let (value, _) = self.mixed(mixed, *start, worlds, row);
                    *start += mixed.parts.len();
                    if value.certain_fault().is_some() {
                        return None;
                    }
                    value.as_known().cloned()
                }
                NewValue::Step { up, reach } => {
                    let now = base.case.fact(self.property.entity, change.field, row)?.value()?;
                    Some(self.maker.step((self.property.entity, change.field), now, *up, *reach)?)
                }
            };
            match value.and_then(|v| self.data(change.field, &v, base)) {
                Some(value) => tree::insert(&mut tree, &path, &field.name, value),
                None => {
                    let mut at = path.clone();
                    at.push(Step::Field(Arc::clone(&field.name)));
                    tree::remove(&mut tree, &at);
                }
            }
        }
        if let Some((field, order)) = world.order {
            let mut at = path;
            at.push(Step::Field(Arc::clone(&fields.get(field)?.name)));
            let Some(Data::List(items)) = tree::at(&mut tree, &at) else { return None };
            let before = items.clone();
            match order {
                NewOrder::Reversed => items.reverse(),
                NewOrder::Turned if items.len() > 1 => items.rotate_left(1),
                NewOrder::Swapped if items.len() > 1 => items.swap(0, 1),
                NewOrder::Turned | NewOrder::Swapped => {}
            }
            if *items == before {
                return None;
            }
        }
        self.see(tree)
    }

    /// What one element says: a law that does not hold, or none; nothing where the claim does not speak of it.
    fn of_row(&self, claim: &Claim, mut start: usize, row: u32, worlds: &mut Vec<World>) -> Option<Option<Broken>> {
        for world in claim.worlds.iter().skip(1) {
            let changed = self.changed(world, &mut start, row, worlds)?;
            worlds.push(changed);
        }
        let mut known = true;
        for (index, law) in claim.laws.iter().enumerate() {
            let (value, parts) = self.mixed(&law.value, start, worlds, row);
            start += law.value.parts.len();
            match (value.truth(), value.certain_fault()) {
                (Some(true), _) => {}
                (Some(false), _) => return Some(Some(Broken { law: index, fault: None, parts })),
                (None, Some(fault)) => return Some(Some(Broken { law: index, fault: Some(fault.clone()), parts })),
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
        let key = key.to_string();
        let key = if is_number { Data::Number(key.into()) } else { Data::Text(key.into()) };
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
