//! What is hardly meant in rules that are otherwise whole. It runs for `check` alone.

use crate::diagnostic::{Code, Finding, Phrase, Severity, phrase};
use crate::program::{Allowed, Program};
use crate::source::{SourceId, Span};

mod cover;
mod reads;
mod tables;
#[cfg(test)]
mod tests;
mod unused;
mod versions;

/// Everything found in a program, in no order, but for what the rules silence. Where one rule file is asked for (`main`), what
/// the files that it uses declare may serve others: what is not used is told of that file alone.
pub(crate) fn analyse(program: &Program, main: Option<SourceId>) -> Vec<Finding> {
    let mut found = program.shadows.clone();
    unused::analyse(program, main, &mut found);
    versions::analyse(program, &mut found);
    tables::analyse(program, &mut found);
    let mut allows = program.allows.clone();
    found.retain(|finding| !Allowed::silence(&mut allows, finding));
    let told =
        |allowed: &&Allowed| main.is_none_or(|main| main == allowed.within.source && !unused::tells(allowed.code));
    for idle in allows.iter().filter(|a| !a.used).filter(told) {
        found.push(warning(
            Code::ALLOWS_NOTHING,
            idle.span,
            phrase!("nothing here raises {0}", "di sini tidak ada yang menimbulkan {0}", idle.code),
            phrase!("remove it", "hapus baris ini"),
        ));
    }
    found
}

fn warning(code: Code, at: Span, message: Phrase, help: Phrase) -> Finding {
    let mut finding = Finding::error(code, at, message).help(help);
    finding.severity = Severity::Warning;
    finding
}
