use super::*;
use crate::arena::Id;
use crate::program::ModuleId;
use crate::source::{SourceId, Span};

fn digits(name: &str, count: usize, ranges: &[(i64, i64)]) -> FormatPart {
    FormatPart { name: name.into(), label: Label::default(), kind: PartKind::Digits { count, ranges: ranges.to_vec() } }
}

fn of(parts: Vec<FormatPart>) -> TextFormat {
    let span = Span { source: SourceId(0), start: 0, end: 0 };
    let declared = Declared { name: "F".into(), module: ModuleId::new(0), label: Label::default(), span };
    TextFormat { declared, parts }
}

fn fixed(text: &str) -> FormatPart {
    FormatPart { name: "".into(), label: Label::default(), kind: PartKind::Fixed(text.into()) }
}

#[test]
fn a_text_is_held_to_each_part() {
    let format = of(vec![fixed("P-"), digits("day", 2, &[(1, 31), (41, 71)]), digits("serial", 3, &[(1, 999)])]);
    assert_eq!(format.check("P-57001"), Ok(()));
    assert_eq!(format.check("P-5700"), Err(Misfit::Length(6, 7)));
    assert_eq!(format.check("Q-57001"), Err(Misfit::Part(0, "Q-".to_owned())));
    for wrong in ["00", "32", "40", "72", "٣٣", "+1", " 1"] {
        assert_eq!(format.check(&format!("P-{wrong}001")), Err(Misfit::Part(1, wrong.to_owned())), "{wrong}");
    }
    assert_eq!(format.check("P-57000"), Err(Misfit::Part(2, "000".to_owned())));
    assert_eq!(format.part("serial").map(|(start, part)| (start, part.bounds())), Some((4, Some((1, 999)))));
}

#[test]
fn examples_have_the_structure_and_differ() {
    let format = of(vec![digits("day", 2, &[(1, 31), (41, 71)]), fixed("/"), digits("serial", 1, &[])]);
    let made: std::collections::BTreeSet<String> = (0..620).map(|n| format.example(n)).collect();
    assert_eq!(made.len(), 620, "62 days, 10 serials");
    assert!(made.iter().all(|text| format.check(text).is_ok()));
}

/// The pattern of a schema and the reader agree on every text of digits.
#[test]
fn patterns_match_what_is_read() {
    let ranges: [&[(i64, i64)]; 8] =
        [&[], &[(0, 0)], &[(1, 31), (41, 71)], &[(11, 99)], &[(9, 10)], &[(0, 99)], &[(5, 5), (95, 98)], &[(0, 49)]];
    for ranges in ranges {
        let format = of(vec![digits("n", 2, ranges)]);
        let pattern = format.pattern();
        for n in 0..100 {
            let text = format!("{n:02}");
            assert_eq!(matches(&pattern, &text), format.check(&text).is_ok(), "{pattern} {text}");
        }
    }
}

/// A reader of the few things that patterns of digits are made of.
fn matches(pattern: &str, text: &str) -> bool {
    let inner = pattern.trim_start_matches('^').trim_end_matches('$');
    let inner = inner.strip_prefix("(?:").and_then(|p| p.strip_suffix(')')).unwrap_or(inner);
    inner.split('|').any(|choice| {
        let mut sets: Vec<(char, char)> = Vec::new();
        let mut rest = choice;
        while let Some(c) = rest.chars().next() {
            if c == '[' {
                let (set, after) = rest.split_at(1).1.split_once(']').unwrap();
                let (low, high) = (set.chars().next().unwrap(), set.chars().last().unwrap());
                let (count, after) = match after.strip_prefix('{').and_then(|a| a.split_once('}')) {
                    Some((count, after)) => (count.parse().unwrap(), after),
                    None => (1, after),
                };
                sets.extend(std::iter::repeat_n((low, high), count));
                rest = after;
            } else {
                sets.push((c, c));
                rest = rest.split_at(1).1;
            }
        }
        let digits: Vec<char> = text.chars().collect();
        digits.len() == sets.len() && digits.iter().zip(&sets).all(|(d, (low, high))| low <= d && d <= high)
    })
}
