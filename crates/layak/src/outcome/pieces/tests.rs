//! The value that stands for what lies between two ends.

use super::*;

/// An end as intervals are written: `[` and `]` where it is in, `(` and `)` where it is left out; nothing where there is none.
fn end(text: &str) -> End {
    let value = text.trim_matches(['[', ']', '(', ')']);
    let value = match value.parse::<Date>() {
        Ok(day) => Value::Date(day),
        Err(_) => Value::Number(value.parse::<Decimal>().ok()?),
    };
    Some((value, text.contains(['(', ')'])))
}

/// What stands for it: a value, `none` where there is nothing between the ends, `?` where that cannot be told.
fn stands(from: &str, to: &str, whole: bool) -> String {
    match between(end(from), end(to), whole) {
        Some(Some(Value::Number(n))) => n.to_string(),
        Some(Some(Value::Date(day))) => day.to_string(),
        Some(Some(other)) => format!("{other:?}"),
        Some(None) => "none".to_owned(),
        None => "?".to_owned(),
    }
}

#[test]
fn a_value_stands_between_two_numbers() {
    assert_eq!(stands("[4", "5]", false), "4");
    assert_eq!(stands("[4", "5)", false), "4");
    assert_eq!(stands("(4", "5]", false), "5");
    assert_eq!(stands("(4", "5)", false), "4.5");
    assert_eq!(stands("(4", "4.5)", false), "4.25");
    assert_eq!(stands("[4", "4]", false), "4");
    assert_eq!(stands("(4", "4]", false), "none");
    assert_eq!(stands("[4", "4)", false), "none");
    assert_eq!(stands("[5", "4]", false), "none");
}

#[test]
fn a_whole_number_stands_between_two() {
    assert_eq!(stands("(4", "6)", true), "5");
    assert_eq!(stands("(4", "5)", true), "none");
    assert_eq!(stands("(4", "5]", true), "5");
    assert_eq!(stands("[4.5", "5.5]", true), "5");
    assert_eq!(stands("(4.5", "5.5)", true), "5");
    assert_eq!(stands("[4.2", "4.8]", true), "none");
    assert_eq!(stands("(4", "", true), "5");
    assert_eq!(stands("", "4)", true), "3");
}

#[test]
fn a_day_stands_between_two() {
    assert_eq!(stands("(2026-02-27", "2026-03-01)", false), "2026-02-28");
    assert_eq!(stands("(2026-02-28", "2026-03-01)", false), "none");
    assert_eq!(stands("(2026-02-28", "", false), "2026-03-01");
    assert_eq!(stands("", "2026-03-01)", false), "2026-02-28");
}

#[test]
fn a_value_stands_beyond_one_end() {
    assert_eq!(stands("(4", "", false), "5");
    assert_eq!(stands("", "4)", false), "3");
    assert_eq!(stands("[4", "", false), "4");
    assert_eq!(stands("", "4]", false), "4");
    assert_eq!(stands("", "", false), "?");
}
