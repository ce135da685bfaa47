//! A decision of an earlier run, as it was written.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int8Type;
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::digest::{Parsed, Seal};
use crate::Summary;

/// A decision of an earlier run, as it was written there.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Before {
    /// What stands between the fingerprint of the rules and the digest, of its JSON.
    Json(String),
    /// Its rows of CSV: the cells from `id` on, without the digest and what was carried through.
    Cells(Vec<Vec<String>>),
    /// Its rows of a batch of decisions, without the digest and what was carried through.
    Rows {
        /// The batch.
        batch: Arc<RecordBatch>,
        /// Which.
        rows: Range<usize>,
    },
}

/// One of an earlier run, on its way.
pub(super) struct Item {
    pub id: Option<String>,
    pub digest: Option<Parsed>,
    /// None where its columns are others than those of this run, or where it was no decision.
    pub before: Option<Before>,
}

/// A decision as JSON.
#[derive(Deserialize)]
struct Line<'a> {
    id: Option<String>,
    #[serde(borrow)]
    programmes: Option<&'a RawValue>,
    #[serde(borrow)]
    findings: Option<&'a RawValue>,
    #[serde(borrow)]
    values: Option<&'a RawValue>,
    #[serde(borrow)]
    bounds: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    digest: Option<String>,
}

#[derive(Deserialize)]
struct Programmes {
    programmes: BTreeMap<String, Programme>,
}

#[derive(Deserialize)]
struct Programme {
    members: Option<BTreeMap<String, Entitled>>,
    others: Option<Entitled>,
    #[serde(flatten)]
    own: Option<Entitled>,
}

#[derive(Deserialize)]
struct Entitled {
    outcome: String,
    #[serde(default)]
    reasons: Vec<Criterion>,
}

#[derive(Deserialize)]
struct Criterion {
    criterion: String,
}

/// A line of JSON as a decision of an earlier run; nothing where it is none.
pub(super) fn of_json(line: &[u8]) -> Option<Item> {
    let line: Line<'_> = serde_json::from_slice(line).ok()?;
    line.programmes.or(line.error)?;
    let digest = line.digest.as_deref().and_then(Parsed::of);
    let before = match (line.programmes, line.findings) {
        (Some(programmes), Some(findings)) => {
            let mut body = format!(",\"programmes\":{},\"findings\":{}", programmes.get(), findings.get());
            for (name, part) in [("values", line.values), ("bounds", line.bounds)] {
                if let Some(part) = part {
                    body.push_str(&format!(",\"{name}\":{}", part.get()));
                }
            }
            Some(Before::Json(body))
        }
        _ => None,
    };
    Some(Item { id: line.id, digest, before })
}

impl Before {
    /// The seal over it.
    pub fn seal(&self) -> u64 {
        let mut seal = Seal::default();
        match self {
            Before::Json(body) => seal.add(body.as_bytes()),
            Before::Cells(rows) => rows.iter().flatten().for_each(|cell| seal.add(cell.as_bytes())),
            Before::Rows { batch, rows } => {
                let mut text = String::new();
                for row in rows.clone() {
                    // The line is that of the other input.
                    batch.columns().iter().skip(1).for_each(|column| seal.add_value(column, row, &mut text));
                }
            }
        }
        seal.value()
    }

    /// Counts it as [`Summary::decided`] counts a decision; whether it could be read.
    pub(crate) fn count(&self, summary: &mut Summary) -> bool {
        match self {
            Before::Json(body) => {
                let text = format!("{{{}}}", body.strip_prefix(',').unwrap_or(body));
                let Ok(read) = serde_json::from_str::<Programmes>(&text) else { return false };
                summary.households += 1;
                for (name, programme) in &read.programmes {
                    let members = programme.members.iter().flat_map(BTreeMap::values);
                    for one in members.chain(&programme.others).chain(&programme.own) {
                        let reasons = one.reasons.iter().map(|reason| reason.criterion.as_str());
                        summary.counted(name, &one.outcome, reasons);
                    }
                }
            }
            Before::Cells(rows) => {
                summary.households += 1;
                for row in rows {
                    let [_, programme, _, outcome, _, _, reasons, ..] = row.as_slice() else { return false };
                    summary.counted(programme, outcome, reasons.split(' ').filter(|reason| !reason.is_empty()));
                }
            }
            Before::Rows { batch, rows } => {
                summary.households += 1;
                let schema = batch.schema();
                if schema.metadata().get("layak.form").is_some_and(|form| form == "long") {
                    return rows.clone().all(|row| count_long(batch, row, summary).is_some());
                }
                for (column, field) in batch.columns().iter().zip(schema.fields()) {
                    rows.clone().for_each(|row| count_wide(column, field.name(), row, summary));
                }
            }
        }
        true
    }
}

/// A programme of a household, or of its members, in wide form.
fn count_wide(column: &ArrayRef, name: &str, row: usize, summary: &mut Summary) {
    if column.is_null(row) {
        return;
    }
    if let Some(one) = column.as_struct_opt() {
        let _ = count_struct(one, name, row, summary);
    } else if let Some(list) = column.as_list_opt::<i32>()
        && let Some(members) = list.values().as_struct_opt()
    {
        let ends = list.value_offsets();
        let at = |n: usize| ends.get(n).and_then(|end| usize::try_from(*end).ok()).unwrap_or(0);
        for member in at(row)..at(row + 1) {
            let _ = count_struct(members, name, member, summary);
        }
    }
}

fn count_struct(one: &StructArray, name: &str, row: usize, summary: &mut Summary) -> Option<()> {
    count(one.column_by_name("outcome")?, one.column_by_name("reasons")?, name, row, summary)
}

fn count_long(batch: &RecordBatch, row: usize, summary: &mut Summary) -> Option<()> {
    let programmes = batch.column_by_name("programme")?.as_string_opt::<i32>()?;
    let name = programmes.is_valid(row).then(|| programmes.value(row))?;
    count(batch.column_by_name("outcome")?, batch.column_by_name("reasons")?, name, row, summary)
}

fn count(outcomes: &ArrayRef, reasons: &ArrayRef, name: &str, row: usize, summary: &mut Summary) -> Option<()> {
    let outcomes = outcomes.as_dictionary_opt::<Int8Type>()?;
    let word = outcomes.values().as_string_opt::<i32>()?.value(outcomes.key(row)?);
    let reasons = reasons.as_list_opt::<i32>()?.value(row);
    summary.counted(name, word, reasons.as_string_opt::<i32>()?.iter().flatten());
    Some(())
}
