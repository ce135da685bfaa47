//! The laws that every graph keeps.

use crate::arena::Id;
use crate::graph::*;

/// Checks the invariants of a graph; the first that is broken, in words.
pub(crate) fn check(graph: &Graph) -> Result<(), String> {
    for (id, node) in graph.nodes.iter() {
        if (id.index() < graph.fixed.len()) != matches!(node.op, Op::Constant(_) | Op::Fault(_)) {
            return Err(format!("node {} stands among the wrong ones", id.index()));
        }
        for input in graph.inputs(id) {
            if input >= id {
                return Err(format!("node {} reads node {} after it", id.index(), input.index()));
            }
            let theirs = graph.nodes[input].frame;
            let fits = match &node.op {
                Op::At { node: at, index, home } if input == *at && input != *index => graph.is_outer(theirs, *home),
                Op::Rebase(_) => same_list(graph.frames[theirs], graph.frames[node.frame]),
                Op::Aggregate { items, .. } | Op::Contains { items, .. } => {
                    graph.is_outer(theirs, items.frame) && graph.frames[items.frame].outer() == Some(node.frame)
                }
                Op::InTop(items) => node.frame == items.frame && graph.is_outer(theirs, items.frame),
                _ => graph.is_outer(theirs, node.frame),
            };
            if !fits {
                return Err(format!(
                    "node {} in frame {} reads node {} of another frame",
                    id.index(),
                    node.frame.index(),
                    input.index()
                ));
            }
        }
        if graph.day.is_some() && matches!(node.op, Op::AsOf | Op::KnownOn | Op::Dated { .. }) {
            return Err(format!("node {} asks for a date in a plan", id.index()));
        }
        if let Op::Fact { entity, .. } = node.op
            && !matches!(graph.frames[node.frame], Frame::Root)
            && !matches!(graph.frames[node.frame], Frame::Home { entity: e, .. } if e == entity)
        {
            return Err(format!("node {} is a fact away from home", id.index()));
        }
    }
    for value in &graph.values {
        let home = match graph.frames.values().nth(value.frame.index()) {
            Some(Frame::Root) => true,
            Some(Frame::Home { entity, .. }) => *entity == value.owner,
            Some(Frame::Item { .. } | Frame::Listed { .. }) | None => false,
        };
        if !home {
            return Err(format!("`{}` is shown in a frame that is not its owner's home", value.name));
        }
    }
    for programme in &graph.programmes {
        if !matches!(graph.frames.values().nth(programme.frame.index()), Some(Frame::Root | Frame::Home { .. })) {
            return Err(format!("programme {} is decided in a frame that is no home", programme.programme.index()));
        }
    }
    Ok(())
}

/// Whether two frames go through one list.
fn same_list(a: Frame, b: Frame) -> bool {
    match (a, b) {
        (
            Frame::Item { entity: a, field: f, item: i, holder: h, .. },
            Frame::Item { entity: b, field: g, item: j, holder: k, .. },
        ) => (a, f, i, h) == (b, g, j, k),
        // INVARIANT: a home frame is that of a list only where no other list holds its elements.
        (Frame::Home { entity, .. }, Frame::Item { item, .. }) => entity == item,
        (Frame::Listed { count: a, .. }, Frame::Listed { count: b, .. }) => a == b,
        (Frame::Root | Frame::Home { .. } | Frame::Item { .. } | Frame::Listed { .. }, _) => false,
    }
}
