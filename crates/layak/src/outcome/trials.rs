//! What trying facts needs to know of a graph: the same for every household, and found when it is first asked for.

use std::sync::OnceLock;

use crate::arena::Id;
use crate::graph::{Graph, NodeId};
use crate::outcome::Cone;
use crate::outcome::pieces::pieces;
use crate::program::EntityId;
use crate::value::Value;

/// Kept with a graph.
#[derive(Debug, Default)]
pub(crate) struct Trials {
    /// By entity and field: the values that stand for all of it.
    pieces: OnceLock<Fields<Option<Box<[Value]>>>>,
    programmes: OnceLock<Vec<OfProgramme>>,
}

/// By entity and field.
type Fields<T> = Vec<Vec<OnceLock<T>>>;

#[derive(Debug)]
struct OfProgramme {
    /// By node: whether the programme reads it.
    reads: Vec<bool>,
    cones: Fields<Cone>,
}

/// A graph that is made from another is not the other.
impl Clone for Trials {
    fn clone(&self) -> Trials {
        Trials::default()
    }
}

static NOWHERE: Cone = Cone::empty();

impl Trials {
    /// What rests on a field of all that a programme reads.
    pub(super) fn cone<'g>(&'g self, graph: &Graph, programme: usize, field: (EntityId, usize)) -> &'g Cone {
        let programmes = self.programmes.get_or_init(|| {
            let one = |place| OfProgramme { reads: read_by(graph, place), cones: fields(graph) };
            (0..graph.programmes.len()).map(one).collect()
        });
        let Some(of) = programmes.get(programme) else { return &NOWHERE };
        let Some(cone) = of.cones.get(field.0.index()).and_then(|fields| fields.get(field.1)) else { return &NOWHERE };
        cone.get_or_init(|| Cone::within(graph, &[field], |id| of.reads.get(id.index()) == Some(&true)))
    }

    /// Values that stand for all of a field.
    pub(super) fn pieces(&self, graph: &Graph, (entity, field): (EntityId, usize)) -> Option<&[Value]> {
        let all = self.pieces.get_or_init(|| fields(graph)).get(entity.index())?.get(field)?;
        all.get_or_init(|| pieces(graph, entity, field).map(Vec::into_boxed_slice)).as_deref()
    }
}

fn fields<T>(graph: &Graph) -> Fields<T> {
    graph.unknowns.iter().map(|fields| fields.iter().map(|_| OnceLock::new()).collect()).collect()
}

/// By node: whether a programme reads it.
fn read_by(graph: &Graph, programme: usize) -> Vec<bool> {
    let mut reads = vec![false; graph.nodes.len()];
    let Some(root) = graph.programmes.get(programme) else { return reads };
    let mut open: Vec<NodeId> =
        root.conditions.iter().map(|c| c.node).chain(root.outputs.iter().map(|o| o.1)).collect();
    while let Some(id) = open.pop() {
        if let Some(is_read @ false) = reads.get_mut(id.index()) {
            *is_read = true;
            open.extend(graph.inputs(id));
        }
    }
    reads
}
