//! Lists and links to steps.

use crate::graph::{FrameId, Items, NodeId};
use crate::program::Aggregate;

use super::compile::{Compiler, bit_of, fold_of};
use super::run::is_ordered;
use super::step::{Bits, Fold, Step, Test};
use super::{Bit, Kind, Num, OPEN, Reg};

impl Compiler<'_> {
    /// The value that a node has for another element of the same entity, or of the household for all.
    pub(super) fn at(&mut self, of: NodeId, index: NodeId, home: FrameId, frame: usize) -> Option<Reg> {
        let home = self.machine_frame(home)?;
        let (index, kind) = self.num(index)?;
        if kind != Kind::Element || home != frame || frame == 0 || self.frame_of(of)? != frame {
            return None;
        }
        match self.regs.get(crate::arena::Id::index(of))?.clone() {
            Reg::Num(Num::At(of), kind) if of.frame == frame => {
                Some(self.set_num(frame, kind, |to| Step::Gather { of, index, to }))
            }
            Reg::Bit(Bit::Own(of)) => Some(self.set_bit(frame, |to| Step::GatherBit { of, index, to })),
            _ => None,
        }
    }

    pub(super) fn aggregate(
        &mut self,
        function: Aggregate,
        items: &Items,
        empty: Option<NodeId>,
        frame: usize,
    ) -> Option<Reg> {
        let inner = self.machine_frame(items.frame)?;
        if frame != 0 || inner == 0 || items.order.is_some() {
            return None;
        }
        let counts = self.truth(items.presence, inner)?;
        if let Some(top) = items.top {
            let (count, Kind::Number { scale: 0 }) = self.num(top)? else { return None };
            let (value, kind) = self.num(items.value)?;
            let is_sum = function == Aggregate::Sum && matches!(kind, Kind::Number { .. });
            return is_sum.then(|| self.set_num(0, kind, |to| Step::TopSum { frame: inner, counts, value, count, to }));
        }
        match function {
            Aggregate::Any | Aggregate::None | Aggregate::Every => {
                let value = self.truth(items.value, inner)?;
                let reg = self.set_bit(0, |to| match function {
                    Aggregate::Every => Step::Every { frame: inner, counts, value, to },
                    _ => Step::Any { frame: inner, counts, value, to },
                });
                if function != Aggregate::None {
                    return Some(reg);
                }
                let of = bit_of(&reg, 0)?;
                Some(self.set_bit(0, |to| Step::Not { of, to }))
            }
            _ => {
                let fold = fold_of(function)?;
                let empty = self.of_nothing(fold, empty)?;
                let value = if fold == Fold::Count { (Num::Value(0), Kind::None) } else { self.num(items.value)? };
                let (nums, kind) = self.alike(&[empty, value]).filter(|(_, kind)| is_ordered(*kind))?;
                let (empty, value) = (*nums.first()?, *nums.get(1)?);
                Some(self.set_num(0, kind, |to| Step::Aggregate { fold, frame: inner, counts, value, empty, to }))
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
        frame: usize,
    ) -> Option<Reg> {
        let counts: Option<Vec<Bit>> = items.iter().map(|(p, _)| self.truth(*p, frame)).collect();
        let counts = counts?;
        if matches!(function, Aggregate::Any | Aggregate::None | Aggregate::Every) {
            let mut list = Vec::new();
            for (count, (_, value)) in counts.into_iter().zip(items) {
                let value = self.truth(*value, frame)?;
                let reg = if function == Aggregate::Every {
                    let reg = self.set_bit(frame, |to| Step::Not { of: count, to });
                    let absent = bit_of(&reg, frame)?;
                    self.set_bit(frame, |to| Step::Or { list: [absent, value].into(), to })
                } else {
                    self.set_bit(frame, |to| Step::And { list: [count, value].into(), to })
                };
                list.push(bit_of(&reg, frame)?);
            }
            let list = list.into_boxed_slice();
            let reg = self.set_bit(frame, |to| {
                if function == Aggregate::Every { Step::And { list, to } } else { Step::Or { list, to } }
            });
            if function != Aggregate::None {
                return Some(reg);
            }
            let of = bit_of(&reg, frame)?;
            return Some(self.set_bit(frame, |to| Step::Not { of, to }));
        }
        let fold = fold_of(function)?;
        let mut list = vec![self.of_nothing(fold, empty)?];
        for (_, value) in items {
            list.push(if fold == Fold::Count { (Num::Value(0), Kind::None) } else { self.num(*value)? });
        }
        self.folded(fold, &counts, &list, frame)
    }

    /// An aggregate of values named one by one; the first is that of nothing.
    pub(super) fn folded(&mut self, fold: Fold, counts: &[Bit], list: &[(Num, Kind)], frame: usize) -> Option<Reg> {
        // A count is whole: what it is of nothing has no digits behind the point either.
        let fits = |kind: Kind| is_ordered(kind) && (fold != Fold::Count || kind == Kind::Number { scale: 0 });
        let (nums, kind) = self.alike(list).filter(|(_, kind)| fits(*kind))?;
        let (empty, nums) = nums.split_first()?;
        let empty = *empty;
        let items = counts.iter().copied().zip(nums.iter().copied()).collect();
        Some(self.set_num(frame, kind, |to| Step::Combine { fold, items, empty, to }))
    }

    pub(super) fn contains(&mut self, items: &Items, item: NodeId, frame: usize) -> Option<Reg> {
        let inner = self.machine_frame(items.frame)?;
        if frame != 0 || inner == 0 || items.order.is_some() || items.top.is_some() {
            return None;
        }
        let counts = self.truth(items.presence, inner)?;
        let (value, item) = (self.num(items.value)?, self.num(item)?);
        // Texts that the rules do not name need not be the same.
        if value.1 == Kind::Text && !matches!(item.0, Num::Value(_)) {
            return None;
        }
        let (nums, _) = self.alike(&[value, item])?;
        let (a, b) = (*nums.first()?, *nums.get(1)?);
        let slot = self.bit();
        self.steps.push(Step::Compare { test: Test::Equal, a, b, to: Bits { frame: inner, slot } });
        let value = Bit::Own(slot);
        Some(self.set_bit(0, |to| Step::Any { frame: inner, counts, value, to }))
    }
}
