//! Rules of a folder: one ruleset, or several, each with a root of its own.
//!
//! A folder is one ruleset. Only where no one entity can be the root of all is it divided: what a module that no other uses
//! comes to, with all that it uses and all acts over these, is a ruleset of its own; those of one root are one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Ruleset, Sources, dotted, imports_of, is_rule_file, laid_over, tables_of};
use crate::analysis::hangs_on_all;
use crate::diagnostic::{Code, Finding, Findings, phrase};
use crate::diff::{Diff, merged};
use crate::limits::Limits;
use crate::program::{self, Input};
use crate::source::{Source, SourceMap, Span};
use crate::syntax::{self, DeclarationKind, Tree};

/// The rulesets of a folder: one, or several that share modules and have each a root of its own.
///
/// ```
/// use layak::{Limits, Package, Sources};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut sources = Sources::new();
/// sources.add("aid/age.layak", "module aid.age entity Person { born date } define is_old = born < 1960-01-01");
/// sources.add("aid/rent.layak", "module aid.rent entity Home { rooms integer } define is_large = rooms > 4");
/// let package = Package::from_sources(&sources, Limits::default())?;
/// assert_eq!(package.rulesets().len(), 2);
/// assert!(package.analyse().is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Package {
    rulesets: Vec<Ruleset>,
}

impl Package {
    /// Compiles rule files that are held in memory: as one ruleset where one entity is the root of all, else as a ruleset for
    /// each root. The cost is about that of compiling each ruleset.
    ///
    /// # Errors
    /// Every finding on any of the rulesets, once, when one of them is an error.
    pub fn from_sources(sources: &Sources, limits: Limits) -> Result<Package, Findings> {
        let files: Vec<(&str, &str)> = sources.files.iter().map(|(path, text)| (&**path, &**text)).collect();
        Package::compile(&files, sources.main.as_deref(), limits)
    }

    /// These rules with later acts over them, as `Ruleset::amended`; an act goes over each ruleset that has a module that it
    /// amends.
    ///
    /// # Errors
    /// Every finding, when one of them is an error. A file of the path of one of these rules', with another text, is one.
    pub fn amended(&self, acts: &Sources) -> Result<Package, Findings> {
        let (map, limits) = (self.sources(), self.limits());
        let main = match self.rulesets.as_slice() {
            [one] => one.main_path(),
            _ => None,
        };
        Package::compile(&laid_over(&map, acts)?, main, limits)
    }

    fn compile(files: &[(&str, &str)], main: Option<&str>, limits: Limits) -> Result<Package, Findings> {
        let whole = match Ruleset::compile_one(files, main, limits.clone()) {
            Ok(rules) => return Ok(Package { rulesets: vec![rules] }),
            Err(found) => found,
        };
        match main.is_none().then(|| divided(&whole, files, &limits)).flatten() {
            Some(parts) => Package::of_parts(&parts?, &limits),
            None => Err(whole),
        }
    }

    fn of_parts(parts: &[Vec<(&str, &str)>], limits: &Limits) -> Result<Package, Findings> {
        let (mut rulesets, mut found, mut failed) = (Vec::new(), Vec::new(), false);
        for files in parts {
            match Ruleset::compile_one(files, None, limits.clone()) {
                Ok(rules) => {
                    found.push(rules.warnings().clone());
                    rulesets.push(rules);
                }
                Err(mut findings) => {
                    // What stands nowhere in a ruleset stands in the file that it is known by.
                    let top = files.first().and_then(|(path, _)| findings.sources.named(path));
                    let at = top.map(|source| Span { source, start: 0, end: 0 });
                    findings.list.iter_mut().for_each(|finding| finding.span = finding.span.or(at));
                    found.push(findings);
                    failed = true;
                }
            }
        }
        if failed { Err(Findings::merged(&found, |_, _| true)) } else { Ok(Package { rulesets }) }
    }

    /// The rulesets, by the paths of their files. There is at least one.
    pub fn rulesets(&self) -> &[Ruleset] {
        &self.rulesets
    }

    /// The rule files and data tables of all rulesets, each once.
    pub fn sources(&self) -> SourceMap {
        let all: BTreeMap<&str, &Source> =
            self.rulesets.iter().flat_map(|r| r.sources().iter()).map(|(_, s)| (s.path(), s)).collect();
        let mut map = SourceMap::default();
        all.into_values().for_each(|source| {
            map.add(source.clone());
        });
        map
    }

    /// What was found in the rules that does not make them unusable, each finding once.
    pub fn warnings(&self) -> Findings {
        let found: Vec<Findings> = self.rulesets.iter().map(|r| r.warnings().clone()).collect();
        Findings::merged(&found, |_, _| true)
    }

    /// What `Ruleset::analyse` finds in each ruleset, once. What a shared module declares is not used only if no ruleset that has
    /// the module uses it.
    pub fn analyse(&self) -> Findings {
        let found: Vec<Findings> = self.rulesets.iter().map(Ruleset::analyse).collect();
        let mut holders: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, source) in self.rulesets.iter().flat_map(|r| r.sources().iter()) {
            *holders.entry(source.path()).or_default() += 1;
        }
        Findings::merged(&found, |finding, (path, times)| {
            !hangs_on_all(finding.code()) || holders.get(path).is_none_or(|all| *all == times)
        })
    }

    /// What changed in meaning from these rules to others, as `Ruleset::diff`: rulesets of the same root are compared, and each
    /// change is told once.
    pub fn diff(&self, new: &Package) -> Diff {
        let by_root = |package: &Package| -> BTreeMap<String, Ruleset> {
            package.rulesets.iter().map(|r| (r.root_name(), r.clone())).collect()
        };
        if let ([old], [new]) = (self.rulesets.as_slice(), new.rulesets.as_slice()) {
            return old.diff(new);
        }
        let (old, new) = (by_root(self), by_root(new));
        let roots: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let pairs: Vec<(Option<&Ruleset>, Option<&Ruleset>)> =
            roots.into_iter().map(|root| (old.get(root), new.get(root))).collect();
        merged(&pairs.iter().map(|(old, new)| (old.map(Ruleset::side), new.map(Ruleset::side))).collect::<Vec<_>>())
    }

    pub(crate) fn limits(&self) -> Limits {
        self.rulesets.first().map_or_else(Limits::default, |r| r.inner().limits.clone())
    }
}

impl Ruleset {
    /// The path of the file that was asked for, where the others are there because it uses them.
    pub(super) fn main_path(&self) -> Option<&str> {
        self.inner.main.and_then(|id| self.inner.sources.get(id)).map(Source::path)
    }

    fn root_name(&self) -> String {
        let program = &self.inner.program;
        let root = &program.entities[program.root].declared;
        format!("{}.{}", program.modules[root.module].name, root.name)
    }
}

/// Where rules cannot be one ruleset because they are several: what to tell instead of what follows from that.
pub(super) fn several(whole: &Findings, files: &[(&str, &str)], limits: &Limits) -> Option<Findings> {
    let parts = match divided(whole, files, limits)? {
        Ok(parts) => parts,
        Err(found) => return Some(found),
    };
    let mut found: Vec<Findings> = Package::of_parts(&parts, limits).err().into_iter().collect();
    let mut tops: Vec<&str> = parts.iter().filter_map(|files| files.first()).map(|(path, _)| *path).collect();
    tops.sort_unstable();
    let (count, more) = (tops.len(), tops.len().saturating_sub(MOST_NAMED));
    let named = tops.iter().take(MOST_NAMED).map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
    let roots = Finding::nowhere(
        Code::NO_ROOT,
        phrase!(
            "these are {0} rulesets, each with a root of its own",
            "ini {0} himpunan aturan, masing-masing dengan akarnya sendiri",
            count
        ),
    );
    let roots = roots.help(if more == 0 {
        phrase!("ask for one of them by its file: {0}", "sebut salah satunya lewat berkasnya: {0}", named)
    } else {
        phrase!(
            "ask for one of them by its file: {0} and {1} more",
            "sebut salah satunya lewat berkasnya: {0} dan {1} lagi",
            named,
            more
        )
    });
    let roots = roots.help(phrase!(
        "if they are meant to be one, hold the entities in lists of one root, or write `root` after its name",
        "jika dimaksudkan sebagai satu, muat entitas-entitasnya dalam daftar sebuah akar, atau tulis `root` (`akar`) setelah namanya"
    ));
    found.push(Findings::new(Arc::default(), vec![roots]));
    Some(Findings::merged(&found, |_, _| true))
}

/// More files than these are counted and not named.
const MOST_NAMED: usize = 12;

/// A rule file, read.
struct File<'a> {
    path: &'a str,
    tree: Tree,
    /// The other files that belong to it: those that it uses, and the acts over it.
    near: Vec<usize>,
    /// Whether another uses it, or it is an act over another.
    is_under: bool,
}

type Parts<'a> = Vec<Vec<(&'a str, &'a str)>>;

/// The rulesets that files are which together have more than one root: nothing where they are one, in error or not. The first
/// file of each is one that no other uses.
fn divided<'a>(whole: &Findings, files: &[(&'a str, &'a str)], limits: &Limits) -> Option<Result<Parts<'a>, Findings>> {
    if !whole.iter().any(|f| f.code() == Code::NO_ROOT) || files.len() > limits.sources {
        return None;
    }
    let mut map = SourceMap::default();
    let mut rules: Vec<File<'a>> = Vec::new();
    for (path, text) in files.iter().filter(|(path, text)| is_rule_file(path) && text.len() <= limits.source_bytes) {
        let id = map.add(Source::new(path, text));
        let Some(source) = map.get(id).cloned() else { continue };
        let tree = syntax::parse(id, &source, limits, &mut Vec::new());
        rules.push(File { path, tree, near: Vec::new(), is_under: false });
    }
    join(&mut rules);
    let mut closures = closures(&rules);
    // Each file of each ruleset is compiled: many rulesets over many shared modules are refused like too many files.
    let count: usize = closures.iter().map(|(_, files)| files.len()).sum();
    if count > limits.sources.saturating_mul(MOST_SHARED) {
        let message = phrase!(
            "the rulesets of this folder have {0} files together, more than {1}",
            "himpunan aturan dalam folder ini memuat {0} berkas, melebihi {1}",
            count,
            limits.sources.saturating_mul(MOST_SHARED)
        );
        return Some(Err(Findings::new(Arc::default(), vec![Finding::nowhere(Code::TOO_LARGE, message)])));
    }
    let mut by_root: BTreeMap<(u32, u32), (usize, BTreeSet<usize>)> = BTreeMap::new();
    let mut alone = Vec::new();
    for (top, files) in closures.drain(..) {
        let trees: Vec<Tree> = files.iter().filter_map(|at| rules.get(*at)).map(|f| f.tree.clone()).collect();
        let input = Input { trees: &trees, sources: &map, tables: &BTreeMap::new(), limits };
        match program::root(&input) {
            Some(Span { source, start, .. }) => {
                by_root.entry((source.0, start)).or_insert((top, BTreeSet::new())).1.extend(files);
            }
            None => alone.push((top, files)),
        }
    }
    let mut parts: Vec<(usize, BTreeSet<usize>)> = by_root.into_values().chain(alone).collect();
    if parts.len() < 2 {
        return None;
    }
    parts.sort();
    let texts: BTreeMap<&str, &str> = files.iter().copied().collect();
    let of = |(top, files): &(usize, BTreeSet<usize>)| {
        let ordered = std::iter::once(top).chain(files.iter().filter(|at| *at != top));
        let mut paths: Vec<String> = Vec::new();
        for file in ordered.filter_map(|at| rules.get(*at)) {
            paths.push(file.path.to_owned());
        }
        for file in files.iter().filter_map(|at| rules.get(*at)) {
            paths.extend(tables_of(file.path, &file.tree).into_iter().filter(|table| !is_rule_file(table)));
        }
        let mut seen = BTreeSet::new();
        let own = paths.iter().filter(|path| seen.insert(path.as_str()));
        own.filter_map(|path| texts.get_key_value(path.as_str()).map(|(path, text)| (*path, *text))).collect()
    };
    Some(Ok(parts.iter().map(of).collect()))
}

/// How many times the largest number of files all rulesets of a folder may have together.
const MOST_SHARED: usize = 2;

/// Finds which files belong to which.
fn join(rules: &mut [File<'_>]) {
    let mut modules: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, file) in rules.iter().enumerate() {
        if let Some(module) = &file.tree.module {
            modules.entry(dotted(module)).or_default().push(at);
        }
    }
    let mut links: Vec<(usize, usize, bool)> = Vec::new();
    for (at, file) in rules.iter().enumerate() {
        let amends = file.tree.declarations.iter().filter_map(|d| match &d.kind {
            DeclarationKind::Amend(decl) => Some(dotted(&decl.path)),
            _ => None,
        });
        let amends: BTreeSet<String> = amends.collect();
        for module in imports_of(&file.tree) {
            let is_act = amends.contains(&module);
            links.extend(modules.get(&module).into_iter().flatten().map(|used| (at, *used, is_act)));
        }
    }
    for (user, used, is_act) in links.into_iter().filter(|(user, used, _)| user != used) {
        if let Some(file) = rules.get_mut(user) {
            file.near.push(used);
            file.is_under |= is_act;
        }
        if let Some(file) = rules.get_mut(used) {
            if is_act {
                file.near.push(user);
            } else {
                file.is_under = true;
            }
        }
    }
}

/// Each file that stands over the others, with all that belongs to it. No file is left out.
fn closures(rules: &[File<'_>]) -> Vec<(usize, BTreeSet<usize>)> {
    let mut held: BTreeSet<usize> = BTreeSet::new();
    let mut out = Vec::new();
    let first = rules.iter().enumerate().filter(|(_, file)| !file.is_under);
    // Modules that use each other round in a circle are under one another.
    for (top, file) in first.chain(rules.iter().enumerate()) {
        if held.contains(&top) {
            continue;
        }
        let mut files = BTreeSet::from([top]);
        let mut open: Vec<usize> = file.near.clone();
        while let Some(at) = open.pop() {
            if files.insert(at) {
                open.extend(rules.get(at).into_iter().flat_map(|f| &f.near));
            }
        }
        held.extend(&files);
        out.push((top, files));
    }
    out
}

#[cfg(test)]
mod tests;
