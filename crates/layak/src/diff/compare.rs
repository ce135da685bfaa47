//! Two versions of one declaration: which pieces belong together, and what differs between them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::fingerprint::{Aspect, Shown};

use super::ChangeKind;
use super::tree::Node;

/// More rows than these on either side are not compared each with each.
const MOST_LIKENED: usize = 100;

/// Rows that moved are named one by one up to so many.
const MOST_MOVED: usize = 20;

/// A step on the way from a declaration to a piece of it: the piece before and after, and its position among those like it.
#[derive(Clone, Copy)]
pub(super) struct Step<'n, 'a> {
    pub before: Option<(&'n Node<'a>, usize)>,
    pub after: Option<(&'n Node<'a>, usize)>,
}

impl<'n, 'a> Step<'n, 'a> {
    pub(super) fn node(&self) -> Option<&'n Node<'a>> {
        self.after.or(self.before).map(|(node, _)| node)
    }
}

/// One difference, where it stands.
pub(super) struct Difference<'n, 'a> {
    pub kind: ChangeKind,
    pub path: Vec<Step<'n, 'a>>,
    /// From which place among the rows to which, from 0, where that is the difference; none: all of them are in another order.
    pub moved: Option<Option<(usize, usize)>>,
}

/// What differs between two pieces.
pub(super) fn compare<'n, 'a>(before: &'n Node<'a>, after: &'n Node<'a>) -> Vec<Difference<'n, 'a>> {
    let mut comparison = Comparison { out: Vec::new(), path: Vec::new() };
    comparison.pair(before, after);
    comparison.out
}

struct Comparison<'n, 'a> {
    out: Vec<Difference<'n, 'a>>,
    path: Vec<Step<'n, 'a>>,
}

impl<'n, 'a> Comparison<'n, 'a> {
    fn tell(&mut self, kind: ChangeKind, step: Step<'n, 'a>) {
        let path = self.path.iter().copied().chain([step]).collect();
        self.out.push(Difference { kind, path, moved: None });
    }

    /// The depth of the recursion is that of the pieces of a declaration, which is small and fixed.
    fn pair(&mut self, before: &'n Node<'a>, after: &'n Node<'a>) {
        let pairs = matching(before, after);
        let mut from: Vec<Option<usize>> = vec![None; after.parts.len()];
        for (a, b) in pairs.iter().enumerate() {
            if let Some(slot) = b.and_then(|b| from.get_mut(b)) {
                *slot = Some(a);
            }
        }
        // In the order of the new rules; what is gone, last.
        for ((b, node), a) in after.parts.iter().enumerate().zip(&from) {
            match a.and_then(|a| before.parts.get(a).map(|old| (old, a))) {
                None if !is_told_elsewhere(None, Some(node)) => self.one_sided(ChangeKind::Added, (node, b)),
                Some((old, a)) if old.hash != node.hash || old.key != node.key => {
                    let step = Step { before: Some((old, a)), after: Some((node, b)) };
                    if !old.parts.is_empty() || !node.parts.is_empty() {
                        self.path.push(step);
                        self.pair(old, node);
                        self.path.pop();
                    } else if !is_told_elsewhere(Some(old), Some(node)) {
                        self.tell(ChangeKind::Changed, step);
                    }
                }
                None | Some(_) => {}
            }
        }
        for ((a, node), b) in before.parts.iter().enumerate().zip(&pairs) {
            if b.is_none() && !is_told_elsewhere(Some(node), None) {
                self.one_sided(ChangeKind::Removed, (node, a));
            }
        }
        if before.is_ordered || after.is_ordered {
            self.moves(before, after, &pairs);
        }
    }

    /// A piece of one side alone; of those that only hold others, each of these.
    fn one_sided(&mut self, kind: ChangeKind, (node, at): (&'n Node<'a>, usize)) {
        let sided = |node, at| match kind {
            ChangeKind::Removed => Step { before: Some((node, at)), after: None },
            ChangeKind::Added | ChangeKind::Changed => Step { before: None, after: Some((node, at)) },
        };
        if !matches!(node.key.aspect, Aspect::Entry | Aspect::Rows) {
            self.tell(kind, sided(node, at));
            return;
        }
        self.path.push(sided(node, at));
        for (at, part) in node.parts.iter().enumerate() {
            self.tell(kind, sided(part, at));
        }
        self.path.pop();
    }

    /// The pieces whose order says something and that stand in another one: the fewest that must move.
    fn moves(&mut self, before: &'n Node<'a>, after: &'n Node<'a>, pairs: &[Option<usize>]) {
        let to: Vec<(usize, usize)> = pairs.iter().enumerate().filter_map(|(a, b)| Some((a, (*b)?))).collect();
        let stay = longest_ascending(&to.iter().map(|(_, b)| *b).collect::<Vec<_>>());
        let moved: Vec<(usize, usize)> =
            to.iter().enumerate().filter(|(i, _)| !stay.contains(i)).map(|(_, pair)| *pair).collect();
        if moved.len() > MOST_MOVED {
            self.out.push(Difference { kind: ChangeKind::Changed, path: self.path.clone(), moved: Some(None) });
            return;
        }
        for (a, b) in moved {
            let (Some(old), Some(new)) = (before.parts.get(a), after.parts.get(b)) else { continue };
            let step = Step { before: Some((old, a)), after: Some((new, b)) };
            let path = self.path.iter().copied().chain([step]).collect();
            self.out.push(Difference { kind: ChangeKind::Changed, path, moved: Some(Some((a, b))) });
        }
    }
}

/// Differences that follow from others: a version ends another day because the next one begins another day; fields and
/// members stand in the same order as far as both sides have them.
fn is_told_elsewhere(before: Option<&Node<'_>>, after: Option<&Node<'_>>) -> bool {
    let node = after.or(before);
    match node.map(|n| n.key.aspect) {
        Some(Aspect::Until) => {
            let follows = |n: Option<&Node<'_>>| n.is_none_or(|n| matches!(n.shown, Shown::Day(_, true)));
            follows(before) && follows(after)
        }
        Some(Aspect::Order) => match (before.map(|n| &n.shown), after.map(|n| &n.shown)) {
            (Some(Shown::Names(a)), Some(Shown::Names(b))) => {
                let (of_a, of_b): (BTreeSet<_>, BTreeSet<_>) = (a.iter().collect(), b.iter().collect());
                a.iter().filter(|n| of_b.contains(n)).eq(b.iter().filter(|n| of_a.contains(n)))
            }
            _ => true,
        },
        _ => false,
    }
}

/// For each part of one, the part of the other that it has become.
fn matching(before: &Node<'_>, after: &Node<'_>) -> Vec<Option<usize>> {
    let mut pairs = Pairs { before, after, to: vec![None; before.parts.len()], taken: vec![false; after.parts.len()] };
    pairs.by(|n| Some(format!("{:?} {} {}", n.key.aspect, n.key.name, n.hash)));
    // Rows have no names, and so have exceptions without a label.
    let is_nameless = |n: &Node<'_>| match n.key.aspect {
        Aspect::Row => true,
        Aspect::Exception => n.key.name.is_empty(),
        _ => false,
    };
    pairs.by(|n| (!is_nameless(n)).then(|| format!("{:?} {}", n.key.aspect, n.key.name)));
    let dates = |aspect: Aspect| matches!(aspect, Aspect::From | Aspect::Until | Aspect::Enacted | Aspect::Basis);
    let of =
        |n: &Node<'_>, aspect: Aspect, test: &dyn Fn(Aspect) -> bool| (n.key.aspect == aspect).then(|| n.hash_of(test));
    pairs.by(|n| of(n, Aspect::Version, &|a| !dates(a)));
    pairs.by(|n| of(n, Aspect::Row, &|a| a == Aspect::Input));
    pairs.by(|n| of(n, Aspect::Row, &|a| a == Aspect::Output));
    pairs.by(|n| of(n, Aspect::Exception, &|a| a == Aspect::Condition));
    pairs.by(|n| of(n, Aspect::Exception, &|a| a == Aspect::Value));
    pairs.by_likeness();
    for aspect in [Aspect::Version, Aspect::Exception] {
        pairs.the_only(aspect);
    }
    pairs.to
}

struct Pairs<'n, 'a> {
    before: &'n Node<'a>,
    after: &'n Node<'a>,
    to: Vec<Option<usize>>,
    taken: Vec<bool>,
}

impl<'n, 'a> Pairs<'n, 'a> {
    fn left_before(&self) -> impl Iterator<Item = (usize, &'n Node<'a>)> {
        self.before.parts.iter().enumerate().zip(&self.to).filter(|(_, to)| to.is_none()).map(|(part, _)| part)
    }

    fn left_after(&self) -> impl Iterator<Item = (usize, &'n Node<'a>)> {
        self.after.parts.iter().enumerate().zip(&self.taken).filter(|(_, taken)| !**taken).map(|(part, _)| part)
    }

    fn join(&mut self, a: usize, b: usize) {
        if let (Some(to), Some(taken)) = (self.to.get_mut(a), self.taken.get_mut(b)) {
            *to = Some(b);
            *taken = true;
        }
    }

    /// Pairs what is left and has one text, first with first.
    fn by(&mut self, text: impl Fn(&Node<'_>) -> Option<String>) {
        let mut known: BTreeMap<String, VecDeque<usize>> = BTreeMap::new();
        for (b, node) in self.left_after() {
            if let Some(text) = text(node) {
                known.entry(text).or_default().push_back(b);
            }
        }
        let mut found = Vec::new();
        for (a, node) in self.left_before() {
            if let Some(b) = text(node).and_then(|text| known.get_mut(&text)?.pop_front()) {
                found.push((a, b));
            }
        }
        found.into_iter().for_each(|(a, b)| self.join(a, b));
    }

    /// Pairs rows that share most of their cells and outputs, and not less than half.
    fn by_likeness(&mut self) {
        let row = |(_, n): &(usize, &Node<'_>)| n.key.aspect == Aspect::Row;
        let (old, new): (Vec<_>, Vec<_>) =
            (self.left_before().filter(row).collect(), self.left_after().filter(row).collect());
        if old.len() > MOST_LIKENED || new.len() > MOST_LIKENED {
            return;
        }
        let mut likes: Vec<(usize, usize, usize)> = Vec::new();
        for (a, x) in &old {
            for (b, y) in &new {
                let like =
                    x.parts.iter().filter(|p| y.parts.iter().any(|q| p.key == q.key && p.hash == q.hash)).count();
                if like * 2 >= x.parts.len().max(y.parts.len()) {
                    likes.push((usize::MAX - like, *a, *b));
                }
            }
        }
        likes.sort_unstable();
        for (_, a, b) in likes {
            if self.to.get(a) == Some(&None) && self.taken.get(b) == Some(&false) {
                self.join(a, b);
            }
        }
    }

    /// Pairs the one that is left of a kind with the one that is left of it.
    fn the_only(&mut self, aspect: Aspect) {
        let kind = |(_, n): &(usize, &Node<'_>)| n.key.aspect == aspect;
        let (old, new): (Vec<_>, Vec<_>) =
            (self.left_before().filter(kind).take(2).collect(), self.left_after().filter(kind).take(2).collect());
        if let ([(a, _)], [(b, _)]) = (old.as_slice(), new.as_slice()) {
            self.join(*a, *b);
        }
    }
}

/// The positions of a longest run of ascending values, in their order.
fn longest_ascending(values: &[usize]) -> BTreeSet<usize> {
    // By length of run, less one: the position that ends the run with the smallest value.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = vec![None; values.len()];
    for (at, value) in values.iter().enumerate() {
        let length = ends.partition_point(|end| values.get(*end) < Some(value));
        if let Some(slot) = previous.get_mut(at) {
            *slot = length.checked_sub(1).and_then(|l| ends.get(l)).copied();
        }
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut out = BTreeSet::new();
    let mut at = ends.last().copied();
    while let Some(position) = at {
        out.insert(position);
        at = previous.get(position).copied().flatten();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewest_move() {
        let stay = |values: &[usize]| longest_ascending(values).into_iter().collect::<Vec<_>>();
        assert_eq!(stay(&[]), Vec::<usize>::new());
        assert_eq!(stay(&[0, 1, 2]), [0, 1, 2]);
        assert_eq!(stay(&[2, 0, 1]), [1, 2]);
        assert_eq!(stay(&[1, 2, 0, 3]), [0, 1, 3]);
        assert_eq!(stay(&[2, 1, 0]).len(), 1);
    }
}
