//! What has been found so far, kept so that a later run goes on where an earlier one ended.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use layak::{EquivalenceProof, Mutant, Package};
use serde_json::{Value, json};

use crate::mutation::{Fate, Told};

type Added = Box<dyn FnMut(&str) + Send>;

/// The fates of mutants, as lines of text that a host keeps. The first line says of which rules and tests they are: of others
/// nothing is taken over.
#[derive(Default)]
pub struct State {
    known: BTreeMap<String, Fate>,
    added: Option<Mutex<Added>>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("known", &self.known.len()).finish_non_exhaustive()
    }
}

impl State {
    /// The first line of the state of rules, with all that they are tested by. `tests` is what is not in the rule files: the
    /// cases, and the options of properties.
    pub fn heading(package: &Package, tests: &[u8]) -> String {
        // FNV-1a over every text: it tells one set of files from the next, and nobody means to deceive it.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut eat = |bytes: &[u8]| {
            for byte in bytes.iter().chain(&[0xff]) {
                hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
        };
        for (_, source) in package.sources().iter() {
            eat(source.path().as_bytes());
            eat(source.text().as_bytes());
        }
        eat(tests);
        json!({"mutation": 1, "of": format!("{hash:016x}")}).to_string()
    }

    /// What an earlier run has kept; nothing where its first line is another, or a line cannot be read.
    pub fn read(text: &str, heading: &str) -> State {
        let mut lines = text.lines();
        if lines.next() != Some(heading) {
            return State::default();
        }
        let known = lines.filter_map(|line| read_line(&serde_json::from_str(line).ok()?));
        State { known: known.collect(), added: None }
    }

    /// Lets each new fate be told as a line, as soon as it is known.
    #[must_use]
    pub fn on_added(mut self, added: impl FnMut(&str) + Send + 'static) -> State {
        self.added = Some(Mutex::new(Box::new(added)));
        self
    }

    /// How many fates are known.
    pub fn known(&self) -> usize {
        self.known.len()
    }

    pub(super) fn fate(&self, mutant: &Mutant) -> Option<Fate> {
        self.known.get(&key(mutant)).cloned()
    }

    pub(super) fn add(&self, mutant: &Mutant, fate: &Fate) {
        if let Some(added) = &self.added {
            let mut line = fate_json(fate);
            if let Value::Object(entries) = &mut line {
                entries.insert("mutant".to_owned(), key(mutant).into());
            }
            (added.lock().unwrap_or_else(PoisonError::into_inner))(&line.to_string());
        }
    }
}

fn key(mutant: &Mutant) -> String {
    format!("{} {} {} {}", mutant.kind().name(), mutant.place(), mutant.before(), mutant.after())
}

/// A fate as data.
pub(super) fn fate_json(fate: &Fate) -> Value {
    match fate {
        Fate::Killed(by) => json!({"fate": "killed", "by": by}),
        Fate::Survived(None) => json!({"fate": "survived"}),
        Fate::Survived(Some(told)) => json!({
            "fate": "survived", "as_of": told.as_of, "household": told.household, "rules_say": told.rules[0],
            "rules_say_id": told.rules[1], "mutant_says": told.mutant[0], "mutant_says_id": told.mutant[1],
        }),
        Fate::Equivalent(proof) => json!({"fate": "equivalent", "by": proof.name()}),
        Fate::Refused => json!({"fate": "refused"}),
        Fate::NotTried => json!({"fate": "not_tried"}),
    }
}

fn read_line(line: &Value) -> Option<(String, Fate)> {
    let text = |name: &str| line.get(name).and_then(Value::as_str).map(str::to_owned);
    let fate = match text("fate")?.as_str() {
        "killed" => Fate::Killed(text("by")?),
        "survived" => Fate::Survived(text("household").and_then(|household| {
            let both = |name: &str| Some([text(name)?, text(&format!("{name}_id")).or_else(|| text(name))?]);
            Some(Told { as_of: text("as_of")?, household, rules: both("rules_say")?, mutant: both("mutant_says")? })
        })),
        "equivalent" => {
            let by = text("by")?;
            Fate::Equivalent(EquivalenceProof::ALL.into_iter().find(|proof| proof.name() == by)?)
        }
        "refused" => Fate::Refused,
        _ => return None,
    };
    Some((text("mutant")?, fate))
}
