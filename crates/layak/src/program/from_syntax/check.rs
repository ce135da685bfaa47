//! Checking of expressions.
//!
//! The tree's order makes it two loops: from the root down, every expression gets its scope; from the leaves up, its type.
//! An expression that needs the type of a definition not yet checked stops the loop, which goes on where it stopped once
//! that type is known: no definition is checked inside another's call.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Code, Finding, phrase};
use crate::program::*;
use crate::source::Span;
use crate::syntax::{self, Body, ExprId, ExprKind, Exprs, Literal, UnaryOp, Unit};
use crate::value::{Function, Value};

use super::{Builder, Wanted};

/// A type that must be known before the work can go on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Need(pub Wanted);

pub(super) type Step<T = ExprRef> = Result<T, Need>;

/// Where a bare name is looked for.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub parent: Option<usize>,
    pub var: Var,
    pub name: Option<Arc<str>>,
    /// The list whose elements it goes through; its type is known when the scope is entered. None for the owner.
    pub list: Option<ExprId>,
}

/// A range, which is no value of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loose {
    pub span: Span,
    pub low: Option<ExprRef>,
    pub high: Option<ExprRef>,
    pub open: bool,
}

/// The checking of the expressions of one declaration, kept while others are checked first.
#[derive(Clone, Debug)]
pub(super) struct Checking<'a> {
    pub exprs: &'a Exprs,
    pub module: ModuleId,
    pub owner: Option<EntityId>,
    pub arguments: Vec<(Arc<str>, Type)>,
    pub in_test: bool,
    pub out: ExprBody,
    pub scopes: Vec<Scope>,
    pub programmes: BTreeMap<ExprRef, (ExprRef, ProgrammeId)>,
    body: Option<Body>,
    next: u32,
    done: Vec<Option<ExprRef>>,
    scope_of: Vec<usize>,
    /// Ranges that stand where no range may, unless what holds them takes them.
    pub loose: BTreeMap<ExprRef, Loose>,
    /// Names that nothing has given a meaning yet.
    pub pending: BTreeMap<ExprRef, usize>,
}

impl<'a> Checking<'a> {
    pub(super) fn new(exprs: &'a Exprs, module: ModuleId, owner: Option<EntityId>) -> Checking<'a> {
        Checking {
            exprs,
            module,
            owner,
            arguments: Vec::new(),
            in_test: false,
            out: ExprBody::with_owner(),
            scopes: vec![Scope { parent: None, var: Var::OWNER, name: None, list: None }],
            programmes: BTreeMap::new(),
            body: None,
            next: 0,
            done: Vec::new(),
            scope_of: Vec::new(),
            loose: BTreeMap::new(),
            pending: BTreeMap::new(),
        }
    }

    fn at(&self, id: ExprId) -> usize {
        self.body.map_or(0, |b| id.0.saturating_sub(b.first.0) as usize)
    }

    /// What an operand has become. INVARIANT: operands come before what uses them.
    pub(super) fn done(&self, id: ExprId) -> ExprRef {
        self.done.get(self.at(id)).copied().flatten().unwrap_or(ExprRef(0))
    }

    pub(super) fn scope(&self, id: ExprId) -> usize {
        self.scope_of.get(self.at(id)).copied().unwrap_or(0)
    }

    fn set_scope(&mut self, id: ExprId, scope: usize) {
        let at = self.at(id);
        if let Some(slot) = self.scope_of.get_mut(at) {
            *slot = scope;
        }
    }

    fn inner(&mut self, scope: usize, list: ExprId, name: Option<&syntax::Name>) -> usize {
        let var = Var(self.out.vars);
        self.out.vars += 1;
        let name = name.map(|n| Arc::clone(&n.text));
        self.scopes.push(Scope { parent: Some(scope), var, name, list: Some(list) });
        self.scopes.len() - 1
    }

    /// Begins with another body of the same declaration.
    fn begin(&mut self, body: Body) {
        self.body = Some(body);
        self.next = body.first.0;
        let count = (body.root.0.saturating_sub(body.first.0) + 1) as usize;
        self.done.clear();
        self.done.resize(count, None);
        self.scope_of.clear();
        self.scope_of.resize(count, 0);
        let exprs = self.exprs;
        for id in (body.first.0..=body.root.0).rev().map(ExprId) {
            let scope = self.scope(id);
            match &exprs[id].kind {
                ExprKind::Literal(_) | ExprKind::Name(_) | ExprKind::Broken => {}
                ExprKind::Member { of, .. }
                | ExprKind::Element { of, .. }
                | ExprKind::Unary(_, of)
                | ExprKind::State { of, .. }
                | ExprKind::Per(of, _)
                | ExprKind::Outcome(of, _)
                | ExprKind::Parens(of) => self.set_scope(*of, scope),
                ExprKind::Call { of, arguments, .. } => {
                    of.iter().for_each(|of| self.set_scope(*of, scope));
                    arguments.iter().for_each(|a| self.set_scope(a.value, scope));
                }
                ExprKind::Binary(_, _, a, b) | ExprKind::Top { count: a, list: b } => {
                    self.set_scope(*a, scope);
                    self.set_scope(*b, scope);
                }
                ExprKind::Period { from, to, .. } => {
                    self.set_scope(*from, scope);
                    self.set_scope(*to, scope);
                }
                ExprKind::If { arms, otherwise } => {
                    for (condition, value) in arms {
                        self.set_scope(*condition, scope);
                        self.set_scope(*value, scope);
                    }
                    self.set_scope(*otherwise, scope);
                }
                ExprKind::List(items) => items.iter().for_each(|i| self.set_scope(*i, scope)),
                ExprKind::Range { low, high, .. } => {
                    low.iter().chain(high).for_each(|e| self.set_scope(*e, scope));
                }
                ExprKind::Where { list, element, condition: body } | ExprKind::Each { list, element, value: body } => {
                    self.set_scope(*list, scope);
                    let inner = self.inner(scope, *list, element.as_ref());
                    self.set_scope(*body, inner);
                }
                ExprKind::SortBy { list, key, .. } => {
                    self.set_scope(*list, scope);
                    let inner = self.inner(scope, *list, None);
                    self.set_scope(*key, inner);
                }
            }
        }
    }
}

/// A builder at work on one declaration's expressions.
pub(super) struct Checker<'b, 'a, 'e> {
    pub builder: &'b mut Builder<'a>,
    pub state: &'b mut Checking<'e>,
}

impl<'e> Checker<'_, '_, 'e> {
    /// Checks a body to its root, or as far as the types known allow; called again it goes on from there.
    pub(super) fn body(&mut self, body: Body) -> Step {
        if self.state.body.is_none_or(|b| b.first != body.first || b.root != body.root) {
            self.state.begin(body);
        }
        while self.state.next <= body.root.0 {
            let id = ExprId(self.state.next);
            let mark = self.state.out.len();
            match self.step(id) {
                Ok(done) => {
                    let at = self.state.at(id);
                    if let Some(slot) = self.state.done.get_mut(at) {
                        *slot = Some(done);
                    }
                    self.state.next += 1;
                }
                Err(need) => {
                    self.state.out.truncate(mark);
                    return Err(need);
                }
            }
        }
        let root = self.state.done(body.root);
        self.state.body = None;
        Ok(root)
    }

    /// What is left over at the end of a declaration: ranges and names that nothing has taken.
    pub(super) fn finish(&mut self) {
        for (_, loose) in std::mem::take(&mut self.state.loose) {
            self.misplaced_range(loose.span);
        }
        for (expr, scope) in std::mem::take(&mut self.state.pending) {
            self.unknown(expr, scope);
        }
    }

    pub(super) fn misplaced_range(&mut self, span: Span) {
        self.builder.tell(
            Finding::error(
                Code::MISPLACED_RANGE,
                span,
                phrase!(
                    "a range can stand only after `in` or in a table",
                    "rentang hanya boleh setelah `in` (`dalam`) atau di tabel"
                ),
            )
            .help(phrase!("write `x in 1..4`", "tulis `x in 1..4` (`x dalam 1..4`)")),
        );
    }

    pub(super) fn span(&self, id: ExprId) -> Span {
        self.state.exprs[id].span
    }

    pub(super) fn span_of(&self, expr: ExprRef) -> Span {
        self.state.out[expr].span
    }

    pub(super) fn ty(&self, expr: ExprRef) -> Type {
        self.state.out[expr].ty.clone()
    }

    pub(super) fn push(&mut self, kind: Kind, ty: Type, span: Span) -> ExprRef {
        self.state.out.push(kind, ty, span)
    }

    pub(super) fn constant(&mut self, value: Value, ty: Type, span: Span) -> ExprRef {
        self.push(Kind::Constant(value), ty, span)
    }

    pub(super) fn apply(&mut self, function: Function, operands: Vec<ExprRef>, ty: Type, span: Span) -> ExprRef {
        self.push(Kind::Apply(function, operands), ty, span)
    }

    /// An expression that a finding has been raised on.
    pub(super) fn poison(&mut self, span: Span) -> ExprRef {
        self.push(Kind::Broken, Type::Poison, span)
    }

    fn step(&mut self, id: ExprId) -> Step {
        let exprs: &'e Exprs = self.state.exprs;
        let span = self.span(id);
        let scope = self.state.scope(id);
        Ok(match &exprs[id].kind {
            ExprKind::Literal(literal) => self.literal(literal, span),
            ExprKind::Name(name) => return self.name(name, scope),
            ExprKind::Member { of, name } => return self.member(id, *of, name, span),
            ExprKind::Element { of, at } => self.element(*of, at, span),
            ExprKind::Call { of, name, arguments } => return self.call(*of, name, arguments, scope, span),
            ExprKind::Unary(UnaryOp::Not, of) => {
                let of = self.want(self.state.done(*of), &Type::Boolean);
                self.push(Kind::Not(of), Type::Boolean, span)
            }
            ExprKind::Unary(UnaryOp::Negate, of) => self.negate(self.state.done(*of), span),
            ExprKind::Binary(op, at, left, right) => self.binary(*op, *at, *left, *right, span),
            ExprKind::State { of, test, negated } => self.state_test(*of, *test, *negated, span),
            ExprKind::If { arms, otherwise } => {
                let arms = arms.iter().map(|(c, v)| (self.state.done(*c), self.state.done(*v))).collect();
                self.choice(arms, self.state.done(*otherwise), span)
            }
            ExprKind::List(items) => {
                let items: Vec<ExprRef> = items.iter().map(|i| self.state.done(*i)).collect();
                self.list(items, span)
            }
            ExprKind::Range { low, high, open } => {
                let low = low.map(|e| self.state.done(e));
                let high = high.map(|e| self.state.done(e));
                let range = self.poison(span);
                self.state.loose.insert(range, Loose { span, low, high, open: *open });
                range
            }
            ExprKind::Where { list, element, condition } => {
                self.shadow(element.as_ref(), scope);
                let var = self.scope_var(*condition);
                let condition = self.want(self.state.done(*condition), &Type::Boolean);
                let list = self.state.done(*list);
                match self.item_type(list) {
                    None => self.poison(span),
                    Some(item) => self.push(Kind::Where { list, var, condition }, Type::list_of(item), span),
                }
            }
            ExprKind::Each { list, element, value } => {
                self.shadow(element.as_ref(), scope);
                let var = self.scope_var(*value);
                let value = self.resolved(self.state.done(*value));
                let list = self.state.done(*list);
                match self.item_type(list) {
                    None => self.poison(span),
                    Some(_) => self.each(list, var, value, span),
                }
            }
            ExprKind::SortBy { list, key, descending } => {
                let var = self.scope_var(*key);
                let key = self.required(self.state.done(*key));
                self.sortable(key);
                let list = self.state.done(*list);
                match self.item_type(list) {
                    None => self.poison(span),
                    Some(item) => {
                        let kind = Kind::SortBy { list, var, key, descending: *descending };
                        self.push(kind, Type::list_of(item), span)
                    }
                }
            }
            ExprKind::Top { count, list } => {
                let count = self.want(self.state.done(*count), &Type::INTEGER);
                let list = self.state.done(*list);
                match self.item_type(list) {
                    None => self.poison(span),
                    Some(item) => self.push(Kind::Top { list, count }, Type::list_of(item), span),
                }
            }
            ExprKind::Period { unit, from, to, inclusive } => {
                let from = self.want(self.state.done(*from), &Type::Date);
                let to = self.want(self.state.done(*to), &Type::Date);
                self.period(*unit, from, to, *inclusive, span)
            }
            ExprKind::Per(of, unit) => self.per(self.state.done(*of), *unit, span),
            ExprKind::Outcome(of, outcome) => self.outcome(self.state.done(*of), *outcome, span),
            ExprKind::Parens(of) => self.state.done(*of),
            ExprKind::Broken => self.poison(span),
        })
    }

    /// What a list is sorted by is one value an item.
    fn sortable(&mut self, key: ExprRef) {
        let ty = self.ty(key);
        if ty.is_scalar() {
            return;
        }
        let name = self.builder.type_name(&ty);
        let span = self.span_of(key);
        self.builder.tell(
            Finding::error(
                Code::TYPE_MISMATCH,
                span,
                crate::diagnostic::Phrase {
                    en: format!("a list is sorted by a value of each item, this is {}", name.en),
                    id: format!("daftar diurutkan menurut nilai tiap butir, ini {}", name.id),
                },
            )
            .help(phrase!(
                "name what each item has: `members sort by age`",
                "sebut yang dimiliki tiap butir: `members sort by age` (`urut menurut`)"
            )),
        );
    }

    /// The variable of the scope that an expression stands in.
    fn scope_var(&self, body: ExprId) -> Var {
        self.state.scopes.get(self.state.scope(body)).map_or(Var::OWNER, |s| s.var)
    }

    pub(super) fn each(&mut self, list: ExprRef, var: Var, value: ExprRef, span: Span) -> ExprRef {
        let ty = self.ty(value);
        if matches!(ty, Type::List(_)) {
            self.builder.tell(
                Finding::error(
                    Code::LIST_OF_LISTS,
                    span,
                    phrase!("a list of lists has no meaning here", "daftar berisi daftar tidak bermakna di sini"),
                )
                .help(phrase!(
                    "define the inner aggregate on the element, then aggregate that",
                    "definisikan agregat dalam pada anggotanya, lalu agregatkan hasilnya"
                )),
            );
            return self.poison(span);
        }
        self.push(Kind::Each { list, var, value }, Type::list_of(ty), span)
    }

    fn literal(&mut self, literal: &Literal, span: Span) -> ExprRef {
        let (value, ty) = match literal {
            Literal::Number(n) => {
                let ty = Type::Number(Quantity { whole: n.is_integer(), ..Quantity::NUMBER });
                (Value::Number(n.clone()), ty)
            }
            Literal::Money(currency, n) => {
                self.builder.check_currency(currency);
                (Value::Number(n.clone()), Type::Number(Quantity::MONEY))
            }
            Literal::Date(d) => (Value::Date(*d), Type::Date),
            Literal::Duration(d) => {
                let kind = match (d.months, d.days) {
                    (_, 0) if d.months != 0 => DurationKind::Months,
                    (0, _) => DurationKind::Days,
                    _ => DurationKind::Mixed,
                };
                (Value::Duration(*d), Type::Duration(kind))
            }
            Literal::Text(t) => (Value::Text(Arc::clone(t)), Type::Text),
            Literal::Boolean(b) => (Value::Boolean(*b), Type::Boolean),
        };
        self.constant(value, ty, span)
    }

    /// The type of a list's items; a finding where it is no list.
    pub(super) fn item_type(&mut self, list: ExprRef) -> Option<Type> {
        match self.ty(list) {
            Type::List(item) if matches!(*item, Type::Record(_)) => {
                let name = self.builder.type_name(&item);
                let span = self.span_of(list);
                self.builder.tell(
                    Finding::error(
                        Code::TYPE_MISMATCH,
                        span,
                        crate::diagnostic::Phrase {
                            en: format!("a list of values is needed here, this is a list of {}", name.en),
                            id: format!("di sini perlu daftar nilai, ini daftar {}", name.id),
                        },
                    )
                    .help(phrase!(
                        "name one of the outputs: `table.output`",
                        "sebut salah satu keluaran: `tabel.keluaran`"
                    )),
                );
                None
            }
            Type::List(item) => Some(*item),
            Type::Poison => None,
            Type::Pending => {
                self.resolved(list);
                None
            }
            other => {
                let name = self.builder.type_name(&other);
                let span = self.span_of(list);
                self.builder.error(
                    Code::TYPE_MISMATCH,
                    span,
                    crate::diagnostic::Phrase {
                        en: format!("a list is needed here, this is {}", name.en),
                        id: format!("di sini perlu daftar, ini {}", name.id),
                    },
                );
                None
            }
        }
    }

    fn element(&mut self, of: ExprId, at: &syntax::ElementAt, span: Span) -> ExprRef {
        let list = self.state.done(of);
        if !self.state.in_test {
            self.builder.tell(
                Finding::error(
                    Code::TEST_ONLY,
                    span,
                    phrase!("rules name no single element of a list", "aturan tidak menunjuk satu anggota daftar"),
                )
                .help(phrase!(
                    "choose elements by what they are: `members where …`",
                    "pilih anggota menurut cirinya: `members where …` (`members yang …`)"
                )),
            );
            return self.poison(span);
        }
        let Some(item) = self.item_type(list) else { return self.poison(span) };
        let at = match at {
            syntax::ElementAt::Position(n) => ElementAt::Position(*n),
            syntax::ElementAt::Key(key) => ElementAt::Key(Arc::clone(key)),
        };
        self.push(Kind::Element { list, at }, item, span)
    }

    fn list(&mut self, items: Vec<ExprRef>, span: Span) -> ExprRef {
        let mut ty = Type::Pending;
        for item in &items {
            let mine = self.ty(*item);
            ty = match (ty, mine) {
                (Type::Pending, mine) => mine,
                (ty, Type::Pending | Type::Poison) => ty,
                (ty, mine) => self.builder.join(&ty, &mine).unwrap_or(ty),
            };
        }
        let items: Vec<ExprRef> =
            if ty == Type::Pending { items } else { items.into_iter().map(|i| self.want(i, &ty)).collect() };
        self.push(Kind::List(items), Type::list_of(ty), span)
    }

    /// `if` with its arms brought to one type.
    pub(super) fn choice(&mut self, arms: Vec<(ExprRef, ExprRef)>, otherwise: ExprRef, span: Span) -> ExprRef {
        let arms: Vec<(ExprRef, ExprRef)> = arms.into_iter().map(|(c, v)| (self.want(c, &Type::Boolean), v)).collect();
        let mut values: Vec<ExprRef> = arms.iter().map(|(_, v)| *v).collect();
        values.push(otherwise);
        let ty = self.common(&values);
        if ty != Type::Pending {
            values = values.into_iter().map(|v| self.want(v, &ty)).collect();
        }
        let otherwise = values.pop().unwrap_or(otherwise);
        let arms = arms.into_iter().zip(values).map(|((c, _), v)| (c, v)).collect();
        self.push(Kind::If { arms, otherwise }, ty, span)
    }

    /// The type that all of several expressions can take; `Pending` where all are names without a meaning yet.
    pub(super) fn common(&mut self, values: &[ExprRef]) -> Type {
        let mut ty = Type::Pending;
        let mut optional = false;
        for value in values {
            let mine = self.ty(*value);
            if mine == Type::Pending {
                optional |=
                    matches!(&self.state.out[*value].kind, Kind::Pending(n) if n.word.as_deref() == Some("none"));
                continue;
            }
            ty = match ty {
                Type::Pending => mine,
                ty => self.builder.join(&ty, &mine).unwrap_or(ty),
            };
        }
        let has_none = |ty: &Type| match ty {
            Type::Enum(id) => self.builder.enums[*id].members.iter().any(|m| &*m.name == "none"),
            _ => false,
        };
        if optional && ty != Type::Pending && !has_none(&ty) { Type::optional(ty) } else { ty }
    }

    fn per(&mut self, of: ExprRef, unit: Unit, span: Span) -> ExprRef {
        let of = self.required(of);
        let Type::Number(quantity) = self.ty(of) else {
            return self.need_number(of, span);
        };
        let ty =
            Type::Number(Quantity { per: Some(unit), whole: quantity.whole && quantity.per.is_none(), ..quantity });
        let Some(from) = quantity.per else {
            // The amount stays, its unit becomes that of a rate.
            let kind = self.state.out[of].kind.clone();
            return self.push(kind, ty, span);
        };
        if from == unit {
            return of;
        }
        self.convert_rate(of, from, unit, ty, span)
    }

    /// A rate in another unit of time, where the two have a fixed ratio.
    fn convert_rate(&mut self, of: ExprRef, from: Unit, to: Unit, ty: Type, span: Span) -> ExprRef {
        let (function, factor) = match (from, to) {
            (Unit::Year, Unit::Month) => (Function::Divide, 12),
            (Unit::Month, Unit::Year) => (Function::Multiply, 12),
            (Unit::Week, Unit::Day) => (Function::Divide, 7),
            (Unit::Day, Unit::Week) => (Function::Multiply, 7),
            _ => {
                self.builder.tell(
                    Finding::error(
                        Code::DIMENSION,
                        span,
                        phrase!("months and days have no fixed ratio", "bulan dan hari tidak punya perbandingan tetap"),
                    )
                    .help(phrase!(
                        "months convert to years, days to weeks",
                        "bulan dapat menjadi tahun, hari dapat menjadi pekan"
                    )),
                );
                return self.poison(span);
            }
        };
        let factor = self.constant(super::shapes::whole(factor), Type::INTEGER, span);
        self.apply(function, vec![of, factor], ty, span)
    }

    pub(super) fn need_number(&mut self, of: ExprRef, span: Span) -> ExprRef {
        let ty = self.ty(of);
        if !ty.is_poison() {
            let name = self.builder.type_name(&ty);
            self.builder.error(
                Code::TYPE_MISMATCH,
                span,
                crate::diagnostic::Phrase {
                    en: format!("a number is needed here, this is {}", name.en),
                    id: format!("di sini perlu bilangan, ini {}", name.id),
                },
            );
        }
        self.poison(span)
    }

    /// Years and months cannot be counted before the ruleset says how.
    pub(super) fn need_calendar(&mut self, span: Span) {
        self.builder.need_calendar(span);
    }

    fn outcome(&mut self, of: ExprRef, outcome: syntax::OutcomeWord, span: Span) -> ExprRef {
        let Some((of_element, programme)) = self.state.programmes.get(&of).copied() else {
            let ty = self.ty(of);
            if ty == Type::Pending {
                return self.resolved(of);
            }
            if !ty.is_poison() {
                self.builder.error(
                    Code::WRONG_KIND,
                    self.span_of(of),
                    phrase!("only a programme has an outcome", "hanya program yang punya hasil"),
                );
            }
            return self.poison(span);
        };
        self.state.pending.remove(&of);
        self.push(Kind::Outcome { of: of_element, programme, outcome }, Type::Boolean, span)
    }

    /// The entity whose element an expression is.
    pub(super) fn element_entity(&self, expr: ExprRef) -> Option<EntityId> {
        match self.state.out[expr].ty.required() {
            Type::Element(id) => Some(*id),
            _ => None,
        }
    }

    /// The name of an entity.
    pub(super) fn entity_name(&self, id: EntityId) -> Arc<str> {
        Arc::clone(&self.builder.entities[id].declared.name)
    }
}
