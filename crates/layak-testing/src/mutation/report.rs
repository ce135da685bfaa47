//! What became of mutants, told.

use layak::{EquivalenceProof, Lang, Mutant, MutantKind};
use serde_json::{Value, json};

use crate::mutation::state::fate_json;
use crate::mutation::{Fate, MutationReport};

/// For people: each mutant that survived, with a household that tells it from the rules, and the score.
pub fn text(report: &MutationReport, lang: Lang) -> String {
    let is_id = lang == Lang::Id;
    let mut out = String::new();
    if report.failing() > 0 {
        out.push_str(&if is_id {
            format!("{} uji gagal pada aturan ini sendiri; uji itu tidak menemukan apa pun\n", report.failing())
        } else {
            format!("{} tests fail on the rules as they are; these notice nothing\n", report.failing())
        });
    }
    for (mutant, fate) in report.mutants() {
        let Fate::Survived(told) = fate else { continue };
        out.push_str(&change(mutant, is_id));
        match told {
            Some(told) if is_id => out.push_str(&format!(
                "  per {}: {}\n    aturan: {}\n    mutan:  {}\n",
                told.as_of, told.household, told.rules[1], told.mutant[1]
            )),
            Some(told) => out.push_str(&format!(
                "  as of {}: {}\n    rules:  {}\n    mutant: {}\n",
                told.as_of, told.household, told.rules[0], told.mutant[0]
            )),
            None if is_id => out.push_str("  tidak ditemukan rumah tangga yang membedakannya\n"),
            None => out.push_str("  no household was found that tells it from the rules\n"),
        }
    }
    let (killed, all) = report.score();
    let count = |wanted: fn(&Fate) -> bool| report.mutants().filter(|(_, fate)| wanted(fate)).count();
    let equivalent = equivalents(report, is_id);
    let refused = count(|fate| matches!(fate, Fate::Refused));
    let left = count(|fate| matches!(fate, Fate::NotTried));
    let percent = report.percent();
    out.push_str(&if is_id {
        format!("{killed} dari {all} mutan ditemukan ({percent}%); {equivalent}, {refused} bukan aturan")
    } else {
        format!("{killed} of {all} mutants noticed ({percent}%); {equivalent}, {refused} no rules")
    });
    if left > 0 {
        out.push_str(&if is_id { format!(", {left} belum dicoba") } else { format!(", {left} not tried yet") });
    }
    out.push('\n');
    out
}

/// How many are equivalent, and by which proofs.
fn equivalents(report: &MutationReport, is_id: bool) -> String {
    let mut proofs: Vec<(usize, EquivalenceProof)> =
        EquivalenceProof::ALL.into_iter().map(|proof| (0, proof)).collect();
    for (_, fate) in report.mutants() {
        for (count, proof) in &mut proofs {
            *count = count.saturating_add(usize::from(*fate == Fate::Equivalent(*proof)));
        }
    }
    let all = proofs.iter().fold(0usize, |all, (count, _)| all.saturating_add(*count));
    let mut out = format!("{all} {}", if is_id { "setara" } else { "equivalent" });
    if all > 0 {
        let of = proofs.iter().filter(|(count, _)| *count > 0);
        let words: Vec<String> = of.map(|(count, proof)| format!("{count} {}", proof_words(*proof, is_id))).collect();
        out.push_str(&format!(" ({}: {})", if is_id { "terbukti" } else { "proved" }, words.join(", ")));
    }
    out
}

fn proof_words(proof: EquivalenceProof, is_id: bool) -> &'static str {
    let (en, id) = match proof {
        EquivalenceProof::Meaning => ("by the same meaning as written", "karena tertulis dengan makna yang sama"),
        EquivalenceProof::Graph => ("by the same decision graph", "karena graf keputusannya sama"),
        EquivalenceProof::Values => {
            ("by parameters of the same value on every day", "karena nilai parameternya sama setiap hari")
        }
        _ => ("otherwise", "dengan cara lain"),
    };
    if is_id { id } else { en }
}

fn change(mutant: &Mutant, is_id: bool) -> String {
    let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let kind = kind_word(mutant.kind(), is_id);
    let left_out = if is_id { "dihilangkan" } else { "left out" };
    let (before, after) = (line(mutant.before()), line(mutant.after()));
    match after.as_str() {
        // The comma goes with it.
        "" => format!("{}: {kind}: `{}` {left_out}\n", mutant.place(), before.trim_matches([',', ' '])),
        _ => format!("{}: {kind}: `{before}` -> `{after}`\n", mutant.place()),
    }
}

fn kind_word(kind: MutantKind, is_id: bool) -> &'static str {
    let (en, id) = match kind {
        MutantKind::Threshold => ("threshold", "ambang"),
        MutantKind::Comparison => ("comparison", "perbandingan"),
        MutantKind::Junction => ("and/or", "dan/atau"),
        MutantKind::Negation => ("negation", "ingkaran"),
        MutantKind::DropCriterion => ("criterion", "kriteria"),
        MutantKind::DropException => ("exception", "pengecualian"),
        MutantKind::EnumValue => ("enum value", "nilai enum"),
        MutantKind::Date => ("date", "tanggal"),
        MutantKind::Table => ("table", "tabel"),
        MutantKind::Rounding => ("rounding", "pembulatan"),
        MutantKind::Membership => ("in/not in", "dalam/bukan dalam"),
        MutantKind::Arithmetic => ("arithmetic", "hitungan"),
        MutantKind::Data => ("data table", "tabel data"),
        MutantKind::Field => ("field", "isian"),
        MutantKind::DropMember => ("enum member", "anggota enum"),
        MutantKind::Source => ("source", "sumber"),
        _ => ("change", "perubahan"),
    };
    if is_id { id } else { en }
}

/// One object: `killed`, `of`, `percent`, `failing`, and `mutants` with `kind`, `path`, `line`, `column`, `before`, `after` and
/// `fate`; with one that is killed also `by`, with one that is equivalent the proof as `by`, with a survivor that a household tells apart `as_of`, `household`, `rules_say`
/// and `mutant_says`.
pub fn json(report: &MutationReport) -> String {
    let mutants: Vec<Value> = report
        .mutants()
        .map(|(mutant, fate)| {
            let place = mutant.place();
            let mut out = json!({
                "kind": mutant.kind().name(), "path": &*place.path, "line": place.line, "column": place.column,
                "before": mutant.before(), "after": mutant.after(),
            });
            if let (Value::Object(out), Value::Object(fate)) = (&mut out, fate_json(fate)) {
                out.extend(fate);
            }
            out
        })
        .collect();
    let (killed, all) = report.score();
    let percent = report.percent();
    let failing = report.failing();
    format!("{}\n", json!({"killed": killed, "of": all, "percent": percent, "failing": failing, "mutants": mutants}))
}
