//! Tables and parameters: which rows match, and what they give.

use crate::graph::{Graph, GraphCell, GraphRow, GraphTable, GraphTest, NodeId, Op};
use crate::outcome::aggregate::{self, Entry};
use crate::outcome::{Possible, Set};
use crate::program::{Aggregate, HitPolicy, ParameterId};
use crate::source::Span;
use crate::syntax::Collect;
use crate::value::{Fault, FaultKind, Function, Value};

/// The value of a parameter for keys of which some may not be known.
pub(crate) fn parameter(graph: &Graph, id: ParameterId, keys: &[&Possible], at: Option<Span>) -> Possible {
    let parameter = &graph.parameters[id];
    let mut faults: Vec<&Fault> = keys.iter().filter_map(|k| k.certain_fault()).collect();
    faults.sort();
    if let Some(fault) = faults.first() {
        return Possible::fault((*fault).clone());
    }
    let missing = |keys: &[Value]| {
        let on = graph.day.map_or(crate::value::Date::MIN, |d| d.as_of);
        let texts: Vec<String> = keys.iter().map(value_text).collect();
        let kind =
            FaultKind::NoValue { name: std::sync::Arc::clone(&parameter.name), keys: texts.join(", ").into(), on };
        Possible::fault(Fault { kind, at })
    };
    let known: Option<Vec<Value>> = keys.iter().map(|k| k.as_known().cloned()).collect();
    if let Some(known) = known {
        let found = parameter.values.binary_search_by(|(keys, _)| keys.cmp(&known)).ok();
        let value =
            found.and_then(|i| parameter.values.get(i)).and_then(|(_, v)| v.as_ref()).or(parameter.default.as_ref());
        return match value {
            Some(value) => Possible::known(value.clone()),
            None => missing(&known),
        };
    }
    let mut out: Option<Possible> = None;
    for (row_keys, value) in &parameter.values {
        if !keys.iter().zip(row_keys).all(|(k, v)| k.can_be(v)) {
            continue;
        }
        let value = match value.as_ref().or(parameter.default.as_ref()) {
            Some(value) => Possible::known(value.clone()),
            None => missing(row_keys),
        };
        out = Some(match out {
            None => value,
            Some(out) => out.union(&value),
        });
    }
    // A key that the table does not list.
    let covered = keys.iter().all(|k| matches!(k.set, Set::Members(_) | Set::Booleans | Set::One(_))) && {
        let combinations: usize = keys
            .iter()
            .map(|k| match &k.set {
                Set::Members(m) => m.len(),
                Set::Booleans => 2,
                _ => 1,
            })
            .product();
        let listed = parameter.values.iter().filter(|(row, _)| keys.iter().zip(row).all(|(k, v)| k.can_be(v))).count();
        listed == combinations
    };
    if !covered {
        let other = match &parameter.default {
            Some(value) => Possible::known(value.clone()),
            None => missing(&[]),
        };
        out = Some(match out {
            None => other,
            Some(out) => out.union(&other),
        });
    }
    out.unwrap_or_else(Possible::any)
}

fn value_text(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("`{text}`"),
        Value::Number(n) => n.to_string(),
        Value::Date(d) => d.to_string(),
        Value::Duration(d) => d.to_string(),
        Value::Boolean(b) => if *b { "yes" } else { "no" }.to_owned(),
        Value::Enum(n) | Value::Element(n) => n.to_string(),
        Value::None => "none".to_owned(),
    }
}

/// One output of a table.
pub(crate) fn table<'v>(
    graph: &Graph,
    number: usize,
    output: usize,
    at: Option<Span>,
    get: impl Fn(NodeId) -> &'v Possible,
) -> Possible {
    let Some(table) = graph.tables.get(number) else { return Possible::any() };
    let matches = |row: &GraphRow| -> Possible {
        let mut all: Vec<Possible> = Vec::with_capacity(row.cells.len());
        for (cell, input) in row.cells.iter().zip(&table.inputs) {
            if cell.tests.is_empty() {
                continue;
            }
            let one = cell_holds(graph, cell, get(*input), &get);
            let no = !one.can_be_true() && one.fault.is_none();
            all.push(one);
            if no {
                break;
            }
        }
        Possible::every(&all)
    };
    let otherwise = table.otherwise.get(output).map(|n| get(*n));
    if let HitPolicy::Collect(collect) = table.policy {
        return collected(table, output, collect, otherwise, at, graph, &matches, &get);
    }
    // (row, match) of the rows that may match.
    let mut open: Vec<(usize, Possible)> = Vec::new();
    for (index, row) in table.rows.iter().enumerate() {
        let found = matches(row);
        if !found.can_be_true() && found.fault.is_none() {
            continue;
        }
        let certain = found.can_be_true() && !found.can_be_false() && found.fault.is_none();
        open.push((index, found));
        if certain && table.policy == HitPolicy::First {
            break;
        }
    }
    let certain: Vec<usize> = open
        .iter()
        .filter(|(_, m)| m.can_be_true() && !m.can_be_false() && m.fault.is_none())
        .map(|(i, _)| *i)
        .collect();
    let value = |row: usize| table.rows.get(row).and_then(|r| r.outputs.get(output)).map(|n| get(*n));
    let several = |a: usize, b: usize| {
        let kind = FaultKind::SeveralRows { table: std::sync::Arc::clone(&table.name), rows: (a + 1, b + 1) };
        Possible::fault(Fault { kind, at })
    };
    let mut out: Option<Possible> = None;
    let mut add = |more: &Possible| {
        out = Some(match out.take() {
            None => more.clone(),
            Some(out) => out.union(more),
        });
    };
    for (_, found) in &open {
        if let Some(fault) = &found.fault {
            add(&Possible::fault(fault.clone()));
        }
    }
    match (table.policy, certain.as_slice()) {
        (HitPolicy::Unique, [a, b, ..]) => return several(*a, *b),
        (HitPolicy::Any, [first, rest @ ..]) if !rest.is_empty() => {
            for other in rest {
                let differ =
                    match (value(*first).and_then(Possible::as_known), value(*other).and_then(Possible::as_known)) {
                        (Some(a), Some(b)) => a != b,
                        _ => false,
                    };
                if differ {
                    return several(*first, *other);
                }
            }
        }
        (HitPolicy::Priority, [_, ..]) => {
            let rank = |row: usize| {
                let first = table.rows.get(row).and_then(|r| r.outputs.first()).and_then(|n| get(*n).as_known());
                first.and_then(|v| table.ranking.iter().position(|r| r == v)).unwrap_or(usize::MAX)
            };
            let best = certain.iter().map(|r| rank(*r)).min().unwrap_or(usize::MAX);
            // Rows of a lower rank than one that certainly matches give nothing.
            open.retain(|(row, _)| rank(*row) <= best);
        }
        _ => {}
    }
    if matches!(table.policy, HitPolicy::Unique | HitPolicy::Any) {
        'rows: for (at_a, (a, found_a)) in open.iter().enumerate() {
            for (b, found_b) in open.iter().skip(at_a + 1) {
                let both = found_a.can_be_true() && found_b.can_be_true();
                let same = table.policy == HitPolicy::Any && value(*a).map(|v| &v.set) == value(*b).map(|v| &v.set);
                if both && !same && !disjoint(graph, table, *a, *b) {
                    add(&several(*a, *b));
                    break 'rows;
                }
            }
        }
    }
    for (row, found) in &open {
        if found.can_be_true()
            && let Some(value) = value(*row)
        {
            add(value);
        }
    }
    if certain.is_empty() && !covers(graph, table, &open, &get) {
        match otherwise {
            Some(value) => add(value),
            None => {
                let kind = FaultKind::NoRow { table: std::sync::Arc::clone(&table.name) };
                add(&Possible::fault(Fault { kind, at }));
            }
        }
    }
    out.unwrap_or_else(Possible::any)
}

#[expect(clippy::too_many_arguments, reason = "one call, from above")]
fn collected<'v>(
    table: &GraphTable,
    output: usize,
    collect: Collect,
    otherwise: Option<&Possible>,
    at: Option<Span>,
    graph: &Graph,
    matches: &impl Fn(&GraphRow) -> Possible,
    get: &impl Fn(NodeId) -> &'v Possible,
) -> Possible {
    let found: Vec<Possible> = table.rows.iter().map(matches).collect();
    let any = Possible::any();
    let entries: Vec<Entry<'_>> = table
        .rows
        .iter()
        .zip(&found)
        .map(|(row, presence)| Entry {
            least: 1,
            most: Some(1),
            presence,
            value: row.outputs.get(output).map_or(&any, |n| get(*n)),
            key: None,
        })
        .collect();
    let function = match collect {
        Collect::Sum => Aggregate::Sum,
        Collect::Min => Aggregate::Min,
        Collect::Max => Aggregate::Max,
        Collect::Count | Collect::List => Aggregate::Count,
    };
    let value = aggregate::aggregate(function, &entries, false, None, otherwise, graph.calendar, at);
    let (Some(otherwise), Collect::Sum | Collect::Count) = (otherwise, collect) else { return value };
    // A sum or count of nothing is what `else` says.
    let none = Possible::not(&Possible::some(&found));
    match (none.can_be_true(), none.can_be_false()) {
        (true, false) => otherwise.clone(),
        (true, true) => value.union(otherwise),
        (false, _) => value,
    }
}

fn cell_holds<'v>(
    graph: &Graph,
    cell: &GraphCell,
    input: &Possible,
    get: &impl Fn(NodeId) -> &'v Possible,
) -> Possible {
    let any: Vec<Possible> = cell
        .tests
        .iter()
        .map(|test| match test {
            GraphTest::Equal(value) => Possible::apply(Function::Equal, &[input, get(*value)], graph.calendar, None),
            GraphTest::Range { low, low_open, high, high_open } => {
                let mut ends = Vec::new();
                // None lies in no range.
                let number = Possible { none: false, ..input.clone() };
                if number.set == Set::Nothing && number.fault.is_none() {
                    return Possible::boolean(false);
                }
                if let Some(low) = low {
                    let function = if *low_open { Function::Less } else { Function::LessEqual };
                    ends.push(Possible::apply(function, &[get(*low), &number], graph.calendar, None));
                }
                if let Some(high) = high {
                    let function = if *high_open { Function::Less } else { Function::LessEqual };
                    ends.push(Possible::apply(function, &[&number, get(*high)], graph.calendar, None));
                }
                let inside = Possible::every(&ends);
                if input.none { inside.union(&Possible::boolean(false)) } else { inside }
            }
            GraphTest::Unknown => Possible::boolean(input.as_known().is_none()),
        })
        .collect();
    let any = Possible::some(&any);
    if cell.negated { Possible::not(&any) } else { any }
}

fn constant(graph: &Graph, node: NodeId) -> Option<&Value> {
    match &graph.nodes[node].op {
        Op::Constant(value) => Some(value),
        _ => None,
    }
}

/// Whether two rows can never match together: in some column no value satisfies both.
fn disjoint(graph: &Graph, table: &GraphTable, a: usize, b: usize) -> bool {
    let (Some(a), Some(b)) = (table.rows.get(a), table.rows.get(b)) else { return false };
    a.cells.iter().zip(&b.cells).any(|(a, b)| {
        !a.negated
            && !b.negated
            && !a.tests.is_empty()
            && !b.tests.is_empty()
            && a.tests.iter().all(|x| b.tests.iter().all(|y| tests_disjoint(graph, x, y)))
    })
}

fn tests_disjoint(graph: &Graph, a: &GraphTest, b: &GraphTest) -> bool {
    type End<'a> = Option<(&'a Value, bool)>;
    let interval = |test: &GraphTest| -> Option<(End<'_>, End<'_>)> {
        match test {
            GraphTest::Equal(value) => {
                let value = constant(graph, *value)?;
                Some((Some((value, false)), Some((value, false))))
            }
            GraphTest::Range { low, low_open, high, high_open } => {
                let low = match low {
                    Some(node) => Some((constant(graph, *node)?, *low_open)),
                    None => None,
                };
                let high = match high {
                    Some(node) => Some((constant(graph, *node)?, *high_open)),
                    None => None,
                };
                Some((low, high))
            }
            GraphTest::Unknown => None,
        }
    };
    let (Some((low_a, high_a)), Some((low_b, high_b))) = (interval(a), interval(b)) else { return false };
    let below = |high: End<'_>, low: End<'_>| match (high, low) {
        (Some((high, open)), Some((low, other_open))) => high < low || (high == low && (open || other_open)),
        _ => false,
    };
    below(high_a, low_b) || below(high_b, low_a)
}

/// Whether the open rows of a table of one column leave no value of its input unmatched: booleans and enums alone.
fn covers<'v>(
    graph: &Graph,
    table: &GraphTable,
    open: &[(usize, Possible)],
    get: &impl Fn(NodeId) -> &'v Possible,
) -> bool {
    let [input] = table.inputs.as_slice() else { return false };
    let input = get(*input);
    if input.none || input.fault.is_some() {
        return false;
    }
    let values: Vec<Value> = match &input.set {
        Set::Booleans => vec![Value::Boolean(false), Value::Boolean(true)],
        Set::Members(members) => members.iter().map(|m| Value::Enum(*m)).collect(),
        _ => return false,
    };
    values.iter().all(|value| {
        let value = Possible::known(value.clone());
        open.iter().any(|(row, _)| {
            table.rows.get(*row).and_then(|r| r.cells.first()).is_some_and(|cell| {
                cell.tests.is_empty() || {
                    let holds = cell_holds(graph, cell, &value, get);
                    holds.can_be_true() && !holds.can_be_false()
                }
            })
        })
    })
}
