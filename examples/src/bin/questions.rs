//! Counts the questions that an interview asks until it is decided, on made-up households: in the order of the interview, in the
//! order in which the rules declare the facts but only those that still matter, and in that order whether they matter or not.
//!
//! `cargo run --release -p layak-examples --bin questions [RULES DATE COUNT]`

use layak::{Date, Interview, Plan, PlanOptions, PropertyOptions, QuestionKind, Ruleset};
use serde_json::Value;

/// What elements are known by from the beginning.
const KEYS: &[&str] = &["id", "nik", "number", "name"];

/// Rules and a day.
const PACKAGES: &[(&str, &str)] = &[
    ("rules/bansos", "2026-02-15"),
    ("rules/family_card", "2026-02-15"),
    ("rules/br_bolsa_familia", "2025-06-01"),
    ("rules/ph_4ps", "2025-06-01"),
    ("rules/uk_child_benefit", "2025-06-01"),
    ("rules/in_nfsa", "2025-06-01"),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    println!("{:<24} {:>10} {:>10} {:>12} {:>12}", "rules", "households", "ours", "file order", "all in order");
    match arguments.as_slice() {
        [rules, date, count] => measure(rules, date.parse()?, count.parse()?)?,
        _ => {
            for (rules, date) in PACKAGES {
                let path = format!("{}/../{rules}", env!("CARGO_MANIFEST_DIR"));
                measure(&path, date.parse()?, 60)?;
            }
        }
    }
    Ok(())
}

fn measure(path: &str, day: Date, count: usize) -> Result<(), Box<dyn std::error::Error>> {
    let rules = Ruleset::from_dir(path)?;
    let plan = rules.plan(PlanOptions::new(day))?;
    let (mut households, mut ours, mut in_order, mut all) = (0u32, 0u32, 0u32, 0u32);
    for json in rules.households(day, &PropertyOptions::new().count(count)) {
        // A household whose links do not fit is none.
        if plan.facts_from_json(json.as_bytes()).is_err() {
            continue;
        }
        let household = exact(serde_json::from_str(&json)?);
        households += 1;
        let mut interview = Interview::new(&plan)?;
        while let Some(question) = interview.question() {
            // Whoever asks in the order of the file knows the keys.
            let is_key = question.is_key();
            let answer = said(&household, question.fact(), question.kind());
            interview.answer(&answer)?;
            ours += u32::from(!is_key);
        }
        in_order += by_the_file(&plan, &household, &json, false)?;
        all += by_the_file(&plan, &household, &json, true)?;
    }
    let mean = |n: u32| {
        let tenths = n * 10 / households.max(1);
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    println!("{name:<24} {households:>10} {:>10} {:>12} {:>12}", mean(ours), mean(in_order), mean(all));
    Ok(())
}

/// Numbers that are not whole as texts: what serde_json makes of them is not exact.
fn exact(value: Value) -> Value {
    match value {
        Value::Number(n) if !n.is_i64() => Value::String(n.to_string()),
        Value::Array(items) => items.into_iter().map(exact).collect(),
        Value::Object(entries) => {
            Value::Object(entries.into_iter().map(|(name, inner)| (name, exact(inner))).collect())
        }
        other => other,
    }
}

/// What a household says to a question; a list by its length.
fn said(household: &Value, fact: &str, kind: &QuestionKind) -> Value {
    let at = household.pointer(&format!("/{}", fact.replace(']', "").replace(['.', '['], "/")));
    match (kind, at) {
        (QuestionKind::Count, Some(Value::Array(items))) => items.len().into(),
        // Where the household states evidence, what it says.
        (_, Some(value)) => value.pointer("/evidence/0/value").unwrap_or(value).clone(),
        (_, None) => Value::Null,
    }
}

/// Asks for the facts in the order in which they are declared until nothing is missing: only those that can matter, or all. How many
/// were asked.
fn by_the_file(plan: &Plan, household: &Value, json: &str, all: bool) -> Result<u32, Box<dyn std::error::Error>> {
    let mut known = bare(household);
    let mut places = places(household, "", json);
    let mut asked = 0;
    loop {
        let decision = plan.decide(&plan.facts(&known)?);
        let entitlements = decision.programmes().flat_map(|p| p.entitlements());
        let missing: Vec<&str> = entitlements.flat_map(|(_, e)| e.missing().iter().map(|m| m.fact.as_str())).collect();
        let next = places.iter().position(|place| all || missing.contains(&place.as_str()));
        let (false, Some(next)) = (missing.is_empty(), next) else { return Ok(asked) };
        asked += 1;
        let pointer = format!("/{}", places.remove(next).replace(']', "").replace(['.', '['], "/"));
        let value = match household.pointer(&pointer).cloned().unwrap_or(Value::Null) {
            Value::Array(items) => items.iter().map(bare).collect(),
            value => value,
        };
        if let Some((above, name)) = pointer.rsplit_once('/')
            && let Some(Value::Object(object)) = known.pointer_mut(above)
        {
            object.insert(name.to_owned(), value);
        }
    }
}

/// What is known of an element before it is asked about: its key, which is the first of its facts where it is a text.
fn bare(element: &Value) -> Value {
    match element {
        Value::Object(entries) => Value::Object(
            entries
                .iter()
                .filter(|(name, _)| KEYS.contains(&name.as_str()))
                .map(|(n, v)| (n.clone(), v.clone()))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// The places of the facts in their order, those of the household before those of its lists.
fn places(value: &Value, path: &str, json: &str) -> Vec<String> {
    let Value::Object(entries) = value else { return Vec::new() };
    let (mut own, mut within) = (Vec::new(), Vec::new());
    let mut entries: Vec<(&String, &Value)> = entries.iter().collect();
    entries.retain(|(name, _)| !KEYS.contains(&name.as_str()));
    // As the JSON text has them, which is as they are declared.
    entries.sort_by_key(|(name, _)| json.find(&format!("\"{name}\":")));
    for (name, inner) in entries {
        let place = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        if let Value::Array(items) = inner {
            for (at, item) in items.iter().enumerate() {
                within.extend(places(item, &format!("{place}[{at}]"), json));
            }
        }
        own.push(place);
    }
    own.extend(within);
    own
}
