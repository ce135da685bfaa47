//! Shows what is found in a rule file that has mistakes: all of it at once, as data for the host to render.
//!
//! `cargo run -p layak-examples --bin findings`

use layak::{Lang, Ruleset};

const BROKEN: &str = r#"
module aid
currency IDR
entity Household {
  desil  integer 1..10
  income money 0.. per month
}
define poor = desill <= 4
define rich = income > 5_000_000
programme aid requires poor refuses rich, foreign
"#;

fn main() {
    let Err(findings) = Ruleset::from_text(BROKEN) else {
        println!("no findings");
        return;
    };
    for finding in findings.iter() {
        if let Some(span) = finding.span() {
            println!("{}", findings.sources().place(span));
        }
        println!("  {}: {}", finding.code(), finding.message().in_lang(Lang::En));
        println!("  {}: {}", finding.code(), finding.message().in_lang(Lang::Id));
        for help in finding.ways_out() {
            println!("    {}", help.in_lang(Lang::En));
        }
    }
}
