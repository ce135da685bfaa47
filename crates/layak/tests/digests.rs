//! What a digest says: where those of rules, facts and dates are alike, so are the decisions.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use layak::{Date, Facts, HouseholdKind, Lang, Plan, PlanOptions, Ruleset};
use layak_generator::drawn;
use serde_json::Value as Json;

const RULES: &str = r#"
module m
currency IDR
calendar leap_day march_1, month_end clip
enum Work { farmer, trader, none }
source office fresh for 6 months
source self unverified
entity Home {
  id      text key
  desil   integer 1..10  from office, self
  rent    money IDR 0..
  share   number 0..1
  work    Work
  members list of Person 0..4
}
entity Person { nik text key  birth_date date }
define Person.age = years from birth_date to as_of
parameter limit: integer
  from 2025-07-01: 4
  from 2026-01-01: 5
parameter rate: money IDR
  from 2025-01-01: IDR 100
criterion poor when desil <= limit
  otherwise "desil {desil} is above {limit}, {spare}"
define spare = rent + rate
criterion few when count(members) <= 3
define unused = rent * 2
table points: integer first
  | rent           || points |
  | < IDR 700      || 1      |
  | -              || 3      |
criterion grown when every(members each age >= 18)
programme aid requires poor, grown gives amount = points
programme card requires few excludes rest
programme rest requires poor
programme worker requires is_worker gives amount = rate / share
criterion is_worker when work != none
"#;

const KINDS: [HouseholdKind; 3] = [HouseholdKind::Complete, HouseholdKind::Partial, HouseholdKind::Evidence];

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn packages() -> Vec<Ruleset> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let own = Ruleset::from_text(RULES).unwrap_or_else(|e| panic!("{e}"));
    let of = |name: &str| Ruleset::from_dir(root.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    vec![own, of("bansos"), of("family_card"), of("identity")]
}

fn made(rules: &Ruleset, count: u64) -> Vec<String> {
    let maker = |kind| rules.household_maker(day("2026-02-15")).kind(kind);
    KINDS.iter().flat_map(|kind| (0..count).map(|seed| maker(*kind).make(seed).to_json())).collect()
}

/// Each decision without its date and fingerprint; nothing for one that names places in the rules.
fn told(plan: &Plan, facts: &Facts) -> Option<String> {
    let mut json = serde_json::to_value(plan.decide(facts).to_json(None, Lang::En)).unwrap();
    let object = json.as_object_mut().unwrap();
    object.remove("as_of");
    object.remove("ruleset");
    let text = json.to_string();
    (!text.contains("\"error\"")).then_some(text)
}

fn plans(rules: &Ruleset, day: Date) -> BTreeMap<String, Plan> {
    let all = rules.as_of(day);
    let names: Vec<String> = all.programme_shapes().iter().map(|shape| shape.name.to_string()).collect();
    let one = |name: String| (name.clone(), rules.plan(PlanOptions::new(day).programme(name)).unwrap());
    let mut out: BTreeMap<String, Plan> = names.into_iter().map(one).collect();
    out.insert(String::new(), all);
    out
}

#[test]
fn rules_with_one_digest_decide_alike() {
    let day = day("2026-02-15");
    let (mut same, mut other, mut unlike) = (0, 0, 0);
    for rules in packages() {
        let homes = made(&rules, 5);
        let before = plans(&rules, day);
        let mutants = rules.mutants();
        let step = (mutants.len() / drawn(18)).max(1);
        for mutant in mutants.iter().step_by(step) {
            let Ok(Some(changed)) = rules.mutated(mutant) else { continue };
            for (name, plan) in plans(&changed, day) {
                let Some(old) = before.get(&name) else { continue };
                let is_same = old.rules_digest() == plan.rules_digest();
                *if is_same { &mut same } else { &mut other } += 1;
                for home in &homes {
                    let facts = [old, &plan].map(|plan| plan.facts_from_json(home.as_bytes()));
                    let [Ok(one), Ok(two)] = facts else { continue };
                    let texts = (told(old, &one), told(&plan, &two));
                    if is_same {
                        assert_eq!(texts.0, texts.1, "{name}: {} -> {}: {home}", mutant.before(), mutant.after());
                    }
                    unlike += usize::from(texts.0 != texts.1);
                }
            }
        }
    }
    assert!(same > drawn(60) && other > drawn(60) && unlike > drawn(100), "{same} {other} {unlike}");
}

#[test]
fn what_a_text_or_another_programme_names_is_relevant() {
    let digest = |text: &str, name: &str| {
        let rules = Ruleset::from_text(text).unwrap_or_else(|e| panic!("{e}"));
        rules.plan(PlanOptions::new(day("2026-02-15")).programme(name)).unwrap().rules_digest()
    };
    for (from, to, touched) in [
        ("IDR 100", "IDR 101", &["aid", "rest", "worker"][..]),
        ("<= 3", "<= 2", &["card", "rest"]),
        ("< IDR 700", "< IDR 701", &["aid"]),
        ("rent * 2", "rent * 3", &[]),
        ("fresh for 6 months", "fresh for 7 months", &["aid", "card", "rest", "worker"]),
    ] {
        let changed = RULES.replace(from, to);
        for name in ["aid", "card", "rest", "worker"] {
            let is_touched = digest(RULES, name) != digest(&changed, name);
            // `card` excludes `rest`: what each comes to hangs on the other's rules, or may.
            let may = touched.contains(&name) || name == "card" && touched.contains(&"rest");
            assert!(is_touched == touched.contains(&name) || may, "{from} -> {to}: {name}");
            assert!(is_touched || !touched.contains(&name), "{from} -> {to}: {name}");
        }
    }
    let tidied = RULES.replace("\n  ", "\n      ").replace("criterion few", "# a note\ncriterion few");
    assert_eq!(digest(RULES, "aid"), digest(&tidied, "aid"));
    let rules = Ruleset::from_text(RULES).unwrap();
    let shown = |name: &str| rules.plan(PlanOptions::new(day("2026-02-15")).show(name)).unwrap().rules_digest();
    assert_ne!(shown("unused"), shown("spare"));
}

#[test]
fn dates_that_are_proven_alike_decide_alike() {
    let days = ["2025-06-30", "2025-12-31", "2026-01-01", "2026-02-15", "2026-02-16", "2026-12-31"].map(day);
    let (mut alike, mut others) = (0, 0);
    for rules in packages() {
        let homes = made(&rules, drawn(4) as u64);
        for day in days {
            for (name, plan) in plans(&rules, day) {
                for other in days {
                    if !plan.decides_alike_on(other, other) {
                        others += 1;
                        continue;
                    }
                    alike += usize::from(other != day);
                    let mut options = PlanOptions::new(other);
                    if !name.is_empty() {
                        options = options.programme(&name);
                    }
                    let then = rules.plan(options).unwrap();
                    for home in &homes {
                        let facts = [&plan, &then].map(|plan| plan.facts_from_json(home.as_bytes()).unwrap());
                        if !facts[0].has_evidence() {
                            assert_eq!(told(&plan, &facts[0]), told(&then, &facts[1]), "{name} {day} {other}: {home}");
                        }
                    }
                }
            }
        }
    }
    assert!(alike > 20 && others > 20, "{alike} {others}");
}

/// The same with the keys of objects in another order.
fn turned(json: &Json) -> String {
    match json {
        Json::Object(entries) => {
            let all: Vec<String> =
                entries.iter().rev().map(|(k, v)| format!("{}:{}", Json::from(&**k), turned(v))).collect();
            format!("{{{}}}", all.join(" , "))
        }
        Json::Array(items) => format!("[{}]", items.iter().map(turned).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

#[test]
fn a_digest_of_facts_is_of_all_of_them_however_they_are_written() {
    for rules in packages() {
        let plan = rules.as_of(day("2026-02-15"));
        let mut seen: BTreeMap<[u8; 16], Facts> = BTreeMap::new();
        for home in made(&rules, drawn(60) as u64) {
            let facts = plan.facts_from_json(home.as_bytes()).unwrap();
            let again = plan.facts_from_json(turned(&serde_json::from_str(&home).unwrap()).as_bytes()).unwrap();
            let digest = plan.facts_digest(&facts);
            assert_eq!(digest, plan.facts_digest(&again), "{home}");
            if let Some(other) = seen.insert(digest, facts.clone()) {
                assert!(other == facts, "two households, one digest: {home}");
            }
        }
        assert!(seen.len() > drawn(100));
    }
    let plan = Ruleset::from_text(RULES).unwrap().as_of(day("2026-02-15"));
    let digest = |json: &str| plan.facts_digest(&plan.facts_from_json(json.as_bytes()).unwrap());
    assert_eq!(digest(r#"{"id":"a","rent":"1.50"}"#), digest(r#"{"rent":15e-1,"id":"a","desil":null}"#));
    assert_ne!(digest(r#"{"id":"a"}"#), digest(r#"{"id":"a","desil":{"unknown":true}}"#));
    assert_ne!(digest(r#"{"id":"a"}"#), digest(r#"{"id":"a","members":[]}"#));
}
