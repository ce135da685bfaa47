//! Interviews with made-up households of the packages, and what people type.

use layak_generator::drawn;

use super::question::{Choice, Question, QuestionKind};
use super::*;
use crate::report::{Entitlement, Outcome, ProgrammeDecision};
use crate::testing::PropertyOptions;
use crate::{PlanOptions, Ruleset};

fn rules(text: &str) -> Ruleset {
    Ruleset::from_text(text).unwrap_or_else(|findings| panic!("{findings}"))
}

fn plan(rules: &Ruleset) -> Plan {
    rules.as_of("2026-02-15".parse().unwrap())
}

fn entitlements(decision: &Decision) -> Vec<&Entitlement> {
    decision.programmes().flat_map(entitlements_of).collect()
}

fn entitlements_of(programme: &ProgrammeDecision) -> Vec<&Entitlement> {
    programme.entitlements().map(|(_, one)| one).collect()
}

/// What a household says to a question; a list by its length.
fn said(household: &serde_json::Value, question: &Question) -> serde_json::Value {
    let mut here = household;
    for step in question.fact().replace(']', "").split(['.', '[']) {
        here = match step.parse::<usize>() {
            Ok(position) => &here[position],
            Err(_) => &here[step],
        };
    }
    match (question.kind(), here) {
        (QuestionKind::Count, serde_json::Value::Array(items)) => items.len().into(),
        (_, value) => value.clone(),
    }
}

fn package(name: &str) -> Ruleset {
    Ruleset::from_dir(format!("{}/../../rules/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap_or_else(|e| panic!("{e}"))
}

/// A household as small as interviews are, of which nobody has died: of what has a default nobody is asked.
fn asked_of(json: &str) -> String {
    let mut household: serde_json::Value = serde_json::from_str(json).unwrap();
    for list in household.as_object_mut().unwrap().values_mut().filter_map(serde_json::Value::as_array_mut) {
        list.truncate(4);
        for died_on in list.iter_mut().filter_map(|element| element.get_mut("died_on")) {
            *died_on = serde_json::Value::Null;
        }
    }
    household.to_string()
}

/// Interviews until nothing is asked; how many were decided.
fn interviewed(rules: &Ruleset, day: &str, count: usize) -> usize {
    let day: crate::Date = day.parse().unwrap();
    let plan = rules.plan(PlanOptions::new(day)).unwrap();
    let mut decided = 0;
    for json in rules.households(day, &PropertyOptions::new().count(count).seed(11)) {
        let json = asked_of(&json);
        let Ok(facts) = plan.facts_from_json(json.as_bytes()) else { continue };
        let whole = plan.decide(&facts);
        let household: serde_json::Value = serde_json::from_str(&json).unwrap();
        let mut interview = Interview::new(&plan).unwrap();
        while let Some(question) = interview.question() {
            let fact = question.fact().to_owned();
            assert!(!interview.was_asked(&fact), "{fact} is asked for once");
            if !question.is_key() {
                let is_missing = |one: &&Entitlement| one.missing().iter().any(|m| m.fact == fact);
                assert!(entitlements(interview.decision()).iter().any(is_missing), "{fact} can matter");
            }
            let answer = said(&household, question);
            interview.answer(&answer).unwrap_or_else(|e| panic!("{fact}: {answer}: {e}\n{json}"));
            let saved = serde_json::to_string(&interview.state()).unwrap();
            let restored = Interview::restore(&plan, &serde_json::from_str(&saved).unwrap()).unwrap();
            assert_eq!(restored.facts_json(), interview.facts_json());
            assert_eq!(restored.question(), interview.question());
        }
        for (ours, theirs) in interview.decision().programmes().zip(whole.programmes()) {
            assert_eq!(ours.name(), theirs.name());
            assert!(ours.others().is_none(), "{}\n{json}", interview.facts_json());
            // Members who were never asked about have numbers, not their names.
            let (one, all) = (entitlements_of(ours), entitlements_of(theirs));
            if one.is_empty() {
                // Who they are was not asked for, as none of them can be eligible.
                assert!(
                    all.iter().all(|one| one.outcome() == Outcome::NotEligible),
                    "{}\n{json}",
                    interview.facts_json()
                );
            } else {
                assert_eq!(one.len(), all.len());
            }
            for (one, other) in one.iter().zip(&all) {
                assert!(!matches!(one.outcome(), Outcome::Undetermined(_)), "{}\n{json}", interview.facts_json());
                assert_eq!(one.verdict, other.verdict, "{}\n{json}", interview.facts_json());
                assert_eq!(one.outputs().collect::<Vec<_>>(), other.outputs().collect::<Vec<_>>());
            }
            decided += all.len();
        }
        let again = plan.decide(&plan.facts_from_json(interview.facts_json().as_bytes()).unwrap());
        assert_eq!(&again, interview.decision());
    }
    decided
}

#[test]
fn an_interview_ends_in_the_decision_on_all_facts() {
    assert!(interviewed(&package("bansos"), "2026-02-15", drawn(12)) > drawn(12));
    assert!(interviewed(&package("br_bolsa_familia"), "2025-06-01", drawn(12)) > drawn(4));
}

const FAMILY: &str = r#"
module t
currency IDR
enum Level { none "Tidak sekolah", sd "SD/MI", smp code "3", "2" }
source registry
source self
entity Household {
  id text key
  desil integer 1..10
  wage money 0.. per month from self
  share number 0..1
  moved optional date
  stay duration
  debts list of money 0..
  level Level
  house House
  members list of Person 0..4
}
entity House { rooms integer 0..9 }
entity Person {
  name text key
  nick text column "julukan"
  mother optional link to Person
  alive boolean from registry, self must be verified
}
"#;

fn asking(criterion: &str) -> Interview {
    let rules = rules(&format!("{FAMILY}criterion c when {criterion}\nprogramme p requires c\n"));
    Interview::new(&plan(&rules)).unwrap()
}

#[test]
fn a_typed_answer_is_read_in_both_languages_and_never_in_two_ways() {
    let id = Lang::Id;
    let en = Lang::En;
    let wage = "wage > IDR 3 per month";
    for (criterion, typed, lang, want) in [
        (wage, "3.000.000", id, "3000000"),
        (wage, "3,000,000", id, "3000000"),
        (wage, "3.000.000", en, "3000000"),
        (wage, "3,000", en, "3000"),
        (wage, "3.000", id, "3000"),
        (wage, "Rp 1.234.567,50", id, "1234567.5"),
        (wage, "1,234,567.5", en, "1234567.5"),
        (wage, "1,234,567.5", id, "1234567.5"),
        (wage, "1,5 juta", id, "1500000"),
        (wage, "Rp2.000.000,-", id, "2000000"),
        (wage, "3_000_000", en, "3000000"),
        (wage, "2,5", en, "2.5"),
        ("share > 0.5", "25%", id, "0.25"),
        ("share > 0.5", "0,25", id, "0.25"),
        ("share > 0.5", "0,125", id, "0.125"),
        ("share > 0.5", "0.125", en, "0.125"),
        ("share > 0.5", "0.125", id, "0.125"),
        ("desil > 3", "4", id, "4"),
        ("moved is none", "17 Agustus 1990", id, "\"1990-08-17\""),
        ("moved is none", "August 17, 1990", en, "\"1990-08-17\""),
        ("moved is none", "17-08-1990", en, "\"1990-08-17\""),
        ("moved is none", "03/04/1990", id, "\"1990-04-03\""),
        ("moved is none", "1990-08-17", id, "\"1990-08-17\""),
        ("moved is none", "tidak ada", id, "null"),
        ("stay = 6 months", "1 tahun 6 bulan", id, "\"1 year 6 months\""),
        ("level = sd", "1", id, "\"none\""),
        ("level = sd", "sd/mi", id, "\"sd\""),
        ("level = none", "Tidak sekolah", en, "\"none\""),
        ("level = none", "none", en, "\"none\""),
        ("count(debts where it > IDR 3) > 0", "1.000; 2.500", id, "[1000,2500]"),
        ("house.rooms > 3", "2", id, "2"),
    ] {
        let criterion = criterion.replace("debts where it > IDR 3", "debts d where d > IDR 3");
        let mut interview = asking(&criterion);
        let path = interview.question().unwrap().path.clone();
        interview.answer_text(typed, lang).unwrap_or_else(|e| panic!("{criterion} {typed}: {e}"));
        assert_eq!(look(&interview.data, &path).unwrap().to_json(), want, "{typed}");
    }
    for (criterion, typed, lang, part) in [
        (wage, "3.000", en, "can be 3000 or a number with three decimals"),
        (wage, "3,000", id, "can be 3000 or a number with three decimals"),
        (wage, "3.00.000", id, "is not a number"),
        (wage, "tiga", id, "is not a number"),
        (wage, "-5", id, "out of range"),
        (wage, "1e400", id, "is not a number"),
        ("desil > 3", "2,5", id, "is not a whole number"),
        ("desil > 3", "", id, "an answer is needed"),
        ("moved is none", "03/04/1990", en, "can be 1990-04-03 or 1990-03-04"),
        ("moved is none", "31 Februari 1990", id, "the calendar has no day"),
        ("moved is none", "17-08-90", id, "is not a date"),
        ("level = sd", "2", id, "can mean more than one choice"),
        ("level = sd", "sma", id, "is none of the choices"),
        ("members[0].alive", "ya", id, "is not a number"),
    ] {
        let criterion = criterion.replace("members[0].alive", "any(members where alive)");
        let mut interview = asking(&criterion);
        let before = interview.state();
        let error = interview.answer_text(typed, lang).expect_err(typed).to_string();
        assert!(error.contains(part), "{typed}: {error}");
        assert_eq!(interview.state(), before, "nothing changes");
    }
    assert!(asking(wage).answer_text(&"9".repeat(5_000), id).is_err());
}

#[test]
fn what_must_be_verified_is_asked_of_who_verifies_it() {
    let mut interview = asking("any(members where alive)");
    interview.answer(&1).unwrap();
    let question = interview.question().unwrap();
    assert_eq!(question.fact(), "members[0].alive");
    assert!(question.must_be_verified());
    assert_eq!(question.ask().map(|(name, _)| name).collect::<Vec<_>>(), ["registry"]);
    interview.answer_text("ya", Lang::Id).unwrap();
    assert!(interview.question().is_none());
    let evidence = r#"{"evidence":[{"value":true,"source":"registry","date":"2026-02-15"}]}"#;
    assert_eq!(interview.facts_json(), format!(r#"{{"id":"1","members":[{{"name":"1","alive":{evidence}}}]}}"#));
}

#[test]
fn keys_are_numbers_unless_a_rule_reads_them_or_the_host_wants_names() {
    let mut interview = asking("desil > 3").with_keys().unwrap();
    let question = interview.question().unwrap();
    assert!(question.is_key() && question.fact() == "id");
    interview.answer_text("3510", Lang::Id).unwrap();
    interview.answer(&4).unwrap();
    assert_eq!(interview.facts_json(), r#"{"id":"3510","desil":4}"#);

    let mut interview = asking("any(members where name = \"siti\")");
    interview.answer(&2).unwrap();
    assert_eq!(interview.question().unwrap().fact(), "members[0].name");
    assert!(interview.skip().is_err(), "the rules rest on it");
    interview.answer(&"siti").unwrap();
    interview.answer(&"siti").expect_err("two of one name");
    interview.answer(&"ani").unwrap();
    assert!(interview.question().is_none());
}

#[test]
fn a_link_is_answered_by_a_choice_of_elements() {
    let mut interview = asking("any(members where mother is none)");
    interview.answer(&2).unwrap();
    let question = interview.question().unwrap();
    assert_eq!(question.fact(), "members[0].mother");
    let choices: Vec<&str> = question.choices().iter().map(Choice::name).collect();
    assert_eq!(choices, ["1", "2"]);
    interview.answer_text("1", Lang::Id).expect_err("nobody is linked to themselves");
    interview.answer_text("2", Lang::Id).unwrap();
    interview.answer_text("tidak ada", Lang::Id).unwrap();
    assert!(interview.question().is_none());
    assert!(interview.back() && interview.back() && interview.back() && !interview.back());
    assert_eq!(interview.question().unwrap().fact(), "members");
}

#[test]
fn known_facts_are_the_beginning_and_columns_may_name_them() {
    let rules = rules(&format!("{FAMILY}criterion c when any(members where nick = \"a\")\nprogramme p requires c\n"));
    let plan = plan(&rules);
    let json = br#"{"id": "x", "members": [{"name": "p", "julukan": null}, {"julukan": "b"}]}"#;
    let mut interview = Interview::from_json(&plan, json).unwrap();
    assert_eq!(interview.question().unwrap().fact(), "members[0].nick");
    interview.answer(&"a").unwrap();
    let told = r#"{"id":"x","members":[{"name":"p","nick":"a"},{"name":"2","nick":"b"}]}"#;
    assert_eq!(interview.facts_json(), told);
    assert!(Interview::from_json(&plan, br#"{"desill": 3}"#).is_err());
    let other = Interview::new(&rules.as_of("2026-03-01".parse().unwrap())).unwrap();
    assert!(matches!(Interview::restore(&plan, &other.state()), Err(RestoreError::OtherRules { .. })));
}
