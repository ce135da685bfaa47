//! Households in files of columns: Parquet and Arrow.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, FieldRef, Fields, Schema};
use layak::Plan;

use crate::BatchError;
use crate::binding::{Naming, Node, NodeKind, bind};
use crate::column_files::{Batches, Table};
use crate::found::lists_beyond;
use crate::keys::Keys;
use crate::reader::RecordReader;
use crate::run::{Portion, Source};
use crate::tables::{ListColumn, ListTable, beside, household_key};

/// The households of a Parquet or Arrow file: a row each; their lists as lists of structs, or as tables of their own.
pub struct TableSource {
    reader: RecordReader,
    batches: Batches,
    /// Where the key stands, and the tables of lists.
    key: usize,
    lists: Vec<ListTable>,
    lacking: Vec<String>,
    line: usize,
    read: Arc<AtomicU64>,
    is_done: bool,
}

impl std::fmt::Debug for TableSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableSource").field("path", &self.batches.path).finish_non_exhaustive()
    }
}

impl TableSource {
    /// Opens a file and finds the facts among its columns; `lists` are tables of the elements of lists, by name. Where a table of
    /// elements does not stand in the order of the households, it is held in memory.
    ///
    /// # Errors
    /// It cannot be read, or as [`RecordReader::new`] says.
    pub fn open(
        plan: &Plan,
        path: &Path,
        lists: &[(String, PathBuf)],
        naming: &Naming,
    ) -> Result<TableSource, BatchError> {
        let table = Table::open(path)?;
        let tables: Result<Vec<Table>, BatchError> = lists.iter().map(|(_, path)| Table::open(path)).collect();
        let tables = tables?;
        let mut fields: Vec<FieldRef> = table.schema.fields().iter().map(Arc::clone).collect();
        let own = fields.len();
        for ((list, _), table) in lists.iter().zip(&tables) {
            fields.push(Arc::new(ListTable::field(list, table, naming)?));
        }
        let fields = Fields::from(fields);
        let nodes = bind(&fields, &plan.fact_shapes(), naming)?;
        // Texts that stand for few values are read as what the file has: places in a dictionary.
        let fields = if table.is_arrow() { fields } else { with_dictionaries(&fields, &nodes) };
        let reader = RecordReader::new(plan, &Schema::new(fields.clone()), naming)?;
        let key = household_key(plan, &nodes);
        let lacking = lists_beyond(plan, fields.iter().map(|field| field.name().as_str()), naming);
        let joined: Result<Vec<ListTable>, BatchError> = tables
            .iter()
            .zip(fields.iter().skip(own))
            .map(|(list, field)| ListTable::open(list, field, naming, (&table, key)))
            .collect();
        let own: Fields = fields.iter().take(own).map(Arc::clone).collect();
        let batches = table.batches(Some(&Schema::new(own)))?;
        let read = Arc::default();
        Ok(TableSource { reader, batches, key, lists: joined?, lacking, line: 1, read, is_done: false })
    }

    fn portion(&mut self, batch: RecordBatch) -> Result<Portion, BatchError> {
        let line = self.line;
        self.line += batch.num_rows();
        self.read.fetch_add(u64::try_from(batch.num_rows()).unwrap_or(0), Ordering::Relaxed);
        let (mut more, mut refused, mut alone) = (Vec::new(), Vec::new(), Vec::new());
        let own = batch.columns().get(self.key).filter(|_| !self.lists.is_empty());
        let keys = own.map_or_else(Keys::default, |column| Keys::of(column, line));
        for list in &mut self.lists {
            let ListColumn { column, alone: lone, refused: twice, .. } = list.column(keys.iter())?;
            more.push(column);
            alone.extend(lone);
            refused.extend(twice);
        }
        refused.sort_by_key(|(row, _)| *row);
        refused.dedup_by_key(|(row, _)| *row);
        let batch = beside(self.reader.schema(), &batch, more)?;
        Ok(Portion::Records { line, batch, refused, alone, texts: Vec::new(), carried: Vec::new() })
    }
}

/// INVARIANT: it recurses with the facts within one another, which are finitely deep.
fn with_dictionaries(fields: &Fields, nodes: &[Node]) -> Fields {
    let of = |(index, field): (usize, &FieldRef)| -> FieldRef {
        let Some(node) = nodes.iter().find(|n| n.index == index) else { return Arc::clone(field) };
        let with = |data_type: DataType| Arc::new(Field::clone(field).with_data_type(data_type));
        let within = |item: &FieldRef, inner: &[Node]| match item.data_type() {
            DataType::Struct(inner_fields) => {
                let inner = DataType::Struct(with_dictionaries(inner_fields, inner));
                Arc::new(Field::clone(item).with_data_type(inner))
            }
            _ => Arc::clone(item),
        };
        match (&node.kind, field.data_type()) {
            (NodeKind::Scalar(_), DataType::Utf8) if node.is_enum => {
                with(DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)))
            }
            (NodeKind::Record(inner), DataType::Struct(fields)) => {
                with(DataType::Struct(with_dictionaries(fields, inner)))
            }
            (NodeKind::List(inner), DataType::List(item)) => with(DataType::List(within(item, inner))),
            (NodeKind::List(inner), DataType::LargeList(item)) => with(DataType::LargeList(within(item, inner))),
            _ => Arc::clone(field),
        }
    };
    fields.iter().enumerate().map(of).collect()
}

impl Iterator for TableSource {
    type Item = Result<Portion, BatchError>;

    fn next(&mut self) -> Option<Result<Portion, BatchError>> {
        if self.is_done {
            return None;
        }
        if let Some(batch) = self.batches.next() {
            return Some(batch.and_then(|batch| self.portion(batch)));
        }
        self.is_done = true;
        // What no household has taken.
        let mut alone = Vec::new();
        for list in &mut self.lists {
            match list.rest() {
                Ok(rest) => alone.extend(rest),
                Err(error) => return Some(Err(error)),
            }
        }
        let batch = RecordBatch::new_empty(Arc::clone(self.reader.schema()));
        let (refused, texts, carried) = (Vec::new(), Vec::new(), Vec::new());
        (!alone.is_empty()).then_some(Ok(Portion::Records { line: self.line, batch, refused, alone, texts, carried }))
    }
}

impl Source for TableSource {
    fn size(&self) -> Option<u64> {
        self.batches.rows
    }

    fn progress(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.read)
    }

    fn reader(&self) -> Option<&RecordReader> {
        Some(&self.reader)
    }

    fn lacking(&self) -> Vec<String> {
        self.lacking.clone()
    }
}
