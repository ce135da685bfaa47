//! What stands where one value is needed: no list, no row of a table with several outputs, and no record, whose fields are the values.

use crate::diagnostic::{Code, Finding, Phrase, phrase};
use crate::program::*;
use crate::source::Span;

use super::Builder;

/// What an expression does with one that it is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// It takes one value, or an element.
    One,
    /// It may take a list too.
    OneOrList,
    /// It may take a list, or all outputs of a table.
    Whole,
}

impl Builder<'_> {
    /// Refuses what would have no value whatever the facts are.
    pub(super) fn single_values(&mut self) {
        let mut found: Vec<(Span, Type)> = Vec::new();
        let of_root = |body: &ExprBody, of: Use| body.root().map(|root| (root, of));
        for version in self.definitions.values().flat_map(|definition| &definition.versions) {
            match &version.value {
                DefinitionValue::Expr(body) => self.not_single(body, of_root(body, Use::Whole), &mut found),
                DefinitionValue::Table(table) => {
                    let table = &self.tables[*table];
                    let outputs = table.rows.iter().flat_map(|row| &row.outputs).chain(&table.otherwise);
                    let all = outputs.chain(&table.inputs).map(|expr| (*expr, Use::One));
                    self.not_single(&table.body, all, &mut found);
                }
            }
        }
        for version in self.programmes.values().flat_map(|programme| &programme.versions) {
            for condition in version.requires.iter().chain(&version.refuses) {
                self.not_single(&condition.body, None, &mut found);
            }
            for (_, body) in &version.gives {
                self.not_single(body, of_root(body, Use::One), &mut found);
            }
        }
        // Spans lie within one another or apart, so that what lies within one stands right behind it.
        found.sort_by_key(|(span, _)| (span.source, span.start, std::cmp::Reverse(span.end)));
        found.dedup_by_key(|(span, _)| *span);
        let mut found = found.into_iter().peekable();
        while let Some((span, ty)) = found.next() {
            // What is made of it is no value for the same reason.
            let holds = found.peek().is_some_and(|(next, _)| next.source == span.source && next.end <= span.end);
            if !holds {
                self.many_values(span, &ty);
            }
        }
    }

    /// Whether a definition can be called with a value of a type.
    pub(super) fn single_argument(&mut self, span: Span, ty: &Type) {
        if !fits(ty, Use::One) {
            self.many_values(span, ty);
        }
    }

    /// What of a body, and of those of its expressions that stand for themselves, does not fit its use.
    fn not_single(
        &self,
        body: &ExprBody,
        roots: impl IntoIterator<Item = (ExprRef, Use)>,
        found: &mut Vec<(Span, Type)>,
    ) {
        let mut look = |at: ExprRef, of: Use| {
            let expr = &body[at];
            if !fits(&expr.ty, of) || self.is_record(&expr.kind) {
                found.push((expr.span, expr.ty.clone()));
            }
        };
        for (_, expr) in body.iter() {
            uses(&expr.kind, &mut look);
        }
        roots.into_iter().for_each(|(root, of)| look(root, of));
    }

    /// Whether it is a field that is an entity itself.
    fn is_record(&self, kind: &Kind) -> bool {
        let Kind::Field { entity, field, .. } = kind else { return false };
        let field = self.entities[*entity].fields.get(*field);
        field.is_some_and(|field| matches!(field.shape, FieldShape::Record { .. }))
    }

    fn many_values(&mut self, span: Span, ty: &Type) {
        let name = self.type_name(ty);
        let help = match ty.required() {
            Type::List(_) => phrase!(
                "take one value of it: `count(…)`, `sum(…)`, `any(…)`, `first(…)`",
                "ambil satu nilai darinya: `count(…)` (`banyaknya`), `sum(…)` (`jumlah`), `any(…)` (`ada`), `first(…)` (`pertama`)"
            ),
            Type::Record(_) => {
                phrase!("name one of the outputs: `table.output`", "sebut salah satu keluaran: `tabel.keluaran`")
            }
            _ => phrase!("name one of its fields: `home.rooms`", "sebut salah satu kolomnya: `rumah.kamar`"),
        };
        let message = Phrase {
            en: format!("one value is needed here, this is {}", name.en),
            id: format!("di sini perlu satu nilai, ini {}", name.id),
        };
        self.tell(Finding::error(Code::TYPE_MISMATCH, span, message).help(help));
    }
}

/// Whether a use takes values of a type.
fn fits(ty: &Type, of: Use) -> bool {
    match ty.required() {
        Type::List(_) => of != Use::One,
        Type::Record(_) => of == Use::Whole,
        _ => true,
    }
}

/// Hands on what an expression is made of, where it matters what it does with it.
fn uses(kind: &Kind, mut each: impl FnMut(ExprRef, Use)) {
    match kind {
        Kind::State(_, a) => each(*a, Use::One),
        Kind::Assume(a, b) | Kind::OrElse(a, b) => [a, b].into_iter().for_each(|value| each(*value, Use::One)),
        Kind::Apply(_, list) | Kind::List(list) | Kind::Parameter { keys: list, .. } => {
            list.iter().for_each(|value| each(*value, Use::One));
        }
        Kind::Definition { arguments, .. } => arguments.iter().for_each(|argument| each(*argument, Use::One)),
        Kind::Exceptions { exceptions, otherwise } => {
            exceptions.iter().for_each(|(_, value, _)| each(*value, Use::One));
            each(*otherwise, Use::One);
        }
        Kind::If { arms, otherwise } => {
            arms.iter().for_each(|(_, value)| each(*value, Use::OneOrList));
            each(*otherwise, Use::OneOrList);
        }
        Kind::Contains { item: value, .. } | Kind::Each { value, .. } => each(*value, Use::One),
        _ => {}
    }
}
