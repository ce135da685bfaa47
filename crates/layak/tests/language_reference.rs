//! The examples of the language reference and the README compile without a finding, and their tests pass.
#![allow(clippy::unwrap_used, clippy::panic)]

use layak::Ruleset;

#[test]
fn the_examples_of_the_documents_hold() {
    let mut seen = 0;
    for document in [include_str!("../../../docs/language.md"), include_str!("../../../README.md")] {
        for block in document.split("```layak\n").skip(1) {
            let text = block.split("```").next().unwrap();
            let rules = Ruleset::from_text(text).unwrap_or_else(|findings| panic!("{findings}\n{text}"));
            for test in rules.run_tests() {
                assert!(test.failures().is_empty(), "{}: {:?}", test.name(), test.failures());
            }
            seen += 1;
        }
    }
    assert_eq!(seen, 4);
}
