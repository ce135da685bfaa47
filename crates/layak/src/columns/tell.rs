//! What a household came to, told piece by piece: nothing is put together that the listener does not ask for.

use std::borrow::Cow;

use crate::arena::Id;
use crate::outcome::{Chunk, Frames, Machine};
use crate::program::EntityId;
use crate::report::Answer;

use super::decided::{BatchOutcome, Decided};
use super::values::Values;

/// Listens to what a household came to.
pub trait Telling {
    /// What a programme comes to for the household or, where it is for members, for the next of them, by its key or else its position.
    /// Programmes are counted, and come, as [`Plan::programme_shapes`](crate::Plan::programme_shapes) has them; what is told next is of it.
    fn outcome(&mut self, programme: usize, member: Option<&str>, outcome: BatchOutcome);
    /// An output of who is eligible, counted as the shape of the programme has it.
    fn output(&mut self, output: usize, answer: &Answer);
    /// A criterion for which somebody is not eligible; those of one entitlement come by name.
    fn reason(&mut self, criterion: &str);
}

/// Room for what is told, kept and used again.
#[derive(Debug, Default)]
pub struct TellRoom {
    answers: Vec<Answer>,
    failing: Vec<usize>,
}

impl Decided<'_, '_> {
    /// Tells what a household came to, where columns alone say all of it: the same as the [`decision`](Decided::decision), which says
    /// the reasons in words too. Where it gives false nothing was told, and the decision is to be asked. The cost is that of what is told.
    ///
    /// ```
    /// use layak::{Answer, Batch, BatchOutcome, Column, Households, Ruleset, TellRoom, Telling, Values};
    /// #[derive(Default)]
    /// struct Lines(Vec<String>);
    /// impl Telling for Lines {
    ///     fn outcome(&mut self, programme: usize, _: Option<&str>, outcome: BatchOutcome) {
    ///         self.0.push(format!("{programme} {outcome:?}"));
    ///     }
    ///     fn output(&mut self, output: usize, answer: &Answer) {
    ///         self.0.push(format!("{output} {answer:?}"));
    ///     }
    ///     fn reason(&mut self, criterion: &str) {
    ///         self.0.push(criterion.to_owned());
    ///     }
    /// }
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = Ruleset::from_text(
    ///     "module aid entity Home { desil integer 1..10 } criterion poor when desil <= 4 programme aid requires poor",
    /// )?;
    /// let plan = rules.as_of("2026-01-15".parse()?);
    /// let mut homes = Households::new(&plan, 2);
    /// homes.column("desil", Column::new(Values::Ints { values: &[2, 9], scale: 0 }))?;
    /// let mut batch = Batch::new(&homes);
    /// let (decided, mut lines, mut room) = (batch.decide(0..2), Lines::default(), TellRoom::default());
    /// assert!(decided.tell(0, &mut room, &mut lines) && decided.tell(1, &mut room, &mut lines));
    /// assert_eq!(lines.0, ["0 Eligible", "0 NotEligible", "poor"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn tell(&self, household: usize, room: &mut TellRoom, to: &mut impl Telling) -> bool {
        let plan = &self.homes.plan;
        let (Some((chunk, frames)), Some(machine)) = (self.chunk, plan.machine()) else { return false };
        if !self.is_columnar(household) || self.answers(household, (chunk, frames, machine), room).is_none() {
            return false;
        }
        let program = plan.program();
        let mut answers = room.answers.iter();
        for (place, number) in machine.by_name().iter().enumerate() {
            let Some(root) = plan.plan_graph().programmes.get(*number) else { continue };
            let programme = &program.programmes[root.programme];
            let is_of_members = programme.owner != program.root;
            let rows = machine.frame_of(programme.owner).map_or(0..0, |frame| chunk.rows_of(frame, household));
            for (position, row) in rows.enumerate() {
                let member = is_of_members.then(|| self.member(programme.owner, row, position));
                if chunk.is_eligible(*number, row) {
                    to.outcome(place, member.as_deref(), BatchOutcome::Eligible);
                    machine
                        .outputs(*number)
                        .iter()
                        .zip(&mut answers)
                        .for_each(|((output, _), a)| to.output(*output, a));
                    continue;
                }
                to.outcome(place, member.as_deref(), BatchOutcome::NotEligible);
                room.failing.clear();
                room.failing.extend(chunk.failing(machine, frames, *number, row));
                let name = |condition: &usize| root.conditions.get(*condition).map(|c| &*c.name);
                room.failing.sort_by_key(|condition| name(condition));
                room.failing.iter().filter_map(name).for_each(|name| to.reason(name));
                if !root.in_force {
                    to.reason(plan.not_in_force());
                }
            }
        }
        true
    }

    /// The key of a household whose facts are given as columns; nothing where it has none.
    pub fn id(&self, household: usize) -> Option<Cow<'_, str>> {
        self.key_text(self.homes.plan.program().root, self.stretch.start + household)
    }

    /// The outputs of whoever is eligible, in the order in which they are told; nothing where one is open.
    fn answers(
        &self,
        household: usize,
        (chunk, frames, machine): (&Chunk, &Frames, &Machine),
        room: &mut TellRoom,
    ) -> Option<()> {
        let plan = &self.homes.plan;
        let reporter = plan.reporter();
        let program = plan.program();
        room.answers.clear();
        for number in machine.by_name() {
            let programme = &program.programmes[plan.plan_graph().programmes.get(*number)?.programme];
            let frame = machine.frame_of(programme.owner)?;
            let of = u32::try_from(frame).ok()?;
            for row in chunk.rows_of(frame, household).filter(|row| chunk.is_eligible(*number, *row)) {
                for (output, node) in machine.outputs(*number) {
                    let ty = &programme.outputs.get(*output)?.ty;
                    room.answers.push(reporter.chunk_answer(machine, (chunk, frames), (*node, ty), of, row)?);
                }
            }
        }
        Some(())
    }

    /// A member by its key, else by its position.
    fn member(&self, owner: EntityId, row: usize, position: usize) -> Cow<'_, str> {
        let table = self.homes.table_of(owner);
        let first = table.map_or(0, |table| self.homes.elements_of(table, self.stretch.start).start);
        self.key_text(owner, first + row).unwrap_or_else(|| position.to_string().into())
    }

    /// The key of an element by its row of the column, borrowed where it stands there as it is told.
    fn key_text(&self, entity: EntityId, row: usize) -> Option<Cow<'_, str>> {
        let field = self.homes.plan.program().entities[entity].key?;
        let table = self.homes.tables.iter().find(|t| t.entity.index() == entity.index())?;
        let column = &table.columns.iter().find(|c| c.field == field)?.column;
        match &column.values {
            Values::Codes { .. } | Values::Texts { .. } => column.values.text(row).map(crate::facts::composed),
            _ => self.key(entity, row).map(|key| Cow::Owned(key.to_string())),
        }
    }
}
