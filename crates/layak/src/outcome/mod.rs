//! Deciding: a plan and a case give values, bounds and faults, and from them outcomes.

mod possible;

pub(crate) use possible::{Possible, Set};
