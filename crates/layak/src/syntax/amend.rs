//! The tree of an act that changes another module.

use crate::source::Span;
use crate::syntax::{Body, Declaration, ExceptionDecl, OwnedName, Path, Texts, Validity};

#[derive(Clone, Debug)]
pub(crate) struct AmendDecl {
    /// The module that it changes.
    pub path: Path,
    pub label: Texts,
    pub basis: Texts,
    pub validity: Validity,
    /// For which households.
    pub condition: Option<Body>,
    pub amendments: Vec<Amendment>,
}

#[derive(Clone, Debug)]
pub(crate) struct Amendment {
    pub kind: AmendmentKind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum AmendmentKind {
    /// New versions of a parameter, or a name that the module did not have.
    Add(Declaration),
    /// In the place of a declaration of the same name.
    Replace(Declaration),
    Repeal {
        name: OwnedName,
        validity: Validity,
    },
    Except {
        name: OwnedName,
        exception: ExceptionDecl,
    },
}
