//! What of a plan is decided by columns, and what is not.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::diagnostic::{Phrase, phrase};
use crate::ruleset::Plan;

/// Why households are decided one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// What a decision rests on has no columns, or values are shown.
    Plan,
    Links,
    Lists,
    Verified,
    Assumed,
    Keys,
    Range,
}

impl Obstacle {
    pub(super) fn reason(self) -> Phrase {
        match self {
            Obstacle::Plan => phrase!(
                "a condition of a programme has no columnar form, or values are shown",
                "suatu syarat program tidak punya bentuk kolom, atau ada nilai yang ditampilkan"
            ),
            Obstacle::Links => phrase!("members are linked to one another", "anggota saling tertaut"),
            Obstacle::Lists => phrase!(
                "there are lists within lists, or facts of a kind that columns do not hold",
                "ada daftar di dalam daftar, atau fakta yang tidak dapat dimuat kolom"
            ),
            Obstacle::Verified => phrase!("a fact must be verified", "ada fakta yang harus diverifikasi"),
            Obstacle::Assumed => {
                phrase!("something is assumed of a fact that has no column", "ada anggapan atas fakta tanpa kolom")
            }
            Obstacle::Keys => phrase!(
                "a key is missing, or is neither text nor number",
                "ada kunci yang tidak diberikan, atau bukan teks maupun bilangan"
            ),
            Obstacle::Range => phrase!(
                "a range or a kind of column is not one of words",
                "suatu rentang atau jenis kolom tidak berupa kata mesin"
            ),
        }
    }
}

/// How a plan decides households that are given as columns.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use layak::{BatchForm, Ruleset};
/// let rules = Ruleset::from_text(
///     "module aid entity Home { rooms integer 0.. }
///      criterion large when rooms > 4
///      programme aid requires large",
/// )?;
/// let form = BatchForm::of(&rules.as_of("2026-01-15".parse()?));
/// assert!(form.is_columnar());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchForm {
    is_columnar: bool,
    row_by_row: Vec<Arc<str>>,
}

impl BatchForm {
    /// That of a plan. The cost is linear in the plan.
    pub fn of(plan: &Plan) -> BatchForm {
        let row_by_row: BTreeSet<Arc<str>> = plan.without_columns().into_iter().collect();
        let inner = plan.ruleset().inner();
        let is_columnar = plan.machine().is_some() && inner.binder.has_plain_links();
        BatchForm { is_columnar, row_by_row: row_by_row.into_iter().collect() }
    }

    /// Whether households are decided by columns at all; those of which a value is open are not.
    pub fn is_columnar(&self) -> bool {
        self.is_columnar
    }

    /// The conditions and outputs of programmes that have no columnar form, by name.
    pub fn row_by_row(&self) -> impl Iterator<Item = &str> {
        self.row_by_row.iter().map(|name| &**name)
    }

    /// What is said of it.
    pub fn text(&self) -> Phrase {
        if self.is_columnar && self.row_by_row.is_empty() {
            return phrase!("every decision is made by columns", "semua keputusan dibuat per kolom");
        }
        let names = self.row_by_row.join(", ");
        if self.is_columnar {
            return phrase!("row by row where they are met: {0}", "baris demi baris bila dijumpai: {0}", names);
        }
        let why = if names.is_empty() { Obstacle::Links.reason() } else { Obstacle::Plan.reason() };
        let list = if names.is_empty() { String::new() } else { format!(": {names}") };
        Phrase {
            en: format!("households are decided row by row, for {}{list}", why.en),
            id: format!("rumah tangga diputuskan baris demi baris, sebab {}{list}", why.id),
        }
    }
}

impl fmt::Display for BatchForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}
