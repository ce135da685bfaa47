//! The rules by hand, with structs, exact decimals and calendar dates: what every engine is held to.

use std::collections::HashMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Deserialize;
use serde_json::Value;

use crate::engine::{Decided, Engine};
use crate::household::{self, AS_OF, Disability, Household, Occupation, Person, SchoolLevel, Sex};

pub struct ByHand {
    minimum_wages: HashMap<String, Decimal>,
    other_minimum_wage: Decimal,
    land_limit: Decimal,
    /// What a member of each class counts, the highest first.
    amounts: [Decimal; 6],
    sembako: Decimal,
}

impl ByHand {
    pub fn new() -> ByHand {
        let minimum_wages = household::minimum_wages();
        ByHand {
            minimum_wages: minimum_wages.into_iter().map(|(region, wage)| (region, wage.into())).collect(),
            other_minimum_wage: household::OTHER_MINIMUM_WAGE.into(),
            land_limit: 5000.into(),
            amounts: [3_000_000, 3_000_000, 2_400_000, 2_000_000, 1_500_000, 900_000].map(Decimal::from),
            sembako: 200_000.into(),
        }
    }

    fn pkh_amount(&self, members: &[Person]) -> Decimal {
        let mut counts = [0u32; 6];
        members.iter().filter_map(class).for_each(|class| counts[class] += 1);
        let mut left = 4;
        let mut amount = Decimal::ZERO;
        for (class, (count, each)) in counts.into_iter().zip(self.amounts).enumerate() {
            let counted = if class < 2 { count.min(2) } else { count }.min(left);
            left -= counted;
            amount += Decimal::from(counted) * each;
        }
        amount
    }
}

/// The first class that a person fits, from 0.
fn class(p: &Person) -> Option<usize> {
    let age = AS_OF.years_since(p.birth_date)?;
    let pupil = |level| p.attends_school && (6..=21).contains(&age) && p.school_level == level;
    let fits = [
        p.pregnant && p.sex == Sex::F,
        age <= 6,
        age >= 60 || p.disability == Disability::Severe,
        pupil(SchoolLevel::Sma),
        pupil(SchoolLevel::Smp),
        pupil(SchoolLevel::Sd),
    ];
    fits.into_iter().position(|fits| fits)
}

fn has_state_job(p: &Person) -> bool {
    use Occupation::*;
    matches!(p.occupation, CivilServant | Military | Police | Pensioner)
}

impl Engine for ByHand {
    type Facts = Household;

    fn facts(&self, household: &Value) -> Household {
        Household::deserialize(household).unwrap()
    }

    fn decide_text(&mut self, household: &str) -> Decided {
        self.decide(&mut serde_json::from_str(household).unwrap())
    }

    fn decide(&mut self, h: &mut Household) -> Decided {
        let minimum_wage = self.minimum_wages.get(&h.region).copied().unwrap_or(self.other_minimum_wage);
        let has_state_job = h.members.iter().any(has_state_job);
        let amount = self.pkh_amount(&h.members);
        let grounds = [
            has_state_job,
            h.members.iter().any(|p| p.monthly_wage > minimum_wage),
            h.electricity_va > 1300,
            h.has_car,
            h.land_m2 > self.land_limit,
            h.desil > 4,
            amount.is_zero(),
        ];
        let reason = grounds.into_iter().zip(1..).find(|(holds, _)| *holds).map_or(0, |(_, code)| code);
        let pkh = reason == 0;
        let sembako = reason == 0 || reason == 7;
        let pbi = h.desil <= 5 && !has_state_job;
        Decided {
            pkh,
            sembako,
            pbi,
            pkh_amount: if pkh { amount.to_i64().unwrap() } else { 0 },
            sembako_amount: if sembako { (self.sembako * Decimal::from(12)).to_i64().unwrap() } else { 0 },
            covered: if pbi { h.members.len() as i64 } else { 0 },
            reason,
        }
    }
}
