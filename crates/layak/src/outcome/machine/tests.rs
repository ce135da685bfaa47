//! A machine says what the evaluator says, or nothing.

pub(in crate::outcome) use super::chunk::tests::agrees as agrees_together;
use super::*;
use crate::facts::Case;
use crate::graph::{Frame, Graph};
use crate::limits::Limits;
use crate::outcome::evaluate;
use crate::program::Program;

/// Holds a machine to the evaluator for one household: how many values it gave, of how many.
pub(in crate::outcome) fn agrees(graph: &Graph, program: &Program, case: &Case) -> (usize, usize) {
    let machine = Machine::of_nodes(graph, program);
    let Some(columns) = machine.columns(case) else { return (0, 0) };
    assert!(machine.reads(&columns));
    let mut registers = Registers::default();
    // Twice: nothing of the household before may stay.
    registers.run(&machine, &columns, graph.calendar);
    registers.run(&machine, &columns, graph.calendar);
    let recording = evaluate(graph, case, &Limits::default());
    let (mut given, mut all) = (0, 0);
    for (id, node) in graph.nodes.iter() {
        if !matches!(graph.frames[node.frame], Frame::Root | Frame::Home { .. }) {
            continue;
        }
        for row in 0..recording.frames.len(node.frame) {
            let known = recording.own(id, u32::try_from(row).unwrap());
            all += usize::from(known.as_known().is_some());
            if let Some(value) = machine.value(&registers, id, row) {
                assert_eq!(known.as_known(), Some(&value), "node {} {:?} row {row} of\n{graph}", id.index(), node.op);
                given += 1;
            }
        }
    }
    (given, all)
}

/// Ages by days, members of enums by sets, choices by bits: complete, partial and faulty.
#[test]
fn what_is_kept_in_bits_is_what_the_evaluator_says() {
    let text = "module m\ncalendar leap_day march_1, month_end clip\nenum Colour { red, green, blue, grey }\n\
        entity H { people list of P 0..9 }\n\
        entity P { born date  died optional date  colour Colour  shade optional Colour  f boolean  g boolean  k integer }\n\
        define P.age = years from born to as_of\n\
        define P.small = age <= 6\ndefine P.grown = age >= 18\ndefine P.pupil = age in 6..21\n\
        define P.unborn = age < 0\ndefine P.born_yet = age > -1\ndefine P.ancient = age > 150\n\
        define P.small_half = age <= 6.5\ndefine P.young_half = age < 17.5\ndefine P.grown_half = age >= 17.5\n\
        define P.old_half = age > 150.5\ndefine P.below = age <= -0.5\ndefine P.whole = age < 18.0\n\
        define P.living = died is none or died > as_of\n\
        define P.warm = colour = red or colour = green\ndefine P.cold = not (colour = red or colour = green or colour = blue)\n\
        define P.shaded = shade = red or shade = grey\n\
        define P.rate = if f then 3 else if g then 2 else if living then 3 else 1\n\
        define P.other = if g then 5 else 0\n\
        define P.best = max(rate, other)\ndefine P.least = min(rate, other, 2)\n\
        define P.is_three = best = 3\ndefine P.is_four = best = 4\ndefine P.is_low = best <= 2\ndefine P.is_high = 2 < best\n\
        define P.share = 10 / k\n\
        define P.middling = k >= 3 and k < 9\ndefine P.outlying = k > 5 or k <= -2\ndefine P.both = k > 5 and k < 3\n\
        define P.recent = died > 2020-01-01 and died <= 2025-06-30\ndefine some_middling = any(people where middling and living each grown)\n\
        define P.sort: optional Colour = if f and share > 2 then red else if g then green else none\n\
        define P.is_red = sort = red\ndefine P.is_blue = sort = blue\ndefine P.is_unset = sort is none\n\
        define P.step = if share > 2 then 7 else 8\ndefine P.is_seven = step = 7\ndefine P.is_nine = step = 9\n\
        define threes = count(people where is_three)\ndefine some_grown = any(people where living each grown)\n\
        define all_small = every(people each small)\ndefine none_red = none(people each is_red)\n";
    let rules = crate::Ruleset::from_text(text).unwrap_or_else(|e| panic!("{e}"));
    let names = text.lines().filter_map(|l| l.strip_prefix("define ")).filter_map(|l| l.split([' ', ':']).next());
    let day = "2026-03-01".parse().unwrap();
    let options = names.fold(crate::PlanOptions::new(day), |o, name| o.show(name.strip_prefix("P.").unwrap_or(name)));
    let plan = rules.plan(options).unwrap();
    // Around the days on which somebody turns 0, 6, 7, 18, 22 and 151; born on a leap day; and not known.
    let born = [
        "2026-03-01",
        "2026-03-02",
        "2020-03-01",
        "2020-02-29",
        "2019-03-01",
        "2019-03-02",
        "2008-03-01",
        "2008-03-02",
        "2008-02-29",
        "2004-03-01",
        "2004-03-02",
        "1875-03-01",
        "1875-02-28",
        "",
    ];
    let fact = |name: &str, value: &str| match value {
        "" => String::new(),
        "null" | "true" | "false" => format!(",\"{name}\":{value}"),
        _ => format!(",\"{name}\":\"{value}\""),
    };
    let pick = |list: &[&'static str], n: usize| list[n % list.len()];
    let (mut given, mut all, mut complete) = (0, 0, (0, 0));
    let mut cases = Vec::new();
    for n in 0..400 {
        let is_complete = n % 2 == 0;
        let people: Vec<String> = (0..n % 6)
            .map(|p| {
                let at = n * 7 + p * 13;
                let known =
                    |list: &[&'static str], n: usize| pick(if is_complete { &list[..list.len() - 1] } else { list }, n);
                let facts = [
                    fact("born", known(&born, at)),
                    fact("died", known(&["null", "2026-03-01", "2026-03-02", ""], at / 3)),
                    fact("colour", known(&["red", "green", "blue", "grey", ""], at / 2)),
                    fact("shade", known(&["null", "red", "grey", "green", ""], at / 5)),
                    fact("f", known(&["true", "false", ""], at / 2)),
                    fact("g", known(&["false", "true", ""], at / 3)),
                    fact("k", known(&["0", "2", "5", "10", "3", ""], at / 4)),
                ];
                format!("{{{}}}", facts.concat().trim_start_matches(','))
            })
            .collect();
        let json = format!("{{\"people\":[{}]}}", people.join(","));
        let facts = plan.facts_from_json(json.as_bytes()).unwrap_or_else(|e| panic!("{json}: {e}"));
        let (some, of) = agrees(plan.plan_graph(), &rules.inner().program, &facts.case);
        (given, all) = (given + some, all + of);
        cases.push(facts.case.clone());
        if is_complete {
            complete = (complete.0 + some, complete.1 + of);
        }
    }
    let together = agrees_together(plan.plan_graph(), &rules.inner().program, &cases);
    assert_eq!(together, 3 * given, "a chunk gives what the machine gives");
    assert!(given * 10 > all * 9, "{given} of {all} values are the machine's");
    assert!(complete.0 * 100 > complete.1 * 97, "{complete:?} of complete households");
}

/// Against the years reckoned by hand, for the evaluator could be wrong too.
#[test]
fn completed_years_are_compared_with_parts_of_a_year() {
    let bounds = ["<= 6.5", "< 6.5", ">= 6.5", "> 6.5", "< 7.0", "<= 6.0", "> 6.999", ">= 6.001"];
    let mut text = "module m calendar leap_day march_1, month_end clip entity H { born date }\n".to_owned();
    for (n, bound) in bounds.iter().enumerate() {
        text.push_str(&format!(
            "criterion c{n} when years from born to as_of {bound} programme p{n} requires c{n}\n\
             criterion b{n} when {} years from born to as_of programme q{n} requires b{n}\n",
            bound.replace('<', "?").replace('>', "<").replace('?', ">").split(' ').rev().collect::<Vec<_>>().join(" "),
        ));
    }
    let plan = crate::Ruleset::from_text(&text).unwrap_or_else(|e| panic!("{e}")).as_of("2026-03-01".parse().unwrap());
    let (six, seven) =
        ([true, true, false, false, true, true, false, false], [false, false, true, true, false, false, true, true]);
    for (born, wanted) in [("2020-03-01", six), ("2019-03-02", six), ("2019-03-01", seven), ("2000-02-29", seven)] {
        let facts = plan.facts_from_json(format!("{{\"born\":\"{born}\"}}").as_bytes()).unwrap();
        let decision = plan.decide(&facts);
        for (n, is_so) in wanted.iter().enumerate() {
            for name in [format!("p{n}"), format!("q{n}")] {
                let outcome = decision.programme(&name).unwrap().outcome().unwrap();
                assert_eq!(outcome == crate::Outcome::Eligible, *is_so, "{born} {name} {}", bounds[n]);
            }
        }
    }
}
