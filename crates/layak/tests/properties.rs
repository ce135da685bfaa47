//! Properties: what must hold of all households, tried on households made by chance.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use layak::{Finding, Lang, PropertyOptions, PropertyResult, Ruleset};

fn run_with(rules: &str, options: &PropertyOptions) -> Vec<PropertyResult> {
    Ruleset::from_text(rules).unwrap_or_else(|e| panic!("{e}\n{rules}")).run_properties(options)
}

fn run(rules: &str) -> Vec<PropertyResult> {
    run_with(rules, &PropertyOptions::new())
}

/// The one property of some rules, which fails.
fn failed(rules: &str) -> PropertyResult {
    let [result] = run(rules).try_into().unwrap();
    assert!(!result.failures().is_empty(), "it holds");
    result
}

fn first_json(result: &PropertyResult) -> &str {
    result.counterexample().unwrap().households()[0].json()
}

/// The tests of a counterexample, pasted below the rules, with what of each does not come out.
fn pasted(rules: &str, result: &PropertyResult) -> Vec<Vec<String>> {
    let tests: Vec<&str> = result.counterexample().unwrap().households().iter().filter_map(|h| h.test()).collect();
    let rules = format!("{rules}\n{}", tests.join("\n"));
    let loaded = Ruleset::from_text(&rules).unwrap_or_else(|e| panic!("{e}\n{rules}"));
    let results = loaded.run_tests();
    assert_eq!(results.len(), tests.len());
    results.iter().map(|r| r.failures().iter().map(|f| f.in_lang(Lang::En).to_owned()).collect()).collect()
}

const AID: &str = r#"
module m
currency IDR
calendar leap_day march_1, month_end clip
enum Work { farmer, trader, none }
entity Household {
  id      text key
  desil   integer 1..10
  work    Work
  since   date
  members list of Person 0..6
}
entity Person { nik text key  birth_date date  pregnant boolean  wage money 0.. per month  died_on optional date }
parameter limit: integer
  from 2025-01-01: 4
  from 2026-01-01: 3
define Person.age = years from birth_date to as_of
define Person.living = died_on is none
criterion poor when desil <= limit
programme aid
  requires poor
  gives    amount = IDR 100_000 * count(members where living and (pregnant or age >= 60))
programme card for Person
  requires adult
criterion Person.adult when age >= 18
"#;

fn aid(property: &str) -> String {
    format!("{AID}{property}")
}

#[test]
fn a_property_that_holds_is_tried_on_many_households() {
    let results = run(&aid("
property poorer_never_loses
  for all h: Household
  let poorer = h with { desil: h.desil - 1 }
  expect h.aid eligible implies poorer.aid eligible
  expect poorer.aid eligible implies poorer.aid.amount >= h.aid.amount
property no_negative_grant
  expect aid.amount >= IDR 0
property a_card_is_for_adults
  for all p: Person
  expect p.card eligible implies p.age >= 18
property order_of_changes
  for all h: Household
  let one = h with { desil: 1 }
  let two = one with { work: farmer }
  expect two.desil = 1 and two.work = Work.farmer and two.since = h.since
"));
    for result in &results {
        assert_eq!(result.failures(), [], "{}", result.name());
        assert!(result.counterexample().is_none());
        assert!(result.tried() > 100, "{}: {}", result.name(), result.tried());
    }
    let names: Vec<&str> = results.iter().map(|r| r.name()).collect();
    assert_eq!(names, ["poorer_never_loses", "no_negative_grant", "a_card_is_for_adults", "order_of_changes"]);
}

#[test]
fn a_threshold_is_hit_on_and_beside_it() {
    // Each of these fails for one value alone.
    for (law, household) in [
        ("h.desil != 4", r#"{"id":"1","desil":4}"#),
        ("h.aid.amount != IDR 600_000 or h.desil > 0", ""),
        ("h.since != 2025-01-01", r#"{"id":"1","since":"2025-01-01"}"#),
        ("h.since != 2024-12-31", r#"{"id":"1","since":"2024-12-31"}"#),
    ] {
        let rules = aid(&format!("property p\n  for all h: Household\n  expect {law}\n"));
        let [result] = run_with(&rules, &PropertyOptions::new().count(2_000)).try_into().unwrap();
        match household {
            "" => assert_eq!(result.failures(), [], "{law}"),
            household => assert_eq!(first_json(&result), household, "{law}"),
        }
    }
    // The day on which somebody turns 60.
    let result =
        failed(&aid("property p as of 2026-03-10\n  for all p: Person\n  expect p.birth_date + 60 years != as_of\n"));
    assert!(first_json(&result).contains(r#""birth_date":"1966-03-10""#), "{}", first_json(&result));
    // A member's wage just above what a rule compares it with, of another unit of time.
    let rules = aid(
        "define Person.rich = wage * 12 months > IDR 36_000_000\nproperty p\n  for all p: Person\n  expect not p.rich\n",
    );
    assert!(first_json(&failed(&rules)).contains("wage"));
}

#[test]
fn the_household_is_small_and_can_be_decided() {
    let rules = aid("property p as of 2026-01-15\n  for all h: Household\n  expect h.aid.amount <= IDR 100_000\n");
    let result = failed(&rules);
    assert_eq!(result.failures()[0].in_lang(Lang::En), "`h.aid.amount <= IDR 100_000` does not hold");
    assert_eq!(result.failures()[0].in_lang(Lang::Id), "`h.aid.amount <= IDR 100_000` tidak terpenuhi");
    let example = result.counterexample().unwrap();
    assert_eq!(
        (example.seed(), example.as_of().to_string().as_str(), example.households().len()),
        (1, "2026-01-15", 1)
    );
    let household = &example.households()[0];
    assert_eq!(household.name(), Some("h"));
    let facts: serde_json::Value = serde_json::from_str(household.json()).unwrap();
    assert_eq!(facts["members"].as_array().unwrap().len(), 2, "{facts}");
    let loaded = Ruleset::from_text(&rules).unwrap();
    let plan = loaded.as_of("2026-01-15".parse().unwrap());
    let decision = plan.decide(&plan.facts_from_json(household.json().as_bytes()).unwrap());
    assert!(decision.programme("aid").unwrap().outcome().is_some());
    // Pasted it fails as the property does.
    assert_eq!(pasted(&rules, &result), [["`(aid.amount <= IDR 100_000)` does not hold"]]);
}

#[test]
fn several_households_are_shown_each_with_what_the_rules_say() {
    let rules = aid("property p as of 2026-01-15
  for all h: Household
  let other = h with { desil: h.desil + 1 }
  expect h.aid eligible implies other.aid eligible
");
    let result = failed(&rules);
    let households = result.counterexample().unwrap().households();
    assert_eq!(households[0].json(), r#"{"id":"1","desil":3}"#);
    assert_eq!(households[1].json(), r#"{"id":"1","desil":4}"#);
    assert_eq!((households[0].name(), households[1].name()), (Some("h"), Some("other")));
    assert_eq!(
        households[0].test().unwrap(),
        "test \"p: h\" as of 2026-01-15\n  given { id: \"1\", desil: 3 }\n  expect aid eligible\n"
    );
    assert_eq!(pasted(&rules, &result), [Vec::<String>::new(), Vec::new()]);
    // Values of every kind.
    let rules = aid("
define grant: money per month = if desil = 2 then IDR 5 per month else IDR 7.5 per month
define debt = if desil = 2 then -IDR 5 else IDR 0
define day = if desil = 2 then 2026-01-15 else 2026-01-16
define named = if desil = 2 then \"a\\\"b\" else \"b\"
define kind: Work = if desil = 2 then farmer else none
property p as of 2026-01-15
  for all h: Household
  let other = h with { desil: h.desil + 1 }
  expect (h.grant = other.grant and h.debt = other.debt and h.day = other.day and h.named = other.named)
      or h.kind = other.kind or h.desil + 1 != 2 + 1
");
    let result = failed(&rules);
    assert_eq!(pasted(&rules, &result), [Vec::<String>::new(), Vec::new()]);
    let text = result.counterexample().unwrap().households()[0].test().unwrap();
    for line in [
        "grant = IDR 5 per month",
        "debt = -IDR 5",
        "day = 2026-01-15",
        r#"named = "a\"b""#,
        "kind = Work.`farmer`",
        "not (desil + 1 != 2 + 1)",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn members_and_lists_are_named_by_their_place() {
    let rules = aid(
        "property p as of 2026-01-15\n  for all p: Person\n  let older = p with { pregnant: yes }\n  expect p.pregnant = older.pregnant\n",
    );
    let result = failed(&rules);
    assert_eq!(first_json(&result), r#"{"id":"1","members":[{"nik":"2","pregnant":false}]}"#);
    let text = result.counterexample().unwrap().households()[1].test().unwrap();
    assert!(text.contains("expect members[0].pregnant\n"), "{text}");
    assert_eq!(pasted(&rules, &result), [Vec::<String>::new(), Vec::new()]);
    let rules = aid(
        "property p as of 2026-01-15\n  for all h: Household\n  expect count(h.members where h.desil > 3 and pregnant) = 0\n",
    );
    let result = failed(&rules);
    let text = result.counterexample().unwrap().households()[0].test().unwrap();
    assert!(text.contains("(count(household.members where household.desil > 3 and pregnant) = 0)"), "{text}");
    assert_eq!(pasted(&rules, &result).concat().len(), 1);
}

#[test]
fn the_same_seed_makes_the_same_households() {
    let rules = aid(
        "property p\n  expect aid.amount < IDR 200_000\nproperty q\n  for all h: Household\n  let o = h with { desil: h.desil - 1 }\n  expect o.desil < h.desil\n",
    );
    let once = run_with(&rules, &PropertyOptions::new().seed(5));
    assert_eq!(once, run_with(&rules, &PropertyOptions::new().seed(5)));
    let seeds: std::collections::BTreeSet<usize> = (0..20)
        .map(|seed| run_with(&rules, &PropertyOptions::new().seed(seed))[0].counterexample().unwrap().number())
        .collect();
    assert!(seeds.len() > 1, "{seeds:?}");
    assert!(run_with(&rules, &PropertyOptions::new().count(7))[1].tried() <= 7);
}

#[test]
fn a_property_without_a_household_has_failed_and_a_fault_does_not_hold() {
    let result = failed(&aid(
        "property p\n  for all h: Household\n  let o = h with { desil: h.desil + 20 }\n  expect o.desil > 0\n",
    ));
    assert_eq!((result.tried(), result.counterexample()), (0, None));
    assert!(result.failures()[0].in_lang(Lang::En).starts_with("none of 1000 households could be tried"));
    let result = failed(&aid("define share = 100 / count(members)\nproperty p\n  expect share > 0\n"));
    assert_eq!(first_json(&result), r#"{"id":"1","members":[]}"#);
    assert!(result.failures()[0].in_lang(Lang::En).starts_with("`share > 0`: "), "{:?}", result.failures());
    // Of two households, one of which is a fault.
    let result = failed(&aid(
        "define share = 100 / (desil - 2)\nproperty p\n  for all h: Household\n  let o = h with { desil: 2 }\n  expect o.share != h.share or h.desil = 2\n",
    ));
    assert!(result.counterexample().is_some());
}

#[test]
fn what_several_households_say_is_put_together_exactly() {
    // Every one of these holds, so each operator between households is reckoned right.
    for law in [
        "max(h.desil, o.desil) = o.desil and min(h.desil, o.desil) = h.desil",
        "sum([h.desil, o.desil, 1]) = 2 * h.desil + 2",
        "count([h.desil, o.desil]) = 2",
        "h.desil in [o.desil - 1, 50] and not (h.desil in [o.desil, 50])",
        "if h.desil < o.desil then o.desil = h.desil + 1 else h.desil > 100",
        "(h.desil is known and o.desil is known) and not (h.desil = o.desil)",
        "h.desil < o.desil and o.desil > h.desil and h.desil <= o.desil and o.desil != h.desil",
        "not (o.aid eligible) or h.aid eligible",
        "h.since = o.since and h.work = o.work",
        "o.desil - h.desil = 1 and o.desil in 2..10",
        "(if o.aid eligible then h.desil else 3) <= 4",
    ] {
        let rules = aid(&format!(
            "property p\n  for all h: Household\n  let o = h with {{ desil: h.desil + 1 }}\n  expect {law}\n"
        ));
        let [result] = run(&rules).try_into().unwrap();
        assert_eq!(result.failures(), [], "{law}: {:?}", result.counterexample());
        assert!(result.tried() > 50);
    }
}

#[test]
fn families_are_made_as_their_links_must_be() {
    let rules = r#"
module m
entity Household { people list of Person 2..8  head optional link to Person  pets list of Pet }
entity Person {
  nik      text key
  mother   optional link to Person inverse children acyclic
  children list of link to Person
  spouse   optional link to Person inverse spouse
  guardian optional link to Person inverse ward
  ward     optional link to Person
  near     list of link to Person 0..2
}
entity Pet { number integer 5.. key  owner link to Person }
define one = 1
"#;
    let rules = format!(
        "{rules}
property mothers
  for all h: Household
  expect sum(h.people each count(children)) = count(h.people where mother is not none)
property spouses
  for all h: Household
  expect every((h.people p where p.spouse is not none) p each p.spouse.spouse = p)
property someone_is_a_mother
  for all h: Household
  expect every(h.people each mother is none)
property someone_has_a_ward
  for all h: Household
  expect every(h.people each ward is none)
property somebody_is_married
  for all h: Household
  expect every(h.people each spouse is none)
property pets_are_numbered
  for all p: Pet
  expect p.number > 5
property another_mother
  for all p: Person
  let q = p with {{ mother: none }}
  expect q.mother is none
"
    );
    for result in run_with(&rules, &PropertyOptions::new().count(300)) {
        if result.name().starts_with("some") {
            assert!(result.counterexample().is_some(), "{}", result.name());
        } else {
            assert_eq!(result.failures(), [], "{}: {:?}", result.name(), result.counterexample());
            assert!(result.tried() > 150, "{}: {}", result.name(), result.tried());
        }
    }
}

#[test]
fn an_indonesian_file_gets_an_indonesian_test() {
    let rules = "modul m\nbahasa id\nentitas Keluarga { desil bulat 1..10  hamil ya_tidak  anak opsional bulat 0..9 }\n\
                 tetapkan jatah = jika hamil maka 10 - desil lainnya 0\n\
                 sifat cukup per tanggal 2026-01-15\n  untuk semua k: Keluarga\n  misalkan lain = k dengan { desil: k.desil + 1 }\n  harapkan lain.jatah >= k.jatah\n\
                 sifat anak_ada per tanggal 2026-01-15\n  untuk semua k: Keluarga\n  harapkan k.anak adalah bukan kosong\n";
    let loaded = match Ruleset::from_text(rules) {
        Ok(loaded) => loaded,
        Err(findings) => panic!("{findings}"),
    };
    let results = loaded.run_properties(&PropertyOptions::new());
    for result in &results {
        let text: Vec<&str> = result.counterexample().unwrap().households().iter().filter_map(|h| h.test()).collect();
        assert!(text[0].starts_with("uji \""), "{}", text[0]);
        let all = format!("{rules}\n{}", text.join("\n"));
        let again = Ruleset::from_text(&all).unwrap_or_else(|e| panic!("{e}\n{all}"));
        assert_eq!(again.run_tests().len(), text.len());
    }
    assert!(first_json(&results[0]).contains(r#""hamil":true"#));
}

#[test]
fn the_household_is_named_from_what_members_hold() {
    let rules = |law: &str| {
        format!(
            "module m entity Household {{ most integer 0..9  members list of Person 0..3 }}\n\
             entity Person {{ nik text key  jobs list of Job 0..2 }}\nentity Job {{ pay integer 0..9 }}\n\
             property p\n  for all j: Job\n  expect {law}\n"
        )
    };
    assert_eq!(run(&rules("j.household.most >= 0 and j.pay >= 0"))[0].failures(), []);
    let found = failed(&rules("j.household.most >= j.pay"));
    assert!(first_json(&found).contains(r#""most":0"#), "{}", first_json(&found));
    assert!(first_json(&found).contains(r#""pay":1"#), "{}", first_json(&found));
}

#[test]
fn findings_say_what_a_property_cannot_be() {
    let found = |property: &str| -> Vec<String> {
        match Ruleset::from_text(&aid(property)) {
            Ok(_) => Vec::new(),
            Err(findings) => findings.iter().map(|f| f.code().to_string()).collect(),
        }
    };
    assert_eq!(found("property p\n  for all h: Household\n  expect h.desil > 1"), Vec::<String>::new());
    for (property, code) in [
        ("property p\n  for all h: Household", "L0350"),
        ("property p\n  for all h: Household\n  for all g: Household\n  expect h.desil = g.desil", "L0350"),
        ("property p\n  for all h: House\n  expect h.desil > 1", "L0201"),
        ("property p\n  for all h: Household\n  expect desil > 1", "L0201"),
        ("property p\n  for all h: Household\n  expect h.desill > 1", "L0201"),
        ("property p\n  for all h: Household\n  let o = g with { desil: 1 }\n  expect h.desil > 1", "L0201"),
        ("property p\n  for all h: Household\n  let o = h with { desill: 1 }\n  expect h.desil > 1", "L0201"),
        ("property p\n  for all h: Household\n  let h = h with { desil: 1 }\n  expect h.desil > 1", "L0202"),
        ("property p\n  for all h: Household\n  let o = h with { desil: 1, desil: 2 }\n  expect h.desil > 1", "L0202"),
        ("property p\n  expect desil > 1\nproperty p\n  expect desil > 1", "L0202"),
        ("property p\n  for all h: Household\n  let o = h with { desil: \"1\" }\n  expect h.desil > 1", "L0301"),
        ("property p\n  for all h: Household\n  expect h.desil", "L0301"),
        ("property p\n  for all h: Household\n  let o = h with { id: \"1\" }\n  expect h.desil > 1", "L0351"),
        ("property p\n  for all h: Household\n  let o = h with { members: 1 }\n  expect h.desil > 1", "L0351"),
        (
            "property p\n  for all h: Household\n  let o = h with { desil: 1 }\n  expect any(h.members each wage * 1 month > o.aid.amount)",
            "L0352",
        ),
    ] {
        let codes = found(property);
        assert_eq!(codes.first().map(String::as_str), Some(code), "{property}: {codes:?}");
    }
    let mut sources = layak::Sources::new();
    sources.add("aid.layak", AID);
    sources.add("p.layak", "module p\nproperty p\n  for all h: Household\n  expect h.desil > 0\n");
    let findings = Ruleset::from_sources(&sources, layak::Limits::default()).err().unwrap();
    assert_eq!(findings.iter().map(|f| f.code().to_string()).collect::<Vec<_>>(), ["L0207"]);
    let help =
        Ruleset::from_text(&aid("property p\n  for all h: Household\n  expect desil > 1")).err().unwrap().to_string();
    assert!(help.contains("write `h.desil`"), "{help}");
}

#[test]
fn long_properties_cost_no_more_than_their_length() {
    let terms: Vec<String> = (0..3_000).map(|n| format!("h.desil + {n} < o.desil + {n}")).collect();
    let rules = aid(&format!(
        "property p\n  for all h: Household\n  let o = h with {{ desil: h.desil + 1 }}\n  expect {}\n",
        terms.join(" and ")
    ));
    let [result] = run_with(&rules, &PropertyOptions::new().count(3)).try_into().unwrap();
    assert_eq!(result.failures(), []);
    // Entities within one another, deeper than households are made.
    let deep: Vec<String> =
        (0..200).map(|n| format!("entity E{n} {{ v integer  list list of E{} 1..3 }}", n + 1)).collect();
    let rules = format!(
        "module m\nentity H {{ n integer  list list of E0 }}\n{}\nentity E200 {{ v integer }}\nproperty p\n  expect n = n\n",
        deep.join("\n").replace("  list list", "  `list` list")
    )
    .replace("  list list", "  `list` list");
    assert_eq!(run_with(&rules, &PropertyOptions::new().count(20))[0].failures(), []);
}

#[test]
fn a_property_is_no_part_of_what_decisions_rest_on() {
    let plain = Ruleset::from_text(AID).unwrap();
    let with = Ruleset::from_text(&aid("property p\n  expect desil > 0\n")).unwrap();
    assert_eq!(plain.fingerprint(), with.fingerprint());
}

/// Lists that must hold many within lists that must hold many are not made, and that is told.
#[test]
fn households_that_would_be_too_large_are_not_made() {
    let deep: Vec<String> =
        (0..10).map(|n| format!("entity E{n} {{ v integer  inner list of E{} 50..100 }}", n + 1)).collect();
    let rules = format!(
        "module m\nentity H {{ n integer  inner list of E0 50..100 }}\n{}\nentity E10 {{ v integer }}\n\
         property p\n  expect n = n\nproperty q\n  expect count(inner) > 0\nproperty r\n  expect sum(inner x each count(x.inner)) > 2_800\n",
        deep.join("\n")
    );
    let results = run_with(&rules, &PropertyOptions::new().count(5));
    let failures: Vec<usize> = results.iter().map(|r| r.failures().len()).collect();
    assert_eq!(failures, [0, 0, 1]);
}

#[test]
fn what_a_property_reads_is_used_and_so_is_the_other_side_of_a_link() {
    let rules = "module m
entity H { n integer  m integer  people list of P }
entity P { nik text key  mother optional link to P inverse children  children list of link to P }
criterion big when n > 1
criterion mothers when any(people where count(children) > 0)
programme p requires big, mothers
define only_asked = n + 1
define shifted = m
";
    let unused = |more: &str| -> Vec<String> {
        let rules = Ruleset::from_text(&format!("{rules}{more}")).unwrap();
        let told = |f: &Finding| f.message().in_lang(Lang::En).to_owned();
        rules.analyse().iter().map(told).filter(|message| message.ends_with("is not used")).collect()
    };
    assert_eq!(unused(""), ["`m` is not used", "`only_asked` is not used", "`shifted` is not used"]);
    let property =
        "property q\n  for all h: H\n  let o = h with { n: h.shifted }\n  expect h.only_asked > h.n and o.n = h.m\n";
    assert_eq!(unused(property), Vec::<String>::new());
}

#[test]
fn a_fact_that_must_be_verified_comes_with_a_source_that_verifies_it() {
    let rules = "module m
calendar leap_day march_1, month_end clip
source self \"Own word\"
source bkn fresh for 3 months
entity H { id text key  job text from self, bkn must be verified  spouse optional H2  n integer 0..9 from self, bkn must be verified }
entity H2 { a boolean }
property all_known as of 2026-01-15
  for all h: H
  let o = h with { n: h.n + 1 }
  expect o.n = h.n + 1 and h.job is known
property small as of 2026-01-15
  for all h: H
  expect h.n < 5
"
    .replace("  spouse optional H2", "")
    .replace("entity H2 { a boolean }\n", "");
    let results = run(&rules);
    assert_eq!(results[0].failures(), []);
    assert!(results[0].tried() > 500, "{}", results[0].tried());
    let household = &results[1].counterexample().unwrap().households()[0];
    assert!(household.json().contains(r#""n":{"evidence":[{"value":"#), "{}", household.json());
    assert_eq!(pasted(&rules, &results[1]).concat(), ["`(n < 5)` does not hold"]);
}
