//! `layak check`

use layak::Lang;

use crate::args::{CheckCall, FindingFormat};
use crate::{Done, Ending, findings, output};

pub(crate) fn run(call: &CheckCall, lang: Lang) -> Done {
    let Some(rules) = findings::load(&call.rules, &call.amend, call.format, lang)? else { return Ok(findings::FOUND) };
    let found = rules.analyse();
    findings::tell(&found, call.format, lang);
    if found.has_errors() {
        return Ok(findings::FOUND);
    }
    if call.format == FindingFormat::Text {
        let count = rules.sources().iter().count();
        let fingerprint = rules.fingerprint();
        match lang {
            Lang::Id => {
                output::say(&format!("{count} berkas diperiksa, tidak ada galat; sidik aturan {fingerprint}\n"))?
            }
            _ => {
                let files = if count == 1 { "file" } else { "files" };
                output::say(&format!("{count} {files} checked, no errors; ruleset {fingerprint}\n"))?
            }
        }
    }
    Ok(Ending::Clean)
}
