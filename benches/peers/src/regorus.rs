//! Regorus: a Rego policy, compiled to the bytecode of its virtual machine.

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine as Interpreter, Value as Input};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::engine::{Decided, Engine};
use crate::household;

const ENTRY_POINT: &str = "data.bansos_mini.decision";

pub struct Regorus(RegoVM);

impl Regorus {
    pub fn new() -> Regorus {
        let data = Input::from(json!({ "minimum_wages": household::minimum_wages() }));
        let mut interpreter = Interpreter::new();
        interpreter.add_policy("bansos_mini.rego".into(), include_str!("../rules/bansos_mini.rego").into()).unwrap();
        interpreter.add_data(data.clone()).unwrap();
        let policy = interpreter.compile_with_entrypoint(&ENTRY_POINT.into()).unwrap();
        let program = Compiler::compile_from_policy(&policy, &[ENTRY_POINT]).unwrap();
        let mut machine = RegoVM::new_with_policy(policy);
        machine.load_program(program);
        machine.set_data(data).unwrap();
        Regorus(machine)
    }
}

impl Engine for Regorus {
    type Facts = Input;

    fn facts(&self, household: &Value) -> Input {
        Input::deserialize(household).unwrap()
    }

    fn decide(&mut self, facts: &mut Input) -> Decided {
        self.0.set_input(facts.clone());
        let decided = self.0.execute().unwrap();
        Decided::read(|name| *decided[name].as_bool().unwrap(), |name| decided[name].as_i64().unwrap())
    }
}
