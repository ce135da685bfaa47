//! Decisions as JSON.

use std::sync::Arc;

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

use crate::report::{Answer, Decision, Entitlement, Entitlements, FactFinding, Failure, Missing, Reason, ReasonKind};
use crate::syntax::Lang;

/// A decision to serialise, with the line of the input that it answers and the language of its texts.
#[derive(Clone, Copy, Debug)]
pub struct DecisionJson<'a> {
    decision: &'a Decision,
    line: Option<usize>,
    lang: Lang,
}

impl Decision {
    /// The decision as the command line writes it; `line` is its place in the input, from 1.
    pub fn to_json(&self, line: Option<usize>, lang: Lang) -> DecisionJson<'_> {
        DecisionJson { decision: self, line, lang }
    }
}

impl Serialize for DecisionJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let decision = self.decision;
        let mut map = serializer.serialize_map(None)?;
        if let Some(line) = self.line {
            map.serialize_entry("line", &line)?;
        }
        map.serialize_entry("id", &decision.id.as_deref())?;
        map.serialize_entry("as_of", &decision.as_of.to_string())?;
        map.serialize_entry("ruleset", &*decision.ruleset)?;
        map.serialize_entry("programmes", &Programmes(decision, self.lang))?;
        let findings: Vec<FindingJson<'_>> = decision.findings.iter().map(|f| FindingJson(f, self.lang)).collect();
        map.serialize_entry("findings", &findings)?;
        if !decision.values.is_empty() {
            map.serialize_entry("values", &Values(&decision.values, self.lang))?;
        }
        if !decision.bounds.is_empty() {
            map.serialize_entry("bounds", &Bounds(&decision.bounds, self.lang))?;
        }
        map.end()
    }
}

struct Programmes<'a>(&'a Decision, Lang);

impl Serialize for Programmes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.programmes.len()))?;
        for programme in &self.0.programmes {
            match &programme.entitlements {
                Entitlements::One(one) => map.serialize_entry(&*programme.name, &EntitlementJson(one, self.1))?,
                Entitlements::Members(list) => {
                    map.serialize_entry(&*programme.name, &MembersJson(list, programme.others(), self.1))?;
                }
            }
        }
        map.end()
    }
}

struct MembersJson<'a>(&'a [(Arc<str>, Entitlement)], Option<&'a Entitlement>, Lang);

impl Serialize for MembersJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Inner<'a>(&'a [(Arc<str>, Entitlement)], Lang);
        impl Serialize for Inner<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(Some(self.0.len()))?;
                for (key, one) in self.0 {
                    map.serialize_entry(&**key, &EntitlementJson(one, self.1))?;
                }
                map.end()
            }
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("members", &Inner(self.0, self.2))?;
        if let Some(others) = self.1 {
            map.serialize_entry("others", &EntitlementJson(others, self.2))?;
        }
        map.end()
    }
}

struct EntitlementJson<'a>(&'a Entitlement, Lang);

impl Serialize for EntitlementJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (one, lang) = (self.0, self.1);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("outcome", one.verdict.name())?;
        map.serialize_entry("outputs", &Values(&one.outputs, lang))?;
        if !one.bounds.is_empty() {
            map.serialize_entry("bounds", &Bounds(&one.bounds, lang))?;
        }
        let reasons: Vec<ReasonJson<'_>> = one.reasons.iter().map(|r| ReasonJson(r, lang)).collect();
        map.serialize_entry("reasons", &reasons)?;
        if !one.missing.is_empty() {
            let missing: Vec<MissingJson<'_>> = one.missing.iter().map(MissingJson).collect();
            map.serialize_entry("missing", &missing)?;
        }
        if let Some(error) = &one.error {
            map.serialize_entry("error", &FailureJson(error, lang))?;
        }
        map.end()
    }
}

struct ReasonJson<'a>(&'a Reason, Lang);

impl Serialize for ReasonJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let amended: Vec<_> = self.0.amended().iter().map(|rule| rule.json(self.1)).collect();
        let mut map = serializer.serialize_map(Some(4 + usize::from(!amended.is_empty())))?;
        map.serialize_entry("criterion", &*self.0.criterion)?;
        let kind = match self.0.kind {
            ReasonKind::Requires => "requires",
            ReasonKind::Refuses => "refuses",
        };
        map.serialize_entry("kind", kind)?;
        map.serialize_entry("text", &self.0.text(self.1))?;
        map.serialize_entry("basis", self.0.basis(self.1))?;
        if !amended.is_empty() {
            map.serialize_entry("amended", &amended)?;
        }
        map.end()
    }
}

struct FindingJson<'a>(&'a FactFinding, Lang);

impl Serialize for FindingJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(6))?;
        map.serialize_entry("kind", self.0.kind().name())?;
        map.serialize_entry("code", &self.0.kind().code().to_string())?;
        map.serialize_entry("fact", self.0.fact())?;
        map.serialize_entry("text", self.0.text().in_lang(self.1))?;
        map.serialize_entry("depends", &self.0.depends())?;
        map.serialize_entry("programmes", &self.0.programmes().collect::<Vec<_>>())?;
        map.end()
    }
}

struct MissingJson<'a>(&'a Missing);

impl Serialize for MissingJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("fact", &self.0.fact)?;
        let ask: Vec<&str> = self.0.ask.iter().map(|a| &**a).collect();
        map.serialize_entry("ask", &ask)?;
        if self.0.verify {
            map.serialize_entry("verify", &true)?;
        }
        if !self.0.shown {
            map.serialize_entry("shown", &false)?;
        }
        map.end()
    }
}

struct FailureJson<'a>(&'a Failure, Lang);

impl Serialize for FailureJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("code", &self.0.code().to_string())?;
        map.serialize_entry("text", self.0.text().in_lang(self.1))?;
        map.serialize_entry("at", &self.0.at())?;
        map.end()
    }
}

struct Values<'a, N>(&'a [(N, Answer)], Lang);

impl<N: AsRef<str>> Serialize for Values<'_, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, answer) in self.0 {
            map.serialize_entry(name.as_ref(), &AnswerJson(answer, self.1))?;
        }
        map.end()
    }
}

struct Bounds<'a, N>(&'a [(N, (Answer, Answer))], Lang);

impl<N: AsRef<str>> Serialize for Bounds<'_, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, (low, high)) in self.0 {
            map.serialize_entry(name.as_ref(), &[AnswerJson(low, self.1), AnswerJson(high, self.1)])?;
        }
        map.end()
    }
}

impl Answer {
    /// As it stands in a decision.
    pub(crate) fn to_json(&self, lang: Lang) -> impl Serialize + '_ {
        AnswerJson(self, lang)
    }
}

pub(super) struct AnswerJson<'a>(pub &'a Answer, pub Lang);

impl Serialize for AnswerJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Answer::Boolean(b) => serializer.serialize_bool(*b),
            // One of more than 64 bits stays a text.
            Answer::Integer(n) => match n.to_i64() {
                Some(n) => serializer.serialize_i64(n),
                None => serializer.serialize_str(&n.to_string()),
            },
            Answer::Number(n) => serializer.serialize_str(&n.to_string()),
            Answer::Date(d) => serializer.serialize_str(&d.to_string()),
            Answer::Duration(d) => serializer.serialize_str(&d.to_string()),
            Answer::Text(t) | Answer::Enum(t) => serializer.serialize_str(t),
            Answer::Element(key) => serializer.serialize_str(key),
            Answer::None | Answer::Unknown => serializer.serialize_unit(),
            Answer::Failure(failure) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("error", &FailureJson(failure, self.1))?;
                map.end()
            }
            Answer::List(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(&AnswerJson(item, self.1))?;
                }
                seq.end()
            }
            Answer::Record(parts) => Values(parts, self.1).serialize(serializer),
        }
    }
}
