//! Which facts can still change an undetermined programme, and in which order to ask for them.
//!
//! The order: every condition that is still open hangs on some open facts. Asked first is a fact of the condition that hangs on the
//! fewest, for the fewest answers settle it, and one condition that fails settles the programme; of those the fact that the most
//! open conditions hang on, then the one declared first. A list that is not known counts as many, for what its elements hold is to
//! be asked after it. It costs no evaluation.
//!
//! Which facts: those found on the way down from the open conditions. That way is exact where every fact is met once and compared
//! with constants; elsewhere a fact may be met that changes nothing, as `b` of `(a and b) or (a and not b)`. There what is open is
//! parted into [`boxes`](super::boxes) until each is decided. What that leaves in doubt, pairs of households may show to matter
//! ([`witness`](super::witness)); a fact of which none is found is named all the same, and told to be in doubt.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::facts::{Case, Fact};
use crate::graph::{Graph, RootProgramme};
use crate::limits::Limits;
use crate::outcome::boxes::Told;
use crate::outcome::relevant::{Slot, Walk, list_slot, slot_of_list};
use crate::outcome::{Cone, Possible, Recording, Set, Verdict, unknown, witness};
use crate::program::EntityId;
use crate::value::Value;

/// What a programme that is not settled hangs on.
#[derive(Default)]
pub(crate) struct Hanging {
    groups: Vec<Group>,
    /// The lists that are not known.
    lists: BTreeSet<Slot>,
    /// Whether some of the facts may be there that can change nothing.
    is_doubtful: bool,
}

/// An open condition, or an open output of an eligible household, and the facts that it hangs on.
pub(crate) struct Group {
    pub part: Part,
    pub facts: BTreeSet<Slot>,
}

/// By its place in the programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Condition(usize),
    Output(usize),
    /// Who the elements are that it is decided for.
    Elements,
}

/// As so many facts a list counts.
const LIST: usize = 16;

impl Hanging {
    /// The facts in the order in which to try them: as for asking, but of facts alike in that, first the one of the fewest values, then
    /// the one that bears on most. What is tried first decides which cases can be afforded: never the order of declarations.
    pub(super) fn to_try(&self, trial: &Trial<'_>, values: impl Fn(Slot) -> usize) -> Vec<Slot> {
        let key = |slot: Slot| (values(slot), Reverse(trial.reach(slot)));
        let mut list: Vec<_> =
            keys(&[self], |_| true).into_iter().map(|(slot, rank)| (rank, key(slot), slot)).collect();
        list.sort();
        list.into_iter().map(|(_, _, slot)| slot).collect()
    }

    /// The facts in the order in which to ask for them.
    pub(crate) fn ranked(&self, is_one: impl Fn(Slot) -> bool) -> Vec<Slot> {
        ranked(&[self], is_one)
    }

    /// Whether some of the facts may be there that can change nothing.
    pub(super) fn is_doubtful(&self) -> bool {
        self.is_doubtful
    }

    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }
}

/// The facts that several programmes hang on, in the order in which to ask for them: those of the smallest groups first, of these
/// those of the most groups.
pub(crate) fn ranked(programmes: &[&Hanging], is_one: impl Fn(Slot) -> bool) -> Vec<Slot> {
    let mut list: Vec<(Slot, Rank)> = keys(programmes, is_one).into_iter().collect();
    list.sort_by_key(|(slot, key)| (*key, *slot));
    list.into_iter().map(|(slot, _)| slot).collect()
}

/// How many facts the smallest group has that a fact is in, and of how many groups it is.
type Rank = (usize, Reverse<usize>);

fn keys(programmes: &[&Hanging], is_one: impl Fn(Slot) -> bool) -> BTreeMap<Slot, Rank> {
    let mut keys: BTreeMap<Slot, Rank> = BTreeMap::new();
    for hanging in programmes {
        for group in &hanging.groups {
            let own: Vec<Slot> = group.facts.iter().copied().filter(|slot| is_one(*slot)).collect();
            let size: usize = own.iter().map(|slot| if hanging.lists.contains(slot) { LIST } else { 1 }).sum();
            for slot in own {
                let (fewest, Reverse(count)) = keys.entry(slot).or_insert((usize::MAX, Reverse(0)));
                *fewest = size.min(*fewest);
                *count += 1;
            }
        }
    }
    keys
}

/// The open facts that the outcome hangs on; for an eligible household those that its outputs hang on.
pub(crate) fn hanging(
    graph: &Graph,
    case: &Case,
    recording: &Recording,
    programme: &RootProgramme,
    row: u32,
    verdict: Verdict,
) -> Hanging {
    let conditions = programme.conditions.iter().enumerate().map(|(at, c)| (Part::Condition(at), c.node));
    let conditions = conditions.filter(|_| verdict == Verdict::Undetermined);
    let outputs = programme.outputs.iter().map(|(at, n)| (Part::Output(*at), *n));
    let outputs = outputs.filter(|_| verdict == Verdict::Eligible);
    let mut hanging = Hanging::default();
    // A list that is not known has an element that stands for all it may hold.
    let phantoms = case.tables.iter().flat_map(|table| &table.rows).filter(|row| row.phantom.is_some());
    hanging.lists.extend(phantoms.filter_map(|row| row.holder));
    let mut met: BTreeSet<Slot> = BTreeSet::new();
    for (part, node) in conditions.chain(outputs) {
        let own = graph.nodes[node].frame;
        let mut walk = Walk::default();
        walk.from(graph, case, recording, node, recording.frames.up(graph, programme.frame, row, own));
        hanging.is_doubtful |= walk.is_doubtful || walk.found.iter().any(|slot| met.contains(slot));
        met.extend(&walk.found);
        if !walk.found.is_empty() {
            hanging.groups.push(Group { part, facts: walk.found });
        }
    }
    if let Some(list) = list_slot(graph, case, programme.frame, Some(row)) {
        let mut facts = BTreeSet::new();
        slot_of_list(case, list, &mut facts);
        if !facts.is_empty() {
            hanging.groups.push(Group { part: Part::Elements, facts });
        }
    }
    hanging
}

/// The facts that can change a programme.
pub(super) struct Matter {
    facts: BTreeSet<Slot>,
    /// Those of them of which it is not shown that they can.
    doubtful: BTreeSet<Slot>,
}

impl Matter {
    /// In the order in which to ask for them, what is in doubt last: what is asked before may show that it changes nothing.
    pub(super) fn ranked(&self, hanging: &Hanging, is_one: impl Fn(Slot) -> bool) -> Vec<Needed> {
        let slots = hanging.ranked(|slot| self.facts.contains(&slot) && is_one(slot));
        let (doubtful, shown): (Vec<Slot>, Vec<Slot>) = slots.into_iter().partition(|s| self.doubtful.contains(s));
        let needed = |is_shown: bool| move |slot: Slot| Needed { slot, is_shown };
        shown.into_iter().map(needed(true)).chain(doubtful.into_iter().map(needed(false))).collect()
    }
}

/// A fact that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Needed {
    pub slot: Slot,
    /// Whether it is shown that it can change the answer.
    pub is_shown: bool,
}

/// Of the facts that a programme hangs on those that can change it, by what boxes tell of them; all of them where they are not in
/// doubt. The case comes back as it was.
pub(super) fn can_matter(
    trial: &Trial<'_>,
    case: &Case,
    (programme, row): (&RootProgramme, u32),
    hanging: &Hanging,
    told: Option<Told>,
) -> Matter {
    let mut facts: BTreeSet<Slot> = hanging.groups.iter().flat_map(|group| &group.facts).copied().collect();
    let Some(Told { shown, mut doubtful, .. }) = told else { return Matter { facts, doubtful: BTreeSet::new() } };
    // Whom it is decided for hangs on the list that they are in, whatever else does.
    let elements = hanging.groups.iter().filter(|group| group.part == Part::Elements).flat_map(|group| &group.facts);
    let elements: BTreeSet<Slot> = elements.copied().collect();
    facts.retain(|slot| shown.contains(slot) || doubtful.contains(slot) || elements.contains(slot));
    doubtful.retain(|slot| facts.contains(slot) && !elements.contains(slot));
    if !doubtful.is_empty() {
        let shown = witness::shown(trial.graph, case, (programme, row), &facts, &doubtful, trial.limits);
        doubtful.retain(|slot| !shown.contains(slot));
    }
    Matter { facts, doubtful }
}

/// A case in which facts are tried, with what it comes to as it stands.
pub(super) struct Trial<'c> {
    pub graph: &'c Graph,
    pub limits: &'c Limits,
    pub recording: &'c mut Recording,
    /// Of which programme alone the recording is kept up to date, by its place in the graph.
    programme: usize,
}

/// A fact as it was before it was tried.
pub(super) struct Before {
    slot: Slot,
    fact: Fact,
    narrowed: Option<Possible>,
    /// What rested on it.
    values: Vec<Possible>,
}

impl<'c> Trial<'c> {
    /// `recording` is what the case comes to before anything is tried.
    pub(super) fn new(
        graph: &'c Graph,
        recording: &'c mut Recording,
        programme: &RootProgramme,
        limits: &'c Limits,
    ) -> Trial<'c> {
        let place = graph.programmes.iter().position(|p| p.programme == programme.programme);
        Trial { graph, limits, recording, programme: place.unwrap_or(0) }
    }

    fn cone(&self, (entity, field, _): Slot) -> &'c Cone {
        self.graph.trials.cone(self.graph, self.programme, (entity, field))
    }

    /// On how much of the programme a fact bears.
    pub(super) fn reach(&self, slot: Slot) -> usize {
        self.cone(slot).len()
    }

    /// Begins to try a fact; nothing where there is no such fact.
    pub(super) fn begin(&self, case: &Case, slot: Slot) -> Option<Before> {
        let fact = case.fact(slot.0, slot.1, slot.2)?.clone();
        let narrowed = self.recording.narrowed.get(&slot).cloned();
        Some(Before { slot, fact, narrowed, values: self.recording.kept(self.graph, self.cone(slot)) })
    }

    pub(super) fn set(&mut self, case: &mut Case, slot: Slot, fact: Fact) {
        case.set(slot, fact);
        self.recording.again(self.graph, case, self.cone(slot), self.limits);
    }

    /// Takes a fact that is not known to lie within a part of what it can be.
    pub(super) fn narrow(&mut self, case: &mut Case, slot: Slot, range: Possible) {
        self.recording.narrowed.insert(slot, range);
        self.set(case, slot, Fact::Unknown);
    }

    /// Puts a fact back, and with it what rests on it.
    pub(super) fn end(&mut self, case: &mut Case, before: Before) {
        match before.narrowed {
            Some(range) => self.recording.narrowed.insert(before.slot, range),
            None => self.recording.narrowed.remove(&before.slot),
        };
        let cone = self.cone(before.slot);
        if cone.moves_rows() {
            return self.set(case, before.slot, before.fact);
        }
        case.set(before.slot, before.fact);
        self.recording.put_back(self.graph, cone, before.values);
    }

    /// The values of an open fact, if they are few, or if few stand for all of them.
    pub(super) fn values(&self, case: &Case, slot: Slot) -> Option<Vec<Value>> {
        let (entity, field, row) = slot;
        case.fact(entity, field, row).filter(|f| f.value().is_none())?;
        values_to_try(self.graph, (entity, field))
    }
}

/// The values of a field with which it is tried: all if they are few, or those that stand for all.
pub(crate) fn values_to_try(graph: &Graph, field: (EntityId, usize)) -> Option<Vec<Value>> {
    /// More pieces than this are many.
    const MOST: usize = 40;
    let pieces = graph.trials.pieces(graph, field).filter(|pieces| pieces.len() <= MOST);
    match (values_of(graph, field), pieces) {
        (Some(values), Some(pieces)) if pieces.len() < values.len() => Some(pieces.to_vec()),
        (Some(values), _) => Some(values),
        (None, pieces) => pieces.map(<[Value]>::to_vec),
    }
}

/// The values of a field, if they are few.
fn values_of(graph: &Graph, (entity, field): (EntityId, usize)) -> Option<Vec<Value>> {
    const FEW: i64 = 40;
    let possible = unknown(graph, entity, field);
    let mut values = match &possible.set {
        Set::Booleans => vec![Value::Boolean(false), Value::Boolean(true)],
        Set::Members(members) => members.iter().map(|m| Value::Enum(*m)).collect(),
        Set::One(value) => vec![value.clone()],
        Set::Range { low: Some(Value::Number(low)), high: Some(Value::Number(high)), whole: true } => {
            let (low, high) = (low.ceil()?.to_i64()?, high.floor()?.to_i64()?);
            if high.checked_sub(low)? > FEW {
                return None;
            }
            (low..=high).map(|n| Value::Number(n.into())).collect()
        }
        Set::Range { .. } | Set::Nothing | Set::Any => return None,
    };
    if possible.none {
        values.push(Value::None);
    }
    Some(values)
}
