//! A case told as facts again: by the names of the entities, in the order of their declarations, what is not known left out.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::arena::Id;
use crate::facts::place::key_of;
use crate::facts::{Case, Data, EvidenceFact, EvidenceItem, Fact, ListState};
use crate::program::{EntityId, FieldShape, Program, Type};
use crate::value::Value;

/// The facts that a case was made of. Bound again they give the same case and evidence; the cost is linear in it.
pub(crate) fn from_case(program: &Program, case: &Case, evidence: &[EvidenceFact]) -> Data<'static> {
    let evidence = evidence.iter().map(|e| ((e.entity, e.field, e.row), e)).collect();
    let teller = Teller { program, case, evidence };
    Data::Object(teller.object(program.root, 0, program.root, 0))
}

/// A value as facts write it; of an element nothing, for its key is another's fact.
pub(crate) fn data_of(program: &Program, ty: &Type, value: &Value) -> Data<'static> {
    match value {
        Value::Number(n) => Data::Number(n.to_string().into()),
        Value::Date(d) => Data::Text(d.to_string().into()),
        Value::Duration(d) => Data::Text(d.to_string().into()),
        Value::Text(t) => Data::Text(t.to_string().into()),
        Value::Boolean(b) => Data::Boolean(*b),
        Value::Enum(n) => match ty.required() {
            Type::Enum(id) => match program.enums[*id].members.get(*n as usize) {
                Some(member) => Data::Text(member.name.to_string().into()),
                None => Data::Null,
            },
            _ => Data::Null,
        },
        Value::Element(_) | Value::None => Data::Null,
    }
}

struct Teller<'a> {
    program: &'a Program,
    case: &'a Case,
    evidence: BTreeMap<(EntityId, usize, u32), &'a EvidenceFact>,
}

type Entries = Vec<(Cow<'static, str>, Data<'static>)>;

impl Teller<'_> {
    /// The facts of a row that an entity declares, which stand from a field on: those of the entity of the row itself, or of a record within it.
    /// INVARIANT: it recurses, no deeper than the facts nested that were bound.
    fn object(&self, entity: EntityId, row: u32, declared: EntityId, first: usize) -> Entries {
        let mut out = Vec::new();
        for (index, field) in self.program.entities[declared].own_fields() {
            let at = first + index;
            let told = match &field.shape {
                FieldShape::Scalar { ty, .. } => self.fact(entity, at, row, ty),
                FieldShape::List { item, .. } => self.list(entity, at, row, *item),
                FieldShape::Record { entity: record, first: within, .. } => {
                    let inner = self.object(entity, row, *record, first + within);
                    Some(Data::Object(inner)).filter(|d| !matches!(d, Data::Object(inner) if inner.is_empty()))
                }
            };
            out.extend(told.map(|told| (Cow::Owned(field.name.to_string()), told)));
        }
        out
    }

    fn fact(&self, entity: EntityId, field: usize, row: u32, ty: &Type) -> Option<Data<'static>> {
        if let Some(evidence) = self.evidence.get(&(entity, field, row)) {
            // One that must be verified and was merely stated.
            return match evidence.items.as_slice() {
                [EvidenceItem { value, source: None, .. }] => self.told(value, ty),
                items => {
                    let list = items.iter().map(|item| Data::Object(self.statement(item, ty))).collect();
                    Some(Data::Object(vec![("evidence".into(), Data::List(list))]))
                }
            };
        }
        self.told(self.case.fact(entity, field, row)?, ty)
    }

    fn statement(&self, item: &EvidenceItem, ty: &Type) -> Entries {
        let mut out: Entries = vec![("value".into(), self.told(&item.value, ty).unwrap_or(Data::Null))];
        if let Some(source) = item.source.and_then(|id| self.program.sources.values().nth(id.index())) {
            out.push(("source".into(), Data::Text(source.declared.name.to_string().into())));
        }
        out.extend(item.date.map(|date| ("date".into(), Data::Text(date.to_string().into()))));
        out
    }

    fn told(&self, fact: &Fact, ty: &Type) -> Option<Data<'static>> {
        match fact {
            Fact::Unknown => None,
            Fact::Asked => Some(asked()),
            Fact::Known(value) => Some(self.value(value, ty)),
        }
    }

    fn value(&self, value: &Value, ty: &Type) -> Data<'static> {
        let (Value::Element(row), Type::Element(target)) = (value, ty.required()) else {
            return data_of(self.program, ty, value);
        };
        // A link is told as the key of what it leads to, which may be a number.
        let entity = &self.program.entities[*target];
        let key = entity.key.and_then(|k| Some((k, entity.fields.get(k)?)));
        match key.map(|(k, field)| (&field.shape, self.case.fact(*target, k, *row))) {
            Some((FieldShape::Scalar { ty, .. }, Some(Fact::Known(known)))) => data_of(self.program, ty, known),
            _ => key_of(self.program, self.case, *target, *row)
                .map_or(Data::Null, |key| Data::Text(key.to_string().into())),
        }
    }

    fn list(&self, entity: EntityId, field: usize, row: u32, item: EntityId) -> Option<Data<'static>> {
        let list = self.case.list(entity, field, row)?;
        match list.state {
            ListState::Unknown => return None,
            ListState::Asked => return Some(asked()),
            ListState::Known => {}
        }
        let declared = &self.program.entities[item];
        let elements = (list.start..list.start.saturating_add(list.count)).map(|row| {
            match declared.fields.first().map(|f| &f.shape).filter(|_| declared.is_scalar_item) {
                Some(FieldShape::Scalar { ty, .. }) => self.fact(item, 0, row, ty).unwrap_or(Data::Null),
                _ => Data::Object(self.object(item, row, item, 0)),
            }
        });
        Some(Data::List(elements.collect()))
    }
}

/// Asked for, and not known.
fn asked() -> Data<'static> {
    Data::Object(vec![("unknown".into(), Data::Boolean(true))])
}
