//! `layak diff`

use layak::Lang;

use crate::args::{DiffCall, FindingFormat};
use crate::{Done, Ending, findings, output};

pub(crate) fn run(call: &DiffCall, lang: Lang) -> Done {
    // What is wrong with either is told before it is given up.
    let old = findings::load_all(&call.old, &[], call.format, lang)?;
    let new = findings::load_all(&call.new, &[], call.format, lang)?;
    let (Some(old), Some(new)) = (old, new) else { return Ok(findings::FOUND) };
    let diff = old.diff(&new);
    match call.format {
        FindingFormat::Text => output::say(&diff.render(lang))?,
        FindingFormat::Json => {
            let mut out = String::new();
            for line in diff.to_json() {
                out.push_str(&serde_json::to_string(&line)?);
                out.push('\n');
            }
            output::say(&out)?;
        }
    }
    Ok(if call.check && !diff.is_empty() { Ending::Findings } else { Ending::Clean })
}
