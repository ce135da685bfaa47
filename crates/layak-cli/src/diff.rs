//! `layak diff`

use std::path::Path;

use layak::{Diff, Lang};

use crate::args::{DayArgs, DiffCall, FindingFormat};
use crate::decided::{Decided, decided};
use crate::{CallError, Done, Ending, decide, findings, output};

pub(crate) fn run(call: &DiffCall, lang: Lang) -> Done {
    if let Some(facts) = &call.facts {
        return with_facts(call, facts, lang);
    }
    // What is wrong with either is told before it is given up.
    let old = findings::load_all(&call.old, &[], call.format, lang)?;
    let new = findings::load_all(&call.new, &[], call.format, lang)?;
    let (Some(old), Some(new)) = (old, new) else { return Ok(findings::FOUND) };
    let diff = old.diff(&new);
    tell(&diff, None, call.format, lang)?;
    Ok(if call.check && !diff.is_empty() { Ending::Findings } else { Ending::Clean })
}

/// Households are decided by one ruleset: each side must be one.
fn with_facts(call: &DiffCall, facts: &Path, lang: Lang) -> Done {
    let old = findings::load(&call.old, &[], call.format, lang)?;
    let new = findings::load(&call.new, &[], call.format, lang)?;
    let (Some(old), Some(new)) = (old, new) else { return Ok(findings::FOUND) };
    let diff = old.diff(&new);
    let options = decide::options(DayArgs { as_of: call.as_of, known_on: call.known_on })?;
    let plans = (old.plan(options.clone())?, new.plan(options)?);
    let decided = decided((&plans.0, &plans.1), &diff, facts, lang)?;
    tell(&diff, Some(&decided), call.format, lang)?;
    let found = !decided.is_clean() || call.check && (!diff.is_empty() || decided.differs());
    Ok(if found { Ending::Findings } else { Ending::Clean })
}

fn tell(diff: &Diff, decided: Option<&Decided>, format: FindingFormat, lang: Lang) -> Result<(), CallError> {
    let mut out = String::new();
    match format {
        FindingFormat::Text => {
            out.push_str(&diff.render(lang));
            out.extend(decided.map(|decided| decided.text(lang)));
        }
        FindingFormat::Json => {
            for line in diff.to_json() {
                out.push_str(&serde_json::to_string(&line)?);
                out.push('\n');
            }
            decided.iter().flat_map(|d| d.json()).for_each(|line| out.push_str(&format!("{line}\n")));
        }
    }
    output::say(&out)
}
