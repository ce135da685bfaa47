//! Gaps, overlaps and rows out of reach of decision tables, over the declared domains of their columns.

use std::collections::{BTreeMap, BTreeSet};

use super::cover::{Bits, Boxes, Cover};
use super::days::{Laid, Steps};
use super::search::{Found, Goal, Search};
use super::{show, warning};
use crate::diagnostic::{Code, Finding, Phrase, Severity, phrase};
use crate::graph::{Graph, GraphTable, Lowered, NodeId};
use crate::limits::Limits;
use crate::outcome::Recording;
use crate::program::*;
use crate::syntax::Collect;
use crate::value::{Date, Value};

mod regions;

use regions::Regions;
pub(super) use regions::pieces;

/// How many words the searches of one table on a day write before it is told as not analysed, and those of all tables.
const WORDS: usize = 8_000_000;
const ALL_WORDS: usize = 80_000_000;

/// The most rows, and the most rows times pieces of columns, of a table that is analysed, and of all tables on all days.
const ROWS: usize = 10_000;
const CELLS: usize = 100_000_000;
const ALL_CELLS: usize = 400_000_000;

/// How many holes of one table may turn out to be none.
const HOLES: usize = 200;

/// Tables, each looked at on every day on which its cells or the domains of its columns differ.
pub(super) struct Tables<'p> {
    program: &'p Program,
    limits: &'p Limits,
    looks: BTreeMap<TableId, Vec<Look>>,
    words: usize,
    cells: Steps,
    /// Those that are the same on every day, and those that are given up.
    fixed: BTreeSet<TableId>,
}

/// A table on a day, with what was found.
struct Look {
    day: Date,
    samples: Vec<Vec<Value>>,
    rows: Vec<Vec<Bits>>,
    results: Vec<Vec<Option<Value>>>,
    whole: bool,
    found: Vec<Finding>,
}

impl<'p> Tables<'p> {
    pub(super) fn new(program: &'p Program, limits: &'p Limits) -> Tables<'p> {
        Tables {
            program,
            limits,
            looks: BTreeMap::new(),
            words: ALL_WORDS,
            cells: Steps::new(ALL_CELLS),
            fixed: BTreeSet::new(),
        }
    }

    pub(super) fn look(&mut self, laid: &mut Laid, steps: &mut Steps) {
        let mut tables: BTreeMap<TableId, GraphTable> = BTreeMap::new();
        for table in &laid.graph.tables {
            // A table that is the same as on another day is not taken out again.
            tables.entry(table.id).or_insert_with(|| table.clone());
        }
        for (id, definition) in self.program.definitions.iter() {
            let Some(version) = version_on(&definition.versions, |v| &v.period, laid.day, Date::MAX) else { continue };
            let DefinitionValue::Table(number) = version.value else { continue };
            let table = &self.program.tables[number];
            if self.fixed.contains(&number) {
                continue;
            }
            let constants = table.body.len() + table.inputs.len() * 4;
            if table.rows.len() > ROWS || table.rows.len().saturating_mul(constants * 2) > CELLS {
                self.note(number, Look { found: vec![too_large(table)], whole: false, ..Look::new(laid.day) });
            } else if let Some(own) = tables.get(&number) {
                let Some(regions) = Regions::of(self.program, table, own, laid) else { continue };
                if regions.written && regions.free {
                    self.fixed.insert(number);
                }
                let pieces: usize = regions.columns.iter().map(|c| c.samples.len()).sum();
                if !self.cells.spend(table.rows.len() * (pieces + table.rows.len() / 16)) {
                    self.fixed.insert(number);
                    self.note(number, Look { found: vec![too_large(table)], whole: false, ..Look::new(laid.day) });
                    continue;
                }
                let looks = self.looks.entry(number).or_default();
                let samples: Vec<Vec<Value>> = regions.columns.iter().map(|c| c.samples.clone()).collect();
                let same = |look: &Look| {
                    (&look.samples, &look.rows, &look.results, look.whole)
                        == (&samples, &regions.rows, &regions.results, regions.whole)
                };
                if looks.iter().any(same) {
                    continue;
                }
                let mut found = Vec::new();
                let mut check = Check { program: self.program, limits: self.limits, laid, steps };
                regions.overlaps(&mut check, number, &mut self.words, &mut found);
                if regions.whole {
                    regions.gaps(&mut check, number, &mut self.words, &mut found);
                }
                let Regions { rows, results, whole, .. } = regions;
                looks.push(Look { day: check.laid.day, samples, rows, results, whole, found });
            } else if table.policy == HitPolicy::Collect(Collect::List) && table.ranking.is_empty() {
                let presences: Vec<NodeId> = match laid.lowered(id) {
                    Some(Lowered::Records(rows)) => rows.iter().map(|(presence, _)| *presence).collect(),
                    Some(Lowered::Values(rows)) => rows.iter().map(|(presence, _)| *presence).collect(),
                    _ => continue,
                };
                let never = |node: NodeId| laid.possible(node).is_some_and(|p| !p.can_be_true() && p.fault.is_none());
                let rows = table.rows.iter().zip(presences).filter(|(_, presence)| never(*presence));
                let found = rows.map(|(row, _)| unreached(table, row, true)).collect();
                self.note(number, Look { found, ..Look::new(laid.day) });
            }
        }
    }

    fn note(&mut self, table: TableId, look: Look) {
        let looks = self.looks.entry(table).or_default();
        if looks.iter().all(|other| other.found != look.found) {
            looks.push(look);
        }
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        let mut out: Vec<Finding> = Vec::new();
        for looks in self.looks.into_values() {
            let dated = looks.len() > 1;
            // A row out of reach on some days is there for the others.
            let whole = looks.iter().filter(|look| look.whole).count();
            let mut idle: BTreeMap<_, usize> = BTreeMap::new();
            for finding in looks.iter().flat_map(|look| &look.found).filter(|f| f.code() == Code::TABLE_ROW_UNREACHED) {
                *idle.entry(finding.span()).or_default() += 1;
            }
            let mut told: BTreeSet<_> = BTreeSet::new();
            for look in looks {
                for finding in look.found {
                    let is_idle = finding.code() == Code::TABLE_ROW_UNREACHED;
                    if is_idle && idle.get(&finding.span()) != Some(&whole) {
                        continue;
                    }
                    // Of a row that is told on several days the first is enough.
                    if told.insert((finding.code(), finding.span())) {
                        let day = phrase!("on {0}", "pada {0}", look.day);
                        out.push(match finding.reason().cloned() {
                            _ if !dated || is_idle => finding,
                            None => finding.label(day),
                            Some(facts) => finding.label(Phrase {
                                en: format!("{}, {}", day.en, facts.en),
                                id: format!("{}, {}", day.id, facts.id),
                            }),
                        });
                    }
                }
            }
        }
        out
    }
}

impl Look {
    fn new(day: Date) -> Look {
        Look { day, samples: Vec::new(), rows: Vec::new(), results: Vec::new(), whole: true, found: Vec::new() }
    }
}

/// Whether values of columns can come together at all, where the columns are made of facts that they share.
struct Check<'c, 'p> {
    program: &'p Program,
    limits: &'p Limits,
    laid: &'c mut Laid,
    steps: &'c mut Steps,
}

impl Check<'_, '_> {
    /// Whether no household has in every column one of the pieces.
    fn is_impossible(&mut self, regions: &Regions<'_>, pieces: &[Bits]) -> bool {
        if regions.free {
            return false;
        }
        let nodes: Vec<NodeId> = regions.columns.iter().map(|c| c.node).collect();
        let compared = regions.compared(&nodes);
        let goal = |graph: &Graph, recording: &Recording| {
            let out = regions.columns.iter().zip(pieces).any(|(column, pieces)| {
                let rows = u32::try_from(recording.frames.len(graph.nodes[column.node].frame)).unwrap_or(0);
                rows > 0 && (0..rows).all(|row| !column.can_be_in(recording.own(column.node, row), pieces))
            });
            if out { Goal::Dead } else { Goal::Open }
        };
        if goal(&self.laid.graph, &self.laid.recording) == Goal::Dead {
            return true;
        }
        if self.steps.is_spent() {
            return false;
        }
        let mut own = self.steps.share();
        let found =
            Search::proof(self.laid, self.program, &nodes, &compared, self.limits, &mut own).run(&mut own, &goal);
        self.steps.give_back(own);
        found == Found::Nothing
    }
}

impl Check<'_, '_> {
    /// The facts of a household that has these pieces, where the columns are not the facts themselves.
    fn household(&mut self, regions: &Regions<'_>, table: TableId, pieces: &[usize]) -> Option<String> {
        if regions.free || !self.steps.spend(self.laid.graph.nodes.len()) {
            return None;
        }
        let mut exact = Laid::exact(self.program, self.laid.day, self.limits);
        let nodes = exact.graph.tables.iter().find(|t| t.id == table)?.inputs.clone();
        let compared = regions.compared(&nodes);
        let goal = |graph: &Graph, recording: &Recording| {
            let mut goal = Goal::Reached;
            for ((column, node), piece) in regions.columns.iter().zip(&nodes).zip(pieces) {
                if recording.frames.len(graph.nodes[*node].frame) == 0 {
                    return Goal::Dead;
                }
                let value = recording.own(*node, 0);
                if value.certain_fault().is_some() || !column.can_be_in(value, &Bits::one(column.samples.len(), *piece))
                {
                    return Goal::Dead;
                }
                if value.as_known().is_none() {
                    goal = Goal::Open;
                }
            }
            goal
        };
        let mut own = self.steps.share();
        let found =
            Search::witness(&mut exact, self.program, &nodes, &compared, self.limits, &mut own).run(&mut own, &goal);
        self.steps.give_back(own);
        match found {
            Found::Household(facts) if !facts.is_empty() => Some(show::household(self.program, &facts)),
            _ => None,
        }
    }
}

impl Regions<'_> {
    /// Each row with the first before it that can match beside it and makes a fault with it.
    fn overlaps(&self, check: &mut Check<'_, '_>, id: TableId, words: &mut usize, found: &mut Vec<Finding>) {
        if matches!(self.table.policy, HitPolicy::First | HitPolicy::Collect(_)) {
            return;
        }
        let sizes: Vec<usize> = self.columns.iter().map(|c| c.samples.len()).collect();
        let boxes = Boxes::new(&sizes, &self.rows);
        for (at, (row, decl)) in self.rows.iter().zip(&self.table.rows).enumerate() {
            let mut meets = |other: usize, cells: &Vec<Bits>| -> Option<Vec<Bits>> {
                let meet = row.iter().zip(cells).all(|(a, b)| a.meets(b)) && self.clash(other, at);
                let both: Vec<Bits> =
                    if meet { row.iter().zip(cells).map(|(a, b)| a.and(b)).collect() } else { return None };
                // Where rows of a better rank match, these two do not count.
                let is_better =
                    |row: usize| self.rank(row).is_some_and(|rank| self.rank(at).is_some_and(|own| rank < own));
                let counts = self.ranks.is_empty()
                    || self.whole && !self.beyond && boxes.cover(&both, is_better, words) != Cover::Whole;
                counts.then_some(both)
            };
            let earlier = self.rows.iter().zip(&self.table.rows).enumerate().take(at);
            let mut together = earlier.filter_map(|(other, (r, d))| Some((meets(other, r)?, d)));
            let Some((pieces, other)) = together.find_map(|(both, d)| Some((self.point(check, both)?, d))) else {
                continue;
            };
            let (name, witness) = (&self.table.name, self.witness(&pieces));
            let (message, help) = if self.table.policy == HitPolicy::Unique {
                (
                    phrase!(
                        "two rows of `{0}` match together: {1}",
                        "dua baris `{0}` cocok bersamaan: {1}",
                        name,
                        witness
                    ),
                    phrase!(
                        "part the rows, or name a hit policy: `first`, `any`, `collect`",
                        "pisahkan barisnya, atau sebut kebijakan: `first`, `any`, `collect`"
                    ),
                )
            } else {
                (
                    phrase!(
                        "two rows of `{0}` match together with different results: {1}",
                        "dua baris `{0}` cocok bersamaan dengan hasil berbeda: {1}",
                        name,
                        witness
                    ),
                    phrase!(
                        "part the rows, make their results alike, or name another hit policy: `first`, `collect`",
                        "pisahkan barisnya, samakan hasilnya, atau sebut kebijakan lain: `first`, `collect`"
                    ),
                )
            };
            let mut finding = Finding::error(Code::TABLE_OVERLAP, decl.span, message)
                .also(other.span, phrase!("the other row", "baris yang lain"))
                .help(help);
            if !self.free || !self.written {
                finding.severity = Severity::Warning;
            }
            let facts = check.household(self, id, &pieces);
            found.push(shown_by(finding, facts));
        }
    }

    /// One piece of each column that can come together; nothing where none can.
    fn point(&self, check: &mut Check<'_, '_>, mut region: Vec<Bits>) -> Option<Vec<usize>> {
        let mut out = Vec::with_capacity(region.len());
        if check.is_impossible(self, &region) {
            return None;
        }
        for at in 0..region.len() {
            let size = self.columns.get(at).map_or(0, |c| c.samples.len());
            let pieces: Vec<usize> = (0..size).filter(|p| region.get(at).is_some_and(|bits| bits.holds(*p))).collect();
            let mut chosen = *pieces.first()?;
            for piece in pieces.iter().filter(|_| !self.free && pieces.len() > 1) {
                let mut narrow = region.clone();
                narrow.get_mut(at).into_iter().for_each(|bits| *bits = Bits::one(size, *piece));
                if !check.is_impossible(self, &narrow) {
                    chosen = *piece;
                    break;
                }
            }
            region.get_mut(at).into_iter().for_each(|bits| *bits = Bits::one(size, chosen));
            out.push(chosen);
        }
        Some(out)
    }

    /// What none of some rows takes, and some household can have. A hole that none can is taken for a row of its own.
    fn hole(
        &self,
        check: &mut Check<'_, '_>,
        (sizes, boxes): (&[usize], &Boxes<'_>),
        space: &[Bits],
        among: impl Fn(usize) -> bool,
        steps: &mut usize,
    ) -> Cover {
        let found = boxes.cover(space, &among, steps);
        if self.free || !matches!(found, Cover::Hole(_)) {
            return found;
        }
        let mut rows = self.rows.clone();
        loop {
            let own = |row: usize| row >= self.rows.len() || among(row);
            let found = Boxes::new(sizes, &rows).cover(space, own, steps);
            let Cover::Hole(pieces) = &found else { return found };
            let region: Vec<Bits> = sizes.iter().zip(pieces).map(|(size, piece)| Bits::one(*size, *piece)).collect();
            if rows.len() - self.rows.len() >= HOLES || !check.is_impossible(self, &region) {
                return found;
            }
            rows.push(region);
        }
    }

    /// Values that no row takes, and rows that nothing reaches.
    fn gaps(&self, check: &mut Check<'_, '_>, id: TableId, all: &mut usize, found: &mut Vec<Finding>) {
        let name = &self.table.name;
        let mut steps = WORDS.min(*all);
        let before = steps;
        let mut too_much = false;
        let sizes: Vec<usize> = self.columns.iter().map(|c| c.samples.len()).collect();
        let boxes = Boxes::new(&sizes, &self.rows);
        if self.table.otherwise.is_empty() && !matches!(self.table.policy, HitPolicy::Collect(_)) {
            let mut space: Vec<Bits> = Vec::new();
            for size in &sizes {
                let mut all = Bits::new(*size);
                (0..*size).for_each(|piece| all.insert(piece));
                space.push(all);
            }
            match self.hole(check, (&sizes, &boxes), &space, |_| true, &mut steps) {
                Cover::Whole => {}
                Cover::TooMuch => too_much = true,
                Cover::Hole(pieces) => {
                    let finding = warning(
                        Code::TABLE_GAP,
                        self.table.span,
                        phrase!(
                            "no row of `{0}` matches: {1}",
                            "tidak ada baris `{0}` yang cocok: {1}",
                            name,
                            self.witness(&pieces)
                        ),
                        phrase!(
                            "add a row, or close the gap with `else`",
                            "tambah baris, atau tutup celah dengan `else` (`lainnya`)"
                        ),
                    );
                    let facts = check.household(self, id, &pieces);
                    found.push(shown_by(finding, facts));
                }
            }
        }
        for (at, (row, decl)) in self.rows.iter().zip(&self.table.rows).enumerate().filter(|_| !self.beyond) {
            if row.iter().any(Bits::is_empty) || check.is_impossible(self, row) {
                found.push(unreached(self.table, decl, true));
                continue;
            }
            if too_much || !(0..self.rows.len()).any(|other| other != at && self.takes(other, at)) {
                continue;
            }
            let takes = |other: usize| other != at && self.takes(other, at);
            match self.hole(check, (&sizes, &boxes), row, takes, &mut steps) {
                Cover::Whole => found.push(unreached(self.table, decl, false)),
                Cover::TooMuch => too_much = true,
                Cover::Hole(_) => {}
            }
        }
        *all -= before - steps;
        if too_much {
            found.push(too_large(self.table));
        }
    }
}

/// Adds the facts of a household that shows it.
fn shown_by(finding: Finding, facts: Option<String>) -> Finding {
    match facts {
        Some(facts) => finding.label(phrase!("where {0}", "bila {0}", facts)),
        None => finding,
    }
}

fn unreached(table: &Table, row: &Row, never: bool) -> Finding {
    let name = &table.name;
    let message = match table.policy {
        _ if never => phrase!("this row of `{0}` can never match", "baris `{0}` ini tidak akan pernah cocok", name),
        HitPolicy::Priority => phrase!(
            "this row of `{0}` never counts: wherever it matches, a row of a better rank does, or one with the same result",
            "baris `{0}` ini tidak pernah menentukan: di mana pun ia cocok, cocok pula baris yang lebih diutamakan atau yang hasilnya sama",
            name
        ),
        HitPolicy::Any => phrase!(
            "this row of `{0}` adds nothing: wherever it matches, rows before it give the same",
            "baris `{0}` ini tidak menambah apa pun: di mana pun ia cocok, baris sebelumnya memberi hasil yang sama",
            name
        ),
        _ => phrase!(
            "the rows before it take all that this row of `{0}` matches",
            "baris-baris sebelumnya mengambil semua yang cocok dengan baris `{0}` ini",
            name
        ),
    };
    let help = phrase!("remove the row, or correct its cells", "hapus barisnya, atau betulkan selnya");
    warning(Code::TABLE_ROW_UNREACHED, row.span, message, help)
}

fn too_large(table: &Table) -> Finding {
    warning(
        Code::TABLE_NOT_ANALYSED,
        table.span,
        phrase!("`{0}` is too large to analyse", "`{0}` terlalu besar untuk dianalisis", table.name),
        phrase!("split the table", "pecah tabelnya"),
    )
}
