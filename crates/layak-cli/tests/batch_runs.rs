//! Runs over files of many households: rejected rows, columns that go through, parts that outlast an interruption.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods
)]

mod files;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use arrow_array::cast::AsArray;
use files::support::{self, bansos_schema, batch};
use files::{DAY, decide, folder, households, lines, parquet, path, root};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value as Json, json};

#[test]
fn rejected_rows_are_kept_and_end_the_run_on_request_alone() {
    let folder = folder("rejects");
    let mut homes = households(30);
    homes[3]["desil"] = json!(11);
    homes[9]["desil"] = json!("two");
    homes[20]["id"] = homes[4]["id"].clone();
    let jsonl = path(&folder, "homes.jsonl");
    std::fs::write(&jsonl, format!("{}not json\n", lines(&homes))).unwrap();
    let rejects = path(&folder, "rejects.jsonl");
    let run = decide(&jsonl, &["--rejects", &rejects]);
    assert_eq!(run.status.code(), Some(1));
    assert_eq!(run.stdout.iter().filter(|b| **b == b'\n').count(), 31, "each in its place");
    let text = std::fs::read_to_string(&rejects).unwrap();
    let rejected: Vec<Json> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let told: Vec<_> =
        rejected.iter().map(|r| (r["line"].as_u64().unwrap(), r["code"].as_str().unwrap(), &r["decided"])).collect();
    let (yes, no) = (json!(true), json!(false));
    assert_eq!(told, [(4, "L0605", &no), (10, "L0604", &no), (21, "L0644", &yes), (31, "L0601", &no)], "{text}");
    // A key that stands twice is looked for with --rejects alone; the decisions are the same.
    let plain = decide(&jsonl, &[]);
    assert!(plain.stdout == run.stdout && !String::from_utf8(plain.stderr).unwrap().contains("twice"));
    let out = path(&folder, "out.jsonl");
    let stopped = decide(&jsonl, &["--max-errors", "2", "--out", &out, "--format", "csv"]);
    let text = String::from_utf8(stopped.stderr).unwrap();
    assert!(stopped.status.code() == Some(1) && text.contains("--max-errors"), "{text}");
    assert!(!Path::new(&out).exists(), "what ended half way leaves no file that looks whole");
    assert!(!String::from_utf8(decide(&jsonl, &["--max-errors", "3"]).stderr).unwrap().contains("stopped"));
}

#[test]
fn a_row_of_a_table_that_cannot_be_read_is_told_in_its_place() {
    let folder = folder("rows");
    let csv = path(&folder, "homes.csv");
    std::fs::write(&csv, b"id,region,desil\na,35.10,3\nb,35.10\n\xff,35.10,3\nc,35.10,4\n").unwrap();
    let run = decide(&csv, &[]);
    assert_eq!(run.status.code(), Some(1));
    let text = String::from_utf8(run.stdout).unwrap();
    let lines: Vec<Json> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let told: Vec<_> = lines.iter().map(|l| (l["line"].as_u64().unwrap(), l["error"]["code"].as_str())).collect();
    assert_eq!(told, [(2, None), (3, Some("L0646")), (4, Some("L0646")), (5, None)], "{text}");
    assert!(lines[1]["error"]["text"].as_str().unwrap().contains("2 cells and the header 3"), "{text}");
}

#[test]
fn columns_are_mapped_and_carried_through() {
    let folder = folder("carry");
    let homes = households(12);
    let renamed: Vec<Json> = homes
        .iter()
        .zip(0..)
        .map(|(home, n)| {
            let mut home = home.clone();
            let object = home.as_object_mut().unwrap();
            let region = object.remove("region").unwrap();
            object.insert("kode_wilayah".to_owned(), region);
            object.insert("desa".to_owned(), json!(format!("desa {n}")));
            home
        })
        .collect();
    let fields = bansos_schema();
    let mut of_file: Vec<_> = fields.fields().iter().cloned().collect();
    let at = of_file.iter().position(|f| f.name() == "region").unwrap();
    of_file[at] = std::sync::Arc::new(arrow_schema::Field::clone(&of_file[at]).with_name("kode_wilayah"));
    of_file.push(std::sync::Arc::new(arrow_schema::Field::new("desa", arrow_schema::DataType::Utf8, true)));
    let columns = path(&folder, "homes.parquet");
    parquet(&columns, &batch(&std::sync::Arc::new(arrow_schema::Schema::new(of_file)), &renamed));
    let map = path(&folder, "map.json");
    std::fs::write(&map, r#"{"region": "kode_wilayah"}"#).unwrap();
    let jsonl = path(&folder, "homes.jsonl");
    std::fs::write(&jsonl, lines(&homes)).unwrap();
    let plain = String::from_utf8(decide(&jsonl, &[]).stdout).unwrap();
    let run = decide(&columns, &["--map", &map, "--carry", "desa", "--carry", "desil"]);
    let carried = String::from_utf8(run.stdout).unwrap();
    assert_eq!(carried.lines().count(), 12, "{}", String::from_utf8_lossy(&run.stderr));
    for ((plain, carried), (home, n)) in plain.lines().zip(carried.lines()).zip(homes.iter().zip(0..)) {
        let mut carried: Json = serde_json::from_str(carried).unwrap();
        let more = carried.as_object_mut().unwrap().remove("carried").unwrap();
        assert_eq!(more, json!({"desa": format!("desa {n}"), "desil": support::text(&home["desil"])}));
        assert_eq!(carried, serde_json::from_str::<Json>(plain).unwrap());
    }
    // A line of JSON says the same, and so does CSV.
    let odd = path(&folder, "odd.jsonl");
    let with_village = |(home, n): (&Json, usize)| {
        let mut home = home.clone();
        home["desa"] = json!(format!("desa {n}"));
        home
    };
    std::fs::write(&odd, lines(&homes.iter().zip(0..).map(with_village).collect::<Vec<_>>())).unwrap();
    let by_lines = decide(&odd, &["--carry", "desa", "--carry", "desil"]);
    assert!(by_lines.stdout == carried.as_bytes());
    let csv = decide(&odd, &["--carry", "desa", "--format", "csv"]).stdout;
    let mut reader = csv::Reader::from_reader(&csv[..]);
    assert_eq!(reader.headers().unwrap().iter().next_back(), Some("desa"));
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert!(rows.iter().all(|r| r[11] == format!("desa {}", r[0].parse::<usize>().unwrap() - 1)));
    // Long form: the rows of CSV, in columns.
    let long = path(&folder, "long.parquet");
    let run = decide(&columns, &["--map", &map, "--carry", "desa", "--format", "parquet", "--long", "--out", &long]);
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
    let mut at = 0;
    for batch in ParquetRecordBatchReaderBuilder::try_new(File::open(&long).unwrap()).unwrap().build().unwrap() {
        let batch = batch.unwrap();
        let text = |name: &str, row| layak_batch::cell(batch.column_by_name(name).unwrap(), row).unwrap_or_default();
        for row in 0..batch.num_rows() {
            let of_csv = &rows[at];
            at += 1;
            let names = ["line", "id", "programme", "member", "outcome"];
            let own: Vec<String> = names.iter().map(|name| text(name, row)).collect();
            assert_eq!(own, of_csv.iter().take(5).collect::<Vec<_>>());
            let reasons = batch.column_by_name("reasons").unwrap().as_list::<i32>().value(row);
            let reasons: Vec<_> = reasons.as_string::<i32>().iter().map(|r| r.unwrap().to_owned()).collect();
            assert_eq!((reasons.join(" "), text("desa", row)), (of_csv[7].to_owned(), of_csv[11].to_owned()));
        }
    }
    assert_eq!(at, rows.len());
    // What cannot be: two columns of one name, a column that is not there, a map that is none.
    for wrong in [["--carry", "nothing"], ["--map", &jsonl]] {
        assert_eq!(decide(&columns, &wrong).status.code(), Some(2), "{wrong:?}");
    }
    let same = ["--map", &map, "--carry", "id", "--ignore", "desa", "--format", "parquet", "--out", &long];
    assert_eq!(decide(&columns, &same).status.code(), Some(2));
}

/// Every file of a folder with its bytes.
fn all_of(folder: &str) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    entries.map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(p).unwrap())).collect()
}

#[test]
fn what_is_killed_is_finished_to_the_same_bytes() {
    let folder = folder("parts");
    let mut homes = households(12_500);
    homes[40]["desil"] = json!(11);
    homes[8_500]["desil"] = json!(12);
    // The one of which facts are missing takes long.
    homes.retain(|home| home["desil"].is_number() && home.get("members").is_some_and(Json::is_array));
    let (jsonl, columns) = (path(&folder, "homes.jsonl"), path(&folder, "homes.parquet"));
    std::fs::write(&jsonl, lines(&homes[..2_500])).unwrap();
    parquet(&columns, &batch(&bansos_schema(), &homes));
    let mut killed = 0;
    let runs =
        [(&jsonl, "jsonl", "700"), (&columns, "parquet", "1"), (&columns, "arrow", "1"), (&jsonl, "csv", "1000")];
    for (facts, format, size) in runs {
        let whole = path(&folder, &format!("whole-{format}/"));
        let size = ["--format", format, "--part-rows", size];
        let begun = Instant::now();
        let run = decide(facts, &[&size[..], &["--out", &whole, "--threads", "1"]].concat());
        assert_eq!(run.status.code(), Some(1), "{}", String::from_utf8_lossy(&run.stderr));
        let took = begun.elapsed();
        let expected = all_of(&whole);
        assert!(expected.len() >= 4 && expected.contains_key("part-00000.rejects.jsonl"), "{:?}", expected.keys());
        let out = path(&folder, &format!("killed-{format}/"));
        let call: Vec<&str> =
            [&["decide", "rules/bansos", facts][..], &DAY, &size, &["--out", &out, "--resume", "--threads", "2"]]
                .concat();
        // A little later each time, so that it comes to an end.
        for wait in 0u32.. {
            let mut child = Command::new(env!("CARGO_BIN_EXE_layak"))
                .current_dir(root())
                .args(&call)
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            std::thread::sleep(took * (2 + wait) / 6 + Duration::from_millis((wait * 7_919 % 90).into()));
            if child.try_wait().unwrap().is_some() {
                let ended = child.wait_with_output().unwrap();
                assert_eq!(ended.status.code(), Some(1), "{}", String::from_utf8_lossy(&ended.stderr));
                assert_eq!(ended.stderr, run.stderr, "the summary is of all");
                break;
            }
            child.kill().unwrap();
            child.wait().unwrap();
            killed += 1;
        }
        assert!(all_of(&out) == expected, "{format}: other files or bytes");
    }
    assert!(killed >= 3, "{killed}");
}

#[test]
fn a_folder_is_gone_on_with_on_request_and_by_the_same_call_alone() {
    let folder = folder("resume");
    let jsonl = path(&folder, "homes.jsonl");
    std::fs::write(&jsonl, lines(&households(12))).unwrap();
    let out = path(&folder, "out/");
    let run = |more: &[&str]| {
        let run = decide(&jsonl, &[&["--out", &out, "--format", "jsonl"][..], more].concat());
        (run.status.code(), String::from_utf8(run.stderr).unwrap())
    };
    let (code, first) = run(&[]);
    assert_eq!(code, Some(0), "{first}");
    let plain = decide(&jsonl, &[]).stdout;
    assert!(std::fs::read(path(&folder, "out/part-00000.jsonl")).unwrap() == plain);
    let before = all_of(&out);
    let (code, text) = run(&[]);
    assert!(code == Some(2) && text.contains("--resume"), "{text}");
    let (code, again) = run(&["--resume"]);
    assert!(code == Some(0) && again == first, "there is nothing more to do: {again}");
    let (code, text) = run(&["--resume", "--programme", "pkh"]);
    assert!(code == Some(2) && text.contains("programmes differs"), "{text}");
    assert!(all_of(&out) == before);
    for wrong in [&["--format", "table"][..], &["--rejects", "r.jsonl"]] {
        assert_eq!(run(wrong).0, Some(2), "{wrong:?}");
    }
    std::fs::write(path(&folder, "out/part-00000.jsonl"), "cut").unwrap();
    let (code, text) = run(&["--resume"]);
    assert!(code == Some(2) && text.contains("part-00000.jsonl has 3 bytes"), "{text}");
    assert_eq!(decide(&jsonl, &["--resume"]).status.code(), Some(2));
}

#[test]
fn a_row_of_a_member_that_cannot_be_read_is_its_households_and_ends_nothing() {
    let folder = folder("half-read");
    let csv = path(&folder, "homes.csv");
    for order in [["a", "b", "c", "d"], ["c", "a", "d", "b"]] {
        let row = |id: &&str| format!("{id},35.10,3\n");
        std::fs::write(&csv, format!("id,region,desil\n{}", order.iter().map(row).collect::<String>())).unwrap();
        let members = path(&folder, "homes.members.csv");
        let mut table = b"id,nik,sex\n".to_vec();
        table.extend(b"a,3510010101010001,female\nb,3510010101010002\nb,3510010101010003,male\n");
        table.extend(b"c,\xff,male\n\xff,3510010101010005,male\nd,3510010101010006,male\n");
        std::fs::write(&members, table).unwrap();
        let rejects = path(&folder, "rejects.jsonl");
        let run = decide(&csv, &["--rejects", &rejects]);
        assert_eq!(run.status.code(), Some(1), "{}", String::from_utf8_lossy(&run.stderr));
        let text = String::from_utf8(run.stdout).unwrap();
        let lines: Vec<Json> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        for (line, id) in lines.iter().zip(order) {
            let is_read = ["a", "d"].contains(&id);
            assert_eq!(line["id"], id);
            assert_eq!(line["error"]["code"].as_str(), (!is_read).then_some("L0482"), "{line}");
        }
        let told =
            |id: &str| lines.iter().find(|l| l["id"] == id).unwrap()["error"]["text"].as_str().unwrap().to_owned();
        assert!(told("b").starts_with("row 2 of ") && told("b").contains("2 cells and the header 3"), "{}", told("b"));
        assert!(told("c").starts_with("row 4 of ") && told("c").contains("not UTF-8"), "{}", told("c"));
        let text = std::fs::read_to_string(&rejects).unwrap();
        let rows: Vec<Json> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(rows.len(), 3, "{text}");
        let keyless = rows.iter().find(|row| row["row"] == 5).unwrap();
        assert_eq!(
            (&keyless["code"], &keyless["id"], &keyless["decided"]),
            (&json!("L0482"), &Json::Null, &json!(false))
        );
        assert!(keyless["text"].as_str().unwrap().contains("decided without it"), "{text}");
        let summary: Json = serde_json::from_slice(&run.stderr).unwrap();
        assert_eq!((&summary["summary"]["ownerless"], &summary["summary"]["alone"]), (&json!(1), &Json::Null));
    }
    // A row of a household that cannot be read: its members are not told as members of nobody.
    std::fs::write(&csv, "id,region,desil\na,35.10\nb,35.10,3\n").unwrap();
    std::fs::write(path(&folder, "homes.members.csv"), "id,nik\na,3510010101010001\nb,3510010101010002\n").unwrap();
    let run = decide(&csv, &[]);
    let text = String::from_utf8(run.stdout).unwrap();
    let first: Json = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!((&first["id"], &first["error"]["code"]), (&json!("a"), &json!("L0646")));
    assert!(!String::from_utf8(run.stderr).unwrap().contains("alone"));
}

#[test]
fn a_line_that_is_too_long_is_told_and_ends_nothing() {
    let folder = folder("long-line");
    let homes = households(2);
    let mut text = format!("{}\n{{\"id\":\"", homes[0]).into_bytes();
    // One byte more than 64 MiB, with the end of the line.
    let most = 64 << 20;
    let begin = text.iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    text.resize(begin + most - 2, b'x');
    text.extend_from_slice(b"\"}\n");
    text.extend_from_slice(homes[1].to_string().as_bytes());
    let jsonl = path(&folder, "homes.jsonl");
    std::fs::write(&jsonl, text).unwrap();
    let rejects = path(&folder, "rejects.jsonl");
    let run = decide(&jsonl, &["--rejects", &rejects]);
    assert_eq!(run.status.code(), Some(1));
    let told = String::from_utf8(run.stdout).unwrap();
    let lines: Vec<Json> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<&Json> = lines.iter().map(|line| &line["id"]).collect();
    assert_eq!(ids, [&homes[0]["id"], &Json::Null, &homes[1]["id"]]);
    let error = &lines[1]["error"];
    assert_eq!((&lines[1]["line"], &error["code"]), (&json!(2), &json!("L0646")), "{}", lines[1]);
    assert!(error["text"].as_str().unwrap().contains("more than 64 MiB"), "{error}");
    let reject: Json = serde_json::from_str(&std::fs::read_to_string(&rejects).unwrap()).unwrap();
    assert_eq!((&reject["line"], &reject["decided"]), (&json!(2), &json!(false)));
    std::fs::remove_file(&jsonl).unwrap();
}

#[test]
fn a_member_of_whom_nobody_knows_is_never_passed_over() {
    let folder = folder("ownerless");
    let csv = path(&folder, "homes.csv");
    std::fs::write(&csv, "id,region,desil\na,35.10,3\nb,35.10,3\n").unwrap();
    let members = path(&folder, "homes.members.csv");
    let rejects = path(&folder, "rejects.jsonl");
    let out = path(&folder, "decisions.csv");
    // The key is empty; no text; not there; of nobody.
    let rows: [(&[u8], &str, usize); 4] = [
        (b"3510010101010002,\n", "L0645", 1),
        (b"3510010101010002,\xff\n", "L0482", 1),
        (b"3510010101010002\n", "L0482", 1),
        (b"3510010101010002,c\n", "L0645", 0),
    ];
    for (row, code, ownerless) in rows {
        for place in [0, 1] {
            let mut table = b"nik,household\n".to_vec();
            let known = b"3510010101010001,b\n";
            let both: [&[u8]; 2] = if place == 0 { [row, known] } else { [known, row] };
            both.iter().for_each(|row| table.extend_from_slice(row));
            std::fs::write(&members, table).unwrap();
            let call = |more: &[&str]| {
                decide(&csv, &[&["--key", "household", "--rejects", &rejects, "--format", "csv"], more].concat())
            };
            let run = call(&["--out", &out]);
            let told = String::from_utf8(run.stderr).unwrap();
            assert_eq!(run.status.code(), Some(1), "{told}");
            assert_eq!(told.contains("ATTENTION: 1 element without a key that can be read"), ownerless == 1, "{told}");
            assert_eq!(told.contains("1 element of no household"), ownerless == 0, "{told}");
            assert!(std::fs::read_to_string(&out).unwrap().lines().count() > 2);
            std::fs::remove_file(&out).unwrap();
            let text = std::fs::read_to_string(&rejects).unwrap();
            let lines: Vec<Json> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
            assert_eq!(lines.len(), 1, "{text}");
            assert_eq!((&lines[0]["row"], &lines[0]["code"]), (&json!(place + 1), &json!(code)), "{text}");
            assert_eq!(lines[0]["text"].as_str().unwrap().contains("decided without it"), ownerless == 1, "{text}");
            let told = String::from_utf8(call(&["--lang", "id"]).stderr).unwrap();
            assert_eq!(told.contains("PERHATIAN: 1 anggota tanpa kunci yang terbaca"), ownerless == 1, "{told}");
            assert_eq!(call(&["--out", &out, "--max-errors", "0"]).status.code(), Some(1));
            assert!(!Path::new(&out).exists(), "who must not have such decisions has none");
        }
    }
}

#[test]
#[cfg(unix)]
fn a_disk_that_is_full_leaves_whole_parts_and_the_run_is_finished_later() {
    let folder = folder("full");
    let mut homes = households(5_000);
    for (home, n) in homes.iter_mut().zip(0..) {
        // What comes late needs more room.
        home["note"] = json!("x".repeat(if n < 2_500 { 10 } else { 600 }));
    }
    let jsonl = path(&folder, "homes.jsonl");
    std::fs::write(&jsonl, lines(&homes)).unwrap();
    for format in ["jsonl", "csv", "parquet", "arrow"] {
        let name = |what: &str| path(&folder, &format!("{what}-{format}/"));
        let call = |out: &str| -> Vec<String> {
            let all =
                ["decide", "rules/bansos", &jsonl, "--as-of", "2026-02-15", "--format", format, "--carry", "note"];
            all.into_iter().chain(["--part-rows", "1000", "--out", out]).map(str::to_owned).collect()
        };
        let run = |out: &str, more: &[&str]| {
            let call = call(out);
            files::layak(&call.iter().map(String::as_str).chain(more.iter().copied()).collect::<Vec<_>>())
        };
        assert_eq!(run(&name("whole"), &[]).status.code(), Some(0));
        let expected = all_of(&name("whole"));
        let sizes: Vec<usize> = (0..4).map(|n| expected[&format!("part-{n:05}.{format}")].len()).collect();
        let room = sizes[0].max(sizes[1]) / 512 + 8;
        let most = *sizes.iter().max().unwrap();
        if room * 512 >= most {
            // A note of one letter over and over packs into nothing.
            assert_eq!(format, "parquet", "{sizes:?}");
            continue;
        }
        // A file can grow to so much and no more: what a full disk is to one file.
        let limited = Command::new("sh")
            .current_dir(root())
            .env("LANG", "C")
            .args(["-c", &format!("trap '' XFSZ; ulimit -f {room}; exec \"$@\""), "sh", env!("CARGO_BIN_EXE_layak")])
            .args(call(&name("limited")))
            .output()
            .unwrap();
        let text = String::from_utf8(limited.stderr).unwrap();
        assert_eq!(limited.status.code(), Some(2), "{format}: {text}");
        assert!(text.contains("cannot be written") && text.contains("--resume"), "{format}: {text}");
        let left = all_of(&name("limited"));
        assert!(left.len() >= 2 && left.len() < expected.len(), "{format}: {:?}", left.keys());
        let is_whole = |(name, bytes): (&String, &Vec<u8>)| name == "manifest.json" || expected[name] == *bytes;
        assert!(left.iter().all(is_whole), "{format}: {:?}", left.keys());
        let resumed = run(&name("limited"), &["--resume"]);
        assert_eq!(resumed.status.code(), Some(0), "{format}");
        assert!(all_of(&name("limited")) == expected, "{format}");
    }
    let full = run_to_full(&jsonl);
    assert!(full.contains("No space left"), "{full}");
}

/// What a call says that writes to a device without room.
#[cfg(unix)]
fn run_to_full(facts: &str) -> String {
    if !Path::new("/dev/full").exists() {
        return "No space left".to_owned();
    }
    let run = decide(facts, &["--ignore", "note", "--format", "jsonl", "--carry", "note", "--out", "/dev/full"]);
    assert_eq!(run.status.code(), Some(2));
    String::from_utf8(run.stderr).unwrap()
}
