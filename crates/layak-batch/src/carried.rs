//! Columns of the input that go through to the decisions as they are.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, StringArray, UInt32Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use arrow_select::take::take;
use layak::Phrase;

use crate::run::{Portion, Source};
use crate::{BatchError, rows};

/// Which they are, and of which types.
#[derive(Clone, Debug, Default)]
pub struct Carried {
    fields: Vec<Field>,
}

impl Carried {
    /// Finds columns by name in a source. Those of texts are texts.
    ///
    /// # Errors
    /// The source has no such column.
    pub fn of(source: &impl Source, names: &[String]) -> Result<Carried, BatchError> {
        let reader = source.reader().filter(|_| !source.carries_texts());
        let field = |name: &String| match reader {
            None => Ok(Field::new(name, DataType::Utf8, true)),
            Some(reader) => match reader.schema().field_with_name(name) {
                Ok(field) => Ok(field.clone().with_nullable(true)),
                Err(_) => {
                    let message = Phrase::new(
                        "there is no such column to carry through",
                        "tidak ada kolom itu untuk dibawa serta",
                    );
                    Err(BatchError::column("L0640", name, message))
                }
            },
        };
        Ok(Carried { fields: names.iter().map(field).collect::<Result<_, _>>()? })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.name().as_str())
    }

    /// A schema of decisions with them behind it.
    ///
    /// # Errors
    /// Decisions have a column of that name.
    pub fn beside(&self, schema: &SchemaRef) -> Result<SchemaRef, BatchError> {
        if let Some(field) = self.fields.iter().find(|f| schema.index_of(f.name()).is_ok()) {
            let message = Phrase::new(
                "decisions have a column of this name: it cannot be carried through",
                "keputusan sudah punya kolom bernama ini: tidak dapat dibawa serta",
            );
            return Err(BatchError::column("L0642", field.name(), message));
        }
        let fields: Vec<_> = schema.fields().iter().cloned().chain(self.fields.iter().cloned().map(Arc::new)).collect();
        Ok(Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone())))
    }

    /// Those of a portion.
    pub fn columns(&self, portion: &Portion) -> Vec<ArrayRef> {
        let column = |(at, field): (usize, &Field)| -> ArrayRef {
            match portion {
                Portion::Records { batch, carried, .. } => match carried.get(at).or(batch.column_by_name(field.name()))
                {
                    Some(column) => Arc::clone(column),
                    None => arrow_array::new_null_array(field.data_type(), batch.num_rows()),
                },
                Portion::Texts { rows, .. } => {
                    let texts = rows.iter().map(|row| row.carried.get(at).and_then(|text| text.as_deref()));
                    Arc::new(texts.collect::<StringArray>())
                }
            }
        };
        self.fields.iter().enumerate().map(column).collect()
    }

    /// A batch of decisions with them behind it; `households` are the places of the households of its rows, where it has several of
    /// one.
    ///
    /// # Errors
    /// None but by a fault of this crate.
    pub fn put(
        &self,
        decisions: &RecordBatch,
        columns: &[ArrayRef],
        households: Option<&UInt32Array>,
    ) -> Result<RecordBatch, BatchError> {
        let schema = self.beside(&decisions.schema())?;
        let mut all = decisions.columns().to_vec();
        for column in columns {
            all.push(match households {
                Some(households) => take(column, households, None)?,
                None => Arc::clone(column),
            });
        }
        Ok(RecordBatch::try_new(schema, all)?)
    }
}

/// A value of a column as text; nothing where it is null or has no text of its own.
pub fn cell(column: &ArrayRef, row: usize) -> Option<String> {
    (row < column.len()).then(|| rows::text(column, row)).flatten()
}
