//! JSON Schema (2020-12) of the facts that rules read and of the decisions that they give.

use serde_json::{Map, Value as Json, json};

use crate::program::*;
use crate::syntax::Lang;
use crate::value::Value;

/// The schema of one household's facts.
pub(crate) fn facts(program: &Program) -> Json {
    let mut defs = Map::new();
    for entity in program.entities.values().filter(|e| !e.is_scalar_item) {
        defs.insert(entity.declared.name.to_string(), self::entity(program, entity));
    }
    for e in program.enums.values() {
        let mut names: Vec<&str> = e.members.iter().map(|m| &*m.name).collect();
        names.extend(e.members.iter().flat_map(|m| m.codes.iter().map(|c| &**c)));
        defs.insert(e.declared.name.to_string(), json!({"type": "string", "enum": names}));
    }
    let root = &program.entities[program.root].declared.name;
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The facts of one household",
        "$ref": format!("#/$defs/{root}"),
        "$defs": defs,
    })
}

fn entity(program: &Program, entity: &Entity) -> Json {
    let mut properties = Map::new();
    for (_, field) in entity.own_fields() {
        let mut schema = match &field.shape {
            FieldShape::Scalar { ty, range, .. } => scalar(program, ty, range, field.format),
            FieldShape::List { item, least, most } => {
                let item = &program.entities[*item];
                let items = match (item.is_scalar_item, item.fields.first().map(|f| (&f.shape, f.format))) {
                    (true, Some((FieldShape::Scalar { ty, range, .. }, format))) => scalar(program, ty, range, format),
                    _ => json!({"$ref": format!("#/$defs/{}", item.declared.name)}),
                };
                let mut list = json!({"type": "array", "items": items, "minItems": least});
                if let (Some(list), Some(most)) = (list.as_object_mut(), most) {
                    list.insert("maxItems".to_owned(), json!(most));
                }
                list
            }
            FieldShape::Record { entity, .. } => {
                json!({"$ref": format!("#/$defs/{}", program.entities[*entity].declared.name)})
            }
        };
        let is_key = entity.key.and_then(|k| entity.fields.get(k)).is_some_and(|k| k.name == field.name);
        if !is_key {
            // Not known (yet), or known to be none.
            let unknown = json!({"type": "object", "properties": {"unknown": {"const": true}}, "required": ["unknown"], "additionalProperties": false});
            let evidence = json!({"type": "object", "required": ["evidence"], "additionalProperties": false, "properties": {"evidence": {
                "type": "array", "items": {"type": "object", "properties": {"value": schema, "source": {"type": "string"}, "date": {"type": "string", "format": "date"}}, "required": ["source"], "additionalProperties": false}}}});
            schema = json!({"anyOf": [schema, {"type": "null"}, unknown, evidence]});
        }
        if let (Some(schema), Some(label)) = (schema.as_object_mut(), field.label.get(Lang::En)) {
            schema.insert("title".to_owned(), json!(&**label));
        }
        properties.insert(field.name.to_string(), schema.clone());
        if let Some(column) = &field.column {
            properties.insert(column.to_string(), schema);
        }
    }
    let mut out = json!({"type": "object", "properties": properties, "additionalProperties": false});
    if let (Some(out), Some(key)) = (out.as_object_mut(), entity.key.and_then(|k| entity.fields.get(k))) {
        if key.column.is_none() {
            out.insert("required".to_owned(), json!([&*key.name]));
        }
        if let Some(label) = entity.declared.label.get(Lang::En) {
            out.insert("title".to_owned(), json!(&**label));
        }
    }
    out
}

fn scalar(program: &Program, ty: &Type, range: &Range, format: Option<FormatId>) -> Json {
    match ty.required() {
        Type::Boolean => json!({"type": "boolean"}),
        Type::Number(q) => {
            let number = if q.whole { json!({"type": "integer"}) } else { json!({"type": "number"}) };
            let mut number = number;
            let mut bound = |name: &str, value: &Option<Value>| {
                if let (Some(map), Some(Value::Number(n))) = (number.as_object_mut(), value)
                    && let Some(n) = n.to_i64()
                {
                    map.insert(name.to_owned(), json!(n));
                }
            };
            bound("minimum", &range.low);
            bound(if range.open { "exclusiveMaximum" } else { "maximum" }, &range.high);
            // A number may stand in a text, which keeps every digit on its way.
            json!({"anyOf": [number, {"type": "string", "pattern": "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?$"}]})
        }
        Type::Date => json!({"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
        Type::Enum(id) => json!({"$ref": format!("#/$defs/{}", program.enums[*id].declared.name)}),
        Type::Text => match format {
            Some(format) => json!({"type": "string", "pattern": program.formats[format].pattern()}),
            None => json!({"type": "string"}),
        },
        Type::Duration(_) | Type::Element(_) => json!({"type": "string"}),
        Type::List(_) | Type::Optional(_) | Type::Record(_) | Type::Pending | Type::Poison => json!({}),
    }
}

/// The schema of one line of decisions.
pub(crate) fn decisions(program: &Program) -> Json {
    let entitlement = json!({
        "type": "object",
        "properties": {
            "outcome": {"enum": ["eligible", "not_eligible", "undetermined", "error"]},
            "outputs": {"type": "object"},
            "bounds": {"type": "object", "additionalProperties": {"type": "array", "minItems": 2, "maxItems": 2}},
            "reasons": {"type": "array", "items": {"type": "object", "properties": {
                "criterion": {"type": "string"}, "kind": {"enum": ["requires", "refuses"]},
                "text": {"type": "string"}, "basis": {"type": "string"},
                "amended": {"type": "array", "items": {"type": "object", "properties": {
                    "rule": {"type": "string"}, "act": {"type": "string"}, "basis": {"type": "string"}, "at": {"type": "string"}},
                    "required": ["rule", "act", "basis", "at"]}}}, "required": ["criterion", "kind", "text", "basis"]}},
            "missing": {"type": "array", "items": {"type": "object", "properties": {
                "fact": {"type": "string"}, "ask": {"type": "array", "items": {"type": "string"}}, "verify": {"const": true}, "shown": {"const": false}},
                "required": ["fact", "ask"]}},
            "error": {"$ref": "#/$defs/error"},
        },
        "required": ["outcome", "outputs", "reasons"],
        "additionalProperties": false,
    });
    let mut programmes = Map::new();
    for programme in program.programmes.values() {
        let one = json!({"$ref": "#/$defs/entitlement"});
        let schema = if programme.owner == program.root {
            one
        } else {
            json!({"type": "object", "required": ["members"],
                "properties": {"members": {"type": "object", "additionalProperties": one}, "others": one}})
        };
        programmes.insert(programme.declared.name.to_string(), schema);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The decision on one household",
        "anyOf": [
            {"type": "object", "properties": {
                "line": {"type": "integer", "minimum": 1}, "id": {"type": ["string", "null"]},
                "as_of": {"type": "string", "format": "date"}, "ruleset": {"type": "string"},
                "programmes": {"type": "object", "properties": programmes, "additionalProperties": false},
                "findings": {"type": "array", "items": {"$ref": "#/$defs/finding"}}, "values": {"type": "object"}, "bounds": {"type": "object"}, "record": {"$ref": "#/$defs/record"}},
             "required": ["id", "as_of", "ruleset", "programmes", "findings"], "additionalProperties": false},
            {"type": "object", "properties": {
                "line": {"type": "integer", "minimum": 1}, "id": {"type": ["string", "null"]},
                "error": {"$ref": "#/$defs/fact_error"}, "errors": {"type": "array", "items": {"$ref": "#/$defs/fact_error"}}},
             "required": ["line", "id", "error"], "additionalProperties": false}
        ],
        "$defs": {
            "entitlement": entitlement,
            "finding": {"type": "object", "properties": {
                "kind": {"enum": ["conflict", "stale", "unverified", "assumed", "not_accepted"]}, "code": {"type": "string"},
                "fact": {"type": "string"}, "text": {"type": "string"}, "depends": {"type": ["boolean", "null"]},
                "programmes": {"type": "array", "items": {"type": "string"}}},
                "required": ["kind", "code", "fact", "text", "depends", "programmes"]},
            "record": {"type": "object", "properties": {
                "version": {"const": 1}, "engine": {"type": "string"}, "known_on": {"type": "string", "format": "date"},
                "lang": {"enum": ["en", "id"]}, "programmes": {"type": "array", "items": {"type": "string"}},
                "show": {"type": "array", "items": {"type": "string"}}, "rules": {"type": "string"},
                "amend": {"type": "array", "items": {"type": "string"}}, "facts": {"type": "object"}},
                "required": ["version", "engine", "known_on", "lang"], "additionalProperties": false},
            "error": {"type": "object", "properties": {"code": {"type": "string"}, "text": {"type": "string"}, "at": {"type": ["string", "null"]}}, "required": ["code", "text"]},
            "fact_error": {"type": "object", "properties": {"code": {"type": "string"}, "path": {"type": "string"}, "text": {"type": "string"}}, "required": ["code", "path", "text"]},
        },
    })
}

/// The schema of an audit record.
pub(crate) fn audit(program: &Program) -> Json {
    let decisions = decisions(program);
    let list = |item: Json| json!({"type": "array", "items": item});
    let text = || json!({"type": "string"});
    let day = || json!({"type": "string", "format": "date"});
    let names = || json!({"type": "array", "items": {"type": "string"}});
    let rests_on = || json!({"type": "array", "items": {"type": "integer", "minimum": 0}});
    let statement = json!({"type": "object", "required": ["value", "source", "date"], "additionalProperties": false,
        "properties": {"value": {}, "source": {"type": ["string", "null"]}, "date": {"type": ["string", "null"]}}});
    let fact = json!({"type": "object", "required": ["fact", "label", "state", "value"], "additionalProperties": false,
        "properties": {"fact": text(), "label": text(), "state": {"enum": ["known", "asked", "unknown"]}, "value": {},
            "evidence": list(statement)}});
    let condition = json!({"type": "object", "required": ["criterion", "kind", "label", "basis", "holds", "rests_on"],
        "properties": {"criterion": text(), "kind": {"enum": ["requires", "refuses"]}, "label": text(), "basis": text(),
            "holds": {"type": ["boolean", "null"]}, "rests_on": rests_on()}});
    let output = json!({"type": "object", "required": ["output", "label", "value", "rests_on"],
        "properties": {"output": text(), "label": text(), "value": {"type": ["string", "null"]}, "rests_on": rests_on()}});
    let programme = json!({"type": "object", "required": ["programme", "member", "label", "basis", "conditions", "outputs"],
        "properties": {"programme": text(), "member": {"type": ["string", "null"]}, "label": text(), "basis": text(),
            "conditions": list(condition), "outputs": list(output)}});
    let ground = json!({"type": "object", "required": ["id", "kind", "rests_on"],
        "properties": {"id": {"type": "integer", "minimum": 0}, "rests_on": rests_on(),
            "kind": {"enum": ["fact", "parameter", "value", "table", "row", "exception", "programme"]}}});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The audit record of the decision on one household",
        "type": "object",
        "properties": {
            "schema": {"const": crate::report::AUDIT_SCHEMA},
            "engine": {"type": "object", "properties": {"name": {"const": "layak"}, "version": text()},
                "required": ["name", "version"], "additionalProperties": false},
            "ruleset": text(), "as_of": day(), "known_on": day(), "lang": {"enum": ["id", "en"]},
            "programmes": {"anyOf": [{"type": "null"}, names()]}, "show": names(),
            "decision": decisions.get("anyOf").and_then(|list| list.get(0)),
            "facts": list(fact), "reasoning": list(programme), "grounds": list(ground),
        },
        "required": ["schema", "engine", "ruleset", "as_of", "known_on", "lang", "programmes", "show", "decision", "facts",
            "reasoning", "grounds"],
        "additionalProperties": false,
        "$defs": decisions.get("$defs"),
    })
}
