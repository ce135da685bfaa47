//! Yes and no to steps.

use super::super::step::Step;
use super::super::{Bit, Num, Slot};
use super::Compiler;

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
            _ => self.set_bits(|to| Step::And { list: bits.into(), to }),
        }
    }

    /// One of a list.
    pub(super) fn some(&mut self, list: &[Bit]) -> Bit {
        let list: Vec<Bit> = list.iter().map(|bit| bit.opposite()).collect();
        self.every(&list).opposite()
    }

    /// Adds a bit to those that must all hold: what is not among some members of an enum, and not among others, is not
    /// among them all.
    fn merge(&mut self, bits: &mut Vec<Bit>, bit: Bit) {
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
