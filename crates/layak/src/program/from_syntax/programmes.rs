//! Programmes: what they require and refuse, what they give and exclude.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::arena::Id;
use crate::diagnostic::{Code, Finding, phrase};
use crate::program::*;
use crate::source::Span;
use crate::syntax::{self, Path};
use crate::value::Value;

use super::acts::Amended;
use super::check::{Checker, Checking};
use super::exceptions::days;
use super::names::{dotted, label};
use super::{At, Builder, Item, TypeState, Wanted};

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
                if let (Some(mine), Some(name)) = (mine, &at.decl.unit) {
                    self.rule_of_record(mine, name);
                }
                match (owner, mine, at.act) {
                    (Some(owner), Some(mine), Some(_)) if owner != mine => self.other_unit(id, at, owner),
                    _ => owner = owner.or(mine),
                }
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
                    period: self.period_in(&at.decl.validity, at.act),
                    basis: self.basis_in(&at.decl.basis, at.act),
                    requires: Vec::new(),
                    refuses: Vec::new(),
                    excludes: Vec::new(),
                    gives: Vec::new(),
                    span: at.span,
                    act: at.act,
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
                if at.act.is_none() {
                    self.check_period(&at.decl.validity);
                }
                let requires = self.conditions(&at.decl.requires, at.module, owner, true);
                let refuses = self.conditions(&at.decl.refuses, at.module, owner, false);
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
            for repeal in self.amendments.repeals.get(&Amended::Programme(id)).into_iter().flatten() {
                versions.push(ProgrammeVersion {
                    period: repeal.period,
                    basis: self.acts[repeal.act].basis.clone(),
                    requires: Vec::new(),
                    refuses: Vec::new(),
                    excludes: Vec::new(),
                    gives: Vec::new(),
                    span: repeal.span,
                    act: Some(repeal.act),
                });
            }
            self.settle_versions(&name, &mut versions, |v| (&mut v.period, v.span, v.act));
            let mut versions = self.bind_programme(id, versions);
            versions.sort_by_key(|v| (v.period.from, v.period.rank(), v.span));
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

    fn conditions(&mut self, paths: &[Path], module: ModuleId, owner: EntityId, requires: bool) -> Vec<Condition> {
        let mut out: Vec<Condition> = Vec::new();
        for path in paths {
            let Some(condition) = self.condition(path, module, owner, requires) else { continue };
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
        out.into_iter().flat_map(|condition| self.layered(condition, requires)).collect()
    }

    fn condition(&mut self, path: &Path, module: ModuleId, owner: EntityId, requires: bool) -> Option<Condition> {
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
        let root = match definition {
            Some(definition) => self.unless_repealed(definition, (root, path.span), requires, &mut body),
            None => root,
        };
        body.close(root);
        let name = path.names.last().map(|n| Arc::clone(&n.text))?;
        Some(Condition { name, body, definition, guard: None, span: path.span })
    }

    /// A criterion that an act has repealed neither keeps a household out nor lets it in.
    pub(super) fn unless_repealed(
        &self,
        criterion: DefinitionId,
        (root, span): (ExprRef, Span),
        requires: bool,
        body: &mut ExprBody,
    ) -> ExprRef {
        let mut versions: Vec<Period> = self.definitions[criterion].versions.iter().map(|v| v.period).collect();
        versions.sort_by_key(|period| std::cmp::Reverse(period.rank()));
        let Some(last) = versions.iter().rposition(|period| period.repeals) else { return root };
        let mut arms = Vec::new();
        for period in versions.iter().take(last + 1) {
            let days = days(body, period, span);
            let holds = body.push(Kind::And(days), Type::Boolean, span);
            let repealed = Kind::Constant(Value::Boolean(requires));
            arms.push((holds, if period.repeals { body.push(repealed, Type::Boolean, span) } else { root }));
        }
        body.push(Kind::If { arms, otherwise: root }, Type::Boolean, span)
    }

    fn other_unit(&mut self, id: ProgrammeId, at: &At<'a, syntax::ProgrammeDecl>, owner: EntityId) {
        let entity = Arc::clone(&self.entities[owner].declared.name);
        let declared = &self.programmes[id].declared;
        let (name, span) = (Arc::clone(&declared.name), declared.span);
        self.tell(
            Finding::error(
                Code::AMENDMENT_KIND,
                at.decl.unit.as_ref().map_or(at.decl.name.span, |unit| unit.span),
                phrase!("programme `{0}` is for each `{1}`", "program `{0}` adalah untuk tiap `{1}`", name, entity),
            )
            .also(span, phrase!("declared here", "dideklarasikan di sini"))
            .help(phrase!(
                "an act does not change for whom a programme is; declare another programme",
                "peraturan perubahan tidak mengubah untuk siapa program itu; deklarasikan program lain"
            )),
        );
    }
}
