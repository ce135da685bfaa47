//! Values that are only just refused: one unit outside their range, a day that no calendar has, one element too many.

use std::borrow::Cow;

use crate::facts::Data;
use crate::program::{EntityId, Field, FieldShape, Program, Range, Type};
use crate::testing::properties::{Step, field_at};
use crate::value::{Date, Decimal, Value};

/// Lists that are longer are not made one longer.
const LONGEST: usize = 100;

/// What may stand at a place of a household and is only just refused there.
pub(super) fn nearly(program: &Program, path: &[Step], now: &Data<'static>) -> Vec<Data<'static>> {
    let Some((owner, index)) = field_at(program, path) else { return Vec::new() };
    let Some(field) = program.entities[owner].fields.get(index) else { return Vec::new() };
    match (&field.shape, now) {
        (FieldShape::Scalar { ty, range, .. }, _) => match ty.required() {
            Type::Element(_) => vec![Data::Text(Cow::Borrowed("nobody"))],
            Type::Number(quantity) => beyond(range, if quantity.whole { Decimal::ONE } else { hundredth() }),
            Type::Date => days(range, now),
            Type::Enum(id) => program.enums[*id].members.first().map_or_else(Vec::new, |member| {
                let mut name = member.name.to_string();
                name.pop();
                vec![Data::Text(Cow::Owned(name + "_"))]
            }),
            _ => Vec::new(),
        },
        (FieldShape::List { item, least, most }, Data::List(items)) => {
            let mut out = Vec::new();
            if let Some(fewer) = least.checked_sub(1).and_then(|n| items.get(..n)) {
                out.push(Data::List(fewer.to_vec()));
            }
            if let Some(wanted) = most.and_then(|n| n.checked_add(1)).filter(|n| *n <= LONGEST) {
                out.extend(longer(program, *item, items, wanted).map(Data::List));
            }
            out
        }
        (FieldShape::List { .. } | FieldShape::Record { .. }, _) => Vec::new(),
    }
}

fn hundredth() -> Decimal {
    "0.01".parse().unwrap_or(Decimal::ONE)
}

/// One unit below a range and one above it.
fn beyond(range: &Range, unit: Decimal) -> Vec<Data<'static>> {
    let number = |end: &Option<Value>| match end {
        Some(Value::Number(n)) => Some(n.clone()),
        _ => None,
    };
    let below = number(&range.low).and_then(|low| low.checked_sub(&unit));
    let above = number(&range.high).and_then(|high| if range.open { Some(high) } else { high.checked_add(&unit) });
    below.into_iter().chain(above).map(|n| Data::Number(n.to_string().into())).collect()
}

/// A day below a range and one above it, and days that there are not: 29 February of the year after a leap year, the 31st of April.
fn days(range: &Range, now: &Data<'static>) -> Vec<Data<'static>> {
    let day = |end: &Option<Value>| match end {
        Some(Value::Date(day)) => Some(*day),
        _ => None,
    };
    let below = day(&range.low).and_then(|low| low.add_days(-1));
    let above = day(&range.high).and_then(|high| if range.open { Some(high) } else { high.add_days(1) });
    let mut out: Vec<String> = below.into_iter().chain(above).map(|day| day.to_string()).collect();
    if let Data::Text(text) = now
        && let (Some(year), Ok(_)) = (text.get(..4), text.parse::<Date>())
    {
        let none = [format!("{year}-02-29"), format!("{year}-04-31")];
        out.extend(none.into_iter().filter(|day| day.parse::<Date>().is_err()));
    }
    out.into_iter().map(|day| Data::Text(Cow::Owned(day))).collect()
}

/// The elements of a list and copies of the last with keys of their own, so many in all.
fn longer(program: &Program, item: EntityId, items: &[Data<'static>], wanted: usize) -> Option<Vec<Data<'static>>> {
    let entity = &program.entities[item];
    let key: Option<&Field> = entity.key.and_then(|key| entity.fields.get(key));
    let mut out = items.to_vec();
    while out.len() < wanted {
        let mut copy = out.last()?.clone();
        if let (Data::Object(entries), Some(key)) = (&mut copy, key) {
            let number = 1_000usize.saturating_add(out.len()).to_string();
            let (_, value) = entries.iter_mut().find(|(name, _)| **name == *key.name)?;
            match value {
                Data::Number(text) => *text = number.into(),
                Data::Text(text) => *text = Cow::Owned(number),
                _ => return None,
            }
        }
        out.push(copy);
    }
    Some(out)
}
