//! What a value rests on, read off the evaluation that made it: the facts, and the exceptions that were asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::diagnostic::Phrase;
use crate::facts::{Case, element_path, path_of};
use crate::graph::{Frame, FrameId, GraphTest, NodeId, Op};
use crate::outcome::{Possible, Recording, Slot, is_settled, table_parts};
use crate::program::{Aggregate, EntityId, FieldShape, Provision};
use crate::report::{Reporter, words};
use crate::source::Place;
use crate::syntax::Lang;
use crate::value::Value;

/// What one value rests on.
#[derive(Clone, Debug)]
pub(crate) struct Rests {
    /// Each with what is known of it.
    pub facts: Vec<(String, Phrase)>,
    /// The same by their places.
    pub slots: BTreeSet<Slot>,
    pub exceptions: Vec<ExceptionHeld>,
}

/// An exception that a value asked for.
#[derive(Clone, Debug)]
pub(crate) struct ExceptionHeld {
    pub provision: Arc<Provision>,
    /// The rule that it is an exception to, and the element for which it was asked where that is not the household.
    pub rule: String,
    pub element: Option<String>,
    pub standing: Standing,
}

/// What the condition of an exception came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    Holds,
    HoldsNot,
    NotKnown,
    Fault,
}

impl Standing {
    pub(super) fn of(condition: &Possible) -> Standing {
        match condition.truth() {
            Some(true) => Standing::Holds,
            Some(false) => Standing::HoldsNot,
            None if condition.certain_fault().is_some() => Standing::Fault,
            None => Standing::NotKnown,
        }
    }

    /// As data names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Standing::Holds => "holds",
            Standing::HoldsNot => "does_not_hold",
            Standing::NotKnown => "not_known",
            Standing::Fault => "error",
        }
    }

    pub(super) fn word(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Standing::Holds, Lang::En) => "holds",
            (Standing::HoldsNot, Lang::En) => "does not hold",
            (Standing::NotKnown, Lang::En) => "not known",
            (Standing::Fault, Lang::En) => "error",
            (Standing::Holds, Lang::Id) => "berlaku",
            (Standing::HoldsNot, Lang::Id) => "tidak berlaku",
            (Standing::NotKnown, Lang::Id) => "belum diketahui",
            (Standing::Fault, Lang::Id) => "galat",
        }
    }
}

/// The nodes that are still to be looked at, each with its row.
struct Walk<'a> {
    reporter: &'a Reporter<'a>,
    recording: &'a Recording,
    seen: BTreeSet<(NodeId, u32)>,
    open: Vec<(NodeId, u32)>,
    facts: BTreeSet<(EntityId, usize, u32)>,
    /// In the order of their places.
    exceptions: BTreeSet<Asked>,
    /// Whether of a table that alone counts which decided, not what could have a part if facts were others.
    strict: bool,
}

/// Where an exception stands, the element for which it was asked, and what came of it.
type Asked = (Place, Option<(EntityId, u32)>, Standing, Arc<Provision>);

impl Reporter<'_> {
    /// The values, each with its row, that had a part in those of some nodes as rows of frames see them.
    pub(crate) fn reached(&self, recording: &Recording, from: &[(NodeId, FrameId, u32)]) -> BTreeSet<(NodeId, u32)> {
        Walk::through(self, recording, from.iter().copied(), false).seen
    }

    /// The facts among them.
    pub(crate) fn facts_behind(
        &self,
        recording: &Recording,
        from: &[(NodeId, FrameId, u32)],
    ) -> BTreeSet<(EntityId, usize, u32)> {
        Walk::through(self, recording, from.iter().copied(), false).facts
    }

    /// The element that a row of a frame is of; none for the household.
    pub(crate) fn element_of(&self, recording: &Recording, frame: FrameId, row: u32) -> Option<(EntityId, u32)> {
        Walk::through(self, recording, [], false).element(frame, row)
    }

    /// What a node's value for a row of a frame rests on. Of what is decided, that alone which decided it: an exception to one
    /// that does not hold is not listed, nor one of a lower priority than one that holds.
    pub(super) fn rests(&self, case: &Case, recording: &Recording, node: NodeId, frame: FrameId, row: u32) -> Rests {
        let walk = Walk::through(self, recording, [(node, frame, row)], true);
        let facts = walk
            .facts
            .iter()
            .map(|&(entity, field, row)| {
                let path = path_of(self.program, case, entity, field, row);
                let shape = self.program.entities[entity].fields.get(field).map(|f| &f.shape);
                let value = case.fact(entity, field, row).and_then(|f| f.value());
                let text = match (value, shape) {
                    (Some(value), Some(FieldShape::Scalar { ty, .. })) => Phrase {
                        en: words(self.program, value, ty, Lang::En),
                        id: words(self.program, value, ty, Lang::Id),
                    },
                    _ => Phrase { en: "not known".to_owned(), id: "belum diketahui".to_owned() },
                };
                (path, text)
            })
            .collect();
        let exceptions = walk
            .exceptions
            .into_iter()
            .map(|(_, element, standing, provision)| {
                let rule = &self.program.definitions[provision.rule];
                ExceptionHeld {
                    rule: self.program.owned(rule.owner, &rule.declared.name),
                    element: element.map(|(entity, row)| element_path(self.program, case, entity, row)),
                    standing,
                    provision,
                }
            })
            .collect();
        Rests { facts, slots: walk.facts, exceptions }
    }
}

/// What an item must be that alone decides an aggregate, as one does that makes `any` yes.
pub(super) fn witness(function: Aggregate, value: &Possible) -> Option<bool> {
    match (function, value.truth()) {
        (Aggregate::Any, Some(true)) | (Aggregate::None, Some(false)) => Some(true),
        (Aggregate::Every, Some(false)) => Some(false),
        _ => None,
    }
}

impl<'a> Walk<'a> {
    fn through(
        reporter: &'a Reporter<'a>,
        recording: &'a Recording,
        from: impl IntoIterator<Item = (NodeId, FrameId, u32)>,
        strict: bool,
    ) -> Walk<'a> {
        let mut walk = Walk {
            reporter,
            recording,
            seen: BTreeSet::new(),
            open: Vec::new(),
            facts: BTreeSet::new(),
            exceptions: BTreeSet::new(),
            strict,
        };
        from.into_iter().for_each(|(node, frame, row)| walk.read(node, frame, row));
        while let Some((id, row)) = walk.open.pop() {
            if walk.seen.insert((id, row)) {
                walk.node(id, row);
            }
        }
        walk
    }

    /// A node that a row of a frame at or below its own reads.
    fn read(&mut self, node: NodeId, frame: FrameId, row: u32) {
        let graph = self.reporter.graph;
        self.open.push((node, self.recording.frames.up(graph, frame, row, graph.nodes[node].frame)));
    }

    fn node(&mut self, id: NodeId, row: u32) {
        let (graph, recording) = (self.reporter.graph, self.recording);
        let frame = graph.nodes[id].frame;
        let get = |node: NodeId| recording.get(graph, node, frame, row);
        match &graph.nodes[id].op {
            Op::Fact { entity, field } => {
                let element = recording.frames.get(frame).rows.get(row as usize).and_then(|r| r.element);
                self.facts.extend(element.map(|element| (*entity, *field, element)));
            }
            // Of a junction that is decided, those operands alone that decided it.
            Op::And(list) | Op::Or(list) => {
                let mine = recording.own(id, row).truth();
                let decides =
                    matches!((&graph.nodes[id].op, mine), (Op::And(_), Some(false)) | (Op::Or(_), Some(true)));
                for operand in list {
                    if !decides || get(*operand).truth() == mine {
                        self.read(*operand, frame, row);
                    }
                }
            }
            Op::If { arms, otherwise } => {
                for (condition, value) in arms {
                    self.read(*condition, frame, row);
                    if get(*condition).can_be_true() {
                        self.read(*value, frame, row);
                    }
                    if !get(*condition).can_be_false() {
                        return;
                    }
                }
                self.read(*otherwise, frame, row);
            }
            Op::Exceptions { exceptions, otherwise } => {
                let element = self.element(frame, row);
                for exception in exceptions {
                    let condition = get(exception.condition);
                    let provision = Arc::clone(&exception.provision);
                    self.exceptions.insert((provision.place.clone(), element, Standing::of(condition), provision));
                    self.read(exception.condition, frame, row);
                    if condition.can_be_true() {
                        self.read(exception.value, frame, row);
                    }
                }
                if !exceptions.iter().any(|e| get(e.condition).truth() == Some(true)) {
                    self.read(*otherwise, frame, row);
                }
            }
            // The default has a part where it is taken.
            Op::Assume(of, default) => {
                self.read(*of, frame, row);
                if !is_settled(get(*of)) {
                    self.read(*default, frame, row);
                }
            }
            Op::At { node, index, home } => {
                self.read(*index, frame, row);
                match get(*index).as_known() {
                    Some(Value::Element(element)) => self.read(*node, *home, *element),
                    Some(_) => {}
                    None => {
                        let rows = u32::try_from(recording.frames.len(*home)).unwrap_or(0);
                        (0..rows).for_each(|row| self.read(*node, *home, row));
                    }
                }
            }
            Op::Rebase(of) => {
                self.open.push((*of, recording.frames.across(graph, frame, row, graph.nodes[*of].frame)));
            }
            Op::Table { table, .. } if self.strict => {
                let Some(table) = graph.tables.get(*table) else { return };
                let parts = table_parts(graph, table, &|node| get(node));
                if parts.all_columns {
                    table.inputs.iter().for_each(|node| self.read(*node, frame, row));
                }
                for (number, column) in &parts.cells {
                    table.inputs.get(*column).into_iter().for_each(|node| self.read(*node, frame, row));
                    let cell = table.rows.get(*number).and_then(|r| r.cells.get(*column));
                    for test in cell.into_iter().flat_map(|cell| &cell.tests) {
                        match test {
                            GraphTest::Equal(node) => self.read(*node, frame, row),
                            GraphTest::Range { low, high, .. } => {
                                low.iter().chain(high).for_each(|node| self.read(*node, frame, row));
                            }
                            GraphTest::Unknown => {}
                        }
                    }
                }
                let rows = parts.rows.iter().filter_map(|one| table.rows.get(one.row));
                let otherwise = table.otherwise.iter().filter(|_| parts.otherwise);
                rows.flat_map(|r| &r.outputs).chain(otherwise).for_each(|node| self.read(*node, frame, row));
            }
            Op::Aggregate { function, items, .. } if witness(*function, recording.own(id, row)).is_some() => {
                let witness = witness(*function, recording.own(id, row));
                for item in recording.frames.get(items.frame).group(row) {
                    let truth = |node| recording.get(graph, node, items.frame, item).truth();
                    if truth(items.presence) == Some(true) && truth(items.value) == witness {
                        self.read(items.presence, items.frame, item);
                        self.read(items.value, items.frame, item);
                    }
                }
            }
            Op::Combine { function, items, .. } if witness(*function, recording.own(id, row)).is_some() => {
                let witness = witness(*function, recording.own(id, row));
                for (presence, value) in items {
                    if get(*presence).truth() == Some(true) && get(*value).truth() == witness {
                        self.read(*presence, frame, row);
                        self.read(*value, frame, row);
                    }
                }
            }
            Op::Aggregate { items, .. } | Op::Contains { items, .. } => {
                for item in recording.frames.get(items.frame).group(row) {
                    self.read(items.presence, items.frame, item);
                    let present = recording.get(graph, items.presence, items.frame, item);
                    if present.as_known() != Some(&Value::Boolean(false)) {
                        self.read(items.value, items.frame, item);
                        items.order.iter().for_each(|(key, _)| self.read(*key, items.frame, item));
                    }
                }
                let rest = match &graph.nodes[id].op {
                    Op::Aggregate { empty, .. } => *empty,
                    Op::Contains { item, .. } => Some(*item),
                    _ => None,
                };
                items.top.into_iter().chain(rest).for_each(|node| self.read(node, frame, row));
            }
            // Of a list named one by one, the value in the row's own place.
            Op::Choose(list) => {
                let rows = recording.frames.get(frame);
                let place = rows.rows.get(row as usize).map_or(0, |r| row.saturating_sub(rows.group(r.outer).start));
                list.get(place as usize).into_iter().for_each(|node| self.read(*node, frame, row));
            }
            _ => graph.inputs(id).into_iter().for_each(|input| self.read(input, frame, row)),
        }
    }

    /// The element that a row is of; none for the household.
    fn element(&self, mut frame: FrameId, mut row: u32) -> Option<(EntityId, u32)> {
        loop {
            let own = self.recording.frames.get(frame).rows.get(row as usize)?;
            match (self.reporter.graph.frames[frame], own.element) {
                (Frame::Root, _) => return None,
                (Frame::Home { entity: item, .. } | Frame::Item { item, .. }, Some(element)) => {
                    return Some((item, element));
                }
                (Frame::Home { outer, .. } | Frame::Item { outer, .. } | Frame::Listed { outer, .. }, _) => {
                    (frame, row) = (outer, own.outer);
                }
            }
        }
    }
}
