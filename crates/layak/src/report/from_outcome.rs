//! Outcome to report: judgements and values become answers with names, texts and places.

use std::cell::Cell;
use std::sync::Arc;

use crate::facts::{Case, EvidenceFact, key_of, path_of};
use crate::graph::{Frame, Graph, Lowered, NodeId, RootProgramme, RootValue};
use crate::limits::Limits;
use crate::outcome::{
    Columns, Deciding, Judgement, Machine, Needed, Possible, Recording, Registers, Set, Verdict, Verdicts, evaluate,
    evaluate_after, evaluated,
};
use crate::program::{EntityId, Program, Quantity, Type};
use crate::report::{
    Answer, Assumptions, Decision, Entitlement, Entitlements, FactFinding, Failure, Missing, ProgrammeDecision, Reason,
    Wordings,
};
use crate::source::SourceMap;
use crate::value::{Decimal, Fault, Value};

thread_local! {
    pub(super) static REGISTERS: Cell<Registers> = Cell::default();
}

/// What the evaluation that decided a household leaves behind.
#[derive(Clone, Debug)]
pub(crate) enum Recorded {
    /// What every step of the machine came to.
    Registers(Registers),
    /// What every node of the graph came to.
    Whole(Recording),
}

/// What a report is made with.
pub(crate) struct Reporter<'a> {
    pub program: &'a Program,
    pub sources: &'a SourceMap,
    pub graph: &'a Graph,
    pub machine: Option<&'a Machine>,
    pub wordings: &'a Wordings,
    pub assumptions: &'a Assumptions,
    pub fingerprint: &'a Arc<str>,
    pub limits: &'a Limits,
}

impl Reporter<'_> {
    /// Decides a household and tells of it: by the plan's machine, where it leaves nothing open.
    pub(crate) fn decision(&self, case: &Case, columns: Option<&Columns>, evidence: &[EvidenceFact]) -> Decision {
        match self.by_machine(case, columns) {
            Some(programmes) => {
                let findings = match evidence {
                    [] => Vec::new(),
                    evidence => self.findings(case, evidence, None, &programmes),
                };
                self.told(case, programmes, findings)
            }
            None => self.by_both(case, columns, evidence).unwrap_or_else(|| self.by_evaluation(case, evidence)),
        }
    }

    /// What the programmes come to, and nothing beside.
    pub(crate) fn programmes(&self, case: &Case) -> Vec<ProgrammeDecision> {
        let decided = || evaluated(self.graph, case, self.limits, |recording| self.evaluated(case, recording));
        self.by_machine(case, None).unwrap_or_else(decided)
    }

    /// The same as verdicts alone: of the household or of each member in turn.
    pub(crate) fn verdicts(&self, case: &Case) -> Vec<Verdict> {
        let mut out = Vec::new();
        for programme in self.programmes(case) {
            match programme.entitlements {
                Entitlements::One(one) => out.push(one.verdict),
                Entitlements::Members(list) => out.extend(list.iter().map(|(_, one)| one.verdict)),
            }
            out.extend(programme.others.map(|others| others.verdict));
        }
        out
    }

    #[cfg(test)]
    pub(crate) fn is_by_machine(&self, case: &Case) -> bool {
        self.by_machine(case, None).is_some()
    }

    /// What the machine decides; nothing where it leaves a condition, an output or a value in a text open, or where
    /// something may be assumed, which the evaluator tells.
    fn by_machine(&self, case: &Case, columns: Option<&Columns>) -> Option<Vec<ProgrammeDecision>> {
        // One household after another is worked out in the same memory.
        let mut registers = REGISTERS.take();
        let programmes = self.in_registers(case, columns, &mut registers);
        REGISTERS.set(registers);
        programmes
    }

    /// Decides a household as `decision` does, and keeps what was recorded: by the machine, where it leaves nothing open.
    pub(crate) fn recorded(
        &self,
        case: &Case,
        columns: Option<&Columns>,
        evidence: &[EvidenceFact],
    ) -> (Decision, Recorded) {
        let mut registers = Registers::default();
        if let Some(programmes) = self.in_registers(case, columns, &mut registers) {
            let findings = match evidence {
                [] => Vec::new(),
                evidence => self.findings(case, evidence, None, &programmes),
            };
            return (self.told(case, programmes, findings), Recorded::Registers(registers));
        }
        let mut recording = evaluate(self.graph, case, self.limits);
        (self.by_recording(case, evidence, &mut recording), Recorded::Whole(recording))
    }

    /// What was recorded, with what the machine took in one step told apart.
    pub(crate) fn recording(&self, case: &Case, recorded: &Recorded) -> Recording {
        match (recorded, self.machine) {
            (Recorded::Whole(recording), _) => recording.clone(),
            (Recorded::Registers(registers), Some(machine)) => {
                let known = |node: NodeId, row: usize| machine.value(registers, node, row);
                evaluate_after(self.graph, case, self.limits, Some(&known))
            }
            // INVARIANT: registers are a machine's.
            (Recorded::Registers(_), None) => evaluate(self.graph, case, self.limits),
        }
    }

    fn in_registers(
        &self,
        case: &Case,
        columns: Option<&Columns>,
        registers: &mut Registers,
    ) -> Option<Vec<ProgrammeDecision>> {
        let machine = self.machine?;
        if !self.assumptions.are_idle(case) {
            return None;
        }
        let made = match columns.filter(|c| machine.reads(c)) {
            Some(_) => None,
            None => Some(machine.columns(case)?),
        };
        let columns = made.as_ref().or(columns)?;
        let mut verdicts = std::mem::take(&mut registers.verdicts);
        verdicts.clear();
        let programmes = self.by_registers(machine, columns, case, registers, &mut verdicts);
        registers.verdicts = verdicts;
        programmes
    }

    fn by_registers(
        &self,
        machine: &Machine,
        columns: &Columns,
        case: &Case,
        registers: &mut Registers,
        verdicts: &mut Vec<Verdicts>,
    ) -> Option<Vec<ProgrammeDecision>> {
        registers.run(machine, columns, self.graph.calendar);
        for number in machine.by_name() {
            verdicts.push(machine.judge(registers, *number)?);
        }
        machine.run_outputs(registers, verdicts, self.graph.calendar);
        let registers = &*registers;
        let mut programmes = Vec::with_capacity(verdicts.len());
        for verdicts in verdicts {
            let root = self.graph.programmes.get(verdicts.programme)?;
            let programme = &self.program.programmes[root.programme];
            let entitlements = if programme.owner == self.program.root {
                Entitlements::One(self.by_verdict(machine, registers, (root, verdicts), case, 0)?)
            } else {
                let rows = case.table(programme.owner).map_or(0, |table| table.rows.len());
                let mut list = Vec::with_capacity(rows);
                for (row, key) in self.elements(case, programme.owner) {
                    let row = usize::try_from(row).ok()?;
                    list.push((key, self.by_verdict(machine, registers, (root, verdicts), case, row)?));
                }
                if list.len() != rows {
                    // A list is not known: of whoever may be in it the evaluator tells.
                    return None;
                }
                Entitlements::Members(list)
            };
            let name = Arc::clone(&programme.declared.name);
            programmes.push(ProgrammeDecision { name, entitlements, others: None });
        }
        Some(programmes)
    }

    /// What a programme comes to for one element; nothing where what is told of it is open.
    fn by_verdict(
        &self,
        machine: &Machine,
        registers: &Registers,
        (root, verdicts): (&RootProgramme, &Verdicts),
        case: &Case,
        row: usize,
    ) -> Option<Entitlement> {
        if !verdicts.is_eligible(row) {
            let open = Cell::new(false);
            let known = |node: NodeId| {
                let visible = self.graph.is_outer(self.graph.nodes[node].frame, root.frame);
                let value = visible.then(|| machine.value(registers, node, row)).flatten();
                open.set(open.get() || value.is_none());
                value
            };
            let reasons = self.reasons(verdicts.programme, machine.failing(registers, verdicts, row), root, &known);
            return (!open.get()).then(|| Entitlement::settled(Verdict::NotEligible, Vec::new(), reasons));
        }
        let declared = &self.program.programmes[root.programme].outputs;
        let by_name = machine.outputs(verdicts.programme);
        let mut outputs = Vec::with_capacity(by_name.len());
        for (output, node) in by_name {
            let Some(declared) = declared.get(*output) else { continue };
            // Most are numbers, which are told as they are.
            let answer = match (machine.number(registers, *node, row), declared.ty.required()) {
                (Some((word, scale)), Type::Number(q)) => number_answer(Decimal::new(word.into(), scale)?, *q),
                _ => self.answer(case, machine.value(registers, *node, row)?, &declared.ty),
            };
            outputs.push((Arc::clone(&declared.name), answer));
        }
        Some(Entitlement::settled(Verdict::Eligible, outputs, Vec::new()))
    }

    /// What the evaluator over possible values decides.
    pub(crate) fn by_evaluation(&self, case: &Case, evidence: &[EvidenceFact]) -> Decision {
        evaluated(self.graph, case, self.limits, |recording| self.by_recording(case, evidence, recording))
    }

    /// What a recording comes to, in which facts are tried: it comes back as it was.
    pub(crate) fn by_recording(&self, case: &Case, evidence: &[EvidenceFact], recording: &mut Recording) -> Decision {
        let programmes = self.evaluated(case, recording);
        let recording = &*recording;
        let findings = self.findings(case, evidence, Some(recording), &programmes);
        let mut decision = self.told(case, programmes, findings);
        for value in &self.graph.values {
            let answer = self.value(case, recording, value, &mut decision.bounds);
            decision.values.push((Arc::clone(&value.name), answer));
        }
        decision
    }

    /// The programmes by name.
    pub(super) fn evaluated(&self, case: &Case, recording: &mut Recording) -> Vec<ProgrammeDecision> {
        let programmes = self.graph.programmes.iter().enumerate();
        let mut deciding = Deciding::new(self.graph, case, recording, self.limits);
        let mut programmes: Vec<_> = programmes.map(|p| self.programme(case, &mut deciding, p)).collect();
        programmes.sort_by(|a, b| a.name.cmp(&b.name));
        programmes
    }

    pub(super) fn told(&self, case: &Case, programmes: Vec<ProgrammeDecision>, findings: Vec<FactFinding>) -> Decision {
        Decision {
            id: key_of(self.program, case, self.program.root, 0),
            as_of: self.graph.day.map_or(crate::value::Date::MIN, |d| d.as_of),
            ruleset: Arc::clone(self.fingerprint),
            programmes,
            findings,
            values: Vec::new(),
            bounds: Vec::new(),
        }
    }

    /// The real elements of an entity with the name that each has in answers.
    pub(crate) fn elements(&self, case: &Case, entity: EntityId) -> impl Iterator<Item = (u32, Arc<str>)> {
        let rows = case.table(entity).map_or(&[][..], |table| &table.rows);
        (0u32..).zip(rows).filter(|(_, row)| row.phantom.is_none()).map(move |(index, row)| {
            let key = key_of(self.program, case, entity, index);
            (index, key.unwrap_or_else(|| row.position.to_string().into()))
        })
    }

    /// The rows that stand for whoever may be in a list of an entity that is not known.
    pub(crate) fn others(&self, case: &Case, entity: EntityId) -> impl Iterator<Item = u32> {
        let rows = case.table(entity).map_or(&[][..], |table| &table.rows);
        (0u32..).zip(rows).filter(|(_, row)| row.phantom.is_some()).map(|(index, _)| index)
    }

    fn programme(
        &self,
        case: &Case,
        deciding: &mut Deciding<'_>,
        (number, root): (usize, &RootProgramme),
    ) -> ProgrammeDecision {
        let programme = &self.program.programmes[root.programme];
        let name = Arc::clone(&programme.declared.name);
        let mut one = |row: u32| {
            let judgement = deciding.decide(root, row);
            let recording = deciding.recording();
            let known = |node: NodeId| {
                let own = self.graph.nodes[node].frame;
                let visible = self.graph.is_outer(own, root.frame);
                visible.then(|| recording.get(self.graph, node, root.frame, row)).and_then(Possible::as_known).cloned()
            };
            self.entitlement(case, (number, root), judgement, &known)
        };
        if programme.owner == self.program.root {
            return ProgrammeDecision { name, entitlements: Entitlements::One(one(0)), others: None };
        }
        let elements = self.elements(case, programme.owner);
        let entitlements = Entitlements::Members(elements.map(|(row, key)| (key, one(row))).collect());
        let mut others: Option<Entitlement> = None;
        for open in self.others(case, programme.owner).map(one).filter(|one| one.verdict != Verdict::NotEligible) {
            match &mut others {
                None => others = Some(open),
                // Of several lists that are not known each is missing.
                Some(first) => {
                    let more = open.missing.into_iter().filter(|m| !first.missing.contains(m)).collect::<Vec<_>>();
                    first.missing.extend(more);
                }
            }
        }
        ProgrammeDecision { name, entitlements, others }
    }

    /// Why a programme refuses; `known` gives the values in the texts.
    pub(super) fn reasons(
        &self,
        number: usize,
        failing: impl Iterator<Item = usize>,
        root: &RootProgramme,
        known: &dyn Fn(NodeId) -> Option<Value>,
    ) -> Vec<Reason> {
        let reason = |condition: usize| self.wordings.reason((number, condition), known);
        let mut reasons: Vec<Reason> = failing.filter_map(reason).collect();
        reasons.sort_by(|a, b| a.criterion.cmp(&b.criterion));
        if !root.in_force {
            reasons.push(self.wordings.not_in_force());
        }
        reasons
    }

    /// Of the programme of a number; `known` gives the values in the texts of reasons.
    fn entitlement(
        &self,
        case: &Case,
        (number, root): (usize, &RootProgramme),
        judgement: Judgement,
        known: &dyn Fn(NodeId) -> Option<Value>,
    ) -> Entitlement {
        let programme = &self.program.programmes[root.programme];
        let reasons = self.reasons(number, judgement.failing.iter().copied(), root, known);
        let mut outputs = Vec::new();
        let mut bounds = Vec::new();
        if matches!(judgement.verdict, Verdict::Eligible | Verdict::Undetermined) {
            for ((output, _), value) in root.outputs.iter().zip(&judgement.outputs) {
                let Some(declared) = programme.outputs.get(*output) else { continue };
                let name = Arc::clone(&declared.name);
                match (judgement.verdict, value.as_known()) {
                    (Verdict::Eligible, Some(value)) => {
                        outputs.push((name, self.answer(case, value.clone(), &declared.ty)));
                    }
                    _ => bounds.push((name, self.bounds(case, value, &declared.ty))),
                }
            }
        }
        outputs.sort_by(|a, b| a.0.cmp(&b.0));
        bounds.sort_by(|a, b| a.0.cmp(&b.0));
        Entitlement {
            verdict: judgement.verdict,
            outputs,
            bounds,
            reasons,
            missing: judgement.missing.iter().map(|open| self.missing(case, *open)).collect(),
            error: judgement.fault.as_ref().map(|f| self.failure(f)),
        }
    }

    fn missing(&self, case: &Case, Needed { slot: (entity, field, row), is_shown }: Needed) -> Missing {
        let declared = self.program.entities[entity].fields.get(field);
        let verify = declared.is_some_and(|f| f.verified);
        let sources = declared.into_iter().flat_map(|f| &f.sources).map(|s| &self.program.sources[*s]);
        let ask = sources.filter(|s| s.verifies || !verify).map(|s| Arc::clone(&s.declared.name));
        Missing {
            fact: path_of(self.program, case, entity, field, row),
            ask: ask.collect(),
            verify,
            shown: is_shown,
            slot: (entity, field, row),
        }
    }

    pub(crate) fn failure(&self, fault: &Fault) -> Failure {
        let at = fault.at.map(|span| self.sources.place(span).to_string());
        Failure::new(fault.kind.code(), fault.kind.message(), at)
    }

    fn value(
        &self,
        case: &Case,
        recording: &Recording,
        value: &RootValue,
        bounds: &mut Vec<(String, (Answer, Answer))>,
    ) -> Answer {
        if value.owner == self.program.root {
            return self.lowered(case, recording, value, 0, &value.name, bounds);
        }
        // What no element has a part in, such as a definition without a version in force, fails for all of them at once.
        if let Lowered::One(node) = value.value
            && matches!(self.graph.frames[self.graph.nodes[node].frame], Frame::Root)
            && let Some(fault) = recording.get(self.graph, node, self.graph.nodes[node].frame, 0).certain_fault()
        {
            return Answer::Failure(self.failure(fault));
        }
        let mut elements = self.elements(case, value.owner).peekable();
        if elements.peek().is_none() && self.others(case, value.owner).next().is_some() {
            // Of nobody in particular.
            return Answer::Unknown;
        }
        Answer::Record(
            elements
                .map(|(row, key)| {
                    let name = format!("{}.{key}", value.name);
                    (Arc::clone(&key), self.lowered(case, recording, value, row, &name, bounds))
                })
                .collect(),
        )
    }

    fn lowered(
        &self,
        case: &Case,
        recording: &Recording,
        value: &RootValue,
        row: u32,
        name: &str,
        bounds: &mut Vec<(String, (Answer, Answer))>,
    ) -> Answer {
        // INVARIANT: what a definition comes to lives in its owner's home frame or above.
        let at_row = |node: NodeId| recording.get(self.graph, node, value.frame, row);
        let ty = &value.ty;
        match &value.value {
            Lowered::One(node) => {
                let value = at_row(*node);
                self.possible(case, value, ty, name, bounds)
            }
            Lowered::Record(parts) => {
                let Type::Record(table) = ty else { return Answer::Unknown };
                let outputs = &self.program.tables[*table].outputs;
                let list = parts.iter().zip(outputs).map(|((part, node), (_, ty))| {
                    let value = at_row(*node);
                    let name = format!("{name}.{part}");
                    (Arc::clone(part), self.possible(case, value, ty, &name, bounds))
                });
                Answer::Record(list.collect())
            }
            Lowered::Values(_) | Lowered::Records(_) => {
                let Type::List(item) = ty else { return Answer::Unknown };
                let items: Vec<(NodeId, &[NodeId])> = match &value.value {
                    Lowered::Records(rows) => rows.iter().map(|(p, outputs)| (*p, outputs.as_slice())).collect(),
                    Lowered::Values(items) => items.iter().map(|(p, v)| (*p, std::slice::from_ref(v))).collect(),
                    Lowered::One(_) | Lowered::List(_) | Lowered::Record(_) => Vec::new(),
                };
                let mut list = Vec::new();
                for (presence, values) in items {
                    let presence = at_row(presence);
                    match (presence.can_be_true(), presence.can_be_false() || presence.fault.is_some()) {
                        (true, false) => list.push(match (&**item, values) {
                            (Type::Record(table), _) => {
                                let outputs = self.program.tables[*table].outputs.iter().zip(values);
                                Answer::Record(
                                    outputs
                                        .map(|((n, ty), v)| (Arc::clone(n), self.single(case, at_row(*v), ty)))
                                        .collect(),
                                )
                            }
                            (_, [value]) => self.single(case, at_row(*value), item),
                            _ => Answer::Unknown,
                        }),
                        (false, _) if presence.fault.is_none() => {}
                        _ => match presence.certain_fault() {
                            Some(fault) => return Answer::Failure(self.failure(fault)),
                            None => return Answer::Unknown,
                        },
                    }
                }
                Answer::List(list)
            }
            Lowered::List(items) => {
                let Type::List(item) = ty else { return Answer::Unknown };
                let above = self.graph.frames[items.frame].outer().unwrap_or(value.frame);
                let outer = recording.frames.up(self.graph, value.frame, row, above);
                let mut entries = recording.entries(self.graph, items, outer);
                if items.order.is_some() {
                    entries.sort_by(|a, b| match (a.key, b.key) {
                        (Some((a, down)), Some((b, _))) => {
                            let order = a.as_known().cmp(&b.as_known());
                            if down { order.reverse() } else { order }
                        }
                        _ => std::cmp::Ordering::Equal,
                    });
                }
                let mut list = Vec::new();
                for entry in entries {
                    let certain = entry.presence.as_known() == Some(&Value::Boolean(true));
                    let absent = entry.presence.as_known() == Some(&Value::Boolean(false));
                    if absent {
                        continue;
                    }
                    if let Some(fault) = entry.presence.certain_fault() {
                        return Answer::Failure(self.failure(fault));
                    }
                    if !certain || entry.least != 1 || entry.most != Some(1) {
                        return Answer::Unknown;
                    }
                    list.push(self.single(case, entry.value, item));
                }
                Answer::List(list)
            }
        }
    }

    fn possible(
        &self,
        case: &Case,
        value: &Possible,
        ty: &Type,
        name: &str,
        bounds: &mut Vec<(String, (Answer, Answer))>,
    ) -> Answer {
        let answer = self.single(case, value, ty);
        if answer == Answer::Unknown && matches!(value.set, Set::Range { .. }) {
            bounds.push((name.to_owned(), self.bounds(case, value, ty)));
        }
        answer
    }

    fn single(&self, case: &Case, value: &Possible, ty: &Type) -> Answer {
        match (value.as_known(), value.certain_fault()) {
            (Some(value), _) => self.answer(case, value.clone(), ty),
            (None, Some(fault)) => Answer::Failure(self.failure(fault)),
            (None, None) => Answer::Unknown,
        }
    }

    fn bounds(&self, case: &Case, value: &Possible, ty: &Type) -> (Answer, Answer) {
        let end = |v: Option<&Value>| v.map_or(Answer::Unknown, |v| self.answer(case, v.clone(), ty));
        match &value.set {
            Set::One(value) => (self.answer(case, value.clone(), ty), self.answer(case, value.clone(), ty)),
            Set::Booleans => (Answer::Boolean(false), Answer::Boolean(true)),
            Set::Range { low, high, .. } => (end(low.as_ref()), end(high.as_ref())),
            Set::Members(members) => {
                let end = |m: Option<&u32>| m.map_or(Answer::Unknown, |m| self.answer(case, Value::Enum(*m), ty));
                (end(members.first()), end(members.last()))
            }
            Set::Nothing | Set::Any => (Answer::Unknown, Answer::Unknown),
        }
    }

    pub(crate) fn answer(&self, case: &Case, value: Value, ty: &Type) -> Answer {
        match (value, ty.required()) {
            (Value::Boolean(b), _) => Answer::Boolean(b),
            (Value::Number(n), Type::Number(q)) => number_answer(n, *q),
            (Value::Number(n), _) => Answer::Number(n),
            (Value::Date(d), _) => Answer::Date(d),
            (Value::Duration(d), _) => Answer::Duration(d),
            (Value::Text(t), _) => Answer::Text(t),
            (Value::Enum(n), Type::Enum(id)) => match self.program.enums[*id].members.get(n as usize) {
                Some(member) => Answer::Enum(Arc::clone(&member.name)),
                None => Answer::Unknown,
            },
            (Value::Element(row), Type::Element(entity)) => {
                let key = key_of(self.program, case, *entity, row);
                let position = case.table(*entity).and_then(|t| t.rows.get(row as usize)).map_or(0, |r| r.position);
                Answer::Element(key.map_or_else(|| position.to_string(), |key| key.to_string()))
            }
            (Value::None, _) => Answer::None,
            (Value::Enum(_) | Value::Element(_), _) => Answer::Unknown,
        }
    }
}

#[inline]
pub(super) fn number_answer(number: Decimal, of: Quantity) -> Answer {
    if of.whole && !of.money && of.per.is_none() { Answer::Integer(number) } else { Answer::Number(number) }
}
