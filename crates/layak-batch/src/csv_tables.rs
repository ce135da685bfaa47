//! Households and the elements of their lists in tables of CSV, joined by key. A row that cannot be read ends nothing: it is told, and so
//! is the household that it is of.

use std::collections::BTreeSet;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use layak::{Code, FactsError, Phrase};

use crate::BatchError;
use crate::binding::Naming;
use crate::files::TextFile;
use crate::join::{Element, Found, Join, order};
use crate::keys::Key;
use crate::run::{Alone, TextRow};
use crate::tables::half_read;
use crate::texts::{refused, twice};

type Reader = Box<dyn BufRead + Send>;

/// The households of a CSV table.
pub(crate) struct Csv {
    path: PathBuf,
    headers: csv::StringRecord,
    records: csv::ByteRecordsIntoIter<Reader>,
    line: usize,
    key: usize,
    lists: Vec<CsvList>,
    /// Those of no household that have come by.
    alone: Vec<Alone>,
    naming: Naming,
    /// The names of the household's facts.
    facts: BTreeSet<String>,
}

/// The elements of a list on their way to their households.
struct CsvList {
    list: String,
    path: PathBuf,
    join: Join<Row, CsvRows>,
    /// Those of which not even the key can be read.
    keyless: Keyless,
}

/// An element as JSON; or where it stands, and why it cannot be read.
type Row = Result<String, (usize, Phrase)>;

type Keyless = Arc<Mutex<Vec<Alone>>>;

/// The rows of a table of elements one by one.
struct CsvRows {
    path: PathBuf,
    headers: csv::StringRecord,
    records: csv::ByteRecordsIntoIter<Reader>,
    key: usize,
    row: usize,
    list: String,
    naming: Naming,
    keyless: Keyless,
}

/// A table: its header, and its rows to come.
fn table(path: &Path, reader: Reader) -> Result<(csv::StringRecord, csv::Reader<Reader>), BatchError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
    let headers = reader.headers().map_err(|error| told(path, &error))?.clone();
    Ok((headers, reader))
}

/// The cells of a row; or what is wrong with it.
fn row(headers: &csv::StringRecord, record: &csv::ByteRecord) -> Result<csv::StringRecord, Phrase> {
    if record.len() != headers.len() {
        return Err(miscounted(record.len(), headers.len()));
    }
    csv::StringRecord::from_byte_record(record.clone()).map_err(|_| not_text())
}

/// What is said of a row that has fewer cells than the header, or more.
pub(crate) fn miscounted(cells: usize, header: usize) -> Phrase {
    Phrase::new(
        format!("the row has {cells} cells and the header {header}: a cell with a comma stands in quotes"),
        format!(
            "barisnya {cells} sel, sedangkan kepala tabelnya {header}: sel yang memuat koma ditulis dalam tanda kutip"
        ),
    )
}

pub(crate) fn not_text() -> Phrase {
    Phrase::new("the row is not UTF-8", "barisnya bukan UTF-8")
}

/// The key in a row, which it may have although it cannot be read; none where the key cannot be either.
fn key_of(record: &csv::ByteRecord, at: usize) -> Option<Key> {
    Some(Key::of_text(std::str::from_utf8(record.get(at)?).ok()?))
}

/// The keys in a column of a table.
fn keys(path: &Path, column: usize) -> Result<impl Iterator<Item = Result<Key, BatchError>>, BatchError> {
    let (headers, reader) = table(path, TextFile::open(path)?.reader)?;
    let path = path.to_owned();
    Ok(reader.into_byte_records().filter_map(move |record| match record {
        Ok(record) => match key_of(&record, column) {
            // It is told where it is read.
            None => None,
            Some(Key::None) if row(&headers, &record).is_err() => None,
            Some(key) => Some(Ok(key)),
        },
        Err(error) => Some(Err(told(&path, &error))),
    }))
}

fn told(path: &Path, error: &csv::Error) -> BatchError {
    BatchError::Call(Phrase::new(format!("{}: {error}", path.display()), format!("{}: {error}", path.display())))
}

impl Iterator for CsvRows {
    type Item = Result<Element<Row>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let record = match self.records.next()? {
                Ok(record) => record,
                Err(error) => return Some(Err(told(&self.path, &error))),
            };
            self.row += 1;
            let key = key_of(&record, self.key);
            let of = match row(&self.headers, &record) {
                Ok(record) => {
                    let mut entries = cells(&self.headers, &record, Some(self.key));
                    entries.retain(|(name, _)| !self.naming.ignored.contains(&format!("{}.{name}", self.list)));
                    rename(&mut entries, &self.list, &self.naming);
                    Ok(object(&entries))
                }
                Err(why) => Err((self.row, why)),
            };
            match (key, of) {
                (None | Some(Key::None), Err((row, why))) => {
                    let alone = Alone { path: self.path.clone(), row, key: None, cause: Some(why) };
                    self.keyless.lock().unwrap_or_else(PoisonError::into_inner).push(alone);
                }
                (key, of) => return Some(Ok(Element { key: key.unwrap_or(Key::None), row: self.row, count: 1, of })),
            }
        }
    }
}

impl CsvList {
    /// The elements of a household as a JSON list; or why there is none.
    fn of(&mut self, key: &Key) -> Result<Result<String, FactsError>, BatchError> {
        let mut own = Vec::new();
        if let Found::Twice = self.join.of(key, &mut own)? {
            return Ok(Err(twice(key)));
        }
        let mut out = String::from("[");
        for (at, element) in own.into_iter().enumerate() {
            match element {
                Ok(json) => {
                    out.push_str(if at > 0 { "," } else { "" });
                    out.push_str(&json);
                }
                // Without a member a household may not get what it is entitled to.
                Err((row, why)) => return Ok(Err(half_read(&self.path, &self.list, at, (row, &why), key))),
            }
        }
        out.push(']');
        Ok(Ok(out))
    }

    fn alone(&mut self, all: bool) -> Result<Vec<Alone>, BatchError> {
        let lone = if all { self.join.rest()? } else { self.join.lone() };
        let lone = lone.into_iter();
        let mut out: Vec<Alone> =
            lone.map(|l| Alone { path: self.path.clone(), row: l.row, key: l.key.text(), cause: None }).collect();
        out.append(&mut self.keyless.lock().unwrap_or_else(PoisonError::into_inner));
        out.sort_by_key(|alone| alone.row);
        Ok(out)
    }
}

impl Csv {
    pub(crate) fn open(
        path: &Path,
        reader: Reader,
        lists: &[(String, PathBuf)],
        naming: &Naming,
    ) -> Result<Csv, BatchError> {
        let (headers, reader) = table(path, reader)?;
        let mut joined = Vec::new();
        for (list, file) in lists {
            let (headers, reader) = table(file, TextFile::open(file)?.reader)?;
            let key = naming.key.as_ref().and_then(|name| headers.iter().position(|h| h.trim() == name)).unwrap_or(0);
            let order = order(|| keys(path, 0), || keys(file, key))?;
            let keyless = Keyless::default();
            let rows = CsvRows {
                path: file.clone(),
                headers,
                records: reader.into_byte_records(),
                key,
                row: 0,
                list: list.clone(),
                naming: naming.clone(),
                keyless: Arc::clone(&keyless),
            };
            joined.push(CsvList { list: list.clone(), path: file.clone(), join: Join::new(order, rows)?, keyless });
        }
        Ok(Csv {
            path: path.to_owned(),
            headers,
            records: reader.into_byte_records(),
            line: 1,
            key: 0,
            lists: joined,
            alone: Vec::new(),
            naming: naming.clone(),
            facts: BTreeSet::new(),
        })
    }

    /// What the table and those beside it have: its columns, and the lists.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().map(str::trim).chain(self.lists.iter().map(|list| list.list.as_str()))
    }

    /// Notes the names of the household's facts.
    pub(crate) fn set_facts(&mut self, facts: &BTreeSet<String>) {
        self.facts.clone_from(facts);
    }

    /// The next household.
    pub(crate) fn row(&mut self) -> Option<Result<TextRow, BatchError>> {
        let record = match self.records.next()? {
            Ok(record) => record,
            Err(error) => return Some(Err(told(&self.path, &error))),
        };
        self.line += 1;
        Some(self.household(&record))
    }

    fn household(&mut self, record: &csv::ByteRecord) -> Result<TextRow, BatchError> {
        let line = self.line;
        let key = key_of(record, self.key);
        let read = row(&self.headers, record);
        // Its elements are passed by, whatever is wrong with it.
        let mut lists = Vec::new();
        let mut wrong = None;
        for list in self.lists.iter_mut().filter(|_| key.is_some()) {
            match list.of(key.as_ref().unwrap_or(&Key::None))? {
                Ok(json) => lists.push((list.list.clone(), json)),
                Err(error) => wrong = wrong.or(Some(error)),
            }
            self.alone.extend(list.alone(false)?);
        }
        let record = match read {
            Ok(record) => record,
            Err(why) => {
                let id = key.and_then(|key| key.text());
                return Ok(TextRow { line, json: Err(refused(Code::UNREADABLE, "", why, id)), carried: Vec::new() });
            }
        };
        let cell = |name: &String| self.headers.iter().position(|h| h.trim() == name).and_then(|at| record.get(at));
        let names = self.naming.carried.iter();
        let carried: Vec<Option<String>> =
            names.map(|name| cell(name).filter(|cell| !cell.is_empty()).map(str::to_owned)).collect();
        if let Some(error) = wrong {
            return Ok(TextRow { line, json: Err(error), carried });
        }
        let is_left_out = |name: &String| {
            self.naming.ignored.contains(name) || self.naming.carried.contains(name) && !self.facts.contains(name)
        };
        let mut entries: Vec<(String, String)> = cells(&self.headers, &record, None);
        entries.retain(|(name, _)| self.naming.columns.values().any(|c| c == name) || !is_left_out(name));
        rename(&mut entries, "", &self.naming);
        entries.extend(lists);
        Ok(TextRow { line, json: Ok(object(&entries).into_bytes()), carried })
    }

    /// Those of no household that have come by.
    pub(crate) fn alone(&mut self) -> Vec<Alone> {
        std::mem::take(&mut self.alone)
    }

    /// The rest of those of no household, once there is no household more.
    pub(crate) fn rest(&mut self) -> Result<Vec<Alone>, BatchError> {
        let mut out = Vec::new();
        for list in &mut self.lists {
            out.extend(list.alone(true)?);
        }
        Ok(out)
    }
}

/// Gives columns the names of the facts that a map gives them; `list` is the list whose elements they are of.
pub(crate) fn rename(entries: &mut [(String, String)], list: &str, naming: &Naming) {
    for (fact, column) in &naming.columns {
        let own = match fact.rsplit_once('.') {
            Some((of, name)) if of == list => name,
            None if list.is_empty() => fact,
            _ => continue,
        };
        entries.iter_mut().filter(|(name, _)| name == column).for_each(|(name, _)| own.clone_into(name));
    }
}

/// The cells of a row as JSON, by their columns: one that begins with `[` or `{` is JSON itself, an empty one is not there.
fn cells(headers: &csv::StringRecord, record: &csv::StringRecord, but: Option<usize>) -> Vec<(String, String)> {
    headers
        .iter()
        .zip(record.iter())
        .enumerate()
        .filter(|(at, (_, cell))| !cell.is_empty() && Some(*at) != but)
        .map(|(_, (name, cell))| (name.trim().to_owned(), cell_json(cell)))
        .collect()
}

/// A cell as JSON.
pub(crate) fn cell_json(cell: &str) -> String {
    match flag(cell) {
        Some(true) => "true".to_owned(),
        Some(false) => "false".to_owned(),
        None if cell.starts_with(['[', '{']) => cell.to_owned(),
        None => serde_json::Value::from(cell).to_string(),
    }
}

/// What a cell says that is yes or no.
pub(crate) fn flag(cell: &str) -> Option<bool> {
    match cell {
        "true" | "yes" | "ya" => Some(true),
        "false" | "no" | "tidak" => Some(false),
        _ => None,
    }
}

pub(crate) fn object(entries: &[(String, String)]) -> String {
    let parts: Vec<String> =
        entries.iter().map(|(name, json)| format!("{}:{json}", serde_json::Value::from(name.as_str()))).collect();
    format!("{{{}}}", parts.join(","))
}
