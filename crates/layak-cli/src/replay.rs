//! `layak replay`

use std::collections::BTreeMap;

use layak::{Difference, Lang, RecordError, Recorded, Replay, Replayer};

use crate::args::{FindingFormat, ReplayCall};
use crate::records::{self, Households};
use crate::{CallError, Done, Ending, findings, output};

/// The rules and acts that a record names; nothing where the call names them.
type Named = (Option<String>, Vec<String>);

/// Of one decision so many differences are told.
const MOST_DIFFERENCES: usize = 20;

pub(crate) fn run(call: &ReplayCall, lang: Lang) -> Done {
    let mut told = Told::new(call.format, lang);
    // The rules by the names that records give them; one ruleset alone where the call names it.
    let mut replayers: BTreeMap<Named, (Replayer, Option<Households>)> = BTreeMap::new();
    for kept in records::open(&call.decisions)? {
        let (line, recorded) = kept?;
        let recorded = match recorded {
            Ok(recorded) => recorded,
            Err(error) => {
                told.failed(line, None, &error)?;
                continue;
            }
        };
        let named = match call.rules {
            None => (recorded.rules().map(str::to_owned), recorded.acts().to_vec()),
            Some(_) => Named::default(),
        };
        if !replayers.contains_key(&named) {
            let rules = records::rules(call.rules.as_deref(), &call.amend, &recorded, call.format, lang)?;
            let Some(rules) = rules else { return Ok(findings::FOUND) };
            let facts = match &call.facts {
                Some(path) => Some(Households::read(path, &rules.as_of(recorded.as_of()))?),
                None => None,
            };
            replayers.insert(named.clone(), (Replayer::new(&rules), facts));
        }
        let Some((replayer, facts)) = replayers.get_mut(&named) else { continue };
        let brought = facts.as_ref().and_then(|facts| facts.of(&recorded));
        match replayer.replay(&recorded, brought) {
            Ok(replay) => told.replayed(line, &recorded, &replay)?,
            Err(error) => told.failed(line, Some(&recorded), &error)?,
        }
    }
    told.end()
}

struct Told {
    format: FindingFormat,
    lang: Lang,
    /// Decisions by what became of them.
    same: usize,
    differing: usize,
    other_rules: usize,
    failed: usize,
    not_decided: usize,
    /// Versions of the engine that decided then, with how many decisions.
    engines: BTreeMap<String, usize>,
    /// Fingerprints of the rules then and now, with how many decisions.
    rulesets: BTreeMap<(String, String), usize>,
}

impl Told {
    fn new(format: FindingFormat, lang: Lang) -> Told {
        let (engines, rulesets) = (BTreeMap::new(), BTreeMap::new());
        Told { format, lang, same: 0, differing: 0, other_rules: 0, failed: 0, not_decided: 0, engines, rulesets }
    }

    fn replayed(&mut self, line: usize, recorded: &Recorded, replay: &Replay) -> Result<(), CallError> {
        if let Some(engine) = replay.other_engine() {
            *self.engines.entry(engine.to_owned()).or_default() += 1;
        }
        if let Some((then, now)) = replay.other_ruleset() {
            *self.rulesets.entry((then.to_owned(), now.to_owned())).or_default() += 1;
        }
        let differs = !replay.differences().is_empty();
        let count = match (differs, replay.is_same()) {
            (true, _) => &mut self.differing,
            (false, true) => &mut self.same,
            (false, false) => &mut self.other_rules,
        };
        *count += 1;
        match self.format {
            FindingFormat::Text if !differs => Ok(()),
            FindingFormat::Text => {
                let mut out = format!("{}\n", self.name(line, Some(recorded)));
                let differences = replay.differences();
                for difference in differences.iter().take(MOST_DIFFERENCES) {
                    out.push_str(&self.difference(difference));
                }
                let more = differences.len().saturating_sub(MOST_DIFFERENCES);
                if more > 0 {
                    out.push_str(&match self.lang {
                        Lang::Id => format!("  dan {more} perbedaan lagi\n"),
                        _ => format!("  and {more} more differences\n"),
                    });
                }
                output::say(&out)
            }
            FindingFormat::Json => {
                let mut object = replay.to_json();
                if let Some(map) = object.as_object_mut() {
                    map.insert("line".to_owned(), line.into());
                    map.insert("id".to_owned(), recorded.id().into());
                    map.insert("as_of".to_owned(), recorded.as_of().to_string().into());
                }
                output::say(&format!("{object}\n"))
            }
        }
    }

    fn failed(&mut self, line: usize, recorded: Option<&Recorded>, error: &RecordError) -> Result<(), CallError> {
        match error {
            RecordError::NotDecided => self.not_decided += 1,
            _ => self.failed += 1,
        }
        let text = error.text(self.lang);
        match self.format {
            FindingFormat::Text if matches!(error, RecordError::NotDecided) => Ok(()),
            FindingFormat::Text => output::say(&format!("{}\n  ! {text}\n", self.name(line, recorded))),
            FindingFormat::Json => {
                let id = recorded.and_then(Recorded::id);
                output::say(&format!("{}\n", serde_json::json!({"line": line, "id": id, "error": text})))
            }
        }
    }

    fn name(&self, line: usize, recorded: Option<&Recorded>) -> String {
        match recorded {
            Some(recorded) => format!("{} ({line}) {}", recorded.id().unwrap_or("-"), recorded.as_of()),
            None => format!("- ({line})"),
        }
    }

    fn difference(&self, difference: &Difference) -> String {
        let none = if self.lang == Lang::Id { "tidak ada" } else { "absent" };
        let side = |json: Option<&str>| json.unwrap_or(none).to_owned();
        format!("  {}: {} -> {}\n", difference.path(), side(difference.recorded()), side(difference.now()))
    }

    /// What it came to, last.
    fn end(&self) -> Done {
        let all = self.same + self.differing + self.other_rules + self.failed + self.not_decided;
        match self.format {
            FindingFormat::Text => output::say(&self.summary(all))?,
            FindingFormat::Json => {
                let rulesets: Vec<serde_json::Value> = self
                    .rulesets
                    .iter()
                    .map(|((then, now), count)| serde_json::json!({"recorded": then, "now": now, "decisions": count}))
                    .collect();
                let summary = serde_json::json!({"summary": {
                    "decisions": all, "same": self.same, "differing": self.differing, "same_by_other_rules": self.other_rules,
                    "failed": self.failed, "not_decided": self.not_decided, "engines": self.engines, "rulesets": rulesets,
                    "engine": env!("CARGO_PKG_VERSION"),
                }});
                output::say(&format!("{summary}\n"))?;
            }
        }
        let clean = self.differing == 0 && self.other_rules == 0 && self.failed == 0;
        Ok(if clean { Ending::Clean } else { Ending::Findings })
    }

    fn summary(&self, all: usize) -> String {
        let (same, differing, other, failed) = (self.same, self.differing, self.other_rules, self.failed);
        let mut out = match self.lang {
            Lang::Id => {
                format!("{all} keputusan: {same} sama persis, {differing} berbeda, {failed} tidak dapat diulang\n")
            }
            _ => format!(
                "{all} decisions: {same} the same bit for bit, {differing} differ, {failed} cannot be made again\n"
            ),
        };
        if other > 0 {
            out.push_str(&match self.lang {
                Lang::Id => format!("  {other} sama, tetapi menurut aturan lain\n"),
                _ => format!("  {other} the same, but by other rules\n"),
            });
        }
        if self.not_decided > 0 {
            let count = self.not_decided;
            out.push_str(&match self.lang {
                Lang::Id => format!("  {count} keluarga dahulu tidak terbaca: tidak ada yang diulang\n"),
                _ => format!("  {count} households could not be read then: nothing to make again\n"),
            });
        }
        for ((then, now), count) in &self.rulesets {
            out.push_str(&match self.lang {
                Lang::Id => format!("  aturan berbeda untuk {count}: dahulu {then}, kini {now}\n"),
                _ => format!("  other rules for {count}: then {then}, now {now}\n"),
            });
        }
        let now = env!("CARGO_PKG_VERSION");
        for (then, count) in &self.engines {
            out.push_str(&match self.lang {
                Lang::Id => format!("  mesin berbeda untuk {count}: dahulu {then}, kini {now}\n"),
                _ => format!("  another engine for {count}: then {then}, now {now}\n"),
            });
        }
        out
    }
}
