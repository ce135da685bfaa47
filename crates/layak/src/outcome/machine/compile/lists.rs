//! Lists and links to steps.

use crate::graph::{FrameId, Items, NodeId};
use crate::program::Aggregate;

use super::super::run::is_ordered;
use super::super::step::{Fold, Step, Test};
use super::super::{Bit, Kind, Num, OPEN, Reg, Slot};
use super::{Compiler, fold_of};

impl Compiler<'_> {
    /// The value that a node has for another element of the same entity, or of the household for all.
    pub(super) fn at(&mut self, of: NodeId, index: NodeId, home: FrameId, frame: u32) -> Option<Reg> {
        let home = self.machine_frame(home)?;
        let (index, kind) = self.num(index)?;
        if kind != Kind::Element || home != frame || frame == 0 || self.frame_of(of)? != frame {
            return None;
        }
        match self.regs.get(crate::arena::Id::index(of))?.clone() {
            Reg::Num(Num::At(of), kind) if of.frame == frame => {
                Some(Reg::Num(self.set_num(frame, |to| Step::Gather { of, index, to }), kind))
            }
            Reg::Bit(of) => Some(Reg::Bit(self.mark(frame, |to| Step::GatherBit { of, index, to }))),
            _ => None,
        }
    }

    pub(super) fn aggregate(
        &mut self,
        function: Aggregate,
        items: &Items,
        empty: Option<NodeId>,
        frame: u32,
    ) -> Option<Reg> {
        let inner = self.machine_frame(items.frame)?;
        if frame != 0 || inner == 0 || items.order.is_some() {
            return None;
        }
        let counts = self.truth(items.presence)?;
        if let Some(top) = items.top {
            let (count, Kind::Number { scale: 0 }) = self.num(top)? else { return None };
            let (value, kind) = self.num(items.value)?;
            let is_sum = function == Aggregate::Sum && matches!(kind, Kind::Number { .. });
            return is_sum.then(|| {
                let out = self.set_num(0, |to| Step::TopSum { frame: inner, counts, value, count, to: to.slot });
                Reg::Num(out, kind)
            });
        }
        match function {
            Aggregate::Any | Aggregate::None | Aggregate::Every => {
                // Every one holds where there is none that does not.
                let value = self.truth(items.value)?;
                let value = if function == Aggregate::Every { value.opposite() } else { value };
                let some = self.any(inner, &[counts, value]);
                Some(Reg::Bit(if function == Aggregate::Any { some } else { some.opposite() }))
            }
            _ => {
                let fold = fold_of(function)?;
                let empty = self.of_nothing(fold, empty)?;
                let value = if fold == Fold::Count { (Num::Value(0), Kind::None) } else { self.num(items.value)? };
                let (nums, kind) = self.alike(&[empty, value]).filter(|(_, kind)| is_ordered(*kind))?;
                let (empty, value) = (*nums.first()?, *nums.get(1)?);
                let step = |to: Slot| Step::Aggregate { fold, frame: inner, counts, value, empty, to: to.slot };
                Some(Reg::Num(self.set_num(0, step), kind))
            }
        }
    }

    fn of_nothing(&self, fold: Fold, empty: Option<NodeId>) -> Option<(Num, Kind)> {
        match (fold, empty) {
            (Fold::Sum | Fold::Count, _) => Some((Num::Value(0), Kind::Number { scale: 0 })),
            (Fold::Min | Fold::Max, Some(empty)) => self.num(empty),
            (Fold::Min | Fold::Max, None) => Some((Num::Value(OPEN), Kind::None)),
        }
    }

    pub(super) fn combine(
        &mut self,
        function: Aggregate,
        items: &[(NodeId, NodeId)],
        empty: Option<NodeId>,
        frame: u32,
    ) -> Option<Reg> {
        let counts: Option<Vec<Bit>> = items.iter().map(|(p, _)| self.truth(*p)).collect();
        let counts = counts?;
        if matches!(function, Aggregate::Any | Aggregate::None | Aggregate::Every) {
            let mut list = Vec::new();
            for (count, (_, value)) in counts.into_iter().zip(items) {
                let value = self.truth(*value)?;
                let value = if function == Aggregate::Every { value.opposite() } else { value };
                list.push(self.every(&[count, value]));
            }
            let some = self.some(&list);
            return Some(Reg::Bit(if function == Aggregate::Any { some } else { some.opposite() }));
        }
        let fold = fold_of(function)?;
        let mut list = vec![self.of_nothing(fold, empty)?];
        for (_, value) in items {
            list.push(if fold == Fold::Count { (Num::Value(0), Kind::None) } else { self.num(*value)? });
        }
        self.folded(fold, &counts, &list, frame)
    }

    /// An aggregate of values named one by one; the first is that of nothing.
    pub(super) fn folded(&mut self, fold: Fold, counts: &[Bit], list: &[(Num, Kind)], frame: u32) -> Option<Reg> {
        // A count is whole: what it is of nothing has no digits behind the point either.
        let fits = |kind: Kind| is_ordered(kind) && (fold != Fold::Count || kind == Kind::Number { scale: 0 });
        let (nums, kind) = self.alike(list).filter(|(_, kind)| fits(*kind))?;
        let (empty, nums) = nums.split_first()?;
        let empty = *empty;
        if counts.iter().all(|counts| *counts == Bit::YES) && !nums.is_empty() {
            match fold {
                Fold::Min | Fold::Max => return Some(Reg::Num(self.extreme(fold == Fold::Max, nums, frame)?, kind)),
                Fold::Sum => {
                    let mut list = nums.iter().copied();
                    let mut sum = list.next()?;
                    for next in list {
                        sum = self.add(sum, next, frame);
                    }
                    return Some(Reg::Num(sum, kind));
                }
                Fold::Count => {}
            }
        }
        let items = counts.iter().copied().zip(nums.iter().copied()).collect();
        Some(Reg::Num(self.set_num(frame, |to| Step::Combine { fold, items, empty, to }), kind))
    }

    pub(super) fn contains(&mut self, items: &Items, item: NodeId, frame: u32) -> Option<Reg> {
        let inner = self.machine_frame(items.frame)?;
        if frame != 0 || inner == 0 || items.order.is_some() || items.top.is_some() {
            return None;
        }
        let counts = self.truth(items.presence)?;
        let (value, item) = (self.num(items.value)?, self.num(item)?);
        // Texts that the rules do not name need not be the same.
        if value.1 == Kind::Text && !matches!(item.0, Num::Value(_)) {
            return None;
        }
        let (nums, _) = self.alike(&[value, item])?;
        let (a, b) = (*nums.first()?, *nums.get(1)?);
        let value = self.mark(inner, |to| Step::Compare { test: Test::Equal, a, b, to });
        Some(Reg::Bit(self.any(inner, &[counts, value])))
    }
}
