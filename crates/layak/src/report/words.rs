//! Values as each language writes them for people: Rp3.000.000, 31 Januari 2026.

use std::sync::Arc;

use crate::diagnostic::Phrase;
use crate::outcome::Verdict;
use crate::program::{EnumId, Member, Program, Type};
use crate::syntax::{Lang, Unit};
use crate::value::{Date, Decimal, Duration, Value};

use super::Answer;

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_ID: [&str; 12] = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
];

/// A known value for a reader.
pub(crate) fn words(program: &Program, value: &Value, ty: &Type, lang: Lang) -> String {
    let member = |id: EnumId, n: usize| {
        let member = program.enums[id].members.get(n)?;
        Some(&**member.label.get(lang).unwrap_or(&member.name))
    };
    put(value, ty, program.currency.as_deref(), member, lang)
}

/// An answer of a type for a reader: of a list each item, of a record each part. What is not known is `?`, a fault its code.
pub(crate) fn answer_words(program: &Program, answer: &Answer, ty: &Type, lang: Lang) -> String {
    let value = match answer {
        Answer::Boolean(b) => Value::Boolean(*b),
        Answer::Integer(n) | Answer::Number(n) => Value::Number(n.clone()),
        Answer::Date(d) => Value::Date(*d),
        Answer::Duration(d) => Value::Duration(*d),
        Answer::Text(t) => Value::Text(Arc::clone(t)),
        Answer::None => Value::None,
        Answer::Enum(name) => match ty.required() {
            Type::Enum(id) => {
                let position = program.enums[*id].members.iter().position(|m| m.name == *name);
                Value::Enum(position.and_then(|p| u32::try_from(p).ok()).unwrap_or(u32::MAX))
            }
            _ => Value::Text(Arc::clone(name)),
        },
        Answer::Element(key) => Value::Text(Arc::from(key.as_str())),
        Answer::Unknown => return "?".to_owned(),
        Answer::Failure(failure) => return format!("!{}", failure.code()),
        Answer::List(items) => {
            let of = match ty.required() {
                Type::List(item) => item,
                other => other,
            };
            let items: Vec<String> = items.iter().map(|item| answer_words(program, item, of, lang)).collect();
            return format!("[{}]", items.join(", "));
        }
        Answer::Record(parts) => {
            // The outputs of a table, or the values of members, each of the type of all.
            let of = |name: &str| match ty.required() {
                Type::Record(table) => {
                    program.tables[*table].outputs.iter().find(|(own, _)| **own == *name).map_or(ty, |(_, ty)| ty)
                }
                _ => ty,
            };
            let part = |(name, part): &(Arc<str>, Answer)| {
                // Of members whose values are records, or lists, the type is that of each.
                format!("{name}: {}", answer_words(program, part, of(name), lang))
            };
            return format!("{{{}}}", parts.iter().map(part).collect::<Vec<_>>().join(", "));
        }
    };
    words(program, &value, ty, lang)
}

/// How the values of a type are written, for when the program is no longer at hand.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Writing {
    ty: Type,
    currency: Option<Arc<str>>,
    /// Those of an enum.
    members: Vec<Phrase>,
}

impl Writing {
    /// That of a type.
    pub(crate) fn of(program: &Program, ty: &Type) -> Writing {
        let in_lang = |m: &Member, lang| m.label.get(lang).unwrap_or(&m.name).to_string();
        let both = |m: &Member| Phrase { en: in_lang(m, Lang::En), id: in_lang(m, Lang::Id) };
        let members = match ty.required() {
            Type::Enum(id) => program.enums[*id].members.iter().map(both).collect(),
            _ => Vec::new(),
        };
        Writing { ty: ty.clone(), currency: program.currency.clone(), members }
    }

    /// A value of the type, as a language writes it.
    pub(crate) fn words(&self, value: &Value, lang: Lang) -> String {
        let member = |_, n: usize| self.members.get(n).map(|m| m.in_lang(lang));
        put(value, &self.ty, self.currency.as_deref(), member, lang)
    }
}

/// `member` names a member of an enum.
fn put<'m>(
    value: &Value,
    ty: &Type,
    currency: Option<&str>,
    member: impl Fn(EnumId, usize) -> Option<&'m str>,
    lang: Lang,
) -> String {
    match (value, ty.required()) {
        (Value::Boolean(b), _) => match (lang, b) {
            (Lang::En, true) => "yes",
            (Lang::En, false) => "no",
            (Lang::Id, true) => "ya",
            (Lang::Id, false) => "tidak",
        }
        .to_owned(),
        (Value::Number(n), Type::Number(q)) => {
            let mut text = if q.money { money(currency, n, lang) } else { number(n, lang) };
            if let Some(per) = q.per {
                text.push_str(match (lang, per) {
                    (Lang::En, Unit::Year) => " per year",
                    (Lang::En, Unit::Month) => " per month",
                    (Lang::En, Unit::Week) => " per week",
                    (Lang::En, Unit::Day) => " per day",
                    (Lang::Id, Unit::Year) => " per tahun",
                    (Lang::Id, Unit::Month) => " per bulan",
                    (Lang::Id, Unit::Week) => " per minggu",
                    (Lang::Id, Unit::Day) => " per hari",
                });
            }
            text
        }
        (Value::Number(n), _) => number(n, lang),
        (Value::Date(d), _) => date_words(*d, lang),
        (Value::Duration(d), _) => duration(*d, lang),
        (Value::Text(t), _) => t.to_string(),
        (Value::Enum(n), Type::Enum(id)) => member(*id, *n as usize).unwrap_or("").to_owned(),
        (Value::Enum(n), _) => n.to_string(),
        (Value::Element(n), _) => format!("{}", n + 1),
        (Value::None, _) => match lang {
            Lang::En => "none".to_owned(),
            Lang::Id => "tidak ada".to_owned(),
        },
    }
}

impl Verdict {
    /// As data names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Verdict::Eligible => "eligible",
            Verdict::NotEligible => "not_eligible",
            Verdict::Undetermined => "undetermined",
            Verdict::Error => "error",
        }
    }
}

/// An outcome for a reader.
pub(crate) fn outcome_words(verdict: Verdict, lang: Lang) -> &'static str {
    match (verdict, lang) {
        (Verdict::Eligible, Lang::En) => "eligible",
        (Verdict::NotEligible, Lang::En) => "not eligible",
        (Verdict::Undetermined, Lang::En) => "undetermined",
        (Verdict::Error, Lang::En) => "error",
        (Verdict::Eligible, Lang::Id) => "layak",
        (Verdict::NotEligible, Lang::Id) => "tidak layak",
        (Verdict::Undetermined, Lang::Id) => "belum pasti",
        (Verdict::Error, Lang::Id) => "galat",
    }
}

fn money(currency: Option<&str>, n: &Decimal, lang: Lang) -> String {
    let amount = number(&n.abs(), lang);
    let sign = if n.is_negative() { "-" } else { "" };
    match (currency, lang) {
        (Some("IDR"), _) => format!("{sign}Rp{amount}"),
        (Some(code), _) => format!("{sign}{code} {amount}"),
        (None, _) => format!("{sign}{amount}"),
    }
}

/// Digits in groups of three: `1,234.5` in English, `1.234,5` in Indonesian.
fn number(n: &Decimal, lang: Lang) -> String {
    let (group, point) = match lang {
        Lang::En => (',', '.'),
        Lang::Id => ('.', ','),
    };
    let text = n.to_string();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.as_str()),
    };
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut out = sign.to_owned();
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(group);
        }
        out.push(c);
    }
    if let Some(fraction) = fraction {
        out.push(point);
        out.push_str(fraction);
    }
    out
}

/// A date for a reader: 31 Januari 2026.
pub(crate) fn date_words(d: Date, lang: Lang) -> String {
    let months = match lang {
        Lang::En => MONTHS_EN,
        Lang::Id => MONTHS_ID,
    };
    let month = usize::try_from(d.month()).ok().and_then(|m| months.get(m.checked_sub(1)?)).copied().unwrap_or("");
    format!("{} {month} {}", d.day(), d.year())
}

fn duration(d: Duration, lang: Lang) -> String {
    let text = d.to_string();
    match lang {
        Lang::En => text,
        Lang::Id => text
            .replace("years", "tahun")
            .replace("year", "tahun")
            .replace("months", "bulan")
            .replace("month", "bulan")
            .replace("days", "hari")
            .replace("day", "hari"),
    }
}

#[cfg(test)]
mod tests;
