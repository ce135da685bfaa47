//! Exceptions of one rank that can hold together with different values, each pair with a household that shows it: found by
//! trying values on both sides of what the rules compare with, and decided by the evaluator.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::days::{Laid, Steps};
use super::search::{Found, Goal, Search};
use super::show::household;
use super::warning;
use crate::diagnostic::{Code, Finding, phrase};
use crate::graph::{Exception, Graph, NodeId, Op};
use crate::limits::Limits;
use crate::outcome::{Possible, Recording};
use crate::program::*;
use crate::source::Span;
use crate::value::Function;

pub(super) struct Conflicts<'p> {
    program: &'p Program,
    limits: &'p Limits,
    places: BTreeMap<Arc<Provision>, (DefinitionId, Span)>,
    told: BTreeSet<(Arc<Provision>, Arc<Provision>)>,
    found: Vec<Finding>,
}

impl<'p> Conflicts<'p> {
    /// Nothing where no rule has two exceptions.
    pub(super) fn new(program: &'p Program, limits: &'p Limits) -> Option<Conflicts<'p>> {
        let mut places = BTreeMap::new();
        for (id, definition) in program.definitions.iter() {
            for exception in definition.versions.iter().filter(|v| v.exceptions.len() > 1).flat_map(|v| &v.exceptions) {
                places.insert(Arc::clone(&exception.provision), (id, exception.condition));
            }
        }
        (!places.is_empty()).then(|| Conflicts { program, limits, places, told: BTreeSet::new(), found: Vec::new() })
    }

    pub(super) fn look(&mut self, laid: &mut Laid, steps: &mut Steps) {
        let groups: Vec<(NodeId, Vec<Exception>)> = laid
            .graph
            .nodes
            .iter()
            .filter_map(|(id, node)| match &node.op {
                Op::Exceptions { exceptions, .. } if exceptions.len() > 1 => Some((id, exceptions.clone())),
                _ => None,
            })
            .collect();
        for (node, exceptions) in groups {
            let frame = laid.graph.nodes[node].frame;
            if laid.recording.frames.len(frame) == 0 {
                continue;
            }
            for (at, a) in exceptions.iter().enumerate() {
                for b in exceptions.iter().skip(at + 1).filter(|b| b.value != a.value) {
                    let pair = (Arc::clone(&a.provision), Arc::clone(&b.provision));
                    if steps.is_spent() {
                        return;
                    }
                    if self.told.contains(&pair) {
                        continue;
                    }
                    let goal = |graph: &Graph, recording: &Recording| {
                        let get = |node: NodeId| recording.get(graph, node, frame, 0);
                        let holds = [get(a.condition), get(b.condition)];
                        let (va, vb) = (get(a.value), get(b.value));
                        let same = Possible::apply(Function::Equal, &[va, vb], graph.calendar, None);
                        let fails = va.certain_fault().is_some() || vb.certain_fault().is_some();
                        if holds.iter().any(|h| !h.can_be_true()) || same.truth() == Some(true) || fails {
                            Goal::Dead
                        } else if holds.iter().all(|h| h.truth() == Some(true)) && same.truth() == Some(false) {
                            Goal::Reached
                        } else {
                            Goal::Open
                        }
                    };
                    let nodes = [a.condition, b.condition, a.value, b.value];
                    let mut own = steps.share();
                    let found =
                        Search::witness(laid, self.program, &nodes, &[], self.limits, &mut own).run(&mut own, &goal);
                    steps.give_back(own);
                    if let Found::Household(facts) = found {
                        self.tell(laid, &pair, &household(self.program, &facts));
                        self.told.insert(pair);
                    }
                }
            }
        }
    }

    fn tell(&mut self, laid: &Laid, (a, b): &(Arc<Provision>, Arc<Provision>), facts: &str) {
        let (Some((id, at_a)), Some((_, at_b))) = (self.places.get(a), self.places.get(b)) else { return };
        // The later of the two is told, the other shown.
        let (first, second) = if at_a < at_b { (at_a, at_b) } else { (at_b, at_a) };
        let definition = &self.program.definitions[*id];
        let name = self.program.owned(definition.owner, &definition.declared.name);
        let dated = definition
            .versions
            .iter()
            .any(|v| v.period != Period::default() || v.exceptions.iter().any(|e| e.period != Period::default()));
        let mut finding = warning(
            Code::EXCEPTIONS_CONFLICT,
            *second,
            phrase!(
                "two exceptions to `{0}` can hold together with different values: {1}",
                "dua pengecualian `{0}` dapat berlaku bersama dengan nilai berbeda: {1}",
                name,
                facts
            ),
            phrase!(
                "give one a `priority`, make one an exception `to` the other, or part their conditions",
                "beri salah satunya `priority` (`prioritas`), jadikan pengecualian `to` (`terhadap`) yang lain, atau pisahkan syaratnya"
            ),
        )
        .also(*first, phrase!("the other exception", "pengecualian yang lain"));
        if dated {
            finding = finding.label(phrase!("on {0}", "pada {0}", laid.day));
        }
        self.found.push(finding);
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.found
    }
}
