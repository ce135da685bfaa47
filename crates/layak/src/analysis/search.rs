//! A search through the values of facts: the whole domain of each, cut where the rules tell its values apart.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::days::{Laid, Steps};
use crate::arena::Id;
use crate::graph::{Frame, Graph, GraphTest, NodeId, Op};
use crate::limits::Limits;
use crate::outcome::{Cone, Possible, Recording, Set, unknown};
use crate::program::{EntityId, FieldShape, Program, Quantity, Type};
use crate::value::{Decimal, Duration, Function, Value};

/// Pieces of one fact, and facts of one question, that are looked at.
const PIECES: usize = 48;
const FACTS: usize = 24;

/// How far what is known tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// No household of this kind is one that is looked for.
    Dead,
    /// Every one is.
    Reached,
    Open,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    /// There is no such household.
    Nothing,
    /// The facts of one; whatever else holds.
    Household(Vec<(EntityId, usize, Value)>),
    Unsure,
}

/// A fact with the pieces of its domain.
struct Axis {
    entity: EntityId,
    field: usize,
    pieces: Vec<Possible>,
    cone: Cone,
}

/// What the rules read of the facts that a question hangs on.
pub(super) struct Search<'a> {
    laid: &'a mut Laid,
    limits: &'a Limits,
    axes: Vec<Axis>,
    chosen: Vec<usize>,
    /// Whether the first piece that stays open ends it: nothing is proven then.
    proves: bool,
}

impl<'a> Search<'a> {
    /// To prove that no household is one that is looked for: pieces that cover the domains of the household's own facts.
    /// `compared` are nodes with constants that the question itself compares them with.
    pub(super) fn proof(
        laid: &'a mut Laid,
        program: &Program,
        nodes: &[NodeId],
        compared: &[(NodeId, Value)],
        limits: &'a Limits,
        steps: &mut Steps,
    ) -> Search<'a> {
        let axes = axes(laid, program, nodes, compared, true, steps);
        Search { laid, limits, axes, chosen: Vec::new(), proves: true }
    }

    /// To find a household: one value of each piece of the facts of the household and of its elements.
    pub(super) fn witness(
        laid: &'a mut Laid,
        program: &Program,
        nodes: &[NodeId],
        compared: &[(NodeId, Value)],
        limits: &'a Limits,
        steps: &mut Steps,
    ) -> Search<'a> {
        let axes = axes(laid, program, nodes, compared, false, steps);
        Search { laid, limits, axes, chosen: Vec::new(), proves: false }
    }

    pub(super) fn run(&mut self, steps: &mut Steps, goal: &impl Fn(&Graph, &Recording) -> Goal) -> Found {
        self.chosen.clear();
        self.descend(0, steps, goal)
    }

    /// INVARIANT: it recurses once a fact, of which there are at most `FACTS`.
    fn descend(&mut self, at: usize, steps: &mut Steps, goal: &impl Fn(&Graph, &Recording) -> Goal) -> Found {
        match goal(&self.laid.graph, &self.laid.recording) {
            Goal::Dead => return Found::Nothing,
            Goal::Reached => return Found::Household(self.household()),
            Goal::Open => {}
        }
        let Some(axis) = self.axes.get(at) else { return Found::Unsure };
        let (entity, field, count) = (axis.entity, axis.field, axis.pieces.len());
        let before = unknown(&self.laid.graph, entity, field);
        let mut found = Found::Nothing;
        for piece in 0..count {
            let Some(axis) = self.axes.get(at) else { break };
            if !steps.spend(axis.cone.len() + 1) {
                found = Found::Unsure;
                break;
            }
            let value = axis.pieces.get(piece).cloned().unwrap_or_else(Possible::any);
            self.set(at, value);
            self.chosen.push(piece);
            match self.descend(at + 1, steps, goal) {
                Found::Nothing => {}
                Found::Household(household) => found = Found::Household(household),
                Found::Unsure => found = Found::Unsure,
            }
            self.chosen.pop();
            if matches!(found, Found::Household(_)) || (self.proves && found == Found::Unsure) {
                break;
            }
        }
        self.set(at, before);
        found
    }

    fn set(&mut self, at: usize, value: Possible) {
        let Some(axis) = self.axes.get(at) else { return };
        let slot = self.laid.graph.unknowns.get_mut(axis.entity.index()).and_then(|f| f.get_mut(axis.field));
        slot.into_iter().for_each(|slot| *slot = value.clone());
        self.laid.recording.again(&self.laid.graph, &self.laid.case, &axis.cone, self.limits);
    }

    fn household(&self) -> Vec<(EntityId, usize, Value)> {
        let one = |(axis, piece): (&Axis, &usize)| {
            let value = match axis.pieces.get(*piece)? {
                Possible { set: Set::One(value), none: false, .. } => value.clone(),
                Possible { set: Set::Nothing, none: true, .. } => Value::None,
                Possible { set, .. } => set.low().or(set.high())?.clone(),
            };
            Some((axis.entity, axis.field, value))
        };
        self.axes.iter().zip(&self.chosen).filter_map(one).collect()
    }
}

/// How the rules read one fact.
#[derive(Default)]
struct Reading {
    cuts: BTreeSet<Value>,
    /// Whether something else is done with it than comparing it with constants.
    otherwise: bool,
}

fn axes(
    laid: &Laid,
    program: &Program,
    nodes: &[NodeId],
    compared: &[(NodeId, Value)],
    proves: bool,
    steps: &mut Steps,
) -> Vec<Axis> {
    let graph = &laid.graph;
    if !steps.spend(graph.nodes.len() / 16 + 1) {
        return Vec::new();
    }
    let below = below(graph, nodes);
    let mut readings: BTreeMap<(EntityId, usize), Reading> = BTreeMap::new();
    let is_below = |id: NodeId| below.get(id.index()) == Some(&true);
    let cost = below.iter().filter(|is_one| **is_one).count() + graph.nodes.len() / 64;
    if !steps.spend(cost) {
        return Vec::new();
    }
    for (id, node) in graph.nodes.iter().filter(|(id, _)| is_below(*id)) {
        if let Op::Fact { entity, field } = node.op {
            readings.entry((entity, field)).or_default();
            continue;
        }
        read(graph, id, &mut readings);
    }
    for (node, value) in compared {
        cut(graph, *node, value.clone(), &mut readings);
    }
    let mut axes = Vec::new();
    for ((entity, field), mut reading) in readings {
        // What holds of one element need not hold of another.
        if proves && entity != program.root {
            continue;
        }
        let quantity = quantity(program, entity, field);
        if !proves && reading.cuts.is_empty() && quantity.is_some() {
            reading.cuts.extend([1i64, 10].map(|n| Value::Number(Decimal::from(n))));
        }
        let domain = unknown(graph, entity, field);
        let Some(mut pieces) = pieces(&domain, &reading, proves) else { continue };
        if !proves && quantity.is_some_and(|q| q.money) {
            // Amounts are paid in whole units, unless the rules speak of others.
            pieces.retain(|piece| match piece.as_known() {
                Some(value @ Value::Number(n)) => n.is_integer() || reading.cuts.contains(value),
                _ => true,
            });
        }
        if pieces.len() < 2 || (pieces.len() > PIECES && proves) {
            continue;
        }
        if axes.len() >= FACTS || !steps.spend(cost) {
            break;
        }
        let cone = Cone::within(graph, &[(entity, field)], is_below);
        axes.push(Axis { entity, field, pieces: pieces.into_iter().take(PIECES).collect(), cone });
    }
    axes.sort_by_key(|axis| axis.pieces.len());
    axes
}

/// What a fact counts, if it is a number.
fn quantity(program: &Program, entity: EntityId, field: usize) -> Option<Quantity> {
    match &program.entities[entity].fields.get(field)?.shape {
        FieldShape::Scalar { ty, .. } => match ty.required() {
            Type::Number(quantity) => Some(*quantity),
            _ => None,
        },
        FieldShape::List { .. } | FieldShape::Record { .. } => None,
    }
}

/// The nodes that some rest on, these among them.
fn below(graph: &Graph, nodes: &[NodeId]) -> Vec<bool> {
    let mut below = vec![false; graph.nodes.len()];
    let mut open = nodes.to_vec();
    while let Some(id) = open.pop() {
        let Some(slot) = below.get_mut(id.index()).filter(|slot| !**slot) else { continue };
        *slot = true;
        open.extend(graph.inputs(id));
        let mut frame = Some(graph.nodes[id].frame);
        while let Some(at) = frame {
            if let Frame::Item { holder, .. } = graph.frames[at] {
                open.push(holder);
            }
            frame = graph.frames[at].outer();
        }
    }
    below
}

/// The facts of an entity that a node rests on.
pub(super) fn facts_below(graph: &Graph, entity: EntityId, node: NodeId) -> BTreeSet<(EntityId, usize)> {
    let below = below(graph, &[node]);
    let of = |op: &Op| match op {
        Op::Fact { entity: own, field } if *own == entity => Some((*own, *field)),
        _ => None,
    };
    graph.nodes.iter().filter(|(id, _)| below.get(id.index()) == Some(&true)).filter_map(|(_, n)| of(&n.op)).collect()
}

/// Notes what a node does with the facts it reads.
fn read(graph: &Graph, id: NodeId, out: &mut BTreeMap<(EntityId, usize), Reading>) {
    let fact = |node: NodeId| match graph.nodes[node].op {
        Op::Fact { entity, field } => Some((entity, field)),
        _ => None,
    };
    match &graph.nodes[id].op {
        Op::Apply(Function::Less | Function::LessEqual | Function::Equal, operands) => {
            if let [a, b] = operands.as_slice() {
                for (one, other) in [(*a, *b), (*b, *a)] {
                    match graph.constant(other) {
                        Some(value) => cut(graph, one, value.clone(), out),
                        None => fact(one).into_iter().for_each(|f| out.entry(f).or_default().otherwise = true),
                    }
                }
            }
        }
        Op::Table { table, .. } => {
            let Some(table) = graph.tables.get(*table) else { return };
            let mut others: Vec<NodeId> = table.otherwise.clone();
            for (column, input) in table.inputs.iter().enumerate() {
                for test in table.rows.iter().filter_map(|r| r.cells.get(column)).flat_map(|c| &c.tests) {
                    let ends = match test {
                        GraphTest::Equal(node) => [Some(*node), None],
                        GraphTest::Range { low, high, .. } => [*low, *high],
                        GraphTest::Unknown => [None, None],
                    };
                    for end in ends.into_iter().flatten() {
                        match graph.constant(end) {
                            Some(value) => cut(graph, *input, value.clone(), out),
                            None => others.extend([end, *input]),
                        }
                    }
                }
            }
            others.extend(table.rows.iter().flat_map(|r| &r.outputs));
            for other in others.into_iter().filter_map(fact) {
                out.entry(other).or_default().otherwise = true;
            }
        }
        // Yes or no, and what an exact value is not asked of.
        Op::And(_) | Op::Or(_) | Op::Not(_) => {}
        Op::Parameter { parameter, keys } => {
            for (at, key) in keys.iter().enumerate() {
                let Some(fact) = fact(*key) else { continue };
                let reading = out.entry(fact).or_default();
                reading.otherwise = true;
                let values = graph.parameters[*parameter].values.iter().filter_map(|(keys, _)| keys.get(at));
                reading.cuts.extend(values.take(PIECES).cloned());
            }
        }
        _ => {
            for input in graph.inputs(id).into_iter().filter_map(fact) {
                out.entry(input).or_default().otherwise = true;
            }
        }
    }
}

/// Notes that a value is compared with a constant; where it is made of one fact in a simple way, what that fact is then.
fn cut(graph: &Graph, mut node: NodeId, mut value: Value, out: &mut BTreeMap<(EntityId, usize), Reading>) {
    let number = |node: NodeId| match graph.constant(node) {
        Some(Value::Number(n)) => Some(n.clone()),
        _ => None,
    };
    let mut straight = true;
    for _ in 0..16 {
        let next = match &graph.nodes[node].op {
            Op::Fact { entity, field } => {
                let reading = out.entry((*entity, *field)).or_default();
                reading.otherwise |= !straight;
                // Beside a day that is reckoned back to, the days around it: a month may have no such day.
                if let (Value::Date(day), false) = (&value, straight) {
                    reading.cuts.extend([-1, 1].into_iter().filter_map(|n| day.add_days(n)).map(Value::Date));
                }
                reading.cuts.extend((value != Value::None).then_some(value));
                return;
            }
            Op::At { node, .. } | Op::Rebase(node) => Some((*node, value.clone())),
            Op::Aggregate { items, .. } => Some((items.value, value.clone())),
            Op::OrElse(of, _) | Op::Assume(of, _) => Some((*of, value.clone())),
            Op::Apply(function, operands) => match (function, operands.as_slice(), &value) {
                (Function::Unwrap, [of], _) => Some((*of, value.clone())),
                (Function::Negate, [of], Value::Number(n)) => Some((*of, Value::Number(n.negated()))),
                (Function::Add, [a, b], Value::Number(n)) => match (number(*a), number(*b)) {
                    (Some(k), None) => n.checked_sub(&k).map(|n| (*b, Value::Number(n))),
                    (None, Some(k)) => n.checked_sub(&k).map(|n| (*a, Value::Number(n))),
                    _ => None,
                },
                (Function::Subtract, [a, b], Value::Number(n)) => match (number(*a), number(*b)) {
                    (Some(k), None) => k.checked_sub(n).map(|n| (*b, Value::Number(n))),
                    (None, Some(k)) => n.checked_add(&k).map(|n| (*a, Value::Number(n))),
                    _ => None,
                },
                (Function::Multiply, [a, b], Value::Number(n)) => match (number(*a), number(*b)) {
                    (Some(k), None) => n.checked_div(&k).map(|n| (*b, Value::Number(n))),
                    (None, Some(k)) => n.checked_div(&k).map(|n| (*a, Value::Number(n))),
                    _ => None,
                },
                (
                    Function::YearsBetween | Function::MonthsBetween | Function::DaysBetween | Function::DaysThrough,
                    [a, b],
                    Value::Number(n),
                ) => between(graph, *function, *a, *b, n),
                _ => None,
            },
            _ => None,
        };
        straight = false;
        match next {
            Some((of, then)) => (node, value) = (of, then),
            None => return,
        }
    }
}

/// The day from or to which so many years, months or days lie.
fn between(graph: &Graph, function: Function, a: NodeId, b: NodeId, count: &Decimal) -> Option<(NodeId, Value)> {
    let count = count.to_i64()?;
    let length = match function {
        Function::YearsBetween => Duration { months: count.checked_mul(12)?, days: 0 },
        Function::MonthsBetween => Duration { months: count, days: 0 },
        _ => Duration { months: 0, days: count },
    };
    match (graph.constant(a), graph.constant(b)) {
        (None, Some(Value::Date(day))) => Some((a, Value::Date(graph.calendar.add(*day, length.checked_neg()?)?))),
        (Some(Value::Date(day)), None) => Some((b, Value::Date(graph.calendar.add(*day, length)?))),
        _ => None,
    }
}

/// The pieces of a domain. To prove something they cover it.
fn pieces(domain: &Possible, reading: &Reading, proves: bool) -> Option<Vec<Possible>> {
    let mut out: Vec<Possible> = match &domain.set {
        Set::Booleans => vec![Possible::boolean(false), Possible::boolean(true)],
        Set::Members(members) => members.iter().map(|m| Possible::known(Value::Enum(*m))).collect(),
        Set::One(value) => vec![Possible::known(value.clone())],
        Set::Nothing => Vec::new(),
        Set::Any => {
            let texts: Vec<&Value> = reading.cuts.iter().filter(|v| matches!(v, Value::Text(_))).collect();
            if texts.is_empty() || (proves && reading.otherwise) {
                return None;
            }
            let longest = texts.iter().map(|v| if let Value::Text(t) = v { t.len() } else { 0 }).max().unwrap_or(0);
            let other = Value::Text(Arc::from("?".repeat(longest + 1)));
            texts.into_iter().cloned().chain([other]).map(Possible::known).collect()
        }
        Set::Range { low, high, whole } => {
            // Of durations, which have no one order, no piece is a whole.
            if proves && reading.cuts.iter().any(|cut| matches!(cut, Value::Duration(_))) {
                return None;
            }
            let range = crate::program::Range { low: low.clone(), high: high.clone(), open: false };
            if let Some(values) = few(low.as_ref(), high.as_ref(), *whole) {
                values.into_iter().map(|n| Possible::known(Value::Number(Decimal::from(n)))).collect()
            } else if !proves || !reading.otherwise {
                super::tables::pieces(reading.cuts.clone(), &range, *whole).into_iter().map(Possible::known).collect()
            } else {
                let cuts: Vec<&Value> = reading.cuts.iter().filter(|cut| range.holds(cut)).collect();
                let mut ends = vec![low.as_ref()];
                ends.extend(cuts.iter().map(|cut| Some(*cut)));
                ends.push(high.as_ref());
                let mut out: Vec<Possible> = cuts.iter().map(|cut| Possible::known((*cut).clone())).collect();
                for (low, high) in ends.iter().zip(ends.iter().skip(1)) {
                    out.push(Possible::range(low.cloned(), high.cloned(), *whole));
                }
                out
            }
        }
    };
    if domain.none {
        out.push(Possible::known(Value::None));
    }
    Some(out)
}

/// The whole numbers of a range, where they are few.
fn few(low: Option<&Value>, high: Option<&Value>, whole: bool) -> Option<Vec<i64>> {
    let (Some(Value::Number(low)), Some(Value::Number(high)), true) = (low, high, whole) else { return None };
    let (low, high) = (low.ceil()?.to_i64()?, high.floor()?.to_i64()?);
    (high.checked_sub(low)? < 24).then(|| (low..=high).collect())
}
