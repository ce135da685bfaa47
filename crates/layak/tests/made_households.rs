//! Households made for the tests of programs: valid or just not, on every threshold and beside it, simpler step by step.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::string_slice
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use layak::{HouseholdKind, Ruleset};

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
  since   date
  members list of Person 0..7
}
entity Person { nik text key  birth_date date  mother optional link to Person }
define Person.age = years from birth_date to as_of
parameter limit: integer
  from 2025-07-01: 4
criterion poor when desil <= limit and share < 0.25
table points: integer first
  | rent           || points |
  | < IDR 700      || 1      |
  | IDR 700..IDR 1_500 || 2  |
  | -              || 3      |
criterion grown when every(members each age >= 18)
criterion long when since <= 2020-06-15
programme aid requires poor, grown, long gives amount = points
"#;

const KINDS: [HouseholdKind; 4] =
    [HouseholdKind::Complete, HouseholdKind::Partial, HouseholdKind::Evidence, HouseholdKind::Invalid];

#[test]
fn each_kind_is_what_it_says_in_every_package() {
    let day = "2026-02-28".parse().unwrap();
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let all = [
        Ruleset::from_text(RULES).unwrap_or_else(|e| panic!("{e}")),
        Ruleset::from_dir(root.join("bansos")).unwrap(),
        Ruleset::from_dir(root.join("family_card")).unwrap(),
        Ruleset::from_dir(root.join("identity")).unwrap(),
    ];
    for rules in &all {
        let plan = rules.as_of(day);
        for kind in KINDS {
            let maker = rules.household_maker(day).kind(kind);
            let mut seen = BTreeSet::new();
            for seed in 0..60 {
                let made = maker.make(seed);
                assert_eq!(made.kind(), kind);
                let json = made.to_json();
                assert_eq!(json, maker.make(seed).to_json());
                let facts = plan.facts_from_json(json.as_bytes());
                assert_eq!(facts.is_ok(), kind != HouseholdKind::Invalid, "{kind:?}: {json}");
                seen.insert(json);
            }
            assert!(seen.len() > 40, "{kind:?}");
        }
    }
    let evidence = (0..60).map(|seed| all[0].household_maker(day).kind(HouseholdKind::Evidence).make(seed).to_json());
    assert!(evidence.filter(|json| json.contains("\"evidence\"")).count() > 20);
}

#[test]
fn thresholds_dates_and_lengths_are_met_and_what_is_beside_them() {
    let day = "2026-02-28".parse().unwrap();
    let maker = Ruleset::from_text(RULES).unwrap().household_maker(day);
    let mut values: BTreeSet<(String, String)> = BTreeSet::new();
    let mut lengths = BTreeSet::new();
    for seed in 0..4_000 {
        let made: serde_json::Value = serde_json::from_str(&maker.make(seed).to_json()).unwrap();
        let members = made["members"].as_array().unwrap();
        lengths.insert(members.len());
        for (name, value) in made.as_object().unwrap() {
            values.insert((name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
        }
        values.extend(members.iter().map(|m| ("birth_date".to_owned(), m["birth_date"].as_str().unwrap().to_owned())));
    }
    assert!([0, 1, 7].iter().all(|n| lengths.contains(n)), "{lengths:?}");
    for (name, wanted) in [
        ("desil", &["1", "3", "4", "5", "10"][..]),
        ("share", &["0.24", "0.25", "0.26", "0", "1"]),
        ("rent", &["699", "700", "701", "1499", "1500", "1501", "0"]),
        (
            "since",
            &[
                "2020-06-14",
                "2020-06-15",
                "2020-06-16",
                "2025-06-30",
                "2025-07-01",
                "2025-07-02",
                "2026-02-28",
                "2026-01-31",
                "2024-02-29",
            ],
        ),
        ("birth_date", &["2008-02-27", "2008-02-28", "2008-02-29"]),
        ("work", &["farmer", "trader", "none"]),
    ] {
        for value in wanted {
            assert!(values.contains(&(name.to_owned(), (*value).to_owned())), "{name} {value}");
        }
    }
}

/// How often each edge is met among so many households: thresholds and what is beside them, edges of table cells, birthdays, 29 February, days on
/// which versions change, ends of months, lengths of lists, facts that are not known, evidence, and households that are only just refused.
#[test]
fn every_edge_is_met_many_times() {
    let day = "2026-02-28".parse().unwrap();
    let rules = Ruleset::from_text(RULES).unwrap();
    let made = |kind: HouseholdKind| {
        let maker = rules.household_maker(day).kind(kind);
        (0..4_000).map(move |seed| -> serde_json::Value { serde_json::from_str(&maker.make(seed).to_json()).unwrap() })
    };
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    let mut count = |edge, holds: bool| *met.entry(edge).or_default() += usize::from(holds);
    for home in made(HouseholdKind::Complete) {
        let desil = home["desil"].as_i64().unwrap();
        count("a threshold, less one", desil == 3);
        count("a threshold", desil == 4);
        count("a threshold and one", desil == 5);
        let text = |name: &str| home[name].as_str().map_or_else(|| home[name].to_string(), str::to_owned);
        let (rent, since) = (text("rent"), text("since"));
        count("an edge of a cell, open", rent == "700");
        count("an edge of a cell, closed", rent == "1500");
        count("beside an edge of a cell", ["699", "701", "1499", "1501"].contains(&rent.as_str()));
        count("a day on which a version begins", since == "2025-07-01");
        count("the day before a version begins", since == "2025-06-30");
        count("the end of a month", since.ends_with("-31") || since.ends_with("-30"));
        let members = home["members"].as_array().unwrap();
        count("no element", members.is_empty());
        count("one element", members.len() == 1);
        count("as many elements as there can be", members.len() == 7);
        let born = |wanted: &dyn Fn(&str) -> bool| members.iter().any(|m| wanted(m["birth_date"].as_str().unwrap()));
        count("born 18 years ago today", born(&|day| day == "2008-02-28"));
        count("born a day before", born(&|day| day == "2008-02-27"));
        count("born on 29 February", born(&|day| day.ends_with("-02-29")));
        let keys: BTreeSet<&str> = members.iter().map(|m| m["nik"].as_str().unwrap()).collect();
        assert_eq!(keys.len(), members.len());
        let linked = members.iter().filter_map(|m| m["mother"].as_str()).all(|mother| keys.contains(mother));
        assert!(linked, "{home}");
        count("a link", members.iter().any(|m| m["mother"].is_string()));
        count("a link to nobody, as is allowed", members.iter().any(|m| m["mother"].is_null()));
    }
    for home in made(HouseholdKind::Partial) {
        count("a fact that is left out", home.get("desil").is_none());
        count("a list that is left out", home.get("members").is_none());
        let members = home["members"].as_array().map_or(&[][..], Vec::as_slice);
        count("a fact of an element that is left out", members.iter().any(|m| m.get("birth_date").is_none()));
    }
    for home in made(HouseholdKind::Evidence) {
        let desil = home["desil"]["evidence"].as_array().map_or(&[][..], Vec::as_slice);
        count("a fact by evidence", desil.len() == 1);
        count("a fact by several statements", desil.len() > 1);
        count("statements that disagree", desil.iter().any(|one| one["value"] != desil[0]["value"]));
        let old = |one: &serde_json::Value| one["date"].as_str().is_some_and(|date| date < "2025-08-28");
        count("a statement that is stale", desil.iter().any(|one| one["source"] == "office" && old(one)));
    }
    for home in made(HouseholdKind::Invalid) {
        let desil = &home["desil"];
        count("refused: a unit below its range", *desil == 0);
        count("refused: a unit above its range", *desil == 11);
        let share = home["share"].to_string();
        count("refused: a hundredth above its range", share == "1.01");
        count("refused: no such day", home["since"].as_str().is_some_and(|day| day.parse::<layak::Date>().is_err()));
        count("refused: nearly the name of a member", home["work"] == "farme_");
        let members = home["members"].as_array().map_or(&[][..], Vec::as_slice);
        count("refused: an element too many", members.len() == 8);
        count("refused: a link to nobody", members.iter().any(|m| m["mother"] == "nobody"));
        count("refused: a name that there is not", home.get("no_such_fact").is_some());
        let keys: BTreeSet<String> = members.iter().map(|m| m["nik"].to_string()).collect();
        count("refused: a key that stands twice", keys.len() < members.len());
    }
    let rare: Vec<_> = met.iter().filter(|(_, times)| **times < 15).collect();
    assert!(rare.is_empty() && met.len() == 33, "{rare:?} of {met:#?}");
}

#[test]
fn simpler_households_stay_of_their_kind_and_come_to_an_end() {
    let day = "2026-02-28".parse().unwrap();
    let rules = Ruleset::from_text(RULES).unwrap();
    let plan = rules.as_of(day);
    for kind in KINDS {
        let maker = rules.household_maker(day).kind(kind);
        let mut household = maker.make(7);
        let mut steps = 0;
        // Everything fails: the smallest is as small as can be.
        loop {
            let next = (0..).map_while(|n| maker.simpler(&household, n)).flatten().next();
            let Some(next) = next else { break };
            assert_eq!(plan.facts_from_json(next.to_json().as_bytes()).is_ok(), kind != HouseholdKind::Invalid);
            household = next;
            steps += 1;
            assert!(steps < 2_000, "{kind:?}");
        }
        match kind {
            // Two who name each other as mothers hold each other.
            HouseholdKind::Complete => assert!(household.to_json().matches("nik").count() <= 2, "{household:?}"),
            HouseholdKind::Invalid => assert!(household.to_json().len() < 60, "{household:?}"),
            _ => assert_eq!(household.to_json(), r#"{"id":"1"}"#),
        }
    }
}

const LINKED: &str = r#"
module m
calendar leap_day march_1, month_end clip
entity Home { id text key  members list of Person 1..7 }
entity Person {
  nik        text key
  birth_date date
  mother     optional link to Person inverse children acyclic
  children   list of link to Person
  spouse     optional link to Person inverse spouse
}
define Person.age = years from birth_date to as_of
criterion Person.grown when age >= 18 and every(children each age < 40)
programme card for Person requires grown
"#;

const RELATED: &str = r#"
module m
enum Relation { child, head, spouse, grandchild, parent, other }
entity Home { id text key  members list of Person 1..7 }
entity Person { nik text key  age integer 0..120  relation optional Relation }
criterion Person.grown when age >= 18
programme card for Person requires grown
"#;

/// The day so many years later, as text; of 29 February no day of its own, which compares alike.
fn later(day: &str, years: u32) -> String {
    format!("{:04}{}", day[..4].parse::<u32>().unwrap() + years, &day[4..])
}

#[test]
fn most_mothers_are_older_than_their_children_and_most_couples_are_grown() {
    let day = "2026-02-28".parse().unwrap();
    let maker = Ruleset::from_text(LINKED).unwrap_or_else(|e| panic!("{e}")).household_maker(day);
    let (mut linked, mut likely, mut births) = (0, 0, BTreeSet::new());
    for seed in 0..600 {
        let json: serde_json::Value = serde_json::from_str(&maker.make(seed).to_json()).unwrap();
        let members = json["members"].as_array().unwrap();
        let born: BTreeMap<&str, &str> =
            members.iter().map(|m| (m["nik"].as_str().unwrap(), m["birth_date"].as_str().unwrap())).collect();
        let mut hangs = Vec::new();
        for member in members {
            let own = member["birth_date"].as_str().unwrap();
            if let Some(mother) = member["mother"].as_str() {
                hangs.push(later(born[mother], 15).as_str() <= own);
            }
            if let Some(spouse) = member["spouse"].as_str() {
                hangs.extend([own, born[spouse]].map(|birth| birth <= "2008-02-28"));
            }
        }
        let all = hangs.iter().all(|holds| *holds);
        linked += usize::from(!hangs.is_empty());
        likely += usize::from(!hangs.is_empty() && all);
        births.extend(
            all.then(|| born.values().map(|birth| (*birth).to_owned()).collect::<Vec<_>>()).into_iter().flatten(),
        );
    }
    assert!(linked > 300, "{linked}");
    // Not all: whatever is valid must be decided rightly.
    assert!((linked * 7 / 10..linked).contains(&likely), "{likely} of {linked}");
    // The birthday at which one is grown, and the days beside it, in families that could be.
    for birth in ["2008-02-27", "2008-02-28", "2008-02-29"] {
        assert!(births.contains(birth), "{birth}");
    }
}

#[test]
fn most_families_have_one_head_and_children_that_are_younger() {
    let day = "2026-02-28".parse().unwrap();
    let maker = Ruleset::from_text(RELATED).unwrap_or_else(|e| panic!("{e}")).household_maker(day);
    let (mut likely, mut ages, mut kinds) = (0, BTreeSet::new(), BTreeSet::new());
    for seed in 0..600 {
        let json: serde_json::Value = serde_json::from_str(&maker.make(seed).to_json()).unwrap();
        let members: Vec<(Option<&str>, i64)> = json["members"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| (m["relation"].as_str(), m["age"].as_i64().unwrap()))
            .collect();
        let of = |kind: &str| members.iter().filter(|(k, _)| *k == Some(kind)).map(|(_, age)| *age).collect::<Vec<_>>();
        let (heads, partners) = (of("head"), of("spouse"));
        let Some(head) = heads.first().copied() else { continue };
        let fits = heads.len() == 1
            && partners.len() <= 1
            && partners.iter().all(|age| *age >= 18 && head >= 18)
            && of("child").iter().all(|age| age + 15 <= head)
            && of("grandchild").iter().all(|age| age + 30 <= head)
            && of("parent").iter().all(|age| head + 15 <= *age);
        likely += usize::from(fits);
        if fits {
            ages.extend(members.iter().map(|(_, age)| *age));
            kinds.extend(members.iter().flat_map(|(kind, _)| kind.map(str::to_owned)));
        }
    }
    assert!((300..590).contains(&likely), "{likely}");
    assert_eq!(kinds.len(), 6, "{kinds:?}");
    for age in [0, 17, 18, 19, 120] {
        assert!(ages.contains(&age), "{age} in {ages:?}");
    }
}
