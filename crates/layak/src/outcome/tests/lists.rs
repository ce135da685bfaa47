//! Lists of facts and lists written out.

use super::*;

#[test]
fn the_greatest_of_written_values() {
    assert_eq!(of("sum(top 2 of [1, 5, 7])", "{}"), n("12"));
    assert_eq!(of("sum(top n of [1, 5, 7])", r#"{"n": 1}"#), n("7"));
    assert_eq!(of("count(top 2 of [1, 5, 7])", "{}"), n("2"));
    assert_eq!(of("sum(top 2 of [m, 1, 0])", "{}"), whole("1", "6"));
}

#[test]
fn what_is_not_among_the_greatest_is_not_in_them() {
    for (value, list, inside) in [
        ("1", "top 2 of [1, 5, 7]", false),
        ("5", "top 2 of [1, 5, 7]", true),
        ("-5", "top 2 of people.debt", false),
        ("1", "top 2 of people.debt", true),
        ("10", "top 1 of ((people sort by age) p each p.age)", true),
        ("30", "(top 2 of (people sort by age)) p each p.age", false),
        ("1", "if n = n then (top 1 of people.debt) else people.debt", false),
    ] {
        let expected = n(if inside { "1" } else { "0" });
        assert_eq!(
            of(&format!("if {value} in ({list}) then 1 else 0"), &THREE.replacen('{', "{\"n\": 2, ", 1)),
            expected,
            "{value} in {list}"
        );
    }
}

#[test]
fn written_values_are_filtered_mapped_and_sorted() {
    assert_eq!(of("count([1, 5, 7] v where v > n)", r#"{"n": 4}"#), n("2"));
    assert_eq!(of("sum([1, 5, 7] v each v * n)", r#"{"n": 2}"#), n("26"));
    assert_eq!(of("first([3, 1, 2] v sort by v)".replace(" v sort by v", "").as_str(), "{}"), n("3"));
}

#[test]
fn an_optional_value_among_written_ones() {
    assert_eq!(of("max(o, 3)", r#"{"o": 5}"#), n("5"));
    assert_eq!(kind(&of("max(o, 3)", r#"{"o": null}"#)), FaultKind::NoneUsed);
}

const THREE: &str = r#"{"people":[
    {"id":"a","age":30,"debt":5,"ill":true,"mother":null,"toys":[{"price":3},{"price":4}]},
    {"id":"b","age":10,"debt":-5,"ill":false,"mother":"a","toys":[]},
    {"id":"c","age":10,"debt":1,"ill":true,"mother":"a","toys":[{"price":10}]}]}"#;

#[test]
fn the_top_of_some_are_some_of_those() {
    assert_eq!(of("count((top 2 of ((people p where p.ill) sort by debt)) p where p.age > 0)", THREE), n("2"));
    assert_eq!(of("sum((top 1 of ((people p where not p.ill) sort by debt)) p each p.age)", THREE), n("10"));
    assert_eq!(of("first(people sort by age descending).debt", THREE), n("5"));
    assert_eq!(kind(&of("first(people sort by age).debt", THREE)), FaultKind::Tie);
    assert_eq!(
        of("sum((top 2 of (people sort by age)) p each p.debt)", THREE),
        n("-4"),
        "the facts' own order breaks ties"
    );
}

#[test]
fn elements_are_compared_with_others_of_their_list() {
    assert_eq!(of("count(people p where any(people q where q.age > p.age))", THREE), n("2"));
    assert_eq!(of("count(people p where every(people q each q.age <= p.age))", THREE), n("1"));
    assert_eq!(of("max(people p each count(people q where q.mother = p))", THREE), n("2"));
    assert_eq!(of("sum(people p each sum(p.toys t each t.price * p.debt))", THREE), n("45"));
    assert_eq!(of("count(people p where any((people q where q.ill) q where q.debt > p.debt))", THREE), n("2"));
}

#[test]
fn a_link_leads_to_another_element() {
    assert_eq!(of("sum((people p where p.mother is not none) p each p.mother.age)", THREE), n("60"));
    assert_eq!(kind(&of("sum(people p each p.mother.age)", THREE)), FaultKind::NoneUsed);
    let unknown = THREE.replace(r#""mother":null,"#, "");
    let open = of("sum(people p each p.mother.age)", &unknown);
    assert!(
        open.fault.is_some() && open.can_be(n("70").as_known().unwrap()) && open.can_be(n("90").as_known().unwrap())
    );
}

#[test]
fn a_value_of_nobody_is_a_fault_even_where_it_is_the_same_for_all() {
    let text = "define Person.k = n + 1\ndefine v = sum(people p each p.mother.k)";
    let with_n = THREE.replacen('{', r#"{"n":1,"#, 1);
    assert_eq!(kind(&value(text, &with_n)), FaultKind::NoneUsed);
    let text = "define Person.k = n + 1\ndefine v = sum((people p where p.mother is not none) p each p.mother.k)";
    assert_eq!(value(text, &with_n), n("4"));
}

#[test]
fn an_element_of_two_lists_knows_the_one_who_holds_it() {
    let text = "
        module u
        entity House { rooms list of Room 0..4 }
        entity Room { size integer 0..99  left list of Chair 0..4  right list of Chair 0..4 }
        entity Chair { legs integer 0..9 }
        define Chair.share = room.size * legs
        define Room.total = sum(left.share) + sum(right.share)
        define v = sum(rooms.total)";
    let rules = Ruleset::from_text(text).unwrap_or_else(|findings| panic!("{findings}"));
    let plan = plan(&rules, &["v"]);
    let json = r#"{"rooms":[{"size":1,"left":[{"legs":3}],"right":[{"legs":4}]},
                            {"size":10,"left":[],"right":[{"legs":2},{"legs":1}]}]}"#;
    let facts = facts(&plan, json);
    let recording = evaluate(plan.plan_graph(), &facts.case, &Limits::default());
    assert_eq!(shown(plan.plan_graph(), &recording, 0), n("37"));
}

#[test]
fn lists_of_which_the_values_do_not_matter_have_their_length() {
    assert_eq!(of("sum([n, m] v each 3)", "{}"), n("6"));
    assert_eq!(of("count([n, m] v each 3)", "{}"), n("2"));
    assert_eq!(of("sum(people p each sum(p.toys t each 2))", THREE), n("6"));
    let mothers = "sum((people p where p.mother is not none) p each sum(p.mother.toys t each 2))";
    assert_eq!(of(mothers, THREE), n("8"));
    assert_eq!(of("sum(people p each sum(people q each p.debt))", THREE), n("3"));
}

#[test]
fn one_list_or_another() {
    assert_eq!(
        of("sum((if a then people p where p.ill else people) p each p.debt)", &THREE.replacen('{', r#"{"a":true,"#, 1)),
        n("6")
    );
    assert_eq!(of("sum(if a then [n, 2] else [5])", r#"{"a": false}"#), n("5"));
    assert_eq!(of("sum(if a then [1, 2] else [5])", "{}"), whole("0", "8"));
}

#[test]
fn a_list_that_is_shown_and_read_by_nothing_else_is_there() {
    let shown = |list: &str| {
        let rules = rules(&format!("define v = {list}"));
        let plan = plan(&rules, &["v"]);
        let decision = plan.decide(&facts(&plan, r#"{"people": [{"id": "a"}, {"id": "b"}], "bills": [3, 5]}"#));
        serde_json::to_value(decision.to_json(None, crate::Lang::En)).unwrap()["values"]["v"].clone()
    };
    assert_eq!(shown("people"), serde_json::json!(["a", "b"]));
    assert_eq!(shown("bills"), serde_json::json!(["3", "5"]));
    assert_eq!(shown("people each 3"), serde_json::json!([3, 3]));
    assert_eq!(shown("[a, b] x each 3"), serde_json::json!([3, 3]));
}
