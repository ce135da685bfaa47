//! Acts for some households alone. What such an act makes of a rule stands beside what the rule is for all others, each a part
//! of the rule; which counts is said for each household by the condition of the act.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::arena::Id as _;
use crate::diagnostic::{Code, Finding, phrase};
use crate::program::*;
use crate::source::Span;
use crate::syntax::{BinaryOp, Body, ExprId, ExprKind, Exprs, Literal};
use crate::value::{Decimal, Value};

use super::check::{Checker, Checking};
use super::{Builder, DefinitionDecl, TypeState};

/// What an act makes of a rule for the households that it is for.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    /// Whether it is in force for the household.
    pub holds: DefinitionId,
    /// What the rule is then; none where it is repealed.
    pub part: Option<DefinitionId>,
    rank: (bool, Option<crate::value::Date>, bool),
}

/// A rule that acts change for some households: what it is for all others, and by rank what it is for them.
#[derive(Clone, Debug)]
pub(super) struct Layers {
    pub base: DefinitionId,
    pub bound: Vec<Layer>,
}

impl<'a> Builder<'a> {
    /// The condition of an act, where it is for some households alone.
    pub(super) fn bound(&self, act: Option<ActId>) -> Option<DefinitionId> {
        act.and_then(|act| self.acts[act].condition)
    }

    pub(super) fn new_part(
        &mut self,
        declared: Declared,
        (kind, owner): (DefinitionKind, EntityId),
        rule: Option<DefinitionId>,
        decls: Vec<DefinitionDecl<'a>>,
    ) -> DefinitionId {
        let id = self.definitions.next_id();
        self.definition_decls.push(decls);
        self.definition_types.push(TypeState::NotYet);
        self.definitions.push(Definition {
            declared,
            kind,
            owner,
            arguments: rule.map(|rule| self.definitions[rule].arguments.clone()).unwrap_or_default(),
            ty: Type::Poison,
            versions: Vec::new(),
            part_of: Some(rule.unwrap_or(id)),
            base: None,
            meaning: OnceLock::new(),
        })
    }

    /// A part whose versions are made already.
    fn made_part(&mut self, like: DefinitionId, versions: Vec<DefinitionVersion>) -> DefinitionId {
        let Definition { declared, kind, owner, ty, .. } = self.definitions[like].clone();
        let part = self.new_part(declared, (kind, owner), Some(like), Vec::new());
        self.definitions[part].ty = ty.clone();
        self.definitions[part].versions = versions;
        self.set_type(super::Wanted::Definition(part), TypeState::Known(ty));
        part
    }

    /// A part that is yes or no for the household.
    pub(super) fn test_part(&mut self, declared: Declared, act: Option<ActId>, body: ExprBody) -> DefinitionId {
        let owner = self.root_or_first();
        let span = declared.span;
        let part = self.new_part(declared, (DefinitionKind::Define, owner), None, Vec::new());
        self.definitions[part].ty = Type::Boolean;
        self.set_type(super::Wanted::Definition(part), TypeState::Known(Type::Boolean));
        let basis = act.map(|act| self.acts[act].basis.clone()).unwrap_or_default();
        self.definitions[part].versions.push(DefinitionVersion { act, basis, ..version_of(body, span) });
        part
    }

    pub(super) fn no_exprs(&self) -> Option<&'a Exprs> {
        self.input.trees.first().map(|tree| &tree.exprs)
    }

    /// Whether an act is for the household and in force, and nothing that was enacted later and is for all.
    pub(super) fn holds(&mut self, act: ActId, period: &Period, later: &[Period]) -> Option<DefinitionId> {
        let condition = self.acts[act].condition?;
        let declared = self.definitions[condition].declared.clone();
        let mut state = Checking::new(self.no_exprs()?, declared.module, self.root);
        let mut checker = Checker { builder: self, state: &mut state };
        let mut all = checker.days(period, declared.span);
        all.extend(checker.not_since(period, later, declared.span));
        all.push(checker.part(condition, Type::Boolean, declared.span));
        let root = checker.push(Kind::And(all), Type::Boolean, declared.span);
        let mut body = state.out;
        body.close(root);
        Some(self.test_part(declared, Some(act), body))
    }

    // ---- definitions ----------------------------------------------------------------------------------------------

    /// Sets what acts for some households make of a definition beside what it is for all others.
    pub(super) fn bind_definition(&mut self, id: DefinitionId) {
        let origin = self.definition_decls.get(id.index()).and_then(|d| d.first()).and_then(DefinitionDecl::act);
        let is_bound = |builder: &Self, v: &DefinitionVersion| builder.bound(v.act).is_some() && v.act != origin;
        if self.definitions[id].part_of.is_some() || !self.definitions[id].versions.iter().any(|v| is_bound(self, v)) {
            return;
        }
        let versions = std::mem::take(&mut self.definitions[id].versions);
        let (mut bound, for_all): (Vec<_>, Vec<_>) = versions.into_iter().partition(|v| is_bound(self, v));
        bound.sort_by_key(|v| (v.period.rank(), v.span));
        let Definition { ty, owner, declared, arguments, .. } = self.definitions[id].clone();
        if matches!(ty, Type::List(_) | Type::Record(_)) {
            self.definitions[id].versions = for_all;
            if let Some(first) = bound.first() {
                self.no_list(&declared, first.span);
            }
            return;
        }
        let periods: Vec<Period> = for_all.iter().map(|v| v.period).collect();
        let base = self.made_part(id, for_all);
        let mut layers = Layers { base, bound: Vec::new() };
        let mut rules: Vec<ExceptionRule> = Vec::new();
        let mut provisions: Vec<Arc<Provision>> = Vec::new();
        for version in bound {
            let Some(act) = version.act else { continue };
            let Some(holds) = self.holds(act, &version.period, &periods) else { continue };
            let provision = Arc::new(Provision {
                rule: id,
                label: None,
                basis: version.basis.clone(),
                act: Some(act),
                place: self.input.sources.place(version.span),
            });
            let condition = self.acts[act].condition.map_or(version.span, |c| self.definitions[c].declared.span);
            rules.push(ExceptionRule {
                provision: Arc::clone(&provision),
                to: Vec::new(),
                condition,
                value: version.written,
                priority: Decimal::ZERO,
                period: version.period,
            });
            provisions.push(provision);
            let rank = version.period.rank();
            let repeals = version.period.repeals;
            let version = DefinitionVersion { period: Period::default(), ..version };
            let part = self.made_part(id, if repeals { Vec::new() } else { vec![version] });
            layers.bound.push(Layer { holds, part: Some(part).filter(|_| !repeals), rank });
        }
        let Some(exprs) = self.no_exprs() else { return };
        let mut state = Checking::new(exprs, declared.module, Some(owner));
        state.arguments = arguments;
        let span = declared.span;
        let mut value = Checker { builder: self, state: &mut state }.part(base, ty.clone(), span);
        let mut ranks: BTreeMap<_, Vec<(&Layer, &Arc<Provision>)>> = BTreeMap::new();
        for (layer, provision) in layers.bound.iter().zip(&provisions) {
            ranks.entry(layer.rank).or_default().push((layer, provision));
        }
        for list in ranks.into_values() {
            let mut exceptions = Vec::new();
            for (layer, provision) in list {
                // What is repealed has no value.
                let part = layer.part.unwrap_or_else(|| self.made_part(id, Vec::new()));
                let mut checker = Checker { builder: self, state: &mut state };
                let holds = checker.for_household(layer.holds, span);
                let value = checker.part(part, ty.clone(), span);
                exceptions.push((holds, value, Arc::clone(provision)));
            }
            let mut checker = Checker { builder: self, state: &mut state };
            value = checker.excepted(exceptions, value);
        }
        let mut body = state.out;
        body.close(value);
        let mut version = version_of(body, span);
        version.exceptions = rules;
        if let Some(first) = self.definitions[base].versions.first() {
            (version.written, version.span) = (first.written, first.span);
        }
        self.definitions[id].versions = vec![version];
        self.definitions[id].base = Some(base);
        self.amendments.layers.insert(id, layers);
    }

    /// A condition of a programme on a criterion that acts change for some households, as one for each of these and one
    /// for all others: each has reasons and a basis of its own.
    pub(super) fn layered(&mut self, condition: Condition, requires: bool) -> Vec<Condition> {
        let layers = condition.definition.and_then(|d| self.amendments.layers.get(&d)).cloned();
        let (Some(layers), Some(root)) = (layers, condition.body.root()) else { return vec![condition] };
        let Kind::Definition { of, .. } = condition.body[root].kind else { return vec![condition] };
        let mut out = Vec::new();
        let base = (Some(layers.base), None, &layers.bound[..]);
        let bound = layers.bound.iter().zip(1..).map(|(layer, above)| {
            let above = layers.bound.get(above..).unwrap_or(&[]);
            (layer.part, Some(layer.holds), above)
        });
        for (part, holds, above) in std::iter::once(base).chain(bound) {
            let Some(definition) = part else { continue };
            let mut body = condition.body.clone();
            let arguments = Vec::new();
            let root = body.push(Kind::Definition { of, definition, arguments }, Type::Boolean, condition.span);
            let root = self.unless_repealed(definition, (root, condition.span), requires, &mut body);
            body.close(root);
            let above: Vec<DefinitionId> = above.iter().map(|layer| layer.holds).collect();
            let guard = self.guard(holds, &above, condition.span);
            let one = Condition { body, definition: Some(definition), guard: None, ..condition.clone() };
            out.push(self.guarded(one, guard, requires));
        }
        out
    }

    /// Whether a layer counts: it holds, if it is not what stands for all, and none above it does.
    pub(super) fn guard(
        &mut self,
        holds: Option<DefinitionId>,
        above: &[DefinitionId],
        span: Span,
    ) -> Option<DefinitionId> {
        if let (Some(holds), []) = (holds, above) {
            return Some(holds);
        }
        let module = holds.or(above.first().copied()).map(|d| self.definitions[d].declared.module)?;
        let mut state = Checking::new(self.no_exprs()?, module, self.root);
        let mut checker = Checker { builder: self, state: &mut state };
        let mut all = Vec::new();
        if let Some(holds) = holds {
            all.push(checker.for_household(holds, span));
        }
        for layer in above {
            let layer = checker.for_household(*layer, span);
            all.push(checker.push(Kind::Not(layer), Type::Boolean, span));
        }
        let root = checker.push(Kind::And(all), Type::Boolean, span);
        let mut body = state.out;
        body.close(root);
        let declared = Declared { name: "applies".into(), module, label: Label::default(), span };
        Some(self.test_part(declared, None, body))
    }

    /// A condition that counts where its guard holds alone.
    pub(super) fn guarded(&self, condition: Condition, guard: Option<DefinitionId>, requires: bool) -> Condition {
        let (Some(guard), Some(root)) = (guard, condition.body.root()) else { return condition };
        let Condition { mut body, span, .. } = condition;
        let owner = self.owner_in(&body);
        let household = self.household(&mut body, owner, span);
        let guards = Kind::Definition { of: household, definition: guard, arguments: Vec::new() };
        let holds = body.push(guards, Type::Boolean, span);
        let otherwise = body.push(Kind::Constant(Value::Boolean(requires)), Type::Boolean, span);
        let chosen = body.push(Kind::If { arms: vec![(holds, root)], otherwise }, Type::Boolean, span);
        body.close(chosen);
        Condition { body, guard: Some(guard), ..condition_parts(condition.name, condition.definition, span) }
    }

    /// The entity whose element the owner of a body is, as the body says it.
    fn owner_in(&self, body: &ExprBody) -> EntityId {
        let owner = body.iter().find_map(|(_, expr)| match (&expr.kind, expr.ty.required()) {
            (Kind::Var(var), Type::Element(entity)) if *var == Var::OWNER => Some(*entity),
            _ => None,
        });
        owner.unwrap_or_else(|| self.root_or_first())
    }

    pub(super) fn household(&self, body: &mut ExprBody, owner: EntityId, span: Span) -> ExprRef {
        let own = body.push(Kind::Var(Var::OWNER), Type::Element(owner), span);
        let root = self.root_or_first();
        if owner == root { own } else { body.push(Kind::Root(own), Type::Element(root), span) }
    }

    pub(super) fn no_list(&mut self, declared: &Declared, at: Span) {
        self.tell(
            Finding::error(
                Code::AMENDMENT_BOUND,
                at,
                phrase!(
                    "`{0}` is a list or has several outputs, which no act changes for some households alone",
                    "`{0}` adalah daftar atau punya beberapa keluaran, yang tidak dapat diubah hanya bagi sebagian rumah tangga",
                    declared.name
                ),
            )
            .also(declared.span, phrase!("declared here", "dideklarasikan di sini"))
            .help(phrase!(
                "change it for all, and choose within it by a condition",
                "ubah untuk semua, dan pilih di dalamnya dengan syarat"
            )),
        );
    }

    // ---- whether two acts are for different households ------------------------------------------------------------

    /// Whether the conditions of two acts exclude each other: a fact of the household must have one of some values under
    /// the one, and one of others under the other.
    pub(super) fn is_apart(&self, a: Option<ActId>, b: Option<ActId>) -> bool {
        let wanted = |act: Option<ActId>| act.and_then(|act| self.amendments.wanted.get(&act));
        let (Some(a), Some(b)) = (wanted(a), wanted(b)) else { return false };
        a.iter().any(|(name, mine)| b.get(name).is_some_and(|theirs| mine.iter().all(|v| !theirs.contains(v))))
    }

    /// The facts of the household that a condition fixes, with the values that it allows.
    pub(super) fn wanted_facts(&self, exprs: &Exprs, condition: Body) -> BTreeMap<Arc<str>, Vec<Value>> {
        let mut out: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
        for (name, values) in fixed(exprs, condition) {
            if self.root.is_some_and(|root| self.entities[root].fields.iter().any(|f| f.name == name)) {
                out.entry(name).or_insert(values);
            }
        }
        out
    }
}

impl Checker<'_, '_, '_> {
    /// A part of the household's, seen from the owner at hand.
    pub(super) fn for_household(&mut self, part: DefinitionId, span: Span) -> ExprRef {
        let owner = self.state.owner.unwrap_or_else(|| self.builder.root_or_first());
        let of = self.builder.household(&mut self.state.out, owner, span);
        let ty = self.builder.definitions[part].ty.clone();
        let ty = if ty.is_poison() { Type::Boolean } else { ty };
        self.push(Kind::Definition { of, definition: part, arguments: Vec::new() }, ty, span)
    }

    /// That nothing which ranks higher is in force.
    pub(super) fn not_since(&mut self, period: &Period, later: &[Period], span: Span) -> Vec<ExprRef> {
        let mut out = Vec::new();
        for other in later.iter().filter(|p| p.rank() > period.rank() && p.meets(period)) {
            let days = self.days(other, span);
            let holds = self.push(Kind::And(days), Type::Boolean, span);
            out.push(self.push(Kind::Not(holds), Type::Boolean, span));
        }
        out
    }
}

pub(super) fn condition_parts(name: Arc<str>, definition: Option<DefinitionId>, span: Span) -> Condition {
    Condition { name, body: ExprBody::default(), definition, guard: None, span }
}

pub(super) fn version_of(body: ExprBody, span: Span) -> DefinitionVersion {
    DefinitionVersion {
        period: Period::default(),
        value: DefinitionValue::Expr(body),
        written: span,
        exceptions: Vec::new(),
        basis: Label::default(),
        otherwise: Vec::new(),
        span,
        act: None,
        label: Label::default(),
    }
}

/// Names that an expression wants to equal one of some constants.
fn fixed(exprs: &Exprs, body: Body) -> Vec<(Arc<str>, Vec<Value>)> {
    let name = |id: ExprId| match &exprs[id].kind {
        ExprKind::Name(name) => Some(Arc::clone(&name.text)),
        _ => None,
    };
    let constant = |id: ExprId| match &exprs[id].kind {
        ExprKind::Literal(Literal::Text(text)) => Some(Value::Text(Arc::clone(text))),
        ExprKind::Literal(Literal::Number(n)) => Some(Value::Number(n.clone())),
        ExprKind::Literal(Literal::Boolean(b)) => Some(Value::Boolean(*b)),
        _ => None,
    };
    let mut out = Vec::new();
    let mut open = vec![body.root];
    while let Some(id) = open.pop() {
        match &exprs[id].kind {
            ExprKind::Parens(inner) => open.push(*inner),
            ExprKind::Binary(BinaryOp::And, _, a, b) => open.extend([*a, *b]),
            ExprKind::Binary(BinaryOp::Equal, _, a, b) => {
                for (a, b) in [(*a, *b), (*b, *a)] {
                    out.extend(name(a).zip(constant(b)).map(|(name, value)| (name, vec![value])));
                }
            }
            ExprKind::Binary(BinaryOp::In, _, a, b) => {
                if let (Some(name), ExprKind::List(items)) = (name(*a), &exprs[*b].kind)
                    && let Some(values) = items.iter().map(|i| constant(*i)).collect::<Option<Vec<_>>>()
                {
                    out.push((name, values));
                }
            }
            _ => {}
        }
    }
    out
}
