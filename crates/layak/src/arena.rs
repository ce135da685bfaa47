//! Vectors indexed by an id type of their own.

use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// A small integer that names an element of one arena.
pub(crate) trait Id: Copy {
    fn new(index: u32) -> Self;
    fn index(self) -> usize;
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) struct $name(u32);

        impl $crate::arena::Id for $name {
            fn new(index: u32) -> Self {
                $name(index)
            }

            fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}
pub(crate) use id;

/// Elements in the order of their ids.
#[derive(Clone, Debug)]
pub(crate) struct Arena<I, T> {
    list: Vec<T>,
    id: PhantomData<I>,
}

impl<I, T> Default for Arena<I, T> {
    fn default() -> Self {
        Arena { list: Vec::new(), id: PhantomData }
    }
}

impl<I: Id, T> Arena<I, T> {
    pub(crate) fn next_id(&self) -> I {
        // An arena of four thousand million elements would not fit in memory.
        I::new(u32::try_from(self.list.len()).unwrap_or(u32::MAX))
    }

    pub(crate) fn push(&mut self, element: T) -> I {
        let id = self.next_id();
        self.list.push(element);
        id
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (I, &T)> + ExactSizeIterator {
        self.list.iter().enumerate().map(|(i, t)| (I::new(u32::try_from(i).unwrap_or(u32::MAX)), t))
    }

    pub(crate) fn ids(&self) -> impl DoubleEndedIterator<Item = I> + use<I, T> {
        (0..u32::try_from(self.list.len()).unwrap_or(u32::MAX)).map(I::new)
    }

    pub(crate) fn into_values(self) -> impl Iterator<Item = T> {
        self.list.into_iter()
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.list.iter()
    }
}

impl<I: Id, T> Index<I> for Arena<I, T> {
    type Output = T;

    #[expect(clippy::indexing_slicing, reason = "an id is made by this arena's `push` and arenas do not shrink")]
    fn index(&self, id: I) -> &T {
        &self.list[id.index()]
    }
}

impl<I: Id, T> IndexMut<I> for Arena<I, T> {
    #[expect(clippy::indexing_slicing, reason = "an id is made by this arena's `push` and arenas do not shrink")]
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.list[id.index()]
    }
}

impl<I, T> FromIterator<T> for Arena<I, T> {
    fn from_iter<C: IntoIterator<Item = T>>(items: C) -> Self {
        Arena { list: items.into_iter().collect(), id: PhantomData }
    }
}
