//! Drives the checking of definitions and outputs: each begins when its turn comes or when another needs its type, on a
//! stack of tasks of its own.

use std::sync::Arc;

use crate::arena::Id;
use crate::program::*;
use crate::syntax::{Argument, Body, ExceptionDecl, TypeExpr};

use super::acts::{Amended, LaterException};
use super::check::{Checker, Checking, Need};
use super::exceptions::{Excepting, with_exceptions};
use super::shapes::first_entity;
use super::{At, Builder, DefinitionDecl, TypeState, Wanted};

/// One version of a named value on its way.
struct Task<'a> {
    wanted: Wanted,
    state: Checking<'a>,
    bodies: Vec<Body>,
    /// What the bodies checked so far have become.
    roots: Vec<ExprRef>,
    job: Job<'a>,
}

enum Job<'a> {
    Definition(DefinitionDecl<'a>, usize),
    /// A programme's version, and the position of the gift in it.
    Gift {
        version: usize,
        gift: usize,
    },
}

impl<'a> Builder<'a> {
    pub(super) fn type_state(&self, wanted: Wanted) -> TypeState {
        let state = match wanted {
            Wanted::Definition(id) => self.definition_types.get(id.index()),
            Wanted::Output(id, output) => self.output_types.get(id.index()).and_then(|o| o.get(output)),
        };
        state.cloned().unwrap_or(TypeState::Known(Type::Poison))
    }

    pub(super) fn set_type(&mut self, wanted: Wanted, state: TypeState) {
        let slot = match wanted {
            Wanted::Definition(id) => self.definition_types.get_mut(id.index()),
            Wanted::Output(id, output) => self.output_types.get_mut(id.index()).and_then(|o| o.get_mut(output)),
        };
        if let Some(slot) = slot {
            *slot = state;
        }
    }

    /// The types that declarations state outright.
    pub(super) fn declare_types(&mut self) {
        for id in self.definitions.ids().collect::<Vec<_>>() {
            let decls = self.definition_decls.get(id.index()).cloned().unwrap_or_default();
            let mut declared: Option<Type> = None;
            // What an act puts in the place of another takes its type and arguments.
            let origin = decls.first().and_then(DefinitionDecl::act);
            for decl in decls.iter().filter(|d| d.act() == origin) {
                let module = self.module_seen(decl);
                let (ty, arguments): (Option<&TypeExpr>, &[Argument]) = match decl {
                    DefinitionDecl::Define(at) => (at.decl.ty.as_ref(), &at.decl.arguments),
                    DefinitionDecl::Criterion(_)
                    | DefinitionDecl::Table(_)
                    | DefinitionDecl::Scale(_)
                    | DefinitionDecl::Part(_) => (None, &[]),
                };
                if self.definitions[id].arguments.is_empty() && !arguments.is_empty() {
                    let arguments = arguments
                        .iter()
                        .map(|a| {
                            let ty = self.type_of(&a.ty, module).map_or(Type::Poison, |(ty, _)| ty);
                            self.single_argument(a.name.span, &ty);
                            (Arc::clone(&a.name.text), ty)
                        })
                        .collect();
                    self.definitions[id].arguments = arguments;
                }
                if let Some(ty) = ty {
                    declared = Some(self.type_of(ty, module).map_or(Type::Poison, |(ty, _)| ty));
                }
                match decl {
                    DefinitionDecl::Criterion(_) => declared = Some(Type::Boolean),
                    DefinitionDecl::Table(at) => declared = declared.or(self.table_type(*at)),
                    DefinitionDecl::Define(_) | DefinitionDecl::Scale(_) | DefinitionDecl::Part(_) => {}
                }
            }
            self.keep_arguments(id);
            if let Some(ty) = declared {
                self.definitions[id].ty = ty.clone();
                self.set_type(Wanted::Definition(id), TypeState::Known(ty));
            }
        }
        for id in self.definitions.ids().collect::<Vec<_>>() {
            if let Some(rule) = self.definitions[id].part_of {
                self.definitions[id].arguments = self.definitions[rule].arguments.clone();
            }
        }
        self.declare_programmes();
    }

    /// The module whose names a declaration sees.
    fn module_seen(&self, decl: &DefinitionDecl<'_>) -> ModuleId {
        match decl {
            DefinitionDecl::Define(at) => at.module,
            DefinitionDecl::Criterion(at) => at.module,
            DefinitionDecl::Table(at) => at.module,
            DefinitionDecl::Scale(at) => at.module,
            DefinitionDecl::Part(at) => at.module,
        }
    }

    pub(super) fn bodies(&mut self) {
        for id in self.definitions.ids().collect::<Vec<_>>() {
            if self.definitions[id].versions.is_empty() {
                self.run(Wanted::Definition(id));
            }
        }
        for id in self.programmes.ids().collect::<Vec<_>>() {
            for output in 0..self.programmes[id].outputs.len() {
                self.run_output(id, output);
            }
        }
        for id in self.definitions.ids().collect::<Vec<_>>() {
            let name = Arc::clone(&self.definitions[id].declared.name);
            let mut versions = std::mem::take(&mut self.definitions[id].versions);
            for repeal in self.amendments.repeals.get(&Amended::Definition(id)).into_iter().flatten() {
                versions.push(DefinitionVersion {
                    period: repeal.period,
                    value: DefinitionValue::Expr(ExprBody::default()),
                    written: repeal.span,
                    exceptions: Vec::new(),
                    basis: self.acts[repeal.act].basis.clone(),
                    otherwise: Vec::new(),
                    span: repeal.span,
                    act: Some(repeal.act),
                    label: Label::default(),
                });
            }
            self.settle_versions(&name, &mut versions, |v| (&mut v.period, v.span, v.act));
            versions.sort_by_key(|v| (v.period.from, v.period.rank(), v.span));
            self.definitions[id].versions = versions;
        }
        for id in self.definitions.ids().collect::<Vec<_>>() {
            self.bind_definition(id);
        }
    }

    fn run_output(&mut self, id: ProgrammeId, output: usize) {
        let done = self.programmes[id].versions.iter().any(|v| v.gives.iter().any(|(o, _)| *o == output));
        if !done {
            self.run(Wanted::Output(id, output));
        }
    }

    pub(super) fn run(&mut self, wanted: Wanted) {
        let mut stack = self.tasks(wanted);
        while let Some(task) = stack.last_mut() {
            match self.advance(task) {
                Ok(()) => {
                    if let Some(task) = stack.pop() {
                        self.complete(task);
                    }
                }
                Err(Need(wanted)) => {
                    let more = self.tasks(wanted);
                    if more.is_empty() {
                        self.set_type(wanted, TypeState::Known(Type::Poison));
                    }
                    stack.extend(more);
                }
            }
        }
    }

    fn tasks(&mut self, wanted: Wanted) -> Vec<Task<'a>> {
        if matches!(self.type_state(wanted), TypeState::NotYet) {
            self.set_type(wanted, TypeState::Underway);
        }
        match wanted {
            Wanted::Definition(id) => {
                let decls = self.definition_decls.get(id.index()).cloned().unwrap_or_default();
                let owner = self.definitions[id].owner;
                let tasks = decls.into_iter().enumerate().map(|(version, decl)| {
                    let (tree, module, bodies) = match decl {
                        DefinitionDecl::Define(at) => {
                            (at.tree, at.module, with_exceptions([at.decl.body], &at.decl.exceptions))
                        }
                        DefinitionDecl::Criterion(at) => {
                            (at.tree, at.module, with_exceptions(at.decl.condition, &at.decl.exceptions))
                        }
                        DefinitionDecl::Table(at) => (at.tree, at.module, Builder::table_bodies(at.decl)),
                        DefinitionDecl::Scale(at) => (at.tree, at.module, Builder::scale_bodies(at.decl)),
                        DefinitionDecl::Part(at) => (at.tree, at.module, vec![*at.decl]),
                    };
                    let mut state = Checking::new(&tree.exprs, module, Some(owner));
                    state.arguments = self.definitions[id].arguments.clone();
                    Task { wanted, state, bodies, roots: Vec::new(), job: Job::Definition(decl, version) }
                });
                let mut tasks: Vec<Task<'a>> = tasks.collect();
                // The first version is on top of the stack.
                tasks.reverse();
                tasks
            }
            Wanted::Output(id, output) => {
                let name = self.programmes[id].outputs.get(output).map(|o| Arc::clone(&o.name));
                let owner = self.programmes[id].owner;
                let decls = self.programme_decls.get(id.index()).cloned().unwrap_or_default();
                let mut tasks = Vec::new();
                for (version, at) in decls.into_iter().enumerate() {
                    for (gift, decl) in at.decl.gives.iter().enumerate() {
                        if name.as_deref() == Some(&*decl.name.text) {
                            let state = Checking::new(&at.tree.exprs, at.module, Some(owner));
                            let bodies = vec![decl.value];
                            tasks.push(Task {
                                wanted,
                                state,
                                bodies,
                                roots: Vec::new(),
                                job: Job::Gift { version, gift },
                            });
                        }
                    }
                }
                tasks.reverse();
                tasks
            }
        }
    }

    fn advance(&mut self, task: &mut Task<'a>) -> Result<(), Need> {
        while let Some(body) = task.bodies.get(task.roots.len()).copied() {
            let mut checker = Checker { builder: self, state: &mut task.state };
            let root = checker.body(body)?;
            task.roots.push(root);
        }
        Ok(())
    }

    /// Takes over a version whose expressions are checked.
    fn complete(&mut self, mut task: Task<'a>) {
        let known = match self.type_state(task.wanted) {
            TypeState::Known(ty) => Some(ty),
            TypeState::NotYet | TypeState::Underway => None,
        };
        let ty = match task.job {
            Job::Definition(decl, version) => {
                let told = self.findings.len();
                let known_as = known.clone();
                let ty = match decl {
                    DefinitionDecl::Table(at) => {
                        self.complete_table(task.wanted, at, version, &mut task.state, &task.roots, known)
                    }
                    DefinitionDecl::Scale(at) => {
                        self.complete_scale(task.wanted, at, &mut task.state, &task.roots, known)
                    }
                    DefinitionDecl::Define(_) | DefinitionDecl::Criterion(_) => {
                        self.complete_definition(task.wanted, decl, &mut task.state, &task.roots, known)
                    }
                    DefinitionDecl::Part(at) => {
                        self.complete_part(task.wanted, at, &mut task.state, &task.roots, known)
                    }
                };
                self.keeps_type(task.wanted, decl, (known_as, told), &ty);
                ty
            }
            Job::Gift { version, gift } => {
                self.complete_gift(task.wanted, version, gift, &mut task.state, &task.roots, known)
            }
        };
        self.set_type(task.wanted, TypeState::Known(ty.clone()));
        match task.wanted {
            Wanted::Definition(id) => self.definitions[id].ty = ty,
            Wanted::Output(id, output) => {
                if let Some(output) = self.programmes[id].outputs.get_mut(output) {
                    output.ty = ty;
                }
            }
        }
    }

    fn complete_definition(
        &mut self,
        wanted: Wanted,
        decl: DefinitionDecl<'a>,
        state: &mut Checking<'a>,
        roots: &[ExprRef],
        known: Option<Type>,
    ) -> Type {
        let Wanted::Definition(id) = wanted else { return Type::Poison };
        let (exceptions, validity): (&[ExceptionDecl], _) = match decl {
            DefinitionDecl::Define(at) => (&at.decl.exceptions, at.decl.validity),
            DefinitionDecl::Criterion(at) if at.decl.condition.is_some() => (&at.decl.exceptions, at.decl.validity),
            DefinitionDecl::Criterion(at) => (&[], at.decl.validity),
            DefinitionDecl::Table(_) | DefinitionDecl::Scale(_) | DefinitionDecl::Part(_) => return Type::Poison,
        };
        let act = decl.act();
        let period = self.period_in(&validity, act);
        let mut exceptions: Vec<Excepting<'a>> =
            exceptions.iter().map(|decl| Excepting { decl, period: self.term_in(&decl.validity, act), act }).collect();
        let mut roots = roots.to_vec();
        if !roots.is_empty() {
            let later = self.later_exceptions(id, &period);
            self.except_also(&later, state, &mut roots, known.as_ref());
            exceptions.extend(later.iter().map(|later| Excepting {
                decl: later.decl,
                period: self.term_in(&later.decl.validity, Some(later.act)),
                act: Some(later.act),
            }));
        }
        let rules = self.exception_rules(id, &exceptions);
        let excepted: Vec<ExprRef> = self.except(&exceptions, &rules, state, &roots).into_iter().collect();
        let (ty, body) = self.root_of(state, if exceptions.is_empty() { &roots } else { &excepted }, known);
        let (basis, otherwise, span, written, label) = match decl {
            DefinitionDecl::Define(at) => (&at.decl.basis, None, at.span, at.decl.body.span, &at.decl.label),
            DefinitionDecl::Criterion(at) => {
                if at.decl.condition.is_none() {
                    self.no_condition(&at.decl.name.name);
                }
                let written = at.decl.condition.map_or(at.span, |c| c.span);
                (&at.decl.basis, Some(at), at.span, written, &at.decl.label)
            }
            DefinitionDecl::Table(_) | DefinitionDecl::Scale(_) | DefinitionDecl::Part(_) => return Type::Poison,
        };
        if act.is_none() {
            self.check_period(&validity);
        }
        let otherwise = match otherwise {
            Some(at) => self.templates(&at.decl.otherwise, at.tree.lang, at.module, Some(self.definitions[id].owner)),
            None => Vec::new(),
        };
        let basis = self.basis_in(basis, act);
        self.definitions[id].versions.push(DefinitionVersion {
            period,
            value: DefinitionValue::Expr(body),
            written,
            exceptions: rules,
            basis,
            otherwise,
            span,
            act,
            label: act.map(|_| super::names::label(label)).unwrap_or_default(),
        });
        ty
    }

    /// A condition or a value that an act puts in.
    fn complete_part(
        &mut self,
        wanted: Wanted,
        at: At<'a, Body>,
        state: &mut Checking<'a>,
        roots: &[ExprRef],
        known: Option<Type>,
    ) -> Type {
        let Wanted::Definition(id) = wanted else { return Type::Poison };
        let (ty, body) = self.root_of(state, roots, known);
        self.definitions[id].versions.push(DefinitionVersion {
            period: Period::default(),
            value: DefinitionValue::Expr(body),
            written: at.span,
            exceptions: Vec::new(),
            basis: Label::default(),
            otherwise: Vec::new(),
            span: at.span,
            act: at.act,
            label: Label::default(),
        });
        ty
    }

    /// The conditions and the values of exceptions that acts put in, as roots beside those of the rule.
    fn except_also(
        &mut self,
        later: &[LaterException<'a>],
        state: &mut Checking<'a>,
        roots: &mut Vec<ExprRef>,
        known: Option<&Type>,
    ) {
        if later.is_empty() {
            return;
        }
        let mut checker = Checker { builder: self, state };
        let ty = match known {
            Some(ty) => ty.clone(),
            None => {
                let values: Vec<ExprRef> =
                    roots.first().into_iter().chain(roots.iter().skip(2).step_by(2)).copied().collect();
                checker.common(&values)
            }
        };
        let ty = if ty == Type::Pending { Type::Poison } else { ty };
        for later in later {
            checker.builder.set_type(Wanted::Definition(later.value), TypeState::Known(ty.clone()));
            roots.push(checker.part(later.condition, Type::Boolean, later.decl.condition.span));
            roots.push(checker.part(later.value, ty.clone(), later.decl.value.span));
        }
    }

    /// What an act declares has the type of what it replaces.
    fn keeps_type(
        &mut self,
        wanted: Wanted,
        decl: DefinitionDecl<'a>,
        (known, told): (Option<Type>, usize),
        ty: &Type,
    ) {
        let Wanted::Definition(id) = wanted else { return };
        let rule = self.definitions[id].part_of.unwrap_or(id);
        let Declared { name, span, .. } = &self.definitions[rule].declared;
        let (name, span) = (Arc::clone(name), *span);
        let origin = self.definition_decls.get(rule.index()).and_then(|d| d.first()).and_then(DefinitionDecl::act);
        if known.is_none() || decl.act().is_none() || decl.act() == origin {
            return;
        }
        if self.retell_types(told, &name, span) {
            return;
        }
        let stated = match decl {
            DefinitionDecl::Define(at) => at.decl.ty.as_ref().map(|ty| (ty.span, self.type_of(ty, at.module))),
            DefinitionDecl::Table(at) => {
                let span = at.decl.ty.as_ref().map_or(at.decl.header, |ty| ty.span);
                self.table_type(at).map(|ty| (span, Some((ty, Range::default()))))
            }
            DefinitionDecl::Criterion(_) | DefinitionDecl::Scale(_) | DefinitionDecl::Part(_) => None,
        };
        if let Some((at, Some((stated, _)))) = stated
            && stated != *ty
            && !stated.is_poison()
            && !ty.is_poison()
        {
            self.other_type(&name, at, (ty, &stated), span);
        }
    }

    /// The root of the one body, at its type.
    pub(super) fn root_of(
        &mut self,
        state: &mut Checking<'a>,
        roots: &[ExprRef],
        known: Option<Type>,
    ) -> (Type, ExprBody) {
        let mut checker = Checker { builder: self, state };
        let Some(root) = roots.first().copied() else {
            checker.finish();
            return (known.unwrap_or(Type::Poison), ExprBody::default());
        };
        let root = match &known {
            Some(ty) => checker.want(root, ty),
            None => checker.resolved(root),
        };
        let ty = known.unwrap_or_else(|| checker.ty(root));
        checker.finish();
        let mut body = std::mem::take(&mut state.out);
        body.close(root);
        (ty, body)
    }

    fn no_condition(&mut self, name: &crate::syntax::Name) {
        use crate::diagnostic::{Code, Finding, phrase};
        self.tell(
            Finding::error(
                Code::NO_CONDITION,
                name.span,
                phrase!("criterion `{0}` has no condition", "kriteria `{0}` tidak punya syarat", name.text),
            )
            .help(phrase!("write `when` and the condition", "tulis `when` (`bila`) dan syaratnya")),
        );
    }

    /// Checks a body that stands alone, once every type is known.
    pub(super) fn check_body(&mut self, state: &mut Checking<'a>, body: Body) -> Option<ExprRef> {
        loop {
            let mut checker = Checker { builder: self, state };
            match checker.body(body) {
                Ok(root) => return Some(root),
                Err(Need(wanted)) => self.run(wanted),
            }
        }
    }

    pub(super) fn root_or_first(&self) -> EntityId {
        self.root.unwrap_or_else(first_entity)
    }
}
