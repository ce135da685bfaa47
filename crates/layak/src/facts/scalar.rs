//! One scalar: its text or value as its type and range allow.

use std::sync::Arc;

use crate::diagnostic::{Code, Phrase, phrase};
use crate::facts::bind::{Link, LinkTo, Slotted, Task, is_wrapped};
use crate::facts::data::{Data, Number, Path, Plain, Refused, composed, shown, small};
use crate::facts::layout::{Expect, Plainly, Scalar};
use crate::facts::told::Hint;
use crate::facts::words::{self, joined};
use crate::facts::{Entry, Fact};
use crate::program::{DurationKind, Misfit, TextFormat};
use crate::value::{Date, Decimal, Duration, ParseDateError, ParseDecimalError, Value};

impl<'b> Task<'b> {
    pub(super) fn scalar(&mut self, at: Slotted, scalar: &'b Scalar, is_key: bool, data: &Data<'_>, path: &Path<'_>) {
        if let Some(value) = data.plain().and_then(|plain| self.plain(scalar, plain)) {
            return self.set(at, Fact::Known(value));
        }
        self.seen_to(at, scalar, is_key, data, path);
    }

    /// A value that is not plain.
    pub(super) fn seen_to(&mut self, at: Slotted, scalar: &'b Scalar, is_key: bool, data: &Data<'_>, path: &Path<'_>) {
        match data {
            Data::Null if is_key => self.missing_key(path),
            Data::Null if scalar.optional && scalar.verified => self.stated(at, Fact::Known(Value::None)),
            Data::Null if scalar.optional => self.set(at, Fact::Known(Value::None)),
            Data::Null => {
                if let Some(value) = &scalar.default {
                    self.set(at, Fact::Known(value.clone()));
                }
            }
            Data::Object(entries) if is_wrapped(entries, "unknown") => {
                if self.asked(entries, path) {
                    if is_key { self.missing_key(path) } else { self.set(at, Fact::Asked) }
                }
            }
            Data::Object(entries) if !is_key && is_wrapped(entries, "evidence") => {
                self.evidence(at, scalar, entries, path);
            }
            data => {
                let Some(value) = self.value(scalar, data, path) else { return };
                match scalar.expect {
                    Expect::Link(target) if scalar.verified => {
                        let to = LinkTo::Evidence(self.evidence.len(), 0);
                        self.links.push(Link { to, target, key: value, path: Some(path.to_string()) });
                        self.stated(at, Fact::Unknown);
                    }
                    _ if scalar.verified => self.stated(at, Fact::Known(value)),
                    Expect::Link(target) => {
                        let path = Some(path.to_string());
                        self.links.push(Link { to: LinkTo::Fact(at), target, key: value, path });
                    }
                    _ => self.set(at, Fact::Known(value)),
                }
            }
        }
    }

    /// What most values are read as; None where there is more to see to. What else a value can be is read by `value`.
    #[inline(always)]
    pub(super) fn plain(&self, scalar: &Scalar, given: Plain<'_>) -> Option<Value> {
        let value = match (scalar.plainly, given) {
            (Plainly::Boolean, Plain::Boolean(b)) => return Some(Value::Boolean(b)),
            (Plainly::Whole { low, high }, Plain::Whole(n)) => {
                return (low <= n && n <= high).then(|| Value::Number(Decimal::from(n)));
            }
            (Plainly::Enum(id), Plain::Text(text)) => return self.binder.member(id, text).map(Value::Enum),
            (Plainly::Date, Plain::Text(text)) => Value::Date(text.parse().ok()?),
            (Plainly::Text, Plain::Text(text)) => Value::Text(Arc::from(&*composed(text))),
            _ => return None,
        };
        scalar.range.holds(&value).then_some(value)
    }

    pub(super) fn missing_key(&mut self, path: &Path<'_>) {
        let message = phrase!("the key is missing", "kunci tidak ada");
        let way = phrase!("every element needs its key", "setiap anggota memerlukan kuncinya");
        self.errors.tell(Code::FACT_MISSING_KEY, path, message, Hint::Say(way));
    }

    /// Whether an object is `{"unknown": true}` and nothing else; what else it is is told.
    pub(super) fn asked(&mut self, entries: &[Entry<'_>], path: &Path<'_>) -> bool {
        let mut met = false;
        let mut good = true;
        for (name, value) in entries {
            let at = Path::Field(path, name);
            match value {
                _ if name != "unknown" => {
                    good = false;
                    self.not_beside("unknown", name, &at);
                }
                _ if met => {
                    good = false;
                    self.duplicate(&at, name);
                }
                Data::Boolean(true) => met = true,
                other => {
                    good = false;
                    met = true;
                    let way = phrase!("leave the fact out or give its value", "hilangkan faktanya atau beri nilainya");
                    self.wrong_type(&phrase!("`true`", "`true`"), other, &at, Some(way));
                }
            }
        }
        good
    }

    pub(super) fn not_beside(&mut self, word: &str, name: &str, at: &Path<'_>) {
        let message = phrase!("`{0}` stands beside `{1}`", "`{0}` berdiri di samping `{1}`", shown(name), word);
        let way = phrase!("`{0}` stands alone", "`{0}` berdiri sendiri", word);
        self.errors.tell(Code::FACT_UNKNOWN_FIELD, at, message, Hint::Say(way));
    }

    pub(super) fn wrong_type(&mut self, needed: &Phrase, given: &Data<'_>, path: &Path<'_>, way: Option<Phrase>) {
        let given = words::given(given);
        let message = joined!("{0} is needed here, not {1}", "di sini perlu {0}, bukan {1}", needed, given);
        self.errors.tell(Code::FACT_TYPE, path, message, way.map_or(Hint::None, Hint::Say));
    }

    fn misfit(&mut self, scalar: &Scalar, given: &Data<'_>, path: &Path<'_>) -> Option<Value> {
        let needed = words::needed(self.program, scalar.expect);
        self.wrong_type(&needed, given, path, words::way_out(scalar.expect, given));
        None
    }

    /// The value that is given; for a link the key of its element. What is wrong with it is told.
    pub(super) fn value(&mut self, scalar: &Scalar, data: &Data<'_>, path: &Path<'_>) -> Option<Value> {
        let value = match (scalar.expect, data) {
            (Expect::Boolean, Data::Boolean(b)) => Value::Boolean(*b),
            (Expect::Number { .. }, Data::Number(Number::Whole(n))) => Value::Number(Decimal::from(*n)),
            (Expect::Number { whole, .. }, Data::Number(Number::Written(text)) | Data::Text(text)) => {
                Value::Number(self.number(scalar, whole, text, data, path)?)
            }
            (Expect::Number { .. }, Data::Refused(Refused::Float)) => {
                let message = phrase!("a binary float is not exact", "bilangan float biner tidak eksak");
                let way = phrase!(
                    "give an integer, or a decimal as text: `\"0.1\"`",
                    "beri bilangan bulat, atau desimal sebagai teks: `\"0.1\"`"
                );
                self.errors.tell(Code::FACT_FLOAT, path, message, Hint::Say(way));
                return None;
            }
            (Expect::Date, Data::Text(text)) => Value::Date(self.date(text, path)?),
            (Expect::Duration(kind), Data::Text(text)) => Value::Duration(self.duration(kind, text, path)?),
            (Expect::Text, Data::Text(text)) => {
                let text = composed(text);
                if let Some(format) = scalar.format.map(|id| &self.program.formats[id])
                    && let Err(misfit) = format.check(&text)
                {
                    self.misformed(format, &misfit, path);
                    return None;
                }
                Value::Text(Arc::from(&*text))
            }
            (Expect::Enum(id), Data::Text(text)) => match self.binder.member(id, text) {
                Some(member) => Value::Enum(member),
                None => {
                    let message =
                        phrase!("`{0}` is not a declared value", "`{0}` bukan nilai yang dideklarasikan", shown(text));
                    let word = text.chars().take(81).collect();
                    self.errors.tell(Code::FACT_UNKNOWN_VALUE, path, message, Hint::Member(id, word));
                    return None;
                }
            },
            (Expect::Link(target), data) => {
                return match self.binder.layout(target).and_then(|l| l.key_scalar()) {
                    Some(key) if matches!(data, Data::Text(_) | Data::Number(_)) => self.value(key, data, path),
                    _ => self.misfit(scalar, data, path),
                };
            }
            (_, data) => return self.misfit(scalar, data, path),
        };
        if scalar.range.holds(&value) {
            return Some(value);
        }
        let (given, allowed) = (words::plain(words::value(&value)), words::range(&scalar.range));
        let message = joined!("`{0}` is out of range: {1}", "`{0}` di luar rentang: {1}", given, allowed);
        self.errors.tell(Code::FACT_RANGE, path, message, Hint::None);
        None
    }

    /// A text that does not have the structure of its format. Only the part that is wrong is told: the rest may say who is meant.
    fn misformed(&mut self, format: &TextFormat, misfit: &Misfit, path: &Path<'_>) {
        let name = &format.declared.name;
        let message = match misfit {
            Misfit::Length(given, needed) => phrase!(
                "`{0}` has {1} characters, and {2} are given",
                "`{0}` terdiri atas {1} karakter, padahal yang diberikan {2}",
                name,
                needed,
                given
            ),
            Misfit::Part(number, own) => {
                let Some(part) = format.parts.get(*number) else { return };
                let (part, needed) = (words::part(part), words::part_needed(part));
                let own = words::plain(shown(own));
                let name = words::plain(name);
                joined!(
                    "`{0}` does not have the structure of `{1}`: {2} is {3}",
                    "`{0}` tidak berstruktur `{1}`: {2} adalah {3}",
                    own,
                    name,
                    part,
                    needed
                )
            }
        };
        let way = phrase!(
            "return it for correction: nothing is decided by a number that may be another's",
            "kembalikan untuk diperbaiki: tidak ada yang diputus dengan nomor yang mungkin milik orang lain"
        );
        self.errors.tell(Code::FACT_FORMAT, path, message, Hint::Say(way));
    }

    fn number(
        &mut self,
        scalar: &Scalar,
        whole: bool,
        text: &str,
        data: &Data<'_>,
        path: &Path<'_>,
    ) -> Option<Decimal> {
        if let Some(n) = small(text.as_bytes()) {
            return Some(Decimal::from(n));
        }
        match text.parse::<Decimal>() {
            Ok(number) if !whole => Some(number),
            // `1.0` and `1e0` are whole.
            Ok(number) if number.is_integer() => Some(number.to_i64().map_or(number, Decimal::from)),
            Ok(_) => {
                let message = phrase!("`{0}` is not a whole number", "`{0}` bukan bilangan bulat", shown(text));
                self.errors.tell(Code::FACT_NOT_WHOLE, path, message, Hint::None);
                None
            }
            Err(ParseDecimalError::TooLong) => {
                let message = phrase!(
                    "a number has at most 38 digits, in all and after the point",
                    "bilangan paling banyak 38 digit, seluruhnya dan setelah titik"
                );
                self.errors.tell(Code::FACT_TOO_LONG, path, message, Hint::None);
                None
            }
            Err(_) => {
                self.misfit(scalar, data, path);
                None
            }
        }
    }

    pub(super) fn date(&mut self, text: &str, path: &Path<'_>) -> Option<Date> {
        let message = match text.parse::<Date>() {
            Ok(date) => return Some(date),
            Err(ParseDateError::NoSuchDay) => {
                phrase!("the calendar has no day `{0}`", "kalender tidak punya hari `{0}`", shown(text))
            }
            Err(_) => {
                phrase!(
                    "`{0}` is not a date of the form YYYY-MM-DD",
                    "`{0}` bukan tanggal berbentuk YYYY-MM-DD",
                    shown(text)
                )
            }
        };
        self.errors.tell(Code::FACT_DATE, path, message, Hint::None);
        None
    }

    fn duration(&mut self, kind: DurationKind, text: &str, path: &Path<'_>) -> Option<Duration> {
        let parsed = text.parse::<Duration>();
        match (kind, parsed) {
            (DurationKind::Months, Ok(d)) if d.days == 0 => return Some(d),
            (DurationKind::Days, Ok(d)) if d.months == 0 => return Some(d),
            (DurationKind::Mixed, Ok(d)) => return Some(d),
            _ => {}
        }
        let (given, needed) = (words::plain(shown(text)), words::needed(self.program, Expect::Duration(kind)));
        let message = joined!("`{0}` is not {1}", "`{0}` bukan {1}", given, needed);
        let way = phrase!("write `1 year 6 months` or `30 days`", "tulis `1 year 6 months` atau `30 days`");
        self.errors.tell(Code::FACT_DURATION, path, message, Hint::Say(way));
        None
    }
}
