//! The reasoning behind a decision, read off the evaluation that made it: every condition that decided, with the facts it
//! rests on.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::diagnostic::Phrase;
use crate::facts::{Case, path_of};
use crate::graph::{ConditionKind, Frame, FrameId, NodeId, Op, RootProgramme};
use crate::outcome::{Recording, evaluate};
use crate::program::{EntityId, FieldShape, Program, Type};
use crate::report::{Answer, Decision, Entitlement, Outcome, Reporter, words};
use crate::syntax::Lang;
use crate::value::Value;

/// Why a household was decided as it was.
#[derive(Clone, Debug)]
pub struct Explanation {
    decision: Decision,
    programmes: Vec<ProgrammeReasoning>,
}

#[derive(Clone, Debug)]
struct ProgrammeReasoning {
    name: Arc<str>,
    member: Option<String>,
    label: Phrase,
    outcome: Entitlement,
    /// The settled outputs, as people read them.
    outputs: Vec<(Arc<str>, Phrase)>,
    conditions: Vec<ConditionReasoning>,
}

/// A condition, what it came to, and the facts that it rests on.
#[derive(Clone, Debug)]
struct ConditionReasoning {
    name: Arc<str>,
    kind: ConditionKind,
    label: Phrase,
    basis: Phrase,
    /// None where it is not known.
    holds: Option<bool>,
    facts: Vec<(String, Phrase)>,
}

impl Reporter<'_> {
    pub(crate) fn explanation(&self, case: &Case) -> Explanation {
        let decision = self.by_evaluation(case);
        let recording = evaluate(self.graph, case, self.limits);
        let mut programmes = Vec::new();
        for root in &self.graph.programmes {
            let programme = &self.program.programmes[root.programme];
            let Some(decided) = decision.programme(&programme.declared.name) else { continue };
            let label = Phrase {
                en: programme.declared.label.get(Lang::En).map(ToString::to_string).unwrap_or_default(),
                id: programme.declared.label.get(Lang::Id).map(ToString::to_string).unwrap_or_default(),
            };
            let mut add = |member: Option<String>, row: u32, outcome: &Entitlement| {
                programmes.push(ProgrammeReasoning {
                    name: Arc::clone(&programme.declared.name),
                    member,
                    label: label.clone(),
                    outcome: outcome.clone(),
                    outputs: self.outputs(root, outcome),
                    conditions: self.conditions(case, &recording, root, row),
                });
            };
            if let Some(one) = decided.entitlement() {
                add(None, 0, one);
            }
            let rows = case.table(programme.owner).map_or(&[][..], |t| &t.rows);
            let real = (0u32..).zip(rows).filter(|(_, r)| r.phantom.is_none()).map(|(i, _)| i);
            for ((key, one), row) in decided.members().zip(real) {
                add(Some(key.to_owned()), row, one);
            }
        }
        programmes.sort_by(|a, b| a.name.cmp(&b.name));
        Explanation { decision, programmes }
    }

    /// The settled outputs of a programme as each language writes them.
    fn outputs(&self, root: &RootProgramme, one: &Entitlement) -> Vec<(Arc<str>, Phrase)> {
        let declared = &self.program.programmes[root.programme].outputs;
        one.outputs
            .iter()
            .map(|(name, answer)| {
                let ty = declared.iter().find(|o| o.name == *name).map_or(&Type::Poison, |o| &o.ty);
                let text = |lang| answer_words(self.program, answer, ty, lang);
                (Arc::clone(name), Phrase { en: text(Lang::En), id: text(Lang::Id) })
            })
            .collect()
    }

    fn conditions(
        &self,
        case: &Case,
        recording: &Recording,
        root: &RootProgramme,
        row: u32,
    ) -> Vec<ConditionReasoning> {
        root.conditions
            .iter()
            .map(|condition| {
                let value = recording.get(self.graph, condition.node, root.frame, row);
                let both = |label: &crate::program::Label| Phrase {
                    en: label.get(Lang::En).map(ToString::to_string).unwrap_or_default(),
                    id: label.get(Lang::Id).map(ToString::to_string).unwrap_or_default(),
                };
                let mut label = both(&condition.label);
                if label.en.is_empty() {
                    label = Phrase { en: condition.name.to_string(), id: condition.name.to_string() };
                }
                ConditionReasoning {
                    name: Arc::clone(&condition.name),
                    kind: condition.kind,
                    label,
                    basis: both(&condition.basis),
                    holds: value.truth(),
                    facts: self.facts(case, recording, condition.node, root.frame, row),
                }
            })
            .collect()
    }

    /// The facts that a value rests on, each with what is known of it.
    fn facts(
        &self,
        case: &Case,
        recording: &Recording,
        node: NodeId,
        frame: FrameId,
        row: u32,
    ) -> Vec<(String, Phrase)> {
        let mut seen: BTreeSet<(NodeId, u32)> = BTreeSet::new();
        let mut found: BTreeSet<(EntityId, usize, u32)> = BTreeSet::new();
        let own = self.graph.nodes[node].frame;
        let mut open = vec![(node, recording.frames.up(self.graph, frame, row, own))];
        while let Some((id, row)) = open.pop() {
            if !seen.insert((id, row)) {
                continue;
            }
            let frame = self.graph.nodes[id].frame;
            match &self.graph.nodes[id].op {
                Op::Fact { entity, field } => {
                    if let Some(element) = recording.frames.get(frame).rows.get(row as usize).and_then(|r| r.element) {
                        found.insert((*entity, *field, element));
                    }
                }
                // Of a junction that is decided, those operands alone that decided it.
                Op::And(list) | Op::Or(list) => {
                    let mine = recording.own(id, row).truth();
                    let decides =
                        matches!((&self.graph.nodes[id].op, mine), (Op::And(_), Some(false)) | (Op::Or(_), Some(true)));
                    for operand in list {
                        let value = recording.get(self.graph, *operand, frame, row);
                        if !decides || value.truth() == mine {
                            open.push((
                                *operand,
                                recording.frames.up(self.graph, frame, row, self.graph.nodes[*operand].frame),
                            ));
                        }
                    }
                }
                Op::Aggregate { items, .. } | Op::Contains { items, .. } => {
                    let rows = recording.frames.get(items.frame);
                    let (start, count) = rows.groups.get(row as usize).copied().unwrap_or((0, 0));
                    for item in start..start + count {
                        let present = recording.get(self.graph, items.presence, items.frame, item);
                        let counts = present.as_known() != Some(&Value::Boolean(false));
                        for node in [Some(items.presence), counts.then_some(items.value)].into_iter().flatten() {
                            let own = self.graph.nodes[node].frame;
                            open.push((node, recording.frames.up(self.graph, items.frame, item, own)));
                        }
                    }
                }
                _ => {
                    for input in self.graph.inputs(id) {
                        let own = self.graph.nodes[input].frame;
                        if self.graph.is_outer(own, frame) {
                            open.push((input, recording.frames.up(self.graph, frame, row, own)));
                        } else if let Frame::Home { .. } = self.graph.frames[own] {
                            let rows = u32::try_from(recording.frames.len(own)).unwrap_or(0);
                            open.extend((0..rows).map(|r| (input, r)));
                        }
                    }
                }
            }
        }
        found
            .into_iter()
            .map(|(entity, field, row)| {
                let path = path_of(self.program, case, entity, field, row);
                let shape = self.program.entities[entity].fields.get(field).map(|f| &f.shape);
                let value = case.fact(entity, field, row).and_then(|f| f.value());
                let text = match (value, shape) {
                    (Some(value), Some(FieldShape::Scalar { ty, .. })) => Phrase {
                        en: words(self.program, value, ty, Lang::En),
                        id: words(self.program, value, ty, Lang::Id),
                    },
                    _ => Phrase { en: "not known".to_owned(), id: "belum diketahui".to_owned() },
                };
                (path, text)
            })
            .collect()
    }
}

impl Explanation {
    /// The decision explained.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The reasoning as an indented text.
    pub fn render(&self, lang: Lang) -> String {
        let mut out = String::new();
        let id = self.decision.id().unwrap_or("-");
        let _ = match lang {
            Lang::En => writeln!(out, "Household {id}, decided for {}", self.decision.as_of()),
            Lang::Id => writeln!(out, "Rumah tangga {id}, keputusan untuk {}", self.decision.as_of()),
        };
        for programme in &self.programmes {
            let member = programme.member.as_ref().map(|m| format!(" [{m}]")).unwrap_or_default();
            let _ = writeln!(
                out,
                "\n{}{member} {}: {}",
                programme.name,
                programme.label.in_lang(lang),
                outcome_word(&programme.outcome, lang)
            );
            for (name, text) in &programme.outputs {
                let _ = writeln!(out, "  {name} = {}", text.in_lang(lang));
            }
            for condition in &programme.conditions {
                let state = match (condition.holds, lang) {
                    (Some(true), Lang::En) => "yes",
                    (Some(false), Lang::En) => "no",
                    (None, Lang::En) => "not known",
                    (Some(true), Lang::Id) => "ya",
                    (Some(false), Lang::Id) => "tidak",
                    (None, Lang::Id) => "belum diketahui",
                };
                let kind = match (condition.kind, lang) {
                    (ConditionKind::Requires, Lang::En) => "requires",
                    (ConditionKind::Requires, Lang::Id) => "mensyaratkan",
                    (_, Lang::En) => "refuses",
                    (_, Lang::Id) => "menolak",
                };
                let fails = match condition.kind {
                    ConditionKind::Requires => condition.holds == Some(false),
                    ConditionKind::Refuses | ConditionKind::Excluded(_) => condition.holds == Some(true),
                };
                let mark = if fails {
                    '✗'
                } else if condition.holds.is_none() {
                    '?'
                } else {
                    '✓'
                };
                let basis = condition.basis.in_lang(lang);
                let basis = if basis.is_empty() { String::new() } else { format!(" ({basis})") };
                let _ = writeln!(out, "  {mark} {kind} {}: {state}{basis}", condition.label.in_lang(lang));
                for (path, value) in &condition.facts {
                    let _ = writeln!(out, "      {path} = {}", value.in_lang(lang));
                }
            }
            for reason in programme.outcome.reasons() {
                let _ = writeln!(out, "  → {}", reason.text(lang));
            }
        }
        out
    }

    /// The reasoning as data.
    pub fn to_json(&self, lang: Lang) -> impl Serialize + '_ {
        ExplanationJson(self, lang)
    }
}

/// An answer as a language writes it.
fn answer_words(program: &Program, answer: &Answer, ty: &Type, lang: Lang) -> String {
    let value = match answer {
        Answer::Boolean(b) => Value::Boolean(*b),
        Answer::Integer(n) | Answer::Number(n) => Value::Number(n.clone()),
        Answer::Date(d) => Value::Date(*d),
        Answer::Duration(d) => Value::Duration(*d),
        Answer::Text(t) => Value::Text(Arc::clone(t)),
        Answer::None => Value::None,
        Answer::Enum(name) => match ty.required() {
            Type::Enum(id) => {
                let position = program.enums[*id].members.iter().position(|m| m.name == *name);
                Value::Enum(position.and_then(|p| u32::try_from(p).ok()).unwrap_or(u32::MAX))
            }
            _ => Value::Text(Arc::clone(name)),
        },
        Answer::Element(key) => Value::Text(Arc::from(key.as_str())),
        // INVARIANT: a settled output is one known value.
        Answer::Unknown | Answer::Failure(_) | Answer::List(_) | Answer::Record(_) => return String::new(),
    };
    words(program, &value, ty, lang)
}

fn outcome_word(one: &Entitlement, lang: Lang) -> &'static str {
    match (one.outcome(), lang) {
        (Outcome::Eligible, Lang::En) => "eligible",
        (Outcome::NotEligible, Lang::En) => "not eligible",
        (Outcome::Undetermined(_), Lang::En) => "undetermined",
        (Outcome::Error(_), Lang::En) => "error",
        (Outcome::Eligible, Lang::Id) => "layak",
        (Outcome::NotEligible, Lang::Id) => "tidak layak",
        (Outcome::Undetermined(_), Lang::Id) => "belum pasti",
        (Outcome::Error(_), Lang::Id) => "galat",
    }
}

struct ExplanationJson<'a>(&'a Explanation, Lang);

impl Serialize for ExplanationJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct FactJson<'a> {
            fact: &'a str,
            value: &'a str,
        }
        #[derive(Serialize)]
        struct ConditionJson<'a> {
            criterion: &'a str,
            kind: &'static str,
            label: &'a str,
            basis: &'a str,
            holds: Option<bool>,
            facts: Vec<FactJson<'a>>,
        }
        #[derive(Serialize)]
        struct ProgrammeJson<'a> {
            programme: &'a str,
            member: Option<&'a str>,
            conditions: Vec<ConditionJson<'a>>,
        }
        let lang = self.1;
        let programmes: Vec<ProgrammeJson<'_>> = self
            .0
            .programmes
            .iter()
            .map(|p| ProgrammeJson {
                programme: &p.name,
                member: p.member.as_deref(),
                conditions: p
                    .conditions
                    .iter()
                    .map(|c| ConditionJson {
                        criterion: &c.name,
                        kind: if c.kind == ConditionKind::Requires { "requires" } else { "refuses" },
                        label: c.label.in_lang(lang),
                        basis: c.basis.in_lang(lang),
                        holds: c.holds,
                        facts: c.facts.iter().map(|(f, v)| FactJson { fact: f, value: v.in_lang(lang) }).collect(),
                    })
                    .collect(),
            })
            .collect();
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("decision", &self.0.decision.to_json(None, lang))?;
        map.serialize_entry("reasoning", &programmes)?;
        map.end()
    }
}
