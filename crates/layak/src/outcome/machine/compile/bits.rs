//! Yes and no to steps.

use super::super::step::Step;
use super::super::{Bit, LEAST, Num, Slot};
use super::Compiler;

/// Bits that are joined once more for the elements of a list.
const MOST_JOINED: usize = 8;

impl Compiler<'_> {
    /// All of a list.
    pub(super) fn every(&mut self, list: &[Bit]) -> Bit {
        let mut bits: Vec<Bit> = Vec::with_capacity(list.len());
        for bit in list.iter().copied().filter(|bit| *bit != Bit::YES) {
            if bit == Bit::NO {
                return Bit::NO;
            }
            if !bits.contains(&bit) {
                self.merge(&mut bits, bit);
            }
        }
        match bits.as_slice() {
            [] => Bit::YES,
            [one] => *one,
            _ => {
                let list: Box<[Bit]> = bits.into();
                let made = self.set_bits(|to| Step::And { list: list.clone(), to });
                self.ands.insert(made.slot, list);
                made
            }
        }
    }

    /// One of a list.
    pub(super) fn some(&mut self, list: &[Bit]) -> Bit {
        let list: Vec<Bit> = list.iter().map(|bit| bit.opposite()).collect();
        self.every(&list).opposite()
    }

    /// Whether all of a list hold for one of a frame's elements.
    pub(super) fn any(&mut self, frame: u32, list: &[Bit]) -> Bit {
        let mut bits: Vec<Bit> = Vec::new();
        for bit in list {
            // What was joined before is joined here in one go.
            match self.ands.get(&bit.slot).filter(|list| !bit.not && list.len() <= MOST_JOINED) {
                Some(list) => bits.extend(list.iter()),
                None => bits.push(*bit),
            }
        }
        bits.retain(|bit| *bit != Bit::YES);
        self.set_bits(|to| Step::Any { frame, list: bits.into(), to })
    }

    /// Adds a bit to those that must all hold: what is not among some members of an enum, and not among others, is not
    /// among them all; what lies within one range and within another lies within what they share.
    fn merge(&mut self, bits: &mut Vec<Bit>, bit: Bit) {
        let shared = self.range(bit).and_then(|(of, low, high)| {
            let same = |b: &Bit| self.range(*b).filter(|(other, ..)| *other == of);
            let (place, (_, least, most)) = bits.iter().enumerate().find_map(|(i, b)| Some((i, same(b)?)))?;
            let (low, high) = (low.max(least), high.min(most));
            (low <= high).then_some((place, of, low, high))
        });
        if let Some((place, of, low, high)) = shared {
            bits.remove(place);
            bits.push(self.within(of, low, high));
            return;
        }
        let set = |bit: &Bit| self.sets.get(&bit.slot).copied().filter(|_| bit.not);
        let alike = set(&bit).and_then(|(of, members)| {
            let (place, (_, others)) =
                bits.iter().map(set).enumerate().find_map(|(i, s)| Some((i, s.filter(|(o, _)| *o == of)?)))?;
            Some((place, of, members | others))
        });
        match alike {
            Some((place, of, members)) => {
                bits.remove(place);
                bits.push(self.among(of, members).opposite());
            }
            None => bits.push(bit),
        }
    }

    /// The range that a bit says a column lies within.
    fn range(&self, bit: Bit) -> Option<(Slot, i64, i64)> {
        let (of, low, high) = *self.ranges.get(&bit.slot)?;
        match (bit.not, low, high) {
            (false, ..) => Some((of, low, high)),
            (true, LEAST, high) => Some((of, high.checked_add(1)?, i64::MAX)),
            (true, low, i64::MAX) => Some((of, LEAST, low.checked_sub(1)?)),
            (true, ..) => None,
        }
    }

    /// Whether a column lies within a range, ends included.
    pub(super) fn within(&mut self, of: Slot, low: i64, high: i64) -> Bit {
        if let Some(bit) = self.within.get(&(of, low, high)) {
            return *bit;
        }
        let bit = self.mark(of.frame, |to| Step::Within { of: Num::At(of), low, high, to });
        self.within.insert((of, low, high), bit);
        self.ranges.insert(bit.slot, (of, low, high));
        bit
    }

    /// Whether a column of an enum is among some members.
    pub(super) fn among(&mut self, of: Slot, members: u64) -> Bit {
        if let Some(bit) = self.among.get(&(of, members)) {
            return *bit;
        }
        let bit = self.mark(of.frame, |to| Step::Among { of: Num::At(of), members, to });
        self.among.insert((of, members), bit);
        self.sets.insert(bit.slot, (of, members));
        bit
    }
}
