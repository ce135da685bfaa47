//! `layak decide --record` and `layak replay`: decisions made again from what was kept of them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods)]

use std::path::{Path, PathBuf};
use std::process::Command;

fn layak(args: &[&str]) -> (Option<i32>, String, String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let run = Command::new(env!("CARGO_BIN_EXE_layak")).current_dir(root).args(args).env("LANG", "C").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (run.status.code(), text(run.stdout), text(run.stderr))
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("replay").join(name);
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
entity Home { id text key  desil integer 1..10  power integer 0.. }
parameter limit: integer = 4
criterion poor when desil <= limit otherwise en \"Decile {desil} is above {limit}\" id \"Desil {desil} di atas {limit}\"
programme food requires poor
";

const FACTS: &str = r#"{"id": "a", "desil": 3, "power": 900}
{"id": "b", "desil": 40}
{"id": "c", "desil": 9, "power": 900}
"#;

#[test]
fn decisions_are_made_again_bit_for_bit() {
    let folder = folder("same");
    let rules = write(&folder, "aid.layak", RULES);
    let facts = write(&folder, "facts.jsonl", FACTS);
    for format in ["jsonl", "json"] {
        let out = folder.join(format!("decisions.{format}"));
        let out = out.to_str().unwrap();
        let call = ["decide", &rules, &facts, "--as-of", "2026-01-15", "--record", "--format", format, "--out", out];
        assert_eq!(layak(&call).0, Some(1), "one household cannot be read");
        let text = std::fs::read_to_string(out).unwrap();
        assert!(text.contains(r#""facts":{"id":"a","desil":3}}"#), "{text}");
        assert!(!text.contains("power"), "{text}");
        let (status, out, err) = layak(&["replay", out]);
        assert_eq!((status, err.as_str()), (Some(0), ""));
        let wanted = "3 decisions: 2 the same bit for bit, 0 differ, 0 cannot be made again
  1 households could not be read then: nothing to make again\n";
        assert_eq!(out, wanted);
    }
}

#[test]
fn other_rules_and_another_engine_are_named() {
    let folder = folder("named");
    let rules = write(&folder, "aid.layak", RULES);
    let facts = write(&folder, "facts.jsonl", FACTS);
    let (_, kept, _) = layak(&["decide", &rules, &facts, "--as-of", "2026-01-15", "--record", "--format", "jsonl"]);
    let decisions = write(&folder, "decisions.jsonl", &kept);
    let stricter = write(&folder, "stricter.layak", &RULES.replace("= 4", "= 2"));

    let (status, out, _) = layak(&["replay", &decisions, "--rules", &stricter]);
    assert_eq!(status, Some(1));
    assert!(out.contains("a (1) 2026-01-15\n  programmes.food.outcome: \"eligible\" -> \"not_eligible\"\n"), "{out}");
    assert!(out.contains("  other rules for 2: then "), "{out}");
    let (_, out, _) = layak(&["replay", &decisions, "--rules", &stricter, "--lang", "id"]);
    assert!(out.contains("2 berbeda") && out.contains("aturan berbeda untuk 2"), "{out}");

    // Layout is no other meaning.
    let laid_out = write(&folder, "laid_out.layak", &RULES.replace("criterion poor", "# the poor\ncriterion poor "));
    assert_eq!(layak(&["replay", &decisions, "--rules", &laid_out]).0, Some(0));

    let older = kept.replace("\"engine\":\"", "\"engine\":\"0.0.");
    let older = write(&folder, "older.jsonl", &older);
    let (status, out, _) = layak(&["replay", &older]);
    assert_eq!(status, Some(0), "the bytes are the same");
    assert!(out.contains("another engine for 2: then 0.0."), "{out}");

    let (status, out, _) = layak(&["replay", &decisions, "--rules", &stricter, "--format", "json"]);
    assert_eq!(status, Some(1));
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let schema = jsonschema::draft202012::new(&layak::Replay::schema()).unwrap();
    for line in lines.iter().filter(|line| line["summary"].is_null() && line["error"].is_null()) {
        assert!(schema.is_valid(line), "{line}");
    }
    assert_eq!(lines.len(), 4);
    let first = &lines[0]["differences"][0];
    assert_eq!(first["path"], "programmes.food.outcome");
    assert_eq!((&first["recorded"], &first["now"]), (&"eligible".into(), &"not_eligible".into()));
    assert_eq!(lines[3]["summary"]["differing"], 2);
    assert_eq!(lines[3]["summary"]["not_decided"], 1);
}

#[test]
fn facts_may_be_left_out_and_brought_along() {
    let folder = folder("without");
    let rules = write(&folder, "aid.layak", RULES);
    let facts = write(&folder, "facts.jsonl", FACTS);
    let call = ["decide", &rules, &facts, "--as-of", "2026-01-15", "--record", "--no-facts", "--format", "jsonl"];
    let (_, kept, _) = layak(&call);
    assert!(!kept.contains("facts\""), "{kept}");
    let decisions = write(&folder, "decisions.jsonl", &kept);
    let (status, out, _) = layak(&["replay", &decisions]);
    assert_eq!(status, Some(1));
    assert!(out.contains("  ! the record was kept without the facts: bring them along"), "{out}");
    assert_eq!(layak(&["replay", &decisions, "--facts", &facts]).0, Some(0));
}

#[test]
fn calls_that_cannot_be_are_refused() {
    let folder = folder("refused");
    let rules = write(&folder, "aid.layak", RULES);
    let facts = write(&folder, "facts.jsonl", "{\"id\": \"a\", \"desil\": 3}\n");
    let call = ["decide", &rules, &facts, "--as-of", "2026-01-15"];
    let (status, _, err) = layak(&[&call[..], &["--record", "--format", "table"]].concat());
    assert_eq!((status, err.as_str()), (Some(2), "layak: --record needs --format json or jsonl\n"));
    assert_eq!(layak(&[&call[..], &["--no-facts", "--format", "jsonl"]].concat()).0, Some(2));
    let (_, plain, _) = layak(&[&call[..], &["--format", "jsonl"]].concat());
    let plain = write(&folder, "plain.jsonl", &plain);
    let (status, out, _) = layak(&["replay", &plain]);
    assert_eq!(status, Some(1));
    assert!(out.contains("the decision has no record: keep one with `layak decide --record`"), "{out}");
    assert_eq!(layak(&["replay", "nowhere.jsonl"]).0, Some(2));
}

#[test]
fn acts_laid_over_the_rules_are_laid_over_them_again() {
    let folder = folder("acts");
    let rules = write(&folder, "aid.layak", RULES);
    let act = "amend aid \"Reform\" from 2026-01-01 { parameter limit: integer = 2 }\n";
    let act = write(&folder, "reform.layak", act);
    let facts = write(&folder, "facts.jsonl", FACTS);
    let call = ["decide", &rules, &facts, "--as-of", "2026-01-15", "--amend", &act, "--record", "--format", "jsonl"];
    let (_, kept, _) = layak(&call);
    let decisions = write(&folder, "decisions.jsonl", &kept);
    assert_eq!(layak(&["replay", &decisions]).0, Some(0));
    assert_eq!(layak(&["replay", &decisions, "--rules", &rules]).0, Some(1), "without the act");
}
