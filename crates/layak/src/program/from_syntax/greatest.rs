//! What `top` takes the greatest of: values that have an order, or a list that is sorted.

use std::collections::BTreeSet;

use crate::arena::Id;
use crate::diagnostic::{Code, Finding, Phrase, phrase};
use crate::program::*;
use crate::source::Span;

use super::Builder;

impl Builder<'_> {
    /// Refuses a `top` that would go by the places in which items happen to stand.
    pub(super) fn greatest(&mut self) {
        let mut found: Vec<(Span, Type)> = Vec::new();
        for definition in self.definitions.values() {
            for version in &definition.versions {
                match &version.value {
                    DefinitionValue::Expr(body) => self.not_ranked(body, &mut found),
                    DefinitionValue::Table(table) => self.not_ranked(&self.tables[*table].body, &mut found),
                }
            }
        }
        for version in self.programmes.values().flat_map(|programme| &programme.versions) {
            let conditions = version.requires.iter().chain(&version.refuses).map(|condition| &condition.body);
            for body in conditions.chain(version.gives.iter().map(|(_, body)| body)) {
                self.not_ranked(body, &mut found);
            }
        }
        found.sort_by_key(|(span, _)| (span.source, span.start));
        found.dedup_by_key(|(span, _)| *span);
        for (span, ty) in found {
            let name = self.type_name(&ty);
            let message = Phrase {
                en: format!("`top` takes the greatest, and items of type {} have no order", name.en),
                id: format!("`top` mengambil yang terbesar, dan isi bertipe {} tidak berurutan", name.id),
            };
            let help = phrase!(
                "sort the list first: `top 2 of (members sort by age descending)`",
                "urutkan dahulu daftarnya: `top 2 of (members sort by age descending)` (`teratas`, `urut menurut`, `menurun`)"
            );
            self.tell(Finding::error(Code::TYPE_MISMATCH, span, message).help(help));
        }
    }

    fn not_ranked(&self, body: &ExprBody, found: &mut Vec<(Span, Type)>) {
        for (_, expr) in body.iter() {
            let Kind::Top { list, .. } = &expr.kind else { continue };
            let Type::List(item) = body[*list].ty.required() else { continue };
            let has_order = item.required().is_ordered() || matches!(**item, Type::Poison | Type::Pending);
            if !has_order && !self.is_sorted(body, *list) {
                found.push((body[*list].span, (**item).clone()));
            }
        }
    }

    /// Whether a list is sorted, wherever that is said.
    fn is_sorted(&self, body: &ExprBody, list: ExprRef) -> bool {
        let mut left: Vec<(&ExprBody, ExprRef)> = vec![(body, list)];
        let mut seen = BTreeSet::new();
        while let Some((body, at)) = left.pop() {
            match &body[at].kind {
                Kind::SortBy { .. } => {}
                Kind::Where { list, .. } | Kind::Each { list, .. } | Kind::Top { list, .. } => left.push((body, *list)),
                Kind::If { arms, otherwise } => {
                    left.extend(arms.iter().map(|(_, value)| *value).chain([*otherwise]).map(|value| (body, value)));
                }
                Kind::Exceptions { exceptions, otherwise } => {
                    let values = exceptions.iter().map(|(_, value, _)| *value);
                    left.extend(values.chain([*otherwise]).map(|value| (body, value)));
                }
                Kind::Definition { definition, .. } => {
                    if !seen.insert(definition.index()) {
                        continue;
                    }
                    for version in &self.definitions[*definition].versions {
                        match &version.value {
                            DefinitionValue::Expr(body) => left.extend(body.root().map(|root| (body, root))),
                            DefinitionValue::Table(_) => return false,
                        }
                    }
                }
                Kind::Broken | Kind::Pending(_) => {}
                _ => return false,
            }
        }
        true
    }
}
