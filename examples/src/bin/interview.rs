//! Holds an interview: asks for what can still matter, goes back once, is saved and restored, and ends in the decision and the
//! facts.
//!
//! `cargo run -p layak-examples --bin interview`

use layak::{Interview, InterviewState, Lang, PlanOptions, Ruleset};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rules = Ruleset::from_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/bansos"))?;
    let plan = rules.plan(PlanOptions::new("2026-02-15".parse()?).programme("sembako"))?;
    let mut interview = Interview::new(&plan)?;
    // What a person typed, in Indonesian; `<` takes the answer before it back.
    let typed = ["3", "2.200", "<", "900", "tidak", "1", "8 juta", "1", "petani", "tidak", "35.10", "1.500.000"];
    let mut saved = String::new();
    for answer in typed {
        if answer == "<" {
            println!("< {}", interview.back());
            continue;
        }
        let Some(question) = interview.question() else { continue };
        println!("{} ({})\n> {answer}", question.text(Lang::Id), question.hint(Lang::Id));
        interview.answer_text(answer, Lang::Id)?;
        saved = serde_json::to_string(&interview.state())?;
    }
    let state: InterviewState = serde_json::from_str(&saved)?;
    let restored = Interview::restore(&plan, &state)?;
    assert_eq!(restored.facts_json(), interview.facts_json());
    println!("{}", interview.facts_json());
    println!("{}", serde_json::to_string(&interview.decision().to_json(None, Lang::Id))?);
    Ok(())
}
