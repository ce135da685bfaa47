//! Decision tables under each policy, with inputs that are known, unknown and faults.

use super::*;
use crate::outcome::Set;

fn table(policy: &str, rows: &str) -> String {
    format!("table v: integer {policy}\n  | n | a || out |\n{rows}")
}

const APART: &str = "  | 0..4 | - || 1 |\n  | 5..10 | yes || 2 |\n  | 5..10 | no || 3 |\n";
const OVER: &str = "  | 0..6 | - || 1 |\n  | 5..10 | yes || 2 |\n  | - | no || 3 |\n";

#[test]
fn a_table_without_gaps_is_never_without_a_row() {
    assert_eq!(value(&table("unique", APART), "{}"), whole("1", "3"));
    assert_eq!(value(&table("unique", APART), r#"{"n": 7}"#), whole("2", "3"));
    assert_eq!(value(&table("unique", APART), r#"{"n": 3}"#), n("1"));
    assert_eq!(value(&table("unique", APART), r#"{"a": true}"#), whole("1", "2"));
    assert_eq!(value(&table("first", APART), "{}"), whole("1", "3"));
    let gap = value(&table("unique", "  | 0..3 | - || 1 |\n  | 5..10 | - || 2 |\n"), "{}");
    assert!(matches!(gap.fault.unwrap().kind, FaultKind::NoRow { .. }));
    assert_eq!(value(&table("unique else 9", "  | 0..3 | - || 1 |\n"), "{}"), whole("1", "9"));
    assert_eq!(value(&table("unique else 9", "  | 0..3 | - || 1 |\n"), r#"{"n": 4}"#), n("9"));
}

#[test]
fn numbers_that_are_not_whole_lie_between_two_ends_that_differ() {
    let table = |policy: &str, rows: &str| format!("table v: integer {policy}\n  | x | a || out |\n{rows}");
    let value = |policy: &str, rows: &str| value(&table(policy, rows), "{}");
    let has_gap = |rows: &str| matches!(value("unique", rows).fault.map(|f| f.kind), Some(FaultKind::NoRow { .. }));
    assert!(has_gap("  | <= 4 | - || 1 |\n  | >= 6 | - || 2 |\n"));
    assert!(has_gap("  | <= 4 | - || 1 |\n  | >= 4.5 | - || 2 |\n"));
    assert!(has_gap("  | < 4 | - || 1 |\n  | > 4 | - || 2 |\n"));
    assert!(!has_gap("  | < 4 | - || 1 |\n  | 4 | - || 2 |\n  | > 4 | - || 3 |\n"));
    assert_eq!(value("unique", "  | < 4 | - || 1 |\n  | >= 4 | - || 2 |\n"), whole("1", "2"));
    // One value among those that a range holds, and beside it.
    assert_eq!(value("first", "  | 7 | yes || 1 |\n  | > 5 | - || 2 |\n  | <= 5 | - || 3 |\n"), whole("1", "3"));
    assert_eq!(value("first", "  | 7 | yes || 1 |\n  | >= 5 | - || 2 |\n  | < 5 | - || 3 |\n"), whole("1", "3"));
    assert!(has_gap("  | 7 | yes || 1 |\n  | < 7 | - || 2 |\n  | > 7 | - || 3 |\n"));
}

#[test]
fn a_known_number_leaves_no_gap_where_the_rows_of_its_side_have_all_of_the_rest() {
    let rows = "  | > 5 | yes || 1 |\n  | > 5 | no || 2 |\n  | <= 5 | - || 3 |\n";
    assert_eq!(value(&table("unique", rows), r#"{"n": 7}"#), whole("1", "2"));
    assert_eq!(value(&table("unique", rows), r#"{"n": 6}"#), whole("1", "2"));
    assert_eq!(value(&table("unique", rows), r#"{"n": 5}"#), n("3"));
}

#[test]
fn many_rows_say_of_an_input_that_may_be_a_fault_what_few_rows_say() {
    for count in [4, 9] {
        let rows: String = (1..=count).map(|n| format!("  | {n} || {n} |\n")).collect();
        let text = format!("table v: integer unique else 0\n  | n / m || out |\n{rows}");
        let open = value(&text, r#"{"n": 0}"#);
        assert_eq!(open.fault.map(|f| f.kind), Some(FaultKind::DivisionByZero), "{count} rows, none of which has 0");
        assert_eq!(open.set, Set::One(Value::Number(0i64.into())), "{count} rows");
        assert_eq!(value(&text, r#"{"n": 4, "m": 1}"#), n("4"));
    }
}

#[test]
fn rows_of_one_rank_are_no_fault_while_a_better_one_may_match() {
    let text = "define v = t.other\ntable t priority [1, 2]\n  | n | a || out: integer | other: integer |\n\
                \x20 | 0..6 | - || 2 | 10 |\n  | 0..6 | - || 2 | 20 |\n  | 0..6 | yes || 1 | 30 |\n";
    assert_eq!(value(text, r#"{"n": 3, "a": true}"#), n("30"));
    assert!(matches!(kind(&value(text, r#"{"n": 3, "a": false}"#)), FaultKind::SeveralRows { rows: (1, 2), .. }));
    let open = value(text, r#"{"n": 3}"#);
    assert!(open.certain_fault().is_none(), "{open:?}");
    assert!(open.can_be(&Value::Number(30i64.into())), "{open:?}");
}

#[test]
fn rows_that_match_together_are_a_fault_where_one_alone_may() {
    assert!(matches!(
        kind(&value(&table("unique", OVER), r#"{"n": 5, "a": true}"#)),
        FaultKind::SeveralRows { rows: (1, 2), .. }
    ));
    assert_eq!(value(&table("unique", OVER), r#"{"n": 2, "a": true}"#), n("1"));
    let open = value(&table("unique", OVER), r#"{"n": 5}"#);
    assert!(matches!(open.fault.unwrap().kind, FaultKind::SeveralRows { .. }));
    let same = "  | 0..6 | - || 1 |\n  | 5..10 | - || 1 |\n";
    assert_eq!(value(&table("any", same), "{}"), n("1"));
    assert!(matches!(kind(&value(&table("any", OVER), r#"{"n": 5, "a": true}"#)), FaultKind::SeveralRows { .. }));
}

#[test]
fn the_first_row_that_matches_hides_those_behind_it() {
    assert_eq!(value(&table("first", OVER), r#"{"n": 5}"#), n("1"));
    assert_eq!(value(&table("first", OVER), r#"{"a": false}"#), whole("1", "3"));
    assert_eq!(value(&table("first", OVER), r#"{"n": 7}"#), whole("2", "3"));
}

#[test]
fn the_best_row_wins() {
    assert_eq!(value(&table("priority [2, 1, 3]", OVER), r#"{"n": 5, "a": true}"#), n("2"));
    assert_eq!(value(&table("priority [1, 2, 3]", OVER), r#"{"n": 5}"#), n("1"));
    let open = value(&table("priority [3, 2, 1]", OVER), r#"{"n": 7}"#);
    assert_eq!(open, whole("2", "3"));
}

#[test]
fn rows_collected_may_or_may_not_count() {
    assert_eq!(value(&table("collect sum", OVER), r#"{"n": 5, "a": false}"#), n("4"));
    assert_eq!(value(&table("collect sum", OVER), r#"{"n": 5}"#), whole("1", "6"));
    assert_eq!(value(&table("collect count", OVER), r#"{"n": 5}"#), whole("1", "3"));
    assert_eq!(value(&table("collect max", OVER), r#"{"n": 5}"#), whole("1", "3"));
    assert_eq!(value(&table("collect min", OVER), r#"{"n": 5}"#), n("1"));
    assert_eq!(value(&table("collect max else 0", "  | > 6 | - || 4 |\n"), "{}"), whole("0", "4"));
}

#[test]
fn a_fault_among_the_inputs_is_a_fault_of_the_table_and_not_its_else() {
    for policy in ["unique else 9", "first else 9", "any else 9", "priority [1, 2] else 9", "collect sum else 9"] {
        let text =
            format!("table v: integer {policy}\n  | n / m | a || out |\n  | <= 3 | - || 1 |\n  | > 3 | - || 2 |\n");
        assert_eq!(kind(&value(&text, r#"{"n": 1, "m": 0, "a": true}"#)), FaultKind::DivisionByZero, "{policy}");
    }
    let text = "table v: integer first else 9\n  | n / m | a || out |\n  | - | yes || 1 |\n  | > 3 | - || 2 |\n";
    assert_eq!(value(text, r#"{"n": 1, "m": 0, "a": true}"#), n("1"), "the first row does not ask for it");
}

#[test]
fn a_list_of_the_facts_own_key() {
    let text = "
        parameter several(c: Colour): list of integer
          from 2025-01-01:
            red => [1, 4]
            blue => [3]
        define v = sum(several(colour))";
    assert_eq!(value(text, r#"{"colour": "red"}"#), n("5"));
    assert!(matches!(kind(&value(text, r#"{"colour": "green"}"#)), FaultKind::NoValue { .. }));
    let open = value(text, "{}");
    assert!(open.can_be(n("5").as_known().unwrap()) && open.can_be(n("3").as_known().unwrap()));
}

#[test]
fn a_row_may_name_its_basis_and_a_value_may_be_named_basis() {
    let rows = "  | 0..4 | - || 1 | basis \"Article 1\"\n  | 5..10 | - || basis | # a comment\n    basis id \"Pasal 2\" en \"Article 2\"\n";
    let text = format!("define basis = 7\n{}", table("unique", rows));
    assert_eq!(value(&text, r#"{"n": 3}"#), n("1"));
    assert_eq!(value(&text, r#"{"n": 5}"#), n("7"));
}
