//! `layak check`

use layak::{BatchForm, Lang};

use crate::args::{CheckCall, DayArgs, FindingFormat};
use crate::{Done, Ending, decide, findings, output};

pub(crate) fn run(call: &CheckCall, lang: Lang) -> Done {
    let Some(rules) = findings::load_all(&call.rules, &call.amend, call.format, lang)? else {
        return Ok(findings::FOUND);
    };
    let found = rules.analyse();
    findings::tell(&found, call.format, lang);
    if found.has_errors() {
        return Ok(findings::FOUND);
    }
    if call.format == FindingFormat::Text {
        let count = rules.sources().iter().count();
        let which = match (rules.rulesets(), lang) {
            ([one], Lang::Id) => format!("sidik aturan {}", one.fingerprint()),
            ([one], _) => format!("ruleset {}", one.fingerprint()),
            (all, Lang::Id) => format!("{} himpunan aturan", all.len()),
            (all, _) => format!("{} rulesets", all.len()),
        };
        output::say(&match lang {
            Lang::Id => format!("{count} berkas diperiksa, tidak ada galat; {which}\n"),
            _ => format!("{count} {} checked, no errors; {which}\n", if count == 1 { "file" } else { "files" }),
        })?;
    }
    if call.batch {
        let day = DayArgs { as_of: call.as_of, known_on: None };
        let as_of = decide::options(day)?;
        for (number, ruleset) in rules.rulesets().iter().enumerate() {
            let plan = ruleset.plan(as_of.clone())?;
            let form = BatchForm::of(&plan);
            output::say(&match call.format {
                FindingFormat::Text => format!("{}\n", form.text().in_lang(lang)),
                FindingFormat::Json => {
                    let row_by_row: Vec<&str> = form.row_by_row().collect();
                    let told = serde_json::json!({"ruleset": number, "columnar": form.is_columnar(),
                        "row_by_row": row_by_row, "text": form.text().in_lang(lang)});
                    format!("{told}\n")
                }
            })?;
        }
    }
    Ok(Ending::Clean)
}
