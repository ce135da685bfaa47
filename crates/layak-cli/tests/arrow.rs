//! Arrow files in and out: the decisions of every other format.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods
)]

mod files;

use std::fs::File;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int8Type;
use arrow_array::{Array, RecordBatch};
use arrow_ipc::CompressionType;
use arrow_ipc::reader::FileReader;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use arrow_schema::Schema;
use files::support::{Chance, bansos_schema, batch};
use files::{decide, folder, households, lines, parquet, path};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value as Json;

fn arrow(path: &str, batches: &[RecordBatch], packed: Option<CompressionType>) {
    let options = IpcWriteOptions::default().try_with_compression(packed).unwrap();
    let schema = batches[0].schema();
    let mut writer = FileWriter::try_new_with_options(File::create(path).unwrap(), &schema, options).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.finish().unwrap();
}

fn read(path: &str) -> Vec<RecordBatch> {
    FileReader::try_new(File::open(path).unwrap(), None).unwrap().map(Result::unwrap).collect()
}

/// The rows of a column of decisions as texts, whatever its layout.
fn shown(array: &dyn Array, row: usize) -> String {
    if array.is_null(row) {
        return "null".to_owned();
    }
    if let Some(all) = array.as_struct_opt() {
        let parts: Vec<String> = all.columns().iter().map(|column| shown(column, row)).collect();
        return format!("{{{}}}", parts.join(","));
    }
    if let Some(list) = array.as_list_opt::<i32>() {
        let items = list.value(row);
        let items: Vec<String> = (0..items.len()).map(|at| shown(&items, at)).collect();
        return format!("[{}]", items.join(","));
    }
    if let Some(words) = array.as_dictionary_opt::<Int8Type>() {
        return shown(words.values(), words.key(row).unwrap());
    }
    match array.as_string_opt::<i32>() {
        Some(texts) => texts.value(row).to_owned(),
        None => format!("{:?}", array.slice(row, 1)),
    }
}

fn rows(batches: &[RecordBatch]) -> Vec<String> {
    let of = |batch: &RecordBatch| {
        let row = |at: usize| batch.columns().iter().map(|c| shown(c, at)).collect::<Vec<_>>().join("|");
        (0..batch.num_rows()).map(row).collect::<Vec<_>>()
    };
    batches.iter().flat_map(of).collect()
}

#[test]
fn every_kind_of_arrow_file_is_decided_as_json_is() {
    let folder = folder("arrow-in");
    let mut homes = households(700);
    homes.retain(|home| home.get("members").is_some_and(Json::is_array));
    homes[3]["desil"] = 11.into();
    let jsonl = path(&folder, "homes.jsonl");
    std::fs::write(&jsonl, lines(&homes)).unwrap();
    let expected = decide(&jsonl, &[]).stdout;
    let all = batch(&bansos_schema(), &homes);
    let half = all.num_rows() / 2;
    let parts = [all.slice(0, half), all.slice(half, all.num_rows() - half)];
    for (name, packed) in [
        ("plain.arrow", None),
        ("homes.feather", Some(CompressionType::LZ4_FRAME)),
        ("homes.ipc", Some(CompressionType::ZSTD)),
    ] {
        let file = path(&folder, name);
        arrow(&file, &parts, packed);
        let run = decide(&file, &["--format", "jsonl"]);
        assert!(run.stdout == expected, "{name}: {}", String::from_utf8_lossy(&run.stderr));
    }
    let stream = path(&folder, "homes.arrows");
    let mut writer = StreamWriter::try_new(File::create(&stream).unwrap(), &all.schema()).unwrap();
    parts.iter().for_each(|part| writer.write(part).unwrap());
    writer.finish().unwrap();
    assert!(decide(&stream, &[]).stdout == expected);
    // The members in a table of their own, in another order.
    let members = all.schema().index_of("members").unwrap();
    let list = all.column(members).as_list::<i32>();
    let mut ids = Vec::new();
    for row in 0..all.num_rows() {
        let id = shown(all.column(all.schema().index_of("id").unwrap()), row);
        ids.extend(std::iter::repeat_n(id, list.value(row).len()));
    }
    let people = list.values().as_struct();
    let mut fields: Vec<_> = vec![Arc::new(arrow_schema::Field::new("id", arrow_schema::DataType::Utf8, false))];
    fields.extend(people.fields().iter().cloned());
    let mut columns: Vec<arrow_array::ArrayRef> = vec![Arc::new(arrow_array::StringArray::from(ids))];
    let first = list.value_offsets()[0] as usize;
    columns.extend(people.columns().iter().map(|c| c.slice(first, people.len() - first)));
    let table = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
    let apart: Vec<usize> = (0..all.num_columns()).filter(|at| *at != members).collect();
    arrow(&path(&folder, "two.arrow"), &[all.project(&apart).unwrap()], None);
    let cut = table.num_rows() / 3;
    let turned = [table.slice(cut, table.num_rows() - cut), table.slice(0, cut)];
    arrow(&path(&folder, "two.members.arrow"), &turned, None);
    let run = decide(&path(&folder, "two.arrow"), &[]);
    let (all, expected) = (String::from_utf8(run.stdout).unwrap(), String::from_utf8(expected).unwrap());
    // Members of a household stand in the table's order, which is another for one household at the cut.
    let alike = all.lines().zip(expected.lines()).filter(|(one, other)| one == other).count();
    assert!(all.lines().count() == expected.lines().count() && alike + 1 >= expected.lines().count(), "{alike}");
}

#[test]
fn decisions_in_arrow_files_are_those_in_parquet() {
    let folder = folder("arrow-out");
    let mut homes = households(2_300);
    homes.retain(|home| home.get("members").is_some_and(Json::is_array));
    homes[9]["desil"] = 11.into();
    let facts = path(&folder, "homes.parquet");
    parquet(&facts, &batch(&bansos_schema(), &homes));
    for more in [&["--carry", "region"][..], &["--long", "--carry", "desil", "--digest"]] {
        let (one, other, again) = (path(&folder, "d.parquet"), path(&folder, "d.arrow"), path(&folder, "e.arrow"));
        decide(&facts, &[&["--format", "parquet", "--out", &one], more].concat());
        let run = decide(&facts, &[&["--format", "arrow", "--out", &other], more].concat());
        assert_eq!(run.status.code(), Some(1), "{}", String::from_utf8_lossy(&run.stderr));
        decide(&facts, &[&["--format", "arrow", "--out", &again, "--threads", "1"], more].concat());
        assert!(std::fs::read(&other).unwrap() == std::fs::read(&again).unwrap(), "the same bytes");
        let columns = read(&other);
        let about = columns[0].schema().metadata().clone();
        assert_eq!(about["layak.schema"], "1");
        assert_eq!(about["layak.form"], if more.contains(&"--long") { "long" } else { "wide" });
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&one).unwrap()).unwrap().build().unwrap();
        let expected: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
        assert!(rows(&columns) == rows(&expected), "{more:?}");
        if more.contains(&"--digest") {
            let run = decide(&facts, &[&["--format", "arrow", "--out", &again, "--previous", &other], more].concat());
            assert!(std::fs::read(&other).unwrap() == std::fs::read(&again).unwrap(), "taken over");
            // But those with a fault.
            let text = String::from_utf8(run.stderr).unwrap();
            let told = text.lines().find(|line| line.contains(" taken over, ")).unwrap();
            assert!(told.contains("(without a sound digest ") && !told.contains("changed"), "{told}");
        }
    }
}

#[test]
fn broken_files_are_errors() {
    let folder = folder("arrow-broken");
    let mut homes = households(40);
    homes.retain(|home| home.get("members").is_some_and(Json::is_array));
    let file = path(&folder, "homes.arrow");
    arrow(&file, &[batch(&bansos_schema(), &homes)], None);
    let whole = std::fs::read(&file).unwrap();
    let c = &mut Chance(0xa77);
    let mut refused = 0;
    for round in 0..40 {
        let mut bytes = whole.clone();
        if round % 2 == 0 {
            bytes.truncate(c.below(bytes.len() as u64) as usize);
        } else {
            for _ in 0..=c.below(4) {
                let at = c.below(bytes.len() as u64) as usize;
                bytes[at] = c.below(256) as u8;
            }
        }
        std::fs::write(&file, bytes).unwrap();
        let run = decide(&file, &[]);
        let code = run.status.code();
        assert!(matches!(code, Some(0..=2)), "{round}: {code:?} {}", String::from_utf8_lossy(&run.stderr));
        refused += usize::from(code == Some(2));
    }
    assert!(refused >= 20, "{refused}");
    let packed = path(&folder, "homes.arrow.gz");
    std::fs::write(&packed, "x").unwrap();
    let run = decide(&packed, &[]);
    assert!(run.status.code() == Some(2) && String::from_utf8_lossy(&run.stderr).contains("unpack it first"));
}
