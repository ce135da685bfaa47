//! Keys of households: what joins the rows of tables.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use compact_str::CompactString;

use crate::rows;

/// A key. Numbers go before texts, in the order of numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    Int(i64),
    /// Short ones, as most are, need no memory of their own.
    Text(CompactString),
    /// There is none, which is like no other.
    None,
}

impl Key {
    /// A text, or the number that it is written as in one way alone.
    pub(crate) fn of_text(text: &str) -> Key {
        let first = text.strip_prefix('-').unwrap_or(text).as_bytes().first();
        let is_plain = first.is_some_and(|first| matches!(first, b'1'..=b'9')) || text == "0";
        match is_plain.then(|| text.parse()) {
            Some(Ok(number)) => Key::Int(number),
            _ if text.is_empty() => Key::None,
            _ => Key::Text(text.into()),
        }
    }

    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Key::Int(number) => Some(number.to_string()),
            Key::Text(text) => Some(text.to_string()),
            Key::None => None,
        }
    }
}

/// The keys of rows side by side, those that follow one another under one key taken together.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    runs: Vec<KeyRun>,
    rows: usize,
}

/// Rows side by side that have one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyRun {
    pub key: Key,
    /// The first of them in its table, from 1.
    pub row: usize,
    /// Their places among the rows that are side by side.
    pub places: Range<usize>,
}

impl Keys {
    /// The keys of a column, whose first row stands in this row of its table.
    pub(crate) fn of(array: &ArrayRef, first: usize) -> Keys {
        let mut keys = Keys::default();
        let of_text = |text: &&str| Key::of_text(text);
        if let Some(texts) = array.as_string_view_opt() {
            keys.extend(first, texts.iter().map(Option::unwrap_or_default), of_text);
        } else if let Some(texts) = array.as_string_opt::<i32>() {
            keys.extend(first, texts.iter().map(Option::unwrap_or_default), of_text);
        } else {
            keys.extend(first, (0..array.len()).map(|row| key(array, row)), Key::clone);
        }
        keys
    }

    /// Adds rows that follow one another from a row of their table on; a key is made once for those that have it.
    fn extend<T: PartialEq>(&mut self, first: usize, rows: impl Iterator<Item = T>, key: impl Fn(&T) -> Key) {
        let mut last: Option<T> = None;
        for (one, row) in rows.zip(first..) {
            match self.runs.last_mut() {
                Some(run) if last.as_ref() == Some(&one) => run.places.end += 1,
                _ => self.runs.push(KeyRun { key: key(&one), row, places: self.rows..self.rows + 1 }),
            }
            self.rows += 1;
            last = Some(one);
        }
    }

    /// Adds a row of the table.
    pub(crate) fn push(&mut self, key: Key, row: usize) {
        match self.runs.last_mut() {
            Some(run) if run.key == key && run.row + run.places.len() == row => run.places.end += 1,
            _ => self.runs.push(KeyRun { key, row, places: self.rows..self.rows + 1 }),
        }
        self.rows += 1;
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Row by row.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Key> {
        self.runs.iter().flat_map(|run| std::iter::repeat_n(&run.key, run.places.len()))
    }

    /// The runs in order.
    pub(crate) fn into_runs(self) -> std::vec::IntoIter<KeyRun> {
        self.runs.into_iter()
    }
}

/// The key of a row; none where it is null or neither whole number nor text.
fn key(array: &ArrayRef, row: usize) -> Key {
    if array.is_null(row) {
        return Key::None;
    }
    match array.data_type() {
        DataType::Int8 => Key::Int(array.as_primitive::<Int8Type>().value(row).into()),
        DataType::Int16 => Key::Int(array.as_primitive::<Int16Type>().value(row).into()),
        DataType::Int32 => Key::Int(array.as_primitive::<Int32Type>().value(row).into()),
        DataType::Int64 => Key::Int(array.as_primitive::<Int64Type>().value(row)),
        DataType::UInt8 => Key::Int(array.as_primitive::<UInt8Type>().value(row).into()),
        DataType::UInt16 => Key::Int(array.as_primitive::<UInt16Type>().value(row).into()),
        DataType::UInt32 => Key::Int(array.as_primitive::<UInt32Type>().value(row).into()),
        _ => rows::text(array, row).map_or(Key::None, |text| Key::of_text(&text)),
    }
}

#[cfg(test)]
mod tests;
