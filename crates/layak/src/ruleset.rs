//! The face: rules are compiled once, specialised to a date, and decide households from then on.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::analysis::analyse;
use crate::arena::Id;
use crate::diagnostic::{Code, Finding, Findings, nearest, phrase};
use crate::diff::{Diff, Side, diff};
use crate::facts::{Binder, Bound, Case, Data, EvidenceFact, FactsError, from_serialize, read, settle};
use crate::graph::{Day, Graph, Request, from_program};
use crate::limits::Limits;
use crate::outcome::{Columns, Machine};
use crate::program::{self, DefinitionId, Input, Program, ProgrammeId, csv_path};
use crate::report::{
    Assumptions, Decision, ExceptionsFormat, Explanation, GraphFormat, Reporter, Wordings, draw, exceptions, schema,
};
use crate::source::{Source, SourceId, SourceMap};
use crate::syntax::{self, DeclarationKind, Lang, ParameterValues, Tree};
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
    let source = Source::new(path, text);
    let tree = syntax::parse(SourceId(0), &source, limits, &mut Vec::new());
    let dotted = |p: &syntax::Path| p.names.iter().map(|n| &*n.text).collect::<Vec<_>>().join(".");
    let mut wants =
        Wants { module: tree.module.as_ref().map(dotted), imports: Vec::new(), tables: tables_of(path, &tree) };
    for declaration in &tree.declarations {
        if let DeclarationKind::Use { path, .. } = &declaration.kind {
            wants.imports.push(dotted(path));
        }
    }
    wants
}

fn tables_of(path: &str, tree: &Tree) -> Vec<String> {
    let mut tables = Vec::new();
    for declaration in &tree.declarations {
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
        let mut map = SourceMap::default();
        let mut findings: Vec<Finding> = Vec::new();
        let mut trees: Vec<Tree> = Vec::new();
        let mut tables: BTreeMap<String, SourceId> = BTreeMap::new();
        let mut main = None;
        let count = sources.files.len();
        if count > limits.sources {
            findings.push(Finding::nowhere(
                Code::TOO_LARGE,
                phrase!("{0} files are more than {1}", "{0} berkas melebihi {1}", count, limits.sources),
            ));
        }
        for (path, text) in sources.files.iter().take(limits.sources) {
            let fits = text.len() <= limits.source_bytes;
            let id = map.add(Source::new(path, if fits { text } else { "" }));
            if sources.main.as_ref() == Some(path) {
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
                tables.insert(path.clone(), id);
            }
        }
        let map = Arc::new(map);
        let input = Input { trees: &trees, sources: &map, tables: &tables, limits: &limits };
        let program = program::program(&input, &mut findings);
        let findings = Findings::new(Arc::clone(&map), findings);
        match program {
            Some(program) if !findings.has_errors() => {
                let fingerprint = crate::fingerprint::fingerprint(&program);
                let binder = Binder::new(&program);
                let inner = Inner { program, binder, sources: map, warnings: findings, fingerprint, limits, main };
                Ok(Ruleset { inner: Arc::new(inner) })
            }
            _ => Err(findings),
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
            Plan::from_graph(self, graph)
        })
    }

    /// The plan of a date with options.
    ///
    /// # Errors
    /// A programme or a name to show that the rules do not have, with the nearest that they have.
    pub fn plan(&self, options: PlanOptions) -> Result<Plan, UnknownName> {
        let program = &self.inner.program;
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
        let day = Day { as_of: options.as_of, known_on: options.known_on };
        let request = Request { day: Some(day), programmes: programmes.as_deref(), show: &show, ..Request::default() };
        let graph = from_program(program, &request, &self.inner.limits);
        Ok(Plan::from_graph(self, graph))
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
    fn definition_id(&self, name: &str) -> Result<DefinitionId, UnknownName> {
        let program = &self.inner.program;
        let full = |id: DefinitionId| {
            let declared = &program.definitions[id].declared;
            format!("{}.{}", program.modules[declared.module].name, declared.name)
        };
        let usable = |id: DefinitionId| program.definitions[id].arguments.is_empty();
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

    /// What is hardly meant in the rules: gaps, overlaps and rows out of reach of decision tables, each with values that
    /// show it. The rules can be used all the same; a certain overlap of a `unique` table has the severity of an error.
    ///
    /// The cost grows with the square of a table's rows; a table in which gaps would take too long to look for is told.
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

/// A name that the rules do not have, or that several modules have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    name: String,
    nearest: Option<String>,
    spellings: Vec<String>,
}

impl UnknownName {
    fn new<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> UnknownName {
        UnknownName { name: name.to_owned(), nearest: nearest(name, known).map(str::to_owned), spellings: Vec::new() }
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.spellings.is_empty() {
            return write!(f, "several modules have `{}`: write one of {}", self.name, self.spellings.join(", "));
        }
        write!(f, "the rules have no `{}`", self.name)?;
        match &self.nearest {
            Some(near) => write!(f, "; did you mean `{near}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UnknownName {}

/// What a plan decides, and for when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanOptions {
    as_of: Date,
    known_on: Date,
    programmes: Option<Vec<String>>,
    show: Vec<String>,
}

impl PlanOptions {
    /// For a date, with the law as it was known then, all programmes, no values shown.
    pub fn new(as_of: Date) -> PlanOptions {
        PlanOptions { as_of, known_on: as_of, programmes: None, show: Vec::new() }
    }

    /// With the law as it was known on another date.
    #[must_use]
    pub fn known_on(mut self, date: Date) -> PlanOptions {
        self.known_on = date;
        self
    }

    /// Decides one programme more of those named; all where none is named.
    #[must_use]
    pub fn programme(mut self, name: impl Into<String>) -> PlanOptions {
        self.programmes.get_or_insert_with(Vec::new).push(name.into());
        self
    }

    /// Shows one value more: a definition, criterion or table by its name.
    #[must_use]
    pub fn show(mut self, name: impl Into<String>) -> PlanOptions {
        self.show.push(name.into());
        self
    }
}

/// Rules specialised to a date: the parameters of the day are folded in. Cheap to clone, shared between threads freely.
#[derive(Clone)]
pub struct Plan {
    ruleset: Ruleset,
    graph: Arc<Graph>,
    machine: Option<Arc<Machine>>,
    wordings: Arc<Wordings>,
    assumptions: Arc<Assumptions>,
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").field("ruleset", &self.ruleset).field("day", &self.graph.day).finish_non_exhaustive()
    }
}

/// The facts of one household, checked against the entities of a ruleset.
#[derive(Clone, Debug)]
pub struct Facts {
    /// With the evidence as it counts on the day of the plan that read them.
    pub(crate) case: Case,
    pub(crate) evidence: Vec<EvidenceFact>,
    day: Date,
    /// The same as the plan that read them wants them.
    columns: Option<Columns>,
}

impl PartialEq for Facts {
    fn eq(&self, other: &Facts) -> bool {
        self.case == other.case && self.evidence == other.evidence
    }
}

impl Plan {
    pub(crate) fn from_graph(ruleset: &Ruleset, graph: Graph) -> Plan {
        let program = &ruleset.inner().program;
        let machine = Machine::of(&graph, program).map(Arc::new);
        let wordings = Arc::new(Wordings::of(program, &graph));
        let assumptions = Arc::new(Assumptions::of(&graph));
        Plan { ruleset: ruleset.clone(), graph: Arc::new(graph), machine, wordings, assumptions }
    }

    /// The facts of a household from anything that serialises: a struct, a `serde_json::Value`. Floats are refused, for
    /// they are not exact.
    ///
    /// # Errors
    /// Everything that is wrong with the facts, each with its path.
    pub fn facts(&self, household: &(impl Serialize + ?Sized)) -> Result<Facts, FactsError> {
        let inner = self.ruleset.inner();
        let data = from_serialize(household, inner.limits.nesting)?;
        self.bind(&data)
    }

    /// The facts of a household from JSON text. Numbers keep every digit.
    ///
    /// # Errors
    /// Everything that is wrong with the facts, each with its path.
    pub fn facts_from_json(&self, json: &[u8]) -> Result<Facts, FactsError> {
        let inner = self.ruleset.inner();
        let data = read(json, inner.limits.nesting)?;
        self.bind(&data)
    }

    pub(crate) fn bind(&self, data: &Data<'_>) -> Result<Facts, FactsError> {
        let inner = self.ruleset.inner();
        let Bound { mut case, evidence } = inner.binder.bind(&inner.program, data, &inner.limits)?;
        settle(&inner.program, &evidence, &mut case, self.as_of());
        inner.binder.hold_links(&inner.program, &mut case, &evidence, &inner.limits)?;
        let columns = self.machine.as_ref().and_then(|machine| machine.columns(&case));
        Ok(Facts { case, evidence, day: self.as_of(), columns })
    }

    /// Decides a household. It never fails: what cannot be decided is an outcome.
    pub fn decide(&self, facts: &Facts) -> Decision {
        match self.case_of(facts) {
            Cow::Borrowed(case) => self.reporter().decision(case, facts.columns.as_ref(), &facts.evidence),
            Cow::Owned(case) => self.reporter().decision(&case, None, &facts.evidence),
        }
    }

    /// The reasoning behind the decision on a household.
    pub fn explain(&self, facts: &Facts) -> Explanation {
        self.reporter().explanation(&self.case_of(facts), &facts.evidence)
    }

    /// The facts as they are on the plan's day: evidence may count on one day and be too old on another.
    fn case_of<'f>(&self, facts: &'f Facts) -> Cow<'f, Case> {
        if facts.evidence.is_empty() || facts.day == self.as_of() {
            return Cow::Borrowed(&facts.case);
        }
        let mut case = facts.case.clone();
        settle(&self.ruleset.inner().program, &facts.evidence, &mut case, self.as_of());
        Cow::Owned(case)
    }

    pub(crate) fn reporter(&self) -> Reporter<'_> {
        let inner = self.ruleset.inner();
        Reporter {
            program: &inner.program,
            sources: &inner.sources,
            graph: &self.graph,
            machine: self.machine.as_deref(),
            wordings: &self.wordings,
            assumptions: &self.assumptions,
            fingerprint: &inner.fingerprint,
            limits: &inner.limits,
        }
    }

    pub(crate) fn plan_graph(&self) -> &Graph {
        &self.graph
    }

    /// The date that it decides for.
    pub fn as_of(&self) -> Date {
        self.graph.day.map_or(Date::MIN, |d| d.as_of)
    }
}
