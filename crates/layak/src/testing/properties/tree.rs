//! Facts as a tree that can be changed: a household made up, changed and made smaller.

use std::borrow::Cow;

use crate::facts::Data;
pub(in crate::testing) use crate::facts::tree::{Path, Step, at, look, places, remove};

/// Puts a fact into an object, in the place of what it said before.
pub(in crate::testing) fn insert(data: &mut Data<'static>, path: &[Step], name: &str, value: Data<'static>) {
    if let Some(Data::Object(entries)) = at(data, path) {
        match entries.iter_mut().find(|(own, _)| **own == *name) {
            Some((_, old)) => *old = value,
            None => entries.push((Cow::Owned(name.to_owned()), value)),
        }
    }
}

/// The smallest household that still fails which taking away and simplifying one thing after another leads to, asking at most so often.
pub(in crate::testing) fn shrink(
    mut data: Data<'static>,
    mut tries: usize,
    mut fails: impl FnMut(&Data<'static>) -> bool,
) -> Data<'static> {
    let mut accept = |data: &mut Data<'static>, smaller: Data<'static>| {
        if tries == 0 {
            return None;
        }
        tries -= 1;
        let good = fails(&smaller);
        if good {
            *data = smaller;
        }
        Some(good)
    };
    loop {
        let mut better = false;
        let (mut next, mut all) = (0, places(&data));
        while let Some(path) = all.get(next) {
            let mut smaller = data.clone();
            remove(&mut smaller, path);
            match accept(&mut data, smaller) {
                // What follows now stands at the same position.
                Some(true) => {
                    better = true;
                    all = places(&data);
                }
                Some(false) => next += 1,
                None => return data,
            }
        }
        for path in places(&data) {
            for simple in simpler(at(&mut data, &path)) {
                let mut smaller = data.clone();
                if let Some(slot) = at(&mut smaller, &path) {
                    *slot = simple;
                }
                match accept(&mut data, smaller) {
                    Some(true) => {
                        better = true;
                        break;
                    }
                    Some(false) => {}
                    None => return data,
                }
            }
        }
        if !better {
            return data;
        }
    }
}

/// Simpler values, the simplest first.
pub(in crate::testing) fn simpler(data: Option<&mut Data<'static>>) -> Vec<Data<'static>> {
    match data {
        Some(Data::Number(number)) => match number.text().parse::<i64>() {
            Ok(n) => {
                let candidates = [0, 1, n / 2, n - n / 4, n - n.signum()];
                let better = candidates.into_iter().filter(|c| c.unsigned_abs() < n.unsigned_abs());
                better.map(|c| Data::Number(c.to_string().into())).collect()
            }
            Err(_) => {
                let text = number.text();
                let whole = text.parse::<crate::value::Decimal>().ok().and_then(|n| n.floor());
                whole
                    .filter(|n| n.to_string() != text)
                    .map(|n| Data::Number(n.to_string().into()))
                    .into_iter()
                    .collect()
            }
        },
        Some(Data::Boolean(true)) => vec![Data::Boolean(false)],
        _ => Vec::new(),
    }
}
