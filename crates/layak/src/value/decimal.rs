//! Exact decimal numbers.
//!
//! Sums, differences and products are exact or they fail; a quotient keeps 28 significant digits, half-even. A product
//! of two such quotients needs 56 digits, so the common decimal crates, which round or give up there, cannot
//! hold what the language promises. Up to 38 digits a value is one `i128`; beyond, a big integer takes over.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use num_bigint::{BigInt, Sign};
use num_traits::{One, Signed, ToPrimitive, Zero};

/// Significant digits of a quotient.
const QUOTIENT_DIGITS: u32 = 28;
/// A result with more digits than this (in all, or after the point) is an overflow.
const MAX_DIGITS: u32 = 256;
/// A number read from text may have this many digits, in all and after the point.
pub(crate) const MAX_READ_DIGITS: u32 = 38;
/// The largest power `powi` raises to, either way.
const MAX_EXPONENT: i64 = 1_000;

/// An exact decimal number.
///
/// ```
/// use layak::Decimal;
/// let a: Decimal = "0.1".parse()?;
/// let b: Decimal = "2e-1".parse()?;
/// assert_eq!(a.checked_add(&b).map(|s| s.to_string()).as_deref(), Some("0.3"));
/// assert!("0x10".parse::<Decimal>().is_err());
/// # Ok::<(), layak::ParseDecimalError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Decimal(Repr);

/// INVARIANT: `Wide` is used only for a mantissa that no `i128` holds, so equal values of one scale have one shape.
#[derive(Clone, Debug)]
enum Repr {
    Small { mantissa: i128, scale: u32 },
    Wide(Box<Wide>),
}

#[derive(Clone, Debug)]
struct Wide {
    mantissa: BigInt,
    scale: u32,
}

/// How `round` breaks what lies between two multiples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Rounding {
    /// To the nearest; a tie away from zero.
    HalfUp,
    /// To the nearest; a tie towards zero.
    HalfDown,
    /// To the nearest; a tie to the even multiple.
    HalfEven,
    /// Away from zero.
    Up,
    /// Towards zero.
    Down,
    /// To the lower multiple.
    Floor,
    /// To the higher multiple.
    Ceiling,
}

/// Why a text is not a number that Layak can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseDecimalError {
    /// The text is not a number as JSON writes it.
    #[error("not a number")]
    Malformed,
    /// More than 38 digits, or a power of ten that would need them.
    #[error("a number of more than {MAX_READ_DIGITS} digits")]
    TooLong,
}

fn pow10_i128(n: u32) -> Option<i128> {
    10i128.checked_pow(n)
}

fn pow10_big(n: u32) -> BigInt {
    BigInt::from(10u8).pow(n)
}

/// Decimal digits of an integer's magnitude; 0 has none.
fn digits_i128(m: i128) -> u32 {
    m.unsigned_abs().checked_ilog10().map_or(0, |n| n + 1)
}

fn digits_big(m: &BigInt) -> u32 {
    if m.is_zero() {
        return 0;
    }
    // log10(2) = 0.30103: the estimate from the bit length is exact or one too high.
    let estimate = u32::try_from(m.bits() * 30_103 / 100_000 + 1).unwrap_or(u32::MAX);
    if m.abs() < pow10_big(estimate - 1) { estimate - 1 } else { estimate }
}

impl Decimal {
    /// Zero.
    pub const ZERO: Decimal = Decimal(Repr::Small { mantissa: 0, scale: 0 });
    /// One.
    pub const ONE: Decimal = Decimal(Repr::Small { mantissa: 1, scale: 0 });

    /// `mantissa / 10^scale`, or nothing when `scale` is above 256.
    pub fn new(mantissa: i128, scale: u32) -> Option<Decimal> {
        (scale <= MAX_DIGITS).then_some(Decimal(Repr::Small { mantissa, scale }))
    }

    fn small(mantissa: i128, scale: u32) -> Decimal {
        Decimal(Repr::Small { mantissa, scale })
    }

    fn from_big(mut mantissa: BigInt, mut scale: u32) -> Option<Decimal> {
        if let Some(m) = mantissa.to_i128()
            && scale <= MAX_DIGITS
        {
            return Some(Decimal::small(m, scale));
        }
        // Zeros at the end carry nothing: drop them before the limit is asked.
        let ten = BigInt::from(10u8);
        while scale > 0 {
            let quotient = &mantissa / &ten;
            if &quotient * &ten != mantissa {
                break;
            }
            mantissa = quotient;
            scale -= 1;
        }
        if scale > MAX_DIGITS || digits_big(&mantissa) > MAX_DIGITS {
            return None;
        }
        Some(match mantissa.to_i128() {
            Some(m) => Decimal::small(m, scale),
            None => Decimal(Repr::Wide(Box::new(Wide { mantissa, scale }))),
        })
    }

    fn scale(&self) -> u32 {
        match &self.0 {
            Repr::Small { scale, .. } => *scale,
            Repr::Wide(w) => w.scale,
        }
    }

    fn big(&self) -> BigInt {
        match &self.0 {
            Repr::Small { mantissa, .. } => BigInt::from(*mantissa),
            Repr::Wide(w) => w.mantissa.clone(),
        }
    }

    /// The mantissa brought to a scale that is not below its own.
    fn big_at(&self, scale: u32) -> BigInt {
        let up = scale.saturating_sub(self.scale());
        if up == 0 { self.big() } else { self.big() * pow10_big(up) }
    }

    fn small_at(&self, to: u32) -> Option<i128> {
        match &self.0 {
            Repr::Small { mantissa, scale } if *scale == to => Some(*mantissa),
            Repr::Small { mantissa, scale } => mantissa.checked_mul(pow10_i128(to.checked_sub(*scale)?)?),
            Repr::Wide(_) => None,
        }
    }

    /// Both mantissas at the larger of the two scales, when they fit.
    fn aligned(&self, other: &Decimal) -> Option<(i128, i128, u32)> {
        let scale = self.scale().max(other.scale());
        Some((self.small_at(scale)?, other.small_at(scale)?, scale))
    }

    /// The exact sum; nothing on overflow.
    pub fn checked_add(&self, other: &Decimal) -> Option<Decimal> {
        if let Some((a, b, scale)) = self.aligned(other)
            && let Some(sum) = a.checked_add(b)
        {
            return Some(Decimal::small(sum, scale));
        }
        let scale = self.scale().max(other.scale());
        Decimal::from_big(self.big_at(scale) + other.big_at(scale), scale)
    }

    /// The exact difference; nothing on overflow.
    pub fn checked_sub(&self, other: &Decimal) -> Option<Decimal> {
        self.checked_add(&other.negated())
    }

    /// The exact product; nothing on overflow.
    pub fn checked_mul(&self, other: &Decimal) -> Option<Decimal> {
        let scale = self.scale() + other.scale();
        if let (Repr::Small { mantissa: a, .. }, Repr::Small { mantissa: b, .. }) = (&self.0, &other.0)
            && scale <= MAX_DIGITS
            && let Some(product) = a.checked_mul(*b)
        {
            return Some(Decimal::small(product, scale));
        }
        Decimal::from_big(self.big() * other.big(), scale)
    }

    /// The quotient to 28 significant digits, half-even; nothing when the divisor is zero or the result overflows.
    pub fn checked_div(&self, other: &Decimal) -> Option<Decimal> {
        if other.is_zero() {
            return None;
        }
        if self.is_zero() {
            return Some(Decimal::ZERO);
        }
        if let (Repr::Small { mantissa: a, scale: sa }, Repr::Small { mantissa: b, scale: sb }) = (&self.0, &other.0)
            && sa >= sb
            && digits_i128(*a) <= QUOTIENT_DIGITS
            && a.checked_rem(*b) == Some(0)
        {
            return Some(Decimal::small(a.checked_div(*b)?, sa - sb));
        }
        quotient(&self.big(), i64::from(self.scale()), &other.big(), i64::from(other.scale()))
    }

    /// The remainder of the division whose quotient is rounded down: it has the sign of the divisor.
    pub fn checked_rem_floor(&self, other: &Decimal) -> Option<Decimal> {
        if other.is_zero() {
            return None;
        }
        let scale = self.scale().max(other.scale());
        let (a, b) = (self.big_at(scale), other.big_at(scale));
        let mut rest = &a % &b;
        if !rest.is_zero() && rest.is_negative() != b.is_negative() {
            rest += &b;
        }
        Decimal::from_big(rest, scale)
    }

    /// `self` to a whole power: the exact value where it has at most 28 digits, else rounded to them, half-even.
    /// Nothing for zero to a negative power, for a power beyond ±1000, or on overflow.
    pub fn checked_powi(&self, exponent: i64) -> Option<Decimal> {
        if !(-MAX_EXPONENT..=MAX_EXPONENT).contains(&exponent) {
            return None;
        }
        let n = u32::try_from(exponent.unsigned_abs()).ok()?;
        let power = self.big().pow(n);
        let scale = i64::from(self.scale()) * i64::from(n);
        if exponent < 0 {
            return if power.is_zero() { None } else { quotient(&BigInt::one(), 0, &power, scale) };
        }
        if digits_big(&power) <= QUOTIENT_DIGITS && scale <= i64::from(MAX_DIGITS) {
            return Decimal::from_big(power, u32::try_from(scale).ok()?);
        }
        quotient(&power, scale, &BigInt::one(), 0)
    }

    /// The multiple of `step` that `mode` chooses; nothing when `step` is zero or on overflow.
    pub fn checked_round_to(&self, step: &Decimal, mode: Rounding) -> Option<Decimal> {
        if step.is_zero() {
            return None;
        }
        let step = step.abs();
        if let Some((a, b, scale)) = self.aligned(&step) {
            let (quotient, rest) = (a.checked_div(b)?, a.checked_rem(b)?);
            // 2·|rest| against the step, without doubling.
            let tie = rest.unsigned_abs().cmp(&b.unsigned_abs().checked_sub(rest.unsigned_abs())?);
            let away = rounds_away(rest == 0, tie, a < 0, quotient % 2 != 0, mode);
            let chosen = if away { quotient.checked_add(a.signum())? } else { quotient };
            if let Some(m) = chosen.checked_mul(b) {
                return Some(Decimal::small(m, scale));
            }
        }
        let scale = self.scale().max(step.scale());
        let (a, b) = (self.big_at(scale), step.big_at(scale));
        let (mut quotient, rest) = (&a / &b, &a % &b);
        let tie = (rest.abs() * 2u8).cmp(&b);
        let odd = (&quotient % 2u8) != BigInt::zero();
        if rounds_away(rest.is_zero(), tie, a.is_negative(), odd, mode) {
            quotient += a.signum();
        }
        Decimal::from_big(quotient * b, scale)
    }

    /// The largest whole number that is not above.
    pub fn floor(&self) -> Option<Decimal> {
        self.checked_round_to(&Decimal::ONE, Rounding::Floor)
    }

    /// The smallest whole number that is not below.
    pub fn ceil(&self) -> Option<Decimal> {
        self.checked_round_to(&Decimal::ONE, Rounding::Ceiling)
    }

    /// Without its sign.
    pub fn abs(&self) -> Decimal {
        if self.is_negative() { self.negated() } else { self.clone() }
    }

    /// With the other sign.
    pub fn negated(&self) -> Decimal {
        match &self.0 {
            Repr::Small { mantissa, scale } => match mantissa.checked_neg() {
                Some(m) => Decimal::small(m, *scale),
                None => Decimal(Repr::Wide(Box::new(Wide { mantissa: -BigInt::from(*mantissa), scale: *scale }))),
            },
            Repr::Wide(w) => match (-&w.mantissa).to_i128() {
                Some(m) => Decimal::small(m, w.scale),
                None => Decimal(Repr::Wide(Box::new(Wide { mantissa: -&w.mantissa, scale: w.scale }))),
            },
        }
    }

    /// Whether it is 0.
    pub fn is_zero(&self) -> bool {
        matches!(&self.0, Repr::Small { mantissa: 0, .. })
    }

    /// Whether it is below 0.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Small { mantissa, .. } => *mantissa < 0,
            Repr::Wide(w) => w.mantissa.sign() == Sign::Minus,
        }
    }

    /// Whether nothing stands after the point.
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Small { scale: 0, .. } => true,
            Repr::Small { mantissa, scale } => match pow10_i128(*scale) {
                Some(p) => mantissa % p == 0,
                None => *mantissa == 0,
            },
            Repr::Wide(w) => (&w.mantissa % pow10_big(w.scale)).is_zero(),
        }
    }

    /// The value as a machine integer, if it is one.
    pub fn to_i64(&self) -> Option<i64> {
        self.to_scaled_i64(0)
    }

    /// `self · 10^scale` as an integer of 128 bits, if that is one: what a column of decimals holds.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let half: layak::Decimal = "0.5".parse()?;
    /// assert_eq!((half.to_scaled(2), half.to_scaled(0)), (Some(50), None));
    /// # Ok(())
    /// # }
    /// ```
    pub fn to_scaled(&self, scale: u32) -> Option<i128> {
        let Repr::Small { mantissa, scale: own } = &self.0 else { return None };
        match scale.checked_sub(*own) {
            Some(up) => mantissa.checked_mul(pow10_i128(up)?),
            None => {
                let down = pow10_i128(own - scale)?;
                (mantissa % down == 0).then(|| mantissa / down)
            }
        }
    }

    /// What is kept as a whole number and is a machine integer, as most numbers are.
    #[inline]
    fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Small { mantissa, scale: 0 } => i64::try_from(*mantissa).ok(),
            Repr::Small { .. } | Repr::Wide(_) => None,
        }
    }

    /// `self · 10^scale` as a machine integer, if that is one.
    #[inline]
    pub(crate) fn to_scaled_i64(&self, scale: u32) -> Option<i64> {
        match &self.0 {
            Repr::Small { mantissa, scale: own } if *own == scale => i64::try_from(*mantissa).ok(),
            _ => self.scaled_i64(scale),
        }
    }

    fn scaled_i64(&self, scale: u32) -> Option<i64> {
        match &self.0 {
            Repr::Small { mantissa, scale: own } if *own <= scale => {
                // Most fit in 64 bits, in which this takes a fraction of the time.
                if let (Ok(small), Some(up)) = (i64::try_from(*mantissa), 10i64.checked_pow(scale - own)) {
                    return small.checked_mul(up);
                }
                i64::try_from(mantissa.checked_mul(pow10_i128(scale - own)?)?).ok()
            }
            Repr::Small { mantissa, scale: own } => {
                let down = pow10_i128(own - scale)?;
                if mantissa % down == 0 { i64::try_from(mantissa / down).ok() } else { None }
            }
            Repr::Wide(_) => None,
        }
    }

    /// The same value without zeros at the end of its fraction.
    fn normalised(&self) -> Decimal {
        match &self.0 {
            Repr::Small { mantissa: 0, .. } => Decimal::ZERO,
            Repr::Small { mantissa, scale } => {
                let (mut m, mut s) = (*mantissa, *scale);
                while s > 0 && m % 10 == 0 {
                    m /= 10;
                    s -= 1;
                }
                Decimal::small(m, s)
            }
            Repr::Wide(w) => {
                let (mut m, mut s) = (w.mantissa.clone(), w.scale);
                while s > 0 && (&m % 10u8).is_zero() {
                    m /= 10u8;
                    s -= 1;
                }
                match m.to_i128() {
                    Some(small) => Decimal::small(small, s),
                    None => Decimal(Repr::Wide(Box::new(Wide { mantissa: m, scale: s }))),
                }
            }
        }
    }
}

/// Whether rounding takes the multiple farther from zero. `tie` compares the rest with half a step.
fn rounds_away(exact: bool, tie: Ordering, negative: bool, odd: bool, mode: Rounding) -> bool {
    if exact {
        return false;
    }
    match mode {
        Rounding::Up => true,
        Rounding::Down => false,
        Rounding::Floor => negative,
        Rounding::Ceiling => !negative,
        Rounding::HalfUp => tie != Ordering::Less,
        Rounding::HalfDown => tie == Ordering::Greater,
        Rounding::HalfEven => tie == Ordering::Greater || (tie == Ordering::Equal && odd),
    }
}

/// `(a / 10^sa) / (b / 10^sb)` to 28 significant digits, half-even. INVARIANT: `b` is not zero.
fn quotient(a: &BigInt, sa: i64, b: &BigInt, sb: i64) -> Option<Decimal> {
    // Shift so that the integer quotient has 28 or 29 digits; then round it at the 28th.
    let shift = i64::from(QUOTIENT_DIGITS) - (i64::from(digits_big(a)) - i64::from(digits_big(b)));
    let up = |x: &BigInt, n: i64| u32::try_from(n).map_or_else(|_| x.clone(), |n| x * pow10_big(n));
    let (num, mut den) = (up(a, shift), up(b, -shift));
    let mut scale = sa - sb + shift;
    let mut whole = &num / &den;
    if digits_big(&whole) > QUOTIENT_DIGITS {
        den *= 10u8;
        scale -= 1;
        whole = &num / &den;
    }
    let rest = &num - &whole * &den;
    let tie = (rest.abs() * 2u8).cmp(&den.abs());
    let odd = !(&whole % 2u8).is_zero();
    let negative = num.is_negative() != den.is_negative();
    if rounds_away(rest.is_zero(), tie, negative, odd, Rounding::HalfEven) {
        whole += if negative { -BigInt::one() } else { BigInt::one() };
    }
    // An exact quotient drops its zeros, so that 10 / 4 is 2.5 and not 2.500….
    let ten = BigInt::from(10u8);
    while scale > 0 && (&whole % &ten).is_zero() {
        whole /= &ten;
        scale -= 1;
    }
    if scale < 0 {
        whole *= pow10_big(u32::try_from(-scale).ok().filter(|n| *n <= MAX_DIGITS)?);
        scale = 0;
    }
    Decimal::from_big(whole, u32::try_from(scale).ok()?)
}

impl Ord for Decimal {
    fn cmp(&self, other: &Decimal) -> Ordering {
        if let Some((a, b, _)) = self.aligned(other) {
            return a.cmp(&b);
        }
        let scale = self.scale().max(other.scale());
        self.big_at(scale).cmp(&other.big_at(scale))
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Decimal) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let n = self.normalised();
        n.scale().hash(state);
        n.big().hash(state);
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(n) = self.as_i64() {
            return n.fmt(f);
        }
        let n = self.normalised();
        let (digits, scale) = match &n.0 {
            Repr::Small { mantissa, scale: 0 } => return mantissa.fmt(f),
            Repr::Small { mantissa, scale } => (mantissa.unsigned_abs().to_string(), *scale),
            Repr::Wide(w) => (w.mantissa.abs().to_string(), w.scale),
        };
        let point = usize::try_from(scale).map_err(|_| fmt::Error)?;
        let digits = format!("{digits:0>width$}", width = point + 1);
        let (whole, fraction) = digits.split_at(digits.len() - point);
        let sign = if self.is_negative() { "-" } else { "" };
        if point == 0 { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{fraction}") }
    }
}

impl From<i64> for Decimal {
    fn from(n: i64) -> Decimal {
        Decimal::small(i128::from(n), 0)
    }
}

impl From<u64> for Decimal {
    fn from(n: u64) -> Decimal {
        Decimal::small(i128::from(n), 0)
    }
}

impl From<i128> for Decimal {
    fn from(n: i128) -> Decimal {
        Decimal::small(n, 0)
    }
}

impl FromStr for Decimal {
    type Err = ParseDecimalError;

    /// Reads a number as JSON writes it: `-12`, `0.5`, `1e-3`. At most 38 digits, in all and after the point.
    fn from_str(text: &str) -> Result<Decimal, ParseDecimalError> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (number, exponent) = match rest.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, Some(exponent)),
            None => (rest, None),
        };
        let (whole, fraction) = match number.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return Err(ParseDecimalError::Malformed),
            None => (number, ""),
        };
        let digits_only = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        if whole.is_empty() || leading_zero || !digits_only(whole) || !digits_only(fraction) {
            return Err(ParseDecimalError::Malformed);
        }
        let exponent = match exponent {
            None => 0i64,
            Some(e) => {
                let unsigned = e.strip_prefix(['+', '-']).unwrap_or(e);
                if unsigned.is_empty() || !digits_only(unsigned) {
                    return Err(ParseDecimalError::Malformed);
                }
                e.parse().unwrap_or(if e.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 })
            }
        };
        let mut mantissa: i128 = 0;
        let mut count = 0u32;
        for b in whole.bytes().chain(fraction.bytes()) {
            if count > 0 || b != b'0' {
                count += 1;
            }
            if count > MAX_READ_DIGITS {
                return Err(ParseDecimalError::TooLong);
            }
            mantissa = mantissa * 10 + i128::from(b - b'0');
        }
        if mantissa == 0 {
            return Ok(Decimal::ZERO);
        }
        let fraction = i64::try_from(fraction.len()).map_err(|_| ParseDecimalError::TooLong)?;
        let scale = fraction.saturating_sub(exponent);
        let mantissa = if negative { -mantissa } else { mantissa };
        match u32::try_from(scale) {
            Ok(scale) if scale <= MAX_READ_DIGITS => Ok(Decimal::small(mantissa, scale)),
            Ok(_) => Err(ParseDecimalError::TooLong),
            Err(_) => {
                let up = u32::try_from(-scale).map_err(|_| ParseDecimalError::TooLong)?;
                if count + up.min(MAX_READ_DIGITS + 1) > MAX_READ_DIGITS {
                    return Err(ParseDecimalError::TooLong);
                }
                let factor = pow10_i128(up).ok_or(ParseDecimalError::TooLong)?;
                Ok(Decimal::small(mantissa.checked_mul(factor).ok_or(ParseDecimalError::TooLong)?, 0))
            }
        }
    }
}

#[cfg(test)]
mod tests;
