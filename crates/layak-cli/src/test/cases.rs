//! Worked cases of a file: which rules each is for, and how it comes out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use layak::{Coverage, Lang, Package, Ruleset};
use layak_testing::sheets::{Results, Sheet, SheetCase};

use super::{Told, parent, sheets};
use crate::args::TestCall;
use crate::{CallError, findings, input};

/// What of a case says which rules it is for. A case that cannot be read is for any: running it tells what is wrong.
#[derive(serde::Deserialize, Default)]
struct Meant {
    module: Option<String>,
}

/// Where a case stands and its JSON; of one from a sheet, its row too.
pub(super) struct Case {
    pub line: usize,
    pub json: Vec<u8>,
    row: Option<SheetCase>,
}

/// Cases with the rules that they are for.
type CasesOf = (Ruleset, Vec<Case>);

/// The cases of a file, and the sheet that they stand in.
pub(super) struct CaseFile {
    pub cases: Vec<CasesOf>,
    sheet: Option<Sheet>,
}

/// Whether a file is a table of cases.
pub(super) fn is_sheet(file: &Path) -> bool {
    file.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv") || e.eq_ignore_ascii_case("xlsx"))
}

/// The cases of a file with the rules that they are for; none when rules that a case names, or cells of a sheet, have findings,
/// which have been told.
pub(super) fn read(
    call: &TestCall,
    rules: &Package,
    (file, folder): (&Path, &Path),
    lang: Lang,
) -> Result<Option<CaseFile>, CallError> {
    let mut modules: BTreeMap<String, Ruleset> = BTreeMap::new();
    let mut groups: BTreeMap<Option<String>, Vec<Case>> = BTreeMap::new();
    let own = call.rules.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let sheet = match is_sheet(file) {
        true => match sheets::read(file, lang)? {
            Some(sheet) => Some(sheet),
            None => return Ok(None),
        },
        false => None,
    };
    let all: Vec<(Case, Option<String>)> = match &sheet {
        Some(sheet) => {
            let rows = sheet.modules().into_iter();
            rows.map(|(line, module)| (Case { line, json: Vec::new(), row: None }, module)).collect()
        }
        None => {
            let mut all = Vec::new();
            for case in input::open(file)? {
                let input::Household { line, json } = case?;
                let module = serde_json::from_slice::<Meant>(&json).unwrap_or_default().module;
                all.push((Case { line, json, row: None }, module));
            }
            all
        }
    };
    for (case, mut module) in all {
        if let Some(name) = &module {
            if !call.rules.is_dir() {
                // The other modules' cases are for `layak test` of those modules.
                if *name != own {
                    continue;
                }
                module = None;
            } else if !modules.contains_key(name) {
                let path = folder.join(format!("{name}.layak"));
                if name.contains(['/', '\\']) || !path.is_file() {
                    let at = format!("{}:{}", file.display(), case.line);
                    return Err(CallError(match lang {
                        Lang::Id => format!("{at}: tidak ada modul `{name}` di sampingnya"),
                        _ => format!("{at}: no module `{name}` beside it"),
                    }));
                }
                let Some(loaded) = findings::load(&path, &call.amend, call.format, lang)? else {
                    return Ok(None);
                };
                modules.insert(name.clone(), loaded);
            }
        }
        groups.entry(module).or_default().push(case);
    }
    let mut out = Vec::new();
    for (module, mut cases) in groups {
        let rules = match module {
            Some(name) => modules.get(&name),
            None => meant(rules, folder),
        };
        let Some(rules) = rules else {
            let at = format!("{}:{}", file.display(), cases.iter().map(|case| case.line).min().unwrap_or(0));
            return Err(CallError(match lang {
                Lang::Id => {
                    format!(
                        "{at}: beberapa himpunan aturan ada di sampingnya: sebut dengan `module` untuk yang mana kasus ini"
                    )
                }
                _ => format!("{at}: several rulesets stand beside it: say by `module` which one a case is for"),
            }));
        };
        if let Some(sheet) = &sheet {
            let rows: BTreeSet<usize> = cases.iter().map(|case| case.line).collect();
            match sheet.cases_of(rules, |row| rows.contains(&row)) {
                Ok(read) => {
                    let case = |row: SheetCase| {
                        let json = row.json().as_bytes().to_vec();
                        Case { line: row.row(), json, row: Some(row) }
                    };
                    cases = read.into_iter().map(case).collect();
                }
                Err(errors) => {
                    sheets::tell(file, &errors, lang);
                    return Ok(None);
                }
            }
        }
        out.push((rules.clone(), cases));
    }
    Ok(Some(CaseFile { cases: out, sheet }))
}

/// Runs the cases of a file; no when rules that a case names, or cells, have findings.
pub(super) fn run(
    call: &TestCall,
    rules: &Package,
    (file, folder): (&Path, &Path),
    told: &mut Told,
    mut coverage: Option<&mut Coverage>,
) -> Result<bool, CallError> {
    let Some(all) = read(call, rules, (file, folder), told.lang)? else { return Ok(false) };
    let mut results = Results::new();
    for (rules, cases) in all.cases {
        let mut runner = if coverage.is_some() { rules.cases_covered() } else { rules.cases() };
        for case in cases {
            let result = runner.run(&case.json);
            told.result(&format!("{}:{}", file.display(), case.line), result.id(), result.failures());
            if let Some(row) = &case.row {
                results.add(row, &result);
            }
        }
        if let (Some(coverage), Some(shown)) = (&mut coverage, runner.coverage()) {
            coverage.merge(shown.clone());
        }
    }
    if let (Some(out), Some(sheet)) = (&call.results, &all.sheet) {
        sheets::results(out, sheet, &results, told.lang)?;
    }
    Ok(true)
}

/// The one ruleset, or the only one with a file in a folder.
pub(super) fn meant<'r>(rules: &'r Package, folder: &Path) -> Option<&'r Ruleset> {
    let has = |rules: &&Ruleset| rules.sources().iter().any(|(_, s)| parent(Path::new(s.path())) == folder);
    let mut within = rules.rulesets().iter().filter(has);
    match (rules.rulesets(), within.next(), within.next()) {
        ([one], _, _) => Some(one),
        (_, Some(one), None) => Some(one),
        _ => None,
    }
}
