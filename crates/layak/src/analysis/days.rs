//! The rules as they stand on each day on which something in them changes, over a household of which nothing is known.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::arena::Id;
use crate::facts::{Case, CaseTable, Fact, ListFact, ListState, Row};
use crate::graph::{Day, FrameId, Graph, Lowered, NodeId, Request, from_program};
use crate::limits::Limits;
use crate::outcome::{Possible, Recording, evaluate};
use crate::program::*;
use crate::value::Date;

/// The days on which what is in force changes, and the one before the first of them; any day where nothing is dated.
pub(super) fn days(program: &Program) -> Vec<Date> {
    let mut days = BTreeSet::new();
    let mut note = |period: &Period| {
        days.extend(period.from);
        days.extend(period.until.and_then(|day| day.add_days(1)));
    };
    for parameter in program.parameters.values() {
        parameter.values.iter().flat_map(|v| &v.versions).for_each(|v| note(&v.period));
    }
    for version in program.definitions.values().flat_map(|d| &d.versions) {
        note(&version.period);
        version.exceptions.iter().for_each(|e| note(&e.period));
    }
    program.programmes.values().flat_map(|p| &p.versions).for_each(|v| note(&v.period));
    let before = match days.first() {
        Some(first) => first.add_days(-1),
        None => Date::new(2000, 1, 1),
    };
    days.extend(before);
    days.into_iter().collect()
}

/// What a question may cost, in values worked out, over all days.
#[derive(Debug)]
pub(super) struct Steps(usize);

impl Steps {
    pub(super) fn new(steps: usize) -> Steps {
        Steps(steps)
    }

    pub(super) fn is_spent(&self) -> bool {
        self.0 == 0
    }

    /// A part of them, so that one question does not spend those of all; what is left of it is given back.
    pub(super) fn share(&mut self) -> Steps {
        const MOST: usize = 400_000;
        let part = self.0.min(MOST);
        self.0 -= part;
        Steps(part)
    }

    pub(super) fn give_back(&mut self, part: Steps) {
        self.0 += part.0;
    }

    /// Whether they suffice for so many more, which are then spent.
    pub(super) fn spend(&mut self, steps: usize) -> bool {
        match self.0.checked_sub(steps) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => {
                self.0 = 0;
                false
            }
        }
    }
}

/// The rules of a day with what their values can be.
pub(super) struct Laid {
    pub day: Date,
    pub graph: Graph,
    pub case: Case,
    pub recording: Recording,
    shown: BTreeMap<DefinitionId, usize>,
}

impl Laid {
    /// Over every household, whatever is known of it and whichever day it is: the versions alone are those of the day.
    pub(super) fn open(program: &Program, day: Date, limits: &Limits) -> Laid {
        Laid::new(program, day, limits, true, case(program, false))
    }

    /// On the day itself, over the households that have the least of everything, but of each list one element.
    pub(super) fn exact(program: &Program, day: Date, limits: &Limits) -> Laid {
        Laid::new(program, day, limits, false, case(program, true))
    }

    fn new(program: &Program, day: Date, limits: &Limits, open: bool, case: Case) -> Laid {
        let mut show: Vec<(Arc<str>, DefinitionId)> = Vec::new();
        let mut shown = BTreeMap::new();
        for (id, definition) in program.definitions.iter().filter(|(_, d)| d.arguments.is_empty()) {
            shown.insert(id, show.len());
            show.push((Arc::clone(&definition.declared.name), id));
        }
        let request =
            Request { day: Some(Day { as_of: day, known_on: Date::MAX }), open, show: &show, ..Request::default() };
        let graph = from_program(program, &request, limits);
        let recording = evaluate(&graph, &case, limits);
        Laid { day, graph, case, recording, shown }
    }

    /// What a definition has become; nothing for one with arguments.
    pub(super) fn lowered(&self, id: DefinitionId) -> Option<&Lowered> {
        self.graph.values.get(*self.shown.get(&id)?).map(|v| &v.value)
    }

    pub(super) fn node(&self, id: DefinitionId) -> Option<NodeId> {
        match self.lowered(id)? {
            Lowered::One(node) => Some(*node),
            _ => None,
        }
    }

    /// What a node can be for any element; nothing where there is no element.
    pub(super) fn possible(&self, node: NodeId) -> Option<Possible> {
        self.seen_from(node, self.graph.nodes[node].frame)
    }

    /// What a node can be, seen from any row of a frame at or below its own.
    pub(super) fn seen_from(&self, node: NodeId, frame: FrameId) -> Option<Possible> {
        let rows = u32::try_from(self.recording.frames.len(frame)).unwrap_or(u32::MAX);
        let each = |row| self.recording.get(&self.graph, node, frame, row);
        (0..rows).fold(None, |all: Option<Possible>, row| {
            Some(all.map_or_else(|| each(row).clone(), |all| all.union(each(row))))
        })
    }
}

/// A household of which nothing is known: of each list one unknown element that stands for all, or its least elements but at
/// least one.
fn case(program: &Program, real: bool) -> Case {
    const MOST: usize = 10_000;
    let mut case = Case { tables: program.entities.values().map(CaseTable::of).collect() };
    // By entity: the rows that there are or will be. First come, first made: the elements of a list stand side by side.
    let mut planned = vec![0u32; program.entities.len()];
    let mut open = VecDeque::from([(program.root, Row { holder: None, position: 0, phantom: None })]);
    let mut count = 0usize;
    while let Some((entity, row)) = open.pop_front() {
        let Some(table) = case.tables.get_mut(entity.index()) else { continue };
        let at = u32::try_from(table.rows.len()).unwrap_or(u32::MAX);
        table.extend([row], &Fact::Unknown);
        for (field, declared) in program.entities[entity].fields.iter().enumerate() {
            match &declared.shape {
                FieldShape::List { item, least, most } => {
                    let wanted = if real { (*least).max(1).min(most.unwrap_or(usize::MAX)) } else { 1 };
                    let wanted = wanted.min(MOST.saturating_sub(count));
                    count += wanted;
                    let wanted = u32::try_from(wanted).unwrap_or(0);
                    let Some(start) = planned.get_mut(item.index()) else { continue };
                    let state = if real { ListState::Known } else { ListState::Unknown };
                    let fact = ListFact { start: *start, count: wanted, state };
                    *start += wanted;
                    table.set_list(field, at, fact);
                    let phantom = (!real).then_some((*least, *most));
                    open.extend(
                        (0..wanted)
                            .map(|position| (*item, Row { holder: Some((entity, field, at)), position, phantom })),
                    );
                }
                FieldShape::Scalar { .. } | FieldShape::Record { .. } => {}
            }
        }
    }
    case
}
