//! `name(…)`: the functions of the language, keyed parameters, and definitions with arguments.

use std::sync::Arc;

use crate::diagnostic::{Code, Finding, phrase};
use crate::program::*;
use crate::source::Span;
use crate::syntax::{CallArgument, ExprId, Name};
use crate::value::{Function, Rounding, Value};

use super::check::{Checker, Step};
use super::shapes::whole;
use super::{Item, Wanted};

pub(super) const FUNCTIONS: &[&str] = &[
    "count",
    "sum",
    "min",
    "max",
    "average",
    "median",
    "any",
    "every",
    "none",
    "first",
    "last",
    "round",
    "floor",
    "ceil",
    "abs",
    "power",
    "remainder",
    "assume",
    "length",
    "fold",
    "date",
    "year_of",
    "month_of",
    "day_of",
    "first_day_of_month",
    "last_day_of_month",
];

/// Whether a sum, a mean or an extreme can be taken of values of a type.
pub(super) fn is_taken_of(function: Aggregate, item: &Type) -> bool {
    match function {
        Aggregate::Sum | Aggregate::Average | Aggregate::Median => matches!(item, Type::Number(_)),
        Aggregate::Min | Aggregate::Max => item.is_ordered(),
        _ => true,
    }
}

impl Checker<'_, '_, '_> {
    pub(super) fn call(
        &mut self,
        of: Option<ExprId>,
        name: &Name,
        arguments: &[CallArgument],
        scope: usize,
        span: Span,
    ) -> Step {
        let element = of.map(|of| self.state.done(of));
        if let Some(element) = element
            && self.ty(element) == Type::Pending
        {
            return Ok(self.qualified_call(element, name, arguments, span));
        }
        let values: Vec<ExprRef> = arguments.iter().map(|a| self.state.done(a.value)).collect();
        if let Some((of, definition)) = self.callee(element, name, scope) {
            return self.function_call(of, definition, name, values, span);
        }
        if element.is_none() {
            let parameter =
                self.builder.items_named(&name.text, self.state.module).into_iter().find_map(|(_, i)| match i {
                    Item::Parameter(id) => Some(id),
                    _ => None,
                });
            if let Some(parameter) = parameter {
                return Ok(self.parameter(parameter, values, span));
            }
            if let Some(word) = name.word.as_deref()
                && let Some(function) = FUNCTIONS.iter().find(|f| **f == word)
            {
                self.builder.read_as_word(name);
                return Ok(self.builtin(function, name, arguments, values, span));
            }
        }
        if let Some(module) = self.hidden(&name.text) {
            self.builder.not_imported(name, module);
            return Ok(self.poison(span));
        }
        let mut known = self.names_in(scope);
        if known.iter().any(|k| **k == *name.text) {
            return Ok(self.not_a_value(name, span));
        }
        known.extend(FUNCTIONS.iter().map(|f| Arc::from(*f)));
        self.builder.unknown_name(phrase!("no function `{0}`", "tidak ada fungsi `{0}`", name.text), name, &known);
        Ok(self.poison(span))
    }

    /// `bansos.parameters.umk(region)`
    fn qualified_call(&mut self, base: ExprRef, name: &Name, arguments: &[CallArgument], span: Span) -> ExprRef {
        let text = self.builder.input.sources.snippet(self.span_of(base)).to_owned();
        let module = self.builder.modules.iter().find(|(_, m)| *m.name == *text).map(|(id, _)| id);
        let parameter = module.and_then(|module| {
            self.builder.items.get(&name.text).into_iter().flatten().find_map(|(m, item)| match item {
                Item::Parameter(id) if *m == module && self.builder.visible(self.state.module, module, &name.text) => {
                    Some(*id)
                }
                _ => None,
            })
        });
        match parameter {
            Some(parameter) => {
                self.state.pending.remove(&base);
                let values = arguments.iter().map(|a| self.state.done(a.value)).collect();
                self.parameter(parameter, values, span)
            }
            None => {
                self.resolved(base);
                self.poison(span)
            }
        }
    }

    fn function_call(
        &mut self,
        of: ExprRef,
        definition: DefinitionId,
        name: &Name,
        values: Vec<ExprRef>,
        span: Span,
    ) -> Step {
        let types: Vec<Type> =
            self.builder.definitions[definition].arguments.iter().map(|(_, ty)| ty.clone()).collect();
        if types.is_empty() {
            return Ok(self.not_a_value(name, span));
        }
        if types.len() != values.len() {
            self.wrong_count(name, types.len(), values.len());
            return Ok(self.poison(span));
        }
        let ty = self.wanted(Wanted::Definition(definition))?;
        let arguments = values.into_iter().zip(&types).map(|(v, ty)| self.want(v, ty)).collect();
        Ok(self.push(Kind::Definition { of, definition, arguments }, ty, span))
    }

    fn builtin(
        &mut self,
        function: &'static str,
        name: &Name,
        arguments: &[CallArgument],
        values: Vec<ExprRef>,
        span: Span,
    ) -> ExprRef {
        let aggregate = match function {
            "count" => Some(Aggregate::Count),
            "sum" => Some(Aggregate::Sum),
            "min" => Some(Aggregate::Min),
            "max" => Some(Aggregate::Max),
            "average" => Some(Aggregate::Average),
            "median" => Some(Aggregate::Median),
            "any" => Some(Aggregate::Any),
            "every" => Some(Aggregate::Every),
            "none" => Some(Aggregate::None),
            "first" => Some(Aggregate::First),
            "last" => Some(Aggregate::Last),
            _ => None,
        };
        if let Some(aggregate) = aggregate {
            return self.aggregate(aggregate, name, values, span);
        }
        if function == "round" {
            return self.round(name, arguments, values, span);
        }
        let wanted = if matches!(function, "power" | "remainder" | "assume") { 2 } else { 1 };
        if values.len() != wanted || arguments.iter().any(|a| a.name.is_some()) {
            self.wrong_count(name, wanted, values.len());
            return self.poison(span);
        }
        let (Some(first), second) = (values.first().copied(), values.get(1).copied()) else { return self.poison(span) };
        match function {
            "floor" | "ceil" | "abs" => {
                let first = self.required(first);
                let Type::Number(q) = self.ty(first) else { return self.need_number(first, span) };
                let (f, whole) = match function {
                    "floor" => (Function::Floor, true),
                    "ceil" => (Function::Ceil, true),
                    _ => (Function::Abs, q.whole),
                };
                let ty = Type::Number(Quantity { whole: whole && (!q.money || q.whole), ..q });
                self.apply(f, vec![first], ty, span)
            }
            "power" => {
                let first = self.required(first);
                let exponent = self.want(second.unwrap_or(first), &Type::INTEGER);
                match self.ty(first) {
                    Type::Number(q) if q.is_plain() => {
                        self.apply(Function::Power, vec![first, exponent], Type::NUMBER, span)
                    }
                    _ => self.need_number(first, span),
                }
            }
            "remainder" => {
                let (a, b) = (self.required(first), self.required(second.unwrap_or(first)));
                match (self.ty(a), self.ty(b)) {
                    (Type::Number(x), Type::Number(y)) if x.same_dimension(y) => {
                        let ty = Type::Number(Quantity { whole: x.whole && y.whole, ..x });
                        self.apply(Function::Remainder, vec![a, b], ty, span)
                    }
                    (Type::Number(_), Type::Number(_)) => {
                        self.unlike(a, b, span);
                        self.poison(span)
                    }
                    (Type::Number(_), _) => self.need_number(b, span),
                    _ => self.need_number(a, span),
                }
            }
            "assume" => {
                let second = second.unwrap_or(first);
                let ty = self.common(&[first, second]);
                let first = self.resolved(first);
                let second = self.want(second, &ty);
                if self.ty(first).is_poison() || self.ty(second).is_poison() {
                    return self.poison(span);
                }
                let first = self.want(first, &ty);
                self.push(Kind::Assume(first, second), ty, span)
            }
            "length" => self.of_text(Function::Length, first, Type::INTEGER, span),
            "fold" => self.of_text(Function::Fold, first, Type::Text, span),
            "date" => self.of_text(Function::ParseDate, first, Type::Date, span),
            "year_of" => self.of_date(Function::Year, first, Type::INTEGER, span),
            "month_of" => self.of_date(Function::Month, first, Type::INTEGER, span),
            "day_of" => self.of_date(Function::Day, first, Type::INTEGER, span),
            "first_day_of_month" => self.of_date(Function::FirstOfMonth, first, Type::Date, span),
            _ => self.of_date(Function::LastOfMonth, first, Type::Date, span),
        }
    }

    fn of_text(&mut self, function: Function, value: ExprRef, ty: Type, span: Span) -> ExprRef {
        let value = self.want(value, &Type::Text);
        self.apply(function, vec![value], ty, span)
    }

    fn of_date(&mut self, function: Function, value: ExprRef, ty: Type, span: Span) -> ExprRef {
        let value = self.want(value, &Type::Date);
        self.apply(function, vec![value], ty, span)
    }

    fn aggregate(&mut self, function: Aggregate, name: &Name, mut values: Vec<ExprRef>, span: Span) -> ExprRef {
        let list = match values.as_slice() {
            [] => {
                self.wrong_count(name, 1, 0);
                return self.poison(span);
            }
            [one] => *one,
            // `max(a, b)` reads as well as `max([a, b])`.
            _ => {
                let ty = self.common(&values);
                values = values.into_iter().map(|v| self.want(v, &ty)).collect();
                self.push(Kind::List(values), Type::list_of(ty), span)
            }
        };
        let Some(item) = self.item_type(list) else { return self.poison(span) };
        let (list, item) = self.required_items(list, item, span);
        let ty = match function {
            Aggregate::Count => Type::INTEGER,
            Aggregate::Any | Aggregate::Every | Aggregate::None => {
                if let Type::Element(_) = item {
                    if function == Aggregate::Every {
                        self.unlike_items(function, &item, span);
                        return self.poison(span);
                    }
                    // Of elements: whether there is one.
                    let var = Var(self.state.out.vars);
                    self.state.out.vars += 1;
                    let yes = self.constant(Value::Boolean(true), Type::Boolean, span);
                    let list = self.push(Kind::Each { list, var, value: yes }, Type::list_of(Type::Boolean), span);
                    return self.push(Kind::Aggregate { function, list, empty: None }, Type::Boolean, span);
                }
                if item != Type::Boolean {
                    self.unlike_items(function, &item, span);
                    return self.poison(span);
                }
                Type::Boolean
            }
            _ if !is_taken_of(function, &item) => {
                self.unlike_items(function, &item, span);
                return self.poison(span);
            }
            Aggregate::Average | Aggregate::Median => match item {
                Type::Number(q) => Type::Number(Quantity { whole: false, ..q }),
                item => item,
            },
            Aggregate::Sum | Aggregate::Min | Aggregate::Max | Aggregate::First | Aggregate::Last => item,
        };
        self.push(Kind::Aggregate { function, list, empty: None }, ty, span)
    }

    /// Items that may be none are used as values: one that is none is a fault.
    fn required_items(&mut self, list: ExprRef, item: Type, span: Span) -> (ExprRef, Type) {
        let Type::Optional(inner) = item else { return (list, item) };
        let var = Var(self.state.out.vars);
        self.state.out.vars += 1;
        let value = self.push(Kind::Var(var), Type::Optional(inner.clone()), span);
        let value = self.apply(Function::Unwrap, vec![value], (*inner).clone(), span);
        let list = self.push(Kind::Each { list, var, value }, Type::list_of((*inner).clone()), span);
        (list, *inner)
    }

    pub(super) fn unlike_items(&mut self, function: Aggregate, item: &Type, span: Span) {
        if item.is_poison() {
            return;
        }
        let name = self.builder.type_name(item);
        let finding = Finding::error(
            Code::TYPE_MISMATCH,
            span,
            crate::diagnostic::Phrase {
                en: format!("`{}` cannot be taken of items of type {}", function.word(), name.en),
                id: format!("`{}` tidak dapat diambil dari isi bertipe {}", function.word(), name.id),
            },
        );
        let help = match function {
            Aggregate::Any | Aggregate::Every | Aggregate::None => phrase!(
                "say what must hold: `any(members.pregnant)` or `every(members each age >= 18)`",
                "sebutkan syaratnya: `any(members.pregnant)` atau `every(members each age >= 18)` (`setiap`)"
            ),
            Aggregate::Min | Aggregate::Max => phrase!(
                "give it numbers, dates, texts or durations: `max(members each age)`",
                "beri bilangan, tanggal, teks atau jangka waktu: `max(members each age)` (`terbesar`)"
            ),
            _ => phrase!(
                "give it numbers: `sum(members each wage)`",
                "beri bilangan: `sum(members each wage)` (`jumlah`)"
            ),
        };
        self.builder.tell(finding.help(help));
    }

    /// `round(x)`, `round(x, half_even)`, `round(x, to: IDR 1_000, down)`
    fn round(&mut self, name: &Name, arguments: &[CallArgument], values: Vec<ExprRef>, span: Span) -> ExprRef {
        let mut value = None;
        let mut step = None;
        let mut mode = Rounding::HalfUp;
        for (argument, given) in arguments.iter().zip(values) {
            let named = argument.name.as_ref().and_then(|n| n.word.as_deref());
            let chosen = match &self.state.out[given].kind {
                Kind::Pending(n) => match n.word.as_deref() {
                    Some("half_up") => Some(Rounding::HalfUp),
                    Some("half_even") => Some(Rounding::HalfEven),
                    Some("half_down") => Some(Rounding::HalfDown),
                    Some("up") => Some(Rounding::Up),
                    Some("down") => Some(Rounding::Down),
                    Some("floor") => Some(Rounding::Floor),
                    Some("ceil") => Some(Rounding::Ceiling),
                    _ => None,
                },
                _ => None,
            };
            match (&self.state.out[given].kind, &argument.name) {
                (Kind::Pending(mode), _) if chosen.is_some() => self.builder.read_as_word(mode),
                (_, Some(to)) if named == Some("to") => self.builder.read_as_word(to),
                _ => {}
            }
            match (chosen, named) {
                (Some(chosen), _) => {
                    self.state.pending.remove(&given);
                    self.state.out[given].kind = Kind::Broken;
                    mode = chosen;
                }
                (None, Some("to")) => step = Some(given),
                (None, None) if value.is_none() => value = Some(given),
                (None, None) if step.is_none() => step = Some(given),
                _ => {
                    self.builder.tell(
                        Finding::error(
                            Code::WRONG_ARGUMENTS,
                            self.span_of(given),
                            phrase!("`{0}` does not take this", "`{0}` tidak menerima ini", name.text),
                        )
                        .help(phrase!(
                            "write `round(x, to: 10, half_up)`; the modes are `half_up`, `half_even`, `half_down`, `up`, `down`",
                            "tulis `round(x, to: 10, half_up)`; caranya `half_up`, `half_even`, `half_down`, `up`, `down`"
                        )),
                    );
                    return self.poison(span);
                }
            }
        }
        let Some(value) = value else {
            self.wrong_count(name, 1, 0);
            return self.poison(span);
        };
        let value = self.required(value);
        let Type::Number(q) = self.ty(value) else { return self.need_number(value, span) };
        let (step, whole_step) = match step {
            None => (self.constant(whole(1), Type::INTEGER, span), true),
            Some(step) => {
                let step = self.required(step);
                let Type::Number(s) = self.ty(step) else { return self.need_number(step, span) };
                let fits = s.same_dimension(q) || s.is_plain() || (s.money && q.money && s.per.is_none());
                if !fits {
                    self.mismatched(step, &Type::Number(Quantity { whole: false, ..q }));
                    return self.poison(span);
                }
                (step, s.whole)
            }
        };
        let ty = Type::Number(Quantity { whole: whole_step && !q.money, ..q });
        self.apply(Function::Round(mode), vec![value, step], ty, span)
    }
}
