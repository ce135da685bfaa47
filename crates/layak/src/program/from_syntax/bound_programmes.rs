//! Programmes that acts change for some households alone: one version that holds what each layer requires, refuses and gives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::{Code, Finding, Phrase, phrase};
use crate::program::*;
use crate::source::Span;

use super::bound::{condition_parts, version_of};
use super::check::{Checker, Checking};
use super::{Builder, TypeState, Wanted};

impl Builder<'_> {
    /// The versions of a programme, each with what acts for some households make of it.
    pub(super) fn bind_programme(&mut self, id: ProgrammeId, versions: Vec<ProgrammeVersion>) -> Vec<ProgrammeVersion> {
        let (mut bound, for_all): (Vec<_>, Vec<_>) = versions.into_iter().partition(|v| self.bound(v.act).is_some());
        if bound.is_empty() {
            return for_all;
        }
        bound.sort_by_key(|v| (v.period.rank(), v.span));
        let mut holds: Vec<DefinitionId> = Vec::new();
        for version in &bound {
            holds.extend(version.act.and_then(|act| self.holds(act, &version.period, &[])));
        }
        let declared = self.programmes[id].declared.clone();
        let nothing = |period: Period| ProgrammeVersion {
            period: Period { repeals: true, ..period },
            basis: Label::default(),
            appeal: Label::default(),
            requires: Vec::new(),
            refuses: Vec::new(),
            excludes: Vec::new(),
            gives: Vec::new(),
            span: declared.span,
            act: None,
        };
        let mut all: Vec<ProgrammeVersion> = gaps(for_all.iter().map(|v| v.period)).into_iter().map(nothing).collect();
        all.extend(for_all);
        let mut out = Vec::new();
        for version in all {
            let later: Vec<(&ProgrammeVersion, DefinitionId)> = bound
                .iter()
                .zip(holds.iter().copied())
                .filter(|(b, _)| b.period.rank() > version.period.rank() && b.period.meets(&version.period))
                .collect();
            match (later.is_empty(), version.act.is_none() && version.period.repeals) {
                (true, true) => {}
                (true, false) => out.push(version),
                (false, _) => out.push(self.with_layers(id, version, &later)),
            }
        }
        out
    }

    fn with_layers(
        &mut self,
        id: ProgrammeId,
        base: ProgrammeVersion,
        bound: &[(&ProgrammeVersion, DefinitionId)],
    ) -> ProgrammeVersion {
        let Programme { declared, owner, outputs, .. } = self.programmes[id].clone();
        let span = base.span;
        let mut layers: Vec<(Option<DefinitionId>, &ProgrammeVersion)> = Vec::new();
        let above: Vec<DefinitionId> = bound.iter().map(|(_, holds)| *holds).collect();
        layers.push((self.guard(None, &above, span), &base));
        for ((version, holds), next) in bound.iter().zip(1..) {
            let above = above.get(next..).unwrap_or(&[]);
            layers.push((self.guard(Some(*holds), above, version.span), version));
        }
        let whole = layers.iter().all(|(_, v)| !v.period.repeals);
        let basis = bound.iter().find_map(|(v, _)| v.act);
        let repealed = bound.iter().find(|(v, _)| v.period.repeals).and_then(|(v, _)| v.act);
        layers.retain(|(_, v)| !v.period.repeals);
        let mut requires = self.conditions_of(&layers, |v| &v.requires, true);
        if !whole {
            let act = repealed.or(basis);
            requires.push(self.in_force_for(&layers, (declared.module, owner), act, span));
        }
        let refuses = self.conditions_of(&layers, |v| &v.refuses, false);
        let mut gives = Vec::new();
        for (output, shown) in outputs.iter().enumerate() {
            let bodies: Vec<Option<&ExprBody>> =
                layers.iter().map(|(_, v)| v.gives.iter().find(|(o, _)| *o == output).map(|(_, body)| body)).collect();
            if bodies.iter().all(Option::is_none) {
                continue;
            }
            if let Some((_, other)) = layers.iter().zip(&bodies).find(|(_, b)| b.is_none()).map(|(layer, _)| layer) {
                let giver = layers.iter().zip(&bodies).find(|(_, b)| b.is_some()).map_or(span, |((_, v), _)| v.span);
                self.other_programme(
                    phrase!(
                        "`{0}` gives `{1}` to some households and not to others",
                        "`{0}` memberi `{1}` kepada sebagian rumah tangga dan tidak kepada yang lain",
                        declared.name,
                        shown.name
                    ),
                    (other.span, giver),
                );
                continue;
            }
            let bodies: Vec<ExprBody> = bodies.into_iter().flatten().cloned().collect();
            let guards: Vec<Option<DefinitionId>> = layers.iter().map(|(guard, _)| *guard).collect();
            let acts: Vec<(Option<ActId>, Span, Label)> =
                layers.iter().map(|(_, v)| (v.act, v.span, v.basis.clone())).collect();
            gives.extend(self.gift_of((&declared, owner), shown, guards, bodies, acts).map(|body| (output, body)));
        }
        let excludes = layers.first().map(|(_, v)| v.excludes.clone()).unwrap_or_default();
        let set = |list: &[ProgrammeId]| list.iter().copied().collect::<BTreeSet<_>>();
        if let Some((_, other)) = layers.iter().find(|(_, v)| set(&v.excludes) != set(&excludes)) {
            self.other_programme(
                phrase!(
                    "`{0}` excludes other programmes for some households than for others",
                    "`{0}` mengecualikan program lain bagi sebagian rumah tangga dibanding yang lain",
                    declared.name
                ),
                (other.span, span),
            );
        }
        let period = Period { repeals: false, ..base.period };
        ProgrammeVersion {
            period,
            basis: base.basis.clone(),
            appeal: base.appeal.clone(),
            requires,
            refuses,
            excludes,
            gives,
            span,
            act: base.act,
        }
    }

    /// The conditions of all layers: those that all have once, each other where its layer counts.
    fn conditions_of(
        &mut self,
        layers: &[(Option<DefinitionId>, &ProgrammeVersion)],
        of: impl Fn(&ProgrammeVersion) -> &Vec<Condition>,
        requires: bool,
    ) -> Vec<Condition> {
        let key = |c: &Condition| {
            let kinds: Vec<String> = c.body.iter().map(|(_, e)| format!("{:?}", e.kind)).collect();
            (Arc::clone(&c.name), c.definition, kinds)
        };
        let mut count: BTreeMap<_, usize> = BTreeMap::new();
        for condition in layers.iter().flat_map(|(_, v)| of(v)) {
            *count.entry(key(condition)).or_default() += 1;
        }
        let mut out = Vec::new();
        for ((guard, version), at) in layers.iter().zip(0..) {
            for condition in of(version) {
                let everywhere = count.get(&key(condition)) == Some(&layers.len());
                match (everywhere, at) {
                    (true, 0) => out.push(condition.clone()),
                    (true, _) => {}
                    (false, _) => out.push(self.guarded(condition.clone(), *guard, requires)),
                }
            }
        }
        out
    }

    /// That a programme is in force for the household: a layer that counts has it.
    fn in_force_for(
        &mut self,
        layers: &[(Option<DefinitionId>, &ProgrammeVersion)],
        (module, owner): (ModuleId, EntityId),
        act: Option<ActId>,
        span: Span,
    ) -> Condition {
        let root = self.root_or_first();
        let mut test = ExprBody::with_owner();
        let mut any = Vec::new();
        for guard in layers.iter().filter_map(|(guard, _)| *guard) {
            let of = self.household(&mut test, root, span);
            let kind = Kind::Definition { of, definition: guard, arguments: Vec::new() };
            any.push(test.push(kind, Type::Boolean, span));
        }
        let whole = test.push(Kind::Or(any), Type::Boolean, span);
        test.close(whole);
        let text =
            phrase!("the programme is not in force for this household", "program tidak berlaku bagi rumah tangga ini");
        let label = Label { en: Some(text.en.into()), id: Some(text.id.into()) };
        let name: Arc<str> = "in_force".into();
        let declared = Declared { name: Arc::clone(&name), module, label, span };
        let definition = self.test_part(declared, act, test);
        let mut body = ExprBody::with_owner();
        let of = self.household(&mut body, owner, span);
        let kind = Kind::Definition { of, definition, arguments: Vec::new() };
        let here = body.push(kind, Type::Boolean, span);
        body.close(here);
        Condition { body, ..condition_parts(name, Some(definition), span) }
    }

    /// An output, chosen by the layer that counts.
    fn gift_of(
        &mut self,
        (declared, owner): (&Declared, EntityId),
        output: &ProgrammeOutput,
        guards: Vec<Option<DefinitionId>>,
        bodies: Vec<ExprBody>,
        acts: Vec<(Option<ActId>, Span, Label)>,
    ) -> Option<ExprBody> {
        let span = declared.span;
        let name: Arc<str> = format!("{}.{}", declared.name, output.name).into();
        let named = Declared { name, label: output.label.clone(), ..declared.clone() };
        let mut parts = Vec::new();
        for (body, (act, at, _)) in bodies.into_iter().zip(&acts) {
            let part = self.new_part(named.clone(), (DefinitionKind::Define, owner), None, Vec::new());
            self.definitions[part].ty = output.ty.clone();
            self.set_type(Wanted::Definition(part), TypeState::Known(output.ty.clone()));
            self.definitions[part].versions.push(DefinitionVersion { act: *act, ..version_of(body, *at) });
            parts.push(part);
        }
        let empty = self.new_part(named, (DefinitionKind::Define, owner), None, Vec::new());
        self.definitions[empty].ty = output.ty.clone();
        self.set_type(Wanted::Definition(empty), TypeState::Known(output.ty.clone()));
        let mut state = Checking::new(self.no_exprs()?, declared.module, Some(owner));
        let mut checker = Checker { builder: self, state: &mut state };
        let mut exceptions = Vec::new();
        let mut value = None;
        for ((part, guard), (act, at, basis)) in parts.into_iter().zip(guards).zip(acts) {
            let mine = checker.part(part, output.ty.clone(), span);
            match (act.filter(|act| checker.builder.acts[*act].condition.is_some()), guard) {
                (Some(act), Some(guard)) => {
                    let holds = checker.for_household(guard, span);
                    let place = checker.builder.input.sources.place(at);
                    let provision = Provision { rule: part, label: None, basis, act: Some(act), place };
                    exceptions.push((holds, mine, Arc::new(provision)));
                }
                _ => value = Some(mine),
            }
        }
        let otherwise = value.unwrap_or_else(|| checker.part(empty, output.ty.clone(), span));
        let value = if exceptions.is_empty() { otherwise } else { checker.excepted(exceptions, otherwise) };
        let mut body = state.out;
        body.close(value);
        Some(body)
    }

    fn other_programme(&mut self, message: Phrase, (at, other): (Span, Span)) {
        self.tell(
            Finding::error(Code::AMENDMENT_BOUND, at, message)
                .also(other, phrase!("the programme for others", "program bagi yang lain"))
                .help(phrase!(
                    "let it be the same for all, or declare another programme for them",
                    "samakan bagi semua, atau deklarasikan program lain untuk mereka"
                )),
        );
    }
}

/// The days that none of some periods covers.
fn gaps(periods: impl Iterator<Item = Period>) -> Vec<Period> {
    let mut sorted: Vec<Period> = periods.collect();
    sorted.sort_by_key(|p| p.from);
    let mut out = Vec::new();
    // The first day that is not covered yet; none where no day has been.
    let mut next = Some(None);
    for period in sorted {
        let Some(open) = next else { break };
        if let Some(from) = period.from
            && open.is_none_or(|open| open < from)
        {
            out.push(Period { from: open, until: from.add_days(-1), ..Period::default() });
        }
        next = match (period.until, open) {
            (None, _) => None,
            (Some(until), open) => {
                let after = until.add_days(1);
                after.map(|after| Some(open.map_or(after, |open| open.max(after))))
            }
        };
    }
    if let Some(open) = next {
        out.push(Period { from: open, ..Period::default() });
    }
    out
}
