//! Rules with one small fault at a time, run against their own tests: a fault that no test notices is one that the rules could
//! have without anybody knowing.

mod report;
mod state;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use layak::{EquivalenceProof, Lang, Mutant, Package, PropertyOptions, Ruleset, Telltale};

pub use report::{json, text};
pub use state::State;

/// What rules are tested by: their own tests and properties, and cases kept as data.
#[derive(Clone, Debug)]
pub struct Suite {
    rulesets: Vec<Ruleset>,
    cases: Vec<(Ruleset, Vec<Vec<u8>>)>,
    properties: PropertyOptions,
}

impl Suite {
    /// The tests and properties in the files of a package.
    pub fn new(package: &Package, properties: PropertyOptions) -> Suite {
        Suite { rulesets: package.rulesets().to_vec(), cases: Vec::new(), properties }
    }

    /// Cases of rules, each a JSON object as `Ruleset::cases` runs it.
    pub fn add_cases(&mut self, rules: &Ruleset, cases: Vec<Vec<u8>>) {
        self.cases.push((rules.clone(), cases));
    }

    /// What of the suite fails on the rules as they are, by place or number. Mutants are noticed by what else fails.
    fn failing(&self) -> BTreeSet<(usize, String)> {
        let mut out = BTreeSet::new();
        for (number, rules) in self.rulesets.iter().enumerate() {
            out.extend(failing_tests(rules, number));
            out.extend(failing_properties(rules, number, &self.properties));
        }
        for (number, (rules, cases)) in self.cases.iter().enumerate() {
            out.extend(failing_cases(rules, self.rulesets.len().saturating_add(number), cases));
        }
        out
    }

    /// Every mutant of the rules, once, by its place.
    fn mutants(&self) -> Vec<Mutant> {
        let mut out: BTreeMap<(layak::Place, String, String), Mutant> = BTreeMap::new();
        for rules in self.rulesets.iter().chain(self.cases.iter().map(|(rules, _)| rules)) {
            for mutant in rules.mutants() {
                let key = (mutant.place().clone(), mutant.before().to_owned(), mutant.after().to_owned());
                out.entry(key).or_insert(mutant);
            }
        }
        out.into_values().collect()
    }
}

fn failing_tests(rules: &Ruleset, number: usize) -> impl Iterator<Item = (usize, String)> {
    let results = rules.run_tests().into_iter().enumerate().filter(|(_, result)| !result.failures().is_empty());
    results.map(move |(index, result)| (number, format!("test {index} `{}`", result.name())))
}

fn failing_properties(
    rules: &Ruleset,
    number: usize,
    options: &PropertyOptions,
) -> impl Iterator<Item = (usize, String)> {
    let results = rules.run_properties(options).into_iter().filter(|result| !result.failures().is_empty());
    results.map(move |result| (number, format!("property `{}`", result.name())))
}

fn failing_cases(rules: &Ruleset, number: usize, cases: &[Vec<u8>]) -> Vec<(usize, String)> {
    let mut runner = rules.cases();
    let results = cases.iter().map(|case| runner.run(case)).enumerate();
    let failing = results.filter(|(_, result)| !result.failures().is_empty());
    failing.map(|(index, result)| (number, format!("case {} `{}`", index.saturating_add(1), result.id()))).collect()
}

/// How mutants are tried.
#[derive(Clone, Debug)]
pub struct MutationOptions {
    seed: u64,
    most: Option<usize>,
    budget: Option<Duration>,
    threads: Option<NonZeroUsize>,
}

impl Default for MutationOptions {
    fn default() -> MutationOptions {
        MutationOptions::new()
    }
}

impl MutationOptions {
    /// All mutants, in the order of seed 1, on all processors, however long it takes.
    pub fn new() -> MutationOptions {
        MutationOptions { seed: 1, most: None, budget: None, threads: None }
    }

    /// The order in which they are tried, and so which of them where not all are.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> MutationOptions {
        self.seed = seed;
        self
    }

    /// Only so many.
    #[must_use]
    pub fn most(mut self, most: usize) -> MutationOptions {
        self.most = Some(most);
        self
    }

    /// None is begun after so long.
    #[must_use]
    pub fn budget(mut self, budget: Duration) -> MutationOptions {
        self.budget = Some(budget);
        self
    }

    /// So many at a time.
    #[must_use]
    pub fn threads(mut self, threads: NonZeroUsize) -> MutationOptions {
        self.threads = Some(threads);
        self
    }
}

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// A test, case or property noticed it: the first that did.
    Killed(String),
    /// None noticed it. A household that it decides differently, where one was found.
    Survived(Option<Told>),
    /// It certainly decides as the rules do: the proof of it.
    Equivalent(EquivalenceProof),
    /// It is no rules: the compiler noticed it.
    Refused,
    /// Time was over before it was tried.
    NotTried,
}

/// A household that a mutant decides differently from the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The date that it is decided for.
    pub as_of: String,
    /// Its facts as one line of JSON.
    pub household: String,
    /// What the rules say, in English and in Indonesian words of rules.
    pub rules: [String; 2],
    /// What the mutant says, likewise.
    pub mutant: [String; 2],
}

impl Told {
    fn of(telltale: &Telltale) -> Told {
        Told {
            as_of: telltale.as_of().to_string(),
            household: telltale.household().to_owned(),
            rules: [Lang::En, Lang::Id].map(|lang| telltale.own(lang).to_owned()),
            mutant: [Lang::En, Lang::Id].map(|lang| telltale.other(lang).to_owned()),
        }
    }
}

/// What became of the mutants of rules, by their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MutationReport {
    mutants: Vec<(Mutant, Fate)>,
    failing: usize,
}

impl MutationReport {
    /// Each mutant with its fate.
    pub fn mutants(&self) -> impl Iterator<Item = (&Mutant, &Fate)> {
        self.mutants.iter().map(|(mutant, fate)| (mutant, fate))
    }

    /// How many tests, cases and properties fail on the rules as they are: these notice nothing.
    pub fn failing(&self) -> usize {
        self.failing
    }

    /// How many were noticed, and of how many that could be: neither equivalent nor refused, and tried.
    pub fn score(&self) -> (usize, usize) {
        let killed = self.mutants.iter().filter(|(_, fate)| matches!(fate, Fate::Killed(_))).count();
        let survived = self.mutants.iter().filter(|(_, fate)| matches!(fate, Fate::Survived(_))).count();
        (killed, killed.saturating_add(survived))
    }

    /// The score in whole per cent, rounded down; 100 where nothing could be noticed.
    pub fn percent(&self) -> usize {
        let (killed, all) = self.score();
        killed.saturating_mul(100).checked_div(all).unwrap_or(100)
    }
}

/// Tries the mutants of rules on their tests: cases in the rule files first, then cases kept as data, then properties. What
/// a state says of a mutant is taken from it, and what is found is added to it.
///
/// The same rules, suite and options give the same report, unless time runs out. The cost of a mutant is that of compiling
/// the rules and of the tests up to the one that notices it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use layak::{Limits, Package, PropertyOptions, Sources};
/// use layak_testing::mutation::{MutationOptions, State, Suite, mutate};
/// let mut sources = Sources::new();
/// sources.add("aid.layak", r#"module aid
///   entity Household { desil integer }
///   criterion poor when desil <= 4
///   programme food requires poor
///   test "poor" given { desil: 4 } expect food eligible
///   test "rich" given { desil: 9 } expect food not_eligible"#);
/// let package = Package::from_sources(&sources, Limits::default())?;
/// let suite = Suite::new(&package, PropertyOptions::new());
/// let report = mutate(&suite, &MutationOptions::new(), &State::default());
/// // No test has a household of decile 5: that the limit is not 5 nobody notices.
/// assert_eq!(report.score(), (4, 5));
/// # Ok(())
/// # }
/// ```
pub fn mutate(suite: &Suite, options: &MutationOptions, state: &State) -> MutationReport {
    let begun = Instant::now();
    let failing = suite.failing();
    let mut mutants = suite.mutants();
    let mut order: Vec<usize> = (0..mutants.len()).collect();
    shuffle(&mut order, options.seed);
    order.truncate(options.most.unwrap_or(usize::MAX));
    order.sort_by_key(|index| mutants.get(*index).is_none_or(|mutant| state.fate(mutant).is_none()));
    let next = AtomicUsize::new(0);
    let fates: Mutex<BTreeMap<usize, Fate>> = Mutex::new(BTreeMap::new());
    let work = || {
        while let Some(index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Some(mutant) = mutants.get(*index) else { break };
            let fate = match state.fate(mutant) {
                Some(fate) => fate,
                None if options.budget.is_some_and(|budget| begun.elapsed() >= budget) => Fate::NotTried,
                None => {
                    let fate = try_one(suite, mutant, &failing);
                    state.add(mutant, &fate);
                    fate
                }
            };
            fates.lock().unwrap_or_else(PoisonError::into_inner).insert(*index, fate);
        }
    };
    let threads = options.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    let fates = fates.into_inner().unwrap_or_else(PoisonError::into_inner);
    let all = mutants.drain(..).enumerate();
    let tried = all.filter_map(|(index, mutant)| fates.get(&index).map(|fate| (mutant, fate.clone())));
    MutationReport { mutants: tried.collect(), failing: failing.len() }
}

fn try_one(suite: &Suite, mutant: &Mutant, failing: &BTreeSet<(usize, String)>) -> Fate {
    let mut changed: Vec<(usize, &Ruleset, Ruleset)> = Vec::new();
    let all = suite.rulesets.iter().chain(suite.cases.iter().map(|(rules, _)| rules));
    for (number, rules) in all.enumerate() {
        match rules.mutated(mutant) {
            Ok(Some(mutated)) => changed.push((number, rules, mutated)),
            Ok(None) => {}
            Err(_) => return Fate::Refused,
        }
    }
    if changed.iter().all(|(_, rules, mutated)| rules.fingerprint() == mutated.fingerprint()) {
        return Fate::Equivalent(EquivalenceProof::Meaning);
    }
    let own = suite.rulesets.len();
    let news = |found: &(usize, String)| !failing.contains(found);
    for (number, _, mutated) in changed.iter().filter(|(number, ..)| *number < own) {
        if let Some((_, name)) = failing_tests(mutated, *number).find(news) {
            return Fate::Killed(name);
        }
    }
    for (number, _, mutated) in changed.iter().filter(|(number, ..)| *number >= own) {
        let cases = number.checked_sub(own).and_then(|n| suite.cases.get(n)).map_or(&[][..], |(_, cases)| cases);
        if let Some((_, name)) = failing_cases(mutated, *number, cases).into_iter().find(news) {
            return Fate::Killed(name);
        }
    }
    let proofs: Option<Vec<EquivalenceProof>> =
        changed.iter().map(|(_, rules, mutated)| rules.equivalence(mutated)).collect();
    if let Some(proof) = proofs.and_then(|proofs| proofs.into_iter().max()) {
        return Fate::Equivalent(proof);
    }
    for (number, _, mutated) in changed.iter().filter(|(number, ..)| *number < own) {
        if let Some((_, name)) = failing_properties(mutated, *number, &suite.properties).find(news) {
            return Fate::Killed(name);
        }
    }
    let telltale = changed.iter().find_map(|(_, rules, mutated)| rules.told_apart(mutated, &suite.properties));
    Fate::Survived(telltale.as_ref().map(Told::of))
}

/// Another order for every seed, the same everywhere.
fn shuffle(order: &mut [usize], seed: u64) {
    let mut state = seed;
    for last in (1..order.len()).rev() {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        let among = u64::try_from(last).unwrap_or(u64::MAX).saturating_add(1);
        order.swap(last, usize::try_from(z.checked_rem(among).unwrap_or(0)).unwrap_or(0));
    }
}
