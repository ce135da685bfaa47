//! `layak test --mutate`

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use layak::{Lang, Package, PropertyOptions};
use layak_testing::mutation::{MutationOptions, State, Suite, json, mutate, text};

use crate::args::{FindingFormat, TestCall};
use crate::test::{case_files, cases};
use crate::{CallError, Done, Ending, findings, output};

pub(super) fn run(call: &TestCall, rules: &Package, lang: Lang) -> Done {
    let count = usize::try_from(call.count).unwrap_or(usize::MAX);
    let mut suite = Suite::new(rules, PropertyOptions::new().seed(call.seed).count(count));
    // What of the tests is not in the rule files.
    let mut beside = format!("{} {}", call.seed, call.count).into_bytes();
    for (file, folder) in case_files(call, rules) {
        let Some(all) = cases::read(call, rules, (&file, &folder), lang)? else { return Ok(findings::FOUND) };
        for (rules, cases) in all.cases {
            let cases: Vec<Vec<u8>> = cases.into_iter().map(|case| case.json.to_vec()).collect();
            cases.iter().for_each(|case| beside.extend(case));
            suite.add_cases(&rules, cases);
        }
    }
    let state = match &call.resume {
        Some(file) => resumed(file, &State::heading(rules, &beside), lang)?,
        None => State::default(),
    };
    let mut options = MutationOptions::new().seed(call.seed);
    if let Some(most) = call.mutants {
        options = options.most(most);
    }
    if let Some(seconds) = call.budget {
        options = options.budget(Duration::from_secs(seconds));
    }
    let report = mutate(&suite, &options, &state);
    output::say(&match call.format {
        FindingFormat::Json => json(&report),
        FindingFormat::Text => text(&report, lang),
    })?;
    let percent = report.percent();
    let wanted = call.fail_under.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    if percent < wanted {
        output::tell(&match lang {
            Lang::Id => format!("layak: {percent}% mutan ditemukan, di bawah {wanted}%\n"),
            _ => format!("layak: {percent}% of the mutants noticed, under {wanted}%\n"),
        });
    }
    // Tests that fail on the rules themselves are for `layak test` to tell.
    Ok(if percent < wanted || report.failing() > 0 { Ending::Findings } else { Ending::Clean })
}

/// What the file says of these rules and tests; what is found is added to it line by line.
fn resumed(file: &Path, heading: &str, lang: Lang) -> Result<State, CallError> {
    let failed = |e: std::io::Error| CallError(format!("{}: {e}", file.display()));
    let kept = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(failed(e)),
    };
    // A file that is something else is not written over.
    if !kept.is_empty() && !kept.starts_with("{\"mutation\":") {
        return Err(CallError(match lang {
            Lang::Id => format!("{}: bukan berkas `--resume`", file.display()),
            _ => format!("{}: no file of `--resume`", file.display()),
        }));
    }
    let goes_on = kept.lines().next() == Some(heading);
    let mut out =
        OpenOptions::new().create(true).append(goes_on).write(true).truncate(!goes_on).open(file).map_err(failed)?;
    if !goes_on {
        writeln!(out, "{heading}").map_err(failed)?;
    } else if !kept.ends_with('\n') {
        // The last run was cut off within a line.
        writeln!(out).map_err(failed)?;
    }
    Ok(State::read(&kept, heading).on_added(move |line| {
        // What cannot be kept is found again by the next run.
        let _ = writeln!(out, "{line}");
    }))
}
