//! What acts have changed of the rules that an expression rests on, on a day.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::program::{
    ActId, DefinitionId, ExprBody, Kind, ParameterId, Program, ProgrammeId, ProgrammeVersion, version_on,
};
use crate::value::Date;

/// A rule with the act that has changed it, for the households for which the definition holds where one is named.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Change {
    pub rule: Arc<str>,
    pub act: ActId,
    pub holds: Option<DefinitionId>,
}

/// What an expression rests on that is still to be looked at.
enum Open<'p> {
    Body(&'p ExprBody),
    Named(Named),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    Definition(DefinitionId),
    Parameter(ParameterId),
    /// Its outcome, or one of its outputs.
    Programme(ProgrammeId, Option<usize>),
}

/// The changes that are in force on a day as the law was known on another, by name of the rule. Exceptions that acts have added are told with
/// the exceptions.
pub(crate) fn changes<'p>(
    program: &'p Program,
    (as_of, known_on): (Date, Date),
    bodies: impl IntoIterator<Item = &'p ExprBody>,
) -> BTreeSet<Change> {
    let mut out = BTreeSet::new();
    if program.acts.len() == 0 {
        return out;
    }
    let mut seen: BTreeSet<Named> = BTreeSet::new();
    let mut open: Vec<Open<'p>> = bodies.into_iter().map(Open::Body).collect();
    while let Some(next) = open.pop() {
        match next {
            Open::Body(body) => {
                for (_, expr) in body.iter() {
                    match &expr.kind {
                        Kind::Definition { definition, .. } => open.push(Open::Named(Named::Definition(*definition))),
                        Kind::Parameter { parameter, .. } => open.push(Open::Named(Named::Parameter(*parameter))),
                        Kind::Outcome { programme, .. } => open.push(Open::Named(Named::Programme(*programme, None))),
                        Kind::Output { programme, output, .. } => {
                            open.push(Open::Named(Named::Programme(*programme, Some(*output))));
                        }
                        Kind::Exceptions { exceptions, .. } => {
                            for (_, _, provision) in exceptions {
                                let bound = provision.act.filter(|act| program.acts[*act].condition.is_some());
                                let Some(act) = bound else { continue };
                                let Some(holds) = program.acts[act].condition else { continue };
                                let period = &program.acts[act].period;
                                if period.holds(as_of) && period.known(known_on) {
                                    let rule = &program.definitions[provision.rule];
                                    let rule = program.owned(rule.owner, &rule.declared.name).into();
                                    out.insert(Change { rule, act, holds: Some(holds) });
                                }
                            }
                        }
                        _ => {}
                    }
                }
            }
            Open::Named(named) if !seen.insert(named) => {}
            Open::Named(Named::Definition(id)) => {
                let definition = &program.definitions[id];
                let Some(version) = version_on(&definition.versions, |v| &v.period, as_of, known_on) else { continue };
                open.push(Open::Body(version.body(program)));
                let is_part = definition.part_of == Some(id);
                if let Some(act) = version.act.filter(|act| program.acts[*act].condition.is_none() && !is_part) {
                    let rule = program.owned(definition.owner, &definition.declared.name).into();
                    out.insert(Change { rule, act, holds: None });
                }
            }
            Open::Named(Named::Parameter(id)) => {
                let parameter = &program.parameters[id];
                for value in &parameter.values {
                    let version = version_on(&value.versions, |v| &v.period, as_of, known_on);
                    let act = version.and_then(|v| v.act).filter(|act| program.acts[*act].condition.is_none());
                    out.extend(act.map(|act| Change { rule: Arc::clone(&parameter.declared.name), act, holds: None }));
                }
            }
            Open::Named(Named::Programme(id, output)) => {
                let programme = &program.programmes[id];
                let Some(version) = version_on(&programme.versions, |v| &v.period, as_of, known_on) else { continue };
                out.extend(own_change(&programme.declared.name, version));
                match output {
                    Some(output) => {
                        let gifts = version.gives.iter().filter(|(o, _)| *o == output);
                        open.extend(gifts.map(|(_, body)| Open::Body(body)));
                    }
                    None => {
                        let conditions = version.requires.iter().chain(&version.refuses);
                        open.extend(conditions.map(|condition| Open::Body(&condition.body)));
                    }
                }
            }
        }
    }
    out
}

/// That an act has replaced a programme whole.
pub(crate) fn own_change(name: &Arc<str>, version: &ProgrammeVersion) -> Option<Change> {
    version.act.map(|act| Change { rule: Arc::clone(name), act, holds: None })
}
