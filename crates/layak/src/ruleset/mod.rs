//! The face: rules are compiled once, specialised to a date, and decide households from then on.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

mod digest;
mod explanation;
mod names;
mod package;
mod plan;

pub use explanation::{Explanation, Reader};
pub use names::UnknownName;
pub use package::Package;
pub use plan::{Facts, Plan, PlanOptions};

use names::Named;

use crate::analysis::analyse;
use crate::arena::Id;
use crate::diagnostic::{Code, Finding, Findings, Phrase, phrase};
use crate::diff::{Diff, Side, diff};
use crate::facts::{Binder, Data};
use crate::graph::{Day, Graph, Origins, Request, from_program, traced};
use crate::limits::Limits;
use crate::program::{self, DefinitionId, Input, Program, ProgrammeId, csv_path};
use crate::report::{ExceptionsFormat, GraphFormat, draw, exceptions, schema};
use crate::source::{Source, SourceId, SourceMap, Span};
use crate::syntax::{self, AmendmentKind, DeclarationKind, Lang, ParameterValues, Tree};
use crate::value::Date;

/// Rules that have been read and checked: immutable, cheap to clone, shared between threads freely.
///
/// ```
/// use layak::{Outcome, Ruleset};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let rules = Ruleset::from_text(r#"
///   module aid
///   entity Household { desil integer 1..10 }
///   parameter limit: integer from 2025-01-01: 4
///   criterion poor when desil <= limit
///   programme food requires poor
/// "#)?;
/// let plan = rules.as_of("2026-01-15".parse()?);
/// let facts = plan.facts_from_json(br#"{"desil": 3}"#)?;
/// let decision = plan.decide(&facts);
/// assert_eq!(decision.programme("food").and_then(|p| p.outcome()), Some(Outcome::Eligible));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Ruleset {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub program: Program,
    pub binder: Binder,
    pub sources: Arc<SourceMap>,
    pub warnings: Findings,
    pub fingerprint: Arc<str>,
    pub limits: Limits,
    /// The rule file that was asked for, where the others are there because it uses them.
    pub main: Option<SourceId>,
}

impl fmt::Debug for Ruleset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ruleset").field("fingerprint", &self.inner.fingerprint).finish_non_exhaustive()
    }
}

/// Rule files and data tables held in memory, by path.
///
/// A path ending in `.layak` or `.layak.md` is a rule file, any other a data table, which rule files name as seen from their
/// own folder.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: BTreeMap<String, String>,
    /// The one file that was asked for, where the others are there because it uses them.
    main: Option<String>,
}

impl Sources {
    /// None yet.
    pub fn new() -> Sources {
        Sources::default()
    }

    /// Adds a file; one of the same path is replaced.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> &mut Sources {
        self.files.insert(path.into(), text.into());
        self
    }

    #[cfg(feature = "files")]
    pub(crate) fn set_main(&mut self, path: String) {
        self.main = Some(path);
    }
}

/// Whether a path names a rule file.
pub(crate) fn is_rule_file(path: &str) -> bool {
    path.ends_with(".layak") || path.ends_with(".layak.md")
}

/// A rule file's imports and data tables, which a host that reads files must fetch.
#[cfg(feature = "files")]
pub(crate) struct Wants {
    pub module: Option<String>,
    pub imports: Vec<String>,
    pub tables: Vec<String>,
}

/// What one rule file asks for; findings are told when it is compiled.
#[cfg(feature = "files")]
pub(crate) fn wants(path: &str, text: &str, limits: &Limits) -> Wants {
    let tree = syntax::outline(&Source::new(path, text), limits);
    Wants { module: tree.module.as_ref().map(dotted), imports: imports_of(&tree), tables: tables_of(path, &tree) }
}

fn dotted(path: &syntax::Path) -> String {
    path.names.iter().map(|n| &*n.text).collect::<Vec<_>>().join(".")
}

/// The modules that a file uses, and those that it amends.
fn imports_of(tree: &Tree) -> Vec<String> {
    let module = |declaration: &syntax::Declaration| match &declaration.kind {
        DeclarationKind::Use { path, .. } => Some(dotted(path)),
        DeclarationKind::Amend(decl) => Some(dotted(&decl.path)),
        _ => None,
    };
    tree.declarations.iter().filter_map(module).collect()
}

fn tables_of(path: &str, tree: &Tree) -> Vec<String> {
    let within = tree.declarations.iter().flat_map(|declaration| match &declaration.kind {
        DeclarationKind::Amend(decl) => decl.amendments.as_slice(),
        _ => &[],
    });
    let within = within.filter_map(|amendment| match &amendment.kind {
        AmendmentKind::Add(declaration) | AmendmentKind::Replace(declaration) => Some(declaration),
        AmendmentKind::Repeal { .. } | AmendmentKind::Except { .. } => None,
    });
    let mut tables = Vec::new();
    for declaration in tree.declarations.iter().chain(within) {
        if let DeclarationKind::Parameter(parameter) = &declaration.kind
            && let ParameterValues::Csv(written) = &parameter.values
        {
            tables.extend(csv_path(path, &written.text));
        }
    }
    tables
}

impl Ruleset {
    /// Compiles one rule file that imports nothing.
    ///
    /// # Errors
    /// Every finding, when one of them is an error.
    pub fn from_text(text: &str) -> Result<Ruleset, Findings> {
        let mut sources = Sources::new();
        sources.add("rules.layak", text);
        Ruleset::from_sources(&sources, Limits::default())
    }

    /// Compiles rule files that are held in memory. The cost is linear in their length.
    ///
    /// # Errors
    /// Every finding, when one of them is an error.
    pub fn from_sources(sources: &Sources, limits: Limits) -> Result<Ruleset, Findings> {
        let files: Vec<(&str, &str)> = sources.files.iter().map(|(path, text)| (&**path, &**text)).collect();
        Ruleset::compile(&files, sources.main.as_deref(), limits)
    }

    /// These rules with later acts over them: files that `amend` modules of theirs. These rules stay as they are; what comes
    /// back is compiled anew, from these rules' files and the others.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use layak::{Ruleset, Sources};
    /// let rules = Ruleset::from_text("
    ///   module aid
    ///   entity Household { desil integer 1..10 }
    ///   parameter limit: integer from 2025-01-01: 4
    ///   criterion poor when desil <= limit
    ///   programme food requires poor
    /// ")?;
    /// let mut act = Sources::new();
    /// act.add("reform.layak", "amend aid \"Reform\" from 2026-01-01 { parameter limit: integer = 6 }");
    /// let reformed = rules.amended(&act)?;
    /// let eligible = |rules: &Ruleset, day: &str| -> Result<bool, Box<dyn std::error::Error>> {
    ///     let plan = rules.as_of(day.parse()?);
    ///     let decision = plan.decide(&plan.facts_from_json(br#"{"desil": 5}"#)?);
    ///     Ok(decision.programme("food").and_then(|p| p.outcome()) == Some(layak::Outcome::Eligible))
    /// };
    /// assert!(eligible(&reformed, "2026-01-01")?);
    /// assert!(!eligible(&reformed, "2025-12-31")?);
    /// assert!(!eligible(&rules, "2026-01-01")?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Every finding, when one of them is an error. A file of the path of one of these rules', with another text, is one.
    pub fn amended(&self, acts: &Sources) -> Result<Ruleset, Findings> {
        Ruleset::compile(&laid_over(&self.inner.sources, acts)?, self.main_path(), self.inner.limits.clone())
    }

    /// The modules that the rules are made of, sorted.
    #[cfg(feature = "files")]
    pub(crate) fn modules(&self) -> impl Iterator<Item = &str> {
        self.inner.program.modules.values().map(|m| &*m.name)
    }

    /// Compiles other texts in the place of these rules' own.
    pub(crate) fn recompiled(&self, files: &[(&str, &str)]) -> Result<Ruleset, Findings> {
        Ruleset::compile_one(files, self.main_path(), self.inner.limits.clone())
    }

    fn compile(files: &[(&str, &str)], main: Option<&str>, limits: Limits) -> Result<Ruleset, Findings> {
        Ruleset::compile_one(files, main, limits.clone()).map_err(|found| {
            let several = main.is_none().then(|| package::several(&found, files, &limits)).flatten();
            several.unwrap_or(found)
        })
    }

    fn compile_one(files: &[(&str, &str)], main_path: Option<&str>, limits: Limits) -> Result<Ruleset, Findings> {
        let mut map = SourceMap::default();
        let mut findings: Vec<Finding> = Vec::new();
        let mut trees: Vec<Tree> = Vec::new();
        let mut tables: BTreeMap<String, SourceId> = BTreeMap::new();
        let mut main = None;
        let count = files.len();
        if count > limits.sources {
            findings.push(Finding::nowhere(
                Code::TOO_LARGE,
                phrase!("{0} files are more than {1}", "{0} berkas melebihi {1}", count, limits.sources),
            ));
        }
        for (path, text) in files.iter().take(limits.sources) {
            let fits = text.len() <= limits.source_bytes;
            let id = map.add(Source::new(path, if fits { text } else { "" }));
            if main_path == Some(*path) {
                main = Some(id);
            }
            if !fits {
                findings.push(Finding::error(
                    Code::TOO_LARGE,
                    crate::source::Span { source: id, start: 0, end: 0 },
                    phrase!(
                        "the file has {0} bytes, more than the {1} allowed",
                        "berkas ini {0} bita, melebihi batas {1}",
                        text.len(),
                        limits.source_bytes
                    ),
                ));
                continue;
            }
            if is_rule_file(path) {
                if let Some(source) = map.get(id).cloned() {
                    trees.push(syntax::parse(id, &source, &limits, &mut findings));
                }
            } else {
                tables.insert((*path).to_owned(), id);
            }
        }
        let map = Arc::new(map);
        let input = Input { trees: &trees, sources: &map, tables: &tables, limits: &limits };
        let program = program::program(&input, &mut findings);
        let findings = Findings::new(Arc::clone(&map), findings);
        match program {
            Some(program) => {
                let fingerprint = crate::fingerprint::fingerprint(&program);
                let binder = Binder::new(&program);
                let inner = Inner { program, binder, sources: map, warnings: findings, fingerprint, limits, main };
                Ok(Ruleset { inner: Arc::new(inner) })
            }
            None => Err(findings),
        }
    }

    /// What was found in the rules that does not make them unusable.
    pub fn warnings(&self) -> &Findings {
        &self.inner.warnings
    }

    /// A hash of what the rules mean: layout, comments, the language of keywords and the order of files do not change it.
    pub fn fingerprint(&self) -> &str {
        &self.inner.fingerprint
    }

    /// The plan of a date, with the law as it was known on that date. The cost is linear in the rules: keep the plan.
    pub fn as_of(&self, date: Date) -> Plan {
        self.plan(PlanOptions::new(date)).unwrap_or_else(|_| {
            // INVARIANT: only names that do not exist make `plan` fail, and none are given.
            let graph = self.graph(&Request { day: Some(Day { as_of: date, known_on: date }), ..Request::default() });
            Plan::from_graph(self, graph, PlanOptions::new(date))
        })
    }

    /// The plan of a date with options.
    ///
    /// # Errors
    /// A programme or a name to show that the rules do not have, with the nearest that they have.
    pub fn plan(&self, options: PlanOptions) -> Result<Plan, UnknownName> {
        let names = self.named(&options)?;
        let graph = from_program(&self.inner.program, &names.request(&options), &self.inner.limits);
        Ok(Plan::from_graph(self, graph, options))
    }

    /// What options name.
    fn named(&self, options: &PlanOptions) -> Result<Named, UnknownName> {
        let programmes = match &options.programmes {
            None => None,
            Some(names) => {
                let mut ids = Vec::new();
                for name in names {
                    ids.push(self.programme_id(name)?);
                }
                Some(ids)
            }
        };
        let mut show: Vec<(Arc<str>, DefinitionId)> = Vec::new();
        for name in &options.show {
            show.push((Arc::from(&**name), self.definition_id(name)?));
        }
        Ok(Named { programmes, show })
    }

    /// Where the values of the rules are in the graph that `plan` makes of the same options.
    fn origins(&self, options: &PlanOptions) -> Origins {
        // INVARIANT: the plan was made of these names.
        let names = self.named(options).unwrap_or(Named { programmes: None, show: Vec::new() });
        traced(&self.inner.program, &names.request(options), &self.inner.limits).1
    }

    pub(crate) fn graph(&self, request: &Request<'_>) -> Graph {
        from_program(&self.inner.program, request, &self.inner.limits)
    }

    fn side(&self) -> Side<'_> {
        Side { program: &self.inner.program, sources: &self.inner.sources }
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    fn programme_id(&self, name: &str) -> Result<ProgrammeId, UnknownName> {
        let programmes = &self.inner.program.programmes;
        let found = programmes.iter().find(|(_, p)| *p.declared.name == *name).map(|(id, _)| id);
        found.ok_or_else(|| UnknownName::new(name, programmes.values().map(|p| &*p.declared.name)))
    }

    /// A definition by its name, or by module and name where several modules have one. Those of the household go first.
    pub(crate) fn definition_id(&self, name: &str) -> Result<DefinitionId, UnknownName> {
        let program = &self.inner.program;
        let full = |id: DefinitionId| {
            let declared = &program.definitions[id].declared;
            format!("{}.{}", program.modules[declared.module].name, declared.name)
        };
        let usable = |id: DefinitionId| {
            let definition = &program.definitions[id];
            definition.arguments.is_empty() && definition.part_of.is_none()
        };
        let rank =
            |id: DefinitionId| (program.definitions[id].owner != program.root, program.definitions[id].owner.index());
        let mut found: Vec<DefinitionId> = program
            .definitions
            .ids()
            .filter(|id| usable(*id) && (*program.definitions[*id].declared.name == *name || full(*id) == name))
            .collect();
        found.sort_by_key(|id| rank(*id));
        match found.as_slice() {
            [] => Err(UnknownName::new(name, program.definitions.values().map(|d| &*d.declared.name))),
            [one] => Ok(*one),
            [first, second, ..] if rank(*first) == rank(*second) => {
                let full: Vec<String> = found.iter().map(|id| full(*id)).collect();
                Err(UnknownName { name: name.to_owned(), nearest: None, spellings: full })
            }
            [first, ..] => Ok(*first),
        }
    }

    /// What is hardly meant in the rules: what nothing uses, versions that never apply, criteria and exceptions with one answer for
    /// every household, programmes that nobody can get, exceptions that can conflict, gaps and overlaps of decision tables, amounts
    /// that can be fractions, texts that differ a little; with values that show it where there are any. The rules can
    /// be used all the same; a certain overlap of a `unique` table has the severity of an error. Warnings that the rules
    /// silence by `allow` are left out.
    ///
    /// The cost grows with the rules times the days on which they change, and with the square of a table's rows. Searches are
    /// bounded: a table, or days, that are not looked at are told; what a search leaves open is not a finding.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = layak::Ruleset::from_text(
    ///     "module m\nentity H { a integer }\ntable t\n | a || t |\n | < 6 || 1 |\n | > 6 || 2 |",
    /// )?;
    /// let found = rules.analyse();
    /// let texts: Vec<&str> = found.iter().map(|f| f.message().in_lang(layak::Lang::En)).collect();
    /// assert_eq!(texts, ["no row of `t` matches: a = 6"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn analyse(&self) -> Findings {
        let inner = &self.inner;
        Findings::new(Arc::clone(&inner.sources), analyse(&inner.program, inner.main, &inner.limits))
    }

    /// What changed in meaning from these rules to others: declarations and versions by name and date, not layout, comments,
    /// the language of keywords, the order of declarations or the names that expressions give to elements. What rests on a
    /// change is listed apart. The cost is about that of compiling both.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use layak::{Lang, Ruleset};
    /// let rules = |limit: u8| {
    ///     let text = "module aid\nentity Home { desil integer 1..10 }\nparameter limit: integer from 2025-01-01: ";
    ///     Ruleset::from_text(&format!("{text}{limit}\ndefine poor = desil <= limit"))
    /// };
    /// let diff = rules(4)?.diff(&rules(5)?);
    /// let text = "changed: parameter `limit` (aid)  rules.layak:3\n  from 2025-01-01: 4 -> 5\n\n\
    ///             rests on a change, itself as before:\n  definition `poor` (aid)  by parameter `limit`\n";
    /// assert_eq!(diff.render(Lang::En), text);
    /// # Ok(())
    /// # }
    /// ```
    pub fn diff(&self, new: &Ruleset) -> Diff {
        diff(self.side(), new.side())
    }

    /// The text of one of its rule files with the keywords of another language, laid out as `format` does; names, texts and
    /// numbers stay. It means the same, and goes back to the same bytes: both are made sure of. Nothing where the rules have no
    /// file of that path. The cost is about that of compiling the rules twice.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use layak::{Lang, Ruleset};
    /// let rules = Ruleset::from_text("module aid\nentity Home { size integer }\ncriterion large when size >= 5\n")?;
    /// let text = rules.translated("rules.layak", Lang::Id)?;
    /// let expected = "bahasa id\nmodul aid\nentitas Home { size bulat }\nkriteria large bila size >= 5\n";
    /// assert_eq!(text.as_deref(), Some(expected));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What stands in the way: names that the other language would read as its own words, and the few spellings that have no
    /// counterpart.
    pub fn translated(&self, path: &str, to: Lang) -> Result<Option<String>, Findings> {
        let limits = &self.inner.limits;
        let Some((id, source)) = self.inner.sources.iter().find(|(_, s)| s.path() == path && is_rule_file(path)) else {
            return Ok(None);
        };
        let told = |rules: &Ruleset, found: Vec<Finding>| Findings::new(Arc::clone(&rules.inner.sources), found);
        let mut found = Vec::new();
        let Some(before) = syntax::format(source, limits, &mut found) else { return Err(told(self, found)) };
        let from = syntax::parse(id, source, limits, &mut Vec::new()).lang;
        let rules = self.with(path, &before)?;
        let Some(source) = rules.inner.sources.get(id) else { return Ok(None) };
        let words = &rules.inner.program.words;
        let hindered =
            |at: Span, message: Phrase, help: Phrase| Finding::error(Code::NOT_TRANSLATED, at, message).help(help);
        let translated = syntax::translate(source, id, words, to, limits);
        let after = match translated {
            Ok(text) => syntax::format(&Source::new(path, &text), limits, &mut Vec::new()),
            Err(why) => return Err(told(&rules, vec![hindered(why.at, why.message, why.help)])),
        };
        if let Some(after) = after
            && let Ok(again) = self.with(path, &after)
            && again.fingerprint() == rules.fingerprint()
            && again.given() == rules.given()
            && let Some(source) = again.inner.sources.get(id)
            && let Ok(back) = syntax::translate(source, id, &again.inner.program.words, from, limits)
            && syntax::format(&Source::new(path, &back), limits, &mut Vec::new()).as_ref() == Some(&before)
        {
            return Ok(Some(after));
        }
        let mut found: Vec<Finding> = Vec::new();
        for (at, name) in syntax::clashes(source, id, words, to, limits) {
            found.push(hindered(
                at,
                phrase!(
                    "the name `{0}` could be read as a word of the language `{1}`",
                    "nama `{0}` dapat terbaca sebagai kata kunci bahasa `{1}`",
                    name,
                    to.tag()
                ),
                phrase!(
                    "write it in backticks wherever it stands: `` `{0}` ``",
                    "tulis dalam tanda petik terbalik di mana pun ia muncul: `` `{0}` ``",
                    name
                ),
            ));
        }
        if found.is_empty() {
            found.push(hindered(
                Span { source: id, start: 0, end: 0 },
                phrase!(
                    "a translation of this file would not mean the same or not come back as it is",
                    "terjemahan berkas ini tidak akan bermakna sama atau tidak kembali seperti semula"
                ),
                phrase!("please report it", "mohon laporkan"),
            ));
        }
        Err(told(&rules, found))
    }

    /// The facts of the tests, which no fingerprint covers.
    fn given(&self) -> Vec<String> {
        self.inner.program.tests.iter().map(|test| format!("{:?}", Data::from_given(&test.given))).collect()
    }

    /// The same rules with another text for one file.
    fn with(&self, path: &str, text: &str) -> Result<Ruleset, Findings> {
        let mut sources = Sources::new();
        for (_, source) in self.inner.sources.iter() {
            sources.add(source.path(), if source.path() == path { text } else { source.text() });
        }
        Ruleset::from_sources(&sources, self.inner.limits.clone())
    }

    /// A drawing of what rests on what.
    pub fn draw(&self, format: GraphFormat) -> String {
        draw(&self.inner.program, format)
    }

    /// The definitions and criteria that have exceptions, each with the exceptions to it and those to these: labels,
    /// conditions and values as they are written, priorities, periods and bases. Empty where there are none; the cost is linear in
    /// their text.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use layak::{ExceptionsFormat, Lang};
    /// let rules = layak::Ruleset::from_text(
    ///     "module m\nentity H { a boolean }\ndefine limit = 900\n  except trade when a: 1300",
    /// )?;
    /// let text = rules.exceptions(ExceptionsFormat::Text, Lang::En);
    /// assert_eq!(text, "limit = 900  rules.layak:3\n  except trade when a: 1300  rules.layak:4\n");
    /// # Ok(())
    /// # }
    /// ```
    pub fn exceptions(&self, format: ExceptionsFormat, lang: Lang) -> String {
        exceptions(&self.inner.program, &self.inner.sources, format, lang)
    }

    /// JSON Schema (2020-12) of one household's facts.
    pub fn facts_schema(&self) -> serde_json::Value {
        schema::facts(&self.inner.program)
    }

    /// JSON Schema (2020-12) of an audit record as `Explanation::json` writes it for `Reader::Audit`. Its `schema` names the
    /// version.
    pub fn audit_schema(&self) -> serde_json::Value {
        schema::audit(&self.inner.program)
    }

    /// JSON Schema (2020-12) of one decision as `Decision::to_json` writes it.
    pub fn decisions_schema(&self) -> serde_json::Value {
        schema::decisions(&self.inner.program)
    }

    /// The names of every programme, sorted.
    pub fn programmes(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.inner.program.programmes.values().map(|p| &*p.declared.name).collect();
        names.sort_unstable();
        names
    }

    /// The rule files and data tables that it was compiled from.
    pub fn sources(&self) -> &SourceMap {
        &self.inner.sources
    }
}

/// The files of rules and those of acts over them.
fn laid_over<'a>(base: &'a SourceMap, acts: &'a Sources) -> Result<Vec<(&'a str, &'a str)>, Findings> {
    let mut files: BTreeMap<&str, &str> = base.iter().map(|(_, source)| (source.path(), source.text())).collect();
    let mut twice = Vec::new();
    for (path, text) in &acts.files {
        match files.insert(path, text) {
            Some(other) if other != text => twice.push(path),
            _ => {}
        }
    }
    if twice.is_empty() {
        return Ok(files.into_iter().collect());
    }
    let findings = twice.into_iter().map(|path| {
        let message = phrase!("two files have the path `{0}`", "dua berkas punya jalur `{0}`", path);
        Finding::nowhere(Code::SAME_PATH, message).help(phrase!(
            "an act changes rules by `amend`; give its file another name",
            "peraturan perubahan mengubah aturan dengan `amend` (`ubah`); beri berkasnya nama lain"
        ))
    });
    Err(Findings::new(Arc::new(base.clone()), findings.collect()))
}
