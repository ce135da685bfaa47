//! Where values live in the graph.

use super::*;
use crate::graph::{Frame, Op, check};

fn graph(expr: &str) -> Graph {
    let graph = graph_of(&rules(&format!("define v = {expr}")), "v");
    check(&graph).unwrap_or_else(|broken| panic!("{broken}\n{graph}"));
    graph
}

fn aggregates(graph: &Graph) -> Vec<Frame> {
    let nodes = graph.nodes.values().filter(|n| matches!(n.op, Op::Aggregate { .. }));
    nodes.map(|n| graph.frames[n.frame]).collect()
}

#[test]
fn what_does_not_read_the_element_is_reckoned_once() {
    let graph = graph("count(people p where p.age < max(people q each q.age))");
    assert!(aggregates(&graph).iter().all(|f| *f == Frame::Root), "{graph}");
    assert!(!graph.frames.values().any(|f| matches!(f, Frame::Item { .. })), "{graph}");
}

#[test]
fn what_reads_the_element_forms_pairs() {
    let graph = graph("count(people p where any(people q where q.age > p.age))");
    assert!(matches!(aggregates(&graph)[..], [Frame::Home { .. }, Frame::Root]), "{graph}");
    assert_eq!(graph.frames.values().filter(|f| matches!(f, Frame::Item { .. })).count(), 1);
}

#[test]
fn a_list_prepared_outside_is_seen_from_within() {
    let graph = graph("count(people p where any((people q where q.ill and q.age > n) q where q.debt > p.debt))");
    assert_eq!(graph.nodes.values().filter(|n| matches!(n.op, Op::Rebase(_))).count(), 1, "{graph}");
}

#[test]
fn an_expression_written_twice_is_there_once() {
    let graph = graph("(n + m) * (n + m)");
    assert_eq!(graph.nodes.values().filter(|n| matches!(n.op, Op::Apply(..))).count(), 2, "{graph}");
}

#[test]
fn what_nothing_asks_for_is_left_out() {
    let graph = graph("if yes or a then n else sum(people p each p.debt)");
    assert_eq!(graph.nodes.len(), 1, "{graph}");
    assert_eq!(graph.frames.len(), 1, "{graph}");
}

#[test]
fn constants_stand_first_and_are_evaluated_once_for_all() {
    let graph = graph("(if n > 3 then 5 + 2 else 1 / 0) + (if a then 1 else 2)");
    assert_eq!(graph.fixed.len(), 5, "3, 7, the fault, 1 and 2: {graph}");
}
