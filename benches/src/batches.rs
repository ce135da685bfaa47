//! Households that were made up as columns, as an Arrow record batch.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Int32Array, ListArray, RecordBatch,
    StringArray, StructArray, UInt8Array, types::UInt8Type,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field, Fields};

use crate::columns::{Arrays, Flags, REGIONS};

fn booleans(flags: &Flags) -> BooleanBuffer {
    let (bytes, len) = flags.parts();
    BooleanBuffer::new(Buffer::from_slice_ref(bytes), 0, len)
}

fn texts(offsets: &[i32], text: &str) -> Result<ArrayRef, ArrowError> {
    let offsets = OffsetBuffer::new(offsets.to_vec().into());
    Ok(Arc::new(StringArray::try_new(offsets, Buffer::from_slice_ref(text.as_bytes()), None)?))
}

fn codes(codes: &[u8], of: &[&str]) -> Result<ArrayRef, ArrowError> {
    let names = Arc::new(StringArray::from_iter_values(of));
    Ok(Arc::new(DictionaryArray::<UInt8Type>::try_new(UInt8Array::from(codes.to_vec()), names)?))
}

/// Whole rupiah, with two digits behind the point as agencies keep them.
fn money(values: &[i64]) -> Result<ArrayRef, ArrowError> {
    let cents = values.iter().map(|v| i128::from(*v) * 100);
    Ok(Arc::new(Decimal128Array::from_iter_values(cents).with_precision_and_scale(18, 2)?))
}

fn ints(values: &[i32]) -> ArrayRef {
    Arc::new(Int32Array::from(values.to_vec()))
}

fn flags(flags: &Flags) -> ArrayRef {
    Arc::new(BooleanArray::new(booleans(flags), None))
}

impl Arrays {
    /// The households as a record batch: a row each, the members as a list of structs.
    ///
    /// # Errors
    /// None but by a fault of this crate.
    pub fn record_batch(&self) -> Result<RecordBatch, ArrowError> {
        let died = Date32Array::new(self.died.clone().into(), Some(NullBuffer::new(booleans(&self.has_died))));
        let person: Vec<(&str, ArrayRef)> = vec![
            ("nik", texts(&self.niks, &self.nik_text)?),
            ("birth_date", Arc::new(Date32Array::from(self.birth.clone()))),
            ("sex", codes(&self.sex, &crate::columns::SEXES)?),
            ("relation", codes(&self.relation, &crate::columns::RELATIONS)?),
            ("registered", flags(&self.registered)),
            ("died_on", Arc::new(died)),
            ("pregnant", flags(&self.pregnant)),
            ("pregnancy_number", ints(&self.pregnancy_number)),
            ("school_level", codes(&self.school, &crate::columns::SCHOOLS)?),
            ("attends_school", flags(&self.attends)),
            ("finished_sma", flags(&self.finished)),
            ("disability", codes(&self.disability, &crate::columns::DISABILITIES)?),
            ("occupation", codes(&self.occupation, &crate::columns::OCCUPATIONS)?),
            ("wage", money(&self.wage)?),
            ("company_owner", flags(&self.owner)),
            ("covered_by_employer", flags(&self.covered)),
        ];
        let fields: Fields =
            person.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
        let person = StructArray::try_new(fields.clone(), person.into_iter().map(|(_, array)| array).collect(), None)?;
        let item = Arc::new(Field::new("item", DataType::Struct(fields), false));
        let offsets = OffsetBuffer::new(self.offsets.clone().into());
        let members = ListArray::try_new(item, offsets, Arc::new(person), None)?;
        let known = NullBuffer::new(booleans(&self.desil_known));
        RecordBatch::try_from_iter([
            ("id", texts(&self.ids, &self.id_text)?),
            ("region", codes(&self.region, &REGIONS)?),
            ("desil", Arc::new(Int32Array::new(self.desil.clone().into(), Some(known))) as ArrayRef),
            ("electricity_va", ints(&self.electricity_va)),
            ("has_car", flags(&self.has_car)),
            ("motorbikes", ints(&self.motorbikes)),
            ("vehicle_value", money(&self.vehicle_value)?),
            ("members", Arc::new(members)),
        ])
    }
}
