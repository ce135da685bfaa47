//! Evaluating anew what a change of a few facts can change, and nothing else.

use crate::arena::Id;
use crate::facts::Case;
use crate::graph::{Frame, Graph, NodeId, Op};
use crate::limits::Limits;
use crate::outcome::evaluate::Way;
use crate::outcome::{Possible, Recording, evaluate};
use crate::program::EntityId;

/// The nodes that rest on some fields, in the order of the graph. The same for every household: worth keeping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cone {
    nodes: Vec<NodeId>,
    /// Whether the fields decide which elements there are, through a link to the element that holds a list.
    moves_rows: bool,
}

impl Cone {
    /// That of no field.
    pub(super) const fn empty() -> Cone {
        Cone { nodes: Vec::new(), moves_rows: false }
    }

    /// Of some nodes, with all that these read, alone. One pass over the graph.
    pub(crate) fn within(graph: &Graph, fields: &[(EntityId, usize)], is_one: impl Fn(NodeId) -> bool) -> Cone {
        let mut rests = vec![false; graph.nodes.len()];
        let mut cone = Cone { nodes: Vec::new(), moves_rows: false };
        for (id, node) in graph.nodes.iter().skip(graph.fixed.len()).filter(|(id, _)| is_one(*id)) {
            let is_one = match &node.op {
                Op::Fact { entity, field } => fields.contains(&(*entity, *field)),
                _ => graph.inputs(id).iter().any(|n| rests.get(n.index()) == Some(&true)),
            };
            if is_one {
                if let Some(slot) = rests.get_mut(id.index()) {
                    *slot = true;
                }
                cone.nodes.push(id);
            }
        }
        cone.moves_rows = graph.frames.values().any(|frame| match frame {
            Frame::Item { holder, .. } => rests.get(holder.index()) == Some(&true),
            Frame::Root | Frame::Home { .. } | Frame::Listed { .. } => false,
        });
        cone
    }

    /// Whether facts of its fields decide which elements there are.
    pub(super) fn moves_rows(&self) -> bool {
        self.moves_rows
    }

    /// How many nodes it has.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }
}

impl Recording {
    /// Brings a recording up to date after facts of the cone's fields, and no others, have changed. It is then what
    /// `evaluate` gives.
    pub(crate) fn again(&mut self, graph: &Graph, case: &Case, cone: &Cone, limits: &Limits) {
        if cone.moves_rows {
            let narrowed = std::mem::take(&mut self.narrowed);
            *self = evaluate(graph, case, limits);
            self.narrowed = narrowed;
            return;
        }
        let mut column = Vec::new();
        for id in &cone.nodes {
            // What is known stays so whatever is still to come.
            if self.way(*id) != Way::Evaluated {
                continue;
            }
            self.column(graph, case, *id, &mut column);
            self.replace(*id, &mut column);
        }
    }

    /// The values of a cone's nodes, to be put back.
    pub(super) fn kept(&self, graph: &Graph, cone: &Cone) -> Vec<Possible> {
        if cone.moves_rows {
            return Vec::new();
        }
        let rows = |id: &NodeId| u32::try_from(self.frames.len(graph.nodes[*id].frame)).unwrap_or(u32::MAX);
        let nodes = cone.nodes.iter().filter(|id| self.way(**id) == Way::Evaluated);
        nodes.flat_map(|id| (0..rows(id)).map(|row| self.own(*id, row).clone())).collect()
    }

    /// Puts values back that were kept. INVARIANT: there are as many rows as there were.
    pub(super) fn put_back(&mut self, graph: &Graph, cone: &Cone, values: Vec<Possible>) {
        let mut values = values.into_iter();
        let mut column = Vec::new();
        for id in &cone.nodes {
            if self.way(*id) != Way::Evaluated {
                continue;
            }
            column.extend(values.by_ref().take(self.frames.len(graph.nodes[*id].frame)));
            self.replace(*id, &mut column);
        }
    }
}
