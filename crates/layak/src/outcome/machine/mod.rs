//! The fast path: a plan compiled to steps over machine words.
//!
//! A number is a 64-bit integer of a scale fixed when the plan is compiled, a date the number of its day, a text its place
//! among those that the rules name; yes and no of up to 64 elements are the bits of two words, which are known and which
//! are yes. Whatever is not known, is a fault or does not fit is open, and the evaluator over possible values answers what
//! hangs on it. INVARIANT: a value that is not open is the one that the evaluator gives; generated tests hold it to that.

mod chunk;
mod compile;
mod facts;
mod rows;
mod run;
mod step;
#[cfg(test)]
pub(super) mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::arena::Id;
use crate::graph::{Graph, NodeId};
use crate::program::{EntityId, Program};
use crate::value::{Calendar, Date, Decimal, Value};

pub(crate) use chunk::{Bits, Chunk, Decided, Elements, Frames, Mask, Numbers, Tried, TriedFacts, Width};
pub(crate) use facts::Columns;
pub(crate) use run::Registers;
use step::{Fold, Step};

/// What no value is.
const OPEN: i64 = i64::MIN;
/// What an optional value that is none is.
const NONE: i64 = i64::MIN + 1;
/// The least value that is neither.
const LEAST: i64 = NONE + 1;
/// A text that the rules do not name.
const OTHER: i64 = -1;
/// How many elements of an entity fit.
const MOST_ROWS: usize = 64;

/// Whether there is no value to reckon with.
fn is_open(value: i64) -> bool {
    value <= NONE
}

/// What a word stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Number { scale: u32 },
    Date,
    Enum,
    Text,
    Element,
    None,
}

/// A number to read: written in the step, or of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Num {
    Value(i64),
    At(Slot),
}

/// A column of a frame: one word an element. Frame 0 is the household.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    frame: u32,
    slot: u32,
}

/// Yes or no to read: a column of bits, or its opposite. The first two say yes, and nothing, of every element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Bit {
    slot: u32,
    not: bool,
}

impl Bit {
    const YES: Bit = Bit { slot: 0, not: false };
    const NO: Bit = Bit { slot: 0, not: true };
    const OPEN: Bit = Bit { slot: 1, not: false };

    fn opposite(self) -> Bit {
        Bit { not: !self.not, ..self }
    }
}

/// What a node has become.
#[derive(Clone, Debug)]
enum Reg {
    Num(Num, Kind),
    Bit(Bit),
    /// A constant that no word holds.
    Exact(Value),
    Open,
}

/// A plan's steps. Immutable, and shared by all who use the plan.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    layout: Arc<Layout>,
    steps: Vec<Step>,
    /// Steps that outputs alone hang on, each with a bit for every programme that has such outputs.
    output_steps: Vec<(u64, Step)>,
    /// By frame: how many number slots it has.
    slots: Vec<usize>,
    bits: usize,
    /// By node.
    regs: Vec<Reg>,
    /// By number, the texts that the rules name.
    texts: Vec<Arc<str>>,
    programmes: Vec<Judging>,
    /// The numbers of the programmes, by name.
    by_name: Vec<usize>,
}

/// How a programme is decided.
#[derive(Clone, Debug)]
struct Judging {
    in_force: bool,
    /// The frame of those that it is for.
    frame: u32,
    /// What must be yes.
    conditions: Vec<Bit>,
    /// The places of these, by name.
    by_name: Vec<usize>,
    /// Its bit among the steps of outputs.
    bit: u64,
    /// Its outputs by name: which of those declared, and the node.
    outputs: Vec<(usize, NodeId)>,
}

/// A programme decided for the elements of its frame, a bit each.
#[derive(Clone, Debug)]
pub(crate) struct Verdicts {
    pub(crate) programme: usize,
    eligible: u64,
}

impl Verdicts {
    pub(crate) fn is_eligible(&self, row: usize) -> bool {
        self.eligible >> row & 1 == 1
    }
}

/// Where facts go.
#[derive(Debug, Default)]
struct Layout {
    /// By frame: the entity, and the fields of its first number slots.
    frames: Vec<(EntityId, Vec<(usize, Kind)>)>,
    /// The fields of the first bits, with their frames.
    bits: Vec<(usize, usize)>,
    texts: BTreeMap<Arc<str>, i64>,
}

impl Machine {
    /// The value of a node for an element of its frame; nothing where it is open.
    pub(crate) fn value(&self, registers: &Registers, node: NodeId, row: usize) -> Option<Value> {
        match self.regs.get(node.index())? {
            Reg::Num(num, kind) => self.decode(registers.num(*num, row), *kind),
            Reg::Bit(bit) => registers.truth(*bit, row).map(Value::Boolean),
            Reg::Exact(value) => Some(value.clone()),
            Reg::Open => None,
        }
    }

    /// A known number that a node has for an element of its frame: as a word, and its scale.
    #[inline]
    pub(crate) fn number(&self, registers: &Registers, node: NodeId, row: usize) -> Option<(i64, u32)> {
        match self.regs.get(node.index())? {
            Reg::Num(num, Kind::Number { scale }) => {
                Some((registers.num(*num, row), *scale)).filter(|(word, _)| !is_open(*word))
            }
            _ => None,
        }
    }

    /// The programme of a number decided for every element that it is for; nothing where a condition is open for one.
    pub(crate) fn judge(&self, registers: &Registers, programme: usize) -> Option<Verdicts> {
        let judging = self.programmes.get(programme)?;
        let all = registers.all(judging.frame);
        let mut eligible = if judging.in_force { all } else { 0 };
        for condition in &judging.conditions {
            let holds = registers.bits(*condition);
            if holds.known() & all != all {
                return None;
            }
            eligible &= holds.yes;
        }
        Some(Verdicts { programme, eligible })
    }

    /// The numbers of the programmes, by name.
    pub(crate) fn by_name(&self) -> &[usize] {
        &self.by_name
    }

    /// The outputs of a programme by name: which of those declared, and the node.
    pub(crate) fn outputs(&self, programme: usize) -> &[(usize, NodeId)] {
        self.programmes.get(programme).map_or(&[], |p| &p.outputs)
    }

    /// Works out what the outputs of those who are eligible hang on.
    pub(crate) fn run_outputs(&self, registers: &mut Registers, verdicts: &[Verdicts], calendar: Calendar) {
        let of = |v: &Verdicts| self.programmes.get(v.programme).filter(|_| v.eligible != 0).map_or(0, |p| p.bit);
        registers.run_outputs(self, verdicts.iter().fold(0, |sum, v| sum | of(v)), calendar);
    }

    /// Works out what conditions hang on and what outputs do, of whomever: what no step of these makes is open.
    pub(crate) fn run_all(&self, registers: &mut Registers, columns: &Columns, calendar: Calendar) {
        registers.forget();
        registers.run(self, columns, calendar);
        registers.run_outputs(self, u64::MAX, calendar);
    }

    /// The conditions of a programme that fail for an element, by number.
    pub(crate) fn failing(
        &self,
        registers: &Registers,
        verdicts: &Verdicts,
        row: usize,
    ) -> impl Iterator<Item = usize> {
        let conditions = self.programmes.get(verdicts.programme).map_or(&[][..], |p| &p.conditions);
        let fails = move |(_, bit): &(usize, &Bit)| registers.truth(**bit, row) == Some(false);
        conditions.iter().enumerate().filter(fails).map(|(index, _)| index)
    }

    /// Which nodes of a graph have steps.
    pub(crate) fn made(graph: &Graph, program: &Program) -> impl Fn(NodeId) -> bool + use<> {
        let machine = Machine::of_nodes(graph, program);
        move |node| machine.is_made(node)
    }

    /// By frame: the entity of its elements, and the fields of its facts. The first is the household's.
    pub(crate) fn frames(&self) -> impl Iterator<Item = (EntityId, &[(usize, Kind)])> {
        self.layout.frames.iter().map(|(entity, fields)| (*entity, fields.as_slice()))
    }

    /// The frame of an entity.
    pub(crate) fn frame_of(&self, entity: EntityId) -> Option<usize> {
        self.layout.frames.iter().position(|(e, _)| *e == entity)
    }

    /// The fields of a frame's facts, each with what its words stand for.
    pub(crate) fn number_facts(&self, frame: usize) -> &[(usize, Kind)] {
        self.layout.frames.get(frame).map_or(&[], |(_, fields)| fields)
    }

    /// The facts that are yes or no: by frame and field.
    pub(crate) fn bit_facts(&self) -> &[(usize, usize)] {
        &self.layout.bits
    }

    /// The texts that the rules name, with their words.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, i64)> {
        self.layout.texts.iter().map(|(text, n)| (&**text, *n))
    }

    /// A value as a word; within, nothing where it is none, and without where it does not fit.
    pub(crate) fn encode(&self, value: &Value, kind: Kind) -> Option<Option<i64>> {
        match encode(value, kind, &self.layout.texts) {
            OPEN => None,
            NONE => Some(None),
            word => Some(Some(word)),
        }
    }

    /// Whether a node has steps at all.
    fn is_made(&self, node: NodeId) -> bool {
        !matches!(self.regs.get(node.index()), None | Some(Reg::Open))
    }

    fn decode(&self, word: i64, kind: Kind) -> Option<Value> {
        match (word, kind) {
            (OPEN, _) => None,
            (NONE, _) => Some(Value::None),
            (_, Kind::Number { scale }) => Decimal::new(i128::from(word), scale).map(Value::Number),
            (_, Kind::Date) => date_of(word).map(Value::Date),
            (_, Kind::Enum) => u32::try_from(word).ok().map(Value::Enum),
            (_, Kind::Element) => u32::try_from(word).ok().map(Value::Element),
            (_, Kind::Text) => self.texts.get(usize::try_from(word).ok()?).cloned().map(Value::Text),
            (_, Kind::None) => None,
        }
    }
}

fn date_of(word: i64) -> Option<Date> {
    Date::from_ordinal(i32::try_from(word).ok()?)
}

/// A value as a word of a kind; open where it does not fit.
fn encode(value: &Value, kind: Kind, texts: &BTreeMap<Arc<str>, i64>) -> i64 {
    match kind {
        _ if matches!(value, Value::None) => NONE,
        Kind::Number { scale } => number_word(value, scale),
        Kind::Date => date_word(value),
        Kind::Enum => member_word(value),
        Kind::Element => element_word(value),
        Kind::Text => text_word(value, texts),
        Kind::None => OPEN,
    }
}

#[inline]
fn number_word(value: &Value, scale: u32) -> i64 {
    match value {
        Value::Number(n) => n.to_scaled_i64(scale).filter(|n| !is_open(*n)).unwrap_or(OPEN),
        _ => OPEN,
    }
}

#[inline]
fn date_word(value: &Value) -> i64 {
    match value {
        Value::Date(day) => i64::from(day.ordinal()),
        _ => OPEN,
    }
}

#[inline]
fn member_word(value: &Value) -> i64 {
    match value {
        Value::Enum(member) => i64::from(*member),
        _ => OPEN,
    }
}

#[inline]
fn element_word(value: &Value) -> i64 {
    match value {
        Value::Element(row) => i64::from(*row),
        _ => OPEN,
    }
}

#[inline]
fn text_word(value: &Value, texts: &BTreeMap<Arc<str>, i64>) -> i64 {
    match value {
        Value::Text(text) => texts.get(text).copied().unwrap_or(OTHER),
        _ => OPEN,
    }
}
