//! Formats of texts: what is refused, what rules read of a text, and what changes with them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::disallowed_methods)]

use layak::{Answer, Lang, PlanOptions, Ruleset};

const RULES: &str = "module m
format Number \"A number\" { office text 2  fixed \"-\"  day digits 2 1..31, 41..71 month digits 2 1..12 year digits 2 }
entity Home { number optional Number  plain Number  mother optional Number default none  old list of Number 0..3  people list of Person 0..9 }
entity Person { id Number key  friend optional link to Person }
define office = number.office
define day = number.day
define woman = number.day > 40
define late = plain.day >= 90
define months = sum(people.month)
define Person.month = id.month
";

fn shown(json: &str, name: &str) -> Answer {
    let rules = Ruleset::from_text(RULES).unwrap();
    let plan = rules.plan(PlanOptions::new("2026-01-15".parse().unwrap()).show(name)).unwrap();
    let decision = plan.decide(&plan.facts_from_json(json.as_bytes()).unwrap_or_else(|e| panic!("{e}")));
    decision.values().next().unwrap().1.clone()
}

fn errors(json: &str) -> Vec<(String, String)> {
    let plan = Ruleset::from_text(RULES).unwrap().as_of("2026-01-15".parse().unwrap());
    let error = plan.facts_from_json(json.as_bytes()).unwrap_err();
    error.iter().map(|e| (e.path().to_owned(), format!("{} {}", e.code(), e.message().in_lang(Lang::En)))).collect()
}

#[test]
fn parts_are_values() {
    let given = r#"{"number": "AB-570899", "people": [{"id": "XX-010203"}, {"id": "XX-010403"}]}"#;
    assert_eq!(shown(given, "office"), Answer::Text("AB".into()));
    assert_eq!(shown(given, "day"), Answer::Integer(57i64.into()));
    assert_eq!(shown(given, "woman"), Answer::Boolean(true));
    assert_eq!(shown(given, "months"), Answer::Integer(6i64.into()), "a nought before a number says nothing");
}

#[test]
fn of_a_number_not_known_the_format_is_known() {
    assert_eq!(shown("{}", "day"), Answer::Unknown);
    assert_eq!(shown("{}", "late"), Answer::Boolean(false), "no day is 90");
    assert!(matches!(shown(r#"{"number": null}"#, "day"), Answer::Failure(_)), "a number that is none has no day");
}

#[test]
fn another_structure_is_an_error_with_its_place() {
    let part = |path: &str, own: &str, needed: &str| {
        (path.to_owned(), format!("L0548 `{own}` does not have the structure of `Number`: {needed}"))
    };
    assert_eq!(errors(r#"{"number": "AB-330899"}"#), [part("number", "33", "`day` is digits 01..31, 41..71")]);
    assert_eq!(errors(r#"{"number": "AB/310899"}"#), [part("number", "/", "the fixed text is `-`")]);
    assert_eq!(errors(r#"{"old": ["AB-310899", "AB-311399"]}"#), [part("old[1]", "13", "`month` is digits 01..12")]);
    let short = "L0548 `Number` has 9 characters, and 4 are given".to_owned();
    assert_eq!(errors(r#"{"mother": "AB-3"}"#), [("mother".to_owned(), short.clone())]);
    let evidence = r#"{"number": {"evidence": [{"value": "AB-3", "source": "x"}]}}"#;
    assert!(errors(evidence).contains(&("number.evidence[0].value".to_owned(), short.clone())));
    let link = r#"{"people": [{"id": "XX-010203", "friend": "AB-3"}]}"#;
    assert_eq!(errors(link), [("people[0].friend".to_owned(), short)]);
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let schema = Ruleset::from_text(RULES).unwrap().facts_schema();
    let pattern = &schema["$defs"]["Person"]["properties"]["id"]["pattern"];
    assert_eq!(
        pattern,
        "^[^\\u0000-\\u001f\\u007f-\\u009f]{2}-(?:0[1-9]|[1-2][0-9]{1}|3[0-1]|4[1-9]|[5-6][0-9]{1}|7[0-1])(?:0[1-9]|1[0-2])[0-9]{2}$"
    );
}

#[test]
fn a_format_belongs_to_the_meaning() {
    let rules = Ruleset::from_text(RULES).unwrap();
    let told = |text: &str| rules.diff(&Ruleset::from_text(text).unwrap()).render(Lang::En);
    assert_eq!(told(&RULES.replace("month digits", "\n  # of birth\n month   digits")), "no change in meaning\n");
    let changed = told(&RULES.replace("1..12", "1..13"));
    assert!(changed.contains("changed: format `Number` (m)") && changed.contains("part `month`"), "{changed}");
    assert!(changed.contains("digits 2 1..12 -> digits 2 1..13"), "{changed}");
    let text = told(&RULES.replace("number optional Number", "number optional text").replace("define", "#"));
    assert!(text.contains("field `number`"), "{text}");
}

#[test]
fn what_is_no_format_is_told() {
    let codes = |text: &str| -> Vec<String> {
        let text = format!("module m\n{text}\nentity Home {{ number F key }}\n");
        Ruleset::from_text(&text).unwrap_err().iter().map(|f| f.code().to_string()).collect()
    };
    for format in ["format F { }", "format F { fixed \"-\" }", "format F { a digits 0 }", "format F { a digits 19 }"] {
        assert_eq!(codes(format)[0], "L0370", "{format}");
    }
    for format in ["a digits 2 5..1", "a digits 1 1..12", "a text 2 1..2", "a digits 1.5", "a text 201"] {
        assert_eq!(codes(&format!("format F {{ {format} }}"))[0], "L0370", "{format}");
    }
    assert_eq!(codes("format F { a digits 1  a digits 2 }"), ["L0202"]);
    assert_eq!(codes("format F { a digits 1 }\ndefine b = number.c"), ["L0201"]);
    assert_eq!(codes("format F { a digits 1 }\nparameter p: F = \"1\""), ["L0371"]);
    let default = "format F { a digits 1 }\nentity P { f F default \"xx\" }\nentity Q { list list of P }";
    assert!(codes(default).contains(&"L0370".to_owned()));
}
