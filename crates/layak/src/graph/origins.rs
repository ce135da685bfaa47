//! Where the values of the rules are in a graph: asked for by explanations alone, and laid out once more for them, for a
//! graph is the same each time it is made.

use std::collections::BTreeMap;

use crate::graph::{FrameId, NodeId};
use crate::program::{DefinitionId, ExprRef, ProgrammeId};
use crate::value::Value;

/// What an expression has become.
#[derive(Clone, Debug)]
pub(crate) enum Laid {
    /// A value that is the same for every household.
    Value(Value),
    Node(NodeId),
    List(LaidItems),
    /// Values named one by one: whether each counts.
    Values(Vec<NodeId>),
    /// It is part of something else, and has no value of its own.
    Gone,
}

/// The items of a list: where they live, and whether each counts, if that is not always so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LaidItems {
    pub frame: FrameId,
    pub presence: Option<NodeId>,
}

/// A body of the rules. INVARIANT: `done` is by its expressions.
#[derive(Clone, Debug)]
pub(crate) struct LaidBody {
    pub done: Vec<Laid>,
    /// By the expression that goes through a list: the items as its body sees them.
    pub bound: BTreeMap<ExprRef, LaidItems>,
    /// By expression that is a definition's value: that definition's body.
    pub calls: BTreeMap<ExprRef, usize>,
    /// The frame of its owner, if anything lives there.
    pub home: Option<FrameId>,
    pub result: Laid,
    /// The node of a table's first output.
    pub table: Option<NodeId>,
    /// Of a table that collects a list: its rows.
    pub collected: Option<LaidRows>,
}

/// The rows of a table that collects a list, as they are written.
#[derive(Clone, Debug)]
pub(crate) struct LaidRows {
    pub rows: Vec<LaidRow>,
    /// Whether none of them matches, where `else` says what is then.
    pub otherwise: Option<Laid>,
}

/// Whether a row matches, and whether each of its cells does.
#[derive(Clone, Debug)]
pub(crate) struct LaidRow {
    pub matches: Laid,
    pub cells: Vec<Laid>,
}

/// The bodies that a graph was made from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins {
    pub bodies: Vec<LaidBody>,
    /// By number of the body.
    pub definitions: BTreeMap<usize, DefinitionId>,
    pub conditions: BTreeMap<(ProgrammeId, usize), usize>,
    pub outputs: BTreeMap<(ProgrammeId, usize), usize>,
}
