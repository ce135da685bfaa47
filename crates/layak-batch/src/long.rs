//! Decisions in long form: a row a programme and member.

use std::sync::Arc;

use arrow_array::builder::{Int64Builder, StringBuilder, UInt32Builder};
use arrow_array::types::Int8Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, Int8Array, RecordBatch, StringArray, UInt32Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use layak::{Answer, Decision, Entitlement, FactsError, Lang, Outcome, Plan};

use crate::BatchError;
use crate::decisions::{OUTCOMES, Parts, TextLists, about, outcome_type, text_list};
use crate::words::{plain, told};

/// Puts decisions into columns, a row for each programme and member; one row for a household that could not be read.
#[derive(Debug)]
pub struct LongColumns {
    schema: SchemaRef,
    lang: Lang,
    line: Int64Builder,
    id: StringBuilder,
    programme: StringBuilder,
    member: StringBuilder,
    outcome: Vec<Option<i8>>,
    outputs: Parts,
    bounds: Parts,
    reasons: TextLists,
    missing: TextLists,
    error: Parts,
    /// The household of each row, by its place in the batch.
    households: UInt32Builder,
    count: u32,
}

impl LongColumns {
    /// Columns for the decisions of a plan, with texts in a language.
    pub fn new(plan: &Plan, lang: Lang) -> LongColumns {
        let (outputs, bounds) = (Parts::new(&["output", "value"]), Parts::new(&["output", "low", "high"]));
        let error = Parts::new(&["code", "path", "text"]);
        let fields = vec![
            Field::new("line", DataType::Int64, false),
            Field::new("id", DataType::Utf8, true),
            Field::new("programme", DataType::Utf8, true),
            Field::new("member", DataType::Utf8, true),
            Field::new("outcome", outcome_type(), true),
            Field::new("outputs", outputs.data_type(), false),
            Field::new("bounds", bounds.data_type(), false),
            Field::new("reasons", text_list(), false),
            Field::new("missing", text_list(), false),
            Field::new("error", error.data_type(), false),
        ];
        LongColumns {
            schema: Arc::new(Schema::new_with_metadata(fields, about(plan, lang, "long"))),
            lang,
            line: Int64Builder::new(),
            id: StringBuilder::new(),
            programme: StringBuilder::new(),
            member: StringBuilder::new(),
            outcome: Vec::new(),
            outputs,
            bounds,
            reasons: TextLists::new(),
            missing: TextLists::new(),
            error,
            households: UInt32Builder::new(),
            count: 0,
        }
    }

    /// The schema of what comes out.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Adds the rows of a household.
    pub fn add(&mut self, line: usize, decision: &Result<Decision, FactsError>) {
        match decision {
            Ok(decision) => {
                for programme in decision.programmes() {
                    for (member, one) in programme.entitlements() {
                        self.begin(line, decision.id(), Some(programme.name()), member);
                        self.entitlement(one);
                    }
                }
            }
            Err(error) => {
                self.begin(line, error.id(), None, None);
                let row = self.outcome.len();
                self.outcome.push(None);
                for fault in error.iter() {
                    let (code, text) = (fault.code().to_string(), told(fault, self.lang));
                    self.error.add(row, &[Some(&code), Some(fault.path()), Some(&text)]);
                }
            }
        }
        self.count += 1;
    }

    fn begin(&mut self, line: usize, id: Option<&str>, programme: Option<&str>, member: Option<&str>) {
        self.line.append_value(i64::try_from(line).unwrap_or(i64::MAX));
        self.id.append_option(id);
        self.programme.append_option(programme);
        self.member.append_option(member);
        self.households.append_value(self.count);
    }

    fn entitlement(&mut self, one: &Entitlement) {
        let row = self.outcome.len();
        self.outcome.push(Some(match one.outcome() {
            Outcome::Eligible => 0,
            Outcome::NotEligible => 1,
            Outcome::Undetermined(_) => 2,
            _ => 3,
        }));
        for (name, answer) in one.outputs() {
            let value = (!matches!(answer, Answer::None | Answer::Unknown)).then(|| plain(answer));
            self.outputs.add(row, &[Some(name), value.as_deref()]);
        }
        for (name, (low, high)) in one.bounds() {
            let end = |answer: &Answer| (!matches!(answer, Answer::Unknown)).then(|| plain(answer));
            self.bounds.add(row, &[Some(name), end(low).as_deref(), end(high).as_deref()]);
        }
        for reason in one.reasons() {
            self.reasons.add(row, &reason.criterion);
        }
        for missing in one.missing() {
            self.missing.add(row, &missing.fact);
        }
        if let Outcome::Error(failure) = one.outcome() {
            let code = failure.code().to_string();
            self.error.add(row, &[Some(&code), failure.at(), Some(failure.text().in_lang(self.lang))]);
        }
    }

    /// The batch of what has been added, and the household of each row by its place among those added; empty again.
    ///
    /// # Errors
    /// None but by a fault of this crate.
    pub fn finish(&mut self) -> Result<(RecordBatch, UInt32Array), BatchError> {
        let rows = self.outcome.len();
        let outcome = Int8Array::from(std::mem::take(&mut self.outcome));
        let words = StringArray::from_iter_values(OUTCOMES);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.line.finish()),
            Arc::new(self.id.finish()),
            Arc::new(self.programme.finish()),
            Arc::new(self.member.finish()),
            Arc::new(DictionaryArray::<Int8Type>::try_new(outcome, Arc::new(words))?),
            self.outputs.finish(rows)?,
            self.bounds.finish(rows)?,
            self.reasons.finish(rows)?,
            self.missing.finish(rows)?,
            self.error.finish(rows)?,
        ];
        self.count = 0;
        let households = self.households.finish();
        debug_assert_eq!(households.len(), columns.first().map_or(0, |c| c.len()));
        Ok((RecordBatch::try_new(Arc::clone(&self.schema), columns)?, households))
    }
}
