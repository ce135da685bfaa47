//! `layak redecide`

use std::collections::BTreeMap;

use layak::{Date, Decimal, Lang, PaidTotals, RecordError, Recorded, Redecision, Replayer};

use crate::args::{FindingFormat, RedecideCall};
use crate::records::{self, Households};
use crate::{CallError, Done, Ending, findings, output};

/// The rules and acts that a record names; nothing where the call names them.
type Named = (Option<String>, Vec<String>);

pub(crate) fn run(call: &RedecideCall, lang: Lang) -> Done {
    let mut told = Told { format: call.format, lang, counts: Counts::default(), paid: PaidTotals::default() };
    let mut kept: Vec<(usize, Recorded)> = Vec::new();
    for one in records::open(&call.old)? {
        match one? {
            (line, Ok(recorded)) => kept.push((line, recorded)),
            (_, Err(RecordError::NotDecided)) => told.counts.not_decided += 1,
            (line, Err(error)) => told.failed(line, None, &error)?,
        }
    }
    let ends = ends(&kept, call.until);
    let mut replayers: BTreeMap<Named, (Replayer, Households)> = BTreeMap::new();
    for ((line, recorded), until) in kept.iter().zip(ends) {
        let named = match call.rules {
            None => (recorded.rules().map(str::to_owned), recorded.acts().to_vec()),
            Some(_) => Named::default(),
        };
        if !replayers.contains_key(&named) {
            let rules = records::rules(call.rules.as_deref(), &call.amend, recorded, call.format, lang)?;
            let Some(rules) = rules else { return Ok(findings::FOUND) };
            let facts = Households::read(&call.facts, &rules.as_of(recorded.as_of()))?;
            replayers.insert(named.clone(), (Replayer::new(&rules), facts));
        }
        let Some((replayer, facts)) = replayers.get_mut(&named) else { continue };
        let Some(facts) = facts.of(recorded) else {
            told.counts.left += 1;
            continue;
        };
        match replayer.redecide(recorded, facts, call.known_on, until) {
            Ok(again) => told.decided(*line, &again)?,
            Err(error) => told.failed(*line, Some(recorded), &error)?,
        }
    }
    told.end(call.check)
}

/// The day on which the period of each decision ends: that of the next one on the same household.
fn ends(kept: &[(usize, Recorded)], last: Option<Date>) -> Vec<Option<Date>> {
    let mut days: BTreeMap<&str, Vec<Date>> = BTreeMap::new();
    for (_, recorded) in kept {
        if let Some(id) = recorded.id() {
            days.entry(id).or_default().push(recorded.as_of());
        }
    }
    let next = |recorded: &Recorded| {
        let days = recorded.id().and_then(|id| days.get(id)).into_iter().flatten();
        days.filter(|day| **day > recorded.as_of()).min().copied()
    };
    kept.iter().map(|(_, recorded)| next(recorded).or(last.filter(|day| *day > recorded.as_of()))).collect()
}

#[derive(Default)]
struct Counts {
    changed: usize,
    same: usize,
    failed: usize,
    left: usize,
    not_decided: usize,
}

struct Told {
    format: FindingFormat,
    lang: Lang,
    counts: Counts,
    /// Over all periods.
    paid: PaidTotals,
}

impl Told {
    fn decided(&mut self, line: usize, again: &Redecision) -> Result<(), CallError> {
        *(if again.is_same() { &mut self.counts.same } else { &mut self.counts.changed }) += 1;
        self.paid.add(again);
        match self.format {
            FindingFormat::Text if again.is_same() => Ok(()),
            FindingFormat::Text => output::say(&again.render(self.lang)),
            FindingFormat::Json => {
                let mut object = again.to_json(self.lang);
                if let Some(map) = object.as_object_mut() {
                    map.insert("line".to_owned(), line.into());
                }
                output::say(&format!("{object}\n"))
            }
        }
    }

    fn failed(&mut self, line: usize, recorded: Option<&Recorded>, error: &RecordError) -> Result<(), CallError> {
        self.counts.failed += 1;
        let (id, text) = (recorded.and_then(Recorded::id), error.text(self.lang));
        output::say(&match self.format {
            FindingFormat::Text => format!("{} ({line})\n  ! {text}\n", id.unwrap_or("-")),
            FindingFormat::Json => format!("{}\n", serde_json::json!({"line": line, "id": id, "error": text})),
        })
    }

    fn end(&self, check: bool) -> Done {
        let Counts { changed, same, failed, left, not_decided } = self.counts;
        let mut out = match (self.format, self.lang) {
            (FindingFormat::Json, _) => {
                let paid: Vec<serde_json::Value> = self
                    .paid
                    .iter()
                    .map(|total| {
                        serde_json::json!({"programme": total.programme(), "output": total.output(),
                            "overpaid": total.overpaid().map(Decimal::to_string),
                            "underpaid": total.underpaid().map(Decimal::to_string), "untold": total.untold()})
                    })
                    .collect();
                let summary = serde_json::json!({"summary": {
                    "changed": changed, "same": same, "failed": failed, "left": left, "not_decided": not_decided,
                    "paid": paid,
                }});
                format!("{summary}\n")
            }
            (_, Lang::Id) => format!(
                "diputus lagi: {changed} berubah, {same} tetap, {failed} tidak dapat diputus, {left} tidak ada dalam fakta\n"
            ),
            _ => format!(
                "decided again: {changed} changed, {same} as before, {failed} failed, {left} not among the facts\n"
            ),
        };
        if self.format == FindingFormat::Text {
            self.paid.iter().for_each(|total| out.push_str(&format!("  {}\n", total.words(self.lang))));
        }
        output::say(&out)?;
        Ok(if failed > 0 || check && changed > 0 { Ending::Findings } else { Ending::Clean })
    }
}
