//! What many redecisions make together.

use std::collections::BTreeMap;

use super::redecide::Redecision;
use crate::report::Writing;
use crate::syntax::Lang;
use crate::value::{Decimal, Value};

/// What was over- and underpaid over many redecisions, by programme and output.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use layak::{Lang, PaidTotals, Recorded, Replayer, Ruleset};
/// let rules = Ruleset::from_text("
///   module aid currency IDR
///   entity Home { id text key  desil integer 1..10 }
///   criterion poor when desil <= 4
///   programme food requires poor gives amount = IDR 600_000
/// ")?;
/// let plan = rules.as_of("2026-01-15".parse()?);
/// let mut totals = PaidTotals::default();
/// for (id, desil) in [("a", 7), ("b", 9)] {
///     let then = plan.facts_from_json(format!(r#"{{"id": "{id}", "desil": 3}}"#).as_bytes())?;
///     let kept = Recorded::from_json(plan.record(&then).to_json(None, Lang::En).as_bytes())?;
///     let corrected = format!(r#"{{"id": "{id}", "desil": {desil}}}"#);
///     totals.add(&Replayer::new(&rules).redecide(&kept, corrected.as_bytes(), None, None)?);
/// }
/// let total = totals.iter().next().ok_or("a total")?;
/// assert_eq!(total.words(Lang::En), "food.amount: overpaid Rp1,200,000, underpaid Rp0");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct PaidTotals {
    by_output: BTreeMap<(String, String), PaidTotal>,
}

/// What was over- and underpaid of one output.
#[derive(Clone, Debug, PartialEq)]
pub struct PaidTotal {
    programme: String,
    output: String,
    overpaid: Option<Decimal>,
    underpaid: Option<Decimal>,
    untold: usize,
    writing: Writing,
}

impl PaidTotals {
    /// With the amounts of one more.
    pub fn add(&mut self, again: &Redecision) {
        for amount in again.amounts() {
            let name = (amount.programme().to_owned(), amount.output().to_owned());
            let total = self.by_output.entry(name.clone()).or_insert_with(|| PaidTotal {
                programme: name.0,
                output: name.1,
                overpaid: Some(Decimal::ZERO),
                underpaid: Some(Decimal::ZERO),
                untold: 0,
                writing: amount.writing.clone(),
            });
            if amount.difference.is_none() {
                total.untold += 1;
            }
            for (sum, part) in [(&mut total.overpaid, amount.overpaid()), (&mut total.underpaid, amount.underpaid())] {
                if let Some(part) = part {
                    *sum = sum.as_ref().and_then(|sum| sum.checked_add(&part));
                }
            }
        }
    }

    /// By programme, then by output.
    pub fn iter(&self) -> impl Iterator<Item = &PaidTotal> {
        self.by_output.values()
    }
}

impl PaidTotal {
    /// The programme.
    pub fn programme(&self) -> &str {
        &self.programme
    }

    /// The output.
    pub fn output(&self) -> &str {
        &self.output
    }

    /// What was paid too much in all; nothing where that is more than a number holds.
    pub fn overpaid(&self) -> Option<&Decimal> {
        self.overpaid.as_ref()
    }

    /// What was paid too little in all; nothing where that is more than a number holds.
    pub fn underpaid(&self) -> Option<&Decimal> {
        self.underpaid.as_ref()
    }

    /// How many amounts are others now of which it cannot be told by how much, and which are in neither sum: a rate over a period
    /// whose end is not known or that is no whole number of months, and what is not settled.
    pub fn untold(&self) -> usize {
        self.untold
    }

    /// On one line.
    pub fn words(&self, lang: Lang) -> String {
        let sum = |sum: &Option<Decimal>| match (sum, lang) {
            (Some(sum), _) => self.writing.words(&Value::Number(sum.clone()), lang),
            (None, Lang::Id) => "lebih dari yang dapat dihitung".to_owned(),
            (None, Lang::En) => "more than can be reckoned".to_owned(),
        };
        let (name, over, under) =
            (format!("{}.{}", self.programme, self.output), sum(&self.overpaid), sum(&self.underpaid));
        let mut out = match lang {
            Lang::Id => format!("{name}: kelebihan bayar {over}, kurang bayar {under}"),
            Lang::En => format!("{name}: overpaid {over}, underpaid {under}"),
        };
        match (self.untold, lang) {
            (0, _) => {}
            (n, Lang::Id) => out.push_str(&format!(", dan {n} yang belum dapat dihitung")),
            (n, Lang::En) => out.push_str(&format!(", and {n} of which it cannot be told how much")),
        }
        out
    }
}
