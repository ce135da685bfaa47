//! Faults travel as unknowns do.

use super::*;

/// A fault, certain once `m` is known to be 0.
const FAULT: &str = "(n / m > 1)";

#[test]
fn no_and_a_fault_is_no_in_either_order() {
    for expr in [format!("{FAULT} and a"), format!("a and {FAULT}")] {
        assert_eq!(of(&expr, r#"{"n": 1, "m": 0, "a": false}"#), no(), "{expr}");
        assert_eq!(kind(&of(&expr, r#"{"n": 1, "m": 0, "a": true}"#)), FaultKind::DivisionByZero);
        let open = of(&expr, r#"{"n": 1, "m": 0}"#);
        assert!(!open.can_be_true() && open.can_be_false() && open.fault.is_some(), "{expr}: {open:?}");
    }
    for expr in [format!("{FAULT} or a"), format!("a or {FAULT}")] {
        assert_eq!(of(&expr, r#"{"n": 1, "m": 0, "a": true}"#), yes(), "{expr}");
        assert_eq!(kind(&of(&expr, r#"{"n": 1, "m": 0, "a": false}"#)), FaultKind::DivisionByZero);
        let open = of(&expr, r#"{"n": 1, "m": 0}"#);
        assert!(open.can_be_true() && !open.can_be_false() && open.fault.is_some(), "{expr}: {open:?}");
    }
}

#[test]
fn the_three_values_follow_kleene_in_either_order() {
    let values = [("true", Some(true)), ("false", Some(false)), ("", None)];
    for (a_text, a) in values {
        for (b_text, b) in values {
            let mut facts: Vec<String> = Vec::new();
            facts.extend((!a_text.is_empty()).then(|| format!("\"a\":{a_text}")));
            facts.extend((!b_text.is_empty()).then(|| format!("\"b\":{b_text}")));
            let json = format!("{{{}}}", facts.join(","));
            let and = if a == Some(false) || b == Some(false) { Some(false) } else { a.and(b) };
            let or = if a == Some(true) || b == Some(true) { Some(true) } else { a.and(b) };
            for (expr, want) in [("a and b", and), ("b and a", and), ("a or b", or), ("b or a", or)] {
                assert_eq!(of(expr, &json).truth(), want, "{expr} of {json}");
            }
            assert_eq!(of("not a", &json).truth(), a.map(|a| !a));
        }
    }
}

#[test]
fn what_only_some_values_make_a_fault_is_open() {
    let open = of("n / m", r#"{"n": 1}"#);
    assert!(open.fault.is_some() && open.certain_fault().is_none());
    assert_eq!(of("if a then n / m else 2", r#"{"n": 1, "m": 0, "a": false}"#), n("2"));
    let open = of("if a then n / m else 2", r#"{"n": 1, "m": 0}"#);
    assert!(open.fault.is_some() && open.certain_fault().is_none());
}

#[test]
fn what_is_multiplied_by_nothing_is_still_needed() {
    let rules = rules("define v = x * 0");
    let graph = graph_of(&rules, "v");
    assert!(graph.nodes.values().any(|node| matches!(node.op, crate::graph::Op::Fact { .. })));
}

#[test]
fn a_day_before_the_first_version_is_a_fault_where_the_value_is_used() {
    let text = "
        parameter limit: integer
          from 2026-02-01: 4
        parameter rate(c: Colour): integer
          from 2025-01-01:
            red => 1
        define v = if a then n <= limit else rate(colour) > 0";
    assert!(matches!(kind(&value(text, r#"{"a": true, "n": 1}"#)), FaultKind::NoVersion { .. }));
    assert_eq!(value(text, r#"{"a": false, "colour": "red"}"#), yes());
    let missing = kind(&value(text, r#"{"a": false, "colour": "blue"}"#));
    assert!(matches!(&missing, FaultKind::NoValue { keys, .. } if &**keys == "blue"), "{missing:?}");
    let open = value(text, r#"{"a": false}"#);
    assert!(open.can_be_true() && open.fault.is_some());
}

#[test]
fn a_fault_of_a_member_counts_where_the_member_does() {
    let two = r#"{"people":[{"id":"a","age":0,"ill":true,"toys":[]},{"id":"b","age":2,"ill":false,"toys":[]}]}"#;
    assert_eq!(kind(&of("sum(people p each 4 / p.age)", two)), FaultKind::DivisionByZero);
    assert_eq!(of("sum((people p where p.age > 0) p each 4 / p.age)", two), n("2"));
    assert_eq!(of("any(people p each p.ill or 4 / p.age > 1)", two), yes());
    assert_eq!(kind(&of("count(people p where 4 / p.age > 1)", two)), FaultKind::DivisionByZero);
}
#[test]
fn an_outcome_that_is_an_error_is_not_undetermined() {
    let text = "
        criterion c when n / m > 1
        programme p requires c
        define v = p undetermined";
    assert_eq!(value(text, r#"{"n": 1, "m": 0}"#), no());
    assert_eq!(value(text, r#"{"n": 5, "m": 1}"#), no());
    assert!(value(text, r#"{"n": 1}"#).can_be_true());
}
