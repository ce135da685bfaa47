//! Dates and durations between two ends.

use super::apply::Outcome;
use super::{Possible, Set};
use crate::value::{Calendar, Date, Decimal, Duration, FaultKind, Function, Value};

/// The first and the last day that a set allows.
fn days(set: &Set) -> (Date, Date) {
    let day = |value: Option<&Value>, open: Date| match value {
        Some(Value::Date(day)) => *day,
        _ => open,
    };
    (day(set.low(), Date::MIN), day(set.high(), Date::MAX))
}

fn dates(low: Date, high: Date) -> Outcome {
    Outcome::sure(Set::range(Some(Value::Date(low)), Some(Value::Date(high)), false))
}

fn numbers(low: i64, high: i64) -> Outcome {
    let number = |n: i64| Some(Value::Number(Decimal::from(n)));
    Outcome::sure(Set::range(number(low), number(high), true))
}

/// The ends of the durations of a set.
fn lengths(set: &Set) -> (Option<Duration>, Option<Duration>) {
    let length = |value: Option<&Value>| match value {
        Some(Value::Duration(length)) => Some(*length),
        _ => None,
    };
    (length(set.low()), length(set.high()))
}

fn durations(low: Option<Duration>, high: Option<Duration>) -> Set {
    Set::range(low.map(Value::Duration), high.map(Value::Duration), false)
}

/// A function of one date.
pub(super) fn of_date(function: Function, a: &Set) -> Outcome {
    let (low, high) = days(a);
    let one_year = low.year() == high.year();
    match function {
        Function::Year => numbers(low.year().into(), high.year().into()),
        Function::Month if one_year => numbers(low.month().into(), high.month().into()),
        Function::Month => numbers(1, 12),
        Function::Day if one_year && low.month() == high.month() => numbers(low.day().into(), high.day().into()),
        Function::Day => numbers(1, 31),
        Function::FirstOfMonth => dates(low.first_of_month(), high.first_of_month()),
        _ => dates(low.last_of_month(), high.last_of_month()),
    }
}

/// A count or difference of two dates: each falls with one of them and rises with the other.
pub(super) fn between(function: Function, a: &Set, b: &Set, calendar: Calendar) -> Outcome {
    let ((a_low, a_high), (b_low, b_high)) = (days(a), days(b));
    let of = |count: fn(Calendar, Date, Date) -> i64| {
        numbers(count(calendar, a_high, b_low), count(calendar, a_low, b_high))
    };
    match function {
        Function::YearsBetween => of(Calendar::years_between),
        Function::MonthsBetween => of(Calendar::months_between),
        Function::DaysBetween => of(|_, a, b| a.days_to(b)),
        Function::DaysThrough => of(|_, a, b| a.days_to(b) + 1),
        _ => {
            let of_days = |days: i64| Some(Duration { months: 0, days });
            Outcome::sure(durations(of_days(b_high.days_to(a_low)), of_days(b_low.days_to(a_high))))
        }
    }
}

/// A date and a duration. The later of two dates and the longer of two durations never give the earlier date.
pub(super) fn shift(back: bool, a: &Set, b: &Set, calendar: Calendar) -> Outcome {
    let (first, last) = days(a);
    let (shortest, longest) = match lengths(b) {
        (low, high) if back => (opposite(high), opposite(low)),
        ends => ends,
    };
    let early = shortest.map_or(Shifted::Early, |length| shifted(calendar, first, length));
    let late = longest.map_or(Shifted::Late, |length| shifted(calendar, last, length));
    let outcome = match (early, late) {
        // Even the earliest is beyond the last day, or the latest before the first.
        (Shifted::Late, _) | (_, Shifted::Early) => Outcome::sure(Set::Nothing),
        (Shifted::Day(low), Shifted::Day(high)) => return dates(low, high),
        (Shifted::Day(low), Shifted::Late) => dates(low, Date::MAX),
        (Shifted::Early, Shifted::Day(high)) => dates(Date::MIN, high),
        (Shifted::Early, Shifted::Late) => dates(Date::MIN, Date::MAX),
    };
    outcome.may_fault(FaultKind::DateLimit)
}

fn opposite(length: Option<Duration>) -> Option<Duration> {
    length.and_then(Duration::checked_neg)
}

/// Where a shifted day lies: in the calendar or on which side of it.
enum Shifted {
    Early,
    Day(Date),
    Late,
}

fn shifted(calendar: Calendar, day: Date, length: Duration) -> Shifted {
    let beyond = |count: i64| if count < 0 { Shifted::Early } else { Shifted::Late };
    match calendar.add_months(day, length.months) {
        None => beyond(length.months),
        Some(day) => day.add_days(length.days).map_or_else(|| beyond(length.days), Shifted::Day),
    }
}

/// A function of one duration.
pub(super) fn of_duration(function: Function, a: &Set) -> Outcome {
    let (low, high) = lengths(a);
    let part = |part: fn(Duration) -> i64| {
        let number = |length: Option<Duration>| length.map(|length| Value::Number(Decimal::from(part(length))));
        Outcome::sure(Set::range(number(low), number(high), true))
    };
    match function {
        Function::DurationMonths => part(|length| length.months),
        Function::DurationDays => part(|length| length.days),
        _ => {
            let (new_low, new_high) = (opposite(high), opposite(low));
            let overflow = new_low.is_some() != high.is_some() || new_high.is_some() != low.is_some();
            Outcome::sure(durations(new_low, new_high)).may_overflow(overflow)
        }
    }
}

pub(super) fn sum(a: &Set, b: &Set) -> Outcome {
    let ((a_low, a_high), (b_low, b_high)) = (lengths(a), lengths(b));
    let mut overflow = false;
    let mut add = |a: Option<Duration>, b: Option<Duration>| {
        let sum = a?.checked_add(b?);
        overflow |= sum.is_none();
        sum
    };
    let (low, high) = (add(a_low, b_low), add(a_high, b_high));
    Outcome::sure(durations(low, high)).may_overflow(overflow)
}

/// A duration times a whole number: months and days each by the products of their ends.
pub(super) fn product(a: &Set, n: &Set) -> Outcome {
    let (low, high) = lengths(a);
    let factor = |value: Option<&Value>| match value {
        Some(Value::Number(n)) => n.to_i64(),
        _ => None,
    };
    let factors = (factor(n.low()), factor(n.high()));
    // No product of a number beyond the machine's integers is held, whatever the duration.
    let mut overflow = factors.0.is_none() || factors.1.is_none() || !n.is_whole();
    let mut part = |part: fn(Duration) -> i64| {
        let (low, high, over) = part_product((low.map(part), high.map(part)), factors);
        overflow |= over;
        (low, high)
    };
    let (months, days) = (part(|length| length.months), part(|length| length.days));
    let both = |months: Option<i64>, days: Option<i64>| Some(Duration { months: months?, days: days? });
    Outcome::sure(durations(both(months.0, days.0), both(months.1, days.1))).may_overflow(overflow)
}

/// The ends of the products of two stretches of integers, and whether such a product can be beyond all integers.
fn part_product(a: Ends, n: Ends) -> (Option<i64>, Option<i64>, bool) {
    // An open end stands as a number so far off that its products are beyond all integers, but for those with zero.
    let wide = |(low, high): Ends| (low.map_or(i128::MIN / 2, i128::from), high.map_or(i128::MAX / 2, i128::from));
    let ((a1, a2), (n1, n2)) = (wide(a), wide(n));
    let products = [(a1, n1), (a1, n2), (a2, n1), (a2, n2)].map(|(a, n)| a.saturating_mul(n));
    let end = |n: Option<&i128>| n.and_then(|n| i64::try_from(*n).ok());
    let (low, high) = (end(products.iter().min()), end(products.iter().max()));
    let closed = |a: Option<i64>, n: Option<i64>| a.zip(n).is_some_and(|(a, n)| a.checked_mul(n).is_none());
    // A duration without an end is one that facts can give, of few digits.
    let overflow = [(a.0, n.0), (a.0, n.1), (a.1, n.0), (a.1, n.1)].into_iter().any(|(a, n)| closed(a, n))
        || ((a.0.is_none() || a.1.is_none()) && n1.abs().max(n2.abs()) > i128::from(u32::MAX));
    (low, high, overflow)
}

/// The ends of a stretch of integers, where it has them.
type Ends = (Option<i64>, Option<i64>);

/// What a text can be read as: any day, or none.
pub(super) fn read() -> Outcome {
    let set = Possible::range(None, None, false).set;
    Outcome::sure(set).may_fault(FaultKind::NotADate { text: "".into() })
}
