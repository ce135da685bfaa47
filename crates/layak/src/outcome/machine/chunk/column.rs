//! Columns of a chunk, and the loops over them. A loop has no branch that hangs on its values, so that the compiler makes
//! vectors of it.

use super::super::{NONE, OPEN};

/// Bits, one an element, of which it is remembered whether any is set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mask {
    words: Vec<u64>,
    any: bool,
}

impl Mask {
    /// So many elements, of which none is set.
    pub(crate) fn clear(&mut self, rows: usize) {
        self.words.clear();
        self.words.resize(rows.div_ceil(64), 0);
        self.any = false;
    }

    pub(crate) fn any(&self) -> bool {
        self.any
    }

    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    pub(crate) fn set(&mut self, row: usize) {
        if let Some(word) = self.words.get_mut(row / 64) {
            *word |= 1 << (row % 64);
            self.any = true;
        }
    }

    pub(crate) fn get(&self, row: usize) -> bool {
        self.any && self.words.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// How many are set.
    pub(crate) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Sets those that are set in another.
    pub(crate) fn add(&mut self, other: &Mask) {
        if other.any {
            self.add_words(&other.words);
        }
    }

    pub(crate) fn add_words(&mut self, words: &[u64]) {
        let mut some = 0;
        for (to, from) in self.words.iter_mut().zip(words) {
            *to |= from;
            some |= *to;
        }
        self.any = some != 0;
    }

    /// Sets those of whole words, one after another.
    pub(crate) fn fill(&mut self, words: impl Iterator<Item = u64>) {
        let mut some = 0;
        for (to, from) in self.words.iter_mut().zip(words) {
            *to = from;
            some |= from;
        }
        self.any = some != 0;
    }
}

/// Yes and no of every element, as in `Truth`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bits {
    pub(crate) yes: Vec<u64>,
    pub(crate) no: Vec<u64>,
}

impl Bits {
    /// Makes room for so many words and gives them.
    pub(super) fn room(&mut self, words: usize) -> (&mut [u64], &mut [u64]) {
        self.yes.resize(words, 0);
        self.no.resize(words, 0);
        (&mut self.yes, &mut self.no)
    }
}

/// How wide the words of a column are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Width {
    Byte,
    Int,
    #[default]
    Long,
}

/// A column of numbers, days, members or texts: one of its lists of words is in use, as narrow as its values allow.
/// INVARIANT: what stands where it is open or none is within the bounds too.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers {
    pub(crate) width: Width,
    pub(crate) bytes: Vec<u8>,
    pub(crate) ints: Vec<i32>,
    pub(crate) longs: Vec<i64>,
    pub(crate) open: Mask,
    pub(crate) none: Mask,
    /// No word is less or greater.
    pub(crate) low: i64,
    pub(crate) high: i64,
}

impl Numbers {
    /// The word of an element as the machine of one household has it.
    pub(crate) fn word(&self, row: usize) -> i64 {
        if self.open.get(row) {
            return OPEN;
        }
        if self.none.get(row) {
            return NONE;
        }
        let word = match self.width {
            Width::Byte => self.bytes.get(row).map(|w| i64::from(*w)),
            Width::Int => self.ints.get(row).map(|w| i64::from(*w)),
            Width::Long => self.longs.get(row).copied(),
        };
        word.unwrap_or(OPEN)
    }

    /// Empties it, for words of 64 bits to come, none of them open or none.
    pub(crate) fn begin(&mut self, rows: usize) {
        self.width = Width::Long;
        self.longs.clear();
        self.open.clear(rows);
        self.none.clear(rows);
    }

    /// Takes words as the machine of one household has them.
    pub(super) fn take(&mut self, words: &[i64]) {
        self.begin(words.len());
        for (row, word) in words.iter().enumerate() {
            match *word {
                OPEN => self.open.set(row),
                NONE => self.none.set(row),
                _ => {}
            }
        }
        self.longs.extend(words.iter().map(|w| if *w <= NONE { 0 } else { *w }));
        self.bound();
    }

    /// Finds the bounds of words of 64 bits.
    pub(crate) fn bound(&mut self) {
        (self.low, self.high) = (0, 0);
        for word in &self.longs {
            self.low = self.low.min(*word);
            self.high = self.high.max(*word);
        }
    }
}

/// Eight bytes that are 0 or 1 as eight bits.
fn gather(bytes: &[u8; 8]) -> u64 {
    u64::from_le_bytes(*bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

fn pack(bytes: &[u8; 64]) -> u64 {
    let (groups, _) = bytes.as_chunks::<8>();
    groups.iter().rev().fold(0, |word, group| word << 8 | gather(group))
}

/// A test of every word of a column, as bits.
pub(super) fn test_each<T: Copy>(column: &[T], out: &mut Vec<u64>, test: impl Fn(T) -> bool) {
    out.clear();
    let (chunks, rest) = column.as_chunks::<64>();
    for chunk in chunks {
        let bytes = chunk.map(|word| u8::from(test(word)));
        out.push(pack(&bytes));
    }
    if !rest.is_empty() {
        out.push(rest.iter().rev().fold(0, |bits, word| bits << 1 | u64::from(test(*word))));
    }
}

/// A test of every pair of words of two columns, as bits.
pub(super) fn test_pairs(a: &[i64], b: &[i64], out: &mut Vec<u64>, test: impl Fn(i64, i64) -> bool) {
    out.clear();
    let (a_chunks, a_rest) = a.as_chunks::<64>();
    let (b_chunks, b_rest) = b.as_chunks::<64>();
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        let mut bytes = [0u8; 64];
        for ((to, a), b) in bytes.iter_mut().zip(a).zip(b) {
            *to = u8::from(test(*a, *b));
        }
        out.push(pack(&bytes));
    }
    if !a_rest.is_empty() {
        out.push(a_rest.iter().zip(b_rest).rev().fold(0, |bits, (a, b)| bits << 1 | u64::from(test(*a, *b))));
    }
}

/// Whether a bit is set.
pub(super) fn is_set(words: &[u64], row: usize) -> bool {
    words.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
}

pub(super) fn set(words: &mut [u64], row: usize) {
    if let Some(word) = words.get_mut(row / 64) {
        *word |= 1 << (row % 64);
    }
}

pub(super) fn unset(words: &mut [u64], row: usize) {
    if let Some(word) = words.get_mut(row / 64) {
        *word &= !(1 << (row % 64));
    }
}

/// The elements whose bits are set, among so many.
pub(super) fn each_set(words: &[u64], rows: usize, mut say: impl FnMut(usize)) {
    for (index, word) in words.iter().enumerate() {
        let mut left = *word & within(rows, index);
        while left != 0 {
            say(index * 64 + left.trailing_zeros() as usize);
            left &= left - 1;
        }
    }
}

/// The bits of a word that stand for elements, of so many.
pub(super) fn within(rows: usize, word: usize) -> u64 {
    match rows.saturating_sub(word * 64) {
        0 => 0,
        left @ 1..64 => (1 << left) - 1,
        _ => u64::MAX,
    }
}
