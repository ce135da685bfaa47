//! The decisions of an earlier run one after the other: of a file, or of the parts in a folder.

use std::collections::VecDeque;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, FieldRef, Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use layak::Phrase;

use super::before::{Before, Item, of_json};
use super::digest::Parsed;
use crate::BatchError;
use crate::column_files::{Batches, Table};
use crate::files::{FileKind, TextFile, kind_of};
use crate::parts::Manifest;

/// How the decisions of a run are written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Written {
    /// JSON lines, or a list of JSON.
    Json,
    /// CSV with so many cells of its own before the digest.
    Csv(usize),
    /// Columns of this schema before the digest.
    Columns(SchemaRef),
}

/// Where they are read from.
pub(super) struct Reading {
    written: Written,
    open: Option<Open>,
    left: VecDeque<PathBuf>,
}

enum Open {
    Lines { path: PathBuf, reader: Box<dyn BufRead + Send>, line: usize },
    Csv(Box<Csv>),
    Columns { batches: Batches, current: Option<Rows> },
}

struct Csv {
    path: PathBuf,
    records: csv::StringRecordsIntoIter<Box<dyn BufRead + Send>>,
    digest: Option<usize>,
    next: Option<csv::StringRecord>,
}

/// What is left of a batch.
struct Rows {
    whole: RecordBatch,
    /// Those of its columns that are decisions; none where they are others.
    own: Option<Arc<RecordBatch>>,
    at: usize,
    /// Whether no batch comes behind it.
    is_last: bool,
}

impl Reading {
    pub(super) fn open(path: &Path, written: &Written) -> Result<Reading, BatchError> {
        let left = if path.is_dir() { Manifest::files(path)?.into() } else { VecDeque::from([path.to_owned()]) };
        for file in &left {
            let is_alike = match (written, kind_of(file)) {
                (Written::Json, FileKind::Json | FileKind::JsonLines) => true,
                (Written::Csv(_), kind) => kind == FileKind::Csv,
                (Written::Columns(_), kind) => matches!(kind, FileKind::Parquet | FileKind::Arrow),
                (Written::Json, _) => false,
            };
            if !is_alike {
                let name = file.display();
                return Err(BatchError::Call(Phrase::new(
                    format!(
                        "--previous {name}: these decisions are written in another format: ask for the same --format"
                    ),
                    format!("--previous {name}: keputusan itu ditulis dalam format lain: minta --format yang sama"),
                )));
            }
        }
        Ok(Reading { written: written.clone(), open: None, left })
    }

    fn next_file(&mut self, path: PathBuf) -> Result<Open, BatchError> {
        Ok(match self.written {
            Written::Json => Open::Lines { reader: TextFile::open(&path)?.reader, path, line: 0 },
            Written::Csv(_) => {
                let mut reader = csv::ReaderBuilder::new().from_reader(TextFile::open(&path)?.reader);
                let headers = reader.headers().map_err(|error| not_ours(&path, 1, &error.to_string()))?;
                let digest = headers.iter().position(|name| name == "digest");
                Open::Csv(Box::new(Csv { path, records: reader.into_records(), digest, next: None }))
            }
            Written::Columns(_) => Open::Columns { batches: Table::open(&path)?.batches(None)?, current: None },
        })
    }
}

impl Iterator for Reading {
    type Item = Result<Item, BatchError>;

    fn next(&mut self) -> Option<Result<Item, BatchError>> {
        loop {
            let Some(open) = &mut self.open else {
                let path = self.left.pop_front()?;
                match self.next_file(path) {
                    Ok(open) => self.open = Some(open),
                    Err(error) => return Some(Err(error)),
                }
                continue;
            };
            let next = match (open, &self.written) {
                (Open::Lines { path, reader, line }, _) => next_line(path, reader, line),
                (Open::Csv(csv), Written::Csv(cells)) => csv.next(*cells),
                (Open::Columns { batches, current }, Written::Columns(schema)) => next_rows(batches, current, schema),
                (Open::Csv(_) | Open::Columns { .. }, _) => None,
            };
            if next.is_some() {
                return next;
            }
            self.open = None;
        }
    }
}

fn not_ours(path: &Path, line: usize, why: &str) -> BatchError {
    let name = path.display();
    BatchError::Call(Phrase::new(
        format!("--previous {name}:{line}: this is no decision as `layak decide` writes it: {why}"),
        format!("--previous {name}:{line}: ini bukan keputusan seperti yang ditulis `layak decide`: {why}"),
    ))
}

fn next_line(path: &Path, reader: &mut dyn BufRead, line: &mut usize) -> Option<Result<Item, BatchError>> {
    loop {
        let mut buffer = Vec::new();
        match reader.read_until(b'\n', &mut buffer) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(error) => return Some(Err(BatchError::io(path, error))),
        }
        *line += 1;
        let mut text = buffer.trim_ascii();
        text = text.strip_suffix(b",").unwrap_or(text);
        text = text.strip_prefix(b"[").unwrap_or(text).trim_ascii_start();
        if matches!(text, b"" | b"]") {
            continue;
        }
        return Some(of_json(text).ok_or_else(|| not_ours(path, *line, "JSON of another kind")));
    }
}

impl Csv {
    /// The rows of the next household.
    fn next(&mut self, cells: usize) -> Option<Result<Item, BatchError>> {
        let mut own: Vec<csv::StringRecord> = Vec::new();
        loop {
            let record = match self.next.take() {
                Some(record) => record,
                None => match self.records.next() {
                    None => break,
                    Some(Ok(record)) => record,
                    Some(Err(error)) => {
                        let line = error.position().map_or(0, |at| usize::try_from(at.line()).unwrap_or(0));
                        return Some(Err(not_ours(&self.path, line, &error.to_string())));
                    }
                },
            };
            if own.first().is_some_and(|first| first.get(0) != record.get(0)) {
                self.next = Some(record);
                break;
            }
            own.push(record);
        }
        let first = own.first()?;
        let id = first.get(1).filter(|id| !id.is_empty()).map(str::to_owned);
        let digest = self.digest.and_then(|at| first.get(at)).and_then(Parsed::of);
        let rows = own.iter().map(|record| record.iter().take(cells).skip(1).map(str::to_owned).collect()).collect();
        Some(Ok(Item { id, digest, before: Some(Before::Cells(rows)) }))
    }
}

fn next_rows(
    batches: &mut Batches,
    current: &mut Option<Rows>,
    schema: &SchemaRef,
) -> Option<Result<Item, BatchError>> {
    loop {
        let left = match current {
            Some(rows) if rows.end() < rows.whole.num_rows() || rows.is_last && rows.at < rows.whole.num_rows() => {
                return Some(Ok(rows.next()));
            }
            // The household's rows may go on in the next batch.
            Some(rows) => rows.whole.slice(rows.at, rows.whole.num_rows() - rows.at),
            None => RecordBatch::new_empty(Arc::new(Schema::empty())),
        };
        let (whole, is_last) = match batches.next() {
            Some(Err(error)) => return Some(Err(error)),
            Some(Ok(next)) if left.num_rows() == 0 => (next, false),
            Some(Ok(next)) => match concat_batches(&next.schema(), [&left, &next]) {
                Ok(both) => (both, false),
                Err(error) => return Some(Err(error.into())),
            },
            None if left.num_rows() == 0 => return None,
            None => (left, true),
        };
        *current = Some(Rows { own: own(&whole, schema).map(Arc::new), whole, at: 0, is_last });
    }
}

/// The columns that are decisions, where they are of the schema of this run.
fn own(whole: &RecordBatch, schema: &SchemaRef) -> Option<RecordBatch> {
    let columns: Option<Vec<_>> = schema.fields().iter().map(|f| whole.column_by_name(f.name()).cloned()).collect();
    // What the batch is of says the file that it was read from; what it must be of, this run.
    let plain = Schema::new_with_metadata(schema.fields().clone(), schema.metadata().clone());
    RecordBatch::try_new(Arc::new(plain), columns?).ok()
}

impl Rows {
    /// Behind the rows of the next household: in long form it has several, all of one line.
    fn end(&self) -> usize {
        let lines = self.whole.column_by_name("line").and_then(|c| c.as_primitive_opt::<Int64Type>());
        let mut end = (self.at + 1).min(self.whole.num_rows());
        if let Some(lines) = lines {
            while end < lines.len() && lines.value(end) == lines.value(self.at) {
                end += 1;
            }
        }
        end
    }

    fn next(&mut self) -> Item {
        let (at, end) = (self.at, self.end());
        self.at = end;
        let schema = self.whole.schema();
        let text = |name: &str| {
            let named =
                |(field, _): &(&FieldRef, &ArrayRef)| field.name() == name && *field.data_type() == DataType::Utf8;
            let (_, column) = schema.fields().iter().zip(self.whole.columns()).find(named)?;
            column.is_valid(at).then(|| column.as_string::<i32>().value(at).to_owned())
        };
        let (id, digest) = (text("id"), text("digest").as_deref().and_then(Parsed::of));
        let before = self.own.as_ref().map(|batch| Before::Rows { batch: Arc::clone(batch), rows: at..end });
        Item { id, digest, before }
    }
}
