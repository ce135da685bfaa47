//! Every code has its page, the page's example raises exactly the code, and the fix is clean.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods
)]

use layak::{Code, Findings, Limits, Outcome, Plan, Ruleset, Sources};

/// Pages whose case cannot stand in a short file, each with the reason.
const IN_PROSE: &[(&str, &str)] = &[
    ("L0116", "needs a file beyond the limit; tested in bad_input.rs"),
    ("L0120", "guards the formatter against itself; its generated tests show that nothing raises it"),
    ("L0238", "arises where acts are laid over rules held in memory; tested in amendments.rs"),
    ("L0482", "arises from files alone; tested in layak-cli"),
    ("L0513", "needs a household of more than a thousand members; tested beside the evaluator"),
    ("L0612", "arises from Rust values alone; tested below"),
    ("L0616", "needs a household of more than ten thousand elements; tested beside the reader of facts"),
    ("L0621", "arises from Rust values alone; tested beside the reader of facts"),
    ("L0640", "arises from columns alone; tested beside them"),
    ("L0641", "arises from columns alone; tested beside them"),
    ("L0642", "arises from columns alone; tested beside them"),
    ("L0643", "arises from columns alone; tested in layak-batch"),
    ("L0644", "arises from files alone; tested in layak-batch"),
    ("L0645", "arises from files alone; tested in layak-batch"),
    ("L0646", "arises from files alone; tested in layak-batch"),
    ("L0703", "needs a table of very many rows that cross; tested beside the search"),
    ("L0622", "is the last of more than a hundred errors; tested beside the reader of facts"),
];

/// The fenced blocks of a section: info string and text.
fn blocks(page: &str, section: &str) -> Vec<(String, String)> {
    let Some((_, rest)) = page.split_once(&format!("\n## {section}\n")) else { return Vec::new() };
    let text = rest.split("\n## ").next().unwrap();
    let mut out = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some((info.to_owned(), String::new())),
            (Some(_), Some(_)) => out.extend(open.take()),
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    out
}

fn compile(blocks: &[(String, String)]) -> Result<Ruleset, Findings> {
    let mut sources = Sources::new();
    for (info, text) in blocks {
        let file = info.split_once("file=").map(|(_, f)| f);
        match info.split(' ').next().unwrap() {
            "layak" => sources.add(file.unwrap_or("m.layak"), text.clone()),
            "csv" => sources.add(file.unwrap(), text.clone()),
            _ => continue,
        };
    }
    Ruleset::from_sources(&sources, Limits::default())
}

fn json(blocks: &[(String, String)]) -> Option<&str> {
    blocks.iter().find(|(info, _)| info.starts_with("json")).map(|(_, text)| text.as_str())
}

fn plan(blocks: &[(String, String)], code: &str) -> Plan {
    let rules = compile(blocks).unwrap_or_else(|f| panic!("{code}: {f}"));
    assert!(rules.warnings().is_empty(), "{code}: {}", rules.warnings());
    rules.as_of("2026-01-15".parse().unwrap())
}

#[test]
fn every_example_raises_its_code_and_every_fix_is_clean() {
    let failed: Vec<String> = Code::pages()
        .iter()
        .filter_map(|page| std::panic::catch_unwind(|| check(page)).err().map(|_| page.code().to_string()))
        .collect();
    assert_eq!(failed, Vec::<String>::new());
}

fn check(page: &layak::CodePage) {
    {
        let (code, text) = (page.code().to_string(), page.text());
        for lang in [layak::Lang::En, layak::Lang::Id] {
            assert!(page.title(lang).len() > 2, "{code} has a title");
        }
        let (example, mut fix) = (blocks(text, "Example"), blocks(text, "Fix"));
        // A fix of the facts alone is read against the example's rules.
        if fix.iter().all(|(info, _)| info.starts_with("json")) {
            fix.extend(example.iter().filter(|(info, _)| !info.starts_with("json")).cloned());
        }
        if IN_PROSE.iter().any(|(c, _)| *c == code) {
            return;
        }
        assert!(!example.is_empty() && !fix.is_empty(), "{code} has an example and a fix");
        match (&code[..3], json(&example), json(&fix)) {
            _ if code.starts_with("L054") && code != "L0548" => {
                let found = |blocks: &[(String, String)]| -> Vec<String> {
                    let plan = plan(blocks, &code);
                    let facts = plan.facts_from_json(json(blocks).unwrap().as_bytes()).unwrap();
                    plan.decide(&facts).findings().iter().map(|f| f.kind().code().to_string()).collect()
                };
                assert_eq!(found(&example), std::slice::from_ref(&code));
                assert_eq!(found(&fix), Vec::<String>::new(), "{code}: the fix");
            }
            ("L05", Some(bad), Some(good)) if !code.starts_with("L053") && code != "L0548" => {
                let decision = |blocks: &[(String, String)], json: &str| {
                    let plan = plan(blocks, &code);
                    let facts = plan.facts_from_json(json.as_bytes()).unwrap_or_else(|e| panic!("{code}: {e}"));
                    let decision = plan.decide(&facts);
                    match decision.programme("p").unwrap().outcome().unwrap() {
                        Outcome::Error(failure) => Some(failure.code().to_string()),
                        _ => None,
                    }
                };
                assert_eq!(decision(&example, bad), Some(code.clone()));
                assert_eq!(decision(&fix, good), None, "{code}: the fix");
            }
            // What facts say of links, and the structure of a text, is refused before a household is decided, as other facts are.
            ("L05" | "L06", Some(bad), Some(good)) => {
                let error = plan(&example, &code).facts_from_json(bad.as_bytes()).expect_err(&code);
                let found: Vec<String> = error.iter().map(|e| e.code().to_string()).collect();
                assert_eq!(found, std::slice::from_ref(&code), "{error}");
                plan(&fix, &code).facts_from_json(good.as_bytes()).unwrap_or_else(|e| panic!("{code}: the fix: {e}"));
            }
            _ if code == "L0121" => {
                let translated = |blocks: &[(String, String)]| {
                    let rules = compile(blocks).unwrap_or_else(|f| panic!("{code}: {f}"));
                    rules.translated("m.layak", layak::Lang::Id)
                };
                let found = translated(&example).expect_err("the example cannot be translated");
                assert_eq!(found.iter().map(|f| f.code().to_string()).collect::<Vec<_>>(), std::slice::from_ref(&code));
                assert!(translated(&fix).is_ok_and(|text| text.is_some()), "{code}: the fix");
            }
            _ if code.starts_with("L07") || code == "L0411" => {
                let found = |blocks: &[(String, String)]| -> Vec<String> {
                    let rules = compile(blocks).unwrap_or_else(|f| panic!("{code}: {f}"));
                    rules.analyse().iter().map(|f| f.code().to_string()).collect()
                };
                assert_eq!(found(&example), std::slice::from_ref(&code));
                assert_eq!(found(&fix), Vec::<String>::new(), "{code}: the fix");
            }
            _ => {
                let findings = compile(&example).err().unwrap_or_else(|| panic!("{code}: the example is clean"));
                let mut found: Vec<String> = findings.iter().map(|f| f.code().to_string()).collect();
                found.dedup();
                assert_eq!(found, std::slice::from_ref(&code), "{findings}");
                let clean = compile(&fix).unwrap_or_else(|f| panic!("{code}: the fix: {f}"));
                assert!(clean.warnings().is_empty(), "{code}: the fix: {}", clean.warnings());
            }
        }
    }
}

#[test]
fn floats_are_refused_with_their_place() {
    let rules = Ruleset::from_text(
        "module m\nentity H { list list of P }\nentity P { wage number }\ndefine x = sum(list.wage)",
    )
    .unwrap();
    let household = serde_json::json!({"list": [{"wage": 1}, {"wage": 0.5}]});
    let error = rules.as_of("2026-01-15".parse().unwrap()).facts(&household).unwrap_err();
    let first = error.first().unwrap();
    assert_eq!((first.code().to_string().as_str(), first.path()), ("L0612", "list[1].wage"));
}
