//! What can be shown of a program, and the names that it goes by.

use crate::graph::text_of_keys;
use crate::program::*;
use crate::source::{Place, SourceMap};
use crate::testing::coverage::junctions::junctions;
use crate::testing::coverage::{Coverage, CoverageGoal, CoverageKind, MOST_KEYS, MOST_ROWS, definition_name};
use crate::value::{Date, Value};

const TRUTH: [CoverageGoal; 3] = [CoverageGoal::True, CoverageGoal::False, CoverageGoal::Unknown];

pub(super) fn declare(program: &Program, sources: &SourceMap, out: &mut Coverage) {
    for programme in program.programmes.values() {
        for version in &programme.versions {
            let name = programme.declared.name.to_string();
            let goals = [CoverageGoal::Eligible, CoverageGoal::NotEligible, CoverageGoal::Undetermined];
            out.declare(sources.place(version.span), CoverageKind::Programme, name, &goals);
            for condition in version.requires.iter().chain(&version.refuses) {
                let named = condition.definition.is_some();
                let goals = [CoverageGoal::Decides, CoverageGoal::Reason];
                let truth = TRUTH.iter().filter(|_| !named).chain(&goals).copied().collect::<Vec<_>>();
                let name = condition_name(programme, &condition.name);
                out.declare(sources.place(condition.span), CoverageKind::Condition, name, &truth);
            }
            for other in program.programmes.values() {
                let excludes = |v: &ProgrammeVersion| v.excludes.iter().any(|id| is(program, *id, programme));
                if other.versions.iter().any(excludes) {
                    let name = condition_name(programme, &other.declared.name);
                    let goals = [CoverageGoal::Decides, CoverageGoal::Reason];
                    out.declare(sources.place(version.span), CoverageKind::Condition, name, &goals);
                }
            }
        }
    }
    for (id, definition) in program.definitions.iter() {
        for version in definition.versions.iter().filter(|v| !v.period.repeals) {
            if let Some((kind, goals)) = goals_of(definition) {
                out.declare(sources.place(version.span), kind, definition_name(program, id), goals);
            }
            for exception in &version.exceptions {
                let name = exception_name(program, &exception.provision);
                out.declare(exception.provision.place.clone(), CoverageKind::Exception, name, &TRUTH);
            }
            if let DefinitionValue::Table(table) = &version.value {
                declare_rows(&program.tables[*table], sources, out);
            }
        }
    }
    for operand in junctions(program, sources).into_values().flatten().flat_map(|junction| junction.operands) {
        out.declare(
            operand.place,
            CoverageKind::Operand,
            operand.name,
            &[CoverageGoal::DecidesTrue, CoverageGoal::DecidesFalse],
        );
    }
    for parameter in program.parameters.values() {
        for value in &parameter.values {
            for version in value.versions.iter().filter(|v| !v.period.repeals) {
                let (place, name) = parameter_item(program, sources, parameter, value, version);
                out.declare(place, CoverageKind::Parameter, name, &[CoverageGoal::Used]);
            }
        }
    }
}

fn is(program: &Program, id: ProgrammeId, programme: &Programme) -> bool {
    std::ptr::eq(&raw const program.programmes[id], programme)
}

/// What can be shown of a definition that is yes or no.
pub(super) fn goals_of(definition: &Definition) -> Option<(CoverageKind, &'static [CoverageGoal])> {
    let is_named = definition.part_of.is_none() && definition.arguments.is_empty();
    match definition.kind {
        DefinitionKind::Criterion if is_named => Some((CoverageKind::Criterion, &TRUTH)),
        DefinitionKind::Define if is_named && definition.ty == Type::Boolean => {
            Some((CoverageKind::Definition, &[CoverageGoal::True, CoverageGoal::False]))
        }
        DefinitionKind::Criterion | DefinitionKind::Define | DefinitionKind::Table => None,
    }
}

fn declare_rows(table: &Table, sources: &SourceMap, out: &mut Coverage) {
    for (number, row) in table.rows.iter().enumerate() {
        out.declare(sources.place(row.span), CoverageKind::Row, row_name(table, number), &[CoverageGoal::Used]);
        if table.rows.len() > MOST_ROWS {
            continue;
        }
        for (column, cell) in row.cells.iter().enumerate().filter(|(_, cell)| !cell.tests.is_empty()) {
            let name = cell_name(table, sources, number, column);
            out.declare(cell_place(table, sources, row, cell), CoverageKind::Cell, name, &[CoverageGoal::Decides]);
        }
    }
    if let Some(otherwise) = table.otherwise.first() {
        let place = sources.place(table.body[*otherwise].span);
        out.declare(place, CoverageKind::Row, else_name(table), &[CoverageGoal::Used]);
    }
}

pub(super) fn condition_name(programme: &Programme, condition: &str) -> String {
    format!("{}: {condition}", programme.declared.name)
}

pub(super) fn exception_name(program: &Program, provision: &Provision) -> String {
    let rule = definition_name(program, provision.rule);
    match &provision.label {
        Some(label) => format!("{rule}: {label}"),
        None => rule,
    }
}

pub(super) fn row_name(table: &Table, number: usize) -> String {
    format!("{} row {}", table.name, number.saturating_add(1))
}

pub(super) fn else_name(table: &Table) -> String {
    format!("{} else", table.name)
}

pub(super) fn cell_name(table: &Table, sources: &SourceMap, row: usize, column: usize) -> String {
    let input = table.inputs.get(column).map_or("", |input| sources.snippet(table.body[*input].span));
    format!("{} row {} {input}", table.name, row.saturating_add(1))
}

/// Where the first test of a cell stands that has a place, else the row.
pub(super) fn cell_place(table: &Table, sources: &SourceMap, row: &Row, cell: &CellTests) -> Place {
    let first = cell.tests.iter().find_map(|test| match test {
        CellTest::Equal(at) => Some(*at),
        CellTest::Range { low, high, .. } => low.or(*high),
        CellTest::Unknown => None,
    });
    sources.place(first.map_or(row.span, |at| table.body[at].span))
}

/// The place and the name of a version of a parameter.
pub(super) fn parameter_item(
    program: &Program,
    sources: &SourceMap,
    parameter: &Parameter,
    value: &ParameterValue,
    version: &ParameterVersion,
) -> (Place, String) {
    let from = version.period.from.map(|from| from.to_string()).unwrap_or_default();
    if parameter.values.len() > MOST_KEYS {
        let count = parameter.values.len();
        return (sources.place(parameter.declared.span), format!("{} ({count} keys) {from}", parameter.declared.name));
    }
    let keys = match value.keys.as_slice() {
        [] => String::new(),
        keys => format!("({})", keys_text(program, parameter, keys)),
    };
    (sources.place(version.span), format!("{}{keys} {from}", parameter.declared.name))
}

fn keys_text(program: &Program, parameter: &Parameter, keys: &[Value]) -> String {
    let names = parameter.keys.iter().map(|(_, ty)| match ty.required() {
        Type::Enum(id) => program.enums[*id].members.iter().map(|m| std::sync::Arc::clone(&m.name)).collect(),
        _ => Vec::new(),
    });
    let names: Vec<Vec<_>> = names.collect();
    text_of_keys(&names, keys).to_string()
}

/// The version of a parameter's value that is in force.
pub(super) fn in_force(value: &ParameterValue, as_of: Date, known_on: Date) -> Option<&ParameterVersion> {
    version_on(&value.versions, |v| &v.period, as_of, known_on)
}
