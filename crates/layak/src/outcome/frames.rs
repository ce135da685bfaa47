//! Frames with the elements of one household: which rows each has and how they lie above one another.

use crate::arena::Arena;
use crate::facts::Case;
use crate::graph::{Frame, FrameId, Graph};
use crate::program::EntityId;
use crate::value::Value;

/// One row of a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FrameRow {
    /// The row of the outer frame.
    pub outer: u32,
    /// The row of the element in its entity's table; None for an element that nothing is known of.
    pub element: Option<u32>,
    /// How many elements it stands for: one, or what an unknown list may hold.
    pub least: usize,
    pub most: Option<usize>,
}

/// A frame's rows; those of one row of the outer frame lie side by side.
#[derive(Clone, Debug, Default)]
pub(crate) struct FrameRows {
    pub rows: Vec<FrameRow>,
    /// By row of the outer frame: the first row and how many.
    pub groups: Vec<(u32, u32)>,
    /// Whether it would have had more rows than the limit allows. INVARIANT: then it has none.
    pub overfull: bool,
}

/// The frames of a graph for one household. An `Item` or `Listed` frame is filled when its first node, or the first that goes through it, is met.
#[derive(Clone, Debug)]
pub(crate) struct Frames {
    frames: Arena<FrameId, Option<FrameRows>>,
}

impl Frames {
    pub(crate) fn new(graph: &Graph, case: &Case) -> Frames {
        let mut frames = Frames { frames: Arena::default() };
        for frame in graph.frames.values() {
            let rows = match frame {
                Frame::Root => {
                    let row = FrameRow { outer: 0, element: Some(0), least: 1, most: Some(1) };
                    Some(FrameRows { rows: vec![row], groups: Vec::new(), overfull: false })
                }
                Frame::Home { entity, outer } => Some(home(graph, case, *entity, *outer, &frames)),
                Frame::Item { .. } | Frame::Listed { .. } => None,
            };
            frames.frames.push(rows);
        }
        frames
    }

    pub(crate) fn is_filled(&self, frame: FrameId) -> bool {
        self.frames[frame].is_some()
    }

    pub(crate) fn get(&self, frame: FrameId) -> &FrameRows {
        const EMPTY: &FrameRows = &FrameRows { rows: Vec::new(), groups: Vec::new(), overfull: false };
        self.frames[frame].as_ref().unwrap_or(EMPTY)
    }

    pub(crate) fn len(&self, frame: FrameId) -> usize {
        self.get(frame).rows.len()
    }

    /// The row of a frame above that a row lies under.
    pub(crate) fn up(&self, graph: &Graph, mut frame: FrameId, mut row: u32, to: FrameId) -> u32 {
        while frame != to {
            let Some(outer) = graph.frames[frame].outer() else { return 0 };
            row = self.get(frame).rows.get(row as usize).map_or(0, |r| r.outer);
            frame = outer;
        }
        row
    }

    /// The row of a frame for the same element of the same list, seen from a deeper one.
    pub(crate) fn across(&self, graph: &Graph, from: FrameId, row: u32, to: FrameId) -> u32 {
        let (Some(from_outer), Some(to_outer)) = (graph.frames[from].outer(), graph.frames[to].outer()) else {
            return 0;
        };
        let Some(own) = self.get(from).rows.get(row as usize) else { return 0 };
        let start = self.get(from).groups.get(own.outer as usize).map_or(0, |(start, _)| *start);
        let outer = self.up(graph, from_outer, own.outer, to_outer);
        let there = self.get(to).groups.get(outer as usize).map_or(0, |(start, _)| *start);
        there + row.saturating_sub(start)
    }

    /// Fills a frame of a list: `holders` gives, by row of the outer frame, the element that holds the list.
    pub(crate) fn fill(
        &mut self,
        case: &Case,
        frame: FrameId,
        (entity, field, item): (EntityId, usize, EntityId),
        holders: &[Option<Value>],
        limit: usize,
    ) {
        let mut rows = FrameRows::default();
        for (outer, holder) in (0u32..).zip(holders) {
            let start = rows.rows.len();
            match holder {
                Some(Value::Element(holder)) => {
                    if let Some(list) = case.list(entity, field, *holder) {
                        let elements = list.start..list.start.saturating_add(list.count);
                        rows.rows.extend(elements.map(|element| frame_row(case, item, element, outer)));
                    }
                }
                // Known to be none: it holds nothing.
                Some(_) => {}
                None => rows.rows.push(FrameRow { outer, element: None, least: 0, most: None }),
            }
            rows.close(start);
            if rows.rows.len() > limit {
                rows = FrameRows { overfull: true, ..FrameRows::default() };
                break;
            }
        }
        self.frames[frame] = Some(rows);
    }

    /// Fills a frame of values named one by one.
    pub(crate) fn fill_listed(&mut self, frame: FrameId, outer: FrameId, count: u32, limit: usize) {
        let outers = self.len(outer);
        let mut rows = FrameRows::default();
        // One list of the household's own is no pair with anything, however long the rules make it.
        if outers > 1 && outers.saturating_mul(count as usize) > limit {
            rows.overfull = true;
        } else {
            for outer in 0..u32::try_from(outers).unwrap_or(u32::MAX) {
                let start = rows.rows.len();
                rows.rows.extend((0..count).map(|_| FrameRow { outer, element: None, least: 1, most: Some(1) }));
                rows.close(start);
            }
        }
        self.frames[frame] = Some(rows);
    }
}

impl FrameRows {
    /// Ends the group of the next row of the outer frame, which began with the row `start`.
    fn close(&mut self, start: usize) {
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.groups.push((narrow(start), narrow(self.rows.len().saturating_sub(start))));
    }

    /// The rows of one row of the outer frame.
    pub(crate) fn group(&self, outer: u32) -> std::ops::Range<u32> {
        let (start, count) = self.groups.get(outer as usize).copied().unwrap_or((0, 0));
        start..start.saturating_add(count)
    }
}

fn frame_row(case: &Case, item: EntityId, element: u32, outer: u32) -> FrameRow {
    let phantom = case.table(item).and_then(|t| t.rows.get(element as usize)).and_then(|r| r.phantom);
    let (least, most) = phantom.unwrap_or((1, Some(1)));
    FrameRow { outer, element: Some(element), least, most }
}

fn home(graph: &Graph, case: &Case, entity: EntityId, outer: FrameId, frames: &Frames) -> FrameRows {
    let mut out = FrameRows::default();
    let Some(table) = case.table(entity) else { return out };
    let nested = !matches!(graph.frames[outer], Frame::Root);
    let groups = if nested { frames.len(outer) } else { 1 };
    out.groups = vec![(0, 0); groups];
    for (element, row) in (0u32..).zip(&table.rows) {
        let above = if nested { row.holder.map_or(0, |(_, _, holder)| holder) } else { 0 };
        out.rows.push(frame_row(case, entity, element, above));
        if let Some(group) = out.groups.get_mut(above as usize) {
            if group.1 == 0 {
                group.0 = element;
            }
            group.1 += 1;
        }
    }
    out
}
