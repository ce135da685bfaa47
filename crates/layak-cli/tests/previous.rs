//! `layak decide --previous`: what is taken over is what would be decided, to the byte, whatever has changed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods
)]

mod files;

use std::path::Path;
use std::process::Output;

use files::support::{Chance, bansos_schema, batch};
use files::{folder, households, layak, lines, parquet, path, root};
use layak::{HouseholdKind, Ruleset};
use serde_json::{Value as Json, json};

const RULES: &str = r#"module aid
currency IDR
source office
source self unverified
entity Home { id text key  desil integer 1..10 from office, self  rent money IDR 0..  rooms integer 0..  people list of Person 0..4 }
entity Person { nik text key  age integer 0..120 }
parameter limit: integer
  from 2025-01-01: 4
  from 2026-03-01: 5
criterion poor when desil <= limit
  otherwise "desil {desil}"
criterion dense when count(people) > rooms * 2
define share = rent / rooms
programme food requires poor gives amount = IDR 10 * count(people)
programme house requires dense gives per_room = share
criterion Person.old when age >= 60
programme card for Person requires old
"#;

/// How decisions are written, and what the file is called.
const FORMS: [(&str, &[&str]); 6] = [
    ("d.jsonl", &["--format", "jsonl"]),
    ("d.json", &["--format", "json"]),
    ("d.csv", &["--format", "csv"]),
    ("d.parquet", &["--format", "parquet"]),
    ("d.arrow", &["--format", "arrow"]),
    ("long.parquet", &["--format", "parquet", "--long"]),
];

fn decide(rules: &str, facts: &str, day: &str, more: &[&str]) -> Output {
    let run = layak(&[&["decide", rules, facts, "--as-of", day][..], more].concat());
    assert!(run.status.code() < Some(2), "{}", String::from_utf8_lossy(&run.stderr));
    run
}

/// What is said of taking over: taken, facts, rules, date, new, unproven.
fn renewed(run: &Output) -> [usize; 6] {
    let text = String::from_utf8(run.stderr.clone()).unwrap();
    if let Some(line) = text.lines().find(|line| line.starts_with("{\"summary\"")) {
        let json: Json = serde_json::from_str(line).unwrap();
        let of = |name: &str| json["summary"]["renewed"][name].as_u64().unwrap() as usize;
        return ["taken", "facts", "rules", "date", "new", "unproven"].map(of);
    }
    let line = text.lines().find(|line| line.contains(" taken over, ")).unwrap();
    let of = |what: &str| {
        let after = line.split(what).nth(1).unwrap_or("0");
        after.trim_start().split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
    };
    let taken = line.split(' ').next().unwrap().parse().unwrap();
    let rest = ["facts changed", "rules changed", "another date", "not among the previous", "without a sound digest"];
    let [facts, rules, date, new, unproven] = rest.map(of);
    [taken, facts, rules, date, new, unproven]
}

/// Without what is said of taking over.
fn counts(run: &Output) -> String {
    let text = String::from_utf8(run.stderr.clone()).unwrap();
    let text: String = text.lines().filter(|l| !l.contains(" taken over, ")).map(|l| format!("{l}\n")).collect();
    match text.split_once(",\"renewed\":{") {
        Some((head, tail)) => format!("{head}{}", tail.split_once('}').unwrap().1),
        None => text,
    }
}

fn made(rules: &str, count: u64, seed: u64) -> Vec<Json> {
    let path = root().join(rules);
    let rules = if path.is_dir() {
        Ruleset::from_dir(&path).unwrap_or_else(|e| panic!("{e}"))
    } else {
        Ruleset::from_text(&std::fs::read_to_string(&path).unwrap()).unwrap_or_else(|e| panic!("{e}"))
    };
    let maker = rules.household_maker("2026-02-15".parse().unwrap());
    let kinds = [HouseholdKind::Complete, HouseholdKind::Complete, HouseholdKind::Partial, HouseholdKind::Evidence];
    let home = |n: u64| {
        let kind = if n % 17 == 5 { HouseholdKind::Invalid } else { kinds[(n % 4) as usize] };
        let json = maker.clone().kind(kind).make(seed + n).to_json();
        serde_json::from_str(&json).unwrap()
    };
    (0..count).map(home).collect()
}

/// Some are others, some are gone, some are new, and some stand elsewhere.
fn changed(homes: &[Json], others: &[Json], key: &str, c: &mut Chance) -> Vec<Json> {
    let mut out = Vec::new();
    for (home, other) in homes.iter().zip(others) {
        match c.below(10) {
            0 => {}
            1 => {
                let mut other = other.clone();
                other[key] = home[key].clone();
                out.push(other);
            }
            2 => out.extend([home.clone(), other.clone()]),
            3 => out.insert(c.below(out.len() as u64 + 1) as usize, home.clone()),
            _ => out.push(home.clone()),
        }
    }
    out
}

#[test]
fn what_is_taken_over_is_what_would_be_decided() {
    let folder = folder("previous");
    let own = path(&folder, "aid.layak");
    std::fs::write(&own, RULES).unwrap();
    let packages = [(own.as_str(), "id"), ("rules/bansos", "id"), ("rules/family_card", "number")];
    let c = &mut Chance(0x1de);
    let mut sums = [0; 6];
    for (rules, key) in packages {
        let mut homes = made(rules, 90, 1);
        let mut others = made(rules, 90, 1_000);
        homes.iter_mut().zip(0..).for_each(|(home, n)| home[key] = json!(format!("H{n}")));
        others.iter_mut().zip(0..).for_each(|(home, n)| home[key] = json!(format!("N{n}")));
        let (old, new) = (path(&folder, "old.jsonl"), path(&folder, "new.jsonl"));
        std::fs::write(&old, lines(&homes)).unwrap();
        std::fs::write(&new, lines(&changed(&homes, &others, key, c))).unwrap();
        for (name, form) in FORMS {
            let (previous, renewing, all) =
                (path(&folder, name), path(&folder, &format!("r-{name}")), path(&folder, &format!("a-{name}")));
            decide(rules, &old, "2026-02-15", &[form, &["--digest", "--out", &previous]].concat());
            for (day, keeps) in [("2026-02-15", true), ("2026-02-16", true), ("2026-02-15", false)] {
                let more: Vec<&str> = keeps.then_some("--digest").into_iter().chain(form.iter().copied()).collect();
                let run =
                    decide(rules, &new, day, &[&more[..], &["--previous", &previous, "--out", &renewing]].concat());
                let whole = decide(rules, &new, day, &[&more[..], &["--out", &all, "--threads", "1"]].concat());
                assert!(std::fs::read(&renewing).unwrap() == std::fs::read(&all).unwrap(), "{rules} {name} {day}");
                assert_eq!(counts(&run), counts(&whole), "{rules} {name}");
                let told = renewed(&run);
                assert!(told[2] == 0 && told[1] > 0 && told[4] > 0, "{rules} {name} {day}: {told:?}");
                assert!(told[0] > 10 || day == "2026-02-16", "{rules} {name} {day}: {told:?}");
                sums.iter_mut().zip(told).for_each(|(sum, told)| *sum += told);
            }
        }
    }
    // On another day ages are others, and rules without a day in them are not.
    assert!(sums[0] > 1_500 && sums[3] > 200 && sums[5] > 20, "{sums:?}");
}

#[test]
fn rules_that_change_what_a_household_rests_on_decide_it_anew() {
    let folder = folder("previous-rules");
    let (old, new) = (path(&folder, "old.layak"), path(&folder, "new.layak"));
    std::fs::write(&old, RULES).unwrap();
    let facts = path(&folder, "facts.jsonl");
    let mut homes = made(&old, 60, 7);
    homes.iter_mut().zip(0..).for_each(|(home, n)| home["id"] = json!(format!("H{n}")));
    std::fs::write(&facts, lines(&homes)).unwrap();
    for (name, form) in FORMS {
        let (previous, renewing, all) =
            (path(&folder, name), path(&folder, &format!("r-{name}")), path(&folder, &format!("a-{name}")));
        let food = [form, &["--programme", "food", "--digest"]].concat();
        decide(&old, &facts, "2026-02-15", &[&food[..], &["--out", &previous]].concat());
        for (from, to, is_taken) in [
            ("rent / rooms", "rent / (rooms + 1)", true),
            ("age >= 60", "age >= 65", true),
            ("2026-03-01: 5", "2026-03-01: 6", false),
            ("IDR 10 *", "IDR 11 *", false),
            ("desil {desil}", "decile {desil}", false),
            ("rooms integer 0..", "rooms integer 0.. 9", false),
        ] {
            std::fs::write(&new, RULES.replace(from, to)).unwrap();
            let run = decide(
                &new,
                &facts,
                "2026-02-15",
                &[&food[..], &["--previous", &previous, "--out", &renewing]].concat(),
            );
            decide(&new, &facts, "2026-02-15", &[&food[..], &["--out", &all]].concat());
            assert!(std::fs::read(&renewing).unwrap() == std::fs::read(&all).unwrap(), "{name}: {from}");
            let [taken, _, rules, ..] = renewed(&run);
            assert!(
                if is_taken { taken > 40 && rules == 0 } else { taken == 0 && rules > 30 },
                "{name}: {from}: {taken} {rules}"
            );
        }
        // A limit that comes later: until then the day says nothing.
        for (day, is_taken) in [("2026-02-28", true), ("2026-03-01", false)] {
            let run = decide(&old, &facts, day, &[&food[..], &["--previous", &previous, "--out", &renewing]].concat());
            decide(&old, &facts, day, &[&food[..], &["--out", &all]].concat());
            assert!(std::fs::read(&renewing).unwrap() == std::fs::read(&all).unwrap(), "{name}: {day}");
            let [taken, _, _, date, ..] = renewed(&run);
            assert!(if is_taken { taken > 25 } else { taken == 0 && date > 40 }, "{name}: {day}: {taken} {date}");
        }
    }
}

#[test]
fn parts_and_two_tables_and_carried_columns_are_taken_over() {
    let folder = folder("previous-parts");
    let mut homes = households(3_000);
    homes.retain(|home| home.get("members").is_some_and(Json::is_array));
    let (columns, later) = (path(&folder, "homes.parquet"), path(&folder, "later.parquet"));
    parquet(&columns, &batch(&bansos_schema(), &homes));
    homes[7]["desil"] = json!(9);
    homes[2_500]["desil"] = json!(10);
    homes.remove(40);
    parquet(&later, &batch(&bansos_schema(), &homes));
    for (format, more) in [
        ("parquet", &["--carry", "region"][..]),
        ("parquet", &["--long"]),
        ("jsonl", &["--carry", "region"]),
        ("csv", &[]),
    ] {
        let form = [&["--format", format, "--digest", "--part-rows", "1000"][..], more].concat();
        let name = |what: &str| path(&folder, &format!("{what}-{format}-{}/", more.len()));
        let (previous, renewing, all) = (name("previous"), name("renewed"), name("all"));
        decide("rules/bansos", &columns, "2026-02-15", &[&form[..], &["--out", &previous]].concat());
        let again = [&form[..], &["--previous", &previous, "--out", &renewing]].concat();
        let run = decide("rules/bansos", &later, "2026-02-15", &again);
        decide("rules/bansos", &later, "2026-02-15", &[&form[..], &["--out", &all]].concat());
        let files = |folder: &str| {
            let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
            let mut all: Vec<_> = entries.filter(|p| !p.ends_with("manifest.json")).collect();
            all.sort();
            all.into_iter().map(|p| std::fs::read(p).unwrap()).collect::<Vec<_>>()
        };
        assert!(files(&renewing) == files(&all), "{format}");
        let told = renewed(&run);
        assert_eq!((told[1], told[4]), (2, 0), "{told:?}");
        // One in seven has a fault.
        assert!(told[0] > 2_000 && told[5] < 500, "{told:?}");
        let resumed = decide("rules/bansos", &later, "2026-02-15", &[&again[..], &["--resume"]].concat());
        assert_eq!(renewed(&resumed), told, "what a run that is whole came to");
    }
}

#[test]
fn what_was_changed_by_hand_or_has_no_digest_is_decided() {
    let folder = folder("previous-hand");
    let facts = path(&folder, "homes.jsonl");
    std::fs::write(&facts, lines(&households(24))).unwrap();
    let day = "2026-02-15";
    for (name, form) in &FORMS[..3] {
        let (previous, renewing) = (path(&folder, name), path(&folder, &format!("r-{name}")));
        let out = |to: &str| {
            [form, &["--digest", "--out", to][..]].concat().iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()
        };
        let call = |to: &str, more: &[&str]| {
            let own = out(to);
            let own: Vec<&str> = own.iter().map(String::as_str).chain(more.iter().copied()).collect();
            decide("rules/bansos", &facts, day, &own)
        };
        call(&previous, &[]);
        let whole = std::fs::read(&previous).unwrap();
        let text = String::from_utf8(whole.clone()).unwrap();
        // Those with a fault.
        let faults = renewed(&call(&renewing, &["--previous", &previous]))[5];
        std::fs::write(&previous, text.replacen("not_eligible", "eligible", 1)).unwrap();
        let run = call(&renewing, &["--previous", &previous]);
        assert!(std::fs::read(&renewing).unwrap() == whole, "{name}");
        let told = renewed(&run);
        assert!(told[5] == faults + 1 && told[0] >= 18, "{name}: {told:?}");
        // Onto itself.
        let run = call(&previous, &["--previous", &previous]);
        assert!(std::fs::read(&previous).unwrap() == whole && renewed(&run)[5] == faults + 1, "{name}");
        // A key that stands twice proves nothing.
        let twice = format!("{}{}", text, text.split_once('\n').unwrap().1);
        if *name != "d.json" {
            std::fs::write(&previous, twice).unwrap();
            let run = call(&renewing, &["--previous", &previous]);
            assert!(std::fs::read(&renewing).unwrap() == whole && renewed(&run)[0] <= 1, "{name}");
        }
    }
    let (plain, out) = (path(&folder, "plain.csv"), path(&folder, "out.csv"));
    decide("rules/bansos", &facts, day, &["--format", "csv", "--out", &plain]);
    let run = decide("rules/bansos", &facts, day, &["--format", "csv", "--out", &out, "--previous", &plain]);
    let text = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(text.contains("no decision has a digest; every household is decided"), "{text}");
    assert!(std::fs::read(&out).unwrap() == std::fs::read(&plain).unwrap());
    for wrong in [
        &["--format", "jsonl", "--previous", &plain][..],
        &["--format", "csv", "--previous", "no-such.csv"],
        &["--format", "table", "--previous", &plain],
        &["--format", "jsonl", "--record", "--digest"],
        &["--format", "jsonl", "--previous", &facts],
    ] {
        let run = layak(&[&["decide", "rules/bansos", &facts, "--as-of", day][..], wrong].concat());
        assert_eq!(run.status.code(), Some(2), "{wrong:?}: {}", String::from_utf8_lossy(&run.stderr));
    }
    assert!(!Path::new("no-such.csv").exists());
}
