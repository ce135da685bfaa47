//! The search for changes of facts: every candidate is decided, and nothing is named that was not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{FactChange, ProgrammeChanges, Target, Told, Way, targets, thresholds};
use crate::diagnostic::Phrase;
use crate::facts::{Case, Fact, path_of};
use crate::graph::{Graph, GraphTest, Op, RootProgramme};
use crate::outcome::{Recording, Slot, Verdict, evaluate, judge};
use crate::program::{FieldShape, Range, Type};
use crate::report::{Reporter, value_words};
use crate::ruleset::Plan;
use crate::syntax::{Lang, StateTest};
use crate::value::{Decimal, Value};

/// So many decisions one household's search may cost; a large household costs a decision more for so many elements.
const MOST_TRIED: usize = 20_000;
const ROWS_A_PRICE: usize = 64;
/// So many constants of the rules are tried as values of one fact.
const MOST_CONSTANTS: usize = 64;
/// Texts and enum members beyond this are not tried one by one.
const MOST_VALUES: usize = 64;
/// Distances are doubled so often: of whole numbers to a million millions.
const DOUBLINGS: u32 = 40;
/// So many ways are named.
const MOST_WAYS: usize = 20;

/// Changes to try together.
type Changed = Vec<(Slot, Value)>;

pub(super) struct Search<'a> {
    pub(super) reporter: Reporter<'a>,
    pub(super) base: &'a Case,
    pub(super) recording: Arc<Recording>,
    pub(super) targets: Vec<Target>,
    /// The base with what is being tried put in.
    case: Case,
    /// What may still be spent, and what one evaluation of the household costs.
    left: usize,
    price: usize,
    is_spent: bool,
    tried: BTreeMap<Changed, Arc<[Verdict]>>,
    unknown: BTreeMap<Vec<Slot>, Arc<[Verdict]>>,
    /// Whether an outcome that stands with facts unknown stands for all their values.
    is_monotone: bool,
    constants: BTreeSet<Value>,
}

/// The values of two facts, and whether it is open then.
type Pair = (Vec<Value>, Vec<Value>, bool);

/// The values that a fact may be given.
enum Options {
    Some(Vec<Value>),
    /// A number or a date, whose nearest value is looked for.
    Line(Line),
}

/// A number or a date with others at so many steps from it.
struct Line {
    from: Value,
    step: Decimal,
    range: Range,
}

impl Line {
    /// The value so many steps away, where the fact's range allows it.
    fn at(&self, steps: i64) -> Option<Value> {
        let value = match &self.from {
            Value::Number(n) => Value::Number(n.checked_add(&self.step.checked_mul(&Decimal::from(steps))?)?),
            Value::Date(date) => Value::Date(date.add_days(steps)?),
            _ => return None,
        };
        self.range.holds(&value).then_some(value)
    }

    /// How many whole steps away a value is, towards zero.
    fn steps_to(&self, value: &Value) -> Option<i64> {
        match (&self.from, value) {
            (Value::Number(from), Value::Number(to)) => {
                let steps = to.checked_sub(from)?.checked_div(&self.step)?;
                if steps.is_negative() { steps.ceil() } else { steps.floor() }?.to_i64()
            }
            (Value::Date(from), Value::Date(to)) => Some(from.days_to(*to)),
            _ => None,
        }
    }
}

impl<'a> Search<'a> {
    pub(super) fn new(plan: &'a Plan, case: &'a Case) -> Search<'a> {
        let reporter = plan.reporter();
        let recording = Arc::new(evaluate(reporter.graph, case, reporter.limits));
        let rows: usize = case.tables.iter().map(|table| table.rows.len()).sum();
        Search {
            recording,
            base: case,
            case: case.clone(),
            targets: targets(plan, case),
            left: MOST_TRIED,
            price: 1 + rows / ROWS_A_PRICE,
            is_spent: false,
            tried: BTreeMap::new(),
            unknown: BTreeMap::new(),
            is_monotone: is_monotone(reporter.graph),
            constants: constants(reporter.graph),
            reporter,
        }
    }

    pub(super) fn id(&self) -> Option<Arc<str>> {
        crate::facts::key_of(self.reporter.program, self.base, self.reporter.program.root, 0)
    }

    /// What would turn one programme's decision; nothing where it is open or an error.
    pub(super) fn programme(&mut self, target: usize) -> Option<ProgrammeChanges> {
        let own = self.targets.get(target)?.clone();
        let root = self.reporter.graph.programmes.get(own.root)?;
        if !matches!(own.verdict, Verdict::Eligible | Verdict::NotEligible) {
            return None;
        }
        if self.spend().is_none() {
            return Some(self.untold(own));
        }
        let decided = judge(self.reporter.graph, &self.recording, root, own.row);
        let conditions: Vec<usize> = match (own.verdict, decided.failing.as_slice()) {
            (Verdict::NotEligible, failing @ [_, ..]) => failing.to_vec(),
            _ => (0..root.conditions.len()).collect(),
        };
        let recording = Arc::clone(&self.recording);
        let behind = self.behind(root, &recording, own.row, &conditions);
        let mut ways = Vec::new();
        if root.in_force {
            let candidates = if own.verdict == Verdict::NotEligible && !decided.failing.is_empty() {
                in_all(&behind)
            } else {
                in_any(&behind)
            };
            let mut alone: BTreeSet<Slot> = BTreeSet::new();
            for slot in candidates {
                if let Some((values, open)) = self.single(target, slot, &[]) {
                    alone.insert(slot);
                    ways.push(Way { changes: vec![self.change(slot, values)], open });
                }
            }
            if own.verdict == Verdict::NotEligible && alone.is_empty() {
                ways = self.pairs(target, root, own.row, &conditions, &behind);
            }
        }
        ways.truncate(MOST_WAYS);
        let thresholds = thresholds::of(self, root, own.row, &conditions);
        Some(ProgrammeChanges {
            name: own.name,
            member: own.member,
            verdict: own.verdict,
            ways,
            thresholds,
            time: None,
            complete: !self.is_spent,
        })
    }

    /// Pays for one evaluation; nothing once too much has been tried.
    fn spend(&mut self) -> Option<()> {
        match self.left.checked_sub(self.price) {
            Some(left) => self.left = left,
            None => self.is_spent = true,
        }
        (!self.is_spent).then_some(())
    }

    /// One that is not looked into any more.
    fn untold(&self, own: Target) -> ProgrammeChanges {
        ProgrammeChanges {
            name: own.name,
            member: own.member,
            verdict: own.verdict,
            ways: Vec::new(),
            thresholds: Vec::new(),
            time: None,
            complete: false,
        }
    }

    /// By condition: the facts that it rests on, of those that may be changed.
    fn behind(
        &self,
        root: &RootProgramme,
        recording: &Recording,
        row: u32,
        conditions: &[usize],
    ) -> Vec<BTreeSet<Slot>> {
        let nodes = conditions.iter().filter_map(|c| root.conditions.get(*c)).map(|c| (c.node, root.frame, row));
        nodes
            .map(|node| {
                let facts = self.reporter.facts_behind(recording, &[node]);
                facts.into_iter().filter(|slot| self.options(*slot).is_some()).collect()
            })
            .collect()
    }

    /// The values of one fact that turn a decision, beside changes already made, and whether it is open then. Of a number or a
    /// date the nearest on either side.
    fn single(&mut self, target: usize, slot: Slot, made: &[(Slot, Value)]) -> Option<(Vec<Value>, bool)> {
        let slots: Vec<Slot> = made.iter().map(|(slot, _)| *slot).chain([slot]).collect();
        if self.is_hopeless(target, slots) {
            return None;
        }
        let mut open = false;
        let mut turns = |search: &mut Search<'a>, value: &Value| {
            let mut changed = made.to_vec();
            changed.push((slot, value.clone()));
            let verdict = search.verdict(target, changed)?;
            let turned = search.is_turned(target, verdict);
            open |= turned && verdict == Verdict::Undetermined;
            Some(turned)
        };
        let mut values = Vec::new();
        match self.options(slot)? {
            Options::Some(list) => {
                for value in list {
                    if turns(self, &value) == Some(true) {
                        values.push(value);
                    }
                }
            }
            Options::Line(line) => {
                for up in [false, true] {
                    values.extend(self.nearest(&line, up, &mut turns));
                }
            }
        }
        (!values.is_empty()).then_some((values, open))
    }

    /// The nearest value on one side that does, its neighbour towards the fact's own value not doing: values at distances that
    /// double and those that the rules name are tried, then the first that does is brought as near as may be.
    fn nearest(
        &mut self,
        line: &Line,
        up: bool,
        does: &mut impl FnMut(&mut Search<'a>, &Value) -> Option<bool>,
    ) -> Option<Value> {
        let sign = if up { 1 } else { -1 };
        let mut steps: BTreeSet<i64> = (0..=DOUBLINGS).map(|n| 1i64 << n).collect();
        let end = if up { &line.range.high } else { &line.range.low };
        let near = self.constants.iter().chain(end).filter_map(|value| line.steps_to(value)).map(|n| n * sign);
        let mut near: Vec<i64> = near.filter(|n| *n >= 0).collect();
        near.sort_unstable();
        near.dedup();
        steps.extend(near.into_iter().take(MOST_CONSTANTS).flat_map(|n| [n - 1, n, n + 1]));
        let mut before = 0;
        for far in steps.into_iter().filter(|n| *n > 0) {
            let Some(value) = line.at(far * sign) else { continue };
            if does(self, &value)? {
                let (mut no, mut yes) = (before, far);
                while yes - no > 1 {
                    let middle = no + (yes - no) / 2;
                    match line.at(middle * sign) {
                        Some(value) if does(self, &value)? => yes = middle,
                        _ => no = middle,
                    }
                }
                return line.at(yes * sign);
            }
            before = far;
        }
        None
    }

    /// Pairs of facts, neither of which does alone.
    fn pairs(
        &mut self,
        target: usize,
        root: &RootProgramme,
        row: u32,
        conditions: &[usize],
        behind: &[BTreeSet<Slot>],
    ) -> Vec<Way> {
        let mut found: BTreeMap<(Slot, Slot), Pair> = BTreeMap::new();
        for first in in_any(behind) {
            if self.is_spent {
                break;
            }
            let Some(options) = self.options(first) else { continue };
            let values = match options {
                Options::Some(list) => list,
                Options::Line(line) => {
                    let mut out: Vec<Value> = Vec::new();
                    for (condition, _) in conditions.iter().zip(behind).filter(|(_, facts)| facts.contains(&first)) {
                        for up in [false, true] {
                            let mut gives_way = |search: &mut Search<'a>, value: &Value| {
                                search.gives_way(root, row, *condition, first, value)
                            };
                            out.extend(self.nearest(&line, up, &mut gives_way).filter(|v| !out.contains(v)));
                        }
                    }
                    out
                }
            };
            for value in values {
                for second in self.behind_after(root, row, first, &value) {
                    let pair = (first.min(second), first.max(second));
                    let known =
                        found.get(&pair).map(|(firsts, seconds, _)| if first < second { seconds } else { firsts });
                    let Some((other, open)) = self.single(target, second, &[(first, value.clone())]) else { continue };
                    match known {
                        Some(known) if *known != other => continue,
                        _ => {}
                    }
                    let entry = found.entry(pair).or_insert_with(|| {
                        if first < second { (Vec::new(), other, open) } else { (other, Vec::new(), open) }
                    });
                    let own = if first < second { &mut entry.0 } else { &mut entry.1 };
                    if !own.contains(&value) {
                        own.push(value.clone());
                    }
                }
            }
        }
        let way = |((a, b), (of_a, of_b, open)): ((Slot, Slot), Pair)| Way {
            changes: vec![self.change(a, of_a), self.change(b, of_b)],
            open,
        };
        found.into_iter().map(way).collect()
    }

    /// Whether with a value of a fact a condition no longer fails, or no longer for that fact.
    fn gives_way(
        &mut self,
        root: &RootProgramme,
        row: u32,
        condition: usize,
        slot: Slot,
        value: &Value,
    ) -> Option<bool> {
        let recording = self.evaluated(slot, value)?;
        let failing = judge(self.reporter.graph, &recording, root, row).failing;
        let still = |facts: Vec<BTreeSet<Slot>>| facts.iter().any(|facts| facts.contains(&slot));
        Some(!failing.contains(&condition) || !still(self.behind(root, &recording, row, &[condition])))
    }

    /// With one fact changed, the facts that every condition still failing rests on.
    fn behind_after(&mut self, root: &RootProgramme, row: u32, slot: Slot, value: &Value) -> Vec<Slot> {
        let Some(recording) = self.evaluated(slot, value) else { return Vec::new() };
        let failing = judge(self.reporter.graph, &recording, root, row).failing;
        let behind = self.behind(root, &recording, row, &failing);
        in_all(&behind).into_iter().filter(|other| *other != slot).collect()
    }

    fn evaluated(&mut self, slot: Slot, value: &Value) -> Option<Recording> {
        self.spend()?;
        let before = self.case.fact(slot.0, slot.1, slot.2)?.clone();
        self.case.set(slot, Fact::Known(value.clone()));
        let recording = evaluate(self.reporter.graph, &self.case, self.reporter.limits);
        self.case.set(slot, before);
        Some(recording)
    }

    /// What a programme comes to with some facts changed; nothing once too much has been tried.
    fn verdict(&mut self, target: usize, mut changed: Changed) -> Option<Verdict> {
        changed.sort();
        if let Some(known) = self.tried.get(&changed) {
            return known.get(target).copied();
        }
        self.spend()?;
        for (slot, value) in &changed {
            self.case.set(*slot, Fact::Known(value.clone()));
        }
        let verdicts: Arc<[Verdict]> = self.reporter.verdicts(&self.case).into();
        self.restore(changed.iter().map(|(slot, _)| *slot));
        let verdict = verdicts.get(target).copied();
        self.tried.insert(changed, verdicts);
        verdict
    }

    fn restore(&mut self, slots: impl Iterator<Item = Slot>) {
        for slot in slots {
            let before = self.base.fact(slot.0, slot.1, slot.2).cloned().unwrap_or(Fact::Unknown);
            self.case.set(slot, before);
        }
    }

    fn is_turned(&self, target: usize, verdict: Verdict) -> bool {
        match self.targets.get(target).map(|t| t.verdict) {
            Some(Verdict::NotEligible) => matches!(verdict, Verdict::Eligible | Verdict::Undetermined),
            Some(Verdict::Eligible) => verdict == Verdict::NotEligible,
            _ => false,
        }
    }

    /// Whether the decision stands whatever values some facts have, or that can no longer be said.
    fn is_hopeless(&mut self, target: usize, mut slots: Vec<Slot>) -> bool {
        let Some(own) = self.targets.get(target).filter(|_| self.is_monotone).map(|t| t.verdict) else { return false };
        slots.sort_unstable();
        let verdicts = match self.unknown.get(&slots) {
            Some(verdicts) => Arc::clone(verdicts),
            None => {
                if self.spend().is_none() {
                    return true;
                }
                slots.iter().for_each(|slot| self.case.set(*slot, Fact::Unknown));
                let graph = self.reporter.graph;
                let recording = evaluate(graph, &self.case, self.reporter.limits);
                let verdict = |t: &Target| {
                    let root = graph.programmes.get(t.root);
                    root.map_or(Verdict::Undetermined, |root| judge(graph, &recording, root, t.row).verdict)
                };
                let verdicts: Arc<[Verdict]> = self.targets.iter().map(verdict).collect();
                self.restore(slots.iter().copied());
                self.unknown.insert(slots, Arc::clone(&verdicts));
                verdicts
            }
        };
        verdicts.get(target) == Some(&own)
    }

    /// The values that a fact may be given in the place of its own; nothing where it must not be changed.
    fn options(&self, slot @ (entity, field, row): Slot) -> Option<Options> {
        let declared = &self.reporter.program.entities[entity];
        let own = declared.fields.get(field)?;
        let element = self.base.table(entity)?.rows.get(row as usize)?;
        if own.fixed || declared.key == Some(field) || element.phantom.is_some() {
            return None;
        }
        let FieldShape::Scalar { ty, range, .. } = &own.shape else { return None };
        let now = self.base.fact(slot.0, slot.1, slot.2)?.value()?;
        let mut list: Vec<Value> = match ty.required() {
            Type::Boolean => [false, true].map(Value::Boolean).into(),
            Type::Enum(id) => {
                let members = self.reporter.program.enums[*id].members.len().min(MOST_VALUES);
                (0u32..).take(members).map(Value::Enum).collect()
            }
            Type::Text => {
                let texts = self.constants.iter().filter(|c| matches!(c, Value::Text(_)));
                texts.take(MOST_VALUES).cloned().collect()
            }
            Type::Number(quantity) => match now {
                Value::Number(n) => {
                    let is_whole = quantity.whole || n.is_integer() && quantity.money;
                    let step = if is_whole { Some(Decimal::ONE) } else { Decimal::new(1, 2) }?;
                    return Some(Options::Line(Line { from: now.clone(), step, range: range.clone() }));
                }
                _ => {
                    self.constants.iter().filter(|c| matches!(c, Value::Number(_))).take(MOST_VALUES).cloned().collect()
                }
            },
            Type::Date => match now {
                Value::Date(_) => {
                    return Some(Options::Line(Line { from: now.clone(), step: Decimal::ONE, range: range.clone() }));
                }
                _ => self.constants.iter().filter(|c| matches!(c, Value::Date(_))).take(MOST_VALUES).cloned().collect(),
            },
            _ => return None,
        };
        if matches!(ty, Type::Optional(_)) {
            list.push(Value::None);
        }
        list.retain(|value| value != now && (*value == Value::None || range.holds(value)));
        (!list.is_empty()).then_some(Options::Some(list))
    }

    fn change(&self, slot: Slot, values: Vec<Value>) -> FactChange {
        let fact = path_of(self.reporter.program, self.base, slot.0, slot.1, slot.2);
        let ty =
            self.reporter.program.entities[slot.0].fields.get(slot.1).map(|f| f.ty(&self.reporter.program.entities));
        let ty = ty.unwrap_or(Type::Poison);
        let now = self.base.fact(slot.0, slot.1, slot.2).and_then(Fact::value).cloned().unwrap_or(Value::None);
        let distance = match values.as_slice() {
            [one] => self.distance(&now, one, &ty),
            _ => None,
        };
        let to = values.iter().map(|value| self.told(value, &ty)).collect();
        FactChange { fact, from: self.told(&now, &ty), to, distance }
    }

    pub(super) fn told(&self, value: &Value, ty: &Type) -> Told {
        let words = |lang| value_words(self.reporter.program, self.base, value, ty, lang);
        let answer = self.reporter.answer(self.base, value.clone(), ty);
        Told { answer, words: Phrase { en: words(Lang::En), id: words(Lang::Id) } }
    }

    /// How far apart two numbers or dates are, and whether the second is above.
    pub(super) fn distance(&self, from: &Value, to: &Value, ty: &Type) -> Option<(Told, bool)> {
        match (from, to) {
            (Value::Number(a), Value::Number(b)) => {
                let far = b.checked_sub(a)?;
                Some((self.told(&Value::Number(far.abs()), ty), !far.is_negative()))
            }
            (Value::Date(a), Value::Date(b)) => {
                let days = a.days_to(*b);
                let length = crate::value::Duration { months: 0, days: days.abs() };
                let ty = Type::Duration(crate::program::DurationKind::Days);
                Some((self.told(&Value::Duration(length), &ty), days > 0))
            }
            _ => None,
        }
    }
}

fn in_any(sets: &[BTreeSet<Slot>]) -> BTreeSet<Slot> {
    sets.iter().flatten().copied().collect()
}

fn in_all(sets: &[BTreeSet<Slot>]) -> BTreeSet<Slot> {
    let Some((first, rest)) = sets.split_first() else { return BTreeSet::new() };
    first.iter().filter(|slot| rest.iter().all(|set| set.contains(slot))).copied().collect()
}

/// Whether no rule asks if something is known: then more knowledge never turns an outcome.
fn is_monotone(graph: &Graph) -> bool {
    let asks = |op: &Op| matches!(op, Op::Assume(..) | Op::State(StateTest::Known | StateTest::Unknown, _));
    let cells = graph.tables.iter().flat_map(|t| &t.rows).flat_map(|r| &r.cells).flat_map(|c| &c.tests);
    !graph.nodes.values().any(|node| asks(&node.op)) && !cells.into_iter().any(|test| *test == GraphTest::Unknown)
}

/// The values that the rules name.
fn constants(graph: &Graph) -> BTreeSet<Value> {
    let written = graph.nodes.values().filter_map(|node| match &node.op {
        Op::Constant(value @ (Value::Number(_) | Value::Date(_) | Value::Text(_))) => Some(value),
        _ => None,
    });
    let parameters = graph.parameters.values().flat_map(|p| &p.values);
    let keyed = parameters.flat_map(|(keys, value)| keys.iter().chain(value));
    written.chain(keyed).cloned().collect()
}
