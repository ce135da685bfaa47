//! Households as JSON, laid out as record batches.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

use std::sync::Arc;

use arrow_array::types::*;
use arrow_array::*;
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use layak::Decimal;
use serde_json::Value as Json;

/// A small generator of numbers, the same everywhere.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        n > 0 && self.below(n) == 0
    }

    pub fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize].clone()
    }
}

pub fn text(value: &Json) -> Option<String> {
    match value {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn primitive<T: ArrowPrimitiveType>(values: &[&Json]) -> ArrayRef
where
    T::Native: std::str::FromStr,
    <T::Native as std::str::FromStr>::Err: std::fmt::Debug,
{
    let values =
        values.iter().map(|v| text(v).map(|t| t.parse::<T::Native>().unwrap_or_else(|e| panic!("{t}: {e:?}"))));
    Arc::new(values.collect::<Vec<_>>().into_iter().collect::<PrimitiveArray<T>>())
}

fn days(value: &Json) -> Option<i32> {
    let date: layak::Date = text(value)?.parse().unwrap();
    Some(date.ordinal() - 719_163)
}

fn dictionary<K: ArrowDictionaryKeyType>(values: &[&Json]) -> ArrayRef {
    let texts: Vec<Option<String>> = values.iter().map(|v| text(v)).collect();
    Arc::new(texts.iter().map(|t| t.as_deref()).collect::<DictionaryArray<K>>())
}

/// Values in a layout. A list that is null has what lies between its offsets all the same.
pub fn array(data_type: &DataType, values: &[&Json]) -> ArrayRef {
    match data_type {
        DataType::Boolean => Arc::new(values.iter().map(|v| v.as_bool()).collect::<BooleanArray>()),
        DataType::Int8 => primitive::<Int8Type>(values),
        DataType::Int16 => primitive::<Int16Type>(values),
        DataType::Int32 => primitive::<Int32Type>(values),
        DataType::Int64 => primitive::<Int64Type>(values),
        DataType::UInt8 => primitive::<UInt8Type>(values),
        DataType::UInt16 => primitive::<UInt16Type>(values),
        DataType::UInt32 => primitive::<UInt32Type>(values),
        DataType::UInt64 => primitive::<UInt64Type>(values),
        DataType::Float32 => primitive::<Float32Type>(values),
        DataType::Float64 => primitive::<Float64Type>(values),
        DataType::Decimal128(precision, scale) => {
            let scaled = |v: &&Json| {
                text(v).map(|t| {
                    let number: Decimal = t.parse().unwrap();
                    match u32::try_from(*scale) {
                        Ok(scale) => number.to_scaled(scale).unwrap(),
                        Err(_) => number.to_scaled(0).unwrap() / 10i128.pow(u32::from(scale.unsigned_abs())),
                    }
                })
            };
            let array: Decimal128Array = values.iter().map(scaled).collect();
            Arc::new(array.with_precision_and_scale(*precision, *scale).unwrap())
        }
        DataType::Decimal64(precision, scale) => {
            let scaled = |v: &&Json| {
                text(v).map(|t| {
                    let number: Decimal = t.parse().unwrap();
                    i64::try_from(number.to_scaled((*scale).unsigned_abs().into()).unwrap()).unwrap()
                })
            };
            let array: Decimal64Array = values.iter().map(scaled).collect();
            Arc::new(array.with_precision_and_scale(*precision, *scale).unwrap())
        }
        DataType::Date32 => Arc::new(values.iter().map(|v| days(v)).collect::<Date32Array>()),
        DataType::Date64 => {
            Arc::new(values.iter().map(|v| days(v).map(|d| i64::from(d) * 86_400_000)).collect::<Date64Array>())
        }
        DataType::Utf8 => Arc::new(values.iter().map(|v| text(v)).collect::<StringArray>()),
        DataType::LargeUtf8 => Arc::new(values.iter().map(|v| text(v)).collect::<LargeStringArray>()),
        DataType::Utf8View => Arc::new(values.iter().map(|v| text(v)).collect::<StringViewArray>()),
        DataType::Dictionary(key, _) => match **key {
            DataType::Int8 => dictionary::<Int8Type>(values),
            DataType::UInt8 => dictionary::<UInt8Type>(values),
            DataType::Int16 => dictionary::<Int16Type>(values),
            DataType::UInt32 => dictionary::<UInt32Type>(values),
            _ => dictionary::<Int32Type>(values),
        },
        DataType::Struct(fields) => {
            let columns = columns(fields, values);
            Arc::new(StructArray::try_new_with_length(fields.clone(), columns, nulls(values), values.len()).unwrap())
        }
        DataType::List(item) => {
            let (lengths, inner) = flat(values);
            let inner = array(item.data_type(), &inner);
            let offsets = OffsetBuffer::<i32>::from_lengths(lengths);
            Arc::new(ListArray::try_new(Arc::clone(item), offsets, inner, nulls(values)).unwrap())
        }
        DataType::LargeList(item) => {
            let (lengths, inner) = flat(values);
            let inner = array(item.data_type(), &inner);
            let offsets = OffsetBuffer::<i64>::from_lengths(lengths);
            Arc::new(LargeListArray::try_new(Arc::clone(item), offsets, inner, nulls(values)).unwrap())
        }
        other => panic!("{other}"),
    }
}

fn nulls(values: &[&Json]) -> Option<NullBuffer> {
    values.iter().any(|v| v.is_null()).then(|| values.iter().map(|v| !v.is_null()).collect::<Vec<bool>>().into())
}

fn flat<'j>(values: &[&'j Json]) -> (Vec<usize>, Vec<&'j Json>) {
    let lists: Vec<&[Json]> = values.iter().map(|v| v.as_array().map_or(&[][..], Vec::as_slice)).collect();
    (lists.iter().map(|l| l.len()).collect(), lists.into_iter().flatten().collect())
}

fn columns(fields: &Fields, rows: &[&Json]) -> Vec<ArrayRef> {
    let of = |field: &Arc<Field>| {
        let values: Vec<&Json> = rows.iter().map(|row| row.get(field.name()).unwrap_or(&Json::Null)).collect();
        array(field.data_type(), &values)
    };
    fields.iter().map(of).collect()
}

pub fn batch(schema: &SchemaRef, rows: &[Json]) -> RecordBatch {
    let rows: Vec<&Json> = rows.iter().collect();
    RecordBatch::try_new(Arc::clone(schema), columns(schema.fields(), &rows)).unwrap()
}

pub fn schema(fields: Vec<(&str, DataType)>) -> SchemaRef {
    Arc::new(Schema::new(fields_of(fields)))
}

pub fn fields_of(fields: Vec<(&str, DataType)>) -> Fields {
    fields.into_iter().map(|(name, data_type)| Field::new(name, data_type, true)).collect()
}

pub fn list_of(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("item", item, true)))
}

pub fn texts_by(key: DataType) -> DataType {
    DataType::Dictionary(Box::new(key), Box::new(DataType::Utf8))
}

/// The households of the sample of `rules/bansos`, by the types of their facts.
pub fn bansos_schema() -> SchemaRef {
    use DataType as D;
    let person = fields_of(vec![
        ("nik", D::Utf8),
        ("birth_date", D::Date32),
        ("sex", D::Utf8),
        ("relation", texts_by(D::Int8)),
        ("registered", D::Boolean),
        ("died_on", D::Date32),
        ("pregnant", D::Boolean),
        ("pregnancy_number", D::Int32),
        ("school_level", D::Utf8),
        ("attends_school", D::Boolean),
        ("finished_sma", D::Boolean),
        ("disability", texts_by(D::Int32)),
        ("occupation", D::Utf8),
        ("wage", D::Decimal128(18, 2)),
        ("company_owner", D::Boolean),
        ("covered_by_employer", D::Boolean),
    ]);
    schema(vec![
        ("id", D::Utf8),
        ("region", D::Utf8),
        ("desil", D::Int32),
        ("electricity_va", D::Int64),
        ("has_car", D::Boolean),
        ("motorbikes", D::UInt8),
        ("vehicle_value", D::Decimal128(18, 2)),
        ("members", list_of(D::Struct(person))),
    ])
}
