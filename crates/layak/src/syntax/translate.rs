//! The keywords of a file in the other language, and nothing else: names, texts, numbers and layout stay.
//!
//! INVARIANT: what comes out goes back to the same bytes. Where it would not, the file is not translated; who calls holds every
//! result to that.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Phrase, phrase};
use crate::limits::Limits;
use crate::source::{Source, SourceId, Span};
use crate::syntax::lexicon::{self, Lang, UNITS};
use crate::syntax::scan::{self, Token, TokenKind};
use crate::syntax::{Tree, parse};

/// Why a file cannot be translated such that it comes back as it is, and what to do.
#[derive(Debug)]
pub(crate) struct Untranslated {
    pub at: Span,
    pub message: Phrase,
    pub help: Phrase,
}

/// The names of a file that are read as words of the language: where they stand and as they are written.
type Words = BTreeSet<(Span, Arc<str>)>;

/// A rule file with its keywords in a language.
pub(crate) fn translate(
    source: &Source,
    id: SourceId,
    words: &Words,
    to: Lang,
    limits: &Limits,
) -> Result<String, Untranslated> {
    let tree = parse(id, source, limits, &mut Vec::new());
    if tree.lang == to {
        return Ok(source.text().to_owned());
    }
    let rules = source.rules();
    let tokens = scan::tokens(&rules, id, &mut Vec::new());
    let translation = Translation { id, text: &rules, from: tree.lang, to, limits };
    let mut edits = translation.edits(&tokens, &tree, words)?;
    let block = source.rule_blocks().first().cloned().unwrap_or(0..0);
    translation.header(&tokens, block, &mut edits)?;
    edits.sort_by_key(|(at, _)| (at.start, at.end));
    let text = source.text();
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut copied = 0;
    for (at, new) in edits {
        out.push_str(text.get(copied..at.start).unwrap_or(""));
        out.push_str(&new);
        copied = at.end;
    }
    out.push_str(text.get(copied..).unwrap_or(""));
    Ok(out)
}

/// The names of a file that the other language could read as its words: each where it stands first.
pub(crate) fn clashes(source: &Source, id: SourceId, words: &Words, to: Lang, limits: &Limits) -> Vec<(Span, String)> {
    let tree = parse(id, source, limits, &mut Vec::new());
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut out = Vec::new();
    for span in &tree.names {
        let text = source.text().get(span.start as usize..span.end as usize).unwrap_or("");
        let is_read_as_word = words.contains(&(*span, Arc::from(text)));
        if !is_read_as_word && lexicon::is_word(text, to) && seen.insert(text) {
            out.push((*span, text.to_owned()));
        }
    }
    out
}

struct Translation<'a> {
    id: SourceId,
    text: &'a str,
    from: Lang,
    to: Lang,
    limits: &'a Limits,
}

type Edits = Vec<(Range<usize>, String)>;

impl Translation<'_> {
    fn of(&self, token: &Token) -> &str {
        self.text.get(token.start..token.end).unwrap_or("")
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { source: self.id, start: narrow(start), end: narrow(end) }
    }

    fn edits(&self, tokens: &[Token], tree: &Tree, words: &Words) -> Result<Edits, Untranslated> {
        let names: BTreeMap<u32, u32> = tree.names.iter().map(|s| (s.start, s.end)).collect();
        let templates: BTreeSet<u32> = tree.templates.iter().map(|s| s.start).collect();
        let is_name = |t: &Token| u32::try_from(t.start).is_ok_and(|start| names.contains_key(&start));
        let is_read_as_word = |t: &Token| words.contains(&(self.span(t.start, t.end), Arc::from(self.of(t))));
        let mut edits: Edits = Vec::new();
        let mut before: Option<&str> = None;
        let mut rest = tokens;
        while let [token, tail @ ..] = rest {
            rest = tail;
            match token.kind {
                TokenKind::Text if u32::try_from(token.start).is_ok_and(|start| templates.contains(&start)) => {
                    self.template(token, words, &mut edits)?;
                }
                TokenKind::Word if is_name(token) => {
                    if is_read_as_word(token)
                        && let Some((new, 1)) = lexicon::translated(&[self.of(token)], self.from, self.to)
                    {
                        edits.push((token.start..token.end, new.to_owned()));
                    }
                }
                TokenKind::Word => {
                    let run: Vec<(usize, Token)> =
                        scan::run(token, tail).into_iter().take_while(|(_, t)| !is_name(t)).collect();
                    let words: Vec<Token> = run.iter().map(|(_, t)| *t).collect();
                    let count = self.keyword(&words, before, &mut edits)?;
                    rest = tail.get(run.get(count - 1).map_or(0, |(taken, _)| *taken)..).unwrap_or(&[]);
                }
                TokenKind::Comment => continue,
                TokenKind::Text | TokenKind::Quoted | TokenKind::Number | TokenKind::Punctuation => {}
            }
            before = Some(self.of(token));
        }
        Ok(edits)
    }

    /// Translates the keyword with which a run of words begins; how many words it takes, 1 where there is none.
    fn keyword(&self, run: &[Token], before: Option<&str>, edits: &mut Edits) -> Result<usize, Untranslated> {
        let words: Vec<&str> = run.iter().map(|t| self.of(t)).collect();
        let Some((new, count)) = lexicon::translated(&words, self.from, self.to) else { return Ok(1) };
        let (Some(first), Some(last)) = (run.first(), run.get(count - 1)) else { return Ok(1) };
        let new = self.unit(first, new, before)?;
        let parts: Vec<&str> = new.split(' ').collect();
        if parts.len() == count {
            edits.extend(run.iter().zip(parts).map(|(token, part)| (token.start..token.end, part.to_owned())));
            return Ok(count);
        }
        // Of two words made from three nobody can tell where a line was broken.
        if self.text.get(first.start..last.end) != Some(&words.get(..count).unwrap_or(&[]).join(" ")) {
            return Err(Untranslated {
                at: self.span(first.start, last.end),
                message: phrase!(
                    "`{0}` is broken over blanks, lines or comments",
                    "`{0}` terputus oleh spasi, baris, atau komentar",
                    words.get(..count).unwrap_or(&[]).join(" ")
                ),
                help: phrase!("write its words with one blank between them", "tulis kata-katanya dengan satu spasi"),
            });
        }
        edits.push((first.start..last.end, new.to_owned()));
        Ok(count)
    }

    /// English has two forms of a unit of time, Indonesian one: after `1` and after `per` the singular stands.
    fn unit(&self, at: &Token, new: &'static str, before: Option<&str>) -> Result<&'static str, Untranslated> {
        let english = if self.to == Lang::En { new } else { self.of(at) };
        let Some((one, many, _)) = UNITS.iter().find(|(one, many, _)| *one == english || *many == english) else {
            return Ok(new);
        };
        let is_one = before.is_some_and(|b| b == "1" || b == "per");
        let right = if is_one { one } else { many };
        if self.to == Lang::En {
            return Ok(right);
        }
        if english == *right {
            return Ok(new);
        }
        Err(Untranslated {
            at: self.span(at.start, at.end),
            message: phrase!("`{0}` stands where `{1}` belongs", "`{0}` tertulis di tempat `{1}`", english, right),
            help: phrase!("write `{0}`", "tulis `{0}`", right),
        })
    }

    /// The values within a text.
    fn template(&self, token: &Token, words: &Words, edits: &mut Edits) -> Result<(), Untranslated> {
        let raw = self.of(token);
        let span = self.span(token.start, token.end);
        let mut at = 0;
        while let Some(rest) = raw.get(at..).filter(|r| !r.is_empty()) {
            if rest.starts_with("{{") || rest.starts_with("}}") {
                at += 2;
            } else if let Some(inner) = rest.strip_prefix('{') {
                let Some((inner, _)) = inner.split_once('}') else { return Ok(()) };
                let start = token.start + at + 1;
                for (range, new) in self.fragment(inner, span, words)? {
                    if inner.contains('\\') {
                        return Err(Untranslated {
                            at: span,
                            message: phrase!(
                                "a value in this text holds a text of its own",
                                "sebuah nilai dalam teks ini memuat teks lain"
                            ),
                            help: phrase!(
                                "give the value a name with `define`, and write that name",
                                "beri nama nilai itu dengan `define` (`tetapkan`), lalu tulis namanya"
                            ),
                        });
                    }
                    edits.push((start + range.start..start + range.end, new));
                }
                at += inner.len() + 2;
            } else {
                at += rest.chars().next().map_or(1, char::len_utf8);
            }
        }
        Ok(())
    }

    /// One value within a text, read as `parse_fragment` reads it.
    fn fragment(&self, inner: &str, at: Span, words: &Words) -> Result<Edits, Untranslated> {
        let head = match self.from {
            Lang::En => "define x = ",
            Lang::Id => "bahasa id\ntetapkan x = ",
        };
        let source = Source::new("fragment.layak", &format!("{head}{inner}"));
        let tree = parse(self.id, &source, self.limits, &mut Vec::new());
        let tokens = scan::tokens(source.text(), self.id, &mut Vec::new());
        let own: Words = tree
            .names
            .iter()
            .filter_map(|span| {
                let text = source.text().get(span.start as usize..span.end as usize)?;
                words.contains(&(at, Arc::from(text))).then(|| (*span, Arc::from(text)))
            })
            .collect();
        let part = Translation { text: source.text(), ..*self };
        let moved = part.edits(&tokens, &tree, &own)?.into_iter().filter_map(|(range, new)| {
            let start = range.start.checked_sub(head.len())?;
            Some((start..range.end - head.len(), new))
        });
        Ok(moved.collect())
    }

    /// The line that names the language. English is the language of a file that names none: there the line is ours where it
    /// stands first and alone in the rules, and the writer's elsewhere.
    fn header(&self, tokens: &[Token], block: Range<usize>, edits: &mut Edits) -> Result<(), Untranslated> {
        let line =
            |tag: &str| format!("{} {tag}", lexicon::spelling("language", Lang::from_tag(tag).unwrap_or_default()));
        let rules = self.text.get(block.clone()).unwrap_or("");
        let end = if rules.split_once('\n').is_some_and(|(first, _)| first.ends_with('\r')) { "\r\n" } else { "\n" };
        let is_first = |tag: &str| {
            let after = rules.strip_prefix(&line(tag)).and_then(|rest| rest.strip_prefix(end));
            after.is_some_and(|rest| !rest.starts_with(['\n', '\r', ' ']) && !rest.is_empty())
        };
        let starts_line = |t: &Token| t.start == 0 || self.text.as_bytes().get(t.start - 1) == Some(&b'\n');
        let written = tokens.iter().zip(tokens.iter().skip(1)).find(|(word, tag)| {
            matches!(self.of(word), "language" | "bahasa")
                && starts_line(word)
                && Lang::from_tag(self.of(tag)).is_some()
        });
        match (written, self.to) {
            (None, Lang::Id) => edits.push((block.start..block.start, format!("{}{end}", line("id")))),
            (None, Lang::En) => {}
            (Some((word, tag)), Lang::Id) if is_first("en") => {
                return Err(Untranslated {
                    at: self.span(word.start, tag.end),
                    message: phrase!(
                        "this line says what holds without it, and would be gone after a translation back",
                        "baris ini menyatakan hal yang sudah berlaku tanpanya, dan akan hilang bila diterjemahkan kembali"
                    ),
                    help: phrase!("delete the line", "hapus baris ini"),
                });
            }
            (Some((word, tag)), Lang::En) if is_first("id") => {
                edits.retain(|(range, _)| range.start != word.start);
                edits.push((word.start..tag.end + end.len(), String::new()));
            }
            (Some((_, tag)), to) => edits.push((tag.start..tag.end, to.tag().to_owned())),
        }
        Ok(())
    }
}
