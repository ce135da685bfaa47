//! The acceptance cases of rules/bansos, decided through the binary: households with all facts known, with unknown facts,
//! and lines that cannot be read.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods
)]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// (expected, decided) by file.
fn decided() -> Vec<(String, Vec<Value>, Vec<Value>)> {
    let folder = root().join("rules/bansos/cases/acceptance");
    let mut out = Vec::new();
    let mut names: Vec<String> =
        std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    for name in names.iter().filter_map(|n| n.strip_prefix("households-")) {
        let date = &name[name.len() - "2026-01-01.jsonl".len()..name.len() - ".jsonl".len()];
        let run = Command::new(env!("CARGO_BIN_EXE_layak"))
            .arg("decide")
            .arg(root().join("rules/bansos"))
            .arg(folder.join(format!("households-{name}")))
            .args(["--as-of", date, "--format", "jsonl"])
            .output()
            .unwrap();
        assert!(matches!(run.status.code(), Some(0 | 1)), "{name}: {}", String::from_utf8_lossy(&run.stderr));
        let expected = std::fs::read_to_string(folder.join(format!("expected-{name}"))).unwrap();
        let mut expected = lines(&expected);
        expected.retain(|e| e["skip"] != true);
        out.push((name.to_owned(), expected, lines(&String::from_utf8(run.stdout).unwrap())));
    }
    assert!(out.len() > 20, "the cases are there");
    out
}

fn criteria(one: &Value) -> BTreeSet<(String, String)> {
    let list = one["reasons"].as_array().cloned().unwrap_or_default();
    list.iter()
        .map(|r| (r["criterion"].as_str().unwrap().to_owned(), r["kind"].as_str().unwrap_or("").to_owned()))
        .collect()
}

fn number(v: &Value) -> Option<layak::Decimal> {
    match v {
        Value::String(s) => s.parse().ok(),
        Value::Number(n) => n.to_string().parse().ok(),
        _ => None,
    }
}

/// Every programme of a decision with each member's.
fn units(decision: &Value) -> Vec<(String, &Value)> {
    let mut out = Vec::new();
    for (name, one) in decision["programmes"].as_object().unwrap() {
        match one["members"].as_object() {
            Some(members) => out.extend(members.iter().map(|(key, one)| (format!("{name}/{key}"), one))),
            None => out.push((name.clone(), one)),
        }
    }
    out
}

#[test]
fn every_case_is_decided_as_expected() {
    let (mut complete, mut partial, mut determined, mut unreadable) = (0, 0, 0, 0);
    for (file, expected, got) in decided() {
        assert_eq!(expected.len(), got.len(), "{file}: a line of output for each household");
        for (want, got) in expected.iter().zip(&got) {
            let place = format!("{file} {} {}", want["id"], want["line"]);
            let alternatives = want["any_of"].as_array().cloned().unwrap_or_else(|| vec![want.clone()]);
            let is_error = !got["error"].is_null();
            let Some(want) = alternatives.iter().find(|w| w["error"].is_null() != is_error) else {
                panic!("{place}: decided {got}");
            };
            if is_error {
                unreadable += 1;
                if let Some(path) = want["error"]["path"].as_str() {
                    assert_eq!(got["error"]["path"], path, "{place}");
                }
                if let Some(name) = want["suggest"].as_str() {
                    assert!(got["error"]["text"].as_str().unwrap().contains(name), "{place}: {got}");
                }
                continue;
            }
            let all_known = want["complete"] == true || want["complete"].is_null();
            for (name, want) in units(want) {
                let got =
                    units(got).into_iter().find(|(n, _)| *n == name).unwrap_or_else(|| panic!("{place} {name}")).1;
                let place = format!("{place} {name}");
                if all_known {
                    complete += 1;
                    assert_eq!(got["outcome"], want["outcome"], "{place}");
                    assert_eq!(criteria(got), criteria(want), "{place}");
                    for (output, value) in want["outputs"].as_object().into_iter().flatten() {
                        assert_eq!(number(&got["outputs"][output]), number(value), "{place} {output}");
                    }
                    continue;
                }
                partial += 1;
                if got["outcome"] == want["outcome"] {
                    determined += 1;
                    assert!(criteria(got).is_subset(&criteria(want)), "{place}: a reason that does not always hold");
                } else {
                    assert_eq!(got["outcome"], "undetermined", "{place}: unsound");
                }
                for (output, value) in want["bounds"].as_object().into_iter().flatten() {
                    let (low, high) = match number(&got["outputs"][output]) {
                        Some(n) => (Some(n.clone()), Some(n)),
                        None => (number(&got["bounds"][output][0]), number(&got["bounds"][output][1])),
                    };
                    assert!(low.is_none_or(|low| low <= number(&value[0]).unwrap()), "{place} {output}");
                    assert!(high.is_none_or(|high| high >= number(&value[1]).unwrap()), "{place} {output}");
                }
            }
        }
    }
    assert!(complete > 2000 && partial > 1000 && unreadable > 150, "{complete} {partial} {unreadable}");
    assert!(determined * 100 >= partial * 98, "{determined} of {partial} determined");
}
