//! The pieces of rules as they are shown: on the way to a difference, and before and after it.

use std::fmt::Write as _;

use crate::diagnostic::{Phrase, phrase};
use crate::fingerprint::{Aspect, Shown, constant_text};
use crate::program::{CellTest, CellTests, Constant, ExprBody, ExprRef, HitPolicy, Program, Type};
use crate::report::{one_line, words};
use crate::syntax::{Collect, Lang, Unit};
use crate::value::Value;

use super::compare::{Difference, Step};
use super::tree::{Declared, Node};
use super::{ChangeKind, Detail, Exact, Part, Side};

/// Shows pieces of both sides.
pub(super) struct Shower<'a> {
    pub old: Side<'a>,
    pub new: Side<'a>,
}

impl Shower<'_> {
    pub(super) fn details(
        &self,
        differences: &[Difference<'_, '_>],
        was: &Declared<'_>,
        is: &Declared<'_>,
    ) -> Vec<Detail> {
        // What a scale does is worked out from its brackets, which are shown as they are written.
        let is_scale = self.is_scale(self.old, was) && self.is_scale(self.new, is);
        let mut all: Vec<(Detail, bool, String)> = Vec::new();
        for difference in differences {
            let path: Vec<Step<'_, '_>> = if is_scale { to_bracket(&difference.path) } else { difference.path.clone() };
            let detail = self.detail(difference, &path);
            let version = path.iter().filter_map(Step::node).find(|n| n.key.aspect == Aspect::Version);
            let version = version.map_or(String::new(), |n| n.key.name.to_string());
            let is_alike = detail.kind == ChangeKind::Changed && detail.before == detail.after;
            if !all.iter().any(|(other, ..)| *other == detail) {
                all.push((detail, is_alike, version));
            }
        }
        // A piece that is written as it was means something else because of another, which is told.
        let telling: Vec<String> = all.iter().filter(|(_, alike, _)| !alike).map(|(.., v)| v.clone()).collect();
        let is_told = |version: &String| telling.contains(version) || telling.iter().any(String::is_empty);
        all.into_iter().filter(|(_, alike, version)| !alike || !is_told(version)).map(|(detail, ..)| detail).collect()
    }

    fn is_scale(&self, side: Side<'_>, of: &Declared<'_>) -> bool {
        let Some(Shown::Table(span)) = of.node.part(Aspect::Version).map(|v| &v.shown) else { return false };
        matches!(side.sources.snippet(*span).split_whitespace().next(), Some("scale" | "skala"))
    }

    fn detail(&self, difference: &Difference<'_, '_>, path: &[Step<'_, '_>]) -> Detail {
        let mut part: Vec<Part> = path.iter().enumerate().filter_map(|(i, step)| self.part(path, i, step)).collect();
        let last = path.last();
        let aspect = last.and_then(Step::node).map(|n| n.key.aspect);
        let is_wording = path.iter().filter_map(Step::node).any(|n| n.key.aspect.is_wording());
        let (mut before, mut after) = match last {
            Some(step) => (
                step.before.and_then(|(node, _)| self.exact(self.old, node)),
                step.after.and_then(|(node, _)| self.exact(self.new, node)),
            ),
            None => (None, None),
        };
        // A cell that says nothing of its column accepts everything there.
        let of_row = path.iter().rev().nth(1).and_then(Step::node).is_some_and(|n| n.key.aspect == Aspect::Row);
        if aspect == Some(Aspect::Input) && of_row {
            before = before.or_else(|| Some(Exact::plain("-")));
            after = after.or_else(|| Some(Exact::plain("-")));
        }
        if let Some(moved) = difference.moved {
            part.push(Part { kind: word(Aspect::Position), name: String::new(), phrase: phrase!("place", "letak") });
            (before, after) = match moved {
                Some((a, b)) => (Some(Exact::plain(a + 1)), Some(Exact::plain(b + 1))),
                None => (None, None),
            };
        }
        let kind = if before.is_some() && after.is_some() { ChangeKind::Changed } else { difference.kind };
        Detail { kind, part, is_wording, before, after }
    }

    /// A step in words; none for one that says nothing to a reader.
    fn part(&self, path: &[Step<'_, '_>], at: usize, step: &Step<'_, '_>) -> Option<Part> {
        let node = step.node()?;
        let name = &node.key.name;
        let parent = at.checked_sub(1).and_then(|i| path.get(i)).and_then(Step::node).map(|n| n.key.aspect);
        let mut shown = name.to_string();
        let phrase = match node.key.aspect {
            Aspect::Currency => phrase!("currency", "mata uang"),
            Aspect::Calendar => phrase!("calendar", "kalender"),
            Aspect::Label => phrase!("label ({0})", "label ({0})", name),
            Aspect::Basis => phrase!("basis ({0})", "dasar ({0})", name),
            Aspect::Reason => phrase!("reason ({0})", "alasan ({0})", name),
            Aspect::Order => phrase!("order", "urutan"),
            Aspect::Member => phrase!("value `{0}`", "nilai `{0}`", name),
            Aspect::Part => phrase!("part `{0}`", "bagian `{0}`", name),
            Aspect::Codes => phrase!("codes", "kode"),
            Aspect::Fresh => phrase!("fresh for", "berlaku selama"),
            Aspect::Unverified => phrase!("unverified", "tanpa verifikasi"),
            Aspect::Root => phrase!("root entity", "entitas akar"),
            Aspect::Key => phrase!("key", "kunci"),
            Aspect::Field => phrase!("field `{0}`", "kolom `{0}`", name),
            Aspect::Type if parent == Some(Aspect::Version) => phrase!("type of `{0}`", "tipe `{0}`", name),
            Aspect::Type => phrase!("type", "tipe"),
            Aspect::Range => phrase!("range", "rentang"),
            Aspect::Count => phrase!("number of elements", "banyaknya anggota"),
            Aspect::Default => phrase!("default", "bawaan"),
            Aspect::Column => phrase!("name in data", "nama dalam data"),
            Aspect::Inverse => phrase!("link back", "tautan balik"),
            Aspect::Acyclic => phrase!("never comes back", "tidak pernah kembali"),
            Aspect::Verified => phrase!("must be verified", "wajib diverifikasi"),
            Aspect::Fixed => phrase!("fixed", "tetap"),
            Aspect::Sources => phrase!("sources", "sumber"),
            Aspect::Keys => phrase!("keys", "kunci"),
            Aspect::Entry if name.is_empty() => return None,
            Aspect::Entry => phrase!("{0}", "{0}", name),
            Aspect::Owner => phrase!("for", "untuk"),
            Aspect::Arguments => phrase!("arguments", "argumen"),
            Aspect::Version => {
                let day = match step.after.or(step.before).map(|(n, _)| n.part(Aspect::From)) {
                    Some(Some(from)) => self.exact(self.new, from),
                    _ => None,
                };
                let day = day?;
                shown.clone_from(&day.exact);
                let mut phrase = phrase!("from {0}", "sejak {0}", day.exact);
                if let Some(enacted) = node.part(Aspect::Enacted).and_then(|n| self.exact(self.new, n)) {
                    shown.clone_from(&node.key.name.to_string());
                    let _ = write!(phrase.en, ", enacted {}", enacted.exact);
                    let _ = write!(phrase.id, ", diundangkan {}", enacted.exact);
                }
                phrase
            }
            Aspect::From => phrase!("first day", "hari pertama"),
            Aspect::Until => phrase!("last day", "hari terakhir"),
            Aspect::Enacted => phrase!("enacted", "diundangkan"),
            Aspect::Value if parent == Some(Aspect::Version) => return None,
            Aspect::Value => phrase!("value", "nilai"),
            Aspect::Exception if name.is_empty() => phrase!("exception", "pengecualian"),
            Aspect::Exception => phrase!("exception `{0}`", "pengecualian `{0}`", name),
            Aspect::To => phrase!("exception to", "pengecualian terhadap"),
            Aspect::Condition => phrase!("condition", "syarat"),
            Aspect::Priority => phrase!("priority", "prioritas"),
            Aspect::Policy => phrase!("hit policy", "aturan pemilihan baris"),
            Aspect::Input => {
                let header = |side: Side<'_>, node: &Node<'_>| match &node.shown {
                    Shown::Cell(.., head) => one_line(side.sources.snippet(*head)),
                    Shown::Written(head) => one_line(side.sources.snippet(*head)),
                    _ => String::new(),
                };
                let after = step.after.map(|(n, _)| header(self.new, n));
                shown = after.or_else(|| step.before.map(|(n, _)| header(self.old, n))).unwrap_or_default();
                phrase!("column `{0}`", "kolom `{0}`", shown)
            }
            Aspect::Output => phrase!("output `{0}`", "keluaran `{0}`", name),
            Aspect::Otherwise => phrase!("else", "lainnya"),
            Aspect::Ranking => phrase!("priority", "prioritas"),
            Aspect::Rows => return None,
            Aspect::Row => {
                let at = step.after.or(step.before).map_or(0, |(_, at)| at + 1);
                shown = at.to_string();
                phrase!("row {0}", "baris {0}", at)
            }
            Aspect::Requires => phrase!("requires `{0}`", "syarat `{0}`", name),
            Aspect::Refuses => phrase!("refuses `{0}`", "penolak `{0}`", name),
            Aspect::Excludes => phrase!("excludes `{0}`", "mengecualikan `{0}`", name),
            Aspect::Gives => phrase!("gives `{0}`", "memberi `{0}`", name),
            Aspect::Position
            | Aspect::Ruleset
            | Aspect::Enum
            | Aspect::Source
            | Aspect::Format
            | Aspect::Entity
            | Aspect::Parameter
            | Aspect::Definition
            | Aspect::Criterion
            | Aspect::Table
            | Aspect::Programme => return None,
        };
        Some(Part { kind: word(node.key.aspect), name: shown, phrase })
    }

    fn exact(&self, side: Side<'_>, node: &Node<'_>) -> Option<Exact> {
        // Their names say it all.
        if matches!(node.key.aspect, Aspect::Requires | Aspect::Refuses | Aspect::Excludes) {
            return None;
        }
        let program = side.program;
        let both = |exact: String| Some(Exact::plain(exact));
        match &node.shown {
            Shown::Nothing | Shown::Table(_) => None,
            Shown::Written(span) => both(one_line(side.sources.snippet(*span))),
            Shown::Text(text) => both(text.to_string()),
            Shown::Day(day, _) => both(day.to_string()),
            Shown::Value(constant, ty) => {
                let item = if let Type::List(item) = ty { item } else { *ty };
                let of = |lang: Lang| match constant {
                    Constant::One(value) => person(program, value, ty, lang),
                    Constant::List(list) => {
                        let texts: Vec<String> = list.iter().map(|v| person(program, v, item, lang)).collect();
                        format!("[{}]", texts.join(", "))
                    }
                };
                let phrase = Phrase { en: of(Lang::En), id: of(Lang::Id) };
                Some(Exact { exact: constant_text(program, constant, ty), phrase })
            }
            Shown::Duration(length) => {
                let value = Value::Duration(*length);
                let of = |lang| words(program, &value, &Type::Text, lang);
                Some(Exact { exact: length.to_string(), phrase: Phrase { en: of(Lang::En), id: of(Lang::Id) } })
            }
            Shown::Type(ty) => {
                let phrase = Phrase { en: type_words(program, ty, Lang::En), id: type_words(program, ty, Lang::Id) };
                Some(Exact { exact: phrase.en.clone(), phrase })
            }
            Shown::Range(range, ty) => {
                let text = |value: &dyn Fn(&Value) -> String| {
                    let end = |v: &Option<Value>| v.as_ref().map(value).unwrap_or_default();
                    format!("{}..{}{}", end(&range.low), if range.open { "<" } else { "" }, end(&range.high))
                };
                let exact = text(&|v| constant_text(program, &Constant::One(v.clone()), ty));
                let of = |lang: Lang| text(&|v: &Value| person(program, v, ty, lang));
                Some(Exact { exact, phrase: Phrase { en: of(Lang::En), id: of(Lang::Id) } })
            }
            Shown::Count(least, most) => both(format!("{least}..{}", most.map_or(String::new(), |n| n.to_string()))),
            Shown::Names(names) => both(names.join(", ")),
            Shown::Policy(policy) => {
                let exact = policy_words(*policy, Lang::En);
                let phrase = Phrase { en: exact.clone(), id: policy_words(*policy, Lang::Id) };
                Some(Exact { exact, phrase })
            }
            Shown::Cell(body, cell, _) => both(self.cell(side, body, cell)),
        }
    }

    fn cell(&self, side: Side<'_>, body: &ExprBody, cell: &CellTests) -> String {
        let text = |expr: &ExprRef| one_line(side.sources.snippet(body[*expr].span));
        let tests = cell.tests.iter().map(|test| match test {
            CellTest::Equal(value) => text(value),
            CellTest::Unknown => "unknown".into(),
            CellTest::Range { low, low_open, high, high_open } => match (low, high) {
                (None, Some(high)) => format!("{} {}", if *high_open { "<" } else { "<=" }, text(high)),
                (Some(low), None) => format!("{} {}", if *low_open { ">" } else { ">=" }, text(low)),
                (low, high) => {
                    let end = |e: &Option<ExprRef>| e.as_ref().map(text).unwrap_or_default();
                    format!("{}..{}{}", end(low), if *high_open { "<" } else { "" }, end(high))
                }
            },
        });
        let tests: Vec<String> = tests.collect();
        format!("{}{}", if cell.negated { "not " } else { "" }, tests.join(", "))
    }
}

impl Exact {
    fn plain(text: impl ToString) -> Exact {
        let exact = text.to_string();
        Exact { phrase: Phrase { en: exact.clone(), id: exact.clone() }, exact }
    }
}

/// The way to a row, where it goes on below one.
fn to_bracket<'n, 'a>(path: &[Step<'n, 'a>]) -> Vec<Step<'n, 'a>> {
    let row = path.iter().position(|s| s.node().is_some_and(|n| n.key.aspect == Aspect::Row));
    path.iter().copied().take(row.map_or(path.len(), |at| at + 1)).collect()
}

/// A value for a reader of rules: of an enum by its name there.
fn person(program: &Program, value: &Value, ty: &Type, lang: Lang) -> String {
    match value {
        Value::Enum(_) => constant_text(program, &Constant::One(value.clone()), ty),
        Value::Text(text) => format!("\"{text}\""),
        value => words(program, value, ty, lang),
    }
}

fn unit_words(unit: Option<Unit>, lang: Lang) -> &'static str {
    match (unit, lang) {
        (None, _) => "",
        (Some(Unit::Year), Lang::En) => " per year",
        (Some(Unit::Month), Lang::En) => " per month",
        (Some(Unit::Week), Lang::En) => " per week",
        (Some(Unit::Day), Lang::En) => " per day",
        (Some(Unit::Year), Lang::Id) => " per tahun",
        (Some(Unit::Month), Lang::Id) => " per bulan",
        (Some(Unit::Week), Lang::Id) => " per minggu",
        (Some(Unit::Day), Lang::Id) => " per hari",
    }
}

fn type_words(program: &Program, ty: &Type, lang: Lang) -> String {
    use crate::program::DurationKind;
    let pick = |en: &str, id: &str| if lang == Lang::Id { id.to_owned() } else { en.to_owned() };
    match ty {
        Type::Boolean => pick("boolean", "ya_tidak"),
        Type::Number(q) => {
            let base = match (q.money, q.whole) {
                (true, _) => pick("money", "uang"),
                (false, true) => pick("integer", "bulat"),
                (false, false) => pick("number", "angka"),
            };
            base + unit_words(q.per, lang)
        }
        Type::Date => pick("date", "tanggal"),
        Type::Duration(DurationKind::Months) => pick("duration in months", "jangka dalam bulan"),
        Type::Duration(DurationKind::Days) => pick("duration in days", "jangka dalam hari"),
        Type::Duration(DurationKind::Mixed) => pick("duration", "jangka"),
        Type::Text => pick("text", "teks"),
        Type::Enum(id) => program.enums[*id].declared.name.to_string(),
        Type::Element(id) => program.entities[*id].declared.name.to_string(),
        Type::List(item) => pick("list of ", "daftar berisi ") + &type_words(program, item, lang),
        Type::Optional(inner) => pick("optional ", "opsional ") + &type_words(program, inner, lang),
        Type::Record(id) => pick("the outputs of ", "keluaran ") + &program.tables[*id].name,
        Type::Pending | Type::Poison => pick("unknown", "tidak diketahui"),
    }
}

fn policy_words(policy: HitPolicy, lang: Lang) -> String {
    let (en, id) = match policy {
        HitPolicy::Unique => ("unique", "unik"),
        HitPolicy::First => ("first", "pertama"),
        HitPolicy::Any => ("any", "ada"),
        HitPolicy::Priority => ("priority", "prioritas"),
        HitPolicy::Collect(Collect::List) => ("collect list", "kumpulkan daftar"),
        HitPolicy::Collect(Collect::Sum) => ("collect sum", "kumpulkan jumlah"),
        HitPolicy::Collect(Collect::Min) => ("collect min", "kumpulkan terkecil"),
        HitPolicy::Collect(Collect::Max) => ("collect max", "kumpulkan terbesar"),
        HitPolicy::Collect(Collect::Count) => ("collect count", "kumpulkan banyaknya"),
    };
    if lang == Lang::Id { id.to_owned() } else { en.to_owned() }
}

/// The kind of a declaration in JSON.
pub(super) fn declaration_word(aspect: Aspect) -> &'static str {
    word(aspect)
}

/// The kind of a declaration for readers.
pub(super) fn declaration_phrase(aspect: Aspect, lang: Lang) -> &'static str {
    match (aspect, lang) {
        (Aspect::Ruleset, Lang::Id) => "aturan",
        (Aspect::Enum, Lang::Id) => "pilihan",
        (Aspect::Source, Lang::Id) => "sumber",
        (Aspect::Entity, Lang::Id) => "entitas",
        (Aspect::Definition, Lang::Id) => "definisi",
        (Aspect::Criterion, Lang::Id) => "kriteria",
        (Aspect::Table, Lang::Id) => "tabel",
        (Aspect::Programme, Lang::Id) => "program",
        (other, _) => word(other),
    }
}

/// The name of an aspect in JSON.
fn word(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Ruleset => "ruleset",
        Aspect::Enum => "enum",
        Aspect::Source => "source",
        Aspect::Format => "format",
        Aspect::Part => "part",
        Aspect::Entity => "entity",
        Aspect::Parameter => "parameter",
        Aspect::Definition => "definition",
        Aspect::Criterion => "criterion",
        Aspect::Table => "table",
        Aspect::Programme => "programme",
        Aspect::Currency => "currency",
        Aspect::Calendar => "calendar",
        Aspect::Label => "label",
        Aspect::Basis => "basis",
        Aspect::Reason => "reason",
        Aspect::Order => "order",
        Aspect::Member => "value",
        Aspect::Codes => "codes",
        Aspect::Fresh => "fresh",
        Aspect::Unverified => "unverified",
        Aspect::Root => "root",
        Aspect::Key => "key",
        Aspect::Field => "field",
        Aspect::Type => "type",
        Aspect::Range => "range",
        Aspect::Count => "count",
        Aspect::Default => "default",
        Aspect::Column => "data_name",
        Aspect::Inverse => "inverse",
        Aspect::Acyclic => "acyclic",
        Aspect::Verified => "verified",
        Aspect::Fixed => "fixed",
        Aspect::Sources => "sources",
        Aspect::Keys => "keys",
        Aspect::Entry => "key_value",
        Aspect::Owner => "for",
        Aspect::Arguments => "arguments",
        Aspect::Version => "version",
        Aspect::From => "from",
        Aspect::Until => "until",
        Aspect::Enacted => "enacted",
        Aspect::Value => "value",
        Aspect::Exception => "exception",
        Aspect::To => "to",
        Aspect::Condition => "condition",
        Aspect::Priority => "priority",
        Aspect::Policy => "policy",
        Aspect::Input => "column",
        Aspect::Output => "output",
        Aspect::Otherwise => "else",
        Aspect::Ranking => "ranking",
        Aspect::Rows => "rows",
        Aspect::Row => "row",
        Aspect::Requires => "requires",
        Aspect::Refuses => "refuses",
        Aspect::Excludes => "excludes",
        Aspect::Gives => "gives",
        Aspect::Position => "place",
    }
}
