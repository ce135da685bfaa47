//! Every way that is named turns the decision, each change of it is needed, and nothing nearer does.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use crate::report::Outcome;
use crate::{Lang, Plan, Ruleset};

const RULES: &str = r#"
module aid
currency IDR
calendar leap_day march_1, month_end clip
source pln "Meter data" fresh for 3 months
enum Job { farmer "Farmer", trader "Trader", civil_servant "Civil servant", police "Police" }
entity Household {
  id        text key
  region    text fixed
  desil     integer 1..10
  power     integer 0..          from pln
  has_car   boolean
  bikes     integer 0..20
  value     money 0..
  rate      number 0..1
  moved_on  optional date default none
  members   list of Person 0..30
}
entity Person {
  name        text key
  birth_date  date fixed
  job         Job
  wage        money 0.. per month
}
parameter desil_limit: integer
  from 2025-01-01: 4
  from 2027-07-01: 5
parameter minimum_wage(region: text): money per month
  from 2025-01-01:
    "a" => IDR 3_000_000
    "b" => IDR 2_000_000
define Person.age = years from birth_date to as_of
criterion poor when desil <= desil_limit
criterion high_power when power >= 2_200
criterion state_paid when any(members where job in [civil_servant, police])
criterion high_wage when any(members where wage > minimum_wage(region))
criterion dear_vehicle when has_car or value > IDR 30_000_000 or bikes > 2
criterion elder when any(members where age >= 60)
criterion young when any(members where age < 7)
criterion settled when moved_on is none or days from (moved_on or else as_of) to as_of >= 90
criterion low_rate when rate < 0.5
programme food requires poor refuses high_power, state_paid
programme work requires poor refuses high_wage, dear_vehicle
programme pension requires elder, settled
programme child requires young
programme loan requires low_rate
programme senior for Person requires old
criterion Person.old when age >= 60
"#;

fn plan() -> Plan {
    Ruleset::from_text(RULES).unwrap_or_else(|e| panic!("{e}")).as_of("2026-01-15".parse().unwrap())
}

const GOOD: &str = r#"{"id":"h","region":"a","desil":3,"power":900,"has_car":false,"bikes":1,"value":0,"rate":0.25,
    "members":[{"name":"x","birth_date":"1967-03-01","job":"farmer","wage":1000000}]}"#;

fn told(plan: &Plan, json: &str, programme: &str) -> Vec<String> {
    let changes = plan.changes(&plan.facts_from_json(json.as_bytes()).unwrap());
    let of = changes.programmes().filter(|p| p.name() == programme);
    of.flat_map(|p| p.ways().iter().map(|w| w.text().in_lang(Lang::En).to_owned())).collect()
}

fn with(pairs: &[(&str, &str)]) -> String {
    let mut json: serde_json::Value = serde_json::from_str(GOOD).unwrap();
    for (path, value) in pairs {
        *json.pointer_mut(path).unwrap() = serde_json::from_str(value).unwrap();
    }
    json.to_string()
}

#[test]
fn a_refusal_names_the_nearest_single_changes() {
    let plan = plan();
    assert_eq!(told(&plan, &with(&[("/desil", "6")]), "food"), ["`desil`: 4 instead of 6 (2 less)"]);
    assert_eq!(told(&plan, &with(&[("/power", "3500")]), "food"), ["`power`: 2,199 instead of 3,500 (1,301 less)"]);
    assert_eq!(
        told(&plan, &with(&[("/members/0/job", "\"police\"")]), "food"),
        ["`members[0].job`: Farmer or Trader instead of Police"]
    );
    // The region would do as well, and is fixed.
    assert_eq!(
        told(&plan, &with(&[("/members/0/wage", "3150000")]), "work"),
        ["`members[0].wage`: Rp3,000,000 per month instead of Rp3,150,000 per month (Rp150,000 per month less)"]
    );
    assert_eq!(told(&plan, &with(&[("/rate", "0.75")]), "loan"), ["`rate`: 0.49 instead of 0.75 (0.26 less)"]);
    assert_eq!(told(&plan, &with(&[("/has_car", "true")]), "work"), ["`has_car`: no instead of yes"]);
}

#[test]
fn two_reasons_take_two_changes_together() {
    let plan = plan();
    assert_eq!(
        told(&plan, &with(&[("/desil", "9"), ("/power", "2200")]), "food"),
        ["`desil`: 4 instead of 9 (5 less), and `power`: 2,199 instead of 2,200 (1 less)"]
    );
    // Two ways into one reason.
    assert_eq!(
        told(&plan, &with(&[("/has_car", "true"), ("/bikes", "7")]), "work"),
        ["`has_car`: no instead of yes, and `bikes`: 2 instead of 7 (5 less)"]
    );
    assert_eq!(
        told(&plan, &with(&[("/value", "30000001"), ("/bikes", "7")]), "work"),
        ["`bikes`: 2 instead of 7 (5 less), and `value`: Rp30,000,000 instead of Rp30,000,001 (Rp1 less)"]
    );
    // Three are too many.
    let three = with(&[("/has_car", "true"), ("/bikes", "7"), ("/value", "40000000")]);
    assert_eq!(told(&plan, &three, "work"), Vec::<String>::new());
}

#[test]
fn nobody_is_told_to_change_what_is_fixed() {
    let plan = plan();
    let changes = plan.changes(&plan.facts_from_json(GOOD.as_bytes()).unwrap());
    let pension = changes.programmes().find(|p| p.name() == "pension").unwrap();
    assert!(!pension.is_eligible() && pension.ways().is_empty() && pension.is_complete());
    let time = pension.time().unwrap();
    assert_eq!((time.date().to_string().as_str(), time.outcome()), ("2027-03-01", "eligible"));
    assert_eq!(
        time.text().in_lang(Lang::Id),
        "mulai 2027-03-01 layak, ketika `members[0].birth_date` (1 Maret 1967) sudah 60 tahun lalu"
    );
    assert_eq!(
        pension.thresholds()[0].text().in_lang(Lang::En),
        "elder [members[0]]: `years from birth_date to as_of` is 58, 2 below 60"
    );
    let senior = changes.programmes().find(|p| p.name() == "senior").unwrap();
    assert_eq!((senior.member(), senior.time().unwrap().date().to_string().as_str()), (Some("x"), "2027-03-01"));
}

#[test]
fn time_brings_birthdays_new_law_and_the_end_of_evidence() {
    let plan = plan();
    let time = |json: &str, programme: &str| {
        let changes = plan.changes(&plan.facts_from_json(json.as_bytes()).unwrap());
        let found = changes.programmes().find(|p| p.name() == programme).unwrap();
        found.time().map(|t| t.text().in_lang(Lang::En).to_owned())
    };
    assert_eq!(
        time(&with(&[("/desil", "5")]), "food").unwrap(),
        "from 2027-07-01 eligible, when another version of `desil_limit` holds"
    );
    assert_eq!(time(&with(&[("/desil", "6")]), "food"), None);
    assert_eq!(
        time(&with(&[("/members/0/birth_date", "\"2020-02-29\"")]), "child").unwrap(),
        "from 2027-03-01 not eligible, when `members[0].birth_date` (29 February 2020) is 7 years ago"
    );
    let power = r#"{"evidence":[{"value":900,"source":"pln","date":"2026-01-10"}]}"#;
    assert_eq!(
        time(&with(&[("/power", power)]), "food").unwrap(),
        "from 2026-04-11 undetermined, when the evidence of `power` counts no longer as it did"
    );
    let mut old: serde_json::Value =
        serde_json::from_str(&with(&[("/members/0/birth_date", "\"1950-01-01\"")])).unwrap();
    old["moved_on"] = "2026-01-01".into();
    assert_eq!(
        time(&old.to_string(), "pension").unwrap(),
        "from 2026-04-01 eligible, when `moved_on` (1 January 2026) is 3 months ago"
    );
    // The move may be put earlier, and it may not have been.
    assert_eq!(
        told(&plan, &old.to_string(), "pension"),
        ["`moved_on`: 17 October 2025 instead of 1 January 2026 (76 days earlier)"]
    );
}

#[test]
fn of_one_who_is_eligible_it_is_told_what_would_end_it() {
    let plan = plan();
    assert_eq!(
        told(&plan, GOOD, "food"),
        [
            "`desil`: 5 instead of 3 (2 more)",
            "`power`: 2,200 instead of 900 (1,300 more)",
            "`members[0].job`: Civil servant or Police instead of Farmer"
        ]
    );
    assert_eq!(told(&plan, GOOD, "loan"), ["`rate`: 0.5 instead of 0.25 (0.25 more)"]);
}

#[test]
fn what_is_missing_still_decides() {
    let plan = plan();
    let json = with(&[("/desil", "9"), ("/power", "null")]);
    let changes = plan.changes(&plan.facts_from_json(json.as_bytes()).unwrap());
    let food = changes.programmes().find(|p| p.name() == "food").unwrap();
    assert!(food.ways()[0].is_open());
    assert_eq!(
        food.ways()[0].text().in_lang(Lang::Id),
        "`desil`: 4, bukan 9 (5 lebih sedikit); setelah itu fakta yang belum diketahui menentukan"
    );
}

/// Against deciding every household within two changes of small domains.
#[test]
fn what_is_named_is_what_deciding_everything_finds() {
    let rules = Ruleset::from_text(
        "module m\nentity H { a integer 0..6  b boolean  c integer 0..4  d boolean fixed }\n\
         criterion one when a <= 3 or b\ncriterion two when c >= 2 and not (b and a > 4)\ncriterion three when not d or a < 6\n\
         programme p requires one, two refuses four\ncriterion four when d and c = 4\nprogramme q requires three",
    )
    .unwrap_or_else(|e| panic!("{e}"));
    let plan = rules.as_of("2026-01-15".parse().unwrap());
    let decide = |(a, b, c, d): (i64, bool, i64, bool), name: &str| {
        let facts = plan.facts(&serde_json::json!({"a": a, "b": b, "c": c, "d": d})).unwrap();
        let eligible = plan.decide(&facts).programme(name).unwrap().outcome() == Some(Outcome::Eligible);
        (facts, eligible)
    };
    let mut named = 0;
    for a in 0..=6 {
        for (b, d) in [(false, false), (true, false), (false, true), (true, true)] {
            for c in 0..=4 {
                for name in ["p", "q"] {
                    let (facts, eligible) = decide((a, b, c, d), name);
                    let turned = |a, b, c| decide((a, b, c, d), name).1 != eligible;
                    let changes = plan.changes(&facts);
                    let found = changes.programmes().find(|p| p.name() == name).unwrap();
                    // The nearest on either side, value by value.
                    let mut wanted: Vec<String> = Vec::new();
                    let nearest = |from: i64, most: i64, does: &dyn Fn(i64) -> bool| -> Vec<i64> {
                        let below = (0..from).rev().find(|v| does(*v));
                        below.into_iter().chain((from + 1..=most).find(|v| does(*v))).collect()
                    };
                    let line = |name: &str, from: i64, to: Vec<i64>| {
                        let to: Vec<String> = to.iter().map(ToString::to_string).collect();
                        (!to.is_empty()).then(|| format!("{name} {from} {}", to.join("/")))
                    };
                    wanted.extend(line("a", a, nearest(a, 6, &|v| turned(v, b, c))));
                    wanted.extend(turned(a, !b, c).then(|| format!("b {b} {}", !b)));
                    wanted.extend(line("c", c, nearest(c, 4, &|v| turned(a, b, v))));
                    let singles: Vec<String> = found
                        .ways()
                        .iter()
                        .filter(|w| w.changes().len() == 1)
                        .map(|w| {
                            let change = &w.changes()[0];
                            let shown = |answer: &crate::Answer| match answer {
                                crate::Answer::Boolean(b) => b.to_string(),
                                crate::Answer::Integer(n) => n.to_string(),
                                other => panic!("{other:?}"),
                            };
                            let to: Vec<String> = change.to().map(shown).collect();
                            format!("{} {} {}", change.fact(), shown(change.from()), to.join("/"))
                        })
                        .collect();
                    assert_eq!(singles, wanted, "{name} of a {a} b {b} c {c} d {d}");
                    named += singles.len();
                    // Where no single change does, a pair is named exactly where one does.
                    let any_pair = (0..=6).any(|a2| {
                        [false, true].iter().any(|b2| {
                            (0..=4).any(|c2| {
                                let count = usize::from(a2 != a) + usize::from(*b2 != b) + usize::from(c2 != c);
                                count == 2 && turned(a2, *b2, c2)
                            })
                        })
                    });
                    let pairs = found.ways().iter().filter(|w| w.changes().len() == 2).count();
                    if !eligible && singles.is_empty() {
                        assert_eq!(pairs > 0, any_pair, "{name} of a {a} b {b} c {c} d {d}");
                    }
                }
            }
        }
    }
    assert!(named > 50, "{named}");
}

#[test]
fn it_is_told_as_text_and_as_data() {
    let plan = plan();
    let facts = plan.facts_from_json(with(&[("/desil", "6")]).as_bytes()).unwrap();
    let changes = plan.changes(&facts);
    let text = changes.render(Lang::Id);
    assert!(
        text.contains(
            "\nfood: tidak layak\n  • `desil`: 4, bukan 6 (2 lebih sedikit)\n  poor: `desil` 6, 2 di atas 4\n"
        ),
        "{text}"
    );
    let json = serde_json::to_value(changes.to_json(Lang::En)).unwrap();
    let food = json["programmes"].as_array().unwrap().iter().find(|p| p["programme"] == "food").unwrap();
    assert_eq!(
        *food,
        serde_json::json!({"programme": "food", "member": null, "outcome": "not_eligible", "complete": true, "time": null,
            "ways": [{"changes": [{"fact": "desil", "from": 6, "to": [4], "distance": 2, "text": "`desil`: 4 instead of 6 (2 less)"}],
                "open": false, "text": "`desil`: 4 instead of 6 (2 less)"}],
            "thresholds": [{"criterion": "poor", "element": null, "subject": "desil", "value": 6, "limit": 4, "distance": 2,
                "above": true, "text": "poor: `desil` is 6, 2 above 4"}]})
    );
}
