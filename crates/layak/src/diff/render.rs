//! A diff for readers and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use crate::source::Place;
use crate::syntax::Lang;

use super::shown::declaration_phrase;
use super::{Affected, Change, ChangeKind, DeclarationName, Detail, Diff};

impl ChangeKind {
    fn word(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (ChangeKind::Added, Lang::En) => "added",
            (ChangeKind::Removed, Lang::En) => "removed",
            (ChangeKind::Changed, Lang::En) => "changed",
            (ChangeKind::Added, Lang::Id) => "ditambah",
            (ChangeKind::Removed, Lang::Id) => "dihapus",
            (ChangeKind::Changed, Lang::Id) => "berubah",
        }
    }
}

impl DeclarationName {
    /// Its kind and name, for readers.
    pub fn text(&self, lang: Lang) -> String {
        let kind = declaration_phrase(self.kind, lang);
        if self.name.is_empty() { kind.to_owned() } else { format!("{kind} `{}`", self.name) }
    }

    fn with_module(&self, lang: Lang) -> String {
        let text = self.text(lang);
        if self.module.is_empty() { text } else { format!("{text} ({})", self.module) }
    }
}

impl Detail {
    fn text(&self, lang: Lang) -> String {
        let part = self.part();
        let part = part.in_lang(lang);
        let side = |side: &Option<super::Exact>| side.as_ref().map(|e| e.phrase.in_lang(lang).to_owned());
        let (value, meaning) = match lang {
            Lang::En => ("value", "written as before; a name in it means something else now"),
            Lang::Id => ("nilai", "tertulis sama; sebuah nama di dalamnya kini berarti lain"),
        };
        let part = if part.is_empty() { value } else { part };
        let kind = self.kind.word(lang);
        match (side(&self.before), side(&self.after)) {
            (Some(a), Some(b)) if a == b => format!("{part}: {a} ({meaning})"),
            (Some(a), Some(b)) => format!("{part}: {a} -> {b}"),
            (None, Some(one)) | (Some(one), None) => format!("{part}: {kind}: {one}"),
            (None, None) => format!("{part}: {kind}"),
        }
    }
}

impl Diff {
    /// The diff for readers: a line for each declaration that differs, below it a line for each piece, then what rests on
    /// them.
    pub fn render(&self, lang: Lang) -> String {
        let mut out = String::new();
        if self.is_empty() {
            return match lang {
                Lang::En => "no change in meaning\n".to_owned(),
                Lang::Id => "tidak ada perubahan makna\n".to_owned(),
            };
        }
        for change in &self.changes {
            let wording = match lang {
                _ if !change.is_wording() => "",
                Lang::En => " in wording",
                Lang::Id => " redaksinya",
            };
            let name = change.declaration.with_module(lang);
            let _ = write!(out, "{}{wording}: {name}", change.kind.word(lang));
            if let Some(place) = change.after.as_ref().or(change.before.as_ref()) {
                let _ = write!(out, "  {}:{}", place.path, place.line);
            }
            out.push('\n');
            for detail in &change.details {
                let _ = writeln!(out, "  {}", detail.text(lang));
            }
        }
        if !self.affected.is_empty() {
            out.push_str(match lang {
                Lang::En => "\nrests on a change, itself as before:\n",
                Lang::Id => "\nbertumpu pada perubahan, isinya sendiri tetap:\n",
            });
            let by = match lang {
                Lang::En => "by",
                Lang::Id => "karena",
            };
            for affected in &self.affected {
                let (name, because) = (affected.declaration.with_module(lang), affected.because.text(lang));
                let _ = writeln!(out, "  {name}  {by} {because}");
            }
        }
        out
    }

    /// Each difference as an object, for one a line: first the changes, then what rests on them. Before and after stand
    /// exactly as values do in decisions; names of kinds and parts are fixed and in English.
    pub fn to_json(&self) -> Vec<impl Serialize + '_> {
        let changes = self.changes.iter().map(|c| Line::Change(ChangeJson::of(c)));
        changes.chain(self.affected.iter().map(|a| Line::Affected(AffectedJson::of(a)))).collect::<Vec<_>>()
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Line<'a> {
    Change(ChangeJson<'a>),
    Affected(AffectedJson<'a>),
}

#[derive(Serialize)]
struct NameJson<'a> {
    kind: &'static str,
    module: &'a str,
    name: &'a str,
}

impl<'a> NameJson<'a> {
    fn of(name: &'a DeclarationName) -> NameJson<'a> {
        NameJson { kind: name.kind(), module: name.module(), name: name.name() }
    }
}

#[derive(Serialize)]
struct PlaceJson<'a> {
    path: &'a str,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct ChangeJson<'a> {
    change: ChangeKind,
    #[serde(flatten)]
    name: NameJson<'a>,
    touches: &'static str,
    before: Option<PlaceJson<'a>>,
    after: Option<PlaceJson<'a>>,
    details: Vec<DetailJson<'a>>,
}

#[derive(Serialize)]
struct PartJson<'a> {
    kind: &'static str,
    name: &'a str,
}

#[derive(Serialize)]
struct DetailJson<'a> {
    change: ChangeKind,
    part: Vec<PartJson<'a>>,
    touches: &'static str,
    before: Option<&'a str>,
    after: Option<&'a str>,
}

#[derive(Serialize)]
struct AffectedJson<'a> {
    change: &'static str,
    #[serde(flatten)]
    name: NameJson<'a>,
    because: NameJson<'a>,
}

fn touches(is_wording: bool) -> &'static str {
    if is_wording { "wording" } else { "decisions" }
}

impl<'a> ChangeJson<'a> {
    fn of(change: &'a Change) -> ChangeJson<'a> {
        fn place(place: &Place) -> PlaceJson<'_> {
            PlaceJson { path: &place.path, line: place.line, column: place.column }
        }
        ChangeJson {
            change: change.kind,
            name: NameJson::of(&change.declaration),
            touches: touches(change.is_wording()),
            before: change.before.as_ref().map(place),
            after: change.after.as_ref().map(place),
            details: change.details.iter().map(DetailJson::of).collect(),
        }
    }
}

impl<'a> DetailJson<'a> {
    fn of(detail: &'a Detail) -> DetailJson<'a> {
        DetailJson {
            change: detail.kind,
            part: detail.part.iter().map(|p| PartJson { kind: p.kind, name: &p.name }).collect(),
            touches: touches(detail.is_wording),
            before: detail.before.as_ref().map(|e| e.exact.as_str()),
            after: detail.after.as_ref().map(|e| e.exact.as_str()),
        }
    }
}

impl<'a> AffectedJson<'a> {
    fn of(affected: &'a Affected) -> AffectedJson<'a> {
        AffectedJson {
            change: "affected",
            name: NameJson::of(&affected.declaration),
            because: NameJson::of(&affected.because),
        }
    }
}
