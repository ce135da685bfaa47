//! Programs in which values that are always equal are one: for proofs that rules decide alike.

use std::collections::{BTreeMap, BTreeSet};

use crate::program::{
    CellTest, Constant, DefinitionValue, ExprBody, ExprRef, Kind, Parameter, ParameterValue, Program, Table, operands,
    version_on,
};
use crate::value::{Date, Value};

/// Of parameters with more keys none is taken for another.
const MOST_KEYS: usize = 256;

/// The program with each constant key of a parameter replaced by the first key that has the same value on every day, however the law is
/// known. Whatever it asks of a parameter, the answer is the same.
pub(super) fn level(program: &Program) -> Program {
    let mut out = program.clone();
    let definitions: Vec<_> = program.definitions.iter().map(|(id, _)| id).collect();
    for id in definitions {
        for version in &mut out.definitions[id].versions {
            if let DefinitionValue::Expr(body) = &mut version.value {
                body_of(program, body, &BTreeSet::new());
            }
        }
    }
    let tables: Vec<_> = program.tables.iter().map(|(id, _)| id).collect();
    for id in tables {
        let named = named(&program.tables[id]);
        body_of(program, &mut out.tables[id].body, &named);
    }
    let programmes: Vec<_> = program.programmes.iter().map(|(id, _)| id).collect();
    for id in programmes {
        for version in &mut out.programmes[id].versions {
            let conditions = version.requires.iter_mut().chain(&mut version.refuses).map(|c| &mut c.body);
            let bodies = conditions.chain(version.gives.iter_mut().map(|(_, body)| body));
            bodies.for_each(|body| body_of(program, body, &BTreeSet::new()));
        }
    }
    out
}

/// Whether two parameters have the same value for each key on every day, however the law is known.
pub(super) fn is_same(a: &Parameter, b: &Parameter) -> bool {
    let days = Days::of([a, b]);
    a.default == b.default
        && a.values.len() == b.values.len()
        && a.values.iter().zip(&b.values).all(|(a, b)| a.keys == b.keys && days.values(a) == days.values(b))
}

/// One day of each stretch on which the same versions of parameters are in force, and likewise the days on which they are known.
struct Days {
    as_of: Vec<Date>,
    known_on: Vec<Date>,
}

impl Days {
    fn of<'p>(parameters: impl IntoIterator<Item = &'p Parameter>) -> Days {
        let (mut as_of, mut known_on) = (BTreeSet::new(), BTreeSet::new());
        for version in parameters.into_iter().flat_map(|p| &p.values).flat_map(|v| &v.versions) {
            as_of.extend(version.period.from);
            as_of.extend(version.period.until.and_then(|until| until.add_days(1)));
            known_on.extend(version.period.enacted);
        }
        Days { as_of: with_before(as_of), known_on: with_before(known_on) }
    }

    /// What a key has on each of them.
    fn values<'v>(&self, value: &'v ParameterValue) -> Vec<Option<&'v Constant>> {
        let on = |as_of: Date, known_on: Date| {
            version_on(&value.versions, |v| &v.period, as_of, known_on).map(|version| &version.value)
        };
        self.as_of.iter().flat_map(|as_of| self.known_on.iter().map(move |known| on(*as_of, *known))).collect()
    }
}

/// Days with one before all of them; some day where there are none.
fn with_before(days: BTreeSet<Date>) -> Vec<Date> {
    let before = match days.first() {
        Some(first) => first.add_days(-1),
        None => Date::new(2000, 1, 1),
    };
    before.into_iter().chain(days).collect()
}

/// What a table names of its body: to it such an expression is more than the operand of another.
fn named(table: &Table) -> BTreeSet<ExprRef> {
    let mut out: BTreeSet<ExprRef> = table.inputs.iter().chain(&table.otherwise).copied().collect();
    for row in &table.rows {
        out.extend(&row.outputs);
        for test in row.cells.iter().flat_map(|cell| &cell.tests) {
            match test {
                CellTest::Equal(at) => out.extend([*at]),
                CellTest::Range { low, high, .. } => out.extend(low.iter().chain(high)),
                CellTest::Unknown => {}
            }
        }
    }
    out
}

fn body_of(program: &Program, body: &mut ExprBody, named: &BTreeSet<ExprRef>) {
    let mut uses: BTreeMap<ExprRef, usize> = BTreeMap::new();
    let mut asked = Vec::new();
    for (_, expr) in body.iter() {
        for operand in operands(&expr.kind) {
            let count = uses.entry(operand).or_default();
            *count = count.saturating_add(1);
        }
        if let Kind::Parameter { parameter, keys } = &expr.kind {
            asked.push((*parameter, keys.clone()));
        }
    }
    for (parameter, keys) in asked {
        let constants: Option<Vec<Value>> = keys
            .iter()
            .map(|key| match &body[*key].kind {
                // What others read too stays as it is.
                Kind::Constant(value) if uses.get(key) == Some(&1) && !named.contains(key) => Some(value.clone()),
                _ => None,
            })
            .collect();
        let first = constants.and_then(|constants| first_alike(&program.parameters[parameter], &constants));
        for (key, value) in keys.iter().zip(first.into_iter().flatten()) {
            body[*key].kind = Kind::Constant(value.clone());
        }
    }
}

/// The first keys of a parameter that have always the same value as others.
fn first_alike<'p>(parameter: &'p Parameter, keys: &[Value]) -> Option<&'p [Value]> {
    if parameter.values.len() > MOST_KEYS || parameter.bound.is_some() {
        return None;
    }
    let own = parameter.values.iter().find(|value| value.keys == keys)?;
    let days = Days::of([parameter]);
    let wanted = days.values(own);
    parameter.values.iter().find(|value| days.values(value) == wanted).map(|value| value.keys.as_slice())
}
