//! `layak check`

use layak::Lang;

use crate::args::{CheckCall, FindingFormat};
use crate::{Done, Ending, findings, output};

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
    Ok(Ending::Clean)
}
