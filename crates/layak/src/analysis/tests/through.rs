//! Tables whose columns and cells are not the facts and constants themselves.

use super::found;

#[test]
fn cells_may_be_parameters_and_what_is_reckoned_from_them() {
    let t = |p: &str, rows: &str| found(&format!("parameter k: integer\n{p}\ntable q\n | a || q |\n{rows}"));
    assert_eq!(t("  from 2025-01-01: 6", "| < k || 1 |\n| > k || 2 |"), ["L0701 no row of `q` matches: a = 6"]);
    assert_eq!(t("  from 2025-01-01: 6", "| < k || 1 |\n| >= k || 2 |"), Vec::<String>::new());
    assert_eq!(t("  from 2025-01-01: 6", "| < k + 1 || 1 |\n| > 7 || 2 |"), ["L0701 no row of `q` matches: a = 7"]);
    // On the days of one version alone.
    assert_eq!(
        t("  from 2025-01-01: 6\n  from 2026-01-01: 8", "| <= 6 || 1 |\n| >= k || 2 |"),
        ["L0701 no row of `q` matches: a = 7", "L0411 two rows of `q` match together: a = 6"]
    );
    assert_eq!(t("  from 2025-01-01: 30", "| <= 20 || 1 |\n| > k || 2 |"), ["L0702 this row of `q` can never match"]);
    // Out of reach with one version, there for the other.
    let dated = "parameter k: integer\n  from 2025-01-01: 30\n  from 2026-01-01: 10\n";
    let none = Vec::<String>::new();
    assert_eq!(found(&format!("{dated}table q else 0\n | a || q |\n | <= 10 || 1 |\n | > k || 2 |")), none);
}

#[test]
fn columns_may_be_definitions_with_domains_of_their_own() {
    assert_eq!(
        found("define twice = a * 2\ntable q\n | twice || q |\n | 0..39 || 1 |"),
        ["L0701 no row of `q` matches: twice = 40"]
    );
    assert_eq!(found("define twice = a * 2\ntable q\n | twice || q |\n | 0..40 || 1 |"), Vec::<String>::new());
    assert_eq!(
        found("define kind: E = if b then y else z\ntable q\n | kind || q |\n | y || 1 |\n | z || 2 |").as_slice(),
        Vec::<String>::new().as_slice()
    );
}

#[test]
fn what_columns_cannot_come_to_together_is_no_gap_and_no_overlap() {
    let grown = "define grown = a >= 18\n";
    assert_eq!(
        found(&format!("{grown}table q\n | a | grown || q |\n | < 18 | no || 1 |\n | >= 18 | yes || 2 |")),
        Vec::<String>::new()
    );
    assert_eq!(
        found(&format!("{grown}table q\n | a | grown || q |\n | < 17 | no || 1 |\n | >= 18 | yes || 2 |")),
        ["L0701 no row of `q` matches: a = 17, grown = no"]
    );
    assert_eq!(
        found(&format!("{grown}table q\n | a | grown || q |\n | - | yes || 1 |\n | < 18 | - || 2 |")),
        Vec::<String>::new()
    );
    assert_eq!(
        found(&format!("{grown}table q\n | a | grown || q |\n | - | yes || 1 |\n | <= 18 | - || 2 |")),
        ["L0411 two rows of `q` match together: a = 18, grown = yes"]
    );
}

#[test]
fn a_list_that_a_table_collects_has_rows_out_of_reach_too() {
    assert_eq!(
        found("table q collect list\n | a || q |\n | > 20 || 1 |\n | 3 || 2 |"),
        ["L0702 this row of `q` can never match"]
    );
}

#[test]
fn a_household_shows_the_gap_of_columns_that_are_reckoned() {
    let rules = crate::Ruleset::from_text(
        "module m\ncalendar leap_day march_1, month_end clip\nentity H { people list of P }\nentity P { birth date }\n\
         define P.age = years from birth to date(\"2026-01-01\")\n\
         table P.q\n | age || q |\n | < 18 || 1 |\n | > 18 || 2 |",
    )
    .unwrap();
    let findings = rules.analyse();
    let finding = findings.iter().next().unwrap();
    assert_eq!(finding.message().in_lang(crate::Lang::En), "no row of `q` matches: age = 18");
    assert_eq!(finding.reason().unwrap().in_lang(crate::Lang::En), "where P.birth = 2007-12-31");
}

#[test]
fn rows_that_never_count_are_told_whatever_the_policy() {
    let q = |head: &str, rows: &str| found(&format!("table q {head} else 0\n{rows}"));
    let none = Vec::<String>::new();
    // Its cells can hold one by one and not together.
    assert_eq!(q("", "| a | old || q |\n| < 5 | > 10 || 1 |"), ["L0702 this row of `q` can never match"]);
    assert_eq!(q("collect sum", "| a | old || q |\n| < 5 | > 10 || 1 |"), ["L0702 this row of `q` can never match"]);
    // What is left to it can come about nowhere.
    let masked = "L0702 the rows before it take all that this row of `q` matches";
    assert_eq!(q("first", "| a | old || q |\n| < 10 | - || 1 |\n| - | < 10 || 2 |"), [masked]);
    assert_eq!(q("first", "| a | old || q |\n| < 10 | - || 1 |\n| - | < 11 || 2 |"), none);
    let worse = "L0702 this row of `q` never counts: wherever it matches, a row of a better rank does, or one with the same result";
    assert_eq!(q("priority [2, 1]", "| a || q |\n| < 5 || 1 |\n| < 9 || 2 |"), [worse]);
    assert_eq!(q("priority [1, 2]", "| a || q |\n| < 5 || 1 |\n| < 9 || 2 |"), none);
    let same = "L0702 this row of `q` adds nothing: wherever it matches, rows before it give the same";
    assert_eq!(q("any", "| a || q |\n| < 9 || 2 |\n| < 5 || 2 |"), [same]);
    assert_eq!(q("any", "| a || q |\n| < 9 || n |\n| < 5 || n |"), none);
    assert_eq!(
        q("any", "| a || q |\n| < 9 || 2 |\n| 4..12 || 3 |"),
        ["L0411 two rows of `q` match together with different results: a = 4"]
    );
    // Of two outputs the first ranks, and both are the result.
    let both = |rows: &str| found(&format!("table q priority [2, 1]\n| a || x | y |\n{rows}"));
    assert_eq!(
        both("| < 9 || 1 | 5 |\n| > 7 || 1 | 6 |"),
        ["L0411 two rows of `q` match together with different results: a = 8"]
    );
    assert_eq!(both("| < 9 || 1 | 5 |\n| > 7 || 1 | 6 |\n| 8 || 2 | 7 |"), none);
    // The amounts of a day decide which rows differ.
    let dated = "parameter k: integer\n  from 2025-01-01: 2\n  from 2026-01-01: 3\n";
    let rows = "table q any\n| a || q |\n| < 9 || 2 |\n| >= 8 || k |";
    assert_eq!(
        found(&format!("{dated}{rows}")),
        ["L0411 two rows of `q` match together with different results: a = 8"]
    );
}
