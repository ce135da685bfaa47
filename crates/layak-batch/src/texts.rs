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
use crate::csv_tables::Csv;
use crate::files::{FileKind, TextFile, kind_of, stem_of};
use crate::found::{files, lists_beyond};
use crate::keys::Key;
use crate::reader::RecordReader;
use crate::run::{Portion, Source, TextRow};

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
    lacking: Vec<String>,
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
            FileKind::JsonLines | FileKind::Parquet | FileKind::Arrow => {
                From::Lines { path: path.to_owned(), reader, line: 0 }
            }
        };
        let naming = naming.clone();
        Ok(Texts { from, read, size, ended: false, naming, facts: BTreeSet::new(), lacking: Vec::new() })
    }

    /// Notes the facts of a plan.
    pub(crate) fn for_plan(mut self, plan: &Plan) -> Texts {
        for shape in plan.fact_shapes() {
            self.facts.insert(shape.name.to_string());
            self.facts.extend(shape.column.map(|column| column.to_string()));
        }
        if let From::Csv(csv) = &mut self.from {
            csv.set_facts(&self.facts);
            self.lacking = lists_beyond(plan, csv.columns(), &self.naming);
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
                let is_whole = match line_of(reader, &mut buffer) {
                    Ok(_) if buffer.is_empty() => return None,
                    Ok(is_whole) => is_whole,
                    Err(error) => return Some(Err(BatchError::io(path, error))),
                };
                *line += 1;
                if !is_whole {
                    return Some(Ok(TextRow { line: *line, json: Err(too_long()), carried: Vec::new() }));
                }
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
            alone = csv.alone();
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

    fn lacking(&self) -> Vec<String> {
        self.lacking.clone()
    }
}

/// Reads a line, and of one that is too long no more than the beginning: whether it is whole.
fn line_of(reader: &mut impl BufRead, buffer: &mut Vec<u8>) -> std::io::Result<bool> {
    reader.by_ref().take(LONGEST_LINE).read_until(b'\n', buffer)?;
    if buffer.last() == Some(&b'\n') || u64::try_from(buffer.len()).unwrap_or(u64::MAX) < LONGEST_LINE {
        return Ok(true);
    }
    buffer.truncate(1);
    reader.skip_until(b'\n')?;
    Ok(false)
}

fn too_long() -> FactsError {
    let megabytes = LONGEST_LINE >> 20;
    let message = Phrase::new(
        format!("the line has more than {megabytes} MiB: a household is a line of its own"),
        format!("barisnya lebih dari {megabytes} MiB: satu keluarga ditulis pada barisnya sendiri"),
    );
    refused(Code::UNREADABLE, "", message, None)
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

/// What is said of a household whose key stands twice beside tables of elements.
pub(crate) fn twice(key: &Key) -> FactsError {
    let message = Phrase::new(
        "another household of the input has this key, and the members: this one is not decided; give it a key of its own, and its members too",
        "keluarga lain dalam masukan mempunyai kunci ini beserta anggotanya: yang ini tidak diputuskan; beri kunci tersendiri, juga pada anggotanya",
    );
    refused(Code::TWICE, "", message, key.text())
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
