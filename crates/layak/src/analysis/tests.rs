//! Findings with the right witness, by table.
#![allow(clippy::unwrap_used, clippy::panic)]

use crate::{Lang, Ruleset, Sources};

mod households;
mod proof;
mod through;
mod verdicts;
mod words;

fn told(rules: &Ruleset) -> Vec<String> {
    rules.analyse().iter().map(|f| format!("{} {}", f.code(), f.message().in_lang(Lang::En))).collect()
}

fn of(text: &str) -> Vec<String> {
    told(&Ruleset::from_text(text).unwrap())
}

/// What is found in tables over these facts; that not all of them are used is not looked at.
fn found(rows: &str) -> Vec<String> {
    let text = format!(
        "module m\nentity H {{ a integer 0..20  n number  d date 2025-01-01..  b boolean  t text  e E }}\n\
         enum E {{ x, y, z }}\ndefine old = a\n{rows}"
    );
    of(&text).into_iter().filter(|f| !f.starts_with("L0705")).collect()
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
        format!("| {} || 1 |\n", cells.join(" | "))
    };
    let rows: String = (0..300).map(row).collect();
    let found = found(&format!("table q any\n| {} || q |\n{rows}", columns.join(" | ")));
    assert_eq!(found, ["L0703 `q` is too large to analyse"]);
}

#[test]
fn what_no_programme_comes_to_is_told() {
    let entity = "module m\nentity H { id text key  a integer  b integer  c integer }\n";
    let facts = "criterion x \"x\" when a = 1 basis \"l\"\n";
    assert_eq!(
        of(&format!(
            "{entity}{facts}define y = b + limit\ndefine z = y\nparameter limit: integer = 1\nparameter spare: integer = 2\n\
             programme p \"p\" basis \"l\" requires x"
        )),
        [
            "L0705 `b` is not used",
            "L0705 `c` is not used",
            "L0704 `y` is not used",
            "L0704 `z` is not used",
            "L0706 `limit` is not used",
            "L0706 `spare` is not used",
        ]
    );
    // Without a programme each value is asked for by its name, but a function cannot be.
    assert_eq!(
        of(
            "module m\nentity H { a integer }\ndefine y = a\ndefine f(n: integer) = n + spare\nparameter spare: integer = 2"
        ),
        ["L0704 `f` is not used", "L0706 `spare` is not used"]
    );
}

#[test]
fn a_use_in_a_reason_a_list_a_record_or_a_programme_for_members_counts() {
    assert_eq!(
        of("module m\nentity H { home Home  people list of P  spare list of Q  codes list of text }\n\
            entity Home { rent number  size number }\nentity P { id text key  a integer  w integer }\nentity Q { z integer }\n\
            criterion P.x \"x\" when a = 1 basis \"l\" otherwise en \"{w}\"\n\
            criterion low \"low\" when home.rent < 3 and count(codes) > 0 basis \"l\"\n\
            programme p for P \"p\" basis \"l\" requires x, low"),
        ["L0705 `spare` is not used", "L0705 `home.size` is not used"]
    );
}

#[test]
fn a_link_is_used_where_the_one_that_leads_back_is() {
    assert_eq!(
        of(
            "module m\nentity H { people list of P }\nentity P { id text key  age integer  mother optional link to P inverse children  \
            children list of link to P }\ndefine P.v = any(children where age < 18)"
        ),
        Vec::<String>::new()
    );
}

#[test]
fn hidden_names_are_told() {
    let rules = |more: &str| {
        of(&format!(
            "module m\nentity H {{ a integer  members list of P }}\nentity P {{ p integer  e E }}\nenum E {{ x, y }}\n{more}"
        ))
    };
    let hides = |name: &str| format!("L0707 here `{name}` hides another `{name}`, which then cannot be meant");
    let all = "define u = a + sum(members.p) + count(members where e = x)\n";
    assert_eq!(rules(all), Vec::<String>::new());
    assert_eq!(rules(&format!("{all}define f(a: integer) = a\ndefine v = f(1)")), [hides("a")]);
    assert_eq!(rules(&format!("{all}define v = count(members a where a.p > 1)")), [hides("a")]);
    assert_eq!(rules(&format!("{all}define v = count(members one where one.p > 1)")), Vec::<String>::new());
    assert_eq!(rules(&format!("{all}define P.y = e")), [hides("y")]);
    assert_eq!(
        rules(&format!("{all}define max(n: integer) = n\ndefine v = max(1)")),
        ["L0707 `max` hides the function `max` of the language"]
    );
    let mut sources = Sources::new();
    sources.add("a.layak", "module a\nentity H { a integer }\ndefine v = a");
    sources.add("b.layak", "module b\nuse a\ndefine v = a");
    sources.add("c.layak", "module c\nuse a (H)\ndefine v = a");
    assert_eq!(told(&Ruleset::from_sources(&sources, crate::Limits::default()).unwrap()), [hides("v")]);
}

#[test]
fn versions_that_never_apply_are_told() {
    let rules = |versions: &str| {
        of(&format!("module m\nentity H {{ a integer }}\ndefine v = a + p\nparameter p: integer\n{versions}"))
    };
    let never = ["L0708 this version of `p` never applies: what was enacted later replaces all of it"];
    let year = "from 2026-01-01 until 2026-12-31";
    assert_eq!(rules(&format!("{year}: 1\n{year} enacted 2026-01-01: 2")), never);
    assert_eq!(rules(&format!("{year}: 1\n{year} enacted 2026-01-02: 2")), Vec::<String>::new());
    // Two replace it together; one of them was known too late to replace the other.
    assert_eq!(
        rules(&format!(
            "{year}: 1\nfrom 2026-01-01 until 2026-03-31 enacted 2025-06-01: 2\nfrom 2026-04-01 until 2027-03-31 enacted 2026-02-01: 3"
        )),
        never
    );
    // Made for a day long past: used from the day it was enacted on.
    assert_eq!(rules(&format!("{year}: 1\n{year} enacted 2027-06-01: 2")), Vec::<String>::new());
    assert_eq!(
        of(
            "module m\nentity H { a integer }\ndefine v from 2026-01-01 = a\n  except when a > 3: 2 until 2025-12-31\n  except when a < 3: 1 from 2025-12-31"
        ),
        ["L0708 this exception to `v` never applies: the rule is not in force in its period"]
    );
}

#[test]
fn an_allow_silences_one_kind_in_one_place() {
    let rules =
        |a: &str, b: &str| of(&format!("module m\nentity H {{ a integer {a} b integer {b} c integer }}\ndefine v = c"));
    let allow = "allow L0705 \"kept\"";
    assert_eq!(rules("", ""), ["L0705 `a` is not used", "L0705 `b` is not used"]);
    assert_eq!(rules(allow, ""), ["L0705 `b` is not used"]);
    assert_eq!(rules(allow, allow), Vec::<String>::new());
    assert_eq!(rules(&format!("{allow} allow L0706 \"kept\""), allow), ["L0709 nothing here raises L0706"]);
    // A field may have the word for its name.
    assert_eq!(
        of("module m\nentity H { allow text  a integer }\ndefine v = if a = 1 then allow else \"-\""),
        Vec::<String>::new()
    );
}
