//! Facts from whatever serialises: every kind of the data model of serde, and what facts cannot be.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

use std::collections::BTreeMap;

use layak::{Outcome, Plan, Ruleset};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

const RULES: &str = "module m
enum Work { farmer, trader }
entity Home {
  a integer  b integer  c integer  d integer  e integer  f integer  g integer  h integer  i integer  j integer
  initial text  name text  work Work  left optional date  place Place  amounts list of integer  wages list of number
  share number  people list of Person
}
entity Place { floor integer }
entity Person { age integer }
criterion sums when a + b + c + d + e + f + g + h + i + j = 55
criterion texts when initial = \"x\" and name = \"y\" and work = trader and left is none
criterion lists when sum(amounts) = 6 and sum(wages) = 2.25 and share = 0.1
criterion within when place.floor = 3 and sum(people.age) = 70
programme aid requires sums, texts, lists, within
";

fn plan() -> Plan {
    Ruleset::from_text(RULES).unwrap_or_else(|e| panic!("{e}")).as_of("2026-01-15".parse().unwrap())
}

#[derive(Serialize, Clone)]
#[serde(rename_all = "lowercase")]
enum Work {
    Trader,
}

/// The floor in a wrapper of its own.
#[derive(Serialize, Clone)]
struct Floor(Option<u8>);

#[derive(Serialize, Clone)]
struct Place {
    floor: Floor,
}

#[derive(Serialize, Clone)]
struct Amounts(i8, u8, i64);

#[derive(Serialize, Clone)]
struct Unit;

#[derive(Serialize, Clone)]
struct Home<'a> {
    a: i8,
    b: i16,
    c: i32,
    d: i64,
    e: i128,
    f: u8,
    g: u16,
    h: u32,
    i: u64,
    j: u128,
    initial: char,
    name: &'a str,
    work: Work,
    left: Unit,
    place: Place,
    amounts: Amounts,
    wages: (Box<RawValue>, serde_json::Number),
    share: Box<RawValue>,
    people: [BTreeMap<&'a str, u8>; 2],
}

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

fn home() -> Home<'static> {
    Home {
        a: 1,
        b: 2,
        c: 3,
        d: 4,
        e: 5,
        f: 6,
        g: 7,
        h: 8,
        i: 9,
        j: 10,
        initial: 'x',
        name: "y",
        work: Work::Trader,
        left: Unit,
        place: Place { floor: Floor(Some(3)) },
        amounts: Amounts(1, 2, 3),
        wages: (raw("1.25"), serde_json::Number::from(1)),
        share: raw("0.1"),
        people: [BTreeMap::from([("age", 30)]), BTreeMap::from([("age", 40)])],
    }
}

#[test]
fn every_kind_of_value_is_read_exactly() {
    let plan = plan();
    let facts = plan.facts(&home()).unwrap_or_else(|e| panic!("{e}"));
    let decision = plan.decide(&facts);
    assert_eq!(decision.programme("aid").unwrap().outcome(), Some(Outcome::Eligible), "{decision:?}");
}

#[derive(Serialize)]
enum Wrapped {
    One(u8),
    Two(u8, u8),
    Three { a: u8 },
}

struct Bytes;

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(b"x")
    }
}

struct Broken;

impl Serialize for Broken {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("the disk is gone"))
    }
}

/// One fact of a household, and the error that it has.
fn refused(name: &'static str, value: impl Serialize) -> String {
    match plan().facts(&BTreeMap::from([(name, value)])) {
        Ok(_) => "none".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_facts_cannot_be_is_refused_with_its_place() {
    for (error, begins) in [
        (refused("a", 1.5f32), "L0612: a"),
        (refused("share", 0.1f64), "L0612: share"),
        (refused("name", Bytes), "L0604: name"),
        (refused("a", Broken), "L0621: a: the value does not serialise"),
        (refused("a", Wrapped::One(3)), "L0604: a"),
        (refused("a", Wrapped::Two(3, 4)), "L0604: a"),
        (refused("place", Wrapped::Three { a: 3 }), "L0603: place.Three"),
        (refused("a", ()), "none"),
        (refused("a", None::<u8>), "none"),
        (refused("a", Some(3)), "none"),
        (refused("place", BTreeMap::from([((1, 2), 3)])), "L0621: place"),
        (refused("a", u128::MAX), "L0610: a"),
    ] {
        assert!(error.starts_with(begins), "{error}, not {begins}");
    }
}
