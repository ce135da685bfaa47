//! One body: its expressions from the whole down, as far as each had a part.

use std::sync::Arc;

use super::lists::Keep;
use super::{
    ElementName, ExceptionGround, GroundId, GroundKind, Known, ParameterGround, Reading, RowGround, ValueGround, both,
};
use crate::diagnostic::Phrase;
use crate::graph::{FrameId, Laid, LaidBody, NodeId, Op};
use crate::outcome::{Possible, Slot, is_settled, table_parts};
use crate::program::{
    Aggregate, CellTest, Constant, DefinitionKind, DefinitionValue, DefinitionVersion, EntityId, ExprBody, ExprRef,
    Kind, ParameterId, Period, ProgrammeVersion, Provision, Table, TableId, Type, version_on,
};
use crate::report::rests::{Standing, witness};
use crate::value::Value;

/// What is still to be looked at, for a row of a frame.
pub(super) enum Step {
    Expr(ExprRef, FrameId, u32),
    /// A list, of whose items some had a part.
    List(ExprRef, FrameId, u32, Keep),
}

/// One body on its way.
pub(super) struct Visit<'b> {
    pub laid: &'b LaidBody,
    pub body: &'b ExprBody,
    pub open: Vec<Step>,
    pub found: Vec<GroundId>,
}

impl<'b> Visit<'b> {
    /// Looks at them in this order.
    pub(super) fn push(
        &mut self,
        list: impl IntoIterator<Item = ExprRef, IntoIter: DoubleEndedIterator>,
        frame: FrameId,
        row: u32,
    ) {
        self.open.extend(list.into_iter().rev().map(|e| Step::Expr(e, frame, row)));
    }

    pub(super) fn laid(&self, e: ExprRef) -> &'b Laid {
        self.laid.done.get(e.0 as usize).unwrap_or(&Laid::Gone)
    }

    fn find(&mut self, id: GroundId) {
        if !self.found.contains(&id) {
            self.found.push(id);
        }
    }
}

impl<'a> Reading<'a> {
    /// What a body's value rests on by itself; what it names is put aside to be looked into.
    pub(super) fn body(&mut self, number: usize, frame: FrameId, row: u32) -> Vec<GroundId> {
        let origins = self.origins;
        let Some(laid) = origins.bodies.get(number) else { return Vec::new() };
        let Some((body, table)) = self.written(number) else { return Vec::new() };
        let mut visit = Visit { laid, body, open: Vec::new(), found: Vec::new() };
        match table {
            Some(table) => self.table(&mut visit, table, frame, row),
            None => visit.push(body.root(), frame, row),
        }
        while let Some(step) = visit.open.pop() {
            match step {
                Step::Expr(e, frame, row) => self.expression(&mut visit, e, frame, row),
                Step::List(e, frame, row, keep) => self.list(&mut visit, e, frame, row, keep),
            }
        }
        visit.found
    }

    /// A body as it is written.
    fn written(&self, number: usize) -> Option<(&'a ExprBody, Option<TableId>)> {
        let program = self.reporter.program;
        if self.origins.definitions.contains_key(&number) {
            let version = self.version(number)?;
            return Some(match &version.value {
                DefinitionValue::Expr(body) => (body, None),
                DefinitionValue::Table(table) => (&program.tables[*table].body, Some(*table)),
            });
        }
        let of = |entry: (&(crate::program::ProgrammeId, usize), &usize)| (*entry.1 == number).then_some(*entry.0);
        let days = self.days();
        let version = |programme: crate::program::ProgrammeId| -> Option<&'a ProgrammeVersion> {
            version_on(&program.programmes[programme].versions, |v| &v.period, days.0, days.1)
        };
        if let Some((programme, index)) = self.origins.conditions.iter().find_map(of) {
            let version = version(programme)?;
            return Some((&version.requires.iter().chain(&version.refuses).nth(index)?.body, None));
        }
        let (programme, output) = self.origins.outputs.iter().find_map(of)?;
        let gives = &version(programme)?.gives;
        gives.iter().find(|(index, _)| *index == output).map(|(_, body)| (body, None))
    }

    fn version(&self, number: usize) -> Option<&'a DefinitionVersion> {
        let definition = &self.reporter.program.definitions[*self.origins.definitions.get(&number)?];
        let (as_of, known_on) = self.days();
        version_on(&definition.versions, |v| &v.period, as_of, known_on)
    }

    /// The value of a node as a row of a frame sees it; nothing where it does not.
    pub(super) fn at(&self, node: NodeId, frame: FrameId, row: u32) -> Option<&'a Possible> {
        let graph = self.reporter.graph;
        graph.is_outer(graph.nodes[node].frame, frame).then(|| self.recording.get(graph, node, frame, row))
    }

    /// Whether an expression is yes; nothing where that is not known, or its value stands nowhere.
    fn truth(&self, visit: &Visit<'_>, e: ExprRef, frame: FrameId, row: u32) -> Option<bool> {
        match visit.laid(e) {
            Laid::Value(Value::Boolean(yes)) => Some(*yes),
            Laid::Node(node) => self.at(*node, frame, row)?.truth(),
            Laid::Value(_) | Laid::List(_) | Laid::Values(_) | Laid::Gone => None,
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm a kind of expression")]
    fn expression(&mut self, visit: &mut Visit<'_>, e: ExprRef, frame: FrameId, row: u32) {
        let body = visit.body;
        match &body[e].kind {
            Kind::Constant(_)
            | Kind::Argument(_)
            | Kind::AsOf
            | Kind::KnownOn
            | Kind::Root(_)
            | Kind::Pending(_)
            | Kind::Broken => {}
            Kind::Var(_) => self.fact_at(visit, e, frame, row),
            Kind::Field { of, .. } => {
                self.fact_at(visit, e, frame, row);
                self.way(visit, *of, frame, row);
            }
            Kind::Definition { of, arguments, .. } => {
                self.definition(visit, e, *of, frame, row);
                self.way(visit, *of, frame, row);
                visit.push(arguments.iter().copied(), frame, row);
            }
            Kind::Parameter { parameter, keys } => {
                self.parameter(visit, *parameter, keys, frame, row);
                visit.push(keys.iter().copied(), frame, row);
            }
            Kind::Outcome { programme, .. } => self.programme(visit, e, *programme, usize::MAX, frame, row),
            Kind::Output { programme, output, .. } => self.programme(visit, e, *programme, *output, frame, row),
            Kind::Parent(of) | Kind::RecordField { of, .. } | Kind::Not(of) | Kind::State(_, of) => {
                visit.push([*of], frame, row);
            }
            Kind::Apply(_, operands) | Kind::List(operands) => visit.push(operands.iter().copied(), frame, row),
            Kind::And(list) | Kind::Or(list) => {
                // Of a junction that is decided, those operands alone that decided it.
                let mine = self.truth(visit, e, frame, row);
                let is_and = matches!(body[e].kind, Kind::And(_));
                let decides = mine == Some(!is_and);
                let kept: Vec<ExprRef> = match decides {
                    true => list.iter().copied().filter(|o| self.truth(visit, *o, frame, row) == mine).collect(),
                    false => Vec::new(),
                };
                // Where the operands' own values stand nowhere, all are named.
                visit.push(if kept.is_empty() { list.clone() } else { kept }, frame, row);
            }
            Kind::Assume(of, default) => {
                let settled = match visit.laid(*of) {
                    Laid::Node(node) => self.at(*node, frame, row).is_some_and(is_settled),
                    Laid::Value(_) => true,
                    Laid::List(_) | Laid::Values(_) | Laid::Gone => false,
                };
                visit.push(
                    [Some(*of), (!settled).then_some(*default)].into_iter().flatten().collect::<Vec<_>>(),
                    frame,
                    row,
                );
            }
            Kind::OrElse(of, other) => {
                let is_given = match visit.laid(*of) {
                    Laid::Node(node) => self.at(*node, frame, row).is_some_and(|v| !v.none),
                    Laid::Value(value) => *value != Value::None,
                    Laid::List(_) | Laid::Values(_) | Laid::Gone => false,
                };
                visit.push(
                    [Some(*of), (!is_given).then_some(*other)].into_iter().flatten().collect::<Vec<_>>(),
                    frame,
                    row,
                );
            }
            Kind::If { arms, otherwise } => {
                let mut list = Vec::new();
                let mut ends = false;
                for (condition, value) in arms {
                    let holds = self.truth(visit, *condition, frame, row);
                    list.push(*condition);
                    if holds != Some(false) {
                        list.push(*value);
                    }
                    if holds == Some(true) {
                        ends = true;
                        break;
                    }
                }
                if !ends {
                    list.push(*otherwise);
                }
                visit.push(list, frame, row);
            }
            Kind::Exceptions { exceptions, otherwise } => {
                let mut list = Vec::new();
                let mut one_holds = false;
                for (condition, value, provision) in exceptions {
                    if !is_in_force(visit, *condition) {
                        continue;
                    }
                    let holds = self.truth(visit, *condition, frame, row);
                    self.exception(visit, *condition, provision, frame, row);
                    list.push(*condition);
                    if holds != Some(false) {
                        list.push(*value);
                    }
                    one_holds |= holds == Some(true);
                }
                if !one_holds {
                    list.push(*otherwise);
                }
                visit.push(list, frame, row);
            }
            Kind::Contains { list, item } => {
                visit.push([*item], frame, row);
                let keep = self.keep_of(visit, e, frame, row, None);
                visit.open.push(Step::List(*list, frame, row, keep));
            }
            Kind::Aggregate { function, list, empty } => {
                let keep = self.keep_of(visit, e, frame, row, Some(*function));
                if let (Some(empty), true) = (empty, keep.is_of_nothing()) {
                    visit.push([*empty], frame, row);
                }
                visit.open.push(Step::List(*list, frame, row, keep));
            }
            Kind::Where { .. } | Kind::Each { .. } | Kind::SortBy { .. } | Kind::Top { .. } | Kind::Element { .. } => {
                visit.open.push(Step::List(e, frame, row, Keep::All));
            }
        }
    }

    /// The links by which an element is reached.
    fn way(&mut self, visit: &mut Visit<'_>, of: ExprRef, frame: FrameId, row: u32) {
        if !matches!(visit.body[of].kind, Kind::Var(_) | Kind::Root(_)) {
            visit.push([of], frame, row);
        }
    }

    /// The fact that an expression is.
    fn fact_at(&mut self, visit: &mut Visit<'_>, e: ExprRef, frame: FrameId, row: u32) {
        let Laid::Node(node) = visit.laid(e) else { return };
        let slot = self.slot_at(*node, frame, row);
        let found = slot.and_then(|slot| self.fact(slot));
        found.into_iter().for_each(|id| visit.find(id));
    }

    fn slot_at(&self, mut node: NodeId, mut frame: FrameId, mut row: u32) -> Option<Slot> {
        let graph = self.reporter.graph;
        let frames = &self.recording.frames;
        loop {
            let own = graph.nodes[node].frame;
            if !graph.is_outer(own, frame) {
                return None;
            }
            row = frames.up(graph, frame, row, own);
            frame = own;
            match &graph.nodes[node].op {
                Op::Fact { entity, field } => {
                    let element = frames.get(frame).rows.get(row as usize)?.element?;
                    return Some((*entity, *field, element));
                }
                Op::At { node: of, index, home } => {
                    let Some(Value::Element(element)) = self.at(*index, frame, row)?.as_known() else { return None };
                    (node, frame, row) = (*of, *home, *element);
                }
                Op::Rebase(of) => {
                    let to = graph.nodes[*of].frame;
                    (node, row) = (*of, frames.across(graph, frame, row, to));
                    frame = to;
                }
                _ => return None,
            }
        }
    }

    /// The row of a body's owner that an expression asks it for.
    pub(super) fn place_of(
        &self,
        visit: &Visit<'_>,
        callee: usize,
        of: ExprRef,
        frame: FrameId,
        row: u32,
    ) -> Option<(FrameId, u32)> {
        let graph = self.reporter.graph;
        let home = self.origins.bodies.get(callee)?.home?;
        if matches!(graph.frames[home], crate::graph::Frame::Root) {
            return Some((home, 0));
        }
        let of = match visit.laid(of) {
            Laid::Node(node) => self.at(*node, frame, row).and_then(Possible::as_known),
            Laid::Value(value) => Some(value),
            Laid::List(_) | Laid::Values(_) | Laid::Gone => None,
        };
        match of {
            Some(Value::Element(element)) if !graph.is_outer(home, frame) || is_home(graph, home) => {
                Some((home, *element))
            }
            _ if graph.is_outer(home, frame) => Some((home, self.recording.frames.up(graph, frame, row, home))),
            _ => None,
        }
    }

    fn definition(&mut self, visit: &mut Visit<'_>, e: ExprRef, of: ExprRef, frame: FrameId, row: u32) {
        let Some(callee) = visit.laid.calls.get(&e).copied() else { return };
        let Some((home, at)) = self.place_of(visit, callee, of, frame, row) else { return };
        if let Some(id) = self.value(callee, home, at) {
            visit.find(id);
        }
    }

    /// A body's value for a row as a ground; what it rests on is looked into later.
    pub(super) fn value(&mut self, number: usize, frame: FrameId, row: u32) -> Option<GroundId> {
        let known = Known::Value(number, frame, row);
        if let Some(id) = self.grounds.get(&known) {
            return Some(id);
        }
        let program = self.reporter.program;
        let laid = self.origins.bodies.get(number)?;
        let definition = &program.definitions[*self.origins.definitions.get(&number)?];
        let version = self.version(number);
        // A part that an act puts in is told by the name of what it changes.
        let named = definition.part_of.map_or(definition, |of| &program.definitions[of]);
        let value = match &laid.result {
            Laid::Value(value) => Some(value.clone()),
            Laid::Node(node) => self.at(*node, frame, row).and_then(Possible::as_known).cloned(),
            Laid::List(_) | Laid::Values(_) | Laid::Gone => None,
        };
        let label = match version {
            Some(version) if both(&version.label) != Phrase::default() => both(&version.label),
            _ => both(&named.declared.label),
        };
        let ground = ValueGround {
            name: program.owned(named.owner, &named.declared.name),
            label,
            element: self
                .reporter
                .element_of(self.recording, frame, row)
                .and_then(|of| ElementName::of(program, self.case, of)),
            value: value.as_ref().filter(|_| definition.ty.is_scalar()).map(|value| self.words(value, &definition.ty)),
            truth: match value {
                Some(Value::Boolean(yes)) => Some(yes),
                _ => None,
            },
            period: version.map(|v| v.period).unwrap_or_default(),
            basis: version.map(|v| both(&v.basis)).unwrap_or_default(),
            place: self.place(version.map_or(named.declared.span, |v| v.span)),
            is_table: definition.kind == DefinitionKind::Table,
            is_list: !definition.ty.is_scalar(),
        };
        let id = self.grounds.add(known, GroundKind::Value(ground));
        self.open.push((id, number, frame, row));
        Some(id)
    }

    fn parameter(&mut self, visit: &mut Visit<'_>, id: ParameterId, keys: &[ExprRef], frame: FrameId, row: u32) {
        let program = self.reporter.program;
        let parameter = &program.parameters[id];
        let values = keys.iter().map(|key| match visit.laid(*key) {
            Laid::Value(value) => Some(value.clone()),
            Laid::Node(node) => self.at(*node, frame, row).and_then(Possible::as_known).cloned(),
            Laid::List(_) | Laid::Values(_) | Laid::Gone => None,
        });
        let Some(keys) = values.collect::<Option<Vec<Value>>>() else { return };
        let known = Known::Parameter(id, keys.clone());
        if let Some(id) = self.grounds.get(&known) {
            return visit.find(id);
        }
        let (as_of, known_on) = self.days();
        let listed = parameter.values.iter().find(|v| v.keys == keys);
        let version = listed.and_then(|v| version_on(&v.versions, |v| &v.period, as_of, known_on));
        let Some(value) = version.map(|v| &v.value).or(parameter.default.as_ref()) else { return };
        let value = match value {
            Constant::One(value) => self.words(value, &parameter.ty),
            Constant::List(values) => {
                let Type::List(item) = &parameter.ty else { return };
                let all: Vec<Phrase> = values.iter().map(|value| self.words(value, item)).collect();
                let join = |part: fn(&Phrase) -> &str| all.iter().map(part).collect::<Vec<_>>().join(", ");
                Phrase { en: join(|p| &p.en), id: join(|p| &p.id) }
            }
        };
        let named = parameter.part_of.map_or(parameter, |of| &program.parameters[of]);
        let basis = match version.map(|v| both(&v.basis)) {
            Some(basis) if basis != Phrase::default() => basis,
            _ => both(&named.basis),
        };
        let ground = ParameterGround {
            name: Arc::clone(&named.declared.name),
            label: both(&named.declared.label),
            keys: keys.iter().zip(&parameter.keys).map(|(key, (_, ty))| self.words(key, ty)).collect(),
            value,
            is_default: version.is_none(),
            period: version.map(|v| v.period).unwrap_or(Period::default()),
            basis,
            act: version.and_then(|v| v.act).map(|act| both(&program.acts[act].label)),
            place: self.place(version.map_or(named.declared.span, |v| v.span)),
        };
        let id = self.grounds.add(known, GroundKind::Parameter(ground));
        visit.find(id);
    }

    fn exception(
        &mut self,
        visit: &mut Visit<'_>,
        condition: ExprRef,
        provision: &Arc<Provision>,
        frame: FrameId,
        row: u32,
    ) {
        let program = self.reporter.program;
        let element = self.reporter.element_of(self.recording, frame, row);
        let known = Known::Exception(Arc::clone(provision), element);
        if let Some(id) = self.grounds.get(&known) {
            return visit.find(id);
        }
        let standing = match visit.laid(condition) {
            Laid::Node(node) => self.at(*node, frame, row).map_or(Standing::NotKnown, Standing::of),
            Laid::Value(Value::Boolean(true)) => Standing::Holds,
            Laid::Value(Value::Boolean(false)) => Standing::HoldsNot,
            Laid::Value(_) | Laid::List(_) | Laid::Values(_) | Laid::Gone => return,
        };
        let rule = &program.definitions[provision.rule];
        let ground = ExceptionGround {
            provision: Arc::clone(provision),
            rule: program.owned(rule.owner, &rule.declared.name),
            element: element.and_then(|of: (EntityId, u32)| ElementName::of(program, self.case, of)),
            standing,
        };
        let id = self.grounds.add(known, GroundKind::Exception(ground));
        visit.find(id);
    }

    /// What another programme came to.
    fn programme(
        &mut self,
        visit: &mut Visit<'_>,
        e: ExprRef,
        programme: crate::program::ProgrammeId,
        output: usize,
        frame: FrameId,
        row: u32,
    ) {
        let declared = &self.reporter.program.programmes[programme];
        let element = self.reporter.element_of(self.recording, frame, row);
        let known = Known::Programme(Arc::clone(&declared.declared.name), element, output);
        if let Some(id) = self.grounds.get(&known) {
            return visit.find(id);
        }
        let value = match visit.laid(e) {
            Laid::Value(value) => Some(value.clone()),
            Laid::Node(node) => self.at(*node, frame, row).and_then(Possible::as_known).cloned(),
            Laid::List(_) | Laid::Values(_) | Laid::Gone => None,
        };
        let ty = &visit.body[e].ty;
        let name = match declared.outputs.get(output) {
            Some(output) => format!("{}.{}", declared.declared.name, output.name).into(),
            None => Arc::clone(&declared.declared.name),
        };
        let value = value.map(|value| self.words(&value, ty));
        let kind = GroundKind::Programme { name, label: both(&declared.declared.label), value };
        let id = self.grounds.add(known, kind);
        visit.find(id);
    }

    /// The rows of a table that match or may, and of those that do not what kept them out, where that had a part.
    fn table(&mut self, visit: &mut Visit<'_>, id: TableId, frame: FrameId, row: u32) {
        let table: &'a Table = &self.reporter.program.tables[id];
        let graph = self.reporter.graph;
        let node = visit.laid.table;
        let graph_table = node.and_then(|node| match graph.nodes[node].op {
            Op::Table { table, .. } => graph.tables.get(table),
            _ => None,
        });
        let own = node.and_then(|node| self.at(node, frame, row).map(|_| graph.nodes[node].frame));
        let (Some(graph_table), Some(own)) = (graph_table, own) else {
            // A list of rows, or one that is the same for all: its columns stand for it.
            visit.push(table.inputs.iter().copied(), frame, row);
            return;
        };
        let at = self.recording.frames.up(graph, frame, row, own);
        let recording = self.recording;
        let parts = table_parts(graph, graph_table, &|node| recording.get(graph, node, own, at));
        let mut list = Vec::new();
        for one in &parts.rows {
            let Some(written) = table.rows.get(one.row) else { continue };
            let known = Known::Row(id, one.row, own, at);
            let ground = match self.grounds.get(&known) {
                Some(ground) => ground,
                None => {
                    let row = RowGround {
                        table: Arc::clone(&table.name),
                        number: one.row + 1,
                        is_certain: one.is_certain,
                        basis: both(&written.basis),
                        place: self.place(written.span),
                    };
                    self.grounds.add(known, GroundKind::Row(row))
                }
            };
            visit.find(ground);
        }
        if parts.all_columns {
            list.extend(&table.inputs);
        }
        for (row, column) in &parts.cells {
            let cell = table.rows.get(*row).and_then(|row| row.cells.get(*column));
            list.extend(table.inputs.get(*column));
            for test in cell.into_iter().flat_map(|cell| &cell.tests) {
                match test {
                    CellTest::Equal(e) => list.push(*e),
                    CellTest::Range { low, high, .. } => list.extend(low.iter().chain(high)),
                    CellTest::Unknown => {}
                }
            }
        }
        list.extend(parts.rows.iter().filter_map(|one| table.rows.get(one.row)).flat_map(|row| &row.outputs));
        if parts.otherwise {
            list.extend(&table.otherwise);
        }
        let mut seen = std::collections::BTreeSet::new();
        list.retain(|e| seen.insert(*e));
        visit.push(list, frame, row);
    }

    /// Which items of a list had a part in an aggregate of it, or in whether it holds a value.
    fn keep_of(&self, visit: &Visit<'_>, e: ExprRef, frame: FrameId, row: u32, function: Option<Aggregate>) -> Keep {
        let graph = self.reporter.graph;
        let Laid::Node(node) = visit.laid(e) else { return Keep::All };
        let Some(value) = self.at(*node, frame, row) else { return Keep::All };
        let own = graph.nodes[*node].frame;
        let row = self.recording.frames.up(graph, frame, row, own);
        let items: Vec<(&Possible, &Possible)> = match &graph.nodes[*node].op {
            Op::Aggregate { items, .. } | Op::Contains { items, .. } => {
                let at = |node, row| self.recording.get(graph, node, items.frame, row);
                let group = self.recording.frames.get(items.frame).group(row);
                group.map(|row| (at(items.presence, row), at(items.value, row))).collect()
            }
            Op::Combine { items, .. } => {
                let at = |node| self.recording.get(graph, node, own, row);
                items.iter().map(|(presence, value)| (at(*presence), at(*value))).collect()
            }
            _ => return Keep::All,
        };
        let witness = function.and_then(|function| witness(function, value));
        let is_top = matches!(&graph.nodes[*node].op, Op::Aggregate { items, .. } if items.top.is_some());
        if is_top {
            return Keep::All;
        }
        Keep::of(items, witness)
    }
}

fn is_home(graph: &crate::graph::Graph, frame: FrameId) -> bool {
    matches!(graph.frames[frame], crate::graph::Frame::Home { .. })
}

/// Whether the days of an exception allow it, which are the first parts of its condition: one that is not in force is no part
/// of the law of the day.
fn is_in_force(visit: &Visit<'_>, condition: ExprRef) -> bool {
    let is_day = |e: &ExprRef| match &visit.body[*e].kind {
        Kind::Apply(_, operands) => operands.iter().any(|o| matches!(visit.body[*o].kind, Kind::AsOf | Kind::KnownOn)),
        _ => false,
    };
    let is_over = |e: &ExprRef| is_day(e) && matches!(visit.laid(*e), Laid::Value(Value::Boolean(false)));
    match &visit.body[condition].kind {
        Kind::And(list) => !list.iter().any(is_over),
        _ => true,
    }
}
