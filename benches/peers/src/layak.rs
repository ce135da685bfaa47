//! Layak: every programme with its outcome, its outputs, and all reasons where it is refused.

use layak::{Answer, Decision, Facts, Outcome, Plan, Ruleset};
use serde_json::Value;

use crate::engine::{Decided, Engine};
use crate::household::AS_OF;

pub struct Layak(Plan);

impl Layak {
    pub fn new() -> Layak {
        let rules = Ruleset::from_text(include_str!("../rules/bansos_mini.layak")).unwrap();
        Layak(rules.as_of(AS_OF.to_string().parse().unwrap()))
    }
}

impl Engine for Layak {
    type Facts = Facts;

    /// A float is refused, for it is not exact: a number with decimals is handed on as a text.
    fn adapt(household: &mut Value) {
        household["land_m2"] = household["land_m2"].to_string().into();
    }

    fn facts(&self, household: &Value) -> Facts {
        self.0.facts_from_value(household).unwrap()
    }

    fn decide_text(&mut self, household: &str) -> Decided {
        read(&self.0.decide(&self.0.facts_from_json(household.as_bytes()).unwrap()))
    }

    fn decide(&mut self, facts: &mut Facts) -> Decided {
        read(&self.0.decide(facts))
    }
}

fn read(decision: &Decision) -> Decided {
    let reasons = decision.programme("pkh").unwrap().entitlement().unwrap().reasons();
    let reason = reasons.iter().map(|reason| code(&reason.criterion)).min().unwrap_or(0);
    let (pkh, pkh_amount) = programme(decision, "pkh", "amount");
    let (sembako, sembako_amount) = programme(decision, "sembako", "amount");
    let (pbi, covered) = programme(decision, "pbi", "covered");
    Decided { pkh, sembako, pbi, pkh_amount, sembako_amount, covered, reason }
}

/// Whether a programme is granted, and its output.
fn programme(decision: &Decision, name: &str, output: &str) -> (bool, i64) {
    let entitlement = decision.programme(name).unwrap().entitlement().unwrap();
    match (entitlement.outcome(), entitlement.output(output)) {
        (Outcome::Eligible, Some(Answer::Integer(number) | Answer::Number(number))) => (true, number.to_i64().unwrap()),
        (Outcome::NotEligible, None) => (false, 0),
        other => panic!("{name} is open: {other:?}"),
    }
}

fn code(criterion: &str) -> i64 {
    match criterion {
        "state_job" => 1,
        "wage_above_minimum" => 2,
        "high_power" => 3,
        "car" => 4,
        "much_land" => 5,
        "poor" => 6,
        "component" => 7,
        other => panic!("no code for {other}"),
    }
}
