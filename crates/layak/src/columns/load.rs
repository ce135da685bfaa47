//! Columns to a chunk: every value as the machine reads it, every household held to what the entities ask. A household whose
//! facts are not as asked, or of which a value does not fit, goes the exact way, which tells what is the matter.

use std::cmp::Ordering;
use std::ops::Range;

use crate::arena::Id;
use crate::facts::composed;
use crate::outcome::{Bits, Chunk, Elements, Frames, Mask, Numbers, WordKind};
use crate::program::{EntityId, FieldShape, FormatId, Type};
use crate::value::Value;

use super::Households;
use super::form::Obstacle;
use super::reading::{Absent, Reading, reading};
use super::values::{Column, Values};

/// How the columns of some households are loaded.
#[derive(Debug)]
pub(super) struct Loader {
    /// By frame: its table, and how many elements a household may have.
    frames: Vec<FrameOf>,
    numbers: Vec<NumberFact>,
    bits: Vec<BitFact>,
    checks: Vec<Check>,
    /// The most elements that a household may hold.
    most_elements: usize,
    room: Room,
}

/// Room for a fact that is only checked.
#[derive(Debug, Default)]
struct Room {
    numbers: Numbers,
    bad: Mask,
    sorted: Vec<usize>,
}

#[derive(Debug)]
struct FrameOf {
    table: Option<usize>,
    least: usize,
    most: usize,
}

/// A fact of a number slot.
#[derive(Debug)]
struct NumberFact {
    frame: usize,
    nth: usize,
    /// Its place among the columns of the frame's table.
    column: Option<usize>,
    read: Reading,
    /// The word of a value that is not given; open where there is none.
    absent: Absent,
    /// Whether something is assumed where it is open.
    assumed: bool,
}

#[derive(Debug)]
struct BitFact {
    frame: usize,
    nth: usize,
    column: Option<usize>,
    absent: Option<bool>,
    assumed: bool,
}

/// A column that no rule reads, which must be as asked all the same.
#[derive(Debug)]
struct Check {
    frame: usize,
    column: usize,
    read: Option<Reading>,
    /// A value that is not known is refused, and none may stand twice in a list.
    is_key: bool,
    /// A key that is a number: two texts of one number are one key, so that only the plainest text is read here.
    is_number: bool,
    /// The structure that its texts have.
    format: Option<FormatId>,
}

impl Loader {
    /// How the given columns are loaded; else why they are not.
    pub(super) fn new(homes: &Households<'_>) -> Result<Loader, Obstacle> {
        let plan = &homes.plan;
        let program = plan.program();
        let machine = plan.machine().ok_or(Obstacle::Plan)?;
        let inner = plan.ruleset().inner();
        if !inner.binder.has_plain_links() {
            return Err(Obstacle::Links);
        }
        let mut loader = Loader {
            frames: Vec::new(),
            numbers: Vec::new(),
            bits: Vec::new(),
            checks: Vec::new(),
            most_elements: inner.limits.elements,
            room: Room::default(),
        };
        let mut entities: Vec<EntityId> = Vec::new();
        for (entity, _) in machine.frames() {
            let holder = program.entities[program.root].fields.iter().enumerate().find_map(|(at, f)| match f.shape {
                FieldShape::List { item, least, most } if item.index() == entity.index() => Some((at, least, most)),
                _ => None,
            });
            let table = homes.table_number(entity);
            let (least, most) = holder.map_or((0, usize::MAX), |(_, least, most)| (least, most.unwrap_or(usize::MAX)));
            loader.frames.push(FrameOf { table, least, most });
            entities.push(entity);
        }
        // Lists within lists, and lists that several hold, are seen row by row.
        let has = |entity: EntityId| entities.iter().any(|e| e.index() == entity.index());
        for (of, entity) in
            [program.root].into_iter().chain(entities.iter().skip(1).copied()).map(|e| (e, &program.entities[e]))
        {
            for field in &entity.fields {
                match field.shape {
                    FieldShape::List { item, .. } if of.index() != program.root.index() || !has(item) => {
                        return Err(Obstacle::Lists);
                    }
                    _ if field.verified => return Err(Obstacle::Verified),
                    _ => {}
                }
            }
        }
        for (frame, entity) in entities.iter().enumerate() {
            loader.facts_of(homes, frame, *entity)?;
        }
        Ok(loader)
    }

    fn facts_of(&mut self, homes: &Households<'_>, frame: usize, entity: EntityId) -> Result<(), Obstacle> {
        let plan = &homes.plan;
        let (program, Some(machine)) = (plan.program(), plan.machine()) else { return Err(Obstacle::Plan) };
        let binder = &plan.ruleset().inner().binder;
        let table = self.frames.get(frame).and_then(|f| f.table).and_then(|t| homes.tables.get(t));
        let column_of = |field: usize| table?.columns.iter().position(|c| c.field == field);
        let mut loaded: Vec<usize> = Vec::new();
        for (nth, (field, kind)) in machine.number_facts(frame).iter().enumerate() {
            let rule = binder.rule(program, entity, *field).ok_or(Obstacle::Plan)?;
            // What is assumed of it is known, but no word holds it.
            let mut assumed = plan.assumptions().rests_on(entity, *field);
            let absent = match (&rule, rule.default.as_ref()) {
                (rule, _) if rule.is_key => Absent::Bad,
                (_, Some(value)) => match machine.encode(value, *kind) {
                    Some(Some(word)) => Absent::Word(word),
                    Some(None) => Absent::None,
                    None => {
                        assumed = true;
                        Absent::Open
                    }
                },
                (_, None) => Absent::Open,
            };
            let column = column_of(*field);
            let given = column.and_then(|c| table?.columns.get(c));
            let read = match given {
                Some(given) => reading(homes, &given.column, &rule, *kind)?,
                None => Reading::Days { low: 0, high: 0 },
            };
            let is_null = given.is_some_and(|given| !given.column.leaves_out);
            let absent = if is_null && rule.optional && !rule.is_key { Absent::None } else { absent };
            self.numbers.push(NumberFact { frame, nth, column, read, absent, assumed });
            // Keys and texts of a structure are looked at once more.
            if !rule.is_key && rule.format.is_none() {
                loaded.push(*field);
            }
        }
        for (nth, (of, field)) in machine.bit_facts().iter().enumerate().filter(|(_, (of, _))| *of == frame) {
            let rule = binder.rule(program, entity, *field).ok_or(Obstacle::Plan)?;
            let absent = match rule.default {
                Some(Value::Boolean(value)) => Some(*value),
                _ => None,
            };
            let assumed = plan.assumptions().rests_on(entity, *field);
            self.bits.push(BitFact { frame: *of, nth, column: column_of(*field), absent, assumed });
            loaded.push(*field);
        }
        let fields = &program.entities[entity].fields;
        for (field, declared) in fields.iter().enumerate() {
            if loaded.contains(&field) || !matches!(declared.shape, FieldShape::Scalar { .. }) {
                continue;
            }
            if plan.assumptions().rests_on(entity, field) {
                return Err(Obstacle::Assumed);
            }
            let rule = binder.rule(program, entity, field).ok_or(Obstacle::Plan)?;
            let Some(column) = column_of(field) else {
                if rule.is_key {
                    return Err(Obstacle::Keys);
                }
                continue;
            };
            let Some(given) = table.and_then(|t| t.columns.get(column)) else { continue };
            let kind = match rule.ty {
                Type::Boolean => None,
                Type::Number(q) if q.whole => Some(WordKind::Number { scale: 0 }),
                Type::Number(q) if q.money => Some(WordKind::Number { scale: 2 }),
                Type::Number(_) => Some(WordKind::Number { scale: 4 }),
                Type::Date => Some(WordKind::Date),
                Type::Enum(_) => Some(WordKind::Enum),
                Type::Text => None,
                _ => return Err(Obstacle::Lists),
            };
            if rule.is_key
                && !matches!(
                    (rule.ty, &given.column.values),
                    (Type::Text, _)
                        | (Type::Number(_), Values::Ints { .. } | Values::Longs { .. } | Values::Texts { .. })
                )
            {
                return Err(Obstacle::Keys);
            }
            let is_number = rule.is_key && matches!(rule.ty, Type::Number(_));
            if kind.is_none() && rule.has_range() {
                return Err(Obstacle::Range);
            }
            let read = kind.map(|kind| reading(homes, &given.column, &rule, kind)).transpose()?;
            self.checks.push(Check { frame, column, read, is_key: rule.is_key, is_number, format: rule.format });
        }
        Ok(())
    }

    /// Fills a chunk with a stretch of the households.
    pub(super) fn load(&mut self, homes: &Households<'_>, stretch: Range<usize>, frames: &Frames, chunk: &mut Chunk) {
        chunk.begin(frames, stretch.len());
        for (number, frame) in self.frames.iter().enumerate().skip(1) {
            match frame.table.and_then(|t| homes.tables.get(t)) {
                Some(table) => {
                    let offsets = table.offsets.get(stretch.start..=stretch.end).unwrap_or(&[]);
                    chunk.elements(number, offsets.iter().map(|o| u32::try_from(*o).unwrap_or(0)));
                    let (least, most) = (frame.least, frame.most.min(self.most_elements));
                    let exact = chunk.exact_mut();
                    for (home, pair) in offsets.windows(2).enumerate() {
                        if let [start, end] = pair
                            && !(least..=most).contains(&usize::try_from(end - start).unwrap_or(0))
                        {
                            exact.set(home);
                        }
                    }
                    if let Some(known) = table.known {
                        let open = known
                            .words(stretch.start, stretch.len())
                            .zip(0..)
                            .map(|(w, n)| !w & rows_of(stretch.len(), n));
                        exact.add_words(&open.collect::<Vec<u64>>());
                    }
                }
                None => {
                    // A list that is not given is not known.
                    chunk.elements(number, std::iter::repeat_n(0, stretch.len() + 1));
                    (0..stretch.len()).for_each(|home| chunk.exact_mut().set(home));
                }
            }
        }
        if self.frames.len() > 2 {
            self.count_all(stretch.len(), chunk);
        }
        for fact in &self.numbers {
            let given = self.frames.get(fact.frame).and_then(|f| f.table).and_then(|t| homes.tables.get(t));
            let column = fact.column.and_then(|c| given?.columns.get(c)).map(|g| &g.column);
            let first = self.first(homes, fact.frame, stretch.start);
            let Some((numbers, elements, exact)) = chunk.fact(fact.frame, fact.nth) else { continue };
            let bad = &mut self.room.bad;
            bad.clear(elements.rows);
            match column {
                Some(column) => fact.read.load(column, first..first + elements.rows, fact.absent, numbers, bad),
                None => fill(numbers, elements.rows, fact.absent, bad),
            }
            if fact.assumed {
                bad.add(&numbers.open);
            }
            send(bad, fact.frame, elements, exact);
        }
        for fact in &self.bits {
            let given = self.frames.get(fact.frame).and_then(|f| f.table).and_then(|t| homes.tables.get(t));
            let column = fact.column.and_then(|c| given?.columns.get(c)).map(|g| &g.column);
            let first = self.first(homes, fact.frame, stretch.start);
            let Some((bits, elements, exact)) = chunk.fact_bits(fact.nth, fact.frame) else { continue };
            let bad = &mut self.room.bad;
            bad.clear(elements.rows);
            load_bits(column, first..first + elements.rows, fact.absent, bits);
            if fact.assumed {
                let open =
                    bits.yes.iter().zip(&bits.no).zip(0..).map(|((y, n), at)| !(y | n) & rows_of(elements.rows, at));
                bad.add_words(&open.collect::<Vec<u64>>());
            }
            send(bad, fact.frame, elements, exact);
        }
        self.check(homes, stretch.start, chunk);
    }

    /// Where the elements of a frame begin that a stretch's first household has.
    fn first(&self, homes: &Households<'_>, frame: usize, household: usize) -> usize {
        let table = self.frames.get(frame).and_then(|f| f.table).and_then(|t| homes.tables.get(t));
        match table {
            Some(table) if frame > 0 => homes.elements_of(table, household).start,
            _ => household,
        }
    }

    /// Sends households to the exact way whose lists hold too many elements together.
    fn count_all(&self, households: usize, chunk: &mut Chunk) {
        for home in 0..households {
            let all = (1..self.frames.len()).filter_map(|f| chunk.frame(f)).map(|e| e.of(home).len()).sum::<usize>();
            if all > self.most_elements {
                chunk.exact_mut().set(home);
            }
        }
    }

    fn check(&mut self, homes: &Households<'_>, start: usize, chunk: &mut Chunk) {
        for check in &self.checks {
            let given = self.frames.get(check.frame).and_then(|f| f.table).and_then(|t| homes.tables.get(t));
            let Some(given) = given.and_then(|t| t.columns.get(check.column)) else { continue };
            let first = self.first(homes, check.frame, start);
            let Some((elements, exact)) = chunk.elements_and_exact(check.frame) else { continue };
            let rows = first..first + elements.rows;
            let bad = &mut self.room.bad;
            bad.clear(elements.rows);
            if check.is_key {
                if let Some(known) = given.column.known {
                    let open = known.words(rows.start, rows.len()).zip(0..).map(|(w, n)| !w & rows_of(rows.len(), n));
                    bad.add_words(&open.collect::<Vec<u64>>());
                }
                if check.frame > 0 {
                    repeated(&given.column.values, rows.start, elements, &mut self.room.sorted, bad);
                }
            }
            if check.is_number && matches!(given.column.values, Values::Texts { .. }) {
                for row in rows.clone().filter(|row| given.column.is_known(*row)) {
                    if !given.column.values.text(row).is_some_and(is_plain_number) {
                        bad.set(row - first);
                    }
                }
            }
            if let Some(format) = check.format {
                let format = &homes.plan.program().formats[format];
                for row in rows.clone().filter(|row| given.column.is_known(*row)) {
                    let is_sound = |text| format.check(&composed(text)).is_ok();
                    if !given.column.values.text(row).is_some_and(is_sound) {
                        bad.set(row - first);
                    }
                }
            }
            if let Some(read) = &check.read {
                read.load(&given.column, rows, Absent::Open, &mut self.room.numbers, bad);
            } else if matches!(given.column.values, Values::Codes { .. }) {
                for row in rows {
                    if given.column.is_known(row) && given.column.values.text(row).is_none() {
                        bad.set(row - first);
                    }
                }
            }
            send(bad, check.frame, elements, exact);
        }
    }
}

/// The bits of a word that stand for elements, of so many.
pub(super) fn rows_of(rows: usize, word: usize) -> u64 {
    match rows.saturating_sub(word * 64) {
        0 => 0,
        left @ 1..64 => (1 << left) - 1,
        _ => u64::MAX,
    }
}

/// Sends the households of some elements to the exact way.
fn send(bad: &Mask, frame: usize, elements: &Elements, exact: &mut Mask) {
    if !bad.any() {
        return;
    }
    for row in 0..elements.rows {
        if bad.get(row) {
            exact.set(if frame == 0 { row } else { elements.owner.get(row).map_or(0, |o| *o as usize) });
        }
    }
}

/// A column that is not given.
fn fill(numbers: &mut Numbers, rows: usize, absent: Absent, bad: &mut Mask) {
    numbers.begin(rows);
    let word = if let Absent::Word(word) = absent { word } else { 0 };
    numbers.longs.resize(rows, word);
    (numbers.low, numbers.high) = (word.min(0), word.max(0));
    let all = || (0..rows.div_ceil(64)).map(|n| rows_of(rows, n));
    match absent {
        Absent::Open => numbers.open.fill(all()),
        Absent::None => numbers.none.fill(all()),
        Absent::Bad => bad.fill(all()),
        Absent::Word(_) => {}
    }
}

fn load_bits(column: Option<&Column<'_>>, rows: Range<usize>, absent: Option<bool>, bits: &mut Bits) {
    let words = rows.len().div_ceil(64);
    bits.yes.clear();
    bits.no.clear();
    let Some((Values::Booleans(values), known)) = column.map(|c| (c.values, c.known)) else {
        bits.yes.resize(words, if absent == Some(true) { u64::MAX } else { 0 });
        bits.no.resize(words, if absent == Some(false) { u64::MAX } else { 0 });
        return;
    };
    bits.yes.extend(values.words(rows.start, rows.len()));
    bits.no.extend(bits.yes.iter().map(|yes| !yes));
    if let Some(known) = known {
        let (yes, no) = (absent == Some(true), absent == Some(false));
        for ((to_yes, to_no), known) in bits.yes.iter_mut().zip(&mut bits.no).zip(known.words(rows.start, rows.len())) {
            *to_yes = if yes { *to_yes | !known } else { *to_yes & known };
            *to_no = if no { *to_no | !known } else { *to_no & known };
        }
    }
}

/// Marks elements that have the key of another of their list: in long lists the first of the list, for one is enough.
fn repeated(values: &Values<'_>, first: usize, elements: &Elements, sorted: &mut Vec<usize>, bad: &mut Mask) {
    /// In lists of up to so many, each key is compared with each; in longer ones with the next in their order.
    const FEW: usize = 12;
    for pair in elements.offsets.windows(2) {
        let [start, end] = pair else { continue };
        let (start, end) = (*start as usize, *end as usize);
        if end - start > FEW {
            sorted.clear();
            sorted.extend(first + start..first + end);
            sorted.sort_unstable_by(|a, b| order(values, *a, *b));
            if sorted.windows(2).any(|two| matches!(two, [a, b] if is_same(values, *a, *b))) {
                bad.set(start);
            }
            continue;
        }
        for row in start + 1..end {
            if (start..row).any(|other| is_same(values, first + row, first + other)) {
                bad.set(row);
            }
        }
    }
}

/// By key. INVARIANT: keys that are the same lie side by side, and so does one that is not plain with any other.
fn order(values: &Values<'_>, a: usize, b: usize) -> Ordering {
    match values {
        Values::Ints { values, .. } => values.get(a).cmp(&values.get(b)),
        Values::Longs { values, .. } => values.get(a).cmp(&values.get(b)),
        _ => values.text(a).cmp(&values.text(b)),
    }
}

/// Whether a text is a whole number as it is written in one way alone: no sign, point or zero that could be left out.
fn is_plain_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_few = (1..=18).contains(&digits.len());
    text == "0" || is_few && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Whether two keys may be the same. Texts that are not plain are taken to be: the exact way composes them.
fn is_same(values: &Values<'_>, a: usize, b: usize) -> bool {
    match values {
        Values::Ints { values, .. } => values.get(a) == values.get(b),
        Values::Longs { values, .. } => values.get(a) == values.get(b),
        _ => match (values.text(a), values.text(b)) {
            (Some(a), Some(b)) => a == b || !a.is_ascii() || !b.is_ascii(),
            _ => true,
        },
    }
}
