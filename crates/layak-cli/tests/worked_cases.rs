//! `layak test` with worked cases in a data file.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use std::path::PathBuf;
use std::process::Command;

const RULES: &str = "module aid
currency IDR
enum Kind { old, young }
source registry \"Registry\"
entity Household { desil integer 1..10 from registry  rent money 0..  moved_on optional date  people list of Person 0..9 }
entity Person { nik text key  kind Kind }
define share = rent / 3
define desils = 12 / (desil - 1)
define kinds = people.kind
define latest = moved_on
criterion poor when desil <= 4
criterion cheap when rent < IDR 100
programme food requires poor, cheap gives amount = rent * 2
criterion Person.aged when kind = old
programme card for Person requires aged
";

/// The exit status and what was told of a case file beside the rules.
fn run(name: &str, file: &str, cases: &str) -> (Option<i32>, String) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    for old in ["cases.jsonl", "cases.csv"] {
        let _ = std::fs::remove_file(folder.join(old));
    }
    std::fs::write(folder.join("aid.layak"), RULES).unwrap();
    std::fs::write(folder.join(file), cases).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_layak"))
        .current_dir(&folder)
        .args(["test", "aid.layak", "--lang", "en"])
        .output()
        .unwrap();
    (run.status.code(), format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr)))
}

fn case(parts: &str) -> String {
    format!("{{\"id\": \"a\", \"as_of\": \"2026-01-15\", {parts}}}\n")
}

#[test]
fn what_is_expected_passes() {
    let cases = [
        r#""input": {"rent": 10}, "expect": {"share": "3.33", "desils": null}, "tolerance": "0.01""#,
        r#""input": {"desil": 1}, "expect": {"desils": "ERROR", "share": null}"#,
        r#""input": {"people": [{"nik": "1", "kind": "old"}]}, "expect": {"kinds": ["old"]}"#,
        r#""input": {"moved_on": null}, "expect": {"latest": null}"#,
        r#""input": {"desil": 2, "rent": 5}, "programmes": {"food": {"outcome": "eligible", "outputs": {"amount": 10}}}"#,
        r#""input": {"desil": 9, "rent": 500}, "programmes": {"food": {"outcome": "not_eligible", "because": ["poor", "cheap"]}}"#,
        r#""input": {"rent": 5}, "programmes": {"food": {"outcome": "undetermined", "missing": ["desil"]}}"#,
        r#""input": {"people": [{"nik": "7", "kind": "young"}]}, "programmes": {"card": {"7": "not_eligible"}}"#,
        r#""input": {"desil": 11}, "error": "desil""#,
        r#""input": {"desill": 1}, "error": true"#,
        r#""module": "other", "input": {}, "expect": {"nothing_here": 1}"#,
    ];
    let text: String = cases.iter().map(|c| case(c)).collect();
    assert_eq!(run("cases-pass", "cases.jsonl", &text), (Some(0), "10 tests passed, 0 failed\n".to_owned()));
}

#[test]
fn what_is_not_expected_is_told() {
    let failing = [
        (
            r#""input": {"rent": 10}, "expect": {"share": "3.33"}"#,
            "`share` is 3.333333333333333333333333333, expected 3.33",
        ),
        (r#""input": {}, "expect": {"share": 0}"#, "`share` is unknown, expected 0"),
        (r#""input": {"desil": 1}, "expect": {"desils": null}"#, "`desils` is L0"),
        (r#""input": {"desil": 3}, "expect": {"desils": "ERROR"}"#, "`desils` is 6, expected ERROR"),
        (r#""input": {"desil": 11}, "expect": {"desils": 1}"#, "desil: "),
        (r#""input": {"desil": 3}, "error": true"#, "the facts are accepted, expected an error"),
        (r#""input": {"desil": 11}, "error": "rent""#, "desil: "),
        (r#""input": {"desil": 9}, "programmes": {"food": "eligible"}"#, "`food` is not_eligible, expected eligible"),
        (
            r#""input": {"desil": 9, "rent": 1}, "programmes": {"food": {"because": ["cheap"]}}"#,
            "`food`: because is [poor], expected [cheap]",
        ),
        (r#""input": {"desil": 9}, "programmes": {"food": {"reasons": []}}"#, "a case has no `reasons`"),
        (r#""input": {}, "programmes": {"fod": "eligible"}"#, "the rules have no programme `fod`"),
        (r#""input": {}, "expect": {"shar": 1}"#, "did you mean `share`?"),
        (r#""input": {}, "expects": {"share": 1}"#, "a case has no `expects`"),
        (r#""input": {}"#, "the case expects nothing"),
        (r#""expect": {"share": 1}"#, "the case has no `input`"),
        (r#""input": {}, "expect": {"share": 1}, "tolerance": "-1""#, "`tolerance` is no number from 0"),
    ];
    let text: String = failing.iter().map(|(c, _)| case(c)).collect();
    let (status, told) = run("cases-fail", "cases.jsonl", &text);
    assert_eq!(status, Some(1));
    for (line, (_, want)) in (1..).zip(failing) {
        let (_, after) = told.split_once(&format!("cases.jsonl:{line}: failed `a`\n")).unwrap();
        let own = after.lines().take_while(|l| l.starts_with("  ")).collect::<Vec<_>>().join("\n");
        assert!(own.contains(want), "{line}: {own}");
    }
    assert!(told.ends_with("0 tests passed, 16 failed\n"), "{told}");
}

#[test]
fn a_table_of_cases() {
    let table = "id,as_of,input.desil,input.rent,input.people,expect.share,programmes.food\n\
                 a,2026-01-15,3,30,\"[{\"\"nik\"\":\"\"1\"\"}]\",10,eligible\n\
                 b,2026-01-15,9,,,null,not_eligible\n\
                 c,2026-01-15,3,30,,11,\n";
    let (status, told) = run("cases-csv", "cases.csv", table);
    assert_eq!(status, Some(1));
    assert_eq!(told, "cases.csv:4: failed `c`\n  `share` is 10, expected 11\n2 tests passed, 1 failed\n");
}
