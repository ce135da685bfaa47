//! Facts as a tree of plain values, whatever they were read from.

use std::borrow::Cow;

use crate::program::{Given, GivenKind};

/// A value without a type. INVARIANT: it nests no deeper than the limit of what made it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Data<'a> {
    Null,
    Boolean(bool),
    /// A number as its text, which keeps every digit.
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    List(Vec<Data<'a>>),
    Object(Vec<(Cow<'a, str>, Data<'a>)>),
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

/// Where in the facts something stands, as a chain of steps from the inside out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Path<'p> {
    Root,
    Field(&'p Path<'p>, &'p str),
    Item(&'p Path<'p>, usize),
}

impl std::fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Field(Path::Root, name) => f.write_str(name),
            Path::Field(above, name) => write!(f, "{above}.{name}"),
            Path::Item(above, index) => write!(f, "{above}[{index}]"),
        }
    }
}
