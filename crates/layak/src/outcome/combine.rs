//! What several households say together: an expression whose parts have been evaluated, each for its own household.

use std::collections::BTreeMap;

use crate::outcome::evaluate::state;
use crate::outcome::{Possible, aggregate};
use crate::program::{ExprBody, ExprRef, Kind};
use crate::value::Calendar;

/// The value of a body of which some expressions are known. The cost is linear in the body.
pub(crate) fn combine(body: &ExprBody, mut known: BTreeMap<ExprRef, Possible>, calendar: Calendar) -> Possible {
    // From the root down: what is asked for. What lies below a known part is not.
    let mut wanted = vec![false; body.len()];
    if let Some(slot) = wanted.last_mut() {
        *slot = true;
    }
    for (at, expr) in body.iter().rev() {
        if wanted.get(at.0 as usize) == Some(&true) && !known.contains_key(&at) {
            for operand in crate::program::operands(&expr.kind) {
                if let Some(slot) = wanted.get_mut(operand.0 as usize) {
                    *slot = true;
                }
            }
        }
    }
    for (at, expr) in body.iter() {
        if wanted.get(at.0 as usize) != Some(&true) || known.contains_key(&at) {
            continue;
        }
        let value = value(body, &expr.kind, &known, calendar, expr.span);
        known.insert(at, value);
    }
    body.root().and_then(|root| known.remove(&root)).unwrap_or_else(Possible::any)
}

fn value(
    body: &ExprBody,
    kind: &Kind,
    known: &BTreeMap<ExprRef, Possible>,
    calendar: Calendar,
    span: crate::source::Span,
) -> Possible {
    let any = Possible::any();
    let get = |at: &ExprRef| known.get(at).unwrap_or(&any);
    let items = |list: &ExprRef| match &body[*list].kind {
        Kind::List(items) => items.clone(),
        _ => Vec::new(),
    };
    let yes = Possible::boolean(true);
    let entry = |at: &ExprRef| aggregate::Entry { least: 1, most: Some(1), presence: &yes, value: get(at), key: None };
    match kind {
        Kind::Constant(value) => Possible::known(value.clone()),
        Kind::Apply(function, list) => {
            let operands: Vec<&Possible> = list.iter().map(get).collect();
            Possible::apply(*function, &operands, calendar, Some(span))
        }
        Kind::Not(of) => Possible::not(get(of)),
        Kind::And(list) => Possible::every(list.iter().map(get)),
        Kind::Or(list) => Possible::some(list.iter().map(get)),
        Kind::State(test, of) => state(*test, get(of)),
        Kind::Assume(a, b) => {
            let a = get(a);
            if a.is_certain() { a.clone() } else { get(b).clone() }
        }
        Kind::OrElse(a, b) => {
            let a = get(a);
            if !a.none {
                return a.clone();
            }
            let rest = Possible { none: false, ..a.clone() };
            let is_nothing = rest.set == crate::outcome::Set::Nothing && rest.fault.is_none();
            if is_nothing { get(b).clone() } else { rest.union(get(b)) }
        }
        Kind::If { arms, otherwise } => {
            let mut out: Option<Possible> = None;
            let mut add = |more: &Possible| out = Some(out.as_ref().map_or_else(|| more.clone(), |o| o.union(more)));
            for (condition, value) in arms {
                let condition = get(condition);
                if condition.can_be_true() {
                    add(get(value));
                }
                if let Some(fault) = &condition.fault {
                    add(&Possible::fault(fault.clone()));
                }
                if !condition.can_be_false() {
                    return out.unwrap_or(any.clone());
                }
            }
            add(get(otherwise));
            out.unwrap_or(any.clone())
        }
        Kind::Contains { list, item } => {
            let items = items(list);
            let entries: Vec<aggregate::Entry<'_>> = items.iter().map(entry).collect();
            aggregate::contains(&entries, get(item), calendar)
        }
        Kind::Aggregate { function, list, empty } => {
            let items = items(list);
            let entries: Vec<aggregate::Entry<'_>> = items.iter().map(entry).collect();
            let empty = empty.as_ref().map(get);
            aggregate::aggregate(*function, &entries, false, None, empty, calendar, Some(span))
        }
        // A list has no value of its own; nothing else is left to combine.
        _ => any.clone(),
    }
}
