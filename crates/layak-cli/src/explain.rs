//! `layak explain`

use layak::{Lang, Reader};

use crate::args::{ExplainCall, ExplainFormat, ExplainReader, FindingFormat};
use crate::{CallError, Done, Ending, decide, findings, input, output};

pub(crate) fn run(call: &ExplainCall, lang: Lang) -> Done {
    let Some(rules) = findings::load(&call.rules, &call.amend, FindingFormat::Text, lang)? else {
        return Ok(findings::FOUND);
    };
    if call.changes && (call.format == ExplainFormat::Html || call.reader == ExplainReader::Audit) {
        return Err(CallError(match lang {
            Lang::Id => "--changes tidak dapat dipakai dengan --format html atau --for audit".to_owned(),
            _ => "--changes does not go with --format html or --for audit".to_owned(),
        }));
    }
    let plan = rules.plan(decide::options(call.day)?)?;
    for household in input::open(&call.facts)? {
        let household = household?;
        let Ok(facts) = plan.facts_from_json(&household.json) else { continue };
        let decision = plan.decide(&facts);
        if call.id.as_deref().is_some_and(|id| decision.id() != Some(id)) {
            continue;
        }
        let explanation = plan.explain(&facts);
        let changes = call.changes.then(|| plan.changes(&facts));
        let reader = match call.reader {
            ExplainReader::Family => Reader::Family,
            ExplainReader::Caseworker => Reader::Caseworker,
            ExplainReader::Audit => Reader::Audit,
        };
        match call.format {
            ExplainFormat::Tree | ExplainFormat::Text => {
                let reader = if call.format == ExplainFormat::Tree { Reader::Caseworker } else { reader };
                output::say(&explanation.text(reader, lang))?;
                if let Some(changes) = &changes {
                    output::say(&format!("\n{}", changes.render(lang)))?;
                }
            }
            ExplainFormat::Html => output::say(&explanation.html(reader, lang))?,
            ExplainFormat::Json => {
                let mut json = serde_json::to_value(explanation.json(reader, lang))?;
                if let (Some(changes), Some(object)) = (&changes, json.as_object_mut()) {
                    object.insert("changes".to_owned(), serde_json::to_value(changes.to_json(lang))?);
                }
                output::say(&format!("{json}\n"))?;
            }
        }
        return Ok(Ending::Clean);
    }
    let id = call.id.as_deref().unwrap_or("");
    Err(CallError(match lang {
        Lang::Id => format!("tidak ada rumah tangga `{id}` yang dapat dibaca di {}", call.facts.display()),
        _ => format!("no readable household `{id}` in {}", call.facts.display()),
    }))
}
