//! The reasoning behind a decision, read off the evaluation that made it: every condition that decided, with all that it
//! rests on.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;

use crate::diagnostic::Phrase;
use crate::facts::{Case, EvidenceFact};
use crate::graph::{ConditionKind, FrameId, Origins, RootChange, RootCondition, RootProgramme, TextPart};
use crate::outcome::{Possible, Recording, Slot, Verdict};
use crate::program::version_on;
use crate::report::acts::AmendedRule;
use crate::report::rests::{ExceptionHeld, Rests};
use crate::report::why::{ElementName, GroundId, GroundKind, Grounds, Reading, both};
use crate::report::{Decision, Entitlement, ReasonKind, Reporter, answer_words, date_words, outcome_words};
use crate::syntax::Lang;

/// Why a household was decided as it was.
#[derive(Clone, Debug)]
pub(crate) struct Reasoning {
    pub programmes: Vec<ProgrammeReasoning>,
    pub grounds: Grounds,
}

#[derive(Clone, Debug)]
pub(crate) struct ProgrammeReasoning {
    pub name: Arc<str>,
    /// For whom, by key or position; of a programme of the household nobody.
    pub member: Option<String>,
    pub element: Option<ElementName>,
    pub label: Phrase,
    pub basis: Phrase,
    /// Where one who does not agree objects, where the rules say so.
    pub appeal: Phrase,
    /// The facts that can still change it.
    pub missing: Vec<MissingReasoning>,
    pub outcome: Entitlement,
    pub outputs: Vec<OutputReasoning>,
    /// What acts have changed of the programme and of what its outputs rest on.
    pub amended: Vec<AmendedRule>,
    /// Those that decided.
    pub conditions: Vec<ConditionReasoning>,
}

/// A fact that can still change a programme, as people call it.
#[derive(Clone, Debug)]
pub(crate) struct MissingReasoning {
    pub label: Phrase,
    pub element: Option<ElementName>,
    pub path: String,
    pub sources: Vec<Phrase>,
    pub verify: bool,
}

/// An output as people read it, where it is settled, and what it rests on.
#[derive(Clone, Debug)]
pub(crate) struct OutputReasoning {
    pub name: Arc<str>,
    pub label: Phrase,
    pub value: Option<Phrase>,
    pub exceptions: Vec<ExceptionHeld>,
    pub rests_on: Vec<GroundId>,
}

/// A condition, what it came to, and what it rests on.
#[derive(Clone, Debug)]
pub(crate) struct ConditionReasoning {
    pub name: Arc<str>,
    pub kind: ConditionKind,
    pub label: Phrase,
    pub basis: Phrase,
    /// None where it is not known.
    pub holds: Option<bool>,
    pub rests: Rests,
    pub rests_on: Vec<GroundId>,
    pub amended: Vec<AmendedRule>,
}

impl ConditionReasoning {
    pub(crate) fn fails(&self) -> bool {
        match self.kind {
            ConditionKind::Requires => self.holds == Some(false),
            ConditionKind::Refuses | ConditionKind::Excluded(_) => self.holds == Some(true),
        }
    }
}

impl Reporter<'_> {
    /// Read off a recording and the decision that was made of it.
    pub(crate) fn reasoning(
        &self,
        (case, evidence): (&Case, &[EvidenceFact]),
        recording: &Recording,
        origins: &Origins,
        decision: &Decision,
    ) -> Reasoning {
        let mut reading = Reading::new(self, case, evidence, recording, origins);
        let mut programmes = Vec::new();
        for root in &self.graph.programmes {
            let programme = &self.program.programmes[root.programme];
            let Some(decided) = decision.programme(&programme.declared.name) else { continue };
            let rows = case.table(programme.owner).map_or(&[][..], |t| &t.rows);
            let real = (0u32..).zip(rows).filter(|(_, r)| r.phantom.is_none()).map(|(i, _)| i);
            let one = decided.entitlement().map(|one| (None, 0, one));
            let members = decided.members().zip(real).map(|((key, one), row)| (Some(key.to_owned()), row, one));
            let others = decided
                .others()
                .into_iter()
                .flat_map(|one| self.others(case, programme.owner).map(move |row| (row, one)));
            let others = others.take(1).map(|(row, one)| (None, row, one));
            for (member, row, outcome) in one.into_iter().chain(members).chain(others) {
                let missing = outcome.missing.iter().map(|m| reading.missing(m)).collect();
                let (basis, appeal) = self.texts_of(root);
                programmes.push(ProgrammeReasoning {
                    name: Arc::clone(&programme.declared.name),
                    element: member.as_ref().and_then(|_| ElementName::of(self.program, case, (programme.owner, row))),
                    member,
                    label: both(&programme.declared.label),
                    basis,
                    appeal,
                    missing,
                    outcome: outcome.clone(),
                    outputs: self.outputs(&mut reading, root, row, outcome),
                    amended: self.amended(recording, &root.changes, root.frame, row),
                    conditions: self.conditions(&mut reading, root, row, outcome),
                });
            }
        }
        programmes.sort_by(|a, b| a.name.cmp(&b.name));
        Reasoning { programmes, grounds: reading.grounds }
    }

    /// The basis of a programme's version, and where to object to it.
    fn texts_of(&self, root: &RootProgramme) -> (Phrase, Phrase) {
        let versions = &self.program.programmes[root.programme].versions;
        let days = self.graph.day.map(|day| (day.as_of, day.known_on));
        let version = days.and_then(|(as_of, known_on)| version_on(versions, |v| &v.period, as_of, known_on));
        version.map(|v| (both(&v.basis), both(&v.appeal))).unwrap_or_default()
    }

    /// The outputs of a programme that has any for the element, as each language writes them.
    fn outputs(
        &self,
        reading: &mut Reading<'_>,
        root: &RootProgramme,
        row: u32,
        one: &Entitlement,
    ) -> Vec<OutputReasoning> {
        let (case, recording) = (reading.case, reading.recording);
        let declared = &self.program.programmes[root.programme].outputs;
        let mut out: Vec<OutputReasoning> = Vec::new();
        for (output, node) in &root.outputs {
            let Some(declared) = declared.get(*output) else { continue };
            let settled = one.outputs.iter().find(|(name, _)| *name == declared.name);
            if settled.is_none() && !one.bounds.iter().any(|(name, _)| *name == declared.name) {
                continue;
            }
            let text = |answer, lang| answer_words(self.program, answer, &declared.ty, lang);
            let body = reading.origins.outputs.get(&(root.programme, *output)).copied();
            let rests_on = body.map(|body| reading.rests_on(body, root.frame, row)).unwrap_or_default();
            let rests = self.rests(case, recording, *node, root.frame, row);
            out.push(OutputReasoning {
                name: Arc::clone(&declared.name),
                label: both(&declared.label),
                rests_on: reading.with_all(rests_on, &rests.slots),
                value: settled.map(|(_, a)| Phrase { en: text(a, Lang::En), id: text(a, Lang::Id) }),
                exceptions: rests.exceptions,
            });
        }
        out.sort_by(|a, b| a.name.cmp(&b.name));
        out
    }

    /// The conditions that decided: of a refusal those that fail, all of them; of what is not settled those that are not; of
    /// what nothing refuses, all.
    fn conditions(
        &self,
        reading: &mut Reading<'_>,
        root: &RootProgramme,
        row: u32,
        one: &Entitlement,
    ) -> Vec<ConditionReasoning> {
        let (case, recording) = (reading.case, reading.recording);
        let counts = |condition: &&RootCondition| {
            let applies = condition.applies.map(|node| recording.get(self.graph, node, root.frame, row));
            applies.is_none_or(Possible::can_be_true)
        };
        let mut out: Vec<ConditionReasoning> = Vec::new();
        for condition in root.conditions.iter().filter(counts) {
            let value = recording.get(self.graph, condition.node, root.frame, row);
            let (holds, is_fault) = (value.truth(), value.certain_fault().is_some());
            let refuses = condition.kind != ConditionKind::Requires;
            let kind = if refuses { ReasonKind::Refuses } else { ReasonKind::Requires };
            let is_reason = one.reasons.iter().any(|r| r.kind == kind && r.criterion == condition.name);
            // Tried case by case, one can fail in each of them though its own value is open.
            let holds = if is_reason { Some(refuses) } else { holds };
            let decided = match one.verdict {
                Verdict::Eligible => true,
                // Refused whichever way what is open falls, no one condition need be the reason.
                Verdict::NotEligible if one.reasons.is_empty() => holds.is_none(),
                Verdict::NotEligible => is_reason,
                Verdict::Undetermined => holds.is_none(),
                Verdict::Error => is_fault || holds.is_none(),
            };
            if !decided {
                continue;
            }
            let mut label = both(&condition.label);
            if label.en.is_empty() {
                label = Phrase { en: condition.name.to_string(), id: condition.name.to_string() };
            }
            let rests = self.rests(case, recording, condition.node, root.frame, row);
            let body = condition.index.and_then(|i| reading.origins.conditions.get(&(root.programme, i)).copied());
            let rests_on = match (body, condition.kind) {
                (Some(body), _) => reading.rests_on(body, root.frame, row),
                (None, ConditionKind::Excluded(other)) => vec![reading.excluding(other, holds)],
                (None, _) => Vec::new(),
            };
            let rests_on = reading.with_all(rests_on, &rests.slots);
            // What a reason says in words is named too, though the condition may have failed without it.
            let texts = condition.texts.iter().filter(|_| is_reason).flat_map(|(_, parts)| parts);
            let shown = texts.filter_map(|part| match part {
                TextPart::Value(node, _) => Some(self.rests(case, recording, *node, root.frame, row).slots),
                TextPart::Text(_) => None,
            });
            let shown: BTreeSet<Slot> = shown.flatten().collect();
            let rests_on = reading.with_all(rests_on, &shown);
            out.push(ConditionReasoning {
                name: Arc::clone(&condition.name),
                kind: condition.kind,
                label,
                basis: both(&condition.basis),
                holds,
                rests,
                rests_on,
                amended: self.amended(recording, &condition.changes, root.frame, row),
            });
        }
        out
    }

    /// Of what acts have changed that which they have for the household.
    fn amended(&self, recording: &Recording, changes: &[RootChange], frame: FrameId, row: u32) -> Vec<AmendedRule> {
        let is_so = |change: &&RootChange| {
            change.holds.is_none_or(|node| recording.get(self.graph, node, frame, row).truth() == Some(true))
        };
        changes.iter().filter(is_so).map(|change| AmendedRule::of(self.program, change)).collect()
    }
}

impl MissingReasoning {
    /// `belum diketahui: Pekerjaan (members[1].occupation), tanyakan: BKN`
    pub(super) fn text(&self, lang: Lang) -> String {
        let sources: Vec<&str> = self.sources.iter().map(|s| s.in_lang(lang)).collect();
        let ask = match (sources.is_empty(), lang) {
            (true, _) => String::new(),
            (false, Lang::En) => format!(", ask: {}", sources.join(", ")),
            (false, Lang::Id) => format!(", tanyakan: {}", sources.join(", ")),
        };
        let not_known = if lang == Lang::Id { "belum diketahui" } else { "not known" };
        let name = self.element.as_ref().and_then(|e| e.name.as_ref()).map(|name| format!(", {name}"));
        format!("{not_known}: {} ({}{}){ask}", self.label.in_lang(lang), self.path, name.unwrap_or_default())
    }
}

impl Reasoning {
    /// As an indented text.
    pub(crate) fn render(&self, decision: &Decision, lang: Lang) -> String {
        let mut out = String::new();
        let id = decision.id().unwrap_or("-");
        let day = date_words(decision.as_of(), lang);
        let _ = match lang {
            Lang::En => writeln!(out, "Household {id}, decided for {day}"),
            Lang::Id => writeln!(out, "Rumah tangga {id}, keputusan untuk {day}"),
        };
        if !decision.findings().is_empty() {
            let head = if lang == Lang::Id { "Catatan atas fakta" } else { "Findings on the facts" };
            let _ = writeln!(out, "\n{head}");
        }
        for finding in decision.findings() {
            let (text, hangs) = (finding.text(), finding.dependence());
            let _ = writeln!(out, "  ! {}: {} ({})", finding.fact(), text.in_lang(lang), hangs.in_lang(lang));
        }
        let mut told = vec![false; self.grounds.list.len()];
        for programme in &self.programmes {
            let name = programme.element.as_ref().and_then(|e| e.name.as_ref()).map(|name| format!(", {name}"));
            let name = name.unwrap_or_default();
            let member = programme.member.as_ref().map(|m| format!(" [{m}{name}]")).unwrap_or_default();
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
                self.below(&mut out, &mut told, &output.rests_on, &output.name, lang);
            }
            for rule in &programme.amended {
                let _ = writeln!(out, "  {}", rule.text(lang));
            }
            for condition in &programme.conditions {
                let (state, kind) = (state_word(condition.holds, lang), kind_word(condition.kind, lang));
                let mark = match condition.holds {
                    _ if condition.fails() => '✗',
                    None => '?',
                    Some(_) => '✓',
                };
                let basis = bracketed(condition.basis.in_lang(lang));
                let _ = writeln!(out, "  {mark} {kind} {}: {state}{basis}", condition.label.in_lang(lang));
                self.below(&mut out, &mut told, &condition.rests_on, &condition.name, lang);
                for rule in &condition.amended {
                    let _ = writeln!(out, "      {}", rule.text(lang));
                }
            }
            for reason in programme.outcome.reasons() {
                let _ = writeln!(out, "  → {}", reason.text(lang));
            }
            for missing in &programme.missing {
                let _ = writeln!(out, "  ? {}", missing.text(lang));
            }
            if let Some(error) = &programme.outcome.error {
                let _ = writeln!(out, "  ! {}: {}", error.code(), error.text().in_lang(lang));
            }
        }
        out
    }

    /// What is below a value that is named itself: that value's own name is not said twice.
    pub(super) fn beneath<'g>(&'g self, rests_on: &'g [GroundId], name: &str) -> &'g [GroundId] {
        match rests_on {
            [one] => match self.grounds.list.get(*one) {
                Some(ground) => match &ground.kind {
                    GroundKind::Value(value) if value.name.rsplit('.').next() == Some(name) => &ground.rests_on,
                    _ => rests_on,
                },
                None => rests_on,
            },
            _ => rests_on,
        }
    }

    /// A tree of grounds; what has been written is not written again.
    fn below(&self, out: &mut String, told: &mut [bool], rests_on: &[GroundId], name: &str, lang: Lang) {
        let mut open: Vec<(GroundId, usize)> = self.beneath(rests_on, name).iter().rev().map(|id| (*id, 0)).collect();
        while let Some((id, depth)) = open.pop() {
            let Some(ground) = self.grounds.list.get(id) else { continue };
            out.push_str("      ");
            (0..depth.min(MOST_INDENT)).for_each(|_| out.push_str("  "));
            if depth > MOST_INDENT {
                // Drawn on, the blanks of a chain would be of the square of its length.
                let _ = write!(out, "[{depth}] ");
            }
            let text = ground.kind.text(lang);
            let again = told.get_mut(id).is_some_and(|told| std::mem::replace(told, true));
            if again && !ground.rests_on.is_empty() {
                let word = if lang == Lang::Id { "seperti di atas" } else { "as above" };
                let _ = writeln!(out, "{text} ({word})");
                continue;
            }
            let _ = writeln!(out, "{text}");
            open.extend(ground.rests_on.iter().rev().map(|id| (*id, depth + 1)));
        }
    }
}

/// Below this depth its number is written.
pub(super) const MOST_INDENT: usize = 24;

pub(super) fn state_word(holds: Option<bool>, lang: Lang) -> &'static str {
    match (holds, lang) {
        (Some(true), Lang::En) => "yes",
        (Some(false), Lang::En) => "no",
        (None, Lang::En) => "not known",
        (Some(true), Lang::Id) => "ya",
        (Some(false), Lang::Id) => "tidak",
        (None, Lang::Id) => "belum diketahui",
    }
}

pub(super) fn kind_word(kind: ConditionKind, lang: Lang) -> &'static str {
    match (kind, lang) {
        (ConditionKind::Requires, Lang::En) => "requires",
        (ConditionKind::Requires, Lang::Id) => "mensyaratkan",
        (_, Lang::En) => "refuses",
        (_, Lang::Id) => "menolak",
    }
}

/// A text in brackets after a blank; nothing of an empty one.
pub(super) fn bracketed(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" ({text})") }
}

impl ExceptionHeld {
    pub(super) fn json(&self, lang: Lang) -> ExceptionJson<'_> {
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
pub(super) struct ExceptionJson<'a> {
    rule: &'a str,
    element: Option<&'a str>,
    label: Option<&'a str>,
    place: String,
    basis: Option<&'a str>,
    state: &'static str,
}
