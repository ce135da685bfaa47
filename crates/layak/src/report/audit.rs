//! The audit record: the decision, the facts that had a part in it with what was said of them, and all that it rests on.

use serde_json::{Value as Json, json};

use crate::report::Decision;
use crate::report::explain::Reasoning;
use crate::report::json::AnswerJson;
use crate::report::why::{FactGround, GroundKind};
use crate::syntax::Lang;
use crate::value::Date;

/// The version of the record's schema: a change that readers of it must know of makes another.
pub(crate) const AUDIT_SCHEMA: &str = "layak.audit/1";

/// What a plan was asked for.
pub(crate) struct Asked<'a> {
    pub known_on: Date,
    pub programmes: Option<&'a [String]>,
    pub show: &'a [String],
}

/// The facts that had a part, in the order of their declarations.
fn facts(reasoning: &Reasoning) -> Vec<&FactGround> {
    let kinds = reasoning.grounds.list.iter().map(|ground| &ground.kind);
    let mut facts: Vec<&FactGround> =
        kinds.filter_map(|kind| if let GroundKind::Fact(fact) = kind { Some(fact) } else { None }).collect();
    facts.sort_by_key(|fact| (fact.slot.0, fact.slot.2, fact.slot.1));
    facts
}

fn fact(fact: &FactGround, lang: Lang) -> Json {
    let evidence: Vec<Json> = fact
        .evidence
        .iter()
        .map(|item| {
            json!({
                "value": AnswerJson(&item.value, lang), "source": item.source.as_deref(),
                "date": item.date.map(|d| d.to_string()),
            })
        })
        .collect();
    let mut out = json!({
        "fact": fact.path, "label": fact.label.in_lang(lang), "state": fact.state,
        "value": AnswerJson(&fact.answer, lang),
    });
    if let (Some(map), false) = (out.as_object_mut(), evidence.is_empty()) {
        map.insert("evidence".to_owned(), Json::from(evidence));
    }
    out
}

impl Reasoning {
    /// The record.
    pub(crate) fn audit(&self, decision: &Decision, asked: &Asked<'_>, lang: Lang) -> Json {
        let (reasoning, grounds) = self.json(lang);
        json!({
            "schema": AUDIT_SCHEMA,
            "engine": {"name": "layak", "version": env!("CARGO_PKG_VERSION")},
            "ruleset": decision.ruleset(),
            "as_of": decision.as_of().to_string(),
            "known_on": asked.known_on.to_string(),
            "lang": lang.tag(),
            "programmes": asked.programmes,
            "show": asked.show,
            "decision": decision.to_json(None, lang),
            "facts": facts(self).into_iter().map(|f| fact(f, lang)).collect::<Vec<_>>(),
            "reasoning": reasoning,
            "grounds": grounds,
        })
    }

    /// The record's head, as people read it.
    pub(crate) fn audit_head(&self, decision: &Decision, asked: &Asked<'_>, lang: Lang) -> Vec<(&'static str, String)> {
        let name = |en, id| if lang == Lang::Id { id } else { en };
        vec![
            (name("Record", "Rekaman"), AUDIT_SCHEMA.to_owned()),
            (name("Engine", "Mesin"), format!("layak {}", env!("CARGO_PKG_VERSION"))),
            (name("Ruleset", "Kumpulan aturan"), decision.ruleset().to_owned()),
            (name("Decided for", "Keputusan untuk"), decision.as_of().to_string()),
            (name("Law as known on", "Hukum yang diketahui pada"), asked.known_on.to_string()),
        ]
    }

    /// The facts that had a part, a line each: where it stands, its value, and what was said by whom.
    pub(crate) fn audit_facts(&self, lang: Lang) -> Vec<String> {
        let unknown = if lang == Lang::Id { "belum diketahui" } else { "not known" };
        let line = |fact: &FactGround| {
            let mut out = format!(
                "{} ({}) = {}",
                fact.path,
                fact.label.in_lang(lang),
                fact.value.as_ref().map_or(unknown, |v| v.in_lang(lang))
            );
            for item in &fact.evidence {
                let value = serde_json::to_string(&AnswerJson(&item.value, lang)).unwrap_or_default();
                let source = item.source.as_deref().unwrap_or("-");
                let date = item.date.map(|d| format!(", {d}")).unwrap_or_default();
                out.push_str(&format!("; {source}: {value}{date}"));
            }
            out
        };
        facts(self).into_iter().map(line).collect()
    }
}
