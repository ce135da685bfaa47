//! What rules read of one another.

use crate::program::*;

/// Something that an expression names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Read {
    Field(EntityId, usize),
    Definition(DefinitionId),
    Parameter(ParameterId),
    Programme(ProgrammeId),
}

pub(super) fn of_body(body: &ExprBody, out: &mut Vec<Read>) {
    for (_, expr) in body.iter() {
        match &expr.kind {
            Kind::Field { entity, field, .. } => out.push(Read::Field(*entity, *field)),
            Kind::Definition { definition, .. } => out.push(Read::Definition(*definition)),
            Kind::Parameter { parameter, .. } => out.push(Read::Parameter(*parameter)),
            Kind::Outcome { programme, .. } | Kind::Output { programme, .. } => out.push(Read::Programme(*programme)),
            _ => {}
        }
    }
}

/// What decides the values of a definition.
pub(super) fn of_values(program: &Program, id: DefinitionId) -> Vec<Read> {
    let mut out = Vec::new();
    for version in &program.definitions[id].versions {
        match &version.value {
            DefinitionValue::Expr(body) => of_body(body, &mut out),
            DefinitionValue::Table(table) => of_body(&program.tables[*table].body, &mut out),
        }
    }
    out
}

/// What decides its values, and what its reasons show.
pub(super) fn of_definition(program: &Program, id: DefinitionId) -> Vec<Read> {
    let mut out = of_values(program, id);
    for version in &program.definitions[id].versions {
        for part in version.otherwise.iter().flat_map(|(_, template)| &template.parts) {
            if let TemplatePart::Value(body) = part {
                of_body(body, &mut out);
            }
        }
    }
    out
}

pub(super) fn of_programme(program: &Program, id: ProgrammeId) -> Vec<Read> {
    let mut out = Vec::new();
    for version in &program.programmes[id].versions {
        for condition in version.requires.iter().chain(&version.refuses) {
            of_body(&condition.body, &mut out);
            out.extend(condition.definition.map(Read::Definition));
        }
        version.gives.iter().for_each(|(_, body)| of_body(body, &mut out));
    }
    out
}

pub(super) fn of_tests(program: &Program) -> Vec<Read> {
    let mut out = Vec::new();
    for expectation in program.tests.iter().flat_map(|t| &t.expect) {
        if let Expectation::Holds { body, .. } = expectation {
            of_body(body, &mut out);
        }
    }
    for property in &program.properties {
        property.mixes().for_each(|mixed| of_body(&mixed.body, &mut out));
    }
    out
}
