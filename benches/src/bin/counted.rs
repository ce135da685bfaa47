//! One piece of work, so many times: what the guard counts the instructions of, and what a profiler looks at.
#![allow(clippy::unwrap_used)]

use std::hint::black_box;

use layak::{Batch, Plan, Ruleset};
use layak_benches::columns::Arrays;
use layak_benches::sample;

const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/bansos");

fn plan() -> Plan {
    Ruleset::from_dir(RULES).unwrap().as_of("2026-02-15".parse().unwrap())
}

/// Everything by columns, households that these leave open as whole decisions.
fn batch(plan: &Plan, unknown: u64, times: usize) {
    let arrays = Arrays::made_up(4096, unknown);
    let homes = arrays.households(plan).unwrap();
    let mut batch = Batch::new(&homes);
    for _ in 0..times {
        for start in (0..homes.len()).step_by(Batch::STRETCH) {
            let decided = batch.decide(start..start + Batch::STRETCH);
            black_box(decided.eligible("pkh"));
            for home in decided.row_by_row() {
                black_box(decided.decision(home).unwrap());
            }
        }
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let times: usize = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(0);
    match what.as_str() {
        "single" => {
            let plan = plan();
            let facts = plan.facts_from_json(sample().0.as_bytes()).unwrap();
            for _ in 0..times {
                black_box(plan.decide(black_box(&facts)));
            }
        }
        "batch" => batch(&plan(), 0, times),
        "open" => batch(&plan(), 100, times),
        "compile" => {
            for _ in 0..times {
                black_box(plan());
            }
        }
        other => eprintln!("`{other}`: single, batch, open or compile, and how many times"),
    }
}
