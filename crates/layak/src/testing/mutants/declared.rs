//! Where what entities, enums and sources declare can be changed.

use crate::source::Span;
use crate::syntax::{
    self, EntityDecl, EnumDecl, FieldDecl, Literal, Simple, SimpleRange, SourceDecl, TypeExpr, TypeKind,
};
use crate::testing::mutants::MutantKind;
use crate::value::Date;

use super::sites::{File, beside, without};

impl File<'_> {
    /// Each member left out. One that the rules name leaves rules that do not compile.
    pub(super) fn enumeration(&mut self, decl: &EnumDecl) {
        let spans: Vec<Span> = decl.members.iter().map(|member| member.span).collect();
        if spans.len() > 1 {
            let dropped = (0..spans.len()).filter_map(|at| without(&spans, at));
            dropped.for_each(|span| self.out.add(span, MutantKind::DropMember, ""));
        }
    }

    /// For how long a source is fresh, and that what it says is not verified.
    pub(super) fn source(&mut self, decl: &SourceDecl) {
        if let Some((_, span)) = decl.fresh {
            self.numeral(span, MutantKind::Source);
        }
        if let Some(span) = decl.unverified {
            self.out.add(span, MutantKind::Source, "");
        }
    }

    pub(super) fn entity(&mut self, decl: &EntityDecl) {
        decl.fields.iter().for_each(|field| self.field(field));
    }

    fn field(&mut self, field: &FieldDecl) {
        self.ty(&field.ty);
        if let Some(default) = &field.default {
            let span = match default {
                Simple::Literal(literal, span) => {
                    self.simple(literal, *span);
                    *span
                }
                Simple::Path(path) => path.span,
            };
            self.out.add(self.with_word_before(span), MutantKind::Field, "");
        }
        for span in [field.verified, field.acyclic].into_iter().flatten() {
            self.out.add(span, MutantKind::Field, "");
        }
    }

    fn ty(&mut self, ty: &TypeExpr) {
        if ty.optional {
            let text = self.sources.snippet(ty.span);
            let word = text.find(char::is_whitespace).unwrap_or(text.len());
            let end = ty.span.start.saturating_add(u32::try_from(word).unwrap_or(0));
            self.out.add(Span { end, ..ty.span }, MutantKind::Field, "");
        }
        match &ty.kind {
            TypeKind::Integer { range, .. }
            | TypeKind::Number { range, .. }
            | TypeKind::Money { range, .. }
            | TypeKind::Date { range } => self.range(range.as_ref()),
            TypeKind::List(item, range) => {
                self.ty(item);
                self.range(range.as_ref());
            }
            TypeKind::Boolean | TypeKind::Duration(_) | TypeKind::Text | TypeKind::Named(_) | TypeKind::Link(_) => {}
        }
    }

    fn range(&mut self, range: Option<&SimpleRange>) {
        for end in range.into_iter().flat_map(|range| [&range.low, &range.high]) {
            if let Some(Simple::Literal(literal, span)) = end {
                self.simple(literal, *span);
            }
        }
    }

    /// One unit more and less; the opposite.
    fn simple(&mut self, literal: &Literal, span: Span) {
        match literal {
            Literal::Date(date) => {
                let others: Vec<Date> = [-1, 1].into_iter().filter_map(|day| date.add_days(day)).collect();
                others.into_iter().for_each(|day| self.out.add(span, MutantKind::Field, day.to_string()));
            }
            Literal::Boolean(value) => {
                let other = syntax::spelling(if *value { "no" } else { "yes" }, self.tree.lang);
                self.out.add(span, MutantKind::Field, other);
            }
            Literal::Number(_) | Literal::Money(..) | Literal::Duration(_) => self.numeral(span, MutantKind::Field),
            Literal::Text(_) => {}
        }
    }

    /// One unit of the last place more and less, below nothing too.
    fn numeral(&mut self, span: Span, kind: MutantKind) {
        let text = self.sources.snippet(span);
        let Some(start) = text.find(|c: char| c.is_ascii_digit()) else { return };
        let (head, rest) = text.split_at_checked(start).unwrap_or(("", text));
        let length = rest.find(|c: char| !c.is_ascii_digit() && c != '_' && c != '.').unwrap_or(rest.len());
        let (digits, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let mut others = beside(digits);
        if digits == "0" && kind == MutantKind::Field {
            others.push("-1".to_owned());
        }
        others.into_iter().for_each(|other| self.out.add(span, kind, format!("{head}{other}{tail}")));
    }
}
