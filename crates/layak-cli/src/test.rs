//! `layak test`

use layak::Lang;

use crate::args::{FindingFormat, TestCall};
use crate::{Done, Ending, findings, output};

pub(crate) fn run(call: &TestCall, lang: Lang) -> Done {
    let Some(rules) = findings::load(&call.rules, call.format, lang)? else { return Ok(findings::FOUND) };
    let results = rules.run_tests();
    let mut failed = 0usize;
    let mut text = String::new();
    for result in &results {
        let failures: Vec<&str> = result.failures().iter().map(|f| f.in_lang(lang)).collect();
        failed += usize::from(!failures.is_empty());
        match call.format {
            FindingFormat::Json => text.push_str(&format!(
                "{}\n",
                serde_json::json!({
                    "name": result.name(), "at": result.place().to_string(), "passed": failures.is_empty(), "failures": failures,
                })
            )),
            FindingFormat::Text if failures.is_empty() => {}
            FindingFormat::Text => {
                let word = if lang == Lang::Id { "gagal" } else { "failed" };
                text.push_str(&format!("{}: {word} `{}`\n", result.place(), result.name()));
                for failure in failures {
                    text.push_str(&format!("  {failure}\n"));
                }
            }
        }
    }
    if call.format == FindingFormat::Text {
        let passed = results.len() - failed;
        match lang {
            Lang::Id => text.push_str(&format!("{passed} uji lulus, {failed} gagal\n")),
            _ => text.push_str(&format!("{passed} tests passed, {failed} failed\n")),
        }
    }
    output::say(&text)?;
    Ok(if failed == 0 { Ending::Clean } else { Ending::Findings })
}
