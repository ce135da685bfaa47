//! The evaluator: every node of a plan in order, for every row of its frame, with all that each can still be.

use crate::facts::{Case, Fact};
use crate::graph::{Frame, FrameId, Graph, NodeId, Op};
use crate::limits::Limits;
use crate::outcome::frames::Frames;
use crate::outcome::{Possible, Set, aggregate, table};
use crate::syntax::StateTest;
use crate::value::{Fault, FaultKind, Value};

/// What every node of a plan came to.
#[derive(Clone, Debug)]
pub(crate) struct Recording {
    pub frames: Frames,
    /// By node: where its values begin in `values`.
    starts: Vec<u32>,
    values: Vec<Possible>,
}

/// Evaluates a plan for one household. The cost is the number of nodes times the rows of their frames.
pub(crate) fn evaluate(graph: &Graph, case: &Case, limits: &Limits) -> Recording {
    let mut recording = Recording {
        frames: Frames::new(graph, case),
        starts: Vec::with_capacity(graph.nodes.len()),
        values: Vec::with_capacity(graph.nodes.len() * 2),
    };
    for (id, node) in graph.nodes.iter() {
        if !recording.frames.is_filled(node.frame) {
            recording.fill(graph, case, node.frame, limits);
        }
        recording.starts.push(u32::try_from(recording.values.len()).unwrap_or(u32::MAX));
        let rows = u32::try_from(recording.frames.len(node.frame)).unwrap_or(u32::MAX);
        for row in 0..rows {
            let value = recording.node(graph, case, id, row);
            recording.values.push(value);
        }
    }
    recording
}

/// A value that nothing is known of; met only where an invariant is broken.
static ANY: Possible = Possible { set: Set::Any, none: true, fault: None };

impl Recording {
    /// The value of a node for a row of its own frame.
    pub(crate) fn own(&self, id: NodeId, row: u32) -> &Possible {
        use crate::arena::Id;
        let start = self.starts.get(id.index()).copied().unwrap_or(u32::MAX);
        self.values.get(start as usize + row as usize).unwrap_or(&ANY)
    }

    /// The value of a node as a row of a frame at or below its own sees it.
    pub(crate) fn get(&self, graph: &Graph, id: NodeId, frame: FrameId, row: u32) -> &Possible {
        let own = graph.nodes[id].frame;
        self.own(id, if own == frame { row } else { self.frames.up(graph, frame, row, own) })
    }

    fn fill(&mut self, graph: &Graph, case: &Case, frame: FrameId, limits: &Limits) {
        let Frame::Item { outer, holder, entity, field, item } = graph.frames[frame] else { return };
        if !self.frames.is_filled(outer) {
            // INVARIANT: a frame's outer frame has a smaller id and a node, its holder, so it is filled by now.
            return;
        }
        let rows = u32::try_from(self.frames.len(outer)).unwrap_or(0);
        let holders: Vec<Option<Value>> =
            (0..rows).map(|row| self.get(graph, holder, outer, row).as_known().cloned()).collect();
        self.frames.fill(case, frame, (entity, field, item), &holders, limits.pairs);
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
                    _ => unknown(graph, *entity, *field),
                }
            }
            Op::At { node: of, index, home } => self.at(graph, *of, get(*index), *home, at),
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
                if a.as_known().is_some() || a.certain_fault().is_some() { a.clone() } else { get(*b).clone() }
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
            Op::InTop(items) => {
                let group = self.frames.get(frame).rows.get(row as usize).map_or(0, |r| r.outer);
                let start = self.frames.get(frame).groups.get(group as usize).map_or(0, |(s, _)| *s);
                let entries = self.entries(graph, items, group);
                let count = items.top.map(get);
                aggregate::in_top(&entries, (row - start) as usize, items.order.is_some(), count)
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
        let (start, count) = rows.groups.get(outer as usize).copied().unwrap_or((0, 0));
        let mut entries = Vec::with_capacity(count as usize);
        for row in start..start + count {
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

    /// The value of a node for an element that is itself a value.
    fn at(
        &self,
        graph: &Graph,
        of: NodeId,
        index: &Possible,
        home: FrameId,
        at: Option<crate::source::Span>,
    ) -> Possible {
        if let Some(fault) = index.certain_fault() {
            return Possible::fault(fault.clone());
        }
        let none_used = Fault { kind: FaultKind::NoneUsed, at };
        match index.as_known() {
            Some(Value::Element(row)) => return self.get(graph, of, home, *row).clone(),
            Some(_) => return Possible::fault(none_used),
            None => {}
        }
        // Which element is not known: what the value is for any.
        let rows = u32::try_from(self.frames.len(home)).unwrap_or(0);
        let mut out: Option<Possible> = None;
        for row in 0..rows {
            out = Some(union(out, self.get(graph, of, home, row)));
        }
        let mut out = out.unwrap_or_else(Possible::any);
        if index.none {
            out = out.union(&Possible::fault(none_used));
        }
        if let Some(fault) = &index.fault {
            out = out.union(&Possible::fault(fault.clone()));
        }
        out
    }
}

fn union(out: Option<Possible>, more: &Possible) -> Possible {
    match out {
        None => more.clone(),
        Some(out) => out.union(more),
    }
}

/// What an unknown fact can be.
pub(crate) fn unknown(graph: &Graph, entity: crate::program::EntityId, field: usize) -> Possible {
    use crate::arena::Id;
    graph.unknowns.get(entity.index()).and_then(|fields| fields.get(field)).cloned().unwrap_or_else(Possible::any)
}

/// Whether a value is known, unknown or none. A fault stays one.
fn state(test: StateTest, of: &Possible) -> Possible {
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
