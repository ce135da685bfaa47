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
    Min,
    Max,
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

/// A column of bits that is made element by element: the frame of the elements, and where it goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bits {
    pub frame: u32,
    pub slot: u32,
}

/// Steps on whole columns of bits name no frame: they are the same for elements and for the household. Its tag is a byte of its
/// own, for every step is told apart by it.
#[derive(Clone, Debug)]
#[repr(u8)]
pub(super) enum Step {
    /// All of a list, each or its opposite.
    And {
        list: Box<[Bit]>,
        to: u32,
    },
    Same {
        a: Bit,
        b: Bit,
        to: u32,
    },
    ChooseBit {
        arms: Box<[(Bit, Bit)]>,
        otherwise: Bit,
        to: u32,
    },
    /// Which of some conditions is the first that holds, or that none does: a column each, side by side.
    Pick {
        conditions: Box<[Bit]>,
        first: u32,
    },
    /// Which of some groups is the first of which one holds: a column each, side by side.
    Extreme {
        groups: Box<[Box<[Bit]>]>,
        first: u32,
    },
    Compare {
        test: Test,
        a: Num,
        b: Num,
        to: Bits,
    },
    /// Whether it lies within a range, ends included.
    Within {
        of: Num,
        low: i64,
        high: i64,
        to: Bits,
    },
    /// Whether a member of an enum is among those whose bits are set.
    Among {
        of: Num,
        members: u64,
        to: Bits,
    },
    IsNone {
        of: Num,
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
    /// `a + b · factor`.
    AddProduct {
        a: Num,
        b: Num,
        factor: i64,
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
        to: u32,
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
        of: Bit,
        index: Num,
        to: Bits,
    },
    /// Of the elements of a frame that count, for the household.
    Aggregate {
        fold: Fold,
        frame: u32,
        counts: Bit,
        value: Num,
        empty: Num,
        to: u32,
    },
    /// The sum of the greatest so many.
    TopSum {
        frame: u32,
        counts: Bit,
        value: Num,
        count: Num,
        to: u32,
    },
    /// Whether all of a list hold for one of a frame's elements.
    Any {
        frame: u32,
        list: Box<[Bit]>,
        to: u32,
    },
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    Bits(u32),
    Nums(Slot),
}

impl Column {
    /// The one so many places on.
    pub(super) fn nth(self, n: usize) -> Column {
        let on = |slot: u32| slot.saturating_add(u32::try_from(n).unwrap_or(u32::MAX));
        match self {
            Column::Bits(slot) => Column::Bits(on(slot)),
            Column::Nums(slot) => Column::Nums(Slot { slot: on(slot.slot), ..slot }),
        }
    }
}

impl Step {
    /// The columns that it makes: from one on, so many.
    pub(super) fn makes(&self) -> (Column, usize) {
        let one = match self {
            Step::Pick { conditions, first } => return (Column::Bits(*first), conditions.len() + 1),
            Step::Extreme { groups, first } => return (Column::Bits(*first), groups.len()),
            Step::And { to, .. }
            | Step::Same { to, .. }
            | Step::ChooseBit { to, .. }
            | Step::UniqueBit { to, .. }
            | Step::Any { to, .. } => Column::Bits(*to),
            Step::Compare { to, .. }
            | Step::Within { to, .. }
            | Step::Among { to, .. }
            | Step::IsNone { to, .. }
            | Step::GatherBit { to, .. } => Column::Bits(to.slot),
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
            | Step::Gather { to, .. } => Column::Nums(*to),
            Step::Aggregate { to, .. } | Step::TopSum { to, .. } => Column::Nums(Slot { frame: 0, slot: *to }),
        };
        (one, 1)
    }

    /// The columns that it reads.
    pub(super) fn reads(&self) -> Vec<Column> {
        let mut out = Vec::new();
        let bit = |out: &mut Vec<Column>, bit: &Bit| out.push(Column::Bits(bit.slot));
        let num = |out: &mut Vec<Column>, num: &Num| {
            if let Num::At(slot) = num {
                out.push(Column::Nums(*slot));
            }
        };
        match self {
            Step::And { list, .. } | Step::Pick { conditions: list, .. } | Step::Any { list, .. } => {
                list.iter().for_each(|b| bit(&mut out, b));
            }
            Step::Extreme { groups, .. } => groups.iter().flatten().for_each(|b| bit(&mut out, b)),
            Step::Same { a, b, .. } => [a, b].into_iter().for_each(|b| bit(&mut out, b)),
            Step::ChooseBit { arms, otherwise, .. } | Step::UniqueBit { rows: arms, otherwise, .. } => {
                arms.iter().flat_map(|(c, v)| [c, v]).chain([otherwise]).for_each(|b| bit(&mut out, b));
            }
            Step::Compare { a, b, .. }
            | Step::Reckon { a, b, .. }
            | Step::AddProduct { a, b, .. }
            | Step::Divide { a, b, .. } => {
                [a, b].into_iter().for_each(|n| num(&mut out, n));
            }
            Step::Within { of, .. }
            | Step::Among { of, .. }
            | Step::IsNone { of, .. }
            | Step::Years { from: of, .. } => {
                num(&mut out, of);
            }
            Step::Choose { arms, otherwise, .. }
            | Step::Unique { rows: arms, otherwise, .. }
            | Step::Combine { items: arms, empty: otherwise, .. } => {
                for (counts, value) in arms {
                    bit(&mut out, counts);
                    num(&mut out, value);
                }
                num(&mut out, otherwise);
            }
            Step::OrElse { of, other, .. } => [of, other].into_iter().for_each(|n| num(&mut out, n)),
            Step::Apply { operands, .. } => {
                for operand in operands {
                    if let Operand::Word(word, _) = operand {
                        num(&mut out, word);
                    }
                }
            }
            Step::Lookup { keys, .. } => keys.iter().for_each(|n| num(&mut out, n)),
            Step::Rows { .. } => {}
            Step::Gather { of, index, .. } => {
                out.push(Column::Nums(*of));
                num(&mut out, index);
            }
            Step::GatherBit { of, index, .. } => {
                bit(&mut out, of);
                num(&mut out, index);
            }
            Step::Aggregate { counts, value, empty, .. } => {
                bit(&mut out, counts);
                num(&mut out, value);
                num(&mut out, empty);
            }
            Step::TopSum { counts, value, count, .. } => {
                bit(&mut out, counts);
                num(&mut out, value);
                num(&mut out, count);
            }
        }
        out
    }
}
