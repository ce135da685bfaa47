//! `layak test --mutate`.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use std::path::{Path, PathBuf};
use std::process::Command;

const RULES: &str = "module aid
entity Household { desil integer }
criterion poor when desil <= 4
programme food requires poor
test \"poor\" given { desil: 4 } expect food eligible
";

const CASE: &str =
    r#"{"id": "a", "as_of": "2026-01-15", "input": {"desil": 9}, "programmes": {"food": "not_eligible"}}"#;

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("aid.layak"), RULES).unwrap();
    std::fs::write(folder.join("cases.jsonl"), CASE).unwrap();
    folder
}

fn run(folder: &Path, options: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_layak"));
    let run = command.current_dir(folder).args(["test", "aid.layak", "--mutate"]).args(options).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (run.status.code(), text(run.stdout), text(run.stderr))
}

#[test]
fn survivors_are_told_with_the_score() {
    let folder = folder("mutation_text");
    let (status, told, _) = run(&folder, &["--lang", "en"]);
    let want = "aid.layak:3:30: threshold: `4` -> `5`
  as of 2000-01-01: {\"desil\":5}
    rules:  food not_eligible because poor
    mutant: food eligible
4 of 5 mutants noticed (80%); 0 equivalent, 0 no rules
";
    assert_eq!((status, &*told), (Some(0), want));
    let (status, _, told) = run(&folder, &["--lang", "en", "--fail-under", "81"]);
    assert_eq!((status, &*told), (Some(1), "layak: 80% of the mutants noticed, under 81%\n"));
    assert!(run(&folder, &["--lang", "id"]).1.ends_with("4 dari 5 mutan ditemukan (80%); 0 setara, 0 bukan aturan\n"));
}

#[test]
fn a_run_goes_on_from_its_file() {
    let folder = folder("mutation_resume");
    let file = folder.join("state.jsonl");
    let (_, told, _) = run(&folder, &["--lang", "en", "--resume", "state.jsonl", "--budget", "0"]);
    assert!(told.ends_with("0 of 0 mutants noticed (100%); 0 equivalent, 0 no rules, 5 not tried yet\n"), "{told}");
    run(&folder, &["--resume", "state.jsonl", "--mutants", "2"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 3);
    let (_, told, _) = run(&folder, &["--format", "json", "--resume", "state.jsonl"]);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["killed"], &told["of"]), (&4.into(), &5.into()));
    assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 6);
    // Another case: nothing of the file counts any more.
    std::fs::write(folder.join("cases.jsonl"), CASE.replace('9', "5")).unwrap();
    let (_, told, _) = run(&folder, &["--lang", "en", "--resume", "state.jsonl"]);
    assert!(told.starts_with("5 of 5 mutants noticed"), "{told}");
}

#[test]
fn a_file_of_something_else_is_not_written_over() {
    let folder = folder("mutation_foreign");
    let (status, _, told) = run(&folder, &["--lang", "en", "--resume", "aid.layak"]);
    assert_eq!((status, &*told), (Some(2), "layak: aid.layak: no file of `--resume`\n"));
    assert_eq!(std::fs::read_to_string(folder.join("aid.layak")).unwrap(), RULES);
    assert_eq!(run(&folder, &["--coverage"]).0, Some(2));
}
