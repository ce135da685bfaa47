//! Bringing an expression to the type that its place asks for.

use std::sync::Arc;

use crate::diagnostic::{Code, Finding, Phrase, phrase};
use crate::program::*;
use crate::syntax::Name;
use crate::value::{Function, Value};

use super::Builder;
use super::check::Checker;

impl Builder<'_> {
    /// The type that holds the values of both, if one does.
    pub(super) fn join(&self, a: &Type, b: &Type) -> Option<Type> {
        match (a, b) {
            (Type::Poison, other) | (other, Type::Poison) => Some(other.clone()),
            (Type::Pending, other) | (other, Type::Pending) => Some(other.clone()),
            (Type::Optional(a), Type::Optional(b)) => self.join(a, b).map(Type::optional),
            (Type::Optional(a), b) | (b, Type::Optional(a)) => self.join(a, b).map(Type::optional),
            (Type::Number(a), Type::Number(b)) if a.same_dimension(*b) => {
                Some(Type::Number(Quantity { whole: a.whole && b.whole, ..*a }))
            }
            (Type::Duration(a), Type::Duration(b)) => {
                Some(Type::Duration(if a == b { *a } else { DurationKind::Mixed }))
            }
            (Type::List(a), Type::List(b)) => self.join(a, b).map(Type::list_of),
            (a, b) => (a == b).then(|| a.clone()),
        }
    }

    /// Whether a value of the first type can stand where the second is asked for.
    pub(super) fn fits(&self, from: &Type, to: &Type) -> bool {
        match (from, to) {
            (Type::Poison, _) | (_, Type::Poison) => true,
            (Type::Optional(a), Type::Optional(b)) => self.fits(a, b),
            (a, Type::Optional(b)) => self.fits(a, b),
            (Type::Number(a), Type::Number(b)) => a.same_dimension(*b) && (a.whole || !b.whole),
            (Type::Duration(a), Type::Duration(b)) => a == b || *b == DurationKind::Mixed,
            (Type::List(a), Type::List(b)) => self.fits(a, b),
            (a, b) => a == b,
        }
    }
}

impl Checker<'_, '_, '_> {
    /// The expression as a value of a type; a finding where it is none.
    pub(super) fn want(&mut self, expr: ExprRef, ty: &Type) -> ExprRef {
        let mine = self.ty(expr);
        if mine.is_poison() || ty.is_poison() {
            return if mine == Type::Pending { self.resolved(expr) } else { expr };
        }
        if *ty == Type::Pending {
            return expr;
        }
        if has_pending(&mine) {
            self.settle(expr, ty);
            return expr;
        }
        if self.builder.fits(&mine, ty) {
            return expr;
        }
        if let Type::Optional(inner) = &mine
            && self.builder.fits(inner, ty)
        {
            return self.unwrap(expr, (**inner).clone());
        }
        self.mismatched(expr, ty);
        let span = self.span_of(expr);
        self.poison(span)
    }

    fn unwrap(&mut self, expr: ExprRef, ty: Type) -> ExprRef {
        let span = self.span_of(expr);
        self.apply(Function::Unwrap, vec![expr], ty, span)
    }

    /// The value of what may be none: where there is none, its use is a fault.
    pub(super) fn required(&mut self, expr: ExprRef) -> ExprRef {
        let expr = self.resolved(expr);
        match self.ty(expr) {
            Type::Optional(inner) => self.unwrap(expr, *inner),
            _ => expr,
        }
    }

    /// The expression, once every name in it has a meaning; a finding where one has none.
    pub(super) fn resolved(&mut self, expr: ExprRef) -> ExprRef {
        if self.ty(expr) != Type::Pending {
            return expr;
        }
        if self.state.programmes.contains_key(&expr) {
            self.builder.tell(
                Finding::error(
                    Code::WRONG_KIND,
                    self.state.out[expr].span,
                    phrase!("a programme is not a value", "program bukan nilai"),
                )
                .help(phrase!(
                    "ask for its outcome, `pkh is eligible`, or for one of its outputs, `pkh.amount`",
                    "tanyakan hasilnya, `pkh is eligible` (`pkh adalah berhak`), atau keluarannya, `pkh.amount`"
                )),
            );
            let span = self.span_of(expr);
            return self.poison(span);
        }
        let mut open = vec![expr];
        while let Some(next) = open.pop() {
            match self.state.out[next].kind.clone() {
                Kind::Pending(_) => {
                    let scope = self.state.pending.remove(&next).unwrap_or(0);
                    self.unknown(next, scope);
                }
                Kind::If { arms, otherwise } => {
                    open.extend(arms.iter().map(|(_, v)| *v));
                    open.push(otherwise);
                }
                Kind::Exceptions { exceptions, otherwise } => {
                    open.extend(exceptions.iter().map(|(_, v, _)| *v));
                    open.push(otherwise);
                }
                Kind::OrElse(a, b) | Kind::Assume(a, b) => open.extend([a, b]),
                _ => {}
            }
        }
        let span = self.span_of(expr);
        self.poison(span)
    }

    /// Gives the names in an expression the meaning that its type asks for.
    fn settle(&mut self, expr: ExprRef, ty: &Type) {
        let mut open = vec![(expr, ty.clone())];
        while let Some((expr, ty)) = open.pop() {
            if !has_pending(&self.ty(expr)) {
                let mine = self.ty(expr);
                if !self.builder.fits(&mine, &ty) {
                    self.mismatched(expr, &ty);
                }
                continue;
            }
            match self.state.out[expr].kind.clone() {
                Kind::Pending(name) => self.settle_name(expr, &name, &ty),
                Kind::If { arms, otherwise } => {
                    open.extend(arms.iter().map(|(_, v)| (*v, ty.clone())));
                    open.push((otherwise, ty.clone()));
                }
                Kind::Exceptions { exceptions, otherwise } => {
                    open.extend(exceptions.iter().map(|(_, v, _)| (*v, ty.clone())));
                    open.push((otherwise, ty.clone()));
                }
                Kind::OrElse(a, b) => {
                    open.push((a, Type::optional(ty.clone())));
                    open.push((b, ty.clone()));
                }
                Kind::Assume(a, b) => open.extend([(a, ty.clone()), (b, ty.clone())]),
                Kind::List(items) => {
                    if let Type::List(item) = &ty {
                        open.extend(items.iter().map(|i| (*i, (**item).clone())));
                    } else {
                        self.mismatched(expr, &ty);
                    }
                }
                _ => {
                    self.resolved(expr);
                }
            }
            self.state.out[expr].ty = ty;
        }
    }

    fn settle_name(&mut self, expr: ExprRef, name: &Name, ty: &Type) {
        let scope = self.state.pending.remove(&expr).unwrap_or(0);
        if let Type::Enum(id) = ty.required() {
            let position = self.builder.enums[*id].members.iter().position(|m| *m.name == *name.text);
            if let Some(position) = position {
                self.state.out[expr].kind = Kind::Constant(Value::Enum(u32::try_from(position).unwrap_or(u32::MAX)));
                return;
            }
        }
        if name.word.as_deref() == Some("none") {
            self.builder.read_as_word(name);
            if matches!(ty, Type::Optional(_)) {
                self.state.out[expr].kind = Kind::Constant(Value::None);
                return;
            }
            self.never_none(expr, ty);
        } else if let Type::Enum(id) = ty.required() {
            // The nearest of all that the name could have been: a member, or something in scope.
            let mut known: Vec<Arc<str>> =
                self.builder.enums[*id].members.iter().map(|m| Arc::clone(&m.name)).collect();
            let of = Arc::clone(&self.builder.enums[*id].declared.name);
            known.extend(self.names_in(scope));
            self.builder.unknown_name(
                phrase!(
                    "`{0}` is neither a member of enum `{1}` nor a name known here",
                    "`{0}` bukan anggota enum `{1}` dan bukan nama yang dikenal di sini",
                    name.text,
                    of
                ),
                name,
                &known,
            );
        } else {
            self.state.pending.insert(expr, scope);
            self.resolved(expr);
            self.state.pending.remove(&expr);
        }
        self.state.out[expr].kind = Kind::Broken;
    }

    fn never_none(&mut self, expr: ExprRef, ty: &Type) {
        let name = self.builder.type_name(ty);
        let span = self.span_of(expr);
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
                "declare the fact `optional` if it can be known to be none",
                "nyatakan faktanya `optional` (`opsional`) bila memang bisa tidak ada"
            )),
        );
    }

    pub(super) fn mismatched(&mut self, expr: ExprRef, ty: &Type) {
        let mine = self.ty(expr);
        if mine.is_poison() || ty.is_poison() {
            return;
        }
        let (have, want) = (self.builder.type_name(&mine), self.builder.type_name(ty));
        let code = match (mine.required(), ty) {
            (Type::Number(a), Type::Number(b)) if !a.same_dimension(*b) => Code::DIMENSION,
            _ => Code::TYPE_MISMATCH,
        };
        let span = self.span_of(expr);
        let help = match (mine.required(), ty) {
            (Type::Number(a), Type::Number(b)) if a.money && b.money && a.per.is_none() && b.per.is_some() => Some(
                phrase!("say per what: `IDR 1_000 per month`", "sebutkan per apa: `IDR 1_000 per month` (`per bulan`)"),
            ),
            (Type::Number(a), Type::Number(b)) if b.money && a.is_plain() => Some(phrase!(
                "write the amount with its currency: `IDR 1_000`",
                "tulis jumlah dengan mata uangnya: `IDR 1_000`"
            )),
            (Type::Number(a), Type::Number(b)) if a.per.is_some() && b.per.is_none() => Some(phrase!(
                "multiply the rate by a time: `… * 3 months`",
                "kalikan dengan lamanya waktu: `… * 3 months` (`3 bulan`)"
            )),
            (Type::Number(a), Type::Number(b)) if a.per.is_some() && b.per.is_some() => Some(phrase!(
                "bring it to the same unit: `… per year`",
                "samakan satuannya: `… per year` (`per tahun`)"
            )),
            (Type::Number(a), Type::Number(b)) if !a.whole && b.whole => Some(phrase!(
                "make it whole by `floor`, `ceil` or `round`",
                "bulatkan dengan `floor`, `ceil` atau `round` (`bulatkan`)"
            )),
            _ => None,
        };
        self.builder.tell(
            Finding::error(
                code,
                span,
                Phrase {
                    en: format!("{} is needed here, this is {}", want.en, have.en),
                    id: format!("di sini perlu {}, ini {}", want.id, have.id),
                },
            )
            .maybe_help(help),
        );
    }
}

/// Whether names without a meaning decide the type.
fn has_pending(ty: &Type) -> bool {
    match ty {
        Type::Pending => true,
        Type::List(item) => **item == Type::Pending,
        _ => false,
    }
}
