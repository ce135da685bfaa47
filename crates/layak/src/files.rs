//! Rules from files: the one room of this crate that reads them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::diagnostic::Findings;
use crate::limits::Limits;
use crate::ruleset::{Package, Ruleset, Sources, is_rule_file, wants};

/// Rules could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A file or folder could not be read.
    #[error("{path}: {error}")]
    Io {
        /// The file or folder.
        path: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// There is no rule file in the folder.
    #[error("{path}: no rule file (`*.layak`, `*.layak.md`) here")]
    Empty {
        /// The folder.
        path: String,
    },
    /// The rules have errors.
    #[error("{0}")]
    Findings(#[from] Findings),
}

impl Ruleset {
    /// Compiles a rule file with all that it uses, or every rule file below a folder as one ruleset.
    ///
    /// A module `a.b` that a file uses stands in `a/b.layak`, seen from the folder that the file's own module name implies:
    /// `rules/us/aid.layak` is `module us.aid`, so its root is `rules`.
    ///
    /// # Errors
    /// A file that cannot be read; every finding, when one of them is an error.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Ruleset, LoadError> {
        Ruleset::from_path_with(path, Limits::default())
    }

    /// As `from_path`, with limits.
    ///
    /// # Errors
    /// A file that cannot be read; every finding, when one of them is an error.
    pub fn from_path_with(path: impl AsRef<Path>, limits: Limits) -> Result<Ruleset, LoadError> {
        Ok(Ruleset::from_sources(&asked_for(path.as_ref(), &limits)?, limits)?)
    }

    /// As `amended`, with acts from files: rule files with all that they use, or folders of rule files. Their order says
    /// nothing. A module of these rules is not looked for anew.
    ///
    /// # Errors
    /// A file that cannot be read; every finding, when one of them is an error.
    pub fn amended_by<P: AsRef<Path>>(&self, acts: impl IntoIterator<Item = P>) -> Result<Ruleset, LoadError> {
        let acts: Vec<PathBuf> = acts.into_iter().map(|path| path.as_ref().to_path_buf()).collect();
        let acts: Vec<&Path> = acts.iter().map(PathBuf::as_path).collect();
        let sources = load(&acts, self.modules().map(str::to_owned).collect(), &self.inner().limits)?;
        Ok(self.amended(&sources)?)
    }

    /// Compiles every rule file below a folder as one ruleset.
    ///
    /// # Errors
    /// A file that cannot be read; every finding, when one of them is an error.
    pub fn from_dir(path: impl AsRef<Path>) -> Result<Ruleset, LoadError> {
        Ruleset::from_path(path)
    }
}

impl Package {
    /// Compiles a rule file with all that it uses, or the rule files below a folder: as one ruleset, or where these have more
    /// than one root as a ruleset for each.
    ///
    /// # Errors
    /// A file that cannot be read; every finding, when one of them is an error.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Package, LoadError> {
        let limits = Limits::default();
        Ok(Package::from_sources(&asked_for(path.as_ref(), &limits)?, limits)?)
    }

    /// As `amended`, with acts from files: rule files with all that they use, or folders of rule files.
    ///
    /// # Errors
    /// A file that cannot be read; every finding, when one of them is an error.
    pub fn amended_by<P: AsRef<Path>>(&self, acts: impl IntoIterator<Item = P>) -> Result<Package, LoadError> {
        let acts: Vec<PathBuf> = acts.into_iter().map(|path| path.as_ref().to_path_buf()).collect();
        let acts: Vec<&Path> = acts.iter().map(PathBuf::as_path).collect();
        let modules = self.rulesets().iter().flat_map(Ruleset::modules).map(str::to_owned).collect();
        Ok(self.amended(&load(&acts, modules, &self.limits())?)?)
    }
}

/// The files that a path asks for.
fn asked_for(path: &Path, limits: &Limits) -> Result<Sources, LoadError> {
    let mut sources = load(&[path], BTreeSet::new(), limits)?;
    if !path.is_dir() {
        sources.set_main(display(path));
    }
    Ok(sources)
}

/// The files at some paths and all that these use, but for the modules that are there already.
fn load(paths: &[&Path], mut modules: BTreeSet<String>, limits: &Limits) -> Result<Sources, LoadError> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let count = files.len();
            rule_files(path, &mut files)?;
            if files.len() == count {
                return Err(LoadError::Empty { path: path.display().to_string() });
            }
        } else {
            files.push(path.to_path_buf());
        }
    }
    files.sort();
    let mut sources = Sources::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut imports: Vec<(PathBuf, String)> = Vec::new();
    loop {
        while let Some(file) = files.pop() {
            let name = display(&file);
            if !seen.insert(name.clone()) {
                continue;
            }
            let text = read(&file, limits)?;
            let wanted = wants(&name, &text, limits);
            sources.add(name.clone(), text);
            for table in wanted.tables {
                // A table that is not there is a finding of the rule file, told with its place.
                if within(&file, Path::new(&table))
                    && let Ok(text) = read(Path::new(&table), limits)
                {
                    sources.add(table, text);
                }
            }
            let root = root_of(&file, wanted.module.as_deref());
            modules.extend(wanted.module);
            imports.extend(wanted.imports.into_iter().map(|i| (root.clone(), i)));
        }
        for (root, module) in std::mem::take(&mut imports) {
            if modules.contains(&module) {
                continue;
            }
            let below = root.join(module.replace('.', "/"));
            let found = [".layak", ".layak.md"]
                .into_iter()
                .map(|end| PathBuf::from(format!("{}{end}", below.display())))
                .find(|p| p.is_file());
            files.extend(found);
        }
        if files.is_empty() {
            break;
        }
    }
    Ok(sources)
}

/// A path as findings show it, with `/` between its parts on every system.
fn display(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> LoadError + '_ {
    |error| LoadError::Io { path: path.display().to_string(), error }
}

#[expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "this is the room that reads files")]
fn read(path: &Path, limits: &Limits) -> Result<String, LoadError> {
    use std::io::Read as _;
    let file = std::fs::File::open(path).map_err(io(path))?;
    // One byte more than allowed is enough to tell that there are too many.
    let most = u64::try_from(limits.source_bytes).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).map_err(io(path))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let error = std::io::Error::new(std::io::ErrorKind::InvalidData, format!("byte {} is not UTF-8", at + 1));
        LoadError::Io { path: path.display().to_string(), error }
    })
}

#[expect(clippy::disallowed_methods, reason = "this is the room that reads files")]
fn rule_files(folder: &Path, out: &mut Vec<PathBuf>) -> Result<(), LoadError> {
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).map_err(io(&folder))? {
            let entry = entry.map_err(io(&folder))?;
            let path = entry.path();
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            let kind = entry.file_type().map_err(io(&path))?;
            if hidden {
                continue;
            }
            // A link to a folder could lead round in circles, or out.
            if kind.is_dir() {
                open.push(path);
            } else if is_rule_file(&display(&path)) && path.is_file() {
                out.push(path);
            }
        }
    }
    Ok(())
}

/// The folder that module names are seen from.
fn root_of(file: &Path, module: Option<&str>) -> PathBuf {
    let mut root = file.parent().map(Path::to_path_buf).unwrap_or_default();
    let parts: Vec<&str> = module.map(|m| m.split('.').collect()).unwrap_or_default();
    for part in parts.iter().rev().skip(1) {
        if root.file_name().is_some_and(|n| n.to_string_lossy() == *part) {
            root.pop();
        }
    }
    root
}

/// Whether a table lies in the folder of its rule file, links followed.
fn within(file: &Path, table: &Path) -> bool {
    let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (folder.canonicalize(), table.canonicalize()) {
        (Ok(folder), Ok(table)) => table.starts_with(folder),
        _ => false,
    }
}
