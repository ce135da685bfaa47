//! Expressions to nodes.

use super::*;

impl<'p> Lowering<'p> {
    pub(super) fn get(&mut self, task: &Task<'p>, id: ExprRef) -> Lowered {
        match task.done.get(id.0 as usize).cloned().flatten() {
            Some(lowered) => lowered,
            None => Lowered::One(self.fault(FaultKind::Overflow, None)),
        }
    }

    pub(super) fn one(&mut self, task: &Task<'p>, id: ExprRef) -> NodeId {
        match self.get(task, id) {
            Lowered::One(node) => node,
            Lowered::List(_) | Lowered::Values(_) | Lowered::Records(_) | Lowered::Record(_) => {
                self.fault(FaultKind::Overflow, None)
            }
        }
    }

    pub(super) fn many(&mut self, task: &Task<'p>, ids: &[ExprRef]) -> Vec<NodeId> {
        ids.iter().map(|id| self.one(task, *id)).collect()
    }

    #[expect(clippy::too_many_lines, reason = "one arm a kind of expression")]
    pub(super) fn lower(&mut self, task: &mut Task<'p>, id: ExprRef) -> Step<Lowered> {
        let program = self.program;
        let expr = &task.body[id];
        let span = Some(expr.span);
        Ok(Lowered::One(match &expr.kind {
            Kind::Constant(value) => self.constant(value.clone()),
            Kind::Var(Var::OWNER) => task.owner,
            Kind::Var(var) => {
                let fault = self.fault(FaultKind::Overflow, None);
                task.vars.get(var).copied().unwrap_or(fault)
            }
            Kind::Argument(n) => {
                let fault = self.fault(FaultKind::Overflow, None);
                task.arguments.get(*n).copied().unwrap_or(fault)
            }
            Kind::AsOf => match self.request.day.filter(|_| !self.request.open) {
                Some(day) => self.constant(Value::Date(day.as_of)),
                None => self.node(Op::AsOf, Self::root_frame(), None),
            },
            Kind::KnownOn => match self.request.day.filter(|_| !self.request.open) {
                Some(day) => self.constant(Value::Date(day.known_on)),
                None => self.node(Op::KnownOn, Self::root_frame(), None),
            },
            Kind::Root(_) => self.row(Self::root_frame()),
            Kind::Parent(of) => {
                let child = match task.body[*of].ty.required() {
                    Type::Element(entity) => *entity,
                    _ => program.root,
                };
                let of = self.one(task, *of);
                self.parent(of, child, expr)
            }
            Kind::Field { of, entity, field } => {
                let of = self.one(task, *of);
                match program.entities[*entity].fields.get(*field).map(|f| &f.shape) {
                    Some(FieldShape::List { item, .. }) => {
                        return Ok(Lowered::List(self.list_of(of, *entity, *field, *item)));
                    }
                    _ => self.fact(of, *entity, *field),
                }
            }
            Kind::Definition { of, definition, arguments } => {
                let of = self.one(task, *of);
                let arguments = self.many(task, arguments);
                if self.laid.is_some() {
                    let key = self.definition_key(of, *definition, &arguments);
                    task.calls.insert(id, key);
                }
                return self.definition(of, *definition, arguments);
            }
            Kind::Parameter { parameter, keys } => {
                let keys = self.many(task, keys);
                return Ok(self.parameter(*parameter, keys, span));
            }
            Kind::Outcome { of, programme, outcome } => {
                let of = self.one(task, *of);
                let eligible = self.needed_node(Key::Eligible(*programme))?;
                let eligible = self.at(eligible, of, program.programmes[*programme].owner);
                let frame = self.frame_of(eligible);
                match outcome {
                    OutcomeWord::Eligible => eligible,
                    OutcomeWord::NotEligible => self.not(eligible),
                    // An error is not undetermined.
                    OutcomeWord::Undetermined => {
                        let error = self.node(Op::IsFault(eligible), frame, span);
                        let unknown = if self.request.open {
                            self.anything()
                        } else {
                            self.node(Op::State(StateTest::Unknown, eligible), frame, span)
                        };
                        let no = self.constant(Value::Boolean(false));
                        self.choice(vec![(error, no)], unknown)
                    }
                    OutcomeWord::Error => self.node(Op::IsFault(eligible), frame, span),
                }
            }
            Kind::Output { of, programme, output } => {
                let of = self.one(task, *of);
                let node = self.needed_node(Key::Output(*programme, *output))?;
                self.at(node, of, program.programmes[*programme].owner)
            }
            Kind::RecordField { of, output, .. } => match self.get(task, *of) {
                Lowered::Record(list) => match list.get(*output) {
                    Some((_, node)) => *node,
                    None => self.fault(FaultKind::Overflow, span),
                },
                // A table without a version in force is one fault.
                Lowered::One(node) => node,
                // Of every row that a table collects.
                Lowered::Records(rows) => {
                    return Ok(Lowered::Values(
                        rows.iter().filter_map(|(p, outputs)| outputs.get(*output).map(|node| (*p, *node))).collect(),
                    ));
                }
                Lowered::List(_) | Lowered::Values(_) => self.fault(FaultKind::Overflow, span),
            },
            Kind::Apply(function, operands) => {
                let operands = self.many(task, operands);
                self.apply(*function, operands, span)
            }
            Kind::Not(of) => {
                let of = self.one(task, *of);
                self.not(of)
            }
            Kind::And(list) => {
                let list = self.many(task, list);
                self.junction(&list, true)
            }
            Kind::Or(list) => {
                let list = self.many(task, list);
                self.junction(&list, false)
            }
            Kind::State(test, of) => {
                let of = self.one(task, *of);
                let frame = self.frame_of(of);
                match test {
                    StateTest::Known | StateTest::Unknown if self.request.open => self.anything(),
                    _ => self.node(Op::State(*test, of), frame, span),
                }
            }
            Kind::Assume(a, b) => {
                let (a, b) = (self.one(task, *a), self.one(task, *b));
                if self.request.open {
                    let known = self.anything();
                    return Ok(Lowered::One(self.choice(vec![(known, a)], b)));
                }
                let frame = self.join([a, b]);
                self.node(Op::Assume(a, b), frame, span)
            }
            Kind::OrElse(a, b) => {
                let (a, b) = (self.one(task, *a), self.one(task, *b));
                let frame = self.join([a, b]);
                self.node(Op::OrElse(a, b), frame, span)
            }
            Kind::If { arms, otherwise } if matches!(expr.ty, Type::List(_)) => {
                let outputs = match &expr.ty {
                    Type::List(item) => match &**item {
                        Type::Record(table) => program.tables[*table].outputs.len(),
                        _ => 1,
                    },
                    _ => 1,
                };
                return Ok(self.choice_of_lists(task, arms, *otherwise, outputs, span));
            }
            Kind::If { arms, otherwise } => {
                let arms = arms.iter().map(|(c, v)| (self.one(task, *c), self.one(task, *v))).collect();
                let otherwise = self.one(task, *otherwise);
                self.choice(arms, otherwise)
            }
            Kind::Exceptions { exceptions, otherwise } => {
                let list = exceptions
                    .iter()
                    .map(|(condition, value, provision)| Exception {
                        condition: self.one(task, *condition),
                        value: self.one(task, *value),
                        provision: Arc::clone(provision),
                    })
                    .collect();
                let otherwise = self.one(task, *otherwise);
                self.exceptions(list, otherwise, span)
            }
            Kind::List(items) => {
                let yes = self.constant(Value::Boolean(true));
                return Ok(Lowered::Values(self.many(task, items).into_iter().map(|v| (yes, v)).collect()));
            }
            Kind::Contains { list, item } => {
                let item = self.one(task, *item);
                self.contains(task, *list, item)
            }
            Kind::Where { list, condition, .. } => {
                let condition = self.one(task, *condition);
                return Ok(match task.bound.get(&id).copied() {
                    Some(items) => {
                        let items = self.settled(items);
                        let presence = self.junction(&[items.presence, condition], true);
                        Lowered::List(Items { presence, ..items })
                    }
                    None => self.get(task, *list),
                });
            }
            Kind::Each { list, value, .. } => {
                let value = self.one(task, *value);
                return Ok(match task.bound.get(&id).copied() {
                    Some(items) => {
                        let items = self.settled(items);
                        Lowered::List(Items { value, ..items })
                    }
                    None => self.get(task, *list),
                });
            }
            Kind::SortBy { list, key, descending, .. } => {
                let key = self.one(task, *key);
                return Ok(match task.bound.get(&id).copied() {
                    Some(items) => {
                        let items = self.settled(items);
                        Lowered::List(Items { order: Some((key, *descending)), ..items })
                    }
                    None => self.get(task, *list),
                });
            }
            Kind::Top { list, count } => {
                let count = self.one(task, *count);
                return Ok(match self.get(task, *list) {
                    Lowered::List(items) => {
                        let items = self.settled(items);
                        Lowered::List(Items { top: Some(count), ..items })
                    }
                    Lowered::Values(values) => {
                        let items = self.listed(&values);
                        Lowered::List(Items { top: Some(count), ..items })
                    }
                    other @ (Lowered::One(_) | Lowered::Records(_) | Lowered::Record(_)) => other,
                });
            }
            Kind::Aggregate { function, list, empty } => {
                let empty = empty.map(|e| self.one(task, e));
                self.aggregate(task, *function, *list, empty, span)
            }
            Kind::Element { list, at } => self.element(task, *list, at, span),
            Kind::Pending(_) | Kind::Broken => self.fault(FaultKind::Overflow, span),
        }))
    }

    /// A value that nothing is said of: in a graph for whatever is known it stands for whether something is. The day, which is not
    /// known there either, is one.
    pub(super) fn anything(&mut self) -> NodeId {
        self.node(Op::AsOf, Self::root_frame(), None)
    }

    pub(super) fn parent(&mut self, of: NodeId, child: EntityId, expr: &TypedExpr) -> NodeId {
        let Type::Element(parent) = expr.ty else { return self.fault(FaultKind::Overflow, Some(expr.span)) };
        let row = self.owner_row(parent);
        if parent == self.program.root {
            return row;
        }
        self.at(row, of, child)
    }

    /// What a definition is laid out for: its owner's every element, or one place alone.
    fn definition_key(&mut self, of: NodeId, definition: DefinitionId, arguments: &[NodeId]) -> Key {
        let declared = &self.program.definitions[definition];
        let own = self.owner_row(declared.owner);
        let is_of_its_place = !arguments.is_empty() || (matches!(declared.ty, Type::List(_)) && own != of);
        Key::Definition(definition, if is_of_its_place { of } else { own }, arguments.to_vec())
    }

    pub(super) fn definition(&mut self, of: NodeId, definition: DefinitionId, arguments: Vec<NodeId>) -> Step<Lowered> {
        let declared = &self.program.definitions[definition];
        let own = self.owner_row(declared.owner);
        if !arguments.is_empty() || (matches!(declared.ty, Type::List(_)) && own != of) {
            let key = Key::Definition(definition, of, arguments);
            return self.memo.get(&key).cloned().ok_or_else(|| Need(vec![key]));
        }
        let key = Key::Definition(definition, own, Vec::new());
        let Some(lowered) = self.memo.get(&key).cloned() else { return Err(Need(vec![key])) };
        Ok(match lowered {
            Lowered::One(node) => Lowered::One(self.at(node, of, declared.owner)),
            Lowered::Record(list) => Lowered::Record(
                list.into_iter().map(|(name, node)| (name, self.at(node, of, declared.owner))).collect(),
            ),
            other @ (Lowered::List(_) | Lowered::Values(_) | Lowered::Records(_)) => other,
        })
    }
}
