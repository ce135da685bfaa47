//! `layak graph` and `layak schema`

use layak::{GraphFormat, Lang};

use crate::args::{DrawFormat, FindingFormat, GraphCall, SchemaCall};
use crate::{Done, Ending, findings, output};

pub(crate) fn graph(call: &GraphCall, lang: Lang) -> Done {
    let Some(rules) = findings::load(&call.rules, FindingFormat::Text, lang)? else { return Ok(findings::FOUND) };
    let format = match call.format {
        DrawFormat::Dot => GraphFormat::Dot,
        DrawFormat::Mermaid => GraphFormat::Mermaid,
        DrawFormat::Svg => GraphFormat::Svg,
        DrawFormat::Json => GraphFormat::Json,
    };
    output::say(&rules.draw(format))?;
    Ok(Ending::Clean)
}

pub(crate) fn schema(call: &SchemaCall, lang: Lang) -> Done {
    let Some(rules) = findings::load(&call.rules, FindingFormat::Text, lang)? else { return Ok(findings::FOUND) };
    let schema = serde_json::json!({"facts": rules.facts_schema(), "decisions": rules.decisions_schema()});
    output::say(&format!("{}\n", serde_json::to_string_pretty(&schema)?))?;
    Ok(Ending::Clean)
}
