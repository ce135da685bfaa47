//! What is missing, held to all completions tried one by one: exactly the facts that can change the outcome, and none once it is
//! settled. Programmes and households are made up by chance, from fixed seeds.
#![allow(clippy::disallowed_methods)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use layak_generator::drawn;

use super::chance::Chance;
use super::*;
use crate::outcome::Verdict;

/// Facts of which every value is tried, or some on each side of all that the conditions compare with.
pub(super) struct Small {
    pub(super) text: &'static str,
    /// Each with its values as JSON; `people` are two.
    pub(super) few: &'static [(&'static str, &'static [&'static str])],
    pub(super) conditions: &'static [&'static str],
}

pub(super) const FEW: Small = Small {
    text: "
module t
calendar leap_day march_1, month_end clip
enum Colour { red, green, blue }
entity Household { a boolean  b boolean  k boolean  n integer 0..3  x number  colour Colour  o optional integer 0..1  people list of Person 2..2 }
entity Person { ill boolean  age integer 0..2 }
",
    few: &[
        ("a", &["true", "false"]),
        ("b", &["true", "false"]),
        ("n", &["0", "1", "2", "3"]),
        ("colour", &["\"red\"", "\"green\"", "\"blue\""]),
        ("people[0].ill", &["true", "false"]),
        ("people[1].ill", &["true", "false"]),
    ],
    conditions: &[
        "a",
        "b",
        "not a",
        "n > 1",
        "n = 2",
        "n <= 1",
        "colour = red",
        "colour in [red, blue]",
        "any(people where ill)",
        "every(people each ill)",
        "count(people where ill) = 1",
        "(if colour = red then 1 else 3) = 2",
        "2 * n = 3",
    ],
};

/// Numbers, dates and texts, of which nobody could try all.
pub(super) const MANY: Small = Small {
    text: "
module t
calendar leap_day march_1, month_end clip
entity Household { a boolean  x number  va integer 0..5_000  born date  t text  o optional number 0..  people list of Person 2..2 }
entity Person { pay number 0.. }
table band: text first else \"c\"
  | x      | va       || band |
  | < 1    | -        || \"a\"  |
  | 1..2.5 | 900..1300 || \"b\"  |
",
    few: &[
        ("a", &["true", "false"]),
        ("x", &["0.5", "1", "2", "2.5", "7"]),
        ("va", &["0", "900", "1000", "1300", "1301"]),
        ("born", &["\"2008-01-15\"", "\"2008-01-16\"", "\"1966-01-15\"", "\"1966-01-16\""]),
        ("t", &["\"q\"", "\"r\"", "\"s\""]),
        ("people[0].pay", &["0", "3", "4"]),
        ("people[1].pay", &["0", "3", "4"]),
    ],
    conditions: &[
        "a",
        "x < 1",
        "x <= 2.5",
        "x > 2.5",
        "x = 1",
        "va <= 1300",
        "va > 900",
        "min(x, 9) >= 1",
        "years from born to as_of >= 18",
        "years from born to as_of < 60",
        "born > 1990-06-30",
        "t = \"q\"",
        "t in [\"q\", \"r\"]",
        "max(people.pay) > 3",
        "any(people where pay = 3)",
        "min(people.pay) < 3",
        "band = \"b\"",
        "band in [\"a\", \"b\"]",
    ],
};

pub(super) fn boolean(c: &mut Chance, small: &Small, depth: u32) -> String {
    if depth == 0 || c.below(5) == 0 {
        return c.one(small.conditions).to_owned();
    }
    let d = depth - 1;
    match c.below(6) {
        0 | 1 => format!("({} and {})", boolean(c, small, d), boolean(c, small, d)),
        2 | 3 => format!("({} or {})", boolean(c, small, d), boolean(c, small, d)),
        4 => format!("(not {})", boolean(c, small, d)),
        _ => format!("(if {} then {} else {})", boolean(c, small, d), boolean(c, small, d), boolean(c, small, d)),
    }
}

pub(super) type Known = BTreeMap<&'static str, &'static str>;

pub(super) fn json(known: &Known) -> String {
    let mut out = String::from("{\"people\":[");
    for person in ["people[0].", "people[1]."] {
        let own = known.iter().find_map(|(name, value)| Some((name.strip_prefix(person)?, value)));
        let _ = match own {
            Some((name, value)) => write!(out, "{{\"{name}\":{value}}},"),
            None => write!(out, "{{}},"),
        };
    }
    out.pop();
    out.push(']');
    for (name, value) in known.iter().filter(|(name, _)| !name.contains('[')) {
        let _ = write!(out, ",\"{name}\":{value}");
    }
    out.push('}');
    out
}

/// Numbers that rules reckon with and that have more values than can be tried one within another.
const RECKONED: Small = Small {
    text: "
module t
calendar leap_day march_1, month_end clip
entity Household { a boolean  b boolean  x integer 0..41  y integer 0..41  people list of Person 2..2 }
entity Person { ill boolean }
",
    few: &[("a", &["true", "false"]), ("b", &["true", "false"]), ("x", UP_TO_41), ("y", UP_TO_41)],
    conditions: &[
        "a",
        "b",
        "x + y <= 30",
        "x + y > 60",
        "x - y >= 5",
        "x * 2 <= 41",
        "x * y > 1600",
        "max(x, y) < 3",
        "(if a then x else y) > 20",
        "x * x - 41 * x < 1",
        "(if b then x else 0) + y <= 41",
    ],
};

const UP_TO_41: &[&str] = &[
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20",
    "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31", "32", "33", "34", "35", "36", "37", "38", "39",
    "40", "41",
];

pub(super) fn decided(plan: &Plan, known: &Known) -> (Verdict, Vec<(String, bool)>) {
    let decision = plan.decide(&facts(plan, &json(known)));
    let one = decision.programme("p").unwrap().entitlement().unwrap();
    (one.verdict, one.missing().iter().map(|m| (m.fact.clone(), m.shown)).collect())
}

/// What the programme comes to for every completion, by the values of the open facts.
pub(super) fn completions(plan: &Plan, small: &Small, known: &Known) -> Vec<(Known, Verdict)> {
    let mut all: Vec<Known> = vec![known.clone()];
    for (name, values) in small.few.iter().filter(|(name, _)| !known.contains_key(name)) {
        all = all
            .iter()
            .flat_map(|one| {
                values.iter().map(|value| {
                    let mut one = one.clone();
                    one.insert(name, value);
                    one
                })
            })
            .collect();
    }
    all.into_iter()
        .map(|one| {
            let verdict = decided(plan, &one).0;
            (one, verdict)
        })
        .collect()
}

/// The facts that tell two completions apart which differ in nothing else.
fn that_matter(all: &[(Known, Verdict)], small: &Small, known: &Known) -> BTreeSet<String> {
    let by: BTreeMap<&Known, Verdict> = all.iter().map(|(one, verdict)| (one, *verdict)).collect();
    let mut out = BTreeSet::new();
    for (name, values) in small.few.iter().filter(|(name, _)| !known.contains_key(name)) {
        let changes = all.iter().any(|(one, verdict)| {
            values.iter().any(|value| {
                let mut other = one.clone();
                other.insert(name, value);
                by[&other] != *verdict
            })
        });
        out.extend(changes.then(|| (*name).to_owned()));
    }
    out
}

pub(super) fn programme(c: &mut Chance, small: &Small) -> String {
    let mut text = String::from(small.text);
    for i in 0..3 {
        let _ = writeln!(text, "criterion c{i} when {}", boolean(c, small, 2));
    }
    text.push_str("programme p requires c0, c1 refuses c2\n");
    text
}

#[test]
fn exactly_the_facts_that_can_change_the_outcome_are_missing() {
    let (undetermined, left_out) = exactly_what_matters(&FEW, 150, 3);
    assert!(undetermined > 150 && left_out > 100, "{undetermined} {left_out}");
}

#[test]
fn so_are_they_among_numbers_dates_and_texts() {
    let (undetermined, left_out) = exactly_what_matters(&MANY, drawn(60) as u64, 4);
    assert!(undetermined > drawn(80) && left_out > drawn(50), "{undetermined} {left_out}");
}

/// How many households were undetermined, and of how many of these an open fact was left out.
fn exactly_what_matters(small: &Small, seeds: u64, known_in: u64) -> (usize, usize) {
    let (mut undetermined, mut left_out) = (0, 0);
    for seed in 0..seeds {
        let c = &mut Chance::new(seed);
        let text = programme(c, small);
        let plan = Ruleset::from_text(&text).unwrap_or_else(|f| panic!("{f}")).as_of("2026-01-15".parse().unwrap());
        for _ in 0..3 {
            let mut known = Known::new();
            for (name, values) in small.few {
                if c.below(known_in) < known_in / 3 {
                    known.insert(name, values[c.below(values.len() as u64) as usize]);
                }
            }
            let (verdict, missing) = decided(&plan, &known);
            let all = completions(&plan, small, &known);
            let alike = all.iter().all(|(_, v)| *v == all[0].1);
            let context = || format!("seed {seed}: {}\n{text}", json(&known));
            assert_eq!(verdict != Verdict::Undetermined, alike, "{}", context());
            assert!(missing.iter().all(|(_, shown)| *shown), "no fact is in doubt: {}", context());
            let told: BTreeSet<String> = missing.iter().map(|(name, _)| name.clone()).collect();
            assert_eq!(told.len(), missing.len(), "none is named twice: {}", context());
            let wanted = if alike { BTreeSet::new() } else { that_matter(&all, small, &known) };
            assert_eq!(told, wanted, "{}", context());
            undetermined += usize::from(!alike);
            left_out += usize::from(!alike && told.len() + known.len() < small.few.len());
        }
    }
    (undetermined, left_out)
}

#[test]
fn among_numbers_that_the_rules_reckon_with_few_facts_are_in_doubt() {
    let small = &RECKONED;
    let (mut matter, mut shown_of_these, mut idle, mut named) = (0, 0, 0, 0);
    let (mut alike, mut left_open) = (0, 0);
    for seed in 0..drawn(24) as u64 {
        let c = &mut Chance::new(seed);
        let text = programme(c, small);
        let plan = Ruleset::from_text(&text).unwrap_or_else(|f| panic!("{f}")).as_of("2026-01-15".parse().unwrap());
        let mut known = Known::new();
        for (name, values) in &small.few[..2] {
            if c.below(3) == 0 {
                known.insert(name, values[c.below(values.len() as u64) as usize]);
            }
        }
        let (verdict, missing) = decided(&plan, &known);
        let all = completions(&plan, small, &known);
        let context = || format!("seed {seed}: {}\n{text}", json(&known));
        let is_alike = all.iter().all(|(_, v)| *v == all[0].1);
        assert!(verdict == Verdict::Undetermined || is_alike && verdict == all[0].1, "{}", context());
        let wanted = that_matter(&all, small, &known);
        let told: BTreeSet<String> = missing.iter().map(|(name, _)| name.clone()).collect();
        let shown: BTreeSet<String> =
            missing.iter().filter(|(_, shown)| *shown).map(|(name, _)| name.clone()).collect();
        assert!(wanted.is_subset(&told), "{wanted:?} in {told:?}: {}", context());
        assert!(shown.is_subset(&wanted), "{shown:?} in {wanted:?}: {}", context());
        assert!(missing.is_sorted_by_key(|(_, shown)| !shown), "what is in doubt comes last: {}", context());
        matter += wanted.len();
        shown_of_these += shown.len();
        idle += small.few.iter().filter(|(name, _)| !known.contains_key(name) && !wanted.contains(*name)).count();
        named += told.len() - wanted.len();
        alike += usize::from(is_alike);
        left_open += usize::from(is_alike && verdict == Verdict::Undetermined);
    }
    println!(
        "{shown_of_these} of {matter} that matter are shown to; {named} of {idle} that change nothing are named; \
         {left_open} of {alike} whose completions are alike are left open"
    );
    assert!(
        matter > drawn(25) && idle > drawn(25) && alike >= drawn(6),
        "{matter} matter, {idle} change nothing, {alike} are alike"
    );
    assert_eq!(shown_of_these, matter, "all that matter are shown to");
    assert!(named * 5 < idle, "{named} of {idle} that change nothing are named");
    assert!(left_open * 5 < alike, "{left_open} of {alike} whose completions are alike are left open");
}

#[test]
fn asking_for_what_is_missing_ends_in_the_decision() {
    for seed in 500..560 {
        let c = &mut Chance::new(seed);
        let text = programme(c, &FEW);
        let plan = Ruleset::from_text(&text).unwrap_or_else(|f| panic!("{f}")).as_of("2026-01-15".parse().unwrap());
        let whole: Known = FEW.few.iter().map(|(name, v)| (*name, v[c.below(v.len() as u64) as usize])).collect();
        let mut known = Known::new();
        loop {
            let (verdict, missing) = decided(&plan, &known);
            assert_eq!(verdict == Verdict::Undetermined, !missing.is_empty(), "seed {seed}\n{text}");
            let Some((next, _)) = missing.first() else { break };
            let name = FEW.few.iter().find(|(name, _)| name == next).unwrap().0;
            assert!(known.insert(name, whole[name]).is_none(), "{next} is asked for once");
        }
        assert_eq!(decided(&plan, &known).0, decided(&plan, &whole).0, "seed {seed}\n{text}");
    }
}

fn missing(criteria: &str, json: &str) -> Vec<String> {
    let rules = Ruleset::from_text(&format!("{}{criteria}", FEW.text)).unwrap_or_else(|f| panic!("{f}"));
    let plan = rules.as_of("2026-01-15".parse().unwrap());
    let decision = plan.decide(&facts(&plan, json));
    decision.programme("p").unwrap().entitlement().unwrap().missing().iter().map(|m| m.fact.clone()).collect()
}

#[test]
fn a_fact_that_is_met_and_changes_nothing_is_not_asked_for() {
    assert_eq!(missing("criterion c when (a and b) or (a and not b)\nprogramme p requires c", "{}"), ["a"]);
    assert_eq!(
        missing("criterion c when a or (if colour = red then 1 else 3) = 2\nprogramme p requires c", "{}"),
        ["a"]
    );
    // Of a number with many values bounds alone tell; it stays.
    assert_eq!(
        missing("criterion c when (a and b) or (a and not b and x > 1)\nprogramme p requires c", "{}"),
        ["a", "b", "x"]
    );
}

#[test]
fn a_fact_that_is_not_shown_to_matter_is_told_to_be_in_doubt() {
    let text = "module t\nentity Household { a boolean  n integer  x number }\n\
                criterion c when (x * x = 2 or n > 2) and a\nprogramme p requires c";
    let rules = Ruleset::from_text(text).unwrap_or_else(|f| panic!("{f}"));
    let plan = rules.as_of("2026-01-15".parse().unwrap());
    let decision = plan.decide(&facts(&plan, "{}"));
    let json = serde_json::to_value(decision.to_json(None, crate::Lang::En)).unwrap();
    let missing = json.pointer("/programmes/p/missing").unwrap();
    let wanted = serde_json::json!([
        {"fact": "a", "ask": []},
        {"fact": "n", "ask": []},
        {"fact": "x", "ask": [], "shown": false},
    ]);
    assert_eq!(*missing, wanted, "no decimal number is the root of 2, and ever smaller boxes around it do not tell");
}

#[test]
fn values_between_two_ends_that_are_left_out_are_found() {
    let text = "module t\nentity Household { a boolean  x number }\n\
                criterion c when (x > 4 and x < 4.5) or (x > 7 and a)\nprogramme p requires c";
    let rules = Ruleset::from_text(text).unwrap_or_else(|f| panic!("{f}"));
    let plan = rules.as_of("2026-01-15".parse().unwrap());
    let missing = |json: &str| {
        let decision = plan.decide(&facts(&plan, json));
        let json = serde_json::to_value(decision.to_json(None, crate::Lang::En)).unwrap();
        json.pointer("/programmes/p/missing").cloned().unwrap_or_default()
    };
    assert_eq!(missing(r#"{"a": false}"#), serde_json::json!([{"fact": "x", "ask": []}]));
    let both = missing("{}");
    assert!(both.as_array().unwrap().iter().all(|fact| fact.get("shown").is_none()), "{both}");
    assert_eq!(both.as_array().unwrap().len(), 2, "{both}");
    assert_eq!(missing(r#"{"x": 4.2}"#), serde_json::Value::Null);
}

/// What is missing of `p`, as JSON tells it.
fn missing_of(text: &str, json: &str) -> serde_json::Value {
    let rules = Ruleset::from_text(text).unwrap_or_else(|f| panic!("{f}"));
    let plan = rules.as_of("2026-01-15".parse().unwrap());
    let decision = plan.decide(&facts(&plan, json));
    let json = serde_json::to_value(decision.to_json(None, crate::Lang::En)).unwrap();
    json.pointer("/programmes/p/missing").cloned().unwrap_or_default()
}

#[test]
fn days_that_the_rules_name_are_tried_where_a_day_is_compared_with_a_fact_too() {
    let text = "module t\nentity Household { a boolean  born date  moved date }\n\
                criterion c when (born >= 1990-01-01 and born <= 1990-01-03 and moved > born) or (moved < born and a)\n\
                programme p requires c";
    let missing = missing_of(text, r#"{"a": false, "moved": "2000-05-05"}"#);
    assert_eq!(missing, serde_json::json!([{"fact": "born", "ask": []}]));
}

#[test]
fn a_fact_is_tried_with_values_of_its_own_kind_alone() {
    let text = "module t\nentity Household { born date  x number }\n\
                criterion c when x - x <= 5 criterion d when born > 1990-01-01\nprogramme p requires c, d";
    let missing = missing_of(text, r#"{"born": "2000-05-05"}"#);
    assert_eq!(missing, serde_json::json!([{"fact": "x", "ask": [], "shown": false}]));
}

#[test]
fn first_comes_the_condition_that_the_fewest_facts_settle() {
    let criteria =
        "criterion c when a and b\ncriterion d when k\ncriterion e when b and n > 1\nprogramme p requires c, d, e";
    assert_eq!(missing(criteria, "{}"), ["k", "b", "a", "n"], "one fact settles `d`; `b` is in two of the others");
}

#[test]
fn a_list_comes_after_single_facts() {
    let criteria = "criterion c when any(people where ill)\ncriterion d when any(people where age > 1)\ncriterion e when a\n\
                    programme p requires c, d, e";
    assert_eq!(missing(criteria, "{}"), ["a", "people"]);
}
