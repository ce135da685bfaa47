//! Stages, one household, and the hand-written version in the same run.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use layak::{Lang, Reader, Ruleset};
use layak_benches::{decide, generated, sample, structs, table};

fn benches(c: &mut Criterion) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/bansos");
    let date = "2026-02-15".parse().unwrap();
    c.bench_function("compile bansos, files to plan", |b| b.iter(|| Ruleset::from_dir(folder).unwrap().as_of(date)));
    let mut group = c.benchmark_group("compile generated definitions");
    group.sample_size(10);
    for size in [1_000, 10_000, 100_000] {
        let text = generated(size);
        group.throughput(Throughput::Elements(size as u64));
        group.bench_with_input(BenchmarkId::from_parameter(size), &text, |b, text| {
            b.iter(|| Ruleset::from_text(text).unwrap());
        });
    }
    group.finish();
    // Rules that are nearly right, one finding a line: the time a byte stays the same.
    let mut group = c.benchmark_group("findings of near misses");
    group.sample_size(10);
    for size in [1_000, 10_000, 100_000, 1_000_000] {
        let line = "define x = (((((1\n";
        let text = format!("module m\nentity H {{ a integer }}\n{}", line.repeat(size / line.len()));
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_with_input(BenchmarkId::from_parameter(size), &text, |b, text| {
            b.iter(|| Ruleset::from_text(text).unwrap_err());
        });
    }
    group.finish();
    // Gaps, overlaps and rows out of reach of 1,000 rows over six columns; and all that `check` looks for in a real package.
    let mut group = c.benchmark_group("analyse");
    group.sample_size(10);
    let rules = Ruleset::from_text(&table(1_000)).unwrap();
    group.bench_function("a table of 6 columns and 1000 rows", |b| b.iter(|| rules.analyse()));
    let bansos = Ruleset::from_dir(folder).unwrap();
    group.bench_function("bansos", |b| b.iter(|| bansos.analyse()));
    group.finish();
    let plan = Ruleset::from_dir(folder).unwrap().as_of(date);
    let (json, household) = sample();
    let facts = plan.facts_from_json(json.as_bytes()).unwrap();
    let decision = plan.decide(&facts);
    let pkh = decision.programme("pkh").unwrap().entitlement().unwrap();
    let hand = decide(&household);
    assert_eq!(pkh.output("amount_per_year"), Some(&layak::Answer::Number(hand.amount.into())), "the same decision");
    let mut group = c.benchmark_group("one household");
    group.bench_function("hand-written, whole cents and ages given", |b| b.iter(|| decide(black_box(&household))));
    let (exact, parameters) = (structs::sample(), structs::Rules::sample());
    let by_hand = structs::decide(&exact, &parameters);
    assert_eq!(by_hand.pkh.map(|(year, ..)| year.to_string()), Ok(hand.amount.to_string()), "the same decision");
    group.bench_function("hand-written, exact decimals and dates", |b| {
        b.iter(|| structs::decide(black_box(&exact), black_box(&parameters)));
    });
    group.bench_function("decided with reasons, facts bound", |b| b.iter(|| plan.decide(black_box(&facts))));
    // The recording is kept with the decision; and what a letter costs that is told of it.
    assert_eq!(plan.explain(&facts).decision(), &decision, "the same decision");
    group.bench_function("explained, facts bound", |b| b.iter(|| plan.explain(black_box(&facts))));
    group.bench_function("explained and told as a letter", |b| {
        b.iter(|| plan.explain(black_box(&facts)).text(Reader::Family, Lang::Id));
    });
    group.bench_function("read from JSON", |b| b.iter(|| plan.facts_from_json(black_box(json.as_bytes())).unwrap()));
    group.bench_function("JSON to JSON", |b| {
        b.iter(|| {
            let facts = plan.facts_from_json(black_box(json.as_bytes())).unwrap();
            serde_json::to_vec(&plan.decide(&facts).to_json(Some(1), layak::Lang::En)).unwrap()
        });
    });
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
