//! The table of formats: `cargo run --release -p layak-benches --bin formats [HOUSEHOLDS]`. Each format in, decided, and written; each time is the shortest
//! of several, ratios are of one run, and all are held to the same decisions first. What one thread does is told in the time that a processor spent
//! on it, where the system tells; what two do in the time that passed.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use layak::Ruleset;
use layak_benches::Clock;
use layak_benches::files::{Files, INPUTS, Output, Wrong, decide, hold, read};

const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/bansos");
const DAY: &str = "2026-02-15";

/// The shortest of several runs by one thread, or by two.
fn shortest<T>(threads: usize, mut work: impl FnMut() -> Result<T, Wrong>) -> Result<Duration, Wrong> {
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let (clock, begun) = (Clock::start(), Instant::now());
        black_box(work()?);
        best = best.min(if threads == 1 { clock.elapsed() } else { begun.elapsed() });
    }
    Ok(best)
}

fn main() -> Result<(), Wrong> {
    let households: usize = std::env::args().nth(1).map_or(Ok(36_000), |count| count.parse())?;
    let plan = Ruleset::from_dir(RULES).map_err(|error| error.to_string())?.as_of(DAY.parse()?);
    let scratch = std::env::temp_dir().join(format!("layak-formats-{}", std::process::id()));
    let files = Files::write(&scratch, &plan, households, 0)?;
    let held = hold(&plan, &files, &scratch)?;
    assert_eq!(held, households, "every household, alike in every format");
    println!(
        "| {households} households | MB | read alone, ns each | decided, ns each: 1 thread | 2 threads | ratio of 1 |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let mut base = None;
    let each = |time: Duration| time.as_nanos() / households.max(1) as u128;
    let rows = INPUTS.iter().map(|(name, file)| (*name, *file, Output::Parquet, "Parquet"));
    let others = [(Output::Arrow, "Arrow"), (Output::JsonLines, "JSON lines")];
    let others = others.map(|(output, to)| ("Parquet, nested", "nested.parquet", output, to));
    for (name, file, output, to) in rows.chain(others) {
        let from = files.path(file);
        let out = scratch.join("out");
        let alone = each(shortest(1, || read(&plan, &from))?);
        let [one, two] = [1, 2].map(|threads| shortest(threads, || decide(&plan, &from, &out, output, threads)));
        let (one, two) = (each(one?), each(two?));
        let base = *base.get_or_insert(one.max(1));
        let megabytes = files.bytes(file) / 1_000_000;
        let hundredths = one * 100 / base;
        println!(
            "| {name} → {to} | {megabytes} | {alone} | {one} | {two} | {}.{:02} |",
            hundredths / 100,
            hundredths % 100
        );
    }
    std::fs::remove_dir_all(&scratch)?;
    Ok(())
}
