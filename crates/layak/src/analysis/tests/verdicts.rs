//! What holds for every household, or for none.

use super::of;

/// Findings on rules over a few facts, but for those on names, labels and what is not used.
fn found(rules: &str) -> Vec<String> {
    let text = format!(
        "module m\ncurrency IDR\ncalendar leap_day march_1, month_end clip\nenum E {{ x, y, z }}\nentity H {{\n  a integer 1..10  n number  d date  b boolean  e E\n  \
         t text  o optional integer 1..5  m money 0.. per month  people list of P\n}}\nentity P {{ age integer 0..120  w money 0.. }}\n{rules}"
    );
    let about = ["L0710", "L0711", "L0712", "L0713", "L0714", "L0715", "L0716"];
    of(&text).into_iter().filter(|f| about.iter().any(|code| f.starts_with(code))).collect()
}

fn none() -> Vec<String> {
    Vec::new()
}

#[test]
fn criteria_with_one_answer_are_told() {
    let yes = ["L0710 `c` is always yes"];
    let no = ["L0711 `c` is never yes"];
    let c = |when: &str| found(&format!("criterion c when {when}"));
    // By the range of a fact, alone and through a definition, a parameter, a table.
    assert_eq!(c("a >= 1"), yes);
    assert_eq!(c("a > 10"), no);
    assert_eq!(c("a >= 2"), none());
    assert_eq!(found("criterion c when twice > top\ndefine twice = a * 2\nparameter top: integer = 20"), no);
    assert_eq!(found("criterion c when twice > top\ndefine twice = a * 2\nparameter top: integer = 19"), none());
    assert_eq!(found("criterion c when t1 = 3\ntable t1\n | a || t1 |\n | < 5 || 1 |\n | >= 5 || 2 |"), no);
    assert_eq!(c("e in [x, y, z]"), yes);
    assert_eq!(c("count(people) < 0"), no);
    assert_eq!(c("every(people each age <= 120)"), yes);
    // By looking at each part of the domain: bounds alone do not tell.
    assert_eq!(c("a < 4 or a >= 4"), yes);
    assert_eq!(c("n < 4 or n >= 4"), yes);
    assert_eq!(c("n < 4 or n > 4"), none());
    assert_eq!(c("n > 4 and n < 4"), no);
    assert_eq!(c("n > 4 and n < 4.5"), none());
    assert_eq!(c("d < 2026-01-01 and d > 2025-12-31"), no);
    assert_eq!(c("d < 2026-01-02 and d > 2025-12-31"), none());
    assert_eq!(c("b or not b"), yes);
    assert_eq!(c("e = x and e = y"), no);
    assert_eq!(c("t = \"p\" and t = \"q\""), no);
    assert_eq!(c("not (t = \"p\" and t = \"q\")"), yes);
    assert_eq!(c("o is none or o in 1..5"), yes);
    assert_eq!(c("o is none"), none());
}

#[test]
fn what_is_known_and_which_day_it_is_are_not_taken_for_granted() {
    let c = |when: &str| found(&format!("criterion c when {when}"));
    assert_eq!(c("a is known"), none());
    assert_eq!(c("a is unknown"), none());
    assert_eq!(c("assume(a, 3) > 2"), none());
    assert_eq!(c("assume(a, 3) > 0"), ["L0710 `c` is always yes"]);
    assert_eq!(c("a > 2 or as_of < 2026-01-01"), none());
    assert_eq!(c("d <= as_of"), none());
    assert_eq!(found("criterion c when t1 = 1\ntable t1\n | a || t1 |\n | unknown || 1 |\n | 1..10 || 2 |"), none());
    // A default stands for what is not said, not for what can be.
    assert_eq!(of("module m\nentity H { a integer 1..10 default 3 }\ncriterion c when a = 3"), none());
    // What dates or parameters alone decide is meant to be the same for all.
    assert_eq!(
        found("criterion c when pilot\nparameter pilot: boolean\n  from 2025-01-01: no\n  from 2026-01-01: yes"),
        none()
    );
}

#[test]
fn a_condition_that_becomes_empty_is_told_with_its_day() {
    let c = |versions: &str| found(&format!("criterion c when a <= limit\nparameter limit: integer\n{versions}"));
    assert_eq!(c("  from 2025-01-01: 4\n  from 2026-01-01: 10"), ["L0710 `c` is from 2026-01-01 on always yes"]);
    // For a time alone it may be meant; before the first version there is none to speak of.
    assert_eq!(c("  from 2025-01-01: 10\n  from 2026-01-01: 4"), none());
    assert_eq!(c("  from 2025-01-01: 10"), ["L0710 `c` is always yes"]);
    assert_eq!(
        found("criterion c from 2025-01-01 until 2025-12-31 when a <= 4\ncriterion c from 2026-01-01 when a <= 10"),
        ["L0710 `c` is always yes"]
    );
}

#[test]
fn conditions_that_cannot_be_met_together_are_told() {
    let p = |criteria: &str, asks: &str| found(&format!("{criteria}\nprogramme p {asks}"));
    let poor = "criterion poor when a <= 4\ncriterion low when a <= 6\ncriterion rich when a > 6";
    assert_eq!(
        p(poor, "requires poor refuses low"),
        ["L0712 nobody meets `poor` and is free of `low`: `p` asks for both"]
    );
    assert_eq!(p(poor, "requires poor, rich"), ["L0712 nobody meets `poor` and meets `rich`: `p` asks for both"]);
    assert_eq!(p(poor, "requires low refuses poor"), none());
    assert_eq!(
        p("criterion c when any(people each age > 3)", "requires c refuses c"),
        ["L0712 nobody meets `c` and is free of `c`: `p` asks for both"]
    );
    // Each two can be met together, all three cannot.
    assert_eq!(
        p(
            "criterion one when a in [1, 2]\ncriterion two when a in [2, 3]\ncriterion three when a in [1, 3]",
            "requires one, two, three"
        ),
        ["L0713 nobody can get `p`"]
    );
    assert_eq!(p("criterion c when a > 10", "requires c"), ["L0711 `c` is never yes", "L0713 nobody can get `p`"]);
    assert_eq!(p("criterion c when a > 0", "refuses c"), ["L0710 `c` is always yes", "L0713 nobody can get `p`"]);
    // One member need not be another.
    assert_eq!(
        p(
            "criterion old when any(people each age > 60)\ncriterion young when any(people each age < 5)",
            "requires old, young"
        ),
        none()
    );
    assert_eq!(
        found(
            "criterion P.old when age > 60\ncriterion poor when a < 3\ncriterion rich when a > 3\nprogramme p for P requires old, poor, rich"
        ),
        ["L0712 nobody meets `poor` and meets `rich`: `p` asks for both"]
    );
    // Who gets the one does not get the other, which asks for the same.
    assert_eq!(
        found("criterion poor when a < 3\nprogramme p requires poor excludes q\nprogramme q requires poor"),
        ["L0712 nobody meets `poor` and is free of `p`: `q` asks for both"]
    );
    // Until its parameters begin there is an error, not a contradiction.
    assert_eq!(
        found("criterion poor when a < k\nparameter k: integer from 2026-01-01: 3\nprogramme p requires poor"),
        none()
    );
}

#[test]
fn exceptions_that_never_or_always_hold_are_told() {
    let v = |exceptions: &str| found(&format!("define v = 1\n{exceptions}\nparameter top: integer = 10"));
    assert_eq!(v("except when a > top: 2"), ["L0714 this exception to `v` never holds"]);
    assert_eq!(v("except when 1 > 2: 2"), ["L0714 this exception to `v` never holds"]);
    assert_eq!(v("except when a <= top: 2"), ["L0710 this exception to `v` always holds"]);
    assert_eq!(v("except when a < top: 2"), none());
    assert_eq!(v("except when a < top: 2 from 2026-01-01 until 2026-06-30"), none());
    assert_eq!(v("except when b and not b: 2"), ["L0714 this exception to `v` never holds"]);
    assert_eq!(
        v("except one when a < 5: 2\nexcept to one when e = x and e = y: 3"),
        ["L0714 this exception to `v` never holds"]
    );
    assert_eq!(found("define P.v = 1\nexcept when age > 200: 2"), ["L0714 this exception to `P.v` never holds"]);
}

#[test]
fn exceptions_that_can_conflict_are_told_with_a_household() {
    let v = |exceptions: &str| found(&format!("define v = 1\n{exceptions}"));
    let conflict =
        |facts: &str| [format!("L0715 two exceptions to `v` can hold together with different values: {facts}")];
    assert_eq!(v("except when a > 7: 2\nexcept when b: 3"), conflict("a = 8, b = yes"));
    assert_eq!(v("except when a > 7: 2\nexcept when a < 9: 3"), conflict("a = 8"));
    assert_eq!(v("except when a > 7: 2\nexcept when a < 8: 3"), none());
    assert_eq!(v("except when a > 7: 2\nexcept when a < 9: 2"), none());
    assert_eq!(v("except when a > 7: 2\nexcept when a < 9: 3 priority 1"), none());
    // Equal where both hold.
    assert_eq!(v("except when a = 2: a\nexcept when a < 3: 2"), none());
    assert_eq!(v("except when a in 2..3: a\nexcept when a < 4: 2"), conflict("a = 3"));
    assert_eq!(v("except when n > 0.25: 2\nexcept when n < 0.5: 3"), conflict("n = 0.375"));
    assert_eq!(v("except when t = \"p\": 2\nexcept when e = y: 3"), conflict("e = y, t = \"p\""));
    // An exception to one of them parts them.
    assert_eq!(v("except one when a > 7: 2\nexcept when a > 8: 3\nexcept to one when a > 8: 3"), none());
    // Not in force on one day.
    assert_eq!(v("except when b: 2 until 2025-12-31\nexcept when b: 3 from 2026-01-01"), none());
    assert_eq!(v("except when b: 2 until 2026-01-01\nexcept when b: 3 from 2026-01-01"), conflict("b = yes"));
    // Of members, by what is reckoned from dates and lists.
    assert_eq!(
        found("define P.v = 1\nexcept when age >= 60: 2\nexcept when w > IDR 5: 3"),
        ["L0715 two exceptions to `P.v` can hold together with different values: P.age = 60, P.w = 6"]
    );
    assert_eq!(v("except when years from d to as_of >= 60: 2\nexcept when sum(people.w) > IDR 1_000: 3").len(), 1);
}

#[test]
fn amounts_that_can_be_fractions_are_told() {
    let amount = |gives: &str| {
        found(&format!(
            "criterion c when b\nparameter r: money per year\n  from 2023-01-01: IDR 900_000 per year\nprogramme p requires c gives x = {gives}"
        ))
    };
    let told = ["L0716 `p.x` can be a fraction of the smallest unit of IDR"];
    assert_eq!(amount("m * 33%  * 1 month"), told);
    assert_eq!(amount("m * 1 month / 3"), told);
    assert_eq!(amount("average(people.w)"), told);
    assert_eq!(amount("round(m * 33% * 1 month, to: IDR 1, half_up)"), none());
    assert_eq!(amount("round(m * 33% * 1 month, to: IDR 0.5, half_up)"), told);
    assert_eq!(amount("m * 2 months + sum(people.w)"), none());
    // Exact whatever the facts: three months of a year of 900_000 are 225_000.
    assert_eq!(amount("r * 3 months"), none());
    assert_eq!(amount("a * r * 1 month"), none());
    assert_eq!(amount("r * 1 month / 16"), told);
    assert_eq!(amount("if a > 3 then r * 1 month else IDR 0"), none());
    assert_eq!(amount("n * IDR 1"), told);
    assert_eq!(amount("a * 0.5"), none());
}
