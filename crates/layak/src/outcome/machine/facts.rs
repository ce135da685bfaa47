//! The facts of a household as columns of words.

use std::sync::Arc;

use super::run::Truth;
use super::{
    Kind, Layout, MOST_ROWS, Machine, NONE, OPEN, date_word, element_word, member_word, number_word, text_word,
};
use crate::facts::{Case, Fact};
use crate::program::EntityId;
use crate::value::Value;

/// What a machine reads of the facts of one household. The cost is one word a fact that rules read.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    layout: Arc<Layout>,
    /// By frame: how many elements it has.
    pub(super) rows: Vec<usize>,
    /// By frame, the number slots that facts fill, one after another.
    pub(super) nums: Vec<i64>,
    pub(super) bits: Vec<Truth>,
}

impl Machine {
    /// The facts as this machine reads them; nothing where there are too many elements, or a list is not known.
    pub(crate) fn columns(&self, case: &Case) -> Option<Columns> {
        let layout = &self.layout;
        let count =
            |(entity, fields): &(EntityId, Vec<(usize, Kind)>)| Some(case.table(*entity)?.rows.len() * fields.len());
        let nums = layout.frames.iter().filter_map(count).sum();
        let mut columns = Columns {
            layout: Arc::clone(layout),
            rows: Vec::with_capacity(layout.frames.len()),
            nums: Vec::with_capacity(nums),
            bits: Vec::with_capacity(layout.bits.len()),
        };
        for (entity, fields) in &layout.frames {
            let table = case.table(*entity)?;
            if table.rows.len() > MOST_ROWS || table.rows.iter().any(|row| row.phantom.is_some()) {
                return None;
            }
            columns.rows.push(table.rows.len());
            for (field, kind) in fields {
                extend(&mut columns.nums, table.column(*field), *kind, layout);
            }
        }
        for (frame, field) in &layout.bits {
            let table = case.table(layout.frames.get(*frame)?.0)?;
            let mut bits = Truth::default();
            for (index, fact) in table.column(*field).enumerate() {
                if let Fact::Known(Value::Boolean(value)) = fact {
                    bits.note(index, true, *value);
                }
            }
            columns.bits.push(if *frame == 0 { bits.of_household() } else { bits });
        }
        Some(columns)
    }

    /// Whether columns were made for it.
    pub(crate) fn reads(&self, columns: &Columns) -> bool {
        Arc::ptr_eq(&self.layout, &columns.layout)
    }
}

/// Adds the words of one field; what they are is asked once and not for each.
fn extend<'f>(nums: &mut Vec<i64>, facts: impl Iterator<Item = &'f Fact>, kind: Kind, layout: &Layout) {
    match kind {
        Kind::Number { scale } => nums.extend(words(facts, |value| number_word(value, scale))),
        Kind::Date => nums.extend(words(facts, date_word)),
        Kind::Enum => nums.extend(words(facts, member_word)),
        Kind::Element => nums.extend(words(facts, element_word)),
        Kind::Text => nums.extend(words(facts, |value| text_word(value, &layout.texts))),
        Kind::None => nums.extend(words(facts, |_| OPEN)),
    }
}

#[inline]
fn words<'f>(facts: impl Iterator<Item = &'f Fact>, word: impl Fn(&Value) -> i64) -> impl Iterator<Item = i64> {
    facts.map(move |fact| match fact {
        Fact::Known(Value::None) => NONE,
        Fact::Known(value) => word(value),
        Fact::Unknown | Fact::Asked => OPEN,
    })
}
