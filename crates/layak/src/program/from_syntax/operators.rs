//! The operators: what they take, what they give, in which dimension.

use crate::diagnostic::{Code, Finding, Phrase, phrase};
use crate::program::*;
use crate::source::Span;
use crate::syntax::{BinaryOp, ExprId, StateTest, Unit};
use crate::value::Function;

use super::check::Checker;
use super::shapes::whole;

impl Checker<'_, '_, '_> {
    pub(super) fn binary(&mut self, op: BinaryOp, at: Span, left: ExprId, right: ExprId, span: Span) -> ExprRef {
        let (a, b) = (self.state.done(left), self.state.done(right));
        // A chain has its finding from the parser; what its links compare means nothing.
        let chained = |side: ExprId| matches!(&self.state.exprs[side].kind, crate::syntax::ExprKind::Binary(inner, ..) if compares(*inner));
        if compares(op) && (chained(left) || chained(right)) {
            return self.poison(span);
        }
        match op {
            BinaryOp::Or | BinaryOp::And => {
                let a = self.want(a, &Type::Boolean);
                let b = self.want(b, &Type::Boolean);
                // A chain is one operation of many operands.
                let joins = |kind: &Kind| match (op, kind) {
                    (BinaryOp::Or, Kind::Or(list)) | (BinaryOp::And, Kind::And(list)) => Some(list.clone()),
                    _ => None,
                };
                let mut operands = match joins(&self.state.out[a].kind) {
                    Some(list) if list.len() < 8 => list,
                    _ => vec![a],
                };
                operands.push(b);
                let kind = if op == BinaryOp::Or { Kind::Or(operands) } else { Kind::And(operands) };
                self.push(kind, Type::Boolean, span)
            }
            BinaryOp::Implies => {
                let a = self.want(a, &Type::Boolean);
                let b = self.want(b, &Type::Boolean);
                let not = self.push(Kind::Not(a), Type::Boolean, span);
                self.push(Kind::Or(vec![not, b]), Type::Boolean, span)
            }
            BinaryOp::Equal | BinaryOp::NotEqual => {
                let equal = self.equal(a, b, at, span);
                if op == BinaryOp::Equal { equal } else { self.not(equal, span) }
            }
            BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual => {
                self.order(op, a, b, at, span)
            }
            BinaryOp::In => self.contains(a, b, span),
            BinaryOp::NotIn => {
                let inside = self.contains(a, b, span);
                self.not(inside, span)
            }
            BinaryOp::OrElse => self.or_else(a, b, span),
            BinaryOp::Add => self.add(a, b, at, span),
            BinaryOp::Subtract => self.subtract(a, b, at, span),
            BinaryOp::Multiply => self.multiply(a, b, at, span),
            BinaryOp::Divide => self.divide(a, b, at, span),
        }
    }

    fn not(&mut self, of: ExprRef, span: Span) -> ExprRef {
        if self.ty(of).is_poison() { of } else { self.push(Kind::Not(of), Type::Boolean, span) }
    }

    /// Both sides of a comparison brought to one type.
    fn alike(&mut self, a: ExprRef, b: ExprRef, at: Span) -> Option<(ExprRef, ExprRef, Type)> {
        let ty = self.common(&[a, b]);
        if ty == Type::Pending {
            self.resolved(a);
            self.resolved(b);
            return None;
        }
        let joined = match (self.ty(a), self.ty(b)) {
            (Type::Pending, _) | (_, Type::Pending) => Some(ty),
            (ta, tb) => self.builder.join(&ta, &tb),
        };
        let Some(ty) = joined else {
            self.unlike(a, b, at);
            return None;
        };
        let (a, b) = (self.want(a, &ty), self.want(b, &ty));
        if self.ty(a).is_poison() || self.ty(b).is_poison() || ty.is_poison() {
            return None;
        }
        Some((a, b, ty))
    }

    pub(super) fn unlike(&mut self, a: ExprRef, b: ExprRef, at: Span) {
        let (ta, tb) = (self.ty(a), self.ty(b));
        if ta.is_poison() || tb.is_poison() {
            return;
        }
        let (na, nb) = (self.builder.type_name(&ta), self.builder.type_name(&tb));
        let code = match (ta.required(), tb.required()) {
            (Type::Number(_), Type::Number(_)) | (Type::Duration(_), Type::Duration(_)) => Code::DIMENSION,
            _ => Code::TYPE_MISMATCH,
        };
        let money = |t: &Type| matches!(t.required(), Type::Number(q) if q.money && q.per.is_none());
        let plain = |t: &Type| matches!(t.required(), Type::Number(q) if q.is_plain());
        let help = if (money(&ta) && plain(&tb)) || (plain(&ta) && money(&tb)) {
            Some(phrase!(
                "write the amount with its currency: `IDR 1_000`",
                "tulis jumlah dengan mata uangnya: `IDR 1_000`"
            ))
        } else if code == Code::DIMENSION && matches!(ta.required(), Type::Number(_)) {
            Some(phrase!(
                "bring both to one unit, such as `… per year`, or multiply a rate by its time: `… * 3 months`",
                "samakan satuannya, misalnya `… per year` (`per tahun`), atau kalikan laju dengan waktunya: `… * 3 months`"
            ))
        } else {
            None
        };
        let (sa, sb) = (self.span_of(a), self.span_of(b));
        self.builder.tell(
            Finding::error(
                code,
                at,
                Phrase {
                    en: format!("{} and {} do not go together here", na.en, nb.en),
                    id: format!("{} dan {} tidak dapat dipadukan di sini", na.id, nb.id),
                },
            )
            .also(sa, na)
            .also(sb, nb)
            .maybe_help(help),
        );
    }

    fn equal(&mut self, a: ExprRef, b: ExprRef, at: Span, span: Span) -> ExprRef {
        let Some((a, b, ty)) = self.alike(a, b, at) else { return self.poison(span) };
        if matches!(ty.required(), Type::List(_) | Type::Record(_)) {
            self.unordered(&ty, at);
            return self.poison(span);
        }
        self.apply(Function::Equal, vec![a, b], Type::Boolean, span)
    }

    fn unordered(&mut self, ty: &Type, at: Span) {
        let name = self.builder.type_name(ty);
        self.builder.error(
            Code::TYPE_MISMATCH,
            at,
            Phrase {
                en: format!("values of type {} cannot be compared like this", name.en),
                id: format!("nilai bertipe {} tidak dapat dibandingkan seperti ini", name.id),
            },
        );
    }

    pub(super) fn order(&mut self, op: BinaryOp, a: ExprRef, b: ExprRef, at: Span, span: Span) -> ExprRef {
        let (a, b) = (self.required(a), self.required(b));
        let Some((a, b, ty)) = self.alike(a, b, at) else { return self.poison(span) };
        if !ty.is_ordered() {
            self.unordered(&ty, at);
            return self.poison(span);
        }
        let (function, operands) = match op {
            BinaryOp::Less => (Function::Less, vec![a, b]),
            BinaryOp::Greater => (Function::Less, vec![b, a]),
            BinaryOp::GreaterEqual => (Function::LessEqual, vec![b, a]),
            _ => (Function::LessEqual, vec![a, b]),
        };
        self.apply(function, operands, Type::Boolean, span)
    }

    /// `x in 1..4`, `x in [a, b]`, `x in list`.
    pub(super) fn contains(&mut self, a: ExprRef, list: ExprRef, span: Span) -> ExprRef {
        if let Some(range) = self.state.loose.remove(&list) {
            let (low, high, open) = (range.low, range.high, range.open);
            let a = self.required(a);
            let mut tests = Vec::new();
            if let Some(low) = low {
                tests.push(self.order(BinaryOp::GreaterEqual, a, low, span, span));
            }
            if let Some(high) = high {
                let op = if open { BinaryOp::Less } else { BinaryOp::LessEqual };
                tests.push(self.order(op, a, high, span, span));
            }
            if tests.iter().any(|t| self.ty(*t).is_poison()) {
                return self.poison(span);
            }
            return self.push(Kind::And(tests), Type::Boolean, span);
        }
        if let Kind::List(items) = self.state.out[list].kind.clone() {
            let tests: Vec<ExprRef> = items.into_iter().map(|item| self.equal(a, item, span, span)).collect();
            if tests.iter().any(|t| self.ty(*t).is_poison()) {
                return self.poison(span);
            }
            return self.push(Kind::Or(tests), Type::Boolean, span);
        }
        let Some(item) = self.item_type(list) else { return self.poison(span) };
        // A bare name may be a member of the items' enum.
        let as_is = matches!(item, Type::Optional(_)) || self.ty(a) == Type::Pending;
        let a = if as_is { a } else { self.required(a) };
        let a = self.want(a, &item);
        self.push(Kind::Contains { list, item: a }, Type::Boolean, span)
    }

    fn or_else(&mut self, a: ExprRef, b: ExprRef, span: Span) -> ExprRef {
        if let Kind::Aggregate { function, list, empty: None } = self.state.out[a].kind.clone() {
            let ty = self.common(&[a, b]);
            let b = self.want(b, &ty);
            return self.push(Kind::Aggregate { function, list, empty: Some(b) }, ty, span);
        }
        match self.ty(a) {
            Type::Optional(inner) => {
                let joined = match self.ty(b) {
                    Type::Pending => Some((*inner).clone()),
                    other => self.builder.join(&inner, &other),
                };
                let Some(ty) = joined else {
                    self.unlike(a, b, span);
                    return self.poison(span);
                };
                let b = self.want(b, &ty);
                self.push(Kind::OrElse(a, b), ty, span)
            }
            Type::Poison => self.poison(span),
            Type::Pending => self.resolved(a),
            _ => {
                self.builder.tell(
                    Finding::error(
                        Code::NEVER_NONE,
                        span,
                        phrase!(
                            "`or else` needs something that can be none: an optional value, or an aggregate of a list",
                            "`or else` (`atau lainnya`) memerlukan sesuatu yang bisa kosong: nilai opsional atau agregat daftar"
                        ),
                    )
                    .help(phrase!(
                        "for a value that may be unknown, write `assume(x, …)`",
                        "untuk nilai yang mungkin belum diketahui, tulis `assume(x, …)` (`anggap`)"
                    )),
                );
                self.poison(span)
            }
        }
    }

    pub(super) fn negate(&mut self, of: ExprRef, span: Span) -> ExprRef {
        let of = self.required(of);
        match self.ty(of) {
            ty @ Type::Number(_) => match self.state.out[of].kind.clone() {
                Kind::Constant(crate::value::Value::Number(n)) => {
                    self.constant(crate::value::Value::Number(n.negated()), ty, span)
                }
                _ => self.apply(Function::Negate, vec![of], ty, span),
            },
            ty @ Type::Duration(_) => self.apply(Function::DurationNegate, vec![of], ty, span),
            _ => self.need_number(of, span),
        }
    }

    fn pair(&mut self, a: ExprRef, b: ExprRef) -> Option<(ExprRef, ExprRef, Type, Type)> {
        let (a, b) = (self.required(a), self.required(b));
        let (ta, tb) = (self.ty(a), self.ty(b));
        (!ta.is_poison() && !tb.is_poison()).then_some((a, b, ta, tb))
    }

    pub(super) fn add(&mut self, a: ExprRef, b: ExprRef, at: Span, span: Span) -> ExprRef {
        let Some((a, b, ta, tb)) = self.pair(a, b) else { return self.poison(span) };
        match (&ta, &tb) {
            (Type::Number(x), Type::Number(y)) if x.same_dimension(*y) => {
                let ty = Type::Number(Quantity { whole: x.whole && y.whole, ..*x });
                self.apply(Function::Add, vec![a, b], ty, span)
            }
            (Type::Date, Type::Duration(_)) => self.shift(Function::DateAdd, a, b, &tb, span),
            (Type::Duration(_), Type::Date) => self.shift(Function::DateAdd, b, a, &ta, span),
            (Type::Duration(x), Type::Duration(y)) => {
                let ty = Type::Duration(if x == y { *x } else { DurationKind::Mixed });
                self.apply(Function::DurationAdd, vec![a, b], ty, span)
            }
            _ => {
                self.unlike(a, b, at);
                self.poison(span)
            }
        }
    }

    fn shift(&mut self, function: Function, date: ExprRef, duration: ExprRef, ty: &Type, span: Span) -> ExprRef {
        if !matches!(ty, Type::Duration(DurationKind::Days)) {
            self.need_calendar(span);
        }
        self.apply(function, vec![date, duration], Type::Date, span)
    }

    pub(super) fn subtract(&mut self, a: ExprRef, b: ExprRef, at: Span, span: Span) -> ExprRef {
        let Some((a, b, ta, tb)) = self.pair(a, b) else { return self.poison(span) };
        match (&ta, &tb) {
            (Type::Number(x), Type::Number(y)) if x.same_dimension(*y) => {
                let ty = Type::Number(Quantity { whole: x.whole && y.whole, ..*x });
                self.apply(Function::Subtract, vec![a, b], ty, span)
            }
            (Type::Date, Type::Date) => {
                self.apply(Function::DateDifference, vec![a, b], Type::Duration(DurationKind::Days), span)
            }
            (Type::Date, Type::Duration(_)) => self.shift(Function::DateSubtract, a, b, &tb, span),
            (Type::Duration(x), Type::Duration(y)) => {
                let ty = Type::Duration(if x == y { *x } else { DurationKind::Mixed });
                let b = self.apply(Function::DurationNegate, vec![b], tb.clone(), span);
                self.apply(Function::DurationAdd, vec![a, b], ty, span)
            }
            _ => {
                self.unlike(a, b, at);
                self.poison(span)
            }
        }
    }

    pub(super) fn multiply(&mut self, a: ExprRef, b: ExprRef, at: Span, span: Span) -> ExprRef {
        let Some((a, b, ta, tb)) = self.pair(a, b) else { return self.poison(span) };
        match (&ta, &tb) {
            (Type::Number(x), Type::Number(y)) if x.is_plain() || y.is_plain() => {
                let big = if x.is_plain() { y } else { x };
                let ty = Type::Number(Quantity { whole: x.whole && y.whole, ..*big });
                self.apply(Function::Multiply, vec![a, b], ty, span)
            }
            (Type::Number(q), Type::Duration(kind)) if q.per.is_some() => self.over_time(a, *q, b, *kind, at, span),
            (Type::Duration(kind), Type::Number(q)) if q.per.is_some() => self.over_time(b, *q, a, *kind, at, span),
            (Type::Duration(_), Type::Number(q)) if q.is_plain() && q.whole => {
                self.apply(Function::DurationMultiply, vec![a, b], ta, span)
            }
            (Type::Number(q), Type::Duration(_)) if q.is_plain() && q.whole => {
                self.apply(Function::DurationMultiply, vec![b, a], tb, span)
            }
            _ => {
                self.unlike(a, b, at);
                self.poison(span)
            }
        }
    }

    /// A rate times a time: money per month times months is money.
    fn over_time(
        &mut self,
        rate: ExprRef,
        q: Quantity,
        time: ExprRef,
        kind: DurationKind,
        at: Span,
        span: Span,
    ) -> ExprRef {
        let (function, divisor) = match (q.per, kind) {
            (Some(Unit::Month), DurationKind::Months) => (Function::DurationMonths, 1),
            (Some(Unit::Year), DurationKind::Months) => (Function::DurationMonths, 12),
            (Some(Unit::Day), DurationKind::Days) => (Function::DurationDays, 1),
            (Some(Unit::Week), DurationKind::Days) => (Function::DurationDays, 7),
            _ => {
                self.unlike(rate, time, at);
                return self.poison(span);
            }
        };
        let count = self.apply(function, vec![time], Type::INTEGER, span);
        let ty = Type::Number(Quantity { per: None, whole: q.whole && divisor == 1, ..q });
        let product = self.apply(Function::Multiply, vec![rate, count], ty.clone(), span);
        if divisor == 1 {
            return product;
        }
        let divisor = self.constant(whole(divisor), Type::INTEGER, span);
        self.apply(Function::Divide, vec![product, divisor], ty, span)
    }

    fn divide(&mut self, a: ExprRef, b: ExprRef, at: Span, span: Span) -> ExprRef {
        let Some((a, b, ta, tb)) = self.pair(a, b) else { return self.poison(span) };
        let quantity = match (&ta, &tb) {
            (Type::Number(x), Type::Number(y)) if y.is_plain() => Quantity { whole: false, ..*x },
            (Type::Number(x), Type::Number(y)) if x.same_dimension(*y) => Quantity::NUMBER,
            (Type::Number(x), Type::Number(y)) if !y.money && x.per == y.per && x.money => Quantity::MONEY,
            _ => {
                self.unlike(a, b, at);
                return self.poison(span);
            }
        };
        self.apply(Function::Divide, vec![a, b], Type::Number(quantity), span)
    }

    pub(super) fn state_test(&mut self, of: ExprId, test: StateTest, negated: bool, span: Span) -> ExprRef {
        let of = self.state.done(of);
        let of = self.resolved(of);
        let ty = self.ty(of);
        if ty.is_poison() {
            return self.poison(span);
        }
        if test == StateTest::None && !matches!(ty, Type::Optional(_)) {
            let name = self.builder.type_name(&ty);
            self.builder.tell(
                Finding::error(
                    Code::NEVER_NONE,
                    span,
                    Phrase {
                        en: format!("a value of type {} is never none", name.en),
                        id: format!("nilai bertipe {} tidak pernah kosong", name.id),
                    },
                )
                .help(phrase!(
                    "ask `is known`, or declare the fact `optional`",
                    "tanyakan `is known` (`adalah diketahui`), atau nyatakan faktanya `optional` (`opsional`)"
                )),
            );
            return self.poison(span);
        }
        let state = self.push(Kind::State(test, of), Type::Boolean, span);
        if negated { self.not(state, span) } else { state }
    }

    pub(super) fn period(&mut self, unit: Unit, from: ExprRef, to: ExprRef, inclusive: bool, span: Span) -> ExprRef {
        if matches!(unit, Unit::Year | Unit::Month) {
            self.need_calendar(span);
        }
        let to = if inclusive && unit != Unit::Day {
            let day = crate::value::Value::Duration(crate::value::Duration { months: 0, days: 1 });
            let day = self.constant(day, Type::Duration(DurationKind::Days), span);
            self.apply(Function::DateAdd, vec![to, day], Type::Date, span)
        } else {
            to
        };
        let function = match unit {
            Unit::Year => Function::YearsBetween,
            Unit::Month => Function::MonthsBetween,
            Unit::Day if inclusive => Function::DaysThrough,
            Unit::Day | Unit::Week => Function::DaysBetween,
        };
        let count = self.apply(function, vec![from, to], Type::INTEGER, span);
        if unit != Unit::Week {
            return count;
        }
        let seven = self.constant(whole(7), Type::INTEGER, span);
        let weeks = self.apply(Function::Divide, vec![count, seven], Type::NUMBER, span);
        self.apply(Function::Floor, vec![weeks], Type::INTEGER, span)
    }
}

/// Whether an operator compares.
fn compares(op: BinaryOp) -> bool {
    matches!(
        op,
        BinaryOp::Equal
            | BinaryOp::NotEqual
            | BinaryOp::Less
            | BinaryOp::LessEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterEqual
            | BinaryOp::In
            | BinaryOp::NotIn
    )
}
