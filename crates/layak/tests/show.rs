//! Values shown by name: of the household, of members, of the elements that members hold.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use layak::{Lang, PlanOptions, Ruleset};
use serde_json::json;

#[test]
fn values_of_nested_elements_are_those_of_their_own_holder() {
    let rules = Ruleset::from_text(
        "module m\nentity H { members list of P }\nentity P { nik text key  a integer  jobs list of J }\nentity J { id text key  b integer }\n\
         define P.twice = a * 2\ndefine J.of_holder = twice\ndefine J.sum = b + a\ndefine P.pay = jobs.b\ndefine P.jobs_of_more = jobs where b > a\n",
    )
    .unwrap();
    let mut options = PlanOptions::new("2026-01-01".parse().unwrap());
    for name in ["of_holder", "sum", "pay", "jobs_of_more"] {
        options = options.show(name);
    }
    let plan = rules.plan(options).unwrap();
    let facts = json!({"members": [
        {"nik": "p", "a": 1, "jobs": [{"id": "p1", "b": 10}, {"id": "p2", "b": 0}]},
        {"nik": "q", "a": 5, "jobs": [{"id": "q1", "b": 20}]},
        {"nik": "r", "a": 7, "jobs": []},
    ]});
    let decision = plan.decide(&plan.facts(&facts).unwrap());
    let shown = serde_json::to_value(decision.to_json(None, Lang::En)).unwrap()["values"].clone();
    assert_eq!(
        shown,
        json!({
            "of_holder": {"p1": 2, "p2": 2, "q1": 10},
            "sum": {"p1": 11, "p2": 1, "q1": 25},
            "pay": {"p": [10, 0], "q": [20], "r": []},
            "jobs_of_more": {"p": ["p1"], "q": ["q1"], "r": []},
        })
    );
    // A household of one member, whose jobs are several.
    let facts = json!({"members": [{"nik": "p", "a": 1, "jobs": [{"id": "p1", "b": 10}, {"id": "p2", "b": 0}]}]});
    let decision = plan.decide(&plan.facts(&facts).unwrap());
    let shown = serde_json::to_value(decision.to_json(None, Lang::En)).unwrap()["values"].clone();
    assert_eq!(shown["of_holder"], json!({"p1": 2, "p2": 2}));
    assert_eq!(shown["pay"], json!({"p": [10, 0]}));
}

#[test]
fn an_explanation_writes_amounts_as_each_language_does() {
    let rules = Ruleset::from_text(
        "module m\ncurrency IDR\nentity H { a integer }\ncriterion c \"besar\" when a > 1\nprogramme p requires c gives amount = IDR 3_000_000, n = a\n",
    )
    .unwrap();
    let plan = rules.as_of("2026-01-01".parse().unwrap());
    let explanation = plan.explain(&plan.facts(&json!({"a": 2})).unwrap());
    let text = explanation.render(Lang::Id);
    assert!(text.contains("amount = Rp3.000.000") && text.contains("n = 2") && text.contains("a = 2"), "{text}");
    assert!(explanation.render(Lang::En).contains("amount = Rp3,000,000"));
}

#[test]
fn a_table_that_collects_rows_of_several_outputs_yields_records() {
    let text = |policy: &str| {
        format!(
            "module m\nentity H {{ a integer }}\nenum S {{ best, good }}\ntable t  collect list{policy}\n  | a   || s: S | r: number |\n\
             \x20 | > 1 || good | 0.1       |\n  | > 2 || best | 0.2       |\n  | > 9 || best | 0.3       |\n\
             define rates = t.r\ndefine total = sum(t.r)\n"
        )
    };
    let shown = |rules: &str, a: serde_json::Value| {
        let rules = Ruleset::from_text(rules).unwrap();
        let mut options = PlanOptions::new("2026-01-01".parse().unwrap());
        for name in ["t", "rates", "total"] {
            options = options.show(name);
        }
        let plan = rules.plan(options).unwrap();
        let decision = plan.decide(&plan.facts(&json!({ "a": a })).unwrap());
        serde_json::to_value(decision.to_json(None, Lang::En)).unwrap()["values"].clone()
    };
    assert_eq!(
        shown(&text(""), json!(3)),
        json!({"t": [{"s": "good", "r": "0.1"}, {"s": "best", "r": "0.2"}], "rates": ["0.1", "0.2"], "total": "0.3"})
    );
    assert_eq!(
        shown(&text(" priority [best, good]"), json!(3))["t"],
        json!([{"s": "best", "r": "0.2"}, {"s": "good", "r": "0.1"}])
    );
    // One list of rows or another, as a condition says.
    let chosen =
        text("").replace("define total = sum(t.r)", "define u = if a > 2 then t else t\ndefine total = sum(u.r)");
    assert_eq!(shown(&chosen, json!(3))["total"], "0.3");
    assert_eq!(shown(&chosen, json!(2))["total"], "0.1");
    assert_eq!(shown(&text(""), json!(0)), json!({"t": [], "rates": [], "total": "0"}));
    assert_eq!(shown(&text(""), json!(null)), json!({"t": null, "rates": null, "total": null}));
    // Whole rows cannot be summed, gone through or sorted.
    for broken in ["sum(t)", "t where yes", "top 1 of t", "t sort by 1"] {
        let rules = text("").replace("sum(t.r)", broken);
        assert!(Ruleset::from_text(&rules).is_err(), "{broken}");
    }
}

#[test]
fn a_list_is_sorted_by_a_value_of_each_item() {
    let of = |key: &str| {
        Ruleset::from_text(&format!("module m\nentity H {{ n list of number }}\ndefine d = n sort by {key}\n")).err()
    };
    let findings = of("n").unwrap();
    assert_eq!(findings.iter().map(|f| f.code().to_string()).collect::<Vec<_>>(), ["L0301"]);
    assert!(findings.to_string().contains("sorted by a value of each item"), "{findings}");
}

#[test]
fn what_is_the_same_for_every_member_is_shown_for_each_and_what_fails_for_all_once() {
    let rules = Ruleset::from_text(
        "module m\nentity H { others list of O  members list of P }\nentity O { b integer }\nentity P { nik text key  a integer }\n\
         define P.fixed = 7\ndefine P.paid: integer until 2025-12-31 = 0\ndefine P.paid: integer from 2026-01-01 = a\n\
         define P.later: integer from 2026-01-01 = a\ndefine O.twice = b * 2\n",
    )
    .unwrap();
    let shown = |day: &str, names: &[&str]| {
        let mut options = PlanOptions::new(day.parse().unwrap());
        for name in names {
            options = options.show(*name);
        }
        let plan = rules.plan(options).unwrap();
        let facts =
            json!({"others": [{"b": 1}, {"b": 2}, {"b": 3}], "members": [{"nik": "p", "a": 1}, {"nik": "q", "a": 2}]});
        let decision = plan.decide(&plan.facts(&facts).unwrap());
        serde_json::to_value(decision.to_json(None, Lang::En)).unwrap()["values"].clone()
    };
    for names in [&["fixed", "paid", "later"][..], &["fixed", "paid", "later", "twice"]] {
        let before = shown("2025-06-01", names);
        assert_eq!(before["fixed"], json!({"p": 7, "q": 7}));
        assert_eq!(before["paid"], json!({"p": 0, "q": 0}));
        assert_eq!(before["later"]["error"]["code"], "L0501");
        let after = shown("2026-06-01", names);
        assert_eq!(after["fixed"], json!({"p": 7, "q": 7}));
        assert_eq!((&after["paid"], &after["later"]), (&json!({"p": 1, "q": 2}), &json!({"p": 1, "q": 2})));
    }
    assert_eq!(shown("2025-06-01", &["paid", "twice"])["twice"], json!({"0": 2, "1": 4, "2": 6}));
}

#[test]
fn a_bare_name_in_a_list_of_an_enum_is_its_member() {
    let rules = Ruleset::from_text(
        "module m\nenum Why { student, sanction }\nentity H { reasons list of Why }\ndefine out = student in reasons\ndefine in_it = student not in reasons\n",
    )
    .unwrap();
    let plan = rules.plan(PlanOptions::new("2026-01-01".parse().unwrap()).show("out").show("in_it")).unwrap();
    let values = |facts: serde_json::Value| {
        let decision = plan.decide(&plan.facts(&facts).unwrap());
        serde_json::to_value(decision.to_json(None, Lang::En)).unwrap()["values"].clone()
    };
    assert_eq!(values(json!({"reasons": ["sanction", "student"]})), json!({"out": true, "in_it": false}));
    assert_eq!(values(json!({"reasons": []})), json!({"out": false, "in_it": true}));
    assert_eq!(values(json!({})), json!({"out": null, "in_it": null}));
}

#[test]
fn the_greatest_of_a_list_are_shown_alone() {
    let rules = Ruleset::from_text(
        "module m\nentity H { amounts list of number  members list of P }\nentity P { nik text key  a integer }\n\
         define greatest = top 2 of amounts\ndefine eldest = top 1 of (members sort by a descending)\ndefine P.few = if a > 5 then 2 else 1\n\
         define P.own = top few of amounts\n",
    )
    .unwrap();
    let day = "2026-01-01".parse().unwrap();
    let plan = rules.plan(PlanOptions::new(day).show("greatest").show("eldest").show("own")).unwrap();
    let facts = json!({"amounts": ["1", "2", "3"], "members": [{"nik": "p", "a": 1}, {"nik": "q", "a": 9}]});
    let decision = plan.decide(&plan.facts(&facts).unwrap());
    let shown = serde_json::to_value(decision.to_json(None, Lang::En)).unwrap()["values"].clone();
    assert_eq!(shown, json!({"greatest": ["2", "3"], "eldest": ["q"], "own": {"p": ["3"], "q": ["2", "3"]}}));
}
