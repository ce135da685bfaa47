//! What a stretch of households came to.

use std::ops::Range;
use std::sync::Arc;

use crate::arena::Id;
use crate::facts::FactsError;
use crate::outcome::{Chunk, Frames};
use crate::program::EntityId;
use crate::report::Decision;

use super::Households;
use super::rows::EPOCH;
use super::values::{Column, Values};
use crate::value::{Date, Decimal};

/// A stretch of households, decided. Households are counted from the first of the stretch.
#[derive(Debug)]
pub struct Decided<'b, 'a> {
    homes: &'b Households<'a>,
    stretch: Range<usize>,
    chunk: Option<(&'b Chunk, &'b Frames)>,
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
    fn key(&self, entity: EntityId, row: usize) -> Option<Arc<str>> {
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
