//! How the values of a column become words, each held to the range of its field.

use std::ops::Range;

use crate::facts::{FieldRule, composed};
use crate::outcome::{Mask, Numbers, Width, WordKind};
use crate::program::Type;
use crate::value::{Date, Decimal, Value};

use super::Households;
use super::form::Obstacle;
use super::load::rows_of;
use super::rows::EPOCH;
use super::values::{Codes, Column, Values};

/// What stands for a value that is not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absent {
    Open,
    None,
    Word(i64),
    /// A key: the household is not as asked.
    Bad,
}

/// How the values of a column become words.
#[derive(Debug)]
pub(super) enum Reading {
    /// Times a factor, or divided by one, within a range.
    Number {
        times: i64,
        over: i64,
        low: i64,
        high: i64,
    },
    Days {
        low: i64,
        high: i64,
    },
    /// By code: the word; nothing where the text is not one that is asked for.
    Codes {
        words: Vec<Option<i64>>,
        width: Width,
        is_same: bool,
    },
    /// Texts, each looked up.
    Texts(Texts),
}

/// How texts become words.
#[derive(Debug)]
pub(super) enum Texts {
    /// Sorted by text: its word. Others are refused, or are the word given.
    Known(Vec<(String, i64)>, Option<i64>),
    Numbers {
        scale: u32,
        whole: bool,
        low: i64,
        high: i64,
    },
    Days {
        low: i64,
        high: i64,
    },
}

/// How a column of a field is read as words of a kind.
pub(super) fn reading(
    homes: &Households<'_>,
    column: &Column<'_>,
    rule: &FieldRule<'_>,
    kind: WordKind,
) -> Result<Reading, Obstacle> {
    let range = || word_range(rule, kind).ok_or(Obstacle::Range);
    Ok(match (&column.values, kind) {
        (
            Values::Ints { scale: given, .. }
            | Values::Longs { scale: given, .. }
            | Values::Decimals { scale: given, .. },
            WordKind::Number { scale },
        ) => {
            let (low, high) = range()?;
            let power = |n: u32| 10i64.checked_pow(n).ok_or(Obstacle::Range);
            let (times, over) = if *given <= scale { (power(scale - given)?, 1) } else { (1, power(given - scale)?) };
            Reading::Number { times, over, low, high }
        }
        (Values::Days(_), WordKind::Date) => {
            let (low, high) = range()?;
            Reading::Days { low, high }
        }
        (Values::Codes { texts, .. }, kind) => {
            let look_up = Texts::of(homes, rule, kind)?;
            let words: Vec<Option<i64>> = texts.iter().map(|text| look_up.word(text)).collect();
            let least = words.iter().flatten().min().copied().unwrap_or(0);
            let most = words.iter().flatten().max().copied().unwrap_or(0);
            let width =
                match (u8::try_from(least).and(u8::try_from(most)), i32::try_from(least).and(i32::try_from(most))) {
                    (Ok(_), _) => Width::Byte,
                    (_, Ok(_)) => Width::Int,
                    _ => Width::Long,
                };
            let is_same = width == Width::Byte && words.iter().zip(0..).all(|(word, code)| *word == Some(code));
            Reading::Codes { words, width, is_same }
        }
        (Values::Texts { .. }, kind) => Reading::Texts(Texts::of(homes, rule, kind)?),
        (
            Values::Booleans(_)
            | Values::Ints { .. }
            | Values::Longs { .. }
            | Values::Decimals { .. }
            | Values::Days(_),
            _,
        ) => {
            return Err(Obstacle::Range);
        }
    })
}

/// The range of a field as words, ends included; nothing where it cannot be said so.
fn word_range(rule: &FieldRule<'_>, kind: WordKind) -> Option<(i64, i64)> {
    let least = match kind {
        WordKind::Date => i64::from(Date::MIN.ordinal()),
        _ => i64::MIN + 2,
    };
    let most = if kind == WordKind::Date { i64::from(Date::MAX.ordinal()) } else { i64::MAX };
    let end = |value: &Value| match (value, kind) {
        (Value::Number(n), WordKind::Number { scale }) => n.to_scaled_i64(scale),
        (Value::Date(d), WordKind::Date) => Some(i64::from(d.ordinal())),
        _ => None,
    };
    let low = rule.range.low.as_ref().map_or(Some(least), end)?;
    let high = rule.range.high.as_ref().map_or(Some(most), end)?;
    let high = if rule.range.open && rule.range.high.is_some() { high.checked_sub(1)? } else { high };
    Some((low.max(least), high))
}

impl Texts {
    fn of(homes: &Households<'_>, rule: &FieldRule<'_>, kind: WordKind) -> Result<Texts, Obstacle> {
        let inner = homes.plan.ruleset().inner();
        let range = || word_range(rule, kind).ok_or(Obstacle::Range);
        Ok(match (rule.ty, kind) {
            (Type::Number(q), WordKind::Number { scale }) => {
                let (low, high) = range()?;
                Texts::Numbers { scale, whole: q.whole, low, high }
            }
            (Type::Date, WordKind::Date) => {
                let (low, high) = range()?;
                Texts::Days { low, high }
            }
            _ if rule.has_range() => return Err(Obstacle::Range),
            (Type::Enum(id), WordKind::Enum) => {
                let names = inner.binder.names(*id).map(|(name, n)| (name.to_owned(), i64::from(n)));
                Texts::known(names.collect(), None)
            }
            (Type::Text, WordKind::Text) => {
                let Some(machine) = homes.plan.machine() else { return Err(Obstacle::Plan) };
                Texts::known(machine.texts().map(|(text, n)| (text.to_owned(), n)).collect(), Some(-1))
            }
            _ => return Err(Obstacle::Range),
        })
    }

    fn known(mut list: Vec<(String, i64)>, other: Option<i64>) -> Texts {
        list.sort();
        Texts::Known(list, other)
    }

    /// The word of a text; nothing where it is refused or does not fit.
    fn word(&self, text: &str) -> Option<i64> {
        match self {
            Texts::Known(list, other) => {
                let text = composed(text);
                match list.binary_search_by(|(known, _)| (**known).cmp(&*text)) {
                    Ok(at) => list.get(at).map(|(_, word)| *word),
                    Err(_) => *other,
                }
            }
            Texts::Numbers { scale, whole, low, high } => {
                if let Some(word) = plain(text, *scale) {
                    let is_whole = !whole || 10i64.checked_pow(*scale).is_some_and(|one| word % one == 0);
                    return (is_whole && (low..=high).contains(&&word)).then_some(word);
                }
                let number: Decimal = text.parse().ok()?;
                let word = number.to_scaled_i64(*scale).filter(|w| (low..=high).contains(&w))?;
                (!whole || number.is_integer()).then_some(word)
            }
            Texts::Days { low, high } => {
                let word = i64::from(text.parse::<Date>().ok()?.ordinal());
                (low..=high).contains(&&word).then_some(word)
            }
        }
    }
}

/// A number of few digits and no exponent, scaled, as [`Decimal`] reads it; nothing where it is to be read by that.
fn plain(text: &str, scale: u32) -> Option<i64> {
    /// So many digits fit whatever they are.
    const DIGITS: u32 = 18;
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    if matches!(digits, [] | [b'0', b'0'..=b'9', ..] | [b'.', ..] | [.., b'.']) {
        return None;
    }
    let (mut word, mut count, mut after) = (0i64, 0, None);
    for byte in digits {
        match (byte, after) {
            (b'0'..=b'9', _) if count < DIGITS => {
                word = word * 10 + i64::from(byte - b'0');
                count += 1;
                after = after.map(|after| after + 1);
            }
            (b'.', None) => after = Some(0),
            _ => return None,
        }
    }
    let missing = scale.checked_sub(after.unwrap_or(0))?;
    let word = word.checked_mul(10i64.checked_pow(missing)?)?;
    Some(if text.starts_with('-') { -word } else { word })
}

impl Reading {
    /// Loads rows of a column. Where a value is refused or does not fit, `bad` is set.
    pub(super) fn load(
        &self,
        column: &Column<'_>,
        rows: Range<usize>,
        absent: Absent,
        out: &mut Numbers,
        bad: &mut Mask,
    ) {
        out.begin(rows.len());
        let absent_word = if let Absent::Word(word) = absent { word } else { 0 };
        // What stands for a value that is not given must fit beside the others.
        let is_narrow = (0..=255).contains(&absent_word);
        match (self, &column.values) {
            _ if !is_narrow && column.known.is_some() => {
                out.each(column, rows.clone(), absent_word, bad, |row| self.word(&column.values, row));
            }
            (Reading::Number { times, over: 1, low, high }, Values::Ints { values, .. }) => {
                let values = values.get(rows.clone()).unwrap_or(&[]);
                if *times == 1 {
                    out.width = Width::Int;
                    out.ints.clear();
                    out.ints.extend_from_slice(values);
                } else {
                    out.longs.extend(values.iter().map(|v| i64::from(*v).wrapping_mul(*times)));
                }
                // What a factor makes of 32 bits fits.
                out.hold(column, &rows, absent_word, (*low, *high), bad, times.checked_mul(1 << 31).is_none());
            }
            (Reading::Number { times, over: 1, low, high }, Values::Longs { values, .. }) => {
                let values = values.get(rows.clone()).unwrap_or(&[]);
                let (least, most) = values.iter().fold((0, 0), |(least, most), v| (least.min(*v), most.max(*v)));
                let fits = least.checked_mul(*times).is_some() && most.checked_mul(*times).is_some();
                if fits {
                    out.longs.extend(values.iter().map(|v| v.wrapping_mul(*times)));
                    out.hold(column, &rows, absent_word, (*low, *high), bad, false);
                } else {
                    out.each(column, rows.clone(), absent_word, bad, |row| self.word(&column.values, row));
                }
            }
            (Reading::Days { low, high }, Values::Days(days)) => {
                out.width = Width::Int;
                out.ints.clear();
                let days = days.get(rows.clone()).unwrap_or(&[]);
                // Days that wrap round are out of range before and after.
                out.ints.extend(days.iter().map(|day| day.wrapping_add(EPOCH)));
                out.hold(column, &rows, absent_word, (*low, *high), bad, false);
            }
            (
                Reading::Codes { words, width: Width::Byte, is_same: true },
                Values::Codes { codes: Codes::Bytes(codes), .. },
            ) => {
                out.width = Width::Byte;
                out.bytes.clear();
                out.bytes.extend_from_slice(codes.get(rows.clone()).unwrap_or(&[]));
                let most = i64::try_from(words.len()).unwrap_or(i64::MAX) - 1;
                out.hold(column, &rows, absent_word, (0, most), bad, false);
            }
            (Reading::Codes { words, width: Width::Byte, .. }, Values::Codes { codes: Codes::Ints(codes), .. })
                if out.bytes_of(codes.get(rows.clone()).unwrap_or(&[]), words) =>
            {
                out.hold(column, &rows, absent_word, (0, 255), bad, false);
            }
            (Reading::Number { times, over, low, high }, Values::Decimals { values, .. })
                if out.longs_of(values.get(rows.clone()).unwrap_or(&[]), *times, *over) =>
            {
                out.hold(column, &rows, absent_word, (*low, *high), bad, false);
            }
            _ => out.each(column, rows.clone(), absent_word, bad, |row| self.word(&column.values, row)),
        }
        if let (Reading::Codes { width: Width::Byte, .. }, Width::Long) = (self, out.width)
            && is_narrow
        {
            out.bytes.clear();
            out.bytes.extend(out.longs.iter().map(|w| u8::try_from(*w).unwrap_or(0)));
            out.width = Width::Byte;
        }
        let Some(known) = column.known else { return };
        let unknown = || known.words(rows.start, rows.len()).zip(0..).map(|(w, n)| !w & rows_of(rows.len(), n));
        match absent {
            Absent::Open => out.open.fill(unknown()),
            Absent::None => out.none.fill(unknown()),
            Absent::Bad => bad.add_words(&unknown().collect::<Vec<u64>>()),
            Absent::Word(_) => {}
        }
    }

    /// The word of a row; nothing where it is refused or does not fit.
    fn word(&self, values: &Values<'_>, row: usize) -> Option<i64> {
        match self {
            Reading::Number { times, over, low, high } => {
                let value = match values {
                    Values::Ints { values, .. } => i128::from(*values.get(row)?),
                    Values::Longs { values, .. } => i128::from(*values.get(row)?),
                    Values::Decimals { values, .. } => *values.get(row)?,
                    Values::Booleans(_) | Values::Days(_) | Values::Codes { .. } | Values::Texts { .. } => return None,
                };
                let over = i128::from(*over);
                if value % over != 0 {
                    return None;
                }
                let word = i64::try_from((value / over).checked_mul(i128::from(*times))?).ok()?;
                (low..=high).contains(&&word).then_some(word)
            }
            Reading::Codes { words, .. } => {
                let Values::Codes { codes, .. } = values else { return None };
                *words.get(codes.get(row)?)?
            }
            Reading::Texts(texts) => texts.word(values.text(row)?),
            Reading::Days { low, high } => {
                let Values::Days(days) = values else { return None };
                let word = i64::from(*days.get(row)?) + i64::from(EPOCH);
                (low..=high).contains(&&word).then_some(word)
            }
        }
    }
}

impl Numbers {
    /// Takes the bytes that codes stand for; whether each stands for one.
    fn bytes_of(&mut self, codes: &[i32], words: &[Option<i64>]) -> bool {
        let mut all = true;
        self.width = Width::Byte;
        self.bytes.clear();
        self.bytes.extend(codes.iter().map(|code| {
            let word = usize::try_from(*code).ok().and_then(|code| words.get(code).copied().flatten());
            let byte = word.and_then(|word| u8::try_from(word).ok());
            all &= byte.is_some();
            byte.unwrap_or(0)
        }));
        all
    }

    /// Takes decimals by the factor of one to the other scale; whether each is such a word.
    fn longs_of(&mut self, values: &[i128], times: i64, over: i64) -> bool {
        let mut all = true;
        self.width = Width::Long;
        self.longs.clear();
        self.longs.extend(values.iter().map(|value| {
            // One of the two factors is 1.
            let word = i64::try_from(*value).ok().and_then(|value| match over {
                1 => value.checked_mul(times),
                _ => (value % over == 0).then(|| value / over),
            });
            all &= word.is_some();
            word.unwrap_or(0)
        }));
        all
    }

    /// Loads words one by one.
    fn each(
        &mut self,
        column: &Column<'_>,
        rows: Range<usize>,
        absent: i64,
        bad: &mut Mask,
        word: impl Fn(usize) -> Option<i64>,
    ) {
        self.width = Width::Long;
        self.longs.clear();
        for row in rows.clone() {
            let known = column.is_known(row);
            let word = if known { word(row) } else { Some(absent) };
            if word.is_none() {
                bad.set(row - rows.start);
            }
            self.longs.push(word.unwrap_or(0));
        }
        self.bound();
    }

    /// Holds words to a range, and sets its bounds.
    fn hold(
        &mut self,
        column: &Column<'_>,
        rows: &Range<usize>,
        absent: i64,
        (low, high): (i64, i64),
        bad: &mut Mask,
        all_bad: bool,
    ) {
        if let Some(known) = column.known {
            // What stands where nothing is known may be anything.
            for row in rows.clone().filter(|row| !known.get(*row)) {
                self.put(row - rows.start, absent);
            }
        }
        let (least, most) = self.extremes();
        if all_bad || least < low || most > high {
            for row in rows.clone() {
                let at = row - rows.start;
                let word = self.word(at);
                if column.is_known(row) && (all_bad || !(low..=high).contains(&word)) {
                    bad.set(at);
                    self.put(at, 0);
                }
            }
            (self.low, self.high) = self.extremes();
        } else {
            (self.low, self.high) = (least, most);
        }
    }

    fn extremes(&self) -> (i64, i64) {
        match self.width {
            Width::Byte => (0, self.bytes.iter().max().map_or(0, |w| i64::from(*w))),
            Width::Int => {
                let least = self.ints.iter().min().map_or(0, |w| i64::from(*w));
                (least, self.ints.iter().max().map_or(0, |w| i64::from(*w)))
            }
            Width::Long => {
                let least = self.longs.iter().min().copied().unwrap_or(0);
                (least, self.longs.iter().max().copied().unwrap_or(0))
            }
        }
    }

    fn put(&mut self, row: usize, word: i64) {
        match self.width {
            Width::Byte => self.bytes.get_mut(row).map(|w| *w = u8::try_from(word).unwrap_or(0)),
            Width::Int => self.ints.get_mut(row).map(|w| *w = i32::try_from(word).unwrap_or(0)),
            Width::Long => self.longs.get_mut(row).map(|w| *w = word),
        };
    }
}
