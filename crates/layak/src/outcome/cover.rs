//! Whether some rows of a table leave nothing out of what its inputs can be.
//!
//! What the inputs can be is a box with a side a column. A box in which some row certainly matches is covered; else it is
//! cut where a row's test cuts it, until every piece is covered, one is left, or it takes too many pieces to say.

use std::collections::BTreeSet;

use crate::graph::{Graph, GraphCell, GraphTable, Interval, NodeId, interval, is_apart};
use crate::outcome::table::Match;
use crate::outcome::{Possible, Set};
use crate::value::{Decimal, Value};

/// Rows tried on pieces after which it is not told: then a gap is taken to be possible.
const TRIED: usize = 4_096;

/// One side of a box.
#[derive(Clone, Debug)]
enum Side {
    One(Value),
    Some(BTreeSet<Value>),
    Between(Span),
    /// What cannot be cut.
    Any,
}

/// Values between two ends, each with whether it is left out; no end where it is None.
#[derive(Clone, Debug)]
struct Span {
    low: Option<(Value, bool)>,
    high: Option<(Value, bool)>,
    whole: bool,
}

impl Span {
    /// The part of it between two other ends; nothing where none is left. Of whole numbers and dates the ends are
    /// brought to the next that is in it, so that nothing seems to lie between 4 and 5.
    fn part(&self, low: Option<(Value, bool)>, high: Option<(Value, bool)>) -> Option<Side> {
        let low = low.map(|end| self.step(end, true));
        let high = high.map(|end| self.step(end, false));
        let empty = match (&low, &high) {
            (Some((low, low_open)), Some((high, high_open))) => {
                low > high || (low == high && (*low_open || *high_open))
            }
            _ => false,
        };
        (!empty).then_some(Side::Between(Span { low, high, whole: self.whole }))
    }

    fn step(&self, (value, open): (Value, bool), up: bool) -> (Value, bool) {
        let stepped = match &value {
            Value::Number(n) if self.whole => {
                let near = if up { n.ceil() } else { n.floor() };
                let far = if up { Decimal::ONE } else { Decimal::ONE.negated() };
                near.and_then(|near| if open && near == *n { near.checked_add(&far) } else { Some(near) })
                    .map(Value::Number)
            }
            Value::Date(day) if open => day.add_days(if up { 1 } else { -1 }).map(Value::Date),
            _ => None,
        };
        stepped.map_or((value, open), |value| (value, false))
    }
}

impl Side {
    fn of(input: &Possible) -> Side {
        match &input.set {
            Set::One(value) => Side::One(value.clone()),
            Set::Booleans => Side::Some([false, true].map(Value::Boolean).into()),
            Set::Members(members) => Side::Some(members.iter().map(|m| Value::Enum(*m)).collect()),
            Set::Range { low: Some(Value::Duration(_)), .. } | Set::Range { high: Some(Value::Duration(_)), .. } => {
                Side::Any
            }
            Set::Range { low, high, whole } => {
                let end = |end: &Option<Value>| end.clone().map(|v| (v, false));
                Side::Between(Span { low: end(low), high: end(high), whole: *whole })
            }
            Set::Any | Set::Nothing => Side::Any,
        }
    }
}

type End<'a> = Option<(&'a Value, bool)>;

/// How a side lies to a cell.
enum Cut {
    Inside,
    Outside,
    /// Partly in: the pieces, each of which lies closer to one of the two.
    Pieces(Vec<Side>),
    Unsaid,
}

/// Whether the open rows match whatever the inputs come to.
pub(super) fn covers<'v>(
    graph: &Graph,
    table: &GraphTable,
    open: &[Match],
    get: &impl Fn(NodeId) -> &'v Possible,
) -> bool {
    let inputs: Vec<&Possible> = table.inputs.iter().map(|n| get(*n)).collect();
    if open.is_empty() || inputs.iter().any(|i| i.none || i.fault.is_some()) {
        return false;
    }
    // A row whose match can be a fault covers nothing.
    let rows: Vec<&[GraphCell]> = open
        .iter()
        .filter(|m| m.found.fault.is_none())
        .filter_map(|m| table.rows.get(m.row))
        .map(|r| r.cells.as_slice())
        .collect();
    let mut boxes: Vec<Vec<Side>> = vec![inputs.into_iter().map(Side::of).collect()];
    let mut tried = 0usize;
    while let Some(sides) = boxes.pop() {
        let mut cut: Option<(usize, Vec<Side>)> = None;
        let mut covered = false;
        for row in &rows {
            tried += 1;
            if tried > TRIED {
                return false;
            }
            let mut inside = true;
            let mut pieces: Option<(usize, Vec<Side>)> = None;
            for (column, (cell, side)) in row.iter().zip(&sides).enumerate() {
                match lies(graph, cell, side) {
                    Cut::Inside => {}
                    Cut::Outside => {
                        (inside, pieces) = (false, None);
                        break;
                    }
                    Cut::Pieces(list) => {
                        inside = false;
                        pieces = pieces.or(Some((column, list)));
                    }
                    Cut::Unsaid => {
                        (inside, pieces) = (false, None);
                        break;
                    }
                }
            }
            if inside {
                covered = true;
                break;
            }
            cut = cut.or(pieces);
        }
        if covered {
            continue;
        }
        let Some((column, list)) = cut else { return false };
        for side in list {
            let mut sides = sides.clone();
            if let Some(slot) = sides.get_mut(column) {
                *slot = side;
            }
            boxes.push(sides);
        }
    }
    true
}

fn lies(graph: &Graph, cell: &GraphCell, side: &Side) -> Cut {
    if cell.tests.is_empty() {
        return Cut::Inside;
    }
    let constant = |node: NodeId| graph.constant(node);
    let tests: Option<Vec<_>> = cell.tests.iter().map(|test| interval(test, &constant)).collect();
    let Some(tests) = tests else { return Cut::Unsaid };
    let holds = |value: &Value| tests.iter().any(|(low, high)| within(value, *low, *high)) != cell.negated;
    match side {
        Side::Any => Cut::Unsaid,
        Side::One(value) => {
            if holds(value) {
                Cut::Inside
            } else {
                Cut::Outside
            }
        }
        Side::Some(values) => {
            let (inside, outside): (BTreeSet<Value>, BTreeSet<Value>) = values.iter().cloned().partition(holds);
            match (inside.is_empty(), outside.is_empty()) {
                (_, true) => Cut::Inside,
                (true, _) => Cut::Outside,
                _ => Cut::Pieces(vec![Side::Some(inside), Side::Some(outside)]),
            }
        }
        Side::Between(span) => {
            let (low, high) = (end(&span.low), end(&span.high));
            let contains = |(a, b): &Interval<'_>| not_after(*a, low) && not_before(*b, high);
            let apart = |(a, b): &Interval<'_>| is_apart(high, *a) || is_apart(*b, low);
            if tests.iter().any(contains) {
                return if cell.negated { Cut::Outside } else { Cut::Inside };
            }
            let Some((a, b)) = tests.iter().find(|test| !apart(test)) else {
                return if cell.negated { Cut::Inside } else { Cut::Outside };
            };
            // Cut at the ends of the test that lie within: below it, in it, above it.
            let own = |end: End<'_>| end.map(|(value, open)| (value.clone(), open));
            let beyond = |end: End<'_>| end.map(|(value, open)| (value.clone(), !open));
            let (from, to) = (a.filter(|_| !not_after(*a, low)), b.filter(|_| !not_before(*b, high)));
            let below = from.and_then(|_| span.part(span.low.clone(), beyond(from)));
            let above = to.and_then(|_| span.part(beyond(to), span.high.clone()));
            let inside = span.part(
                if from.is_some() { own(from) } else { span.low.clone() },
                if to.is_some() { own(to) } else { span.high.clone() },
            );
            let pieces: Vec<Side> = [below, inside, above].into_iter().flatten().collect();
            match pieces.as_slice() {
                // A gap between whole numbers is none: the whole side lies to one side of the end.
                [Side::Between(_)] if from.is_none() && to.is_none() => Cut::Unsaid,
                _ => Cut::Pieces(pieces),
            }
        }
    }
}

fn end(end: &Option<(Value, bool)>) -> End<'_> {
    end.as_ref().map(|(value, open)| (value, *open))
}

fn within(value: &Value, low: End<'_>, high: End<'_>) -> bool {
    low.is_none_or(|(low, open)| if open { low < value } else { low <= value })
        && high.is_none_or(|(high, open)| if open { value < high } else { value <= high })
}

/// Whether an interval with the lower end `a` begins no later than one with `b`.
fn not_after(a: End<'_>, b: End<'_>) -> bool {
    match (a, b) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some((a, a_open)), Some((b, b_open))) => a < b || (a == b && (!a_open || b_open)),
    }
}

/// Whether an interval with the upper end `a` ends no sooner than one with `b`.
fn not_before(a: End<'_>, b: End<'_>) -> bool {
    match (a, b) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some((a, a_open)), Some((b, b_open))) => a > b || (a == b && (!a_open || b_open)),
    }
}
