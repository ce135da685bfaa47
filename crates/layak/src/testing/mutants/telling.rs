//! A household that two rulesets decide differently, made small.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::diagnostic::{Phrase, phrase};
use crate::facts::{Data, FactsError};
use crate::program::Program;
use crate::report::{Answer, Decision, Entitlement};
use crate::ruleset::{Plan, PlanOptions, Ruleset};
use crate::syntax::{Lang, spelling};
use crate::testing::PropertyOptions;
use crate::testing::made::{HouseholdKind, HouseholdMaker};
use crate::testing::properties::{Chance, Maker, shrink};
use crate::value::Date;

use super::schema;

/// So many smaller households are tried.
const SHRINKING: usize = 300;

/// Of so many days at most.
const DAYS: usize = 40;

/// So many of them are looked at most often.
const LAST_DAYS: usize = 3;

/// A household that two rulesets decide differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telltale {
    as_of: Date,
    household: String,
    own: Phrase,
    other: Phrase,
}

impl Telltale {
    /// The date that it is decided for.
    pub fn as_of(&self) -> Date {
        self.as_of
    }

    /// Its facts as one line of JSON, which `Plan::facts_from_json` reads.
    pub fn household(&self) -> &str {
        &self.household
    }

    /// What differs, as these rules decide it, with the words of rules in a language: `pkh eligible`, `pkh layak`.
    pub fn own(&self, lang: Lang) -> &str {
        self.own.in_lang(lang)
    }

    /// What differs, as the other rules decide it.
    pub fn other(&self, lang: Lang) -> &str {
        self.other.in_lang(lang)
    }
}

impl Ruleset {
    /// A household that these and other rules decide differently, made as small as was found: with other outcomes, outputs or
    /// reasons, or accepted by one and refused by the other. It is looked for among households made by chance, on the days on which versions begin and the days
    /// before; where the rules declare facts otherwise, also among such as the other rules take, with facts left out and with evidence. None says that none was found.
    pub fn told_apart(&self, other: &Ruleset, options: &PropertyOptions) -> Option<Telltale> {
        let program = &self.inner().program;
        let mut days = days(program);
        days.extend(self::days(&other.inner().program));
        let days: Vec<Date> = days.into_iter().rev().take(DAYS).collect();
        let otherwise = schema::told(program, None) != schema::told(&other.inner().program, None);
        let mut sides: Vec<Option<Side<'_>>> = days.iter().map(|_| None).collect();
        for number in 0..options.households() {
            // Every other one on one of the last days, for which most rules are.
            let among = if number.checked_rem(2) == Some(0) { days.len() } else { days.len().min(LAST_DAYS) };
            let at = number.checked_div(2)?.checked_rem(among)?;
            let (day, side) = (days.get(at)?, sides.get_mut(at)?);
            if side.is_none() {
                let maker = |rules: &Ruleset, kind| rules.household_maker(*day).kind(kind);
                let makers = match otherwise {
                    false => Vec::new(),
                    true => vec![
                        maker(self, HouseholdKind::Complete),
                        maker(other, HouseholdKind::Complete),
                        maker(self, HouseholdKind::Partial),
                        maker(self, HouseholdKind::Evidence),
                    ],
                };
                let plans = (self.watching(*day)?, other.watching(*day)?);
                *side = Some(Side { maker: Maker::new(program, *day), makers, plans });
            }
            let Side { maker, makers, plans: (own, others) } = side.as_ref()?;
            let number = u64::try_from(number).unwrap_or(u64::MAX);
            let count = u64::try_from(makers.len()).ok()?;
            // The days take turns by twos.
            let turn = (number / 2).checked_rem(count).and_then(|turn| makers.get(usize::try_from(turn).ok()?));
            let household = match turn {
                Some(maker) => maker.make(options.of_seed().wrapping_add(number)).into_data(),
                None => maker.household(&mut Chance::new(options.of_seed(), number)),
            };
            let differs = |data: &Data<'static>| compared(own, others, data);
            if differs(&household).is_some() {
                let household = shrink(household, SHRINKING, |smaller| differs(smaller).is_some());
                let (own, other) = differs(&household)?;
                return Some(Telltale { as_of: *day, household: household.to_json(), own, other });
            }
        }
        None
    }

    /// The plan of a day, which shows the values of rules without programmes.
    fn watching(&self, day: Date) -> Option<Plan> {
        let program = &self.inner().program;
        let mut options = PlanOptions::new(day);
        if program.programmes.len() == 0 {
            let named = program.definitions.values().filter(|d| d.arguments.is_empty() && d.part_of.is_none());
            for definition in named {
                options = options
                    .show(format!("{}.{}", program.modules[definition.declared.module].name, definition.declared.name));
            }
        }
        self.plan(options).ok()
    }
}

/// The days on which versions begin, and the days before.
pub(in crate::testing) fn days(program: &Program) -> BTreeSet<Date> {
    let definitions = program.definitions.values().flat_map(|d| d.versions.iter().map(|v| v.period));
    let programmes = program.programmes.values().flat_map(|p| p.versions.iter().map(|v| v.period));
    let parameters =
        program.parameters.values().flat_map(|p| &p.values).flat_map(|v| v.versions.iter().map(|v| v.period));
    let mut days: BTreeSet<Date> = program.tests.iter().filter_map(|test| test.as_of).collect();
    for period in definitions.chain(programmes).chain(parameters) {
        days.extend(period.from.into_iter().flat_map(|from| [Some(from), from.add_days(-1)]).flatten());
        days.extend(period.until.into_iter().flat_map(|until| [Some(until), until.add_days(1)]).flatten());
    }
    if days.is_empty() {
        days.extend(Date::new(2000, 1, 1));
    }
    days
}

/// The rules of a day, and households made up for it.
struct Side<'p> {
    maker: Maker<'p>,
    /// Where the rules declare facts otherwise.
    makers: Vec<HouseholdMaker>,
    plans: (Plan, Plan),
}

/// What differs between two decisions on a household, where something does.
fn compared(own: &Plan, other: &Plan, data: &Data<'static>) -> Option<(Phrase, Phrase)> {
    let accepted = || phrase!("the facts are accepted", "faktanya diterima");
    let (own, other) = match (own.bind(data), other.bind(data)) {
        (Ok(own_facts), Ok(other_facts)) => (own.decide(&own_facts), other.decide(&other_facts)),
        (Ok(_), Err(error)) => return Some((accepted(), refused(&error))),
        (Err(error), Ok(_)) => return Some((refused(&error), accepted())),
        (Err(_), Err(_)) => return None,
    };
    let (own, other) = (told(&own), told(&other));
    own.into_iter().zip(other).find(|(own, other)| own != other)
}

fn refused(error: &FactsError) -> Phrase {
    let first = error.first();
    let (path, message) = (first.map_or("", |e| e.path()), first.map(|e| e.message().clone()).unwrap_or_default());
    Phrase {
        en: format!("the facts are refused ({path}: {})", message.en),
        id: format!("faktanya ditolak ({path}: {})", message.id),
    }
}

/// A line for each programme and member, and for each value.
fn told(decision: &Decision) -> Vec<Phrase> {
    let mut lines = Vec::new();
    for programme in decision.programmes() {
        let name = programme.name();
        lines.extend(programme.entitlements().map(|(member, one)| match member {
            Some(key) => line(&format!("{name}[{key}]"), one),
            None => line(name, one),
        }));
    }
    lines.extend(decision.values().map(|(name, answer)| {
        let text = format!("{name} = {}", shown(answer));
        Phrase { en: text.clone(), id: text }
    }));
    lines
}

fn line(name: &str, one: &Entitlement) -> Phrase {
    let [en, id] = [Lang::En, Lang::Id].map(|lang| line_in(name, one, lang));
    Phrase { en, id }
}

fn line_in(name: &str, one: &Entitlement, lang: Lang) -> String {
    let mut line = format!("{name} {}", spelling(super::super::word(one.verdict), lang));
    for (output, answer) in &one.outputs {
        line.push_str(&format!(", {output} = {}", shown(answer)));
    }
    let reasons: Vec<&str> = one.reasons.iter().map(|r| &*r.criterion).collect();
    if !reasons.is_empty() {
        line.push_str(&format!(" {} {}", spelling("because", lang), reasons.join(", ")));
    }
    line
}

fn shown(answer: &Answer) -> Arc<str> {
    crate::testing::cases::shown(answer).into()
}
