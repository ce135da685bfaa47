//! `layak decide`

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

use layak::{Answer, Date, Decision, Entitlement, Lang, Outcome, Plan, PlanOptions};
use layak_batch::{BatchError, Carried, Digests, Naming, Previous, RunOptions, Source as _, Summary, Written};

use crate::args::{DayArgs, DecideCall, DecisionFormat, FindingFormat};
use crate::encode::{CSV_HEAD, Columns, Keeping, Text};
use crate::output;
use crate::progress::Progress;
use crate::rejects::Rejects;
use crate::store::{self, Form, Run, wrong};
use crate::{CallError, Done, Ending, findings, summary};

pub(crate) use layak_batch::{plain, told};

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
    let terminal = call.out.is_none() && std::io::stdout().is_terminal();
    let format = call.format.unwrap_or(if terminal { DecisionFormat::Table } else { DecisionFormat::Jsonl });
    let refused = |en: &str, id: &str| CallError(if lang == Lang::Id { id } else { en }.to_owned());
    if call.record && !matches!(format, DecisionFormat::Json | DecisionFormat::Jsonl) {
        return Err(refused("--record needs --format json or jsonl", "--record butuh --format json atau jsonl"));
    }
    if call.long && !matches!(format, DecisionFormat::Parquet | DecisionFormat::Arrow | DecisionFormat::Csv) {
        return Err(refused(
            "--long needs --format parquet, arrow or csv",
            "--long butuh --format parquet, arrow, atau csv",
        ));
    }
    let in_parts = call.out.as_deref().is_some_and(is_folder);
    if in_parts && matches!(format, DecisionFormat::Table | DecisionFormat::Json) {
        return Err(refused(
            "a folder takes --format parquet, arrow, csv or jsonl",
            "folder menerima --format parquet, arrow, csv, atau jsonl",
        ));
    }
    if in_parts && call.rejects.is_some() {
        return Err(refused(
            "in a folder the rejected rows stand beside each part: leave --rejects out",
            "dalam folder, baris yang ditolak berada di samping tiap bagian: hilangkan --rejects",
        ));
    }
    if !in_parts && (call.resume || call.part_rows.is_some()) {
        return Err(refused(
            "--resume and --part-rows need --out FOLDER/",
            "--resume dan --part-rows butuh --out FOLDER/",
        ));
    }
    if terminal && matches!(format, DecisionFormat::Parquet | DecisionFormat::Arrow) {
        return Err(refused("columns need --out FILE", "format kolom butuh --out BERKAS"));
    }
    if call.record && (call.digest || call.previous.is_some()) {
        return Err(refused(
            "a record says what it was made from: leave --digest and --previous out, or --record",
            "rekaman sudah menyebut asalnya: hilangkan --digest dan --previous, atau --record",
        ));
    }
    if format == DecisionFormat::Table && (call.digest || call.previous.is_some()) {
        return Err(refused(
            "--digest and --previous need --format parquet, arrow, csv, json or jsonl",
            "--digest dan --previous butuh --format parquet, arrow, csv, json, atau jsonl",
        ));
    }
    match all(call, &plan, format, lang) {
        Ok(summary) => {
            output::tell(&match format {
                DecisionFormat::Json | DecisionFormat::Jsonl => summary::json(&summary),
                DecisionFormat::Csv | DecisionFormat::Table | DecisionFormat::Parquet | DecisionFormat::Arrow => {
                    summary::text(&summary, lang)
                }
            });
            Ok(if summary.is_clean() { Ending::Clean } else { Ending::Findings })
        }
        Err(BatchError::Io { error, .. }) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(Ending::Clean),
        Err(error) => Err(CallError(error.text(lang))),
    }
}

fn all(call: &DecideCall, plan: &Plan, format: DecisionFormat, lang: Lang) -> Result<Summary, BatchError> {
    let mut naming = Naming::default();
    naming.allow_floats = call.allow_floats;
    naming.ignored = call.ignore.iter().cloned().collect();
    naming.key = call.key.clone();
    naming.carried = call.carry.clone();
    naming.columns = call.map.as_deref().map(map).transpose().map_err(wrong)?.unwrap_or_default();
    let source = layak_batch::open(plan, &call.facts, &call.table, &naming)?;
    let carried = Carried::of(&source, &call.carry)?;
    let progress = Progress::new(source.size(), source.progress());
    let mut options = RunOptions::default();
    options.threads = call.threads.unwrap_or(options.threads);
    options.unique = call.rejects.is_some();
    options.max_errors = call.max_errors;
    renewing(call, plan, format, lang, &mut options)?;
    let record = call.record.then(|| Keeping::of(call));
    let columns = || Columns::new(plan, lang, call, &carried);
    let text = || Text::new(plan, format, lang, record.as_ref(), &carried, call.digest);
    let folder = call.out.as_deref().filter(|path| is_folder(path));
    let Some(folder) = folder else {
        let rejects = Rejects::open(call.rejects.as_deref(), &call.facts, lang).map_err(wrong)?;
        let run = Run { plan, options: &options, call, progress, rejects };
        return match format {
            DecisionFormat::Parquet => run.whole(source, columns, &Form::parquet(columns().schema()?)),
            DecisionFormat::Arrow => run.whole(source, columns, &Form::arrow(columns().schema()?)),
            _ => run.whole(source, text, &Form::text(format, head(call))),
        };
    };
    let run = Run { plan, options: &options, call, progress, rejects: Rejects::by_part(&call.facts, lang) };
    let end = match format {
        DecisionFormat::Parquet => "parquet",
        DecisionFormat::Arrow => "arrow",
        DecisionFormat::Csv => "csv",
        _ => "jsonl",
    };
    let about = (end, store::about(call, plan, end, if lang == Lang::Id { "id" } else { "en" }));
    match format {
        DecisionFormat::Parquet => run.in_parts(folder, about, source, columns, &Form::parquet(columns().schema()?)),
        DecisionFormat::Arrow => run.in_parts(folder, about, source, columns, &Form::arrow(columns().schema()?)),
        _ => run.in_parts(folder, about, source, text, &Form::text(format, head(call))),
    }
}

/// What a run keeps for later ones, and what it takes over from an earlier one.
fn renewing(
    call: &DecideCall,
    plan: &Plan,
    format: DecisionFormat,
    lang: Lang,
    options: &mut RunOptions,
) -> Result<(), BatchError> {
    if !call.digest && call.previous.is_none() {
        return Ok(());
    }
    let digests = Arc::new(Digests::of(plan, lang));
    if let Some(path) = &call.previous {
        let written = match format {
            DecisionFormat::Csv => Written::Csv(CSV_HEAD.len()),
            DecisionFormat::Parquet | DecisionFormat::Arrow => {
                Written::Columns(Columns::decisions(plan, lang, call.long))
            }
            DecisionFormat::Json | DecisionFormat::Jsonl | DecisionFormat::Table => Written::Json,
        };
        let previous = Previous::open(path, plan, &digests, &written)?;
        if previous.is_without_digests() {
            let name = path.display();
            output::tell(&match lang {
                Lang::Id => format!(
                    "{name}: tidak ada keputusan dengan sidik; semua keluarga diputuskan. Putuskan dengan --digest agar kelak dapat diambil alih\n"
                ),
                _ => format!(
                    "{name}: no decision has a digest; every household is decided. Decide with --digest for a later call to take over\n"
                ),
            });
        }
        options.previous = Some(Arc::new(previous));
    }
    options.digests = Some(digests);
    Ok(())
}

/// The columns behind a CSV's own.
fn head(call: &DecideCall) -> Vec<String> {
    call.digest.then(|| "digest".to_owned()).into_iter().chain(call.carry.iter().cloned()).collect()
}

/// Whether a path is one of a folder: it ends as one, or is one.
fn is_folder(path: &Path) -> bool {
    path.to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]) || path.is_dir()
}

/// The columns of facts, from a JSON object: `{"members.birth_date": "tgl_lahir"}`.
fn map(path: &Path) -> Result<BTreeMap<String, String>, CallError> {
    let told = |error: &dyn std::fmt::Display| CallError(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| told(&error))?;
    serde_json::from_str(&text).map_err(|error| told(&error))
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
