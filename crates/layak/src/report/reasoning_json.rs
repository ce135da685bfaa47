//! The reasoning behind a decision as data.

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::graph::ConditionKind;
use crate::report::acts::AmendedJson;
use crate::report::explain::{ConditionReasoning, ExceptionJson, OutputReasoning, ProgrammeReasoning, Reasoning};
use crate::syntax::Lang;

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
    rests_on: &'a [usize],
    facts: Vec<FactJson<'a>>,
    exceptions: Vec<ExceptionJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    amended: Vec<AmendedJson<'a>>,
}

#[derive(Serialize)]
struct OutputJson<'a> {
    output: &'a str,
    label: &'a str,
    /// None where it is not settled.
    value: Option<&'a str>,
    rests_on: &'a [usize],
    exceptions: Vec<ExceptionJson<'a>>,
}

#[derive(Serialize)]
struct ProgrammeJson<'a> {
    programme: &'a str,
    member: Option<&'a str>,
    label: &'a str,
    basis: &'a str,
    conditions: Vec<ConditionJson<'a>>,
    outputs: Vec<OutputJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    amended: Vec<AmendedJson<'a>>,
}

impl ConditionReasoning {
    fn json(&self, lang: Lang) -> ConditionJson<'_> {
        ConditionJson {
            criterion: &self.name,
            kind: if self.kind == ConditionKind::Requires { "requires" } else { "refuses" },
            label: self.label.in_lang(lang),
            basis: self.basis.in_lang(lang),
            holds: self.holds,
            rests_on: &self.rests_on,
            facts: self.rests.facts.iter().map(|(f, v)| FactJson { fact: f, value: v.in_lang(lang) }).collect(),
            exceptions: self.rests.exceptions.iter().map(|e| e.json(lang)).collect(),
            amended: self.amended.iter().map(|rule| rule.json(lang)).collect(),
        }
    }
}

impl OutputReasoning {
    fn json(&self, lang: Lang) -> OutputJson<'_> {
        OutputJson {
            output: &self.name,
            label: self.label.in_lang(lang),
            value: self.value.as_ref().map(|v| v.in_lang(lang)),
            rests_on: &self.rests_on,
            exceptions: self.exceptions.iter().map(|e| e.json(lang)).collect(),
        }
    }
}

impl ProgrammeReasoning {
    fn json(&self, lang: Lang) -> ProgrammeJson<'_> {
        ProgrammeJson {
            programme: &self.name,
            member: self.member.as_deref(),
            label: self.label.in_lang(lang),
            basis: self.basis.in_lang(lang),
            conditions: self.conditions.iter().map(|c| c.json(lang)).collect(),
            outputs: self.outputs.iter().map(|o| o.json(lang)).collect(),
            amended: self.amended.iter().map(|rule| rule.json(lang)).collect(),
        }
    }
}

impl Reasoning {
    /// By programme, and the grounds that its parts name by number.
    pub(crate) fn json(&self, lang: Lang) -> (Json, Json) {
        let programmes: Vec<ProgrammeJson<'_>> = self.programmes.iter().map(|p| p.json(lang)).collect();
        (json!(programmes), self.grounds.json(lang))
    }
}
