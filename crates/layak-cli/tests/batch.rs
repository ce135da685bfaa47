//! Files of many households, from the command line: every format gives the same decisions, to the byte.
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
use std::io::Write;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int8Type, Int64Type};
use files::support::{self, bansos_schema, batch};
use files::{decide, folder, households, lines, parquet, path};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value as Json, json};

#[test]
fn every_format_of_the_input_gives_the_same_bytes() {
    let folder = folder("formats");
    let homes = households(1_100);
    let jsonl = path(&folder, "homes.jsonl");
    std::fs::write(&jsonl, lines(&homes)).unwrap();
    let expected = decide(&jsonl, &["--threads", "1"]);
    assert_eq!(expected.status.code(), Some(0), "{}", String::from_utf8_lossy(&expected.stderr));
    assert_eq!(expected.stdout.iter().filter(|b| **b == b'\n').count(), homes.len());
    let columns = path(&folder, "homes.parquet");
    parquet(&columns, &batch(&bansos_schema(), &homes));
    let gzip = path(&folder, "homes.jsonl.gz");
    let mut packed = flate2::write::GzEncoder::new(File::create(&gzip).unwrap(), flate2::Compression::fast());
    packed.write_all(lines(&homes).as_bytes()).unwrap();
    packed.finish().unwrap();
    let zstd = path(&folder, "homes.jsonl.zst");
    std::fs::write(&zstd, zstd::encode_all(lines(&homes).as_bytes(), 1).unwrap()).unwrap();
    let list = path(&folder, "homes.json");
    std::fs::write(&list, Json::from(homes.clone()).to_string()).unwrap();
    for facts in [&jsonl, &columns, &gzip, &zstd, &list] {
        let threads: &[&str] = if facts == &columns { &["1", "2", "5"] } else { &["3"] };
        for threads in threads {
            let decided = decide(facts, &["--threads", threads]);
            assert!(decided.stdout == expected.stdout, "{facts}, {threads} threads: other bytes");
            assert_eq!(decided.stderr, expected.stderr, "{facts}");
        }
    }
    for format in ["json", "csv", "table"] {
        let one = decide(&jsonl, &["--threads", "1", "--format", format]);
        let other = decide(&columns, &["--threads", "3", "--format", format]);
        assert!(one.stdout == other.stdout && !one.stdout.is_empty(), "{format}");
    }
    let few = &homes[..2];
    std::fs::write(&jsonl, lines(few)).unwrap();
    parquet(&columns, &batch(&bansos_schema(), few));
    let record = |facts: &str| decide(facts, &["--record"]).stdout;
    assert!(record(&jsonl) == record(&columns), "records");
}

/// The households without their members, and the members with the key of their household.
fn two_tables(homes: &[Json]) -> (Vec<Json>, Vec<Json>) {
    let mut members = Vec::new();
    let mut own = homes.to_vec();
    for home in &mut own {
        for mut member in home.as_object_mut().unwrap().remove("members").unwrap().as_array().unwrap().clone() {
            member["household_id"] = home["id"].clone();
            members.push(member);
        }
    }
    (own, members)
}

fn csv_table(path: &str, names: &[&str], rows: &[Json]) {
    let mut writer = csv::Writer::from_path(path).unwrap();
    writer.write_record(names).unwrap();
    for row in rows {
        writer.write_record(names.iter().map(|name| support::text(&row[name]).unwrap_or_default())).unwrap();
    }
    writer.flush().unwrap();
}

#[test]
fn two_tables_are_joined_whatever_their_order() {
    let folder = folder("tables");
    // A household without a row has no members; none of which nothing is known.
    let mut homes = households(160);
    homes.retain(|home| home.get("members").is_some_and(Json::is_array));
    let jsonl = path(&folder, "homes.jsonl");
    std::fs::write(&jsonl, lines(&homes)).unwrap();
    let expected = decide(&jsonl, &[]).stdout;
    let (own, members) = two_tables(&homes);
    let fields = bansos_schema();
    let of_homes = std::sync::Arc::new(fields.project(&(0..fields.fields().len() - 1).collect::<Vec<_>>()).unwrap());
    let arrow_schema::DataType::List(item) = fields.field_with_name("members").unwrap().data_type().clone() else {
        panic!()
    };
    let arrow_schema::DataType::Struct(of_member) = item.data_type().clone() else { panic!() };
    let key = std::sync::Arc::new(arrow_schema::Field::new("household_id", arrow_schema::DataType::Utf8, true));
    let of_members = |first: bool| {
        let mut all: Vec<_> = of_member.iter().cloned().collect();
        all.insert(if first { 0 } else { 3 }, std::sync::Arc::clone(&key));
        std::sync::Arc::new(arrow_schema::Schema::new(all))
    };
    // Side by side, found by their names.
    let tables = path(&folder, "side.parquet");
    parquet(&tables, &batch(&of_homes, &own));
    parquet(&path(&folder, "side.members.parquet"), &batch(&of_members(true), &members));
    assert!(decide(&tables, &[]).stdout == expected, "ascending");
    // The members in any order, but for those of one household among themselves; the key in a column that is named.
    let mut mixed: Vec<Json> = members.clone();
    mixed.sort_by_key(|m| {
        std::cmp::Reverse(m["household_id"].as_str().unwrap()[6..].parse::<usize>().unwrap() * 7 % 160)
    });
    let any = path(&folder, "any.parquet");
    parquet(&any, &batch(&of_members(false), &mixed));
    let given = format!("members={any}");
    assert!(decide(&tables, &["--table", &given, "--key", "household_id"]).stdout == expected, "any order");
    // A folder of CSV tables, packed.
    let set = folder.join("set");
    std::fs::create_dir_all(&set).unwrap();
    let mut names: Vec<&str> = of_homes.fields().iter().map(|f| f.name().as_str()).collect();
    csv_table(set.join("households.csv").to_str().unwrap(), &names, &own);
    names = of_members(true).fields().iter().map(|f| f.name().clone().leak() as &str).collect();
    csv_table(set.join("members.csv").to_str().unwrap(), &names, &mixed);
    let csv = decide(set.to_str().unwrap(), &[]).stdout;
    // A line of a table is one behind its household, for the header is the first.
    let unlined = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.lines().map(|l| l.split_once(',').unwrap().1.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(unlined(&csv), unlined(&expected));
    // The folder's table of households by its name, of either format.
    let households = set.join("households.csv");
    assert!(decide(households.to_str().unwrap(), &[]).stdout == csv, "the table of the folder");
    let (columns, one) = (path(&set, "households.parquet"), path(&set, "members.parquet"));
    parquet(&columns, &batch(&of_homes, &own));
    parquet(&one, &batch(&of_members(true), &members));
    assert!(decide(&columns, &[]).stdout == expected, "the table of the folder, of columns");
    // Without their table nothing is known of the members of anybody, which is said.
    for (lang, word) in [("en", "ATTENTION: there is no column and no table `members`"), ("id", "PERHATIAN: tidak ada")]
    {
        for file in ["alone.parquet", "alone.csv"] {
            let from = set.join(format!("households{}", &file[5..]));
            std::fs::copy(from, set.join(file)).unwrap();
            let run = decide(set.join(file).to_str().unwrap(), &["--format", "csv", "--lang", lang]);
            let told = String::from_utf8(run.stderr).unwrap();
            assert!(told.contains(word) && told.contains("--table members="), "{file}: {told}");
            let run = decide(set.join(file).to_str().unwrap(), &["--format", "jsonl"]);
            assert!(String::from_utf8(run.stderr).unwrap().contains(r#""lacking":["members"]"#), "{file}");
        }
    }
    // A file that has the members itself needs no table of them.
    parquet(&columns, &batch(&fields, &homes));
    assert!(decide(&columns, &[]).stdout == expected, "members in a column");
    // A household twice, a member of no household: told, and the others decided.
    let (mut own, mut members) = (own, members);
    own.push(own[5].clone());
    members[0]["household_id"] = json!("3510-999999");
    parquet(&tables, &batch(&of_homes, &own));
    parquet(&path(&folder, "side.members.parquet"), &batch(&of_members(true), &members));
    let run = decide(&tables, &["--format", "jsonl"]);
    assert_eq!(run.status.code(), Some(1));
    let told = String::from_utf8(run.stdout).unwrap();
    assert_eq!(told.lines().count(), homes.len() + 1);
    let last: Json = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    assert_eq!((&last["error"]["code"], &last["id"]), (&json!("L0644"), &own[5]["id"]), "{last}");
    assert!(String::from_utf8(run.stderr).unwrap().contains("\"alone\":1"));
    // The same rows in a file of their own.
    let rejects = path(&folder, "rejects.jsonl");
    decide(&tables, &["--rejects", &rejects]);
    let rejected: Vec<Json> =
        std::fs::read_to_string(&rejects).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let codes: Vec<_> = rejected.iter().map(|r| (&r["code"], &r["id"], &r["line"], &r["row"])).collect();
    let none = Json::Null;
    assert_eq!(codes[0], (&json!("L0644"), &own[5]["id"], &json!(homes.len() + 1), &none));
    assert_eq!(codes[1], (&json!("L0645"), &json!("3510-999999"), &none, &json!(1)));
    assert_eq!(codes.len(), 2);
}

#[test]
fn decisions_in_parquet_say_what_those_in_json_say() {
    let folder = folder("out");
    let mut homes = households(40);
    homes[7]["desil"] = json!(11);
    let input = path(&folder, "homes.parquet");
    parquet(&input, &batch(&bansos_schema(), &homes));
    let out = path(&folder, "decisions.parquet");
    let run = decide(&input, &["--format", "parquet", "--out", &out, "--threads", "2"]);
    assert_eq!(run.status.code(), Some(1), "a household could not be read");
    let json = decide(&input, &[]);
    let decisions: Vec<Json> =
        String::from_utf8(json.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(&out).unwrap()).unwrap();
    let about = builder.metadata().file_metadata().key_value_metadata().unwrap().clone();
    let about = |key: &str| about.iter().find(|k| k.key == key).and_then(|k| k.value.clone()).unwrap();
    assert_eq!((about("layak.schema").as_str(), about("layak.as_of").as_str()), ("1", "2026-02-15"));
    assert_eq!(about("layak.ruleset"), decisions[0]["ruleset"].as_str().unwrap());
    let mut row = 0;
    for batch in builder.build().unwrap() {
        let batch = batch.unwrap();
        let pkh = batch.column_by_name("pkh").unwrap().as_struct();
        let outcome = pkh.column_by_name("outcome").unwrap().as_dictionary::<Int8Type>();
        let words = outcome.values().as_string::<i32>();
        let amount = pkh.column_by_name("outputs").unwrap().as_struct().column_by_name("amount_per_year").unwrap();
        let reasons = pkh.column_by_name("reasons").unwrap().as_list::<i32>();
        let members = batch.column_by_name("pbi_jk").unwrap().as_list::<i32>();
        for at in 0..batch.num_rows() {
            let told = &decisions[row];
            assert_eq!(batch.column(0).as_primitive::<Int64Type>().value(at), told["line"].as_i64().unwrap());
            assert_eq!(batch.column(1).as_string::<i32>().value(at), told["id"]);
            let errors = batch.column_by_name("errors").unwrap().as_list::<i32>().value(at);
            row += 1;
            if told.get("error").is_some() {
                assert!(pkh.is_null(at) && members.is_null(at) && errors.len() == 1);
                assert_eq!(errors.as_struct().column(0).as_string::<i32>().value(0), told["error"]["code"]);
                continue;
            }
            assert_eq!(errors.len(), 0);
            let one = &told["programmes"]["pkh"];
            assert_eq!(words.value(outcome.keys().value(at) as usize), one["outcome"]);
            let given = one["outputs"]["amount_per_year"].as_str().map(|t| t.parse::<i128>().unwrap() * 100);
            let amount = amount.as_primitive::<Decimal128Type>();
            assert_eq!(amount.is_valid(at).then(|| amount.value(at)), given);
            let own: Vec<Json> =
                reasons.value(at).as_string::<i32>().iter().map(|t| json!({"criterion": t.unwrap()})).collect();
            let others = one["reasons"].as_array().unwrap();
            assert_eq!(own, others.iter().map(|r| json!({"criterion": r["criterion"]})).collect::<Vec<_>>());
            let each = members.value(at);
            let keys = each.as_struct().column_by_name("member").unwrap().as_string::<i32>();
            let of_json = told["programmes"]["pbi_jk"]["members"].as_object().unwrap();
            assert_eq!(keys.len(), of_json.len());
            assert!(keys.iter().all(|key| of_json.contains_key(key.unwrap())));
        }
    }
    assert_eq!(row, homes.len());
    // The same whatever the threads, and none of it where the call fails.
    let again = path(&folder, "again.parquet");
    decide(&input, &["--format", "parquet", "--out", &again, "--threads", "1"]);
    assert!(std::fs::read(&again).unwrap() == std::fs::read(&out).unwrap());
}

#[test]
fn columns_without_facts_and_files_that_are_none_end_the_call() {
    let folder = folder("wrong");
    let fields = support::schema(vec![
        ("id", arrow_schema::DataType::Utf8),
        ("notes", arrow_schema::DataType::Utf8),
        ("desil", arrow_schema::DataType::Float64),
    ]);
    let input = path(&folder, "homes.parquet");
    parquet(&input, &batch(&fields, &[json!({"id": "1", "notes": "x", "desil": 3})]));
    let told = |more: &[&str]| {
        let run = decide(&input, more);
        (run.status.code(), String::from_utf8(run.stderr).unwrap())
    };
    let (code, text) = told(&[]);
    assert!(code == Some(2) && text.contains("L0640: column `notes`") && text.contains("--ignore"), "{text}");
    let (code, text) = told(&["--ignore", "notes"]);
    assert!(code == Some(2) && text.contains("L0643: column `desil`") && text.contains("--allow-floats"), "{text}");
    let (code, text) = told(&["--ignore", "notes", "--lang", "id"]);
    assert!(code == Some(2) && text.contains("kolom `desil`: Float64 adalah float biner"), "{text}");
    let (code, text) = told(&["--ignore", "notes", "--allow-floats"]);
    assert!(code == Some(0), "{text}");
    let broken = path(&folder, "broken.parquet");
    std::fs::write(&broken, "{\"id\":\"1\"}\n").unwrap();
    let run = decide(&broken, &[]);
    assert_eq!(run.status.code(), Some(2));
    assert!(String::from_utf8(run.stderr).unwrap().contains("broken.parquet: "));
    assert_eq!(decide(&broken, &["--threads", "0"]).status.code(), Some(2));
}
