//! `of.name`: a field, definition or output of an element, of every element of a list, of a module or an enum.

use std::sync::Arc;

use crate::diagnostic::{Code, Finding, phrase};
use crate::program::*;
use crate::source::Span;
use crate::syntax::{ExprId, ExprKind, Name};
use crate::value::Value;

use super::check::{Checker, Step};
use super::resolve::qualifier;
use super::{Item, Wanted};

impl Checker<'_, '_, '_> {
    pub(super) fn member(&mut self, id: ExprId, of: ExprId, name: &Name, span: Span) -> Step {
        let base = self.state.done(of);
        if let Some((element, programme)) = self.state.programmes.get(&base).copied() {
            return self.output(element, programme, name, span);
        }
        match self.ty(base) {
            Type::Poison => Ok(self.poison(span)),
            Type::Pending => self.qualified(id, base, name, span),
            Type::List(item) if !matches!(*item, Type::Record(_)) => self.mapped(base, &item, name, span),
            ty @ (Type::List(_) | Type::Record(_)) => {
                // Of the rows that a table collects: the output of each.
                let (table, listed) = match ty {
                    Type::List(item) => (*item, true),
                    one => (one, false),
                };
                let Type::Record(table) = table else { return Ok(self.poison(span)) };
                let outputs = &self.builder.tables[table].outputs;
                match outputs.iter().position(|(n, _)| **n == *name.text) {
                    Some(output) => {
                        let ty = outputs.get(output).map_or(Type::Poison, |(_, ty)| ty.clone());
                        let ty = if listed { Type::list_of(ty) } else { ty };
                        Ok(self.push(Kind::RecordField { of: base, table, output }, ty, span))
                    }
                    None => {
                        let known: Vec<Arc<str>> = outputs.iter().map(|(n, _)| Arc::clone(n)).collect();
                        Ok(self.no_such_member(name, &known, span))
                    }
                }
            }
            Type::Optional(inner) if matches!(*inner, Type::Element(_)) => {
                let base = self.required(base);
                self.member_of_element(base, name, span)
            }
            Type::Element(_) => self.member_of_element(base, name, span),
            other => {
                if let Some(part) = self.format_part(base, name, span) {
                    return part;
                }
                let ty = self.builder.type_name(&other);
                self.builder.error(
                    Code::TYPE_MISMATCH,
                    span,
                    crate::diagnostic::Phrase {
                        en: format!("a value of type {} has no parts", ty.en),
                        id: format!("nilai bertipe {} tidak punya bagian", ty.id),
                    },
                );
                Ok(self.poison(span))
            }
        }
    }

    fn member_of_element(&mut self, base: ExprRef, name: &Name, span: Span) -> Step {
        let Some(entity) = self.element_entity(base) else { return Ok(self.poison(span)) };
        if let Some(found) = self.record_column(base, entity, name, span) {
            return Ok(found);
        }
        if let Some(found) = self.of_element(base, entity, name, span)? {
            return Ok(found);
        }
        if let Some(found) = self.above(base, entity, name, span) {
            return Ok(found);
        }
        Ok(self.unknown_part(entity, name, span))
    }

    /// `p.household`, in a property of persons: what holds the element, or the household.
    fn above(&mut self, base: ExprRef, entity: EntityId, name: &Name, span: Span) -> Option<ExprRef> {
        if self.state.worlds.is_empty() {
            return None;
        }
        let is_named = |checker: &Self, id: EntityId| qualifier(&checker.entity_name(id)) == *name.text;
        let (parent, root) = (self.builder.entities[entity].parent(), self.builder.root?);
        if entity != root && is_named(self, root) {
            return Some(self.push(Kind::Root(base), Type::Element(root), span));
        }
        let parent = parent.filter(|parent| is_named(self, *parent))?;
        Some(self.push(Kind::Parent(base), Type::Element(parent), span))
    }

    /// A field of a record, which is a column of the entity that holds the record.
    fn record_column(&mut self, base: ExprRef, record: EntityId, name: &Name, span: Span) -> Option<ExprRef> {
        let Kind::Field { of, entity, field } = self.state.out[base].kind else { return None };
        let shape = self.builder.entities[entity].fields.get(field).map(|f| f.shape.clone());
        let Some(FieldShape::Record { first, .. }) = shape else { return None };
        let position = self.builder.entities[record].fields.iter().position(|f| *f.name == *name.text);
        let Some(position) = position else {
            let known: Vec<Arc<str>> =
                self.builder.entities[record].fields.iter().map(|f| Arc::clone(&f.name)).collect();
            return Some(self.no_such_member(name, &known, span));
        };
        let ty = self.field_type(entity, first + position);
        Some(self.push(Kind::Field { of, entity, field: first + position }, ty, span))
    }

    fn unknown_part(&mut self, entity: EntityId, name: &Name, span: Span) -> ExprRef {
        let hidden = self
            .builder
            .defined
            .get(&(entity, Arc::clone(&name.text)))
            .and_then(|ids| ids.first())
            .map(|d| self.builder.definitions[*d].declared.module)
            .or_else(|| {
                self.builder.items.get(&name.text).into_iter().flatten().find_map(|(m, item)| match item {
                    Item::Programme(id) if self.builder.programmes[*id].owner == entity => Some(*m),
                    _ => None,
                })
            });
        if let Some(module) = hidden {
            self.builder.not_imported(name, module);
            return self.poison(span);
        }
        let mut known: Vec<Arc<str>> =
            self.builder.entities[entity].fields.iter().map(|f| Arc::clone(&f.name)).collect();
        known.extend(self.builder.defined.keys().filter(|(e, _)| *e == entity).map(|(_, n)| Arc::clone(n)));
        self.no_such_member(name, &known, span)
    }

    pub(super) fn no_such_member(&mut self, name: &Name, known: &[Arc<str>], span: Span) -> ExprRef {
        self.builder.unknown_name(phrase!("there is no `{0}` here", "tidak ada `{0}` di sini", name.text), name, known);
        self.poison(span)
    }

    /// `members.age`: the value of every element.
    fn mapped(&mut self, list: ExprRef, item: &Type, name: &Name, span: Span) -> Step {
        let Type::Element(entity) = item.required() else {
            let known: Vec<Arc<str>> = Vec::new();
            return Ok(self.no_such_member(name, &known, span));
        };
        let entity = *entity;
        let var = Var(self.state.out.vars);
        let element = self.push(Kind::Var(var), item.clone(), span);
        let element = self.required(element);
        let value = match self.of_element(element, entity, name, span)? {
            Some(value) => value,
            None => return Ok(self.unknown_part(entity, name, span)),
        };
        self.state.out.vars += 1;
        if self.state.programmes.contains_key(&value) {
            // A programme of every member is no list of values.
            return Ok(self.resolved(value));
        }
        Ok(self.each(list, var, value, span))
    }

    fn output(&mut self, of: ExprRef, programme: ProgrammeId, name: &Name, span: Span) -> Step {
        let outputs = &self.builder.programmes[programme].outputs;
        let Some(output) = outputs.iter().position(|o| *o.name == *name.text) else {
            let known: Vec<Arc<str>> = outputs.iter().map(|o| Arc::clone(&o.name)).collect();
            return Ok(self.no_such_member(name, &known, span));
        };
        let ty = self.wanted(Wanted::Output(programme, output))?;
        Ok(self.push(Kind::Output { of, programme, output }, ty, span))
    }

    /// `bansos.household.desil` or `SchoolLevel.sd`: the chain so far has no meaning of its own.
    fn qualified(&mut self, id: ExprId, base: ExprRef, name: &Name, span: Span) -> Step {
        let mut names: Vec<&str> = vec![&name.text];
        let exprs = self.state.exprs;
        let mut at = id;
        loop {
            match &exprs[at].kind {
                ExprKind::Member { of, .. } if at == id => at = *of,
                ExprKind::Member { of, name } => {
                    names.push(&name.text);
                    at = *of;
                }
                ExprKind::Name(name) => {
                    names.push(&name.text);
                    break;
                }
                _ => break,
            }
        }
        names.reverse();
        if let [head, member] = names.as_slice()
            && let Some(id) = self.enum_named(head)
        {
            let position = self.builder.enums[id].members.iter().position(|m| *m.name == **member);
            self.state.pending.remove(&base);
            let Some(position) = position else {
                self.builder.unknown_member(name, id);
                return Ok(self.poison(span));
            };
            let value = Value::Enum(u32::try_from(position).unwrap_or(u32::MAX));
            return Ok(self.constant(value, Type::Enum(id), span));
        }
        let module = names.split_last().map(|(_, module)| module.join(".")).unwrap_or_default();
        let whole = names.join(".");
        let found = self.builder.modules.iter().find(|(_, m)| *m.name == *module).map(|(id, _)| id);
        if let Some(found) = found {
            if let Some(value) = self.in_module(found, name, span, self.state.scope(id))? {
                self.state.pending.remove(&base);
                return Ok(value);
            }
            let is_prefix =
                self.builder.modules.values().any(|m| m.name.starts_with(&format!("{whole}.")) || *m.name == *whole);
            if !is_prefix {
                self.state.pending.remove(&base);
                let known: Vec<Arc<str>> = Vec::new();
                return Ok(self.no_such_member(name, &known, span));
            }
        }
        let is_prefix =
            self.builder.modules.values().any(|m| m.name.starts_with(&format!("{whole}.")) || *m.name == *whole);
        if is_prefix {
            let scope = self.state.pending.remove(&base).unwrap_or(0);
            let pending = self.push(Kind::Pending(name.clone()), Type::Pending, span);
            self.state.pending.insert(pending, scope);
            return Ok(pending);
        }
        self.resolved(base);
        Ok(self.poison(span))
    }

    fn enum_named(&self, name: &str) -> Option<EnumId> {
        self.builder.items_named(name, self.state.module).into_iter().find_map(|(_, item)| match item {
            Item::Enum(id) => Some(id),
            _ => None,
        })
    }

    /// A name of a module that is said outright: it needs to be imported all the same.
    fn in_module(&mut self, module: ModuleId, name: &Name, span: Span, scope: usize) -> Step<Option<ExprRef>> {
        if !self.builder.visible(self.state.module, module, &name.text) {
            self.builder.not_imported(name, module);
            return Ok(Some(self.poison(span)));
        }
        let parameter = self.builder.items.get(&name.text).into_iter().flatten().find_map(|(m, item)| match item {
            Item::Parameter(id) if *m == module => Some(*id),
            _ => None,
        });
        if let Some(parameter) = parameter {
            return Ok(Some(self.parameter(parameter, Vec::new(), span)));
        }
        self.definition_in(module, name, span, scope)
    }

    pub(super) fn not_a_value(&mut self, name: &Name, span: Span) -> ExprRef {
        self.builder.tell(
            Finding::error(Code::WRONG_KIND, span, phrase!("`{0}` is not a function", "`{0}` bukan fungsi", name.text))
                .help(phrase!(
                    "only functions, keyed parameters and definitions with arguments take values in brackets",
                    "hanya fungsi, parameter berkunci, dan definisi berargumen yang menerima nilai dalam kurung"
                )),
        );
        self.poison(span)
    }
}
