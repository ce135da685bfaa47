//! Files of made-up households in every format, and a run from each to decisions in another.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use layak::{Decision, FactsError, Lang, Plan};
use layak_batch::{
    ArrowFile, BatchError, DecisionColumns, Encode, Household, Naming, ParquetFile, Portion, RecordReader, RunOptions,
    Summary, cell,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::columns::Arrays;

/// What can be wrong.
pub type Wrong = Box<dyn Error + Send + Sync>;

/// The files of one folder: each format by its name, and what to open.
#[derive(Clone, Debug)]
pub struct Files {
    folder: PathBuf,
}

/// The formats of the input.
pub const INPUTS: [(&str, &str); 6] = [
    ("Parquet, nested", "nested.parquet"),
    ("Parquet, two tables", "tables/households.parquet"),
    ("Arrow, nested", "nested.arrow"),
    ("Arrow, two tables", "arrow/households.arrow"),
    ("CSV, two tables", "csv/households.csv"),
    ("JSON lines", "households.jsonl"),
];

/// What decisions are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Columns, by row groups.
    Parquet,
    /// Columns, by batches.
    Arrow,
    /// A decision a line.
    JsonLines,
}

impl Files {
    /// Writes all of them for so many households, of which so many in a hundred lack a fact. The plan says how rows are told as JSON.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn write(folder: &Path, plan: &Plan, households: usize, unknown: u64) -> Result<Files, Wrong> {
        let all = Arrays::made_up(households, unknown).record_batch()?;
        let members = members(&all)?;
        let own: Vec<usize> = (0..all.num_columns()).filter(|at| all.schema().field(*at).name() != "members").collect();
        let homes = all.project(&own)?;
        for inner in ["tables", "arrow", "csv"] {
            std::fs::create_dir_all(folder.join(inner))?;
        }
        write_parquet(&folder.join("nested.parquet"), &pieces(&all).collect::<Vec<_>>())?;
        arrow(&folder.join("nested.arrow"), &all)?;
        write_parquet(&folder.join("tables/households.parquet"), &pieces(&homes).collect::<Vec<_>>())?;
        write_parquet(&folder.join("tables/members.parquet"), &pieces(&members).collect::<Vec<_>>())?;
        arrow(&folder.join("arrow/households.arrow"), &homes)?;
        arrow(&folder.join("arrow/members.arrow"), &members)?;
        csv(&folder.join("csv/households.csv"), &homes)?;
        csv(&folder.join("csv/members.csv"), &members)?;
        let reader = RecordReader::new(plan, &all.schema(), &Naming::default())?;
        let mut out = BufWriter::new(File::create(folder.join("households.jsonl"))?);
        for row in 0..all.num_rows() {
            writeln!(out, "{}", reader.facts_json(&all, row))?;
        }
        out.flush()?;
        Ok(Files { folder: folder.to_owned() })
    }

    /// Those that were written before.
    pub fn at(folder: &Path) -> Files {
        Files { folder: folder.to_owned() }
    }

    /// What is opened of a format of [`INPUTS`]: a file, or the folder of its tables.
    pub fn path(&self, file: &str) -> PathBuf {
        match file.split_once('/') {
            Some((tables, _)) => self.folder.join(tables),
            None => self.folder.join(file),
        }
    }

    /// How many bytes the files of a format have.
    pub fn bytes(&self, file: &str) -> u64 {
        let path = self.path(file);
        let size = |path: &Path| path.metadata().map_or(0, |about| about.len());
        if !path.is_dir() {
            return size(&path);
        }
        std::fs::read_dir(&path).map_or(0, |files| files.filter_map(Result::ok).map(|file| size(&file.path())).sum())
    }
}

/// The members of all households as a table of their own.
fn members(all: &RecordBatch) -> Result<RecordBatch, Wrong> {
    let lists = all.column_by_name("members").ok_or("no members")?.as_list::<i32>();
    let ids = all.column_by_name("id").ok_or("no id")?.as_string::<i32>();
    let mut owners = arrow_array::builder::StringBuilder::new();
    for (home, pair) in lists.value_offsets().windows(2).enumerate() {
        if let [start, end] = pair {
            (*start..*end).for_each(|_| owners.append_value(ids.value(home)));
        }
    }
    let people = lists.values().as_struct();
    let own = [("household", std::sync::Arc::new(owners.finish()) as ArrayRef)];
    let rest = people.fields().iter().map(|f| f.name().as_str()).zip(people.columns().iter().cloned());
    Ok(RecordBatch::try_from_iter_with_nullable(
        own.into_iter().chain(rest).map(|(name, column)| (name, column, true)),
    )?)
}

fn pieces(all: &RecordBatch) -> impl Iterator<Item = RecordBatch> {
    const ROWS: usize = 1 << 16;
    (0..all.num_rows()).step_by(ROWS).map(|start| all.slice(start, ROWS.min(all.num_rows() - start)))
}

/// Writes batches of one schema to a Parquet file; how many rows they have.
///
/// # Errors
/// The file cannot be written.
pub fn write_parquet(path: &Path, batches: &[RecordBatch]) -> Result<usize, Wrong> {
    let schema = batches.first().ok_or("there is no batch")?.schema();
    let mut file = ParquetFile::new(BufWriter::with_capacity(1 << 18, File::create(path)?), &schema)?;
    batches.iter().try_for_each(|batch| file.write(batch))?;
    file.finish()?.flush()?;
    Ok(batches.iter().map(RecordBatch::num_rows).sum())
}

/// The batches of a Parquet file, of the size in which decisions are written.
///
/// # Errors
/// The file cannot be read.
pub fn batches(path: &Path) -> Result<Vec<RecordBatch>, Wrong> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?.with_batch_size(8192);
    Ok(builder.build()?.collect::<Result<_, _>>()?)
}

fn arrow(path: &Path, all: &RecordBatch) -> Result<(), Wrong> {
    let mut file = ArrowFile::new(BufWriter::new(File::create(path)?), &all.schema())?;
    for piece in pieces(all) {
        file.write(&piece)?;
    }
    file.finish()?.flush()?;
    Ok(())
}

/// No value of theirs needs quotation marks.
fn csv(path: &Path, all: &RecordBatch) -> Result<(), Wrong> {
    let mut out = BufWriter::new(File::create(path)?);
    let names: Vec<String> = all.schema().fields().iter().map(|field| field.name().clone()).collect();
    writeln!(out, "{}", names.join(","))?;
    for row in 0..all.num_rows() {
        let cells = all.columns().iter().map(|column| match column.as_boolean_opt() {
            Some(flags) => flags.is_valid(row).then(|| flags.value(row).to_string()),
            None => cell(column, row),
        });
        writeln!(out, "{}", cells.map(Option::unwrap_or_default).collect::<Vec<_>>().join(","))?;
    }
    Ok(out.flush()?)
}

/// Decisions as columns.
struct Columns(DecisionColumns);

impl Encode for Columns {
    type Out = RecordBatch;

    fn begin(&mut self, _: &Portion) {}

    fn add(&mut self, household: &Household<'_>, decision: &Result<Decision, FactsError>) {
        self.0.add(household.line(), decision);
    }

    fn tell(&mut self, household: &Household<'_>, summary: &mut Summary) -> usize {
        self.0.tell(household, summary)
    }

    fn end(&mut self) -> Result<RecordBatch, BatchError> {
        self.0.finish()
    }
}

/// Decisions as lines.
struct Lines(Vec<u8>);

impl Encode for Lines {
    type Out = Vec<u8>;

    fn begin(&mut self, _: &Portion) {}

    fn add(&mut self, household: &Household<'_>, decision: &Result<Decision, FactsError>) {
        match decision {
            // CSV counts the header, so lines are not told.
            Ok(decision) => {
                let _ = serde_json::to_writer(&mut self.0, &decision.to_json(None, Lang::En));
            }
            Err(error) => self.0.extend_from_slice(format!("{}: {error}", household.line()).as_bytes()),
        }
        self.0.push(b'\n');
    }

    fn end(&mut self) -> Result<Vec<u8>, BatchError> {
        Ok(std::mem::take(&mut self.0))
    }
}

/// Decides a file into another.
///
/// # Errors
/// One of them cannot be read or written.
pub fn decide(plan: &Plan, from: &Path, to: &Path, output: Output, threads: usize) -> Result<Summary, Wrong> {
    let source = layak_batch::open(plan, from, &[], &Naming::default())?;
    let mut options = RunOptions::default();
    options.threads = threads;
    let columns = || Columns(DecisionColumns::new(plan, Lang::En));
    let schema = columns().0.schema().clone();
    let out = BufWriter::with_capacity(1 << 18, File::create(to)?);
    Ok(match output {
        Output::Parquet => {
            let mut file = ParquetFile::new(out, &schema)?;
            let summary = layak_batch::run(plan, &options, source, columns, |done| {
                file.write(&done.out).map(ControlFlow::Continue)
            })?;
            file.finish()?.flush()?;
            summary
        }
        Output::Arrow => {
            let mut file = ArrowFile::new(out, &schema)?;
            let summary = layak_batch::run(plan, &options, source, columns, |done| {
                file.write(&done.out).map(ControlFlow::Continue)
            })?;
            file.finish()?.flush()?;
            summary
        }
        Output::JsonLines => {
            let mut out = out;
            let summary = layak_batch::run(
                plan,
                &options,
                source,
                || Lines(Vec::new()),
                |done| {
                    let io = |error| BatchError::Io { path: to.to_owned(), error };
                    out.write_all(&done.out).map(ControlFlow::Continue).map_err(io)
                },
            )?;
            out.flush()?;
            summary
        }
    })
}

/// Reads a file and decides nothing: what its format costs.
///
/// # Errors
/// It cannot be read.
pub fn read(plan: &Plan, from: &Path) -> Result<usize, Wrong> {
    let mut count = 0;
    for portion in layak_batch::open(plan, from, &[], &Naming::default())? {
        count += portion?.len();
    }
    Ok(count)
}

/// Holds every input to the same decisions, and the outputs of columns to one another: as many households as there are.
///
/// # Errors
/// A format decides otherwise.
pub fn hold(plan: &Plan, files: &Files, scratch: &Path) -> Result<usize, Wrong> {
    let mut first: Option<(Vec<u8>, Summary)> = None;
    for (name, file) in INPUTS {
        let out = scratch.join("held.jsonl");
        let summary = decide(plan, &files.path(file), &out, Output::JsonLines, 2)?;
        let lines = std::fs::read(&out)?;
        match &first {
            None => first = Some((lines, summary)),
            Some(held) if held.0 == lines && held.1 == summary => {}
            Some(_) => {
                return Err(format!("{name} is decided otherwise than {}", INPUTS.map(|(name, _)| name)[0]).into());
            }
        }
        for output in [Output::Parquet, Output::Arrow] {
            let summary = decide(plan, &files.path(file), &scratch.join("held.columns"), output, 2)?;
            if first.as_ref().is_none_or(|(_, held)| *held != summary) {
                return Err(format!("{name} comes to other counts as {output:?}").into());
            }
        }
    }
    Ok(first.map_or(0, |(_, summary)| summary.households))
}
