//! Lists: the frame that each goes through, and what is done with their items.

use super::*;

impl<'p> Lowering<'p> {
    /// Once a list is laid out, gives the variables that go through it their frame: the list's own, or, where the body
    /// reads variables from further in, one for every pair.
    pub(super) fn bind(&mut self, task: &mut Task<'p>, list: ExprRef) {
        let Some(through) = task.through.get(&list).cloned() else { return };
        for (expr, var) in through {
            let items = match self.get(task, list) {
                Lowered::List(items) => items,
                Lowered::Values(values) => self.listed(&values),
                // A list that is a fault: so is all that goes through it.
                Lowered::One(fault) => {
                    task.vars.insert(var, fault);
                    continue;
                }
                Lowered::Records(_) | Lowered::Record(_) => {
                    let fault = self.fault(FaultKind::Overflow, None);
                    task.vars.insert(var, fault);
                    continue;
                }
            };
            // What the body reads from outside, all but the list's own.
            let outside: Vec<NodeId> = task
                .free
                .get(expr.0 as usize)
                .into_iter()
                .flatten()
                .map(|v| match v {
                    Var(0) => task.owner,
                    v => {
                        let argument = task.arguments.iter().enumerate().find(|(n, _)| argument_var(*n) == *v);
                        argument.map(|(_, node)| *node).or_else(|| task.vars.get(v).copied()).unwrap_or(task.owner)
                    }
                })
                .collect();
            let deepest = self.join(outside.into_iter().chain(items.top));
            let items = self.deepen(items, deepest);
            task.vars.insert(var, items.value);
            task.bound.insert(expr, items);
        }
    }

    /// Values named one by one as the rows of a frame, for what goes through them.
    pub(super) fn listed(&mut self, values: &[(NodeId, NodeId)]) -> Items {
        let outer = self.join(values.iter().flat_map(|(presence, value)| [*presence, *value]));
        let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
        let frame = self.frame(Frame::Listed { outer, count });
        let presence = self.choose(values.iter().map(|(presence, _)| *presence).collect(), frame);
        let value = self.choose(values.iter().map(|(_, value)| *value).collect(), frame);
        Items { frame, presence, value, order: None, top: None }
    }

    pub(super) fn choose(&mut self, list: Vec<NodeId>, frame: FrameId) -> NodeId {
        match list.split_first() {
            Some((first, rest)) if rest.iter().all(|n| n == first) => *first,
            Some(_) => self.node(Op::Choose(list), frame, None),
            // No row ever asks.
            None => self.constant(Value::Boolean(true)),
        }
    }

    /// The items for every row of a frame as deep as `deepest`.
    pub(super) fn deepen(&mut self, items: Items, deepest: FrameId) -> Items {
        let outer = self.graph.frames[items.frame].outer().unwrap_or_else(Self::root_frame);
        if self.graph.is_outer(deepest, outer) || deepest == outer {
            return items;
        }
        let frame = match self.graph.frames[items.frame] {
            Frame::Root => return items,
            Frame::Home { entity: item, outer } => {
                let Some((entity, field)) = self.program.entities[item].holders.first().copied() else { return items };
                let holder = self.row(outer);
                Frame::Item { outer: deepest, holder, entity, field, item }
            }
            Frame::Item { holder, entity, field, item, .. } => {
                Frame::Item { outer: deepest, holder, entity, field, item }
            }
            Frame::Listed { count, .. } => Frame::Listed { outer: deepest, count },
        };
        let frame = self.frame(frame);
        Items {
            frame,
            presence: self.rebase(items.presence, items.frame, frame),
            value: self.rebase(items.value, items.frame, frame),
            order: items.order.map(|(key, down)| (self.rebase(key, items.frame, frame), down)),
            top: items.top,
        }
    }

    pub(super) fn list_of(&mut self, of: NodeId, entity: EntityId, field: usize, item: EntityId) -> Items {
        let only = matches!(self.program.entities[item].holders.as_slice(), [_]);
        let own = matches!(self.op(of), Op::Row) && self.frame_of(of) == self.home(entity);
        let frame = if only && own {
            self.home(item)
        } else {
            let outer = self.frame_of(of);
            self.frame(Frame::Item { outer, holder: of, entity, field, item })
        };
        let presence = self.constant(Value::Boolean(true));
        let row = self.row(frame);
        let scalar = self.program.entities[item].is_scalar_item;
        let value = if scalar { self.fact(row, item, 0) } else { row };
        Items { frame, presence, value, order: None, top: None }
    }

    pub(super) fn fact(&mut self, of: NodeId, entity: EntityId, field: usize) -> NodeId {
        let home = self.home(entity);
        let fact = self.node(Op::Fact { entity, field }, home, None);
        self.at(fact, of, entity)
    }

    /// The items a further step goes through: a `top` becomes a condition. INVARIANT: their frame is as deep as what they are the top of.
    pub(super) fn settled(&mut self, items: Items) -> Items {
        if items.top.is_none() {
            return items;
        }
        let presence = self.node(Op::InTop(items), items.frame, None);
        Items { presence, top: None, ..items }
    }

    /// One list or another: of one list of facts, its items count as either has them; of values named one by one, each
    /// counts where its own list is taken.
    pub(super) fn choice_of_lists(
        &mut self,
        task: &Task<'p>,
        arms: &[(ExprRef, ExprRef)],
        otherwise: ExprRef,
        outputs: usize,
        span: Option<Span>,
    ) -> Lowered {
        let conditions: Vec<NodeId> = arms.iter().map(|(c, _)| self.one(task, *c)).collect();
        let lists: Vec<Lowered> = arms.iter().map(|(_, v)| *v).chain([otherwise]).map(|v| self.get(task, v)).collect();
        let items: Vec<Items> =
            lists.iter().filter_map(|l| if let Lowered::List(i) = l { Some(*i) } else { None }).collect();
        if items.len() == lists.len() {
            let outers = items.iter().filter_map(|i| self.graph.frames[i.frame].outer());
            let tops = items.iter().filter_map(|items| items.top);
            let mut deepest = self.join(conditions.iter().copied().chain(tops));
            for outer in outers.collect::<Vec<_>>() {
                if self.graph.is_outer(deepest, outer) {
                    deepest = outer;
                }
            }
            let items: Vec<Items> = items
                .into_iter()
                .map(|i| {
                    let i = self.deepen(i, deepest);
                    self.settled(i)
                })
                .collect();
            let Some((last, rest)) = items.split_last() else { return Lowered::Values(Vec::new()) };
            if rest.iter().all(|i| i.frame == last.frame && i.order == last.order) {
                let arm = |part: fn(&Items) -> NodeId| {
                    conditions.iter().copied().zip(rest.iter().map(part)).collect::<Vec<_>>()
                };
                let presence = self.choice(arm(|i| i.presence), last.presence);
                let value = self.choice(arm(|i| i.value), last.value);
                return Lowered::List(Items { presence, value, ..*last });
            }
            return Lowered::One(self.fault(FaultKind::ListsDiffer, span));
        }
        let mut out: Vec<(NodeId, Vec<NodeId>)> = Vec::new();
        let mut earlier = Vec::new();
        for (index, list) in lists.iter().enumerate() {
            let mut taken = earlier.clone();
            if let Some(condition) = conditions.get(index) {
                taken.push(*condition);
                earlier.push(self.not(*condition));
            }
            let taken = self.junction(&taken, true);
            match list {
                Lowered::Values(values) => {
                    for (presence, value) in values {
                        out.push((self.junction(&[taken, *presence], true), vec![*value]));
                    }
                }
                Lowered::Records(rows) => {
                    for (presence, outputs) in rows {
                        out.push((self.junction(&[taken, *presence], true), outputs.clone()));
                    }
                }
                // A list that is a fault, where it is taken.
                Lowered::One(fault) => {
                    let no = self.constant(Value::Boolean(false));
                    out.push((self.choice(vec![(taken, *fault)], no), vec![*fault; outputs]));
                }
                Lowered::List(_) | Lowered::Record(_) => return Lowered::One(self.fault(FaultKind::ListsDiffer, span)),
            }
        }
        Self::rows(out, outputs)
    }

    /// Rows of one output as the values they are.
    pub(super) fn rows(rows: Vec<(NodeId, Vec<NodeId>)>, outputs: usize) -> Lowered {
        if outputs > 1 {
            return Lowered::Records(rows);
        }
        Lowered::Values(rows.into_iter().filter_map(|(p, values)| values.first().map(|v| (p, *v))).collect())
    }

    pub(super) fn contains(&mut self, task: &Task<'p>, list: ExprRef, item: NodeId) -> NodeId {
        match self.get(task, list) {
            Lowered::Values(values) => {
                let mut tests = Vec::new();
                for (presence, value) in values {
                    let equal = self.apply(Function::Equal, vec![item, value], None);
                    tests.push(self.junction(&[presence, equal], true));
                }
                self.junction(&tests, false)
            }
            Lowered::List(items) => {
                let deepest = self.join([item].into_iter().chain(items.top));
                let items = self.deepen(items, deepest);
                let items = self.settled(items);
                let outer = self.graph.frames[items.frame].outer().unwrap_or_else(Self::root_frame);
                self.node(Op::Contains { items, item }, outer, None)
            }
            Lowered::One(node) => node,
            Lowered::Records(_) | Lowered::Record(_) => self.fault(FaultKind::Overflow, None),
        }
    }

    pub(super) fn aggregate(
        &mut self,
        task: &Task<'p>,
        function: Aggregate,
        list: ExprRef,
        empty: Option<NodeId>,
        span: Option<Span>,
    ) -> NodeId {
        match self.get(task, list) {
            Lowered::List(items) => {
                let reads = empty.into_iter().chain(items.top);
                let deepest = self.join(reads);
                let items = self.deepen(items, deepest);
                let outer = self.graph.frames[items.frame].outer().unwrap_or_else(Self::root_frame);
                self.node(Op::Aggregate { function, items, empty }, outer, span)
            }
            Lowered::Values(items) => {
                let frame = self.join(items.iter().flat_map(|(p, v)| [*p, *v]).chain(empty));
                self.node(Op::Combine { function, items, empty }, frame, span)
            }
            // A list parameter without a version in force is one fault.
            Lowered::One(node) => node,
            Lowered::Records(_) | Lowered::Record(_) => self.fault(FaultKind::Overflow, span),
        }
    }

    /// One element of a list of the household, as tests name it.
    pub(super) fn element(&mut self, task: &Task<'p>, list: ExprRef, at: &ElementAt, span: Option<Span>) -> NodeId {
        let Lowered::List(items) = self.get(task, list) else { return self.fault(FaultKind::Overflow, span) };
        let (entity, is_home) = match self.graph.frames[items.frame] {
            Frame::Home { entity, .. } => (entity, true),
            Frame::Item { item, .. } => (item, false),
            Frame::Root | Frame::Listed { .. } => return self.fault(FaultKind::Overflow, span),
        };
        match at {
            // INVARIANT: the list is one of the household's own, whose elements are the rows of their home frame.
            ElementAt::Position(n) if is_home => {
                let index = self.constant(Value::Element(u32::try_from(*n).unwrap_or(u32::MAX)));
                self.at_constant(items.value, index)
            }
            // One of several lists of an entity: the first behind so many, as the facts list them.
            ElementAt::Position(n) => {
                let before = self.constant(Value::Number(Decimal::from(i64::try_from(*n).unwrap_or(i64::MAX))));
                let order = Some((self.constant(Value::Boolean(true)), false));
                let before = self.node(Op::InTop(Items { order, top: Some(before), ..items }), items.frame, None);
                let items = Items { presence: self.not(before), ..items };
                self.node(Op::Aggregate { function: Aggregate::First, items, empty: None }, Self::root_frame(), span)
            }
            ElementAt::Key(key) => {
                let Some(field) = self.program.entities[entity].key else {
                    return self.fault(FaultKind::Overflow, span);
                };
                let row = self.row(items.frame);
                let fact = self.fact(row, entity, field);
                let key = self.constant(Value::Text(Arc::clone(key)));
                let same = self.apply(Function::Equal, vec![fact, key], None);
                let items = Items { presence: same, ..items };
                self.node(Op::Aggregate { function: Aggregate::First, items, empty: None }, Self::root_frame(), span)
            }
        }
    }

    /// A list as it is shown: each item that counts.
    pub(super) fn shown(&mut self, list: Lowered) -> Lowered {
        let Lowered::List(items) = list else { return list };
        let deepest = self.join(items.top);
        let items = self.deepen(items, deepest);
        Lowered::List(self.settled(items))
    }

    pub(super) fn at_constant(&mut self, value: NodeId, index: NodeId) -> NodeId {
        if matches!(self.op(value), Op::Row) {
            return index;
        }
        let home = self.frame_of(value);
        self.node(Op::At { node: value, index, home }, Self::root_frame(), None)
    }
}
