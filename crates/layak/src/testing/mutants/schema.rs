//! What programs declare of facts, as far as a decision can hang on it.

use std::collections::BTreeSet;

use crate::fingerprint::{Aspect, Declaration, Key, Listener, Shown, piece_text, walk};
use crate::graph::{Graph, Op};
use crate::program::{FieldShape, Program};

/// Of each entity, enum, source and format what it says. Left out are labels, for how long a source is fresh that no field accepts, and what is taken for a
/// fact that is not given where neither graph reads it; where there are no graphs, nothing of these two.
pub(super) fn told(program: &Program, graphs: Option<&[Graph]>) -> BTreeSet<String> {
    let accepted =
        program.entities.values().flat_map(|e| &e.fields).filter(|f| matches!(f.shape, FieldShape::Scalar { .. }));
    let mut sources: BTreeSet<&str> = BTreeSet::new();
    for field in accepted {
        // Where none is named all are accepted.
        let all = program.sources.values().filter(|_| field.sources.is_empty() || graphs.is_none());
        sources.extend(all.chain(field.sources.iter().map(|s| &program.sources[*s])).map(|s| &*s.declared.name));
    }
    let read = graphs.map(|graphs| {
        graphs
            .iter()
            .flat_map(|graph| graph.nodes.values())
            .filter_map(|node| match node.op {
                Op::Fact { entity, field } => {
                    let entity = &program.entities[entity];
                    Some((entity.declared.name.to_string(), entity.fields.get(field)?.name.to_string()))
                }
                _ => None,
            })
            .collect()
    });
    let mut listener = Schema { sources, read, open: Vec::new(), found: BTreeSet::new() };
    walk(program, &mut listener);
    listener.found
}

struct Schema<'p> {
    /// Those that a field accepts.
    sources: BTreeSet<&'p str>,
    /// By entity: the fields that are read.
    read: Option<BTreeSet<(String, String)>>,
    /// What is being told, from the declaration down.
    open: Vec<Key>,
    found: BTreeSet<String>,
}

impl Schema<'_> {
    fn matters(&self, aspect: Aspect) -> bool {
        let Some(declared) = self.open.first() else { return false };
        let name = declared.name.rsplit(' ').next().unwrap_or("");
        match (declared.aspect, aspect) {
            (Aspect::Source, _) => self.sources.contains(name),
            (Aspect::Entity, Aspect::Default) => {
                let field = self.open.iter().find(|key| key.aspect == Aspect::Field);
                let is_read = |read: &BTreeSet<(String, String)>, field: &Key| {
                    read.contains(&(name.to_owned(), field.name.to_string()))
                };
                self.read.as_ref().is_none_or(|read| field.is_some_and(|field| is_read(read, field)))
            }
            (Aspect::Entity | Aspect::Enum | Aspect::Format, _) => aspect == Aspect::Order || !aspect.is_wording(),
            _ => false,
        }
    }
}

impl<'a> Listener<'a> for Schema<'_> {
    fn declaration(&mut self, of: Declaration) {
        self.open(Key { aspect: of.aspect, name: format!("{} {}", of.module, of.name).into() }, false, Shown::Nothing);
    }

    fn open(&mut self, key: Key, _: bool, _: Shown<'a>) {
        self.open.push(key);
        if self.open.last().is_some_and(|key| self.matters(key.aspect)) {
            self.found.insert(format!("{:?}", self.open));
        }
    }

    fn close(&mut self) {
        self.open.pop();
    }

    fn piece(&mut self, key: Key, meaning: String, _: Shown<'a>) {
        if self.matters(key.aspect) {
            self.found.insert(format!("{:?} {}", self.open, piece_text(&key, &meaning)));
        }
    }
}
