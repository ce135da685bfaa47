//! Tables and parameters: which rows match, and what they give.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::graph::{Graph, GraphCell, GraphRow, GraphTable, GraphTest, NodeId, TableIndex, rows_apart, text_of_keys};
use crate::outcome::aggregate::{self, Entry, certainly};
use crate::outcome::cover::covers;
use crate::outcome::{Possible, Set};
use crate::program::{Aggregate, HitPolicy, ParameterId};
use crate::source::Span;
use crate::syntax::Collect;
use crate::value::{Date, Fault, FaultKind, Function, Value};

/// Open rows up to which it is asked of every pair whether both can match.
const FEW: usize = 128;

/// The value of a parameter for keys of which some may not be known.
pub(crate) fn parameter(graph: &Graph, id: ParameterId, keys: &[&Possible], at: Option<Span>) -> Possible {
    let parameter = &graph.parameters[id];
    if let Some(fault) = keys.iter().filter_map(|k| k.fault.as_ref()).min()
        && keys.iter().any(|k| k.certain_fault().is_some())
    {
        return Possible::fault(fault.clone());
    }
    let missing = |keys: &[Value]| {
        let on = graph.day.map_or(Date::MIN, |d| d.as_of);
        let name = Arc::clone(&parameter.name);
        let kind = FaultKind::NoValue { name, keys: text_of_keys(&parameter.names, keys), on };
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
    let mut add = |more: &Possible| out = Some(out.take().map_or_else(|| more.clone(), |out| out.union(more)));
    for fault in keys.iter().filter_map(|k| k.fault.as_ref()) {
        add(&Possible::fault(fault.clone()));
    }
    let mut listed = 0usize;
    for (row_keys, value) in &parameter.values {
        if !keys.iter().zip(row_keys).all(|(k, v)| k.can_be(v)) {
            continue;
        }
        listed = listed.saturating_add(1);
        match value.as_ref().or(parameter.default.as_ref()) {
            Some(value) => add(&Possible::known(value.clone())),
            None => add(&missing(row_keys)),
        }
    }
    // Keys that the parameter does not list.
    let combinations = keys.iter().map(|k| match &k.set {
        Set::Members(m) => Some(m.len()),
        Set::Booleans => Some(2),
        Set::One(_) => Some(1),
        Set::Nothing | Set::Range { .. } | Set::Any => None,
    });
    let combinations: Option<usize> = combinations.into_iter().try_fold(1usize, |all, n| Some(all.saturating_mul(n?)));
    if combinations != Some(listed) || keys.iter().any(|k| k.none) {
        match &parameter.default {
            Some(value) => add(&Possible::known(value.clone())),
            None => add(&missing(&[])),
        }
    }
    out.unwrap_or_else(Possible::any)
}

/// A row that may match, and whether it does.
pub(crate) struct Match {
    pub row: usize,
    pub found: Possible,
}

impl Match {
    fn is_certain(&self) -> bool {
        certainly(&self.found)
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
    let otherwise = table.otherwise.get(output).map(|n| get(*n));
    let open = matches(graph, table, &get);
    if let HitPolicy::Collect(collect) = table.policy {
        return collected(table, output, collect, otherwise, at, graph, &open, &get);
    }
    let value = |row: usize| table.rows.get(row).and_then(|r| r.outputs.get(output)).map(|n| get(*n));
    let several = |a: usize, b: usize| {
        let kind = FaultKind::SeveralRows { table: Arc::clone(&table.name), rows: (a + 1, b + 1) };
        Fault { kind, at }
    };
    let ranked = |row: usize| table.policy != HitPolicy::Priority || rank(table, row, &get).is_some();
    let certain: Vec<usize> = open.iter().filter(|m| m.is_certain()).map(|m| m.row).collect();
    // Whether a row matches cannot be said: so it cannot be said what the table gives.
    let mut faults: Vec<Fault> = open
        .iter()
        .filter(|m| table.policy != HitPolicy::Priority || !is_outranked(table, m.row, &open, &get))
        .filter_map(|m| m.found.certain_fault())
        .cloned()
        .collect();
    match table.policy {
        HitPolicy::Unique => faults.extend(pair(&certain).map(|(a, b)| several(a, b))),
        // Of `priority` the rows left that certainly match are of one rank, or of ranks not known yet.
        HitPolicy::Any | HitPolicy::Priority => {
            // Nor can it be compared with the others where its value, or what it is ranked by, is a fault.
            let ranks = |row: usize| table.rows.get(row).and_then(|r| r.outputs.first()).map(|n| get(*n));
            // A row that may match and is of a better rank may set all that aside.
            let stands = |row: usize| table.policy == HitPolicy::Any || !is_outranked(table, row, &open, &get);
            for row in certain.iter().filter(|r| stands(**r)) {
                let by = ranks(*row).filter(|_| table.policy == HitPolicy::Priority);
                faults.extend(value(*row).into_iter().chain(by).filter_map(|v| v.certain_fault()).cloned());
            }
            let known: Vec<(usize, &Value)> = certain
                .iter()
                .filter_map(|r| Some((*r, value(*r)?.as_known()?)))
                .filter(|(r, _)| ranked(*r) && stands(*r))
                .collect();
            if let Some(((a, first), rest)) = known.split_first()
                && let Some((b, _)) = rest.iter().find(|(_, other)| other != first)
            {
                faults.push(several(*a, *b));
            }
        }
        // A row that matches for sure, or of which it can never be said, ends the search; `matches` has stopped there.
        HitPolicy::First => {
            if !certain.is_empty() || open.len() > 1 {
                faults.clear();
            }
        }
        HitPolicy::Collect(_) => {}
    }
    let known = |row: usize| value(row).and_then(Possible::as_known);
    let alike = |a: usize, b: usize| known(a).zip(known(b)).is_some_and(|(a, b)| a == b);
    let outranked = |a: usize, b: usize| rank(table, a, &get).zip(rank(table, b, &get)).is_some_and(|(a, b)| a != b);
    let both = match table.policy {
        _ if table.exclusive => None,
        HitPolicy::Unique => overlap(graph, table, &open, |_, _| false),
        HitPolicy::Any => overlap(graph, table, &open, alike),
        HitPolicy::Priority => overlap(graph, table, &open, |a, b| alike(a, b) || outranked(a, b)),
        HitPolicy::First | HitPolicy::Collect(_) => None,
    };
    let both = both.map(|(a, b)| several(a, b));
    if let Some(fault) = faults.into_iter().min() {
        // A fault for sure: of all that it may be the first is told, as everywhere.
        let compared = matches!(table.policy, HitPolicy::Any | HitPolicy::Priority);
        let values = open.iter().filter(|m| compared && m.found.can_be_true()).flat_map(|m| {
            let first = table.rows.get(m.row).and_then(|r| r.outputs.first()).map(|n| get(*n));
            value(m.row).into_iter().chain(first).filter_map(|v| v.fault.clone()).collect::<Vec<_>>()
        });
        let others = open.iter().filter_map(|m| m.found.fault.clone()).chain(values).chain(both);
        return Possible::fault(others.fold(fault, std::cmp::Ord::min));
    }
    let mut out: Option<Possible> = None;
    let mut add = |more: &Possible| out = Some(out.take().map_or_else(|| more.clone(), |out| out.union(more)));
    if let Some(fault) = both {
        add(&Possible::fault(fault));
    }
    for one in &open {
        if let Some(fault) = &one.found.fault {
            add(&Possible::fault(fault.clone()));
        }
        if one.found.can_be_true()
            && let Some(value) = value(one.row)
        {
            add(value);
        }
    }
    let ends = |m: &Match| m.is_certain() || m.found.certain_fault().is_some();
    if !open.iter().any(ends) && !covers(graph, table, &open, &get) {
        match otherwise {
            Some(value) => add(value),
            None => {
                let kind = FaultKind::NoRow { table: Arc::clone(&table.name) };
                add(&Possible::fault(Fault { kind, at }));
            }
        }
    }
    out.unwrap_or_else(Possible::any)
}

/// Visits what one output of a table still hangs on: of the rows that may match, the cells that are open and the values.
pub(crate) fn needed<'v>(
    graph: &Graph,
    number: usize,
    output: usize,
    get: impl Fn(NodeId) -> &'v Possible,
    visit: &mut impl FnMut(NodeId),
) {
    let Some(table) = graph.tables.get(number) else { return };
    let open = matches(graph, table, &get);
    for one in &open {
        let Some(row) = table.rows.get(one.row) else { continue };
        for (cell, input) in row.cells.iter().zip(&table.inputs) {
            if cell.tests.is_empty() || certainly(&cell_holds(graph, cell, get(*input), &get)) {
                continue;
            }
            visit(*input);
            for test in &cell.tests {
                match test {
                    GraphTest::Equal(node) => visit(*node),
                    GraphTest::Range { low, high, .. } => low.iter().chain(high).for_each(|n| visit(*n)),
                    GraphTest::Unknown => {}
                }
            }
        }
        if one.found.can_be_true() {
            row.outputs.get(output).into_iter().for_each(|n| visit(*n));
            if table.policy == HitPolicy::Priority {
                row.outputs.first().into_iter().for_each(|n| visit(*n));
            }
        }
    }
    if !open.iter().any(Match::is_certain) {
        table.otherwise.get(output).into_iter().for_each(|n| visit(*n));
    }
}

fn pair(rows: &[usize]) -> Option<(usize, usize)> {
    match rows {
        [a, b, ..] => Some((*a, *b)),
        _ => None,
    }
}

/// The rows that may match, as far as the policy asks for them: of `first` none after one that certainly matches, or of
/// which it can never be said; of `priority` none of a lower rank than one that does.
pub(crate) fn matches<'v>(graph: &Graph, table: &GraphTable, get: &impl Fn(NodeId) -> &'v Possible) -> Vec<Match> {
    let mut open: Vec<Match> = Vec::new();
    let mut try_row = |row: usize| {
        let Some(found) = table.rows.get(row).map(|r| row_matches(graph, table, r, get)) else { return true };
        if !found.can_be_true() && found.fault.is_none() {
            return true;
        }
        let one = Match { row, found };
        let ends = one.is_certain() || one.found.certain_fault().is_some();
        open.push(one);
        !(ends && table.policy == HitPolicy::First)
    };
    match candidates(table, get) {
        Some(rows) => {
            rows.into_iter().all(|row| try_row(row as usize));
        }
        None => {
            (0..table.rows.len()).all(&mut try_row);
        }
    }
    if table.policy == HitPolicy::Priority {
        // A row whose rank is open may be the best, and bars no other.
        let best = open.iter().filter(|m| m.is_certain()).filter_map(|m| rank(table, m.row, get)).min();
        if let Some(best) = best {
            open.retain(|m| rank(table, m.row, get).is_none_or(|r| r <= best));
        }
    }
    open
}

/// The rows that certainly match, as far as the policy asks for them, and whether none can: then it is for `else`.
pub(crate) fn rows_of<'v>(
    graph: &Graph,
    table: &GraphTable,
    get: &impl Fn(NodeId) -> &'v Possible,
) -> (Vec<usize>, bool) {
    let open = matches(graph, table, get);
    (open.iter().filter(|m| m.is_certain()).map(|m| m.row).collect(), open.is_empty())
}

/// Whether each cell of a row holds, where that is known.
pub(crate) fn cells_of<'v>(
    graph: &Graph,
    table: &GraphTable,
    row: &GraphRow,
    get: &impl Fn(NodeId) -> &'v Possible,
) -> Vec<Option<bool>> {
    let holds = |cell: &GraphCell, input: NodeId| match cell.tests.is_empty() {
        true => Some(true),
        false => cell_holds(graph, cell, get(input), get).truth(),
    };
    row.cells.iter().zip(&table.inputs).map(|(cell, input)| holds(cell, *input)).collect()
}

/// The place of a row's first output in the ranking, after all of them for a value that is not in it; None while it is open.
fn rank<'v>(table: &GraphTable, row: usize, get: &impl Fn(NodeId) -> &'v Possible) -> Option<usize> {
    let first = table.rows.get(row)?.outputs.first().and_then(|n| get(*n).as_known())?;
    Some(table.ranking.iter().position(|r| r == first).unwrap_or(usize::MAX))
}

/// Whether some row that may match may be of a better rank. One whose rank is a fault makes a fault of the whole.
fn is_outranked<'v>(table: &GraphTable, row: usize, open: &[Match], get: &impl Fn(NodeId) -> &'v Possible) -> bool {
    let rank_of = |row: usize, of_open: usize, of_fault: usize| {
        let first = table.rows.get(row).and_then(|r| r.outputs.first()).map(|n| get(*n));
        match first {
            Some(first) if first.certain_fault().is_some() => of_fault,
            _ => rank(table, row, get).unwrap_or(of_open),
        }
    };
    let own = rank_of(row, usize::MAX, 0);
    open.iter().any(|m| m.row != row && m.found.can_be_true() && rank_of(m.row, 0, usize::MAX) < own)
}

/// The rows that the index leaves, in their order; all where it cannot tell.
fn candidates<'v>(table: &GraphTable, get: &impl Fn(NodeId) -> &'v Possible) -> Option<BTreeSet<u32>> {
    match table.index.as_ref()? {
        TableIndex::Keys { columns, rows, rest } => {
            let inputs = columns.iter().map(|c| table.inputs.get(*c).and_then(|n| get(*n).as_known()).cloned());
            let key: Vec<Value> = inputs.collect::<Option<_>>()?;
            Some(rows.get(&key).into_iter().flatten().chain(rest).copied().collect())
        }
        TableIndex::Intervals { column, lows } => {
            let input = get(*table.inputs.get(*column)?);
            if input.fault.is_some() || !matches!(input.set, Set::One(_) | Set::Range { .. } | Set::Nothing) {
                return None;
            }
            let not_above = |end: &Value| lows.partition_point(|(low, _)| low.as_ref().is_none_or(|low| low <= end));
            // The last interval that begins before the lowest value, and, where that leaves its end out, the one before.
            let from = input.low().map_or(0, |low| not_above(low).saturating_sub(2));
            let to = input.high().map_or(lows.len(), not_above);
            Some(lows.get(from..to.max(from)).unwrap_or(lows).iter().map(|(_, row)| *row).collect())
        }
    }
}

fn row_matches<'v>(
    graph: &Graph,
    table: &GraphTable,
    row: &GraphRow,
    get: &impl Fn(NodeId) -> &'v Possible,
) -> Possible {
    let mut all: Vec<Possible> = Vec::with_capacity(row.cells.len());
    for (cell, input) in row.cells.iter().zip(&table.inputs) {
        if cell.tests.is_empty() {
            continue;
        }
        let one = cell_holds(graph, cell, get(*input), get);
        if !one.can_be_true() && one.fault.is_none() {
            return one;
        }
        if !certainly(&one) {
            all.push(one);
        }
    }
    Possible::every(&all)
}

/// The first two open rows that can match together and give unlike values. Of many open rows it is not asked: they may.
fn overlap(
    graph: &Graph,
    table: &GraphTable,
    open: &[Match],
    same: impl Fn(usize, usize) -> bool,
) -> Option<(usize, usize)> {
    let rows: Vec<usize> = open.iter().filter(|m| m.found.can_be_true()).map(|m| m.row).collect();
    if rows.len() > FEW {
        return pair(&rows);
    }
    let pairs = rows.iter().enumerate().flat_map(|(i, a)| rows.iter().skip(i + 1).map(move |b| (*a, *b)));
    pairs.into_iter().find(|(a, b)| !same(*a, *b) && !rows_apart(table, *a, *b, &|node| graph.constant(node)))
}

#[expect(clippy::too_many_arguments, reason = "one call, from above")]
fn collected<'v>(
    table: &GraphTable,
    output: usize,
    collect: Collect,
    otherwise: Option<&Possible>,
    at: Option<Span>,
    graph: &Graph,
    open: &[Match],
    get: &impl Fn(NodeId) -> &'v Possible,
) -> Possible {
    static ANY: Possible = Possible { set: Set::Any, none: false, fault: None };
    let entries: Vec<Entry<'_>> = open
        .iter()
        .map(|one| Entry {
            least: 1,
            most: Some(1),
            presence: &one.found,
            value: table.rows.get(one.row).and_then(|r| r.outputs.get(output)).map_or(&ANY, |n| get(*n)),
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
    let some = Possible::some(open.iter().map(|m| &m.found));
    match (some.can_be_false() && !covers(graph, table, open, get), some.can_be_true()) {
        (true, false) if some.fault.is_none() => otherwise.clone(),
        (true, _) => value.union(otherwise),
        (false, _) => value,
    }
}

fn cell_holds<'v>(
    graph: &Graph,
    cell: &GraphCell,
    input: &Possible,
    get: &impl Fn(NodeId) -> &'v Possible,
) -> Possible {
    let holds = match cell.tests.as_slice() {
        [test] => test_holds(graph, test, input, get),
        tests => {
            let each: Vec<Possible> = tests.iter().map(|test| test_holds(graph, test, input, get)).collect();
            Possible::some(&each)
        }
    };
    if cell.negated { Possible::not(&holds) } else { holds }
}

fn test_holds<'v>(
    graph: &Graph,
    test: &GraphTest,
    input: &Possible,
    get: &impl Fn(NodeId) -> &'v Possible,
) -> Possible {
    let compare = |open: bool, a: &Possible, b: &Possible| {
        Possible::apply(if open { Function::Less } else { Function::LessEqual }, &[a, b], graph.calendar, None)
    };
    match test {
        GraphTest::Equal(value) => Possible::apply(Function::Equal, &[input, get(*value)], graph.calendar, None),
        GraphTest::Range { low, low_open, high, high_open } => {
            // None lies in no range.
            let kept;
            let number = if input.none {
                if input.set == Set::Nothing && input.fault.is_none() {
                    return Possible::boolean(false);
                }
                kept = Possible { none: false, ..input.clone() };
                &kept
            } else {
                input
            };
            let low = low.map(|low| compare(*low_open, get(low), number));
            let high = high.map(|high| compare(*high_open, number, get(high)));
            let inside = Possible::every(low.iter().chain(&high));
            if input.none { inside.union(&Possible::boolean(false)) } else { inside }
        }
        GraphTest::Unknown => match input.certain_fault() {
            Some(fault) => Possible::fault(fault.clone()),
            None => Possible::boolean(input.as_known().is_none()),
        },
    }
}
