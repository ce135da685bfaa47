//! Steps that are worked out element by element, wherever the columns stand.

use super::step::Operand;
use super::{Bit, Fold, Kind, Machine, Num, OPEN, encode};
use crate::value::{Calendar, Function, Value};

/// Columns to read from, for the elements of one frame.
pub(super) trait Read {
    fn num(&self, num: Num, row: usize) -> i64;
    fn truth(&self, bit: Bit, row: usize) -> Option<bool>;
}

/// The value of the first condition that holds.
#[inline(always)]
pub(super) fn choose(r: &impl Read, row: usize, arms: &[(Bit, Num)], otherwise: Num) -> i64 {
    for (condition, value) in arms {
        match r.truth(*condition, row) {
            Some(true) => return r.num(*value, row),
            Some(false) => {}
            None => return OPEN,
        }
    }
    r.num(otherwise, row)
}

/// The value of the one condition that holds; open where several do.
#[inline(always)]
pub(super) fn unique(r: &impl Read, row: usize, rows: &[(Bit, Num)], otherwise: Num) -> i64 {
    let mut found = None;
    for (holds, value) in rows {
        match (r.truth(*holds, row), found) {
            (Some(false), _) => {}
            (Some(true), None) => found = Some(*value),
            (Some(true), Some(_)) | (None, _) => return OPEN,
        }
    }
    r.num(found.unwrap_or(otherwise), row)
}

/// The value of a parameter, of which the values are sorted by keys.
#[inline(always)]
pub(super) fn lookup(r: &impl Read, row: usize, keys: &[Num], values: &[(Box<[i64]>, i64)], default: i64) -> i64 {
    let mut wanted = [OPEN; super::compile::MOST_KEYS];
    for (slot, key) in wanted.iter_mut().zip(keys) {
        *slot = r.num(*key, row);
    }
    let wanted = wanted.get(..keys.len()).unwrap_or(&[]);
    if wanted.contains(&OPEN) {
        return OPEN;
    }
    match values.binary_search_by(|(keys, _)| (**keys).cmp(wanted)) {
        Ok(index) => values.get(index).map_or(OPEN, |(_, value)| *value),
        Err(_) => default,
    }
}

/// An aggregate of values named one by one.
#[inline(always)]
pub(super) fn combine(r: &impl Read, row: usize, fold: Fold, items: &[(Bit, Num)], empty: Num) -> i64 {
    let items = items.iter().map(|(counts, value)| (r.truth(*counts, row), r.num(*value, row)));
    super::run::folded(fold, items, r.num(empty, row))
}

/// A function of the kernel.
pub(super) fn apply(
    r: &impl Read,
    row: usize,
    machine: &Machine,
    (function, operands, kind): (Function, &[Operand], Kind),
    calendar: Calendar,
) -> i64 {
    let values = operands.iter().map(|operand| match operand {
        Operand::Word(num, kind) => machine.decode(r.num(*num, row), *kind),
        Operand::Exact(value) => Some(value.clone()),
    });
    let Some(values) = values.collect::<Option<Vec<Value>>>() else { return OPEN };
    let values: Vec<&Value> = values.iter().collect();
    function.apply(&values, calendar).map_or(OPEN, |value| encode(&value, kind, &machine.layout.texts))
}
