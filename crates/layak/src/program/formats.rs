//! The structure of texts such as identity numbers: parts, one after the other.

use std::sync::Arc;

use crate::program::Declared;
use crate::program::Label;

/// A checked text. INVARIANT: it has a part, and each named part has one character at least.
#[derive(Clone, Debug)]
pub(crate) struct TextFormat {
    pub declared: Declared,
    pub parts: Vec<FormatPart>,
}

#[derive(Clone, Debug)]
pub(crate) struct FormatPart {
    /// Empty for a text that always stands there.
    pub name: Arc<str>,
    pub label: Label,
    pub kind: PartKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PartKind {
    Fixed(Arc<str>),
    /// So many digits, which read as a number lie in one of the ranges; in any where there is none. INVARIANT: at most
    /// `MOST_DIGITS`; the ranges ascend, do not touch, and fit the digits.
    Digits {
        count: usize,
        ranges: Vec<(i64, i64)>,
    },
    /// So many characters.
    Text {
        count: usize,
    },
}

/// A number of so many digits is an `i64`.
pub(crate) const MOST_DIGITS: usize = 18;

/// What a text must be and is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// So many characters, and so many are needed.
    Length(usize, usize),
    /// The part of a number in `parts`, and what stands there.
    Part(usize, String),
}

impl FormatPart {
    /// How many characters it takes.
    pub(crate) fn count(&self) -> usize {
        match &self.kind {
            PartKind::Fixed(text) => text.chars().count(),
            PartKind::Digits { count, .. } | PartKind::Text { count } => *count,
        }
    }

    fn holds(&self, text: &str) -> bool {
        match &self.kind {
            PartKind::Fixed(fixed) => text == &**fixed,
            PartKind::Text { .. } => !text.chars().any(char::is_control),
            PartKind::Digits { ranges, .. } => {
                text.bytes().all(|b| b.is_ascii_digit())
                    && text.parse::<i64>().is_ok_and(|n| {
                        ranges.is_empty() || ranges.iter().any(|(low, high)| (*low..=*high).contains(&n))
                    })
            }
        }
    }

    /// The least and the greatest number that digits can be.
    pub(crate) fn bounds(&self) -> Option<(i64, i64)> {
        let PartKind::Digits { count, ranges } = &self.kind else { return None };
        let all = 10_i64.checked_pow(u32::try_from(*count).ok()?)? - 1;
        let low = ranges.first().map_or(0, |(low, _)| *low);
        Some((low, ranges.last().map_or(all, |(_, high)| *high)))
    }
}

impl TextFormat {
    /// How many characters it takes.
    pub(crate) fn count(&self) -> usize {
        self.parts.iter().map(FormatPart::count).sum()
    }

    /// A part by its name, and the character at which it begins, from 0.
    pub(crate) fn part(&self, name: &str) -> Option<(usize, &FormatPart)> {
        let mut start = 0;
        for part in &self.parts {
            if !part.name.is_empty() && *part.name == *name {
                return Some((start, part));
            }
            start += part.count();
        }
        None
    }

    /// Whether a text has the structure.
    pub(crate) fn check(&self, text: &str) -> Result<(), Misfit> {
        let (given, needed) = (text.chars().count(), self.count());
        if given != needed {
            return Err(Misfit::Length(given, needed));
        }
        let mut characters = text.chars();
        for (number, part) in self.parts.iter().enumerate() {
            let own: String = characters.by_ref().take(part.count()).collect();
            if !part.holds(&own) {
                return Err(Misfit::Part(number, own));
            }
        }
        Ok(())
    }

    /// A text of the structure: of two numbers, as far as there are so many texts, two texts.
    pub(crate) fn example(&self, mut number: u64) -> String {
        let mut parts: Vec<String> = Vec::with_capacity(self.parts.len());
        // The last parts count, as serial numbers do.
        for part in self.parts.iter().rev() {
            parts.push(match &part.kind {
                PartKind::Fixed(text) => text.to_string(),
                PartKind::Digits { count, .. } => {
                    let ranges = part.ranges();
                    let size = |(low, high): &(i64, i64)| u64::try_from(high - low + 1).unwrap_or(1);
                    let all: u64 = ranges.iter().map(size).sum();
                    let mut at = number % all.max(1);
                    number /= all.max(1);
                    let mut value = 0;
                    for range in &ranges {
                        if at < size(range) {
                            value = range.0 + i64::try_from(at).unwrap_or(0);
                            break;
                        }
                        at -= size(range);
                    }
                    format!("{value:0count$}")
                }
                PartKind::Text { count } => {
                    let letters: Vec<char> = (0..*count)
                        .map(|_| {
                            let letter = char::from(b'A' + u8::try_from(number % 26).unwrap_or(0));
                            number /= 26;
                            letter
                        })
                        .collect();
                    letters.into_iter().rev().collect()
                }
            });
        }
        parts.into_iter().rev().collect()
    }

    /// A regular expression (ECMA 262) that exactly its texts match.
    pub(crate) fn pattern(&self) -> String {
        let mut out = String::from("^");
        for part in &self.parts {
            match &part.kind {
                PartKind::Fixed(text) => {
                    for c in text.chars() {
                        if !c.is_alphanumeric() && c.is_ascii_punctuation() && c != '-' && c != '_' {
                            out.push('\\');
                        }
                        out.push(c);
                    }
                }
                PartKind::Text { count } => out.push_str(&format!("[^\\u0000-\\u001f\\u007f-\\u009f]{{{count}}}")),
                PartKind::Digits { count, ranges } if ranges.is_empty() => out.push_str(&format!("[0-9]{{{count}}}")),
                PartKind::Digits { count, ranges } => {
                    let mut choices = Vec::new();
                    for (low, high) in ranges {
                        between(&format!("{low:0count$}"), &format!("{high:0count$}"), "", &mut choices);
                    }
                    out.push_str(&format!("(?:{})", choices.join("|")));
                }
            }
        }
        out.push('$');
        out
    }
}

impl FormatPart {
    fn ranges(&self) -> Vec<(i64, i64)> {
        match &self.kind {
            PartKind::Digits { ranges, .. } if !ranges.is_empty() => ranges.clone(),
            _ => self.bounds().into_iter().collect(),
        }
    }
}

/// Patterns that together match the numbers of a range, both ends of the same length. INVARIANT: it recurses, no deeper than
/// numbers have digits.
fn between(low: &str, high: &str, before: &str, out: &mut Vec<String>) {
    let (mut low_digits, mut high_digits) = (low.chars(), high.chars());
    let (Some(first), Some(last)) = (low_digits.next(), high_digits.next()) else {
        return out.push(before.to_owned());
    };
    let (low_rest, high_rest) = (low_digits.as_str(), high_digits.as_str());
    let any = |count: usize| if count == 0 { String::new() } else { format!("[0-9]{{{count}}}") };
    let is_least = low_rest.bytes().all(|b| b == b'0');
    let is_most = high_rest.bytes().all(|b| b == b'9');
    if first == last && !(is_least && is_most) {
        return between(low_rest, high_rest, &format!("{before}{first}"), out);
    }
    let (nines, noughts) = ("9".repeat(low_rest.len()), "0".repeat(high_rest.len()));
    let mut from = first;
    let mut to = last;
    if !is_least {
        between(low_rest, &nines, &format!("{before}{first}"), out);
        from = char::from_u32(u32::from(first) + 1).unwrap_or(first);
    }
    if !is_most {
        to = char::from_u32(u32::from(last) - 1).unwrap_or(last);
    }
    if from <= to {
        let digit = if from == to { from.to_string() } else { format!("[{from}-{to}]") };
        out.push(format!("{before}{digit}{}", any(low_rest.len())));
    }
    if !is_most {
        between(&noughts, high_rest, &format!("{before}{last}"), out);
    }
}

#[cfg(test)]
mod tests;
