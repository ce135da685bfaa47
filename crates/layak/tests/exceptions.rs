//! Exceptions as they are listed and explained.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods)]

use layak::{ExceptionsFormat, Lang, Ruleset};
use serde_json::{Value, json};

/// The text between the fences of the first block of a kind.
fn block<'a>(page: &'a str, kind: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("```{kind}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn the_reference_shows_the_list_of_its_own_rules() {
    let page = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/language/11-exceptions.md"),
    )
    .unwrap();
    let rules = Ruleset::from_text(block(&page, "layak")).unwrap();
    assert_eq!(rules.exceptions(ExceptionsFormat::Text, Lang::En), block(&page, "text"));
}

/// Groups of two that are exceptions to one another would make a tree that doubles with every level.
#[test]
fn exceptions_below_several_are_written_out_once() {
    let mut text = String::from("module m\nentity H { a boolean }\ndefine x = 0\n");
    for level in 0..200 {
        let to = if level == 0 { String::new() } else { format!(" to l{}", level - 1) };
        for value in 0..2 {
            text.push_str(&format!("  except l{level}{to} when a: {}\n", level * 2 + value));
        }
    }
    let rules = Ruleset::from_text(&text).unwrap();
    let listed = rules.exceptions(ExceptionsFormat::Text, Lang::En);
    // Each but the first two stands below two others, so that all but these are named twice.
    assert_eq!(listed.lines().count(), 1 + 2 + 2 * 2 * 199);
    assert_eq!(listed.lines().filter(|l| l.contains("as above")).count(), 2 * 199);
    assert!(listed.contains("[41] except l40 when a: 80  rules.layak:84\n"), "{listed}");
    assert_eq!(rules.exceptions(ExceptionsFormat::Json, Lang::En).lines().count(), 1);
}

const RULES: &str = "module m
entity H { trades boolean  vulnerable boolean  desil integer 1..10  members list of P }
entity P { nik text key  age integer }
define power = 900
  except trade when trades: 2200   basis id \"Keputusan 3\" en \"Decree 3\"
  except to trade when vulnerable: 3500
  except rank when desil = 1: 4000   priority 2
define P.limit = 5
  except child when age < 6: 9
criterion poor when desil <= 4
  except when vulnerable: desil <= 6
criterion some_child when any(members each limit > 8)
define unused = 1
  except when trades: 2
criterion either when if desil > 0 then poor else unused > 1
programme p requires poor, some_child, either gives power = power
";

/// The exceptions of the one programme: of a condition or an output, as `label or line, element, state`.
fn held(facts: &Value, list: &str, name: &str) -> Vec<(String, Option<String>, String)> {
    let plan = Ruleset::from_text(RULES).unwrap().as_of("2026-01-01".parse().unwrap());
    let explanation = plan.explain(&plan.facts(facts).unwrap());
    let json = serde_json::to_value(explanation.to_json(Lang::En)).unwrap();
    let key = if list == "outputs" { "output" } else { "criterion" };
    let part = json["reasoning"][0][list].as_array().unwrap().iter().find(|c| c[key] == name).unwrap();
    let text = |v: &Value| v.as_str().map(str::to_owned);
    let name = |e: &Value| text(&e["label"]).or(text(&e["place"])).unwrap();
    let exceptions = part["exceptions"].as_array().unwrap();
    exceptions.iter().map(|e| (name(e), text(&e["element"]), text(&e["state"]).unwrap())).collect()
}

fn of(list: &[(&str, Option<&str>, &str)]) -> Vec<(String, Option<String>, String)> {
    list.iter().map(|(n, e, s)| ((*n).to_owned(), e.map(str::to_owned), (*s).to_owned())).collect()
}

#[test]
fn an_explanation_tells_which_exceptions_held() {
    let members = json!([{"nik": "a", "age": 40}, {"nik": "b", "age": 3}, {"nik": "c"}]);
    let facts = json!({"trades": true, "vulnerable": false, "desil": 3, "members": members});
    let power = held(&facts, "outputs", "power");
    let (to_trade, of_poor) = ("rules.layak:6:3", "rules.layak:11:3");
    assert_eq!(
        power,
        of(&[("trade", None, "holds"), (to_trade, None, "does_not_hold"), ("rank", None, "does_not_hold")])
    );
    assert_eq!(held(&facts, "conditions", "poor"), of(&[(of_poor, None, "does_not_hold")]));
    // It is asked of each member, and told of the one for whom it decides.
    assert_eq!(held(&facts, "conditions", "some_child"), of(&[("child", Some("members[1]"), "holds")]));
    let none = json!([{"nik": "a", "age": 40}, {"nik": "c"}]);
    let none = json!({"trades": true, "vulnerable": false, "desil": 3, "members": none});
    assert_eq!(
        held(&none, "conditions", "some_child"),
        of(&[("child", Some("members[0]"), "does_not_hold"), ("child", Some("members[1]"), "not_known")])
    );
    // What the other arm of a choice rests on has no part.
    assert_eq!(held(&facts, "conditions", "either"), of(&[(of_poor, None, "does_not_hold")]));
    // One that does not hold has no exceptions that count, nor has one that gives way to a higher priority.
    let facts = json!({"trades": false, "desil": 3, "members": members});
    assert_eq!(
        held(&facts, "outputs", "power"),
        of(&[("trade", None, "does_not_hold"), ("rank", None, "does_not_hold")])
    );
    assert_eq!(held(&facts, "conditions", "poor"), of(&[(of_poor, None, "not_known")]));
    let facts = json!({"trades": true, "desil": 1, "members": members});
    assert_eq!(held(&facts, "outputs", "power"), of(&[("rank", None, "holds")]));
    // Unknown: it may hold, and so may those to it.
    let facts = json!({"desil": 2, "members": members});
    assert_eq!(
        held(&facts, "outputs", "power"),
        of(&[("trade", None, "not_known"), (to_trade, None, "not_known"), ("rank", None, "does_not_hold")])
    );
}

#[test]
fn an_explanation_names_exceptions_in_words() {
    let plan = Ruleset::from_text(RULES).unwrap().as_of("2026-01-01".parse().unwrap());
    let facts = json!({"trades": true, "desil": 3, "members": [{"nik": "b", "age": 3}]});
    let explanation = plan.explain(&plan.facts(&facts).unwrap());
    let en = explanation.render(Lang::En);
    let lines = [
        "  power = not settled\n",
        "      exception `trade` (rules.layak:5:3) to `power`: holds (Decree 3)\n",
        "      exception rules.layak:6:3 to `power`: not known\n",
        "      exception `rank` (rules.layak:7:3) to `power`: does not hold\n",
        "        exception `child` (rules.layak:9:3) to `P.limit` [members[0]]: holds\n",
    ];
    for line in lines {
        assert!(en.contains(line), "{en}");
    }
    let id = explanation.render(Lang::Id);
    assert!(id.contains("pengecualian `trade` (rules.layak:5:3) terhadap `power`: berlaku (Keputusan 3)\n"), "{id}");
}

/// An exception that the law of the day settles is told all the same, and whether it holds; one that is not in force is not.
#[test]
fn exceptions_that_a_parameter_settles_are_told() {
    let rules = Ruleset::from_text(
        "module m\nentity H { a boolean }\nparameter crisis: boolean\n  from 2025-01-01: no\n  from 2026-01-01: yes\n\
         define limit = 4\n  except crisis_rule when crisis: 6\n  except when a: 6   until 2026-06-30\nprogramme p gives limit = limit\n",
    )
    .unwrap();
    let told = |day: &str| {
        let plan = rules.as_of(day.parse().unwrap());
        let text = plan.explain(&plan.facts(&json!({"a": false})).unwrap()).render(Lang::En);
        text.lines().filter(|l| l.contains("limit")).map(str::to_owned).collect::<Vec<_>>()
    };
    let [a, crisis, none] = [
        "      exception rules.layak:8:3 to `limit`: does not hold",
        "      exception `crisis_rule` (rules.layak:7:3) to `limit`: holds",
        "      exception `crisis_rule` (rules.layak:7:3) to `limit`: does not hold",
    ];
    assert_eq!(told("2025-03-01"), ["  limit = 4", none, a]);
    assert_eq!(told("2026-03-01"), ["  limit = 6", crisis, a]);
    assert_eq!(told("2026-09-01"), ["  limit = 6", crisis]);
}
