//! Decision tables.

use super::*;

impl<'p> Lowering<'p> {
    pub(super) fn table(&mut self, task: &Task<'p>, id: TableId) -> Lowered {
        let program = self.program;
        let table = &program.tables[id];
        let inputs = self.many(task, &table.inputs);
        let mut rows = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            let mut cells = Vec::with_capacity(row.cells.len());
            for cell in &row.cells {
                let tests = cell
                    .tests
                    .iter()
                    .map(|test| match test {
                        CellTest::Equal(value) => GraphTest::Equal(self.one(task, *value)),
                        CellTest::Range { low, low_open, high, high_open } => GraphTest::Range {
                            low: low.map(|e| self.one(task, e)),
                            low_open: *low_open,
                            high: high.map(|e| self.one(task, e)),
                            high_open: *high_open,
                        },
                        CellTest::Unknown if self.request.open => GraphTest::Equal(self.anything()),
                        CellTest::Unknown => GraphTest::Unknown,
                    })
                    .collect();
                cells.push(GraphCell { tests, negated: cell.negated });
            }
            rows.push(GraphRow { cells, outputs: self.many(task, &row.outputs) });
        }
        let otherwise = self.many(task, &table.otherwise);
        if table.policy == HitPolicy::Collect(Collect::List) {
            return self.collected(&inputs, &rows, &otherwise, table);
        }
        let graph_table = GraphTable {
            id,
            name: Arc::clone(&table.name),
            policy: table.policy,
            inputs,
            rows,
            otherwise,
            ranking: table.ranking.clone(),
            index: None,
            exclusive: false,
        };
        let (index, exclusive) = index::index(&graph_table, &|node| self.graph.constant(node));
        let graph_table = GraphTable { index, exclusive, ..graph_table };
        let number = self.graph.tables.len();
        self.graph.tables.push(graph_table);
        let outputs = if table.policy == HitPolicy::Collect(Collect::Count) { 1 } else { table.outputs.len() };
        let mut nodes = Vec::new();
        for output in 0..outputs {
            let reads = self.graph.tables.get(number).map_or(Vec::new(), |t| table_inputs(t, output));
            let frame = self.join(reads);
            nodes.push(self.node(Op::Table { table: number, output }, frame, Some(table.span)));
        }
        match nodes.as_slice() {
            [one] => Lowered::One(*one),
            _ => Lowered::Record(table.outputs.iter().map(|(n, _)| Arc::clone(n)).zip(nodes).collect()),
        }
    }
}

/// Lists that tables collect.
impl Lowering<'_> {
    /// The values of the rows that match, in the order of the rows or of the ranking.
    pub(super) fn collected(
        &mut self,
        inputs: &[NodeId],
        rows: &[GraphRow],
        otherwise: &[NodeId],
        table: &Table,
    ) -> Lowered {
        let mut out: Vec<(NodeId, Vec<NodeId>)> = Vec::new();
        let mut collected = Collected::default();
        for row in rows {
            let mut tests = Vec::new();
            for (cell, input) in row.cells.iter().zip(inputs) {
                tests.push(self.cell(cell, *input));
            }
            let presence = self.junction(&tests, true);
            out.push((presence, row.outputs.clone()));
            collected.rows.push((presence, tests));
        }
        if !otherwise.is_empty() {
            let matched: Vec<NodeId> = out.iter().map(|(p, _)| *p).collect();
            let any = self.junction(&matched, false);
            let none = self.not(any);
            out.push((none, otherwise.to_vec()));
            collected.none = Some(none);
        }
        self.collected = Some(collected);
        if !table.ranking.is_empty() {
            let rank = |lowering: &Self, values: &[NodeId]| match values.first().map(|v| lowering.op(*v)) {
                Some(Op::Constant(value)) => table.ranking.iter().position(|r| r == value).unwrap_or(usize::MAX),
                _ => usize::MAX,
            };
            out.sort_by_key(|(_, values)| rank(self, values));
        }
        Self::rows(out, table.outputs.len())
    }

    pub(super) fn cell(&mut self, cell: &GraphCell, input: NodeId) -> NodeId {
        let mut tests = Vec::new();
        for test in &cell.tests {
            tests.push(match test {
                GraphTest::Equal(value) => self.apply(Function::Equal, vec![input, *value], None),
                GraphTest::Range { low, low_open, high, high_open } => {
                    let mut ends = Vec::new();
                    if let Some(low) = low {
                        let function = if *low_open { Function::Less } else { Function::LessEqual };
                        ends.push(self.apply(function, vec![*low, input], None));
                    }
                    if let Some(high) = high {
                        let function = if *high_open { Function::Less } else { Function::LessEqual };
                        ends.push(self.apply(function, vec![input, *high], None));
                    }
                    self.junction(&ends, true)
                }
                GraphTest::Unknown => {
                    let frame = self.frame_of(input);
                    self.node(Op::State(StateTest::Unknown, input), frame, None)
                }
            });
        }
        if tests.is_empty() {
            return self.constant(Value::Boolean(true));
        }
        let any = self.junction(&tests, false);
        if cell.negated { self.not(any) } else { any }
    }
}
