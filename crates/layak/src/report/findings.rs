//! What is to be said of the facts behind a decision: evidence that disagrees, is too old or not verified, and values that
//! were assumed. Each is tried the other way, so that it is known whether an outcome hangs on it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::{Code, Phrase, phrase};
use crate::facts::{Case, EvidenceFact, EvidenceItem, Fact, Weighed, key_of, path_of, weigh};
use crate::graph::{Frame, FrameId, Graph, Lowered, Node, NodeId, Op};
use crate::outcome::{Recording, Slot, Verdict, is_settled, relevant};
use crate::program::{EntityId, FieldShape, Program, Type};
use crate::report::{Answer, Entitlement, Entitlements, Failure, ProgrammeDecision, Reporter, words};
use crate::syntax::Lang;
use crate::value::Value;

/// So many statements of one fact are told.
const MOST_TOLD: usize = 6;

/// Something to be said of a fact that a decision may rest on.
#[derive(Clone, Debug, PartialEq)]
pub struct FactFinding {
    kind: FactFindingKind,
    fact: String,
    text: Phrase,
    /// The programmes decided otherwise if it were otherwise; None where that was not worked out.
    programmes: Option<Vec<Arc<str>>>,
}

/// What there is to say of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FactFindingKind {
    /// Sources disagree.
    Conflict,
    /// What a source said is too old to count.
    Stale,
    /// It rests on a statement that no source has verified, or is not known for want of that.
    Unverified,
    /// It is not known, and the rules take a value in its place.
    Assumed,
    /// A source said it that is none of the fact's.
    NotAccepted,
}

impl FactFindingKind {
    /// Its stable code, which has a page.
    pub fn code(self) -> Code {
        match self {
            FactFindingKind::Conflict => Code::EVIDENCE_CONFLICT,
            FactFindingKind::Stale => Code::EVIDENCE_STALE,
            FactFindingKind::Unverified => Code::EVIDENCE_UNVERIFIED,
            FactFindingKind::Assumed => Code::ASSUMED,
            FactFindingKind::NotAccepted => Code::EVIDENCE_NOT_ACCEPTED,
        }
    }

    /// As data names it: `conflict`, `stale`, `unverified`, `assumed`, `not_accepted`.
    pub fn name(self) -> &'static str {
        match self {
            FactFindingKind::Conflict => "conflict",
            FactFindingKind::Stale => "stale",
            FactFindingKind::Unverified => "unverified",
            FactFindingKind::Assumed => "assumed",
            FactFindingKind::NotAccepted => "not_accepted",
        }
    }
}

impl FactFinding {
    /// What there is to say.
    pub fn kind(&self) -> FactFindingKind {
        self.kind
    }

    /// Where the fact stands: `members[1].occupation`.
    pub fn fact(&self) -> &str {
        &self.fact
    }

    /// What was said by whom, and what counts.
    pub fn text(&self) -> &Phrase {
        &self.text
    }

    /// Whether an outcome or an output would be another if it were otherwise, found by deciding that way too: a disagreement
    /// by what the others say, what is too old by its value, what is not verified without it, an assumption without it.
    /// Nothing where there are more findings than `Limits::cases` lets be tried.
    pub fn depends(&self) -> Option<bool> {
        self.programmes.as_ref().map(|list| !list.is_empty())
    }

    /// The programmes that would be decided otherwise, by name.
    pub fn programmes(&self) -> impl Iterator<Item = &str> {
        self.programmes.iter().flatten().map(|name| &**name)
    }

    /// What hangs on it, in words.
    pub fn dependence(&self) -> Phrase {
        match self.programmes.as_deref() {
            None => phrase!("what hangs on it was not worked out", "pengaruhnya tidak dihitung"),
            Some([]) => phrase!("no outcome depends on it", "tidak memengaruhi hasil"),
            Some(list) => {
                let names = list.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
                phrase!("decides {0}", "menentukan {0}", names)
            }
        }
    }
}

/// A finding before it is tried the other way.
struct Open {
    slot: Option<Slot>,
    fact: String,
    kind: FactFindingKind,
    text: Phrase,
    other: Other,
}

/// Nodes of the graph, each with its row.
type Places = BTreeSet<(NodeId, u32)>;
/// A fact, if it is one, and what it is called.
type Named = (Option<Slot>, String);

/// How it is tried.
enum Other {
    /// With the fact as each of these.
    Facts(Slot, Vec<Fact>),
    /// Without assuming anything at these places.
    Unassumed(Places),
}

impl Reporter<'_> {
    /// The findings on the evidence of a decided household, and those on what was assumed. At most `Limits::cases`
    /// decisions more.
    pub(super) fn findings(
        &self,
        case: &Case,
        evidence: &[EvidenceFact],
        recording: Option<&Recording>,
        decided: &[ProgrammeDecision],
    ) -> Vec<FactFinding> {
        let mut open: Vec<Open> = evidence.iter().flat_map(|fact| self.of_evidence(case, fact)).collect();
        if let Some(recording) = recording {
            open.extend(self.assumed(case, recording, decided));
        }
        open.sort_by(|a, b| (a.slot, a.kind, &a.fact).cmp(&(b.slot, b.kind, &b.fact)));
        let mut left = self.limits.cases;
        let mut changed: Option<Case> = None;
        let mut unassumed: Option<Graph> = None;
        let mut out = Vec::with_capacity(open.len());
        for finding in open {
            let mut differing: Option<BTreeSet<Arc<str>>> = Some(BTreeSet::new());
            let mut tried = |programmes: Option<Vec<ProgrammeDecision>>| match (&mut differing, programmes) {
                (Some(names), Some(other)) => names.extend(differ(decided, &other)),
                _ => differing = None,
            };
            match finding.other {
                Other::Facts(slot, values) => {
                    let before = case.fact(slot.0, slot.1, slot.2).cloned().unwrap_or(Fact::Unknown);
                    for value in values.into_iter().filter(|value| *value != before) {
                        if left == 0 {
                            tried(None);
                            break;
                        }
                        left -= 1;
                        let case = changed.get_or_insert_with(|| case.clone());
                        case.set(slot, value);
                        tried(Some(self.programmes(case)));
                        case.set(slot, before.clone());
                    }
                }
                Other::Unassumed(places) if left > 0 => {
                    left -= 1;
                    let graph = unassumed.get_or_insert_with(|| self.graph.clone());
                    graph.unassumed = places;
                    let without = Reporter { graph, machine: None, ..*self };
                    tried(Some(without.programmes(case)));
                }
                Other::Unassumed(_) => tried(None),
            }
            out.push(FactFinding {
                kind: finding.kind,
                fact: finding.fact,
                text: finding.text,
                programmes: differing.map(|names| names.into_iter().collect()),
            });
        }
        out
    }

    fn of_evidence(&self, case: &Case, given: &EvidenceFact) -> Vec<Open> {
        let day = self.graph.day.map_or(crate::value::Date::MIN, |d| d.as_of);
        let Some(weighed) = weigh(self.program, given, day) else { return Vec::new() };
        let slot = (given.entity, given.field, given.row);
        let values = |numbers: &[usize]| -> Vec<Fact> {
            let mut out: Vec<Fact> = Vec::new();
            for item in numbers.iter().filter_map(|n| given.items.get(*n)) {
                if !out.contains(&item.value) {
                    out.push(item.value.clone());
                }
                if out.len() == MOST_TOLD {
                    break;
                }
            }
            out
        };
        let said = Said { reporter: self, case, given, weighed: &weighed };
        let fact = path_of(self.program, case, given.entity, given.field, given.row);
        let one = |kind, text, values| Open {
            slot: Some(slot),
            fact: fact.clone(),
            kind,
            text,
            other: Other::Facts(slot, values),
        };
        let mut out = Vec::new();
        if !weighed.differing.is_empty() {
            out.push(one(FactFindingKind::Conflict, said.conflict(), values(&weighed.differing)));
        }
        if !weighed.stale.is_empty() {
            out.push(one(FactFindingKind::Stale, said.stale(), values(&weighed.stale)));
        }
        if !weighed.unverified.is_empty() {
            let other = if weighed.chosen.is_some() { vec![Fact::Unknown] } else { values(&weighed.unverified) };
            out.push(one(FactFindingKind::Unverified, said.unverified(), other));
        }
        if !weighed.unaccepted.is_empty() {
            out.push(one(FactFindingKind::NotAccepted, said.unaccepted(), values(&weighed.unaccepted)));
        }
        out
    }

    /// The defaults taken on the way to the outcomes and outputs, by fact.
    fn assumed(&self, case: &Case, recording: &Recording, decided: &[ProgrammeDecision]) -> Vec<Open> {
        let mut taken: Places = BTreeSet::new();
        for (node, of) in &self.assumptions.places {
            let frame = self.graph.nodes[*node].frame;
            for row in 0..u32::try_from(recording.frames.len(frame)).unwrap_or(0) {
                if !is_settled(recording.get(self.graph, *of, frame, row)) {
                    taken.insert((*node, row));
                }
            }
        }
        if taken.is_empty() {
            return Vec::new();
        }
        let used = self.used(case, recording, decided);
        let mut by_fact: BTreeMap<Named, Places> = BTreeMap::new();
        for place @ (node, row) in taken.intersection(&used).copied() {
            let Op::Assume(of, _) = self.graph.nodes[node].op else { continue };
            let own = recording.frames.up(self.graph, self.graph.nodes[node].frame, row, self.graph.nodes[of].frame);
            let mut slots: BTreeSet<Slot> = BTreeSet::new();
            relevant(self.graph, case, recording, of, own, &mut slots);
            for slot in &slots {
                let path = path_of(self.program, case, slot.0, slot.1, slot.2);
                by_fact.entry((Some(*slot), path)).or_default().insert(place);
            }
            if slots.is_empty() {
                // Of a list that was asked for, and is not known, no single fact is open.
                let text = self.graph.nodes[of].span.map_or("", |span| self.sources.snippet(span));
                by_fact.entry((None, text.to_owned())).or_default().insert(place);
            }
        }
        let finding = |((slot, fact), places): (Named, Places)| Open {
            slot,
            fact,
            kind: FactFindingKind::Assumed,
            text: self.assumption(case, recording, slot, &places),
            other: Other::Unassumed(places),
        };
        by_fact.into_iter().map(finding).collect()
    }

    fn assumption(&self, case: &Case, recording: &Recording, slot: Option<Slot>, places: &Places) -> Phrase {
        let mut defaults: BTreeSet<&Value> = BTreeSet::new();
        for (node, row) in places {
            let Op::Assume(_, default) = self.graph.nodes[*node].op else { continue };
            defaults.extend(recording.get(self.graph, default, self.graph.nodes[*node].frame, *row).as_known());
        }
        let own_type = |value: &Value| {
            let ty = slot.and_then(|slot| type_of(self.program, slot));
            ty.filter(|_| places.iter().all(|(node, _)| self.is_fact_itself(*node))).unwrap_or(plain_type(value))
        };
        let list = |lang| {
            let words = defaults.iter().map(|v| value_words(self.program, case, v, &own_type(v), lang));
            words.collect::<Vec<_>>().join(", ")
        };
        if defaults.is_empty() {
            return phrase!(
                "not known; the value that the rules give for that case is taken",
                "belum diketahui; dipakai nilai yang ditetapkan aturan untuk keadaan itu"
            );
        }
        Phrase {
            en: format!("not known; assumed: {}", list(Lang::En)),
            id: format!("belum diketahui; dianggap: {}", list(Lang::Id)),
        }
    }

    /// Whether the operand of an assumption is a fact and nothing else.
    fn is_fact_itself(&self, node: NodeId) -> bool {
        match self.graph.nodes[node].op {
            Op::Assume(of, _) => matches!(self.graph.nodes[of].op, Op::Fact { .. }),
            _ => false,
        }
    }

    /// Every value that had a part in an outcome, an output or a value shown.
    fn used(&self, case: &Case, recording: &Recording, decided: &[ProgrammeDecision]) -> Places {
        let mut from = Vec::new();
        for root in &self.graph.programmes {
            let programme = &self.program.programmes[root.programme];
            let Some(decision) = decided.iter().find(|d| d.name == programme.declared.name) else { continue };
            let mut add = |row: u32, one: &Entitlement| {
                from.extend(root.conditions.iter().map(|c| (c.node, root.frame, row)));
                if matches!(one.verdict, Verdict::Eligible | Verdict::Undetermined) {
                    from.extend(root.outputs.iter().map(|(_, node)| (*node, root.frame, row)));
                }
            };
            match &decision.entitlements {
                Entitlements::One(one) => add(0, one),
                Entitlements::Members(list) => {
                    let rows = self.elements(case, programme.owner);
                    rows.zip(list).for_each(|((row, _), (_, one))| add(row, one));
                }
            }
            if let Some(others) = &decision.others {
                self.others(case, programme.owner).for_each(|row| add(row, others));
            }
        }
        for value in &self.graph.values {
            let (frame, nodes): (FrameId, Vec<NodeId>) = match &value.value {
                Lowered::One(node) => (value.frame, vec![*node]),
                Lowered::List(items) => (items.frame, vec![items.presence, items.value]),
                Lowered::Values(items) => (value.frame, items.iter().flat_map(|(p, v)| [*p, *v]).collect()),
                Lowered::Records(rows) => {
                    (value.frame, rows.iter().flat_map(|(p, out)| out.iter().chain([p])).copied().collect())
                }
                Lowered::Record(parts) => (value.frame, parts.iter().map(|(_, node)| *node).collect()),
            };
            let rows = u32::try_from(recording.frames.len(frame)).unwrap_or(0);
            from.extend((0..rows).flat_map(|row| nodes.iter().map(move |node| (*node, frame, row))));
        }
        self.reached(recording, &from)
    }
}

/// The programmes whose outcome or outputs differ.
fn differ<'d>(before: &'d [ProgrammeDecision], after: &'d [ProgrammeDecision]) -> impl Iterator<Item = Arc<str>> + 'd {
    type Shown<'a> = (Verdict, &'a [(Arc<str>, Answer)], Option<&'a Failure>);
    fn shown(one: &Entitlement) -> Shown<'_> {
        (one.verdict, &one.outputs, one.error.as_ref())
    }
    let same = |a: &Entitlements, b: &Entitlements| match (a, b) {
        (Entitlements::One(a), Entitlements::One(b)) => shown(a) == shown(b),
        (Entitlements::Members(a), Entitlements::Members(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((_, a), (_, b))| shown(a) == shown(b))
        }
        _ => false,
    };
    before
        .iter()
        .filter(move |b| {
            let others = |one: &'d ProgrammeDecision| one.others.as_ref().map(shown);
            let alike = |a: &&ProgrammeDecision| a.name == b.name && same(&a.entitlements, &b.entitlements);
            !after.iter().any(|a| alike(&a) && others(a) == others(b))
        })
        .map(|b| Arc::clone(&b.name))
}

/// The evidence of one fact, put into words.
struct Said<'a> {
    reporter: &'a Reporter<'a>,
    case: &'a Case,
    given: &'a EvidenceFact,
    weighed: &'a Weighed,
}

impl Said<'_> {
    fn value(&self, value: &Fact, lang: Lang) -> String {
        let slot = (self.given.entity, self.given.field, self.given.row);
        match (value.value(), type_of(self.reporter.program, slot)) {
            (Some(value), Some(ty)) => value_words(self.reporter.program, self.case, value, &ty, lang),
            _ => String::new(),
        }
    }

    fn item(&self, item: &EvidenceItem, lang: Lang) -> String {
        let value = self.value(&item.value, lang);
        let Some(source) = item.source else { return value };
        let declared = &self.reporter.program.sources[source].declared;
        let name = declared.label.get(lang).unwrap_or(&declared.name);
        match (item.date, lang) {
            (Some(date), _) => {
                let date = words(self.reporter.program, &Value::Date(date), &Type::Date, lang);
                format!("{name}: {value} ({date})")
            }
            (None, Lang::En) => format!("{name}: {value} (undated)"),
            (None, Lang::Id) => format!("{name}: {value} (tanpa tanggal)"),
        }
    }

    fn items(&self, numbers: impl Iterator<Item = usize>, lang: Lang) -> String {
        let mut all: Vec<&EvidenceItem> = numbers.filter_map(|n| self.given.items.get(n)).collect();
        all.dedup();
        let mut out: Vec<String> = all.iter().take(MOST_TOLD).map(|item| self.item(item, lang)).collect();
        if all.len() > MOST_TOLD {
            out.push("…".to_owned());
        }
        out.join("; ")
    }

    fn all(&self, numbers: &[usize], en: &str, id: &str) -> Phrase {
        let list = |lang| self.items(numbers.iter().copied(), lang);
        Phrase { en: en.replace("{}", &list(Lang::En)), id: id.replace("{}", &list(Lang::Id)) }
    }

    fn conflict(&self) -> Phrase {
        let numbers: Vec<usize> =
            self.weighed.chosen.into_iter().chain(self.weighed.differing.iter().copied()).collect();
        let told = self.all(&numbers, "sources disagree: {}", "sumber berbeda: {}");
        match self.weighed.chosen {
            Some(_) => Phrase {
                en: format!("{}; {} counts", told.en, self.value(&self.weighed.fact, Lang::En)),
                id: format!("{}; yang dipakai {}", told.id, self.value(&self.weighed.fact, Lang::Id)),
            },
            None => Phrase {
                en: format!("{}; nothing tells which is right, so it is not known", told.en),
                id: format!("{}; tidak jelas mana yang benar, jadi belum diketahui", told.id),
            },
        }
    }

    fn stale(&self) -> Phrase {
        self.all(&self.weighed.stale, "too old to count: {}", "terlalu lama untuk dipakai: {}")
    }

    fn unverified(&self) -> Phrase {
        if self.weighed.chosen.is_some() {
            return self.all(
                &self.weighed.unverified,
                "stated and not verified: {}",
                "dinyatakan dan belum diverifikasi: {}",
            );
        }
        self.all(
            &self.weighed.unverified,
            "must be verified and was only stated, so it is not known: {}",
            "wajib diverifikasi dan baru dinyatakan, jadi belum diketahui: {}",
        )
    }

    fn unaccepted(&self) -> Phrase {
        self.all(&self.weighed.unaccepted, "not from a source of this fact: {}", "bukan dari sumber fakta ini: {}")
    }
}

fn type_of(program: &Program, (entity, field, _): Slot) -> Option<Type> {
    match program.entities[entity].fields.get(field).map(|f| &f.shape)? {
        FieldShape::Scalar { ty, .. } => Some(ty.clone()),
        FieldShape::List { .. } | FieldShape::Record { .. } => None,
    }
}

/// The type of a value of which nothing else is known.
fn plain_type(value: &Value) -> Type {
    match value {
        Value::Boolean(_) => Type::Boolean,
        Value::Number(_) | Value::Enum(_) | Value::Element(_) => Type::NUMBER,
        Value::Date(_) => Type::Date,
        Value::Duration(_) => Type::Duration(crate::program::DurationKind::Mixed),
        Value::Text(_) | Value::None => Type::Text,
    }
}

/// A value of the household for a reader: a member by its key.
pub(crate) fn value_words(program: &Program, case: &Case, value: &Value, ty: &Type, lang: Lang) -> String {
    let key = match (value, ty.required()) {
        (Value::Element(row), Type::Element(entity)) => key_of(program, case, *entity, *row),
        _ => None,
    };
    key.map_or_else(|| words(program, value, ty, lang), |key| key.to_string())
}

/// Where a plan's rules give a default for what may be unknown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Assumptions {
    /// Each with its operand.
    places: Vec<(NodeId, NodeId)>,
    /// The facts that the operands rest on.
    facts: BTreeSet<(EntityId, usize)>,
}

impl Assumptions {
    /// Those of a plan: one pass over its graph.
    pub(crate) fn of(graph: &Graph) -> Assumptions {
        let operand = |(node, n): (NodeId, &Node)| if let Op::Assume(of, _) = n.op { Some((node, of)) } else { None };
        let places: Vec<(NodeId, NodeId)> = graph.nodes.iter().filter_map(operand).collect();
        let mut found = Assumptions { places, facts: BTreeSet::new() };
        if found.places.is_empty() {
            return found;
        }
        let holder = |frame: &Frame| if let Frame::Item { holder, .. } = frame { Some(*holder) } else { None };
        let mut open: Vec<NodeId> = found.places.iter().map(|(_, of)| *of).collect();
        open.extend(graph.frames.values().filter_map(holder));
        let mut seen: BTreeSet<NodeId> = BTreeSet::new();
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                if let Op::Fact { entity, field } = graph.nodes[id].op {
                    found.facts.insert((entity, field));
                }
                open.extend(graph.inputs(id));
            }
        }
        found
    }

    /// Whether a default may stand for a fact, or for what rests on it.
    pub(crate) fn rests_on(&self, entity: EntityId, field: usize) -> bool {
        self.facts.contains(&(entity, field))
    }

    /// Whether nothing that an operand rests on is open, so that nothing is assumed. INVARIANT: lists are known.
    pub(super) fn are_idle(&self, case: &Case) -> bool {
        let is_known = |(entity, field): &(EntityId, usize)| {
            case.table(*entity).is_some_and(|table| table.column(*field).all(|fact| fact.value().is_some()))
        };
        self.facts.iter().all(is_known)
    }
}
