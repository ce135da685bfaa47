//! Why a household is not eligible, in words that are put together when they are read.

use std::borrow::Cow;
use std::sync::Arc;

use crate::diagnostic::{Phrase, phrase};
use crate::graph::{ConditionKind, Graph, NodeId, RootCondition, TextPart};
use crate::program::{Label, Program};
use crate::report::words::Writing;
use crate::report::{AmendedRule, words};
use crate::syntax::Lang;
use crate::value::Value;

/// Why a household is not eligible.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// The criterion's name.
    pub criterion: Arc<str>,
    /// Whether the programme requires or refuses it.
    pub kind: ReasonKind,
    wording: Arc<Wording>,
    /// The values in its texts, where they are known.
    values: Vec<Option<Value>>,
    amended: Vec<AmendedRule>,
}

/// Whether a programme requires or refuses a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReasonKind {
    /// It must hold and does not.
    Requires,
    /// It must not hold and does.
    Refuses,
}

impl Reason {
    /// The reason in a language, with the values of the household.
    pub fn text(&self, lang: Lang) -> Cow<'_, str> {
        let piece = |piece: &'_ Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Value(index) => match (self.values.get(*index), self.wording.values.get(*index)) {
                (Some(Some(value)), Some((_, writing))) => writing.words(value, lang),
                _ => phrase!("(not known)", "(belum diketahui)").in_lang(lang).to_owned(),
            },
        };
        match self.wording.pieces(lang) {
            [Piece::Text(text)] => Cow::Borrowed(text),
            pieces => Cow::Owned(pieces.iter().map(piece).collect()),
        }
    }

    /// The legal basis in a language; empty where the rules name none.
    pub fn basis(&self, lang: Lang) -> &str {
        self.wording.basis.in_lang(lang)
    }

    /// What acts have changed, for this household, of the rules that it rests on, by name of the rule. Exceptions that acts
    /// add are told by `Plan::explain`.
    pub fn amended(&self) -> &[AmendedRule] {
        &self.amended
    }
}

/// What is said of a condition that fails, made once a plan.
#[derive(Clone, Debug, PartialEq)]
struct Wording {
    en: Vec<Piece>,
    id: Vec<Piece>,
    /// The values that its texts show.
    values: Vec<(NodeId, Writing)>,
    basis: Phrase,
    /// What acts have changed, and whether they have for the household where they are for some alone.
    amended: Vec<(AmendedRule, Option<NodeId>)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Value(usize),
}

impl Wording {
    fn pieces(&self, lang: Lang) -> &[Piece] {
        match lang {
            Lang::En => &self.en,
            Lang::Id => &self.id,
        }
    }
}

/// A condition of a programme with what is said where it fails.
#[derive(Clone, Debug)]
struct Told {
    criterion: Arc<str>,
    kind: ReasonKind,
    wording: Arc<Wording>,
}

/// The wordings of a plan: by programme, by condition.
#[derive(Clone, Debug)]
pub(crate) struct Wordings {
    programmes: Vec<Vec<Told>>,
    not_in_force: Told,
}

impl Wordings {
    /// Those of a graph's programmes. Values that are the same for every household are put in.
    pub(crate) fn of(program: &Program, graph: &Graph) -> Wordings {
        let told = |condition: &RootCondition| Told {
            criterion: Arc::clone(&condition.name),
            kind: match condition.kind {
                ConditionKind::Requires => ReasonKind::Requires,
                ConditionKind::Refuses | ConditionKind::Excluded(_) => ReasonKind::Refuses,
            },
            wording: Arc::new(wording(program, graph, condition)),
        };
        let text = phrase!("the programme is not in force on this date", "program tidak berlaku pada tanggal ini");
        let not_in_force = Wording {
            en: vec![Piece::Text(text.en)],
            id: vec![Piece::Text(text.id)],
            values: Vec::new(),
            basis: Phrase { en: String::new(), id: String::new() },
            amended: Vec::new(),
        };
        Wordings {
            programmes: graph.programmes.iter().map(|p| p.conditions.iter().map(told).collect()).collect(),
            not_in_force: Told {
                criterion: "in_force".into(),
                kind: ReasonKind::Requires,
                wording: Arc::new(not_in_force),
            },
        }
    }

    /// The nodes that the reason of a condition of a programme is told of.
    pub(crate) fn nodes(&self, (programme, condition): (usize, usize)) -> impl Iterator<Item = NodeId> {
        let told = self.programmes.get(programme).and_then(|conditions| conditions.get(condition));
        told.into_iter().flat_map(|told| {
            let amended = told.wording.amended.iter().filter_map(|(_, node)| *node);
            told.wording.values.iter().map(|(node, _)| *node).chain(amended)
        })
    }

    /// The reason that a condition of a programme gives where it fails.
    pub(crate) fn reason(
        &self,
        (programme, condition): (usize, usize),
        known: &dyn Fn(NodeId) -> Option<Value>,
    ) -> Option<Reason> {
        let told = self.programmes.get(programme)?.get(condition)?;
        let is_so = |node: &Option<NodeId>| node.is_none_or(|node| known(node) == Some(Value::Boolean(true)));
        let amended = told.wording.amended.iter().filter(|(_, node)| is_so(node)).map(|(rule, _)| rule.clone());
        let values = told.wording.values.iter().map(|(node, _)| known(*node));
        Some(told.with(values.collect(), amended.collect()))
    }

    /// The criterion of who is not eligible because the programme is not in force.
    pub(crate) fn not_in_force_name(&self) -> &str {
        &self.not_in_force.criterion
    }

    pub(crate) fn not_in_force(&self) -> Reason {
        self.not_in_force.with(Vec::new(), Vec::new())
    }
}

impl Told {
    fn with(&self, values: Vec<Option<Value>>, amended: Vec<AmendedRule>) -> Reason {
        let (criterion, wording) = (Arc::clone(&self.criterion), Arc::clone(&self.wording));
        Reason { criterion, kind: self.kind, wording, values, amended }
    }
}

fn wording(program: &Program, graph: &Graph, condition: &RootCondition) -> Wording {
    let mut values: Vec<(NodeId, Writing)> = Vec::new();
    let mut pieces = |lang: Lang| -> Vec<Piece> {
        let given = condition.texts.iter().find(|(l, _)| *l == lang).or_else(|| condition.texts.first());
        let Some((_, parts)) = given else {
            return vec![Piece::Text(match (&condition.kind, lang) {
                (ConditionKind::Excluded(_), Lang::En) => format!("already entitled to `{}`", condition.name),
                (ConditionKind::Excluded(_), Lang::Id) => format!("sudah berhak atas `{}`", condition.name),
                _ => condition.label.get(lang).unwrap_or(&condition.name).to_string(),
            })];
        };
        let mut out: Vec<Piece> = Vec::new();
        let text = |out: &mut Vec<Piece>, more: &str| match out.last_mut() {
            Some(Piece::Text(text)) => text.push_str(more),
            _ => out.push(Piece::Text(more.to_owned())),
        };
        for part in parts {
            match part {
                TextPart::Text(more) => text(&mut out, more),
                TextPart::Value(node, ty) => match graph.constant(*node) {
                    Some(value) => text(&mut out, &words(program, value, ty, lang)),
                    None => {
                        let place = values.iter().position(|(n, _)| n == node).unwrap_or(values.len());
                        if place == values.len() {
                            values.push((*node, Writing::of(program, ty)));
                        }
                        out.push(Piece::Value(place));
                    }
                },
            }
        }
        out
    };
    let (en, id) = (pieces(Lang::En), pieces(Lang::Id));
    let both = |label: &Label| Phrase {
        en: label.get(Lang::En).map(ToString::to_string).unwrap_or_default(),
        id: label.get(Lang::Id).map(ToString::to_string).unwrap_or_default(),
    };
    let amended = condition.changes.iter().map(|c| (AmendedRule::of(program, c), c.holds)).collect();
    Wording { en, id, values, basis: both(&condition.basis), amended }
}
