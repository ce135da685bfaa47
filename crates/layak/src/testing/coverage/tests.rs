//! What is shown is what the tests ask for, and no more.

use crate::ruleset::Ruleset;
use crate::testing::Coverage;

fn covered(text: &str) -> Coverage {
    let rules = Ruleset::from_text(text).expect("the rules are sound");
    let mut coverage = rules.coverage();
    for test in rules.run_tests_covered(&mut coverage) {
        assert_eq!(test.failures(), []);
    }
    coverage
}

/// The goals of a part, as `true 1, false 0`.
fn goals(coverage: &Coverage, kind: &str, name: &str) -> String {
    let item = coverage.items().find(|i| i.kind().name() == kind && i.name() == name);
    let item = item.unwrap_or_else(|| {
        let have: Vec<_> = coverage.items().map(|i| (i.kind().name(), i.name().to_owned())).collect();
        panic!("no {kind} {name} in {have:?}")
    });
    item.goals().map(|(goal, times)| format!("{} {times}", goal.name())).collect::<Vec<_>>().join(", ")
}

#[test]
fn a_criterion_is_counted_for_each_member() {
    let coverage = covered(
        "module m
         entity Home { people list of Person 1..9 }
         entity Person { name text key age integer 0..120 }
         criterion Person.old when age >= 60
         programme pension for Person requires old
         test \"two\" given { people: [{ name: \"a\", age: 60 }, { name: \"b\", age: 59 }, { name: \"c\" }] }
           expect people[\"a\"].pension eligible",
    );
    assert_eq!(goals(&coverage, "criterion", "Person.old"), "true 1, false 1, unknown 1");
    assert_eq!(goals(&coverage, "programme", "pension"), "eligible 1, not_eligible 1, undetermined 1");
    assert_eq!(goals(&coverage, "condition", "pension: old"), "decides 1, reason 1");
}

#[test]
fn what_no_test_asks_for_is_not_shown() {
    let coverage = covered(
        "module m
         entity Home { n integer 0..9 }
         criterion low when n < 5
         criterion even when n in [0, 2, 4]
         programme a requires low
         programme b requires even
         test \"of a alone\" given { n: 2 } expect a eligible",
    );
    assert_eq!(goals(&coverage, "criterion", "low"), "true 1, false 0, unknown 0");
    assert_eq!(goals(&coverage, "criterion", "even"), "true 0, false 0, unknown 0");
    assert_eq!(goals(&coverage, "programme", "b"), "eligible 0, not_eligible 0, undetermined 0");
}

#[test]
fn a_condition_decides_where_all_others_are_fulfilled() {
    let coverage = covered(
        "module m
         entity Home { n integer 0..9  rich boolean }
         criterion low when n < 5
         programme a requires low refuses rich
         test \"both\" given { n: 7, rich: yes } expect a not_eligible because low, rich
         test \"one\" given { n: 7, rich: no } expect a not_eligible because low",
    );
    assert_eq!(goals(&coverage, "condition", "a: low"), "decides 1, reason 2");
    assert_eq!(goals(&coverage, "condition", "a: rich"), "true 1, false 1, unknown 0, decides 0, reason 1");
}

#[test]
fn rows_match_and_cells_rule_out() {
    let coverage = covered(
        "module m
         entity Home { n integer 0..9  rich boolean }
         table grant: integer else 0
           | n    | rich || grant |
           | <= 4 | no   || 10    |
           | > 4  | no   || 5     |
         criterion paid when grant > 0
         programme a requires paid gives amount = grant
         test \"low\" given { n: 4, rich: no } expect a eligible, a.amount = 10
         test \"rich\" given { n: 4, rich: yes } expect a not_eligible",
    );
    assert_eq!(goals(&coverage, "row", "grant row 1"), "used 1");
    assert_eq!(goals(&coverage, "row", "grant row 2"), "used 0");
    assert_eq!(goals(&coverage, "row", "grant else"), "used 1");
    // Where the household is low and not rich the second row fails by its first cell alone.
    assert_eq!(goals(&coverage, "cell", "grant row 2 n"), "decides 1");
    assert_eq!(goals(&coverage, "cell", "grant row 1 rich"), "decides 1");
    assert_eq!(goals(&coverage, "cell", "grant row 1 n"), "decides 0");
}

#[test]
fn exceptions_are_held_or_not_or_not_known() {
    let coverage = covered(
        "module m
         entity Home { n integer 0..9  remote boolean  shop boolean }
         define limit = 3
           except remote_area when remote: 5
           except home_shop when shop: 5
         criterion low when n <= limit
         programme a requires low
         test \"remote\" given { n: 5, remote: yes, shop: no } expect a eligible
         test \"open\" given { n: 4, remote: no } expect a undetermined",
    );
    assert_eq!(goals(&coverage, "exception", "limit: remote_area"), "true 1, false 1, unknown 0");
    assert_eq!(goals(&coverage, "exception", "limit: home_shop"), "true 0, false 1, unknown 1");
}

#[test]
fn the_version_of_the_day_is_used() {
    let coverage = covered(
        "module m
         entity Home { n integer 0..9  kind Kind }
         enum Kind { small, big }
         parameter limit: integer from 2025-01-01: 4 from 2026-01-01: 5
         parameter grant(kind: Kind): integer from 2025-01-01: small => 1 big => 2
         define fixed(k: Kind) = grant(k)
         criterion low when n <= limit
         programme a requires low gives amount = grant(kind)
         programme b requires low gives amount = fixed(big)
         test \"new\" as of 2026-01-01 given { n: 5, kind: small } expect a eligible
         test \"refused\" as of 2026-01-01 given { n: 6, kind: small } expect b not_eligible",
    );
    assert_eq!(goals(&coverage, "parameter", "limit 2025-01-01"), "used 0");
    assert_eq!(goals(&coverage, "parameter", "limit 2026-01-01"), "used 2");
    assert_eq!(goals(&coverage, "parameter", "grant(small) 2025-01-01"), "used 1");
    // What a refused household would have been given is not shown.
    assert_eq!(goals(&coverage, "parameter", "grant(big) 2025-01-01"), "used 0");
}

#[test]
fn coverage_of_several_runs_adds_up() {
    let rules = Ruleset::from_text(
        "module m entity Home { n integer 0..9 } criterion low when n < 5 programme a requires low
         test \"low\" given { n: 4 } expect a eligible",
    )
    .expect("the rules are sound");
    let mut coverage = rules.coverage();
    rules.run_tests_covered(&mut coverage);
    let mut cases = rules.cases_covered();
    let result = cases.run(br#"{"as_of": "2026-01-01", "input": {"n": 5}, "programmes": {"a": "not_eligible"}}"#);
    assert_eq!(result.failures(), []);
    coverage.merge(cases.coverage().expect("it is counted").clone());
    assert_eq!(goals(&coverage, "criterion", "low"), "true 1, false 1, unknown 0");
    assert_eq!(coverage.shown(None), (6, 8));
}

#[test]
fn a_joined_condition_decides_where_the_others_leave_it_the_outcome() {
    let coverage = covered(
        "module m
         entity Home { n integer 0..9  rich boolean  old boolean }
         criterion fits when (n < 5 and not rich) or old
         programme a requires fits
         test \"by its number\" given { n: 4, rich: no, old: no } expect a eligible
         test \"too many\" given { n: 5, rich: no, old: no } expect a not_eligible
         test \"both refuse\" given { n: 5, rich: yes, old: no } expect a not_eligible
         test \"old as well\" given { n: 4, rich: no, old: yes } expect a eligible",
    );
    assert_eq!(goals(&coverage, "operand", "fits: n < 5"), "decides_true 1, decides_false 1");
    // It is never what refuses: where it is yes the number is too great too.
    assert_eq!(goals(&coverage, "operand", "fits: rich"), "decides_true 0, decides_false 1");
    // That it is not old decides wherever the rest refuses; that it is never does.
    assert_eq!(goals(&coverage, "operand", "fits: old"), "decides_true 0, decides_false 2");
}

#[test]
fn whether_there_is_something_to_ask_decides_where_the_rest_has_no_answer() {
    let coverage = covered(
        "module m
         entity Home { n optional integer 0..9  m integer 0..9 }
         criterion fits when n != none and n < 5
         criterion told when m is known and m < 5
         programme a requires fits, told
         test \"fits\" given { n: 4, m: 4 } expect a eligible
         test \"none\" given { n: none, m: 4 } expect a not_eligible
         test \"not known\" given { n: 4 } expect a not_eligible
         test \"too many\" given { n: 5, m: 5 } expect a not_eligible",
    );
    assert_eq!(goals(&coverage, "operand", "fits: n != none"), "decides_true 2, decides_false 1");
    assert_eq!(goals(&coverage, "operand", "fits: n < 5"), "decides_true 2, decides_false 1");
    assert_eq!(goals(&coverage, "operand", "told: m is known"), "decides_true 2, decides_false 1");
}

#[test]
fn conditions_are_joined_in_criteria_and_in_lists_of_outputs() {
    let coverage = covered(
        "module m
         entity Home { people list of Person 0..5  n integer 0..9  rich boolean }
         entity Person { age integer 0..120  ill boolean }
         criterion fits when n in 1..5 and not rich
         programme a
           requires fits
           gives cared_for = count(people where age > 60 and ill)
         test \"two\" given { n: 3, rich: no, people: [{ age: 61, ill: yes }, { age: 61, ill: no }, { age: 60, ill: yes }] }
           expect a eligible, a.cared_for = 1
         test \"none\" given { n: 0, rich: no, people: [{ age: 60, ill: no }] } expect a not_eligible",
    );
    let names: Vec<_> =
        coverage.items().filter(|i| i.kind().name() == "operand").map(|i| i.name().to_owned()).collect();
    assert_eq!(names.len(), 4, "a range is one condition: {names:?}");
    assert_eq!(goals(&coverage, "operand", "fits: n in 1..5"), "decides_true 1, decides_false 1");
    assert_eq!(goals(&coverage, "operand", "fits: rich"), "decides_true 0, decides_false 1");
    assert_eq!(goals(&coverage, "operand", "a.cared_for: age > 60"), "decides_true 1, decides_false 1");
    assert_eq!(goals(&coverage, "operand", "a.cared_for: ill"), "decides_true 1, decides_false 1");
}

#[test]
fn conditions_that_nothing_asks_for_decide_nothing() {
    let coverage = covered(
        "module m
         entity Home { n integer 0..9  rich boolean  old boolean }
         criterion first when n < 5 and not rich
         criterion second when n < 5 and not rich
         criterion third when (if old then n < 5 or rich else no)
         programme a requires first
         programme b requires second
         programme c requires third
         test \"of a alone\" given { n: 2, rich: no } expect a eligible
         test \"another way\" given { n: 2, rich: no, old: no } expect c not_eligible",
    );
    assert_eq!(goals(&coverage, "operand", "first: rich"), "decides_true 0, decides_false 1");
    assert_eq!(goals(&coverage, "operand", "second: rich"), "decides_true 0, decides_false 0");
    assert_eq!(goals(&coverage, "operand", "third: rich"), "decides_true 0, decides_false 0");
}

#[test]
fn of_conditions_that_are_not_known_none_decides() {
    let coverage = covered(
        "module m
         entity Home { n integer 0..9  rich boolean }
         criterion fits when n < 5 or rich
         programme a requires fits
         test \"rich\" given { rich: yes } expect a eligible
         test \"open\" given { n: 7 } expect a undetermined",
    );
    assert_eq!(goals(&coverage, "operand", "fits: n < 5"), "decides_true 0, decides_false 0");
    assert_eq!(goals(&coverage, "operand", "fits: rich"), "decides_true 0, decides_false 0");
}

#[test]
fn rows_that_are_collected_are_used_and_their_cells_rule_out() {
    let coverage = covered(
        "module m
         entity Home { n integer 0..9  rich boolean }
         table grants collect list
           | n    | rich || grant: integer |
           | <= 4 | no   || 10             |
           | <= 6 | -    || 5              |
           | > 7  | yes  || 1              |
         criterion paid when sum(grants) > 0
         programme a requires paid gives amount = sum(grants)
         test \"low\" given { n: 4, rich: no } expect a.amount = 15
         test \"rich\" given { n: 4, rich: yes } expect a.amount = 5",
    );
    assert_eq!(goals(&coverage, "row", "grants row 1"), "used 1");
    assert_eq!(goals(&coverage, "row", "grants row 2"), "used 2");
    assert_eq!(goals(&coverage, "row", "grants row 3"), "used 0");
    assert_eq!(goals(&coverage, "cell", "grants row 1 rich"), "decides 1");
    assert_eq!(goals(&coverage, "cell", "grants row 1 n"), "decides 0");
    assert_eq!(goals(&coverage, "cell", "grants row 3 n"), "decides 1");
}
