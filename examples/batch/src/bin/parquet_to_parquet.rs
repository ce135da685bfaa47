//! Decides a Parquet file of households into a Parquet file of decisions, with progress of the host's own.
//!
//! `cargo run -p layak-batch-examples --bin parquet_to_parquet -- rules/bansos IN.parquet OUT.parquet`; without arguments it makes up
//! a small file.

use std::error::Error;
use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow_array::{ArrayRef, Int32Array, RecordBatch};
use layak::{Decision, FactsError, Lang, Plan, Ruleset};
use layak_batch::{BatchError, DecisionColumns, Encode, Household, Naming, ParquetFile, Portion, RunOptions, Source};

/// Decisions as columns, a row a household.
struct Columns(DecisionColumns);

impl Encode for Columns {
    type Out = RecordBatch;

    fn begin(&mut self, _: &Portion) {}

    fn add(&mut self, household: &Household<'_>, decision: &Result<Decision, FactsError>) {
        self.0.add(household.line(), decision);
    }

    fn end(&mut self) -> Result<RecordBatch, BatchError> {
        self.0.finish()
    }
}

fn decide(plan: &Plan, from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    let source = layak_batch::open(plan, from, &[], &Naming::default())?;
    let (read, size) = (source.progress(), source.size().unwrap_or(0).max(1));
    let encoder = || Columns(DecisionColumns::new(plan, Lang::En));
    let mut file = ParquetFile::new(File::create(to)?, encoder().0.schema())?;
    let summary = layak_batch::run(plan, &RunOptions::default(), source, encoder, |done| {
        file.write(&done.out)?;
        // Here a host tells its own people how far it is.
        println!("{}% read", read.load(Ordering::Relaxed) * 100 / size);
        Ok(ControlFlow::Continue(()))
    })?;
    file.finish()?;
    println!("{} households, {} unreadable", summary.households, summary.unreadable);
    for (name, counts) in &summary.programmes {
        println!("{name}: {} eligible, {} not", counts.eligible, counts.not_eligible);
    }
    Ok(())
}

/// A file of households of one fact, and rules for it.
fn made_up() -> Result<(Plan, PathBuf), Box<dyn Error>> {
    let rules = Ruleset::from_text(
        "module aid entity Home { desil integer 1..10 } criterion poor when desil <= 4 programme aid requires poor",
    )?;
    let path = std::env::temp_dir().join(format!("layak-example-{}.parquet", std::process::id()));
    let desil: ArrayRef = Arc::new(Int32Array::from_iter_values((0..20_000).map(|n| 1 + n % 10)));
    let batch = RecordBatch::try_from_iter([("desil", desil)])?;
    let mut file = ParquetFile::new(File::create(&path)?, &batch.schema())?;
    file.write(&batch)?;
    file.finish()?;
    Ok((rules.as_of("2026-01-15".parse()?), path))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [rules, from, to] => {
            decide(&Ruleset::from_path(rules)?.as_of("2026-02-15".parse()?), from.as_ref(), to.as_ref())
        }
        _ => {
            let (plan, from) = made_up()?;
            let to = from.with_extension("decided.parquet");
            decide(&plan, &from, &to)?;
            std::fs::remove_file(from)?;
            Ok(std::fs::remove_file(to)?)
        }
    }
}
