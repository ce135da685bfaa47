//! Of the facts of a household, those without which a decision would not be the same: found by leaving out one after the other
//! and deciding again.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::facts::Data;
use crate::facts::tree::{Path, Step, at, look, places, remove};
use crate::program::{EntityId, FieldShape, Program};
use crate::report::Decision;
use crate::ruleset::Plan;

/// The facts that are needed for the decision that all of them gave. INVARIANT: they give the same decision; and if the limit
/// was not reached, without any one of them it would not be the same.
pub(super) fn reduced(plan: &Plan, facts: Data<'static>, decision: &Decision) -> Data<'static> {
    let left = (MOST_PLACES / places(&facts).len().max(1)).clamp(LEAST_TRIES, MOST_TRIES);
    let mut search = Search { plan, decision, kept: facts, left };
    search.columns();
    // What was needed beside another fact may not be without it.
    while search.places() {}
    search.kept
}

/// How often is decided again for one household: of ordinary households everything is tried, of very large ones no more than
/// so many facts are read in all, beyond the first tries.
const MOST_TRIES: usize = 4_000;
const LEAST_TRIES: usize = 64;
const MOST_PLACES: usize = 1_000_000;

struct Search<'a> {
    plan: &'a Plan,
    decision: &'a Decision,
    kept: Data<'static>,
    /// How many more times may be decided.
    left: usize,
}

impl Search<'_> {
    /// Whether the decision is the same without what stands at some places.
    fn without(&mut self, paths: &[Path]) -> bool {
        let Some(left) = self.left.checked_sub(1) else { return false };
        self.left = left;
        let mut fewer = self.kept.clone();
        paths.iter().for_each(|path| self.take_away(&mut fewer, path));
        if fewer == self.kept {
            return false;
        }
        let same = self.plan.bind(&fewer).is_ok_and(|facts| self.plan.decide(&facts) == *self.decision);
        if same {
            self.kept = fewer;
        }
        same
    }

    /// An element of a list keeps its place and its key; a statement of evidence and a fact are gone.
    fn take_away(&self, data: &mut Data<'static>, path: &[Step]) {
        match path.split_last() {
            Some((Step::Item(_), above)) if !is_evidence(above) => {
                let program = &self.plan.ruleset().inner().program;
                let key = entity_at(program, above).and_then(|entity| {
                    let entity = &program.entities[entity];
                    entity.key.and_then(|key| entity.fields.get(key)).map(|field| Arc::clone(&field.name))
                });
                match at(data, path) {
                    Some(Data::Object(entries)) => entries.retain(|(name, _)| Some(&**name) == key.as_deref()),
                    Some(item) => *item = Data::Null,
                    None => {}
                }
            }
            _ => remove(data, path),
        }
    }

    /// One fact of all elements of a list at once: most are either used or not. Those declared last go first.
    fn columns(&mut self) {
        let mut columns: Vec<(Vec<Arc<str>>, Vec<Path>)> = Vec::new();
        let mut known: BTreeSet<Vec<Arc<str>>> = BTreeSet::new();
        for path in places(&self.kept).into_iter().filter(|path| matches!(path.last(), Some(Step::Field(_)))) {
            let names: Vec<Arc<str>> = names(&path).cloned().collect();
            if known.insert(names.clone()) {
                columns.push((names, vec![path]));
            } else if let Some((_, paths)) = columns.iter_mut().find(|(own, _)| *own == names) {
                paths.push(path);
            }
        }
        // What holds others comes before them: with it they are gone.
        let mut gone: Vec<Vec<Arc<str>>> = Vec::new();
        columns.sort_by_key(|(names, _)| names.len());
        let depths: BTreeSet<usize> = columns.iter().map(|(names, _)| names.len()).collect();
        for depth in depths {
            for (names, paths) in columns.iter().rev().filter(|(names, _)| names.len() == depth) {
                if !gone.iter().any(|above| names.starts_with(above)) && self.without(paths) {
                    gone.push(names.clone());
                }
            }
        }
    }

    /// Each fact, element and statement alone, the last first. Whether any of them was not needed.
    fn places(&mut self) -> bool {
        let mut fewer = false;
        let mut open: Vec<Path> = places(&self.kept);
        open.reverse();
        for path in open {
            if look(&self.kept, &path).is_some() {
                fewer |= self.without(std::slice::from_ref(&path));
            }
        }
        fewer
    }
}

fn names(path: &[Step]) -> impl Iterator<Item = &Arc<str>> {
    path.iter().filter_map(|step| match step {
        Step::Field(name) => Some(name),
        Step::Item(_) => None,
    })
}

fn is_evidence(path: &[Step]) -> bool {
    matches!(path.last(), Some(Step::Field(name)) if **name == *"evidence")
}

/// The entity of the elements of a list.
fn entity_at(program: &Program, path: &[Step]) -> Option<EntityId> {
    let mut here = program.root;
    for name in names(path) {
        let field = program.entities[here].fields.iter().find(|field| field.name == *name)?;
        here = match field.shape {
            FieldShape::List { item, .. } => item,
            FieldShape::Record { entity, .. } => entity,
            FieldShape::Scalar { .. } => return None,
        };
    }
    Some(here)
}
