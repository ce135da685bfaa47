//! Facts as a tree of plain values, whatever they were read from.

use std::borrow::Cow;
use std::fmt;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::program::{Given, GivenKind};

/// The names and values of an object, in the order given. A name may stand twice: the binder tells.
pub(crate) type Entries<'a> = Vec<(Cow<'a, str>, Data<'a>)>;

/// A value without a type. INVARIANT: it nests no deeper than the limit of what made it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Data<'a> {
    Null,
    Boolean(bool),
    Number(Number<'a>),
    Text(Cow<'a, str>),
    List(Vec<Data<'a>>),
    Object(Entries<'a>),
    /// Something that no fact can be; it is refused where it stands, with everything else that is wrong.
    Refused(Refused),
}

/// A number that has not been read yet.
#[derive(Clone, Debug)]
pub(crate) enum Number<'a> {
    /// As its text, which keeps every digit.
    Written(Cow<'a, str>),
    /// An integer that was never written: no text is made of it unless one is asked for.
    Whole(i64),
}

impl Number<'_> {
    /// As JSON writes it.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Number::Written(text) => Cow::Borrowed(text),
            Number::Whole(n) => Cow::Owned(n.to_string()),
        }
    }

    /// The same number, which borrows from nothing.
    pub(crate) fn into_owned(self) -> Number<'static> {
        match self {
            Number::Written(text) => Number::Written(Cow::Owned(text.into_owned())),
            Number::Whole(n) => Number::Whole(n),
        }
    }
}

/// By how they are written: `1` is not `1.0`.
impl PartialEq for Number<'_> {
    fn eq(&self, other: &Number<'_>) -> bool {
        self.text() == other.text()
    }
}

impl<'a> From<Cow<'a, str>> for Number<'a> {
    fn from(text: Cow<'a, str>) -> Number<'a> {
        Number::Written(text)
    }
}

impl<'a> From<&'a str> for Number<'a> {
    fn from(text: &'a str) -> Number<'a> {
        Number::Written(Cow::Borrowed(text))
    }
}

impl From<String> for Number<'_> {
    fn from(text: String) -> Self {
        Number::Written(Cow::Owned(text))
    }
}

/// What most values are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Plain<'a> {
    Boolean(bool),
    Whole(i64),
    Text(&'a str),
}

/// What a Rust value can hold and a fact cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// A binary float: the number that was meant is lost.
    Float,
    Bytes,
}

impl Data<'_> {
    /// The facts of a test in a rule file.
    pub(crate) fn from_given(given: &Given) -> Data<'static> {
        match &given.kind {
            GivenKind::Number(n) => Data::Number(n.to_string().into()),
            GivenKind::Text(t) => Data::Text(t.to_string().into()),
            GivenKind::Boolean(b) => Data::Boolean(*b),
            GivenKind::None => Data::Null,
            GivenKind::Unknown => Data::Object(vec![("unknown".into(), Data::Boolean(true))]),
            GivenKind::List(items) => Data::List(items.iter().map(Data::from_given).collect()),
            GivenKind::Object(entries) => {
                Data::Object(entries.iter().map(|(k, v)| (k.to_string().into(), Data::from_given(v))).collect())
            }
        }
    }
}

impl<'a> From<Plain<'a>> for Data<'a> {
    fn from(plain: Plain<'a>) -> Data<'a> {
        match plain {
            Plain::Boolean(b) => Data::Boolean(b),
            Plain::Whole(n) => Data::Number(Number::Whole(n)),
            Plain::Text(text) => Data::Text(Cow::Borrowed(text)),
        }
    }
}

impl Data<'_> {
    pub(super) fn plain(&self) -> Option<Plain<'_>> {
        match self {
            Data::Boolean(b) => Some(Plain::Boolean(*b)),
            Data::Number(Number::Whole(n)) => Some(Plain::Whole(*n)),
            Data::Number(Number::Written(text)) => small(text.as_bytes()).map(Plain::Whole),
            Data::Text(text) => Some(Plain::Text(text)),
            Data::Null | Data::List(_) | Data::Object(_) | Data::Refused(_) => None,
        }
    }

    /// What is written of a number or of a text, which may hold one.
    pub(crate) fn digits(&self) -> Option<Cow<'_, str>> {
        match self {
            Data::Number(number) => Some(number.text()),
            Data::Text(text) => Some(Cow::Borrowed(text)),
            _ => None,
        }
    }

    /// As JSON on one line. INVARIANT: it recurses, no deeper than the limit of what made the data.
    pub(crate) fn to_json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, None);
        out
    }

    /// As serde_json's value. Numbers with more digits than it keeps are texts, which facts take alike.
    ///
    /// INVARIANT: it recurses, no deeper than the limit of what made the data.
    pub(crate) fn to_value(&self) -> serde_json::Value {
        match self {
            Data::Null | Data::Refused(_) => serde_json::Value::Null,
            Data::Boolean(b) => (*b).into(),
            Data::Number(Number::Whole(n)) => (*n).into(),
            Data::Number(Number::Written(text)) => text.parse::<i64>().map_or_else(|_| (&**text).into(), Into::into),
            Data::Text(text) => (&**text).into(),
            Data::List(items) => items.iter().map(Data::to_value).collect(),
            Data::Object(entries) => {
                serde_json::Value::Object(entries.iter().map(|(name, v)| (name.to_string(), v.to_value())).collect())
            }
        }
    }

    /// As JSON for people: an object within a list on a line of its own.
    pub(crate) fn to_pretty_json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, Some(0));
        out.push('\n');
        out
    }

    fn write(&self, out: &mut String, indent: Option<usize>) {
        match self {
            Data::Null | Data::Refused(_) => out.push_str("null"),
            Data::Boolean(b) => out.push_str(if *b { "true" } else { "false" }),
            Data::Number(number) => out.push_str(&number.text()),
            Data::Text(text) => out.push_str(&serde_json::Value::from(&**text).to_string()),
            Data::List(items) => {
                let long = indent.filter(|_| items.iter().any(|i| matches!(i, Data::Object(_))));
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    between(out, at, long, indent);
                    item.write(out, long.map(|n| n + 2));
                }
                close(out, long.filter(|_| !items.is_empty()));
                out.push(']');
            }
            Data::Object(entries) => {
                out.push('{');
                for (at, (name, value)) in entries.iter().enumerate() {
                    between(out, at, indent, indent);
                    out.push_str(&serde_json::Value::from(&**name).to_string());
                    out.push_str(if indent.is_some() { ": " } else { ":" });
                    value.write(out, indent.map(|n| n + 2));
                }
                close(out, indent.filter(|_| !entries.is_empty()));
                out.push('}');
            }
        }
    }
}

/// Between two items: a comma, and where they stand on lines of their own the next line.
fn between(out: &mut String, at: usize, line: Option<usize>, spaced: Option<usize>) {
    if at > 0 {
        out.push(',');
    }
    match line {
        Some(indent) => {
            out.push('\n');
            out.push_str(&" ".repeat(indent + 2));
        }
        None if at > 0 && spaced.is_some() => out.push(' '),
        None => {}
    }
}

fn close(out: &mut String, line: Option<usize>) {
    if let Some(indent) = line {
        out.push('\n');
        out.push_str(&" ".repeat(indent));
    }
}

/// Where in the facts something stands, as a chain of steps from the inside out. It costs nothing until it is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Path<'p> {
    Root,
    Field(&'p Path<'p>, &'p str),
    Item(&'p Path<'p>, usize),
}

impl fmt::Display for Path<'_> {
    /// INVARIANT: a path is no longer than data nests deep, for this recurses with it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Field(Path::Root, name) => f.write_str(&step(name)),
            Path::Field(above, name) => write!(f, "{above}.{}", step(name)),
            Path::Item(above, index) => write!(f, "{above}[{index}]"),
        }
    }
}

/// Adds a name to a path.
pub(super) fn push_name(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(&step(name));
}

/// A name as a step of a path: as written, unless it would break the line or fill the screen.
fn step(name: &str) -> Cow<'_, str> {
    one_line(name, 200)
}

/// A user's text as messages show it: on one line and not endless.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    one_line(text, 60)
}

fn one_line(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most && !text.chars().any(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == most {
            out.push('…');
            break;
        }
        if c.is_control() { out.extend(c.escape_default()) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// A plain integer, read without the ceremony that other numbers need: most numbers are one.
pub(super) fn small(digits: &[u8]) -> Option<i64> {
    match digits {
        [b'0'..=b'9'] | [b'1'..=b'9', ..] if digits.len() <= 18 => {
            digits.iter().try_fold(0i64, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
        }
        _ => None,
    }
}

/// A text in composed form (NFC), in which texts are compared.
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}
