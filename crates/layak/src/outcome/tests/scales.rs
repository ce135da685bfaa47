//! Scales against sums written out, at their ends and beyond them, with values and ends that are known or not.

use super::*;
use crate::value::Decimal;

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// What a scale gives for a value of `x`; nothing where no bracket holds it.
fn given(plan: &Plan, x: &Decimal) -> Option<Decimal> {
    let facts = facts(plan, &format!(r#"{{"x": {x}}}"#));
    let recording = evaluate(plan.plan_graph(), &facts.case, &Limits::default());
    let value = shown(plan.plan_graph(), &recording, 0);
    match value.as_known() {
        Some(Value::Number(n)) => Some(n.clone()),
        Some(other) => panic!("{other:?}"),
        None => {
            assert!(matches!(kind(&value), FaultKind::NoRow { .. }));
            None
        }
    }
}

/// The values around some ends and between them.
fn values(ends: &[&str]) -> Vec<Decimal> {
    let mut values: Vec<Decimal> = (-60_i64..=160).map(|i| number(&i.to_string())).collect();
    for end in ends {
        for step in ["-0.01", "0", "0.01"] {
            values.push(number(end).checked_add(&number(step)).unwrap());
        }
    }
    values
}

type Bracket<'a> = (Option<&'a str>, Option<&'a str>, &'a str);

/// Adds up steps of a hundredth, each at the rate of the bracket that its middle lies in.
fn by_steps(brackets: &[Bracket<'_>], x: &Decimal) -> Decimal {
    let hundredths = |text: &str| -> i64 {
        let scaled = number(text).checked_mul(&number("100")).unwrap().to_string();
        scaled.trim_end_matches(".00").parse().unwrap()
    };
    let x = hundredths(&x.to_string());
    let ends: Vec<_> = brackets.iter().map(|(low, high, _)| (low.map(hundredths), high.map(hundredths))).collect();
    let mut steps = vec![0_i64; brackets.len()];
    for step in x.min(0)..x.max(0) {
        let holds = |(low, high): &(Option<i64>, Option<i64>)| {
            low.is_none_or(|low| low <= step) && high.is_none_or(|high| step < high)
        };
        if let Some(at) = ends.iter().position(holds) {
            steps[at] += x.signum();
        }
    }
    brackets.iter().zip(steps).fold(Decimal::ZERO, |sum, ((_, _, rate), steps)| {
        let part = number(&steps.to_string()).checked_mul(&number("0.01")).unwrap();
        sum.checked_add(&part.checked_mul(&number(rate)).unwrap()).unwrap()
    })
}

fn text(brackets: &[Bracket<'_>], kind: &str, dots: &str) -> String {
    let mut text = format!("scale v of x: {kind} {{\n");
    for (low, high, gives) in brackets {
        let dots = if high.is_some() { dots } else { ".." };
        let low = low.unwrap_or_default();
        text.push_str(&format!("  {low}{dots}{} => {gives},\n", high.unwrap_or_default()));
    }
    text + "}"
}

const SHAPES: [&[Bracket<'static>]; 5] = [
    &[(None, Some("10"), "0.05"), (Some("10"), Some("42.5"), "0.15"), (Some("42.5"), None, "0.3")],
    &[(Some("0"), Some("10"), "0"), (Some("10"), Some("100"), "-0.25")],
    &[(Some("-20"), Some("-5"), "0.5"), (Some("-5"), Some("7"), "0.1"), (Some("7"), None, "2")],
    &[(Some("12"), Some("30"), "0.1"), (Some("30"), None, "0.2")],
    &[(None, Some("-7.25"), "0.1")],
];

fn ends<'a>(brackets: &[Bracket<'a>]) -> Vec<&'a str> {
    brackets.iter().flat_map(|(low, high, _)| low.iter().chain(high).copied().collect::<Vec<_>>()).collect()
}

fn holds(bracket: &Bracket<'_>, open: bool, x: &Decimal) -> bool {
    let (low, high, _) = bracket;
    low.is_none_or(|low| number(low) <= *x)
        && high.is_none_or(|high| if open { *x < number(high) } else { *x <= number(high) })
}

#[test]
fn a_marginal_scale_is_the_sum_of_its_parts() {
    for brackets in SHAPES {
        for dots in ["..", "..<"] {
            let rules = rules(&text(brackets, "marginal", dots));
            let plan = plan(&rules, &["v"]);
            for x in values(&ends(brackets)) {
                let wanted = brackets.iter().any(|b| holds(b, dots == "..<", &x)).then(|| by_steps(brackets, &x));
                assert_eq!(given(&plan, &x), wanted, "{x} in {}", text(brackets, "marginal", dots));
            }
        }
    }
}

#[test]
fn a_flat_scale_and_one_of_amounts_look_at_one_bracket() {
    for brackets in SHAPES {
        for kind in ["flat", "bracket"] {
            let rules = rules(&text(brackets, kind, "..<"));
            let plan = plan(&rules, &["v"]);
            for x in values(&ends(brackets)) {
                let rate = brackets.iter().find(|b| holds(b, true, &x)).map(|(_, _, rate)| number(rate));
                let wanted = rate.map(|r| if kind == "flat" { x.checked_mul(&r).unwrap() } else { r });
                assert_eq!(given(&plan, &x), wanted, "{x} in {}", text(brackets, kind, "..<"));
            }
        }
    }
}

#[test]
fn a_value_that_is_not_known_gives_what_its_range_allows() {
    let tax = "{ 0..4 => 10%  4.. => 50% }";
    assert_eq!(value(&format!("scale v of n: marginal {tax}"), "{}"), Possible::range(end("0"), end("3.4"), false));
    assert_eq!(value(&format!("scale v of n: marginal {tax}"), r#"{"n": 6}"#), n("1.4"));
    assert_eq!(value("scale v of n: bracket { 0..3 => 7  4.. => 9 }", "{}"), whole("7", "9"));
    let beyond = value("scale v of n: bracket { 0..3 => 7  4..9 => 9 }", "{}");
    assert!(matches!(beyond.fault.unwrap().kind, FaultKind::NoRow { .. }));
}

fn end(text: &str) -> Option<Value> {
    Some(Value::Number(text.parse().unwrap()))
}

#[test]
fn ends_that_do_not_adjoin_are_a_fault_and_never_a_part_counted_twice() {
    let scale = "scale v of n: marginal { 0..m => 10%  2.. => 50% }";
    assert_eq!(value(scale, r#"{"n": 6, "m": 2}"#), n("2.2"));
    for m in ["1", "3", "-1"] {
        let json = format!(r#"{{"n": 6, "m": {m}}}"#);
        assert!(matches!(kind(&value(scale, &json)), FaultKind::NoRow { .. }), "{m}");
    }
    let flat = "scale v of n: bracket { 0..m => 1  2.. => 2 }";
    assert!(matches!(kind(&value(flat, r#"{"n": 2, "m": 3}"#)), FaultKind::SeveralRows { .. }));
    assert!(matches!(kind(&value(flat, r#"{"n": 1, "m": 0}"#)), FaultKind::NoRow { .. }));
}

#[test]
fn a_scale_of_a_member_changes_with_the_day() {
    let text = "
        parameter free: money
          from 2020-01-01: IDR 100
          from 2026-01-01: IDR 200
        scale Person.tax of wage: marginal until 2025-12-31 { IDR 0.. => 1% }
        scale Person.tax of wage: marginal from 2026-01-01 { IDR 0..free => 0%  free.. => 10% }
        define v = sum(people.tax)";
    let json = r#"{"people": [{"id": "p", "wage": 150}, {"id": "q", "wage": 1200}]}"#;
    assert_eq!(value(text, json), n("100"));
}

/// The codes of what is found in a scale of `n` (whole) or `x`.
fn found(scale: &str) -> Vec<String> {
    match Ruleset::from_text(&format!("{FACTS}\n{scale}")) {
        Ok(_) => Vec::new(),
        Err(findings) => findings.iter().map(|f| f.code().to_string()).collect(),
    }
}

#[test]
fn brackets_that_cannot_be_are_found() {
    for (scale, code) in [
        ("scale v of x: marginal { }", "L0330"),
        ("scale v of x: flat { 3 => 1% }", "L0330"),
        ("scale v of x: flat { 3..2 => 1% }", "L0330"),
        ("scale v of x: flat { 3..<3 => 1% }", "L0330"),
        ("scale v of x: flat { 3.. => 1%,  ..3 => 2% }", "L0330"),
        ("scale v of x: bracket { 0..5 => 1  5.. => 2 }", "L0331"),
        ("scale v of x: marginal { 0..5 => 1  4.. => 2 }", "L0331"),
        ("parameter p: number = 3\nscale v of x: flat { 0..p => 1  p.. => 2 }", "L0331"),
        ("scale v of x: bracket { 5..10 => 1  0..<5 => 2 }", "L0331"),
        ("scale v of x: bracket { 0..4 => 1  5.. => 2 }", "L0332"),
        ("scale v of n: marginal { 0..4 => 1  5.. => 2 }", "L0332"),
        ("scale v of n: bracket { 0..<4 => 1  5.. => 2 }", "L0332"),
        ("scale v of a: marginal { 0..4 => 1 }", "L0301"),
        ("scale v of colour: flat { 0..4 => 1 }", "L0301"),
        ("scale v of x: flat { 0..4 => yes }", "L0301"),
        ("scale v of x: flat { 0..4 => nothing }", "L0201"),
        ("scale v of x: marginal { IDR 0..IDR 4 => 1 }", "L0302"),
        ("scale v of x: marginal { 0..4 => 1%  4.. => IDR 1 }", "L0302"),
        ("scale v of x: bracket { 0..<4 => 1  4.. => a }", "L0301"),
        ("scale v of v: bracket { 0..<4 => 1  4.. => 2 }", "L0401"),
    ] {
        let all = found(scale);
        assert!(!all.is_empty() && all.iter().all(|c| c == code), "{scale}: {all:?}");
    }
    for scale in [
        "scale v of x: marginal { 0..5 => 1  5.. => 2 }",
        "scale v of n: bracket { 0..4 => 1  5.. => 2 }",
        "scale v of x: marginal { 0.. => IDR 3 }",
        "scale v of o: flat { 0.. => 3% }",
        "scale v of as_of: bracket { ..2025-12-31 => 1  2026-01-01.. => 2 }",
        "scale v of x: flat \"Pajak\" { -5..<-3 => 1,  -3..0 => 0% } basis \"Article 3\" until 2030-12-31",
    ] {
        assert_eq!(found(scale), Vec::<String>::new(), "{scale}");
    }
    assert_eq!(of("x in -3..-1", r#"{"x": -2}"#), yes(), "the minus is that of the lower end");
}
