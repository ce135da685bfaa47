//! Worked cases as a sheet: one case a row, a column a fact, an output or a reason; from CSV and Excel, and back.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use layak_testing::sheets::Sheet;
//! let rules = layak::Ruleset::from_text("
//!   module aid
//!   entity Home { rooms integer 0..  members list of Person 0..9 }
//!   entity Person { nik text key  age integer 0..120 }
//!   criterion small when rooms <= 2
//!   programme aid
//!     requires small
//!     gives    points = sum(members.age)")?;
//! let sheet = Sheet::from_csv(b"id,as_of,input.rooms,input.members[0].nik,input.members[0].age,programmes.aid,programmes.aid.points
//! a,2026-01-15,2,1,30,eligible,30
//! b,2026-01-15,3,,,not_eligible,
//! ")?;
//! let mut cases = rules.cases();
//! for case in sheet.cases(&rules)? {
//!     assert!(cases.run(case.json().as_bytes()).failures().is_empty());
//! }
//! # Ok(())
//! # }
//! ```

mod csv;
mod path;
mod row;
mod template;
mod xlsx;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use layak::{CaseColumn, CaseColumnKind, CaseResult, Lang, Ruleset};

pub use xlsx::LARGEST;

/// What a cell holds, exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// A text.
    Text(String),
    /// A number, in digits.
    Number(String),
    /// Yes or no.
    Boolean(bool),
    /// A day, as `2026-01-31`.
    Date(String),
    /// What cannot be taken as it stands, and why.
    Refused(Wrong),
}

impl Cell {
    /// The cell as a person reads it.
    fn shown(&self) -> &str {
        match self {
            Cell::Empty | Cell::Refused(_) => "",
            Cell::Text(text) | Cell::Number(text) | Cell::Date(text) => text,
            Cell::Boolean(true) => "yes",
            Cell::Boolean(false) => "no",
        }
    }
}

/// What is wrong, and the way out, in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    en: String,
    id: String,
}

impl Wrong {
    pub(crate) fn new(en: impl Into<String>, id: impl Into<String>) -> Wrong {
        Wrong { en: en.into(), id: id.into() }
    }

    /// The sentence in a language.
    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::Id => &self.id,
            _ => &self.en,
        }
    }
}

/// What is wrong with a sheet, and the cell where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetError {
    at: String,
    wrong: Wrong,
}

impl SheetError {
    fn new(column: usize, row: usize, wrong: Wrong) -> SheetError {
        SheetError { at: address(column, row), wrong }
    }

    fn whole(wrong: Wrong) -> SheetError {
        SheetError { at: String::new(), wrong }
    }

    /// The cell, such as `B7`; empty where it is the sheet as a whole.
    pub fn at(&self) -> &str {
        &self.at
    }

    /// What is wrong and what to do.
    pub fn text(&self, lang: Lang) -> &str {
        self.wrong.in_lang(lang)
    }
}

/// Everything that is wrong with a sheet, in the order of its cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetErrors(Vec<SheetError>);

impl SheetErrors {
    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = &SheetError> {
        self.0.iter()
    }

    fn one(wrong: Wrong) -> SheetErrors {
        SheetErrors(vec![SheetError::whole(wrong)])
    }
}

impl std::fmt::Display for SheetErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let after = if error.at.is_empty() { "" } else { ": " };
            write!(f, "{}{}{after}{}", if index > 0 { "\n" } else { "" }, error.at, error.wrong.en)?;
        }
        Ok(())
    }
}

impl std::error::Error for SheetErrors {}

/// A sheet of worked cases: a row of names, and a row for each case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    header: Vec<Cell>,
    /// With their numbers in the file, from 1.
    rows: Vec<(usize, Vec<Cell>)>,
}

/// A case read from a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetCase {
    row: usize,
    json: String,
    /// By what of a case is expected, such as `programmes.pkh.amount`: its column.
    columns: BTreeMap<String, usize>,
}

impl SheetCase {
    /// The number of its row in the file, from 1.
    pub fn row(&self) -> usize {
        self.row
    }

    /// The case as JSON, as `layak::Cases::run` reads it.
    pub fn json(&self) -> &str {
        &self.json
    }
}

/// What results add to a sheet; it is no part of a case and is passed over when a sheet is read.
const RESULT: &str = "result";

impl Sheet {
    /// Reads a CSV table.
    ///
    /// # Errors
    /// What is no table of rows of one length, with the row.
    pub fn from_csv(bytes: &[u8]) -> Result<Sheet, SheetErrors> {
        csv::read(bytes)
    }

    /// Reads the sheet `cases` of an Excel file (`.xlsx`), or its first one. Numbers are the shortest decimals that the file's binary
    /// ones stand for.
    ///
    /// # Errors
    /// What is no such file, or is larger than [`LARGEST`] once it is unpacked.
    pub fn from_xlsx(bytes: &[u8]) -> Result<Sheet, SheetErrors> {
        xlsx::read(bytes)
    }

    /// An empty sheet for rules, with columns for so many elements of each list.
    pub fn template(rules: &Ruleset, elements: usize) -> Sheet {
        let header = rules.case_columns(elements).iter().map(|c| Cell::Text(c.name().to_owned())).collect();
        Sheet { header, rows: Vec::new() }
    }

    /// As a CSV table.
    pub fn to_csv(&self) -> Vec<u8> {
        csv::write(self)
    }

    /// As an Excel file for people to fill in: lists to choose from, cells of dates and of texts, and a sheet that says what each
    /// column is.
    ///
    /// # Errors
    /// More rows or columns than such a file may have.
    pub fn to_xlsx(&self, rules: &Ruleset, lang: Lang) -> Result<Vec<u8>, SheetErrors> {
        template::write(self, rules, lang)
    }

    /// Whether there is no case.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows that name a module (by a column `module`), each with it; the others name none.
    pub fn modules(&self) -> Vec<(usize, Option<String>)> {
        let column = self.header.iter().position(|cell| cell.shown().trim() == "module");
        let named = |cells: &[Cell]| {
            let cell = column.and_then(|column| cells.get(column)).map(|cell| cell.shown().trim().to_owned());
            cell.filter(|name| !name.is_empty())
        };
        self.rows.iter().map(|(row, cells)| (*row, named(cells))).collect()
    }

    /// The cases for rules, in the order of the rows.
    ///
    /// # Errors
    /// Everything that cannot be read as a case, each with its cell.
    pub fn cases(&self, rules: &Ruleset) -> Result<Vec<SheetCase>, SheetErrors> {
        self.cases_of(rules, |_| true)
    }

    /// The cases of some rows, by their numbers.
    ///
    /// # Errors
    /// As [`Sheet::cases`].
    pub fn cases_of(&self, rules: &Ruleset, wanted: impl Fn(usize) -> bool) -> Result<Vec<SheetCase>, SheetErrors> {
        let (columns, mut errors) = row::columns(&self.header, rules);
        let mut cases = Vec::new();
        for (number, cells) in self.rows.iter().filter(|(number, _)| wanted(*number)) {
            match row::case(*number, cells, &columns) {
                Ok(case) => cases.push(case),
                Err(wrong) => errors.extend(wrong),
            }
        }
        if errors.is_empty() { Ok(cases) } else { Err(SheetErrors(errors)) }
    }

    /// Adds a case that is given as JSON, as far as the sheet has columns for it.
    ///
    /// # Errors
    /// What is no JSON object, or has a part that no column is for.
    pub fn add_case(&mut self, json: &str, rules: &Ruleset) -> Result<(), SheetErrors> {
        let row = self.rows.last().map_or(2, |(row, _)| row + 1);
        let cells = row::from_json(json, &self.header, rules).map_err(SheetErrors::one)?;
        self.rows.push((row, cells));
        Ok(())
    }
}

/// The results of running a sheet's cases, to be written back beside them.
#[derive(Debug, Default)]
pub struct Results {
    /// By row.
    rows: BTreeMap<usize, RowResult>,
}

/// How the case of a row came out.
#[derive(Debug, Default)]
struct RowResult {
    failures: Vec<Wrong>,
    /// By column: what was decided instead of what is expected.
    decided: BTreeMap<usize, String>,
    /// The columns of what is expected.
    expected: Vec<usize>,
}

impl Results {
    /// No results yet.
    pub fn new() -> Results {
        Results::default()
    }

    /// Takes up how a case came out.
    pub fn add(&mut self, case: &SheetCase, result: &CaseResult) {
        let expects = |part: &str| ["expect.", "programmes.", "error"].iter().any(|head| part.starts_with(head));
        let expected = case.columns.iter().filter(|(part, _)| expects(part)).map(|(_, column)| *column).collect();
        let failures = result.failures().iter().map(|f| Wrong::new(f.in_lang(Lang::En), f.in_lang(Lang::Id))).collect();
        let differs =
            result.differences().iter().filter_map(|d| Some((*case.columns.get(d.part())?, d.decided().to_owned())));
        self.rows.insert(case.row, RowResult { failures, decided: differs.collect(), expected });
    }

    /// The sheet with a last column that says how each case came out.
    pub fn to_csv(&self, sheet: &Sheet, lang: Lang) -> Vec<u8> {
        csv::results(sheet, self, lang)
    }

    /// The sheet as an Excel file: what is expected in green where it came out and in red where it did not, with what was decided
    /// instead, and a last column that says how each case came out.
    ///
    /// # Errors
    /// More rows or columns than such a file may have.
    pub fn to_xlsx(&self, sheet: &Sheet, lang: Lang) -> Result<Vec<u8>, SheetErrors> {
        xlsx::results(sheet, self, lang)
    }
}

impl RowResult {
    fn told(&self, lang: Lang) -> String {
        if self.failures.is_empty() {
            return if lang == Lang::Id { "lulus" } else { "passed" }.to_owned();
        }
        self.failures.iter().map(|f| f.in_lang(lang)).collect::<Vec<_>>().join("; ")
    }
}

/// A column and row as spreadsheets name them: `AB12`.
fn address(column: usize, row: usize) -> String {
    let mut letters = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        left -= 1;
        letters.push(char::from(b'A' + u8::try_from(left % 26).unwrap_or(0)));
        left /= 26;
    }
    format!("{}{row}", letters.iter().rev().collect::<String>())
}

/// The kinds of the columns of rules, by their names without positions.
fn kinds(rules: &Ruleset) -> BTreeMap<String, CaseColumnKind> {
    let columns = rules.case_columns(1);
    let named = |column: &CaseColumn, name: &str| (path::general(name), column.kind().clone());
    let own = columns.iter().map(|column| named(column, column.name()));
    own.chain(columns.iter().filter_map(|column| Some(named(column, column.also()?)))).collect()
}
