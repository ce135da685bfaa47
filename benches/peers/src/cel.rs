//! CEL: an expression for each name, evaluated in order; each sees the household and the names before it.

use std::sync::Arc;

use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Env, Program, Value as Answer, extensions};
use serde_json::Value;

use crate::engine::{Decided, Engine};
use crate::household;

/// Each is `name: expression`, and a blank line parts them.
const RULES: &str = include_str!("../rules/bansos_mini.cel");

pub struct Cel {
    context: Context<'static, 'static>,
    rules: Vec<(&'static str, Program)>,
}

impl Cel {
    pub fn new() -> Cel {
        let mut env = Env::stdlib();
        extensions::math(&mut env).unwrap();
        let rules = RULES.split("\n\n").map(|rule| {
            let (name, expression) = rule.split_once(':').unwrap();
            (name, env.compile(expression).unwrap())
        });
        let rules = rules.collect();
        let mut context = Context::with_env(Arc::new(env));
        context.add_variable_from_value("minimum_wages", cel::to_value(household::minimum_wages()).unwrap());
        Cel { context, rules }
    }
}

/// A household in CEL's own form.
pub struct Household(Box<dyn Val>);

impl VariableResolver for Household {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        (name == "household").then(|| CowVal::Borrowed(self.0.as_ref()))
    }
}

impl Engine for Cel {
    type Facts = Household;

    fn facts(&self, household: &Value) -> Household {
        Household(cel::to_value(household).unwrap().try_into().unwrap())
    }

    fn decide(&mut self, facts: &mut Household) -> Decided {
        let mut scope = self.context.new_inner_scope();
        scope.set_variable_resolver(facts);
        for (name, program) in &self.rules {
            let value = Answer::resolve_val(program.expression(), &scope).unwrap().into_owned();
            scope.add_variable_as_val(*name, value);
        }
        let get = |name: &str| Answer::try_from(scope.get_variable(name).unwrap().as_ref()).unwrap();
        let is = |name: &str| matches!(get(name), Answer::Bool(true));
        Decided::read(is, |name| match get(name) {
            Answer::Int(number) => number,
            other => panic!("{name}: {other:?}"),
        })
    }
}
