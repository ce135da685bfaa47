//! A decision made again from its record, and compared part by part.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{ENGINE, RecordError, Recorded};
use crate::facts::tree::owned;
use crate::facts::{Data, read};
use crate::report::Decision;
use crate::ruleset::{Facts, Plan, Ruleset};
use crate::value::Date;

/// Decides again what was recorded. It keeps the plans that it has made.
#[derive(Clone, Debug)]
pub struct Replayer {
    rules: Ruleset,
    plans: BTreeMap<Wanted, Plan>,
}

/// What a plan was made for.
type Wanted = (Date, Date, Option<Vec<String>>, Vec<String>);

/// So many plans are kept.
const MOST_PLANS: usize = 64;

/// How a decision made again compares with the one recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    engine: Option<String>,
    ruleset: Option<(String, String)>,
    differences: Vec<Difference>,
}

/// A part of a decision that is another now.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    path: String,
    recorded: Option<String>,
    now: Option<String>,
}

impl Replayer {
    /// One that decides by these rules.
    pub fn new(rules: &Ruleset) -> Replayer {
        Replayer { rules: rules.clone(), plans: BTreeMap::new() }
    }

    /// The rules that it decides by.
    pub fn rules(&self) -> &Ruleset {
        &self.rules
    }

    /// Decides again, for the same dates and programmes, by the record's facts; by those that are brought along where it was kept
    /// without.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use layak::{Lang, Recorded, Replayer, Ruleset};
    /// let text = "module aid entity Home { desil integer 1..10 } criterion poor when desil <= 4 programme food requires poor";
    /// let rules = Ruleset::from_text(text)?;
    /// let plan = rules.as_of("2026-01-15".parse()?);
    /// let line = plan.record(&plan.facts_from_json(br#"{"desil": 4}"#)?).to_json(None, Lang::En);
    ///
    /// let stricter = Ruleset::from_text(&text.replace("<= 4", "<= 3"))?;
    /// let replay = Replayer::new(&stricter).replay(&Recorded::from_json(line.as_bytes())?, None)?;
    /// assert_eq!(replay.other_ruleset(), Some((rules.fingerprint(), stricter.fingerprint())));
    /// let first = &replay.differences()[0];
    /// assert_eq!((first.path(), first.recorded(), first.now()),
    ///     ("programmes.food.outcome", Some("\"eligible\""), Some("\"not_eligible\"")));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// There are no facts, or the rules do not know them or a name that was asked for.
    pub fn replay(&mut self, recorded: &Recorded, facts: Option<&[u8]>) -> Result<Replay, RecordError> {
        let plan = self.plan(recorded)?;
        let bound = bound(&plan, recorded, facts)?;
        let decision = plan.decide(&bound);
        let other = self.rules.fingerprint() != recorded.ruleset;
        Ok(Replay {
            engine: (recorded.engine != ENGINE).then(|| recorded.engine.clone()),
            ruleset: other.then(|| (recorded.ruleset.clone(), self.rules.fingerprint().to_owned())),
            differences: differences(recorded, &decision),
        })
    }

    pub(super) fn plan(&mut self, recorded: &Recorded) -> Result<Plan, RecordError> {
        let wanted = (recorded.as_of, recorded.known_on, recorded.programmes.clone(), recorded.show.clone());
        if let Some(plan) = self.plans.get(&wanted) {
            return Ok(plan.clone());
        }
        let plan = self.rules.plan(recorded.options()).map_err(RecordError::Name)?;
        if self.plans.len() >= MOST_PLANS {
            self.plans.clear();
        }
        self.plans.insert(wanted, plan.clone());
        Ok(plan)
    }
}

/// The facts of a record, or those brought along.
fn bound(plan: &Plan, recorded: &Recorded, facts: Option<&[u8]>) -> Result<Facts, RecordError> {
    match (&recorded.facts, facts) {
        (Some(own), _) => plan.bind(own),
        (None, Some(json)) => plan.facts_from_json(json),
        (None, None) => return Err(RecordError::NoFacts),
    }
    .map_err(RecordError::Facts)
}

/// What differs, but for the ruleset, which is told apart.
fn differences(recorded: &Recorded, decision: &Decision) -> Vec<Difference> {
    let json = serde_json::to_string(&decision.to_json(recorded.line, recorded.lang)).unwrap_or_default();
    let now = read(json.as_bytes(), usize::MAX).map_or(Data::Null, owned);
    let mut out = Vec::new();
    compare("", Some(&recorded.decision), Some(&now), &mut out);
    out.retain(|difference| difference.path != "ruleset");
    out
}

/// INVARIANT: it recurses, no deeper than decisions nest.
fn compare(path: &str, recorded: Option<&Data<'_>>, now: Option<&Data<'_>>, out: &mut Vec<Difference>) {
    if recorded == now {
        return;
    }
    match (recorded, now) {
        (Some(Data::Object(a)), Some(Data::Object(b))) => {
            let before = out.len();
            let names = a.iter().map(|(name, _)| name).chain(b.iter().map(|(name, _)| name));
            let mut seen: BTreeSet<&str> = BTreeSet::new();
            for name in names {
                if seen.insert(name) {
                    let within = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
                    let value = |entries| find(entries, name);
                    compare(&within, value(a), value(b), out);
                }
            }
            // The same parts in another order.
            if out.len() == before {
                out.push(difference(path, recorded, now));
            }
        }
        (Some(Data::List(a)), Some(Data::List(b))) => {
            for at in 0..a.len().max(b.len()) {
                compare(&format!("{path}[{at}]"), a.get(at), b.get(at), out);
            }
        }
        _ => out.push(difference(path, recorded, now)),
    }
}

fn find<'d, 'a>(entries: &'d [(Cow<'a, str>, Data<'a>)], name: &str) -> Option<&'d Data<'a>> {
    entries.iter().find(|(own, _)| own == name).map(|(_, value)| value)
}

fn difference(path: &str, recorded: Option<&Data<'_>>, now: Option<&Data<'_>>) -> Difference {
    let json = |data: Option<&Data<'_>>| data.map(Data::to_json);
    Difference { path: path.to_owned(), recorded: json(recorded), now: json(now) }
}

impl Replay {
    /// Whether the same rules give the same decision, bit for bit.
    pub fn is_same(&self) -> bool {
        self.ruleset.is_none() && self.differences.is_empty()
    }

    /// The version of the engine that decided then, where it is not this one.
    pub fn other_engine(&self) -> Option<&str> {
        self.engine.as_deref()
    }

    /// The fingerprints of the rules that decided then and of those that decided now, where they are not the same.
    pub fn other_ruleset(&self) -> Option<(&str, &str)> {
        self.ruleset.as_ref().map(|(then, now)| (&**then, &**now))
    }

    /// Each part of the decision that is another now, in the order of the parts; the fingerprint apart.
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// As data: whether it is the same, the engine and the rulesets where they are others, and each difference.
    pub fn to_json(&self) -> serde_json::Value {
        let value = |json: Option<&str>| {
            json.and_then(|json| read(json.as_bytes(), usize::MAX).ok()).map(|data| owned(data).to_value())
        };
        let difference =
            |d: &Difference| json!({"path": d.path, "recorded": value(d.recorded()), "now": value(d.now())});
        let differences: Vec<serde_json::Value> = self.differences.iter().map(difference).collect();
        json!({
            "same": self.is_same(), "engine": self.other_engine(), "ruleset": self.other_ruleset(),
            "differences": differences,
        })
    }
}

impl Difference {
    /// Where it stands: `programmes.pkh.outputs.amount`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What was recorded, as JSON; nothing where there was no such part.
    pub fn recorded(&self) -> Option<&str> {
        self.recorded.as_deref()
    }

    /// What it is now, as JSON; nothing where there is no such part.
    pub fn now(&self) -> Option<&str> {
        self.now.as_deref()
    }
}
