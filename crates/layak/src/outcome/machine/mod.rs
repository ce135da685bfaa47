//! The fast path: a plan compiled to steps over machine words.
//!
//! A number is a 64-bit integer of a scale fixed when the plan is compiled, a date the number of its day, a text its place
//! among those that the rules name; yes and no of up to 64 elements are the bits of two words, which are known and which
//! are yes. Whatever is not known, is a fault or does not fit is open, and the evaluator over possible values answers what
//! hangs on it. INVARIANT: a value that is not open is the one that the evaluator gives; generated tests hold it to that.

mod compile;
mod compile_lists;
mod facts;
mod run;
mod step;
#[cfg(test)]
pub(super) mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::arena::Id;
use crate::graph::{ConditionKind, NodeId, RootProgramme};
use crate::outcome::{Judgement, Possible, Verdict};
use crate::program::EntityId;
use crate::value::{Date, Decimal, Value};

pub(crate) use facts::Columns;
pub(crate) use run::Registers;
use step::Step;

/// What no value is.
const OPEN: i64 = i64::MIN;
/// What an optional value that is none is.
const NONE: i64 = i64::MIN + 1;
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
enum Kind {
    Number { scale: u32 },
    Date,
    Enum,
    Text,
    Element,
    None,
}

/// A number to read: written in the step, or of a slot of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Num {
    Value(i64),
    At(Slot),
}

/// A column of a frame: one word an element. Frame 0 is the household.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    frame: usize,
    slot: usize,
}

/// Yes or no to read: settled, never known here, of the frame's own elements, or of the household.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bit {
    Known(bool),
    Open,
    Own(usize),
    Household(usize),
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
    /// By frame: how many number slots it has.
    slots: Vec<usize>,
    bits: usize,
    /// By node.
    regs: Vec<Reg>,
    /// By number, the texts that the rules name.
    texts: Vec<Arc<str>>,
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

    /// Yes or no; nothing where it is open.
    fn truth(&self, registers: &Registers, node: NodeId, row: usize) -> Option<bool> {
        match self.regs.get(node.index())? {
            Reg::Bit(bit) => registers.truth(*bit, row),
            _ => None,
        }
    }

    /// A programme decided for one element; nothing where a condition, or an output of one that is eligible, is open.
    pub(crate) fn judge(&self, registers: &Registers, programme: &RootProgramme, row: usize) -> Option<Judgement> {
        let mut failing = Vec::new();
        for (index, condition) in programme.conditions.iter().enumerate() {
            let holds = self.truth(registers, condition.node, row)?;
            if holds != (condition.kind == ConditionKind::Requires) {
                failing.push(index);
            }
        }
        let mut outputs = Vec::new();
        let verdict = if !programme.in_force || !failing.is_empty() {
            Verdict::NotEligible
        } else {
            outputs.reserve_exact(programme.outputs.len());
            for (_, node) in &programme.outputs {
                outputs.push(Possible::known(self.value(registers, *node, row)?));
            }
            Verdict::Eligible
        };
        Some(Judgement { verdict, failing, outputs, fault: None, missing: Vec::new() })
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
    match (value, kind) {
        (Value::None, _) => NONE,
        (Value::Number(n), Kind::Number { scale }) => n.to_scaled_i64(scale).filter(|n| !is_open(*n)).unwrap_or(OPEN),
        (Value::Date(d), Kind::Date) => i64::from(d.ordinal()),
        (Value::Enum(n), Kind::Enum) | (Value::Element(n), Kind::Element) => i64::from(*n),
        (Value::Text(text), Kind::Text) => texts.get(text).copied().unwrap_or(OTHER),
        _ => OPEN,
    }
}
