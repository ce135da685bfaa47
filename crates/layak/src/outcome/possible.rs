//! What a value can still be.

use std::collections::BTreeSet;

use crate::value::{Calendar, Fault, Function, Value};

/// The known values that an expression can still take, as a set that holds them all.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Set {
    /// None at all: it is certainly none or certainly a fault.
    Nothing,
    One(Value),
    /// Yes or no.
    Booleans,
    /// Numbers, dates or durations of one part between two ends, both included; no end where it is None.
    /// `whole` where every number in it is whole.
    Range {
        low: Option<Value>,
        high: Option<Value>,
        whole: bool,
    },
    /// Two or more members of an enum.
    Members(BTreeSet<u32>),
    /// Any value of its type.
    Any,
}

/// All that an expression can still come to: values, none, a fault.
/// INVARIANT: at least one of the three is possible.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Possible {
    pub set: Set,
    /// Whether it can be none.
    pub none: bool,
    /// Whether it can be a fault, and the first of those in their order.
    pub fault: Option<Fault>,
}
