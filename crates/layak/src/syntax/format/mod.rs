//! The layout of rule text: the writer's tokens, with white space of our own. The writer's line breaks stay; a line that is too
//! wide gets more.
//!
//! INVARIANT: only white space between tokens changes, and whether a word begins a line at its start or not stays. So the
//! trees stay too, whatever the grammar; `kept` holds every result to it.

use crate::diagnostic::{Code, Finding, Severity, phrase};
use crate::limits::Limits;
use crate::source::{Source, SourceId, Span};
use crate::syntax::parse;
use crate::syntax::scan::{self, Token, TokenKind};

mod breaks;
mod columns;
mod spacing;

use breaks::Marks;
use spacing::Piece;

/// One line: how far it is indented, and its pieces.
struct Line<'a> {
    indent: usize,
    /// The column from which it is measured: that of `indent`, were all keywords English.
    measured: usize,
    pieces: Vec<Piece<'a>>,
    /// Whether it is a row of columns: such a row is not broken.
    is_drawn: bool,
}

/// A source laid out anew; nothing where a finding is an error.
pub(crate) fn format(source: &Source, limits: &Limits, findings: &mut Vec<Finding>) -> Option<String> {
    // What is not supported yet is read all the same.
    let tree = parse(SourceId(0), source, limits, findings);
    if findings.iter().any(|f| f.severity() == Severity::Error && f.code() != Code::NOT_SUPPORTED) {
        return None;
    }
    let text = source.text();
    let marks = Marks::of(&source.rules(), &tree);
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for block in source.rule_blocks() {
        out.push_str(text.get(copied..block.start)?);
        let rules = text.get(block.clone())?;
        let laid_out = block_of(rules, block.start, &marks);
        // The lines of a Markdown file end as those around them.
        let crlf = source.is_literate() && rules.contains("\r\n");
        out.push_str(&if crlf { laid_out.replace('\n', "\r\n") } else { laid_out });
        copied = block.end;
    }
    out.push_str(text.get(copied..)?);
    let after = Source::new(source.path(), &out);
    if kept(&source.rules(), &after.rules()) {
        return Some(out);
    }
    findings.push(
        Finding::error(
            Code::LAYOUT_NOT_KEPT,
            Span { source: SourceId(0), start: 0, end: 0 },
            phrase!("laying out this file would change what it says", "menata berkas ini akan mengubah isinya"),
        )
        .help(phrase!(
            "the file is left as it is; please report it",
            "berkas dibiarkan seperti semula; mohon laporkan"
        )),
    );
    None
}

/// Whether two texts hold the same tokens, and the same words of them begin a line at its start.
fn kept(before: &str, after: &str) -> bool {
    let read = |text: &str| -> Vec<(bool, String)> {
        scan::tokens(text, SourceId(0), &mut Vec::new())
            .iter()
            .map(|t| {
                let first = t.start == 0 || text.as_bytes().get(t.start - 1) == Some(&b'\n');
                (first && t.kind == TokenKind::Word, written(text, t).to_owned())
            })
            .collect()
    };
    read(before) == read(after)
}

/// A token as it stands; a comment without the blanks at its end.
fn written<'a>(text: &'a str, token: &Token) -> &'a str {
    let word = text.get(token.start..token.end).unwrap_or("");
    if token.kind == TokenKind::Comment { word.trim_end() } else { word }
}

/// Lays out one run of rules, which begins at a byte of its file.
fn block_of(text: &str, start: usize, marks: &Marks) -> String {
    let mut lines = lines(text, start);
    breaks::hung(&mut lines, marks);
    // What is broken may make columns anew. Breaks that are not joined again only become more, so there is a last round.
    loop {
        let before = shape(&lines);
        breaks::join(&mut lines, marks);
        columns::entities(&mut lines);
        columns::tables(&mut lines);
        columns::arrows(&mut lines);
        breaks::lines(&mut lines, marks);
        if shape(&lines) == before {
            break;
        }
    }
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    for line in &lines {
        if line.pieces.is_empty() {
            blank = !out.is_empty();
            continue;
        }
        if std::mem::take(&mut blank) {
            out.push('\n');
        }
        out.extend(std::iter::repeat_n(' ', line.indent));
        for piece in &line.pieces {
            out.extend(std::iter::repeat_n(' ', piece.gap));
            out.push_str(piece.text);
        }
        out.push('\n');
    }
    out
}

/// Where lines begin, and how far in.
fn shape(lines: &[Line<'_>]) -> Vec<(usize, usize)> {
    lines.iter().map(|line| (line.indent, line.pieces.len())).collect()
}

fn lines(text: &str, base: usize) -> Vec<Line<'_>> {
    let tokens = scan::tokens(text, SourceId(0), &mut Vec::new());
    let mut rest = tokens.as_slice();
    let mut out = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let count = rest.iter().take_while(|t| t.start < end).count();
        let (own, later) = rest.split_at_checked(count).unwrap_or((rest, &[]));
        rest = later;
        let indent = own.first().and_then(|t| text.get(start..t.start)).map_or(0, spacing::width_of_blanks);
        out.push(Line { indent, measured: indent, pieces: spacing::pieces(text, own, base), is_drawn: false });
        start = end;
    }
    out
}

#[cfg(test)]
mod generated;
#[cfg(test)]
mod tests;
