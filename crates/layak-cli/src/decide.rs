//! `layak decide`

use std::io::{IsTerminal, Write};

use layak::{
    Answer, Date, Decision, Entitlement, FactFinding, Facts, FactsError, Lang, Outcome, Plan, PlanOptions, Record,
};

use crate::args::{DayArgs, DecideCall, DecisionFormat, FindingFormat};
use crate::input::{self, Household};
use crate::output::{self, Output};
use crate::progress::Progress;
use crate::summary::Summary;
use crate::{CallError, Done, Ending, findings};

/// A plan for the dates that were asked for.
pub(crate) fn options(day: DayArgs) -> Result<PlanOptions, CallError> {
    let as_of = match day.as_of {
        Some(date) => date,
        None => today()?,
    };
    Ok(PlanOptions::new(as_of).known_on(day.known_on.unwrap_or(as_of)))
}

/// The day on the clock of this machine, in UTC.
fn today() -> Result<Date, CallError> {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
    let days = i64::try_from(seconds / 86_400)?;
    let epoch: Date = "1970-01-01".parse()?;
    epoch.add_days(days).ok_or_else(|| CallError("the clock is beyond the calendar".to_owned()))
}

pub(crate) fn run(call: &DecideCall, lang: Lang) -> Done {
    let Some(rules) = findings::load(&call.rules, &call.amend, FindingFormat::Text, lang)? else {
        return Ok(findings::FOUND);
    };
    let mut options = options(call.day)?;
    for name in &call.programme {
        options = options.programme(name);
    }
    for name in &call.show {
        options = options.show(name);
    }
    let plan = rules.plan(options)?;
    let households = input::open(&call.facts)?;
    let size = std::fs::metadata(&call.facts).ok().filter(std::fs::Metadata::is_file).map(|m| m.len());
    let terminal = call.out.is_none() && std::io::stdout().is_terminal();
    let format = call.format.unwrap_or(if terminal { DecisionFormat::Table } else { DecisionFormat::Jsonl });
    if call.record && !matches!(format, DecisionFormat::Json | DecisionFormat::Jsonl) {
        return Err(CallError(match lang {
            Lang::Id => "--record butuh --format json atau jsonl".to_owned(),
            _ => "--record needs --format json or jsonl".to_owned(),
        }));
    }
    let record = call.record.then(|| Keeping::of(call));
    let mut writer =
        Writer { output: Output::open(call.out.as_deref())?, format, lang, first: true, buffer: Vec::new(), record };
    let mut summary = Summary::default();
    match writer.all(&plan, households, size, &mut summary) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(Ending::Clean),
        Err(error) => return Err(CallError(error.to_string())),
    }
    writer.output.finish()?;
    let told = match format {
        DecisionFormat::Json | DecisionFormat::Jsonl => summary.json(),
        DecisionFormat::Csv | DecisionFormat::Table => summary.text(lang),
    };
    output::tell(&told);
    Ok(if summary.is_clean() { Ending::Clean } else { Ending::Findings })
}

struct Writer {
    output: Output,
    format: DecisionFormat,
    lang: Lang,
    first: bool,
    /// A decision on its way.
    buffer: Vec<u8>,
    /// What is kept with each decision.
    record: Option<Keeping>,
}

/// What goes into records.
struct Keeping {
    rules: String,
    acts: Vec<String>,
    facts: bool,
}

impl Keeping {
    fn of(call: &DecideCall) -> Keeping {
        let acts = call.amend.iter().map(|path| path.display().to_string());
        Keeping { rules: call.rules.display().to_string(), acts: acts.collect(), facts: !call.no_facts }
    }

    fn record(&self, plan: &Plan, facts: &Facts) -> Record {
        let record = plan.record(facts).of_rules(self.rules.clone(), self.acts.iter().cloned());
        if self.facts { record } else { record.without_facts() }
    }
}

impl Writer {
    fn all(
        &mut self,
        plan: &Plan,
        mut households: input::Households,
        size: Option<u64>,
        summary: &mut Summary,
    ) -> std::io::Result<()> {
        self.head()?;
        let mut progress = Progress::new(size);
        while let Some(household) = households.next() {
            let household = household?;
            progress.household(household.json.len());
            match plan.facts_from_json(&household.json) {
                Ok(facts) => {
                    if let Some(keeping) = &self.record {
                        let record = keeping.record(plan, &facts);
                        summary.decided(record.decision());
                        self.recorded(&household, &record)?;
                        households.take_back(household);
                        continue;
                    }
                    let decision = plan.decide(&facts);
                    summary.decided(&decision);
                    self.decision(plan, &household, &decision)?;
                }
                Err(error) => {
                    summary.refused();
                    self.error(&household, &error)?;
                }
            }
            households.take_back(household);
        }
        progress.finish();
        if self.format == DecisionFormat::Json {
            writeln!(self.output, "{}]", if self.first { "[" } else { "\n" })?;
        }
        Ok(())
    }

    fn head(&mut self) -> std::io::Result<()> {
        if self.format == DecisionFormat::Csv {
            writeln!(self.output, "line,id,programme,member,outcome,outputs,bounds,reasons,missing,error,findings")?;
        }
        Ok(())
    }

    fn begin(&mut self) -> std::io::Result<()> {
        if self.format == DecisionFormat::Json {
            write!(self.output, "{}", if self.first { "[" } else { ",\n " })?;
        }
        self.first = false;
        Ok(())
    }

    fn recorded(&mut self, household: &Household, record: &Record) -> std::io::Result<()> {
        self.begin()?;
        self.output.write_all(record.to_json(Some(household.line), self.lang).as_bytes())?;
        if self.format == DecisionFormat::Jsonl { writeln!(self.output) } else { Ok(()) }
    }

    fn decision(&mut self, plan: &Plan, household: &Household, decision: &Decision) -> std::io::Result<()> {
        self.begin()?;
        match self.format {
            DecisionFormat::Json => {
                serde_json::to_writer(&mut self.output, &decision.to_json(Some(household.line), self.lang))?
            }
            DecisionFormat::Jsonl => {
                self.buffer.clear();
                serde_json::to_writer(&mut self.buffer, &decision.to_json(Some(household.line), self.lang))?;
                self.buffer.push(b'\n');
                self.output.write_all(&self.buffer)?;
            }
            DecisionFormat::Csv => self.csv(household, decision)?,
            DecisionFormat::Table => self.table(plan, household, decision)?,
        }
        Ok(())
    }

    fn error(&mut self, household: &Household, error: &FactsError) -> std::io::Result<()> {
        self.begin()?;
        let Some(first) = error.first() else { return Ok(()) };
        let texts: Vec<String> = error.iter().map(|e| told(e, self.lang)).collect();
        match self.format {
            DecisionFormat::Json | DecisionFormat::Jsonl => {
                let all: Vec<serde_json::Value> = error
                    .iter()
                    .map(|e| {
                        serde_json::json!({"code": e.code().to_string(), "path": e.path(), "text": told(e, self.lang)})
                    })
                    .collect();
                let line = serde_json::json!({
                    "line": household.line,
                    "id": error.id(),
                    "error": {"code": first.code().to_string(), "path": first.path(), "text": told(first, self.lang)},
                    "errors": all,
                });
                write!(self.output, "{line}")?;
                if self.format == DecisionFormat::Jsonl {
                    writeln!(self.output)?;
                }
            }
            DecisionFormat::Csv => {
                let mut writer = csv::Writer::from_writer(&mut self.output);
                let line = household.line.to_string();
                let text = texts.join("; ");
                writer.write_record([
                    &line,
                    error.id().unwrap_or(""),
                    "",
                    "",
                    "unreadable",
                    "",
                    "",
                    "",
                    "",
                    &text,
                    "",
                ])?;
                writer.flush()?;
            }
            DecisionFormat::Table => {
                let id = error.id().unwrap_or("?");
                writeln!(self.output, "{id} ({}): {}", household.line, texts.join("; "))?;
            }
        }
        Ok(())
    }

    fn csv(&mut self, household: &Household, decision: &Decision) -> std::io::Result<()> {
        let mut writer = csv::Writer::from_writer(&mut self.output);
        let line = household.line.to_string();
        for (programme, member, one) in entitlements(decision) {
            let outputs: Vec<String> = one.outputs().map(|(n, a)| format!("{n}={}", plain(a))).collect();
            let bounds: Vec<String> =
                one.bounds().map(|(n, (low, high))| format!("{n}={}..{}", plain(low), plain(high))).collect();
            let reasons: Vec<&str> = one.reasons().iter().map(|r| &*r.criterion).collect();
            let missing: Vec<&str> = one.missing().iter().map(|m| m.fact.as_str()).collect();
            let error = match one.outcome() {
                Outcome::Error(failure) => failure.text().in_lang(self.lang).to_owned(),
                _ => String::new(),
            };
            // Those that decide this programme, and those of which that is not known.
            let decides = |f: &&FactFinding| f.depends().is_none() || f.programmes().any(|name| name == programme);
            let findings = decision.findings().iter().filter(decides);
            let findings: Vec<String> = findings.map(|f| format!("{}:{}", f.kind().name(), f.fact())).collect();
            writer.write_record([
                line.as_str(),
                decision.id().unwrap_or(""),
                programme,
                member.unwrap_or(""),
                word(one, None),
                &outputs.join(" "),
                &bounds.join(" "),
                &reasons.join(" "),
                &missing.join(" "),
                &error,
                &findings.join(" "),
            ])?;
        }
        writer.flush()
    }

    fn table(&mut self, plan: &Plan, household: &Household, decision: &Decision) -> std::io::Result<()> {
        writeln!(self.output, "{} ({})", decision.id().unwrap_or("-"), household.line)?;
        self.output.write_all(in_words(plan, decision, self.lang).as_bytes())
    }
}

/// A decision for people: programmes with what they give, reasons and what is missing, then findings and values.
pub(crate) fn in_words(plan: &Plan, decision: &Decision, lang: Lang) -> String {
    let mut out = String::new();
    for (programme, member, one) in entitlements(decision) {
        let name = match member {
            Some(member) => format!("{programme} [{member}]"),
            None => programme.to_owned(),
        };
        let words = |output: &str, answer: &Answer| plan.output_in_words(programme, output, answer, lang);
        let mut parts: Vec<String> = one.outputs().map(|(n, a)| format!("{n} {}", words(n, a))).collect();
        parts.extend(one.bounds().map(|(n, both)| format!("{n} {}", range(both, |answer| words(n, answer)))));
        out.push_str(&format!("  {name:<28} {:<16} {}\n", word(one, Some(lang)), parts.join(", ")));
        for reason in one.reasons() {
            let basis = reason.basis(lang);
            let basis = if basis.is_empty() { String::new() } else { format!(" ({basis})") };
            out.push_str(&format!("      - {}{basis}\n", reason.text(lang)));
            for rule in reason.amended() {
                out.push_str(&format!("        {}\n", rule.text(lang)));
            }
        }
        if let Outcome::Error(failure) = one.outcome() {
            out.push_str(&format!("      ! {}: {}\n", failure.code(), failure.text().in_lang(lang)));
        }
        for missing in one.missing() {
            let verify = match (missing.verify, lang) {
                (false, _) => "",
                (true, Lang::Id) => " wajib diverifikasi",
                (true, _) => " must be verified",
            };
            out.push_str(&format!("      ? {} [{}]{verify}\n", missing.fact, missing.ask.join(", ")));
        }
    }
    for finding in decision.findings() {
        let (text, hangs) = (finding.text(), finding.dependence());
        out.push_str(&format!("  ! {}: {} ({})\n", finding.fact(), text.in_lang(lang), hangs.in_lang(lang)));
    }
    for (name, answer) in decision.values() {
        out.push_str(&format!("  {name} = {}\n", plan.value_in_words(name, answer, lang)));
    }
    out
}

pub(crate) fn told(error: &layak::FactError, lang: Lang) -> String {
    let mut text = error.message().in_lang(lang).to_owned();
    if let Some(help) = error.help() {
        text.push_str("; ");
        text.push_str(help.in_lang(lang));
    }
    text
}

/// Every programme of a decision with the member it is for; with none also what whoever may be in a list that is not known gets.
pub(crate) fn entitlements(decision: &Decision) -> Vec<(&str, Option<&str>, &Entitlement)> {
    let programmes = decision.programmes();
    programmes.flat_map(|p| p.entitlements().map(|(member, one)| (p.name(), member, one))).collect()
}

/// The outcome's word: for people in a language, else as JSON has it.
pub(crate) fn word(one: &Entitlement, lang: Option<Lang>) -> &'static str {
    match (one.outcome(), lang) {
        (Outcome::Eligible, Some(Lang::Id)) => "layak",
        (Outcome::NotEligible, Some(Lang::Id)) => "tidak layak",
        (Outcome::Undetermined(_), Some(Lang::Id)) => "belum pasti",
        (Outcome::Error(_), Some(Lang::Id)) => "galat",
        (Outcome::Eligible, _) => "eligible",
        (Outcome::NotEligible, Some(_)) => "not eligible",
        (Outcome::NotEligible, None) => "not_eligible",
        (Outcome::Undetermined(_), _) => "undetermined",
        _ => "error",
    }
}

/// The least and the greatest of an answer, once where they are the same.
pub(crate) fn range((low, high): (&Answer, &Answer), words: impl Fn(&Answer) -> String) -> String {
    let (low, high) = (words(low), words(high));
    if low == high && low != "?" { low } else { format!("{low}..{high}") }
}

/// An answer as one plain text.
pub(crate) fn plain(answer: &Answer) -> String {
    match answer {
        Answer::Boolean(b) => b.to_string(),
        Answer::Integer(n) | Answer::Number(n) => n.to_string(),
        Answer::Date(d) => d.to_string(),
        Answer::Duration(d) => d.to_string(),
        Answer::Text(t) | Answer::Enum(t) => t.to_string(),
        Answer::Element(key) => key.clone(),
        Answer::None => "none".to_owned(),
        Answer::Failure(failure) => format!("!{}", failure.code()),
        Answer::List(items) => format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(", ")),
        Answer::Record(parts) => {
            format!("{{{}}}", parts.iter().map(|(n, a)| format!("{n}: {}", plain(a))).collect::<Vec<_>>().join(", "))
        }
        _ => "?".to_owned(),
    }
}
