//! The evaluator: every node of a plan in order, for every row of its frame, with all that each can still be.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::arena::Id;
use crate::facts::{Case, Fact};
use crate::graph::{Frame, FrameId, Graph, NodeId, Op};
use crate::limits::Limits;
use crate::outcome::frames::Frames;
use crate::outcome::relevant::Slot;
use crate::outcome::{Possible, Set, aggregate, exceptions, is_settled, table, top};
use crate::program::EntityId;
use crate::source::Span;
use crate::syntax::StateTest;
use crate::value::{Date, Fault, FaultKind, Value};

/// What every node of a plan came to.
#[derive(Clone, Debug)]
pub(crate) struct Recording {
    pub frames: Frames,
    /// What the first nodes are for every household.
    fixed: Arc<[Possible]>,
    /// By node after those: where its values begin in `values`.
    starts: Vec<u32>,
    values: Vec<Possible>,
    /// By node after those: how it came to its values; empty where all were evaluated.
    ways: Vec<Way>,
    /// Facts that are not known and taken to lie within a part of what they can be.
    pub(super) narrowed: BTreeMap<Slot, Possible>,
}

/// How a node comes to its values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Way {
    /// It has none, for nobody reads it.
    #[default]
    Left,
    /// They were worked out before, and stay whatever is still to come.
    Known,
    Evaluated,
}

/// What a recording is made in, and made in again.
#[derive(Default)]
struct Room {
    starts: Vec<u32>,
    values: Vec<Possible>,
    ways: Vec<Way>,
}

/// Evaluates a plan for one household. The cost is the number of nodes times the rows of their frames.
pub(crate) fn evaluate(graph: &Graph, case: &Case, limits: &Limits) -> Recording {
    evaluate_after(graph, case, limits, None)
}

/// So many values are kept room for.
const MOST_ROOM: usize = 1 << 14;

thread_local! {
    static ROOM: Cell<Room> = Cell::default();
}

/// Evaluates a plan for one household and has something read off that; one household after another is evaluated in the same memory.
pub(crate) fn evaluated<R>(graph: &Graph, case: &Case, limits: &Limits, read: impl FnOnce(&mut Recording) -> R) -> R {
    in_room(read, |room| evaluate_in(graph, case, limits, None, room))
}

/// The same, of no more than what the values of some nodes are reckoned from, and of that no more than what is not known.
pub(crate) fn evaluated_for<R>(
    graph: &Graph,
    case: &Case,
    limits: &Limits,
    (nodes, known): (impl Iterator<Item = NodeId>, Known<'_>),
    read: impl FnOnce(&mut Recording) -> R,
) -> R {
    in_room(read, |mut room| {
        ways(graph, case, nodes, known, &mut room.ways);
        evaluate_in(graph, case, limits, Some(known), room)
    })
}

fn in_room<R>(read: impl FnOnce(&mut Recording) -> R, evaluate: impl FnOnce(Room) -> Recording) -> R {
    let mut recording = evaluate(ROOM.take());
    let out = read(&mut recording);
    let Recording { mut starts, mut values, mut ways, .. } = recording;
    starts.clear();
    values.clear();
    ways.clear();
    // What one household of very many elements took is given back.
    if values.capacity() <= MOST_ROOM {
        ROOM.set(Room { starts, values, ways });
    }
    out
}

/// Finds how each node comes to its values, if those of some are wanted.
fn ways(graph: &Graph, case: &Case, nodes: impl Iterator<Item = NodeId>, known: Known<'_>, out: &mut Vec<Way>) {
    let fixed = graph.fixed.len();
    out.resize(graph.nodes.len().saturating_sub(fixed), Way::Left);
    let mut open: Vec<NodeId> = nodes.collect();
    while let Some(id) = open.pop() {
        let Some(way @ Way::Left) = id.index().checked_sub(fixed).and_then(|index| out.get_mut(index)) else {
            continue;
        };
        let rows = match graph.frames[graph.nodes[id].frame] {
            Frame::Root => Some(1),
            Frame::Home { entity, .. } => case.table(entity).map(|table| table.rows.len()),
            Frame::Item { .. } | Frame::Listed { .. } => None,
        };
        if rows.is_some_and(|rows| (0..rows).all(|row| known(id, row).is_some())) {
            *way = Way::Known;
            continue;
        }
        *way = Way::Evaluated;
        open.extend(graph.inputs(id));
        // Who holds the lists that it goes through, and those around them.
        for frame in [Some(graph.nodes[id].frame), graph.nodes[id].op.goes_through()].into_iter().flatten() {
            let mut next = Some(frame);
            while let Some(frame) = next {
                if let Frame::Item { holder, .. } = graph.frames[frame] {
                    open.push(holder);
                }
                next = graph.frames[frame].outer();
            }
        }
    }
}

/// The value that an element of a node's frame is known to have.
pub(crate) type Known<'a> = &'a dyn Fn(NodeId, usize) -> Option<Value>;

/// The same, where values have been worked out before: these are taken as they are, and what is between them is worked out
/// from them.
pub(crate) fn evaluate_after(graph: &Graph, case: &Case, limits: &Limits, known: Option<Known<'_>>) -> Recording {
    let nodes = graph.nodes.len().saturating_sub(graph.fixed.len());
    let (starts, values) = (Vec::with_capacity(nodes), Vec::with_capacity(nodes * 2));
    evaluate_in(graph, case, limits, known, Room { starts, values, ways: Vec::new() })
}

/// The same with room that is empty.
fn evaluate_in(
    graph: &Graph,
    case: &Case,
    limits: &Limits,
    known: Option<Known<'_>>,
    Room { starts, values, ways }: Room,
) -> Recording {
    let (frames, fixed, narrowed) = (Frames::new(graph, case), Arc::clone(&graph.fixed), BTreeMap::new());
    let mut recording = Recording { frames, fixed, starts, values, ways, narrowed };
    let mut column = Vec::new();
    for (id, node) in graph.nodes.iter().skip(graph.fixed.len()) {
        if recording.way(id) == Way::Left {
            recording.starts.push(u32::MAX);
            continue;
        }
        // A list may be read though no node lives in its frame: `[a, b] v each 3`.
        for frame in [Some(node.frame), node.op.goes_through()].into_iter().flatten() {
            if !recording.frames.is_filled(frame) {
                recording.fill(graph, case, frame, limits);
            }
        }
        recording.starts.push(u32::try_from(recording.values.len()).unwrap_or(u32::MAX));
        let is_home = matches!(graph.frames[node.frame], Frame::Root | Frame::Home { .. });
        if let Some(known) = known.filter(|_| is_home && (recording.ways.is_empty() || recording.way(id) == Way::Known))
        {
            let rows = 0..recording.frames.len(node.frame);
            column.extend(rows.map_while(|row| known(id, row)).map(Possible::known));
        }
        if column.len() != recording.frames.len(node.frame) {
            column.clear();
            recording.column(graph, case, id, &mut column);
        }
        recording.values.append(&mut column);
    }
    // Lists that are shown and nothing else.
    for frame in graph.frames.ids() {
        if recording.ways.is_empty() && !recording.frames.is_filled(frame) {
            recording.fill(graph, case, frame, limits);
        }
    }
    recording
}

/// A value that nothing is known of; met only where an invariant is broken.
static ANY: Possible = Possible { set: Set::Any, none: true, fault: None };

/// What stands for the items of a list that would have been too many.
static TOO_MANY: Possible =
    Possible { set: Set::Nothing, none: false, fault: Some(Fault { kind: FaultKind::TooManyPairs, at: None }) };

impl Recording {
    /// How a node came to its values.
    pub(super) fn way(&self, id: NodeId) -> Way {
        let way = id.index().checked_sub(self.fixed.len()).and_then(|index| self.ways.get(index));
        way.copied().unwrap_or(Way::Evaluated)
    }

    /// The value of a node for a row of its own frame.
    pub(crate) fn own(&self, id: NodeId, row: u32) -> &Possible {
        let index = id.index();
        if let Some(fixed) = self.fixed.get(index) {
            return fixed;
        }
        let start = self.starts.get(index.saturating_sub(self.fixed.len())).copied().unwrap_or(u32::MAX);
        self.values.get(start as usize + row as usize).unwrap_or(&ANY)
    }

    /// The value of a node as a row of a frame at or below its own sees it.
    pub(crate) fn get(&self, graph: &Graph, id: NodeId, frame: FrameId, row: u32) -> &Possible {
        let own = graph.nodes[id].frame;
        self.own(id, if own == frame { row } else { self.frames.up(graph, frame, row, own) })
    }

    /// Fills a frame, and before it those above it. INVARIANT: a frame is made after its outer frame and after the node
    /// that says who holds its list, so these have been evaluated when its first node, or the first that goes
    /// through it, is met.
    fn fill(&mut self, graph: &Graph, case: &Case, frame: FrameId, limits: &Limits) {
        let mut way = Vec::new();
        let mut next = Some(frame);
        while let Some(frame) = next.filter(|f| !self.frames.is_filled(*f)) {
            way.push(frame);
            next = graph.frames[frame].outer();
        }
        for frame in way.into_iter().rev() {
            match graph.frames[frame] {
                Frame::Root | Frame::Home { .. } => {}
                Frame::Item { outer, holder, entity, field, item } => {
                    let rows = u32::try_from(self.frames.len(outer)).unwrap_or(0);
                    let holders: Vec<Option<Value>> =
                        (0..rows).map(|row| self.get(graph, holder, outer, row).as_known().cloned()).collect();
                    self.frames.fill(case, frame, (entity, field, item), &holders, limits.pairs);
                }
                Frame::Listed { outer, count } => self.frames.fill_listed(frame, outer, count, limits.pairs),
            }
        }
    }

    /// Puts new values in the place of a node's old ones, and empties the list of them.
    pub(super) fn replace(&mut self, id: NodeId, column: &mut Vec<Possible>) {
        let index = id.index().checked_sub(self.fixed.len());
        let start = index.and_then(|i| self.starts.get(i)).map_or(usize::MAX, |start| *start as usize);
        for (old, new) in self.values.iter_mut().skip(start).zip(column.drain(..)) {
            *old = new;
        }
    }

    /// The values of a node for every row of its frame.
    pub(super) fn column(&self, graph: &Graph, case: &Case, id: NodeId, out: &mut Vec<Possible>) {
        let node = &graph.nodes[id];
        let rows = u32::try_from(self.frames.len(node.frame)).unwrap_or(u32::MAX);
        match &node.op {
            Op::InTop(items) => {
                let groups = self.frames.get(node.frame).groups.len();
                for group in 0..u32::try_from(groups).unwrap_or(u32::MAX) {
                    let entries = self.entries(graph, items, group);
                    let outer = graph.frames[items.frame].outer().unwrap_or(node.frame);
                    match items.top {
                        Some(top) => {
                            let top = self.get(graph, top, outer, group);
                            out.extend(top::places(&entries, items.order.is_some(), top));
                        }
                        None => out.extend(entries.iter().map(|e| e.presence.clone())),
                    }
                }
            }
            Op::At { node: of, index, home } => {
                let mut anyone = None;
                for row in 0..rows {
                    let index = self.get(graph, *index, node.frame, row);
                    let value = match index.as_known() {
                        Some(Value::Element(element)) => self.get(graph, *of, *home, *element).clone(),
                        _ => {
                            let anyone = anyone.get_or_insert_with(|| self.of_anyone(graph, *of, *home));
                            of_open_index(index, anyone, node.span)
                        }
                    };
                    out.push(value);
                }
            }
            _ => out.extend((0..rows).map(|row| self.node(graph, case, id, row))),
        }
    }

    fn node(&self, graph: &Graph, case: &Case, id: NodeId, row: u32) -> Possible {
        let node = &graph.nodes[id];
        let frame = node.frame;
        let get = |n: NodeId| self.get(graph, n, frame, row);
        let at = node.span;
        match &node.op {
            Op::Constant(value) => Possible::known(value.clone()),
            Op::Fault(kind) => Possible::fault(Fault { kind: kind.clone(), at }),
            // INVARIANT: `specialise`d graphs have none of these.
            Op::AsOf | Op::KnownOn | Op::Dated { .. } => Possible::any(),
            Op::Row => match self.frames.get(frame).rows.get(row as usize).and_then(|r| r.element) {
                Some(element) => Possible::known(Value::Element(element)),
                None => Possible::any(),
            },
            Op::Fact { entity, field } => {
                let element = self.frames.get(frame).rows.get(row as usize).and_then(|r| r.element).unwrap_or(0);
                match case.fact(*entity, *field, element) {
                    Some(Fact::Known(value)) => Possible::known(value.clone()),
                    _ => {
                        let narrowed = self.narrowed.get(&(*entity, *field, element));
                        narrowed.cloned().unwrap_or_else(|| unknown(graph, *entity, *field))
                    }
                }
            }
            // `column` answers these, for a whole frame at once.
            Op::At { .. } | Op::InTop(_) => Possible::any(),
            Op::Choose(list) => {
                let rows = self.frames.get(frame);
                let place = rows.rows.get(row as usize).map_or(0, |r| row.saturating_sub(rows.group(r.outer).start));
                list.get(place as usize).map_or_else(Possible::any, |n| get(*n).clone())
            }
            Op::Rebase(of) => {
                let own = graph.nodes[*of].frame;
                self.own(*of, self.frames.across(graph, frame, row, own)).clone()
            }
            Op::Apply(function, list) => match list.as_slice() {
                [a] => Possible::apply(*function, &[get(*a)], graph.calendar, at),
                [a, b] => Possible::apply(*function, &[get(*a), get(*b)], graph.calendar, at),
                list => {
                    let operands: Vec<&Possible> = list.iter().map(|n| get(*n)).collect();
                    Possible::apply(*function, &operands, graph.calendar, at)
                }
            },
            Op::Not(of) => Possible::not(get(*of)),
            Op::And(list) => Possible::every(list.iter().map(|n| get(*n))),
            Op::Or(list) => Possible::some(list.iter().map(|n| get(*n))),
            Op::If { arms, otherwise } => {
                let mut out: Option<Possible> = None;
                for (condition, value) in arms {
                    let condition = get(*condition);
                    if condition.can_be_true() {
                        out = Some(union(out, get(*value)));
                    }
                    if let Some(fault) = &condition.fault {
                        out = Some(union(out, &Possible::fault(fault.clone())));
                    }
                    if !condition.can_be_false() {
                        return out.unwrap_or_else(Possible::any);
                    }
                }
                union(out, get(*otherwise))
            }
            Op::Exceptions { exceptions: list, otherwise } => {
                exceptions::exceptions(list, get(*otherwise), graph.calendar, at, get)
            }
            Op::State(test, of) => state(*test, get(*of)),
            Op::IsFault(of) => {
                let of = get(*of);
                match (&of.fault, of.certain_fault()) {
                    (_, Some(_)) => Possible::boolean(true),
                    (None, _) => Possible::boolean(false),
                    (Some(_), None) => Possible::booleans(),
                }
            }
            Op::Assume(a, b) => {
                let a = get(*a);
                let stays = is_settled(a) || graph.unassumed.contains(&(id, row));
                if stays { a.clone() } else { get(*b).clone() }
            }
            Op::OrElse(a, b) => {
                let a = get(*a);
                if !a.none {
                    return a.clone();
                }
                let rest = Possible { none: false, ..a.clone() };
                if rest.set == Set::Nothing && rest.fault.is_none() { get(*b).clone() } else { rest.union(get(*b)) }
            }
            Op::Parameter { parameter, keys } => {
                let keys: Vec<&Possible> = keys.iter().map(|n| get(*n)).collect();
                table::parameter(graph, *parameter, &keys, at)
            }
            Op::Table { table, output } => table::table(graph, *table, *output, at, get),
            Op::Aggregate { function, items, empty } => {
                let entries = self.entries(graph, items, row);
                let top = items.top.map(|n| get(n).clone());
                aggregate::aggregate(
                    *function,
                    &entries,
                    items.order.is_some(),
                    top.as_ref(),
                    empty.map(get),
                    graph.calendar,
                    at,
                )
            }
            Op::Combine { function, items, empty } => {
                let entries: Vec<aggregate::Entry<'_>> = items
                    .iter()
                    .map(|(presence, value)| aggregate::Entry {
                        least: 1,
                        most: Some(1),
                        presence: get(*presence),
                        value: get(*value),
                        key: None,
                    })
                    .collect();
                aggregate::aggregate(*function, &entries, false, None, empty.map(get), graph.calendar, at)
            }
            Op::Contains { items, item } => {
                let entries = self.entries(graph, items, row);
                aggregate::contains(&entries, get(*item), graph.calendar)
            }
        }
    }

    /// The items of a list for a row of its outer frame.
    pub(crate) fn entries<'s>(
        &'s self,
        graph: &Graph,
        items: &crate::graph::Items,
        outer: u32,
    ) -> Vec<aggregate::Entry<'s>> {
        let rows = self.frames.get(items.frame);
        if rows.overfull {
            let value = &TOO_MANY;
            return vec![aggregate::Entry { least: 1, most: Some(1), presence: value, value, key: None }];
        }
        let group = rows.group(outer);
        let mut entries = Vec::with_capacity(group.len());
        for row in group {
            let Some(frame_row) = rows.rows.get(row as usize) else { continue };
            entries.push(aggregate::Entry {
                least: frame_row.least,
                most: frame_row.most,
                presence: self.get(graph, items.presence, items.frame, row),
                value: self.get(graph, items.value, items.frame, row),
                key: items.order.map(|(key, down)| (self.get(graph, key, items.frame, row), down)),
            });
        }
        entries
    }

    /// What a node can be for any element at all: there is one that it is asked for, though not known which.
    fn of_anyone(&self, graph: &Graph, of: NodeId, home: FrameId) -> Possible {
        if matches!(graph.frames[graph.nodes[of].frame], Frame::Root) {
            return self.own(of, 0).clone();
        }
        let rows = u32::try_from(self.frames.len(home)).unwrap_or(0);
        (0..rows).fold(None, |out, row| Some(union(out, self.get(graph, of, home, row)))).unwrap_or_else(Possible::any)
    }
}

/// The value for an element that is not known, or is none or a fault.
fn of_open_index(index: &Possible, anyone: &Possible, at: Option<Span>) -> Possible {
    if let Some(fault) = index.certain_fault() {
        return Possible::fault(fault.clone());
    }
    let mut out = (index.set != Set::Nothing).then(|| anyone.clone());
    if index.none {
        out = Some(union(out, &Possible::fault(Fault { kind: FaultKind::NoneUsed, at })));
    }
    if let Some(fault) = &index.fault {
        out = Some(union(out, &Possible::fault(fault.clone())));
    }
    out.unwrap_or_else(|| anyone.clone())
}

fn union(out: Option<Possible>, more: &Possible) -> Possible {
    match out {
        None => more.clone(),
        Some(out) => out.union(more),
    }
}

/// What an unknown fact can be.
pub(crate) fn unknown(graph: &Graph, entity: EntityId, field: usize) -> Possible {
    graph.unknowns.get(entity.index()).and_then(|fields| fields.get(field)).cloned().unwrap_or_else(Possible::any)
}

/// What an unknown fact can be, as a domain of which values are tried: every range tells what it is of, and days have the ends of
/// the calendar. Nothing where values cannot be made up.
pub(crate) fn domain(graph: &Graph, entity: EntityId, field: usize) -> Option<Possible> {
    let mut possible = unknown(graph, entity, field);
    if let Set::Range { low, high, .. } = &mut possible.set {
        if graph.days.contains(&(entity, field)) {
            low.get_or_insert(Value::Date(Date::MIN));
            high.get_or_insert(Value::Date(Date::MAX));
        } else if !graph.numbers.contains(&(entity, field)) {
            return None;
        }
    }
    Some(possible)
}

/// Whether a value is known, unknown or none. A fault stays one.
pub(super) fn state(test: StateTest, of: &Possible) -> Possible {
    if let Some(fault) = of.certain_fault() {
        return Possible::fault(fault.clone());
    }
    match test {
        StateTest::Known => Possible::boolean(of.as_known().is_some()),
        StateTest::Unknown => Possible::boolean(of.as_known().is_none()),
        StateTest::None => {
            let answer = match (of.none, of.set == Set::Nothing) {
                (true, true) => Possible::boolean(true),
                (true, false) => Possible::booleans(),
                (false, _) => Possible::boolean(false),
            };
            match &of.fault {
                Some(fault) => answer.union(&Possible::fault(fault.clone())),
                None => answer,
            }
        }
    }
}
