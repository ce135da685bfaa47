//! Lemma: specs, planned once. It takes numbers as texts alone, whole ones too, and its facts by value.

use std::sync::Arc;

use lemma::api::parse_evaluate_data_object;
use lemma::{DateTimeValue, Engine as Interpreter, EvaluateDataValue, IndexMap, SourceType};
use serde_json::Value;

use crate::engine::{Decided, Engine};

const OUTPUTS: [&str; 7] = ["pkh", "sembako", "pbi", "pkh_amount", "sembako_amount", "covered", "reason"];

pub struct Lemma {
    interpreter: Interpreter,
    now: DateTimeValue,
    outputs: [String; 7],
}

impl Lemma {
    pub fn new() -> Lemma {
        let mut interpreter = Interpreter::new();
        let path = SourceType::Path(Arc::new("bansos_mini.lemma".into()));
        interpreter.load([(path, include_str!("../rules/bansos_mini.lemma").to_owned())]).unwrap();
        Lemma { interpreter, now: DateTimeValue::now(), outputs: OUTPUTS.map(str::to_owned) }
    }

    fn run(&self, facts: IndexMap<String, EvaluateDataValue>) -> Decided {
        let answer = self.interpreter.evaluate(None, "bansos_mini", Some(&self.now), facts, Some(&self.outputs), false);
        let results = answer.unwrap().results;
        let get = |name: &str| results[name].result.as_ref().unwrap();
        Decided::read(|name| get(name).boolean.unwrap(), |name| i64::try_from(get(name).number.unwrap()).unwrap())
    }
}

impl Engine for Lemma {
    type Facts = IndexMap<String, EvaluateDataValue>;

    /// Facts that no rule reads are refused.
    fn adapt(household: &mut Value) {
        let object = household.as_object_mut().unwrap();
        object.retain(|name, _| name != "id" && name != "monthly_income");
        write_numbers(household);
    }

    fn facts(&self, household: &Value) -> Self::Facts {
        parse_evaluate_data_object(&Some(household.clone())).unwrap()
    }

    fn decide(&mut self, facts: &mut Self::Facts) -> Decided {
        self.run(facts.clone())
    }

    fn decide_value(&mut self, household: &Value) -> Decided {
        self.run(self.facts(household))
    }
}

/// Writes every number as a text.
fn write_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => *value = number.to_string().into(),
        Value::Array(items) => items.iter_mut().for_each(write_numbers),
        Value::Object(fields) => fields.values_mut().for_each(write_numbers),
        _ => {}
    }
}
