//! Parquet files, written by row groups.

use std::io::Write;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use parquet::arrow::{ArrowSchemaConverter, ArrowWriter};
use parquet::basic::{Compression, Type};
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use crate::BatchError;

/// A Parquet file that is being written.
pub struct ParquetFile<W: Write + Send> {
    writer: ArrowWriter<W>,
}

impl<W: Write + Send> std::fmt::Debug for ParquetFile<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetFile").finish_non_exhaustive()
    }
}

impl<W: Write + Send> ParquetFile<W> {
    /// Begins a file of a schema, whose metadata goes with it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn new(out: W, schema: &SchemaRef) -> Result<ParquetFile<W>, BatchError> {
        let about = schema.metadata().iter();
        let mut about: Vec<_> = about.map(|(key, text)| (key.clone(), text.clone())).collect();
        about.sort();
        // The metadata stands in the file's own: within the Arrow schema its order would come from a hash.
        let plain = Arc::new(Schema::new(schema.fields().clone()));
        let is_long = schema.metadata().get("layak.form").is_some_and(|form| form == "long");
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_max_row_group_row_count(Some(1 << 18))
            // Each household has a key of its own; in the long form it stands in row after row.
            .set_column_dictionary_enabled("id".into(), is_long)
            .set_created_by(format!("layak {}", env!("CARGO_PKG_VERSION")))
            .set_key_value_metadata(Some(
                about.into_iter().map(|(key, text)| parquet::file::metadata::KeyValue::new(key, text)).collect(),
            ));
        // Nobody looks for the least text within a list or a programme, and to find it takes a third of the time of writing them.
        let columns = ArrowSchemaConverter::new().convert(&plain)?;
        for column in columns.columns().iter().filter(|column| column.path().parts().len() > 1) {
            if column.physical_type() == Type::BYTE_ARRAY {
                properties = properties.set_column_statistics_enabled(column.path().clone(), EnabledStatistics::None);
            }
        }
        Ok(ParquetFile { writer: ArrowWriter::try_new(out, plain, Some(properties.build()))? })
    }

    /// Adds rows.
    ///
    /// # Errors
    /// They cannot be written, or are of another schema.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), BatchError> {
        let plain =
            RecordBatch::try_new(Arc::new(Schema::new(batch.schema().fields().clone())), batch.columns().to_vec())?;
        Ok(self.writer.write(&plain)?)
    }

    /// Ends the file and hands back what it was written to.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(self) -> Result<W, BatchError> {
        Ok(self.writer.into_inner()?)
    }
}
