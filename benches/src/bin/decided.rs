//! Decides the Parquet files that `make_files` wrote: `decided FOLDER THREADS` writes `decisions.parquet` beside them, and `numbers.parquet` with
//! what other engines are asked for (by hand: `by_hand.parquet`; what it takes to write all of the decisions and no more: `written.parquet`), and prints, as JSON, the shortest of several runs from file to file: by one thread the time that a processor spent on it, where the system tells; by more the time that passed.
#![allow(clippy::print_stdout, clippy::indexing_slicing)]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use layak::Ruleset;
use layak_benches::Clock;
use layak_benches::columns::minimum_wages;
use layak_benches::files::{Files, Output, Wrong, batches, decide, write_parquet};
use layak_benches::{by_hand, numbers};

const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/bansos");

fn main() -> Result<(), Wrong> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("decided FOLDER THREADS")?);
    let threads: usize = arguments.next().ok_or("how many threads?")?.parse()?;
    let rules = Ruleset::from_dir(RULES).map_err(|error| error.to_string())?;
    let plan = rules.as_of("2026-02-15".parse()?);
    let (files, all, four) = (Files::at(&folder), folder.join("decisions.parquet"), folder.join("numbers.parquet"));
    let mut told = serde_json::json!({"version": env!("CARGO_PKG_VERSION")});
    for (name, file) in [("nested", "nested.parquet"), ("tables", "tables/households.parquet")] {
        let from = files.path(file);
        let households = decide(&plan, &from, &all, Output::Parquet, threads)?.households;
        let shortest = |work: &dyn Fn() -> Result<usize, Wrong>| -> Result<u64, Wrong> {
            let mut best = Duration::MAX;
            for _ in 0..5 {
                let (clock, begun) = (Clock::start(), Instant::now());
                black_box(work()?);
                best = best.min(if threads == 1 { clock.elapsed() } else { begun.elapsed() });
            }
            Ok(u64::try_from(best.as_nanos() / households.max(1) as u128)?)
        };
        told[name] = shortest(&|| Ok(decide(&plan, &from, &all, Output::Parquet, threads)?.households))?.into();
        told[format!("{name}_numbers")] = shortest(&|| numbers::decide(&plan, &from, &four, threads))?.into();
        told["households"] = households.into();
        if name == "nested" && threads == 1 {
            let umk = minimum_wages(&std::fs::read_to_string(format!("{RULES}/data/umk.csv"))?).ok_or("no wage")?;
            let limit = folder.join("by_hand.parquet");
            told["by_hand"] = shortest(&|| by_hand::decide(&from, &limit, &umk))?.into();
            let (batches, written) = (batches(&all)?, folder.join("written.parquet"));
            told["written"] = shortest(&|| write_parquet(&written, &batches))?.into();
        }
    }
    println!("{told}");
    Ok(())
}
