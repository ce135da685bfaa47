//! What one decided household shows of the rules: read off its evaluation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::facts::Case;
use crate::graph::{
    ConditionKind, Frame, FrameId, Graph, Laid, LaidBody, Lowered, NodeId, Op, Origins, RootCondition, RootProgramme,
};
use crate::outcome::{Possible, Recording, Verdict, cells_of, decide, evaluate, rows_of};
use crate::program::*;
use crate::ruleset::{Plan, Ruleset};
use crate::source::{Place, SourceMap};
use crate::testing::coverage::junctions::{Junction, Written, junctions};
use crate::testing::coverage::{Coverage, CoverageGoal, CoverageKind, MOST_ROWS, definition_name, items};
use crate::value::{Date, Value};

/// What a test expects something of.
#[derive(Default)]
pub(in crate::testing) struct Expected<'p> {
    pub programmes: BTreeSet<ProgrammeId>,
    /// Expressions over the household.
    pub bodies: Vec<&'p ExprBody>,
    /// Named values.
    pub values: BTreeSet<DefinitionId>,
}

/// What is shown beside what a test asks for, so that its value can be watched: by definition, under its name in the plan.
pub(in crate::testing) struct Watch {
    pub show: Vec<(Arc<str>, DefinitionId)>,
    junctions: BTreeMap<Written, Vec<Junction>>,
}

impl Watch {
    /// The definitions that are yes or no.
    pub(in crate::testing) fn of(rules: &Ruleset) -> Watch {
        let program = &rules.inner().program;
        let watched = program.definitions.iter().filter(|(_, d)| items::goals_of(d).is_some());
        let show = watched.map(|(id, _)| (Arc::from(format!("{id:?}")), id)).collect();
        Watch { show, junctions: junctions(program, &rules.inner().sources) }
    }
}

impl Coverage {
    /// Counts what a household shows. The plan is a traced one that shows what is watched, before anything else.
    pub(in crate::testing) fn observe(
        &mut self,
        rules: &Ruleset,
        watch: &Watch,
        plan: &Plan,
        case: &Case,
        expected: &Expected<'_>,
    ) {
        let inner = rules.inner();
        let graph = plan.plan_graph();
        let Some(day) = graph.day else { return };
        let recording = evaluate(graph, case, &inner.limits);
        let mut look = Look {
            program: &inner.program,
            sources: &inner.sources,
            graph,
            case,
            recording: &recording,
            day: (day.as_of, day.known_on),
            from: Vec::new(),
            open: Vec::new(),
            seen: BTreeSet::new(),
            programmes: BTreeSet::new(),
            rows: BTreeMap::new(),
            used: BTreeSet::new(),
            out: self,
        };
        for root in graph.programmes.iter().filter(|root| expected.programmes.contains(&root.programme)) {
            look.programme(root, &inner.limits);
        }
        look.open.extend(expected.bodies.iter().map(|body| Open::Body(body, Vec::new())));
        look.open.extend(expected.values.iter().map(|id| Open::Definition(*id, Vec::new())));
        for lowered in &graph.extra {
            if let Lowered::One(node) = lowered {
                look.every_row(*node);
            }
        }
        let shown =
            graph.values.iter().zip(&watch.show).map(|(value, (_, id))| (*id, value)).collect::<BTreeMap<_, _>>();
        for value in graph.values.iter().skip(watch.show.len()) {
            match &value.value {
                Lowered::One(node) => look.every_row(*node),
                Lowered::Record(list) => list.iter().for_each(|(_, node)| look.every_row(*node)),
                Lowered::List(items) => look.every_row(items.value),
                Lowered::Values(_) | Lowered::Records(_) => {}
            }
        }
        let reached = plan.reporter().reached(&recording, &look.from);
        look.reached(&reached);
        look.named();
        look.joined(plan.origins(), watch, &reached);
        look.collected(plan.origins(), &reached);
        let definitions: Vec<DefinitionId> =
            look.seen.iter().filter(|(_, args)| args.is_empty()).map(|(id, _)| *id).collect();
        for id in definitions {
            if let Some(Lowered::One(node)) = shown.get(&id).map(|value| &value.value) {
                look.truth(id, *node);
            }
        }
    }
}

enum Open<'p> {
    Body(&'p ExprBody, Vec<Option<Value>>),
    Definition(DefinitionId, Vec<Option<Value>>),
    Programme(ProgrammeId, Option<usize>),
}

struct Look<'a, 'p> {
    program: &'p Program,
    sources: &'p SourceMap,
    graph: &'a Graph,
    case: &'a Case,
    recording: &'a Recording,
    day: (Date, Date),
    /// What the expected results rest on: as the evaluation has it, and as the rules are written.
    from: Vec<(NodeId, crate::graph::FrameId, u32)>,
    open: Vec<Open<'p>>,
    /// The definitions that they rest on, with the arguments that are constants.
    seen: BTreeSet<(DefinitionId, Vec<Option<Value>>)>,
    /// The programmes that they rest on: whether these are given, or one of their outputs.
    programmes: BTreeSet<(ProgrammeId, Option<usize>)>,
    /// The rows of tables that have matched.
    rows: BTreeMap<TableId, BTreeSet<usize>>,
    /// The values of parameters that have been asked for.
    used: BTreeSet<(ParameterId, Vec<Value>)>,
    out: &'a mut Coverage,
}

impl<'p> Look<'_, 'p> {
    /// The rows of a frame that are of elements that the facts list.
    fn real_rows(&self, frame: crate::graph::FrameId) -> Vec<u32> {
        let rows = (0u32..).zip(&self.recording.frames.get(frame).rows);
        let real = rows.filter(|(_, row)| match self.graph.frames[frame] {
            Frame::Home { entity, .. } => {
                let held = row.element.and_then(|e| self.case.table(entity)?.rows.get(e as usize));
                held.is_some_and(|row| row.phantom.is_none())
            }
            Frame::Root | Frame::Item { .. } | Frame::Listed { .. } => true,
        });
        real.map(|(row, _)| row).collect()
    }

    fn every_row(&mut self, node: NodeId) {
        let frame = self.graph.nodes[node].frame;
        let rows = self.real_rows(frame);
        self.from.extend(rows.into_iter().map(|row| (node, frame, row)));
    }

    fn programme(&mut self, root: &RootProgramme, limits: &crate::limits::Limits) {
        let program = self.program;
        let programme = &program.programmes[root.programme];
        let Some(version) = version_on(&programme.versions, |v| &v.period, self.day.0, self.day.1) else { return };
        let place = self.sources.place(version.span);
        let mut is_eligible = false;
        for row in self.real_rows(root.frame) {
            let judged = decide(self.graph, self.case, self.recording, root, row, limits);
            let goal = match judged.verdict {
                Verdict::Eligible => Some(CoverageGoal::Eligible),
                Verdict::NotEligible => Some(CoverageGoal::NotEligible),
                Verdict::Undetermined => Some(CoverageGoal::Undetermined),
                Verdict::Error => None,
            };
            if let Some(goal) = goal {
                self.out.show(place.clone(), CoverageKind::Programme, programme.declared.name.to_string(), goal);
            }
            is_eligible |= judged.verdict == Verdict::Eligible;
            let fulfilled: Vec<Option<bool>> = root
                .conditions
                .iter()
                .map(|c| is_fulfilled(c, self.recording.get(self.graph, c.node, root.frame, row)))
                .collect();
            for (index, condition) in root.conditions.iter().enumerate() {
                let name = items::condition_name(programme, &condition.name);
                let written = version.requires.iter().chain(&version.refuses).find(|c| c.name == condition.name);
                let at = match (condition.kind, written) {
                    (ConditionKind::Requires | ConditionKind::Refuses, Some(written)) => {
                        self.sources.place(written.span)
                    }
                    (ConditionKind::Excluded(_), _) | (_, None) => place.clone(),
                };
                let value = self.recording.get(self.graph, condition.node, root.frame, row);
                let alone = fulfilled.iter().enumerate().all(|(i, f)| *f == Some(i != index));
                let shown = [
                    truth_of(value),
                    judged.failing.contains(&index).then_some(CoverageGoal::Reason),
                    alone.then_some(CoverageGoal::Decides),
                ];
                for goal in shown.into_iter().flatten() {
                    self.out.show(at.clone(), CoverageKind::Condition, name.clone(), goal);
                }
                self.from.push((condition.node, root.frame, row));
            }
            if judged.verdict == Verdict::Eligible {
                self.from.extend(root.outputs.iter().map(|(_, node)| (*node, root.frame, row)));
            }
        }
        self.open.push(Open::Programme(root.programme, None));
        if is_eligible {
            self.open.extend(version.gives.iter().map(|(_, body)| Open::Body(body, Vec::new())));
        }
    }

    /// What the evaluation has gone through on its way to the expected results.
    fn reached(&mut self, reached: &BTreeSet<(NodeId, u32)>) {
        let (graph, program) = (self.graph, self.program);
        for (id, row) in reached {
            let node = &graph.nodes[*id];
            let get = |of: NodeId| self.recording.get(graph, of, node.frame, *row);
            match &node.op {
                Op::Exceptions { exceptions, .. } => {
                    for exception in exceptions {
                        let provision = &exception.provision;
                        if let Some(goal) = truth_of(get(exception.condition)) {
                            let name = items::exception_name(program, provision);
                            self.out.show(provision.place.clone(), CoverageKind::Exception, name, goal);
                        }
                    }
                }
                Op::Parameter { parameter, keys } => {
                    let keys: Option<Vec<Value>> = keys.iter().map(|k| get(*k).as_known().cloned()).collect();
                    self.used.extend(keys.map(|keys| (*parameter, keys)));
                }
                Op::Table { table, .. } => {
                    let Some(table) = graph.tables.get(*table) else { continue };
                    let written = &program.tables[table.id];
                    let (matched, is_else) = rows_of(graph, table, &get);
                    for number in &matched {
                        let Some(row) = written.rows.get(*number) else { continue };
                        let name = items::row_name(written, *number);
                        self.out.show(self.sources.place(row.span), CoverageKind::Row, name, CoverageGoal::Used);
                    }
                    if is_else && let Some(otherwise) = written.otherwise.first() {
                        let place = self.sources.place(written.body[*otherwise].span);
                        self.out.show(place, CoverageKind::Row, items::else_name(written), CoverageGoal::Used);
                    }
                    self.rows.entry(table.id).or_default().extend(matched);
                    if written.rows.len() > MOST_ROWS {
                        continue;
                    }
                    for (number, (row, graph_row)) in written.rows.iter().zip(&table.rows).enumerate() {
                        let holds = cells_of(graph, table, graph_row, &get);
                        for (column, cell) in row.cells.iter().enumerate() {
                            // It alone keeps the row from matching.
                            if holds.iter().enumerate().all(|(i, holds)| *holds == Some(i != column)) {
                                let place = items::cell_place(written, self.sources, row, cell);
                                let name = items::cell_name(written, self.sources, number, column);
                                self.out.show(place, CoverageKind::Cell, name, CoverageGoal::Decides);
                            }
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// What the expected results rest on as the rules are written: definitions, and parameters by constant keys, which the
    /// evaluation has no more of.
    fn named(&mut self) {
        let (program, (as_of, known_on)) = (self.program, self.day);
        while let Some(next) = self.open.pop() {
            match next {
                Open::Body(body, arguments) => {
                    let all = body.iter().map(|(at, _)| at).collect();
                    self.expressions(body, all, &arguments);
                }
                Open::Definition(id, arguments) => {
                    if !self.seen.insert((id, arguments.clone())) {
                        continue;
                    }
                    let versions = &program.definitions[id].versions;
                    match version_on(versions, |v| &v.period, as_of, known_on).map(|v| &v.value) {
                        Some(DefinitionValue::Expr(body)) => self.open.push(Open::Body(body, arguments)),
                        Some(DefinitionValue::Table(table)) => {
                            let written = &program.tables[*table];
                            let start = self.written_of(*table, written);
                            self.expressions(&written.body, start, &arguments);
                        }
                        None => {}
                    }
                }
                Open::Programme(id, output) => {
                    let versions = &program.programmes[id].versions;
                    let version = version_on(versions, |v| &v.period, as_of, known_on);
                    let Some(version) = version.filter(|_| self.programmes.insert((id, output))) else { continue };
                    let conditions = version.requires.iter().chain(&version.refuses).map(|c| &c.body);
                    let gifts = version.gives.iter().filter(|(o, _)| Some(*o) == output).map(|(_, body)| body);
                    match output {
                        None => self.open.extend(conditions.map(|body| Open::Body(body, Vec::new()))),
                        Some(_) => self.open.extend(gifts.map(|body| Open::Body(body, Vec::new()))),
                    }
                }
            }
        }
        for (id, keys) in std::mem::take(&mut self.used) {
            let parameter = &program.parameters[id];
            let value = parameter.values.iter().find(|value| value.keys == keys);
            let version = value.and_then(|value| Some((value, items::in_force(value, as_of, known_on)?)));
            if let Some((value, version)) = version {
                let (place, name) = items::parameter_item(program, self.sources, parameter, value, version);
                self.out.show(place, CoverageKind::Parameter, name, CoverageGoal::Used);
            }
        }
    }

    /// What a table asks, and what it gives in the rows that have matched.
    fn written_of(&self, id: TableId, table: &Table) -> Vec<ExprRef> {
        let matched = self.rows.get(&id);
        let is_told = table.policy != HitPolicy::Collect(crate::syntax::Collect::List);
        let mut out = table.inputs.clone();
        out.extend(&table.otherwise);
        for (number, row) in table.rows.iter().enumerate() {
            for test in row.cells.iter().flat_map(|cell| &cell.tests) {
                match test {
                    CellTest::Equal(at) => out.push(*at),
                    CellTest::Range { low, high, .. } => out.extend(low.iter().chain(high)),
                    CellTest::Unknown => {}
                }
            }
            if !is_told || matched.is_some_and(|rows| rows.contains(&number)) {
                out.extend(&row.outputs);
            }
        }
        out
    }

    fn expressions(&mut self, body: &'p ExprBody, mut open: Vec<ExprRef>, arguments: &[Option<Value>]) {
        let constant = |at: ExprRef| match &body[at].kind {
            Kind::Constant(value) => Some(value.clone()),
            Kind::Argument(n) => arguments.get(*n).cloned().flatten(),
            _ => None,
        };
        let mut seen = BTreeSet::new();
        while let Some(at) = open.pop() {
            if !seen.insert(at) {
                continue;
            }
            let kind = &body[at].kind;
            open.extend(operands(kind));
            match kind {
                Kind::Definition { definition, arguments, .. } => {
                    let arguments = arguments.iter().map(|a| constant(*a)).collect();
                    self.open.push(Open::Definition(*definition, arguments));
                }
                Kind::Parameter { parameter, keys } => {
                    let keys: Option<Vec<Value>> = keys.iter().map(|k| constant(*k)).collect();
                    self.used.extend(keys.map(|keys| (*parameter, keys)));
                }
                Kind::Outcome { programme, .. } => self.open.push(Open::Programme(*programme, None)),
                Kind::Output { programme, output, .. } => self.open.push(Open::Programme(*programme, Some(*output))),
                _ => {}
            }
        }
    }

    /// What a definition that is yes or no comes to, of the household or of each member.
    fn truth(&mut self, id: DefinitionId, node: NodeId) {
        let definition = &self.program.definitions[id];
        let Some((kind, _)) = items::goals_of(definition) else { return };
        let Some(version) = version_on(&definition.versions, |v| &v.period, self.day.0, self.day.1) else { return };
        let place = self.sources.place(version.span);
        for row in self.real_rows(self.graph.nodes[node].frame) {
            if let Some(goal) = truth_of(self.recording.own(node, row)) {
                self.out.show(place.clone(), kind, definition_name(self.program, id), goal);
            }
        }
    }

    /// The bodies that the expected results rest on, as they are written and as the evaluation has them.
    fn bodies<'o>(&self, origins: &'o Origins) -> Vec<(Written, &'o LaidBody)> {
        let (program, (as_of, known_on)) = (self.program, self.day);
        let definitions: BTreeSet<DefinitionId> = self.seen.iter().map(|(id, _)| *id).collect();
        let mut out = Vec::new();
        for (number, id) in origins.definitions.iter().filter(|(_, id)| definitions.contains(id)) {
            let version = position_on(&program.definitions[*id].versions, |v| &v.period, as_of, known_on);
            out.extend(version.zip(origins.bodies.get(*number)).map(|(v, body)| (Written::Definition(*id, v), body)));
        }
        let version = |id: ProgrammeId| position_on(&program.programmes[id].versions, |v| &v.period, as_of, known_on);
        for ((id, index), number) in
            origins.conditions.iter().filter(|((id, _), _)| self.programmes.contains(&(*id, None)))
        {
            let body = version(*id).zip(origins.bodies.get(*number));
            out.extend(body.map(|(v, body)| (Written::Condition(*id, v, *index), body)));
        }
        let is_asked = |of: &(ProgrammeId, usize)| self.programmes.contains(&(of.0, Some(of.1)));
        for ((id, output), number) in origins.outputs.iter().filter(|(of, _)| is_asked(of)) {
            let body = version(*id).zip(origins.bodies.get(*number));
            out.extend(body.map(|(v, body)| (Written::Output(*id, v, *output), body)));
        }
        out
    }

    /// Whether an expression is yes, as a row of a frame sees it.
    fn truth_at(&self, laid: &Laid, frame: FrameId, row: u32) -> Option<bool> {
        match laid {
            Laid::Value(Value::Boolean(yes)) => Some(*yes),
            Laid::Node(node) if self.graph.is_outer(self.graph.nodes[*node].frame, frame) => {
                self.recording.get(self.graph, *node, frame, row).truth()
            }
            Laid::Node(_) | Laid::Value(_) | Laid::List(_) | Laid::Values(_) | Laid::Gone => None,
        }
    }

    /// Which of the conditions that are joined settle alone what they come to.
    fn joined(&mut self, origins: &Origins, watch: &Watch, reached: &BTreeSet<(NodeId, u32)>) {
        for (written, laid) in self.bodies(origins) {
            for junction in watch.junctions.get(&written).into_iter().flatten() {
                let at = |e: ExprRef| laid.done.get(e.0 as usize).unwrap_or(&Laid::Gone);
                let Laid::Node(node) = at(junction.root) else { continue };
                let frame = self.graph.nodes[*node].frame;
                for (_, row) in reached.range((*node, 0)..=(*node, u32::MAX)) {
                    let deciding = junction.deciding(|e| self.truth_at(at(e), frame, *row));
                    for (operand, goal) in deciding {
                        self.out.show(operand.place.clone(), CoverageKind::Operand, operand.name.clone(), goal);
                    }
                }
            }
        }
    }

    /// The rows of tables that collect lists, and their cells.
    fn collected(&mut self, origins: &Origins, reached: &BTreeSet<(NodeId, u32)>) {
        let program = self.program;
        for (written, laid) in self.bodies(origins) {
            let Written::Definition(id, version) = written else { continue };
            let version = program.definitions[id].versions.get(version).map(|v| &v.value);
            let (Some(DefinitionValue::Table(table)), Some(collected)) = (version, &laid.collected) else { continue };
            let table = &program.tables[*table];
            for (number, (row, laid)) in table.rows.iter().zip(&collected.rows).enumerate() {
                let place = self.sources.place(row.span);
                self.used(&laid.matches, reached, &place, items::row_name(table, number));
                // A row that matches whatever the household has no cell that asks.
                let Laid::Node(node) = &laid.matches else { continue };
                let frame = self.graph.nodes[*node].frame;
                for (_, at) in reached.range((*node, 0)..=(*node, u32::MAX)).filter(|_| table.rows.len() <= MOST_ROWS) {
                    let holds: Vec<_> = laid.cells.iter().map(|cell| self.truth_at(cell, frame, *at)).collect();
                    for (column, cell) in row.cells.iter().enumerate() {
                        if holds.iter().enumerate().all(|(i, holds)| *holds == Some(i != column)) {
                            let place = items::cell_place(table, self.sources, row, cell);
                            let name = items::cell_name(table, self.sources, number, column);
                            self.out.show(place, CoverageKind::Cell, name, CoverageGoal::Decides);
                        }
                    }
                }
            }
            if let (Some(matches), Some(otherwise)) = (&collected.otherwise, table.otherwise.first()) {
                let place = self.sources.place(table.body[*otherwise].span);
                self.used(matches, reached, &place, items::else_name(table));
            }
        }
    }

    /// Counts a row that is collected, each time that it is.
    fn used(&mut self, matches: &Laid, reached: &BTreeSet<(NodeId, u32)>, place: &Place, name: String) {
        let times = match matches {
            Laid::Value(Value::Boolean(true)) => 1,
            Laid::Node(node) => {
                let rows = reached.range((*node, 0)..=(*node, u32::MAX));
                rows.filter(|(_, row)| self.recording.own(*node, *row).truth() == Some(true)).count()
            }
            Laid::Value(_) | Laid::List(_) | Laid::Values(_) | Laid::Gone => 0,
        };
        for _ in 0..times {
            self.out.show(place.clone(), CoverageKind::Row, name.clone(), CoverageGoal::Used);
        }
    }
}

/// The version that is in force, by its position.
fn position_on<V>(versions: &[V], period: impl Fn(&V) -> &Period, as_of: Date, known_on: Date) -> Option<usize> {
    let found: *const V = version_on(versions, period, as_of, known_on)?;
    versions.iter().position(|version| std::ptr::eq(version, found))
}

fn truth_of(value: &Possible) -> Option<CoverageGoal> {
    match value.truth() {
        Some(true) => Some(CoverageGoal::True),
        Some(false) => Some(CoverageGoal::False),
        None if value.certain_fault().is_some() => None,
        None => Some(CoverageGoal::Unknown),
    }
}

/// Whether a condition lets the household through, where that is known.
fn is_fulfilled(condition: &RootCondition, value: &Possible) -> Option<bool> {
    let wanted = matches!(condition.kind, ConditionKind::Requires);
    value.truth().map(|truth| truth == wanted)
}
