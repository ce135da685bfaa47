//! A Parquet file of households with their members as lists of structs, read, decided and written by hand: the limit of what goes from file to file. It
//! takes every value for known and within its range, as rules written for these files alone may.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int32Type};
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StructArray};
use arrow_schema::{DataType, Field, FieldRef, Fields, Schema};
use layak_batch::ParquetFile;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use crate::Decided;
use crate::columns::{Arrays, DISABILITIES, Flags, OCCUPATIONS, REGIONS, SCHOOLS, SEXES};
use crate::files::Wrong;

const UNREAD: [&str; 2] = ["members.list.item.nik", "members.list.item.relation"];
const ROWS: usize = 8192;

/// Texts as places in a dictionary, where they are no keys.
fn with_dictionaries(fields: &Fields) -> Fields {
    let of = |field: &FieldRef| -> FieldRef {
        let data_type = match field.data_type() {
            DataType::Utf8 | DataType::Dictionary(..) if field.name() != "id" && field.name() != "nik" => {
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
            }
            DataType::Struct(fields) => DataType::Struct(with_dictionaries(fields)),
            DataType::List(item) => match item.data_type() {
                DataType::Struct(fields) => {
                    let inner = DataType::Struct(with_dictionaries(fields));
                    DataType::List(Arc::new(Field::clone(item).with_data_type(inner)))
                }
                _ => field.data_type().clone(),
            },
            other => other.clone(),
        };
        Arc::new(Field::clone(field).with_data_type(data_type))
    };
    fields.iter().map(of).collect()
}

/// The codes of texts, by their places among those that are known.
fn codes(array: &ArrayRef, known: &[&str]) -> Result<Vec<u8>, Wrong> {
    let dictionary = array.as_dictionary_opt::<Int32Type>().ok_or("no dictionary")?;
    let place = |text: Option<&str>| known.iter().position(|own| Some(*own) == text).and_then(|n| u8::try_from(n).ok());
    let words: Vec<u8> = dictionary.values().as_string::<i32>().iter().map(|text| place(text).unwrap_or(0)).collect();
    let code = |key: &i32| usize::try_from(*key).ok().and_then(|key| words.get(key).copied()).unwrap_or(0);
    Ok(dictionary.keys().values().iter().map(code).collect())
}

fn flags(array: &ArrayRef) -> Flags {
    Flags::of(array.as_boolean().values())
}

fn ints(array: &ArrayRef) -> Vec<i32> {
    array.as_primitive::<Int32Type>().values().to_vec()
}

/// Whole rupiah.
fn money(array: &ArrayRef) -> Vec<i64> {
    array
        .as_primitive::<Decimal128Type>()
        .values()
        .iter()
        .map(|cents| i64::try_from(*cents).unwrap_or(0) / 100)
        .collect()
}

fn arrays(batch: &RecordBatch) -> Result<Arrays, Wrong> {
    let home = |name: &str| batch.column_by_name(name).ok_or_else(|| Wrong::from(format!("no {name}")));
    let members = home("members")?.as_list::<i32>();
    let people: &StructArray = members.values().as_struct();
    let person = |name: &str| people.column_by_name(name).ok_or_else(|| Wrong::from(format!("no {name}")));
    let died = person("died_on")?;
    let days = |array: &ArrayRef| array.as_primitive::<Date32Type>().values().to_vec();
    Ok(Arrays {
        region: codes(home("region")?, &REGIONS)?,
        desil: ints(home("desil")?),
        electricity_va: ints(home("electricity_va")?),
        has_car: flags(home("has_car")?),
        motorbikes: ints(home("motorbikes")?),
        vehicle_value: money(home("vehicle_value")?),
        offsets: members.value_offsets().to_vec(),
        birth: days(person("birth_date")?),
        sex: codes(person("sex")?, &SEXES)?,
        registered: flags(person("registered")?),
        died: days(died),
        has_died: died.nulls().map_or_else(|| Flags::all(died.len()), |nulls| Flags::of(nulls.inner())),
        pregnant: flags(person("pregnant")?),
        pregnancy_number: ints(person("pregnancy_number")?),
        school: codes(person("school_level")?, &SCHOOLS)?,
        attends: flags(person("attends_school")?),
        finished: flags(person("finished_sma")?),
        disability: codes(person("disability")?, &DISABILITIES)?,
        occupation: codes(person("occupation")?, &OCCUPATIONS)?,
        wage: money(person("wage")?),
        owner: flags(person("company_owner")?),
        covered: flags(person("covered_by_employer")?),
        ..Arrays::default()
    })
}

/// Decides a file into a Parquet file of the four numbers; `umk` is the minimum wage of each region. How many households there are.
///
/// # Errors
/// One of them cannot be read or written.
pub fn decide(from: &Path, to: &Path, umk: &[i64; 4]) -> Result<usize, Wrong> {
    let file = File::open(from)?;
    let schema = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())?;
    let schema = Arc::new(Schema::new(with_dictionaries(schema.schema().fields())));
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new().with_schema(schema))?;
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata).with_batch_size(ROWS);
    let read = builder.parquet_schema().columns().iter().enumerate();
    let read: Vec<usize> =
        read.filter(|(_, column)| !UNREAD.contains(&column.path().string().as_str())).map(|(at, _)| at).collect();
    let mask = ProjectionMask::leaves(builder.parquet_schema(), read);
    let (mut out, mut count): (Option<ParquetFile<BufWriter<File>>>, usize) = (None, 0);
    let mut decided: Vec<Decided> = Vec::new();
    for batch in builder.with_projection(mask).build()? {
        let batch = batch?;
        arrays(&batch)?.decide(umk, &mut decided);
        let numbers = |of: &dyn Fn(&Decided) -> i64| -> ArrayRef {
            Arc::new(decided.iter().map(|one| Some(of(one))).collect::<Int64Array>())
        };
        let columns = [
            ("id", Arc::clone(batch.column_by_name("id").ok_or("no id")?)),
            ("pkh", numbers(&|one| one.pkh.into())),
            ("sembako", numbers(&|one| one.sembako.into())),
            ("amount", numbers(&|one| if one.pkh == 0 { one.amount } else { 0 })),
            ("insured", numbers(&|one| one.pbi.count_ones().into())),
        ];
        let told = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))?;
        if out.is_none() {
            out = Some(ParquetFile::new(BufWriter::with_capacity(1 << 18, File::create(to)?), &told.schema())?);
        }
        if let Some(file) = &mut out {
            file.write(&told)?;
        }
        count += batch.num_rows();
    }
    if let Some(file) = out {
        file.finish()?.flush()?;
    }
    Ok(count)
}
