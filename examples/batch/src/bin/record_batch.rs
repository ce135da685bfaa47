//! Decides an Arrow record batch and hands the decisions back as one.

use std::error::Error;
use std::sync::Arc;

use arrow_array::builder::{Date32Builder, ListBuilder, StructBuilder};
use arrow_array::{ArrayRef, Decimal128Array, Int32Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Fields};
use layak::{Lang, Ruleset};
use layak_batch::{DecisionColumns, Naming, RecordReader, cell};

const RULES: &str = r#"
module aid
currency IDR
calendar leap_day march_1, month_end clip
entity Household { id text key  desil integer 1..10  income money 0..  members list of Person }
entity Person { birth_date date }
criterion poor when desil <= 4 and income < IDR 2_000_000
criterion has_child when any(members where years from birth_date to as_of < 18)
programme aid requires poor, has_child gives amount = IDR 600_000 * count(members)
"#;

fn main() -> Result<(), Box<dyn Error>> {
    let plan = Ruleset::from_text(RULES)?.as_of("2026-01-15".parse()?);

    // Three households: two with members, one of which nothing is known of the members.
    let person = Fields::from(vec![Field::new("birth_date", DataType::Date32, true)]);
    let people = StructBuilder::new(person, vec![Box::new(Date32Builder::new())]);
    let mut members = ListBuilder::new(people);
    for days in [&[18_000, 4_000][..], &[5_000]] {
        for day in days {
            if let Some(births) = members.values().field_builder::<Date32Builder>(0) {
                births.append_value(*day);
            }
            members.values().append(true);
        }
        members.append(true);
    }
    members.append(false);
    let income = Decimal128Array::from(vec![150_000_000, 10_000_000, 0]).with_precision_and_scale(18, 2)?;
    let columns: [(&str, ArrayRef); 4] = [
        ("id", Arc::new(StringArray::from(vec!["a", "b", "c"]))),
        ("desil", Arc::new(Int32Array::from(vec![2, 3, 1]))),
        ("income", Arc::new(income)),
        ("members", Arc::new(members.finish())),
    ];
    let households = RecordBatch::try_from_iter(columns)?;

    let reader = RecordReader::new(&plan, &households.schema(), &Naming::default())?;
    let mut decisions = DecisionColumns::new(&plan, Lang::En);
    reader.decide(&households, |row| decisions.add(row.index() + 1, &row.decide()))?;
    let decided = decisions.finish()?;

    let aid: &arrow_array::StructArray = match decided.column_by_name("aid").map(|c| c.as_any().downcast_ref()) {
        Some(Some(aid)) => aid,
        _ => return Err("no programme `aid`".into()),
    };
    for row in 0..decided.num_rows() {
        let outcome = aid.column_by_name("outcome").and_then(|outcome| cell(outcome, row));
        println!("{}: {}", cell(decided.column(1), row).unwrap_or_default(), outcome.unwrap_or_default());
    }
    Ok(())
}
