//! Small tables made by chance: every point is tried, and what the analysis says is held to it.

#![allow(clippy::indexing_slicing)]

use proptest::prelude::*;

use super::found;

/// A cell over 0..=5, as it is written, and the values that it accepts.
fn cell() -> impl Strategy<Value = (String, Vec<bool>)> {
    let of = |text: String, holds: &dyn Fn(i64) -> bool| (text, (0..=5).map(holds).collect());
    prop_oneof![
        2 => Just(of("-".to_owned(), &|_| true)),
        2 => (0i64..=5).prop_map(move |n| of(format!("{n}"), &|v| v == n)),
        2 => (-1i64..=6).prop_map(move |n| of(format!("< {n}"), &|v| v < n)),
        2 => (-1i64..=6).prop_map(move |n| of(format!(">= {n}"), &|v| v >= n)),
        2 => (0i64..=5, 0i64..=5).prop_map(move |(a, b)| {
            let (a, b) = (a.min(b), a.max(b));
            of(format!("{a}..{b}"), &|v| (a..=b).contains(&v))
        }),
        1 => (0i64..=5, 0i64..=5).prop_map(move |(a, b)| of(format!("not {a}, {b}"), &|v| v != a && v != b)),
        1 => (0i64..=5, 0i64..=5).prop_map(move |(a, b)| of(format!("{a}, > {b}"), &|v| v == a || v > b)),
    ]
}

fn flag() -> impl Strategy<Value = (String, Vec<bool>)> {
    prop_oneof![
        Just(("-".to_owned(), vec![true, true])),
        Just(("yes".to_owned(), vec![false, true])),
        Just(("no".to_owned(), vec![true, false])),
    ]
}

type Cells = ((String, Vec<bool>), (String, Vec<bool>), (String, Vec<bool>));

fn rows() -> impl Strategy<Value = Vec<Cells>> {
    prop::collection::vec((cell(), cell(), flag()), 1..7)
}

/// The rows that match a point.
fn matching(rows: &[Cells], (a, c, b): (usize, usize, usize)) -> Vec<usize> {
    let holds = |row: &Cells| row.0.1[a] && row.1.1[c] && row.2.1[b];
    rows.iter().enumerate().filter(|(_, row)| holds(row)).map(|(at, _)| at).collect()
}

fn points() -> impl Iterator<Item = (usize, usize, usize)> {
    (0..6).flat_map(|a| (0..6).flat_map(move |c| (0..2).map(move |b| (a, c, b))))
}

/// The point that a finding shows: `a = 1, c = 2, b = yes`.
fn shown(finding: &str) -> (usize, usize, usize) {
    let part = |name: &str| {
        let rest = finding.split_once(&format!("{name} = ")).unwrap().1;
        rest.split([',', ' ']).next().unwrap().to_owned()
    };
    (part("a").parse().unwrap(), part("c").parse().unwrap(), usize::from(part("b") == "yes"))
}

/// Each row gives its number, but no more than so many different ones.
fn table(head: &str, rows: &[Cells], results: usize) -> String {
    let line = |(i, (x, y, z)): (usize, &Cells)| format!("| {} | {} | {} || {} |\n", x.0, y.0, z.0, i % results);
    let lines = rows.iter().enumerate().map(line);
    format!("{head}\n| a | c | b || q |\n{}", lines.collect::<String>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn gaps_overlaps_and_rows_out_of_reach_are_those_that_trying_every_point_finds(rows in rows()) {
        let rules = |head: &str, results: usize| {
            super::of(&format!("module m\nentity H {{ a integer 0..5  c integer 0..5  b boolean }}\n{}", table(head, &rows, results)))
        };
        let unique = rules("table q", 100);
        let first = rules("table q first", 100);
        // Gaps: one is told exactly where there is one, and its point is one.
        let gap = points().any(|p| matching(&rows, p).is_empty());
        for told in [&unique, &first] {
            let gaps: Vec<&String> = told.iter().filter(|f| f.starts_with("L0701")).collect();
            prop_assert_eq!(gaps.len(), usize::from(gap));
            for shows in gaps {
                prop_assert!(matching(&rows, shown(shows)).is_empty(), "{}", shows);
            }
        }
        // Overlaps: of each row that some earlier one meets, with a point of both.
        let meets = |at: usize| points().any(|p| {
            let here = matching(&rows, p);
            here.contains(&at) && here.iter().any(|other| *other < at)
        });
        let overlaps: Vec<&String> = unique.iter().filter(|f| f.starts_with("L0411")).collect();
        prop_assert_eq!(overlaps.len(), (0..rows.len()).filter(|at| meets(*at)).count());
        for shows in overlaps {
            prop_assert!(matching(&rows, shown(shows)).len() > 1, "{}", shows);
        }
        // Rows that never match, and in a `first` table those that others take all of.
        let never = |at: usize| points().all(|p| !matching(&rows, p).contains(&at));
        let masked = |at: usize| points().all(|p| matching(&rows, p).first() != Some(&at));
        let count = |told: &Vec<String>| told.iter().filter(|f| f.starts_with("L0702")).count();
        prop_assert_eq!(count(&unique), (0..rows.len()).filter(|at| never(*at)).count());
        prop_assert_eq!(count(&first), (0..rows.len()).filter(|at| masked(*at)).count());
        // In an `any` table rows that match together give the same; one adds nothing where those before it do so.
        let any = rules("table q any", 2);
        let clashes = |at: usize| points().any(|p| {
            let here = matching(&rows, p);
            here.contains(&at) && here.iter().any(|other| *other < at && other % 2 != at % 2)
        });
        let overlaps: Vec<&String> = any.iter().filter(|f| f.starts_with("L0411")).collect();
        prop_assert_eq!(overlaps.len(), (0..rows.len()).filter(|at| clashes(*at)).count());
        for shows in overlaps {
            let here = matching(&rows, shown(shows));
            prop_assert!(here.iter().any(|a| here.iter().any(|b| a % 2 != b % 2)), "{}", shows);
        }
        let idle = |at: usize, takes: &dyn Fn(usize) -> bool| points().all(|p| {
            let here = matching(&rows, p);
            !here.contains(&at) || here.iter().any(|other| *other != at && takes(*other))
        });
        let count_idle = |takes: &dyn Fn(usize, usize) -> bool| (0..rows.len()).filter(|at| idle(*at, &|other| takes(other, *at))).count();
        prop_assert_eq!(count(&any), count_idle(&|other, at| other < at && other % 2 == at % 2));
        // In a `priority` table a row counts where no row of a better rank matches.
        let ranked = rules("table q priority [2, 0, 1]", 3);
        let rank = |row: usize| [1, 2, 0][row % 3];
        prop_assert_eq!(count(&ranked), count_idle(&|other, at| rank(other) < rank(at) || other < at && rank(other) == rank(at)));
    }
}

#[test]
fn a_table_that_is_too_large_says_so() {
    let rows: String = (0..10_001).map(|i| format!("| {i} || {i} |\n")).collect();
    assert_eq!(found(&format!("table q else 0\n| n || q |\n{rows}")), ["L0703 `q` is too large to analyse"]);
}
