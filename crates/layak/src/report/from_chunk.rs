//! What many households came to at once, told of one of them.

use std::cell::Cell;
use std::sync::Arc;

use crate::graph::NodeId;
use crate::outcome::{Chunk, Frames, Machine, Verdict};
use crate::program::{EntityId, Type};
use crate::report::from_outcome::number_answer;
use crate::report::{Answer, Decision, Entitlement, Entitlements, ProgrammeDecision, Reporter};
use crate::value::{Date, Decimal, Value};

impl Reporter<'_> {
    /// The decision on a household of a chunk; nothing where what is told of it is open. `key` names elements by their rows.
    pub(crate) fn by_chunk(
        &self,
        (chunk, frames): (&Chunk, &Frames),
        household: usize,
        id: Option<Arc<str>>,
        key: &dyn Fn(EntityId, usize) -> Option<Arc<str>>,
    ) -> Option<Decision> {
        let machine = self.machine?;
        let mut programmes = Vec::with_capacity(self.graph.programmes.len());
        for number in machine.by_name() {
            let programme = &self.program.programmes[self.graph.programmes.get(*number)?.programme];
            let entitlements = if programme.owner == self.program.root {
                Entitlements::One(self.chunk_entitlement(machine, (chunk, frames), *number, 0, household)?)
            } else {
                let frame = machine.frame_of(programme.owner)?;
                let elements = chunk.frame(frame)?.of(household);
                let mut list = Vec::with_capacity(elements.len());
                for (place, row) in elements.enumerate() {
                    let name = key(programme.owner, row).unwrap_or_else(|| place.to_string().into());
                    let frame = u32::try_from(frame).ok()?;
                    list.push((name, self.chunk_entitlement(machine, (chunk, frames), *number, frame, row)?));
                }
                Entitlements::Members(list)
            };
            let name = Arc::clone(&programme.declared.name);
            programmes.push(ProgrammeDecision { name, entitlements, others: None });
        }
        Some(Decision {
            id,
            as_of: self.graph.day.map_or(Date::MIN, |d| d.as_of),
            ruleset: Arc::clone(self.fingerprint),
            programmes,
            findings: Vec::new(),
            values: Vec::new(),
            bounds: Vec::new(),
        })
    }

    fn chunk_entitlement(
        &self,
        machine: &Machine,
        (chunk, frames): (&Chunk, &Frames),
        number: usize,
        frame: u32,
        row: usize,
    ) -> Option<Entitlement> {
        let root = self.graph.programmes.get(number)?;
        if !chunk.is_eligible(number, row) {
            let open = Cell::new(false);
            let known = |node: NodeId| {
                let visible = self.graph.is_outer(self.graph.nodes[node].frame, root.frame);
                let value = visible.then(|| chunk.value(machine, frames, node, frame, row)).flatten();
                open.set(open.get() || value.is_none());
                value
            };
            let reasons = self.reasons(number, chunk.failing(machine, frames, number, row), root, &known);
            return (!open.get()).then(|| Entitlement::settled(Verdict::NotEligible, Vec::new(), reasons));
        }
        let declared = &self.program.programmes[root.programme].outputs;
        let by_name = machine.outputs(number);
        let mut outputs = Vec::with_capacity(by_name.len());
        for (output, node) in by_name {
            let Some(declared) = declared.get(*output) else { continue };
            let answer = self.chunk_answer(machine, (chunk, frames), (*node, &declared.ty), frame, row)?;
            outputs.push((Arc::clone(&declared.name), answer));
        }
        Some(Entitlement::settled(Verdict::Eligible, outputs, Vec::new()))
    }

    /// An output of a programme by name, where it is known.
    pub(crate) fn chunk_output(
        &self,
        (chunk, frames): (&Chunk, &Frames),
        number: usize,
        name: &str,
        row: usize,
    ) -> Option<Answer> {
        let machine = self.machine?;
        let programme = &self.program.programmes[self.graph.programmes.get(number)?.programme];
        let frame = u32::try_from(machine.frame_of(programme.owner)?).ok()?;
        let of = |output: &usize| programme.outputs.get(*output).filter(|o| *o.name == *name);
        let found = machine.outputs(number).iter().find_map(|(output, node)| Some((*node, of(output)?)));
        let (node, output) = found?;
        self.chunk_answer(machine, (chunk, frames), (node, &output.ty), frame, row)
    }

    /// A node's value as an answer; nothing where it is open, or is an element, which the facts name.
    pub(crate) fn chunk_answer(
        &self,
        machine: &Machine,
        (chunk, frames): (&Chunk, &Frames),
        (node, ty): (NodeId, &Type),
        frame: u32,
        row: usize,
    ) -> Option<Answer> {
        match (chunk.number(machine, node, frame, row), ty.required()) {
            (Some((word, scale)), Type::Number(q)) => Some(number_answer(Decimal::new(word.into(), scale)?, *q)),
            _ => match chunk.value(machine, frames, node, frame, row)? {
                Value::Element(_) => None,
                value => Some(self.answer(&self.nobody(), value, ty)),
            },
        }
    }

    /// A case without elements, for answers that name none.
    fn nobody(&self) -> crate::facts::Case {
        crate::facts::Case { tables: Vec::new() }
    }
}
