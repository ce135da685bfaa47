//! Many households as columns in memory, and the hand-written versions in the same run. That all decide alike is held first.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use layak::{Answer, Batch, Households, Ruleset};
use layak_benches::columns::{Arrays, REGIONS};
use layak_benches::decide;

const HOUSEHOLDS: usize = 36_000;
const PROGRAMMES: [&str; 3] = ["pbi_jk", "pkh", "sembako"];
const OUTPUTS: [(&str, &str); 6] = [
    ("pbi_jk", "premium_per_month"),
    ("pkh", "amount_per_year"),
    ("pkh", "amount_per_quarter"),
    ("pkh", "counted_members"),
    ("sembako", "amount_per_month"),
    ("sembako", "amount_per_quarter"),
];

/// What is asked of households that lack facts.
#[derive(Clone, Copy, PartialEq)]
enum Asked {
    /// What each programme comes to, and the ends of each output.
    Outcomes,
    /// The whole decision, with reasons and what is missing.
    Decision,
}

/// Everything by columns, on so many threads: how many are eligible, and how many were not decided by columns.
fn run(homes: &Households<'_>, threads: usize, asked: Asked) -> (u32, usize) {
    let share = homes.len().div_ceil(threads);
    let work = |thread: usize| {
        let mut batch = Batch::new(homes);
        let (mut eligible, mut others) = (0, 0);
        let end = ((thread + 1) * share).min(homes.len());
        let mut start = thread * share;
        while start < end {
            let next = (start + Batch::STRETCH).min(end);
            let decided = batch.decide(start..next);
            eligible += decided.eligible("pkh").unwrap().iter().map(|w| w.count_ones()).sum::<u32>();
            for home in decided.row_by_row() {
                if asked == Asked::Decision || !is_told(&decided, home) {
                    others += 1;
                    black_box(decided.decision(home).unwrap());
                }
            }
            start = next;
        }
        (eligible, others)
    };
    if threads == 1 {
        return work(0);
    }
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|thread| scope.spawn(move || work(thread))).collect();
        handles.into_iter().map(|h| h.join().unwrap()).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    })
}

/// Whether columns tell every outcome of a household; reads the ends of every output too.
fn is_told(decided: &layak::Decided<'_, '_>, home: usize) -> bool {
    let is_told = PROGRAMMES.iter().all(|name| decided.outcomes(name, home).all(|outcome| outcome.is_some()));
    for (programme, output) in OUTPUTS {
        decided.bounds(programme, output, home).for_each(|ends| {
            black_box(ends);
        });
    }
    is_told
}

fn benches(c: &mut Criterion) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/bansos");
    let plan = Ruleset::from_dir(folder).unwrap().as_of("2026-02-15".parse().unwrap());
    let arrays = Arrays::made_up(HOUSEHOLDS, 0);
    let homes = arrays.households(&plan).unwrap();
    // The minimum wage of each region, from the rules' own table.
    let table = std::fs::read_to_string(format!("{folder}/data/umk.csv")).unwrap();
    let umk = REGIONS.map(|region| {
        // Rows stand in the order of their days.
        let line = table.lines().rfind(|line| line.starts_with(region)).unwrap();
        line.split(',').nth(2).unwrap().parse::<i64>().unwrap()
    });
    let structs = arrays.structs(&umk.map(|rupiah| rupiah * 100));
    let mut by_hand = Vec::new();
    arrays.decide(&umk, &mut by_hand);
    let mut batch = Batch::new(&homes);
    for start in (0..HOUSEHOLDS).step_by(Batch::STRETCH) {
        let decided = batch.decide(start..start + Batch::STRETCH);
        for home in 0..decided.len() {
            let (hand, one) = (by_hand[start + home], decided.decision(home).unwrap());
            let of_struct = decide(&structs[start + home]);
            assert_eq!(hand, of_struct, "{start} {home}");
            let pkh = one.programme("pkh").unwrap().entitlement().unwrap();
            assert_eq!(pkh.reasons().len(), hand.pkh.count_ones() as usize, "{start} {home}: {one:?}");
            if hand.pkh == 0 {
                assert_eq!(pkh.output("amount_per_year"), Some(&Answer::Number(hand.amount.into())));
            }
            let members = one.programme("pbi_jk").unwrap().members().enumerate();
            let pbi = members
                .filter(|(_, (_, e))| e.outcome() == layak::Outcome::Eligible)
                .fold(0, |bits, (at, _)| bits | 1 << at);
            assert_eq!(pbi, hand.pbi, "{start} {home}");
        }
    }
    let mut group = c.benchmark_group("many households");
    group.throughput(Throughput::Elements(HOUSEHOLDS as u64));
    group.sample_size(20);
    group.bench_function("by hand, a struct of arrays", |b| b.iter(|| arrays.decide(black_box(&umk), &mut by_hand)));
    group.bench_function("by hand, structs, ages given", |b| {
        b.iter(|| structs.iter().map(|h| decide(black_box(h)).amount).sum::<i64>());
    });
    for threads in [1, 2] {
        group.bench_function(format!("by columns, {threads} threads"), |b| {
            b.iter(|| run(black_box(&homes), threads, Asked::Outcomes))
        });
    }
    for percent in [5, 50] {
        let some = Arrays::made_up(HOUSEHOLDS, percent);
        let homes = some.households(&plan).unwrap();
        for (asked, name) in [(Asked::Outcomes, ""), (Asked::Decision, ", these with all that is missing")] {
            let name = format!("by columns, 1 thread, {percent} in 100 with a fact not known{name}");
            group.bench_function(name, |b| b.iter(|| run(black_box(&homes), 1, asked)));
        }
    }
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
