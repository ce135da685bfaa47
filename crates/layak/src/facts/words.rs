//! How what is needed and what was given are named in messages.

use crate::diagnostic::{Phrase, phrase};
use crate::facts::data::{Data, Refused, shown};
use crate::facts::layout::Expect;
use crate::program::{DurationKind, FormatPart, PartKind, Program, Range};
use crate::syntax::Lang;
use crate::value::Value;

/// `joined!("english {0}", "indonesia {0}", phrase…)`: a phrase of phrases.
macro_rules! joined {
    ($en:literal, $id:literal $(, $part:ident)* $(,)?) => {
        $crate::diagnostic::Phrase { en: format!($en $(, $part.en)*), id: format!($id $(, $part.id)*) }
    };
}
pub(super) use joined;

/// Something that is the same in every language.
pub(super) fn plain(text: impl ToString) -> Phrase {
    let text = text.to_string();
    Phrase { en: text.clone(), id: text }
}

/// So many names are listed.
const MOST_NAMES: usize = 20;

/// `a`, `b`, `c`, and `…` where there are more.
pub(super) fn names<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut out = String::new();
    for (i, name) in names.enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        if i == MOST_NAMES {
            out.push('…');
            break;
        }
        out.push('`');
        out.push_str(name);
        out.push('`');
    }
    out
}

/// What a scalar is needed to be.
pub(super) fn needed(program: &Program, expect: Expect) -> Phrase {
    match expect {
        Expect::Boolean => phrase!("`true` or `false`", "`true` atau `false`"),
        Expect::Number { whole: true, .. } => phrase!("a whole number", "bilangan bulat"),
        Expect::Number { money: true, .. } => phrase!("an amount of money", "jumlah uang"),
        Expect::Number { .. } => phrase!("a number", "bilangan"),
        Expect::Date => phrase!("a date as text, `YYYY-MM-DD`", "tanggal sebagai teks, `YYYY-MM-DD`"),
        Expect::Duration(DurationKind::Months) => {
            phrase!("a duration in years and months", "jangka waktu dalam tahun dan bulan")
        }
        Expect::Duration(DurationKind::Days) => {
            phrase!("a duration in weeks and days", "jangka waktu dalam minggu dan hari")
        }
        Expect::Duration(DurationKind::Mixed) => {
            phrase!("a duration such as `1 year 6 months`", "jangka waktu seperti `1 year 6 months`")
        }
        Expect::Text => phrase!("a text", "teks"),
        Expect::Enum(id) => {
            let list = names(program.enums[id].members.iter().map(|m| &*m.name));
            phrase!("one of {0}", "salah satu dari {0}", list)
        }
        Expect::Link(id) => {
            phrase!("the key of a `{0}`", "kunci sebuah `{0}`", program.entities[id].declared.name)
        }
        Expect::Nothing => phrase!("nothing", "tidak ada"),
    }
}

/// A part of a format.
pub(super) fn part(part: &FormatPart) -> Phrase {
    match (&part.kind, part.label.en.as_ref().or(part.label.id.as_ref())) {
        (PartKind::Fixed(_), _) => phrase!("the fixed text", "teks tetapnya"),
        (_, None) => phrase!("`{0}`", "`{0}`", part.name),
        (_, Some(_)) => {
            let label = |lang| part.label.get(lang).map_or("", |label| &**label);
            Phrase {
                en: format!("`{}` ({})", part.name, label(Lang::En)),
                id: format!("`{}` ({})", part.name, label(Lang::Id)),
            }
        }
    }
}

/// What a part of a format must be.
pub(super) fn part_needed(part: &FormatPart) -> Phrase {
    match &part.kind {
        PartKind::Fixed(text) => phrase!("`{0}`", "`{0}`", text),
        PartKind::Text { count } => phrase!("{0} characters", "{0} karakter", count),
        PartKind::Digits { count, ranges } if ranges.is_empty() => phrase!("{0} digits", "{0} digit", count),
        PartKind::Digits { count, ranges } => {
            let each = |(low, high): &(i64, i64)| format!("{low:0count$}..{high:0count$}");
            let all = ranges.iter().map(each).collect::<Vec<_>>().join(", ");
            phrase!("digits {0}", "digit {0}", all)
        }
    }
}

/// What was given.
pub(super) fn given(data: &Data<'_>) -> Phrase {
    match data {
        Data::Null => phrase!("`null`", "`null`"),
        Data::Boolean(b) => phrase!("`{0}`", "`{0}`", b),
        Data::Number(number) => phrase!("the number `{0}`", "bilangan `{0}`", shown(&number.text())),
        Data::Text(text) => phrase!("the text `{0}`", "teks `{0}`", shown(text)),
        Data::List(_) => phrase!("a list", "daftar"),
        Data::Object(_) => phrase!("an object", "objek"),
        Data::Refused(Refused::Float) => phrase!("a binary float", "bilangan float biner"),
        Data::Refused(Refused::Bytes) => phrase!("bytes", "deret bita"),
    }
}

/// How a text can be put right that does not look like what is needed.
pub(super) fn way_out(expect: Expect, data: &Data<'_>) -> Option<Phrase> {
    match (expect, data) {
        (Expect::Boolean, Data::Text(_) | Data::Number(_)) => {
            Some(phrase!("write `true` or `false` without quotes", "tulis `true` atau `false` tanpa tanda kutip"))
        }
        (Expect::Text | Expect::Enum(_), Data::Number(number)) => {
            let text = number.text();
            Some(phrase!("write it in quotes: `\"{0}\"`", "tulis dengan tanda kutip: `\"{0}\"`", shown(&text)))
        }
        (Expect::Number { .. }, Data::Text(_)) => Some(phrase!(
            "write digits without separators, a point before decimals: `1000000`, `0.5`",
            "tulis angka tanpa pemisah ribuan, titik sebelum desimal: `1000000`, `0.5`"
        )),
        (Expect::Date, Data::Number(_)) => Some(phrase!("write `\"1990-01-15\"`", "tulis `\"1990-01-15\"`")),
        _ => None,
    }
}

/// The values that a range allows.
pub(super) fn range(range: &Range) -> Phrase {
    let low = range.low.as_ref().map(value);
    let high = range.high.as_ref().map(value);
    match (low, high, range.open) {
        (Some(low), Some(high), false) => phrase!("from {0} to {1}", "dari {0} sampai {1}", low, high),
        (Some(low), Some(high), true) => phrase!("from {0} to below {1}", "dari {0} sampai di bawah {1}", low, high),
        (Some(low), None, _) => phrase!("at least {0}", "paling sedikit {0}", low),
        (None, Some(high), false) => phrase!("at most {0}", "paling banyak {0}", high),
        (None, Some(high), true) => phrase!("below {0}", "di bawah {0}", high),
        (None, None, _) => phrase!("any value", "nilai apa pun"),
    }
}

/// How many elements a list may have.
pub(super) fn length(least: usize, most: Option<usize>) -> Phrase {
    match most {
        Some(most) if most == least => phrase!("exactly {0}", "tepat {0}", most),
        Some(most) => phrase!("from {0} to {1}", "dari {0} sampai {1}", least, most),
        None => phrase!("at least {0}", "paling sedikit {0}", least),
    }
}

/// A value of a range or a key.
pub(super) fn value(value: &Value) -> String {
    match value {
        // Quicker, and the same.
        Value::Number(n) => n.to_i64().map_or_else(|| n.to_string(), |n| n.to_string()),
        Value::Date(d) => d.to_string(),
        Value::Duration(d) => d.to_string(),
        Value::Text(t) => t.to_string(),
        Value::Boolean(b) => b.to_string(),
        Value::Enum(_) | Value::Element(_) | Value::None => String::new(),
    }
}
