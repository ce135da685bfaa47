//! Record batches of households, decided.

use std::borrow::Cow;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Fields, Schema, SchemaRef};
use layak::{Batch, Decided, Decision, Facts, FactsError, Households, Plan, TellRoom, Telling};

use crate::BatchError;
use crate::binding::{Naming, Node, NodeKind, bind};
use crate::held::Layout;
use crate::rows;

/// Decides record batches of one schema: a row a household, its lists as columns of lists of structs. Shared between threads
/// freely.
///
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Int32Array, RecordBatch};
/// use layak_batch::{Naming, RecordReader};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let rules = layak::Ruleset::from_text(
///     "module aid entity Home { id integer key  rooms integer 0.. } criterion small when rooms <= 2
///      programme aid requires small",
/// )?;
/// let columns: [(&str, ArrayRef); 2] =
///     [("id", Arc::new(Int32Array::from(vec![7, 8]))), ("rooms", Arc::new(Int32Array::from(vec![Some(3), None])))];
/// let batch = RecordBatch::try_from_iter(columns)?;
/// let reader = RecordReader::new(&rules.as_of("2026-01-15".parse()?), &batch.schema(), &Naming::default())?;
/// let mut lines = Vec::new();
/// reader.decide(&batch, |row| {
///     lines.push(match row.decide() {
///         Ok(decision) => serde_json::to_string(&decision.to_json(None, layak::Lang::En)).unwrap_or_default(),
///         Err(error) => error.to_string(),
///     });
/// })?;
/// assert!(lines[0].contains(r#""outcome":"not_eligible""#));
/// assert!(lines[1].contains(r#""missing":[{"fact":"rooms""#));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RecordReader {
    plan: Plan,
    nodes: Vec<Node>,
    schema: SchemaRef,
    /// Whether what is null is left out.
    leaves_out: bool,
}

impl RecordReader {
    /// Finds the facts among the columns of a schema.
    ///
    /// # Errors
    /// A column holds no fact and is not ignored, two hold one fact, or its values are of a kind that the fact is not.
    pub fn new(plan: &Plan, schema: &Schema, naming: &Naming) -> Result<RecordReader, BatchError> {
        let nodes = bind(schema.fields(), &plan.fact_shapes(), naming)?;
        Ok(RecordReader { plan: plan.clone(), nodes, schema: SchemaRef::new(schema.clone()), leaves_out: false })
    }

    /// Takes what is null for facts that are left out: of an optional fact it is not known whether there is a value. What is said of facts
    /// names them as the columns do.
    pub(crate) fn leaving_out(mut self) -> RecordReader {
        self.leaves_out = true;
        by_columns(&mut self.nodes, self.schema.fields(), "");
        self
    }

    /// The plan that decides.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The columns that it reads.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Hands on every household of a batch in order. What the layout allows is not copied.
    ///
    /// # Errors
    /// The batch is of another schema. What is wrong with a household is told in its place.
    pub fn decide(&self, batch: &RecordBatch, mut each: impl FnMut(Row<'_>)) -> Result<(), BatchError> {
        let layout = Layout::of(&self.nodes, batch.columns(), batch.num_rows(), self.leaves_out)?;
        layout.with(&self.plan, batch.num_rows(), |homes| {
            let mut columnar = Batch::new(homes);
            let mut start = 0;
            while start < homes.len() {
                let decided = columnar.decide(start..start + Batch::STRETCH);
                for place in 0..decided.len() {
                    let household = start + place;
                    each(Row { reader: self, batch, homes, layout: &layout, decided: &decided, place, household });
                }
                start += Batch::STRETCH;
            }
        })
    }

    /// The facts of a row as JSON, which [`Plan::facts_from_json`] reads as the batch does.
    pub fn facts_json(&self, batch: &RecordBatch, row: usize) -> String {
        let mut out = String::new();
        rows::object(&self.nodes, batch.columns(), (row, self.leaves_out), &mut out);
        out
    }
}

/// Names facts by the columns that hold them. INVARIANT: it recurses with the facts within one another, which are finitely deep.
fn by_columns(nodes: &mut [Node], fields: &Fields, path: &str) {
    for node in nodes {
        let Some(field) = fields.get(node.index) else { continue };
        node.name.clone_from(field.name());
        node.fact = if path.is_empty() { node.name.clone() } else { format!("{path}.{}", node.name) };
        if let (NodeKind::List(inner), DataType::List(item)) = (&mut node.kind, field.data_type())
            && let DataType::Struct(fields) = item.data_type()
        {
            by_columns(inner, fields, &node.fact);
        }
    }
}

/// One household of a batch.
#[derive(Clone, Copy)]
pub struct Row<'r> {
    reader: &'r RecordReader,
    batch: &'r RecordBatch,
    homes: &'r Households<'r>,
    decided: &'r Decided<'r, 'r>,
    /// In the stretch.
    place: usize,
    household: usize,
    layout: &'r Layout,
}

impl std::fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row").field("household", &self.household).finish_non_exhaustive()
    }
}

impl Row<'_> {
    /// Its place in the batch.
    pub fn index(&self) -> usize {
        self.household
    }

    /// Whether it was decided by columns, many at once; the others are decided when they are asked for.
    pub fn is_columnar(&self) -> bool {
        !self.is_by_row() && self.decided.is_columnar(self.place)
    }

    /// Whether its columns do not say all of it.
    fn is_by_row(&self) -> bool {
        self.layout.is_by_row(self.household)
    }

    /// The decision: the same as [`Plan::decide`] gives.
    ///
    /// # Errors
    /// Everything that is wrong with its facts.
    pub fn decide(&self) -> Result<Decision, FactsError> {
        if self.is_by_row() {
            let facts = self.facts()?;
            return Ok(self.reader.plan.decide(&facts));
        }
        self.decided.decision(self.place)
    }

    /// Tells what it and those that follow it came to, so many at most, as far as columns alone say all of it; how many these are. They are of
    /// one stretch of the batch. See [`Decided::tell`].
    pub fn tell(&self, most: usize, room: &mut TellRoom, to: &mut impl Telling) -> usize {
        let left = self.decided.len() - self.place;
        let left = self.layout.next_by_row(self.household).map_or(left, |next| left.min(next - self.household));
        self.decided.tell(self.place..self.place + left.min(most), room, to)
    }

    /// The key of the one so many after it, where that has one that columns hold.
    pub fn key(&self, after: usize) -> Option<Cow<'_, str>> {
        self.decided.id(self.place + after)
    }

    /// Its facts.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn facts(&self) -> Result<Facts, FactsError> {
        if self.is_by_row() {
            return self.reader.plan.facts_from_json(self.facts_json().as_bytes());
        }
        self.homes.facts(self.household)
    }

    /// Its facts as JSON.
    pub fn facts_json(&self) -> String {
        self.reader.facts_json(self.batch, self.household)
    }
}
