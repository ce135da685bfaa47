//! What can be wrong with a run as a whole. What is wrong with one household never stops the others.

use std::fmt;
use std::path::{Path, PathBuf};

use arrow_schema::ArrowError;
use layak::{Code, ColumnError, Lang, Phrase};
use parquet::errors::ParquetError;

/// Why a run cannot go on.
#[derive(Debug)]
#[non_exhaustive]
pub enum BatchError {
    /// A file cannot be read or written.
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A column of the input cannot be taken as it is.
    Column {
        /// Its stable code.
        code: Option<Code>,
        /// Its name in the input.
        column: String,
        /// What is the matter, and a way out.
        message: Phrase,
    },
    /// The call asks for what cannot be done.
    Call(Phrase),
    /// Arrow data is not as its schema says.
    Arrow(ArrowError),
    /// A Parquet file is not as it should be.
    Parquet(ParquetError),
}

impl BatchError {
    pub(crate) fn io(path: &Path, error: std::io::Error) -> BatchError {
        BatchError::Io { path: path.to_owned(), error }
    }

    pub(crate) fn column(code: &str, column: impl Into<String>, message: Phrase) -> BatchError {
        BatchError::Column { code: Code::from_text(code), column: column.into(), message }
    }

    /// What is the matter, in a language.
    pub fn text(&self, lang: Lang) -> String {
        match self {
            BatchError::Io { path, error } => format!("{}: {error}", path.display()),
            BatchError::Column { code, column, message } => {
                let word = if lang == Lang::Id { "kolom" } else { "column" };
                let code = code.map(|code| format!("{code}: ")).unwrap_or_default();
                format!("{code}{word} `{column}`: {}", message.in_lang(lang))
            }
            BatchError::Call(message) => message.in_lang(lang).to_owned(),
            BatchError::Arrow(error) => error.to_string(),
            BatchError::Parquet(error) => error.to_string(),
        }
    }
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

impl std::error::Error for BatchError {}

impl From<ArrowError> for BatchError {
    fn from(error: ArrowError) -> BatchError {
        BatchError::Arrow(error)
    }
}

impl From<ParquetError> for BatchError {
    fn from(error: ParquetError) -> BatchError {
        BatchError::Parquet(error)
    }
}

impl From<ColumnError> for BatchError {
    fn from(error: ColumnError) -> BatchError {
        BatchError::Column {
            code: Some(error.code()),
            column: error.column().to_owned(),
            message: error.message().clone(),
        }
    }
}
