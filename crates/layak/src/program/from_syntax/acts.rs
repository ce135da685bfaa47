//! Later acts over earlier modules. What an act changes becomes one more version, or one more exception, of what it changes:
//! whatever reads the program knows acts by their periods alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::arena::Id as _;
use crate::diagnostic::{Code, Finding, phrase};
use crate::program::*;
use crate::source::Span;
use crate::syntax::{
    self, AmendDecl, Amendment, AmendmentKind, Argument, Body, Declaration, DeclarationKind, ExceptionDecl, Name,
    OwnedName, ParameterDecl, Texts, Tree, Validity,
};
use crate::value::Value;

use super::bound::Layers;
use super::check::Checker;
use super::names::{dotted, label};
use super::versions::period;
use super::{At, Builder, DefinitionDecl, Item, TypeState, Wanted};

/// What acts do to what is declared elsewhere.
#[derive(Default)]
pub(super) struct Amendments<'a> {
    /// New versions of a parameter, and whether they are all that the act leaves of it.
    pub parameters: BTreeMap<ParameterId, Vec<(At<'a, ParameterDecl>, bool)>>,
    pub exceptions: BTreeMap<DefinitionId, Vec<LaterException<'a>>>,
    /// Definitions and criteria that acts change for some households.
    pub layers: BTreeMap<DefinitionId, Layers>,
    /// By act for some households, the facts that must have one of some values under it.
    pub wanted: BTreeMap<ActId, BTreeMap<Arc<str>, Vec<Value>>>,
    /// What to ask instead of a parameter that acts change for some households.
    pub functions: BTreeMap<ParameterId, DefinitionId>,
    pub repeals: BTreeMap<Amended, Vec<Repeal>>,
    /// What has as many amendments as may be.
    pub full: BTreeSet<Amended>,
}

/// What an act can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Amended {
    Parameter(ParameterId),
    Definition(DefinitionId),
    Programme(ProgrammeId),
}

/// An exception that an act puts in: its condition and value are definitions of their own, for they see the names that the
/// act sees.
#[derive(Clone, Copy)]
pub(super) struct LaterException<'a> {
    pub act: ActId,
    pub decl: &'a ExceptionDecl,
    pub condition: DefinitionId,
    pub value: DefinitionId,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Repeal {
    pub act: ActId,
    pub period: Period,
    pub span: Span,
}

/// A declaration that an act makes, with its name and the word for its kind.
type Made<'a> = (DefinitionDecl<'a>, DefinitionKind, &'a OwnedName);

impl<'a> Builder<'a> {
    /// Takes up every act, each after the names that any of them adds. Their order is that of their dates and names.
    pub(super) fn acts(&mut self) {
        let input = self.input;
        let mut found: Vec<(ActId, At<'a, AmendDecl>)> = Vec::new();
        for (tree, module) in input.trees.iter().zip(self.module_of.clone()) {
            for declaration in &tree.declarations {
                let DeclarationKind::Amend(decl) = &declaration.kind else { continue };
                let name = dotted(&decl.path);
                // That there is no such module is told with the imports.
                let Some(amends) = self.modules.iter().find(|(_, m)| *m.name == *name).map(|(id, _)| id) else {
                    continue;
                };
                self.check_period(&decl.validity);
                let condition = decl.condition.as_ref().and_then(|body| self.condition_of(tree, module, body, decl));
                let act = self.acts.push(Act {
                    module,
                    amends,
                    condition,
                    label: label(&decl.label),
                    basis: label(&decl.basis),
                    period: Period { proposed: decl.validity.enacted.is_none(), ..period(&decl.validity) },
                    place: input.sources.place(declaration.span),
                    span: declaration.span,
                });
                if let Some(body) = decl.condition {
                    let wanted = self.wanted_facts(&tree.exprs, body);
                    self.amendments.wanted.insert(act, wanted);
                }
                found.push((act, At { tree, module, decl, span: declaration.span, act: Some(act) }));
            }
        }
        found.sort_by_cached_key(|(act, at)| {
            let act = &self.acts[*act];
            (act.period.rank(), Arc::clone(&self.modules[act.module].name), at.span)
        });
        for (act, at) in &found {
            for amendment in &at.decl.amendments {
                if let AmendmentKind::Add(declaration) = &amendment.kind {
                    self.add(*act, *at, declaration);
                }
            }
        }
        for (act, at) in &found {
            for amendment in &at.decl.amendments {
                self.amend(*act, *at, amendment);
            }
        }
        self.check_imported_names();
    }

    /// For which households an act is: a value of the household.
    fn condition_of(
        &mut self,
        tree: &'a Tree,
        module: ModuleId,
        body: &'a Body,
        decl: &AmendDecl,
    ) -> Option<DefinitionId> {
        let owner = self.root?;
        let declared = Declared { name: self.module_name(module), module, label: label(&decl.label), span: body.span };
        let part = DefinitionDecl::Part(At { tree, module, decl: body, span: body.span, act: None });
        let id = self.new_part(declared, (DefinitionKind::Define, owner), None, vec![part]);
        self.set_type(Wanted::Definition(id), TypeState::Known(Type::Boolean));
        self.definitions[id].ty = Type::Boolean;
        Some(id)
    }

    /// A name that the module did not have.
    fn add(&mut self, act: ActId, at: At<'a, AmendDecl>, declaration: &'a Declaration) {
        let amends = self.acts[act].amends;
        if let Some((made, kind, name)) = made(at, declaration) {
            let Some(owner) = self.owner_of(name, at.module) else { return };
            if let Some(other) = self.definition_of(owner, &name.name, amends) {
                let span = self.definitions[other].declared.span;
                self.exists(&name.name, span);
                return;
            }
            let (texts, allows) = match made {
                DefinitionDecl::Define(at) => (&at.decl.label, &at.decl.allows),
                DefinitionDecl::Criterion(at) => (&at.decl.label, &at.decl.allows),
                DefinitionDecl::Table(at) => (&at.decl.label, &at.decl.allows),
                DefinitionDecl::Scale(at) => (&at.decl.label, &at.decl.allows),
                DefinitionDecl::Part(_) => return,
            };
            self.check_within(made_validity(&made), act);
            self.define(made, kind, name, texts, allows, amends, declaration.span);
        } else if let DeclarationKind::Programme(decl) = &declaration.kind {
            if let Some(Amended::Programme(other)) = self.item_of(&decl.name, amends) {
                let span = self.programmes[other].declared.span;
                self.exists(&decl.name, span);
                return;
            }
            self.check_within(&decl.validity, act);
            self.declare_programme(at.of(decl, declaration.span), amends);
        }
    }

    fn amend(&mut self, act: ActId, at: At<'a, AmendDecl>, amendment: &'a Amendment) {
        match &amendment.kind {
            AmendmentKind::Add(declaration) => {
                if let DeclarationKind::Parameter(decl) = &declaration.kind {
                    self.amend_parameter(act, at.of(decl, declaration.span), false);
                }
            }
            AmendmentKind::Replace(declaration) => match &declaration.kind {
                DeclarationKind::Parameter(decl) => self.amend_parameter(act, at.of(decl, declaration.span), true),
                DeclarationKind::Programme(decl) => self.replace_programme(act, at.of(decl, declaration.span)),
                _ => {
                    if let Some(made) = made(at, declaration) {
                        self.replace_definition(act, at.module, made);
                    }
                }
            },
            AmendmentKind::Repeal { name, validity } => {
                let Some(amended) = self.amended(name, at.module, act) else { return };
                self.check_within(validity, act);
                let period = Period { repeals: true, ..self.period_in(validity, Some(act)) };
                let repeal = Repeal { act, period, span: amendment.span };
                if !self.has_room(amended, self.amendments.repeals.get(&amended).map_or(0, Vec::len), &name.name) {
                    return;
                }
                self.amendments.repeals.entry(amended).or_default().push(repeal);
            }
            AmendmentKind::Except { name, exception } => self.except_later(act, at, name, exception),
        }
    }

    fn amend_parameter(&mut self, act: ActId, at: At<'a, ParameterDecl>, replaces: bool) {
        let name = &at.decl.name;
        let Some(amended) = self.item_of(name, self.acts[act].amends) else { return self.amends_nothing(name, act) };
        let Amended::Parameter(id) = amended else { return self.other_kind(name, amended, act) };
        self.allow(&at.decl.allows, at.span);
        if let Some(default) = at.decl.default {
            self.tell(
                Finding::error(
                    Code::AMENDMENT_CLAUSE,
                    default.span,
                    phrase!(
                        "an act does not change the `default` of `{0}`",
                        "peraturan perubahan tidak mengubah `default` (`bawaan`) dari `{0}`",
                        name.text
                    ),
                )
                .also(self.parameters[id].declared.span, phrase!("the parameter", "parameternya"))
                .help(phrase!("give values by key", "berikan nilai menurut kunci")),
            );
        }
        if let syntax::ParameterValues::Versions(versions) = &at.decl.values {
            for version in versions {
                self.check_within(&version.validity, act);
            }
        }
        if self.has_room(amended, self.amendments.parameters.get(&id).map_or(0, Vec::len), name) {
            self.amendments.parameters.entry(id).or_default().push((at, replaces));
        }
    }

    fn replace_definition(&mut self, act: ActId, module: ModuleId, (made, kind, name): Made<'a>) {
        let Some(owner) = self.owner_of(name, module) else { return };
        let amends = self.acts[act].amends;
        let Some(id) = self.definition_of(owner, &name.name, amends) else {
            return match self.item_of(&name.name, amends).filter(|_| name.owner.is_none()) {
                Some(amended) => self.other_kind(&name.name, amended, act),
                None => self.amends_nothing(&name.name, act),
            };
        };
        if self.definitions[id].kind != kind {
            return self.other_kind(&name.name, Amended::Definition(id), act);
        }
        self.check_within(made_validity(&made), act);
        let (allows, span) = made_allows(&made);
        self.allow(allows, span);
        let count = self.definition_decls.get(id.index()).map_or(0, |d| d.iter().filter(|d| d.act().is_some()).count());
        if self.has_room(Amended::Definition(id), count, &name.name)
            && let Some(list) = self.definition_decls.get_mut(id.index())
        {
            list.push(made);
        }
    }

    fn replace_programme(&mut self, act: ActId, at: At<'a, syntax::ProgrammeDecl>) {
        let name = &at.decl.name;
        let amends = self.acts[act].amends;
        let definition = self.root.and_then(|root| self.definition_of(root, name, amends)).map(Amended::Definition);
        let Some(amended) = self.item_of(name, amends).or(definition) else { return self.amends_nothing(name, act) };
        let Amended::Programme(id) = amended else { return self.other_kind(name, amended, act) };
        self.check_within(&at.decl.validity, act);
        self.allow(&at.decl.allows, at.span);
        let count = self.programme_decls.get(id.index()).map_or(0, |d| d.iter().filter(|at| at.act.is_some()).count());
        if self.has_room(amended, count, name)
            && let Some(list) = self.programme_decls.get_mut(id.index())
        {
            list.push(at);
        }
    }

    fn except_later(&mut self, act: ActId, at: At<'a, AmendDecl>, name: &'a OwnedName, decl: &'a ExceptionDecl) {
        let Some(amended) = self.amended(name, at.module, act) else { return };
        let Amended::Definition(rule) = amended else { return self.other_kind(&name.name, amended, act) };
        if self.definitions[rule].kind == DefinitionKind::Table {
            self.tell(
                Finding::error(
                    Code::AMENDMENT_KIND,
                    name.name.span,
                    phrase!(
                        "exceptions are to definitions and criteria, `{0}` is a table",
                        "pengecualian adalah dari definisi dan kriteria, `{0}` adalah tabel",
                        name.name.text
                    ),
                )
                .also(self.definitions[rule].declared.span, phrase!("declared here", "dideklarasikan di sini"))
                .help(phrase!("replace the table whole", "ganti tabel itu seluruhnya")),
            );
            return;
        }
        self.check_within(&decl.validity, act);
        if !self.has_room(amended, self.amendments.exceptions.get(&rule).map_or(0, Vec::len), &name.name) {
            return;
        }
        let Definition { declared, kind, owner, .. } = self.definitions[rule].clone();
        let condition = DefinitionDecl::Part(at.of(&decl.condition, decl.condition.span));
        let condition = self.new_part(declared.clone(), (kind, owner), Some(rule), vec![condition]);
        let value = DefinitionDecl::Part(at.of(&decl.value, decl.value.span));
        let value = self.new_part(declared, (kind, owner), Some(rule), vec![value]);
        self.set_type(Wanted::Definition(condition), TypeState::Known(Type::Boolean));
        let later = LaterException { act, decl, condition, value };
        self.amendments.exceptions.entry(rule).or_default().push(later);
    }

    /// The exceptions that acts put in, to a version of a rule that an act of this rank has made, or none.
    pub(super) fn later_exceptions(&self, rule: DefinitionId, version: &Period) -> Vec<LaterException<'a>> {
        let all = self.amendments.exceptions.get(&rule).map_or(&[][..], Vec::as_slice);
        all.iter().filter(|e| self.period_in(&e.decl.validity, Some(e.act)).rank() >= version.rank()).copied().collect()
    }

    // ---- what an amendment names ----------------------------------------------------------------------------------

    fn owner_of(&mut self, name: &OwnedName, module: ModuleId) -> Option<EntityId> {
        match &name.owner {
            None => self.root,
            Some(owner) => self.entity_named(owner, module),
        }
    }

    fn definition_of(&self, owner: EntityId, name: &Name, module: ModuleId) -> Option<DefinitionId> {
        let all = self.defined.get(&(owner, Arc::clone(&name.text))).into_iter().flatten().copied();
        all.into_iter().find(|d| self.definitions[*d].declared.module == module)
    }

    fn item_of(&self, name: &Name, module: ModuleId) -> Option<Amended> {
        self.items.get(&name.text).into_iter().flatten().find_map(|(m, item)| match item {
            Item::Parameter(id) if *m == module => Some(Amended::Parameter(*id)),
            Item::Programme(id) if *m == module => Some(Amended::Programme(*id)),
            _ => None,
        })
    }

    fn amended(&mut self, name: &OwnedName, module: ModuleId, act: ActId) -> Option<Amended> {
        let owner = self.owner_of(name, module)?;
        let amends = self.acts[act].amends;
        let definition = self.definition_of(owner, &name.name, amends).map(Amended::Definition);
        let found = definition.or_else(|| self.item_of(&name.name, amends).filter(|_| name.owner.is_none()));
        if found.is_none() {
            self.amends_nothing(&name.name, act);
        }
        found
    }

    pub(super) fn amended_span(&self, amended: Amended) -> Span {
        match amended {
            Amended::Parameter(id) => self.parameters[id].declared.span,
            Amended::Definition(id) => self.definitions[id].declared.span,
            Amended::Programme(id) => self.programmes[id].declared.span,
        }
    }

    /// A period within an act lies in that of the act.
    fn check_within(&mut self, validity: &Validity, act: ActId) {
        self.check_period(validity);
        if let Some(span) = validity.span {
            self.check_days_within(&period(validity), span, act);
        }
    }

    pub(super) fn check_days_within(&mut self, own: &Period, span: Span, act: ActId) {
        let whole = self.acts[act].period;
        let early = own.from.zip(whole.from).is_some_and(|(own, whole)| own < whole)
            || own.until.zip(whole.from).is_some_and(|(own, whole)| own < whole);
        let late = own.until.zip(whole.until).is_some_and(|(own, whole)| own > whole)
            || own.from.zip(whole.until).is_some_and(|(own, whole)| own > whole);
        if early || late {
            let place = self.acts[act].span;
            self.tell(
                Finding::error(
                    Code::AMENDMENT_PERIOD,
                    span,
                    phrase!(
                        "this period is not within that of the act",
                        "masa berlaku ini tidak berada dalam masa berlaku peraturan perubahannya"
                    ),
                )
                .also(place, phrase!("the act", "peraturan perubahannya"))
                .help(phrase!(
                    "write it within the act's `from` and `until`, or leave it out: the act's own holds then",
                    "tulis di antara `from` (`dari`) dan `until` (`sampai`) peraturan itu, atau hapus agar mengikutinya"
                )),
            );
        }
    }

    /// The days of a declaration: within an act, those of the act where it says none. Where an open one ends is settled
    /// with the versions.
    pub(super) fn period_in(&self, validity: &Validity, act: Option<ActId>) -> Period {
        self.days_in(period(validity), act)
    }

    /// The days of an exception, to their end.
    pub(super) fn term_in(&self, validity: &Validity, act: Option<ActId>) -> Period {
        let period = self.period_in(validity, act);
        Period { until: period.until.or(act.and_then(|act| self.acts[act].period.until)), ..period }
    }

    pub(super) fn days_in(&self, own: Period, act: Option<ActId>) -> Period {
        let Some(act) = act else { return own };
        let whole = &self.acts[act].period;
        let enacted = own.enacted.or(whole.enacted);
        Period {
            from: own.from.or(whole.from),
            until: own.until,
            enacted,
            proposed: enacted.is_none(),
            repeals: own.repeals,
        }
    }

    /// The basis of a declaration: within an act, that of the act where it names none.
    pub(super) fn basis_in(&self, basis: &Texts, act: Option<ActId>) -> Label {
        let own = label(basis);
        match act {
            Some(act) if own == Label::default() => self.acts[act].basis.clone(),
            _ => own,
        }
    }

    /// Whether a declaration of an act has the arguments of what it replaces; a finding where not.
    fn has_arguments(&mut self, id: DefinitionId, name: &Name, arguments: &[Argument], module: ModuleId) -> bool {
        let mine: Vec<(Arc<str>, Type)> = arguments
            .iter()
            .map(|a| (Arc::clone(&a.name.text), self.type_of(&a.ty, module).map_or(Type::Poison, |(ty, _)| ty)))
            .collect();
        let same = mine == self.definitions[id].arguments;
        if !same {
            let other = self.definitions[id].declared.span;
            self.other_arguments(name, other);
        }
        same
    }

    /// Leaves out what acts declare with other arguments than what they replace.
    pub(super) fn keep_arguments(&mut self, id: DefinitionId) {
        let Some(mut decls) = self.definition_decls.get_mut(id.index()).map(std::mem::take) else { return };
        let origin = decls.first().and_then(DefinitionDecl::act);
        decls.retain(|decl| match decl {
            DefinitionDecl::Define(at) if at.act != origin => {
                self.has_arguments(id, &at.decl.name.name, &at.decl.arguments, at.module)
            }
            _ => true,
        });
        if let Some(list) = self.definition_decls.get_mut(id.index()) {
            *list = decls;
        }
    }
}

impl Checker<'_, '_, '_> {
    /// The value of a part of the rule at hand.
    pub(super) fn part(&mut self, part: DefinitionId, ty: Type, span: Span) -> ExprRef {
        let of = match self.state.owner {
            Some(owner) => self.push(Kind::Var(Var::OWNER), Type::Element(owner), span),
            None => self.poison(span),
        };
        let types: Vec<Type> = self.state.arguments.iter().map(|(_, ty)| ty.clone()).collect();
        let arguments = types.into_iter().enumerate().map(|(n, ty)| self.push(Kind::Argument(n), ty, span)).collect();
        self.push(Kind::Definition { of, definition: part, arguments }, ty, span)
    }
}

impl<'a> At<'a, AmendDecl> {
    /// Something within the act.
    fn of<T>(&self, decl: &'a T, span: Span) -> At<'a, T> {
        At { tree: self.tree, module: self.module, decl, span, act: self.act }
    }
}

/// A definition, criterion, table or scale within an act.
fn made<'a>(at: At<'a, AmendDecl>, declaration: &'a Declaration) -> Option<Made<'a>> {
    let span = declaration.span;
    Some(match &declaration.kind {
        DeclarationKind::Define(decl) => {
            (DefinitionDecl::Define(at.of(decl, span)), DefinitionKind::Define, &decl.name)
        }
        DeclarationKind::Criterion(decl) => {
            (DefinitionDecl::Criterion(at.of(decl, span)), DefinitionKind::Criterion, &decl.name)
        }
        DeclarationKind::Table(decl) => (DefinitionDecl::Table(at.of(decl, span)), DefinitionKind::Table, &decl.name),
        DeclarationKind::Scale(decl) => (DefinitionDecl::Scale(at.of(decl, span)), DefinitionKind::Table, &decl.name),
        _ => return None,
    })
}

fn made_allows<'a>(made: &DefinitionDecl<'a>) -> (&'a [syntax::Allow], Span) {
    match made {
        DefinitionDecl::Define(at) => (&at.decl.allows, at.span),
        DefinitionDecl::Criterion(at) => (&at.decl.allows, at.span),
        DefinitionDecl::Table(at) => (&at.decl.allows, at.span),
        DefinitionDecl::Scale(at) => (&at.decl.allows, at.span),
        DefinitionDecl::Part(at) => (&[], at.span),
    }
}

fn made_validity<'a>(made: &DefinitionDecl<'a>) -> &'a Validity {
    const ALWAYS: &Validity = &Validity { from: None, until: None, enacted: None, span: None };
    match made {
        DefinitionDecl::Define(at) => &at.decl.validity,
        DefinitionDecl::Criterion(at) => &at.decl.validity,
        DefinitionDecl::Table(at) => &at.decl.validity,
        DefinitionDecl::Scale(at) => &at.decl.validity,
        DefinitionDecl::Part(_) => ALWAYS,
    }
}
