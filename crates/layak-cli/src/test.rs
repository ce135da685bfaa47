//! `layak test`

use layak::Lang;

use crate::args::{FindingFormat, TestCall};
use crate::{Done, Ending, findings};

pub(crate) fn run(call: &TestCall, lang: Lang) -> Done {
    let Some(rules) = findings::load(&call.rules, call.format, lang)? else { return Ok(findings::FOUND) };
    let results = rules.run_tests();
    let mut failed = 0usize;
    for result in &results {
        let failures: Vec<&str> = result.failures().iter().map(|f| f.in_lang(lang)).collect();
        failed += usize::from(!failures.is_empty());
        match call.format {
            FindingFormat::Json => println!(
                "{}",
                serde_json::json!({
                    "name": result.name(), "at": result.place().to_string(), "passed": failures.is_empty(), "failures": failures,
                })
            ),
            FindingFormat::Text if failures.is_empty() => {}
            FindingFormat::Text => {
                println!("{}: {} `{}`", result.place(), if lang == Lang::Id { "gagal" } else { "failed" }, result.name());
                for failure in failures {
                    println!("  {failure}");
                }
            }
        }
    }
    if call.format == FindingFormat::Text {
        let passed = results.len() - failed;
        match lang {
            Lang::Id => println!("{passed} uji lulus, {failed} gagal"),
            _ => println!("{passed} tests passed, {failed} failed"),
        }
    }
    Ok(if failed == 0 { Ending::Clean } else { Ending::Findings })
}
