//! What is explained is what is decided, and rests on what decided it.

use layak_generator::drawn;

use super::chance::Chance;
use super::soundness::{made_up_household, made_up_rules};
use super::{facts, rules};
use crate::arena::Id;
use crate::ruleset::Plan;
use crate::syntax::Lang;

/// A plan of generated rules with programmes for them.
fn made_up_plan(c: &mut Chance) -> Plan {
    let (mut text, names) = made_up_rules(c);
    text.push_str(
        "\ncriterion c0 when b0 otherwise en \"{n0} is too much\"\nprogramme p requires c0, b1 refuses b2 gives x = n0, y = n1\n\
         programme q requires b2 gives z = n2, last = r\nprogramme u refuses b0, b1 gives w = n0 + n1 excludes q\n",
    );
    for name in names.iter().filter(|n| n.starts_with(['t', 's'])) {
        text.push_str(&format!("programme p{name} gives v = {name}\n"));
    }
    rules(&text).as_of("2026-01-15".parse().unwrap())
}

fn plan_evaluated(plan: &Plan, facts: &crate::ruleset::Facts) -> crate::outcome::Recording {
    crate::outcome::evaluate(plan.plan_graph(), &facts.case, &crate::limits::Limits::default())
}

#[test]
fn explained_and_plain_decisions_are_the_same() {
    let (mut conditions, mut grounds, mut exact, mut several) = (0, 0, 0, 0);
    for seed in 0..drawn(40) as u64 {
        let c = &mut Chance::new(seed);
        let plan = made_up_plan(c);
        for gaps in [0, 0, 0, 2, 5, 9] {
            let json = made_up_household(c, gaps);
            let facts = facts(&plan, &json);
            let explanation = plan.explain(&facts);
            assert_eq!(explanation.decision(), &plan.decide(&facts), "seed {seed}: {json}");
            // What is told is what decided, and what lies between is what follows from it.
            let (recording, whole) = (explanation.recording(), plan_evaluated(&plan, &facts));
            for (id, node) in plan.plan_graph().nodes.iter() {
                for row in 0..u32::try_from(whole.frames.len(node.frame)).unwrap() {
                    assert_eq!(recording.own(id, row), whole.own(id, row), "seed {seed}, node {}: {json}", id.index());
                }
            }
            let reasoning = explanation.reasoning();
            for programme in &reasoning.programmes {
                let reasons = programme.outcome.reasons();
                if !reasons.is_empty() {
                    // Of several that fail all are named, and none that does not.
                    let mut named: Vec<&str> = programme.conditions.iter().map(|c| &*c.name).collect();
                    named.sort_unstable();
                    assert!(programme.conditions.iter().all(|c| c.fails()), "seed {seed}: {json}");
                    assert_eq!(named, reasons.iter().map(|r| &*r.criterion).collect::<Vec<_>>(), "seed {seed}: {json}");
                    several += usize::from(named.len() > 1);
                }
                for condition in &programme.conditions {
                    let below = reasoning.grounds.facts_below(&condition.rests_on);
                    // None that decided is left out; more is told only where a part of a junction has no value of its own.
                    let left_out: Vec<_> = condition.rests.slots.difference(&below).collect();
                    assert!(left_out.is_empty(), "{left_out:?}, seed {seed}, {}: {json}", condition.name);
                    exact += usize::from(below == condition.rests.slots);
                    conditions += 1;
                }
            }
            grounds += reasoning.grounds.list.len();
            assert!(!explanation.render(Lang::Id).is_empty());
        }
    }
    assert!(several > drawn(20), "{several} refusals with several reasons");
    assert!(conditions > drawn(500) && grounds > drawn(5_000), "{conditions} conditions, {grounds} grounds");
    assert!(exact * 8 > conditions * 7, "{exact} of {conditions} name the facts that decided and no others");
}
