//! Rule text however made: an error that says so, on a 1 MiB stack, in bounded time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods
)]

use layak::{Limits, Ruleset, Sources};

/// The codes found in a text, on a small stack.
fn codes(text: String) -> Vec<String> {
    std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(move || match Ruleset::from_text(&text) {
            Ok(_) => Vec::new(),
            Err(findings) => findings.iter().map(|f| f.code().to_string()).collect(),
        })
        .unwrap()
        .join()
        .unwrap()
}

fn rules(body: &str) -> String {
    format!("module m\nentity H {{ a integer  b boolean }}\n{body}\n")
}

#[test]
fn deep_nesting_is_refused() {
    for text in [
        format!("define x = {}1{}", "(".repeat(100_000), ")".repeat(100_000)),
        format!("define x = {}", "(".repeat(1 << 20)),
        format!("define x = {}1{}", "if b then ".repeat(100_000), " else 1".repeat(100_000)),
        format!("define x = {}", "[".repeat(100_000)),
        format!("test \"t\" given {}", "{ a: ".repeat(100_000)),
    ] {
        let found = codes(rules(&text));
        assert!(!found.is_empty(), "{}", &text[..40]);
    }
    // A long chain without brackets is no nesting.
    assert_eq!(codes(rules(&format!("define x = {}b", "not ".repeat(50_000)))), Vec::<String>::new());
    assert_eq!(codes(rules(&format!("define x = a{}", " + a".repeat(50_000)))), Vec::<String>::new());
}

#[test]
fn a_chain_of_a_hundred_thousand_definitions_is_decided_on_a_small_stack() {
    let mut text = rules("define d0 = a");
    for i in 1..100_000 {
        text.push_str(&format!("define d{i} = d{} + d{}\n", i - 1, if i % 7 == 0 { 0 } else { i - 1 }));
    }
    text.push_str("criterion c when d50 > 0\nprogramme p requires c\n");
    let run = move || {
        let rules = Ruleset::from_text(&text).unwrap();
        let plan = rules.plan(layak::PlanOptions::new("2026-01-01".parse().unwrap()).show("d99999")).unwrap();
        let decision = plan.decide(&plan.facts_from_json(br#"{"a":0}"#).unwrap());
        decision.values().next().map(|(_, answer)| answer.clone())
    };
    let answer = std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap();
    assert_eq!(answer, Some(layak::Answer::Integer(0i64.into())));
}

#[test]
fn definitions_that_need_themselves_are_refused_with_the_way_round() {
    for (text, way) in [
        ("define x = x + 1", "`x` → `x`"),
        ("define x = y + 1\ndefine y = x", "`x` → `y` → `x`"),
        ("criterion c when p is eligible\nprogramme p requires c", "`c` → `p` → `c`"),
    ] {
        let findings = Ruleset::from_text(&rules(text)).unwrap_err();
        let found: Vec<_> =
            findings.iter().map(|f| (f.code().to_string(), f.message().in_lang(layak::Lang::En).to_owned())).collect();
        assert!(found.iter().any(|(code, text)| code == "L0401" && text.contains(way)), "{found:?}");
    }
    let mut text = rules("");
    for i in 0..50_000 {
        text.push_str(&format!("define d{i} = d{} + 1\n", (i + 1) % 50_000));
    }
    assert_eq!(codes(text), ["L0401"]);
}

#[test]
fn modules_in_a_circle_are_refused() {
    let mut sources = Sources::new();
    sources.add("a.layak", "module a\nuse b\nentity H { x integer }\n");
    sources.add("b.layak", "module b\nuse a\n");
    let findings = Ruleset::from_sources(&sources, Limits::default()).unwrap_err();
    let codes: Vec<_> = findings.iter().map(|f| f.code().to_string()).collect();
    assert_eq!(codes, ["L0205"]);
}

#[test]
fn one_broken_declaration_hides_no_other_finding() {
    let text =
        rules("define x = (1 +\ndefine y = zz\ndefine y2 = a + IDR 5\ncurrency IDR\ncriterion when\ndefine y = 1");
    let found = codes(text);
    for code in ["L0201", "L0302"] {
        assert!(found.iter().any(|c| c == code), "{code}: {found:?}");
    }
    assert!(found.iter().any(|c| c.starts_with("L01")), "{found:?}");
}

#[test]
fn odd_bytes_are_findings_not_crashes() {
    assert_eq!(codes(rules("define x = a").replace('\n', "\r\n")), Vec::<String>::new());
    assert!(!codes(rules("define x = a \0")).is_empty());
    assert!(!codes(rules("define x = 2025-02-29")).is_empty());
    assert!(!codes(rules(&format!("define x = {}", "9".repeat(40)))).is_empty());
    assert!(!codes(rules("define x = \"never closed")).is_empty());
    assert!(!codes(String::new()).is_empty());
}

#[test]
fn limits_are_the_hosts() {
    let mut sources = Sources::new();
    sources.add("m.layak", rules("define x = a"));
    let limits = Limits { source_bytes: 10, ..Limits::default() };
    let findings = Ruleset::from_sources(&sources, limits).unwrap_err();
    assert!(findings.iter().any(|f| f.code().to_string() == "L0116"));
}
