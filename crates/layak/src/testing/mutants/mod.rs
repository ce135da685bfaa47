//! Rules with one small fault put in, to see whether tests notice it.
//!
//! A mutant is a change of the rules' text, so that people read it as they read the rules; it is compiled as they are. What
//! is changed is found in the trees, and in the checked program where its meaning must be known.

mod sites;
mod telling;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use crate::diagnostic::Findings;
use crate::graph::{Graph, Request};
use crate::program::{DefinitionId, Program};
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
        write!(f, "{}: `{}`", self.place, line(&self.before))?;
        if self.after.is_empty() { f.write_str(" left out") } else { write!(f, " -> `{}`", line(&self.after)) }
    }
}

impl Ruleset {
    /// Every small change of the rules that tests should notice, by its place. Tests and properties are not changed, nor what
    /// entities declare, nor tables of data. Some do not compile; some change nothing, which
    /// [`Ruleset::is_equivalent`] proves of many.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = layak::Ruleset::from_text(
    ///     "module aid entity Household { desil integer 1..10 }
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

    /// Whether rules certainly decide as these do, whatever the household and the date: where the meaning is the same as
    /// written, or once it is laid out as a graph. Yes is proved, no is not. Both must declare the same entities.
    pub fn is_equivalent(&self, other: &Ruleset) -> bool {
        if self.fingerprint() == other.fingerprint() {
            return true;
        }
        let (own, others) = (&self.inner().program, &other.inner().program);
        same_parameters(own, others) && same_periods(own, others) && same_graph(&self.undated(), &other.undated())
    }

    /// Every value of the rules, for every date.
    fn undated(&self) -> Graph {
        let program = &self.inner().program;
        let plain = program.definitions.iter().filter(|(_, d)| d.arguments.is_empty());
        let show: Vec<(Arc<str>, DefinitionId)> =
            plain.map(|(id, d)| (Arc::from(program.owned(d.owner, &d.declared.name)), id)).collect();
        self.graph(&Request { show: &show, ..Request::default() })
    }
}

/// A graph without a date has no values of parameters.
fn same_parameters(a: &Program, b: &Program) -> bool {
    a.parameters.len() == b.parameters.len()
        && a.parameters.values().zip(b.parameters.values()).all(|(a, b)| {
            a.default == b.default
                && a.values.len() == b.values.len()
                && a.values.iter().zip(&b.values).all(|(a, b)| {
                    let versions = |v: &crate::program::ParameterValue| {
                        v.versions.iter().map(|v| (v.period, v.value.clone())).collect::<Vec<_>>()
                    };
                    a.keys == b.keys && versions(a) == versions(b)
                })
        })
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
