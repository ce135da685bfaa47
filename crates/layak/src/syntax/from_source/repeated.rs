//! Clauses that count once: of two only one would be heard.

use crate::diagnostic::{Code, Finding, phrase};
use crate::source::Span;
use crate::syntax::lexicon;
use crate::syntax::parser::{Node, Rule};

use super::Builder;

/// Clauses that a declaration, or a part of one, has once.
const ONCE: &[Rule] = &[
    Rule::texts,
    Rule::basis,
    Rule::condition,
    Rule::otherwise,
    Rule::validity,
    Rule::priority,
    Rule::policy,
    Rule::table_else,
    Rule::parameter_default,
    Rule::field_default,
    Rule::column,
    Rule::inverse,
    Rule::programme_for,
    Rule::appeal,
    Rule::as_of,
    Rule::known_on,
];

/// Parts of declarations that have clauses of their own.
const PARTS: &[Rule] = &[
    Rule::field,
    Rule::exception,
    Rule::added_exception,
    Rule::replacement,
    Rule::parameter,
    Rule::define,
    Rule::criterion,
    Rule::table,
    Rule::scale,
    Rule::programme,
];

impl Builder<'_> {
    /// Tells of every clause that stands twice. INVARIANT: it recurses from an act to an exception of a rule in it, and no deeper.
    pub(super) fn told_once(&mut self, node: Node<'_>) {
        let of_exception = matches!(node.rule(), Rule::exception | Rule::added_exception);
        let mut clauses: Vec<(Rule, Span)> = Vec::new();
        for child in node.children() {
            let rule = child.rule();
            if ONCE.contains(&rule) {
                let span = self.span(&child);
                match clauses.iter().find(|(other, _)| *other == rule) {
                    Some((_, first)) => self.clause_twice(rule, of_exception, span, *first),
                    None => clauses.push((rule, span)),
                }
            } else if PARTS.contains(&rule) {
                self.told_once(child);
            }
        }
    }

    fn clause_twice(&mut self, rule: Rule, of_exception: bool, span: Span, first: Span) {
        let text = self.file.get(span.start as usize..span.end as usize).unwrap_or("");
        let word = text.split(char::is_whitespace).next().unwrap_or("");
        let message = if rule == Rule::texts {
            phrase!("a label stands here twice", "label ditulis dua kali di sini")
        } else {
            phrase!("`{0}` stands here twice", "`{0}` ditulis dua kali di sini", word)
        };
        let and = lexicon::spelling("and", self.scan.lang);
        let help = if rule == Rule::condition {
            phrase!("join the conditions with `{0}`", "gabungkan syaratnya dengan `{0}`", and)
        } else if of_exception {
            phrase!(
                "keep one of them; what stands after an exception is a clause of it, so write those of the rule itself before it",
                "pertahankan salah satunya; yang ditulis sesudah pengecualian adalah bagiannya, jadi tulis bagian aturannya sendiri sebelumnya"
            )
        } else {
            phrase!("keep one of them", "pertahankan salah satunya")
        };
        let finding = Finding::error(Code::REPEATED_CLAUSE, span, message);
        self.findings.push(finding.also(first, phrase!("also here", "juga di sini")).help(help));
    }
}
