//! Lists: the items that had a part, and of each why it counts or does not.

use std::rc::Rc;

use super::Reading;
use super::body::{Step, Visit};
use crate::graph::FrameId;
use crate::outcome::Possible;
use crate::program::{ExprRef, Kind};

/// Which items of a list had a part in what came of it.
#[derive(Clone, Debug)]
pub(super) enum Keep {
    All,
    /// By place in the list.
    Some(Rc<[Part]>),
}

/// The part of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// None: others decided.
    Not,
    /// It does not count, and that had a part.
    Absent,
    Whole,
}

impl Keep {
    /// By whether each item counts, and its value; where a witness decides, those alone that are so.
    pub(super) fn of(items: Vec<(&Possible, &Possible)>, witness: Option<bool>) -> Keep {
        let part = |(presence, value): (&Possible, &Possible)| match (witness, presence.truth()) {
            (Some(witness), _) => {
                let is_one = presence.truth() == Some(true) && value.truth() == Some(witness);
                if is_one { Part::Whole } else { Part::Not }
            }
            (None, Some(false)) => Part::Absent,
            (None, _) => Part::Whole,
        };
        Keep::Some(items.into_iter().map(part).collect())
    }

    fn part(&self, place: usize) -> Part {
        match self {
            Keep::All => Part::Whole,
            Keep::Some(parts) => parts.get(place).copied().unwrap_or(Part::Not),
        }
    }

    /// Whether no item counts.
    pub(super) fn is_of_nothing(&self) -> bool {
        match self {
            Keep::All => true,
            Keep::Some(parts) => !parts.contains(&Part::Whole),
        }
    }
}

impl Reading<'_> {
    /// A list for a row of a frame.
    pub(super) fn list(&mut self, visit: &mut Visit<'_>, e: ExprRef, frame: FrameId, row: u32, keep: Keep) {
        let body = visit.body;
        match &body[e].kind {
            Kind::Where { list, condition, .. } => {
                visit.open.push(Step::List(*list, frame, row, keep.clone()));
                self.items(visit, e, *condition, (frame, row), &keep, true);
            }
            Kind::Each { list, value, .. } => {
                visit.open.push(Step::List(*list, frame, row, keep.clone()));
                self.items(visit, e, *value, (frame, row), &keep, false);
            }
            Kind::SortBy { list, key, .. } => {
                visit.open.push(Step::List(*list, frame, row, keep.clone()));
                self.items(visit, e, *key, (frame, row), &keep, false);
            }
            Kind::Top { list, count } => {
                visit.open.push(Step::List(*list, frame, row, Keep::All));
                visit.push([*count], frame, row);
            }
            Kind::List(items) => {
                let kept = items.iter().enumerate().filter(|(place, _)| keep.part(*place) == Part::Whole);
                visit.push(kept.map(|(_, item)| *item).collect::<Vec<_>>(), frame, row);
            }
            Kind::Element { list, .. } => visit.open.push(Step::List(*list, frame, row, Keep::All)),
            // The list itself: that it holds these elements is no fact of theirs.
            Kind::Var(_) => {}
            Kind::Field { of, .. } => {
                if !matches!(body[*of].kind, Kind::Var(_) | Kind::Root(_)) {
                    visit.push([*of], frame, row);
                }
                self.scalars(visit, e, (frame, row), &keep);
            }
            Kind::Constant(_)
            | Kind::Argument(_)
            | Kind::AsOf
            | Kind::KnownOn
            | Kind::Root(_)
            | Kind::Parent(_)
            | Kind::Definition { .. }
            | Kind::Parameter { .. }
            | Kind::Outcome { .. }
            | Kind::Output { .. }
            | Kind::RecordField { .. }
            | Kind::Apply(..)
            | Kind::Not(_)
            | Kind::And(_)
            | Kind::Or(_)
            | Kind::State(..)
            | Kind::Assume(..)
            | Kind::OrElse(..)
            | Kind::If { .. }
            | Kind::Exceptions { .. }
            | Kind::Contains { .. }
            | Kind::Aggregate { .. }
            | Kind::Pending(_)
            | Kind::Broken => visit.push([e], frame, row),
        }
    }

    /// What is asked of each item by an expression that goes through a list.
    fn items(
        &mut self,
        visit: &mut Visit<'_>,
        through: ExprRef,
        asked: ExprRef,
        (frame, row): (FrameId, u32),
        keep: &Keep,
        of_absent: bool,
    ) {
        let graph = self.reporter.graph;
        let Some(items) = visit.laid.bound.get(&through).copied() else { return };
        let Some(outer) = graph.frames[items.frame].outer().filter(|outer| graph.is_outer(*outer, frame)) else {
            return;
        };
        let group = self.recording.frames.get(items.frame).group(self.recording.frames.up(graph, frame, row, outer));
        for (place, item) in group.enumerate().collect::<Vec<_>>().into_iter().rev() {
            // What an earlier condition leaves out is not asked.
            let is_in = items.presence.is_none_or(|node| {
                self.at(node, items.frame, item).is_none_or(|presence| presence.truth() != Some(false))
            });
            let counts = match keep.part(place) {
                Part::Not => false,
                Part::Absent => of_absent,
                Part::Whole => true,
            };
            if is_in && counts {
                visit.push([asked], items.frame, item);
            }
        }
    }

    /// The values of a list of plain values, which are facts themselves.
    fn scalars(&mut self, visit: &mut Visit<'_>, e: ExprRef, (frame, row): (FrameId, u32), keep: &Keep) {
        use crate::graph::{Frame, Laid};
        let graph = self.reporter.graph;
        let Laid::List(items) = visit.laid(e) else { return };
        let item = match graph.frames[items.frame] {
            Frame::Home { entity, .. } => entity,
            Frame::Item { item, .. } => item,
            Frame::Root | Frame::Listed { .. } => return,
        };
        if !self.reporter.program.entities[item].is_scalar_item {
            return;
        }
        let Some(outer) = graph.frames[items.frame].outer().filter(|outer| graph.is_outer(*outer, frame)) else {
            return;
        };
        let group = self.recording.frames.get(items.frame).group(self.recording.frames.up(graph, frame, row, outer));
        for (place, at) in group.enumerate() {
            let element = self.recording.frames.get(items.frame).rows.get(at as usize).and_then(|r| r.element);
            if let (Some(element), Part::Whole) = (element, keep.part(place))
                && let Some(id) = self.fact((item, 0, element))
                && !visit.found.contains(&id)
            {
                visit.found.push(id);
            }
        }
    }
}
