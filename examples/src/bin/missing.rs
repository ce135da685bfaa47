//! Asks what is missing: an undetermined programme names the facts that can still change it and the sources to ask.
//!
//! `cargo run -p layak-examples --bin missing`

use layak::{Outcome, Ruleset};
use serde_json::json;

#[expect(clippy::indexing_slicing, reason = "serde_json adds what is not there")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let plan = Ruleset::from_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/bansos"))?.as_of("2026-02-15".parse()?);
    let mut household = json!({
        "id": "3510-000006", "region": "35.10", "desil": 2, "has_car": false, "motorbikes": 1, "vehicle_value": 0,
        "members": [{ "nik": "3510061502600013", "birth_date": "1960-02-15", "company_owner": false, "wage": 0 }],
    });
    loop {
        let decision = plan.decide(&plan.facts(&household)?);
        match decision.programme("sembako").and_then(|p| p.outcome()) {
            Some(Outcome::Undetermined(missing)) => {
                let Some(next) = missing.first() else { break };
                println!("ask {} for {}", next.ask.join(" or "), next.fact);
                // The answers that this example gets; indexing a JSON value by name adds the name.
                match next.fact.as_str() {
                    "electricity_va" => household["electricity_va"] = json!(900),
                    "members[0].occupation" => household["members"][0]["occupation"] = json!("farmer"),
                    other => return Err(format!("no answer for {other}").into()),
                }
            }
            outcome => {
                println!("decided: {outcome:?}");
                break;
            }
        }
    }
    Ok(())
}
