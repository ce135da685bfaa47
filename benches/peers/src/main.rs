//! Layak and engines written in Rust on one workload, one household at a time: `benches/peers/run` builds and starts it.

mod by_hand;
mod engine;
mod household;
mod layak;

#[cfg(feature = "cedar-policy")]
mod cedar_policy;
#[cfg(feature = "cel")]
mod cel;
#[cfg(feature = "datalogic-rs")]
mod datalogic_rs;
#[cfg(feature = "lemma-engine")]
mod lemma_engine;
#[cfg(feature = "regorus")]
mod regorus;
#[cfg(feature = "rhai")]
mod rhai;
#[cfg(feature = "zen-engine")]
mod zen_engine;

use engine::{Decided, Engine, Times, measure};
use serde_json::Value;

/// The households, what was decided of each by hand, and Layak's times.
struct Table {
    households: Vec<Value>,
    by_hand: Vec<Decided>,
    layak: Times,
}

impl Table {
    fn new(households: u64) -> Table {
        let households: Vec<Value> = household::made_up(households).collect();
        let mut rules = by_hand::ByHand::new();
        let by_hand: Vec<Decided> = households.iter().map(|home| rules.decide_value(home)).collect();
        let layak = measure(layak::Layak::new(), &households, &by_hand);
        Table { households, by_hand, layak }
    }

    fn members(&self) -> f64 {
        let members: usize = self.households.iter().map(|home| home["members"].as_array().unwrap().len()).sum();
        members as f64 / self.households.len() as f64
    }

    /// How many households have each reason, from 0.
    fn reasons(&self) -> [usize; 8] {
        std::array::from_fn(|code| self.by_hand.iter().filter(|decided| decided.reason == code as i64).count())
    }

    /// Measures an engine and writes its row.
    fn row(&self, name: &str, engine: impl Engine, remark: &str) {
        self.write(name, measure(engine, &self.households, &self.by_hand), remark);
    }

    fn write(&self, name: &str, times: Times, remark: &str) {
        let version = version(name).unwrap_or("–");
        print!("| {name} | {version} |");
        let ours = &self.layak;
        for (time, our) in [
            (times.from_facts, ours.from_facts),
            (times.from_value, ours.from_value),
            (times.from_text, ours.from_text),
        ] {
            print!(" {time:.0} | {:.2} |", time / our);
        }
        println!(" {remark} |");
    }
}

/// The version of a package that this program was built with.
fn version(package: &str) -> Option<&'static str> {
    let (_, entry) = include_str!("../Cargo.lock").split_once(&format!("name = \"{package}\"\nversion = \""))?;
    entry.split_once('"').map(|(version, _)| version)
}

fn main() {
    let households = std::env::args().nth(1).map_or(5_000, |number| number.parse().expect("how many households"));
    let table = Table::new(households);
    println!("{households} households, {:.2} members in the mean, all decided alike;", table.members());
    println!("so many for each reason from 0: {:?}. Nanoseconds a household.\n", table.reasons());
    println!(
        "| engine | version | facts in memory | ratio | `serde_json::Value` | ratio | JSON text | ratio | remark |"
    );
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |");
    table.row("by hand", by_hand::ByHand::new(), "structs, exact decimals, dates");
    table.write("layak", table.layak, "exact decimals, all reasons with their texts; land is a text in JSON");
    #[cfg(feature = "datalogic-rs")]
    table.row("datalogic-rs", datalogic_rs::Datalogic::new(), "JSONLogic in five steps; fractions are binary floats");
    #[cfg(feature = "rhai")]
    table.row("rhai", rhai::Rhai::new(), "a script; fractions are binary floats");
    #[cfg(feature = "regorus")]
    table.row("regorus", regorus::Regorus::new(), "a Rego policy as bytecode; fractions are binary floats");
    #[cfg(feature = "cel")]
    table.row("cel", cel::Cel::new(), "seventeen expressions; fractions are binary floats");
    #[cfg(feature = "zen-engine")]
    table.row("zen-engine", zen_engine::Zen::new(), "two decision tables, two nodes of expressions; no trace");
    #[cfg(feature = "cedar-policy")]
    table.row(
        "cedar-policy",
        cedar_policy::Cedar::new(),
        "in part: no amounts, no number of insured; requests for each member",
    );
    #[cfg(feature = "lemma-engine")]
    table.row("lemma-engine", lemma_engine::Lemma::new(), "exact numbers, all of them texts in JSON");
}
