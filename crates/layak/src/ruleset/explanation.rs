//! Why a household was decided as it was: the recording of the evaluation that decided, read when it is asked for.

use std::sync::{Arc, OnceLock};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::{Facts, Plan};
use crate::facts::{Case, EvidenceFact};
use crate::outcome::Recording;
use crate::report::{Decision, Letter, Reasoning, Recorded};
use crate::syntax::Lang;

/// Why a household was decided as it was. It holds the recording of the evaluation that decided; what is told of it is read
/// off that recording the first time it is asked for, and then kept.
#[derive(Clone, Debug)]
pub struct Explanation {
    plan: Plan,
    case: Arc<Case>,
    decision: Decision,
    evidence: Vec<EvidenceFact>,
    recorded: Recorded,
    reasoning: OnceLock<Reasoning>,
}

impl Explanation {
    pub(super) fn of(plan: &Plan, facts: &Facts) -> Explanation {
        let case = plan.shared_case_of(facts);
        let columns = Arc::ptr_eq(&case, &facts.case).then_some(facts.columns.as_ref()).flatten();
        let (decision, recorded) = plan.reporter().recorded(&case, columns, &facts.evidence);
        let evidence = facts.evidence.clone();
        Explanation { plan: plan.clone(), case, decision, evidence, recorded, reasoning: OnceLock::new() }
    }

    /// What every node of the graph came to.
    pub(crate) fn recording(&self) -> Recording {
        self.plan.reporter().recording(&self.case, &self.recorded)
    }

    pub(crate) fn reasoning(&self) -> &Reasoning {
        self.reasoning.get_or_init(|| {
            let (case, evidence) = (&*self.case, &*self.evidence);
            self.plan.reporter().reasoning((case, evidence), &self.recording(), self.plan.origins(), &self.decision)
        })
    }

    /// The decision explained.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The reasoning as an indented text: of each programme the conditions that decided it and its outputs, down to facts,
    /// parameters with basis and date, rows of tables and exceptions.
    pub fn render(&self, lang: Lang) -> String {
        self.reasoning().render(&self.decision, lang)
    }

    /// What a reader is told, as plain text.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use layak::{Lang, Reader, Ruleset};
    /// let rules = Ruleset::from_text(
    ///     r#"module aid
    ///     entity Home { rooms integer 0.. "Rooms" }
    ///     criterion small when rooms <= 2 otherwise en "The home has {rooms} rooms, more than 2"
    ///     programme aid en "Housing aid" appeal en "Village office" requires small"#,
    /// )?;
    /// let plan = rules.as_of("2026-01-15".parse()?);
    /// let letter = plan.explain(&plan.facts_from_json(br#"{"rooms": 3}"#)?).text(Reader::Family, Lang::En);
    /// assert!(letter.contains("The home has 3 rooms, more than 2."), "{letter}");
    /// assert!(letter.contains("you may object here: Village office"), "{letter}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn text(&self, reader: Reader, lang: Lang) -> String {
        match reader {
            Reader::Family => self.reasoning().letter(&self.decision, lang).text(lang),
            Reader::Caseworker => self.render(lang),
            Reader::Audit => self.audit_text(lang),
        }
    }

    /// What a reader is told, as data.
    pub fn json(&self, reader: Reader, lang: Lang) -> impl Serialize + '_ {
        match reader {
            Reader::Family => Told::Letter(self.reasoning().letter(&self.decision, lang)),
            Reader::Caseworker => Told::Reasoning(ExplanationJson(self, lang)),
            Reader::Audit => Told::Record(self.reasoning().audit(&self.decision, &self.plan.asked(), lang)),
        }
    }

    /// What a reader is told, as one page of HTML that needs nothing beside it: no script, no font, no picture from elsewhere. It is
    /// light or dark as the reader's device is, prints on A4, and has of each programme a drawing of what it rests on.
    pub fn html(&self, reader: Reader, lang: Lang) -> String {
        match reader {
            Reader::Family => self.reasoning().letter(&self.decision, lang).html(lang),
            Reader::Caseworker => self.reasoning().html(&self.decision, None, lang),
            Reader::Audit => self.reasoning().html(&self.decision, Some(&self.plan.asked()), lang),
        }
    }

    fn audit_text(&self, lang: Lang) -> String {
        let mut out = String::new();
        for (name, value) in self.reasoning().audit_head(&self.decision, &self.plan.asked(), lang) {
            out.push_str(&format!("{name}: {value}\n"));
        }
        out.push_str(if lang == Lang::Id { "\nFakta yang berperan\n" } else { "\nFacts that had a part\n" });
        self.reasoning().audit_facts(lang).iter().for_each(|fact| out.push_str(&format!("  {fact}\n")));
        out + "\n" + &self.render(lang)
    }

    /// The reasoning as data.
    pub fn to_json(&self, lang: Lang) -> impl Serialize + '_ {
        ExplanationJson(self, lang)
    }
}

/// Whom an explanation is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reader {
    /// A letter: what was decided, why, what to do next and where to object.
    Family,
    /// What decided, down to facts and parameters, and what is missing.
    Caseworker,
    /// All that the decision rests on, to be kept.
    Audit,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Told<'a> {
    Letter(Letter),
    Reasoning(ExplanationJson<'a>),
    Record(serde_json::Value),
}

struct ExplanationJson<'a>(&'a Explanation, Lang);

impl Serialize for ExplanationJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (reasoning, grounds) = self.0.reasoning().json(self.1);
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("decision", &self.0.decision.to_json(None, self.1))?;
        map.serialize_entry("reasoning", &reasoning)?;
        map.serialize_entry("grounds", &grounds)?;
        map.end()
    }
}
