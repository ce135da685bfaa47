//! Parquet files, read by batches and written by row groups.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::Array as _;
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use layak::Plan;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use crate::BatchError;
use crate::binding::{Naming, Node, NodeKind, bind};
use crate::files::{is_packed, packed_parquet};
use crate::join::Key;
use crate::reader::RecordReader;
use crate::run::{Portion, Source};
use crate::tables::{ListTable, beside, household_key, key};

/// So many households are read at once.
const ROWS: usize = 8 * layak::Batch::STRETCH;

/// A Parquet file whose schema is known.
pub(crate) struct Table {
    pub path: PathBuf,
    pub schema: SchemaRef,
    file: File,
}

/// The batches of a file.
pub(crate) struct Batches {
    path: PathBuf,
    reader: ParquetRecordBatchReader,
    pub rows: u64,
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, BatchError>;

    fn next(&mut self) -> Option<Result<RecordBatch, BatchError>> {
        let batch = self.reader.next()?;
        Some(batch.map_err(|error| BatchError::io(&self.path, std::io::Error::other(error))))
    }
}

impl Table {
    pub(crate) fn open(path: &Path) -> Result<Table, BatchError> {
        if is_packed(path) {
            return Err(packed_parquet());
        }
        let file = File::open(path).map_err(|error| BatchError::io(path, error))?;
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
            .map_err(|error| BatchError::io(path, std::io::Error::other(error)))?;
        Ok(Table { path: path.to_owned(), schema: Arc::clone(metadata.schema()), file })
    }

    /// Its batches, by its own schema or one that is much like it.
    pub(crate) fn batches(&self, schema: Option<&Schema>) -> Result<Batches, BatchError> {
        let schema = schema.map_or_else(|| Arc::clone(&self.schema), |schema| Arc::new(schema.clone()));
        let options = ArrowReaderOptions::new().with_schema(schema);
        let metadata = ArrowReaderMetadata::load(&self.file, options)?;
        self.read(metadata, None)
    }

    fn read(&self, metadata: ArrowReaderMetadata, column: Option<usize>) -> Result<Batches, BatchError> {
        let rows = u64::try_from(metadata.metadata().file_metadata().num_rows()).unwrap_or(0);
        let file = self.file.try_clone().map_err(|error| BatchError::io(&self.path, error))?;
        let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata).with_batch_size(ROWS);
        if let Some(column) = column {
            let mask = ProjectionMask::roots(builder.parquet_schema(), [column]);
            builder = builder.with_projection(mask);
        }
        Ok(Batches { path: self.path.clone(), reader: builder.build()?, rows })
    }

    /// The keys in a column, in order. The file is opened anew: two readers of one file would move each other.
    pub(crate) fn keys(&self, column: usize) -> Result<impl Iterator<Item = Result<Key, BatchError>>, BatchError> {
        let own = Table::open(&self.path)?;
        let metadata = ArrowReaderMetadata::load(&own.file, ArrowReaderOptions::new())?;
        let batches = own.read(metadata, Some(column))?;
        Ok(batches.flat_map(|batch| {
            let keys: Vec<Result<Key, BatchError>> = match batch {
                Ok(batch) => batch
                    .columns()
                    .first()
                    .map_or(Vec::new(), |keys| (0..keys.len()).map(|row| Ok(key(keys, row))).collect()),
                Err(error) => vec![Err(error)],
            };
            keys
        }))
    }
}

/// The households of a Parquet file: a row each; their lists as lists of structs, or as tables of their own.
pub struct ParquetSource {
    reader: RecordReader,
    batches: Batches,
    /// Where the key stands, and the tables of lists.
    key: usize,
    lists: Vec<ListTable>,
    line: usize,
    read: Arc<AtomicU64>,
    is_done: bool,
}

impl std::fmt::Debug for ParquetSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetSource").field("path", &self.batches.path).finish_non_exhaustive()
    }
}

impl ParquetSource {
    /// Opens a file and finds the facts among its columns; `lists` are tables of the elements of lists, by name. Where a table of
    /// elements does not stand in the order of the households, it is held in memory.
    ///
    /// # Errors
    /// It cannot be read, or as [`RecordReader::new`] says.
    pub fn open(
        plan: &Plan,
        path: &Path,
        lists: &[(String, PathBuf)],
        naming: &Naming,
    ) -> Result<ParquetSource, BatchError> {
        let table = Table::open(path)?;
        let tables: Result<Vec<Table>, BatchError> = lists.iter().map(|(_, path)| Table::open(path)).collect();
        let tables = tables?;
        let mut fields: Vec<FieldRef> = table.schema.fields().iter().map(Arc::clone).collect();
        let own = fields.len();
        for ((list, _), table) in lists.iter().zip(&tables) {
            fields.push(Arc::new(ListTable::field(list, table, naming)?));
        }
        let fields = Fields::from(fields);
        let nodes = bind(&fields, &plan.fact_shapes(), naming)?;
        // Texts that stand for few values are read as what the file has: places in a dictionary.
        let fields = with_dictionaries(&fields, &nodes);
        let reader = RecordReader::new(plan, &Schema::new(fields.clone()), naming)?;
        let key = household_key(plan, &nodes);
        let joined: Result<Vec<ListTable>, BatchError> = tables
            .iter()
            .zip(fields.iter().skip(own))
            .map(|(list, field)| ListTable::open(list, field, naming, (&table, key)))
            .collect();
        let own: Fields = fields.iter().take(own).map(Arc::clone).collect();
        let batches = table.batches(Some(&Schema::new(own)))?;
        let read = Arc::default();
        Ok(ParquetSource { reader, batches, key, lists: joined?, line: 1, read, is_done: false })
    }

    fn portion(&mut self, batch: RecordBatch) -> Result<Portion, BatchError> {
        let line = self.line;
        self.line += batch.num_rows();
        self.read.fetch_add(u64::try_from(batch.num_rows()).unwrap_or(0), Ordering::Relaxed);
        let (mut more, mut refused, mut alone) = (Vec::new(), Vec::new(), Vec::new());
        for list in &mut self.lists {
            let keys = batch.column(self.key);
            let (column, lone) = list.column(keys, &mut refused)?;
            more.push(column);
            alone.extend(lone);
        }
        refused.sort_by_key(|(row, _)| *row);
        refused.dedup_by_key(|(row, _)| *row);
        let batch = beside(self.reader.schema(), &batch, more)?;
        Ok(Portion::Records { line, batch, refused, alone })
    }
}

/// INVARIANT: it recurses with the facts within one another, which are finitely deep.
fn with_dictionaries(fields: &Fields, nodes: &[Node]) -> Fields {
    let of = |(index, field): (usize, &FieldRef)| -> FieldRef {
        let Some(node) = nodes.iter().find(|n| n.index == index) else { return Arc::clone(field) };
        let with = |data_type: DataType| Arc::new(Field::clone(field).with_data_type(data_type));
        let within = |item: &FieldRef, inner: &[Node]| match item.data_type() {
            DataType::Struct(inner_fields) => {
                let inner = DataType::Struct(with_dictionaries(inner_fields, inner));
                Arc::new(Field::clone(item).with_data_type(inner))
            }
            _ => Arc::clone(item),
        };
        match (&node.kind, field.data_type()) {
            (NodeKind::Scalar(_), DataType::Utf8) if node.is_enum => {
                with(DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)))
            }
            (NodeKind::Record(inner), DataType::Struct(fields)) => {
                with(DataType::Struct(with_dictionaries(fields, inner)))
            }
            (NodeKind::List(inner), DataType::List(item)) => with(DataType::List(within(item, inner))),
            (NodeKind::List(inner), DataType::LargeList(item)) => with(DataType::LargeList(within(item, inner))),
            _ => Arc::clone(field),
        }
    };
    fields.iter().enumerate().map(of).collect()
}

impl Iterator for ParquetSource {
    type Item = Result<Portion, BatchError>;

    fn next(&mut self) -> Option<Result<Portion, BatchError>> {
        if self.is_done {
            return None;
        }
        if let Some(batch) = self.batches.next() {
            return Some(batch.and_then(|batch| self.portion(batch)));
        }
        self.is_done = true;
        // What no household has taken.
        let mut alone = Vec::new();
        for list in &mut self.lists {
            match list.rest() {
                Ok(rest) => alone.extend(rest),
                Err(error) => return Some(Err(error)),
            }
        }
        let batch = RecordBatch::new_empty(Arc::clone(self.reader.schema()));
        (!alone.is_empty()).then_some(Ok(Portion::Records { line: self.line, batch, refused: Vec::new(), alone }))
    }
}

impl Source for ParquetSource {
    fn size(&self) -> Option<u64> {
        Some(self.batches.rows)
    }

    fn progress(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.read)
    }

    fn reader(&self) -> Option<&RecordReader> {
        Some(&self.reader)
    }
}

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
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_max_row_group_row_count(Some(1 << 16))
            .set_created_by(format!("layak {}", env!("CARGO_PKG_VERSION")))
            .set_key_value_metadata(Some(
                about.into_iter().map(|(key, text)| parquet::file::metadata::KeyValue::new(key, text)).collect(),
            ))
            .build();
        // The metadata stands in the file's own: within the Arrow schema its order would come from a hash.
        let plain = Arc::new(Schema::new(schema.fields().clone()));
        Ok(ParquetFile { writer: ArrowWriter::try_new(out, plain, Some(properties))? })
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
