//! Households as people read them: JSON, and tests to paste into a rule file.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::diagnostic::Phrase;
use crate::facts::{Data, element_path};
use crate::program::{Claim, EntityId, Kind, Says, Type};
use crate::ruleset::PlanOptions;
use crate::syntax::{Lang, is_keyword, spelling};
use crate::value::Value;

use super::{Failure, PropertyHousehold, Runner, World};

/// Facts on one line no longer than this.
const LINE: usize = 100;

impl Runner<'_> {
    pub(super) fn households(&self, failure: &Failure) -> Vec<PropertyHousehold> {
        failure
            .worlds
            .iter()
            .enumerate()
            .map(|(index, world)| PropertyHousehold {
                name: self.name(failure, index),
                json: world.tree.to_json(),
                test: self.test(failure, index, world),
                explanation: self.explanation(failure, world),
            })
            .collect()
    }

    fn claim(&self, failure: &Failure) -> Option<&Claim> {
        self.property.claims.get(failure.claim)
    }

    /// What a household is called: as the property does; of a built-in form, which names one alone, by what comes first.
    fn name(&self, failure: &Failure, index: usize) -> Option<Arc<str>> {
        let claim = self.claim(failure)?;
        let named = claim.worlds.get(index)?.name.clone();
        if claim.expectation == 0 || claim.worlds.len() == 1 {
            return named;
        }
        Some(match (self.property.lang, index) {
            (Lang::Id, 0) => "sebelum".into(),
            (Lang::Id, _) => "sesudah".into(),
            (Lang::En, 0) => "before".into(),
            (Lang::En, _) => "after".into(),
        })
    }

    /// The reasoning of the programmes that the law speaks of, in both languages.
    fn explanation(&self, failure: &Failure, world: &World) -> Phrase {
        let mut options = PlanOptions::new(self.as_of).known_on(self.property.known_on.unwrap_or(self.as_of));
        let law = self.claim(failure).and_then(|claim| claim.laws.get(failure.law));
        let mut named: BTreeSet<&str> = BTreeSet::new();
        for (_, expr) in law.iter().flat_map(|law| law.value.body.iter()) {
            if let Kind::Outcome { programme, .. } | Kind::Output { programme, .. } = &expr.kind {
                named.insert(&self.program().programmes[*programme].declared.name);
            }
        }
        if self.program().programmes.len() == 0 {
            return Phrase { en: String::new(), id: String::new() };
        }
        for name in named {
            options = options.programme(name);
        }
        // A name that two modules have is not told apart here: then all programmes are.
        let plan = self.ruleset.plan(options).unwrap_or_else(|_| self.ruleset.as_of(self.as_of));
        let Ok(facts) = plan.bind(&world.tree) else { return Phrase { en: String::new(), id: String::new() } };
        let explanation = plan.explain(&facts);
        Phrase { en: explanation.render(Lang::En), id: explanation.render(Lang::Id) }
    }

    fn test(&self, failure: &Failure, index: usize, world: &World) -> Option<String> {
        let expected = self.expected(failure, index, world);
        if expected.is_empty() {
            return None;
        }
        let lang = self.property.lang;
        let word = |english| spelling(english, lang);
        let name = match self.name(failure, index) {
            Some(name) if failure.worlds.len() > 1 => format!("{}: {name}", self.property.name),
            _ => self.property.name.to_string(),
        };
        let mut out = format!("{} {} {} {}", word("test"), quoted(&name), word("as of"), self.as_of);
        if let Some(day) = self.property.known_on {
            out.push_str(&format!(" {} {day}", word("known on")));
        }
        out.push_str(&format!("\n  {} {}\n", word("given"), given(&world.tree, lang)));
        for expected in expected {
            out.push_str(&format!("  {} {expected}\n", word("expect")));
        }
        Some(out)
    }

    /// What a test of a household expects: the law where it speaks of this household alone, else what the law's parts are.
    fn expected(&self, failure: &Failure, index: usize, world: &World) -> Vec<String> {
        let Some(law) = self.claim(failure).and_then(|claim| claim.laws.get(failure.law)) else { return Vec::new() };
        let sources = &self.ruleset.inner().sources;
        let word = |english| spelling(english, self.property.lang);
        let named = |span| self.of_household(sources.snippet(span), failure, index, world);
        match law.says {
            Says::Condition if failure.worlds.len() == 1 => {
                let kind = law.value.body.root().map(|root| &law.value.body[root].kind);
                let text = named(law.span);
                let is_outcome = matches!(kind, Some(Kind::Outcome { .. }));
                return vec![if is_outcome { text } else { bracketed(&text) }];
            }
            Says::Decided { programme } => {
                let name = named(programme);
                let (undetermined, error) = (word("undetermined"), word("error"));
                return vec![format!("{} ({name} {undetermined} {} {name} {error})", word("not"), word("or"))];
            }
            Says::Together => {
                let eligible = law.value.parts.iter().zip(&failure.parts).filter(|(_, v)| v.truth() == Some(true));
                let spans = eligible.map(|(part, _)| law.value.body[part.at].span).take(2);
                let both: Vec<String> = spans.map(|span| format!("{} {}", named(span), word("eligible"))).collect();
                return vec![format!("{} ({})", word("not"), both.join(&format!(" {} ", word("and"))))];
            }
            Says::Bounded { value, programme, within } => {
                let range = self.of_household(sources.snippet(within), failure, index, world);
                let inside = format!("({} {} {range})", named(value), word("in"));
                return vec![match programme {
                    Some(span) => format!("({} {} {} {inside})", named(span), word("eligible"), word("implies")),
                    None => inside,
                }];
            }
            Says::Condition | Says::Parts => {}
        }
        let mut out: Vec<String> = Vec::new();
        for (part, value) in law.value.parts.iter().zip(&failure.parts) {
            if part.world != index || !law.value.body[part.at].kind.speaks_of_a_household() {
                continue;
            }
            let mut at = part.at;
            let mut negated = false;
            // `a implies b` denies `a`; a `!=` is written where what it denies is.
            while let Kind::Not(of) = &law.value.body[at].kind
                && law.value.body[*of].span != law.value.body[at].span
            {
                (at, negated) = (*of, !negated);
            }
            let expr = &law.value.body[at];
            let mut text = named(expr.span);
            if matches!((law.says, &expr.kind), (Says::Parts, Kind::Outcome { .. })) {
                text = format!("{text} {}", word("eligible"));
            }
            let line = match (value.as_known(), &expr.kind) {
                (Some(Value::Boolean(yes)), Kind::Outcome { .. }) if *yes != negated => text,
                (Some(Value::Boolean(yes)), _) if *yes != negated => bracketed(&text),
                (Some(Value::Boolean(_)), _) => format!("{} ({text})", word("not")),
                (Some(value), _) => match self.literal(&expr.ty, value) {
                    Some(literal) => format!("{} = {literal}", bracketed(&text)),
                    None => continue,
                },
                (None, _) => continue,
            };
            if !out.contains(&line) {
                out.push(line);
            }
        }
        out
    }

    /// An expression over a named household as one of the household itself, or of a member of it.
    fn of_household(&self, text: &str, failure: &Failure, index: usize, world: &World) -> String {
        let program = &self.ruleset.inner().program;
        let named = self.claim(failure).and_then(|claim| claim.worlds.get(index));
        let Some(name) = named.and_then(|w| w.name.as_deref()) else {
            return text.to_owned();
        };
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.' || c == '`' || c == '"';
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(name) {
            let (before, after) = rest.split_at(at);
            let follows = after.get(name.len()..).unwrap_or("");
            let previous = before.chars().next_back().or_else(|| out.chars().next_back());
            out.push_str(before);
            // A range's end stands alone: `0..h.desil`.
            let is_end = before.ends_with("..") && !before.ends_with("...");
            if previous.is_some_and(is_part) && !is_end || !follows.starts_with('.') {
                out.push_str(name);
                rest = follows;
                continue;
            }
            let (entity, row, follows) = self.climbed(failure.row, world, follows);
            rest = follows;
            if entity != program.root {
                out.push_str(&element_path(program, &world.case, entity, row));
            } else if out.is_empty() {
                rest = rest.strip_prefix('.').unwrap_or(rest);
            } else {
                out.push_str(&qualifier(&program.entities[program.root].declared.name));
            }
        }
        out.push_str(rest);
        out
    }

    /// What holds an element, as far up as `.household` says after it; and what comes after that.
    fn climbed<'t>(&self, row: u32, world: &World, mut follows: &'t str) -> (EntityId, u32, &'t str) {
        let program = self.program();
        let (mut entity, mut row) = (self.property.entity, row);
        let after = |follows: &'t str, of: EntityId| {
            let rest = follows.strip_prefix('.')?.strip_prefix(&*qualifier(&program.entities[of].declared.name))?;
            rest.starts_with('.').then_some(rest)
        };
        while entity != program.root {
            if let Some(rest) = after(follows, program.root) {
                return (program.root, 0, rest);
            }
            let holder = world.case.table(entity).and_then(|t| t.rows.get(row as usize)).and_then(|r| r.holder);
            let Some((above, _, at)) = holder else { break };
            let Some(rest) = after(follows, above) else { break };
            (entity, row, follows) = (above, at, rest);
        }
        (entity, row, follows)
    }

    /// A value as a rule file writes it.
    fn literal(&self, ty: &Type, value: &Value) -> Option<String> {
        let program = &self.ruleset.inner().program;
        let word = |english| spelling(english, self.property.lang);
        Some(match value {
            Value::Number(n) => {
                let Type::Number(quantity) = ty.required() else { return None };
                let unit = match quantity.per {
                    None => String::new(),
                    Some(unit) => format!(" {} {}", word("per"), unit_word(unit, self.property.lang)),
                };
                match (quantity.money, &program.currency) {
                    (true, Some(currency)) if n.is_negative() => format!("-{currency} {}{unit}", n.abs()),
                    (true, Some(currency)) => format!("{currency} {n}{unit}"),
                    _ => format!("{n}{unit}"),
                }
            }
            Value::Date(d) => d.to_string(),
            Value::Text(t) => quoted(t),
            Value::Boolean(yes) => word(if *yes { "yes" } else { "no" }).to_owned(),
            Value::Enum(n) => match ty.required() {
                Type::Enum(id) => {
                    format!(
                        "{}.`{}`",
                        program.enums[*id].declared.name,
                        program.enums[*id].members.get(*n as usize)?.name
                    )
                }
                _ => return None,
            },
            // Lengths of time are written in words of one language, and elements have none.
            Value::Duration(_) | Value::Element(_) | Value::None => return None,
        })
    }
}

/// An expression as an operand.
fn bracketed(text: &str) -> String {
    if text.contains(char::is_whitespace) { format!("({text})") } else { text.to_owned() }
}

fn unit_word(unit: crate::syntax::Unit, lang: Lang) -> &'static str {
    use crate::syntax::Unit;
    match (unit, lang) {
        (Unit::Year, Lang::En) => "year",
        (Unit::Month, Lang::En) => "month",
        (Unit::Week, Lang::En) => "week",
        (Unit::Day, Lang::En) => "day",
        (Unit::Year, Lang::Id) => "tahun",
        (Unit::Month, Lang::Id) => "bulan",
        (Unit::Week, Lang::Id) => "minggu",
        (Unit::Day, Lang::Id) => "hari",
    }
}

impl Kind {
    fn speaks_of_a_household(&self) -> bool {
        !matches!(self, Kind::Constant(_) | Kind::AsOf | Kind::KnownOn | Kind::Parameter { .. })
    }
}

/// Facts as a test of a rule file gives them.
fn given(data: &Data<'_>, lang: Lang) -> String {
    let mut out = String::new();
    write_given(data, lang, &mut out);
    if out.chars().count() <= LINE {
        return out;
    }
    let Data::Object(entries) = data else { return out };
    let mut lines = Vec::new();
    for (name, value) in entries {
        let mut line = format!("    {}: ", key(name));
        match value {
            Data::List(items) if items.iter().any(|i| matches!(i, Data::Object(_))) => {
                line.push_str("[\n");
                let items: Vec<String> = items
                    .iter()
                    .map(|item| {
                        let mut text = String::from("      ");
                        write_given(item, lang, &mut text);
                        text
                    })
                    .collect();
                line.push_str(&items.join(",\n"));
                line.push_str("\n    ]");
            }
            value => write_given(value, lang, &mut line),
        }
        lines.push(line);
    }
    format!("{{\n{}\n  }}", lines.join(",\n"))
}

fn write_given(data: &Data<'_>, lang: Lang, out: &mut String) {
    match data {
        Data::Null | Data::Refused(_) => out.push_str(spelling("none", lang)),
        Data::Boolean(b) => out.push_str(spelling(if *b { "yes" } else { "no" }, lang)),
        Data::Number(number) => out.push_str(&number.text()),
        Data::Text(text) => out.push_str(&quoted(text)),
        Data::List(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                write_given(item, lang, out);
            }
            out.push(']');
        }
        Data::Object(entries) if entries.is_empty() => out.push_str("{}"),
        Data::Object(entries) => {
            out.push_str("{ ");
            for (i, (name, value)) in entries.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                out.push_str(&key(name));
                out.push_str(": ");
                write_given(value, lang, out);
            }
            out.push_str(" }");
        }
    }
}

/// The name of a fact; in quotes where it could be read as something else.
fn key(name: &str) -> String {
    let is_plain = name.chars().next().is_some_and(char::is_alphabetic)
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !is_keyword(name);
    if is_plain { name.to_owned() } else { quoted(name) }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// An entity's name as expressions write it: `FarmPlot` is `farm_plot`.
fn qualifier(entity: &str) -> String {
    let mut out = String::new();
    for (i, c) in entity.chars().enumerate() {
        if c.is_uppercase() && i > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}
