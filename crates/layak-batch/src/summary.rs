//! What a run came to, counted.

use std::collections::{BTreeMap, BTreeSet};

use layak::{Decision, Entitlement, FactsError, Outcome};
use serde::{Deserialize, Serialize};

use crate::previous::Renewed;

/// How many households were read, how many entitlements of each programme have each outcome, and why the others are not
/// eligible.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Summary {
    /// All of them.
    pub households: usize,
    /// Those that could not be read.
    pub unreadable: usize,
    /// Elements of no household: none of the input has their key.
    pub alone: usize,
    /// Elements without a key that can be read. Nobody knows whose they are, so that their households were decided without them.
    #[serde(default)]
    pub ownerless: usize,
    /// Households, decided, whose key another before them has, where a run looks for them.
    pub twice: usize,
    /// Lists that no column and no table of the input has, so that nothing is known of them of anybody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacking: Vec<String>,
    /// Whether the run ended before the input did, for there were too many rejects.
    pub is_stopped: bool,
    /// By name.
    pub programmes: BTreeMap<String, ProgrammeSummary>,
    /// What was taken over and what was decided anew, where a run has the decisions of another before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed: Option<Renewed>,
}

/// How many entitlements of a programme have each outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProgrammeSummary {
    /// Those that are eligible.
    pub eligible: usize,
    /// Those that are not.
    pub not_eligible: usize,
    /// Those of which facts are missing that can still change it.
    pub undetermined: usize,
    /// Those that cannot be decided.
    pub error: usize,
    /// By criterion: how many are not eligible for that reason, alone or among others.
    pub reasons: BTreeMap<String, usize>,
}

impl Summary {
    /// Counts a decision.
    pub fn decided(&mut self, decision: &Decision) {
        self.households += 1;
        for programme in decision.programmes() {
            let counts = match self.programmes.get_mut(programme.name()) {
                Some(counts) => counts,
                None => self.programmes.entry(programme.name().to_owned()).or_default(),
            };
            programme.entitlements().for_each(|(_, one)| counts.add(one));
        }
    }

    /// Counts an entitlement by the word of its outcome.
    pub(crate) fn counted<'r>(&mut self, programme: &str, outcome: &str, reasons: impl Iterator<Item = &'r str>) {
        let counts = self.of(programme);
        *counts.outcome(outcome) += 1;
        reasons.for_each(|reason| counts.reason(reason, 1));
    }

    /// Counts entitlements of a programme, by the words of their outcomes, and their reasons.
    pub(crate) fn told<'r>(
        &mut self,
        programme: &str,
        outcomes: impl Iterator<Item = (&'r str, usize)>,
        reasons: impl Iterator<Item = (&'r str, usize)>,
    ) {
        let counts = self.of(programme);
        outcomes.for_each(|(word, count)| *counts.outcome(word) += count);
        for (reason, count) in reasons.filter(|(_, count)| *count > 0) {
            counts.reason(reason, count);
        }
    }

    fn of(&mut self, programme: &str) -> &mut ProgrammeSummary {
        self.programmes.entry(programme.to_owned()).or_default()
    }

    /// Counts a decision, or a household that could not be read.
    pub fn add_decision(&mut self, decision: &Result<Decision, FactsError>) {
        match decision {
            Ok(decision) => self.decided(decision),
            Err(_) => self.refused(),
        }
    }

    /// Counts a household that could not be read.
    pub fn refused(&mut self) {
        self.households += 1;
        self.unreadable += 1;
    }

    /// Whether every row of the input could be read.
    pub fn is_clean(&self) -> bool {
        self.rejects() == 0
    }

    /// How many rows of the input were rejected.
    pub fn rejects(&self) -> usize {
        self.unreadable + self.alone + self.ownerless + self.twice
    }

    /// Adds what another part of the run came to.
    pub fn add(&mut self, other: &Summary) {
        self.households += other.households;
        self.unreadable += other.unreadable;
        self.alone += other.alone;
        self.ownerless += other.ownerless;
        self.twice += other.twice;
        self.is_stopped |= other.is_stopped;
        let own = std::mem::take(&mut self.lacking).into_iter().collect::<BTreeSet<String>>();
        self.lacking = own.union(&other.lacking.iter().cloned().collect()).cloned().collect();
        if let Some(renewed) = &other.renewed {
            self.renewed.get_or_insert_with(Renewed::default).add(renewed);
        }
        for (name, counts) in &other.programmes {
            let own = self.programmes.entry(name.clone()).or_default();
            own.eligible += counts.eligible;
            own.not_eligible += counts.not_eligible;
            own.undetermined += counts.undetermined;
            own.error += counts.error;
            for (reason, count) in &counts.reasons {
                *own.reasons.entry(reason.clone()).or_default() += count;
            }
        }
    }
}

impl ProgrammeSummary {
    fn add(&mut self, one: &Entitlement) {
        match one.outcome() {
            Outcome::Eligible => self.eligible += 1,
            Outcome::NotEligible => self.not_eligible += 1,
            Outcome::Undetermined(_) => self.undetermined += 1,
            _ => self.error += 1,
        }
        one.reasons().iter().for_each(|reason| self.reason(&reason.criterion, 1));
    }

    fn outcome(&mut self, word: &str) -> &mut usize {
        match word {
            "eligible" => &mut self.eligible,
            "not_eligible" => &mut self.not_eligible,
            "undetermined" => &mut self.undetermined,
            _ => &mut self.error,
        }
    }

    fn reason(&mut self, criterion: &str, count: usize) {
        match self.reasons.get_mut(criterion) {
            Some(counted) => *counted += count,
            None => *self.reasons.entry(criterion.to_owned()).or_default() += count,
        }
    }
}
