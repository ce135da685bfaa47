//! The steps over columns.

use super::super::rows;
use super::super::run::{add_product, divide, years_to};
use super::super::step::{Bits as To, Reckon, Step, Test};
use super::super::{Bit, Machine, NONE, Num, OPEN, Slot, is_open};
use super::column::{Bits, Mask, Numbers, Width, test_each, test_pairs};
use super::frames::InFrame;
use super::read::{Seen, spread};
use super::{Chunk, Frames};
use crate::value::Calendar;

/// Whether words that are none are known to a test, and what it says of them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OfNone {
    Open,
    No,
}

impl Chunk {
    pub(super) fn step(&mut self, machine: &Machine, frames: &Frames, step: &Step, at: &InFrame, calendar: Calendar) {
        for index in &at.spread {
            self.spread(frames, *index);
        }
        let frame = at.frame;
        match step {
            Step::And { list, to } => self.make(frame, *to, |c, out| c.every(frames, frame, list, out)),
            Step::Same { a, b, to } => self.make(frame, *to, |c, out| {
                let ((ay, an), (by, bn)) = (c.truths(frames, *a, frame), c.truths(frames, *b, frame));
                for (((((yes, no), ay), an), by), bn) in
                    out.yes.iter_mut().zip(&mut out.no).zip(ay).zip(an).zip(by).zip(bn)
                {
                    (*yes, *no) = (ay & by | an & bn, ay & bn | an & by);
                }
            }),
            Step::ChooseBit { arms, otherwise, to } => self.make(frame, *to, |c, out| {
                let (yes, no) = c.truths(frames, *otherwise, frame);
                out.copy(yes, no);
                for (condition, value) in arms.iter().rev() {
                    let ((wy, wn), (vy, vn)) = (c.truths(frames, *condition, frame), c.truths(frames, *value, frame));
                    for (((((yes, no), wy), wn), vy), vn) in
                        out.yes.iter_mut().zip(&mut out.no).zip(wy).zip(wn).zip(vy).zip(vn)
                    {
                        (*yes, *no) = ((wy & vy) | (wn & *yes), (wy & vn) | (wn & *no));
                    }
                }
            }),
            Step::UniqueBit { rows, otherwise, to } => self.make(frame, *to, |c, out| {
                let (yes, no) = c.truths(frames, *otherwise, frame);
                out.copy(yes, no);
                let mut some = vec![0u64; out.yes.len()];
                let mut open = vec![0u64; out.yes.len()];
                for (holds, value) in rows {
                    let ((hy, hn), (vy, vn)) = (c.truths(frames, *holds, frame), c.truths(frames, *value, frame));
                    let outs = out.yes.iter_mut().zip(&mut out.no).zip(some.iter_mut().zip(&mut open));
                    for ((((((yes, no), (some, open)), hy), hn), vy), vn) in outs.zip(hy).zip(hn).zip(vy).zip(vn) {
                        *open |= !(hy | hn) | (*some & hy);
                        *some |= hy;
                        (*yes, *no) = ((hy & vy) | (!hy & *yes), (hy & vn) | (!hy & *no));
                    }
                }
                for ((yes, no), open) in out.yes.iter_mut().zip(&mut out.no).zip(&open) {
                    (*yes, *no) = (*yes & !open, *no & !open);
                }
            }),
            Step::Pick { conditions, first } => self.pick(frames, frame, conditions, *first),
            Step::Extreme { groups, first } => self.extreme(frames, frame, groups, *first),
            Step::Within { of, low, high, to } => self.within(*of, (*low, *high), *to),
            Step::Among { of, members, to } => self.among(*of, *members, *to),
            Step::IsNone { of, to } => self.mark(*to, |c, out, _| {
                let (open, none) = c.open_and_none(*of, frame);
                for (((yes, no), open), none) in out.yes.iter_mut().zip(&mut out.no).zip(open.words()).zip(none.words())
                {
                    (*yes, *no) = (none & !open, !none & !open);
                }
            }),
            Step::Compare { test, a, b, to } => self.compare(*test, *a, *b, *to),
            Step::Reckon { what, a, b, to } => self.reckon(*what, *a, *b, *to),
            Step::AddProduct { a, b, factor, to } => self.add_product(*a, *b, *factor, *to),
            Step::OrElse { of, other, to } => {
                let (of, other) = (*of, *other);
                self.each(frames, *to, |seen, row| {
                    use rows::Read;
                    let word = seen.num(of, row);
                    if word == NONE { seen.num(other, row) } else { word }
                });
            }
            Step::Choose { arms, otherwise, to } => {
                self.each(frames, *to, |seen, row| rows::choose(seen, row, arms, *otherwise));
            }
            Step::Divide { a, factor, b, to } => {
                let (a, factor, b) = (*a, *factor, *b);
                self.each(frames, *to, |seen, row| {
                    use rows::Read;
                    divide(seen.num(a, row), factor, seen.num(b, row))
                });
            }
            Step::Years { from, to_day, cuts, to } => self.each(frames, *to, |seen, row| {
                use rows::Read;
                years_to(seen.num(*from, row), *to_day, cuts, calendar)
            }),
            Step::Apply { function, operands, kind, to } => self
                .each(frames, *to, |seen, row| rows::apply(seen, row, machine, (*function, operands, *kind), calendar)),
            Step::Lookup { keys, values, default, to } => match (&at.dense, keys.first()) {
                (Some(dense), Some(key)) => self.each(frames, *to, |seen, row| {
                    use rows::Read;
                    match seen.num(*key, row) {
                        OPEN => OPEN,
                        word => usize::try_from(word).ok().and_then(|w| dense.get(w)).copied().unwrap_or(*default),
                    }
                }),
                _ => self.each(frames, *to, |seen, row| rows::lookup(seen, row, keys, values, *default)),
            },
            Step::Combine { fold, items, empty, to } => {
                self.each(frames, *to, |seen, row| rows::combine(seen, row, *fold, items, *empty));
            }
            Step::Unique { rows, otherwise, to } => {
                self.each(frames, *to, |seen, row| rows::unique(seen, row, rows, *otherwise));
            }
            Step::Rows { to } => self.each(frames, *to, |seen, row| {
                i64::try_from(row - seen.chunk.first_of(seen.frame, row)).unwrap_or(OPEN)
            }),
            Step::Gather { of, index, to } => self.each(frames, *to, |seen, row| {
                use rows::Read;
                let other = seen.chunk.other(seen.frame, row, seen.num(*index, row));
                other.map_or(OPEN, |other| seen.num(Num::At(*of), other))
            }),
            Step::GatherBit { of, index, to } => {
                let (of, index) = (*of, *index);
                self.mark(*to, |c, out, rows| {
                    let seen = Seen { chunk: c, frames, frame };
                    for row in 0..rows {
                        use rows::Read;
                        let other = c.other(frame, row, seen.num(index, row));
                        let bits = match other.and_then(|other| seen.truth(of, other)) {
                            Some(true) => out.yes.get_mut(row / 64),
                            Some(false) => out.no.get_mut(row / 64),
                            None => continue,
                        };
                        if let Some(word) = bits {
                            *word |= 1 << (row % 64);
                        }
                    }
                });
            }
            Step::Aggregate { fold, frame, counts, value, empty, to } => {
                self.aggregate(frames, (*fold, *frame, *counts), (*value, *empty), *to);
            }
            Step::TopSum { frame, counts, value, count, to } => {
                self.top_sum(frames, (*frame, *counts), (*value, *count), *to);
            }
            Step::Any { frame, list, to } => self.any(frames, *frame, list, *to),
        }
    }

    /// The first element of the household of an element.
    fn first_of(&self, frame: u32, row: usize) -> usize {
        if frame == 0 {
            return row;
        }
        self.frames.get(frame as usize).map_or(0, |f| f.of(self.home(frame, row)).start)
    }

    /// The element of a place in the household of another element.
    fn other(&self, frame: u32, row: usize, place: i64) -> Option<usize> {
        let elements = self.frames.get(frame as usize)?.of(self.home(frame, row));
        let other = elements.start + usize::try_from(place).ok()?;
        elements.contains(&other).then_some(other)
    }

    /// Makes what the elements of a frame see of a column of the household.
    fn spread(&mut self, frames: &Frames, index: usize) {
        let Some((slot, frame)) = frames.spread.get(index).copied() else { return };
        let Some(mut out) = self.spread.get_mut(index).map(std::mem::take) else { return };
        let owner = self.frames.get(frame as usize).map_or(&[][..], |f| f.owner.as_slice());
        let (yes, no) = self.truths(frames, Bit { slot, not: false }, 0);
        spread(yes, owner, &mut out.yes);
        spread(no, owner, &mut out.no);
        if let Some(to) = self.spread.get_mut(index) {
            *to = out;
        }
    }

    /// Makes a column of bits; what it was before is there to be written over.
    pub(super) fn make(&mut self, frame: u32, to: u32, fill: impl FnOnce(&Chunk, &mut Bits)) {
        let words = self.frames.get(frame as usize).map_or(0, |f| f.words());
        let Some(mut out) = self.bits.get_mut(to as usize).map(std::mem::take) else { return };
        out.room(words);
        fill(self, &mut out);
        if let Some(slot) = self.bits.get_mut(to as usize) {
            *slot = out;
        }
    }

    /// Makes a column of bits element by element: it is open everywhere before. The number of elements is given.
    fn mark(&mut self, to: To, fill: impl FnOnce(&Chunk, &mut Bits, usize)) {
        let rows = self.frames.get(to.frame as usize).map_or(0, |f| f.rows);
        self.make(to.frame, to.slot, |chunk, out| {
            out.yes.fill(0);
            out.no.fill(0);
            fill(chunk, out, rows);
        });
    }

    /// Whether all of a list hold.
    pub(super) fn every(&self, frames: &Frames, frame: u32, list: &[Bit], out: &mut Bits) {
        let Some((first, rest)) = list.split_first() else {
            out.yes.fill(u64::MAX);
            out.no.fill(0);
            return;
        };
        let (yes, no) = self.truths(frames, *first, frame);
        out.copy(yes, no);
        for bit in rest {
            let (more_yes, more_no) = self.truths(frames, *bit, frame);
            out.yes.iter_mut().zip(more_yes).for_each(|(to, from)| *to &= from);
            out.no.iter_mut().zip(more_no).for_each(|(to, from)| *to |= from);
        }
    }

    fn pick(&mut self, frames: &Frames, frame: u32, conditions: &[Bit], first: u32) {
        let words = self.frames.get(frame as usize).map_or(0, |f| f.words());
        let mut rest = vec![u64::MAX; words];
        let mut taken = vec![0; words];
        let mut to = first;
        for condition in conditions {
            self.make(frame, to, |c, out| {
                let (yes, no) = c.truths(frames, *condition, frame);
                for ((((out, rest), taken), yes), no) in
                    out.yes.iter_mut().zip(&mut rest).zip(&mut taken).zip(yes).zip(no)
                {
                    *out = *rest & yes;
                    *taken |= *out;
                    *rest &= no;
                }
            });
            to += 1;
        }
        self.make(frame, to, |_, out| out.yes.copy_from_slice(&rest));
        taken.iter_mut().zip(&rest).for_each(|(taken, rest)| *taken |= rest);
        self.settle(first, to, &taken);
    }

    fn extreme(&mut self, frames: &Frames, frame: u32, groups: &[Box<[Bit]>], first: u32) {
        let words = self.frames.get(frame as usize).map_or(0, |f| f.words());
        let (mut rest, mut known) = (vec![u64::MAX; words], vec![u64::MAX; words]);
        let mut to = first;
        for group in groups {
            self.make(frame, to, |c, out| {
                out.yes.fill(0);
                for bit in group {
                    let (yes, no) = c.truths(frames, *bit, frame);
                    for (((out, known), yes), no) in out.yes.iter_mut().zip(&mut known).zip(yes).zip(no) {
                        *out |= yes;
                        *known &= yes | no;
                    }
                }
                for (out, rest) in out.yes.iter_mut().zip(&mut rest) {
                    let here = *out;
                    *out &= *rest;
                    *rest &= !here;
                }
            });
            to += 1;
        }
        self.settle(first, to.saturating_sub(1), &known);
    }

    /// Says of some columns, one of which is yes of each element, where they are known.
    fn settle(&mut self, first: u32, last: u32, known: &[u64]) {
        for bits in self.bits.get_mut(first as usize..=last as usize).into_iter().flatten() {
            for ((yes, no), known) in bits.yes.iter_mut().zip(&mut bits.no).zip(known) {
                (*yes, *no) = (*yes & known, !*yes & known);
            }
        }
    }

    /// Where a column is open and where it is none.
    fn open_and_none(&self, num: Num, frame: u32) -> (Mask, Mask) {
        let mut room = Vec::new();
        let operand = self.operand(num, frame, &mut room);
        let (mut open, mut none) = (Mask::default(), Mask::default());
        open.clear(operand.longs.len());
        none.clear(operand.longs.len());
        operand.open_to(&mut open);
        operand.none_to(&mut none);
        (open, none)
    }

    /// A test of the words of a column, of which it is said what it says of none.
    fn test(
        &mut self,
        of: Num,
        to: To,
        of_none: OfNone,
        bytes: impl Fn(&[u8], &mut Vec<u64>),
        ints: impl Fn(&[i32], &mut Vec<u64>),
        longs: impl Fn(&[i64], &mut Vec<u64>),
    ) {
        let mut room = std::mem::take(&mut self.scratch.a);
        self.make(to.frame, to.slot, |c, out| {
            let own = match of {
                Num::At(slot) if slot.frame == to.frame => c.numbers(slot),
                Num::At(_) | Num::Value(_) => None,
            };
            let Some(numbers) = own else {
                let operand = c.operand(of, to.frame, &mut room);
                longs(operand.longs, &mut out.yes);
                let (mut open, mut none) = (Mask::default(), Mask::default());
                open.clear(operand.longs.len());
                none.clear(operand.longs.len());
                operand.open_to(&mut open);
                operand.none_to(&mut none);
                return out.known_where(&open, &none, of_none);
            };
            match numbers.width {
                Width::Byte => bytes(&numbers.bytes, &mut out.yes),
                Width::Int => ints(&numbers.ints, &mut out.yes),
                Width::Long => longs(&numbers.longs, &mut out.yes),
            }
            out.known_where(&numbers.open, &numbers.none, of_none);
        });
        self.scratch.a = room;
    }

    fn within(&mut self, of: Num, (low, high): (i64, i64), to: To) {
        self.test(
            of,
            to,
            OfNone::Open,
            |words, out| match (u8::try_from(low.max(0)), u8::try_from(high.min(255))) {
                (Ok(low), Ok(high)) if low <= high => test_each(words, out, |w| low <= w && w <= high),
                _ => test_each(words, out, |_| false),
            },
            |words, out| match (i32::try_from(low.max(i32::MIN.into())), i32::try_from(high.min(i32::MAX.into()))) {
                (Ok(i32::MIN), Ok(high)) => test_each(words, out, |w| w <= high),
                (Ok(low), Ok(i32::MAX)) => test_each(words, out, |w| low <= w),
                (Ok(low), Ok(high)) if low <= high => test_each(words, out, |w| low <= w && w <= high),
                _ => test_each(words, out, |_| false),
            },
            |words, out| test_each(words, out, |w| low <= w && w <= high),
        );
    }

    /// None is no member.
    fn among(&mut self, of: Num, members: u64, to: To) {
        let is_in = |member: u64| member < 64 && members >> (member & 63) & 1 == 1;
        // Members side by side are a range.
        let first = members.trailing_zeros();
        let last = 63u32.saturating_sub(members.leading_zeros());
        let is_range = members != 0 && members.count_ones() == last - first + 1;
        let (low, width) = (u8::try_from(first).unwrap_or(0), u8::try_from(last.saturating_sub(first)).unwrap_or(0));
        self.test(
            of,
            to,
            OfNone::No,
            |words, out| {
                if is_range && width == 0 {
                    test_each(words, out, |w| w == low);
                } else if is_range {
                    test_each(words, out, |w| w.wrapping_sub(low) <= width);
                } else {
                    test_each(words, out, |w| is_in(w.into()));
                }
            },
            |words, out| test_each(words, out, |w| is_in(i64::from(w).cast_unsigned())),
            |words, out| test_each(words, out, |w| is_in(w.cast_unsigned())),
        );
    }

    fn compare(&mut self, test: Test, a: Num, b: Num, to: To) {
        // None equals none alone.
        if let (Test::Equal, Num::Value(value), of) | (Test::Equal, of, Num::Value(value)) = (test, a, b) {
            if value == NONE {
                return self.mark(to, |c, out, _| {
                    let (open, none) = c.open_and_none(of, to.frame);
                    for (((yes, no), open), none) in
                        out.yes.iter_mut().zip(&mut out.no).zip(open.words()).zip(none.words())
                    {
                        (*yes, *no) = (none & !open, !none & !open);
                    }
                });
            }
            if value != OPEN {
                return self.test(
                    of,
                    to,
                    OfNone::No,
                    |words, out| match u8::try_from(value) {
                        Ok(value) => test_each(words, out, |w| w == value),
                        Err(_) => test_each(words, out, |_| false),
                    },
                    |words, out| match i32::try_from(value) {
                        Ok(value) => test_each(words, out, |w| w == value),
                        Err(_) => test_each(words, out, |_| false),
                    },
                    |words, out| test_each(words, out, |w| w == value),
                );
            }
        }
        let mut rooms = (std::mem::take(&mut self.scratch.a), std::mem::take(&mut self.scratch.b));
        self.make(to.frame, to.slot, |c, out| {
            let (a, b) = (c.operand(a, to.frame, &mut rooms.0), c.operand(b, to.frame, &mut rooms.1));
            match test {
                Test::Less => test_pairs(a.longs, b.longs, &mut out.yes, |a, b| a < b),
                Test::LessEqual => test_pairs(a.longs, b.longs, &mut out.yes, |a, b| a <= b),
                Test::Equal => test_pairs(a.longs, b.longs, &mut out.yes, |a, b| a == b),
            }
            let mut open = Mask::default();
            open.clear(a.longs.len());
            a.open_to(&mut open);
            b.open_to(&mut open);
            let (mut left, mut right) = (Mask::default(), Mask::default());
            left.clear(a.longs.len());
            right.clear(a.longs.len());
            a.none_to(&mut left);
            b.none_to(&mut right);
            if test == Test::Equal {
                let sides = left.words().iter().zip(right.words());
                for (yes, (left, right)) in out.yes.iter_mut().zip(sides) {
                    *yes = (*yes & !left & !right) | (left & right);
                }
            } else {
                open.add(&left);
                open.add(&right);
            }
            let nowhere = Mask::default();
            out.known_where(&open, &nowhere, OfNone::Open);
        });
        (self.scratch.a, self.scratch.b) = rooms;
    }

    /// Makes a column of numbers.
    pub(super) fn fill(&mut self, to: Slot, fill: impl FnOnce(&Chunk, &mut Numbers, usize)) {
        let rows = self.frames.get(to.frame as usize).map_or(0, |f| f.rows);
        let slot = |c: &mut Chunk| c.nums.get_mut(to.frame as usize)?.get_mut(to.slot as usize).map(std::mem::take);
        let Some(mut out) = slot(self) else { return };
        out.begin(rows);
        fill(self, &mut out, rows);
        if let Some(slot) = self.nums.get_mut(to.frame as usize).and_then(|f| f.get_mut(to.slot as usize)) {
            *slot = out;
        }
    }

    /// Makes a column element by element.
    fn each(&mut self, frames: &Frames, to: Slot, value: impl Fn(&Seen<'_>, usize) -> i64) {
        let mut words = std::mem::take(&mut self.scratch.a);
        self.fill(to, |chunk, out, rows| {
            let seen = Seen { chunk, frames, frame: to.frame };
            words.clear();
            words.extend((0..rows).map(|row| value(&seen, row)));
            out.take(&words);
        });
        self.scratch.a = words;
    }

    fn reckon(&mut self, what: Reckon, a: Num, b: Num, to: Slot) {
        let mut rooms = (std::mem::take(&mut self.scratch.a), std::mem::take(&mut self.scratch.b));
        self.fill(to, |c, out, _| {
            let (a, b) = (c.operand(a, to.frame, &mut rooms.0), c.operand(b, to.frame, &mut rooms.1));
            a.unknown_to(&mut out.open);
            b.unknown_to(&mut out.open);
            let pairs = || a.longs.iter().zip(b.longs).map(|(a, b)| (*a, *b));
            let bounds = bounds(what, (a.low, a.high), (b.low, b.high));
            if let Some((low, high)) = bounds {
                (out.low, out.high) = (low, high);
                match what {
                    Reckon::Add => out.longs.extend(pairs().map(|(a, b)| a.wrapping_add(b))),
                    Reckon::Subtract => out.longs.extend(pairs().map(|(a, b)| a.wrapping_sub(b))),
                    Reckon::Multiply => out.longs.extend(pairs().map(|(a, b)| a.wrapping_mul(b))),
                    Reckon::Min => out.longs.extend(pairs().map(|(a, b)| a.min(b))),
                    Reckon::Max => out.longs.extend(pairs().map(|(a, b)| a.max(b))),
                }
                return;
            }
            out.checked(pairs().map(|(a, b)| super::super::run::reckon(what, a, b)));
        });
        (self.scratch.a, self.scratch.b) = rooms;
    }

    fn add_product(&mut self, a: Num, b: Num, factor: i64, to: Slot) {
        let mut rooms = (std::mem::take(&mut self.scratch.a), std::mem::take(&mut self.scratch.b));
        self.fill(to, |c, out, _| {
            let (a, b) = (c.operand(a, to.frame, &mut rooms.0), c.operand(b, to.frame, &mut rooms.1));
            a.unknown_to(&mut out.open);
            b.unknown_to(&mut out.open);
            let pairs = || a.longs.iter().zip(b.longs).map(|(a, b)| (*a, *b));
            let product = bounds(Reckon::Multiply, (b.low, b.high), (factor, factor));
            if let Some((low, high)) = product.and_then(|p| bounds(Reckon::Add, (a.low, a.high), p)) {
                (out.low, out.high) = (low, high);
                return out.longs.extend(pairs().map(|(a, b)| a.wrapping_add(b.wrapping_mul(factor))));
            }
            out.checked(pairs().map(|(a, b)| add_product(a, b, factor)));
        });
        (self.scratch.a, self.scratch.b) = rooms;
    }
}

/// The bounds of a result; nothing where one may not be a word.
fn bounds(what: Reckon, (a, b): (i64, i64), (c, d): (i64, i64)) -> Option<(i64, i64)> {
    let (low, high) = match what {
        Reckon::Add => (a.checked_add(c)?, b.checked_add(d)?),
        Reckon::Subtract => (a.checked_sub(d)?, b.checked_sub(c)?),
        Reckon::Multiply => {
            let all = [a.checked_mul(c)?, a.checked_mul(d)?, b.checked_mul(c)?, b.checked_mul(d)?];
            (all.into_iter().min()?, all.into_iter().max()?)
        }
        Reckon::Min => (a.min(c), b.min(d)),
        Reckon::Max => (a.max(c), b.max(d)),
    };
    (!is_open(low)).then_some((low, high))
}

impl Numbers {
    /// Takes results, each of which may be open.
    pub(super) fn checked(&mut self, results: impl Iterator<Item = i64>) {
        for (row, word) in results.enumerate() {
            if is_open(word) {
                self.open.set(row);
            }
            self.longs.push(if is_open(word) { 0 } else { word });
        }
        self.bound();
    }
}

impl Bits {
    fn copy(&mut self, yes: &[u64], no: &[u64]) {
        self.yes.iter_mut().zip(yes).for_each(|(to, from)| *to = *from);
        self.no.iter_mut().zip(no).for_each(|(to, from)| *to = *from);
    }

    /// Says no where yes is not said, and nothing where it is open.
    fn known_where(&mut self, open: &Mask, none: &Mask, of_none: OfNone) {
        for (yes, no) in self.yes.iter().zip(&mut self.no) {
            *no = !yes;
        }
        if none.any() {
            for ((yes, no), none) in self.yes.iter_mut().zip(&mut self.no).zip(none.words()) {
                *yes &= !none;
                *no = if of_none == OfNone::No { *no | none } else { *no & !none };
            }
        }
        if open.any() {
            for ((yes, no), open) in self.yes.iter_mut().zip(&mut self.no).zip(open.words()) {
                (*yes, *no) = (*yes & !open, *no & !open);
            }
        }
    }
}
