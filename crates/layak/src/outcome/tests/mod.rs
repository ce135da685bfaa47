//! The evaluator on rules as they are written.

use crate::graph::{Day, Graph, Lowered, Request};
use crate::limits::Limits;
use crate::outcome::{Possible, Recording, evaluate};
use crate::program::DefinitionId;
use crate::ruleset::{Facts, Plan, PlanOptions, Ruleset, Sources};
use crate::value::{FaultKind, Value};

mod agreement;
mod chance;
mod evidence;
mod explained;
mod faults;
mod laws;
mod layout;
mod lists;
mod missing;
mod phantoms;
pub(crate) mod reference;
mod relevance;
mod scales;
mod size;
mod soundness;
mod tables;
mod used;

/// The rules of a household with people, pets and links, and some definitions more.
pub(super) const FACTS: &str = r#"
module t
currency IDR
calendar leap_day march_1, month_end clip
enum Colour { red, green, blue }
entity Household {
  a boolean
  b boolean
  n integer 0..10
  m integer -5..5
  x number
  o optional integer 0..9
  colour Colour
  people list of Person 0..4
  pets list of Pet 1..3
  bills list of money 0..
}
entity Person {
  id text key
  age integer 0..120
  wage money 0..
  debt integer -9..9
  weight number 0..
  ill boolean
  mother optional link to Person
  toys list of Toy 0..2
}
entity Pet { legs integer 0..8 }
entity Toy { price integer 0..100 }
"#;

pub(super) fn rules(more: &str) -> Ruleset {
    match Ruleset::from_text(&format!("{FACTS}\n{more}")) {
        Ok(rules) => rules,
        Err(findings) => panic!("{findings}"),
    }
}

pub(super) fn plan(rules: &Ruleset, show: &[&str]) -> Plan {
    let mut options = PlanOptions::new("2026-01-15".parse().unwrap());
    for name in show {
        options = options.show(*name);
    }
    rules.plan(options).unwrap()
}

pub(super) fn facts(plan: &Plan, json: &str) -> Facts {
    match plan.facts_from_json(json.as_bytes()) {
        Ok(facts) => facts,
        Err(error) => panic!("{json}: {error}"),
    }
}

/// What the values of definitions `v`, in the rules, can be for a household.
pub(super) fn value(rules_text: &str, json: &str) -> Possible {
    let rules = rules(rules_text);
    let plan = plan(&rules, &["v"]);
    let facts = facts(&plan, json);
    let recording = evaluate(plan.plan_graph(), &facts.case, &Limits::default());
    shown(plan.plan_graph(), &recording, 0)
}

pub(super) fn shown(graph: &Graph, recording: &Recording, row: u32) -> Possible {
    match &graph.values.first().unwrap().value {
        Lowered::One(node) => {
            let rows = recording.frames.len(graph.nodes[*node].frame);
            recording.own(*node, if rows == 1 { 0 } else { row }).clone()
        }
        other => panic!("{other:?}"),
    }
}

/// `define v = …` for a household.
pub(super) fn of(expr: &str, json: &str) -> Possible {
    value(&format!("define v = {expr}"), json)
}

pub(super) fn n(text: &str) -> Possible {
    Possible::known(Value::Number(text.parse().unwrap()))
}

pub(super) fn whole(low: &str, high: &str) -> Possible {
    let end = |text: &str| (!text.is_empty()).then(|| Value::Number(text.parse().unwrap()));
    Possible::range(end(low), end(high), true)
}

pub(super) fn yes() -> Possible {
    Possible::boolean(true)
}

pub(super) fn no() -> Possible {
    Possible::boolean(false)
}

/// The kind of the fault that it certainly is.
pub(super) fn kind(value: &Possible) -> FaultKind {
    value.certain_fault().unwrap_or_else(|| panic!("no fault: {value:?}")).kind.clone()
}

/// A household whose people have these ages, all else unknown.
pub(super) fn ages(ages: &[i64]) -> String {
    let people: Vec<String> =
        ages.iter().enumerate().map(|(i, age)| format!(r#"{{"id":"p{i}","age":{age},"toys":[]}}"#)).collect();
    format!(r#"{{"people":[{}]}}"#, people.join(","))
}

pub(super) fn limited(text: &str, limits: Limits) -> Ruleset {
    let mut sources = Sources::new();
    sources.add("rules.layak", format!("{FACTS}\n{text}"));
    Ruleset::from_sources(&sources, limits).unwrap_or_else(|findings| panic!("{findings}"))
}

/// The graph of one shown definition.
pub(super) fn graph_of(rules: &Ruleset, name: &str) -> Graph {
    let program = &rules.inner().program;
    let id: DefinitionId =
        program.definitions.iter().find(|(_, d)| &*d.declared.name == name).map(|(id, _)| id).unwrap();
    let day = "2026-01-15".parse().unwrap();
    rules.graph(&Request {
        day: Some(Day { as_of: day, known_on: day }),
        programmes: Some(&[]),
        show: &[(name.into(), id)],
        ..Request::default()
    })
}
