//! The built-in forms of properties: what each finds, what it lets pass, and the tests that come of it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use layak::{Lang, PropertyOptions, PropertyResult, Ruleset};

const RULES: &str = r#"
module m
currency IDR
calendar leap_day march_1, month_end clip
enum Work { farmer, trader }
entity Household {
  desil   integer 1..10
  wage    money IDR 0..
  owner   boolean
  work    Work
  since   date 2000-01-01..2026-01-15
  members list of Person 0..6
}
entity Person { nik text key  age integer 0..120  pregnant boolean  wage money IDR 0.. }
criterion poor when desil <= 4
criterion rich when desil >= 4
criterion no_owner when not owner
criterion settled when since <= 2020-01-01
criterion thrifty when IDR 10 / wage <= 1
criterion modest when desil < 4
criterion small when sum(members.wage) <= IDR 100
programme aid
  requires poor, no_owner
  gives    amount = IDR 100 * count(members)
programme loan
  requires rich
  gives    amount = if wage > IDR 1_000 then IDR 0 else IDR 1_000 - wage
programme grant
  requires settled
  gives    amount = if wage > IDR 900 then IDR 0 else IDR 300
programme food
  requires small
programme odd
  requires thrifty
programme none_rich
  requires modest
programme card for Person
  requires adult
  gives    points = 200 - age
criterion Person.adult when age >= 18
define eldest_first = if count(members) = 0 then 0 else first(members.age)
define ages = sum(members.age)
"#;

fn run(property: &str) -> PropertyResult {
    let rules = format!("{RULES}{property}");
    let rules = Ruleset::from_text(&rules).unwrap_or_else(|e| panic!("{e}\n{rules}"));
    let [result] = rules.run_properties(&PropertyOptions::new()).try_into().unwrap();
    result
}

/// The failing tests that a counterexample's tests are once they are pasted below the rules.
fn pasted(property: &str, result: &PropertyResult) -> usize {
    let tests: Vec<&str> = result.counterexample().unwrap().households().iter().filter_map(|h| h.test()).collect();
    assert!(!tests.is_empty(), "{property}");
    let rules = format!("{RULES}{}", tests.join("\n"));
    let results = Ruleset::from_text(&rules).unwrap_or_else(|e| panic!("{e}\n{rules}")).run_tests();
    assert_eq!(results.len(), tests.len());
    results.iter().filter(|r| !r.failures().is_empty()).count()
}

/// Of a form: expectations that hold and one that does not, with the smallest households and how many of the tests fail.
fn check(holds: &[&str], fails: &str, json: &[&str], failing: usize) {
    for law in holds {
        let result = run(&format!("property p {law}"));
        assert_eq!(result.failures(), &[], "{law}");
        assert!(result.tried() > 100, "{law}: {}", result.tried());
    }
    let property = format!("property p {fails}");
    let result = run(&property);
    assert_eq!(result.failures().len(), 1, "{fails}");
    let households = result.counterexample().unwrap_or_else(|| panic!("{fails}: {:?}", result.failures())).households();
    let found: Vec<&str> = households.iter().map(|h| h.json()).collect();
    assert_eq!(found, json, "{fails}");
    assert_eq!(pasted(&property, &result), failing, "{fails}: {households:#?}");
    for household in households {
        for lang in [Lang::En, Lang::Id] {
            assert!(!household.explanation(lang).is_empty(), "{fails}");
        }
    }
}

#[test]
fn more_of_a_fact_never_adds() {
    check(
        &[
            "expect more of desil never adds aid, aid.amount",
            "for all h: Household expect more of h.owner never adds h.aid",
            "expect more of since never adds grant",
            "expect less of owner never takes away aid",
            "for all p: Person expect more of p.wage never adds p.household.food",
            "for all p: Person expect more of p.age never takes away p.card",
        ],
        "expect more of desil never adds loan",
        &[r#"{"desil":3}"#, r#"{"desil":4}"#],
        0,
    );
    check(
        &[],
        "expect more of desil never takes away aid",
        &[r#"{"desil":4,"owner":false}"#, r#"{"desil":5,"owner":false}"#],
        0,
    );
    check(
        &[],
        "expect less of owner never adds aid",
        &[r#"{"desil":1,"owner":true}"#, r#"{"desil":1,"owner":false}"#],
        0,
    );
    check(&[], "expect less of since never adds grant", &[r#"{"since":"2020-01-02"}"#, r#"{"since":"2020-01-01"}"#], 0);
    // What a programme gives counts as nothing where it refuses.
    check(
        &["expect less of desil never takes away aid.amount"],
        "for all p: Person expect more of p.age never takes away p.card.points",
        &[r#"{"members":[{"nik":"2","age":18}]}"#, r#"{"members":[{"nik":"2","age":19}]}"#],
        0,
    );
}

#[test]
fn an_output_never_drops_by_more() {
    check(
        &[
            "expect loan.amount never drops by over IDR 10 when wage moves by IDR 10",
            "expect loan.amount never drops by over IDR 10 * 5 when wage moves by IDR 30",
            "for all p: Person expect p.card.points never drops by over 200 when p.age moves by 1",
            "expect ages never drops by over 0 when since moves by 1 month",
        ],
        "expect grant.amount never drops by over IDR 299 when wage moves by IDR 10",
        &[r#"{"wage":891,"since":"2019-12-31"}"#, r#"{"wage":901,"since":"2019-12-31"}"#],
        0,
    );
    // A fact moves both ways.
    check(
        &[],
        "expect loan.amount never drops by over IDR 0 when wage moves by IDR 1",
        &[r#"{"desil":4,"wage":0}"#, r#"{"desil":4,"wage":1}"#],
        0,
    );
    check(
        &[],
        "expect loan.amount never drops by over IDR 0 when desil moves by 1",
        &[r#"{"desil":4,"wage":0}"#, r#"{"desil":3,"wage":0}"#],
        0,
    );
}

#[test]
fn programmes_never_together() {
    check(
        &["expect loan, none_rich never together", "for all h: Household expect h.loan, h.none_rich never together"],
        "expect aid, loan never together",
        &[r#"{"desil":4,"owner":false}"#],
        1,
    );
    check(&[], "expect food, none_rich, loan never together", &[r#"{"desil":1,"members":[]}"#], 1);
    check(&[], "for all h: Household expect h.loan, h.aid never together", &[r#"{"desil":4,"owner":false}"#], 1);
}

#[test]
fn a_programme_is_always_decided() {
    check(
        &["expect aid, loan, grant always decided", "for all p: Person expect p.card always decided"],
        "expect odd always decided",
        &[r#"{"desil":1,"wage":0,"owner":false,"work":"farmer","since":"2020-01-01","members":[]}"#],
        1,
    );
}

#[test]
fn a_value_is_always_within() {
    check(
        &[
            "expect aid.amount always in IDR 0..IDR 600",
            "expect desil always in 1..10",
            "expect loan.amount always in IDR 0..",
            "for all p: Person expect p.card.points always in 80..182",
            "expect work always in [farmer, trader]",
        ],
        "expect aid.amount always in IDR 0..IDR 500",
        &[
            r#"{"desil":1,"owner":false,"members":[{"nik":"1"},{"nik":"2"},{"nik":"3"},{"nik":"4"},{"nik":"5"},{"nik":"6"}]}"#,
        ],
        1,
    );
    check(&[], "for all p: Person expect p.card.points always in 81..", &[r#"{"members":[{"nik":"6","age":120}]}"#], 1);
    check(
        &[],
        "for all h: Household expect h.ages always in 0..h.desil",
        &[r#"{"members":[{"nik":"1","age":11}]}"#],
        1,
    );
}

#[test]
fn the_order_of_members_changes_nothing() {
    check(
        &[
            "expect aid, aid.amount, ages unchanged by order of members",
            "for all h: Household expect h.food unchanged by order of h.members",
        ],
        "expect eldest_first unchanged by order of members",
        &[
            r#"{"members":[{"nik":"1","age":0},{"nik":"2","age":1}]}"#,
            r#"{"members":[{"nik":"2","age":1},{"nik":"1","age":0}]}"#,
        ],
        0,
    );
}

#[test]
fn a_condition_beside_a_form_is_held_to_as_well() {
    let both = |condition: &str| {
        let property = format!("property p\n  expect ages unchanged by order of members\n  expect {condition}\n");
        run(&property).failures().iter().map(|f| f.in_lang(Lang::En).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(both("ages >= 0"), [""; 0]);
    assert_eq!(both("ages < 3"), ["`ages < 3` does not hold"]);
}

#[test]
fn the_forms_have_indonesian_words() {
    let rules = r#"bahasa id
modul m
entitas Keluarga { desil bulat 1..10  anggota daftar berisi Orang 0..4 }
entitas Orang { umur bulat 0..120 }
kriteria miskin bila desil <= 4
kriteria cukup bila desil >= 4
program bantuan
  syarat miskin
  memberi besar = 10 * banyaknya(anggota)
program pinjaman
  syarat cukup
sifat makin_mampu
  untuk semua k: Keluarga
  harapkan makin besar k.desil tidak pernah menambah k.bantuan, k.bantuan.besar
  harapkan makin kecil k.desil tidak pernah mengurangi k.bantuan
sifat tanpa_jurang
  harapkan bantuan.besar tidak pernah turun melebihi 39 bila desil bergeser sebesar 1
sifat tidak_rangkap
  harapkan bantuan, pinjaman tidak pernah bersama
sifat pasti
  harapkan bantuan, pinjaman selalu diputuskan
sifat terbatas
  harapkan bantuan.besar selalu dalam 0..30
sifat urutan
  harapkan bantuan.besar tidak bergantung pada urutan anggota
"#;
    let loaded = Ruleset::from_text(rules).unwrap_or_else(|e| panic!("{e}"));
    let results = loaded.run_properties(&PropertyOptions::new());
    let failed: Vec<&str> = results.iter().filter(|r| !r.failures().is_empty()).map(PropertyResult::name).collect();
    assert_eq!(failed, ["tanpa_jurang", "tidak_rangkap", "terbatas"]);
    let cliff = results[1].counterexample().unwrap().households();
    assert_eq!(cliff[0].name(), Some("sebelum"));
    assert_eq!(
        cliff[1].test().unwrap(),
        "uji \"tanpa_jurang: sesudah\" per tanggal 2000-01-01\n  misal { desil: 5, anggota: [{}, {}, {}, {}] }\n  \
         harapkan bukan (bantuan layak)\n  harapkan bantuan.besar = 40\n"
    );
    let tests: Vec<&str> = results
        .iter()
        .filter_map(PropertyResult::counterexample)
        .flat_map(|c| c.households())
        .filter_map(|h| h.test())
        .collect();
    let again = format!("{rules}\n{}", tests.join("\n"));
    let again = Ruleset::from_text(&again).unwrap_or_else(|e| panic!("{e}\n{again}"));
    let passing: Vec<bool> = again.run_tests().iter().map(|r| r.failures().is_empty()).collect();
    assert_eq!(passing, [true, true, false, false]);

    // In the other language they are the same properties.
    let english = loaded.translated("rules.layak", Lang::En).unwrap().unwrap();
    for words in [
        "more of k.desil never adds k.bantuan, k.bantuan.besar",
        "never takes away",
        "never drops by over 39 when desil moves by 1",
    ] {
        assert!(english.contains(words), "{english}");
    }
    let english = Ruleset::from_text(&english).unwrap();
    assert_eq!(english.fingerprint(), loaded.fingerprint());
    let in_english = english.run_properties(&PropertyOptions::new());
    for (a, b) in results.iter().zip(&in_english) {
        assert_eq!((a.name(), a.tried(), a.failures().len()), (b.name(), b.tried(), b.failures().len()));
        let json = |r: &PropertyResult| r.counterexample().map(|c| c.households()[0].json().to_owned());
        assert_eq!(json(a), json(b));
    }
    assert_eq!(
        english.translated("rules.layak", Lang::Id).unwrap().unwrap(),
        loaded.translated("rules.layak", Lang::Id).unwrap().unwrap_or_else(|| rules.to_owned())
    );
}

#[test]
fn what_a_form_cannot_speak_of_is_a_finding_at_its_place() {
    let findings = |law: &str| -> Vec<String> {
        match Ruleset::from_text(&format!("{RULES}property p {law}")) {
            Ok(_) => Vec::new(),
            Err(found) => found.iter().map(|f| f.code().to_string()).collect(),
        }
    };
    for (law, codes) in [
        ("expect more of work never adds aid", vec!["L0481"]),
        ("expect more of members never adds aid", vec!["L0481"]),
        ("expect more of ages never adds aid", vec!["L0481"]),
        ("expect more of nothing never adds aid", vec!["L0201"]),
        ("for all p: Person expect more of p.nik never adds p.card", vec!["L0481"]),
        ("for all p: Person expect more of p.household.desil never adds p.card", vec!["L0481"]),
        ("expect more of desil never adds work", vec!["L0480"]),
        ("expect more of desil never adds work, members, aid", vec!["L0480", "L0480"]),
        ("expect more of desil never adds aid.nothing", vec!["L0201"]),
        ("expect aid never drops by over 3 when desil moves by 1", vec!["L0480"]),
        ("expect aid.amount never drops by over 3 when desil moves by 1", vec!["L0302"]),
        ("expect aid.amount never drops by over IDR 3 when desil moves by IDR 1", vec!["L0302"]),
        ("expect aid.amount never drops by over IDR 3 when owner moves by 1", vec!["L0301"]),
        ("expect aid never together", vec!["L0480"]),
        ("expect aid, desil never together", vec!["L0480"]),
        ("expect aid.amount always decided", vec!["L0480"]),
        ("expect aid always in 1..2", vec!["L0480"]),
        ("expect desil always in IDR 1..IDR 2", vec!["L0302", "L0302"]),
        ("expect aid unchanged by order of desil", vec!["L0481"]),
        ("expect aid unchanged by order of nothing", vec!["L0201"]),
        ("expect card always decided", vec!["L0201"]),
        ("expect aid never", vec!["L0103"]),
        ("expect more of desil never", vec!["L0103"]),
    ] {
        assert_eq!(findings(law), codes, "{law}");
    }
}

/// The properties are no part of what decisions rest on, and what they read is used.
#[test]
fn forms_change_no_meaning() {
    let plain = Ruleset::from_text(RULES).unwrap();
    let more = Ruleset::from_text(&format!("{RULES}property p expect more of desil never adds aid\n")).unwrap();
    assert_eq!(plain.fingerprint(), more.fingerprint());
}

#[test]
fn time_ends_what_is_tried_and_says_so() {
    let rules =
        format!("{RULES}property p expect more of desil never adds loan\nproperty q expect aid always decided\n");
    let rules = Ruleset::from_text(&rules).unwrap();
    assert_eq!(rules.properties(), ["p", "q"]);
    let mut asked = [0, 0];
    let results = rules.run_properties_while(&PropertyOptions::new(), &mut |property| {
        asked[property] += 1;
        property == 0 || asked[1] <= 7
    });
    assert!(!results[0].stopped() && results[0].counterexample().is_some());
    assert!(results[1].stopped() && results[1].failures().is_empty() && results[1].tried() <= 7);
    let none = rules.run_properties_while(&PropertyOptions::new(), &mut |_| false);
    assert!(none.iter().all(|r| r.stopped() && r.failures().len() == 1));
}
