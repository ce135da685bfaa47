//! What is not known, tried: households of which a condition or an output is open are decided with values that the facts can have.
//!
//! Each trial is one more household of a chunk of its own. Two that are decided, one eligible and one refused, show that the
//! household is undetermined: the evaluator, which never says more than all completions bear out, can say nothing else. Where
//! no two do so the evaluator decides.

use std::ops::Range;
use std::sync::OnceLock;

use super::super::{Machine, OPEN};
use super::column::{each_set, is_set, set};
use super::{Chunk, Frames, Judged, Numbers, Width};
use crate::arena::Id;
use crate::graph::{Graph, GraphTest, Op};
use crate::outcome::{Set, values_to_try};
use crate::program::Program;
use crate::syntax::StateTest;
use crate::value::{Date, Value};

/// Trials that are run together.
const TOGETHER: usize = 1024;
/// Trials of a household that the first two did not settle.
const MOST: usize = 40;

/// The words that facts are tried with.
#[derive(Debug)]
pub(crate) struct TriedFacts {
    /// By frame and place among its facts; nothing of a fact that is not tried.
    numbers: Vec<Vec<OnceLock<Box<[i64]>>>>,
    /// Whether rules ask what is known: then a completion says nothing of what is not.
    asks_what_is_known: bool,
}

impl TriedFacts {
    /// The cost is linear in the plan; values are found when they are first asked for.
    pub(crate) fn of(graph: &Graph, machine: &Machine) -> TriedFacts {
        let numbers = machine.frames().map(|(_, facts)| facts.iter().map(|_| OnceLock::new()).collect()).collect();
        let asks = |op: &Op| matches!(op, Op::State(StateTest::Known | StateTest::Unknown, _) | Op::IsFault(_));
        let tests = graph.tables.iter().flat_map(|t| &t.rows).flat_map(|r| &r.cells).flat_map(|c| &c.tests);
        let asks_what_is_known =
            graph.nodes.values().any(|node| asks(&node.op)) || tests.into_iter().any(|t| *t == GraphTest::Unknown);
        TriedFacts { numbers, asks_what_is_known }
    }

    fn words(&self, (graph, program, machine): Of<'_>, frame: usize, nth: usize) -> &[i64] {
        let Some(words) = self.numbers.get(frame).and_then(|facts| facts.get(nth)) else { return &[] };
        words.get_or_init(|| {
            let entity = machine.frames().nth(frame).map(|(entity, _)| entity);
            let fact = entity.zip(machine.number_facts(frame).get(nth));
            let Some((entity, (field, kind))) = fact else { return Box::default() };
            let declared = program.entities[entity].fields.get(*field);
            // What has a structure, or names an element, is not made up.
            if declared.is_none_or(|f| f.format.is_some()) {
                return Box::default();
            }
            let values =
                values_to_try(graph, (entity, *field)).unwrap_or_else(|| ends(graph, (entity.index(), *field)));
            let words = values.iter().filter_map(|value| machine.encode(value, *kind));
            words.map(|word| word.unwrap_or(super::super::NONE)).collect()
        })
    }
}

/// A plan, its rules and its machine.
pub(crate) type Of<'p> = (&'p Graph, &'p Program, &'p Machine);

/// Some values of a field of which no few stand for all: the ends of its domain, and some between.
fn ends(graph: &Graph, (entity, field): (usize, usize)) -> Vec<Value> {
    let Some(possible) = graph.unknowns.get(entity).and_then(|fields| fields.get(field)) else { return Vec::new() };
    let Set::Range { low, high, .. } = &possible.set else { return Vec::new() };
    let numbers = [0i64, 1, 1_000, 1_000_000, 1_000_000_000].map(|n| Value::Number(n.into()));
    let years =
        [0i32, 5, 10, 20, 40, 80].map(|n| graph.day.map_or(Date::MIN, |d| d.as_of).add_days(-365 * i64::from(n)));
    let of_kind = match low.as_ref().or(high.as_ref()) {
        Some(Value::Date(_)) => years.into_iter().flatten().map(Value::Date).collect(),
        Some(Value::Number(_)) => numbers.to_vec(),
        _ => Vec::new(),
    };
    let fits = |value: &Value| low.as_ref().is_none_or(|l| l <= value) && high.as_ref().is_none_or(|h| value <= h);
    let mut values: Vec<Value> = low.iter().cloned().collect();
    values.extend(of_kind.into_iter().filter(fits));
    values.extend(high.clone());
    values
}

/// Room for trials: kept and used again.
#[derive(Debug, Default)]
pub(crate) struct Tried {
    chunk: Chunk,
    /// By trial: its household, and how many facts that are not known were met in it so far.
    lanes: Vec<(u32, u32)>,
    left: Vec<u32>,
}

/// Which value of so many a fact is given in a trial; `met` is how many others of the household were given one before.
fn choice(round: usize, lane: usize, met: u32, values: usize) -> usize {
    match round {
        0 if lane == 0 => 0,
        0 => values.saturating_sub(1),
        _ => (lane + 5 * met as usize) % values.max(1),
    }
}

impl Tried {
    /// Tries what is not known of the households of a chunk that go the exact way, though their facts are as asked.
    pub(crate) fn settle(&mut self, of: Of<'_>, facts: &TriedFacts, frames: &Frames, chunk: &mut Chunk) {
        if facts.asks_what_is_known {
            return;
        }
        self.left.clear();
        let left = &mut self.left;
        each_set(chunk.exact.words(), chunk.households, |home| {
            if !chunk.refused.get(home) {
                left.push(u32::try_from(home).unwrap_or(u32::MAX));
            }
        });
        for round in 0..2 {
            let lanes = if round == 0 { 2 } else { chunk.most_values(of, facts) };
            let homes = std::mem::take(&mut self.left);
            for group in homes.chunks((TOGETHER / lanes).max(1)) {
                self.run(of, facts, frames, chunk, (group, round, lanes));
            }
            self.left = homes;
            let left = &mut self.left;
            left.retain(|home| chunk.is_unsettled(of.2, *home as usize));
            if left.is_empty() {
                return;
            }
        }
    }

    /// One round of trials of some households.
    fn run(
        &mut self,
        of: Of<'_>,
        facts: &TriedFacts,
        frames: &Frames,
        from: &mut Chunk,
        (homes, round, lanes): (&[u32], usize, usize),
    ) {
        let (graph, _, machine) = of;
        self.lanes.clear();
        self.lanes.extend(homes.iter().flat_map(|home| std::iter::repeat_n((*home, 0), lanes)));
        let trial = &mut self.chunk;
        trial.begin(frames, self.lanes.len());
        for (number, elements) in from.frames.iter().enumerate().skip(1) {
            let mut end = 0u32;
            let counts = self.lanes.iter().map(|(home, _)| {
                end += u32::try_from(elements.of(*home as usize).len()).unwrap_or(0);
                end
            });
            trial.elements(number, std::iter::once(0).chain(counts));
        }
        for frame in 0..from.frames.len() {
            for nth in 0..machine.number_facts(frame).len() {
                let words = || facts.words(of, frame, nth);
                let Some(column) = from.nums.get(frame).and_then(|nums| nums.get(nth)) else { continue };
                let Some((out, elements, _)) = trial.fact(frame, nth) else { continue };
                out.begin(elements.rows);
                for (lane, (home, met)) in self.lanes.iter_mut().enumerate() {
                    let rows = from.rows_of(frame, *home as usize);
                    column.give(rows, out, |out, at| {
                        let values = words();
                        match values.get(choice(round, lane % lanes, *met, values.len())) {
                            Some(word) => out.say(at, *word),
                            None => out.say(at, OPEN),
                        }
                        *met += 1;
                    });
                }
                out.bound();
            }
        }
        for (nth, (frame, _)) in machine.bit_facts().iter().enumerate() {
            let Some(column) = from.bits.get(nth + 2) else { continue };
            let Some((out, elements, _)) = trial.fact_bits(nth, *frame) else { continue };
            let (yes, no) = out.room(elements.rows.div_ceil(64));
            yes.fill(0);
            no.fill(0);
            let mut at = 0;
            for (lane, (home, met)) in self.lanes.iter_mut().enumerate() {
                for row in from.rows_of(*frame, *home as usize) {
                    let is_yes = if is_set(&column.yes, row) {
                        true
                    } else if is_set(&column.no, row) {
                        false
                    } else {
                        *met += 1;
                        choice(round, lane % lanes, *met - 1, 2) == 0
                    };
                    set(if is_yes { &mut *yes } else { &mut *no }, at);
                    at += 1;
                }
            }
        }
        trial.run(machine, frames, graph.calendar);
        for number in 0..machine.programmes.len() {
            from.learn(trial, machine, number, homes, lanes);
        }
    }
}

impl Numbers {
    /// Gives words of some rows to the end of another column; `open` says what stands where a word is open.
    fn give(&self, rows: Range<usize>, out: &mut Numbers, mut open: impl FnMut(&mut Numbers, usize)) {
        let first = out.longs.len();
        match self.width {
            Width::Byte => out.longs.extend(self.bytes.get(rows.clone()).into_iter().flatten().map(|w| i64::from(*w))),
            Width::Int => out.longs.extend(self.ints.get(rows.clone()).into_iter().flatten().map(|w| i64::from(*w))),
            Width::Long => out.longs.extend_from_slice(self.longs.get(rows.clone()).unwrap_or(&[])),
        }
        if self.open.any() || self.none.any() {
            for (row, at) in rows.zip(first..) {
                if self.open.get(row) {
                    open(out, at);
                } else if self.none.get(row) {
                    out.none.set(at);
                }
            }
        }
    }

    /// Puts a word, open or none too.
    fn say(&mut self, at: usize, word: i64) {
        match word {
            OPEN => self.open.set(at),
            super::super::NONE => self.none.set(at),
            _ => {}
        }
        if let Some(slot) = self.longs.get_mut(at) {
            *slot = if word <= super::super::NONE { 0 } else { word };
        }
    }
}

impl Chunk {
    /// The elements of a frame that are a household's.
    pub(crate) fn rows_of(&self, frame: usize, home: usize) -> Range<usize> {
        match frame {
            0 => home..home + 1,
            _ => self.frames.get(frame).map_or(0..0, |elements| elements.of(home)),
        }
    }

    /// The most values with which a fact is tried that is not known of somebody.
    fn most_values(&self, of: Of<'_>, facts: &TriedFacts) -> usize {
        let mut most = 2;
        for (frame, columns) in self.nums.iter().enumerate() {
            for (nth, column) in columns.iter().enumerate().take(of.2.number_facts(frame).len()) {
                if column.open.any() {
                    most = most.max(facts.words(of, frame, nth).len());
                }
            }
        }
        most.min(MOST)
    }

    /// Whether something of a household is left to the evaluator.
    fn is_unsettled(&self, machine: &Machine, home: usize) -> bool {
        let frames = machine.programmes.iter().map(|p| p.frame as usize).enumerate();
        frames
            .into_iter()
            .any(|(number, frame)| self.rows_of(frame, home).any(|row| self.decided(machine, number, row).is_none()))
    }

    /// Takes from the trials of some households what they show of a programme.
    fn learn(&mut self, trial: &Chunk, machine: &Machine, number: usize, homes: &[u32], lanes: usize) {
        let Some(frame) = machine.programmes.get(number).map(|p| p.frame as usize) else { return };
        let Some(shown) = trial.judged.get(number) else { return };
        let Some(mut judged) = self.judged.get_mut(number).map(std::mem::take) else { return };
        judged.undetermined.resize(judged.eligible.len(), 0);
        judged.certain.resize(judged.eligible.len(), 0);
        for (place, home) in homes.iter().enumerate() {
            let rows = self.rows_of(frame, *home as usize);
            let (first, count) = (trial.rows_of(frame, place * lanes).start, rows.len());
            for (row, nth) in rows.zip(first..) {
                let is_eligible = is_set(&judged.eligible, row);
                let is_open = !is_eligible && !judged.refused.is_empty() && !is_set(&judged.refused, row);
                if !(is_open || is_eligible && is_set(&judged.open_output, row)) {
                    continue;
                }
                let mut trials = (0..lanes).map(|lane| shown.shows(nth + lane * count));
                if is_eligible {
                    if trials.any(|shown| shown == Shown::Eligible { with_outputs: true }) {
                        set(&mut judged.certain, row);
                    }
                    continue;
                }
                let (mut gets, mut refused) = (false, false);
                for shown in trials {
                    gets |= matches!(shown, Shown::Eligible { .. });
                    refused |= shown == Shown::Refused;
                }
                if gets && refused {
                    set(&mut judged.undetermined, row);
                }
            }
        }
        if let Some(slot) = self.judged.get_mut(number) {
            *slot = judged;
        }
    }
}

/// What a trial came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Eligible { with_outputs: bool },
    Refused,
    Open,
}

impl Judged {
    fn shows(&self, row: usize) -> Shown {
        if is_set(&self.eligible, row) {
            Shown::Eligible { with_outputs: !is_set(&self.open_output, row) }
        } else if self.refused.is_empty() || is_set(&self.refused, row) {
            Shown::Refused
        } else {
            Shown::Open
        }
    }
}
