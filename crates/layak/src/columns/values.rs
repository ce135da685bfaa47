//! Columns as plain slices.

use crate::program::Type;

/// Bits, the lowest of each byte first, from a bit on: a set bit says yes, or that a value is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bitmap<'a> {
    bytes: &'a [u8],
    offset: usize,
    len: usize,
}

impl<'a> Bitmap<'a> {
    /// So many bits, from the bit `offset` of the bytes on; nothing where the bytes do not hold them.
    ///
    /// ```
    /// let bits = layak::Bitmap::new(&[0b0000_0110], 1, 3);
    /// assert_eq!(bits.map(|b| (b.get(0), b.get(1), b.get(2))), Some((true, true, false)));
    /// ```
    pub fn new(bytes: &'a [u8], offset: usize, len: usize) -> Option<Bitmap<'a>> {
        let holds = offset.checked_add(len).is_some_and(|end| end <= bytes.len().saturating_mul(8));
        holds.then_some(Bitmap { bytes, offset, len })
    }

    /// How many bits there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether a bit is set; those beyond the last are not.
    pub fn get(&self, index: usize) -> bool {
        let at = self.offset.saturating_add(index);
        index < self.len && self.bytes.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1)
    }

    /// The bits of a stretch, 64 at a time; what lies beyond its end is not set.
    pub(super) fn words(self, start: usize, count: usize) -> impl Iterator<Item = u64> + use<'a> {
        let count = count.min(self.len.saturating_sub(start));
        (0..count.div_ceil(64)).map(move |n| {
            let at = self.offset + start + n * 64;
            let left = count - n * 64;
            let bits = self.word_at(at);
            if left >= 64 { bits } else { bits & ((1 << left) - 1) }
        })
    }

    fn word_at(self, at: usize) -> u64 {
        let (byte, shift) = (at / 8, at % 8);
        let bytes = self.bytes.get(byte..).unwrap_or(&[]);
        let mut nine = [0u8; 16];
        for (to, from) in nine.iter_mut().zip(bytes.iter().take(9)) {
            *to = *from;
        }
        let wide = u128::from_le_bytes(nine) >> shift;
        u64::try_from(wide & u128::from(u64::MAX)).unwrap_or(0)
    }
}

/// Where each value stands in a dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Codes<'a> {
    /// One byte each.
    Bytes(&'a [u8]),
    /// 32 bits each; one below zero stands for no text.
    Ints(&'a [i32]),
}

impl Codes<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Codes::Bytes(codes) => codes.len(),
            Codes::Ints(codes) => codes.len(),
        }
    }

    pub(super) fn get(&self, row: usize) -> Option<usize> {
        match self {
            Codes::Bytes(codes) => codes.get(row).map(|c| usize::from(*c)),
            Codes::Ints(codes) => codes.get(row).and_then(|c| usize::try_from(*c).ok()),
        }
    }
}

/// The values of a column. There is none for binary floats: what they stand for is not exact.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Values<'a> {
    /// Yes and no.
    Booleans(Bitmap<'a>),
    /// Numbers, each the integer with its last `scale` digits behind the point.
    Ints {
        /// The integers.
        values: &'a [i32],
        /// Digits behind the point.
        scale: u32,
    },
    /// The same of 64 bits.
    Longs {
        /// The integers.
        values: &'a [i64],
        /// Digits behind the point.
        scale: u32,
    },
    /// The same of 128 bits.
    Decimals {
        /// The integers.
        values: &'a [i128],
        /// Digits behind the point.
        scale: u32,
    },
    /// Days since 1970-01-01.
    Days(&'a [i32]),
    /// Texts by their places in a dictionary: texts, members of enums, and whatever is read from a text.
    Codes {
        /// The places.
        codes: Codes<'a>,
        /// The dictionary.
        texts: &'a [&'a str],
    },
    /// Texts one after another: the n-th from `offsets[n]` up to `offsets[n + 1]`.
    Texts {
        /// One more than there are texts.
        offsets: &'a [i32],
        /// All of them.
        text: &'a str,
    },
}

impl Values<'_> {
    /// How many values there are.
    pub fn len(&self) -> usize {
        match self {
            Values::Booleans(bits) => bits.len(),
            Values::Ints { values, .. } => values.len(),
            Values::Longs { values, .. } => values.len(),
            Values::Decimals { values, .. } => values.len(),
            Values::Days(days) => days.len(),
            Values::Codes { codes, .. } => codes.len(),
            Values::Texts { offsets, .. } => offsets.len().saturating_sub(1),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text of a row; nothing where there is none.
    pub(super) fn text(&self, row: usize) -> Option<&str> {
        match self {
            Values::Codes { codes, texts } => texts.get(codes.get(row)?).copied(),
            Values::Texts { offsets, text } => {
                let at = |n: usize| offsets.get(n).and_then(|o| usize::try_from(*o).ok());
                text.get(at(row)?..at(row + 1)?)
            }
            Values::Booleans(_)
            | Values::Ints { .. }
            | Values::Longs { .. }
            | Values::Decimals { .. }
            | Values::Days(_) => None,
        }
    }

    /// Whether it can hold facts of a type.
    pub(super) fn fits(&self, ty: &Type) -> bool {
        match (self, ty.required()) {
            (Values::Booleans(_), ty) => *ty == Type::Boolean,
            (Values::Ints { .. } | Values::Longs { .. } | Values::Decimals { .. }, ty) => {
                matches!(ty, Type::Number(_) | Type::Element(_))
            }
            (Values::Days(_), ty) => *ty == Type::Date,
            (Values::Codes { .. } | Values::Texts { .. }, ty) => *ty != Type::Boolean,
        }
    }

    /// Whether every text can be cut out.
    pub(super) fn is_sound(&self) -> bool {
        match self {
            Values::Texts { offsets, .. } => (0..offsets.len().saturating_sub(1)).all(|row| self.text(row).is_some()),
            Values::Ints { scale, .. } | Values::Longs { scale, .. } | Values::Decimals { scale, .. } => *scale <= 38,
            Values::Booleans(_) | Values::Days(_) | Values::Codes { .. } => true,
        }
    }

    /// What it holds, as messages name it.
    pub(super) fn kind(&self) -> crate::diagnostic::Phrase {
        use crate::diagnostic::phrase;
        match self {
            Values::Booleans(_) => phrase!("yes and no", "ya dan tidak"),
            Values::Ints { .. } | Values::Longs { .. } | Values::Decimals { .. } => phrase!("numbers", "bilangan"),
            Values::Days(_) => phrase!("days", "tanggal"),
            Values::Codes { .. } | Values::Texts { .. } => phrase!("texts", "teks"),
        }
    }
}

/// A column: values, of which some may not be known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column<'a> {
    pub(super) values: Values<'a>,
    pub(super) known: Option<Bitmap<'a>>,
    /// Whether what is not known is left out, rather than null.
    pub(super) leaves_out: bool,
}

impl<'a> Column<'a> {
    /// Values of which every one is known.
    pub fn new(values: Values<'a>) -> Column<'a> {
        Column { values, known: None, leaves_out: false }
    }

    /// Says which are known. One that is not is what `null` is in JSON: not known, or none where the fact is optional.
    #[must_use]
    pub fn known(mut self, known: Bitmap<'a>) -> Column<'a> {
        self.known = Some(known);
        self
    }

    /// Takes a value that is not known for one that was not given, as of an empty cell of a table: where the fact is optional it is
    /// what its declaration says of a fact that is left out (not known, unless there is a default), rather than none.
    ///
    /// ```
    /// use layak::{Batch, BatchOutcome, Bitmap, Column, Households, Ruleset, Values};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = Ruleset::from_text(
    ///     "module aid entity Home { rent optional integer 0.. } criterion free when rent is none programme aid requires free",
    /// )?;
    /// let plan = rules.as_of("2026-01-15".parse()?);
    /// let known = Bitmap::new(&[0b0], 0, 1).ok_or("one bit")?;
    /// let rent = Column::new(Values::Ints { values: &[0], scale: 0 }).known(known);
    /// for (rent, outcome) in [(rent, BatchOutcome::Eligible), (rent.leave_out(), BatchOutcome::Undetermined)] {
    ///     let mut homes = Households::new(&plan, 1);
    ///     homes.column("rent", rent)?;
    ///     assert_eq!(Batch::new(&homes).decide(0..1).outcomes("aid", 0).next().flatten(), Some(outcome));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn leave_out(mut self) -> Column<'a> {
        self.leaves_out = true;
        self
    }

    pub(super) fn is_known(&self, row: usize) -> bool {
        self.known.is_none_or(|known| known.get(row))
    }
}
