//! A `serde_json::Value` bound as it is walked, with no tree of plain values in between. Only what is as it should be is bound so: of anything that must be told
//! nothing is made here, and `bind` tells it.

use serde_json::{Map, Value};

use crate::facts::bind::{Seen, Slotted, Spot, Task};
use crate::facts::data::{Path, Plain};
use crate::facts::error::FactsError;
use crate::facts::from_serialize::{data_of_value, from_value};
use crate::facts::layout::{Binder, Layout, ListShape, Scalar, Shape, Slot};
use crate::facts::{Bound, Fact, ListFact, ListState};
use crate::limits::Limits;
use crate::program::Program;

impl Binder {
    /// What `bind` gives of a value's data, in less time.
    pub(crate) fn bind_value(&self, program: &Program, value: &Value, limits: &Limits) -> Result<Bound, FactsError> {
        match self.walked(program, value, limits) {
            Some(bound) => Ok(bound),
            None => self.bind(program, &from_value(value, limits.nesting)?, limits),
        }
    }

    /// None where something must be told.
    pub(super) fn walked(&self, program: &Program, value: &Value, limits: &Limits) -> Option<Bound> {
        let mut task = Task::new(self, program, limits);
        let root = Spot { entity: program.root, base: 0, row: 0 };
        task.walk(root, self.layout(program.root)?, value.as_object()?, limits.nesting)?;
        task.finish().ok()
    }
}

/// `left` is how deep a value may nest, itself counted.
///
/// INVARIANT: these recurse no deeper than that.
impl<'b> Task<'b> {
    fn walk(&mut self, spot: Spot, layout: &'b Layout, entries: &Map<String, Value>, left: usize) -> Option<()> {
        let left = left.checked_sub(1)?;
        let mut seen = Seen::default();
        let mut names = layout.names_in_order();
        for (name, value) in entries {
            let (index, slot) = names.find(name)?;
            if seen.note(index) {
                return None;
            }
            match &slot.shape {
                Shape::Scalar(scalar) => self.walk_scalar(spot.at(index), scalar, slot.is_key, value, left)?,
                Shape::List(shape) => self.walk_list(spot.at(index), *shape, value, left)?,
                Shape::Record { entity, first, .. } => {
                    let within = Spot { base: spot.base + first, ..spot };
                    // It may stand for a record that is not known.
                    let entries = value.as_object().filter(|entries| !entries.contains_key("unknown"))?;
                    self.walk(within, self.binder.layout(*entity)?, entries, left)?;
                }
            }
        }
        self.absent_fields(spot, layout, &mut seen, &Path::Root);
        Some(())
    }

    fn walk_scalar(&mut self, at: Slotted, scalar: &'b Scalar, is_key: bool, value: &Value, left: usize) -> Option<()> {
        match plain(value).and_then(|plain| self.plain(scalar, plain)) {
            Some(known) => self.set(at, Fact::Known(known)),
            None => self.scalar(at, scalar, is_key, &data_of_value(value, left)?, &Path::Root),
        }
        Some(())
    }

    fn walk_list(&mut self, at: Slotted, shape: ListShape, value: &Value, left: usize) -> Option<()> {
        let left = left.checked_sub(1)?;
        let items = value.as_array().filter(|items| shape.allows(items.len()))?;
        let start = self.grow(at, shape.item, items.len(), None, &Fact::Unknown)?;
        let count = u32::try_from(items.len()).ok()?;
        self.set_list(at, ListFact { start, count, state: ListState::Known });
        let layout = self.binder.layout(shape.item)?;
        for (item, row) in items.iter().zip(start..) {
            let spot = Spot { entity: shape.item, base: 0, row };
            match layout.slots.first().filter(|_| layout.is_scalar_item) {
                Some(Slot { shape: Shape::Scalar(scalar), .. }) => {
                    self.walk_scalar(spot.at(0), scalar, false, item, left)?;
                }
                _ => self.walk(spot, layout, item.as_object()?, left)?,
            }
        }
        self.repeated_keys(layout, shape.item, start, count, &Path::Root);
        Some(())
    }
}

fn plain(value: &Value) -> Option<Plain<'_>> {
    match value {
        Value::Bool(b) => Some(Plain::Boolean(*b)),
        Value::Number(n) => n.as_i64().map(Plain::Whole),
        Value::String(text) => Some(Plain::Text(text)),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
