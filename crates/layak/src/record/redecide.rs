//! A household decided again after its facts were corrected or the law became another: what changed, why, and what was paid too
//! much or too little.

use std::collections::BTreeMap;

use super::flat::{Flat, Known, flat};
use super::{RecordError, Recorded, Replayer};
use crate::facts::tree::{Path, Step, at, put, remove};
use crate::facts::{Data, from_case};
use crate::outcome::Verdict;
use crate::program::{Program, Quantity, Type};
use crate::report::{Answer, Decision, Entitlement, Entitlements, Writing};
use crate::ruleset::Plan;
use crate::syntax::{Lang, Unit};
use crate::value::{Calendar, Date, Decimal};

/// So many corrected facts are tried one by one.
const MOST_TRIED: usize = 500;

/// One decision made again with other facts, or by other rules.
#[derive(Clone, Debug)]
pub struct Redecision {
    pub(super) id: Option<String>,
    pub(super) as_of: Date,
    pub(super) until: Option<Date>,
    /// Fingerprints then and now, where they differ; the same of the day whose knowledge of the law was used.
    pub(super) ruleset: Option<(String, String)>,
    pub(super) known_on: Option<(Date, Date)>,
    pub(super) programmes: Vec<Again>,
    pub(super) corrections: Vec<Correction>,
    /// Whether the record holds the facts, so that corrections can be told.
    pub(super) has_facts: bool,
}

/// A programme of the household or of one member whose decision is another.
#[derive(Clone, Debug)]
pub(super) struct Again {
    pub programme: String,
    pub member: Option<String>,
    pub old: Option<&'static str>,
    pub new: Option<&'static str>,
    pub amounts: Vec<PaidAmount>,
    /// Why it is not eligible now, and why it was not then: criteria and texts by language.
    pub reasons: Vec<(String, String, String)>,
    pub reasons_then: Vec<(String, String)>,
    pub missing: Vec<String>,
    /// Whether other rules alone, over the facts of the record, change it.
    pub by_rules: bool,
}

/// An output of money, then and now, and what it makes.
#[derive(Clone, Debug, PartialEq)]
pub struct PaidAmount {
    pub(super) programme: String,
    pub(super) member: Option<String>,
    pub(super) output: String,
    pub(super) then: Option<Decimal>,
    pub(super) now: Option<Decimal>,
    pub(super) per: Option<Unit>,
    /// What is the difference over the period: for a rate nothing where its end is not known, or is no whole number of months.
    pub(super) difference: Option<Decimal>,
    /// Then and now, by language.
    pub(super) words: [[String; 2]; 2],
    /// How plain amounts of it are written.
    pub(super) writing: Writing,
}

/// A fact that is another than the one recorded.
#[derive(Clone, Debug)]
pub(super) struct Correction {
    pub path: String,
    /// Whether it is an element of a list, that came or went.
    pub is_element: bool,
    pub is_gone: bool,
    pub then: Option<Data<'static>>,
    pub now: Option<Data<'static>>,
    /// The programmes that would be decided otherwise, had this fact stayed as it was.
    pub programmes: Vec<String>,
}

/// An entitlement as it was recorded.
#[derive(Clone, Debug, Default)]
struct Then {
    outcome: String,
    outputs: BTreeMap<String, String>,
    reasons: Vec<(String, String)>,
}

type Name = (String, Option<String>);

impl Replayer {
    /// Decides the household of a record again, for its day and programmes, by these facts and rules; with the law as it was
    /// known on another day, where one is given. `until` is the day on which the period of the decision ends, itself left out: with
    /// it, rates become amounts.
    ///
    /// Each corrected fact is tried by deciding once more with the fact as it was, at most a few hundred; what the rules alone
    /// change, by deciding over the facts of the record.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use layak::{Lang, Recorded, Replayer, Ruleset};
    /// let rules = Ruleset::from_text("
    ///   module aid currency IDR
    ///   entity Home { id text key  desil integer 1..10 }
    ///   criterion poor when desil <= 4
    ///   programme food requires poor gives amount = IDR 600_000
    /// ")?;
    /// let plan = rules.as_of("2026-01-15".parse()?);
    /// let kept = plan.record(&plan.facts_from_json(br#"{"id": "a", "desil": 3}"#)?).to_json(None, Lang::En);
    ///
    /// let kept = Recorded::from_json(kept.as_bytes())?;
    /// let again = Replayer::new(&rules).redecide(&kept, br#"{"id": "a", "desil": 7}"#, None, None)?;
    /// assert!(!again.is_same());
    /// let amount = &again.amounts().next().ok_or("an amount")?;
    /// assert_eq!(amount.overpaid().map(|n| n.to_string()).as_deref(), Some("600000"));
    /// assert!(again.render(Lang::En).contains("`desil`: 3 -> 7"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The rules refuse the facts, or do not know a programme or value of the record.
    pub fn redecide(
        &mut self,
        recorded: &Recorded,
        facts: &[u8],
        known_on: Option<Date>,
        until: Option<Date>,
    ) -> Result<Redecision, RecordError> {
        let known = known_on.unwrap_or(recorded.known_on);
        let plan = self.plan_for(recorded, known)?;
        let facts = plan.facts_from_json(facts).map_err(RecordError::Facts)?;
        let decision = plan.decide(&facts);
        let program = &plan.ruleset().inner().program;
        let data = from_case(program, &facts.case, &facts.evidence);
        let now = plan.ruleset().fingerprint();
        let ruleset = (now != recorded.ruleset).then(|| (recorded.ruleset.clone(), now.to_owned()));
        let known_on = (known != recorded.known_on).then_some((recorded.known_on, known));
        let by_rules = match &recorded.facts {
            Some(own) if ruleset.is_some() || known_on.is_some() => plan.bind(own).ok().map(|f| plan.decide(&f)),
            _ => None,
        };
        let then = then(&recorded.decision);
        let mut again = Redecision {
            id: decision.id().map(str::to_owned),
            as_of: recorded.as_of,
            until,
            ruleset,
            known_on,
            programmes: Vec::new(),
            corrections: Vec::new(),
            has_facts: recorded.facts.is_some(),
        };
        let mut names: Vec<Name> = then.keys().cloned().chain(entitlements(&decision).map(|(n, _)| n)).collect();
        names.sort();
        names.dedup();
        for name in names {
            let one = of(&decision, &name);
            let told = programme(&plan, &name, then.get(&name), one, (recorded.as_of, until));
            let rules = by_rules.as_ref().is_some_and(|d| differs(then.get(&name), of(d, &name)));
            again.programmes.extend(told.map(|told| Again { by_rules: rules, ..told }));
        }
        if let Some(own) = &recorded.facts
            && !again.programmes.is_empty()
        {
            // What was not known then is told of programmes that hung on it; and of all, where other rules may ask for other facts.
            let open = |name: &str| {
                let was = then.iter().filter(|((programme, _), _)| programme == name).map(|(_, t)| t.outcome.as_str());
                again.ruleset.is_some()
                    || again.known_on.is_some()
                    || was.into_iter().any(|o| o == "undetermined" || o == "error")
            };
            again.corrections = corrections(&plan, own, &data, &decision, &open);
        }
        Ok(again)
    }

    fn plan_for(&mut self, recorded: &Recorded, known_on: Date) -> Result<Plan, RecordError> {
        if known_on == recorded.known_on {
            return self.plan(recorded);
        }
        let other = Recorded { known_on, ..recorded.clone() };
        self.plan(&other)
    }
}

/// Every entitlement of a decision by programme and member.
fn entitlements(decision: &Decision) -> impl Iterator<Item = (Name, &Entitlement)> {
    decision.programmes.iter().flat_map(|programme| {
        let name = |member: Option<&str>| (programme.name.to_string(), member.map(str::to_owned));
        match &programme.entitlements {
            Entitlements::One(one) => vec![(name(None), one)],
            Entitlements::Members(list) => {
                let others = programme.others.iter().map(|one| (name(None), one));
                list.iter().map(|(key, one)| (name(Some(key)), one)).chain(others).collect()
            }
        }
    })
}

fn of<'d>(decision: &'d Decision, name: &Name) -> Option<&'d Entitlement> {
    entitlements(decision).find(|(own, _)| own == name).map(|(_, one)| one)
}

fn word(one: &Entitlement) -> &'static str {
    match one.verdict {
        Verdict::Eligible => "eligible",
        Verdict::NotEligible => "not_eligible",
        Verdict::Undetermined => "undetermined",
        Verdict::Error => "error",
    }
}

/// The outcomes that were recorded.
fn then(decision: &Data<'static>) -> BTreeMap<Name, Then> {
    let mut out = BTreeMap::new();
    for (programme, told) in entries(field(decision, "programmes")) {
        match field(told, "members") {
            Some(members) => {
                for (key, told) in entries(Some(members)) {
                    out.insert((programme.to_owned(), Some(key.to_owned())), entitlement(told));
                }
                if let Some(others) = field(told, "others") {
                    out.insert((programme.to_owned(), None), entitlement(others));
                }
            }
            None => {
                out.insert((programme.to_owned(), None), entitlement(told));
            }
        }
    }
    out
}

fn entitlement(told: &Data<'static>) -> Then {
    let text = |data: Option<&Data<'static>>| match data {
        Some(Data::Text(text)) => text.to_string(),
        Some(other) => other.to_json(),
        None => String::new(),
    };
    let reasons = match field(told, "reasons") {
        Some(Data::List(items)) => items.as_slice(),
        _ => &[],
    };
    Then {
        outcome: text(field(told, "outcome")),
        outputs: entries(field(told, "outputs")).map(|(name, value)| (name.to_owned(), text(Some(value)))).collect(),
        reasons: reasons.iter().map(|r| (text(field(r, "criterion")), text(field(r, "text")))).collect(),
    }
}

fn field<'d>(data: &'d Data<'static>, name: &str) -> Option<&'d Data<'static>> {
    entries(Some(data)).find(|(own, _)| *own == name).map(|(_, value)| value)
}

fn entries<'d>(data: Option<&'d Data<'static>>) -> impl Iterator<Item = (&'d str, &'d Data<'static>)> {
    let list = match data {
        Some(Data::Object(entries)) => entries.as_slice(),
        _ => &[],
    };
    list.iter().map(|(name, value)| (&**name, value))
}

/// An output as decisions write it.
fn written(answer: &Answer) -> String {
    match serde_json::to_value(answer.to_json(Lang::En)) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

fn outputs(one: Option<&Entitlement>) -> BTreeMap<String, String> {
    one.iter().flat_map(|one| &one.outputs).map(|(name, answer)| (name.to_string(), written(answer))).collect()
}

fn differs(then: Option<&Then>, now: Option<&Entitlement>) -> bool {
    then.map(|t| t.outcome.as_str()) != now.map(word)
        || then.map_or_else(BTreeMap::new, |t| t.outputs.clone()) != outputs(now)
}

/// What is told of a programme whose decision is another; nothing where it is the same.
fn programme(
    plan: &Plan,
    name: &Name,
    then: Option<&Then>,
    now: Option<&Entitlement>,
    period: (Date, Option<Date>),
) -> Option<Again> {
    if !differs(then, now) {
        return None;
    }
    let program = &plan.ruleset().inner().program;
    let declared = program.programmes.values().find(|p| *p.declared.name == *name.0);
    let mut amounts = Vec::new();
    for output in declared.iter().flat_map(|p| &p.outputs) {
        let Type::Number(quantity @ Quantity { money: true, .. }) = output.ty.required() else { continue };
        let was = then.and_then(|t| amount(&t.outcome, t.outputs.get(&*output.name)));
        let is = now.and_then(|one| amount(word(one), outputs(Some(one)).get(&*output.name)));
        // What is not there at all was not paid.
        let (was, is) = (
            if then.is_none() { Some(Decimal::ZERO) } else { was },
            if now.is_none() { Some(Decimal::ZERO) } else { is },
        );
        if was != is {
            let difference = was.as_ref().zip(is.as_ref()).and_then(|(was, is)| is.checked_sub(was));
            let difference = difference.and_then(|rate| over(program, &rate, quantity.per, period));
            let said = |number: &Option<Decimal>, lang| match number {
                Some(number) => plan.output_in_words(&name.0, &output.name, &Answer::Number(number.clone()), lang),
                None => "?".to_owned(),
            };
            let words = [Lang::En, Lang::Id].map(|lang| [said(&was, lang), said(&is, lang)]);
            let writing = Writing::of(program, &Type::Number(Quantity { per: None, ..*quantity }));
            let (programme, member) = name.clone();
            let (per, output) = (quantity.per, output.name.to_string());
            amounts.push(PaidAmount { programme, member, output, then: was, now: is, per, difference, words, writing });
        }
    }
    let reasons = now.iter().flat_map(|one| one.reasons());
    Some(Again {
        programme: name.0.clone(),
        member: name.1.clone(),
        old: then.map(|t| known_word(&t.outcome)),
        new: now.map(word),
        amounts,
        reasons: reasons
            .map(|r| (r.criterion.to_string(), r.text(Lang::En).into_owned(), r.text(Lang::Id).into_owned()))
            .collect(),
        reasons_then: then.map_or_else(Vec::new, |t| t.reasons.clone()),
        missing: now.iter().flat_map(|one| &one.missing).map(|m| m.fact.clone()).collect(),
        by_rules: false,
    })
}

fn known_word(outcome: &str) -> &'static str {
    ["eligible", "not_eligible", "undetermined"].into_iter().find(|word| *word == outcome).unwrap_or("error")
}

/// What was or is paid: nothing to those who are not eligible; not known where it is not settled.
fn amount(outcome: &str, output: Option<&String>) -> Option<Decimal> {
    match outcome {
        "eligible" => output.and_then(|text| text.parse().ok()),
        "not_eligible" => Some(Decimal::ZERO),
        _ => None,
    }
}

/// An amount of money over a period: a rate times its months, where these are whole.
fn over(
    program: &Program,
    amount: &Decimal,
    per: Option<Unit>,
    (from, until): (Date, Option<Date>),
) -> Option<Decimal> {
    let Some(unit) = per else { return Some(amount.clone()) };
    let until = until?;
    match unit {
        Unit::Day => amount.checked_mul(&Decimal::from(from.days_to(until))),
        Unit::Week => exact(&amount.checked_mul(&Decimal::from(from.days_to(until)))?, 7),
        Unit::Month | Unit::Year => {
            let calendar: Calendar = program.calendar?;
            let months = calendar.months_between(from, until);
            let whole = calendar.add(from, crate::value::Duration { months, days: 0 }) == Some(until);
            let all = amount.checked_mul(&Decimal::from(months)).filter(|_| whole)?;
            if unit == Unit::Month { Some(all) } else { exact(&all, 12) }
        }
    }
}

fn exact(amount: &Decimal, by: i64) -> Option<Decimal> {
    let by = Decimal::from(by);
    amount.checked_div(&by).filter(|part| part.checked_mul(&by).as_ref() == Some(amount))
}

/// The facts of the record that are others now, each tried as it was.
fn corrections(
    plan: &Plan,
    own: &Data<'static>,
    data: &Data<'static>,
    decision: &Decision,
    was_open: &dyn Fn(&str) -> bool,
) -> Vec<Correction> {
    let program = &plan.ruleset().inner().program;
    let Ok(bound) = plan.bind(own) else { return Vec::new() };
    let then = flat(program, &from_case(program, &bound.case, &bound.evidence));
    let now = flat(program, data);
    let mut names: Vec<&String> = then.facts.keys().chain(now.facts.keys()).collect();
    names.sort();
    names.dedup();
    let mut out = Vec::new();
    let mut left = MOST_TRIED;
    for name in names {
        let (was, is) = (then.facts.get(name), now.facts.get(name));
        if was.map(|k| &k.value) == is.map(|k| &k.value) {
            continue;
        }
        // What is within an element that came or went is told by the element.
        let gone = was.is_some_and(|k| is.is_none() && now.place(&k.within).is_none() && then.is_element(&k.within));
        let new =
            is.is_some_and(|k| was.is_none() && then.place(&k.within).is_none() && now.is_added(&k.within, &then));
        if gone || new {
            continue;
        }
        let mut programmes = Vec::new();
        if left > 0
            && let Some(before) = as_it_was(data, was, is, &now)
        {
            left -= 1;
            if let Ok(facts) = plan.bind(&before) {
                let other = plan.decide(&facts);
                programmes = changed(&other, decision);
            }
        }
        // Of what the record does not hold it is not known whether it was another: it is told only where it decides.
        let is_element = was.or(is).is_some_and(|k| k.element.is_some() && k.value.is_none());
        if was.is_none() && !is_element {
            programmes.retain(|name| was_open(name));
        }
        if was.is_some() || !programmes.is_empty() {
            let told = |known: Option<&Known>| known.and_then(|k| k.value.clone());
            out.push(Correction {
                path: name.clone(),
                is_element,
                is_gone: is.is_none(),
                then: told(was),
                now: told(is),
                programmes,
            });
        }
    }
    out
}

/// The corrected facts with one of them as it was recorded.
fn as_it_was(data: &Data<'static>, was: Option<&Known>, is: Option<&Known>, now: &Flat) -> Option<Data<'static>> {
    let mut before = data.clone();
    match (was, is) {
        (Some(Known { element: Some(element), within, .. }), None) => {
            // An element that is there no more.
            let list: Path = now.list(within)?;
            let Some(Data::List(items)) = at(&mut before, &list) else { return None };
            items.push(element.clone());
        }
        (Some(Known { value: Some(value), .. }), Some(Known { path, .. })) => put(&mut before, path, value.clone()),
        (Some(Known { value: Some(value), within, name, .. }), None) => {
            let mut path: Path = now.place(within)?;
            path.push(Step::Field(name.clone()));
            put(&mut before, &path, value.clone());
        }
        (_, Some(Known { path, .. })) => remove(&mut before, path),
        _ => return None,
    }
    Some(before)
}

/// The programmes of which two decisions tell otherwise.
fn changed(a: &Decision, b: &Decision) -> Vec<String> {
    let of = |decision: &Decision| -> BTreeMap<Name, (&'static str, BTreeMap<String, String>)> {
        entitlements(decision).map(|(name, one)| (name, (word(one), outputs(Some(one))))).collect()
    };
    let (a, b) = (of(a), of(b));
    let mut out: Vec<String> =
        a.keys().chain(b.keys()).filter(|n| a.get(*n) != b.get(*n)).map(|n| n.0.clone()).collect();
    out.sort();
    out.dedup();
    out
}

impl Redecision {
    /// Whether every programme is decided as it was.
    pub fn is_same(&self) -> bool {
        self.programmes.is_empty()
    }

    /// The amounts of money that are others now.
    pub fn amounts(&self) -> impl Iterator<Item = &PaidAmount> {
        self.programmes.iter().flat_map(|again| &again.amounts)
    }
}

impl PaidAmount {
    /// The programme that gives it.
    pub fn programme(&self) -> &str {
        &self.programme
    }

    /// The member to whom it is given; nothing where it is the household.
    pub fn member(&self) -> Option<&str> {
        self.member.as_deref()
    }

    /// The output.
    pub fn output(&self) -> &str {
        &self.output
    }

    /// What was paid too much over the period; nothing where it was not, or cannot be told.
    pub fn overpaid(&self) -> Option<Decimal> {
        self.difference.as_ref().filter(|d| d.is_negative()).map(Decimal::negated)
    }

    /// What was paid too little over the period; nothing where it was not, or cannot be told.
    pub fn underpaid(&self) -> Option<Decimal> {
        self.difference.clone().filter(|d| !d.is_negative() && !d.is_zero())
    }
}
