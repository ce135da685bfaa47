//! From values to outcomes: what each programme comes to for the household or each member, with the reasons, the bounds
//! and what is missing.

use std::collections::BTreeSet;

use crate::facts::{Case, Fact};
use crate::graph::{ConditionKind, Graph, RootCondition, RootProgramme};
use crate::limits::Limits;
use crate::outcome::missing::{Needed, Trial, can_matter, hanging};
use crate::outcome::relevant::{Slot, list_slot, slot_of_list};
use crate::outcome::{Possible, Recording, boxes};
use crate::value::Fault;

/// What a programme comes to for one element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Eligible,
    NotEligible,
    Undetermined,
    Error,
}

/// A programme decided for one element: positions are those of the programme's conditions.
#[derive(Clone, Debug)]
pub(crate) struct Judgement {
    pub verdict: Verdict,
    /// The conditions that fail.
    pub failing: Vec<usize>,
    /// By output: what it can be.
    pub outputs: Vec<Possible>,
    pub fault: Option<Fault>,
    /// The open facts that it hangs on, in the order in which to ask for them.
    pub missing: Vec<Needed>,
}

/// Whether a condition fails, certainly or possibly.
fn fails(condition: &RootCondition, value: &Possible) -> (bool, bool) {
    let (bad, good) = match condition.kind {
        ConditionKind::Requires => (value.can_be_false(), value.can_be_true()),
        ConditionKind::Refuses | ConditionKind::Excluded(_) => (value.can_be_true(), value.can_be_false()),
    };
    (bad && !good && value.fault.is_none(), bad)
}

/// The answer that the values alone give.
pub(crate) fn judge(graph: &Graph, recording: &Recording, programme: &RootProgramme, row: u32) -> Judgement {
    let mut failing = Vec::new();
    let mut certain_fault: Option<Fault> = None;
    let mut open = false;
    for (index, condition) in programme.conditions.iter().enumerate() {
        let value = recording.get(graph, condition.node, programme.frame, row);
        let (certain, possible) = fails(condition, value);
        if certain {
            failing.push(index);
        } else if let Some(fault) = value.certain_fault() {
            if certain_fault.as_ref().is_none_or(|f| fault < f) {
                certain_fault = Some(fault.clone());
            }
        } else if possible || value.fault.is_some() {
            open = true;
        }
    }
    let outputs: Vec<Possible> =
        programme.outputs.iter().map(|(_, n)| recording.get(graph, *n, programme.frame, row).clone()).collect();
    let mut fault = None;
    let verdict = if !programme.in_force || !failing.is_empty() {
        Verdict::NotEligible
    } else if certain_fault.is_some() {
        fault = certain_fault;
        Verdict::Error
    } else if open {
        Verdict::Undetermined
    } else {
        // An output that cannot be given leaves a decision that cannot be carried out.
        fault = outputs.iter().filter_map(|o| o.certain_fault()).min().cloned();
        if fault.is_some() { Verdict::Error } else { Verdict::Eligible }
    };
    Judgement { verdict, failing, outputs, fault, missing: Vec::new() }
}

/// Decides one programme for one element; splits into cases where bounds leave it open. For those that may be in a list that is
/// not known it is never settled in their favour: who they are is missing.
pub(crate) fn decide(
    graph: &Graph,
    case: &Case,
    recording: &Recording,
    programme: &RootProgramme,
    row: u32,
    limits: &Limits,
) -> Judgement {
    let judged = judge(graph, recording, programme, row);
    if is_settled(&judged) {
        of_list(graph, case, programme, row, judged)
    } else {
        Deciding::new(graph, case, &mut recording.clone(), limits).decide(programme, row)
    }
}

/// The judgement on an element, if it is one that may be in a list that is not known.
fn of_list(graph: &Graph, case: &Case, programme: &RootProgramme, row: u32, mut judged: Judgement) -> Judgement {
    if let Some(list) = list_slot(graph, case, programme.frame, Some(row))
        && matches!(judged.verdict, Verdict::Eligible | Verdict::Undetermined)
    {
        judged.verdict = Verdict::Undetermined;
        let mut lists = BTreeSet::new();
        slot_of_list(case, list, &mut lists);
        judged.missing.retain(|open| !lists.contains(&open.slot));
        let at = judged.missing.iter().take_while(|open| open.is_shown).count();
        judged.missing.splice(at..at, lists.into_iter().map(|slot| Needed { slot, is_shown: true }));
    }
    judged
}

/// Whether nothing of what the values alone give is left open.
pub(super) fn is_settled(judged: &Judgement) -> bool {
    match judged.verdict {
        Verdict::Undetermined => false,
        Verdict::Eligible => judged.outputs.iter().all(Possible::is_certain),
        Verdict::NotEligible | Verdict::Error => true,
    }
}

/// One household of which programmes are decided one after another.
pub(crate) struct Deciding<'c> {
    graph: &'c Graph,
    case: &'c Case,
    /// INVARIANT: between two programmes it is as it was.
    recording: &'c mut Recording,
    limits: &'c Limits,
    /// A case in which facts are tried, made when the first is. INVARIANT: between two programmes it is as the other.
    own: Option<Case>,
}

impl<'c> Deciding<'c> {
    /// `recording` is what the case comes to; it is so again afterwards.
    pub(crate) fn new(
        graph: &'c Graph,
        case: &'c Case,
        recording: &'c mut Recording,
        limits: &'c Limits,
    ) -> Deciding<'c> {
        Deciding { graph, case, recording, limits, own: None }
    }

    /// What the case comes to.
    pub(crate) fn recording(&self) -> &Recording {
        self.recording
    }

    /// As the function does it.
    pub(crate) fn decide(&mut self, programme: &RootProgramme, row: u32) -> Judgement {
        let judged = self.one(programme, row);
        of_list(self.graph, self.case, programme, row, judged)
    }

    fn one(&mut self, programme: &RootProgramme, row: u32) -> Judgement {
        let (graph, case, limits) = (self.graph, self.case, self.limits);
        let mut judged = judge(graph, self.recording, programme, row);
        if is_settled(&judged) {
            return judged;
        }
        let mut open = hanging(graph, case, self.recording, programme, row, judged.verdict);
        let own = self.own.get_or_insert_with(|| case.clone());
        let mut trial = Trial::new(graph, self.recording, programme, limits);
        let mut told = open.is_doubtful().then(|| boxes::told(&mut trial, own, (programme, row), &open));
        if let Some(mut common) = told.as_mut().and_then(|told| told.common.take()) {
            if common.verdict == Verdict::NotEligible {
                common.failing = failing(&mut trial, own, (programme, row), &common.failing);
            }
            if common.verdict != judged.verdict {
                // What its outputs hang on is another matter than what its conditions did.
                open = hanging(graph, case, trial.recording, programme, row, common.verdict);
            }
            judged = common;
        }
        if !is_settled(&judged) {
            let matter = can_matter(&trial, own, (programme, row), &open, told);
            judged.missing = matter.ranked(&open, |slot| !is_asked(case, slot));
        }
        judged
    }
}

/// The conditions that fail whatever the open facts are, where the programme is refused in every case: some are known to. Of a case in
/// which one condition fails the others may be open, so each is looked at alone.
fn failing(
    trial: &mut Trial<'_>,
    case: &mut Case,
    (programme, row): (&RootProgramme, u32),
    known: &[usize],
) -> Vec<usize> {
    let mut one = RootProgramme { conditions: Vec::new(), outputs: Vec::new(), ..programme.clone() };
    let mut fails = |index: &usize, condition: &RootCondition| {
        if known.contains(index) {
            return true;
        }
        one.conditions = vec![condition.clone()];
        let verdict = judge(trial.graph, trial.recording, &one, row).verdict;
        let open = hanging(trial.graph, case, trial.recording, &one, row, verdict);
        let told = open.is_doubtful().then(|| boxes::told(trial, case, (&one, row), &open));
        let common = told.and_then(|told| told.common);
        common.is_some_and(|common| common.verdict == Verdict::NotEligible)
    };
    let all = programme.conditions.iter().enumerate();
    all.filter(|(index, condition)| fails(index, condition)).map(|(index, _)| index).collect()
}

fn is_asked(case: &Case, slot: Slot) -> bool {
    case.fact(slot.0, slot.1, slot.2) == Some(&Fact::Asked)
}
