//! Gaps, overlaps and rows out of reach of decision tables, over the declared domains of their columns.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::cover::{Bits, Boxes, Cover};
use super::warning;
use crate::diagnostic::{Code, Finding, Severity, phrase};
use crate::program::*;
use crate::value::{Decimal, Function, Value};

/// How many words the searches of one table write before it is told as not analysed.
const STEPS: usize = 8_000_000;

/// The most rows, and the most rows times pieces of columns, of a table that is analysed.
const ROWS: usize = 10_000;
const CELLS: usize = 100_000_000;

pub(super) fn analyse(program: &Program, found: &mut Vec<Finding>) {
    for table in program.tables.values() {
        let constants = table.body.len() + table.inputs.len() * 4;
        if table.rows.len() > ROWS || table.rows.len().saturating_mul(constants * 2) > CELLS {
            found.push(too_large(table));
        } else if let Some(regions) = Regions::of(program, table) {
            regions.overlaps(found);
            if regions.whole {
                regions.gaps(found);
            }
        }
    }
}

/// A column with one value for each piece of its domain in which all cells answer alike.
struct Column {
    name: String,
    samples: Vec<Value>,
    shown: Vec<String>,
}

struct Regions<'a> {
    table: &'a Table,
    columns: Vec<Column>,
    /// For each row the pieces of each column that its cell accepts.
    rows: Vec<Vec<Bits>>,
    /// Whether every cell is constant.
    whole: bool,
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

/// The field that a column reads, through definitions that only name another.
fn field(program: &Program, body: &ExprBody, at: ExprRef) -> Option<(EntityId, usize)> {
    let (mut body, mut at) = (body, at);
    for _ in 0..100 {
        match &body[at].kind {
            Kind::Field { entity, field, .. } => return Some((*entity, *field)),
            Kind::Definition { definition, arguments, .. } if arguments.is_empty() => {
                let [version] = program.definitions[*definition].versions.as_slice() else { return None };
                let DefinitionValue::Expr(next) = &version.value else { return None };
                (body, at) = (next, next.root()?);
            }
            _ => return None,
        }
    }
    None
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
fn pieces(mut cuts: BTreeSet<Value>, range: &Range, integers: bool) -> Vec<Value> {
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
    fn of(program: &Program, table: &'a Table) -> Option<Regions<'a>> {
        let body = &table.body;
        let (mut whole, mut beyond, mut free) = (true, false, true);
        let mut columns = Vec::new();
        let mut rows: Vec<Vec<Bits>> = vec![Vec::new(); table.rows.len()];
        let mut facts = BTreeSet::new();
        for (at, input) in table.inputs.iter().enumerate() {
            let cells: Vec<&CellTests> = table.rows.iter().filter_map(|row| row.cells.get(at)).collect();
            let mut cuts = BTreeSet::new();
            let mut ranges = false;
            for test in cells.iter().flat_map(|cell| &cell.tests) {
                let ends = match test {
                    CellTest::Equal(value) => [Some(*value), None],
                    CellTest::Range { low, high, .. } => {
                        ranges = true;
                        [*low, *high]
                    }
                    CellTest::Unknown => {
                        beyond = true;
                        continue;
                    }
                };
                for end in ends.into_iter().flatten() {
                    match constant(body, end) {
                        Some(value) => cuts.extend((value != Value::None).then_some(value)),
                        None => whole = false,
                    }
                }
            }
            let fact = field(program, body, *input);
            free &= fact.is_some_and(|fact| facts.insert(fact));
            let shape = fact.and_then(|(entity, field)| program.entities[entity].fields.get(field)).map(|f| &f.shape);
            let range = match shape {
                Some(FieldShape::Scalar { range, .. }) => range.clone(),
                _ => Range::default(),
            };
            let ty = &body[*input].ty;
            beyond |= ty.required() != ty;
            let mut names: Option<&EnumType> = None;
            let samples = match ty.required() {
                Type::Boolean => vec![Value::Boolean(false), Value::Boolean(true)],
                Type::Enum(id) => {
                    let members = &program.enums[*id];
                    names = Some(members);
                    (0..u32::try_from(members.members.len()).ok()?).map(Value::Enum).collect()
                }
                Type::Text if !ranges => {
                    let longest = cuts.iter().map(|v| if let Value::Text(t) = v { t.len() } else { 0 }).max();
                    let other = Value::Text(Arc::from("?".repeat(longest.unwrap_or(0) + 1)));
                    cuts.into_iter().chain([other]).collect()
                }
                Type::Number(_) if cuts.is_empty() && range == Range::default() => {
                    vec![Value::Number(Decimal::from(0_i64))]
                }
                Type::Number(q) => pieces(cuts, &range, q.whole),
                Type::Date if !cuts.is_empty() || range != Range::default() => pieces(cuts, &range, false),
                _ if cells.iter().all(|cell| cell.tests.is_empty()) => vec![Value::None],
                _ => return None,
            };
            for (cell, row) in table.rows.iter().filter_map(|row| row.cells.get(at)).zip(&mut rows) {
                let mut accepted = Bits::new(samples.len());
                let fixed: Option<Vec<Accepts>> = cell.tests.iter().map(|test| Accepts::of(body, test)).collect();
                for (piece, sample) in samples.iter().enumerate() {
                    let holds = |tests: &Vec<Accepts>| {
                        tests.is_empty() || tests.iter().any(|test| test.holds(sample)) != cell.negated
                    };
                    if fixed.as_ref().is_some_and(holds) {
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
            let shown = samples.iter().map(|sample| show(sample, names)).collect();
            columns.push(Column { name, samples, shown });
        }
        Some(Regions { table, columns, rows, whole, beyond, free })
    }

    fn witness(&self, pieces: &[usize]) -> String {
        let values =
            self.columns.iter().zip(pieces).filter_map(|(c, p)| Some(format!("{} = {}", c.name, c.shown.get(*p)?)));
        values.collect::<Vec<_>>().join(", ")
    }

    /// Each row of a `unique` table with the first before it that can match beside it.
    fn overlaps(&self, found: &mut Vec<Finding>) {
        if self.table.policy != HitPolicy::Unique {
            return;
        }
        for (at, (row, decl)) in self.rows.iter().zip(&self.table.rows).enumerate() {
            let meets =
                |other: &Vec<Bits>| -> Option<Vec<usize>> { row.iter().zip(other).map(|(a, b)| a.common(b)).collect() };
            let earlier = self.rows.iter().zip(&self.table.rows).take(at);
            let Some((pieces, other)) = earlier.filter_map(|(r, d)| Some((meets(r)?, d))).next() else { continue };
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
            if !self.free {
                finding.severity = Severity::Warning;
            }
            found.push(finding);
        }
    }

    /// Values that no row takes, and rows that nothing reaches.
    fn gaps(&self, found: &mut Vec<Finding>) {
        let name = &self.table.name;
        let mut steps = STEPS;
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
            match boxes.cover(&space, self.rows.len(), &mut steps) {
                Cover::Whole => {}
                Cover::TooMuch => too_much = true,
                Cover::Hole(pieces) => found.push(warning(
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
                )),
            }
        }
        for (at, (row, decl)) in self.rows.iter().zip(&self.table.rows).enumerate().filter(|_| !self.beyond) {
            let never = row.iter().any(Bits::is_empty);
            let masked = !never && self.table.policy == HitPolicy::First && !too_much;
            let covered = if masked { boxes.cover(row, at, &mut steps) } else { Cover::Hole(Vec::new()) };
            too_much |= covered == Cover::TooMuch;
            if never || covered == Cover::Whole {
                let message = if never {
                    phrase!("this row of `{0}` can never match", "baris `{0}` ini tidak akan pernah cocok", name)
                } else {
                    phrase!(
                        "the rows before it take all that this row of `{0}` matches",
                        "baris-baris sebelumnya mengambil semua yang cocok dengan baris `{0}` ini",
                        name
                    )
                };
                let help = phrase!("remove the row, or correct its cells", "hapus barisnya, atau betulkan selnya");
                found.push(warning(Code::TABLE_ROW_UNREACHED, decl.span, message, help));
            }
        }
        if too_much {
            found.push(too_large(self.table));
        }
    }
}

fn too_large(table: &Table) -> Finding {
    warning(
        Code::TABLE_NOT_ANALYSED,
        table.span,
        phrase!("`{0}` is too large to analyse", "`{0}` terlalu besar untuk dianalisis", table.name),
        phrase!("split the table", "pecah tabelnya"),
    )
}

/// A test of a cell with its constants.
enum Accepts {
    Equal(Value),
    Range(Option<(Value, bool)>, Option<(Value, bool)>),
    Nothing,
}

impl Accepts {
    fn of(body: &ExprBody, test: &CellTest) -> Option<Accepts> {
        let end = |end: &Option<ExprRef>, open: bool| match end {
            None => Some(None),
            Some(end) => constant(body, *end).map(|value| Some((value, open))),
        };
        Some(match test {
            CellTest::Equal(value) => Accepts::Equal(constant(body, *value)?),
            CellTest::Range { low, low_open, high, high_open } => {
                Accepts::Range(end(low, *low_open)?, end(high, *high_open)?)
            }
            CellTest::Unknown => Accepts::Nothing,
        })
    }

    fn holds(&self, sample: &Value) -> bool {
        match self {
            Accepts::Equal(value) => value == sample,
            Accepts::Range(low, high) => {
                low.as_ref().is_none_or(|(low, open)| low < sample || (!open && low == sample))
                    && high.as_ref().is_none_or(|(high, open)| sample < high || (!open && sample == high))
            }
            Accepts::Nothing => false,
        }
    }
}

fn show(value: &Value, names: Option<&EnumType>) -> String {
    match value {
        Value::Boolean(true) => "yes".to_owned(),
        Value::Boolean(false) => "no".to_owned(),
        Value::Number(n) => n.to_string(),
        Value::Date(day) => day.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::Enum(at) => {
            names.and_then(|e| e.members.get(*at as usize)).map_or_else(|| "?".to_owned(), |m| m.name.to_string())
        }
        _ => "-".to_owned(),
    }
}
