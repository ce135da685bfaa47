//! What changed in meaning between two rulesets: declarations and versions by name and date, not layout, comments or the
//! language of keywords.
//!
//! INVARIANT: a diff is empty exactly where the fingerprints are equal, for both are of the same pieces.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use crate::diagnostic::Phrase;
use crate::fingerprint::Aspect;
use crate::program::Program;
use crate::source::{Place, SourceMap};
use crate::syntax::Lang;

mod compare;
mod render;
mod shown;
mod tree;
mod uses;

use compare::compare;
use shown::Shower;
use tree::declarations;

/// What happened to a declaration or to a piece of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// The new rules alone have it.
    Added,
    /// The old rules alone have it.
    Removed,
    /// Both have it, and it means something else.
    Changed,
}

/// A declaration by its kind, module and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeclarationName {
    kind: Aspect,
    module: Arc<str>,
    name: String,
}

impl DeclarationName {
    fn of(declaration: &crate::fingerprint::Declaration) -> DeclarationName {
        DeclarationName {
            kind: declaration.aspect,
            module: Arc::clone(&declaration.module),
            name: declaration.name.clone(),
        }
    }

    /// `ruleset`, `enum`, `source`, `entity`, `parameter`, `definition`, `criterion`, `table` (scales too) or `programme`.
    pub fn kind(&self) -> &'static str {
        shown::declaration_word(self.kind)
    }

    /// The module that it stands in. Empty for the ruleset as a whole.
    pub fn module(&self) -> &str {
        &self.module
    }

    /// Its name, after the entity where it is one of members: `Person.age`. Empty for the ruleset as a whole.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// A difference between two rulesets in one declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    kind: ChangeKind,
    declaration: DeclarationName,
    before: Option<Place>,
    after: Option<Place>,
    details: Vec<Detail>,
}

impl Change {
    /// What happened.
    pub fn kind(&self) -> ChangeKind {
        self.kind
    }

    /// To which declaration.
    pub fn declaration(&self) -> &DeclarationName {
        &self.declaration
    }

    /// Where it stands in the old rules.
    pub fn before(&self) -> Option<&Place> {
        self.before.as_ref()
    }

    /// Where it stands in the new rules.
    pub fn after(&self) -> Option<&Place> {
        self.after.as_ref()
    }

    /// The pieces that differ, of a declaration that both rulesets have.
    pub fn details(&self) -> &[Detail] {
        &self.details
    }

    /// Whether labels, bases, reasons or an order of names alone differ, on which no decision hangs.
    pub fn is_wording(&self) -> bool {
        self.kind == ChangeKind::Changed && self.details.iter().all(Detail::is_wording)
    }
}

/// A piece of a declaration that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    kind: ChangeKind,
    part: Vec<Part>,
    is_wording: bool,
    before: Option<Exact>,
    after: Option<Exact>,
}

/// A step on the way to a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    kind: &'static str,
    name: String,
    phrase: Phrase,
}

/// A piece as it is shown: for programs, and for readers.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Exact {
    exact: String,
    phrase: Phrase,
}

impl Detail {
    /// What happened.
    pub fn kind(&self) -> ChangeKind {
        self.kind
    }

    /// Which piece, such as `from 2025-05-01` or `row 3, age`. Empty for the value of a declaration without versions.
    pub fn part(&self) -> Phrase {
        let of = |lang: Lang| self.part.iter().map(|p| p.phrase.in_lang(lang)).collect::<Vec<_>>().join(", ");
        Phrase { en: of(Lang::En), id: of(Lang::Id) }
    }

    /// Whether no decision hangs on it: a label, a basis, a reason.
    pub fn is_wording(&self) -> bool {
        self.is_wording
    }

    /// As it was; nothing where the piece was not there or has no text of its own.
    pub fn before(&self) -> Option<&Phrase> {
        self.before.as_ref().map(|e| &e.phrase)
    }

    /// As it is now; nothing where the piece is gone or has no text of its own.
    pub fn after(&self) -> Option<&Phrase> {
        self.after.as_ref().map(|e| &e.phrase)
    }
}

/// A declaration that stands as it stood and rests on one that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected {
    declaration: DeclarationName,
    because: DeclarationName,
}

impl Affected {
    /// The declaration.
    pub fn declaration(&self) -> &DeclarationName {
        &self.declaration
    }

    /// The nearest changed declaration that it rests on.
    pub fn because(&self) -> &DeclarationName {
        &self.because
    }
}

/// What changed in meaning between two rulesets. See [`Ruleset::diff`](crate::Ruleset::diff).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    changes: Vec<Change>,
    affected: Vec<Affected>,
}

impl Diff {
    /// Whether the rulesets mean the same; then, and only then, their fingerprints are equal.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The declarations that differ, by kind, name and module.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The declarations of the new rules that themselves stand as they stood but rest on a change of more than wording. By
    /// kind, name and module.
    pub fn affected(&self) -> &[Affected] {
        &self.affected
    }
}

/// A checked program with its sources.
#[derive(Clone, Copy)]
pub(crate) struct Side<'a> {
    pub program: &'a Program,
    pub sources: &'a SourceMap,
}

/// What changed in each of several pairs, each change once. Where a side is not there, what others of that side declare
/// is not new nor gone.
pub(crate) fn merged(pairs: &[(Option<Side<'_>>, Option<Side<'_>>)]) -> Diff {
    let names = |side: &Option<Side<'_>>| -> Vec<DeclarationName> {
        side.iter().flat_map(|s| declarations(s.program)).map(|d| DeclarationName::of(&d.of)).collect()
    };
    let had: BTreeSet<DeclarationName> = pairs.iter().flat_map(|(old, _)| names(old)).collect();
    let has: BTreeSet<DeclarationName> = pairs.iter().flat_map(|(_, new)| names(new)).collect();
    let mut out = Diff { changes: Vec::new(), affected: Vec::new() };
    for pair in pairs {
        let one = match pair {
            (Some(old), Some(new)) => diff(*old, *new),
            (None, Some(only)) => one_sided(ChangeKind::Added, *only, &had),
            (Some(only), None) => one_sided(ChangeKind::Removed, *only, &has),
            (None, None) => continue,
        };
        out.changes.extend(one.changes);
        out.affected.extend(one.affected);
    }
    out.changes.sort_by(|a, b| order(&a.declaration).cmp(&order(&b.declaration)));
    out.changes.dedup();
    let changed: BTreeSet<&DeclarationName> = out.changes.iter().map(|c| &c.declaration).collect();
    out.affected.retain(|a| !changed.contains(&a.declaration));
    out.affected.sort_by(|a, b| order(&a.declaration).cmp(&order(&b.declaration)));
    out.affected.dedup_by(|a, b| a.declaration == b.declaration);
    out
}

/// All that one side alone declares, but for what is known of others.
fn one_sided(kind: ChangeKind, side: Side<'_>, known: &BTreeSet<DeclarationName>) -> Diff {
    let mut changes = Vec::new();
    for declared in declarations(side.program) {
        let declaration = DeclarationName::of(&declared.of);
        if known.contains(&declaration) {
            continue;
        }
        let place = declared.of.span.map(|span| side.sources.place(span));
        let (before, after) = if kind == ChangeKind::Removed { (place, None) } else { (None, place) };
        changes.push(Change { kind, declaration, before, after, details: Vec::new() });
    }
    Diff { changes, affected: Vec::new() }
}

/// What changed from one program to another.
pub(crate) fn diff(old: Side<'_>, new: Side<'_>) -> Diff {
    let (before, after) = (declarations(old.program), declarations(new.program));
    let name = DeclarationName::of;
    let known: BTreeMap<DeclarationName, &tree::Declared<'_>> = before.iter().map(|d| (name(&d.of), d)).collect();
    let mut left: BTreeMap<DeclarationName, &tree::Declared<'_>> = known.clone();
    let shower = Shower { old, new };
    let mut changes = Vec::new();
    let mut roots = Vec::new();
    for declared in &after {
        let declaration = name(&declared.of);
        left.remove(&declaration);
        let place = declared.of.span.map(|span| new.sources.place(span));
        match known.get(&declaration) {
            Some(was) if was.node.hash == declared.node.hash => {}
            Some(was) => {
                let differences = compare(&was.node, &declared.node);
                let change = Change {
                    kind: ChangeKind::Changed,
                    before: was.of.span.map(|span| old.sources.place(span)),
                    after: place,
                    details: shower.details(&differences, was, declared),
                    declaration,
                };
                roots.extend(uses::roots(&change.declaration, &differences));
                changes.push(change);
            }
            None => {
                roots.extend(uses::roots(&declaration, &[]));
                let kind = ChangeKind::Added;
                changes.push(Change { kind, declaration, before: None, after: place, details: Vec::new() });
            }
        }
    }
    for (declaration, declared) in left {
        roots.extend(uses::roots(&declaration, &[]));
        let before = declared.of.span.map(|span| old.sources.place(span));
        let kind = ChangeKind::Removed;
        changes.push(Change { kind, declaration, before, after: None, details: Vec::new() });
    }
    changes.sort_by(|a, b| order(&a.declaration).cmp(&order(&b.declaration)));
    let mut affected = uses::affected(new.program, roots, &changes);
    affected.sort_by(|a, b| order(&a.declaration).cmp(&order(&b.declaration)));
    Diff { changes, affected }
}

fn order(name: &DeclarationName) -> (Aspect, &str, &str) {
    (name.kind, &name.name, &name.module)
}
