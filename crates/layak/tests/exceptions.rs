//! Exceptions as they are listed and explained.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods)]

use layak::{ExceptionsFormat, Lang, Ruleset};

/// The text between the fences of the first block of a kind.
fn block<'a>(page: &'a str, kind: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("```{kind}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn the_reference_shows_the_list_of_its_own_rules() {
    let page = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/language/11-exceptions.md"),
    )
    .unwrap();
    let rules = Ruleset::from_text(block(&page, "layak")).unwrap();
    assert_eq!(rules.exceptions(ExceptionsFormat::Text, Lang::En), block(&page, "text"));
}

/// Groups of two that are exceptions to one another would make a tree that doubles with every level.
#[test]
fn exceptions_below_several_are_written_out_once() {
    let mut text = String::from("module m\nentity H { a boolean }\ndefine x = 0\n");
    for level in 0..200 {
        let to = if level == 0 { String::new() } else { format!(" to l{}", level - 1) };
        for value in 0..2 {
            text.push_str(&format!("  except l{level}{to} when a: {}\n", level * 2 + value));
        }
    }
    let rules = Ruleset::from_text(&text).unwrap();
    let listed = rules.exceptions(ExceptionsFormat::Text, Lang::En);
    // Each but the first two stands below two others, so that all but these are named twice.
    assert_eq!(listed.lines().count(), 1 + 2 + 2 * 2 * 199);
    assert_eq!(listed.lines().filter(|l| l.contains("as above")).count(), 2 * 199);
    assert!(listed.contains("[41] except l40 when a: 80  rules.layak:84\n"), "{listed}");
    assert_eq!(rules.exceptions(ExceptionsFormat::Json, Lang::En).lines().count(), 1);
}
