//! Running the steps.

use super::rows::{self, Read};
use super::step::{Bits, Fold, Reckon, Step, Test};
use super::{Bit, Columns, Kind, Machine, NONE, Num, OPEN, Slot, Verdicts, date_of, is_open};
use crate::value::Calendar;

/// Yes and no of up to 64 elements: which are yes, and which are no; neither is open. What holds for the household stands
/// in every bit. INVARIANT: none is both; beyond the elements of a frame the bits mean nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Truth {
    pub yes: u64,
    pub no: u64,
}

impl Truth {
    pub(super) const YES: Truth = Truth { yes: u64::MAX, no: 0 };
    pub(super) const OPEN: Truth = Truth { yes: 0, no: 0 };

    /// What the first bit says, in every bit.
    pub(super) fn of_household(self) -> Truth {
        Truth { yes: 0u64.wrapping_sub(self.yes & 1), no: 0u64.wrapping_sub(self.no & 1) }
    }

    /// Notes of an element that it is yes or no.
    #[inline(always)]
    pub(super) fn note(&mut self, row: usize, known: bool, yes: bool) {
        self.yes |= u64::from(known & yes) << row;
        self.no |= u64::from(known & !yes) << row;
    }

    pub(super) fn known(self) -> u64 {
        self.yes | self.no
    }

    fn at(self, row: usize) -> Option<bool> {
        match (self.yes >> row & 1, self.no >> row & 1) {
            (1, _) => Some(true),
            (_, 1) => Some(false),
            _ => None,
        }
    }
}

/// What every column came to for one household. Kept and used again, it asks for no memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registers {
    /// By frame: where its numbers begin, and its elements.
    frames: Vec<(usize, usize)>,
    nums: Vec<i64>,
    bits: Vec<Truth>,
    /// Room for what the programmes come to.
    pub(crate) verdicts: Vec<Verdicts>,
}

/// A column to read, or one value for every row.
#[derive(Clone, Copy)]
enum View<'r> {
    One(i64),
    Many(&'r [i64]),
}

impl View<'_> {
    fn get(self, row: usize) -> i64 {
        match self {
            View::One(value) => value,
            View::Many(column) => column.get(row).copied().unwrap_or(OPEN),
        }
    }
}

#[inline(always)]
pub(super) fn reckon(what: Reckon, a: i64, b: i64) -> i64 {
    if is_open(a) || is_open(b) {
        return OPEN;
    }
    let value = match what {
        Reckon::Add => a.checked_add(b),
        Reckon::Subtract => a.checked_sub(b),
        Reckon::Multiply => a.checked_mul(b),
        Reckon::Min => Some(a.min(b)),
        Reckon::Max => Some(a.max(b)),
    };
    value.filter(|v| !is_open(*v)).unwrap_or(OPEN)
}

#[inline(always)]
pub(super) fn add_product(a: i64, b: i64, factor: i64) -> i64 {
    reckon(Reckon::Add, a, reckon(Reckon::Multiply, b, factor))
}

pub(super) fn divide(a: i64, factor: i64, b: i64) -> i64 {
    if is_open(a) || is_open(b) || b == 0 {
        return OPEN;
    }
    let Some(a) = a.checked_mul(factor) else { return OPEN };
    match (a.checked_rem(b), a.checked_div(b)) {
        (Some(0), Some(value)) if !is_open(value) => value,
        _ => OPEN,
    }
}

/// The completed years from a day to `to_day`.
pub(super) fn years_to(day: i64, to_day: i64, cuts: &[i64], calendar: Calendar) -> i64 {
    if is_open(day) {
        return OPEN;
    }
    years(day, to_day, cuts).unwrap_or_else(|| {
        let dates = date_of(day).zip(date_of(to_day));
        dates.map_or(OPEN, |(from, to)| calendar.years_between(from, to))
    })
}

/// The same; nothing beyond the table.
fn years(day: i64, to_day: i64, cuts: &[i64]) -> Option<i64> {
    let mut years = usize::try_from((to_day - day).checked_mul(400)? / 146_097).ok()?;
    // The estimate is at most one off: a year more where the day does not lie after the next cut.
    while cuts.get(years + 1).is_some_and(|cut| day <= *cut) {
        years += 1;
    }
    while day > *cuts.get(years)? {
        years = years.checked_sub(1)?;
    }
    // The last of the table may stand for more.
    (years + 1 < cuts.len()).then_some(i64::try_from(years).ok()?)
}

/// All elements of a frame.
fn all(rows: usize) -> u64 {
    1u64.checked_shl(u32::try_from(rows).unwrap_or(64)).map_or(u64::MAX, |bit| bit - 1)
}

impl Read for Registers {
    #[inline(always)]
    fn num(&self, num: Num, row: usize) -> i64 {
        Registers::num(self, num, row)
    }

    #[inline(always)]
    fn truth(&self, bit: Bit, row: usize) -> Option<bool> {
        Registers::truth(self, bit, row)
    }
}

impl Registers {
    /// Runs a machine's steps over the facts of a household: those that its conditions hang on.
    pub(crate) fn run(&mut self, machine: &Machine, columns: &Columns, calendar: Calendar) {
        self.frames.clear();
        let mut end = 0;
        let mut facts = columns.nums.as_slice();
        for (frame, slots) in machine.slots.iter().enumerate() {
            let rows = columns.rows.get(frame).copied().unwrap_or(0);
            let start = end;
            self.frames.push((start, rows));
            end += slots * rows;
            // What is left of another household is written before it is read.
            if self.nums.len() < end {
                self.nums.resize(end, OPEN);
            }
            let given = machine.layout.frames.get(frame).map_or(0, |(_, fields)| fields.len() * rows);
            let (own, rest) = facts.split_at(given.min(facts.len()));
            facts = rest;
            if let Some(slots) = self.nums.get_mut(start..start + own.len()) {
                slots.copy_from_slice(own);
            }
        }
        if self.bits.len() < machine.bits {
            self.bits.resize(machine.bits, Truth::OPEN);
        }
        let given = [Truth::YES, Truth::OPEN].iter().chain(&columns.bits);
        for (slot, bits) in self.bits.iter_mut().zip(given) {
            *slot = *bits;
        }
        for step in &machine.steps {
            self.step(machine, step, calendar);
        }
    }

    /// Leaves nothing of another household.
    pub(super) fn forget(&mut self) {
        self.nums.fill(OPEN);
        self.bits.fill(Truth::OPEN);
    }

    /// Runs the steps that outputs alone hang on, of the programmes whose bits are set.
    pub(super) fn run_outputs(&mut self, machine: &Machine, programmes: u64, calendar: Calendar) {
        for (of, step) in &machine.output_steps {
            if of & programmes != 0 {
                self.step(machine, step, calendar);
            }
        }
    }

    fn rows(&self, frame: u32) -> usize {
        self.frames.get(frame as usize).map_or(0, |(_, rows)| *rows)
    }

    /// Where a column begins, and how long it is.
    fn place(&self, slot: Slot) -> (usize, usize) {
        let (start, rows) = self.frames.get(slot.frame as usize).copied().unwrap_or((usize::MAX, 0));
        (start + slot.slot as usize * rows, rows)
    }

    #[inline(always)]
    pub(super) fn num(&self, num: Num, row: usize) -> i64 {
        let at = match num {
            Num::Value(value) => return value,
            // The household is the one row of the first frame.
            Num::At(Slot { frame: 0, slot }) => slot as usize,
            Num::At(slot) => match self.place(slot) {
                (start, rows) if row < rows => start + row,
                _ => return OPEN,
            },
        };
        self.nums.get(at).copied().unwrap_or(OPEN)
    }

    /// Yes or no for an element; nothing where it is open.
    pub(super) fn truth(&self, bit: Bit, row: usize) -> Option<bool> {
        self.bits(bit).at(row)
    }

    #[inline(always)]
    pub(super) fn bits(&self, bit: Bit) -> Truth {
        let bits = self.bits.get(bit.slot as usize).copied().unwrap_or(Truth::OPEN);
        if bit.not { Truth { yes: bits.no, no: bits.yes } } else { bits }
    }

    /// Whether all of a list hold.
    #[inline(always)]
    fn every(&self, list: &[Bit]) -> Truth {
        let mut every = Truth::YES;
        for bit in list {
            let bits = self.bits(*bit);
            every = Truth { yes: every.yes & bits.yes, no: every.no | bits.no };
        }
        every
    }

    /// The number of the household. INVARIANT: a column is the household's.
    #[inline(always)]
    fn of_household(&self, num: Num) -> i64 {
        match num {
            Num::Value(value) => value,
            Num::At(slot) => self.nums.get(slot.slot as usize).copied().unwrap_or(OPEN),
        }
    }

    /// All elements of a frame.
    pub(super) fn all(&self, frame: u32) -> u64 {
        all(self.rows(frame))
    }

    #[inline(always)]
    fn set(&mut self, to: u32, bits: Truth) {
        if let Some(slot) = self.bits.get_mut(to as usize) {
            *slot = bits;
        }
    }

    /// Says of some columns, one of which is yes of each element, where they are known.
    fn settle(&mut self, first: u32, last: u32, known: u64) {
        for bits in self.bits.get_mut(first as usize..=last as usize).into_iter().flatten() {
            *bits = Truth { yes: bits.yes & known, no: !bits.yes & known };
        }
    }

    #[inline(always)]
    fn set_household(&mut self, to: u32, value: i64) {
        if let Some(slot) = self.nums.get_mut(to as usize) {
            *slot = value;
        }
    }

    fn view(&self, num: Num) -> View<'_> {
        match num {
            Num::Value(value) => View::One(value),
            Num::At(slot) if slot.frame == 0 => View::One(self.num(num, 0)),
            Num::At(slot) => {
                let (start, rows) = self.place(slot);
                View::Many(self.nums.get(start..start + rows).unwrap_or(&[]))
            }
        }
    }

    /// Fills a column, of which each value hangs on values of columns before it.
    #[inline(always)]
    fn fill(&mut self, to: Slot, value: impl Fn(&Registers, usize) -> i64) {
        if to.frame == 0 {
            let value = value(self, 0);
            return self.set_household(to.slot, value);
        }
        let (start, rows) = self.place(to);
        for row in 0..rows {
            let value = value(self, row);
            if let Some(slot) = self.nums.get_mut(start + row) {
                *slot = value;
            }
        }
    }

    /// The same for a function of two columns.
    #[inline(always)]
    fn fill_two(&mut self, to: Slot, a: Num, b: Num, value: impl Fn(i64, i64) -> i64) {
        self.fill(to, |r, row| value(r.num(a, row), r.num(b, row)));
    }

    /// Makes a column of bits: whether each element is known and whether it is yes.
    #[inline(always)]
    fn mark(&mut self, to: Bits, value: impl Fn(&Registers, usize) -> (bool, bool)) {
        let mut bits = Truth::OPEN;
        for row in 0..self.rows(to.frame) {
            let (known, yes) = value(self, row);
            bits.note(row, known, yes);
        }
        self.set(to.slot, if to.frame == 0 { bits.of_household() } else { bits });
    }

    /// The same for a function of one column.
    #[inline(always)]
    fn mark_each(&mut self, to: Bits, of: Num, value: impl Fn(i64) -> (bool, bool)) {
        match self.view(of) {
            View::One(word) => {
                let (known, yes) = value(word);
                let mut bits = Truth::OPEN;
                bits.note(0, known, yes);
                self.set(to.slot, bits.of_household());
            }
            View::Many(column) => {
                let (mut known, mut yes) = (0u64, 0u64);
                // From the last, so that the first comes to stand in the lowest bit.
                for word in column.iter().rev() {
                    let each = value(*word);
                    known = known << 1 | u64::from(each.0);
                    yes = yes << 1 | u64::from(each.1);
                }
                self.set(to.slot, Truth { yes: known & yes, no: known & !yes });
            }
        }
    }

    #[inline(always)]
    fn step(&mut self, machine: &Machine, step: &Step, calendar: Calendar) {
        match step {
            Step::And { list, to } => {
                let every = self.every(list);
                self.set(*to, every);
            }
            Step::Same { a, b, to } => {
                let (a, b) = (self.bits(*a), self.bits(*b));
                self.set(*to, Truth { yes: a.yes & b.yes | a.no & b.no, no: a.yes & b.no | a.no & b.yes });
            }
            Step::ChooseBit { arms, otherwise, to } => {
                let mut out = self.bits(*otherwise);
                // From the last: what an arm leaves is what comes after it.
                for (condition, value) in arms.iter().rev() {
                    let (when, value) = (self.bits(*condition), self.bits(*value));
                    out = Truth {
                        yes: (when.yes & value.yes) | (when.no & out.yes),
                        no: (when.yes & value.no) | (when.no & out.no),
                    };
                }
                self.set(*to, out);
            }
            Step::Pick { conditions, first } => {
                let (mut rest, mut taken) = (u64::MAX, 0);
                let mut to = *first;
                for condition in conditions {
                    let bits = self.bits(*condition);
                    self.set(to, Truth { yes: rest & bits.yes, no: 0 });
                    taken |= rest & bits.yes;
                    rest &= bits.no;
                    to += 1;
                }
                self.set(to, Truth { yes: rest, no: 0 });
                self.settle(*first, to, taken | rest);
            }
            Step::Extreme { groups, first } => {
                let (mut rest, mut known) = (u64::MAX, u64::MAX);
                let mut to = *first;
                for group in groups {
                    let mut here = 0;
                    for bit in group {
                        let bits = self.bits(*bit);
                        here |= bits.yes;
                        known &= bits.known();
                    }
                    self.set(to, Truth { yes: rest & here, no: 0 });
                    rest &= !here;
                    to += 1;
                }
                self.settle(*first, to.saturating_sub(1), known);
            }
            Step::Within { of, low, high, to } => self.mark_each(*to, *of, |v| (!is_open(v), *low <= v && v <= *high)),
            Step::Compare { test, a, b, to } => self.compare(*test, *a, *b, *to),
            // None is no member.
            Step::Among { of, members, to } => self.mark_each(*to, *of, |word| {
                let member = word.cast_unsigned();
                (word != OPEN, member < 64 && members >> (member & 63) & 1 == 1)
            }),
            Step::IsNone { of, to } => self.mark_each(*to, *of, |word| (word != OPEN, word == NONE)),
            Step::AddProduct { a, b, factor, to: Slot { frame: 0, slot } } => {
                let value = add_product(self.of_household(*a), self.of_household(*b), *factor);
                self.set_household(*slot, value);
            }
            Step::AddProduct { a, b, factor, to } => self.fill_two(*to, *a, *b, |a, b| add_product(a, b, *factor)),
            // Of the household: the most common of all.
            Step::Reckon { what, a, b, to: Slot { frame: 0, slot } } => {
                let value = reckon(*what, self.of_household(*a), self.of_household(*b));
                self.set_household(*slot, value);
            }
            Step::Reckon { what, a, b, to } => self.fill_two(*to, *a, *b, |a, b| reckon(*what, a, b)),
            Step::Aggregate { fold, frame, counts, value, empty, to } => {
                let (rows, all) = (self.rows(*frame), self.all(*frame));
                let counts = self.bits(*counts);
                let out = if counts.known() & all != all {
                    OPEN
                } else if *fold == Fold::Count {
                    i64::from((counts.yes & all).count_ones())
                } else {
                    let view = self.view(*value);
                    let items = (0..rows).map(|row| (Some(counts.yes >> row & 1 == 1), view.get(row)));
                    folded(*fold, items, self.num(*empty, 0))
                };
                self.set_household(*to, out);
            }
            Step::Any { frame, list, to } => {
                let all = self.all(*frame);
                let every = self.every(list);
                let some = every.yes & all != 0;
                let none = every.no & all == all;
                self.set(*to, Truth { yes: u64::from(some), no: u64::from(none) }.of_household());
            }
            _ => self.rarer(machine, step, calendar),
        }
    }

    /// Steps that cost more than the call.
    #[inline(never)]
    fn rarer(&mut self, machine: &Machine, step: &Step, calendar: Calendar) {
        match step {
            Step::Choose { arms, otherwise, to } => self.fill(*to, |r, row| rows::choose(r, row, arms, *otherwise)),
            Step::Divide { a, factor, b, to } => self.fill_two(*to, *a, *b, |a, b| divide(a, *factor, b)),
            Step::Years { from, to_day, cuts, to } => {
                self.fill(*to, |r, row| years_to(r.num(*from, row), *to_day, cuts, calendar));
            }
            Step::OrElse { of, other, to } => {
                self.fill_two(*to, *of, *other, |of, other| if of == NONE { other } else { of });
            }
            Step::Apply { function, operands, kind, to } => {
                self.fill(*to, |r, row| rows::apply(r, row, machine, (*function, operands, *kind), calendar));
            }
            Step::Lookup { keys, values, default, to } => {
                self.fill(*to, |r, row| rows::lookup(r, row, keys, values, *default));
            }
            Step::Combine { fold, items, empty, to } => {
                self.fill(*to, |r, row| rows::combine(r, row, *fold, items, *empty));
            }
            Step::Unique { rows, otherwise, to } => {
                self.fill(*to, |r, row| rows::unique(r, row, rows, *otherwise));
            }
            Step::UniqueBit { rows, otherwise, to } => {
                // Whether one held so far, what it says, and where several do or that is open.
                let (mut some, mut out, mut open) = (0u64, self.bits(*otherwise), 0u64);
                for (holds, value) in rows {
                    let (holds, value) = (self.bits(*holds), self.bits(*value));
                    open |= !holds.known() | (some & holds.yes);
                    some |= holds.yes;
                    out.yes = (holds.yes & value.yes) | (!holds.yes & out.yes);
                    out.no = (holds.yes & value.no) | (!holds.yes & out.no);
                }
                self.set(*to, Truth { yes: out.yes & !open, no: out.no & !open });
            }
            Step::Rows { to } => self.fill(*to, |_, row| i64::try_from(row).unwrap_or(OPEN)),
            Step::Gather { of, index, to } => self.fill(*to, |r, row| match usize::try_from(r.num(*index, row)) {
                Ok(other) => r.num(Num::At(*of), other),
                Err(_) => OPEN,
            }),
            Step::GatherBit { of, index, to } => self.mark(*to, |r, row| {
                let other = usize::try_from(r.num(*index, row)).ok().filter(|other| *other < r.rows(to.frame));
                let value = other.and_then(|other| r.truth(*of, other));
                (value.is_some(), value == Some(true))
            }),
            Step::TopSum { frame, counts, value, count, to } => {
                let (rows, all) = (self.rows(*frame), self.all(*frame));
                let counts = self.bits(*counts);
                let view = self.view(*value);
                let mut values: Vec<i64> =
                    (0..rows).filter(|row| counts.yes >> row & 1 == 1).map(|row| view.get(row)).collect();
                values.sort_unstable_by(|a, b| b.cmp(a));
                let count = self.num(*count, 0);
                let is_open = is_open(count) || values.last().is_some_and(|v| is_open(*v));
                let out = if counts.known() & all != all || is_open {
                    OPEN
                } else {
                    let count = usize::try_from(count).unwrap_or(0);
                    values.into_iter().take(count).fold(0, |sum, v| reckon(Reckon::Add, sum, v))
                };
                self.set_household(*to, out);
            }
            Step::And { .. }
            | Step::Same { .. }
            | Step::ChooseBit { .. }
            | Step::Pick { .. }
            | Step::Extreme { .. }
            | Step::Within { .. }
            | Step::Compare { .. }
            | Step::Among { .. }
            | Step::IsNone { .. }
            | Step::Reckon { .. }
            | Step::AddProduct { .. }
            | Step::Aggregate { .. }
            | Step::Any { .. } => {}
        }
    }

    fn compare(&mut self, test: Test, a: Num, b: Num, to: Bits) {
        match (test, a, b) {
            // None equals none alone.
            (Test::Equal, of, Num::Value(value)) | (Test::Equal, Num::Value(value), of) => {
                self.mark_each(to, of, |v| (v != OPEN, v == value));
            }
            (Test::Equal, a, b) => self.mark(to, |r, row| {
                let (a, b) = (r.num(a, row), r.num(b, row));
                (a != OPEN && b != OPEN, a == b)
            }),
            (Test::Less | Test::LessEqual, a, b) => self.mark(to, |r, row| {
                let (a, b) = (r.num(a, row), r.num(b, row));
                (!is_open(a) && !is_open(b), if test == Test::Less { a < b } else { a <= b })
            }),
        }
    }
}

/// An aggregate of values of which it is known whether each counts.
pub(super) fn folded(fold: Fold, items: impl Iterator<Item = (Option<bool>, i64)>, empty: i64) -> i64 {
    let mut out = None;
    let mut count = 0;
    for (counts, value) in items {
        match counts {
            Some(true) => {}
            Some(false) => continue,
            None => return OPEN,
        }
        count += 1;
        if fold == Fold::Count {
            continue;
        }
        if is_open(value) {
            return OPEN;
        }
        out = Some(match (out, fold) {
            (None, _) => value,
            (Some(sum), Fold::Sum | Fold::Count) => reckon(Reckon::Add, sum, value),
            (Some(least), Fold::Min) => value.min(least),
            (Some(most), Fold::Max) => value.max(most),
        });
    }
    match fold {
        Fold::Count if count > 0 => count,
        _ => out.unwrap_or(empty),
    }
}

/// Whether a kind has an order that its words keep.
pub(super) fn is_ordered(kind: Kind) -> bool {
    matches!(kind, Kind::Number { .. } | Kind::Date)
}
