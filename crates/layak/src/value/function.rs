//! The functions of the language on known values: the one definition of what each operator means.

use std::cmp::Ordering;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{Calendar, Date, Decimal, Duration, FaultKind, Rounding};

/// A known value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Value {
    Boolean(bool),
    Number(Decimal),
    Date(Date),
    Duration(Duration),
    Text(Arc<str>),
    /// A member of an enum, by its position.
    Enum(u32),
    /// An element of a household's lists, by its row in the table of its entity.
    Element(u32),
    /// Known to be none.
    None,
}

/// A function of known values, all of which it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "`IsNone` is part of the kernel, though `is none` has a node of its own")
)]
pub(crate) enum Function {
    Equal,
    Less,
    LessEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Negate,
    Abs,
    Floor,
    Ceil,
    Power,
    Remainder,
    /// A number and a step.
    Round(Rounding),
    Min,
    Max,
    /// A date and a duration.
    DateAdd,
    DateSubtract,
    /// Two dates: completed years, months, days; days with the last one counted.
    YearsBetween,
    MonthsBetween,
    DaysBetween,
    DaysThrough,
    /// The difference of two dates as a duration in days.
    DateDifference,
    DurationAdd,
    DurationNegate,
    /// A duration and a whole number.
    DurationMultiply,
    /// The months, and the days, of a duration as numbers.
    DurationMonths,
    DurationDays,
    Year,
    Month,
    Day,
    FirstOfMonth,
    LastOfMonth,
    ParseDate,
    Length,
    /// Of a text that has a format, a part: the text, the first character from 0, how many; as a number also the least and the
    /// greatest that it can be.
    Digits,
    Characters,
    /// Case and accents folded away.
    Fold,
    /// Whether an optional value is none.
    IsNone,
    /// The value of an optional that is not none.
    Unwrap,
}

impl Function {
    /// The value for known arguments. INVARIANT: the program's types fit, so a misfit is never met; it would be an overflow.
    pub(crate) fn apply(self, arguments: &[&Value], calendar: Calendar) -> Result<Value, FaultKind> {
        use Value as V;
        let number = |n: Option<Decimal>| n.map(V::Number).ok_or(FaultKind::Overflow);
        let date = |d: Option<Date>| d.map(V::Date).ok_or(FaultKind::DateLimit);
        let duration = |d: Option<Duration>| d.map(V::Duration).ok_or(FaultKind::Overflow);
        let whole = |n: i64| Ok(V::Number(Decimal::from(n)));
        match (self, arguments) {
            (Function::Equal, [a, b]) => Ok(V::Boolean(a == b)),
            (Function::Less, [a, b]) => Ok(V::Boolean(a.cmp(b) == Ordering::Less)),
            (Function::LessEqual, [a, b]) => Ok(V::Boolean(a.cmp(b) != Ordering::Greater)),
            (Function::Add, [V::Number(a), V::Number(b)]) => number(a.checked_add(b)),
            (Function::Subtract, [V::Number(a), V::Number(b)]) => number(a.checked_sub(b)),
            (Function::Multiply, [V::Number(a), V::Number(b)]) => number(a.checked_mul(b)),
            (Function::Divide | Function::Remainder, [_, V::Number(b)]) if b.is_zero() => {
                Err(FaultKind::DivisionByZero)
            }
            (Function::Divide, [V::Number(a), V::Number(b)]) => number(a.checked_div(b)),
            (Function::Remainder, [V::Number(a), V::Number(b)]) => number(a.checked_rem_floor(b)),
            (Function::Negate, [V::Number(a)]) => Ok(V::Number(a.negated())),
            (Function::Abs, [V::Number(a)]) => Ok(V::Number(a.abs())),
            (Function::Floor, [V::Number(a)]) => number(a.floor()),
            (Function::Ceil, [V::Number(a)]) => number(a.ceil()),
            (Function::Power, [V::Number(a), V::Number(n)]) if a.is_zero() && n.is_negative() => {
                Err(FaultKind::DivisionByZero)
            }
            (Function::Power, [V::Number(a), V::Number(n)]) => number(n.to_i64().and_then(|n| a.checked_powi(n))),
            (Function::Round(_), [V::Number(_), V::Number(step)]) if step.is_zero() => Err(FaultKind::DivisionByZero),
            (Function::Round(mode), [V::Number(a), V::Number(step)]) => number(a.checked_round_to(step, mode)),
            (Function::Min, [a, b]) => Ok((*a.min(b)).clone()),
            (Function::Max, [a, b]) => Ok((*a.max(b)).clone()),
            (Function::DateAdd, [V::Date(d), V::Duration(l)]) => date(calendar.add(*d, *l)),
            (Function::DateSubtract, [V::Date(d), V::Duration(l)]) => {
                date(l.checked_neg().and_then(|l| calendar.add(*d, l)))
            }
            (Function::YearsBetween, [V::Date(a), V::Date(b)]) => whole(calendar.years_between(*a, *b)),
            (Function::MonthsBetween, [V::Date(a), V::Date(b)]) => whole(calendar.months_between(*a, *b)),
            (Function::DaysBetween, [V::Date(a), V::Date(b)]) => whole(a.days_to(*b)),
            (Function::DaysThrough, [V::Date(a), V::Date(b)]) => whole(a.days_to(*b) + 1),
            (Function::DateDifference, [V::Date(a), V::Date(b)]) => {
                Ok(V::Duration(Duration { months: 0, days: b.days_to(*a) }))
            }
            (Function::DurationAdd, [V::Duration(a), V::Duration(b)]) => duration(a.checked_add(*b)),
            (Function::DurationNegate, [V::Duration(a)]) => duration(a.checked_neg()),
            (Function::DurationMultiply, [V::Duration(a), V::Number(n)]) => {
                duration(n.to_i64().and_then(|n| a.checked_mul(n)))
            }
            (Function::DurationMonths, [V::Duration(a)]) => whole(a.months),
            (Function::DurationDays, [V::Duration(a)]) => whole(a.days),
            (Function::Year, [V::Date(d)]) => whole(i64::from(d.year())),
            (Function::Month, [V::Date(d)]) => whole(i64::from(d.month())),
            (Function::Day, [V::Date(d)]) => whole(i64::from(d.day())),
            (Function::FirstOfMonth, [V::Date(d)]) => Ok(V::Date(d.first_of_month())),
            (Function::LastOfMonth, [V::Date(d)]) => Ok(V::Date(d.last_of_month())),
            (Function::ParseDate, [V::Text(text)]) => {
                text.parse().map(V::Date).map_err(|_| FaultKind::NotADate { text: Arc::clone(text) })
            }
            (Function::Length, [V::Text(text)]) => whole(i64::try_from(text.chars().count()).unwrap_or(i64::MAX)),
            (Function::Digits, [V::Text(text), V::Number(first), V::Number(count), ..]) => {
                number(part(text, first, count).and_then(|part| part.parse::<i64>().ok()).map(Decimal::from))
            }
            (Function::Characters, [V::Text(text), V::Number(first), V::Number(count)]) => {
                part(text, first, count).map(|part| V::Text(part.into())).ok_or(FaultKind::Overflow)
            }
            (Function::Fold, [V::Text(text)]) => Ok(V::Text(fold(text).into())),
            (Function::IsNone, [a]) => Ok(V::Boolean(**a == V::None)),
            (Function::Unwrap, [a]) if **a != V::None => Ok((*a).clone()),
            _ => Err(if arguments.contains(&&V::None) { FaultKind::NoneUsed } else { FaultKind::Overflow }),
        }
    }
}

/// So many characters of a text from one on, counted from 0.
fn part(text: &str, first: &Decimal, count: &Decimal) -> Option<String> {
    let (first, count) = (usize::try_from(first.to_i64()?).ok()?, usize::try_from(count.to_i64()?).ok()?);
    let part: String = text.chars().skip(first).take(count).collect();
    Some(part).filter(|part| part.chars().count() == count)
}

/// Lower case without marks: `Pão` and `PAO` fold to one text.
fn fold(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_equal_by_code_point_and_fold_on_request() {
        let text = |t: &str| Value::Text(t.nfc().collect::<String>().into());
        assert_eq!(text("Zoë"), text("Zoe\u{308}"));
        assert_ne!(text("pao de acucar"), text("Pão de Açúcar"));
        assert_eq!(fold("pao de acucar"), fold("Pão de Açúcar"));
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        let calendar = Calendar { leap_day: crate::value::LeapDay::March1, month_end: crate::value::MonthEnd::Clip };
        let length = Function::Length.apply(&[&Value::Text("🐎😀".into())], calendar);
        assert_eq!(length, Ok(Value::Number(Decimal::from(2i64))));
    }
}
