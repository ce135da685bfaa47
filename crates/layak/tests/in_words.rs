//! Answers of every type as each language writes them: outputs, values, worked cases; and programmes that rest on others.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use layak::{GraphFormat, Lang, PlanOptions, Reader, Ruleset};
use serde_json::json;

const RULES: &str = r#"
module m
currency IDR
calendar leap_day march_1, month_end clip
enum Work { farmer id "Petani" en "Farmer", trader }
entity Home root {
  id      text key
  rooms   integer 0..9
  since   date
  left    optional date
  work    Work
  people  list of Person 0..4
}
entity Person { nik text key  age integer  born date }
table offer first
| rooms || days: integer | name: text |
| < 3   || 1             | "small"    |
| -     || 2             | "large"    |
criterion any_room when rooms > 0
programme aid "Bantuan" requires any_room
  gives flag = rooms > 2,
        n = rooms * 2,
        yearly = rooms * (IDR 10 per year),
        monthly = IDR 10 per month,
        weekly = IDR 10 per week,
        daily = IDR 10 per day,
        day = since + 1 days,
        gone = left,
        half = rooms / 2,
        title = offer.name,
        what = work,
        first_of = first(people sort by age),
        size = length(offer.name),
        long = span
programme more "Tambahan" requires enough gives twice = aid.n * 2
criterion enough when aid is eligible and aid.n > 1
programme own for Person requires grown gives of_home = aid.n
criterion Person.grown when age > 17
define longer = months from since to as_of
define span = 18 months
define ages = people each age
define works = [work, trader]
define offered = offer
define Person.is_of_age = age > 17
"#;

fn rules() -> Ruleset {
    Ruleset::from_text(RULES).unwrap_or_else(|error| panic!("{error}"))
}

fn household() -> serde_json::Value {
    json!({
        "id": "h", "rooms": 4, "since": "2025-01-31", "left": null, "work": "farmer",
        "people": [{"nik": "p", "age": 40, "born": "1985-02-03"}, {"nik": "q", "age": 7, "born": "2018-02-03"}],
    })
}

#[test]
fn every_kind_of_output_is_written_as_each_language_does() {
    let plan = rules().as_of("2026-02-15".parse().unwrap());
    let facts = plan.facts(&household()).unwrap();
    let decision = plan.decide(&facts);
    let aid = decision.programme("aid").unwrap().entitlement().unwrap();
    let explanation = plan.explain(&facts);
    let (english, indonesian) = (explanation.render(Lang::En), explanation.text(Reader::Caseworker, Lang::Id));
    let expected = [
        ("daily", "Rp10 per day", "Rp10 per hari"),
        ("day", "1 February 2025", "1 Februari 2025"),
        ("first_of", "q", "q"),
        ("flag", "yes", "ya"),
        ("gone", "none", "tidak ada"),
        ("half", "2", "2"),
        ("long", "1 year 6 months", "1 tahun 6 bulan"),
        ("monthly", "Rp10 per month", "Rp10 per bulan"),
        ("n", "8", "8"),
        ("size", "5", "5"),
        ("title", "large", "large"),
        ("weekly", "Rp10 per week", "Rp10 per minggu"),
        ("what", "Farmer", "Petani"),
        ("yearly", "Rp40 per year", "Rp40 per tahun"),
    ];
    assert_eq!(aid.outputs().count(), expected.len());
    for ((name, answer), (wanted, en, id)) in aid.outputs().zip(expected) {
        assert_eq!(name, wanted);
        assert_eq!(plan.output_in_words("aid", name, answer, Lang::En), en, "{name}");
        assert_eq!(plan.output_in_words("aid", name, answer, Lang::Id), id, "{name}");
        assert!(english.contains(&format!("  {name} = {en}\n")), "{name}: {english}");
        assert!(indonesian.contains(&format!("  {name} = {id}\n")), "{name}: {indonesian}");
    }
    // What rests on a programme says so.
    assert!(english.contains("twice = 16\n      programme `aid.n` = 8\n"), "{english}");
    assert!(
        english.contains("enough = yes\n        programme `aid` = yes\n        programme `aid.n` = 8\n"),
        "{english}"
    );
    assert!(indonesian.contains("twice = 16\n      program `aid.n` = 8\n"), "{indonesian}");
}

#[test]
fn every_kind_of_value_is_written_as_each_language_does() {
    let mut options = PlanOptions::new("2026-02-15".parse().unwrap());
    for name in ["ages", "works", "offered", "longer", "enough"] {
        options = options.show(name);
    }
    let plan = rules().plan(options).unwrap();
    let written = |household: &serde_json::Value, lang| -> Vec<String> {
        let decision = plan.decide(&plan.facts(household).unwrap());
        decision.values().map(|(name, answer)| format!("{name}: {}", plan.value_in_words(name, answer, lang))).collect()
    };
    let known = household();
    let english =
        ["ages: [40, 7]", "works: [Farmer, trader]", "offered: {days: 2, name: large}", "longer: 12", "enough: yes"];
    assert_eq!(written(&known, Lang::En), english);
    let indonesian =
        ["ages: [40, 7]", "works: [Petani, trader]", "offered: {days: 2, name: large}", "longer: 12", "enough: ya"];
    assert_eq!(written(&known, Lang::Id), indonesian);
    let mut open = household();
    open.as_object_mut().unwrap().remove("work");
    assert_eq!(written(&open, Lang::En)[1], "works: [?, trader]");
}

#[test]
fn what_a_worked_case_expects_and_gets_is_told_in_both_languages() {
    let rules = rules();
    let mut cases = rules.cases();
    let mut told = |rest: serde_json::Value, lang| -> Vec<String> {
        let mut case = json!({"id": "c", "as_of": "2026-02-15", "input": household()});
        case.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        let result = cases.run(case.to_string().as_bytes());
        result.failures().iter().map(|failure| failure.in_lang(lang).to_owned()).collect()
    };
    // What the rules say, and what is not so.
    for (name, right, wrong, line) in [
        ("longer", json!(12), json!(13), "`longer` is 12, expected 13"),
        ("ages", json!([40, 7]), json!([40]), "`ages` is [40, 7], expected [40]"),
        ("works", json!(["farmer", "trader"]), json!("farmer"), "`works` is [farmer, trader], expected farmer"),
        (
            "offered",
            json!({"days": 2, "name": "large"}),
            json!({"days": 1}),
            "`offered` is {days: 2, name: large}, expected {days: 1}",
        ),
        ("enough", json!(true), json!(false), "`enough` is true, expected false"),
        ("span", json!("1 year 6 months"), json!(null), "`span` is 1 year 6 months, expected unknown"),
    ] {
        let expect = |value: &serde_json::Value| json!({"expect": {name: value}});
        assert_eq!(told(expect(&right), Lang::En), Vec::<String>::new(), "{name}");
        assert_eq!(told(expect(&wrong), Lang::En), [line], "{name}");
        let indonesian = line.replace(" is ", " adalah ").replace("expected", "diharapkan");
        assert_eq!(told(expect(&wrong), Lang::Id), [indonesian], "{name}");
    }
    for (rest, line) in [
        (json!({"expect": 1}), "`expect` is no object"),
        (json!({"expect": {"longer": 12}, "as_of": "2026-02-30"}), "`as_of` is no date"),
        (json!({"expect": {"longer": 12}, "as_of": 1}), "`as_of` is no date"),
        (json!({"expect": {"longer": 12}, "tolerance": true}), "`tolerance` is no number from 0"),
        (json!({}), "the case expects nothing"),
        (json!({"expect": {"longer": 12}, "error": true}), "the case expects an error and an answer"),
        (json!({"error": 3}), "`error` is `true` or a path"),
        (json!({"programmes": {"own": "eligible"}}), "`own` is for members: name them"),
        (json!({"programmes": {"own": {"z": "eligible"}}}), "there is no `own[z]`"),
        (json!({"programmes": {"own": {"p": {}}}}), "nothing is expected of `own[p]`"),
        (json!({"programmes": {"aid": {"outputs": 3}}}), "`outputs` is no object"),
        (json!({"programmes": {"nothing": "eligible"}}), "the rules have no programme `nothing`"),
        (json!({"programmes": {"aid": {"outputs": {"first_of": "p"}}}}), "`aid.first_of` is q, expected p"),
        (
            json!({"programmes": {"aid": {"outputs": {"gone": "2025-01-01"}}}}),
            "`aid.gone` is none, expected 2025-01-01",
        ),
        (
            json!({"programmes": {"own": {"q": {"because": "any_room"}}}}),
            "`own[q]`: because is [grown], expected [any_room]",
        ),
    ] {
        assert_eq!(told(rest, Lang::En), [line]);
    }
}

#[test]
fn each_drawing_has_what_the_others_have() {
    let rules = rules();
    let json: serde_json::Value = serde_json::from_str(&rules.draw(GraphFormat::Json)).unwrap();
    let nodes = json["nodes"].as_array().unwrap();
    let edges = json["edges"].as_array().unwrap();
    let kind = |name: &str| nodes.iter().find(|node| node["name"] == name).map(|node| node["kind"].as_str().unwrap());
    for (name, expected) in [
        ("rooms", "fact"),
        ("Person.age", "fact"),
        ("span", "definition"),
        ("any_room", "criterion"),
        ("offer", "table"),
        ("aid", "programme"),
    ] {
        assert_eq!(kind(name), Some(expected), "{name}");
    }
    for (from, to) in [("rooms", "offer"), ("offer", "aid"), ("aid", "enough"), ("enough", "more"), ("aid", "own")] {
        assert!(edges.contains(&json!({"from": from, "to": to})), "{from} -> {to}: {edges:?}");
    }
    let count = |text: &str, what: &str| text.matches(what).count();
    let (dot, mermaid, svg) =
        (rules.draw(GraphFormat::Dot), rules.draw(GraphFormat::Mermaid), rules.draw(GraphFormat::Svg));
    assert_eq!([count(&dot, "fillcolor="), count(&mermaid, ":::"), count(&svg, "<g>")], [nodes.len(); 3]);
    assert_eq!([count(&dot, " -> "), count(&mermaid, " --> "), count(&svg, "<path ")], [edges.len(); 3]);
    // What is needed stands to the left of what needs it.
    let left = |name: &str| -> u32 {
        let at = svg.find(&format!(" {name}</title><rect x=\"")).unwrap_or_else(|| panic!("{name}: {svg}"));
        svg[at..].split('"').nth(1).unwrap().parse().unwrap()
    };
    for edge in edges {
        let [from, to] = ["from", "to"].map(|end| edge[end].as_str().unwrap());
        assert!(left(from) < left(to), "{from} -> {to}");
    }
}
