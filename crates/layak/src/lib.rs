//! x
#![forbid(unsafe_code)]
mod arena;
mod diagnostic;
mod facts;
mod graph;
mod limits;
mod outcome;
mod program;
mod source;
mod syntax;
mod value;
pub use diagnostic::*;
pub use limits::Limits;
pub use source::*;
pub use syntax::Lang;
pub use value::*;
