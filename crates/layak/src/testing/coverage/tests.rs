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
