//! In which frame each step of a machine computes, found once a plan. The machine of one household does not ask: what holds
//! for the household stands in every bit there.

use std::collections::BTreeMap;

use super::super::step::{Bits, Column, Step};
use super::super::{Bit, Machine, Num};

/// Entries of a parameter that are looked up by index.
const MOST_DENSE: i64 = 1 << 16;

/// How the steps of a machine run over a chunk.
#[derive(Clone, Debug)]
pub(crate) struct Frames {
    /// By frame: how many number slots it has.
    pub(super) slots: Vec<usize>,
    /// By column of bits.
    pub(super) bits: Vec<u32>,
    /// Columns of the household that elements of a frame see.
    pub(super) spread: Vec<(u32, u32)>,
    by_seen: BTreeMap<(u32, u32), usize>,
    pub(super) steps: Vec<InFrame>,
    pub(super) output_steps: Vec<InFrame>,
}

/// A step's frame, and what must be spread before it runs.
#[derive(Clone, Debug, Default)]
pub(super) struct InFrame {
    pub frame: u32,
    pub spread: Box<[usize]>,
    /// Of a parameter with one key: its values by index.
    pub dense: Option<Box<[i64]>>,
}

impl Frames {
    /// The cost is linear in the steps.
    pub(crate) fn of(machine: &Machine) -> Frames {
        let mut frames = Frames {
            slots: machine.slots.clone(),
            bits: vec![0; machine.bits],
            spread: Vec::new(),
            by_seen: BTreeMap::new(),
            steps: Vec::new(),
            output_steps: Vec::new(),
        };
        for (slot, (frame, _)) in frames.bits.iter_mut().skip(2).zip(&machine.layout.bits) {
            *slot = u32::try_from(*frame).unwrap_or(0);
        }
        let mut done: BTreeMap<(u32, u32), bool> = BTreeMap::new();
        // What a step of outputs spreads may hang on one that is not run for others: each spreads for itself.
        let steps = machine.steps.iter().map(|step| frames.place(step, Some(&mut done))).collect();
        let output_steps = machine.output_steps.iter().map(|(_, step)| frames.place(step, None)).collect();
        frames.steps = steps;
        frames.output_steps = output_steps;
        frames
    }

    pub(super) fn frame_of(&self, bit: Bit) -> u32 {
        self.bits.get(bit.slot as usize).copied().unwrap_or(0)
    }

    /// Where a column of bits stands as a frame sees it, if not where it was made.
    pub(super) fn seen_as(&self, slot: u32, frame: u32) -> Option<usize> {
        if self.bits.get(slot as usize) == Some(&frame) { None } else { self.by_seen.get(&(slot, frame)).copied() }
    }

    fn place(&mut self, step: &Step, mut done: Option<&mut BTreeMap<(u32, u32), bool>>) -> InFrame {
        let bits_read: Vec<u32> =
            step.reads().into_iter().filter_map(|c| if let Column::Bits(b) = c { Some(b) } else { None }).collect();
        let joined = bits_read.iter().filter_map(|b| self.bits.get(*b as usize)).max().copied().unwrap_or(0);
        let (frame, made) = match step {
            Step::And { .. }
            | Step::Same { .. }
            | Step::ChooseBit { .. }
            | Step::UniqueBit { .. }
            | Step::Pick { .. }
            | Step::Extreme { .. } => (joined, joined),
            Step::Compare { to, .. }
            | Step::Within { to, .. }
            | Step::Among { to, .. }
            | Step::IsNone { to, .. }
            | Step::GatherBit { to, .. } => {
                let Bits { frame, .. } = to;
                (*frame, *frame)
            }
            Step::Choose { to, .. }
            | Step::Reckon { to, .. }
            | Step::AddProduct { to, .. }
            | Step::Divide { to, .. }
            | Step::Years { to, .. }
            | Step::OrElse { to, .. }
            | Step::Apply { to, .. }
            | Step::Lookup { to, .. }
            | Step::Combine { to, .. }
            | Step::Unique { to, .. }
            | Step::Rows { to }
            | Step::Gather { to, .. } => (to.frame, to.frame),
            Step::Aggregate { frame, .. } | Step::TopSum { frame, .. } | Step::Any { frame, .. } => (*frame, 0),
        };
        if let (Column::Bits(first), count) = step.makes() {
            for slot in self.bits.iter_mut().skip(first as usize).take(count) {
                *slot = made;
            }
        }
        let mut spread = Vec::new();
        for slot in bits_read {
            if slot < 2 || frame == 0 || self.bits.get(slot as usize) != Some(&0) {
                continue;
            }
            let next = self.spread.len();
            let index = *self.by_seen.entry((slot, frame)).or_insert(next);
            if index == next {
                self.spread.push((slot, frame));
            }
            let is_made = done.as_deref_mut().is_some_and(|done| done.insert((slot, frame), true).is_some());
            if !is_made && !spread.contains(&index) {
                spread.push(index);
            }
        }
        let dense =
            if let Step::Lookup { keys, values, default, .. } = step { dense(keys, values, *default) } else { None };
        InFrame { frame, spread: spread.into(), dense }
    }
}

/// The values of a parameter by its one key, where that is a small number.
fn dense(keys: &[Num], values: &[(Box<[i64]>, i64)], default: i64) -> Option<Box<[i64]>> {
    if keys.len() != 1 {
        return None;
    }
    let most = values.iter().filter_map(|(key, _)| key.first()).max().copied().unwrap_or(0);
    let all_fit = values.iter().all(|(key, _)| key.first().is_some_and(|k| (0..MOST_DENSE).contains(k)));
    let mut out = vec![default; usize::try_from(most).ok().filter(|_| all_fit)? + 1];
    for (key, value) in values {
        let index = key.first().and_then(|k| usize::try_from(*k).ok())?;
        *out.get_mut(index)? = *value;
    }
    Some(out.into())
}
