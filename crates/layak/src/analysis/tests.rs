//! Findings with the right witness, by table.
#![allow(clippy::unwrap_used)]

use crate::{Lang, Ruleset};

fn found(rows: &str) -> Vec<String> {
    let text = format!(
        "module m\nentity H {{ a integer 0..20  n number  d date 2025-01-01..  b boolean  t text  e E }}\n\
         enum E {{ x, y, z }}\ndefine old = a\n{rows}"
    );
    let findings = Ruleset::from_text(&text).unwrap().analyse();
    findings.iter().map(|f| format!("{} {}", f.code(), f.message().in_lang(Lang::En))).collect()
}

#[test]
fn overlaps_have_a_witness() {
    // A known fault of other engines: ranges that overlap, found only when decided.
    assert_eq!(
        found("table q else 0\n | n || q |\n | > 20 || 1 |\n | < 22 || 2 |"),
        ["L0411 two rows of `q` match together: n = 21"]
    );
    assert_eq!(
        found("table q else 0\n | n | e || q |\n | 1..2 | x, y || 1 |\n | 2..3 | not x || 2 |"),
        ["L0411 two rows of `q` match together: n = 2, e = y"]
    );
    assert_eq!(found("table q else 0\n | n | e || q |\n | 1..2 | x || 1 |\n | 2..3 | y || 2 |"), Vec::<String>::new());
    assert_eq!(found("table q first else 0\n | n || q |\n | > 20 || 1 |\n | < 22 || 2 |"), Vec::<String>::new());
}

#[test]
fn gaps_have_a_witness() {
    let gap = |head: &str, rows: &str| found(&format!("table q\n | {head} || q |\n{rows}"));
    assert_eq!(gap("a", "| < 6 || 1 |\n| > 6 || 2 |"), ["L0701 no row of `q` matches: a = 6"]);
    assert_eq!(gap("a", "| <= 5 || 1 |\n| >= 6 || 2 |"), Vec::<String>::new());
    assert_eq!(gap("n", "| <= 5 || 1 |\n| >= 6 || 2 |"), ["L0701 no row of `q` matches: n = 5.5"]);
    assert_eq!(gap("old", "| 0..19 || 1 |"), ["L0701 no row of `q` matches: old = 20"]);
    assert_eq!(gap("a", "| 0..20 || 1 |"), Vec::<String>::new());
    assert_eq!(
        gap("d", "| <= 2026-01-01 || 1 |\n| > 2026-01-02 || 2 |"),
        ["L0701 no row of `q` matches: d = 2026-01-02"]
    );
    assert_eq!(
        gap("b | e", "| yes | x || 1 |\n| yes | not x || 2 |\n| no | y, z || 3 |"),
        ["L0701 no row of `q` matches: b = no, e = x"]
    );
    assert_eq!(gap("t", "| \"ab\" || 1 |"), ["L0701 no row of `q` matches: t = \"???\""]);
    assert_eq!(gap("t", "| \"ab\" || 1 |\n| not \"ab\" || 2 |"), Vec::<String>::new());
}

#[test]
fn rows_out_of_reach_are_told() {
    assert_eq!(
        found("table q first\n | a || q |\n | <= 10 || 1 |\n | >= 5 || 2 |\n | 3..12 || 3 |"),
        ["L0702 the rows before it take all that this row of `q` matches"]
    );
    assert_eq!(found("table q else 0\n | a || q |\n | > 20 || 1 |"), ["L0702 this row of `q` can never match"]);
}

#[test]
fn a_thousand_rows_of_six_columns_are_analysed() {
    let rows: String = (0..1000)
        .map(|i| format!("| {}..<{} | - | 2025-01-01..2030-01-01 | - | x | - || {i} |\n", i * 2, i * 2 + 2))
        .collect();
    let found = found(&format!("table q\n| n | a | d | b | e | t || q |\n{rows}"));
    assert_eq!(found, ["L0701 no row of `q` matches: n = -1, a = 0, d = 2025-01-01, b = no, e = x, t = \"?\""]);
}

#[test]
fn crossing_rows_end_in_time_and_say_so() {
    // Each row leaves out one piece of every column: their union can be told by trying combinations alone.
    let columns: Vec<String> = (0..12).map(|i| format!("n + {i}")).collect();
    let row = |i: usize| -> String {
        let cells: Vec<String> = (0..12).map(|c| format!("not {}", (i * 7 + c * 13) % 41)).collect();
        format!("| {} || {i} |\n", cells.join(" | "))
    };
    let rows: String = (0..300).map(row).collect();
    let found = found(&format!("table q any\n| {} || q |\n{rows}", columns.join(" | ")));
    assert!(found.iter().all(|f| f.starts_with("L070")), "{found:?}");
    assert_eq!(found.len(), 1);
}
