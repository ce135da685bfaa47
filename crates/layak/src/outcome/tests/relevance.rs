//! The open facts that an answer still hangs on: none that can no longer matter, and each that can.

use std::collections::BTreeSet;

use super::*;
use crate::outcome::relevant::relevant;

/// The names of the household's fields that `v` hangs on.
fn missing(rules_text: &str, json: &str) -> Vec<String> {
    let rules = rules(rules_text);
    let plan = plan(&rules, &["v"]);
    let facts = facts(&plan, json);
    let graph = plan.plan_graph();
    let recording = evaluate(graph, &facts.case, &Limits::default());
    let Lowered::One(node) = graph.values.first().unwrap().value else { panic!("one value") };
    let mut found = BTreeSet::new();
    relevant(graph, &facts.case, &recording, node, 0, &mut found);
    let program = &rules.inner().program;
    found.into_iter().map(|(e, f, _)| program.entities[e].fields[f].name.to_string()).collect()
}

#[test]
fn rows_of_a_table_that_are_ruled_out_ask_for_nothing() {
    let table = "table v: integer first else 9\n  | n | a | b || out |
  | 0..4 | yes | - || 1 |\n  | 5..10 | - | yes || m |\n  | - | - | - || 3 |\n";
    assert_eq!(missing(table, r#"{"n": 2}"#), ["a"]);
    assert_eq!(missing(table, r#"{"n": 7}"#), ["b", "m"]);
    assert_eq!(missing(table, r#"{"n": 7, "b": true}"#), ["m"]);
    assert_eq!(missing(table, r#"{"n": 7, "b": false}"#), [""; 0]);
    assert_eq!(missing(table, "{}"), ["a", "b", "n", "m"]);
}

#[test]
fn what_the_last_of_a_list_alone_hangs_on_is_asked_of_the_household() {
    let people =
        r#"{"people": [{"id": "a", "ill": false}, {"id": "b", "ill": false}, {"id": "c", "ill": true, "age": 5}]}"#;
    assert_eq!(missing("define v = any(people where ill and age > n)", people), ["n"]);
    assert_eq!(missing("define v = count(people where ill and age > n + m)", people), ["n", "m"]);
}

#[test]
fn arms_and_operands_that_are_settled_ask_for_nothing() {
    assert_eq!(missing("define v = if a then n else m", r#"{"a": true}"#), ["n"]);
    assert_eq!(missing("define v = a and b", r#"{"a": true}"#), ["b"]);
    assert_eq!(missing("define v = a and b", r#"{"a": false}"#), [""; 0]);
    assert_eq!(missing("define v = n >= 0 and b", "{}"), ["b"], "n is never below 0");
}
