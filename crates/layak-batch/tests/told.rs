//! What columns tell of a household is what its decision says, to the byte: in columns of decisions and in counts.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::disallowed_methods)]

mod support;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use arrow_array::RecordBatch;
use arrow_schema::{DataType as D, SchemaRef};
use layak::{Answer, BatchOutcome, Decision, FactsError, HouseholdKind, Lang, Plan, Ruleset, TellRoom, Telling};
use layak_batch::{
    BatchError, DecisionColumns, Encode, Household, Naming, Portion, RecordReader, RunOptions, Source, Summary,
};
use serde_json::Value as Json;
use support::*;

const RULES: &str = r#"module m
currency IDR
calendar leap_day march_1, month_end clip
enum Work { farmer, clerk, none }
entity Home { id text key  desil integer 1..10  rent money IDR 0..  share number 0..1  since date  people list of Person }
entity Person { nik integer key  age integer 0..120  work Work  wage money IDR 0.. }
criterion poor when desil <= 4
criterion cheap when rent < IDR 500_000
criterion long when since <= 2020-01-01
criterion any_farmer when any(people where work = farmer)
criterion Person.old when age >= 60
criterion Person.is_clerk when work = clerk
programme aid requires poor, long refuses any_farmer
  gives day = since, amount = rent * 3 + IDR 0.1250, ratio = share / 3, who = count(people), is_cheap = cheap
programme plain requires cheap, poor
programme later from 2025-01-01 requires poor
programme card for Person requires old refuses is_clerk gives wage_now = wage, twice = age * 2
"#;

struct Portions {
    reader: RecordReader,
    left: Vec<Portion>,
}

impl Iterator for Portions {
    type Item = Result<Portion, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left.pop().map(Ok)
    }
}

impl Source for Portions {
    fn size(&self) -> Option<u64> {
        None
    }

    fn progress(&self) -> Arc<AtomicU64> {
        Arc::default()
    }

    fn reader(&self) -> Option<&RecordReader> {
        Some(&self.reader)
    }
}

/// All that is told, in order; members by their keys where they are asked for.
#[derive(Default)]
struct Heard {
    names: bool,
    said: Vec<String>,
}

impl Telling for Heard {
    fn programme(&mut self, programme: usize) {
        self.said.push(format!("programme {programme}"));
    }

    fn names_members(&self) -> bool {
        self.names
    }

    fn outcome(&mut self, household: usize, member: Option<&str>, outcome: BatchOutcome) {
        assert!(self.names || member.is_none());
        self.said.push(format!("{household} {outcome:?}"));
    }

    fn output(&mut self, output: usize, answer: &Answer) {
        self.said.push(format!("output {output} {answer:?}"));
    }

    fn reason(&mut self, reason: usize) {
        self.said.push(format!("reason {reason}"));
    }
}

struct Columns {
    columns: DecisionColumns,
    tells: bool,
    told: usize,
}

impl Encode for Columns {
    type Out = (RecordBatch, usize);

    fn begin(&mut self, _: &Portion) {}

    fn add(&mut self, household: &Household<'_>, decision: &Result<Decision, FactsError>) {
        self.columns.add(household.line(), decision);
    }

    fn tell(&mut self, household: &Household<'_>, summary: &mut Summary) -> usize {
        let count = if self.tells { self.columns.tell(household, summary) } else { 0 };
        // Whoever names no members hears the same otherwise.
        let [named, unnamed] = [true, false].map(|names| {
            let mut heard = Heard { names, ..Heard::default() };
            (household.tell(&mut TellRoom::default(), &mut heard), heard.said)
        });
        assert!(named == unnamed && (!self.tells || named.0 == count));
        self.told += count;
        count
    }

    fn end(&mut self) -> Result<Self::Out, BatchError> {
        Ok((self.columns.finish()?, self.told))
    }
}

/// Notes the lines that it was handed, and says of more of them than it was told that they are done with.
#[derive(Default)]
struct Boastful(Vec<usize>);

impl Encode for Boastful {
    type Out = Vec<usize>;

    fn begin(&mut self, _: &Portion) {}

    fn add(&mut self, household: &Household<'_>, _: &Result<Decision, FactsError>) {
        self.0.push(household.line());
    }

    fn tell(&mut self, household: &Household<'_>, _: &mut Summary) -> usize {
        // Of some it has been told, and of the others it claims it.
        if household.line().is_multiple_of(3) {
            return 5;
        }
        let mut heard = Heard { names: true, ..Heard::default() };
        let count = household.tell(&mut TellRoom::default(), &mut heard);
        self.0.extend((0..count).map(|after| household.line() + after));
        usize::MAX * usize::from(count > 0)
    }

    fn end(&mut self) -> Result<Vec<usize>, BatchError> {
        Ok(std::mem::take(&mut self.0))
    }
}

#[test]
fn whoever_claims_more_than_was_told_leaves_nobody_out() {
    let rules = Ruleset::from_text(RULES).unwrap_or_else(|e| panic!("{e}"));
    let plan = rules.as_of("2026-02-15".parse().unwrap());
    let batch = batch(&home_schema(), &made(&rules, 500, true));
    let lines = run(&plan, &batch, Boastful::default).0;
    assert!(lines.iter().copied().eq(1..=500), "{lines:?}");
}

fn decided(plan: &Plan, batch: &RecordBatch, tells: bool) -> (RecordBatch, usize, Summary) {
    let ((batch, told), summary) =
        run(plan, batch, || Columns { columns: DecisionColumns::new(plan, Lang::Id), tells, told: 0 });
    (batch, told, summary)
}

fn run<E: Encode>(plan: &Plan, batch: &RecordBatch, encoder: impl Fn() -> E + Sync) -> (E::Out, Summary) {
    let reader = RecordReader::new(plan, &batch.schema(), &Naming::default()).unwrap();
    let portion = Portion::Records {
        line: 1,
        batch: batch.clone(),
        refused: Vec::new(),
        alone: Vec::new(),
        texts: Vec::new(),
        carried: Vec::new(),
    };
    let source = Portions { reader, left: vec![portion] };
    let mut out = None;
    let summary = layak_batch::run(plan, &RunOptions::default(), source, encoder, |done| {
        out = Some(done.out);
        Ok(ControlFlow::Continue(()))
    });
    (out.unwrap(), summary.unwrap())
}

fn home_schema() -> SchemaRef {
    let person = D::Struct(fields_of(vec![
        ("nik", D::Int64),
        ("age", D::Int32),
        ("work", D::Utf8),
        ("wage", D::Decimal128(18, 2)),
    ]));
    schema(vec![
        ("id", D::Utf8),
        ("desil", D::Int32),
        ("rent", D::Decimal128(18, 2)),
        ("share", D::Decimal128(18, 4)),
        ("since", D::Date32),
        ("people", list_of(person)),
    ])
}

/// The schema of rules/bansos, with room for whatever is made up.
fn wide_bansos() -> SchemaRef {
    let wide = |field: &arrow_schema::FieldRef| {
        let is_narrow = *field.data_type() == D::UInt8;
        let data_type = if is_narrow { D::Int64 } else { field.data_type().clone() };
        Arc::new(arrow_schema::Field::clone(field).with_data_type(data_type))
    };
    Arc::new(arrow_schema::Schema::new(bansos_schema().fields().iter().map(wide).collect::<Vec<_>>()))
}

/// Numbers with no more digits than the columns have.
fn cut(json: &mut Json) {
    match json {
        Json::Object(entries) => entries.values_mut().for_each(cut),
        Json::Array(items) => items.iter_mut().for_each(cut),
        Json::String(_) | Json::Number(_) => {
            let text = text(json).unwrap();
            if let Some((whole, rest)) = text.split_once('.')
                && whole.bytes().chain(rest.bytes()).all(|b| b.is_ascii_digit())
            {
                *json = format!("{whole}.{}", rest.chars().take(2).collect::<String>()).into();
            }
        }
        Json::Null | Json::Bool(_) => {}
    }
}

fn made(rules: &Ruleset, count: u64, unknown: bool) -> Vec<Json> {
    let maker = rules.household_maker("2026-02-15".parse().unwrap());
    let kind = |n: u64| if unknown && n.is_multiple_of(5) { HouseholdKind::Partial } else { HouseholdKind::Complete };
    let home = |n: u64| {
        let mut home: Json = serde_json::from_str(&maker.clone().kind(kind(n)).make(n).to_json()).unwrap();
        cut(&mut home);
        home
    };
    (0..count).map(home).collect()
}

#[test]
fn what_is_told_is_what_is_decided() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../rules/bansos");
    // More conditions than a word has bits, of members too.
    let mut text = RULES.to_owned();
    let (mut names, mut own) = (Vec::new(), Vec::new());
    for n in 0..70 {
        text.push_str(&format!(
            "criterion below_{n} when desil < {}\ncriterion Person.over_{n} when age > {n}\n",
            n % 12
        ));
        names.push(format!("below_{n}"));
        own.push(format!("over_{n}"));
    }
    text.push_str(&format!("programme strict requires {}\n", names.join(", ")));
    text.push_str(&format!("programme strict_card for Person requires {}, {}\n", own.join(", "), names.join(", ")));
    let own = Ruleset::from_text(&text).unwrap_or_else(|e| panic!("{e}"));
    let bansos = Ruleset::from_dir(root).unwrap();
    let (mut told, mut all) = (0, 0);
    for (rules, schema) in [(&own, home_schema()), (&bansos, wide_bansos())] {
        for day in ["2026-02-15", "2024-06-30"] {
            let plan = rules.as_of(day.parse().unwrap());
            for unknown in [false, true] {
                let mut homes = made(rules, 400, unknown);
                // Beyond what a column holds, out of range, no key.
                homes[7]["desil"] = 11.into();
                homes[8]["rent"] = "99999999999999.99".into();
                homes[9].as_object_mut().unwrap().remove("id");
                if !schema.fields().iter().any(|field| field.name() == "rent") {
                    homes[8].as_object_mut().unwrap().remove("rent");
                }
                let batch = batch(&schema, &homes);
                let (by_telling, count, one) = decided(&plan, &batch, true);
                let (by_deciding, none, other) = decided(&plan, &batch, false);
                assert_eq!(by_telling.num_rows(), homes.len());
                assert!(by_telling == by_deciding, "{day} {unknown}");
                assert_eq!(one, other, "{day} {unknown}");
                assert_eq!(none, 0);
                told += count;
                all += homes.len();
            }
        }
    }
    assert!(told * 2 > all, "{told} of {all}");
}
