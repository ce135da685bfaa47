//! Rhai: a script, parsed and optimised once, run with the household in its scope.

use rhai::{AST, Dynamic, Engine as Interpreter, Map, OptimizationLevel, Scope};
use serde_json::Value;

use crate::engine::{Decided, Engine};
use crate::household;

pub struct Rhai {
    interpreter: Interpreter,
    script: AST,
    scope: Scope<'static>,
}

impl Rhai {
    pub fn new() -> Rhai {
        let mut interpreter = Interpreter::new();
        interpreter.set_optimization_level(OptimizationLevel::Full);
        let script = interpreter.compile(include_str!("../rules/bansos_mini.rhai")).unwrap();
        let mut scope = Scope::new();
        scope.push_constant("minimum_wages", rhai::serde::to_dynamic(household::minimum_wages()).unwrap());
        Rhai { interpreter, script, scope }
    }
}

impl Engine for Rhai {
    /// Shared, so that no script copies it.
    type Facts = Dynamic;

    fn facts(&self, household: &Value) -> Dynamic {
        rhai::serde::to_dynamic(household).unwrap().into_shared()
    }

    fn decide(&mut self, facts: &mut Dynamic) -> Decided {
        let before = self.scope.len();
        self.scope.push_dynamic("household", facts.clone());
        let decided: Map = self.interpreter.eval_ast_with_scope(&mut self.scope, &self.script).unwrap();
        self.scope.rewind(before);
        Decided::read(|name| decided[name].as_bool().unwrap(), |name| decided[name].as_int().unwrap())
    }
}
