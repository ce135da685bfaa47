//! Decides the Parquet files that `make_files` wrote: `decided FOLDER THREADS` writes `decisions.parquet` beside them and prints, as JSON, the shortest of
//! several runs from file to file: by one thread the time that a processor spent on it, where the system tells; by more the time that passed.
#![allow(clippy::print_stdout, clippy::indexing_slicing)]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use layak::Ruleset;
use layak_benches::Clock;
use layak_benches::files::{Files, Output, Wrong, decide};

const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/bansos");

fn main() -> Result<(), Wrong> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("decided FOLDER THREADS")?);
    let threads: usize = arguments.next().ok_or("how many threads?")?.parse()?;
    let rules = Ruleset::from_dir(RULES).map_err(|error| error.to_string())?;
    let plan = rules.as_of("2026-02-15".parse()?);
    let (files, out) = (Files::at(&folder), folder.join("decisions.parquet"));
    let mut told = serde_json::json!({"version": env!("CARGO_PKG_VERSION")});
    for (name, file) in [("nested", "nested.parquet"), ("tables", "tables/households.parquet")] {
        let from = files.path(file);
        let households = decide(&plan, &from, &out, Output::Parquet, threads)?.households;
        let mut best = Duration::MAX;
        for _ in 0..5 {
            let (clock, begun) = (Clock::start(), Instant::now());
            black_box(decide(&plan, &from, &out, Output::Parquet, threads)?);
            best = best.min(if threads == 1 { clock.elapsed() } else { begun.elapsed() });
        }
        told["households"] = households.into();
        told[name] = u64::try_from(best.as_nanos() / households.max(1) as u128)?.into();
    }
    println!("{told}");
    Ok(())
}
