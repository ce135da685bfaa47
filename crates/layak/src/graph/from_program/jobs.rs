//! What is laid out once, each after what it needs, on a stack of its own.

use super::*;

impl<'p> Lowering<'p> {
    pub(super) fn run_node(&mut self, key: Key) -> NodeId {
        match self.run(key) {
            Lowered::One(node) => node,
            Lowered::List(_) | Lowered::Values(_) | Lowered::Records(_) | Lowered::Record(_) => {
                self.fault(FaultKind::Overflow, None)
            }
        }
    }

    pub(super) fn run(&mut self, key: Key) -> Lowered {
        if let Some(done) = self.memo.get(&key) {
            return done.clone();
        }
        let job = self.job(key);
        self.run_job(job)
    }

    pub(super) fn run_job(&mut self, job: Job<'p>) -> Lowered {
        let mut stack = vec![job];
        let mut last = None;
        while let Some(job) = stack.last_mut() {
            let needed = match self.advance(job) {
                Err(Need(keys)) => keys,
                Ok(()) => match self.complete(job) {
                    Err(Need(keys)) => keys,
                    Ok(lowered) => {
                        self.memo.insert(job.key.clone(), lowered.clone());
                        last = Some(lowered);
                        stack.pop();
                        Vec::new()
                    }
                },
            };
            for key in needed.into_iter().rev() {
                if self.is_full() {
                    let full = Lowered::One(self.too_large());
                    self.memo.insert(key, full);
                } else if !self.memo.contains_key(&key) {
                    let job = self.job(key);
                    stack.push(job);
                }
            }
        }
        last.unwrap_or(Lowered::Values(Vec::new()))
    }

    pub(super) fn task(&self, body: &'p ExprBody, owner: NodeId, arguments: Vec<NodeId>) -> Task<'p> {
        let mut through: BTreeMap<ExprRef, Vec<(ExprRef, Var)>> = BTreeMap::new();
        let mut free: Vec<Vec<Var>> = Vec::with_capacity(body.len());
        for (id, expr) in body.iter() {
            let mut vars: Vec<Var> = Vec::new();
            for operand in operands(&expr.kind) {
                vars.extend(free.get(operand.0 as usize).into_iter().flatten());
            }
            match &expr.kind {
                // The household is one, whichever element asks for it.
                Kind::Root(_) => vars.clear(),
                Kind::Argument(n) => vars.push(argument_var(*n)),
                Kind::Var(var) => vars.push(*var),
                Kind::Where { list, var, .. } | Kind::Each { list, var, .. } | Kind::SortBy { list, var, .. } => {
                    through.entry(*list).or_default().push((id, *var));
                    vars.retain(|v| v != var);
                }
                _ => {}
            }
            vars.sort_unstable();
            vars.dedup();
            free.push(vars);
        }
        Task {
            body,
            next: 0,
            done: vec![None; body.len()],
            owner,
            arguments,
            vars: BTreeMap::new(),
            bound: BTreeMap::new(),
            through,
            free,
            calls: BTreeMap::new(),
        }
    }

    pub(super) fn job(&mut self, key: Key) -> Job<'p> {
        let program = self.program;
        let mut job = Job { key: key.clone(), tasks: Vec::new(), results: Vec::new(), name: "".into(), span: None };
        match key {
            Key::Definition(id, owner, arguments) => {
                let definition = &program.definitions[id];
                job.name = Arc::clone(&definition.declared.name);
                job.span = Some(definition.declared.span);
                let versions: Vec<&DefinitionVersion> = match self.request.day {
                    Some(_) => self.definition_version(definition).into_iter().collect(),
                    None => definition.versions.iter().collect(),
                };
                for version in versions {
                    let (body, table) = match &version.value {
                        DefinitionValue::Expr(body) => (body, None),
                        DefinitionValue::Table(table) => (&program.tables[*table].body, Some(*table)),
                    };
                    let task = self.task(body, owner, arguments.clone());
                    job.tasks.push((task, Some(version.period), table));
                }
            }
            Key::Output(id, output) => {
                let programme = &program.programmes[id];
                job.name = programme.outputs.get(output).map(|o| Arc::clone(&o.name)).unwrap_or_default();
                job.span = Some(programme.declared.span);
                let owner = self.owner_row(programme.owner);
                for version in self.versions(id) {
                    for (_, body) in version.gives.iter().filter(|(o, _)| *o == output) {
                        let task = self.task(body, owner, Vec::new());
                        job.tasks.push((task, Some(version.period), None));
                    }
                }
            }
            Key::Eligible(id) => {
                let conditions: Vec<&'p Condition> =
                    self.versions(id).flat_map(|v| v.requires.iter().chain(&v.refuses)).collect();
                self.conditions.insert(id, conditions);
            }
            Key::Condition(id, index) => {
                let owner = self.owner_row(program.programmes[id].owner);
                if let Some(condition) = self.conditions.get(&id).and_then(|c| c.get(index)).copied() {
                    let task = self.task(&condition.body, owner, Vec::new());
                    job.tasks.push((task, None, None));
                }
            }
            Key::Extra(index) => {
                if let Some((body, owner)) = self.request.extra.get(index).copied() {
                    let owner = self.owner_row(owner);
                    let task = self.task(body, owner, Vec::new());
                    job.tasks.push((task, None, None));
                }
            }
            Key::Text(..) => {}
        }
        job
    }

    pub(super) fn advance(&mut self, job: &mut Job<'p>) -> Step<()> {
        while let Some((task, period, table)) = job.tasks.get_mut(job.results.len()) {
            while task.next < task.body.len() {
                self.spent = self.spent.saturating_add(1);
                let id = ExprRef(u32::try_from(task.next).unwrap_or(u32::MAX));
                let lowered = self.lower(task, id)?;
                if let Some(slot) = task.done.get_mut(task.next) {
                    *slot = Some(lowered);
                }
                task.next += 1;
                self.bind(task, id);
            }
            let lowered = match table {
                None => task.body.root().map(|root| self.get(task, root)),
                Some(table) => Some(self.table(task, *table)),
            };
            let fault = self.fault(FaultKind::Overflow, None);
            let lowered = lowered.unwrap_or(Lowered::One(fault));
            let collected = self.collected.take();
            if let Some(laid) = &mut self.laid {
                laid.push((job.key.clone(), Body::of(task, &lowered, collected)));
            }
            job.results.push((*period, lowered));
        }
        Ok(())
    }

    pub(super) fn complete(&mut self, job: &mut Job<'p>) -> Step<Lowered> {
        if let Key::Eligible(id) = job.key {
            return self.eligible(id);
        }
        let mut results = std::mem::take(&mut job.results);
        if let Some(day) = self.request.day {
            return Ok(results.pop().map(|(_, lowered)| lowered).unwrap_or_else(|| {
                let kind = FaultKind::NoVersion { name: Arc::clone(&job.name), on: day.as_of };
                Lowered::One(self.fault(kind, job.span))
            }));
        }
        let dated = results.len() != 1 || results.iter().any(|(p, _)| p.is_some_and(|p| p != Period::default()));
        if !dated {
            return Ok(results.pop().map_or(Lowered::Values(Vec::new()), |(_, lowered)| lowered));
        }
        let versions: Vec<(Period, NodeId)> = results
            .iter()
            .filter_map(|(period, lowered)| match lowered {
                Lowered::One(node) => Some((period.unwrap_or_default(), *node)),
                Lowered::List(_) | Lowered::Values(_) | Lowered::Records(_) | Lowered::Record(_) => None,
            })
            .collect();
        if versions.len() != results.len() {
            // Without a date, of a list the last version stands for all.
            return Ok(results.pop().map_or(Lowered::Values(Vec::new()), |(_, lowered)| lowered));
        }
        let frame = self.join(versions.iter().map(|(_, n)| *n));
        Ok(Lowered::One(self.node(Op::Dated { name: Arc::clone(&job.name), versions }, frame, job.span)))
    }

    pub(super) fn eligible(&mut self, id: ProgrammeId) -> Step<Lowered> {
        if self.versions(id).next().is_none() {
            return Ok(Lowered::One(self.constant(Value::Boolean(false))));
        }
        let conditions = self.conditions.get(&id).cloned().unwrap_or_default();
        let excluders = self.excluders.get(&id).cloned().unwrap_or_default();
        let keys = (0..conditions.len()).map(|index| Key::Condition(id, index));
        let missing: Vec<Key> = keys
            .chain(excluders.iter().map(|other| Key::Eligible(*other)))
            .filter(|key| !self.memo.contains_key(key))
            .collect();
        if !missing.is_empty() {
            return Err(Need(missing));
        }
        let refused: BTreeSet<*const Condition> =
            self.versions(id).flat_map(|v| &v.refuses).map(std::ptr::from_ref).collect();
        let mut all = Vec::new();
        for (index, condition) in conditions.into_iter().enumerate() {
            let node = self.needed_node(Key::Condition(id, index))?;
            all.push(if refused.contains(&std::ptr::from_ref(condition)) { self.not(node) } else { node });
        }
        for other in excluders {
            let node = self.needed_node(Key::Eligible(other))?;
            all.push(self.not(node));
        }
        Ok(Lowered::One(self.junction(&all, true)))
    }

    pub(super) fn needed_node(&mut self, key: Key) -> Step<NodeId> {
        match self.memo.get(&key) {
            Some(Lowered::One(node)) => Ok(*node),
            Some(Lowered::List(_) | Lowered::Values(_) | Lowered::Records(_) | Lowered::Record(_)) => {
                Ok(self.fault(FaultKind::Overflow, None))
            }
            None => Err(Need(vec![key])),
        }
    }
}
