//! The cases of the rule books under `rules/`, run by `layak test` for each of a book's modules.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

/// How many of a rule book's cases passed; one that did not ends the test.
fn passed(book: &str) -> usize {
    let folder = root().join("rules").join(book);
    let cases = std::fs::read_to_string(folder.join("cases.jsonl")).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_layak")).args(["test", "--lang", "en"]).arg(&folder).output().unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{book}: {told}{}", String::from_utf8_lossy(&run.stderr));
    let passed = told.split(' ').next().unwrap().parse::<usize>().unwrap();
    assert_eq!(passed, cases.lines().count(), "{book}");
    passed
}

/// A file alone runs the cases of its own module.
#[test]
fn a_module_by_itself() {
    let run = Command::new(env!("CARGO_BIN_EXE_layak"))
        .args(["test", "--lang", "en"])
        .arg(root().join("rules/nz_relief/age.layak"))
        .output()
        .unwrap();
    let cases = std::fs::read_to_string(root().join("rules/nz_relief/cases.jsonl")).unwrap();
    let own = cases.lines().filter(|line| line.contains("\"module\": \"age\"")).count();
    assert!(own >= 3, "{own}");
    assert_eq!(String::from_utf8_lossy(&run.stdout), format!("{own} tests passed, 0 failed\n"));
}

#[test]
fn country_template() {
    assert_eq!(passed("country_template"), 131);
}

#[test]
fn decision_tables() {
    assert_eq!(passed("dmn_tables"), 159);
}

#[test]
fn french_child_allowance() {
    assert_eq!(passed("fr_child_allowance"), 62);
}

#[test]
fn new_zealand_relief() {
    assert_eq!(passed("nz_relief"), 114);
}

#[test]
fn united_states_work_rule() {
    assert_eq!(passed("us_work_rule"), 90);
}

#[test]
fn united_states_food_aid() {
    assert_eq!(passed("us_food_aid"), 155);
}

/// Packages whose cases are `test` blocks: clean under `check`, and every test passes.
#[test]
fn packages_with_their_own_tests() {
    for (rules, tests) in [
        ("uk_child_benefit/benefit.layak", 8),
        ("br_bolsa_familia/benefit.layak", 6),
        ("ph_4ps/benefit.layak", 5),
        ("in_nfsa/meghalaya.layak", 7),
        ("family_card/family_card.layak", 13),
        ("identity/registration.layak", 11),
    ] {
        let run = |call: &str| {
            let out = Command::new(env!("CARGO_BIN_EXE_layak"))
                .arg(call)
                .arg(root().join("rules").join(rules))
                .output()
                .unwrap();
            let text = [out.stdout, out.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
            assert!(out.status.success(), "{call} {rules}: {text}");
            text
        };
        let checked = run("check");
        assert!(!checked.contains("warning"), "{rules}: {checked}");
        let tested = run("test");
        assert!(tested.contains(&format!("{tests} tests passed, 0 failed")), "{rules}: {tested}");
    }
}

fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every package is clean under `check`: as a whole, and each file that no other uses by itself.
#[test]
fn every_package_is_clean_under_check() {
    let mut tops = 0;
    for package in std::fs::read_dir(root().join("rules")).unwrap().map(|entry| entry.unwrap().path()) {
        let rules = layak::Package::from_path(&package).unwrap();
        let found = rules.analyse();
        assert!(found.is_empty() && rules.warnings().is_empty(), "{}: {found}", package.display());
        let mut used: BTreeSet<String> = BTreeSet::new();
        let mut files: Vec<PathBuf> = Vec::new();
        for file in std::fs::read_dir(&package).unwrap().map(|entry| entry.unwrap().path()) {
            if file.extension().is_some_and(|e| e == "layak") {
                let text = std::fs::read_to_string(&file).unwrap();
                let uses = text.lines().filter_map(|l| l.strip_prefix("use "));
                used.extend(uses.map(|name| name.split(['(', ' ']).next().unwrap().to_owned()));
                files.push(file);
            }
        }
        let module = |file: &PathBuf| {
            let inner = file.strip_prefix(root().join("rules")).unwrap().with_extension("");
            inner.to_str().unwrap().replace(['/', '\\'], ".")
        };
        files.retain(|file| !package.ends_with("bansos") && !used.contains(&module(file)));
        tops += files.len();
        for file in files {
            let rules = layak::Ruleset::from_path(&file).unwrap();
            let found = rules.analyse();
            assert!(found.is_empty() && rules.warnings().is_empty(), "{}: {found}", file.display());
        }
    }
    assert!(tops > 80, "{tops}");
}
