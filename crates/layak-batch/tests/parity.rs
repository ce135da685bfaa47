//! Batches are decided as households one by one are, in every layout: the same bytes, faults of facts and all.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::disallowed_methods)]

mod support;

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{DataType as D, Field, SchemaRef};
use layak::{FactsError, Lang, Plan, Ruleset};
use layak_batch::{Naming, RecordReader};
use serde_json::{Map, Value as Json, json};
use support::*;

const RULES: &str = r#"
module aid
calendar leap_day march_1, month_end clip
currency IDR
source registry "Registry"
source self "Own statement"
enum Work { farmer "Farmer" code "petani", "1", clerk "Clerk" code "2", none_at_all "None" code "3" }
entity Home {
  id text key
  desil integer 1..10
  income money 0..
  land number 0..
  has_car boolean
  since date column "sejak"
  place Place
  people list of Person
  hours list of integer
}
entity Place { region text  floor optional integer }
entity Person {
  nik text key
  born date
  work Work
  wage money 0..
  left optional date
}
criterion poor when desil <= 4
criterion low when income + sum(people each wage) < IDR 3_000_000
criterion small when land <= 0.75
criterion has_child when any(people where years from born to as_of < 18)
criterion works when any(people where work = farmer)
criterion local when place.region = "35.10"
criterion high_up when place.floor > 3
criterion long when sum(hours) > 40
criterion Person.grown when years from born to as_of >= 17
criterion Person.here when left is none
programme aid
  requires poor, low, has_child
  refuses long, high_up
  gives amount = IDR 100_000 * count(people), area = land / 3
programme field requires works, local, small refuses has_car gives day = since
programme pass for Person requires grown, here gives wage_now = wage
"#;

fn plan() -> Plan {
    plan_of(RULES)
}

/// The same without lists of values, which no columns hold.
fn columnar_plan() -> Plan {
    let rules = RULES.replace("  hours list of integer\n", "").replace("criterion long when sum(hours) > 40\n", "");
    plan_of(&rules.replace("refuses long, high_up", "refuses high_up"))
}

fn plan_of(rules: &str) -> Plan {
    match Ruleset::from_text(rules) {
        Ok(rules) => rules.as_of("2026-01-15".parse().unwrap()),
        Err(findings) => panic!("{findings}"),
    }
}

/// A value, or null, or now and then one that is not as asked.
fn one(c: &mut Chance, gaps: u64, wrong: u64, good: Json, bad: Json) -> Json {
    if c.one_in(gaps) {
        Json::Null
    } else if c.one_in(wrong) {
        bad
    } else {
        good
    }
}

fn home(c: &mut Chance, number: u64, gaps: u64, wrong: u64) -> Json {
    let date = |c: &mut Chance| format!("{:04}-{:02}-{:02}", 1950 + c.below(76), 1 + c.below(12), 1 + c.below(28));
    let people = c.below(5);
    let people: Vec<Json> = (0..people)
        .map(|n| {
            if c.one_in(wrong * 3) {
                return Json::Null;
            }
            let mut person = Map::new();
            let nik = if c.one_in(wrong * 3) { "0".to_owned() } else { format!("{number}-{n}") };
            let born = json!(date(c));
            let (work, wage) =
                (json!(c.pick(&["farmer", "clerk", "none_at_all"])), json!(format!("{}.50", c.below(3_000_000))));
            let left = if c.one_in(2) { Json::Null } else { json!(date(c)) };
            person.insert("nik".into(), json!(nik));
            person.insert("born".into(), one(c, gaps, 0, born, Json::Null));
            person.insert("work".into(), one(c, gaps, wrong, work, json!("pilot")));
            person.insert("wage".into(), one(c, gaps, wrong, wage, json!("-1.00")));
            person.insert("left".into(), left);
            Json::Object(person)
        })
        .collect();
    let hours: Vec<Json> =
        (0..c.below(4)).map(|_| if c.one_in(wrong * 2) { Json::Null } else { json!(c.below(30)) }).collect();
    let place =
        json!({"region": c.pick(&["35.10", "35.78", "Ünna"]), "floor": c.pick(&[Json::Null, json!(1), json!(5)])});
    let (desil, since) = (json!(1 + c.below(10)), json!(date(c)));
    let (income, land) =
        (json!(format!("{}.00", c.below(4_000_000))), json!(format!("{}.{:02}", c.below(2), c.below(100))));
    let car = json!(c.one_in(3));
    json!({
        "id": format!("H{number}"),
        "desil": one(c, gaps, wrong, desil, json!(11)),
        "income": one(c, gaps, wrong, income, json!("-5.00")),
        "land": one(c, gaps, wrong, land, json!("-0.01")),
        "has_car": one(c, gaps, 0, car, Json::Null),
        "since": one(c, gaps, 0, since, Json::Null),
        "place": one(c, gaps, 0, place, Json::Null),
        "people": one(c, gaps * 2, 0, json!(people), Json::Null),
        "hours": one(c, gaps * 2, 0, json!(hours), Json::Null),
    })
}

/// A schema by chance: each fact in one of the layouts that it may have.
fn layout(c: &mut Chance) -> SchemaRef {
    let texts = [
        D::Utf8,
        D::LargeUtf8,
        D::Utf8View,
        texts_by(D::Int32),
        texts_by(D::UInt8),
        texts_by(D::Int16),
        texts_by(D::UInt32),
    ];
    let wide = [D::Utf8, D::LargeUtf8, D::Utf8View];
    let money = [D::Decimal128(18, 2), D::Decimal128(38, 5), D::Decimal64(16, 2), D::Utf8, texts_by(D::Int32)];
    let dates = [D::Date32, D::Date64, D::Utf8, texts_by(D::Int32)];
    let whole = [
        D::Int8,
        D::Int16,
        D::Int32,
        D::Int64,
        D::UInt8,
        D::UInt16,
        D::UInt32,
        D::UInt64,
        D::Decimal128(5, 0),
        D::Utf8,
    ];
    let list = |c: &mut Chance, item: D| {
        let item = Arc::new(Field::new("element", item, true));
        if c.one_in(3) { D::LargeList(item) } else { D::List(item) }
    };
    let person = D::Struct(fields_of(vec![
        ("nik", c.pick(&wide)),
        ("born", c.pick(&dates)),
        ("work", c.pick(&texts)),
        ("wage", c.pick(&money)),
        ("left", c.pick(&dates)),
    ]));
    let place = D::Struct(fields_of(vec![("region", c.pick(&texts)), ("floor", c.pick(&whole))]));
    let (people, hours) = (list(c, person), {
        let item = c.pick(&whole);
        list(c, item)
    });
    schema(vec![
        ("id", c.pick(&wide)),
        ("desil", c.pick(&whole)),
        ("income", c.pick(&money)),
        ("land", c.pick(&[D::Decimal128(12, 2), D::Decimal64(12, 4), D::Utf8])),
        ("has_car", D::Boolean),
        ("since", c.pick(&dates)),
        ("place", place),
        ("people", people),
        ("hours", hours),
    ])
}

fn told(plan: &Plan, decided: Result<layak::Decision, FactsError>) -> String {
    let _ = plan;
    match decided {
        Ok(decision) => serde_json::to_string(&decision.to_json(None, Lang::En)).unwrap(),
        Err(error) => format!("{:?} {error}", error.id()),
    }
}

fn single(plan: &Plan, json: &str) -> String {
    told(plan, plan.facts_from_json(json.as_bytes()).map(|facts| plan.decide(&facts)))
}

fn by_batch(plan: &Plan, batch: &RecordBatch) -> (Vec<String>, Vec<String>) {
    let (all, rows, _) = by_batch_counted(plan, batch);
    (all, rows)
}

/// The decisions, the facts as JSON, and how many were decided by columns.
fn by_batch_counted(plan: &Plan, batch: &RecordBatch) -> (Vec<String>, Vec<String>, usize) {
    let mut columnar = 0;
    let reader = RecordReader::new(plan, &batch.schema(), &Naming::default()).unwrap();
    let (mut all, mut rows) = (Vec::new(), Vec::new());
    reader
        .decide(batch, |row| {
            assert_eq!(row.index(), all.len());
            columnar += usize::from(row.is_columnar());
            all.push(told(plan, row.decide()));
            // What the facts of the row are read from decides alike.
            let facts = row.facts();
            assert_eq!(told(plan, facts.map(|facts| plan.decide(&facts))), *all.last().unwrap());
            rows.push(row.facts_json());
        })
        .unwrap();
    (all, rows, columnar)
}

#[test]
fn every_layout_is_decided_as_json_is() {
    let plans = [plan(), columnar_plan()];
    let c = &mut Chance(0xba7c4);
    let (mut decided, mut refused, mut open, mut columnar) = (0, 0, 0, 0);
    for round in 0..80 {
        let plan = &plans[round % 2];
        let mut schema = layout(c);
        if round % 2 == 1 {
            schema = Arc::new(schema.project(&(0..schema.fields().len() - 1).collect::<Vec<_>>()).unwrap());
        }
        let (gaps, wrong) = [(0, 0), (12, 0), (6, 0), (12, 40)][round / 2 % 4];
        let mut homes: Vec<Json> = (0..70).map(|n| home(c, n, gaps, wrong)).collect();
        if round % 2 == 1 {
            homes.iter_mut().for_each(|home| drop(home.as_object_mut().unwrap().remove("hours")));
        }
        let all = batch(&schema, &homes);
        // A slice too: offsets and bits that do not begin at zero.
        for (from, batch) in [(0, all.clone()), (13, all.slice(13, 50))] {
            let (lines, rows, by_columns) = by_batch_counted(plan, &batch);
            assert_eq!(lines.len(), batch.num_rows());
            columnar += by_columns;
            for (at, (line, row)) in lines.iter().zip(&rows).enumerate() {
                assert_eq!(*line, single(plan, row), "round {round}, {at}: {row}");
                let given = homes[from + at].to_string();
                let by_json = single(plan, &given);
                if line.starts_with('{') || by_json.starts_with('{') {
                    assert_eq!(*line, by_json, "round {round}, {at}: {given}");
                    decided += 1;
                    open += usize::from(line.contains("undetermined"));
                } else {
                    // Numbers may be spelled otherwise: `11` and `11.00`.
                    let codes =
                        |text: &str| text.lines().map(|l| l.split("`").next().unwrap().to_owned()).collect::<Vec<_>>();
                    assert_eq!(codes(line), codes(&by_json), "{given}");
                    refused += 1;
                }
            }
        }
    }
    assert!(decided > 8_000 && refused > 300 && open > 700, "{decided} {refused} {open}");
    assert!(columnar > 2_000, "{columnar}");
}

#[test]
fn whole_batches_of_nothing_and_of_nobody() {
    let plan = plan();
    let c = &mut Chance(7);
    let schema = layout(c);
    assert_eq!(by_batch(&plan, &batch(&schema, &[])).0.len(), 0);
    let nobody = json!({"id": "H1"});
    let (lines, _) = by_batch(&plan, &batch(&schema, std::slice::from_ref(&nobody)));
    assert_eq!(lines[0], single(&plan, &nobody.to_string()));
    // A column of type null says nothing; one that is not there neither.
    let few = support::schema(vec![("id", D::Utf8), ("desil", D::Null)]);
    let columns: Vec<arrow_array::ArrayRef> =
        vec![array(&D::Utf8, &[&json!("H1")]), Arc::new(arrow_array::NullArray::new(1))];
    let (lines, _) = by_batch(&plan, &RecordBatch::try_new(few, columns).unwrap());
    assert_eq!(lines[0], single(&plan, &nobody.to_string()));
}

#[test]
fn facts_stand_under_their_column_names_or_where_a_map_says() {
    let plan = plan();
    let schema = schema(vec![
        ("no_kk", D::Utf8),
        ("sejak", D::Date32),
        ("kelas", D::Int32),
        (
            "anggota",
            list_of(D::Struct(fields_of(vec![("nik", D::Utf8), ("tgl_lahir", D::Date32), ("catatan", D::Utf8)]))),
        ),
        ("extra", D::Utf8),
    ]);
    let people = json!([{"nik": "1", "tgl_lahir": "2020-01-01", "catatan": "x"}]);
    let rows = [json!({"no_kk": "H1", "sejak": "2001-01-01", "kelas": 3, "anggota": people, "extra": "y"})];
    let batch = batch(&schema, &rows);
    let mut naming = Naming::default();
    let refused = RecordReader::new(&plan, &schema, &naming).unwrap_err().to_string();
    assert!(refused.starts_with("L0640: column `no_kk`: no fact has this name"), "{refused}");
    for (fact, column) in [("id", "no_kk"), ("desil", "kelas"), ("people", "anggota"), ("people.born", "tgl_lahir")] {
        naming.columns.insert(fact.into(), column.into());
    }
    naming.ignored.extend(["extra".to_owned(), "anggota.catatan".to_owned()]);
    let reader = RecordReader::new(&plan, &schema, &naming).unwrap();
    assert_eq!(
        reader.facts_json(&batch, 0),
        r#"{"id":"H1","since":"2001-01-01","desil":3,"people":[{"nik":"1","born":"2020-01-01"}]}"#
    );
    let mut lines = Vec::new();
    reader.decide(&batch, |row| lines.push(told(&plan, row.decide()))).unwrap();
    assert_eq!(lines, [single(&plan, &reader.facts_json(&batch, 0))]);
    naming.columns.insert("desill".into(), "kelas".into());
    assert!(RecordReader::new(&plan, &schema, &naming).unwrap_err().to_string().contains("`desill`"));
    naming.columns.remove("desill");
    naming.columns.insert("income".into(), "no_kk".into());
    assert!(RecordReader::new(&plan, &schema, &naming).is_err(), "one column, two facts");
}

#[test]
fn columns_that_are_not_exact_or_of_another_kind_are_refused() {
    let plan = plan();
    let refused = |name: &str, data_type: D| {
        let fields = support::schema(vec![("id", D::Utf8), (name, data_type)]);
        RecordReader::new(&plan, &fields, &Naming::default()).unwrap_err().to_string()
    };
    assert!(refused("income", D::Float64).starts_with("L0643: column `income`: Float64 is a binary float"));
    for (name, data_type) in [
        ("has_car", D::Int32),
        ("desil", D::Date32),
        ("since", D::Int32),
        ("since", D::Timestamp(arrow_schema::TimeUnit::Second, None)),
        ("people", D::Utf8),
        ("hours", list_of(D::Date32)),
        ("place", D::Utf8),
    ] {
        let text = refused(name, data_type.clone());
        assert!(text.starts_with(&format!("L0641: column `{name}`")), "{data_type}: {text}");
    }
    // By leave: each float is the shortest decimal that reads back as it.
    let fields = schema(vec![("id", D::Utf8), ("income", D::Float64), ("desil", D::Float32)]);
    let rows = [json!({"id": "a", "income": "0.1", "desil": "3"}), json!({"id": "b", "income": "NaN", "desil": "3.5"})];
    let batch = batch(&fields, &rows);
    let mut naming = Naming::default();
    naming.allow_floats = true;
    let reader = RecordReader::new(&plan, &fields, &naming).unwrap();
    assert_eq!(reader.facts_json(&batch, 0), r#"{"id":"a","income":"0.1","desil":"3"}"#);
    let mut lines = Vec::new();
    reader.decide(&batch, |row| lines.push(told(&plan, row.decide()))).unwrap();
    assert_eq!(lines[0], single(&plan, r#"{"id":"a","income":"0.1","desil":3}"#));
    assert!(lines[1].contains("income") && lines[1].contains("desil"), "{}", lines[1]);
}

#[test]
fn evidence_and_odd_moments_go_by_the_row() {
    let plan = plan();
    let statement = D::Struct(fields_of(vec![("value", D::Int32), ("source", D::Utf8), ("date", D::Utf8)]));
    let evidence = D::Struct(fields_of(vec![("evidence", list_of(statement))]));
    let fields = schema(vec![("id", D::Utf8), ("desil", evidence), ("since", D::Date64)]);
    let rows = [
        json!({"id": "a", "desil": {"evidence": [{"value": 3, "source": "registry"}, {"value": 6, "source": "self", "date": "2026-01-01"}]}}),
        json!({"id": "b", "since": "2001-01-01"}),
    ];
    let good = batch(&fields, &rows);
    let (lines, json) = by_batch(&plan, &good);
    assert_eq!(lines[0], single(&plan, &rows[0].to_string()));
    assert!(lines[0].contains("conflict"), "{}", lines[0]);
    assert_eq!(lines[1], single(&plan, &json[1]));
    let moments = arrow_array::Date64Array::from(vec![None, Some(86_400_001)]);
    let odd =
        RecordBatch::try_new(fields, vec![Arc::clone(good.column(0)), Arc::clone(good.column(1)), Arc::new(moments)]);
    let (lines, json) = by_batch(&plan, &odd.unwrap());
    assert_eq!(lines[1], single(&plan, &json[1]));
    assert!(lines[1].contains("86400001 milliseconds"), "{}", lines[1]);
}
