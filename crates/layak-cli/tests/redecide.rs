//! `layak redecide`: what changes when facts are corrected or the law is another, and what it makes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods)]

use std::path::{Path, PathBuf};
use std::process::Command;

fn layak(args: &[&str]) -> (Option<i32>, String, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_layak")).args(args).env("LANG", "C").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (run.status.code(), text(run.stdout), text(run.stderr))
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("redecide").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

const RULES: &str = "module aid
currency IDR
calendar leap_day march_1, month_end clip
entity Home { id text key  desil integer 1..10  shop boolean  people list of Person 0..9 }
entity Person { nik text key  elder boolean }
parameter limit: integer from 2025-01-01: 4
criterion poor when desil <= limit otherwise en \"Decile {desil} is above {limit}\" id \"Desil {desil} di atas {limit}\"
programme food requires poor gives once = IDR 100 * count(people), monthly: money per month = IDR 50 per month
programme card for Person requires old
criterion Person.old when elder
";

/// The households decided for two quarters.
fn kept(folder: &Path, facts: &str) -> (String, String) {
    let rules = write(folder, "aid.layak", RULES);
    let facts = write(folder, "facts.jsonl", facts);
    let mut all = String::new();
    for day in ["2026-01-01", "2026-04-01"] {
        let (_, out, err) = layak(&["decide", &rules, &facts, "--as-of", day, "--record", "--format", "jsonl"]);
        assert!(!out.is_empty(), "{err}");
        all.push_str(&out);
    }
    (rules, write(folder, "old.jsonl", &all))
}

const FACTS: &str = r#"{"id": "a", "desil": 3, "shop": false, "people": [{"nik": "1", "elder": true}, {"nik": "2", "elder": false}]}
{"id": "b", "desil": 9, "people": []}
{"id": "c", "people": []}
"#;

#[test]
fn corrected_facts_are_told_with_what_they_make() {
    let folder = folder("facts");
    let (_, old) = kept(&folder, FACTS);
    let new = r#"{"id": "a", "desil": 5, "shop": true, "people": [{"nik": "2", "elder": false}, {"nik": "1", "elder": true}]}
{"id": "b", "desil": 4, "people": []}
"#;
    let new = write(&folder, "new.jsonl", new);
    let (status, out, err) = layak(&["redecide", &old, &new, "--until", "2026-06-01"]);
    assert_eq!((status, err.as_str()), (Some(0), ""));
    let wanted = "a 2026-01-01..<2026-04-01
  food  eligible -> not eligible
    once Rp200 -> Rp0: overpaid Rp200
    monthly Rp50 per month -> Rp0 per month: overpaid Rp150
    - Decile 5 is above 4
  `desil`: 3 -> 5 (decides `food`)
b 2026-01-01..<2026-04-01
  food  not eligible -> eligible
    monthly Rp0 per month -> Rp50 per month: underpaid Rp150
    - then: Decile 9 is above 4
  `desil`: 9 -> 4 (decides `food`)
a 2026-04-01..<2026-06-01
  food  eligible -> not eligible
    once Rp200 -> Rp0: overpaid Rp200
    monthly Rp50 per month -> Rp0 per month: overpaid Rp100
    - Decile 5 is above 4
  `desil`: 3 -> 5 (decides `food`)
b 2026-04-01..<2026-06-01
  food  not eligible -> eligible
    monthly Rp0 per month -> Rp50 per month: underpaid Rp100
    - then: Decile 9 is above 4
  `desil`: 9 -> 4 (decides `food`)
decided again: 4 changed, 0 as before, 0 failed, 2 not among the facts
  food.monthly: overpaid Rp250, underpaid Rp250
  food.once: overpaid Rp400, underpaid Rp0
";
    assert_eq!(out, wanted);
    assert_eq!(layak(&["redecide", &old, &new, "--check"]).0, Some(1));
    let (_, out, _) = layak(&["redecide", &old, &new, "--lang", "id"]);
    assert!(out.contains("food  layak -> tidak layak\n    once Rp200 -> Rp0: kelebihan bayar Rp200"), "{out}");
}

#[test]
fn members_that_came_or_went_and_facts_that_came_to_be_known_are_told() {
    let folder = folder("members");
    let (_, old) = kept(&folder, FACTS);
    let new = r#"{"id": "a", "desil": 3, "people": [{"nik": "1", "elder": true}, {"nik": "3", "elder": true}]}
{"id": "c", "desil": 2, "people": []}
"#;
    let new = write(&folder, "new.jsonl", new);
    let (status, out, _) = layak(&["redecide", &old, &new]);
    assert_eq!(status, Some(0));
    assert!(out.contains("  card [2]  not eligible -> absent\n"), "{out}");
    assert!(out.contains("  card [3]  absent -> eligible\n"), "{out}");
    assert!(out.contains("  `people[\"2\"]` is there no more (decides `card`, `food`)\n"), "{out}");
    assert!(out.contains("  `people[\"3\"]` was not there (decides `card`, `food`)\n"), "{out}");
    assert!(out.contains("  food  undetermined -> eligible\n"), "{out}");
    assert!(out.contains("  `desil`: not recorded -> 2 (decides `food`)\n"), "{out}");
}

#[test]
fn a_later_law_is_told_apart_from_the_facts() {
    let folder = folder("law");
    let (_, old) = kept(&folder, FACTS);
    let act = "amend aid \"Raise\" from 2026-01-01 enacted 2026-05-01 { parameter limit: integer = 9 }\n";
    let act = write(&folder, "act.layak", act);
    let facts = write(&folder, "same.jsonl", FACTS);
    let call = ["redecide", &old, &facts, "--amend", &act];
    let (status, out, _) = layak(&call);
    assert_eq!(status, Some(0));
    assert!(out.starts_with("decided again: 0 changed, 6 as before"), "it was not known then: {out}");
    let (_, out, _) = layak(&[&call[..], &["--known-on", "2026-06-01"]].concat());
    assert!(out.contains("  food  not eligible -> eligible\n"), "{out}");
    assert!(out.contains("  the law as known on: 2026-01-01 -> 2026-06-01 (decides `food`)\n"), "{out}");
    assert!(!out.contains("`desil`"), "no fact was corrected: {out}");
    let (_, out, _) = layak(&[&call[..], &["--known-on", "2026-06-01", "--format", "json"]].concat());
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let schema = jsonschema::draft202012::new(&layak::Redecision::schema()).unwrap();
    let (_, corrected, _) =
        layak(&["redecide", &old, &write(&folder, "b.jsonl", "{\"id\": \"b\"}\n"), "--format", "json"]);
    let corrected = corrected.lines().map(|line| serde_json::from_str(line).unwrap());
    for line in lines.iter().cloned().chain(corrected).filter(|line: &serde_json::Value| line["summary"].is_null()) {
        let errors: Vec<String> = schema.iter_errors(&line).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{line} {errors:?}");
    }
    let told = lines.iter().find(|line| line["id"] == "b").unwrap();
    assert_eq!(told["programmes"][0]["by_rules"], true);
    assert_eq!(told["programmes"][0]["amounts"][0]["per"], "month");
    assert_eq!(told["programmes"][0]["amounts"][0]["underpaid"], "150");
    assert_eq!(told["corrections"], serde_json::json!([]));
    assert_eq!(lines.last().unwrap()["summary"]["changed"], 2);
}

#[test]
fn what_cannot_be_decided_again_is_told() {
    let folder = folder("failed");
    let (rules, old) = kept(&folder, "{\"id\": \"a\", \"desil\": 3, \"people\": []}\n{\"id\": \"z\", \"desil\": 99}\n");
    let wrong = write(&folder, "wrong.jsonl", "{\"id\": \"a\", \"desil\": 33, \"people\": []}\n");
    let (status, out, _) = layak(&["redecide", &old, &wrong]);
    assert_eq!(status, Some(1));
    assert!(out.contains("a (1)\n  ! the rules refuse the facts: L0605: desil: "), "{out}");
    let plain = write(&folder, "plain.jsonl", "{\"id\": \"a\", \"programmes\": {}}\n");
    let (status, out, _) = layak(&["redecide", &plain, &wrong, "--rules", &rules]);
    assert_eq!(status, Some(1));
    assert!(out.contains("the decision has no record"), "{out}");
}
