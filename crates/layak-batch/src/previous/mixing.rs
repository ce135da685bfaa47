//! Decisions in columns, some of them taken over.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray, UInt32Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use arrow_select::interleave::interleave;

use super::before::Before;
use super::digest::{Seal, sealed};
use crate::BatchError;
use crate::run::Household;

/// Notes of each household of a portion whether its decision is made or taken over, and puts both side by side, with their digests
/// where these are kept.
#[derive(Debug, Default)]
pub struct Mixing {
    keeps: bool,
    slots: Vec<Slot>,
}

#[derive(Debug)]
struct Slot {
    line: i64,
    digest: Option<String>,
    /// None where it is among those made anew.
    before: Option<Before>,
}

impl Mixing {
    /// Begins; `keeps` says whether digests are kept.
    pub fn new(keeps: bool) -> Mixing {
        Mixing { keeps, slots: Vec::new() }
    }

    /// The schema of decisions with the digests.
    pub fn schema(&self, schema: &SchemaRef) -> SchemaRef {
        if !self.keeps {
            return Arc::clone(schema);
        }
        let mut fields: Vec<_> = schema.fields().iter().cloned().collect();
        fields.push(Arc::new(Field::new("digest", DataType::Utf8, true)));
        Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
    }

    /// The decisions on the next household and those that follow it, so many, are made.
    pub fn made(&mut self, household: &Household<'_>, count: usize) {
        (0..count).for_each(|after| self.push(household, after, None));
    }

    /// The decision on the next household is taken over; whether it is one of columns.
    pub fn taken(&mut self, household: &Household<'_>, before: &Before) -> bool {
        if !matches!(before, Before::Rows { .. }) {
            return false;
        }
        self.push(household, 0, Some(before.clone()));
        true
    }

    fn push(&mut self, household: &Household<'_>, after: usize, before: Option<Before>) {
        let line = i64::try_from(household.line() + after).unwrap_or(i64::MAX);
        let digest = household.digest().filter(|_| self.keeps).map(str::to_owned);
        self.slots.push(Slot { line, digest, before });
    }

    /// The decisions that were made and those that were taken over, in order; `rows` says of each that was made how many rows it has, where
    /// they are not one each. With the household of each row, by its place.
    ///
    /// # Errors
    /// None but by a fault of this crate.
    pub fn finish(
        &mut self,
        made: &RecordBatch,
        rows: Option<&UInt32Array>,
    ) -> Result<(RecordBatch, UInt32Array), BatchError> {
        let slots = std::mem::take(&mut self.slots);
        let counts = counts(made, rows, slots.iter().filter(|slot| slot.before.is_none()).count());
        let mut batches: Vec<&RecordBatch> = vec![made];
        let (mut places, mut households, mut lines) = (Vec::new(), Vec::new(), Vec::new());
        let (mut next, mut counts) = (0, counts.into_iter());
        for (slot, number) in slots.iter().zip(0u32..) {
            let (batch, range) = match &slot.before {
                Some(Before::Rows { batch, rows }) => {
                    let known = batches.iter().skip(1).rposition(|b| std::ptr::eq(*b, &raw const **batch));
                    let at = known.map_or_else(
                        || {
                            batches.push(batch);
                            batches.len() - 1
                        },
                        |at| at + 1,
                    );
                    (at, rows.clone())
                }
                _ => {
                    let count = counts.next().unwrap_or(0);
                    next += count;
                    (0, next - count..next)
                }
            };
            for row in range {
                places.push((batch, row));
                households.push(number);
                lines.push(slot.line);
            }
        }
        let mut columns: Vec<ArrayRef> = vec![Arc::new(Int64Array::from(lines))];
        for at in 1..made.num_columns() {
            columns.push(match batches.as_slice() {
                [_] => Arc::clone(made.column(at)),
                several => {
                    let arrays: Vec<&dyn Array> = several.iter().map(|b| b.column(at) as &dyn Array).collect();
                    interleave(&arrays, &places)?
                }
            });
        }
        let households = UInt32Array::from(households);
        if self.keeps {
            columns.push(Arc::new(digests(&columns, &households, &slots)));
        }
        Ok((RecordBatch::try_new(self.schema(&made.schema()), columns)?, households))
    }
}

/// How many rows each decision that was made has.
fn counts(made: &RecordBatch, rows: Option<&UInt32Array>, households: usize) -> Vec<usize> {
    let Some(rows) = rows else { return vec![1; made.num_rows()] };
    let mut out = vec![0; households];
    for household in rows.values() {
        if let Some(count) = usize::try_from(*household).ok().and_then(|at| out.get_mut(at)) {
            *count += 1;
        }
    }
    out
}

/// The digest of each row, sealed over all rows of its household.
fn digests(columns: &[ArrayRef], households: &UInt32Array, slots: &[Slot]) -> StringArray {
    let mut out: Vec<Option<String>> = Vec::with_capacity(households.len());
    let (mut start, mut text) = (0, String::new());
    while start < households.len() {
        let household = households.value(start);
        let mut end = start + 1;
        while end < households.len() && households.value(end) == household {
            end += 1;
        }
        let slot = usize::try_from(household).ok().and_then(|at| slots.get(at));
        let digest = slot.and_then(|slot| slot.digest.as_deref()).map(|digest| {
            let mut seal = Seal::default();
            for row in start..end {
                columns.iter().skip(1).for_each(|column| seal.add_value(column, row, &mut text));
            }
            sealed(digest, seal.value())
        });
        out.extend(std::iter::repeat_n(digest, end - start));
        start = end;
    }
    StringArray::from(out)
}
