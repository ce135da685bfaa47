//! Where facts of a case stand and what its elements are called.

use std::sync::Arc;

use crate::facts::words::value;
use crate::facts::{Case, Fact};
use crate::program::*;
use crate::value::Value;

/// The key of an element as text.
pub(crate) fn key_of(program: &Program, case: &Case, entity: EntityId, row: u32) -> Option<Arc<str>> {
    let fields = &program.entities[entity];
    let key = fields.key?;
    let known = case.fact(entity, key, row).and_then(Fact::value)?;
    Some(match (known, fields.fields.get(key).map(|f| &f.shape)) {
        (Value::Enum(n), Some(FieldShape::Scalar { ty: Type::Enum(id), .. })) => {
            Arc::clone(&program.enums[*id].members.get(*n as usize)?.name)
        }
        (Value::Text(text), _) => Arc::clone(text),
        (known, _) => value(known).into(),
    })
}

/// Where a fact stands: `members[1].occupation`. The elements of an unknown list have no position: `members.occupation`.
pub(crate) fn path_of(program: &Program, case: &Case, entity: EntityId, field: usize, row: u32) -> String {
    let mut path = element_path(program, case, entity, row);
    // The item of a list of scalars is the place itself.
    let name = field_path(program, entity, field);
    if !path.is_empty() && !name.is_empty() {
        path.push('.');
    }
    path.push_str(&name);
    path
}

/// Where an element stands: `members[1]`; empty for the household.
pub(crate) fn element_path(program: &Program, case: &Case, entity: EntityId, row: u32) -> String {
    let mut parts: Vec<String> = Vec::new();
    let (mut entity, mut row) = (entity, row);
    while let Some(element) = case.table(entity).and_then(|t| t.rows.get(row as usize)) {
        let Some((above, list, holder)) = element.holder else { break };
        let name = field_path(program, above, list);
        parts.push(if element.phantom.is_some() { name } else { format!("{name}[{}]", element.position) });
        (entity, row) = (above, holder);
    }
    parts.reverse();
    parts.join(".")
}

/// The name of a field, after the records that it lies within.
pub(super) fn field_path(program: &Program, entity: EntityId, field: usize) -> String {
    let mut out = String::new();
    let (mut entity, mut field) = (entity, field);
    loop {
        let fields = &program.entities[entity].fields;
        let record = fields.iter().find_map(|f| match f.shape {
            FieldShape::Record { entity, first, count } if (first..first + count).contains(&field) => {
                // The outermost record holds the most fields, but those before it may lie within another.
                let outermost = fields.iter().all(|o| match o.shape {
                    FieldShape::Record { first: f, count: c, .. } => c <= count || !(f..f + c).contains(&field),
                    FieldShape::Scalar { .. } | FieldShape::List { .. } => true,
                });
                outermost.then_some((&f.name, entity, first))
            }
            FieldShape::Record { .. } | FieldShape::Scalar { .. } | FieldShape::List { .. } => None,
        });
        match record {
            Some((name, inner, first)) => {
                out.push_str(name);
                out.push('.');
                (entity, field) = (inner, field - first);
            }
            None => {
                out.push_str(fields.get(field).map_or("", |f| &f.name));
                return out;
            }
        }
    }
}
