//! What is fuzzed: each target takes any bytes and must neither panic nor run away.

use layak::{Lang, Limits, Ruleset, Sources};

/// Rule text as the reader of source sees it, in rule files and in Markdown.
pub fn source(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for path in ["fuzz.layak", "fuzz.layak.md"] {
        if let Err(findings) = layak::format(path, &text, Limits::default()) {
            let _ = findings.to_string();
        }
    }
}

/// Rule text: parsed, checked, and, if it is clean, planned and drawn.
pub fn rules(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut sources = Sources::new();
    sources.add("fuzz.layak", text);
    sources.add("data/t.csv", "k,from,value\na,2025-01-01,1\n");
    match Ruleset::from_sources(&sources, Limits { graph_nodes: 20_000, ..Limits::default() }) {
        Ok(rules) => {
            if let Ok(date) = "2026-01-15".parse() {
                let plan = rules.as_of(date);
                if let Ok(facts) = plan.facts_from_json(b"{}") {
                    let _ = plan.decide(&facts);
                }
            }
            let _ = rules.run_tests();
        }
        Err(findings) => {
            let _ = findings.to_string();
            let _ = findings.to_json(Lang::Id).len();
        }
    }
}

const HOUSE: &str = r#"
module house
currency IDR
calendar leap_day march_1, month_end clip
enum Kind { none, a code "1", b }
entity House { id text key  n integer 1..10  x number  m money 0..  d date  k Kind  t text  o optional date
  list list of Person 0..5  numbers list of number }
entity Person { nik text key  wage money per month  born date  friend optional link to Person }
define Person.age = years from born to as_of
define total = sum(list.wage) or else IDR 0 per month
criterion many when n > 3 and count(list where age >= 18) >= 1
criterion odd when x / (x - 1) > 2 or (o is known and k in [a, b])
programme p requires many refuses odd gives best = max(numbers) or else 0
"#;

/// Facts as JSON, read against fixed rules and decided.
pub fn facts(bytes: &[u8]) {
    static PLAN: std::sync::OnceLock<Option<layak::Plan>> = std::sync::OnceLock::new();
    let plan = PLAN.get_or_init(|| Some(Ruleset::from_text(HOUSE).ok()?.as_of("2026-01-15".parse().ok()?)));
    let Some(plan) = plan else { return };
    match plan.facts_from_json(bytes) {
        Ok(facts) => {
            let _ = plan.decide(&facts);
            let _ = plan.explain(&facts).render(Lang::Id);
        }
        Err(error) => {
            let _ = error.to_string();
        }
    }
}

/// A data table of a parameter.
pub fn table(bytes: &[u8]) {
    let mut sources = Sources::new();
    sources
        .add("t.layak", "module t\nentity H { k text }\nparameter p(k: text): number csv \"t.csv\"\ndefine v = p(k)\n");
    sources.add("t.csv", String::from_utf8_lossy(bytes));
    let _ = Ruleset::from_sources(&sources, Limits::default());
}

/// The layout of rule text: it keeps what the rules mean, and laying out again changes nothing.
///
/// # Panics
/// Where either does not hold.
pub fn layout(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let format = |text: &str| layak::format("fuzz.layak", text, Limits::default());
    match format(&text) {
        Ok(laid_out) => {
            assert_eq!(format(&laid_out).ok().as_ref(), Some(&laid_out), "{text}");
            let meaning = |text: &str| Ruleset::from_text(text).ok().map(|rules| rules.fingerprint().to_owned());
            let meant = meaning(text.strip_prefix('\u{feff}').unwrap_or(&text));
            assert_eq!(meaning(&laid_out), meant, "{text}");
        }
        Err(found) => assert!(found.iter().all(|f| f.code().to_string() != "L0120"), "{text}"),
    }
}

/// A target.
pub type Target = fn(&[u8]);

/// The targets by name.
pub const TARGETS: &[(&str, Target)] =
    &[("source", source), ("rules", rules), ("layout", layout), ("facts", facts), ("table", table)];
