//! `layak test`

mod cases;
mod mutate;
mod sheets;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use layak::{Coverage, Lang, Package, Phrase, PropertyOptions, PropertyResult};

use layak_testing::coverage;

use crate::args::{CoverageFormat, FindingFormat, TestCall};
use crate::{CallError, Done, Ending, findings, output};

pub(crate) fn run(call: &TestCall, lang: Lang) -> Done {
    let Some(rules) = findings::load_all(&call.rules, &call.amend, call.format, lang)? else {
        return Ok(findings::FOUND);
    };
    if call.fail_under.is_some() && call.coverage.is_none() && !call.mutate {
        return Err(CallError(match lang {
            Lang::Id => "`--fail-under` memerlukan `--coverage` atau `--mutate`".to_owned(),
            _ => "`--fail-under` needs `--coverage` or `--mutate`".to_owned(),
        }));
    }
    if let Some(file) = &call.template {
        return sheets::template(call, &rules, file, lang);
    }
    if let Some(most) = call.generate {
        return sheets::generate(call, &rules, most, lang);
    }
    if call.mutate {
        return mutate::run(call, &rules, lang);
    }
    let mut told = Told { format: call.format, lang, text: String::new(), passed: 0, failed: 0 };
    let mut coverage = call.coverage.map(|_| rules.coverage());
    let tests = match &mut coverage {
        Some(coverage) => rules.run_tests_covered(coverage),
        None => rules.run_tests(),
    };
    for result in tests {
        told.result(&result.place().to_string(), result.name(), result.failures());
    }
    let options = PropertyOptions::new().seed(call.seed).count(usize::try_from(call.count).unwrap_or(usize::MAX));
    for result in properties(call, &rules, &options) {
        told.property(&result);
    }
    let files = case_files(call, &rules);
    if call.results.is_some() && !matches!(files.as_slice(), [(file, _)] if cases::is_sheet(file)) {
        return Err(CallError(match lang {
            Lang::Id => {
                "`--results` memerlukan satu berkas kasus `.csv` atau `.xlsx`: sebut dengan `--cases`".to_owned()
            }
            _ => "`--results` needs one file of cases, `.csv` or `.xlsx`: name it with `--cases`".to_owned(),
        }));
    }
    for (file, folder) in files {
        if !cases::run(call, &rules, (&file, &folder), &mut told, coverage.as_mut())? {
            return Ok(findings::FOUND);
        }
    }
    let mut failed = told.failed;
    output::say(&told.finish(rules.rulesets().len()))?;
    if let Some(coverage) = coverage {
        failed += usize::from(!tell_coverage(call, &rules, &coverage, lang)?);
    }
    Ok(if failed == 0 { Ending::Clean } else { Ending::Findings })
}

/// The properties, tried until what each has of the time is over.
fn properties(call: &TestCall, rules: &Package, options: &PropertyOptions) -> Vec<PropertyResult> {
    let Some(seconds) = call.budget else { return rules.run_properties(options) };
    let count: usize = rules.rulesets().iter().map(|rules| rules.properties().len()).sum();
    let share = Duration::from_secs(seconds).checked_div(u32::try_from(count).unwrap_or(u32::MAX)).unwrap_or_default();
    // What one property has left over is for those after it.
    let begun = Instant::now();
    rules.run_properties_while(options, &mut |position| {
        begun.elapsed() < share.saturating_mul(u32::try_from(position + 1).unwrap_or(u32::MAX))
    })
}

/// Those asked for, else those beside the rule files; each with the folder in which its modules are looked for.
fn case_files(call: &TestCall, rules: &Package) -> Vec<(PathBuf, PathBuf)> {
    let asked = if call.rules.is_dir() { call.rules.as_path() } else { parent(&call.rules) };
    if !call.cases.is_empty() {
        return call.cases.iter().map(|file| (file.clone(), asked.to_path_buf())).collect();
    }
    let mut folders = BTreeSet::from([asked.to_path_buf()]);
    if call.rules.is_dir() {
        let sources = rules.sources();
        let within = sources.iter().map(|(_, s)| parent(Path::new(s.path()))).filter(|f| f.starts_with(asked));
        folders.extend(within.map(Path::to_path_buf));
    }
    let beside =
        |folder: PathBuf| ["cases.jsonl", "cases.csv", "cases.xlsx"].map(|name| (folder.join(name), folder.clone()));
    folders.into_iter().flat_map(beside).filter(|(file, _)| file.is_file()).collect()
}

fn parent(file: &Path) -> &Path {
    file.parent().unwrap_or(file)
}

/// Tells what has been shown of the rules; no when that is less than asked for.
fn tell_coverage(call: &TestCall, rules: &Package, shown: &Coverage, lang: Lang) -> Result<bool, CallError> {
    let text = match call.coverage {
        Some(CoverageFormat::Json) => coverage::json(shown),
        Some(CoverageFormat::Lcov) => coverage::lcov(shown),
        Some(CoverageFormat::Html) => coverage::html(shown, &rules.sources(), lang),
        Some(CoverageFormat::Text) if call.format == FindingFormat::Json && call.coverage_out.is_none() => {
            coverage::json(shown)
        }
        Some(CoverageFormat::Text) | None => coverage::text(shown, lang),
    };
    match &call.coverage_out {
        Some(file) => {
            let mut out = output::Output::open(Some(file))?;
            out.write_all(text.as_bytes())?;
            out.finish()?;
        }
        None => output::say(&text)?,
    }
    let percent = coverage::percent(shown);
    let wanted = call.fail_under.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    if percent < wanted {
        output::tell(&match lang {
            Lang::Id => format!("layak: cakupan {percent}% di bawah {wanted}%\n"),
            _ => format!("layak: coverage {percent}% is under {wanted}%\n"),
        });
    }
    Ok(percent >= wanted)
}

/// What is told, and how many passed.
struct Told {
    format: FindingFormat,
    lang: Lang,
    text: String,
    passed: usize,
    failed: usize,
}

impl Told {
    fn result(&mut self, at: &str, name: &str, failures: &[Phrase]) {
        let failures: Vec<&str> = failures.iter().map(|f| f.in_lang(self.lang)).collect();
        let passed = failures.is_empty();
        *(if passed { &mut self.passed } else { &mut self.failed }) += 1;
        match self.format {
            FindingFormat::Json => {
                let line = serde_json::json!({"name": name, "at": at, "passed": passed, "failures": failures});
                self.text.push_str(&format!("{line}\n"));
            }
            FindingFormat::Text if passed => {}
            FindingFormat::Text => {
                let word = if self.lang == Lang::Id { "gagal" } else { "failed" };
                self.text.push_str(&format!("{at}: {word} `{name}`\n"));
                failures.iter().for_each(|failure| self.text.push_str(&format!("  {failure}\n")));
            }
        }
    }

    fn property(&mut self, result: &PropertyResult) {
        let at = result.place().to_string();
        let Some(example) = result.counterexample() else {
            self.result(&at, result.name(), result.failures());
            if result.stopped() && result.failures().is_empty() && self.format == FindingFormat::Text {
                let (name, tried) = (result.name(), result.tried());
                self.text.push_str(&match self.lang {
                    Lang::Id => format!("{at}: `{name}` berlaku pada {tried} rumah tangga sampai waktu habis\n"),
                    _ => format!("{at}: `{name}` held of {tried} households until the time was over\n"),
                });
            }
            return;
        };
        let failures: Vec<&str> = result.failures().iter().map(|f| f.in_lang(self.lang)).collect();
        self.failed += 1;
        if self.format == FindingFormat::Json {
            // The facts as they are: a reader of JSON in between could lose digits.
            let households: Vec<String> = example
                .households()
                .iter()
                .map(|h| {
                    let (name, test) = (serde_json::json!(h.name()), serde_json::json!(h.test()));
                    let why = serde_json::json!(h.explanation(self.lang));
                    format!("{{\"name\":{name},\"facts\":{},\"test\":{test},\"explanation\":{why}}}", h.json())
                })
                .collect();
            let line = serde_json::json!({
                "name": result.name(), "at": at, "passed": false, "failures": failures,
                "seed": example.seed(), "number": example.number(), "as_of": example.as_of().to_string(),
            });
            let line = line.to_string();
            let open = line.strip_suffix('}').unwrap_or(&line);
            self.text.push_str(&format!("{open},\"households\":[{}]}}\n", households.join(",")));
            return;
        }
        let id = self.lang == Lang::Id;
        self.text.push_str(&format!("{at}: {} `{}`\n", if id { "gagal" } else { "failed" }, result.name()));
        failures.iter().for_each(|failure| self.text.push_str(&format!("  {failure}\n")));
        let (number, seed, day) = (example.number(), example.seed(), example.as_of());
        self.text.push_str(&if id {
            format!("  rumah tangga {number} dari benih {seed}, per {day}, disederhanakan:\n")
        } else {
            format!("  household {number} of seed {seed}, as of {day}, made smaller:\n")
        });
        for household in example.households() {
            let name = household.name().map_or_else(String::new, |name| format!("{name} = "));
            self.text.push_str(&format!("  {name}{}\n", household.json()));
            let lines = household.explanation(self.lang).lines();
            lines.filter(|line| !line.is_empty()).for_each(|line| self.text.push_str(&format!("    {line}\n")));
        }
        let tests: Vec<&str> = example.households().iter().filter_map(|h| h.test()).collect();
        if !tests.is_empty() {
            self.text.push_str(if id {
                "  sebagai uji untuk ditempel di berkas aturan:\n"
            } else {
                "  as a test to paste into a rule file:\n"
            });
        }
        tests.iter().for_each(|test| self.text.push_str(&format!("\n{test}")));
        self.text.push('\n');
    }

    fn finish(mut self, rulesets: usize) -> String {
        let (passed, failed) = (self.passed, self.failed);
        let of = match (rulesets, self.lang) {
            (0 | 1, _) => String::new(),
            (_, Lang::Id) => format!("; {rulesets} himpunan aturan"),
            _ => format!("; {rulesets} rulesets"),
        };
        match (self.format, self.lang) {
            (FindingFormat::Json, _) => {}
            (FindingFormat::Text, Lang::Id) => self.text.push_str(&format!("{passed} uji lulus, {failed} gagal{of}\n")),
            (FindingFormat::Text, _) => self.text.push_str(&format!("{passed} tests passed, {failed} failed{of}\n")),
        }
        self.text
    }
}
