//! `layak fmt`

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use layak::{Findings, Lang, Limits, LoadError, Ruleset, Sources};

use crate::args::{FindingFormat, FmtCall};
use crate::output::Output;
use crate::{CallError, Done, Ending, findings, output};

pub(crate) fn run(call: &FmtCall, lang: Lang) -> Done {
    if call.rules.as_os_str() == "-" {
        return standard_input(call, lang);
    }
    let mut clean = true;
    let files = files(&call.rules)?;
    let whole = call.language.filter(|_| call.rules.is_dir()).and_then(|_| Ruleset::from_path(&call.rules).ok());
    for path in &files {
        let path = path.as_path();
        let name = path.display().to_string();
        let before = String::from_utf8(fs::read(path).map_err(|e| CallError(format!("{name}: {e}")))?)
            .map_err(|e| CallError(format!("{name}: byte {} is not UTF-8", e.utf8_error().valid_up_to() + 1)))?;
        let after = match call.language {
            None => layak::format(&name, &before, Limits::default()),
            Some(to) => translated(path, whole.as_ref(), to)?,
        };
        match after {
            Err(found) => {
                findings::tell(&found, FindingFormat::Text, lang);
                clean = false;
            }
            Ok(after) if after == before => {}
            Ok(after) => {
                if call.check {
                    clean = false;
                } else {
                    replace(path, &after).map_err(|CallError(e)| CallError(format!("{name}: {e}")))?;
                }
                output::say(&format!("{name}\n"))?;
            }
        }
    }
    Ok(if clean { Ending::Clean } else { Ending::Findings })
}

fn standard_input(call: &FmtCall, lang: Lang) -> Done {
    let mut before = String::new();
    std::io::stdin().read_to_string(&mut before)?;
    let after = match call.language {
        None => layak::format(STDIN, &before, Limits::default()),
        Some(to) => {
            let mut sources = Sources::new();
            sources.add(STDIN, before.as_str());
            Ruleset::from_sources(&sources, Limits::default())
                .and_then(|rules| Ok(rules.translated(STDIN, to)?.unwrap_or_default()))
        }
    };
    match after {
        Err(found) => {
            findings::tell(&found, FindingFormat::Text, lang);
            Ok(Ending::Findings)
        }
        Ok(after) if call.check => Ok(if after == before { Ending::Clean } else { Ending::Findings }),
        Ok(after) => {
            output::say(&after)?;
            Ok(Ending::Clean)
        }
    }
}

/// What rules from standard input are called.
const STDIN: &str = "stdin.layak";

/// A file in another language of keywords. What a word means may hang on names of other files: it is read among all rules that
/// were named, else with all that it uses, else with all of its folder, else with one of its folder that uses it.
fn translated(path: &Path, whole: Option<&Ruleset>, to: Lang) -> Result<Result<String, Findings>, CallError> {
    let within = |rules: &Ruleset| {
        let name = rules.sources().iter().map(|(_, s)| s.path()).find(|p| Path::new(p) == path).map(str::to_owned);
        name.and_then(|name| rules.translated(&name, to).transpose())
    };
    if let Some(found) = whole.and_then(within) {
        return Ok(found);
    }
    let told = match Ruleset::from_path(path) {
        Ok(rules) => match within(&rules) {
            Some(found) => return Ok(found),
            None => return Err(CallError(format!("{}: not among the rules that it names", path.display()))),
        },
        Err(LoadError::Findings(found)) => found,
        Err(error) => return Err(CallError(error.to_string())),
    };
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let users = files(folder)?;
    for rules in std::iter::once(folder).chain(users.iter().map(PathBuf::as_path)).filter(|f| *f != path) {
        if let Some(found) = Ruleset::from_path(rules).ok().as_ref().and_then(within) {
            return Ok(found);
        }
    }
    Ok(Err(told))
}

/// Puts a text in the place of a file, whole or not at all. A link stays one, and so do the file's permissions.
fn replace(path: &Path, text: &str) -> Result<(), CallError> {
    let path = path.canonicalize()?;
    let permissions = fs::metadata(&path)?.permissions();
    let mut out = Output::open(Some(&path))?;
    out.write_all(text.as_bytes())?;
    out.finish()?;
    fs::set_permissions(&path, permissions)?;
    Ok(())
}

/// The file itself, or every rule file below a folder, in the order of their paths.
fn files(path: &Path) -> Result<Vec<PathBuf>, CallError> {
    let told = |path: &Path, e: std::io::Error| CallError(format!("{}: {e}", path.display()));
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut out = Vec::new();
    let mut open = vec![path.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(|e| told(&folder, e))? {
            let entry = entry.map_err(|e| told(&folder, e))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = entry.file_type().map_err(|e| told(&entry.path(), e))?;
            if name.starts_with('.') {
                continue;
            }
            // A link to a folder could lead round in circles, or out.
            if kind.is_dir() {
                open.push(entry.path());
            } else if (name.ends_with(".layak") || name.ends_with(".layak.md")) && entry.path().is_file() {
                out.push(entry.path());
            }
        }
    }
    if out.is_empty() {
        return Err(CallError(format!("{}: no rule file (`*.layak`, `*.layak.md`) here", path.display())));
    }
    out.sort();
    Ok(out)
}
