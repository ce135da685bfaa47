//! One row of a batch as JSON: what the columns do not hold is read this way, and everything can be.

use std::fmt::Write as _;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Float16Type, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use layak::{Date, Decimal};

use crate::binding::{Node, NodeKind, Taking};

/// The milliseconds of a day.
pub(crate) const DAY: i64 = 86_400_000;

/// The facts of a row as a JSON object; those that are null may be left out. INVARIANT: it recurses with the facts within one another,
/// which are finitely deep.
pub(crate) fn object(nodes: &[Node], arrays: &[ArrayRef], (row, leaves_out): (usize, bool), out: &mut String) {
    out.push('{');
    let given = nodes.iter().filter_map(|node| Some((node, arrays.get(node.index)?)));
    for (at, (node, array)) in given.filter(|(_, array)| !leaves_out || array.is_valid(row)).enumerate() {
        out.push_str(if at > 0 { "," } else { "" });
        push_text(&node.name, out);
        out.push(':');
        if array.is_null(row) {
            out.push_str("null");
            continue;
        }
        match &node.kind {
            NodeKind::Scalar(taking) => scalar(array, *taking, row, out),
            NodeKind::Record(inner) => object(inner, array.as_struct().columns(), (row, leaves_out), out),
            NodeKind::List(inner) => {
                let elements = elements(array, row);
                let each = |row: usize, out: &mut String| match elements.is_null(row) {
                    true => out.push_str("null"),
                    false => object(inner, elements.as_struct().columns(), (row, leaves_out), out),
                };
                items(elements.len(), each, out);
            }
            NodeKind::Values(taking) => {
                let elements = elements(array, row);
                items(elements.len(), |row, out| scalar(&elements, *taking, row, out), out);
            }
        }
    }
    out.push('}');
}

fn elements(array: &ArrayRef, row: usize) -> ArrayRef {
    match array.data_type() {
        DataType::LargeList(_) => array.as_list::<i64>().value(row),
        _ => array.as_list::<i32>().value(row),
    }
}

fn items(count: usize, each: impl Fn(usize, &mut String), out: &mut String) {
    out.push('[');
    for row in 0..count {
        out.push_str(if row > 0 { "," } else { "" });
        each(row, out);
    }
    out.push(']');
}

fn scalar(array: &ArrayRef, taking: Taking, row: usize, out: &mut String) {
    match taking {
        Taking::Json => any(array, row, out),
        Taking::Text => match text(array, row) {
            Some(text) => push_text(&text, out),
            None => out.push_str("null"),
        },
        Taking::Plain => any(array, row, out),
    }
}

/// Any value as JSON. Floats are texts: what stands in the input is no exact number.
///
/// INVARIANT: it recurses as deep as the types of the schema nest.
fn any(array: &ArrayRef, row: usize, out: &mut String) {
    if array.is_null(row) {
        out.push_str("null");
        return;
    }
    match array.data_type() {
        DataType::Boolean => out.push_str(if array.as_boolean().value(row) { "true" } else { "false" }),
        DataType::Struct(fields) => {
            out.push('{');
            let columns = array.as_struct().columns();
            // A part that is null is not there: `{"value": 900, "source": "pln"}` has no date.
            let given = fields.iter().zip(columns).filter(|(_, column)| column.is_valid(row));
            for (at, (field, column)) in given.enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                push_text(field.name(), out);
                out.push(':');
                any(column, row, out);
            }
            out.push('}');
        }
        DataType::List(_) | DataType::LargeList(_) => {
            let elements = elements(array, row);
            items(elements.len(), |row, out| any(&elements, row, out), out);
        }
        _ => match text(array, row) {
            Some(text) if is_number(array.data_type()) => out.push_str(&text),
            Some(text) => push_text(&text, out),
            None => out.push_str("null"),
        },
    }
}

fn is_number(data_type: &DataType) -> bool {
    use DataType as D;
    matches!(
        data_type,
        D::Int8
            | D::Int16
            | D::Int32
            | D::Int64
            | D::UInt8
            | D::UInt16
            | D::UInt32
            | D::UInt64
            | D::Decimal32(..)
            | D::Decimal64(..)
            | D::Decimal128(..)
    )
}

/// A value as its text; nothing for one that is null or has no text.
pub(crate) fn text(array: &ArrayRef, row: usize) -> Option<String> {
    use DataType as D;
    if array.is_null(row) {
        return None;
    }
    Some(match array.data_type() {
        D::Utf8 => array.as_string::<i32>().value(row).to_owned(),
        D::LargeUtf8 => array.as_string::<i64>().value(row).to_owned(),
        D::Utf8View => array.as_string_view().value(row).to_owned(),
        D::Int8 => array.as_primitive::<Int8Type>().value(row).to_string(),
        D::Int16 => array.as_primitive::<Int16Type>().value(row).to_string(),
        D::Int32 => array.as_primitive::<Int32Type>().value(row).to_string(),
        D::Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
        D::UInt8 => array.as_primitive::<UInt8Type>().value(row).to_string(),
        D::UInt16 => array.as_primitive::<UInt16Type>().value(row).to_string(),
        D::UInt32 => array.as_primitive::<UInt32Type>().value(row).to_string(),
        D::UInt64 => array.as_primitive::<UInt64Type>().value(row).to_string(),
        D::Decimal128(_, scale) => decimal(array.as_primitive::<Decimal128Type>().value(row), *scale),
        D::Decimal64(_, scale) => decimal(array.as_primitive::<Decimal64Type>().value(row).into(), *scale),
        D::Decimal32(_, scale) => decimal(array.as_primitive::<Decimal32Type>().value(row).into(), *scale),
        D::Float16 => array.as_primitive::<Float16Type>().value(row).to_string(),
        D::Float32 => array.as_primitive::<Float32Type>().value(row).to_string(),
        D::Float64 => array.as_primitive::<Float64Type>().value(row).to_string(),
        D::Date32 => day(array.as_primitive::<Date32Type>().value(row).into()),
        D::Date64 => {
            let moment = array.as_primitive::<Date64Type>().value(row);
            match moment.rem_euclid(DAY) {
                0 => day(moment.div_euclid(DAY)),
                _ => format!("{moment} milliseconds from 1970-01-01"),
            }
        }
        D::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            let key = dictionary.keys().slice(row, 1);
            let key: usize = text(&key, 0)?.parse().ok()?;
            return text(dictionary.values(), key);
        }
        _ => return None,
    })
}

/// As the columns write it, so that what is said of it is the same.
fn decimal(mantissa: i128, scale: i8) -> String {
    match u32::try_from(scale).ok().and_then(|scale| Decimal::new(mantissa, scale)) {
        Some(number) => number.to_string(),
        None => format!("{mantissa}e{}", -i32::from(scale)),
    }
}

fn day(day: i64) -> String {
    let epoch: Option<Date> = "1970-01-01".parse().ok();
    let date = epoch.and_then(|epoch| epoch.add_days(day));
    date.map_or_else(|| format!("{day} days from 1970-01-01"), |date| date.to_string())
}

pub(crate) fn push_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
