//! What steps read: columns as the elements of a frame see them.

use super::super::rows::Read;
use super::super::{Bit, Num, OPEN, Slot, is_open};
use super::column::Width;
use super::{Chunk, Elements, Frames, Mask, Numbers};

/// The columns as the elements of a frame see them.
pub(super) struct Seen<'c> {
    pub chunk: &'c Chunk,
    pub frames: &'c Frames,
    pub frame: u32,
}

impl Read for Seen<'_> {
    fn num(&self, num: Num, row: usize) -> i64 {
        self.chunk.word(num, self.frame, row)
    }

    fn truth(&self, bit: Bit, row: usize) -> Option<bool> {
        self.chunk.truth(self.frames, bit, self.frame, row)
    }
}

/// A column to reckon with: words of 64 bits, their bounds, and where they are open or none.
pub(super) struct Operand<'c> {
    pub longs: &'c [i64],
    pub low: i64,
    pub high: i64,
    open: Where<'c>,
    none: Where<'c>,
}

/// Some elements.
#[derive(Clone, Copy)]
enum Where<'c> {
    Nowhere,
    Everywhere,
    At(&'c Mask),
    /// Where it is so of the household.
    Homes(&'c Mask, &'c [u32]),
}

impl Where<'_> {
    fn add_to(self, mask: &mut Mask, rows: usize) {
        match self {
            Where::Nowhere => {}
            Where::Everywhere => (0..rows).for_each(|row| mask.set(row)),
            Where::At(own) => mask.add(own),
            Where::Homes(own, owner) => {
                owner
                    .iter()
                    .enumerate()
                    .filter(|(_, home)| own.get(**home as usize))
                    .for_each(|(row, _)| mask.set(row));
            }
        }
    }
}

impl Operand<'_> {
    /// Adds where it is open to a mask.
    pub(super) fn open_to(&self, mask: &mut Mask) {
        self.open.add_to(mask, self.longs.len());
    }

    /// Adds where it is none to a mask.
    pub(super) fn none_to(&self, mask: &mut Mask) {
        self.none.add_to(mask, self.longs.len());
    }

    /// Where there is no value to reckon with.
    pub(super) fn unknown_to(&self, mask: &mut Mask) {
        self.open_to(mask);
        self.none_to(mask);
    }
}

impl Chunk {
    /// A column as a frame sees it, with room to make it of 64 bits where it is not.
    pub(super) fn operand<'c>(&'c self, num: Num, frame: u32, room: &'c mut Vec<i64>) -> Operand<'c> {
        let elements = self.frames.get(frame as usize);
        let rows = elements.map_or(0, |e| e.rows);
        match num {
            Num::Value(value) => {
                room.clear();
                let word = if is_open(value) { 0 } else { value };
                room.resize(rows, word);
                let (open, none) = match value {
                    OPEN => (Where::Everywhere, Where::Nowhere),
                    _ if is_open(value) => (Where::Nowhere, Where::Everywhere),
                    _ => (Where::Nowhere, Where::Nowhere),
                };
                Operand { longs: room, low: word, high: word, open, none }
            }
            Num::At(slot) => match self.numbers(slot) {
                Some(numbers) => column(numbers, slot, frame, elements, room),
                None => Operand { longs: &[], low: 0, high: 0, open: Where::Nowhere, none: Where::Nowhere },
            },
        }
    }
}

fn column<'c>(
    numbers: &'c Numbers,
    slot: Slot,
    frame: u32,
    elements: Option<&'c Elements>,
    room: &'c mut Vec<i64>,
) -> Operand<'c> {
    let (low, high) = (numbers.low, numbers.high);
    if slot.frame == frame {
        let longs = match numbers.width {
            Width::Long => numbers.longs.as_slice(),
            Width::Int => {
                room.clear();
                room.extend(numbers.ints.iter().map(|w| i64::from(*w)));
                room
            }
            Width::Byte => {
                room.clear();
                room.extend(numbers.bytes.iter().map(|w| i64::from(*w)));
                room
            }
        };
        return Operand { longs, low, high, open: Where::At(&numbers.open), none: Where::At(&numbers.none) };
    }
    let owner = elements.map_or(&[][..], |e| e.owner.as_slice());
    room.clear();
    let homes = owner.iter().map(|home| *home as usize);
    match numbers.width {
        Width::Long => room.extend(homes.map(|h| numbers.longs.get(h).copied().unwrap_or(0))),
        Width::Int => room.extend(homes.map(|h| numbers.ints.get(h).map_or(0, |w| i64::from(*w)))),
        Width::Byte => room.extend(homes.map(|h| numbers.bytes.get(h).map_or(0, |w| i64::from(*w)))),
    }
    let of_home = |mask: &'c Mask| if mask.any() { Where::Homes(mask, owner) } else { Where::Nowhere };
    Operand { longs: room, low, high, open: of_home(&numbers.open), none: of_home(&numbers.none) }
}

/// Words of the household as its elements see them.
pub(super) fn spread(words: &[u64], owner: &[u32], out: &mut Vec<u64>) {
    out.clear();
    for group in owner.chunks(64) {
        out.push(group.iter().rev().fold(0, |bits, home| {
            let word = words.get(*home as usize / 64).copied().unwrap_or(0);
            bits << 1 | (word >> (home % 64) & 1)
        }));
    }
}
