//! Scales: a table with a row for each bracket. A marginal scale gives one sum, whichever row matches; the rows bound where
//! it holds.

use std::sync::Arc;

use crate::diagnostic::{Code, Finding, Phrase, phrase};
use crate::program::*;
use crate::source::Span;
use crate::syntax::{BinaryOp, Body, ScaleDecl, ScaleKind};
use crate::value::{Function, Value};

use super::check::{Checker, Checking};
use super::names::label;
use super::shapes::whole;
use super::{At, Builder, Wanted};

/// The range of a bracket, its ends at the type of the value.
#[derive(Clone, Copy)]
struct Ends {
    low: Option<ExprRef>,
    high: Option<ExprRef>,
    /// Without its upper end.
    open: bool,
    span: Span,
}

impl<'a> Builder<'a> {
    /// The bodies of a scale in one fixed order: the value, then by bracket its range and what it gives.
    pub(super) fn scale_bodies(decl: &ScaleDecl) -> Vec<Body> {
        std::iter::once(decl.value).chain(decl.brackets.iter().flat_map(|b| [b.range, b.gives])).collect()
    }

    pub(super) fn complete_scale(
        &mut self,
        wanted: Wanted,
        at: At<'a, ScaleDecl>,
        state: &mut Checking<'a>,
        roots: &[ExprRef],
        known: Option<Type>,
    ) -> Type {
        let Wanted::Definition(id) = wanted else { return Type::Poison };
        let decl = at.decl;
        let mut checker = Checker { builder: self, state };
        let brackets = checker.brackets(decl, roots);
        let ty = known.or_else(|| brackets.as_ref().map(|(_, _, ty)| ty.clone())).unwrap_or(Type::Poison);
        let (inputs, mut rows) = brackets.map_or((Vec::new(), Vec::new()), |(input, rows, _)| (vec![input], rows));
        for output in rows.iter_mut().flat_map(|row| &mut row.outputs) {
            *output = checker.want(*output, &ty);
        }
        checker.finish();
        let policy = if decl.kind == ScaleKind::Marginal { HitPolicy::First } else { HitPolicy::Unique };
        let name = Arc::clone(&decl.name.name.text);
        let table = self.tables.push(Table {
            name: Arc::clone(&name),
            policy,
            body: std::mem::take(&mut state.out),
            inputs,
            outputs: vec![(name, ty.clone())],
            rows,
            otherwise: Vec::new(),
            ranking: Vec::new(),
            span: at.span,
        });
        if at.act.is_none() {
            self.check_period(&decl.validity);
        }
        let (period, basis) = (self.period_in(&decl.validity, at.act), self.basis_in(&decl.basis, at.act));
        self.definitions[id].versions.push(DefinitionVersion {
            period,
            value: DefinitionValue::Table(table),
            basis,
            otherwise: Vec::new(),
            exceptions: Vec::new(),
            written: at.span,
            span: at.span,
            act: at.act,
            label: at.act.map(|_| label(&decl.label)).unwrap_or_default(),
        });
        ty
    }
}

impl Checker<'_, '_, '_> {
    /// The column, the rows and the type of what they give; nothing where a finding says why not.
    fn brackets(&mut self, decl: &ScaleDecl, roots: &[ExprRef]) -> Option<(ExprRef, Vec<Row>, Type)> {
        let (value, rest) = roots.split_first()?;
        let mut input = self.resolved(*value);
        let value = self.required(input);
        let value_type = self.ty(value);
        let span = self.span_of(value);
        if value_type.is_poison() {
            self.state.loose.clear();
            return None;
        }
        if !value_type.is_ordered() || (decl.kind != ScaleKind::Bracket && !matches!(value_type, Type::Number(_))) {
            self.state.loose.clear();
            self.need_number(value, span);
            return None;
        }
        let (mut ends, mut gives) = (Vec::new(), Vec::new());
        let mut sound = true;
        for pair in rest.chunks_exact(2) {
            let [range, given] = *pair else { continue };
            gives.push(given);
            let Some(loose) = self.state.loose.remove(&range) else {
                let span = self.span_of(range);
                sound = false;
                self.misshapen(span, phrase!("a bracket is a range", "satu lapis adalah rentang"));
                continue;
            };
            let low = loose.low.map(|e| self.want(e, &value_type));
            let high = loose.high.map(|e| self.want(e, &value_type));
            sound &= low.iter().chain(&high).all(|e| !self.ty(*e).is_poison());
            ends.push(Ends { low, high, open: loose.open, span: loose.span });
        }
        if gives.is_empty() {
            let span = decl.name.name.span;
            self.misshapen(span, phrase!("a scale has at least one bracket", "skala punya sedikitnya satu lapis"));
        }
        let sound = sound && !gives.is_empty() && self.adjoin(&ends, &value_type, decl.kind == ScaleKind::Marginal);
        let mut outputs = match decl.kind {
            ScaleKind::Bracket => gives.clone(),
            ScaleKind::Marginal | ScaleKind::Flat => self.rates(&gives)?,
        };
        if !sound {
            return None;
        }
        match decl.kind {
            ScaleKind::Bracket => {}
            ScaleKind::Flat => {
                for rate in &mut outputs {
                    let at = self.span_of(*rate);
                    *rate = self.times(value, *rate, at)?;
                }
            }
            ScaleKind::Marginal => {
                let sum = self.marginal(value, &ends, &outputs)?;
                outputs.fill(sum);
                input = self.where_adjoining(input, &ends);
            }
        }
        let ty = self.common(&outputs);
        let ty = match ty {
            Type::Pending => {
                outputs.iter().for_each(|o| {
                    self.resolved(*o);
                });
                return None;
            }
            // Versions with rates of 1 and of 5% are of one type.
            Type::Number(q) if decl.kind != ScaleKind::Bracket => Type::Number(Quantity { whole: false, ..q }),
            ty => ty,
        };
        let rows = ends.iter().zip(outputs).zip(&decl.brackets).map(|((ends, output), bracket)| {
            let test = CellTest::Range { low: ends.low, low_open: false, high: ends.high, high_open: ends.open };
            let cell = CellTests { tests: vec![test], negated: false };
            Row { cells: vec![cell], outputs: vec![output], basis: Label::default(), span: bracket.span }
        });
        Some((input, rows.collect(), ty))
    }

    fn misshapen(&mut self, span: Span, message: Phrase) {
        self.builder.tell(Finding::error(Code::SCALE_SHAPE, span, message).help(phrase!(
            "write brackets in ascending order, such as `0..<10 => 5%  10.. => 8%`",
            "tulis lapis dari rendah ke tinggi, misalnya `0..<10 => 5%  10.. => 8%`"
        )));
    }

    /// The rates at one type, which is that of a number.
    fn rates(&mut self, gives: &[ExprRef]) -> Option<Vec<ExprRef>> {
        let rates: Vec<ExprRef> = gives.iter().map(|rate| self.required(*rate)).collect();
        let ty = self.common(&rates);
        let mut sound = true;
        let rates = rates.into_iter().map(|rate| {
            let at = self.span_of(rate);
            let rate = if matches!(self.ty(rate), Type::Number(_)) { rate } else { self.need_number(rate, at) };
            let rate = self.want(rate, &wider(&ty));
            sound &= !self.ty(rate).is_poison();
            rate
        });
        let rates = rates.collect();
        sound.then_some(rates)
    }

    fn times(&mut self, value: ExprRef, rate: ExprRef, at: Span) -> Option<ExprRef> {
        let product = self.multiply(value, rate, at, at);
        (!self.ty(product).is_poison()).then_some(product)
    }

    /// Whether every bracket begins where the one before it ends, as far as constants tell.
    fn adjoin(&mut self, ends: &[Ends], ty: &Type, marginal: bool) -> bool {
        let mut sound = true;
        for (at, bracket) in ends.iter().enumerate() {
            let middle = (at > 0 && bracket.low.is_none()) || (at + 1 < ends.len() && bracket.high.is_none());
            if middle {
                sound = false;
                self.misshapen(
                    bracket.span,
                    phrase!(
                        "only the first bracket may be open below, and only the last above",
                        "hanya lapis pertama boleh terbuka ke bawah, dan hanya yang terakhir ke atas"
                    ),
                );
            } else if let (Some(low), Some(high)) = (self.end(bracket.low), self.end(bracket.high))
                && (low > high || (low == high && bracket.open))
            {
                sound = false;
                self.misshapen(bracket.span, phrase!("no value lies in this bracket", "tidak ada nilai di lapis ini"));
            }
        }
        for (before, after) in ends.iter().zip(ends.iter().skip(1)) {
            let (Some(high), Some(low)) = (before.high, after.low) else { continue };
            let same = self.same_end(high, low);
            let constants = self.end(Some(high)).zip(self.end(Some(low)));
            let (gap, overlap) = match (&constants, same) {
                (_, true) => (false, !marginal && !before.open),
                (Some((high, low)), false) => {
                    let next = !marginal && !before.open && next_to(high, ty).is_some_and(|next| next == *low);
                    (high < low && !next, low < high)
                }
                (None, false) => (false, false),
            };
            if overlap {
                sound = false;
                self.builder.tell(
                    Finding::error(
                        Code::SCALE_OVERLAP,
                        after.span,
                        phrase!(
                            "this bracket shares values with the one before it",
                            "lapis ini berbagi nilai dengan lapis sebelumnya"
                        ),
                    )
                    .also(before.span, phrase!("the bracket before it", "lapis sebelumnya"))
                    .help(phrase!(
                        "begin where the one before ends, and write that end as `..<` so that it belongs to one alone",
                        "mulai di akhir lapis sebelumnya, dan tulis akhir itu dengan `..<` agar hanya milik satu lapis"
                    )),
                );
            }
            if gap {
                sound = false;
                self.builder.tell(
                    Finding::error(
                        Code::SCALE_GAP,
                        after.span,
                        phrase!(
                            "values between this bracket and the one before it lie in none",
                            "nilai di antara lapis ini dan lapis sebelumnya tidak termasuk lapis mana pun"
                        ),
                    )
                    .also(before.span, phrase!("the bracket before it", "lapis sebelumnya"))
                    .help(phrase!(
                        "begin where the one before ends, or write a bracket between them",
                        "mulai di akhir lapis sebelumnya, atau tulis lapis di antaranya"
                    )),
                );
            }
        }
        sound
    }

    /// An end that is a constant.
    fn end(&self, end: Option<ExprRef>) -> Option<Value> {
        match &self.state.out[end?].kind {
            Kind::Constant(value) => Some(value.clone()),
            _ => None,
        }
    }

    /// Whether two ends are written alike: one constant, or one parameter without keys.
    fn same_end(&self, a: ExprRef, b: ExprRef) -> bool {
        match (&self.state.out[a].kind, &self.state.out[b].kind) {
            (Kind::Constant(a), Kind::Constant(b)) => a == b,
            (Kind::Parameter { parameter: a, keys: ka }, Kind::Parameter { parameter: b, keys: kb }) => {
                a == b && ka.is_empty() && kb.is_empty()
            }
            // A parameter that acts change for some households.
            (
                Kind::Definition { definition: a, arguments: ka, .. },
                Kind::Definition { definition: b, arguments: kb, .. },
            ) => a == b && self.builder.definitions[*a].part_of == Some(*a) && ka.is_empty() && kb.is_empty(),
            _ => false,
        }
    }

    /// The parts of the value between 0 and it, each at the rate of its bracket.
    fn marginal(&mut self, value: ExprRef, ends: &[Ends], rates: &[ExprRef]) -> Option<ExprRef> {
        let mut sum = None;
        for (ends, rate) in ends.iter().zip(rates) {
            let span = ends.span;
            let zero = self.constant(whole(0), self.ty(value), span);
            let part = self.within(value, ends);
            let start = self.within(zero, ends);
            let part = match &self.state.out[start].kind {
                Kind::Constant(zero) if *zero == whole(0) => part,
                _ => self.apply(Function::Subtract, vec![part, start], self.ty(value), span),
            };
            let at = self.span_of(*rate);
            let product = self.times(part, *rate, at)?;
            sum = Some(match sum {
                None => product,
                Some(sum) => {
                    let ty = self.common(&[sum, product]);
                    self.apply(Function::Add, vec![sum, product], ty, span)
                }
            });
        }
        sum
    }

    /// The value, moved to the nearer end where it lies outside the bracket.
    fn within(&mut self, value: ExprRef, ends: &Ends) -> ExprRef {
        let mut value = value;
        for (end, function) in [(ends.low, Function::Max), (ends.high, Function::Min)] {
            let Some(end) = end else { continue };
            let nearer = |a: &Value, b: &Value| if function == Function::Max { a.max(b) == b } else { a.min(b) == b };
            value = match (&self.state.out[value].kind, &self.state.out[end].kind) {
                (Kind::Constant(a), Kind::Constant(b)) => {
                    if nearer(a, b) {
                        end
                    } else {
                        value
                    }
                }
                _ => self.apply(function, vec![value, end], self.ty(value), ends.span),
            };
        }
        value
    }

    /// The value, none where ends that only a day or a household tells do not ascend from bracket to bracket: then no row
    /// matches, rather than parts counted twice or left out.
    fn where_adjoining(&mut self, input: ExprRef, ends: &[Ends]) -> ExprRef {
        let mut tests = Vec::new();
        for (at, bracket) in ends.iter().enumerate() {
            if let (Some(low), Some(high)) = (bracket.low, bracket.high)
                && self.end(Some(low)).zip(self.end(Some(high))).is_none()
            {
                tests.push(self.order(BinaryOp::LessEqual, low, high, bracket.span, bracket.span));
            }
            if let (Some(high), Some(low)) = (bracket.high, ends.get(at + 1).and_then(|b| b.low))
                && !self.same_end(high, low)
            {
                tests.push(self.apply(Function::Equal, vec![high, low], Type::Boolean, bracket.span));
            }
        }
        if tests.is_empty() {
            return input;
        }
        let span = self.span_of(input);
        let holds = self.push(Kind::And(tests), Type::Boolean, span);
        let ty = Type::optional(self.ty(input));
        let none = self.constant(Value::None, ty.clone(), span);
        self.push(Kind::If { arms: vec![(holds, input)], otherwise: none }, ty, span)
    }
}

/// The type without the claim that its numbers are whole.
fn wider(ty: &Type) -> Type {
    match ty {
        Type::Number(q) => Type::Number(Quantity { whole: false, ..*q }),
        other => other.clone(),
    }
}

/// The value after one of which there is a next: a whole number or a day.
fn next_to(value: &Value, ty: &Type) -> Option<Value> {
    match (value, ty) {
        (Value::Number(n), Type::Number(q)) if q.whole => n.checked_add(&1_i64.into()).map(Value::Number),
        (Value::Date(day), Type::Date) => day.add_days(1).map(Value::Date),
        _ => None,
    }
}
