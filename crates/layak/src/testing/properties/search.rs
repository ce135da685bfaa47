//! Which household is tried next: a new one, or one that came far, changed a little.
//!
//! Few households made by chance meet every condition of a programme at once. Of each `and` of the rules the household is
//! kept that met the most of its conditions, and of each `or` the one that failed the most: one made from it meets them too,
//! for most of its facts are the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::arena::Id;
use crate::facts::Data;
use crate::graph::{Graph, Lowered, NodeId, Op};
use crate::outcome::Recording;

use super::generate::{Chance, Maker};
use super::tree::{Path, Step, at, places, remove};

/// So many rows of a frame are looked at.
const ROWS: u32 = 8;

/// How far households came towards one junction of conditions.
struct Goal {
    met: usize,
    of: usize,
    best: Arc<Data<'static>>,
}

pub(in crate::testing) struct Search {
    /// By node.
    goals: BTreeMap<u32, Goal>,
    /// The first junctions below what the property asks for.
    main: BTreeSet<u32>,
    /// The facts that the property changes.
    focus: BTreeSet<Arc<str>>,
}

impl Search {
    pub(super) fn new(graph: &Graph, focus: BTreeSet<Arc<str>>) -> Search {
        let mut main = BTreeSet::new();
        let mut met = BTreeSet::new();
        let mut open: Vec<NodeId> = Vec::new();
        open.extend(graph.extra.iter().filter_map(|extra| match extra {
            Lowered::One(node) => Some(*node),
            Lowered::List(_) | Lowered::Values(_) | Lowered::Records(_) | Lowered::Record(_) => None,
        }));
        while let Some(node) = open.pop() {
            if !met.insert(node) {
                continue;
            }
            match &graph.nodes[node].op {
                Op::And(_) | Op::Or(_) => {
                    main.insert(u32::try_from(node.index()).unwrap_or(u32::MAX));
                }
                _ => open.extend(graph.inputs(node)),
            }
        }
        Search { goals: BTreeMap::new(), main, focus }
    }

    /// One that looks for every junction alike.
    pub(in crate::testing) fn everywhere() -> Search {
        Search { goals: BTreeMap::new(), main: BTreeSet::new(), focus: BTreeSet::new() }
    }

    pub(in crate::testing) fn next(&self, maker: &Maker<'_>, chance: &mut Chance) -> Data<'static> {
        if chance.times(1, 3) {
            return maker.household(chance);
        }
        // What the law asks for, reached or not: it may turn on what lies beside that. Else what is not reached yet.
        let main = chance.times(2, 3) && !self.main.is_empty();
        let goals: Vec<&Goal> = self
            .goals
            .iter()
            .filter(|(node, goal)| if main { self.main.contains(node) } else { goal.met < goal.of })
            .map(|(_, goal)| goal)
            .collect();
        let Some(goal) = goals.get(chance.index(goals.len())) else { return maker.household(chance) };
        let mut data = Data::clone(&goal.best);
        for _ in 0..=chance.below(2) {
            self.change(&mut data, maker, chance);
        }
        data
    }

    /// A household with one fact changed.
    pub(in crate::testing) fn changed(
        &self,
        data: &Data<'static>,
        maker: &Maker<'_>,
        chance: &mut Chance,
    ) -> Data<'static> {
        let mut data = data.clone();
        self.change(&mut data, maker, chance);
        data
    }

    /// Changes one fact: of one element, or of all that have it.
    fn change(&self, data: &mut Data<'static>, maker: &Maker<'_>, chance: &mut Chance) {
        let focused = chance.times(1, 3) && !self.focus.is_empty();
        let mut by_field: BTreeMap<Path, Vec<Path>> = BTreeMap::new();
        for path in places(data) {
            if focused && !matches!(path.last(), Some(Step::Field(name)) if self.focus.contains(name)) {
                continue;
            }
            let field =
                path.iter().map(|s| if matches!(s, Step::Item(_)) { Step::Item(0) } else { s.clone() }).collect();
            by_field.entry(field).or_default().push(path);
        }
        let Some((_, paths)) = by_field.iter().nth(chance.index(by_field.len())) else { return };
        let Some(one) = paths.get(chance.index(paths.len())) else { return };
        let all = chance.times(1, 2);
        match maker.another(one, chance) {
            Some(value) => {
                for path in paths.iter().filter(|path| all || *path == one) {
                    if let Some(slot) = at(data, path) {
                        *slot = value.clone();
                    }
                }
            }
            None if matches!(one.last(), Some(Step::Item(_))) => remove(data, one),
            None => {}
        }
    }

    /// Keeps a household that came as far as any before it.
    pub(in crate::testing) fn note(&mut self, graph: &Graph, recording: &Recording, data: &Data<'static>) {
        let data = Arc::new(data.clone());
        for (id, node) in graph.nodes.iter() {
            let (operands, wanted) = match &node.op {
                Op::And(list) => (list, true),
                Op::Or(list) => (list, false),
                _ => continue,
            };
            let rows = u32::try_from(recording.frames.len(node.frame)).unwrap_or(0).min(ROWS);
            let met = |row| {
                let truth = |o| recording.get(graph, o, node.frame, row).truth();
                operands.iter().filter(|o| truth(**o) == Some(wanted)).count()
            };
            let Some(met) = (0..rows).map(met).max() else { continue };
            let number = u32::try_from(id.index()).unwrap_or(u32::MAX);
            match self.goals.get_mut(&number) {
                Some(goal) if met < goal.met => {}
                Some(goal) => (goal.met, goal.best) = (met, Arc::clone(&data)),
                None => {
                    self.goals.insert(number, Goal { met, of: operands.len(), best: Arc::clone(&data) });
                }
            }
        }
    }
}
