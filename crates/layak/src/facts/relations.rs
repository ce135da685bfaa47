//! What links must keep: nobody is linked to themselves, the two sides of a relation agree, what is declared so never comes
//! back to where it began. Where one side of a relation is not known, the other says it.
//!
//! Every pass is linear in the links of the household, but for the sorting of pairs, and none recurses.

use crate::diagnostic::{Code, Phrase, phrase};
use crate::facts::bind::{Link, LinkTo, Slotted, Task};
use crate::facts::data::shown;
use crate::facts::layout::{LinkSide, Shape};
use crate::facts::told::Hint;
use crate::facts::{Fact, ListFact, ListState, element_path, key_of, path_of, words};
use crate::program::EntityId;
use crate::value::Value;

/// A cycle is written out up to so many elements.
const MOST_STEPS: usize = 6;

/// So many cycles of one link are told.
const MOST_CYCLES: usize = 20;

/// A link that is known.
#[derive(Clone, Copy)]
struct Pair {
    from: u32,
    to: u32,
    /// The row of the fact: that of the element, or of the item of its list.
    at: u32,
}

/// The links of all elements on one side.
struct Known {
    side: LinkSide,
    /// By `from`, then as the facts list them.
    pairs: Vec<Pair>,
    /// By row: whether every link of the element is known.
    closed: Vec<bool>,
    /// By row: whether it stands for elements that are not known.
    phantom: Vec<bool>,
    /// Sorted: from and to.
    sorted: Vec<(u32, u32)>,
}

impl Known {
    fn is_closed(&self, row: u32) -> bool {
        self.closed.get(row as usize).copied().unwrap_or(false)
    }

    fn holds(&self, from: u32, to: u32) -> bool {
        self.sorted.binary_search(&(from, to)).is_ok()
    }

    /// Whether there is no element whose links could still be another's.
    fn is_complete(&self) -> bool {
        self.closed.iter().zip(&self.phantom).all(|(closed, phantom)| *closed && !phantom)
    }

    /// The elements whose own links are not all known.
    fn open(&self) -> impl Iterator<Item = u32> + '_ {
        let rows = self.closed.iter().zip(&self.phantom).zip(0u32..);
        rows.filter(|((closed, phantom), _)| !**closed && !**phantom).map(|(_, row)| row)
    }

    /// By the element linked to: those that link to it, in their order.
    fn back(&self) -> Vec<Pair> {
        let mut pairs = self.pairs.clone();
        pairs.sort_by_key(|p| (p.to, p.from));
        pairs
    }
}

/// Of pairs sorted by `to`, those that lead to an element.
fn leading_to(pairs: &[Pair], to: u32) -> &[Pair] {
    let start = pairs.partition_point(|p| p.to < to);
    let end = pairs.partition_point(|p| p.to <= to);
    pairs.get(start..end).unwrap_or(&[])
}

impl Task<'_> {
    /// The element whose link it is.
    pub(super) fn holder_of(&self, to: &LinkTo) -> Option<(EntityId, u32)> {
        let (entity, row) = match to {
            LinkTo::Fact(at) => (at.entity, at.row),
            LinkTo::Evidence(index, _) => self.evidence.get(*index).map(|e| (e.entity, e.row))?,
        };
        if !self.binder.layout(entity)?.is_scalar_item {
            return Some((entity, row));
        }
        let (holder, _, row) = self.case.table(entity)?.rows.get(row as usize)?.holder?;
        Some((holder, row))
    }

    pub(super) fn linked_to_itself(&mut self, link: &Link, row: u32) {
        let Some(path) = &link.path else { return };
        let name = self.name_of(link.target, row);
        self.errors.tell(
            Code::LINK_TO_ITSELF,
            path,
            Phrase {
                en: format!("{} is linked to itself", name.en),
                id: format!("{} tertaut ke dirinya sendiri", name.id),
            },
            Hint::Say(phrase!(
                "a link leads to another member; write `null` where there is none",
                "tautan menuju anggota lain; tulis `null` bila tidak ada"
            )),
        );
    }

    /// An element as messages name it: by its key, else by its place.
    fn name_of(&self, entity: EntityId, row: u32) -> Phrase {
        if let Some(key) = key_of(self.program, &self.case, entity, row) {
            return words::plain(format!("`{}`", shown(&key)));
        }
        let path = element_path(self.program, &self.case, entity, row);
        if path.is_empty() { phrase!("the household", "rumah tangga") } else { words::plain(format!("`{path}`")) }
    }

    fn field_name(&self, side: LinkSide) -> String {
        self.program.entities[side.entity].fields.get(side.field).map_or_else(String::new, |f| f.name.to_string())
    }

    fn known(&self, side: LinkSide) -> Known {
        let mut known = Known { side, pairs: Vec::new(), closed: Vec::new(), phantom: Vec::new(), sorted: Vec::new() };
        let Some(table) = self.case.table(side.entity) else { return known };
        let add = |from: u32, at: u32, fact: Option<&Fact>, pairs: &mut Vec<Pair>| match fact {
            Some(Fact::Known(Value::Element(to))) => {
                pairs.push(Pair { from, to: *to, at });
                true
            }
            Some(Fact::Known(_)) => true,
            Some(Fact::Unknown | Fact::Asked) | None => false,
        };
        for (row, from) in table.rows.iter().zip(0u32..) {
            known.phantom.push(row.phantom.is_some());
            let closed = match side.items {
                None => {
                    let fact = self.case.fact(side.entity, side.field, from);
                    add(from, from, fact, &mut known.pairs)
                }
                Some(items) => match self.case.list(side.entity, side.field, from) {
                    Some(list) if list.state == ListState::Known => {
                        let mut all = true;
                        for at in list.start..list.start.saturating_add(list.count) {
                            all &= add(from, at, self.case.fact(items, 0, at), &mut known.pairs);
                        }
                        all
                    }
                    _ => false,
                },
            };
            known.closed.push(closed);
        }
        known.sorted = known.pairs.iter().map(|p| (p.from, p.to)).collect();
        known.sorted.sort_unstable();
        known
    }

    /// The facts of links, once all of them have been looked up.
    pub(super) fn relate(&mut self) {
        let binder = self.binder;
        for (a, b) in &binder.pairs {
            self.pair(*a, *b);
        }
        for (at, shape, state) in std::mem::take(&mut self.open_lists) {
            let list = self.case.list(at.entity, at.field, at.row);
            if list.is_some_and(|l| l.state != ListState::Known) {
                self.phantoms(at, shape, state);
            }
        }
        for side in &binder.acyclic {
            self.cycles(*side);
        }
    }

    fn pair(&mut self, a: LinkSide, b: LinkSide) {
        let is_one = a == b;
        let (left, right) = (self.known(a), self.known(b));
        self.agree(&left, &right);
        self.repeated(&left, b);
        if !is_one {
            self.agree(&right, &left);
            self.repeated(&right, a);
        }
        // What a link says, its inverse says too. Both are read before either is written, so order says nothing.
        self.fill_linked(&left, &right);
        if !is_one {
            self.fill_linked(&right, &left);
        }
        // Where every link of one side is known, so is all of the other.
        let (left, right) = (self.known(a), self.known(b));
        self.fill_rest(&left, &right);
        if !is_one {
            self.fill_rest(&right, &left);
        }
    }

    /// Every link is one that the other side, where it is known, has too.
    fn agree(&mut self, from: &Known, to: &Known) {
        for pair in &from.pairs {
            if !to.is_closed(pair.to) || to.holds(pair.to, pair.from) {
                continue;
            }
            let (me, other) = (self.name_of(from.side.entity, pair.from), self.name_of(to.side.entity, pair.to));
            let (link, back) = (self.field_name(from.side), self.field_name(to.side));
            let path = self.path_of_pair(from.side, pair);
            self.errors.tell(
                Code::LINKS_DISAGREE,
                path,
                Phrase {
                    en: format!(
                        "`{link}` of {} names {}, but `{back}` of {} does not name {}",
                        me.en, other.en, other.en, me.en
                    ),
                    id: format!(
                        "`{link}` dari {} menyebut {}, tetapi `{back}` dari {} tidak menyebut {}",
                        me.id, other.id, other.id, me.id
                    ),
                },
                Hint::Say(phrase!(
                    "correct one of the two, or leave one out: it follows from the other",
                    "perbaiki salah satunya, atau hilangkan satu: ia mengikuti yang lain"
                )),
            );
        }
    }

    /// A list names an element once.
    fn repeated(&mut self, known: &Known, back: LinkSide) {
        if known.side.items.is_none() {
            return;
        }
        let mut pairs = known.pairs.clone();
        pairs.sort_by_key(|p| (p.from, p.to, p.at));
        for (first, second) in pairs.iter().zip(pairs.iter().skip(1)) {
            if (first.from, first.to) != (second.from, second.to) {
                continue;
            }
            let link = self.field_name(known.side);
            let (me, other) = (self.name_of(known.side.entity, second.from), self.name_of(back.entity, second.to));
            let path = self.path_of_pair(known.side, second);
            self.errors.tell(
                Code::LINKS_TOO_MANY,
                path,
                Phrase {
                    en: format!("`{link}` of {} names {} twice", me.en, other.en),
                    id: format!("`{link}` dari {} menyebut {} dua kali", me.id, other.id),
                },
                Hint::None,
            );
        }
    }

    fn path_of_pair(&self, side: LinkSide, pair: &Pair) -> String {
        match side.items {
            None => path_of(self.program, &self.case, side.entity, side.field, pair.at),
            Some(items) => path_of(self.program, &self.case, items, 0, pair.at),
        }
    }

    /// Gives single links that are not known the element that links to them. That several do is told.
    fn fill_linked(&mut self, from: &Known, to: &Known) {
        if to.side.items.is_some() {
            return;
        }
        let back = from.back();
        for row in to.open() {
            match leading_to(&back, row) {
                [] => {}
                [one] => self.set_link(to.side, row, Value::Element(one.from)),
                [first, others @ ..] => {
                    for other in others.iter().filter(|o| o.from != first.from) {
                        self.too_many(from, to, first, other);
                    }
                }
            }
        }
    }

    fn too_many(&mut self, from: &Known, to: &Known, first: &Pair, other: &Pair) {
        let target = self.name_of(to.side.entity, other.to);
        let (first, second) = (self.name_of(from.side.entity, first.from), self.name_of(from.side.entity, other.from));
        let (link, back) = (self.field_name(from.side), self.field_name(to.side));
        let path = self.path_of_pair(from.side, other);
        self.errors.tell(
            Code::LINKS_TOO_MANY,
            path,
            Phrase {
                en: format!(
                    "`{link}` of {} and of {} both name {}, whose `{back}` is one",
                    first.en, second.en, target.en
                ),
                id: format!(
                    "`{link}` dari {} dan dari {} sama-sama menyebut {}, yang `{back}`-nya satu",
                    first.id, second.id, target.id
                ),
            },
            Hint::None,
        );
    }

    /// Gives links that are not known what the other side, known of every element, says.
    fn fill_rest(&mut self, from: &Known, to: &Known) {
        if !from.is_complete() {
            return;
        }
        let back = from.back();
        let Some(slot) = self.binder.layout(to.side.entity).and_then(|l| l.slots.get(to.side.field)) else { return };
        for row in to.open() {
            let linking = leading_to(&back, row);
            match (&slot.shape, to.side.items) {
                (Shape::Scalar(scalar), None) if linking.is_empty() && scalar.optional => {
                    self.set_link(to.side, row, Value::None);
                }
                (Shape::List(shape), Some(items)) => {
                    let at = Slotted { entity: to.side.entity, field: to.side.field, row };
                    // One that was given with an item that is not known stays as it is.
                    let given = self.case.list(at.entity, at.field, row).is_some_and(|l| l.state == ListState::Known);
                    if given {
                        continue;
                    }
                    let count = linking.len();
                    if count < shape.least || shape.most.is_some_and(|most| count > most) {
                        self.wrong_count(to.side, row, count, shape.least, shape.most);
                    }
                    let Some(start) = self.grow(at, items, count, None, &Fact::Unknown) else { return };
                    for (pair, item) in linking.iter().zip(start..) {
                        let slot = Slotted { entity: items, field: 0, row: item };
                        self.set(slot, Fact::Known(Value::Element(pair.from)));
                    }
                    let held = u32::try_from(count).unwrap_or(u32::MAX);
                    self.set_list(at, ListFact { start, count: held, state: ListState::Known });
                }
                _ => {}
            }
        }
    }

    fn set_link(&mut self, side: LinkSide, row: u32, value: Value) {
        self.set(Slotted { entity: side.entity, field: side.field, row }, Fact::Known(value));
    }

    fn wrong_count(&mut self, side: LinkSide, row: u32, count: usize, least: usize, most: Option<usize>) {
        let name = self.name_of(side.entity, row);
        let (link, allowed) = (self.field_name(side), words::length(least, most));
        let path = path_of(self.program, &self.case, side.entity, side.field, row);
        self.errors.tell(
            Code::FACT_LIST_SIZE,
            path,
            Phrase {
                en: format!("{count} are linked to {} by `{link}`, but the list holds {}", name.en, allowed.en),
                id: format!("{count} tertaut ke {} lewat `{link}`, padahal daftar memuat {}", name.id, allowed.id),
            },
            Hint::None,
        );
    }

    /// Tells of links that come back to where they began: a walk that leaves each element once.
    fn cycles(&mut self, side: LinkSide) {
        let known = self.known(side);
        let rows = known.closed.len();
        let mut starts = vec![0usize; rows + 1];
        for pair in &known.pairs {
            if let Some(count) = starts.get_mut(pair.from as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        // Not met, on the way, done.
        let mut state = vec![0u8; rows];
        let mut told = 0;
        for row in 0..rows {
            if state.get(row) != Some(&0) {
                continue;
            }
            let mut way: Vec<(usize, usize)> = vec![(row, starts.get(row).copied().unwrap_or(0))];
            set(&mut state, row, 1);
            while let Some((at, next)) = way.last_mut() {
                let end = starts.get(*at + 1).copied().unwrap_or(0);
                let Some(pair) = known.pairs.get(*next).filter(|_| *next < end) else {
                    set(&mut state, *at, 2);
                    way.pop();
                    continue;
                };
                *next += 1;
                let to = pair.to as usize;
                match state.get(to) {
                    Some(0) => {
                        set(&mut state, to, 1);
                        let start = starts.get(to).copied().unwrap_or(0);
                        way.push((to, start));
                    }
                    Some(1) if told < MOST_CYCLES => {
                        told += 1;
                        let from = way.iter().rposition(|(r, _)| *r == to).unwrap_or(0);
                        // The link by which each element of the round goes on is the one before its next.
                        let round: Vec<&Pair> = way
                            .iter()
                            .skip(from)
                            .filter_map(|(_, next)| known.pairs.get(next.checked_sub(1)?))
                            .collect();
                        self.cycle(side, &round);
                    }
                    _ => {}
                }
            }
        }
    }

    /// Tells of one round, from its first element on.
    fn cycle(&mut self, side: LinkSide, round: &[&Pair]) {
        let first = round.iter().enumerate().min_by_key(|(_, p)| p.from).map_or(0, |(i, _)| i);
        let Some(start) = round.get(first) else { return };
        let me = self.name_of(side.entity, start.from);
        let mut way = me.clone();
        for (count, pair) in round.iter().cycle().skip(first).take(round.len()).enumerate() {
            let next = if count == MOST_STEPS { words::plain("…") } else { self.name_of(side.entity, pair.to) };
            way.en = format!("{} → {}", way.en, next.en);
            way.id = format!("{} → {}", way.id, next.id);
            if count == MOST_STEPS {
                break;
            }
        }
        let link = self.field_name(side);
        let path = self.path_of_pair(side, start);
        self.errors.tell(
            Code::LINK_CYCLE,
            path,
            Phrase {
                en: format!("`{link}` of {} leads back to itself: {}", me.en, way.en),
                id: format!("`{link}` dari {} kembali ke dirinya sendiri: {}", me.id, way.id),
            },
            Hint::Say(phrase!("correct one of these links", "perbaiki salah satu tautan ini")),
        );
    }
}

fn set(state: &mut [u8], row: usize, to: u8) {
    if let Some(slot) = state.get_mut(row) {
        *slot = to;
    }
}
