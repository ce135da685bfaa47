//! Files of columns, read by batches: Parquet, and Arrow's own.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, SchemaRef};
use layak::Phrase;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};

use crate::BatchError;
use crate::files::{FileKind, is_packed, kind_of};
use crate::keys::{Key, Keys};

/// So many households are read at once.
const ROWS: usize = 8 * layak::Batch::STRETCH;

/// What a file of Arrow batches begins with, where it is no stream of them.
const MAGIC: &[u8] = b"ARROW1";

/// A file of columns whose schema is known.
pub(crate) struct Table {
    pub path: PathBuf,
    pub schema: SchemaRef,
    /// None of an Arrow file, which is opened anew to be read.
    parquet: Option<File>,
}

/// The batches of a file.
pub(crate) struct Batches {
    pub path: PathBuf,
    from: From,
    /// How many rows there are, where that is known.
    pub rows: Option<u64>,
}

enum From {
    Parquet(ParquetRecordBatchReader),
    /// With what is left of the batch that was read last: those of the file may be of any size.
    Arrow(Arrow, Option<RecordBatch>),
}

enum Arrow {
    File(Box<FileReader<BufReader<File>>>),
    Stream(Box<StreamReader<BufReader<File>>>),
}

/// The reader of Arrow files has places that take a broken file for a fault of the program: to us they are an error of the file.
fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T, ArrowError>) -> Result<T, BatchError> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(read) => read.map_err(|error| BatchError::io(path, std::io::Error::other(error))),
        Err(_) => Err(BatchError::io(path, std::io::Error::other("this is not the Arrow data that it says it is"))),
    }
}

impl Arrow {
    fn open(path: &Path, columns: Option<Vec<usize>>) -> Result<Arrow, BatchError> {
        let told = |error| BatchError::io(path, error);
        let mut file = File::open(path).map_err(told)?;
        let mut begin = Vec::new();
        (&file).take(6).read_to_end(&mut begin).map_err(told)?;
        file.rewind().map_err(told)?;
        let file = BufReader::with_capacity(1 << 18, file);
        guarded(path, || {
            Ok(match begin == MAGIC {
                true => Arrow::File(Box::new(FileReader::try_new(file, columns)?)),
                false => Arrow::Stream(Box::new(StreamReader::try_new(file, columns)?)),
            })
        })
    }

    fn schema(&self) -> SchemaRef {
        match self {
            Arrow::File(reader) => reader.schema(),
            Arrow::Stream(reader) => reader.schema(),
        }
    }

    fn next(&mut self, path: &Path) -> Option<Result<RecordBatch, BatchError>> {
        let read = || {
            match self {
                Arrow::File(reader) => reader.next(),
                Arrow::Stream(reader) => reader.next(),
            }
            .transpose()
        };
        guarded(path, read).transpose()
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, BatchError>;

    fn next(&mut self) -> Option<Result<RecordBatch, BatchError>> {
        match &mut self.from {
            From::Parquet(reader) => {
                let batch = reader.next()?;
                Some(batch.map_err(|error| BatchError::io(&self.path, std::io::Error::other(error))))
            }
            From::Arrow(reader, left) => loop {
                if let Some(batch) = left.take().filter(|batch| batch.num_rows() > 0) {
                    let count = batch.num_rows().min(ROWS);
                    *left = Some(batch.slice(count, batch.num_rows() - count));
                    return Some(Ok(batch.slice(0, count)));
                }
                match reader.next(&self.path)? {
                    Ok(batch) => *left = Some(batch),
                    Err(error) => return Some(Err(error)),
                }
            },
        }
    }
}

impl Table {
    pub(crate) fn open(path: &Path) -> Result<Table, BatchError> {
        if is_packed(path) {
            return Err(packed());
        }
        if kind_of(path) == FileKind::Arrow {
            let schema = Arrow::open(path, None)?.schema();
            return Ok(Table { path: path.to_owned(), schema, parquet: None });
        }
        let file = File::open(path).map_err(|error| BatchError::io(path, error))?;
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
            .map_err(|error| BatchError::io(path, std::io::Error::other(error)))?;
        Ok(Table { path: path.to_owned(), schema: Arc::clone(metadata.schema()), parquet: Some(file) })
    }

    pub(crate) fn is_arrow(&self) -> bool {
        self.parquet.is_none()
    }

    /// Its batches, by its own schema or one that is much like it; an Arrow file has its own alone.
    pub(crate) fn batches(&self, schema: Option<&Schema>) -> Result<Batches, BatchError> {
        let Some(file) = &self.parquet else { return self.arrow(None) };
        let schema = schema.map_or_else(|| Arc::clone(&self.schema), |schema| Arc::new(schema.clone()));
        let options = ArrowReaderOptions::new().with_schema(schema);
        self.read(file, ArrowReaderMetadata::load(file, options)?, None)
    }

    fn arrow(&self, columns: Option<Vec<usize>>) -> Result<Batches, BatchError> {
        let from = From::Arrow(Arrow::open(&self.path, columns)?, None);
        Ok(Batches { path: self.path.clone(), from, rows: None })
    }

    fn read(&self, file: &File, metadata: ArrowReaderMetadata, column: Option<usize>) -> Result<Batches, BatchError> {
        let rows = u64::try_from(metadata.metadata().file_metadata().num_rows()).unwrap_or(0);
        let file = file.try_clone().map_err(|error| BatchError::io(&self.path, error))?;
        let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata).with_batch_size(ROWS);
        if let Some(column) = column {
            let mask = ProjectionMask::roots(builder.parquet_schema(), [column]);
            builder = builder.with_projection(mask);
        }
        Ok(Batches { path: self.path.clone(), from: From::Parquet(builder.build()?), rows: Some(rows) })
    }

    /// The keys in a column, in order; those that follow one another under one key come once, mostly. The file is opened anew: two readers of one file would move each other.
    pub(crate) fn keys(&self, column: usize) -> Result<impl Iterator<Item = Result<Key, BatchError>>, BatchError> {
        let own = Table::open(&self.path)?;
        let batches = match &own.parquet {
            Some(file) => {
                let options = ArrowReaderOptions::new().with_schema(Arc::new(with_views(&own.schema, column)));
                own.read(file, ArrowReaderMetadata::load(file, options)?, Some(column))?
            }
            None => own.arrow(Some(vec![column]))?,
        };
        Ok(batches.flat_map(|batch| {
            let mut runs = Keys::default().into_runs();
            let mut failed = None;
            match batch {
                Ok(batch) => {
                    let column = batch.columns().first();
                    runs = column.map_or_else(Keys::default, |column| Keys::of(column, 1)).into_runs();
                }
                Err(error) => failed = Some(Err(error)),
            }
            runs.map(|run| Ok(run.key)).chain(failed)
        }))
    }
}

/// A schema with a column of texts as what is copied from no page of the file.
pub(crate) fn with_views(schema: &Schema, column: usize) -> Schema {
    let fields = schema.fields().iter().enumerate().map(|(at, field)| match field.data_type() {
        DataType::Utf8 if at == column => Arc::new(Field::clone(field).with_data_type(DataType::Utf8View)),
        _ => Arc::clone(field),
    });
    Schema::new(fields.collect::<Fields>())
}

/// What is said of a file of columns that is packed as a whole.
fn packed() -> BatchError {
    BatchError::Call(Phrase::new(
        "a Parquet or Arrow file is packed within, not as a whole: unpack it first",
        "berkas Parquet atau Arrow dipadatkan di dalamnya, bukan seluruhnya: buka dahulu kemasannya",
    ))
}
