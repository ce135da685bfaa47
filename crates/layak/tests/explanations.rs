//! What a family, a caseworker and an auditor are told of one decision.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use layak::{Explanation, Lang, Plan, Reader, Ruleset};
use serde_json::Value;

const RULES: &str = r#"
module aid
currency IDR
calendar leap_day march_1, month_end clip
source pln id "Perusahaan listrik" en "Power company"
source self id "Pernyataan sendiri" en "Own statement" unverified
entity Household {
  id       text key
  desil    integer 1..10 id "Desil kesejahteraan" en "Decile of welfare"
  power    integer 0..   id "Daya listrik" en "Power of the home" from pln, self
  rooms    integer 0..9
  members  list of Person 0..9
}
entity Person {
  name        text
  birth_date  date id "Tanggal lahir" en "Date of birth"
}
parameter desil_limit: integer
  from 2025-01-01: 4 basis "Decree 79/2025"
define Person.age = years from birth_date to as_of
criterion poor id "Desil rendah" en "Low decile"
  when desil <= desil_limit
  basis "Decree 79/2025"
  otherwise id "Desil {desil} di atas batas {desil_limit}" en "Decile {desil} is above the limit {desil_limit}"
criterion high_power id "Daya tinggi" en "High power"
  when power >= 2_200
  otherwise id "Daya listrik {power} VA terlalu tinggi" en "The power of {power} VA is too high"
criterion has_elder id "Ada lansia" en "An elder" when any(members where age >= 60)
criterion roomy when rooms > 7
programme food id "Bantuan pangan" en "Food aid"
  basis "Act 1/2018"
  appeal id "balai desa" en "the village hall"
  requires poor, has_elder
  refuses high_power, roomy
  gives amount id "Bantuan sebulan" en "Grant for a month" = IDR 200_000
"#;

fn plan() -> Plan {
    Ruleset::from_text(RULES).unwrap().as_of("2026-02-15".parse().unwrap())
}

fn explained(json: &str) -> Explanation {
    let plan = plan();
    plan.explain(&plan.facts_from_json(json.as_bytes()).unwrap())
}

fn data(explanation: &Explanation, reader: Reader, lang: Lang) -> Value {
    serde_json::to_value(explanation.json(reader, lang)).unwrap()
}

const REFUSED: &str = r#"{"id": "a", "desil": 5, "power": 2200, "rooms": 2,
    "members": [{"name": "Siti", "birth_date": "1950-01-01"}, {"name": "Budi", "birth_date": "2000-01-01"}]}"#;

#[test]
fn a_letter_of_a_refusal_names_each_reason_what_was_noted_and_where_to_object() {
    let explanation = explained(REFUSED);
    let letter = explanation.text(Reader::Family, Lang::Id);
    for told in [
        "Bantuan pangan\n\nAnda tidak berhak atas bantuan ini.",
        "- Desil 5 di atas batas 4.",
        "- Daya listrik 2.200 VA terlalu tinggi.",
        "- Daya listrik: 2.200 — diperbaiki di: Perusahaan listrik",
        "ajukan keberatan di sini: balai desa",
        "Aturannya: Act 1/2018",
    ] {
        assert!(letter.contains(told), "{told}:\n{letter}");
    }
    // What did not decide is not spoken of, nor what only the trade says.
    for untold in ["Siti", "lansia", "rooms", "high_power", "module", "criterion", "{"] {
        assert!(!letter.contains(untold), "{untold}:\n{letter}");
    }
    let english = explanation.text(Reader::Family, Lang::En);
    assert!(english.contains("- The power of 2,200 VA is too high."), "{english}");
    assert!(english.contains("you may object here: the village hall"), "{english}");
    let json = data(&explanation, Reader::Family, Lang::En);
    assert_eq!(json["programmes"][0]["outcome"], "not_eligible");
    assert_eq!(json["programmes"][0]["reasons"].as_array().unwrap().len(), 2);
}

#[test]
fn a_letter_says_what_is_given_or_what_is_still_needed_and_from_whom() {
    let given = explained(&REFUSED.replace(r#""desil": 5, "power": 2200"#, r#""desil": 2, "power": 900"#));
    let letter = given.text(Reader::Family, Lang::En);
    assert!(
        letter.contains("You receive this assistance.") && letter.contains("- Grant for a month: Rp200,000"),
        "{letter}"
    );
    let open = explained(r#"{"id": "a", "desil": 2, "rooms": 2, "members": [{"name": "Siti"}]}"#);
    let letter = open.text(Reader::Family, Lang::En);
    for told in [
        "This cannot be decided yet.",
        "- Power of the home — from: Power company, Own statement",
        "- Date of birth (Siti)",
        "Bring what is missing",
    ] {
        assert!(letter.contains(told), "{told}:\n{letter}");
    }
    assert!(!letter.contains("object"), "nothing is decided yet:\n{letter}");
}

#[test]
fn a_letter_says_the_same_of_several_members_once() {
    let rules = "module aid entity H { people list of P }
        entity P { name text  age integer 0.. id \"Umur\" en \"Age\" }
        criterion P.old when age >= 60 otherwise id \"Umur {age} di bawah 60\" en \"Age {age} is below 60\"
        programme card for P id \"Kartu\" en \"Card\" requires old";
    let plan = Ruleset::from_text(rules).unwrap().as_of("2026-02-15".parse().unwrap());
    let told = |ages: &[(&str, u8)], lang| {
        let people: Vec<String> = ages.iter().map(|(n, a)| format!("{{\"name\": \"{n}\", \"age\": {a}}}")).collect();
        let facts = plan.facts_from_json(format!("{{\"people\": [{}]}}", people.join(",")).as_bytes()).unwrap();
        let letter = data(&plan.explain(&facts), Reader::Family, lang);
        let parts = letter["programmes"].as_array().unwrap().iter();
        parts.map(|p| (p["heading"].as_str().unwrap().to_owned(), p["members"].clone())).collect::<Vec<_>>()
    };
    let all = [("Ani", 70), ("Budi", 20), ("Citra", 61), ("Dewi", 65), ("Eko", 20)];
    let expected = [
        ("Kartu, untuk Ani, Citra, dan Dewi".to_owned(), serde_json::json!(["0", "2", "3"])),
        // Each is told of his own age: what was noted is not the same fact.
        ("Kartu, untuk Budi".to_owned(), serde_json::json!(["1"])),
        ("Kartu, untuk Eko".to_owned(), serde_json::json!(["4"])),
    ];
    assert_eq!(told(&all, Lang::Id), expected);
    assert_eq!(told(&all[2..4], Lang::En)[0].0, "Card, for Citra and Dewi");
}

#[test]
fn a_caseworker_sees_facts_parameters_and_members_and_only_those_that_decided() {
    let told = explained(REFUSED).text(Reader::Caseworker, Lang::En);
    for line in ["desil = 5", "desil_limit = 4, from 1 January 2025 (Decree 79/2025)", "power = 2,200"] {
        assert!(told.contains(line), "{line}:\n{told}");
    }
    assert!(!told.contains("birth_date") && !told.contains("rooms"), "{told}");
    let given = explained(&REFUSED.replace(r#""desil": 5, "power": 2200"#, r#""desil": 2, "power": 900"#));
    let told = given.text(Reader::Caseworker, Lang::En);
    // One elder suffices: the other member decided nothing.
    assert!(told.contains("members[0].birth_date (Siti) = 1 January 1950"), "{told}");
    assert!(!told.contains("Budi"), "{told}");
}

#[test]
fn an_audit_record_holds_what_was_used_exactly_and_nothing_else() {
    let evidence =
        r#"{"evidence": [{"value": 2200, "source": "pln", "date": "2026-01-05"}, {"value": 900, "source": "self"}]}"#;
    let explanation = explained(&REFUSED.replace("2200", evidence));
    let record = data(&explanation, Reader::Audit, Lang::En);
    assert_eq!(record["schema"], "layak.audit/1");
    assert_eq!((&record["as_of"], &record["known_on"]), (&"2026-02-15".into(), &"2026-02-15".into()));
    assert_eq!(record["ruleset"], explanation.decision().ruleset());
    let facts: Vec<&str> = record["facts"].as_array().unwrap().iter().map(|f| f["fact"].as_str().unwrap()).collect();
    assert_eq!(facts, ["desil", "power"]);
    assert_eq!(record["facts"][1]["value"], 2200);
    assert_eq!(record["facts"][1]["evidence"][0]["source"], "pln");
    assert_eq!(record["facts"][1]["evidence"][1]["value"], 900);
    assert!(!record.to_string().contains("Siti"), "{record}");
    // Every number names a ground.
    let grounds = record["grounds"].as_array().unwrap();
    for ground in grounds {
        for below in ground["rests_on"].as_array().unwrap() {
            assert!(below.as_u64().unwrap() < grounds.len() as u64);
        }
    }
    let text = explanation.text(Reader::Audit, Lang::Id);
    assert!(text.contains("power (Daya listrik) = 2.200; pln: 2200, 2026-01-05; self: 900"), "{text}");
}

/// The tags of a page, each closed by its own; panics where they are not. Gives the ids.
fn ids_of_balanced(html: &str) -> Vec<String> {
    let (mut open, mut ids) = (Vec::new(), Vec::new());
    let body = &html[html.find("<html").unwrap()..];
    let mut rest = body;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let end = rest.find('>').unwrap();
        let tag = &rest[..end];
        let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        if tag.starts_with('/') {
            assert_eq!(open.pop().as_deref(), Some(name.as_str()), "…{}", &rest[..end.min(80)]);
        } else if !matches!(name.as_str(), "meta") && !tag.ends_with('/') {
            open.push(name);
        }
        if let Some(id) = tag.split(" id=\"").nth(1) {
            ids.push(id.split('"').next().unwrap().to_owned());
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty(), "{open:?}");
    ids
}

#[test]
fn pages_need_nothing_beside_them_and_show_no_markup_of_the_facts() {
    let wicked = r#"<img src=x onerror='a(\"b\")'>&amp;"#;
    let facts = REFUSED.replace(r#""desil": 5, "power": 2200"#, r#""desil": 2"#).replace("Siti", wicked);
    for (household, lang) in [(facts.as_str(), Lang::En), (facts.as_str(), Lang::Id), (REFUSED, Lang::Id)] {
        let explanation = explained(household);
        for reader in [Reader::Family, Reader::Caseworker, Reader::Audit] {
            let html = explanation.html(reader, lang);
            let mut ids = ids_of_balanced(&html);
            let count = ids.len();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), count, "an id stands once");
            for referred in html.split("labelledby=\"").skip(1).flat_map(|s| s.split('"').next().unwrap().split(' ')) {
                assert!(ids.iter().any(|id| id == referred), "{referred}");
            }
            assert!(html.contains(&format!("<html lang=\"{}\">", lang.tag())) && html.contains("name=\"viewport\""));
            assert!(html.contains("prefers-color-scheme:dark") && html.contains("@page{size:A4"));
            for outside in ["<script", "<link", "<img", "url(", "@import", "javascript:"] {
                assert!(!html.contains(outside), "{outside}");
            }
            // The namespace of the drawing is the only address.
            assert_eq!(html.matches("http").count(), html.matches("http://www.w3.org/2000/svg").count());
            assert_eq!(html.contains("<svg"), reader != Reader::Family);
        }
    }
}

#[test]
fn the_drawing_tells_what_held_by_sign_line_and_words() {
    let html = explained(REFUSED).html(Reader::Caseworker, Lang::En);
    for told in [
        "<title id=\"gt1\">Decision graph: Food aid</title>",
        "Low decile (speaks against it): requires: no.",
        "class=\"box against condition\"",
        "✗ Low decile",
        "class=\"box plain fact\"",
        "stroke-dasharray",
    ] {
        assert!(html.contains(told), "{told}:\n{html}");
    }
    assert!(!html.contains("An elder"), "what did not decide is not drawn");
}

#[test]
fn a_chain_of_ten_thousand_values_is_told_whole() {
    use std::fmt::Write as _;
    let mut rules = String::from("module m\nentity H { n integer 0..9 }\ndefine d0 = n\n");
    for i in 1..10_000 {
        writeln!(rules, "define d{i} = d{} + 1", i - 1).unwrap();
    }
    rules.push_str("criterion c when d9999 > 10_005\nprogramme p requires c");
    let plan = Ruleset::from_text(&rules).unwrap().as_of("2026-01-15".parse().unwrap());
    let explanation = plan.explain(&plan.facts_from_json(br#"{"n": 3}"#).unwrap());
    assert!(explanation.text(Reader::Caseworker, Lang::En).contains("d0 = 3"));
    let html = explanation.html(Reader::Caseworker, Lang::En);
    assert!(html.contains("d0 = 3") && html.len() < 4_000_000, "{}", html.len());
    assert!(html.contains("more are not drawn"));
}
