//! What is open, parted into boxes until each is decided: whether all completions come to one answer, and which facts matter.
//!
//! A box gives every open fact a value or a range, and bounds decide it as a whole. What is not decided is parted in one fact: into
//! its values where they are few, or few stand for all ([`pieces`](super::pieces)), else in two. Two decided boxes that come to
//! different answers and overlap in all facts but one show that this one matters; where every box is decided, no other does. What is
//! left open when the budget is used up leaves its facts in doubt.

mod part;

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::{Case, Fact};
use crate::graph::{Op, RootProgramme};
use crate::outcome::decide::{Judgement, Verdict, is_settled, judge};
use crate::outcome::missing::{Hanging, Trial, hanging};
use crate::outcome::relevant::Slot;
use crate::outcome::{Possible, Set, domain};
use crate::syntax::StateTest;
use crate::value::Value;
use part::Part;

/// So many boxes within one another: it bounds the stack.
const DEEPEST: usize = 256;

/// By so many the boxes within one another become more: what one part needs is not used up by another.
const STEP: usize = 4;

/// By so many times the cases two boxes are compared at most, for what all of them tell of facts.
const COMPARED: usize = 1024;

/// So often one fact is parted in two within one box: a limit that is no constant could be closed in on for long.
const MOST_HALVES: usize = 20;

/// What the boxes tell.
pub(super) struct Told {
    /// What all completions have in common, if they come to one outcome.
    pub common: Option<Judgement>,
    /// The facts that can change the answer.
    pub shown: BTreeSet<Slot>,
    /// Those that may; those in neither change nothing.
    pub doubtful: BTreeSet<Slot>,
}

/// Parts what a programme hangs on: by values alone, into up to `limits.cases` boxes; and where that leaves something in doubt, in
/// halves too, ever deeper, into four times as many. The case comes back as it was.
pub(super) fn told(
    trial: &mut Trial<'_>,
    case: &mut Case,
    (programme, row): (&RootProgramme, u32),
    hanging: &Hanging,
) -> Told {
    let (graph, cases) = (trial.graph, trial.limits.cases);
    let mut boxes = Boxes::new(trial, programme, row, cases);
    let (mut told, is_cut) = boxes.told(case, hanging, DEEPEST);
    // Whether a fact is known is another matter than what it is: a box in which it is not known says nothing of that.
    let asks = |op: &Op| match op {
        Op::State(test, _) => matches!(test, StateTest::Known | StateTest::Unknown),
        Op::Assume(..) => true,
        _ => false,
    };
    let can_halve = !graph.nodes.values().any(|node| asks(&node.op));
    if told.is_exact() || !(is_cut || can_halve) {
        return told;
    }
    if can_halve {
        boxes.named = Some(graph.fixed.iter().filter_map(Possible::as_known).cloned().collect());
    }
    boxes.left = cases.saturating_mul(4);
    for depth in (STEP..=DEEPEST).step_by(STEP) {
        let (more, is_cut) = boxes.told(case, hanging, depth);
        told = told.and(more);
        if !is_cut || boxes.left == 0 || told.is_exact() {
            break;
        }
    }
    told
}

impl Told {
    /// Whether nothing is left to tell.
    fn is_exact(&self) -> bool {
        self.common.is_some() || self.doubtful.is_empty()
    }

    /// What two searches tell together: each is right.
    fn and(self, other: Told) -> Told {
        let doubtful = self.doubtful.intersection(&other.doubtful).copied().collect();
        let shown: BTreeSet<Slot> = self.shown.union(&other.shown).copied().collect();
        Told { common: self.common.or(other.common), shown, doubtful }
    }
}

/// Boxes within boxes.
enum Tree {
    /// It is decided: an answer, by its number.
    Decided(usize),
    Open(Open),
    Parted(Slot, Vec<(Part, Tree)>),
}

/// A box that is not decided.
struct Open {
    /// What it hangs on.
    facts: BTreeSet<Slot>,
    /// Whether some of these may change nothing.
    is_doubtful: bool,
    /// Whether it could be parted further, at more cost.
    is_cut: bool,
}

/// Whether two boxes come to different answers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Differ {
    No,
    Perhaps,
    Yes,
}

impl Tree {
    /// Whether it could be parted further somewhere.
    fn is_cut(&self) -> bool {
        match self {
            Tree::Decided(_) => false,
            Tree::Open(open) => open.is_cut,
            Tree::Parted(_, parts) => parts.iter().any(|(_, tree)| tree.is_cut()),
        }
    }

    /// INVARIANT: it recurses as deep as the tree, and `DEEPEST` bounds that.
    fn tell(&self, told: &mut Told, left: &mut usize) {
        match self {
            Tree::Decided(_) => {}
            Tree::Open(open) => {
                let facts = if open.is_doubtful { &mut told.doubtful } else { &mut told.shown };
                facts.extend(&open.facts);
            }
            Tree::Parted(slot, parts) => {
                for (at, (_, one)) in parts.iter().enumerate() {
                    for (_, other) in parts.iter().skip(at + 1) {
                        if told.shown.contains(slot) {
                            break;
                        }
                        match one.differs(other, *slot, &mut BTreeMap::new(), left) {
                            Differ::Yes => _ = told.shown.insert(*slot),
                            Differ::Perhaps => _ = told.doubtful.insert(*slot),
                            Differ::No => {}
                        }
                    }
                }
                parts.iter().for_each(|(_, tree)| tree.tell(told, left));
            }
        }
    }

    /// Whether it and another, of different values of a fact, come to different answers where all other facts are alike; `alike`
    /// is what these can be, and `left` how many boxes may still be compared.
    fn differs(&self, other: &Tree, slot: Slot, alike: &mut BTreeMap<Slot, Part>, left: &mut usize) -> Differ {
        let Some(less) = left.checked_sub(1) else { return Differ::Perhaps };
        *left = less;
        match (self, other) {
            (Tree::Decided(one), Tree::Decided(other)) if one == other => Differ::No,
            (Tree::Decided(_), Tree::Decided(_)) => Differ::Yes,
            (Tree::Parted(by, parts), tree) | (tree, Tree::Parted(by, parts)) => {
                let mut out = Differ::No;
                for (part, own) in parts {
                    let before = alike.get(by).cloned();
                    let both = before.as_ref().map_or_else(|| Some(part.clone()), |before| before.and(part));
                    match both {
                        // Of the fact itself each may have any part.
                        _ if *by == slot => {}
                        Some(both) => _ = alike.insert(*by, both),
                        None => continue,
                    }
                    out = out.max(own.differs(tree, slot, alike, left));
                    match before {
                        Some(before) => alike.insert(*by, before),
                        None => alike.remove(by),
                    };
                    if out == Differ::Yes {
                        break;
                    }
                }
                out
            }
            (Tree::Open(_), _) | (_, Tree::Open(_)) => Differ::Perhaps,
        }
    }
}

/// What boxes have in common.
enum Common {
    /// There was none yet.
    All,
    So(Judgement),
    /// Not even the outcome.
    Nothing,
}

impl Common {
    fn add(&mut self, judged: Judgement) {
        match self {
            _ if judged.verdict == Verdict::Undetermined => *self = Common::Nothing,
            Common::All => *self = Common::So(judged),
            Common::So(so) if so.verdict == judged.verdict => {
                // What fails in every box is a reason; others that are left open in some may be too.
                so.failing.retain(|condition| judged.failing.contains(condition));
                for (out, more) in so.outputs.iter_mut().zip(&judged.outputs) {
                    *out = out.union(more);
                }
                if judged.fault < so.fault {
                    so.fault = judged.fault;
                }
            }
            Common::So(_) | Common::Nothing => *self = Common::Nothing,
        }
    }
}

struct Boxes<'c, 't> {
    trial: &'t mut Trial<'c>,
    programme: &'t RootProgramme,
    row: u32,
    /// What the rules name; nothing where facts are tried by values alone.
    named: Option<BTreeSet<Value>>,
    /// So many boxes may still be made.
    left: usize,
    /// So many may still be compared.
    compared: usize,
    /// What facts that are parted in two can be here, and how often each has been.
    parts: BTreeMap<Slot, (Part, usize)>,
    answers: Vec<(Verdict, Vec<Possible>)>,
    common: Common,
}

/// A fact that a box is parted by.
struct Next {
    slot: Slot,
    parts: Vec<Part>,
    /// How often it has been parted in two.
    halved: usize,
}

impl<'c, 't> Boxes<'c, 't> {
    fn new(trial: &'t mut Trial<'c>, programme: &'t RootProgramme, row: u32, left: usize) -> Boxes<'c, 't> {
        let compared = left.saturating_mul(COMPARED);
        let (parts, answers, common) = (BTreeMap::new(), Vec::new(), Common::All);
        Boxes { trial, programme, row, named: None, left, compared, parts, answers, common }
    }

    /// What boxes of a depth tell, and whether more could.
    fn told(&mut self, case: &mut Case, hanging: &Hanging, depth: usize) -> (Told, bool) {
        self.common = Common::All;
        let slots = self.in_order(case, hanging);
        let judged = judge(self.trial.graph, self.trial.recording, self.programme, self.row);
        let tree = self.grow(case, judged, (slots, true), depth);
        let common = match std::mem::replace(&mut self.common, Common::Nothing) {
            Common::So(judged) => Some(judged),
            Common::All | Common::Nothing => None,
        };
        let mut told = Told { common, shown: BTreeSet::new(), doubtful: BTreeSet::new() };
        tree.tell(&mut told, &mut self.compared);
        told.doubtful.retain(|slot| !told.shown.contains(slot));
        (told, tree.is_cut())
    }

    fn in_order(&self, case: &Case, hanging: &Hanging) -> Vec<Slot> {
        hanging.to_try(self.trial, |slot| self.trial.values(case, slot).map_or(usize::MAX, |values| values.len()))
    }

    /// The fact that a box is parted by: of those in order the first of the least parted.
    fn next(&self, case: &Case, slots: &[Slot]) -> Option<Next> {
        let halved = |slot: &Slot| self.parts.get(slot).map_or(0, |(_, count)| *count);
        let mut order: Vec<Slot> = slots.to_vec();
        order.sort_by_key(halved);
        order.into_iter().find_map(|slot| {
            if halved(&slot) == 0
                && let Some(values) = self.trial.values(case, slot)
            {
                return Some(Next { slot, parts: values.into_iter().map(Part::One).collect(), halved: 0 });
            }
            let named = self.named.as_ref()?;
            case.fact(slot.0, slot.1, slot.2).filter(|fact| fact.value().is_none())?;
            let (part, halved, none) = match self.parts.get(&slot) {
                Some((part, halved)) => (part.clone(), *halved, false),
                None => {
                    let Possible { set, none, .. } = domain(self.trial.graph, slot.0, slot.1)?;
                    let Set::Range { low, high, whole } = set else { return None };
                    (Part::Range { low, high, whole }, 0, none)
                }
            };
            (halved < MOST_HALVES).then_some(())?;
            let mut parts = part.halves(named)?.to_vec();
            parts.extend(none.then_some(Part::One(Value::None)));
            Some(Next { slot, parts, halved: halved + 1 })
        })
    }

    /// Parts a box that hangs on facts, of which some may change nothing. INVARIANT: it recurses at most `depth` times.
    fn grow(
        &mut self,
        case: &mut Case,
        judged: Judgement,
        (slots, is_doubtful): (Vec<Slot>, bool),
        depth: usize,
    ) -> Tree {
        let next = self.next(case, &slots);
        let is_cut = next.is_some();
        let next = next.filter(|next| next.parts.len() <= self.left && depth > 0);
        let begun = next.and_then(|next| Some((self.trial.begin(case, next.slot)?, next)));
        let Some((before, Next { slot, parts, halved })) = begun else {
            self.common.add(judged);
            return Tree::Open(Open { facts: slots.into_iter().collect(), is_doubtful, is_cut });
        };
        self.left -= parts.len();
        let own = self.parts.remove(&slot);
        let mut grown = Vec::with_capacity(parts.len());
        for part in parts {
            match &part {
                Part::One(value) => self.trial.set(case, slot, Fact::Known(value.clone())),
                Part::Range { .. } => {
                    self.parts.insert(slot, (part.clone(), halved));
                    self.trial.narrow(case, slot, part.as_possible());
                }
            }
            let tree = self.within(case, depth - 1);
            grown.push((part, tree));
        }
        self.parts.remove(&slot);
        self.parts.extend(own.map(|own| (slot, own)));
        self.trial.end(case, before);
        let first = match grown.first() {
            Some((_, Tree::Decided(one))) => Some(*one),
            _ => None,
        };
        let is_first = |tree: &Tree| matches!(tree, Tree::Decided(one) if Some(*one) == first);
        match first {
            Some(one) if grown.iter().all(|(_, tree)| is_first(tree)) => Tree::Decided(one),
            _ => Tree::Parted(slot, grown),
        }
    }

    /// The box that the facts now give: decided, or parted further.
    fn within(&mut self, case: &mut Case, depth: usize) -> Tree {
        let (graph, programme, row) = (self.trial.graph, self.programme, self.row);
        let judged = judge(graph, self.trial.recording, programme, row);
        if !is_settled(&judged) {
            let inner = hanging(graph, case, self.trial.recording, programme, row, judged.verdict);
            let slots = self.in_order(case, &inner);
            return self.grow(case, judged, (slots, inner.is_doubtful()), depth);
        }
        let outputs = if judged.verdict == Verdict::Eligible { judged.outputs.clone() } else { Vec::new() };
        let answer = (judged.verdict, outputs);
        self.common.add(judged);
        let number = self.answers.iter().position(|known| *known == answer).unwrap_or_else(|| {
            self.answers.push(answer);
            self.answers.len() - 1
        });
        Tree::Decided(number)
    }
}
