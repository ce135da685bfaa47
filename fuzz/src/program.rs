//! Rules and households grown from bytes: whatever the bytes, the rules are well-formed, and most of them mean something.

use std::fmt::Write as _;

/// Choices, one byte each; the first of all of them once the bytes are used up.
pub(crate) struct Choices<'b> {
    bytes: &'b [u8],
}

impl<'b> Choices<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Choices<'b> {
        Choices { bytes }
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        usize::from(*first) % count.max(1)
    }

    fn of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts.get(self.below(texts.len())).copied().unwrap_or_default()
    }

    fn is_end(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// What an expression yields.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Truth,
    Number,
    Day,
}

/// Where an expression stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Home,
    Person,
}

const FACTS: &str = "module grown
currency IDR
calendar leap_day march_1, month_end clip
source office \"Office\"
source self \"Statement\" fresh for 6 months
enum Work { farmer, trader, none }
entity Home { id text key  n integer 0..20 from office, self  x number -100..100  car boolean from office, self
  since date  work Work  left optional date  people list of Person 0..4 }
entity Person { nik text key  age integer 0..120  born date  works boolean  wage number 0..1000 }
";

/// Rules and the facts of one household for them.
pub(crate) fn grown(choices: &mut Choices<'_>) -> (String, String) {
    let mut rules = FACTS.to_owned();
    let _ = writeln!(
        rules,
        "parameter limit: integer\n  from 2025-01-01: {}\n  from 2026-01-01: {}",
        choices.below(20),
        choices.below(20)
    );
    let mut of_home = 0;
    for number in 0..1 + choices.below(3) {
        let body = expression(choices, Kind::Number, Place::Home, of_home, 3);
        let _ = write!(rules, "define v{number} = {body}");
        of_home += 1;
        if choices.below(3) == 0 {
            let condition = expression(choices, Kind::Truth, Place::Home, number, 2);
            let value = expression(choices, Kind::Number, Place::Home, number, 1);
            let _ = write!(rules, "\n  except special when {condition}: {value}");
        }
        rules.push('\n');
    }
    if choices.below(2) == 0 {
        let policy = choices.of(&["first", "collect sum"]);
        let _ = writeln!(
            rules,
            "table t: number  {policy}  else {}\n| n | car || t |\n| <= {} | - || {} |\n| {}.. | yes || {} |",
            choices.below(9),
            choices.below(20),
            choices.below(50),
            choices.below(20),
            choices.below(50)
        );
        let _ = writeln!(rules, "criterion by_table when t > {}", choices.below(50));
    } else {
        rules.push_str("criterion by_table when car\n");
    }
    let _ = writeln!(rules, "criterion one when {}", expression(choices, Kind::Truth, Place::Home, of_home, 4));
    let _ = writeln!(rules, "criterion two when {}", expression(choices, Kind::Truth, Place::Home, of_home, 3));
    let _ =
        writeln!(rules, "criterion Person.own when {}", expression(choices, Kind::Truth, Place::Person, of_home, 3));
    let refuses = choices.of(&["refuses two", "refuses by_table, two", ""]);
    let gives = expression(choices, Kind::Number, Place::Home, of_home, 3);
    let _ = writeln!(rules, "programme aid\n  requires one\n  {refuses}\n  gives amount: number = {gives}");
    let _ = writeln!(rules, "programme card for Person\n  requires own");
    (rules, household(choices))
}

fn expression(choices: &mut Choices<'_>, kind: Kind, place: Place, defined: usize, depth: usize) -> String {
    if depth == 0 || choices.is_end() {
        return leaf(choices, kind, place, defined);
    }
    let mut inner = |kind: Kind| expression(choices, kind, place, defined, depth - 1);
    let (a, b) = match kind {
        Kind::Truth => (inner(Kind::Truth), inner(Kind::Truth)),
        Kind::Number | Kind::Day => (inner(Kind::Number), inner(Kind::Number)),
    };
    match kind {
        Kind::Truth => match choices.below(9) {
            0 | 1 => format!("({a} and {b})"),
            2 | 3 => format!("({a} or {b})"),
            4 => format!("(not {a})"),
            5 => format!("({a} implies {b})"),
            6 if place == Place::Home => {
                let of = choices.of(&["any(people where", "every(people each", "none(people where"]);
                format!("{of} {})", expression(choices, Kind::Truth, Place::Person, 0, depth - 1))
            }
            7 => {
                let day = |choices: &mut Choices<'_>| expression(choices, Kind::Day, place, defined, depth - 1);
                let (a, b) = (day(choices), day(choices));
                format!("({a} {} {b})", choices.of(&["<", "<=", "="]))
            }
            _ => {
                let number = |choices: &mut Choices<'_>| expression(choices, Kind::Number, place, defined, depth - 1);
                let (a, b) = (number(choices), number(choices));
                format!("({a} {} {b})", choices.of(&["<", "<=", ">", ">=", "=", "!="]))
            }
        },
        Kind::Number => match choices.below(9) {
            0 => format!("({a} + {b})"),
            1 => format!("({a} - {b})"),
            2 => format!("({a} * {b})"),
            3 => format!("({a} / {b})"),
            4 => format!("min({a}, {b})"),
            5 if place == Place::Home => {
                let condition = expression(choices, Kind::Truth, Place::Person, 0, depth - 1);
                format!("count(people where {condition})")
            }
            6 if place == Place::Home => {
                format!("sum(people each {})", expression(choices, Kind::Number, Place::Person, 0, depth - 1))
            }
            7 => format!("max({a}, {b})"),
            _ => {
                let condition = expression(choices, Kind::Truth, place, defined, depth - 1);
                format!("(if {condition} then {a} else {b})")
            }
        },
        Kind::Day => {
            let day = leaf(choices, Kind::Day, place, defined);
            format!(
                "({day} {} {} {})",
                choices.of(&["+", "-"]),
                choices.below(40),
                choices.of(&["days", "months", "years"])
            )
        }
    }
}

fn leaf(choices: &mut Choices<'_>, kind: Kind, place: Place, defined: usize) -> String {
    match (kind, place) {
        (Kind::Truth, Place::Home) => {
            choices.of(&["car", "work = farmer", "left is none", "n > limit", "yes", "n is known"]).to_owned()
        }
        (Kind::Truth, Place::Person) => {
            choices.of(&["works", "age >= 18", "home.car", "wage > 100", "age is unknown"]).to_owned()
        }
        (Kind::Number, Place::Home) => match choices.below(7) {
            0 => "n".to_owned(),
            1 => "x".to_owned(),
            2 => "limit".to_owned(),
            3 => choices.below(100).to_string(),
            4 => "(years from since to as_of)".to_owned(),
            5 if defined > 0 => format!("v{}", choices.below(defined)),
            _ => "0.5".to_owned(),
        },
        (Kind::Number, Place::Person) => {
            choices.of(&["age", "wage", "(years from born to as_of)", "3", "home.n"]).to_owned()
        }
        (Kind::Day, Place::Home) => choices.of(&["since", "as_of", "2025-02-28", "(left or else since)"]).to_owned(),
        (Kind::Day, Place::Person) => choices.of(&["born", "as_of", "2000-02-29"]).to_owned(),
    }
}

const DAYS: &[&str] = &["2000-02-29", "2008-01-15", "2025-12-31", "1966-01-15", "2026-01-15"];

/// Facts as JSON; some are left out, some come as evidence.
fn household(choices: &mut Choices<'_>) -> String {
    let mut out = String::from("{\"id\":\"a\"");
    let put = |choices: &mut Choices<'_>, out: &mut String, name: &str, value: String| match choices.below(8) {
        0 => {}
        1 if matches!(name, "n" | "car") => {
            let source = choices.of(&["office", "self"]);
            let _ = write!(
                out,
                ",\"{name}\":{{\"evidence\":[{{\"value\":{value},\"source\":\"{source}\",\"date\":\"{}\"}}]}}",
                choices.of(DAYS)
            );
        }
        2 if name != "people" => drop(write!(out, ",\"{name}\":{{\"unknown\":true}}")),
        _ => drop(write!(out, ",\"{name}\":{value}")),
    };
    let n = choices.below(21).to_string();
    put(choices, &mut out, "n", n);
    let x = format!("\"{}.{}\"", choices.below(100), choices.below(10));
    put(choices, &mut out, "x", x);
    let car = choices.of(&["true", "false"]).to_owned();
    put(choices, &mut out, "car", car);
    let since = format!("\"{}\"", choices.of(DAYS));
    put(choices, &mut out, "since", since);
    let work = format!("\"{}\"", choices.of(&["farmer", "trader", "none"]));
    put(choices, &mut out, "work", work);
    let left = choices.of(&["null", "\"2025-06-30\""]).to_owned();
    put(choices, &mut out, "left", left);
    let mut people = Vec::new();
    for number in 0..choices.below(5) {
        let mut person = format!("{{\"nik\":\"{number}\"");
        let age = choices.below(121).to_string();
        put(choices, &mut person, "age", age);
        let born = format!("\"{}\"", choices.of(DAYS));
        put(choices, &mut person, "born", born);
        let works = choices.of(&["true", "false"]).to_owned();
        put(choices, &mut person, "works", works);
        let wage = (choices.below(101) * 10).to_string();
        put(choices, &mut person, "wage", wage);
        people.push(person + "}");
    }
    put(choices, &mut out, "people", format!("[{}]", people.join(",")));
    out + "}"
}
