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
fn joined(order: Order, households: &[i64], elements: &[i64], together: bool) -> Joined {
    // One by one, or those side by side that have one key together.
    let mut rows: Vec<Element<Vec<usize>>> = Vec::new();
    for (n, row) in elements.iter().zip(0..) {
        match rows.last_mut() {
            Some(last) if together && last.key == Key::Int(*n) => {
                last.count += 1;
                last.of.push(row);
            }
            _ => rows.push(Element { key: Key::Int(*n), row, count: 1, of: vec![row] }),
        }
    }
    let mut join = Join::new(order, rows.into_iter().map(Ok::<_, ()>)).unwrap();
    let mut out = Vec::new();
    let mut lone = Vec::new();
    for household in households {
        let mut own = Vec::new();
        out.push(match join.of(&Key::Int(*household), &mut own).unwrap() {
            Found::Elements => Some(own.concat()),
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
        for (order, together) in [(order, false), (order, true), (Order::Any, false), (Order::Any, true)] {
            let joined = joined(order, &households, &elements, together);
            assert_eq!(joined, expected, "{order:?} {together} {households:?} {elements:?}");
        }
    }
    assert!(met.len() == 3 && met.values().all(|count| *count > 300), "{met:?}");
}
