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
