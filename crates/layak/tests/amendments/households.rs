//! Acts for some households alone, and what decisions say of acts.

use layak::{Lang, Ruleset};
use serde_json::{Value, json};

use super::{amended, decided, found, outcome, refused, shown, sources};

// ---- acts for some households alone ---------------------------------------------------------------------------------

fn of(region: &str, desil: u8) -> Value {
    json!({"id": "1", "region": region, "desil": desil, "va": 900, "people": [{"age": 3, "ill": true}, {"age": 70, "ill": false}]})
}

#[test]
fn an_act_may_be_for_some_households_alone() {
    let rules = amended(
        "amend aid \"Pilot\" basis \"Act 5\" from 2026-01-01 until 2026-12-31 enacted 2025-12-01 when region in [\"P\", \"Q\"] {
           parameter desil_limit: integer = 6
           parameter amount(kind: text): money per month from 2026-03-01: \"a\" => IDR 150_000
           replace define Person.rate = if ill then 5 else 1
           replace table step: integer else 0
             | desil || step |
             | 1..10 || 7    |
           except in va_limit when desil = 6: 2200
         }
         define b = amount(\"b\")
         define either = amount(if desil > 4 then \"a\" else \"b\")",
    );
    let show = &["step", "va_limit", "b", "either"];
    let ask = |day: &str, facts: Value| decided(&rules, (day, day), facts, show);
    let pilot = ask("2026-03-01", of("P", 6));
    assert_eq!(pilot["programmes"]["food"]["outcome"], "eligible");
    assert_eq!(pilot["programmes"]["food"]["outputs"]["amount"], "1050000");
    assert_eq!(pilot["programmes"]["care"]["outputs"]["total"], 6);
    assert_eq!(pilot["values"], json!({"step": 7, "va_limit": 2200, "b": "200000", "either": "150000"}));
    let other = ask("2026-03-01", of("Y", 6));
    assert_eq!(other["programmes"]["food"]["outcome"], "not_eligible");
    assert_eq!(other["programmes"]["care"]["outputs"]["total"], 3);
    assert_eq!(other["values"], json!({"step": 1, "va_limit": 900, "b": "200000", "either": "100000"}));
    for (day, facts) in [("2025-12-31", of("P", 6)), ("2027-01-01", of("Q", 6))] {
        assert_eq!(ask(day, facts)["programmes"]["food"]["outcome"], "not_eligible", "{day}");
    }
    assert_eq!(ask("2026-02-28", of("P", 6))["values"]["either"], "100000");
    let early = decided(&rules, ("2026-03-01", "2025-11-30"), of("P", 6), &[]);
    assert_eq!(early["programmes"]["food"]["outcome"], "not_eligible");
    // Where it is not known for whom, the answer is what both ways allow.
    let mut unknown = of("P", 6);
    unknown.as_object_mut().unwrap().remove("region");
    let open = ask("2026-03-01", unknown.clone());
    assert_eq!(open["programmes"]["food"]["outcome"], "undetermined");
    assert_eq!(open["programmes"]["food"]["missing"][0]["fact"], "region");
    assert_eq!(open["programmes"]["care"]["bounds"]["total"], json!([3, 6]));
    unknown["desil"] = json!(9);
    assert_eq!(ask("2026-03-01", unknown)["programmes"]["food"]["outcome"], "not_eligible");
}

#[test]
fn a_criterion_of_an_act_gives_the_reasons_of_the_act() {
    let rules = amended(
        "amend aid \"Pilot\" basis \"Act 5\" from 2026-01-01 when region = \"P\" {
           replace criterion poor \"Poorest\" when desil <= 2 otherwise \"Only {desil} in the pilot\"
           repeal low_power
         }",
    );
    let day = ("2026-01-01", "2026-01-01");
    let reasons = |facts: Value| decided(&rules, day, facts, &["poor"])["programmes"]["food"]["reasons"].clone();
    let told = |reason: &Value| (reason["text"].clone(), reason["basis"].clone());
    assert_eq!(told(&reasons(of("P", 3))[0]), (json!("Only 3 in the pilot"), json!("Act 5")));
    assert_eq!(told(&reasons(of("Y", 5))[0]), (json!("Decile 5 above 4"), json!("Decree 79")));
    assert_eq!(reasons(of("P", 3)).as_array().unwrap().len(), 1);
    assert_eq!(reasons(of("Y", 3)), json!([]));
    assert_eq!(shown(&rules, "2026-01-01", of("P", 3), "poor"), false);
    assert_eq!(shown(&rules, "2026-01-01", of("Y", 3), "poor"), true);
    // Repealed there, in force elsewhere.
    let mut strong = of("P", 2);
    strong["va"] = json!(9_000);
    assert_eq!(outcome(&rules, "2026-01-01", strong.clone(), "food"), "eligible");
    assert_eq!(shown(&rules, "2026-01-01", strong.clone(), "low_power")["error"]["code"], "L0501");
    strong["region"] = json!("Y");
    assert_eq!(outcome(&rules, "2026-01-01", strong, "food"), "not_eligible");
    // An explanation names the criteria that count for the household.
    let plan = rules.as_of("2026-01-01".parse().unwrap());
    let explain = |facts: Value| plan.explain(&plan.facts(&facts).unwrap()).render(Lang::En);
    let there = explain(of("P", 3));
    assert!(there.contains("Poorest") && !there.contains("requires Poor:") && !there.contains("low_power"), "{there}");
    let elsewhere = explain(of("Y", 3));
    assert!(!elsewhere.contains("Poorest") && elsewhere.contains("requires Poor:"), "{elsewhere}");
}

#[test]
fn a_programme_may_differ_for_some_households() {
    let rules = amended(
        "criterion young when any(people where age < 6)
         amend aid \"Pilot\" basis \"Act 6\" from 2026-01-01 until 2026-12-31 when region = \"P\" {
           replace programme food requires poor, young gives amount = IDR 1_000_000 per month
           programme pilot requires poor gives n = 3
         }
         amend aid basis \"Act 7\" from 2026-01-01 when region = \"Z\" { repeal food }",
    );
    let day = ("2026-01-01", "2026-01-01");
    let ask = |facts: Value| decided(&rules, day, facts, &[])["programmes"].clone();
    let mut facts = of("P", 3);
    facts["va"] = json!(9_000);
    let pilot = ask(facts.clone());
    assert_eq!(pilot["food"]["outputs"]["amount"], "1000000");
    assert_eq!(pilot["pilot"]["outputs"]["n"], 3);
    facts["people"] = json!([]);
    assert_eq!(ask(facts.clone())["food"]["reasons"][0]["criterion"], "young");
    facts["region"] = json!("Y");
    let other = ask(facts.clone());
    assert_eq!(other["food"]["reasons"][0]["criterion"], "low_power");
    assert_eq!(other["food"]["reasons"].as_array().unwrap().len(), 1);
    assert_eq!(other["pilot"]["outcome"], "not_eligible");
    assert_eq!(other["pilot"]["reasons"][0]["criterion"], "in_force");
    facts["va"] = json!(900);
    assert_eq!(ask(facts.clone())["food"]["outputs"]["amount"], "100000");
    facts["region"] = json!("Z");
    let repealed = ask(facts.clone());
    assert_eq!(repealed["food"]["outcome"], "not_eligible");
    assert_eq!(
        (&repealed["food"]["reasons"][0]["criterion"], &repealed["food"]["reasons"][0]["basis"]),
        (&json!("in_force"), &json!("Act 7"))
    );
    for day in ["2025-12-31", "2027-01-01"] {
        facts["region"] = json!("P");
        let before = decided(&rules, (day, day), facts.clone(), &[])["programmes"].clone();
        assert_eq!(before["food"]["outputs"]["amount"], "100000", "{day}");
        assert_eq!(before["pilot"]["outcome"], "not_eligible", "{day}");
    }
}

/// What is enacted later and for all goes over what is for some, and the other way round.
#[test]
fn acts_for_some_and_for_all_count_by_their_dates() {
    let rules = amended(
        "amend aid from 2026-01-01 enacted 2025-06-01 when region = \"P\" {
           parameter desil_limit: integer = 6
           replace define va_limit = 600
           replace criterion low_power when va <= 100
           replace programme care requires has_ill gives total = 600
         }
         amend aid from 2026-06-01 enacted 2026-05-01 {
           parameter desil_limit: integer = 5
           replace define va_limit = 500
           repeal low_power
           replace programme care requires has_ill gives total = 500
         }
         amend aid from 2026-09-01 enacted 2026-08-01 when region = \"P\" {
           parameter desil_limit: integer = 7
           replace define va_limit = 700
           replace criterion low_power when va <= 50
           replace programme care requires has_ill gives total = 700
         }
         define limit = desil_limit",
    );
    let ask = |day: &str, region: &str| {
        let decision = decided(&rules, (day, day), of(region, 2), &["limit", "va_limit"]);
        (
            decision["values"]["limit"].clone(),
            decision["values"]["va_limit"].clone(),
            decision["programmes"]["care"]["outputs"]["total"].clone(),
            decision["programmes"]["food"]["outcome"].clone(),
        )
    };
    let right = |limit: i32, va: i32, total: i32, food: &str| (json!(limit), json!(va), json!(total), json!(food));
    assert_eq!(ask("2025-12-31", "P"), right(4, 900, 3, "eligible"));
    assert_eq!(ask("2026-01-01", "P"), right(6, 600, 600, "not_eligible"));
    assert_eq!(ask("2026-01-01", "Y"), right(4, 900, 3, "eligible"));
    assert_eq!(ask("2026-06-01", "P"), right(5, 500, 500, "eligible"));
    assert_eq!(ask("2026-06-01", "Y"), right(5, 500, 500, "eligible"));
    assert_eq!(ask("2026-09-01", "P"), right(7, 700, 700, "not_eligible"));
    assert_eq!(ask("2026-09-01", "Y"), right(5, 500, 500, "eligible"));
}

/// A rule that has ended may go on for some households.
#[test]
fn what_has_ended_may_go_on_for_some() {
    let base = "module aid\nentity H { region text  a boolean }\ndefine x until 2025-12-31 = 1\ncriterion c until 2025-12-31 when a\n\
                programme p until 2025-12-31 requires c gives n = x";
    let act = "module act\namend aid from 2026-01-01 when region = \"P\" {\nreplace define x = 2\nreplace criterion c when a\nreplace programme p requires c gives n = x }";
    let rules = Ruleset::from_text(base).unwrap().amended(&sources(&[("act.layak", act)])).unwrap();
    let ask = |day: &str, region: &str| decided(&rules, (day, day), json!({"region": region, "a": true}), &["x"]);
    assert_eq!(ask("2025-12-31", "P")["programmes"]["p"]["outputs"]["n"], 1);
    assert_eq!(ask("2026-01-01", "P")["programmes"]["p"]["outputs"]["n"], 2);
    let other = ask("2026-01-01", "Y");
    assert_eq!(other["values"]["x"]["error"]["code"], "L0501");
    assert_eq!(other["programmes"]["p"]["outcome"], "not_eligible");
    assert_eq!(other["programmes"]["p"]["reasons"][0]["criterion"], "in_force");
}

#[test]
fn acts_of_one_date_are_for_households_that_exclude_each_other() {
    let acts = |one: &str, two: &str, what: &str, other: &str| {
        format!("amend aid from 2026-01-01 {one} {{\n{what} }}\namend aid from 2026-01-01 {two} {{\n{other} }}")
    };
    for (what, other) in [
        ("parameter desil_limit: integer = 5", "parameter desil_limit: integer = 6"),
        ("replace define va_limit = 1", "replace define va_limit = 2"),
        ("replace criterion poor when yes", "repeal poor"),
        ("replace programme food requires poor gives amount = amount(\"a\")", "repeal food"),
    ] {
        for (one, two) in [
            ("when region = \"P\"", "when region in [\"Q\", \"R\"] and desil = 3"),
            ("when desil in [1, 2]", "when 3 = desil"),
        ] {
            amended(&acts(one, two, what, other));
        }
        for (one, two) in [
            ("", "when region = \"P\""),
            ("when region = \"P\"", "when desil = 3"),
            ("when region = \"P\"", "when region in [\"P\", \"R\"]"),
            ("when region = \"P\" or desil = 1", "when region = \"Q\""),
        ] {
            assert_eq!(
                refused(&acts(one, two, what, other)),
                found("L0232", &["act.layak:5", "act.layak:3"]),
                "{one} {two}"
            );
        }
    }
}

#[test]
fn what_cannot_differ_between_households_is_told() {
    let act = |inner: &str| format!("amend aid from 2026-01-01 when region = \"P\" {{\n{inner}\n}}");
    for inner in [
        "replace programme food requires poor gives amount = amount(\"a\"), more = 1",
        "replace programme food requires poor",
        "replace programme food requires poor gives amount = amount(\"a\") excludes care",
    ] {
        let found = refused(&act(inner));
        assert_eq!((found[0].0.as_str(), found[0].1.len(), found.len()), ("L0237", 2, 1), "{inner} {found:?}");
    }
    let base = "module aid\nentity H { region text  n integer }\nparameter list: list of integer from 2025-01-01: [1]\ndefine big = n in list\n\
                table t\n | n || a | b |\n | > 1 || 1 | 2 |\ndefine all = [n, 2]";
    for inner in [
        "parameter list: list of integer = [2]",
        "replace table t\n | n || a | b |\n | > 1 || 2 | 2 |",
        "replace define all = [n]",
    ] {
        let text = format!("module act\n{}", act(inner));
        let found = Ruleset::from_text(base).unwrap().amended(&sources(&[("act.layak", &text)])).err().unwrap();
        assert_eq!(found.iter().map(|f| f.code().to_string()).collect::<Vec<_>>(), ["L0237"], "{inner}");
    }
    // The condition of an act is a value of the household.
    assert_eq!(refused("amend aid when desil { repeal poor }")[0].0, "L0301");
    assert_eq!(refused("amend aid when age > 3 { repeal poor }")[0].0, "L0201");
}

/// Rates, brackets and tables whose ends are a parameter that differs between households.
#[test]
fn scales_and_texts_ask_for_the_value_of_the_household() {
    let base = "module aid\nentity H { region text  income number }\nparameter free: number from 2025-01-01: 100\n\
                scale tax of income: marginal { 0..free => 0%  free..1000 => 10%  1000.. => 20% }\n\
                criterion low when income <= free otherwise \"above {free}\"\nprogramme p requires low\n\
                table t: integer\n | income || t |\n | <= free || 1 |\n | > free || 2 |";
    let act = "module act\namend aid from 2026-01-01 when region = \"P\" { parameter free: number = 300 }";
    let rules = Ruleset::from_text(base).unwrap().amended(&sources(&[("act.layak", act)])).unwrap();
    let ask = |region: Option<&str>| {
        let mut facts = json!({"income": 400});
        if let Some(region) = region {
            facts["region"] = json!(region);
        }
        decided(&rules, ("2026-01-01", "2026-01-01"), facts, &["tax", "t"])
    };
    assert_eq!(ask(Some("P"))["values"], json!({"tax": "10", "t": 2}));
    assert_eq!(ask(Some("Y"))["values"], json!({"tax": "30", "t": 2}));
    assert_eq!(ask(None)["values"]["t"], 2);
    assert_eq!(ask(None)["bounds"]["tax"], json!(["10", "30"]));
    assert_eq!(ask(Some("P"))["programmes"]["p"]["reasons"][0]["text"], "above 300");
    assert_eq!(ask(Some("Y"))["programmes"]["p"]["reasons"][0]["text"], "above 100");
}

// ---- what decisions say of acts -------------------------------------------------------------------------------------

#[test]
fn reasons_name_the_acts_that_changed_what_they_rest_on() {
    let rules = amended(
        "amend aid \"Raise\" basis id \"UU 1\" en \"Act 1\" from 2026-01-01 enacted 2025-12-01 {
           parameter desil_limit: integer = 2
           replace define Person.rate = 4
         }
         amend aid \"Pilot\" basis \"Act 5\" from 2026-01-01 enacted 2026-02-01 when region = \"P\" { parameter desil_limit: integer = 3 }",
    );
    let reason = |day: &str, region: &str| {
        decided(&rules, (day, day), of(region, 4), &[])["programmes"]["food"]["reasons"][0].clone()
    };
    assert_eq!(reason("2025-12-31", "Y"), Value::Null);
    let raise = json!({"rule": "desil_limit", "act": "Raise", "basis": "Act 1", "at": "act.layak:2:1"});
    let pilot = json!({"rule": "desil_limit", "act": "Pilot", "basis": "Act 5", "at": "act.layak:6:10"});
    assert_eq!(reason("2026-01-01", "Y")["amended"], json!([raise]));
    assert_eq!(reason("2026-02-01", "Y")["amended"], json!([raise]));
    assert_eq!(reason("2026-02-01", "P")["amended"], json!([raise, pilot]));
    assert_eq!(reason("2026-02-01", "P")["basis"], "Decree 79");
    let plan = rules.as_of("2026-02-01".parse().unwrap());
    let explained = plan.explain(&plan.facts(&of("P", 3)).unwrap());
    let text = explained.render(Lang::Id);
    assert!(text.contains("      `desil_limit` sebagaimana diubah dengan Raise act.layak:2:1 (UU 1)\n"), "{text}");
    assert!(text.contains("  `Person.rate` sebagaimana diubah dengan Raise act.layak:2:1 (UU 1)\n"), "{text}");
    assert!(text.contains("pengecualian act.layak:6:"), "{text}");
    let json = serde_json::to_value(explained.to_json(Lang::En)).unwrap();
    let care = &json["reasoning"][0];
    assert_eq!(care["programme"], "care");
    assert_eq!(care["amended"][0]["rule"], "Person.rate");
    let poor =
        json["reasoning"][1]["conditions"].as_array().unwrap().iter().find(|c| c["criterion"] == "poor").unwrap();
    assert_eq!(poor["amended"], json!([raise, pilot]));
    assert_eq!(poor["exceptions"][0]["rule"], "desil_limit");
}

/// A later act for all changes one key; what an earlier one made of the others for some stays.
#[test]
fn a_parameter_replaced_for_some_gives_way_by_key() {
    let rules = amended(
        "amend aid from 2026-01-01 enacted 2025-06-01 when region = \"P\" {
           replace parameter amount(kind: text): money per month = \"a\" => IDR 1  \"b\" => IDR 2
         }
         amend aid from 2026-01-01 enacted 2025-07-01 { parameter amount(kind: text): money per month = \"a\" => IDR 3 }
         amend aid from 2026-01-01 enacted 2025-08-01 when region = \"Q\" { repeal amount }
         define a = amount(\"a\")
         define b = amount(\"b\")",
    );
    let ask =
        |region: &str| decided(&rules, ("2026-01-01", "2026-01-01"), of(region, 3), &["a", "b"])["values"].clone();
    assert_eq!(ask("P"), json!({"a": "3", "b": "2"}));
    assert_eq!(ask("Y"), json!({"a": "3", "b": "200000"}));
    assert_eq!([&ask("Q")["a"]["error"]["code"], &ask("Q")["b"]["error"]["code"]], ["L0502", "L0502"]);
}

/// What an act repeals for all, a later one may have again for some.
#[test]
fn what_is_repealed_may_come_again_for_some() {
    let rules = amended(
        "amend aid from 2026-01-01 enacted 2025-06-01 { repeal poor  repeal care }
         amend aid from 2026-01-01 enacted 2025-07-01 when region = \"P\" {
           replace criterion poor when desil <= 2
           replace programme care requires has_ill gives total = 1
         }",
    );
    let ask = |region: &str| decided(&rules, ("2026-01-01", "2026-01-01"), of(region, 5), &[])["programmes"].clone();
    assert_eq!(ask("P")["food"]["reasons"][0]["criterion"], "poor");
    assert_eq!(ask("Y")["food"]["outcome"], "eligible");
    assert_eq!(ask("P")["care"]["outputs"]["total"], 1);
    assert_eq!(ask("Y")["care"]["reasons"][0]["criterion"], "in_force");
}

#[test]
fn the_exceptions_of_rules_list_what_holds_for_some() {
    let rules =
        amended("amend aid basis \"Act 5\" from 2026-01-01 when region = \"P\" { replace define va_limit = 2200 }");
    let listed = rules.exceptions(layak::ExceptionsFormat::Text, Lang::En);
    assert!(listed.contains("except when region = \"P\": 2200, from 2026-01-01 (Act 5)  act.layak:2\n"), "{listed}");
    // A drawing shows what an act makes of a rule with the rule, and nothing beside.
    let drawn = rules.draw(layak::GraphFormat::Mermaid);
    assert_eq!(drawn.matches("va_limit").count(), base_drawn().matches("va_limit").count(), "{drawn}");
}

fn base_drawn() -> String {
    super::base().draw(layak::GraphFormat::Mermaid)
}

/// What acts put in is no rule of its own that could be unused, hidden or out of time.
#[test]
fn check_has_nothing_to_say_of_acts_that_are_used() {
    let told = |rules: &Ruleset| -> std::collections::BTreeSet<(String, String)> {
        let found = rules.analyse();
        found.iter().map(|f| (f.code().to_string(), f.message().in_lang(Lang::En).to_owned())).collect()
    };
    let base = told(&super::base());
    for act in [
        "amend aid basis \"Act 8\" from 2026-01-01 enacted 2025-12-01 { parameter desil_limit: integer = 6  replace criterion poor when desil <= desil_limit
           replace define Person.rate = 3  repeal low_power  except in va_limit when region = \"P\": 3 }",
        "amend aid basis \"Act 8\" from 2026-01-01 when region = \"P\" { parameter desil_limit: integer = 6  replace criterion poor when desil <= desil_limit
           replace define Person.rate = 3  repeal low_power  except in va_limit when desil = 3: 3
           parameter amount(kind: text): money per month = \"a\" => IDR 3
           replace table step: integer else 0
             | desil || step |
             | 1..10 || 7    |
           replace programme care requires has_ill gives total = sum(people.rate) }",
        "amend aid basis \"Act 8\" from 2026-01-01 enacted 2025-12-01 when region = \"P\" { replace define va_limit = 3 }
         amend aid basis \"Act 9\" from 2026-06-01 { replace define va_limit = 4 }",
    ] {
        let mine: Vec<_> = told(&amended(act)).difference(&base).cloned().collect();
        assert_eq!(mine, [], "{act}");
    }
}

#[test]
fn a_diff_tells_what_an_act_changes_and_nothing_else() {
    let base = super::base();
    let told = |act: &str| -> (Vec<String>, Vec<String>) {
        let diff = base.diff(&amended(act));
        let sorted = |mut names: Vec<String>| {
            names.sort();
            names
        };
        let changes = diff.changes().iter().map(|c| c.declaration().name().to_owned()).collect();
        (sorted(changes), sorted(diff.affected().iter().map(|a| a.declaration().name().to_owned()).collect()))
    };
    for when in ["", "when region = \"P\""] {
        for (what, changed, affected) in [
            ("parameter desil_limit: integer = 6", ["desil_limit"], vec!["food", "poor"]),
            ("replace define va_limit = 6", ["va_limit"], vec!["food", "low_power"]),
            ("repeal va_limit", ["va_limit"], vec!["food", "low_power"]),
            ("except in va_limit when desil = 1: 3", ["va_limit"], vec!["food", "low_power"]),
            ("replace programme care requires has_ill gives total = 1", ["care"], vec![]),
        ] {
            let (changes, rest) = told(&format!("amend aid from 2026-01-01 {when} {{ {what} }}"));
            assert_eq!(
                (changes, rest),
                (changed.map(str::to_owned).to_vec(), affected.into_iter().map(str::to_owned).collect()),
                "{what} {when}"
            );
        }
    }
}
