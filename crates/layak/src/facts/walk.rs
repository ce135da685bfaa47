//! Facts bound as they are read, from JSON text or a `serde_json::Value`, with no tree of plain values in between. Only what is as it should be is bound so: of
//! anything that must be told nothing is made here, and `bind` tells it.

use serde_json::Value;

use crate::facts::bind::{Seen, Slotted, Spot, Task};
use crate::facts::data::{Data, Path, Plain};
use crate::facts::error::FactsError;
use crate::facts::from_serialize::{data_of_value, from_value};
use crate::facts::json::{self, Scanner};
use crate::facts::layout::{Binder, Layout, ListShape, NamesInOrder, Scalar, Shape, Slot};
use crate::facts::{Bound, Fact, ListFact, ListState};
use crate::limits::Limits;
use crate::program::Program;

/// For so many elements room is made where nobody knows how many come: most lists are short.
const AT_FIRST: usize = 4;

impl Binder {
    /// What `bind` gives of a value's data, in less time.
    pub(crate) fn bind_value(&self, program: &Program, value: &Value, limits: &Limits) -> Result<Bound, FactsError> {
        match self.walked(program, value, limits) {
            Some(bound) => Ok(bound),
            None => self.bind(program, &from_value(value, limits.nesting)?, limits),
        }
    }

    /// What `bind` gives of the data of JSON text, in less time.
    pub(crate) fn bind_text(&self, program: &Program, text: &[u8], limits: &Limits) -> Result<Bound, FactsError> {
        match self.walked_text(program, text, limits) {
            Some(bound) => Ok(bound),
            None => self.bind(program, &json::read(text, limits.nesting)?, limits),
        }
    }

    pub(super) fn walked(&self, program: &Program, mut value: &Value, limits: &Limits) -> Option<Bound> {
        self.walk(program, &mut value, limits)
    }

    pub(super) fn walked_text(&self, program: &Program, text: &[u8], limits: &Limits) -> Option<Bound> {
        let mut scanner = Scanner::new(std::str::from_utf8(text).ok()?);
        let bound = self.walk(program, &mut scanner, limits)?;
        scanner.is_at_end().then_some(bound)
    }

    /// None where something must be told.
    fn walk(&self, program: &Program, node: &mut impl Node, limits: &Limits) -> Option<Bound> {
        let mut task = Task::new(self, program, limits);
        let root = Spot { entity: program.root, base: 0, row: 0 };
        task.walk(root, self.layout(program.root)?, node, limits.nesting)?;
        task.finish().ok()
    }
}

/// A value that is read once. What is handed to a function must be read by it.
pub(super) trait Node {
    /// The field of each name of an object, by its index, with the value; None where it is no object, a name means no field, or the function ends it.
    fn object<'l>(
        &mut self,
        names: &mut NamesInOrder<'l>,
        each: impl FnMut(usize, &'l Slot, &mut Self) -> Option<()>,
    ) -> Option<()>;

    /// Each item of a list.
    fn list(&mut self, each: impl FnMut(&mut Self) -> Option<()>) -> Option<()>;

    /// How many items a list has, if that is known before they are read.
    fn len(&self) -> Option<usize>;

    /// What it is, if it is plain; else nothing is read of it.
    fn plain(&mut self) -> Option<Plain<'_>>;

    /// All of it, which may nest so deep.
    fn data(&mut self, nesting: usize) -> Option<Data<'_>>;
}

impl Node for &Value {
    fn object<'l>(
        &mut self,
        names: &mut NamesInOrder<'l>,
        mut each: impl FnMut(usize, &'l Slot, &mut Self) -> Option<()>,
    ) -> Option<()> {
        self.as_object()?.iter().try_for_each(|(name, mut value)| {
            let (index, slot) = names.find(name)?;
            each(index, slot, &mut value)
        })
    }

    fn list(&mut self, mut each: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.as_array()?.iter().try_for_each(|mut item| each(&mut item))
    }

    fn len(&self) -> Option<usize> {
        self.as_array().map(Vec::len)
    }

    fn plain(&mut self) -> Option<Plain<'_>> {
        match self {
            Value::Bool(b) => Some(Plain::Boolean(*b)),
            Value::Number(n) => n.as_i64().map(Plain::Whole),
            Value::String(text) => Some(Plain::Text(text)),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn data(&mut self, nesting: usize) -> Option<Data<'_>> {
        data_of_value(self, nesting)
    }
}

/// `left` is how deep a value may nest, itself counted.
///
/// INVARIANT: these recurse no deeper than that.
impl<'b> Task<'b> {
    fn walk(&mut self, spot: Spot, layout: &'b Layout, node: &mut impl Node, left: usize) -> Option<()> {
        let left = left.checked_sub(1)?;
        let mut seen = Seen::default();
        let mut names = layout.names_in_order(self.is_sorted);
        node.object(&mut names, |index, slot, value| {
            if seen.note(index) {
                return None;
            }
            match &slot.shape {
                Shape::Scalar(scalar) => self.walk_scalar(spot.at(index), scalar, slot.is_key, value, left),
                Shape::List(shape) => self.walk_list(spot.at(index), *shape, value, left),
                Shape::Record { entity, first, .. } => {
                    let within = Spot { base: spot.base + first, ..spot };
                    self.walk(within, self.binder.layout(*entity)?, value, left)
                }
            }
        })?;
        self.is_sorted = names.is_sorted;
        self.absent_fields(spot, layout, &mut seen, &Path::Root);
        Some(())
    }

    #[inline(always)]
    fn walk_scalar(
        &mut self,
        at: Slotted,
        scalar: &'b Scalar,
        is_key: bool,
        node: &mut impl Node,
        left: usize,
    ) -> Option<()> {
        let Some(plain) = node.plain() else {
            self.scalar(at, scalar, is_key, &node.data(left)?, &Path::Root);
            return Some(());
        };
        match self.plain(scalar, plain) {
            Some(known) => self.set(at, Fact::Known(known)),
            None => self.seen_to(at, scalar, is_key, &plain.into(), &Path::Root),
        }
        Some(())
    }

    fn walk_list(&mut self, at: Slotted, shape: ListShape, node: &mut impl Node, left: usize) -> Option<()> {
        let left = left.checked_sub(1)?;
        let layout = self.binder.layout(shape.item)?;
        let known = node.len();
        if known.is_none() {
            self.make_room(shape.item, AT_FIRST);
        }
        let start = self.grow(at, shape.item, known.unwrap_or(0), None, &Fact::Unknown)?;
        let mut count = 0;
        node.list(|item| {
            let row = start.checked_add(count)?;
            // Elements of one list stand side by side: what lies within one may have come between them.
            if known.is_none() && self.grow_one(at, shape.item, count)? != row {
                return None;
            }
            count += 1;
            let spot = Spot { entity: shape.item, base: 0, row };
            match layout.slots.first().filter(|_| layout.is_scalar_item) {
                Some(Slot { shape: Shape::Scalar(scalar), .. }) => {
                    self.walk_scalar(spot.at(0), scalar, false, item, left)
                }
                _ => self.walk(spot, layout, item, left),
            }
        })?;
        if !shape.allows(usize::try_from(count).ok()?) {
            return None;
        }
        self.set_list(at, ListFact { start, count, state: ListState::Known });
        self.repeated_keys(layout, shape.item, start, count, &Path::Root);
        Some(())
    }
}
