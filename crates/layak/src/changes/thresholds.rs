//! How far values are from the limits that had a part in a decision.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Threshold;
use super::search::Search;
use crate::facts::{element_path, path_of};
use crate::graph::{NodeId, Op, RootProgramme};
use crate::program::{Aggregate, FieldShape, Type};
use crate::value::{Function, Value};

/// So many are told of one programme.
const MOST: usize = 50;

/// Those of some conditions of a programme, by condition.
pub(super) fn of(search: &Search<'_>, root: &RootProgramme, row: u32, conditions: &[usize]) -> Vec<Threshold> {
    let mut out: Vec<Threshold> = Vec::new();
    for condition in conditions.iter().filter_map(|c| root.conditions.get(*c)) {
        let reached = search.reporter.reached(&search.recording, &[(condition.node, root.frame, row)]);
        for (node, row) in reached {
            if out.len() == MOST {
                return out;
            }
            let found = threshold(search, &condition.name, node, row);
            out.extend(found.filter(|found| !out.contains(found)));
        }
    }
    out
}

/// A comparison of a value of the household with another, as it came out.
fn threshold(search: &Search<'_>, criterion: &Arc<str>, node: NodeId, row: u32) -> Option<Threshold> {
    let (reporter, recording) = (&search.reporter, &search.recording);
    let graph = reporter.graph;
    let (a, b) = match &graph.nodes[node].op {
        Op::Apply(Function::Less | Function::LessEqual, list) => match list.as_slice() {
            [a, b] => (*a, *b),
            _ => return None,
        },
        _ => return None,
    };
    let frame = graph.nodes[node].frame;
    let known = |node: NodeId| recording.get(graph, node, frame, row).as_known();
    let (of_a, of_b) = (known(a)?, known(b)?);
    if !matches!((of_a, of_b), (Value::Number(_), Value::Number(_)) | (Value::Date(_), Value::Date(_))) {
        return None;
    }
    // The limit is what the rules set, if either is.
    let is_limit = |node: NodeId| matches!(graph.nodes[node].op, Op::Constant(_) | Op::Parameter { .. });
    let (subject, value, limit) = if is_limit(a) && !is_limit(b) { (b, of_b, of_a) } else { (a, of_a, of_b) };
    let ty = type_of(search, a).or_else(|| type_of(search, b)).unwrap_or(match value {
        Value::Date(_) => Type::Date,
        _ => Type::NUMBER,
    });
    let (distance, above) = search.distance(limit, value, &ty)?;
    let element = reporter.element_of(recording, frame, row);
    let element = element.map(|(entity, row)| element_path(reporter.program, search.base, entity, row));
    let subject = match graph.nodes[subject].op {
        Op::Fact { entity, field } => {
            let own = recording.frames.up(graph, frame, row, graph.nodes[subject].frame);
            let element = recording.frames.get(graph.nodes[subject].frame).rows.get(own as usize)?.element?;
            path_of(reporter.program, search.base, entity, field, element)
        }
        _ => reporter.sources.snippet(graph.nodes[subject].span?).to_owned(),
    };
    Some(Threshold {
        criterion: Arc::clone(criterion),
        element,
        subject,
        value: search.told(value, &ty),
        limit: search.told(limit, &ty),
        distance,
        above,
    })
}

/// The type of a node, as far as facts and parameters below it say.
fn type_of(search: &Search<'_>, node: NodeId) -> Option<Type> {
    let (program, graph) = (search.reporter.program, search.reporter.graph);
    let mut seen: BTreeSet<NodeId> = BTreeSet::new();
    let mut open = vec![node];
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        match &graph.nodes[id].op {
            Op::Fact { entity, field } => match &program.entities[*entity].fields.get(*field)?.shape {
                FieldShape::Scalar { ty, .. } => return Some(ty.required().clone()),
                FieldShape::List { .. } | FieldShape::Record { .. } => {}
            },
            Op::Parameter { parameter, .. } => return Some(program.parameters[*parameter].ty.required().clone()),
            Op::Apply(
                Function::Add
                | Function::Subtract
                | Function::Negate
                | Function::Abs
                | Function::Floor
                | Function::Ceil
                | Function::Round(_)
                | Function::Min
                | Function::Max
                | Function::Unwrap,
                list,
            ) => open.extend(list.iter().rev()),
            Op::Aggregate {
                function:
                    Aggregate::Sum
                    | Aggregate::Min
                    | Aggregate::Max
                    | Aggregate::Average
                    | Aggregate::Median
                    | Aggregate::First
                    | Aggregate::Last,
                items,
                ..
            } => open.push(items.value),
            Op::At { node, .. } | Op::Rebase(node) | Op::Assume(node, _) | Op::OrElse(node, _) => open.push(*node),
            _ => {}
        }
    }
    None
}
