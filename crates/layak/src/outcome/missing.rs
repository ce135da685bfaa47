//! Which facts can still change an undetermined programme, and in which order to ask for them.
//!
//! The order: every condition that is still open hangs on some open facts. Asked first is a fact of the condition that hangs on the
//! fewest, for the fewest answers settle it, and one condition that fails settles the programme; of those the fact that the most
//! open conditions hang on, then the one declared first. A list that is not known counts as many, for what its elements hold is to
//! be asked after it. It costs no evaluation.
//!
//! Which facts: those found on the way down from the open conditions. That way is exact where every fact is met once and compared
//! with constants; elsewhere a fact may be met that changes nothing, as `b` of `(a and b) or (a and not b)`. There the values of
//! facts that have few are tried, and of those that have many the few that stand for all ([`pieces`](super::pieces)), one fact within
//! another, until each case is decided: two cases that differ in one fact alone, and in what they come to, show that it matters, and
//! no others do. Where the cases are too many, or the rules reckon with a fact, pairs of households are looked for that show it
//! ([`witness`](super::witness)); a fact of which none is found is named all the same, and told to be in doubt.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::facts::{Case, Fact};
use crate::graph::{Graph, RootProgramme};
use crate::limits::Limits;
use crate::outcome::relevant::{Slot, Walk, list_slot, slot_of_list};
use crate::outcome::{Cone, Possible, Recording, Set, Verdict, judge, unknown, witness};
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
    fn to_try(&self, trial: &Trial<'_>, values: impl Fn(Slot) -> usize) -> Vec<Slot> {
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

/// Of the facts that a programme hangs on those that can change it; all of them where that would cost too much to tell. The case
/// comes back as it was.
pub(super) fn can_matter(
    trial: &mut Trial<'_>,
    case: &mut Case,
    programme: &RootProgramme,
    row: u32,
    hanging: &Hanging,
) -> Matter {
    let all: BTreeSet<Slot> = hanging.groups.iter().flat_map(|group| &group.facts).copied().collect();
    let mut matter = Matter { facts: all, doubtful: BTreeSet::new() };
    if !hanging.is_doubtful {
        return matter;
    }
    matter.doubtful.clone_from(&matter.facts);
    // What takes too many cases with all facts may take few with those of few values, the others left open.
    for in_pieces in [true, false] {
        let left = trial.limits.cases;
        let (leaves, path) = (Vec::new(), BTreeMap::new());
        let mut cases = Cases { trial, programme, row, in_pieces, left, leaves, path };
        let slots = cases.to_try(case, hanging);
        if cases.grow(case, &slots, hanging.is_doubtful) {
            let found = cases.matters();
            if !found.facts.is_empty() {
                matter = found;
            }
            break;
        }
    }
    // Whom it is decided for hangs on the list that they are in, whatever else does.
    let elements = hanging.groups.iter().filter(|group| group.part == Part::Elements).flat_map(|group| &group.facts);
    for list in elements {
        matter.doubtful.remove(list);
    }
    if !matter.doubtful.is_empty() {
        let shown = witness::shown(trial.graph, case, (programme, row), &matter.facts, &matter.doubtful, trial.limits);
        matter.doubtful.retain(|slot| !shown.contains(slot));
    }
    matter
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
        Some(Before { slot, fact, values: self.recording.kept(self.graph, self.cone(slot)) })
    }

    pub(super) fn set(&mut self, case: &mut Case, slot: Slot, fact: Fact) {
        case.set(slot, fact);
        self.recording.again(self.graph, case, self.cone(slot), self.limits);
    }

    /// Puts a fact back, and with it what rests on it.
    pub(super) fn end(&mut self, case: &mut Case, before: Before) {
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

/// The cases into which the values of facts with few values part what is open.
struct Cases<'c, 't> {
    trial: &'t mut Trial<'c>,
    programme: &'t RootProgramme,
    row: u32,
    /// Whether facts with many values are tried where few stand for all.
    in_pieces: bool,
    left: usize,
    leaves: Vec<Leaf>,
    path: BTreeMap<Slot, usize>,
}

/// One case: which value each fact has that was tried, and what the programme comes to then.
struct Leaf {
    path: BTreeMap<Slot, usize>,
    /// None where facts with many values leave it open.
    answer: Option<(Verdict, Vec<Possible>)>,
    /// These.
    open: BTreeSet<Slot>,
    /// Whether some of them may change nothing.
    is_doubtful: bool,
}

impl Cases<'_, '_> {
    fn values(&self, case: &Case, slot: Slot) -> Option<Vec<Value>> {
        if self.in_pieces {
            return self.trial.values(case, slot);
        }
        case.fact(slot.0, slot.1, slot.2).filter(|f| f.value().is_none())?;
        values_of(self.trial.graph, (slot.0, slot.1))
    }

    fn to_try(&self, case: &Case, hanging: &Hanging) -> Vec<Slot> {
        hanging.to_try(self.trial, |slot| self.values(case, slot).map_or(usize::MAX, |values| values.len()))
    }

    /// Whether it could be afforded. INVARIANT: it recurses once a fact, and `left` bounds the facts.
    fn grow(&mut self, case: &mut Case, slots: &[Slot], is_doubtful: bool) -> bool {
        let few = slots.iter().find_map(|slot| self.values(case, *slot).map(|values| (*slot, values)));
        let Some((slot, values)) = few else {
            let open = slots.iter().copied().collect();
            self.leaves.push(Leaf { path: self.path.clone(), answer: None, open, is_doubtful });
            return true;
        };
        let Some(before) = self.trial.begin(case, slot) else { return false };
        let mut is_whole = true;
        for (number, value) in values.into_iter().enumerate() {
            let Some(left) = self.left.checked_sub(1) else {
                is_whole = false;
                break;
            };
            self.left = left;
            self.trial.set(case, slot, Fact::Known(value));
            self.path.insert(slot, number);
            let judged = judge(self.trial.graph, self.trial.recording, self.programme, self.row);
            let is_open = match judged.verdict {
                Verdict::Undetermined => true,
                Verdict::Eligible => judged.outputs.iter().any(|o| !o.is_certain()),
                Verdict::NotEligible | Verdict::Error => false,
            };
            if is_open {
                let inner =
                    hanging(self.trial.graph, case, self.trial.recording, self.programme, self.row, judged.verdict);
                let slots = self.to_try(case, &inner);
                is_whole = self.grow(case, &slots, inner.is_doubtful);
            } else {
                let outputs = if judged.verdict == Verdict::Eligible { judged.outputs } else { Vec::new() };
                let answer = Some((judged.verdict, outputs));
                let path = self.path.clone();
                self.leaves.push(Leaf { path, answer, open: BTreeSet::new(), is_doubtful: false });
            }
            if !is_whole {
                break;
            }
        }
        self.path.remove(&slot);
        self.trial.end(case, before);
        is_whole
    }

    /// The facts that tell two cases apart, or that leave one open.
    fn matters(&self) -> Matter {
        let open = |is_doubtful: bool| {
            let leaves = self.leaves.iter().filter(move |leaf| leaf.is_doubtful == is_doubtful);
            leaves.flat_map(|leaf| &leaf.open).copied()
        };
        let mut shown: BTreeSet<Slot> = open(false).collect();
        let mut doubtful: BTreeSet<Slot> = open(true).collect();
        for (at, one) in self.leaves.iter().enumerate() {
            for other in self.leaves.iter().skip(at + 1) {
                if one.answer.is_some() && one.answer == other.answer {
                    continue;
                }
                let differ = |(slot, value): (&Slot, &usize)| other.path.get(slot).is_some_and(|own| own != value);
                let mut apart = one.path.iter().filter(|(slot, value)| differ((slot, value)));
                if let (Some((slot, _)), None) = (apart.next(), apart.next()) {
                    let is_told = one.answer.is_some() && other.answer.is_some();
                    if is_told { &mut shown } else { &mut doubtful }.insert(*slot);
                }
            }
        }
        doubtful.retain(|slot| !shown.contains(slot));
        Matter { facts: shown.union(&doubtful).copied().collect(), doubtful }
    }
}

/// The values of a field with which it is tried: all if they are few, or those that stand for all.
pub(crate) fn values_to_try(graph: &Graph, field: (EntityId, usize)) -> Option<Vec<Value>> {
    match (values_of(graph, field), graph.trials.pieces(graph, field)) {
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
