//! Functions, choices and parameters to steps.

use std::sync::Arc;

use crate::graph::NodeId;
use crate::value::{Date, Function, Value};

use super::super::run::is_ordered;
use super::super::step::{Operand, Reckon, Step, Test};
use super::super::{Bit, Kind, LEAST, Num, OPEN, Reg, Slot, encode, is_open};
use super::{Compiler, MOST_KEYS, MOST_SCALE, SCALE_OF_MONEY, pow10};

/// Members of an enum up to which a set of them is a word.
const MOST_MEMBERS: usize = 64;
/// Years of the longest life.
const MOST_YEARS: i64 = 150;

impl Compiler<'_> {
    pub(super) fn apply(&mut self, function: Function, operands: &[NodeId], frame: u32) -> Option<Reg> {
        if let (Function::Equal, [a, b]) = (function, operands)
            && let (Some(a), Some(b)) = (self.truth(*a), self.truth(*b))
        {
            return Some(Reg::Bit(self.set_bits(|to| Step::Same { a, b, to })));
        }
        let words: Vec<Option<(Num, Kind)>> = operands.iter().map(|n| self.num(*n)).collect();
        match (function, words.as_slice()) {
            (Function::Equal, [Some(a), Some(b)]) => self.equal(*a, *b, frame).map(Reg::Bit),
            (Function::Less | Function::LessEqual, [Some(a), Some(b)]) if is_ordered(a.1) && is_ordered(b.1) => {
                self.less(function == Function::LessEqual, *a, *b, frame).map(Reg::Bit)
            }
            (Function::Unwrap, [Some((of, kind))]) => {
                let (of, other) = (*of, Num::Value(OPEN));
                Some(Reg::Num(self.set_num(frame, |to| Step::OrElse { of, other, to }), *kind))
            }
            (Function::IsNone, [Some((of, _))]) => {
                let of = *of;
                Some(Reg::Bit(self.mark(frame, |to| Step::IsNone { of, to })))
            }
            (Function::Add | Function::Subtract, [Some(a), Some(b)]) => {
                let (nums, kind) = self.alike(&[*a, *b]).filter(|(_, kind)| is_ordered(*kind))?;
                let (a, b) = (*nums.first()?, *nums.get(1)?);
                let out = match function {
                    Function::Add => self.add(a, b, frame),
                    _ => self.set_num(frame, |to| Step::Reckon { what: Reckon::Subtract, a, b, to }),
                };
                Some(Reg::Num(out, kind))
            }
            (Function::Min | Function::Max, [Some(a), Some(b)]) => {
                let (nums, kind) = self.alike(&[*a, *b]).filter(|(_, kind)| is_ordered(*kind))?;
                Some(Reg::Num(self.extreme(function == Function::Max, &nums, frame)?, kind))
            }
            (Function::Multiply, [Some((a, Kind::Number { scale: x })), Some((b, Kind::Number { scale: y }))]) => {
                let scale = (x + y <= MOST_SCALE).then_some(x + y)?;
                Some(Reg::Num(self.multiply(*a, *b, frame), Kind::Number { scale }))
            }
            (Function::Divide, [Some((a, Kind::Number { scale: x })), Some((b, Kind::Number { scale: y }))]) => {
                let scale = (*x).max(SCALE_OF_MONEY);
                let factor = pow10((scale + y).checked_sub(*x)?)?;
                let (a, b) = (*a, *b);
                Some(Reg::Num(self.set_num(frame, |to| Step::Divide { a, factor, b, to }), Kind::Number { scale }))
            }
            (Function::YearsBetween, [Some((from, Kind::Date)), Some((Num::Value(day), Kind::Date))]) => {
                let (from, to_day, cuts) = (*from, *day, self.cuts(*day)?);
                let known = Arc::clone(&cuts);
                let years = self.set_num(frame, |to| Step::Years { from, to_day, cuts, to });
                if let Num::At(slot) = years {
                    self.ages.insert(slot, (from, known));
                }
                Some(Reg::Num(years, Kind::Number { scale: 0 }))
            }
            _ => self.kernel(function, operands, &words, frame),
        }
    }

    /// Equality. A member of an enum is looked up in a set of members.
    fn equal(&mut self, a: (Num, Kind), b: (Num, Kind), frame: u32) -> Option<Bit> {
        let is_text = |k: Kind| k == Kind::Text;
        let is_written = |n: Num| matches!(n, Num::Value(_));
        if is_text(a.1) && is_text(b.1) && !is_written(a.0) && !is_written(b.0) {
            // Two texts that the rules do not name need not be the same.
            return None;
        }
        let (nums, _) = self.alike(&[a, b])?;
        let (a, b) = (*nums.first()?, *nums.get(1)?);
        if let (of @ Num::At(slot), Num::Value(value)) | (Num::Value(value), of @ Num::At(slot)) = (a, b) {
            if value == OPEN {
                return None;
            }
            if let Some(bit) = self.tested(of, |case| case == value) {
                return Some(bit);
            }
            let size = self.sizes.get(&slot).copied().filter(|size| *size <= MOST_MEMBERS);
            if let Some(member) = size.and_then(|size| usize::try_from(value).ok().filter(|member| *member < size)) {
                return Some(self.among(slot, 1 << member));
            }
        }
        Some(self.mark(frame, |to| Step::Compare { test: Test::Equal, a, b, to }))
    }

    /// Order. Completed years are compared by the day that they are counted from.
    fn less(&mut self, or_equal: bool, a: (Num, Kind), b: (Num, Kind), frame: u32) -> Option<Bit> {
        if let Some(bit) = self.by_day(or_equal, a, b) {
            return Some(bit);
        }
        let (nums, _) = self.alike(&[a, b])?;
        let (a, b) = (*nums.first()?, *nums.get(1)?);
        let is_less = |a: i64, b: i64| if or_equal { a <= b } else { a < b };
        let has_none = |cases: &[(i64, Bit)]| cases.iter().any(|(value, _)| is_open(*value));
        match (a, b) {
            (Num::Value(a), _) | (_, Num::Value(a)) if is_open(a) => return None,
            (Num::At(slot), Num::Value(bound)) if self.cases.get(&slot).is_some_and(|c| !has_none(c)) => {
                if let Some(bit) = self.tested(a, |case| is_less(case, bound)) {
                    return Some(bit);
                }
            }
            (Num::Value(bound), Num::At(slot)) if self.cases.get(&slot).is_some_and(|c| !has_none(c)) => {
                if let Some(bit) = self.tested(b, |case| is_less(bound, case)) {
                    return Some(bit);
                }
            }
            _ => {}
        }
        let range = match (a, b) {
            (Num::At(of), Num::Value(bound)) => Some((of, LEAST, if or_equal { bound } else { bound.checked_sub(1)? })),
            (Num::Value(bound), Num::At(of)) => {
                Some((of, if or_equal { bound } else { bound.checked_add(1)? }, i64::MAX))
            }
            _ => None,
        };
        if let Some((of, low, high)) = range {
            return Some(self.within(of, low, high));
        }
        let test = if or_equal { Test::LessEqual } else { Test::Less };
        Some(self.mark(frame, |to| Step::Compare { test, a, b, to }))
    }

    /// Completed years against a written number: at least `n` have all who were there on the last day with so many. More than a part of a year
    /// beyond `n`, or as many, have those with `n + 1`.
    fn by_day(&mut self, or_equal: bool, a: (Num, Kind), b: (Num, Kind)) -> Option<Bit> {
        let cut = |slot: Slot, years: i64| {
            let (from, cuts) = self.ages.get(&slot)?;
            Some((*from, *cuts.get(usize::try_from(years).ok()?)?))
        };
        // The fewest whole years that are at least so many, or more.
        let least = |bound: i64, kind: Kind, is_more: bool| {
            let Kind::Number { scale } = kind else { return None };
            let one = pow10(scale)?;
            let whole = bound.div_euclid(one);
            if is_more || bound.rem_euclid(one) > 0 { whole.checked_add(1) } else { Some(whole) }
        };
        let (from, day, is_opposite) = match (a, b) {
            // No more than `n` is not more than `n`, and less is not at least so many.
            ((Num::At(slot), _), (Num::Value(n), kind)) => {
                let (from, day) = cut(slot, least(n, kind, or_equal)?)?;
                (from, day, true)
            }
            ((Num::Value(n), kind), (Num::At(slot), _)) => {
                let (from, day) = cut(slot, least(n, kind, !or_equal)?)?;
                (from, day, false)
            }
            _ => return None,
        };
        let Num::At(from) = from else { return None };
        let bit = self.within(from, LEAST, day);
        Some(if is_opposite { bit.opposite() } else { bit })
    }

    /// The least or the greatest of some values of one kind.
    pub(super) fn extreme(&mut self, is_max: bool, values: &[Num], frame: u32) -> Option<Num> {
        let what = if is_max { Reckon::Max } else { Reckon::Min };
        let written = values.iter().filter_map(|v| match v {
            Num::Value(value) => Some(*value),
            Num::At(_) => None,
        });
        if written.clone().any(is_open) {
            return None;
        }
        let bound = if is_max { written.max() } else { written.min() };
        let mut list = values.iter().copied().filter(|v| matches!(v, Num::At(_))).chain(bound.map(Num::Value));
        let mut out = list.next()?;
        for b in list {
            let a = out;
            out = self.set_num(frame, |to| Step::Reckon { what, a, b, to });
        }
        if let Num::At(slot) = out
            && !values.contains(&out)
        {
            self.note_extreme(slot, is_max, values);
        }
        Some(out)
    }

    /// The last days of birth with so many years.
    fn cuts(&self, day: i64) -> Option<Arc<[i64]>> {
        let to = Date::from_ordinal(i32::try_from(day).ok()?)?;
        let calendar = self.graph.calendar;
        let mut cuts: Vec<i64> = Vec::new();
        for years in 0..=MOST_YEARS {
            // About there; then the last day with so many.
            let mut cut = to.add_days(-(years * 1461 / 4) + 3)?;
            while calendar.years_between(cut, to) < years {
                cut = cut.add_days(-1)?;
            }
            cuts.push(i64::from(cut.ordinal()));
        }
        Some(cuts.into())
    }

    /// A function that has no step of its own, on decoded values.
    fn kernel(
        &mut self,
        function: Function,
        operands: &[NodeId],
        words: &[Option<(Num, Kind)>],
        frame: u32,
    ) -> Option<Reg> {
        let scale_of = |n: usize| match words.get(n) {
            Some(Some((_, Kind::Number { scale }))) => Some(*scale),
            _ => None,
        };
        let scale = match function {
            Function::Negate | Function::Abs => scale_of(0)?,
            Function::Remainder | Function::Min | Function::Max => scale_of(0)?.max(scale_of(1)?),
            Function::Round(_) => scale_of(1)?,
            Function::Floor
            | Function::Ceil
            | Function::YearsBetween
            | Function::MonthsBetween
            | Function::DaysBetween
            | Function::DaysThrough
            | Function::Year
            | Function::Month
            | Function::Day => 0,
            Function::DateAdd | Function::DateSubtract | Function::FirstOfMonth | Function::LastOfMonth => 0,
            _ => return None,
        };
        let kind = match function {
            Function::DateAdd | Function::DateSubtract | Function::FirstOfMonth | Function::LastOfMonth => Kind::Date,
            _ => Kind::Number { scale },
        };
        let mut list = Vec::new();
        for (operand, word) in operands.iter().zip(words) {
            list.push(match (word, self.reg(*operand)) {
                (Some((num, kind)), _) => Operand::Word(*num, *kind),
                (None, Reg::Exact(value)) => Operand::Exact(value.clone()),
                _ => return None,
            });
        }
        let operands = list.into_boxed_slice();
        Some(Reg::Num(self.set_num(frame, |to| Step::Apply { function, operands, kind, to }), kind))
    }

    /// The value of the first condition that holds; the last is for where none does.
    pub(super) fn chosen(&mut self, conditions: &[Bit], values: &[NodeId], frame: u32) -> Option<Reg> {
        // An arm that a machine does not have is open where it is taken.
        let is_bit = values.iter().any(|v| matches!(self.reg(*v), Reg::Bit(_)));
        if is_bit {
            let mut bits: Vec<Bit> = values.iter().map(|v| self.truth_or_open(*v)).collect();
            let otherwise = bits.pop()?;
            let arms = conditions.iter().copied().zip(bits).collect();
            return Some(Reg::Bit(self.set_bits(|to| Step::ChooseBit { arms, otherwise, to })));
        }
        let list: Vec<(Num, Kind)> =
            values.iter().map(|v| self.num(*v).unwrap_or((Num::Value(OPEN), Kind::None))).collect();
        let (nums, kind) = self.alike(&list)?;
        let (otherwise, firsts) = nums.split_last()?;
        let otherwise = *otherwise;
        let arms = conditions.iter().copied().zip(firsts.iter().copied()).collect();
        let size = values.iter().filter_map(|v| self.num(*v)).filter_map(|(n, _)| self.size(n)).max();
        let out = self.set_num(frame, |to| Step::Choose { arms, otherwise, to });
        if let Num::At(slot) = out {
            self.note_chosen(slot, conditions, &nums);
            if let (Kind::Enum, Some(size)) = (kind, size.or(self.most(values))) {
                self.sizes.insert(slot, size);
            }
        }
        Some(Reg::Num(out, kind))
    }

    fn size(&self, num: Num) -> Option<usize> {
        match num {
            Num::At(slot) => self.sizes.get(&slot).copied(),
            Num::Value(_) => None,
        }
    }

    /// One more than the greatest member written.
    fn most(&self, values: &[NodeId]) -> Option<usize> {
        let word = |v: &NodeId| match self.num(*v) {
            Some((Num::Value(n), Kind::Enum)) => usize::try_from(n).ok().map(|n| n + 1),
            _ => None,
        };
        values.iter().filter_map(word).max()
    }

    pub(super) fn lookup(&mut self, parameter: usize, keys: &[(Num, Kind)], frame: u32) -> Option<Reg> {
        let parameter = self.graph.parameters.values().nth(parameter)?;
        if keys.len() > MOST_KEYS {
            return None;
        }
        let given = parameter.values.iter().filter_map(|(_, v)| v.as_ref()).chain(&parameter.default);
        let kinds: Vec<(Num, Kind)> = given.clone().filter_map(|v| self.word(v)).collect();
        if kinds.len() != given.count() {
            return None;
        }
        let kind = self.alike(&kinds)?.1;
        let texts = &self.layout.texts;
        let default = parameter.default.as_ref().map_or(OPEN, |v| encode(v, kind, texts));
        let mut values: Vec<(Box<[i64]>, i64)> = Vec::with_capacity(parameter.values.len());
        for (row, value) in &parameter.values {
            let row: Vec<i64> = row.iter().zip(keys).map(|(v, (_, kind))| encode(v, *kind, texts)).collect();
            // A key that does not fit the column's scale equals none of its values.
            if !row.contains(&OPEN) {
                values.push((row.into(), value.as_ref().map_or(default, |v| encode(v, kind, texts))));
            }
        }
        values.sort();
        let keys: Box<[Num]> = keys.iter().map(|(num, _)| *num).collect();
        Some(Reg::Num(self.set_num(frame, |to| Step::Lookup { keys, values: values.into(), default, to }), kind))
    }

    fn word(&mut self, value: &Value) -> Option<(Num, Kind)> {
        match self.constant(value) {
            Reg::Num(num, kind) => Some((num, kind)),
            _ => None,
        }
    }
}
