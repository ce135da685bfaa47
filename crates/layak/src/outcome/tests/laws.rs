//! What must change no decision: the order of declarations, the names of rules, the layout of the text, what is proved to change nothing. Rules
//! and households are made up by chance.

use std::collections::BTreeSet;

use layak_generator::{RENAMED, drawn, renamed};

use super::chance::Chance;
use super::soundness::{made_up_household, made_up_rules};
use super::*;
use crate::layout;
use crate::report::{Answer, Decision, Entitlement};

const DAYS: [&str; 3] = ["2024-12-31", "2025-07-01", "2026-01-15"];

/// A programme over the rules made up, so that outcomes and reasons are compared too.
const PROGRAMME: &str = "
criterion c0 when b0 otherwise \"{n} and {n0}\"
criterion c1 when n1 < 4 or a
criterion c2 when b2 and n2 > 1
programme p requires c0, c1 refuses c2 gives out: number = n1
";

/// The whole text of made-up rules, with what they define.
fn made_up(seed: u64) -> (String, Vec<String>) {
    let (text, names) = made_up_rules(&mut Chance::new(seed));
    (format!("{FACTS}\n{text}\n{PROGRAMME}"), names)
}

fn compiled(text: &str) -> Ruleset {
    Ruleset::from_text(text).unwrap_or_else(|findings| panic!("{findings}\n{text}"))
}

/// What is decided for some households on some days: values, outcomes, outputs, reasons, what is missing, and errors but for their places and words; whether
/// the facts are refused.
fn told(rules: &Ruleset, names: &[String], households: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    for day in DAYS {
        let mut options = PlanOptions::new(day.parse().unwrap());
        for name in names {
            options = options.show(name.as_str());
        }
        let plan = rules.plan(options).unwrap();
        out.extend(households.iter().map(|json| match plan.facts_from_json(json.as_bytes()) {
            Ok(facts) => told_of(&plan.decide(&facts)),
            Err(_) => "refused".to_owned(),
        }));
    }
    out
}

fn told_of(decision: &Decision) -> String {
    let mut out = String::new();
    for (_, answer) in decision.values() {
        out.push_str(&format!("{}; ", answer_told(answer)));
    }
    for one in decision.programmes().flat_map(|p| p.entitlements()).map(|(_, one)| one) {
        out.push_str(&entitlement_told(one));
    }
    out
}

fn entitlement_told(one: &Entitlement) -> String {
    let outputs: Vec<String> = one.outputs.iter().map(|(_, answer)| answer_told(answer)).collect();
    let reasons: BTreeSet<&str> = one.reasons.iter().map(|reason| plain(&reason.criterion)).collect();
    let error = one.error.as_ref().map(|error| error.code());
    let missing: BTreeSet<&str> = one.missing.iter().map(|m| m.fact.as_str()).collect();
    let missing: Vec<String> = missing.into_iter().map(|name| name.replace(RENAMED, "")).collect();
    format!("{:?} {outputs:?} {reasons:?} {error:?} {missing:?}", one.verdict)
}

fn answer_told(answer: &Answer) -> String {
    match answer {
        Answer::Failure(failure) => format!("error {:?}", failure.code()),
        Answer::List(list) => format!("{:?}", list.iter().map(answer_told).collect::<Vec<_>>()),
        other => format!("{other:?}"),
    }
}

/// A name without what renaming has added.
fn plain(name: &str) -> &str {
    name.trim_end_matches(RENAMED)
}

fn households(seed: u64) -> Vec<String> {
    let c = &mut Chance::new(seed + 1_000);
    (0..10).map(|number| made_up_household(c, [0, 2, 5][number % 3])).collect()
}

/// The declarations of a text, those of its head apart. A declaration begins with a word in the first column.
fn declarations(text: &str) -> (String, Vec<String>) {
    let (mut head, mut all): (String, Vec<String>) = (String::new(), Vec::new());
    for line in text.lines() {
        let first = line.split(' ').next().unwrap_or_default();
        if ["module", "currency", "calendar"].contains(&first) {
            head.push_str(line);
            head.push('\n');
        } else if line.starts_with(|c: char| c.is_ascii_lowercase()) || all.is_empty() {
            all.push(format!("{line}\n"));
        } else if let Some(last) = all.last_mut() {
            last.push_str(line);
            last.push('\n');
        }
    }
    (head, all)
}

#[test]
fn the_order_of_declarations_changes_nothing() {
    for seed in 0..drawn(25) as u64 {
        let (text, names) = made_up(seed);
        let (head, mut all) = declarations(&text);
        assert!(all.len() > 20);
        let c = &mut Chance::new(seed);
        for last in (1..all.len()).rev() {
            all.swap(last, c.below(last as u64 + 1) as usize);
        }
        let shuffled = format!("{head}{}", all.concat());
        let (one, other) = (compiled(&text), compiled(&shuffled));
        assert_eq!(one.fingerprint(), other.fingerprint(), "seed {seed}:\n{text}\n{shuffled}");
        let households = households(seed);
        assert_eq!(told(&one, &names, &households), told(&other, &names, &households), "seed {seed}:\n{shuffled}");
    }
}

#[test]
fn renaming_changes_no_decision() {
    let more = ["rate", "several", "several_of", "limit_of", "c0", "c1", "c2", "p", "red", "green", "blue"];
    for seed in 0..drawn(25) as u64 {
        let (text, names) = made_up(seed);
        let all: BTreeSet<&str> = names.iter().map(String::as_str).chain(more).collect();
        let text_renamed = renamed(&text, |word| all.contains(word));
        let names_renamed: Vec<String> = names.iter().map(|name| format!("{name}{RENAMED}")).collect();
        let (one, other) = (compiled(&text), compiled(&text_renamed));
        let households = households(seed);
        let others: Vec<String> = households.iter().map(|json| renamed(json, |word| all.contains(word))).collect();
        assert_eq!(
            told(&one, &names, &households),
            told(&other, &names_renamed, &others),
            "seed {seed}:\n{text}\n{text_renamed}"
        );
    }
}

#[test]
fn formatting_changes_nothing() {
    for seed in 0..drawn(25) as u64 {
        let (text, names) = made_up(seed);
        // As nobody writes: every line by itself, with more space than it needs.
        let wide = text.replace(" + ", "   +  ").replace('\n', "\n\n");
        let formatted = layout::format("rules.layak", &wide, Limits::default()).unwrap();
        assert_eq!(layout::format("rules.layak", &formatted, Limits::default()).unwrap(), formatted);
        let (one, other) = (compiled(&text), compiled(&formatted));
        assert_eq!(one.fingerprint(), other.fingerprint(), "seed {seed}:\n{text}\n{formatted}");
        let households = households(seed);
        assert_eq!(told(&one, &names, &households), told(&other, &names, &households), "seed {seed}:\n{formatted}");
    }
}

/// Rules of one fingerprint decide alike, and so do rules that are proved equivalent; rules that decide otherwise have another fingerprint.
#[test]
fn fingerprints_and_proofs_are_held_to_decisions() {
    let (mut same, mut proved, mut apart) = (0, 0, 0);
    for seed in 0..drawn(5) as u64 {
        let (text, names) = made_up(seed);
        let rules = compiled(&text);
        let households = &households(seed)[..4];
        let own = told(&rules, &names, households);
        let mutants = rules.mutants();
        let step = (mutants.len() / 12).max(1);
        for mutant in mutants.iter().step_by(step) {
            let Ok(Some(changed)) = rules.mutated(mutant) else { continue };
            let differs = told(&changed, &names, households) != own;
            let is_same = rules.fingerprint() == changed.fingerprint();
            let is_proved = rules.is_equivalent(&changed);
            assert!(!(differs && (is_same || is_proved)), "seed {seed}, {mutant}:\n{text}");
            same += usize::from(is_same);
            proved += usize::from(is_proved);
            apart += usize::from(differs);
        }
    }
    assert!(apart >= drawn(8), "{same} of one fingerprint, {proved} proved equivalent, {apart} decide otherwise");
}
