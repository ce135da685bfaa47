//! A field that is another entity.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

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

const NESTED: &str = "module m\ncalendar leap_day march_1, month_end clip\nentity Case { id text key  home House  farm House  list list of P }\n";

/// A record that holds a record, a list of entities, a list of scalars.
fn nested() -> Ruleset {
    let rules = NESTED.to_owned()
        + "entity House { at Place  rooms list of Room 0..9  bills list of number 0..100 }\n\
           entity Place { region text  post Post }\nentity Post { code text  far boolean }\n\
           entity Room { beds integer 0..9  damp boolean }\nentity P { a integer }\n\
           define beds = sum(home.rooms.beds) + sum(farm.rooms.beds)\ndefine bills = sum(home.bills)\n\
           define Room.where_it_is = case.home.at.post.code\ndefine P.far = case.home.at.post.far\n\
           criterion crowded when count(list) > beds\ncriterion near when not home.at.post.far\n\
           criterion dry when none(home.rooms where damp)\nprogramme p requires crowded, near, dry gives beds = beds\n";
    Ruleset::from_text(&rules).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn a_record_holds_records_and_lists() {
    let rules = nested();
    let plan =
        rules.plan(PlanOptions::new("2026-01-01".parse().unwrap()).show("beds").show("bills").show("far")).unwrap();
    let decide = |json: &str| {
        let facts = plan.facts_from_json(json.as_bytes()).unwrap_or_else(|e| panic!("{e}"));
        serde_json::to_value(plan.decide(&facts).to_json(None, layak::Lang::En)).unwrap()
    };
    let known = r#"{"id":"h","home":{"at":{"region":"r","post":{"code":"9","far":false}},"rooms":[{"beds":1,"damp":false},{"beds":2,"damp":false}],
        "bills":["1.5","2"]},"farm":{"rooms":[],"bills":[],"at":{"region":"q","post":{"code":"8","far":true}}},"list":[{"a":1},{"a":2},{"a":3},{"a":4}]}"#;
    let decided = decide(known);
    assert_eq!(decided["programmes"]["p"]["outcome"], "eligible", "{decided}");
    assert_eq!(decided["values"]["beds"], 3);
    assert_eq!(decided["values"]["bills"], "3.5");
    // What is missing stands where it lies.
    let open = decide(r#"{"id":"h","home":{"rooms":[{"beds":1}]},"farm":{"rooms":null},"list":[{"a":1}, {"a":1}]}"#);
    let missing: Vec<&str> =
        open["programmes"]["p"]["missing"].as_array().unwrap().iter().map(|m| m["fact"].as_str().unwrap()).collect();
    for fact in ["home.at.post.far", "home.rooms[0].damp", "farm.rooms"] {
        assert!(missing.contains(&fact), "{fact}: {missing:?}");
    }
    // A room of the home is damp: that alone decides.
    let refused = decide(r#"{"id":"h","home":{"rooms":[{"beds":1},{"damp":true}]},"list":[]}"#);
    assert_eq!(refused["programmes"]["p"]["outcome"], "not_eligible");
    // And what is wrong is told where it lies.
    let error = plan
        .facts_from_json(br#"{"id":"h","home":{"at":{"post":{"cod":"x"}},"rooms":[{"beds":10}],"bills":[1,101]}}"#)
        .unwrap_err();
    let mut paths: Vec<&str> = error.iter().map(|e| e.path()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["home.at.post.cod", "home.bills[1]", "home.rooms[0].beds"]);
}

#[test]
fn every_completion_of_nested_records_lies_within_what_is_told() {
    let rules = nested();
    let plan = rules.plan(PlanOptions::new("2026-01-01".parse().unwrap()).show("beds")).unwrap();
    let decide = |json: &str| {
        let facts = plan.facts_from_json(json.as_bytes()).unwrap();
        serde_json::to_value(plan.decide(&facts).to_json(None, layak::Lang::En)).unwrap()
    };
    let (far, damp, rooms) = (["true", "false", "null"], ["true", "false", "null"], ["[]", "[{\"beds\":2}]", "null"]);
    let answer = |far: &str, damp: &str, rooms: &str| {
        let json = format!(
            r#"{{"id":"h","home":{{"at":{{"post":{{"far":{far}}}}},"rooms":[{{"beds":1,"damp":{damp}}}]}},"farm":{{"rooms":{rooms}}},"list":[{{"a":1}},{{"a":2}}]}}"#
        );
        decide(&json)["programmes"]["p"]["outcome"].as_str().unwrap().to_owned()
    };
    for f in far {
        for d in damp {
            for r in rooms {
                let told = answer(f, d, r);
                let each = |v: &str, all: &[&'static str; 3]| -> Vec<&'static str> {
                    all.iter().copied().filter(|x| *x != "null" && (v == "null" || *x == v)).collect()
                };
                let mut outcomes: Vec<String> = Vec::new();
                for f in each(f, &far) {
                    for d in each(d, &damp) {
                        for r in each(r, &rooms) {
                            outcomes.push(answer(f, d, r));
                        }
                    }
                }
                outcomes.sort_unstable();
                outcomes.dedup();
                if let [one] = outcomes.as_slice() {
                    assert!(told == *one || told == "undetermined", "{f} {d} {r}: {told} {one}");
                } else {
                    assert_eq!(told, "undetermined", "{f} {d} {r}: {outcomes:?}");
                }
            }
        }
    }
}

#[test]
fn records_of_records_are_bounded() {
    let mut rules = String::from("module m\nentity H { a E1  b E1 }\n");
    for i in 1..40 {
        rules.push_str(&format!("entity E{i} {{ a E{0}  b E{0} }}\n", i + 1));
    }
    rules.push_str("entity E40 { x integer }\n");
    let findings = Ruleset::from_text(&rules).err().unwrap();
    assert!(findings.iter().any(|f| f.code().to_string() == "L0116"), "{findings}");
}

#[test]
fn the_schema_holds_a_record_once() {
    let schema: serde_json::Value = serde_json::from_str(&nested().facts_schema().to_string()).unwrap();
    let text = schema.to_string();
    assert!(!text.contains("home.at") && text.contains("\"rooms\""), "{text}");
}

#[test]
fn tests_and_properties_reach_into_records() {
    let rules = Ruleset::from_text(
        "module m\nentity Case { id text key  home House  farm House }\nentity House { rooms list of Room 0..3  best optional link to Room }\n\
         entity Room { name text key  beds integer 0..9 }\ndefine Room.big = beds > 2\ndefine best = home.best.beds\n\
         test \"of two lists\" as of 2026-01-01\n\
         given { id: \"h\", home: { rooms: [{ name: \"a\", beds: 3 }, { name: \"b\", beds: 1 }], best: \"b\" }, farm: { rooms: [{ name: \"c\", beds: 4 }] } }\n\
         expect home.rooms[0].big, not home.rooms[1].big, home.rooms[\"a\"].big, farm.rooms[0].big, farm.rooms[\"c\"].beds = 4, best = 1\n\
         property more_beds for all h: Case expect any(h.home.rooms where big) implies sum(h.home.rooms.beds) > 2\n",
    )
    .unwrap_or_else(|e| panic!("{e}"));
    for result in rules.run_tests() {
        assert!(result.failures().is_empty(), "{}: {:?}", result.name(), result.failures());
    }
    for result in rules.run_properties(&layak::PropertyOptions::new()) {
        assert!(result.failures().is_empty() && result.tried() > 500, "{:?} of {}", result.failures(), result.tried());
    }
}
