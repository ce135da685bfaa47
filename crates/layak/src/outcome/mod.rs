//! Deciding: a plan and a case give values, bounds and faults, and from them outcomes.

mod again;
mod aggregate;
mod boxes;
mod combine;
mod cover;
mod decide;
mod evaluate;
mod exceptions;
mod frames;
mod machine;
mod missing;
mod pieces;
mod possible;
mod relevant;
mod table;
#[cfg(test)]
pub(crate) mod tests;
mod top;
mod trials;
mod witness;

pub(crate) use again::Cone;
pub(crate) use combine::combine;
pub(crate) use decide::{Deciding, Judgement, Verdict, decide, judge};
pub(crate) use evaluate::{Known, Recording, domain, evaluate, evaluate_after, evaluated, evaluated_for, unknown};
pub(crate) use machine::{
    Bits, Chunk, Columns, Decided, Elements, Frames, Kind as WordKind, Machine, Mask, Numbers, Registers, Tried,
    TriedFacts, Verdicts, Width,
};
pub(crate) use missing::{Hanging, Needed, Part, hanging, ranked, values_to_try};
pub(crate) use possible::{Possible, Set};
pub(crate) use relevant::{Slot, is_settled, relevant};
pub(crate) use table::{cells_of, parts as table_parts, rows_of};
pub(crate) use trials::Trials;
