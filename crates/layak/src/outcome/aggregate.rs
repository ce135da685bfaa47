//! Aggregates over items of which some may not count and some are not known.

use std::cmp::Ordering;

use crate::outcome::{Possible, Set, top};
use crate::program::Aggregate;
use crate::source::Span;
use crate::value::{Calendar, Decimal, Fault, FaultKind, Function, Value};

/// One item, or as many as an unknown list may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub least: usize,
    pub most: Option<usize>,
    pub presence: &'a Possible,
    pub value: &'a Possible,
    /// The key to order by, and whether the greatest comes first.
    pub key: Option<(&'a Possible, bool)>,
}

impl Entry<'_> {
    /// How many of it certainly count, and how many may.
    pub(super) fn count(&self) -> (usize, Option<usize>) {
        let least = if certainly(self.presence) { self.least } else { 0 };
        let most = if self.presence.can_be_true() { self.most } else { Some(0) };
        (least, most)
    }

    fn may_count(&self) -> bool {
        self.count().1 != Some(0)
    }
}

pub(super) fn certainly(presence: &Possible) -> bool {
    presence.can_be_true() && !presence.can_be_false() && presence.fault.is_none()
}

pub(super) fn known(entries: &[Entry<'_>]) -> bool {
    entries.iter().all(|e| {
        e.least == 1
            && e.most == Some(1)
            && e.presence.as_known().is_some()
            && (!e.may_count() || (e.value.as_known().is_some() && e.key.is_none_or(|(k, _)| k.as_known().is_some())))
    })
}

fn number(n: usize) -> Value {
    Value::Number(Decimal::from(i64::try_from(n).unwrap_or(i64::MAX)))
}

/// The faults that items bring: the first of those that are certain, of items that certainly count and certainly are
/// one, and the first of all. Where one is certain, the first of all is told, as everywhere.
pub(super) fn faults(entries: &[Entry<'_>], with_values: bool) -> (Option<Fault>, Option<Fault>) {
    let mut certain: Option<Fault> = None;
    let mut possible: Option<Fault> = None;
    let add = |slot: &mut Option<Fault>, fault: &Fault| {
        if slot.as_ref().is_none_or(|f| fault < f) {
            *slot = Some(fault.clone());
        }
    };
    for entry in entries {
        if entry.most == Some(0) {
            continue;
        }
        if let Some(fault) = &entry.presence.fault {
            add(&mut possible, fault);
            if entry.presence.certain_fault().is_some() && entry.least > 0 {
                add(&mut certain, fault);
            }
        }
        if !with_values || !entry.may_count() {
            continue;
        }
        for value in std::iter::once(entry.value).chain(entry.key.map(|(k, _)| k)) {
            if let Some(fault) = &value.fault {
                add(&mut possible, fault);
                if value.certain_fault().is_some() && entry.count().0 > 0 {
                    add(&mut certain, fault);
                }
            }
        }
    }
    (certain, possible)
}

pub(crate) fn aggregate(
    function: Aggregate,
    entries: &[Entry<'_>],
    ordered: bool,
    top: Option<&Possible>,
    empty: Option<&Possible>,
    calendar: Calendar,
    at: Option<Span>,
) -> Possible {
    if let Some(top) = top {
        if function == Aggregate::Sum && !ordered {
            return top::sum(entries, top, at);
        }
        let places = top::places(entries, ordered, top);
        let chosen = top::chosen(entries, &places);
        let value = aggregate(function, &chosen, ordered, None, empty, calendar, at);
        // However the places lie, there are no more of them than are asked for.
        if function == Aggregate::Count && value.certain_fault().is_none() {
            let (least, most) = total(entries);
            let (least, most) = top::count(least, most, top);
            let count = Possible::range(Some(number(least)), most.map(number), true);
            return Possible { fault: value.fault, ..count };
        }
        return value;
    }
    match function {
        Aggregate::Any => any(entries),
        Aggregate::None => Possible::not(&any(entries)),
        Aggregate::Every => every(entries),
        Aggregate::Count => with_faults(count(entries), entries, false),
        Aggregate::Sum => with_faults(sum(entries, at), entries, true),
        Aggregate::Min
        | Aggregate::Max
        | Aggregate::Average
        | Aggregate::Median
        | Aggregate::First
        | Aggregate::Last => {
            let value = match function {
                Aggregate::Min => extreme(entries, Ordering::Less),
                Aggregate::Max => extreme(entries, Ordering::Greater),
                Aggregate::Average => average(entries, calendar, at),
                Aggregate::Median => median(entries, calendar, at),
                _ => place(entries, function == Aggregate::First, at),
            };
            with_faults(or_empty(value, entries, empty, function, at), entries, true)
        }
    }
}

pub(super) fn with_faults(value: Possible, entries: &[Entry<'_>], with_values: bool) -> Possible {
    match faults(entries, with_values) {
        (Some(_), Some(fault)) => Possible::fault(fault),
        (None, Some(fault)) => value.union(&Possible::fault(fault)),
        (_, None) => value,
    }
}

/// Adds what the aggregate is of nothing, where nothing may count.
fn or_empty(
    value: Option<Possible>,
    entries: &[Entry<'_>],
    empty: Option<&Possible>,
    function: Aggregate,
    at: Option<Span>,
) -> Possible {
    let may_be_empty = entries.iter().all(|e| e.count().0 == 0);
    let of_nothing = || match empty {
        Some(empty) => empty.clone(),
        None => Possible::fault(Fault { kind: FaultKind::Empty { function: function.word() }, at }),
    };
    match value {
        None => of_nothing(),
        Some(value) if may_be_empty => value.union(&of_nothing()),
        Some(value) => value,
    }
}

fn any(entries: &[Entry<'_>]) -> Possible {
    let each: Vec<Possible> = entries
        .iter()
        .filter(|e| e.most != Some(0))
        .map(|e| {
            let holds = Possible::every([e.presence, e.value]);
            if e.least == 0 { holds.union(&Possible::boolean(false)) } else { holds }
        })
        .collect();
    Possible::some(&each)
}

fn every(entries: &[Entry<'_>]) -> Possible {
    let each: Vec<Possible> = entries
        .iter()
        .filter(|e| e.most != Some(0))
        .map(|e| {
            let absent = Possible::not(e.presence);
            let holds = Possible::some([&absent, e.value]);
            if e.least == 0 { holds.union(&Possible::boolean(true)) } else { holds }
        })
        .collect();
    Possible::every(&each)
}

fn count(entries: &[Entry<'_>]) -> Possible {
    let (least, most) = total(entries);
    Possible::range(Some(number(least)), most.map(number), true)
}

/// How many count: at least, and at most where there is a bound.
fn total(entries: &[Entry<'_>]) -> (usize, Option<usize>) {
    let mut least = 0usize;
    let mut most = Some(0usize);
    for entry in entries {
        let (a, b) = entry.count();
        least = least.saturating_add(a);
        most = most.zip(b).map(|(m, b)| m.saturating_add(b));
    }
    (least, most)
}

pub(super) fn decimal(value: Option<&Value>) -> Option<&Decimal> {
    match value {
        Some(Value::Number(n)) => Some(n),
        _ => None,
    }
}

pub(super) fn is_whole(set: &Set) -> bool {
    match set {
        Set::One(Value::Number(n)) => n.is_integer(),
        Set::Range { whole, .. } => *whole,
        Set::Nothing => true,
        _ => false,
    }
}

/// What so many of a number add: the least and the greatest, nothing where there is no bound. The outer is None on overflow.
fn share(value: &Possible, least: usize, most: Option<usize>) -> (Option<Decimal>, Option<Decimal>) {
    if most == Some(0) || value.set == Set::Nothing {
        return (Some(Decimal::ZERO), Some(Decimal::ZERO));
    }
    let times = |n: &Decimal, count: usize| match count {
        0 => Some(Decimal::ZERO),
        1 => Some(n.clone()),
        _ => n.checked_mul(&Decimal::from(i64::try_from(count).unwrap_or(i64::MAX))),
    };
    let low = decimal(value.low()).and_then(|low| match (low.is_negative(), most) {
        (true, None) => None,
        (true, Some(most)) => times(low, most),
        (false, _) => times(low, least),
    });
    let high = decimal(value.high()).and_then(|high| match (high.is_negative(), most) {
        (true, _) => times(high, least),
        (false, None) if high.is_zero() => Some(Decimal::ZERO),
        (false, None) => None,
        (false, Some(most)) => times(high, most),
    });
    (low, high)
}

fn sum(entries: &[Entry<'_>], at: Option<Span>) -> Possible {
    let mut low = Some(Decimal::ZERO);
    let mut high = Some(Decimal::ZERO);
    let mut whole = true;
    let exact = known(entries);
    for entry in entries {
        let (least, most) = entry.count();
        if most == Some(0) {
            continue;
        }
        let (a, b) = share(entry.value, least, most);
        low = low.zip(a).and_then(|(low, a)| low.checked_add(&a));
        high = high.zip(b).and_then(|(high, b)| high.checked_add(&b));
        whole &= is_whole(&entry.value.set);
    }
    if exact && (low.is_none() || high.is_none()) {
        return Possible::fault(Fault { kind: FaultKind::Overflow, at });
    }
    Possible::range(low.map(Value::Number), high.map(Value::Number), whole)
}

/// The least or the greatest value; nothing where no item may count.
fn extreme(entries: &[Entry<'_>], which: Ordering) -> Option<Possible> {
    let mut hull: Option<Possible> = None;
    // The bound that the items certain to count set: the extreme lies no further than it.
    let mut bound: Option<Value> = None;
    for entry in entries.iter().filter(|e| e.may_count() && e.value.set != Set::Nothing) {
        let mut value = entry.value.clone();
        value.fault = None;
        value.none = false;
        if entry.count().0 > 0 {
            let end = if which == Ordering::Greater { value.low() } else { value.high() };
            if let Some(end) = end
                && bound.as_ref().is_none_or(|b| end.cmp(b) == which)
            {
                bound = Some(end.clone());
            }
        }
        hull = Some(match hull {
            None => value,
            Some(hull) => hull.union(&value),
        });
    }
    let hull = hull?;
    let Some(bound) = bound else { return Some(hull) };
    let whole = is_whole(&hull.set);
    match &hull.set {
        Set::Range { low, high, .. } => Some(if which == Ordering::Greater {
            Possible::range(Some(bound), high.clone(), whole)
        } else {
            Possible::range(low.clone(), Some(bound), whole)
        }),
        Set::Any if known(entries) => Some(Possible::known(bound)),
        _ => Some(hull),
    }
}

fn hull(entries: &[Entry<'_>]) -> Option<Possible> {
    let mut out: Option<Possible> = None;
    for entry in entries.iter().filter(|e| e.may_count() && e.value.set != Set::Nothing) {
        let value = Possible { none: entry.value.none, fault: None, set: entry.value.set.clone() };
        out = Some(match out {
            None => value,
            Some(out) => out.union(&value),
        });
    }
    out
}

/// What a mean of some numbers can be: between the least and the greatest, each rounded as a quotient is.
fn between(entries: &[Entry<'_>], calendar: Calendar, at: Option<Span>) -> Option<Possible> {
    let hull = hull(entries)?;
    let one = Possible::known(number(1));
    let rounded = Possible::apply(Function::Divide, &[&hull, &one], calendar, at);
    Some(match hull.union(&rounded).set {
        Set::Range { low, high, .. } => Possible::range(low, high, false),
        set => Possible { set, none: false, fault: rounded.fault },
    })
}

fn average(entries: &[Entry<'_>], calendar: Calendar, at: Option<Span>) -> Option<Possible> {
    let settled = entries.iter().all(|e| e.presence.as_known().is_some() && e.least == 1 && e.most == Some(1));
    if !settled {
        return between(entries, calendar, at);
    }
    let counted = entries.iter().filter(|e| e.may_count()).count();
    if counted == 0 {
        return None;
    }
    let count = Possible::known(number(counted));
    Some(Possible::apply(Function::Divide, &[&sum(entries, at), &count], calendar, at))
}

fn median(entries: &[Entry<'_>], calendar: Calendar, at: Option<Span>) -> Option<Possible> {
    if !known(entries) {
        return between(entries, calendar, at);
    }
    let mut values: Vec<&Value> = entries.iter().filter(|e| e.may_count()).filter_map(|e| e.value.as_known()).collect();
    values.sort();
    let middle = values.len() / 2;
    let upper = values.get(middle)?;
    if values.len() % 2 == 1 {
        return Some(Possible::known((*upper).clone()));
    }
    let lower = values.get(middle.checked_sub(1)?)?;
    let sum = Possible::apply(
        Function::Add,
        &[&Possible::known((*lower).clone()), &Possible::known((*upper).clone())],
        calendar,
        at,
    );
    let two = Possible::known(number(2));
    Some(Possible::apply(Function::Divide, &[&sum, &two], calendar, at))
}

/// The first or the last item, by the order or the place in the facts.
fn place(entries: &[Entry<'_>], first: bool, at: Option<Span>) -> Option<Possible> {
    let mut list: Vec<&Entry<'_>> = entries.iter().filter(|e| e.may_count()).collect();
    if list.is_empty() {
        return None;
    }
    if !known(entries) {
        // In the order of the facts an item that certainly counts hides all behind it.
        if list.iter().all(|e| e.key.is_none()) {
            if !first {
                list.reverse();
            }
            let end = list.iter().position(|e| e.count().0 > 0).map_or(list.len(), |i| i + 1);
            let seen: Vec<Entry<'_>> = list.into_iter().take(end).copied().collect();
            return hull(&seen);
        }
        let hull = hull(entries)?;
        // Two of one rank and unlike values would be a tie.
        let tie = total(entries).1.is_none_or(|most| most > 1) && !hull.is_certain();
        return Some(if tie { hull.union(&Possible::fault(Fault { kind: FaultKind::Tie, at })) } else { hull });
    }
    sort(&mut list);
    let chosen = if first { list.first() } else { list.last() }?;
    let tied = list.iter().filter(|e| key_order(e, chosen) == Ordering::Equal && e.key.is_some());
    if tied.into_iter().any(|e| e.value != chosen.value) {
        return Some(Possible::fault(Fault { kind: FaultKind::Tie, at }));
    }
    Some(chosen.value.clone())
}

fn key_order(a: &Entry<'_>, b: &Entry<'_>) -> Ordering {
    match (a.key, b.key) {
        (Some((a, down)), Some((b, _))) => {
            let order = a.as_known().cmp(&b.as_known());
            if down { order.reverse() } else { order }
        }
        _ => Ordering::Equal,
    }
}

fn sort(list: &mut [&Entry<'_>]) {
    list.sort_by(|a, b| key_order(a, b));
}

/// Whether some item that counts equals a value.
pub(crate) fn contains(entries: &[Entry<'_>], item: &Possible, calendar: Calendar) -> Possible {
    let each: Vec<Possible> = entries
        .iter()
        .filter(|e| e.most != Some(0))
        .map(|e| {
            let equal = Possible::apply(Function::Equal, &[e.value, item], calendar, None);
            let holds = Possible::every([e.presence, &equal]);
            if e.least == 0 { holds.union(&Possible::boolean(false)) } else { holds }
        })
        .collect();
    Possible::some(&each)
}
