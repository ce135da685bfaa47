//! What is kept with a decision, so that a later run knows whether it would be made again.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use layak::{Answer, Date, Decision, Facts, Lang, Outcome, Plan};

/// The digests of a plan's decisions in a language. Each is one text of five parts between dots: of the rules and all else that
/// is asked for, the date, the date of the knowledge of the law, of the household's facts, and a seal over the decision as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    rules: String,
    as_of: Date,
    known_on: Date,
}

/// The digest of a household, without the seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Digest {
    /// The household's key.
    pub id: Option<Arc<str>>,
    pub facts: u128,
    pub has_evidence: bool,
    /// None where it is not kept, for the decision names places in the rules.
    pub text: Option<String>,
}

/// The parts of a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parsed {
    pub rules: String,
    pub as_of: Date,
    pub known_on: Date,
    pub facts: u128,
    pub seal: u64,
}

impl Digests {
    /// Those of a plan. The cost is linear in the rules.
    pub fn of(plan: &Plan, lang: Lang) -> Digests {
        let lang = if lang == Lang::Id { "id" } else { "en" };
        Digests { rules: format!("{}{lang}", plan.rules_digest()), as_of: plan.as_of(), known_on: plan.known_on() }
    }

    pub(crate) fn rules(&self) -> &str {
        &self.rules
    }

    pub(crate) fn days(&self) -> (Date, Date) {
        (self.as_of, self.known_on)
    }

    pub(crate) fn household(&self, plan: &Plan, facts: &Facts) -> Digest {
        let of_facts = u128::from_be_bytes(plan.facts_digest(facts));
        let Digests { rules, as_of, known_on } = self;
        let text = format!("{rules}.{as_of}.{known_on}.{of_facts:032x}");
        Digest { id: plan.id(facts), facts: of_facts, has_evidence: facts.has_evidence(), text: Some(text) }
    }
}

impl Parsed {
    pub(crate) fn of(text: &str) -> Option<Parsed> {
        let mut parts = text.split('.');
        let out = Parsed {
            rules: parts.next()?.to_owned(),
            as_of: parts.next()?.parse().ok()?,
            known_on: parts.next()?.parse().ok()?,
            facts: u128::from_str_radix(parts.next()?, 16).ok()?,
            seal: u64::from_str_radix(parts.next()?, 16).ok()?,
        };
        parts.next().is_none().then_some(out)
    }
}

/// A digest with the seal over the decision that it stands with.
pub fn sealed(digest: &str, seal: u64) -> String {
    format!("{digest}.{seal:016x}")
}

/// Whether something of a decision is a fault: it names its place in the rules, which other changes move.
pub(crate) fn has_failure(decision: &Decision) -> bool {
    let of_programmes = decision.programmes().flat_map(|p| p.entitlements()).any(|(_, one)| {
        matches!(one.outcome(), Outcome::Error(_))
            || one.outputs().any(|(_, answer)| is_failure(answer))
            || one.bounds().any(|(_, (low, high))| is_failure(low) || is_failure(high))
    });
    of_programmes
        || decision.values().any(|(_, answer)| is_failure(answer))
        || decision.value_bounds().any(|(_, (low, high))| is_failure(low) || is_failure(high))
}

/// INVARIANT: it recurses as deep as the types of the rules nest.
fn is_failure(answer: &Answer) -> bool {
    match answer {
        Answer::Failure(_) => true,
        Answer::List(items) => items.iter().any(is_failure),
        Answer::Record(parts) => parts.iter().any(|(_, answer)| is_failure(answer)),
        _ => false,
    }
}

/// A hash that is the same everywhere and always: FNV-1a over pieces with their lengths. It finds what was changed by hand, not
/// what was meant to deceive.
#[derive(Clone, Copy, Debug)]
pub struct Seal(u64);

impl Default for Seal {
    fn default() -> Seal {
        Seal(0xcbf2_9ce4_8422_2325)
    }
}

impl Seal {
    /// Adds a piece.
    pub fn add(&mut self, piece: &[u8]) {
        let length = u64::try_from(piece.len()).unwrap_or(u64::MAX).to_le_bytes();
        for byte in length.iter().chain(piece) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// What it comes to.
    pub fn value(self) -> u64 {
        self.0
    }

    /// Adds a value of a column of decisions.
    ///
    /// INVARIANT: it recurses as deep as the schema of decisions nests.
    pub(crate) fn add_value(&mut self, array: &ArrayRef, row: usize, text: &mut String) {
        text.clear();
        if array.is_null(row) {
            return self.add(b"\0null");
        }
        match array.data_type() {
            DataType::Utf8 => self.add(array.as_string::<i32>().value(row).as_bytes()),
            DataType::Boolean => self.add(&[u8::from(array.as_boolean().value(row))]),
            DataType::Int64 => self.add(&array.as_primitive::<Int64Type>().value(row).to_le_bytes()),
            DataType::Date32 => self.add(&array.as_primitive::<Date32Type>().value(row).to_le_bytes()),
            DataType::Decimal128(..) => self.add(&array.as_primitive::<Decimal128Type>().value(row).to_le_bytes()),
            DataType::Struct(_) => {
                array.as_struct().columns().iter().for_each(|column| self.add_value(column, row, text));
            }
            DataType::List(_) => {
                let list = array.as_list::<i32>();
                let ends = list.value_offsets();
                let at = |n: usize| ends.get(n).and_then(|end| usize::try_from(*end).ok()).unwrap_or(0);
                let rows = at(row)..at(row + 1);
                let _ = write!(text, "{} elements", rows.len());
                let length = std::mem::take(text);
                self.add(length.as_bytes());
                rows.for_each(|row| self.add_value(list.values(), row, text));
            }
            // A dictionary of texts.
            _ => {
                let value = crate::rows::text(array, row).unwrap_or_default();
                self.add(value.as_bytes());
            }
        }
    }
}
