//! A graph to steps.

mod bits;
mod cases;
mod lists;
mod prune;
mod tables;
mod values;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::arena::Id;
use crate::graph::{Frame, FrameId, Graph, NodeId, Op, RootProgramme};
use crate::program::{Aggregate, FieldShape, Program, Type};
use crate::syntax::StateTest;
use crate::value::Value;

use super::step::{Bits, Fold, Reckon, Step};
use super::{Bit, Kind, Layout, Machine, NONE, Num, OPEN, OTHER, Reg, Slot, encode};

/// Keys of a parameter.
pub(super) const MOST_KEYS: usize = 8;
/// Digits behind the point that a word keeps.
const MOST_SCALE: u32 = 9;
/// Digits behind the point of facts that are money, and of those that are other numbers.
const SCALE_OF_MONEY: u32 = 2;
const SCALE_OF_NUMBERS: u32 = 4;

pub(super) struct Compiler<'g> {
    pub graph: &'g Graph,
    program: &'g Program,
    layout: Layout,
    /// By frame of the graph: that of the machine.
    frames: BTreeMap<FrameId, u32>,
    pub steps: Vec<Step>,
    slots: Vec<usize>,
    bits: u32,
    pub regs: Vec<Reg>,
    texts: Vec<Arc<str>>,
    /// By column and factor: the same on another scale.
    scaled: BTreeMap<(Slot, i64), Num>,
    /// By column that is so many times a number: that, and how many times.
    products: BTreeMap<Slot, (Num, i64)>,
    /// By column of an enum: how many members the enum has.
    sizes: BTreeMap<Slot, usize>,
    /// By column of an enum and set of members: whether it is among them.
    among: BTreeMap<(Slot, u64), Bit>,
    /// The other way round.
    sets: BTreeMap<u32, (Slot, u64)>,
    /// By column and range: whether it lies within.
    within: BTreeMap<(Slot, i64, i64), Bit>,
    /// The other way round.
    ranges: BTreeMap<u32, (Slot, i64, i64)>,
    /// By column of bits that says whether all of some hold: those.
    ands: BTreeMap<u32, Box<[Bit]>>,
    /// By column of completed years: from when, and the last day with so many.
    ages: BTreeMap<Slot, (Num, Arc<[i64]>)>,
    /// By column that is one of few numbers: which of them when.
    cases: BTreeMap<Slot, Arc<[(i64, Bit)]>>,
}

fn pow10(n: u32) -> Option<i64> {
    10i64.checked_pow(n)
}

impl Machine {
    /// The steps of a plan; nothing where some of what it decides has none. The cost is linear in the graph.
    pub(crate) fn of(graph: &Graph, program: &Program) -> Option<Machine> {
        if !graph.values.is_empty() || !graph.extra.is_empty() {
            return None;
        }
        let machine = Machine::of_nodes(graph, program);
        let frame = |p: &RootProgramme| {
            let owner = program.programmes[p.programme].owner;
            let frame = machine.layout.frames.iter().position(|(entity, _)| *entity == owner)?;
            u32::try_from(frame).ok().filter(|_| p.conditions.iter().all(|c| machine.is_made(c.node)))
        };
        let frames: Vec<u32> = graph.programmes.iter().map(frame).collect::<Option<_>>()?;
        Some(machine.pruned(graph, program, &frames))
    }

    /// Steps for every node that has some.
    pub(super) fn of_nodes(graph: &Graph, program: &Program) -> Machine {
        let mut compiler = Compiler {
            graph,
            program,
            layout: Layout::default(),
            frames: BTreeMap::new(),
            steps: Vec::new(),
            slots: Vec::new(),
            // Yes, and open.
            bits: 2,
            regs: vec![Reg::Open; graph.nodes.len()],
            texts: Vec::new(),
            scaled: BTreeMap::new(),
            products: BTreeMap::new(),
            sizes: BTreeMap::new(),
            among: BTreeMap::new(),
            sets: BTreeMap::new(),
            within: BTreeMap::new(),
            ranges: BTreeMap::new(),
            ands: BTreeMap::new(),
            ages: BTreeMap::new(),
            cases: BTreeMap::new(),
        };
        compiler.frames();
        compiler.slots = vec![0; compiler.layout.frames.len()];
        compiler.texts();
        compiler.facts();
        for (id, _) in graph.nodes.iter() {
            if matches!(compiler.reg(id), Reg::Open) {
                let reg = compiler.node(id).unwrap_or(Reg::Open);
                compiler.put(id, reg);
            }
        }
        Machine {
            layout: Arc::new(compiler.layout),
            steps: compiler.steps,
            output_steps: Vec::new(),
            slots: compiler.slots,
            bits: compiler.bits as usize,
            regs: compiler.regs,
            texts: compiler.texts,
            programmes: Vec::new(),
            by_name: Vec::new(),
        }
    }
}

impl Compiler<'_> {
    /// The household, and the entities whose elements it holds itself.
    fn frames(&mut self) {
        let root = FrameId::new(0);
        self.frames.insert(root, 0);
        self.layout.frames.push((self.program.root, Vec::new()));
        for (id, frame) in self.graph.frames.iter() {
            if let Frame::Home { entity, outer } = frame
                && *outer == root
                && matches!(self.program.entities[*entity].holders.as_slice(), [(holder, _)] if *holder == self.program.root)
            {
                let Ok(number) = u32::try_from(self.layout.frames.len()) else { return };
                self.frames.insert(id, number);
                self.layout.frames.push((*entity, Vec::new()));
            }
        }
    }

    /// Numbers the texts that the rules name.
    fn texts(&mut self) {
        let constants = self.graph.nodes.values().filter_map(|n| match &n.op {
            Op::Constant(value) => Some(value),
            _ => None,
        });
        let keys =
            self.graph.parameters.values().flat_map(|p| &p.values).flat_map(|(keys, value)| keys.iter().chain(value));
        let tables = self.graph.tables.iter().flat_map(|t| &t.ranking);
        let defaults = self.graph.parameters.values().filter_map(|p| p.default.as_ref());
        for value in constants.chain(keys).chain(tables).chain(defaults) {
            if let Value::Text(text) = value
                && !self.layout.texts.contains_key(text)
            {
                let number = i64::try_from(self.texts.len()).unwrap_or(OTHER);
                self.layout.texts.insert(Arc::clone(text), number);
                self.texts.push(Arc::clone(text));
            }
        }
    }

    /// Facts fill the first columns.
    fn facts(&mut self) {
        for (id, node) in self.graph.nodes.iter() {
            let Op::Fact { entity, field } = node.op else { continue };
            let Some(frame) = self.frames.get(&node.frame).copied() else { continue };
            let Some(FieldShape::Scalar { ty, .. }) = self.program.entities[entity].fields.get(field).map(|f| &f.shape)
            else {
                continue;
            };
            let kind = match ty.required() {
                Type::Boolean if matches!(ty, Type::Optional(_)) => continue,
                Type::Boolean => {
                    self.layout.bits.push((frame as usize, field));
                    let slot = self.bit();
                    self.put(id, Reg::Bit(Bit { slot, not: false }));
                    continue;
                }
                Type::Number(q) if q.whole => Kind::Number { scale: 0 },
                Type::Number(q) if q.money => Kind::Number { scale: SCALE_OF_MONEY },
                Type::Number(_) => Kind::Number { scale: SCALE_OF_NUMBERS },
                Type::Date => Kind::Date,
                Type::Enum(_) => Kind::Enum,
                Type::Text => Kind::Text,
                Type::Element(_) => Kind::Element,
                _ => continue,
            };
            let slot = self.slot(frame);
            if let Type::Enum(id) = ty.required() {
                self.sizes.insert(slot, self.program.enums[*id].members.len());
            }
            if let Some((_, fields)) = self.layout.frames.get_mut(frame as usize) {
                fields.push((field, kind));
            }
            self.put(id, Reg::Num(Num::At(slot), kind));
        }
    }

    fn put(&mut self, id: NodeId, reg: Reg) {
        if let Some(slot) = self.regs.get_mut(id.index()) {
            *slot = reg;
        }
    }

    fn slot(&mut self, frame: u32) -> Slot {
        let next = self.slots.get_mut(frame as usize).map_or(0, |next| {
            *next += 1;
            *next - 1
        });
        Slot { frame, slot: u32::try_from(next).unwrap_or(u32::MAX) }
    }

    fn bit(&mut self) -> u32 {
        self.bits += 1;
        self.bits - 1
    }

    fn reg(&self, id: NodeId) -> &Reg {
        self.regs.get(id.index()).unwrap_or(&Reg::Open)
    }

    fn frame_of(&self, id: NodeId) -> Option<u32> {
        self.frames.get(&self.graph.nodes[id].frame).copied()
    }

    fn machine_frame(&self, id: FrameId) -> Option<u32> {
        self.frames.get(&id).copied()
    }

    fn num(&self, id: NodeId) -> Option<(Num, Kind)> {
        match self.reg(id) {
            Reg::Num(num, kind) => Some((*num, *kind)),
            _ => None,
        }
    }

    fn truth(&self, id: NodeId) -> Option<Bit> {
        match self.reg(id) {
            Reg::Bit(bit) => Some(*bit),
            _ => None,
        }
    }

    /// A node's bit, open where it has none.
    fn truth_or_open(&self, id: NodeId) -> Bit {
        self.truth(id).unwrap_or(Bit::OPEN)
    }

    /// Adds a step on whole columns of bits.
    fn set_bits(&mut self, step: impl FnOnce(u32) -> Step) -> Bit {
        let slot = self.bit();
        self.steps.push(step(slot));
        Bit { slot, not: false }
    }

    /// Adds a step that makes several columns of bits.
    fn set_several(&mut self, count: usize, step: impl FnOnce(u32) -> Step) -> Vec<Bit> {
        let first = self.bits;
        self.bits += u32::try_from(count).unwrap_or(u32::MAX);
        self.steps.push(step(first));
        (first..self.bits).map(|slot| Bit { slot, not: false }).collect()
    }

    /// Adds a step that makes bits element by element.
    fn mark(&mut self, frame: u32, step: impl FnOnce(Bits) -> Step) -> Bit {
        self.set_bits(|slot| step(Bits { frame, slot }))
    }

    fn set_num(&mut self, frame: u32, step: impl FnOnce(Slot) -> Step) -> Num {
        let slot = self.slot(frame);
        self.steps.push(step(slot));
        Num::At(slot)
    }

    fn multiply(&mut self, a: Num, b: Num, frame: u32) -> Num {
        let out = self.set_num(frame, |to| Step::Reckon { what: Reckon::Multiply, a, b, to });
        if let (Num::At(slot), (Num::Value(factor), of) | (of, Num::Value(factor))) = (out, (a, b)) {
            self.products.insert(slot, (of, factor));
        }
        out
    }

    /// A sum, of a product in one go.
    fn add(&mut self, a: Num, b: Num, frame: u32) -> Num {
        let product = |num: Num| if let Num::At(slot) = num { self.products.get(&slot).copied() } else { None };
        let (a, b, product) = match (product(b), product(a)) {
            (None, Some(product)) => (b, a, Some(product)),
            (product, _) => (a, b, product),
        };
        match product {
            Some((b, factor)) => self.set_num(frame, |to| Step::AddProduct { a, b, factor, to }),
            None => self.set_num(frame, |to| Step::Reckon { what: Reckon::Add, a, b, to }),
        }
    }

    /// A number on a scale no smaller than its own.
    fn on_scale(&mut self, num: Num, from: u32, to: u32) -> Option<Num> {
        let factor = pow10(to.checked_sub(from)?)?;
        if factor == 1 {
            return Some(num);
        }
        match num {
            Num::Value(OPEN) => Some(Num::Value(OPEN)),
            Num::Value(NONE) => Some(Num::Value(NONE)),
            Num::Value(value) => value.checked_mul(factor).map(Num::Value),
            Num::At(slot) => {
                if let Some(done) = self.scaled.get(&(slot, factor)) {
                    return Some(*done);
                }
                let out = self.multiply(num, Num::Value(factor), slot.frame);
                self.scaled.insert((slot, factor), out);
                Some(out)
            }
        }
    }

    /// Some values as one kind.
    fn alike(&mut self, list: &[(Num, Kind)]) -> Option<(Vec<Num>, Kind)> {
        let mut kind = Kind::None;
        for (_, own) in list {
            kind = match (kind, *own) {
                (Kind::None, own) => own,
                (kind, Kind::None) => kind,
                (Kind::Number { scale: a }, Kind::Number { scale: b }) => Kind::Number { scale: a.max(b) },
                (a, b) if a == b => a,
                _ => return None,
            };
        }
        let mut out = Vec::with_capacity(list.len());
        for (num, own) in list {
            out.push(match (kind, own) {
                // An optional that is none becomes open where it changes its scale, which costs speed alone.
                (Kind::Number { scale }, Kind::Number { scale: from }) => self.on_scale(*num, *from, scale)?,
                _ => *num,
            });
        }
        Some((out, kind))
    }

    fn node(&mut self, id: NodeId) -> Option<Reg> {
        let graph = self.graph;
        let node = &graph.nodes[id];
        if let Op::Constant(value) = &node.op {
            return Some(self.constant(value));
        }
        let frame = self.frame_of(id)?;
        match &node.op {
            Op::Row => Some(Reg::Num(self.set_num(frame, |to| Step::Rows { to }), Kind::Element)),
            Op::Apply(function, operands) => self.apply(*function, operands, frame),
            Op::Not(of) => Some(Reg::Bit(self.truth(*of)?.opposite())),
            Op::And(list) | Op::Or(list) => {
                let list: Vec<Bit> = list.iter().map(|n| self.truth_or_open(*n)).collect();
                if list.iter().all(|bit| bit.slot == Bit::OPEN.slot) {
                    return None;
                }
                let is_and = matches!(node.op, Op::And(_));
                Some(Reg::Bit(if is_and { self.every(&list) } else { self.some(&list) }))
            }
            Op::If { arms, otherwise } => {
                let conditions: Vec<Bit> = arms.iter().map(|(c, _)| self.truth_or_open(*c)).collect();
                let values: Vec<NodeId> = arms.iter().map(|(_, v)| *v).chain([*otherwise]).collect();
                self.chosen(&conditions, &values, frame)
            }
            // Of several that hold the evaluator says whether they agree.
            Op::Exceptions { exceptions, otherwise } => {
                let holds: Vec<Bit> = exceptions.iter().map(|e| self.truth_or_open(e.condition)).collect();
                let values: Vec<NodeId> = exceptions.iter().map(|e| e.value).collect();
                self.unique(&holds, &values, Some(*otherwise), frame)
            }
            Op::State(StateTest::None, of) => {
                let (of, _) = self.num(*of)?;
                Some(Reg::Bit(self.mark(frame, |to| Step::IsNone { of, to })))
            }
            // Of what is open a machine cannot say why.
            Op::State(StateTest::Known | StateTest::Unknown, _) | Op::IsFault(_) => None,
            Op::Assume(of, _) => Some(self.reg(*of).clone()),
            Op::OrElse(of, other) => {
                let list = [self.num(*of)?, self.num(*other)?];
                let (nums, kind) = self.alike(&list)?;
                let (of, other) = (*nums.first()?, *nums.get(1)?);
                Some(Reg::Num(self.set_num(frame, |to| Step::OrElse { of, other, to }), kind))
            }
            Op::Parameter { parameter, keys } => {
                let keys: Option<Vec<(Num, Kind)>> = keys.iter().map(|k| self.num(*k)).collect();
                self.lookup(parameter.index(), &keys?, frame)
            }
            Op::Table { table, output } => self.table(*table, *output, frame),
            Op::At { node: of, index, home } => self.at(*of, *index, *home, frame),
            Op::Aggregate { function, items, empty } => self.aggregate(*function, items, *empty, frame),
            Op::Combine { function, items, empty } => self.combine(*function, items, *empty, frame),
            Op::Contains { items, item } => self.contains(items, *item, frame),
            Op::Constant(_)
            | Op::Fault(_)
            | Op::AsOf
            | Op::KnownOn
            | Op::Fact { .. }
            | Op::Choose(_)
            | Op::Rebase(_)
            | Op::Dated { .. }
            | Op::InTop(_) => None,
        }
    }

    fn constant(&mut self, value: &Value) -> Reg {
        let kind = match value {
            Value::Boolean(b) => return Reg::Bit(if *b { Bit::YES } else { Bit::NO }),
            Value::Number(n) => {
                let Some(scale) = (0..=MOST_SCALE).find(|scale| n.to_scaled_i64(*scale).is_some()) else {
                    return Reg::Open;
                };
                Kind::Number { scale }
            }
            Value::Date(_) => Kind::Date,
            Value::Text(_) => Kind::Text,
            Value::Enum(_) => Kind::Enum,
            Value::Element(_) => Kind::Element,
            Value::None => Kind::None,
            Value::Duration(_) => return Reg::Exact(value.clone()),
        };
        Reg::Num(Num::Value(encode(value, kind, &self.layout.texts)), kind)
    }
}

fn fold_of(function: Aggregate) -> Option<Fold> {
    match function {
        Aggregate::Count => Some(Fold::Count),
        Aggregate::Sum => Some(Fold::Sum),
        Aggregate::Min => Some(Fold::Min),
        Aggregate::Max => Some(Fold::Max),
        Aggregate::Average
        | Aggregate::Median
        | Aggregate::Any
        | Aggregate::Every
        | Aggregate::None
        | Aggregate::First
        | Aggregate::Last => None,
    }
}
