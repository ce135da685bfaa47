//! What stands where a value cannot be given.

use std::sync::Arc;

use crate::diagnostic::{Code, Phrase, phrase};
use crate::source::Span;

use super::Date;

/// Why there is no value. A fault is itself a value: it travels through an evaluation and never reads as "no".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum FaultKind {
    /// No version of a parameter or definition is in force.
    NoVersion {
        name: Arc<str>,
        on: Date,
    },
    /// A parameter has no value for these keys.
    NoValue {
        name: Arc<str>,
        keys: Arc<str>,
        on: Date,
    },
    DivisionByZero,
    Overflow,
    /// No row of a table matches.
    NoRow {
        table: Arc<str>,
    },
    /// Rows of a table match that may not match together; their numbers, from 1.
    SeveralRows {
        table: Arc<str>,
        rows: (usize, usize),
    },
    /// Exceptions of one rank hold with different values; their names.
    Conflict {
        exceptions: (Arc<str>, Arc<str>),
    },
    /// An aggregate of nothing.
    Empty {
        function: &'static str,
    },
    DateLimit,
    NotADate {
        text: Arc<str>,
    },
    /// The value of something that is none.
    NoneUsed,
    /// The order of elements that `top`, `first` or `last` asks for is not settled by their keys.
    Tie,
    /// The lists of an `if` are not of one kind.
    ListsDiffer,
    /// More pairs of elements than the limit allows.
    TooManyPairs,
    /// More rules in one another than the limit allows.
    TooLarge,
}

/// A fault and the place in the rules where it arose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Fault {
    pub kind: FaultKind,
    pub at: Option<Span>,
}

impl FaultKind {
    pub(crate) fn code(&self) -> Code {
        match self {
            FaultKind::NoVersion { .. } => Code::NO_VERSION,
            FaultKind::NoValue { .. } => Code::NO_VALUE,
            FaultKind::DivisionByZero => Code::DIVISION_BY_ZERO,
            FaultKind::Overflow => Code::OVERFLOW,
            FaultKind::NoRow { .. } => Code::NO_ROW,
            FaultKind::SeveralRows { .. } => Code::SEVERAL_ROWS,
            FaultKind::Conflict { .. } => Code::CONFLICT,
            FaultKind::Empty { .. } => Code::EMPTY,
            FaultKind::DateLimit => Code::DATE_LIMIT,
            FaultKind::NotADate { .. } => Code::NOT_A_DATE,
            FaultKind::NoneUsed => Code::NONE_USED,
            FaultKind::Tie => Code::TIE,
            FaultKind::ListsDiffer => Code::LISTS_DIFFER,
            FaultKind::TooManyPairs => Code::TOO_MANY_PAIRS,
            FaultKind::TooLarge => Code::TOO_LARGE,
        }
    }

    pub(crate) fn message(&self) -> Phrase {
        match self {
            FaultKind::NoVersion { name, on } => {
                phrase!(
                    "`{0}` has no version in force on {1}",
                    "`{0}` tidak punya versi yang berlaku pada {1}",
                    name,
                    on
                )
            }
            FaultKind::NoValue { name, keys, on } => {
                phrase!(
                    "`{0}` has no value for {1} on {2}",
                    "`{0}` tidak punya nilai untuk {1} pada {2}",
                    name,
                    keys,
                    on
                )
            }
            FaultKind::DivisionByZero => phrase!("division by zero", "pembagian dengan nol"),
            FaultKind::Overflow => {
                phrase!(
                    "the number has more digits than can be held",
                    "bilangan melebihi jumlah digit yang dapat ditampung"
                )
            }
            FaultKind::NoRow { table } => {
                phrase!("no row of table `{0}` matches", "tidak ada baris tabel `{0}` yang cocok", table)
            }
            FaultKind::SeveralRows { table, rows } => phrase!(
                "rows {1} and {2} of table `{0}` match together",
                "baris {1} dan {2} tabel `{0}` cocok bersamaan",
                table,
                rows.0,
                rows.1
            ),
            FaultKind::Conflict { exceptions } => phrase!(
                "exceptions of one rank hold with different values: {0} and {1}",
                "pengecualian setingkat berlaku dengan nilai berbeda: {0} dan {1}",
                exceptions.0,
                exceptions.1
            ),
            FaultKind::Empty { function } => {
                phrase!("`{0}` of nothing", "`{0}` dari daftar kosong", function)
            }
            FaultKind::DateLimit => {
                phrase!("the date lies outside the years 1 to 9999", "tanggal berada di luar tahun 1 sampai 9999")
            }
            FaultKind::NotADate { text } => {
                phrase!("`{0}` is not a date of the form YYYY-MM-DD", "`{0}` bukan tanggal berbentuk YYYY-MM-DD", text)
            }
            FaultKind::NoneUsed => {
                phrase!("a value is used where there is none", "nilai dipakai padahal tidak ada nilainya")
            }
            FaultKind::Tie => phrase!(
                "elements of equal rank cannot be told apart here",
                "anggota dengan peringkat sama tidak dapat dibedakan di sini"
            ),
            FaultKind::ListsDiffer => phrase!(
                "the lists that this `if` chooses from are not of one kind",
                "daftar-daftar pilihan `if` (`jika`) ini tidak sejenis"
            ),
            FaultKind::TooManyPairs => phrase!(
                "the household's lists form more pairs than are allowed",
                "daftar rumah tangga ini membentuk lebih banyak pasangan daripada yang diizinkan"
            ),
            FaultKind::TooLarge => phrase!(
                "the rules unfold to more than is allowed",
                "aturan ini terurai menjadi lebih banyak daripada yang diizinkan"
            ),
        }
    }
}

impl From<FaultKind> for Fault {
    fn from(kind: FaultKind) -> Fault {
        Fault { kind, at: None }
    }
}
