//! The law of parity on rules of every kind of declaration, grown from bytes, which shrink to the least rules and household that break it.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use layak_generator::{Choices, Rules, with_fewer};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::parity::{as_the_reference, within};
use super::*;
use crate::facts::from_case;
use crate::{Limits, Sources};

/// Rules grown from bytes, unless they go round in a circle, which is refused.
fn grown(choices: &mut Choices<'_>) -> Option<(Rules, Ruleset, String)> {
    let grown = Rules::grow(choices);
    let mut sources = Sources::new();
    for (path, text) in grown.files() {
        sources.add(&path, text);
    }
    let text = grown.files().swap_remove(0).1;
    match Ruleset::from_sources(&sources, Limits::default()) {
        Ok(rules) => Some((grown, rules, text)),
        Err(findings) => {
            let errors = findings.iter().filter(|f| f.severity() == crate::Severity::Error);
            assert!(errors.into_iter().all(|f| f.code().to_string() == "L0401"), "{findings}\n{text}");
            None
        }
    }
}

/// How many cases: `PROPTEST_CASES`, or so many.
fn cases(count: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(count);
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 1_500, ..ProptestConfig::default() }
}

#[derive(Default)]
struct Tally {
    rules: AtomicUsize,
    answers: AtomicUsize,
    by_columns: AtomicUsize,
    open: AtomicUsize,
}

const DAYS: [&str; 3] = ["2026-01-15", "2024-12-31", "2025-07-01"];

fn law(bytes: &[u8], tally: &Tally) {
    let choices = &mut Choices::new(bytes);
    let Some((grown, rules, text)) = grown(choices) else { return };
    tally.rules.fetch_add(1, Relaxed);
    let plan = rules.as_of(DAYS[choices.below(3)].parse().unwrap());
    let mut all = Vec::new();
    for _ in 0..3 {
        let json = grown.household(choices);
        let context = || format!("{json}\n{text}");
        let facts = plan.facts_from_json(json.to_string().as_bytes());
        let facts = facts.unwrap_or_else(|error| panic!("{error}\n{}", context()));
        let decision = plan.decide(&facts);
        tally.answers.fetch_add(as_the_reference(&plan, &facts.case, &decision, &context), Relaxed);
        either_way(&plan, &facts, &decision, &context);
        for _ in 0..2 {
            let fewer = with_fewer(&json, choices);
            let context = || format!("{fewer}\nof {}", context());
            let fewer_facts = plan.facts_from_json(fewer.to_string().as_bytes());
            let fewer_facts = fewer_facts.unwrap_or_else(|error| panic!("{error}\n{}", context()));
            let partial = plan.decide(&fewer_facts);
            either_way(&plan, &fewer_facts, &partial, &context);
            if !grown.asks_what_is_known() {
                within(&partial, &decision, &context);
            }
            tally.open.fetch_add(
                partial
                    .programmes()
                    .filter(|p| p.outcome().is_some_and(|o| matches!(o, crate::Outcome::Undetermined(_))))
                    .count(),
                Relaxed,
            );
            all.push(fewer);
        }
        all.push(json);
    }
    // Evidence is read household by household.
    let told = grown.household_with_evidence(choices);
    if let Ok(facts) = plan.facts_from_json(told.to_string().as_bytes()) {
        either_way(&plan, &facts, &plan.decide(&facts), &|| format!("{told}\n{text}"));
    }
    if !text.contains("must be verified") {
        for home in &mut all {
            in_full(plan.program(), plan.program().root, home);
        }
        tally.by_columns.fetch_add(agree(&plan, &all, &mut Chance(bytes.len() as u64 + 1)).columnar, Relaxed);
    }
}

/// By the machine, by evaluation and explained: the same decision. And the facts told again are the same facts.
fn either_way(plan: &Plan, facts: &crate::Facts, decision: &crate::Decision, context: &dyn Fn() -> String) {
    assert_eq!(*decision, plan.reporter().by_evaluation(&facts.case, &facts.evidence), "{}", context());
    assert_eq!(plan.explain(facts).decision(), decision, "{}", context());
    let again = plan.bind(&from_case(plan.program(), &facts.case, &facts.evidence));
    let again = again.unwrap_or_else(|error| panic!("{error}\n{}", context()));
    assert_eq!((&again.case, &again.evidence), (&facts.case, &facts.evidence), "{}", context());
}

/// Facts left out as null, and numbers as texts, as columns have them.
fn in_full(program: &Program, entity: EntityId, object: &mut Json) {
    for (_, field) in program.entities[entity].own_fields() {
        let value = &mut object[&*field.name];
        match &field.shape {
            FieldShape::Record { entity, .. } => {
                if value.is_null() {
                    *value = json!({});
                }
                in_full(program, *entity, value);
            }
            FieldShape::List { item, .. } if !program.entities[*item].is_scalar_item => {
                value.as_array_mut().into_iter().flatten().for_each(|one| in_full(program, *item, one));
            }
            FieldShape::List { .. } => {
                value.as_array_mut().into_iter().flatten().for_each(|one| *one = json!(one.to_string()));
            }
            FieldShape::Scalar { .. } => {
                if value.is_number() {
                    *value = json!(value.to_string());
                }
            }
        }
    }
}

#[test]
fn rules_of_every_declaration_are_decided_alike_by_every_way() {
    let tally = Tally::default();
    let mut runner = TestRunner::new(cases(60));
    let bytes = proptest::collection::vec(any::<u8>(), 0..1_500);
    let found = runner.run(&bytes, |bytes| {
        law(&bytes, &tally);
        Ok(())
    });
    if let Err(error) = found {
        panic!("{error}");
    }
    let counts = [&tally.rules, &tally.answers, &tally.by_columns, &tally.open].map(|n| n.load(Relaxed));
    println!("rules, answers, households by columns, programmes left open: {counts:?}");
    assert!(counts.iter().all(|n| *n > 0), "{counts:?}");
}
