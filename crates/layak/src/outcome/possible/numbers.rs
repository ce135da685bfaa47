//! Arithmetic on intervals of numbers.

use std::cmp::Ordering;

use super::Set;
use super::apply::{Outcome, exact};
use crate::value::{Calendar, Decimal, FaultKind, Function, LeapDay, MonthEnd, Rounding, Value};

/// A power up to this many times cannot overflow: a fact has at most 38 digits and a number at most 256.
const SAFE_POWER: i64 = 6;
/// A power of an exponent that is not known is tried for each of so many exponents.
const MAX_EXPONENTS: i64 = 32;

/// An end of an interval.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Below,
    At(Decimal),
    Above,
}

impl End {
    fn sign(&self) -> Ordering {
        match self {
            End::Below => Ordering::Less,
            End::At(number) if number.is_negative() => Ordering::Less,
            End::At(number) if number.is_zero() => Ordering::Equal,
            End::At(_) | End::Above => Ordering::Greater,
        }
    }

    fn negated(&self) -> End {
        match self {
            End::Below => End::Above,
            End::At(number) => End::At(number.negated()),
            End::Above => End::Below,
        }
    }

    /// The end that has no number, on the side of a sign.
    fn far(sign: Ordering) -> End {
        match sign {
            Ordering::Less => End::Below,
            Ordering::Equal => End::At(Decimal::ZERO),
            Ordering::Greater => End::Above,
        }
    }

    fn number(self) -> Option<Value> {
        match self {
            End::At(number) => Some(Value::Number(number)),
            End::Below | End::Above => None,
        }
    }
}

/// The sign of a product or quotient of numbers of two signs.
fn sign_of(a: Ordering, b: Ordering) -> Ordering {
    match b {
        Ordering::Less => a.reverse(),
        Ordering::Equal => Ordering::Equal,
        Ordering::Greater => a,
    }
}

/// An interval, its ends included.
#[derive(Clone, Debug)]
struct Interval {
    low: End,
    high: End,
    whole: bool,
}

impl Interval {
    const ALL: Interval = Interval { low: End::Below, high: End::Above, whole: false };

    fn of(set: &Set) -> Interval {
        let end = |value: Option<&Value>, open: End| match value {
            Some(Value::Number(number)) => End::At(number.clone()),
            _ => open,
        };
        Interval { low: end(set.low(), End::Below), high: end(set.high(), End::Above), whole: set.is_whole() }
    }

    fn set(self) -> Set {
        Set::range(self.low.number(), self.high.number(), self.whole)
    }

    /// The smallest interval that holds all of some ends.
    fn hull(ends: impl IntoIterator<Item = End>, whole: bool) -> Interval {
        let mut ends = ends.into_iter();
        let Some(first) = ends.next() else { return Interval::ALL };
        let (low, high) = ends.fold((first.clone(), first), |(low, high), end| {
            if end < low {
                (end, high)
            } else if end > high {
                (low, end)
            } else {
                (low, high)
            }
        });
        Interval { low, high, whole }
    }

    fn can_be_zero(&self) -> bool {
        self.low.sign() != Ordering::Greater && self.high.sign() != Ordering::Less
    }

    /// The numbers of it above zero. In a part that comes close to zero the low end is zero, unless all are whole.
    fn positive(&self) -> Option<Interval> {
        if self.high.sign() != Ordering::Greater {
            return None;
        }
        let least = End::At(if self.whole { Decimal::ONE } else { Decimal::ZERO });
        Some(Interval { low: self.low.clone().max(least), high: self.high.clone(), whole: self.whole })
    }

    fn negated(&self) -> Interval {
        Interval { low: self.high.negated(), high: self.low.negated(), whole: self.whole }
    }

    fn abs(&self) -> Interval {
        match (self.low.sign(), self.high.sign()) {
            (_, Ordering::Less) => self.negated(),
            (Ordering::Less, _) => {
                let high = self.low.negated().max(self.high.clone());
                Interval { low: End::At(Decimal::ZERO), high, whole: self.whole }
            }
            _ => self.clone(),
        }
    }

    /// The image under a function that never falls.
    fn rising(&self, whole: bool, function: impl Fn(&Decimal) -> Option<Decimal>) -> Outcome {
        let mut overflow = false;
        let mut end = |end: &End, open: End| match end {
            End::At(number) => function(number).map_or_else(
                || {
                    overflow = true;
                    open
                },
                End::At,
            ),
            open => open.clone(),
        };
        let (low, high) = (end(&self.low, End::Below), end(&self.high, End::Above));
        told(Interval { low, high, whole }, overflow)
    }
}

fn told(interval: Interval, overflow: bool) -> Outcome {
    Outcome::sure(interval.set()).may_overflow(overflow)
}

/// A function of one number.
pub(super) fn of_one(function: Function, a: &Set) -> Outcome {
    let a = Interval::of(a);
    match function {
        Function::Negate => Outcome::sure(a.negated().set()),
        Function::Abs => Outcome::sure(a.abs().set()),
        Function::Floor => a.rising(true, Decimal::floor),
        Function::Ceil => a.rising(true, Decimal::ceil),
        _ => Outcome::sure(Set::Any).may_fault(FaultKind::Overflow),
    }
}

/// A function of two numbers.
pub(super) fn of_two(function: Function, a: &Set, b: &Set) -> Outcome {
    let (x, y) = (Interval::of(a), Interval::of(b));
    match function {
        Function::Add => sum(&x, &y),
        Function::Subtract => sum(&x, &y.negated()),
        Function::Multiply => product(&x, &y),
        Function::Divide => quotient(&x, &y),
        Function::Remainder => remainder(&x, &y),
        Function::Round(mode) => round(&x, &y, mode),
        Function::Power => power(a, &x, &y),
        _ => Outcome::sure(Set::Any).may_fault(FaultKind::Overflow),
    }
}

fn sum(a: &Interval, b: &Interval) -> Outcome {
    let mut overflow = false;
    let mut end = |a: &End, b: &End, open: End| match (a, b) {
        (End::At(a), End::At(b)) => a.checked_add(b).map_or_else(
            || {
                overflow = true;
                open.clone()
            },
            End::At,
        ),
        _ => open,
    };
    let (low, high) = (end(&a.low, &b.low, End::Below), end(&a.high, &b.high, End::Above));
    told(Interval { low, high, whole: a.whole && b.whole }, overflow)
}

/// The hull of what `corner` gives for each pair of ends. INVARIANT: between the corners the function is monotone in
/// each argument.
fn corners(a: &Interval, b: &Interval, whole: bool, corner: impl Fn(&End, &End) -> Corner) -> Outcome {
    let mut overflow = false;
    let mut ends = Vec::with_capacity(8);
    for a in [&a.low, &a.high] {
        for b in [&b.low, &b.high] {
            match corner(a, b) {
                Corner::End(end) => ends.push(end),
                Corner::Between(sign) => ends.extend([End::At(Decimal::ZERO), End::far(sign)]),
                // Too many digits may stand before the point or after it.
                Corner::Overflow(sign) => {
                    overflow = true;
                    ends.extend([End::At(Decimal::ZERO), End::far(sign)]);
                }
            }
        }
    }
    told(Interval::hull(ends, whole), overflow)
}

/// What a function comes to at a pair of ends.
enum Corner {
    End(End),
    /// Anything from zero on, on the side of a sign.
    Between(Ordering),
    Overflow(Ordering),
}

fn product(a: &Interval, b: &Interval) -> Outcome {
    corners(a, b, a.whole && b.whole, |a, b| {
        let sign = sign_of(a.sign(), b.sign());
        match (a, b) {
            (End::At(a), End::At(b)) => {
                a.checked_mul(b).map_or(Corner::Overflow(sign), |product| Corner::End(End::At(product)))
            }
            _ => Corner::End(End::far(sign)),
        }
    })
}

fn quotient(a: &Interval, b: &Interval) -> Outcome {
    let above = b.positive().map(|b| quotient_of_positive(a, &b));
    let below = b.negated().positive().map(|b| quotient_of_positive(&a.negated(), &b));
    let outcome = match (above, below) {
        (Some(above), Some(below)) => above.union(below),
        (Some(outcome), None) | (None, Some(outcome)) => outcome,
        (None, None) => Outcome::sure(Set::Nothing),
    };
    if b.can_be_zero() { outcome.may_fault(FaultKind::DivisionByZero) } else { outcome }
}

/// `a / b` where `b` is above zero. Rounding to 28 digits is monotone, so the ends of a quotient are quotients of ends.
fn quotient_of_positive(a: &Interval, b: &Interval) -> Outcome {
    corners(a, b, false, |a, b| {
        let sign = a.sign();
        match (a, b) {
            (End::At(a), End::At(b)) if !b.is_zero() => {
                a.checked_div(b).map_or(Corner::Overflow(sign), |quotient| Corner::End(End::At(quotient)))
            }
            // Divisors that come close to zero.
            (a, End::At(b)) if b.is_zero() => Corner::End(End::far(a.sign())),
            (End::At(_), _) => Corner::End(End::At(Decimal::ZERO)),
            (_, End::At(_)) => Corner::End(End::far(sign)),
            _ => Corner::Between(sign),
        }
    })
}

/// The remainder has the sign of the divisor and is smaller.
fn remainder(a: &Interval, b: &Interval) -> Outcome {
    let mut outcome = Outcome::sure(Set::Nothing);
    if let Some(divisor) = b.positive() {
        outcome = outcome.union(Outcome::sure(remainder_of_positive(a, &divisor).set()));
    }
    if let Some(divisor) = b.negated().positive() {
        outcome = outcome.union(Outcome::sure(remainder_of_positive(&a.negated(), &divisor).negated().set()));
    }
    if b.can_be_zero() { outcome.may_fault(FaultKind::DivisionByZero) } else { outcome }
}

fn remainder_of_positive(a: &Interval, b: &Interval) -> Interval {
    let whole = a.whole && b.whole;
    // Both ends in one stretch between multiples of one divisor: the remainder rises with the number.
    if let (End::At(low), End::At(high), End::At(divisor)) = (&a.low, &a.high, &b.low)
        && b.low == b.high
        && let (Some(first), Some(last)) = (low.checked_rem_floor(divisor), high.checked_rem_floor(divisor))
        && let (Some(start), Some(end)) = (low.checked_sub(&first), high.checked_sub(&last))
        && start == end
    {
        return Interval { low: End::At(first), high: End::At(last), whole };
    }
    // What lies between zero and every divisor is its own remainder.
    if a.low.sign() != Ordering::Less && a.high < b.low {
        return Interval { whole, ..a.clone() };
    }
    let high = match &b.high {
        End::At(most) if whole => most.checked_sub(&Decimal::ONE).map_or(End::Above, End::At),
        end => end.clone(),
    };
    // Of a number that is not negative no remainder is larger.
    let high = if a.low.sign() == Ordering::Less { high } else { high.min(a.high.clone()) };
    Interval { low: End::At(Decimal::ZERO), high, whole }
}

fn round(a: &Interval, step: &Interval, mode: Rounding) -> Outcome {
    if let (End::At(one), true) = (&step.low, step.low == step.high) {
        if one.is_zero() {
            return Outcome::sure(Set::Nothing).may_fault(FaultKind::DivisionByZero);
        }
        return a.rising(step.whole, |number| number.checked_round_to(one, mode));
    }
    // Whatever the step, rounding goes less than a step away and never past zero.
    let most = step.abs().high;
    let near = sum(a, &Interval { low: most.negated(), high: most, whole: step.whole });
    let Interval { mut low, mut high, .. } = Interval::of(&near.set);
    if a.low.sign() != Ordering::Less {
        low = low.max(End::At(Decimal::ZERO));
    }
    if a.high.sign() != Ordering::Greater {
        high = high.min(End::At(Decimal::ZERO));
    }
    let mut outcome = Outcome { set: Interval { low, high, whole: step.whole }.set(), ..near };
    if step.can_be_zero() {
        outcome = outcome.may_fault(FaultKind::DivisionByZero);
    }
    outcome
}

fn power(set: &Set, a: &Interval, n: &Interval) -> Outcome {
    // Its meaning needs no calendar.
    let exact_power = |a: &Value, n: i64| {
        let calendar = Calendar { leap_day: LeapDay::March1, month_end: MonthEnd::Clip };
        exact(Function::Power.apply(&[a, &Value::Number(Decimal::from(n))], calendar))
    };
    if let (End::At(low), End::At(high), true) = (&n.low, &n.high, n.whole)
        && let (Some(low), Some(high)) = (low.to_i64(), high.to_i64())
        && high.saturating_sub(low) < MAX_EXPONENTS
    {
        return (low..=high).fold(Outcome::sure(Set::Nothing), |all, n| {
            all.union(match set {
                Set::One(a) => exact_power(a, n),
                _ => known_power(a, n),
            })
        });
    }
    let low = if a.low.sign() == Ordering::Less { End::Below } else { End::At(Decimal::ZERO) };
    let outcome = Outcome::sure(Interval { low, high: End::Above, whole: false }.set());
    // Not only large exponents overflow: there is none beyond 1000.
    let outcome = outcome.may_fault(FaultKind::Overflow);
    let by_zero = a.can_be_zero() && n.low.sign() == Ordering::Less;
    if by_zero { outcome.may_fault(FaultKind::DivisionByZero) } else { outcome }
}

/// The powers to one exponent.
fn known_power(a: &Interval, n: i64) -> Outcome {
    if n == 0 {
        return Outcome::sure(Set::One(Value::Number(Decimal::ONE)));
    }
    // Even powers are those of the magnitude; odd ones keep the sign, so the two sides are taken apart.
    let sides = if n % 2 == 0 {
        a.abs().positive().map(|a| power_of_positive(&a, n))
    } else {
        let above = a.positive().map(|a| power_of_positive(&a, n));
        let below = a.negated().positive().map(|a| {
            let outcome = power_of_positive(&a, n);
            Outcome { set: Interval::of(&outcome.set).negated().set(), ..outcome }
        });
        match (above, below) {
            (Some(above), Some(below)) => Some(above.union(below)),
            (above, below) => above.or(below),
        }
    };
    let outcome = sides.unwrap_or_else(|| Outcome::sure(Set::Nothing));
    if !a.can_be_zero() {
        outcome
    } else if n < 0 {
        outcome.may_fault(FaultKind::DivisionByZero)
    } else if Decimal::ZERO.checked_powi(n).is_some() {
        outcome.union(Outcome::sure(Set::One(Value::Number(Decimal::ZERO))))
    } else {
        outcome.may_fault(FaultKind::Overflow)
    }
}

/// The powers of numbers above zero; a low end of zero stands for those close to it.
fn power_of_positive(a: &Interval, n: i64) -> Outcome {
    // No power goes so far.
    if Decimal::ONE.checked_powi(n).is_none() {
        return Outcome { set: Set::Nothing, fault: Some(FaultKind::Overflow) };
    }
    let far = |rises: bool| if rises { End::Above } else { End::At(Decimal::ZERO) };
    let mut overflow = false;
    let mut end = |end: &End| match end {
        End::At(number) if !number.is_zero() => match number.checked_powi(n) {
            Some(power) => {
                overflow |= n.abs() > SAFE_POWER && has_tiny_neighbours(&power);
                End::At(power)
            }
            None => {
                overflow = true;
                far((*number >= Decimal::ONE) == (n > 0))
            }
        },
        open => {
            overflow |= n.abs() > SAFE_POWER;
            far((*open == End::Above) == (n > 0))
        }
    };
    let ends = [end(&a.low), end(&a.high)];
    told(Interval::hull(ends, a.whole && n > 0), overflow)
}

/// Whether numbers near a power have digits so far after the point that they are told as an overflow.
fn has_tiny_neighbours(power: &Decimal) -> bool {
    Decimal::new(1, 200).is_some_and(|tiny| *power < tiny)
}
