//! Decides a stream of JSON lines in flat memory and sums up; a line that cannot be read does not stop the others.
//!
//! `cargo run -p layak-examples --bin stream [FILE]`

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};

use layak::{Outcome, Ruleset};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/bansos/cases/sample.jsonl");
    let file = std::env::args().nth(1).unwrap_or_else(|| sample.to_owned());
    let plan = Ruleset::from_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/bansos"))?.as_of("2026-02-15".parse()?);
    let mut counts: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for (line, number) in BufReader::new(File::open(file)?).lines().zip(1..) {
        let facts = match plan.facts_from_json(line?.as_bytes()) {
            Ok(facts) => facts,
            Err(errors) => {
                eprintln!("line {number}: {errors}");
                continue;
            }
        };
        let decision = plan.decide(&facts);
        for programme in decision.programmes() {
            for (_, one) in programme.entitlements() {
                let outcome = match one.outcome() {
                    Outcome::Eligible => "eligible",
                    Outcome::NotEligible => "not eligible",
                    Outcome::Undetermined(_) => "undetermined",
                    _ => "error",
                };
                *counts.entry((programme.name().to_owned(), outcome)).or_default() += 1;
            }
        }
    }
    for ((programme, outcome), count) in counts {
        println!("{programme:<10} {outcome:<14} {count}");
    }
    Ok(())
}
