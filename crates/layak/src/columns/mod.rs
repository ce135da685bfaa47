//! Households as columns: the facts of many at once, as plain slices, and their decisions.
//!
//! [`Households`] names columns as the entities name their facts; [`Batch`] decides a stretch of them. What a household that lacks
//! facts comes to is told by columns too, by trying what it can have; why, and what is missing, is worked out when it is asked
//! for, as is every household whose facts are not as the entities ask: as [`Plan::decide`] does it, the same to the byte.

mod decided;
mod error;
mod form;
mod load;
mod reading;
mod rows;
mod shape;
mod tell;
#[cfg(test)]
mod tests;
mod values;

use std::ops::Range;
use std::sync::Arc;

use crate::arena::Id;
use crate::facts::FactsError;
use crate::outcome::{Chunk, Frames, Tried, TriedFacts};
use crate::program::{EntityId, Field, FieldShape, Program};
use crate::ruleset::{Facts, Plan};

pub use decided::{BatchOutcome, Decided, HouseholdDecision};
pub use error::ColumnError;
pub use form::BatchForm;
use load::Loader;
pub use shape::{FactKind, FactShape, ProgrammeShape};
pub use tell::{TellRoom, Telling};
pub use values::{Bitmap, Codes, Column, Values};

/// The facts of many households as columns, each a fact of all of them. Names are those of the entities: `desil`,
/// `members.birth_date`, `address.street`; the values of a list of scalars are named `hours[]`.
///
/// ```
/// use layak::{Batch, Column, Households, Ruleset, Values};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let rules = Ruleset::from_text(
///     "module aid calendar leap_day march_1, month_end clip
///      entity Home { desil integer 1..10  members list of Person }
///      entity Person { born date }
///      criterion poor when desil <= 4
///      criterion has_child when any(members where years from born to as_of < 6)
///      programme aid requires poor, has_child",
/// )?;
/// let plan = rules.as_of("2026-01-15".parse()?);
/// let mut homes = Households::new(&plan, 3);
/// homes.column("desil", Column::new(Values::Ints { values: &[2, 9, 12], scale: 0 }))?;
/// // The first has two members, the second none, the third one.
/// homes.list("members", &[0, 2, 2, 3], None)?;
/// homes.column("members.born", Column::new(Values::Days(&[19_000, 5_000, 19_000])))?;
/// let mut batch = Batch::new(&homes);
/// let decided = batch.decide(0..3);
/// let outcomes: Vec<bool> = (0..3).map(|home| decided.is_eligible("aid", home) == Some(true)).collect();
/// assert_eq!(outcomes, [true, false, false]);
/// assert!(decided.decision(2).is_err(), "a decile of 12 is out of range");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Households<'a> {
    plan: Plan,
    count: usize,
    /// The first is the household's own.
    tables: Vec<Table<'a>>,
}

/// The elements of one list, or the households themselves.
#[derive(Clone, Debug)]
struct Table<'a> {
    entity: EntityId,
    rows: usize,
    /// The names of records and of the list, as it stands in the facts of what holds it.
    path: Vec<Arc<str>>,
    /// Where the elements of each holder begin, and where the last end; none for households.
    offsets: &'a [i32],
    known: Option<Bitmap<'a>>,
    columns: Vec<Given<'a>>,
    /// By field: the lists that its elements hold.
    lists: Vec<(usize, usize)>,
}

/// A column of a field.
#[derive(Clone, Debug)]
struct Given<'a> {
    field: usize,
    /// Names of records, then its own; none for the values of a list of scalars.
    path: Vec<Arc<str>>,
    column: Column<'a>,
}

/// What a name leads to.
struct Found {
    table: usize,
    field: usize,
    path: Vec<Arc<str>>,
}

impl<'a> Households<'a> {
    /// So many households, of which nothing is known yet.
    pub fn new(plan: &Plan, count: usize) -> Households<'a> {
        let entity = plan.program().root;
        let root = Table {
            entity,
            rows: count,
            path: Vec::new(),
            offsets: &[],
            known: None,
            columns: Vec::new(),
            lists: Vec::new(),
        };
        Households { plan: plan.clone(), count, tables: vec![root] }
    }

    /// How many households there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The plan that decides them.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Gives the elements of a list: those of the n-th holder are the values from `offsets[n]` up to `offsets[n + 1]` of each of
    /// its columns. Where `known` is not set the list is not known.
    ///
    /// # Errors
    /// There is no such list, it is given twice, or the offsets are not one more than the holders, begin below zero or fall.
    pub fn list(&mut self, name: &str, offsets: &'a [i32], known: Option<Bitmap<'a>>) -> Result<(), ColumnError> {
        let found = self.find(name)?;
        let program = self.plan.program();
        let entity = match self.field(program, &found).map(|f| &f.shape) {
            Some(FieldShape::List { item, .. }) => *item,
            _ => return Err(ColumnError::not_a_list(name)),
        };
        let holders = self.tables.get(found.table).map_or(0, |t| t.rows);
        let rises = offsets.windows(2).all(|pair| matches!(pair, [a, b] if a <= b));
        let ends = offsets.first().zip(offsets.last()).and_then(|(first, last)| {
            usize::try_from(*first).ok()?;
            usize::try_from(*last).ok()
        });
        let Some(rows) = ends.filter(|_| rises && offsets.len() == holders + 1) else {
            return Err(ColumnError::offsets(name, holders));
        };
        if known.is_some_and(|known| known.len() != holders) {
            return Err(ColumnError::length(name, known.map_or(0, |k| k.len()), holders));
        }
        let next = self.tables.len();
        let Some(holder) = self.tables.get_mut(found.table) else { return Err(ColumnError::not_a_list(name)) };
        if holder.lists.iter().any(|(field, _)| *field == found.field) {
            return Err(ColumnError::twice(name));
        }
        holder.lists.push((found.field, next));
        let path = found.path;
        self.tables.push(Table { entity, rows, path, offsets, known, columns: Vec::new(), lists: Vec::new() });
        Ok(())
    }

    /// Gives a fact of every household, or of every element of a list that was given before.
    ///
    /// # Errors
    /// There is no such fact, it is given twice, its values are of a kind that the fact is not, or they are not as many as
    /// there are households, or as the last offset of the list says.
    pub fn column(&mut self, name: &str, column: Column<'a>) -> Result<(), ColumnError> {
        let found = self.find(name)?;
        let program = self.plan.program();
        let ty = match self.field(program, &found).map(|f| &f.shape) {
            Some(FieldShape::Scalar { ty, .. }) => ty.clone(),
            _ => return Err(ColumnError::not_a_fact(name)),
        };
        if !column.values.fits(&ty) {
            return Err(ColumnError::kind(name, &ty, &column.values.kind()));
        }
        let Some(table) = self.tables.get_mut(found.table) else { return Err(ColumnError::not_a_fact(name)) };
        for len in [Some(column.values.len()), column.known.map(|k| k.len())].into_iter().flatten() {
            if len != table.rows {
                return Err(ColumnError::length(name, len, table.rows));
            }
        }
        if !column.values.is_sound() {
            return Err(ColumnError::texts(name));
        }
        if table.columns.iter().any(|c| c.field == found.field) {
            return Err(ColumnError::twice(name));
        }
        table.columns.push(Given { field: found.field, path: found.path, column });
        Ok(())
    }

    /// The facts of a household, as [`Plan::facts`](crate::Plan::facts) reads them; nothing is known of one beyond the last.
    ///
    /// # Errors
    /// Everything that is wrong with them, each with its path.
    pub fn facts(&self, household: usize) -> Result<Facts, FactsError> {
        self.plan.bind(&self.data(household))
    }

    /// The facts of a household as JSON on one line, which [`Plan::facts_from_json`](crate::Plan::facts_from_json) reads alike.
    pub fn facts_json(&self, household: usize) -> String {
        self.data(household).to_json()
    }

    fn field<'p>(&self, program: &'p Program, found: &Found) -> Option<&'p Field> {
        program.entities[self.tables.get(found.table)?.entity].fields.get(found.field)
    }

    /// What a name leads to: from the household through records and lists.
    fn find(&self, name: &str) -> Result<Found, ColumnError> {
        let program = self.plan.program();
        let mut table = 0;
        // The entity whose names are looked up, and where its fields begin among those of the table's entity.
        let (mut of, mut base) = (program.root, 0);
        let mut path: Vec<Arc<str>> = Vec::new();
        let (steps, is_item) = match name.strip_suffix("[]") {
            Some(list) => (list, true),
            None => (name, false),
        };
        let mut steps = steps.split('.').peekable();
        while let Some(step) = steps.next() {
            let entity = &program.entities[of];
            let own = || entity.own_fields();
            let by_name = own().find(|(_, f)| *f.name == *step);
            let by_column = || own().find(|(_, f)| f.column.as_deref() == Some(step));
            let Some((index, field)) = by_name.or_else(by_column) else {
                let names = own().map(|(_, f)| &*f.name);
                return Err(ColumnError::unknown(name, &entity.declared.name, step, names));
            };
            // What is said of it later names it as it is named here.
            path.push(if *field.name == *step { Arc::clone(&field.name) } else { Arc::from(step) });
            let at = base + index;
            let is_last = steps.peek().is_none();
            match &field.shape {
                FieldShape::Scalar { .. } | FieldShape::List { .. } if is_last && !is_item => {
                    return Ok(Found { table, field: at, path });
                }
                FieldShape::List { item, .. } => {
                    let lists = self.tables.get(table).map_or(&[][..], |t| &t.lists);
                    let Some((_, next)) = lists.iter().find(|(field, _)| *field == at) else {
                        return Err(ColumnError::list_first(name, &path.join(".")));
                    };
                    (table, of, base) = (*next, *item, 0);
                    path.clear();
                    if is_last {
                        // The one field of the items of a list of scalars.
                        let is_scalar = program.entities[*item].is_scalar_item;
                        return if is_scalar {
                            Ok(Found { table, field: 0, path })
                        } else {
                            Err(ColumnError::not_a_fact(name))
                        };
                    }
                }
                FieldShape::Record { entity, first, .. } if !is_last => (of, base) = (*entity, base + first),
                FieldShape::Scalar { .. } | FieldShape::Record { .. } => return Err(ColumnError::not_a_fact(name)),
            }
        }
        Err(ColumnError::not_a_fact(name))
    }
}

/// Decides households by stretches. It is the room in which one thread works: kept and used again, it asks for no memory.
#[derive(Debug)]
pub struct Batch<'h, 'a> {
    homes: &'h Households<'a>,
    /// None where everything is decided one by one.
    columnar: Option<Columnar>,
}

/// What deciding by columns needs.
#[derive(Debug)]
struct Columnar {
    loader: Loader,
    frames: Arc<Frames>,
    chunk: Chunk,
    facts: TriedFacts,
    tried: Tried,
}

impl<'h, 'a> Batch<'h, 'a> {
    /// How many households a stretch best has: their columns stay in the cache of a core.
    pub const STRETCH: usize = 1024;

    /// Room to decide households in. The cost is that of reading the dictionaries of the columns.
    pub fn new(homes: &'h Households<'a>) -> Batch<'h, 'a> {
        let frames = homes.plan.frames();
        let made = frames.zip(homes.plan.machine()).zip(Loader::new(homes).ok());
        let columnar = made.map(|((frames, machine), loader)| Columnar {
            loader,
            frames: Arc::clone(frames),
            chunk: Chunk::default(),
            facts: TriedFacts::of(homes.plan.plan_graph(), machine),
            tried: Tried::default(),
        });
        Batch { homes, columnar }
    }

    /// Decides a stretch of the households; what lies beyond the last is left out.
    pub fn decide(&mut self, stretch: Range<usize>) -> Decided<'_, 'a> {
        let end = stretch.end.min(self.homes.count);
        let stretch = stretch.start.min(end)..end;
        if let (Some(columnar), Some(machine)) = (&mut self.columnar, self.homes.plan.machine()) {
            let Columnar { loader, frames, chunk, facts, tried } = columnar;
            let (graph, program) = (self.homes.plan.plan_graph(), self.homes.plan.program());
            loader.load(self.homes, stretch.clone(), frames, chunk);
            chunk.run(machine, frames, graph.calendar);
            tried.settle((graph, program, machine), facts, frames, chunk);
        }
        Decided::new(self.homes, stretch, self.columnar.as_ref().map(|c| (&c.chunk, &*c.frames)))
    }
}

impl Households<'_> {
    /// The elements that a household has in a list of its own.
    fn elements_of(&self, table: &Table<'_>, holder: usize) -> Range<usize> {
        let at = |n: usize| table.offsets.get(n).and_then(|o| usize::try_from(*o).ok()).unwrap_or(0);
        at(holder)..at(holder + 1)
    }

    /// The number of that table.
    fn table_number(&self, entity: EntityId) -> Option<usize> {
        self.tables.iter().position(|t| t.entity.index() == entity.index())
    }

    /// The table of the elements of an entity that households hold themselves.
    fn table_of(&self, entity: EntityId) -> Option<&Table<'_>> {
        self.tables.iter().find(|t| t.entity.index() == entity.index())
    }
}
