//! Pairs of households that show that a fact matters: they differ in it alone, and in what a programme comes to.
//!
//! The open facts are given values by chance, each of those that the rules tell apart as far as these can be said, and then one
//! fact after another is tried with others. A household that fails fewer conditions is gone on from, for where one condition alone
//! is left to fail each of its facts shows. Chance begins alike each time, so the same household is always told the same.

use std::collections::BTreeSet;

use crate::arena::Id;
use crate::facts::{Case, Fact, ListFact, ListState};
use crate::graph::{Graph, RootProgramme};
use crate::limits::Limits;
use crate::outcome::missing::{Trial, hanging, values_to_try};
use crate::outcome::relevant::Slot;
use crate::outcome::{Judgement, Possible, Set, Verdict, domain, evaluate, judge};
use crate::program::EntityId;
use crate::value::{Decimal, Value};

/// Households tried from one beginning before chance begins anew.
const WALK: usize = 64;

/// Values tried of a fact that may have many.
const MOST: usize = 24;

/// Of the facts asked about those that are shown to matter; `all` are the facts that can. It costs up to `limits.cases` households.
pub(super) fn shown(
    graph: &Graph,
    case: &Case,
    (programme, row): (&RootProgramme, u32),
    all: &BTreeSet<Slot>,
    asked: &BTreeSet<Slot>,
    limits: &Limits,
) -> BTreeSet<Slot> {
    let facts: Vec<Open> = all.iter().filter_map(|slot| Open::of(graph, case, *slot)).collect();
    let mut found = BTreeSet::new();
    if facts.iter().any(|fact| asked.contains(&fact.slot)) {
        let (left, chance) = (limits.cases, Chance(1));
        let mut search = Search { graph, programme, row, asked, limits, left, chance, found };
        while search.left > 0 && search.found.len() < asked.len() {
            search.walk(case, &facts);
        }
        found = search.found;
    }
    found
}

/// A fact that is not known, and what it is tried with.
struct Open {
    slot: Slot,
    with: With,
}

enum With {
    Values(Vec<Value>),
    /// Of a list: whether it may be empty, and the element that stands for one that it may hold, with the element's own facts.
    List {
        can_be_empty: bool,
        item: (EntityId, u32),
        facts: Vec<(Slot, Vec<Value>)>,
        lists: Vec<Slot>,
    },
}

impl Open {
    /// Nothing where no value can be made up.
    fn of(graph: &Graph, case: &Case, slot: Slot) -> Option<Open> {
        // A list that is not known holds an element that stands for all it may hold.
        let is_list = case.tables.iter().flat_map(|table| &table.rows).any(|row| row.holder == Some(slot));
        let with = if is_list { list_of(graph, case, slot)? } else { With::Values(values(graph, (slot.0, slot.1))?) };
        Some(Open { slot, with })
    }
}

fn list_of(graph: &Graph, case: &Case, list: Slot) -> Option<With> {
    let (number, row) = case.tables.iter().enumerate().find_map(|(number, table)| {
        let row = table.rows.iter().position(|row| row.holder == Some(list))?;
        Some((number, u32::try_from(row).ok()?))
    })?;
    let item = EntityId::new(u32::try_from(number).ok()?);
    let table = case.table(item)?;
    let (least, most) = table.rows.get(row as usize)?.phantom?;
    if least > 1 || most == Some(0) {
        return None;
    }
    let fields = 0..graph.unknowns.get(number).map_or(0, Vec::len);
    let open = |field: &usize| table.fact(*field, row).is_some_and(|fact| fact.value().is_none());
    let facts = fields.clone().filter(open).filter_map(|f| Some(((item, f, row), values(graph, (item, f))?))).collect();
    // Lists of its own are taken to be empty where they may be.
    let may_be_empty = |slot: &Slot| {
        let mut rows = case.tables.iter().flat_map(|table| &table.rows);
        rows.any(|row| row.holder == Some(*slot) && row.phantom.is_some_and(|(least, _)| least == 0))
    };
    let lists = fields.map(|field| (item, field, row)).filter(may_be_empty).collect();
    Some(With::List { can_be_empty: least == 0, item: (item, row), facts, lists })
}

/// Values of a field to try: all if they are few or few stand for all, else its ends and what the rules name.
fn values(graph: &Graph, field: (EntityId, usize)) -> Option<Vec<Value>> {
    if let Some(values) = values_to_try(graph, field) {
        return Some(values);
    }
    if let Some(pieces) = graph.trials.pieces(graph, field) {
        return Some(some_of(pieces.iter(), pieces.len()));
    }
    let possible = domain(graph, field.0, field.1)?;
    let Set::Range { low, high, whole } = &possible.set else { return None };
    let (low, high, whole) = (low.as_ref(), high.as_ref(), *whole);
    let is_day = graph.days.contains(&field);
    let is_of_field = |value: &Value| match value {
        Value::Number(n) => !is_day && (!whole || n.is_integer()),
        Value::Date(_) => is_day,
        _ => false,
    };
    let is_within = |value: &Value| low.is_none_or(|low| low <= value) && high.is_none_or(|high| value <= high);
    let named =
        graph.fixed.iter().filter_map(Possible::as_known).filter(|value| is_of_field(value) && is_within(value));
    let mut out: BTreeSet<Value> = named.cloned().collect();
    // Beyond all that is named, where there is no end.
    if let Some(Value::Number(greatest)) = out.last() {
        let doubled = greatest.checked_add(greatest).and_then(|n| n.checked_add(&Decimal::ONE)).map(Value::Number);
        out.extend(doubled.filter(is_within));
    }
    out.extend([low, high].into_iter().flatten().cloned());
    let mut values = some_of(out.iter(), out.len());
    if possible.none {
        values.push(Value::None);
    }
    (values.len() > 1).then_some(values)
}

/// Of so many values a few, from one end to the other.
fn some_of<'v>(values: impl DoubleEndedIterator<Item = &'v Value> + Clone, count: usize) -> Vec<Value> {
    let last = values.clone().next_back();
    let mut some: Vec<Value> = values.step_by(count.div_ceil(MOST).max(1)).chain(last).cloned().collect();
    some.dedup();
    some
}

struct Search<'s> {
    graph: &'s Graph,
    programme: &'s RootProgramme,
    row: u32,
    asked: &'s BTreeSet<Slot>,
    limits: &'s Limits,
    left: usize,
    chance: Chance,
    found: BTreeSet<Slot>,
}

impl Search<'_> {
    /// From one household made up by chance to others that each differ from the one before in a single fact.
    fn walk(&mut self, case: &Case, facts: &[Open]) {
        let mut own = case.clone();
        let (lists, single): (Vec<&Open>, Vec<&Open>) = facts.iter().partition(|o| matches!(o.with, With::List { .. }));
        lists.into_iter().for_each(|open| self.chance.fill(&mut own, open, false));
        self.left = self.left.saturating_sub(1);
        // Facts to be tried are not known when it is first evaluated: what is known then is never evaluated again.
        let mut recording = evaluate(self.graph, &own, self.limits);
        // What it hangs on now: what is known of the elements, and facts that these are compared with.
        let verdict = judge(self.graph, &recording, self.programme, self.row).verdict;
        let later = hanging(self.graph, &own, &recording, self.programme, self.row, verdict);
        let slots: BTreeSet<Slot> = facts.iter().map(|open| open.slot).collect();
        let later = later.groups().iter().flat_map(|group| &group.facts).filter(|slot| !slots.contains(slot));
        let later: BTreeSet<&Slot> = later.collect();
        let later: Vec<Open> = later.into_iter().filter_map(|slot| Open::of(self.graph, &own, *slot)).collect();
        let facts: Vec<&Open> = facts.iter().chain(&later).collect();
        let mut trial = Trial::new(self.graph, &mut recording, self.programme, self.limits);
        for open in single.into_iter().chain(&later) {
            if let With::Values(values) = &open.with
                && let Some(value) = self.chance.other(values, None)
            {
                trial.set(&mut own, open.slot, Fact::Known(value));
            }
        }
        let mut answer = judge(self.graph, trial.recording, self.programme, self.row);
        let until = self.left.saturating_sub(WALK);
        while self.left > until {
            let at = self.chance.below(facts.len());
            // A round of all, from a place by chance on.
            for open in facts.iter().copied().cycle().skip(at).take(facts.len()) {
                if self.left <= until {
                    return;
                }
                self.left -= 1;
                self.step(&mut trial, &mut own, open, &mut answer);
            }
        }
    }

    /// Tries one fact with another value; where that fails no more conditions it stays.
    fn step(&mut self, trial: &mut Trial<'_>, own: &mut Case, open: &Open, answer: &mut Judgement) {
        match &open.with {
            With::Values(values) => {
                let Some(before) = trial.begin(own, open.slot) else { return };
                let Some(value) = self.chance.other(values, own.fact(open.slot.0, open.slot.1, open.slot.2)) else {
                    return;
                };
                trial.set(own, open.slot, Fact::Known(value));
                let now = judge(self.graph, trial.recording, self.programme, self.row);
                self.compare(open.slot, answer, &now);
                if is_worse(&now, answer) {
                    trial.end(own, before);
                } else {
                    *answer = now;
                }
            }
            With::List { .. } => {
                let mut other = own.clone();
                self.chance.fill(&mut other, open, true);
                let recording = evaluate(self.graph, &other, self.limits);
                let now = judge(self.graph, &recording, self.programme, self.row);
                self.compare(open.slot, answer, &now);
            }
        }
    }

    fn compare(&mut self, slot: Slot, one: &Judgement, other: &Judgement) {
        let is_told = |answer: &Judgement| match answer.verdict {
            Verdict::Undetermined => false,
            Verdict::Eligible => answer.outputs.iter().all(Possible::is_certain),
            Verdict::NotEligible | Verdict::Error => true,
        };
        let differ = one.verdict != other.verdict || (one.verdict == Verdict::Eligible && one.outputs != other.outputs);
        if is_told(one) && is_told(other) && differ && self.asked.contains(&slot) {
            self.found.insert(slot);
        }
    }
}

fn is_worse(one: &Judgement, other: &Judgement) -> bool {
    let rank = |answer: &Judgement| match answer.verdict {
        Verdict::Eligible => 0,
        Verdict::Undetermined => 1,
        Verdict::Error => 2,
        Verdict::NotEligible => 2 + answer.failing.len(),
    };
    rank(one) > rank(other)
}

/// Numbers that look as if by chance, the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        // Sebastiano Vigna's splitmix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let z = z ^ (z >> 31);
        usize::try_from(z % (n.max(1) as u64)).unwrap_or(0)
    }

    /// One of the values that is not the one given.
    fn other(&mut self, values: &[Value], but: Option<&Fact>) -> Option<Value> {
        let but = but.and_then(Fact::value);
        let others = values.iter().filter(|value| Some(*value) != but);
        let at = self.below(others.clone().count());
        others.clone().nth(at).cloned()
    }

    /// Gives a fact a value; a list other elements, with or without what is known of them.
    fn fill(&mut self, case: &mut Case, open: &Open, with_facts: bool) {
        match &open.with {
            With::Values(values) => {
                if let Some(value) = self.other(values, None) {
                    case.set(open.slot, Fact::Known(value));
                }
            }
            With::List { can_be_empty, item, facts, lists } => {
                let is_empty = *can_be_empty && self.below(3) == 0;
                let (entity, field, row) = open.slot;
                let list = ListFact { start: item.1, count: u32::from(!is_empty), state: ListState::Known };
                if let Some(table) = case.tables.get_mut(entity.index()) {
                    table.set_list(field, row, list);
                }
                let rows = case.tables.get_mut(item.0.index()).map(|table| &mut table.rows);
                if let Some(element) = rows.and_then(|rows| rows.get_mut(item.1 as usize)) {
                    element.phantom = None;
                }
                for (slot, values) in facts.iter().filter(|_| with_facts) {
                    if let Some(value) = self.other(values, None) {
                        case.set(*slot, Fact::Known(value));
                    }
                }
                for (entity, field, row) in lists {
                    if let Some(table) = case.tables.get_mut(entity.index()) {
                        table.set_list(*field, *row, ListFact { start: 0, count: 0, state: ListState::Known });
                    }
                }
            }
        }
    }
}
