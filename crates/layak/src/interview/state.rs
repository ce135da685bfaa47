//! An interview saved and restored: what it began with, and each answer.

use serde::{Deserialize, Serialize};

use super::{Interview, Step};
use crate::facts::tree::owned;
use crate::facts::{Data, FactsError, from_serialize};
use crate::ruleset::Plan;

/// An interview as it is saved: anything that serde writes. It holds what was answered, and of the rules only what they are called.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use layak::{Interview, InterviewState, Ruleset};
/// let rules = Ruleset::from_text("
///   module aid
///   entity Household { desil integer 1..10  power integer 0.. }
///   criterion poor when desil <= 4
///   criterion high when power > 2_200
///   programme food requires poor refuses high")?;
/// let plan = rules.as_of("2026-01-15".parse()?);
/// let mut interview = Interview::new(&plan)?;
/// interview.answer(&3)?;
/// let saved = serde_json::to_string(&interview.state())?;
///
/// let state: InterviewState = serde_json::from_str(&saved)?;
/// let mut restored = Interview::restore(&plan, &state)?;
/// assert_eq!(restored.question().map(|q| q.fact()), Some("power"));
/// assert!(restored.back());
/// assert_eq!(restored.question().map(|q| q.fact()), Some("desil"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterviewState {
    version: u32,
    /// The fingerprint of the rules, and the date that they are asked for.
    ruleset: String,
    as_of: String,
    keys: bool,
    start: serde_json::Value,
    answers: Vec<Answered>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    fact: String,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    value: Option<serde_json::Value>,
}

/// `null` is an answer too: that there is none. What was skipped has no value.
fn given<'de, D: serde::Deserializer<'de>>(reader: D) -> Result<Option<serde_json::Value>, D::Error> {
    serde_json::Value::deserialize(reader).map(Some)
}

/// Why a saved interview cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// It was written by another version of the engine.
    #[error("the interview was saved in form {found}, this engine reads form {known}")]
    Version {
        /// The form that it has.
        found: u32,
        /// The form that can be read.
        known: u32,
    },
    /// It was held by other rules, or for another date: what it asks for next would be another.
    #[error(
        "the interview was held by the rules {found} for {found_date}, not {known} for {known_date}; begin anew with its facts"
    )]
    OtherRules {
        /// The fingerprint of its rules.
        found: String,
        /// The date that it was held for.
        found_date: String,
        /// The fingerprint of the rules at hand.
        known: String,
        /// The date of the plan.
        known_date: String,
    },
    /// Its answers are not those of its questions.
    #[error("the answer {fact} does not follow from those before it")]
    Answers {
        /// The fact that was answered.
        fact: String,
    },
    /// Its facts are refused.
    #[error(transparent)]
    Facts(#[from] FactsError),
}

const VERSION: u32 = 1;

impl Interview {
    /// What is saved of it.
    pub fn state(&self) -> InterviewState {
        let answered =
            |step: &Step| Answered { fact: step.fact.clone(), value: step.given.as_ref().map(Data::to_value) };
        InterviewState {
            version: VERSION,
            ruleset: self.decision.ruleset().to_owned(),
            as_of: self.plan.as_of().to_string(),
            keys: self.keys,
            start: self.start.to_value(),
            answers: self.steps.iter().map(answered).collect(),
        }
    }

    /// An interview that was saved, as it was: what was answered can be taken back. The cost is that of answering again.
    ///
    /// # Errors
    /// The rules or the date are others, or the facts are refused. The facts themselves may begin another interview:
    /// [`Interview::from_json`].
    pub fn restore(plan: &Plan, state: &InterviewState) -> Result<Interview, RestoreError> {
        if state.version != VERSION {
            return Err(RestoreError::Version { found: state.version, known: VERSION });
        }
        let (known, known_date) = (plan.ruleset().fingerprint(), plan.as_of().to_string());
        if state.ruleset != known || state.as_of != known_date {
            return Err(RestoreError::OtherRules {
                found: state.ruleset.clone(),
                found_date: state.as_of.clone(),
                known: known.to_owned(),
                known_date,
            });
        }
        let nesting = plan.limits().nesting;
        let start = from_serialize(&state.start, nesting)?;
        let mut interview = Interview::begin(plan, state.keys, start)?;
        for answered in &state.answers {
            if interview.question().is_none_or(|q| q.fact() != answered.fact) {
                return Err(RestoreError::Answers { fact: answered.fact.clone() });
            }
            match &answered.value {
                Some(value) => interview.take(owned(from_serialize(value, nesting)?))?,
                None => interview.skip()?,
            }
        }
        Ok(interview)
    }
}
