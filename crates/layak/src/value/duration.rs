//! Lengths of calendar time.

use std::fmt;
use std::str::FromStr;

use super::{Calendar, Date};

/// A length of calendar time: months and days, which never convert into each other. A year is 12 months, a week 7 days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    /// Whole months.
    pub months: i64,
    /// Whole days.
    pub days: i64,
}

impl Duration {
    /// The sum of both parts; nothing on overflow.
    pub(crate) fn checked_add(self, other: Duration) -> Option<Duration> {
        Some(Duration { months: self.months.checked_add(other.months)?, days: self.days.checked_add(other.days)? })
    }

    pub(crate) fn checked_neg(self) -> Option<Duration> {
        Some(Duration { months: self.months.checked_neg()?, days: self.days.checked_neg()? })
    }

    pub(crate) fn checked_mul(self, n: i64) -> Option<Duration> {
        Some(Duration { months: self.months.checked_mul(n)?, days: self.days.checked_mul(n)? })
    }
}

impl Calendar {
    /// The day a duration later: its months first, then its days. Nothing beyond the calendar's limits.
    pub(crate) fn add(self, day: Date, duration: Duration) -> Option<Date> {
        self.add_months(day, duration.months)?.add_days(duration.days)
    }
}

impl fmt::Display for Duration {
    /// As a rule file writes it: `1 year 6 months`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [(self.months / 12, "year"), (self.months % 12, "month"), (self.days, "day")];
        let mut first = true;
        for (count, unit) in parts {
            if count != 0 {
                write!(f, "{}{count} {unit}{}", if first { "" } else { " " }, if count.abs() == 1 { "" } else { "s" })?;
                first = false;
            }
        }
        if first { f.write_str("0 days") } else { Ok(()) }
    }
}

/// A text is not a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a duration such as `1 year 6 months` or `30 days`")]
pub struct ParseDurationError;

impl FromStr for Duration {
    type Err = ParseDurationError;

    fn from_str(text: &str) -> Result<Duration, ParseDurationError> {
        let mut duration = Duration::default();
        let mut words = text.split_ascii_whitespace();
        let mut any = false;
        while let Some(count) = words.next() {
            let digits = count.strip_prefix('-').unwrap_or(count);
            let number = digits.len() <= 7 && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            let count: i64 =
                if number { count.parse().map_err(|_| ParseDurationError)? } else { return Err(ParseDurationError) };
            match words.next() {
                Some("year" | "years") => duration.months += 12 * count,
                Some("month" | "months") => duration.months += count,
                Some("week" | "weeks") => duration.days += 7 * count,
                Some("day" | "days") => duration.days += count,
                _ => return Err(ParseDurationError),
            }
            any = true;
        }
        if any { Ok(duration) } else { Err(ParseDurationError) }
    }
}

#[cfg(test)]
mod tests;
