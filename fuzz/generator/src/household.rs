//! Households for grown rules.

use serde_json::{Map, Value as Json, json};

use crate::Choices;
use crate::schema::{Fact, Kind, SOURCES, Schema, TEXTS, member};

const DAYS: &[&str] = &[
    "2000-02-29",
    "2008-01-15",
    "2025-12-31",
    "1966-01-15",
    "2026-01-15",
    "2025-02-28",
    "1990-01-14",
    "2025-10-14",
    "1955-07-01",
];

pub(crate) fn grow(schema: &Schema, c: &mut Choices<'_>, is_evidence: bool) -> Json {
    let mut home = Map::new();
    let mut place = Map::new();
    home.insert("id".to_owned(), json!("a"));
    for fact in &schema.home {
        let value = stated(c, fact, is_evidence);
        if fact.is_of_place { &mut place } else { &mut home }.insert(fact.name.clone(), value);
    }
    if !place.is_empty() {
        home.insert("place".to_owned(), Json::Object(place));
    }
    if schema.has_scalars {
        home.insert("amounts".to_owned(), (0..c.below(4)).map(|_| json!(c.below(4))).collect());
    }
    if schema.has_span {
        home.insert("span".to_owned(), json!(format!("{} days", c.below(200))));
    }
    let count = c.below(5);
    let key =
        |number: usize| if schema.has_format { format!("A{:02}{number:03}", 1 + number) } else { number.to_string() };
    let mut people = Vec::new();
    let mut married = false;
    for number in 0..count {
        let mut person = Map::new();
        person.insert("nik".to_owned(), json!(key(number)));
        for fact in &schema.person {
            person.insert(fact.name.clone(), stated(c, fact, is_evidence));
        }
        if schema.has_mother {
            // The links lead to who stands before, so they never come back.
            let mother = if number > 0 && c.below(2) == 1 { json!(key(c.below(number))) } else { Json::Null };
            person.insert("mother".to_owned(), mother);
        }
        if schema.has_spouse {
            married = if number == 0 { count > 1 && c.below(2) == 1 } else { married };
            let spouse = if married && number < 2 { json!(key(1 - number)) } else { Json::Null };
            person.insert("spouse".to_owned(), spouse);
        }
        people.push(person);
    }
    if schema.has_mother {
        let mothers: Vec<Json> = people.iter().map(|p| p.get("mother").cloned().unwrap_or_default()).collect();
        for (number, person) in people.iter_mut().enumerate() {
            let own = mothers.iter().enumerate().filter(|(_, mother)| **mother == json!(key(number)));
            person.insert("kids".to_owned(), own.map(|(kid, _)| json!(key(kid))).collect());
        }
    }
    home.insert("people".to_owned(), people.into_iter().map(Json::Object).collect());
    Json::Object(home)
}

/// A fact, plainly or as evidence.
fn stated(c: &mut Choices<'_>, fact: &Fact, is_evidence: bool) -> Json {
    let value = value(c, fact);
    let is_stated = fact.is_verified || (is_evidence && c.below(3) == 1);
    if !is_stated {
        return value;
    }
    let mut all = Vec::new();
    for _ in 0..1 + if is_evidence { c.below(3) } else { 0 } {
        let source =
            if !is_evidence || fact.sources.is_empty() { SOURCES.first() } else { SOURCES.get(c.below(SOURCES.len())) };
        let one = if all.is_empty() { value.clone() } else { self::value(c, fact) };
        all.push(if is_evidence && c.below(2) == 1 {
            json!({"value": one, "source": source, "date": c.of(DAYS)})
        } else {
            json!({"value": one, "source": source})
        });
    }
    json!({ "evidence": all })
}

fn value(c: &mut Choices<'_>, fact: &Fact) -> Json {
    if fact.is_optional && c.below(3) == 1 {
        return Json::Null;
    }
    let part = |c: &mut Choices<'_>| c.of(&["", ".5", ".25", ".125"]);
    match fact.kind {
        Kind::Truth => json!(c.below(2) == 1),
        Kind::Number => {
            let (low, high) = (fact.bounds.low, fact.bounds.high);
            let high = if low < 0 && !fact.bounds.whole { 9_000 } else { high };
            let wide = usize::try_from((high - low + 1).clamp(1, 256)).unwrap_or(1);
            let number = low + i64::try_from(c.below(wide)).unwrap_or(0) * ((high - low) / 256).max(1);
            let part = if fact.bounds.whole || number >= high { "" } else { part(c) };
            if number < 0 || part.is_empty() { json!(number) } else { json!(format!("{number}{part}")) }
        }
        Kind::Money => {
            let amount = c.below(200) * [25, 1_000, 40_000].get(c.below(3)).copied().unwrap_or(1);
            json!(format!("{amount}{}", c.of(&["", ".50"])))
        }
        Kind::Day => json!(c.of(DAYS)),
        Kind::Text => json!(c.of(&TEXTS)),
        Kind::Member(of) => json!(member(of, c.below(2))),
    }
}

/// The household with some facts left out, one in about four; keys, and links that follow from others, stay.
pub fn with_fewer(household: &Json, choices: &mut Choices<'_>) -> Json {
    match household {
        Json::Object(facts) => {
            let kept = facts.iter().filter_map(|(name, value)| {
                let stays = matches!(name.as_str(), "id" | "nik" | "kids" | "mother" | "spouse" | "place");
                let one = if name == "people" { 16 } else { 4 };
                (stays || choices.below(one) != 1).then(|| {
                    // What one fact is told by stays whole.
                    let value = if matches!(name.as_str(), "people" | "place") {
                        with_fewer(value, choices)
                    } else {
                        value.clone()
                    };
                    (name.clone(), value)
                })
            });
            Json::Object(kept.collect())
        }
        Json::Array(all) => all.iter().map(|one| with_fewer(one, choices)).collect(),
        other => other.clone(),
    }
}
