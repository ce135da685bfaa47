//! What tests have shown of rules, told.

mod html;
mod lcov;
#[cfg(test)]
mod tests;

use layak::{Coverage, CoverageGoal, CoverageItem, CoverageKind, Lang};
use serde_json::json;

pub use html::html;
pub use lcov::lcov;

/// How much of a coverage has been shown, in whole per cent rounded down; 100 where there is nothing to show.
pub fn percent(coverage: &Coverage) -> usize {
    let (shown, all) = coverage.shown(None);
    shown.saturating_mul(100).checked_div(all).unwrap_or(100)
}

/// For people: a line for each kind of part, and each part of which something has not been shown.
pub fn text(coverage: &Coverage, lang: Lang) -> String {
    let is_id = lang == Lang::Id;
    let mut out = String::new();
    for item in coverage.items() {
        let open = open_goals(&item, lang);
        if !open.is_empty() {
            out.push_str(&format!("{}: {} `{}`: {open}\n", item.place(), kind_word(item.kind(), lang), item.name()));
        }
    }
    if !out.is_empty() {
        out.push('\n');
    }
    for kind in CoverageKind::ALL {
        let (shown, all) = coverage.shown(Some(kind));
        if all > 0 {
            out.push_str(&format!("  {:<24} {shown:>5} / {all}\n", kinds_word(kind, lang)));
        }
    }
    let (shown, all) = coverage.shown(None);
    let percent = percent(coverage);
    out.push_str(&if is_id {
        format!("cakupan {percent}% ({shown} dari {all} ditunjukkan)\n")
    } else {
        format!("coverage {percent}% ({shown} of {all} shown)\n")
    });
    out
}

/// One object: `shown`, `of`, `percent`, `kinds` with the first two of each, and `items` with `kind`, `name`, `path`, `line`,
/// `column` and `goals`, how often each has been shown.
pub fn json(coverage: &Coverage) -> String {
    let items: Vec<_> = coverage
        .items()
        .map(|item| {
            let goals: serde_json::Map<_, _> =
                item.goals().map(|(goal, times)| (goal.name().to_owned(), json!(times))).collect();
            let place = item.place();
            json!({
                "kind": item.kind().name(), "name": item.name(), "path": &*place.path, "line": place.line,
                "column": place.column, "goals": goals,
            })
        })
        .collect();
    let kinds: serde_json::Map<_, _> = CoverageKind::ALL
        .into_iter()
        .map(|kind| (kind, coverage.shown(Some(kind))))
        .filter(|(_, (_, all))| *all > 0)
        .map(|(kind, (shown, all))| (kind.name().to_owned(), json!({"shown": shown, "of": all})))
        .collect();
    let (shown, all) = coverage.shown(None);
    let percent = percent(coverage);
    format!("{}\n", json!({"shown": shown, "of": all, "percent": percent, "kinds": kinds, "items": items}))
}

/// What has not been shown of a part, with commas between; empty where all has.
pub(crate) fn open_goals(item: &CoverageItem<'_>, lang: Lang) -> String {
    let open = item.goals().filter(|(_, times)| *times == 0);
    let words: Vec<&str> = open.map(|(goal, _)| never(item.kind(), goal, lang)).collect();
    words.join(", ")
}

fn never(kind: CoverageKind, goal: CoverageGoal, lang: Lang) -> &'static str {
    let (en, id) = match (kind, goal) {
        (CoverageKind::Exception, CoverageGoal::True) => ("never held", "tidak pernah berlaku"),
        (CoverageKind::Exception, CoverageGoal::False) => ("never not held", "tidak pernah tidak berlaku"),
        (_, CoverageGoal::True) => ("never yes", "tidak pernah ya"),
        (_, CoverageGoal::False) => ("never no", "tidak pernah tidak"),
        (_, CoverageGoal::Unknown) => ("never unknown", "tidak pernah belum diketahui"),
        (CoverageKind::Cell, CoverageGoal::Decides) => {
            ("never rules out the row alone", "tidak pernah menentukan sendiri")
        }
        (_, CoverageGoal::Decides) => ("never decides alone", "tidak pernah menentukan sendiri"),
        (_, CoverageGoal::DecidesTrue) => ("never decides alone as yes", "tidak pernah menentukan sendiri sebagai ya"),
        (_, CoverageGoal::DecidesFalse) => {
            ("never decides alone as no", "tidak pernah menentukan sendiri sebagai tidak")
        }
        (_, CoverageGoal::Reason) => ("never given as a reason", "tidak pernah menjadi alasan"),
        (_, CoverageGoal::Eligible) => ("never eligible", "tidak pernah layak"),
        (_, CoverageGoal::NotEligible) => ("never refused", "tidak pernah ditolak"),
        (_, CoverageGoal::Undetermined) => ("never undetermined", "tidak pernah belum tentu"),
        (_, CoverageGoal::Used) => ("never used", "tidak pernah dipakai"),
        _ => ("never shown", "tidak pernah ditunjukkan"),
    };
    if lang == Lang::Id { id } else { en }
}

pub(crate) fn kind_word(kind: CoverageKind, lang: Lang) -> &'static str {
    let (en, id) = match kind {
        CoverageKind::Programme => ("programme", "program"),
        CoverageKind::Condition => ("condition", "syarat"),
        CoverageKind::Criterion => ("criterion", "kriteria"),
        CoverageKind::Definition => ("definition", "definisi"),
        CoverageKind::Operand => ("joined condition", "syarat gabungan"),
        CoverageKind::Exception => ("exception", "pengecualian"),
        CoverageKind::Row => ("row", "baris"),
        CoverageKind::Cell => ("cell", "sel"),
        CoverageKind::Parameter => ("parameter", "parameter"),
        _ => ("part", "bagian"),
    };
    if lang == Lang::Id { id } else { en }
}

pub(crate) fn kinds_word(kind: CoverageKind, lang: Lang) -> &'static str {
    let (en, id) = match kind {
        CoverageKind::Programme => ("outcomes of programmes", "hasil program"),
        CoverageKind::Condition => ("conditions of programmes", "syarat program"),
        CoverageKind::Criterion => ("criteria", "kriteria"),
        CoverageKind::Definition => ("yes/no definitions", "definisi ya/tidak"),
        CoverageKind::Operand => ("conditions joined by and/or", "syarat dalam dan/atau"),
        CoverageKind::Exception => ("exceptions", "pengecualian"),
        CoverageKind::Row => ("rows of tables", "baris tabel"),
        CoverageKind::Cell => ("cells of tables", "sel tabel"),
        CoverageKind::Parameter => ("versions of parameters", "versi parameter"),
        _ => ("parts", "bagian"),
    };
    if lang == Lang::Id { id } else { en }
}
