//! Ways to the rows of a table that can match, without trying every row.

use std::collections::BTreeMap;

use crate::graph::{GraphCell, GraphTable, GraphTest, NodeId};
use crate::value::Value;

/// A way to the rows that can match what is known of the inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TableIndex {
    /// By the values that some columns are tested to equal; `rest` are rows that other tests stand in.
    Keys { columns: Vec<usize>, rows: BTreeMap<Vec<Value>, Vec<u32>>, rest: Vec<u32> },
    /// By the lower end of the interval that one column is tested to lie in, none of which overlap; no end first.
    Intervals { column: usize, lows: Vec<(Option<Value>, u32)> },
}

/// Alternatives of one row over the columns of an index that are worth an entry each.
const ALTERNATIVES: usize = 64;
/// Rows up to which all pairs are compared.
const FEW: usize = 128;

/// An interval of values: each end with whether it is left out; no end where it is None.
pub(crate) type Interval<'a> = (Option<(&'a Value, bool)>, Option<(&'a Value, bool)>);

/// The interval that a test accepts, where its ends are constants.
pub(crate) fn interval<'a>(test: &GraphTest, constant: &impl Fn(NodeId) -> Option<&'a Value>) -> Option<Interval<'a>> {
    let end = |node: &Option<NodeId>, open: bool| match node {
        None => Some(None),
        Some(node) => constant(*node).map(|value| Some((value, open))),
    };
    match test {
        GraphTest::Equal(node) => constant(*node).map(|value| (Some((value, false)), Some((value, false)))),
        GraphTest::Range { low, low_open, high, high_open } => Some((end(low, *low_open)?, end(high, *high_open)?)),
        GraphTest::Unknown => None,
    }
}

/// Whether an end lies before a beginning, so that no value is in both.
pub(crate) fn is_apart(high: Option<(&Value, bool)>, low: Option<(&Value, bool)>) -> bool {
    match (high, low) {
        (Some((high, open)), Some((low, other_open))) => high < low || (high == low && (open || other_open)),
        _ => false,
    }
}

/// Whether no value satisfies both cells, as far as constants tell.
fn cells_apart<'a>(a: &GraphCell, b: &GraphCell, constant: &impl Fn(NodeId) -> Option<&'a Value>) -> bool {
    let apart = |a: &GraphTest, b: &GraphTest| match (interval(a, constant), interval(b, constant)) {
        (Some((low_a, high_a)), Some((low_b, high_b))) => is_apart(high_a, low_b) || is_apart(high_b, low_a),
        // What is unknown equals nothing and lies in no range.
        _ => false,
    };
    let plain = |cell: &GraphCell| !cell.negated && !cell.tests.is_empty();
    plain(a) && plain(b) && a.tests.iter().all(|x| b.tests.iter().all(|y| apart(x, y)))
}

/// Whether two rows can never match together: in some column no value satisfies both.
pub(crate) fn rows_apart<'a>(
    table: &GraphTable,
    a: usize,
    b: usize,
    constant: &impl Fn(NodeId) -> Option<&'a Value>,
) -> bool {
    let (Some(a), Some(b)) = (table.rows.get(a), table.rows.get(b)) else { return false };
    a.cells.iter().zip(&b.cells).any(|(a, b)| cells_apart(a, b, constant))
}

/// The index of a table where it has rows enough to be worth one, and whether no two of its rows can match together.
pub(crate) fn index<'a>(
    table: &GraphTable,
    constant: &impl Fn(NodeId) -> Option<&'a Value>,
) -> (Option<TableIndex>, bool) {
    let index = intervals(table, constant).or_else(|| keys(table, constant));
    let exclusive = match &index {
        Some(TableIndex::Intervals { .. }) => true,
        Some(TableIndex::Keys { rows, rest, .. }) if rest.is_empty() && rows.values().all(|r| r.len() == 1) => true,
        _ => {
            let count = table.rows.len();
            count <= FEW && (0..count).all(|a| (a + 1..count).all(|b| rows_apart(table, a, b, constant)))
        }
    };
    // Of a few rows, trying each is quicker than asking.
    (index.filter(|_| table.rows.len() > 8), exclusive)
}

fn intervals<'a>(table: &GraphTable, constant: &impl Fn(NodeId) -> Option<&'a Value>) -> Option<TableIndex> {
    (0..table.inputs.len()).find_map(|column| {
        let mut all: Vec<(Interval<'a>, u32)> = Vec::with_capacity(table.rows.len());
        for (number, row) in (0u32..).zip(&table.rows) {
            let cell = row.cells.get(column)?;
            match cell.tests.as_slice() {
                [test] if !cell.negated => all.push((interval(test, constant)?, number)),
                _ => return None,
            }
        }
        all.sort_by(|((a, _), _), ((b, _), _)| match (a, b) {
            (None, None) => std::cmp::Ordering::Equal,
            (None, _) => std::cmp::Ordering::Less,
            (_, None) => std::cmp::Ordering::Greater,
            // One that leaves its lower end out begins after it.
            (Some(a), Some(b)) => a.cmp(b),
        });
        let apart = all.iter().zip(all.iter().skip(1)).all(|(((_, high), _), ((low, _), _))| is_apart(*high, *low));
        apart.then(|| {
            let lows = all.into_iter().map(|((low, _), row)| (low.map(|(value, _)| value.clone()), row)).collect();
            TableIndex::Intervals { column, lows }
        })
    })
}

fn equals<'a>(cell: &GraphCell, constant: &impl Fn(NodeId) -> Option<&'a Value>) -> Option<Vec<&'a Value>> {
    if cell.negated || cell.tests.is_empty() {
        return None;
    }
    cell.tests.iter().map(|test| if let GraphTest::Equal(node) = test { constant(*node) } else { None }).collect()
}

fn keys<'a>(table: &GraphTable, constant: &impl Fn(NodeId) -> Option<&'a Value>) -> Option<TableIndex> {
    let counts: Vec<usize> = (0..table.inputs.len())
        .map(|c| table.rows.iter().filter(|r| r.cells.get(c).is_some_and(|c| equals(c, constant).is_some())).count())
        .collect();
    let full: Vec<usize> = (0..counts.len()).filter(|c| counts.get(*c) == Some(&table.rows.len())).collect();
    let columns = if full.is_empty() {
        let (best, count) = counts.iter().enumerate().max_by_key(|(c, n)| (**n, std::cmp::Reverse(*c)))?;
        if count * 2 < table.rows.len() {
            return None;
        }
        vec![best]
    } else {
        full
    };
    let mut rows: BTreeMap<Vec<Value>, Vec<u32>> = BTreeMap::new();
    let mut rest = Vec::new();
    for (number, row) in (0u32..).zip(&table.rows) {
        let mut alternatives: Vec<Vec<Value>> = vec![Vec::new()];
        for column in &columns {
            let values = row.cells.get(*column).and_then(|cell| equals(cell, constant)).unwrap_or_default();
            if alternatives.len().saturating_mul(values.len()) > ALTERNATIVES {
                alternatives.clear();
                break;
            }
            alternatives = alternatives
                .iter()
                .flat_map(|head| {
                    values.iter().map(move |value| {
                        let mut key = head.clone();
                        key.push((*value).clone());
                        key
                    })
                })
                .collect();
        }
        if alternatives.is_empty() {
            rest.push(number);
        }
        for key in alternatives {
            let list = rows.entry(key).or_default();
            // A cell may name one value twice.
            if list.last() != Some(&number) {
                list.push(number);
            }
        }
    }
    Some(TableIndex::Keys { columns, rows, rest })
}
