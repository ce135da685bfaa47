//! Facts as a tree that is grown: where a fact stands, and putting it there.

use std::borrow::Cow;
use std::sync::Arc;

use crate::facts::place::field_path;
use crate::facts::{Case, Data};
use crate::program::{EntityId, FieldShape, Program};

/// One step from a value to one within it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Field(Arc<str>),
    Item(usize),
}

pub(crate) type Path = Vec<Step>;

/// What stands at a place.
pub(crate) fn at<'d>(data: &'d mut Data<'static>, path: &[Step]) -> Option<&'d mut Data<'static>> {
    let mut here = data;
    for step in path {
        here = match (here, step) {
            (Data::Object(entries), Step::Field(name)) => {
                entries.iter_mut().find(|(own, _)| **own == **name).map(|(_, value)| value)?
            }
            (Data::List(items), Step::Item(position)) => items.get_mut(*position)?,
            _ => return None,
        };
    }
    Some(here)
}

/// The same data, which borrows from nothing. INVARIANT: it recurses, no deeper than data nests.
pub(crate) fn owned(data: Data<'_>) -> Data<'static> {
    match data {
        Data::Null => Data::Null,
        Data::Boolean(b) => Data::Boolean(b),
        Data::Number(number) => Data::Number(number.into_owned()),
        Data::Text(text) => Data::Text(Cow::Owned(text.into_owned())),
        Data::List(items) => Data::List(items.into_iter().map(owned).collect()),
        Data::Object(entries) => {
            Data::Object(entries.into_iter().map(|(n, v)| (Cow::Owned(n.into_owned()), owned(v))).collect())
        }
        Data::Refused(what) => Data::Refused(what),
    }
}

/// What stands at a place, if anything does.
pub(crate) fn look<'d>(data: &'d Data<'static>, path: &[Step]) -> Option<&'d Data<'static>> {
    let mut here = data;
    for step in path {
        here = match (here, step) {
            (Data::Object(entries), Step::Field(name)) => {
                entries.iter().find(|(own, _)| **own == **name).map(|(_, value)| value)?
            }
            (Data::List(items), Step::Item(position)) => items.get(*position)?,
            _ => return None,
        };
    }
    Some(here)
}

/// Puts a value at a place, in the place of what stood there. Objects on the way that are not given are made.
pub(crate) fn put(data: &mut Data<'static>, path: &[Step], value: Data<'static>) {
    let mut here = data;
    for step in path {
        here = match step {
            Step::Field(name) => {
                if !matches!(here, Data::Object(_)) {
                    *here = Data::Object(Vec::new());
                }
                let Data::Object(entries) = here else { return };
                let found = entries.iter().position(|(own, _)| **own == **name).unwrap_or(entries.len());
                if found == entries.len() {
                    entries.push((Cow::Owned(name.to_string()), Data::Null));
                }
                let Some((_, inner)) = entries.get_mut(found) else { return };
                inner
            }
            Step::Item(position) => {
                let Data::List(items) = here else { return };
                let Some(inner) = items.get_mut(*position) else { return };
                inner
            }
        };
    }
    *here = value;
}

/// Takes away what stands at a place.
pub(crate) fn remove(data: &mut Data<'static>, path: &[Step]) {
    let Some((last, above)) = path.split_last() else { return };
    match (at(data, above), last) {
        (Some(Data::Object(entries)), Step::Field(name)) => entries.retain(|(own, _)| **own != **name),
        (Some(Data::List(items)), Step::Item(position)) if *position < items.len() => {
            items.remove(*position);
        }
        _ => {}
    }
}

/// Every place, those above before those within; of a list the last item first.
pub(crate) fn places(data: &Data<'static>) -> Vec<Path> {
    let mut open: Vec<(Path, &Data<'static>)> = vec![(Vec::new(), data)];
    let mut out = Vec::new();
    while let Some((path, data)) = open.pop() {
        match data {
            Data::Object(entries) => {
                for (name, value) in entries.iter().rev() {
                    let mut inner = path.clone();
                    inner.push(Step::Field(Arc::from(&**name)));
                    open.push((inner, value));
                }
            }
            Data::List(items) => {
                for (position, value) in items.iter().enumerate() {
                    let mut inner = path.clone();
                    inner.push(Step::Item(position));
                    open.push((inner, value));
                }
            }
            _ => {}
        }
        if !path.is_empty() {
            out.push(path);
        }
    }
    out
}

/// Where a fact stands. The elements of a list that is not known have no place.
pub(crate) fn steps_of(program: &Program, case: &Case, (entity, field, row): (EntityId, usize, u32)) -> Path {
    let names = |entity: EntityId, field: usize| -> Vec<Step> {
        let path = field_path(program, entity, field);
        path.split('.').filter(|name| !name.is_empty()).map(|name| Step::Field(name.into())).collect()
    };
    let mut parts: Vec<Vec<Step>> = vec![names(entity, field)];
    let (mut entity, mut row) = (entity, row);
    while let Some(element) = case.table(entity).and_then(|t| t.rows.get(row as usize)) {
        let Some((above, list, holder)) = element.holder else { break };
        let mut part = names(above, list);
        part.extend(usize::try_from(element.position).ok().filter(|_| element.phantom.is_none()).map(Step::Item));
        parts.push(part);
        (entity, row) = (above, holder);
    }
    parts.into_iter().rev().flatten().collect()
}

/// The same facts with every field by its own name, where some are given by the name of their column.
///
/// INVARIANT: it recurses, no deeper than data nests.
pub(crate) fn by_names(program: &Program, entity: EntityId, data: Data<'static>) -> Data<'static> {
    let Data::Object(entries) = data else { return data };
    let fields = &program.entities[entity].fields;
    let renamed = entries.into_iter().map(|(name, value)| {
        let own = fields.iter().find(|f| *f.name == *name);
        let own = own.or_else(|| fields.iter().find(|f| f.column.as_deref() == Some(&*name)));
        let Some(field) = own else { return (name, value) };
        let value = match (&field.shape, value) {
            (FieldShape::Record { entity, .. }, value) => by_names(program, *entity, value),
            (FieldShape::List { item, .. }, Data::List(items)) => {
                Data::List(items.into_iter().map(|inner| by_names(program, *item, inner)).collect())
            }
            (_, value) => value,
        };
        (Cow::Owned(field.name.to_string()), value)
    });
    Data::Object(renamed.collect())
}
