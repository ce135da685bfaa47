//! Nodes made so that what constants settle is settled, and what is the same is there once.

use super::*;

impl<'p> Lowering<'p> {
    pub(super) fn apply(&mut self, function: Function, operands: Vec<NodeId>, span: Option<Span>) -> NodeId {
        let values: Option<Vec<&Value>> = operands
            .iter()
            .map(|n| match self.op(*n) {
                Op::Constant(value) => Some(value),
                _ => None,
            })
            .collect();
        if let Some(values) = values {
            return match function.apply(&values, self.graph.calendar) {
                Ok(value) => self.constant(value),
                Err(kind) => self.fault(kind, span),
            };
        }
        let frame = self.join(operands.iter().copied());
        self.node(Op::Apply(function, operands), frame, span)
    }

    pub(super) fn not(&mut self, of: NodeId) -> NodeId {
        match self.op(of) {
            Op::Constant(Value::Boolean(b)) => {
                let b = !*b;
                self.constant(Value::Boolean(b))
            }
            Op::Not(inner) => *inner,
            _ => {
                let frame = self.frame_of(of);
                self.node(Op::Not(of), frame, None)
            }
        }
    }

    /// All (`and`) or one (`or`) of some conditions; what a constant settles is settled.
    pub(super) fn junction(&mut self, operands: &[NodeId], is_and: bool) -> NodeId {
        let mut list: Vec<NodeId> = Vec::new();
        for operand in operands {
            match self.op(*operand) {
                Op::Constant(Value::Boolean(b)) if *b == is_and => {}
                Op::Constant(Value::Boolean(b)) => {
                    let b = *b;
                    return self.constant(Value::Boolean(b));
                }
                _ => list.push(*operand),
            }
        }
        list.sort_unstable();
        list.dedup();
        match list.as_slice() {
            [] => self.constant(Value::Boolean(is_and)),
            [one] => *one,
            _ => {
                let frame = self.join(list.iter().copied());
                self.node(if is_and { Op::And(list) } else { Op::Or(list) }, frame, None)
            }
        }
    }

    pub(super) fn choice(&mut self, arms: Vec<(NodeId, NodeId)>, otherwise: NodeId) -> NodeId {
        let mut kept = Vec::new();
        let mut last = otherwise;
        for (condition, value) in arms {
            match self.op(condition) {
                Op::Constant(Value::Boolean(false)) => {}
                Op::Constant(Value::Boolean(true)) => {
                    last = value;
                    break;
                }
                _ => kept.push((condition, value)),
            }
        }
        if kept.is_empty() {
            return last;
        }
        let frame = self.join(kept.iter().flat_map(|(a, b)| [*a, *b]).chain([last]));
        self.node(Op::If { arms: kept, otherwise: last }, frame, None)
    }

    /// What exceptions of one rank make of a value; those that a constant rules out are left away. One that always
    /// holds stays, so that explanations can name it.
    pub(super) fn exceptions(&mut self, mut list: Vec<Exception>, otherwise: NodeId, span: Option<Span>) -> NodeId {
        list.retain(|e| !matches!(self.op(e.condition), Op::Constant(Value::Boolean(false))));
        list.sort_by_key(|e| e.provision.name());
        if list.is_empty() {
            return otherwise;
        }
        let frame = self.join(list.iter().flat_map(|e| [e.condition, e.value]).chain([otherwise]));
        self.node(Op::Exceptions { exceptions: list, otherwise }, frame, span)
    }

    /// The value that a node has for the element of an entity that `index` gives. The node lives in the entity's home
    /// frame or above.
    pub(super) fn at(&mut self, node: NodeId, index: NodeId, entity: EntityId) -> NodeId {
        let home = self.home(entity);
        let own = matches!(self.op(index), Op::Row) && self.frame_of(index) == home;
        // Whatever element it is asked of, a value of the household's is the same; but the element must be there.
        let there = matches!(self.op(index), Op::Row | Op::Constant(Value::Element(_)));
        if own || (there && self.frame_of(node) == Self::root_frame()) {
            return node;
        }
        let frame = self.frame_of(index);
        self.node(Op::At { node, index, home }, frame, None)
    }

    /// A node of one frame of a list as another frame `to` of the same list sees it. Nodes from above are the same for
    /// both. It is not enough that `from` lies above `to`: where a list is compared with itself, a row of `from` is the
    /// one element there and a row of `to` the other.
    pub(super) fn rebase(&mut self, node: NodeId, from: FrameId, to: FrameId) -> NodeId {
        if self.frame_of(node) != from {
            return node;
        }
        match self.op(node) {
            Op::Row => self.row(to),
            Op::Choose(list) => {
                let list = list.clone();
                self.node(Op::Choose(list), to, None)
            }
            _ => self.node(Op::Rebase(node), to, None),
        }
    }
}
