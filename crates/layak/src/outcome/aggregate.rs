//! Aggregates over items of which some may not count and some are not known.

use std::cmp::Ordering;

use crate::outcome::{Possible, Set};
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
    fn count(&self) -> (usize, Option<usize>) {
        let least = if certainly(self.presence) { self.least } else { 0 };
        let most = if self.presence.can_be_true() { self.most } else { Some(0) };
        (least, most)
    }

    fn may_count(&self) -> bool {
        self.count().1 != Some(0)
    }
}

fn certainly(presence: &Possible) -> bool {
    presence.can_be_true() && !presence.can_be_false() && presence.fault.is_none()
}

fn known(entries: &[Entry<'_>]) -> bool {
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

/// The fault that some item brings: certain when an item that certainly counts certainly is one.
fn faults(entries: &[Entry<'_>], with_values: bool) -> (Option<Fault>, Option<Fault>) {
    let mut certain: Option<Fault> = None;
    let mut possible: Option<Fault> = None;
    let mut add = |slot: &mut Option<Fault>, fault: &Fault| {
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
            return sum_of_top(entries, top, at);
        }
        let places: Vec<Possible> = (0..entries.len())
            .map(|i| {
                Possible::every([entries.get(i).map_or(top, |e| e.presence), &in_top(entries, i, ordered, Some(top))])
            })
            .collect();
        let entries: Vec<Entry<'_>> =
            entries.iter().zip(&places).map(|(e, presence)| Entry { presence, ..*e }).collect();
        return aggregate(function, &entries, ordered, None, empty, calendar, at);
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

fn with_faults(value: Possible, entries: &[Entry<'_>], with_values: bool) -> Possible {
    let (certain, possible) = faults(entries, with_values);
    if let Some(fault) = certain {
        return Possible::fault(fault);
    }
    match possible {
        Some(fault) => value.union(&Possible::fault(fault)),
        None => value,
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
    let mut least = 0usize;
    let mut most = Some(0usize);
    for entry in entries {
        let (a, b) = entry.count();
        least = least.saturating_add(a);
        most = most.zip(b).map(|(m, b)| m.saturating_add(b));
    }
    Possible::range(Some(number(least)), most.map(number), true)
}

fn decimal(value: Option<&Value>) -> Option<&Decimal> {
    match value {
        Some(Value::Number(n)) => Some(n),
        _ => None,
    }
}

fn is_whole(set: &Set) -> bool {
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

fn sum_of_top(entries: &[Entry<'_>], top: &Possible, at: Option<Span>) -> Possible {
    if let Some(fault) = top.certain_fault() {
        return Possible::fault(fault.clone());
    }
    let bound =
        |value: Option<&Value>| decimal(value).and_then(Decimal::to_i64).map(|n| usize::try_from(n).unwrap_or(0));
    let (fewest, greatest) = (bound(top.low()).unwrap_or(0), bound(top.high()));
    let mut lows: Vec<Option<Decimal>> = Vec::new();
    let mut highs: Vec<Option<Decimal>> = Vec::new();
    let mut negative = false;
    let mut whole = true;
    for entry in entries {
        let (least, most) = entry.count();
        if most == Some(0) || entry.value.set == Set::Nothing {
            continue;
        }
        whole &= is_whole(&entry.value.set);
        let low = decimal(entry.value.low()).cloned();
        let high = decimal(entry.value.high()).cloned();
        negative |= low.as_ref().is_none_or(Decimal::is_negative);
        // No more copies than the top can take matter.
        let cap = greatest.unwrap_or(usize::MAX).min(10_000);
        lows.extend(std::iter::repeat_n(low, least.min(cap)));
        highs.extend(std::iter::repeat_n(high, most.unwrap_or(cap).min(cap)));
    }
    let total = |mut list: Vec<Option<Decimal>>, count: Option<usize>| -> Option<Decimal> {
        // A missing bound is beyond every other.
        list.sort_by(|a, b| match (a, b) {
            (None, None) => Ordering::Equal,
            (None, _) => Ordering::Less,
            (_, None) => Ordering::Greater,
            (Some(a), Some(b)) => b.cmp(a),
        });
        let mut sum = Decimal::ZERO;
        for n in list.into_iter().take(count.unwrap_or(usize::MAX)) {
            sum = sum.checked_add(&n?)?;
        }
        Some(sum)
    };
    if known(entries) && top.as_known().is_some() {
        let exact = total(lows, greatest);
        let value = match exact {
            Some(sum) => Possible::known(Value::Number(sum)),
            None => Possible::fault(Fault { kind: FaultKind::Overflow, at }),
        };
        return with_faults(value, entries, true);
    }
    let high = total(highs, greatest);
    let low = if negative {
        // Fewer of the negative ones may count than are certain to be there; the sum of all negative ones is below all.
        let mut sum = Some(Decimal::ZERO);
        for entry in entries.iter().filter(|e| e.may_count()) {
            let (low, _) = share(entry.value, 0, entry.most);
            sum = sum.zip(low).and_then(|(sum, low)| sum.checked_add(&low));
        }
        sum
    } else {
        total(lows, Some(fewest))
    };
    let high = if negative { high.map(|h| if h.is_negative() { Decimal::ZERO } else { h }) } else { high };
    let value = Possible::range(low.map(Value::Number), high.map(Value::Number), whole);
    let value = match &top.fault {
        Some(fault) => value.union(&Possible::fault(fault.clone())),
        None => value,
    };
    with_faults(value, entries, true)
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

/// The hull of numbers, of which what lies between is possible too.
fn between(entries: &[Entry<'_>]) -> Option<Possible> {
    hull(entries).map(|p| match p.set {
        Set::Range { low, high, .. } => Possible::range(low, high, false),
        _ => p,
    })
}

fn average(entries: &[Entry<'_>], calendar: Calendar, at: Option<Span>) -> Option<Possible> {
    let settled = entries.iter().all(|e| e.presence.as_known().is_some() && e.least == 1 && e.most == Some(1));
    if !settled {
        return between(entries);
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
        return between(entries);
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
        return hull(entries);
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

/// Whether an item is among the first so many: by the order, else the greatest values first, equal ones as the facts
/// list them.
pub(crate) fn in_top(entries: &[Entry<'_>], index: usize, ordered: bool, count: Option<&Possible>) -> Possible {
    let Some((own, count)) = entries.get(index).zip(count) else { return Possible::boolean(false) };
    if let Some(fault) = count.certain_fault() {
        return Possible::fault(fault.clone());
    }
    let bound =
        |value: Option<&Value>| decimal(value).and_then(Decimal::to_i64).map(|n| usize::try_from(n).unwrap_or(0));
    let (fewest, greatest) = (bound(count.low()).unwrap_or(0), bound(count.high()));
    let rank = |e: &Entry<'_>| -> Option<(Option<Value>, Option<Value>, bool)> {
        match (ordered, e.key) {
            (true, Some((key, down))) => Some((key.low().cloned(), key.high().cloned(), down)),
            (false, _) => match e.value.set {
                Set::One(Value::Element(_)) => None,
                _ => Some((e.value.low().cloned(), e.value.high().cloned(), true)),
            },
            (true, None) => None,
        }
    };
    let mut certain = 0usize;
    let mut possible = Some(0usize);
    for (i, other) in entries.iter().enumerate() {
        if i == index || !other.may_count() {
            continue;
        }
        // (certainly before, possibly before)
        let before = match (rank(own), rank(other)) {
            (Some((low, high, down)), Some((other_low, other_high, _))) => {
                let (own_best, own_worst, best, worst) =
                    if down { (high, low, other_high, other_low) } else { (low, high, other_low, other_high) };
                let compare = |a: &Option<Value>, b: &Option<Value>| -> Option<Ordering> {
                    let (a, b) = (a.as_ref()?, b.as_ref()?);
                    Some(if down { b.cmp(a) } else { a.cmp(b) })
                };
                // The other's worst is ahead of the own best: certain.
                let sure = match compare(&worst, &own_best) {
                    Some(Ordering::Less) => true,
                    Some(Ordering::Equal) => i < index,
                    _ => false,
                };
                let maybe = match compare(&best, &own_worst) {
                    Some(Ordering::Greater) => false,
                    Some(Ordering::Equal) => i < index || best != worst || own_best != own_worst,
                    _ => true,
                };
                (sure, maybe)
            }
            _ => (i < index, i < index),
        };
        let (least, most) = other.count();
        if before.0 {
            certain = certain.saturating_add(least);
        }
        if before.1 {
            possible = possible.zip(most).map(|(p, m)| p.saturating_add(m));
        }
    }
    // Of a phantom's copies only the first rank is looked at; the others may be further down.
    let alone = own.most == Some(1);
    if greatest.is_some_and(|n| certain >= n) {
        Possible::boolean(false)
    } else if alone && possible.is_some_and(|p| p < fewest) {
        Possible::boolean(true)
    } else {
        Possible::booleans()
    }
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
