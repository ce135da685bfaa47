//! The law: for every completion of the unknown facts, the complete answer lies within the partial answer. Rules and
//! households are made up by chance, from fixed seeds.
#![allow(clippy::disallowed_methods)]

use std::fmt::Write as _;

use layak_generator::drawn;

use super::chance::Chance;
use super::reference::Reference;
use crate::arena::Id;
use crate::facts::Fact;
use crate::outcome::again::Cone;
use crate::outcome::machine::tests::{agrees, agrees_together};

use super::*;

/// What names an expression may use: those of the household, and the variables around it.
#[derive(Clone, Default)]
struct Scope {
    people: Vec<String>,
    numbers: Vec<String>,
    /// Definitions made before: numbers and booleans.
    done: (usize, usize),
    next: usize,
}

fn number(c: &mut Chance, s: &Scope, depth: u32) -> String {
    if depth == 0 || c.below(8) == 0 {
        return match c.below(8) {
            0 | 1 if !s.people.is_empty() => {
                let person = &s.people[c.below(s.people.len() as u64) as usize];
                format!("{person}.{}", c.one(&["age", "debt", "weight"]))
            }
            2 if !s.numbers.is_empty() => s.numbers[c.below(s.numbers.len() as u64) as usize].clone(),
            3 if s.done.0 > 0 => format!("n{}", c.below(s.done.0 as u64)),
            4 => c.one(&["0", "1", "2", "3", "7", "-2"]).to_owned(),
            5 => "(o or else 4)".to_owned(),
            6 => "x".to_owned(),
            _ => c.one(&["n", "m"]).to_owned(),
        };
    }
    let d = depth - 1;
    match c.below(16) {
        0 => format!("({} + {})", number(c, s, d), number(c, s, d)),
        1 => format!("({} - {})", number(c, s, d), number(c, s, d)),
        2 => format!("({} * {})", number(c, s, d), number(c, s, d)),
        3 => format!("({} / {})", number(c, s, d), number(c, s, d)),
        4 => format!("max({}, {})", number(c, s, d), number(c, s, d)),
        5 => format!("min({}, {})", number(c, s, d), number(c, s, d)),
        6 | 7 => format!("(if {} then {} else {})", boolean(c, s, d), number(c, s, d), number(c, s, d)),
        8 => format!("count({})", people(c, s, d)),
        9 => format!("count({})", numbers(c, s, d)),
        10 | 11 => format!("sum({})", numbers(c, s, d)),
        12 => {
            let function = c.one(&["min", "max", "average", "median", "first", "last"]);
            format!("{function}({})", numbers(c, s, d))
        }
        13 => {
            let function = c.one(&["min", "max", "average", "median", "first", "last"]);
            format!("({function}({}) or else {})", numbers(c, s, d), number(c, s, d))
        }
        14 => format!("first({}).age", people(c, s, d)),
        _ => format!("limit_of({}, {})", number(c, s, d), boolean(c, s, d)),
    }
}

fn boolean(c: &mut Chance, s: &Scope, depth: u32) -> String {
    if depth == 0 || c.below(8) == 0 {
        return match c.below(7) {
            0 | 1 if !s.people.is_empty() => format!("{}.ill", s.people[c.below(s.people.len() as u64) as usize]),
            2 if s.done.1 > 0 => format!("b{}", c.below(s.done.1 as u64)),
            3 => "(colour = red)".to_owned(),
            4 => "(o is none)".to_owned(),
            _ => c.one(&["a", "b"]).to_owned(),
        };
    }
    let d = depth - 1;
    match c.below(14) {
        0 | 1 => format!("({} and {})", boolean(c, s, d), boolean(c, s, d)),
        2 | 3 => format!("({} or {})", boolean(c, s, d), boolean(c, s, d)),
        4 => format!("(not {})", boolean(c, s, d)),
        5 => format!("({} < {})", number(c, s, d), number(c, s, d)),
        6 => format!("({} <= {})", number(c, s, d), number(c, s, d)),
        7 => format!("({} = {})", number(c, s, d), number(c, s, d)),
        8 => format!("({} in ({} q each q + x * 0))", number(c, s, d), numbers(c, s, d)),
        9 => {
            let function = c.one(&["any", "none"]);
            format!("{function}({})", people(c, s, d))
        }
        10 => {
            let mut inner = s.clone();
            let (list, name) = (people(c, s, d), bind(&mut inner));
            let function = c.one(&["any", "every", "none"]);
            format!("{function}({list} {name} each {})", boolean(c, &inner, d))
        }
        11 => format!("({} in 0..3)", number(c, s, d)),
        12 if !s.people.is_empty() => {
            let person = &s.people[c.below(s.people.len() as u64) as usize];
            format!("({person}.mother is not none and {person}.mother.age > {})", number(c, s, d))
        }
        _ => format!("(if {} then {} else {})", boolean(c, s, d), boolean(c, s, d), boolean(c, s, d)),
    }
}

fn bind(s: &mut Scope) -> String {
    let name = format!("p{}", s.next);
    s.next += 1;
    s.people.push(name.clone());
    name
}

fn people(c: &mut Chance, s: &Scope, depth: u32) -> String {
    people_sorted(c, s, depth, true)
}

/// Of two lists, one of which is taken, neither is sorted or both alike.
fn people_sorted(c: &mut Chance, s: &Scope, depth: u32, sorted: bool) -> String {
    if depth == 0 {
        return "people".to_owned();
    }
    let d = depth - 1;
    match if sorted { c.below(7) } else { [0, 2, 6][c.below(3) as usize] } {
        0 | 1 => "people".to_owned(),
        2 | 3 => {
            let mut inner = s.clone();
            let (list, name) = (people_sorted(c, s, d, sorted), bind(&mut inner));
            format!("({list} {name} where {})", boolean(c, &inner, d))
        }
        4 => format!("({} sort by age{})", people(c, s, d), c.one(&["", " descending"])),
        5 => format!(
            "(top {} of ({} sort by debt{}))",
            c.one(&["1", "2", "n"]),
            people(c, s, d),
            c.one(&["", " descending"])
        ),
        _ => {
            let condition = boolean(c, s, d);
            format!("(if {condition} then {} else {})", people_sorted(c, s, d, false), people_sorted(c, s, d, false))
        }
    }
}

fn numbers(c: &mut Chance, s: &Scope, depth: u32) -> String {
    if depth == 0 {
        return c.one(&["pets.legs", "[n, m, 2]", "people.debt"]).to_owned();
    }
    let d = depth - 1;
    match c.below(8) {
        0 => "pets.legs".to_owned(),
        1 => format!("[{}, {}]", number(c, s, d), number(c, s, d)),
        2 => {
            let mut inner = s.clone();
            let name = format!("p{}", inner.next);
            inner.next += 1;
            inner.numbers.push(name.clone());
            format!("({} {name} where {})", numbers(c, s, d), boolean(c, &inner, d))
        }
        3 => {
            let mut inner = s.clone();
            let name = format!("p{}", inner.next);
            inner.next += 1;
            inner.numbers.push(name.clone());
            format!("({} {name} each {})", numbers(c, s, d), number(c, &inner, d))
        }
        4 => format!("(top {} of {})", c.one(&["1", "2", "n"]), numbers(c, s, d)),
        5 | 6 => {
            let mut inner = s.clone();
            let (list, name) = (people(c, s, d), bind(&mut inner));
            format!("({list} {name} each {})", number(c, &inner, d))
        }
        _ => "several_of(colour)".to_owned(),
    }
}

/// Exceptions to a rule, some of them to one another, some of one rank.
fn exceptions(c: &mut Chance, s: &Scope, value: fn(&mut Chance, &Scope, u32) -> String) -> String {
    let mut text = String::new();
    let mut labels: Vec<&str> = Vec::new();
    for _ in 0..c.below(5) {
        let label = c.one(&["", "e", "f", "g"]);
        let target = labels.get(c.below(4) as usize).copied().filter(|t| *t < label || label.is_empty());
        let target = target.map(|t| format!("to {t} ")).unwrap_or_default();
        let rank = c.one(&["", "", "priority 1", "priority 2", "until 2024-12-31", "from 2025-01-01"]);
        let depth = c.below(2) as u32;
        let _ = write!(text, "\n  except {label} {target}when {}: {} {rank}", boolean(c, s, 1), value(c, s, depth));
        if !label.is_empty() {
            labels.push(label);
        }
    }
    text
}

fn table(c: &mut Chance, name: &str) -> String {
    let policy = c.one(&[
        "unique",
        "first",
        "any",
        "collect sum",
        "collect min",
        "collect max",
        "collect count",
        "priority [3, 1, 2]",
    ]);
    let otherwise = c.one(&["", "else 9"]);
    let mut text = format!("table {name}: integer {policy} {otherwise}\n  | n + 0 | a | colour || out |\n");
    for _ in 0..1 + c.below(4) {
        let n = c.one(&["-", "0..4", "> 4", "3", "<= 7", "not 3", "1, 5..8", "m", ">= floor(8 / m)"]);
        let a = c.one(&["-", "-", "yes", "no", "b"]);
        let colour = c.one(&["-", "red", "red, blue", "not green"]);
        let _ = writeln!(text, "  | {n} | {a} | {colour} || {} |", c.one(&["1", "2", "3", "m", "floor(6 / n)"]));
    }
    text
}

/// A scale, some of its ends facts that may not adjoin.
fn scale(c: &mut Chance, name: &str) -> String {
    let kind = c.one(&["marginal", "marginal", "flat", "bracket"]);
    let dots = if kind == "marginal" { c.one(&["..", "..<"]) } else { "..<" };
    let ends = [c.one(&["", "-3", "0"]), c.one(&["1", "m", "n"]), c.one(&["4", "4.5"]), c.one(&["", "9", "n"])];
    let second = if c.below(4) == 0 { c.one(&["1", "m", "n"]) } else { ends[1] };
    // Ends that are constants adjoin, or there would be a finding.
    let second = if ends[1] == "1" && second != "1" || ends[1] != "1" && second == "1" { ends[1] } else { second };
    let mut text = format!("scale {name} of {}: {kind} {{", c.one(&["x", "x + m", "n / 1", "(o or else 4) / 2"]));
    for (low, high) in [(ends[0], ends[1]), (second, ends[2]), (ends[2], ends[3])] {
        let dots = if high.is_empty() { ".." } else { dots };
        let _ = write!(text, "  {low}{dots}{high} => {},", c.one(&["0", "10%", "-50%", "m", "x", "1 / n"]));
    }
    text.push_str(" }\n");
    text
}

/// A household as JSON: each fact is left out with a chance of `gaps` in ten; `known` tells which lists are.
fn household(
    facts: &[(String, String)],
    people: &[Vec<(String, String)>],
    drop: &mut impl FnMut() -> bool,
    lists: bool,
) -> String {
    let mut out = String::from("{");
    let mut first = true;
    let mut add = |out: &mut String, key: &str, value: &str| {
        let _ = write!(out, "{}\"{key}\":{value}", if std::mem::take(&mut first) { "" } else { "," });
    };
    for (key, value) in facts {
        let is_list = value.starts_with('[');
        if if is_list { lists || !drop() } else { !drop() } {
            add(&mut out, key, value);
        }
    }
    if lists || !drop() {
        let list: Vec<String> = people
            .iter()
            .map(|person| {
                let kept: Vec<String> = person
                    .iter()
                    .filter(|(key, _)| key == "id" || key == "toys" || !drop())
                    .map(|(key, value)| format!("\"{key}\":{value}"))
                    .collect();
                format!("{{{}}}", kept.join(","))
            })
            .collect();
        add(&mut out, "people", &format!("[{}]", list.join(",")));
    }
    out.push('}');
    out
}

type Household = (Vec<(String, String)>, Vec<Vec<(String, String)>>);

fn made_up(c: &mut Chance) -> Household {
    let pair = |key: &str, value: String| (key.to_owned(), value);
    let truth = |c: &mut Chance| c.one(&["true", "false"]).to_owned();
    let mut facts = vec![pair("a", truth(c)), pair("b", truth(c))];
    facts.push(pair("n", c.below(11).to_string()));
    facts.push(pair("m", (c.below(11) as i64 - 5).to_string()));
    facts.push(pair("x", c.one(&["-1.5", "0", "0.25", "3", "11"]).to_owned()));
    facts.push(pair("o", c.one(&["null", "0", "3", "9"]).to_owned()));
    facts.push(pair("colour", format!("\"{}\"", c.one(&["red", "green", "blue"]))));
    let pets: Vec<String> = (0..1 + c.below(3)).map(|_| format!("{{\"legs\":{}}}", c.below(9))).collect();
    facts.push(pair("pets", format!("[{}]", pets.join(","))));
    facts.push(pair("bills", "[]".to_owned()));
    let count = c.below(5);
    let mut people = Vec::new();
    for i in 0..count {
        let mother = match c.below(count + 1) {
            m if m == count || m == i => "null".to_owned(),
            m => format!("\"p{m}\""),
        };
        people.push(vec![
            pair("id", format!("\"p{i}\"")),
            pair("age", c.below(5).to_string()),
            pair("weight", c.one(&["0.5", "1", "2", "2.5"]).to_owned()),
            pair("debt", (c.below(9) as i64 - 4).to_string()),
            pair("wage", c.below(3).to_string()),
            pair("ill", truth(c)),
            pair("mother", mother),
            pair("toys", "[]".to_owned()),
        ]);
    }
    (facts, people)
}

const FUNCTIONS: &str = "
parameter several(c: Colour): list of integer
  from 2025-01-01:
    red => [1, 4, 2]
    blue => [3]
parameter rate(c: Colour): number
  from 2025-01-01: red => 1  green => 2.5
  from 2026-01-01: red => 3  blue => -1
define limit_of(k: number, big: boolean) = if big then k + n else k * 2
define several_of(c: Colour) = several(c)
define r = rate(colour) + rate(red)
";

/// Acts over the rules, most of them for some households alone. What they put in rests on rules that come before.
fn acts(c: &mut Chance) -> String {
    let mut text = String::new();
    for date in 0..c.below(4) {
        let days =
            c.one(&["from 2025-06-01", "from 2026-01-15 until 2026-12-31", "until 2026-01-14", "from 2020-01-01"]);
        let when = match c.below(4) {
            0 => String::new(),
            _ => format!("when {}", boolean(c, &Scope::default(), 1)),
        };
        let enacted = c.one(&["2024", "2024", "2025", "2026"]);
        let _ = writeln!(text, "amend t {days} enacted {enacted}-0{}-01 {when} {{", date + 1);
        let mut changed: Vec<String> = Vec::new();
        for _ in 0..1 + c.below(3) {
            let i = c.below(3) as usize;
            let scope = Scope { done: (i, i), ..Scope::default() };
            let (name, what) = match c.below(7) {
                0 => {
                    let body = number(c, &scope, 2);
                    (format!("n{i}"), format!("replace define n{i}: number = {body}{}", exceptions(c, &scope, number)))
                }
                1 => {
                    let body = boolean(c, &scope, 2);
                    (format!("b{i}"), format!("replace define b{i} = {body}{}", exceptions(c, &scope, boolean)))
                }
                2 => (format!("t{i}"), format!("replace {}", table(c, &format!("t{i}")))),
                3 => (format!("s{i}"), format!("replace {}", scale(c, &format!("s{i}")))),
                4 => {
                    let replace = c.one(&["", "replace"]);
                    let values = c.one(&["= red => 9", "= red => -3  green => 4", "= blue => 7"]);
                    ("rate".to_owned(), format!("{replace} parameter rate(c: Colour): number {values}"))
                }
                5 => {
                    let name = c.one(&["n", "b", "t"]);
                    (format!("{name}{i}"), format!("repeal {name}{i}"))
                }
                _ => {
                    let (condition, value) = (boolean(c, &scope, 1), number(c, &scope, 1));
                    (format!("e{i}"), format!("except in n{i} when {condition}: {value} priority {}", date + 3))
                }
            };
            if !changed.contains(&name) {
                let _ = writeln!(text, "  {what}");
                changed.push(name);
            }
        }
        text.push_str("}\n");
    }
    text
}

/// Rules, and the names of what they define.
pub(super) fn made_up_rules(c: &mut Chance) -> (String, Vec<String>) {
    let mut text = String::from(FUNCTIONS);
    let mut names = Vec::new();
    let mut scope = Scope::default();
    for i in 0..3 {
        let body = number(c, &scope, 3);
        let _ = writeln!(text, "define n{i}: number = {body}{}", exceptions(c, &scope, number));
        scope.done.0 += 1;
        let body = boolean(c, &scope, 3);
        let _ = writeln!(text, "define b{i} = {body}{}", exceptions(c, &scope, boolean));
        scope.done.1 += 1;
        names.extend([format!("n{i}"), format!("b{i}")]);
    }
    for i in 0..3 {
        text.push_str(&table(c, &format!("t{i}")));
        names.push(format!("t{i}"));
        text.push_str(&scale(c, &format!("s{i}")));
        names.push(format!("s{i}"));
    }
    names.push("r".to_owned());
    text.push_str(&acts(c));
    (text, names)
}

/// A household with gaps, so many in ten.
pub(super) fn made_up_household(c: &mut Chance, gaps: u64) -> String {
    let (facts_of, people) = made_up(c);
    let lists = c.below(2) == 0;
    household(&facts_of, &people, &mut || c.below(10) < gaps, lists)
}

/// Checks one set of rules against some households; the number of answers that were compared.
fn check(seed: u64) -> usize {
    let c = &mut Chance::new(seed);
    let (text, names) = made_up_rules(c);
    let rules = rules(&text);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let plan = plan(&rules, &names);
    let graph = plan.plan_graph();
    crate::graph::check(graph).unwrap();
    let mut compared = 0;
    let mut cases = Vec::new();
    for _ in 0..12 {
        let (facts_of, people) = made_up(c);
        let complete = facts(&plan, &household(&facts_of, &people, &mut || false, true));
        agrees_with_the_reference(&text, &rules, &plan, &complete);
        cases.push(complete.case.clone());
        let complete = evaluate(graph, &complete.case, &Limits::default());
        for gaps in [2, 5, 9] {
            let lists = c.below(2) == 0;
            let json = household(&facts_of, &people, &mut || c.below(10) < gaps, lists);
            let partial = facts(&plan, &json);
            agrees(graph, &rules.inner().program, &partial.case);
            cases.push(partial.case.clone());
            let partial = evaluate(graph, &partial.case, &Limits::default());
            for value in &graph.values {
                let Lowered::One(node) = value.value else { panic!("{value:?}") };
                let (whole, part) = (complete.own(node, 0), partial.own(node, 0));
                let context = || {
                    let full = household(&facts_of, &people, &mut || false, true);
                    format!(
                        "seed {seed}, {} of\n{text}\nknown {json}\nof {full}\npartial {part:?}\ncomplete {whole:?}",
                        value.name
                    )
                };
                assert!(whole.is_certain(), "complete facts leave nothing open: {}", context());
                match (whole.as_known(), &whole.fault) {
                    (Some(known), _) => assert!(part.can_be(known), "{}", context()),
                    (None, Some(fault)) => {
                        let told = part.fault.as_ref().is_some_and(|f| f.kind <= fault.kind);
                        assert!(told, "{}", context());
                    }
                    (None, None) => unreachable!(),
                }
                compared += 1;
            }
            changed_anew(c, &json, &rules, &plan);
        }
    }
    agrees_together(graph, &rules.inner().program, &cases);
    compared
}

/// Of complete facts the evaluator gives what the rules give as they are written.
fn agrees_with_the_reference(text: &str, rules: &Ruleset, plan: &Plan, facts: &Facts) {
    let (graph, program) = (plan.plan_graph(), &rules.inner().program);
    let recording = evaluate(graph, &facts.case, &Limits::default());
    agrees(graph, program, &facts.case);
    let reference = Reference { program, case: &facts.case, day: graph.day.unwrap() };
    for value in &graph.values {
        let Lowered::One(node) = value.value else { panic!("{value:?}") };
        let id = program.definitions.iter().find(|(_, d)| d.declared.name == value.name).unwrap().0;
        let wanted = reference.definition(id, &Ok(Value::Element(0)), Vec::new()).one();
        let got = recording.own(node, 0);
        let context = || format!("{}: {got:?}, not {wanted:?}\n{text}\n{facts:?}", value.name);
        match &wanted {
            Ok(wanted) => assert_eq!(got.as_known(), Some(wanted), "{}", context()),
            Err(_) => assert!(got.certain_fault().is_some(), "{}", context()),
        }
    }
}

/// A fact that changes is evaluated anew to what a whole evaluation gives.
fn changed_anew(c: &mut Chance, json: &str, rules: &Ruleset, plan: &Plan) {
    let graph = plan.plan_graph();
    let mut case = crate::facts::Case::clone(&facts(plan, json).case);
    let mut recording = evaluate(graph, &case, &Limits::default());
    let program = &rules.inner().program;
    for (field, value) in [("n", Value::Number(3i64.into())), ("a", Value::Boolean(c.below(2) == 0))] {
        let place = program.entities[program.root].fields.iter().position(|f| &*f.name == field).unwrap();
        case.set((program.root, place, 0), Fact::Known(value));
        let cone = Cone::within(graph, &[(program.root, place)], |_| true);
        recording.again(graph, &case, &cone, &Limits::default());
    }
    let whole = evaluate(graph, &case, &Limits::default());
    for (id, node) in graph.nodes.iter() {
        for row in 0..u32::try_from(whole.frames.len(node.frame)).unwrap() {
            assert_eq!(recording.own(id, row), whole.own(id, row), "{json}: node {} of\n{graph}", id.index());
        }
    }
}

#[test]
fn every_completion_lies_within_the_partial_answer() {
    let seeds: std::ops::Range<u64> = match std::env::var("LAYAK_SEEDS") {
        Ok(text) => {
            let (from, to) = text.split_once("..").unwrap();
            from.parse().unwrap()..to.parse().unwrap()
        }
        Err(_) => 0..drawn(120) as u64,
    };
    let compared: usize = seeds.map(check).sum();
    assert!(compared > 0);
}
