//! Well-typed rules of all kinds of declarations, and households for them, grown from bytes.
//!
//! Each byte makes one choice, and the first of every choice is the simplest: fewer and lower bytes grow into less. So whatever shrinks bytes (proptest, a
//! fuzzer) shrinks rules and households, and what it comes to is well-typed still.

mod choices;
mod drawn;
mod expressions;
mod household;
mod rules;
mod schema;

use std::collections::BTreeSet;

pub use choices::Choices;
pub use drawn::drawn;
pub use household::with_fewer;
use serde_json::Value as Json;

/// Rules, as declarations in an order in which each names only those before it.
#[derive(Clone, Debug)]
pub struct Rules {
    declarations: Vec<Declaration>,
    csv: String,
    schema: schema::Schema,
    names: BTreeSet<String>,
}

/// A declaration and the module that it stands in where the rules are parted: 0 to [`LAST`].
#[derive(Clone, Debug)]
struct Declaration {
    module: usize,
    text: String,
}

const MODULES: [&str; 4] = ["grown.facts", "grown.first", "grown.second", "grown.aid"];
const LAST: usize = MODULES.len() - 1;
/// Stands in a declaration for the name of a module.
const MODULE: char = '\u{1}';
const HEAD: &str = "currency IDR\n";
const CSV: &str = "data/caps.csv";

impl Rules {
    /// The rules that bytes grow into.
    pub fn grow(choices: &mut Choices<'_>) -> Rules {
        rules::grow(choices)
    }

    /// The rules as one file, with the data beside it: paths and texts.
    pub fn files(&self) -> Vec<(String, String)> {
        self.as_one(self.declarations.iter())
    }

    /// The same with the declarations in another order.
    pub fn shuffled(&self, choices: &mut Choices<'_>) -> Vec<(String, String)> {
        let mut order: Vec<&Declaration> = self.declarations.iter().collect();
        for last in (1..order.len()).rev() {
            order.swap(last, choices.below(last + 1));
        }
        self.as_one(order.into_iter())
    }

    fn as_one<'d>(&self, declarations: impl Iterator<Item = &'d Declaration>) -> Vec<(String, String)> {
        let mut text = format!("module grown\n{HEAD}");
        for declaration in declarations {
            // One act over the only module that there is.
            text.push_str(&named(&declaration.text, |_| "grown"));
        }
        vec![("grown.layak".to_owned(), text), (CSV.to_owned(), self.csv.clone())]
    }

    /// The same in several modules that use each other.
    pub fn parted(&self) -> Vec<(String, String)> {
        let mut out = Vec::new();
        for (number, module) in MODULES.iter().enumerate() {
            let mut text = format!("module {module}\n");
            if number == 0 {
                text.push_str(HEAD);
            }
            for used in MODULES.iter().take(number) {
                text.push_str(&format!("use {used}\n"));
            }
            for declaration in self.declarations.iter().filter(|d| d.module == number) {
                text.push_str(&named(&declaration.text, |number| MODULES.get(number).copied().unwrap_or_default()));
            }
            out.push((format!("{}.layak", module.replace('.', "/")), text));
        }
        out.push((format!("grown/{CSV}"), self.csv.clone()));
        out
    }

    /// A text with every declared name another, which keeps their order.
    pub fn renamed(&self, text: &str) -> String {
        renamed(text, |word| self.names.contains(word))
    }

    /// Whether a rule asks what is known: what it comes to may turn once more is.
    pub fn asks_what_is_known(&self) -> bool {
        let asks = |text: &str| ["is known", "is unknown", "assume("].iter().any(|words| text.contains(words));
        self.declarations.iter().any(|declaration| asks(&declaration.text))
    }

    /// A household of which all is known.
    pub fn household(&self, choices: &mut Choices<'_>) -> Json {
        household::grow(&self.schema, choices, false)
    }

    /// A household some of whose facts are given as evidence, which may be stale or not accepted.
    pub fn household_with_evidence(&self, choices: &mut Choices<'_>) -> Json {
        household::grow(&self.schema, choices, true)
    }
}

/// What renaming adds to a name.
pub const RENAMED: &str = "_anew";

/// A text in which [`RENAMED`] follows every word that is a name.
pub fn renamed(text: &str, is_name: impl Fn(&str) -> bool) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        out.push_str(&word);
        if is_name(&word) {
            out.push_str(RENAMED);
        }
        word.clear();
        out.push(c);
    }
    out.pop();
    out
}

/// A declaration with the names of modules put in: their numbers follow the mark.
fn named<'m>(text: &str, name: impl Fn(usize) -> &'m str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == MODULE {
            let number = chars.next().and_then(|c| c.to_digit(10)).and_then(|n| usize::try_from(n).ok());
            out.push_str(name(number.unwrap_or(LAST)));
        } else {
            out.push(c);
        }
    }
    out
}
