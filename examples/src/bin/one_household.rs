//! Decides one household, built from Rust structs, by the rules of three Indonesian programmes.
//!
//! `cargo run -p layak-examples --bin one_household`

use layak::{Lang, Outcome, Ruleset};
use serde::Serialize;

#[derive(Serialize)]
struct Household {
    id: &'static str,
    region: &'static str,
    desil: u8,
    electricity_va: u32,
    has_car: bool,
    motorbikes: u32,
    /// Rupiah. A float would be refused: it is not exact.
    vehicle_value: u64,
    members: Vec<Person>,
}

#[derive(Serialize)]
struct Person {
    nik: &'static str,
    birth_date: &'static str,
    sex: &'static str,
    registered: bool,
    pregnant: bool,
    pregnancy_number: u8,
    school_level: &'static str,
    attends_school: bool,
    finished_sma: bool,
    disability: &'static str,
    occupation: &'static str,
    wage: u64,
    company_owner: bool,
    covered_by_employer: bool,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rules = Ruleset::from_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/bansos"))?;
    let plan = rules.as_of("2026-02-15".parse()?);
    let mother = Person {
        nik: "3510014105900002",
        birth_date: "1990-05-01",
        sex: "female",
        registered: true,
        pregnant: true,
        pregnancy_number: 2,
        school_level: "none",
        attends_school: false,
        finished_sma: true,
        disability: "none",
        occupation: "homemaker",
        wage: 0,
        company_owner: false,
        covered_by_employer: false,
    };
    let mut household = Household {
        id: "3510-000001",
        region: "35.10",
        desil: 2,
        electricity_va: 900,
        has_car: false,
        motorbikes: 1,
        vehicle_value: 8_000_000,
        members: vec![mother],
    };
    for power in [900, 2200] {
        household.electricity_va = power;
        let decision = plan.decide(&plan.facts(&household)?);
        println!("{power} VA");
        for programme in decision.programmes() {
            for (member, one) in programme.entitlements() {
                let member = member.unwrap_or_default();
                let outcome = match one.outcome() {
                    Outcome::Eligible => "eligible",
                    Outcome::NotEligible => "not eligible",
                    Outcome::Undetermined(_) => "undetermined",
                    _ => "error",
                };
                println!("  {} {member}: {outcome}", programme.name());
                for reason in one.reasons() {
                    println!("    {}\n    {}", reason.text(Lang::Id), reason.text(Lang::En));
                }
            }
        }
    }
    Ok(())
}
