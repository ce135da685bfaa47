//! A machine says what the evaluator says, or nothing.

use super::*;
use crate::facts::Case;
use crate::graph::{Frame, Graph};
use crate::limits::Limits;
use crate::outcome::evaluate;
use crate::program::Program;

/// Holds a machine to the evaluator for one household: how many values it gave, of how many.
pub(in crate::outcome) fn agrees(graph: &Graph, program: &Program, case: &Case) -> (usize, usize) {
    let machine = Machine::of_nodes(graph, program);
    let Some(columns) = machine.columns(case) else { return (0, 0) };
    assert!(machine.reads(&columns));
    let mut registers = Registers::default();
    // Twice: nothing of the household before may stay.
    registers.run(&machine, &columns, graph.calendar);
    registers.run(&machine, &columns, graph.calendar);
    let recording = evaluate(graph, case, &Limits::default());
    let (mut given, mut all) = (0, 0);
    for (id, node) in graph.nodes.iter() {
        if !matches!(graph.frames[node.frame], Frame::Root | Frame::Home { .. }) {
            continue;
        }
        for row in 0..recording.frames.len(node.frame) {
            let known = recording.own(id, u32::try_from(row).unwrap());
            all += usize::from(known.as_known().is_some());
            if let Some(value) = machine.value(&registers, id, row) {
                assert_eq!(known.as_known(), Some(&value), "node {} {:?} row {row} of\n{graph}", id.index(), node.op);
                given += 1;
            }
        }
    }
    (given, all)
}
