//! Known values and what can be done with them, exactly.

mod date;
mod decimal;
mod duration;
mod fault;
mod function;

pub use date::{Calendar, Date, ParseDateError};
pub(crate) use date::{LeapDay, MonthEnd};
pub use decimal::{Decimal, ParseDecimalError, Rounding};
pub use duration::{Duration, ParseDurationError};
pub(crate) use fault::{Fault, FaultKind};
pub(crate) use function::{Function, Value};
