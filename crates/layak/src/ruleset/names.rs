//! What the options of a plan name, and names that the rules do not have.

use std::fmt;
use std::sync::Arc;

use super::PlanOptions;
use crate::diagnostic::nearest;
use crate::graph::{Day, Request};
use crate::program::{DefinitionId, ProgrammeId};

/// What the options of a plan name.
pub(super) struct Named {
    pub(super) programmes: Option<Vec<ProgrammeId>>,
    pub(super) show: Vec<(Arc<str>, DefinitionId)>,
}

impl Named {
    pub(super) fn request(&self, options: &PlanOptions) -> Request<'_> {
        let day = Day { as_of: options.as_of, known_on: options.known_on };
        Request { day: Some(day), programmes: self.programmes.as_deref(), show: &self.show, ..Request::default() }
    }
}

/// A name that the rules do not have, or that several modules have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    pub(super) name: String,
    pub(super) nearest: Option<String>,
    pub(super) spellings: Vec<String>,
}

impl UnknownName {
    pub(super) fn new<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> UnknownName {
        UnknownName { name: name.to_owned(), nearest: nearest(name, known).map(str::to_owned), spellings: Vec::new() }
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.spellings.is_empty() {
            return write!(f, "several modules have `{}`: write one of {}", self.name, self.spellings.join(", "));
        }
        write!(f, "the rules have no `{}`", self.name)?;
        match &self.nearest {
            Some(near) => write!(f, "; did you mean `{near}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UnknownName {}
