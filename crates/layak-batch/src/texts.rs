//! Households as JSON texts: from JSON lines, a JSON list, or CSV tables. One at a time, so that memory does not grow with the
//! input.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use layak::{Code, FactsError, Phrase, Plan};
use serde_json::value::RawValue;

use crate::BatchError;
use crate::binding::Naming;
use crate::files::{FileKind, TextFile, kind_of, stem_of};
use crate::found::files;
use crate::join::{Element, Found, Join, Key, order};
use crate::reader::RecordReader;
use crate::run::{Alone, Portion, Source, TextRow};

/// One household's text longer than this is refused as a line that cannot be read.
const LONGEST_LINE: u64 = 64 << 20;

/// A portion has so many households, or so many bytes.
const PORTION: (usize, usize) = (1024, 1 << 20);

/// The households of a file as JSON, in order.
///
/// By the end of the name: `.json` is one household or a list of them, `.csv` a table with a column a fact, everything else JSON
/// lines; `.gz` and `.zst` behind it are unpacked. `-` is JSON lines from standard input. Beside `NAME.csv`, `NAME.LIST.csv`
/// holds the elements of the list `LIST`, joined by the first column of both.
pub struct Texts {
    from: From,
    read: Arc<AtomicU64>,
    size: Option<u64>,
    ended: bool,
    naming: Naming,
    /// The names of the household's facts: what is carried beside them is taken out.
    facts: BTreeSet<String>,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Texts").field("size", &self.size).finish_non_exhaustive()
    }
}

enum From {
    Lines { path: PathBuf, reader: Box<dyn BufRead + Send>, line: usize },
    List(std::vec::IntoIter<TextRow>),
    Csv(Box<Csv>),
}

struct Csv {
    path: PathBuf,
    headers: csv::StringRecord,
    records: csv::StringRecordsIntoIter<Box<dyn BufRead + Send>>,
    line: usize,
    key: usize,
    lists: Vec<CsvList>,
    /// Those of no household that have come by.
    alone: Vec<Alone>,
    naming: Naming,
    /// The names of the household's facts.
    facts: BTreeSet<String>,
}

/// The elements of a list on their way to their households, as JSON.
struct CsvList {
    list: String,
    path: PathBuf,
    join: Join<String, CsvRows>,
}

/// The rows of a table of elements one by one.
struct CsvRows {
    path: PathBuf,
    headers: csv::StringRecord,
    records: csv::StringRecordsIntoIter<Box<dyn BufRead + Send>>,
    key: usize,
    row: usize,
    list: String,
    naming: Naming,
}

impl Texts {
    /// Opens a file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn open(path: &Path) -> Result<Texts, BatchError> {
        let lists = match kind_of(path) {
            FileKind::Csv if path.as_os_str() != "-" => lists_beside(path)?,
            _ => Vec::new(),
        };
        Texts::with_lists(path, &lists, &Naming::default())
    }

    /// Opens a file with the tables of elements beside it.
    pub(crate) fn with_lists(path: &Path, lists: &[(String, PathBuf)], naming: &Naming) -> Result<Texts, BatchError> {
        let TextFile { mut reader, read, size } = TextFile::open(path)?;
        let from = match kind_of(path) {
            _ if path.as_os_str() == "-" => From::Lines { path: path.to_owned(), reader, line: 0 },
            FileKind::Json => {
                let mut text = Vec::new();
                reader.read_to_end(&mut text).map_err(|error| BatchError::io(path, error))?;
                From::List(split_list(&text).into_iter())
            }
            FileKind::Csv => From::Csv(Box::new(Csv::open(path, reader, lists, naming)?)),
            FileKind::JsonLines | FileKind::Parquet => From::Lines { path: path.to_owned(), reader, line: 0 },
        };
        let naming = naming.clone();
        Ok(Texts { from, read, size, ended: false, naming, facts: BTreeSet::new() })
    }

    /// Notes the facts of a plan.
    pub(crate) fn for_plan(mut self, plan: &Plan) -> Texts {
        for shape in plan.fact_shapes() {
            self.facts.insert(shape.name.to_string());
            self.facts.extend(shape.column.map(|column| column.to_string()));
        }
        if let From::Csv(csv) = &mut self.from {
            csv.facts = self.facts.clone();
        }
        self
    }

    /// Households one by one rather than by portions.
    pub fn rows(self) -> impl Iterator<Item = Result<TextRow, BatchError>> {
        self.flat_map(|portion| match portion {
            Ok(Portion::Texts { rows, .. }) => rows.into_iter().map(Ok).collect(),
            Ok(Portion::Records { .. }) => Vec::new(),
            Err(error) => vec![Err(error)],
        })
    }

    fn row(&mut self) -> Option<Result<TextRow, BatchError>> {
        match &mut self.from {
            From::List(list) => list.next().map(|row| Ok(carry(row, &self.naming, &self.facts))),
            From::Csv(csv) => csv.row(),
            From::Lines { path, reader, line } => loop {
                let mut buffer = Vec::new();
                match reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut buffer) {
                    Ok(0) => return None,
                    Ok(_) => {}
                    Err(error) => return Some(Err(BatchError::io(path, error))),
                }
                *line += 1;
                if *line == 1 && buffer.starts_with(b"\xef\xbb\xbf") {
                    buffer.drain(..3);
                }
                for end in [b'\n', b'\r'] {
                    if buffer.last() == Some(&end) {
                        buffer.pop();
                    }
                }
                if buffer.iter().all(|b| matches!(b, b' ' | b'\t' | b'\r')) {
                    continue;
                }
                let row = TextRow { line: *line, json: Ok(buffer), carried: Vec::new() };
                return Some(Ok(carry(row, &self.naming, &self.facts)));
            },
        }
    }
}

impl Iterator for Texts {
    type Item = Result<Portion, BatchError>;

    fn next(&mut self) -> Option<Result<Portion, BatchError>> {
        if self.ended {
            return None;
        }
        let (mut rows, mut bytes) = (Vec::new(), 0);
        while rows.len() < PORTION.0 && bytes < PORTION.1 {
            match self.row() {
                None => {
                    self.ended = true;
                    break;
                }
                Some(Err(error)) => {
                    self.ended = true;
                    return Some(Err(error));
                }
                Some(Ok(row)) => {
                    bytes += row.json.as_ref().map_or(0, Vec::len);
                    rows.push(row);
                }
            }
        }
        let mut alone = Vec::new();
        if let From::Csv(csv) = &mut self.from {
            alone = std::mem::take(&mut csv.alone);
            if self.ended {
                match csv.rest() {
                    Ok(rest) => alone.extend(rest),
                    Err(error) => return Some(Err(error)),
                }
            }
        }
        (!rows.is_empty() || !alone.is_empty()).then_some(Ok(Portion::Texts { rows, alone }))
    }
}

impl Source for Texts {
    fn size(&self) -> Option<u64> {
        self.size
    }

    fn progress(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.read)
    }

    fn reader(&self) -> Option<&RecordReader> {
        None
    }
}

/// Gives columns the names of the facts that a map gives them; `list` is the list whose elements they are of.
fn rename(entries: &mut [(String, String)], list: &str, naming: &Naming) {
    for (fact, column) in &naming.columns {
        let own = match fact.rsplit_once('.') {
            Some((of, name)) if of == list => name,
            None if list.is_empty() => fact,
            _ => continue,
        };
        entries.iter_mut().filter(|(name, _)| name == column).for_each(|(name, _)| own.clone_into(name));
    }
}

/// Takes what goes through to the decisions out of a household's text; of text that is no object there is nothing to take.
fn carry(mut row: TextRow, naming: &Naming, facts: &BTreeSet<String>) -> TextRow {
    if naming.carried.is_empty() {
        return row;
    }
    let Ok(json) = &row.json else { return row };
    let Ok(object) = serde_json::from_slice::<BTreeMap<String, Box<RawValue>>>(json) else { return row };
    let text = |value: &RawValue| match serde_json::from_str::<serde_json::Value>(value.get()) {
        Ok(serde_json::Value::Null) => None,
        Ok(serde_json::Value::String(text)) => Some(text),
        // Numbers keep every digit.
        _ => Some(value.get().to_owned()),
    };
    row.carried = naming.carried.iter().map(|name| object.get(name).and_then(|value| text(value))).collect();
    let strays = |name: &String| naming.carried.contains(name) && !facts.contains(name);
    if object.keys().any(strays) {
        let kept: BTreeMap<&String, &Box<RawValue>> = object.iter().filter(|(name, _)| !strays(name)).collect();
        if let Ok(text) = serde_json::to_vec(&kept) {
            row.json = Ok(text);
        }
    }
    row
}

/// The elements of a JSON list, or the one value; text that is no list stays whole, for the reader of facts to refuse.
fn split_list(text: &[u8]) -> Vec<TextRow> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    match serde_json::from_slice::<Vec<Box<serde_json::value::RawValue>>>(text) {
        Ok(items) => items
            .into_iter()
            .zip(1..)
            .map(|(item, line)| TextRow { line, json: Ok(item.get().as_bytes().to_vec()), carried: Vec::new() })
            .collect(),
        Err(_) => vec![TextRow { line: 1, json: Ok(text.to_vec()), carried: Vec::new() }],
    }
}

/// A CSV table: its header, and its rows to come.
fn csv_table(
    path: &Path,
    reader: Box<dyn BufRead + Send>,
) -> Result<(csv::StringRecord, csv::Reader<Box<dyn BufRead + Send>>), BatchError> {
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(reader);
    let headers = reader.headers().map_err(|error| csv_error(path, error))?.clone();
    Ok((headers, reader))
}

/// The keys in a column of a table.
fn csv_keys(path: &Path, column: usize) -> Result<impl Iterator<Item = Result<Key, BatchError>>, BatchError> {
    let (_, reader) = csv_table(path, TextFile::open(path)?.reader)?;
    let path = path.to_owned();
    Ok(reader.into_records().filter_map(move |record| match record {
        Ok(record) => Some(Ok(Key::of_text(record.get(column).unwrap_or("")))),
        Err(error) => match error.kind() {
            csv::ErrorKind::Io(_) => Some(Err(csv_error(&path, error))),
            // It is told where it is read.
            _ => None,
        },
    }))
}

impl Iterator for CsvRows {
    type Item = Result<Element<String>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.records.next()?;
        self.row += 1;
        Some(match record {
            Ok(record) => {
                let key = Key::of_text(record.get(self.key).unwrap_or(""));
                let mut entries = cells(&self.headers, &record, Some(self.key));
                entries.retain(|(name, _)| !self.naming.ignored.contains(&format!("{}.{name}", self.list)));
                rename(&mut entries, &self.list, &self.naming);
                Ok(Element { key, row: self.row, of: object(&entries) })
            }
            // A member that is left out could cost its household what it is entitled to, and nobody knows whose it is.
            Err(error) => Err(csv_error(&self.path, error)),
        })
    }
}

impl Csv {
    fn open(
        path: &Path,
        reader: Box<dyn BufRead + Send>,
        lists: &[(String, PathBuf)],
        naming: &Naming,
    ) -> Result<Csv, BatchError> {
        let (headers, reader) = csv_table(path, reader)?;
        let mut joined = Vec::new();
        for (list, file) in lists {
            let (headers, reader) = csv_table(file, TextFile::open(file)?.reader)?;
            let key = naming.key.as_ref().and_then(|name| headers.iter().position(|h| h.trim() == name)).unwrap_or(0);
            let order = order(|| csv_keys(path, 0), || csv_keys(file, key))?;
            let rows = CsvRows {
                path: file.clone(),
                headers,
                records: reader.into_records(),
                key,
                row: 0,
                list: list.clone(),
                naming: naming.clone(),
            };
            joined.push(CsvList { list: list.clone(), path: file.clone(), join: Join::new(order, rows)? });
        }
        let records = reader.into_records();
        Ok(Csv {
            path: path.to_owned(),
            headers,
            records,
            line: 1,
            key: 0,
            lists: joined,
            alone: Vec::new(),
            naming: naming.clone(),
            facts: BTreeSet::new(),
        })
    }

    fn row(&mut self) -> Option<Result<TextRow, BatchError>> {
        let record = self.records.next()?;
        self.line += 1;
        let line = self.line;
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                return Some(match error.kind() {
                    csv::ErrorKind::Io(_) => Err(csv_error(&self.path, error)),
                    _ => Ok(TextRow { line, json: Err(unreadable(&error)), carried: Vec::new() }),
                });
            }
        };
        let cell = |name: &String| self.headers.iter().position(|h| h.trim() == name).and_then(|at| record.get(at));
        let carried: Vec<Option<String>> = self
            .naming
            .carried
            .iter()
            .map(|name| cell(name).filter(|cell| !cell.is_empty()).map(str::to_owned))
            .collect();
        let is_left_out = |name: &String| {
            self.naming.ignored.contains(name) || self.naming.carried.contains(name) && !self.facts.contains(name)
        };
        let mut entries: Vec<(String, String)> = cells(&self.headers, &record, None);
        entries.retain(|(name, _)| self.naming.columns.values().any(|c| c == name) || !is_left_out(name));
        rename(&mut entries, "", &self.naming);
        let key = Key::of_text(record.get(self.key).unwrap_or(""));
        for CsvList { list, path, join } in &mut self.lists {
            match join.of(&key) {
                Ok(Found::Elements(own)) => entries.push((list.clone(), format!("[{}]", own.join(",")))),
                Ok(Found::Twice) => return Some(Ok(TextRow { line, json: Err(twice(&key)), carried })),
                Err(error) => return Some(Err(error)),
            }
            let lone = join.lone().into_iter();
            self.alone.extend(lone.map(|l| Alone { path: path.clone(), row: l.row, key: l.key.text() }));
        }
        Some(Ok(TextRow { line, json: Ok(object(&entries).into_bytes()), carried }))
    }

    fn rest(&mut self) -> Result<Vec<Alone>, BatchError> {
        let mut out = Vec::new();
        for CsvList { path, join, .. } in &mut self.lists {
            let rest = join.rest()?.into_iter();
            out.extend(rest.map(|l| Alone { path: path.clone(), row: l.row, key: l.key.text() }));
        }
        Ok(out)
    }
}

/// What is said of a household whose key stands twice beside tables of elements.
pub(crate) fn twice(key: &Key) -> FactsError {
    let message = Phrase::new(
        "another household of the input has this key, and the members: this one is not decided; give it a key of its own, and its members too",
        "keluarga lain dalam masukan mempunyai kunci ini beserta anggotanya: yang ini tidak diputuskan; beri kunci tersendiri, juga pada anggotanya",
    );
    refused(Code::TWICE, "", message, key.text())
}

fn csv_error(path: &Path, error: csv::Error) -> BatchError {
    BatchError::Call(Phrase::new(format!("{}: {error}", path.display()), format!("{}: {error}", path.display())))
}

/// What is said of a row that is not as its header.
fn unreadable(error: &csv::Error) -> FactsError {
    let message = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => Phrase::new(
            format!("the row has {len} cells and the header {expected_len}: a cell with a comma stands in quotes"),
            format!(
                "barisnya {len} sel, sedangkan kepala tabelnya {expected_len}: sel yang memuat koma ditulis dalam tanda kutip"
            ),
        ),
        csv::ErrorKind::Utf8 { .. } => Phrase::new("the row is not UTF-8", "barisnya bukan UTF-8"),
        _ => Phrase::new(error.to_string(), error.to_string()),
    };
    refused(Code::UNREADABLE, "", message, None)
}

/// Facts that are refused before the rules see them.
pub(crate) fn refused(code: Code, path: &str, message: Phrase, id: Option<String>) -> FactsError {
    FactsError::refused(code, path, message, id)
}

/// The tables of lists beside a table, whatever their lists are.
fn lists_beside(path: &Path) -> Result<Vec<(String, PathBuf)>, BatchError> {
    let stem = stem_of(path);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let found = files(folder)?.into_iter().filter(|file| kind_of(file) == FileKind::Csv).filter_map(|file| {
        let list = stem_of(&file).strip_prefix(&format!("{stem}."))?.to_owned();
        (!list.is_empty() && !list.contains('.')).then_some((list, file))
    });
    Ok(found.collect())
}

/// The cells of a row as JSON, by their columns: one that begins with `[` or `{` is JSON itself, an empty one is not there.
fn cells(headers: &csv::StringRecord, record: &csv::StringRecord, but: Option<usize>) -> Vec<(String, String)> {
    headers
        .iter()
        .zip(record.iter())
        .enumerate()
        .filter(|(at, (_, cell))| !cell.is_empty() && Some(*at) != but)
        .map(|(_, (name, cell))| {
            let json = match cell {
                "true" | "yes" | "ya" => "true".to_owned(),
                "false" | "no" | "tidak" => "false".to_owned(),
                cell if cell.starts_with(['[', '{']) => cell.to_owned(),
                cell => serde_json::Value::from(cell).to_string(),
            };
            (name.trim().to_owned(), json)
        })
        .collect()
}

fn object(entries: &[(String, String)]) -> String {
    let parts: Vec<String> =
        entries.iter().map(|(name, json)| format!("{}:{json}", serde_json::Value::from(name.as_str()))).collect();
    format!("{{{}}}", parts.join(","))
}
