//! Sources to trees. It never fails: what cannot be read becomes a finding and a broken declaration, and the
//! declarations beside it are read all the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use crate::diagnostic::{Code, Finding, phrase};
use crate::limits::Limits;
use crate::source::{Source, SourceId, Span};
use crate::syntax::lexicon::{self, Lang};
use crate::syntax::parser::{self, Failure, Node, Rule};
use crate::syntax::scan::{self, Scan};
use crate::syntax::tree::*;

mod amend;
mod declarations;
mod expected;
mod expressions;
mod repeated;
#[cfg(test)]
mod tests;
mod tests_declared;
mod words;

/// Reads one file.
pub(crate) fn parse(source: SourceId, text: &Source, limits: &Limits, findings: &mut Vec<Finding>) -> Tree {
    read(source, text, limits, findings, |_| true)
}

/// Reads of a file what can name other files: its module, what it uses, the acts in it, and parameters whose values stand in a table. What else it
/// declares may be there or not.
#[cfg(feature = "files")]
pub(crate) fn outline(text: &Source, limits: &Limits) -> Tree {
    let names_files = |chunk: &str| {
        chunk
            .split(|c| !unicode_ident::is_xid_continue(c))
            .any(|word| matches!(word, "module" | "use" | "amend" | "csv"))
    };
    read(SourceId(0), text, limits, &mut Vec::new(), names_files)
}

/// Reads those declarations of a file whose text, with English keywords, is asked for.
fn read(
    source: SourceId,
    text: &Source,
    limits: &Limits,
    findings: &mut Vec<Finding>,
    is_asked: impl Fn(&str) -> bool,
) -> Tree {
    let rules = text.rules();
    let mut scan = scan::scan(&rules, source, limits.nesting);
    findings.append(&mut scan.findings);
    let chunks = std::mem::take(&mut scan.chunks);
    let end = u32::try_from(rules.len()).unwrap_or(u32::MAX);
    let tree = Tree {
        module: None,
        lang: scan.lang,
        language: None,
        title: None,
        currency: None,
        calendar: None,
        declarations: Vec::new(),
        exprs: Exprs::default(),
        names: Vec::new(),
        templates: Vec::new(),
        span: Span { source, start: 0, end },
    };
    let lexical: Vec<u32> =
        findings.iter().filter_map(|f| f.span.filter(|s| s.source == source)).map(|s| s.start).collect();
    let mut builder = Builder { source, file: &rules, scan: &scan, lexical, base: 0, tree, findings };
    for chunk in chunks {
        if scan.text.get(chunk.clone()).is_some_and(&is_asked) {
            builder.chunk(chunk, true);
        }
    }
    builder.tree
}

/// Reads one expression of a text that stands within a string; every place is that of the string.
pub(crate) fn parse_fragment(
    text: &str,
    lang: Lang,
    at: Span,
    limits: &Limits,
    findings: &mut Vec<Finding>,
) -> Option<(Exprs, Body)> {
    let define = lexicon::spelling("define", lang);
    let head = match lang {
        Lang::En => String::new(),
        Lang::Id => "bahasa id\n".to_owned(),
    };
    let source = Source::new("fragment.layak", &format!("{head}{define} x = {text}"));
    let mut own = Vec::new();
    let mut tree = parse(at.source, &source, limits, &mut own);
    for mut finding in own {
        finding.span = Some(at);
        finding.secondary.clear();
        findings.push(finding);
    }
    tree.exprs.place(at);
    tree.declarations
        .into_iter()
        .find_map(|d| match d.kind {
            DeclarationKind::Define(define) => Some(define.body),
            _ => None,
        })
        .map(|body| (tree.exprs, body))
}

/// Makes the tree of one file.
struct Builder<'a> {
    source: SourceId,
    /// The file as written.
    file: &'a str,
    scan: &'a Scan<'a>,
    /// Where the scan found something, in the order of the text.
    lexical: Vec<u32>,
    /// Where the chunk at hand begins in the grammar's text.
    base: usize,
    tree: Tree,
    findings: &'a mut Vec<Finding>,
}

impl Builder<'_> {
    fn chunk(&mut self, chunk: Chunk, may_split: bool) {
        let scan = self.scan;
        let Some(text) = scan.text.get(chunk.clone()) else { return };
        self.base = chunk.start;
        match parser::parse_declarations(text) {
            Ok(nodes) => nodes.for_each(|node| self.declaration(node)),
            Err(failure) => {
                // Indented declarations share a chunk; a broken one must not take the others with it.
                let parts = if may_split { indented_declarations(text) } else { Vec::new() };
                if parts.len() > 1 {
                    for part in parts {
                        self.chunk(chunk.start + part.start..chunk.start + part.end, false);
                    }
                } else {
                    self.broken(chunk, text, &failure);
                }
            }
        }
    }

    fn broken(&mut self, chunk: Chunk, text: &str, failure: &Failure) {
        let span = self.span_between(chunk.start, chunk.end);
        let (word, name) = head(text);
        let name = name.map(|(start, end)| self.name_between(chunk.start + start, chunk.start + end));
        self.tree.declarations.push(Declaration { kind: DeclarationKind::Broken(name), span });
        // What the scan told makes the grammar stumble too; a second finding on it would be noise.
        let first = self.lexical.partition_point(|at| *at < span.start);
        if self.lexical.get(first).is_some_and(|at| *at < span.end) {
            return;
        }
        let end = chunk.start + text.trim_end().len();
        let blank =
            self.scan.text.get(chunk.start + failure.at..).map_or(0, |rest| rest.len() - rest.trim_start().len());
        let at = (chunk.start + failure.at + blank).min(end);
        let (from, to) = self.scan.original(at, at + found_length(self.scan.text.get(at..end).unwrap_or("")));
        // At the end there is nothing to point at but the last thing that stands there.
        let place = if at < end { self.span_of(from, to.max(from)) } else { self.last_word(span) };
        let found = if at < end { self.file.get(from..to).unwrap_or("") } else { "" };
        self.findings.push(expected::finding(place, found, word, &failure.expected, self.scan.lang));
    }

    fn last_word(&self, span: Span) -> Span {
        let text = self.file.get(span.start as usize..span.end as usize).unwrap_or("");
        let word = text.rfind(char::is_whitespace).map_or(0, |i| i + 1);
        Span { start: span.start + u32::try_from(word).unwrap_or(0), ..span }
    }

    fn declaration(&mut self, node: Node<'_>) {
        let span = self.span(&node);
        self.told_once(node.clone());
        let kind = match node.rule() {
            Rule::module => {
                let path = node.children().find(|n| n.rule() == Rule::path).map(|n| self.path(n));
                return self.once("module", span, path, |tree| &mut tree.module);
            }
            Rule::title => {
                let title = self.texts_in(node);
                return self.once("title", span, Some(title), |tree| &mut tree.title);
            }
            Rule::currency => {
                let name = node.children().find(|n| n.rule() == Rule::name).map(|n| self.name(&n));
                return self.once("currency", span, name, |tree| &mut tree.currency);
            }
            Rule::calendar => {
                let choices: BTreeMap<_, _> = node
                    .children()
                    .filter(|n| n.rule() == Rule::calendar_choice)
                    .filter_map(|n| {
                        let mut parts = n.children();
                        let which: Arc<str> = parts.next()?.text().into();
                        Some((which, self.name(&parts.next()?)))
                    })
                    .collect();
                return self.once("calendar", span, Some((choices, span)), |tree| &mut tree.calendar);
            }
            Rule::language => {
                let name = node.children().find(|n| n.rule() == Rule::name).map(|n| self.name(&n));
                if let Some(name) = name.as_ref().filter(|n| Lang::from_tag(&n.text).is_none()) {
                    self.findings.push(
                        Finding::error(
                            Code::UNKNOWN_LANGUAGE,
                            name.span,
                            phrase!("no language `{0}`", "tidak ada bahasa `{0}`", name.text),
                        )
                        .help(phrase!("write `en` or `id`", "tulis `en` atau `id`")),
                    );
                }
                return self.once("language", span, name, |tree| &mut tree.language);
            }
            _ => match self.declaration_kind(node) {
                Some(kind) => kind,
                None => return,
            },
        };
        self.tree.declarations.push(Declaration { kind, span });
    }

    /// A header that a file has once.
    fn once<T>(
        &mut self,
        word: &'static str,
        span: Span,
        value: Option<T>,
        slot: impl Fn(&mut Tree) -> &mut Option<T>,
    ) {
        let lang = self.scan.lang;
        let slot = slot(&mut self.tree);
        if slot.is_some() {
            let word = lexicon::spelling(word, lang);
            self.findings.push(
                Finding::error(
                    Code::REPEATED_HEADER,
                    span,
                    phrase!("a file has one `{0}`", "satu berkas hanya punya satu `{0}`", word),
                )
                .help(phrase!("keep one of them", "pertahankan salah satunya")),
            );
        } else {
            *slot = value;
        }
    }

    fn span(&self, node: &Node<'_>) -> Span {
        self.span_between(self.base + node.start(), self.base + node.end())
    }

    /// The place in the file of a stretch of the grammar's text, without blanks and comments at its end.
    fn span_between(&self, start: usize, end: usize) -> Span {
        let (start, mut end) = self.scan.original(start, end);
        loop {
            let text = self.file.get(start..end).unwrap_or("");
            end -= text.len() - text.trim_end().len();
            let comments = &self.scan.comments;
            let before = comments.partition_point(|(from, _)| *from < end);
            match before.checked_sub(1).and_then(|i| comments.get(i)) {
                Some((from, to)) if *to >= end && *from > start => end = *from,
                _ => break,
            }
        }
        self.span_of(start, end)
    }

    fn span_of(&self, start: usize, end: usize) -> Span {
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { source: self.source, start: narrow(start), end: narrow(end) }
    }

    fn name(&mut self, node: &Node<'_>) -> Name {
        self.name_between(self.base + node.start(), self.base + node.end())
    }

    fn name_between(&mut self, start: usize, end: usize) -> Name {
        let span = self.span_between(start, end);
        self.tree.names.push(span);
        let word = self.scan.text.get(start..end).unwrap_or("").trim();
        let written = self.file.get(span.start as usize..span.end as usize).unwrap_or("");
        let bare = written.trim_matches('`');
        let text: Arc<str> = if bare.is_ascii() { bare.into() } else { bare.nfc().collect::<String>().into() };
        let word = (!word.starts_with('`')).then(|| if word == &*text { Arc::clone(&text) } else { word.into() });
        Name { text, word, span }
    }
}

/// The pieces that begin with a declaration's word at the start of a line, however indented; what stands between the
/// brackets of an `amend` is part of it.
fn indented_declarations(text: &str) -> Vec<Chunk> {
    let mut starts = Vec::new();
    let (mut at, mut within) = (0, 0);
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        let word: &str = line.trim_start().split(|c: char| !unicode_ident::is_xid_continue(c)).next().unwrap_or("");
        if at == 0 || (at >= within && lexicon::DECLARATIONS.contains(&word)) {
            let start = at + if at == 0 { 0 } else { indent };
            starts.push(start);
            if word == "amend" {
                within = start + closed(text.get(start..).unwrap_or(""));
            }
        }
        at += line.len();
    }
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([text.len()]).collect();
    starts.into_iter().zip(ends).map(|(a, b)| a..b).collect()
}

/// Where the first `{` is closed; at the start where it is not.
fn closed(text: &str) -> usize {
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    for (at, c) in text.char_indices() {
        match c {
            '\n' => (quoted, escaped) = (false, false),
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '{' => depth += 1,
            '}' if depth <= 1 => return at,
            '}' => depth -= 1,
            _ => {}
        }
    }
    0
}

/// The declaration's word, and where the name that it declares stands.
fn head(text: &str) -> (&str, Option<(usize, usize)>) {
    let word_at = |from: usize| {
        let rest = text.get(from..).unwrap_or("");
        let start = from + rest.len() - rest.trim_start().len();
        let word = text.get(start..).unwrap_or("");
        let quoted = word.starts_with('`');
        let length = word
            .char_indices()
            .find(|(i, c)| if quoted { *i > 0 && *c == '`' } else { !unicode_ident::is_xid_continue(*c) })
            .map_or(word.len(), |(i, _)| i + usize::from(quoted));
        (start, start + length)
    };
    let (start, end) = word_at(0);
    let word = text.get(start..end).unwrap_or("");
    if !lexicon::DECLARATIONS.contains(&word) {
        return ("", None);
    }
    let (mut start, mut end) = word_at(end);
    if text.get(end..).is_some_and(|rest| rest.starts_with('.')) {
        (start, end) = word_at(end + 1);
    }
    (word, (end > start).then_some((start, end)))
}

/// How much of a text to show as what was found: a word, or one character.
fn found_length(text: &str) -> usize {
    let word = text.find(|c: char| !unicode_ident::is_xid_continue(c)).unwrap_or(text.len());
    if word > 0 { word } else { text.chars().next().filter(|c| !c.is_whitespace()).map_or(0, char::len_utf8) }
}
