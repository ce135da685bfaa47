//! Decisions of an earlier run, taken over where it is proven that they would be made again.
//!
//! INVARIANT: a decision is taken over only where the digests say that the version of the engine, the rules that it rests on, what is asked
//! for, the language and every fact are what they were, where its date is the same or the rules laid out for both dates are, and where the
//! seal says that it is as it was written. Whatever is not proven is decided.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use layak::{Date, Plan};
use serde::{Deserialize, Serialize};

use crate::BatchError;

mod before;
mod digest;
mod mixing;
mod reading;

pub use before::Before;
pub(crate) use digest::{Digest, has_failure};
pub use digest::{Digests, Seal, sealed};
pub use mixing::Mixing;
use reading::Reading;
pub use reading::Written;

/// How many decisions were taken over, and why the others were made anew. Households that could not be read are in neither.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Renewed {
    /// Taken over.
    pub taken: usize,
    /// Made anew: the facts are others.
    pub facts: usize,
    /// Made anew: the rules that they rest on, what was asked for, the language or the engine are others.
    pub rules: usize,
    /// Made anew: on its date the rules come to other values, or evidence is weighed by it.
    pub date: usize,
    /// Made anew: the household is not among the previous.
    pub new: usize,
    /// Made anew: the previous has no digest (decisions with a fault never have one), its key stands there twice, or it is not as it was written.
    pub unproven: usize,
}

impl Renewed {
    pub(crate) fn add(&mut self, other: &Renewed) {
        self.taken += other.taken;
        self.facts += other.facts;
        self.rules += other.rules;
        self.date += other.date;
        self.new += other.new;
        self.unproven += other.unproven;
    }

    /// One that would be made again: whether it was taken over.
    pub(crate) fn note_taken(&mut self, is_taken: bool) {
        if is_taken { self.taken += 1 } else { self.note(Why::Unproven) }
    }

    fn note(&mut self, why: Why) {
        *match why {
            Why::Facts => &mut self.facts,
            Why::Rules => &mut self.rules,
            Why::Date => &mut self.date,
            Why::New => &mut self.new,
            Why::Unproven => &mut self.unproven,
        } += 1;
    }

    /// How many were made anew.
    pub fn anew(&self) -> usize {
        self.facts + self.rules + self.date + self.new + self.unproven
    }
}

/// Why a decision is made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Facts,
    Rules,
    Date,
    New,
    Unproven,
}

/// What is known of a decision of the earlier run without looking at it.
#[derive(Clone, Copy, Debug)]
struct Entry {
    facts: u128,
    at: u32,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Of the same rules and date.
    Same,
    /// Of the same rules, and of a date on which they come to the same where there is no evidence.
    Alike,
    Not(Why),
}

/// The decisions of an earlier run. Shared between the threads of a run: some 60 bytes of memory a household, and where households stand in
/// another order than there the decisions that lie between.
pub struct Previous {
    digests: Arc<Digests>,
    hashes: (RandomState, RandomState),
    index: HashMap<u128, Entry>,
    stock: Mutex<Stock>,
    /// How many of them have a digest.
    with_digest: usize,
}

/// Decisions as they are asked for.
struct Stock {
    reading: Reading,
    /// The place of the next that is read.
    next: u32,
    /// Those that have come by and may yet be asked for; and those yet to come that nobody will ask for.
    held: HashMap<u32, (Before, u64)>,
    dropped: HashSet<u32>,
}

impl std::fmt::Debug for Previous {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Previous").field("decisions", &self.index.len()).finish_non_exhaustive()
    }
}

impl Previous {
    /// Opens decisions: a file, or a folder of parts. All of it is read once for its digests.
    ///
    /// # Errors
    /// It cannot be read, or is written in another format.
    pub fn open(path: &Path, plan: &Plan, digests: &Arc<Digests>, written: &Written) -> Result<Previous, BatchError> {
        let hashes = (RandomState::new(), RandomState::new());
        let mut index: HashMap<u128, Entry> = HashMap::new();
        let mut days: BTreeMap<(Date, Date), bool> = BTreeMap::new();
        let (mut at, mut with_digest) = (0, 0);
        for item in Reading::open(path, written)? {
            let item = item?;
            let mut entry = Entry { facts: 0, at, state: State::Not(Why::Unproven) };
            if let Some(parsed) = item.digest {
                with_digest += 1;
                entry.facts = parsed.facts;
                let day = (parsed.as_of, parsed.known_on);
                entry.state = if parsed.rules != digests.rules() {
                    State::Not(Why::Rules)
                } else if item.before.is_none() {
                    State::Not(Why::Unproven)
                } else if day == digests.days() {
                    State::Same
                } else if *days.entry(day).or_insert_with(|| plan.decides_alike_on(day.0, day.1)) {
                    State::Alike
                } else {
                    State::Not(Why::Date)
                };
            }
            let key = key(&hashes, item.id.as_deref(), entry.facts);
            index.entry(key).and_modify(|entry| entry.state = State::Not(Why::Unproven)).or_insert(entry);
            at = at.saturating_add(1);
        }
        let stock =
            Stock { reading: Reading::open(path, written)?, next: 0, held: HashMap::new(), dropped: HashSet::new() };
        Ok(Previous { digests: Arc::clone(digests), hashes, index, stock: Mutex::new(stock), with_digest })
    }

    /// What its decisions are held against.
    pub fn digests(&self) -> &Arc<Digests> {
        &self.digests
    }

    /// Whether none of its decisions has a digest: then nothing can be taken over.
    pub fn is_without_digests(&self) -> bool {
        self.with_digest == 0
    }

    /// The decision on a household, where it would be made again, and the seal that it was written with; else it is noted why it would not.
    pub(crate) fn of(&self, digest: &Digest, noted: &mut Renewed) -> Result<Option<(Before, u64)>, BatchError> {
        let Some(entry) = self.index.get(&key(&self.hashes, digest.id.as_deref(), digest.facts)) else {
            noted.note(Why::New);
            return Ok(None);
        };
        let why = match entry.state {
            State::Not(Why::Unproven) => Some(Why::Unproven),
            State::Not(Why::Rules) => Some(Why::Rules),
            _ if entry.facts != digest.facts => Some(Why::Facts),
            State::Not(why) => Some(why),
            State::Alike if digest.has_evidence => Some(Why::Date),
            State::Alike | State::Same => None,
        };
        let mut stock = self.stock.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(why) = why {
            stock.release(entry);
            noted.note(why);
            return Ok(None);
        }
        let before = stock.take(entry.at)?;
        drop(stock);
        if before.is_none() {
            noted.note(Why::Unproven);
        }
        Ok(before)
    }
}

/// By its key; where households have none, by its facts.
fn key(hashes: &(RandomState, RandomState), id: Option<&str>, facts: u128) -> u128 {
    let of = |hash: &RandomState| match id {
        Some(id) => hash.hash_one((1u8, id)),
        None => hash.hash_one((0u8, facts)),
    };
    // Two of 128 bits that are alike are of one key.
    u128::from(of(&hashes.0)) << 64 | u128::from(of(&hashes.1))
}

impl Stock {
    fn release(&mut self, entry: &Entry) {
        if entry.at < self.next {
            self.held.remove(&entry.at);
        } else if matches!(entry.state, State::Same | State::Alike) {
            self.dropped.insert(entry.at);
        }
    }

    /// The one at a place; it is not there a second time.
    fn take(&mut self, at: u32) -> Result<Option<(Before, u64)>, BatchError> {
        while self.next <= at {
            let Some(item) = self.reading.next() else { return Ok(None) };
            let place = self.next;
            self.next = self.next.saturating_add(1);
            let item = item?;
            let before = item.before.zip(item.digest.map(|digest| digest.seal));
            if place == at {
                return Ok(before);
            }
            if let Some(before) = before.filter(|_| !self.dropped.remove(&place)) {
                self.held.insert(place, before);
            }
        }
        Ok(self.held.remove(&at))
    }
}
