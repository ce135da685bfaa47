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

impl Iterator for Households {
    type Item = Result<Household, CallError>;

    fn next(&mut self) -> Option<Result<Household, CallError>> {
        self.rows.next()
    }
}
