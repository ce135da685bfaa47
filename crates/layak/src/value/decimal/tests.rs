//! Exact numbers: what they come to, and the laws they keep.

use super::*;
use proptest::prelude::*;

fn d(text: &str) -> Decimal {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn shown(value: Option<Decimal>) -> String {
    value.map_or("overflow".to_owned(), |v| v.to_string())
}

#[test]
fn sums_and_products_are_exact() {
    assert_eq!(shown(d("0.1").checked_add(&d("0.2"))), "0.3");
    assert_eq!(shown(d("1.1").checked_add(&d("1.3"))), "2.4");
    assert_eq!(shown(d("0.00001").checked_sub(&d("100"))), "-99.99999");
    assert_eq!(shown(d("16777217").checked_mul(&Decimal::ONE)), "16777217");
    assert_eq!(shown(d("9007199254740993").checked_add(&d("0"))), "9007199254740993");
    assert_eq!(shown(d("426326300").checked_mul(&d("0.16"))), "68212208");
    assert_eq!(shown(d("-9223372036854775808").checked_mul(&d("-1"))), "9223372036854775808");
    let product = d("0.48").checked_mul(&d("0.1818181818181818181818181818"));
    let sum = product.and_then(|p| p.checked_add(&d("843.65")));
    assert_eq!(shown(sum), "843.737272727272727272727272727264");
    assert_eq!(shown(d("79228162514264337593543950335").checked_add(&d("1"))), "79228162514264337593543950336");
}

#[test]
fn products_of_quotients_stay_exact() {
    let third = d("1").checked_div(&d("3")).unwrap();
    let ninth = third.checked_mul(&third).unwrap();
    assert_eq!(ninth.to_string(), format!("0.{}{}", "1".repeat(27) + "0", "8".repeat(27) + "9"));
    assert_eq!(shown(ninth.checked_mul(&d("1000000000000"))).len(), "111111111111.".len() + 44);
}

#[test]
fn quotients_keep_28_digits_half_even() {
    assert_eq!(shown(d("2").checked_div(&d("3"))), "0.6666666666666666666666666667");
    assert_eq!(shown(d("10").checked_div(&d("4"))), "2.5");
    assert_eq!(shown(d("15.3").checked_div(&d("3"))), "5.1");
    assert_eq!(shown(d("9223372036854775807").checked_div(&d("1"))), "9223372036854775807");
    let long = d("590.3274854004009467754255123").checked_div(&d("53.68997202826239"));
    assert!(shown(long).starts_with("10.99511627775951685052168"), "checked against a long division by hand");
    assert_eq!(shown(d("1").checked_div(&d("0"))), "overflow");
    assert_eq!(shown(d("-1").checked_div(&d("3"))), "-0.3333333333333333333333333333");
    assert_eq!(shown(d("1e37").checked_div(&d("1e-38"))), format!("1{}", "0".repeat(75)));
}

#[test]
fn overflow_is_told() {
    let mut x = d("99999999999999999999999999999999999999");
    let mut steps = 0;
    while let Some(y) = x.checked_mul(&x) {
        x = y;
        steps += 1;
    }
    assert_eq!(steps, 2, "38 digits doubled twice are 152; the next doubling passes 256");
}

#[test]
fn rounding_follows_its_mode() {
    use Rounding::*;
    for (value, step, mode, want) in [
        ("4.55", "0.1", HalfUp, "4.6"),
        ("8.165", "0.01", HalfUp, "8.17"),
        ("5.015", "0.01", HalfUp, "5.02"),
        ("1234567.005", "0.01", HalfUp, "1234567.01"),
        ("6.5", "1", HalfEven, "6"),
        ("7.5", "1", HalfEven, "8"),
        ("6.5", "1", HalfDown, "6"),
        ("-0.5", "1", HalfUp, "-1"),
        ("-1.5", "1", HalfEven, "-2"),
        ("-0.5", "1", HalfEven, "0"),
        ("-0.5", "1", HalfDown, "0"),
        ("0.005", "0.01", HalfUp, "0.01"),
        ("-1.126", "0.01", Up, "-1.13"),
        ("-1.126", "0.01", Down, "-1.12"),
        ("187654", "1000", Down, "187000"),
        ("12345", "10", HalfUp, "12350"),
        ("-7", "2", Floor, "-8"),
        ("-7", "2", Ceiling, "-6"),
        ("0", "1000", Up, "0"),
        ("2.5", "0.75", HalfEven, "2.25"),
    ] {
        assert_eq!(shown(d(value).checked_round_to(&d(step), mode)), want, "{value} to {step} {mode:?}");
    }
    assert_eq!(shown(d("1").checked_round_to(&d("0"), Down)), "overflow");
}

#[test]
fn remainders_have_the_sign_of_the_divisor() {
    for (a, b, want) in [("10", "-4", "-2"), ("-12", "5", "3"), ("10.1", "4.5", "1.1"), ("-10.1", "-4.5", "-1.1")] {
        assert_eq!(shown(d(a).checked_rem_floor(&d(b))), want, "{a} by {b}");
    }
}

#[test]
fn powers_round_once() {
    assert_eq!(shown(d("0.1").checked_powi(2)), "0.01");
    assert_eq!(shown(d("2").checked_powi(-2)), "0.25");
    assert_eq!(shown(d("1.01").checked_powi(12)), "1.126825030131969720661201");
    assert_eq!(shown(d("3").checked_powi(-1)), "0.3333333333333333333333333333");
    assert_eq!(shown(d("0").checked_powi(-1)), "overflow");
    assert_eq!(shown(d("0").checked_powi(0)), "1");
}

#[test]
fn text_is_read_exactly_or_refused() {
    for (text, want) in [
        ("2989145", "2989145"),
        ("2989145.00", "2989145"),
        ("2.989145e6", "2989145"),
        ("29891450e-1", "2989145"),
        ("0.0909090909", "0.0909090909"),
        ("-0.5", "-0.5"),
        ("-0", "0"),
        ("1e-6", "0.000001"),
        ("0e99999999999999999999", "0"),
    ] {
        assert_eq!(d(text).to_string(), want);
    }
    for text in
        ["", "-", "+5", "012", ".5", "5.", "1e", "1e+", "0x10", "2 989", "1_000", "NaN", "Infinity", "1,5", "１"]
    {
        assert_eq!(text.parse::<Decimal>(), Err(ParseDecimalError::Malformed), "{text}");
    }
    for text in ["1e400", "-1e400", "1e-400", "1e-999999999", "1e99999999999999999999", &"9".repeat(40)] {
        assert_eq!(text.parse::<Decimal>(), Err(ParseDecimalError::TooLong), "{text}");
    }
}

proptest! {
    #[test]
    fn order_and_equality_agree_with_subtraction(a in any::<i128>(), sa in 0u32..40, b in any::<i128>(), sb in 0u32..40) {
        let (x, y) = (Decimal::small(a, sa), Decimal::small(b, sb));
        let difference = x.checked_sub(&y).unwrap();
        prop_assert_eq!(x.cmp(&y), difference.cmp(&Decimal::ZERO));
        prop_assert_eq!(difference.checked_add(&y).unwrap(), x);
    }

    #[test]
    fn text_goes_round(m in -10i128.pow(37)..10i128.pow(37), s in 0u32..=37) {
        let x = Decimal::small(m, s);
        prop_assert_eq!(x.to_string().parse::<Decimal>().unwrap(), x);
    }

    #[test]
    fn a_quotient_is_the_nearest_of_28_digits(a in any::<i64>(), b in any::<i64>().prop_filter("not zero", |b| *b != 0)) {
        let (x, y) = (Decimal::from(a), Decimal::from(b));
        let q = x.checked_div(&y).unwrap();
        // |q·b − a| ≤ |b| · half a unit of the 28th digit
        let error = q.checked_mul(&y).unwrap().checked_sub(&x).unwrap().abs();
        let unit = q.abs().checked_mul(&Decimal::new(5, 28).unwrap()).unwrap();
        prop_assert!(error <= unit.checked_mul(&y.abs()).unwrap());
        prop_assert!(digits_big(&q.normalised().big()) <= QUOTIENT_DIGITS);
    }

    #[test]
    fn wide_and_small_rounding_agree(a in any::<i64>(), step in 1i64..10_000, mode in 0usize..7) {
        use Rounding::*;
        let mode = [HalfUp, HalfDown, HalfEven, Up, Down, Floor, Ceiling][mode];
        let (x, s) = (Decimal::from(a), Decimal::from(step));
        // The same question 10^60 times as large takes the wide path.
        let far = Decimal(Repr::Wide(Box::new(Wide { mantissa: pow10_big(60), scale: 0 })));
        let wide = x.checked_mul(&far).unwrap().checked_round_to(&s.checked_mul(&far).unwrap(), mode).unwrap();
        prop_assert_eq!(wide, x.checked_round_to(&s, mode).unwrap().checked_mul(&far).unwrap());
    }
}
