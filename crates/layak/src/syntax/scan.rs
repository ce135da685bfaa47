//! One pass over a file before the grammar sees it: words, limits, where declarations begin, and, for a file with
//! Indonesian keywords, the same text with English ones.

use std::borrow::Cow;

use crate::diagnostic::{Code, Finding, phrase};
use crate::source::{SourceId, Span};
use crate::syntax::lexicon::{self, Lang};
use crate::syntax::tree::Chunk;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Word,
    /// A name in backticks.
    Quoted,
    Number,
    Text,
    Comment,
    Punctuation,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub kind: TokenKind,
    pub start: usize,
    pub end: usize,
}

/// What the pass found. `text` is what the grammar reads, without comments; `chunks` are stretches of it.
pub(crate) struct Scan<'a> {
    pub lang: Lang,
    /// The comments, in the file.
    pub comments: Vec<(usize, usize)>,
    pub text: Cow<'a, str>,
    pub chunks: Vec<Chunk>,
    pub findings: Vec<Finding>,
    pieces: Vec<Piece>,
}

/// A stretch of the grammar's text and the stretch of the file that it stands for.
struct Piece {
    from: usize,
    to: usize,
    original: usize,
    original_end: usize,
}

impl Scan<'_> {
    /// The place in the file of a stretch of the grammar's text.
    pub(crate) fn original(&self, start: usize, end: usize) -> (usize, usize) {
        if self.pieces.is_empty() {
            return (start, end);
        }
        let piece = |at: usize| self.pieces.get(self.pieces.partition_point(|p| p.to <= at));
        let same = |p: &Piece| p.to - p.from == p.original_end - p.original;
        let begin = piece(start).map_or(end, |p| if same(p) { p.original + (start - p.from) } else { p.original });
        let finish = match piece(end.saturating_sub(1)) {
            Some(p) if same(p) => p.original + (end - p.from),
            Some(p) => p.original_end,
            None => begin,
        };
        (begin, finish.max(begin))
    }
}

/// The tokens of a text; what has no meaning anywhere is a finding.
pub(crate) fn tokens(text: &str, source: SourceId, findings: &mut Vec<Finding>) -> Vec<Token> {
    let span = |start: usize, end: usize| span_of(source, start, end);
    let mut out = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let mut end = start + c.len_utf8();
        let mut take = |keep: &mut dyn FnMut(char) -> bool| {
            while let Some((at, next)) = chars.next_if(|(_, next)| keep(*next)) {
                end = at + next.len_utf8();
            }
            end
        };
        let kind = match c {
            ' ' | '\t' | '\r' | '\n' => continue,
            '#' => {
                take(&mut |next| next != '\n');
                TokenKind::Comment
            }
            '"' => {
                let mut escaped = false;
                take(&mut |next| {
                    let inside = next != '\n' && (escaped || next != '"');
                    escaped = next == '\\' && !escaped;
                    inside
                });
                match chars.next_if(|(_, next)| *next == '"') {
                    Some((at, _)) => end = at + 1,
                    None => findings.push(
                        Finding::error(
                            Code::UNCLOSED_TEXT,
                            span(start, start + 1),
                            phrase!("this text is not closed", "teks ini tidak ditutup"),
                        )
                        .help(phrase!(
                            "end the text with `\"` on the same line",
                            "akhiri teks dengan `\"` pada baris yang sama"
                        )),
                    ),
                }
                TokenKind::Text
            }
            '`' => {
                take(&mut |next| next != '`' && next != '\n');
                match chars.next_if(|(_, next)| *next == '`') {
                    Some((at, _)) => end = at + 1,
                    None => findings.push(
                        Finding::error(
                            Code::UNCLOSED_TEXT,
                            span(start, start + 1),
                            phrase!("this name is not closed", "nama ini tidak ditutup"),
                        )
                        .help(phrase!(
                            "end the name with a backtick on the same line",
                            "akhiri nama dengan tanda ` pada baris yang sama"
                        )),
                    ),
                }
                TokenKind::Quoted
            }
            '0'..='9' => {
                let mut before = c;
                take(&mut |next| {
                    let point = next == '.' && before != '.';
                    let more = unicode_ident::is_xid_continue(next) || point;
                    before = next;
                    more
                });
                // `1..4` is a range: the point that another follows is no part of the number.
                if text.get(start..end).is_some_and(|t| t.ends_with('.')) {
                    end -= 1;
                    out.push(Token { kind: TokenKind::Number, start, end });
                    out.push(Token { kind: TokenKind::Punctuation, start: end, end: end + 1 });
                    continue;
                }
                TokenKind::Number
            }
            c if unicode_ident::is_xid_start(c) => {
                take(&mut unicode_ident::is_xid_continue);
                TokenKind::Word
            }
            c if c.is_control() || c == '\u{feff}' => {
                findings.push(
                    Finding::error(
                        Code::UNREADABLE_TEXT,
                        span(start, end),
                        phrase!(
                            "the character U+{0:04X} has no place in a rule file",
                            "karakter U+{0:04X} tidak boleh ada dalam berkas aturan",
                            u32::from(c)
                        ),
                    )
                    .help(phrase!("delete it", "hapus karakter itu")),
                );
                continue;
            }
            _ => TokenKind::Punctuation,
        };
        out.push(Token { kind, start, end });
    }
    grouped_digits(text, &out, source, findings);
    out
}

fn span_of(source: SourceId, start: usize, end: usize) -> Span {
    let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Span { source, start: narrow(start), end: narrow(end) }
}

/// `600,000` and `3.000.000` are how people write six hundred thousand and three million; here they would be two numbers and
/// none.
fn grouped_digits(text: &str, tokens: &[Token], source: SourceId, findings: &mut Vec<Finding>) {
    let of = |t: &Token| text.get(t.start..t.end).unwrap_or("");
    let group = |t: &str| t.len() == 3 && t.bytes().all(|b| b.is_ascii_digit());
    let mut iter = tokens.iter().enumerate().peekable();
    while let Some((i, token)) = iter.next() {
        if token.kind != TokenKind::Number {
            continue;
        }
        let mut last = *token;
        let mut parts: Vec<&str> = of(token).split('.').collect();
        let mut commas = false;
        let mut at = i;
        while let [comma, next, ..] = tokens.get(at + 1..).unwrap_or(&[])
            && of(comma) == ","
            && comma.start == last.end
            && next.start == comma.end
            && next.kind == TokenKind::Number
            && of(next).split('.').next().is_some_and(group)
        {
            parts.extend(of(next).split('.'));
            (last, commas) = (*next, true);
            at += 2;
            iter.next();
            iter.next();
        }
        let first_is_group = parts.first().is_some_and(|p| p.len() <= 3 && p.bytes().all(|b| b.is_ascii_digit()));
        if !(commas && first_is_group || parts.len() > 2) {
            continue;
        }
        let whole = parts.join("_");
        let separate = parts.join(", ");
        let help = if commas {
            phrase!(
                "write `{0}` for one number, or `{1}` with spaces for several",
                "tulis `{0}` untuk satu bilangan, atau `{1}` dengan spasi untuk beberapa bilangan",
                whole,
                separate
            )
        } else {
            phrase!("write `{0}`", "tulis `{0}`", whole)
        };
        let message = phrase!(
            "digits are grouped with `_`, not with `{0}`",
            "digit dikelompokkan dengan `_`, bukan dengan `{0}`",
            if commas { "," } else { "." }
        );
        findings.push(Finding::error(Code::GROUPED_DIGITS, span_of(source, token.start, last.end), message).help(help));
    }
}

/// Reads a file's words. `nesting` bounds brackets and `if` within one another.
pub(crate) fn scan(text: &str, source: SourceId, nesting: usize) -> Scan<'_> {
    let mut findings = Vec::new();
    let tokens = tokens(text, source, &mut findings);
    let lang = language(text, &tokens);
    let starts = declaration_starts(text, &tokens, lang);
    let deep = too_deep(text, &tokens, &starts, nesting, source, &mut findings);
    let comments: Vec<(usize, usize)> =
        tokens.iter().filter(|t| t.kind == TokenKind::Comment).map(|t| (t.start, t.end)).collect();
    let bare = without(text, &comments);
    let (shadow, pieces) = match lang {
        Lang::En => (bare, Vec::new()),
        Lang::Id => {
            let (shadow, pieces) = translate(&bare, &tokens, lang);
            (Cow::Owned(shadow), pieces)
        }
    };
    let mut scan = Scan { lang, comments, text: shadow, chunks: Vec::new(), findings, pieces };
    // A chunk runs from one declaration to the next; what comes before the first is a chunk too, if it holds a word.
    let mut bounds: Vec<usize> = starts.clone();
    if tokens.iter().find(|t| t.kind != TokenKind::Comment).is_some_and(|t| bounds.first() != Some(&t.start)) {
        bounds.insert(0, 0);
    }
    let ends = bounds.iter().skip(1).copied().chain([text.len()]);
    let chunks: Vec<Chunk> = bounds.iter().copied().zip(ends).map(|(a, b)| a..b).collect();
    for chunk in chunks {
        if deep.get(deep.partition_point(|at| *at < chunk.start)).is_some_and(|at| chunk.contains(at)) {
            continue;
        }
        let to_shadow = |at: usize| match scan.pieces.get(scan.pieces.partition_point(|p| p.original < at)) {
            Some(piece) => piece.from,
            None if scan.pieces.is_empty() => at,
            None => scan.text.len(),
        };
        let range = to_shadow(chunk.start)..to_shadow(chunk.end);
        scan.chunks.push(range);
    }
    scan
}

/// A text with blanks in the place of its comments, as long as it was: the grammar knows no comments.
fn without<'t>(text: &'t str, comments: &[(usize, usize)]) -> Cow<'t, str> {
    if comments.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut bare = String::with_capacity(text.len());
    let mut copied = 0;
    for (start, end) in comments {
        bare.push_str(text.get(copied..*start).unwrap_or(""));
        bare.extend(std::iter::repeat_n(' ', end - start));
        copied = *end;
    }
    bare.push_str(text.get(copied..).unwrap_or(""));
    Cow::Owned(bare)
}

/// The language that the header names; it is looked for in both spellings, since it decides which one holds.
fn language(text: &str, tokens: &[Token]) -> Lang {
    let of = |t: &Token| text.get(t.start..t.end).unwrap_or("");
    tokens
        .iter()
        .zip(tokens.iter().skip(1))
        .find(|(word, _)| matches!(of(word), "language" | "bahasa") && at_line_start(text, word.start))
        .and_then(|(_, tag)| Lang::from_tag(of(tag)))
        .unwrap_or_default()
}

fn at_line_start(text: &str, at: usize) -> bool {
    at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n')
}

/// Words at the start of a line that begin a declaration; but those between the brackets of an `amend` are part of it, if
/// these are closed.
fn declaration_starts(text: &str, tokens: &[Token], lang: Lang) -> Vec<usize> {
    let mut out = Vec::new();
    let mut within = 0;
    for (token, at) in tokens.iter().zip(0..) {
        if token.kind != TokenKind::Word || !at_line_start(text, token.start) || token.start < within {
            continue;
        }
        let word = text.get(token.start..token.end).unwrap_or("");
        let Some((word, _)) = lexicon::phrase(&[word], lang) else { continue };
        if !lexicon::DECLARATIONS.contains(&word) {
            continue;
        }
        out.push(token.start);
        if word == "amend" {
            within = closed(text, tokens.get(at..).unwrap_or(&[])).unwrap_or(within);
        }
    }
    out
}

/// Where the first `{` is closed.
fn closed(text: &str, tokens: &[Token]) -> Option<usize> {
    let mut depth = 0usize;
    for token in tokens.iter().filter(|t| t.kind == TokenKind::Punctuation) {
        match text.get(token.start..token.end) {
            Some("{") => depth += 1,
            Some("}") if depth <= 1 => return (depth == 1).then_some(token.end),
            Some("}") => depth -= 1,
            _ => {}
        }
    }
    None
}

/// A declaration's word before a name that is no keyword of either language.
fn begins_declaration(text: &str, word: &Token, name: &Token) -> bool {
    let of = |token: &Token| text.get(token.start..token.end).unwrap_or("");
    let phrases = |word| [Lang::En, Lang::Id].into_iter().filter_map(move |lang| lexicon::phrase(&[word], lang));
    name.kind == TokenKind::Word
        && phrases(of(word)).any(|(en, _)| lexicon::DECLARATIONS.contains(&en))
        && !lexicon::is_english_word(of(name))
        && phrases(of(name)).next().is_none()
}

/// Where brackets or `if` stand too deep. The grammar never sees those declarations, so it cannot recurse too far.
fn too_deep(
    text: &str,
    tokens: &[Token],
    starts: &[usize],
    limit: usize,
    source: SourceId,
    findings: &mut Vec<Finding>,
) -> Vec<usize> {
    let mut out: Vec<usize> = Vec::new();
    let mut starts = starts.iter().peekable();
    // For each open bracket, how many `if` stand within one another at its level.
    let mut ifs: Vec<usize> = vec![0];
    let mut depth = 0usize;
    let mut told = false;
    let mut after_else = false;
    let mut rest = tokens.iter().filter(|t| t.kind != TokenKind::Comment).peekable();
    while let Some(token) = rest.next() {
        if starts.next_if(|s| **s <= token.start).is_some() {
            (ifs, depth, told) = (vec![0], 0, false);
        }
        let word = text.get(token.start..token.end).unwrap_or("");
        match (token.kind, word) {
            (TokenKind::Punctuation, "(" | "[" | "{") => {
                ifs.push(0);
                depth += 1;
            }
            (TokenKind::Punctuation, ")" | "]" | "}") if ifs.len() > 1 => {
                depth -= 1 + ifs.pop().unwrap_or(0);
            }
            // These cannot stand inside an `if` at its own level.
            (TokenKind::Punctuation, "," | "|" | ":") => {
                if let Some(top) = ifs.last_mut() {
                    depth -= *top;
                    *top = 0;
                }
            }
            // Within an `amend`: no expression holds such a word before a name.
            (TokenKind::Word, _)
                if ifs.last().is_some_and(|top| *top > 0)
                    && rest.peek().is_some_and(|next| begins_declaration(text, token, next)) =>
            {
                if let Some(top) = ifs.last_mut() {
                    depth -= *top;
                    *top = 0;
                }
            }
            (TokenKind::Word, "if" | "jika") if !after_else => {
                if let Some(top) = ifs.last_mut() {
                    *top += 1;
                }
                depth += 1;
            }
            _ => {}
        }
        after_else = matches!(word, "else" | "lainnya");
        if depth > limit && !told {
            told = true;
            out.push(token.start);
            findings.push(
                Finding::error(
                    Code::NESTED_TOO_DEEP,
                    span_of(source, token.start, token.end),
                    phrase!("nested more than {0} levels deep", "bersarang lebih dari {0} tingkat", limit),
                )
                .help(phrase!(
                    "give the inner part a name with `define`",
                    "beri nama bagian dalamnya dengan `tetapkan`"
                )),
            );
        }
    }
    out
}

/// A word and those that follow it, as many as a keyword may have, each with how many tokens after the first it is the last
/// of. Comments may stand between.
pub(crate) fn run(first: &Token, rest: &[Token]) -> Vec<(usize, Token)> {
    let words = rest.iter().zip(1..).filter(|(t, _)| t.kind != TokenKind::Comment).take(3);
    let words = words.take_while(|(t, _)| t.kind == TokenKind::Word).map(|(t, taken)| (taken, *t));
    std::iter::once((0, *first)).chain(words).collect()
}

/// The text with every word of the lexicon in English. A bare word that only English would read as a keyword goes into
/// backticks: here it is a name.
fn translate(text: &str, tokens: &[Token], lang: Lang) -> (String, Vec<Piece>) {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut pieces = Vec::new();
    let mut copied = 0;
    let mut add = |out: &mut String, start: usize, end: usize, replacement: &str| {
        let from = out.len();
        out.push_str(replacement);
        if end > start {
            pieces.push(Piece { from, to: out.len(), original: start, original_end: end });
        }
    };
    let mut rest = tokens;
    while let [token, tail @ ..] = rest {
        rest = tail;
        if token.kind != TokenKind::Word {
            continue;
        }
        let of = |t: &Token| text.get(t.start..t.end).unwrap_or("");
        let run = run(token, tail);
        let words: Vec<&str> = run.iter().map(|(_, t)| of(t)).collect();
        let (replacement, count) = match lexicon::phrase(&words, lang) {
            Some((english, count)) => (english.to_owned(), count),
            None if lexicon::is_english_word(of(token)) => (format!("`{}`", of(token)), 1),
            None => continue,
        };
        let (taken, last) = run.get(count - 1).copied().unwrap_or((0, *token));
        add(&mut out, copied, token.start, text.get(copied..token.start).unwrap_or(""));
        add(&mut out, token.start, last.end, &replacement);
        copied = last.end;
        rest = tail.get(taken..).unwrap_or(&[]);
    }
    add(&mut out, copied, text.len(), text.get(copied..).unwrap_or(""));
    (out, pieces)
}
