//! What is hardly meant in rules that are otherwise whole. It runs for `check` alone.

use std::collections::BTreeSet;

use conflicts::Conflicts;
use days::{Laid, Steps, days};
use tables::Tables;
use verdicts::Verdicts;

use crate::diagnostic::{Code, Finding, Phrase, Severity, phrase};
use crate::graph::Op;
use crate::limits::Limits;
use crate::program::{Allowed, Program};
use crate::source::{SourceId, Span};
use crate::value::{Date, FaultKind};

mod conflicts;
mod cover;
mod days;
mod money;
mod reads;
mod search;
mod show;
mod tables;
#[cfg(test)]
mod tests;
mod texts;
mod told;
mod unused;
mod verdicts;
mod versions;

/// Values worked out in all searches together, and nodes laid out for all days together.
const STEPS: usize = 10_000_000;
const NODES: usize = 4_000_000;

/// Everything found in a program, in no order, but for what the rules silence. Where one rule file is asked for (`main`), what
/// the files that it uses declare may serve others: what is not used is told of that file alone.
pub(crate) fn analyse(program: &Program, main: Option<SourceId>, limits: &Limits) -> Vec<Finding> {
    let mut found = program.shadows.clone();
    unused::analyse(program, main, &mut found);
    versions::analyse(program, &mut found);
    told::analyse(program, &mut found);
    texts::analyse(program, &mut found);
    by_day(program, limits, &mut found);
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

/// Whether findings of a code hang on all rulesets that share a file: one of them may use what another does not.
pub(crate) fn hangs_on_all(code: Code) -> bool {
    unused::tells(code) || code == Code::ALLOWS_NOTHING
}

/// What hangs on the versions in force: each day on which something changes is looked at.
fn by_day(program: &Program, limits: &Limits, found: &mut Vec<Finding>) {
    let (mut steps, mut nodes) = (Steps::new(STEPS), Steps::new(NODES));
    let mut tables = Tables::new(program, limits);
    let mut verdicts = Verdicts::new(program, limits);
    let mut conflicts = Conflicts::new(program, limits);
    let mut rounded = BTreeSet::new();
    let mut differing = BTreeSet::new();
    for day in days(program) {
        let mut laid = Laid::open(program, day, limits);
        if !nodes.spend(laid.graph.nodes.len()) {
            found.push(not_analysed(program, day));
            break;
        }
        lists_that_differ(&laid, &mut differing);
        tables.look(&mut laid, &mut steps);
        verdicts.look(&mut laid, &mut steps);
        money::look(program, &laid, limits, &mut steps, &mut rounded, found);
        if let Some(conflicts) = &mut conflicts {
            conflicts.look(&mut Laid::exact(program, day, limits), &mut steps);
        }
    }
    found.extend(differing.into_iter().map(|span| {
        let message = FaultKind::ListsDiffer.message();
        Finding::error(Code::LISTS_DIFFER, span, message).label(phrase!("this is a fault for every household", "ini galat bagi setiap keluarga")).help(phrase!(
            "sort all of them alike or none, take all from the facts or write all out, or choose between what comes of them: `if … then sum(a) else sum(b)`",
            "urutkan semuanya dengan cara sama atau tidak sama sekali, ambil semuanya dari fakta atau tulis semuanya, atau pilih di antara hasilnya: `if … then sum(a) else sum(b)` (`jika … maka jumlah(a) lainnya jumlah(b)`)"
        ))
    }));
    found.extend(tables.into_findings());
    verdicts.tell(found);
    found.extend(conflicts.into_iter().flat_map(Conflicts::into_findings));
}

/// Each `if` that chooses between lists which cannot be one.
fn lists_that_differ(laid: &Laid, out: &mut BTreeSet<Span>) {
    out.extend(laid.graph.nodes.values().filter_map(|node| match &node.op {
        Op::Fault(FaultKind::ListsDiffer) => node.span,
        _ => None,
    }));
}

fn not_analysed(program: &Program, day: Date) -> Finding {
    let span = program.entities[program.root].declared.span;
    warning(
        Code::TABLE_NOT_ANALYSED,
        span,
        phrase!(
            "the rules change on too many days to look at all of them: those from {0} on are not analysed",
            "aturan berubah pada terlalu banyak hari untuk diperiksa semuanya: mulai {0} tidak dianalisis",
            day
        ),
        phrase!("check parts of the rules by themselves", "periksa bagian-bagian aturan secara tersendiri"),
    )
}

fn warning(code: Code, at: Span, message: Phrase, help: Phrase) -> Finding {
    let mut finding = Finding::error(code, at, message).help(help);
    finding.severity = Severity::Warning;
    finding
}
