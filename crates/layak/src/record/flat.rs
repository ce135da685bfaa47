//! Facts one by one, each by a name that does not hang on the order of elements: `members["3510…"].wage`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::facts::Data;
use crate::facts::tree::{Path, Step};
use crate::program::{EntityId, FieldShape, Program};

/// A fact, or an element of a list that has a key.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub value: Option<Data<'static>>,
    /// The element, where it is one.
    pub element: Option<Data<'static>>,
    /// Where it stands.
    pub path: Path,
    /// What holds it by its name, and its own name there.
    pub within: String,
    pub name: Arc<str>,
}

/// The facts of one household by name.
pub(super) struct Flat {
    pub facts: BTreeMap<String, Known>,
    /// Elements and lists by name.
    places: BTreeMap<String, Path>,
}

impl Flat {
    /// Where an element stands that is called so.
    pub(super) fn place(&self, name: &str) -> Option<Path> {
        self.places.get(name).cloned()
    }

    /// Whether an element of a list is called so.
    pub(super) fn is_element(&self, name: &str) -> bool {
        self.facts.get(name).is_some_and(|known| known.element.is_some())
    }

    /// Whether an element called so is in a list that other facts have too, and they do not have it.
    pub(super) fn is_added(&self, name: &str, other: &Flat) -> bool {
        let element = self.facts.get(name).filter(|known| known.element.is_some());
        element.is_some_and(|known| other.place(&known.within).is_some())
    }

    /// Where a list stands that is called so.
    pub(super) fn list(&self, name: &str) -> Option<Path> {
        self.place(name)
    }
}

/// The facts of a household, told by names as the program has them.
pub(super) fn flat(program: &Program, data: &Data<'static>) -> Flat {
    let mut out = Flat { facts: BTreeMap::new(), places: BTreeMap::from([(String::new(), Vec::new())]) };
    object(program, program.root, data, "", &Vec::new(), &mut out);
    out
}

/// INVARIANT: it recurses, no deeper than facts nest.
fn object(program: &Program, entity: EntityId, data: &Data<'static>, within: &str, path: &Path, out: &mut Flat) {
    let Data::Object(entries) = data else { return };
    let declared = &program.entities[entity];
    for (name, value) in entries {
        let Some(field) = declared.fields.iter().find(|f| *f.name == **name) else { continue };
        let own = if within.is_empty() { name.to_string() } else { format!("{within}.{name}") };
        let mut inner = path.clone();
        inner.push(Step::Field(Arc::clone(&field.name)));
        match (&field.shape, value) {
            (FieldShape::Record { entity, .. }, Data::Object(_)) if !is_asked(value) => {
                out.places.insert(own.clone(), inner.clone());
                object(program, *entity, value, &own, &inner, out);
            }
            (FieldShape::List { item, .. }, Data::List(items)) => {
                out.places.insert(own.clone(), inner.clone());
                list(program, *item, items, &own, &inner, out);
            }
            _ => {
                let known = Known {
                    value: Some(value.clone()),
                    element: None,
                    path: inner,
                    within: within.to_owned(),
                    name: Arc::clone(&field.name),
                };
                out.facts.insert(own, known);
            }
        }
    }
}

fn list(program: &Program, item: EntityId, items: &[Data<'static>], within: &str, path: &Path, out: &mut Flat) {
    let declared = &program.entities[item];
    let key = declared.key.and_then(|key| declared.fields.get(key)).map(|f| &*f.name);
    for (position, element) in items.iter().enumerate() {
        let mut inner = path.clone();
        inner.push(Step::Item(position));
        let named = match (key, element) {
            (Some(key), Data::Object(entries)) => {
                entries.iter().find(|(name, _)| *name == key).map(|(_, v)| v.to_json())
            }
            _ => None,
        };
        let own = format!("{within}[{}]", named.unwrap_or_else(|| position.to_string()));
        out.places.insert(own.clone(), inner.clone());
        let is_scalar = !matches!(element, Data::Object(_)) || declared.is_scalar_item;
        let known = Known {
            value: is_scalar.then(|| element.clone()),
            element: Some(element.clone()),
            path: inner.clone(),
            within: within.to_owned(),
            name: "".into(),
        };
        out.facts.insert(own.clone(), known);
        object(program, item, element, &own, &inner, out);
    }
}

fn is_asked(data: &Data<'static>) -> bool {
    matches!(data, Data::Object(entries) if entries.len() == 1 && entries.iter().any(|(name, _)| name == "unknown"))
}
