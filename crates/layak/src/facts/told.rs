//! The errors of one household as they are collected: the first by path are kept, the others counted.

use std::cmp::Ordering;
use std::fmt;

use crate::arena::Id;
use crate::diagnostic::{Code, Phrase, nearest, phrase};
use crate::facts::error::FactError;
use crate::facts::layout::Binder;
use crate::facts::words;
use crate::program::{EntityId, EnumId, Program};

/// So many errors of one household are told; more would help nobody.
const MOST_ERRORS: usize = 100;

/// A way out. The nearest name is looked for only once it is certain that the error is told.
pub(super) enum Hint {
    None,
    Say(Phrase),
    /// A wrong name of a field, with the entity that has the right ones.
    Field(EntityId, String),
    Member(EnumId, String),
    Source(String),
    /// A wrong name of a part of evidence.
    Part(String),
}

/// INVARIANT: what is kept depends on the errors alone, not on the order in which they were met.
#[derive(Default)]
pub(super) struct Errors {
    kept: Vec<(FactError, Hint)>,
    hidden: usize,
}

impl Errors {
    pub(super) fn tell(&mut self, code: Code, path: impl fmt::Display, message: Phrase, hint: Hint) {
        self.kept.push((FactError::new(code, path, message), hint));
        if self.kept.len() >= 2 * MOST_ERRORS {
            self.sort();
        }
    }

    fn sort(&mut self) {
        self.kept.sort_by(|(a, _), (b, _)| {
            by_path(&a.path, &b.path).then_with(|| (a.code, &a.message).cmp(&(b.code, &b.message)))
        });
        self.hidden += self.kept.len().saturating_sub(MOST_ERRORS);
        self.kept.truncate(MOST_ERRORS);
    }

    pub(super) fn finish(mut self, binder: &Binder, program: &Program) -> Result<(), Vec<FactError>> {
        self.sort();
        if self.kept.is_empty() {
            return Ok(());
        }
        let mut errors: Vec<FactError> = Vec::with_capacity(self.kept.len() + 1);
        for (error, hint) in self.kept {
            errors.push(FactError { help: hint.phrase(binder, program), ..error });
        }
        if self.hidden > 0 {
            let more = phrase!("{0} more errors are not listed", "{0} galat lagi tidak dicantumkan", self.hidden);
            errors.push(FactError::new(Code::FACT_MORE, "", more));
        }
        Err(errors)
    }
}

impl Hint {
    fn phrase(self, binder: &Binder, program: &Program) -> Option<Phrase> {
        let meant = |near: &str| phrase!("did you mean `{0}`?", "maksud Anda `{0}`?", near);
        match self {
            Hint::None => None,
            Hint::Say(phrase) => Some(phrase),
            Hint::Field(entity, word) => {
                let slots = || binder.layout(entity).into_iter().flat_map(|l| &l.slots).filter(|s| s.own);
                let names = || slots().map(|s| &*s.name).filter(|n| !n.is_empty());
                let fields = &program.entities.values().nth(entity.index())?.fields;
                let columns = fields.iter().zip(binder.layout(entity).map_or(&[][..], |l| &l.slots));
                let columns = columns.filter(|(_, s)| s.own).filter_map(|(f, _)| f.column.as_deref());
                Some(match nearest(&word, names().chain(columns)) {
                    Some(near) => meant(near),
                    None => phrase!("the facts here are {0}", "fakta di sini: {0}", words::names(names())),
                })
            }
            Hint::Member(id, word) => {
                let members = || program.enums[id].members.iter().map(|m| &*m.name);
                Some(match nearest(&word, members()) {
                    Some(near) => meant(near),
                    None => phrase!("the values are {0}", "nilainya: {0}", words::names(members())),
                })
            }
            Hint::Source(word) => {
                let sources = || program.sources.values().map(|s| &*s.declared.name);
                Some(match nearest(&word, sources()) {
                    Some(near) => meant(near),
                    None => phrase!("the sources are {0}", "sumbernya: {0}", words::names(sources())),
                })
            }
            Hint::Part(word) => {
                let parts = ["value", "source", "date"];
                Some(match nearest(&word, parts) {
                    Some(near) => meant(near),
                    None => phrase!("evidence has {0}", "bukti memuat {0}", words::names(parts.into_iter())),
                })
            }
        }
    }
}

/// Paths in the order of a reader: `members[2]` before `members[10]`.
fn by_path(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        let (number_a, number_b) = (digits(a), digits(b));
        if number_a > 0 && number_b > 0 {
            let (left, right) = (a.split_at(number_a), b.split_at(number_b));
            let ordered = number_a.cmp(&number_b).then_with(|| left.0.cmp(right.0));
            if ordered != Ordering::Equal {
                return ordered;
            }
            (a, b) = (left.1, right.1);
            continue;
        }
        match (a.split_first(), b.split_first()) {
            (Some((x, rest_a)), Some((y, rest_b))) if x == y => (a, b) = (rest_a, rest_b),
            (x, y) => return x.map(|(x, _)| x).cmp(&y.map(|(y, _)| y)),
        }
    }
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_digit()).count()
}
