//! Worked cases kept as data: facts, a date, and what is expected of them.

use std::sync::Arc;

use crate::diagnostic::{Phrase, phrase};
use crate::facts::{Data, read};
use crate::graph::{Day, Request};
use crate::report::{Answer, Decision, Entitlement, Outcome};
use crate::ruleset::{Facts, Plan, PlanOptions, Ruleset};
use crate::testing::coverage::{Coverage, Expected, Watch};
use crate::value::{Date, Decimal};

/// How a case came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseResult {
    id: String,
    told: Told,
}

/// What did not come out, and where of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Told {
    failures: Vec<Phrase>,
    differences: Vec<CaseDifference>,
}

impl Told {
    fn push(&mut self, failure: Phrase) {
        self.failures.push(failure);
    }

    /// A part of the case, and what it is instead.
    fn differs(&mut self, part: String, decided: String, failure: Phrase) {
        self.failures.push(failure);
        self.differences.push(CaseDifference { part, decided });
    }
}

/// A part of a case that did not come out as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseDifference {
    part: String,
    decided: String,
}

impl CaseDifference {
    /// The part of the case: `expect.share`, `programmes.pkh`, `programmes.pkh.amount`, `programmes.pkh.because`,
    /// `programmes.card[3510].missing`, or `input.desil` where the facts are refused.
    pub fn part(&self) -> &str {
        &self.part
    }

    /// What was decided, as a case would expect it; empty where there is no such thing.
    pub fn decided(&self) -> &str {
        &self.decided
    }
}

impl CaseResult {
    /// The case's `id`, empty where it has none.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What did not come out as expected; empty where all did.
    pub fn failures(&self) -> &[Phrase] {
        &self.told.failures
    }

    /// The parts of the case that did not come out, each with what was decided. A case that cannot be read has none.
    pub fn differences(&self) -> &[CaseDifference] {
        &self.told.differences
    }
}

/// Runs cases on a ruleset. It keeps the last plan: cases in the order of their dates, with the same expectations, cost no
/// more than deciding.
#[derive(Debug)]
pub struct Cases<'r> {
    ruleset: &'r Ruleset,
    plan: Option<(PlanOptions, Plan)>,
    covered: Option<Covered>,
}

/// What the cases have shown of the rules, and the plan that it is watched by.
struct Covered {
    watch: Watch,
    plan: Option<(PlanOptions, Plan)>,
    coverage: Coverage,
}

impl std::fmt::Debug for Covered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Covered").field("coverage", &self.coverage).finish_non_exhaustive()
    }
}

impl Ruleset {
    /// A runner of worked cases, each a JSON object: `id`, `as_of`, `known_on`, `input` (the facts), and what is expected:
    /// `expect` (values by name), `programmes` (outcomes) or `error` (the facts are refused); `tolerance` is for numbers.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = layak::Ruleset::from_text("module m entity Household { n integer 0.. } define twice = n * 2")?;
    /// let mut cases = rules.cases();
    /// let good = cases.run(br#"{"id": "a", "as_of": "2026-01-01", "input": {"n": 2}, "expect": {"twice": 4}}"#);
    /// assert!(good.failures().is_empty());
    /// let wrong = cases.run(br#"{"id": "b", "as_of": "2026-01-01", "input": {"n": 2}, "expect": {"twice": 5}}"#);
    /// assert_eq!(wrong.failures()[0].in_lang(layak::Lang::En), "`twice` is 4, expected 5");
    /// # Ok(())
    /// # }
    /// ```
    pub fn cases(&self) -> Cases<'_> {
        Cases { ruleset: self, plan: None, covered: None }
    }

    /// A runner of worked cases that counts what they show of the rules. A case that states facts to be refused shows nothing.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = layak::Ruleset::from_text("module m entity Home { n integer 0.. } define few = n < 3")?;
    /// let mut cases = rules.cases_covered();
    /// cases.run(br#"{"as_of": "2026-01-01", "input": {"n": 2}, "expect": {"few": true}}"#);
    /// assert_eq!(cases.coverage().ok_or("it is counted")?.shown(None), (1, 2));
    /// # Ok(())
    /// # }
    /// ```
    pub fn cases_covered(&self) -> Cases<'_> {
        let covered = Covered { watch: Watch::of(self), plan: None, coverage: self.coverage() };
        Cases { ruleset: self, plan: None, covered: Some(covered) }
    }
}

impl Cases<'_> {
    /// Runs one case. What cannot be read as a case, or expects nothing, has failed.
    pub fn run(&mut self, json: &[u8]) -> CaseResult {
        let data = match read(json, self.ruleset.inner().limits.nesting) {
            Ok(data) => data,
            Err(error) => {
                let failures = error.iter().map(|e| at(e.path(), e.message())).collect();
                return CaseResult { id: String::new(), told: Told { failures, differences: Vec::new() } };
            }
        };
        let id = match part(&data, "id") {
            Some(data) => data.digits().unwrap_or_default().into_owned(),
            None => String::new(),
        };
        let mut told = Told::default();
        if let Err(failure) = self.hold(&data, &mut told) {
            told.push(failure);
        }
        CaseResult { id, told }
    }

    fn hold(&mut self, data: &Data<'_>, failures: &mut Told) -> Result<(), Phrase> {
        let case = Case::read(data)?;
        let plan = self.plan(&case)?;
        match (plan.bind(case.input), case.error) {
            (Ok(facts), None) => {
                case.compare(&plan.decide(&facts), failures);
                self.cover(&case, &facts);
            }
            (Ok(_), Some(_)) => {
                return Err(phrase!("the facts are accepted, expected an error", "fakta diterima, diharapkan galat"));
            }
            (Err(_), Some(Data::Boolean(true))) => {}
            (Err(error), Some(Data::Text(path))) if error.iter().any(|e| e.path() == &**path) => {}
            (Err(error), _) => {
                for e in error.iter() {
                    failures.differs(format!("input.{}", e.path()), String::new(), at(e.path(), e.message()));
                }
            }
        }
        Ok(())
    }

    /// What the cases run so far have shown of the rules; nothing where it is not counted.
    pub fn coverage(&self) -> Option<&Coverage> {
        self.covered.as_ref().map(|covered| &covered.coverage)
    }

    fn cover(&mut self, case: &Case<'_, '_>, facts: &Facts) {
        let Some(Covered { watch, plan, coverage }) = &mut self.covered else { return };
        let rules = self.ruleset;
        let program = &rules.inner().program;
        let Some((options, _)) = &self.plan else { return };
        let values: Vec<_> = case.values.iter().filter_map(|(name, _)| rules.definition_id(name).ok()).collect();
        let plan = match plan {
            Some((kept, plan)) if kept == options => plan,
            _ => {
                let named = values.iter().map(|id| (Arc::clone(&program.definitions[*id].declared.name), *id));
                let show: Vec<_> = watch.show.iter().cloned().chain(named).collect();
                let day = Day { as_of: case.as_of, known_on: case.known_on };
                let request = Request { day: Some(day), show: &show, ..Request::default() };
                &plan.insert((options.clone(), Plan::traced(rules, &request, options.clone()))).1
            }
        };
        let named = |name: &str| program.programmes.iter().find(|(_, p)| *p.declared.name == *name).map(|(id, _)| id);
        let programmes = case.programmes.iter().filter_map(|(name, _)| named(name));
        let expected =
            Expected { programmes: programmes.collect(), values: values.into_iter().collect(), ..Expected::default() };
        coverage.observe(rules, watch, plan, &plan.case_of(facts), &expected);
    }

    fn plan(&mut self, case: &Case<'_, '_>) -> Result<Plan, Phrase> {
        let mut options = PlanOptions::new(case.as_of).known_on(case.known_on);
        for (name, _) in case.values {
            options = options.show(&**name);
        }
        if let Some((kept, plan)) = &self.plan
            && *kept == options
        {
            return Ok(plan.clone());
        }
        let plan = self.ruleset.plan(options.clone()).map_err(|e| phrase!("{0}", "{0}", e))?;
        self.plan = Some((options, plan.clone()));
        Ok(plan)
    }
}

/// A case as it is written. INVARIANT: it expects something.
struct Case<'d, 'a> {
    as_of: Date,
    known_on: Date,
    input: &'d Data<'a>,
    values: &'d [(std::borrow::Cow<'a, str>, Data<'a>)],
    programmes: &'d [(std::borrow::Cow<'a, str>, Data<'a>)],
    error: Option<&'d Data<'a>>,
    tolerance: Decimal,
}

impl<'d, 'a> Case<'d, 'a> {
    fn read(data: &'d Data<'a>) -> Result<Case<'d, 'a>, Phrase> {
        let known = [
            "id",
            "module",
            "as_of",
            "known_on",
            "input",
            "expect",
            "programmes",
            "error",
            "tolerance",
            "note",
            "origin",
        ];
        only(data, &known)?;
        let entries = |name: &str| match part(data, name) {
            None => Ok(&[][..]),
            Some(Data::Object(entries)) => Ok(&entries[..]),
            Some(_) => Err(phrase!("`{0}` is no object", "`{0}` bukan objek", name)),
        };
        let date = |name: &str| match part(data, name) {
            None => Ok(None),
            Some(Data::Text(text)) => match text.parse::<Date>() {
                Ok(date) => Ok(Some(date)),
                Err(_) => Err(phrase!("`{0}` is no date", "`{0}` bukan tanggal", name)),
            },
            Some(_) => Err(phrase!("`{0}` is no date", "`{0}` bukan tanggal", name)),
        };
        let absent = |name: &str| phrase!("the case has no `{0}`", "kasus ini tanpa `{0}`", name);
        let as_of = date("as_of")?.ok_or_else(|| absent("as_of"))?;
        let tolerance = match part(data, "tolerance") {
            None => Some(Decimal::ZERO),
            Some(data) => data.digits().and_then(|text| text.parse::<Decimal>().ok()),
        };
        let tolerance = tolerance
            .filter(|t| *t >= Decimal::ZERO)
            .ok_or_else(|| phrase!("`tolerance` is no number from 0", "`tolerance` bukan bilangan mulai dari 0"))?;
        let case = Case {
            as_of,
            known_on: date("known_on")?.unwrap_or(as_of),
            input: part(data, "input").ok_or_else(|| absent("input"))?,
            values: entries("expect")?,
            programmes: entries("programmes")?,
            error: part(data, "error"),
            tolerance,
        };
        if case.values.is_empty() && case.programmes.is_empty() && case.error.is_none() {
            return Err(phrase!("the case expects nothing", "kasus ini tidak mengharapkan apa pun"));
        }
        if case.error.is_some() && !(case.values.is_empty() && case.programmes.is_empty()) {
            return Err(phrase!(
                "the case expects an error and an answer",
                "kasus ini mengharapkan galat dan jawaban sekaligus"
            ));
        }
        if !matches!(case.error, None | Some(Data::Boolean(true) | Data::Text(_))) {
            return Err(phrase!("`error` is `true` or a path", "`error` adalah `true` atau jalur"));
        }
        Ok(case)
    }

    fn compare(&self, decision: &Decision, failures: &mut Told) {
        for (name, want) in self.values {
            let got = decision.values().find(|(shown, _)| *shown == &**name).map(|(_, answer)| answer);
            self.answer(name, format!("expect.{name}"), got, want, failures);
        }
        for (name, want) in self.programmes {
            let Some(programme) = decision.programme(name) else {
                failures.push(phrase!("the rules have no programme `{0}`", "aturan ini tanpa program `{0}`", name));
                continue;
            };
            if let Some(one) = programme.entitlement() {
                self.entitlement(name, one, want, failures);
                continue;
            }
            let Data::Object(members) = want else {
                let text = phrase!("`{0}` is for members: name them", "`{0}` untuk anggota: sebutkan anggotanya", name);
                failures.push(text);
                continue;
            };
            for (key, want) in members {
                let place = format!("{name}[{key}]");
                match programme.members().find(|(have, _)| *have == &**key) {
                    Some((_, one)) => self.entitlement(&place, one, want, failures),
                    None => failures.push(phrase!("there is no `{0}`", "tidak ada `{0}`", place)),
                }
            }
        }
    }

    fn answer(&self, name: &str, part: String, got: Option<&Answer>, want: &Data<'_>, failures: &mut Told) {
        if !got.is_some_and(|got| same(got, want, &self.tolerance)) {
            let decided = got.map_or_else(String::new, shown);
            let got = got.map_or_else(|| "-".to_owned(), shown);
            let text =
                phrase!("`{0}` is {1}, expected {2}", "`{0}` adalah {1}, diharapkan {2}", name, got, written(want));
            failures.differs(part, decided, text);
        }
    }

    /// The outcome as a word, or as an object of `outcome`, `outputs`, `because` and `missing`.
    fn entitlement(&self, name: &str, one: &Entitlement, want: &Data<'_>, failures: &mut Told) {
        let outcome = match one.outcome() {
            Outcome::Eligible => "eligible",
            Outcome::NotEligible => "not_eligible",
            Outcome::Undetermined(_) => "undetermined",
            Outcome::Error(_) => "error",
        };
        let expected = match want {
            Data::Object(_) => part(want, "outcome"),
            word => Some(word),
        };
        if let Some(expected) = expected
            && !matches!(expected, Data::Text(word) if **word == *outcome)
        {
            let text = written(expected);
            let text = phrase!("`{0}` is {1}, expected {2}", "`{0}` adalah {1}, diharapkan {2}", name, outcome, text);
            failures.differs(format!("programmes.{name}"), outcome.to_owned(), text);
        }
        let Data::Object(entries) = want else { return };
        if entries.is_empty() {
            failures.push(phrase!("nothing is expected of `{0}`", "tidak ada yang diharapkan dari `{0}`", name));
        }
        if let Err(failure) = only(want, &["outcome", "outputs", "because", "missing"]) {
            failures.push(failure);
        }
        match part(want, "outputs") {
            None => {}
            Some(Data::Object(outputs)) => {
                for (output, want) in outputs {
                    // What is not known has bounds instead of a value.
                    let open = one.bounds().any(|(have, _)| have == &**output).then_some(&Answer::Unknown);
                    let place = format!("{name}.{output}");
                    self.answer(&place, format!("programmes.{place}"), one.output(output).or(open), want, failures);
                }
            }
            Some(_) => failures.push(phrase!("`{0}` is no object", "`{0}` bukan objek", "outputs")),
        }
        let reasons = one.reasons().iter().map(|r| r.criterion.to_string()).collect();
        names(name, "because", reasons, want, failures);
        names(name, "missing", one.missing().iter().map(|m| m.fact.clone()).collect(), want, failures);
    }
}

/// A list of names is the same in any order.
fn names(name: &str, list: &str, mut have: Vec<String>, want: &Data<'_>, failures: &mut Told) {
    let Some(want) = part(want, list) else { return };
    have.sort_unstable();
    let mut texts = match want {
        Data::List(items) => items.iter().map(written).collect(),
        _ => vec![written(want)],
    };
    texts.sort_unstable();
    if have != texts {
        let (have, texts) = (have.join(", "), texts.join(", "));
        let decided = if have.is_empty() { "[]".to_owned() } else { have.clone() };
        let text = phrase!(
            "`{0}`: {1} is [{2}], expected [{3}]",
            "`{0}`: {1} adalah [{2}], diharapkan [{3}]",
            name,
            list,
            have,
            texts
        );
        failures.differs(format!("programmes.{name}.{list}"), decided, text);
    }
}

fn at(path: &str, message: &Phrase) -> Phrase {
    if path.is_empty() {
        return message.clone();
    }
    Phrase { en: format!("{path}: {}", message.en), id: format!("{path}: {}", message.id) }
}

fn part<'d, 'a>(data: &'d Data<'a>, name: &str) -> Option<&'d Data<'a>> {
    match data {
        Data::Object(entries) => entries.iter().find(|(have, _)| **have == *name).map(|(_, value)| value),
        _ => None,
    }
}

/// A name misspelled must not make a case expect less; one written twice must not hide one of them.
fn only(data: &Data<'_>, known: &[&str]) -> Result<(), Phrase> {
    let Data::Object(entries) = data else {
        return Err(phrase!("a case is an object", "kasus adalah objek"));
    };
    for (index, (name, _)) in entries.iter().enumerate() {
        if !known.contains(&&**name) {
            return Err(phrase!("a case has no `{0}`", "kasus tidak mengenal `{0}`", name));
        }
        if entries.iter().take(index).any(|(earlier, _)| earlier == name) {
            return Err(phrase!("`{0}` stands twice", "`{0}` ditulis dua kali", name));
        }
    }
    Ok(())
}

/// Whether an answer is what is written: null is unknown or none, `ERROR` a fault, an object holds the parts that matter.
fn same(got: &Answer, want: &Data<'_>, tolerance: &Decimal) -> bool {
    match (got, want) {
        (Answer::Failure(_), Data::Text(word)) => word == "ERROR",
        (Answer::Unknown | Answer::None, Data::Null) => true,
        (Answer::Boolean(got), Data::Boolean(want)) => got == want,
        (Answer::Integer(got) | Answer::Number(got), Data::Number(_) | Data::Text(_)) => want
            .digits()
            .and_then(|want| want.parse::<Decimal>().ok())
            .and_then(|want| got.checked_sub(&want))
            .is_some_and(|difference| difference.abs() <= *tolerance),
        (Answer::Date(got), Data::Text(want)) => got.to_string() == **want,
        (Answer::Duration(got), Data::Text(want)) => got.to_string() == **want,
        (Answer::Text(got) | Answer::Enum(got), Data::Text(want)) => **got == **want,
        (Answer::Element(got), Data::Text(want)) => **got == **want,
        (Answer::List(got), Data::List(want)) => {
            got.len() == want.len() && got.iter().zip(want).all(|(got, want)| same(got, want, tolerance))
        }
        (Answer::Record(got), Data::Object(want)) => want.iter().all(|(name, want)| {
            got.iter().find(|(have, _)| **have == **name).is_some_and(|(_, got)| same(got, want, tolerance))
        }),
        _ => false,
    }
}

pub(super) fn shown(answer: &Answer) -> String {
    match answer {
        Answer::Boolean(b) => b.to_string(),
        Answer::Integer(n) | Answer::Number(n) => n.to_string(),
        Answer::Date(d) => d.to_string(),
        Answer::Duration(d) => d.to_string(),
        Answer::Text(t) | Answer::Enum(t) => t.to_string(),
        Answer::Element(key) => key.clone(),
        Answer::None => "none".to_owned(),
        Answer::Unknown => "unknown".to_owned(),
        Answer::Failure(failure) => format!("{}: {}", failure.code(), failure.text().en),
        Answer::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Answer::Record(parts) => {
            format!("{{{}}}", parts.iter().map(|(n, a)| format!("{n}: {}", shown(a))).collect::<Vec<_>>().join(", "))
        }
    }
}

fn written(want: &Data<'_>) -> String {
    match want {
        Data::Null => "unknown".to_owned(),
        Data::Boolean(b) => b.to_string(),
        Data::Number(number) => number.text().into_owned(),
        Data::Text(text) => text.to_string(),
        Data::List(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        Data::Object(parts) => {
            format!("{{{}}}", parts.iter().map(|(n, v)| format!("{n}: {}", written(v))).collect::<Vec<_>>().join(", "))
        }
        Data::Refused(_) => "?".to_owned(),
    }
}
