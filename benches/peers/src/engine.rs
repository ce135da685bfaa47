//! What an engine has to do, and how it is held to the rules by hand and timed.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde_json::Value;

const LEAST_RUNS: u32 = 9;
const LEAST_TIME: Duration = Duration::from_secs(3);

/// What is decided of a household; amounts in rupiah a year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    pub pkh: bool,
    pub sembako: bool,
    pub pbi: bool,
    pub pkh_amount: i64,
    pub sembako_amount: i64,
    /// How many members are insured.
    pub covered: i64,
    /// The first ground that holds, from 1; 0 where none does.
    pub reason: i64,
}

impl Decided {
    /// From an engine's answer, asked by name.
    #[allow(dead_code)] // where no engine but Layak is built
    pub fn read(is: impl Fn(&str) -> bool, number: impl Fn(&str) -> i64) -> Decided {
        Decided {
            pkh: is("pkh"),
            sembako: is("sembako"),
            pbi: is("pbi"),
            pkh_amount: number("pkh_amount"),
            sembako_amount: number("sembako_amount"),
            covered: number("covered"),
            reason: number("reason"),
        }
    }
}

/// The rules in one engine, compiled.
pub trait Engine {
    /// A household in the engine's own form.
    type Facts;

    /// What an engine asks of the JSON that it is handed; done once, beforehand.
    fn adapt(_household: &mut Value) {}

    fn facts(&self, household: &Value) -> Self::Facts;

    fn decide(&mut self, facts: &mut Self::Facts) -> Decided;

    fn decide_value(&mut self, household: &Value) -> Decided {
        self.decide(&mut self.facts(household))
    }

    /// From JSON text; an engine without a reader of its own takes serde_json's value of it.
    fn decide_text(&mut self, household: &str) -> Decided {
        self.decide_value(&serde_json::from_str(household).unwrap())
    }

    /// Of a decision what the engine can express, the rest as by default.
    fn expressed(whole: Decided) -> Decided {
        whole
    }
}

/// Nanoseconds a household.
#[derive(Clone, Copy)]
pub struct Times {
    pub from_facts: f64,
    pub from_value: f64,
    pub from_text: f64,
}

/// Holds an engine to what was decided by hand, household by household, and times it.
pub fn measure<E: Engine>(mut engine: E, households: &[Value], by_hand: &[Decided]) -> Times {
    let mut values = households.to_vec();
    values.iter_mut().for_each(E::adapt);
    let texts: Vec<String> = values.iter().map(Value::to_string).collect();
    let mut facts: Vec<E::Facts> = values.iter().map(|value| engine.facts(value)).collect();
    for (home, decided) in by_hand.iter().enumerate() {
        let expected = E::expressed(*decided);
        // Twice, for an engine might change its facts.
        for _ in 0..2 {
            assert_eq!(engine.decide(&mut facts[home]), expected, "from facts: {}", households[home]);
        }
        assert_eq!(engine.decide_value(&values[home]), expected, "from a value: {}", households[home]);
        assert_eq!(engine.decide_text(&texts[home]), expected, "from text: {}", households[home]);
    }
    Times {
        from_facts: shortest(facts.len(), |home| engine.decide(&mut facts[home])),
        from_value: shortest(values.len(), |home| engine.decide_value(&values[home])),
        from_text: shortest(texts.len(), |home| engine.decide_text(&texts[home])),
    }
}

/// The shortest of many runs over all households, as nanoseconds a household: the one that nothing else on the machine came between.
fn shortest(households: usize, mut decide: impl FnMut(usize) -> Decided) -> f64 {
    let mut run = || {
        let begun = Instant::now();
        for home in 0..households {
            black_box(decide(black_box(home)));
        }
        begun.elapsed()
    };
    let begun = Instant::now();
    let mut best = run();
    for count in 1.. {
        if count >= LEAST_RUNS && begun.elapsed() >= LEAST_TIME {
            break;
        }
        best = best.min(run());
    }
    best.as_nanos() as f64 / households as f64
}
