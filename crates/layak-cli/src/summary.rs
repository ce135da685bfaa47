//! What a run of `layak decide` came to, told on stderr once all households are decided.

use std::collections::BTreeMap;

use layak::{Decision, Lang, Outcome};

use crate::decide::entitlements;

/// How many households were read, and by programme how many entitlements have each outcome.
#[derive(Default)]
pub(crate) struct Summary {
    households: usize,
    unreadable: usize,
    /// Eligible, not eligible, undetermined, error.
    programmes: BTreeMap<String, [usize; 4]>,
}

impl Summary {
    pub(crate) fn decided(&mut self, decision: &Decision) {
        self.households += 1;
        for (programme, _, one) in entitlements(decision) {
            let place = match one.outcome() {
                Outcome::Eligible => 0,
                Outcome::NotEligible => 1,
                Outcome::Undetermined(_) => 2,
                _ => 3,
            };
            let counts = match self.programmes.get_mut(programme) {
                Some(counts) => counts,
                None => self.programmes.entry(programme.to_owned()).or_default(),
            };
            if let Some(count) = counts.get_mut(place) {
                *count += 1;
            }
        }
    }

    pub(crate) fn refused(&mut self) {
        self.households += 1;
        self.unreadable += 1;
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.unreadable == 0
    }

    /// One line, then one a programme.
    pub(crate) fn text(&self, lang: Lang) -> String {
        let (all, bad) = (self.households, self.unreadable);
        let mut out = match lang {
            Lang::Id => format!("{all} keluarga, {bad} tidak terbaca\n"),
            _ => format!("{all} {}, {bad} unreadable\n", if all == 1 { "household" } else { "households" }),
        };
        let width = self.programmes.keys().map(|name| name.chars().count()).max().unwrap_or(0);
        for (name, [eligible, not, open, error]) in &self.programmes {
            let line = match lang {
                Lang::Id => format!("layak {eligible}, tidak layak {not}, belum pasti {open}, galat {error}"),
                _ => format!("eligible {eligible}, not eligible {not}, undetermined {open}, error {error}"),
            };
            out.push_str(&format!("  {name:<width$}  {line}\n"));
        }
        out
    }

    /// One JSON object on one line.
    pub(crate) fn json(&self) -> String {
        let programmes: BTreeMap<&str, serde_json::Value> = self
            .programmes
            .iter()
            .map(|(name, [eligible, not, open, error])| {
                let counts = serde_json::json!({
                    "eligible": eligible, "not_eligible": not, "undetermined": open, "error": error,
                });
                (name.as_str(), counts)
            })
            .collect();
        let summary = serde_json::json!({"summary": {
            "households": self.households, "unreadable": self.unreadable, "programmes": programmes,
        }});
        format!("{summary}\n")
    }
}
