//! Decisions that were kept, the rules they name, and the facts that are brought along.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use layak::{Lang, Plan, RecordError, Recorded, Ruleset};

use crate::args::FindingFormat;
use crate::{CallError, findings, input};

/// A decision of a file, or why it is none; with its line.
pub(crate) type Kept = (usize, Result<Recorded, RecordError>);

/// Every decision of a file, one at a time.
pub(crate) fn open(path: &Path) -> Result<impl Iterator<Item = Result<Kept, CallError>>, CallError> {
    let lines = input::open(path)?;
    Ok(lines.map(|line| {
        let line = line?;
        Ok((line.line, Recorded::from_json(&line.json)))
    }))
}

/// The rules of a call, else those that a record names; nothing where they have errors, which have been told.
pub(crate) fn rules(
    given: Option<&Path>,
    acts: &[PathBuf],
    recorded: &Recorded,
    format: FindingFormat,
    lang: Lang,
) -> Result<Option<Ruleset>, CallError> {
    let named = recorded.rules().map(PathBuf::from);
    let Some(rules) = given.map(Path::to_path_buf).or(named) else {
        return Err(CallError(match lang {
            Lang::Id => "rekaman tidak menyebut aturannya: beri --rules ATURAN".to_owned(),
            _ => "the record does not name its rules: give --rules RULES".to_owned(),
        }));
    };
    let own: Vec<PathBuf> = recorded.acts().iter().map(PathBuf::from).collect();
    let acts = if acts.is_empty() && given.is_none() { &own } else { acts };
    findings::load(&rules, acts, format, lang)
}

/// Households by their key, else by their line.
#[derive(Default)]
pub(crate) struct Households {
    by_id: BTreeMap<String, Vec<u8>>,
    by_line: BTreeMap<usize, Vec<u8>>,
}

impl Households {
    /// The households of a file, with the keys that a plan reads. One that it cannot read is found by its line.
    pub(crate) fn read(path: &Path, plan: &Plan) -> Result<Households, CallError> {
        let mut out = Households::default();
        for household in input::open(path)? {
            let household = household?;
            match plan.facts_from_json(&household.json).ok().and_then(|facts| plan.id(&facts)) {
                Some(id) => out.by_id.insert(id.to_string(), household.json),
                None => out.by_line.insert(household.line, household.json),
            };
        }
        Ok(out)
    }

    pub(crate) fn of(&self, recorded: &Recorded) -> Option<&[u8]> {
        let found = match recorded.id() {
            Some(id) => self.by_id.get(id),
            None => recorded.line().and_then(|line| self.by_line.get(&line)),
        };
        found.map(Vec::as_slice)
    }
}
