//! What a bare name means: a named element, a fact or definition of the elements in scope, a parameter.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::diagnostic::{Code, Finding, phrase};
use crate::program::*;
use crate::source::Span;
use crate::syntax::Name;

use super::check::{Checker, Need, Step};
use super::{Item, TypeState, Wanted};

/// An element in scope.
#[derive(Clone, Copy, Debug)]
struct Level {
    var: Var,
    /// The entity of the variable's element.
    of: EntityId,
    /// The entity looked at: that, or one above it.
    entity: EntityId,
    /// How many steps up.
    up: usize,
    /// Whether the variable's element has a name.
    named: bool,
}

#[derive(Clone, Copy, Debug)]
enum Target {
    Field(usize),
    Definition(DefinitionId),
    Programme(ProgrammeId),
}

impl Checker<'_, '_, '_> {
    /// The elements in scope, the innermost first, each followed by those that hold it; an entity once. An element with a
    /// name of its own comes last: beside it, bare names are those of the others (`presence p where p.from > from`).
    fn levels(&self, scope: usize) -> Vec<Level> {
        let mut levels: Vec<Level> = Vec::new();
        let mut seen = BTreeSet::new();
        self.levels_of(scope, false, &mut levels, &mut seen);
        self.levels_of(scope, true, &mut levels, &mut seen);
        levels
    }

    fn levels_of(&self, scope: usize, named: bool, levels: &mut Vec<Level>, seen: &mut BTreeSet<EntityId>) {
        let mut next = Some(scope);
        while let Some(scope) = next.and_then(|i| self.state.scopes.get(i)) {
            if scope.name.is_some() != named {
                next = scope.parent;
                continue;
            }
            let entity = match scope.list {
                None => self.state.owner,
                Some(list) => match self.ty(self.state.done(list)) {
                    Type::List(item) => match item.required() {
                        Type::Element(entity) => Some(*entity),
                        _ => None,
                    },
                    _ => None,
                },
            };
            if let Some(of) = entity {
                let mut entity = of;
                let mut up = 0;
                loop {
                    if seen.insert(entity) {
                        levels.push(Level { var: scope.var, of, entity, up, named });
                    }
                    match self.builder.entities[entity].parent() {
                        Some(parent) if parent != entity => entity = parent,
                        _ => break,
                    }
                    up += 1;
                }
                if let Some(root) = self.builder.root
                    && seen.insert(root)
                {
                    levels.push(Level { var: scope.var, of, entity: root, up, named });
                }
            }
            next = scope.parent;
        }
    }

    fn target(&self, entity: EntityId, name: &str) -> Vec<Target> {
        if let Some(field) = self.builder.entities[entity].fields.iter().position(|f| *f.name == *name) {
            return vec![Target::Field(field)];
        }
        let module = self.state.module;
        let all = self.builder.defined.get(&(entity, Arc::from(name))).map_or(&[][..], Vec::as_slice);
        let own: Vec<_> = all.iter().filter(|d| self.builder.definitions[**d].declared.module == module).collect();
        let seen =
            |d: &&DefinitionId| self.builder.visible(module, self.builder.definitions[**d].declared.module, name);
        let chosen: Vec<_> = if own.is_empty() { all.iter().filter(seen).collect() } else { own };
        let mut targets: Vec<Target> = chosen.into_iter().map(|d| Target::Definition(*d)).collect();
        if targets.is_empty() {
            targets.extend(self.builder.items_named(name, module).into_iter().filter_map(|(_, item)| match item {
                Item::Programme(id) if self.builder.programmes[id].owner == entity => Some(Target::Programme(id)),
                _ => None,
            }));
        }
        targets
    }

    /// Where the fact, definition or programme stands that a bare name means in a scope. A fact of an entity that the module
    /// does not import is not what its author could mean.
    pub(super) fn declared_span(&self, name: &str, scope: usize) -> Option<Span> {
        self.levels(scope).into_iter().find_map(|level| {
            let target = self.target(level.entity, name).into_iter().next()?;
            Some(match target {
                Target::Field(field) => {
                    let entity = &self.builder.entities[level.entity];
                    let declared = &entity.declared;
                    if !self.builder.visible(self.state.module, declared.module, &declared.name) {
                        return None;
                    }
                    entity.fields.get(field)?.span
                }
                Target::Definition(id) => self.builder.definitions[id].declared.span,
                Target::Programme(id) => self.builder.programmes[id].declared.span,
            })
        })
    }

    /// A bare name.
    pub(super) fn name(&mut self, name: &Name, scope: usize) -> Step {
        let span = name.span;
        if let Some(found) = self.local(name, scope) {
            return Ok(found);
        }
        if let Some(argument) = self.state.arguments.iter().position(|(n, _)| **n == *name.text) {
            let ty = self.state.arguments.get(argument).map_or(Type::Poison, |(_, ty)| ty.clone());
            return Ok(self.push(Kind::Argument(argument), ty, span));
        }
        match name.word.as_deref() {
            Some("as_of") => return Ok(self.push(Kind::AsOf, Type::Date, span)),
            Some("known_on") => return Ok(self.push(Kind::KnownOn, Type::Date, span)),
            _ => {}
        }
        let levels = self.levels(scope);
        let mut found: Vec<(Level, Target)> = Vec::new();
        for level in &levels {
            found.extend(self.target(level.entity, &name.text).into_iter().map(|t| (*level, t)));
        }
        // A named element's own names are last: they count where nothing else has the name.
        if found.iter().any(|(level, _)| !level.named) {
            found.retain(|(level, _)| !level.named);
        }
        let module = self.state.module;
        let parameters: Vec<ParameterId> = self
            .builder
            .items_named(&name.text, module)
            .into_iter()
            .filter_map(|(_, item)| match item {
                Item::Parameter(id) => Some(id),
                _ => None,
            })
            .collect();
        match (found.as_slice(), parameters.as_slice()) {
            ([(level, target)], []) => {
                let of = self.level_element(*level, span);
                self.target_value(of, level.entity, *target, name, span)
            }
            ([], [parameter]) => Ok(self.parameter(*parameter, Vec::new(), span)),
            ([], []) => {
                if let Some(level) = levels.iter().find(|l| qualifier(&self.entity_name(l.entity)) == *name.text) {
                    return Ok(self.level_element(*level, span));
                }
                let pending = self.push(Kind::Pending(name.clone()), Type::Pending, span);
                self.state.pending.insert(pending, scope);
                Ok(pending)
            }
            _ => {
                self.ambiguous(name, &found, &parameters);
                Ok(self.poison(span))
            }
        }
    }

    /// A list's element that has this name.
    fn local(&mut self, name: &Name, scope: usize) -> Option<ExprRef> {
        let mut next = Some(scope);
        while let Some(scope) = next.and_then(|i| self.state.scopes.get(i)).cloned() {
            if scope.name.as_deref() == Some(&*name.text) {
                let ty = match scope.list.map(|list| self.ty(self.state.done(list))) {
                    Some(Type::List(item)) => *item,
                    _ => Type::Poison,
                };
                return Some(self.push(Kind::Var(scope.var), ty, name.span));
            }
            next = scope.parent;
        }
        None
    }

    fn level_element(&mut self, level: Level, span: Span) -> ExprRef {
        let mut at = self.push(Kind::Var(level.var), Type::Element(level.of), span);
        if level.up > 0 && Some(level.entity) == self.builder.root {
            return self.push(Kind::Root(at), Type::Element(level.entity), span);
        }
        let mut entity = level.of;
        for _ in 0..level.up {
            let Some(parent) = self.builder.entities[entity].parent() else { break };
            at = self.push(Kind::Parent(at), Type::Element(parent), span);
            entity = parent;
        }
        at
    }

    /// What a name of an element stands for.
    fn target_value(&mut self, of: ExprRef, entity: EntityId, target: Target, name: &Name, span: Span) -> Step {
        match target {
            Target::Field(field) => {
                let ty = self.field_type(entity, field);
                Ok(self.push(Kind::Field { of, entity, field }, ty, span))
            }
            Target::Definition(definition) => {
                let wanted = self.builder.definitions[definition].arguments.len();
                if wanted > 0 {
                    self.wrong_count(name, wanted, 0);
                    return Ok(self.poison(span));
                }
                let ty = self.wanted(Wanted::Definition(definition))?;
                Ok(self.push(Kind::Definition { of, definition, arguments: Vec::new() }, ty, span))
            }
            Target::Programme(programme) => {
                let expr = self.push(Kind::Broken, Type::Pending, span);
                self.state.programmes.insert(expr, (of, programme));
                Ok(expr)
            }
        }
    }

    pub(super) fn field_type(&self, entity: EntityId, field: usize) -> Type {
        self.builder.entities[entity].fields.get(field).map_or(Type::Poison, |f| f.ty(&self.builder.entities))
    }

    /// The type of a definition or output, or the need for it.
    pub(super) fn wanted(&mut self, wanted: Wanted) -> Step<Type> {
        match self.builder.type_state(wanted) {
            TypeState::Known(ty) => Ok(ty),
            // It needs itself: `cycles` tells so.
            TypeState::Underway => Ok(Type::Poison),
            TypeState::NotYet => Err(Need(wanted)),
        }
    }

    /// A field, definition or programme of a given element, by its name; nothing where it has none.
    pub(super) fn of_element(
        &mut self,
        of: ExprRef,
        entity: EntityId,
        name: &Name,
        span: Span,
    ) -> Step<Option<ExprRef>> {
        let targets = self.target(entity, &name.text);
        match targets.as_slice() {
            [target] => self.target_value(of, entity, *target, name, span).map(Some),
            [] => Ok(None),
            _ => {
                let level = Level { var: Var::OWNER, of: entity, entity, up: 0, named: false };
                let found: Vec<_> = targets.into_iter().map(|t| (level, t)).collect();
                self.ambiguous(name, &found, &[]);
                Ok(Some(self.poison(span)))
            }
        }
    }

    /// The definition with arguments that a call names, with the element it belongs to.
    pub(super) fn callee(&mut self, of: Option<ExprRef>, name: &Name, scope: usize) -> Option<(ExprRef, DefinitionId)> {
        let levels = match of {
            Some(_) => Vec::new(),
            None => self.levels(scope),
        };
        if let Some(of) = of {
            let entity = self.element_entity(of)?;
            return self.target(entity, &name.text).into_iter().find_map(|t| match t {
                Target::Definition(id) => Some((of, id)),
                Target::Field(_) | Target::Programme(_) => None,
            });
        }
        for level in levels {
            for target in self.target(level.entity, &name.text) {
                if let Target::Definition(id) = target {
                    return Some((self.level_element(level, name.span), id));
                }
            }
        }
        None
    }

    /// Everything a bare name could have meant in a scope.
    pub(super) fn names_in(&self, scope: usize) -> Vec<Arc<str>> {
        let mut names: BTreeSet<Arc<str>> = BTreeSet::new();
        let module = self.state.module;
        for level in self.levels(scope) {
            names.extend(self.builder.entities[level.entity].fields.iter().map(|f| Arc::clone(&f.name)));
            for ((_, name), ids) in self.builder.defined.range((level.entity, Arc::from(""))..) {
                let Some(first) = ids.first() else { continue };
                if self.builder.definitions[*first].owner != level.entity {
                    break;
                }
                if ids.iter().any(|d| self.builder.visible(module, self.builder.definitions[*d].declared.module, name))
                {
                    names.insert(Arc::clone(name));
                }
            }
        }
        for (name, items) in &self.builder.items {
            let seen = |(m, item): &(ModuleId, Item)| {
                matches!(item, Item::Parameter(_) | Item::Programme(_)) && self.builder.visible(module, *m, name)
            };
            if items.iter().any(seen) {
                names.insert(Arc::clone(name));
            }
        }
        names.extend(self.state.arguments.iter().map(|(n, _)| Arc::clone(n)));
        names.extend(self.state.scopes.iter().filter_map(|s| s.name.clone()));
        names.into_iter().collect()
    }

    /// Tells of a name that nothing has given a meaning.
    pub(super) fn unknown(&mut self, expr: ExprRef, scope: usize) {
        let Kind::Pending(name) = self.state.out[expr].kind.clone() else { return };
        self.state.out[expr].kind = Kind::Broken;
        if let Some(module) = self.hidden(&name.text) {
            self.builder.not_imported(&name, module);
            return;
        }
        let known = self.names_in(scope);
        self.builder.unknown_name(
            phrase!("`{0}` is not a name known here", "`{0}` bukan nama yang dikenal di sini", name.text),
            &name,
            &known,
        );
    }

    /// The module that declares a name which this one does not import.
    pub(super) fn hidden(&self, name: &str) -> Option<ModuleId> {
        let item = self.builder.items.get(name).into_iter().flatten().find(|(m, item)| {
            matches!(item, Item::Parameter(_) | Item::Programme(_))
                && !self.builder.visible(self.state.module, *m, name)
        });
        item.map(|(m, _)| *m).or_else(|| {
            self.builder
                .entities
                .ids()
                .filter_map(|e| self.builder.defined.get(&(e, Arc::from(name))))
                .flatten()
                .map(|d| self.builder.definitions[*d].declared.module)
                .find(|m| !self.builder.visible(self.state.module, *m, name))
        })
    }

    /// A definition of an element in scope that a module declares.
    pub(super) fn definition_in(
        &mut self,
        module: ModuleId,
        name: &Name,
        span: Span,
        scope: usize,
    ) -> Step<Option<ExprRef>> {
        for level in self.levels(scope) {
            let key = (level.entity, Arc::clone(&name.text));
            let mut found = self.builder.defined.get(&key).into_iter().flatten().copied();
            let found = found.find(|d| self.builder.definitions[*d].declared.module == module);
            if let Some(definition) = found {
                let of = self.level_element(level, span);
                return self.target_value(of, level.entity, Target::Definition(definition), name, span).map(Some);
            }
        }
        Ok(None)
    }

    fn ambiguous(&mut self, name: &Name, found: &[(Level, Target)], parameters: &[ParameterId]) {
        let mut spellings: Vec<String> = Vec::new();
        let mut places: Vec<Span> = Vec::new();
        let same_level = found.windows(2).any(|w| matches!(w, [(a, _), (b, _)] if a.entity == b.entity));
        for (level, target) in found {
            let (declared, span) = match target {
                Target::Field(field) => (None, self.builder.entities[level.entity].fields.get(*field).map(|f| f.span)),
                Target::Definition(id) => {
                    let declared = &self.builder.definitions[*id].declared;
                    (Some(declared.module), Some(declared.span))
                }
                Target::Programme(id) => {
                    let declared = &self.builder.programmes[*id].declared;
                    (Some(declared.module), Some(declared.span))
                }
            };
            spellings.push(match declared {
                Some(module) if same_level => format!("`{}.{}`", self.builder.module_name(module), name.text),
                _ => format!("`{}.{}`", qualifier(&self.entity_name(level.entity)), name.text),
            });
            places.extend(span);
        }
        for id in parameters {
            let declared = &self.builder.parameters[*id].declared;
            spellings.push(format!("`{}.{}`", self.builder.module_name(declared.module), name.text));
            places.push(declared.span);
        }
        let list = spellings.join(", ");
        let mut finding = Finding::error(
            Code::AMBIGUOUS_NAME,
            name.span,
            phrase!(
                "`{0}` can mean more than one thing here",
                "`{0}` dapat berarti lebih dari satu hal di sini",
                name.text
            ),
        )
        .help(phrase!("write one of {0}", "tulis salah satu dari {0}", list));
        for place in places {
            finding = finding.also(place, phrase!("one of them", "salah satunya"));
        }
        self.builder.tell(finding);
    }

    pub(super) fn wrong_count(&mut self, name: &Name, wanted: usize, given: usize) {
        self.builder.error(
            Code::WRONG_ARGUMENTS,
            name.span,
            phrase!(
                "`{0}` takes {1} values in brackets, {2} are given",
                "`{0}` memerlukan {1} nilai dalam kurung, diberi {2}",
                name.text,
                wanted,
                given
            ),
        );
    }

    /// A parameter's value for keys.
    pub(super) fn parameter(&mut self, parameter: ParameterId, keys: Vec<ExprRef>, span: Span) -> ExprRef {
        let wanted = self.builder.parameters[parameter].keys.len();
        if keys.len() != wanted {
            let text = Arc::clone(&self.builder.parameters[parameter].declared.name);
            let name = Name { text, word: None, span };
            self.wrong_count(&name, wanted, keys.len());
            return self.poison(span);
        }
        let types: Vec<Type> = self.builder.parameters[parameter].keys.iter().map(|(_, t)| t.clone()).collect();
        let keys = keys.into_iter().zip(types).map(|(k, ty)| self.want(k, &ty)).collect();
        let ty = self.builder.parameters[parameter].ty.clone();
        self.push(Kind::Parameter { parameter, keys }, ty, span)
    }
}

/// An entity's name as a qualifier in expressions: `FarmPlot` is `farm_plot`.
pub(super) fn qualifier(entity: &str) -> String {
    let mut out = String::new();
    for (i, c) in entity.chars().enumerate() {
        if c.is_uppercase() && i > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}
