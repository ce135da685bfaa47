//! What is asked for: programmes, values to show, expectations of tests.

use super::*;

impl<'p> Lowering<'p> {
    pub(super) fn programmes(&mut self) {
        let program = self.program;
        let wanted: Vec<ProgrammeId> = match self.request.programmes {
            Some(list) => list.to_vec(),
            None => program.programmes.ids().collect(),
        };
        for id in wanted {
            let programme = &program.programmes[id];
            let eligible = self.run_node(Key::Eligible(id));
            let frame = self.home(programme.owner);
            let in_force = self.versions(id).next().is_some();
            let refused: BTreeSet<*const Condition> =
                self.versions(id).flat_map(|v| &v.refuses).map(std::ptr::from_ref).collect();
            let mut conditions = Vec::new();
            let mut text = 0;
            for (index, condition) in self.conditions.get(&id).cloned().unwrap_or_default().into_iter().enumerate() {
                if condition.definition.is_some_and(|d| self.is_repealed(d)) {
                    continue;
                }
                let node = self.run_node(Key::Condition(id, index));
                let root = self.owner_row(program.root);
                let applies = condition.guard.map(|guard| self.run_node(Key::Definition(guard, root, Vec::new())));
                if applies.is_some_and(|applies| matches!(self.op(applies), Op::Constant(Value::Boolean(false)))) {
                    continue;
                }
                let kind = if refused.contains(&std::ptr::from_ref(condition)) {
                    ConditionKind::Refuses
                } else {
                    ConditionKind::Requires
                };
                let definition = condition.definition.map(|d| &program.definitions[d]);
                let version = definition.and_then(|d| self.definition_version(d));
                let mut texts = Vec::new();
                for (lang, template) in version.map_or(&[][..], |v| &v.otherwise) {
                    let mut parts = Vec::new();
                    for part in &template.parts {
                        parts.push(match part {
                            TemplatePart::Text(text) => TextPart::Text(Arc::clone(text)),
                            TemplatePart::Value(body) => {
                                let ty = body.root().map_or(Type::Poison, |r| body[r].ty.clone());
                                let owner = definition.map_or(programme.owner, |d| d.owner);
                                let node = self.text(id, text, body, owner);
                                text += 1;
                                TextPart::Value(node, ty)
                            }
                        });
                    }
                    texts.push((*lang, parts));
                }
                conditions.push(RootCondition {
                    name: Arc::clone(&condition.name),
                    kind,
                    index: Some(index),
                    node,
                    label: match (version, definition) {
                        (Some(version), _) if version.label != Label::default() => version.label.clone(),
                        (_, definition) => definition.map(|d| d.declared.label.clone()).unwrap_or_default(),
                    },
                    basis: version.map(|v| v.basis.clone()).unwrap_or_default(),
                    texts,
                    applies,
                    changes: self.changes([&condition.body]),
                });
            }
            for other in self.excluders.get(&id).cloned().unwrap_or_default() {
                let node = self.run_node(Key::Eligible(other));
                let declared = &program.programmes[other];
                conditions.push(RootCondition {
                    name: Arc::clone(&declared.declared.name),
                    kind: ConditionKind::Excluded(other),
                    index: None,
                    node,
                    label: declared.declared.label.clone(),
                    basis: self.versions(other).next().map(|v| v.basis.clone()).unwrap_or_default(),
                    texts: Vec::new(),
                    applies: None,
                    changes: Vec::new(),
                });
            }
            let mut outputs = Vec::new();
            for output in 0..programme.outputs.len() {
                if self.versions(id).any(|v| v.gives.iter().any(|(o, _)| *o == output)) {
                    outputs.push((output, self.run_node(Key::Output(id, output))));
                }
            }
            let version = self.versions(id).next();
            let gifts: Vec<&ExprBody> = version.into_iter().flat_map(|v| &v.gives).map(|(_, body)| body).collect();
            let mut changes = self.changes(gifts);
            if let Some(Change { rule, act, .. }) = version.and_then(|v| own_change(&programme.declared.name, v)) {
                changes.insert(0, RootChange { rule, act, holds: None });
            }
            let root = RootProgramme { programme: id, frame, in_force, conditions, eligible, outputs, changes };
            self.graph.programmes.push(root);
        }
    }

    /// A value in a reason's text, for the elements of the criterion's own entity.
    pub(super) fn text(&mut self, id: ProgrammeId, index: usize, body: &'p ExprBody, owner: EntityId) -> NodeId {
        let list = self.texts.entry(id).or_default();
        list.resize(index + 1, body);
        let owner = self.owner_row(owner);
        let key = Key::Text(id, index);
        let task = self.task(body, owner, Vec::new());
        let job =
            Job { key: key.clone(), tasks: vec![(task, None, None)], results: Vec::new(), name: "".into(), span: None };
        match self.run_job(job) {
            Lowered::One(node) => node,
            Lowered::List(_) | Lowered::Values(_) | Lowered::Records(_) | Lowered::Record(_) => {
                self.fault(FaultKind::Overflow, None)
            }
        }
    }

    pub(super) fn values(&mut self) {
        let program = self.program;
        for (name, definition) in self.request.show {
            let declared = &program.definitions[*definition];
            let owner = self.owner_row(declared.owner);
            let frame = self.frame_of(owner);
            let value = self.run(Key::Definition(*definition, owner, Vec::new()));
            let value = self.shown(value);
            self.graph.values.push(RootValue {
                name: Arc::clone(name),
                owner: declared.owner,
                frame,
                ty: declared.ty.clone(),
                value,
            });
        }
        for index in 0..self.request.extra.len() {
            let value = self.run(Key::Extra(index));
            self.graph.extra.push(value);
        }
    }

    /// The versions of a programme that count: that of the date, or all without one.
    pub(super) fn versions(&self, id: ProgrammeId) -> impl Iterator<Item = &'p ProgrammeVersion> + use<'p> {
        let program = self.program;
        let versions = &program.programmes[id].versions;
        let chosen: Vec<&'p ProgrammeVersion> = match self.request.day {
            Some(day) => version_on(versions, |v| &v.period, day.as_of, day.known_on).into_iter().collect(),
            None => versions.iter().collect(),
        };
        chosen.into_iter()
    }

    pub(super) fn definition_version(&self, definition: &'p Definition) -> Option<&'p DefinitionVersion> {
        match self.request.day {
            Some(day) => version_on(&definition.versions, |v| &v.period, day.as_of, day.known_on),
            None => definition.versions.last(),
        }
    }

    /// What acts have changed of the rules that expressions rest on.
    fn changes(&mut self, bodies: impl IntoIterator<Item = &'p ExprBody>) -> Vec<RootChange> {
        let Some(Day { as_of, known_on }) = self.request.day else { return Vec::new() };
        let mut out = Vec::new();
        for change in changes(self.program, (as_of, known_on), bodies) {
            let root = self.owner_row(self.program.root);
            let holds = change.holds.map(|holds| self.run_node(Key::Definition(holds, root, Vec::new())));
            if !holds.is_some_and(|node| matches!(self.op(node), Op::Constant(Value::Boolean(false)))) {
                out.push(RootChange { rule: change.rule, act: change.act, holds });
            }
        }
        out
    }

    /// Whether an act has repealed a criterion on the day: then no programme asks for it.
    fn is_repealed(&self, id: DefinitionId) -> bool {
        let definition = &self.program.definitions[id];
        self.request.day.is_some()
            && definition.versions.iter().any(|v| v.period.repeals)
            && self.definition_version(definition).is_none()
    }

    pub(super) fn exclusions(&mut self) {
        for other in self.program.programmes.ids() {
            for excluded in self.versions(other).flat_map(|v| &v.excludes) {
                self.excluders.entry(*excluded).or_default().push(other);
            }
        }
        for list in self.excluders.values_mut() {
            list.dedup();
        }
    }
}
