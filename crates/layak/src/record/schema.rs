//! JSON Schema (2020-12) of a decision made again, as it is told.

use serde_json::{Value as Json, json};

use super::{Redecision, Replay};

fn list(items: Json) -> Json {
    json!({"type": "array", "items": items})
}

fn text_or_null() -> Json {
    json!({"type": ["string", "null"]})
}

/// Then and now.
fn pair_or_null() -> Json {
    json!({"anyOf": [{"type": "null"}, {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}]})
}

fn outcome_or_null() -> Json {
    json!({"enum": ["eligible", "not_eligible", "undetermined", "error", null]})
}

impl Replay {
    /// JSON Schema (2020-12) of what [`Replay::to_json`] writes; a host may add parts, as its own `line`.
    pub fn schema() -> Json {
        let difference = json!({"type": "object", "required": ["path", "recorded", "now"], "additionalProperties": false,
            "properties": {"path": {"type": "string"}, "recorded": {}, "now": {}}});
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "A decision made again from its record, beside what was recorded",
            "type": "object",
            "properties": {
                "same": {"type": "boolean"}, "engine": text_or_null(), "ruleset": pair_or_null(),
                "differences": list(difference),
            },
            "required": ["same", "engine", "ruleset", "differences"],
        })
    }
}

impl Redecision {
    /// JSON Schema (2020-12) of what [`Redecision::to_json`] writes; a host may add parts, as its own `line`.
    pub fn schema() -> Json {
        let text = || json!({"type": "string"});
        let amount = json!({"type": "object", "additionalProperties": false,
            "properties": {"output": text(), "then": text_or_null(), "now": text_or_null(),
                "per": {"enum": ["year", "month", "week", "day", null]},
                "overpaid": text_or_null(), "underpaid": text_or_null()},
            "required": ["output", "then", "now", "per", "overpaid", "underpaid"]});
        let reason = || {
            json!({"type": "object", "required": ["criterion", "text"], "additionalProperties": false,
                "properties": {"criterion": text(), "text": text()}})
        };
        let programme = json!({"type": "object", "additionalProperties": false,
            "properties": {"programme": text(), "member": text_or_null(), "then": outcome_or_null(),
                "now": outcome_or_null(), "amounts": list(amount), "reasons": list(reason()),
                "reasons_then": list(reason()), "missing": list(text()), "by_rules": {"type": "boolean"}},
            "required": ["programme", "member", "then", "now", "amounts", "reasons", "reasons_then", "missing", "by_rules"]});
        let correction = json!({"type": "object", "required": ["fact", "programmes"], "additionalProperties": false,
            "properties": {"fact": text(), "then": {}, "now": {}, "gone": {"type": "boolean"}, "programmes": list(text())}});
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "A decision made again by other facts or rules",
            "type": "object",
            "properties": {
                "id": text_or_null(), "as_of": {"type": "string", "format": "date"}, "until": text_or_null(),
                "same": {"type": "boolean"}, "programmes": list(programme), "ruleset": pair_or_null(),
                "known_on": pair_or_null(), "corrections": list(correction), "facts_recorded": {"type": "boolean"},
            },
            "required": ["id", "as_of", "until", "same", "programmes", "ruleset", "known_on", "corrections", "facts_recorded"],
        })
    }
}
