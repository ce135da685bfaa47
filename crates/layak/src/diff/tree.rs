//! A program as a tree of its pieces, each with a hash of all that it means.

use crate::fingerprint::{Aspect, Declaration, Key, Listener, Shown, digest, joined, piece_text, walk};
use crate::program::Program;

/// A piece of the rules. Two of equal hash mean the same.
pub(super) struct Node<'a> {
    pub key: Key,
    pub hash: String,
    pub shown: Shown<'a>,
    pub is_ordered: bool,
    pub parts: Vec<Node<'a>>,
}

impl<'a> Node<'a> {
    pub(super) fn part(&self, aspect: Aspect) -> Option<&Node<'a>> {
        self.parts.iter().find(|p| p.key.aspect == aspect)
    }

    /// A hash of those parts alone that a test lets through.
    pub(super) fn hash_of(&self, test: impl Fn(Aspect) -> bool) -> String {
        let parts = self.parts.iter().filter(|p| test(p.key.aspect)).map(|p| piece_text(&p.key, &p.hash)).collect();
        digest(&joined(parts, self.is_ordered))
    }
}

/// A declaration with its pieces.
pub(super) struct Declared<'a> {
    pub of: Declaration,
    pub node: Node<'a>,
}

/// Every declaration of a program.
pub(super) fn declarations(program: &Program) -> Vec<Declared<'_>> {
    let mut builder = Builder { done: Vec::new(), current: None, open: Vec::new() };
    walk(program, &mut builder);
    builder.done
}

struct Builder<'a> {
    done: Vec<Declared<'a>>,
    current: Option<Declaration>,
    open: Vec<Node<'a>>,
}

impl<'a> Listener<'a> for Builder<'a> {
    fn declaration(&mut self, of: Declaration) {
        let key = Key { aspect: of.aspect, name: of.name.as_str().into() };
        self.current = Some(of);
        self.open(key, false, Shown::Nothing);
    }

    fn open(&mut self, key: Key, is_ordered: bool, shown: Shown<'a>) {
        self.open.push(Node { key, hash: String::new(), shown, is_ordered, parts: Vec::new() });
    }

    fn close(&mut self) {
        let Some(mut node) = self.open.pop() else { return };
        node.hash = node.hash_of(|_| true);
        match self.open.last_mut() {
            Some(parent) => parent.parts.push(node),
            None => self.done.extend(self.current.take().map(|of| Declared { of, node })),
        }
    }

    fn piece(&mut self, key: Key, meaning: String, shown: Shown<'a>) {
        if let Some(parent) = self.open.last_mut() {
            let hash = digest(&meaning);
            parent.parts.push(Node { key, hash, shown, is_ordered: false, parts: Vec::new() });
        }
    }
}
