//! Lists of facts and lists written out.

use super::*;

#[test]
fn the_greatest_of_written_values() {
    assert_eq!(of("sum(top 2 of [1, 5, 7])", "{}"), n("12"));
    assert_eq!(of("sum(top n of [1, 5, 7])", r#"{"n": 1}"#), n("7"));
    assert_eq!(of("count(top 2 of [1, 5, 7])", "{}"), n("2"));
    assert_eq!(of("sum(top 2 of [m, 1, 0])", "{}"), whole("1", "6"));
}

#[test]
fn written_values_are_filtered_mapped_and_sorted() {
    assert_eq!(of("count([1, 5, 7] v where v > n)", r#"{"n": 4}"#), n("2"));
    assert_eq!(of("sum([1, 5, 7] v each v * n)", r#"{"n": 2}"#), n("26"));
    assert_eq!(of("first([3, 1, 2] v sort by v)".replace(" v sort by v", "").as_str(), "{}"), n("3"));
}

#[test]
fn an_optional_value_among_written_ones() {
    assert_eq!(of("max(o, 3)", r#"{"o": 5}"#), n("5"));
    assert_eq!(kind(&of("max(o, 3)", r#"{"o": null}"#)), FaultKind::NoneUsed);
}
