//! Leaves the steps that decisions hang on.

use std::collections::BTreeMap;

use crate::arena::Id;
use crate::graph::{ConditionKind, Graph, NodeId, TextPart};

use crate::program::Program;

use super::super::step::Column;
use super::super::{Bit, Judging, Machine, Num, Reg};

/// Steps that conditions hang on are run for every household.
const ALWAYS: u64 = u64::MAX;

impl Machine {
    /// Of the steps those that conditions hang on, and apart those that outputs alone hang on. `frames` are those of the
    /// programmes.
    pub(super) fn pruned(mut self, graph: &Graph, program: &Program, frames: &[u32]) -> Machine {
        let mut needed: BTreeMap<Column, u64> = BTreeMap::new();
        let mut need = |machine: &Machine, node: NodeId, of: u64| {
            let column = match machine.regs.get(node.index()) {
                Some(Reg::Num(Num::At(slot), _)) => Column::Nums(*slot),
                Some(Reg::Bit(bit)) => Column::Bits(bit.slot),
                _ => return,
            };
            *needed.entry(column).or_default() |= of;
        };
        for (number, (programme, frame)) in graph.programmes.iter().zip(frames).enumerate() {
            // What does not have a bit of its own shares the last.
            let bit = 1u64 << number.min(62);
            let mut conditions = Vec::with_capacity(programme.conditions.len());
            for condition in &programme.conditions {
                need(&self, condition.node, ALWAYS);
                condition.changes.iter().filter_map(|c| c.holds).for_each(|node| need(&self, node, ALWAYS));
                for part in condition.texts.iter().flat_map(|(_, parts)| parts) {
                    if let TextPart::Value(node, _) = part {
                        need(&self, *node, ALWAYS);
                    }
                }
                let holds = match self.regs.get(condition.node.index()) {
                    Some(Reg::Bit(bit)) => *bit,
                    _ => Bit::OPEN,
                };
                let is_required = condition.kind == ConditionKind::Requires;
                conditions.push(if is_required { holds } else { holds.opposite() });
            }
            programme.outputs.iter().for_each(|(_, node)| need(&self, *node, bit));
            let declared = &program.programmes[programme.programme].outputs;
            let mut outputs = programme.outputs.clone();
            outputs.sort_by_key(|(output, _)| declared.get(*output).map(|output| &output.name));
            self.programmes.push(Judging {
                in_force: programme.in_force,
                frame: *frame,
                conditions,
                by_name: programme.by_name(),
                bit,
                outputs,
            });
        }
        let name =
            |number: &usize| graph.programmes.get(*number).map(|p| &program.programmes[p.programme].declared.name);
        self.by_name = (0..graph.programmes.len()).collect();
        self.by_name.sort_by_key(name);
        let (mut always, mut outputs) = (Vec::new(), Vec::new());
        for step in std::mem::take(&mut self.steps).into_iter().rev() {
            let (first, count) = step.makes();
            let of = (0..count).filter_map(|n| needed.get(&first.nth(n))).fold(0, |sum, of| sum | of);
            for column in step.reads() {
                if of != 0 {
                    *needed.entry(column).or_default() |= of;
                }
            }
            match of {
                0 => {}
                ALWAYS => always.push(step),
                _ => outputs.push((of, step)),
            }
        }
        always.reverse();
        outputs.reverse();
        self.steps = always;
        self.output_steps = outputs;
        self
    }
}
