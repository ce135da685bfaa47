//! The tests of the rule files, run; worked cases kept as data.

mod cases;
mod columns;
mod coverage;
mod generate;
mod made;
mod mutants;
mod properties;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::diagnostic::{Phrase, phrase};
use crate::facts::Data;
use crate::graph::{Day, Lowered, Request};
use crate::outcome::{Verdict, evaluate};
use crate::program::{EntityId, Expectation, ExprBody, Program, Test};
use crate::report::{Decision, Entitlement, Entitlements};
use crate::ruleset::{Facts, Package, Plan, PlanOptions, Ruleset};
use crate::source::Place;
use crate::syntax::{ElementAt, OutcomeWord, Step};
use crate::value::{Date, Value};

use coverage::{Expected, Watch};

pub use cases::{CaseDifference, CaseResult, Cases};
pub use columns::{CaseColumn, CaseColumnKind};
pub use coverage::{Coverage, CoverageGoal, CoverageItem, CoverageKind};
pub use generate::GeneratedCases;
pub use made::{HouseholdKind, HouseholdMaker, MadeHousehold};
pub use mutants::{EquivalenceProof, Mutant, MutantKind, Telltale};
#[cfg(test)]
pub(crate) use properties::households;
pub use properties::{Counterexample, PropertyHousehold, PropertyOptions, PropertyResult};

/// How a test of a rule file came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestResult {
    name: Arc<str>,
    place: Place,
    failures: Vec<Phrase>,
}

impl TestResult {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it stands.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// What did not come out as expected; empty where all did.
    pub fn failures(&self) -> &[Phrase] {
        &self.failures
    }
}

impl Ruleset {
    /// Runs the tests in the rule files, in the order of the files.
    pub fn run_tests(&self) -> Vec<TestResult> {
        self.inner().program.tests.iter().map(|test| self.run_test(test, None)).collect()
    }

    /// Runs the tests in the rule files and counts what they show of the rules. The cost is some times that of running them.
    pub fn run_tests_covered(&self, coverage: &mut Coverage) -> Vec<TestResult> {
        let program = &self.inner().program;
        let watch = Watch::of(self);
        program.tests.iter().map(|test| self.run_test(test, Some((&watch, &mut *coverage)))).collect()
    }

    fn run_test(&self, test: &Test, covered: Option<(&Watch, &mut Coverage)>) -> TestResult {
        let inner = self.inner();
        let mut failures = Vec::new();
        // A test that states no date is for rules without dates: any day will do.
        let as_of = test.as_of.unwrap_or_else(|| Date::new(2000, 1, 1).unwrap_or(Date::MIN));
        let root = inner.program.root;
        let bodies: Vec<(&ExprBody, EntityId)> = test
            .expect
            .iter()
            .filter_map(|e| match e {
                Expectation::Holds { body, .. } => Some((body, root)),
                Expectation::Outcome { .. } => None,
            })
            .collect();
        let day = Day { as_of, known_on: test.known_on.unwrap_or(as_of) };
        let show = covered.as_ref().map_or(&[][..], |(watch, _)| &watch.show);
        let request = Request { day: Some(day), extra: &bodies, show, ..Request::default() };
        let options = PlanOptions::new(as_of).known_on(test.known_on.unwrap_or(as_of));
        let plan = match covered {
            Some(_) => Plan::traced(self, &request, options),
            None => Plan::from_graph(self, self.graph(&request), options),
        };
        match plan.bind(&Data::from_given(&test.given)) {
            Err(error) => {
                for error in error.iter() {
                    failures.push(Phrase {
                        en: format!("{}: {}", error.path(), error.message().en),
                        id: format!("{}: {}", error.path(), error.message().id),
                    });
                }
            }
            Ok(facts) => {
                self.expectations(test, &plan, &facts, &mut failures);
                if let Some((watch, coverage)) = covered {
                    let programmes = test.expect.iter().filter_map(|e| match e {
                        Expectation::Outcome { programme, .. } => Some(*programme),
                        Expectation::Holds { .. } => None,
                    });
                    let bodies = bodies.iter().map(|(body, _)| *body).collect();
                    let expected = Expected { programmes: programmes.collect(), bodies, ..Expected::default() };
                    coverage.observe(self, watch, &plan, &facts.case, &expected);
                }
            }
        }
        TestResult { name: Arc::clone(&test.name), place: inner.sources.place(test.span), failures }
    }

    fn expectations(&self, test: &Test, plan: &Plan, facts: &Facts, failures: &mut Vec<Phrase>) {
        let inner = self.inner();
        let decision = plan.decide(facts);
        let graph = plan.plan_graph();
        let recording = evaluate(graph, &facts.case, &inner.limits);
        let mut extra = graph.extra.iter();
        for expectation in &test.expect {
            match expectation {
                Expectation::Holds { span, .. } => {
                    let Some(Lowered::One(node)) = extra.next() else { continue };
                    let value = recording.own(*node, 0);
                    if value.as_known() != Some(&Value::Boolean(true)) {
                        let text = inner.sources.snippet(*span);
                        failures.push(match (value.as_known(), value.certain_fault()) {
                            (Some(_), _) => phrase!("`{0}` does not hold", "`{0}` tidak terpenuhi", text),
                            (None, Some(fault)) => {
                                let message = fault.kind.message();
                                Phrase {
                                    en: format!("`{text}`: {}", message.en),
                                    id: format!("`{text}`: {}", message.id),
                                }
                            }
                            (None, None) => phrase!("`{0}` is not known", "`{0}` belum diketahui", text),
                        });
                    }
                }
                Expectation::Outcome { programme, of, outcome, because, missing, .. } => {
                    let name = &inner.program.programmes[*programme].declared.name;
                    let owner = inner.program.programmes[*programme].owner;
                    let found = entitlement(&inner.program, &decision, facts, name, of, owner);
                    let Some(one) = found else {
                        failures.push(phrase!(
                            "there is no such member for `{0}`",
                            "tidak ada anggota itu untuk `{0}`",
                            name
                        ));
                        continue;
                    };
                    check(name, one, *outcome, because, missing, failures);
                }
            }
        }
    }
}

impl Package {
    /// Runs the tests in the rule files of each ruleset. A test in a file that several share is told once where it comes out
    /// alike.
    pub fn run_tests(&self) -> Vec<TestResult> {
        let mut seen = BTreeSet::new();
        let all = self.rulesets().iter().flat_map(Ruleset::run_tests);
        all.filter(|r| seen.insert((r.place.clone(), Arc::clone(&r.name), r.failures.clone()))).collect()
    }

    /// Runs the tests as `run_tests` does, and counts what they show of the rules.
    pub fn run_tests_covered(&self, coverage: &mut Coverage) -> Vec<TestResult> {
        let mut seen = BTreeSet::new();
        let all = self.rulesets().iter().flat_map(|rules| rules.run_tests_covered(coverage)).collect::<Vec<_>>();
        all.into_iter().filter(|r| seen.insert((r.place.clone(), Arc::clone(&r.name), r.failures.clone()))).collect()
    }

    /// Tries the properties of each ruleset, as `Ruleset::run_properties`. One in a file that several share is told once where
    /// it comes out alike.
    pub fn run_properties(&self, options: &PropertyOptions) -> Vec<PropertyResult> {
        self.run_properties_while(options, &mut |_| true)
    }

    /// Tries the properties of each ruleset, as `Ruleset::run_properties_while`; the positions go on from one ruleset to the
    /// next.
    pub fn run_properties_while(
        &self,
        options: &PropertyOptions,
        goes_on: &mut dyn FnMut(usize) -> bool,
    ) -> Vec<PropertyResult> {
        let mut seen = BTreeSet::new();
        let mut all = Vec::new();
        for rules in self.rulesets() {
            let start = all.len();
            all.extend(rules.run_properties_while(options, &mut |position| goes_on(start + position)));
        }
        all.into_iter()
            .filter(|r| seen.insert((r.place().clone(), r.name().to_owned(), r.failures().to_vec())))
            .collect()
    }
}

fn entitlement<'d>(
    program: &Program,
    decision: &'d Decision,
    facts: &Facts,
    name: &str,
    of: &[Step],
    owner: EntityId,
) -> Option<&'d Entitlement> {
    match (&decision.programme(name)?.entitlements, of) {
        (Entitlements::One(one), []) => Some(one),
        (Entitlements::Members(list), [.., Step::At(ElementAt::Key(key))]) => {
            list.iter().find(|(k, _)| **k == **key).map(|(_, e)| e)
        }
        (Entitlements::Members(list), [Step::Name(field), Step::At(ElementAt::Position(n))]) => {
            // The n-th element of one list; members of other lists of the entity come before or after.
            let table = facts.case.table(owner)?;
            let mut real = 0;
            for row in &table.rows {
                if row.phantom.is_some() {
                    continue;
                }
                let of_list = row.holder.is_some_and(|(entity, f, _)| {
                    program.entities[entity].fields.get(f).is_some_and(|f| f.name == field.text)
                });
                if of_list && row.position as usize == *n {
                    return list.get(real).map(|(_, e)| e);
                }
                real += 1;
            }
            None
        }
        _ => None,
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Eligible => "eligible",
        Verdict::NotEligible => "not_eligible",
        Verdict::Undetermined => "undetermined",
        Verdict::Error => "error",
    }
}

fn check(
    name: &str,
    one: &Entitlement,
    outcome: OutcomeWord,
    because: &[Arc<str>],
    missing: &[Arc<str>],
    failures: &mut Vec<Phrase>,
) {
    let want = match outcome {
        OutcomeWord::Eligible => Verdict::Eligible,
        OutcomeWord::NotEligible => Verdict::NotEligible,
        OutcomeWord::Undetermined => Verdict::Undetermined,
        OutcomeWord::Error => Verdict::Error,
    };
    let reasons: Vec<&str> = one.reasons.iter().map(|r| &*r.criterion).collect();
    if one.verdict != want {
        let mut why = reasons.join(", ");
        if let Some(error) = &one.error {
            why = error.text().en.clone();
        }
        if one.verdict == Verdict::Undetermined {
            why = one.missing.iter().map(|m| m.fact.as_str()).collect::<Vec<_>>().join(", ");
        }
        failures.push(phrase!(
            "`{0}` is {1}, expected {2} ({3})",
            "`{0}` hasilnya {1}, diharapkan {2} ({3})",
            name,
            word(one.verdict),
            word(want),
            why
        ));
        return;
    }
    if !because.is_empty() {
        let mut want: Vec<&str> = because.iter().map(|b| &**b).collect();
        want.sort_unstable();
        let mut have = reasons;
        have.sort_unstable();
        if want != have {
            failures.push(phrase!(
                "`{0}` fails because of {1}, expected {2}",
                "`{0}` gagal karena {1}, diharapkan {2}",
                name,
                have.join(", "),
                want.join(", ")
            ));
        }
    }
    for fact in missing {
        if !one.missing.iter().any(|m| *m.fact == **fact) {
            let have: Vec<&str> = one.missing.iter().map(|m| m.fact.as_str()).collect();
            failures.push(phrase!(
                "`{0}` does not miss `{1}` but {2}",
                "`{0}` tidak kekurangan `{1}` melainkan {2}",
                name,
                fact,
                have.join(", ")
            ));
        }
    }
}
