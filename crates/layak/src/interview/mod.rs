//! Interviews: what a household is asked, one question at a time, until its programmes are decided.

mod answer;
mod keys;
mod next;
mod question;
mod state;
#[cfg(test)]
mod tests;

pub use question::{Choice, Question, QuestionKind};
pub use state::{InterviewState, RestoreError};

use serde::Serialize;

use crate::diagnostic::{Code, Phrase, phrase};
use crate::facts::tree::{by_names, look, owned, put};
use crate::facts::{Data, FactError, FactsError, from_serialize, read};
use crate::report::Decision;
use crate::ruleset::{Facts, Plan};
use crate::syntax::Lang;

/// An interview with one household: the facts that can still change what it is entitled to, asked for one after another, those
/// that settle most first, until nothing that is not known matters any more.
///
/// A question is answered with a value ([`Interview::answer`]) or with what a person typed ([`Interview::answer_text`]), or
/// skipped; the last one can be taken back. [`Interview::state`] is saved and restored. At each moment [`Interview::decision`] is
/// the decision on what is known, and [`Interview::facts_json`] the facts, which decide alike.
///
/// What must be verified counts as confirmed by the first source that verifies it, on the plan's day: whoever asks has looked
/// there, or skips the question. Elements that have keys are numbered, unless the rules read the key or the host wants names
/// ([`Interview::with_keys`]). The cost of a question is a few decisions on the household.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use layak::{Interview, Lang, Outcome, Ruleset};
/// let rules = Ruleset::from_text(r#"
///   module aid
///   entity Household {
///     desil    integer 1..10        id "Desil kesejahteraan" en "Welfare decile"
///     members  list of Person 0..9  id "Anggota" en "Members"
///   }
///   entity Person { pregnant boolean id "Hamil" en "Pregnant" }
///   criterion poor when desil <= 4
///   criterion mother when any(members where pregnant)
///   programme food requires poor, mother
/// "#)?;
/// let plan = rules.as_of("2026-01-15".parse()?);
/// let mut interview = Interview::new(&plan)?;
/// let question = interview.question().ok_or("asks")?;
/// assert_eq!((question.fact(), question.text(Lang::En).as_str()), ("desil", "Welfare decile"));
/// interview.answer(&3)?;
/// interview.answer_text("2", Lang::Id)?; // two members
/// assert_eq!(interview.question().map(|q| q.fact()), Some("members[0].pregnant"));
/// interview.answer_text("ya", Lang::Id)?; // the second need not be asked
/// assert!(interview.question().is_none());
/// let outcome = interview.decision().programme("food").and_then(|p| p.outcome());
/// assert_eq!(outcome, Some(Outcome::Eligible));
/// assert_eq!(interview.facts_json(), r#"{"desil":3,"members":[{"pregnant":true},{}]}"#);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Interview {
    plan: Plan,
    /// Whether keys are asked for that decide nothing.
    keys: bool,
    start: Data<'static>,
    /// What was answered or skipped, in order.
    steps: Vec<Step>,
    /// The start with the answers in it.
    data: Data<'static>,
    facts: Facts,
    decision: Decision,
    question: Option<Question>,
}

/// One question that was answered or skipped.
#[derive(Clone, Debug)]
struct Step {
    fact: String,
    /// None where it was skipped.
    given: Option<Data<'static>>,
    before: Data<'static>,
}

impl Interview {
    /// An interview with a household of which nothing is known.
    ///
    /// # Errors
    /// What is wrong with a household of which nothing is known; rules that leave room for one have nothing.
    pub fn new(plan: &Plan) -> Result<Interview, FactsError> {
        Interview::begin(plan, false, Data::Object(Vec::new()))
    }

    /// An interview that begins with what is known: JSON text of facts. A key that is missing is asked for or numbered.
    ///
    /// # Errors
    /// Everything that is wrong with the facts, each with its path.
    pub fn from_json(plan: &Plan, json: &[u8]) -> Result<Interview, FactsError> {
        Interview::begin(plan, false, owned(read(json, plan.limits().nesting)?))
    }

    /// An interview that begins with what is known: anything that serialises.
    ///
    /// # Errors
    /// Everything that is wrong with the facts, each with its path.
    pub fn from_facts(plan: &Plan, household: &(impl Serialize + ?Sized)) -> Result<Interview, FactsError> {
        Interview::begin(plan, false, from_serialize(household, plan.limits().nesting)?)
    }

    /// The same interview, which also asks for the keys of the household and of its members, before all else of each.
    ///
    /// # Errors
    /// None that the interview did not have before.
    pub fn with_keys(mut self) -> Result<Interview, FactsError> {
        self.keys = true;
        self.settle(self.data.clone())?;
        Ok(self)
    }

    fn begin(plan: &Plan, keys: bool, start: Data<'static>) -> Result<Interview, FactsError> {
        let program = &plan.ruleset().inner().program;
        let start = by_names(program, program.root, start);
        let facts = plan.bind(&keys::completed(program, &start))?;
        let decision = plan.decide(&facts);
        let mut interview = Interview {
            plan: plan.clone(),
            keys,
            data: start.clone(),
            start,
            steps: Vec::new(),
            facts,
            decision,
            question: None,
        };
        interview.question = interview.next();
        Ok(interview)
    }

    /// Takes facts in, decides on them and looks for the next question; where they are refused nothing changes.
    fn settle(&mut self, data: Data<'static>) -> Result<(), FactsError> {
        let facts = self.plan.bind(&keys::completed(&self.plan.ruleset().inner().program, &data))?;
        self.decision = self.plan.decide(&facts);
        self.facts = facts;
        self.data = data;
        self.question = self.next();
        Ok(())
    }

    /// What to ask next; nothing once no fact that is still to be asked for can change a decision.
    pub fn question(&self) -> Option<&Question> {
        self.question.as_ref()
    }

    /// Answers the question with a value, as facts give it: a number, a date as text, an enum's name, a list of values. The
    /// elements of a list are answered by their number, or by a list of their facts. None of an optional is `null`.
    ///
    /// # Errors
    /// What is wrong with the value. The question stays.
    pub fn answer(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), FactsError> {
        let value = from_serialize(value, self.plan.limits().nesting)?;
        self.take(value)
    }

    /// Answers the question with what a person typed, in a language: `3.000.000` or `3,000,000`, `17 Agustus 1990`, `ya`, a choice
    /// by its number, name or label. What could be read in two ways is refused and both are shown.
    ///
    /// # Errors
    /// What could not be understood, with a way out. The question stays.
    pub fn answer_text(&mut self, typed: &str, lang: Lang) -> Result<(), FactsError> {
        let Some(question) = &self.question else { return Err(nothing_asked()) };
        let value = answer::read(question, typed, lang).map_err(|wrong| {
            FactsError::one(FactError { help: wrong.help, ..FactError::new(wrong.code, question.fact(), wrong.text) })
        })?;
        self.take(value)
    }

    fn take(&mut self, value: Data<'static>) -> Result<(), FactsError> {
        let Some(question) = &self.question else { return Err(nothing_asked()) };
        let stored = self.stored(question, value.clone())?;
        let mut data = self.data.clone();
        put(&mut data, &question.path, stored);
        self.step(question.fact().to_owned(), Some(value), data)
    }

    /// A step forward, which is taken back where the facts are refused.
    fn step(&mut self, fact: String, given: Option<Data<'static>>, data: Data<'static>) -> Result<(), FactsError> {
        self.steps.push(Step { fact, given, before: self.data.clone() });
        let settled = self.settle(data);
        if settled.is_err() {
            self.steps.pop();
        }
        settled
    }

    /// A value as the facts hold it: elements of a number, evidence of what must be verified.
    fn stored(&self, question: &Question, value: Data<'static>) -> Result<Data<'static>, FactsError> {
        let value = match (&question.kind, value) {
            (QuestionKind::Count, Data::Number(number)) => {
                let count = number.text().parse::<usize>().ok().filter(|n| *n <= self.plan.limits().elements);
                let Some(count) = count else {
                    let text = phrase!(
                        "a number from 0 to {0} is needed here",
                        "di sini perlu bilangan dari 0 sampai {0}",
                        self.plan.limits().elements
                    );
                    return Err(FactsError::one(FactError::new(Code::FACT_LIST_SIZE, question.fact(), text)));
                };
                Data::List(vec![Data::Object(Vec::new()); count])
            }
            (_, value) => value,
        };
        let mut items = match look(&self.data, &question.path) {
            Some(Data::Object(entries)) => match entries.iter().find(|(name, _)| name == "evidence") {
                Some((_, Data::List(items))) => items.clone(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        if items.is_empty() && !question.verify {
            return Ok(value);
        }
        // What is answered is the latest statement of the source that was to be asked.
        let Some((source, _)) = question.sources.first() else { return Ok(value) };
        items.push(Data::Object(vec![
            ("value".into(), value),
            ("source".into(), Data::Text(source.to_string().into())),
            ("date".into(), Data::Text(self.plan.as_of().to_string().into())),
        ]));
        Ok(Data::Object(vec![("evidence".into(), Data::List(items))]))
    }

    /// Leaves the question unanswered: the fact is not known, and not asked for again. An element whose key is skipped is
    /// numbered.
    ///
    /// # Errors
    /// A key that the rules rest on, or that cannot be a number, cannot be skipped; nor is there anything to skip where nothing is
    /// asked.
    pub fn skip(&mut self) -> Result<(), FactsError> {
        let Some(question) = &self.question else { return Err(nothing_asked()) };
        let mut data = self.data.clone();
        if question.key {
            if !question.numbered {
                let text = phrase!(
                    "this is needed to tell one from another",
                    "ini perlu untuk membedakan satu dari yang lain"
                );
                return Err(FactsError::one(FactError::new(Code::FACT_MISSING_KEY, question.fact(), text)));
            }
        } else {
            put(&mut data, &question.path, Data::Object(vec![("unknown".into(), Data::Boolean(true))]));
        }
        self.step(question.fact().to_owned(), None, data)
    }

    /// Takes the last answer or skip back and asks for that fact again; false where there is none.
    pub fn back(&mut self) -> bool {
        let Some(step) = self.steps.pop() else { return false };
        // What was accepted before is accepted again.
        self.settle(step.before).is_ok()
    }

    /// The facts that were answered or skipped, in order.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let rules = layak::Ruleset::from_text("
    /// #   module aid
    /// #   entity Household { desil integer 1..10  power integer 0.. }
    /// #   criterion poor when desil <= 4
    /// #   criterion high when power > 2_200
    /// #   programme food requires poor refuses high")?;
    /// # let plan = rules.as_of("2026-01-15".parse()?);
    /// let mut interview = layak::Interview::new(&plan)?;
    /// interview.answer(&3)?;
    /// interview.skip()?;
    /// assert_eq!(interview.asked().collect::<Vec<_>>(), ["desil", "power"]);
    /// assert!(interview.back());
    /// assert_eq!(interview.question().map(|q| q.fact()), Some("power"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn asked(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().map(|step| step.fact.as_str())
    }

    /// The decision on what is known now.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The facts as they are known now, bound for the interview's plan.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The facts as they are known now, as JSON on one line: what `layak decide` takes. A key that was to be asked for and was not
    /// is left out.
    pub fn facts_json(&self) -> String {
        self.told().to_json()
    }

    /// The same for people to read: a fact a line.
    pub fn facts_pretty_json(&self) -> String {
        self.told().to_pretty_json()
    }

    fn told(&self) -> Data<'static> {
        keys::numbered(&self.plan.ruleset().inner().program, &self.data)
    }

    /// The plan that it decides by.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    fn was_asked(&self, fact: &str) -> bool {
        self.steps.iter().any(|step| step.fact == fact)
    }
}

fn nothing_asked() -> FactsError {
    let text: Phrase = phrase!("nothing is asked any more", "tidak ada lagi yang ditanyakan");
    FactsError::one(FactError::new(Code::FACT_UNKNOWN_FIELD, "", text))
}
