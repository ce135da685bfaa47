//! Whether boxes cover a space: each axis is cut into pieces in which all rows answer alike, a box is a set of pieces an axis.

use std::collections::BTreeSet;

/// A set of small numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn new(size: usize) -> Bits {
        Bits(vec![0; size.div_ceil(64)])
    }

    pub(super) fn one(size: usize, at: usize) -> Bits {
        let mut bits = Bits::new(size);
        bits.insert(at);
        bits
    }

    pub(super) fn insert(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    pub(super) fn holds(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    pub(super) fn and(&self, other: &Bits) -> Bits {
        Bits(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Whether one is in both.
    pub(super) fn meets(&self, other: &Bits) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    fn within(&self, other: &Bits) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a & !b == 0)
    }
}

/// What a search found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cover {
    Whole,
    /// A piece of each axis that no box holds together.
    Hole(Vec<usize>),
    /// The search would take too many steps.
    TooMuch,
}

/// Boxes (each a set of pieces an axis), and which of them hold each piece of each axis.
pub(super) struct Boxes<'a> {
    sets: &'a [Vec<Bits>],
    holders: Vec<Vec<Bits>>,
}

impl<'a> Boxes<'a> {
    pub(super) fn new(sizes: &[usize], sets: &'a [Vec<Bits>]) -> Boxes<'a> {
        let mut holders: Vec<Vec<Bits>> = sizes.iter().map(|n| vec![Bits::new(sets.len()); *n]).collect();
        for (b, sets) in sets.iter().enumerate() {
            for (set, pieces) in sets.iter().zip(&mut holders) {
                for (_, holder) in pieces.iter_mut().enumerate().filter(|(piece, _)| set.holds(*piece)) {
                    holder.insert(b);
                }
            }
        }
        Boxes { sets, holders }
    }

    /// Whether those boxes that a test lets through cover `space` together. `steps` are those left: the words that the search still
    /// may write.
    pub(super) fn cover(&self, space: &[Bits], among: impl Fn(usize) -> bool, steps: &mut usize) -> Cover {
        // Which boxes hold all of the space on an axis and those after it.
        let mut full: Vec<Bits> = vec![Bits::new(self.sets.len()); space.len() + 1];
        let mut all = Bits::new(self.sets.len());
        for (b, sets) in self.sets.iter().enumerate().filter(|(b, _)| among(*b)) {
            all.insert(b);
            full.last_mut().into_iter().for_each(|f| f.insert(b));
            let axes = sets.iter().zip(space).zip(&mut full).rev();
            for (_, full) in axes.take_while(|((set, wanted), _)| wanted.within(set)) {
                full.insert(b);
            }
        }
        let cost = 1 + space.len() + all.0.len();
        // Places still to look at: the pieces chosen so far, and the boxes that hold them all.
        let mut open = vec![(Vec::new(), all)];
        let mut seen = BTreeSet::new();
        while let Some((chosen, alive)) = open.pop() {
            let axis = chosen.len();
            if full.get(axis).is_some_and(|full| alive.meets(full)) {
                continue;
            }
            let (Some(wanted), Some(pieces)) = (space.get(axis), self.holders.get(axis)) else {
                return Cover::Hole(chosen);
            };
            let mut fresh = Vec::new();
            for (piece, holder) in pieces.iter().enumerate().filter(|(piece, _)| wanted.holds(*piece)) {
                let Some(left) = steps.checked_sub(cost) else { return Cover::TooMuch };
                *steps = left;
                let next = alive.and(holder);
                if seen.insert((axis, next.clone())) {
                    let mut chosen = chosen.clone();
                    chosen.push(piece);
                    fresh.push((chosen, next));
                }
            }
            // The first pieces are looked at first.
            open.extend(fresh.into_iter().rev());
        }
        Cover::Whole
    }
}
