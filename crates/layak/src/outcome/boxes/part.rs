//! What a fact can be in a box: one value, or a range.

use std::collections::BTreeSet;

use crate::outcome::Possible;
use crate::value::{Decimal, Rounding, Value};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    One(Value),
    /// Both ends included; no end where it is None.
    Range {
        low: Option<Value>,
        high: Option<Value>,
        whole: bool,
    },
}

impl Part {
    /// What both hold, if that is anything.
    pub(super) fn and(&self, other: &Part) -> Option<Part> {
        match (self, other) {
            (Part::One(a), Part::One(b)) => (a == b).then(|| self.clone()),
            (Part::One(value), range) | (range, Part::One(value)) => {
                range.holds(value).then(|| Part::One(value.clone()))
            }
            (Part::Range { low: a, high: b, whole }, Part::Range { low: c, high: d, .. }) => {
                // No end is the lowest of the low ends, and the highest of the high ones.
                let low = a.max(c).clone();
                let high = match (b, d) {
                    (Some(b), Some(d)) => Some(b.min(d).clone()),
                    (b, d) => b.as_ref().or(d.as_ref()).cloned(),
                };
                let is_any = low.as_ref().zip(high.as_ref()).is_none_or(|(low, high)| low <= high);
                is_any.then_some(Part::Range { low, high, whole: *whole })
            }
        }
    }

    fn holds(&self, value: &Value) -> bool {
        match self {
            Part::One(own) => own == value,
            Part::Range { low, high, .. } => {
                *value != Value::None
                    && low.as_ref().is_none_or(|low| low <= value)
                    && high.as_ref().is_none_or(|high| value <= high)
            }
        }
    }

    /// In two: behind that of the named values within it that is the middle one, or else in the middle. Nothing where it is one
    /// value, or cannot be parted.
    pub(super) fn halves(&self, named: &BTreeSet<Value>) -> Option<[Part; 2]> {
        let Part::Range { low, high, whole } = self else { return None };
        let is_like = |value: &&Value| {
            let same = |end: &Value| std::mem::discriminant(end) == std::mem::discriminant(*value);
            low.as_ref().or(high.as_ref()).map_or(matches!(value, Value::Number(_)), same)
        };
        let is_within = |value: &&Value| {
            low.as_ref().is_none_or(|low| low <= *value) && high.as_ref().is_none_or(|high| *value < high)
        };
        let within: Vec<&Value> = named.iter().filter(is_like).filter(is_within).collect();
        let at = match within.get(within.len() / 2) {
            Some(Value::Number(n)) if *whole => Value::Number(n.floor()?),
            Some(value) => (*value).clone(),
            None => middle(low.as_ref(), high.as_ref(), *whole)?,
        };
        let next = after(&at, *whole)?;
        if low.as_ref().is_some_and(|low| at < *low) || high.as_ref().is_some_and(|high| *high < next) {
            return None;
        }
        let part = |low: Option<Value>, high: Option<Value>| match (low, high) {
            (Some(low), Some(high)) if low == high => Part::One(low),
            (low, high) => Part::Range { low, high, whole: *whole },
        };
        Some([part(low.clone(), Some(at)), part(Some(next), high.clone())])
    }

    pub(super) fn as_possible(&self) -> Possible {
        match self {
            Part::One(value) => Possible::known(value.clone()),
            Part::Range { low, high, whole } => Possible::range(low.clone(), high.clone(), *whole),
        }
    }
}

/// A value between two ends; where there is but one, twice as far from 0, and on its other side first.
fn middle(low: Option<&Value>, high: Option<&Value>, whole: bool) -> Option<Value> {
    // A quotient would be rounded.
    let (two, half) = (Decimal::from(2i64), Decimal::new(5, 1)?);
    let farther = |n: &Decimal, step: Decimal| n.checked_mul(&two)?.checked_add(&step);
    let number = match (low, high) {
        (Some(Value::Date(low)), Some(Value::Date(high))) => {
            return low.add_days(low.days_to(*high) / 2).map(Value::Date);
        }
        (Some(Value::Number(low)), Some(Value::Number(high))) => low.checked_add(high)?.checked_mul(&half)?,
        (Some(Value::Number(low)), None) if *low < Decimal::ZERO => Decimal::ZERO,
        (Some(Value::Number(low)), None) => farther(low, Decimal::ONE)?,
        (None, Some(Value::Number(high))) if *high > Decimal::ZERO => Decimal::ZERO,
        (None, Some(Value::Number(high))) => farther(high, Decimal::ONE.negated())?,
        (None, None) => Decimal::ZERO,
        _ => return None,
    };
    Some(Value::Number(if whole { number.floor()? } else { of_fact(&number)? }))
}

/// By so much two numbers that facts give differ at least: they have at most 38 digits after the point.
fn least() -> Option<Decimal> {
    Decimal::new(1, 38)
}

/// The greatest number up to another that a fact can be.
fn of_fact(number: &Decimal) -> Option<Decimal> {
    number.checked_round_to(&least()?, Rounding::Floor)
}

/// The next value that a fact can have.
fn after(value: &Value, whole: bool) -> Option<Value> {
    match value {
        Value::Number(n) if whole => n.checked_add(&Decimal::ONE).map(Value::Number),
        Value::Number(n) => of_fact(n)?.checked_add(&least()?).map(Value::Number),
        Value::Date(day) => day.add_days(1).map(Value::Date),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
