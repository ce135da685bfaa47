//! Facts from files, one household at a time, so that memory does not grow with the input.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use layak_batch::{BatchError, Source as _, Texts};

use crate::CallError;

/// A household of the input: its line (or position), and its JSON text.
pub(crate) struct Household {
    pub line: usize,
    pub json: Vec<u8>,
}

/// The households of a file, in order; of a table, a row that cannot be read ends them.
pub(crate) struct Households {
    rows: Box<dyn Iterator<Item = Result<Household, CallError>>>,
    pub size: Option<u64>,
    pub read: Arc<AtomicU64>,
}

pub(crate) fn open(path: &Path) -> Result<Households, CallError> {
    let name = path.display().to_string();
    let told = |error: &BatchError| CallError(error.to_string());
    let texts = Texts::open(path).map_err(|error| told(&error))?;
    let (size, read) = (texts.size(), texts.progress());
    let rows = texts.rows().map(move |row| {
        let row = row.map_err(|error| CallError(error.to_string()))?;
        match row.json {
            Ok(json) => Ok(Household { line: row.line, json }),
            Err(error) => Err(CallError(format!("{name}: {}: {error}", row.line))),
        }
    });
    Ok(Households { rows: Box::new(rows), size, read })
}

/// Worked cases: JSON lines, or a CSV table whose columns name the case's parts, `input.FACT` and `expect.NAME` parts of parts.
pub(crate) fn open_cases(path: &Path) -> Result<Households, CallError> {
    if !path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv")) {
        return open(path);
    }
    let told = |error: csv::Error| CallError(format!("{}: {error}", path.display()));
    let mut reader = csv::Reader::from_path(path).map_err(told)?;
    let headers = reader.headers().map_err(told)?.clone();
    let mut out = Vec::new();
    for record in reader.records() {
        let record = record.map_err(told)?;
        let line = record.position().map_or(0, |p| usize::try_from(p.line()).unwrap_or(usize::MAX));
        let mut parts: Vec<(String, String)> = Vec::new();
        let mut groups = [("input", Vec::new()), ("expect", Vec::new()), ("programmes", Vec::new())];
        for (name, json) in cells(&headers, &record, 0) {
            let json = if json == "\"null\"" { "null".to_owned() } else { json };
            let group = groups
                .iter_mut()
                .find_map(|(group, entries)| Some((name.strip_prefix(*group)?.strip_prefix('.')?.to_owned(), entries)));
            match group {
                Some((part, entries)) => entries.push((part, json)),
                None => parts.push((name, json)),
            }
        }
        parts.extend(groups.iter().map(|(group, entries)| ((*group).to_owned(), object(entries))));
        out.push(Household { line, json: object(&parts).into_bytes() });
    }
    Ok(Households { rows: Box::new(out.into_iter().map(Ok)), size: None, read: Arc::default() })
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

impl Iterator for Households {
    type Item = Result<Household, CallError>;

    fn next(&mut self) -> Option<Result<Household, CallError>> {
        self.rows.next()
    }
}
