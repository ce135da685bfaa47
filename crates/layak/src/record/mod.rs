//! What is kept of a decision: enough to decide again years later, bit for bit, and of the facts no more than that takes.

use std::sync::Arc;

use crate::facts::{Data, from_case};
use crate::report::Decision;
use crate::ruleset::{Facts, Plan};
use crate::syntax::Lang;
use crate::value::Date;

mod flat;
mod paid;
mod read;
mod redecide;
mod redecide_told;
mod reduce;
mod replay;
mod schema;

#[cfg(test)]
mod tests;

pub use paid::{PaidTotal, PaidTotals};
pub use read::{RecordError, Recorded};
pub use redecide::{PaidAmount, Redecision};
pub use replay::{Difference, Replay, Replayer};

/// The form of a record: one that means something else has another number.
const VERSION: u32 = 1;

/// The version of the engine that decides.
pub(crate) const ENGINE: &str = env!("CARGO_PKG_VERSION");

/// A decision with what it was made from: the version of the engine, the fingerprint of the rules, the dates, and the facts
/// that it cannot be made again without.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    decision: Decision,
    known_on: Date,
    /// The programmes decided, where not all were.
    programmes: Option<Vec<Arc<str>>>,
    show: Vec<Arc<str>>,
    /// Where the rules lay, as the host names it, and the acts laid over them.
    rules: Option<(String, Vec<String>)>,
    facts: Option<Data<'static>>,
}

impl Plan {
    /// Decides a household and keeps what is needed to decide it again. A fact without which the decision stays the same in every
    /// word, number and reason is not kept; of several that each suffice, the one declared first is. The keys of a list's elements
    /// stay where the list does, for they say who is meant.
    ///
    /// The cost is that of deciding once or twice for each fact. Of a household of many thousand facts not each is tried alone:
    /// what is not tried is kept.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use layak::{Lang, Ruleset};
    /// let rules = Ruleset::from_text("
    ///   module aid
    ///   entity Home { id text key  desil integer 1..10  power integer 0..  illness text }
    ///   criterion poor when desil <= 4
    ///   criterion high when power > 2_200
    ///   programme food requires poor refuses high
    /// ")?;
    /// let plan = rules.as_of("2026-01-15".parse()?);
    /// let facts = plan.facts_from_json(br#"{"id": "a", "desil": 9, "power": 900, "illness": "tbc"}"#)?;
    /// let record = plan.record(&facts);
    /// assert_eq!(record.facts().as_deref(), Some(r#"{"id":"a","desil":9}"#));
    /// assert!(record.decision() == &plan.decide(&facts));
    ///
    /// let kept = layak::Recorded::from_json(record.to_json(Some(1), Lang::En).as_bytes())?;
    /// assert!(layak::Replayer::new(&rules).replay(&kept, None)?.is_same());
    /// # Ok(())
    /// # }
    /// ```
    pub fn record(&self, facts: &Facts) -> Record {
        let decision = self.decide(facts);
        let program = &self.ruleset().inner().program;
        let graph = self.plan_graph();
        let decided = || decision.programmes().map(|p| Arc::from(p.name()));
        let all = graph.programmes.len() == program.programmes.len();
        let used = reduce::reduced(self, from_case(program, &facts.case, &facts.evidence), &decision);
        Record {
            known_on: graph.day.map_or(Date::MIN, |day| day.known_on),
            programmes: (!all).then(|| decided().collect()),
            show: decision.values().map(|(name, _)| Arc::from(name)).collect(),
            rules: None,
            facts: Some(used),
            decision,
        }
    }
}

impl Record {
    /// The decision.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The facts that it rests on, as JSON on one line; nothing where they were left out.
    pub fn facts(&self) -> Option<String> {
        self.facts.as_ref().map(Data::to_json)
    }

    /// The record with a note of where its rules lie, and the acts laid over them: what the host calls them by.
    #[must_use]
    pub fn of_rules(mut self, rules: impl Into<String>, acts: impl IntoIterator<Item = String>) -> Record {
        self.rules = Some((rules.into(), acts.into_iter().collect()));
        self
    }

    /// The same without the facts: to decide again they must be brought along.
    #[must_use]
    pub fn without_facts(mut self) -> Record {
        self.facts = None;
        self
    }

    /// The decision as [`Decision::to_json`] gives it, and beside its parts `record`: on one line.
    ///
    /// The cost is linear in what it says.
    pub fn to_json(&self, line: Option<usize>, lang: Lang) -> String {
        // A decision is made of texts and numbers, which serde_json never refuses.
        let mut out = serde_json::to_string(&self.decision.to_json(line, lang)).unwrap_or_default();
        let text = |text: &str| serde_json::Value::from(text).to_string();
        let list = |all: &mut dyn Iterator<Item = &str>| format!("[{}]", all.map(text).collect::<Vec<_>>().join(","));
        out.pop();
        out.push_str(&format!(
            ",\"record\":{{\"version\":{VERSION},\"engine\":{},\"known_on\":\"{}\",\"lang\":\"{}\"",
            text(ENGINE),
            self.known_on,
            lang.tag(),
        ));
        if let Some(programmes) = &self.programmes {
            out.push_str(&format!(",\"programmes\":{}", list(&mut programmes.iter().map(|n| &**n))));
        }
        if !self.show.is_empty() {
            out.push_str(&format!(",\"show\":{}", list(&mut self.show.iter().map(|n| &**n))));
        }
        if let Some((rules, acts)) = &self.rules {
            out.push_str(&format!(",\"rules\":{}", text(rules)));
            if !acts.is_empty() {
                out.push_str(&format!(",\"amend\":{}", list(&mut acts.iter().map(String::as_str))));
            }
        }
        if let Some(facts) = &self.facts {
            out.push_str(&format!(",\"facts\":{}", facts.to_json()));
        }
        out.push_str("}}");
        out
    }
}
