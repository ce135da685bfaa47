/// Choices, one byte each; the first of all of them once the bytes are used up.
#[derive(Clone, Debug)]
pub struct Choices<'b> {
    bytes: &'b [u8],
}

impl<'b> Choices<'b> {
    /// Choices made by these bytes.
    pub fn new(bytes: &'b [u8]) -> Choices<'b> {
        Choices { bytes }
    }

    /// A number below `count`, which is at most 256; 0 where there is none below it.
    pub fn below(&mut self, count: usize) -> usize {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        usize::from(*first) % count.max(1)
    }

    /// Whether it is so, one time in `count`.
    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) + 1 == count && !self.is_end()
    }

    /// One of several; an empty text where there are none.
    pub fn of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts.get(self.below(texts.len())).copied().unwrap_or_default()
    }

    /// Whether all bytes are used up.
    pub fn is_end(&self) -> bool {
        self.bytes.is_empty()
    }
}
