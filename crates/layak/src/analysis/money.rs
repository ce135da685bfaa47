//! Money that keeps fractions of the currency's smallest unit where a programme gives it.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::days::{Laid, Steps};
use super::search::{Found, Goal, Search};
use super::{show, warning};
use crate::arena::Id;
use crate::diagnostic::{Code, Finding, Phrase, phrase};
use crate::graph::{Graph, NodeId, Op};
use crate::limits::Limits;
use crate::outcome::Recording;
use crate::program::*;
use crate::source::Span;
use crate::syntax::Collect;
use crate::value::{Decimal, Function, Value};

/// Up to how many values a node is known by these.
const FEW: usize = 128;

/// How finely a number can be divided.
#[derive(Clone, Debug, PartialEq)]
enum Grain {
    /// It is one of these.
    Of(BTreeSet<Decimal>),
    /// A whole number of times this.
    Step(Decimal),
    /// Any fraction.
    Any,
}

impl Grain {
    /// What it is a whole number of times of. Of 0 alone, of anything.
    fn step(&self) -> Option<Decimal> {
        match self {
            Grain::Of(values) => {
                values.iter().cloned().map(Some).reduce(|a, b| common(&a?, &b?)).unwrap_or(Some(Decimal::ZERO))
            }
            Grain::Step(step) => Some(step.clone()),
            Grain::Any => None,
        }
    }

    fn whole() -> Grain {
        Grain::Step(Decimal::from(1_i64))
    }

    fn of_step(step: Option<Decimal>) -> Grain {
        step.map_or(Grain::Any, Grain::Step)
    }

    fn fits(&self, unit: &Decimal) -> bool {
        self.step().is_some_and(|step| step.checked_rem_floor(unit).is_some_and(|rest| rest.is_zero()))
    }
}

/// What two numbers are both whole numbers of times of.
fn common(a: &Decimal, b: &Decimal) -> Option<Decimal> {
    let scale = digits_after(a).max(digits_after(b));
    let (mut a, mut b) = (a.to_scaled_i64(scale)?.unsigned_abs(), b.to_scaled_i64(scale)?.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    Decimal::new(i128::from(a), scale)
}

/// Digits after the point of the smallest unit of a currency in use.
fn digits_of(currency: &str) -> u32 {
    match currency {
        "IDR" | "Rp" | "JPY" | "KRW" | "VND" | "CLP" | "ISK" | "PYG" | "UGX" | "RWF" | "XAF" | "XOF" | "XPF"
        | "KMF" | "GNF" | "DJF" | "BIF" | "VUV" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

pub(super) fn look(
    program: &Program,
    laid: &Laid,
    limits: &Limits,
    steps: &mut Steps,
    told: &mut BTreeSet<Span>,
    found: &mut Vec<Finding>,
) {
    let Some(currency) = &program.currency else { return };
    let Some(unit) = Decimal::new(1, digits_of(currency)) else { return };
    let mut grains: Option<Vec<Grain>> = None;
    for root in &laid.graph.programmes {
        let programme = &program.programmes[root.programme];
        for (output, node) in &root.outputs {
            let Some(declared) = programme.outputs.get(*output) else { continue };
            let is_money = matches!(declared.ty.required(), Type::Number(q) if q.money);
            let Some(at) = given(programme, *output, laid) else { continue };
            if !is_money || told.contains(&at) {
                continue;
            }
            let grains = grains.get_or_insert_with(|| all(program, &laid.graph, &unit));
            if grain(grains, *node).fits(&unit) {
                continue;
            }
            told.insert(at);
            let mut finding = warning(
                Code::MONEY_FRACTION,
                at,
                phrase!(
                    "`{0}.{1}` can be a fraction of the smallest unit of {2}",
                    "`{0}.{1}` dapat berupa pecahan satuan terkecil {2}",
                    programme.declared.name,
                    declared.name,
                    currency
                ),
                phrase!(
                    "say how it is rounded: `round(…, to: {0} {1}, half_up)`",
                    "nyatakan pembulatannya: `round(…, to: {0} {1}, half_up)` (`bulatkan`)",
                    currency,
                    unit
                ),
            );
            if let Some(text) = example(program, laid, (root.programme, *output), &unit, limits, steps) {
                finding = finding.label(text);
            }
            if let Some(origin) = origin(&laid.graph, grains, *node, &unit).filter(|o| *o != at) {
                finding = finding.also(origin, phrase!("the fraction arises here", "pecahan muncul di sini"));
            }
            found.push(finding);
        }
    }
}

/// A household that gets a fraction, with the amount: found by trying, decided by the evaluator.
fn example(
    program: &Program,
    laid: &Laid,
    (programme, output): (ProgrammeId, usize),
    unit: &Decimal,
    limits: &Limits,
    steps: &mut Steps,
) -> Option<Phrase> {
    if !steps.spend(laid.graph.nodes.len()) {
        return None;
    }
    let mut exact = Laid::exact(program, laid.day, limits);
    let root = exact.graph.programmes.iter().find(|p| p.programme == programme)?;
    let (frame, eligible) = (root.frame, root.eligible);
    let (_, node) = *root.outputs.iter().find(|(o, _)| *o == output)?;
    if exact.recording.frames.len(frame) == 0 {
        return None;
    }
    let amount = RefCell::new(None);
    let goal = |graph: &Graph, recording: &Recording| {
        let (eligible, value) = (recording.get(graph, eligible, frame, 0), recording.get(graph, node, frame, 0));
        let is_fraction = match value.as_known() {
            Some(Value::Number(n)) => Some(n.checked_rem_floor(unit).is_some_and(|rest| !rest.is_zero())),
            Some(_) => Some(false),
            None => value.certain_fault().map(|_| false),
        };
        match is_fraction {
            _ if !eligible.can_be_true() => Goal::Dead,
            Some(false) => Goal::Dead,
            Some(true) if eligible.truth() == Some(true) => {
                amount.replace(value.as_known().cloned());
                Goal::Reached
            }
            _ => Goal::Open,
        }
    };
    let mut own = steps.share();
    let found = Search::witness(&mut exact, program, &[eligible, node], &[], limits, &mut own).run(&mut own, &goal);
    steps.give_back(own);
    let Found::Household(facts) = found else { return None };
    let (facts, amount) = (show::household(program, &facts), show::value(&amount.into_inner()?, None));
    Some(phrase!("it is {0} where {1}", "nilainya {0} bila {1}", amount, facts))
}

/// Where the version in force says what an output is.
fn given(programme: &Programme, output: usize, laid: &Laid) -> Option<Span> {
    let version = version_on(&programme.versions, |v| &v.period, laid.day, crate::value::Date::MAX)?;
    let (_, body) = version.gives.iter().find(|(o, _)| *o == output)?;
    Some(body[body.root()?].span)
}

/// The first place on the way down at which fractions arise.
fn origin(graph: &Graph, grains: &[Grain], node: NodeId, unit: &Decimal) -> Option<Span> {
    let mut at = node;
    let is_fine = |node: NodeId| !grain(grains, node).fits(unit);
    for _ in 0..grains.len() {
        let number = |n: &NodeId| !matches!(graph.constant(*n), Some(Value::Number(_))) && is_fine(*n);
        match graph.inputs(at).into_iter().find(number) {
            Some(next) => at = next,
            None => break,
        }
    }
    graph.nodes[at].span
}

fn grain(grains: &[Grain], node: NodeId) -> &Grain {
    grains.get(node.index()).unwrap_or(&Grain::Any)
}

fn digits_after(value: &Decimal) -> u32 {
    let text = value.to_string();
    text.split_once('.').map_or(0, |(_, after)| u32::try_from(after.trim_end_matches('0').len()).unwrap_or(u32::MAX))
}

/// By node.
fn all(program: &Program, graph: &Graph, unit: &Decimal) -> Vec<Grain> {
    let mut grains: Vec<Grain> = Vec::with_capacity(graph.nodes.len());
    // INVARIANT: what a node reads comes before it.
    for (_, node) in graph.nodes.iter() {
        let next = of(program, graph, &grains, &node.op, unit);
        grains.push(next);
    }
    grains
}

fn of(program: &Program, graph: &Graph, grains: &[Grain], op: &Op, unit: &Decimal) -> Grain {
    let get = |node: &NodeId| grain(grains, *node).clone();
    let union =
        |nodes: &mut dyn Iterator<Item = NodeId>| nodes.map(|n| get(&n)).reduce(joined).unwrap_or(Grain::whole());
    match op {
        Op::Constant(Value::Number(n)) => Grain::Of(BTreeSet::from([n.clone()])),
        // It is no value.
        Op::Fault(_) => Grain::Of(BTreeSet::new()),
        Op::Fact { entity, field } => match program.entities[*entity].fields.get(*field).map(|f| &f.shape) {
            Some(FieldShape::Scalar { ty, .. }) => match ty.required() {
                Type::Number(q) if q.whole => Grain::whole(),
                // Facts are amounts that were paid: whole units.
                Type::Number(q) if q.money => Grain::Step(unit.clone()),
                Type::Number(_) => Grain::Any,
                _ => Grain::whole(),
            },
            _ => Grain::Any,
        },
        Op::At { node, .. } | Op::Rebase(node) => get(node),
        Op::Choose(list) => union(&mut list.iter().copied()),
        Op::Apply(function, operands) => {
            let operands: Vec<Grain> = operands.iter().map(get).collect();
            applied(*function, &operands)
        }
        Op::If { arms, otherwise } => union(&mut arms.iter().map(|(_, value)| *value).chain([*otherwise])),
        Op::Exceptions { exceptions, otherwise } => union(&mut exceptions.iter().map(|e| e.value).chain([*otherwise])),
        Op::Assume(a, b) | Op::OrElse(a, b) => joined(get(a), get(b)),
        Op::Parameter { parameter, .. } => {
            let declared = &graph.parameters[*parameter];
            let values = declared.values.iter().filter_map(|(_, value)| value.as_ref()).chain(&declared.default);
            let numbers = values.filter_map(|v| if let Value::Number(n) = v { Some(n.clone()) } else { None });
            few(numbers.collect())
        }
        Op::Dated { versions, .. } => union(&mut versions.iter().map(|(_, node)| *node)),
        Op::Table { table, output } => match graph.tables.get(*table) {
            Some(table) => {
                let rows = table.rows.iter().filter_map(|r| r.outputs.get(*output)).copied();
                let one = union(&mut rows.chain(table.otherwise.get(*output).copied()));
                match table.policy {
                    HitPolicy::Collect(Collect::Count) => Grain::whole(),
                    HitPolicy::Collect(Collect::Sum) => Grain::of_step(one.step()),
                    _ => one,
                }
            }
            None => Grain::Any,
        },
        Op::Aggregate { function, items, empty } => aggregated(*function, get(&items.value), empty.as_ref().map(get)),
        Op::Combine { function, items, empty } => {
            let one = union(&mut items.iter().map(|(_, value)| *value));
            aggregated(*function, one, empty.as_ref().map(get))
        }
        Op::Constant(_)
        | Op::AsOf
        | Op::KnownOn
        | Op::Row
        | Op::Not(_)
        | Op::And(_)
        | Op::Or(_)
        | Op::State(..)
        | Op::IsFault(_)
        | Op::Contains { .. }
        | Op::InTop(_) => Grain::whole(),
    }
}

fn few(values: BTreeSet<Decimal>) -> Grain {
    if values.len() <= FEW {
        return Grain::Of(values);
    }
    Grain::of_step(Grain::Of(values).step())
}

fn joined(a: Grain, b: Grain) -> Grain {
    match (a, b) {
        (Grain::Of(mut a), Grain::Of(b)) => {
            a.extend(b);
            few(a)
        }
        (a, b) => Grain::of_step(a.step().zip(b.step()).and_then(|(a, b)| common(&a, &b))),
    }
}

fn aggregated(function: Aggregate, one: Grain, empty: Option<Grain>) -> Grain {
    let own = match function {
        Aggregate::Count | Aggregate::Any | Aggregate::Every | Aggregate::None => Grain::whole(),
        Aggregate::Sum => Grain::of_step(one.step()),
        Aggregate::Min | Aggregate::Max | Aggregate::First | Aggregate::Last => one,
        Aggregate::Average => Grain::Any,
        // That of an even number of values lies half way between two.
        Aggregate::Median => Grain::of_step(one.step().and_then(|step| step.checked_mul(&Decimal::new(5, 1)?))),
    };
    match empty {
        Some(empty) => joined(own, empty),
        None => own,
    }
}

type Exact<'f> = &'f dyn Fn(&Decimal, &Decimal) -> Option<Decimal>;

fn exact(a: &Grain, b: &Grain, function: Exact<'_>) -> Option<Grain> {
    match (a, b) {
        (Grain::Of(a), Grain::Of(b)) if a.len() * b.len() <= FEW => {
            let pairs = a.iter().flat_map(|a| b.iter().map(move |b| (a, b)));
            pairs.map(|(a, b)| function(a, b)).collect::<Option<BTreeSet<Decimal>>>().map(Grain::Of)
        }
        _ => None,
    }
}

fn applied(function: Function, operands: &[Grain]) -> Grain {
    let all = || Grain::of_step(operands.iter().cloned().reduce(joined).and_then(|all| all.step()));
    match (function, operands) {
        (Function::Add, [a, b]) => exact(a, b, &Decimal::checked_add).unwrap_or_else(all),
        (Function::Subtract, [a, b]) => exact(a, b, &Decimal::checked_sub).unwrap_or_else(all),
        (Function::Multiply, [a, b]) => exact(a, b, &Decimal::checked_mul)
            .unwrap_or_else(|| Grain::of_step(a.step().zip(b.step()).and_then(|(a, b)| a.checked_mul(&b)))),
        (Function::Divide, [a, Grain::Of(b)]) => {
            exact(a, &Grain::Of(b.clone()), &Decimal::checked_div).unwrap_or_else(|| {
                // Each quotient must come out even.
                let quotient = |step: &Decimal, by: &Decimal| {
                    step.checked_div(by).filter(|q| q.checked_mul(by).as_ref() == Some(step)).map(|q| q.abs())
                };
                let each =
                    a.step().and_then(|step| b.iter().map(|by| quotient(&step, by)).collect::<Option<BTreeSet<_>>>());
                each.map_or(Grain::Any, |each| Grain::of_step(Grain::Of(each).step()))
            })
        }
        (Function::Divide, _) => Grain::Any,
        (Function::Round(_), [_, step]) => Grain::of_step(step.step()),
        (Function::Min | Function::Max | Function::Remainder, _) => all(),
        (Function::Negate | Function::Abs | Function::Unwrap, [of]) => Grain::of_step(of.step()),
        (Function::Power, [of, Grain::Of(n)]) => {
            let powers = of.step().and_then(|step| {
                let each = n.iter().map(|n| n.to_i64().filter(|n| *n >= 0).and_then(|n| step.checked_powi(n)));
                each.collect::<Option<BTreeSet<Decimal>>>()
            });
            powers.map_or(Grain::Any, |powers| Grain::of_step(Grain::Of(powers).step()))
        }
        (Function::Power, _) => Grain::Any,
        _ => Grain::whole(),
    }
}
