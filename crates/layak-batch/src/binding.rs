//! Which column of a schema holds which fact, and how its values are taken.

use std::collections::{BTreeMap, BTreeSet};

use arrow_schema::{DataType, Field, Fields};
use layak::{FactKind, FactShape, Phrase};

use crate::BatchError;

/// How columns are named and taken.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Naming {
    /// Columns by the facts they hold, where the name is neither the fact's own nor its `column`: `members.birth_date` to
    /// `tgl_lahir`. None at first.
    pub columns: BTreeMap<String, String>,
    /// Columns that hold no fact and are left out, by their paths in the schema. None at first; any other column without a
    /// fact is refused.
    pub ignored: BTreeSet<String>,
    /// Columns that go through to the decisions as they are. None at first. One that holds a fact is read as such too.
    pub carried: Vec<String>,
    /// Whether binary floats are taken as numbers, by the shortest decimal text that reads back as the same float. Not at
    /// first: a float is not the number that was meant.
    pub allow_floats: bool,
    /// The column of tables of elements that holds the key of their household. The first where none is named.
    pub key: Option<String>,
}

/// A column and its fact.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// The fact as `Households` names it: `members.birth_date`.
    pub fact: String,
    /// Its own name.
    pub name: String,
    /// Its place among the columns beside it.
    pub index: usize,
    pub is_enum: bool,
    pub kind: NodeKind,
}

#[derive(Clone, Debug)]
pub(crate) enum NodeKind {
    Scalar(Taking),
    /// Elements by their facts.
    List(Vec<Node>),
    /// Values without names.
    Values(Taking),
    Record(Vec<Node>),
}

/// How values are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taking {
    /// By the layout of the column.
    Plain,
    /// As texts: whole numbers that are codes of an enum, and floats.
    Text,
    /// Value by value, as JSON: evidence, and whatever has no column of its own.
    Json,
}

pub(crate) fn bind(fields: &Fields, shapes: &[FactShape], naming: &Naming) -> Result<Vec<Node>, BatchError> {
    let mut names = Names { naming, used: BTreeSet::new() };
    let nodes = names.level(fields, shapes, "", "")?;
    match naming.columns.iter().find(|(fact, _)| !names.used.contains(*fact)) {
        None => Ok(nodes),
        Some((fact, column)) => {
            let message = Phrase::new(
                format!("the map gives it to `{fact}`, and there is no such fact or column here"),
                format!("peta memberikannya kepada `{fact}`, padahal tidak ada fakta atau kolom itu di sini"),
            );
            Err(BatchError::column("L0640", column, message))
        }
    }
}

struct Names<'n> {
    naming: &'n Naming,
    /// The facts of the map that were met.
    used: BTreeSet<String>,
}

impl Names<'_> {
    /// INVARIANT: it recurses with the facts within one another, which are finitely deep.
    fn level(
        &mut self,
        fields: &Fields,
        shapes: &[FactShape],
        path: &str,
        facts: &str,
    ) -> Result<Vec<Node>, BatchError> {
        let mut out: Vec<Node> = Vec::new();
        for (index, field) in fields.iter().enumerate() {
            let column = joined(path, field.name());
            let fact_of = |shape: &FactShape| joined(facts, &shape.name);
            let mapped = |shape: &FactShape| self.naming.columns.get(&fact_of(shape));
            let by_map = shapes.iter().find(|s| mapped(s).is_some_and(|c| c == field.name()));
            let free = || shapes.iter().filter(|s| mapped(s).is_none());
            let found = by_map
                .or_else(|| free().find(|s| *s.name == **field.name()))
                .or_else(|| free().find(|s| s.column.as_deref() == Some(field.name().as_str())));
            let Some(shape) = found else {
                if self.naming.ignored.contains(&column) || self.naming.carried.contains(&column) {
                    continue;
                }
                return Err(unknown(&column, shapes));
            };
            if by_map.is_none() && self.naming.ignored.contains(&column) {
                continue;
            }
            let fact = fact_of(shape);
            if let Some(other) = out.iter().find(|n| n.fact == fact) {
                let other = fields.get(other.index).map_or("", |f| f.name());
                let message = Phrase::new(
                    format!("the column `{other}` holds `{fact}` already"),
                    format!("kolom `{other}` sudah memuat `{fact}`"),
                );
                return Err(BatchError::column("L0642", column, message));
            }
            self.used.insert(fact.clone());
            if *field.data_type() == DataType::Null {
                continue;
            }
            let kind = self.kind(field, shape, &column, &fact)?;
            let name = shape.name.to_string();
            let is_enum = matches!(shape.kind, FactKind::Enum(_));
            out.push(Node { fact, name, index, is_enum, kind });
        }
        Ok(out)
    }

    fn kind(&mut self, field: &Field, shape: &FactShape, column: &str, fact: &str) -> Result<NodeKind, BatchError> {
        let floats = self.naming.allow_floats;
        let item = match field.data_type() {
            DataType::List(item) | DataType::LargeList(item) => Some(item),
            _ => None,
        };
        Ok(match (&shape.kind, item, field.data_type()) {
            (FactKind::List(shapes), Some(item), _) => match item.data_type() {
                DataType::Struct(inner) => NodeKind::List(self.level(inner, shapes, column, fact)?),
                other => return Err(misfit(column, &shape.kind, other)),
            },
            (FactKind::Values(kind), Some(item), _) => match taking(item.data_type(), kind, floats, column)? {
                Taking::Json => return Err(misfit(column, kind, item.data_type())),
                taking => NodeKind::Values(taking),
            },
            (FactKind::Record(shapes), _, DataType::Struct(inner)) => {
                NodeKind::Record(self.level(inner, shapes, column, fact)?)
            }
            (FactKind::List(_) | FactKind::Values(_) | FactKind::Record(_), _, other) => {
                return Err(misfit(column, &shape.kind, other));
            }
            (kind, _, data_type) => NodeKind::Scalar(taking(data_type, kind, floats, column)?),
        })
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn taking(data_type: &DataType, kind: &FactKind, floats: bool, column: &str) -> Result<Taking, BatchError> {
    use DataType as D;
    let is_text = |d: &DataType| matches!(d, D::Utf8 | D::LargeUtf8 | D::Utf8View);
    let is_whole =
        matches!(data_type, D::Int8 | D::Int16 | D::Int32 | D::Int64 | D::UInt8 | D::UInt16 | D::UInt32 | D::UInt64);
    let is_number = is_whole || matches!(data_type, D::Decimal32(..) | D::Decimal64(..) | D::Decimal128(..));
    let is_float = matches!(data_type, D::Float16 | D::Float32 | D::Float64);
    let of_texts = is_text(data_type) || matches!(data_type, D::Dictionary(_, values) if is_text(values));
    match kind {
        _ if matches!(data_type, D::Struct(_)) => Ok(Taking::Json),
        FactKind::Boolean if *data_type == D::Boolean => Ok(Taking::Plain),
        FactKind::Boolean => Err(misfit(column, kind, data_type)),
        _ if of_texts => Ok(Taking::Plain),
        FactKind::Integer | FactKind::Money | FactKind::Number | FactKind::Link if is_number => Ok(Taking::Plain),
        FactKind::Integer | FactKind::Money | FactKind::Number if is_float && floats => Ok(Taking::Text),
        FactKind::Integer | FactKind::Money | FactKind::Number if is_float => {
            let message = Phrase::new(
                format!(
                    "{data_type} is a binary float, in which `0.1` does not exist: give decimal128 or texts, or say that \
                     floats are taken by their shortest decimals (--allow-floats)"
                ),
                format!(
                    "{data_type} adalah float biner, yang tidak mengenal `0.1`: beri decimal128 atau teks, atau nyatakan \
                     bahwa float diambil menurut desimal terpendeknya (--allow-floats)"
                ),
            );
            Err(BatchError::column("L0643", column, message))
        }
        FactKind::Date if matches!(data_type, D::Date32 | D::Date64) => Ok(Taking::Plain),
        FactKind::Enum(_) if is_whole => Ok(Taking::Text),
        _ => Err(misfit(column, kind, data_type)),
    }
}

fn misfit(column: &str, kind: &FactKind, data_type: &DataType) -> BatchError {
    let (en, id) = match kind {
        FactKind::Boolean => ("yes or no (bool)", "ya atau tidak (bool)"),
        FactKind::Integer | FactKind::Money | FactKind::Number => {
            ("a number (an integer, decimal128, or its text)", "bilangan (bulat, decimal128, atau teksnya)")
        }
        FactKind::Date => ("a date (date32, or a text YYYY-MM-DD)", "tanggal (date32, atau teks YYYY-MM-DD)"),
        FactKind::Duration => ("a duration (utf8)", "jangka waktu (utf8)"),
        FactKind::Text => ("a text (utf8)", "teks (utf8)"),
        FactKind::Enum(_) => ("a value of an enum (utf8 or dictionary)", "anggota enum (utf8 atau dictionary)"),
        FactKind::Link => ("a key (utf8 or a number)", "kunci (utf8 atau bilangan)"),
        FactKind::List(_) => ("a list of structs", "list berisi struct"),
        FactKind::Values(_) => ("a list of values", "list nilai"),
        FactKind::Record(_) => ("a struct", "struct"),
        _ => ("another kind of values", "nilai berjenis lain"),
    };
    let message = Phrase::new(
        format!("{en} is needed here, and the column is {data_type}"),
        format!("di sini perlu {id}, sedangkan kolomnya {data_type}"),
    );
    BatchError::column("L0641", column, message)
}

fn unknown(column: &str, shapes: &[FactShape]) -> BatchError {
    let names: Vec<String> = shapes.iter().map(|s| format!("`{}`", s.name)).collect();
    let names = names.join(", ");
    let message = Phrase::new(
        format!(
            "no fact has this name: map it to one of {names} (--map), carry it through (--carry) or leave it out (--ignore)"
        ),
        format!(
            "tidak ada fakta bernama ini: petakan ke salah satu dari {names} (--map), bawa serta (--carry), atau abaikan (--ignore)"
        ),
    );
    BatchError::column("L0640", column, message)
}
