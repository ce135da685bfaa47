//! Rules made by chance over few facts: every household is decided, and what the analysis says of all is held to it.

use proptest::prelude::*;

use super::told;
use crate::{Outcome, Plan, Ruleset};

const FACTS: &str = "module m\nentity H { a integer 1..4  c integer 0..2  b boolean  o optional integer 1..2 }\nparameter k: integer = 2\ndefine twice = a + c\n";

fn atom() -> impl Strategy<Value = String> {
    let name = prop_oneof![Just("a"), Just("c"), Just("twice"), Just("k")];
    let other = prop_oneof![(0i64..6).prop_map(|n| n.to_string()), Just("c".to_owned()), Just("k".to_owned())];
    let compare = prop_oneof![Just("<"), Just("<="), Just("="), Just(">"), Just("!=")];
    prop_oneof![
        6 => (name, compare, other).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        1 => Just("b".to_owned()),
        1 => Just("o is none".to_owned()),
        1 => Just("(o or else 2) > 1".to_owned()),
        1 => (1i64..5, 1i64..5).prop_map(|(x, y)| format!("a in [{x}, {y}]")),
    ]
}

fn condition() -> impl Strategy<Value = String> {
    atom().prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} and {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

fn households() -> Vec<String> {
    let mut out = Vec::new();
    for a in 1..=4 {
        for c in 0..=2 {
            for b in ["true", "false"] {
                for o in ["null", "1", "2"] {
                    out.push(format!("{{\"a\":{a},\"c\":{c},\"b\":{b},\"o\":{o}}}"));
                }
            }
        }
    }
    out
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    Eligible,
    Not,
    Fault,
}

fn outcome(plan: &Plan, json: &str) -> Came {
    let facts = plan.facts_from_json(json.as_bytes()).unwrap();
    match plan.decide(&facts).programme("p").unwrap().outcome().unwrap() {
        Outcome::Eligible => Came::Eligible,
        Outcome::NotEligible => Came::Not,
        Outcome::Error(_) => Came::Fault,
        other => panic!("{json}: {other:?}"),
    }
}

fn outcomes(rules: &Ruleset) -> Vec<Came> {
    let plan: Plan = rules.as_of("2026-01-15".parse().unwrap());
    households().iter().map(|json| outcome(&plan, json)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_criterion_is_told_exactly_where_every_household_has_one_answer(when in condition()) {
        let rules = Ruleset::from_text(&format!("{FACTS}criterion x when {when}\nprogramme p requires x")).unwrap();
        let told = told(&rules);
        let outcomes = outcomes(&rules);
        let of_facts = ["a ", "c", "b", "o ", "twice"].iter().any(|name| when.contains(name));
        let all = |want: Came| of_facts && outcomes.iter().all(|o| *o == want);
        prop_assert_eq!(told.iter().any(|f| f.starts_with("L0710")), all(Came::Eligible), "{}: {:?}", when, told);
        prop_assert_eq!(told.iter().any(|f| f.starts_with("L0711")), all(Came::Not), "{}: {:?}", when, told);
    }

    #[test]
    fn nobody_gets_a_programme_exactly_where_that_is_told(x in condition(), y in condition(), z in condition()) {
        let criteria = format!("criterion x when {x}\ncriterion y when {y}\ncriterion z when {z}");
        let rules = Ruleset::from_text(&format!("{FACTS}{criteria}\nprogramme p requires x, y refuses z")).unwrap();
        let told = told(&rules);
        let nobody = outcomes(&rules).iter().all(|o| *o == Came::Not);
        let is_told = told.iter().any(|f| f.starts_with("L0712") || f.starts_with("L0713"));
        prop_assert_eq!(is_told, nobody, "{:?}", told);
    }

    #[test]
    fn a_conflict_is_told_exactly_where_a_household_has_one(x in condition(), y in condition(), n in 1i64..3) {
        let exceptions = format!("define v = 1\n  except when {x}: {n}\n  except when {y}: a");
        let rules = Ruleset::from_text(&format!("{FACTS}{exceptions}\ncriterion w when v > 0\nprogramme p requires w")).unwrap();
        let told = told(&rules);
        let conflicts = outcomes(&rules).contains(&Came::Fault);
        prop_assert_eq!(told.iter().any(|f| f.starts_with("L0715")), conflicts, "{:?}", told);
        let plan = rules.as_of("2026-01-15".parse().unwrap());
        for shows in told.iter().filter(|f| f.starts_with("L0715")) {
            let facts = shows.split_once("different values: ").unwrap().1.replace("yes", "true").replace("no,", "false,");
            let facts = facts.split(", ").map(|f| f.split_once(" = ").unwrap()).map(|(name, value)| {
                let value = match value { "none" => "null", "no" => "false", value => value };
                format!("\"{name}\":{value}")
            });
            let json = format!("{{{}}}", facts.collect::<Vec<_>>().join(","));
            prop_assert_eq!(outcome(&plan, &json), Came::Fault, "{}", json);
        }
    }
}
