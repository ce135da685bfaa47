//! How cost grows with the size of rules and facts, where other engines were found to grow too fast: each size beside the others, and
//! the ratios in one run.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use layak::{Answer, Facts, Plan, PlanOptions, Ruleset};

/// Rules, shown values and the facts of one household.
struct Workload {
    plan: Plan,
    facts: Facts,
}

impl Workload {
    fn new(text: &str, show: Option<&str>, json: &str) -> Workload {
        let rules = Ruleset::from_text(text).unwrap();
        let options = PlanOptions::new("2026-01-15".parse().unwrap());
        let plan = rules.plan(show.into_iter().fold(options, |options, name| options.show(name))).unwrap();
        let facts = plan.facts_from_json(json.as_bytes()).unwrap();
        Workload { plan, facts }
    }

    /// The shortest time of several runs.
    fn shortest(&self) -> Duration {
        let run = || {
            let begun = Instant::now();
            black_box(self.plan.decide(black_box(&self.facts)));
            begun.elapsed()
        };
        (0..20).map(|_| run()).min().unwrap_or_default()
    }
}

/// A `first` table of so many rows; the household's value is met by the first row, or by the last.
fn first_table(rows: usize, last: bool) -> Workload {
    let mut text = String::from("module m\nentity H { n integer 0.. }\ntable t: integer  first  else 0\n | n || t |\n");
    for row in 1..=rows {
        let _ = writeln!(text, " | < {} || {row} |", row * 10);
    }
    let n = if last { rows * 10 - 1 } else { 5 };
    let workload = Workload::new(&text, Some("t"), &format!("{{\"n\": {n}}}"));
    let answer = workload.plan.decide(&workload.facts);
    let wanted = if last { rows } else { 1 };
    assert_eq!(answer.values().next().unwrap().1, &Answer::Integer(i64::try_from(wanted).unwrap().into()));
    workload
}

/// A sum over a list of 10,000 numbers to each of which a fact is added that is known, or not.
fn unknown_in_a_list(known: bool) -> Workload {
    let text = "module m\nentity H { x integer 0..9  list list of Item 0..10_000 }\nentity Item { i integer 0.. }\n\
                define total = sum(list each i + x)\ndefine each_one = list each i + x";
    let items: Vec<String> = (1..10_000).map(|i| format!("{{\"i\":{i}}}")).collect();
    let x = if known { "3" } else { "null" };
    Workload::new(text, Some("each_one"), &format!("{{\"x\": {x}, \"list\": [{}]}}", items.join(",")))
}

/// So many rules, each a criterion and a programme of its own.
fn many_rules(count: usize) -> Workload {
    let mut text = String::from("module m\nentity H { n integer 0.. }\n");
    for rule in 0..count {
        let _ = writeln!(text, "criterion c{rule} when n * 3 + {rule} > 17_000\nprogramme p{rule} requires c{rule}");
    }
    Workload::new(&text, None, "{\"n\": 3000}")
}

fn group(c: &mut Criterion, name: &str, all: &[(String, u64, Workload)]) {
    let mut group = c.benchmark_group(name);
    group.sample_size(10);
    for (size, elements, workload) in all {
        group.throughput(Throughput::Elements(*elements));
        group.bench_function(BenchmarkId::from_parameter(size), |b| {
            b.iter(|| workload.plan.decide(black_box(&workload.facts)));
        });
    }
    group.finish();
    if let Some((base, _, first)) = all.first() {
        let base_time = first.shortest().as_nanos().max(1);
        for (size, _, workload) in all.iter().skip(1) {
            let tenths = workload.shortest().as_nanos() * 10 / base_time;
            println!("{name}: {size} costs {}.{} times {base}", tenths / 10, tenths % 10);
        }
    }
}

fn benches(c: &mut Criterion) {
    let sizes = [1_000usize, 10_000, 100_000];
    for last in [false, true] {
        let name = format!("a first table, the {} row matches", if last { "last" } else { "first" });
        let all: Vec<_> =
            sizes.iter().map(|rows| (format!("{rows} rows"), *rows as u64, first_table(*rows, last))).collect();
        group(c, &name, &all);
    }
    let list = [("x known", true), ("x unknown", false)];
    let all: Vec<_> =
        list.iter().map(|(name, known)| ((*name).to_owned(), 10_000, unknown_in_a_list(*known))).collect();
    group(c, "10,000 values that rest on one fact", &all);
    let all: Vec<_> = [100usize, 1_000, 10_000]
        .iter()
        .map(|count| (format!("{count} rules"), *count as u64, many_rules(*count)))
        .collect();
    group(c, "rules against one household", &all);
}

criterion_group!(all, benches);
criterion_main!(all);
