//! The schemas hold for the facts and decisions of the package, and refuse what the reader of facts refuses.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods
)]

use std::path::PathBuf;

use layak::{Lang, Ruleset};
use serde_json::Value;

#[test]
fn facts_and_decisions_follow_their_schemas() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let rules = Ruleset::from_dir(root.join("rules/bansos")).unwrap();
    let facts_schema = jsonschema::draft202012::new(&rules.facts_schema()).unwrap();
    let decisions_schema = jsonschema::draft202012::new(&rules.decisions_schema()).unwrap();
    let plan = rules.as_of("2026-02-15".parse().unwrap());
    let mut seen = 0;
    for file in ["sample.jsonl", "acceptance/households-a-2026-02-15.jsonl", "acceptance/households-b-2026-03-01.jsonl"]
    {
        for line in std::fs::read_to_string(root.join("rules/bansos/cases").join(file)).unwrap().lines() {
            let household: Value = serde_json::from_str(line).unwrap();
            assert!(facts_schema.is_valid(&household), "{file}: {line}");
            let facts = plan.facts_from_json(line.as_bytes()).unwrap();
            let decision = plan.decide(&facts);
            let json = serde_json::to_value(decision.to_json(Some(1), Lang::En)).unwrap();
            assert!(decisions_schema.is_valid(&json), "{file}: {json}");
            if seen % 8 == 0 {
                let record = plan.record(&facts).of_rules("rules/bansos", ["act.layak".to_owned()]);
                let json: Value = serde_json::from_str(&record.to_json(Some(1), Lang::Id)).unwrap();
                assert!(decisions_schema.is_valid(&json), "{file}: {json}");
                assert!(facts_schema.is_valid(&json["record"]["facts"]), "{file}: {json}");
            }
            seen += 1;
        }
    }
    assert!(seen > 80);
    for wrong in [
        r#"{"id":"a","desil":11}"#,
        r#"{"desil":1}"#,
        r#"{"id":"a","desill":1}"#,
        r#"{"id":"a","members":[{"nik":"1","sex":"f"}]}"#,
    ] {
        assert!(!facts_schema.is_valid(&serde_json::from_str(wrong).unwrap()), "{wrong}");
    }
}
