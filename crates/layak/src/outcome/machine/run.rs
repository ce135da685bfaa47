//! Running the steps.

use super::step::{Bits, Fold, Operand, Reckon, Step, Test};
use super::{Bit, Columns, Kind, Machine, NONE, Num, OPEN, Slot, date_of, encode, is_open};
use crate::value::{Calendar, Value};

/// What every column came to for one household. Kept and used again, it asks for no memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registers {
    /// By frame: its elements, and where its numbers begin.
    rows: Vec<usize>,
    starts: Vec<usize>,
    nums: Vec<i64>,
    bits: Vec<(u64, u64)>,
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

fn reckon(what: Reckon, a: i64, b: i64) -> i64 {
    if is_open(a) || is_open(b) {
        return OPEN;
    }
    let value = match what {
        Reckon::Add => a.checked_add(b),
        Reckon::Subtract => a.checked_sub(b),
        Reckon::Multiply => a.checked_mul(b),
    };
    value.filter(|v| !is_open(*v)).unwrap_or(OPEN)
}

fn divide(a: i64, factor: i64, b: i64) -> i64 {
    if is_open(a) || is_open(b) || b == 0 {
        return OPEN;
    }
    let Some(a) = a.checked_mul(factor) else { return OPEN };
    match (a.checked_rem(b), a.checked_div(b)) {
        (Some(0), Some(value)) if !is_open(value) => value,
        _ => OPEN,
    }
}

/// The completed years from a day to `to_day`; nothing beyond the table.
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

fn spread(set: bool, rows: usize) -> u64 {
    if set { all(rows) } else { 0 }
}

/// What is known and what is yes of both.
fn and(a: (u64, u64), b: (u64, u64)) -> (u64, u64) {
    let (no_a, no_b) = (a.0 & !a.1, b.0 & !b.1);
    ((a.0 & b.0) | no_a | no_b, a.1 & b.1)
}

fn or(a: (u64, u64), b: (u64, u64)) -> (u64, u64) {
    ((a.0 & b.0) | a.1 | b.1, a.1 | b.1)
}

impl Registers {
    /// Runs a machine's steps over the facts of a household.
    pub(crate) fn run(&mut self, machine: &Machine, columns: &Columns, calendar: Calendar) {
        self.rows.clone_from(&columns.rows);
        self.starts.clear();
        self.nums.clear();
        let words = machine.slots.iter().zip(&columns.rows).map(|(slots, rows)| slots * rows).sum();
        self.nums.reserve(words);
        self.starts.reserve(machine.slots.len());
        let mut facts = columns.nums.as_slice();
        for (frame, slots) in machine.slots.iter().enumerate() {
            let rows = self.rows.get(frame).copied().unwrap_or(0);
            self.starts.push(self.nums.len());
            let given = machine.layout.frames.get(frame).map_or(0, |(_, fields)| fields.len() * rows);
            let (own, rest) = facts.split_at(given.min(facts.len()));
            facts = rest;
            let end = self.nums.len() + slots * rows;
            self.nums.extend_from_slice(own);
            self.nums.resize(end, OPEN);
        }
        self.bits.clear();
        self.bits.reserve(machine.bits);
        self.bits.extend_from_slice(&columns.bits);
        self.bits.resize(machine.bits, (0, 0));
        for step in &machine.steps {
            self.step(machine, step, calendar);
        }
    }

    fn len(&self, frame: usize) -> usize {
        self.rows.get(frame).copied().unwrap_or(0)
    }

    /// Where a column begins, and how long it is.
    fn place(&self, slot: Slot) -> (usize, usize) {
        let rows = self.len(slot.frame);
        (self.starts.get(slot.frame).copied().unwrap_or(usize::MAX) + slot.slot * rows, rows)
    }

    pub(super) fn num(&self, num: Num, row: usize) -> i64 {
        match num {
            Num::Value(value) => value,
            Num::At(slot) => {
                let (start, _) = self.place(slot);
                self.nums.get(start + if slot.frame == 0 { 0 } else { row }).copied().unwrap_or(OPEN)
            }
        }
    }

    pub(super) fn truth(&self, bit: Bit, row: usize) -> Option<bool> {
        let (slot, row) = match bit {
            Bit::Known(value) => return Some(value),
            Bit::Open => return None,
            Bit::Own(slot) => (slot, row),
            Bit::Household(slot) => (slot, 0),
        };
        let (known, yes) = self.bits.get(slot)?;
        (known >> row & 1 == 1).then_some(yes >> row & 1 == 1)
    }

    fn bit(&self, bit: Bit, rows: usize) -> (u64, u64) {
        match bit {
            Bit::Known(value) => (all(rows), spread(value, rows)),
            Bit::Open => (0, 0),
            Bit::Own(slot) => self.bits.get(slot).copied().unwrap_or((0, 0)),
            Bit::Household(slot) => {
                let (known, yes) = self.bits.get(slot).copied().unwrap_or((0, 0));
                (spread(known & 1 == 1, rows), spread(yes & 1 == 1, rows))
            }
        }
    }

    fn set(&mut self, to: Bits, bits: (u64, u64)) {
        if let Some(slot) = self.bits.get_mut(to.slot) {
            *slot = bits;
        }
    }

    fn view(&self, num: Num) -> View<'_> {
        match num {
            Num::Value(value) => View::One(value),
            Num::At(slot) => {
                let (start, rows) = self.place(slot);
                match slot.frame {
                    0 => View::One(self.nums.get(start).copied().unwrap_or(OPEN)),
                    _ => View::Many(self.nums.get(start..start + rows).unwrap_or(&[])),
                }
            }
        }
    }

    /// Fills a column, of which each value hangs on values of columns before it.
    fn fill(&mut self, to: Slot, value: impl Fn(&Registers, usize) -> i64) {
        let (start, rows) = self.place(to);
        for row in 0..rows {
            let value = value(self, row);
            if let Some(slot) = self.nums.get_mut(start + row) {
                *slot = value;
            }
        }
    }

    /// The same for a function of two columns. INVARIANT: a column stands behind those it is made from.
    fn fill_two(&mut self, to: Slot, a: Num, b: Num, value: impl Fn(i64, i64) -> i64) {
        let (start, rows) = self.place(to);
        let places = [a, b].map(|num| match num {
            Num::Value(value) => Err(value),
            Num::At(slot) => Ok((self.place(slot).0, slot.frame != 0)),
        });
        let Some((before, own)) = self.nums.split_at_mut_checked(start) else { return };
        let views = places.map(|place| match place {
            Err(value) => View::One(value),
            Ok((at, false)) => View::One(before.get(at).copied().unwrap_or(OPEN)),
            Ok((at, true)) => View::Many(before.get(at..at + rows).unwrap_or(&[])),
        });
        let [a, b] = views;
        for (row, slot) in own.iter_mut().take(rows).enumerate() {
            *slot = value(a.get(row), b.get(row));
        }
    }

    fn step(&mut self, machine: &Machine, step: &Step, calendar: Calendar) {
        match step {
            Step::Compare { test, a, b, to } => {
                let bits = self.compare(*test, *a, *b, to.frame);
                self.set(*to, bits);
            }
            Step::Members { of, count, to } => {
                let rows = self.len(to.frame);
                let mut known = 0;
                for slot in self.bits.iter_mut().skip(to.slot).take(*count) {
                    slot.1 = 0;
                }
                for row in 0..rows {
                    let value = self.view(*of).get(row);
                    // None is no member.
                    known |= u64::from(value != OPEN) << row;
                    let slot =
                        usize::try_from(value).ok().filter(|v| v < count).and_then(|v| self.bits.get_mut(to.slot + v));
                    if let Some(slot) = slot {
                        slot.1 |= 1 << row;
                    }
                }
                for slot in self.bits.iter_mut().skip(to.slot).take(*count) {
                    slot.0 = known;
                }
            }
            Step::IsNone { of, to } => {
                let (mut known, mut yes) = (0u64, 0u64);
                let view = self.view(*of);
                for row in 0..self.len(to.frame) {
                    known |= u64::from(view.get(row) != OPEN) << row;
                    yes |= u64::from(view.get(row) == NONE) << row;
                }
                self.set(*to, (known, yes));
            }
            Step::Same { a, b, to } => {
                let rows = self.len(to.frame);
                let (a, b) = (self.bit(*a, rows), self.bit(*b, rows));
                let known = a.0 & b.0;
                self.set(*to, (known, known & !(a.1 ^ b.1)));
            }
            Step::Not { of, to } => {
                let (known, yes) = self.bit(*of, self.len(to.frame));
                self.set(*to, (known, known & !yes));
            }
            Step::And { list, to } => {
                let rows = self.len(to.frame);
                let every = list.iter().fold((all(rows), all(rows)), |sum, b| and(sum, self.bit(*b, rows)));
                self.set(*to, every);
            }
            Step::Or { list, to } => {
                let rows = self.len(to.frame);
                let some = list.iter().fold((all(rows), 0), |sum, b| or(sum, self.bit(*b, rows)));
                self.set(*to, some);
            }
            Step::ChooseBit { arms, otherwise, to } => {
                let rows = self.len(to.frame);
                let mut out = self.bit(*otherwise, rows);
                // From the last: what an arm leaves is what comes after it.
                for (condition, value) in arms.iter().rev() {
                    let (known, yes) = self.bit(*condition, rows);
                    let value = self.bit(*value, rows);
                    out = ((yes & value.0) | (known & !yes & out.0), (yes & value.1) | (known & !yes & out.1));
                }
                self.set(*to, out);
            }
            Step::Choose { arms, otherwise, to } => self.fill(*to, |r, row| {
                for (condition, value) in arms {
                    match r.truth(*condition, row) {
                        Some(true) => return r.num(*value, row),
                        Some(false) => {}
                        None => return OPEN,
                    }
                }
                r.num(*otherwise, row)
            }),
            Step::Reckon { what, a, b, to } => self.fill_two(*to, *a, *b, |a, b| reckon(*what, a, b)),
            Step::Divide { a, factor, b, to } => self.fill_two(*to, *a, *b, |a, b| divide(a, *factor, b)),
            Step::Years { from, to_day, cuts, to } => self.fill_two(*to, *from, Num::Value(0), |day, _| {
                if is_open(day) {
                    return OPEN;
                }
                years(day, *to_day, cuts).unwrap_or_else(|| {
                    let dates = date_of(day).zip(date_of(*to_day));
                    dates.map_or(OPEN, |(from, to)| calendar.years_between(from, to))
                })
            }),
            Step::OrElse { of, other, to } => {
                self.fill_two(*to, *of, *other, |of, other| if of == NONE { other } else { of });
            }
            Step::Apply { function, operands, kind, to } => self.fill(*to, |r, row| {
                let values = operands.iter().map(|operand| match operand {
                    Operand::Word(num, kind) => machine.decode(r.num(*num, row), *kind),
                    Operand::Exact(value) => Some(value.clone()),
                });
                let Some(values) = values.collect::<Option<Vec<Value>>>() else { return OPEN };
                let values: Vec<&Value> = values.iter().collect();
                function.apply(&values, calendar).map_or(OPEN, |value| encode(&value, *kind, &machine.layout.texts))
            }),
            Step::Lookup { keys, values, default, to } => self.fill(*to, |r, row| {
                let mut wanted = [OPEN; super::compile::MOST_KEYS];
                for (slot, key) in wanted.iter_mut().zip(keys) {
                    *slot = r.num(*key, row);
                }
                let wanted = wanted.get(..keys.len()).unwrap_or(&[]);
                if wanted.contains(&OPEN) {
                    return OPEN;
                }
                match values.binary_search_by(|(keys, _)| (**keys).cmp(wanted)) {
                    Ok(index) => values.get(index).map_or(OPEN, |(_, value)| *value),
                    Err(_) => *default,
                }
            }),
            Step::Combine { fold, items, empty, to } => self.fill(*to, |r, row| {
                let items = items.iter().map(|(counts, value)| (r.truth(*counts, row), r.num(*value, row)));
                folded(*fold, items, r.num(*empty, row))
            }),
            Step::Unique { rows, otherwise, to } => self.fill(*to, |r, row| {
                let mut found = None;
                for (holds, value) in rows {
                    match (r.truth(*holds, row), found) {
                        (Some(false), _) => {}
                        (Some(true), None) => found = Some(*value),
                        (Some(true), Some(_)) | (None, _) => return OPEN,
                    }
                }
                r.num(found.unwrap_or(*otherwise), row)
            }),
            Step::UniqueBit { rows, otherwise, to } => {
                let (mut known, mut yes) = (0u64, 0u64);
                for row in 0..self.len(to.frame) {
                    let holding: Option<Vec<Option<Bit>>> = rows
                        .iter()
                        .map(|(holds, value)| self.truth(*holds, row).map(|h| h.then_some(*value)))
                        .collect();
                    let holding: Option<Vec<Bit>> = holding.map(|list| list.into_iter().flatten().collect());
                    let value = match holding.as_deref() {
                        Some([]) => self.truth(*otherwise, row),
                        Some([one]) => self.truth(*one, row),
                        _ => None,
                    };
                    known |= u64::from(value.is_some()) << row;
                    yes |= u64::from(value == Some(true)) << row;
                }
                self.set(*to, (known, yes));
            }
            Step::Rows { to } => self.fill(*to, |_, row| i64::try_from(row).unwrap_or(OPEN)),
            Step::Gather { of, index, to } => self.fill(*to, |r, row| match usize::try_from(r.num(*index, row)) {
                Ok(other) if other < r.len(of.frame) => r.num(Num::At(*of), other),
                _ => OPEN,
            }),
            Step::GatherBit { of, index, to } => {
                let (mut known, mut yes) = (0u64, 0u64);
                for row in 0..self.len(to.frame) {
                    let other = usize::try_from(self.num(*index, row)).ok().filter(|o| *o < self.len(to.frame));
                    let value = other.and_then(|other| self.truth(Bit::Own(*of), other));
                    known |= u64::from(value.is_some()) << row;
                    yes |= u64::from(value == Some(true)) << row;
                }
                self.set(*to, (known, yes));
            }
            Step::Aggregate { fold, frame, counts, value, empty, to } => {
                let rows = self.len(*frame);
                let (known, yes) = self.bit(*counts, rows);
                let out = if known != all(rows) {
                    OPEN
                } else if *fold == Fold::Count {
                    i64::from(yes.count_ones())
                } else {
                    let view = self.view(*value);
                    let items = (0..rows).map(|row| (Some(yes >> row & 1 == 1), view.get(row)));
                    folded(*fold, items, self.num(*empty, 0))
                };
                self.fill(*to, |_, _| out);
            }
            Step::TopSum { frame, counts, value, count, to } => {
                let rows = self.len(*frame);
                let (known, yes) = self.bit(*counts, rows);
                let view = self.view(*value);
                let mut values: Vec<i64> =
                    (0..rows).filter(|row| yes >> row & 1 == 1).map(|row| view.get(row)).collect();
                values.sort_unstable_by(|a, b| b.cmp(a));
                let count = self.num(*count, 0);
                let out = if known != all(rows) || is_open(count) || values.last().is_some_and(|v| is_open(*v)) {
                    OPEN
                } else {
                    let count = usize::try_from(count).unwrap_or(0);
                    values.into_iter().take(count).fold(0, |sum, v| reckon(Reckon::Add, sum, v))
                };
                self.fill(*to, |_, _| out);
            }
            Step::Any { frame, counts, value, to } => {
                let rows = self.len(*frame);
                let (known, yes) = and(self.bit(*counts, rows), self.bit(*value, rows));
                let out = (u64::from(yes != 0 || known == all(rows)), u64::from(yes != 0));
                self.set(*to, out);
            }
            Step::Every { frame, counts, value, to } => {
                let rows = self.len(*frame);
                let counts = self.bit(*counts, rows);
                let (known, yes) = or((counts.0, counts.0 & !counts.1), self.bit(*value, rows));
                let no = known & !yes != 0;
                self.set(*to, (u64::from(no || known == all(rows)), u64::from(yes == all(rows))));
            }
        }
    }

    fn compare(&self, test: Test, a: Num, b: Num, frame: usize) -> (u64, u64) {
        let (a, b) = (self.view(a), self.view(b));
        let (mut known, mut yes) = (0u64, 0u64);
        for row in 0..self.len(frame) {
            let (a, b) = (a.get(row), b.get(row));
            let (open, holds) = match test {
                // None equals none alone.
                Test::Equal => (a == OPEN || b == OPEN, a == b),
                Test::Less => (is_open(a) || is_open(b), a < b),
                Test::LessEqual => (is_open(a) || is_open(b), a <= b),
            };
            known |= u64::from(!open) << row;
            yes |= u64::from(!open && holds) << row;
        }
        (known, yes)
    }
}

/// An aggregate of values of which it is known whether each counts.
fn folded(fold: Fold, items: impl Iterator<Item = (Option<bool>, i64)>, empty: i64) -> i64 {
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
