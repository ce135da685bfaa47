//! Conditions that `and`, `or` and `not` join, and which of them settle by themselves what they come to together.
//!
//! This is modified condition/decision coverage with masking: a condition decides alone where all others leave the outcome to it. It is
//! told for a yes and for a no apart, and each place where a condition is written is a condition of its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::program::*;
use crate::source::{Place, SourceMap, Span};
use crate::testing::coverage::{CoverageGoal, definition_name, items};
use crate::value::{Function, Value};

/// Names are cut after so many characters.
const LONGEST_NAME: usize = 60;

/// Where a body is written: the version by its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Written {
    Definition(DefinitionId, usize),
    Condition(ProgrammeId, usize, usize),
    Output(ProgrammeId, usize, usize),
}

/// A condition that is joined with others.
#[derive(Clone, Debug)]
pub(super) struct Operand {
    pub at: ExprRef,
    pub place: Place,
    pub name: String,
    /// It asks whether there is something to ask: without it the others have no answer, so that none of them can be what it needs.
    guards: bool,
}

/// Conditions that are joined, and how.
#[derive(Clone, Debug)]
pub(super) struct Junction {
    pub root: ExprRef,
    /// The root and each `and`, `or` and `not` below it, above what they join.
    inner: Vec<(ExprRef, Joins)>,
    pub operands: Vec<Operand>,
}

#[derive(Clone, Debug)]
enum Joins {
    All(Vec<ExprRef>),
    One(Vec<ExprRef>),
    Opposite(ExprRef),
}

/// The conditions that are joined in each body of the rules.
pub(super) fn junctions(program: &Program, sources: &SourceMap) -> BTreeMap<Written, Vec<Junction>> {
    let mut out = BTreeMap::new();
    let mut add = |written: Written, body: &ExprBody, roots: Vec<ExprRef>, name: &str| {
        let found = of_body(body, roots, name, sources);
        if !found.is_empty() {
            out.insert(written, found);
        }
    };
    for (id, definition) in program.definitions.iter() {
        let name = definition_name(program, definition.part_of.unwrap_or(id));
        for (number, version) in definition.versions.iter().enumerate().filter(|(_, v)| !v.period.repeals) {
            let (body, roots) = match &version.value {
                DefinitionValue::Expr(body) => (body, body.root().into_iter().collect()),
                DefinitionValue::Table(table) => (&program.tables[*table].body, named(&program.tables[*table])),
            };
            add(Written::Definition(id, number), body, roots, &name);
        }
    }
    for (id, programme) in program.programmes.iter() {
        for (number, version) in programme.versions.iter().enumerate() {
            for (index, condition) in version.requires.iter().chain(&version.refuses).enumerate() {
                let name = items::condition_name(programme, &condition.name);
                let roots = condition.body.root().into_iter().collect();
                add(Written::Condition(id, number, index), &condition.body, roots, &name);
            }
            for (output, body) in &version.gives {
                let output_name = programme.outputs.get(*output).map_or("", |o| &*o.name);
                let name = format!("{}.{output_name}", programme.declared.name);
                add(Written::Output(id, number, *output), body, body.root().into_iter().collect(), &name);
            }
        }
    }
    out
}

/// What a table names of its body.
fn named(table: &Table) -> Vec<ExprRef> {
    let mut out = table.inputs.clone();
    out.extend(&table.otherwise);
    for row in &table.rows {
        out.extend(&row.outputs);
        for test in row.cells.iter().flat_map(|cell| &cell.tests) {
            match test {
                CellTest::Equal(at) => out.push(*at),
                CellTest::Range { low, high, .. } => out.extend(low.iter().chain(high)),
                CellTest::Unknown => {}
            }
        }
    }
    out
}

fn of_body(body: &ExprBody, mut open: Vec<ExprRef>, name: &str, sources: &SourceMap) -> Vec<Junction> {
    let mut out = Vec::new();
    let mut seen = BTreeSet::new();
    while let Some(at) = open.pop() {
        if !seen.insert(at) {
            continue;
        }
        let Some(joins) = joins(body, at) else {
            open.extend(operands(&body[at].kind));
            continue;
        };
        let mut junction = Junction { root: at, inner: Vec::new(), operands: Vec::new() };
        let mut below = vec![(at, joins)];
        while let Some((at, how)) = below.pop() {
            for operand in how.operands() {
                match self::joins(body, *operand) {
                    Some(how) => below.push((*operand, how)),
                    None => {
                        // A constant is no condition; lists within one have conditions of their own.
                        if !matches!(body[*operand].kind, Kind::Constant(_)) {
                            junction.operands.push(operand_of(body, *operand, name, sources));
                        }
                        open.push(*operand);
                    }
                }
            }
            junction.inner.push((at, how));
        }
        if junction.operands.len() > 1 {
            out.push(junction);
        }
    }
    out
}

/// How an expression joins others, where it is written so: `a in 1..5` and `a != b` are one condition.
fn joins(body: &ExprBody, at: ExprRef) -> Option<Joins> {
    let TypedExpr { kind, span, .. } = &body[at];
    let joins = match kind {
        Kind::And(list) => Joins::All(list.clone()),
        Kind::Or(list) => Joins::One(list.clone()),
        Kind::Not(of) => Joins::Opposite(*of),
        _ => return None,
    };
    let is_part = |of: &ExprRef| body[*of].span != *span;
    joins.operands().iter().any(is_part).then_some(joins)
}

impl Joins {
    fn operands(&self) -> &[ExprRef] {
        match self {
            Joins::All(list) | Joins::One(list) => list,
            Joins::Opposite(of) => std::slice::from_ref(of),
        }
    }
}

fn operand_of(body: &ExprBody, at: ExprRef, name: &str, sources: &SourceMap) -> Operand {
    let TypedExpr { kind, span, .. } = &body[at];
    let none = |of: &ExprRef| matches!(body[*of].kind, Kind::Constant(Value::None));
    let guards = match kind {
        Kind::State(..) => true,
        Kind::Apply(Function::Equal, list) => list.iter().any(none),
        Kind::Not(of) => match &body[*of].kind {
            Kind::Apply(Function::Equal, list) => list.iter().any(none),
            kind => matches!(kind, Kind::State(..)),
        },
        _ => false,
    };
    Operand { at, place: sources.place(*span), name: format!("{name}: {}", text(sources, *span)), guards }
}

/// What is written there, on one line.
fn text(sources: &SourceMap, span: Span) -> String {
    let text = sources.snippet(span).split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("")),
        None => text,
    }
}

/// What is left to an expression: nothing, or the outcome, whether by itself or because the others have no answer.
#[derive(Clone, Copy)]
struct Left {
    strictly: bool,
    at_least: bool,
}

impl Junction {
    /// Of the conditions that are yes or no those that alone settle what all come to, and by what.
    pub(super) fn deciding(&self, truth: impl Fn(ExprRef) -> Option<bool>) -> Vec<(&Operand, CoverageGoal)> {
        let mut truths: BTreeMap<ExprRef, Option<bool>> =
            self.operands.iter().map(|operand| (operand.at, truth(operand.at))).collect();
        for (at, how) in self.inner.iter().rev() {
            // A constant stands nowhere yet.
            for operand in how.operands() {
                truths.entry(*operand).or_insert_with(|| truth(*operand));
            }
            let value = |of: &ExprRef| truths.get(of).copied().flatten();
            let settled = |list: &[ExprRef], by: bool| match list.iter().any(|of| value(of) == Some(by)) {
                true => Some(by),
                false => list.iter().all(|of| value(of) == Some(!by)).then_some(!by),
            };
            let value = match how {
                Joins::All(list) => settled(list, false),
                Joins::One(list) => settled(list, true),
                Joins::Opposite(of) => value(of).map(|truth| !truth),
            };
            truths.insert(*at, value);
        }
        let value = |of: ExprRef| truths.get(&of).copied().flatten();
        let is_settled = value(self.root).is_some();
        let mut left: BTreeMap<ExprRef, Left> = BTreeMap::new();
        left.insert(self.root, Left { strictly: is_settled, at_least: is_settled });
        for (at, how) in &self.inner {
            let Some(own) = left.get(at).copied() else { continue };
            let open = match how {
                Joins::All(_) => true,
                Joins::One(_) => false,
                Joins::Opposite(of) => {
                    left.insert(*of, own);
                    continue;
                }
            };
            let list = how.operands();
            let count = |of: Option<bool>| list.iter().filter(|other| value(**other) == of).count();
            let (open_ones, closed) = (count(Some(open)), count(Some(!open)));
            for operand in list {
                let mine = value(*operand);
                let others_open = open_ones.saturating_sub(usize::from(mine == Some(open)));
                let others_closed = closed.saturating_sub(usize::from(mine == Some(!open)));
                let to_it = Left {
                    strictly: own.strictly && others_open == list.len().saturating_sub(1),
                    at_least: own.at_least && others_closed == 0,
                };
                left.insert(*operand, to_it);
            }
        }
        let decides = |operand: &Operand| {
            let left = left.get(&operand.at)?;
            let goal = if value(operand.at)? { CoverageGoal::DecidesTrue } else { CoverageGoal::DecidesFalse };
            (left.strictly || (operand.guards && left.at_least)).then_some(goal)
        };
        let mut out = Vec::new();
        // The two ends of `x in 1..5` are one condition.
        let mut told = BTreeSet::new();
        for operand in &self.operands {
            if let Some(goal) = decides(operand)
                && told.insert((&operand.place, &operand.name, goal))
            {
                out.push((operand, goal));
            }
        }
        out
    }
}
