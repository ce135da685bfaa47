//! Expressions that are well-typed by how they are grown.

use crate::Choices;
use crate::schema::{Fact, Kind, Owner, Schema, TEXTS, member};

/// A definition, criterion, table or scale that expressions may name.
#[derive(Clone, Debug)]
pub(crate) struct Defined {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) owner: Owner,
}

/// A parameter with one key.
#[derive(Clone, Debug)]
pub(crate) struct Keyed {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) key: Kind,
}

/// What an expression may speak of.
pub(crate) struct Scope<'s> {
    pub(crate) schema: &'s Schema,
    pub(crate) defined: &'s [Defined],
    pub(crate) keyed: &'s [Keyed],
    /// Programmes of the household that stand before.
    pub(crate) programmes: &'s [String],
}

const DAYS: &[&str] = &["2025-02-28", "2000-02-29", "2025-12-31", "1990-01-15"];

impl Scope<'_> {
    fn facts(&self, owner: Owner) -> impl Iterator<Item = &Fact> {
        let person: &[Fact] = if owner == Owner::Person { &self.schema.person } else { &[] };
        person.iter().chain(&self.schema.home)
    }

    /// An expression of a kind, nested at most so deep.
    pub(crate) fn expression(&self, c: &mut Choices<'_>, kind: Kind, owner: Owner, depth: usize) -> String {
        if depth == 0 || c.is_end() || c.one_in(5) {
            return self.leaf(c, kind, owner);
        }
        let grow = |c: &mut Choices<'_>, kind: Kind| self.expression(c, kind, owner, depth - 1);
        if c.one_in(6) {
            let condition = grow(c, Kind::Truth);
            return format!("(if {condition} then {} else {})", grow(c, kind), grow(c, kind));
        }
        match kind {
            Kind::Truth => self.truth(c, owner, depth),
            Kind::Number => self.number(c, owner, depth),
            Kind::Money => {
                let (a, b) = (grow(c, Kind::Money), self.leaf(c, Kind::Money, owner));
                match c.below(9) {
                    0 => format!("({a} + {b})"),
                    1 => format!("({a} - {b})"),
                    2 => format!("({a} * {})", grow(c, Kind::Number)),
                    3 => format!("({a} / {})", grow(c, Kind::Number)),
                    4 => format!("min({a}, {b})"),
                    5 => {
                        let mode = c.of(&["half_up", "half_even", "half_down", "up", "down", "floor", "ceil"]);
                        format!("round({a}, to: {}, {mode})", c.of(&["IDR 1_000", "IDR 1", "IDR 25"]))
                    }
                    6 if owner == Owner::Home => self.folded(c, Kind::Money, depth, "IDR 7"),
                    _ => format!("max({a}, {b})"),
                }
            }
            Kind::Day => {
                let day = self.leaf(c, Kind::Day, owner);
                match c.below(5) {
                    0 => format!("first_day_of_month({day})"),
                    1 => format!("last_day_of_month({day})"),
                    2 if self.schema.has_span => format!("({day} + span)"),
                    _ => format!("({day} {} {})", c.of(&["+", "-"]), span(c, &["day", "week", "month", "year"], 40)),
                }
            }
            Kind::Text | Kind::Member(_) => self.leaf(c, kind, owner),
        }
    }

    fn truth(&self, c: &mut Choices<'_>, owner: Owner, depth: usize) -> String {
        let grow = |c: &mut Choices<'_>, kind: Kind| self.expression(c, kind, owner, depth - 1);
        match c.below(12) {
            0 => format!("({} and {})", grow(c, Kind::Truth), grow(c, Kind::Truth)),
            1 => format!("({} or {})", grow(c, Kind::Truth), grow(c, Kind::Truth)),
            2 => format!("(not {})", grow(c, Kind::Truth)),
            3 => format!("({} implies {})", grow(c, Kind::Truth), grow(c, Kind::Truth)),
            4 => {
                let condition = self.expression(c, Kind::Truth, Owner::Person, depth - 1);
                match owner {
                    Owner::Home => {
                        let of = c.of(&["any(people where", "every(people each", "none(people where"]);
                        format!("{of} {condition})")
                    }
                    Owner::Person => format!("({condition} and {})", grow(c, Kind::Truth)),
                }
            }
            5 => {
                let kind = if c.below(2) == 0 { Kind::Day } else { Kind::Money };
                format!("({} {} {})", grow(c, kind), comparison(c), grow(c, kind))
            }
            6 => {
                let is_in = c.of(&["in", "not in"]);
                format!("({} {is_in} {}..{})", grow(c, Kind::Number), c.below(5), 5 + c.below(30))
            }
            7 if owner == Owner::Home => {
                let (value, number) = (grow(c, Kind::Number), 1 + c.below(3));
                let of = self.expression(c, Kind::Number, Owner::Person, depth - 1);
                format!("(({value} / 1) in (top {number} of (people each ({of} / 1))))")
            }
            _ => format!("({} {} {})", grow(c, Kind::Number), comparison(c), grow(c, Kind::Number)),
        }
    }

    fn number(&self, c: &mut Choices<'_>, owner: Owner, depth: usize) -> String {
        let grow = |c: &mut Choices<'_>, kind: Kind| self.expression(c, kind, owner, depth - 1);
        let a = grow(c, Kind::Number);
        match c.below(14) {
            0 => format!("({a} + {})", grow(c, Kind::Number)),
            1 => format!("({a} - {})", grow(c, Kind::Number)),
            2 => format!("({a} * {})", grow(c, Kind::Number)),
            3 => format!("({a} / {})", grow(c, Kind::Number)),
            4 => format!("min({a}, {})", grow(c, Kind::Number)),
            5 => format!("max({a}, {})", grow(c, Kind::Number)),
            6 => format!("{}({a})", c.of(&["floor", "ceil", "abs", "round"])),
            7 => format!("({} / {})", grow(c, Kind::Money), grow(c, Kind::Money)),
            8 => {
                let (from, to) = (grow(c, Kind::Day), grow(c, Kind::Day));
                format!("({} from {from} {} {to})", c.of(&["years", "months", "days"]), c.of(&["to", "through"]))
            }
            9 => format!("remainder({a}, {})", 1 + c.below(9)),
            10 if owner == Owner::Home => {
                format!("count(people where {})", self.expression(c, Kind::Truth, Owner::Person, depth - 1))
            }
            11 if owner == Owner::Home => self.folded(c, Kind::Number, depth, "0.5"),
            12 if self.schema.has_scalars => match c.below(3) {
                0 => "sum(amounts)".to_owned(),
                1 => "count(amounts q where q > 1)".to_owned(),
                _ => format!("(max(amounts) or else {a})"),
            },
            _ => format!("-{a}"),
        }
    }

    /// A value of each person, brought together.
    fn folded(&self, c: &mut Choices<'_>, kind: Kind, depth: usize, otherwise: &str) -> String {
        let value = self.expression(c, kind, Owner::Person, depth - 1);
        let condition = self.expression(c, Kind::Truth, Owner::Person, 1);
        match c.below(5) {
            0 => format!("sum(people each {value})"),
            1 => format!("sum(people where {condition} each {value})"),
            2 => format!("sum(top {} of (people where {condition} each {value}))", 1 + c.below(3)),
            3 => {
                let function = c.of(&["min", "max", "average", "median"]);
                format!("({function}(people each {value}) or else {otherwise})")
            }
            _ => {
                let end = c.of(&["first", "last"]);
                let sorted = c.of(&["", " descending"]);
                format!("({end}(people sort by nik{sorted} each {value}) or else {otherwise})")
            }
        }
    }

    /// The simplest of a kind: a fact, a definition, a parameter or a literal.
    pub(crate) fn leaf(&self, c: &mut Choices<'_>, kind: Kind, owner: Owner) -> String {
        let mut all = vec![literal(c, kind)];
        for fact in self.facts(owner).filter(|fact| fact.kind == kind) {
            let path = fact.path();
            let value = if fact.is_optional { format!("({path} or else {})", of_fact(c, fact)) } else { path.clone() };
            let value = if fact.is_rate { format!("({value} * {})", span(c, &["month"], 12)) } else { value };
            match c.below(8) {
                1 => {
                    let assumed = of_fact(c, fact);
                    let month = if fact.is_rate { " * 1 month" } else { "" };
                    if !fact.is_optional {
                        all.push(format!("(assume({path}, {assumed}){month})"));
                    }
                }
                _ => all.push(value),
            }
        }
        for defined in self.defined.iter().filter(|d| d.kind == kind && (d.owner == Owner::Home || d.owner == owner)) {
            all.push(defined.name.clone());
        }
        for keyed in self.keyed.iter().filter(|keyed| keyed.kind == kind) {
            let key = self.facts(owner).find(|fact| fact.kind == keyed.key && !fact.is_optional);
            all.push(format!("{}({})", keyed.name, key.map_or_else(|| literal(c, keyed.key), Fact::path)));
        }
        match kind {
            Kind::Truth => self.questions(c, owner, &mut all),
            Kind::Number => {
                all.push("limit".to_owned());
                if owner == Owner::Person && self.schema.has_format {
                    all.push("nik.part".to_owned());
                }
                for day in self.facts(owner).filter(|fact| fact.kind == Kind::Day && !fact.is_optional) {
                    all.push(format!("(years from {} to as_of)", day.path()));
                }
            }
            Kind::Money => all.push("floor_price".to_owned()),
            Kind::Day => all.push("as_of".to_owned()),
            Kind::Text | Kind::Member(_) => {}
        }
        let choice = c.below(all.len());
        all.swap_remove(choice)
    }

    /// What can be asked of single facts and of programmes.
    fn questions(&self, c: &mut Choices<'_>, owner: Owner, all: &mut Vec<String>) {
        for fact in self.facts(owner) {
            let path = fact.path();
            if fact.is_optional {
                all.push(format!("({path} is {}none)", c.of(&["", "not "])));
            } else if c.one_in(8) {
                all.push(format!("({path} is {})", c.of(&["known", "unknown"])));
            }
            match fact.kind {
                Kind::Member(of) => {
                    let count = self.schema.enums.get(of).copied().unwrap_or(1);
                    let (a, b) = (c.below(count), c.below(count));
                    all.push(format!("({path} {} {})", c.of(&["=", "!="]), member(of, a)));
                    if a != b {
                        let is_in = c.of(&["in", "not in"]);
                        let is_some = if fact.is_optional { format!("{path} is not none and ") } else { String::new() };
                        all.push(format!("({is_some}{path} {is_in} [{}, {}])", member(of, a), member(of, b)));
                    }
                }
                Kind::Text => all.push(format!("({path} = \"{}\")", c.of(&TEXTS))),
                _ => {}
            }
        }
        if owner == Owner::Person && self.schema.has_mother {
            let age = self.schema.person.iter().find(|fact| fact.kind == Kind::Number && !fact.is_optional);
            let age = age.map_or("count(mother.kids)".to_owned(), |fact| format!("mother.{}", fact.name));
            all.push(format!("(mother is not none and {age} > {})", c.below(40)));
            all.push(format!("(count(kids) > {})", c.below(3)));
        }
        if owner == Owner::Person && self.schema.has_spouse {
            all.push("(spouse is none)".to_owned());
        }
        for programme in self.programmes {
            all.push(format!("({programme} is {})", c.of(&["eligible", "not_eligible"])));
        }
    }
}

/// So much time of one unit, one at least.
fn span(c: &mut Choices<'_>, units: &[&'static str], most: usize) -> String {
    let (unit, count) = (c.of(units), 1 + c.below(most));
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

fn comparison(c: &mut Choices<'_>) -> &'static str {
    c.of(&["<", "<=", ">", ">=", "=", "!="])
}

/// A value that the fact could have.
fn of_fact(c: &mut Choices<'_>, fact: &Fact) -> String {
    match fact.kind {
        Kind::Money if fact.is_rate => format!("IDR {} per month", c.below(200) * 100),
        kind => literal(c, kind),
    }
}

pub(crate) fn literal(c: &mut Choices<'_>, kind: Kind) -> String {
    match kind {
        Kind::Truth => c.of(&["yes", "no"]).to_owned(),
        Kind::Number => match c.below(4) {
            0 => c.below(12).to_string(),
            1 => c.of(&["0.5", "25%", "1_000", "18", "2.75"]).to_owned(),
            2 => format!("-{}", 1 + c.below(6)),
            _ => c.below(130).to_string(),
        },
        Kind::Money => format!("IDR {}", c.below(200) * 25),
        Kind::Day => c.of(DAYS).to_owned(),
        Kind::Text => format!("\"{}\"", c.of(&TEXTS)),
        Kind::Member(of) => format!("E{of}.{}", member(of, c.below(2))),
    }
}
