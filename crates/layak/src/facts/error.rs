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
    /// The byte of the JSON text, from 1.
    pub(crate) column: Option<usize>,
}

impl FactError {
    pub(crate) fn new(code: Code, path: impl fmt::Display, message: Phrase) -> FactError {
        FactError { code, path: path.to_string(), message, help: None, column: None }
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

    /// The byte of the JSON text at which reading stopped, from 1, where the text is not JSON.
    pub fn column(&self) -> Option<usize> {
        self.column
    }
}

impl fmt::Display for FactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.code)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message.en)?;
        match &self.help {
            Some(help) => write!(f, " ({})", help.en),
            None => Ok(()),
        }
    }
}

impl std::error::Error for FactError {}

/// Everything that is wrong with the facts of one household, by path; never empty. Of very many errors the first hundred
/// are told and one more that counts the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactsError {
    pub(crate) errors: Vec<FactError>,
    /// The household's key, where it could be read all the same.
    pub(crate) id: Option<String>,
}

impl FactsError {
    /// Facts that a host refuses itself, such as a row that cannot be read or a key that stands twice; `id` is the household's
    /// key, where it is known.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use layak::{Code, FactsError, Phrase};
    /// let code = Code::from_text("L0644").ok_or("there is such a code")?;
    /// let error = FactsError::refused(code, "id", Phrase::new("it stands twice", "ada dua kali"), Some("7".to_owned()));
    /// assert_eq!((error.id(), error.first().map(|e| e.path())), (Some("7"), Some("id")));
    /// # Ok(())
    /// # }
    /// ```
    pub fn refused(code: Code, path: &str, message: Phrase, id: Option<String>) -> FactsError {
        FactsError { errors: vec![FactError::new(code, path, message)], id }
    }

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
    /// One line an error.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.errors.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for FactsError {}
