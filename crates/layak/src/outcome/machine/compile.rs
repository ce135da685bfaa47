//! A graph to steps.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::arena::Id;
use crate::graph::{Frame, FrameId, Graph, GraphTest, NodeId, Op};
use crate::program::{Aggregate, FieldShape, HitPolicy, Program, Type};
use crate::syntax::{Collect, StateTest};
use crate::value::{Date, Function, Value};

use super::run::is_ordered;
use super::step::{Bits, Fold, Operand, Reckon, Step, Test};
use super::{Bit, Kind, Layout, Machine, NONE, Num, OPEN, OTHER, Reg, Slot, encode};

/// Keys of a parameter.
pub(super) const MOST_KEYS: usize = 8;
/// Digits behind the point that a word keeps.
const MOST_SCALE: u32 = 9;
/// Digits behind the point of facts that are money, and of those that are other numbers.
const SCALE_OF_MONEY: u32 = 2;
const SCALE_OF_NUMBERS: u32 = 4;
/// Rows of a table up to which each has steps of its own; more are the evaluator's, which has an index.
const MOST_TABLE_ROWS: usize = 64;
/// Members of an enum up to which all are told apart at once.
const MOST_MEMBERS: usize = 64;
/// Years of the longest life.
const MOST_YEARS: i64 = 150;

pub(super) struct Compiler<'g> {
    pub graph: &'g Graph,
    program: &'g Program,
    layout: Layout,
    /// By frame of the graph: that of the machine.
    frames: BTreeMap<FrameId, usize>,
    pub steps: Vec<Step>,
    slots: Vec<usize>,
    bits: usize,
    pub regs: Vec<Reg>,
    texts: Vec<Arc<str>>,
    /// By column: where its members are told apart.
    members: BTreeMap<Slot, (usize, usize)>,
    /// By column and factor: the same on another scale.
    scaled: BTreeMap<(Slot, i64), Num>,
    /// By column of an enum: how many members the enum has.
    sizes: BTreeMap<Slot, usize>,
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
        let frame = |entity| machine.layout.frames.iter().any(|(e, _)| *e == entity);
        let decides = |p: &crate::graph::RootProgramme| {
            frame(program.programmes[p.programme].owner) && p.conditions.iter().all(|c| machine.is_made(c.node))
        };
        graph.programmes.iter().all(decides).then_some(machine)
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
            bits: 0,
            regs: vec![Reg::Open; graph.nodes.len()],
            texts: Vec::new(),
            members: BTreeMap::new(),
            scaled: BTreeMap::new(),
            sizes: BTreeMap::new(),
        };
        compiler.frames();
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
            slots: compiler.slots,
            bits: compiler.bits,
            regs: compiler.regs,
            texts: compiler.texts,
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
                self.frames.insert(id, self.layout.frames.len());
                self.layout.frames.push((*entity, Vec::new()));
            }
        }
        self.slots = vec![0; self.layout.frames.len()];
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
                    self.layout.bits.push((frame, field));
                    let bit = self.bit();
                    self.put(id, Reg::Bit(own(frame, bit)));
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
            if let Some((_, fields)) = self.layout.frames.get_mut(frame) {
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

    pub(super) fn slot(&mut self, frame: usize) -> Slot {
        let next = self.slots.get_mut(frame).map_or(0, |next| {
            *next += 1;
            *next - 1
        });
        Slot { frame, slot: next }
    }

    pub(super) fn bit(&mut self) -> usize {
        self.bits += 1;
        self.bits - 1
    }

    fn reg(&self, id: NodeId) -> &Reg {
        self.regs.get(id.index()).unwrap_or(&Reg::Open)
    }

    pub(super) fn frame_of(&self, id: NodeId) -> Option<usize> {
        self.frames.get(&self.graph.nodes[id].frame).copied()
    }

    pub(super) fn machine_frame(&self, id: FrameId) -> Option<usize> {
        self.frames.get(&id).copied()
    }

    pub(super) fn num(&self, id: NodeId) -> Option<(Num, Kind)> {
        match self.reg(id) {
            Reg::Num(num, kind) => Some((*num, *kind)),
            _ => None,
        }
    }

    /// A bit as elements of a frame see it.
    pub(super) fn truth(&self, id: NodeId, frame: usize) -> Option<Bit> {
        match self.reg(id) {
            Reg::Bit(Bit::Household(slot)) if frame == 0 => Some(Bit::Own(*slot)),
            Reg::Bit(bit) => Some(*bit),
            _ => None,
        }
    }

    pub(super) fn set_bit(&mut self, frame: usize, step: impl FnOnce(Bits) -> Step) -> Reg {
        let slot = self.bit();
        self.steps.push(step(Bits { frame, slot }));
        Reg::Bit(own(frame, slot))
    }

    pub(super) fn set_num(&mut self, frame: usize, kind: Kind, step: impl FnOnce(Slot) -> Step) -> Reg {
        let slot = self.slot(frame);
        self.steps.push(step(slot));
        Reg::Num(Num::At(slot), kind)
    }

    /// A number on a scale no smaller than its own.
    pub(super) fn on_scale(&mut self, num: Num, from: u32, to: u32) -> Option<Num> {
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
                let out = self.slot(slot.frame);
                self.steps.push(Step::Reckon { what: Reckon::Multiply, a: num, b: Num::Value(factor), to: out });
                self.scaled.insert((slot, factor), Num::At(out));
                Some(Num::At(out))
            }
        }
    }

    /// Some values as one kind.
    pub(super) fn alike(&mut self, list: &[(Num, Kind)]) -> Option<(Vec<Num>, Kind)> {
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
            Op::Row => Some(self.set_num(frame, Kind::Element, |to| Step::Rows { to })),
            Op::Apply(function, operands) => self.apply(*function, operands, frame),
            Op::Not(of) => {
                let of = self.truth(*of, frame)?;
                Some(self.set_bit(frame, |to| Step::Not { of, to }))
            }
            Op::And(list) | Op::Or(list) => {
                let list: Box<[Bit]> = list.iter().map(|n| self.truth(*n, frame).unwrap_or(Bit::Open)).collect();
                if list.iter().all(|bit| *bit == Bit::Open) {
                    return None;
                }
                let is_and = matches!(node.op, Op::And(_));
                Some(self.set_bit(frame, |to| if is_and { Step::And { list, to } } else { Step::Or { list, to } }))
            }
            Op::If { arms, otherwise } => self.choice(arms, *otherwise, frame),
            // Of several that hold the evaluator says whether they agree.
            Op::Exceptions { exceptions, otherwise } => {
                let holds: Vec<Bit> =
                    exceptions.iter().map(|e| self.truth(e.condition, frame).unwrap_or(Bit::Open)).collect();
                let values: Vec<NodeId> = exceptions.iter().map(|e| e.value).collect();
                self.unique(&holds, &values, Some(*otherwise), frame)
            }
            Op::State(StateTest::None, of) => {
                let (of, _) = self.num(*of)?;
                Some(self.set_bit(frame, |to| Step::IsNone { of, to }))
            }
            // Of what is open a machine cannot say why.
            Op::State(StateTest::Known | StateTest::Unknown, _) | Op::IsFault(_) => None,
            Op::Assume(of, _) => Some(self.reg(*of).clone()),
            Op::OrElse(of, other) => {
                let list = [self.num(*of)?, self.num(*other)?];
                let (nums, kind) = self.alike(&list)?;
                let (of, other) = (*nums.first()?, *nums.get(1)?);
                Some(self.set_num(frame, kind, |to| Step::OrElse { of, other, to }))
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
            Value::Boolean(b) => return Reg::Bit(Bit::Known(*b)),
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

    fn apply(&mut self, function: Function, operands: &[NodeId], frame: usize) -> Option<Reg> {
        if let (Function::Equal, [a, b]) = (function, operands)
            && let (Some(a), Some(b)) = (self.truth(*a, frame), self.truth(*b, frame))
        {
            return Some(self.set_bit(frame, |to| Step::Same { a, b, to }));
        }
        let words: Vec<Option<(Num, Kind)>> = operands.iter().map(|n| self.num(*n)).collect();
        match (function, words.as_slice()) {
            (Function::Equal, [Some(a), Some(b)]) => self.equal(*a, *b, frame),
            (Function::Less | Function::LessEqual, [Some(a), Some(b)]) if is_ordered(a.1) && is_ordered(b.1) => {
                let (nums, _) = self.alike(&[*a, *b])?;
                let (a, b) = (*nums.first()?, *nums.get(1)?);
                let test = if function == Function::Less { Test::Less } else { Test::LessEqual };
                Some(self.set_bit(frame, |to| Step::Compare { test, a, b, to }))
            }
            (Function::Unwrap, [Some((of, kind))]) => {
                let (of, other) = (*of, Num::Value(OPEN));
                Some(self.set_num(frame, *kind, |to| Step::OrElse { of, other, to }))
            }
            (Function::IsNone, [Some((of, _))]) => {
                let of = *of;
                Some(self.set_bit(frame, |to| Step::IsNone { of, to }))
            }
            (Function::Add | Function::Subtract, [Some(a), Some(b)]) => {
                let (nums, kind) = self.alike(&[*a, *b]).filter(|(_, kind)| is_ordered(*kind))?;
                let what = if function == Function::Add { Reckon::Add } else { Reckon::Subtract };
                let (a, b) = (*nums.first()?, *nums.get(1)?);
                Some(self.set_num(frame, kind, |to| Step::Reckon { what, a, b, to }))
            }
            (Function::Multiply, [Some((a, Kind::Number { scale: x })), Some((b, Kind::Number { scale: y }))]) => {
                let scale = (x + y <= MOST_SCALE).then_some(x + y)?;
                let (what, a, b) = (Reckon::Multiply, *a, *b);
                Some(self.set_num(frame, Kind::Number { scale }, |to| Step::Reckon { what, a, b, to }))
            }
            (Function::Divide, [Some((a, Kind::Number { scale: x })), Some((b, Kind::Number { scale: y }))]) => {
                let scale = (*x).max(SCALE_OF_MONEY);
                let factor = pow10((scale + y).checked_sub(*x)?)?;
                let (a, b) = (*a, *b);
                Some(self.set_num(frame, Kind::Number { scale }, |to| Step::Divide { a, factor, b, to }))
            }
            (Function::YearsBetween, [Some((from, Kind::Date)), Some((Num::Value(day), Kind::Date))]) => {
                let (from, to_day, cuts) = (*from, *day, self.cuts(*day)?);
                Some(self.set_num(frame, Kind::Number { scale: 0 }, |to| Step::Years { from, to_day, cuts, to }))
            }
            _ => self.kernel(function, operands, &words, frame),
        }
    }

    /// Equality. A member of an enum is told from all others at once.
    fn equal(&mut self, a: (Num, Kind), b: (Num, Kind), frame: usize) -> Option<Reg> {
        let is_text = |k: Kind| k == Kind::Text;
        let fixed = |n: Num| matches!(n, Num::Value(_));
        if is_text(a.1) && is_text(b.1) && !fixed(a.0) && !fixed(b.0) {
            // Two texts that the rules do not name need not be the same.
            return None;
        }
        if let (Num::At(slot), Num::Value(member)) | (Num::Value(member), Num::At(slot)) = (a.0, b.0)
            && let Some(count) = self.sizes.get(&slot).copied().filter(|count| *count <= MOST_MEMBERS)
            && let Some(member) = usize::try_from(member).ok().filter(|m| *m < count)
            && slot.frame == frame
        {
            let (first, _) = match self.members.get(&slot) {
                Some(known) => *known,
                None => {
                    let first = self.bits;
                    self.bits += count;
                    self.steps.push(Step::Members { of: Num::At(slot), count, to: Bits { frame, slot: first } });
                    self.members.insert(slot, (first, count));
                    (first, count)
                }
            };
            return Some(Reg::Bit(own(frame, first + member)));
        }
        let (nums, _) = self.alike(&[a, b])?;
        let (a, b) = (*nums.first()?, *nums.get(1)?);
        Some(self.set_bit(frame, |to| Step::Compare { test: Test::Equal, a, b, to }))
    }

    /// The last days of birth with so many years.
    fn cuts(&self, day: i64) -> Option<Arc<[i64]>> {
        let to = Date::from_ordinal(i32::try_from(day).ok()?)?;
        let calendar = self.graph.calendar;
        let mut cuts: Vec<i64> = Vec::new();
        for years in 0..=MOST_YEARS {
            // About there; then the last day with so many.
            let mut cut = to.add_days(-(years * 1461 / 4) + 3)?;
            while calendar.years_between(cut, to) < years {
                cut = cut.add_days(-1)?;
            }
            cuts.push(i64::from(cut.ordinal()));
        }
        Some(cuts.into())
    }

    /// A function that has no step of its own, on decoded values.
    fn kernel(
        &mut self,
        function: Function,
        operands: &[NodeId],
        words: &[Option<(Num, Kind)>],
        frame: usize,
    ) -> Option<Reg> {
        let scale_of = |n: usize| match words.get(n) {
            Some(Some((_, Kind::Number { scale }))) => Some(*scale),
            _ => None,
        };
        let scale = match function {
            Function::Negate | Function::Abs => scale_of(0)?,
            Function::Remainder | Function::Min | Function::Max => scale_of(0)?.max(scale_of(1)?),
            Function::Round(_) => scale_of(1)?,
            Function::Floor
            | Function::Ceil
            | Function::YearsBetween
            | Function::MonthsBetween
            | Function::DaysBetween
            | Function::DaysThrough
            | Function::Year
            | Function::Month
            | Function::Day => 0,
            Function::DateAdd | Function::DateSubtract | Function::FirstOfMonth | Function::LastOfMonth => 0,
            _ => return None,
        };
        let kind = match function {
            Function::DateAdd | Function::DateSubtract | Function::FirstOfMonth | Function::LastOfMonth => Kind::Date,
            _ => Kind::Number { scale },
        };
        let mut list = Vec::new();
        for (operand, word) in operands.iter().zip(words) {
            list.push(match (word, self.reg(*operand)) {
                (Some((num, kind)), _) => Operand::Word(*num, *kind),
                (None, Reg::Exact(value)) => Operand::Exact(value.clone()),
                _ => return None,
            });
        }
        let operands = list.into_boxed_slice();
        Some(self.set_num(frame, kind, |to| Step::Apply { function, operands, kind, to }))
    }

    fn choice(&mut self, arms: &[(NodeId, NodeId)], otherwise: NodeId, frame: usize) -> Option<Reg> {
        let conditions: Vec<Bit> = arms.iter().map(|(c, _)| self.truth(*c, frame).unwrap_or(Bit::Open)).collect();
        let values: Vec<NodeId> = arms.iter().map(|(_, v)| *v).chain([otherwise]).collect();
        self.chosen(&conditions, &values, frame)
    }

    /// The value of the first condition that holds; the last is for where none does.
    pub(super) fn chosen(&mut self, conditions: &[Bit], values: &[NodeId], frame: usize) -> Option<Reg> {
        // An arm that a machine does not have is open where it is taken.
        let is_bit = values.iter().any(|v| matches!(self.reg(*v), Reg::Bit(_)));
        if is_bit {
            let mut bits: Vec<Bit> = values.iter().map(|v| self.truth(*v, frame).unwrap_or(Bit::Open)).collect();
            let otherwise = bits.pop()?;
            let arms = conditions.iter().copied().zip(bits).collect();
            return Some(self.set_bit(frame, |to| Step::ChooseBit { arms, otherwise, to }));
        }
        let list: Vec<(Num, Kind)> =
            values.iter().map(|v| self.num(*v).unwrap_or((Num::Value(OPEN), Kind::None))).collect();
        let (mut nums, kind) = self.alike(&list)?;
        let otherwise = nums.pop()?;
        let arms = conditions.iter().copied().zip(nums).collect();
        let size = values.iter().filter_map(|v| self.num(*v)).filter_map(|(n, _)| self.size(n)).max();
        let reg = self.set_num(frame, kind, |to| Step::Choose { arms, otherwise, to });
        if let (Reg::Num(Num::At(slot), Kind::Enum), Some(size)) = (&reg, size.or(self.most(values))) {
            self.sizes.insert(*slot, size);
        }
        Some(reg)
    }

    fn size(&self, num: Num) -> Option<usize> {
        match num {
            Num::At(slot) => self.sizes.get(&slot).copied(),
            Num::Value(_) => None,
        }
    }

    /// One more than the greatest member written.
    fn most(&self, values: &[NodeId]) -> Option<usize> {
        let word = |v: &NodeId| match self.num(*v) {
            Some((Num::Value(n), Kind::Enum)) => usize::try_from(n).ok().map(|n| n + 1),
            _ => None,
        };
        values.iter().filter_map(word).max()
    }

    fn lookup(&mut self, parameter: usize, keys: &[(Num, Kind)], frame: usize) -> Option<Reg> {
        let parameter = self.graph.parameters.values().nth(parameter)?;
        if keys.len() > MOST_KEYS {
            return None;
        }
        let given = parameter.values.iter().filter_map(|(_, v)| v.as_ref()).chain(&parameter.default);
        let kinds: Vec<(Num, Kind)> = given.clone().filter_map(|v| self.word(v)).collect();
        if kinds.len() != given.count() {
            return None;
        }
        let kind = self.alike(&kinds)?.1;
        let texts = &self.layout.texts;
        let default = parameter.default.as_ref().map_or(OPEN, |v| encode(v, kind, texts));
        let mut values: Vec<(Box<[i64]>, i64)> = Vec::with_capacity(parameter.values.len());
        for (row, value) in &parameter.values {
            let row: Vec<i64> = row.iter().zip(keys).map(|(v, (_, kind))| encode(v, *kind, texts)).collect();
            // A key that does not fit the column's scale equals none of its values.
            if !row.contains(&OPEN) {
                values.push((row.into(), value.as_ref().map_or(default, |v| encode(v, kind, texts))));
            }
        }
        values.sort();
        let keys: Box<[Num]> = keys.iter().map(|(num, _)| *num).collect();
        Some(self.set_num(frame, kind, |to| Step::Lookup { keys, values: values.into(), default, to }))
    }

    fn word(&mut self, value: &Value) -> Option<(Num, Kind)> {
        match self.constant(value) {
            Reg::Num(num, kind) => Some((num, kind)),
            _ => None,
        }
    }

    fn table(&mut self, number: usize, output: usize, frame: usize) -> Option<Reg> {
        let table = self.graph.tables.get(number)?;
        if table.rows.len() > MOST_TABLE_ROWS {
            return None;
        }
        let mut matches: Vec<Bit> = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            let mut cells = Vec::new();
            for (cell, input) in row.cells.iter().zip(&table.inputs) {
                if !cell.tests.is_empty() {
                    cells.push(self.cell(cell, *input, frame)?);
                }
            }
            matches.push(match cells.as_slice() {
                [] => Bit::Known(true),
                [one] => *one,
                _ => self.joined(cells, frame, true)?,
            });
        }
        let values: Option<Vec<NodeId>> = table.rows.iter().map(|r| r.outputs.get(output).copied()).collect();
        let values = values?;
        let otherwise = table.otherwise.get(output).copied();
        match table.policy {
            HitPolicy::First => {
                let missing = NodeId::new(u32::MAX);
                let all: Vec<NodeId> = values.into_iter().chain([otherwise.unwrap_or(missing)]).collect();
                self.chosen(&matches, &all, frame)
            }
            HitPolicy::Unique => self.unique(&matches, &values, otherwise, frame),
            HitPolicy::Collect(collect) => {
                let fold = match collect {
                    Collect::Sum => Fold::Sum,
                    Collect::Min => Fold::Min,
                    Collect::Max => Fold::Max,
                    Collect::Count => Fold::Count,
                    Collect::List => return None,
                };
                let empty = match (otherwise, fold) {
                    (Some(node), _) => self.num(node)?,
                    (None, Fold::Sum | Fold::Count) => (Num::Value(0), Kind::Number { scale: 0 }),
                    (None, Fold::Min | Fold::Max) => (Num::Value(OPEN), Kind::None),
                };
                let mut list = vec![empty];
                for value in &values {
                    list.push(if fold == Fold::Count { (Num::Value(0), Kind::None) } else { self.num(*value)? });
                }
                self.folded(fold, &matches, &list, frame)
            }
            HitPolicy::Any | HitPolicy::Priority => None,
        }
    }

    fn unique(&mut self, matches: &[Bit], values: &[NodeId], otherwise: Option<NodeId>, frame: usize) -> Option<Reg> {
        if values.iter().any(|v| matches!(self.reg(*v), Reg::Bit(_))) {
            let bits: Option<Vec<Bit>> = values.iter().map(|v| self.truth(*v, frame)).collect();
            let otherwise = self.truth(otherwise?, frame)?;
            let rows = matches.iter().copied().zip(bits?).collect();
            return Some(self.set_bit(frame, |to| Step::UniqueBit { rows, otherwise, to }));
        }
        let open = (Num::Value(OPEN), Kind::None);
        let list: Vec<(Num, Kind)> = values
            .iter()
            .copied()
            .map(Some)
            .chain([otherwise])
            .map(|v| v.and_then(|v| self.num(v)).unwrap_or(open))
            .collect();
        let (mut nums, kind) = self.alike(&list)?;
        let otherwise = nums.pop()?;
        let rows = matches.iter().copied().zip(nums).collect();
        Some(self.set_num(frame, kind, |to| Step::Unique { rows, otherwise, to }))
    }

    fn cell(&mut self, cell: &crate::graph::GraphCell, input: NodeId, frame: usize) -> Option<Bit> {
        let mut tests = Vec::new();
        for test in &cell.tests {
            tests.push(match test {
                GraphTest::Equal(value) => {
                    let reg = self.apply(Function::Equal, &[input, *value], frame)?;
                    bit_of(&reg, frame)?
                }
                GraphTest::Range { low, low_open, high, high_open } => {
                    let mut ends = Vec::new();
                    for (end, open, is_low) in [(low, low_open, true), (high, high_open, false)] {
                        let Some(end) = end else { continue };
                        let function = if *open { Function::Less } else { Function::LessEqual };
                        let operands = if is_low { [*end, input] } else { [input, *end] };
                        let reg = self.apply(function, &operands, frame)?;
                        ends.push(bit_of(&reg, frame)?);
                    }
                    // None lies in no range, which a comparison does not say: it is open.
                    match ends.as_slice() {
                        [one] => *one,
                        _ => self.joined(ends, frame, true)?,
                    }
                }
                GraphTest::Unknown => return None,
            });
        }
        let some = match tests.as_slice() {
            [one] => *one,
            _ => self.joined(tests, frame, false)?,
        };
        if !cell.negated {
            return Some(some);
        }
        let reg = self.set_bit(frame, |to| Step::Not { of: some, to });
        bit_of(&reg, frame)
    }

    fn joined(&mut self, bits: Vec<Bit>, frame: usize, is_and: bool) -> Option<Bit> {
        let list = bits.into_boxed_slice();
        let reg = self.set_bit(frame, |to| if is_and { Step::And { list, to } } else { Step::Or { list, to } });
        bit_of(&reg, frame)
    }
}

/// The bit of a register as elements of the frame that it was made for see it.
pub(super) fn bit_of(reg: &Reg, frame: usize) -> Option<Bit> {
    match reg {
        Reg::Bit(Bit::Household(slot)) if frame == 0 => Some(Bit::Own(*slot)),
        Reg::Bit(bit) => Some(*bit),
        _ => None,
    }
}

/// A bit of a frame as nodes of any frame read it.
fn own(frame: usize, slot: usize) -> Bit {
    if frame == 0 { Bit::Household(slot) } else { Bit::Own(slot) }
}

pub(super) fn fold_of(function: Aggregate) -> Option<Fold> {
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
