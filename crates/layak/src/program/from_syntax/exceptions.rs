//! Exceptions to a rule, exceptions to these, and what they make of the rule together.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Code, Finding, phrase};
use crate::program::*;
use crate::source::Span;
use crate::syntax::{Body, ExceptionDecl};
use crate::value::{Decimal, Function, Value};

use super::Builder;
use super::check::{Checker, Checking};

/// More of one exception to another than these are refused: each that a group shares counts for every one of the group.
const MOST_TARGETS: usize = 10_000;

/// An exception with the days on which it is in force, and the act that puts it in.
#[derive(Clone, Copy)]
pub(super) struct Excepting<'a> {
    pub decl: &'a ExceptionDecl,
    pub period: Period,
    pub act: Option<ActId>,
}

/// The general rule, then the condition and the value of each exception.
pub(super) fn with_exceptions(rule: impl IntoIterator<Item = Body>, exceptions: &[ExceptionDecl]) -> Vec<Body> {
    rule.into_iter().chain(exceptions.iter().flat_map(|e| [e.condition, e.value])).collect()
}

/// By rule, the general one first, then every exception: the exceptions to it.
struct Children(Vec<Vec<usize>>);

impl Children {
    fn of(&self, rule: usize) -> &[usize] {
        self.0.get(rule).map_or(&[], Vec::as_slice)
    }

    /// The rules in an order in which the exceptions to each come before it. Without one, a circle of them.
    fn order(&self) -> Result<Vec<usize>, Vec<usize>> {
        let mut parents: Vec<Vec<usize>> = vec![Vec::new(); self.0.len()];
        let mut open: Vec<usize> = Vec::with_capacity(self.0.len());
        for (rule, children) in self.0.iter().enumerate() {
            open.push(children.len());
            for child in children {
                if let Some(list) = parents.get_mut(*child) {
                    list.push(rule);
                }
            }
        }
        let mut order: Vec<usize> = (0..self.0.len()).filter(|r| self.of(*r).is_empty()).collect();
        let mut next = 0;
        while let Some(rule) = order.get(next).copied() {
            next += 1;
            for parent in parents.get(rule).into_iter().flatten() {
                if let Some(left) = open.get_mut(*parent) {
                    *left -= 1;
                    if *left == 0 {
                        order.push(*parent);
                    }
                }
            }
        }
        if order.len() == self.0.len() {
            return Ok(order);
        }
        // Whoever still waits, waits for another that waits.
        let waits = |rule: &usize| open.get(*rule).is_some_and(|left| *left > 0);
        let mut way: Vec<usize> = Vec::new();
        let mut at = (0..self.0.len()).find(waits);
        while let Some(rule) = at {
            if let Some(first) = way.iter().position(|r| *r == rule) {
                way.drain(..first);
                break;
            }
            way.push(rule);
            at = self.of(rule).iter().copied().find(waits);
        }
        Err(way)
    }
}

impl<'a> Builder<'a> {
    /// The rule with its exceptions, from what their bodies have become. Nothing where there is no exception, or where the
    /// exceptions do not fit together, which a finding says.
    pub(super) fn except(
        &mut self,
        decls: &[Excepting<'_>],
        rules: &[ExceptionRule],
        state: &mut Checking<'a>,
        roots: &[ExprRef],
    ) -> Option<ExprRef> {
        if decls.is_empty() {
            return None;
        }
        let children = self.exceptions_to(decls)?;
        let order = match children.order() {
            Ok(order) => order,
            Err(circle) => {
                self.exception_circle(decls, &circle);
                return None;
            }
        };
        let (general, rest) = roots.split_first()?;
        let mut values: Vec<ExprRef> =
            std::iter::once(*general).chain(rest.chunks(2).filter_map(|p| p.get(1)).copied()).collect();
        let conditions: Vec<ExprRef> = rest.chunks(2).filter_map(|p| p.first()).copied().collect();
        let conditions: Vec<ExprRef> =
            decls.iter().zip(conditions).map(|(except, holds)| self.in_force(except, holds, state)).collect();
        for rule in order {
            let mut ranks: BTreeMap<Decimal, Vec<usize>> = BTreeMap::new();
            for child in children.of(rule) {
                let except = child.checked_sub(1).and_then(|i| decls.get(i));
                let rank = except.and_then(|e| e.decl.priority.clone()).unwrap_or(Decimal::ZERO);
                ranks.entry(rank).or_default().push(*child);
            }
            for rank in ranks.into_values() {
                let mut list = Vec::new();
                for child in rank {
                    let Some(at) = child.checked_sub(1) else { continue };
                    let (Some(named), Some(holds), Some(value)) =
                        (rules.get(at), conditions.get(at), values.get(child))
                    else {
                        continue;
                    };
                    list.push((*holds, *value, Arc::clone(&named.provision)));
                }
                let slot = values.get_mut(rule)?;
                let mut checker = Checker { builder: self, state };
                *slot = checker.excepted(list, *slot);
            }
        }
        values.first().copied()
    }

    /// The exceptions to a definition as they are written. Of more targets than are allowed, which `except` refuses, the
    /// first alone.
    pub(super) fn exception_rules(&self, id: DefinitionId, decls: &[Excepting<'_>]) -> Vec<ExceptionRule> {
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (Excepting { decl, .. }, at) in decls.iter().zip(0..) {
            if let Some(label) = &decl.label {
                groups.entry(&label.text).or_default().push(at);
            }
        }
        let mut left = MOST_TARGETS;
        decls
            .iter()
            .map(|Excepting { decl, period, act }| {
                let group = decl.target.as_ref().and_then(|t| groups.get(&*t.text)).map_or(&[][..], Vec::as_slice);
                let to = group.get(..left.min(group.len())).unwrap_or(&[]).to_vec();
                left -= to.len();
                ExceptionRule {
                    provision: Arc::new(Provision {
                        rule: id,
                        label: decl.label.as_ref().map(|n| Arc::clone(&n.text)),
                        basis: self.basis_in(&decl.basis, *act),
                        act: *act,
                        place: self.input.sources.place(decl.span),
                    }),
                    to,
                    condition: decl.condition.span,
                    value: decl.value.span,
                    priority: decl.priority.clone().unwrap_or(Decimal::ZERO),
                    period: *period,
                }
            })
            .collect()
    }

    fn exceptions_to(&mut self, decls: &[Excepting<'_>]) -> Option<Children> {
        let mut groups: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
        for (Excepting { decl, .. }, rule) in decls.iter().zip(1..) {
            if let Some(label) = &decl.label {
                groups.entry(Arc::clone(&label.text)).or_default().push(rule);
            }
        }
        let mut children = vec![Vec::new(); decls.len() + 1];
        let (mut count, mut fits) = (0usize, true);
        for (Excepting { decl, .. }, rule) in decls.iter().zip(1..) {
            let targets: &[usize] = match &decl.target {
                None => &[0],
                Some(target) => match groups.get(&target.text) {
                    Some(group) => group,
                    None => {
                        fits = false;
                        let known: Vec<String> = groups.keys().map(|k| format!("`{k}`")).collect();
                        let known = if known.is_empty() { "-".to_owned() } else { known.join(", ") };
                        self.tell(
                            Finding::error(
                                Code::UNKNOWN_EXCEPTION,
                                target.span,
                                phrase!(
                                    "no exception here has the label `{0}`",
                                    "tidak ada pengecualian di sini berlabel `{0}`",
                                    target.text
                                ),
                            )
                            .help(phrase!(
                                "the labels are: {0}",
                                "label yang ada: {0}",
                                known
                            )),
                        );
                        continue;
                    }
                },
            };
            count = count.saturating_add(targets.len());
            if count > MOST_TARGETS {
                self.tell(
                    Finding::error(
                        Code::TOO_LARGE,
                        decl.span,
                        phrase!(
                            "the exceptions of one rule have more than {0} targets",
                            "pengecualian satu aturan punya lebih dari {0} sasaran",
                            MOST_TARGETS
                        ),
                    )
                    .help(phrase!("say it by a table", "nyatakan dengan tabel")),
                );
                return None;
            }
            for target in targets {
                if let Some(list) = children.get_mut(*target) {
                    list.push(rule);
                }
            }
        }
        fits.then_some(Children(children))
    }

    fn exception_circle(&mut self, decls: &[Excepting<'_>], circle: &[usize]) {
        let of: Vec<&ExceptionDecl> = circle
            .iter()
            .filter_map(|r| r.checked_sub(1))
            .filter_map(|i| decls.get(i))
            .map(|e| e.decl)
            .take(10)
            .collect();
        let Some((first, rest)) = of.split_first() else { return };
        let mut finding = Finding::error(
            Code::EXCEPTION_CYCLE,
            first.span,
            phrase!("an exception is an exception to itself", "pengecualian ini mengecualikan dirinya sendiri"),
        )
        .help(phrase!(
            "let one of the circle be an exception to the rule: leave out its `to`",
            "jadikan salah satunya pengecualian dari aturan: hapus `to` (`terhadap`)"
        ));
        for decl in rest {
            finding = finding.also(decl.span, phrase!("part of the circle", "bagian dari lingkaran"));
        }
        self.tell(finding);
    }

    /// The condition of an exception, which holds only while the exception is in force.
    fn in_force(&mut self, except: &Excepting<'_>, holds: ExprRef, state: &mut Checking<'a>) -> ExprRef {
        if except.act.is_none() {
            self.check_period(&except.decl.validity);
        }
        let mut checker = Checker { builder: self, state };
        let holds = checker.want(holds, &Type::Boolean);
        let span = checker.span_of(holds);
        let mut all = checker.days(&except.period, span);
        if let Some(condition) = checker.builder.bound(except.act) {
            all.push(checker.for_household(condition, span));
        }
        if all.is_empty() {
            return holds;
        }
        all.push(holds);
        checker.push(Kind::And(all), Type::Boolean, span)
    }
}

impl Checker<'_, '_, '_> {
    /// That the dates of the decision are in a period: all of these hold then.
    pub(super) fn days(&mut self, period: &Period, span: Span) -> Vec<ExprRef> {
        days(&mut self.state.out, period, span)
    }

    /// What exceptions of one rank make of a value, all brought to one type.
    pub(super) fn excepted(&mut self, list: Vec<(ExprRef, ExprRef, Arc<Provision>)>, otherwise: ExprRef) -> ExprRef {
        let span = list.first().map_or_else(|| self.span_of(otherwise), |(_, value, _)| self.span_of(*value));
        let arms = list.iter().map(|(holds, value, _)| (*holds, *value)).collect();
        let choice = self.choice(arms, otherwise, span);
        if matches!(self.ty(choice), Type::List(_) | Type::Record(_)) {
            self.builder.tell(
                Finding::error(
                    Code::EXCEPTION_VALUE,
                    span,
                    phrase!(
                        "an exception gives one value, not a list",
                        "pengecualian memberi satu nilai, bukan daftar"
                    ),
                )
                .help(phrase!("choose between lists by `if`", "pilih di antara daftar dengan `if` (`jika`)")),
            );
            return self.poison(span);
        }
        let expr = &mut self.state.out[choice];
        if let Kind::If { arms, otherwise } = &expr.kind {
            let exceptions =
                arms.iter().zip(list).map(|((holds, value), (.., named))| (*holds, *value, named)).collect();
            expr.kind = Kind::Exceptions { exceptions, otherwise: *otherwise };
        }
        choice
    }
}

/// That the dates of the decision are in a period: all of these hold then.
pub(super) fn days(body: &mut ExprBody, period: &Period, span: Span) -> Vec<ExprRef> {
    let ends =
        [(period.from, Kind::AsOf, true), (period.until, Kind::AsOf, false), (period.enacted, Kind::KnownOn, true)];
    let mut all = Vec::new();
    for (day, today, is_first) in ends {
        let Some(day) = day else { continue };
        let day = body.push(Kind::Constant(Value::Date(day)), Type::Date, span);
        let today = body.push(today, Type::Date, span);
        let pair = if is_first { vec![day, today] } else { vec![today, day] };
        all.push(body.push(Kind::Apply(Function::LessEqual, pair), Type::Boolean, span));
    }
    all
}
