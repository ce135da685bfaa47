//! A question: what is asked, in both languages, and what may be answered.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::diagnostic::{Phrase, phrase};
use crate::facts::tree::{Path, steps_of};
use crate::facts::{Case, path_of};
use crate::outcome::Slot;
use crate::program::*;
use crate::report::{Answer, Reporter, words};
use crate::syntax::{Lang, Unit};
use crate::value::Value;

/// One question of an [`Interview`](crate::Interview): a fact to ask for.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    fact: String,
    label: Phrase,
    about: Option<Phrase>,
    pub(super) kind: QuestionKind,
    low: Option<(Answer, Phrase)>,
    high: Option<(Answer, Phrase)>,
    unit: Option<Phrase>,
    /// Most trusted first.
    pub(super) sources: Vec<(Arc<str>, Phrase)>,
    pub(super) verify: bool,
    pub(super) optional: bool,
    pub(super) key: bool,
    /// Of a key: whether a number will do.
    pub(super) numbered: bool,
    why: Vec<Phrase>,
    pub(super) path: Path,
}

/// What kind of answer a question has.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum QuestionKind {
    /// Yes or no.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// An amount of money.
    Money,
    /// A date.
    Date,
    /// A duration: `1 year 6 months`.
    Duration,
    /// A text.
    Text,
    /// One of these.
    Choice(Vec<Choice>),
    /// One of the household's elements: a link.
    Element(Vec<Choice>),
    /// How many elements a list has. Each is asked about afterwards, as far as it matters.
    Count,
    /// Several answers of a kind: a list of values or of links.
    Several(Box<QuestionKind>),
}

/// One of the answers to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub(super) name: String,
    pub(super) label: Phrase,
    /// Other names that data may give it.
    pub(super) codes: Vec<Arc<str>>,
}

impl Choice {
    /// The answer that it stands for: an enum's member or an element's key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it is shown.
    pub fn label(&self) -> &Phrase {
        &self.label
    }
}

impl Question {
    /// Where the fact stands: `members[1].birth_date`.
    pub fn fact(&self) -> &str {
        &self.fact
    }

    /// What the fact is called.
    pub fn label(&self) -> &Phrase {
        &self.label
    }

    /// Whom it is about, where it is not the household: `Anggota keluarga 2`.
    pub fn about(&self) -> Option<&Phrase> {
        self.about.as_ref()
    }

    /// The question in one line.
    pub fn text(&self, lang: Lang) -> String {
        let label = self.label.in_lang(lang);
        let label = match (&self.kind, lang) {
            (QuestionKind::Count, Lang::Id) => format!("Banyaknya {label}"),
            (QuestionKind::Count, _) => format!("How many: {label}"),
            _ => label.to_owned(),
        };
        match &self.about {
            Some(about) => format!("{}: {label}", about.in_lang(lang)),
            None => label,
        }
    }

    /// What kind of answer it has, with the choices.
    pub fn kind(&self) -> &QuestionKind {
        &self.kind
    }

    /// The least and the greatest that may be answered, of a list the least and the most elements.
    pub fn range(&self) -> (Option<&Answer>, Option<&Answer>) {
        (self.low.as_ref().map(|(a, _)| a), self.high.as_ref().map(|(a, _)| a))
    }

    /// What a number counts: `Rp per bulan`.
    pub fn unit(&self) -> Option<&Phrase> {
        self.unit.as_ref()
    }

    /// The sources to ask, most trusted first: the name and the label of each.
    pub fn ask(&self) -> impl Iterator<Item = (&str, &Phrase)> {
        self.sources.iter().map(|(name, label)| (&**name, label))
    }

    /// Whether one of these must verify it: what is answered is taken to be what the first of them says.
    pub fn must_be_verified(&self) -> bool {
        self.verify
    }

    /// Whether it may be answered that there is none.
    pub fn is_optional(&self) -> bool {
        self.optional
    }

    /// Whether it names the household or an element.
    pub fn is_key(&self) -> bool {
        self.key
    }

    /// Why it is asked: by programme the criteria and outputs that hang on it.
    pub fn why(&self) -> &[Phrase] {
        &self.why
    }

    /// What may be answered, in a few words.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use layak::{Interview, Lang, Ruleset};
    /// let rules = Ruleset::from_text("
    ///   module aid
    ///   currency IDR
    ///   entity Household { wage money 0.. per month }
    ///   criterion poor when wage < IDR 2_000_000 per month
    ///   programme food requires poor")?;
    /// let mut interview = Interview::new(&rules.as_of("2026-01-15".parse()?))?;
    /// let question = interview.question().ok_or("asks")?;
    /// assert_eq!(question.hint(Lang::Id), "Rp per bulan, misalnya 1.500.000; paling sedikit Rp0 per bulan");
    /// interview.answer_text("1,5 juta", Lang::Id)?;
    /// assert_eq!(interview.facts_json(), r#"{"wage":1500000}"#);
    /// # Ok(())
    /// # }
    /// ```
    pub fn hint(&self, lang: Lang) -> String {
        let mut out = self.kind_hint(&self.kind, lang);
        let (low, high) =
            (self.low.as_ref().map(|(_, p)| p.in_lang(lang)), self.high.as_ref().map(|(_, p)| p.in_lang(lang)));
        let _ = match (low, high, lang) {
            (Some(low), Some(high), Lang::Id) => write!(out, "; {low} sampai {high}"),
            (Some(low), Some(high), _) => write!(out, "; {low} to {high}"),
            (Some(low), None, Lang::Id) => write!(out, "; paling sedikit {low}"),
            (Some(low), None, _) => write!(out, "; at least {low}"),
            (None, Some(high), Lang::Id) => write!(out, "; paling banyak {high}"),
            (None, Some(high), _) => write!(out, "; at most {high}"),
            (None, None, _) => Ok(()),
        };
        if self.optional {
            out.push_str(if lang == Lang::Id { "; `tidak ada` bila tidak ada" } else { "; `none` if there is none" });
        }
        out
    }

    fn kind_hint(&self, kind: &QuestionKind, lang: Lang) -> String {
        let phrase = match kind {
            QuestionKind::Boolean => phrase!("yes or no", "ya atau tidak"),
            QuestionKind::Integer | QuestionKind::Count => phrase!("a whole number", "bilangan bulat"),
            QuestionKind::Number => phrase!("a number, such as 2.5", "bilangan, misalnya 2,5"),
            QuestionKind::Money => {
                let unit = self.unit.clone().unwrap_or_else(|| phrase!("an amount", "jumlah uang"));
                Phrase { en: format!("{}, such as 1,500,000", unit.en), id: format!("{}, misalnya 1.500.000", unit.id) }
            }
            QuestionKind::Date => {
                phrase!(
                    "a date, such as 1990-08-17 or 17 August 1990",
                    "tanggal, misalnya 17-08-1990 atau 17 Agustus 1990"
                )
            }
            QuestionKind::Duration => {
                phrase!("a duration, such as 1 year 6 months", "jangka waktu, misalnya 1 tahun 6 bulan")
            }
            QuestionKind::Text => phrase!("a text", "teks"),
            QuestionKind::Choice(_) | QuestionKind::Element(_) => {
                phrase!("one of these, by its number or name", "salah satu, dengan nomor atau namanya")
            }
            QuestionKind::Several(one) => {
                let one = self.kind_hint(one, lang);
                return match lang {
                    Lang::Id => format!("beberapa, dipisahkan `;`: {one}"),
                    Lang::En => format!("several, with `;` between them: {one}"),
                };
            }
        };
        phrase.in_lang(lang).to_owned()
    }

    /// The choices, where there are some.
    pub fn choices(&self) -> &[Choice] {
        let mut kind = &self.kind;
        while let QuestionKind::Several(one) = kind {
            kind = one;
        }
        match kind {
            QuestionKind::Choice(choices) | QuestionKind::Element(choices) => choices,
            _ => &[],
        }
    }
}

/// A label in both languages, else the name as words.
pub(super) fn named(label: &Label, name: &str) -> Phrase {
    let words = name.replace('_', " ");
    let text = |lang: Lang| label.get(lang).map_or_else(|| words.clone(), ToString::to_string);
    Phrase { en: text(Lang::En), id: text(Lang::Id) }
}

/// The question for a fact; of a key whether a number will do.
pub(super) fn of(reporter: &Reporter<'_>, case: &Case, slot: Slot, why: Vec<Phrase>, key: Option<bool>) -> Question {
    let program = reporter.program;
    let (entity, field, row) = slot;
    // An item of a list of scalars has no name of its own.
    let held = case.table(entity).and_then(|t| t.rows.get(row as usize)).and_then(|r| r.holder);
    let naming = match held {
        Some((above, list, _)) if program.entities[entity].is_scalar_item => program.entities[above].fields.get(list),
        _ => program.entities[entity].fields.get(field),
    };
    let declared = program.entities[entity].fields.get(field);
    let mut question = Question {
        fact: path_of(program, case, entity, field, row),
        label: naming.map_or_else(|| phrase!("", ""), |f| named(&f.label, &f.name)),
        about: about(reporter, case, slot),
        kind: QuestionKind::Text,
        low: None,
        high: None,
        unit: None,
        sources: Vec::new(),
        verify: declared.is_some_and(|f| f.verified),
        optional: false,
        key: key.is_some(),
        numbered: key == Some(true),
        why,
        path: steps_of(program, case, slot),
    };
    let sources = naming.into_iter().flat_map(|f| &f.sources).map(|s| &program.sources[*s]);
    question.sources = sources
        .filter(|source| source.verifies || !question.verify)
        .map(|source| (Arc::clone(&source.declared.name), named(&source.declared.label, &source.declared.name)))
        .collect();
    match declared.map(|f| &f.shape) {
        Some(FieldShape::Scalar { ty, range, .. }) => {
            question.optional = matches!(ty, Type::Optional(_));
            question.unit = unit(program, ty);
            question.kind = kind(reporter, case, ty);
            let end = |value: &Option<Value>| {
                value.as_ref().map(|v| (reporter.answer(case, v.clone(), ty), spoken(program, v, ty)))
            };
            (question.low, question.high) = (end(&range.low), end(&range.high));
        }
        Some(FieldShape::List { item, least, most }) => {
            let inner = &program.entities[*item];
            question.kind = match inner.fields.first().filter(|_| inner.is_scalar_item).map(|f| &f.shape) {
                Some(FieldShape::Scalar { ty, .. }) => {
                    question.unit = unit(program, ty);
                    QuestionKind::Several(Box::new(kind(reporter, case, ty)))
                }
                _ => QuestionKind::Count,
            };
            let end = |n: usize| {
                let n = crate::value::Decimal::from(i64::try_from(n).unwrap_or(i64::MAX));
                let text = n.to_string();
                (Answer::Integer(n), Phrase { en: text.clone(), id: text })
            };
            (question.low, question.high) = (Some(end(*least)), most.map(end));
        }
        Some(FieldShape::Record { .. }) | None => {}
    }
    question
}

fn spoken(program: &Program, value: &Value, ty: &Type) -> Phrase {
    Phrase { en: words(program, value, ty, Lang::En), id: words(program, value, ty, Lang::Id) }
}

fn kind(reporter: &Reporter<'_>, case: &Case, ty: &Type) -> QuestionKind {
    match ty.required() {
        Type::Boolean => QuestionKind::Boolean,
        Type::Number(q) if q.money => QuestionKind::Money,
        Type::Number(q) if q.whole => QuestionKind::Integer,
        Type::Number(_) => QuestionKind::Number,
        Type::Date => QuestionKind::Date,
        Type::Duration(_) => QuestionKind::Duration,
        Type::Enum(id) => {
            let members = reporter.program.enums[*id].members.iter();
            QuestionKind::Choice(
                members
                    .map(|m| Choice {
                        name: m.name.to_string(),
                        label: named(&m.label, &m.name),
                        codes: m.codes.clone(),
                    })
                    .collect(),
            )
        }
        Type::Element(entity) => {
            let declared = &reporter.program.entities[*entity].declared;
            let name = named(&declared.label, &declared.name);
            let elements = reporter.elements(case, *entity).zip(1..);
            QuestionKind::Element(
                elements
                    .map(|((_, key), number): ((u32, Arc<str>), u32)| {
                        let also = if *key == *number.to_string() { String::new() } else { format!(" ({key})") };
                        let label = Phrase {
                            en: format!("{} {number}{also}", name.en),
                            id: format!("{} {number}{also}", name.id),
                        };
                        Choice { name: key.to_string(), label, codes: Vec::new() }
                    })
                    .collect(),
            )
        }
        Type::Text | Type::List(_) | Type::Optional(_) | Type::Record(_) | Type::Pending | Type::Poison => {
            QuestionKind::Text
        }
    }
}

/// What a number counts.
fn unit(program: &Program, ty: &Type) -> Option<Phrase> {
    let Type::Number(quantity) = ty.required() else { return None };
    let mut unit = phrase!("", "");
    if quantity.money {
        let currency = program.currency.as_deref().map_or("", |code| if code == "IDR" { "Rp" } else { code });
        unit = phrase!("{0}", "{0}", currency);
    }
    if let Some(per) = quantity.per {
        let per = match per {
            Unit::Year => phrase!(" per year", " per tahun"),
            Unit::Month => phrase!(" per month", " per bulan"),
            Unit::Week => phrase!(" per week", " per minggu"),
            Unit::Day => phrase!(" per day", " per hari"),
        };
        unit.en.push_str(&per.en);
        unit.id.push_str(&per.id);
    }
    (!unit.en.is_empty()).then(|| Phrase { en: unit.en.trim().to_owned(), id: unit.id.trim().to_owned() })
}

/// The elements that a place lies within: `Anggota keluarga 2`.
fn about(reporter: &Reporter<'_>, case: &Case, (mut entity, _, mut row): Slot) -> Option<Phrase> {
    let mut parts: Vec<Phrase> = Vec::new();
    while let Some(element) = case.table(entity).and_then(|t| t.rows.get(row as usize)) {
        let Some((above, _, holder)) = element.holder else { break };
        let entry = &reporter.program.entities[entity];
        let number = element.position.saturating_add(1);
        let name = named(&entry.declared.label, &entry.declared.name);
        parts.push(match entry.is_scalar_item {
            true => phrase!("{0}.", "{0}.", number),
            false => Phrase { en: format!("{} {number}", name.en), id: format!("{} {number}", name.id) },
        });
        (entity, row) = (above, holder);
    }
    parts.reverse();
    parts.into_iter().reduce(|a, b| Phrase { en: format!("{}, {}", a.en, b.en), id: format!("{}, {}", a.id, b.id) })
}
