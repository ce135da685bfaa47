//! Values that stand for all that a fact can be, where that is much: one of each piece of its domain that the rules tell apart.
//!
//! A fact that is only ever compared with constants, itself or as an age on a constant day, means the same to the rules wherever
//! between two of these it lies. What picks one of several values, as `min` does, goes by their order, and so do the pieces.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::graph::{Graph, GraphTest, Items, NodeId, Op, interval};
use crate::outcome::{Set, unknown};
use crate::program::{Aggregate, EntityId};
use crate::value::{Date, Decimal, Function, Value};

#[cfg(test)]
mod tests;

/// Values of a field, one of each piece of its domain; nothing where the rules do more with it than to compare it with
/// constants. One pass over the graph; the same for every household.
pub(super) fn pieces(graph: &Graph, entity: EntityId, field: usize) -> Option<Vec<Value>> {
    let possible = unknown(graph, entity, field);
    let mut trace = Trace::default();
    for (id, node) in graph.nodes.iter().skip(graph.fixed.len()) {
        let as_what = match &node.op {
            Op::Fact { entity: e, field: f } if (*e, *f) == (entity, field) => [ITSELF].into(),
            op => trace.step(graph, id, op)?,
        };
        if !as_what.is_empty() {
            trace.carries.insert(id, as_what);
        }
    }
    let outputs = graph.programmes.iter().flat_map(|p| &p.outputs).map(|(_, node)| *node);
    let conditions = graph.programmes.iter().flat_map(|p| &p.conditions).map(|c| c.node);
    if outputs.chain(conditions).any(|node| trace.has(node)) {
        return None;
    }
    let mut values = match &possible.set {
        Set::Range { low, high, whole } => trace.within(low.as_ref(), high.as_ref(), *whole)?,
        Set::Any => trace.texts()?,
        Set::Nothing | Set::One(_) | Set::Booleans | Set::Members(_) => return None,
    };
    if possible.none {
        values.push(Value::None);
    }
    Some(values)
}

/// As what a node carries a fact: by place in `Trace::ages`, or the fact itself.
type As = BTreeSet<usize>;
const ITSELF: usize = usize::MAX;

/// A number of years, months or days between the fact and a day.
#[derive(Clone, Copy)]
struct Age {
    function: Function,
    day: Date,
    /// Whether the fact is the later of the two.
    is_to: bool,
}

/// The way of a fact through the graph.
#[derive(Default)]
struct Trace {
    /// The nodes that have its value, or an age of it, if they have a value.
    carries: BTreeMap<NodeId, As>,
    ages: Vec<Age>,
    cuts: BTreeSet<Cut>,
}

/// A place that parts the domain: before a value, or behind it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cut {
    value: Value,
    is_behind: bool,
}

impl Cut {
    const BEFORE: &[bool] = &[false];
    const BEHIND: &[bool] = &[true];
    const BOTH: &[bool] = &[false, true];
}

impl Trace {
    fn has(&self, node: NodeId) -> bool {
        self.carries.contains_key(&node)
    }

    fn all<'n>(&self, nodes: impl IntoIterator<Item = &'n NodeId>) -> As {
        nodes.into_iter().filter_map(|node| self.carries.get(node)).flatten().copied().collect()
    }

    /// As what a node carries the fact; nothing where it makes something of it that pieces do not tell.
    fn step(&mut self, graph: &Graph, id: NodeId, op: &Op) -> Option<As> {
        let carried = match op {
            Op::At { node, index, .. } => (!self.has(*index)).then(|| self.all([node]))?,
            Op::Rebase(of) => self.all([of]),
            Op::Choose(list) => self.all(list),
            Op::Assume(of, other) | Op::OrElse(of, other) => self.all([of, other]),
            Op::If { arms, otherwise } => self.all(arms.iter().map(|(_, value)| value).chain([otherwise])),
            Op::Apply(function, operands) => return self.applied(graph, *function, operands),
            Op::Table { table, .. } => {
                self.table(graph, *table)?;
                As::new()
            }
            Op::Aggregate { function, items, empty } => {
                self.is_apart_from(items)?;
                self.aggregated(*function, [&items.value].into_iter().chain(empty))?
            }
            Op::Combine { function, items, empty } => {
                self.aggregated(*function, items.iter().map(|(_, value)| value).chain(empty))?
            }
            Op::Contains { items, item } => {
                self.is_apart_from(items)?;
                self.compared(graph, [items.value, *item], [Cut::BOTH; 2])?
            }
            // Whether there is a value is told by the case that is tried.
            Op::State(..) | Op::IsFault(_) => As::new(),
            Op::Constant(_)
            | Op::Fault(_)
            | Op::AsOf
            | Op::KnownOn
            | Op::Row
            | Op::Fact { .. }
            | Op::InTop(_)
            | Op::Not(_)
            | Op::And(_)
            | Op::Or(_)
            | Op::Exceptions { .. }
            | Op::Parameter { .. }
            | Op::Dated { .. } => {
                let is_met = graph.inputs(id).iter().any(|node| self.has(*node));
                (!is_met).then(As::new)?
            }
        };
        Some(carried)
    }

    /// Whether it neither orders elements nor says how many count.
    fn is_apart_from(&self, items: &Items) -> Option<()> {
        // Without an order the greatest values count.
        let by_value = items.top.is_some() && items.order.is_none() && self.has(items.value);
        let by_key = items.order.is_some_and(|(key, _)| self.has(key)) || items.top.is_some_and(|n| self.has(n));
        (!by_value && !by_key).then_some(())
    }

    fn aggregated<'n>(&self, function: Aggregate, values: impl Iterator<Item = &'n NodeId>) -> Option<As> {
        let carried = self.all(values);
        match function {
            Aggregate::Min | Aggregate::Max | Aggregate::First | Aggregate::Last => Some(carried),
            Aggregate::Count
            | Aggregate::Sum
            | Aggregate::Average
            | Aggregate::Median
            | Aggregate::Any
            | Aggregate::Every
            | Aggregate::None => carried.is_empty().then_some(carried),
        }
    }

    fn applied(&mut self, graph: &Graph, function: Function, operands: &[NodeId]) -> Option<As> {
        let carried = self.all(operands);
        match (function, operands) {
            _ if carried.is_empty() => Some(carried),
            (Function::Equal, [a, b]) => self.compared(graph, [*a, *b], [Cut::BOTH; 2]),
            (Function::Less, [a, b]) => self.compared(graph, [*a, *b], [Cut::BEFORE, Cut::BEHIND]),
            (Function::LessEqual, [a, b]) => self.compared(graph, [*a, *b], [Cut::BEHIND, Cut::BEFORE]),
            (Function::Min | Function::Max | Function::Unwrap, _) => Some(carried),
            (Function::IsNone, _) => Some(As::new()),
            (
                Function::YearsBetween | Function::MonthsBetween | Function::DaysBetween | Function::DaysThrough,
                [from, to],
            ) => {
                let is_to = self.has(*to);
                let Value::Date(day) = graph.constant(if is_to { *from } else { *to })? else { return None };
                (carried == [ITSELF].into()).then_some(())?;
                self.ages.push(Age { function, day: *day, is_to });
                Some([self.ages.len() - 1].into())
            }
            _ => None,
        }
    }

    fn table(&mut self, graph: &Graph, table: usize) -> Option<()> {
        let table = graph.tables.get(table)?;
        if table.otherwise.iter().any(|node| self.has(*node)) {
            return None;
        }
        for row in &table.rows {
            if row.outputs.iter().any(|node| self.has(*node)) {
                return None;
            }
            for (cell, input) in row.cells.iter().zip(&table.inputs) {
                for test in &cell.tests {
                    let constant = |node: NodeId| graph.constant(node);
                    match (self.carries.get(input).cloned(), interval(test, &constant)) {
                        (Some(carried), Some((low, high))) => {
                            if let Some((end, is_open)) = low {
                                self.cut(graph, &carried, end, if is_open { Cut::BEHIND } else { Cut::BEFORE })?;
                            }
                            if let Some((end, is_open)) = high {
                                self.cut(graph, &carried, end, if is_open { Cut::BEFORE } else { Cut::BEHIND })?;
                            }
                        }
                        // A test for being unknown, or one with an end that is no constant: what it reads is looked at.
                        (Some(_), None) if !matches!(test, GraphTest::Unknown) => return None,
                        _ => {}
                    }
                    let ends = match test {
                        GraphTest::Equal(node) => [Some(*node), None],
                        GraphTest::Range { low, high, .. } => [*low, *high],
                        GraphTest::Unknown => [None, None],
                    };
                    if ends.into_iter().flatten().any(|node| self.has(node)) {
                        return None;
                    }
                }
            }
        }
        Some(())
    }

    /// Two nodes are compared, which parts each so; nothing where one carries the fact and the other is no constant.
    fn compared(&mut self, graph: &Graph, nodes: [NodeId; 2], parts: [&[bool]; 2]) -> Option<As> {
        let ([a, b], [of_a, of_b]) = (nodes, parts);
        for (one, other, parts) in [(a, b, of_a), (b, a, of_b)] {
            if let Some(carried) = self.carries.get(&one).cloned() {
                self.cut(graph, &carried, graph.constant(other)?, parts)?;
            }
        }
        Some(As::new())
    }

    /// What is carried is compared with a constant.
    fn cut(&mut self, graph: &Graph, carried: &As, at: &Value, parts: &[bool]) -> Option<()> {
        for kind in carried {
            match self.ages.get(*kind).copied() {
                None => {
                    self.cuts.extend(parts.iter().map(|is_behind| Cut { value: at.clone(), is_behind: *is_behind }))
                }
                Some(age) => {
                    let days = age.cuts(graph, at)?;
                    self.cuts.extend(days.into_iter().map(|day| Cut { value: Value::Date(day), is_behind: true }));
                }
            }
        }
        Some(())
    }

    /// A value of each part of a range that there is.
    fn within(&self, low: Option<&Value>, high: Option<&Value>, whole: bool) -> Option<Vec<Value>> {
        let end = |cut: &Cut, is_open| (cut.value.clone(), is_open);
        let lows = [None].into_iter().chain(self.cuts.iter().map(|cut| Some(end(cut, cut.is_behind))));
        let highs = self.cuts.iter().map(|cut| Some(end(cut, !cut.is_behind))).chain([None]);
        let mut out = Vec::new();
        for (from, to) in lows.zip(highs) {
            let from = match (from, low) {
                (Some((value, _)), Some(low)) if value < *low => Some((low.clone(), false)),
                (from, low) => from.or_else(|| low.map(|low| (low.clone(), false))),
            };
            let to = match (to, high) {
                (Some((value, _)), Some(high)) if *high < value => Some((high.clone(), false)),
                (to, high) => to.or_else(|| high.map(|high| (high.clone(), false))),
            };
            out.extend(between(from, to, whole)?);
        }
        (!out.is_empty()).then_some(out)
    }

    /// The texts compared with, and one that is none of them; nothing where they are compared by order.
    fn texts(&self) -> Option<Vec<Value>> {
        let mut other = String::from("-");
        let mut out = Vec::new();
        for cut in &self.cuts {
            let Value::Text(text) = &cut.value else { return None };
            let is_whole = self.cuts.contains(&Cut { is_behind: !cut.is_behind, ..cut.clone() });
            is_whole.then_some(())?;
            if cut.is_behind {
                other.push_str(text);
                out.push(cut.value.clone());
            }
        }
        (!out.is_empty()).then(|| {
            out.push(Value::Text(other.into()));
            out
        })
    }
}

/// An end of a part of a domain, and whether it is left out; none where it has no end.
type End = Option<(Value, bool)>;

/// A value between two ends, if there is any; nothing at all where that cannot be told.
fn between(from: End, to: End, whole: bool) -> Option<Option<Value>> {
    let step = |value: &Value, up: bool| match value {
        Value::Number(n) if whole => {
            let near = if up { n.floor()? } else { n.ceil()? };
            let one = if up { Decimal::ONE } else { Decimal::ONE.negated() };
            near.checked_add(&one).map(Value::Number)
        }
        Value::Date(day) => day.add_days(if up { 1 } else { -1 }).map(Value::Date),
        _ => None,
    };
    let is_stepped = |value: &Value| whole || matches!(value, Value::Date(_));
    // The ends of whole numbers and of dates are brought to the next that counts.
    let closed = |end: End, up: bool| match end {
        Some((value, true)) if is_stepped(&value) => step(&value, up).map(|value| Some((value, false))),
        Some((Value::Number(n), false)) if whole => {
            let near = if up { n.ceil()? } else { n.floor()? };
            Some(Some((Value::Number(near), false)))
        }
        end => Some(end),
    };
    let value = match (closed(from, true)?, closed(to, false)?) {
        (None, None) => return None,
        (Some((value, false)), None) | (None, Some((value, false))) => value,
        (Some((Value::Number(n), true)), None) => Value::Number(n.checked_add(&Decimal::ONE)?),
        (None, Some((Value::Number(n), true))) => Value::Number(n.checked_sub(&Decimal::ONE)?),
        (Some((from, from_open)), Some((to, to_open))) => match from.cmp(&to) {
            Ordering::Greater => return Some(None),
            Ordering::Equal if from_open || to_open => return Some(None),
            Ordering::Equal => from,
            Ordering::Less if !from_open => from,
            Ordering::Less if !to_open => to,
            Ordering::Less => {
                let (Value::Number(a), Value::Number(b)) = (&from, &to) else { return None };
                let middle = a.checked_add(b)?.checked_div(&Decimal::from(2i64))?;
                (*a < middle && middle < *b).then_some(())?;
                Value::Number(middle)
            }
        },
        (Some(_), None) | (None, Some(_)) => return None,
    };
    Some(Some(value))
}

impl Age {
    /// The days behind which an age compares otherwise with a number: as it moves on, an age never goes back and forth.
    fn cuts(self, graph: &Graph, limit: &Value) -> Option<Vec<Date>> {
        /// Days on either side among which is looked, ages of up to this many: about a thousand years.
        const REACH: i64 = 365_000;
        let age = |days: i64| {
            let day = Value::Date(self.day.add_days(days)?);
            let own = Value::Date(self.day);
            let operands = if self.is_to { [&own, &day] } else { [&day, &own] };
            self.function.apply(&operands, graph.calendar).ok()
        };
        let ends = [age(-REACH)?, age(REACH)?];
        let (least, most) = (ends.iter().min()?, ends.iter().max()?);
        (least < limit && limit < most).then_some(())?;
        let mut out = Vec::new();
        for strictly in [false, true] {
            let is_so = |days: i64| age(days).map(|age| if strictly { age > *limit } else { age >= *limit });
            let (mut first, mut last) = (-REACH, REACH);
            let at_first = is_so(first)?;
            while last - first > 1 {
                let middle = first + (last - first) / 2;
                if is_so(middle)? == at_first {
                    first = middle;
                } else {
                    last = middle;
                }
            }
            out.push(self.day.add_days(first)?);
        }
        Some(out)
    }
}
