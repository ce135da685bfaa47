//! What the language reference (`docs/language`) and the README show holds: the examples compile without a finding, their tests pass and their properties hold;
//! of a block marked `layak error`, each line that says `# error CODE` raises that finding, and no other line raises any.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

use std::path::{Path, PathBuf};

use layak::{PropertyOptions, Ruleset};

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut pages: Vec<_> =
        std::fs::read_dir(root.join("docs/language")).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.push(root.join("README.md"));
    pages.sort();
    pages
}

/// The texts of the fenced blocks with exactly this info string.
fn blocks<'a>(text: &'a str, info: &str) -> Vec<&'a str> {
    text.split(&format!("```{info}\n")).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn the_examples_of_the_documents_hold() {
    let mut seen = 0;
    for page in documents() {
        for text in blocks(&std::fs::read_to_string(&page).unwrap(), "layak") {
            let rules = Ruleset::from_text(text).unwrap_or_else(|e| panic!("{}: {e}\n{text}", page.display()));
            assert!(rules.warnings().is_empty(), "{}: {}\n{text}", page.display(), rules.warnings());
            for test in rules.run_tests() {
                assert!(test.failures().is_empty(), "{}: {}: {:?}", page.display(), test.name(), test.failures());
            }
            for property in rules.run_properties(&PropertyOptions::new().count(100)) {
                let failures = property.failures();
                assert!(failures.is_empty(), "{}: {}: {failures:?}", page.display(), property.name());
            }
            seen += 1;
        }
    }
    assert!(seen >= 3, "{seen} examples were found");
}

#[test]
fn the_errors_that_the_documents_show_are_found() {
    let mut seen = 0;
    for page in documents() {
        for text in blocks(&std::fs::read_to_string(&page).unwrap(), "layak error") {
            let wanted: Vec<(usize, String)> = text
                .lines()
                .zip(1..)
                .filter_map(|(line, at)| Some((at, line.split_once("# error ")?.1.trim().to_owned())))
                .collect();
            let found: Vec<(usize, String)> = match Ruleset::from_text(text) {
                Ok(_) => Vec::new(),
                Err(findings) => findings
                    .iter()
                    .map(|f| (f.span().map_or(0, |span| findings.sources().place(span).line), f.code().to_string()))
                    .collect(),
            };
            assert_eq!(found, wanted, "{}:\n{text}", page.display());
            seen += 1;
        }
    }
    assert!(seen >= 1, "no example of an error was found");
}
