//! Inputs that once broke something, and a few seconds of random ones: `regressions/TARGET/*` are replayed on stable.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods
)]

use std::path::Path;

use layak_fuzz::TARGETS;

#[test]
fn past_crashes_stay_fixed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
    let mut replayed = 0;
    for (name, target) in TARGETS {
        // A target that never crashed has none.
        for entry in std::fs::read_dir(folder.join(name)).into_iter().flatten() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            target(&bytes);
            replayed += 1;
        }
    }
    assert!(replayed > 0);
}

/// The inputs in `seeds/TARGET`.
fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let of = |name: &'static str| {
        let files = std::fs::read_dir(folder.join(name)).into_iter().flatten();
        files.map(move |entry| (name, std::fs::read(entry.unwrap().path()).unwrap()))
    };
    TARGETS.iter().flat_map(|(name, _)| of(name)).collect()
}

#[test]
fn seeds_are_decided() {
    let seeds = seeds();
    for name in ["facts", "evidence", "cases"] {
        assert!(seeds.iter().any(|(target, _)| *target == name), "{name}");
    }
    for (target, bytes) in seeds {
        assert!(layak_fuzz::is_decided(target, &bytes), "{target}: {}", String::from_utf8_lossy(&bytes));
    }
}

/// Mutations of the package's own files: the short run that needs no nightly toolchain.
#[test]
fn mutated_rules_and_facts_do_not_panic() {
    let seconds: u64 = std::env::var("FUZZ_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(3);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/bansos");
    let mut corpus: Vec<(&str, Vec<u8>)> = Vec::new();
    for name in ["pkh.layak", "household.layak", "parameters.layak", "tests.layak"] {
        for target in ["source", "rules", "layout"] {
            corpus.push((target, std::fs::read(root.join(name)).unwrap()));
        }
    }
    let indonesian = layak::Ruleset::from_dir(&root).unwrap();
    let path = root.join("pkh.layak").display().to_string();
    corpus.push(("layout", indonesian.translated(&path, layak::Lang::Id).unwrap().unwrap().into_bytes()));
    for name in ["dmn_tables/lending.layak", "fr_child_allowance/allowance.layak", "us_work_rule/rules.layak"] {
        corpus.push(("layout", std::fs::read(root.join("..").join(name)).unwrap()));
    }
    corpus.push(("table", std::fs::read(root.join("data/umk.csv")).unwrap()));
    for line in std::fs::read_to_string(root.join("cases/sample.jsonl")).unwrap().lines() {
        corpus.push(("facts", line.as_bytes().to_vec()));
    }
    corpus.extend(seeds());
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 11).unwrap() % below.max(1)
    };
    let pieces: Vec<&[u8]> = vec![
        b"(",
        b")",
        b"{",
        b"}",
        b"[",
        b"]",
        b"..",
        b"\"",
        b"where",
        b" if ",
        b"1e400",
        b"9999-12-31",
        b"\xff",
        b"\0",
        b"per year",
        b"- ",
        b",",
        b"null",
        b"2025-02-29",
        b"99999999999999999999999999999999999999",
        b"/ 0",
        b"except when yes: 1",
        b"\n",
        b"\n    ",
        b"  # c\n  ",
        b" and a_rather_long_name_of_something_that_is_asked ",
        b" or ",
        b" + ",
        b", a_rather_long_name_of_something, another_of_them",
        b"\t\r\n",
    ];
    let start = std::time::Instant::now();
    let mut runs = 0;
    let grown = TARGETS.iter().find(|(name, _)| *name == "grown_rules").unwrap().1;
    while start.elapsed().as_secs() < seconds || runs < 10 {
        // One in four is grown from bytes.
        if random(4) == 0 {
            let bytes: Vec<u8> = (0..random(400)).map(|_| u8::try_from(random(256)).unwrap()).collect();
            grown(&bytes);
            runs += 1;
            continue;
        }
        let (name, seed) = &corpus[random(corpus.len())];
        // A stretch of the seed, so that rules stay small.
        let from = random(seed.len());
        let to = (from + 1 + random(600)).min(seed.len());
        let mut bytes = match *name {
            "source" | "rules" => [b"module m\n".as_slice(), &seed[from..to]].concat(),
            // From the start of a line: what is cut within a text cannot be read.
            "layout" => {
                let line = seed[..from].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
                let header = if seed.starts_with(b"bahasa") { b"bahasa id\n".as_slice() } else { b"" };
                [header, &seed[line..to]].concat()
            }
            _ => seed.clone(),
        };
        for _ in 0..1 + random(4) {
            let at = random(bytes.len());
            match random(4) {
                0 if at < bytes.len() => {
                    bytes.remove(at);
                }
                1 if at < bytes.len() => bytes[at] = u8::try_from(random(256)).unwrap(),
                2 => {
                    let piece = pieces[random(pieces.len())];
                    bytes.splice(at..at, piece.iter().copied());
                }
                _ => {
                    let end = (at + random(30)).min(bytes.len());
                    let copy = bytes[at..end].to_vec();
                    bytes.splice(at..at, copy);
                }
            }
        }
        let target = TARGETS.iter().find(|(n, _)| n == name).unwrap().1;
        target(&bytes);
        runs += 1;
    }
}
