//! The keys of a household that is being asked: elements are numbered until they are named.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::facts::Data;
use crate::program::{EntityId, Field, FieldShape, Program, Type};
use crate::value::{Date, Decimal, Value};

/// Whether an element that nobody named may be told by its number.
pub(super) fn is_numbered(program: &Program, entity: EntityId) -> bool {
    let fields = &program.entities[entity];
    match fields.key.and_then(|key| fields.fields.get(key)).map(|f| &f.shape) {
        Some(FieldShape::Scalar { ty, .. }) => matches!(ty.required(), Type::Text | Type::Number(_)),
        _ => false,
    }
}

/// The facts with a key for every element, so that they can be bound: numbers, or the values of a kind in order.
pub(super) fn completed(program: &Program, data: &Data<'static>) -> Data<'static> {
    let mut data = data.clone();
    fill(program, program.root, &mut data, 0, &BTreeSet::new(), &|_| true);
    data
}

/// The facts with a number for every element that may be told by one.
pub(super) fn numbered(program: &Program, data: &Data<'static>) -> Data<'static> {
    let mut data = data.clone();
    fill(program, program.root, &mut data, 0, &BTreeSet::new(), &|entity| is_numbered(program, entity));
    data
}

/// INVARIANT: it recurses, no deeper than data nests.
fn fill(
    program: &Program,
    entity: EntityId,
    data: &mut Data<'static>,
    position: usize,
    taken: &BTreeSet<String>,
    is_one: &dyn Fn(EntityId) -> bool,
) {
    let Data::Object(entries) = data else { return };
    let declared = &program.entities[entity];
    if let Some(field) = declared.key.and_then(|key| declared.fields.get(key))
        && is_one(entity)
    {
        let at = entries.iter().position(|(name, _)| **name == *field.name);
        let is_named = at.and_then(|at| entries.get(at)).is_some_and(|(_, value)| *value != Data::Null);
        if !is_named {
            entries.retain(|(name, _)| **name != *field.name);
            let mut numbers = (position..).take(taken.len() + 1).filter_map(|n| key(program, field, n));
            let free = numbers.find(|key| key.digits().is_none_or(|key| !taken.contains(&*key)));
            if let Some(key) = free {
                entries.insert(0, (Cow::Owned(field.name.to_string()), key));
            }
        }
    }
    for (name, value) in entries {
        let Some(field) = declared.fields.iter().find(|f| *f.name == **name) else { continue };
        match (&field.shape, value) {
            (FieldShape::Record { entity, .. }, value) => fill(program, *entity, value, 0, &BTreeSet::new(), is_one),
            (FieldShape::List { item, .. }, Data::List(items)) => {
                let inner = &program.entities[*item];
                let named = |item: &Data<'static>| -> Option<String> {
                    let Data::Object(entries) = item else { return None };
                    let key = inner.key.and_then(|key| inner.fields.get(key))?;
                    let (_, value) = entries.iter().find(|(name, _)| **name == *key.name)?;
                    value.digits().map(Cow::into_owned)
                };
                let mut taken: BTreeSet<String> = items.iter().filter_map(named).collect();
                for (position, inner) in items.iter_mut().enumerate() {
                    fill(program, *item, inner, position, &taken, is_one);
                    taken.extend(named(inner));
                }
            }
            (FieldShape::Scalar { .. } | FieldShape::List { .. }, _) => {}
        }
    }
}

/// The key of a position, from 0.
fn key(program: &Program, field: &Field, position: usize) -> Option<Data<'static>> {
    let FieldShape::Scalar { ty, range, .. } = &field.shape else { return None };
    let n = i64::try_from(position).ok()?.checked_add(1)?;
    if let Some(format) = field.format {
        return Some(Data::Text(program.formats[format].example(u64::try_from(position).ok()?).into()));
    }
    Some(match ty.required() {
        Type::Text => Data::Text(n.to_string().into()),
        Type::Number(_) => {
            let before = match &range.low {
                Some(Value::Number(low)) => low.ceil()?.checked_sub(&Decimal::ONE)?,
                _ => Decimal::ZERO,
            };
            Data::Number(before.checked_add(&Decimal::from(n))?.to_string().into())
        }
        Type::Enum(id) => Data::Text(program.enums[*id].members.get(position)?.name.to_string().into()),
        Type::Date => Data::Text(Date::new(2000, 1, 1)?.add_days(n)?.to_string().into()),
        Type::Duration(_) => Data::Text(format!("{n} months").into()),
        _ => return None,
    })
}
