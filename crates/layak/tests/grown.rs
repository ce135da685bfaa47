//! Laws of rules of every kind of declaration, grown from bytes: how they are written changes no decision, a record decides as the household did, and rules of one
//! meaning decide alike.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::disallowed_methods)]

use std::cell::Cell;
use std::mem::discriminant;

use layak::{
    Entitlement, Facts, HouseholdKind, Interview, Lang, Limits, Outcome, Plan, PropertyOptions, Question, QuestionKind,
    Recorded, Replayer, Ruleset, Sources,
};
use layak_generator::{Choices, RENAMED, Rules, drawn, with_fewer};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::Value as Json;

const DAYS: [&str; 2] = ["2026-01-15", "2025-07-01"];

type Files = Vec<(String, String)>;

fn compiled(files: &Files) -> Option<Ruleset> {
    let mut sources = Sources::new();
    for (path, text) in files {
        sources.add(path, text);
    }
    match Ruleset::from_sources(&sources, Limits::default()) {
        Ok(rules) => Some(rules),
        // What goes round in a circle is refused.
        Err(findings) => {
            let errors = findings.iter().filter(|f| f.severity() == layak::Severity::Error);
            assert!(errors.into_iter().all(|f| f.code().to_string() == "L0401"), "{findings}\n{files:?}");
            None
        }
    }
}

/// Rules that bytes grow into, their files, and the rules compiled.
fn grown(choices: &mut Choices<'_>) -> Option<(Rules, Files, Ruleset)> {
    let grown = Rules::grow(choices);
    let files = grown.files();
    let rules = compiled(&files)?;
    Some((grown, files, rules))
}

fn must(files: &Files, of: &Files) -> Ruleset {
    compiled(files).unwrap_or_else(|| panic!("refused: {files:?}\nof {of:?}"))
}

/// Holds of so many cases (or `PROPTEST_CASES`) of bytes, and of as many again, up to ten times, until what it met is `enough`: how much a few cases meet is a
/// matter of chance. `law` says whether it told something of the rules; of how many it did is given to `enough`.
fn holds(count: usize, enough: impl Fn(usize) -> bool, law: impl Fn(&[u8]) -> bool) {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(count as u32);
    let config =
        ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 600, ..ProptestConfig::default() };
    let told = Cell::new(0);
    let mut runner = TestRunner::new(config.clone());
    for round in 1..=10 {
        let found = runner.run(&proptest::collection::vec(any::<u8>(), 0..1_500), |bytes| {
            told.set(told.get() + usize::from(law(&bytes)));
            Ok(())
        });
        if let Err(error) = found {
            panic!("{error}");
        }
        println!("told of {} of {} rules", told.get(), cases * round);
        if enough(told.get()) {
            return;
        }
        runner = TestRunner::new_with_rng(config.clone(), runner.new_rng());
    }
    panic!("too few rules to tell by");
}

fn facts(plan: &Plan, household: &str) -> Facts {
    plan.facts_from_json(household.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{household}"))
}

/// All of a decision but where in the text things stand, and the order in which reasons and missing facts are told.
fn told(plan: &Plan, household: &str) -> Json {
    let decision = plan.decide(&facts(plan, household));
    let mut out = serde_json::to_value(decision.to_json(None, Lang::En)).unwrap();
    without_places(&mut out);
    out
}

fn without_places(json: &mut Json) {
    match json {
        Json::Object(of) => {
            of.retain(|name, _| !matches!(name.as_str(), "at" | "ruleset" | "fingerprint" | "module"));
            // The words of an error name places.
            if let Some(error) = of.get_mut("error").and_then(Json::as_object_mut) {
                error.remove("text");
            }
            of.values_mut().for_each(without_places);
        }
        Json::Array(of) => {
            of.iter_mut().for_each(without_places);
            of.sort_by_key(Json::to_string);
        }
        _ => {}
    }
}

fn households(grown: &Rules, choices: &mut Choices<'_>) -> Vec<String> {
    let mut out = Vec::new();
    for _ in 0..2 {
        let whole = grown.household(choices);
        out.push(with_fewer(&whole, choices).to_string());
        out.push(whole.to_string());
    }
    out
}

fn same(files: &Files, rules: &Ruleset, others: &[(&Files, &Ruleset)], households: &[String]) {
    for day in DAYS {
        let plan = rules.as_of(day.parse().unwrap());
        for household in households {
            let wanted = told(&plan, household);
            for (written, other) in others {
                let got = told(&other.as_of(day.parse().unwrap()), household);
                assert_eq!(wanted, got, "{household} on {day}\n{}\nis not\n{}", files[0].1, written[0].1);
            }
        }
    }
}

#[test]
fn how_rules_are_written_changes_no_decision() {
    holds(
        drawn(30),
        |told| told > drawn(12),
        |bytes| {
            let choices = &mut Choices::new(bytes);
            let Some((grown, files, rules)) = grown(choices) else { return false };
            let households = households(&grown, choices);
            let (shuffled, parted) = (grown.shuffled(choices), grown.parted());
            let with = |text: String| vec![(files[0].0.clone(), text), files[1].clone()];
            // As nobody writes: with more space than it needs.
            let wide = files[0].1.replace(" + ", "   +  ").replace("\n", "\n\n");
            let laid_out = with(layak::format("grown.layak", &wide, Limits::default()).unwrap());
            let again = layak::format("grown.layak", &laid_out[0].1, Limits::default()).unwrap();
            assert_eq!(again, laid_out[0].1);
            let there = with(rules.translated("grown.layak", Lang::Id).unwrap().unwrap());
            let anew = must(&there, &files);
            let back = anew.translated("grown.layak", Lang::En).unwrap().unwrap();
            let [shuffled_rules, laid_out_rules] = [&shuffled, &laid_out].map(|written| must(written, &files));
            for (other, written) in [(&shuffled_rules, &shuffled), (&laid_out_rules, &laid_out), (&anew, &there)] {
                assert_eq!(rules.fingerprint(), other.fingerprint(), "{}\nis not\n{}", files[0].1, written[0].1);
            }
            assert_eq!(must(&with(back), &files).fingerprint(), rules.fingerprint());
            let parted_rules = must(&parted, &files);
            let others =
                [(&shuffled, &shuffled_rules), (&parted, &parted_rules), (&laid_out, &laid_out_rules), (&there, &anew)];
            same(&files, &rules, &others, &households);
            true
        },
    );
}

#[test]
fn names_change_no_decision() {
    holds(
        drawn(30),
        |told| told > drawn(12),
        |bytes| {
            let choices = &mut Choices::new(bytes);
            let Some((grown, files, rules)) = grown(choices) else { return false };
            let renamed = vec![(files[0].0.clone(), grown.renamed(&files[0].1)), files[1].clone()];
            let other = must(&renamed, &files);
            for day in DAYS {
                let (plan, anew) = (rules.as_of(day.parse().unwrap()), other.as_of(day.parse().unwrap()));
                for household in households(&grown, choices) {
                    let got = told(&anew, &grown.renamed(&household)).to_string().replace(RENAMED, "");
                    let mut got: Json = serde_json::from_str(&got).unwrap();
                    without_places(&mut got);
                    assert_eq!(told(&plan, &household), got, "{household}\n{}", files[0].1);
                }
            }
            true
        },
    );
}

#[test]
fn a_record_decides_as_the_household_did() {
    holds(
        drawn(30),
        |told| told > drawn(12),
        |bytes| {
            let choices = &mut Choices::new(bytes);
            let Some((grown, files, rules)) = grown(choices) else { return false };
            let plan = rules.as_of(DAYS[0].parse().unwrap());
            let mut all = households(&grown, choices);
            all.push(grown.household_with_evidence(choices).to_string());
            for household in all {
                let Ok(facts) = plan.facts_from_json(household.as_bytes()) else { continue };
                let context = || format!("{household}\n{}", files[0].1);
                let record = plan.record(&facts);
                let recorded = Recorded::from_json(record.to_json(Some(1), Lang::En).as_bytes());
                let recorded = recorded.unwrap_or_else(|error| panic!("{error}\n{}", context()));
                match Replayer::new(&rules).replay(&recorded, None) {
                    Ok(replay) => assert!(replay.is_same(), "{:?}\n{}", replay.differences(), context()),
                    Err(error) => panic!("{error}\n{}", context()),
                }
            }
            true
        },
    );
}

#[test]
fn rules_of_one_meaning_decide_alike() {
    let (same, proved, apart) = (Cell::new(0), Cell::new(0), Cell::new(0));
    holds(
        12,
        |_| apart.get() > 5,
        |bytes| {
            let choices = &mut Choices::new(bytes);
            let Some((grown, files, rules)) = grown(choices) else { return false };
            let households = households(&grown, choices);
            let all = |rules: &Ruleset| -> Vec<Option<Json>> {
                let plan = rules.as_of(DAYS[0].parse().unwrap());
                // A mutant may refuse facts.
                households
                    .iter()
                    .map(|h| plan.facts_from_json(h.as_bytes()).is_ok().then(|| outcomes(&told(&plan, h))))
                    .collect()
            };
            let own = all(&rules);
            let mutants = rules.mutants();
            for mutant in mutants.iter().step_by((mutants.len() / 8).max(1)) {
                let Ok(Some(changed)) = rules.mutated(mutant) else { continue };
                let differs = all(&changed) != own;
                let is_same = rules.fingerprint() == changed.fingerprint();
                let is_proved = rules.is_equivalent(&changed);
                assert!(!(differs && (is_same || is_proved)), "{mutant}:\n{households:?}\n{}", files[0].1);
                // The other way: where nothing changed in meaning, the fingerprint stays.
                assert_eq!(rules.diff(&changed).is_empty(), is_same, "{mutant}:\n{}", files[0].1);
                for (count, more) in [(&same, is_same), (&proved, is_proved), (&apart, differs)] {
                    count.set(count.get() + usize::from(more));
                }
            }
            true
        },
    );
    println!(
        "{} mutants of one fingerprint, {} proved equivalent, {} decide otherwise",
        same.get(),
        proved.get(),
        apart.get()
    );
}

/// Outcomes and outputs.
fn outcomes(told: &Json) -> Json {
    let mut programmes = told["programmes"].clone();
    for programme in programmes.as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
        if let Some(programme) = programme.as_object_mut() {
            programme.retain(|name, _| matches!(name.as_str(), "outcome" | "outputs" | "members"));
        }
    }
    programmes
}

/// What a household says to a question; a list by its length.
fn said(household: &Json, question: &Question) -> Json {
    let mut here = household;
    for step in question.fact().replace(']', "").split(['.', '[']) {
        here = step.parse::<usize>().map_or_else(|_| &here[step], |position| &here[position]);
    }
    match (question.kind(), here) {
        (QuestionKind::Count, Json::Array(items)) => items.len().into(),
        (_, value) => value.clone(),
    }
}

#[test]
fn an_interview_ends_in_the_decision_on_all_facts() {
    let asked = Cell::new(0);
    // Most rules have something of which nobody is asked.
    holds(
        160,
        |_| asked.get() > 5,
        |bytes| {
            let choices = &mut Choices::new(bytes);
            let Some((grown, files, rules)) = grown(choices) else { return false };
            let text = &files[0].1;
            // Of what has a default nobody is asked, what must be verified is not for them to say, and members are numbered, which no link knows of.
            let others = ["default no", "must be verified", "link to", "format "];
            if grown.asks_what_is_known() || others.iter().any(|other| text.contains(other)) {
                return false;
            }
            let plan = rules.as_of(DAYS[0].parse().unwrap());
            for _ in 0..3 {
                let household = grown.household(choices);
                let context = || format!("{household}\n{text}");
                let whole = plan.decide(&facts(&plan, &household.to_string()));
                let mut interview = Interview::new(&plan).unwrap();
                while let Some(question) = interview.question() {
                    let (fact, answer) = (question.fact().to_owned(), said(&household, question));
                    interview.answer(&answer).unwrap_or_else(|e| panic!("{fact}: {answer}: {e}\n{}", context()));
                    asked.set(asked.get() + 1);
                }
                for (ours, theirs) in interview.decision().programmes().zip(whole.programmes()) {
                    let (one, all): (Vec<_>, Vec<_>) = (ours.entitlements().collect(), theirs.entitlements().collect());
                    // Who they are was not asked for, as all of them come to the same: refused, or to an error.
                    let is_same = |one: &Entitlement| match ours.others() {
                        Some(others) => discriminant(&one.outcome()) == discriminant(&others.outcome()),
                        None => one.outcome() == Outcome::NotEligible,
                    };
                    assert!(!one.is_empty() || all.iter().all(|(_, one)| is_same(one)), "{}", context());
                    let others = ours.others().map(Entitlement::outcome);
                    assert!(!matches!(others, Some(Outcome::Undetermined(_))), "{}", context());
                    for ((_, one), (_, other)) in one.iter().zip(&all) {
                        let is_same = discriminant(&one.outcome()) == discriminant(&other.outcome());
                        assert!(is_same, "{}\n{}", interview.facts_json(), context());
                        assert_eq!(
                            one.outputs().collect::<Vec<_>>(),
                            other.outputs().collect::<Vec<_>>(),
                            "{}",
                            context()
                        );
                    }
                }
            }
            true
        },
    );
}

/// Households made for tests are what they say they are, and cases made up pass.
#[test]
fn the_instruments_hold_of_rules_that_nobody_wrote() {
    holds(
        12,
        |told| told > 5,
        |bytes| {
            let Some((_, files, rules)) = grown(&mut Choices::new(bytes)) else { return false };
            let day = DAYS[0].parse().unwrap();
            let plan = rules.as_of(day);
            let kinds =
                [HouseholdKind::Complete, HouseholdKind::Partial, HouseholdKind::Evidence, HouseholdKind::Invalid];
            for kind in kinds {
                for seed in 0..6 {
                    let json = rules.household_maker(day).kind(kind).make(seed).to_json();
                    let facts = plan.facts_from_json(json.as_bytes());
                    let context = || format!("{kind:?} {json}\n{}", files[0].1);
                    assert_eq!(facts.is_ok(), kind != HouseholdKind::Invalid, "{:?} {}", facts.err(), context());
                    let Ok(facts) = facts else { continue };
                    assert_eq!(plan.explain(&facts).decision(), &plan.decide(&facts), "{}", context());
                }
            }
            let made = rules.generate_cases(&PropertyOptions::new().count(12), 4, &mut || true);
            let mut cases = rules.cases();
            for case in made.cases() {
                let run = cases.run(case.as_bytes());
                assert!(run.failures().is_empty(), "{case}: {:?}\n{}", run.failures(), files[0].1);
            }
            let mut coverage = rules.coverage();
            let _ = rules.run_tests_covered(&mut coverage);
            true
        },
    );
}
