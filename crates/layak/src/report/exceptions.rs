//! The exceptions of the rules as they are written: each rule that has any, the exceptions to it, and those to these.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;

use crate::program::*;
use crate::source::{Place, Source, SourceMap};
use crate::syntax::Lang;
use crate::value::Decimal;

/// How exceptions are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExceptionsFormat {
    /// For people: a tree for each rule.
    Text,
    /// One object a line for each version of a rule, its exceptions in a list.
    Json,
}

/// The exceptions of every rule, by module and name of the rule, then by the days of its versions.
pub(crate) fn exceptions(program: &Program, sources: &SourceMap, format: ExceptionsFormat, lang: Lang) -> String {
    let mut rules: Vec<&Definition> =
        program.definitions.values().filter(|d| d.versions.iter().any(|v| !v.exceptions.is_empty())).collect();
    rules.sort_by_cached_key(|d| {
        (&program.modules[d.declared.module].name, program.owned(d.owner, &d.declared.name), d.declared.span)
    });
    let mut out = String::new();
    for rule in rules {
        for version in rule.versions.iter().filter(|v| !v.exceptions.is_empty()) {
            let listing = Listing { program, sources, rule, version, lang };
            match format {
                ExceptionsFormat::Text => listing.text(&mut out),
                ExceptionsFormat::Json => {
                    // INVARIANT: what is flat and of text alone can be written as JSON.
                    out.push_str(&serde_json::to_string(&listing.json()).unwrap_or_default());
                    out.push('\n');
                }
            }
        }
    }
    out
}

/// A version of a rule that has exceptions.
struct Listing<'a> {
    program: &'a Program,
    sources: &'a SourceMap,
    rule: &'a Definition,
    version: &'a DefinitionVersion,
    lang: Lang,
}

#[derive(Serialize)]
struct PlaceJson<'a> {
    path: &'a str,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct PeriodJson {
    from: Option<String>,
    until: Option<String>,
    enacted: Option<String>,
}

#[derive(Serialize)]
struct RuleJson<'a> {
    rule: String,
    module: &'a str,
    kind: &'static str,
    label: Option<&'a str>,
    place: PlaceJson<'a>,
    value: &'a str,
    basis: Option<&'a str>,
    #[serde(flatten)]
    period: PeriodJson,
    exceptions: Vec<ExceptionJson<'a>>,
}

#[derive(Serialize)]
struct ExceptionJson<'a> {
    label: Option<&'a str>,
    /// Positions in the list, from 0.
    to: &'a [usize],
    place: PlaceJson<'a>,
    condition: &'a str,
    value: &'a str,
    priority: String,
    basis: Option<&'a str>,
    #[serde(flatten)]
    period: PeriodJson,
}

impl<'a> Listing<'a> {
    fn json(&self) -> RuleJson<'a> {
        let place = self.sources.place(self.version.span);
        let path = self.sources.get(self.version.span.source).map_or("", Source::path);
        RuleJson {
            rule: self.program.owned(self.rule.owner, &self.rule.declared.name),
            module: &self.program.modules[self.rule.declared.module].name,
            kind: match self.rule.kind {
                DefinitionKind::Define => "definition",
                DefinitionKind::Criterion => "criterion",
                DefinitionKind::Table => "table",
            },
            label: self.rule.declared.label.get(self.lang).map(|t| &**t),
            place: PlaceJson { path, line: place.line, column: place.column },
            value: self.sources.snippet(self.version.written),
            basis: self.version.basis.get(self.lang).map(|t| &**t),
            period: period_json(&self.version.period),
            exceptions: self
                .version
                .exceptions
                .iter()
                .map(|e| ExceptionJson {
                    label: e.provision.label.as_deref(),
                    to: &e.to,
                    place: place_json(&e.provision.place),
                    condition: self.sources.snippet(e.condition),
                    value: self.sources.snippet(e.value),
                    priority: e.priority.to_string(),
                    basis: e.provision.basis.get(self.lang).map(|t| &**t),
                    period: period_json(&e.period),
                })
                .collect(),
        }
    }

    /// The rule, then each exception below what it is one to. What stands below several is written out below the first.
    fn text(&self, out: &mut String) {
        let exceptions = &self.version.exceptions;
        let mut general: Vec<usize> = Vec::new();
        let mut below: Vec<Vec<usize>> = vec![Vec::new(); exceptions.len()];
        for (exception, at) in exceptions.iter().zip(0..) {
            if exception.to.is_empty() {
                general.push(at);
            }
            for target in &exception.to {
                if let Some(list) = below.get_mut(*target) {
                    list.push(at);
                }
            }
        }
        let name = self.program.owned(self.rule.owner, &self.rule.declared.name);
        let label = self.rule.declared.label.get(self.lang).map(|l| format!(" {l:?}")).unwrap_or_default();
        let place = self.sources.place(self.version.span);
        let _ = writeln!(
            out,
            "{name}{label} = {}{}{}  {}:{}",
            one_line(self.sources.snippet(self.version.written)),
            self.period(&self.version.period),
            self.basis(&self.version.basis),
            place.path,
            place.line
        );
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        let mut open: Vec<(usize, usize)> = general.into_iter().rev().map(|at| (at, 1)).collect();
        while let Some((at, depth)) = open.pop() {
            let Some(exception) = exceptions.get(at) else { continue };
            for _ in 0..depth.min(MOST_INDENT) {
                out.push_str("  ");
            }
            // Drawn on, the blanks of a chain would be of the square of its length.
            if depth > MOST_INDENT {
                let _ = write!(out, "[{depth}] ");
            }
            let is_first = seen.insert(at);
            self.exception(exception, is_first, out);
            if is_first {
                let children = below.get(at).map_or(&[][..], Vec::as_slice);
                open.extend(children.iter().rev().map(|child| (*child, depth + 1)));
            }
        }
    }

    fn exception(&self, exception: &ExceptionRule, is_first: bool, out: &mut String) {
        let (except, when, rank, again) = match self.lang {
            Lang::En => ("except", "when", "priority", "as above"),
            Lang::Id => ("kecuali", "bila", "prioritas", "seperti di atas"),
        };
        out.push_str(except);
        if let Some(label) = &exception.provision.label {
            let _ = write!(out, " {label}");
        }
        let place = &exception.provision.place;
        if !is_first {
            let _ = writeln!(out, ": {again}  {}:{}", place.path, place.line);
            return;
        }
        let _ = write!(
            out,
            " {when} {}: {}",
            one_line(self.sources.snippet(exception.condition)),
            one_line(self.sources.snippet(exception.value))
        );
        if exception.priority != Decimal::ZERO {
            let _ = write!(out, ", {rank} {}", exception.priority);
        }
        let _ = writeln!(
            out,
            "{}{}  {}:{}",
            self.period(&exception.period),
            self.basis(&exception.provision.basis),
            place.path,
            place.line
        );
    }

    fn basis(&self, basis: &Label) -> String {
        basis.get(self.lang).map(|text| format!(" ({text})")).unwrap_or_default()
    }

    fn period(&self, period: &Period) -> String {
        let (from, until, enacted) = match self.lang {
            Lang::En => ("from", "until", "enacted"),
            Lang::Id => ("dari", "sampai", "diundangkan"),
        };
        let mut out = String::new();
        for (word, day) in [(from, period.from), (until, period.until), (enacted, period.enacted)] {
            if let Some(day) = day {
                let _ = write!(out, ", {word} {day}");
            }
        }
        out
    }
}

/// Below this depth its number is written.
const MOST_INDENT: usize = 40;

fn place_json(place: &Place) -> PlaceJson<'_> {
    PlaceJson { path: &place.path, line: place.line, column: place.column }
}

fn period_json(period: &Period) -> PeriodJson {
    let text = |day: Option<crate::value::Date>| day.map(|d| d.to_string());
    PeriodJson { from: text(period.from), until: text(period.until), enacted: text(period.enacted) }
}

/// An expression on one line, without its comments: breaks and the blanks about them become one blank.
pub(crate) fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let (mut quoted, mut escaped) = (false, false);
        let rule = line.split(|c| {
            let is_comment = c == '#' && !quoted;
            quoted ^= c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            is_comment
        });
        let rule = rule.take(1).map(str::trim).find(|r| !r.is_empty());
        if let Some(rule) = rule {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(rule);
        }
    }
    out
}
