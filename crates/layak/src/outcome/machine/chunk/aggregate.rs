//! What is said of the elements of each household: loops over the runs of elements, or over the bits that are set where
//! these are few.

use super::super::rows::Read;
use super::super::run::reckon;
use super::super::step::{Fold, Reckon};
use super::super::{Bit, Num, OPEN, Slot, is_open};
use super::column::{each_set, within};
use super::read::Seen;
use super::{Chunk, Elements, Frames};

impl Elements {
    /// The households that have an element of some, added to what is there.
    fn homes_of(&self, some: &[u64], out: &mut [u64]) {
        let count: usize = some.iter().enumerate().map(|(n, w)| (w & within(self.rows, n)).count_ones() as usize).sum();
        if count * 4 < self.rows {
            each_set(some, self.rows, |row| {
                let home = self.owner.get(row).map_or(0, |o| *o as usize);
                if let Some(word) = out.get_mut(home / 64) {
                    *word |= 1 << (home % 64);
                }
            });
            return;
        }
        for (to, offsets) in out.iter_mut().zip(self.offsets.chunks(64).zip(0..).map(|(_, n)| n * 64)) {
            let run = self.offsets.get(offsets..).unwrap_or(&[]);
            let mut bits = 0;
            for (n, pair) in run.windows(2).take(64).enumerate() {
                if let [start, end] = pair {
                    bits |= u64::from(any_between(some, *start as usize, *end as usize)) << n;
                }
            }
            *to |= bits;
        }
    }
}

/// Whether a bit is set from one place up to another.
fn any_between(words: &[u64], start: usize, end: usize) -> bool {
    if start >= end {
        return false;
    }
    let (first, last) = (start / 64, (end - 1) / 64);
    let low = u64::MAX << (start % 64);
    let high = u64::MAX >> (63 - (end - 1) % 64);
    let at = |n: usize| words.get(n).copied().unwrap_or(0);
    if first == last {
        return at(first) & low & high != 0;
    }
    at(first) & low != 0 || at(last) & high != 0 || (first + 1..last).any(|n| at(n) != 0)
}

impl Chunk {
    /// Whether all of a list hold for an element of each household.
    pub(super) fn any(&mut self, frames: &Frames, frame: u32, list: &[Bit], to: u32) {
        let Some(elements) = self.frames.get(frame as usize) else { return };
        let mut every =
            super::Bits { yes: std::mem::take(&mut self.scratch.words), no: std::mem::take(&mut self.scratch.more) };
        every.room(elements.words());
        self.every(frames, frame, list, &mut every);
        self.make(0, to, |c, out| {
            let Some(elements) = c.frames.get(frame as usize) else { return };
            out.yes.fill(0);
            elements.homes_of(&every.yes, &mut out.yes);
            // Where everything is known, the households without are those that are not among the households with.
            let mut is_known = true;
            for (index, (yes, no)) in every.yes.iter().zip(&mut every.no).enumerate() {
                *no = !*no & within(elements.rows, index);
                is_known &= *no & !yes == 0;
            }
            if is_known {
                out.no.copy_from_slice(&out.yes);
            } else {
                out.no.fill(0);
                elements.homes_of(&every.no, &mut out.no);
            }
            out.no.iter_mut().for_each(|word| *word = !*word);
        });
        (self.scratch.words, self.scratch.more) = (every.yes, every.no);
    }

    pub(super) fn aggregate(
        &mut self,
        frames: &Frames,
        (fold, frame, counts): (Fold, u32, Bit),
        (value, empty): (Num, Num),
        to: u32,
    ) {
        let to = Slot { frame: 0, slot: to };
        let mut room = std::mem::take(&mut self.scratch.b);
        let mut words = std::mem::take(&mut self.scratch.words);
        self.fill(to, |c, out, rows| {
            let Some(elements) = c.frames.get(frame as usize) else { return };
            let (yes, no) = c.truths(frames, counts, frame);
            // Elements of which it is open whether they count, or what.
            words.clear();
            words.extend(yes.iter().zip(no).take(elements.words()).map(|(yes, no)| !(yes | no)));
            if fold == Fold::Count {
                out.longs.resize(rows, 0);
                each_set(yes, elements.rows, |row| {
                    let home = elements.owner.get(row).map_or(0, |o| *o as usize);
                    if let Some(count) = out.longs.get_mut(home) {
                        *count += 1;
                    }
                });
                (out.low, out.high) = (0, i64::try_from(elements.longest).unwrap_or(i64::MAX));
                if empty != Num::Value(0) {
                    let seen = Seen { chunk: c, frames, frame: 0 };
                    let counts = std::mem::take(&mut out.longs);
                    let own = counts.iter().enumerate();
                    let own: Vec<i64> = own.map(|(home, n)| if *n > 0 { *n } else { seen.num(empty, home) }).collect();
                    out.take(&own);
                }
            } else {
                let operand = c.operand(value, frame, &mut room);
                let mut unknown = super::Mask::default();
                unknown.clear(elements.rows);
                operand.unknown_to(&mut unknown);
                if unknown.any() {
                    for ((word, yes), unknown) in words.iter_mut().zip(yes).zip(unknown.words()) {
                        *word |= yes & unknown;
                    }
                }
                let seen = Seen { chunk: c, frames, frame: 0 };
                let at = |row: usize| yes.get(row / 64).is_some_and(|w| w >> (row % 64) & 1 == 1);
                let own: Vec<i64> = (0..rows)
                    .map(|home| {
                        let range = elements.of(home);
                        let values = operand.longs.get(range.clone()).unwrap_or(&[]);
                        let mut found: Option<i64> = None;
                        for value in range.zip(values).filter(|(row, _)| at(*row)).map(|(_, v)| *v) {
                            found = Some(match (found, fold) {
                                (None, _) => value,
                                (Some(sum), Fold::Sum | Fold::Count) => reckon(Reckon::Add, sum, value),
                                (Some(least), Fold::Min) => least.min(value),
                                (Some(most), Fold::Max) => most.max(value),
                            });
                        }
                        found.unwrap_or_else(|| seen.num(empty, home))
                    })
                    .collect();
                out.take(&own);
            }
            if words.iter().enumerate().any(|(n, w)| w & within(elements.rows, n) != 0) {
                each_set(&words, elements.rows, |row| out.open.set(elements.owner.get(row).map_or(0, |o| *o as usize)));
            }
        });
        self.scratch.b = room;
        self.scratch.words = words;
    }

    /// The sum of the greatest so many.
    pub(super) fn top_sum(
        &mut self,
        frames: &Frames,
        (frame, counts): (u32, Bit),
        (value, count): (Num, Num),
        to: u32,
    ) {
        self.fill(Slot { frame: 0, slot: to }, |c, out, rows| {
            let Some(elements) = c.frames.get(frame as usize) else { return };
            let seen = Seen { chunk: c, frames, frame };
            let home_seen = Seen { chunk: c, frames, frame: 0 };
            let mut values: Vec<i64> = Vec::new();
            let own = |home: usize| {
                values.clear();
                for row in elements.of(home) {
                    match seen.truth(counts, row) {
                        Some(true) => values.push(seen.num(value, row)),
                        Some(false) => {}
                        None => return OPEN,
                    }
                }
                values.sort_unstable_by(|a, b| b.cmp(a));
                let count = home_seen.num(count, home);
                if is_open(count) || values.last().is_some_and(|v| is_open(*v)) {
                    return OPEN;
                }
                let count = usize::try_from(count).unwrap_or(0);
                values.iter().take(count).fold(0, |sum, v| reckon(Reckon::Add, sum, *v))
            };
            let own: Vec<i64> = (0..rows).map(own).collect();
            out.take(&own);
        });
    }
}
