//! Facts from files, one household at a time, so that memory does not grow with the input.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::CallError;

/// A household of the input: its line (or position), and its JSON text.
pub(crate) struct Household {
    pub line: usize,
    pub json: Vec<u8>,
}

/// The households of a file, in order.
pub(crate) enum Households {
    Lines { reader: Box<dyn BufRead>, line: usize, buffer: Vec<u8> },
    List(std::vec::IntoIter<Household>),
}

/// One household's text longer than this is refused as a line that cannot be read.
const LONGEST_LINE: u64 = 64 << 20;

pub(crate) fn open(path: &Path) -> Result<Households, CallError> {
    let told = |error: std::io::Error| CallError(format!("{}: {error}", path.display()));
    if path.as_os_str() == "-" {
        let reader = Box::new(BufReader::new(std::io::stdin()));
        return Ok(Households::Lines { reader, line: 0, buffer: Vec::new() });
    }
    let file = File::open(path).map_err(told)?;
    let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    if name.ends_with(".csv") {
        return crate::input::csv_households(path);
    }
    if name.ends_with(".json") {
        let mut text = Vec::new();
        BufReader::new(file).read_to_end(&mut text).map_err(told)?;
        return Ok(Households::List(split_list(&text).into_iter()));
    }
    let reader = Box::new(BufReader::with_capacity(1 << 18, file));
    Ok(Households::Lines { reader, line: 0, buffer: Vec::new() })
}

/// The elements of a JSON list, or the one value; text that is no list stays whole, for the reader of facts to refuse.
fn split_list(text: &[u8]) -> Vec<Household> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    match serde_json::from_slice::<Vec<Box<serde_json::value::RawValue>>>(text) {
        Ok(items) => items
            .into_iter()
            .zip(1..)
            .map(|(item, line)| Household { line, json: item.get().as_bytes().to_vec() })
            .collect(),
        Err(_) => vec![Household { line: 1, json: text.to_vec() }],
    }
}

/// Households from a CSV table; a column a fact, a cell that begins with `[` or `{` is JSON, an empty cell is unknown.
/// Lists may stand in a table of their own, `NAME.LIST.csv` beside `NAME.csv`, joined by the first column of both.
fn csv_households(path: &Path) -> Result<Households, CallError> {
    let told = |error: csv::Error| CallError(format!("{}: {error}", path.display()));
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_path(path).map_err(told)?;
    let headers = reader.headers().map_err(told)?.clone();
    let lists = csv_lists(path)?;
    let mut out = Vec::new();
    for (record, line) in reader.records().zip(2..) {
        let record = record.map_err(told)?;
        let mut entries: Vec<(String, String)> = cells(&headers, &record, 0);
        let key = record.get(0).unwrap_or("");
        for (name, rows) in &lists {
            let items: Vec<&str> = rows.iter().filter(|(k, _)| k == key).map(|(_, json)| json.as_str()).collect();
            entries.push((name.clone(), format!("[{}]", items.join(","))));
        }
        out.push(Household { line, json: object(&entries).into_bytes() });
    }
    Ok(Households::List(out.into_iter()))
}

type ListRows = Vec<(String, String)>;

fn csv_lists(path: &Path) -> Result<Vec<(String, ListRows)>, CallError> {
    let mut out = Vec::new();
    let (Some(folder), Some(stem)) = (path.parent(), path.file_stem().map(|s| s.to_string_lossy().into_owned())) else {
        return Ok(out);
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut files: Vec<_> = std::fs::read_dir(folder)?.filter_map(Result::ok).map(|e| e.path()).collect();
    files.sort();
    for file in files {
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let list = name.strip_prefix(&format!("{stem}.")).and_then(|n| n.strip_suffix(".csv"));
        let Some(list) = list.filter(|l| !l.is_empty() && !l.contains('.')) else { continue };
        let told = |error: csv::Error| CallError(format!("{}: {error}", file.display()));
        let mut reader = csv::Reader::from_path(&file).map_err(told)?;
        let headers = reader.headers().map_err(told)?.clone();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(told)?;
            let key = record.get(0).unwrap_or("").to_owned();
            rows.push((key, object(&cells(&headers, &record, 1))));
        }
        out.push((list.to_owned(), rows));
    }
    Ok(out)
}

fn cells(headers: &csv::StringRecord, record: &csv::StringRecord, skip: usize) -> Vec<(String, String)> {
    headers
        .iter()
        .zip(record.iter())
        .skip(skip)
        .filter(|(_, cell)| !cell.is_empty())
        .map(|(name, cell)| {
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

impl Households {
    /// Takes back the memory of a household that is done with, for the next.
    pub(crate) fn take_back(&mut self, household: Household) {
        if let Households::Lines { buffer, .. } = self {
            *buffer = household.json;
        }
    }
}

impl Iterator for Households {
    type Item = std::io::Result<Household>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Households::List(list) => list.next().map(Ok),
            Households::Lines { reader, line, buffer } => loop {
                buffer.clear();
                match reader.by_ref().take(LONGEST_LINE).read_until(b'\n', buffer) {
                    Ok(0) => return None,
                    Ok(_) => {}
                    Err(error) => return Some(Err(error)),
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
                return Some(Ok(Household { line: *line, json: std::mem::take(buffer) }));
            },
        }
    }
}
