//! What a value can still be.
//!
//! Everything here errs to one side only: a result may hold values that cannot come about, never miss one that can.
//!
//! One fault is left out on purpose. A number without an end stands for those that facts can give, of at most 38 digits
//! before and after the point, and one operation on these stays within the 256 digits that a number may have; only
//! powers and products of durations do not, and they say so. Were an overflow told for every open range, nothing
//! reckoned from an unknown amount would ever be certain. What remains unsaid is the overflow of a chain of seven or
//! more factors that are all unknown and without an end, or with many digits after the point.

mod apply;
mod dates;
mod logic;
mod numbers;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::program::{EnumId, Range, Type};
use crate::value::{Date, Decimal, Duration, Fault, Value};

/// The known values that an expression can still take, as a set that holds them all.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Set {
    /// None at all: it is certainly none or certainly a fault.
    Nothing,
    One(Value),
    /// Yes or no.
    Booleans,
    /// Numbers, dates or durations between two ends, both included; no end where it is None. A duration lies
    /// between the ends with its months and with its days.
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

static NONE: Value = Value::None;

/// The smaller of two faults that may both be absent.
fn first_fault(a: Option<Fault>, b: Option<Fault>) -> Option<Fault> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

impl Possible {
    pub(crate) fn known(value: Value) -> Possible {
        match value {
            Value::None => Possible { set: Set::Nothing, none: true, fault: None },
            value => Possible::of(Set::One(value)),
        }
    }

    /// Certainly a fault.
    pub(crate) fn fault(fault: Fault) -> Possible {
        Possible { set: Set::Nothing, none: false, fault: Some(fault) }
    }

    pub(crate) fn boolean(value: bool) -> Possible {
        Possible::known(Value::Boolean(value))
    }

    /// Yes or no.
    pub(crate) fn booleans() -> Possible {
        Possible::of(Set::Booleans)
    }

    /// Any value of its type, but not none.
    pub(crate) fn any() -> Possible {
        Possible::of(Set::Any)
    }

    /// Numbers, dates or durations between two ends, both included.
    pub(crate) fn range(low: Option<Value>, high: Option<Value>, whole: bool) -> Possible {
        Possible::of(Set::range(low, high, whole))
    }

    /// Members of an enum. Without one it is any, since there is always something that a value can be.
    #[cfg(test)]
    pub(crate) fn members(members: BTreeSet<u32>) -> Possible {
        Possible::of(Set::members(members))
    }

    fn of(set: Set) -> Possible {
        Possible { set, none: false, fault: None }
    }

    /// All that a fact of a type and range can be.
    pub(crate) fn unknown_of(ty: &Type, range: &Range, enum_size: impl Fn(EnumId) -> usize) -> Possible {
        let set = match ty.required() {
            Type::Boolean => Set::Booleans,
            Type::Number(quantity) => {
                let high =
                    range.high.clone().map(|high| if range.open { before_number(high, quantity.whole) } else { high });
                Set::range(range.low.clone(), high, quantity.whole)
            }
            Type::Date => {
                let high = match &range.high {
                    Some(Value::Date(day)) if range.open => Some(Value::Date(day.add_days(-1).unwrap_or(*day))),
                    high => high.clone(),
                };
                Set::range(range.low.clone(), high, false)
            }
            // A declared end of the other part says nothing of this one, and its order is not that of `Set::Range`.
            Type::Duration(kind) => {
                let fits = |end: &Value| match (kind, end) {
                    (crate::program::DurationKind::Months, Value::Duration(d)) => d.days == 0,
                    (crate::program::DurationKind::Days, Value::Duration(d)) => d.months == 0,
                    _ => false,
                };
                Set::range(range.low.clone().filter(fits), range.high.clone().filter(fits), false)
            }
            Type::Enum(id) => Set::members((0..u32::try_from(enum_size(*id)).unwrap_or(u32::MAX)).collect()),
            Type::Text
            | Type::Element(_)
            | Type::List(_)
            | Type::Optional(_)
            | Type::Record(_)
            | Type::Pending
            | Type::Poison => Set::Any,
        };
        Possible { set, none: matches!(ty, Type::Optional(_)), fault: None }
    }

    /// The one value that it is, `Value::None` when it is known to be none; nothing while it is open or may be a fault.
    pub(crate) fn as_known(&self) -> Option<&Value> {
        match (&self.set, self.none, &self.fault) {
            (Set::One(value), false, None) => Some(value),
            (Set::Nothing, true, None) => Some(&NONE),
            _ => None,
        }
    }

    /// The fault that it certainly is.
    pub(crate) fn certain_fault(&self) -> Option<&Fault> {
        self.fault.as_ref().filter(|_| self.set == Set::Nothing && !self.none)
    }

    /// Whether it has one outcome alone: a value, none or a fault.
    pub(crate) fn is_certain(&self) -> bool {
        self.as_known().is_some() || self.certain_fault().is_some()
    }

    pub(crate) fn can_be(&self, value: &Value) -> bool {
        if *value == Value::None { self.none } else { self.set.holds(value) }
    }

    pub(crate) fn can_be_true(&self) -> bool {
        self.can_be(&Value::Boolean(true))
    }

    pub(crate) fn can_be_false(&self) -> bool {
        self.can_be(&Value::Boolean(false))
    }

    /// Yes or no where it is certainly that.
    pub(crate) fn truth(&self) -> Option<bool> {
        match self.as_known() {
            Some(Value::Boolean(value)) => Some(*value),
            _ => None,
        }
    }

    /// A value that none of its values lies below.
    pub(crate) fn low(&self) -> Option<&Value> {
        self.set.low()
    }

    /// A value that none of its values lies above.
    pub(crate) fn high(&self) -> Option<&Value> {
        self.set.high()
    }

    /// What either of two can be.
    pub(crate) fn union(&self, other: &Possible) -> Possible {
        Possible {
            set: self.set.union(&other.set),
            none: self.none || other.none,
            fault: first_fault(self.fault.clone(), other.fault.clone()),
        }
    }
}

impl Set {
    /// The range in its one shape: ends of a whole range are whole, and a single value is `One`.
    fn range(low: Option<Value>, high: Option<Value>, whole: bool) -> Set {
        let (low, high) = if whole {
            (low.map(|low| number_or(low, Decimal::ceil)), high.map(|high| number_or(high, Decimal::floor)))
        } else {
            (low, high)
        };
        match (low, high) {
            (Some(low), Some(high)) if low == high => Set::One(low),
            // Nothing lies between: no completion exists, so every answer holds for all of them.
            (Some(low), Some(high)) if !not_above(&low, &high) => Set::Range { low: None, high: None, whole },
            (low, high) => Set::Range {
                low: low.filter(|low| *low != Value::Date(Date::MIN)),
                high: high.filter(|high| *high != Value::Date(Date::MAX)),
                whole,
            },
        }
    }

    fn members(members: BTreeSet<u32>) -> Set {
        match (members.len(), members.first()) {
            (1, Some(only)) => Set::One(Value::Enum(*only)),
            (0, _) => Set::Any,
            _ => Set::Members(members),
        }
    }

    fn boolean(yes: bool, no: bool) -> Set {
        match (yes, no) {
            (true, true) => Set::Booleans,
            (false, false) => Set::Nothing,
            (yes, _) => Set::One(Value::Boolean(yes)),
        }
    }

    /// Whether a value, not none, is in it.
    fn holds(&self, value: &Value) -> bool {
        match self {
            Set::Nothing => false,
            Set::One(own) => own == value,
            Set::Booleans => matches!(value, Value::Boolean(_)),
            Set::Range { low, high, whole } => {
                low.as_ref().is_none_or(|low| not_above(low, value))
                    && high.as_ref().is_none_or(|high| not_above(value, high))
                    && (!whole || is_whole(value))
            }
            Set::Members(members) => matches!(value, Value::Enum(member) if members.contains(member)),
            Set::Any => *value != Value::None,
        }
    }

    pub(crate) fn low(&self) -> Option<&Value> {
        match self {
            Set::One(value) => Some(value),
            Set::Range { low, .. } => low.as_ref(),
            _ => None,
        }
    }

    pub(crate) fn high(&self) -> Option<&Value> {
        match self {
            Set::One(value) => Some(value),
            Set::Range { high, .. } => high.as_ref(),
            _ => None,
        }
    }

    /// Whether every number in it is whole.
    fn is_whole(&self) -> bool {
        match self {
            Set::One(value) => is_whole(value),
            Set::Range { whole, .. } => *whole,
            _ => false,
        }
    }

    /// Whether no value is in both. Sets of one type.
    fn is_disjoint(&self, other: &Set) -> bool {
        match (self, other) {
            (Set::Nothing, _) | (_, Set::Nothing) => true,
            (Set::One(value), set) | (set, Set::One(value)) => !set.holds(value),
            (Set::Members(a), Set::Members(b)) => a.is_disjoint(b),
            (a, b) => apply::below(a, b) || apply::below(b, a),
        }
    }

    /// The smallest set of a shape that holds both. Sets of one type.
    fn union(&self, other: &Set) -> Set {
        match (self, other) {
            (Set::Nothing, set) | (set, Set::Nothing) => set.clone(),
            (a, b) if a == b => a.clone(),
            (Set::Any, _) | (_, Set::Any) => Set::Any,
            (Set::Members(all), Set::One(Value::Enum(one))) | (Set::One(Value::Enum(one)), Set::Members(all)) => {
                let mut all = all.clone();
                all.insert(*one);
                Set::Members(all)
            }
            (Set::Members(a), Set::Members(b)) => Set::Members(a | b),
            (Set::One(Value::Enum(a)), Set::One(Value::Enum(b))) => Set::members(BTreeSet::from([*a, *b])),
            (Set::Booleans | Set::One(Value::Boolean(_)), Set::Booleans | Set::One(Value::Boolean(_))) => Set::Booleans,
            (
                Set::Range { .. } | Set::One(Value::Number(_) | Value::Date(_) | Value::Duration(_)),
                Set::Range { .. } | Set::One(Value::Number(_) | Value::Date(_) | Value::Duration(_)),
            ) => {
                let low = self.low().zip(other.low()).map(|(a, b)| lower(a, b));
                let high = self.high().zip(other.high()).map(|(a, b)| higher(a, b));
                Set::range(low, high, self.is_whole() && other.is_whole())
            }
            _ => Set::Any,
        }
    }
}

fn is_whole(value: &Value) -> bool {
    matches!(value, Value::Number(number) if number.is_integer())
}

fn number_or(value: Value, change: impl Fn(&Decimal) -> Option<Decimal>) -> Value {
    match value {
        Value::Number(number) => Value::Number(change(&number).unwrap_or(number)),
        other => other,
    }
}

/// The last whole number before a number; for others the number itself, which no smaller one comes next to.
fn before_number(high: Value, whole: bool) -> Value {
    if !whole {
        return high;
    }
    number_or(high, |number| number.ceil()?.checked_sub(&Decimal::ONE))
}

/// Whether one end of a range and a value, or a value and the other end, stand in order.
fn not_above(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Duration(a), Value::Duration(b)) => a.months <= b.months && a.days <= b.days,
        (a, b) => a <= b,
    }
}

/// The lower end of a range from two values: that of months and days apart for durations.
fn lower(a: &Value, b: &Value) -> Value {
    match (a, b) {
        (Value::Duration(a), Value::Duration(b)) => {
            Value::Duration(Duration { months: a.months.min(b.months), days: a.days.min(b.days) })
        }
        (a, b) => a.min(b).clone(),
    }
}

/// The higher end of a range from two values.
fn higher(a: &Value, b: &Value) -> Value {
    match (a, b) {
        (Value::Duration(a), Value::Duration(b)) => {
            Value::Duration(Duration { months: a.months.max(b.months), days: a.days.max(b.days) })
        }
        (a, b) => a.max(b).clone(),
    }
}
