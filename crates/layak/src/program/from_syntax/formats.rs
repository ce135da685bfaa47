//! Formats of texts, the fields that have one, and their parts in expressions.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Code, Finding, Phrase, phrase};
use crate::program::*;
use crate::source::Span;
use crate::syntax::{FormatPartDecl, Name, NamedPart, TypeExpr, TypeKind};
use crate::value::{Decimal, Function, Value};

use super::check::{Checker, Step};
use super::names::label;
use super::{Builder, Item};

/// A text of more characters is no identity number.
const MOST_CHARACTERS: usize = 200;

impl Builder<'_> {
    pub(super) fn text_formats(&mut self) {
        for (id, at) in std::mem::take(&mut self.format_trees) {
            let mut taken: BTreeMap<Arc<str>, Span> = BTreeMap::new();
            let mut parts = Vec::new();
            for decl in &at.decl.parts {
                match decl {
                    FormatPartDecl::Fixed(text) => {
                        let kind = PartKind::Fixed(Arc::clone(&text.text));
                        parts.push(FormatPart { name: "".into(), label: Label::default(), kind });
                    }
                    FormatPartDecl::Named(part) => {
                        if let Some(other) = taken.insert(Arc::clone(&part.name.text), part.name.span) {
                            self.duplicate(&part.name, other);
                            continue;
                        }
                        let Some(kind) = self.part_kind(part) else { continue };
                        let name = Arc::clone(&part.name.text);
                        parts.push(FormatPart { name, label: label(&part.label), kind });
                    }
                }
            }
            let format = TextFormat { parts, ..self.formats[id].clone() };
            if taken.is_empty() {
                let message = phrase!("format `{0}` has no part", "format `{0}` tidak punya bagian", at.decl.name.text);
                self.wrong_format(at.decl.name.span, message);
            } else if format.count() > MOST_CHARACTERS {
                let message = phrase!(
                    "a text of this format has {0} characters, more than {1}",
                    "teks berformat ini {0} karakter, lebih dari {1}",
                    format.count(),
                    MOST_CHARACTERS
                );
                self.wrong_format(at.decl.name.span, message);
            }
            self.formats[id] = format;
        }
    }

    fn part_kind(&mut self, part: &NamedPart) -> Option<PartKind> {
        let most = if part.digits { MOST_DIGITS } else { MOST_CHARACTERS };
        let count = part.count.filter(|count| (1..=most).contains(count));
        let Some(count) = count else {
            let message =
                phrase!("a part has from 1 to {0} characters", "satu bagian punya 1 sampai {0} karakter", most);
            self.wrong_format(part.count_span, message);
            return None;
        };
        if !part.digits {
            if let Some((.., span)) = part.ranges.first() {
                let message = phrase!("digits have a range, a text has none", "digit punya rentang, teks tidak");
                self.wrong_format(*span, message);
            }
            return Some(PartKind::Text { count });
        }
        let all = 10_i64.checked_pow(u32::try_from(count).ok()?)? - 1;
        let mut ranges: Vec<(i64, i64)> = Vec::new();
        for (low, high, span) in &part.ranges {
            match (low, high) {
                (Some(low), Some(high)) if low <= high && *high <= all => ranges.push((*low, *high)),
                _ => {
                    let message = phrase!(
                        "{0} digits are a whole number from 0 to {1}",
                        "{0} digit adalah bilangan bulat 0 sampai {1}",
                        count,
                        all
                    );
                    self.wrong_format(*span, message);
                }
            }
        }
        // In one order, each number once.
        ranges.sort_unstable();
        let mut joined: Vec<(i64, i64)> = Vec::new();
        for (low, high) in ranges {
            match joined.last_mut() {
                Some((_, end)) if low <= *end + 1 => *end = high.max(*end),
                _ => joined.push((low, high)),
            }
        }
        Some(PartKind::Digits { count, ranges: joined })
    }

    pub(super) fn wrong_format(&mut self, span: Span, message: Phrase) {
        self.tell(Finding::error(Code::FORMAT_PART, span, message).help(phrase!(
            "write the parts in their order: `year digits 2`, `month digits 2 1..12`, `fixed \"-\"`, `series text 3`",
            "tulis bagiannya berurutan: `tahun digit 2`, `bulan digit 2 1..12`, `tetap \"-\"`, `seri teks 3`"
        )));
    }

    /// The format that a type names.
    pub(super) fn format_of(&self, ty: &TypeExpr, module: ModuleId) -> Option<FormatId> {
        let TypeKind::Named(name) = &ty.kind else { return None };
        self.items_named(&name.text, module).into_iter().find_map(|(_, item)| match item {
            Item::Format(id) => Some(id),
            _ => None,
        })
    }

    /// The type of a fact, which may be a format.
    pub(super) fn fact_type(&mut self, ty: &TypeExpr, module: ModuleId) -> Option<(Type, Range, Option<FormatId>)> {
        match self.format_of(ty, module) {
            Some(format) => {
                let text = if ty.optional { Type::optional(Type::Text) } else { Type::Text };
                Some((text, Range::default(), Some(format)))
            }
            None => self.type_of(ty, module).map(|(ty, range)| (ty, range, None)),
        }
    }

    /// A format where no fact is: its structure would be checked by nobody.
    pub(super) fn misplaced_format(&mut self, name: &Name) {
        let message = phrase!(
            "`{0}` is a format: the type of a fact, and of nothing else",
            "`{0}` adalah format: tipe sebuah fakta, bukan yang lain",
            name.text
        );
        self.tell(Finding::error(Code::FORMAT_PLACE, name.span, message).help(phrase!(
            "write `text` here, and the format at the field that the value comes from",
            "tulis `text` (`teks`) di sini, dan formatnya pada kolom asal nilainya"
        )));
    }
}

impl Checker<'_, '_, '_> {
    /// The format of a fact that an expression names.
    fn format_at(&self, base: ExprRef) -> Option<FormatId> {
        let Kind::Field { entity, field, .. } = self.state.out[base].kind else { return None };
        self.builder.entities[entity].fields.get(field)?.format
    }

    /// `nik.month`: a part of a text that has a format; nothing where it has none.
    pub(super) fn format_part(&mut self, base: ExprRef, name: &Name, span: Span) -> Option<Step> {
        let format = self.format_at(base)?;
        let found = self.builder.formats[format].part(&name.text).map(|(start, part)| (start, part.clone()));
        let Some((start, part)) = found else {
            let parts = self.builder.formats[format].parts.iter().map(|p| Arc::clone(&p.name));
            let known: Vec<Arc<str>> = parts.filter(|name| !name.is_empty()).collect();
            return Some(Ok(self.no_such_member(name, &known, span)));
        };
        let base = self.required(base);
        let mut constant = |n: i64| {
            let number = Decimal::from(n);
            self.push(Kind::Constant(Value::Number(number)), Type::INTEGER, span)
        };
        let (first, count) = (i64::try_from(start).unwrap_or(0), i64::try_from(part.count()).unwrap_or(0));
        let (function, ty, mut operands) = match part.bounds() {
            Some((low, high)) => (Function::Digits, Type::INTEGER, vec![constant(low), constant(high)]),
            None => (Function::Characters, Type::Text, Vec::new()),
        };
        let mut all = vec![base, constant(first), constant(count)];
        all.append(&mut operands);
        Some(Ok(self.apply(function, all, ty, span)))
    }
}
