//! `layak diff --facts`: whose decision differs, and why.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

fn layak(args: &[&str]) -> (Option<i32>, String, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_layak")).args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (run.status.code(), text(run.stdout), text(run.stderr))
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("diff-facts").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

const OLD: &str = "module aid
currency IDR
entity Home { id text key  desil integer 1..10  people list of Person 0..9 }
entity Person { nik text key  age integer 0.. }
parameter limit: integer = 4
criterion poor when desil <= limit otherwise en \"Decile {desil} is above {limit}\" id \"Desil {desil} di atas {limit}\"
criterion Person.old when age >= 60
programme food requires poor gives amount = IDR 100 * count(people)
programme card for Person requires old
";

const FACTS: &str = r#"{"id": "a", "desil": 3, "people": [{"nik": "1", "age": 61}]}
{"id": "b", "desil": 4, "people": []}
{"id": "c", "desil": 9, "people": [{"nik": "2", "age": 30}]}
{"id": "d", "people": []}
{"id": "e", "desil": 4, "people": [{"nik": "3", "age": 62}]}
{"id": "f", "desil": 40}
"#;

#[test]
fn decisions_that_differ_are_counted_and_named() {
    let folder = folder("told");
    let old = write(&folder, "old.layak", OLD);
    let text = OLD.replace("= 4", "= 3").replace("IDR 100", "IDR 200").replace("age >= 60", "age >= 62");
    let new = write(&folder, "new.layak", &text);
    let facts = write(&folder, "facts.jsonl", FACTS);
    let call = ["diff", &old, &new, "--facts", &facts, "--as-of", "2026-01-15"];
    let (status, out, err) = layak(&[&call[..], &["--lang", "en"]].concat());
    let (_, told) = out.split_once("\ndecided otherwise").unwrap();
    let wanted = ": 3 of 6 households, as of 2026-01-15
  card  eligible -> not eligible: 1
    a (1) [1]
      - old
      rests on criterion `Person.old`
  food  eligible, other outputs: 1
    a (1)  amount Rp100 -> Rp200
  food  eligible -> not eligible: 2
    b (2)  amount Rp0 -> -
      - Decile 4 is above 3
      rests on parameter `limit`
    e (5)  amount Rp100 -> -
      - Decile 4 is above 3
      rests on parameter `limit`
  unreadable: 1 by the old rules, 1 by the new; the first in line 6: desil: `40` is out of range: from 1 to 10
";
    assert_eq!(told, wanted);
    // A household that cannot be read is told by the exit status, as it is by `decide`.
    assert_eq!((status, err.as_str()), (Some(1), ""));
    let (_, out, _) = layak(&[&call[..], &["--lang", "id"]].concat());
    assert!(out.contains("\ndiputus lain: 3 dari 6 keluarga, per 2026-01-15\n"), "{out}");
    assert!(out.contains("  food  layak -> tidak layak: 2\n"), "{out}");
    assert!(out.contains("      - Desil 4 di atas 3\n      bertumpu pada parameter `limit`\n"), "{out}");
}

#[test]
fn a_programme_that_is_new_or_gone_is_told() {
    let folder = folder("gone");
    let old = write(&folder, "old.layak", OLD);
    let new = write(&folder, "new.layak", &OLD.replace("programme food", "programme meal"));
    let facts = write(&folder, "facts.jsonl", FACTS.lines().next().unwrap());
    let call = ["diff", &old, &new, "--facts", &facts, "--as-of", "2026-01-15", "--lang", "en"];
    let (status, out, _) = layak(&call);
    assert!(
        out.contains("  food  eligible -> absent: 1\n") && out.contains("  meal  absent -> eligible: 1\n"),
        "{out}"
    );
    assert_eq!(status, Some(0));
    assert_eq!(layak(&[&call[..], &["--check"]].concat()).0, Some(1));
}

#[test]
fn rules_that_mean_the_same_decide_the_same() {
    let folder = folder("same");
    let old = write(&folder, "old.layak", OLD);
    let facts = write(&folder, "facts.jsonl", FACTS.lines().next().unwrap());
    let call = ["diff", &old, &old, "--facts", &facts, "--as-of", "2026-01-15", "--lang", "en", "--check"];
    let told = "no change in meaning\n\ndecided otherwise: 0 of 1 household, as of 2026-01-15\n";
    assert_eq!(layak(&call), (Some(0), told.to_owned(), String::new()));
    assert_eq!(layak(&["diff", &old, &old, "--as-of", "2026-01-15"]).0, Some(2), "a date is for facts");
    assert_eq!(layak(&["diff", &old, &old, "--facts", "nowhere.jsonl"]).0, Some(2));
}

/// What `decide` says of each programme and member: outcome and outputs.
fn decisions(rules: &str, facts: &str) -> Vec<BTreeMap<String, (String, String)>> {
    let (_, out, _) = layak(&["decide", rules, facts, "--as-of", "2026-02-15", "--format", "jsonl"]);
    let one = |line: &str| {
        let decision: serde_json::Value = serde_json::from_str(line).unwrap();
        let mut all = BTreeMap::new();
        for (name, told) in decision["programmes"].as_object().unwrap() {
            let mut add = |key: String, told: &serde_json::Value| {
                let outputs = format!("{}{}", told["outputs"], told["bounds"]);
                all.insert(key, (told["outcome"].as_str().unwrap().to_owned(), outputs));
            };
            match told.get("members") {
                Some(members) => {
                    members.as_object().unwrap().iter().for_each(|(key, told)| add(format!("{name} {key}"), told));
                }
                None => add(name.clone(), told),
            }
        }
        all
    };
    out.lines().map(one).collect()
}

/// The counts are those of deciding twice and comparing, of a package and a reform of it.
#[test]
fn counts_are_those_of_deciding_twice() {
    let rules = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../rules/bansos");
    let folder = folder("bansos");
    for entry in std::fs::read_dir(&rules).unwrap().map(|entry| entry.unwrap().path()) {
        let name = entry.file_name().unwrap();
        if entry.is_file() && !["tests.layak", "properties.layak"].contains(&name.to_str().unwrap()) {
            std::fs::copy(&entry, folder.join(name)).unwrap();
        }
    }
    std::fs::create_dir(folder.join("data")).unwrap();
    std::fs::copy(rules.join("data/umk.csv"), folder.join("data/umk.csv")).unwrap();
    let path = folder.join("parameters.layak");
    let text = std::fs::read_to_string(&path).unwrap();
    let (limit, amount) = ("from 2025-04-01: 4   basis", "pregnancy         => IDR 3_000_000");
    assert!(text.contains(limit) && text.contains(amount));
    let text = text.replace(limit, "from 2025-04-01: 2   basis").replace(amount, "pregnancy => IDR 3_500_000");
    std::fs::write(&path, text).unwrap();
    let (old, new) = (rules.to_str().unwrap(), folder.to_str().unwrap());
    let facts = rules.join("cases/acceptance/households-b-2026-01-01.jsonl");
    let facts = facts.to_str().unwrap();
    let mut counts: BTreeMap<(String, String, String), u64> = BTreeMap::new();
    let mut otherwise = 0;
    for (before, after) in decisions(old, facts).iter().zip(decisions(new, facts)) {
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let differing: Vec<&String> = names.into_iter().filter(|name| before.get(*name) != after.get(*name)).collect();
        otherwise += u64::from(!differing.is_empty());
        for name in differing {
            let programme = name.split(' ').next().unwrap().to_owned();
            *counts.entry((programme, before[name].0.clone(), after[name].0.clone())).or_default() += 1;
        }
    }
    assert!(counts.len() >= 2, "{counts:?}");
    let (_, out, _) = layak(&["diff", old, new, "--facts", facts, "--as-of", "2026-02-15", "--format", "json"]);
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = lines.iter().filter(|line| line.get("decided").is_some()).map(|line| {
        let of = |part: &str| line["decided"][part].as_str().unwrap().to_owned();
        ((of("programme"), of("old"), of("new")), line["count"].as_u64().unwrap())
    });
    assert_eq!(told.collect::<BTreeMap<_, _>>(), counts);
    let summary = &lines.last().unwrap()["summary"];
    assert_eq!((summary["otherwise"].as_u64(), summary["households"].as_u64()), (Some(otherwise), Some(40)));
}
