//! Yes, no, unknown and faults: the logic of Kleene, in which the order of operands never matters.

use super::{Possible, Set, first_fault};
use crate::value::{Fault, FaultKind};

impl Possible {
    pub(crate) fn not(of: &Possible) -> Possible {
        Possible {
            set: Set::boolean(of.can_be_false(), of.can_be_true()),
            none: false,
            fault: first_fault(of.fault.clone(), of.none_used()),
        }
    }

    /// No where one is certainly no, whatever the others; yes for no operand.
    #[cfg(test)]
    pub(crate) fn and(operands: &[&Possible]) -> Possible {
        Possible::every(operands.iter().copied())
    }

    /// Yes where one is certainly yes, whatever the others; no for no operand.
    #[cfg(test)]
    pub(crate) fn or(operands: &[&Possible]) -> Possible {
        Possible::some(operands.iter().copied())
    }

    /// `and` over any number of operands.
    pub(crate) fn every<'a>(operands: impl IntoIterator<Item = &'a Possible>) -> Possible {
        decided_by(false, operands)
    }

    /// `or` over any number of operands.
    pub(crate) fn some<'a>(operands: impl IntoIterator<Item = &'a Possible>) -> Possible {
        decided_by(true, operands)
    }

    /// The fault of using it if it can be none.
    fn none_used(&self) -> Option<Fault> {
        self.none.then(|| Fault::from(FaultKind::NoneUsed))
    }
}

/// The connective in which one operand of value `decisive` decides, and else every operand must be known.
fn decided_by<'a>(decisive: bool, operands: impl IntoIterator<Item = &'a Possible>) -> Possible {
    let (mut can_decide, mut can_fall_through) = (false, true);
    let mut fault: Option<Fault> = None;
    for operand in operands {
        if operand.truth() == Some(decisive) {
            return Possible::boolean(decisive);
        }
        let (yes, no) = (operand.can_be_true(), operand.can_be_false());
        can_decide |= if decisive { yes } else { no };
        can_fall_through &= if decisive { no } else { yes };
        if operand.fault.is_some() || operand.none {
            fault = first_fault(fault, first_fault(operand.fault.clone(), operand.none_used()));
        }
    }
    let set =
        if decisive { Set::boolean(can_decide, can_fall_through) } else { Set::boolean(can_fall_through, can_decide) };
    Possible { set, none: false, fault }
}
