//! The facts of a household, and households made up from a seed: most are as families are, some stand on the very edge of a rule.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

/// The day that all is decided for.
pub const AS_OF: NaiveDate = day(2026, 1, 1);

/// The regions that have a minimum wage of their own, with it.
pub fn minimum_wages() -> BTreeMap<String, i64> {
    let regions = (3501..=3529).chain(3571..=3579);
    regions.zip(0..).map(|(region, place)| (region.to_string(), 2_300_000 + 7 * place % 38 * 75_000)).collect()
}

/// The minimum wage of all other regions.
pub const OTHER_MINIMUM_WAGE: i64 = 2_500_000;

#[allow(dead_code)] // no rule reads its number and its income
#[derive(Clone, Debug, Deserialize)]
pub struct Household {
    pub id: u64,
    pub region: String,
    pub desil: u8,
    pub electricity_va: u32,
    pub monthly_income: Decimal,
    pub has_car: bool,
    pub land_m2: Decimal,
    pub members: Vec<Person>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Person {
    pub birth_date: NaiveDate,
    pub sex: Sex,
    pub pregnant: bool,
    pub school_level: SchoolLevel,
    pub attends_school: bool,
    pub disability: Disability,
    pub occupation: Occupation,
    pub monthly_wage: Decimal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Sex {
    F,
    M,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SchoolLevel {
    None,
    Sd,
    Smp,
    Sma,
    College,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disability {
    None,
    Mild,
    Severe,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occupation {
    Farmer,
    Laborer,
    Trader,
    CivilServant,
    Military,
    Police,
    Pensioner,
    None,
    Employee,
}

/// So many households, as JSON.
pub fn made_up(households: u64) -> impl Iterator<Item = Value> {
    let minimum_wages = minimum_wages().into_iter().collect();
    let mut dice = Dice { state: 0x5eed, minimum_wages };
    (0..households).map(move |id| dice.household(id))
}

const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// The last day on which one is born who has an age, of each age that a rule names, and the day after.
const CUT_OFFS: [NaiveDate; 8] = [
    day(1966, 1, 1),
    day(1966, 1, 2),
    day(2004, 1, 1),
    day(2004, 1, 2),
    day(2019, 1, 1),
    day(2019, 1, 2),
    day(2020, 1, 1),
    day(2020, 1, 2),
];
const STATE_JOBS: [&str; 4] = ["civil_servant", "military", "police", "pensioner"];
const OTHER_JOBS: [&str; 5] = ["farmer", "laborer", "trader", "none", "employee"];

/// Chance from a seed (SplitMix64).
struct Dice {
    state: u64,
    minimum_wages: Vec<(String, i64)>,
}

impl Dice {
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ self.state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// True so many times in a thousand.
    fn is(&mut self, in_a_thousand: u64) -> bool {
        self.below(1000) < in_a_thousand
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.next() as usize % all.len()]
    }

    fn household(&mut self, id: u64) -> Value {
        // A few live where no minimum wage is set.
        let place = self.below(40) as usize;
        let (region, wage) = self.minimum_wages.get(place).cloned().unwrap_or(("3671".into(), OTHER_MINIMUM_WAGE));
        let members = match self.below(100) {
            0 => 0,
            1..=2 => 8 + self.below(5),
            _ => 1 + self.below(6),
        };
        let desil = match self.below(100) {
            0..=52 => 1 + self.below(4),
            53..=63 => 5,
            _ => 6 + self.below(5),
        };
        let land = match self.below(1000) {
            0..=3 => 500_000,
            4..=7 => 500_001,
            8..=27 => 500_000 + self.below(1_500_000),
            _ => self.below(200_000),
        };
        json!({
            "id": id,
            "region": region,
            "desil": desil,
            "electricity_va": if self.is(90) { self.one_of(&[1301, 2200, 3500]) } else { self.one_of(&[450, 900, 1300]) },
            "monthly_income": self.below(9_000_000),
            "has_car": self.is(60),
            "land_m2": land as f64 / 100.0,
            "members": (0..members).map(|_| self.person(wage)).collect::<Vec<_>>(),
        })
    }

    fn person(&mut self, minimum_wage: i64) -> Value {
        let born = if self.is(60) { self.one_of(&CUT_OFFS) } else { AS_OF - Days::new(self.below(31_000)) };
        let age = AS_OF.years_since(born).unwrap();
        let woman = self.is(500);
        let school_level = match age {
            ..=5 => "none",
            6..=12 => "sd",
            13..=15 => "smp",
            16..=18 => "sma",
            _ => self.one_of(&["none", "sd", "smp", "sma", "college"]),
        };
        let wage = match self.below(1000) {
            0..=5 => minimum_wage + 1 + self.below(4_000_000) as i64,
            6..=7 => minimum_wage + 1,
            8..=19 => minimum_wage,
            _ => minimum_wage - self.below(2301) as i64 * 1000,
        };
        json!({
            "birth_date": born.to_string(),
            "sex": if woman { "F" } else { "M" },
            // A man is put down as pregnant now and then, which counts for nothing.
            "pregnant": if woman && (16..=45).contains(&age) { self.is(150) } else { self.is(2) },
            "school_level": school_level,
            "attends_school": if age <= 22 { self.is(850) } else { self.is(20) },
            "disability": if self.is(25) { "severe" } else { self.one_of(&["none", "none", "none", "mild"]) },
            "occupation": if self.is(30) { self.one_of(&STATE_JOBS) } else { self.one_of(&OTHER_JOBS) },
            "monthly_wage": wage,
        })
    }
}
