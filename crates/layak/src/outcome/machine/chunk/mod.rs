//! A machine run over a chunk of many households at once: the same steps, each a loop over columns that stay in cache.
//!
//! The elements of all households of a frame stand one after another; `offsets` says where those of each household begin.
//! INVARIANT: what is not open here is what the machine of one household says; generated tests hold it to that. Where
//! something that a decision rests on is open the household goes the exact way.

mod aggregate;
mod column;
mod frames;
mod read;
mod steps;

#[cfg(test)]
pub(super) mod tests;
mod tried;

use super::{Bit, Judging, Kind, Machine, Num, OPEN, Reg, Slot};
use crate::arena::Id;
use crate::graph::NodeId;
use crate::value::{Calendar, Value};

pub(crate) use column::{Bits, Mask, Numbers, Width};
use column::{each_set, is_set, set, unset, within};
pub(crate) use frames::Frames;
pub(crate) use tried::{Tried, TriedFacts};

/// The elements of a frame.
#[derive(Clone, Debug, Default)]
pub(crate) struct Elements {
    pub(crate) rows: usize,
    /// Where those of each household begin, and where the last end.
    pub(crate) offsets: Vec<u32>,
    /// By element: its household.
    pub(crate) owner: Vec<u32>,
    /// The most elements of one household.
    pub(crate) longest: usize,
}

impl Elements {
    fn words(&self) -> usize {
        self.rows.div_ceil(64)
    }

    /// Where the elements of a household begin and end.
    pub(crate) fn of(&self, household: usize) -> std::ops::Range<usize> {
        let at = |n: usize| self.offsets.get(n).map_or(0, |o| *o as usize);
        at(household)..at(household + 1)
    }
}

/// What every column came to for the households of a chunk. Kept and used again, it asks for no memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chunk {
    households: usize,
    frames: Vec<Elements>,
    /// By frame, by slot.
    nums: Vec<Vec<Numbers>>,
    bits: Vec<Bits>,
    /// Columns of the household as its elements see them.
    spread: Vec<Bits>,
    /// Households that go the exact way.
    exact: Mask,
    /// Those of them whose facts are not as asked.
    refused: Mask,
    /// By programme.
    judged: Vec<Judged>,
    ones: Vec<u64>,
    zeros: Vec<u64>,
    scratch: Scratch,
}

/// What a programme came to, a bit for each element of its frame.
#[derive(Clone, Debug, Default)]
struct Judged {
    /// Every condition holds.
    eligible: Vec<u64>,
    /// One does not. Worked out where a condition is open alone.
    refused: Vec<u64>,
    /// Of those who are eligible: an output is open.
    open_output: Vec<u64>,
    /// Found by trying what is not known: undetermined; eligible, though an output is open.
    undetermined: Vec<u64>,
    certain: Vec<u64>,
}

/// How a programme is decided for an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decided {
    Eligible,
    NotEligible,
    Undetermined,
}

/// Room for what steps need in between.
#[derive(Clone, Debug, Default)]
struct Scratch {
    a: Vec<i64>,
    b: Vec<i64>,
    words: Vec<u64>,
    more: Vec<u64>,
}

impl Chunk {
    /// Begins anew with so many households, of which the elements are told next.
    pub(crate) fn begin(&mut self, frames: &Frames, households: usize) {
        self.households = households;
        self.frames.resize_with(frames.slots.len(), Elements::default);
        self.nums.resize_with(frames.slots.len(), Vec::new);
        for (nums, slots) in self.nums.iter_mut().zip(&frames.slots) {
            nums.resize_with(*slots, Numbers::default);
        }
        self.bits.resize_with(frames.bits.len(), Bits::default);
        self.spread.resize_with(frames.spread.len(), Bits::default);
        self.exact.clear(households);
        self.refused.clear(households);
        if let Some(home) = self.frames.first_mut() {
            home.rows = households;
        }
    }

    /// The elements of a frame, by where those of each household begin and where the last end, counted from any number.
    pub(crate) fn elements(&mut self, frame: usize, offsets: impl Iterator<Item = u32>) {
        let Some(elements) = self.frames.get_mut(frame) else { return };
        elements.offsets.clear();
        elements.owner.clear();
        elements.longest = 0;
        let mut first = None;
        let mut end = 0;
        for (offset, household) in offsets.zip(0u32..) {
            let at = offset - *first.get_or_insert(offset);
            if household > 0 {
                elements.longest = elements.longest.max((at - end) as usize);
                elements.owner.resize(at as usize, household - 1);
            }
            end = at;
            elements.offsets.push(at);
        }
        elements.rows = end as usize;
    }

    /// The column of a fact to be filled: the frame, and which of its facts.
    pub(crate) fn fact(&mut self, frame: usize, nth: usize) -> Option<(&mut Numbers, &Elements, &mut Mask)> {
        let numbers = self.nums.get_mut(frame)?.get_mut(nth)?;
        Some((numbers, self.frames.get(frame)?, &mut self.exact))
    }

    /// The bits of a fact to be filled, and how many elements they are of.
    pub(crate) fn fact_bits(&mut self, nth: usize, frame: usize) -> Option<(&mut Bits, &Elements, &mut Mask)> {
        Some((self.bits.get_mut(nth + 2)?, self.frames.get(frame)?, &mut self.exact))
    }

    /// The elements of a frame, and the households that go the exact way, to be added to.
    pub(crate) fn elements_and_exact(&mut self, frame: usize) -> Option<(&Elements, &mut Mask)> {
        Some((self.frames.get(frame)?, &mut self.exact))
    }

    pub(crate) fn frame(&self, frame: usize) -> Option<&Elements> {
        self.frames.get(frame)
    }

    /// The households that go the exact way.
    pub(crate) fn exact(&self) -> &Mask {
        &self.exact
    }

    pub(crate) fn exact_mut(&mut self) -> &mut Mask {
        &mut self.exact
    }

    /// Runs a machine's steps and judges its programmes, once the facts are there.
    pub(crate) fn run(&mut self, machine: &Machine, frames: &Frames, calendar: Calendar) {
        let most = self.frames.iter().map(Elements::words).max().unwrap_or(0);
        self.ones.resize(most, u64::MAX);
        self.zeros.resize(most, 0);
        for (step, plan) in machine.steps.iter().zip(&frames.steps) {
            self.step(machine, frames, step, plan, calendar);
        }
        self.refused.add(&self.exact);
        self.judged.resize_with(machine.programmes.len(), Judged::default);
        let mut wanted = 0;
        for (number, programme) in machine.programmes.iter().enumerate() {
            if self.judge(machine, frames, number) {
                wanted |= programme.bit;
            }
        }
        for ((of, step), plan) in machine.output_steps.iter().zip(&frames.output_steps) {
            if of & wanted != 0 {
                self.step(machine, frames, step, plan, calendar);
            }
        }
        for number in 0..machine.programmes.len() {
            self.outputs(machine, frames, number);
        }
    }

    /// Decides a programme for all that it is for; households of which a condition is open go the exact way. Whether somebody is
    /// eligible, or may be.
    fn judge(&mut self, machine: &Machine, frames: &Frames, number: usize) -> bool {
        let Some(judging) = machine.programmes.get(number) else { return false };
        let Some(elements) = self.frames.get(judging.frame as usize) else { return false };
        let mut judged = self.judged.get_mut(number).map(std::mem::take).unwrap_or_default();
        let words = elements.words();
        let eligible = &mut judged.eligible;
        eligible.clear();
        eligible.extend((0..words).map(|n| within(elements.rows, n)));
        judged.refused.clear();
        judged.undetermined.clear();
        judged.certain.clear();
        judged.open_output.clear();
        let mut open = std::mem::take(&mut self.scratch.words);
        open.clear();
        open.resize(words, 0);
        let mut of_home = std::mem::take(&mut self.scratch.more);
        of_home.clear();
        of_home.resize(self.households.div_ceil(64), u64::MAX);
        let mut open_home = vec![0u64; 0];
        for condition in &judging.conditions {
            let is_home = judging.frame != 0 && frames.frame_of(*condition) == 0;
            let (yes, no) = self.truths(frames, *condition, if is_home { 0 } else { judging.frame });
            let (eligible, open) = if is_home {
                open_home.resize(of_home.len(), 0);
                (&mut of_home, &mut open_home)
            } else {
                (&mut *eligible, &mut open)
            };
            for (((eligible, open), yes), no) in eligible.iter_mut().zip(open.iter_mut()).zip(yes).zip(no) {
                *eligible &= yes;
                *open |= !(yes | no);
            }
        }
        if judging.frame != 0
            && of_home.iter().zip(0..).any(|(w, n)| *w & within(self.households, n) != within(self.households, n))
        {
            each_set(&eligible.clone(), elements.rows, |row| {
                let home = elements.owner.get(row).map_or(0, |o| *o as usize);
                if !is_set(&of_home, home) {
                    unset(eligible, row);
                }
            });
        }
        if !judging.in_force {
            eligible.fill(0);
        }
        for (index, word) in open.iter_mut().enumerate() {
            *word &= within(elements.rows, index);
        }
        for (index, word) in open_home.iter_mut().enumerate() {
            *word &= within(self.households, index);
        }
        let is_open = open.iter().chain(&open_home).any(|w| *w != 0);
        if is_open {
            self.refuse(frames, judging, &mut judged.refused);
        }
        if judging.frame == 0 {
            self.exact.add_words(&open);
        } else {
            let exact = &mut self.exact;
            each_set(&open, elements.rows, |row| exact.set(elements.owner.get(row).map_or(0, |o| *o as usize)));
            // Nothing is asked of a household without such elements.
            each_set(&open_home, self.households, |home| {
                if !elements.of(home).is_empty() {
                    exact.set(home);
                }
            });
        }
        self.scratch.words = open;
        self.scratch.more = of_home;
        let is_wanted = judging.in_force && (is_open || judged.eligible.iter().any(|w| *w != 0));
        if let Some(slot) = self.judged.get_mut(number) {
            *slot = judged;
        }
        is_wanted
    }

    /// Who is refused by a condition, whatever others come to.
    fn refuse(&self, frames: &Frames, judging: &Judging, out: &mut Vec<u64>) {
        let Some(elements) = self.frames.get(judging.frame as usize) else { return };
        out.resize(elements.words(), 0);
        for condition in &judging.conditions {
            let is_home = judging.frame != 0 && frames.frame_of(*condition) == 0;
            let (_, no) = self.truths(frames, *condition, if is_home { 0 } else { judging.frame });
            if is_home {
                each_set(no, self.households, |home| elements.of(home).for_each(|row| set(out, row)));
            } else {
                out.iter_mut().zip(no).for_each(|(to, no)| *to |= no);
            }
        }
    }

    /// Sends households to the exact way of whose outputs one is open for somebody who is eligible.
    fn outputs(&mut self, machine: &Machine, frames: &Frames, number: usize) {
        let (Some(judging), Some(judged)) = (machine.programmes.get(number), self.judged.get(number)) else {
            return;
        };
        let eligible = &judged.eligible;
        if eligible.iter().all(|w| *w == 0) {
            return;
        }
        let Some(elements) = self.frames.get(judging.frame as usize) else { return };
        let mut found: Vec<u64> = Vec::new();
        for (_, node) in &judging.outputs {
            let is_open = |row: usize| self.value(machine, frames, *node, judging.frame, row).is_none();
            let may_be_open = match machine.regs.get(node.index()) {
                Some(Reg::Num(Num::Value(word), _)) => *word == OPEN,
                Some(Reg::Num(Num::At(slot), _)) => self.numbers(*slot).is_none_or(|n| n.open.any()),
                Some(Reg::Bit(bit)) => {
                    let (yes, no) = self.truths(frames, *bit, frames.frame_of(*bit));
                    yes.iter().zip(no).any(|(yes, no)| yes | no != u64::MAX)
                }
                Some(Reg::Exact(_)) => false,
                Some(Reg::Open) | None => true,
            };
            if may_be_open {
                found.resize(eligible.len(), 0);
                let found = &mut found;
                each_set(eligible, elements.rows, |row| {
                    if is_open(row) {
                        set(found, row);
                    }
                });
            }
        }
        let (exact, frame) = (&mut self.exact, judging.frame);
        each_set(&found, elements.rows, |row| {
            exact.set(if frame == 0 { row } else { elements.owner.get(row).map_or(0, |o| *o as usize) });
        });
        if let Some(judged) = self.judged.get_mut(number) {
            judged.open_output = found;
        }
    }

    /// How a programme is decided for an element of its frame, if columns tell.
    pub(crate) fn decided(&self, machine: &Machine, programme: usize, row: usize) -> Option<Decided> {
        let (judging, judged) = (machine.programmes.get(programme)?, self.judged.get(programme)?);
        let frame = judging.frame;
        if self.refused.get(self.home(frame, row)) {
            return None;
        }
        if !judging.in_force || is_set(&judged.refused, row) {
            Some(Decided::NotEligible)
        } else if is_set(&judged.eligible, row) {
            let is_certain = !is_set(&judged.open_output, row) || is_set(&judged.certain, row);
            is_certain.then_some(Decided::Eligible)
        } else if judged.refused.is_empty() {
            // No condition was open for anybody.
            Some(Decided::NotEligible)
        } else {
            is_set(&judged.undetermined, row).then_some(Decided::Undetermined)
        }
    }

    /// Who is eligible for a programme, in its frame.
    pub(crate) fn is_eligible(&self, programme: usize, row: usize) -> bool {
        self.judged.get(programme).is_some_and(|j| is_set(&j.eligible, row))
    }

    /// The same as whole words.
    pub(crate) fn eligible(&self, programme: usize) -> &[u64] {
        self.judged.get(programme).map_or(&[], |j| j.eligible.as_slice())
    }

    /// The conditions of a programme that fail for an element of its frame, by number.
    pub(crate) fn failing(
        &self,
        machine: &Machine,
        frames: &Frames,
        programme: usize,
        row: usize,
    ) -> impl Iterator<Item = usize> {
        let (frame, conditions) =
            machine.programmes.get(programme).map_or((0, &[][..]), |p| (p.frame, p.conditions.as_slice()));
        let fails = move |(_, bit): &(usize, &Bit)| self.truth(frames, **bit, frame, row) == Some(false);
        conditions.iter().enumerate().filter(fails).map(|(index, _)| index)
    }

    /// The conditions of a programme that fail for an element of its frame, by their places among all of them by name.
    pub(crate) fn failing_by_name(
        &self,
        machine: &Machine,
        frames: &Frames,
        programme: usize,
        row: usize,
    ) -> impl Iterator<Item = usize> {
        let judging = machine.programmes.get(programme);
        let order = judging.map_or(&[][..], |judging| &judging.by_name);
        let fails = move |at: &usize| {
            let bit = judging.and_then(|judging| Some((judging.frame, *judging.conditions.get(*at)?)));
            bit.is_some_and(|(frame, bit)| self.truth(frames, bit, frame, row) == Some(false))
        };
        order.iter().zip(0..).filter(move |(at, _)| fails(at)).map(|(_, place)| place)
    }

    /// The same for all elements at once, a bit each; nothing where there are more than a word has bits. The cost is that of the words of bits, and of
    /// each condition that fails.
    pub(crate) fn all_failing_by_name(
        &self,
        machine: &Machine,
        frames: &Frames,
        programme: usize,
        out: &mut Vec<u64>,
    ) -> Option<()> {
        let judging = machine.programmes.get(programme).filter(|judging| judging.conditions.len() <= 64)?;
        let elements = self.frames.get(judging.frame as usize)?;
        out.clear();
        out.resize(elements.rows, 0);
        for (place, at) in judging.by_name.iter().enumerate() {
            let bit = *judging.conditions.get(*at)?;
            let own = frames.frame_of(bit);
            let (_, no) = self.truths(frames, bit, own);
            let mut fails = |row: usize| {
                if let Some(failing) = out.get_mut(row) {
                    *failing |= 1 << place;
                }
            };
            if own == judging.frame || bit.slot < 2 {
                each_set(no, elements.rows, fails);
            } else {
                each_set(no, self.households, |home| elements.of(home).for_each(&mut fails));
            }
        }
        Some(())
    }

    /// The value of a node as an element of a frame sees it; nothing where it is open.
    pub(crate) fn value(
        &self,
        machine: &Machine,
        frames: &Frames,
        node: NodeId,
        frame: u32,
        row: usize,
    ) -> Option<Value> {
        match machine.regs.get(node.index())? {
            Reg::Num(num, kind) => machine.decode(self.word(*num, frame, row), *kind),
            Reg::Bit(bit) => self.truth(frames, *bit, frame, row).map(Value::Boolean),
            Reg::Exact(value) => Some(value.clone()),
            Reg::Open => None,
        }
    }

    /// A known number that a node has: as a word, and its scale.
    pub(crate) fn number(&self, machine: &Machine, node: NodeId, frame: u32, row: usize) -> Option<(i64, u32)> {
        match machine.regs.get(node.index())? {
            Reg::Num(num, Kind::Number { scale }) => {
                Some((self.word(*num, frame, row), *scale)).filter(|(word, _)| !super::is_open(*word))
            }
            _ => None,
        }
    }

    fn numbers(&self, slot: Slot) -> Option<&Numbers> {
        self.nums.get(slot.frame as usize)?.get(slot.slot as usize)
    }

    /// The household of an element of a frame.
    fn home(&self, frame: u32, row: usize) -> usize {
        if frame == 0 {
            return row;
        }
        self.frames.get(frame as usize).and_then(|f| f.owner.get(row)).map_or(0, |o| *o as usize)
    }

    /// A word as an element of a frame sees it.
    fn word(&self, num: Num, frame: u32, row: usize) -> i64 {
        match num {
            Num::Value(value) => value,
            Num::At(slot) => {
                let row = if slot.frame == frame { row } else { self.home(frame, row) };
                self.numbers(slot).map_or(OPEN, |n| n.word(row))
            }
        }
    }

    fn truth(&self, frames: &Frames, bit: Bit, frame: u32, row: usize) -> Option<bool> {
        let own = frames.frame_of(bit);
        let row = if own == frame || bit.slot < 2 { row } else { self.home(frame, row) };
        let (yes, no) = self.truths(frames, bit, own);
        let at = |words: &[u64]| words.get(row / 64).is_some_and(|w| w >> (row % 64) & 1 == 1);
        if at(yes) {
            Some(true)
        } else if at(no) {
            Some(false)
        } else {
            None
        }
    }

    /// Yes and no of a column as a frame sees them.
    fn truths(&self, frames: &Frames, bit: Bit, frame: u32) -> (&[u64], &[u64]) {
        let (yes, no) = match bit.slot {
            0 => (self.ones.as_slice(), self.zeros.as_slice()),
            1 => (self.zeros.as_slice(), self.zeros.as_slice()),
            slot => {
                let bits = match frames.seen_as(slot, frame) {
                    None => self.bits.get(slot as usize),
                    Some(spread) => self.spread.get(spread),
                };
                bits.map_or((self.zeros.as_slice(), self.zeros.as_slice()), |b| (&b.yes, &b.no))
            }
        };
        if bit.not { (no, yes) } else { (yes, no) }
    }
}
