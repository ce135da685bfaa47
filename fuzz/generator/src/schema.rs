//! The facts that rules speak of.

use std::fmt::Write as _;

use crate::Choices;

/// What a fact or an expression yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Truth,
    Number,
    Money,
    Day,
    Text,
    /// A member of the enum of this number.
    Member(usize),
}

/// Whose a fact, a definition or an expression is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Home,
    Person,
}

/// Numbers and money: what the facts may be, in whole units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) low: i64,
    pub(crate) high: i64,
    pub(crate) whole: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) bounds: Bounds,
    pub(crate) is_optional: bool,
    /// Money per month.
    pub(crate) is_rate: bool,
    /// Sources that it accepts, by number.
    pub(crate) sources: Vec<usize>,
    pub(crate) is_verified: bool,
    /// A part of the record of the household.
    pub(crate) is_of_place: bool,
}

impl Fact {
    /// How the household's rules name it.
    pub(crate) fn path(&self) -> String {
        if self.is_of_place { format!("place.{}", self.name) } else { self.name.clone() }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Schema {
    /// How many members each enum has; the members of enum 1 are `e1_0`, `e1_1` and so on.
    pub(crate) enums: Vec<usize>,
    pub(crate) home: Vec<Fact>,
    pub(crate) person: Vec<Fact>,
    pub(crate) has_scalars: bool,
    pub(crate) has_mother: bool,
    pub(crate) has_spouse: bool,
    pub(crate) has_span: bool,
    /// Keys of persons are texts of a format.
    pub(crate) has_format: bool,
}

/// The last is the household's own word.
pub(crate) const SOURCES: [&str; 3] = ["office", "meter", "self"];
pub(crate) const TEXTS: [&str; 3] = ["35.10", "35.11", "elsewhere"];

pub(crate) fn member(of: usize, number: usize) -> String {
    format!("e{of}_{number}")
}

pub(crate) fn grow(c: &mut Choices<'_>) -> Schema {
    let enums: Vec<usize> = (0..1 + c.below(2)).map(|_| 2 + c.below(4)).collect();
    let mut next = 0;
    let mut facts = |c: &mut Choices<'_>, letter: char, least: &[Kind]| {
        let mut kinds = least.to_vec();
        let needed = least.len();
        for _ in 0..c.below(5) {
            kinds.push(match c.below(6) {
                0 => Kind::Number,
                1 => Kind::Truth,
                2 => Kind::Money,
                3 => Kind::Day,
                4 => Kind::Text,
                _ => Kind::Member(c.below(enums.len())),
            });
        }
        let mut out = Vec::new();
        for (number, kind) in kinds.into_iter().enumerate() {
            let mut fact = fact(c, format!("{letter}{next}"), kind);
            // Something of these kinds is always there.
            fact.is_optional &= number >= needed;
            out.push(fact);
            next += 1;
        }
        out
    };
    let mut home = facts(c, 'h', &[Kind::Number, Kind::Truth]);
    let mut place = facts(c, 'r', &[]);
    place.iter_mut().for_each(|fact| fact.is_of_place = true);
    home.extend(place);
    let person = facts(c, 'p', &[Kind::Number, Kind::Day]);
    let mut is = || c.below(5) == 1;
    let (has_scalars, has_mother, has_spouse, has_span, has_format) = (is(), is(), is(), is(), is());
    Schema { enums, home, person, has_scalars, has_mother, has_spouse, has_span, has_format }
}

fn fact(c: &mut Choices<'_>, name: String, kind: Kind) -> Fact {
    let bounds = match c.below(5) {
        0 => Bounds { low: 0, high: 10, whole: true },
        1 => Bounds { low: -5, high: 5, whole: true },
        2 => Bounds { low: 0, high: 120, whole: true },
        3 => Bounds { low: 0, high: 2, whole: false },
        _ => Bounds { low: -1_000, high: 9_000, whole: false },
    };
    let is_optional = c.one_in(5);
    let is_rate = kind == Kind::Money && c.one_in(3);
    let sources = match c.below(5) {
        1 => vec![0, 2],
        2 => vec![1, 0],
        3 => vec![2],
        _ => Vec::new(),
    };
    let is_verified = sources.contains(&0) && c.one_in(12);
    Fact { name, kind, bounds, is_optional, is_rate, sources, is_verified, is_of_place: false }
}

impl Schema {
    /// The declarations of the facts.
    pub(crate) fn declarations(&self, c: &mut Choices<'_>) -> Vec<String> {
        let leap_day = c.of(&["march_1", "february_28"]);
        let month_end = c.of(&["clip", "next"]);
        let mut out = vec![
            format!("calendar leap_day {leap_day}, month_end {month_end}\n"),
            "source office \"Registry office\"\n".to_owned(),
            format!("source meter id \"Meter\" en \"Meter\" fresh for {}\n", c.of(&["3 months", "1 year", "40 days"])),
            "source self \"Statement\" unverified\n".to_owned(),
        ];
        if self.has_format {
            let part = "format Number \"Number\" { fixed \"A\" part digits 2 1..12, 41..52 rest digits 3 }\n";
            out.push(part.to_owned());
        }
        for (number, count) in self.enums.iter().enumerate() {
            let members: Vec<String> = (0..*count)
                .map(|n| {
                    let code = if n == 1 { " code \"1\", \"01\"" } else { "" };
                    format!("{} \"Member {n}\"{code}", member(number, n))
                })
                .collect();
            out.push(format!("enum E{number} {{ {} }}\n", members.join(", ")));
        }
        let mut home = String::from("entity Home \"Household\" {\n  id text key\n");
        for fact in self.home.iter().filter(|f| !f.is_of_place) {
            self.field(&mut home, fact);
        }
        if self.home.iter().any(|f| f.is_of_place) {
            home.push_str("  place Place\n");
            let mut place = String::from("entity Place {\n");
            for fact in self.home.iter().filter(|f| f.is_of_place) {
                self.field(&mut place, fact);
            }
            out.push(place + "}\n");
        }
        if self.has_scalars {
            home.push_str("  amounts list of integer 0..3\n");
        }
        if self.has_span {
            home.push_str("  span duration in days\n");
        }
        home.push_str("  people list of Person 0..4\n}\n");
        let key = if self.has_format { "Number" } else { "text" };
        let mut person = format!("entity Person \"Member\" {{\n  nik {key} key\n");
        for fact in &self.person {
            self.field(&mut person, fact);
        }
        if self.has_mother {
            person.push_str("  mother optional link to Person inverse kids acyclic\n  kids list of link to Person\n");
        }
        if self.has_spouse {
            person.push_str("  spouse optional link to Person inverse spouse\n");
        }
        out.extend([home, person + "}\n"]);
        out
    }

    fn field(&self, out: &mut String, fact: &Fact) {
        let optional = if fact.is_optional { "optional " } else { "" };
        let Bounds { low, high, whole } = fact.bounds;
        let range = if low < 0 && !whole { format!("{low}..") } else { format!("{low}..{high}") };
        let ty = match fact.kind {
            Kind::Truth => "boolean".to_owned(),
            Kind::Number => format!("{} {range}", if whole { "integer" } else { "number" }),
            Kind::Money if fact.is_rate => "money per month".to_owned(),
            Kind::Money => "money".to_owned(),
            Kind::Day => "date".to_owned(),
            Kind::Text => "text".to_owned(),
            Kind::Member(of) => format!("E{of}"),
        };
        let _ = write!(out, "  {} {optional}{ty} \"Fact {}\"", fact.name, fact.name);
        if fact.name.ends_with('3') {
            let _ = write!(out, " column \"column_{}\"", fact.name);
        }
        let sources: Vec<&str> = fact.sources.iter().filter_map(|s| SOURCES.get(*s).copied()).collect();
        if !sources.is_empty() {
            let _ = write!(out, " from {}", sources.join(", "));
        }
        if fact.is_verified {
            out.push_str(" must be verified");
        }
        if fact.kind == Kind::Truth && fact.name.ends_with('7') && !fact.is_verified && !fact.is_optional {
            out.push_str(" default no");
        }
        if fact.kind == Kind::Day && fact.name.ends_with('5') {
            out.push_str(" fixed");
        }
        out.push('\n');
    }

    /// All names that are declared of facts.
    pub(crate) fn names(&self) -> Vec<String> {
        let facts = self.home.iter().chain(&self.person).map(|f| f.name.clone());
        let enums = self.enums.iter().enumerate();
        let members = enums.clone().flat_map(|(of, count)| (0..*count).map(move |n| member(of, n)));
        let kinds = enums.map(|(of, _)| format!("E{of}"));
        let others = ["place", "amounts", "span", "people", "mother", "kids", "spouse", "Place", "Person", "Number"];
        facts.chain(members).chain(kinds).chain(others.map(str::to_owned)).collect()
    }
}
