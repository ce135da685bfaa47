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
