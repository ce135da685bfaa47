//! Tables of the elements of lists, joined by key to the households: Parquet, Arrow and CSV.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::{Array, ArrayRef, ListArray, RecordBatch, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use arrow_select::concat::concat;
use arrow_select::interleave::interleave;
use layak::{Code, FactsError, Phrase, Plan};

use crate::BatchError;
use crate::binding::{Naming, Node, NodeKind};
use crate::column_files::{Batches, Table, with_views};
use crate::join::{Element, Found, Join, Lone, Order, order};
use crate::keys::{Key, KeyRun, Keys};
use crate::run::Alone;
use crate::texts::{refused, twice as told_twice};

/// A table of elements on its way to its households.
pub(crate) struct ListTable {
    list: String,
    path: PathBuf,
    fields: Fields,
    join: Join<Span, Rows>,
    held: Arc<Mutex<Held>>,
}

/// The batches that elements stand in, by number; those that are done with are dropped.
#[derive(Default)]
struct Held {
    batches: HashMap<usize, StructArray>,
    odd: HashMap<Place, Odd>,
    /// Those of which not even the key can be read.
    keyless: Vec<Alone>,
}

/// The batch of an element, and its place there.
type Place = (usize, usize);

/// Elements side by side in a batch.
#[derive(Clone, Debug)]
struct Span {
    batch: usize,
    places: Range<usize>,
}

/// Some elements of a table, in its order.
pub(crate) struct Elements {
    /// The keys of their households.
    pub keys: Keys,
    pub columns: StructArray,
    /// Those that the columns do not hold, by their places here.
    pub odd: Vec<(usize, Odd)>,
    /// Rows that cannot be read, nor their keys.
    pub keyless: Vec<Alone>,
}

/// An element that columns do not hold.
#[derive(Clone, Debug)]
pub(crate) enum Odd {
    /// As JSON.
    Json(String),
    /// It cannot be read: its row in the table, from 1, and why.
    Unreadable(usize, Phrase),
}

/// The elements of a table, some at a time.
pub(crate) type ElementBatches = Box<dyn Iterator<Item = Result<Elements, BatchError>> + Send>;

/// The elements of some households.
pub(crate) struct ListColumn {
    pub column: ArrayRef,
    /// Elements of no household that have come by.
    pub alone: Vec<Alone>,
    /// Households that are not decided, by place.
    pub refused: Vec<(usize, FactsError)>,
    /// By household: those of its elements, by place, that columns do not hold.
    pub odd: Vec<(usize, Vec<(usize, String)>)>,
}

/// The elements of a table, those of one household together.
struct Rows {
    batches: ElementBatches,
    number: usize,
    current: std::vec::IntoIter<KeyRun>,
    held: Arc<Mutex<Held>>,
}

impl Iterator for Rows {
    type Item = Result<Element<Span>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(KeyRun { key, row, places }) = self.current.next() {
                let (count, of) = (places.len(), Span { batch: self.number, places });
                return Some(Ok(Element { key, row, count, of }));
            }
            let elements = match self.batches.next()? {
                Ok(elements) => elements,
                Err(error) => return Some(Err(error)),
            };
            self.number += 1;
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            held.batches.insert(self.number, elements.columns);
            held.odd.extend(elements.odd.into_iter().map(|(at, odd)| ((self.number, at), odd)));
            held.keyless.extend(elements.keyless);
            self.current = elements.keys.into_runs();
        }
    }
}

/// The elements of a table of columns.
fn elements(batches: Batches, key_at: usize, fields: Fields) -> ElementBatches {
    let mut before = 0;
    Box::new(batches.map(move |batch| {
        let batch = batch?;
        let own = batch.columns().iter().enumerate().filter(|(at, _)| *at != key_at);
        let columns: Vec<ArrayRef> = own.map(|(_, column)| Arc::clone(column)).collect();
        let columns = StructArray::try_new_with_length(fields.clone(), columns, None, batch.num_rows())?;
        let keys = batch.columns().get(key_at).map_or_else(Keys::default, |column| Keys::of(column, before + 1));
        before += batch.num_rows();
        Ok(Elements { keys, columns, odd: Vec::new(), keyless: Vec::new() })
    }))
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
        let batches = elements(table.batches(Some(&with_views(&Schema::new(own), key_at)))?, key_at, fields.clone());
        ListTable::new(field.name(), &table.path, fields, order, batches)
    }

    /// A table of elements that are in some order to the households.
    pub(crate) fn new(
        list: &str,
        path: &Path,
        fields: Fields,
        order: Order,
        batches: ElementBatches,
    ) -> Result<ListTable, BatchError> {
        let held = Arc::default();
        let rows = Rows { batches, number: 0, current: Vec::new().into_iter(), held: Arc::clone(&held) };
        Ok(ListTable { list: list.to_owned(), path: path.to_owned(), fields, join: Join::new(order, rows)?, held })
    }

    /// The elements of some households as a column of lists; those that stand twice are told.
    pub(crate) fn column<'k>(&mut self, keys: impl Iterator<Item = &'k Key>) -> Result<ListColumn, BatchError> {
        let (mut spans, mut lengths): (Vec<Span>, Vec<usize>) = (Vec::new(), Vec::new());
        let (mut refused, mut odd) = (Vec::new(), Vec::new());
        for (row, key) in keys.enumerate() {
            let before = spans.len();
            match self.join.of(key, &mut spans)? {
                Found::Elements => {
                    let own = spans.get(before..).unwrap_or_default();
                    match self.odd(own, key) {
                        Ok(elements) if elements.is_empty() => {}
                        Ok(elements) => odd.push((row, elements)),
                        Err(error) => refused.push((row, error)),
                    }
                    lengths.push(own.iter().map(|span| span.places.len()).sum());
                }
                Found::Twice => {
                    lengths.push(0);
                    refused.push((row, told_twice(key)));
                }
            }
        }
        let elements = self.gather(&spans)?;
        let item = Arc::new(Field::new("item", DataType::Struct(self.fields.clone()), false));
        let offsets = OffsetBuffer::<i32>::from_lengths(lengths);
        let list = ListArray::try_new(item, offsets, elements, None)?;
        let lone = self.join.lone();
        Ok(ListColumn { column: Arc::new(list), alone: self.alone(lone), refused, odd })
    }

    /// Those of a household's elements that columns do not hold; or why it is not decided.
    fn odd(&self, own: &[Span], key: &Key) -> Result<Vec<(usize, String)>, FactsError> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = Vec::new();
        if held.odd.is_empty() {
            return Ok(out);
        }
        for (at, place) in places(own).enumerate() {
            match held.odd.remove(&place) {
                None => {}
                Some(Odd::Json(json)) => out.push((at, json)),
                Some(Odd::Unreadable(row, why)) => {
                    return Err(half_read(&self.path, &self.list, at, (row, &why), key));
                }
            }
        }
        Ok(out)
    }

    /// Those of no household, once there is no household more.
    pub(crate) fn rest(&mut self) -> Result<Vec<Alone>, BatchError> {
        let rest = self.join.rest()?;
        Ok(self.alone(rest))
    }

    fn alone(&self, lone: Vec<Lone>) -> Vec<Alone> {
        let lone = lone.into_iter();
        let mut out: Vec<Alone> =
            lone.map(|l| Alone { path: self.path.clone(), row: l.row, key: l.key.text(), cause: None }).collect();
        out.append(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner).keyless);
        out.sort_by_key(|alone| alone.row);
        out
    }

    fn gather(&mut self, spans: &[Span]) -> Result<ArrayRef, BatchError> {
        let empty = || -> Result<ArrayRef, BatchError> {
            Ok(arrow_array::new_empty_array(&DataType::Struct(self.fields.clone())))
        };
        // Read side by side, what lies behind the next element is done with. It may read a batch, so it comes first.
        let next = if self.join.is_held() { Some(0) } else { self.join.next_up().map(|span| span.batch) };
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let Held { batches, odd, .. } = &mut *held;
        // Runs of one batch, side by side.
        let mut runs: Vec<Span> = Vec::new();
        for span in spans {
            match runs.last_mut() {
                Some(last) if last.batch == span.batch && last.places.end == span.places.start => {
                    last.places.end = span.places.end;
                }
                _ => runs.push(span.clone()),
            }
        }
        let out = if runs.len() <= 16 {
            let slice = |run: &Span| Some(batches.get(&run.batch)?.slice(run.places.start, run.places.len()));
            let slices = runs.iter().filter_map(slice);
            let slices: Vec<StructArray> = slices.collect();
            match slices.as_slice() {
                [] => empty()?,
                [one] => Arc::new(one.clone()),
                several => concat(&several.iter().map(|s| s as &dyn Array).collect::<Vec<_>>())?,
            }
        } else {
            let mut numbers: Vec<usize> = runs.iter().map(|run| run.batch).collect();
            numbers.sort_unstable();
            numbers.dedup();
            let arrays: Vec<&dyn Array> =
                numbers.iter().filter_map(|n| batches.get(n)).map(|s| s as &dyn Array).collect();
            let at = |n: usize| numbers.binary_search(&n).unwrap_or(0);
            interleave(&arrays, &places(&runs).map(|(n, place)| (at(n), place)).collect::<Vec<_>>())?
        };
        match next {
            Some(next) => {
                batches.retain(|number, _| *number >= next);
                odd.retain(|(number, _), _| *number >= next);
            }
            None => {
                batches.clear();
                odd.clear();
            }
        }
        Ok(out)
    }
}

/// One by one.
fn places(spans: &[Span]) -> impl Iterator<Item = Place> {
    spans.iter().flat_map(|span| span.places.clone().map(|place| (span.batch, place)))
}

/// What is said of a household of which an element cannot be read: without a member it may not get what it is entitled to.
pub(crate) fn half_read(file: &Path, list: &str, at: usize, (row, why): (usize, &Phrase), key: &Key) -> FactsError {
    let file = file.display();
    let message = Phrase::new(
        format!(
            "row {row} of {file} cannot be read, and without it the household is not decided: {}",
            why.in_lang(layak::Lang::En)
        ),
        format!(
            "baris {row} dari {file} tidak terbaca, dan tanpanya keluarga ini tidak diputuskan: {}",
            why.in_lang(layak::Lang::Id)
        ),
    );
    refused(Code::HALF_READ, &format!("{list}[{at}]"), message, key.text())
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
