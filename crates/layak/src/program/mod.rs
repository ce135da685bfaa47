//! The checked program: names resolved, types and dimensions known, versions in time side by side.
//!
//! A `Program` exists only when the rules have no error. It says what the rules mean and nothing of how they run.

// What a program says and no stage reads yet is for the checks and reports to come.
#![allow(dead_code)]

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use crate::arena::{Arena, id};
use crate::diagnostic::{Code, Finding, Severity};
use crate::source::{Place, Span};
use crate::syntax::Lang;
use crate::value::{Calendar, Date, Decimal, Value};

mod changes;
mod expr;
mod formats;
mod from_syntax;
mod types;

pub(crate) use changes::{Change, changes, own_change};
pub(crate) use expr::*;
pub(crate) use formats::*;
pub(crate) use from_syntax::{Input, csv_path, program, root};
pub(crate) use types::*;

id!(/// A module.
    ModuleId);
id!(/// An enum.
    EnumId);
id!(/// A source of facts.
    SourceDeclId);
id!(/// A format of texts.
    FormatId);
id!(/// An entity.
    EntityId);
id!(/// A parameter.
    ParameterId);
id!(/// A definition, criterion, table or scale: a named value of an entity.
    DefinitionId);
id!(/// The rows of one version of a table.
    TableId);
id!(/// A programme.
    ProgrammeId);
id!(/// An act that changes a module.
    ActId);

/// A text in the languages it was given in.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Label {
    pub en: Option<Arc<str>>,
    pub id: Option<Arc<str>>,
}

impl Label {
    /// In a language, else in the other.
    pub(crate) fn get(&self, lang: Lang) -> Option<&Arc<str>> {
        match lang {
            Lang::En => self.en.as_ref().or(self.id.as_ref()),
            Lang::Id => self.id.as_ref().or(self.en.as_ref()),
        }
    }
}

/// A warning silenced for a declaration or a field.
#[derive(Clone, Debug)]
pub(crate) struct Allowed {
    pub code: Code,
    /// Where the warning must stand.
    pub within: Span,
    /// Where it is silenced.
    pub span: Span,
    /// Whether it has silenced one already.
    pub used: bool,
}

impl Allowed {
    /// Whether a finding is silenced, and notes by what.
    pub(crate) fn silence(all: &mut [Allowed], finding: &Finding) -> bool {
        let Some(at) = finding.span().filter(|_| finding.severity() == Severity::Warning) else { return false };
        let mut silenced = false;
        let within = |a: &Allowed| a.within.source == at.source && a.within.start <= at.start && at.end <= a.within.end;
        for allowed in all.iter_mut().filter(|a| a.code == finding.code() && within(a)) {
            allowed.used = true;
            silenced = true;
        }
        silenced
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Module {
    pub name: Arc<str>,
    pub title: Label,
    pub lang: Lang,
    pub span: Span,
}

/// What every declared name has.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    pub name: Arc<str>,
    pub module: ModuleId,
    pub label: Label,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct EnumType {
    pub declared: Declared,
    pub members: Vec<Member>,
}

#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub name: Arc<str>,
    pub label: Label,
    /// Other names that data may give it.
    pub codes: Vec<Arc<str>>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct SourceDeclared {
    pub declared: Declared,
    /// For how long after its date what it says counts.
    pub fresh: Option<crate::value::Duration>,
    /// Whether what it says is more than the household's own word.
    pub verifies: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Entity {
    pub declared: Declared,
    pub fields: Vec<Field>,
    /// The field that identifies an element.
    pub key: Option<usize>,
    /// The lists that hold its elements: the entity and its field. None for the root.
    pub holders: Vec<(EntityId, usize)>,
    /// For the items of a list of scalars, which have an entity of one field without a name in the rules.
    pub is_scalar_item: bool,
}

impl Entity {
    /// The entity whose lists hold it, if there is one alone.
    pub(crate) fn parent(&self) -> Option<EntityId> {
        let (first, _) = self.holders.first()?;
        self.holders.iter().all(|(e, _)| e == first).then_some(*first)
    }

    /// The fields as they are declared, with their numbers: those within records stand behind them.
    pub(crate) fn own_fields(&self) -> impl Iterator<Item = (usize, &Field)> {
        let first = |f: &Field| if let FieldShape::Record { first, .. } = f.shape { Some(first) } else { None };
        let own = self.fields.iter().filter_map(first).min().unwrap_or(self.fields.len());
        self.fields.iter().take(own).enumerate()
    }
}

/// What values a fact may take. Ends are included, but for `open`, which leaves the upper one out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Range {
    pub low: Option<Value>,
    pub high: Option<Value>,
    pub open: bool,
}

impl Range {
    pub(crate) fn holds(&self, value: &Value) -> bool {
        self.low.as_ref().is_none_or(|low| low <= value)
            && self.high.as_ref().is_none_or(|high| if self.open { value < high } else { value <= high })
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub name: Arc<str>,
    pub shape: FieldShape,
    pub label: Label,
    pub column: Option<Arc<str>>,
    /// Most trusted first; empty where every source is accepted.
    pub sources: Vec<SourceDeclId>,
    /// Whether it is known only by a source that verifies.
    pub verified: bool,
    /// Whether nobody may be told to change it.
    pub fixed: bool,
    /// Of a text: the structure that it must have.
    pub format: Option<FormatId>,
    /// Of a link: the link of the linked entity that leads back, by its entity and field. The two say the same, so what
    /// one of them says holds for the other.
    pub inverse: Option<(EntityId, usize)>,
    /// Of a link: whether following it never comes back to where it began.
    pub acyclic: bool,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum FieldShape {
    /// A scalar or a link.
    Scalar { ty: Type, range: Range, default: Option<Value> },
    /// A list of elements; how many it may hold.
    List { item: EntityId, least: usize, most: Option<usize> },
    /// Another entity's fields in one object: they are columns of this entity, `first..first + count` of its `fields`.
    Record { entity: EntityId, first: usize, count: usize },
}

impl Field {
    pub(crate) fn ty(&self, program: &Arena<EntityId, Entity>) -> Type {
        match &self.shape {
            FieldShape::Scalar { ty, .. } => ty.clone(),
            FieldShape::List { item, .. } => {
                let entity = &program[*item];
                let scalar = entity.fields.first().filter(|_| entity.is_scalar_item);
                Type::list_of(scalar.map_or(Type::Element(*item), |f| f.ty(program)))
            }
            FieldShape::Record { entity, .. } => Type::Element(*entity),
        }
    }

    /// The entity that it links to, and whether to several elements; None where it is no link.
    pub(crate) fn link(&self, program: &Arena<EntityId, Entity>) -> Option<(EntityId, bool)> {
        let (ty, several) = match &self.shape {
            FieldShape::Scalar { ty, .. } => (ty, false),
            FieldShape::List { item, .. } => {
                let entity = &program[*item];
                match entity.fields.first().filter(|_| entity.is_scalar_item).map(|f| &f.shape) {
                    Some(FieldShape::Scalar { ty, .. }) => (ty, true),
                    _ => return None,
                }
            }
            FieldShape::Record { .. } => return None,
        };
        match ty.required() {
            Type::Element(target) => Some((*target, several)),
            _ => None,
        }
    }
}

/// An act that changes what a module declares.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    /// Where it stands, and what it changes.
    pub module: ModuleId,
    pub amends: ModuleId,
    pub label: Label,
    pub basis: Label,
    pub period: Period,
    /// Whether it is for the household; none where it is for all.
    pub condition: Option<DefinitionId>,
    pub place: Place,
    pub span: Span,
}

/// When a version is in force (both ends included) and since when it has been known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Period {
    pub from: Option<Date>,
    pub until: Option<Date>,
    pub enacted: Option<Date>,
    /// Of an act that is not enacted: it stands over all that is.
    pub proposed: bool,
    /// In it nothing is in force, for an act repeals what was.
    pub repeals: bool,
}

impl Period {
    pub(crate) fn holds(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// Whether it was known on a day; a version without `enacted` always was.
    pub(crate) fn known(&self, day: Date) -> bool {
        self.enacted.is_none_or(|enacted| enacted <= day)
    }

    /// Of two that are in force and known, the one of the higher rank counts: a proposal, else the one enacted last. What an
    /// act puts in place goes before what the same act repeals.
    pub(crate) fn rank(&self) -> (bool, Option<Date>, bool) {
        (self.proposed, self.enacted, !self.repeals)
    }

    /// Whether two have a day in common.
    pub(crate) fn meets(&self, other: &Period) -> bool {
        let before = |a: Option<Date>, b: Option<Date>| a.zip(b).is_none_or(|(a, b)| a <= b);
        before(self.from, self.until)
            && before(other.from, other.until)
            && before(self.from, other.until)
            && before(other.from, self.until)
    }
}

/// The version in force on a day as the law was known on another: of those in force and known, the one of the highest rank;
/// none where that is a repeal.
pub(crate) fn version_on<T>(versions: &[T], period: impl Fn(&T) -> &Period, as_of: Date, known_on: Date) -> Option<&T> {
    let in_force = versions.iter().filter(|v| period(v).holds(as_of) && period(v).known(known_on));
    in_force.max_by_key(|v| period(v).rank()).filter(|v| !period(v).repeals)
}

#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub declared: Declared,
    pub keys: Vec<(Arc<str>, Type)>,
    pub ty: Type,
    /// Sorted by keys; each with its versions by their first day.
    pub values: Vec<ParameterValue>,
    /// What to give where no version of a key is in force.
    pub default: Option<Constant>,
    pub basis: Label,
    /// The parameter of which it is what an act makes of it for some households: it has no name in the rules of its own.
    pub part_of: Option<ParameterId>,
    /// What to ask instead, where acts change it for some households.
    pub bound: Option<DefinitionId>,
}

/// A constant of a parameter: one value or a list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Constant {
    One(Value),
    List(Vec<Value>),
}

#[derive(Clone, Debug)]
pub(crate) struct ParameterValue {
    pub keys: Vec<Value>,
    pub versions: Vec<ParameterVersion>,
}

#[derive(Clone, Debug)]
pub(crate) struct ParameterVersion {
    pub period: Period,
    pub value: Constant,
    pub basis: Label,
    pub span: Span,
    /// The act that it is of, where it is of one.
    pub act: Option<ActId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DefinitionKind {
    Define,
    Criterion,
    /// A table, or a scale, which is a table of its brackets.
    Table,
}

#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub declared: Declared,
    pub kind: DefinitionKind,
    /// Whose value it is: the root, or a member entity.
    pub owner: EntityId,
    pub arguments: Vec<(Arc<str>, Type)>,
    pub ty: Type,
    /// By their first day.
    pub versions: Vec<DefinitionVersion>,
    /// The definition that it is a part of, as what an act puts in: it has no name in the rules of its own. Of what is no
    /// definition's, such as the condition of an act, itself.
    pub part_of: Option<DefinitionId>,
    /// What it is for all households but those that acts change it for, where any do.
    pub base: Option<DefinitionId>,
    /// What a part means, once it has been asked for.
    pub meaning: OnceLock<Arc<str>>,
}

#[derive(Clone, Debug)]
pub(crate) struct DefinitionVersion {
    pub period: Period,
    pub value: DefinitionValue,
    /// Where the value is written, its exceptions left out.
    pub written: Span,
    pub exceptions: Vec<ExceptionRule>,
    pub basis: Label,
    /// The reason to give when a criterion fails.
    pub otherwise: Vec<(Lang, Template)>,
    pub span: Span,
    /// The act that it is of, where it is of one, and the label that this gives.
    pub act: Option<ActId>,
    pub label: Label,
}

impl DefinitionVersion {
    /// Its expressions.
    pub(crate) fn body<'a>(&'a self, program: &'a Program) -> &'a ExprBody {
        match &self.value {
            DefinitionValue::Expr(body) => body,
            DefinitionValue::Table(table) => &program.tables[*table].body,
        }
    }
}

/// An exception as it was written; what it does is part of the rule's value.
#[derive(Clone, Debug)]
pub(crate) struct ExceptionRule {
    pub provision: Arc<Provision>,
    /// The exceptions, by position, that it is an exception to; none for the general rule.
    pub to: Vec<usize>,
    pub condition: Span,
    pub value: Span,
    pub priority: Decimal,
    pub period: Period,
}

#[derive(Clone, Debug)]
pub(crate) enum DefinitionValue {
    Expr(ExprBody),
    Table(TableId),
}

/// A text with values in it.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub parts: Vec<TemplatePart>,
}

#[derive(Clone, Debug)]
pub(crate) enum TemplatePart {
    Text(Arc<str>),
    Value(ExprBody),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum HitPolicy {
    Unique,
    First,
    Any,
    /// The best by the ranking of the first output.
    Priority,
    Collect(crate::syntax::Collect),
}

/// The rows of a table. Cells and outputs name expressions of `body`, which also holds the columns.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub name: Arc<str>,
    pub policy: HitPolicy,
    pub body: ExprBody,
    pub inputs: Vec<ExprRef>,
    pub outputs: Vec<(Arc<str>, Type)>,
    pub rows: Vec<Row>,
    /// One a output, where given.
    pub otherwise: Vec<ExprRef>,
    /// The values of the first output, best first.
    pub ranking: Vec<Value>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub cells: Vec<CellTests>,
    pub outputs: Vec<ExprRef>,
    pub basis: Label,
    pub span: Span,
}

/// A cell accepts a value that any of its tests accepts; negated, one that none does; without tests, every value.
#[derive(Clone, Debug, Default)]
pub(crate) struct CellTests {
    pub tests: Vec<CellTest>,
    pub negated: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum CellTest {
    Equal(ExprRef),
    /// Both ends included unless open.
    Range {
        low: Option<ExprRef>,
        low_open: bool,
        high: Option<ExprRef>,
        high_open: bool,
    },
    /// The value is not known.
    Unknown,
}

#[derive(Clone, Debug)]
pub(crate) struct Programme {
    pub declared: Declared,
    pub owner: EntityId,
    /// By their first day; versions of one name differ in period.
    pub versions: Vec<ProgrammeVersion>,
    /// Names and types of everything any version gives, in the order first given.
    pub outputs: Vec<ProgrammeOutput>,
}

#[derive(Clone, Debug)]
pub(crate) struct ProgrammeOutput {
    pub name: Arc<str>,
    pub ty: Type,
    pub label: Label,
}

#[derive(Clone, Debug)]
pub(crate) struct ProgrammeVersion {
    pub period: Period,
    pub basis: Label,
    /// Where one who does not agree objects.
    pub appeal: Label,
    pub requires: Vec<Condition>,
    pub refuses: Vec<Condition>,
    /// Programmes that its recipients do not get.
    pub excludes: Vec<ProgrammeId>,
    /// By the index of the programme's outputs.
    pub gives: Vec<(usize, ExprBody)>,
    pub span: Span,
    /// The act that it is of, where it is of one.
    pub act: Option<ActId>,
}

/// A yes/no value that a programme names.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    /// As decisions name it.
    pub name: Arc<str>,
    pub body: ExprBody,
    /// The criterion, where it is one: its texts are given as the reason.
    pub definition: Option<DefinitionId>,
    /// For which households it counts, where acts say so.
    pub guard: Option<DefinitionId>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Test {
    pub name: Arc<str>,
    pub module: ModuleId,
    pub as_of: Option<Date>,
    pub known_on: Option<Date>,
    pub given: Given,
    pub expect: Vec<Expectation>,
    pub span: Span,
}

/// Facts written in a rule file.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub kind: GivenKind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum GivenKind {
    Number(Decimal),
    Text(Arc<str>),
    Boolean(bool),
    None,
    Unknown,
    List(Vec<Given>),
    Object(Vec<(Arc<str>, Given)>),
}

#[derive(Clone, Debug)]
pub(crate) enum Expectation {
    /// The outcome of a programme for an element, with the criteria that fail and the facts that are missing, where said.
    Outcome {
        programme: ProgrammeId,
        of: Vec<crate::syntax::Step>,
        outcome: crate::syntax::OutcomeWord,
        because: Vec<Arc<str>>,
        missing: Vec<Arc<str>>,
        span: Span,
    },
    Holds {
        body: ExprBody,
        span: Span,
    },
}

/// What must hold of all households, or of all elements of an entity.
#[derive(Clone, Debug)]
pub(crate) struct Property {
    pub name: Arc<str>,
    pub label: Label,
    pub module: ModuleId,
    /// The language of its file's keywords.
    pub lang: Lang,
    pub as_of: Option<Date>,
    pub known_on: Option<Date>,
    pub entity: EntityId,
    pub claims: Vec<Claim>,
    pub span: Span,
}

impl Property {
    /// Its expressions over several households: of each claim those of its changes, then its laws.
    pub(crate) fn mixes(&self) -> impl Iterator<Item = &Mixed> {
        self.claims.iter().flat_map(Claim::mixes)
    }
}

/// What must hold of a household together with what it is changed to. Claims that have the same expectation are ways of
/// changing it.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    /// The household as it is, and what it is changed to. INVARIANT: never empty; each but the first has its base before it.
    pub worlds: Vec<World>,
    pub laws: Vec<Law>,
    /// The number of what it is expected by, and where that stands: 0 for all free conditions together.
    pub expectation: usize,
    pub span: Span,
    /// Whether it speaks only of households of which every fact is known.
    pub complete: bool,
}

impl Claim {
    pub(crate) fn mixes(&self) -> impl Iterator<Item = &Mixed> {
        let changes = self.worlds.iter().flat_map(|w| &w.changes).filter_map(|change| match &change.value {
            NewValue::Of(mixed) => Some(mixed),
            NewValue::Step { .. } => None,
        });
        changes.chain(self.laws.iter().map(|law| &law.value))
    }
}

/// A household that a property speaks of.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub name: Option<Arc<str>>,
    pub base: usize,
    pub changes: Vec<FactChange>,
    /// A list of the property's entity, in another order.
    pub order: Option<(usize, NewOrder)>,
}

/// A fact of the property's entity and its new value.
#[derive(Clone, Debug)]
pub(crate) struct FactChange {
    pub field: usize,
    pub value: NewValue,
}

#[derive(Clone, Debug)]
pub(crate) enum NewValue {
    Of(Mixed),
    /// More, or less, than it is.
    Step {
        up: bool,
        reach: Reach,
    },
}

/// How far a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// One unit: 1, a day, a month.
    Unit,
    /// To the next value on which something may turn.
    Next,
    /// To the last of them.
    Last,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NewOrder {
    Reversed,
    /// The first is put last.
    Turned,
    /// The first two change places.
    Swapped,
}

#[derive(Clone, Debug)]
pub(crate) struct Law {
    pub value: Mixed,
    pub span: Span,
    pub says: Says,
}

/// What a law says, to those who write a test of it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Says {
    /// Its own expression.
    Condition,
    /// Two of its parts, outcomes, are not so together.
    Together,
    /// The programme that stands at the place is decided.
    Decided { programme: Span },
    /// The value is within what the other place says; of an output, where its programme is eligible.
    Bounded { value: Span, programme: Option<Span>, within: Span },
    /// Its parts, each as it is for its own household.
    Parts,
}

/// An expression over several households. INVARIANT: what is not within a part is a constant, a list, or one of the operators
/// on single values.
#[derive(Clone, Debug)]
pub(crate) struct Mixed {
    pub body: ExprBody,
    /// In the order of `at`.
    pub parts: Vec<Part>,
}

/// What one household says of an expression.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub at: ExprRef,
    pub world: usize,
    pub body: ExprBody,
}

/// The rules of one ruleset, checked.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub modules: Arena<ModuleId, Module>,
    pub currency: Option<Arc<str>>,
    pub calendar: Option<Calendar>,
    pub enums: Arena<EnumId, EnumType>,
    pub sources: Arena<SourceDeclId, SourceDeclared>,
    pub formats: Arena<FormatId, TextFormat>,
    pub entities: Arena<EntityId, Entity>,
    pub root: EntityId,
    pub parameters: Arena<ParameterId, Parameter>,
    pub definitions: Arena<DefinitionId, Definition>,
    pub tables: Arena<TableId, Table>,
    pub programmes: Arena<ProgrammeId, Programme>,
    pub acts: Arena<ActId, Act>,
    pub tests: Vec<Test>,
    /// The names that were read as words of the language, such as `count` in `count(members)`: where they stand (of a text
    /// with values in it, where all of it does) and as they are written.
    pub words: BTreeSet<(Span, Arc<str>)>,
    pub properties: Vec<Property>,
    pub allows: Vec<Allowed>,
    /// Names that hide others: found while names are resolved, told by `check` alone.
    pub shadows: Vec<Finding>,
}

impl Program {
    /// A name of an entity's, after the entity's own: `Person.age`. Of the household's the name alone.
    pub(crate) fn owned(&self, owner: EntityId, name: &str) -> String {
        if owner == self.root { name.to_owned() } else { format!("{}.{name}", self.entities[owner].declared.name) }
    }
}
