//! JSON to data, strictly by RFC 8259: every digit of a number is kept, and what is wrong is told with its path.
//!
//! Written here because serde_json hands numbers on as floats unless a feature changes every crate of the build, and its
//! errors have no path. The reader keeps what is open on a stack of its own, so no depth of text costs call depth.

use std::borrow::Cow;

use crate::diagnostic::{Code, Phrase, phrase};
use crate::facts::data::{Data, Entries, Plain, push_name, shown, small};
use crate::facts::error::{FactError, FactsError};
use crate::facts::layout::{NamesInOrder, Slot};
use crate::facts::walk::Node;

/// Reads one value and nothing after it. Time and memory are linear; nesting is bounded. A name that an object has twice
/// is kept twice.
pub(crate) fn read(bytes: &[u8], nesting: usize) -> Result<Data<'_>, FactsError> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // What is UTF-8 is read, so that the fault has its path.
        Err(error) => bytes.get(..error.valid_up_to()).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or(""),
    };
    let mut open = Vec::new();
    let mut scanner = Scanner { text, at: 0, cut: text.len() < bytes.len() };
    let value = scanner.value(&mut open, nesting).and_then(|value| scanner.end().map(|()| value));
    value.map_err(|fault| FactsError::one(fault.error(text, &open)))
}

/// What holds the value that is being read.
enum Open<'a> {
    List(Vec<Data<'a>>),
    /// With the name whose value is due; empty after it has been read.
    Object(Entries<'a>, Cow<'a, str>),
}

/// Why reading stopped, and at which byte.
struct Fault {
    kind: FaultKind,
    at: usize,
    /// Whether it stopped within a value rather than beside one.
    within: bool,
}

enum FaultKind {
    Unexpected,
    NotUtf8,
    LoneSurrogate,
    Escape,
    Control,
    Number,
    TooDeep,
    Trailing,
}

type Read<T> = Result<T, Fault>;

impl Fault {
    fn error(&self, text: &str, open: &[Open<'_>]) -> FactError {
        let mut path = String::new();
        for (i, level) in open.iter().enumerate() {
            let last = i + 1 == open.len();
            match level {
                _ if last && !self.within => {}
                Open::List(items) => path.push_str(&format!("[{}]", items.len())),
                Open::Object(_, name) => push_name(&mut path, name),
            }
        }
        let rest = text.get(self.at..).unwrap_or("");
        let next: String = rest.chars().take(1).flat_map(char::escape_debug).collect();
        let byte = self.at + 1;
        let message = match self.kind {
            FaultKind::Unexpected if rest.is_empty() => {
                phrase!(
                    "the JSON text ends too early, at byte {0}",
                    "teks JSON berakhir terlalu cepat, pada bita {0}",
                    byte
                )
            }
            FaultKind::Unexpected => {
                phrase!("`{0}` is not expected at byte {1}", "`{0}` tidak diharapkan pada bita {1}", next, byte)
            }
            FaultKind::NotUtf8 => phrase!("byte {0} is not UTF-8", "bita {0} bukan UTF-8", byte),
            FaultKind::LoneSurrogate => phrase!(
                "half a surrogate pair at byte {0} is no character",
                "separuh pasangan surogat pada bita {0} bukan karakter",
                byte
            ),
            FaultKind::Escape => {
                phrase!(
                    "JSON has no such escape, at byte {0}",
                    "JSON tidak mengenal pelolosan ini, pada bita {0}",
                    byte
                )
            }
            FaultKind::Control => {
                phrase!("a bare control character at byte {0}", "karakter kontrol mentah pada bita {0}", byte)
            }
            FaultKind::Number => {
                phrase!(
                    "JSON writes no number so, at byte {0}",
                    "JSON tidak menulis bilangan begini, pada bita {0}",
                    byte
                )
            }
            FaultKind::TooDeep => {
                phrase!("the facts nest too deep, at byte {0}", "fakta bersarang terlalu dalam, pada bita {0}", byte)
            }
            FaultKind::Trailing => phrase!(
                "`{0}` follows the value, at byte {1}",
                "`{0}` mengikuti nilainya, pada bita {1}",
                shown(rest.split_ascii_whitespace().next().unwrap_or("")),
                byte
            ),
        };
        let code = match self.kind {
            FaultKind::NotUtf8 | FaultKind::LoneSurrogate => Code::FACT_ENCODING,
            FaultKind::TooDeep => Code::FACT_NESTING,
            FaultKind::Unexpected
            | FaultKind::Escape
            | FaultKind::Control
            | FaultKind::Number
            | FaultKind::Trailing => Code::FACT_SYNTAX,
        };
        FactError { help: self.help(rest), column: Some(byte), ..FactError::new(code, path, message) }
    }

    fn help(&self, rest: &str) -> Option<Phrase> {
        let is = |words: &[&str]| words.iter().any(|w| rest.starts_with(w));
        Some(match self.kind {
            FaultKind::Unexpected | FaultKind::Trailing if is(&["\u{feff}"]) => phrase!(
                "a byte order mark may stand at the start of a file alone",
                "tanda urutan bita hanya boleh di awal berkas"
            ),
            FaultKind::Unexpected if is(&["NaN", "Infinity", "None", "nil", "undefined"]) => {
                phrase!("write `null` for what is not known", "tulis `null` untuk yang tidak diketahui")
            }
            FaultKind::Unexpected if is(&["True", "False"]) => {
                phrase!("write `true` or `false`", "tulis `true` atau `false`")
            }
            FaultKind::Unexpected | FaultKind::Trailing if is(&["//", "/*", "#"]) => {
                phrase!("JSON has no comments", "JSON tidak mengenal komentar")
            }
            FaultKind::Unexpected if is(&["]", "}", ","]) => {
                phrase!("a comma stands between two values", "koma berdiri di antara dua nilai")
            }
            FaultKind::Unexpected if is(&["'", "`"]) => {
                phrase!("texts stand in double quotes", "teks diapit tanda kutip ganda")
            }
            FaultKind::Number => phrase!(
                "write digits, a point and an exponent: `12`, `0.5`, `1e-3`",
                "tulis angka, titik dan pangkat: `12`, `0.5`, `1e-3`"
            ),
            FaultKind::Control => {
                phrase!("write it as an escape such as `\\n`", "tulis sebagai pelolosan seperti `\\n`")
            }
            FaultKind::Trailing => {
                phrase!("give one value: one object a line", "beri satu nilai: satu objek per baris")
            }
            FaultKind::Unexpected
            | FaultKind::NotUtf8
            | FaultKind::LoneSurrogate
            | FaultKind::Escape
            | FaultKind::TooDeep => return None,
        })
    }
}

/// What is no JSON ends the walk.
impl Node for Scanner<'_> {
    fn object<'l>(
        &mut self,
        names: &mut NamesInOrder<'l>,
        mut each: impl FnMut(usize, &'l Slot, &mut Self) -> Option<()>,
    ) -> Option<()> {
        self.blank();
        if !self.take(b'{') {
            return None;
        }
        if self.take(b'}') {
            return Some(());
        }
        loop {
            if self.peek() != Some(b'"') {
                return None;
            }
            let (index, slot) = match names.guess().filter(|(_, slot)| self.take_name(&slot.name)) {
                Some(guessed) => names.took(guessed),
                None => names.find(&self.string(false).ok()?)?,
            };
            self.blank();
            if !self.take(b':') {
                return None;
            }
            each(index, slot, self)?;
            self.blank();
            if !self.take(b',') {
                return self.take(b'}').then_some(());
            }
        }
    }

    fn list(&mut self, mut each: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.blank();
        if !self.take(b'[') {
            return None;
        }
        if self.take(b']') {
            return Some(());
        }
        loop {
            each(self)?;
            self.blank();
            if !self.take(b',') {
                return self.take(b']').then_some(());
            }
        }
    }

    fn len(&self) -> Option<usize> {
        None
    }

    fn plain(&mut self) -> Option<Plain<'_>> {
        match self.peek()? {
            b'"' => self.unescaped().map(Plain::Text),
            b't' => self.word("true", Plain::Boolean(true)).ok(),
            b'f' => self.word("false", Plain::Boolean(false)).ok(),
            _ => self.small().map(Plain::Whole),
        }
    }

    fn data(&mut self, nesting: usize) -> Option<Data<'_>> {
        match self.peek() {
            Some(b'{' | b'[') => self.value(&mut Vec::new(), nesting).ok(),
            _ => self.single().ok(),
        }
    }
}

pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Whether bytes that are no UTF-8 follow the text.
    cut: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Scanner<'a> {
        Scanner { text, at: 0, cut: false }
    }

    /// Whether nothing follows.
    pub(super) fn is_at_end(&mut self) -> bool {
        self.blank();
        self.end().is_ok()
    }

    /// The text's next value, and blanks that follow it.
    fn value(&mut self, open: &mut Vec<Open<'a>>, nesting: usize) -> Read<Data<'a>> {
        // The size of the last object: those of one list are alike.
        let mut alike = 8;
        loop {
            self.blank();
            let mut value = match self.peek() {
                Some(opening @ (b'{' | b'[')) => {
                    if open.len() >= nesting {
                        return Err(self.fault(FaultKind::TooDeep, true));
                    }
                    self.at += 1;
                    self.blank();
                    match (opening, self.peek()) {
                        (b'{', Some(b'}')) => {
                            self.at += 1;
                            Data::Object(Vec::new())
                        }
                        (b'[', Some(b']')) => {
                            self.at += 1;
                            Data::List(Vec::new())
                        }
                        (b'{', _) => {
                            open.push(Open::Object(Vec::with_capacity(alike), Cow::Borrowed("")));
                            self.name(open)?;
                            continue;
                        }
                        _ => {
                            open.push(Open::List(Vec::new()));
                            continue;
                        }
                    }
                }
                _ => self.single()?,
            };
            // A whole value: what holds it goes on or is whole in turn.
            loop {
                self.blank();
                let next = self.peek();
                match (open.last_mut(), next) {
                    (None, _) => return Ok(value),
                    (Some(Open::List(items)), _) => items.push(value),
                    (Some(Open::Object(entries, name)), _) => entries.push((std::mem::take(name), value)),
                }
                self.at += 1;
                value = match (next, open.last_mut()) {
                    (Some(b','), Some(Open::List(_))) => break,
                    (Some(b','), Some(Open::Object(..))) => {
                        self.blank();
                        self.name(open)?;
                        break;
                    }
                    (Some(b']'), Some(Open::List(items))) => Data::List(std::mem::take(items)),
                    (Some(b'}'), Some(Open::Object(entries, _))) => {
                        alike = entries.len().min(64);
                        if entries.capacity() > 4 * entries.len() {
                            // A guess far too large must not multiply in memory.
                            entries.shrink_to_fit();
                        }
                        Data::Object(std::mem::take(entries))
                    }
                    _ => {
                        self.at -= 1;
                        return Err(self.unexpected(false));
                    }
                };
                open.pop();
            }
        }
    }

    /// A value that holds no others.
    fn single(&mut self) -> Read<Data<'a>> {
        match self.peek() {
            Some(b'"') => self.string(true).map(Data::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Data::Boolean(true)),
            Some(b'f') => self.word("false", Data::Boolean(false)),
            Some(b'n') => self.word("null", Data::Null),
            Some(b'+' | b'.') => Err(self.fault(FaultKind::Number, true)),
            _ => Err(self.unexpected(true)),
        }
    }

    /// Takes a byte and the blanks after it, if it is the next.
    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        if is_next {
            self.at += 1;
            self.blank();
        }
        is_next
    }

    /// Takes a text, if it is this name written without escapes.
    fn take_name(&mut self, name: &str) -> bool {
        let rest = self.text.as_bytes().get(self.at.saturating_add(1)..).and_then(|r| r.strip_prefix(name.as_bytes()));
        let is_next = rest.and_then(<[u8]>::first) == Some(&b'"');
        if is_next {
            self.at += name.len() + 2;
        }
        is_next
    }

    /// A text without escapes.
    fn unescaped(&mut self) -> Option<&'a str> {
        let start = self.at + 1;
        let end = start + plain_run(self.text.as_bytes().get(start..)?);
        let text = self.text.get(start..end).filter(|_| self.text.as_bytes().get(end) == Some(&b'"'))?;
        self.at = end + 1;
        Some(text)
    }

    /// A plain integer.
    fn small(&mut self) -> Option<i64> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let length = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let n = small(rest.get(..length)?)?;
        let goes_on = matches!(rest.get(length), Some(b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'.'));
        (!goes_on).then(|| {
            self.at += length;
            n
        })
    }

    /// Nothing may follow the value.
    fn end(&self) -> Read<()> {
        if self.at < self.text.len() {
            Err(self.fault(FaultKind::Trailing, false))
        } else if self.cut {
            Err(self.fault(FaultKind::NotUtf8, false))
        } else {
            Ok(())
        }
    }

    /// A name and its colon.
    fn name(&mut self, open: &mut [Open<'a>]) -> Read<()> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected(false));
        }
        let name = self.string(false)?;
        self.blank();
        if let Some(Open::Object(_, slot)) = open.last_mut() {
            *slot = name;
        }
        if self.peek() != Some(b':') {
            return Err(self.unexpected(true));
        }
        self.at += 1;
        Ok(())
    }

    fn fault(&self, kind: FaultKind, within: bool) -> Fault {
        Fault { kind, at: self.at, within }
    }

    fn unexpected(&self, within: bool) -> Fault {
        let ended = self.at >= self.text.len() && self.cut;
        self.fault(if ended { FaultKind::NotUtf8 } else { FaultKind::Unexpected }, within)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or("")
    }

    fn word<T>(&mut self, word: &str, value: T) -> Read<T> {
        if self.text.as_bytes().get(self.at..).is_some_and(|t| t.starts_with(word.as_bytes())) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.unexpected(true))
        }
    }

    fn number(&mut self) -> Read<Data<'a>> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'.')) {
            return Err(self.fault(FaultKind::Number, true));
        }
        Ok(Data::Number(self.slice(start, self.at).into()))
    }

    /// One digit or more.
    fn digits(&mut self) -> Read<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        match self.peek() {
            _ if self.at > start => Ok(()),
            None => Err(self.unexpected(true)),
            Some(_) => Err(self.fault(FaultKind::Number, true)),
        }
    }

    fn string(&mut self, within: bool) -> Read<Cow<'a, str>> {
        self.at += 1;
        let mut owned: Option<String> = None;
        loop {
            let run = self.at;
            let rest = self.text.as_bytes().get(run..).unwrap_or(&[]);
            self.at += plain_run(rest);
            let plain = self.slice(run, self.at);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(match owned {
                        None => Cow::Borrowed(plain),
                        Some(text) => Cow::Owned(text + plain),
                    });
                }
                Some(b'\\') => {
                    let c = self.escape(within)?;
                    let text = owned.get_or_insert_default();
                    text.push_str(plain);
                    text.push(c);
                }
                Some(_) => return Err(self.fault(FaultKind::Control, within)),
                None => return Err(self.unexpected(within)),
            }
        }
    }

    fn escape(&mut self, within: bool) -> Read<char> {
        self.at += 1;
        let plain = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode(within);
            }
            Some(_) => return Err(self.fault(FaultKind::Escape, within)),
            None => return Err(self.unexpected(within)),
        };
        self.at += 1;
        Ok(plain)
    }

    fn unicode(&mut self, within: bool) -> Read<char> {
        let start = self.at;
        let first = self.hex(within)?;
        let lone = Fault { kind: FaultKind::LoneSurrogate, at: start, within };
        let code = match first {
            0xd800..=0xdbff if self.slice(self.at, self.at + 2) == "\\u" => {
                self.at += 2;
                let second = self.hex(within)?;
                if !(0xdc00..=0xdfff).contains(&second) {
                    return Err(lone);
                }
                0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            other => other,
        };
        char::from_u32(code).ok_or(lone)
    }

    fn hex(&mut self, within: bool) -> Read<u32> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|b| char::from(b).to_digit(16));
            let Some(digit) = digit else {
                return Err(if self.peek().is_none() {
                    self.unexpected(within)
                } else {
                    self.fault(FaultKind::Escape, within)
                });
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }
}

/// How many bytes come before a quote, a backslash or a control character: eight at a time, for most text is plain.
fn plain_run(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // The high bit of the lowest byte that is zero; bytes above it may be marked too.
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let mut rest = bytes;
    while let Some((chunk, after)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        let ends = zero(word ^ (ONES * 0x22)) | zero(word ^ (ONES * 0x5c)) | control;
        if ends != 0 {
            return bytes.len() - rest.len() + (ends.trailing_zeros() / 8) as usize;
        }
        rest = after;
    }
    let tail = rest.iter().take_while(|b| !matches!(b, b'"' | b'\\' | 0..0x20)).count();
    bytes.len() - rest.len() + tail
}
