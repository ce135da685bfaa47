//! Arrow files, written by batches.

use std::io::Write;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int8Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, Int8Array, ListArray, RecordBatch, StringArray, StructArray};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use arrow_select::take::take;

use crate::BatchError;
use crate::decisions::OUTCOMES;

/// An Arrow file (IPC, Feather 2) that is being written, not packed: it can be mapped into memory.
///
/// The file holds one dictionary a column. Outcomes have theirs; other columns of dictionaries, whose batches may have several, are written
/// as what their places stand for.
pub struct ArrowFile<W: Write + Send> {
    writer: FileWriter<W>,
    schema: SchemaRef,
}

impl<W: Write + Send> std::fmt::Debug for ArrowFile<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ArrowFile").finish_non_exhaustive()
    }
}

impl<W: Write + Send> ArrowFile<W> {
    /// Begins a file of a schema, whose metadata goes with it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn new(out: W, schema: &SchemaRef) -> Result<ArrowFile<W>, BatchError> {
        let fields: Vec<FieldRef> = schema.fields().iter().map(plain).collect();
        let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
        Ok(ArrowFile { writer: FileWriter::try_new(out, &schema)?, schema })
    }

    /// Adds rows.
    ///
    /// # Errors
    /// They cannot be written, or are of another schema.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), BatchError> {
        let columns = batch.columns().iter().zip(self.schema.fields()).map(|(column, to)| laid(column, to));
        let columns: Vec<ArrayRef> = columns.collect::<Result<_, _>>()?;
        Ok(self.writer.write(&RecordBatch::try_new(Arc::clone(&self.schema), columns)?)?)
    }

    /// Ends the file and hands back what it was written to.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(self) -> Result<W, BatchError> {
        Ok(self.writer.into_inner()?)
    }
}

fn is_outcome(field: &Field) -> bool {
    let is_code = |key: &DataType, value: &DataType| *key == DataType::Int8 && *value == DataType::Utf8;
    field.name() == "outcome" && matches!(field.data_type(), DataType::Dictionary(key, value) if is_code(key, value))
}

/// A field as the file has it.
///
/// INVARIANT: it recurses as deep as the types of the schema nest.
fn plain(field: &FieldRef) -> FieldRef {
    let with = |data_type: DataType| Arc::new(Field::clone(field).with_data_type(data_type));
    match field.data_type() {
        DataType::Dictionary(..) if is_outcome(field) => Arc::clone(field),
        DataType::Dictionary(_, value) => with(DataType::clone(value)),
        DataType::Struct(fields) => with(DataType::Struct(fields.iter().map(plain).collect())),
        DataType::List(item) => with(DataType::List(plain(item))),
        _ => Arc::clone(field),
    }
}

/// A column as the file has it.
///
/// INVARIANT: it recurses as deep as the types of the schema nest.
fn laid(column: &ArrayRef, to: &FieldRef) -> Result<ArrayRef, BatchError> {
    match (column.data_type(), to.data_type()) {
        (DataType::Dictionary(..), DataType::Dictionary(..)) => outcomes(column),
        (DataType::Dictionary(..), _) => {
            let dictionary = column.as_any_dictionary();
            Ok(take(dictionary.values(), dictionary.keys(), None)?)
        }
        (DataType::Struct(_), DataType::Struct(fields)) => {
            let own = column.as_struct();
            let columns = own.columns().iter().zip(fields).map(|(column, to)| laid(column, to));
            let columns: Vec<ArrayRef> = columns.collect::<Result<_, _>>()?;
            let nulls = own.nulls().cloned();
            Ok(Arc::new(StructArray::try_new_with_length(fields.clone(), columns, nulls, own.len())?))
        }
        (DataType::List(_), DataType::List(item)) => {
            let own = column.as_list::<i32>();
            let values = laid(own.values(), item)?;
            Ok(Arc::new(ListArray::try_new(Arc::clone(item), own.offsets().clone(), values, own.nulls().cloned())?))
        }
        _ => Ok(Arc::clone(column)),
    }
}

/// Outcomes by the one dictionary that all batches share.
fn outcomes(column: &ArrayRef) -> Result<ArrayRef, BatchError> {
    let own = column.as_dictionary::<Int8Type>();
    let words = own.values().as_string::<i32>();
    let codes: Vec<Option<i8>> = words
        .iter()
        .map(|word| OUTCOMES.iter().position(|known| Some(*known) == word).and_then(|at| i8::try_from(at).ok()))
        .collect();
    let code = |key: Option<i8>| key.and_then(|key| usize::try_from(key).ok()).and_then(|at| *codes.get(at)?);
    let keys: Int8Array = own.keys().iter().map(code).collect();
    let words = StringArray::from_iter_values(OUTCOMES);
    Ok(Arc::new(DictionaryArray::<Int8Type>::try_new(keys, Arc::new(words))?))
}
