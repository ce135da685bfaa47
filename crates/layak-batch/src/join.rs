//! Two tables joined by key: the elements of each household, in the order of the households, whatever order they stand in.

use std::collections::{HashMap, HashSet};

use crate::keys::Key;

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

/// Finds out, by the keys alone: of each row, or of those side by side that share one. Memory does not grow with them where they ascend.
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

/// An element, or some side by side that share a key, and where they stand: the first row of so many in their table, from 1.
#[derive(Clone, Debug)]
pub(crate) struct Element<P> {
    pub key: Key,
    pub row: usize,
    pub count: usize,
    pub of: P,
}

impl<P> Element<P> {
    fn lone(self) -> impl Iterator<Item = Lone> {
        let key = self.key;
        (self.row..self.row + self.count).map(move |row| Lone { key: key.clone(), row })
    }
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
pub(crate) enum Found {
    Elements,
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

    /// Adds the elements of the next household.
    pub(crate) fn of(&mut self, household: &Key, to: &mut Vec<P>) -> Result<Found, E> {
        if *household == Key::None {
            // It has no key: the reader of facts says so.
            return Ok(Found::Elements);
        }
        match self.order {
            Order::Any => {
                let (came, elements) = self.held.entry(household.clone()).or_default();
                if std::mem::replace(came, true) {
                    return Ok(Found::Twice);
                }
                to.extend(std::mem::take(elements).into_iter().map(|e| e.of));
                return Ok(Found::Elements);
            }
            Order::Alike if !self.seen.insert(household.clone()) => return Ok(Found::Twice),
            Order::Ascending if self.last.as_ref() == Some(household) => return Ok(Found::Twice),
            Order::Alike | Order::Ascending => self.last = Some(household.clone()),
        }
        while let Some(next) = self.elements.peek() {
            match next {
                Ok(next) if next.key == *household => {
                    to.extend(self.elements.next().transpose()?.map(|element| element.of));
                }
                Ok(next) if self.order == Order::Ascending && next.key < *household => self.skip()?,
                Ok(_) => break,
                Err(_) => return self.elements.next().map_or(Ok(Found::Twice), |e| e.map(|_| Found::Twice)),
            }
        }
        Ok(Found::Elements)
    }

    fn skip(&mut self) -> Result<(), E> {
        if let Some(element) = self.elements.next().transpose()? {
            self.lone.extend(element.lone());
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
        lone.extend(held.flat_map(Element::lone));
        lone.sort_by_key(|lone| lone.row);
        Ok(lone)
    }
}

#[cfg(test)]
mod tests;
