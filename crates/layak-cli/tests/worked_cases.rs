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
    for old in ["cases.jsonl", "cases.csv", "cases.xlsx"] {
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

/// What a call says of the rules in a folder.
fn call(folder: &std::path::Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let run =
        Command::new(env!("CARGO_BIN_EXE_layak")).current_dir(folder).arg("test").args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (run.status.code(), text(&run.stdout), text(&run.stderr))
}

#[test]
fn a_sheet_is_filled_in_run_and_written_back() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cases-sheet");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("aid.layak"), RULES).unwrap();
    assert_eq!(call(&folder, &["aid.layak", "--template", "empty.xlsx", "--elements", "2"]).0, Some(0));
    assert_eq!(call(&folder, &["aid.layak", "--template", "empty.csv", "--elements", "1"]).0, Some(0));
    let header = std::fs::read_to_string(folder.join("empty.csv")).unwrap();
    assert_eq!(
        header.trim_end(),
        "id,as_of,known_on,note,origin,input.desil,input.rent,input.moved_on,input.people,input.people[0].nik,input.people[0].kind,\
         programmes.food,programmes.food.amount,programmes.food.because,programmes.food.missing,\
         programmes.card[0],programmes.card[0].because,programmes.card[0].missing"
    );
    // The empty Excel file is a sheet without cases, beside the rules as in its place.
    std::fs::rename(folder.join("empty.xlsx"), folder.join("cases.xlsx")).unwrap();
    assert_eq!(
        call(&folder, &["aid.layak", "--lang", "en"]),
        (Some(0), "0 tests passed, 0 failed\n".into(), String::new())
    );

    let sheet = "id,as_of,input.desil,input.rent,input.people[0].nik,input.people[0].kind,programmes.food,programmes.food.amount,programmes.card[0]\n\
                 a,2026-01-15,3,5,7,old,eligible,10,eligible\n\
                 b,2026-01-15,9,5,7,young,eligible,10,not_eligible\n";
    std::fs::write(folder.join("filled.csv"), sheet).unwrap();
    let arguments = ["aid.layak", "--cases", "filled.csv", "--results", "told.xlsx", "--lang", "id"];
    let (status, told, _) = call(&folder, &arguments);
    assert_eq!(status, Some(1));
    assert!(told.contains("filled.csv:3: gagal `b`\n  `food` adalah not_eligible, diharapkan eligible\n"), "{told}");
    // The copy says the same when it is run.
    let (status, again, _) =
        call(&folder, &["aid.layak", "--cases", "told.xlsx", "--results", "told.csv", "--lang", "id"]);
    assert_eq!((status, again), (Some(1), told.replace("filled.csv", "told.xlsx")));
    let copy = std::fs::read_to_string(folder.join("told.csv")).unwrap();
    assert!(copy.lines().nth(1).unwrap().ends_with(",eligible,lulus"), "{copy}");

    std::fs::write(folder.join("bad.csv"), "id,as_of,input.desill\na,soon,3\n").unwrap();
    let (status, told, wrong) = call(&folder, &["aid.layak", "--cases", "bad.csv", "--lang", "en"]);
    assert_eq!((status, told.as_str()), (Some(1), ""));
    assert!(
        wrong.starts_with("bad.csv:C1: a case has no column `input.desill`: did you mean `input.desil`?\nbad.csv:B2: "),
        "{wrong}"
    );
    std::fs::write(folder.join("bad.xlsx"), "id").unwrap();
    let (status, _, wrong) = call(&folder, &["aid.layak", "--cases", "bad.xlsx", "--lang", "id"]);
    assert!(status == Some(1) && wrong.starts_with("bad.xlsx: ini bukan berkas Excel"), "{wrong}");
    for wrong in [["--template", "x.txt"], ["--results", "x.txt"], ["--elements", "501"]] {
        let (status, _, told) = call(&folder, &["aid.layak", wrong[0], wrong[1]]);
        assert_eq!(status, Some(2), "{wrong:?} {told}");
    }
}
