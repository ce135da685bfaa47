//! The values on which something turns in a program, and those beside them.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::program::*;
use crate::value::{Calendar, Date, Decimal, Duration, Value};

/// So many constants of a kind are kept of a program.
const MOST_CONSTANTS: usize = 500;

/// So many values of interest are kept for a field.
const MOST_VALUES: usize = 400;

/// Keeps so many of a set, from all of it.
fn thin<T: Ord>(values: &mut BTreeSet<T>) {
    let step = values.len().div_ceil(MOST_CONSTANTS).max(1);
    if step > 1 {
        *values = std::mem::take(values).into_iter().step_by(step).collect();
    }
}

/// The constants of a program.
#[derive(Default)]
pub(super) struct Interests {
    /// Whether they are money.
    pub(super) numbers: BTreeSet<(bool, Decimal)>,
    dates: BTreeSet<Date>,
    durations: BTreeSet<Duration>,
    texts: BTreeSet<Arc<str>>,
}

impl Interests {
    pub(super) fn of(program: &Program) -> Interests {
        let mut interests = Interests::default();
        for definition in program.definitions.values() {
            for version in &definition.versions {
                interests.period(&version.period);
                match &version.value {
                    DefinitionValue::Expr(body) => interests.body(body),
                    DefinitionValue::Table(table) => interests.body(&program.tables[*table].body),
                }
            }
        }
        for programme in program.programmes.values() {
            for version in &programme.versions {
                interests.period(&version.period);
                version.requires.iter().chain(&version.refuses).for_each(|c| interests.body(&c.body));
                version.gives.iter().for_each(|(_, body)| interests.body(body));
            }
        }
        for property in &program.properties {
            let laws = property.claims.iter().flat_map(|claim| &claim.laws);
            laws.for_each(|law| interests.body(&law.value.body));
        }
        for parameter in program.parameters.values() {
            for value in &parameter.values {
                for (key, (_, ty)) in value.keys.iter().zip(&parameter.keys) {
                    interests.value(key, ty);
                }
                for version in &value.versions {
                    interests.period(&version.period);
                    interests.constant(&version.value, &parameter.ty);
                }
            }
            parameter.default.iter().for_each(|c| interests.constant(c, &parameter.ty));
        }
        thin(&mut interests.numbers);
        thin(&mut interests.dates);
        thin(&mut interests.durations);
        thin(&mut interests.texts);
        interests
    }

    fn period(&mut self, period: &Period) {
        self.dates.extend(period.from.into_iter().chain(period.until));
    }

    fn body(&mut self, body: &ExprBody) {
        for (_, expr) in body.iter() {
            if let Kind::Constant(value) = &expr.kind {
                self.value(value, &expr.ty);
            }
        }
    }

    fn constant(&mut self, constant: &Constant, ty: &Type) {
        let item = match ty {
            Type::List(item) => item,
            other => other,
        };
        match constant {
            Constant::One(value) => self.value(value, item),
            Constant::List(values) => values.iter().for_each(|v| self.value(v, item)),
        }
    }

    fn value(&mut self, value: &Value, ty: &Type) {
        match value {
            Value::Number(n) => {
                let money = matches!(ty.required(), Type::Number(q) if q.money);
                self.numbers.insert((money, n.clone()));
            }
            Value::Date(d) => {
                self.dates.insert(*d);
            }
            Value::Duration(d) => {
                self.durations.insert(*d);
            }
            Value::Text(t) => {
                self.texts.insert(Arc::clone(t));
            }
            Value::Boolean(_) | Value::Enum(_) | Value::Element(_) | Value::None => {}
        }
    }

    /// The values of a field on which something may turn, and those beside them.
    pub(super) fn for_field(&self, ty: &Type, range: &Range, as_of: Date, calendar: Calendar) -> Vec<Value> {
        let mut values: BTreeSet<Value> = BTreeSet::new();
        values.extend(range.low.clone());
        values.extend(range.high.clone());
        match ty.required() {
            Type::Number(quantity) => {
                let own = self.numbers.iter().filter(|(money, n)| *money == quantity.money || n.is_zero());
                let ends = [&range.low, &range.high].into_iter().filter_map(|end| match end {
                    Some(Value::Number(n)) => Some(n),
                    _ => None,
                });
                let mut centres: BTreeSet<Decimal> = own.map(|(_, n)| n).chain(ends).cloned().collect();
                centres.extend([Decimal::ZERO, Decimal::ONE]);
                if quantity.per.is_some() {
                    // An amount of a year against one of a month.
                    let twelve = Decimal::from(12i64);
                    // A twelfth that never ends is nobody's wage.
                    let twelfth = |n: &Decimal| {
                        let part = n.checked_div(&twelve)?;
                        if part.checked_mul(&twelve).as_ref() == Some(n) { Some(part) } else { part.floor() }
                    };
                    let others: Vec<Decimal> =
                        centres.iter().flat_map(|n| [n.checked_mul(&twelve), twelfth(n)]).flatten().collect();
                    centres.extend(others);
                }
                for n in centres {
                    let n = if quantity.whole { n.floor().unwrap_or(n) } else { n };
                    // One unit of its last place too: 0.25 has 0.24 and 0.26 beside it.
                    let places = n.to_string().split_once('.').map_or(0, |(_, after)| after.len());
                    let last = u32::try_from(places).ok().filter(|p| (1..=6).contains(p));
                    let units = [Some(Decimal::ONE), last.and_then(|places| Decimal::new(1, places))];
                    for unit in units.into_iter().flatten() {
                        let beside = [n.checked_sub(&unit), n.checked_add(&unit)];
                        values.extend(beside.into_iter().flatten().map(Value::Number));
                    }
                    values.insert(Value::Number(n));
                }
            }
            Type::Date => {
                let mut days: BTreeSet<Date> = self.dates.clone();
                days.insert(as_of);
                for (_, n) in &self.numbers {
                    let years = n.to_i64().filter(|n| (0..=150).contains(n));
                    days.extend(years.and_then(|n| calendar.add_months(as_of, -12 * n)));
                }
                days.extend(self.durations.iter().filter_map(|d| calendar.add(as_of, d.checked_neg()?)));
                let ends = [&range.low, &range.high].into_iter().filter_map(|end| match end {
                    Some(Value::Date(d)) => Some(*d),
                    _ => None,
                });
                days.extend(ends);
                // 29 February of the leap year before, and the last days of months before the date.
                let leap = (0..8).find_map(|n| Date::new(as_of.year().checked_sub(n)?, 2, 29).filter(|d| *d <= as_of));
                days.extend(leap);
                let first = Date::new(as_of.year(), as_of.month(), 1);
                let ends = (0..3).filter_map(|n| calendar.add_months(first?, -n)?.add_days(-1));
                days.extend(ends);
                for day in days {
                    values.extend([-1, 0, 1].into_iter().filter_map(|n| day.add_days(n)).map(Value::Date));
                }
            }
            Type::Duration(kind) => {
                let fits = |d: &Duration| match kind {
                    DurationKind::Months => d.days == 0,
                    DurationKind::Days => d.months == 0,
                    DurationKind::Mixed => true,
                };
                let own = self.durations.iter().copied().chain([Duration::default()]);
                values.extend(own.filter(fits).map(Value::Duration));
            }
            Type::Text if self.texts.is_empty() => {
                values.extend(["a", "b"].map(|t| Value::Text(t.into())));
            }
            Type::Text => values.extend(self.texts.iter().cloned().map(Value::Text)),
            _ => values.clear(),
        }
        let mut values: Vec<Value> = values.into_iter().filter(|v| range.holds(v)).collect();
        let step = values.len().div_ceil(MOST_VALUES).max(1);
        if step > 1 {
            values = values.into_iter().step_by(step).collect();
        }
        values
    }
}
