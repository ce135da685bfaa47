//! Typed expressions.
//!
//! A body holds its expressions in a list of their own. INVARIANT: operands stand before what uses them; the last is the root.

use std::collections::BTreeMap;
use std::ops::{Index, IndexMut};
use std::sync::Arc;

use crate::program::{ActId, DefinitionId, EntityId, Label, ParameterId, ProgrammeId, TableId, Type};
use crate::source::{Place, Span};
use crate::syntax::{OutcomeWord, StateTest};
use crate::value::{Function, Value};

/// An expression of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ExprRef(pub u32);

/// What a name introduced inside a body stands for: an element of a list, or a value of a list of scalars.
/// Variable 0 is the owner of the body: the household, or the element that a definition belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Var(pub u32);

impl Var {
    pub(crate) const OWNER: Var = Var(0);
}

#[derive(Clone, Debug)]
pub(crate) struct TypedExpr {
    pub kind: Kind,
    pub ty: Type,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Aggregate {
    Count,
    Sum,
    Min,
    Max,
    Average,
    Median,
    Any,
    Every,
    None,
    First,
    Last,
}

impl Aggregate {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Aggregate::Count => "count",
            Aggregate::Sum => "sum",
            Aggregate::Min => "min",
            Aggregate::Max => "max",
            Aggregate::Average => "average",
            Aggregate::Median => "median",
            Aggregate::Any => "any",
            Aggregate::Every => "every",
            Aggregate::None => "none",
            Aggregate::First => "first",
            Aggregate::Last => "last",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Constant(Value),
    Var(Var),
    /// The n-th argument of the function that the body defines.
    Argument(usize),
    AsOf,
    KnownOn,
    /// The household of an element.
    Root(ExprRef),
    /// The element that holds an element in one of its lists.
    Parent(ExprRef),
    /// A field of an element.
    Field {
        of: ExprRef,
        entity: EntityId,
        field: usize,
    },
    /// A definition of an element, with arguments where it is a function.
    Definition {
        of: ExprRef,
        definition: DefinitionId,
        arguments: Vec<ExprRef>,
    },
    Parameter {
        parameter: ParameterId,
        keys: Vec<ExprRef>,
    },
    /// Whether a programme has an outcome for an element.
    Outcome {
        of: ExprRef,
        programme: ProgrammeId,
        outcome: OutcomeWord,
    },
    /// An output of a programme for an element.
    Output {
        of: ExprRef,
        programme: ProgrammeId,
        output: usize,
    },
    /// One output of a table's record.
    RecordField {
        of: ExprRef,
        table: TableId,
        output: usize,
    },
    Apply(Function, Vec<ExprRef>),
    Not(ExprRef),
    And(Vec<ExprRef>),
    Or(Vec<ExprRef>),
    State(StateTest, ExprRef),
    /// The value, or the second where the first is unknown.
    Assume(ExprRef, ExprRef),
    /// The value of an optional, or the second where it is none.
    OrElse(ExprRef, ExprRef),
    If {
        arms: Vec<(ExprRef, ExprRef)>,
        otherwise: ExprRef,
    },
    /// What the exceptions of one rank to a rule make of it, by their conditions and values. None holds: `otherwise`, which
    /// is the rule itself or what exceptions of a lower rank make of it. Some hold, with equal values: that value; with
    /// different ones: a conflict, which is a fault. A condition that is a fault, or the value of one that holds, is that
    /// fault. The order of the exceptions says nothing; the value of each is what the exceptions to it have made of it.
    Exceptions {
        exceptions: Vec<(ExprRef, ExprRef, Arc<Provision>)>,
        otherwise: ExprRef,
    },
    List(Vec<ExprRef>),
    /// Whether a list holds a value.
    Contains {
        list: ExprRef,
        item: ExprRef,
    },
    Where {
        list: ExprRef,
        var: Var,
        condition: ExprRef,
    },
    Each {
        list: ExprRef,
        var: Var,
        value: ExprRef,
    },
    SortBy {
        list: ExprRef,
        var: Var,
        key: ExprRef,
        descending: bool,
    },
    Top {
        list: ExprRef,
        count: ExprRef,
    },
    /// An aggregate, with the value it has of nothing where one is given.
    Aggregate {
        function: Aggregate,
        list: ExprRef,
        empty: Option<ExprRef>,
    },
    /// The element of a list at a position or with a key: tests alone.
    Element {
        list: ExprRef,
        at: ElementAt,
    },
    /// A name that an enum's member may give a meaning yet.
    Pending(crate::syntax::Name),
    Broken,
}

/// The expressions that an expression is made of.
pub(crate) fn operands(kind: &Kind) -> Vec<ExprRef> {
    match kind {
        Kind::Constant(_)
        | Kind::Var(_)
        | Kind::Argument(_)
        | Kind::AsOf
        | Kind::KnownOn
        | Kind::Pending(_)
        | Kind::Broken => Vec::new(),
        Kind::Root(a) | Kind::Parent(a) | Kind::Not(a) | Kind::State(_, a) => vec![*a],
        Kind::Field { of, .. } | Kind::Outcome { of, .. } | Kind::Output { of, .. } | Kind::RecordField { of, .. } => {
            vec![*of]
        }
        Kind::Definition { of, arguments, .. } => std::iter::once(*of).chain(arguments.iter().copied()).collect(),
        Kind::Parameter { keys: list, .. }
        | Kind::Apply(_, list)
        | Kind::And(list)
        | Kind::Or(list)
        | Kind::List(list) => list.clone(),
        Kind::Assume(a, b) | Kind::OrElse(a, b) => vec![*a, *b],
        Kind::If { arms, otherwise } => arms.iter().flat_map(|(a, b)| [*a, *b]).chain([*otherwise]).collect(),
        Kind::Exceptions { exceptions, otherwise } => {
            exceptions.iter().flat_map(|(c, v, _)| [*c, *v]).chain([*otherwise]).collect()
        }
        Kind::Contains { list, item } => vec![*list, *item],
        Kind::Where { list, condition: body, .. }
        | Kind::Each { list, value: body, .. }
        | Kind::SortBy { list, key: body, .. } => {
            vec![*list, *body]
        }
        Kind::Top { list, count } => vec![*list, *count],
        Kind::Aggregate { list, empty, .. } => std::iter::once(*list).chain(*empty).collect(),
        Kind::Element { list, .. } => vec![*list],
    }
}

/// An exception as findings and explanations name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Provision {
    /// What it is an exception to, itself or by way of others.
    pub rule: DefinitionId,
    pub label: Option<Arc<str>>,
    pub basis: Label,
    /// The act that it is of, where it is of one.
    pub act: Option<ActId>,
    /// Where it stands in the rules.
    pub place: Place,
}

impl Provision {
    /// Its label, where it has one, and its place.
    pub(crate) fn name(&self) -> Arc<str> {
        match &self.label {
            Some(label) => format!("`{label}` ({})", self.place).into(),
            None => self.place.to_string().into(),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum ElementAt {
    Position(usize),
    Key(std::sync::Arc<str>),
}

/// An expression with all below it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExprBody {
    list: Vec<TypedExpr>,
    /// How many variables it introduces, the owner counted.
    pub vars: u32,
}

impl ExprBody {
    /// A body without expressions, in which the owner is the one variable.
    pub(crate) fn with_owner() -> ExprBody {
        ExprBody { list: Vec::new(), vars: 1 }
    }

    pub(crate) fn push(&mut self, kind: Kind, ty: Type, span: Span) -> ExprRef {
        let id = ExprRef(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(TypedExpr { kind, ty, span });
        id
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (ExprRef, &TypedExpr)> + ExactSizeIterator {
        self.list.iter().enumerate().map(|(i, e)| (ExprRef(u32::try_from(i).unwrap_or(u32::MAX)), e))
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// An expression with all below it, as a body of its own. Variables below `owners` become the owner.
    pub(crate) fn part(&self, root: ExprRef, owners: usize) -> ExprBody {
        let mut needed: BTreeMap<ExprRef, ExprRef> = BTreeMap::new();
        let mut open = vec![root];
        while let Some(at) = open.pop() {
            if needed.insert(at, at).is_none() {
                open.extend(operands(&self[at].kind));
            }
        }
        for (new, slot) in needed.values_mut().enumerate() {
            *slot = ExprRef(u32::try_from(new).unwrap_or(u32::MAX));
        }
        let mut part = ExprBody { list: Vec::with_capacity(needed.len()), vars: self.vars };
        for at in needed.keys() {
            let mut expr = self[*at].clone();
            if let Kind::Var(var) = &mut expr.kind
                && (var.0 as usize) < owners
            {
                *var = Var::OWNER;
            }
            // INVARIANT: operands stand before what uses them, and so have their new place.
            change_operands(&mut expr.kind, |operand| *operand = needed.get(operand).copied().unwrap_or(*operand));
            part.list.push(expr);
        }
        part
    }

    /// Adds another body, whose owner is `owner` here; gives back its root. INVARIANT: the other body is not empty.
    pub(crate) fn append(&mut self, other: &ExprBody, owner: Var) -> ExprRef {
        let start = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        let vars = self.vars;
        let moved = |var: Var| if var == Var::OWNER { owner } else { Var(var.0.saturating_add(vars)) };
        for expr in &other.list {
            let mut expr = expr.clone();
            change_operands(&mut expr.kind, |operand| operand.0 = operand.0.saturating_add(start));
            match &mut expr.kind {
                Kind::Var(var) | Kind::Where { var, .. } | Kind::Each { var, .. } | Kind::SortBy { var, .. } => {
                    *var = moved(*var);
                }
                _ => {}
            }
            self.list.push(expr);
        }
        self.vars = self.vars.saturating_add(other.vars);
        self.root().unwrap_or(ExprRef(0))
    }

    /// Forgets the last expressions.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.list.truncate(len);
    }

    /// Makes an expression the last.
    pub(crate) fn close(&mut self, root: ExprRef) {
        if self.root() != Some(root)
            && let Some(expr) = self.list.get(root.0 as usize).cloned()
        {
            self.list.push(expr);
        }
    }

    /// The last expression, which is the whole.
    pub(crate) fn root(&self) -> Option<ExprRef> {
        u32::try_from(self.list.len()).ok()?.checked_sub(1).map(ExprRef)
    }
}

impl Index<ExprRef> for ExprBody {
    type Output = TypedExpr;

    #[expect(clippy::indexing_slicing, reason = "an ExprRef is made by `push` of its own body alone")]
    fn index(&self, id: ExprRef) -> &TypedExpr {
        &self.list[id.0 as usize]
    }
}

impl IndexMut<ExprRef> for ExprBody {
    #[expect(clippy::indexing_slicing, reason = "an ExprRef is made by `push` of its own body alone")]
    fn index_mut(&mut self, id: ExprRef) -> &mut TypedExpr {
        &mut self.list[id.0 as usize]
    }
}

/// Changes the operands of an expression.
fn change_operands(kind: &mut Kind, change: impl Fn(&mut ExprRef)) {
    match kind {
        Kind::Constant(_)
        | Kind::Var(_)
        | Kind::Argument(_)
        | Kind::AsOf
        | Kind::KnownOn
        | Kind::Pending(_)
        | Kind::Broken => {}
        Kind::Root(a) | Kind::Parent(a) | Kind::Not(a) | Kind::State(_, a) => change(a),
        Kind::Field { of, .. } | Kind::Outcome { of, .. } | Kind::Output { of, .. } | Kind::RecordField { of, .. } => {
            change(of);
        }
        Kind::Definition { of, arguments, .. } => {
            change(of);
            arguments.iter_mut().for_each(change);
        }
        Kind::Parameter { keys: list, .. }
        | Kind::Apply(_, list)
        | Kind::And(list)
        | Kind::Or(list)
        | Kind::List(list) => list.iter_mut().for_each(change),
        Kind::Assume(a, b) | Kind::OrElse(a, b) => {
            change(a);
            change(b);
        }
        Kind::If { arms, otherwise } => {
            for (condition, value) in arms {
                change(condition);
                change(value);
            }
            change(otherwise);
        }
        Kind::Exceptions { exceptions, otherwise } => {
            for (condition, value, _) in exceptions {
                change(condition);
                change(value);
            }
            change(otherwise);
        }
        Kind::Contains { list, item } => {
            change(list);
            change(item);
        }
        Kind::Where { list, condition: body, .. }
        | Kind::Each { list, value: body, .. }
        | Kind::SortBy { list, key: body, .. } => {
            change(list);
            change(body);
        }
        Kind::Top { list, count } => {
            change(list);
            change(count);
        }
        Kind::Aggregate { list, empty, .. } => {
            change(list);
            empty.iter_mut().for_each(change);
        }
        Kind::Element { list, .. } => change(list),
    }
}
