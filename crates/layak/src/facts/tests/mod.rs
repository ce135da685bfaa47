//! Facts of households, good and bad, bound to small programs.

use super::*;
use crate::diagnostic::Code;
use crate::facts::from_serialize::from_value;
use crate::limits::Limits;
use crate::program::{Entity, EntityId, Field, FieldShape, Program};
use crate::ruleset::Ruleset;

mod cases;
mod pages;
mod properties;
mod relations;
mod shapes;

const RULES: &str = r#"
module village
currency IDR
calendar leap_day march_1, month_end clip
source pln "Meter data" fresh for 3 months
source survey "Visit"
source self "Own word"
enum Sex { male code "1", "L", female code "2" }
enum School { none, sd, smp }
entity Household {
  id             text key
  region         text
  desil          integer 1..10
  electricity_va integer 0..   from pln, self
  has_car        boolean
  land           number 0..<100
  value          money IDR 0..  column "nilai"
  since          date 1900-01-01..2100-12-31
  lease          duration in months
  stay           duration
  head           optional link to Person
  rating         integer default 3
  members        list of Person 0..4
  flags          list of boolean
}
entity Person {
  nik        text key
  birth_date date   column "tgl_lahir"
  sex        Sex
  school     School
  died_on    optional date default none
  moved_on   optional date
  wage       money IDR 0.. per month from pln, survey
  mother     optional link to Person
  jobs       list of Job
  job        optional text must be verified from survey, self
}
entity Job { title text  hours integer 0..168 }
define one = 1
"#;

fn program_of(rules: &str) -> Program {
    Ruleset::from_text(rules).unwrap_or_else(|e| panic!("{e}")).inner().program.clone()
}

fn program() -> Program {
    program_of(RULES)
}

fn limits() -> Limits {
    Limits::default()
}

fn read_bound(program: &Program, json: &str) -> Result<Bound, FactsError> {
    Binder::new(program).bind(program, &read(json.as_bytes(), limits().nesting)?, &limits())
}

/// Bound, with the evidence as it counts on 15 February 2026.
fn bound(program: &Program, json: &str) -> Bound {
    let mut bound = read_bound(program, json).unwrap_or_else(|e| panic!("{json}\n{e}"));
    settle(program, &bound.evidence, &mut bound.case, "2026-02-15".parse().unwrap());
    bound
}

/// The errors as code and path.
fn wrong(program: &Program, json: &str) -> Vec<(Code, String)> {
    let errors = read_bound(program, json).err().map(|e| e.errors).unwrap_or_default();
    errors.into_iter().map(|e| (e.code, e.path)).collect()
}

fn entity(program: &Program, name: &str) -> EntityId {
    program.entities.iter().find(|(_, e)| &*e.declared.name == name).map(|(id, _)| id).unwrap()
}

fn fact(program: &Program, case: &Case, of: &str, field: &str, row: u32) -> Fact {
    let id = entity(program, of);
    let index = program.entities[id].fields.iter().position(|f| &*f.name == field).unwrap();
    case.fact(id, index, row).unwrap().clone()
}

fn list(program: &Program, case: &Case, of: &str, field: &str, row: u32) -> ListFact {
    let id = entity(program, of);
    let index = program.entities[id].fields.iter().position(|f| &*f.name == field).unwrap();
    case.list(id, index, row).unwrap().clone()
}

fn number(text: &str) -> Fact {
    Fact::Known(Value::Number(text.parse().unwrap()))
}

fn text(text: &str) -> Fact {
    Fact::Known(Value::Text(text.into()))
}
