//! `layak explain`

use layak::Lang;

use crate::args::{ExplainCall, ExplainFormat, FindingFormat};
use crate::{CallError, Done, Ending, decide, findings, input, output};

pub(crate) fn run(call: &ExplainCall, lang: Lang) -> Done {
    let Some(rules) = findings::load(&call.rules, &call.amend, FindingFormat::Text, lang)? else {
        return Ok(findings::FOUND);
    };
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
        match call.format {
            ExplainFormat::Tree => {
                output::say(&explanation.render(lang))?;
                if let Some(changes) = &changes {
                    output::say(&format!("\n{}", changes.render(lang)))?;
                }
            }
            ExplainFormat::Json => {
                let mut json = serde_json::to_value(explanation.to_json(lang))?;
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
