//! What rules mean, piece by piece, and a hash of it.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::program::Program;

mod canon;
mod meaning;
mod relevant;

pub(crate) use canon::constant_text;
pub(crate) use meaning::{Aspect, Declaration, Key, Listener, Shown, walk};
pub(crate) use relevant::relevant;

/// The fingerprint of a program: names, types, versions, expressions and texts. Places, the order of files and of
/// declarations, the language of keywords and the names that expressions give to elements are not in it.
pub(crate) fn fingerprint(program: &Program) -> Arc<str> {
    let mut hasher = Hasher { frames: vec![Frame::default()] };
    walk(program, &mut hasher);
    let text = hasher.frames.pop().map_or(String::new(), Frame::text);
    digest(&text).trim_start_matches('#').into()
}

/// A short hash of a text.
pub(crate) fn digest(text: &str) -> String {
    canon::hex(Sha256::digest(text.as_bytes()).as_ref())
}

/// A piece and its meaning, such that no two different ones are written alike.
pub(crate) fn piece_text(key: &Key, meaning: &str) -> String {
    format!("{:?} {}:{}{}:{meaning}", key.aspect, key.name.len(), key.name, meaning.len())
}

/// What is open: its key, and the texts of its pieces.
#[derive(Default)]
struct Frame {
    key: Option<Key>,
    is_ordered: bool,
    pieces: Vec<String>,
}

impl Frame {
    fn text(self) -> String {
        joined(self.pieces, self.is_ordered)
    }
}

/// The texts of pieces as one.
pub(crate) fn joined(mut pieces: Vec<String>, is_ordered: bool) -> String {
    if !is_ordered {
        pieces.sort_unstable();
    }
    pieces.concat()
}

struct Hasher {
    frames: Vec<Frame>,
}

impl Hasher {
    fn add(&mut self, text: String) {
        if let Some(frame) = self.frames.last_mut() {
            frame.pieces.push(text);
        }
    }
}

impl<'a> Listener<'a> for Hasher {
    fn declaration(&mut self, of: Declaration) {
        let key = Key { aspect: of.aspect, name: format!("{} {}", of.module, of.name).into() };
        self.open(key, false, Shown::Nothing);
    }

    fn open(&mut self, key: Key, is_ordered: bool, _: Shown<'a>) {
        self.frames.push(Frame { key: Some(key), is_ordered, pieces: Vec::new() });
    }

    fn close(&mut self) {
        let Some(mut frame) = self.frames.pop() else { return };
        let Some(key) = frame.key.take() else { return };
        self.add(piece_text(&key, &frame.text()));
    }

    fn piece(&mut self, key: Key, meaning: String, _: Shown<'a>) {
        self.add(piece_text(&key, &meaning));
    }
}
