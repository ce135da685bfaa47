//! What a stretch of households came to.

use std::ops::Range;
use std::sync::Arc;

use crate::arena::Id;
use crate::facts::FactsError;
use crate::outcome::{Chunk, Frames, Machine};
use crate::program::EntityId;
use crate::report::{Answer, Decision};

use super::Households;
use super::rows::EPOCH;
use super::values::{Column, Values};
use crate::value::{Date, Decimal};

/// A stretch of households, decided. Households are counted from the first of the stretch.
#[derive(Debug)]
pub struct Decided<'b, 'a> {
    pub(super) homes: &'b Households<'a>,
    pub(super) stretch: Range<usize>,
    pub(super) chunk: Option<(&'b Chunk, &'b Frames)>,
}

/// What a programme comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BatchOutcome {
    /// Every requirement holds and no refusal does.
    Eligible,
    /// A requirement fails or a refusal holds, whatever is still unknown.
    NotEligible,
    /// Facts that can still change it are unknown.
    Undetermined,
}

/// The decision on one household, or what is wrong with its facts.
pub type HouseholdDecision = Result<Decision, FactsError>;

impl<'b, 'a> Decided<'b, 'a> {
    pub(super) fn new(
        homes: &'b Households<'a>,
        stretch: Range<usize>,
        chunk: Option<(&'b Chunk, &'b Frames)>,
    ) -> Decided<'b, 'a> {
        Decided { homes, stretch, chunk }
    }

    /// How many households there are.
    pub fn len(&self) -> usize {
        self.stretch.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.stretch.is_empty()
    }

    /// Whether a household was decided by columns. The others are decided when they are asked for.
    pub fn is_columnar(&self, household: usize) -> bool {
        household < self.len() && self.chunk.is_some_and(|(chunk, _)| !chunk.exact().get(household))
    }

    /// How many households were decided by columns.
    pub fn columnar(&self) -> usize {
        self.chunk.map_or(0, |(chunk, _)| self.len() - chunk.exact().count())
    }

    /// The households that were not decided by columns.
    pub fn row_by_row(&self) -> impl Iterator<Item = usize> {
        (0..self.len()).filter(|household| !self.is_columnar(*household))
    }

    /// Whether a household is eligible for a programme of the household, where that was decided by columns.
    pub fn is_eligible(&self, programme: &str, household: usize) -> Option<bool> {
        let number = self.homes.plan.programme_number(programme)?;
        let (chunk, _) = self.chunk.filter(|_| self.is_columnar(household))?;
        Some(chunk.is_eligible(number, household))
    }

    /// Who is eligible for a programme of the household, a bit each, the lowest of each word first. Only those of households
    /// that were decided by columns are meant.
    pub fn eligible(&self, programme: &str) -> Option<&'b [u64]> {
        let number = self.homes.plan.programme_number(programme)?;
        Some(self.chunk?.0.eligible(number))
    }

    /// What a programme comes to for a household or, where it is for members, for each of them in turn; nothing where columns do
    /// not tell, and [`decision`](Decided::decision) does. The cost is a few bits each, for households that lack facts too.
    ///
    /// ```
    /// use layak::{Batch, BatchOutcome, Bitmap, Column, Households, Ruleset, Values};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = Ruleset::from_text(
    ///     "module aid entity Home { desil integer 1..10 }
    ///      criterion poor when desil <= 4
    ///      programme aid requires poor",
    /// )?;
    /// let plan = rules.as_of("2026-01-15".parse()?);
    /// let mut homes = Households::new(&plan, 3);
    /// let known = Bitmap::new(&[0b011], 0, 3).ok_or("three bits")?;
    /// homes.column("desil", Column::new(Values::Ints { values: &[2, 9, 0], scale: 0 }).known(known))?;
    /// let mut batch = Batch::new(&homes);
    /// let decided = batch.decide(0..3);
    /// let of = |home| decided.outcomes("aid", home).next().flatten();
    /// assert_eq!(of(0), Some(BatchOutcome::Eligible));
    /// assert_eq!(of(1), Some(BatchOutcome::NotEligible));
    /// assert_eq!(of(2), Some(BatchOutcome::Undetermined));
    /// # Ok(())
    /// # }
    /// ```
    pub fn outcomes(&self, programme: &str, household: usize) -> impl Iterator<Item = Option<BatchOutcome>> {
        let rows = self.rows(programme, household);
        rows.into_iter().flat_map(|(chunk, machine, number, rows)| {
            rows.map(move |row| {
                chunk.decided(machine, number, row).map(|decided| match decided {
                    crate::outcome::Decided::Eligible => BatchOutcome::Eligible,
                    crate::outcome::Decided::NotEligible => BatchOutcome::NotEligible,
                    crate::outcome::Decided::Undetermined => BatchOutcome::Undetermined,
                })
            })
        })
    }

    /// The ends between which an output of a programme lies, alike where it is known: of a household or, where the programme is for
    /// members, of each in turn. Nothing for one that is not eligible and not undetermined, and where columns do not tell: the
    /// [`decision`](Decided::decision) then does.
    pub fn bounds(
        &self,
        programme: &str,
        output: &str,
        household: usize,
    ) -> impl Iterator<Item = Option<(Answer, Answer)>> {
        let plan = &self.homes.plan;
        let rows = self.rows(programme, household).zip(self.chunk);
        rows.into_iter().flat_map(move |((chunk, machine, number, rows), (_, frames))| {
            rows.map(move |row| match chunk.decided(machine, number, row)? {
                crate::outcome::Decided::NotEligible => None,
                _ => plan.reporter().chunk_output((chunk, frames), number, output, row).map(|answer| match answer {
                    Answer::None => (Answer::Unknown, Answer::Unknown),
                    answer => (answer.clone(), answer),
                }),
            })
        })
    }

    /// The rows of a programme that are a household's.
    fn rows(&self, programme: &str, household: usize) -> Option<(&'b Chunk, &Machine, usize, Range<usize>)> {
        let (chunk, _) = self.chunk?;
        let plan = &self.homes.plan;
        let (number, machine) = (plan.programme_number(programme)?, plan.machine()?);
        let owner = plan.program().programmes[plan.plan_graph().programmes.get(number)?.programme].owner;
        let frame = machine.frame_of(owner)?;
        Some((chunk, machine, number, chunk.rows_of(frame, household)))
    }

    /// The whole decision on a household, with reasons in words: the same as [`Plan::decide`](crate::Plan::decide) gives.
    ///
    /// # Errors
    /// Everything that is wrong with its facts.
    pub fn decision(&self, household: usize) -> HouseholdDecision {
        let plan = &self.homes.plan;
        if let (Some((chunk, frames)), true) = (self.chunk, self.is_columnar(household)) {
            let id = self.key(plan.program().root, self.stretch.start + household);
            let key = |entity: EntityId, row: usize| {
                let table = self.homes.table_of(entity)?;
                let first = self.homes.elements_of(table, self.stretch.start).start;
                self.key(entity, first + row)
            };
            if let Some(decision) = plan.reporter().by_chunk((chunk, frames), household, id, &key) {
                return Ok(decision);
            }
        }
        let facts = plan.bind(&self.homes.data(self.stretch.start + household))?;
        Ok(plan.decide(&facts))
    }

    /// The key of an element by its row of the column; nothing where its entity has none.
    pub(super) fn key(&self, entity: EntityId, row: usize) -> Option<Arc<str>> {
        let field = self.homes.plan.program().entities[entity].key?;
        let table = self.homes.tables.iter().find(|t| t.entity.index() == entity.index())?;
        let column: &Column<'_> = &table.columns.iter().find(|c| c.field == field)?.column;
        let number = |mantissa: i128, scale: u32| Decimal::new(mantissa, scale).map(|n| n.to_string());
        let text = match &column.values {
            Values::Ints { values, scale } => number(i128::from(*values.get(row)?), *scale),
            Values::Longs { values, scale } => number(i128::from(*values.get(row)?), *scale),
            Values::Decimals { values, scale } => number(*values.get(row)?, *scale),
            Values::Days(days) => Date::from_ordinal(days.get(row)?.checked_add(EPOCH)?).map(|d| d.to_string()),
            Values::Codes { .. } | Values::Texts { .. } => {
                return column.values.text(row).map(|text| Arc::from(&*crate::facts::composed(text)));
            }
            Values::Booleans(_) => None,
        };
        text.map(Arc::from)
    }
}
