//! The decision graph of one household as a picture: a programme, the conditions that decided it, and what these rest on.
//! What held is told by a sign, a kind of line and a colour.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::outcome::Verdict;
use crate::report::explain::{ProgrammeReasoning, Reasoning};
use crate::report::outcome_words;
use crate::report::page::escaped;
use crate::report::why::{GroundId, GroundKind};
use crate::syntax::Lang;

/// What a box is marked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// It speaks for it.
    For,
    /// It speaks against it.
    Against,
    Open,
    /// A value or a fact, which speaks neither way by itself.
    Plain,
}

impl Mark {
    pub(super) fn of(verdict: Verdict) -> Mark {
        match verdict {
            Verdict::Eligible => Mark::For,
            Verdict::NotEligible => Mark::Against,
            Verdict::Undetermined | Verdict::Error => Mark::Open,
        }
    }

    pub(super) fn of_condition(condition: &crate::report::explain::ConditionReasoning) -> Mark {
        match condition.holds {
            None => Mark::Open,
            Some(_) if condition.fails() => Mark::Against,
            Some(_) => Mark::For,
        }
    }

    pub(super) fn sign(self) -> &'static str {
        match self {
            Mark::For => "✓",
            Mark::Against => "✗",
            Mark::Open => "?",
            Mark::Plain => "•",
        }
    }

    pub(super) fn class(self) -> &'static str {
        match self {
            Mark::For => "for",
            Mark::Against => "against",
            Mark::Open => "open",
            Mark::Plain => "plain",
        }
    }

    /// As it is read out.
    pub(super) fn word(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Mark::For, Lang::En) => "speaks for it",
            (Mark::Against, Lang::En) => "speaks against it",
            (Mark::Open, Lang::En) => "not known",
            (Mark::Plain, Lang::En) => "value or fact",
            (Mark::For, Lang::Id) => "mendukung",
            (Mark::Against, Lang::Id) => "menolak",
            (Mark::Open, Lang::Id) => "belum diketahui",
            (Mark::Plain, Lang::Id) => "nilai atau fakta",
        }
    }
}

struct Drawn {
    mark: Mark,
    shape: &'static str,
    head: String,
    line: String,
    column: usize,
    row: usize,
}

/// More boxes than these are no picture any more.
const MOST: usize = 120;
const WIDTH: usize = 210;
const HEIGHT: usize = 46;
const GAP_X: usize = 46;
const GAP_Y: usize = 12;

#[derive(Default)]
struct Picture {
    boxes: Vec<Drawn>,
    edges: BTreeSet<(usize, usize)>,
    /// How many boxes a column has.
    rows: Vec<usize>,
    left_out: usize,
}

impl Picture {
    fn add(&mut self, mark: Mark, shape: &'static str, head: String, line: String, column: usize) -> usize {
        if self.rows.len() <= column {
            self.rows.resize(column + 1, 0);
        }
        let row = self.rows.get_mut(column).map_or(0, |rows| std::mem::replace(rows, *rows + 1));
        self.boxes.push(Drawn { mark, shape, head, line, column, row });
        self.boxes.len() - 1
    }
}

/// What stands for a ground: of one rule for several members one box.
fn name_of(kind: &GroundKind) -> Option<(&'static str, String)> {
    Some(match kind {
        GroundKind::Fact(fact) => ("fact", fact.path.rsplit('.').next().unwrap_or(&fact.path).to_owned()),
        GroundKind::Parameter(parameter) => ("parameter", parameter.name.to_string()),
        GroundKind::Value(value) => ("value", value.name.clone()),
        GroundKind::Exception(exception) => ("exception", format!("{} {}", exception.rule, exception.provision.name())),
        GroundKind::Programme { name, .. } => ("programme", name.to_string()),
        GroundKind::Row(_) => return None,
    })
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

impl Reasoning {
    /// The picture of one programme, with a number of its own on the page.
    pub(super) fn picture(&self, programme: &ProgrammeReasoning, number: usize, lang: Lang) -> String {
        let mut picture = Picture::default();
        let verdict = programme.outcome.verdict;
        let head = match programme.label.in_lang(lang) {
            "" => programme.name.to_string(),
            label => label.to_owned(),
        };
        let root = picture.add(Mark::of(verdict), "programme", head, outcome_words(verdict, lang).to_owned(), 0);
        let mut open: Vec<(GroundId, usize)> = Vec::new();
        let mut next: Vec<(GroundId, usize)> = Vec::new();
        for condition in &programme.conditions {
            let state = super::explain::state_word(condition.holds, lang);
            let line = format!("{}: {state}", super::explain::kind_word(condition.kind, lang));
            let mark = Mark::of_condition(condition);
            let at = picture.add(mark, "condition", condition.label.in_lang(lang).to_owned(), line, 1);
            picture.edges.insert((root, at));
            next.extend(self.beneath(&condition.rests_on, &condition.name).iter().map(|id| (*id, at)));
        }
        // Level after level; of a rule for several members there is one box, which tells of how many.
        let mut known: BTreeMap<(&'static str, String), usize> = BTreeMap::new();
        let mut values: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        let mut seen: BTreeSet<(GroundId, usize)> = BTreeSet::new();
        let mut column = 2;
        while !next.is_empty() {
            std::mem::swap(&mut open, &mut next);
            for (id, from) in open.drain(..) {
                let Some(ground) = self.grounds.list.get(id) else { continue };
                if !seen.insert((id, from)) {
                    continue;
                }
                let Some(name) = name_of(&ground.kind) else { continue };
                let is_new = !known.contains_key(&name);
                if is_new && picture.boxes.len() >= MOST {
                    picture.left_out += 1;
                    continue;
                }
                let at = match known.get(&name) {
                    Some(at) => *at,
                    None => {
                        let at = picture.add(Mark::Plain, name.0, self.head_of(id, lang), String::new(), column);
                        known.insert(name, at);
                        at
                    }
                };
                if at != from {
                    picture.edges.insert((from, at));
                }
                values.entry(at).or_default().insert(self.value_of(id, lang));
                next.extend(ground.rests_on.iter().map(|below| (*below, at)));
            }
            column += 1;
        }
        for (at, values) in values {
            let Some(drawn) = picture.boxes.get_mut(at) else { continue };
            let unknown = if lang == Lang::Id { "belum diketahui" } else { "not known" };
            if values.contains(unknown) {
                drawn.mark = Mark::Open;
            }
            drawn.line = values.into_iter().filter(|v| !v.is_empty()).collect::<Vec<_>>().join(" / ");
        }
        picture.svg(number, lang)
    }

    fn head_of(&self, id: GroundId, lang: Lang) -> String {
        let or = |label: &crate::diagnostic::Phrase, name: &str| match label.in_lang(lang) {
            "" => name.replace('_', " "),
            label => label.to_owned(),
        };
        match self.grounds.get_kind(id) {
            Some(GroundKind::Fact(fact)) => fact.label.in_lang(lang).to_owned(),
            Some(GroundKind::Parameter(p)) => or(&p.label, &p.name),
            Some(GroundKind::Value(v)) => or(&v.label, v.name.rsplit('.').next().unwrap_or(&v.name)),
            Some(GroundKind::Exception(e)) => e.provision.name().replace('_', " "),
            Some(GroundKind::Programme { name, label, .. }) => or(label, name),
            Some(GroundKind::Row(_)) | None => String::new(),
        }
    }

    fn value_of(&self, id: GroundId, lang: Lang) -> String {
        let unknown = if lang == Lang::Id { "belum diketahui" } else { "not known" };
        let words = |value: &Option<crate::diagnostic::Phrase>| {
            value.as_ref().map_or_else(|| unknown.to_owned(), |v| v.in_lang(lang).to_owned())
        };
        match self.grounds.get_kind(id) {
            Some(GroundKind::Fact(fact)) => words(&fact.value),
            Some(GroundKind::Parameter(p)) => p.value.in_lang(lang).to_owned(),
            Some(GroundKind::Value(v)) if v.is_list => String::new(),
            Some(GroundKind::Value(v)) => words(&v.value),
            Some(GroundKind::Exception(e)) => e.standing.word(lang).to_owned(),
            Some(GroundKind::Programme { value, .. }) => words(value),
            Some(GroundKind::Row(_)) | None => String::new(),
        }
    }
}

impl Picture {
    fn svg(&self, number: usize, lang: Lang) -> String {
        let tallest = self.rows.iter().max().copied().unwrap_or(1);
        let (width, height) = (self.rows.len() * (WIDTH + GAP_X), tallest * (HEIGHT + GAP_Y) + GAP_Y);
        let place = |drawn: &Drawn| {
            let rows = self.rows.get(drawn.column).copied().unwrap_or(1);
            let above = (tallest - rows) * (HEIGHT + GAP_Y) / 2;
            (GAP_X / 2 + drawn.column * (WIDTH + GAP_X), GAP_Y + above + drawn.row * (HEIGHT + GAP_Y))
        };
        let mut out = String::new();
        let title = if lang == Lang::Id { "Graf keputusan" } else { "Decision graph" };
        let _ = write!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
             role=\"img\" aria-labelledby=\"gt{number} gd{number}\"><title id=\"gt{number}\">{title}: {}</title><desc id=\"gd{number}\">",
            self.boxes.first().map(|b| escaped(&b.head)).unwrap_or_default()
        );
        for drawn in self.boxes.iter().take_while(|b| b.column < 2) {
            let _ = write!(out, "{} ({}): {}. ", escaped(&drawn.head), drawn.mark.word(lang), escaped(&drawn.line));
        }
        if self.left_out > 0 {
            let _ = match lang {
                Lang::En => write!(out, "{} more are not drawn.", self.left_out),
                Lang::Id => write!(out, "{} lagi tidak digambar.", self.left_out),
            };
        }
        out.push_str("</desc>");
        for (from, to) in &self.edges {
            let (Some(from), Some(to)) = (self.boxes.get(*from), self.boxes.get(*to)) else { continue };
            let ((x1, y1), (x2, y2)) = (place(from), place(to));
            let (x1, y1, y2) = (x1 + WIDTH, y1 + HEIGHT / 2, y2 + HEIGHT / 2);
            let (c1, c2) = (x1 + GAP_X / 2, x2.saturating_sub(GAP_X / 2));
            let class = to.mark.class();
            let _ = write!(out, "<path class=\"edge {class}\" d=\"M{x1} {y1}C{c1} {y1} {c2} {y2} {x2} {y2}\"/>");
        }
        for drawn in &self.boxes {
            let (x, y) = place(drawn);
            let (class, shape) = (drawn.mark.class(), drawn.shape);
            let round = match drawn.shape {
                "fact" => HEIGHT / 2,
                "programme" => 8,
                _ => 3,
            };
            let _ = write!(
                out,
                "<g class=\"box {class} {shape}\"><title>{} — {} ({})</title><rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"{round}\"/>\
                 <text x=\"{}\" y=\"{}\" class=\"head\">{} {}</text><text x=\"{}\" y=\"{}\">{}</text></g>",
                escaped(&drawn.head),
                escaped(&drawn.line),
                drawn.mark.word(lang),
                x + 14,
                y + 19,
                drawn.mark.sign(),
                escaped(&cut(&drawn.head, 23)),
                x + 14,
                y + 36,
                escaped(&cut(&drawn.line, 27)),
            );
        }
        out.push_str("</svg>");
        out
    }
}
