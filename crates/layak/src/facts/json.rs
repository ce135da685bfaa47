//! JSON to data, strictly by RFC 8259: every digit of a number is kept, a key stands once, and what is wrong is told with
//! its path. Written here because numbers must not pass through a float and faults need their path.

use std::borrow::Cow;

use crate::diagnostic::{Code, Phrase, phrase};
use crate::facts::data::{Data, Path};
use crate::facts::error::{FactError, FactsError};

/// Reads one value and nothing after it. Time and memory are linear; nesting is bounded.
pub(crate) fn read<'a>(text: &'a [u8], nesting: usize) -> Result<Data<'a>, FactsError> {
    let text = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            return Err(FactsError::one(FactError::new(
                Code::FACT_SYNTAX,
                Path::Root,
                phrase!("byte {0} is not UTF-8", "bita {0} bukan UTF-8", at + 1),
            )));
        }
    };
    let mut reader = Reader { text, at: 0, nesting, duplicate: None };
    let value = reader.value(&Path::Root, 0).and_then(|value| {
        reader.blank();
        if reader.at < reader.text.len() { Err(reader.unexpected(&Path::Root)) } else { Ok(value) }
    });
    match (value, reader.duplicate) {
        (Ok(value), None) => Ok(value),
        (Err(error), _) | (Ok(_), Some(error)) => Err(FactsError::one(error)),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    nesting: usize,
    /// The first key that stood twice; told only if the text is JSON.
    duplicate: Option<FactError>,
}

type Read<T> = Result<T, FactError>;

impl<'a> Reader<'a> {
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

    fn error(&self, path: &Path<'_>, en: &str, id: &str) -> FactError {
        let column = self.text.get(..self.at).map_or(self.at, |t| t.chars().count()) + 1;
        let message = Phrase { en: format!("{en} at character {column}"), id: format!("{id} pada karakter {column}") };
        FactError::new(Code::FACT_SYNTAX, path, message)
    }

    fn unexpected(&self, path: &Path<'_>) -> FactError {
        match self.text.get(self.at..).and_then(|t| t.chars().next()) {
            None => self.error(path, "the JSON text ends too early", "teks JSON berakhir terlalu cepat"),
            Some(c) => {
                let c: String = c.escape_debug().collect();
                self.error(path, &format!("`{c}` is not expected"), &format!("`{c}` tidak diharapkan"))
            }
        }
    }

    /// INVARIANT: `depth` is bounded by `nesting`, for this recurses with it.
    fn value(&mut self, path: &Path<'_>, depth: usize) -> Read<Data<'a>> {
        self.blank();
        match self.peek() {
            Some(b'{') => self.object(path, depth),
            Some(b'[') => self.list(path, depth),
            Some(b'"') => self.string(path).map(Data::Text),
            Some(b'-' | b'0'..=b'9') => self.number(path),
            Some(b't') => self.word(path, "true", Data::Boolean(true)),
            Some(b'f') => self.word(path, "false", Data::Boolean(false)),
            Some(b'n') => self.word(path, "null", Data::Null),
            _ => Err(self.unexpected(path)),
        }
    }

    fn word(&mut self, path: &Path<'_>, word: &str, value: Data<'a>) -> Read<Data<'a>> {
        if self.text.get(self.at..).is_some_and(|t| t.starts_with(word)) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.unexpected(path))
        }
    }

    fn deeper(&self, path: &Path<'_>, depth: usize) -> Read<usize> {
        if depth >= self.nesting {
            return Err(self.error(path, "the facts nest too deep", "fakta bersarang terlalu dalam"));
        }
        Ok(depth + 1)
    }

    fn list(&mut self, path: &Path<'_>, depth: usize) -> Read<Data<'a>> {
        let depth = self.deeper(path, depth)?;
        self.at += 1;
        let mut items = Vec::new();
        self.blank();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Data::List(items));
        }
        loop {
            items.push(self.value(&Path::Item(path, items.len()), depth)?);
            self.blank();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Data::List(items));
                }
                _ => return Err(self.unexpected(path)),
            }
        }
    }

    fn object(&mut self, path: &Path<'_>, depth: usize) -> Read<Data<'a>> {
        let depth = self.deeper(path, depth)?;
        self.at += 1;
        let mut entries: Vec<(Cow<'a, str>, Data<'a>)> = Vec::with_capacity(16);
        self.blank();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Data::Object(entries));
        }
        loop {
            self.blank();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected(path));
            }
            let key = self.string(path)?;
            self.blank();
            if self.peek() != Some(b':') {
                return Err(self.unexpected(path));
            }
            self.at += 1;
            let value = self.value(&Path::Field(path, &key), depth)?;
            entries.push((key, value));
            self.blank();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    self.duplicates(path, &entries);
                    return Ok(Data::Object(entries));
                }
                _ => return Err(self.unexpected(path)),
            }
        }
    }

    fn duplicates(&mut self, path: &Path<'_>, entries: &[(Cow<'a, str>, Data<'a>)]) {
        let mut keys: Vec<&str>;
        let found = if entries.len() <= 32 {
            entries
                .iter()
                .enumerate()
                .find_map(|(i, (key, _))| entries.iter().take(i).any(|(k, _)| k == key).then_some(&**key))
        } else {
            keys = entries.iter().map(|(k, _)| &**k).collect();
            keys.sort_unstable();
            keys.windows(2).find_map(|w| match w {
                [a, b] if a == b => Some(*a),
                _ => None,
            })
        };
        if let Some(key) = found
            && self.duplicate.is_none()
        {
            self.duplicate = Some(FactError::new(
                Code::FACT_DUPLICATE,
                Path::Field(path, key),
                phrase!("`{0}` is given twice", "`{0}` diberikan dua kali", key),
            ));
        }
    }

    fn number(&mut self, path: &Path<'_>) -> Read<Data<'a>> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(self.unexpected(path)),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if !matches!(self.peek(), Some(b'0'..=b'9')) {
                return Err(self.unexpected(path));
            }
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if !matches!(self.peek(), Some(b'0'..=b'9')) {
                return Err(self.unexpected(path));
            }
            self.digits();
        }
        if matches!(self.peek(), Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'.')) {
            return Err(self.unexpected(path));
        }
        Ok(Data::Number(Cow::Borrowed(self.slice(start, self.at))))
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn string(&mut self, path: &Path<'_>) -> Read<Cow<'a, str>> {
        self.at += 1;
        let start = self.at;
        let mut owned: Option<String> = None;
        let mut run = start;
        loop {
            match self.peek() {
                None | Some(0..0x20) => return Err(self.unexpected(path)),
                Some(b'"') => {
                    let tail = self.slice(run, self.at);
                    self.at += 1;
                    return Ok(match owned {
                        None => Cow::Borrowed(tail),
                        Some(mut text) => {
                            text.push_str(tail);
                            Cow::Owned(text)
                        }
                    });
                }
                Some(b'\\') => {
                    let before = self.slice(run, self.at);
                    let text = owned.get_or_insert_with(String::new);
                    text.push_str(before);
                    let c = self.escape(path)?;
                    owned.get_or_insert_with(String::new).push(c);
                    run = self.at;
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self, path: &Path<'_>) -> Read<char> {
        self.at += 1;
        let escape = self.peek();
        let plain = match escape {
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
                return self.unicode(path);
            }
            _ => return Err(self.unexpected(path)),
        };
        self.at += 1;
        Ok(plain)
    }

    fn unicode(&mut self, path: &Path<'_>) -> Read<char> {
        let lone = |reader: &Self| reader.error(path, "half a surrogate pair", "separuh pasangan surogat");
        let first = self.hex(path)?;
        let code = match first {
            0xd800..=0xdbff => {
                if self.slice(self.at, self.at + 2) != "\\u" {
                    return Err(lone(self));
                }
                self.at += 2;
                let second = self.hex(path)?;
                if !(0xdc00..=0xdfff).contains(&second) {
                    return Err(lone(self));
                }
                0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            other => other,
        };
        char::from_u32(code).ok_or_else(|| lone(self))
    }

    fn hex(&mut self, path: &Path<'_>) -> Read<u32> {
        let digits = self.slice(self.at, self.at + 4);
        let valid = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        match u32::from_str_radix(digits, 16) {
            Ok(code) if valid => {
                self.at += 4;
                Ok(code)
            }
            _ => Err(self.unexpected(path)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_text_and_escapes_are_read() {
        let data = read(br#"{"a":[0.10,-1e+2,true,null],"b\u0031":"x\n\ud83d\ude00"}"#, 64).unwrap();
        let number = |t: &'static str| Data::Number(t.into());
        assert_eq!(
            data,
            Data::Object(vec![
                ("a".into(), Data::List(vec![number("0.10"), number("-1e+2"), Data::Boolean(true), Data::Null])),
                ("b1".into(), Data::Text("x\n\u{1f600}".into())),
            ])
        );
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_path() {
        for (text, path) in [
            (r#"{"a":1,"a":2}"#, "a"),
            (r#"{"a":1,"\u0061":2}"#, "a"),
            (r#"{"m":[{},{"b":NaN}]}"#, "m[1].b"),
            (r#"{"m":"\ud800"}"#, "m"),
            (r#"{"m":01}"#, "m"),
            ("[1,]", "[1]"),
            ("{} {}", ""),
            ("", ""),
            ("{\"a\":\"\u{1}\"}", "a"),
            ("{\"a\":+1}", "a"),
            ("\u{feff}{}", ""),
        ] {
            let error = read(text.as_bytes(), 64).unwrap_err();
            assert_eq!(error.errors[0].path, path, "{text}");
        }
        assert!(read(b"\"\xff\"", 64).is_err());
    }

    #[test]
    fn deep_nesting_is_an_error_on_a_small_stack() {
        let run = || read("[".repeat(100_000).as_bytes(), 64).is_err();
        assert!(std::thread::Builder::new().stack_size(256 << 10).spawn(run).unwrap().join().unwrap());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = read(&bytes, 64);
        }
    }
}
