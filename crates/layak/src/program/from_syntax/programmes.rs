//! Programmes: what they require and refuse, what they give and exclude.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::arena::Id;
use crate::diagnostic::{Code, Finding, phrase};
use crate::program::*;
use crate::syntax::{self, Path};

use super::check::{Checker, Checking};
use super::names::{dotted, label};
use super::versions::period;
use super::{Builder, Item, TypeState, Wanted};

impl<'a> Builder<'a> {
    /// Whose programme it is and what it gives, before any expression is checked.
    pub(super) fn declare_programmes(&mut self) {
        for id in self.programmes.ids().collect::<Vec<_>>() {
            let decls = self.programme_decls.get(id.index()).cloned().unwrap_or_default();
            let mut owner = None;
            let mut outputs: Vec<ProgrammeOutput> = Vec::new();
            let mut states: Vec<TypeState> = Vec::new();
            for at in &decls {
                let mine = match &at.decl.unit {
                    Some(name) => self.entity_named(name, at.module),
                    None => self.root,
                };
                owner = owner.or(mine);
                let mut taken: BTreeMap<Arc<str>, crate::source::Span> = BTreeMap::new();
                for gift in &at.decl.gives {
                    if let Some(other) = taken.insert(Arc::clone(&gift.name.text), gift.name.span) {
                        self.duplicate(&gift.name, other);
                        continue;
                    }
                    let ty = gift.ty.as_ref().map(|ty| self.type_of(ty, at.module).map_or(Type::Poison, |(ty, _)| ty));
                    let known = outputs.iter().position(|o| *o.name == *gift.name.text);
                    let index = known.unwrap_or_else(|| {
                        outputs.push(ProgrammeOutput {
                            name: Arc::clone(&gift.name.text),
                            ty: Type::Poison,
                            label: label(&gift.label),
                        });
                        states.push(TypeState::NotYet);
                        outputs.len() - 1
                    });
                    if let (Some(ty), Some(output), Some(state)) = (ty, outputs.get_mut(index), states.get_mut(index)) {
                        output.ty = ty.clone();
                        *state = TypeState::Known(ty);
                    }
                }
            }
            let versions = decls
                .iter()
                .map(|at| ProgrammeVersion {
                    period: period(&at.decl.validity),
                    basis: label(&at.decl.basis),
                    requires: Vec::new(),
                    refuses: Vec::new(),
                    excludes: Vec::new(),
                    gives: Vec::new(),
                    span: at.span,
                })
                .collect();
            let owner = owner.unwrap_or_else(|| self.root_or_first());
            let programme = &mut self.programmes[id];
            programme.owner = owner;
            programme.outputs = outputs;
            programme.versions = versions;
            self.output_types.push(states);
        }
    }

    pub(super) fn complete_gift(
        &mut self,
        wanted: Wanted,
        version: usize,
        _gift: usize,
        state: &mut Checking<'a>,
        roots: &[ExprRef],
        known: Option<Type>,
    ) -> Type {
        let Wanted::Output(id, output) = wanted else { return Type::Poison };
        let (ty, body) = self.root_of(state, roots, known);
        if let Some(version) = self.programmes[id].versions.get_mut(version) {
            version.gives.push((output, body));
            version.gives.sort_by_key(|(output, _)| *output);
        }
        ty
    }

    /// Conditions and exclusions, once every definition has its type.
    pub(super) fn programmes(&mut self) {
        for id in self.programmes.ids().collect::<Vec<_>>() {
            let decls = self.programme_decls.get(id.index()).cloned().unwrap_or_default();
            let owner = self.programmes[id].owner;
            for (index, at) in decls.iter().enumerate() {
                self.check_period(&at.decl.validity);
                let requires = self.conditions(&at.decl.requires, at.module, owner);
                let refuses = self.conditions(&at.decl.refuses, at.module, owner);
                let mut excludes = Vec::new();
                for path in &at.decl.excludes {
                    excludes.extend(self.programme_named(path, at.module));
                }
                if let Some(version) = self.programmes[id].versions.get_mut(index) {
                    version.requires = requires;
                    version.refuses = refuses;
                    version.excludes = excludes;
                }
            }
            let name = Arc::clone(&self.programmes[id].declared.name);
            let mut versions = std::mem::take(&mut self.programmes[id].versions);
            self.settle_versions(&name, &mut versions, |v| (&mut v.period, v.span));
            versions.sort_by_key(|v| (v.period.from, v.period.enacted, v.span));
            self.programmes[id].versions = versions;
        }
    }

    fn programme_named(&mut self, path: &Path, module: ModuleId) -> Option<ProgrammeId> {
        let (name, prefix) = path.names.split_last()?;
        let found = if prefix.is_empty() {
            self.items_named(&name.text, module)
        } else {
            let wanted: Vec<&str> = prefix.iter().map(|n| &*n.text).collect();
            let wanted = wanted.join(".");
            let all = self.items.get(&name.text).cloned().unwrap_or_default();
            all.into_iter().filter(|(m, _)| *self.modules[*m].name == *wanted).collect()
        };
        let found = found.into_iter().find_map(|(_, item)| match item {
            Item::Programme(id) => Some(id),
            _ => None,
        });
        if found.is_none() {
            let hidden = self.items.get(&name.text).into_iter().flatten().find_map(|(m, i)| match i {
                Item::Programme(_) => Some(*m),
                _ => None,
            });
            match hidden {
                Some(module) => self.not_imported(name, module),
                None => {
                    let known: Vec<Arc<str>> = self.programmes.values().map(|p| Arc::clone(&p.declared.name)).collect();
                    let text = dotted(path);
                    self.unknown_name(phrase!("no programme `{0}`", "tidak ada program `{0}`", text), name, &known);
                }
            }
        }
        found
    }

    fn conditions(&mut self, paths: &[Path], module: ModuleId, owner: EntityId) -> Vec<Condition> {
        let mut out: Vec<Condition> = Vec::new();
        for path in paths {
            let Some(condition) = self.condition(path, module, owner) else { continue };
            if let Some(other) = out.iter().find(|c| c.name == condition.name) {
                self.tell(
                    Finding::error(
                        Code::DUPLICATE_NAME,
                        path.span,
                        phrase!("`{0}` is named twice", "`{0}` disebut dua kali", condition.name),
                    )
                    .also(other.span, phrase!("also here", "juga di sini"))
                    .help(phrase!("name it once", "sebut satu kali saja")),
                );
                continue;
            }
            out.push(condition);
        }
        out
    }

    fn condition(&mut self, path: &Path, module: ModuleId, owner: EntityId) -> Option<Condition> {
        // The path as an expression of its own.
        let mut exprs = syntax::Exprs::default();
        let (first, rest) = path.names.split_first()?;
        let mut at = exprs.push(syntax::ExprKind::Name(first.clone()), first.span);
        let start = at;
        for name in rest {
            at = exprs.push(syntax::ExprKind::Member { of: at, name: name.clone() }, path.span);
        }
        let body = syntax::Body { first: start, root: at, span: path.span };
        let mut state = Checking::new(&exprs, module, Some(owner));
        let root = loop {
            let mut checker = Checker { builder: self, state: &mut state };
            match checker.body(body) {
                Ok(root) => break root,
                Err(super::check::Need(wanted)) => self.run(wanted),
            }
        };
        let mut checker = Checker { builder: self, state: &mut state };
        let root = checker.want(root, &Type::Boolean);
        checker.finish();
        if checker.ty(root).is_poison() {
            return None;
        }
        let definition = match &state.out[root].kind {
            Kind::Definition { definition, .. } => Some(*definition),
            _ => None,
        };
        let definition = definition.filter(|d| self.definitions[*d].kind == DefinitionKind::Criterion);
        let mut body = state.out;
        body.close(root);
        let name = path.names.last().map(|n| Arc::clone(&n.text))?;
        Some(Condition { name, body, definition, span: path.span })
    }
}
