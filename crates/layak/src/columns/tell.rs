//! What a household came to, told piece by piece: nothing is put together that the listener does not ask for.

use std::borrow::Cow;
use std::ops::Range;

use crate::arena::Id;
use crate::outcome::{Chunk, Frames, Machine};
use crate::program::EntityId;
use crate::report::Answer;

use super::decided::{BatchOutcome, Decided};
use super::values::Values;

/// Listens to what households side by side came to: one programme after the other, and within it one household after the other.
pub trait Telling {
    /// What is told next is of this programme. Programmes are counted, and come, as
    /// [`Plan::programme_shapes`](crate::Plan::programme_shapes) has them.
    fn programme(&mut self, programme: usize);
    /// Whether members are told by their keys; else none is named. They are at first.
    fn names_members(&self) -> bool {
        true
    }
    /// What the programme comes to for a household, counted from the first that is told, or, where it is for members, for the next of its
    /// members, by its key or else its position. What is told next is of it.
    fn outcome(&mut self, household: usize, member: Option<&str>, outcome: BatchOutcome);
    /// An output of who is eligible: all of them come in the order of the programme's shape, which counts them.
    fn output(&mut self, output: usize, answer: &Answer);
    /// A criterion for which somebody is not eligible, counted as the reasons of the programme's shape are; those of one entitlement come in
    /// that order.
    fn reason(&mut self, reason: usize);
}

/// Room for what is told, kept and used again.
#[derive(Debug, Default)]
pub struct TellRoom {
    /// By programme: the outputs of whoever is eligible.
    answers: Vec<Vec<Answer>>,
    /// By element: the conditions of a programme that fail, by name, a bit each.
    failing: Vec<u64>,
}

/// From so many households on the conditions that fail are found for the whole stretch at once.
const TOGETHER: usize = 64;

/// The places of the bits that are set, the lowest first.
fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = word.trailing_zeros();
        word &= word.checked_sub(1)?;
        usize::try_from(place).ok()
    })
}

/// The keys of the elements of an entity, those of a stretch.
struct Keys<'d> {
    values: &'d Values<'d>,
    first: usize,
}

impl Decided<'_, '_> {
    /// Tells what households side by side came to, from the first of them on as far as columns alone say all of it; how many these are.
    /// It is the same as the [`decision`](Decided::decision) of each, which says the reasons in words too. Where it gives none nothing was
    /// told, and the decision is to be asked. The cost is that of what is told.
    ///
    /// ```
    /// use layak::{Answer, Batch, BatchOutcome, Column, Households, Ruleset, TellRoom, Telling, Values};
    /// #[derive(Default)]
    /// struct Lines(Vec<String>);
    /// impl Telling for Lines {
    ///     fn programme(&mut self, programme: usize) {
    ///         self.0.push(format!("programme {programme}"));
    ///     }
    ///     fn outcome(&mut self, household: usize, _: Option<&str>, outcome: BatchOutcome) {
    ///         self.0.push(format!("{household} {outcome:?}"));
    ///     }
    ///     fn output(&mut self, output: usize, answer: &Answer) {
    ///         self.0.push(format!("{output} {answer:?}"));
    ///     }
    ///     fn reason(&mut self, reason: usize) {
    ///         self.0.push(format!("reason {reason}"));
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
    /// assert_eq!(decided.tell(0..2, &mut room, &mut lines), 2);
    /// assert_eq!(lines.0, ["programme 0", "0 Eligible", "1 NotEligible", "reason 0"]);
    /// assert_eq!(&*plan.programme_shapes()[0].reasons[0], "poor");
    /// # Ok(())
    /// # }
    /// ```
    pub fn tell(&self, households: Range<usize>, room: &mut TellRoom, to: &mut impl Telling) -> usize {
        let plan = &self.homes.plan;
        let (Some((chunk, frames)), Some(machine)) = (self.chunk, plan.machine()) else { return 0 };
        let count = households.clone().take_while(|household| self.is_columnar(*household)).count();
        let households = households.start..households.start + count;
        let count = self.answers(households.clone(), (chunk, frames, machine), room);
        if count == 0 {
            return 0;
        }
        let program = plan.program();
        let TellRoom { answers, failing } = room;
        for (place, (number, answers)) in machine.by_name().iter().zip(answers).enumerate() {
            let Some(root) = plan.plan_graph().programmes.get(*number) else { continue };
            let programme = &program.programmes[root.programme];
            let is_named = programme.owner != program.root && to.names_members();
            let Some(frame) = machine.frame_of(programme.owner) else { continue };
            let keys = if is_named { self.keys(programme.owner) } else { None };
            let outputs = machine.outputs(*number);
            let mut answers = answers.iter();
            let has_bits = count >= TOGETHER && chunk.all_failing_by_name(machine, frames, *number, failing).is_some();
            to.programme(place);
            for (at, household) in households.clone().take(count).enumerate() {
                for (position, row) in chunk.rows_of(frame, household).enumerate() {
                    let member = is_named.then(|| match &keys {
                        Some(keys) => keys.text(row).unwrap_or_else(|| position.to_string().into()),
                        None => self.key_of(programme.owner, row).unwrap_or_else(|| position.to_string().into()),
                    });
                    if chunk.is_eligible(*number, row) {
                        to.outcome(at, member.as_deref(), BatchOutcome::Eligible);
                        outputs.iter().zip(&mut answers).for_each(|((output, _), answer)| to.output(*output, answer));
                        continue;
                    }
                    to.outcome(at, member.as_deref(), BatchOutcome::NotEligible);
                    if has_bits {
                        bits(failing.get(row).copied().unwrap_or(0)).for_each(|reason| to.reason(reason));
                    } else {
                        let failing = chunk.failing_by_name(machine, frames, *number, row);
                        failing.for_each(|reason| to.reason(reason));
                    }
                    if !root.in_force {
                        to.reason(root.conditions.len());
                    }
                }
            }
        }
        count
    }

    /// The key of a household whose facts are given as columns; nothing where it has none.
    pub fn id(&self, household: usize) -> Option<Cow<'_, str>> {
        let root = self.homes.plan.program().root;
        match self.keys(root) {
            Some(keys) => keys.text(household),
            None => self.key_of(root, household),
        }
    }

    /// The outputs of whoever is eligible, by programme, in the order in which they are told; of how many households from the first on
    /// none of theirs is open.
    fn answers(
        &self,
        households: Range<usize>,
        (chunk, frames, machine): (&Chunk, &Frames, &Machine),
        room: &mut TellRoom,
    ) -> usize {
        let plan = &self.homes.plan;
        let reporter = plan.reporter();
        let program = plan.program();
        let mut count = households.len();
        room.answers.resize_with(machine.by_name().len(), Vec::new);
        for (number, answers) in machine.by_name().iter().zip(&mut room.answers) {
            answers.clear();
            if machine.outputs(*number).is_empty() {
                continue;
            }
            let Some(root) = plan.plan_graph().programmes.get(*number) else { return 0 };
            let programme = &program.programmes[root.programme];
            let Some(frame) = machine.frame_of(programme.owner) else { return 0 };
            let Ok(of) = u32::try_from(frame) else { return 0 };
            for (at, household) in households.clone().take(count).enumerate() {
                for row in chunk.rows_of(frame, household).filter(|row| chunk.is_eligible(*number, *row)) {
                    for (output, node) in machine.outputs(*number) {
                        let ty = programme.outputs.get(*output).map(|output| &output.ty);
                        let answer =
                            ty.and_then(|ty| reporter.chunk_answer(machine, (chunk, frames), (*node, ty), of, row));
                        match answer {
                            Some(answer) => answers.push(answer),
                            None => count = count.min(at),
                        }
                    }
                }
                if count <= at {
                    break;
                }
            }
        }
        count
    }

    /// The keys of the elements of an entity that stand in their column as they are told.
    fn keys(&self, entity: EntityId) -> Option<Keys<'_>> {
        let program = self.homes.plan.program();
        let field = program.entities[entity].key?;
        let table = self.homes.tables.iter().find(|t| t.entity.index() == entity.index())?;
        let values = &table.columns.iter().find(|c| c.field == field)?.column.values;
        let first = self.first_of(entity);
        matches!(values, Values::Codes { .. } | Values::Texts { .. }).then_some(Keys { values, first })
    }

    /// The key of any other element of the stretch, by its row there; none where its entity has none.
    fn key_of(&self, entity: EntityId, row: usize) -> Option<Cow<'_, str>> {
        self.key(entity, self.first_of(entity) + row).map(|key| Cow::Owned(key.to_string()))
    }

    /// The row of the first element of the stretch in its columns.
    fn first_of(&self, entity: EntityId) -> usize {
        if entity == self.homes.plan.program().root {
            return self.stretch.start;
        }
        let table = self.homes.table_of(entity);
        table.map_or(0, |table| self.homes.elements_of(table, self.stretch.start).start)
    }
}

impl<'d> Keys<'d> {
    /// The key of an element by its row in the stretch.
    fn text(&self, row: usize) -> Option<Cow<'d, str>> {
        self.values.text(self.first + row).map(crate::facts::composed)
    }
}
