//! Gaps, overlaps and rows out of reach of decision tables, over the declared domains of their columns.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::cover::{Bits, Boxes, Cover};
use super::days::{Laid, Steps};
use super::search::{Found, Goal, Search};
use super::{show, warning};
use crate::diagnostic::{Code, Finding, Phrase, Severity, phrase};
use crate::graph::{Graph, GraphTable, GraphTest, Lowered, NodeId, Op};
use crate::limits::Limits;
use crate::outcome::{Possible, Recording, Set};
use crate::program::*;
use crate::syntax::Collect;
use crate::value::{Date, Decimal, Function, Value};

/// How many words the searches of one table on a day write before it is told as not analysed, and those of all tables.
const WORDS: usize = 8_000_000;
const ALL_WORDS: usize = 80_000_000;

/// The most rows, and the most rows times pieces of columns, of a table that is analysed, and of all tables on all days.
const ROWS: usize = 10_000;
const CELLS: usize = 100_000_000;
const ALL_CELLS: usize = 400_000_000;

/// How many holes of one table may turn out to be none.
const HOLES: usize = 200;

/// Tables, each looked at on every day on which its cells or the domains of its columns differ.
pub(super) struct Tables<'p> {
    program: &'p Program,
    limits: &'p Limits,
    looks: BTreeMap<TableId, Vec<Look>>,
    words: usize,
    cells: Steps,
    /// Those that are the same on every day, and those that are given up.
    fixed: BTreeSet<TableId>,
}

/// A table on a day, with what was found.
struct Look {
    day: Date,
    samples: Vec<Vec<Value>>,
    rows: Vec<Vec<Bits>>,
    whole: bool,
    found: Vec<Finding>,
}

impl<'p> Tables<'p> {
    pub(super) fn new(program: &'p Program, limits: &'p Limits) -> Tables<'p> {
        Tables {
            program,
            limits,
            looks: BTreeMap::new(),
            words: ALL_WORDS,
            cells: Steps::new(ALL_CELLS),
            fixed: BTreeSet::new(),
        }
    }

    pub(super) fn look(&mut self, laid: &mut Laid, steps: &mut Steps) {
        let mut tables: BTreeMap<TableId, GraphTable> = BTreeMap::new();
        for table in &laid.graph.tables {
            // A table that is the same as on another day is not taken out again.
            tables.entry(table.id).or_insert_with(|| table.clone());
        }
        for (id, definition) in self.program.definitions.iter() {
            let Some(version) = version_on(&definition.versions, |v| &v.period, laid.day, Date::MAX) else { continue };
            let DefinitionValue::Table(number) = version.value else { continue };
            let table = &self.program.tables[number];
            if self.fixed.contains(&number) {
                continue;
            }
            let constants = table.body.len() + table.inputs.len() * 4;
            if table.rows.len() > ROWS || table.rows.len().saturating_mul(constants * 2) > CELLS {
                self.note(number, Look { found: vec![too_large(table)], whole: false, ..Look::new(laid.day) });
            } else if let Some(own) = tables.get(&number) {
                let Some(regions) = Regions::of(self.program, table, own, laid) else { continue };
                if regions.written && regions.free {
                    self.fixed.insert(number);
                }
                let pieces: usize = regions.columns.iter().map(|c| c.samples.len()).sum();
                if !self.cells.spend(table.rows.len() * (pieces + table.rows.len() / 16)) {
                    self.fixed.insert(number);
                    self.note(number, Look { found: vec![too_large(table)], whole: false, ..Look::new(laid.day) });
                    continue;
                }
                let looks = self.looks.entry(number).or_default();
                let samples: Vec<Vec<Value>> = regions.columns.iter().map(|c| c.samples.clone()).collect();
                if looks
                    .iter()
                    .any(|look| look.samples == samples && look.rows == regions.rows && look.whole == regions.whole)
                {
                    continue;
                }
                let mut found = Vec::new();
                let mut check = Check { program: self.program, limits: self.limits, laid, steps };
                regions.overlaps(&mut check, number, &mut found);
                if regions.whole {
                    regions.gaps(&mut check, number, &mut self.words, &mut found);
                }
                let whole = regions.whole;
                looks.push(Look { day: check.laid.day, samples, rows: regions.rows, whole, found });
            } else if table.policy == HitPolicy::Collect(Collect::List) && table.ranking.is_empty() {
                let presences: Vec<NodeId> = match laid.lowered(id) {
                    Some(Lowered::Records(rows)) => rows.iter().map(|(presence, _)| *presence).collect(),
                    Some(Lowered::Values(rows)) => rows.iter().map(|(presence, _)| *presence).collect(),
                    _ => continue,
                };
                let never = |node: NodeId| laid.possible(node).is_some_and(|p| !p.can_be_true() && p.fault.is_none());
                let rows = table.rows.iter().zip(presences).filter(|(_, presence)| never(*presence));
                let found = rows.map(|(row, _)| unreached(table, row, true)).collect();
                self.note(number, Look { found, ..Look::new(laid.day) });
            }
        }
    }

    fn note(&mut self, table: TableId, look: Look) {
        let looks = self.looks.entry(table).or_default();
        if looks.iter().all(|other| other.found != look.found) {
            looks.push(look);
        }
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        let mut out: Vec<Finding> = Vec::new();
        for looks in self.looks.into_values() {
            let dated = looks.len() > 1;
            // A row out of reach on some days is there for the others.
            let whole = looks.iter().filter(|look| look.whole).count();
            let mut idle: BTreeMap<_, usize> = BTreeMap::new();
            for finding in looks.iter().flat_map(|look| &look.found).filter(|f| f.code() == Code::TABLE_ROW_UNREACHED) {
                *idle.entry(finding.span()).or_default() += 1;
            }
            let mut told: BTreeSet<_> = BTreeSet::new();
            for look in looks {
                for finding in look.found {
                    let is_idle = finding.code() == Code::TABLE_ROW_UNREACHED;
                    if is_idle && idle.get(&finding.span()) != Some(&whole) {
                        continue;
                    }
                    // Of a row that is told on several days the first is enough.
                    if told.insert((finding.code(), finding.span())) {
                        let day = phrase!("on {0}", "pada {0}", look.day);
                        out.push(match finding.reason().cloned() {
                            _ if !dated || is_idle => finding,
                            None => finding.label(day),
                            Some(facts) => finding.label(Phrase {
                                en: format!("{}, {}", day.en, facts.en),
                                id: format!("{}, {}", day.id, facts.id),
                            }),
                        });
                    }
                }
            }
        }
        out
    }
}

impl Look {
    fn new(day: Date) -> Look {
        Look { day, samples: Vec::new(), rows: Vec::new(), whole: true, found: Vec::new() }
    }
}

/// Whether values of columns can come together at all, where the columns are made of facts that they share.
struct Check<'c, 'p> {
    program: &'p Program,
    limits: &'p Limits,
    laid: &'c mut Laid,
    steps: &'c mut Steps,
}

impl Check<'_, '_> {
    /// Whether no household has in every column one of the pieces.
    fn is_impossible(&mut self, regions: &Regions<'_>, pieces: &[Bits]) -> bool {
        if regions.free {
            return false;
        }
        let nodes: Vec<NodeId> = regions.columns.iter().map(|c| c.node).collect();
        let compared = regions.compared(&nodes);
        let goal = |graph: &Graph, recording: &Recording| {
            let out = regions.columns.iter().zip(pieces).any(|(column, pieces)| {
                let rows = u32::try_from(recording.frames.len(graph.nodes[column.node].frame)).unwrap_or(0);
                rows > 0 && (0..rows).all(|row| !column.can_be_in(recording.own(column.node, row), pieces))
            });
            if out { Goal::Dead } else { Goal::Open }
        };
        if goal(&self.laid.graph, &self.laid.recording) == Goal::Dead {
            return true;
        }
        if self.steps.is_spent() {
            return false;
        }
        let mut own = self.steps.share();
        let found =
            Search::proof(self.laid, self.program, &nodes, &compared, self.limits, &mut own).run(&mut own, &goal);
        self.steps.give_back(own);
        found == Found::Nothing
    }
}

impl Check<'_, '_> {
    /// The facts of a household that has these pieces, where the columns are not the facts themselves.
    fn household(&mut self, regions: &Regions<'_>, table: TableId, pieces: &[usize]) -> Option<String> {
        if regions.free || !self.steps.spend(self.laid.graph.nodes.len()) {
            return None;
        }
        let mut exact = Laid::exact(self.program, self.laid.day, self.limits);
        let nodes = exact.graph.tables.iter().find(|t| t.id == table)?.inputs.clone();
        let compared = regions.compared(&nodes);
        let goal = |graph: &Graph, recording: &Recording| {
            let mut goal = Goal::Reached;
            for ((column, node), piece) in regions.columns.iter().zip(&nodes).zip(pieces) {
                if recording.frames.len(graph.nodes[*node].frame) == 0 {
                    return Goal::Dead;
                }
                let value = recording.own(*node, 0);
                if value.certain_fault().is_some() || !column.can_be_in(value, &Bits::one(column.samples.len(), *piece))
                {
                    return Goal::Dead;
                }
                if value.as_known().is_none() {
                    goal = Goal::Open;
                }
            }
            goal
        };
        let mut own = self.steps.share();
        let found =
            Search::witness(&mut exact, self.program, &nodes, &compared, self.limits, &mut own).run(&mut own, &goal);
        self.steps.give_back(own);
        match found {
            Found::Household(facts) if !facts.is_empty() => Some(show::household(self.program, &facts)),
            _ => None,
        }
    }
}

/// A column with one value for each piece of its domain in which all cells answer alike.
struct Column {
    node: NodeId,
    name: String,
    samples: Vec<Value>,
    shown: Vec<String>,
    /// The values between which its pieces lie, where they have an order.
    cuts: Option<BTreeSet<Value>>,
}

impl Column {
    /// Whether a value can lie in one of some pieces.
    fn can_be_in(&self, possible: &Possible, pieces: &Bits) -> bool {
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

struct Regions<'a> {
    table: &'a Table,
    columns: Vec<Column>,
    /// For each row the pieces of each column that its cell accepts.
    rows: Vec<Vec<Bits>>,
    /// Whether every cell is constant.
    whole: bool,
    /// Whether every cell is written as a constant.
    written: bool,
    /// Whether values beside those of the pieces (none, unknown) can match.
    beyond: bool,
    /// Whether the columns are facts, each another.
    free: bool,
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
pub(super) fn pieces(mut cuts: BTreeSet<Value>, range: &Range, integers: bool) -> Vec<Value> {
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
    fn of(program: &Program, table: &'a Table, laid_table: &GraphTable, laid: &Laid) -> Option<Regions<'a>> {
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
        Some(Regions { table, columns, rows, whole, written, beyond, free })
    }

    /// What the cells compare the columns with, whichever nodes these are.
    fn compared(&self, nodes: &[NodeId]) -> Vec<(NodeId, Value)> {
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

    fn witness(&self, pieces: &[usize]) -> String {
        let values =
            self.columns.iter().zip(pieces).filter_map(|(c, p)| Some(format!("{} = {}", c.name, c.shown.get(*p)?)));
        values.collect::<Vec<_>>().join(", ")
    }

    /// Each row of a `unique` table with the first before it that can match beside it.
    fn overlaps(&self, check: &mut Check<'_, '_>, id: TableId, found: &mut Vec<Finding>) {
        if self.table.policy != HitPolicy::Unique {
            return;
        }
        for (at, (row, decl)) in self.rows.iter().zip(&self.table.rows).enumerate() {
            let meets = |other: &Vec<Bits>| -> Option<Vec<Bits>> {
                let meet = row.iter().zip(other).all(|(a, b)| a.meets(b));
                meet.then(|| row.iter().zip(other).map(|(a, b)| a.and(b)).collect())
            };
            let earlier = self.rows.iter().zip(&self.table.rows).take(at);
            let mut together = earlier.filter_map(|(r, d)| Some((meets(r)?, d)));
            let Some((pieces, other)) = together.find_map(|(both, d)| Some((self.point(check, both)?, d))) else {
                continue;
            };
            let mut finding = Finding::error(
                Code::TABLE_OVERLAP,
                decl.span,
                phrase!(
                    "two rows of `{0}` match together: {1}",
                    "dua baris `{0}` cocok bersamaan: {1}",
                    self.table.name,
                    self.witness(&pieces)
                ),
            )
            .also(other.span, phrase!("the other row", "baris yang lain"))
            .help(phrase!(
                "part the rows, or name a hit policy: `first`, `any`, `collect`",
                "pisahkan barisnya, atau sebut kebijakan: `first`, `any`, `collect`"
            ));
            if !self.free || !self.written {
                finding.severity = Severity::Warning;
            }
            let facts = check.household(self, id, &pieces);
            found.push(shown_by(finding, facts));
        }
    }

    /// One piece of each column that can come together; nothing where none can.
    fn point(&self, check: &mut Check<'_, '_>, mut region: Vec<Bits>) -> Option<Vec<usize>> {
        let mut out = Vec::with_capacity(region.len());
        if check.is_impossible(self, &region) {
            return None;
        }
        for at in 0..region.len() {
            let size = self.columns.get(at).map_or(0, |c| c.samples.len());
            let pieces: Vec<usize> = (0..size).filter(|p| region.get(at).is_some_and(|bits| bits.holds(*p))).collect();
            let mut chosen = *pieces.first()?;
            for piece in pieces.iter().filter(|_| !self.free && pieces.len() > 1) {
                let mut narrow = region.clone();
                narrow.get_mut(at).into_iter().for_each(|bits| *bits = Bits::one(size, *piece));
                if !check.is_impossible(self, &narrow) {
                    chosen = *piece;
                    break;
                }
            }
            region.get_mut(at).into_iter().for_each(|bits| *bits = Bits::one(size, chosen));
            out.push(chosen);
        }
        Some(out)
    }

    /// What no row takes, and some household can have. A hole that none can is taken for a row of its own.
    fn hole(&self, check: &mut Check<'_, '_>, sizes: &[usize], space: &[Bits], steps: &mut usize) -> Cover {
        let mut rows = self.rows.clone();
        loop {
            let found = Boxes::new(sizes, &rows).cover(space, rows.len(), steps);
            let Cover::Hole(pieces) = &found else { return found };
            let region: Vec<Bits> = sizes.iter().zip(pieces).map(|(size, piece)| Bits::one(*size, *piece)).collect();
            if rows.len() - self.rows.len() >= HOLES || !check.is_impossible(self, &region) {
                return found;
            }
            rows.push(region);
        }
    }

    /// Values that no row takes, and rows that nothing reaches.
    fn gaps(&self, check: &mut Check<'_, '_>, id: TableId, all: &mut usize, found: &mut Vec<Finding>) {
        let name = &self.table.name;
        let mut steps = WORDS.min(*all);
        let before = steps;
        let mut too_much = false;
        let sizes: Vec<usize> = self.columns.iter().map(|c| c.samples.len()).collect();
        let boxes = Boxes::new(&sizes, &self.rows);
        if self.table.otherwise.is_empty() && !matches!(self.table.policy, HitPolicy::Collect(_)) {
            let mut space: Vec<Bits> = Vec::new();
            for size in &sizes {
                let mut all = Bits::new(*size);
                (0..*size).for_each(|piece| all.insert(piece));
                space.push(all);
            }
            match self.hole(check, &sizes, &space, &mut steps) {
                Cover::Whole => {}
                Cover::TooMuch => too_much = true,
                Cover::Hole(pieces) => {
                    let finding = warning(
                        Code::TABLE_GAP,
                        self.table.span,
                        phrase!(
                            "no row of `{0}` matches: {1}",
                            "tidak ada baris `{0}` yang cocok: {1}",
                            name,
                            self.witness(&pieces)
                        ),
                        phrase!(
                            "add a row, or close the gap with `else`",
                            "tambah baris, atau tutup celah dengan `else` (`lainnya`)"
                        ),
                    );
                    let facts = check.household(self, id, &pieces);
                    found.push(shown_by(finding, facts));
                }
            }
        }
        for (at, (row, decl)) in self.rows.iter().zip(&self.table.rows).enumerate().filter(|_| !self.beyond) {
            let never = row.iter().any(Bits::is_empty);
            let masked = !never && self.table.policy == HitPolicy::First && !too_much;
            let covered = if masked { boxes.cover(row, at, &mut steps) } else { Cover::Hole(Vec::new()) };
            too_much |= covered == Cover::TooMuch;
            if never || covered == Cover::Whole {
                found.push(unreached(self.table, decl, never));
            }
        }
        *all -= before - steps;
        if too_much {
            found.push(too_large(self.table));
        }
    }
}

/// Adds the facts of a household that shows it.
fn shown_by(finding: Finding, facts: Option<String>) -> Finding {
    match facts {
        Some(facts) => finding.label(phrase!("where {0}", "bila {0}", facts)),
        None => finding,
    }
}

fn unreached(table: &Table, row: &Row, never: bool) -> Finding {
    let message = if never {
        phrase!("this row of `{0}` can never match", "baris `{0}` ini tidak akan pernah cocok", table.name)
    } else {
        phrase!(
            "the rows before it take all that this row of `{0}` matches",
            "baris-baris sebelumnya mengambil semua yang cocok dengan baris `{0}` ini",
            table.name
        )
    };
    let help = phrase!("remove the row, or correct its cells", "hapus barisnya, atau betulkan selnya");
    warning(Code::TABLE_ROW_UNREACHED, row.span, message, help)
}

fn too_large(table: &Table) -> Finding {
    warning(
        Code::TABLE_NOT_ANALYSED,
        table.span,
        phrase!("`{0}` is too large to analyse", "`{0}` terlalu besar untuk dianalisis", table.name),
        phrase!("split the table", "pecah tabelnya"),
    )
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
