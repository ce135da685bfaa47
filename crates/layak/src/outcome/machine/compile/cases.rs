//! Columns that are one of few numbers: which of them is said in bits, so that comparing costs nothing.

use super::super::step::Step;
use super::super::{Bit, NONE, Num, OPEN, Slot};
use super::Compiler;

/// Numbers that a column may be one of.
const MOST_CASES: usize = 16;

/// INVARIANT: while the column is open every bit is; else one is yes, that of the number that the column is.
pub(super) type Cases = Vec<(i64, Bit)>;

impl Compiler<'_> {
    fn cases_of(&self, num: Num) -> Option<Cases> {
        match num {
            Num::Value(OPEN) => None,
            Num::Value(value) => Some(vec![(value, Bit::YES)]),
            Num::At(slot) => self.cases.get(&slot).map(|cases| cases.to_vec()),
        }
    }

    /// Notes the cases of a column that is the first of some written values whose condition holds, or the last of all.
    pub(super) fn note_chosen(&mut self, slot: Slot, conditions: &[Bit], values: &[Num]) {
        let written = values.iter().map(|value| match value {
            Num::Value(value) if *value != OPEN => Some(*value),
            Num::Value(_) | Num::At(_) => None,
        });
        let Some(written) = written.collect::<Option<Vec<i64>>>() else { return };
        let bits = match conditions {
            [] => return,
            [one] => vec![*one, one.opposite()],
            _ if conditions.len() < MOST_CASES => {
                let conditions: Box<[Bit]> = conditions.into();
                self.set_several(written.len(), |first| Step::Pick { conditions, first })
            }
            _ => return,
        };
        let mut found: Vec<(i64, Vec<Bit>)> = Vec::new();
        for (value, bit) in written.into_iter().zip(bits) {
            match found.iter_mut().find(|(v, _)| *v == value) {
                Some((_, bits)) => bits.push(bit),
                None => found.push((value, vec![bit])),
            }
        }
        let cases = found.into_iter().map(|(value, bits)| (value, self.some(&bits))).collect();
        self.cases.insert(slot, cases);
    }

    /// Notes the cases of a column that is the least or the greatest of some values.
    pub(super) fn note_extreme(&mut self, slot: Slot, is_max: bool, values: &[Num]) {
        let Some(each) = values.iter().map(|v| self.cases_of(*v)).collect::<Option<Vec<Cases>>>() else { return };
        let mut all: Cases = each.into_iter().flatten().collect();
        if all.len() > 4 * MOST_CASES || all.iter().any(|(value, _)| *value == NONE) {
            return;
        }
        all.sort_by_key(|(value, _)| *value);
        if is_max {
            all.reverse();
        }
        let groups: Vec<&[(i64, Bit)]> = all.chunk_by(|a, b| a.0 == b.0).collect();
        if groups.len() > MOST_CASES {
            return;
        }
        let bits = groups.iter().map(|group| group.iter().map(|(_, bit)| *bit).collect()).collect();
        let values = groups.iter().filter_map(|group| group.first().map(|(value, _)| *value));
        let bits = self.set_several(groups.len(), |first| Step::Extreme { groups: bits, first });
        self.cases.insert(slot, values.zip(bits).collect());
    }

    /// Whether a column that is one of few numbers is one that a test allows; nothing for other columns.
    pub(super) fn tested(&mut self, num: Num, allows: impl Fn(i64) -> bool) -> Option<Bit> {
        let Num::At(slot) = num else { return None };
        let cases = self.cases.get(&slot)?.clone();
        let bits: Vec<Bit> = cases.iter().filter(|(value, _)| allows(*value)).map(|(_, bit)| *bit).collect();
        // What it cannot be is still open while the column is.
        (!bits.is_empty()).then(|| self.some(&bits))
    }
}
