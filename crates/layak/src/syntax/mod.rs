//! Rule text as trees: what was written, where, in which order; nothing is resolved here.
//!
//! `scan` reads words, counts limits and takes comments out, `from_source` makes the trees, `format` lays tokens out anew.

mod amend;
mod format;
mod from_source;
mod lexicon;
mod parser;
mod scan;
mod translate;
mod tree;

pub(crate) use amend::*;
pub(crate) use format::format;
#[cfg(feature = "files")]
pub(crate) use from_source::outline;
pub(crate) use from_source::{parse, parse_fragment};
pub use lexicon::Lang;
pub(crate) use lexicon::{is_keyword, spelling};
pub(crate) use translate::{clashes, translate};
pub(crate) use tree::*;
