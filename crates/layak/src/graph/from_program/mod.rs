//! Program to graph: definitions are laid out once and shared, lists become frames, and, where a date is given, the
//! versions of that day alone are taken.
//!
//! A definition that another needs first is laid out on a stack of tasks, so that a chain of any length costs no call depth.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::arena::{Arena, Id};
use crate::graph::*;
use crate::limits::Limits;
use crate::outcome::{Possible, Trials};
use crate::program::*;
use crate::source::Span;
use crate::syntax::{Collect, OutcomeWord, StateTest};
use crate::value::{Calendar, Decimal, FaultKind, Function, LeapDay, MonthEnd, Value};

mod construct;
mod expressions;
mod jobs;
mod lists;
mod origins;
mod parameters;
mod roots;
mod tables;

pub(crate) use parameters::text_of_keys;

/// What to lay out.
#[derive(Clone, Copy, Default)]
pub(crate) struct Request<'a> {
    pub day: Option<Day>,
    /// With the versions of the day, but for every household whatever day it is and whatever is known of it: the values hold
    /// what any of these come to.
    pub open: bool,
    /// The programmes; all where it is None.
    pub programmes: Option<&'a [ProgrammeId]>,
    /// Definitions whose values are asked for.
    pub show: &'a [(Arc<str>, DefinitionId)],
    /// Expressions over the household, as tests have them.
    pub extra: &'a [(&'a ExprBody, EntityId)],
}

/// Something that is laid out once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Definition(DefinitionId, NodeId, Vec<NodeId>),
    Output(ProgrammeId, usize),
    /// Whether all required and none refused.
    Eligible(ProgrammeId),
    /// The n-th expression outside of definitions.
    Extra(usize),
    /// The n-th value in the texts of a programme's conditions.
    Text(ProgrammeId, usize),
    Condition(ProgrammeId, usize),
}

/// What is needed first, in this order.
struct Need(Vec<Key>);

type Step<T> = Result<T, Need>;

/// One body on its way.
struct Task<'p> {
    body: &'p ExprBody,
    next: usize,
    done: Vec<Option<Lowered>>,
    owner: NodeId,
    arguments: Vec<NodeId>,
    /// The variables that go through lists: frame and value.
    vars: BTreeMap<Var, NodeId>,
    /// By the expression that goes through a list: the items as its body sees them.
    bound: BTreeMap<ExprRef, Items>,
    /// By list: what goes through it.
    through: BTreeMap<ExprRef, Vec<(ExprRef, Var)>>,
    /// By expression: the variables it reads from outside.
    free: Vec<Vec<Var>>,
    /// By expression: the definition that it is the value of, for those who ask why.
    calls: BTreeMap<ExprRef, Key>,
}

/// A key on its way: its bodies one after another.
struct Job<'p> {
    key: Key,
    tasks: Vec<(Task<'p>, Option<Period>, Option<TableId>)>,
    results: Vec<(Option<Period>, Lowered)>,
    name: Arc<str>,
    span: Option<Span>,
}

pub(crate) struct Lowering<'p> {
    program: &'p Program,
    request: Request<'p>,
    graph: Graph,
    memo: BTreeMap<Key, Lowered>,
    nodes: BTreeMap<(FrameId, Op), NodeId>,
    frames: BTreeMap<Frame, FrameId>,
    limit: usize,
    /// Expressions laid out so far, and how many may be: functions that call functions can ask for more than any
    /// machine can lay out.
    spent: usize,
    /// By programme: those that exclude it.
    excluders: BTreeMap<ProgrammeId, Vec<ProgrammeId>>,
    /// By programme: the versions that count, with their conditions and the bodies of their texts.
    texts: BTreeMap<ProgrammeId, Vec<&'p ExprBody>>,
    conditions: BTreeMap<ProgrammeId, Vec<&'p Condition>>,
    /// What each body has become, where that is asked for.
    laid: Option<Vec<(Key, Body)>>,
    /// The table that has just been laid out, where it collects a list.
    collected: Option<Collected>,
}

/// A body that has been laid out.
struct Body {
    done: Vec<Option<Lowered>>,
    bound: BTreeMap<ExprRef, Items>,
    calls: BTreeMap<ExprRef, Key>,
    owner: NodeId,
    result: Lowered,
    collected: Option<Collected>,
}

/// The rows of a table that collects a list: whether each matches, and its cells; and whether none does.
#[derive(Clone, Default)]
struct Collected {
    rows: Vec<(NodeId, Vec<NodeId>)>,
    none: Option<NodeId>,
}

/// Lays out a graph. It costs time linear in the rules; with a date, the values of other days are not in it.
pub(crate) fn from_program(program: &Program, request: &Request<'_>, limits: &Limits) -> Graph {
    laid_out(program, request, limits, false).0
}

/// The same graph, and what each expression of the rules has become in it.
pub(crate) fn traced(program: &Program, request: &Request<'_>, limits: &Limits) -> (Graph, Origins) {
    laid_out(program, request, limits, true)
}

fn laid_out(program: &Program, request: &Request<'_>, limits: &Limits, traced: bool) -> (Graph, Origins) {
    let calendar = program.calendar.unwrap_or(Calendar { leap_day: LeapDay::March1, month_end: MonthEnd::Clip });
    let graph = Graph {
        day: request.day.filter(|_| !request.open),
        calendar,
        frames: Arena::default(),
        nodes: Arena::default(),
        fixed: Arc::new([]),
        tables: Vec::new(),
        parameters: Arena::default(),
        unknowns: unknowns(program),
        numbers: fields_of(program, |ty| matches!(ty, Type::Number(_))),
        days: fields_of(program, |ty| matches!(ty, Type::Date)),
        programmes: Vec::new(),
        values: Vec::new(),
        unassumed: BTreeSet::new(),
        extra: Vec::new(),
        trials: Trials::default(),
    };
    let mut lowering = Lowering {
        program,
        request: *request,
        graph,
        memo: BTreeMap::new(),
        nodes: BTreeMap::new(),
        frames: BTreeMap::new(),
        limit: limits.graph_nodes,
        spent: 0,
        excluders: BTreeMap::new(),
        texts: BTreeMap::new(),
        conditions: BTreeMap::new(),
        laid: traced.then(Vec::new),
        collected: None,
    };
    lowering.frame(Frame::Root);
    lowering.parameters();
    lowering.exclusions();
    lowering.programmes();
    lowering.values();
    let mut origins = origins::origins(&lowering.graph, lowering.laid.take().unwrap_or_default());
    let graph = compact::compact(lowering.graph, &mut origins);
    debug_assert_eq!(laws::check(&graph), Ok(()));
    (graph, origins)
}

fn unknowns(program: &Program) -> Vec<Vec<Possible>> {
    let size = |id: EnumId| program.enums[id].members.len();
    let field = |f: &Field| match &f.shape {
        FieldShape::Scalar { ty, range, .. } => Possible::unknown_of(ty, range, size),
        FieldShape::List { .. } | FieldShape::Record { .. } => Possible::any(),
    };
    program.entities.values().map(|e| e.fields.iter().map(field).collect()).collect()
}

fn fields_of(program: &Program, is_it: impl Fn(&Type) -> bool) -> BTreeSet<(EntityId, usize)> {
    let is_it = |field: &Field| match &field.shape {
        FieldShape::Scalar { ty, .. } => is_it(ty.required()),
        FieldShape::List { .. } | FieldShape::Record { .. } => false,
    };
    let of = |(id, entity): (EntityId, &'_ Entity)| -> Vec<(EntityId, usize)> {
        entity.fields.iter().enumerate().filter(|(_, field)| is_it(field)).map(|(number, _)| (id, number)).collect()
    };
    program.entities.iter().flat_map(of).collect()
}

const ROOT: u32 = 0;

impl<'p> Lowering<'p> {
    fn root_frame() -> FrameId {
        FrameId::new(ROOT)
    }

    fn frame(&mut self, frame: Frame) -> FrameId {
        if let Some(id) = self.frames.get(&frame) {
            return *id;
        }
        let id = self.graph.frames.push(frame);
        self.frames.insert(frame, id);
        id
    }

    /// The frame of all elements of an entity.
    fn home(&mut self, entity: EntityId) -> FrameId {
        // INVARIANT: entities do not hold themselves, so the way up ends.
        let mut way = vec![entity];
        while let Some(last) = way.last() {
            match self.program.entities[*last].parent() {
                Some(parent) if parent != self.program.root => way.push(parent),
                _ => break,
            }
        }
        let mut outer = Self::root_frame();
        while let Some(entity) = way.pop() {
            outer = if entity == self.program.root {
                Self::root_frame()
            } else {
                self.frame(Frame::Home { entity, outer })
            };
        }
        outer
    }

    fn node(&mut self, op: Op, frame: FrameId, span: Option<Span>) -> NodeId {
        let key = (frame, op);
        if let Some(id) = self.nodes.get(&key) {
            // Written in several places, it is told of the first, whichever was laid out first.
            let known = &mut self.graph.nodes[*id].span;
            *known = [*known, span].into_iter().flatten().min();
            return *id;
        }
        if self.graph.nodes.len() >= self.limit {
            return self.too_large();
        }
        let id = self.graph.nodes.push(Node { op: key.1.clone(), frame, span });
        self.nodes.insert(key, id);
        id
    }

    fn is_full(&self) -> bool {
        self.graph.nodes.len() >= self.limit || self.spent >= self.limit.saturating_mul(4)
    }

    /// What stands for everything that the limit leaves no room for.
    fn too_large(&mut self) -> NodeId {
        let key = (Self::root_frame(), Op::Fault(FaultKind::TooLarge));
        if let Some(id) = self.nodes.get(&key) {
            return *id;
        }
        let id = self.graph.nodes.push(Node { op: key.1.clone(), frame: key.0, span: None });
        self.nodes.insert(key, id);
        id
    }

    fn constant(&mut self, value: Value) -> NodeId {
        self.node(Op::Constant(value), Self::root_frame(), None)
    }

    fn fault(&mut self, kind: FaultKind, span: Option<Span>) -> NodeId {
        self.node(Op::Fault(kind), Self::root_frame(), span)
    }

    fn op(&self, id: NodeId) -> &Op {
        &self.graph.nodes[id].op
    }

    fn frame_of(&self, id: NodeId) -> FrameId {
        self.graph.nodes[id].frame
    }

    /// The deepest of the frames of some nodes. INVARIANT: they lie on one way up.
    fn join(&self, nodes: impl IntoIterator<Item = NodeId>) -> FrameId {
        let mut frame = Self::root_frame();
        for node in nodes {
            let mine = self.frame_of(node);
            if self.graph.is_outer(frame, mine) {
                frame = mine;
            }
        }
        frame
    }

    fn row(&mut self, frame: FrameId) -> NodeId {
        self.node(Op::Row, frame, None)
    }

    fn owner_row(&mut self, entity: EntityId) -> NodeId {
        let frame = self.home(entity);
        self.row(frame)
    }
}

/// The variable that stands for an argument where free variables are counted.
fn argument_var(n: usize) -> Var {
    Var(u32::MAX.saturating_sub(u32::try_from(n).unwrap_or(0)))
}
