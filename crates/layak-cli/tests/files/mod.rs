//! Files of households for the tests of the command line.
#![allow(dead_code, unreachable_pub)]

#[path = "../../../layak-batch/tests/support/mod.rs"]
pub mod support;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use arrow_array::RecordBatch;
use parquet::arrow::ArrowWriter;
use serde_json::{Value as Json, json};

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn layak(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_layak")).current_dir(root()).args(args).env("LANG", "C").output().unwrap()
}

pub fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("batch").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

pub fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

/// The households of the sample again and again, each with a key of its own and every fact of its schema.
pub fn households(count: usize) -> Vec<Json> {
    let text = std::fs::read_to_string(root().join("rules/bansos/cases/sample.jsonl")).unwrap();
    let sample: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let row = |n: usize| {
        let mut home = sample[n % sample.len()].clone();
        home["id"] = json!(format!("3510-{n:06}"));
        home
    };
    (0..count).map(row).collect()
}

pub fn lines(homes: &[Json]) -> String {
    homes.iter().map(|home| format!("{home}\n")).collect()
}

pub fn parquet(path: &str, batch: &RecordBatch) {
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

pub const DAY: [&str; 2] = ["--as-of", "2026-02-15"];

pub fn decide(facts: &str, more: &[&str]) -> Output {
    layak(&[&["decide", "rules/bansos", facts][..], &DAY, more].concat())
}
