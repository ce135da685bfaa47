//! The rules of `rules/bansos` as a Rust programmer writes them: structs with exact decimals and calendar dates.

use std::collections::HashMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

/// Male or female.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Sex {
    Male,
    Female,
}

/// As the enum of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum SchoolLevel {
    None,
    Sd,
    Smp,
    Sma,
    College,
}

/// As the enum of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Disability {
    None,
    Mild,
    Severe,
}

/// As the enum of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Occupation {
    Farmer,
    Laborer,
    Trader,
    Employee,
    CivilServant,
    Military,
    Police,
    SoeEmployee,
    StateOfficial,
    VillageOfficial,
    CertifiedTeacher,
    HealthWorker,
    StatePensioner,
    Unemployed,
    Homemaker,
    Student,
    Other,
}

/// A household with all facts known.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Household {
    pub region: String,
    pub desil: u8,
    pub electricity_va: u32,
    pub has_car: bool,
    pub motorbikes: u32,
    pub vehicle_value: Decimal,
    pub members: Vec<Person>,
}

/// A member with all facts known.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Person {
    pub birth_date: NaiveDate,
    pub sex: Sex,
    pub registered: bool,
    pub died_on: Option<NaiveDate>,
    pub pregnant: bool,
    pub pregnancy_number: u32,
    pub school_level: SchoolLevel,
    pub attends_school: bool,
    pub finished_sma: bool,
    pub disability: Disability,
    pub occupation: Occupation,
    pub wage: Decimal,
    pub company_owner: bool,
    pub covered_by_employer: bool,
}

/// The parameters of one date.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Rules {
    pub as_of: NaiveDate,
    pub umk: HashMap<String, Decimal>,
    pub vehicle_value_limit: Decimal,
    /// By component, a year.
    pub amounts: [Decimal; 7],
    pub sembako: Decimal,
    pub premium: Decimal,
}

impl Rules {
    /// Those of 2026-02-15, with one minimum wage.
    pub fn sample() -> Rules {
        Rules {
            as_of: NaiveDate::from_ymd_opt(2026, 2, 15).unwrap_or_default(),
            umk: HashMap::from([("35.10".to_owned(), Decimal::from(2_989_145))]),
            vehicle_value_limit: Decimal::from(30_000_000),
            amounts: [3_000_000, 900_000, 1_500_000, 2_000_000, 2_400_000, 2_400_000, 3_000_000].map(Decimal::from),
            sembako: Decimal::from(200_000),
            premium: Decimal::from(42_000),
        }
    }
}

/// Why a programme refuses: a bit each.
pub type Reasons = u32;

/// What is decided: amounts, or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Decided {
    /// A year, a quarter, and how many members count.
    pub pkh: Result<(Decimal, Decimal, i64), Reasons>,
    /// A month, a quarter.
    pub sembako: Result<(Decimal, Decimal), Reasons>,
    /// By member, the premium.
    pub pbi: Vec<Result<Decimal, Reasons>>,
}

/// Decides a household.
pub fn decide(h: &Household, rules: &Rules) -> Decided {
    use Occupation::*;
    let umk = rules.umk.get(&h.region).copied().unwrap_or(Decimal::MAX);
    let mut counts = [0i64; 7];
    let mut flags: Reasons = 0;
    let mut living = false;
    let mut pbi = Vec::with_capacity(h.members.len());
    for p in &h.members {
        let alive = p.died_on.is_none_or(|died| died > rules.as_of);
        let is_state = matches!(p.occupation, CivilServant | Military | Police | SoeEmployee | StateOfficial);
        if alive {
            living = true;
            flags |= u32::from(is_state);
            flags |= u32::from(p.occupation == StatePensioner) << 1;
            flags |= u32::from(p.occupation == CertifiedTeacher) << 2;
            flags |= u32::from(p.occupation == HealthWorker) << 3;
            flags |= u32::from(p.occupation == VillageOfficial) << 4;
            flags |= u32::from(p.company_owner) << 5;
            flags |= u32::from(p.wage > umk) << 6;
        }
        if alive && p.registered {
            let age = rules.as_of.years_since(p.birth_date);
            let is_aged = |from: u32, to: u32| age.is_some_and(|age| (from..=to).contains(&age));
            let pupil = p.attends_school && is_aged(6, 21) && !p.finished_sma;
            let qualifies = [
                is_aged(0, 6) && !(p.attends_school && p.school_level != SchoolLevel::None),
                pupil && p.school_level == SchoolLevel::Sd,
                pupil && p.school_level == SchoolLevel::Smp,
                pupil && p.school_level == SchoolLevel::Sma,
                p.disability == Disability::Severe,
                is_aged(60, u32::MAX),
                p.sex == Sex::Female && p.pregnant && p.pregnancy_number <= 2,
            ];
            let mut best: Option<(usize, Decimal)> = None;
            for (component, (qualifies, amount)) in qualifies.iter().zip(rules.amounts).enumerate() {
                if *qualifies && best.is_none_or(|(_, most)| amount > most) {
                    best = Some((component, amount));
                }
            }
            if let Some(count) = best.and_then(|(component, _)| counts.get_mut(component)) {
                *count += 1;
            }
        }
        let is_flagged =
            is_state || matches!(p.occupation, StatePensioner | CertifiedTeacher | HealthWorker | VillageOfficial);
        let reasons = u32::from(h.desil > 5)
            | u32::from(!p.registered) << 1
            | u32::from(!alive) << 2
            | u32::from(p.covered_by_employer) << 3
            | u32::from(is_flagged) << 4;
        pbi.push(if reasons == 0 { Ok(rules.premium) } else { Err(reasons) });
    }
    flags |= u32::from(h.electricity_va >= 2200) << 7;
    flags |= u32::from(h.has_car || h.vehicle_value > rules.vehicle_value_limit || h.motorbikes > 1) << 8;
    flags |= u32::from(h.desil > 4) << 9 | u32::from(!living) << 10;
    let pkh = flags | u32::from(counts.iter().all(|count| *count == 0)) << 11;
    Decided {
        pkh: if pkh == 0 { Ok(pkh_amounts(&counts, rules)) } else { Err(pkh) },
        sembako: if flags == 0 { Ok((rules.sembako, rules.sembako * Decimal::from(3))) } else { Err(flags) },
        pbi,
    }
}

fn pkh_amounts(counts: &[i64; 7], rules: &Rules) -> (Decimal, Decimal, i64) {
    let (mut all, mut children, mut amount) = (0, 0, Decimal::ZERO);
    for (component, (count, each)) in counts.iter().zip(rules.amounts).enumerate() {
        let mut fits = (*count).min(4 - all);
        if component == 0 {
            fits = fits.min(2);
        }
        if component < 4 {
            fits = fits.min(3 - children);
            children += fits;
        }
        all += fits;
        amount += Decimal::from(fits) * each;
    }
    (amount, amount / Decimal::from(4), all)
}

/// The household of `sample`.
pub fn sample() -> Household {
    use Occupation::*;
    let person = |born: (i32, u32, u32), sex, pregnant, school_level, attends_school, occupation, wage: i64| Person {
        birth_date: NaiveDate::from_ymd_opt(born.0, born.1, born.2).unwrap_or_default(),
        sex,
        registered: true,
        died_on: None,
        pregnant,
        pregnancy_number: if pregnant { 2 } else { 0 },
        school_level,
        attends_school,
        finished_sma: born.0 < 2000,
        disability: Disability::None,
        occupation,
        wage: Decimal::from(wage),
        company_owner: false,
        covered_by_employer: false,
    };
    Household {
        region: "35.10".to_owned(),
        desil: 2,
        electricity_va: 900,
        has_car: false,
        motorbikes: 1,
        vehicle_value: Decimal::from(8_000_000),
        members: vec![
            person((1985, 7, 1), Sex::Male, false, SchoolLevel::None, false, Farmer, 1_500_000),
            person((1990, 5, 1), Sex::Female, true, SchoolLevel::None, false, Homemaker, 0),
            person((2015, 1, 1), Sex::Male, false, SchoolLevel::Sd, true, Student, 0),
            person((1955, 1, 1), Sex::Female, false, SchoolLevel::None, false, Unemployed, 0),
        ],
    }
}
