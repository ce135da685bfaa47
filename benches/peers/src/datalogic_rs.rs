//! datalogic-rs: JSONLogic has no names for what is worked out, so that the rules are steps, each of which makes an object that the next one reads.

use datalogic_rs::bumpalo::Bump;
use datalogic_rs::{Engine as Interpreter, EvalInput, Logic, ParsedData};
use serde_json::Value;

use crate::engine::{Decided, Engine};

pub struct Datalogic {
    interpreter: Interpreter,
    steps: Vec<Logic>,
    arena: Bump,
}

impl Datalogic {
    pub fn new() -> Datalogic {
        let interpreter = Interpreter::builder().with_templating(true).build();
        let steps: Vec<Value> = serde_json::from_str(include_str!("../rules/bansos_mini.datalogic.json")).unwrap();
        let steps = steps.iter().map(|step| interpreter.compile(step).unwrap()).collect();
        Datalogic { interpreter, steps, arena: Bump::new() }
    }

    fn run<'a>(&'a mut self, facts: impl EvalInput<'a>) -> Decided {
        let Datalogic { interpreter, steps, arena } = self;
        arena.reset();
        let arena = &*arena;
        let facts = facts.into_arena_value(arena).unwrap();
        let decided = steps.iter().fold(facts, |facts, step| interpreter.evaluate(step, facts, arena).unwrap());
        let get = |name: &str| decided.get(name).unwrap();
        Decided::read(|name| get(name).as_bool().unwrap(), |name| get(name).as_i64().unwrap())
    }
}

impl Engine for Datalogic {
    type Facts = ParsedData;

    fn facts(&self, household: &Value) -> ParsedData {
        ParsedData::from_json(&household.to_string()).unwrap()
    }

    fn decide(&mut self, facts: &mut ParsedData) -> Decided {
        self.run(&*facts)
    }

    fn decide_value(&mut self, household: &Value) -> Decided {
        self.run(household)
    }
}
