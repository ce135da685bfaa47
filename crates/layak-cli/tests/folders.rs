//! Calls for a folder that holds several rulesets.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

use std::path::{Path, PathBuf};
use std::process::Command;

fn layak(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_layak")).current_dir(folder).args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (run.status.code(), text(run.stdout), text(run.stderr))
}

/// A folder `p` of two rulesets that share a module, with cases beside them.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("folders").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("p")).unwrap();
    for (name, text) in [
        ("shared.layak", "module p.shared\nentity Person { age integer 0.. }\ndefine Person.adult = age >= 18\n"),
        (
            "a.layak",
            "module p.a\nuse p.shared\nentity Home { people list of Person }\ndefine grown = count(people where adult)\n",
        ),
        (
            "b.layak",
            "module p.b\nuse p.shared\nentity Flat { who list of Person }\ndefine none_grown = not any(who.adult)\n",
        ),
        (
            "cases.jsonl",
            r#"{"id": "1", "module": "a", "as_of": "2026-01-01", "input": {"people": [{"age": 18}]}, "expect": {"grown": 1}}
{"id": "2", "module": "b", "as_of": "2026-01-01", "input": {"who": [{"age": 17}]}, "expect": {"none_grown": true}}
"#,
        ),
    ] {
        std::fs::write(folder.join("p").join(name), text).unwrap();
    }
    folder
}

fn done(text: &str) -> (Option<i32>, String, String) {
    (Some(0), text.to_owned(), String::new())
}

#[test]
fn each_ruleset_is_checked_and_tested() {
    let folder = folder("clean");
    assert_eq!(layak(&folder, &["check", "p", "--lang", "en"]), done("3 files checked, no errors; 2 rulesets\n"));
    let told = "3 berkas diperiksa, tidak ada galat; 2 himpunan aturan\n";
    assert_eq!(layak(&folder, &["check", "p", "--lang", "id"]), done(told));
    assert_eq!(layak(&folder, &["test", "p", "--lang", "en"]), done("2 tests passed, 0 failed; 2 rulesets\n"));
    assert_eq!(layak(&folder, &["test", ".", "--lang", "id"]), done("2 uji lulus, 0 gagal; 2 himpunan aturan\n"));
    assert_eq!(layak(&folder, &["fmt", "p", "--check"]), done(""));
    assert_eq!(layak(&folder, &["diff", "p", "p", "--lang", "en"]), done("no change in meaning\n"));
}

#[test]
fn a_case_that_does_not_say_which_ruleset_it_is_for_is_refused() {
    let folder = folder("cases");
    std::fs::write(folder.join("p/cases.jsonl"), r#"{"as_of": "2026-01-01", "input": {}, "expect": {"grown": 1}}"#)
        .unwrap();
    let (status, told, error) = layak(&folder, &["test", "p"]);
    assert_eq!((status, told.as_str()), (Some(2), ""));
    assert!(error.contains("cases.jsonl:1: several rulesets stand beside it: say by `module`"), "{error}");
    assert_eq!(layak(&folder, &["test", "p/a.layak"]).0, Some(1));
}

#[test]
fn a_finding_in_what_they_share_is_told_once() {
    let folder = folder("broken");
    let text = "module p.shared\nentity Person { age integer 0.. }\ndefine Person.adult = ages >= 18\n";
    std::fs::write(folder.join("p/shared.layak"), text).unwrap();
    let (status, told, error) = layak(&folder, &["check", "p", "--lang", "en", "--format", "json"]);
    assert_eq!((status, told.as_str()), (Some(1), ""));
    assert!(error.lines().count() == 1 && error.contains("\"L0201\""), "{error}");
    assert_eq!(layak(&folder, &["test", "p"]).0, Some(1));
}

#[test]
fn deciding_wants_one_of_them_and_names_the_files() {
    let folder = folder("decide");
    std::fs::write(folder.join("facts.json"), "{}").unwrap();
    for call in [&["decide", "p", "facts.json"][..], &["schema", "p"], &["graph", "p"], &["explain", "p", "facts.json"]]
    {
        let (status, told, error) = layak(&folder, &[call, &["--lang", "en"]].concat());
        assert_eq!((status, told.as_str()), (Some(1), ""), "{call:?}");
        assert!(error.contains("L0208") && error.contains("`p/a.layak`, `p/b.layak`"), "{error}");
        assert!(!error.contains("L0201"), "{error}");
    }
    assert_eq!(layak(&folder, &["decide", "p/a.layak", "facts.json", "--show", "grown"]).0, Some(0));
}
