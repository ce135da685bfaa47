//! The decision graph: every value that the rules speak of, once, each after what it needs.
//!
//! A node lives in a frame, which says for how many elements it has a value: the household, the elements of an entity, or
//! the elements of a list seen from each row of another frame.
//!
//! INVARIANT: the inputs of a node have smaller ids than it and live in its frame or in one of that frame's outer frames;
//! but for `At` and `Rebase`, which say how a row of another frame is found, and aggregates, whose items live one frame deeper.
//! INVARIANT: no two nodes are equal but for their place in the rules.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::arena::{Arena, id};
use crate::outcome::{Possible, Trials};
use crate::program::{
    ActId, Aggregate, Constant, EntityId, HitPolicy, Label, ParameterId, Period, ProgrammeId, Provision, TableId, Type,
};
use crate::source::Span;
use crate::syntax::{Lang, StateTest};
use crate::value::{Calendar, Date, FaultKind, Function, Value};

mod compact;
mod from_program;
mod index;
mod laws;
mod origins;
mod print;

pub(crate) use from_program::{Request, from_program, text_of_keys, traced};
pub(crate) use index::{Interval, TableIndex, interval, is_apart, rows_apart};
#[cfg(test)]
pub(crate) use laws::check;
pub(crate) use origins::{Laid, LaidBody, LaidItems, LaidRow, LaidRows, Origins};

id!(/// A value of the graph.
    NodeId);
id!(/// A frame.
    FrameId);

/// For how many elements a node has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Frame {
    /// The household: one row.
    Root,
    /// Every element of an entity. Its outer frame is that of the one entity that holds it, else the root.
    Home { entity: EntityId, outer: FrameId },
    /// For every row of the outer frame, the elements of a list of the element that `holder` gives there.
    Item { outer: FrameId, holder: NodeId, entity: EntityId, field: usize, item: EntityId },
    /// For every row of the outer frame, so many rows: the places of a list whose values are named one by one.
    Listed { outer: FrameId, count: u32 },
}

impl Frame {
    pub(crate) fn outer(self) -> Option<FrameId> {
        match self {
            Frame::Root => None,
            Frame::Home { outer, .. } | Frame::Item { outer, .. } | Frame::Listed { outer, .. } => Some(outer),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub op: Op,
    pub frame: FrameId,
    pub span: Option<Span>,
}

/// The items of a list: where they live, whether each counts, and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Items {
    pub frame: FrameId,
    pub presence: NodeId,
    pub value: NodeId,
    /// A key to order them by, and whether the greatest comes first; else they stand as the facts list them.
    pub order: Option<(NodeId, bool)>,
    /// Of them only so many: the first by the order, or the greatest values where there is none.
    pub top: Option<NodeId>,
}

/// An exception: when it holds, and the value that stands then.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Exception {
    pub condition: NodeId,
    pub value: NodeId,
    pub provision: Arc<Provision>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Op {
    Constant(Value),
    Fault(FaultKind),
    /// The date of the decision, and of the knowledge of the law: in a graph without a date alone.
    AsOf,
    KnownOn,
    /// The frame's own element.
    Row,
    /// A fact of the elements of a home frame, or of the household.
    Fact {
        entity: EntityId,
        field: usize,
    },
    /// The value that a node has for the element that `index` gives: a row of the home frame `home`, in or above which
    /// `node` lives.
    At {
        node: NodeId,
        index: NodeId,
        home: FrameId,
    },
    /// Of values named one by one, that of the row's place in its list.
    Choose(Vec<NodeId>),
    /// A node of one frame of a list, seen from a frame of the same list with a deeper outer frame.
    Rebase(NodeId),
    Apply(Function, Vec<NodeId>),
    Not(NodeId),
    And(Vec<NodeId>),
    Or(Vec<NodeId>),
    If {
        arms: Vec<(NodeId, NodeId)>,
        otherwise: NodeId,
    },
    /// What the exceptions of one rank to a rule make of it. None holds: `otherwise`. Some hold, with equal values: that
    /// value; with different ones: a `Conflict` fault. A condition that is a fault, or the value of one that holds, is that
    /// fault. They stand in the order of their names. Where it is not known what holds: all that the
    /// cases allow.
    Exceptions {
        exceptions: Vec<Exception>,
        otherwise: NodeId,
    },
    State(StateTest, NodeId),
    IsFault(NodeId),
    Assume(NodeId, NodeId),
    OrElse(NodeId, NodeId),
    Parameter {
        parameter: ParameterId,
        keys: Vec<NodeId>,
    },
    /// One of several versions, by the date: in a graph without a date alone.
    Dated {
        name: Arc<str>,
        versions: Vec<(Period, NodeId)>,
    },
    /// One output of a table.
    Table {
        table: usize,
        output: usize,
    },
    Aggregate {
        function: Aggregate,
        items: Items,
        empty: Option<NodeId>,
    },
    /// An aggregate of values named one by one, each with whether it counts.
    Combine {
        function: Aggregate,
        items: Vec<(NodeId, NodeId)>,
        empty: Option<NodeId>,
    },
    /// Whether a list holds a value.
    Contains {
        items: Items,
        item: NodeId,
    },
    /// Whether an item is among the first so many; lives in the items' frame.
    InTop(Items),
}

impl Op {
    /// The frame of the list that it goes through.
    pub(crate) fn goes_through(&self) -> Option<FrameId> {
        match self {
            Op::Aggregate { items, .. } | Op::Contains { items, .. } | Op::InTop(items) => Some(items.frame),
            Op::Constant(_)
            | Op::Fault(_)
            | Op::AsOf
            | Op::KnownOn
            | Op::Row
            | Op::Fact { .. }
            | Op::At { .. }
            | Op::Choose(_)
            | Op::Rebase(_)
            | Op::Apply(..)
            | Op::Not(_)
            | Op::And(_)
            | Op::Or(_)
            | Op::If { .. }
            | Op::Exceptions { .. }
            | Op::State(..)
            | Op::IsFault(_)
            | Op::Assume(..)
            | Op::OrElse(..)
            | Op::Parameter { .. }
            | Op::Dated { .. }
            | Op::Table { .. }
            | Op::Combine { .. } => None,
        }
    }
}

/// The rows of a table with the nodes of their cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GraphTable {
    pub id: TableId,
    pub name: Arc<str>,
    pub policy: HitPolicy,
    pub inputs: Vec<NodeId>,
    pub rows: Vec<GraphRow>,
    pub otherwise: Vec<NodeId>,
    pub ranking: Vec<Value>,
    pub index: Option<TableIndex>,
    /// Whether no two rows can match together, as far as that could be told.
    pub exclusive: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct GraphRow {
    pub cells: Vec<GraphCell>,
    pub outputs: Vec<NodeId>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct GraphCell {
    pub tests: Vec<GraphTest>,
    pub negated: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum GraphTest {
    Equal(NodeId),
    Range { low: Option<NodeId>, low_open: bool, high: Option<NodeId>, high_open: bool },
    Unknown,
}

/// What a named value has become.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Lowered {
    One(NodeId),
    List(Items),
    /// A list whose values are named one by one, each with whether it counts.
    Values(Vec<(NodeId, NodeId)>),
    /// The rows that a table collects, each with whether it counts and its outputs.
    Records(Vec<(NodeId, Vec<NodeId>)>),
    /// A table's outputs.
    Record(Vec<(Arc<str>, NodeId)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConditionKind {
    Requires,
    Refuses,
    /// Another programme excludes it.
    Excluded(ProgrammeId),
}

/// A condition of a programme.
#[derive(Clone, Debug)]
pub(crate) struct RootCondition {
    pub name: Arc<str>,
    pub kind: ConditionKind,
    /// Its place among those of the programme's version; none where another programme excludes it.
    pub index: Option<usize>,
    pub node: NodeId,
    pub label: Label,
    pub basis: Label,
    pub texts: Vec<(Lang, Vec<TextPart>)>,
    /// Whether it counts for the household, where acts say for which it does.
    pub applies: Option<NodeId>,
    pub changes: Vec<RootChange>,
}

/// A rule that an act has changed, and whether it has for the household, where the act is for some alone.
#[derive(Clone, Debug)]
pub(crate) struct RootChange {
    pub rule: Arc<str>,
    pub act: ActId,
    pub holds: Option<NodeId>,
}

#[derive(Clone, Debug)]
pub(crate) enum TextPart {
    Text(Arc<str>),
    Value(NodeId, Type),
}

/// A programme's part of the graph, for the elements of its frame.
#[derive(Clone, Debug)]
pub(crate) struct RootProgramme {
    pub programme: ProgrammeId,
    pub frame: FrameId,
    /// Whether a version is in force on the date; true in a graph without a date.
    pub in_force: bool,
    pub conditions: Vec<RootCondition>,
    /// All required, none refused.
    pub eligible: NodeId,
    pub outputs: Vec<(usize, NodeId)>,
    /// What acts have changed of the programme itself and of what its outputs rest on.
    pub changes: Vec<RootChange>,
}

impl RootProgramme {
    /// The places of its conditions, by name.
    pub(crate) fn by_name(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.conditions.len()).collect();
        order.sort_by_key(|at| self.conditions.get(*at).map(|condition| &condition.name));
        order
    }
}

/// A named value asked for by `show`.
#[derive(Clone, Debug)]
pub(crate) struct RootValue {
    pub name: Arc<str>,
    pub owner: EntityId,
    /// The owner's home frame, in or above which the value lives.
    pub frame: FrameId,
    pub ty: Type,
    pub value: Lowered,
}

/// The dates that a graph is specialised to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Day {
    pub as_of: Date,
    pub known_on: Date,
}

/// What is known of a parameter on the date: the value for each combination of keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct DayParameter {
    pub name: Arc<str>,
    /// By key: the names of its values, where it is an enum.
    pub names: Vec<Vec<Arc<str>>>,
    /// Sorted by keys.
    pub values: Vec<(Vec<Value>, Option<Value>)>,
    pub default: Option<Value>,
}

#[derive(Clone, Debug)]
pub(crate) struct Graph {
    pub day: Option<Day>,
    pub calendar: Calendar,
    pub frames: Arena<FrameId, Frame>,
    pub nodes: Arena<NodeId, Node>,
    /// What the first nodes are for every household. INVARIANT: these are the constants and faults, and no other node is one.
    pub fixed: Arc<[Possible]>,
    pub tables: Vec<GraphTable>,
    /// By parameter, as of the date; empty without one.
    pub parameters: Arena<ParameterId, DayParameter>,
    /// By entity and field: what an unknown fact can be.
    pub unknowns: Vec<Vec<Possible>>,
    /// The fields that are numbers, and those that are days: a range without ends does not say what it is of.
    pub numbers: BTreeSet<(EntityId, usize)>,
    pub days: BTreeSet<(EntityId, usize)>,
    pub programmes: Vec<RootProgramme>,
    pub values: Vec<RootValue>,
    /// Where nothing is assumed although a default is given, by node and row: none but where it is tried what hangs on it.
    pub unassumed: BTreeSet<(NodeId, u32)>,
    /// The expectations of a test.
    pub extra: Vec<Lowered>,
    /// What trying facts needs to know of it, once somebody tries.
    pub trials: Trials,
}

impl Graph {
    /// The value of a node that has always the same.
    pub(crate) fn constant(&self, node: NodeId) -> Option<&Value> {
        match &self.nodes[node].op {
            Op::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// Whether a frame is another or lies above it.
    pub(crate) fn is_outer(&self, outer: FrameId, of: FrameId) -> bool {
        let mut at = Some(of);
        while let Some(frame) = at {
            if frame == outer {
                return true;
            }
            at = self.frames[frame].outer();
        }
        false
    }

    /// The nodes that a node reads.
    pub(crate) fn inputs(&self, id: NodeId) -> Vec<NodeId> {
        let items = |items: &Items| {
            let mut out = vec![items.presence, items.value];
            out.extend(items.order.map(|(key, _)| key));
            out.extend(items.top);
            out
        };
        match &self.nodes[id].op {
            Op::Constant(_) | Op::Fault(_) | Op::AsOf | Op::KnownOn | Op::Row | Op::Fact { .. } => Vec::new(),
            Op::At { node, index, .. } => vec![*node, *index],
            Op::Rebase(a) | Op::Not(a) | Op::State(_, a) | Op::IsFault(a) => vec![*a],
            Op::Apply(_, list) | Op::Choose(list) | Op::And(list) | Op::Or(list) | Op::Parameter { keys: list, .. } => {
                list.clone()
            }
            Op::If { arms, otherwise } => arms.iter().flat_map(|(a, b)| [*a, *b]).chain([*otherwise]).collect(),
            Op::Exceptions { exceptions, otherwise } => {
                exceptions.iter().flat_map(|e| [e.condition, e.value]).chain([*otherwise]).collect()
            }
            Op::Assume(a, b) | Op::OrElse(a, b) => vec![*a, *b],
            Op::Dated { versions, .. } => versions.iter().map(|(_, n)| *n).collect(),
            Op::Table { table, output } => self.tables.get(*table).map_or(Vec::new(), |t| table_inputs(t, *output)),
            Op::Aggregate { items: i, empty, .. } => items(i).into_iter().chain(*empty).collect(),
            Op::Combine { items, empty, .. } => items.iter().flat_map(|(p, v)| [*p, *v]).chain(*empty).collect(),
            Op::Contains { items: i, item } => items(i).into_iter().chain([*item]).collect(),
            Op::InTop(i) => items(i),
        }
    }
}

fn table_inputs(table: &GraphTable, output: usize) -> Vec<NodeId> {
    let mut out = table.inputs.clone();
    for row in &table.rows {
        for test in row.cells.iter().flat_map(|c| &c.tests) {
            match test {
                GraphTest::Equal(n) => out.push(*n),
                GraphTest::Range { low, high, .. } => out.extend(low.iter().chain(high)),
                GraphTest::Unknown => {}
            }
        }
        out.extend(row.outputs.get(output));
        // Rows are ranked by their first output, whichever is asked for.
        out.extend(row.outputs.first().filter(|_| table.policy == HitPolicy::Priority && output > 0));
    }
    out.extend(table.otherwise.get(output));
    out
}

/// The one value of a constant, if it is one.
pub(crate) fn one(constant: &Constant) -> Option<Value> {
    match constant {
        Constant::One(value) => Some(value.clone()),
        Constant::List(_) => None,
    }
}
