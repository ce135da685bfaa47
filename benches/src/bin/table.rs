//! The table of `docs/performance.md`, made anew: `cargo run --release -p layak-benches --bin table`. Each figure is the shortest of several runs, and
//! ratios are of one run. That the hand-written versions decide alike is held first.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::ops::Range;
use std::time::{Duration, Instant};

use layak::{Batch, Column, Households, Plan, Ruleset, Values};
use layak_benches::columns::{Arrays, minimum_wages};
use layak_benches::{decide, generated, sample, structs};

const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/bansos");
const PROGRAMMES: [&str; 3] = ["pbi_jk", "pkh", "sembako"];

/// The shortest of several runs.
fn shortest<T>(mut work: impl FnMut() -> T) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..7 {
        let begun = Instant::now();
        black_box(work());
        best = best.min(begun.elapsed());
    }
    best
}

/// Nanoseconds of one of so many, in tenths.
fn each(time: Duration, of: usize) -> u128 {
    time.as_nanos() * 10 / of as u128
}

fn row(name: &str, tenths: u128, base: Option<u128>) {
    let ratio = base.map_or(String::new(), |base| {
        let hundredths = tenths * 100 / base.max(1);
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    });
    println!("| {name} | {}.{} | {ratio} |", tenths / 10, tenths % 10);
}

/// What all households come to, and with `decisions` the whole decision on those that columns leave open.
fn run(homes: &Households<'_>, names: &[&str], decisions: bool) -> u32 {
    run_of(homes, 0..homes.len(), names, decisions)
}

/// The same of a part of them.
fn run_of(homes: &Households<'_>, part: Range<usize>, names: &[&str], decisions: bool) -> u32 {
    let mut batch = Batch::new(homes);
    let mut sum = 0;
    for start in part.clone().step_by(Batch::STRETCH) {
        let decided = batch.decide(start..part.end.min(start + Batch::STRETCH));
        for name in names {
            sum += decided.eligible(name).unwrap().iter().map(|w| w.count_ones()).sum::<u32>();
        }
        for home in decided.row_by_row() {
            let is_told = names.iter().all(|name| decided.outcomes(name, home).all(|outcome| outcome.is_some()));
            if decisions || !is_told {
                black_box(decided.decision(home).unwrap());
            }
        }
    }
    sum
}

/// One household.
fn single(plan: &Plan) {
    let (json, household) = sample();
    let facts = plan.facts_from_json(json.as_bytes()).unwrap();
    let amount = decide(&household).amount;
    let pkh = plan.decide(&facts).programme("pkh").unwrap().entitlement().unwrap().clone();
    assert_eq!(pkh.output("amount_per_year"), Some(&layak::Answer::Number(amount.into())), "the same decision");
    let (exact, parameters) = (structs::sample(), structs::Rules::sample());
    assert_eq!(structs::decide(&exact, &parameters).pkh.map(|(year, ..)| year.to_string()), Ok(amount.to_string()));
    println!("| one household | ns | ratio |\n| --- | ---: | ---: |");
    const TIMES: usize = 20_000;
    let of = |work: &mut dyn FnMut()| each(shortest(|| (0..TIMES).for_each(|_| work())), TIMES);
    let hand = of(&mut || {
        let _ = black_box(structs::decide(black_box(&exact), black_box(&parameters)));
    });
    row("by hand: structs, exact decimals, dates", hand, Some(hand));
    let plain = of(&mut || drop(black_box(plan.decide(black_box(&facts)))));
    row("decided with reasons, facts bound", plain, Some(hand));
    row(
        "the same, explained (of the plain decision)",
        of(&mut || drop(black_box(plan.explain(black_box(&facts))))),
        Some(plain),
    );
    let partial = json.replace("\"desil\":2,", "");
    let partial = plan.facts_from_json(partial.as_bytes()).unwrap();
    row(
        "decided, one fact not known, with what is missing",
        of(&mut || drop(black_box(plan.decide(black_box(&partial))))),
        Some(hand),
    );
    let from_json = of(&mut || {
        let facts = plan.facts_from_json(black_box(json.as_bytes())).unwrap();
        drop(black_box(plan.decide(&facts)));
    });
    row("from JSON text to a decision", from_json, Some(hand));
}

fn together(plan: &Plan) {
    const HOUSEHOLDS: usize = 36_000;
    let arrays = Arrays::made_up(HOUSEHOLDS, 0);
    let homes = arrays.households(plan).unwrap();
    let table = std::fs::read_to_string(format!("{RULES}/data/umk.csv")).unwrap();
    let umk = minimum_wages(&table).unwrap();
    let mut by_hand = Vec::new();
    arrays.decide(&umk, &mut by_hand);
    let gets = by_hand.iter().filter(|one| one.pkh == 0).count();
    assert_eq!(run(&homes, &["pkh"], true) as usize, gets, "the same decisions");
    println!("\n| 36,000 households, 3.4 members in the mean | ns each | ratio |\n| --- | ---: | ---: |");
    let hand = each(shortest(|| arrays.decide(black_box(&umk), &mut by_hand)), HOUSEHOLDS);
    row("by hand: a struct of arrays (the limit)", hand, Some(hand));
    let all = each(shortest(|| run(&homes, &PROGRAMMES, true)), HOUSEHOLDS);
    row("by columns, one thread", all, Some(hand));
    let two = shortest(|| {
        std::thread::scope(|scope| {
            for half in [0..HOUSEHOLDS / 2, HOUSEHOLDS / 2..HOUSEHOLDS] {
                let homes = &homes;
                scope.spawn(move || black_box(run_of(homes, half, &PROGRAMMES, true)));
            }
        });
    });
    row("the same, two threads (of one)", each(two, HOUSEHOLDS), Some(all));
    for percent in [5, 50] {
        let some = Arrays::made_up(HOUSEHOLDS, percent);
        let homes = some.households(plan).unwrap();
        for (decisions, what) in [(false, "outcomes"), (true, "with what is missing")] {
            let time = each(shortest(|| run(&homes, &PROGRAMMES, decisions)), HOUSEHOLDS);
            row(&format!("{percent} in 100 lack a fact, {what} (of none)"), time, Some(all));
        }
    }
}

fn growth(plan: &Plan) {
    println!("\n| how cost grows | ns each | ratio |\n| --- | ---: | ---: |");
    let mut base = None;
    for (count, parts) in [(1_000, 1), (36_000, 1), (357_000, 1), (357_000, 10)] {
        // What does not fit into memory at once comes part by part.
        let mut time = Duration::ZERO;
        for part in 0..parts {
            let arrays = Arrays::seeded(count, 0, None, 0x5eed + part);
            let homes = arrays.households(plan).unwrap();
            time += shortest(|| run(&homes, &PROGRAMMES, true));
        }
        let all = count * usize::try_from(parts).unwrap();
        let tenths = each(time, all);
        row(&format!("{all} households"), tenths, Some(*base.get_or_insert(tenths)));
    }
    let mut base = None;
    for members in [3, 30] {
        let arrays = Arrays::seeded(10_000, 0, Some(members), 0x5eed);
        let homes = arrays.households(plan).unwrap();
        let tenths = each(shortest(|| run(&homes, &PROGRAMMES, true)), 10_000);
        row(&format!("{members} members"), tenths, Some(*base.get_or_insert(tenths)));
    }
    let mut base = None;
    for programmes in [1, 10, 100] {
        let mut text = String::from("module many\nentity Home { n integer 0..  m integer 0..  has_car boolean }\n");
        for p in 0..programmes {
            let _ = writeln!(
                text,
                "criterion small{p} when n * 3 + m < {}\ncriterion few{p} when m < {}\n\
                 programme p{p} requires small{p}, few{p} refuses car{p} gives amount = n * {} + m\n\
                 criterion car{p} when has_car and n > {p}",
                3_000 + p * 7,
                900 - p,
                p + 2
            );
        }
        let plan = Ruleset::from_text(&text).unwrap().as_of("2026-02-15".parse().unwrap());
        let n: Vec<i32> = (0..10_000).map(|n| n * 7 % 1_000).collect();
        let m: Vec<i32> = (0..10_000).map(|n| n * 11 % 1_000).collect();
        let cars: Vec<u8> = (0u32..1_250).map(|n| u8::try_from(n * 37 % 256).unwrap()).collect();
        let mut homes = Households::new(&plan, n.len());
        homes.column("n", Column::new(Values::Ints { values: &n, scale: 0 })).unwrap();
        homes.column("m", Column::new(Values::Ints { values: &m, scale: 0 })).unwrap();
        homes.column("has_car", Column::new(Values::Booleans(layak::Bitmap::new(&cars, 0, n.len()).unwrap()))).unwrap();
        let names: Vec<String> = (0..programmes).map(|p| format!("p{p}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let tenths = each(shortest(|| run(&homes, &names, true)), n.len());
        row(&format!("{programmes} programmes"), tenths, Some(*base.get_or_insert(tenths)));
    }
}

/// From the text of rules to a plan: the real rules from their files, and definitions made up.
fn compile() {
    println!("\n| rules to a plan | µs | ns a definition |\n| --- | ---: | ---: |");
    let date = "2026-02-15".parse().unwrap();
    let took = shortest(|| Ruleset::from_dir(RULES).unwrap().as_of(date));
    println!("| `rules/bansos`, from its files | {} | |", took.as_micros());
    for size in [100, 1_000, 10_000, 100_000] {
        let last = size - 1;
        // All are part of the plan: a programme rests on the last.
        let text = format!("{}criterion high when d{last} > 3\nprogramme p requires high\n", generated(size));
        let took = shortest(|| Ruleset::from_text(black_box(&text)).unwrap().as_of(date));
        println!("| {size} definitions | {} | {} |", took.as_micros(), took.as_nanos() / size as u128);
    }
}

fn main() {
    let plan = Ruleset::from_dir(RULES).unwrap().as_of("2026-02-15".parse().unwrap());
    single(&plan);
    together(&plan);
    growth(&plan);
    compile();
}
