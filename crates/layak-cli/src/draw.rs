//! `layak graph` and `layak schema`

use layak::{ExceptionsFormat, GraphFormat, Lang, Redecision, Replay};

use crate::args::{DrawFormat, FindingFormat, GraphCall, SchemaCall};
use crate::{CallError, Done, Ending, findings, output};

enum Form {
    Graph(GraphFormat),
    Exceptions(ExceptionsFormat),
}

fn form(call: &GraphCall, lang: Lang) -> Result<Form, CallError> {
    Ok(match (call.exceptions, call.format) {
        (false, None | Some(DrawFormat::Dot)) => Form::Graph(GraphFormat::Dot),
        (false, Some(DrawFormat::Mermaid)) => Form::Graph(GraphFormat::Mermaid),
        (false, Some(DrawFormat::Svg)) => Form::Graph(GraphFormat::Svg),
        (false, Some(DrawFormat::Json)) => Form::Graph(GraphFormat::Json),
        (true, None | Some(DrawFormat::Text)) => Form::Exceptions(ExceptionsFormat::Text),
        (true, Some(DrawFormat::Json)) => Form::Exceptions(ExceptionsFormat::Json),
        (false, Some(DrawFormat::Text)) => {
            return Err(CallError(match lang {
                Lang::Id => "format `text` hanya untuk pengecualian: tambahkan --exceptions".to_owned(),
                _ => "the format `text` is of exceptions alone: add --exceptions".to_owned(),
            }));
        }
        (true, Some(DrawFormat::Dot | DrawFormat::Mermaid | DrawFormat::Svg)) => {
            return Err(CallError(match lang {
                Lang::Id => "pengecualian ditulis sebagai `text` atau `json`".to_owned(),
                _ => "exceptions are written as `text` or `json`".to_owned(),
            }));
        }
    })
}

pub(crate) fn graph(call: &GraphCall, lang: Lang) -> Done {
    let form = form(call, lang)?;
    let Some(rules) = findings::load(&call.rules, &call.amend, FindingFormat::Text, lang)? else {
        return Ok(findings::FOUND);
    };
    output::say(&match form {
        Form::Graph(format) => rules.draw(format),
        Form::Exceptions(format) => rules.exceptions(format, lang),
    })?;
    Ok(Ending::Clean)
}

pub(crate) fn schema(call: &SchemaCall, lang: Lang) -> Done {
    let Some(rules) = findings::load(&call.rules, &call.amend, FindingFormat::Text, lang)? else {
        return Ok(findings::FOUND);
    };
    let schema = serde_json::json!({
        "facts": rules.facts_schema(), "decisions": rules.decisions_schema(), "audit": rules.audit_schema(),
        "replay": Replay::schema(), "redecide": Redecision::schema(),
    });
    output::say(&format!("{}\n", serde_json::to_string_pretty(&schema)?))?;
    Ok(Ending::Clean)
}
