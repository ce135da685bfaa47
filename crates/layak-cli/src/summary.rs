//! What a run of `layak decide` came to, told on stderr once all households are decided.

use std::collections::BTreeMap;

use layak::Lang;
use layak_batch::{ProgrammeSummary, Renewed, Summary};

/// One line, then one a programme with the reasons of who is not eligible below it.
pub(crate) fn text(summary: &Summary, lang: Lang) -> String {
    let (all, bad) = (summary.households, summary.unreadable);
    let mut out = match lang {
        Lang::Id => format!("{all} keluarga, {bad} tidak terbaca\n"),
        _ => format!("{all} {}, {bad} unreadable\n", if all == 1 { "household" } else { "households" }),
    };
    for list in &summary.lacking {
        out.push_str(&match lang {
            Lang::Id => format!(
                "PERHATIAN: tidak ada kolom atau tabel `{list}`: isinya tidak diketahui untuk semua keluarga (beri --table {list}=BERKAS)\n"
            ),
            _ => format!(
                "ATTENTION: there is no column and no table `{list}`: nothing is known of it for any household (give --table {list}=FILE)\n"
            ),
        });
    }
    if summary.alone > 0 {
        let alone = summary.alone;
        out.push_str(&match lang {
            Lang::Id => format!("{alone} anggota tanpa keluarga\n"),
            _ => format!("{alone} {} of no household\n", if alone == 1 { "element" } else { "elements" }),
        });
    }
    if summary.ownerless > 0 {
        let rows = summary.ownerless;
        out.push_str(&match (lang, rows) {
            (Lang::Id, _) => format!(
                "PERHATIAN: {rows} anggota tanpa kunci yang terbaca: keluarganya, entah yang mana, diputuskan tanpanya (lihat --rejects); putuskan lagi setelah barisnya benar\n"
            ),
            (_, 1) => "ATTENTION: 1 element without a key that can be read: its household, whichever it is, was decided without it (see --rejects); decide again once the row is right\n".to_owned(),
            _ => format!(
                "ATTENTION: {rows} elements without a key that can be read: their households, whichever they are, were decided without them (see --rejects); decide again once the rows are right\n"
            ),
        });
    }
    if summary.twice > 0 {
        let twice = summary.twice;
        out.push_str(&match lang {
            Lang::Id => format!("{twice} keluarga berkunci sama dengan keluarga sebelumnya\n"),
            _ => format!("{twice} {} with the key of another\n", if twice == 1 { "household" } else { "households" }),
        });
    }
    if let Some(renewed) = &summary.renewed {
        out.push_str(&renewal(renewed, lang));
    }
    if summary.is_stopped {
        out.push_str(match lang {
            Lang::Id => "dihentikan: terlalu banyak baris ditolak (--max-errors)\n",
            _ => "stopped: too many rows were rejected (--max-errors)\n",
        });
    }
    let width = summary.programmes.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    for (name, ProgrammeSummary { eligible, not_eligible: not, undetermined: open, error, reasons, .. }) in
        &summary.programmes
    {
        let line = match lang {
            Lang::Id => format!("layak {eligible}, tidak layak {not}, belum pasti {open}, galat {error}"),
            _ => format!("eligible {eligible}, not eligible {not}, undetermined {open}, error {error}"),
        };
        out.push_str(&format!("  {name:<width$}  {line}\n"));
        let mut reasons: Vec<(&String, &usize)> = reasons.iter().collect();
        reasons.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        for (reason, count) in reasons {
            out.push_str(&format!("  {:<width$}    {reason} {count}\n", ""));
        }
    }
    out
}

/// What was taken over from an earlier run, and why the rest was not.
fn renewal(renewed: &Renewed, lang: Lang) -> String {
    let (taken, anew) = (renewed.taken, renewed.anew());
    let why = match lang {
        Lang::Id => {
            ["fakta berubah", "aturan berubah", "tanggal lain", "tidak ada dalam yang lama", "tanpa sidik yang cocok"]
        }
        _ => ["facts changed", "rules changed", "another date", "not among the previous", "without a sound digest"],
    };
    let counts = [renewed.facts, renewed.rules, renewed.date, renewed.new, renewed.unproven];
    let why: Vec<String> =
        counts.iter().zip(why).filter(|(n, _)| **n > 0).map(|(count, why)| format!("{why} {count}")).collect();
    let why = if why.is_empty() { String::new() } else { format!(" ({})", why.join(", ")) };
    match lang {
        Lang::Id => format!("{taken} diambil alih, {anew} diputuskan baru{why}\n"),
        _ => format!("{taken} taken over, {anew} decided anew{why}\n"),
    }
}

/// One JSON object on one line.
pub(crate) fn json(summary: &Summary) -> String {
    let programmes: BTreeMap<&str, serde_json::Value> = summary
        .programmes
        .iter()
        .map(|(name, counts)| {
            let told = serde_json::json!({
                "eligible": counts.eligible, "not_eligible": counts.not_eligible,
                "undetermined": counts.undetermined, "error": counts.error, "reasons": counts.reasons,
            });
            (name.as_str(), told)
        })
        .collect();
    let mut told = serde_json::json!({
        "households": summary.households, "unreadable": summary.unreadable, "programmes": programmes,
    });
    if let Some(told) = told.as_object_mut() {
        let counts = [("alone", summary.alone), ("ownerless", summary.ownerless), ("twice", summary.twice)];
        for (name, count) in counts.into_iter().filter(|(_, n)| *n > 0) {
            told.insert(name.to_owned(), count.into());
        }
        if !summary.lacking.is_empty() {
            told.insert("lacking".to_owned(), serde_json::json!(summary.lacking));
        }
        if let Some(renewed) = &summary.renewed {
            told.insert("renewed".to_owned(), serde_json::json!(renewed));
        }
        if summary.is_stopped {
            told.insert("stopped".to_owned(), true.into());
        }
    }
    format!("{}\n", serde_json::json!({"summary": told}))
}
