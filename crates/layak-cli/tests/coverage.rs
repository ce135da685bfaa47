//! `layak test --coverage`.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use std::path::PathBuf;
use std::process::Command;

const RULES: &str = "module aid
entity Household { desil integer 1..10 }
criterion poor when desil <= 4
programme food requires poor
test \"poor\" given { desil: 4 } expect food eligible
";

const CASES: &str =
    r#"{"id": "a", "as_of": "2026-01-15", "input": {"desil": 5}, "programmes": {"food": "not_eligible"}}"#;

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("aid.layak"), RULES).unwrap();
    std::fs::write(folder.join("cases.jsonl"), CASES).unwrap();
    folder
}

fn run(folder: &PathBuf, options: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_layak"));
    let run = command.current_dir(folder).args(["test", "aid.layak", "--lang", "en"]).args(options).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (run.status.code(), text(run.stdout), text(run.stderr))
}

#[test]
fn tests_and_cases_count_together() {
    let (status, told, _) = run(&folder("coverage_text"), &["--coverage"]);
    assert_eq!(status, Some(0));
    let want = "2 tests passed, 0 failed
aid.layak:3:1: criterion `poor`: never unknown
aid.layak:4:1: programme `food`: never undetermined

  outcomes of programmes       2 / 3
  conditions of programmes     2 / 2
  criteria                     2 / 3
coverage 75% (6 of 8 shown)
";
    assert_eq!(told, want);
}

#[test]
fn less_than_asked_for_fails() {
    let folder = folder("coverage_under");
    assert_eq!(run(&folder, &["--coverage", "--fail-under", "75"]).0, Some(0));
    let (status, _, told) = run(&folder, &["--coverage", "--fail-under", "76"]);
    assert_eq!((status, &*told), (Some(1), "layak: coverage 75% is under 76%\n"));
    assert_eq!(run(&folder, &["--fail-under", "76"]).0, Some(2));
}

#[test]
fn other_formats_go_to_a_file() {
    let folder = folder("coverage_file");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    assert_eq!(run(&folder, &["--coverage=json", "--coverage-out", "c.json"]).1, "2 tests passed, 0 failed\n");
    let json: serde_json::Value = serde_json::from_str(&read("c.json")).unwrap();
    assert_eq!((&json["shown"], &json["of"]), (&6.into(), &8.into()));
    run(&folder, &["--coverage=lcov", "--coverage-out", "c.info"]);
    assert!(read("c.info").starts_with("TN:\nSF:aid.layak\nBRDA:3,0,0,1\nBRDA:3,0,1,1\nBRDA:3,0,2,0\n"));
    run(&folder, &["--coverage=html", "--coverage-out", "c.html"]);
    assert!(read("c.html").contains("<h1>Coverage of the rules: 75%</h1>"));
    // With results as JSON the coverage is one more object.
    let (_, told, _) = run(&folder, &["--coverage", "--format", "json"]);
    assert!(told.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{told}");
}
