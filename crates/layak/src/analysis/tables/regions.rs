//! A table as boxes: each column cut into pieces in which all cells answer alike, each row the pieces that it takes, and what it
//! gives.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::cover::Bits;
use super::super::days::Laid;
use super::super::show;
use crate::graph::{Graph, GraphRow, GraphTable, GraphTest, NodeId, Op};
use crate::outcome::{Possible, Set};
use crate::program::*;
use crate::value::{Decimal, Function, Value};

/// A column with one value for each piece of its domain in which all cells answer alike.
pub(super) struct Column {
    pub(super) node: NodeId,
    pub(super) name: String,
    pub(super) samples: Vec<Value>,
    pub(super) shown: Vec<String>,
    /// The values between which its pieces lie, where they have an order.
    pub(super) cuts: Option<BTreeSet<Value>>,
}

impl Column {
    /// Whether a value can lie in one of some pieces.
    pub(super) fn can_be_in(&self, possible: &Possible, pieces: &Bits) -> bool {
        if possible.none || possible.fault.is_some() {
            return true;
        }
        let is_range = matches!(possible.set, Set::Range { .. } | Set::One(_));
        self.samples.iter().enumerate().filter(|(piece, _)| pieces.holds(*piece)).any(|(_, sample)| match &self.cuts {
            // Between two cuts, which are pieces of their own.
            Some(cuts) if is_range && !cuts.contains(sample) => {
                possible.high().is_none_or(|high| cuts.range(..sample).next_back().is_none_or(|cut| cut < high))
                    && possible.low().is_none_or(|low| cuts.range(sample..).next().is_none_or(|cut| low < cut))
            }
            _ => possible.can_be(sample),
        })
    }
}

pub(super) struct Regions<'a> {
    pub(super) table: &'a Table,
    pub(super) columns: Vec<Column>,
    /// For each row the pieces of each column that its cell accepts.
    pub(super) rows: Vec<Vec<Bits>>,
    /// For each row its outputs, where they are constant on the day and the policy asks for them.
    pub(super) results: Vec<Vec<Option<Value>>>,
    /// For each row its place in the ranking of a `priority` table, where it is known.
    pub(super) ranks: Vec<Option<usize>>,
    /// Whether every cell is constant.
    pub(super) whole: bool,
    /// Whether every cell, and every result that the policy asks for, is written as a constant.
    pub(super) written: bool,
    /// Whether values beside those of the pieces (none, unknown) can match.
    pub(super) beyond: bool,
    /// Whether the columns are facts, each another.
    pub(super) free: bool,
}

fn constant(body: &ExprBody, at: ExprRef) -> Option<Value> {
    match &body[at].kind {
        Kind::Constant(value) => Some(value.clone()),
        Kind::Apply(Function::Negate, of) => match &body[*of.first()?].kind {
            Kind::Constant(Value::Number(n)) => Some(Value::Number(n.negated())),
            _ => None,
        },
        _ => None,
    }
}

/// The texts that a value can be, where these are all written out.
fn texts(graph: &Graph, node: NodeId) -> Option<BTreeSet<Value>> {
    let mut out = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        if !seen.insert(node) {
            continue;
        }
        match &graph.nodes[node].op {
            Op::Constant(value @ Value::Text(_)) => {
                out.insert(value.clone());
            }
            Op::If { arms, otherwise } => open.extend(arms.iter().map(|(_, value)| *value).chain([*otherwise])),
            Op::Exceptions { exceptions, otherwise } => {
                open.extend(exceptions.iter().map(|e| e.value).chain([*otherwise]));
            }
            Op::Choose(list) => open.extend(list),
            Op::OrElse(a, b) | Op::Assume(a, b) => open.extend([*a, *b]),
            Op::At { node, .. } | Op::Rebase(node) => open.push(*node),
            Op::Table { table, output } => {
                let table = graph.tables.get(*table)?;
                open.extend(table.rows.iter().filter_map(|r| r.outputs.get(*output)));
                open.extend(table.otherwise.get(*output));
            }
            Op::Parameter { parameter, .. } => {
                let declared = &graph.parameters[*parameter];
                out.extend(
                    declared.values.iter().filter_map(|(_, value)| value.clone()).chain(declared.default.clone()),
                );
            }
            Op::Fault(_) => {}
            _ => return None,
        }
    }
    Some(out)
}

/// A value strictly between two, where there is one; either end may be missing.
fn between(low: Option<&Value>, high: Option<&Value>, integers: bool) -> Option<Value> {
    let one = Decimal::from(1_i64);
    let value = match (low, high) {
        (Some(Value::Number(low)), None) => Value::Number(low.floor()?.checked_add(&one)?),
        (None, Some(Value::Number(high))) => Value::Number(high.ceil()?.checked_sub(&one)?),
        (Some(Value::Number(low)), Some(Value::Number(high))) => {
            let next = low.floor()?.checked_add(&one)?;
            if integers || next < *high {
                Value::Number(next)
            } else {
                Value::Number(low.checked_add(high)?.checked_mul(&Decimal::new(5, 1)?)?)
            }
        }
        (Some(Value::Date(low)), _) => Value::Date(low.add_days(1)?),
        (None, Some(Value::Date(high))) => Value::Date(high.add_days(-1)?),
        _ => return None,
    };
    (low.is_none_or(|low| *low < value) && high.is_none_or(|high| value < *high)).then_some(value)
}

/// One value for each piece of an ordered domain.
pub(in super::super) fn pieces(mut cuts: BTreeSet<Value>, range: &Range, integers: bool) -> Vec<Value> {
    cuts.extend(range.low.clone());
    cuts.extend(range.high.clone());
    let mut samples = Vec::new();
    let mut last = None;
    for cut in &cuts {
        samples.extend(between(last, Some(cut), integers));
        let whole = !matches!(cut, Value::Number(n) if integers && !n.is_integer());
        samples.extend(whole.then(|| cut.clone()));
        last = Some(cut);
    }
    samples.extend(last.and_then(|last| between(Some(last), None, integers)));
    samples.retain(|sample| range.holds(sample));
    samples
}

impl<'a> Regions<'a> {
    /// Nothing where a column has values that cannot be cut into pieces.
    pub(super) fn of(program: &Program, table: &'a Table, laid_table: &GraphTable, laid: &Laid) -> Option<Regions<'a>> {
        let (body, graph) = (&table.body, &laid.graph);
        let (mut whole, mut written, mut beyond, mut free) = (true, true, false, true);
        let mut columns = Vec::new();
        let mut rows: Vec<Vec<Bits>> = vec![Vec::new(); table.rows.len()];
        let mut facts = BTreeSet::new();
        for (at, (input, node)) in table.inputs.iter().zip(&laid_table.inputs).enumerate() {
            // Each cell's tests as they are written, and as they are on the day.
            let cells: Vec<Vec<Accepts>> = table
                .rows
                .iter()
                .zip(&laid_table.rows)
                .filter_map(|(row, laid)| Some((row.cells.get(at)?, laid.cells.get(at)?)))
                .map(|(cell, laid)| {
                    cell.tests.iter().zip(&laid.tests).map(|(t, laid)| Accepts::of(graph, t, laid)).collect()
                })
                .collect();
            let mut cuts = BTreeSet::new();
            let mut ranges = false;
            for test in cells.iter().flatten() {
                let ends: [Option<&Value>; 2] = match test {
                    Accepts::Equal(value) => [Some(value), None],
                    Accepts::Range(low, high) => {
                        ranges = true;
                        [low.as_ref().map(|(v, _)| v), high.as_ref().map(|(v, _)| v)]
                    }
                    Accepts::Unknown => {
                        beyond = true;
                        [None, None]
                    }
                    Accepts::Open => {
                        whole = false;
                        [None, None]
                    }
                };
                cuts.extend(ends.into_iter().flatten().filter(|value| **value != Value::None).cloned());
            }
            let tests = table.rows.iter().filter_map(|r| r.cells.get(at)).flat_map(|c| &c.tests);
            written &= tests.flat_map(ends_of).all(|end| constant(body, end).is_some());
            let fact = match &graph.nodes[*node].op {
                Op::Fact { entity, field } => Some((*entity, *field)),
                _ => None,
            };
            free &= fact.is_some_and(|fact| facts.insert(fact));
            let possible = laid.possible(*node)?;
            let shape = fact.and_then(|(entity, field)| program.entities[entity].fields.get(field)).map(|f| &f.shape);
            let (range, whole_numbers) = match (shape, &possible.set) {
                (Some(FieldShape::Scalar { range, .. }), _) => (range.clone(), false),
                (_, Set::Range { low, high, whole }) => {
                    (Range { low: low.clone(), high: high.clone(), open: false }, *whole)
                }
                (_, Set::One(value @ (Value::Number(_) | Value::Date(_)))) => {
                    (Range { low: Some(value.clone()), high: Some(value.clone()), open: false }, false)
                }
                _ => (Range::default(), false),
            };
            let ty = &body[*input].ty;
            beyond |= ty.required() != ty;
            let mut names: Option<&EnumType> = None;
            let mut ends = cuts.clone();
            ends.extend(range.low.iter().chain(&range.high).cloned());
            let ordered = !cuts.is_empty() && matches!(ty.required(), Type::Number(_) | Type::Date);
            let samples = match ty.required() {
                Type::Boolean => vec![Value::Boolean(false), Value::Boolean(true)],
                Type::Enum(id) => {
                    let members = &program.enums[*id];
                    names = Some(members);
                    (0..u32::try_from(members.members.len()).ok()?).map(Value::Enum).collect()
                }
                Type::Text if !ranges => match texts(graph, *node) {
                    Some(texts) => texts.into_iter().collect(),
                    None => {
                        let longest = cuts.iter().map(|v| if let Value::Text(t) = v { t.len() } else { 0 }).max();
                        let other = Value::Text(Arc::from("?".repeat(longest.unwrap_or(0) + 1)));
                        cuts.into_iter().chain([other]).collect()
                    }
                },
                Type::Number(_) if cuts.is_empty() && range == Range::default() => {
                    vec![Value::Number(Decimal::from(0_i64))]
                }
                Type::Number(q) => pieces(cuts, &range, q.whole || whole_numbers),
                Type::Date if !cuts.is_empty() || range != Range::default() => pieces(cuts, &range, false),
                _ if cells.iter().all(Vec::is_empty) => vec![Value::None],
                _ => return None,
            };
            // Of yes and no, and of an enum, those that can come about.
            let discrete = matches!(ty.required(), Type::Boolean | Type::Enum(_));
            let samples: Vec<Value> =
                samples.into_iter().filter(|s| !discrete || fact.is_some() || possible.can_be(s)).collect();
            let negated = table.rows.iter().filter_map(|row| row.cells.get(at)).map(|cell| cell.negated);
            for ((tests, negated), row) in cells.iter().zip(negated).zip(&mut rows) {
                let mut accepted = Bits::new(samples.len());
                let is_fixed = !tests.iter().any(|t| matches!(t, Accepts::Open));
                for (piece, sample) in samples.iter().enumerate() {
                    if is_fixed && (tests.is_empty() || tests.iter().any(|test| test.holds(sample)) != negated) {
                        accepted.insert(piece);
                    }
                }
                row.push(accepted);
            }
            let name = match &body[*input].kind {
                Kind::Definition { definition, .. } => program.definitions[*definition].declared.name.to_string(),
                _ => fact
                    .and_then(|(entity, field)| program.entities[entity].fields.get(field))
                    .map_or_else(|| format!("#{}", at + 1), |f| f.name.to_string()),
            };
            let shown = samples.iter().map(|sample| show::value(sample, names)).collect();
            columns.push(Column { node: *node, name, samples, shown, cuts: ordered.then_some(ends) });
        }
        let compares = matches!(table.policy, HitPolicy::Any | HitPolicy::Priority);
        let result = |row: &GraphRow| row.outputs.iter().map(|node| graph.constant(*node).cloned()).collect();
        let results: Vec<Vec<Option<Value>>> = laid_table.rows.iter().filter(|_| compares).map(result).collect();
        let rank = |of: &Vec<Option<Value>>| {
            let first = of.first()?.as_ref()?;
            Some(table.ranking.iter().position(|ranked| ranked == first).unwrap_or(usize::MAX))
        };
        let ranks = results.iter().filter(|_| table.policy == HitPolicy::Priority).map(rank).collect();
        let outputs = table.rows.iter().flat_map(|row| &row.outputs);
        written &= !compares || outputs.clone().all(|output| constant(body, *output).is_some());
        Some(Regions { table, columns, rows, results, ranks, whole, written, beyond, free })
    }

    pub(super) fn rank(&self, row: usize) -> Option<usize> {
        self.ranks.get(row).copied().flatten()
    }

    /// Whether two rows certainly give the same, or with `false` certainly not.
    pub(super) fn agree(&self, a: usize, b: usize, wanted: bool) -> bool {
        let of = |row: usize| self.results.get(row).map_or(&[][..], Vec::as_slice);
        let mut pairs = of(a).iter().zip(of(b));
        match wanted {
            true => !of(a).is_empty() && pairs.all(|(a, b)| a.is_some() && a == b),
            false => pairs.any(|(a, b)| a.is_some() && b.is_some() && a != b),
        }
    }

    /// Whether two rows that match together make a fault, whatever a row of a better rank does.
    pub(super) fn clash(&self, a: usize, b: usize) -> bool {
        match self.table.policy {
            HitPolicy::Unique => true,
            HitPolicy::Any => self.agree(a, b, false),
            HitPolicy::Priority => self.rank(a).is_some() && self.rank(a) == self.rank(b) && self.agree(a, b, false),
            HitPolicy::First | HitPolicy::Collect(_) => false,
        }
    }

    /// Whether a row leaves nothing to another wherever both match.
    pub(super) fn takes(&self, row: usize, from: usize) -> bool {
        match self.table.policy {
            HitPolicy::First => row < from,
            HitPolicy::Any => row < from && self.agree(row, from, true),
            HitPolicy::Priority => {
                self.rank(from).is_some_and(|own| self.rank(row).is_some_and(|rank| rank < own))
                    || row < from && self.agree(row, from, true)
            }
            HitPolicy::Unique | HitPolicy::Collect(_) => false,
        }
    }

    /// What the cells compare the columns with, whichever nodes these are.
    pub(super) fn compared(&self, nodes: &[NodeId]) -> Vec<(NodeId, Value)> {
        const MOST: usize = 200;
        let mut out = Vec::new();
        for (column, node) in self.columns.iter().zip(nodes) {
            let values: Vec<&Value> = match &column.cuts {
                Some(cuts) => cuts.iter().collect(),
                None => column.samples.iter().filter(|value| matches!(value, Value::Text(_))).collect(),
            };
            out.extend(values.into_iter().take(MOST).map(|value| (*node, value.clone())));
        }
        out
    }

    pub(super) fn witness(&self, pieces: &[usize]) -> String {
        let values =
            self.columns.iter().zip(pieces).filter_map(|(c, p)| Some(format!("{} = {}", c.name, c.shown.get(*p)?)));
        values.collect::<Vec<_>>().join(", ")
    }
}

/// A test of a cell as it is on a day.
enum Accepts {
    Equal(Value),
    Range(Option<(Value, bool)>, Option<(Value, bool)>),
    Unknown,
    /// Facts decide what it accepts.
    Open,
}

impl Accepts {
    fn of(graph: &Graph, test: &CellTest, laid: &GraphTest) -> Accepts {
        let end = |end: &Option<NodeId>, open: bool| match end {
            None => Some(None),
            Some(end) => graph.constant(*end).map(|value| Some((value.clone(), open))),
        };
        let accepts = match (test, laid) {
            (CellTest::Unknown, _) | (_, GraphTest::Unknown) => Some(Accepts::Unknown),
            (_, GraphTest::Equal(value)) => graph.constant(*value).cloned().map(Accepts::Equal),
            (_, GraphTest::Range { low, low_open, high, high_open }) => {
                let ends = end(low, *low_open).zip(end(high, *high_open));
                ends.map(|(low, high)| Accepts::Range(low, high))
            }
        };
        accepts.unwrap_or(Accepts::Open)
    }

    fn holds(&self, sample: &Value) -> bool {
        match self {
            Accepts::Equal(value) => value == sample,
            Accepts::Range(low, high) => {
                low.as_ref().is_none_or(|(low, open)| low < sample || (!open && low == sample))
                    && high.as_ref().is_none_or(|(high, open)| sample < high || (!open && sample == high))
            }
            Accepts::Unknown | Accepts::Open => false,
        }
    }
}

fn ends_of(test: &CellTest) -> impl Iterator<Item = ExprRef> + use<> {
    let ends = match test {
        CellTest::Equal(value) => [Some(*value), None],
        CellTest::Range { low, high, .. } => [*low, *high],
        CellTest::Unknown => [None, None],
    };
    ends.into_iter().flatten()
}
