//! Names, texts, literals and types.

use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use crate::diagnostic::{Code, Finding, phrase};
use crate::syntax::lexicon::Lang;
use crate::syntax::parser::{Node, Rule};
use crate::syntax::tree::*;
use crate::value::{Date, Decimal, Duration, ParseDateError, ParseDecimalError};

use super::Builder;
use super::expressions::unit_of;

impl Builder<'_> {
    pub(super) fn path(&mut self, node: Node<'_>) -> Path {
        let span = self.span(&node);
        let names = node.children().filter(|n| n.rule() == Rule::name).map(|n| self.name(&n)).collect();
        Path { names, span }
    }

    pub(super) fn owned_name(&mut self, node: Node<'_>) -> OwnedName {
        let span = self.span(&node);
        let mut names: Vec<Name> = node.children().filter(|n| n.rule() == Rule::name).map(|n| self.name(&n)).collect();
        let missing = || Name { text: "".into(), word: None, span };
        let name = names.pop().unwrap_or_else(missing);
        OwnedName { owner: names.pop(), name }
    }

    /// The content of a string: without its quotes, escapes resolved, after NFC.
    pub(super) fn string(&mut self, node: &Node<'_>) -> Written {
        let span = self.span(node);
        let raw = node.text().trim();
        let inner = raw.strip_prefix('"').unwrap_or(raw);
        let inner = inner.strip_suffix('"').unwrap_or(inner);
        if !inner.contains('\\') && inner.is_ascii() {
            return Written { text: inner.into(), span };
        }
        let mut text = String::with_capacity(inner.len());
        let mut chars = inner.chars();
        while let Some(c) = chars.next() {
            match (c, c == '\\') {
                (c, false) => text.push(c),
                (_, true) => match chars.next() {
                    Some(c @ ('"' | '\\')) => text.push(c),
                    Some('n') => text.push('\n'),
                    other => self.findings.push(
                        Finding::error(
                            Code::UNKNOWN_ESCAPE,
                            span,
                            phrase!(
                                "`\\{0}` means nothing in a text",
                                "`\\{0}` tidak berarti dalam teks",
                                other.unwrap_or(' ')
                            ),
                        )
                        .help(phrase!(
                            "write `\\\"` for a quote, `\\\\` for a backslash, `\\n` for a new line",
                            "tulis `\\\"` untuk tanda petik, `\\\\` untuk garis miring balik, `\\n` untuk baris baru"
                        )),
                    ),
                },
            }
        }
        Written { text: text.nfc().collect::<String>().into(), span }
    }

    pub(super) fn texts(&mut self, node: Node<'_>) -> Texts {
        let mut texts: Vec<(Lang, Written)> = Vec::new();
        let tag = |n: &Node<'_>| Lang::from_tag(n.text().trim());
        let mut tags = node.clone().children().filter(|n| n.rule() != Rule::string);
        let is_tagged_en = tags.any(|n| n.children().next().as_ref().and_then(tag) == Some(Lang::En));
        for part in node.children() {
            let (lang, string) = match part.rule() {
                Rule::string => (if is_tagged_en { Lang::Id } else { Lang::En }, part),
                _ => {
                    let mut children = part.children();
                    let lang = children.next().and_then(|n| Lang::from_tag(n.text().trim())).unwrap_or_default();
                    match children.next() {
                        Some(string) => (lang, string),
                        None => continue,
                    }
                }
            };
            let written = self.string(&string);
            if texts.iter().any(|(l, _)| *l == lang) {
                self.findings.push(
                    Finding::error(
                        Code::REPEATED_TEXT,
                        written.span,
                        phrase!(
                            "this text stands twice in one language (`{0}`)",
                            "teks ini ditulis dua kali dalam satu bahasa (`{0}`)",
                            lang.tag()
                        ),
                    )
                    .help(phrase!("mark the other with its language", "tandai yang lain dengan bahasanya")),
                );
            } else {
                texts.push((lang, written));
            }
        }
        Texts { texts }
    }

    /// The `texts` among a node's children.
    pub(super) fn texts_in(&mut self, node: Node<'_>) -> Texts {
        node.children().find(|n| n.rule() == Rule::texts).map(|n| self.texts(n)).unwrap_or_default()
    }

    pub(super) fn unit_in(&mut self, node: Node<'_>) -> Option<Unit> {
        node.children().find(|n| n.rule() == Rule::unit).and_then(|n| unit_of(n.text()))
    }

    pub(super) fn number(&mut self, node: &Node<'_>) -> Option<Decimal> {
        let text = node.text().trim().replace('_', "");
        let (digits, percent) = match text.strip_suffix('%') {
            Some(digits) => (digits, true),
            None => (&*text, false),
        };
        // JSON knows no zeros in front, a rule file may have them.
        let trimmed = digits.trim_start_matches('0');
        let digits =
            if trimmed.is_empty() || trimmed.starts_with('.') { format!("0{trimmed}") } else { trimmed.to_owned() };
        let hundredth = Decimal::new(1, 2)?;
        match digits.parse::<Decimal>() {
            Ok(number) if percent => number.checked_mul(&hundredth),
            Ok(number) => Some(number),
            Err(error) => {
                let span = self.span(node);
                let message = match error {
                    ParseDecimalError::TooLong => {
                        phrase!("a number has at most 38 digits", "bilangan paling banyak terdiri dari 38 digit")
                    }
                    ParseDecimalError::Malformed => {
                        phrase!("`{0}` is not a number", "`{0}` bukan bilangan", node.text().trim())
                    }
                };
                self.findings.push(
                    Finding::error(Code::NUMBER_TOO_LONG, span, message)
                        .help(phrase!("write it with fewer digits", "tulis dengan lebih sedikit digit")),
                );
                None
            }
        }
    }

    pub(super) fn date(&mut self, node: &Node<'_>) -> Option<Date> {
        match node.text().trim().parse() {
            Ok(date) => Some(date),
            Err(ParseDateError::NoSuchDay | ParseDateError::Malformed) => {
                let span = self.span(node);
                let text = node.text().trim();
                self.findings.push(
                    Finding::error(
                        Code::NO_SUCH_DAY,
                        span,
                        phrase!("the calendar has no day `{0}`", "tidak ada tanggal `{0}` dalam kalender", text),
                    )
                    .help(phrase!(
                        "dates are year, month, day: `2026-01-31`",
                        "tanggal ditulis tahun, bulan, hari: `2026-01-31`"
                    )),
                );
                None
            }
        }
    }

    pub(super) fn duration(&mut self, node: Node<'_>) -> Option<Duration> {
        let span = self.span(&node);
        let mut length = Duration { months: 0, days: 0 };
        let mut count: Option<i64> = None;
        for part in node.children() {
            match part.rule() {
                Rule::number => count = self.number(&part).and_then(|n| n.to_i64()),
                _ => {
                    let whole = count.take().filter(|n| *n <= 1_000_000);
                    let (Some(n), Some(unit)) = (whole, unit_of(part.text())) else {
                        self.findings.push(
                            Finding::error(
                                Code::DURATION_NOT_WHOLE,
                                span,
                                phrase!(
                                    "a duration counts whole years, months, weeks or days",
                                    "jangka waktu dihitung dalam tahun, bulan, minggu, atau hari yang utuh"
                                ),
                            )
                            .help(phrase!(
                                "write for instance `1 year 6 months`",
                                "tulis misalnya `1 year 6 months` (`1 tahun 6 bulan`)"
                            )),
                        );
                        return None;
                    };
                    match unit {
                        Unit::Year => length.months += 12 * n,
                        Unit::Month => length.months += n,
                        Unit::Week => length.days += 7 * n,
                        Unit::Day => length.days += n,
                    }
                }
            }
        }
        Some(length)
    }

    pub(super) fn money(&mut self, node: Node<'_>) -> Option<Literal> {
        let span = self.span(&node);
        let mut currency = None;
        let mut amount = None;
        for part in node.children() {
            match part.rule() {
                Rule::currency_code => currency = Some(self.name(&part)),
                _ => {
                    // Three digits after a point are how much of the world writes thousands.
                    if let Some((whole, fraction)) = part.text().trim().split_once('.')
                        && fraction.len() == 3
                    {
                        let number = part.text().trim();
                        self.findings.push(
                            Finding::error(
                                Code::GROUPED_DIGITS,
                                span,
                                phrase!(
                                    "`{0}` can be read as thousands or as a fraction",
                                    "`{0}` dapat dibaca sebagai ribuan atau sebagai pecahan",
                                    number
                                ),
                            )
                            .help(phrase!(
                                "write `{0}_{1}` for thousands, or `{0}.{1}0` for the fraction",
                                "tulis `{0}_{1}` untuk ribuan, atau `{0}.{1}0` untuk pecahan",
                                whole,
                                fraction
                            )),
                        );
                        return None;
                    }
                    amount = self.number(&part);
                }
            }
        }
        Some(Literal::Money(currency?, amount?))
    }

    /// A literal; nothing when it was told to be wrong.
    pub(super) fn literal(&mut self, node: Node<'_>) -> Option<Literal> {
        Some(match node.rule() {
            Rule::number => Literal::Number(self.number(&node)?),
            Rule::date => Literal::Date(self.date(&node)?),
            Rule::duration => Literal::Duration(self.duration(node)?),
            Rule::money => self.money(node)?,
            Rule::string => Literal::Text(self.string(&node).text),
            Rule::k_yes => Literal::Boolean(true),
            Rule::k_no => Literal::Boolean(false),
            _ => return None,
        })
    }

    pub(super) fn simple(&mut self, node: Node<'_>) -> Option<Simple> {
        let span = self.span(&node);
        let negative = node.text().starts_with('-');
        let part = node.children().next()?;
        if part.rule() == Rule::path {
            return Some(Simple::Path(self.path(part)));
        }
        let literal = self.literal(part)?;
        let literal = match (literal, negative) {
            (Literal::Number(n), true) => Literal::Number(n.negated()),
            (Literal::Money(currency, n), true) => Literal::Money(currency, n.negated()),
            (Literal::Duration(l), true) => Literal::Duration(Duration { months: -l.months, days: -l.days }),
            (Literal::Date(_), true) => {
                self.findings.push(
                    Finding::error(Code::SYNTAX, span, phrase!("a date has no sign", "tanggal tidak bertanda"))
                        .help(phrase!("delete the `-`", "hapus `-`")),
                );
                return None;
            }
            (literal, _) => literal,
        };
        Some(Simple::Literal(literal, span))
    }

    pub(super) fn simple_range(&mut self, node: Node<'_>) -> SimpleRange {
        let span = self.span(&node);
        let opens_low = node.text().trim_start().starts_with("..");
        let mut open = false;
        let mut bounds = Vec::new();
        for part in node.children() {
            match part.rule() {
                Rule::open_end => open = true,
                _ => bounds.push(self.simple(part)),
            }
        }
        let mut bounds = bounds.into_iter();
        let (low, high) = if opens_low { (None, bounds.next()) } else { (bounds.next(), bounds.next()) };
        SimpleRange { low: low.flatten(), high: high.flatten(), open, span }
    }

    pub(super) fn type_expr(&mut self, node: Node<'_>) -> TypeExpr {
        let span = self.span(&node);
        let mut children = node.children();
        let optional = children.next_if(Rule::k_optional).is_some();
        let kind = match children.next() {
            Some(base) => self.type_kind(base),
            None => TypeKind::Boolean,
        };
        TypeExpr { optional, kind, span }
    }

    fn type_kind(&mut self, node: Node<'_>) -> TypeKind {
        let rule = node.rule();
        if rule == Rule::name {
            return TypeKind::Named(self.name(&node));
        }
        let (mut per, mut range, mut currency, mut unit) = (None, None, None, None);
        let (mut item, mut target) = (None, None);
        for part in node.children() {
            match part.rule() {
                Rule::per_unit => per = self.unit_in(part),
                Rule::simple_range => range = Some(self.simple_range(part)),
                Rule::currency_code => currency = Some(self.name(&part)),
                Rule::unit => unit = unit_of(part.text()),
                Rule::type_of => item = Some(Box::new(self.type_expr(part))),
                Rule::name => target = Some(self.name(&part)),
                _ => {}
            }
        }
        match (rule, item, target) {
            (Rule::type_integer, ..) => TypeKind::Integer { per, range },
            (Rule::type_number, ..) => TypeKind::Number { per, range },
            (Rule::type_money, ..) => TypeKind::Money { currency, per, range },
            (Rule::type_date, ..) => TypeKind::Date { range },
            (Rule::type_duration, ..) => TypeKind::Duration(unit),
            (Rule::type_list, Some(item), _) => TypeKind::List(item, range),
            (Rule::type_link, _, Some(target)) => TypeKind::Link(target),
            (Rule::k_text, ..) => TypeKind::Text,
            _ => TypeKind::Boolean,
        }
    }

    pub(super) fn element_at(&mut self, node: &Node<'_>) -> Option<ElementAt> {
        match node.rule() {
            Rule::number => self.number(node)?.to_i64().and_then(|n| usize::try_from(n).ok()).map(ElementAt::Position),
            _ => Some(ElementAt::Key(Arc::clone(&self.string(node).text))),
        }
    }
}
