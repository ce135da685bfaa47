//! Parameters that acts change for some households alone: those who name one ask a function of its keys and the household.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::program::*;
use crate::source::Span;
use crate::value::{Date, Function, Value};

use super::bound::version_of;
use super::check::{Checker, Checking};
use super::{Builder, TypeState, Wanted};

/// What acts for some households make of a parameter, by rank and act: keys with their versions, and whether no other key or
/// version counts.
pub(super) type BoundValues = BTreeMap<((bool, Option<Date>), ActId), Given>;

type Given = (Vec<(Vec<Value>, ParameterVersion)>, Option<(Period, Span)>);

/// Where what acts for some households make of a parameter is gathered.
pub(super) fn rank_of(period: &Period, act: ActId) -> ((bool, Option<Date>), ActId) {
    ((period.proposed, period.enacted), act)
}

impl Builder<'_> {
    /// Lets expressions that name a parameter ask for its value for the household, where acts change it for some.
    pub(super) fn bind_parameter(&mut self, id: ParameterId, bound: BoundValues) {
        if bound.is_empty() {
            return;
        }
        let Parameter { declared, keys, ty, .. } = self.parameters[id].clone();
        if matches!(ty, Type::List(_)) {
            if let Some((_, act)) = bound.keys().next() {
                self.no_list(&declared, self.acts[*act].span);
            }
            return;
        }
        let Some(exprs) = self.no_exprs() else { return };
        let owner = self.root_or_first();
        let function = self.new_part(declared.clone(), (DefinitionKind::Define, owner), None, Vec::new());
        self.definitions[function].arguments = keys.clone();
        self.definitions[function].ty = ty.clone();
        self.set_type(Wanted::Definition(function), TypeState::Known(ty.clone()));
        let mut state = Checking::new(exprs, declared.module, self.root);
        state.arguments = keys.clone();
        let span = declared.span;
        let given: Vec<ExprRef> =
            keys.iter().enumerate().map(|(n, (_, ty))| state.out.push(Kind::Argument(n), ty.clone(), span)).collect();
        let mut value = state.out.push(Kind::Parameter { parameter: id, keys: given.clone() }, ty.clone(), span);
        let mut ranks: BTreeMap<_, Vec<(ActId, Given)>> = BTreeMap::new();
        for ((rank, act), (values, whole)) in bound {
            ranks.entry(rank).or_default().push((act, (values, whole)));
        }
        for list in ranks.into_values() {
            let mut exceptions = Vec::new();
            for (act, (values, whole)) in list {
                let Some(condition) = self.acts[act].condition else { continue };
                let at = whole.map(|(_, span)| span).or(values.first().map(|(_, v)| v.span)).unwrap_or(span);
                let basis = values.first().map(|(_, v)| v.basis.clone());
                let base: Vec<ParameterValue> = self.parameters[id].values.clone();
                let mut checker = Checker { builder: self, state: &mut state };
                let mut any = Vec::new();
                if let Some((period, _)) = &whole {
                    let mut all = checker.days(period, at);
                    // Of a key that an act for all gives a value later, that counts.
                    for (of, later) in base.iter().flat_map(|v| v.versions.iter().map(|later| (&v.keys, later.period)))
                    {
                        if later.rank() <= period.rank() || !later.meets(period) {
                            continue;
                        }
                        let mut here = checker.days(&later, at);
                        here.extend(checker.are_keys(&given, of, &keys, at));
                        let here = checker.push(Kind::And(here), Type::Boolean, at);
                        all.push(checker.push(Kind::Not(here), Type::Boolean, at));
                    }
                    any.push(checker.push(Kind::And(all), Type::Boolean, at));
                } else {
                    for (of, version) in &values {
                        // INVARIANT: values stand sorted by their keys.
                        let later = base.binary_search_by(|v| v.keys.cmp(of)).ok().and_then(|at| base.get(at));
                        let later: Vec<Period> =
                            later.into_iter().flat_map(|v| &v.versions).map(|v| v.period).collect();
                        let mut all = checker.days(&version.period, at);
                        all.extend(checker.not_since(&version.period, &later, at));
                        all.extend(checker.are_keys(&given, of, &keys, at));
                        any.push(checker.push(Kind::And(all), Type::Boolean, at));
                    }
                }
                let any = checker.push(Kind::Or(any), Type::Boolean, at);
                let condition = checker.for_household(condition, at);
                let holds = checker.push(Kind::And(vec![condition, any]), Type::Boolean, at);
                let mut by_key: BTreeMap<Vec<Value>, Vec<ParameterVersion>> = BTreeMap::new();
                for (keys, version) in values {
                    by_key.entry(keys).or_default().push(version);
                }
                let values = by_key
                    .into_iter()
                    .map(|(keys, mut versions)| {
                        versions.sort_by_key(|v| (v.period.from, v.period.rank(), v.span));
                        ParameterValue { keys, versions }
                    })
                    .collect();
                let part = self.parameters.push(Parameter { values, part_of: Some(id), ..self.parameters[id].clone() });
                let mine = state.out.push(Kind::Parameter { parameter: part, keys: given.clone() }, ty.clone(), at);
                let provision = Provision {
                    rule: function,
                    label: None,
                    basis: basis.unwrap_or_else(|| self.acts[act].basis.clone()),
                    act: Some(act),
                    place: self.input.sources.place(at),
                };
                exceptions.push((holds, mine, Arc::new(provision)));
            }
            let mut checker = Checker { builder: self, state: &mut state };
            value = checker.excepted(exceptions, value);
        }
        let mut body = state.out;
        body.close(value);
        self.definitions[function].versions.push(version_of(body, span));
        self.amendments.functions.insert(id, function);
        self.parameters[id].bound = Some(function);
    }
}

impl Checker<'_, '_, '_> {
    /// That the keys given are some: all of these hold then.
    fn are_keys(
        &mut self,
        given: &[ExprRef],
        wanted: &[Value],
        types: &[(Arc<str>, Type)],
        span: Span,
    ) -> Vec<ExprRef> {
        let mut all = Vec::new();
        for ((key, wanted), (_, ty)) in given.iter().zip(wanted).zip(types) {
            let wanted = self.constant(wanted.clone(), ty.clone(), span);
            all.push(self.apply(Function::Equal, vec![*key, wanted], Type::Boolean, span));
        }
        all
    }
}
