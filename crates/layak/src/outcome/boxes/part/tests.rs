#![allow(clippy::unwrap_used)]

use super::*;

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

fn range(low: Option<&str>, high: Option<&str>, whole: bool) -> Part {
    Part::Range { low: low.map(number), high: high.map(number), whole }
}

#[test]
fn a_range_is_parted_behind_what_the_rules_name_and_else_in_the_middle() {
    let named: BTreeSet<Value> = [number("7"), number("8.5"), number("90")].into();
    let halves = range(Some("0"), Some("41"), true).halves(&named).unwrap();
    assert_eq!(halves, [range(Some("0"), Some("8"), true), range(Some("9"), Some("41"), true)]);
    let halves = range(Some("9"), Some("41"), true).halves(&named).unwrap();
    assert_eq!(halves, [range(Some("9"), Some("25"), true), range(Some("26"), Some("41"), true)]);
    let halves = range(Some("3"), Some("4"), true).halves(&named).unwrap();
    assert_eq!(halves, [Part::One(number("3")), Part::One(number("4"))]);
    assert_eq!(Part::One(number("3")).halves(&named), None);
}

#[test]
fn no_number_that_a_fact_can_be_lies_between_two_parts() {
    let [low, high] = range(Some("0"), Some("1"), false).halves(&BTreeSet::new()).unwrap();
    let next = format!("0.5{}1", "0".repeat(36));
    assert_eq!((low, high), (range(Some("0"), Some("0.5"), false), range(Some(&next), Some("1"), false)));
    let last = format!("0.{}8", "9".repeat(37));
    let end = format!("0.{}", "9".repeat(38));
    let tight = range(Some(&last), Some(&end), false).halves(&BTreeSet::new()).unwrap();
    assert_eq!(tight, [Part::One(number(&last)), Part::One(number(&end))]);
}

#[test]
fn a_range_without_an_end_is_parted_ever_farther_out() {
    let none = BTreeSet::new();
    let [_, up] = range(None, None, true).halves(&none).unwrap();
    assert_eq!(up, range(Some("1"), None, true));
    let [_, up] = up.halves(&none).unwrap();
    assert_eq!(up, range(Some("4"), None, true));
    let [down, _] = range(None, Some("-1"), true).halves(&none).unwrap();
    assert_eq!(down, range(None, Some("-3"), true));
}

#[test]
fn two_parts_share_what_both_hold() {
    let (a, b) = (range(Some("0"), Some("9"), true), range(Some("5"), None, true));
    assert_eq!(a.and(&b), Some(range(Some("5"), Some("9"), true)));
    assert_eq!(a.and(&range(Some("10"), None, true)), None);
    assert_eq!(a.and(&Part::One(number("3"))), Some(Part::One(number("3"))));
    assert_eq!(b.and(&Part::One(number("3"))), None);
    assert_eq!(range(None, None, true).and(&Part::One(Value::None)), None);
}
