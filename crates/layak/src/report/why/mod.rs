//! What a decision rests on, from each condition and output down to facts and versions of parameters: named values with
//! their basis, rows of tables, exceptions that held or did not. Read off the evaluation that decided, and of what did not
//! decide, nothing.
//!
//! Grounds stand in one list and name those below them by number, each once: rules can be as deep as they like.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::Phrase;
use crate::facts::{Case, EvidenceFact, Fact, element_path, key_of, path_of};
use crate::graph::{FrameId, Origins};
use crate::outcome::{Recording, Slot};
use crate::program::{EntityId, FieldShape, Label, ParameterId, Period, Program, Provision, TableId, Type};
use crate::report::explain::MissingReasoning;
use crate::report::rests::Standing;
use crate::report::{Answer, Missing, Reporter, value_words};
use crate::syntax::Lang;
use crate::value::{Date, Value};

mod body;
mod lists;
mod told;

/// The place of a ground in its list.
pub(crate) type GroundId = usize;

/// Something that a value rests on.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub kind: GroundKind,
    /// What it rests on in turn.
    pub rests_on: Vec<GroundId>,
}

#[derive(Clone, Debug)]
pub(crate) enum GroundKind {
    Fact(FactGround),
    Parameter(ParameterGround),
    Value(ValueGround),
    Row(RowGround),
    Exception(ExceptionGround),
    Programme { name: Arc<str>, label: Phrase, value: Option<Phrase> },
}

/// A fact of the household or of an element.
#[derive(Clone, Debug)]
pub(crate) struct FactGround {
    pub slot: Slot,
    pub path: String,
    pub element: Option<ElementName>,
    pub label: Phrase,
    /// Who keeps it, most trusted first; of what the household says itself nobody.
    pub sources: Vec<Phrase>,
    /// As each language writes it; none where it is not known.
    pub value: Option<Phrase>,
    /// The same exactly.
    pub answer: Answer,
    /// `known`, `unknown`, or `asked` where it was asked for and is not known.
    pub state: &'static str,
    /// What was said of it, if it was given as evidence.
    pub evidence: Vec<Statement>,
}

/// What a source says of a fact.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub value: Answer,
    pub source: Option<Arc<str>>,
    pub date: Option<Date>,
}

/// A version of a parameter.
#[derive(Clone, Debug)]
pub(crate) struct ParameterGround {
    pub name: Arc<str>,
    pub label: Phrase,
    pub keys: Vec<Phrase>,
    pub value: Phrase,
    /// Whether it is what the parameter gives where no version is in force.
    pub is_default: bool,
    pub period: Period,
    pub basis: Phrase,
    /// The act that has put it in place.
    pub act: Option<Phrase>,
    pub place: String,
}

/// A definition, criterion or table, of the household or of an element.
#[derive(Clone, Debug)]
pub(crate) struct ValueGround {
    pub name: String,
    pub label: Phrase,
    pub element: Option<ElementName>,
    pub value: Option<Phrase>,
    /// Of a yes or no, which.
    pub truth: Option<bool>,
    pub period: Period,
    pub basis: Phrase,
    pub place: String,
    pub is_table: bool,
    /// Whether it has several values, or parts.
    pub is_list: bool,
}

/// A row of a table that matches, or may.
#[derive(Clone, Debug)]
pub(crate) struct RowGround {
    pub table: Arc<str>,
    /// From 1.
    pub number: usize,
    pub is_certain: bool,
    pub basis: Phrase,
    pub place: String,
}

/// An exception that was asked for.
#[derive(Clone, Debug)]
pub(crate) struct ExceptionGround {
    pub provision: Arc<Provision>,
    pub rule: String,
    pub element: Option<ElementName>,
    pub standing: Standing,
}

/// What an element is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ElementName {
    /// Where it stands: `members[1]`.
    pub path: String,
    /// Its own name, by a text field `name` or `nama`.
    pub name: Option<Arc<str>>,
    pub key: Option<Arc<str>>,
}

impl ElementName {
    pub(crate) fn of(program: &Program, case: &Case, (entity, row): (EntityId, u32)) -> Option<ElementName> {
        if entity == program.root {
            return None;
        }
        let fields = &program.entities[entity].fields;
        let is_name = |name: &str| matches!(name, "name" | "nama");
        let field = fields.iter().position(|f| is_name(&f.name) && matches!(f.shape, FieldShape::Scalar { .. }));
        let name = field.and_then(|field| match case.fact(entity, field, row)?.value()? {
            Value::Text(text) => Some(Arc::clone(text)),
            _ => None,
        });
        let key = key_of(program, case, entity, row);
        Some(ElementName { path: element_path(program, case, entity, row), name, key })
    }

    /// Where it stands, and its name if it has one.
    pub(crate) fn told(&self) -> String {
        match &self.name {
            Some(name) => format!("{}, {name}", self.path),
            None => self.path.clone(),
        }
    }

    /// As people call it: by its name, else its key, else its place.
    pub(crate) fn text(&self) -> &str {
        self.name.as_deref().or(self.key.as_deref()).unwrap_or(&self.path)
    }
}

/// The grounds of one decision. What several values rest on stands once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grounds {
    pub list: Vec<Ground>,
    known: BTreeMap<Known, GroundId>,
}

/// What a ground is of, so that it stands once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    Fact(Slot),
    /// With its keys.
    Parameter(ParameterId, Vec<Value>),
    /// A body for a row of a frame.
    Value(usize, FrameId, u32),
    Row(TableId, usize, FrameId, u32),
    Exception(Arc<Provision>, Option<(EntityId, u32)>),
    Programme(Arc<str>, Option<(EntityId, u32)>, usize),
}

impl Grounds {
    fn get(&self, known: &Known) -> Option<GroundId> {
        self.known.get(known).copied()
    }

    fn add(&mut self, known: Known, kind: GroundKind) -> GroundId {
        let id = self.list.len();
        self.list.push(Ground { kind, rests_on: Vec::new() });
        self.known.insert(known, id);
        id
    }

    /// Those that some rest on, themselves among them, each once, what is named first going first.
    pub(crate) fn below(&self, from: &[GroundId]) -> Vec<GroundId> {
        let mut seen = vec![false; self.list.len()];
        let mut out = Vec::new();
        let mut open: Vec<GroundId> = from.iter().rev().copied().collect();
        while let Some(id) = open.pop() {
            let (Some(slot), Some(ground)) = (seen.get_mut(id), self.list.get(id)) else { continue };
            if !std::mem::replace(slot, true) {
                out.push(id);
                open.extend(ground.rests_on.iter().rev());
            }
        }
        out
    }

    /// The facts among them.
    pub(crate) fn facts_below(&self, from: &[GroundId]) -> BTreeSet<Slot> {
        let kinds = self.below(from).into_iter().filter_map(|id| self.get_kind(id));
        kinds.filter_map(|kind| if let GroundKind::Fact(fact) = kind { Some(fact.slot) } else { None }).collect()
    }

    pub(crate) fn get_kind(&self, id: GroundId) -> Option<&GroundKind> {
        self.list.get(id).map(|g| &g.kind)
    }
}

/// What grounds are read off.
pub(super) struct Reading<'a> {
    pub reporter: &'a Reporter<'a>,
    pub case: &'a Case,
    pub evidence: &'a [EvidenceFact],
    pub recording: &'a Recording,
    pub origins: &'a Origins,
    pub grounds: Grounds,
    /// Values named and not yet looked into.
    open: Vec<(GroundId, usize, FrameId, u32)>,
}

pub(crate) fn both(label: &Label) -> Phrase {
    Phrase {
        en: label.get(Lang::En).map(ToString::to_string).unwrap_or_default(),
        id: label.get(Lang::Id).map(ToString::to_string).unwrap_or_default(),
    }
}

/// A label, or where there is none the name as words.
pub(crate) fn named(label: &Phrase, name: &str) -> Phrase {
    let own = || name.replace('_', " ");
    match (label.en.as_str(), label.id.as_str()) {
        ("", "") => Phrase { en: own(), id: own() },
        _ => label.clone(),
    }
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        reporter: &'a Reporter<'a>,
        case: &'a Case,
        evidence: &'a [EvidenceFact],
        recording: &'a Recording,
        origins: &'a Origins,
    ) -> Reading<'a> {
        Reading { reporter, case, evidence, recording, origins, grounds: Grounds::default(), open: Vec::new() }
    }

    /// What a body's value for a row of a frame rests on.
    pub(super) fn rests_on(&mut self, body: usize, frame: FrameId, row: u32) -> Vec<GroundId> {
        let found = self.body(body, frame, row);
        // INVARIANT: what is named is looked into once, so it ends.
        while let Some((id, body, frame, row)) = self.open.pop() {
            let found = self.body(body, frame, row);
            if let Some(ground) = self.grounds.list.get_mut(id) {
                ground.rests_on = found;
            }
        }
        found
    }

    /// A fact as a ground; nothing of an element that stands for those of a list that is not known.
    pub(super) fn fact(&mut self, slot: Slot) -> Option<GroundId> {
        let known = Known::Fact(slot);
        if let Some(id) = self.grounds.get(&known) {
            return Some(id);
        }
        let (entity, field, row) = slot;
        let program = self.reporter.program;
        let declared = program.entities[entity].fields.get(field)?;
        let path = path_of(program, self.case, entity, field, row);
        let value = match (self.case.fact(entity, field, row).and_then(|f| f.value()), &declared.shape) {
            (Some(value), FieldShape::Scalar { ty, .. }) => Some(self.words(value, ty)),
            _ => None,
        };
        let sources = declared.sources.iter().map(|s| &program.sources[*s]).filter(|s| s.verifies);
        let sources = sources.map(|s| named(&both(&s.declared.label), &s.declared.name)).collect();
        let label = named(&both(&declared.label), &declared.name);
        let element = ElementName::of(program, self.case, (entity, row));
        let (answer, state) = match (self.case.fact(entity, field, row), &declared.shape) {
            (Some(Fact::Known(value)), FieldShape::Scalar { ty, .. }) => {
                (self.reporter.answer(self.case, value.clone(), ty), "known")
            }
            (Some(Fact::Asked), _) => (Answer::Unknown, "asked"),
            _ => (Answer::Unknown, "unknown"),
        };
        let evidence = self.statements(slot, &declared.shape);
        let fact = FactGround { slot, path, element, label, sources, value, answer, state, evidence };
        Some(self.grounds.add(known, GroundKind::Fact(fact)))
    }

    /// What was said of a fact.
    fn statements(&self, (entity, field, row): Slot, shape: &FieldShape) -> Vec<Statement> {
        let FieldShape::Scalar { ty, .. } = shape else { return Vec::new() };
        let given = self.evidence.iter().find(|e| (e.entity, e.field, e.row) == (entity, field, row));
        let items = given.into_iter().flat_map(|e| &e.items);
        let statement = items.map(|item| Statement {
            value: match item.value.value() {
                Some(value) => self.reporter.answer(self.case, value.clone(), ty),
                None => Answer::Unknown,
            },
            source: item.source.map(|s| Arc::clone(&self.reporter.program.sources[s].declared.name)),
            date: item.date,
        });
        statement.collect()
    }

    /// A fact that can still change something, as people call it.
    pub(super) fn missing(&self, missing: &Missing) -> MissingReasoning {
        let program = self.reporter.program;
        let sources = missing.ask.iter().map(|name| {
            let source = program.sources.values().find(|s| s.declared.name == *name);
            named(&source.map(|s| both(&s.declared.label)).unwrap_or_default(), name)
        });
        let (entity, field, row) = missing.slot;
        let declared = program.entities[entity].fields.get(field);
        MissingReasoning {
            label: declared.map(|f| named(&both(&f.label), &f.name)).unwrap_or_default(),
            element: ElementName::of(program, self.case, (entity, row)),
            path: missing.fact.clone(),
            sources: sources.collect(),
            verify: missing.verify,
        }
    }

    /// With the facts that had a part and are not below yet: those of expressions whose own values stand nowhere.
    pub(super) fn with_all(&mut self, mut rests_on: Vec<GroundId>, slots: &BTreeSet<Slot>) -> Vec<GroundId> {
        let named = self.grounds.facts_below(&rests_on);
        let more: Vec<GroundId> = slots.difference(&named).filter_map(|slot| self.fact(*slot)).collect();
        rests_on.extend(more);
        rests_on
    }

    pub(super) fn words(&self, value: &Value, ty: &Type) -> Phrase {
        let text = |lang| value_words(self.reporter.program, self.case, value, ty, lang);
        Phrase { en: text(Lang::En), id: text(Lang::Id) }
    }

    /// That another programme excludes a household, or does not.
    pub(super) fn excluding(&mut self, programme: crate::program::ProgrammeId, holds: Option<bool>) -> GroundId {
        let declared = &self.reporter.program.programmes[programme].declared;
        let known = Known::Programme(Arc::clone(&declared.name), None, usize::MAX);
        let value = holds.map(|yes| self.words(&Value::Boolean(yes), &Type::Boolean));
        match self.grounds.get(&known) {
            Some(id) => id,
            None => {
                let name = Arc::clone(&declared.name);
                self.grounds.add(known, GroundKind::Programme { name, label: both(&declared.label), value })
            }
        }
    }

    pub(super) fn place(&self, span: crate::source::Span) -> String {
        self.reporter.sources.place(span).to_string()
    }

    pub(super) fn days(&self) -> (Date, Date) {
        self.reporter.graph.day.map_or((Date::MIN, Date::MIN), |d| (d.as_of, d.known_on))
    }
}
