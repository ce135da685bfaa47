//! Faults that were reported against other engines, each with the value that is right. The references stand beside each.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use layak::{Lang, PlanOptions, Ruleset};
use serde_json::{Value, json};

/// The values of names on a date.
fn shown(rules: &str, day: &str, facts: Value, names: &[&str]) -> Value {
    let rules = Ruleset::from_text(rules).unwrap();
    let mut options = PlanOptions::new(day.parse().unwrap());
    for name in names {
        options = options.show(*name);
    }
    let plan = rules.plan(options).unwrap();
    let decision = plan.decide(&plan.facts(&facts).unwrap());
    serde_json::to_value(decision.to_json(None, Lang::En)).unwrap()
}

const ENTITY: &str = "module m\nentity H { n number  a boolean  b boolean  d date  list list of number  yes_no list of boolean  t text  members integer }\n";

/// One expression over an entity of assorted facts, under a calendar.
fn under(calendar: &str, expression: &str, facts: Value) -> Value {
    let rules = format!("{}define v = {expression}\n", ENTITY.replacen('\n', &format!("\ncalendar {calendar}\n"), 1));
    let rules = rules.replace("  list list", "  `list` list");
    shown(&rules, "2026-01-01", facts, &["v"])["values"]["v"].clone()
}

fn of(expression: &str) -> Value {
    with(expression, json!({}))
}

fn with(expression: &str, facts: Value) -> Value {
    under("leap_day march_1, month_end clip", expression, facts)
}

fn findings(rules: &str) -> Vec<(String, String)> {
    let findings = Ruleset::from_text(rules).err().unwrap();
    let text = findings.to_string();
    findings.iter().map(|f| (f.code().to_string(), text.clone())).collect()
}

#[test]
fn ages_and_days() {
    // mikaello/norwegian-national-id-validator#307, kenn/age_calculator#4: the calendar says when someone of 29 February has the birthday.
    for (calendar, ages) in [("march_1", [34, 35]), ("february_28", [35, 35])] {
        let calendar = format!("leap_day {calendar}, month_end clip");
        for (day, age) in ["2019-02-28", "2019-03-01"].into_iter().zip(ages) {
            assert_eq!(under(&calendar, &format!("years from 1984-02-29 to {day}"), json!({})), age);
        }
    }
    // FirelyTeam/firely-cql-sdk#189
    assert_eq!(of("years from 2003-03-01 to 2024-02-29"), 20);
    // alphagov/smart-answers#1443
    assert_eq!(of("1956-02-29 + 65 years"), "2021-03-01");
    assert_eq!(of("years from 1956-02-29 to 2021-03-01"), 65);
    // EdgeVerve/feel#13, CatalaLang/catala#959
    assert_eq!(of("2018-07-31 - 1 month"), "2018-06-30");
    assert_eq!(of("2018-05-31 - 1 month"), "2018-04-30");
    assert_eq!(under("leap_day march_1, month_end next", "2018-05-31 - 1 month", json!({})), "2018-05-01");
    let undeclared = findings("module m\nentity H { d date }\ndefine v = 2018-05-31 - 1 month\n");
    assert_eq!(undeclared[0].0, "L0304", "without a calendar there is no answer to choose");
    // chronotope/chrono#838
    assert_eq!(of("(2022-01-31 + 1 month) + 1 month"), "2022-03-28");
    assert_eq!(of("2022-01-31 + 2 months"), "2022-03-31");
    // stomita/sformula#81
    assert_eq!(of("2022-04-30 + 1 month"), "2022-05-30");
    assert_eq!(of("last_day_of_month(2022-04-30 + 1 month)"), "2022-05-31");
    // cel-expr/cel-go#182
    assert_eq!(of("month_of(2009-02-13)"), 2);
}

#[test]
fn parameters_in_time() {
    let at = |versions: &str, day: &str| {
        let rules = format!("module m\nentity H {{ a integer }}\nparameter p: number\n{versions}define v = p\n");
        shown(&rules, day, json!({}), &["v"])["values"]["v"].clone()
    };
    // openfisca/openfisca-france#1859: `until` is the last day on which a version holds.
    let rows = "  from 2022-01-01 until 2022-03-31: 5\n";
    assert_eq!(at(rows, "2022-03-31"), "5");
    assert_eq!(at(rows, "2022-04-01")["error"]["code"], "L0501");
    // openfisca/openfisca-france#353
    let ended = at("  from 2006-01-01 until 2012-12-31: 0.0018\n", "2013-06-01");
    let text = ended["error"]["text"].as_str().unwrap();
    assert!(text.contains("`p`") && text.contains("2013-06-01"), "{text}");
    // PolicyEngine/policyengine-app#1449
    let rows = "  from 2023-01-01: 0.12\n  from 2024-01-06: 0.10\n";
    assert_eq!((at(rows, "2024-01-05"), at(rows, "2024-01-06")), (json!("0.12"), json!("0.1")));
    // DTRules/DTRules#1273: there is no clock in the language.
    assert!(!findings("module m\nentity H { a integer }\ndefine v = today\n").is_empty());
}

#[test]
fn decimals_are_exact() {
    for (expression, value) in [
        // paupino/rust-decimal#111 and #376
        (
            "(844.13000000 - 843.65000000) * 0.1818181818181818181818181818 + 843.65000000",
            "843.737272727272727272727272727264",
        ),
        ("590.3274854004009467754255123 / 53.68997202826239", "10.99511627775951685052168999"),
        // gorules/jdm-editor#236, nikku/feelin#109, microsoft/regorus#500
        ("1.5 + 0.1", "1.6"),
        ("2 * 0.3", "0.6"),
        ("10 / 4", "2.5"),
        ("1.1 + 1.3", "2.4"),
        ("15.3 / 3", "5.1"),
        // publicodes/publicodes#549, betagouv/mon-entreprise#1358, publicodes/publicodes#820
        ("round(4.55, to: 0.1, half_up)", "4.6"),
        ("round(1000.5 * 2, to: 0.5, half_up)", "2001"),
        // vectordotdev/vrl#254
        ("9223372036854775807 / 1", "9223372036854775807"),
        // PolicyEngine/policyengine-us#9171
        ("round(10_000_000 * (2 / 37), to: 0.01, half_up)", "540540.54"),
        // openfisca/openfisca-core#1378
        ("round(426_326_300 * 0.16, to: 0.01, half_up)", "68212208"),
    ] {
        assert_eq!(of(expression), value, "{expression}");
    }
    for (expression, value) in [
        ("round(50% * 9.8, half_up)", 5),
        ("round(187654, to: 1_000, down)", 187_000),
        ("round(12345, to: 10, half_up)", 12350),
        // paupino/rust-decimal#429: the mode stands in the rule.
        ("round(6.5, half_even)", 6),
        ("round(7.5, half_even)", 8),
        ("round(6.5, half_up)", 7),
        ("round(6.5, half_down)", 6),
        ("round(7.5, half_down)", 7),
    ] {
        assert_eq!(of(expression), value, "{expression}");
    }
    // paupino/rust-decimal#402, serde-rs/json#18, gorules/zen#253: from the text of the JSON, never through a float.
    for (json, value) in [
        ("4.81", "4.81"),
        ("1.0", "1"),
        ("1.1234127836128763", "1.1234127836128763"),
        ("0.1", "0.1"),
        ("9007199254740993", "9007199254740993"),
        ("123456789012345678.90", "123456789012345678.9"),
        ("0.000001", "0.000001"),
        ("1e-6", "0.000001"),
    ] {
        let rules = Ruleset::from_text("module m\nentity H { n number }\ndefine v = n\n").unwrap();
        let plan = rules.plan(PlanOptions::new("2026-01-01".parse().unwrap()).show("v")).unwrap();
        let decision = plan.decide(&plan.facts_from_json(format!("{{\"n\":{json}}}").as_bytes()).unwrap());
        let shown = serde_json::to_value(decision.to_json(None, Lang::En)).unwrap()["values"]["v"].clone();
        assert_eq!(shown, value, "{json}");
    }
}

#[test]
fn faults_are_told_where_they_are() {
    // camunda/feel-scala#20, cedar-policy/cedar#63: a fault is neither unknown, nor 0, nor a refusal, and stays with its own rule.
    let rules = "module m\nentity H { members integer  n number }\ncriterion c when 120 / members > 1\ncriterion sound when n > 1\n\
                 programme p requires c\nprogramme q requires sound\n";
    let decided = shown(rules, "2026-01-01", json!({"members": 0, "n": 2}), &[]);
    assert_eq!(decided["programmes"]["p"]["outcome"], "error");
    assert!(decided["programmes"]["p"]["error"]["at"].as_str().unwrap().contains(":3:"), "{decided}");
    assert_eq!(decided["programmes"]["q"]["outcome"], "eligible");
    let nines = "9".repeat(38);
    let product = [nines.as_str(); 8].join(" * ");
    assert!(with(&product, json!({}))["error"].is_object());
}

#[test]
fn unknown_is_not_no() {
    // camunda/feel-scala#679
    let table = "module m\nentity H { n number }\ntable t: text  first  else \"other\"\n  | n    || t     |\n  | < 10 || \"low\" |\n";
    assert_eq!(shown(table, "2026-01-01", json!({}), &["t"])["values"]["t"], Value::Null);
    // camunda/feel-scala#382
    let list = json!({"list": [null, "0.005", "0.002"]});
    assert_eq!(with("max(`list`)", list), Value::Null);
    // apache/incubator-kie#1475, nikku/feelin#121
    for (facts, any) in [
        (json!({"yes_no": [false, null]}), Value::Null),
        (json!({"yes_no": [null, true]}), json!(true)),
        (json!({"yes_no": []}), json!(false)),
        (json!({}), Value::Null),
    ] {
        assert_eq!(with("any(yes_no)", facts.clone()), any, "{facts}");
    }
    // CacheControl/json-rules-engine#135, MyFriendBen/benefits-api#1444: the missing fact is named.
    let rules = "module m\nentity H { age integer }\ncriterion c when age != 10\nprogramme p requires c\n";
    let decided = shown(rules, "2026-01-01", json!({}), &[]);
    assert_eq!(decided["programmes"]["p"]["outcome"], "undetermined");
    assert_eq!(decided["programmes"]["p"]["missing"][0]["fact"], "age");
}

#[test]
fn tables_do_not_choose_by_luck() {
    // apache/incubator-kie#1378
    let collect = |how: &str, otherwise: &str| {
        let rules = format!(
            "module m\nentity H {{ n number }}\ntable t: number  collect {how}{otherwise}\n  | n    || t |\n  | > 10 || 1 |\n"
        );
        shown(&rules, "2026-01-01", json!({"n": 1}), &["t"])["values"]["t"].clone()
    };
    assert_eq!((collect("sum", ""), collect("count", "")), (json!("0"), json!(0)));
    assert!(collect("max", "")["error"].is_object());
    assert_eq!(collect("max", "  else 7"), "7");
    // pbinitiative/zenbpm#675 and #677
    for policy in ["unique", "any"] {
        let rules = format!(
            "module m\nentity H {{ amount number  vip boolean }}\ntable t: number  {policy}\n  | amount  | vip || t  |\n  | >= 1000 | -   || 5  |\n  | -       | yes || 10 |\n"
        );
        let value = shown(&rules, "2026-01-01", json!({"amount": 1500, "vip": true}), &["t"])["values"]["t"].clone();
        assert!(value["error"]["code"].is_string(), "{policy}: {value}");
        let text = value["error"]["text"].as_str().unwrap();
        assert!(text.contains('1') && text.contains('2'), "both rows are named: {text}");
    }
    // camunda/camunda-docs#823, red6/dmn-check#78: the overlap is found before any household is.
    let overlap = "module m\nentity H { temperature number }\ntable t: text\n  | temperature || t      |\n  | > 20        || \"warm\" |\n  | < 22        || \"cold\" |\n";
    let found = Ruleset::from_text(overlap).unwrap().analyse();
    let overlaps = found.iter().filter(|f| f.code().to_string() == "L0411").count();
    assert_eq!(overlaps, 1, "{found}");
    let value = shown(overlap, "2026-01-01", json!({"temperature": 21}), &["t"])["values"]["t"].clone();
    assert_eq!(value["error"]["code"], "L0506", "{value}");
    for (temperature, right) in [(20, "cold"), (22, "warm")] {
        assert_eq!(shown(overlap, "2026-01-01", json!({"temperature": temperature}), &["t"])["values"]["t"], right);
    }
    // gorules/zen#391, oracle-samples/clara-rules#428: one branch, and never both of a thing and its opposite.
    let rules = "module m\nentity H { a boolean }\ncriterion allowed when a\nprogramme allow requires allowed\nprogramme deny refuses allowed\n";
    let decided = shown(rules, "2026-01-01", json!({"a": true}), &[]);
    assert_eq!(decided["programmes"]["allow"]["outcome"], "eligible");
    assert_eq!(decided["programmes"]["deny"]["outcome"], "not_eligible");
    assert_eq!(with("if a then \"valid\" else \"invalid\"", json!({"a": false})), "invalid");
    // CatalaLang/catala#449: a name is defined once.
    let twice = findings("module m\nentity H { n number }\ndefine v = 3\ndefine v = 4\n");
    assert!(!twice.is_empty());
    // publicodes/publicodes#655
    let cycle = findings("module m\nentity H { n number }\ndefine x = y + 1\ndefine y = z + 1\ndefine z = x + 1\n");
    assert!(["`x`", "`y`", "`z`"].iter().all(|name| cycle[0].1.contains(name)), "{}", cycle[0].1);
}

#[test]
fn an_answer_does_not_depend_on_what_was_asked_before() {
    // openfisca/openfisca-core#749, PolicyEngine/policyengine-us#9463, CacheControl/json-rules-engine#223
    let rules = Ruleset::from_text(
        "module m\nentity H { places list of P }\nentity P { company boolean }\nparameter rate: number\n  from 2019-01-01: 1\n  from 2020-01-01: 2\n\
         define visited(company_only: boolean) = count(places where company or not company_only)\n\
         define v = rate * visited(yes)\ndefine w = rate * visited(no)\n",
    )
    .unwrap();
    let facts = json!({"places": [{"company": true}, {"company": false}]});
    let ask = |day: &str| {
        let plan = rules.plan(PlanOptions::new(day.parse().unwrap()).show("v").show("w")).unwrap();
        let decision = plan.decide(&plan.facts(&facts).unwrap());
        serde_json::to_value(decision.to_json(None, Lang::En)).unwrap()["values"].clone()
    };
    let alone = ask("2020-06-01");
    assert_eq!(alone, json!({"v": "2", "w": "4"}));
    assert_eq!(ask("2019-06-01"), json!({"v": "1", "w": "2"}));
    assert_eq!(ask("2020-06-01"), alone);
}

#[test]
fn households_and_their_members() {
    let rules = "module m\nentity H { people list of P  homes list of Home }\nentity P { id text key  x boolean  y boolean  pay number  income number }\n\
                 entity Home { rent number }\ndefine free = any(people each not x and not y)\ndefine P.weekly = pay / 52\ndefine total = max(sum(people.income), 0)\n";
    // PolicyEngine/policyengine-us#8133: one and the same member meets both conditions.
    let facts = json!({"people": [{"id": "p", "x": false, "y": true}, {"id": "q", "x": true, "y": false}]});
    assert_eq!(shown(rules, "2026-01-01", facts, &["free"])["values"]["free"], false);
    // openfisca/openfisca-core#667: only a rule that reads the homes needs them.
    let facts = json!({"people": [{"id": "p", "pay": 1200}]});
    let weekly = shown(rules, "2026-01-01", facts, &["weekly"])["values"]["weekly"]["p"].clone();
    assert!(weekly.as_str().unwrap().starts_with("23.076923"), "{weekly}");
    // PolicyEngine/policyengine-us#7469: a loss counts before the sum is cut at 0.
    let facts = json!({"people": [{"id": "p", "income": 30000}, {"id": "q", "income": -10000}]});
    assert_eq!(shown(rules, "2026-01-01", facts, &["total"])["values"]["total"], "20000");
    // openfisca/openfisca-core#304: one person stands once in a household.
    let loaded = Ruleset::from_text(rules).unwrap();
    let plan = loaded.as_of("2026-01-01".parse().unwrap());
    assert!(plan.facts(&json!({"people": [{"id": "p"}, {"id": "p"}]})).is_err());
}

#[test]
fn texts() {
    // securo-finance/securo#39
    assert_eq!(with("t = \"pao de acucar\"", json!({"t": "Pão de Açúcar"})), false);
    assert_eq!(with("fold(t) = \"pao de acucar\"", json!({"t": "Pão de Açúcar"})), true);
    // w3c/csvw#576
    assert_eq!(with("t = \"Zo\u{eb}\"", json!({"t": "Zoe\u{308}"})), true);
    assert_eq!(with("length(t)", json!({"t": "\u{1f40e}\u{1f600}"})), 2);
}

#[test]
fn limits_and_guidance() {
    // pest-parser/pest#674
    let deep = format!("module m\nentity H {{ n number }}\ndefine v = {}1{}\n", "(".repeat(10_000), ")".repeat(10_000));
    let found = findings(&deep);
    assert!(found[0].1.contains(":3:"), "{}", found[0].1);
    // DecisionToolkit/dsntk#8
    let found = findings("module m\nentity H { n number }\ntable t: number\n  | age  || t |\n  | > 10 || 1 |\n");
    assert!(found[0].1.contains("`age`") && found[0].1.contains(":4:"), "{}", found[0].1);
}

#[test]
fn exceptions_that_disagree_are_a_conflict() {
    // betagouv/mon-entreprise#1298
    let first = "  except b_rule when a: 2\n";
    let second = "  except c_rule when b: 3\n";
    for rules in [format!("{ENTITY}define v = 1\n{first}{second}"), format!("{ENTITY}define v = 1\n{second}{first}")] {
        let ask = |facts: Value| shown(&rules, "2026-01-01", facts, &["v"])["values"]["v"].clone();
        let value = ask(json!({"a": true, "b": true}));
        assert_eq!(value["error"]["code"], "L0507");
        let text = value["error"]["text"].as_str().unwrap();
        assert!(text.contains("`b_rule`") && text.contains("`c_rule`") && text.contains(":4:"), "{text}");
        assert_eq!(ask(json!({"a": true, "b": false})), 2);
        assert_eq!(ask(json!({"a": false, "b": true})), 3);
        assert_eq!(ask(json!({"a": false, "b": false})), 1);
        assert_eq!(ask(json!({"a": true})), Value::Null);
    }
}

#[test]
fn exceptions_by_rank_by_target_and_by_date() {
    let ask = |exceptions: &str, facts: Value| {
        let rules = format!("{ENTITY}define v = 1\n{exceptions}");
        shown(&rules, "2026-01-01", facts, &["v"])["values"]["v"].clone()
    };
    let both = json!({"a": true, "b": true});
    // The higher rank, wherever it stands.
    assert_eq!(ask("  except when a: 2 priority 1\n  except when b: 3\n", both.clone()), 2);
    assert_eq!(ask("  except when b: 3\n  except when a: 2 priority 1\n", both.clone()), 2);
    // Equal values agree, and both ways agree where it is unknown which hold.
    assert_eq!(ask("  except when a: 2\n  except when b: 2\n", both.clone()), 2);
    assert_eq!(ask("  except when a: 2\n  except when b: 2\n", json!({"a": true})), 2);
    assert_eq!(ask("  except when a: 1\n", json!({})), 1);
    // An exception to an exception, and to a group; it says nothing where its target does not hold.
    let nested = "  except x when a: 2\n  except to x when b: 5\n";
    assert_eq!(ask(nested, both.clone()), 5);
    assert_eq!(ask(nested, json!({"a": true, "b": false})), 2);
    assert_eq!(ask(nested, json!({"a": false, "b": true})), 1);
    let group = "  except g when a: 2\n  except g when n > 3: 3\n  except to g when b: 7\n";
    assert_eq!(ask(group, json!({"a": true, "b": true, "n": 9})), 7);
    assert_eq!(ask(group, json!({"a": false, "b": false, "n": 9})), 3);
    // In force on the date alone.
    assert_eq!(ask("  except when a: 2 until 2025-12-31\n", both.clone()), 1);
    assert_eq!(ask("  except when a: 2 from 2026-01-01\n", both), 2);
    // A condition that is a fault is not a condition that fails.
    assert_eq!(ask("  except when 1 / (n - n) > 0: 2\n", json!({"n": 1}))["error"]["code"], "L0503");
    // A chain of many needs no stack.
    let mut long = String::from("  except x0 when a: 0\n");
    for i in 1..3_000 {
        long.push_str(&format!("  except x{i} to x{} when a: {i}\n", i - 1));
    }
    assert_eq!(ask(&long, json!({"a": true})), 2999);
}

#[test]
fn exceptions_to_criteria_and_of_members() {
    let rules = "module m\nentity H { desil integer 1..10  remote boolean  people list of P }\nentity P { age integer  ill boolean }\n\
                 criterion poor when desil <= 4\n  except when remote: desil <= 6  basis \"Decree 3\"\n\
                 define P.rate = 1\n  except when age > 60: 2\n  except when ill: 3 priority 1\n\
                 define total = sum(people.rate)\nprogramme p requires poor gives amount = total\n";
    let decide = |facts: Value| shown(rules, "2026-01-01", facts, &["total"]);
    let people = json!([{"age": 70, "ill": false}, {"age": 30, "ill": false}, {"age": 70, "ill": true}]);
    let decided = decide(json!({"desil": 5, "remote": true, "people": people}));
    assert_eq!(decided["programmes"]["p"]["outcome"], "eligible");
    assert_eq!(decided["values"]["total"], 6);
    assert_eq!(decide(json!({"desil": 5, "remote": false}))["programmes"]["p"]["outcome"], "not_eligible");
    let open = decide(json!({"desil": 5, "people": []}));
    assert_eq!(open["programmes"]["p"]["missing"][0]["fact"], "remote");
    assert_eq!(decide(json!({"desil": 3}))["programmes"]["p"]["reasons"], json!([]));
}

/// What-if rules are an object of their own: neither do they leak into later decisions, nor are they forgotten.
#[test]
fn a_reform_leaves_what_it_reforms_as_it_was() {
    // PolicyEngine/policyengine-us#9463; PolicyEngine/policyengine-core#460
    let base = Ruleset::from_text(
        "module tax\nentity H { income number }\nparameter deduction: number from 2025-01-01: 14600\n\
         scale due of max(income - deduction, 0): marginal { 0..11600 => 10%  11600..47150 => 12%  47150.. => 22% }\n",
    )
    .unwrap();
    let mut act = layak::Sources::new();
    act.add("reform.layak", "module reform\namend tax from 2025-01-01 { parameter deduction: number = 100000 }");
    let reform = base.amended(&act).unwrap();
    let plan = |rules: &Ruleset| rules.plan(PlanOptions::new("2026-01-01".parse().unwrap()).show("due")).unwrap();
    let (base_plan, reform_plan) = (plan(&base), plan(&reform));
    let due = |plan: &layak::Plan, income: u32| {
        let decision = plan.decide(&plan.facts(&json!({"income": income})).unwrap());
        serde_json::to_value(decision.to_json(None, Lang::En)).unwrap()["values"]["due"].clone()
    };
    for income in [50_000, 120_000, 50_000] {
        let right = if income == 50_000 { ["4016", "0"] } else { ["18241", "2168"] };
        assert_eq!(due(&base_plan, income), right[0]);
        assert_eq!(due(&reform_plan, income), right[1]);
        assert_eq!(due(&plan(&base), income), right[0]);
        assert_eq!(due(&plan(&reform), income), right[1]);
    }
    assert_ne!(base.fingerprint(), reform.fingerprint());
}

#[test]
fn a_single_parent_is_one_of_the_child_and_not_a_count_of_heads() {
    // PolicyEngine/policyengine-us#8134 and #9315: counted over all adults of the home instead of the child's parents.
    let rules = "module m\nentity H { members list of P }\n\
                 entity P { name text key  age integer  parents list of link to P 0..2 inverse children  children list of link to P }\n\
                 define P.single_parent = any(children where age < 18 and count(parents) = 1)\ndefine adults = count(members where age >= 18)\n";
    let facts = json!({"members": [
        {"name": "student", "age": 24, "parents": []},
        {"name": "child", "age": 8, "parents": ["student"]},
        {"name": "lodger", "age": 40, "parents": []},
        {"name": "partner", "age": 41, "parents": []},
    ]});
    let decided = shown(rules, "2026-01-01", facts, &["single_parent", "adults"]);
    assert_eq!(decided["values"]["adults"], 3);
    let single = json!({"student": true, "child": false, "lodger": false, "partner": false});
    assert_eq!(decided["values"]["single_parent"], single);
    // Two parents are two, wherever they stand in the list; and a member who is not known yet may be the second.
    let two = json!({"members": [
        {"name": "child", "age": 8, "parents": ["a", "b"]}, {"name": "a", "age": 30, "parents": []}, {"name": "b", "age": 31, "parents": []},
    ]});
    let none = json!({"child": false, "a": false, "b": false});
    assert_eq!(shown(rules, "2026-01-01", two, &["single_parent"])["values"]["single_parent"], none);
    let open = json!({"members": [{"name": "child", "age": 8}, {"name": "a", "age": 30, "parents": []}]});
    assert_eq!(shown(rules, "2026-01-01", open, &["single_parent"])["values"]["single_parent"]["a"], Value::Null);
}

/// What the rules decide is never handed in: a caller who knows better states the fact behind it.
#[test]
fn a_result_is_not_handed_in_as_a_fact() {
    // CodeForPhilly/benefit-decision-toolkit#15
    let rules = Ruleset::from_text(
        "module m\nentity H { city text  stated_resident boolean }\n\
         define lives_in_city = city = \"Philadelphia\" or stated_resident\n",
    )
    .unwrap();
    let plan = rules.as_of("2026-01-01".parse().unwrap());
    let errors = plan.facts(&json!({"lives_in_city": true})).unwrap_err();
    let told: Vec<(String, &str)> = errors.iter().map(|e| (e.code().to_string(), e.path())).collect();
    assert_eq!(told, [("L0603".to_owned(), "lives_in_city")]);
}

/// Large rules and facts; what they cost is shown by the benches, what they come to here.
#[test]
fn size_changes_no_answer() {
    // camunda/camunda#62594: a first-match table of 3,700 rows, hit at its beginning, its end, and not at all.
    let rows: String = (0..3_700).map(|n| format!("  | {n} || {} |\n", 2 * n)).collect();
    let table = format!("module m\nentity H {{ n integer }}\ntable t: number  first  else 0 - 1\n  | n || t |\n{rows}");
    for (n, right) in [(0, "0"), (3_699, "7398"), (3_700, "-1")] {
        assert_eq!(shown(&table, "2026-01-01", json!({"n": n}), &["t"])["values"]["t"], right);
    }
    // camunda/camunda#41775: ten thousand times a value that is not known is one value that is not known.
    let list = "module m\nentity H { x integer  list list of integer }\ndefine s = sum(list i each i + x)\n";
    let numbers: Vec<u32> = (1..=10_000).collect();
    let known = shown(list, "2026-01-01", json!({"x": 1, "list": numbers}), &["s"]);
    assert_eq!(known["values"]["s"], 50_015_000);
    let open = shown(list, "2026-01-01", json!({"list": numbers}), &["s"]);
    assert_eq!(open["values"]["s"], Value::Null);
    // CacheControl/json-rules-engine#324: ten thousand rules over one household.
    let mut many = String::from("module m\nentity H { n integer }\ndefine d0 = n\n");
    (1..10_000).for_each(|i| many.push_str(&format!("define d{i} = if n > {i} then d{} + 1 else d{}\n", i - 1, i - 1)));
    assert_eq!(shown(&many, "2026-01-01", json!({"n": 5_000}), &["d9999"])["values"]["d9999"], 9_999);
}
