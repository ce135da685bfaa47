//! A run: households from a source, decided by threads, encoded, and stored in order.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use arrow_array::{ArrayRef, RecordBatch};
use layak::{Decision, Facts, FactsError, Phrase, Plan, TellRoom, Telling};

use crate::binding::Naming;
use crate::csv_columns::CsvSource;
use crate::files::{FileKind, kind_of};
use crate::found::Tables;
use crate::pipeline::ordered;
use crate::previous::{Before, Digest, Digests, Previous, Renewed, has_failure};
use crate::reader::{RecordReader, Row};
use crate::table_source::TableSource;
use crate::texts::Texts;
use crate::{BatchError, Summary};

/// Some households of the input, side by side.
#[derive(Debug)]
#[non_exhaustive]
pub enum Portion {
    /// As JSON.
    Texts {
        /// The households.
        rows: Vec<TextRow>,
        /// Elements of no household.
        alone: Vec<Alone>,
    },
    /// As rows of a batch; the first stands on this line of the input, from 1.
    Records {
        /// The line of the first.
        line: usize,
        /// The rows.
        batch: RecordBatch,
        /// What is wrong with some of them as a whole, by their places in the batch, in order.
        refused: Vec<(usize, FactsError)>,
        /// Elements of no household.
        alone: Vec<Alone>,
        /// Rows that are read from JSON, by their places in the batch, in order: their columns do not say all.
        texts: Vec<(usize, Vec<u8>)>,
        /// Columns that go through to the decisions, in the order that was asked for, where they are none of the batch.
        carried: Vec<ArrayRef>,
    },
}

impl Portion {
    /// How many households there are.
    pub fn len(&self) -> usize {
        match self {
            Portion::Texts { rows, .. } => rows.len(),
            Portion::Records { batch, .. } => batch.num_rows(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A row of a table of elements that belongs to no household, or of which nobody knows to which.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Alone {
    /// The table.
    pub path: PathBuf,
    /// The row, from 1, without the header.
    pub row: usize,
    /// The key that no household has; none where it has none itself, or none that can be read: its household, whichever it is, is then
    /// decided without it.
    pub key: Option<String>,
    /// Why it cannot be read, where not even its key can.
    pub cause: Option<Phrase>,
}

/// A household as JSON text.
#[derive(Debug)]
pub struct TextRow {
    /// Its line, or its place in a list, from 1.
    pub line: usize,
    /// The text; or why there is none.
    pub json: Result<Vec<u8>, FactsError>,
    /// The columns that go through to the decisions, in the order that was asked for.
    pub carried: Vec<Option<String>>,
}

/// Where households come from.
pub trait Source: Iterator<Item = Result<Portion, BatchError>> + Send {
    /// How much there is, in bytes or rows, where that is known.
    fn size(&self) -> Option<u64>;
    /// How much of it has been read, as it is read.
    fn progress(&self) -> Arc<AtomicU64>;
    /// How its batches are read; none for texts.
    fn reader(&self) -> Option<&RecordReader>;
    /// The lists that no column and no table of the input has, by their names: nothing is known of them of anybody.
    fn lacking(&self) -> Vec<String> {
        Vec::new()
    }
    /// Whether columns that go through to the decisions are texts, whatever its batches have.
    fn carries_texts(&self) -> bool {
        self.reader().is_none()
    }
}

/// One household on its way to be decided.
#[derive(Debug)]
pub struct Household<'h> {
    plan: &'h Plan,
    line: usize,
    from: From<'h>,
    /// How many from it on may be told together.
    most: usize,
    /// How many have been.
    told: Cell<usize>,
    /// Where digests are asked for.
    digest: Option<Digest>,
}

#[derive(Debug)]
enum From<'h> {
    Text(&'h [u8]),
    Row(Row<'h>),
    Refused(&'h FactsError),
}

impl Household<'_> {
    /// Its line in the input, or its place, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Its row of the batch; none where it is a text.
    pub fn row(&self) -> Option<usize> {
        match &self.from {
            From::Row(row) => Some(row.index()),
            From::Text(_) | From::Refused(_) => None,
        }
    }

    /// Tells what it and those that follow it came to, as far as columns alone say all of it; how many these are. See
    /// [`layak::Decided::tell`].
    pub fn tell(&self, room: &mut TellRoom, to: &mut impl Telling) -> usize {
        let told = match &self.from {
            From::Row(row) => row.tell(self.most, room, to),
            From::Text(_) | From::Refused(_) => 0,
        };
        self.told.set(told);
        told
    }

    /// The key of the one so many after it, where it is one of columns that were told.
    pub fn key(&self, after: usize) -> Option<Cow<'_, str>> {
        match &self.from {
            From::Row(row) => row.key(after),
            From::Text(_) | From::Refused(_) => None,
        }
    }

    /// Its key, where digests are asked for.
    pub fn id(&self) -> Option<&str> {
        self.digest.as_ref()?.id.as_deref()
    }

    /// What says of a later run whether it would decide alike, but for the seal over the decision; none where digests are not asked
    /// for, or where the decision is not to be taken over.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_ref()?.text.as_deref()
    }

    /// The decision: the same as [`Plan::decide`] gives.
    ///
    /// # Errors
    /// Everything that is wrong with its facts.
    pub fn decide(&self) -> Result<Decision, FactsError> {
        match &self.from {
            From::Text(json) => Ok(self.plan.decide(&self.plan.facts_from_json(json)?)),
            From::Row(row) => row.decide(),
            From::Refused(error) => Err((*error).clone()),
        }
    }

    /// Its facts.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn facts(&self) -> Result<Facts, FactsError> {
        match &self.from {
            From::Text(json) => self.plan.facts_from_json(json),
            From::Row(row) => row.facts(),
            From::Refused(error) => Err((*error).clone()),
        }
    }
}

/// What a thread makes of decisions.
pub trait Encode: Send {
    /// What a portion becomes.
    type Out: Send;
    /// Begins a portion.
    fn begin(&mut self, portion: &Portion);
    /// Takes down what a household came to.
    fn add(&mut self, household: &Household<'_>, decision: &Result<Decision, FactsError>);
    /// Takes down what a household and those that follow it came to as columns tell it, and counts them; how many, which is what
    /// [`Household::tell`] said: whoever is within them is not handed on again. More than it said are not taken for told: nobody is left out.
    /// Where it is none, the decision is made.
    fn tell(&mut self, household: &Household<'_>, summary: &mut Summary) -> usize {
        let _ = (household, summary);
        0
    }
    /// Takes down what a household came to in an earlier run; whether it can. Where it cannot, the household is decided.
    fn take(&mut self, household: &Household<'_>, before: &Before) -> bool {
        let _ = (household, before);
        false
    }
    /// Ends a portion.
    ///
    /// # Errors
    /// It cannot be written down.
    fn end(&mut self) -> Result<Self::Out, BatchError>;
}

/// How a run goes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RunOptions {
    /// How many threads decide. One a core at first.
    pub threads: usize,
    /// Whether a key that stands twice is told. Not at first: it takes some 40 bytes of memory a household.
    pub unique: bool,
    /// After more rejects than these the run ends. None at first: it goes on to the end.
    pub max_errors: Option<usize>,
    /// What each household's digest is made with. None at first: it takes about as long as binding its facts.
    pub digests: Option<Arc<Digests>>,
    /// The decisions of an earlier run. None at first: every household is decided.
    pub previous: Option<Arc<Previous>>,
}

impl Default for RunOptions {
    fn default() -> RunOptions {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        RunOptions { threads, unique: false, max_errors: None, digests: None, previous: None }
    }
}

/// A row of the input that could not be read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Reject {
    /// A household.
    Household {
        /// Its line in the input, or its place, from 1.
        line: usize,
        /// Everything that is wrong with it.
        error: FactsError,
    },
    /// An element of no household.
    Alone(Alone),
    /// A household, decided, whose key another before it has.
    Twice {
        /// Its line in the input, or its place, from 1.
        line: usize,
        /// The key.
        id: String,
    },
}

/// A portion that has been decided.
#[derive(Debug)]
#[non_exhaustive]
pub struct Done<T> {
    /// What it was encoded to.
    pub out: T,
    /// What it came to.
    pub summary: Summary,
    /// What could not be read: households and elements, in order.
    pub rejects: Vec<Reject>,
}

/// A portion on its way back.
struct Worked<T> {
    done: Done<T>,
    ids: Vec<(usize, String)>,
}

/// Decides all households of a source. `encoder` makes what a thread writes them down with; `store` is handed the portions in
/// the order of the input and may end the run.
///
/// # Errors
/// The input cannot be read, or what `store` and the encoders find.
pub fn run<E: Encode>(
    plan: &Plan,
    options: &RunOptions,
    source: impl Source,
    encoder: impl Fn() -> E + Sync,
    mut store: impl FnMut(Done<E::Out>) -> Result<ControlFlow<()>, BatchError>,
) -> Result<Summary, BatchError> {
    let reader = source.reader().cloned();
    let previous = options.previous.as_ref().map(|previous| previous.digests());
    let digests = options.digests.as_ref().or(previous);
    let work = |portion: Portion| {
        let mut encoder = encoder();
        encoder.begin(&portion);
        let (mut summary, mut rejects, mut ids) = (Summary::default(), Vec::new(), Vec::new());
        let mut failed = Ok(());
        // How many of those to come are told already.
        let mut told = 0;
        decide(plan, reader.as_ref(), &portion, |mut household| {
            if failed.is_err() {
                return;
            }
            if told > 0 {
                told -= 1;
                return;
            }
            if digests.is_some() {
                household.most = 1;
            }
            let mut facts = None;
            if let Some(digests) = digests {
                match household.facts() {
                    Ok(bound) => {
                        household.digest = Some(digests.household(plan, &bound));
                        match taken(options, &household, &mut encoder, &mut summary) {
                            Ok(Some(id)) => {
                                ids.extend(id.filter(|_| options.unique).map(|id| (household.line, id.to_string())));
                                return;
                            }
                            Ok(None) => {}
                            Err(error) => {
                                failed = Err(error);
                                return;
                            }
                        }
                        facts = Some(bound);
                    }
                    Err(error) => {
                        summary.refused();
                        let error = Err(error);
                        encoder.add(&household, &error);
                        rejects.extend(error.err().map(|error| Reject::Household { line: household.line, error }));
                        return;
                    }
                }
            }
            if !options.unique {
                let count = encoder.tell(&household, &mut summary).min(household.told.get());
                if count > 0 {
                    told = count - 1;
                    return;
                }
            }
            let decision = match (&household.from, facts) {
                (From::Text(_), Some(facts)) => Ok(plan.decide(&facts)),
                _ => household.decide(),
            };
            if let (Some(digest), Ok(decision)) = (&mut household.digest, &decision)
                && has_failure(decision)
            {
                digest.text = None;
            }
            summary.add_decision(&decision);
            encoder.add(&household, &decision);
            match decision {
                Ok(decision) if options.unique => {
                    ids.extend(decision.id().map(|id| (household.line, id.to_owned())));
                }
                Ok(_) => {}
                Err(error) => rejects.push(Reject::Household { line: household.line, error }),
            }
        })?;
        failed?;
        let (Portion::Texts { alone, .. } | Portion::Records { alone, .. }) = portion;
        let ownerless = alone.iter().filter(|alone| alone.key.is_none()).count();
        summary.ownerless += ownerless;
        summary.alone += alone.len() - ownerless;
        rejects.extend(alone.into_iter().map(Reject::Alone));
        Ok(Worked { done: Done { out: encoder.end()?, summary, rejects }, ids })
    };
    let mut total = Summary { lacking: source.lacking(), ..Summary::default() };
    let mut seen: HashSet<u128> = HashSet::new();
    let (one, other) = (RandomState::new(), RandomState::new());
    ordered(options.threads, source, work, |worked: Worked<E::Out>| {
        let Worked { mut done, ids } = worked;
        for (line, id) in ids {
            // Two of 128 bits that are alike are of one key.
            let hash = u128::from(one.hash_one(&id)) << 64 | u128::from(other.hash_one(&id));
            if !seen.insert(hash) {
                done.summary.twice += 1;
                done.rejects.push(Reject::Twice { line, id });
            }
        }
        done.rejects.sort_by_key(|reject| match reject {
            Reject::Household { line, .. } | Reject::Twice { line, .. } => *line,
            Reject::Alone(_) => usize::MAX,
        });
        total.add(&done.summary);
        if let ControlFlow::Break(()) = store(done)? {
            return Ok(ControlFlow::Break(()));
        }
        if options.max_errors.is_some_and(|most| total.rejects() > most) {
            total.is_stopped = true;
            return Ok(ControlFlow::Break(()));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(total)
}

/// Takes a household's decision over, where it would be made again; its key then.
fn taken(
    options: &RunOptions,
    household: &Household<'_>,
    encoder: &mut impl Encode,
    summary: &mut Summary,
) -> Result<Option<Option<Arc<str>>>, BatchError> {
    let (Some(previous), Some(digest)) = (&options.previous, &household.digest) else { return Ok(None) };
    let renewed = summary.renewed.get_or_insert_with(Renewed::default);
    let Some((before, seal)) = previous.of(digest, renewed)? else { return Ok(None) };
    let mut counted = Summary::default();
    let is_taken = before.seal() == seal && before.count(&mut counted) && encoder.take(household, &before);
    renewed.note_taken(is_taken);
    if is_taken {
        summary.add(&counted);
    }
    Ok(is_taken.then(|| digest.id.clone()))
}

/// Hands on every household of a portion in order.
fn decide(
    plan: &Plan,
    reader: Option<&RecordReader>,
    portion: &Portion,
    mut each: impl FnMut(Household<'_>),
) -> Result<(), BatchError> {
    match (portion, reader) {
        (Portion::Texts { rows, .. }, _) => {
            for TextRow { line, json, .. } in rows {
                let from = match json {
                    Ok(json) => From::Text(json),
                    Err(error) => From::Refused(error),
                };
                each(Household { plan, line: *line, from, most: 1, told: Cell::new(0), digest: None });
            }
            Ok(())
        }
        (Portion::Records { line, batch, refused, texts, .. }, Some(reader)) => {
            let mut refused = refused.iter().peekable();
            let mut texts = texts.iter().peekable();
            reader.decide(batch, |row| {
                let index = row.index();
                let text = texts.next_if(|(at, _)| *at == index);
                let from = match (refused.next_if(|(at, _)| *at == index), text) {
                    (Some((_, error)), _) => From::Refused(error),
                    (None, Some((_, json))) => From::Text(json),
                    (None, None) => From::Row(row),
                };
                // Those before the next that columns do not hold.
                let next = refused.peek().map(|(at, _)| *at).into_iter().chain(texts.peek().map(|(at, _)| *at)).min();
                let most = next.map_or(usize::MAX, |next| next - index);
                each(Household { plan, line: line + index, from, most, told: Cell::new(0), digest: None });
            })
        }
        (Portion::Records { .. }, None) => Ok(()),
    }
}

impl Source for Box<dyn Source> {
    fn size(&self) -> Option<u64> {
        (**self).size()
    }

    fn progress(&self) -> Arc<AtomicU64> {
        (**self).progress()
    }

    fn reader(&self) -> Option<&RecordReader> {
        (**self).reader()
    }

    fn lacking(&self) -> Vec<String> {
        (**self).lacking()
    }

    fn carries_texts(&self) -> bool {
        (**self).carries_texts()
    }
}

/// Opens a file of households by what its name ends with: `.parquet`, `.arrow` or `.feather`, or as [`Texts`](crate::Texts) has it; or a folder with the table
/// `households` and one for each list. `tables` are the tables of elements, by the names of the lists; `NAME.LIST.parquet` beside
/// `NAME.parquet`, and `LIST.parquet` beside `households.parquet`, are found without.
///
/// # Errors
/// It cannot be read, or its columns are not the facts of the plan.
pub fn open(
    plan: &Plan,
    path: &Path,
    tables: &[(String, PathBuf)],
    naming: &Naming,
) -> Result<Box<dyn Source>, BatchError> {
    let Tables { households, lists } = Tables::of(plan, path, tables, naming)?;
    Ok(match kind_of(&households) {
        FileKind::Parquet | FileKind::Arrow => Box::new(TableSource::open(plan, &households, &lists, naming)?),
        FileKind::Csv if CsvSource::can_read(plan, &lists) => {
            Box::new(CsvSource::open(plan, &households, &lists, naming)?)
        }
        _ => Box::new(Texts::with_lists(&households, &lists, naming)?.for_plan(plan)),
    })
}
