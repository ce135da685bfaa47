//! What columns tell of a household is what its decision says, to the byte: in columns of decisions and in counts.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::disallowed_methods)]

mod support;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use arrow_array::RecordBatch;
use arrow_schema::{DataType as D, SchemaRef};
use layak::{Decision, FactsError, HouseholdKind, Lang, Plan, Ruleset};
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

    fn tell(&mut self, household: &Household<'_>, summary: &mut Summary) -> bool {
        let is_told = self.tells && self.columns.tell(household, summary);
        self.told += usize::from(is_told);
        is_told
    }

    fn end(&mut self) -> Result<Self::Out, BatchError> {
        Ok((self.columns.finish()?, self.told))
    }
}

fn decided(plan: &Plan, batch: &RecordBatch, tells: bool) -> (RecordBatch, usize, Summary) {
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
    let encoder = || Columns { columns: DecisionColumns::new(plan, Lang::Id), tells, told: 0 };
    let mut out = None;
    let summary = layak_batch::run(plan, &RunOptions::default(), source, encoder, |done| {
        out = Some(done.out);
        Ok(ControlFlow::Continue(()))
    });
    let (batch, told) = out.unwrap();
    (batch, told, summary.unwrap())
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
    let own = Ruleset::from_text(RULES).unwrap_or_else(|e| panic!("{e}"));
    let bansos = Ruleset::from_dir(root).unwrap();
    let (mut told, mut all) = (0, 0);
    for (rules, schema) in [(&own, home_schema()), (&bansos, wide_bansos())] {
        for day in ["2026-02-15", "2024-06-30"] {
            let plan = rules.as_of(day.parse().unwrap());
            for unknown in [false, true] {
                let mut homes = made(rules, 1_500, unknown);
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
