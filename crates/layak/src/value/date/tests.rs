//! Days and calendars: what is read, and the laws they keep.

use super::*;
use proptest::prelude::*;

const MARCH: Calendar = Calendar { leap_day: LeapDay::March1, month_end: MonthEnd::Clip };
const FEBRUARY: Calendar = Calendar { leap_day: LeapDay::February28, month_end: MonthEnd::Next };

fn d(text: &str) -> Date {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[test]
fn a_leap_day_follows_the_declaration() {
    let born = d("2000-02-29");
    assert_eq!(MARCH.years_between(born, d("2018-02-28")), 17);
    assert_eq!(MARCH.years_between(born, d("2018-03-01")), 18);
    assert_eq!(FEBRUARY.years_between(born, d("2018-02-27")), 17);
    assert_eq!(FEBRUARY.years_between(born, d("2018-02-28")), 18);
    assert_eq!(MARCH.years_between(d("2003-03-01"), d("2024-02-29")), 20);
    assert_eq!(MARCH.add_months(d("1956-02-29"), 65 * 12), Some(d("2021-03-01")));
    assert_eq!(MARCH.add_months(born, 12), Some(d("2001-03-01")), "12 months are one year");
}

#[test]
fn month_ends_follow_the_declaration_both_ways() {
    assert_eq!(MARCH.add_months(d("2018-07-31"), -1), Some(d("2018-06-30")));
    assert_eq!(MARCH.add_months(d("2018-05-31"), -1), Some(d("2018-04-30")));
    assert_eq!(FEBRUARY.add_months(d("2018-05-31"), -1), Some(d("2018-05-01")));
    assert_eq!(MARCH.add_months(d("2023-10-31"), 4), Some(d("2024-02-29")));
    assert_eq!(FEBRUARY.add_months(d("2023-10-31"), 4), Some(d("2024-03-01")));
    assert_eq!(MARCH.add_months(d("2022-04-30"), 1), Some(d("2022-05-30")));
    let once = MARCH.add_months(d("2022-01-31"), 1).and_then(|day| MARCH.add_months(day, 1));
    assert_eq!(once, Some(d("2022-03-28")));
    assert_eq!(MARCH.add_months(d("2022-01-31"), 2), Some(d("2022-03-31")));
}

#[test]
fn completed_years_are_not_rounded() {
    assert_eq!(MARCH.years_between(d("2010-01-01"), d("2024-12-31")), 14);
    assert_eq!(MARCH.years_between(d("2026-05-01"), d("2026-02-15")), -1);
}

#[test]
fn limits_are_limits() {
    assert_eq!(Date::MAX.add_days(1), None);
    assert_eq!(Date::MIN.add_days(-1), None);
    assert_eq!(MARCH.add_months(Date::MAX, 1), None);
    assert_eq!(MARCH.add_months(d("2026-01-01"), i64::MAX), None);
    assert_eq!(MARCH.years_between(Date::MIN, Date::MAX), 9998);
    assert_eq!(MARCH.years_between(Date::MAX, Date::MIN), -9999);
}

#[test]
fn only_real_days_of_the_one_form_are_read() {
    for text in [
        "",
        "1990-1-5",
        "15-01-1990",
        "1990/01/15",
        "1990-01-15 ",
        "01211-12-31",
        "998-12-31",
        "kemarin!!!",
        "10000-01-01",
    ] {
        assert_eq!(text.parse::<Date>(), Err(ParseDateError::Malformed), "{text}");
    }
    for text in ["2025-02-29", "2015-13-32", "2026-00-10", "2026-04-31", "0000-01-01", "1900-02-29"] {
        assert_eq!(text.parse::<Date>(), Err(ParseDateError::NoSuchDay), "{text}");
    }
    assert_eq!(d("0001-01-01"), Date::MIN);
}

fn any_day() -> impl Strategy<Value = Date> {
    (Date::MIN.ordinal()..=Date::MAX.ordinal()).prop_map(|n| Date::from_ordinal(n).unwrap())
}

/// Days near which calendars go wrong.
fn odd_day() -> impl Strategy<Value = Date> {
    let near = (1900i32..2100, 0usize..6, -2i64..=2).prop_map(|(year, which, off)| {
        let (month, day) = [(2, 28), (3, 1), (1, 31), (12, 31), (1, 1), (4, 30)][which];
        Date::new(year, month, day).unwrap().add_days(off).unwrap()
    });
    prop_oneof![near, any_day()]
}

fn any_calendar() -> impl Strategy<Value = Calendar> {
    (any::<bool>(), any::<bool>()).prop_map(|(a, b)| Calendar {
        leap_day: if a { LeapDay::March1 } else { LeapDay::February28 },
        month_end: if b { MonthEnd::Clip } else { MonthEnd::Next },
    })
}

proptest! {
    #[test]
    fn an_age_is_reached_exactly_on_its_day(c in any_calendar(), born in odd_day(), on in odd_day(), n in -120i64..150) {
        if let Some(birthday) = c.add_months(born, 12 * n) {
            prop_assert_eq!(c.years_between(born, on) >= n, on >= birthday);
        }
        if let Some(day) = c.add_months(born, n) {
            prop_assert_eq!(c.months_between(born, on) >= n, on >= day);
        }
    }

    #[test]
    fn a_later_day_is_never_earlier_after_months(c in any_calendar(), a in odd_day(), days in 0i64..40, months in -500i64..500) {
        if let Some(b) = a.add_days(days)
            && let (Some(x), Some(y)) = (c.add_months(a, months), c.add_months(b, months))
        {
            prop_assert!(x <= y);
        }
    }

    #[test]
    fn text_goes_round(day in any_day()) {
        prop_assert_eq!(day.to_string().parse(), Ok(day));
    }
}
