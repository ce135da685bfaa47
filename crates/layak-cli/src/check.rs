//! `layak check`

use layak::Lang;

use crate::args::{CheckCall, FindingFormat};
use crate::{Done, Ending, findings};

pub(crate) fn run(call: &CheckCall, lang: Lang) -> Done {
    let Some(rules) = findings::load(&call.rules, call.format, lang)? else { return Ok(findings::FOUND) };
    if call.format == FindingFormat::Text {
        let count = rules.sources().iter().count();
        let fingerprint = rules.fingerprint();
        match lang {
            Lang::Id => println!("{count} berkas diperiksa, tidak ada galat; sidik aturan {fingerprint}"),
            _ => println!("{count} files checked, no errors; ruleset {fingerprint}"),
        }
    }
    Ok(Ending::Clean)
}
