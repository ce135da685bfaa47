//! Households and the elements of their lists in Parquet tables of their own, joined by key.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type};
use arrow_array::{Array, ArrayRef, ListArray, RecordBatch, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use arrow_select::concat::concat;
use arrow_select::interleave::interleave;
use layak::{FactsError, Phrase, Plan};

use crate::BatchError;
use crate::binding::{Naming, Node, NodeKind};
use crate::column_files::{Batches, Table};
use crate::join::{Element, Found, Join, Key, Lone, order};
use crate::rows;
use crate::run::Alone;
use crate::texts::twice as told_twice;

/// The key of a row; none where it is null or neither whole number nor text.
pub(crate) fn key(array: &ArrayRef, row: usize) -> Key {
    if array.is_null(row) {
        return Key::None;
    }
    match array.data_type() {
        DataType::Int8 => Key::Int(array.as_primitive::<Int8Type>().value(row).into()),
        DataType::Int16 => Key::Int(array.as_primitive::<Int16Type>().value(row).into()),
        DataType::Int32 => Key::Int(array.as_primitive::<Int32Type>().value(row).into()),
        DataType::Int64 => Key::Int(array.as_primitive::<Int64Type>().value(row)),
        DataType::UInt8 => Key::Int(array.as_primitive::<UInt8Type>().value(row).into()),
        DataType::UInt16 => Key::Int(array.as_primitive::<UInt16Type>().value(row).into()),
        DataType::UInt32 => Key::Int(array.as_primitive::<UInt32Type>().value(row).into()),
        _ => rows::text(array, row).map_or(Key::None, |text| Key::of_text(&text)),
    }
}

/// A table of elements on its way to its households.
pub(crate) struct ListTable {
    path: PathBuf,
    fields: Fields,
    join: Join<Place, Rows>,
    /// The batches that its elements stand in, by number; those that are done with are dropped.
    batches: Arc<std::sync::Mutex<HashMap<usize, StructArray>>>,
}

/// The batch of an element, and its row there.
type Place = (usize, usize);

/// The elements of a table one by one.
struct Rows {
    batches: Batches,
    key: usize,
    fields: Fields,
    number: usize,
    current: Option<(ArrayRef, usize)>,
    row: usize,
    all: Arc<std::sync::Mutex<HashMap<usize, StructArray>>>,
}

impl Rows {
    fn next_batch(&mut self) -> Option<Result<(), BatchError>> {
        let batch = match self.batches.next()? {
            Ok(batch) => batch,
            Err(error) => return Some(Err(error)),
        };
        let keys = Arc::clone(batch.columns().get(self.key)?);
        let columns: Vec<ArrayRef> =
            batch.columns().iter().enumerate().filter(|(at, _)| *at != self.key).map(|(_, c)| Arc::clone(c)).collect();
        let elements = StructArray::try_new_with_length(self.fields.clone(), columns, None, batch.num_rows());
        let elements = match elements {
            Ok(elements) => elements,
            Err(error) => return Some(Err(error.into())),
        };
        self.number += 1;
        if let Ok(mut all) = self.all.lock() {
            all.insert(self.number, elements);
        }
        self.current = Some((keys, 0));
        Some(Ok(()))
    }
}

impl Iterator for Rows {
    type Item = Result<Element<Place>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((keys, at)) = &mut self.current
                && *at < keys.len()
            {
                let element = Element { key: key(keys, *at), row: self.row + 1, of: (self.number, *at) };
                *at += 1;
                self.row += 1;
                return Some(Ok(element));
            }
            if let Err(error) = self.next_batch()? {
                return Some(Err(error));
            }
        }
    }
}

/// The column of a table of elements that holds the key of the household: the one that is named, else the first.
fn key_column(schema: &Schema, naming: &Naming, path: &Path) -> Result<usize, BatchError> {
    let Some(name) = &naming.key else { return Ok(0) };
    schema.index_of(name).map_err(|_| {
        let text = |word: &str| format!("{}: {word}", path.display());
        let message = Phrase::new(text("there is no such column"), text("tidak ada kolom itu"));
        BatchError::column("L0640", name, message)
    })
}

impl ListTable {
    /// The column that the table becomes beside the households.
    pub(crate) fn field(list: &str, table: &Table, naming: &Naming) -> Result<Field, BatchError> {
        let key = key_column(&table.schema, naming, &table.path)?;
        let fields: Fields =
            table.schema.fields().iter().enumerate().filter(|(at, _)| *at != key).map(|(_, f)| Arc::clone(f)).collect();
        Ok(Field::new(list, DataType::List(Arc::new(Field::new("item", DataType::Struct(fields), false))), false))
    }

    /// Opens a table, whose column beside the households is `field`, for the households of another.
    pub(crate) fn open(
        table: &Table,
        field: &Field,
        naming: &Naming,
        households: (&Table, usize),
    ) -> Result<ListTable, BatchError> {
        let key_at = key_column(&table.schema, naming, &table.path)?;
        let order = order(|| households.0.keys(households.1), || table.keys(key_at))?;
        let fields = match field.data_type() {
            DataType::List(item) => match item.data_type() {
                DataType::Struct(fields) => fields.clone(),
                _ => Fields::empty(),
            },
            _ => Fields::empty(),
        };
        // The types of the file, but for texts that are read as places in a dictionary.
        let mut own: Vec<_> = fields.iter().map(Arc::clone).collect();
        if let Some(key_field) = table.schema.fields().get(key_at) {
            own.insert(key_at.min(own.len()), Arc::clone(key_field));
        }
        let all = Arc::default();
        let rows = Rows {
            batches: table.batches(Some(&Schema::new(own)))?,
            key: key_at,
            fields: fields.clone(),
            number: 0,
            current: None,
            row: 0,
            all: Arc::clone(&all),
        };
        Ok(ListTable { path: table.path.clone(), fields, join: Join::new(order, rows)?, batches: all })
    }

    /// The elements of some households as a column of lists; those that stand twice are told.
    pub(crate) fn column(
        &mut self,
        keys: &ArrayRef,
        twice: &mut Vec<(usize, FactsError)>,
    ) -> Result<(ArrayRef, Vec<Alone>), BatchError> {
        let mut places: Vec<Place> = Vec::new();
        let mut lengths = Vec::with_capacity(keys.len());
        for row in 0..keys.len() {
            let key = key(keys, row);
            match self.join.of(&key)? {
                Found::Elements(own) => {
                    lengths.push(own.len());
                    places.extend(own);
                }
                Found::Twice => {
                    lengths.push(0);
                    twice.push((row, told_twice(&key)));
                }
            }
        }
        let elements = self.gather(&places)?;
        let item = Arc::new(Field::new("item", DataType::Struct(self.fields.clone()), false));
        let offsets = OffsetBuffer::<i32>::from_lengths(lengths);
        let list = ListArray::try_new(item, offsets, elements, None)?;
        let lone = self.join.lone();
        Ok((Arc::new(list), self.alone(lone)))
    }

    /// Those of no household, once there is no household more.
    pub(crate) fn rest(&mut self) -> Result<Vec<Alone>, BatchError> {
        let rest = self.join.rest()?;
        Ok(self.alone(rest))
    }

    fn alone(&self, lone: Vec<Lone>) -> Vec<Alone> {
        lone.into_iter()
            .map(|lone| Alone { path: self.path.clone(), row: lone.row, key: lone.key.text(), cause: None })
            .collect()
    }

    fn gather(&mut self, places: &[Place]) -> Result<ArrayRef, BatchError> {
        let empty = || -> Result<ArrayRef, BatchError> {
            Ok(arrow_array::new_empty_array(&DataType::Struct(self.fields.clone())))
        };
        // Read side by side, what lies behind the next element is done with. It may read a batch, so it comes first.
        let next = if self.join.is_held() { Some(0) } else { self.join.next_up().map(|(batch, _)| *batch) };
        let Ok(mut batches) = self.batches.lock() else { return empty() };
        // Runs of one batch, side by side.
        let mut runs: Vec<(usize, usize, usize)> = Vec::new();
        for (batch, row) in places {
            match runs.last_mut() {
                Some((last, start, count)) if last == batch && *start + *count == *row => *count += 1,
                _ => runs.push((*batch, *row, 1)),
            }
        }
        let out = if runs.len() <= 16 {
            let slices = runs.iter().filter_map(|(n, start, count)| Some(batches.get(n)?.slice(*start, *count)));
            let slices: Vec<StructArray> = slices.collect();
            match slices.as_slice() {
                [] => empty()?,
                [one] => Arc::new(one.clone()),
                several => concat(&several.iter().map(|s| s as &dyn Array).collect::<Vec<_>>())?,
            }
        } else {
            let mut numbers: Vec<usize> = places.iter().map(|(n, _)| *n).collect();
            numbers.sort_unstable();
            numbers.dedup();
            let arrays: Vec<&dyn Array> =
                numbers.iter().filter_map(|n| batches.get(n)).map(|s| s as &dyn Array).collect();
            let at = |n: &usize| numbers.binary_search(n).unwrap_or(0);
            interleave(&arrays, &places.iter().map(|(n, row)| (at(n), *row)).collect::<Vec<_>>())?
        };
        match next {
            Some(next) => batches.retain(|number, _| *number >= next),
            None => batches.clear(),
        }
        Ok(out)
    }
}

/// The place of the households' key among the columns: of the fact that is the key, else the first.
pub(crate) fn household_key(plan: &Plan, nodes: &[Node]) -> usize {
    let shapes = plan.fact_shapes();
    let key = shapes.iter().find(|shape| shape.is_key);
    let node = key.and_then(|key| nodes.iter().find(|n| n.fact == *key.name && matches!(n.kind, NodeKind::Scalar(_))));
    node.map_or(0, |node| node.index)
}

/// A batch with columns more.
pub(crate) fn beside(schema: &SchemaRef, batch: &RecordBatch, more: Vec<ArrayRef>) -> Result<RecordBatch, BatchError> {
    let columns = batch.columns().iter().cloned().chain(more).collect();
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}
