//! Source texts and places in them.

use std::fmt;
use std::ops::Range;
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
    /// How many characters begin before each stretch of `STRIDE` bytes.
    characters: Vec<u32>,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Source {
        let ends = text.bytes().zip(1u32..).filter(|(b, _)| *b == b'\n').map(|(_, next)| next);
        let mut characters = Vec::with_capacity(text.len() / STRIDE + 1);
        let mut count = 0u32;
        for stretch in text.as_bytes().chunks(STRIDE) {
            characters.push(count);
            count = count.saturating_add(begun(stretch));
        }
        Source {
            path: path.into(),
            text: text.into(),
            line_starts: std::iter::once(0).chain(ends).collect(),
            characters,
        }
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

    /// Where the rules stand: all of a rule file, the `layak` blocks of a Markdown file.
    pub(crate) fn rule_blocks(&self) -> Vec<Range<usize>> {
        if self.is_literate() { literate::blocks(&self.text) } else { std::iter::once(0..self.text.len()).collect() }
    }

    /// The line and the column of a byte, both from 1; the column counts characters.
    pub fn line_column(&self, at: u32) -> (usize, usize) {
        let line = self.line_starts.partition_point(|start| *start <= at);
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        (line, (self.characters_before(at).saturating_sub(self.characters_before(start))) as usize + 1)
    }

    /// How many characters begin before a byte. Its cost does not grow with the length of the line.
    fn characters_before(&self, at: u32) -> u32 {
        let at = (at as usize).min(self.text.len());
        let full = at / STRIDE;
        let counted = self.characters.get(full).copied().unwrap_or(0);
        counted + self.text.as_bytes().get(full * STRIDE..at).map_or(0, begun)
    }

    /// The lines that a stretch of bytes touches, whole: their text, the byte where it begins, and the number of the first line.
    pub fn lines(&self, start: u32, end: u32) -> (&str, usize, usize) {
        let first = self.line_starts.partition_point(|s| *s <= start).max(1);
        let after = self.line_starts.partition_point(|s| *s <= end.max(start));
        let from = self.line_starts.get(first - 1).map_or(0, |s| *s as usize);
        let to = self.line_starts.get(after).map_or(self.text.len(), |s| *s as usize);
        (self.text.get(from..to).unwrap_or(""), from, first)
    }
}

/// Every so many bytes the characters are counted.
const STRIDE: usize = 1024;

/// How many characters begin in a stretch of UTF-8.
fn begun(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|b| (**b & 0xC0) != 0x80).map(|_| 1).sum()
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

    /// The source of a path.
    pub(crate) fn named(&self, path: &str) -> Option<SourceId> {
        self.iter().find(|(_, source)| source.path() == path).map(|(id, _)| id)
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

#[cfg(test)]
#[expect(clippy::string_slice, reason = "the reference counts from the start")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Places agree with counting from the start, in short lines and in long ones.
        #[test]
        fn places_are_those_of_counting(pieces in prop::collection::vec("[a-zé日🐎]{0,900}\n?", 0..8), at in any::<prop::sample::Index>()) {
            let text = pieces.concat();
            let source = Source::new("a.layak", &text);
            let at = at.index(text.len() + 1);
            prop_assume!(text.is_char_boundary(at));
            let before = &text[..at];
            let line = before.matches('\n').count() + 1;
            let start = before.rfind('\n').map_or(0, |n| n + 1);
            let column = before[start..].chars().count() + 1;
            let byte = u32::try_from(at).unwrap_or(u32::MAX);
            prop_assert_eq!(source.line_column(byte), (line, column));
            let end = text[at..].find('\n').map_or(text.len(), |n| at + n + 1);
            prop_assert_eq!(source.lines(byte, byte), (&text[start..end], start, line));
        }
    }
}
