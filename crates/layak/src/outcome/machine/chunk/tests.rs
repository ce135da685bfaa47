//! A chunk says of every household what the machine of one household says, open values too.
#![allow(clippy::disallowed_methods)]

use std::sync::Arc;

use super::super::{Columns, Registers, encode};
use super::*;
use crate::facts::{Case, Fact};
use crate::graph::{Frame, Graph};
use crate::program::Program;

/// Fills a chunk with households as the machine of one household has them.
fn load(machine: &Machine, frames: &Frames, cases: &[&Case], chunk: &mut Chunk, width: Width) {
    chunk.begin(frames, cases.len());
    for (frame, (entity, _)) in machine.layout.frames.iter().enumerate().skip(1) {
        let mut end = 0u32;
        let counts = cases.iter().map(|case| case.table(*entity).unwrap().rows.len() as u32);
        let offsets: Vec<u32> = std::iter::once(0)
            .chain(counts)
            .map(|n| {
                end += n;
                end
            })
            .collect();
        chunk.elements(frame, offsets.into_iter());
    }
    for (frame, (entity, fields)) in machine.layout.frames.iter().enumerate() {
        for (nth, (field, kind)) in fields.iter().enumerate() {
            let words: Vec<i64> = cases
                .iter()
                .flat_map(|case| case.table(*entity).unwrap().column(*field))
                .map(|fact| match fact {
                    Fact::Known(value) => encode(value, *kind, &machine.layout.texts),
                    Fact::Unknown | Fact::Asked => OPEN,
                })
                .collect();
            let (numbers, _, _) = chunk.fact(frame, nth).unwrap();
            numbers.take(&words);
            let known = || numbers.longs.iter().copied();
            if width == Width::Byte && known().all(|w| u8::try_from(w).is_ok()) {
                numbers.bytes = known().map(|w| w as u8).collect();
                numbers.width = Width::Byte;
            } else if width != Width::Long && known().all(|w| i32::try_from(w).is_ok()) {
                numbers.ints = known().map(|w| w as i32).collect();
                numbers.width = Width::Int;
            }
        }
    }
    for (nth, (frame, field)) in machine.layout.bits.iter().enumerate() {
        let entity = machine.layout.frames[*frame].0;
        let (bits, elements, _) = chunk.fact_bits(nth, *frame).unwrap();
        let words = elements.rows.div_ceil(64);
        let (yes, no) = bits.room(words);
        yes.fill(0);
        no.fill(0);
        for (row, fact) in cases.iter().flat_map(|case| case.table(entity).unwrap().column(*field)).enumerate() {
            match fact {
                Fact::Known(Value::Boolean(true)) => yes[row / 64] |= 1 << (row % 64),
                Fact::Known(_) => no[row / 64] |= 1 << (row % 64),
                Fact::Unknown | Fact::Asked => {}
            }
        }
    }
}

/// Holds a chunk to the machine of one household, for all nodes of a graph: how many values it gave.
pub(in crate::outcome) fn agrees(graph: &Graph, program: &Program, cases: &[Arc<Case>]) -> usize {
    let machine = Machine::of_nodes(graph, program);
    let frames = Frames::of(&machine);
    let with: Vec<(&Case, Columns)> = cases.iter().filter_map(|c| Some((&**c, machine.columns(c)?))).collect();
    let households: Vec<&Case> = with.iter().map(|(c, _)| *c).collect();
    let mut chunk = Chunk::default();
    let mut given = 0;
    // The second time what the first has left is there.
    for width in [Width::Long, Width::Int, Width::Byte] {
        load(&machine, &frames, &households, &mut chunk, width);
        chunk.run(&machine, &frames, graph.calendar);
        let mut registers = Registers::default();
        for (home, (case, columns)) in with.iter().enumerate() {
            registers.run(&machine, columns, graph.calendar);
            for (id, node) in graph.nodes.iter() {
                let of = match graph.frames[node.frame] {
                    Frame::Root => program.root,
                    Frame::Home { entity, .. } => entity,
                    Frame::Item { .. } | Frame::Listed { .. } => continue,
                };
                let Some(frame) = machine.layout.frames.iter().position(|(e, _)| *e == of) else { continue };
                let first = if frame == 0 { home } else { chunk.frame(frame).unwrap().of(home).start };
                for row in 0..case.table(of).unwrap().rows.len() {
                    let wanted = machine.value(&registers, id, row);
                    let got = chunk.value(&machine, &frames, id, frame as u32, first + row);
                    assert_eq!(
                        got,
                        wanted,
                        "node {} {:?}, household {home} row {row} of\n{graph}",
                        id.index(),
                        node.op
                    );
                    given += usize::from(got.is_some());
                }
            }
        }
    }
    given
}
