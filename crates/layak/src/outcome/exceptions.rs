//! What exceptions of one rank make of a value.

use crate::graph::{Exception, NodeId};
use crate::outcome::Possible;
use crate::source::Span;
use crate::value::{Calendar, Fault, FaultKind, Function};

/// All that `Op::Exceptions` can come to. The cost is the number of exceptions.
pub(super) fn exceptions<'v>(
    list: &[Exception],
    otherwise: &Possible,
    calendar: Calendar,
    at: Option<Span>,
    get: impl Fn(NodeId) -> &'v Possible,
) -> Possible {
    let conditions = || list.iter().map(|e| get(e.condition));
    if conditions().any(|c| c.certain_fault().is_some()) {
        let first = conditions().filter_map(|c| c.fault.as_ref()).min();
        return first.map_or_else(Possible::any, |fault| Possible::fault(fault.clone()));
    }
    let holds = |e: &&Exception| get(e.condition).truth() == Some(true);
    // Whether two values are the same: yes, no, or not known.
    let same = |a: &Exception, b: &Exception| {
        if a.value == b.value {
            return Some(true);
        }
        Possible::apply(Function::Equal, &[get(a.value), get(b.value)], calendar, at).truth()
    };
    let may_hold: Vec<&Exception> = list.iter().filter(|e| get(e.condition).can_be_true()).collect();
    let mut faults: Vec<Fault> = conditions().filter_map(|c| c.fault.clone()).collect();
    faults.extend(may_hold.iter().filter_map(|e| get(e.value).fault.clone()));
    // INVARIANT: they stand in the order of their names, so that this pair is not after any that a completion finds.
    if let Some((first, rest)) = may_hold.split_first()
        && let Some(other) = rest.iter().find(|e| same(first, e) != Some(true))
    {
        let exceptions = (first.provision.name(), other.provision.name());
        faults.push(Fault { kind: FaultKind::Conflict { exceptions }, at });
    }
    // Of those that certainly hold one stands for all: one whose value is known, where there is one.
    let certain = || list.iter().filter(holds);
    let pivot = certain().find(|e| get(e.value).as_known().is_some()).or_else(|| certain().next());
    let out = match pivot {
        Some(pivot) if certain().any(|e| same(pivot, e) == Some(false) || get(e.value).certain_fault().is_some()) => {
            None
        }
        Some(pivot) => Some(get(pivot.value).clone()),
        None => Some(may_hold.iter().fold(otherwise.clone(), |out, e| out.union(get(e.value)))),
    };
    let fault = faults.into_iter().min().map(Possible::fault);
    match (out, fault) {
        (Some(out), Some(fault)) => out.union(&fault),
        (Some(out), None) | (None, Some(out)) => out,
        (None, None) => Possible::any(),
    }
}
