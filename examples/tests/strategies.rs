//! A program's own code, tried on households made from its rules by proptest.
//!
//! `payments` is what a host might write around a decision; the tests say what must hold of it whatever the household.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::LazyLock;

use layak::{Answer, Date, Decimal, FactsError, Outcome, Plan, Ruleset};
use layak_testing::strategy::{households, households_with_evidence, invalid_households, partial_households};
use proptest::prelude::*;

static RULES: LazyLock<Ruleset> = LazyLock::new(|| {
    Ruleset::from_text(
        r#"
        module aid
        currency IDR
        calendar leap_day march_1, month_end clip
        source office "Office" fresh for 6 months
        source self unverified
        entity Household {
          id      text key
          desil   integer 1..10             from office, self
          rent    money IDR 0..5_000_000    from office, self
          members list of Person 0..8
        }
        entity Person { nik text key  birth_date date  mother optional link to Person }
        define Person.age = years from birth_date to as_of
        criterion poor when desil <= 4
        programme food
          requires poor
          gives    amount = IDR 100_000 * count(members)
        programme housing
          requires poor
          gives    amount = round(rent / 3, to: IDR 1, down)
        programme pension for Person
          requires aged
          gives    amount = IDR 300_000
        criterion Person.aged when age >= 60
        "#,
    )
    .unwrap_or_else(|findings| panic!("{findings}"))
});

fn day() -> Date {
    "2026-02-28".parse().unwrap()
}

/// Who is paid how much: the programme and the amount, of programmes that are decided and given.
fn payments(plan: &Plan, household: &str) -> Result<Vec<(String, Decimal)>, FactsError> {
    let decision = plan.decide(&plan.facts_from_json(household.as_bytes())?);
    let mut out = Vec::new();
    for programme in decision.programmes() {
        for (_, one) in programme.entitlements() {
            if let (Outcome::Eligible, Some(Answer::Number(amount))) = (one.outcome(), one.output("amount")) {
                out.push((programme.name().to_owned(), amount.clone()));
            }
        }
    }
    Ok(out)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_is_paid_less_than_nothing_or_more_than_there_is(household in households(&RULES, day())) {
        let most: Decimal = "6000000".parse().unwrap();
        for (programme, amount) in payments(&RULES.as_of(day()), &household.to_json()).unwrap() {
            prop_assert!(!amount.is_negative() && amount <= most, "{programme}: {amount}");
        }
    }

    #[test]
    fn what_is_paid_before_all_is_known_is_paid_after(household in partial_households(&RULES, day())) {
        let plan = RULES.as_of(day());
        let decision = plan.decide(&plan.facts_from_json(household.to_json().as_bytes()).unwrap());
        // A programme that still lacks facts is none that is paid.
        let open = decision.programmes().any(|p| p.entitlements().any(|(_, e)| !e.missing().is_empty()));
        let all = decision.programmes().flat_map(|p| p.entitlements()).count();
        let paid = payments(&plan, &household.to_json()).unwrap().len();
        prop_assert!(paid <= all && (!open || paid < all));
    }

    #[test]
    fn evidence_is_weighed_without_a_fault(household in households_with_evidence(&RULES, day())) {
        prop_assert!(payments(&RULES.as_of(day()), &household.to_json()).is_ok());
    }

    #[test]
    fn what_is_wrong_is_refused_with_its_place(household in invalid_households(&RULES, day())) {
        let refused = payments(&RULES.as_of(day()), &household.to_json()).unwrap_err();
        prop_assert!(refused.iter().all(|error| !error.message().in_lang(layak::Lang::En).is_empty()));
    }
}
