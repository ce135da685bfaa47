//! Each format end to end: read, decided, written. That all are decided alike is held first. The table is that of the binary `formats`.
#![allow(missing_docs, clippy::unwrap_used)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use layak::Ruleset;
use layak_benches::files::{Files, INPUTS, Output, decide, hold};

const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/bansos");
const HOUSEHOLDS: usize = 10_000;

fn benches(c: &mut Criterion) {
    let plan = Ruleset::from_dir(RULES).unwrap().as_of("2026-02-15".parse().unwrap());
    let scratch = std::env::temp_dir().join(format!("layak-formats-bench-{}", std::process::id()));
    let files = Files::write(&scratch, &plan, HOUSEHOLDS, 0).unwrap();
    assert_eq!(hold(&plan, &files, &scratch).unwrap(), HOUSEHOLDS);
    let mut group = c.benchmark_group("formats");
    group.sample_size(10);
    group.throughput(Throughput::Elements(HOUSEHOLDS as u64));
    for (name, file) in INPUTS {
        for threads in [1, 2] {
            group.bench_function(BenchmarkId::new(name, threads), |b| {
                b.iter(|| decide(&plan, &files.path(file), &scratch.join("out"), Output::Parquet, threads).unwrap());
            });
        }
    }
    for output in [Output::Arrow, Output::JsonLines] {
        group.bench_function(BenchmarkId::new("Parquet, nested, to", format!("{output:?}")), |b| {
            b.iter(|| decide(&plan, &files.path("nested.parquet"), &scratch.join("out"), output, 1).unwrap());
        });
    }
    group.finish();
    std::fs::remove_dir_all(&scratch).unwrap();
}

criterion_group!(all, benches);
criterion_main!(all);
