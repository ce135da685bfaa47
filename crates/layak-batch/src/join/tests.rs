//! Joins are held to a slow search.
#![allow(clippy::unwrap_used)]

use super::*;
use std::collections::BTreeMap;

/// A small generator of numbers, the same everywhere.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % n).unwrap()
    }
}

fn keys(list: &[i64]) -> impl Iterator<Item = Result<Key, ()>> {
    list.iter().map(|n| Ok(Key::Int(*n)))
}

type Joined = (Vec<Option<Vec<usize>>>, Vec<usize>);

/// By household: the rows of its elements, or nothing where it stands twice; then the rows of no household.
fn joined(order: Order, households: &[i64], elements: &[i64]) -> Joined {
    let rows = elements.iter().zip(0..).map(|(n, row)| Ok::<_, ()>(Element { key: Key::Int(*n), row, of: row }));
    let mut join = Join::new(order, rows).unwrap();
    let mut out = Vec::new();
    let mut lone = Vec::new();
    for household in households {
        out.push(match join.of(&Key::Int(*household)).unwrap() {
            Found::Elements(rows) => Some(rows),
            Found::Twice => None,
        });
        lone.extend(join.lone());
    }
    lone.extend(join.rest().unwrap());
    (out, lone.into_iter().map(|l| l.row).collect())
}

fn slowly(households: &[i64], elements: &[i64]) -> Joined {
    let mut of: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (row, key) in elements.iter().enumerate() {
        of.entry(*key).or_default().push(row);
    }
    let own = |at: usize| of.get(&households[at]).cloned().unwrap_or_default();
    let first = |at: usize| !households[..at].contains(&households[at]);
    let out = (0..households.len()).map(|at| first(at).then(|| own(at))).collect();
    let lone = (0..elements.len()).filter(|row| !households.contains(&elements[*row])).collect();
    (out, lone)
}

#[test]
fn every_order_gives_what_a_search_gives() {
    let c = &mut Chance(0x301);
    let mut met = BTreeMap::new();
    for round in 0..4_000 {
        let count = c.below(7);
        let mut households: Vec<i64> = (0..count).map(|_| c.below(9) as i64).collect();
        let mut elements: Vec<i64> = (0..c.below(9)).map(|_| c.below(9) as i64).collect();
        if round % 3 > 0 {
            households.sort_unstable();
            elements.sort_unstable();
        }
        if round % 3 == 2 {
            // In the order of the households, which is any.
            households.dedup();
            households.reverse();
            elements.retain(|e| households.contains(e));
            elements.sort_by_key(|e| households.iter().position(|h| h == e));
        }
        let order = order(|| Ok(keys(&households)), || Ok(keys(&elements))).unwrap();
        *met.entry(format!("{order:?}")).or_insert(0) += 1;
        let expected = slowly(&households, &elements);
        assert_eq!(joined(order, &households, &elements), expected, "{order:?} {households:?} {elements:?}");
        assert_eq!(joined(Order::Any, &households, &elements), expected, "{households:?} {elements:?}");
    }
    assert!(met.len() == 3 && met.values().all(|count| *count > 300), "{met:?}");
}

#[test]
fn keys_are_texts_unless_they_are_numbers_written_plainly() {
    assert_eq!(Key::of_text("42"), Key::Int(42));
    assert_eq!(Key::of_text("042"), Key::Text("042".into()));
    assert_eq!(Key::of_text(""), Key::None);
    let texts = ["0", "-0", "00", "-1", "-01", "+1", " 1", "1 ", "-", "--1", "1a", "१", "-9223372036854775808"];
    for text in texts.into_iter().chain(["9223372036854775807", "9223372036854775808", "1000"]) {
        let told_back = text.parse::<i64>().ok().filter(|number| number.to_string() == text);
        assert_eq!(Key::of_text(text), told_back.map_or(Key::Text(text.into()), Key::Int), "{text}");
    }
    assert!(Key::of_text("9") < Key::of_text("10") && Key::of_text("10") < Key::of_text("1a"));
}
