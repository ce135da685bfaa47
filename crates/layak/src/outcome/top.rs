//! The first so many of some items: by an order, else the greatest values; equal ones as the facts list them.

use std::cmp::Ordering;

use crate::outcome::aggregate::{self, Entry};
use crate::outcome::{Possible, Set};
use crate::source::Span;
use crate::value::{Decimal, Fault, FaultKind, Value};

/// How many are asked for: at least and at most.
fn bounds(top: &Possible) -> (usize, Option<usize>) {
    let whole = |n: &Decimal| n.to_i64().map(|n| usize::try_from(n).unwrap_or(0));
    let low = match top.low() {
        // A number beyond the machine's is far below nothing or above all.
        Some(Value::Number(n)) => whole(n).unwrap_or(if n.is_negative() { 0 } else { usize::MAX }),
        _ => 0,
    };
    let high = match top.high() {
        Some(Value::Number(n)) => whole(n).or(n.is_negative().then_some(0)),
        _ => None,
    };
    (low, high)
}

/// Where an item can stand in the order: its best and its worst rank. None for no bound on that side.
#[derive(Clone, Copy)]
struct Rank<'a> {
    best: Option<&'a Value>,
    worst: Option<&'a Value>,
    down: bool,
}

impl<'a> Rank<'a> {
    /// None for items that have no rank of their own: these stand as the facts list them.
    fn of(entry: &Entry<'a>, ordered: bool) -> Option<Rank<'a>> {
        let (value, down) = match (ordered, entry.key) {
            (true, Some((key, down))) => (key, down),
            (true, None) => return None,
            (false, _) if is_element(entry.value) => return None,
            (false, _) => (entry.value, true),
        };
        let (best, worst) = if down { (value.high(), value.low()) } else { (value.low(), value.high()) };
        Some(Rank { best, worst, down })
    }

    fn compare(self, a: Option<&Value>, b: Option<&Value>) -> Option<Ordering> {
        let order = a?.cmp(b?);
        Some(if self.down { order.reverse() } else { order })
    }

    fn point(self) -> Option<&'a Value> {
        self.best.filter(|best| self.worst == Some(*best))
    }

    /// Whether another item stands before this one, certainly and possibly; `earlier` where the facts list it before.
    fn is_after(self, other: Rank<'_>, earlier: bool) -> (bool, bool) {
        let certain = match self.compare(other.worst, self.best) {
            Some(Ordering::Less) => true,
            Some(Ordering::Equal) => earlier,
            Some(Ordering::Greater) | None => false,
        };
        let possible = match self.compare(other.best, self.worst) {
            Some(Ordering::Greater) => false,
            Some(Ordering::Equal) => earlier || self.point().is_none() || other.point().is_none(),
            Some(Ordering::Less) | None => true,
        };
        (certain, possible)
    }
}

fn is_element(value: &Possible) -> bool {
    matches!(value.set, Set::One(Value::Element(_)))
}

/// The faults that leave the order open: whether an item counts, and where it stands.
fn faults(entries: &[Entry<'_>], ordered: bool) -> (Option<Fault>, Option<Fault>) {
    let ranks = entries.iter().map(|e| match (ordered, e.key) {
        (true, Some((key, _))) => Entry { value: key, key: None, ..*e },
        // Without a rank the value decides nothing.
        _ if ordered || is_element(e.value) => Entry { value: e.presence, key: None, ..*e },
        _ => Entry { key: None, ..*e },
    });
    let ranks: Vec<Entry<'_>> = ranks.collect();
    aggregate::faults(&ranks, true)
}

/// Whether each item counts and is among the first so many.
pub(crate) fn places(entries: &[Entry<'_>], ordered: bool, top: &Possible) -> Vec<Possible> {
    let (certain, possible) = faults(entries, ordered);
    let possible = [possible.as_ref(), top.fault.as_ref()].into_iter().flatten().min().cloned();
    if let Some(fault) = possible.clone().filter(|_| certain.is_some() || top.certain_fault().is_some()) {
        let fault = Possible::fault(fault);
        return entries.iter().map(|e| Possible::every([e.presence, &fault])).collect();
    }
    let (fewest, greatest) = bounds(top);
    let ranks: Vec<Option<Rank<'_>>> = entries.iter().map(|e| Rank::of(e, ordered)).collect();
    let before = match settled(entries, &ranks) {
        Some(order) => order,
        None => (0..entries.len()).map(|index| before(entries, &ranks, index)).collect(),
    };
    let place = |(entry, (certain, maybe)): (&Entry<'_>, (usize, Option<usize>))| {
        // Of the copies that a phantom stands for, the first alone stands where it is looked at.
        let alone = entry.most == Some(1);
        let within = if greatest.is_some_and(|n| certain >= n) {
            Possible::boolean(false)
        } else if alone && maybe.is_some_and(|m| m < fewest) {
            Possible::boolean(true)
        } else {
            Possible::booleans()
        };
        let within = match &possible {
            Some(fault) => within.union(&Possible::fault(fault.clone())),
            None => within,
        };
        Possible::every([entry.presence, &within])
    };
    entries.iter().zip(before).map(place).collect()
}

/// How many items stand before each, where all is known: sorted once.
fn settled(entries: &[Entry<'_>], ranks: &[Option<Rank<'_>>]) -> Option<Vec<(usize, Option<usize>)>> {
    let mut order: Vec<(Option<(&Value, bool)>, usize)> = Vec::with_capacity(entries.len());
    for (index, (entry, rank)) in entries.iter().zip(ranks).enumerate() {
        if entry.least != 1 || entry.most != Some(1) || entry.presence.truth().is_none() {
            return None;
        }
        if entry.presence.truth() == Some(false) {
            continue;
        }
        let rank = match rank {
            None => None,
            Some(rank) => Some((rank.point()?, rank.down)),
        };
        order.push((rank, index));
    }
    order.sort_by(|(a, _), (b, _)| match (a, b) {
        (Some((a, true)), Some((b, _))) => b.cmp(a),
        (Some((a, false)), Some((b, _))) => a.cmp(b),
        _ => Ordering::Equal,
    });
    // One that does not count stands nowhere: any place will do.
    let mut out = vec![(0, Some(0)); entries.len()];
    for (place, (_, index)) in order.into_iter().enumerate() {
        if let Some(slot) = out.get_mut(index) {
            *slot = (place, Some(place));
        }
    }
    Some(out)
}

/// How many items stand before one, at least and at most.
fn before(entries: &[Entry<'_>], ranks: &[Option<Rank<'_>>], index: usize) -> (usize, Option<usize>) {
    let own = ranks.get(index).copied().flatten();
    let mut certain = 0usize;
    let mut possible = Some(0usize);
    for (i, (other, rank)) in entries.iter().zip(ranks).enumerate() {
        let (least, most) = other.count();
        if i == index || most == Some(0) {
            continue;
        }
        let (sure, maybe) = match (own, rank) {
            (Some(own), Some(other)) => own.is_after(*other, i < index),
            _ => (i < index, i < index),
        };
        if sure {
            certain = certain.saturating_add(least);
        }
        if maybe {
            possible = possible.zip(most).map(|(p, m)| p.saturating_add(m));
        }
    }
    (certain, possible)
}

/// How many the first so many are.
pub(crate) fn count(least: usize, most: Option<usize>, top: &Possible) -> (usize, Option<usize>) {
    let (fewest, greatest) = bounds(top);
    let most = match (most, greatest) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    (least.min(fewest), most)
}

/// The greatest numbers that can be reached, and how often each; None for no bound.
type Runs = Vec<(Option<Decimal>, usize)>;

/// The sum of the greatest so many numbers.
///
/// Some items certainly count (`sure`), others may. However many others count, and whatever `n` is asked for, what is
/// summed are at most the greatest `n` of all that there can be, and at least those that are sure: that bounds it above.
/// Below it is bounded by the sure ones alone, and, where there are fewer of them than asked for, by those with the most
/// negative others beside them.
pub(crate) fn sum(entries: &[Entry<'_>], top: &Possible, at: Option<Span>) -> Possible {
    if let Some(fault) = top.certain_fault() {
        let first = [Some(fault), aggregate::faults(entries, true).1.as_ref()].into_iter().flatten().min().cloned();
        return first.map_or_else(Possible::any, Possible::fault);
    }
    let (fewest, greatest) = bounds(top);
    let mut sure_lows: Runs = Vec::new();
    let mut all_highs: Runs = Vec::new();
    let mut other_lows: Runs = Vec::new();
    let mut sure = 0usize;
    let mut whole = true;
    for entry in entries {
        let (least, most) = entry.count();
        if most == Some(0) || entry.value.set == Set::Nothing {
            continue;
        }
        whole &= aggregate::is_whole(&entry.value.set);
        let low = aggregate::decimal(entry.value.low()).cloned();
        let high = aggregate::decimal(entry.value.high()).cloned();
        sure = sure.saturating_add(least);
        if least > 0 {
            sure_lows.push((low.clone(), least));
        }
        let others = most.map_or(usize::MAX, |most| most.saturating_sub(least));
        if others > 0 && low.as_ref().is_none_or(Decimal::is_negative) {
            other_lows.push((low, others));
        }
        all_highs.push((high, most.unwrap_or(usize::MAX)));
    }
    // Greatest first; a high without a bound is above all, a low without one below all.
    all_highs.sort_by(|(a, _), (b, _)| match (a, b) {
        (None, None) => Ordering::Equal,
        (None, _) => Ordering::Less,
        (_, None) => Ordering::Greater,
        (Some(a), Some(b)) => b.cmp(a),
    });
    sure_lows.sort_by(|(a, _), (b, _)| b.cmp(a));
    other_lows.sort_by(|(a, _), (b, _)| a.cmp(b));
    let most = greatest.unwrap_or(usize::MAX);
    let high = rising(&all_highs, fewest.min(sure), most);
    let few = first(&sure_lows, fewest.min(sure));
    let many = first(&sure_lows, most.min(sure));
    let beside = first(&other_lows, most.saturating_sub(sure));
    let many = many.zip(beside).and_then(|(many, beside)| many.checked_add(&beside));
    let low = few.zip(many).map(|(few, many)| few.min(many));
    let value = match (&low, &high) {
        (None, _) | (_, None) if aggregate::known(entries) && top.as_known().is_some() => {
            Possible::fault(Fault { kind: FaultKind::Overflow, at })
        }
        _ => Possible::range(low.map(Value::Number), high.map(Value::Number), whole),
    };
    let value = match &top.fault {
        Some(fault) => value.union(&Possible::fault(fault.clone())),
        None => value,
    };
    aggregate::with_faults(value, entries, true)
}

fn times(n: &Decimal, count: usize) -> Option<Decimal> {
    match count {
        0 => Some(Decimal::ZERO),
        1 => Some(n.clone()),
        _ if n.is_zero() => Some(Decimal::ZERO),
        // Without an end: no bound.
        usize::MAX => None,
        _ => n.checked_mul(&Decimal::from(i64::try_from(count).unwrap_or(i64::MAX))),
    }
}

/// The sum of the first so many; None where there is no bound.
fn first(runs: &Runs, count: usize) -> Option<Decimal> {
    let mut left = count;
    let mut sum = Decimal::ZERO;
    for (n, copies) in runs {
        if left == 0 {
            break;
        }
        let taken = left.min(*copies);
        sum = sum.checked_add(&times(n.as_ref()?, taken)?)?;
        left -= taken;
    }
    Some(sum)
}

/// The greatest sum of the first `fewest` to `most` of numbers that fall.
fn rising(runs: &Runs, fewest: usize, most: usize) -> Option<Decimal> {
    let (mut taken, mut sum) = (0usize, Decimal::ZERO);
    for (n, copies) in runs {
        let raises = n.as_ref().is_none_or(|n| !n.is_negative());
        let wanted = if raises { most } else { fewest }.saturating_sub(taken).min(*copies);
        if wanted > 0 {
            sum = sum.checked_add(&times(n.as_ref()?, wanted)?)?;
            taken = taken.saturating_add(wanted);
        }
    }
    Some(sum)
}

/// The items with their places as what decides whether they count.
pub(crate) fn chosen<'e>(entries: &[Entry<'e>], places: &'e [Possible]) -> Vec<Entry<'e>> {
    entries.iter().zip(places).map(|(e, presence)| Entry { presence, ..*e }).collect()
}
