//! Soundness for every function, and precision where it is promised.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::value::{Date, Decimal};

/// What an operand is, as far as the checker's types say it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Whole,
    Number,
    /// A small whole number.
    Exponent,
    Date,
    Months,
    Days,
    Mixed,
    Text,
    Enum,
    Boolean,
}

use Kind::*;

/// Every function with the operands it takes.
fn signatures() -> Vec<(Function, Vec<Kind>)> {
    let mut all = Vec::new();
    let ordered = [Whole, Number, Date, Months, Days, Text];
    for kind in ordered {
        for function in [Function::Less, Function::LessEqual, Function::Min, Function::Max] {
            all.push((function, vec![kind, kind]));
        }
    }
    for kind in ordered.into_iter().chain([Mixed, Enum, Boolean]) {
        all.push((Function::Equal, vec![kind, kind]));
        all.push((Function::IsNone, vec![kind]));
        all.push((Function::Unwrap, vec![kind]));
    }
    for kind in [Whole, Number] {
        for function in [Function::Add, Function::Subtract, Function::Multiply, Function::Divide, Function::Remainder] {
            all.extend([(function, vec![kind, kind]), (function, vec![kind, Whole]), (function, vec![Whole, kind])]);
        }
        all.push((Function::Power, vec![kind, Exponent]));
        all.push((Function::Power, vec![kind, Whole]));
        for function in [Function::Negate, Function::Abs, Function::Floor, Function::Ceil] {
            all.push((function, vec![kind]));
        }
        for mode in [
            Rounding::HalfUp,
            Rounding::HalfDown,
            Rounding::HalfEven,
            Rounding::Up,
            Rounding::Down,
            Rounding::Floor,
            Rounding::Ceiling,
        ] {
            all.push((Function::Round(mode), vec![kind, Whole]));
            all.push((Function::Round(mode), vec![kind, Number]));
        }
    }
    for kind in [Months, Days, Mixed] {
        all.push((Function::DateAdd, vec![Date, kind]));
        all.push((Function::DateSubtract, vec![Date, kind]));
        all.push((Function::DurationAdd, vec![kind, kind]));
        all.push((Function::DurationMultiply, vec![kind, Whole]));
        for function in [Function::DurationNegate, Function::DurationMonths, Function::DurationDays] {
            all.push((function, vec![kind]));
        }
    }
    all.push((Function::DurationAdd, vec![Months, Days]));
    for function in [
        Function::YearsBetween,
        Function::MonthsBetween,
        Function::DaysBetween,
        Function::DaysThrough,
        Function::DateDifference,
    ] {
        all.push((function, vec![Date, Date]));
    }
    for function in [Function::Year, Function::Month, Function::Day, Function::FirstOfMonth, Function::LastOfMonth] {
        all.push((function, vec![Date]));
    }
    for function in [Function::ParseDate, Function::Length, Function::Fold] {
        all.push((function, vec![Text]));
    }
    all
}

fn number(mantissa: impl Strategy<Value = i128>, scale: impl Strategy<Value = u32>) -> impl Strategy<Value = Value> {
    (mantissa, scale).prop_map(|(m, s)| Value::Number(Decimal::new(m, s).unwrap()))
}

/// The largest mantissa of a fact.
const FACT: i128 = 10i128.pow(38) - 1;

fn value(kind: Kind) -> BoxedStrategy<Value> {
    let near = |days: i64| move |n: i64| Value::Date(Date::new(2024, 2, 29).unwrap().add_days(n * days).unwrap());
    let months = prop_oneof![-30i64..30, -120_000i64..120_000];
    let days = prop_oneof![-70i64..70, -4_000_000i64..4_000_000];
    match kind {
        Whole => prop_oneof![6 => number(-6i128..7, 0u32..1), 1 => number(-FACT..=FACT, 0u32..1)].boxed(),
        Number => prop_oneof![
            3 => number(-6i128..7, 0u32..1),
            3 => number(-60i128..60, 0u32..3),
            1 => number(-FACT..=FACT, 0u32..=38),
            1 => number(select(vec![-FACT, -1, 1, FACT]), select(vec![0u32, 38])),
        ]
        .boxed(),
        Exponent => {
            prop_oneof![6 => number(-12i128..13, 0u32..1), 1 => number(select(vec![-1001, -999, 999, 1001]), 0u32..1)]
                .boxed()
        }
        Date => prop_oneof![
            (-40i64..40).prop_map(near(1)),
            (-40i64..40).prop_map(near(365)),
            (Date::MIN.ordinal()..=Date::MAX.ordinal()).prop_map(|n| Value::Date(Date::from_ordinal(n).unwrap())),
        ]
        .boxed(),
        Months => months.prop_map(|months| Value::Duration(Duration { months, days: 0 })).boxed(),
        Days => days.prop_map(|days| Value::Duration(Duration { months: 0, days })).boxed(),
        Mixed => (months, days).prop_map(|(months, days)| Value::Duration(Duration { months, days })).boxed(),
        Text => select(vec!["", "a", "Á", "2024-02-29", "2025-02-29"]).prop_map(|t| Value::Text(t.into())).boxed(),
        Enum => (0u32..4).prop_map(Value::Enum).boxed(),
        Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
    }
}

fn some_fault() -> impl Strategy<Value = Fault> {
    select(vec![FaultKind::DivisionByZero, FaultKind::Overflow, FaultKind::NoneUsed, FaultKind::Tie])
        .prop_map(Fault::from)
}

/// A complete operand that may also be none or a fault.
fn concrete(kind: Kind) -> impl Strategy<Value = Concrete> {
    prop_oneof![
        12 => value(kind).prop_map(Ok),
        1 => Just(Ok(Value::None)),
        1 => some_fault().prop_map(Err),
    ]
}

/// An operand and one of all that it can be.
fn operand(kind: Kind) -> impl Strategy<Value = (Possible, Concrete)> {
    let values = prop_oneof![
        3 => proptest::collection::vec(value(kind).prop_map(Ok), 1..4),
        1 => proptest::collection::vec(concrete(kind), 1..4),
    ];
    (values, 0u32..8).prop_map(|(values, widen)| {
        let all = values.iter().map(of_concrete).reduce(|a, b| a.union(&b)).unwrap();
        let set = match all.set {
            Set::Range { high, whole, .. } if widen == 0 => Set::range(None, high, whole),
            Set::Range { low, whole, .. } if widen == 1 => Set::range(low, None, whole),
            Set::Range { whole, .. } if widen == 2 => Set::range(None, None, whole),
            Set::One(_) if widen == 3 => Set::Any,
            set => set,
        };
        (Possible { set, ..all }, values.into_iter().next().unwrap())
    })
}

fn call() -> impl Strategy<Value = (Function, Vec<(Possible, Concrete)>)> {
    select(signatures())
        .prop_flat_map(|(function, kinds)| (Just(function), kinds.into_iter().map(operand).collect::<Vec<_>>()))
}

fn any_calendar() -> impl Strategy<Value = Calendar> {
    (any::<bool>(), any::<bool>()).prop_map(|(a, b)| Calendar {
        leap_day: if a { LeapDay::March1 } else { LeapDay::February28 },
        month_end: if b { MonthEnd::Clip } else { MonthEnd::Next },
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn a_complete_result_lies_within((function, operands) in call(), calendar in any_calendar()) {
        for (possible, concrete) in &operands {
            prop_assert!(contains(possible, concrete), "{:?} in {:?}", concrete, possible);
        }
        let open: Vec<&Possible> = operands.iter().map(|(possible, _)| possible).collect();
        let full: Vec<&Concrete> = operands.iter().map(|(_, concrete)| concrete).collect();
        let result = Possible::apply(function, &open, calendar, AT);
        let want = complete(function, &full, calendar);
        prop_assert!(contains(&result, &want), "{:?} gives {:?}, not in {:?}", function, want, result);
    }

    #[test]
    fn known_operands_give_the_complete_result((function, operands) in call(), calendar in any_calendar()) {
        let full: Vec<&Concrete> = operands.iter().map(|(_, concrete)| concrete).collect();
        let single: Vec<Possible> = full.iter().map(|c| of_concrete(c)).collect();
        let result = Possible::apply(function, &single.iter().collect::<Vec<_>>(), calendar, AT);
        prop_assert!(result.is_certain());
        prop_assert_eq!(result, of_concrete(&complete(function, &full, calendar)));
    }

    #[test]
    fn knowing_more_never_widens((function, operands) in call(), calendar in any_calendar()) {
        let open: Vec<&Possible> = operands.iter().map(|(possible, _)| possible).collect();
        let wide = Possible::apply(function, &open, calendar, AT);
        // The first operand is learned.
        let first = of_concrete(&operands[0].1);
        let mut learned = open.clone();
        learned[0] = &first;
        let narrow = Possible::apply(function, &learned, calendar, AT);
        prop_assert_eq!(&wide.union(&narrow), &wide, "{:?} narrows to {:?}", function, narrow);
    }
}

/// All intervals of whole numbers from -4 to 4, with their numbers.
fn intervals() -> Vec<(Possible, Vec<Concrete>)> {
    let number = |n: i64| Value::Number(Decimal::from(n));
    (-4i64..=4)
        .flat_map(|low| (low..=4).map(move |high| (low, high)))
        .map(|(low, high)| {
            let possible = Possible::range(Some(number(low)), Some(number(high)), true);
            (possible, (low..=high).map(|n| Ok(number(n))).collect())
        })
        .collect()
}

/// The union of a function's results for every choice of operands.
fn of_every_choice(function: Function, operands: &[&(Possible, Vec<Concrete>)]) -> Possible {
    let mut choices: Vec<Vec<&Concrete>> = vec![Vec::new()];
    for (_, values) in operands {
        choices = choices
            .into_iter()
            .flat_map(|choice| values.iter().map(move |v| choice.iter().copied().chain([v]).collect()))
            .collect();
    }
    let results = choices.iter().map(|choice| of_concrete(&complete(function, choice, CALENDAR)));
    results.reduce(|a, b| a.union(&b)).unwrap()
}

/// Whether all of one lies within another, the shape of the set aside.
fn within(inner: &Possible, outer: &Possible) -> bool {
    outer.union(inner).set.low() == outer.set.low() && outer.union(inner).set.high() == outer.set.high()
}

#[test]
fn small_intervals_give_the_tightest_result() {
    let all = intervals();
    for function in [Function::Negate, Function::Abs, Function::Floor, Function::Ceil] {
        for a in &all {
            assert_eq!(apply(function, &[&a.0]), of_every_choice(function, &[a]), "{function:?} of {:?}", a.0);
        }
    }
    let tight = [
        Function::Add,
        Function::Subtract,
        Function::Multiply,
        Function::Min,
        Function::Max,
        Function::Less,
        Function::LessEqual,
        Function::Equal,
    ];
    for function in tight {
        for a in &all {
            for b in &all {
                let (got, want) = (apply(function, &[&a.0, &b.0]), of_every_choice(function, &[a, b]));
                assert_eq!(got, want, "{function:?} of {:?} and {:?}", a.0, b.0);
            }
        }
    }
}

/// Those whose results are not known to be whole, or whose ends are not attained, have at least the right ends or faults.
#[test]
fn small_intervals_give_the_right_ends_and_faults() {
    let all = intervals();
    for a in &all {
        for b in &all {
            for function in [Function::Divide, Function::Power] {
                let (got, want) = (apply(function, &[&a.0, &b.0]), of_every_choice(function, &[a, b]));
                let context = format!("{function:?} of {:?} and {:?}: {got:?}, {want:?}", a.0, b.0);
                assert!(within(&got, &want) && within(&want, &got), "{context}");
                assert_eq!((got.fault, got.none), (want.fault, want.none), "{context}");
            }
            for function in [Function::Remainder, Function::Round(Rounding::HalfEven)] {
                let (got, want) = (apply(function, &[&a.0, &b.0]), of_every_choice(function, &[a, b]));
                assert!(within(&want, &got), "{function:?} of {:?} and {:?}", a.0, b.0);
                assert_eq!(got.fault, want.fault);
            }
        }
    }
}

/// All that an operand of a connective can be: each choice of yes, no and two faults.
fn truths() -> Vec<(Possible, Vec<Concrete>)> {
    let outcomes: [Concrete; 4] = [
        Ok(Value::Boolean(true)),
        Ok(Value::Boolean(false)),
        Err(FaultKind::DivisionByZero.into()),
        Err(FaultKind::Overflow.into()),
    ];
    (1usize..16)
        .map(|mask| {
            let chosen: Vec<Concrete> =
                outcomes.iter().enumerate().filter(|(i, _)| mask & (1 << i) != 0).map(|(_, o)| o.clone()).collect();
            (chosen.iter().map(of_concrete).reduce(|a, b| a.union(&b)).unwrap(), chosen)
        })
        .collect()
}

/// The connective on complete operands.
fn connect(decisive: bool, operands: &[&Concrete]) -> Concrete {
    if operands.contains(&&Ok(Value::Boolean(decisive))) {
        return Ok(Value::Boolean(decisive));
    }
    let first = operands.iter().filter_map(|o| o.as_ref().err()).min();
    first.map_or(Ok(Value::Boolean(!decisive)), |fault| Err(fault.clone()))
}

#[test]
fn connectives_are_exact_and_know_no_order() {
    let all = truths();
    for a in &all {
        for b in &all {
            for c in &all {
                for decisive in [true, false] {
                    let of = |x: &Possible, y: &Possible, z: &Possible| {
                        if decisive { Possible::or(&[x, y, z]) } else { Possible::and(&[x, y, z]) }
                    };
                    let mut results = Vec::new();
                    for (x, y) in a.1.iter().flat_map(|x| b.1.iter().map(move |y| (x, y))) {
                        results.extend(c.1.iter().map(|z| of_concrete(&connect(decisive, &[x, y, z]))));
                    }
                    let want = results.into_iter().reduce(|a, b| a.union(&b)).unwrap();
                    assert_eq!(of(&a.0, &b.0, &c.0), want);
                    assert_eq!(of(&c.0, &a.0, &b.0), want);
                    assert_eq!(of(&b.0, &a.0, &c.0), want);
                }
            }
        }
    }
}
