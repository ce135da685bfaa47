//! Declarations of every kind, each of which names only those before it.

use std::collections::BTreeSet;

use crate::expressions::{Defined, Keyed, Scope, literal};
use crate::schema::{self, Kind, Owner, Schema, TEXTS, member};
use crate::{Choices, Declaration, LAST, MODULE, Rules};

/// What has been declared so far.
struct Grower {
    schema: Schema,
    defined: Vec<Defined>,
    keyed: Vec<Keyed>,
    programmes: Vec<String>,
    declarations: Vec<Declaration>,
    names: BTreeSet<String>,
    /// The module that declarations stand in now.
    module: usize,
}

pub(crate) fn grow(c: &mut Choices<'_>) -> Rules {
    let schema = schema::grow(c);
    let names = schema.names().into_iter().collect();
    let mut grower = Grower {
        schema,
        defined: Vec::new(),
        keyed: Vec::new(),
        programmes: Vec::new(),
        declarations: Vec::new(),
        names,
        module: 0,
    };
    for text in grower.schema.declarations(c) {
        grower.add(text);
    }
    let csv = grower.parameters(c);
    for module in 1..LAST {
        grower.module = module;
        for _ in 0..1 + c.below(4) {
            grower.rule(c);
        }
        if c.below(3) == 1 {
            grower.programme(c, Owner::Home);
        }
    }
    grower.module = LAST;
    grower.programme(c, Owner::Home);
    if c.below(2) == 1 {
        grower.programme(c, Owner::Person);
    }
    for _ in 0..c.below(3) {
        grower.act(c);
    }
    grower.worked_case(c);
    grower.property(c);
    Rules { declarations: grower.declarations, csv, schema: grower.schema, names: grower.names }
}

impl Grower {
    fn add(&mut self, text: String) {
        self.declarations.push(Declaration { module: self.module, text });
    }

    fn name(&mut self, letter: &str) -> String {
        let name = format!("{letter}{}", self.names.len());
        self.names.insert(name.clone());
        name
    }

    fn scope(&self) -> Scope<'_> {
        Scope { schema: &self.schema, defined: &self.defined, keyed: &self.keyed, programmes: &self.programmes }
    }

    fn expression(&self, c: &mut Choices<'_>, kind: Kind, owner: Owner, depth: usize) -> String {
        self.scope().expression(c, kind, owner, depth)
    }

    fn define(&mut self, name: String, kind: Kind, owner: Owner) {
        self.defined.push(Defined { name, kind, owner });
    }

    /// Parameters; the rows of the one that has a table of data.
    fn parameters(&mut self, c: &mut Choices<'_>) -> String {
        self.names.extend(["limit".to_owned(), "floor_price".to_owned()]);
        let later = c.of(&["", " enacted 2025-11-01", " until 2026-12-31"]);
        self.add(format!(
            "parameter limit: integer \"Limit\"\n  from 2024-01-01: {} basis \"Decree 1\"\n  from 2026-01-01{later}: {}\n",
            c.below(20),
            c.below(20)
        ));
        self.add(format!("parameter floor_price: money = IDR {}\n", c.below(90) * 50));
        let key = Kind::Member(c.below(self.schema.enums.len()));
        let Kind::Member(of) = key else { return String::new() };
        let name = self.name("rate");
        let mut text = format!("parameter {name}(of: E{of}): number\n  from 2024-01-01:\n");
        let count = self.schema.enums.get(of).copied().unwrap_or(1);
        let given = if c.one_in(6) { count - 1 } else { count };
        for number in 0..given {
            text.push_str(&format!("    {} => {}\n", member(of, number), literal(c, Kind::Number)));
        }
        if c.below(2) == 1 {
            text.push_str("  default 3\n");
        }
        self.add(text);
        self.keyed.push(Keyed { name, kind: Kind::Number, key });
        let name = self.name("cap");
        let default = c.of(&["  default IDR 5_000", ""]);
        self.add(format!("parameter {name}(area: text): money csv \"data/caps.csv\"{default}\n"));
        self.keyed.push(Keyed { name, kind: Kind::Money, key: Kind::Text });
        let mut csv = String::from("area,from,until,value,basis\n");
        for text in TEXTS.iter().take(2) {
            csv.push_str(&format!("{text},2024-01-01,2025-12-31,{},Decree 2\n", c.below(99) * 100));
            csv.push_str(&format!("{text},2026-01-01,,{},Decree 3\n", c.below(99) * 100));
        }
        csv
    }

    fn some_kind(&self, c: &mut Choices<'_>) -> Kind {
        match c.below(8) {
            0..=2 => Kind::Truth,
            3 | 4 => Kind::Number,
            5 => Kind::Money,
            6 => Kind::Day,
            _ => Kind::Member(c.below(self.schema.enums.len())),
        }
    }

    fn rule(&mut self, c: &mut Choices<'_>) {
        let owner = if c.below(3) == 2 { Owner::Person } else { Owner::Home };
        match c.below(7) {
            0..=2 => self.definition(c, owner),
            3 | 4 => drop(self.criterion(c, owner)),
            5 => self.table(c, owner),
            _ => self.scale(c, owner),
        }
    }

    fn owned(owner: Owner, name: &str) -> String {
        if owner == Owner::Person { format!("Person.{name}") } else { name.to_owned() }
    }

    fn definition(&mut self, c: &mut Choices<'_>, owner: Owner) {
        let kind = self.some_kind(c);
        let value = self.expression(c, kind, owner, 3);
        let exceptions = self.exceptions(c, kind, owner);
        let name = self.name("v");
        let declared = Self::owned(owner, &name);
        let ty = match kind {
            Kind::Number => ": number",
            Kind::Money => ": money",
            _ => "",
        };
        if c.one_in(6) {
            let later = self.expression(c, kind, owner, 1);
            self.add(format!("define {declared}{ty} from 2024-01-01 until 2025-12-31 = {value}{exceptions}\n"));
            self.add(format!("define {declared}{ty} from 2026-01-01 = {later} basis \"Decree 4\"\n"));
        } else {
            self.add(format!("define {declared}{ty} \"Value of {kind:?}\" = {value}{exceptions}\n"));
        }
        self.define(name, kind, owner);
    }

    fn exceptions(&self, c: &mut Choices<'_>, kind: Kind, owner: Owner) -> String {
        let mut out = String::new();
        for number in 0..c.below(4).saturating_sub(1) {
            let condition = self.expression(c, Kind::Truth, owner, 1);
            let value = self.scope().leaf(c, kind, owner);
            let to = if number > 0 && c.below(2) == 1 { " to except0" } else { "" };
            let more = c.of(&[
                "",
                " priority 1",
                " priority 2",
                " basis \"Decree 5\"",
                " from 2026-01-01",
                " until 2025-12-31",
            ]);
            out.push_str(&format!("\n  except except{number}{to} when {condition}: {value}{more}"));
        }
        out
    }

    fn criterion(&mut self, c: &mut Choices<'_>, owner: Owner) -> String {
        let condition = self.expression(c, Kind::Truth, owner, 3);
        let exceptions = self.exceptions(c, Kind::Truth, owner);
        let facts = if owner == Owner::Person { &self.schema.person } else { &self.schema.home };
        let shown = facts.get(c.below(facts.len())).map(schema::Fact::path).unwrap_or_default();
        let otherwise = match c.below(3) {
            0 => String::new(),
            1 => format!("\n  otherwise id \"Tidak: {{{shown}}}\" en \"Not so: {{{shown}}} of {{limit}}\""),
            _ => "\n  otherwise \"It is not so\"".to_owned(),
        };
        let basis = c.of(&["", "\n  basis \"Law 1\""]);
        let name = self.name("c");
        self.add(format!(
            "criterion {} \"Criterion\" when {condition}{basis}{otherwise}{exceptions}\n",
            Self::owned(owner, &name)
        ));
        self.define(name.clone(), Kind::Truth, owner);
        name
    }

    fn table(&mut self, c: &mut Choices<'_>, owner: Owner) {
        let subject = self.expression(c, Kind::Number, owner, 1);
        let flag = self.expression(c, Kind::Truth, owner, 1);
        let name = self.name("t");
        let declared = Self::owned(owner, &name);
        let (low, high) = (c.below(20), 20 + c.below(40));
        let amount = |c: &mut Choices<'_>| c.below(60);
        let text = match c.below(6) {
            0 => format!(
                "table {declared}: number first else {}\n| {subject} | {flag} || {name} |\n| <= {low} | - || {} | basis \"Decree 6\"\n| {low}..{high} | yes || {} |\n",
                amount(c),
                amount(c),
                amount(c)
            ),
            1 => format!(
                "table {declared}: number\n| {subject} | {flag} || {name} |\n| < {low} | - || {} |\n| {low}..<{high} | yes || {} |\n| {low}..<{high} | no || {} |\n| >= {high} | - || {} |\n",
                amount(c),
                amount(c),
                amount(c),
                amount(c)
            ),
            2 => format!(
                "table {declared}: number collect {} else {}\n| {subject} | {flag} || {name} |\n| <= {high} | - || {} |\n| not {low} | yes || {} |\n| {low}, {high} | - || {} |\n",
                c.of(&["sum", "min", "max", "count"]),
                amount(c),
                amount(c),
                amount(c),
                amount(c)
            ),
            3 => format!(
                "table {declared}: number any\n| {subject} | {flag} || {name} |\n| <= {high} | - || 4 |\n| >= {low} | no || 4 |\n| - | yes || {} |\n",
                c.of(&["4", "5"])
            ),
            4 => format!(
                "table {declared}: number priority [3, 1, 2] else 1\n| {subject} | {flag} || {name} |\n| <= {high} | - || 1 |\n| >= {low} | no || 2 |\n| - | yes || 3 |\n"
            ),
            _ => {
                self.add(format!(
                    "table {declared} first\n| {subject} | {flag} || amount: number | holds |\n| < {low} | - || {} | yes |\n| - | yes || {} | no |\n| - | - || 0 | yes |\n",
                    amount(c), amount(c)
                ));
                self.names.extend(["amount".to_owned(), "holds".to_owned()]);
                self.define(format!("{name}.amount"), Kind::Number, owner);
                return self.define(format!("{name}.holds"), Kind::Truth, owner);
            }
        };
        self.add(text);
        self.define(name, Kind::Number, owner);
    }

    fn scale(&mut self, c: &mut Choices<'_>, owner: Owner) {
        let subject = self.expression(c, Kind::Number, owner, 1);
        let name = self.name("s");
        let (first, second) = (1 + c.below(9), 11 + c.below(40));
        let brackets = match c.below(3) {
            0 => format!(
                "bracket {{ ..<{first} => {}  {first}..<{second} => 5  {second}.. => {} }}",
                c.below(9),
                c.below(90)
            ),
            1 => {
                format!("marginal {{ 0..{first} => 0%  {first}..{second} => {}%  {second}.. => 30% }}", 1 + c.below(20))
            }
            _ => format!("flat {{ ..<{second} => 1%  {second}.. => {}% }} basis \"Decree 7\"", 1 + c.below(20)),
        };
        self.add(format!("scale {} of {subject}: {brackets}\n", Self::owned(owner, &name)));
        self.define(name, Kind::Number, owner);
    }

    /// A criterion that there is, or one more.
    fn some_criterion(&mut self, c: &mut Choices<'_>, owner: Owner) -> String {
        let all: Vec<&String> =
            self.defined.iter().filter(|d| d.owner == owner && d.name.starts_with('c')).map(|d| &d.name).collect();
        match all.get(c.below(all.len() + 1)) {
            Some(name) => (*name).clone(),
            None => self.criterion(c, owner),
        }
    }

    fn programme(&mut self, c: &mut Choices<'_>, owner: Owner) {
        let requires = self.some_criterion(c, owner);
        let mut text = format!("\n  requires {requires}");
        if c.below(3) == 1 {
            let more = self.some_criterion(c, owner);
            if more != requires {
                text.push_str(&format!(", {more}"));
            }
        }
        if c.below(2) == 1 {
            let refuses = self.some_criterion(c, owner);
            text.push_str(&format!("\n  refuses {refuses}"));
        }
        let kind = [Kind::Number, Kind::Money, Kind::Truth, Kind::Day].get(c.below(4)).copied().unwrap_or(Kind::Number);
        let gift = self.expression(c, kind, owner, 3);
        text.push_str(&format!("\n  gives amount{} = {gift}", if kind == Kind::Number { ": number" } else { "" }));
        if kind == Kind::Money && c.below(2) == 1 {
            text.push_str(", rounded = round(floor_price, to: IDR 25, down)");
        }
        self.names.extend(["amount".to_owned(), "rounded".to_owned()]);
        if let Some(other) = self.programmes.first().filter(|_| owner == Owner::Home && c.below(3) == 1) {
            text.push_str(&format!("\n  excludes {other}"));
        }
        let name = self.name("aid");
        let whose = if owner == Owner::Person { " for Person" } else { "" };
        let period = c.of(&["", "", " from 2025-01-01", " until 2025-12-31"]);
        let basis = c.of(&["", " basis \"Law 2\"", " appeal \"Ask the office\""]);
        self.add(format!("programme {name}{whose} \"Aid\"{basis}{period}{text}\n"));
        if owner == Owner::Home {
            self.programmes.push(name);
        }
    }

    /// An act over something that has been declared.
    fn act(&mut self, c: &mut Choices<'_>) {
        let number = self.declarations.iter().filter(|d| d.text.starts_with("amend")).count();
        let when = match c.below(3) {
            1 => format!(" when {}", literal_condition(c)),
            _ => String::new(),
        };
        // Acts of different days of enactment: the last one counts.
        let head =
            format!("\"Act {number}\" basis \"Act {number}\" from 2025-06-01 enacted 2025-05-0{}{when}", 1 + number);
        let criterion = self.defined.iter().find(|d| d.owner == Owner::Home && d.name.starts_with('c')).cloned();
        let (module, change) = match (c.below(4), criterion) {
            (1, Some(criterion)) => {
                let condition = literal_condition(c);
                (
                    self.module_of(&criterion.name),
                    format!("replace criterion {} \"Anew\" when {condition}", criterion.name),
                )
            }
            (2, Some(criterion)) => {
                let condition = literal_condition(c);
                let value = c.of(&["yes", "no"]);
                (self.module_of(&criterion.name), format!("except in {} when {condition}: {value}", criterion.name))
            }
            (3, Some(criterion)) => (self.module_of(&criterion.name), format!("repeal {}", criterion.name)),
            _ => (0, format!("parameter limit: integer = {}", c.below(20))),
        };
        self.add(format!("amend {MODULE}{module} {head} {{ {change} }}\n"));
    }

    fn module_of(&self, name: &str) -> usize {
        let begins = format!("criterion {name} ");
        self.declarations.iter().find(|d| d.text.starts_with(&begins)).map_or(0, |d| d.module)
    }

    fn worked_case(&mut self, c: &mut Choices<'_>) {
        let Some(programme) = self.programmes.last() else { return };
        let outcome = c.of(&["eligible", "not_eligible", "undetermined"]);
        self.add(format!(
            "test \"a case\" as of 2026-01-15\n  given {{ id: \"a\" }}\n  expect {programme} {outcome}\n"
        ));
    }

    fn property(&mut self, c: &mut Choices<'_>) {
        let Some(programme) = self.programmes.last().cloned() else { return };
        let name = self.name("law");
        let expect = match c.below(4) {
            0 => format!("{programme} always decided"),
            1 => format!("{programme}, {programme}.amount unchanged by order of people"),
            2 => format!("more of h0 never adds {programme}"),
            _ => {
                self.add(format!(
                    "property {name} as of 2026-01-15\n  for all h: Home\n  let other = h with {{ h0: h.h0 }}\n  expect h.{programme} eligible implies other.{programme} eligible\n"
                ));
                return;
            }
        };
        self.add(format!("property {name} \"A law\" as of 2026-01-15\n  expect {expect}\n"));
    }
}

/// A condition of an act, which must not hang on what hangs on the criterion that it changes.
fn literal_condition(c: &mut Choices<'_>) -> &'static str {
    c.of(&["h1", "not h1", "count(people) > 1", "yes", "h0 > 5"])
}
