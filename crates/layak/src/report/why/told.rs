//! Grounds in words and as data.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::{ElementName, Ground, GroundKind, Grounds};
use crate::diagnostic::Phrase;
use crate::program::Period;
use crate::report::explain::bracketed;
use crate::report::words::date_words;
use crate::syntax::Lang;

impl GroundKind {
    /// On one line, for people who look into rules.
    pub(crate) fn text(&self, lang: Lang) -> String {
        let unknown = if lang == Lang::Id { "belum diketahui" } else { "not known" };
        let words = |value: &Option<Phrase>| value.as_ref().map_or(unknown, |v| v.in_lang(lang)).to_owned();
        match self {
            GroundKind::Fact(fact) => {
                let name = fact.element.as_ref().and_then(|e| e.name.as_deref());
                let name = name.map(|name| format!(" ({name})")).unwrap_or_default();
                format!("{}{name} = {}", fact.path, words(&fact.value))
            }
            GroundKind::Parameter(parameter) => {
                let mut out = parameter.name.to_string();
                if !parameter.keys.is_empty() {
                    let keys: Vec<&str> = parameter.keys.iter().map(|k| k.in_lang(lang)).collect();
                    let _ = write!(out, "({})", keys.join(", "));
                }
                let _ = write!(out, " = {}", parameter.value.in_lang(lang));
                if parameter.is_default {
                    out.push_str(if lang == Lang::Id { ", nilai bawaan" } else { ", by default" });
                }
                out.push_str(&in_force(&parameter.period, lang));
                if let Some(act) = parameter.act.as_ref().map(|act| act.in_lang(lang)).filter(|act| !act.is_empty()) {
                    let _ = write!(out, ", {act}");
                }
                out + &bracketed(parameter.basis.in_lang(lang))
            }
            GroundKind::Value(value) => {
                let element = value.element.as_ref().map(|e| format!(" [{}]", e.told())).unwrap_or_default();
                let shown = value.value.as_ref().map(|v| format!(" = {}", v.in_lang(lang)));
                let shown = match (shown, value.truth) {
                    (Some(shown), _) => shown,
                    (None, _) if value.is_list => String::new(),
                    (None, _) => format!(" = {unknown}"),
                };
                format!("{}{element}{shown}{}", value.name, bracketed(value.basis.in_lang(lang)))
            }
            GroundKind::Row(row) => {
                let text = match (lang, row.is_certain) {
                    (Lang::En, true) => format!("row {} of `{}` matches", row.number, row.table),
                    (Lang::En, false) => format!("row {} of `{}` may match", row.number, row.table),
                    (Lang::Id, true) => format!("baris {} tabel `{}` cocok", row.number, row.table),
                    (Lang::Id, false) => format!("baris {} tabel `{}` mungkin cocok", row.number, row.table),
                };
                text + &bracketed(row.basis.in_lang(lang))
            }
            GroundKind::Exception(exception) => {
                let (word, to) = match lang {
                    Lang::En => ("exception", "to"),
                    Lang::Id => ("pengecualian", "terhadap"),
                };
                let element = exception.element.as_ref().map(|e| format!(" [{}]", e.told())).unwrap_or_default();
                let basis = exception.provision.basis.get(lang).map(|b| format!(" ({b})")).unwrap_or_default();
                let (name, rule) = (exception.provision.name(), &exception.rule);
                format!("{word} {name} {to} `{rule}`{element}: {}{basis}", exception.standing.word(lang))
            }
            GroundKind::Programme { name, value, .. } => {
                let word = if lang == Lang::Id { "program" } else { "programme" };
                format!("{word} `{name}` = {}", words(value))
            }
        }
    }
}

/// `, from 1 January 2025 until 31 December 2025`, as far as a period has ends.
fn in_force(period: &Period, lang: Lang) -> String {
    let (from, until) = match lang {
        Lang::En => ("from", "until"),
        Lang::Id => ("sejak", "sampai"),
    };
    let mut out = String::new();
    for (word, day) in [(from, period.from), (until, period.until)] {
        if let Some(day) = day {
            let comma = if out.is_empty() { "," } else { "" };
            let _ = write!(out, "{comma} {word} {}", date_words(day, lang));
        }
    }
    out
}

fn phrase(text: &Phrase, lang: Lang) -> Json {
    Json::from(text.in_lang(lang))
}

fn element(name: &Option<ElementName>) -> Json {
    match name {
        None => Json::Null,
        Some(e) => json!({"path": e.path, "name": e.name.as_deref(), "key": e.key.as_deref()}),
    }
}

fn period(out: &mut serde_json::Map<String, Json>, period: &Period) {
    for (name, day) in [("from", period.from), ("until", period.until), ("enacted", period.enacted)] {
        if let Some(day) = day {
            out.insert(name.to_owned(), Json::from(day.to_string()));
        }
    }
}

impl Ground {
    fn json(&self, id: usize, lang: Lang) -> Json {
        let mut out = match &self.kind {
            GroundKind::Fact(fact) => json!({
                "kind": "fact", "fact": fact.path, "element": element(&fact.element), "label": phrase(&fact.label, lang),
                "value": fact.value.as_ref().map(|v| v.in_lang(lang)),
            }),
            GroundKind::Parameter(p) => json!({
                "kind": "parameter", "name": &*p.name, "label": phrase(&p.label, lang),
                "keys": p.keys.iter().map(|k| k.in_lang(lang)).collect::<Vec<_>>(),
                "value": phrase(&p.value, lang), "default": p.is_default, "basis": phrase(&p.basis, lang),
                "act": p.act.as_ref().map(|a| a.in_lang(lang)), "at": p.place,
            }),
            GroundKind::Value(v) => json!({
                "kind": if v.is_table { "table" } else { "value" }, "name": v.name, "label": phrase(&v.label, lang),
                "element": element(&v.element), "value": v.value.as_ref().map(|v| v.in_lang(lang)),
                "basis": phrase(&v.basis, lang), "at": v.place,
            }),
            GroundKind::Row(r) => json!({
                "kind": "row", "table": &*r.table, "row": r.number, "matches": r.is_certain.then_some(true),
                "basis": phrase(&r.basis, lang), "at": r.place,
            }),
            GroundKind::Exception(e) => json!({
                "kind": "exception", "rule": e.rule, "element": element(&e.element),
                "label": e.provision.label.as_deref(), "state": e.standing.name(),
                "basis": e.provision.basis.get(lang).map_or("", |b| &**b), "at": e.provision.place.to_string(),
            }),
            GroundKind::Programme { name, label, value } => json!({
                "kind": "programme", "name": &**name, "label": phrase(label, lang),
                "value": value.as_ref().map(|v| v.in_lang(lang)),
            }),
        };
        if let Some(map) = out.as_object_mut() {
            map.insert("id".to_owned(), Json::from(id));
            map.insert("rests_on".to_owned(), json!(self.rests_on));
            match &self.kind {
                GroundKind::Parameter(p) => period(map, &p.period),
                GroundKind::Value(v) => period(map, &v.period),
                GroundKind::Fact(_) | GroundKind::Row(_) | GroundKind::Exception(_) | GroundKind::Programme { .. } => {}
            }
        }
        out
    }
}

impl Grounds {
    /// All of them; their numbers are those by which others name them.
    pub(crate) fn json(&self, lang: Lang) -> Json {
        self.list.iter().enumerate().map(|(id, ground)| ground.json(id, lang)).collect()
    }
}
