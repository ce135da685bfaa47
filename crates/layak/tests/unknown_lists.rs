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
