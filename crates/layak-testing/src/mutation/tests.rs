//! Mutants are noticed by tests, cases and properties, and what is known of them is kept.
#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use layak::{EquivalenceProof, Lang, Limits, Package, PropertyOptions, Sources};

use super::{Fate, MutationOptions, MutationReport, State, Suite, json, mutate, text};

const RULES: &str = r#"module aid
entity Household { desil integer }
criterion poor when desil <= 4
programme food requires poor
"#;
const LOW: &str = "test \"low\" given { desil: 4 } expect food eligible\n";
const HIGH: &str = "test \"high\" given { desil: 5 } expect food not_eligible\n";

fn package(tests: &[&str]) -> Package {
    let mut sources = Sources::new();
    sources.add("aid.layak", format!("{RULES}{}", tests.concat()));
    Package::from_sources(&sources, Limits::default()).unwrap()
}

fn run(package: &Package) -> MutationReport {
    mutate(&Suite::new(package, PropertyOptions::new()), &MutationOptions::new(), &State::default())
}

#[test]
fn tests_on_both_sides_of_a_limit_notice_every_mutant() {
    let report = run(&package(&[LOW, HIGH]));
    assert_eq!((report.score(), report.percent(), report.failing()), ((5, 5), 100, 0));
}

#[test]
fn a_survivor_is_told_with_a_household() {
    let told = text(&run(&package(&[LOW])), Lang::En);
    let want = "aid.layak:3:30: threshold: `4` -> `5`
  as of 2000-01-01: {\"desil\":5}
    rules:  food not_eligible because poor
    mutant: food eligible
aid.layak:4:16: criterion: `requires poor` left out
";
    assert!(told.starts_with(want), "{told}");
    assert!(told.ends_with("3 of 5 mutants noticed (60%); 0 equivalent, 0 no rules\n"), "{told}");
    let indonesian = text(&run(&package(&[LOW])), Lang::Id);
    assert!(indonesian.contains("3 dari 5 mutan ditemukan (60%)"));
    let words = "    aturan: food tidak_layak karena poor\n    mutan:  food layak\n";
    assert!(indonesian.contains(words), "{indonesian}");
}

#[test]
fn cases_and_properties_notice_too() {
    let low = package(&[LOW]);
    let mut suite = Suite::new(&low, PropertyOptions::new());
    let case = br#"{"id": "h", "as_of": "2026-01-15", "input": {"desil": 5}, "programmes": {"food": "not_eligible"}}"#;
    suite.add_cases(low.rulesets().first().unwrap(), vec![case.to_vec()]);
    assert_eq!(mutate(&suite, &MutationOptions::new(), &State::default()).score(), (5, 5));
    let law = "property limit for all h: Household expect h.food not_eligible implies h.desil > 4
               expect h.food eligible implies h.desil <= 4";
    assert_eq!(run(&package(&[law])).score(), (5, 5));
}

#[test]
fn a_test_that_fails_on_the_rules_notices_nothing() {
    let wrong = "test \"wrong\" given { desil: 9 } expect food eligible\n";
    let report = run(&package(&[wrong]));
    assert_eq!((report.score(), report.failing()), ((0, 5), 1));
}

#[test]
fn json_has_every_mutant() {
    let report = run(&package(&[LOW]));
    let told: serde_json::Value = serde_json::from_str(&json(&report)).unwrap();
    assert_eq!((&told["killed"], &told["of"], &told["percent"]), (&3.into(), &5.into(), &60.into()));
    let survivors: Vec<_> = told["mutants"].as_array().unwrap().iter().filter(|m| m["fate"] == "survived").collect();
    assert_eq!(survivors.len(), 2);
    assert!(survivors.iter().all(|m| m["household"].is_string() && m["line"].is_u64()));
}

#[test]
fn a_later_run_goes_on_where_the_first_ended() {
    let package = package(&[LOW]);
    let suite = Suite::new(&package, PropertyOptions::new());
    let heading = State::heading(&package, b"1 1000");
    let kept = Arc::new(Mutex::new(format!("{heading}\n")));
    let keeper = |kept: &Arc<Mutex<String>>| {
        let kept = Arc::clone(kept);
        move |line: &str| kept.lock().unwrap().push_str(&format!("{line}\n"))
    };
    let first = State::default().on_added(keeper(&kept));
    mutate(&suite, &MutationOptions::new().most(2), &first);
    let state = State::read(&kept.lock().unwrap(), &heading);
    assert_eq!(state.known(), 2);
    // Without time nothing new is tried, and what is known is told.
    let over = mutate(&suite, &MutationOptions::new().budget(Duration::ZERO), &state);
    assert_eq!(over.mutants().filter(|(_, fate)| **fate == Fate::NotTried).count(), 3);
    let whole = mutate(&suite, &MutationOptions::new(), &state.on_added(keeper(&kept)));
    assert_eq!(whole, run(&package));
    assert_eq!(State::read(&kept.lock().unwrap(), &heading).known(), 5);
    // Of other tests nothing is taken over.
    assert_eq!(State::read(&kept.lock().unwrap(), &State::heading(&package, b"2 1000")).known(), 0);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let package = package(&[LOW]);
    let suite = Suite::new(&package, PropertyOptions::new());
    let with = |threads| MutationOptions::new().seed(3).threads(threads);
    let one = mutate(&suite, &with(1.try_into().unwrap()), &State::default());
    assert_eq!(one, mutate(&suite, &with(4.try_into().unwrap()), &State::default()));
}

/// What is proved to change nothing stands apart from the score, with its proof, also in a later run.
#[test]
fn what_changes_nothing_is_told_apart_from_the_score() {
    let mut sources = Sources::new();
    sources.add(
        "aid.layak",
        "module aid
         enum Need { care, age }
         entity Household { ill boolean }
         parameter grant(need: Need): integer from 2025-01-01: care => 5 age => 5
         programme food requires ill gives points = grant(care)
         test \"ill\" as of 2025-01-01 given { ill: yes } expect food eligible, food.points = 5
         test \"well\" as of 2025-01-01 given { ill: no } expect food not_eligible
         test \"before\" as of 2024-12-31 given { ill: yes } expect food error",
    );
    let package = Package::from_sources(&sources, Limits::default()).unwrap();
    let suite = Suite::new(&package, PropertyOptions::new());
    let lines = Arc::new(Mutex::new(vec![State::heading(&package, b"")]));
    let kept = Arc::clone(&lines);
    let state = State::default().on_added(move |line| kept.lock().unwrap().push(line.to_owned()));
    let report = mutate(&suite, &MutationOptions::new(), &state);
    let equivalent: Vec<String> = report
        .mutants()
        .filter(|(_, fate)| **fate == Fate::Equivalent(EquivalenceProof::Values))
        .map(|(mutant, _)| format!("{} -> {}", mutant.before(), mutant.after()))
        .collect();
    assert_eq!(equivalent, ["care -> age"]);
    let told = text(&report, Lang::En);
    assert!(told.contains("; 1 equivalent (proved: 1 by parameters of the same value on every day), "), "{told}");
    assert!(text(&report, Lang::Id).contains("; 1 setara (terbukti: 1 karena nilai parameternya sama setiap hari), "));
    assert!(json(&report).contains(r#""by":"values""#));
    let kept = State::read(&lines.lock().unwrap().join("\n"), &State::heading(&package, b""));
    assert_eq!(mutate(&suite, &MutationOptions::new(), &kept), report);
}
