//! Writes files of households that are made up: `make_files FOLDER HOUSEHOLDS [PERCENT_UNKNOWN]` makes the same households in every format
//! that Layak reads.
#![allow(clippy::print_stdout)]

use std::path::PathBuf;

use layak::Ruleset;
use layak_benches::files::{Files, INPUTS, Wrong};

const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/bansos");

fn main() -> Result<(), Wrong> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("make_files FOLDER HOUSEHOLDS [PERCENT_UNKNOWN]")?);
    let households: usize = arguments.next().ok_or("how many households?")?.parse()?;
    let unknown: u64 = arguments.next().map_or(Ok(0), |percent| percent.parse())?;
    let rules = Ruleset::from_dir(RULES).map_err(|error| error.to_string())?;
    let plan = rules.as_of("2026-02-15".parse()?);
    let files = Files::write(&folder, &plan, households, unknown)?;
    for (name, file) in INPUTS {
        println!("{name}: {} ({} bytes)", folder.join(file).display(), files.bytes(file));
    }
    Ok(())
}
