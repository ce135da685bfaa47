//! Digests: what tells whether a decision that was made before would be made again.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use super::{Facts, Plan, PlanOptions};
use crate::facts::from_case;
use crate::fingerprint::{digest, relevant};
use crate::graph::{DayParameter, Graph, Op};
use crate::program::{DefinitionId, ParameterId};
use crate::value::Date;

impl Plan {
    /// A digest of everything but the facts and the dates that the decisions of the plan hang on: the version of the engine, its
    /// limits, what is decided and shown, the facts that the rules declare, and the rules that those programmes and values rest on. A change
    /// of other rules, of their layout or of their tests does not change it. The cost is linear in the rules: keep it.
    ///
    /// Two plans with the same digest and dates decide households with the same [`facts_digest`](Plan::facts_digest) alike, to the
    /// byte; but the fingerprint of the rules, and the places of rules that an error names, may be others.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use layak::{PlanOptions, Ruleset};
    /// let digest = |desil: u8, rooms: u8| -> Result<String, Box<dyn std::error::Error>> {
    ///     let rules = Ruleset::from_text(&format!(
    ///         "module aid entity Home {{ desil integer 1..10  rooms integer 0.. }}
    ///          criterion poor when desil <= {desil}  programme food requires poor
    ///          criterion small when rooms <= {rooms}  programme housing requires small"
    ///     ))?;
    ///     let day = "2026-01-15".parse()?;
    ///     Ok(rules.plan(PlanOptions::new(day).programme("food"))?.rules_digest())
    /// };
    /// assert_eq!(digest(4, 2)?, digest(4, 3)?, "food rests on the deciles alone");
    /// assert_ne!(digest(4, 2)?, digest(5, 2)?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn rules_digest(&self) -> String {
        let program = self.program();
        let options = &self.traced;
        let shown: Vec<DefinitionId> =
            options.show.iter().filter_map(|name| self.ruleset().definition_id(name).ok()).collect();
        let rules = relevant(program, &self.programmes(), &shown);
        let engine = env!("CARGO_PKG_VERSION");
        let of = format!("{engine} {:?} {:?} {:?} {rules}", self.limits(), options.programmes, options.show);
        digest(&of).trim_start_matches('#').to_owned()
    }

    /// A digest of all facts of a household as they were bound, whatever they were read from: 128 bits of SHA-256. Statements of evidence are in
    /// it. The cost is linear in the facts.
    pub fn facts_digest(&self, facts: &Facts) -> [u8; 16] {
        let text = from_case(self.program(), &facts.case, &facts.evidence).to_json();
        let hash: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        let mut out = [0; 16];
        out.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        out
    }

    /// Whether decisions of other dates would be the same but for their date, on every household whose facts are not given as
    /// [evidence](Facts::has_evidence): the rules are laid out for these dates too, and come to the same values and words. The cost is
    /// that of a plan.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = layak::Ruleset::from_text(
    ///     "module aid entity Home { desil integer 1..10 }
    ///      parameter limit: integer from 2025-01-01: 3 from 2026-01-01: 4
    ///      criterion poor when desil <= limit  programme food requires poor",
    /// )?;
    /// let plan = rules.as_of("2026-02-15".parse()?);
    /// assert!(plan.decides_alike_on("2026-01-01".parse()?, "2026-01-01".parse()?));
    /// assert!(!plan.decides_alike_on("2025-12-31".parse()?, "2025-12-31".parse()?));
    /// # Ok(())
    /// # }
    /// ```
    pub fn decides_alike_on(&self, as_of: Date, known_on: Date) -> bool {
        if as_of == self.as_of() && known_on == self.known_on() {
            return true;
        }
        let options = PlanOptions { as_of, known_on, ..PlanOptions::clone(&self.traced) };
        self.ruleset().plan(options).is_ok_and(|other| laid_out(&other.graph) == laid_out(&self.graph))
    }

    /// The date whose knowledge of the law it uses.
    pub fn known_on(&self) -> Date {
        self.traced.known_on
    }
}

/// A graph in every detail but its day. What is not laid out because nothing asks for it is not told.
fn laid_out(graph: &Graph) -> String {
    let Graph {
        day: _,
        calendar,
        frames,
        nodes,
        fixed,
        tables,
        parameters,
        unknowns,
        numbers,
        days,
        programmes,
        values,
        unassumed,
        extra: _,
        trials: _,
    } = graph;
    let asked = nodes.values().filter_map(|node| match &node.op {
        Op::Parameter { parameter, .. } => Some(*parameter),
        _ => None,
    });
    let asked: BTreeSet<ParameterId> = asked.collect();
    let parameters: Vec<&DayParameter> = asked.iter().map(|id| &parameters[*id]).collect();
    format!(
        "{calendar:?} {frames:?} {nodes:?} {fixed:?} {tables:?} {parameters:?} {unknowns:?} {numbers:?} {days:?} {programmes:?} {values:?} {unassumed:?}"
    )
}

impl Facts {
    /// Whether some of them are given as evidence, or merely stated where they must be verified: what counts then hangs on the day.
    pub fn has_evidence(&self) -> bool {
        !self.evidence.is_empty()
    }
}
