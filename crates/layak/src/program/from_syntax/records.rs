//! Records: fields that are another entity, whose fields are columns of the entity that holds them.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::diagnostic::{Code, Finding, phrase};
use crate::program::*;
use crate::syntax::{self, Name};

use super::{At, Builder};

/// As many columns the records of a ruleset add at most: a record of records may double with each step.
const MOST_COLUMNS: usize = 100_000;

impl<'a> Builder<'a> {
    /// Gives the fields of a record their columns in the entity that holds it, named `record.field`: behind the entity's
    /// own, those of a record within a record within its stretch.
    pub(super) fn lay_out_records(&mut self, decls: &[(EntityId, At<'a, syntax::EntityDecl>)]) {
        // What a record holds is laid out before it. INVARIANT: no entity holds itself any more.
        let mut open: Vec<(EntityId, bool)> = decls.iter().rev().map(|(id, _)| (*id, false)).collect();
        let mut done: BTreeSet<EntityId> = BTreeSet::new();
        let mut laid = 0;
        while let Some((id, is_ready)) = open.pop() {
            if done.contains(&id) {
                continue;
            }
            if !is_ready {
                open.push((id, true));
                let records = self.entities[id].fields.iter().filter_map(|f| match f.shape {
                    FieldShape::Record { entity, .. } => Some((entity, false)),
                    FieldShape::Scalar { .. } | FieldShape::List { .. } => None,
                });
                open.extend(records);
                continue;
            }
            done.insert(id);
            for index in 0..self.entities[id].fields.len() {
                let Some(field) = self.entities[id].fields.get(index).cloned() else { continue };
                let FieldShape::Record { entity, .. } = field.shape else { continue };
                let columns = self.entities[entity].fields.clone();
                let (first, count) = (self.entities[id].fields.len(), columns.len());
                laid += count;
                if laid > MOST_COLUMNS {
                    self.too_many_columns(&field);
                    return;
                }
                self.entities[id].fields.extend(columns.into_iter().map(|column| {
                    let shape = match column.shape {
                        FieldShape::Record { entity, first: inner, count } => {
                            FieldShape::Record { entity, first: first + inner, count }
                        }
                        shape @ (FieldShape::Scalar { .. } | FieldShape::List { .. }) => shape,
                    };
                    Field { name: format!("{}.{}", field.name, column.name).into(), shape, ..column }
                }));
                if let Some(field) = self.entities[id].fields.get_mut(index) {
                    field.shape = FieldShape::Record { entity, first, count };
                }
            }
        }
    }

    fn too_many_columns(&mut self, field: &Field) {
        self.tell(
            Finding::error(
                Code::TOO_LARGE,
                field.span,
                phrase!(
                    "with `{0}` the fields within records are more than {1}",
                    "dengan `{0}` kolom di dalam kolom berisi entitas menjadi lebih dari {1}",
                    field.name,
                    MOST_COLUMNS
                ),
            )
            .help(phrase!(
                "hold the parts in a list, or leave out what no rule asks for",
                "muat bagiannya dalam daftar, atau tinggalkan yang tidak ditanyakan aturan mana pun"
            )),
        );
    }

    /// The entities that stand for themselves or in a list: all but those that are records alone.
    pub(super) fn row_entities(&self) -> BTreeSet<EntityId> {
        let fields = || self.entities.values().flat_map(|e| &e.fields);
        let listed: BTreeSet<EntityId> = fields()
            .filter_map(|f| if let FieldShape::List { item, .. } = f.shape { Some(item) } else { None })
            .collect();
        let records: BTreeSet<EntityId> = fields()
            .filter_map(|f| if let FieldShape::Record { entity, .. } = f.shape { Some(entity) } else { None })
            .collect();
        self.entities.ids().filter(|id| listed.contains(id) || !records.contains(id)).collect()
    }

    /// A record is a part of the entity that holds it, which has the rules.
    pub(super) fn rule_of_record(&mut self, owner: EntityId, name: &Name) {
        if self.root == Some(owner) || !self.entities[owner].holders.is_empty() {
            return;
        }
        let of_record = |f: &Field| matches!(f.shape, FieldShape::Record { entity, .. } if entity == owner);
        let holder = self.entities.values().find_map(|e| Some((e, e.fields.iter().find(|f| of_record(f))?)));
        let Some((holder, field)) = holder else { return };
        let (holder, path) = (Arc::clone(&holder.declared.name), Arc::clone(&field.name));
        self.tell(
            Finding::error(
                Code::NOT_SUPPORTED,
                name.span,
                phrase!(
                    "`{0}` is one field of `{1}`, and has no rules of its own",
                    "`{0}` adalah satu kolom dari `{1}`, dan tidak punya aturan sendiri",
                    name.text,
                    holder
                ),
            )
            .help(phrase!(
                "write the rule for `{0}`, whose facts are `{1}.…`",
                "tulis aturannya untuk `{0}`, yang faktanya `{1}.…`",
                holder,
                path
            )),
        );
    }
}
