//! What is told of a decision: outcomes, reasons, amounts, bounds and what is missing, as data and as JSON.

use std::sync::Arc;

use crate::diagnostic::{Code, Phrase};
use crate::value::{Date, Decimal, Duration};

mod acts;
mod audit;
mod draw;
mod exceptions;
mod explain;
mod findings;
mod from_both;
mod from_chunk;
mod from_outcome;
mod json;
mod letter;
mod page;
mod picture;
mod reason;
mod reasoning_json;
mod rests;
pub(crate) mod schema;
mod why;
mod words;

pub use acts::AmendedRule;
pub(crate) use audit::{AUDIT_SCHEMA, Asked};
pub use draw::GraphFormat;
pub(crate) use draw::draw;
pub use exceptions::ExceptionsFormat;
pub(crate) use exceptions::{exceptions, one_line};
pub(crate) use explain::Reasoning;
pub(crate) use findings::{Assumptions, value_words};
pub use findings::{FactFinding, FactFindingKind};
pub(crate) use from_outcome::{Recorded, Reporter};
pub use json::DecisionJson;
pub(crate) use letter::Letter;
pub(crate) use reason::Wordings;
pub use reason::{Reason, ReasonKind};
pub(crate) use words::{Writing, answer_words, date_words, outcome_words, words};

/// The decision on one household.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    pub(crate) id: Option<Arc<str>>,
    pub(crate) as_of: Date,
    pub(crate) ruleset: Arc<str>,
    pub(crate) programmes: Vec<ProgrammeDecision>,
    pub(crate) findings: Vec<FactFinding>,
    pub(crate) values: Vec<(Arc<str>, Answer)>,
    pub(crate) bounds: Vec<(String, (Answer, Answer))>,
}

/// A programme: one entitlement of the household, or one of every member.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgrammeDecision {
    pub(crate) name: Arc<str>,
    pub(crate) entitlements: Entitlements,
    pub(crate) others: Option<Entitlement>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entitlements {
    One(Entitlement),
    /// By the member's key, or its position from 0 where it has none.
    Members(Vec<(Arc<str>, Entitlement)>),
}

/// What a programme comes to for the household or for one member.
#[derive(Clone, Debug, PartialEq)]
pub struct Entitlement {
    pub(crate) verdict: crate::outcome::Verdict,
    pub(crate) outputs: Vec<(Arc<str>, Answer)>,
    pub(crate) bounds: Vec<(Arc<str>, (Answer, Answer))>,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) missing: Vec<Missing>,
    pub(crate) error: Option<Failure>,
}

/// How a programme was decided.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// Every requirement holds and no refusal does.
    Eligible,
    /// A requirement fails or a refusal holds, whatever is still unknown.
    NotEligible,
    /// Facts that can still change it are unknown: these.
    Undetermined(&'a [Missing]),
    /// It cannot be decided, and no fact still to come changes that.
    Error(&'a Failure),
}

/// A fact that can still change a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Where it stands: `members[1].occupation`.
    pub fact: String,
    /// The sources to ask, most trusted first.
    pub ask: Vec<Arc<str>>,
    /// Whether one of these must verify it: a mere statement is not enough.
    pub verify: bool,
    /// Whether it is shown that it can: two households that differ in this fact alone, and whose answers differ, were found. Where
    /// false the search ended before ([`Limits::cases`](crate::Limits)), and it may be a fact that changes nothing; such facts come
    /// last, and facts that come before may settle it. No fact that can change the decision is ever left out.
    pub shown: bool,
    pub(crate) slot: crate::outcome::Slot,
}

/// Why a value or a decision could not be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    // Kept apart, so that what does not fail is small.
    detail: Box<FailureDetail>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct FailureDetail {
    code: Code,
    text: Phrase,
    at: Option<String>,
}

impl Failure {
    pub(crate) fn new(code: Code, text: Phrase, at: Option<String>) -> Failure {
        Failure { detail: Box::new(FailureDetail { code, text, at }) }
    }

    /// Its stable code.
    pub fn code(&self) -> Code {
        self.detail.code
    }

    /// What is the matter.
    pub fn text(&self) -> &Phrase {
        &self.detail.text
    }

    /// `path:line:column` of the rule where it arose.
    pub fn at(&self) -> Option<&str> {
        self.detail.at.as_deref()
    }
}

/// A value as an answer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Answer {
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Integer(Decimal),
    /// A number or an amount of money, exactly.
    Number(Decimal),
    /// A date.
    Date(Date),
    /// A duration.
    Duration(Duration),
    /// A text.
    Text(Arc<str>),
    /// A member of an enum, by its name.
    Enum(Arc<str>),
    /// An element of the household, by its key or position.
    Element(String),
    /// Known to be none.
    None,
    /// Not known.
    Unknown,
    /// It cannot be given.
    Failure(Failure),
    /// Several.
    List(Vec<Answer>),
    /// Named parts; of a member definition by key or position.
    Record(Vec<(Arc<str>, Answer)>),
}

impl Decision {
    /// The household's key.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The date that the decision is for.
    pub fn as_of(&self) -> Date {
        self.as_of
    }

    /// The fingerprint of the rules that decided.
    pub fn ruleset(&self) -> &str {
        &self.ruleset
    }

    /// Every programme, by name.
    pub fn programmes(&self) -> impl Iterator<Item = &ProgrammeDecision> {
        self.programmes.iter()
    }

    /// The programme of a name; nothing where the plan decides none of that name.
    pub fn programme(&self, name: &str) -> Option<&ProgrammeDecision> {
        self.programmes.iter().find(|p| *p.name == *name)
    }

    /// What is to be said of the facts: evidence that disagrees, is too old or not verified, and what was assumed, in the
    /// order of the facts' declarations. Each says whether an outcome depends on it.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = layak::Ruleset::from_text(r#"
    ///   module aid
    ///   source pln "Meter data"
    ///   source self "Own statement"
    ///   entity Household { power integer 0.. from pln, self }
    ///   criterion high when power >= 2_200
    ///   programme food refuses high
    /// "#)?;
    /// let plan = rules.as_of("2026-01-15".parse()?);
    /// let facts = plan.facts_from_json(
    ///     br#"{"power": {"evidence": [{"value": 2200, "source": "pln"}, {"value": 900, "source": "self"}]}}"#,
    /// )?;
    /// let decision = plan.decide(&facts);
    /// let finding = &decision.findings()[0];
    /// assert_eq!((finding.kind(), finding.fact()), (layak::FactFindingKind::Conflict, "power"));
    /// assert_eq!(finding.depends(), Some(true), "eligible, if it were 900");
    /// # Ok(())
    /// # }
    /// ```
    pub fn findings(&self) -> &[FactFinding] {
        &self.findings
    }

    /// The values that the plan was asked to show, in that order.
    pub fn values(&self) -> impl Iterator<Item = (&str, &Answer)> {
        self.values.iter().map(|(name, answer)| (&**name, answer))
    }

    /// The least and the greatest that a shown value not known can be, by its name; of members with their key or position.
    pub fn value_bounds(&self) -> impl Iterator<Item = (&str, (&Answer, &Answer))> {
        self.bounds.iter().map(|(name, (low, high))| (name.as_str(), (low, high)))
    }
}

impl ProgrammeDecision {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the household is entitled to; nothing for a programme of members.
    pub fn entitlement(&self) -> Option<&Entitlement> {
        match &self.entitlements {
            Entitlements::One(one) => Some(one),
            Entitlements::Members(_) => None,
        }
    }

    /// What each member is entitled to, by key (or position), in the order of the facts; empty for a programme of the
    /// household.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Entitlement)> {
        let list = match &self.entitlements {
            Entitlements::One(_) => &[][..],
            Entitlements::Members(list) => list,
        };
        list.iter().map(|(key, e)| (&**key, e))
    }

    /// Everything that is decided of it: of the household, or of each member by key (or position) in the order of the facts, and
    /// last, without a key, of the [`others`](ProgrammeDecision::others).
    pub fn entitlements(&self) -> impl Iterator<Item = (Option<&str>, &Entitlement)> {
        let own = self.entitlement().map(|one| (None, one));
        let others = self.others().map(|one| (None, one));
        own.into_iter().chain(self.members().map(|(key, one)| (Some(key), one))).chain(others)
    }

    /// Of a programme of members, where a list of members is not known: what whoever may be in it is entitled to, never settled in
    /// their favour, and what is missing, the list among it. Nothing where all members are known, or whoever else there may be is
    /// refused in any case.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = layak::Ruleset::from_text("
    ///   module aid
    ///   entity Home { desil integer 1..10  people list of Person }
    ///   entity Person { elder boolean }
    ///   criterion Person.poor when home.desil <= 4
    ///   criterion Person.old when elder
    ///   programme card for Person requires poor, old
    /// ")?;
    /// let plan = rules.as_of("2026-01-15".parse()?);
    /// let decide = |json: &str| Ok::<_, layak::FactsError>(plan.decide(&plan.facts_from_json(json.as_bytes())?));
    /// let open = decide(r#"{"desil": 3}"#)?;
    /// let others = open.programme("card").and_then(|card| card.others()).ok_or("open")?;
    /// assert_eq!(others.missing()[0].fact, "people");
    /// let refused = decide(r#"{"desil": 9}"#)?;
    /// assert!(refused.programme("card").ok_or("decided")?.others().is_none(), "nobody of this household is poor");
    /// # Ok(())
    /// # }
    /// ```
    pub fn others(&self) -> Option<&Entitlement> {
        self.others.as_ref()
    }

    /// The outcome for the household; nothing for a programme of members.
    pub fn outcome(&self) -> Option<Outcome<'_>> {
        self.entitlement().map(Entitlement::outcome)
    }
}

impl Entitlement {
    /// One of which nothing is open.
    fn settled(
        verdict: crate::outcome::Verdict,
        outputs: Vec<(Arc<str>, Answer)>,
        reasons: Vec<Reason>,
    ) -> Entitlement {
        Entitlement { verdict, outputs, bounds: Vec::new(), reasons, missing: Vec::new(), error: None }
    }

    /// How it was decided.
    pub fn outcome(&self) -> Outcome<'_> {
        use crate::outcome::Verdict;
        match (self.verdict, &self.error) {
            (Verdict::Error, Some(error)) => Outcome::Error(error),
            (Verdict::Eligible, _) => Outcome::Eligible,
            (Verdict::NotEligible, _) => Outcome::NotEligible,
            (Verdict::Undetermined | Verdict::Error, _) => Outcome::Undetermined(&self.missing),
        }
    }

    /// The settled outputs of an eligible household.
    pub fn outputs(&self) -> impl Iterator<Item = (&str, &Answer)> {
        self.outputs.iter().map(|(name, answer)| (&**name, answer))
    }

    /// An output by its name, if it is settled.
    pub fn output(&self, name: &str) -> Option<&Answer> {
        self.outputs.iter().find(|(n, _)| **n == *name).map(|(_, a)| a)
    }

    /// The least and the greatest that an output not settled can be; `Unknown` where there is no bound.
    pub fn bounds(&self) -> impl Iterator<Item = (&str, (&Answer, &Answer))> {
        self.bounds.iter().map(|(name, (low, high))| (&**name, (low, high)))
    }

    /// Why it is not eligible: every criterion that fails whatever is still unknown.
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// The facts that can still change it, those that decide most first.
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }
}
