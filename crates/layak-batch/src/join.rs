//! Two tables joined by key: the elements of each household, in the order of the households, whatever order they stand in.

use std::collections::{HashMap, HashSet};

/// A key. Numbers go before texts, in the order of numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    Int(i64),
    Text(Box<str>),
    /// There is none, which is like no other.
    None,
}

impl Key {
    /// A text, or the number that it is written as in one way alone.
    pub(crate) fn of_text(text: &str) -> Key {
        match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => Key::Int(number),
            _ if text.is_empty() => Key::None,
            _ => Key::Text(text.into()),
        }
    }

    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Key::Int(number) => Some(number.to_string()),
            Key::Text(text) => Some(text.to_string()),
            Key::None => None,
        }
    }
}

/// How the rows of two tables lie to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Both ascend by key: they are read side by side, and who has no household is known at once.
    Ascending,
    /// The elements stand in the order of the households, each with a household.
    Alike,
    /// Any: the elements are held in memory.
    Any,
}

/// Finds out, by the keys alone. Memory does not grow with them where they ascend.
pub(crate) fn order<E, H, L>(
    households: impl Fn() -> Result<H, E>,
    elements: impl Fn() -> Result<L, E>,
) -> Result<Order, E>
where
    H: Iterator<Item = Result<Key, E>>,
    L: Iterator<Item = Result<Key, E>>,
{
    if ascends(households()?)? && ascends(elements()?)? {
        return Ok(Order::Ascending);
    }
    let mut seen = HashSet::new();
    let mut left = elements()?.peekable();
    for household in households()? {
        let household = household?;
        let is_first = household != Key::None && seen.insert(household.clone());
        while left.next_if(|e| e.as_ref().is_ok_and(|e| *e == household)).is_some() {
            if !is_first {
                // They are of the household that had the key before.
                return Ok(Order::Any);
            }
        }
    }
    left.next().transpose().map(|rest| if rest.is_none() { Order::Alike } else { Order::Any })
}

fn ascends<E>(keys: impl Iterator<Item = Result<Key, E>>) -> Result<bool, E> {
    let mut last: Option<Key> = None;
    for key in keys {
        let key = key?;
        if key == Key::None || last.as_ref().is_some_and(|last| *last > key) {
            return Ok(false);
        }
        last = Some(key);
    }
    Ok(true)
}

/// An element and where it stands: its row in its table, from 1.
#[derive(Clone, Debug)]
pub(crate) struct Element<P> {
    pub key: Key,
    pub row: usize,
    pub of: P,
}

/// An element of no household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lone {
    pub key: Key,
    pub row: usize,
}

/// The elements of households, handed out in the households' order.
pub(crate) struct Join<P, I: Iterator> {
    order: Order,
    elements: std::iter::Peekable<I>,
    /// By key, and whether its household has come by, where the order is any.
    held: HashMap<Key, (bool, Vec<Element<P>>)>,
    /// Those that have come by, where they do not ascend.
    seen: HashSet<Key>,
    last: Option<Key>,
    lone: Vec<Lone>,
}

/// What a household has.
pub(crate) enum Found<P> {
    Elements(Vec<P>),
    /// Another household has the key already.
    Twice,
}

impl<P, E, I: Iterator<Item = Result<Element<P>, E>>> Join<P, I> {
    /// Begins; where the order is any it reads all elements.
    pub(crate) fn new(order: Order, elements: I) -> Result<Join<P, I>, E> {
        let mut join = Join {
            order,
            elements: elements.peekable(),
            held: HashMap::new(),
            seen: HashSet::new(),
            last: None,
            lone: Vec::new(),
        };
        if order == Order::Any {
            for element in join.elements.by_ref() {
                let element = element?;
                join.held.entry(element.key.clone()).or_default().1.push(element);
            }
        }
        Ok(join)
    }

    /// The elements of the next household.
    pub(crate) fn of(&mut self, household: &Key) -> Result<Found<P>, E> {
        if *household == Key::None {
            // It has no key: the reader of facts says so.
            return Ok(Found::Elements(Vec::new()));
        }
        match self.order {
            Order::Any => {
                let (came, elements) = self.held.entry(household.clone()).or_default();
                if std::mem::replace(came, true) {
                    return Ok(Found::Twice);
                }
                return Ok(Found::Elements(std::mem::take(elements).into_iter().map(|e| e.of).collect()));
            }
            Order::Alike if !self.seen.insert(household.clone()) => return Ok(Found::Twice),
            Order::Ascending if self.last.as_ref() == Some(household) => return Ok(Found::Twice),
            Order::Alike | Order::Ascending => self.last = Some(household.clone()),
        }
        let mut out = Vec::new();
        while let Some(next) = self.elements.peek() {
            match next {
                Ok(next) if next.key == *household => {
                    out.extend(self.elements.next().transpose()?.map(|element| element.of));
                }
                Ok(next) if self.order == Order::Ascending && next.key < *household => self.skip()?,
                Ok(_) => break,
                Err(_) => return self.elements.next().map_or(Ok(Found::Twice), |e| e.map(|_| Found::Twice)),
            }
        }
        Ok(Found::Elements(out))
    }

    fn skip(&mut self) -> Result<(), E> {
        if let Some(element) = self.elements.next().transpose()? {
            self.lone.push(Lone { key: element.key, row: element.row });
        }
        Ok(())
    }

    /// Whether the elements are held in memory.
    pub(crate) fn is_held(&self) -> bool {
        self.order == Order::Any
    }

    /// The element that comes next, where it has been read.
    pub(crate) fn next_up<'a>(&'a mut self) -> Option<&'a P>
    where
        E: 'a,
    {
        self.elements.peek().and_then(|e| e.as_ref().ok()).map(|e| &e.of)
    }

    /// Those of no household that have come by.
    pub(crate) fn lone(&mut self) -> Vec<Lone> {
        std::mem::take(&mut self.lone)
    }

    /// The rest of those of no household, once there is no household more.
    pub(crate) fn rest(&mut self) -> Result<Vec<Lone>, E> {
        while self.elements.peek().is_some() {
            self.skip()?;
        }
        let mut lone = self.lone();
        let held = self.held.drain().filter(|(_, (came, _))| !came).flat_map(|(_, (_, elements))| elements);
        lone.extend(held.map(|element| Lone { key: element.key, row: element.row }));
        lone.sort_by_key(|lone| lone.row);
        Ok(lone)
    }
}

#[cfg(test)]
mod tests {
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
        assert!(Key::of_text("9") < Key::of_text("10") && Key::of_text("10") < Key::of_text("1a"));
    }
}
