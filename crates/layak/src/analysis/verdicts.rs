//! Conditions that have one answer for every household: criteria, what programmes ask for, exceptions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::days::{Laid, Steps};
use super::reads::{self, Read};
use super::search::{Found, Goal, Search, facts_below};
use super::warning;
use crate::diagnostic::{Code, Finding, Phrase, phrase};
use crate::graph::{ConditionKind, FrameId, NodeId, Op, RootCondition, RootProgramme};
use crate::limits::Limits;
use crate::program::*;
use crate::source::Span;
use crate::value::Date;

/// What is asked on each day that a version is in force.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    /// A version of a criterion, or of a definition that a programme asks for: always yes, never yes.
    Yes(DefinitionId, usize),
    No(DefinitionId, usize),
    /// An exception always or never holds.
    Holds(DefinitionId, usize, usize),
    HoldsNot(DefinitionId, usize, usize),
    /// Two conditions of a version of a programme cannot be met together.
    Apart(ProgrammeId, usize, (Arc<str>, bool), (Arc<str>, bool)),
    /// Nobody can get it; the one condition that nobody meets, where there is one.
    Nobody(ProgrammeId, usize, Option<(Arc<str>, bool)>),
}

/// What a condition is to come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    Yes,
    No,
    /// No, none or a fault.
    NotYes,
}

/// What questions are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Asked {
    Definition(DefinitionId, usize),
    Exception(DefinitionId, usize, usize),
    Programme(ProgrammeId, usize),
}

/// On which days it was so; a question is told where it was so on all its days, or from some day on to the end of time.
#[derive(Default)]
struct Answers {
    all: BTreeMap<Question, Vec<Date>>,
    asked: BTreeMap<Asked, Vec<Date>>,
}

pub(super) struct Verdicts<'p> {
    program: &'p Program,
    limits: &'p Limits,
    /// Definitions that some fact decides: what dates or parameters alone decide is meant to be the same for all.
    of_facts: BTreeSet<DefinitionId>,
    asked_for: BTreeSet<DefinitionId>,
    answers: Answers,
}

impl<'p> Verdicts<'p> {
    pub(super) fn new(program: &'p Program, limits: &'p Limits) -> Verdicts<'p> {
        let conditions =
            program.programmes.values().flat_map(|p| &p.versions).flat_map(|v| v.requires.iter().chain(&v.refuses));
        let mut asked_for: BTreeSet<DefinitionId> = conditions.filter_map(|c| c.definition).collect();
        asked_for
            .extend(program.definitions.iter().filter(|(_, d)| d.kind == DefinitionKind::Criterion).map(|(id, _)| id));
        Verdicts { program, limits, of_facts: of_facts(program), asked_for, answers: Answers::default() }
    }

    /// Looks at the rules of one day. The days come in their order.
    pub(super) fn look(&mut self, laid: &mut Laid, steps: &mut Steps) {
        for (id, definition) in self.program.definitions.iter() {
            let Some(version) = version_at(&definition.versions, |v| &v.period, laid.day) else { continue };
            if self.asked_for.contains(&id)
                && self.of_facts.contains(&id)
                && let Some(node) = laid.node(id)
                && laid.possible(node).is_some_and(|p| p.certain_fault().is_none())
            {
                let frame = laid.graph.nodes[node].frame;
                self.answers.ask(Asked::Definition(id, version), laid.day);
                if self.never(laid, &[(node, Want::Yes)], frame, steps) {
                    self.answers.note(Question::No(id, version), laid.day);
                } else if self.never(laid, &[(node, Want::NotYes)], frame, steps) {
                    self.answers.note(Question::Yes(id, version), laid.day);
                }
            }
        }
        self.exceptions(laid, steps);
        for index in 0..laid.graph.programmes.len() {
            if let Some(programme) = laid.graph.programmes.get(index).cloned() {
                self.programme(laid, &programme, steps);
            }
        }
    }

    /// Whether no element has all of these values together.
    fn never(&self, laid: &mut Laid, wanted: &[(NodeId, Want)], frame: FrameId, steps: &mut Steps) -> bool {
        if wanted.iter().any(|(node, want)| *want == Want::Yes && wanted.contains(&(*node, Want::No))) {
            return true;
        }
        let rows = u32::try_from(laid.recording.frames.len(frame)).unwrap_or(0);
        if rows == 0 {
            return false;
        }
        let goal = |graph: &crate::graph::Graph, recording: &crate::outcome::Recording| {
            let can = |row: u32| {
                wanted.iter().all(|(node, want)| {
                    let possible = recording.get(graph, *node, frame, row);
                    match want {
                        Want::Yes => possible.can_be_true(),
                        Want::No => possible.can_be_false(),
                        Want::NotYes => possible.can_be_false() || possible.none || possible.fault.is_some(),
                    }
                })
            };
            if (0..rows).any(can) { Goal::Open } else { Goal::Dead }
        };
        if goal(&laid.graph, &laid.recording) == Goal::Dead {
            return true;
        }
        let nodes: Vec<NodeId> = wanted.iter().map(|(node, _)| *node).collect();
        if steps.is_spent() {
            return false;
        }
        let mut own = steps.share();
        let found = Search::proof(laid, self.program, &nodes, &[], self.limits, &mut own).run(&mut own, &goal);
        steps.give_back(own);
        found == Found::Nothing
    }

    fn exceptions(&mut self, laid: &mut Laid, steps: &mut Steps) {
        let mut conditions: BTreeMap<Arc<Provision>, Vec<NodeId>> = BTreeMap::new();
        for node in laid.graph.nodes.values() {
            if let Op::Exceptions { exceptions, .. } = &node.op {
                for exception in exceptions {
                    conditions.entry(Arc::clone(&exception.provision)).or_default().push(exception.condition);
                }
            }
        }
        for (id, definition) in self.program.definitions.iter() {
            let Some(at) = version_at(&definition.versions, |v| &v.period, laid.day) else { continue };
            let Some(version) = definition.versions.get(at) else { continue };
            // Of a function that is not called there is nothing to see.
            let is_there = definition.arguments.is_empty();
            for (number, exception) in version.exceptions.iter().enumerate() {
                if !exception.period.holds(laid.day) {
                    continue;
                }
                let nodes = conditions.get(&exception.provision).cloned().unwrap_or_default();
                self.answers.ask(Asked::Exception(id, at, number), laid.day);
                // Where a constant rules it out it is not laid out at all.
                let never = if nodes.is_empty() { is_there } else { self.all_never(laid, &nodes, Want::Yes, steps) };
                if never {
                    self.answers.note(Question::HoldsNot(id, at, number), laid.day);
                } else if !nodes.is_empty() && self.all_never(laid, &nodes, Want::NotYes, steps) {
                    self.answers.note(Question::Holds(id, at, number), laid.day);
                }
            }
        }
    }

    fn all_never(&self, laid: &mut Laid, nodes: &[NodeId], want: Want, steps: &mut Steps) -> bool {
        nodes.iter().all(|node| {
            let frame = laid.graph.nodes[*node].frame;
            self.never(laid, &[(*node, want)], frame, steps)
        })
    }

    fn programme(&mut self, laid: &mut Laid, programme: &RootProgramme, steps: &mut Steps) {
        let id = programme.programme;
        let versions = &self.program.programmes[id].versions;
        let Some(version) = version_at(versions, |v| &v.period, laid.day) else { return };
        let frame = programme.frame;
        let wanted: Vec<(&RootCondition, (NodeId, Want))> = programme
            .conditions
            .iter()
            .map(|c| (c, (c.node, if is_required(c) { Want::Yes } else { Want::No })))
            .collect();
        let name = |c: &RootCondition| (Arc::clone(&c.name), is_required(c));
        // Without a value of policy on this day there is an error, which is told when it is decided.
        let faulty = |(_, (node, _)): &(&RootCondition, (NodeId, Want))| {
            laid.seen_from(*node, frame).is_none_or(|p| p.certain_fault().is_some())
        };
        if wanted.iter().any(faulty) {
            return;
        }
        self.answers.ask(Asked::Programme(id, version), laid.day);
        for (condition, want) in &wanted {
            if self.never(laid, &[*want], frame, steps) {
                return self.answers.note(Question::Nobody(id, version, Some(name(condition))), laid.day);
            }
        }
        let mut apart = false;
        let mut facts: Vec<BTreeSet<(EntityId, usize)>> = Vec::with_capacity(wanted.len());
        for (_, (node, _)) in &wanted {
            let fits = steps.spend(laid.graph.nodes.len() / 16 + 1);
            facts.push(if fits { facts_below(&laid.graph, self.program.root, *node) } else { BTreeSet::new() });
        }
        for (at, ((a, want_a), facts_a)) in wanted.iter().zip(&facts).enumerate() {
            for ((b, want_b), facts_b) in wanted.iter().zip(&facts).skip(at + 1) {
                // What rests on no common fact is independent, as far as can be told.
                let related = want_a.0 == want_b.0 || !facts_a.is_disjoint(facts_b);
                if related && self.never(laid, &[*want_a, *want_b], frame, steps) {
                    self.answers.note(Question::Apart(id, version, name(a), name(b)), laid.day);
                    apart = true;
                }
            }
        }
        let all: Vec<(NodeId, Want)> = wanted.iter().map(|(_, want)| *want).collect();
        if !apart && all.len() > 2 && self.never(laid, &all, frame, steps) {
            self.answers.note(Question::Nobody(id, version, None), laid.day);
        }
    }

    pub(super) fn tell(self, found: &mut Vec<Finding>) {
        for (question, days) in &self.answers.all {
            let asked = self.answers.asked.get(&question.about()).map_or(&[][..], Vec::as_slice);
            // So on every day it was asked, or from some day on; what was so for a time alone may be meant.
            let last = days.iter().rev().zip(asked.iter().rev()).take_while(|(a, b)| a == b).count();
            let since = match days.get(days.len().saturating_sub(last)) {
                Some(_) if last == asked.len() => None,
                Some(first) => Some(*first),
                None => continue,
            };
            found.extend(self.finding(question, since));
        }
    }

    fn finding(&self, question: &Question, since: Option<Date>) -> Option<Finding> {
        let program = self.program;
        let when = |en: &str, id: &str| match since {
            None => Phrase { en: en.to_owned(), id: id.to_owned() },
            Some(day) => Phrase { en: format!("from {day} on {en}"), id: format!("mulai {day} {id}") },
        };
        let definition = |id: DefinitionId, at: usize| {
            let definition = &program.definitions[id];
            Some((program.owned(definition.owner, &definition.declared.name), definition.versions.get(at)?))
        };
        let programme = |id: ProgrammeId, at: usize| {
            let programme = &program.programmes[id];
            Some((&programme.declared.name, programme.versions.get(at)?))
        };
        Some(match question {
            Question::Yes(id, at) | Question::No(id, at) => {
                let (name, version) = definition(*id, *at)?;
                let yes = matches!(question, Question::Yes(..));
                let (code, en, id) = if yes {
                    (Code::ALWAYS_YES, "always yes", "selalu ya")
                } else {
                    (Code::ALWAYS_NO, "never yes", "tidak pernah ya")
                };
                let when = when(en, id);
                let message = Phrase { en: format!("`{name}` is {}", when.en), id: format!("`{name}` {}", when.id) };
                warning(
                    code,
                    version.written,
                    message,
                    phrase!("correct the condition, or leave it out", "betulkan syaratnya, atau hapus"),
                )
                .label(phrase!("whatever the facts are", "apa pun faktanya"))
            }
            Question::Holds(id, at, number) | Question::HoldsNot(id, at, number) => {
                let (name, version) = definition(*id, *at)?;
                let exception = version.exceptions.get(*number)?;
                let (code, en, id) = if matches!(question, Question::Holds(..)) {
                    (Code::ALWAYS_YES, "always holds", "selalu berlaku")
                } else {
                    (Code::EXCEPTION_NEVER_HOLDS, "never holds", "tidak pernah berlaku")
                };
                let when = when(en, id);
                let message = Phrase {
                    en: format!("this exception to `{name}` {}", when.en),
                    id: format!("pengecualian `{name}` ini {}", when.id),
                };
                warning(
                    code,
                    exception.condition,
                    message,
                    phrase!(
                        "correct the condition, or remove the exception",
                        "betulkan syaratnya, atau hapus pengecualiannya"
                    ),
                )
                .label(phrase!("whatever the facts are", "apa pun faktanya"))
            }
            Question::Apart(id, at, a, b) => {
                let (name, version) = programme(*id, *at)?;
                let when = when("nobody", "tidak seorang pun");
                let message = Phrase {
                    en: format!("{} {} and {}: `{name}` asks for both", when.en, verb(a).en, verb(b).en),
                    id: format!("{} {} dan {}: `{name}` meminta keduanya", when.id, verb(a).id, verb(b).id),
                };
                // What another programme excludes is written there.
                let declared = program.programmes[*id].declared.span;
                let at = span(version, b).or(span(version, a)).unwrap_or(declared);
                let mut finding = warning(
                    Code::CONTRADICTION,
                    at,
                    message,
                    phrase!("leave one of them out, or correct it", "hapus salah satunya, atau betulkan"),
                );
                if let Some(other) = span(version, a).filter(|other| *other != at) {
                    finding = finding.also(other, phrase!("the other", "yang lain"));
                }
                finding
            }
            Question::Nobody(id, at, cause) => {
                let (name, version) = programme(*id, *at)?;
                let when = when("nobody", "tidak seorang pun");
                let message = Phrase {
                    en: format!("{} can get `{name}`", when.en),
                    id: format!("{} dapat memperoleh `{name}`", when.id),
                };
                let declared = program.programmes[*id].declared.span;
                let help = phrase!("correct what it asks for", "betulkan syarat yang dimintanya");
                match cause.as_ref().and_then(|cause| Some((span(version, cause)?, cause))) {
                    Some((at, cause)) => {
                        let why = verb(cause);
                        let why =
                            Phrase { en: format!("nobody {}", why.en), id: format!("tidak seorang pun {}", why.id) };
                        warning(Code::NOBODY, at, message, help).label(why)
                    }
                    None => warning(
                        Code::NOBODY,
                        if version.span.source == declared.source { version.span } else { declared },
                        message,
                        help,
                    )
                    .label(phrase!(
                        "its conditions cannot hold together",
                        "syarat-syaratnya tidak dapat terpenuhi bersama"
                    )),
                }
            }
        })
    }
}

/// How a person meets a condition.
fn verb((name, required): &(Arc<str>, bool)) -> Phrase {
    if *required {
        phrase!("meets `{0}`", "memenuhi `{0}`", name)
    } else {
        phrase!("is free of `{0}`", "bebas dari `{0}`", name)
    }
}

fn is_required(condition: &RootCondition) -> bool {
    condition.kind == ConditionKind::Requires
}

/// Where a version asks for a condition; nothing for another programme that excludes it.
fn span(version: &ProgrammeVersion, (name, required): &(Arc<str>, bool)) -> Option<Span> {
    let list = if *required { &version.requires } else { &version.refuses };
    list.iter().find(|c| c.name == *name).map(|c| c.span)
}

/// The position of the version in force, with the law as it is known at last.
fn version_at<T>(versions: &[T], period: impl Fn(&T) -> &Period, day: Date) -> Option<usize> {
    let chosen = version_on(versions, period, day, Date::MAX)?;
    versions.iter().position(|v| std::ptr::eq(v, chosen))
}

impl Question {
    fn about(&self) -> Asked {
        match self {
            Question::Yes(id, at) | Question::No(id, at) => Asked::Definition(*id, *at),
            Question::Holds(id, at, number) | Question::HoldsNot(id, at, number) => Asked::Exception(*id, *at, *number),
            Question::Apart(id, at, ..) | Question::Nobody(id, at, _) => Asked::Programme(*id, *at),
        }
    }
}

impl Answers {
    fn ask(&mut self, about: Asked, day: Date) {
        self.asked.entry(about).or_default().push(day);
    }

    fn note(&mut self, question: Question, day: Date) {
        self.all.entry(question).or_default().push(day);
    }
}

/// Definitions that read a fact, themselves or through others.
fn of_facts(program: &Program) -> BTreeSet<DefinitionId> {
    let mut readers: BTreeMap<Read, Vec<DefinitionId>> = BTreeMap::new();
    let mut open: Vec<DefinitionId> = Vec::new();
    for id in program.definitions.ids() {
        for read in reads::of_values(program, id) {
            match read {
                Read::Field(..) | Read::Programme(_) => open.push(id),
                Read::Definition(_) => readers.entry(read).or_default().push(id),
                Read::Parameter(_) => {}
            }
        }
    }
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        if found.insert(id) {
            open.extend(readers.get(&Read::Definition(id)).into_iter().flatten());
        }
    }
    found
}
