//! What is wrong with a column.

use std::fmt;

use crate::diagnostic::{Code, Phrase, nearest, phrase};
use crate::program::Type;

/// A column that cannot be taken as it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnError {
    code: Code,
    column: String,
    message: Phrase,
}

impl ColumnError {
    fn new(code: Code, column: &str, message: Phrase) -> ColumnError {
        ColumnError { code, column: column.to_owned(), message }
    }

    /// Its stable code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The name that was given.
    pub fn column(&self) -> &str {
        &self.column
    }

    /// What is the matter.
    pub fn message(&self) -> &Phrase {
        &self.message
    }

    pub(super) fn unknown<'n>(
        column: &str,
        entity: &str,
        step: &str,
        names: impl Iterator<Item = &'n str>,
    ) -> ColumnError {
        let message = match nearest(step, names) {
            Some(near) => phrase!(
                "`{0}` has no fact `{1}`; there is `{2}`",
                "`{0}` tidak punya fakta `{1}`; yang ada `{2}`",
                entity,
                step,
                near
            ),
            None => phrase!("`{0}` has no fact `{1}`", "`{0}` tidak punya fakta `{1}`", entity, step),
        };
        ColumnError::new(Code::COLUMN_UNKNOWN, column, message)
    }

    pub(super) fn list_first(column: &str, list: &str) -> ColumnError {
        let message = phrase!(
            "the list `{0}` is not given yet: its elements come before their facts",
            "daftar `{0}` belum diberikan: anggotanya mendahului faktanya",
            list
        );
        ColumnError::new(Code::COLUMN_UNKNOWN, column, message)
    }

    pub(super) fn not_a_list(column: &str) -> ColumnError {
        let message = phrase!("this is not a list of elements", "ini bukan daftar anggota");
        ColumnError::new(Code::COLUMN_KIND, column, message)
    }

    pub(super) fn not_a_fact(column: &str) -> ColumnError {
        let message = phrase!("this is not a single fact", "ini bukan satu fakta");
        ColumnError::new(Code::COLUMN_KIND, column, message)
    }

    pub(super) fn kind(column: &str, ty: &Type, given: &Phrase) -> ColumnError {
        let needed = match ty.required() {
            Type::Boolean => phrase!("yes and no", "ya dan tidak"),
            Type::Number(_) => phrase!(
                "numbers, or texts that are read as numbers",
                "bilangan, atau teks yang dibaca sebagai bilangan"
            ),
            Type::Date => phrase!("days, or texts of the form YYYY-MM-DD", "tanggal, atau teks berbentuk YYYY-MM-DD"),
            _ => phrase!("texts", "teks"),
        };
        let message = Phrase {
            en: format!("{} are needed here, and the column holds {}", needed.en, given.en),
            id: format!("di sini perlu {}, sedangkan kolomnya berisi {}", needed.id, given.id),
        };
        ColumnError::new(Code::COLUMN_KIND, column, message)
    }

    pub(super) fn twice(column: &str) -> ColumnError {
        ColumnError::new(Code::COLUMN_SHAPE, column, phrase!("it is given twice", "diberikan dua kali"))
    }

    pub(super) fn length(column: &str, given: usize, needed: usize) -> ColumnError {
        let message = phrase!(
            "{0} values for {1} households or elements",
            "{0} nilai untuk {1} rumah tangga atau anggota",
            given,
            needed
        );
        ColumnError::new(Code::COLUMN_SHAPE, column, message)
    }

    pub(super) fn offsets(column: &str, holders: usize) -> ColumnError {
        let message = phrase!(
            "its offsets are not {0} numbers from zero up that never fall",
            "offset-nya bukan {0} bilangan mulai nol yang tidak pernah turun",
            holders + 1
        );
        ColumnError::new(Code::COLUMN_SHAPE, column, message)
    }

    pub(super) fn texts(column: &str) -> ColumnError {
        let message = phrase!(
            "its texts or its digits behind the point are not within bounds",
            "teks atau angka di belakang komanya di luar batas"
        );
        ColumnError::new(Code::COLUMN_SHAPE, column, message)
    }
}

impl fmt::Display for ColumnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: column `{}`: {}", self.code, self.column, self.message.en)
    }
}

impl std::error::Error for ColumnError {}
