//! Facts with their evidence, what is to be said of them, and what would change the decision.
//!
//! `cargo run -p layak-examples --bin changes`

use layak::{Lang, Ruleset};
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let plan = Ruleset::from_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/bansos"))?.as_of("2026-02-15".parse()?);
    let household = json!({
        "id": "3510-000007", "region": "35.10", "desil": 3, "has_car": false, "motorbikes": 1, "vehicle_value": 0,
        "electricity_va": { "evidence": [
            { "value": 2200, "source": "pln", "date": "2026-01-05" },
            { "value": 900, "source": "self", "date": "2026-02-01" },
        ] },
        "members": [{ "nik": "3510061502600013", "birth_date": "1966-02-20", "registered": true, "disability": "none",
            "pregnant": false, "attends_school": false, "school_level": "none", "finished_sma": true, "occupation": "farmer",
            "company_owner": false, "covered_by_employer": false, "wage": 0 }],
    });
    let facts = plan.facts(&household)?;
    for finding in plan.decide(&facts).findings() {
        println!(
            "{}: {} ({})",
            finding.fact(),
            finding.text().in_lang(Lang::En),
            finding.dependence().in_lang(Lang::En)
        );
    }
    println!("\n{}", plan.changes(&facts).render(Lang::En));
    Ok(())
}
