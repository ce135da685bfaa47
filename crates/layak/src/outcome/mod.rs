//! Deciding: a plan and a case give values, bounds and faults, and from them outcomes.

mod aggregate;
mod evaluate;
mod frames;
mod possible;
mod table;

pub(crate) use evaluate::{Recording, evaluate, unknown};
pub(crate) use possible::{Possible, Set};
