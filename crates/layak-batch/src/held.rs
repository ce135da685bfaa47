//! The arrays of a batch, held as the columns of [`Households`]: the same memory where the layouts agree.

use std::collections::BTreeSet;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type,
    Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, PrimitiveArray, StringArray, StructArray};
use arrow_buffer::{ArrowNativeType, BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;
use layak::{Bitmap, Codes, Column, Households, Phrase, Plan, Values};

use crate::BatchError;
use crate::binding::{Node, NodeKind, Taking};
use crate::rows;

/// Values in the layouts that [`Values`] has.
enum Held {
    Booleans(BooleanBuffer),
    Ints(ScalarBuffer<i32>),
    Longs(ScalarBuffer<i64>),
    Decimals(ScalarBuffer<i128>, u32),
    Days(ScalarBuffer<i32>),
    Texts(OffsetBuffer<i32>, Buffer),
    ByteCodes(ScalarBuffer<u8>, StringArray),
    Codes(ScalarBuffer<i32>, StringArray),
}

struct HeldColumn {
    fact: String,
    values: Held,
    known: Option<NullBuffer>,
}

impl HeldColumn {
    fn dictionary(&self) -> Vec<&str> {
        match &self.values {
            Held::ByteCodes(_, texts) | Held::Codes(_, texts) => (0..texts.len()).map(|n| texts.value(n)).collect(),
            _ => Vec::new(),
        }
    }
}

struct HeldList {
    fact: String,
    /// The list in whose elements it stands; none for the households' own.
    holder: Option<usize>,
    offsets: OffsetBuffer<i32>,
    known: Option<NullBuffer>,
}

/// A batch, laid out.
#[derive(Default)]
pub(crate) struct Layout {
    lists: Vec<HeldList>,
    columns: Vec<HeldColumn>,
    /// Households with something that columns do not say, such as an element that is null.
    by_row: BTreeSet<usize>,
    /// Whether facts that are null are left out.
    leaves_out: bool,
}

/// The elements that are laid out: of a list, and which of them are in use.
#[derive(Clone, Copy)]
struct Level {
    list: Option<usize>,
    rows: usize,
}

impl Layout {
    pub(crate) fn of(nodes: &[Node], arrays: &[ArrayRef], rows: usize, leaves_out: bool) -> Result<Layout, BatchError> {
        let mut layout = Layout { leaves_out, ..Layout::default() };
        layout.level(nodes, arrays, Level { list: None, rows })?;
        Ok(layout)
    }

    /// Whether a household is decided by its row.
    pub(crate) fn is_by_row(&self, household: usize) -> bool {
        self.by_row.contains(&household)
    }

    /// The next household from this one on that is decided by its row.
    pub(crate) fn next_by_row(&self, household: usize) -> Option<usize> {
        self.by_row.range(household..).next().copied()
    }

    /// INVARIANT: it recurses with the facts within one another, which are finitely deep.
    fn level(&mut self, nodes: &[Node], arrays: &[ArrayRef], level: Level) -> Result<(), BatchError> {
        for node in nodes {
            let Some(array) = arrays.get(node.index) else { continue };
            match &node.kind {
                NodeKind::Scalar(taking) => self.scalar(&node.fact, array, *taking, level)?,
                NodeKind::Record(inner) => {
                    let record = array.as_struct();
                    // A record that is not known at all is more than facts that are null.
                    self.exempt(record, level);
                    self.level(inner, record.columns(), level)?;
                }
                NodeKind::List(inner) => {
                    let (list, values) = self.list(&node.fact, array, level)?;
                    let elements = values.as_struct();
                    let within = Level { list: Some(list), rows: elements.len() };
                    self.exempt(elements, within);
                    self.level(inner, elements.columns(), within)?;
                }
                NodeKind::Values(taking) => {
                    let (list, values) = self.list(&node.fact, array, level)?;
                    let within = Level { list: Some(list), rows: values.len() };
                    self.scalar(&format!("{}[]", node.fact), &values, *taking, within)?;
                    // A value that is null is told as such.
                    if let Some(nulls) = values.logical_nulls() {
                        (0..values.len()).filter(|row| nulls.is_null(*row)).for_each(|row| self.by_row(within, row));
                    }
                }
            }
        }
        Ok(())
    }

    fn exempt(&mut self, elements: &StructArray, level: Level) {
        if let Some(nulls) = elements.nulls().filter(|n| n.null_count() > 0) {
            (0..elements.len()).filter(|row| nulls.is_null(*row)).for_each(|row| self.by_row(level, row));
        }
    }

    /// Has the household of an element decided by its row.
    fn by_row(&mut self, level: Level, row: usize) {
        let (mut list, mut row) = (level.list, row);
        while let Some(held) = list.and_then(|l| self.lists.get(l)) {
            let after = held.offsets.partition_point(|offset| usize::try_from(*offset).is_ok_and(|o| o <= row));
            row = after.saturating_sub(1);
            list = held.holder;
        }
        self.by_row.insert(row);
    }

    fn list(&mut self, fact: &str, array: &ArrayRef, level: Level) -> Result<(usize, ArrayRef), BatchError> {
        let (offsets, values) = match array.data_type() {
            DataType::LargeList(_) => {
                let list = array.as_list::<i64>();
                let offsets: Result<Vec<i32>, _> = list.offsets().iter().map(|o| i32::try_from(*o)).collect();
                let offsets = offsets.map_err(|_| {
                    let message = Phrase::new(
                        "one batch holds more than 2,147,483,647 elements: give smaller batches",
                        "satu batch memuat lebih dari 2.147.483.647 anggota: beri batch yang lebih kecil",
                    );
                    BatchError::column("L0642", fact, message)
                })?;
                (OffsetBuffer::new(offsets.into()), list.values())
            }
            _ => {
                let list = array.as_list::<i32>();
                (list.offsets().clone(), list.values())
            }
        };
        let end = usize::try_from(offsets.last()).unwrap_or(0);
        let values = values.slice(0, end);
        let known = array.nulls().filter(|n| n.null_count() > 0).cloned();
        self.lists.push(HeldList { fact: fact.to_owned(), holder: level.list, offsets, known });
        Ok((self.lists.len() - 1, values))
    }

    fn scalar(&mut self, fact: &str, array: &ArrayRef, taking: Taking, level: Level) -> Result<(), BatchError> {
        let known = array.logical_nulls().filter(|n| n.null_count() > 0);
        if taking == Taking::Json {
            // Nothing of it is in a column: whoever has something of it is read by the row.
            let is_null = |row: &usize| known.as_ref().is_some_and(|known| known.is_null(*row));
            (0..level.rows).filter(|row| !is_null(row)).for_each(|row| self.by_row(level, row));
            return Ok(());
        }
        let values = match taking {
            Taking::Text => self.texts(array, level),
            _ => self.values(array, level)?,
        };
        self.columns.push(HeldColumn { fact: fact.to_owned(), values, known });
        Ok(())
    }

    /// Each value as the text that a row has.
    fn texts(&mut self, array: &ArrayRef, level: Level) -> Held {
        let mut texts: Vec<Option<String>> = Vec::with_capacity(array.len());
        for row in 0..array.len() {
            texts.push(rows::text(array, row));
        }
        for (row, _) in texts.iter().enumerate().filter(|(row, text)| text.is_none() && array.is_valid(*row)) {
            self.by_row(level, row);
        }
        let (offsets, values, _) = StringArray::from(texts).into_parts();
        Held::Texts(offsets, values)
    }

    fn values(&mut self, array: &ArrayRef, level: Level) -> Result<Held, BatchError> {
        Ok(match array.data_type() {
            DataType::Boolean => Held::Booleans(array.as_boolean().values().clone()),
            DataType::Int32 => Held::Ints(array.as_primitive::<Int32Type>().values().clone()),
            DataType::Int64 => Held::Longs(array.as_primitive::<Int64Type>().values().clone()),
            DataType::Int8 => Held::Ints(widened::<Int8Type, i32>(array, i32::from)),
            DataType::Int16 => Held::Ints(widened::<Int16Type, i32>(array, i32::from)),
            DataType::UInt8 => Held::Ints(widened::<UInt8Type, i32>(array, i32::from)),
            DataType::UInt16 => Held::Ints(widened::<UInt16Type, i32>(array, i32::from)),
            DataType::UInt32 => Held::Longs(widened::<UInt32Type, i64>(array, i64::from)),
            DataType::UInt64 => Held::Decimals(widened::<UInt64Type, i128>(array, i128::from), 0),
            DataType::Decimal128(_, scale) => match u32::try_from(*scale) {
                Ok(scale) => Held::Decimals(array.as_primitive::<Decimal128Type>().values().clone(), scale),
                Err(_) => self.texts(array, level),
            },
            DataType::Decimal64(_, scale) => match u32::try_from(*scale) {
                Ok(scale) => Held::Decimals(widened::<Decimal64Type, i128>(array, i128::from), scale),
                Err(_) => self.texts(array, level),
            },
            DataType::Decimal32(_, scale) => match u32::try_from(*scale) {
                Ok(scale) => Held::Decimals(widened::<Decimal32Type, i128>(array, i128::from), scale),
                Err(_) => self.texts(array, level),
            },
            DataType::Date32 => Held::Days(array.as_primitive::<Date32Type>().values().clone()),
            DataType::Date64 => {
                let moments = array.as_primitive::<Date64Type>();
                let mut days = Vec::with_capacity(moments.len());
                for (row, moment) in moments.values().iter().enumerate() {
                    let day = i32::try_from(moment.div_euclid(rows::DAY)).ok();
                    if moments.is_valid(row) && (day.is_none() || moment.rem_euclid(rows::DAY) != 0) {
                        self.by_row(level, row);
                    }
                    days.push(day.unwrap_or(0));
                }
                Held::Days(days.into())
            }
            DataType::Utf8 => {
                let (offsets, values, _) = array.as_string::<i32>().clone().into_parts();
                Held::Texts(offsets, values)
            }
            DataType::Dictionary(key, _) => match &**key {
                DataType::UInt8 => {
                    let dictionary = array.as_dictionary::<UInt8Type>();
                    Held::ByteCodes(dictionary.keys().values().clone(), strings(dictionary.values()))
                }
                DataType::Int32 => {
                    let dictionary = array.as_dictionary::<Int32Type>();
                    Held::Codes(dictionary.keys().values().clone(), strings(dictionary.values()))
                }
                DataType::Int8 => codes::<Int8Type>(array),
                DataType::Int16 => codes::<Int16Type>(array),
                DataType::Int64 => codes::<Int64Type>(array),
                DataType::UInt16 => codes::<UInt16Type>(array),
                DataType::UInt32 => codes::<UInt32Type>(array),
                _ => codes::<UInt64Type>(array),
            },
            // Texts of another layout.
            _ => self.texts(array, level),
        })
    }

    /// The dictionaries, which the columns are given by reference.
    fn dictionaries(&self) -> Vec<Vec<&str>> {
        self.columns.iter().map(HeldColumn::dictionary).collect()
    }

    /// Gives the columns to a host.
    pub(crate) fn with<T>(
        &self,
        plan: &Plan,
        rows: usize,
        then: impl FnOnce(&Households<'_>) -> T,
    ) -> Result<T, BatchError> {
        let dictionaries = self.dictionaries();
        let mut homes = Households::new(plan, rows);
        for list in &self.lists {
            homes.list(&list.fact, &list.offsets, bitmap(list.known.as_ref()))?;
        }
        for (column, texts) in self.columns.iter().zip(&dictionaries) {
            let values = match &column.values {
                Held::Booleans(bits) => Bitmap::new(bits.values(), bits.offset(), bits.len()).map(Values::Booleans),
                Held::Ints(values) => Some(Values::Ints { values, scale: 0 }),
                Held::Longs(values) => Some(Values::Longs { values, scale: 0 }),
                Held::Decimals(values, scale) => Some(Values::Decimals { values, scale: *scale }),
                Held::Days(days) => Some(Values::Days(days)),
                Held::Texts(offsets, buffer) => text(offsets, buffer).map(|text| Values::Texts { offsets, text }),
                Held::ByteCodes(codes, _) => Some(Values::Codes { codes: Codes::Bytes(codes), texts }),
                Held::Codes(codes, _) => Some(Values::Codes { codes: Codes::Ints(codes), texts }),
            };
            let Some(values) = values else {
                let message = Phrase::new("its texts are not UTF-8", "teksnya bukan UTF-8");
                return Err(BatchError::column("L0641", &column.fact, message));
            };
            let given = Column::new(values);
            let given = match bitmap(column.known.as_ref()) {
                Some(known) => given.known(known),
                None => given,
            };
            homes.column(&column.fact, if self.leaves_out { given.leave_out() } else { given })?;
        }
        Ok(then(&homes))
    }
}

/// The text of a column from its first byte: what is before the first value and after the last does not count.
fn text<'b>(offsets: &OffsetBuffer<i32>, buffer: &'b Buffer) -> Option<&'b str> {
    let end = usize::try_from(offsets.last()).unwrap_or(0);
    std::str::from_utf8(buffer.as_slice().get(..end)?).ok()
}

fn bitmap(nulls: Option<&NullBuffer>) -> Option<Bitmap<'_>> {
    nulls.and_then(|nulls| Bitmap::new(nulls.validity(), nulls.offset(), nulls.len()))
}

fn widened<T: ArrowPrimitiveType, N: ArrowNativeType>(
    array: &ArrayRef,
    widen: impl Fn(T::Native) -> N,
) -> ScalarBuffer<N> {
    let array: &PrimitiveArray<T> = array.as_primitive();
    array.values().iter().map(|value| widen(*value)).collect::<Vec<N>>().into()
}

fn codes<K: ArrowDictionaryKeyType>(array: &ArrayRef) -> Held {
    let dictionary = array.as_dictionary::<K>();
    // A code that is not in the dictionary stands for no text.
    let code = |key: &K::Native| key.to_usize().and_then(|key| i32::try_from(key).ok()).unwrap_or(-1);
    let keys: Vec<i32> = dictionary.keys().values().iter().map(code).collect();
    Held::Codes(keys.into(), strings(dictionary.values()))
}

/// Texts of any layout in the plain one.
fn strings(values: &ArrayRef) -> StringArray {
    match values.data_type() {
        DataType::Utf8 => values.as_string::<i32>().clone(),
        DataType::LargeUtf8 => values.as_string::<i64>().iter().collect(),
        _ => values.as_string_view().iter().collect(),
    }
}
