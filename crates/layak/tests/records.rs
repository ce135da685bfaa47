//! A field that is another entity.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use layak::{Answer, PlanOptions, Ruleset};

#[test]
fn the_parts_of_a_record_are_facts_with_their_path() {
    let rules = Ruleset::from_text(
        "module m\nentity Case { house House  list list of P }\nentity House { state text  rooms integer 1.. }\nentity P { a integer }\n\
         define P.x = a + case.house.rooms\ndefine t = sum(list.x)\ncriterion c when house.rooms > 2\nprogramme p requires c\n",
    )
    .unwrap();
    let plan = rules.plan(PlanOptions::new("2026-01-01".parse().unwrap()).show("t")).unwrap();
    let decide = |json: &str| plan.decide(&plan.facts_from_json(json.as_bytes()).unwrap());
    let decision = decide(r#"{"house":{"state":"x","rooms":3},"list":[{"a":1},{"a":2}]}"#);
    assert_eq!(decision.values().next(), Some(("t", &Answer::Integer(9i64.into()))));
    let open = decide(r#"{"list":[]}"#);
    assert_eq!(open.programme("p").unwrap().entitlement().unwrap().missing()[0].fact, "house.rooms");
    let error = plan.facts_from_json(br#"{"house":{"rooms":0,"roomz":1}}"#).unwrap_err();
    let mut paths: Vec<&str> = error.iter().map(|e| e.path()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["house.rooms", "house.roomz"]);
}
