use super::*;
use crate::arena::Id;
use crate::program::{DurationKind, Quantity};
use crate::source::{SourceId, Span};
use crate::value::{Calendar, FaultKind, Function, LeapDay, MonthEnd, Rounding};

mod properties;

const CALENDAR: Calendar = Calendar { leap_day: LeapDay::March1, month_end: MonthEnd::Clip };
const AT: Option<Span> = Some(Span { source: SourceId(0), start: 3, end: 7 });

/// What a complete evaluation comes to.
type Concrete = Result<Value, Fault>;

/// Whether a complete result lies within. A fault does when no possible one comes after it.
fn contains(possible: &Possible, concrete: &Concrete) -> bool {
    match concrete {
        Ok(value) => possible.can_be(value),
        Err(fault) => possible.fault.as_ref().is_some_and(|first| first <= fault),
    }
}

fn of_concrete(concrete: &Concrete) -> Possible {
    match concrete {
        Ok(value) => Possible::known(value.clone()),
        Err(fault) => Possible::fault(fault.clone()),
    }
}

/// The function on complete operands, faults and none included.
fn complete(function: Function, arguments: &[&Concrete], calendar: Calendar) -> Concrete {
    if let Some(fault) = arguments.iter().filter_map(|a| a.as_ref().err()).min() {
        return Err(fault.clone());
    }
    let values: Vec<&Value> = arguments.iter().filter_map(|a| a.as_ref().ok()).collect();
    let takes_none = matches!(function, Function::Equal | Function::IsNone | Function::Unwrap);
    if !takes_none && values.contains(&&Value::None) {
        return Err(Fault { kind: FaultKind::NoneUsed, at: AT });
    }
    function.apply(&values, calendar).map_err(|kind| Fault { kind, at: AT })
}

fn n(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

fn day(text: &str) -> Value {
    Value::Date(text.parse().unwrap())
}

fn length(text: &str) -> Value {
    Value::Duration(text.parse().unwrap())
}

/// `low..high` of whole numbers; an empty text is an open end.
fn whole(low: &str, high: &str) -> Possible {
    Possible::range(end(low, n), end(high, n), true)
}

fn real(low: &str, high: &str) -> Possible {
    Possible::range(end(low, n), end(high, n), false)
}

fn dates(low: &str, high: &str) -> Possible {
    Possible::range(end(low, day), end(high, day), false)
}

fn end(text: &str, read: fn(&str) -> Value) -> Option<Value> {
    (!text.is_empty()).then(|| read(text))
}

fn known(value: Value) -> Possible {
    Possible::known(value)
}

fn with(possible: Possible, kind: FaultKind) -> Possible {
    Possible { fault: Some(Fault { kind, at: AT }), ..possible }
}

fn apply(function: Function, arguments: &[&Possible]) -> Possible {
    Possible::apply(function, arguments, CALENDAR, AT)
}

fn fault(kind: FaultKind) -> Possible {
    Possible::fault(Fault { kind, at: AT })
}

#[test]
fn a_range_has_one_shape() {
    assert_eq!(whole("1", "1"), known(n("1")));
    assert_eq!(whole("0.5", "1.5"), known(n("1")));
    assert_eq!(whole("0.5", "2.5"), whole("1", "2"));
    assert_eq!(dates("0001-01-01", "9999-12-31"), dates("", ""));
    assert_eq!(dates("0001-01-01", "0001-01-01"), known(day("0001-01-01")));
    assert_eq!(Possible::members(BTreeSet::from([4])), known(Value::Enum(4)));
    assert_eq!(Possible::members(BTreeSet::new()), Possible::any());
}

#[test]
fn a_fact_is_all_that_its_type_and_range_allow() {
    let unknown = |ty: Type, low: Option<Value>, high: Option<Value>, open: bool| {
        Possible::unknown_of(&ty, &Range { low, high, open }, |_| 3)
    };
    assert_eq!(unknown(Type::Boolean, None, None, false), Possible::booleans());
    assert_eq!(unknown(Type::INTEGER, Some(n("1")), Some(n("10")), false), whole("1", "10"));
    assert_eq!(unknown(Type::INTEGER, Some(n("1")), Some(n("10")), true), whole("1", "9"));
    assert_eq!(unknown(Type::INTEGER, Some(n("1")), Some(n("9.5")), true), whole("1", "9"));
    assert_eq!(unknown(Type::Number(Quantity::MONEY), Some(n("0")), None, false), real("0", ""));
    assert_eq!(unknown(Type::NUMBER, Some(n("0")), Some(n("1")), true), real("0", "1"));
    assert_eq!(unknown(Type::Date, None, Some(day("2026-03-01")), true), dates("", "2026-02-28"));
    assert_eq!(unknown(Type::Enum(EnumId::new(0)), None, None, false), Possible::members((0..3).collect()));
    let optional = unknown(Type::optional(Type::INTEGER), None, Some(n("5")), false);
    assert_eq!(optional, Possible { none: true, ..whole("", "5") });
    let months = Type::Duration(DurationKind::Months);
    let range = |low, high| Possible::range(low, high, false);
    assert_eq!(unknown(months.clone(), Some(length("0 days")), None, false), range(Some(length("0 days")), None));
    assert_eq!(unknown(months, Some(length("5 days")), None, false), range(None, None), "1 month is after 5 days");
    assert_eq!(unknown(Type::Text, None, None, false), Possible::any());
}

#[test]
fn an_enum_of_one_member_is_known() {
    let one = Possible::unknown_of(&Type::Enum(EnumId::new(0)), &Range::default(), |_| 1);
    assert_eq!(one.as_known(), Some(&Value::Enum(0)));
    let many = Possible::unknown_of(&Type::Enum(EnumId::new(0)), &Range::default(), |_| 300);
    assert!(many.can_be(&Value::Enum(299)) && !many.can_be(&Value::Enum(300)));
}

#[test]
fn queries_tell_certain_from_open() {
    let none = known(Value::None);
    assert_eq!(none, Possible { set: Set::Nothing, none: true, fault: None });
    assert_eq!(none.as_known(), Some(&Value::None));
    assert!(none.is_certain() && none.can_be(&Value::None) && !none.can_be(&n("0")));
    assert_eq!(Possible { none: true, ..known(n("1")) }.as_known(), None);
    let broken = fault(FaultKind::Overflow);
    assert!(broken.is_certain() && broken.as_known().is_none());
    assert_eq!(broken.certain_fault().map(|f| &f.kind), Some(&FaultKind::Overflow));
    assert_eq!(Possible { none: true, ..broken }.certain_fault(), None);
    assert_eq!(with(known(n("1")), FaultKind::Overflow).as_known(), None);
    assert_eq!(Possible::booleans().truth(), None);
    assert_eq!(Possible::boolean(false).truth(), Some(false));
    assert!(Possible::any().can_be_true() && Possible::any().can_be_false());
    assert_eq!((whole("1", "").low(), whole("1", "").high()), (Some(&n("1")), None));
    assert!(!whole("1", "9").can_be(&n("2.5")) && whole("1", "9").can_be(&n("2.0")));
}

#[test]
fn a_union_holds_both() {
    let one = |text| known(n(text));
    assert_eq!(one("3").union(&one("7")), whole("3", "7"));
    assert_eq!(one("3").union(&one("7.5")), real("3", "7.5"));
    assert_eq!(one("3").union(&one("3.0")), one("3"));
    assert_eq!(whole("1", "4").union(&whole("2", "")), whole("1", ""));
    assert_eq!(whole("1", "4").union(&one("9")), whole("1", "9"));
    assert_eq!(known(day("2026-02-01")).union(&known(day("2026-01-01"))), dates("2026-01-01", "2026-02-01"));
    assert_eq!(known(Value::Enum(2)).union(&known(Value::Enum(1))), Possible::members(BTreeSet::from([1, 2])));
    assert_eq!(Possible::boolean(true).union(&Possible::boolean(false)), Possible::booleans());
    assert_eq!(known(Value::Text("a".into())).union(&known(Value::Text("b".into()))), Possible::any());
    assert_eq!(known(Value::Element(1)).union(&known(Value::Element(2))), Possible::any());
    assert_eq!(known(Value::None).union(&one("1")), Possible { none: true, ..one("1") });
    let faults = fault(FaultKind::Overflow).union(&fault(FaultKind::DivisionByZero));
    assert_eq!(faults, fault(FaultKind::DivisionByZero));
    assert_eq!(one("1").union(&faults), with(one("1"), FaultKind::DivisionByZero));
    // A month and a day have no order: each part has its own ends.
    let both = known(length("1 month")).union(&known(length("-3 days")));
    assert_eq!((both.low(), both.high()), (Some(&length("-3 days")), Some(&length("1 month"))));
}

#[test]
fn what_cannot_change_is_given_now() {
    let desil = whole("1", "10");
    assert_eq!(apply(Function::LessEqual, &[&desil, &known(n("4"))]), Possible::booleans());
    assert_eq!(apply(Function::LessEqual, &[&desil, &known(n("10"))]).truth(), Some(true));
    assert_eq!(apply(Function::Less, &[&desil, &known(n("1"))]).truth(), Some(false));
    assert_eq!(apply(Function::Less, &[&known(n("0")), &desil]).truth(), Some(true));
    assert_eq!(apply(Function::Equal, &[&desil, &known(n("11"))]).truth(), Some(false));
    assert_eq!(apply(Function::Equal, &[&desil, &known(n("2.5"))]).truth(), Some(false));
    assert_eq!(apply(Function::Equal, &[&desil, &desil]).truth(), None, "two operands are never taken for one");
    let members = |of: &[u32]| Possible::members(of.iter().copied().collect());
    assert_eq!(apply(Function::Equal, &[&members(&[0, 1]), &members(&[2, 3])]).truth(), Some(false));
    assert_eq!(apply(Function::Equal, &[&members(&[0, 1]), &known(Value::Enum(1))]), Possible::booleans());
    assert_eq!(apply(Function::Equal, &[&members(&[0, 1]), &known(Value::Enum(2))]).truth(), Some(false));
}

#[test]
fn arithmetic_keeps_bounds() {
    let desil = whole("1", "10");
    assert_eq!(apply(Function::Add, &[&desil, &known(n("0.5"))]), real("1.5", "10.5"));
    assert_eq!(apply(Function::Subtract, &[&known(n("3")), &desil]), whole("-7", "2"));
    assert_eq!(apply(Function::Subtract, &[&known(n("3")), &whole("0", "")]), whole("", "3"));
    assert_eq!(apply(Function::Multiply, &[&whole("-2", "3"), &whole("-5", "4")]), whole("-15", "12"));
    assert_eq!(apply(Function::Multiply, &[&whole("0", ""), &whole("-1", "4")]), whole("", ""));
    assert_eq!(apply(Function::Multiply, &[&whole("0", ""), &whole("2", "4")]), whole("0", ""));
    assert_eq!(apply(Function::Multiply, &[&real("", ""), &known(n("0"))]), known(n("0")));
    assert_eq!(apply(Function::Negate, &[&whole("", "3")]), whole("-3", ""));
    assert_eq!(apply(Function::Abs, &[&real("-4.5", "2")]), real("0", "4.5"));
    assert_eq!(apply(Function::Abs, &[&real("-4.5", "-2")]), real("2", "4.5"));
    assert_eq!(apply(Function::Floor, &[&real("0.5", "1.5")]), whole("0", "1"));
    assert_eq!(apply(Function::Ceil, &[&real("0.5", "")]), whole("1", ""));
    assert_eq!(apply(Function::Min, &[&whole("1", ""), &known(n("5"))]), whole("1", "5"));
    assert_eq!(apply(Function::Max, &[&whole("1", ""), &known(n("5"))]), whole("5", ""));
    let round = Function::Round(Rounding::HalfUp);
    assert_eq!(apply(round, &[&real("1499", "3500"), &known(n("1000"))]), whole("1000", "4000"));
    assert_eq!(apply(round, &[&real("0", ""), &known(n("0"))]), fault(FaultKind::DivisionByZero));
    assert_eq!(apply(Function::Length, &[&Possible::any()]), whole("0", ""));
    assert_eq!(apply(Function::Fold, &[&Possible::any()]), Possible::any());
}

#[test]
fn quotients_stay_clear_of_zero() {
    let by = |a: &Possible, b: &Possible| apply(Function::Divide, &[a, b]);
    assert_eq!(by(&whole("1", "10"), &known(n("4"))), real("0.25", "2.5"));
    assert_eq!(by(&whole("1", "10"), &known(n("0"))), fault(FaultKind::DivisionByZero));
    // Persons to share with: at least one, or it is a fault.
    let share = by(&known(n("12")), &whole("0", "4"));
    assert_eq!(share, with(real("3", "12"), FaultKind::DivisionByZero));
    assert_eq!(by(&known(n("12")), &real("0", "4")), with(real("3", ""), FaultKind::DivisionByZero));
    assert_eq!(by(&known(n("12")), &whole("-2", "4")), with(real("-12", "12"), FaultKind::DivisionByZero));
    assert_eq!(by(&real("5", ""), &real("2", "")), real("0", ""));
    assert_eq!(by(&real("-6", "3"), &real("-3", "-2")), real("-1.5", "3"));
    let third = by(&whole("1", "2"), &known(n("3")));
    assert_eq!(third.high(), Some(&n("0.6666666666666666666666666667")));
}

#[test]
fn remainders_and_powers_keep_bounds() {
    let rest = |a: &Possible, b: &Possible| apply(Function::Remainder, &[a, b]);
    assert_eq!(rest(&whole("", ""), &known(n("7"))), whole("0", "6"));
    assert_eq!(rest(&whole("8", "10"), &known(n("7"))), whole("1", "3"));
    assert_eq!(rest(&whole("", ""), &known(n("-7"))), whole("-6", "0"));
    assert_eq!(rest(&whole("1", "2"), &whole("3", "9")), whole("1", "2"));
    assert_eq!(rest(&real("0", ""), &whole("0", "3")), with(real("0", "3"), FaultKind::DivisionByZero));
    let power = |a: &Possible, b: &Possible| apply(Function::Power, &[a, b]);
    assert_eq!(power(&whole("-2", "3"), &known(n("2"))), whole("0", "9"));
    assert_eq!(power(&whole("-2", "3"), &known(n("3"))), whole("-8", "27"));
    assert_eq!(power(&known(n("2")), &whole("0", "3")), whole("1", "8"));
    assert_eq!(power(&whole("0", "2"), &known(n("-1"))), with(real("0.5", "1"), FaultKind::DivisionByZero));
    assert_eq!(power(&whole("0", ""), &known(n("7"))), with(whole("0", ""), FaultKind::Overflow));
    // The ends have powers of few digits, but 1.23456789e-30 between them has none.
    let tiny = power(&real("1e-30", "1e-29"), &known(n("8")));
    assert_eq!(tiny.fault.map(|f| f.kind), Some(FaultKind::Overflow));
    assert_eq!(power(&whole("1", "9"), &known(n("1001"))), fault(FaultKind::Overflow));
}

#[test]
fn overflow_opens_an_end() {
    let far = whole("1", &"9".repeat(38));
    let mut product = far.clone();
    for _ in 0..5 {
        product = apply(Function::Multiply, &[&product, &far]);
        assert_eq!(product.fault, None);
    }
    assert_eq!(apply(Function::Multiply, &[&product, &far]).fault.map(|f| f.kind), Some(FaultKind::Overflow));
    assert_eq!(apply(Function::Multiply, &[&whole("1", ""), &whole("1", "")]), whole("1", ""));
}

#[test]
fn dates_keep_bounds() {
    let born = dates("2008-02-01", "2008-02-29");
    let years = apply(Function::YearsBetween, &[&born, &known(day("2026-02-28"))]);
    assert_eq!(years, whole("17", "18"), "born on the 29th, one is 18 on 1 March");
    assert_eq!(apply(Function::YearsBetween, &[&born, &known(day("2026-03-01"))]), known(n("18")));
    assert_eq!(apply(Function::YearsBetween, &[&dates("", ""), &known(day("2026-02-15"))]).high(), Some(&n("2025")));
    assert_eq!(apply(Function::DaysThrough, &[&born, &known(day("2008-03-01"))]), whole("2", "30"));
    assert_eq!(apply(Function::Year, &[&born]), known(n("2008")));
    assert_eq!(apply(Function::Month, &[&born]), known(n("2")));
    assert_eq!(apply(Function::Day, &[&born]), whole("1", "29"));
    assert_eq!(apply(Function::Year, &[&dates("", "")]), whole("1", "9999"));
    assert_eq!(apply(Function::Month, &[&dates("2025-12-31", "2026-01-01")]), whole("1", "12"));
    assert_eq!(apply(Function::LastOfMonth, &[&born]), known(day("2008-02-29")));
    assert_eq!(apply(Function::FirstOfMonth, &[&dates("", "2026-02-15")]), dates("", "2026-02-01"));
    let difference = apply(Function::DateDifference, &[&born, &known(day("2008-02-03"))]);
    assert_eq!((difference.low(), difference.high()), (Some(&length("-2 days")), Some(&length("26 days"))));
}

#[test]
fn shifted_dates_stop_at_the_limits() {
    let add = |a: &Possible, b: &Possible| apply(Function::DateAdd, &[a, b]);
    let year = known(length("1 year"));
    assert_eq!(add(&dates("2000-02-29", "2001-01-31"), &year), dates("2001-03-01", "2002-01-31"));
    let limit = FaultKind::DateLimit;
    assert_eq!(add(&dates("2000-01-01", ""), &year), with(dates("2001-01-01", ""), limit.clone()));
    assert_eq!(add(&dates("9999-01-01", ""), &year), fault(limit.clone()));
    let subtract = apply(Function::DateSubtract, &[&dates("", "2000-03-31"), &known(length("1 month"))]);
    assert_eq!(subtract, with(dates("", "2000-02-29"), limit.clone()));
    let months = Possible::range(Some(length("1 month")), Some(length("3 months")), false);
    assert_eq!(add(&known(day("2026-01-31")), &months), dates("2026-02-28", "2026-04-30"));
    let later = Possible::range(Some(length("0 days")), None, false);
    assert_eq!(add(&known(day("2026-01-31")), &later), with(dates("2026-01-31", ""), limit));
    let text = apply(Function::ParseDate, &[&Possible::any()]);
    assert_eq!(text, with(dates("", ""), FaultKind::NotADate { text: "".into() }));
}

#[test]
fn durations_keep_bounds() {
    let months = Possible::range(Some(length("1 month")), Some(length("3 months")), false);
    let sum = apply(Function::DurationAdd, &[&months, &known(length("5 days"))]);
    assert_eq!((sum.low(), sum.high()), (Some(&length("1 month 5 days")), Some(&length("3 months 5 days"))));
    let negated = apply(Function::DurationNegate, &[&sum]);
    assert_eq!(negated.high(), Some(&length("-1 months -5 days")));
    let product = apply(Function::DurationMultiply, &[&months, &whole("-1", "2")]);
    assert_eq!((product.low(), product.high()), (Some(&length("-3 months")), Some(&length("6 months"))));
    let open = apply(Function::DurationMultiply, &[&known(length("1 month")), &whole("0", "")]);
    assert_eq!(open.fault.map(|f| f.kind), Some(FaultKind::Overflow), "38 digits of months are not held");
    // Without an end it is one that a fact gives, of which a few times over can be held; with ends it is reckoned.
    let longer = Possible::range(Some(length("1 month")), None, false);
    let twice = apply(Function::DurationMultiply, &[&longer, &known(n("2"))]);
    assert_eq!((twice.low(), twice.high(), twice.fault.clone()), (Some(&length("2 months")), None, None));
    let often = apply(Function::DurationMultiply, &[&longer, &known(n("5000000000"))]);
    assert_eq!(often.fault.map(|f| f.kind), Some(FaultKind::Overflow));
    let held = apply(Function::DurationMultiply, &[&months, &known(n("5000000000"))]);
    assert_eq!(apply(Function::DurationMonths, &[&held]), whole("5000000000", "15000000000"));
    assert_eq!(apply(Function::DurationMonths, &[&months]), whole("1", "3"));
    assert_eq!(apply(Function::DurationDays, &[&sum]), known(n("5")));
}

#[test]
fn none_is_used_only_where_it_may_be() {
    let some = Possible { none: true, ..whole("1", "3") };
    let none = known(Value::None);
    assert_eq!(apply(Function::Add, &[&some, &known(n("1"))]), with(whole("2", "4"), FaultKind::NoneUsed));
    assert_eq!(apply(Function::Add, &[&none, &known(n("1"))]), fault(FaultKind::NoneUsed));
    assert_eq!(apply(Function::Less, &[&known(n("1")), &none]), fault(FaultKind::NoneUsed));
    assert_eq!(apply(Function::IsNone, &[&some]), Possible::booleans());
    assert_eq!(apply(Function::IsNone, &[&none]).truth(), Some(true));
    assert_eq!(apply(Function::IsNone, &[&whole("1", "3")]).truth(), Some(false));
    assert_eq!(apply(Function::Unwrap, &[&some]), with(whole("1", "3"), FaultKind::NoneUsed));
    assert_eq!(apply(Function::Unwrap, &[&none]), fault(FaultKind::NoneUsed));
    assert_eq!(apply(Function::Equal, &[&none, &none]).truth(), Some(true));
    assert_eq!(apply(Function::Equal, &[&none, &known(n("1"))]).truth(), Some(false));
    assert_eq!(apply(Function::Equal, &[&some, &none]), Possible::booleans());
    assert_eq!(apply(Function::Equal, &[&some, &known(n("4"))]).truth(), Some(false));
    assert_eq!(apply(Function::Equal, &[&some, &some]), Possible::booleans());
}

#[test]
fn faults_of_operands_travel_in_either_order() {
    let (first, second) = (FaultKind::DivisionByZero, FaultKind::Overflow);
    let maybe = with(known(n("1")), second.clone());
    for (a, b, want) in [
        (fault(second.clone()), whole("1", "2"), fault(second.clone())),
        (fault(second.clone()), fault(first.clone()), fault(first.clone())),
        (maybe.clone(), fault(first.clone()), fault(first.clone())),
        (with(known(n("1")), first.clone()), fault(second.clone()), fault(first.clone())),
        (maybe.clone(), known(n("2")), with(known(n("3")), second.clone())),
        (maybe.clone(), known(Value::None), fault(second.clone())),
        (fault(second), known(Value::None), fault(FaultKind::Overflow)),
    ] {
        assert_eq!(apply(Function::Add, &[&a, &b]), want);
        assert_eq!(apply(Function::Add, &[&b, &a]), want);
    }
    assert_eq!(apply(Function::IsNone, &[&fault(first.clone())]), fault(first));
}

#[test]
fn kleene_tables_hold_in_both_orders() {
    let (yes, no, unknown) = (Possible::boolean(true), Possible::boolean(false), Possible::booleans());
    let bad = fault(FaultKind::Overflow);
    let maybe = |p: &Possible| with(p.clone(), FaultKind::Overflow);
    for (a, b, and, or) in [
        (&yes, &yes, &yes, &yes),
        (&yes, &no, &no, &yes),
        (&yes, &unknown, &unknown, &yes),
        (&yes, &bad, &bad, &yes),
        (&no, &no, &no, &no),
        (&no, &unknown, &no, &unknown),
        (&no, &bad, &no, &bad),
        (&unknown, &unknown, &unknown, &unknown),
        (&unknown, &bad, &maybe(&no), &maybe(&yes)),
        (&bad, &bad, &bad, &bad),
        (&maybe(&yes), &unknown, &maybe(&unknown), &maybe(&yes)),
        (&maybe(&yes), &no, &no, &maybe(&yes)),
    ] {
        assert_eq!(&Possible::and(&[a, b]), and, "{a:?} and {b:?}");
        assert_eq!(&Possible::and(&[b, a]), and, "{b:?} and {a:?}");
        assert_eq!(&Possible::or(&[a, b]), or, "{a:?} or {b:?}");
        assert_eq!(&Possible::or(&[b, a]), or, "{b:?} or {a:?}");
    }
    assert_eq!(Possible::and(&[]), yes);
    assert_eq!(Possible::or(&[]), no);
    assert_eq!(Possible::not(&yes), no);
    assert_eq!(Possible::not(&unknown), unknown);
    assert_eq!(Possible::not(&bad), bad);
    assert_eq!(Possible::not(&maybe(&yes)), maybe(&no));
}
