//! The acts that have changed what a decision rests on, as decisions name them.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;

use crate::graph::RootChange;
use crate::program::{Label, Program};
use crate::syntax::Lang;

/// A rule that an act has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmendedRule {
    rule: Arc<str>,
    label: Label,
    basis: Label,
    place: Arc<str>,
}

impl AmendedRule {
    pub(super) fn of(program: &Program, change: &RootChange) -> AmendedRule {
        let act = &program.acts[change.act];
        AmendedRule {
            rule: Arc::clone(&change.rule),
            label: act.label.clone(),
            basis: act.basis.clone(),
            place: act.place.to_string().into(),
        }
    }

    /// The name of the rule: a parameter, a definition, a criterion, a table or a programme.
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// The label of the act in a language; empty where it has none.
    pub fn act(&self, lang: Lang) -> &str {
        self.label.get(lang).map_or("", |text| text)
    }

    /// The legal basis of the act in a language; empty where it names none.
    pub fn basis(&self, lang: Lang) -> &str {
        self.basis.get(lang).map_or("", |text| text)
    }

    /// Where the act stands: path, line and column.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// All of it as one line, for people.
    pub fn text(&self, lang: Lang) -> String {
        let by = match lang {
            Lang::En => "as amended by",
            Lang::Id => "sebagaimana diubah dengan",
        };
        let mut out = format!("`{}` {by}", self.rule);
        for text in [self.act(lang), self.place()].iter().filter(|t| !t.is_empty()) {
            let _ = write!(out, " {text}");
        }
        let basis = self.basis(lang);
        if !basis.is_empty() {
            let _ = write!(out, " ({basis})");
        }
        out
    }

    pub(super) fn json(&self, lang: Lang) -> AmendedJson<'_> {
        AmendedJson { rule: self.rule(), act: self.act(lang), basis: self.basis(lang), at: self.place() }
    }
}

#[derive(Serialize)]
pub(super) struct AmendedJson<'a> {
    rule: &'a str,
    act: &'a str,
    basis: &'a str,
    at: &'a str,
}
