//! Households of which something is open: what the machine decides of them, and of the rest as much as decisions are told from.

use crate::facts::{Case, EvidenceFact};
use crate::graph::{ConditionKind, Frame, NodeId};
use crate::outcome::{Columns, Known, Recording, evaluated_for};
use crate::report::from_outcome::REGISTERS;
use crate::report::{Decision, Reporter};
use crate::value::Value;

impl Reporter<'_> {
    /// What the machine decides as far as it does, and the evaluator what that leaves open; nothing where more is told than outcomes.
    pub(super) fn by_both(
        &self,
        case: &Case,
        columns: Option<&Columns>,
        evidence: &[EvidenceFact],
    ) -> Option<Decision> {
        let machine = self.machine.filter(|_| evidence.is_empty() && self.graph.values.is_empty())?;
        if !self.assumptions.are_idle(case) {
            return None;
        }
        let made = match columns.filter(|c| machine.reads(c)) {
            Some(_) => None,
            None => Some(machine.columns(case)?),
        };
        let columns = made.as_ref().or(columns)?;
        let mut registers = REGISTERS.take();
        machine.run_all(&mut registers, columns, self.graph.calendar);
        let known = |node: NodeId, row: usize| machine.value(&registers, node, row);
        let wanted = self.wanted(case, &known);
        let decide = |recording: &mut Recording| self.evaluated(case, recording);
        let programmes = evaluated_for(self.graph, case, self.limits, (wanted.into_iter(), &known), decide);
        REGISTERS.set(registers);
        Some(self.told(case, programmes, Vec::new()))
    }

    /// The nodes that decisions are told from: conditions, the texts of those that may fail, and outputs of whoever may be eligible.
    fn wanted(&self, case: &Case, known: Known<'_>) -> Vec<NodeId> {
        let mut wanted = Vec::new();
        for (number, root) in self.graph.programmes.iter().enumerate() {
            let owner = self.program.programmes[root.programme].owner;
            let rows = case.table(owner).map_or(0, |table| table.rows.len());
            let mut refused = vec![!root.in_force; rows];
            for (index, condition) in root.conditions.iter().enumerate() {
                wanted.push(condition.node);
                let is_own = self.graph.nodes[condition.node].frame == root.frame;
                let is_root = matches!(self.graph.frames[self.graph.nodes[condition.node].frame], Frame::Root);
                let mut holds = true;
                for (row, refused) in refused.iter_mut().enumerate() {
                    let truth =
                        (is_own || is_root).then(|| known(condition.node, if is_own { row } else { 0 })).flatten();
                    let is_required = condition.kind == ConditionKind::Requires;
                    let is_met = truth.map(|truth| truth == Value::Boolean(is_required));
                    *refused |= is_met == Some(false);
                    holds &= is_met == Some(true);
                }
                if !holds {
                    wanted.extend(self.wordings.nodes((number, index)));
                }
            }
            if refused.iter().any(|refused| !refused) {
                wanted.extend(root.outputs.iter().map(|(_, node)| *node));
            }
        }
        wanted
    }
}
