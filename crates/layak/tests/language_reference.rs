//! What the language reference (`docs/language`) and the README show holds: the examples compile without a finding, their tests pass and their
//! properties hold; of a block marked `layak error`, each line that says `# error CODE` raises that finding, and no other line raises any; likewise
//! `# warning CODE` in a block marked `layak check`, of what `layak check` finds.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

use std::path::{Path, PathBuf};

use layak::{Finding, Findings, PropertyOptions, Ruleset};

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
fn the_examples_of_the_documents_are_laid_out() {
    let tutorials = ["en", "id"].map(|lang| format!("docs/tutorial.{lang}.md"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for page in documents().into_iter().chain(tutorials.map(|page| root.join(page))) {
        let text = std::fs::read_to_string(&page).unwrap();
        let of_files =
            text.split("```layak file=").skip(1).filter_map(|rest| rest.split("```").next()?.split_once('\n'));
        for text in blocks(&text, "layak").into_iter().chain(of_files.map(|(_, text)| text)) {
            let laid_out = layak::format("a.layak", text, layak::Limits::default()).unwrap();
            assert_eq!(laid_out, text, "{}", page.display());
        }
    }
}

/// By line, the codes that a text says are raised there.
fn wanted(text: &str, word: &str) -> Vec<(usize, String)> {
    let line = |(line, at): (&str, usize)| Some((at, line.split_once(word)?.1.trim().to_owned()));
    text.lines().zip(1..).filter_map(line).collect()
}

fn by_line(findings: &Findings) -> Vec<(usize, String)> {
    let line = |f: &Finding| f.span().map_or(0, |span| findings.sources().place(span).line);
    findings.iter().map(|f| (line(f), f.code().to_string())).collect()
}

#[test]
fn what_check_finds_in_the_documents_is_what_they_say() {
    let mut seen = 0;
    for page in documents() {
        for text in blocks(&std::fs::read_to_string(&page).unwrap(), "layak check") {
            let rules = Ruleset::from_text(text).unwrap_or_else(|e| panic!("{}: {e}\n{text}", page.display()));
            assert_eq!(by_line(&rules.analyse()), wanted(text, "# warning "), "{}:\n{text}", page.display());
            seen += 1;
        }
    }
    assert!(seen >= 1, "no example of a warning was found");
}

#[test]
fn the_errors_that_the_documents_show_are_found() {
    let mut seen = 0;
    for page in documents() {
        for text in blocks(&std::fs::read_to_string(&page).unwrap(), "layak error") {
            let found = Ruleset::from_text(text).err().map_or(Vec::new(), |findings| by_line(&findings));
            assert_eq!(found, wanted(text, "# error "), "{}:\n{text}", page.display());
            seen += 1;
        }
    }
    assert!(seen >= 1, "no example of an error was found");
}
