//! Sheets of worked cases: read, written empty, and written back with results.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use layak::{Lang, Package, PropertyOptions, Ruleset};
use layak_testing::coverage;
use layak_testing::sheets::{Results, Sheet, SheetErrors};

use super::cases::{is_sheet, meant};
use super::parent;
use crate::args::TestCall;
use crate::{CallError, Done, Ending, output};

/// A sheet is no larger than this.
const LARGEST: u64 = 64 << 20;

/// What is in a file; none where it is no sheet, which has been told.
pub(super) fn read(file: &Path, lang: Lang) -> Result<Option<Sheet>, CallError> {
    let failed = |e: std::io::Error| CallError(format!("{}: {e}", file.display()));
    if std::fs::metadata(file).map_err(failed)?.len() > LARGEST {
        return Err(CallError(match lang {
            Lang::Id => format!("{}: lebih dari {} MiB", file.display(), LARGEST >> 20),
            _ => format!("{}: more than {} MiB", file.display(), LARGEST >> 20),
        }));
    }
    let bytes = std::fs::read(file).map_err(failed)?;
    let sheet = if is_excel(file) { Sheet::from_xlsx(&bytes) } else { Sheet::from_csv(&bytes) };
    match sheet {
        Ok(sheet) => Ok(Some(sheet)),
        Err(errors) => {
            tell(file, &errors, lang);
            Ok(None)
        }
    }
}

fn is_excel(file: &Path) -> bool {
    file.extension().is_some_and(|e| e.eq_ignore_ascii_case("xlsx"))
}

/// What is wrong with a sheet, each with its cell.
pub(super) fn tell(file: &Path, errors: &SheetErrors, lang: Lang) {
    for error in errors.iter() {
        let after = if error.at().is_empty() { "" } else { ":" };
        output::tell(&format!("{}{after}{}: {}\n", file.display(), error.at(), error.text(lang)));
    }
}

/// The one ruleset that a sheet is for.
fn one<'r>(call: &TestCall, rules: &'r Package, lang: Lang) -> Result<&'r Ruleset, CallError> {
    let folder = if call.rules.is_dir() { call.rules.as_path() } else { parent(&call.rules) };
    meant(rules, folder).ok_or_else(|| {
        CallError(match lang {
            Lang::Id => "ada beberapa himpunan aturan: sebut berkas aturan yang dimaksud".to_owned(),
            _ => "there are several rulesets: name the file of the one that is meant".to_owned(),
        })
    })
}

/// Writes an empty sheet for the rules.
pub(super) fn template(call: &TestCall, rules: &Package, file: &Path, lang: Lang) -> Done {
    sheet_file(file, lang)?;
    let rules = one(call, rules, lang)?;
    let sheet = Sheet::template(rules, usize::from(call.elements));
    write(file, &bytes(file, &sheet, rules, lang)?)?;
    Ok(Ending::Clean)
}

fn bytes(file: &Path, sheet: &Sheet, rules: &Ruleset, lang: Lang) -> Result<Vec<u8>, CallError> {
    Ok(match is_excel(file) {
        true => sheet.to_xlsx(rules, lang).map_err(|e| written(file, &e, lang))?,
        false => sheet.to_csv(),
    })
}

/// A sheet with cases, with columns for as many elements as they have; at least for so many.
fn filled(rules: &Ruleset, cases: &[String], elements: usize) -> Result<Sheet, SheetErrors> {
    let with = |elements| {
        let mut sheet = Sheet::template(rules, elements);
        cases.iter().try_for_each(|case| sheet.add_case(case, rules)).map(|()| sheet)
    };
    let mut made = with(elements);
    for more in elements + 1..=elements + MOST_MORE {
        if made.is_ok() {
            break;
        }
        made = with(more);
    }
    made
}

/// Columns for so many elements more than asked for, where cases have them.
const MOST_MORE: usize = 64;

/// Makes up cases that show the rules, and says what they show.
pub(super) fn generate(call: &TestCall, rules: &Package, most: usize, lang: Lang) -> Done {
    let rules = one(call, rules, lang)?;
    let count = usize::try_from(call.count).unwrap_or(usize::MAX);
    let options = PropertyOptions::new().seed(call.seed).count(count);
    let begun = Instant::now();
    let time = call.budget.map(Duration::from_secs);
    let made = rules.generate_cases(&options, most, &mut || time.is_none_or(|time| begun.elapsed() < time));
    match &call.out {
        Some(file) if is_sheet(file) => {
            let sheet = filled(rules, made.cases(), usize::from(call.elements)).map_err(|e| written(file, &e, lang))?;
            write(file, &bytes(file, &sheet, rules, lang)?)?;
        }
        out => {
            let mut out = output::Output::open(out.as_deref())?;
            for case in made.cases() {
                writeln!(out, "{case}")?;
            }
            out.finish()?;
        }
    }
    let (cases, tried) = (made.cases().len(), made.tried());
    output::tell(&match lang {
        Lang::Id => format!("{cases} kasus dari {tried} keluarga yang dicoba, belum dikonfirmasi siapa pun\n"),
        _ => format!("{cases} cases of {tried} households tried, which nobody has confirmed\n"),
    });
    output::tell(&coverage::text(made.coverage(), lang));
    Ok(Ending::Clean)
}

/// Writes the copy of a sheet with how its cases came out.
pub(super) fn results(file: &Path, sheet: &Sheet, results: &Results, lang: Lang) -> Result<(), CallError> {
    sheet_file(file, lang)?;
    let bytes = match is_excel(file) {
        true => results.to_xlsx(sheet, lang).map_err(|e| written(file, &e, lang))?,
        false => results.to_csv(sheet, lang),
    };
    write(file, &bytes)
}

fn sheet_file(file: &Path, lang: Lang) -> Result<(), CallError> {
    if is_sheet(file) {
        return Ok(());
    }
    Err(CallError(match lang {
        Lang::Id => format!("{}: berkas lembar kasus berakhiran `.xlsx` atau `.csv`", file.display()),
        _ => format!("{}: a sheet of cases ends in `.xlsx` or `.csv`", file.display()),
    }))
}

fn written(file: &Path, errors: &SheetErrors, lang: Lang) -> CallError {
    let all: Vec<&str> = errors.iter().map(|e| e.text(lang)).collect();
    CallError(format!("{}: {}", file.display(), all.join("; ")))
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), CallError> {
    let mut out = output::Output::open(Some(file))?;
    out.write_all(bytes)?;
    out.finish()
}
