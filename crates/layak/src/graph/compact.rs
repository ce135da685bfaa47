//! Leaves out what nothing asks for, and puts what is always the same first, so that an evaluation skips it.

use std::sync::Arc;

use crate::arena::{Arena, Id};
use crate::graph::*;
use crate::outcome::Possible;
use crate::value::Fault;

/// What is reached from what is asked for.
struct Live {
    nodes: Vec<bool>,
    frames: Vec<bool>,
    tables: Vec<bool>,
}

impl Live {
    fn node(&mut self, id: NodeId) {
        if let Some(slot) = self.nodes.get_mut(id.index()) {
            *slot = true;
        }
    }

    /// A frame with those above it and the nodes that say who holds its list.
    fn frame(&mut self, graph: &Graph, id: FrameId) {
        let mut next = Some(id);
        while let Some(id) = next {
            match self.frames.get_mut(id.index()) {
                Some(slot) if !*slot => *slot = true,
                _ => return,
            }
            if let Frame::Item { holder, .. } = graph.frames[id] {
                self.node(holder);
            }
            next = graph.frames[id].outer();
        }
    }

    fn items(&mut self, graph: &Graph, items: &Items) {
        self.frame(graph, items.frame);
        [items.presence, items.value].into_iter().for_each(|n| self.node(n));
        items.order.into_iter().for_each(|(n, _)| self.node(n));
        items.top.into_iter().for_each(|n| self.node(n));
    }

    fn lowered(&mut self, graph: &Graph, lowered: &Lowered) {
        match lowered {
            Lowered::One(node) => self.node(*node),
            Lowered::List(items) => self.items(graph, items),
            Lowered::Values(list) => list.iter().for_each(|(a, b)| {
                self.node(*a);
                self.node(*b);
            }),
            Lowered::Records(rows) => rows.iter().for_each(|(presence, outputs)| {
                self.node(*presence);
                outputs.iter().for_each(|n| self.node(*n));
            }),
            Lowered::Record(list) => list.iter().for_each(|(_, n)| self.node(*n)),
        }
    }

    fn of(graph: &Graph) -> Live {
        let mut live = Live {
            nodes: vec![false; graph.nodes.len()],
            frames: vec![false; graph.frames.len()],
            tables: vec![false; graph.tables.len()],
        };
        live.frame(graph, FrameId::new(0));
        for programme in &graph.programmes {
            live.frame(graph, programme.frame);
            live.node(programme.eligible);
            programme.outputs.iter().for_each(|(_, n)| live.node(*n));
            programme.changes.iter().filter_map(|c| c.holds).for_each(|n| live.node(n));
            for condition in &programme.conditions {
                live.node(condition.node);
                condition.applies.iter().for_each(|n| live.node(*n));
                condition.changes.iter().filter_map(|c| c.holds).for_each(|n| live.node(n));
                for part in condition.texts.iter().flat_map(|(_, parts)| parts) {
                    if let TextPart::Value(node, _) = part {
                        live.node(*node);
                    }
                }
            }
        }
        for value in &graph.values {
            live.frame(graph, value.frame);
            live.lowered(graph, &value.value);
        }
        for value in &graph.extra {
            live.lowered(graph, value);
        }
        // INVARIANT: what a node reads, and who holds the list of its frame, has a smaller id: one way down reaches all.
        for (id, node) in graph.nodes.iter().rev() {
            if live.nodes.get(id.index()) != Some(&true) {
                continue;
            }
            live.frame(graph, node.frame);
            match &node.op {
                Op::Table { table, .. } => {
                    if let Some(slot) = live.tables.get_mut(*table)
                        && !std::mem::replace(slot, true)
                        && let Some(table) = graph.tables.get(*table)
                    {
                        table.nodes().for_each(|n| live.node(n));
                    }
                }
                Op::At { home, .. } => live.frame(graph, *home),
                op => op.goes_through().into_iter().for_each(|frame| live.frame(graph, frame)),
            }
            if !matches!(node.op, Op::Table { .. }) {
                graph.inputs(id).into_iter().for_each(|n| live.node(n));
            }
        }
        live
    }
}

impl GraphTable {
    /// Every node that it names.
    fn nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        let cells = self.rows.iter().flat_map(|r| &r.cells).flat_map(|c| &c.tests).flat_map(|test| match test {
            GraphTest::Equal(node) => [Some(*node), None],
            GraphTest::Range { low, high, .. } => [*low, *high],
            GraphTest::Unknown => [None, None],
        });
        let outputs = self.rows.iter().flat_map(|r| &r.outputs).copied();
        self.inputs.iter().copied().chain(cells.flatten()).chain(outputs).chain(self.otherwise.iter().copied())
    }
}

/// Where everything has gone.
struct Moves {
    nodes: Vec<NodeId>,
    frames: Vec<FrameId>,
    tables: Vec<usize>,
}

impl Moves {
    fn node(&self, id: &mut NodeId) {
        *id = self.nodes.get(id.index()).copied().unwrap_or(*id);
    }

    fn frame(&self, id: &mut FrameId) {
        *id = self.frames.get(id.index()).copied().unwrap_or(*id);
    }

    fn items(&self, items: &mut Items) {
        self.frame(&mut items.frame);
        self.node(&mut items.presence);
        self.node(&mut items.value);
        items.order.iter_mut().for_each(|(n, _)| self.node(n));
        items.top.iter_mut().for_each(|n| self.node(n));
    }

    fn lowered(&self, lowered: &mut Lowered) {
        match lowered {
            Lowered::One(node) => self.node(node),
            Lowered::List(items) => self.items(items),
            Lowered::Values(list) => list.iter_mut().for_each(|(a, b)| {
                self.node(a);
                self.node(b);
            }),
            Lowered::Records(rows) => rows.iter_mut().for_each(|(presence, outputs)| {
                self.node(presence);
                outputs.iter_mut().for_each(|n| self.node(n));
            }),
            Lowered::Record(list) => list.iter_mut().for_each(|(_, n)| self.node(n)),
        }
    }

    fn table(&self, table: &mut GraphTable) {
        table.inputs.iter_mut().chain(&mut table.otherwise).for_each(|n| self.node(n));
        for row in &mut table.rows {
            row.outputs.iter_mut().for_each(|n| self.node(n));
            for test in row.cells.iter_mut().flat_map(|c| &mut c.tests) {
                match test {
                    GraphTest::Equal(node) => self.node(node),
                    GraphTest::Range { low, high, .. } => low.iter_mut().chain(high).for_each(|n| self.node(n)),
                    GraphTest::Unknown => {}
                }
            }
        }
    }

    fn op(&self, op: &mut Op) {
        match op {
            Op::Constant(_) | Op::Fault(_) | Op::AsOf | Op::KnownOn | Op::Row | Op::Fact { .. } => {}
            Op::At { node, index, home } => {
                self.node(node);
                self.node(index);
                self.frame(home);
            }
            Op::Rebase(a) | Op::Not(a) | Op::State(_, a) | Op::IsFault(a) => self.node(a),
            Op::Apply(_, list) | Op::Choose(list) | Op::Parameter { keys: list, .. } => {
                list.iter_mut().for_each(|n| self.node(n));
            }
            Op::And(list) | Op::Or(list) => {
                list.iter_mut().for_each(|n| self.node(n));
                list.sort_unstable();
            }
            Op::If { arms, otherwise } => {
                for (condition, value) in arms {
                    self.node(condition);
                    self.node(value);
                }
                self.node(otherwise);
            }
            Op::Exceptions { exceptions, otherwise } => {
                for exception in exceptions {
                    self.node(&mut exception.condition);
                    self.node(&mut exception.value);
                }
                self.node(otherwise);
            }
            Op::Assume(a, b) | Op::OrElse(a, b) => {
                self.node(a);
                self.node(b);
            }
            Op::Dated { versions, .. } => versions.iter_mut().for_each(|(_, n)| self.node(n)),
            Op::Table { table, .. } => *table = self.tables.get(*table).copied().unwrap_or(*table),
            Op::Aggregate { items, empty, .. } => {
                self.items(items);
                empty.iter_mut().for_each(|n| self.node(n));
            }
            Op::Combine { items, empty, .. } => {
                for (presence, value) in items {
                    self.node(presence);
                    self.node(value);
                }
                empty.iter_mut().for_each(|n| self.node(n));
            }
            Op::Contains { items, item } => {
                self.items(items);
                self.node(item);
            }
            Op::InTop(items) => self.items(items),
        }
    }
}

/// What a node is for every household, if it is the same for all.
fn fixed(node: &Node) -> Option<Possible> {
    match &node.op {
        Op::Constant(value) => Some(Possible::known(value.clone())),
        Op::Fault(kind) => Some(Possible::fault(Fault { kind: kind.clone(), at: node.span })),
        _ => None,
    }
}

/// The graph without what nothing asks for, constants first.
pub(super) fn compact(graph: Graph, origins: &mut Origins) -> Graph {
    let live = Live::of(&graph);
    let is_live = |id: NodeId| live.nodes.get(id.index()) == Some(&true);
    let mut moves = Moves {
        nodes: graph.nodes.ids().collect(),
        frames: graph.frames.ids().collect(),
        tables: (0..graph.tables.len()).collect(),
    };
    let (first, rest): (Vec<NodeId>, Vec<NodeId>) =
        graph.nodes.ids().filter(|id| is_live(*id)).partition(|id| fixed(&graph.nodes[*id]).is_some());
    let constants: Arc<[Possible]> = first.iter().filter_map(|id| fixed(&graph.nodes[*id])).collect();
    let order: Vec<NodeId> = first.into_iter().chain(rest).collect();
    for (new, old) in (0u32..).zip(&order) {
        if let Some(slot) = moves.nodes.get_mut(old.index()) {
            *slot = NodeId::new(new);
        }
    }
    let frames: Vec<FrameId> = graph.frames.ids().filter(|f| live.frames.get(f.index()) == Some(&true)).collect();
    for (new, old) in (0u32..).zip(&frames) {
        if let Some(slot) = moves.frames.get_mut(old.index()) {
            *slot = FrameId::new(new);
        }
    }
    let tables = live.tables.iter().enumerate().filter(|(_, live)| **live).map(|(i, _)| i);
    for (new, old) in tables.enumerate() {
        if let Some(slot) = moves.tables.get_mut(old) {
            *slot = new;
        }
    }
    let mut out = Graph { nodes: Arena::default(), frames: Arena::default(), fixed: constants, ..graph };
    // The old nodes are moved over one by one.
    let mut nodes: Vec<Option<Node>> = graph.nodes.into_values().map(Some).collect();
    for old in order {
        if let Some(mut node) = nodes.get_mut(old.index()).and_then(Option::take) {
            moves.frame(&mut node.frame);
            moves.op(&mut node.op);
            out.nodes.push(node);
        }
    }
    for old in frames {
        let mut frame = graph.frames[old];
        match &mut frame {
            Frame::Root => {}
            Frame::Home { outer, .. } | Frame::Listed { outer, .. } => moves.frame(outer),
            Frame::Item { outer, holder, .. } => {
                moves.frame(outer);
                moves.node(holder);
            }
        }
        out.frames.push(frame);
    }
    let mut keep = live.tables.iter();
    out.tables.retain(|_| keep.next() == Some(&true));
    out.tables.iter_mut().for_each(|t| moves.table(t));
    for programme in &mut out.programmes {
        moves.frame(&mut programme.frame);
        moves.node(&mut programme.eligible);
        programme.outputs.iter_mut().for_each(|(_, n)| moves.node(n));
        programme.changes.iter_mut().filter_map(|c| c.holds.as_mut()).for_each(|n| moves.node(n));
        for condition in &mut programme.conditions {
            moves.node(&mut condition.node);
            let changes = condition.changes.iter_mut().filter_map(|c| c.holds.as_mut());
            condition.applies.iter_mut().chain(changes).for_each(|n| moves.node(n));
            for part in condition.texts.iter_mut().flat_map(|(_, parts)| parts) {
                if let TextPart::Value(node, _) = part {
                    moves.node(node);
                }
            }
        }
    }
    for value in &mut out.values {
        moves.frame(&mut value.frame);
        moves.lowered(&mut value.value);
    }
    out.extra.iter_mut().for_each(|v| moves.lowered(v));
    let kept = Kept { live: &live, moves: &moves };
    origins.bodies.iter_mut().for_each(|body| kept.body(body));
    out
}

/// Where what is left has gone.
struct Kept<'a> {
    live: &'a Live,
    moves: &'a Moves,
}

impl Kept<'_> {
    fn node(&self, id: NodeId) -> Option<NodeId> {
        let is_live = self.live.nodes.get(id.index()) == Some(&true);
        is_live.then(|| self.moves.nodes.get(id.index()).copied()).flatten()
    }

    fn frame(&self, id: FrameId) -> Option<FrameId> {
        let is_live = self.live.frames.get(id.index()) == Some(&true);
        is_live.then(|| self.moves.frames.get(id.index()).copied()).flatten()
    }

    fn items(&self, items: &LaidItems) -> Option<LaidItems> {
        Some(LaidItems { frame: self.frame(items.frame)?, presence: items.presence.and_then(|n| self.node(n)) })
    }

    fn laid(&self, laid: &mut Laid) {
        let kept = match laid {
            Laid::Value(_) | Laid::Gone => return,
            Laid::Node(node) => self.node(*node).map(Laid::Node),
            Laid::List(items) => self.items(items).map(Laid::List),
            Laid::Values(list) => list.iter().map(|n| self.node(*n)).collect::<Option<_>>().map(Laid::Values),
        };
        *laid = kept.unwrap_or(Laid::Gone);
    }

    fn body(&self, body: &mut LaidBody) {
        body.done.iter_mut().chain([&mut body.result]).for_each(|laid| self.laid(laid));
        body.bound = body.bound.iter().filter_map(|(at, items)| Some((*at, self.items(items)?))).collect();
        body.home = body.home.and_then(|frame| self.frame(frame));
        body.table = body.table.and_then(|node| self.node(node));
        if let Some(rows) = &mut body.collected {
            let rows = rows
                .rows
                .iter_mut()
                .flat_map(|row| row.cells.iter_mut().chain([&mut row.matches]))
                .chain(&mut rows.otherwise);
            rows.for_each(|laid| self.laid(laid));
        }
    }
}
