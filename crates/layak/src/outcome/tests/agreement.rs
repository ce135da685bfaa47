//! The evaluator agrees with the reference on the rules of the product, for households made up by chance.
#![allow(clippy::disallowed_methods)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use layak_generator::drawn;

use super::chance::Chance;
use super::reference::Reference;
use super::*;
use crate::outcome::judge;
use crate::outcome::machine::tests::agrees;
use crate::program::{EntityId, Field, FieldShape, Program, SourceDeclId, Type};
use crate::syntax::OutcomeWord;
use crate::value::Date;

/// Acts over the rules of the product: for all and for some households.
const ACTS: &str = r#"
module bansos.acts
use bansos.household
amend bansos.parameters "Raise" basis "Act 1" from 2025-06-01 enacted 2025-05-01 { parameter pkh_desil_limit: integer = 5 }
amend bansos.parameters "Pilot" basis "Act 2" from 2025-06-01 enacted 2025-05-02 when region = "35.10" {
  parameter pkh_amount(component: Component): money per year = sd => IDR 1_000_000  elderly => IDR 3_000_000
  parameter power_limit: integer = 900
  parameter sembako_desil_limit: integer = 7
}
amend bansos.pkh "Pilot" basis "Act 2" from 2025-06-01 enacted 2025-05-02 when region = "35.10" {
  replace define Person.in_pkh = living
  replace criterion desil_within_pkh "Pilot decile" when desil <= 3 basis "Act 2, 3" otherwise "Decile {desil} in the pilot"
  except in Person.qualifies_elderly when disability = mild: age >= elderly_age - 5
}
amend bansos.exclusions basis "Act 3" from 2025-06-01 enacted 2025-05-03 when electricity_va = 450 { repeal excess_vehicle }
amend bansos.exclusions basis "Act 3" from 2025-06-01 enacted 2025-05-03 { repeal has_health_worker }
amend bansos.pbi_jk from 2026-01-01 enacted 2025-12-01 when desil <= 2 {
  replace programme pbi_jk for Person requires person_alive refuses flagged_occupation
    gives premium_per_month = pbi_premium * 2 months
  replace criterion Person.person_registered when living
}
amend bansos.sembako from 2026-01-01 when region = "35.10" {
  replace programme sembako requires has_living_member, cooks refuses has_state_employee
    gives amount_per_month = sembako_amount * 2 months, amount_per_quarter = sembako_amount * 6 months
  programme kitchen requires cooks gives meals = count(members)
}
criterion cooks when any(members where age > 20 and sex = female)
"#;

fn amended(rules: &Ruleset) -> Ruleset {
    let mut acts = Sources::new();
    acts.add("acts.layak", ACTS);
    rules.amended(&acts).unwrap_or_else(|found| panic!("{found}"))
}

/// Rule files to compile on their own, and folders that are one ruleset.
fn rulesets() -> Vec<(PathBuf, Ruleset)> {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let bansos = Ruleset::from_dir(rules.join("bansos")).unwrap();
    let reformed = amended(&bansos);
    let mut out = vec![(rules.join("bansos"), bansos), (rules.join("bansos with acts"), reformed)];
    let mut folders: Vec<PathBuf> = std::fs::read_dir(&rules).unwrap().map(|e| e.unwrap().path()).collect();
    folders.sort();
    for folder in folders.into_iter().filter(|f| f.is_dir() && !f.ends_with("bansos")) {
        let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
        files.retain(|f| f.extension().is_some_and(|e| e == "layak"));
        files.sort();
        // Modules that others use have no household of their own.
        out.extend(files.into_iter().filter_map(|file| Ruleset::from_path(&file).ok().map(|rules| (file, rules))));
    }
    out
}

/// Texts that the rules speak of.
fn texts(program: &Program) -> Vec<String> {
    let keys = program.parameters.values().flat_map(|p| &p.values).flat_map(|v| &v.keys);
    let mut out: Vec<String> =
        keys.filter_map(|k| if let Value::Text(text) = k { Some(text.to_string()) } else { None }).collect();
    out.sort();
    out.dedup();
    out.push("elsewhere".to_owned());
    out
}

struct Maker<'p> {
    program: &'p Program,
    texts: Vec<String>,
    keys: u64,
}

impl Maker<'_> {
    fn object(&mut self, c: &mut Chance, entity: EntityId) -> String {
        let key = self.program.entities[entity].key;
        let mut out = String::from("{");
        for (index, field) in self.program.entities[entity].own_fields() {
            let value = self.value(c, field, key == Some(index));
            let _ = write!(out, "{}\"{}\":{value}", if out.len() > 1 { "," } else { "" }, field.name);
        }
        out.push('}');
        out
    }

    fn value(&mut self, c: &mut Chance, field: &Field, is_key: bool) -> String {
        let value = self.plain(c, field, is_key);
        if !field.verified {
            return value;
        }
        let verifies =
            |s: &&SourceDeclId| self.program.sources[**s].verifies && self.program.sources[**s].fresh.is_none();
        let source = &self.program.sources[*field.sources.iter().find(verifies).unwrap()].declared.name;
        format!("{{\"evidence\":[{{\"value\":{value},\"source\":\"{source}\"}}]}}")
    }

    fn plain(&mut self, c: &mut Chance, field: &Field, is_key: bool) -> String {
        match &field.shape {
            FieldShape::List { item, least, most } => {
                let most = most.unwrap_or(4).min(4);
                let count = *least as u64 + c.below((most.saturating_sub(*least) + 1) as u64);
                let scalar = self.program.entities[*item].is_scalar_item;
                let mut items = Vec::new();
                for _ in 0..count {
                    items.push(if scalar {
                        let field = self.program.entities[*item].fields[0].clone();
                        self.value(c, &field, false)
                    } else {
                        self.object(c, *item)
                    });
                }
                format!("[{}]", items.join(","))
            }
            FieldShape::Record { entity, .. } => self.object(c, *entity),
            FieldShape::Scalar { ty, range, .. } => {
                if matches!(ty, Type::Optional(_)) && c.below(2) == 0 {
                    return "null".to_owned();
                }
                if is_key {
                    self.keys += 1;
                    let format = field.format.map(|f| self.program.formats[f].example(self.keys));
                    return format!("\"{}\"", format.unwrap_or_else(|| self.keys.to_string()));
                }
                match ty.required() {
                    Type::Boolean => c.one(&["true", "false"]).to_owned(),
                    Type::Number(quantity) => {
                        let end = |end: &Option<Value>| match end {
                            Some(Value::Number(n)) => n.to_i64(),
                            _ => None,
                        };
                        let low = end(&range.low).unwrap_or(if c.below(4) == 0 { -50 } else { 0 });
                        let wide = *[3u64, 40, 3_000, 90_000, 9_000_000].get(c.below(5) as usize).unwrap();
                        let high = end(&range.high).unwrap_or(low + wide as i64) - i64::from(range.open);
                        let n = low + c.below((high - low + 1).max(1) as u64) as i64;
                        let part = if quantity.whole || n == high {
                            String::new()
                        } else {
                            c.one(&["", ".5", ".25"]).to_owned()
                        };
                        format!("{n}{part}")
                    }
                    Type::Date => {
                        let from: Date = "1930-01-01".parse().unwrap();
                        format!("\"{}\"", from.add_days(c.below(36_000) as i64).unwrap())
                    }
                    Type::Duration(_) => format!("\"{} days\"", c.below(400)),
                    Type::Text if field.format.is_some() => {
                        let format = &self.program.formats[field.format.unwrap()];
                        format!("\"{}\"", format.example(c.below(1 << 60)))
                    }
                    Type::Text => format!("\"{}\"", self.texts[c.below(self.texts.len() as u64) as usize]),
                    Type::Enum(id) => {
                        let members = &self.program.enums[*id].members;
                        format!("\"{}\"", members[c.below(members.len() as u64) as usize].name)
                    }
                    _ => "null".to_owned(),
                }
            }
        }
    }
}

fn same(got: &Possible, wanted: &Result<Value, FaultKind>, context: impl Fn() -> String) {
    match wanted {
        Ok(value) => assert_eq!(got.as_known(), Some(value), "{}", context()),
        Err(fault) => assert!(got.certain_fault().is_some(), "{fault:?}, not {got:?}: {}", context()),
    }
}

/// Compares everything that a ruleset says of one household; the number of values compared.
fn compare(
    name: &Path,
    rules: &Ruleset,
    plan: &Plan,
    shown: &[String],
    json: &str,
    share: &mut (usize, usize),
) -> usize {
    let Ok(facts) = plan.facts_from_json(json.as_bytes()) else { panic!("{}: {json}", name.display()) };
    let (graph, program) = (plan.plan_graph(), &rules.inner().program);
    let recording = evaluate(graph, &facts.case, &Limits::default());
    let (given, all) = agrees(graph, program, &facts.case);
    *share = (share.0 + given, share.1 + all);
    let reference = Reference { program, case: &facts.case, day: graph.day.unwrap() };
    let mut compared = 0;
    for (root, value) in shown.iter().zip(&graph.values) {
        let id = program
            .definitions
            .iter()
            .find(|(_, d)| format!("{}.{}", program.modules[d.declared.module].name, d.declared.name) == **root)
            .unwrap()
            .0;
        let count = facts.case.table(value.owner).map_or(0, |t| t.rows.len()) as u32;
        for row in 0..count {
            let owner = Ok(Value::Element(row));
            let context = || format!("{} of {} for {row} of {json}", value.name, name.display());
            let get = |node| recording.get(graph, node, value.frame, row);
            let wanted = reference.definition(id, &owner, Vec::new());
            match &value.value {
                Lowered::One(node) => same(get(*node), &wanted.one(), context),
                Lowered::Record(parts) => {
                    for ((_, node), wanted) in parts.iter().zip(wanted.record()) {
                        same(get(*node), &wanted, context);
                    }
                }
                Lowered::Values(values) => {
                    let got: Vec<&Possible> =
                        values.iter().filter(|(p, _)| get(*p).can_be_true()).map(|(_, v)| get(*v)).collect();
                    if let Ok(wanted) = wanted.list() {
                        assert_eq!(got.len(), wanted.len(), "{}", context());
                        got.iter().zip(&wanted).for_each(|(got, wanted)| same(got, wanted, context));
                    }
                }
                Lowered::List(_) | Lowered::Records(_) => continue,
            }
            compared += 1;
        }
    }
    for programme in &graph.programmes {
        let declared = &program.programmes[programme.programme];
        for row in 0..facts.case.table(declared.owner).map_or(0, |t| t.rows.len()) as u32 {
            let context = || format!("{} of {} for {row} of {json}", declared.declared.name, name.display());
            let judged = judge(graph, &recording, programme, row);
            let eligible = reference.eligible(programme.programme, &Value::Element(row));
            let outcome = match judged.verdict {
                crate::outcome::Verdict::Eligible => OutcomeWord::Eligible,
                crate::outcome::Verdict::NotEligible => OutcomeWord::NotEligible,
                crate::outcome::Verdict::Undetermined => OutcomeWord::Undetermined,
                crate::outcome::Verdict::Error => OutcomeWord::Error,
            };
            let outputs: Vec<_> = programme
                .outputs
                .iter()
                .map(|(o, _)| reference.output(programme.programme, *o, &Value::Element(row)))
                .collect();
            let wanted = match eligible {
                Ok(Value::Boolean(false)) => OutcomeWord::NotEligible,
                Ok(_) if outputs.iter().all(Result::is_ok) => OutcomeWord::Eligible,
                _ => OutcomeWord::Error,
            };
            assert_eq!(outcome, wanted, "{}", context());
            if outcome == OutcomeWord::Eligible {
                judged.outputs.iter().zip(&outputs).for_each(|(got, wanted)| same(got, wanted, context));
            }
            compared += 1;
        }
    }
    compared
}

#[test]
fn the_rules_of_the_product_are_decided_as_they_are_written() {
    let mut compared = 0;
    for (seed, (name, rules)) in (1u64..).zip(rulesets()) {
        let program = &rules.inner().program;
        let usable = program.definitions.values().filter(|d| d.arguments.is_empty());
        let shown: Vec<String> = usable
            .map(|d| format!("{}.{}", program.modules[d.declared.module].name, d.declared.name))
            .filter(|n| !n.starts_with('.'))
            .collect();
        let c = &mut Chance::new(seed);
        let mut share = (0, 0);
        let days = ["2019-06-30", "2026-01-15"];
        for day in days {
            let showing = |names: &[String]| {
                let options = PlanOptions::new(day.parse().unwrap());
                rules.plan(names.iter().fold(options, |options, name| options.show(name)))
            };
            let mut named = shown.clone();
            if showing(&named).is_err() {
                // A name that several entities have is shown for the first.
                named.retain(|name| showing(std::slice::from_ref(name)).is_ok());
            }
            let plan = showing(&named).unwrap();
            let mut maker = Maker { program, texts: texts(program), keys: 0 };
            for _ in 0..drawn(if name.ends_with("bansos") { 30 } else { 2 }) {
                let json = maker.object(c, program.root);
                compared += compare(&name, &rules, &plan, &named, &json, &mut share);
            }
        }
        if name.ends_with("bansos") {
            // All but texts that the rules do not name.
            assert!(share.0 * 10 > share.1 * 9, "the fast path gives {} of {} values", share.0, share.1);
        }
    }
    assert!(compared > drawn(1_000), "{compared}");
}

/// Whole decisions, reasons and all: by the machine and by the evaluator, of complete households and of others.
#[test]
fn decisions_are_the_same_by_either_way() {
    for (name, rules) in rulesets().into_iter().take(2) {
        either_way(&name, &rules);
    }
}

fn either_way(name: &Path, rules: &Ruleset) {
    let program = &rules.inner().program;
    let c = &mut Chance::new(7);
    let mut maker = Maker { program, texts: texts(program), keys: 0 };
    let mut by_machine = 0;
    for day in ["2019-06-30", "2025-05-01", "2026-01-15"] {
        let plan = rules.as_of(day.parse().unwrap());
        for _ in 0..100 {
            let json = maker.object(c, program.root);
            let mut household: serde_json::Value = serde_json::from_str(&json).unwrap();
            if c.below(3) == 0 {
                // Some facts are left out.
                for _ in 0..c.below(4) {
                    let members = household["members"].as_array_mut().unwrap();
                    let count = members.len() as u64;
                    let within = if count > 0 && c.below(2) == 0 {
                        members[c.below(count) as usize].as_object_mut()
                    } else {
                        household.as_object_mut()
                    };
                    let within = within.unwrap();
                    let names: Vec<String> = within.keys().filter(|k| *k != "id" && *k != "nik").cloned().collect();
                    within.remove(&names[c.below(names.len() as u64) as usize]);
                    if !household.get("members").is_some_and(serde_json::Value::is_array) {
                        break;
                    }
                }
            }
            let facts = plan.facts_from_json(household.to_string().as_bytes()).unwrap();
            let decision = plan.decide(&facts);
            assert_eq!(
                decision,
                plan.reporter().by_evaluation(&facts.case, &facts.evidence),
                "{} of {household}",
                name.display()
            );
            by_machine += usize::from(plan.reporter().is_by_machine(&facts.case));
        }
    }
    assert!(by_machine > 100, "{by_machine} of 300 by the machine");
}
