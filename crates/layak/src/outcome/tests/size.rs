//! Large and hostile rules and households cost no more than their size.
#![allow(clippy::disallowed_methods)]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::graph::from_program;
use crate::program::{DefinitionValue, ExprRef, Kind, Program};

use super::*;

/// Generous for a slow machine without optimisation, and far below what anything but linear time would take.
const LONG: Duration = Duration::from_secs(60);

fn on_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(1 << 20).spawn(work).unwrap().join().unwrap()
}

/// The rules of `d0 = n` and `d1 = d0 + n`, `d2 = d1 + n` and so on, made without their text, which takes longest.
fn chain(length: usize) -> Program {
    let mut program = rules("define d0 = n\ndefine d1 = d0 + n").inner().program.clone();
    let last = program.definitions.values().last().unwrap().clone();
    let mut before = program.definitions.ids().last().unwrap();
    for _ in 2..=length {
        let mut next = last.clone();
        let DefinitionValue::Expr(body) = &mut next.versions[0].value else { panic!("no expression") };
        let uses: Vec<ExprRef> =
            body.iter().filter(|(_, e)| matches!(e.kind, Kind::Definition { .. })).map(|(id, _)| id).collect();
        for id in uses {
            if let Kind::Definition { definition, .. } = &mut body[id].kind {
                *definition = before;
            }
        }
        before = program.definitions.push(next);
    }
    program
}

#[test]
fn a_chain_of_definitions_needs_no_stack() {
    let value = on_a_small_stack(|| {
        let program = chain(100_000);
        let show = [("v".into(), program.definitions.ids().last().unwrap())];
        let day = "2026-01-15".parse().unwrap();
        let day = Some(Day { as_of: day, known_on: day });
        let graph = from_program(&program, &Request { day, show: &show, ..Request::default() }, &Limits::default());
        let plan = plan(&rules(""), &[]);
        let recording = evaluate(&graph, &facts(&plan, r#"{"n": 1}"#).case, &Limits::default());
        shown(&graph, &recording, 0)
    });
    assert_eq!(value, n("100001"));
}

#[test]
fn definitions_that_use_the_one_before_twice_are_laid_out_once() {
    let mut text = String::from("define d0 = n\n");
    for i in 1..=200 {
        let _ = writeln!(text, "define d{i} = max(d{0}, d{0}) - min(d{0}, d{0})", i - 1);
    }
    text.push_str("define v = d200\n");
    assert_eq!(value(&text, r#"{"n": 1}"#), n("0"));
}

#[test]
fn functions_that_unfold_without_end_are_an_error() {
    let began = Instant::now();
    let mut text = String::from("define f0(k: number) = k\n");
    for i in 1..=60 {
        let _ = writeln!(text, "define f{i}(k: number) = f{0}(k + 1) + f{0}(k * 2)", i - 1);
    }
    text.push_str("define v = f60(x)\n");
    let rules = limited(&text, Limits { graph_nodes: 20_000, ..Limits::default() });
    let graph = graph_of(&rules, "v");
    assert!(graph.nodes.len() <= 20_001);
    assert!(began.elapsed() < LONG);
    let plan = plan(&rules, &["v"]);
    let facts = facts(&plan, r#"{"x": 1}"#);
    let recording = evaluate(plan.plan_graph(), &facts.case, &Limits::default());
    assert_eq!(kind(&shown(plan.plan_graph(), &recording, 0)), FaultKind::TooLarge);
}

#[test]
fn a_table_of_many_rows_is_asked_by_its_keys() {
    let mut text = String::from("table v: number unique\n  | n * 10_000 + m | a || out |\n");
    for i in 0..20_000 {
        let _ = writeln!(text, "  | {i} | - || {} |", i * 2);
    }
    let rules = rules(&text);
    let plan = plan(&rules, &["v"]);
    let graph = plan.plan_graph();
    assert!(graph.tables.first().unwrap().exclusive);
    let facts_of = facts(&plan, r#"{"n": 1, "m": 5}"#);
    for _ in 0..3 {
        let recording = evaluate(graph, &facts_of.case, &Limits::default());
        assert_eq!(shown(graph, &recording, 0), n("20010"));
    }
    let open = facts(&plan, r#"{"n": 1}"#);
    let recording = evaluate(graph, &open.case, &Limits::default());
    let bounds = shown(graph, &recording, 0);
    assert_eq!((bounds.low(), bounds.high()), (n("19990").as_known(), n("20010").as_known()));
    assert_eq!(bounds.fault, None, "every number from 9_995 to 10_005 has its row");
    let unknown = facts(&plan, "{}");
    evaluate(graph, &unknown.case, &Limits::default());
}

#[test]
fn too_many_pairs_are_a_fault_and_nothing_less() {
    let text = "define v = count(people p where any(people q where q.age > p.age))\n define w = count(people)";
    let rules = limited(text, Limits { pairs: 8, ..Limits::default() });
    let plan = plan(&rules, &["v", "w"]);
    let graph = plan.plan_graph();
    let decide = |count: usize| {
        let facts = facts(&plan, &ages(&[1, 2, 3, 4][..count]));
        let recording = evaluate(graph, &facts.case, &Limits { pairs: 8, ..Limits::default() });
        shown(graph, &recording, 0)
    };
    assert_eq!(decide(2), n("1"));
    assert_eq!(kind(&decide(3)), FaultKind::TooManyPairs);
}

#[test]
fn many_conditions_and_programmes_cost_linear_time() {
    let began = Instant::now();
    let mut text = String::new();
    let mut names = Vec::new();
    for i in 0..2_000 {
        let _ = writeln!(text, "criterion c{i} when n > {i}");
        names.push(format!("c{i}"));
    }
    let _ = writeln!(text, "programme p requires {}", names.join(", "));
    for i in 0..2_000 {
        let _ = writeln!(text, "programme q{i} requires c{i}");
    }
    let rules = rules(&text);
    let compiled = began.elapsed();
    let graph = rules.graph(&Request {
        day: Some(Day { as_of: "2026-01-15".parse().unwrap(), known_on: "2026-01-15".parse().unwrap() }),
        ..Request::default()
    });
    assert_eq!(graph.programmes.len(), 2_001);
    assert!(began.elapsed() - compiled < LONG);
}
