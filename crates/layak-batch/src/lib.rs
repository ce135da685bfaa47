//! Millions of households from the formats that agencies have: Arrow, Parquet, CSV and JSON lines, decided by a
//! [`layak::Plan`] as it decides one, to the byte.

#![forbid(unsafe_code)]

mod arrow_files;
mod binding;
mod carried;
mod column_files;
mod csv_columns;
mod csv_records;
mod csv_tables;
mod decisions;
mod error;
mod files;
mod found;
mod held;
mod join;
mod keys;
mod long;
mod parquet_files;
mod parts;
mod pipeline;
mod previous;
mod reader;
mod rows;
mod run;
mod summary;
mod table_source;
mod tables;
mod texts;
mod words;

pub use arrow_files::ArrowFile;
pub use binding::Naming;
pub use carried::{Carried, cell};
pub use decisions::{DecisionColumns, SCHEMA_VERSION};
pub use error::BatchError;
pub use long::LongColumns;
pub use parquet_files::ParquetFile;
pub use parts::{Manifest, PART, PartEntry, Parts, Rest, trace};
pub use previous::{Before, Digests, Mixing, Previous, Renewed, Seal, Written, sealed};
pub use reader::{RecordReader, Row};
pub use run::{Alone, Done, Encode, Household, Portion, Reject, RunOptions, Source, TextRow, open, run};
pub use summary::{ProgrammeSummary, Summary};
pub use table_source::TableSource;
pub use texts::Texts;
pub use words::{plain, told};
