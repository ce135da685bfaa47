//! What a person typed, as a value: numbers, dates and words of both languages. What could be read in two ways is refused, and both
//! readings are shown.

use super::question::{Choice, Question, QuestionKind};
use crate::diagnostic::{Code, Phrase, phrase};
use crate::facts::Data;
use crate::syntax::Lang;
use crate::value::{Date, Decimal, Duration, ParseDateError};

/// A typed answer is not read beyond this.
const LONGEST: usize = 4_096;

/// What could not be understood.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wrong {
    pub code: Code,
    pub text: Phrase,
    pub help: Option<Phrase>,
}

type Read = Result<Data<'static>, Wrong>;

fn wrong(code: Code, text: Phrase, help: Phrase) -> Wrong {
    Wrong { code, text, help: Some(help) }
}

/// Reads an answer to a question.
pub(super) fn read(question: &Question, typed: &str, lang: Lang) -> Read {
    let typed = typed.trim();
    if typed.len() > LONGEST {
        let text = phrase!("the answer is longer than {0} bytes", "jawaban lebih panjang dari {0} bita", LONGEST);
        return Err(Wrong { code: Code::FACT_TOO_LONG, text, help: None });
    }
    if typed.is_empty() {
        let text = phrase!("an answer is needed", "perlu jawaban");
        return Err(Wrong { code: Code::FACT_TYPE, text, help: Some(hint(question)) });
    }
    match &question.kind {
        QuestionKind::Several(kind) => several(question, kind, typed, lang),
        kind => {
            let is_none = question.optional && is_none(typed) && !is_choice(kind, typed);
            if is_none { Ok(Data::Null) } else { one(question, kind, typed, lang) }
        }
    }
}

fn hint(question: &Question) -> Phrase {
    Phrase { en: question.hint(Lang::En), id: question.hint(Lang::Id) }
}

fn several(question: &Question, kind: &QuestionKind, typed: &str, lang: Lang) -> Read {
    if is_none(typed) && !is_choice(kind, typed) {
        return Ok(Data::List(Vec::new()));
    }
    let numbers = matches!(kind, QuestionKind::Integer | QuestionKind::Number | QuestionKind::Money);
    let by_comma = !numbers && !typed.contains(';');
    let parts = typed.split(|c| c == ';' || (by_comma && c == ','));
    let items: Result<Vec<Data<'static>>, Wrong> =
        parts.map(str::trim).filter(|part| !part.is_empty()).map(|part| one(question, kind, part, lang)).collect();
    items.map(Data::List)
}

fn one(question: &Question, kind: &QuestionKind, typed: &str, lang: Lang) -> Read {
    match kind {
        QuestionKind::Boolean => boolean(typed),
        QuestionKind::Integer | QuestionKind::Count => {
            number(typed, lang, true).map(|n| Data::Number(n.to_string().into()))
        }
        QuestionKind::Number | QuestionKind::Money => {
            number(typed, lang, false).map(|n| Data::Number(n.to_string().into()))
        }
        QuestionKind::Date => date(typed, lang).map(|date| Data::Text(date.to_string().into())),
        QuestionKind::Duration => duration(typed).map(|d| Data::Text(d.to_string().into())),
        QuestionKind::Text => Ok(Data::Text(typed.to_owned().into())),
        QuestionKind::Choice(choices) | QuestionKind::Element(choices) => {
            choice(choices, typed).map(|name| Data::Text(name.to_owned().into()))
        }
        // Lists of lists are no facts.
        QuestionKind::Several(_) => {
            Err(Wrong { code: Code::FACT_TYPE, text: phrase!("a list", "daftar"), help: Some(hint(question)) })
        }
    }
}

fn is_none(typed: &str) -> bool {
    ["none", "no one", "nothing", "tidak ada", "tdk ada", "kosong", "nihil", "-"]
        .contains(&typed.to_lowercase().as_str())
}

fn boolean(typed: &str) -> Read {
    match typed.to_lowercase().as_str() {
        "y" | "ya" | "iya" | "yes" | "betul" | "benar" | "true" => Ok(Data::Boolean(true)),
        "n" | "no" | "tidak" | "tdk" | "tak" | "bukan" | "belum" | "false" => Ok(Data::Boolean(false)),
        _ => Err(wrong(
            Code::FACT_TYPE,
            phrase!("`{0}` is neither yes nor no", "`{0}` bukan ya dan bukan tidak", shown(typed)),
            phrase!("write `yes` or `no`", "tulis `ya` atau `tidak`"),
        )),
    }
}

fn shown(typed: &str) -> String {
    let mut text: String = typed.chars().take(40).collect();
    if text.len() < typed.len() {
        text.push('…');
    }
    text
}

/// Names as they are compared: whatever their case and the blanks between their words.
fn folded(text: &str) -> String {
    text.to_lowercase().replace('_', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_named(choice: &Choice, typed: &str) -> bool {
    let names = [choice.name.as_str(), &choice.label.en, &choice.label.id];
    names.into_iter().chain(choice.codes.iter().map(|c| &**c)).any(|name| folded(name) == folded(typed))
}

fn is_choice(kind: &QuestionKind, typed: &str) -> bool {
    match kind {
        QuestionKind::Choice(choices) | QuestionKind::Element(choices) => choices.iter().any(|c| is_named(c, typed)),
        _ => false,
    }
}

/// One of the choices: by its number from 1, its name, a label or a code. What names one and numbers another is refused.
fn choice<'c>(choices: &'c [Choice], typed: &str) -> Result<&'c str, Wrong> {
    let numbered = typed.parse::<usize>().ok().and_then(|n| choices.get(n.checked_sub(1)?));
    let exact = choices.iter().filter(|c| c.name == typed);
    let mut found: Vec<&Choice> = exact.collect();
    if found.is_empty() {
        found = choices.iter().filter(|c| is_named(c, typed)).collect();
    }
    found.extend(numbered);
    found.dedup_by(|a, b| a.name == b.name);
    let list = |names: Vec<&str>| names.into_iter().take(20).map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    match found.as_slice() {
        [one] => Ok(&one.name),
        [] => {
            let list = list(choices.iter().map(|c| c.name.as_str()).collect());
            Err(wrong(
                Code::FACT_UNKNOWN_VALUE,
                phrase!("`{0}` is none of the choices", "`{0}` tidak ada dalam pilihan", shown(typed)),
                phrase!("choose one of {0}", "pilih salah satu dari {0}", list),
            ))
        }
        several => {
            let list = list(several.iter().map(|c| c.name.as_str()).collect());
            Err(wrong(
                Code::FACT_UNKNOWN_VALUE,
                phrase!(
                    "`{0}` can mean more than one choice",
                    "`{0}` dapat berarti lebih dari satu pilihan",
                    shown(typed)
                ),
                phrase!("write the name: {0}", "tulis namanya: {0}", list),
            ))
        }
    }
}

/// A number with the separators of either language, with `Rp` or another currency, `%`, and `ribu`, `juta`, `miliar`, `triliun`.
fn number(typed: &str, lang: Lang, whole: bool) -> Result<Decimal, Wrong> {
    let (digits, factor, percent) = bare(typed);
    let number = separated(&digits, lang, typed)?;
    let not_one = || {
        wrong(
            Code::FACT_TYPE,
            phrase!("`{0}` is not a number", "`{0}` bukan bilangan", shown(typed)),
            phrase!("write digits: `1500000` or `1,500,000`", "tulis angka: `1500000` atau `1.500.000`"),
        )
    };
    let number = number.parse::<Decimal>().map_err(|_| not_one())?;
    let number = number.checked_mul(&factor).ok_or_else(not_one)?;
    let hundredth = if percent { Decimal::new(1, 2).unwrap_or(Decimal::ONE) } else { Decimal::ONE };
    let number = number.checked_mul(&hundredth).ok_or_else(not_one)?;
    if whole && !number.is_integer() {
        return Err(Wrong {
            code: Code::FACT_NOT_WHOLE,
            text: phrase!("`{0}` is not a whole number", "`{0}` bukan bilangan bulat", shown(typed)),
            help: None,
        });
    }
    Ok(number)
}

/// The digits and separators, what they are to be multiplied by, and whether they are hundredths.
fn bare(typed: &str) -> (String, Decimal, bool) {
    let mut text = typed.to_lowercase();
    for currency in ["rp.", "rp", "idr"] {
        if let Some(rest) = text.trim_start().strip_prefix(currency) {
            text = rest.to_owned();
            break;
        }
    }
    let mut text = text.trim().to_owned();
    if let Some(rest) = text.strip_suffix(",-") {
        text = rest.to_owned();
    }
    let mut percent = false;
    if let Some(rest) = text.strip_suffix('%') {
        (text, percent) = (rest.trim().to_owned(), true);
    }
    let words: &[(&str, i64)] = &[
        ("ribu", 1_000),
        ("rb", 1_000),
        ("thousand", 1_000),
        ("juta", 1_000_000),
        ("jt", 1_000_000),
        ("million", 1_000_000),
        ("miliar", 1_000_000_000),
        ("milyar", 1_000_000_000),
        ("billion", 1_000_000_000),
        ("triliun", 1_000_000_000_000),
    ];
    let mut factor = Decimal::ONE;
    for (word, times) in words {
        if let Some(rest) = text.strip_suffix(word) {
            (text, factor) = (rest.trim().to_owned(), Decimal::from(*times));
            break;
        }
    }
    (text.replace([' ', '_', '\u{a0}'], ""), factor, percent)
}

/// A number's text with a point before its decimals and no other separator.
fn separated(digits: &str, lang: Lang, typed: &str) -> Result<String, Wrong> {
    let last = digits.rfind(['.', ',']);
    let Some(last) = last else { return Ok(digits.to_owned()) };
    let (before, after) = digits.split_at(last);
    let mut tail = after.chars();
    let mark = tail.next().unwrap_or('.');
    let tail = tail.as_str();
    let other = if mark == '.' { ',' } else { '.' };
    let once = !before.contains(mark);
    let grouped = |text: &str, mark: char| {
        let sign = text.strip_prefix('-').unwrap_or(text);
        let mut groups = sign.split(mark);
        // 0.125 is no thousands: nobody writes a nought before them.
        let leads =
            |g: &str| (1..=3).contains(&g.len()) && !g.starts_with('0') && g.bytes().all(|b| b.is_ascii_digit());
        let first = groups.next().is_some_and(leads);
        first && groups.all(|g| g.len() == 3 && g.bytes().all(|b| b.is_ascii_digit()))
    };
    let point = if lang == Lang::Id { ',' } else { '.' };
    // 1.234,56: the last mark stands before the decimals, the other one between groups.
    if before.contains(other) && once && grouped(before, other) {
        return Ok(format!("{}.{tail}", before.replace(other, "")));
    }
    if grouped(digits, mark) {
        // One group of three digits after the mark that this language writes before decimals: it can be either.
        if once && mark == point {
            let (joined, decimal) = (digits.replace(mark, ""), format!("{before}{point}{tail}00"));
            return Err(wrong(
                Code::FACT_TYPE,
                phrase!(
                    "`{0}` can be {1} or a number with three decimals",
                    "`{0}` dapat berarti {1} atau bilangan dengan tiga desimal",
                    shown(typed),
                    joined
                ),
                phrase!("write `{0}`, or `{1}`", "tulis `{0}`, atau `{1}`", joined, decimal),
            ));
        }
        return Ok(digits.replace(mark, ""));
    }
    if once && !before.contains(other) {
        return Ok(format!("{before}.{tail}"));
    }
    Err(wrong(
        Code::FACT_TYPE,
        phrase!("`{0}` is not a number", "`{0}` bukan bilangan", shown(typed)),
        phrase!("write digits: `1500000` or `1,500,000`", "tulis angka: `1500000` atau `1.500.000`"),
    ))
}

const MONTHS: [&[&str]; 12] = [
    &["january", "januari", "jan"],
    &["february", "februari", "pebruari", "feb"],
    &["march", "maret", "mar"],
    &["april", "apr"],
    &["may", "mei"],
    &["june", "juni", "jun"],
    &["july", "juli", "jul"],
    &["august", "agustus", "aug", "agt", "agu", "ags"],
    &["september", "sep", "sept"],
    &["october", "oktober", "oct", "okt"],
    &["november", "nopember", "nov", "nop"],
    &["december", "desember", "dec", "des"],
];

/// A date: ISO, day first, or with the month in words. `03/04/2026` is refused in English, where it is read in two ways.
fn date(typed: &str, lang: Lang) -> Result<Date, Wrong> {
    match typed.parse::<Date>() {
        Ok(date) => return Ok(date),
        Err(ParseDateError::NoSuchDay) => return Err(no_such_day(typed)),
        Err(_) => {}
    }
    let not_one = || {
        wrong(
            Code::FACT_DATE,
            phrase!("`{0}` is not a date", "`{0}` bukan tanggal", shown(typed)),
            phrase!(
                "write the year with four digits: `1990-08-17` or `17 August 1990`",
                "tulis tahun dengan empat angka: `17-08-1990` atau `17 Agustus 1990`"
            ),
        )
    };
    let text = typed.to_lowercase();
    let parts: Vec<&str> = text.split([' ', '-', '/', '.', ',']).filter(|part| !part.is_empty()).collect();
    let [first, second, third] = parts.as_slice() else { return Err(not_one()) };
    let number = |part: &str| part.parse::<u32>().ok().filter(|_| part.len() <= 2);
    let month =
        |part: &str| MONTHS.iter().position(|names| names.contains(&part)).and_then(|at| u32::try_from(at + 1).ok());
    let year =
        |part: &str| part.parse::<i32>().ok().filter(|_| part.len() == 4 && part.bytes().all(|b| b.is_ascii_digit()));
    let (day, month, year) = match (number(first), number(second), year(third), year(first)) {
        (Some(day), Some(month), Some(year), _) => {
            let either = day <= 12 && month <= 12 && day != month && typed.contains('/');
            if either && lang == Lang::En {
                let (one, other) = (format!("{year}-{month:02}-{day:02}"), format!("{year}-{day:02}-{month:02}"));
                return Err(wrong(
                    Code::FACT_DATE,
                    phrase!("`{0}` can be {1} or {2}", "`{0}` dapat berarti {1} atau {2}", shown(typed), one, other),
                    phrase!("write `{0}` or `{1}`", "tulis `{0}` atau `{1}`", one, other),
                ));
            }
            (day, month, year)
        }
        (None, Some(month), None, Some(year)) => match number(third) {
            Some(day) => (day, month, year),
            None => return Err(not_one()),
        },
        (Some(day), None, Some(year), _) => (day, month(second).ok_or_else(not_one)?, year),
        (None, Some(day), Some(year), _) => (day, month(first).ok_or_else(not_one)?, year),
        _ => return Err(not_one()),
    };
    Date::new(year, month, day).ok_or_else(|| no_such_day(typed))
}

fn no_such_day(typed: &str) -> Wrong {
    let text = phrase!("the calendar has no day `{0}`", "kalender tidak punya hari `{0}`", shown(typed));
    Wrong { code: Code::FACT_DATE, text, help: None }
}

fn duration(typed: &str) -> Result<Duration, Wrong> {
    let words: Vec<String> = typed
        .to_lowercase()
        .split_whitespace()
        .map(|word| {
            match word {
                "tahun" | "thn" => "years",
                "bulan" | "bln" => "months",
                "minggu" => "weeks",
                "hari" => "days",
                other => other,
            }
            .to_owned()
        })
        .collect();
    words.join(" ").parse().map_err(|_| {
        wrong(
            Code::FACT_DURATION,
            phrase!("`{0}` is not a duration", "`{0}` bukan jangka waktu", shown(typed)),
            phrase!("write `1 year 6 months` or `30 days`", "tulis `1 tahun 6 bulan` atau `30 hari`"),
        )
    })
}
