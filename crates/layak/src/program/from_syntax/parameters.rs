//! Parameters: the values of policy by key and date, written in the rules or in a table beside them.

use std::collections::BTreeMap;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use crate::diagnostic::{Code, Finding, Phrase, nearest, phrase};
use crate::program::*;
use crate::source::{SourceId, Span};
use crate::syntax::{self, ParameterDecl, ParameterValues, Written};
use crate::value::{Date, Decimal, Duration, Value};

use super::acts::Amended;
use super::bound_parameters::{BoundValues, rank_of};
use super::check::{Checker, Checking};
use super::names::label;
use super::{At, Builder};

type Versions = BTreeMap<Vec<Value>, Vec<ParameterVersion>>;

/// The path of a data table named in a rule file, seen from the same place as the file's own path; nothing where it
/// would leave the folder of the rules.
pub(crate) fn csv_path(file: &str, table: &str) -> Option<String> {
    if table.starts_with(['/', '\\']) || table.contains([':', '\0']) || table.is_empty() {
        return None;
    }
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    for part in table.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        return None;
    }
    let tail = parts.join("/");
    Some(if folder.is_empty() { tail } else { format!("{folder}/{tail}") })
}

/// The value of an expression made of constants alone.
pub(super) fn constant(body: &ExprBody, root: ExprRef) -> Option<Constant> {
    let one = |expr: ExprRef| match &body[expr].kind {
        Kind::Constant(value) => Some(value.clone()),
        _ => None,
    };
    match &body[root].kind {
        Kind::List(items) => items.iter().map(|i| one(*i)).collect::<Option<Vec<_>>>().map(Constant::List),
        _ => one(root).map(Constant::One),
    }
}

impl<'a> Builder<'a> {
    pub(super) fn parameters(&mut self) {
        let decls = std::mem::take(&mut self.parameter_decls);
        for (id, at) in &decls {
            self.parameter_types(*id, *at);
        }
        let mut later = Vec::new();
        for (id, at) in decls {
            let mut versions = self.versions_of(id, at);
            let repealed = self.amended_versions(id, &mut versions);
            let name = Arc::clone(&self.parameters[id].declared.name);
            let mut values = Vec::new();
            let mut bound = BoundValues::new();
            for version in &repealed {
                if let Some(act) = version.act.filter(|act| self.acts[*act].condition.is_some()) {
                    bound.entry(rank_of(&version.period, act)).or_default().1 = Some((version.period, version.span));
                }
            }
            for (keys, mut versions) in versions {
                self.settle_versions(&name, &mut versions, |v| (&mut v.period, v.span, v.act));
                versions.extend(repealed.iter().cloned());
                let (mine, mut versions): (Vec<_>, Vec<_>) =
                    versions.into_iter().partition(|v| self.bound(v.act).is_some());
                for version in mine {
                    let Some(act) = version.act else { continue };
                    let (given, whole) = bound.entry(rank_of(&version.period, act)).or_default();
                    if version.period.repeals {
                        *whole = Some((version.period, version.span));
                    } else {
                        given.push((keys.clone(), version));
                    }
                }
                versions.sort_by_key(|v| (v.period.from, v.period.rank(), v.span));
                values.push(ParameterValue { keys, versions });
            }
            values.retain(|value| !value.versions.is_empty());
            self.parameters[id].values = values;
            later.push((id, bound));
            if let Some(body) = at.decl.default {
                let ty = self.parameters[id].ty.clone();
                self.parameters[id].default = self.constant_of(at, body, &ty);
            }
        }
        for (id, bound) in later {
            self.bind_parameter(id, bound);
        }
    }

    fn versions_of(&mut self, id: ParameterId, at: At<'a, ParameterDecl>) -> Versions {
        match &at.decl.values {
            ParameterValues::Versions(versions) => self.written_versions(id, at, versions),
            ParameterValues::Csv(path) => self.csv_versions(id, at, path),
        }
    }

    /// Adds what acts make of a parameter. Those given back are of every key: what an act that replaces it whole leaves
    /// out.
    fn amended_versions(&mut self, id: ParameterId, versions: &mut Versions) -> Vec<ParameterVersion> {
        let mut repealed = Vec::new();
        for (at, replaces) in self.amendments.parameters.remove(&id).unwrap_or_default() {
            let Some(act) = at.act else { continue };
            let keys: Vec<(Arc<str>, Type)> = at
                .decl
                .keys
                .iter()
                .map(|k| (Arc::clone(&k.name.text), self.type_of(&k.ty, at.module).map_or(Type::Poison, |(ty, _)| ty)))
                .collect();
            let ty = self.type_of(&at.decl.ty, at.module).map_or(Type::Poison, |(ty, _)| ty);
            let Parameter { declared, keys: old_keys, ty: old, .. } = &self.parameters[id];
            let (name, span, old) = (Arc::clone(&declared.name), declared.span, old.clone());
            if keys != *old_keys {
                self.other_arguments(&at.decl.name, span);
                continue;
            }
            if !ty.is_poison() && !old.is_poison() && ty != old {
                self.other_type(&name, at.decl.ty.span, (&old, &ty), span);
                continue;
            }
            for (keys, mut more) in self.versions_of(id, at) {
                versions.entry(keys).or_default().append(&mut more);
            }
            if replaces {
                let period = Period { repeals: true, ..self.acts[act].period };
                repealed.push(nothing(period, act, at.span));
            }
        }
        for repeal in self.amendments.repeals.remove(&Amended::Parameter(id)).unwrap_or_default() {
            for versions in versions.values_mut() {
                versions.push(nothing(repeal.period, repeal.act, repeal.span));
            }
        }
        repealed
    }

    fn parameter_types(&mut self, id: ParameterId, at: At<'a, ParameterDecl>) {
        let mut keys = Vec::new();
        for key in &at.decl.keys {
            let ty = self.type_of(&key.ty, at.module).map_or(Type::Poison, |(ty, _)| ty);
            keys.push((Arc::clone(&key.name.text), ty));
        }
        self.parameters[id].keys = keys;
        self.parameters[id].ty = self.type_of(&at.decl.ty, at.module).map_or(Type::Poison, |(ty, _)| ty);
    }

    fn constant_of(&mut self, at: At<'a, ParameterDecl>, body: syntax::Body, ty: &Type) -> Option<Constant> {
        let mut state = Checking::new(&at.tree.exprs, at.module, None);
        let root = self.check_body(&mut state, body)?;
        // A plain amount is read as an amount per the unit that the declaration states.
        if let (Type::Number(have), Type::Number(want)) = (state.out[root].ty.clone(), ty)
            && have.per.is_none()
            && want.per.is_some()
            && matches!(state.out[root].kind, Kind::Constant(_))
        {
            state.out[root].ty = Type::Number(Quantity { per: want.per, ..have });
        }
        let mut checker = Checker { builder: self, state: &mut state };
        let root = checker.want(root, ty);
        checker.finish();
        let (poison, span) = (checker.ty(root).is_poison(), checker.span_of(root));
        let found = constant(&state.out, root);
        if found.is_none() && !poison {
            self.tell(
                Finding::error(
                    Code::NOT_CONSTANT,
                    span,
                    phrase!("a parameter has fixed values", "parameter berisi nilai tetap"),
                )
                .help(phrase!(
                    "write a literal here, and the calculation in a `define`",
                    "tulis nilai langsung di sini, dan perhitungannya di `define` (`definisi`)"
                )),
            );
        }
        found
    }

    fn written_versions(
        &mut self,
        id: ParameterId,
        at: At<'a, ParameterDecl>,
        written: &'a [syntax::ParameterVersion],
    ) -> Versions {
        let keys: Vec<Type> = self.parameters[id].keys.iter().map(|(_, ty)| ty.clone()).collect();
        let ty = self.parameters[id].ty.clone();
        let mut out: Versions = BTreeMap::new();
        for version in written {
            self.check_period(&version.validity);
            for entry in &version.entries {
                if entry.keys.len() != keys.len() {
                    self.error(
                        Code::WRONG_ARGUMENTS,
                        entry.span,
                        phrase!(
                            "`{0}` has {1} keys, this entry gives {2}",
                            "`{0}` punya {1} kunci, entri ini memberi {2}",
                            at.decl.name.text,
                            keys.len(),
                            entry.keys.len()
                        ),
                    );
                    continue;
                }
                let values: Option<Vec<Value>> =
                    entry.keys.iter().zip(&keys).map(|(k, ty)| self.simple_value(k, ty, at.module)).collect();
                let value = self.constant_of(at, entry.value, &ty);
                let (Some(values), Some(value)) = (values, value) else { continue };
                out.entry(values).or_default().push(ParameterVersion {
                    period: self.period_in(&version.validity, at.act),
                    value,
                    basis: match at.act {
                        Some(_) if version.basis.texts.is_empty() => self.basis_in(&at.decl.basis, at.act),
                        _ => label(&version.basis),
                    },
                    span: entry.span,
                    act: at.act,
                });
            }
        }
        out
    }

    fn csv_versions(&mut self, id: ParameterId, at: At<'a, ParameterDecl>, path: &Written) -> Versions {
        let file = self.input.sources.get(at.span.source).map_or("", |s| s.path()).to_owned();
        let Some(resolved) = csv_path(&file, &path.text) else {
            self.tell(
                Finding::error(
                    Code::CSV_OUTSIDE,
                    path.span,
                    phrase!(
                        "`{0}` leads out of the folder of the rules",
                        "`{0}` mengarah ke luar folder aturan",
                        path.text
                    ),
                )
                .help(phrase!("keep the table beside the rule file", "simpan tabelnya di dekat berkas aturan")),
            );
            return BTreeMap::new();
        };
        let Some(source) = self.input.tables.get(&resolved).copied() else {
            self.tell(
                Finding::error(
                    Code::CSV_MISSING,
                    path.span,
                    phrase!("there is no table `{0}`", "tidak ada tabel `{0}`", path.text),
                )
                .help(phrase!(
                    "the path is seen from the folder of this rule file",
                    "jalurnya dilihat dari folder berkas aturan ini"
                )),
            );
            return BTreeMap::new();
        };
        self.csv_rows(id, source, path.span, at.act)
    }

    fn csv_rows(&mut self, id: ParameterId, source: SourceId, at: Span, act: Option<ActId>) -> Versions {
        let sources = self.input.sources;
        let Some(text) = sources.get(source).map(|s| s.text().trim_start_matches('\u{feff}').to_owned()) else {
            return BTreeMap::new();
        };
        let bom = sources.get(source).map_or(0, |s| s.text().len() - text.len());
        let mut reader = csv::ReaderBuilder::new().has_headers(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let headers: Vec<String> = match reader.headers() {
            Ok(headers) => headers.iter().map(str::to_owned).collect(),
            Err(error) => {
                self.bad_csv(at, None, &error.to_string());
                return BTreeMap::new();
            }
        };
        let keys = self.parameters[id].keys.clone();
        let mut known: Vec<&str> = keys.iter().map(|(n, _)| &**n).collect();
        known.extend(["from", "until", "enacted", "value", "basis", "note"]);
        let head =
            Span { source, start: 0, end: u32::try_from(text.lines().next().map_or(0, str::len) + bom).unwrap_or(0) };
        for header in &headers {
            if !known.contains(&header.as_str()) {
                let near = nearest(header, known.iter().copied()).map(str::to_owned);
                self.tell(
                    Finding::error(
                        Code::CSV_TABLE,
                        head,
                        phrase!("no column `{0}` is expected", "kolom `{0}` tidak dikenal", header),
                    )
                    .maybe_help(near.map(|n| phrase!("did you mean `{0}`?", "maksud Anda `{0}`?", n)))
                    .help(phrase!("the columns are {0}", "kolomnya: {0}", known.join(", "))),
                );
                return BTreeMap::new();
            }
        }
        let column = |name: &str| headers.iter().position(|h| h == name);
        let mut key_columns = Vec::new();
        for (name, ty) in &keys {
            match column(name) {
                Some(column) => key_columns.push((column, ty.clone())),
                None => {
                    self.missing_column(head, name);
                    return BTreeMap::new();
                }
            }
        }
        let Some(value_column) = column("value") else {
            self.missing_column(head, "value");
            return BTreeMap::new();
        };
        let (from, until, enacted, basis) = (column("from"), column("until"), column("enacted"), column("basis"));
        let ty = self.parameters[id].ty.clone();
        let mut out: Versions = BTreeMap::new();
        let mut told = 0usize;
        let mut record = csv::StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(false) => break,
                Ok(true) => {}
                Err(error) => {
                    let span = error.position().map(|p| row_span(source, bom, p, &text));
                    self.bad_csv(span.unwrap_or(head), None, &error.to_string());
                    break;
                }
            }
            let span = record.position().map_or(head, |p| row_span(source, bom, p, &text));
            let mut cell = |builder: &mut Self, at: usize, ty: &Type| -> Option<Value> {
                let text = record.get(at).unwrap_or("");
                let value = builder.csv_value(text, ty);
                if value.is_none() {
                    told += 1;
                    let name = builder.type_name(ty);
                    builder.bad_csv(
                        span,
                        Some(Phrase {
                            en: format!("`{text}` is not of type {}", name.en),
                            id: format!("`{text}` bukan bertipe {}", name.id),
                        }),
                        "",
                    );
                }
                value
            };
            let mut keys = Vec::new();
            for (column, ty) in &key_columns {
                keys.extend(cell(self, *column, ty));
            }
            let value = cell(self, value_column, &ty);
            let mut day = |builder: &mut Self, at: Option<usize>| -> Option<Option<Date>> {
                match at.and_then(|at| record.get(at).filter(|t| !t.is_empty()).map(|_| at)) {
                    None => Some(None),
                    Some(at) => match cell(builder, at, &Type::Date)? {
                        Value::Date(day) => Some(Some(day)),
                        _ => None,
                    },
                }
            };
            let (from, until, enacted) = (day(self, from), day(self, until), day(self, enacted));
            let (Some(from), Some(until), Some(enacted), Some(value)) = (from, until, enacted, value) else { continue };
            if keys.len() != key_columns.len() {
                continue;
            }
            let basis = basis.and_then(|at| record.get(at)).filter(|t| !t.is_empty()).map(Arc::<str>::from);
            let basis = match (basis, act) {
                (None, Some(act)) => self.acts[act].basis.clone(),
                (basis, _) => Label { en: basis.clone(), id: basis },
            };
            let period = Period { from, until, enacted, ..Period::default() };
            if let Some(act) = act {
                self.check_days_within(&period, span, act);
            }
            let period = self.days_in(period, act);
            let value = Constant::One(value);
            out.entry(keys).or_default().push(ParameterVersion { period, value, basis, span, act });
            if told > 100 {
                break;
            }
        }
        out
    }

    fn missing_column(&mut self, head: Span, name: &str) {
        self.tell(Finding::error(
            Code::CSV_TABLE,
            head,
            phrase!("the table has no column `{0}`", "tabel tidak punya kolom `{0}`", name),
        ));
    }

    fn bad_csv(&mut self, span: Span, message: Option<Phrase>, error: &str) {
        let message = message.unwrap_or_else(|| phrase!("this is no CSV: {0}", "ini bukan CSV: {0}", error));
        self.tell(Finding::error(Code::CSV_TABLE, span, message));
    }

    /// A cell's text as a value.
    fn csv_value(&self, text: &str, ty: &Type) -> Option<Value> {
        match ty.required() {
            Type::Number(q) => {
                let n: Decimal = text.parse().ok()?;
                (!q.whole || n.is_integer()).then_some(Value::Number(n))
            }
            Type::Text => Some(Value::Text(text.nfc().collect::<String>().into())),
            Type::Boolean => match text {
                "yes" | "true" | "ya" => Some(Value::Boolean(true)),
                "no" | "false" | "tidak" => Some(Value::Boolean(false)),
                _ => None,
            },
            Type::Date => text.parse().ok().map(Value::Date),
            Type::Duration(_) => text.parse::<Duration>().ok().map(Value::Duration),
            Type::Enum(id) => {
                let members = &self.enums[*id].members;
                let found = members.iter().position(|m| *m.name == *text);
                let found = found.or_else(|| members.iter().position(|m| m.codes.iter().any(|c| **c == *text)))?;
                Some(Value::Enum(u32::try_from(found).unwrap_or(u32::MAX)))
            }
            Type::Element(_) | Type::List(_) | Type::Optional(_) | Type::Record(_) | Type::Pending | Type::Poison => {
                None
            }
        }
    }
}

/// That nothing is in force.
fn nothing(period: Period, act: ActId, span: Span) -> ParameterVersion {
    let value = Constant::One(Value::None);
    ParameterVersion { period, value, basis: Label::default(), span, act: Some(act) }
}

fn row_span(source: SourceId, bom: usize, position: &csv::Position, text: &str) -> Span {
    let start = usize::try_from(position.byte()).unwrap_or(0);
    let length = text.get(start..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
    let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Span { source, start: narrow(start + bom), end: narrow(start + length + bom) }
}
