//! What is kept of a decision: it is enough, and it is no more than enough.
#![allow(clippy::disallowed_methods)]

use std::path::{Path, PathBuf};

use layak_generator::drawn;

use super::*;
use crate::facts::tree::{at, places, remove};
use crate::ruleset::Ruleset;
use crate::testing::households;
use crate::{RecordError, Recorded, Replayer};

const RULES: &str = r#"
module aid
currency IDR
source pln "Meter"
source self "Statement"
entity Home {
  id text key  desil integer 1..10  power integer 0.. from pln, self  shop boolean  car boolean  illness text
  people list of Person 0..9
}
entity Person { nik text key  age integer 0..  pregnant boolean  wage money 0.. }
define limit = if shop: 2_200 else 900
criterion poor when desil <= 4 otherwise "Decile {desil}"
criterion high when power > limit
criterion owner when car
criterion Person.old when age >= 60
programme food requires poor refuses high, owner gives amount = IDR 100 * count(people where old)
programme card for Person requires old
"#;

fn plan() -> (Ruleset, Plan) {
    let rules = Ruleset::from_text(&RULES.replace("if shop: 2_200 else", "if shop then 2_200 else")).unwrap();
    let plan = rules.plan(crate::PlanOptions::new("2026-01-15".parse().unwrap()).programme("food")).unwrap();
    (rules, plan)
}

fn kept(facts: &str) -> String {
    let (_, plan) = plan();
    plan.record(&plan.facts_from_json(facts.as_bytes()).unwrap()).facts().unwrap()
}

#[test]
fn only_what_decided_is_kept() {
    let people = r#""people":[{"nik":"1","age":61,"pregnant":false,"wage":5},{"nik":"2","age":30}]"#;
    // Refused by its decile: nothing else had a part, nor who lives there.
    let all = format!(r#"{{"id":"a","desil":9,"power":900,"shop":true,"car":false,"illness":"tbc",{people}}}"#);
    assert_eq!(kept(&all), r#"{"id":"a","desil":9}"#);
    // Both reasons are given, so both facts are kept.
    let all = format!(r#"{{"id":"a","desil":9,"power":900,"shop":true,"car":true,"illness":"tbc",{people}}}"#);
    assert_eq!(kept(&all), r#"{"id":"a","desil":9,"car":true}"#);
    // Power that is under either limit does not ask for the shop.
    let all = format!(r#"{{"id":"a","desil":2,"power":900,"shop":true,"car":false,"illness":"tbc",{people}}}"#);
    let people = r#""people":[{"nik":"1","age":61},{"nik":"2","age":30}]"#;
    assert_eq!(kept(&all), format!(r#"{{"id":"a","desil":2,"power":900,"car":false,{people}}}"#));
    let all = format!(r#"{{"id":"a","desil":2,"power":1300,"shop":true,"car":false,{people}}}"#);
    assert_eq!(kept(&all), all);
}

#[test]
fn evidence_is_kept_as_far_as_it_counts_or_is_told() {
    let told =
        r#"{"id":"a","desil":9,"power":{"evidence":[{"value":900,"source":"pln"},{"value":1300,"source":"self"}]}}"#;
    assert_eq!(kept(told), told, "sources disagree, which the decision says");
    let agreed =
        r#"{"id":"a","desil":9,"power":{"evidence":[{"value":900,"source":"pln"},{"value":900,"source":"self"}]}}"#;
    assert_eq!(kept(agreed), r#"{"id":"a","desil":9}"#);
}

#[test]
fn what_is_asked_for_stays_unknown_in_its_own_way() {
    let asked = r#"{"id":"a","desil":2,"power":{"unknown":true},"shop":false,"car":false,"people":[]}"#;
    let kept = kept(asked);
    assert_eq!(kept, r#"{"id":"a","desil":2,"power":{"unknown":true},"shop":false,"car":false,"people":[]}"#);
}

#[test]
fn a_record_says_why_it_cannot_be_replayed() {
    let (rules, plan) = plan();
    let facts = plan.facts_from_json(br#"{"id":"a","desil":9}"#).unwrap();
    let line = plan.record(&facts).to_json(Some(3), Lang::En);
    let read = |text: &str| Recorded::from_json(text.as_bytes());
    let recorded = read(&line).unwrap();
    assert_eq!((recorded.id(), recorded.line(), recorded.rules()), (Some("a"), Some(3), None));
    assert!(Replayer::new(&rules).replay(&recorded, None).unwrap().is_same());

    assert!(matches!(read("{"), Err(RecordError::Json(_))));
    assert_eq!(read("[]"), Err(RecordError::NoRecord));
    let plain = serde_json::to_string(&plan.decide(&facts).to_json(Some(3), Lang::En)).unwrap();
    assert_eq!(read(&plain), Err(RecordError::NoRecord));
    assert_eq!(read(r#"{"line":1,"id":null,"error":{"code":"L0512"}}"#), Err(RecordError::NotDecided));
    let other = line.replace("\"version\":1", "\"version\":2");
    assert_eq!(read(&other), Err(RecordError::Version { found: "2".to_owned(), known: 1 }));
    assert_eq!(
        read(&line.replace("\"known_on\":\"2026-01-15\"", "\"known_on\":1")),
        Err(RecordError::Part("known_on"))
    );
    assert_eq!(read(&line.replace("\"lang\":\"en\"", "\"lang\":\"xx\"")), Err(RecordError::Part("lang")));

    let bare = plan.record(&facts).without_facts().to_json(Some(3), Lang::En);
    assert!(!bare.contains("facts"));
    let bare = read(&bare).unwrap();
    let mut replayer = Replayer::new(&rules);
    assert_eq!(replayer.replay(&bare, None), Err(RecordError::NoFacts));
    assert!(replayer.replay(&bare, Some(br#"{"id":"a","desil":9,"car":false}"#)).unwrap().is_same());
    let other = replayer.replay(&bare, Some(br#"{"id":"a","desil":3}"#)).unwrap();
    assert!(other.differences().iter().any(|d| d.path() == "programmes.food.outcome"));
    let gone = read(&line.replace("\"food\"]", "\"drink\"]")).unwrap();
    assert!(matches!(replayer.replay(&gone, None), Err(RecordError::Name(_))));
    let refused = read(&line.replace("\"desil\":9}", "\"desil\":11}")).unwrap();
    assert!(matches!(replayer.replay(&refused, None), Err(RecordError::Facts(_))));
    for error in [RecordError::NoFacts, RecordError::NoRecord, RecordError::NotDecided, RecordError::Part("lang")] {
        assert_ne!(error.text(Lang::Id), error.text(Lang::En));
    }
}

#[test]
fn a_changed_word_is_found_where_it_stands() {
    let (rules, plan) = plan();
    let line = plan.record(&plan.facts_from_json(br#"{"id":"a","desil":9}"#).unwrap()).to_json(None, Lang::En);
    let recorded = Recorded::from_json(line.replace("Decile 9", "Decile 8").as_bytes()).unwrap();
    let replay = Replayer::new(&rules).replay(&recorded, None).unwrap();
    let told: Vec<_> = replay.differences().iter().map(|d| (d.path(), d.recorded(), d.now())).collect();
    let path = "programmes.food.reasons[0].text";
    assert_eq!(told, [(path, Some("\"Decile 8\""), Some("\"Decile 9\""))]);
    let engine = Recorded::from_json(line.replace("\"engine\":\"", "\"engine\":\"0.0.").as_bytes()).unwrap();
    let replay = Replayer::new(&rules).replay(&engine, None).unwrap();
    assert!(replay.is_same());
    assert!(replay.other_engine().is_some());
}

/// Rulesets of the product, with a day that they are in force.
fn rulesets() -> Vec<(PathBuf, Ruleset)> {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let names = ["bansos", "family_card", "ph_4ps", "br_bolsa_familia", "in_nfsa", "uk_child_benefit"];
    names.iter().map(|name| (rules.join(name), Ruleset::from_path(rules.join(name)).unwrap())).collect()
}

#[test]
fn made_up_households_are_replayed_from_what_is_needed_and_no_more() {
    let mut recorded = 0;
    for (path, rules) in rulesets() {
        let program = &rules.inner().program;
        let day = "2026-02-15".parse().unwrap();
        let plan = rules.as_of(day);
        let mut replayer = Replayer::new(&rules);
        for (number, mut data) in households(program, day, 7, drawn(12)).into_iter().enumerate() {
            // Of some less is known.
            for (at, place) in places(&data).into_iter().enumerate() {
                if (at * 7 + number) % 6 < number % 3 {
                    remove(&mut data, &place);
                }
            }
            let Ok(facts) = plan.bind(&data) else { continue };
            let decision = plan.decide(&facts);
            let told = from_case(program, &facts.case, &facts.evidence);
            let again = plan.bind(&told).unwrap();
            assert_eq!((&again.case, &again.evidence), (&facts.case, &facts.evidence), "{path:?} {}", told.to_json());

            let record = plan.record(&facts);
            assert_eq!(record.decision(), &decision);
            let line = record.to_json(Some(1), Lang::Id);
            let replay = replayer.replay(&Recorded::from_json(line.as_bytes()).unwrap(), None).unwrap();
            assert!(replay.is_same(), "{path:?} {replay:?}");
            recorded += 1;
            let kept = record.facts.clone().unwrap();
            for place in places(&kept) {
                let mut fewer = kept.clone();
                if matches!(at(&mut fewer, &place), Some(crate::facts::Data::Object(entries)) if entries.is_empty()) {
                    continue;
                }
                if matches!(place.last(), Some(crate::facts::tree::Step::Item(_))) {
                    continue;
                }
                remove(&mut fewer, &place);
                let same = plan.bind(&fewer).is_ok_and(|facts| plan.decide(&facts) == decision);
                assert!(!same, "{path:?} keeps {place:?} of {}", kept.to_json());
            }
        }
    }
    assert!(recorded > drawn(40), "{recorded}");
}

type Told = std::collections::BTreeMap<(String, Option<String>), (String, serde_json::Value)>;

/// What a decision says of each programme and member: the outcome and the outputs, as its JSON holds them.
fn told(decision: &crate::report::Decision) -> Told {
    let json = serde_json::to_value(decision.to_json(None, Lang::En)).unwrap();
    let pair = |told: &serde_json::Value| (told["outcome"].as_str().unwrap().to_owned(), told["outputs"].clone());
    let mut out = Told::new();
    for (name, programme) in json["programmes"].as_object().unwrap() {
        match programme["members"].as_object() {
            Some(members) => {
                out.extend(members.iter().map(|(key, told)| ((name.clone(), Some(key.clone())), pair(told))))
            }
            None => drop(out.insert((name.clone(), None), pair(programme))),
        }
    }
    out
}

#[test]
fn made_up_corrections_tell_what_two_plain_decisions_differ_in() {
    let (mut changed_at_all, mut told_by_fact, mut sums) = (0, 0, 0);
    for (path, rules) in rulesets() {
        let program = &rules.inner().program;
        let day = "2026-02-15".parse().unwrap();
        let plan = rules.as_of(day);
        let mut replayer = Replayer::new(&rules);
        let made = households(program, day, 11, drawn(16));
        for (own, other) in made.iter().zip(made.iter().cycle().skip(1)) {
            let Ok(facts) = plan.bind(own) else { continue };
            let then = plan.decide(&facts);
            let kept = Recorded::from_json(plan.record(&facts).to_json(None, Lang::En).as_bytes()).unwrap();
            let again = replayer.redecide(&kept, own.to_json().as_bytes(), None, None).unwrap();
            assert!(again.is_same(), "{path:?} {}", again.render(Lang::En));
            for place in places(other) {
                // One fact of another household in the place of its own.
                let mut corrected = own.clone();
                let Some(value) = crate::facts::tree::look(other, &place) else { continue };
                crate::facts::tree::put(&mut corrected, &place, value.clone());
                let Ok(facts) = plan.bind(&corrected) else { continue };
                let now = plan.decide(&facts);
                if now.id() != then.id() {
                    continue;
                }
                let again = replayer.redecide(&kept, corrected.to_json().as_bytes(), None, None).unwrap();
                let (old, new) = (told(&then), told(&now));
                let mut names: Vec<_> = old.keys().chain(new.keys()).collect();
                names.sort();
                names.dedup();
                let differing: Vec<_> = names.into_iter().filter(|name| old.get(*name) != new.get(*name)).collect();
                let named: Vec<_> = again.programmes.iter().map(|a| (a.programme.clone(), a.member.clone())).collect();
                assert_eq!(differing, named.iter().collect::<Vec<_>>(), "{path:?} {place:?}");
                changed_at_all += usize::from(!named.is_empty());
                for one in &again.programmes {
                    let name = (one.programme.clone(), one.member.clone());
                    assert_eq!(one.old, old.get(&name).map(|t| t.0.as_str()), "{path:?} {place:?}");
                    assert_eq!(one.new, new.get(&name).map(|t| t.0.as_str()), "{path:?} {place:?}");
                    for amount in one.amounts.iter().filter(|a| a.per.is_none()) {
                        let paid = |told: Option<&(String, serde_json::Value)>| match told {
                            Some((outcome, outputs)) if outcome == "eligible" => {
                                outputs[&amount.output].as_str().and_then(|n| n.parse::<crate::Decimal>().ok())
                            }
                            Some((outcome, _)) if outcome != "not_eligible" => None,
                            _ => Some(crate::Decimal::ZERO),
                        };
                        let (was, is) = (paid(old.get(&name)), paid(new.get(&name)));
                        let sum = was.zip(is).map(|(was, is)| is.checked_sub(&was).unwrap());
                        assert_eq!(amount.difference, sum, "{path:?} {place:?}");
                        sums += usize::from(sum.is_some());
                    }
                }
                // The one fact that is another decides all that changed, if it had a part then.
                let mut changed: Vec<String> = named.iter().map(|(name, _)| name.clone()).collect();
                changed.dedup();
                if let [one] = again.corrections.as_slice()
                    && one.then.is_some()
                    && one.now.is_some()
                {
                    assert_eq!(one.programmes, changed, "{path:?} {place:?}\n{}", again.render(Lang::En));
                    told_by_fact += 1;
                }
            }
        }
    }
    assert!(
        changed_at_all > drawn(60) && told_by_fact > drawn(30) && sums > drawn(10),
        "{changed_at_all} {told_by_fact} {sums}"
    );
}

#[test]
fn facts_within_records_and_behind_them_are_kept() {
    let rules = Ruleset::from_text(
        "module m
        entity Home { place Place  desil integer 1..10  people list of Person }
        entity Place { region text  address Address  rooms list of Room }
        entity Address { floor integer 0..9 }
        entity Room { beds integer 0..9 }
        entity Person { age integer 0..120 }
        criterion near when place.region = \"a\" and place.address.floor < 3 and count(place.rooms where beds > 1) = 1
        criterion few when desil <= 4 and count(people where age > 60) = 1
        programme aid requires near, few",
    )
    .unwrap();
    let plan = rules.as_of("2026-01-15".parse().unwrap());
    let json = r#"{"place":{"region":"a","address":{"floor":2},"rooms":[{"beds":2},{"beds":1}]},"desil":3,"people":[{"age":70}]}"#;
    let facts = plan.facts_from_json(json.as_bytes()).unwrap();
    assert_eq!(from_case(plan.program(), &facts.case, &facts.evidence).to_json(), json);
    assert_eq!(plan.record(&facts).facts().unwrap(), json);
    let older = plan.facts_from_json(json.replace("70", "71").as_bytes()).unwrap();
    assert_ne!(plan.facts_digest(&facts), plan.facts_digest(&older));
}
