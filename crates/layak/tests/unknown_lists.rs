//! Programmes of members where it is not known who the members are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use layak::{Lang, Outcome, Plan, PlanOptions, PropertyOptions, Reader, Ruleset};
use serde_json::{Value, json};

const RULES: &str = r#"
module aid
source village id "Kantor desa" en "Village office"
entity Home { id text key  desil integer 1..10  people list of Person 0..9 id "Penghuni" en "Who lives there" from village }
entity Person { nik text key  elder boolean  born_here boolean }
criterion Person.poor when home.desil <= 4
criterion Person.old when elder
programme card for Person id "Kartu" en "Card" requires poor, old
"#;

fn plan() -> Plan {
    Ruleset::from_text(RULES).unwrap().plan(PlanOptions::new("2026-01-15".parse().unwrap()).show("old")).unwrap()
}

fn decided(json: &str) -> Value {
    let plan = plan();
    let decision = plan.decide(&plan.facts_from_json(json.as_bytes()).unwrap());
    serde_json::to_value(decision.to_json(None, Lang::En)).unwrap()
}

#[test]
fn whoever_may_be_in_the_list_is_told_as_others() {
    let open = decided(r#"{"id": "a"}"#);
    let card = &open["programmes"]["card"];
    assert_eq!(card["members"], json!({}));
    assert_eq!(card["others"]["outcome"], "undetermined");
    let missing = json!([{"fact": "desil", "ask": []}, {"fact": "people", "ask": ["village"]}]);
    assert_eq!(card["others"]["missing"], missing, "the decile may spare the list");
    assert_eq!(open["values"]["old"], Value::Null);
    // Poor enough: who they are is missing, even if each of them would get it.
    let poor = decided(r#"{"id": "a", "desil": 2}"#);
    assert_eq!(poor["programmes"]["card"]["others"]["missing"], json!([{"fact": "people", "ask": ["village"]}]));
    // Nobody of this household can get it, whoever lives there.
    assert_eq!(decided(r#"{"id": "a", "desil": 9}"#)["programmes"]["card"], json!({"members": {}}));
    // Asked for and not known: nobody asks again, and it is not settled.
    let asked = decided(r#"{"id": "a", "desil": 2, "people": {"unknown": true}}"#);
    assert_eq!(asked["programmes"]["card"]["others"]["outcome"], "undetermined");
    assert_eq!(asked["programmes"]["card"]["others"]["missing"], Value::Null);
    // A list that is known has no others, and an empty one nobody.
    let known = decided(r#"{"id": "a", "desil": 2, "people": [{"nik": "1", "elder": true}]}"#);
    assert_eq!(known["programmes"]["card"]["members"]["1"]["outcome"], "eligible");
    assert_eq!(known["programmes"]["card"]["others"], Value::Null);
    assert_eq!(decided(r#"{"id": "a", "desil": 2, "people": []}"#)["programmes"]["card"], json!({"members": {}}));
}

#[test]
fn a_family_is_told_to_say_who_belongs_to_it() {
    let plan = plan();
    let explanation = plan.explain(&plan.facts_from_json(br#"{"id": "a", "desil": 2}"#).unwrap());
    let letter = explanation.text(Reader::Family, Lang::Id);
    assert!(letter.contains("Kartu\n\nIni belum dapat diputuskan."), "{letter}");
    assert!(letter.contains("- Penghuni — dari: Kantor desa"), "{letter}");
    let page = explanation.text(Reader::Caseworker, Lang::En);
    assert!(page.contains("card Card: undetermined"), "{page}");
    assert!(page.contains("? not known: Who lives there (people), ask: Village office"), "{page}");
    let refused = plan.explain(&plan.facts_from_json(br#"{"id": "a", "desil": 9}"#).unwrap());
    assert!(!refused.text(Reader::Family, Lang::En).contains("Card"), "there is nobody to refuse");
}

#[test]
fn how_many_there_are_is_missing_of_a_list_of_at_least_one() {
    for range in ["0..30", "1..30", "1..2", "2..30"] {
        let rules = format!(
            "module m entity Home {{ income number 0..  people list of Person {range} }} entity Person {{ age integer 0.. }}
             criterion little when income / max(1, count(people)) <= 100
             programme aid requires little gives heads = count(people)"
        );
        let plan = Ruleset::from_text(&rules).unwrap().as_of("2026-01-15".parse().unwrap());
        for income in [150, 0] {
            let facts = plan.facts_from_json(format!(r#"{{"income": {income}}}"#).as_bytes()).unwrap();
            let decision = plan.decide(&facts);
            let aid = decision.programme("aid").unwrap().entitlement().unwrap();
            let missing: Vec<&str> = aid.missing().iter().map(|m| m.fact.as_str()).collect();
            // Eligible whatever their number is: it is missing for what is given.
            assert_eq!(missing, ["people"], "{range} {income} {:?}", aid.outcome());
        }
    }
}

#[test]
fn nobody_is_left_out_who_could_be_eligible() {
    let rules = Ruleset::from_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules/bansos")).unwrap();
    let day = "2026-02-15".parse().unwrap();
    let plan = rules.as_of(day);
    let (mut open, mut refused) = (0, 0);
    for json in rules.households(day, &PropertyOptions::new().count(150).seed(5)) {
        let Ok(facts) = plan.facts_from_json(json.as_bytes()) else { continue };
        let whole = plan.decide(&facts);
        let mut less: Value = serde_json::from_str(&json).unwrap();
        less.as_object_mut().unwrap().remove("members");
        let partial = plan.decide(&plan.facts_from_json(less.to_string().as_bytes()).unwrap());
        let (all, rest) = (whole.programme("pbi_jk").unwrap(), partial.programme("pbi_jk").unwrap());
        assert_eq!(rest.members().count(), 0);
        match rest.others() {
            Some(others) => {
                assert!(others.missing().iter().any(|m| m.fact == "members"), "{json}");
                open += 1;
            }
            None => {
                let none = all.members().all(|(_, one)| one.outcome() == Outcome::NotEligible);
                assert!(none, "{json}");
                refused += 1;
            }
        }
    }
    assert!(open > 20 && refused > 20, "{open} {refused}");
}

#[test]
fn whatever_is_open_names_what_is_missing() {
    let packages = [
        ("bansos", "2026-02-15"),
        ("family_card", "2026-02-15"),
        ("br_bolsa_familia", "2025-06-01"),
        ("ph_4ps", "2025-06-01"),
        ("uk_child_benefit", "2025-06-01"),
        ("in_nfsa", "2025-06-01"),
    ];
    let mut open = 0;
    for (name, day) in packages {
        let rules = Ruleset::from_dir(format!("{}/../../rules/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let day = day.parse().unwrap();
        let plan = rules.as_of(day);
        for (number, json) in (0..).zip(rules.households(day, &PropertyOptions::new().count(40).seed(3))) {
            let whole: Value = serde_json::from_str(&json).unwrap();
            let names: Vec<&String> = whole.as_object().unwrap().keys().collect();
            // Each fact of the household left out, beside a few others.
            for left_out in 0..names.len() {
                let mut less = whole.clone();
                for (place, name) in names.iter().enumerate() {
                    if place == left_out || (place * 5 + number) % 4 == 0 {
                        less.as_object_mut().unwrap().remove(*name);
                    }
                }
                // A household without its key, or with links that no longer fit, is none.
                let Ok(facts) = plan.facts_from_json(less.to_string().as_bytes()) else { continue };
                let decision = plan.decide(&facts);
                for (_, one) in decision.programmes().flat_map(|p| p.entitlements()) {
                    if let Outcome::Undetermined(missing) = one.outcome() {
                        assert!(!missing.is_empty(), "{name} {less}");
                        open += 1;
                    }
                }
            }
        }
    }
    assert!(open > 500, "{open}");
}
