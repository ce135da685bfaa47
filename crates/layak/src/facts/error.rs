//! What is wrong with the facts of a household.

use std::fmt;

use crate::diagnostic::{Code, Phrase};

/// One thing that is wrong, with its place in the facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactError {
    pub(crate) code: Code,
    pub(crate) path: String,
    pub(crate) message: Phrase,
    pub(crate) help: Option<Phrase>,
}

impl FactError {
    pub(crate) fn new(code: Code, path: impl fmt::Display, message: Phrase) -> FactError {
        FactError { code, path: path.to_string(), message, help: None }
    }

    /// Its stable code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Where it stands: `members[1].wage`, empty for the household as a whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is the matter.
    pub fn message(&self) -> &Phrase {
        &self.message
    }

    /// A way out, where one can be named.
    pub fn help(&self) -> Option<&Phrase> {
        self.help.as_ref()
    }
}

/// Everything that is wrong with the facts of one household, in the order of the facts; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactsError {
    pub(crate) errors: Vec<FactError>,
    /// The household's key, where it could be read all the same.
    pub(crate) id: Option<String>,
}

impl FactsError {
    pub(crate) fn one(error: FactError) -> FactsError {
        FactsError { errors: vec![error], id: None }
    }

    /// Each error.
    pub fn iter(&self) -> impl Iterator<Item = &FactError> {
        self.errors.iter()
    }

    /// The first error.
    pub fn first(&self) -> Option<&FactError> {
        self.errors.first()
    }

    /// The household's key, where it could be read all the same.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

impl fmt::Display for FactsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.errors.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{}: {}: {}", error.code, error.path, error.message.en)?;
            if let Some(help) = &error.help {
                write!(f, " ({})", help.en)?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for FactsError {}
