//! Who is decided otherwise by other rules: households decided by both, counted by programme and by what became of it, with
//! examples.

use std::collections::BTreeMap;
use std::path::Path;

use layak::{Answer, Date, Decision, DeclarationName, Diff, Entitlement, Lang, Outcome, Plan};

use crate::CallError;
use crate::decide::{entitlements, plain, range, told, word};
use crate::input;
use crate::progress::Progress;

/// Of each kind of change so many households are named.
const EXAMPLES: usize = 3;

/// What became of a programme: its outcomes before and after; nothing where the rules have no such programme.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    old: Option<&'static str>,
    new: Option<&'static str>,
}

#[derive(Default)]
struct Count {
    count: usize,
    examples: Vec<Example>,
}

/// An output before and after: exactly, and in words.
struct Differing {
    name: String,
    old: Option<(String, String)>,
    new: Option<(String, String)>,
}

struct Example {
    line: usize,
    id: Option<String>,
    member: Option<String>,
    /// Each output that differs: before and after.
    outputs: Vec<Differing>,
    /// Why it is, or was, not eligible: criteria and texts.
    reasons: Vec<(String, String)>,
    missing: Vec<String>,
    error: Option<String>,
    /// The changed declarations that it rests on.
    because: Vec<String>,
}

/// Households decided by two rulesets.
pub(crate) struct Decided {
    as_of: Date,
    households: usize,
    otherwise: usize,
    /// Those that could not be read: by the old rules, by the new, and what was told of the first.
    unreadable: [usize; 2],
    first_error: Option<String>,
    turns: BTreeMap<(String, Turn), Count>,
}

/// Decides each household of a file by both plans.
pub(crate) fn decided((old, new): (&Plan, &Plan), diff: &Diff, facts: &Path, lang: Lang) -> Result<Decided, CallError> {
    let mut all = Decided {
        as_of: new.as_of(),
        households: 0,
        otherwise: 0,
        unreadable: [0, 0],
        first_error: None,
        turns: BTreeMap::new(),
    };
    let households = input::open(facts)?;
    let mut progress = Progress::new(households.size, std::sync::Arc::clone(&households.read));
    for household in households {
        let household = household?;
        progress.more(1);
        all.households += 1;
        match (old.facts_from_json(&household.json), new.facts_from_json(&household.json)) {
            (Ok(before), Ok(after)) => {
                let decisions = (old.decide(&before), new.decide(&after));
                all.household(household.line, (old, &decisions.0), (new, &decisions.1), diff, lang);
            }
            (before, after) => {
                let [of_old, of_new] = &mut all.unreadable;
                *of_old += usize::from(before.is_err());
                *of_new += usize::from(after.is_err());
                let error = before.err().or(after.err());
                if let Some(first) = error.as_ref().and_then(|e| e.first()).filter(|_| all.first_error.is_none()) {
                    let path = first.path();
                    all.first_error = Some(format!("{}: {path}: {}", household.line, told(first, lang)));
                }
            }
        }
    }
    progress.finish();
    Ok(all)
}

impl Decided {
    pub(crate) fn is_clean(&self) -> bool {
        self.unreadable == [0, 0]
    }

    pub(crate) fn differs(&self) -> bool {
        self.otherwise > 0
    }

    fn household(&mut self, line: usize, old: (&Plan, &Decision), new: (&Plan, &Decision), diff: &Diff, lang: Lang) {
        let plans = (old.0, new.0);
        let (old, new) = (old.1, new.1);
        let before: BTreeMap<(&str, Option<&str>), &Entitlement> = by_name(old);
        let after = by_name(new);
        let mut names: Vec<&(&str, Option<&str>)> = before.keys().chain(after.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let mut differs = false;
        for name in names {
            let (was, is) = (before.get(name).copied(), after.get(name).copied());
            let outputs = outputs(name.0, (was, is), plans, lang);
            let turn = Turn { old: was.map(|one| word(one, None)), new: is.map(|one| word(one, None)) };
            if turn.old == turn.new && outputs.is_empty() {
                continue;
            }
            differs = true;
            let count = self.turns.entry((name.0.to_owned(), turn)).or_default();
            count.count += 1;
            if count.examples.len() < EXAMPLES {
                count.examples.push(example(line, new.id().or(old.id()), name.1, (was, is), outputs, diff, lang));
            }
        }
        self.otherwise += usize::from(differs);
    }

    /// For readers.
    pub(crate) fn text(&self, lang: Lang) -> String {
        let (all, otherwise, day) = (self.households, self.otherwise, self.as_of);
        let mut out = match lang {
            Lang::Id => format!("\ndiputus lain: {otherwise} dari {all} keluarga, per {day}\n"),
            _ => format!(
                "\ndecided otherwise: {otherwise} of {all} {}, as of {day}\n",
                if all == 1 { "household" } else { "households" }
            ),
        };
        for ((programme, turn), count) in &self.turns {
            let outcome = |word: Option<&'static str>| match (word, lang) {
                (None, Lang::Id) => "tidak ada",
                (None, _) => "absent",
                (Some("eligible"), Lang::Id) => "layak",
                (Some("not_eligible"), Lang::Id) => "tidak layak",
                (Some("undetermined"), Lang::Id) => "belum pasti",
                (Some("error"), Lang::Id) => "galat",
                (Some("not_eligible"), _) => "not eligible",
                (Some(word), _) => word,
            };
            let turn = match turn.old == turn.new {
                true if lang == Lang::Id => format!("{}, keluaran berbeda", outcome(turn.old)),
                true => format!("{}, other outputs", outcome(turn.old)),
                false => format!("{} -> {}", outcome(turn.old), outcome(turn.new)),
            };
            out.push_str(&format!("  {programme}  {turn}: {}\n", count.count));
            for example in &count.examples {
                out.push_str(&example.text(lang));
            }
        }
        if !self.is_clean() {
            let [old, new] = self.unreadable;
            let first = self.first_error.as_deref().unwrap_or("");
            out.push_str(&match lang {
                Lang::Id => {
                    format!("  tidak terbaca: {old} menurut aturan lama, {new} menurut yang baru; pertama di baris {first}\n")
                }
                _ => format!("  unreadable: {old} by the old rules, {new} by the new; the first in line {first}\n"),
            });
        }
        out
    }

    /// One object a kind of change, then a summary.
    pub(crate) fn json(&self) -> Vec<serde_json::Value> {
        let turns = self.turns.iter().map(|((programme, turn), count)| {
            let examples: Vec<serde_json::Value> = count.examples.iter().map(Example::json).collect();
            serde_json::json!({
                "decided": {"programme": programme, "old": turn.old, "new": turn.new},
                "count": count.count, "examples": examples,
            })
        });
        let [old, new] = self.unreadable;
        let summary = serde_json::json!({"summary": {
            "households": self.households, "otherwise": self.otherwise, "as_of": self.as_of.to_string(),
            "unreadable": {"old": old, "new": new}, "first_error": self.first_error,
        }});
        turns.chain([summary]).collect()
    }
}

impl Example {
    fn text(&self, lang: Lang) -> String {
        let id = self.id.as_deref().unwrap_or("-");
        let member = self.member.as_ref().map_or_else(String::new, |member| format!(" [{member}]"));
        let mut out = format!("    {id} ({}){member}", self.line);
        let shown = |side: &Option<(String, String)>| side.as_ref().map_or("-", |(_, words)| words).to_owned();
        let outputs = self.outputs.iter().map(|o| format!("{} {} -> {}", o.name, shown(&o.old), shown(&o.new)));
        let outputs: Vec<String> = outputs.collect();
        if !outputs.is_empty() {
            out.push_str(&format!("  {}", outputs.join(", ")));
        }
        out.push('\n');
        self.reasons.iter().for_each(|(_, text)| out.push_str(&format!("      - {text}\n")));
        self.missing.iter().for_each(|fact| out.push_str(&format!("      ? {fact}\n")));
        self.error.iter().for_each(|error| out.push_str(&format!("      ! {error}\n")));
        if !self.because.is_empty() {
            let by = if lang == Lang::Id { "bertumpu pada" } else { "rests on" };
            out.push_str(&format!("      {by} {}\n", self.because.join(", ")));
        }
        out
    }

    fn json(&self) -> serde_json::Value {
        let exact = |side: &Option<(String, String)>| side.as_ref().map(|(exact, _)| exact.clone());
        let outputs: serde_json::Map<String, serde_json::Value> =
            self.outputs.iter().map(|o| (o.name.clone(), serde_json::json!([exact(&o.old), exact(&o.new)]))).collect();
        let reasons: Vec<serde_json::Value> = self
            .reasons
            .iter()
            .map(|(criterion, text)| serde_json::json!({"criterion": criterion, "text": text}))
            .collect();
        serde_json::json!({
            "line": self.line, "id": self.id, "member": self.member, "outputs": outputs, "reasons": reasons,
            "missing": self.missing, "error": self.error, "because": self.because,
        })
    }
}

fn by_name(decision: &Decision) -> BTreeMap<(&str, Option<&str>), &Entitlement> {
    entitlements(decision).into_iter().map(|(programme, member, one)| ((programme, member), one)).collect()
}

/// The outputs of a programme that differ, with bounds where they are not settled.
fn outputs(
    programme: &str,
    (old, new): (Option<&Entitlement>, Option<&Entitlement>),
    plans: (&Plan, &Plan),
    lang: Lang,
) -> Vec<Differing> {
    let of = |one: Option<&Entitlement>, plan: &Plan| -> BTreeMap<String, (String, String)> {
        let Some(one) = one else { return BTreeMap::new() };
        let words = |name: &str, answer: &Answer| plan.output_in_words(programme, name, answer, lang);
        let settled = one.outputs().map(|(name, answer)| (name.to_owned(), (plain(answer), words(name, answer))));
        let open = one
            .bounds()
            .map(|(name, both)| (name.to_owned(), (range(both, plain), range(both, |answer| words(name, answer)))));
        settled.chain(open).collect()
    };
    let (old, new) = (of(old, plans.0), of(new, plans.1));
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let exact = |side: Option<&(String, String)>| side.map(|(exact, _)| exact.clone());
    let differing = names.into_iter().filter(|name| exact(old.get(*name)) != exact(new.get(*name)));
    let each = differing.map(|name| Differing {
        name: name.clone(),
        old: old.get(name).cloned(),
        new: new.get(name).cloned(),
    });
    each.collect()
}

fn example(
    line: usize,
    id: Option<&str>,
    member: Option<&str>,
    (old, new): (Option<&Entitlement>, Option<&Entitlement>),
    outputs: Vec<Differing>,
    diff: &Diff,
    lang: Lang,
) -> Example {
    // Of who is not eligible any more: why; of who was not: why that was.
    let told_of = match new.filter(|one| !one.reasons().is_empty()) {
        Some(one) => Some(one),
        None => old.filter(|_| new.is_some_and(|one| matches!(one.outcome(), Outcome::Eligible))),
    };
    let reasons = told_of.map_or(&[][..], Entitlement::reasons);
    let criteria: Vec<&str> = reasons.iter().map(|r| &*r.criterion).collect();
    let mut because: Vec<String> = criteria.iter().filter_map(|name| cause(diff, name, lang)).collect();
    because.sort_unstable();
    because.dedup();
    Example {
        line,
        id: id.map(str::to_owned),
        member: member.map(str::to_owned),
        outputs,
        reasons: reasons.iter().map(|r| (r.criterion.to_string(), r.text(lang).into_owned())).collect(),
        missing: new.map_or(&[][..], Entitlement::missing).iter().map(|m| m.fact.clone()).collect(),
        error: new.and_then(|one| match one.outcome() {
            Outcome::Error(failure) => Some(format!("{}: {}", failure.code(), failure.text().in_lang(lang))),
            _ => None,
        }),
        because,
    }
}

/// The changed declaration that a criterion is or rests on.
fn cause(diff: &Diff, name: &str, lang: Lang) -> Option<String> {
    let is = |of: &DeclarationName| {
        of.kind() == "criterion" && (of.name() == name || of.name().ends_with(&format!(".{name}")))
    };
    let changed = diff.changes().iter().find(|c| is(c.declaration()) && !c.is_wording()).map(|c| c.declaration());
    let because = diff.affected().iter().find(|a| is(a.declaration())).map(|a| a.because());
    changed.or(because).map(|of| of.text(lang))
}
