//! Which open facts a value still hangs on: a walk down from the value that leaves out all that is settled.

use std::collections::BTreeSet;

use crate::facts::{Case, Fact, ListState};
use crate::graph::{Frame, FrameId, Graph, Items, NodeId, Op};
use crate::outcome::{Possible, Recording, table};
use crate::program::{Aggregate, EntityId};
use crate::value::{Function, Value};

/// A fact of one household: entity, field, row. A list field is the list as a whole.
pub(crate) type Slot = (EntityId, usize, u32);

/// Whether nothing can change a value any more.
pub(crate) fn is_settled(value: &Possible) -> bool {
    value.as_known().is_some() || value.certain_fault().is_some()
}

/// A walk down from a value.
#[derive(Default)]
pub(crate) struct Walk {
    /// The open facts that the value can still hang on.
    pub found: BTreeSet<Slot>,
    /// Whether some of them may be there that can change nothing: a fact is met twice, or in a way that bounds do not tell exactly.
    pub is_doubtful: bool,
}

impl Walk {
    pub(crate) fn from(&mut self, graph: &Graph, case: &Case, recording: &Recording, node: NodeId, row: u32) {
        let Walk { found: out, is_doubtful } = self;
        let mut seen: BTreeSet<(NodeId, u32)> = BTreeSet::new();
        let mut open = vec![(node, row)];
        while let Some((id, row)) = open.pop() {
            if is_settled(recording.own(id, row)) {
                continue;
            }
            if !seen.insert((id, row)) {
                *is_doubtful = true;
                continue;
            }
            *is_doubtful |= !is_exact(graph, id);
            step(graph, case, recording, (id, row), &mut open, out, is_doubtful);
        }
    }
}

/// The open facts that a node's value for a row can still hang on.
pub(crate) fn relevant(
    graph: &Graph,
    case: &Case,
    recording: &Recording,
    node: NodeId,
    row: u32,
    out: &mut BTreeSet<Slot>,
) {
    let mut walk = Walk::default();
    walk.from(graph, case, recording, node, row);
    out.append(&mut walk.found);
}

/// Whether the bounds of an open node tell all that it can be, and nothing else, where its operands hang on different facts.
fn is_exact(graph: &Graph, id: NodeId) -> bool {
    let constant = |node: &NodeId| graph.constant(*node).is_some();
    match &graph.nodes[id].op {
        Op::Constant(_) | Op::Fault(_) | Op::AsOf | Op::KnownOn | Op::Row | Op::Fact { .. } => true,
        Op::Not(_) | Op::And(_) | Op::Or(_) | Op::Choose(_) | Op::Rebase(_) | Op::At { .. } => true,
        Op::Apply(function, operands) => {
            let simple = matches!(
                function,
                Function::Less
                    | Function::LessEqual
                    | Function::Equal
                    | Function::YearsBetween
                    | Function::MonthsBetween
                    | Function::DaysBetween
            );
            simple && operands.iter().filter(|n| !constant(n)).count() < 2
        }
        Op::Aggregate { function, .. } => matches!(function, Aggregate::Any | Aggregate::Every),
        Op::Contains { items, .. } => constant(&items.value),
        Op::If { .. }
        | Op::Exceptions { .. }
        | Op::Table { .. }
        | Op::InTop(_)
        | Op::Combine { .. }
        | Op::State(..)
        | Op::IsFault(_)
        | Op::Assume(..)
        | Op::OrElse(..)
        | Op::Parameter { .. }
        | Op::Dated { .. } => false,
    }
}

fn step(
    graph: &Graph,
    case: &Case,
    recording: &Recording,
    (id, row): (NodeId, u32),
    open: &mut Vec<(NodeId, u32)>,
    out: &mut BTreeSet<Slot>,
    is_doubtful: &mut bool,
) {
    let frame = graph.nodes[id].frame;
    let mut visit = |node: NodeId| {
        let own = graph.nodes[node].frame;
        open.push((node, if own == frame { row } else { recording.frames.up(graph, frame, row, own) }));
    };
    match &graph.nodes[id].op {
        Op::Constant(_) | Op::Fault(_) | Op::AsOf | Op::KnownOn | Op::Row => {}
        Op::Fact { entity, field } => {
            let Some(element) = recording.frames.get(frame).rows.get(row as usize).and_then(|r| r.element) else {
                return;
            };
            let met = out.len();
            slot(case, *entity, *field, element, out);
            *is_doubtful |= out.len() == met;
        }
        Op::At { node, index, home } => {
            let index_value = recording.get(graph, *index, frame, row).clone();
            visit(*index);
            let own = graph.nodes[*node].frame;
            match index_value.as_known() {
                Some(Value::Element(element)) => open.push((*node, recording.frames.up(graph, *home, *element, own))),
                Some(_) => {}
                None => {
                    let rows = u32::try_from(recording.frames.len(own)).unwrap_or(0);
                    open.extend((0..rows).map(|r| (*node, r)));
                }
            }
        }
        Op::Choose(list) => {
            let rows = recording.frames.get(frame);
            let place = rows.rows.get(row as usize).map_or(0, |r| row.saturating_sub(rows.group(r.outer).start));
            list.get(place as usize).into_iter().for_each(|n| visit(*n));
        }
        Op::Table { table, output } => {
            table::needed(graph, *table, *output, |n| recording.get(graph, n, frame, row), &mut visit);
        }
        Op::Rebase(of) => {
            let own = graph.nodes[*of].frame;
            open.push((*of, recording.frames.across(graph, frame, row, own)));
        }
        Op::If { arms, otherwise } => {
            let mut all_known = true;
            for (condition, value) in arms {
                let c = recording.get(graph, *condition, frame, row);
                visit(*condition);
                if c.can_be_true() {
                    visit(*value);
                }
                if !c.can_be_false() {
                    all_known = false;
                    break;
                }
            }
            if all_known {
                visit(*otherwise);
            }
        }
        Op::Exceptions { exceptions, otherwise } => {
            let mut can_none_hold = true;
            for exception in exceptions {
                let holds = recording.get(graph, exception.condition, frame, row);
                visit(exception.condition);
                if holds.can_be_true() {
                    visit(exception.value);
                }
                can_none_hold &= holds.can_be_false();
            }
            if can_none_hold {
                visit(*otherwise);
            }
        }
        Op::Aggregate { items, empty, .. } => {
            empty.iter().chain(&items.top).for_each(|n| visit(*n));
            items_of(graph, case, recording, items, row, open, out);
        }
        Op::Contains { items, item } => {
            visit(*item);
            items_of(graph, case, recording, items, row, open, out);
        }
        Op::InTop(items) => {
            items.top.iter().for_each(|n| visit(*n));
            let group = recording.frames.get(frame).rows.get(row as usize).map_or(0, |r| r.outer);
            items_of(graph, case, recording, items, group, open, out);
        }
        Op::Combine { items, empty, .. } => {
            empty.iter().for_each(|n| visit(*n));
            for (presence, value) in items {
                visit(*presence);
                if recording.get(graph, *presence, frame, row).can_be_true() {
                    visit(*value);
                }
            }
        }
        Op::Apply(..)
        | Op::Not(_)
        | Op::And(_)
        | Op::Or(_)
        | Op::State(..)
        | Op::IsFault(_)
        | Op::Assume(..)
        | Op::OrElse(..)
        | Op::Parameter { .. }
        | Op::Dated { .. } => graph.inputs(id).into_iter().for_each(visit),
    }
}

fn items_of(
    graph: &Graph,
    case: &Case,
    recording: &Recording,
    items: &Items,
    outer: u32,
    open: &mut Vec<(NodeId, u32)>,
    out: &mut BTreeSet<Slot>,
) {
    let rows = recording.frames.get(items.frame);
    let (start, count) = rows.groups.get(outer as usize).copied().unwrap_or((0, 0));
    let at = |node: NodeId, row: u32| (node, recording.frames.up(graph, items.frame, row, graph.nodes[node].frame));
    for row in start..start + count {
        if let Some(element) = rows.rows.get(row as usize)
            && (element.least, element.most) != (1, Some(1))
            && let Some(list) = list_slot(graph, case, items.frame, element.element)
        {
            slot_of_list(case, list, out);
            continue;
        }
        open.push(at(items.presence, row));
        if recording.get(graph, items.presence, items.frame, row).can_be_true() {
            open.push(at(items.value, row));
            open.extend(items.order.map(|(key, _)| at(key, row)));
        }
    }
}

/// The list whose phantom an element is.
pub(super) fn list_slot(graph: &Graph, case: &Case, frame: FrameId, element: Option<u32>) -> Option<Slot> {
    let item = match graph.frames[frame] {
        Frame::Root | Frame::Listed { .. } => return None,
        Frame::Home { entity, .. } => entity,
        Frame::Item { item, .. } => item,
    };
    let row = case.table(item)?.rows.get(element? as usize)?;
    row.phantom?;
    let (entity, field, holder) = row.holder?;
    Some((entity, field, holder))
}

/// The outermost list that is not known of those that a list stands in, unless it was asked for.
pub(super) fn slot_of_list(case: &Case, mut list: Slot, out: &mut BTreeSet<Slot>) {
    // Of lists within an unknown list the outermost is the one to ask for.
    while let Some(row) = case.table(list.0).and_then(|t| t.rows.get(list.2 as usize)) {
        match (row.phantom, row.holder) {
            (Some(_), Some(above)) => list = above,
            _ => break,
        }
    }
    if case.list(list.0, list.1, list.2).is_some_and(|l| l.state == ListState::Unknown) {
        out.insert(list);
    }
}

fn slot(case: &Case, entity: EntityId, field: usize, row: u32, out: &mut BTreeSet<Slot>) {
    let element = case.table(entity).and_then(|t| t.rows.get(row as usize));
    if let Some(holder) = element.filter(|r| r.phantom.is_some()).and_then(|r| r.holder) {
        slot_of_list(case, holder, out);
    } else if case.fact(entity, field, row) == Some(&Fact::Unknown) {
        out.insert((entity, field, row));
    } else if case.fact(entity, field, row) == Some(&Fact::Asked) {
        // Asked for and not known: nobody asks again, but a case may still be split on it.
        out.insert((entity, field, row));
    }
}
