//! What the bodies of the rules have become, for those who ask why.

use super::*;

impl Body {
    pub(super) fn of(task: &Task<'_>, result: &Lowered, collected: Option<Collected>) -> Body {
        Body {
            done: task.done.clone(),
            bound: task.bound.clone(),
            calls: task.calls.clone(),
            owner: task.owner,
            result: result.clone(),
            collected,
        }
    }
}

fn items_of(items: &Items) -> LaidItems {
    LaidItems { frame: items.frame, presence: Some(items.presence) }
}

/// The bodies with their places in the graph, which is not yet compacted.
pub(super) fn origins(graph: &Graph, laid: Vec<(Key, Body)>) -> Origins {
    let numbers: BTreeMap<&Key, usize> = laid.iter().map(|(key, _)| key).zip(0..).collect();
    let place = |lowered: &Lowered| match lowered {
        Lowered::One(node) => match &graph.nodes[*node].op {
            Op::Constant(value) => Laid::Value(value.clone()),
            _ => Laid::Node(*node),
        },
        Lowered::List(items) => Laid::List(items_of(items)),
        Lowered::Values(list) => Laid::Values(list.iter().map(|(presence, _)| *presence).collect()),
        Lowered::Records(rows) => Laid::Values(rows.iter().map(|(presence, _)| *presence).collect()),
        Lowered::Record(_) => Laid::Gone,
    };
    // Of a table with several outputs every output matches the same rows.
    let table = |lowered: &Lowered| {
        let node = match lowered {
            Lowered::One(node) => Some(*node),
            Lowered::Record(parts) => parts.first().map(|(_, node)| *node),
            Lowered::List(_) | Lowered::Values(_) | Lowered::Records(_) => None,
        };
        node.filter(|node| matches!(graph.nodes[*node].op, Op::Table { .. }))
    };
    let row = |(matches, cells): &(NodeId, Vec<NodeId>)| LaidRow {
        matches: place(&Lowered::One(*matches)),
        cells: cells.iter().map(|cell| place(&Lowered::One(*cell))).collect(),
    };
    let rows = |collected: &Collected| LaidRows {
        rows: collected.rows.iter().map(row).collect(),
        otherwise: collected.none.map(|none| place(&Lowered::One(none))),
    };
    let bodies = laid.iter().map(|(_, body)| LaidBody {
        done: body.done.iter().map(|done| done.as_ref().map_or(Laid::Gone, place)).collect(),
        bound: body.bound.iter().map(|(at, items)| (*at, items_of(items))).collect(),
        calls: body.calls.iter().filter_map(|(at, key)| Some((*at, *numbers.get(key)?))).collect(),
        home: Some(graph.nodes[body.owner].frame),
        result: place(&body.result),
        table: table(&body.result),
        collected: body.collected.as_ref().map(rows),
    });
    let bodies = bodies.collect();
    let mut out = Origins { bodies, ..Origins::default() };
    for ((key, _), number) in laid.iter().zip(0..) {
        match key {
            Key::Definition(definition, ..) => {
                out.definitions.insert(number, *definition);
            }
            Key::Output(programme, output) => {
                out.outputs.insert((*programme, *output), number);
            }
            Key::Condition(programme, index) => {
                out.conditions.insert((*programme, *index), number);
            }
            Key::Text(..) | Key::Eligible(_) | Key::Extra(_) => {}
        }
    }
    out
}
