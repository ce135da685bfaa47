//! Names that hide others which could be meant in the same place: of arguments, of named elements, of a module's own
//! declarations beside imported ones.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::arena::Id;
use crate::diagnostic::{Code, Finding, Phrase, Severity, phrase};
use crate::program::*;
use crate::source::Span;
use crate::syntax::Name;

use super::calls::FUNCTIONS;
use super::check::{Checker, Checking};
use super::{Builder, DefinitionDecl, Item};

impl Builder<'_> {
    /// Everything that is hidden by what is declared. What a named element hides is found where it is checked.
    pub(super) fn shadows(&mut self) {
        self.hidden_imports();
        self.hidden_by_arguments();
        self.hidden_functions();
        self.hidden_members();
    }

    fn shadow(&mut self, at: Span, message: Phrase, other: Option<Span>) {
        let mut finding = Finding::error(Code::SHADOWED_NAME, at, message)
            .help(phrase!("give one of them another name", "beri salah satunya nama lain"));
        if let Some(other) = other {
            finding = finding.also(other, phrase!("what it hides", "yang tertutupi"));
        }
        finding.severity = Severity::Warning;
        self.shadows.push(finding);
    }

    fn hides(&mut self, at: Span, name: &str, other: Span) {
        let message = phrase!(
            "here `{0}` hides another `{0}`, which then cannot be meant",
            "di sini `{0}` menutupi `{0}` yang lain, sehingga yang itu tidak dapat dimaksud",
            name
        );
        self.shadow(at, message, Some(other));
    }

    /// A module's own names come before those it imports.
    fn hidden_imports(&mut self) {
        let mut found: Vec<(Span, Arc<str>, Span)> = Vec::new();
        let pair = |builder: &Self, name: &Arc<str>, own: (ModuleId, Span), other: (ModuleId, Span)| {
            (own.0 != other.0 && builder.visible(own.0, other.0, name)).then(|| (own.1, Arc::clone(name), other.1))
        };
        for ((_, name), ids) in &self.defined {
            let places: Vec<_> = ids.iter().map(|id| &self.definitions[*id].declared).collect();
            for own in &places {
                let hidden = places.iter().find_map(|o| pair(self, name, (own.module, own.span), (o.module, o.span)));
                found.extend(hidden);
            }
        }
        for (name, items) in &self.items {
            for (module, item) in items {
                let own = (*module, self.item_span(*item));
                found.extend(items.iter().find_map(|(m, o)| pair(self, name, own, (*m, self.item_span(*o)))));
            }
        }
        for (at, name, other) in found {
            self.hides(at, &name, other);
        }
    }

    fn hidden_by_arguments(&mut self) {
        for id in self.definitions.ids().collect::<Vec<_>>() {
            let definition = &self.definitions[id];
            if definition.arguments.is_empty() {
                continue;
            }
            let (owner, module) = (definition.owner, definition.declared.module);
            let decls = self.definition_decls.get(id.index()).cloned().unwrap_or_default();
            for decl in decls {
                let DefinitionDecl::Define(at) = decl else { continue };
                for argument in &at.decl.arguments {
                    let mut state = Checking::new(&at.tree.exprs, module, Some(owner));
                    let checker = Checker { builder: self, state: &mut state };
                    if let Some(other) = checker.beside(&argument.name.text, 0) {
                        self.hides(argument.name.span, &argument.name.text, other);
                    }
                }
            }
        }
    }

    /// Functions of the language whose word names something that is called the same way.
    fn hidden_functions(&mut self) {
        let mut names: Vec<&Name> = Vec::new();
        for decl in self.definition_decls.iter().flatten() {
            if let DefinitionDecl::Define(at) = decl
                && !at.decl.arguments.is_empty()
            {
                names.push(&at.decl.name.name);
            }
        }
        let keyed = self.parameter_decls.iter().filter(|(_, at)| !at.decl.keys.is_empty());
        names.extend(keyed.map(|(_, at)| &at.decl.name));
        let hiding = |name: &&Name| name.word.as_deref().is_some_and(|word| FUNCTIONS.contains(&word));
        let found: Vec<(Span, Arc<str>)> =
            names.into_iter().filter(hiding).map(|n| (n.span, Arc::clone(&n.text))).collect();
        for (at, name) in found {
            let message = phrase!(
                "`{0}` hides the function `{0}` of the language",
                "`{0}` menutupi fungsi `{0}` milik bahasa ini",
                name
            );
            self.shadow(at, message, None);
        }
    }

    /// Values of an enum that bear the name of a fact, definition or parameter of that enum.
    fn hidden_members(&mut self) {
        let mut members: BTreeSet<(EnumId, Arc<str>, Span)> = BTreeSet::new();
        for (id, declared) in self.enums.iter() {
            members.extend(declared.members.iter().map(|m| (id, Arc::clone(&m.name), m.span)));
        }
        let mut named: Vec<(Arc<str>, Span, Type)> = Vec::new();
        for entity in self.entities.values() {
            for field in &entity.fields {
                named.push((Arc::clone(&field.name), field.span, field.ty(&self.entities)));
            }
        }
        let definitions = self.definitions.values().filter(|d| d.part_of.is_none());
        named.extend(definitions.map(|d| (Arc::clone(&d.declared.name), d.declared.span, d.ty.clone())));
        let parameters = self.parameters.values().filter(|p| p.part_of.is_none());
        named.extend(parameters.map(|p| (Arc::clone(&p.declared.name), p.declared.span, p.ty.clone())));
        for (name, at, ty) in named {
            let Type::Enum(id) = ty.required() else { continue };
            let start = (*id, Arc::clone(&name), Span { start: 0, end: 0, source: crate::source::SourceId(0) });
            let hidden = members.range(start..).next().filter(|(e, n, _)| e == id && *n == name).map(|(.., s)| *s);
            if let Some(other) = hidden {
                self.hides(at, &name, other);
            }
        }
    }
}

impl Checker<'_, '_, '_> {
    /// What an element named here hides.
    pub(super) fn shadow(&mut self, element: Option<&Name>, scope: usize) {
        let Some(name) = element else { return };
        if let Some(other) = self.beside(&name.text, scope) {
            self.builder.hides(name.span, &name.text, other);
        }
    }

    /// Where something stands that a bare name could mean in a scope, arguments left out.
    fn beside(&self, name: &str, scope: usize) -> Option<Span> {
        if let Some(span) = self.declared_span(name, scope) {
            return Some(span);
        }
        let items = self.builder.items_named(name, self.state.module);
        items.into_iter().find_map(|(_, item)| match item {
            Item::Parameter(id) => Some(self.builder.parameters[id].declared.span),
            Item::Enum(_) | Item::Source(_) | Item::Format(_) | Item::Entity(_) | Item::Programme(_) => None,
        })
    }
}
