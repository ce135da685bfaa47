//! Which question comes next.

use std::collections::BTreeMap;

use super::{Interview, Question, keys, question};
use crate::diagnostic::Phrase;
use crate::facts::tree::{look, steps_of};
use crate::facts::{Case, path_of};
use crate::graph::{Op, RootProgramme};
use crate::outcome::{Hanging, Part, Slot, decide, evaluate, hanging, ranked};
use crate::program::EntityId;
use crate::report::Reporter;

/// A programme that is open for the household or one member.
struct Open<'g> {
    root: &'g RootProgramme,
    hanging: Hanging,
    /// With whether it is shown that they can change it.
    missing: BTreeMap<Slot, bool>,
}

impl Interview {
    /// Keys that must be known come first, for what is told of members names them; then what settles most.
    pub(super) fn next(&self) -> Option<Question> {
        let reporter = self.plan.reporter();
        let case = self.plan.case_of(&self.facts);
        if let Some(slot) = self.unnamed(&reporter, &case) {
            let numbered = keys::is_numbered(reporter.program, slot.0) && !self.reads_key(slot.0);
            return Some(question::of(&reporter, &case, slot, Vec::new(), Some(numbered)));
        }
        let open = open_programmes(&reporter, &case);
        let hanging: Vec<&Hanging> = open.iter().map(|one| &one.hanging).collect();
        let can_matter = |slot: Slot| open.iter().any(|one| one.missing.contains_key(&slot));
        let order = ranked(&hanging, can_matter);
        // What may change nothing comes last.
        let is_shown = |slot: &Slot| open.iter().any(|one| one.missing.get(slot) == Some(&true));
        let (shown, doubtful): (Vec<Slot>, Vec<Slot>) = order.into_iter().partition(is_shown);
        let slot = shown
            .into_iter()
            .chain(doubtful)
            .find(|(entity, field, row)| !self.was_asked(&path_of(reporter.program, &case, *entity, *field, *row)))?;
        let why = open.iter().filter(|one| one.missing.contains_key(&slot)).flat_map(|one| why(&reporter, one, slot));
        let mut told: Vec<Phrase> = Vec::new();
        for reason in why {
            if !told.contains(&reason) {
                told.push(reason);
            }
        }
        Some(question::of(&reporter, &case, slot, told, None))
    }

    /// The first element whose key is to be asked for.
    fn unnamed(&self, reporter: &Reporter<'_>, case: &Case) -> Option<Slot> {
        let program = reporter.program;
        program.entities.ids().find_map(|entity| {
            let key = program.entities[entity].key?;
            if !self.keys && keys::is_numbered(program, entity) && !self.reads_key(entity) {
                return None;
            }
            let rows = case.table(entity).map_or(&[][..], |table| &table.rows);
            let elements = (0u32..).zip(rows).filter(|(_, row)| row.phantom.is_none());
            elements.map(|(row, _)| (entity, key, row)).find(|slot| {
                let steps = steps_of(program, case, *slot);
                let given = look(&self.data, &steps).is_some_and(|data| *data != crate::facts::Data::Null);
                !given && !self.was_asked(&path_of(program, case, slot.0, slot.1, slot.2))
            })
        })
    }

    /// Whether a rule reads the key of an entity.
    fn reads_key(&self, entity: EntityId) -> bool {
        let key = self.plan.ruleset().inner().program.entities[entity].key;
        let reads = |op: &Op| match op {
            Op::Fact { entity: own, field } => *own == entity && Some(*field) == key,
            _ => false,
        };
        self.plan.plan_graph().nodes.values().any(|node| reads(&node.op))
    }
}

fn open_programmes<'g>(reporter: &Reporter<'g>, case: &Case) -> Vec<Open<'g>> {
    let (graph, program) = (reporter.graph, reporter.program);
    let recording = evaluate(graph, case, reporter.limits);
    let mut open = Vec::new();
    for root in &graph.programmes {
        let owner = program.programmes[root.programme].owner;
        let rows: Vec<u32> = match owner == program.root {
            true => vec![0],
            false => reporter.elements(case, owner).map(|(row, _)| row).chain(reporter.others(case, owner)).collect(),
        };
        for row in rows {
            let judged = decide(graph, case, &recording, root, row, reporter.limits);
            if !judged.missing.is_empty() {
                let hanging = hanging(graph, case, &recording, root, row, judged.verdict);
                let missing = judged.missing.iter().map(|one| (one.slot, one.is_shown)).collect();
                open.push(Open { root, hanging, missing });
            }
        }
    }
    open
}

/// What of a programme hangs on a fact.
fn why(reporter: &Reporter<'_>, open: &Open<'_>, slot: Slot) -> Vec<Phrase> {
    let programme = &reporter.program.programmes[open.root.programme];
    let name = question::named(&programme.declared.label, &programme.declared.name);
    let groups = open.hanging.groups().iter().filter(|group| group.facts.contains(&slot));
    groups
        .filter_map(|group| {
            let part = match group.part {
                Part::Condition(at) => {
                    let condition = open.root.conditions.get(at)?;
                    question::named(&condition.label, &condition.name)
                }
                Part::Output(at) => {
                    let output = programme.outputs.get(at)?;
                    question::named(&output.label, &output.name)
                }
                Part::Elements => return Some(name.clone()),
            };
            Some(Phrase { en: format!("{}: {}", name.en, part.en), id: format!("{}: {}", name.id, part.id) })
        })
        .collect()
}
