//! Source texts and places in them.

use std::fmt;
use std::sync::Arc;

mod literate;

/// Which source of a ruleset, by the order in which it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub(crate) u32);

/// A stretch of bytes of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The source.
    pub source: SourceId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// The smallest span that holds both. INVARIANT: both are of one source.
    pub(crate) fn to(self, other: Span) -> Span {
        Span { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// One rule file or data table, as text.
#[derive(Clone, Debug)]
pub struct Source {
    path: Arc<str>,
    text: Arc<str>,
    line_starts: Vec<u32>,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Source {
        let ends = text.bytes().zip(1u32..).filter(|(b, _)| *b == b'\n').map(|(_, next)| next);
        Source { path: path.into(), text: text.into(), line_starts: std::iter::once(0).chain(ends).collect() }
    }

    /// Its path, as the host named it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is a Markdown file whose `layak` blocks are the rules.
    pub(crate) fn is_literate(&self) -> bool {
        self.path.ends_with(".layak.md")
    }

    /// The rules alone: of a Markdown file, all but its `layak` blocks is blanked, byte for byte.
    pub(crate) fn rules(&self) -> Arc<str> {
        if self.is_literate() { literate::rules(&self.text).into() } else { Arc::clone(&self.text) }
    }

    /// The line and the column of a byte, both from 1; the column counts characters.
    pub fn line_column(&self, at: u32) -> (usize, usize) {
        let line = self.line_starts.partition_point(|start| *start <= at);
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let before = self.text.get(start as usize..at as usize).unwrap_or("");
        (line, before.chars().count() + 1)
    }
}

/// All sources of a ruleset.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
}

impl SourceMap {
    pub(crate) fn add(&mut self, source: Source) -> SourceId {
        let id = SourceId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        self.sources.push(source);
        id
    }

    /// The source of an id.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(id.0 as usize)
    }

    /// Every source, in the order of reading.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        (0u32..).map(SourceId).zip(&self.sources)
    }

    /// `path:line:column` of where a span begins.
    pub fn place(&self, span: Span) -> Place {
        let source = self.get(span.source);
        let (line, column) = source.map_or((1, 1), |s| s.line_column(span.start));
        Place { path: source.map_or_else(|| "".into(), |s| Arc::clone(&s.path)), line, column }
    }

    /// The text of a span.
    pub(crate) fn snippet(&self, span: Span) -> &str {
        self.get(span.source).and_then(|s| s.text.get(span.start as usize..span.end as usize)).unwrap_or("")
    }
}

/// Where something stands: path, line and column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The path of the source.
    pub path: Arc<str>,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path, self.line, self.column)
    }
}
