//! The functions of the language on what their operands can be.

use super::{Possible, Set, dates, first_fault, higher, lower, numbers};
use crate::source::Span;
use crate::value::{Calendar, Decimal, Fault, FaultKind, Function, Value};

/// What a function gives for operands that are all values: its values and the first of its possible faults.
pub(super) struct Outcome {
    pub set: Set,
    pub fault: Option<FaultKind>,
}

impl Outcome {
    pub(super) fn sure(set: Set) -> Outcome {
        Outcome { set, fault: None }
    }

    pub(super) fn may_fault(mut self, kind: FaultKind) -> Outcome {
        self.fault = Some(match self.fault {
            Some(own) => own.min(kind),
            None => kind,
        });
        self
    }

    pub(super) fn may_overflow(self, overflow: bool) -> Outcome {
        if overflow { self.may_fault(FaultKind::Overflow) } else { self }
    }

    pub(super) fn union(self, other: Outcome) -> Outcome {
        let all = Outcome { set: self.set.union(&other.set), fault: self.fault };
        match other.fault {
            Some(kind) => all.may_fault(kind),
            None => all,
        }
    }
}

impl Possible {
    /// A function of operands. The fault of an operand is the fault of the whole, the first one of several; a function
    /// that needs a value faults on none.
    pub(crate) fn apply(function: Function, arguments: &[&Possible], calendar: Calendar, at: Option<Span>) -> Possible {
        match arguments {
            [Possible { set: Set::One(value), none: false, fault: None }] => {
                known(function.apply(&[value], calendar), at)
            }
            [
                Possible { set: Set::One(a), none: false, fault: None },
                Possible { set: Set::One(b), none: false, fault: None },
            ] => known(function.apply(&[a, b], calendar), at),
            _ => open(function, arguments, calendar, at),
        }
    }
}

fn known(result: Result<Value, FaultKind>, at: Option<Span>) -> Possible {
    match result {
        Ok(value) => Possible::known(value),
        Err(kind) => Possible::fault(Fault { kind, at }),
    }
}

/// The general case: operands that are open, none or faults.
fn open(function: Function, arguments: &[&Possible], calendar: Calendar, at: Option<Span>) -> Possible {
    let fault = arguments.iter().filter_map(|a| a.fault.as_ref()).min().cloned();
    if let Some(fault) = &fault
        && arguments.iter().any(|a| a.certain_fault().is_some())
    {
        return Possible::fault(fault.clone());
    }
    match (function, arguments) {
        (Function::IsNone, [a]) => {
            return Possible { set: Set::boolean(a.none, a.set != Set::Nothing), none: false, fault };
        }
        (Function::Unwrap, [a]) => {
            let none_used = a.none.then_some(Fault { kind: FaultKind::NoneUsed, at });
            return Possible { set: a.set.clone(), none: false, fault: first_fault(fault, none_used) };
        }
        (Function::Equal, [a, b]) => {
            let values = a.set != Set::Nothing && b.set != Set::Nothing;
            let same = matches!((&a.set, &b.set), (Set::One(a), Set::One(b)) if a == b);
            let yes = (a.none && b.none) || (values && !a.set.is_disjoint(&b.set));
            let no = (a.none && b.set != Set::Nothing) || (b.none && a.set != Set::Nothing) || (values && !same);
            return Possible { set: Set::boolean(yes, no), none: false, fault };
        }
        _ => {}
    }
    let none_used = arguments.iter().any(|a| a.none).then_some(Fault { kind: FaultKind::NoneUsed, at });
    let fault = first_fault(fault, none_used);
    if arguments.iter().any(|a| a.set == Set::Nothing) {
        return Possible { set: Set::Nothing, none: false, fault };
    }
    let outcome = match arguments {
        [a] => match &a.set {
            Set::One(value) => exact(function.apply(&[value], calendar)),
            set => of_one(function, set),
        },
        [a, b] => match (&a.set, &b.set) {
            (Set::One(a), Set::One(b)) => exact(function.apply(&[a, b], calendar)),
            (a, b) => of_two(function, a, b, calendar),
        },
        _ => of_part(function, arguments, calendar),
    };
    Possible { set: outcome.set, none: false, fault: first_fault(fault, outcome.fault.map(|kind| Fault { kind, at })) }
}

pub(super) fn exact(result: Result<Value, FaultKind>) -> Outcome {
    match result {
        Ok(value) => Outcome::sure(Set::One(value)),
        Err(kind) => Outcome { set: Set::Nothing, fault: Some(kind) },
    }
}

/// A part of a text: of one that is open, what its format allows.
fn of_part(function: Function, arguments: &[&Possible], calendar: Calendar) -> Outcome {
    let known: Option<Vec<&Value>> = arguments.iter().map(|a| a.as_known()).collect();
    match (function, known, arguments) {
        (_, Some(known), _) => exact(function.apply(&known, calendar)),
        (Function::Digits, None, [_, _, _, low, high]) => {
            Outcome::sure(Set::range(low.as_known().cloned(), high.as_known().cloned(), true))
        }
        (Function::Characters, None, _) => Outcome::sure(Set::Any),
        _ => misfit(),
    }
}

/// A function of one value that is open.
fn of_one(function: Function, a: &Set) -> Outcome {
    match function {
        Function::Negate | Function::Abs | Function::Floor | Function::Ceil => numbers::of_one(function, a),
        Function::Year | Function::Month | Function::Day | Function::FirstOfMonth | Function::LastOfMonth => {
            dates::of_date(function, a)
        }
        Function::DurationNegate | Function::DurationMonths | Function::DurationDays => dates::of_duration(function, a),
        Function::ParseDate => dates::read(),
        Function::Length => Outcome::sure(Set::range(Some(Value::Number(Decimal::ZERO)), None, true)),
        Function::Fold => Outcome::sure(Set::Any),
        // These need two operands, or have been answered.
        _ => misfit(),
    }
}

/// A function of two values of which one at least is open.
fn of_two(function: Function, a: &Set, b: &Set, calendar: Calendar) -> Outcome {
    match function {
        Function::Less => Outcome::sure(Set::boolean(!at_most(b, a), !below(a, b))),
        Function::LessEqual => Outcome::sure(Set::boolean(!below(b, a), !at_most(a, b))),
        Function::Min => Outcome::sure(least(a, b)),
        Function::Max => Outcome::sure(greatest(a, b)),
        Function::Add
        | Function::Subtract
        | Function::Multiply
        | Function::Divide
        | Function::Remainder
        | Function::Round(_)
        | Function::Power => numbers::of_two(function, a, b),
        Function::DateAdd => dates::shift(false, a, b, calendar),
        Function::DateSubtract => dates::shift(true, a, b, calendar),
        Function::YearsBetween
        | Function::MonthsBetween
        | Function::DaysBetween
        | Function::DaysThrough
        | Function::DateDifference => dates::between(function, a, b, calendar),
        Function::DurationAdd => dates::sum(a, b),
        Function::DurationMultiply => dates::product(a, b),
        _ => misfit(),
    }
}

/// Operands that fit no function are an overflow, as they are when known.
fn misfit() -> Outcome {
    Outcome { set: Set::Nothing, fault: Some(FaultKind::Overflow) }
}

/// Whether every value of `a` is below every one of `b`.
pub(super) fn below(a: &Set, b: &Set) -> bool {
    matches!((a.high(), b.low()), (Some(high), Some(low)) if high < low)
}

/// Whether no value of `a` is above any of `b`.
fn at_most(a: &Set, b: &Set) -> bool {
    matches!((a.high(), b.low()), (Some(high), Some(low)) if high <= low)
}

fn least(a: &Set, b: &Set) -> Set {
    if !is_ranged(a) || !is_ranged(b) {
        return Set::Any;
    }
    let low = a.low().zip(b.low()).map(|(a, b)| lower(a, b));
    let high = match (a.high(), b.high()) {
        (Some(a), Some(b)) => Some(lower(a, b)),
        (a, b) => a.or(b).cloned(),
    };
    Set::range(low, high, a.is_whole() && b.is_whole())
}

fn greatest(a: &Set, b: &Set) -> Set {
    if !is_ranged(a) || !is_ranged(b) {
        return Set::Any;
    }
    let high = a.high().zip(b.high()).map(|(a, b)| higher(a, b));
    let low = match (a.low(), b.low()) {
        (Some(a), Some(b)) => Some(higher(a, b)),
        (a, b) => a.or(b).cloned(),
    };
    Set::range(low, high, a.is_whole() && b.is_whole())
}

/// Whether it is a range or a value of one; of a text nothing is known but itself.
fn is_ranged(set: &Set) -> bool {
    matches!(set, Set::Range { .. } | Set::One(Value::Number(_) | Value::Date(_) | Value::Duration(_)))
}
