//! The steps of a plan: each computes one column, from columns of its frame or of the household.

use std::sync::Arc;

use super::{Bit, Kind, Num, Slot};
use crate::value::{Function, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    Less,
    LessEqual,
    Equal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reckon {
    Add,
    Subtract,
    Multiply,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    Count,
    Sum,
    Min,
    Max,
}

/// An operand of a function that has no step of its own.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    Word(Num, Kind),
    Exact(Value),
}

/// A column of bits: the frame of its elements, and its slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bits {
    pub frame: usize,
    pub slot: usize,
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Compare {
        test: Test,
        a: Num,
        b: Num,
        to: Bits,
    },
    /// Which of the first so many members of an enum a value is: a column each, side by side.
    Members {
        of: Num,
        count: usize,
        to: Bits,
    },
    IsNone {
        of: Num,
        to: Bits,
    },
    Same {
        a: Bit,
        b: Bit,
        to: Bits,
    },
    Not {
        of: Bit,
        to: Bits,
    },
    And {
        list: Box<[Bit]>,
        to: Bits,
    },
    Or {
        list: Box<[Bit]>,
        to: Bits,
    },
    ChooseBit {
        arms: Box<[(Bit, Bit)]>,
        otherwise: Bit,
        to: Bits,
    },
    Choose {
        arms: Box<[(Bit, Num)]>,
        otherwise: Num,
        to: Slot,
    },
    Reckon {
        what: Reckon,
        a: Num,
        b: Num,
        to: Slot,
    },
    /// `a · factor / b`, open where that is not whole.
    Divide {
        a: Num,
        factor: i64,
        b: Num,
        to: Slot,
    },
    /// Completed years from a date to one that the plan knows: `cuts[n]` is the last day with `n` years.
    Years {
        from: Num,
        to_day: i64,
        cuts: Arc<[i64]>,
        to: Slot,
    },
    /// The value of an optional, or another where it is none.
    OrElse {
        of: Num,
        other: Num,
        to: Slot,
    },
    /// A function of the kernel on decoded values.
    Apply {
        function: Function,
        operands: Box<[Operand]>,
        kind: Kind,
        to: Slot,
    },
    /// The value of a parameter: sorted by keys.
    Lookup {
        keys: Box<[Num]>,
        values: Arc<[(Box<[i64]>, i64)]>,
        default: i64,
        to: Slot,
    },
    /// Of values named one by one, each with whether it counts.
    Combine {
        fold: Fold,
        items: Box<[(Bit, Num)]>,
        empty: Num,
        to: Slot,
    },
    /// The one of some rows that holds; open where several do.
    Unique {
        rows: Box<[(Bit, Num)]>,
        otherwise: Num,
        to: Slot,
    },
    UniqueBit {
        rows: Box<[(Bit, Bit)]>,
        otherwise: Bit,
        to: Bits,
    },
    /// For the elements themselves, their places.
    Rows {
        to: Slot,
    },
    /// The value of another element of the same frame.
    Gather {
        of: Slot,
        index: Num,
        to: Slot,
    },
    GatherBit {
        of: usize,
        index: Num,
        to: Bits,
    },
    /// Of the elements of a frame that count, for the household.
    Aggregate {
        fold: Fold,
        frame: usize,
        counts: Bit,
        value: Num,
        empty: Num,
        to: Slot,
    },
    /// The sum of the greatest so many.
    TopSum {
        frame: usize,
        counts: Bit,
        value: Num,
        count: Num,
        to: Slot,
    },
    Any {
        frame: usize,
        counts: Bit,
        value: Bit,
        to: Bits,
    },
    Every {
        frame: usize,
        counts: Bit,
        value: Bit,
        to: Bits,
    },
}
