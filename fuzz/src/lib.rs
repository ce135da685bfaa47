//! What is fuzzed: each target takes any bytes and must neither panic nor run away.

#![expect(clippy::panic, reason = "a target panics where what it holds does not")]

use std::sync::OnceLock;

use layak::{Lang, Limits, Outcome, Plan, Reader, Recorded, Replayer, Ruleset, Sources};
use layak_generator::{Choices, Rules, with_fewer};

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

/// The rules of some targets, and their plan. What does not compile is fuzzed by nobody, so it is told.
struct Fixed {
    text: &'static str,
    compiled: OnceLock<(Ruleset, Plan)>,
}

impl Fixed {
    const fn of(text: &'static str) -> Fixed {
        Fixed { text, compiled: OnceLock::new() }
    }

    fn get(&self) -> &(Ruleset, Plan) {
        self.compiled.get_or_init(|| match (Ruleset::from_text(self.text), "2026-01-15".parse()) {
            (Ok(rules), Ok(date)) => {
                let plan = rules.as_of(date);
                (rules, plan)
            }
            (Err(findings), _) => panic!("{findings}"),
            (_, Err(error)) => panic!("{error}"),
        })
    }
}

static HOUSES: Fixed = Fixed::of(HOUSE);
static STATEMENTS: Fixed = Fixed::of(SAID);

/// Whether a target that reads facts or cases gets as far as to decide them.
pub fn is_decided(target: &str, bytes: &[u8]) -> bool {
    match target {
        "facts" => HOUSES.get().1.facts_from_json(bytes).is_ok(),
        "evidence" => STATEMENTS.get().1.facts_from_json(bytes).is_ok(),
        "cases" => {
            let mut cases = HOUSES.get().0.cases();
            let mut lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            lines.all(|line| cases.run(line).failures().is_empty())
        }
        _ => false,
    }
}

/// Facts as JSON, read against fixed rules and decided.
pub fn facts(bytes: &[u8]) {
    let (_, plan) = HOUSES.get();
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

const SAID: &str = r#"
module said
calendar leap_day march_1, month_end clip
source registry "Registry"
source meter "Meter" fresh for 6 months
source self "Statement" unverified
entity House { id text key  desil integer 1..10 from registry, self  power integer 0.. from meter, self must be verified
  car boolean from registry, self  since date from registry  people list of Person 0..3 }
entity Person { nik text key  wage number 0.. from registry, self }
criterion poor when desil <= 4
criterion strong when power > 2_200
criterion rich when any(people where wage > 100)
programme p requires poor refuses strong, rich gives n = count(people)
"#;

/// Facts given as evidence: decided, told in all ways, and kept as a record that gives the same decision again.
///
/// # Panics
/// Where the record does not.
pub fn evidence(bytes: &[u8]) {
    let (rules, plan) = STATEMENTS.get();
    let Ok(facts) = plan.facts_from_json(bytes) else { return };
    let explanation = plan.explain(&facts);
    assert!(explanation.decision() == &plan.decide(&facts), "the explained decision is another");
    for reader in [Reader::Family, Reader::Caseworker, Reader::Audit] {
        let _ = explanation.html(reader, Lang::Id);
    }
    replayed(rules, plan, &facts, &String::from_utf8_lossy(bytes));
}

fn replayed(rules: &Ruleset, plan: &Plan, facts: &layak::Facts, told: &str) {
    let line = plan.record(facts).to_json(Some(1), Lang::En);
    let recorded = match Recorded::from_json(line.as_bytes()) {
        Ok(recorded) => recorded,
        Err(error) => panic!("a record that cannot be read: {error}\n{told}"),
    };
    match Replayer::new(rules).replay(&recorded, None) {
        Ok(replay) => assert!(replay.is_same(), "{:?}\n{told}", replay.differences()),
        Err(error) => panic!("a record that cannot be made again: {error}\n{told}"),
    }
}

/// Worked cases, one a line.
pub fn cases(bytes: &[u8]) {
    let (rules, _) = HOUSES.get();
    let mut cases = rules.cases();
    for line in bytes.split(|byte| *byte == b'\n').take(20) {
        for failure in cases.run(line).failures() {
            let _ = failure.in_lang(Lang::Id);
        }
    }
}

/// Rules of every kind of declaration and a household grown from the bytes. What must hold of all of them: the layout and the other language change nothing,
/// what explains decides alike, a record gives the decision again, and what was decided of fewer facts stays so.
///
/// # Panics
/// Where one of these does not hold, or the rules do not compile.
pub fn grown_rules(bytes: &[u8]) {
    let choices = &mut Choices::new(bytes);
    let grown = Rules::grow(choices);
    let files = grown.files();
    let compiled = |text: &str| {
        let mut sources = Sources::new();
        for (number, (path, own)) in files.iter().enumerate() {
            sources.add(path, if number == 0 { text } else { own });
        }
        Ruleset::from_sources(&sources, Limits::default())
    };
    let Some((path, text)) = files.first() else { return };
    let rules = match compiled(text) {
        Ok(rules) => rules,
        // What goes round in a circle is refused.
        Err(findings) if findings.iter().any(|f| f.code().to_string() == "L0401") => return,
        Err(findings) => panic!("{findings}\n{text}"),
    };
    let laid_out = layak::format(path, text, Limits::default());
    let laid_out = laid_out.unwrap_or_else(|findings| panic!("{findings}\n{text}"));
    let there = rules.translated(path, Lang::Id).ok().flatten();
    for other in [Some(laid_out), there].into_iter().flatten() {
        let other = compiled(&other).unwrap_or_else(|findings| panic!("{findings}\n{other}"));
        assert_eq!(other.fingerprint(), rules.fingerprint(), "{text}");
    }
    let Ok(date) = choices.of(&["2026-01-15", "2024-12-31", "2025-07-01"]).parse() else { return };
    let plan = rules.as_of(date);
    // What evidence comes to is no fact more or less.
    let is_plain = choices.below(2) == 0;
    let json = if is_plain { grown.household(choices) } else { grown.household_with_evidence(choices) };
    let fewer = with_fewer(&json, choices);
    let mut decided = Vec::new();
    for json in [json, fewer] {
        let told = format!("{text}\n{json}");
        let facts = match plan.facts_from_json(json.to_string().as_bytes()) {
            Ok(facts) => facts,
            Err(_) if !is_plain => return,
            Err(error) => panic!("{error}\n{told}"),
        };
        let decision = plan.decide(&facts);
        assert!(plan.explain(&facts).decision() == &decision, "the explained decision is another\n{told}");
        replayed(&rules, &plan, &facts, &told);
        decided.push((decision, json));
    }
    let [(whole, json), (partial, fewer)] = decided.as_slice() else { return };
    if grown.asks_what_is_known() || !is_plain {
        return;
    }
    for programme in partial.programmes() {
        let more = whole.programme(programme.name()).and_then(|p| p.entitlement());
        let (Some(less), Some(more)) = (programme.entitlement(), more) else { continue };
        let is_same = match less.outcome() {
            Outcome::NotEligible => more.outcome() == Outcome::NotEligible,
            Outcome::Eligible => matches!(more.outcome(), Outcome::Eligible | Outcome::Error(_)),
            _ => true,
        };
        assert!(is_same, "{:?} became {:?}\n{text}\n{fewer}\n{json}", less.outcome(), more.outcome());
    }
}

/// A target.
pub type Target = fn(&[u8]);

/// The targets by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("source", source),
    ("rules", rules),
    ("layout", layout),
    ("facts", facts),
    ("table", table),
    ("evidence", evidence),
    ("cases", cases),
    ("grown_rules", grown_rules),
];
