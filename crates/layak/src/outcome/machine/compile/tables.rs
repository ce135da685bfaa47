//! Tables to steps.

use crate::arena::Id;
use crate::graph::{GraphCell, GraphTest, NodeId};
use crate::program::HitPolicy;
use crate::syntax::Collect;
use crate::value::Function;

use super::super::step::{Fold, Step};
use super::super::{Bit, Kind, Num, OPEN, Reg};
use super::Compiler;

/// Rows of a table up to which each has steps of its own; more are the evaluator's, which has an index.
const MOST_ROWS: usize = 64;

impl Compiler<'_> {
    pub(super) fn table(&mut self, number: usize, output: usize, frame: u32) -> Option<Reg> {
        let table = self.graph.tables.get(number)?;
        if table.rows.len() > MOST_ROWS {
            return None;
        }
        let mut matches: Vec<Bit> = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            let mut cells = Vec::new();
            for (cell, input) in row.cells.iter().zip(&table.inputs) {
                if !cell.tests.is_empty() {
                    cells.push(self.cell(cell, *input, frame)?);
                }
            }
            matches.push(self.every(&cells));
        }
        let values: Option<Vec<NodeId>> = table.rows.iter().map(|r| r.outputs.get(output).copied()).collect();
        let values = values?;
        let otherwise = table.otherwise.get(output).copied();
        match table.policy {
            HitPolicy::First => {
                let missing = NodeId::new(u32::MAX);
                let all: Vec<NodeId> = values.into_iter().chain([otherwise.unwrap_or(missing)]).collect();
                self.chosen(&matches, &all, frame)
            }
            HitPolicy::Unique => self.unique(&matches, &values, otherwise, frame),
            HitPolicy::Collect(collect) => {
                let fold = match collect {
                    Collect::Sum => Fold::Sum,
                    Collect::Min => Fold::Min,
                    Collect::Max => Fold::Max,
                    Collect::Count => Fold::Count,
                    Collect::List => return None,
                };
                let empty = match (otherwise, fold) {
                    (Some(node), _) => self.num(node)?,
                    (None, Fold::Sum | Fold::Count) => (Num::Value(0), Kind::Number { scale: 0 }),
                    (None, Fold::Min | Fold::Max) => (Num::Value(OPEN), Kind::None),
                };
                let mut list = vec![empty];
                for value in &values {
                    list.push(if fold == Fold::Count { (Num::Value(0), Kind::None) } else { self.num(*value)? });
                }
                self.folded(fold, &matches, &list, frame)
            }
            HitPolicy::Any | HitPolicy::Priority => None,
        }
    }

    pub(super) fn unique(
        &mut self,
        matches: &[Bit],
        values: &[NodeId],
        otherwise: Option<NodeId>,
        frame: u32,
    ) -> Option<Reg> {
        if values.iter().any(|v| matches!(self.reg(*v), Reg::Bit(_))) {
            let bits: Option<Vec<Bit>> = values.iter().map(|v| self.truth(*v)).collect();
            let otherwise = self.truth(otherwise?)?;
            let rows = matches.iter().copied().zip(bits?).collect();
            return Some(Reg::Bit(self.set_bits(|to| Step::UniqueBit { rows, otherwise, to })));
        }
        let open = (Num::Value(OPEN), Kind::None);
        let list: Vec<(Num, Kind)> = values
            .iter()
            .copied()
            .map(Some)
            .chain([otherwise])
            .map(|v| v.and_then(|v| self.num(v)).unwrap_or(open))
            .collect();
        let (mut nums, kind) = self.alike(&list)?;
        let otherwise = nums.pop()?;
        let rows = matches.iter().copied().zip(nums).collect();
        Some(Reg::Num(self.set_num(frame, |to| Step::Unique { rows, otherwise, to }), kind))
    }

    fn cell(&mut self, cell: &GraphCell, input: NodeId, frame: u32) -> Option<Bit> {
        let mut tests = Vec::new();
        for test in &cell.tests {
            tests.push(match test {
                GraphTest::Equal(value) => self.test(Function::Equal, [input, *value], frame)?,
                GraphTest::Range { low, low_open, high, high_open } => {
                    // None lies in no range, which a comparison does not say: it is open.
                    let mut ends = Vec::new();
                    for (end, open, is_low) in [(low, low_open, true), (high, high_open, false)] {
                        let Some(end) = end else { continue };
                        let function = if *open { Function::Less } else { Function::LessEqual };
                        let operands = if is_low { [*end, input] } else { [input, *end] };
                        ends.push(self.test(function, operands, frame)?);
                    }
                    self.every(&ends)
                }
                GraphTest::Unknown => return None,
            });
        }
        let some = self.some(&tests);
        Some(if cell.negated { some.opposite() } else { some })
    }

    fn test(&mut self, function: Function, operands: [NodeId; 2], frame: u32) -> Option<Bit> {
        match self.apply(function, &operands, frame)? {
            Reg::Bit(bit) => Some(bit),
            Reg::Num(..) | Reg::Exact(_) | Reg::Open => None,
        }
    }
}
