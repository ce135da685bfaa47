//! Rules with one small fault put in, to see whether tests notice it.
//!
//! A mutant is a change of the rules' text, so that people read it as they read the rules; it is compiled as they are. What
//! is changed is found in the trees, and in the checked program where its meaning must be known.

mod declared;
mod level;
mod schema;
mod sites;
mod telling;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use crate::diagnostic::Findings;
use crate::graph::{Graph, Request, from_program};
use crate::program::{DefinitionId, Parameter, ParameterValue, Program};
use crate::ruleset::Ruleset;
use crate::source::{Place, Span};

pub use telling::Telltale;
pub(in crate::testing) use telling::days;

/// What a mutant changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum MutantKind {
    /// A number, an amount or a date is one unit of its last place more or less.
    Threshold,
    /// `<` is `<=`, `=` is `!=`, and so on.
    Comparison,
    /// `and` is `or`, or the other way round.
    Junction,
    /// A condition is its opposite.
    Negation,
    /// A programme does not ask for a criterion.
    DropCriterion,
    /// An exception is left out.
    DropException,
    /// A member of an enum is another.
    EnumValue,
    /// A version begins, ends or is enacted a day sooner or later.
    Date,
    /// A cell of a table asks nothing, or the opposite; a row is left out.
    Table,
    /// Another way of rounding.
    Rounding,
    /// `in` for `not in`, and the other way round.
    Membership,
    /// `+` for `-` and `*` for `/`, and the other way round.
    Arithmetic,
    /// A number or a date of a data table (CSV), one unit or day more or less.
    Data,
    /// Of a field: an end of its range, how many a list holds, its default, that it may be none, must be verified or is `acyclic`.
    Field,
    /// A member of an enum is left out.
    DropMember,
    /// Of a source: for how long it is fresh, that it does not verify.
    Source,
}

impl MutantKind {
    /// As data names it.
    pub fn name(self) -> &'static str {
        match self {
            MutantKind::Threshold => "threshold",
            MutantKind::Comparison => "comparison",
            MutantKind::Junction => "junction",
            MutantKind::Negation => "negation",
            MutantKind::DropCriterion => "drop_criterion",
            MutantKind::DropException => "drop_exception",
            MutantKind::EnumValue => "enum_value",
            MutantKind::Date => "date",
            MutantKind::Table => "table",
            MutantKind::Rounding => "rounding",
            MutantKind::Membership => "membership",
            MutantKind::Arithmetic => "arithmetic",
            MutantKind::Data => "data",
            MutantKind::Field => "field",
            MutantKind::DropMember => "drop_member",
            MutantKind::Source => "source",
        }
    }
}

/// Why it is certain that rules decide as others do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EquivalenceProof {
    /// They mean the same as they are written.
    Meaning,
    /// They are the same once they are laid out as a graph.
    Graph,
    /// They ask parameters for values that are the same on every day, however the law is known: another key of the same amount, a date at which
    /// nothing changes.
    Values,
}

impl EquivalenceProof {
    /// All of them.
    pub const ALL: [EquivalenceProof; 3] =
        [EquivalenceProof::Meaning, EquivalenceProof::Graph, EquivalenceProof::Values];

    /// As data names it.
    pub fn name(self) -> &'static str {
        match self {
            EquivalenceProof::Meaning => "meaning",
            EquivalenceProof::Graph => "graph",
            EquivalenceProof::Values => "values",
        }
    }
}

/// One change of the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    kind: MutantKind,
    span: Span,
    place: Place,
    before: Arc<str>,
    after: Arc<str>,
}

impl Mutant {
    /// What it changes.
    pub fn kind(&self) -> MutantKind {
        self.kind
    }

    /// Where it stands.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The rules' own text there.
    pub fn before(&self) -> &str {
        &self.before
    }

    /// What stands there instead; empty where it is left out.
    pub fn after(&self) -> &str {
        &self.after
    }
}

impl fmt::Display for Mutant {
    /// Its place and its change, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let before = line(&self.before);
        match self.after.is_empty() {
            // The comma goes with it.
            true => write!(f, "{}: `{}` left out", self.place, before.trim_matches([',', ' '])),
            false => write!(f, "{}: `{before}` -> `{}`", self.place, line(&self.after)),
        }
    }
}

impl Ruleset {
    /// Every small change of the rules that tests should notice, by its place. Tests and properties are not changed, nor what no decision hangs
    /// on: labels, columns, what is `fixed`. Of a data table as many rows as a few, spread over it, are. Some do not compile; some change nothing, which
    /// [`Ruleset::is_equivalent`] proves of many.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = layak::Ruleset::from_text(
    ///     "module aid entity Household { desil integer }
    ///      criterion poor when desil <= 4
    ///      programme food requires poor",
    /// )?;
    /// let mutants = rules.mutants();
    /// let told: Vec<String> = mutants.iter().map(|mutant| format!("{} -> {}", mutant.before(), mutant.after())).collect();
    /// assert_eq!(told, ["desil <= 4 -> not (desil <= 4)", "<= -> <", "4 -> 3", "4 -> 5", "requires poor -> "]);
    /// let changed = rules.mutated(&mutants[1])?.ok_or("it is of these rules")?;
    /// let difference = rules.told_apart(&changed, &layak::PropertyOptions::new()).ok_or("a household tells")?;
    /// assert_eq!(difference.household(), r#"{"desil":4}"#);
    /// # Ok(())
    /// # }
    /// ```
    pub fn mutants(&self) -> Vec<Mutant> {
        let inner = self.inner();
        let mut sites = sites::Sites::default();
        sites::sites(&inner.program, &inner.sources, &inner.limits, &mut sites);
        let mut list: Vec<Mutant> = Vec::new();
        for (span, kind, after) in sites.into_sorted() {
            let before = inner.sources.snippet(span);
            if before != after {
                let place = inner.sources.place(span);
                list.push(Mutant { kind, span, place, before: before.into(), after: after.into() });
            }
        }
        list
    }

    /// The rules with a change of [`Ruleset::mutants`], its own or that of other rules which share the file; none where they
    /// do not. They are compiled anew.
    ///
    /// # Errors
    /// Every finding, where the change makes them no rules.
    pub fn mutated(&self, mutant: &Mutant) -> Result<Option<Ruleset>, Findings> {
        let sources = &self.inner().sources;
        let Some(source) = sources.named(&mutant.place.path).and_then(|id| sources.get(id)) else { return Ok(None) };
        let (start, end) = (mutant.span.start as usize, mutant.span.end as usize);
        let parts = (source.text().get(..start), source.text().get(start..end), source.text().get(end..));
        let (Some(head), Some(before), Some(tail)) = parts else { return Ok(None) };
        if *before != *mutant.before {
            return Ok(None);
        }
        let text = format!("{head}{}{tail}", mutant.after);
        let changed = |path: &str| *path == *mutant.place.path;
        let files = sources.iter().map(|(_, s)| (s.path(), if changed(s.path()) { text.as_str() } else { s.text() }));
        self.recompiled(&files.collect::<Vec<_>>()).map(Some)
    }

    /// Whether rules certainly decide as these do, whatever the household and the date: [`Ruleset::equivalence`] finds a proof. Yes is proved,
    /// no is not.
    pub fn is_equivalent(&self, other: &Ruleset) -> bool {
        self.equivalence(other).is_some()
    }

    /// The proof that rules decide as these do, whatever the household and the date, where one is found; none says nothing. An error may name another
    /// key of a parameter. The cost is that of laying out both as graphs.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use layak::{EquivalenceProof, Ruleset};
    /// let rules = |key: &str| {
    ///     Ruleset::from_text(&format!(
    ///         "module aid enum Need {{ care, age }} entity Household {{ ill boolean }}
    ///          parameter grant(need: Need): integer from 2025-01-01: care => 5 age => 5
    ///          criterion paid when ill and grant({key}) > 4
    ///          programme food requires paid",
    ///     ))
    /// };
    /// assert_eq!(rules("care")?.equivalence(&rules("age")?), Some(EquivalenceProof::Values));
    /// # Ok(())
    /// # }
    /// ```
    pub fn equivalence(&self, other: &Ruleset) -> Option<EquivalenceProof> {
        if self.fingerprint() == other.fingerprint() {
            return Some(EquivalenceProof::Meaning);
        }
        let (own, others) = (&self.inner().program, &other.inner().program);
        let same_parameters = own.parameters.len() == others.parameters.len()
            && own.parameters.values().zip(others.parameters.values()).all(|(a, b)| level::is_same(a, b));
        if !same_parameters || !same_periods(own, others) {
            return None;
        }
        let graphs = [self.undated(own), other.undated(others)];
        // What nothing reads may be declared otherwise.
        if schema::told(own, Some(&graphs)) != schema::told(others, Some(&graphs)) {
            return None;
        }
        let [own_graph, other_graph] = &graphs;
        if same_graph(own_graph, other_graph) {
            let written = own.parameters.values().zip(others.parameters.values()).all(|(a, b)| is_written_same(a, b));
            return Some(if written { EquivalenceProof::Graph } else { EquivalenceProof::Values });
        }
        let (own, others) = (level::level(own), level::level(others));
        same_graph(&self.undated(&own), &other.undated(&others)).then_some(EquivalenceProof::Values)
    }

    /// Every value of a program of these rules, for every date.
    fn undated(&self, program: &Program) -> Graph {
        let plain = program.definitions.iter().filter(|(_, d)| d.arguments.is_empty());
        let show: Vec<(Arc<str>, DefinitionId)> =
            plain.map(|(id, d)| (Arc::from(program.owned(d.owner, &d.declared.name)), id)).collect();
        from_program(program, &Request { show: &show, ..Request::default() }, &self.inner().limits)
    }
}

/// Whether a parameter has the same versions. A graph without a date has no values of parameters.
fn is_written_same(a: &Parameter, b: &Parameter) -> bool {
    let versions = |v: &ParameterValue| v.versions.iter().map(|v| (v.period, v.value.clone())).collect::<Vec<_>>();
    a.values.iter().zip(&b.values).all(|(a, b)| versions(a) == versions(b))
}

/// Nor does it say when programmes and acts are in force.
fn same_periods(a: &Program, b: &Program) -> bool {
    let periods = |p: &Program| -> Vec<crate::program::Period> {
        let programmes = p.programmes.values().flat_map(|p| p.versions.iter().map(|v| v.period));
        let definitions = p.definitions.values().flat_map(|d| d.versions.iter().map(|v| v.period));
        let exceptions = p.definitions.values().flat_map(|d| &d.versions).flat_map(|v| &v.exceptions);
        programmes
            .chain(definitions)
            .chain(exceptions.map(|e| e.period))
            .chain(p.acts.values().map(|a| a.period))
            .collect()
    };
    // Which of several versions a condition is of, a graph without a date does not say.
    let is_plain = a.programmes.values().all(|p| p.versions.len() <= 1) && a.acts.len() == 0;
    is_plain && periods(a) == periods(b)
}

fn same_graph(a: &Graph, b: &Graph) -> bool {
    let nodes = |g: &Graph| g.nodes.values().map(|n| (n.op.clone(), n.frame)).collect::<Vec<_>>();
    let frames = |g: &Graph| g.frames.values().copied().collect::<Vec<_>>();
    let values = |g: &Graph| g.values.iter().map(|v| (Arc::clone(&v.name), v.value.clone())).collect::<Vec<_>>();
    let programmes = |g: &Graph| {
        let told = g.programmes.iter().map(|p| {
            let conditions: Vec<_> =
                p.conditions.iter().map(|c| (Arc::clone(&c.name), c.kind, c.node, c.applies)).collect();
            (p.programme, p.frame, p.eligible, conditions, p.outputs.clone())
        });
        told.collect::<Vec<_>>()
    };
    a.tables == b.tables
        && frames(a) == frames(b)
        && nodes(a) == nodes(b)
        && values(a) == values(b)
        && programmes(a) == programmes(b)
}
