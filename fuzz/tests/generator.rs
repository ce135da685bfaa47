//! What the generator grows: nearly all of it compiles, and every kind of declaration is there.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

use std::collections::BTreeMap;

use layak::{Limits, Ruleset, Sources};
use layak_generator::{Choices, Rules};

fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            u8::try_from(state >> 56).unwrap()
        })
        .collect()
}

#[test]
fn what_is_grown_is_well_typed_and_of_every_kind() {
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut compiled = 0;
    for seed in 0..300 {
        let bytes = bytes(seed, usize::try_from(seed * 7).unwrap());
        let choices = &mut Choices::new(&bytes);
        let grown = Rules::grow(choices);
        for files in [grown.files(), grown.parted()] {
            let mut sources = Sources::new();
            for (path, text) in &files {
                sources.add(path, text);
            }
            match Ruleset::from_sources(&sources, Limits::default()) {
                Ok(rules) => {
                    compiled += 1;
                    let plan = rules.as_of("2026-01-15".parse().unwrap());
                    let household = grown.household(choices).to_string();
                    if let Err(error) = plan.facts_from_json(household.as_bytes()) {
                        panic!("{error}\n{household}\n{}", files[0].1);
                    }
                    for line in files.iter().flat_map(|(_, text)| text.lines()) {
                        let word = line.split(' ').next().unwrap_or_default();
                        if word.starts_with(|c: char| c.is_ascii_lowercase()) {
                            *kinds.entry(word.to_owned()).or_default() += 1;
                        }
                    }
                }
                Err(findings) => {
                    for finding in findings.iter().filter(|f| f.severity() == layak::Severity::Error) {
                        let code = finding.code().to_string();
                        if *refused.entry(code).or_default() < 2 && std::env::var("SHOW").is_ok() {
                            println!("{findings}");
                        }
                        *refused.entry(finding.code().to_string()).or_default() += 1;
                    }
                }
            }
        }
    }
    println!("{compiled} compiled; refused {refused:?}; {kinds:?}");
    assert!(compiled > 540, "{compiled} compiled; refused {refused:?}");
}
