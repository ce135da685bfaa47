//! Each way of telling it says the same.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use layak::{Coverage, Lang, Ruleset};

use super::{html, json, lcov, percent, text};

const RULES: &str = r#"module aid
entity Household { desil integer 1..10  va integer 0.. }
criterion poor when desil <= 4
criterion bright when va > 900
programme food requires poor refuses bright
test "a poor household" as of 2026-01-15
  given { desil: 4, va: 900 }
  expect food eligible
test "too much power" as of 2026-01-15
  given { desil: 4, va: 901 }
  expect food not_eligible because bright
"#;

fn covered() -> (Ruleset, Coverage) {
    let rules = Ruleset::from_text(RULES).unwrap();
    let mut coverage = rules.coverage();
    assert!(rules.run_tests_covered(&mut coverage).iter().all(|t| t.failures().is_empty()));
    (rules, coverage)
}

#[test]
fn text_tells_what_has_not_been_shown() {
    let (_, coverage) = covered();
    let told = text(&coverage, Lang::En);
    let want = "rules.layak:3:1: criterion `poor`: never no, never unknown
rules.layak:4:1: criterion `bright`: never unknown
rules.layak:5:1: programme `food`: never undetermined
rules.layak:5:25: condition `food: poor`: never decides alone, never given as a reason

  outcomes of programmes       2 / 3
  conditions of programmes     2 / 4
  criteria                     3 / 6
coverage 53% (7 of 13 shown)
";
    assert_eq!(told, want);
    assert!(text(&coverage, Lang::Id).contains("kriteria `poor`: tidak pernah tidak, tidak pernah belum diketahui"));
}

#[test]
fn json_has_every_part_with_its_goals() {
    let (_, coverage) = covered();
    let told: serde_json::Value = serde_json::from_str(&json(&coverage)).unwrap();
    assert_eq!((&told["shown"], &told["of"], &told["percent"]), (&7.into(), &13.into(), &53.into()));
    let bright = told["items"].as_array().unwrap().iter().find(|i| i["name"] == "food: bright").unwrap();
    assert_eq!(bright["goals"], serde_json::json!({"decides": 1, "reason": 1}));
    assert_eq!((&bright["line"], &bright["column"]), (&5.into(), &38.into()));
    assert_eq!(percent(&coverage), 53);
}

#[test]
fn lcov_counts_lines_and_branches() {
    let (_, coverage) = covered();
    let told = lcov(&coverage);
    for line in
        ["SF:rules.layak", "DA:3,0", "DA:4,0", "BRDA:4,0,0,1", "BRDA:4,0,2,0", "BRF:13", "BRH:7", "LF:3", "LH:0"]
    {
        assert!(told.lines().any(|l| l == line), "{line} in\n{told}");
    }
}

#[test]
fn the_page_has_the_rules_with_what_is_missing() {
    let (rules, coverage) = covered();
    let page = html(&coverage, rules.sources(), Lang::En);
    assert!(page.contains("<tr class=\"part\"><td>4</td><td>criterion bright when va &gt; 900</td>"), "{page}");
    assert!(page.contains("criterion <b>poor</b>: never no, never unknown"));
}

#[test]
fn rules_with_nothing_to_show_are_shown_whole() {
    let rules = Ruleset::from_text("module m entity H { n integer } define twice = n * 2").unwrap();
    assert_eq!(percent(&rules.coverage()), 100);
}

#[test]
fn joined_conditions_are_told_in_every_form() {
    let rules = Ruleset::from_text(
        r#"module aid
entity Household { desil integer 1..10  va integer 0.. }
criterion fits when desil <= 4 and va <= 900
programme food requires fits
test "fits" given { desil: 4, va: 900 } expect food eligible
test "too much power" given { desil: 4, va: 901 } expect food not_eligible
"#,
    )
    .unwrap();
    let mut coverage = rules.coverage();
    assert!(rules.run_tests_covered(&mut coverage).iter().all(|t| t.failures().is_empty()));
    let told = text(&coverage, Lang::En);
    assert!(
        told.contains("rules.layak:3:21: joined condition `fits: desil <= 4`: never decides alone as no\n"),
        "{told}"
    );
    assert!(!told.contains("`fits: va <= 900`"), "{told}");
    assert!(told.contains("  conditions joined by and/or     3 / 4\n"), "{told}");
    let told = text(&coverage, Lang::Id);
    assert!(
        told.contains("syarat gabungan `fits: desil <= 4`: tidak pernah menentukan sendiri sebagai tidak"),
        "{told}"
    );
    let told: serde_json::Value = serde_json::from_str(&json(&coverage)).unwrap();
    assert_eq!(told["kinds"]["operand"], serde_json::json!({"shown": 3, "of": 4}));
    let va = told["items"].as_array().unwrap().iter().find(|i| i["name"] == "fits: va <= 900").unwrap();
    assert_eq!(va["goals"], serde_json::json!({"decides_true": 1, "decides_false": 1}));
    // The criterion, then its two conditions: three blocks of branches on the line.
    let told = lcov(&coverage);
    for line in ["BRDA:3,1,0,1", "BRDA:3,1,1,0", "BRDA:3,2,0,1", "BRDA:3,2,1,1", "DA:3,0"] {
        assert!(told.lines().any(|l| l == line), "{line} in\n{told}");
    }
    let page = html(&coverage, rules.sources(), Lang::En);
    assert!(page.contains("joined condition <b>fits: desil &lt;= 4</b>: never decides alone as no"), "{page}");
}
