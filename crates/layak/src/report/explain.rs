//! The reasoning behind a decision, read off the evaluation that made it: every condition that decided, with the facts it
//! rests on.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::diagnostic::Phrase;
use crate::facts::{Case, EvidenceFact};
use crate::graph::{ConditionKind, FrameId, RootChange, RootCondition, RootProgramme};
use crate::outcome::{Possible, Recording, evaluate};
use crate::report::acts::{AmendedJson, AmendedRule};
use crate::report::rests::{ExceptionHeld, Rests};
use crate::report::{Decision, Entitlement, Reporter, answer_words, date_words, outcome_words};
use crate::syntax::Lang;

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
    outputs: Vec<OutputReasoning>,
    /// What acts have changed of the programme and of what its outputs rest on.
    amended: Vec<AmendedRule>,
    conditions: Vec<ConditionReasoning>,
}

/// An output as people read it, where it is settled, and the exceptions that it rests on.
#[derive(Clone, Debug)]
struct OutputReasoning {
    name: Arc<str>,
    value: Option<Phrase>,
    exceptions: Vec<ExceptionHeld>,
}

/// A condition, what it came to, and what it rests on.
#[derive(Clone, Debug)]
struct ConditionReasoning {
    name: Arc<str>,
    kind: ConditionKind,
    label: Phrase,
    basis: Phrase,
    /// None where it is not known.
    holds: Option<bool>,
    rests: Rests,
    amended: Vec<AmendedRule>,
}

impl Reporter<'_> {
    pub(crate) fn explanation(&self, case: &Case, evidence: &[EvidenceFact]) -> Explanation {
        let recording = evaluate(self.graph, case, self.limits);
        let decision = self.by_recording(case, evidence, &recording);
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
                    outputs: self.outputs(case, &recording, root, row, outcome),
                    amended: self.amended(&recording, &root.changes, root.frame, row),
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

    /// The outputs of a programme that has any for the element, as each language writes them.
    fn outputs(
        &self,
        case: &Case,
        recording: &Recording,
        root: &RootProgramme,
        row: u32,
        one: &Entitlement,
    ) -> Vec<OutputReasoning> {
        let declared = &self.program.programmes[root.programme].outputs;
        let mut out: Vec<OutputReasoning> = Vec::new();
        for (output, node) in &root.outputs {
            let Some(declared) = declared.get(*output) else { continue };
            let settled = one.outputs.iter().find(|(name, _)| *name == declared.name);
            if settled.is_none() && !one.bounds.iter().any(|(name, _)| *name == declared.name) {
                continue;
            }
            let text = |answer, lang| answer_words(self.program, answer, &declared.ty, lang);
            out.push(OutputReasoning {
                name: Arc::clone(&declared.name),
                value: settled.map(|(_, a)| Phrase { en: text(a, Lang::En), id: text(a, Lang::Id) }),
                exceptions: self.rests(case, recording, *node, root.frame, row).exceptions,
            });
        }
        out.sort_by(|a, b| a.name.cmp(&b.name));
        out
    }

    fn conditions(
        &self,
        case: &Case,
        recording: &Recording,
        root: &RootProgramme,
        row: u32,
    ) -> Vec<ConditionReasoning> {
        let counts = |condition: &&RootCondition| {
            let applies = condition.applies.map(|node| recording.get(self.graph, node, root.frame, row));
            applies.is_none_or(Possible::can_be_true)
        };
        root.conditions
            .iter()
            .filter(counts)
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
                    rests: self.rests(case, recording, condition.node, root.frame, row),
                    amended: self.amended(recording, &condition.changes, root.frame, row),
                }
            })
            .collect()
    }

    /// Of what acts have changed that which they have for the household.
    fn amended(&self, recording: &Recording, changes: &[RootChange], frame: FrameId, row: u32) -> Vec<AmendedRule> {
        let is_so = |change: &&RootChange| {
            change.holds.is_none_or(|node| recording.get(self.graph, node, frame, row).truth() == Some(true))
        };
        changes.iter().filter(is_so).map(|change| AmendedRule::of(self.program, change)).collect()
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
        let day = date_words(self.decision.as_of(), lang);
        let _ = match lang {
            Lang::En => writeln!(out, "Household {id}, decided for {day}"),
            Lang::Id => writeln!(out, "Rumah tangga {id}, keputusan untuk {day}"),
        };
        if !self.decision.findings().is_empty() {
            let head = if lang == Lang::Id { "Catatan atas fakta" } else { "Findings on the facts" };
            let _ = writeln!(out, "\n{head}");
        }
        for finding in self.decision.findings() {
            let (text, hangs) = (finding.text(), finding.dependence());
            let _ = writeln!(out, "  ! {}: {} ({})", finding.fact(), text.in_lang(lang), hangs.in_lang(lang));
        }
        for programme in &self.programmes {
            let member = programme.member.as_ref().map(|m| format!(" [{m}]")).unwrap_or_default();
            let _ = writeln!(
                out,
                "\n{}{member} {}: {}",
                programme.name,
                programme.label.in_lang(lang),
                outcome_words(programme.outcome.verdict, lang)
            );
            for output in &programme.outputs {
                let unsettled = if lang == Lang::Id { "belum pasti" } else { "not settled" };
                let text = output.value.as_ref().map_or(unsettled, |v| v.in_lang(lang));
                let _ = writeln!(out, "  {} = {text}", output.name);
                output.exceptions.iter().for_each(|e| e.render(&mut out, lang));
            }
            for rule in &programme.amended {
                let _ = writeln!(out, "  {}", rule.text(lang));
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
                for (path, value) in &condition.rests.facts {
                    let _ = writeln!(out, "      {path} = {}", value.in_lang(lang));
                }
                for rule in &condition.amended {
                    let _ = writeln!(out, "      {}", rule.text(lang));
                }
                condition.rests.exceptions.iter().for_each(|e| e.render(&mut out, lang));
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

impl ExceptionHeld {
    /// The exception, what it is one to, and whether it holds.
    fn render(&self, out: &mut String, lang: Lang) {
        let (exception, to) = match lang {
            Lang::En => ("exception", "to"),
            Lang::Id => ("pengecualian", "terhadap"),
        };
        let element = self.element.as_ref().map(|e| format!(" [{e}]")).unwrap_or_default();
        let basis = self.provision.basis.get(lang).map(|b| format!(" ({b})")).unwrap_or_default();
        let (name, rule, word) = (self.provision.name(), &self.rule, self.standing.word(lang));
        let _ = writeln!(out, "      {exception} {name} {to} `{rule}`{element}: {word}{basis}");
    }

    fn json(&self, lang: Lang) -> ExceptionJson<'_> {
        ExceptionJson {
            rule: &self.rule,
            element: self.element.as_deref(),
            label: self.provision.label.as_deref(),
            place: self.provision.place.to_string(),
            basis: self.provision.basis.get(lang).map(|b| &**b),
            state: self.standing.name(),
        }
    }
}

#[derive(Serialize)]
struct ExceptionJson<'a> {
    rule: &'a str,
    element: Option<&'a str>,
    label: Option<&'a str>,
    place: String,
    basis: Option<&'a str>,
    state: &'static str,
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
            exceptions: Vec<ExceptionJson<'a>>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            amended: Vec<AmendedJson<'a>>,
        }
        #[derive(Serialize)]
        struct OutputJson<'a> {
            output: &'a str,
            /// None where it is not settled.
            value: Option<&'a str>,
            exceptions: Vec<ExceptionJson<'a>>,
        }
        #[derive(Serialize)]
        struct ProgrammeJson<'a> {
            programme: &'a str,
            member: Option<&'a str>,
            conditions: Vec<ConditionJson<'a>>,
            outputs: Vec<OutputJson<'a>>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            amended: Vec<AmendedJson<'a>>,
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
                        facts: (c.rests.facts.iter())
                            .map(|(f, v)| FactJson { fact: f, value: v.in_lang(lang) })
                            .collect(),
                        exceptions: c.rests.exceptions.iter().map(|e| e.json(lang)).collect(),
                        amended: c.amended.iter().map(|rule| rule.json(lang)).collect(),
                    })
                    .collect(),
                outputs: (p.outputs.iter())
                    .map(|o| OutputJson {
                        output: &o.name,
                        value: o.value.as_ref().map(|v| v.in_lang(lang)),
                        exceptions: o.exceptions.iter().map(|e| e.json(lang)).collect(),
                    })
                    .collect(),
                amended: p.amended.iter().map(|rule| rule.json(lang)).collect(),
            })
            .collect();
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("decision", &self.0.decision.to_json(None, lang))?;
        map.serialize_entry("reasoning", &programmes)?;
        map.end()
    }
}
