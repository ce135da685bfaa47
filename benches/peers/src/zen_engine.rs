//! ZEN: a graph of decision tables and expressions, compiled, run without a trace.

use serde_json::Value;
use zen_engine::model::GraphContent;
use zen_engine::{Decision, Variable};

use crate::engine::{Decided, Engine};

pub struct Zen(Decision);

impl Zen {
    pub fn new() -> Zen {
        let graph: GraphContent = serde_json::from_str(include_str!("../rules/bansos_mini.zen.json")).unwrap();
        let mut decision = Decision::from(graph);
        decision.compile();
        Zen(decision)
    }
}

impl Engine for Zen {
    type Facts = Variable;

    fn facts(&self, household: &Value) -> Variable {
        household.into()
    }

    fn decide(&mut self, facts: &mut Variable) -> Decided {
        let answer = pollster::block_on(self.0.evaluate(facts.clone())).unwrap();
        let get = |name: &str| answer.result.dot(name).unwrap();
        Decided::read(|name| get(name).as_bool().unwrap(), |name| get(name).as_number().unwrap().try_into().unwrap())
    }
}
