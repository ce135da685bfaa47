//! The facts of one household, bound to the program: a table an entity, a row an element, a fact a field.
//!
//! `json` and `from_serialize` read facts into a tree of plain values, `bind` gives them the types of the entities. `walk` does both at once for JSON that is as it
//! should be.

mod bind;
mod data;
mod error;
mod evidence;
mod from_case;
mod from_serialize;
mod json;
mod layout;
mod place;
mod relations;
mod scalar;
mod told;
pub(crate) mod tree;
mod walk;
mod weigh;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use data::{Data, Refused, composed};
pub use error::{FactError, FactsError};
pub(crate) use from_case::{data_of, from_case};
pub(crate) use from_serialize::from_serialize;
pub(crate) use json::read;
pub(crate) use layout::{Binder, FieldRule};
pub(crate) use place::{element_path, key_of, path_of};
pub(crate) use weigh::{Weighed, settle, weigh};

use std::borrow::Cow;

use crate::arena::Id;
use crate::program::{Entity, EntityId, FieldShape, SourceDeclId};
use crate::value::{Date, Value};

/// A name of an object and its value.
type Entry<'a> = (Cow<'a, str>, Data<'a>);

/// The facts of one household and what they rest on. Facts given as evidence are not in the case before it is `weigh`ed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bound {
    pub case: Case,
    /// The facts given as evidence, in the order of their places.
    pub evidence: Vec<EvidenceFact>,
}

/// A fact given as evidence, with every statement of it; or one that must be verified and was merely stated.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EvidenceFact {
    pub entity: EntityId,
    pub field: usize,
    pub row: u32,
    /// Sources in the order of trust, the latest statement of each first.
    pub items: Vec<EvidenceItem>,
}

/// What one source says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EvidenceItem {
    pub value: Fact,
    /// It may be one that the field does not accept; None where the value was given alone.
    pub source: Option<SourceDeclId>,
    pub date: Option<Date>,
}

/// What is known of one fact.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fact {
    /// Not collected yet.
    Unknown,
    /// Asked for, and not known: `{"unknown": true}`. The logic is that of `Unknown`, but nobody asks again.
    Asked,
    /// A value that its type and range allow; `Value::None` for an optional that is known to be none.
    Known(Value),
}

impl Fact {
    /// The value, if it is known.
    pub(crate) fn value(&self) -> Option<&Value> {
        match self {
            Fact::Known(value) => Some(value),
            Fact::Unknown | Fact::Asked => None,
        }
    }
}

/// A list field of one element: the rows `start..start + count` of its item entity's table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ListFact {
    pub start: u32,
    pub count: u32,
    /// `Known(())` in spirit: whether the list itself is known. An unknown list holds one phantom row, which stands for
    /// as many elements as its range allows and of which nothing is known.
    pub state: ListState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListState {
    Known,
    Unknown,
    Asked,
}

/// One element.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// The row of the element that holds it (0 for the root, which nothing holds), the holding entity and its list field.
    pub holder: Option<(EntityId, usize, u32)>,
    /// Its position in that list, from 0.
    pub position: u32,
    /// For the phantom of an unknown list: the least and the most elements it stands for. None for a real element.
    pub phantom: Option<(usize, Option<usize>)>,
}

/// The elements of one entity, those of one list side by side. INVARIANT: every row has its facts and its lists.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CaseTable {
    pub rows: Vec<Row>,
    /// How many facts a row has: one a field, of which those of lists and records say nothing.
    fields: usize,
    /// Row after row.
    facts: Vec<Fact>,
    /// How many lists a row has: one a field, up to the last field that is a list.
    list_fields: usize,
    /// Row after row.
    lists: Vec<ListFact>,
}

impl CaseTable {
    /// One without elements.
    pub(crate) fn of(entity: &Entity) -> CaseTable {
        let last = entity.fields.iter().rposition(|field| matches!(field.shape, FieldShape::List { .. }));
        CaseTable {
            rows: Vec::new(),
            fields: entity.fields.len(),
            facts: Vec::new(),
            list_fields: last.map_or(0, |last| last + 1),
            lists: Vec::new(),
        }
    }

    /// Adds elements, with one fact for all of their fields and lists that are not known.
    pub(crate) fn extend(&mut self, rows: impl IntoIterator<Item = Row>, fact: &Fact) {
        self.rows.extend(rows);
        let facts = self.rows.len() * self.fields;
        match fact {
            // As in most, and quicker than clones.
            Fact::Unknown => self.facts.resize_with(facts, || Fact::Unknown),
            Fact::Asked | Fact::Known(_) => self.facts.resize(facts, fact.clone()),
        }
        let unknown = ListFact { start: 0, count: 0, state: ListState::Unknown };
        self.lists.resize(self.rows.len() * self.list_fields, unknown);
    }

    pub(crate) fn reserve(&mut self, rows: usize) {
        self.rows.reserve(rows);
        self.facts.reserve(rows.saturating_mul(self.fields));
        self.lists.reserve(rows.saturating_mul(self.list_fields));
    }

    /// The facts of a field, element after element.
    pub(crate) fn column(&self, field: usize) -> impl Iterator<Item = &Fact> + Clone {
        self.column_from(field, 0)
    }

    /// The same from an element on.
    pub(crate) fn column_from(&self, field: usize, row: u32) -> impl Iterator<Item = &Fact> + Clone {
        // Not `step_by`, which divides.
        let first = (row as usize).saturating_mul(self.fields).saturating_add(field);
        let mut at = if field < self.fields { first } else { usize::MAX };
        std::iter::from_fn(move || {
            let fact = self.facts.get(at);
            at = at.saturating_add(self.fields);
            fact
        })
    }

    pub(crate) fn fact(&self, field: usize, row: u32) -> Option<&Fact> {
        self.facts.get(row as usize * self.fields + field).filter(|_| field < self.fields)
    }

    pub(crate) fn list(&self, field: usize, row: u32) -> Option<&ListFact> {
        self.lists.get(row as usize * self.list_fields + field).filter(|_| field < self.list_fields)
    }

    #[inline(always)]
    pub(crate) fn set(&mut self, field: usize, row: u32, fact: Fact) {
        if field < self.fields
            && let Some(slot) = self.facts.get_mut(row as usize * self.fields + field)
        {
            *slot = fact;
        }
    }

    pub(crate) fn set_list(&mut self, field: usize, row: u32, list: ListFact) {
        if field < self.list_fields
            && let Some(slot) = self.lists.get_mut(row as usize * self.list_fields + field)
        {
            *slot = list;
        }
    }
}

/// The facts of one household. INVARIANT: the root's table has exactly one row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Case {
    /// By `EntityId`.
    pub tables: Vec<CaseTable>,
}

impl Case {
    pub(crate) fn table(&self, entity: EntityId) -> Option<&CaseTable> {
        self.tables.get(entity.index())
    }

    pub(crate) fn fact(&self, entity: EntityId, field: usize, row: u32) -> Option<&Fact> {
        self.table(entity)?.fact(field, row)
    }

    #[inline(always)]
    pub(crate) fn set(&mut self, (entity, field, row): (EntityId, usize, u32), fact: Fact) {
        if let Some(table) = self.tables.get_mut(entity.index()) {
            table.set(field, row, fact);
        }
    }

    pub(crate) fn list(&self, entity: EntityId, field: usize, row: u32) -> Option<&ListFact> {
        self.table(entity)?.list(field, row)
    }
}
