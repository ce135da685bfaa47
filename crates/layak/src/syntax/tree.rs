//! The tree of one file.
//!
//! Expressions live in one arena a file and name each other by index. INVARIANT: the operands of an expression have smaller
//! indices than it, and the list of a `where` or `each` smaller ones than its body: passes are loops, however deep the nesting.

// What a tree holds and no pass reads yet is for the formatter and the checks to come.
#![expect(dead_code)]

use std::collections::BTreeMap;
use std::ops::{Index, Range};
use std::sync::Arc;

use crate::source::Span;
use crate::syntax::{AmendDecl, Lang};
use crate::value::{Date, Decimal, Duration};

/// A name as written, after NFC.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub text: Arc<str>,
    /// The English word of the lexicon that it is when read as one: a bare `jumlah` of an Indonesian file is `sum`.
    pub word: Option<Arc<str>>,
    pub span: Span,
}

/// `bansos.household.desil`, split at the points.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    pub names: Vec<Name>,
    pub span: Span,
}

/// A name, after the entity it belongs to where that is said: `age` or `Person.age`.
#[derive(Clone, Debug)]
pub(crate) struct OwnedName {
    pub owner: Option<Name>,
    pub name: Name,
}

/// A text in one language or several. A text without a language is in that which no other has, whatever the keywords of the
/// file: alone it counts as English, and stands for both.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    pub texts: Vec<(Lang, Written)>,
}

/// The content of a string and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub text: Arc<str>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ExprId(pub u32);

#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Unit {
    Year,
    Month,
    Week,
    Day,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BinaryOp {
    Or,
    And,
    Implies,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    NotIn,
    OrElse,
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnaryOp {
    Not,
    Negate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum StateTest {
    Known,
    Unknown,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum OutcomeWord {
    Eligible,
    NotEligible,
    Undetermined,
    Error,
}

#[derive(Clone, Debug)]
pub(crate) enum Literal {
    Number(Decimal),
    /// The code of a currency, or a symbol for one, and an amount.
    Money(Name, Decimal),
    Date(Date),
    /// Months and days; a year is 12 months, a week 7 days.
    Duration(Duration),
    Text(Arc<str>),
    Boolean(bool),
}

#[derive(Clone, Debug)]
pub(crate) struct CallArgument {
    pub name: Option<Name>,
    pub value: ExprId,
}

#[derive(Clone, Debug)]
pub(crate) enum ExprKind {
    Literal(Literal),
    Name(Name),
    /// `of.name`
    Member {
        of: ExprId,
        name: Name,
    },
    /// `of[0]` or `of["key"]`, in tests alone.
    Element {
        of: ExprId,
        at: ElementAt,
    },
    /// `name(arguments)` or `of.name(arguments)`
    Call {
        of: Option<ExprId>,
        name: Name,
        arguments: Vec<CallArgument>,
    },
    Unary(UnaryOp, ExprId),
    Binary(BinaryOp, Span, ExprId, ExprId),
    State {
        of: ExprId,
        test: StateTest,
        negated: bool,
    },
    /// Conditions with their values, then the value otherwise.
    If {
        arms: Vec<(ExprId, ExprId)>,
        otherwise: ExprId,
    },
    List(Vec<ExprId>),
    Range {
        low: Option<ExprId>,
        high: Option<ExprId>,
        open: bool,
    },
    Where {
        list: ExprId,
        element: Option<Name>,
        condition: ExprId,
    },
    Each {
        list: ExprId,
        element: Option<Name>,
        value: ExprId,
    },
    SortBy {
        list: ExprId,
        key: ExprId,
        descending: bool,
    },
    Top {
        count: ExprId,
        list: ExprId,
    },
    Period {
        unit: Unit,
        from: ExprId,
        to: ExprId,
        inclusive: bool,
    },
    Per(ExprId, Unit),
    Outcome(ExprId, OutcomeWord),
    /// An operand in brackets, kept so that a chain of comparisons can be told from one that was meant.
    Parens(ExprId),
    /// What could not be read; a finding says so.
    Broken,
}

#[derive(Clone, Debug)]
pub(crate) enum ElementAt {
    Position(usize),
    Key(Arc<str>),
}

/// The expressions of a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exprs {
    list: Vec<Expr>,
}

impl Exprs {
    pub(crate) fn push(&mut self, kind: ExprKind, span: Span) -> ExprId {
        let id = ExprId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(Expr { kind, span });
        id
    }

    pub(crate) fn next(&self) -> ExprId {
        ExprId(u32::try_from(self.list.len()).unwrap_or(u32::MAX))
    }

    /// Lets everything stand at one place.
    pub(crate) fn place(&mut self, at: Span) {
        for expr in &mut self.list {
            expr.span = at;
            match &mut expr.kind {
                ExprKind::Name(name) | ExprKind::Member { name, .. } | ExprKind::Call { name, .. } => name.span = at,
                ExprKind::Binary(_, span, ..) => *span = at,
                _ => {}
            }
        }
    }
}

impl Index<ExprId> for Exprs {
    type Output = Expr;

    #[expect(clippy::indexing_slicing, reason = "an ExprId is made by `push` of this arena alone")]
    fn index(&self, id: ExprId) -> &Expr {
        &self.list[id.0 as usize]
    }
}

/// An expression with everything below it: the operands stand in `first..=root`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body {
    pub first: ExprId,
    pub root: ExprId,
    /// All of its text, brackets counted.
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum TypeKind {
    Boolean,
    Integer { per: Option<Unit>, range: Option<SimpleRange> },
    Number { per: Option<Unit>, range: Option<SimpleRange> },
    Money { currency: Option<Name>, per: Option<Unit>, range: Option<SimpleRange> },
    Date { range: Option<SimpleRange> },
    Duration(Option<Unit>),
    Text,
    Named(Name),
    List(Box<TypeExpr>, Option<SimpleRange>),
    Link(Name),
}

#[derive(Clone, Debug)]
pub(crate) struct TypeExpr {
    pub optional: bool,
    pub kind: TypeKind,
    pub span: Span,
}

/// A value that stands for itself: a literal, or the name of an enum's member or of a parameter.
#[derive(Clone, Debug)]
pub(crate) enum Simple {
    Literal(Literal, Span),
    Path(Path),
}

#[derive(Clone, Debug)]
pub(crate) struct SimpleRange {
    pub low: Option<Simple>,
    pub high: Option<Simple>,
    pub open: bool,
    pub span: Span,
}

/// When something is in force, both ends included, and since when it has been known.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Validity {
    pub from: Option<Date>,
    pub until: Option<Date>,
    pub enacted: Option<Date>,
    pub span: Option<Span>,
}

/// `allow code "reason"`: a warning silenced for a declaration or a field.
#[derive(Clone, Debug)]
pub(crate) struct Allow {
    pub code: Name,
    pub reason: Written,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Declaration {
    pub kind: DeclarationKind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum DeclarationKind {
    Use {
        path: Path,
        names: Option<Vec<Name>>,
    },
    Enum(EnumDecl),
    Source(SourceDecl),
    Format(FormatDecl),
    Entity(EntityDecl),
    Parameter(ParameterDecl),
    Define(DefineDecl),
    Criterion(CriterionDecl),
    Table(TableDecl),
    Scale(ScaleDecl),
    Programme(ProgrammeDecl),
    Amend(AmendDecl),
    Test(TestDecl),
    Property(PropertyDecl),
    /// A declaration that could not be read; the name it would have declared, where one can be seen.
    Broken(Option<Name>),
}

#[derive(Clone, Debug)]
pub(crate) struct EnumDecl {
    pub name: Name,
    pub label: Texts,
    pub members: Vec<EnumMember>,
}

#[derive(Clone, Debug)]
pub(crate) struct EnumMember {
    pub span: Span,
    pub name: Name,
    pub label: Texts,
    pub codes: Vec<Written>,
}

#[derive(Clone, Debug)]
pub(crate) struct SourceDecl {
    pub name: Name,
    pub label: Texts,
    pub fresh: Option<(Duration, Span)>,
    /// Where it is said that what it says is not verified.
    pub unverified: Option<Span>,
}

/// The structure of a text: its parts, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct FormatDecl {
    pub name: Name,
    pub label: Texts,
    pub parts: Vec<FormatPartDecl>,
}

#[derive(Clone, Debug)]
pub(crate) enum FormatPartDecl {
    /// A text that always stands there.
    Fixed(Written),
    Named(NamedPart),
}

#[derive(Clone, Debug)]
pub(crate) struct NamedPart {
    pub name: Name,
    /// Whether it is digits, and else any characters.
    pub digits: bool,
    /// How many; nothing where that is no whole number.
    pub count: Option<usize>,
    pub count_span: Span,
    /// Both ends of each, as far as they are whole numbers.
    pub ranges: Vec<(Option<i64>, Option<i64>, Span)>,
    pub label: Texts,
}

#[derive(Clone, Debug)]
pub(crate) struct EntityDecl {
    pub name: Name,
    pub label: Texts,
    pub root: bool,
    pub fields: Vec<FieldDecl>,
}

#[derive(Clone, Debug)]
pub(crate) struct FieldDecl {
    pub name: Name,
    pub ty: TypeExpr,
    pub label: Texts,
    pub key: Option<Span>,
    pub column: Option<Written>,
    pub sources: Vec<Name>,
    pub default: Option<Simple>,
    /// `must be verified`
    pub verified: Option<Span>,
    pub fixed: Option<Span>,
    pub allows: Vec<Allow>,
    pub span: Span,
    /// The link of the linked entity that leads back, as `inverse` names it.
    pub inverse: Option<Name>,
    /// Where it says that following the link never comes back.
    pub acyclic: Option<Span>,
}

#[derive(Clone, Debug)]
pub(crate) struct Argument {
    pub name: Name,
    pub ty: TypeExpr,
}

#[derive(Clone, Debug)]
pub(crate) struct ParameterDecl {
    pub name: Name,
    pub keys: Vec<Argument>,
    pub ty: TypeExpr,
    pub label: Texts,
    pub values: ParameterValues,
    pub default: Option<Body>,
    pub basis: Texts,
    pub allows: Vec<Allow>,
}

#[derive(Clone, Debug)]
pub(crate) enum ParameterValues {
    Csv(Written),
    Versions(Vec<ParameterVersion>),
}

#[derive(Clone, Debug)]
pub(crate) struct ParameterVersion {
    pub validity: Validity,
    pub entries: Vec<ParameterEntry>,
    pub basis: Texts,
    pub span: Span,
}

/// A value for some keys; no keys where the parameter has none.
#[derive(Clone, Debug)]
pub(crate) struct ParameterEntry {
    pub keys: Vec<Simple>,
    pub value: Body,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct DefineDecl {
    pub name: OwnedName,
    pub arguments: Vec<Argument>,
    pub ty: Option<TypeExpr>,
    pub label: Texts,
    pub validity: Validity,
    pub body: Body,
    pub exceptions: Vec<ExceptionDecl>,
    pub basis: Texts,
    pub allows: Vec<Allow>,
}

#[derive(Clone, Debug)]
pub(crate) struct CriterionDecl {
    pub name: OwnedName,
    pub label: Texts,
    pub validity: Validity,
    pub condition: Option<Body>,
    pub exceptions: Vec<ExceptionDecl>,
    pub basis: Texts,
    pub otherwise: Texts,
    pub allows: Vec<Allow>,
}

/// `except label to target when condition: value`
#[derive(Clone, Debug)]
pub(crate) struct ExceptionDecl {
    pub label: Option<Name>,
    /// The label of the exceptions that it is an exception to; none for the general rule.
    pub target: Option<Name>,
    pub condition: Body,
    pub value: Body,
    pub priority: Option<Decimal>,
    pub validity: Validity,
    pub basis: Texts,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Collect {
    List,
    Sum,
    Min,
    Max,
    Count,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    Unique,
    First,
    Any,
    Priority,
    Collect(Collect),
}

#[derive(Clone, Debug)]
pub(crate) struct TableDecl {
    pub name: OwnedName,
    pub ty: Option<TypeExpr>,
    pub label: Texts,
    pub policy: Policy,
    /// For `priority` and a sorted `collect`: the values of the first output, best first.
    pub ranking: Option<Body>,
    pub otherwise: Vec<Body>,
    pub validity: Validity,
    pub basis: Texts,
    pub inputs: Vec<Body>,
    pub outputs: Vec<(Name, Option<TypeExpr>)>,
    pub rows: Vec<TableRow>,
    pub header: Span,
    pub allows: Vec<Allow>,
}

#[derive(Clone, Debug)]
pub(crate) struct TableRow {
    pub cells: Vec<Cell>,
    pub outputs: Vec<Body>,
    pub basis: Texts,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Cell {
    /// No tests: any value.
    pub tests: Vec<CellTest>,
    pub negated: bool,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum CellTest {
    Compare(BinaryOp, Body),
    Unknown(Span),
    /// A value to equal, or a range to lie in.
    Is(Body),
}

/// What the brackets of a scale give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScaleKind {
    /// Each part of the value at the rate of its bracket.
    Marginal,
    /// The whole value at the rate of its bracket.
    Flat,
    /// The amount of the bracket.
    Bracket,
}

#[derive(Clone, Debug)]
pub(crate) struct ScaleDecl {
    pub name: OwnedName,
    pub label: Texts,
    pub kind: ScaleKind,
    pub value: Body,
    pub brackets: Vec<Bracket>,
    pub validity: Validity,
    pub basis: Texts,
    pub allows: Vec<Allow>,
}

#[derive(Clone, Debug)]
pub(crate) struct Bracket {
    pub range: Body,
    /// A rate, or an amount.
    pub gives: Body,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct ProgrammeDecl {
    pub name: Name,
    pub label: Texts,
    pub unit: Option<Name>,
    pub validity: Validity,
    pub basis: Texts,
    /// Where one who does not agree objects.
    pub appeal: Texts,
    pub requires: Vec<Path>,
    pub refuses: Vec<Path>,
    pub gives: Vec<Gift>,
    pub excludes: Vec<Path>,
    pub allows: Vec<Allow>,
}

#[derive(Clone, Debug)]
pub(crate) struct Gift {
    pub name: Name,
    pub ty: Option<TypeExpr>,
    pub label: Texts,
    pub value: Body,
}

#[derive(Clone, Debug)]
pub(crate) struct TestDecl {
    pub name: Written,
    pub as_of: Option<(Date, Span)>,
    pub known_on: Option<(Date, Span)>,
    pub given: Fact,
    pub expect: Vec<Expectation>,
}

/// What must hold of all households.
#[derive(Clone, Debug)]
pub(crate) struct PropertyDecl {
    pub name: Name,
    pub label: Texts,
    pub as_of: Option<(Date, Span)>,
    pub known_on: Option<(Date, Span)>,
    /// The names of households, each with its entity; more than one is told later.
    pub for_all: Vec<(Name, Name)>,
    pub lets: Vec<LetDecl>,
    pub expect: Vec<Body>,
    pub forms: Vec<FormDecl>,
}

/// A built-in form of what a property expects.
#[derive(Clone, Debug)]
pub(crate) struct FormDecl {
    pub kind: FormKind,
    /// The programmes, outputs and definitions that it speaks of.
    pub targets: Vec<Body>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum FormKind {
    /// `more of fact never adds targets`
    Monotone { more: bool, fact: Body, adds: bool },
    /// `target never drops by over most when fact moves by step`
    Drop { most: Body, fact: Body, step: Body },
    /// `targets never together`
    Together,
    /// `targets always decided`
    Decided,
    /// `target always in within`
    Bounded { within: Body },
    /// `targets unchanged by order of list`
    Reordered { list: Body },
}

/// `let name = of with { fact: value, … }`
#[derive(Clone, Debug)]
pub(crate) struct LetDecl {
    pub name: Name,
    pub of: Name,
    pub changes: Vec<(Name, Body)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub kind: FactKind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum FactKind {
    Simple(Simple),
    /// Asked for and not known.
    Unknown,
    List(Vec<Fact>),
    Object(Vec<(Name, Fact)>),
}

#[derive(Clone, Debug)]
pub(crate) enum Expectation {
    Outcome { place: PlaceExpr, outcome: OutcomeWord, because: Vec<Name>, missing: Vec<PlaceExpr>, span: Span },
    Holds(Body),
}

/// `members[0].pbi_jk`
#[derive(Clone, Debug)]
pub(crate) struct PlaceExpr {
    pub head: Name,
    pub steps: Vec<Step>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Name(Name),
    At(ElementAt),
}

/// One file, read.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub module: Option<Path>,
    pub lang: Lang,
    /// The language as it is named.
    pub language: Option<Name>,
    pub title: Option<Texts>,
    pub currency: Option<Name>,
    pub calendar: Option<(BTreeMap<Arc<str>, Name>, Span)>,
    pub declarations: Vec<Declaration>,
    pub exprs: Exprs,
    /// Where names stand, by the grammar: what is a word to it alone is none.
    pub names: Vec<Span>,
    /// Where texts with values in them stand.
    pub templates: Vec<Span>,
    /// The whole file.
    pub span: Span,
}

/// A stretch of bytes that one run of the grammar reads.
pub(crate) type Chunk = Range<usize>;
