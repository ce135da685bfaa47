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
    /// A number as its text, which keeps every digit.
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    List(Vec<Data<'a>>),
    Object(Entries<'a>),
    /// Something that no fact can be; it is refused where it stands, with everything else that is wrong.
    Refused(Refused),
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

/// A text in composed form (NFC), in which texts are compared.
pub(super) fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}
