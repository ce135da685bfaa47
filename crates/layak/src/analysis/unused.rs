//! Definitions, facts and parameters that no programme and no test comes to. Where there is no programme, what nothing else reads is
//! asked for by its name.

use std::collections::{BTreeMap, BTreeSet};

use super::reads::{self, Read};
use super::warning;
use crate::diagnostic::{Code, Finding, phrase};
use crate::program::*;
use crate::source::{SourceId, Span};

/// Whether a finding of a code is told of the file that is asked for alone.
pub(super) fn tells(code: Code) -> bool {
    [Code::UNUSED_RULE, Code::UNUSED_FACT, Code::UNUSED_PARAMETER].contains(&code)
}

pub(super) fn analyse(program: &Program, main: Option<SourceId>, found: &mut Vec<Finding>) {
    if main.is_some_and(|main| is_part(program, main)) {
        return;
    }
    let ours = |at: Span| main.is_none_or(|main| at.source == main);
    let uses = Uses::of(program, &ours);
    let own = |d: &Definition| d.part_of.is_none() && ours(d.declared.span);
    for (id, definition) in program.definitions.iter().filter(|(_, d)| own(d)) {
        if !uses.reached.contains(&Read::Definition(id)) {
            let name = program.owned(definition.owner, &definition.declared.name);
            found.push(unused(
                Code::UNUSED_RULE,
                definition.declared.span,
                &name,
                uses.read.contains(&Read::Definition(id)),
            ));
        }
    }
    let own = |p: &Parameter| p.part_of.is_none() && ours(p.declared.span);
    for (id, parameter) in program.parameters.iter().filter(|(_, p)| own(p)) {
        if !uses.reached.contains(&Read::Parameter(id)) {
            let read = uses.read.contains(&Read::Parameter(id));
            found.push(unused(Code::UNUSED_PARAMETER, parameter.declared.span, &parameter.declared.name, read));
        }
    }
    uses.fields(program, &ours, found);
}

/// Whether a file is one of a package's shared modules, as far as it shows: whatever it declares may serve the others.
fn is_part(program: &Program, file: SourceId) -> bool {
    let dotted = program.modules.values().any(|m| m.span.source == file && m.name.contains('.'));
    let asks = program.programmes.values().any(|p| p.declared.span.source == file)
        || program.tests.iter().any(|t| t.span.source == file)
        || program.properties.iter().any(|p| p.span.source == file);
    dotted && !asks
}

fn unused(code: Code, at: Span, name: &str, read: bool) -> Finding {
    let message = phrase!("`{0}` is not used", "`{0}` tidak dipakai", name);
    let help = phrase!(
        "remove it, use it, or keep it with a reason: `allow {0} \"…\"`",
        "hapus, pakai, atau pertahankan dengan alasan: `allow {0} \"…\"` (`izinkan`)",
        code
    );
    warning(code, at, message, help).label(if read {
        phrase!("only what is itself not used reads it", "hanya dibaca oleh yang juga tidak dipakai")
    } else {
        phrase!("nothing reads it", "tidak ada yang membacanya")
    })
}

/// What is read, and what is come to from what the rules are for.
struct Uses {
    read: BTreeSet<Read>,
    reached: BTreeSet<Read>,
}

impl Uses {
    fn of(program: &Program, ours: &impl Fn(Span) -> bool) -> Uses {
        let by_definition: Vec<(DefinitionId, Vec<Read>)> =
            program.definitions.ids().map(|id| (id, reads::of_definition(program, id))).collect();
        let mut open: Vec<Read> = program.programmes.ids().map(Read::Programme).collect();
        open.extend(reads::of_tests(program));
        let mut read: BTreeSet<Read> = by_definition.iter().flat_map(|(_, reads)| reads).copied().collect();
        for id in program.programmes.ids() {
            read.extend(reads::of_programme(program, id));
        }
        read.extend(&open);
        let has_programme = program.programmes.values().any(|p| ours(p.declared.span));
        for (id, definition) in program.definitions.iter() {
            let is_asked = definition.arguments.is_empty() && !read.contains(&Read::Definition(id));
            // What other files hold is for whoever uses them.
            if is_asked && !(has_programme && ours(definition.declared.span)) {
                open.push(Read::Definition(id));
            }
        }
        let by_definition: BTreeMap<DefinitionId, Vec<Read>> = by_definition.into_iter().collect();
        let mut reached = BTreeSet::new();
        while let Some(next) = open.pop() {
            if !reached.insert(next) {
                continue;
            }
            match next {
                Read::Definition(id) => {
                    open.extend(by_definition.get(&id).into_iter().flatten());
                    // Who reads a part reads the rule.
                    open.extend(program.definitions[id].part_of.map(Read::Definition));
                }
                Read::Programme(id) => open.extend(reads::of_programme(program, id)),
                Read::Field(..) | Read::Parameter(_) => {}
            }
        }
        Uses { read, reached }
    }

    /// A field is known by its place: as a column of a record it stands in several entities.
    fn fields(&self, program: &Program, ours: &impl Fn(Span) -> bool, found: &mut Vec<Finding>) {
        let places = |set: &BTreeSet<Read>| -> BTreeSet<Span> {
            let field = |read: &Read| match read {
                Read::Field(entity, field) => program.entities[*entity].fields.get(*field).map(|f| f.span),
                _ => None,
            };
            set.iter().filter_map(field).collect()
        };
        let (mut reached, mut read) = (places(&self.reached), places(&self.read));
        // What the one side of two links says, the other says too.
        for field in program.entities.values().flat_map(|e| &e.fields) {
            let Some((entity, back)) = field.inverse else { continue };
            let Some(back) = program.entities[entity].fields.get(back) else { continue };
            for places in [&mut reached, &mut read] {
                if places.contains(&field.span) || places.contains(&back.span) {
                    places.extend([field.span, back.span]);
                }
            }
        }
        // Entities whose elements something looks at; of others the list alone is told.
        let mut owners: BTreeSet<EntityId> = program.programmes.values().map(|p| p.owner).collect();
        owners.extend(self.reached.iter().filter_map(|read| match read {
            Read::Definition(id) => Some(program.definitions[*id].owner),
            _ => None,
        }));
        let mut seen: BTreeSet<EntityId> =
            program.definitions.values().map(|d| d.owner).chain([program.root]).collect();
        seen.extend(&owners);
        for (id, entity) in program.entities.iter() {
            for field in &entity.fields {
                if reached.contains(&field.span) {
                    seen.insert(id);
                    if let FieldShape::List { item, .. } = &field.shape {
                        seen.insert(*item);
                    }
                }
            }
        }
        let mut told: BTreeSet<Span> = BTreeSet::new();
        for (id, entity) in program.entities.iter().filter(|(id, e)| seen.contains(id) && !e.is_scalar_item) {
            for (at, field) in entity.fields.iter().enumerate() {
                let used = match &field.shape {
                    FieldShape::Record { first, count, .. } => {
                        entity.fields.iter().skip(*first).take(*count).any(|column| reached.contains(&column.span))
                    }
                    // A programme or a value of members goes through the lists that hold them.
                    FieldShape::List { item, .. } => {
                        reached.contains(&field.span) || owners.iter().any(|owner| below(program, *item, *owner))
                    }
                    FieldShape::Scalar { .. } => entity.key == Some(at) || reached.contains(&field.span),
                };
                let is_key = program.entities.iter().any(|(other, e)| {
                    other != id && e.key.and_then(|key| e.fields.get(key)).is_some_and(|key| key.span == field.span)
                });
                // What one side of a relation says, the other is read as.
                let back = field.inverse.and_then(|(e, f)| program.entities[e].fields.get(f));
                let used = used || back.is_some_and(|back| reached.contains(&back.span));
                if !used && !is_key && ours(field.span) && told.insert(field.span) {
                    found.push(unused(Code::UNUSED_FACT, field.span, &field.name, read.contains(&field.span)));
                }
            }
        }
    }
}

/// Whether the elements of an entity hold those of another, or are these.
fn below(program: &Program, holder: EntityId, of: EntityId) -> bool {
    let mut at = Some(of);
    let mut seen = BTreeSet::new();
    while let Some(entity) = at.filter(|e| seen.insert(*e)) {
        if entity == holder {
            return true;
        }
        at = program.entities[entity].parent();
    }
    false
}
