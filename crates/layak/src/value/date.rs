//! Days and the one calendar kernel that every path uses.
//!
//! There is no clock here: a day always comes from the caller or from the facts.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};

/// A day of the Gregorian calendar, from 0001-01-01 to 9999-12-31.
///
/// ```
/// use layak::Date;
/// let day: Date = "2026-02-15".parse()?;
/// assert_eq!(day.to_string(), "2026-02-15");
/// assert!("2025-02-29".parse::<Date>().is_err());
/// # Ok::<(), layak::ParseDateError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(NaiveDate);

/// Why a text is not a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseDateError {
    /// Not of the form `YYYY-MM-DD`.
    #[error("not a date of the form YYYY-MM-DD")]
    Malformed,
    /// Of the form, but the calendar has no such day.
    #[error("no such day in the calendar")]
    NoSuchDay,
}

impl Date {
    /// The first day that can be named.
    pub const MIN: Date = match NaiveDate::from_ymd_opt(1, 1, 1) {
        Some(day) => Date(day),
        None => Date(NaiveDate::MIN),
    };
    /// The last day that can be named.
    pub const MAX: Date = match NaiveDate::from_ymd_opt(9999, 12, 31) {
        Some(day) => Date(day),
        None => Date(NaiveDate::MAX),
    };

    /// The day of a year, month (1 to 12) and day of the month, if the calendar has it.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Date> {
        NaiveDate::from_ymd_opt(year, month, day).map(Date).filter(|d| (Date::MIN..=Date::MAX).contains(d))
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u32 {
        self.0.month()
    }

    /// The day of the month, from 1.
    pub fn day(self) -> u32 {
        self.0.day()
    }

    /// Days since 0001-01-01, which is day 1.
    pub fn ordinal(self) -> i32 {
        self.0.num_days_from_ce()
    }

    /// The day of an ordinal, if it is within the calendar's limits.
    pub fn from_ordinal(days: i32) -> Option<Date> {
        NaiveDate::from_num_days_from_ce_opt(days).map(Date).filter(|d| (Date::MIN..=Date::MAX).contains(d))
    }

    /// The first day of its month.
    pub fn first_of_month(self) -> Date {
        Date(self.0.with_day(1).unwrap_or(self.0))
    }

    /// The last day of its month.
    pub fn last_of_month(self) -> Date {
        Date::new(self.year(), self.month(), month_length(self.year(), self.month())).unwrap_or(self)
    }

    /// `days` later (earlier when negative), if that is within the limits.
    pub fn add_days(self, days: i64) -> Option<Date> {
        Date::from_ordinal(i32::try_from(i64::from(self.ordinal()).checked_add(days)?).ok()?)
    }

    /// Days from `self` to `other`: negative when `other` is earlier.
    pub fn days_to(self, other: Date) -> i64 {
        i64::from(other.ordinal()) - i64::from(self.ordinal())
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year(), self.month(), self.day())
    }
}

impl FromStr for Date {
    type Err = ParseDateError;

    /// Reads exactly `YYYY-MM-DD`, nothing before or after.
    fn from_str(text: &str) -> Result<Date, ParseDateError> {
        let bytes: &[u8; 10] = text.as_bytes().try_into().map_err(|_| ParseDateError::Malformed)?;
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = bytes else { return Err(ParseDateError::Malformed) };
        let number = |digits: &[u8]| {
            digits.iter().try_fold(0u32, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')))
        };
        let year = number(&[*y1, *y2, *y3, *y4]).ok_or(ParseDateError::Malformed)?;
        let month = number(&[*m1, *m2]).ok_or(ParseDateError::Malformed)?;
        let day = number(&[*d1, *d2]).ok_or(ParseDateError::Malformed)?;
        let year = i32::try_from(year).map_err(|_| ParseDateError::NoSuchDay)?;
        Date::new(year, month, day).ok_or(ParseDateError::NoSuchDay)
    }
}

fn month_length(year: i32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Which day stands in for 29 February in a common year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LeapDay {
    /// 1 March.
    March1,
    /// 28 February.
    February28,
}

/// Which day stands in for a day that a month lacks, such as 31 April.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MonthEnd {
    /// The last day of the month.
    Clip,
    /// The first day of the next month.
    Next,
}

/// The two choices on which public systems disagree; a ruleset that counts years or months declares them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Calendar {
    /// For whole years from 29 February.
    pub leap_day: LeapDay,
    /// For months from a day that the target month lacks.
    pub month_end: MonthEnd,
}

impl Calendar {
    /// The day `months` later (earlier when negative), or nothing beyond the limits.
    ///
    /// Twelve months are one year, so from 29 February a whole number of years follows `leap_day`; every other day that
    /// the target month lacks follows `month_end`. For one `months` a later day never gives an earlier result.
    pub fn add_months(self, day: Date, months: i64) -> Option<Date> {
        let index =
            i64::from(day.year()).checked_mul(12)?.checked_add(i64::from(day.month()) - 1)?.checked_add(months)?;
        let year = i32::try_from(index.div_euclid(12)).ok()?;
        let month = u32::try_from(index.rem_euclid(12)).ok()? + 1;
        if day.day() <= month_length(year, month) {
            return Date::new(year, month, day.day());
        }
        let clip =
            if months % 12 == 0 { self.leap_day == LeapDay::February28 } else { self.month_end == MonthEnd::Clip };
        let last = Date::new(year, month, month_length(year, month))?;
        if clip { Some(last) } else { last.add_days(1) }
    }

    /// Completed months from `from` to `to`: the largest `n` with `from + n months <= to`, so negative when `to` is earlier.
    pub fn months_between(self, from: Date, to: Date) -> i64 {
        let estimate =
            (i64::from(to.year()) - i64::from(from.year())) * 12 + i64::from(to.month()) - i64::from(from.month());
        self.largest(estimate, 1, from, to)
    }

    /// Completed years from `from` to `to`: the largest `n` with `from + n years <= to`, so negative when `to` is earlier.
    pub fn years_between(self, from: Date, to: Date) -> i64 {
        self.largest(i64::from(to.year()) - i64::from(from.year()), 12, from, to)
    }

    /// The estimate from the calendar's own fields is right or one too high: a stand-in day is at most in the next month's
    /// first day, and an added span beyond the limits is later than any day (or earlier, when it is negative).
    fn largest(self, estimate: i64, unit: i64, from: Date, to: Date) -> i64 {
        let reached = |n: i64| match self.add_months(from, n * unit) {
            Some(day) => day <= to,
            None => n < 0,
        };
        if reached(estimate) { estimate } else { estimate - 1 }
    }
}

#[cfg(test)]
mod tests;
