//! Findings on facts, held to deciding the other way by hand; and the same by either way of deciding.

use super::*;
use crate::report::{Decision, FactFindingKind, Outcome};

const RULES: &str = r#"
module m
source a
source b
source self
entity H { n integer 0..9 from a, b, self  m integer 0..9  big boolean must be verified from a, self }
criterion low when assume(n, 4) + m <= 9
criterion open when big or m > 7
criterion sure when n is known or m < 5
programme p requires low refuses open gives x = assume(n, 4) * 2
programme q requires sure
"#;

/// The outcomes and outputs of every programme.
fn shown(decision: &Decision) -> Vec<String> {
    let one = |p: &crate::report::ProgrammeDecision| {
        let outcome = match p.outcome().unwrap() {
            Outcome::Eligible => "eligible",
            Outcome::NotEligible => "not",
            Outcome::Undetermined(_) => "open",
            Outcome::Error(_) => "error",
        };
        let outputs: Vec<_> = p.entitlement().unwrap().outputs().collect();
        format!("{} {outcome} {outputs:?}", p.name())
    };
    decision.programmes().map(one).collect()
}

fn changed(before: &Decision, after: &Decision) -> Vec<String> {
    let names = before.programmes().map(|p| p.name().to_owned());
    let pairs = shown(before).into_iter().zip(shown(after));
    names.zip(pairs).filter(|(_, (a, b))| a != b).map(|(name, _)| name).collect()
}

#[test]
fn what_hangs_on_a_finding_is_what_deciding_the_other_way_gives() {
    let of = |text: &str| Ruleset::from_text(text).unwrap_or_else(|e| panic!("{e}"));
    let (rules, bare) = (of(RULES), of(&RULES.replace("assume(n, 4)", "n")));
    let (plan, bare) = (plan(&rules, &[]), plan(&bare, &[]));
    let given = |n: &str, m: &str, big: &str| format!(r#"{{"n":{n},"m":{m},"big":{big}}}"#);
    let by = |source: &str, value: &str| format!(r#"{{"value":{value},"source":"{source}"}}"#);
    let evidence = |items: &[String]| format!(r#"{{"evidence":[{}]}}"#, items.join(","));
    let decide = |json: &str| plan.decide(&facts(&plan, json));
    let mut seen = [0; 4];
    for m in ["null", "0", "5", "6", "9"] {
        for (big, verified) in [("true", true), ("false", true), ("true", false), ("false", false)] {
            let of_big = if verified { evidence(&[by("a", big)]) } else { big.to_owned() };
            let unknown_big = r#"{"unknown":true}"#;
            for (first, second) in [("null", "null"), ("2", "null"), ("4", "4"), ("2", "5"), ("9", "0"), ("null", "7")]
            {
                let json = given(&evidence(&[by("a", first), by("b", second)]), m, &of_big);
                let read = facts(&plan, &json);
                let decision = plan.decide(&read);
                assert_eq!(decision, plan.reporter().by_evaluation(&read.case, &read.evidence), "{json}");
                let taken = if first == "null" { second } else { first };
                let plain_big = if verified { of_big.as_str() } else { unknown_big };
                for finding in decision.findings() {
                    let other = match finding.kind() {
                        FactFindingKind::Conflict => decide(&given(second, m, plain_big)),
                        FactFindingKind::Assumed => {
                            let json = given("null", m, plain_big);
                            bare.decide(&facts(&bare, &json))
                        }
                        FactFindingKind::Unverified => decide(&given(taken, m, &evidence(&[by("a", big)]))),
                        kind => panic!("{kind:?} of {json}"),
                    };
                    let kind = finding.kind() as usize;
                    if let Some(count) = seen.get_mut(kind) {
                        *count += 1;
                    }
                    let told: Vec<&str> = finding.programmes().collect();
                    assert_eq!(told, changed(&decision, &other), "{:?} of {json}", finding.kind());
                }
                let conflict = first != "null" && second != "null" && first != second;
                assert_eq!(
                    decision.findings().iter().any(|f| f.kind() == FactFindingKind::Conflict),
                    conflict,
                    "{json}"
                );
                let stated = decision.findings().iter().any(|f| f.kind() == FactFindingKind::Unverified);
                assert_eq!(stated, !verified, "{json}");
            }
        }
    }
    assert!(seen[0] > 0 && seen[2] > 0 && seen[3] > 0, "{seen:?}");
}
