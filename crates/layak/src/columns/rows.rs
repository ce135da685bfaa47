//! One household of the columns, as facts that are bound as any others.

use std::borrow::Cow;

use crate::facts::{Data, Refused};
use crate::value::{Date, Decimal};

use super::values::{Column, Values};
use super::{Households, Table};

/// The ordinal of 1970-01-01.
pub(super) const EPOCH: i32 = 719_163;

impl Households<'_> {
    /// The facts of a household. INVARIANT: it recurses with the lists of entities, each of which was given by name.
    pub(super) fn data(&self, household: usize) -> Data<'_> {
        self.tables.first().map_or(Data::Null, |root| self.element(root, household))
    }

    fn element<'h>(&'h self, table: &'h Table<'_>, row: usize) -> Data<'h> {
        let mut data = Data::Object(Vec::with_capacity(table.columns.len() + table.lists.len()));
        for given in &table.columns {
            let value = value(&given.column, row);
            match given.path.split_last() {
                None => return value,
                Some(_) if given.column.leaves_out && !given.column.is_known(row) => {}
                Some((name, records)) => put(&mut data, records, name, value),
            }
        }
        for (_, list) in &table.lists {
            let Some(list) = self.tables.get(*list) else { continue };
            let Some((name, records)) = list.path.split_last() else { continue };
            let value = if list.known.is_none_or(|known| known.get(row)) {
                let elements = self.elements_of(list, row);
                Data::List(elements.map(|element| self.element(list, element)).collect())
            } else {
                Data::Null
            };
            put(&mut data, records, name, value);
        }
        data
    }
}

/// Puts a value in its place: within the records that lead to it.
fn put<'d>(object: &mut Data<'d>, records: &'d [std::sync::Arc<str>], name: &'d str, value: Data<'d>) {
    let Data::Object(entries) = object else { return };
    let Some((record, inner)) = records.split_first() else {
        entries.push((Cow::Borrowed(name), value));
        return;
    };
    let at = entries.iter().position(|(n, _)| **n == **record).unwrap_or_else(|| {
        entries.push((Cow::Borrowed(record), Data::Object(Vec::new())));
        entries.len() - 1
    });
    if let Some((_, within)) = entries.get_mut(at) {
        put(within, inner, name, value);
    }
}

fn value<'c>(column: &'c Column<'_>, row: usize) -> Data<'c> {
    if !column.is_known(row) {
        return Data::Null;
    }
    let number = |mantissa: Option<i128>, scale: u32| {
        let number = mantissa.and_then(|m| Decimal::new(m, scale));
        number.map_or(Data::Refused(Refused::Bytes), |n| Data::Number(n.to_string().into()))
    };
    match &column.values {
        Values::Booleans(bits) => Data::Boolean(bits.get(row)),
        Values::Ints { values, scale } => number(values.get(row).map(|v| i128::from(*v)), *scale),
        Values::Longs { values, scale } => number(values.get(row).map(|v| i128::from(*v)), *scale),
        Values::Decimals { values, scale } => number(values.get(row).copied(), *scale),
        Values::Days(days) => {
            let day = days.get(row).copied().unwrap_or(0);
            let date = day.checked_add(EPOCH).and_then(Date::from_ordinal);
            Data::Text(date.map_or_else(|| format!("{day} days from 1970-01-01"), |date| date.to_string()).into())
        }
        Values::Codes { .. } => match column.values.text(row) {
            Some(text) => Data::Text(text.into()),
            // No text is no value either.
            None => Data::Refused(Refused::Bytes),
        },
        Values::Texts { .. } => {
            column.values.text(row).map_or(Data::Refused(Refused::Bytes), |text| Data::Text(text.into()))
        }
    }
}
