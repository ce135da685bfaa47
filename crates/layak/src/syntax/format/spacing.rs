//! The white space between two pieces of one line.

use super::written;
use crate::syntax::scan::{Token, TokenKind};

/// A token, or an operator of several signs that stand together, and the blanks before it.
pub(super) struct Piece<'a> {
    pub text: &'a str,
    pub kind: TokenKind,
    pub gap: usize,
    /// Where it stands in the file.
    pub at: usize,
}

/// Signs that are one operator where they stand together.
const OPERATORS: &[&str] = &["=>", "<=", ">=", "==", "!=", "<>", "||", ".."];

/// Operators with a blank on both sides, wherever they stand.
const SPACED: &[&str] = &["=>", "<=", ">=", "==", "!=", "<>", "||", "=", "+", "*", "/", "|"];

/// How wide a run of blanks is; a tab is two, and a carriage return, which parts words too, one.
pub(super) fn width_of_blanks(blanks: &str) -> usize {
    blanks.chars().map(|c| if c == '\t' { 2 } else { 1 }).sum()
}

/// The pieces of a line of a text that begins at a byte of its file, one blank or none between them; where the writer drew columns with several blanks, those.
pub(super) fn pieces<'a>(text: &'a str, tokens: &[Token], base: usize) -> Vec<Piece<'a>> {
    let mut out: Vec<Piece<'a>> = Vec::with_capacity(tokens.len());
    let mut end = tokens.first().map_or(0, |t| t.start);
    let mut rest = tokens;
    while let [token, tail @ ..] = rest {
        rest = tail;
        let mut piece = written(text, token);
        let mut stop = token.end;
        if let [next, later @ ..] = tail
            && next.start == token.end
            && let Some(both) = text.get(token.start..next.end)
            && OPERATORS.contains(&both)
        {
            (piece, stop, rest) = (both, next.end, later);
        }
        let blanks = width_of_blanks(text.get(end..token.start).unwrap_or(""));
        let gap = match out.last() {
            None => 0,
            Some(before) => gap(before, piece, token.kind, blanks),
        };
        out.push(Piece { text: piece, kind: token.kind, gap, at: base + token.start });
        end = stop;
    }
    out
}

/// The blanks between two pieces of a line, between which some stand already.
pub(super) fn gap(before: &Piece<'_>, text: &str, kind: TokenKind, blanks: usize) -> usize {
    if kind == TokenKind::Comment {
        return blanks.max(2);
    }
    let after = before.text;
    // A text or a name in backticks may look like a sign and is none.
    let sign = |s: &str, k: TokenKind| if k == TokenKind::Punctuation { s.to_owned() } else { String::new() };
    let (left, right) = (sign(after, before.kind), sign(text, kind));
    match (left.as_str(), right.as_str()) {
        ("{", "}") => 0,
        (_, "," | ":") | ("(" | "[", _) | (_, ")" | "]") => 0,
        _ if blanks >= 2 => blanks,
        ("{", _) | (_, "{" | "}") | ("," | ":", _) => 1,
        (left, right) if SPACED.contains(&left) || SPACED.contains(&right) => 1,
        _ => blanks,
    }
}

/// How many columns a text takes on a terminal: none for a combining mark, two for a wide character.
pub(super) fn display_width(text: &str) -> usize {
    text.chars()
        .map(|c| match u32::from(c) {
            0x0300..=0x036F | 0x200B..=0x200F | 0x20D0..=0x20FF | 0xFE00..=0xFE0F => 0,
            0x1100..=0x115F
            | 0x2E80..=0xA4CF
            | 0xAC00..=0xD7A3
            | 0xF900..=0xFAFF
            | 0xFE30..=0xFE6F
            | 0xFF00..=0xFF60
            | 0xFFE0..=0xFFE6
            | 0x1F300..=0x1FAFF
            | 0x20000..=0x3FFFD => 2,
            _ => 1,
        })
        .sum()
}

/// How wide pieces are that stand on one line; the blanks before the first do not count.
pub(super) fn width(pieces: &[Piece<'_>]) -> usize {
    let gaps: usize = pieces.iter().skip(1).map(|p| p.gap).sum();
    gaps + pieces.iter().map(|p| display_width(p.text)).sum::<usize>()
}
