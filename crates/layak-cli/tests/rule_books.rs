//! The cases of the rule books under `rules/`, decided through the binary: each case names a module, facts, a date and the values it expects.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use layak::Decimal;
use serde_json::{Value, json};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../rules")
}

/// Null is unknown, "ERROR" a fault; maps and lists go member by member, numbers by the case's tolerance.
fn same(got: &Value, want: &Value, tolerance: &Decimal) -> bool {
    let number = |v: &Value| match v {
        Value::String(s) => s.parse::<Decimal>().ok(),
        Value::Number(n) => n.to_string().parse::<Decimal>().ok(),
        _ => None,
    };
    match (want, got) {
        (Value::String(word), got) if word == "ERROR" => got["error"].is_object(),
        (Value::Object(want), Value::Object(got)) => {
            want.iter().all(|(name, want)| got.get(name).is_some_and(|got| same(got, want, tolerance)))
        }
        (Value::Array(want), Value::Array(got)) => {
            want.len() == got.len() && want.iter().zip(got).all(|(want, got)| same(got, want, tolerance))
        }
        _ => match (number(got), number(want)) {
            (Some(got), Some(want)) => got.checked_sub(&want).is_some_and(|d| d.abs() <= *tolerance),
            _ => got == want,
        },
    }
}

/// Values that a stricter language may meet with a located error instead of an unknown.
fn may_refuse(case: &Value) -> bool {
    let input = &case["input"];
    match case["module"].as_str().unwrap() {
        "and_typed" | "or_typed" => input.as_object().unwrap().values().any(Value::is_object),
        "median" => input["list"] == json!([]),
        "arithmetic" => input["expression"].as_str().unwrap().contains("/0"),
        _ => false,
    }
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// How many of a rule book's cases were decided; the first that is not as expected ends the test.
fn decide_book(book: &str) -> usize {
    let cases: Value =
        serde_json::from_str(&std::fs::read_to_string(root().join(book).join("cases.json")).unwrap()).unwrap();
    let mut groups: BTreeMap<(&str, &str), Vec<&Value>> = BTreeMap::new();
    for case in cases["cases"].as_array().unwrap() {
        let day = case["as_of"].as_str().unwrap_or("2026-01-01");
        groups.entry((case["module"].as_str().unwrap(), day)).or_default().push(case);
    }
    let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("book-{book}"));
    let mut decided = 0;
    for ((module, day), cases) in groups {
        let mut rules = root().join(book).join(format!("{module}.layak"));
        let mut facts: String = cases.iter().map(|c| format!("{}\n", c["input"])).collect();
        let mut names: BTreeSet<String> =
            cases.iter().flat_map(|c| c["expect"].as_object().unwrap().keys().cloned()).collect();
        if module == "arithmetic" {
            // These are expressions, each a definition; `null` is a fact that is not given.
            let mut text = "module arithmetic\nentity Given { u number }\n".to_owned();
            for (index, case) in cases.iter().enumerate() {
                let expression = case["input"]["expression"].as_str().unwrap().replace("null", "u");
                text.push_str(&format!("define r{index} = {expression}\n"));
            }
            rules = scratch.join("arithmetic.layak");
            write(&rules, &text);
            facts = "{}\n".repeat(cases.len());
            names = (0..cases.len()).map(|index| format!("r{index}")).collect();
        }
        let file = scratch.join(format!("{module}-{day}.jsonl"));
        write(&file, &facts);
        let mut call = Command::new(env!("CARGO_BIN_EXE_layak"));
        call.arg("decide").arg(&rules).arg(&file).args(["--as-of", day, "--format", "jsonl"]);
        names.iter().for_each(|name| {
            call.args(["--show", name]);
        });
        let run = call.output().unwrap();
        let lines: Vec<Value> =
            String::from_utf8_lossy(&run.stdout).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines.len(), cases.len(), "{book} {module}: {}", String::from_utf8_lossy(&run.stderr));
        for (index, (case, line)) in cases.into_iter().zip(&lines).enumerate() {
            let tolerance: Decimal = case["tolerance"].as_str().unwrap_or("0").parse().unwrap();
            for (name, want) in case["expect"].as_object().unwrap() {
                let shown = if module == "arithmetic" { format!("r{index}") } else { name.clone() };
                // A household that cannot be read has an error in the place of every value.
                let got = line["values"].get(&shown).unwrap_or(line);
                let refused = may_refuse(case) && got["error"].is_object();
                assert!(refused || same(got, want, &tolerance), "{book} {}: {name} is {got}, not {want}", case["id"]);
            }
            decided += 1;
        }
    }
    decided
}

#[test]
fn country_template() {
    assert_eq!(decide_book("country_template"), 130);
}

#[test]
fn decision_tables() {
    assert_eq!(decide_book("dmn_tables"), 159);
}

#[test]
fn french_child_allowance() {
    assert_eq!(decide_book("fr_child_allowance"), 62);
}

#[test]
fn new_zealand_relief() {
    assert_eq!(decide_book("nz_relief"), 113);
}

#[test]
fn united_states_work_rule() {
    assert_eq!(decide_book("us_work_rule"), 90);
}

#[test]
fn united_states_food_aid() {
    assert_eq!(decide_book("us_food_aid"), 155);
}

/// Packages whose cases are `test` blocks: clean under `check`, and every test passes.
#[test]
fn packages_with_their_own_tests() {
    for (rules, tests) in [
        ("uk_child_benefit/benefit.layak", 6),
        ("br_bolsa_familia/benefit.layak", 6),
        ("ph_4ps/benefit.layak", 5),
        ("in_nfsa/meghalaya.layak", 7),
    ] {
        let run = |call: &str| {
            let out = Command::new(env!("CARGO_BIN_EXE_layak")).arg(call).arg(root().join(rules)).output().unwrap();
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
