//! Flat runs of operands and operators, folded by precedence.
//!
//! The fold keeps its own stacks, so a chain of a hundred thousand operators costs no call depth.

use crate::diagnostic::{Code, Finding, phrase};
use crate::source::Span;
use crate::syntax::parser::{Node, Rule};
use crate::syntax::tree::*;

use super::Builder;

/// How tightly an operator binds.
type Strength = u8;

const LIST: Strength = 1;
const IMPLIES: Strength = 2;
const OR: Strength = 3;
const AND: Strength = 4;
const NOT: Strength = 5;
const COMPARISON: Strength = 6;
const OR_ELSE: Strength = 7;
const SUM: Strength = 8;
const PRODUCT: Strength = 9;
const NEGATION: Strength = 10;

enum Pending {
    Unary(UnaryOp, Span),
    Top(ExprId, Span),
    Binary(BinaryOp, Span),
    Where(Option<Name>),
    Each(Option<Name>),
    SortBy { descending: bool },
}

impl Pending {
    fn strength(&self) -> Strength {
        match self {
            Pending::Unary(UnaryOp::Not, _) => NOT,
            Pending::Unary(UnaryOp::Negate, _) => NEGATION,
            Pending::Top(..) | Pending::Where(_) | Pending::Each(_) | Pending::SortBy { .. } => LIST,
            Pending::Binary(op, _) => match op {
                BinaryOp::Implies => IMPLIES,
                BinaryOp::Or => OR,
                BinaryOp::And => AND,
                BinaryOp::Equal
                | BinaryOp::NotEqual
                | BinaryOp::Less
                | BinaryOp::LessEqual
                | BinaryOp::Greater
                | BinaryOp::GreaterEqual
                | BinaryOp::In
                | BinaryOp::NotIn => COMPARISON,
                BinaryOp::OrElse => OR_ELSE,
                BinaryOp::Add | BinaryOp::Subtract => SUM,
                BinaryOp::Multiply | BinaryOp::Divide => PRODUCT,
            },
        }
    }
}

#[derive(Default)]
struct Stacks {
    operands: Vec<ExprId>,
    pending: Vec<Pending>,
}

impl Builder<'_> {
    /// An expression as the body of a declaration.
    pub(super) fn body(&mut self, node: Node<'_>) -> Body {
        let first = self.tree.exprs.next();
        let span = self.span(&node);
        let root = self.expression(node);
        Body { first, root, span }
    }

    pub(super) fn expression(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(&node);
        let mut stacks = Stacks::default();
        for part in node.children() {
            match part.rule() {
                Rule::prefix => self.prefix(part, &mut stacks),
                Rule::operand => {
                    let operand = self.operand(part);
                    stacks.operands.push(operand);
                }
                Rule::suffix => self.suffix(part, &mut stacks),
                Rule::infix | Rule::arithmetic => {
                    let op = self.infix(part);
                    self.reduce(&mut stacks, op.strength());
                    stacks.pending.push(op);
                }
                _ => {}
            }
        }
        self.reduce(&mut stacks, 0);
        match stacks.operands.pop() {
            Some(root) => root,
            None => self.tree.exprs.push(ExprKind::Broken, span),
        }
    }

    /// Applies what binds at least as tightly as `strength`.
    fn reduce(&mut self, stacks: &mut Stacks, strength: Strength) {
        while let Some(op) = stacks.pending.pop_if(|op| op.strength() >= strength) {
            let Some(right) = stacks.operands.pop() else { return };
            let right_span = self.tree.exprs[right].span;
            let (kind, span) = match op {
                Pending::Unary(op, at) => (ExprKind::Unary(op, right), at.to(right_span)),
                Pending::Top(count, at) => (ExprKind::Top { count, list: right }, at.to(right_span)),
                Pending::Binary(op, at) => {
                    let Some(left) = stacks.operands.pop() else { return };
                    self.check_chain(op, at, left, right);
                    (ExprKind::Binary(op, at, left, right), self.tree.exprs[left].span.to(right_span))
                }
                Pending::Where(element) => {
                    let Some(list) = stacks.operands.pop() else { return };
                    let span = self.tree.exprs[list].span.to(right_span);
                    (ExprKind::Where { list, element, condition: right }, span)
                }
                Pending::Each(element) => {
                    let Some(list) = stacks.operands.pop() else { return };
                    let span = self.tree.exprs[list].span.to(right_span);
                    (ExprKind::Each { list, element, value: right }, span)
                }
                Pending::SortBy { descending } => {
                    let Some(list) = stacks.operands.pop() else { return };
                    let span = self.tree.exprs[list].span.to(right_span);
                    (ExprKind::SortBy { list, key: right, descending }, span)
                }
            };
            let made = self.tree.exprs.push(kind, span);
            stacks.operands.push(made);
        }
    }

    /// `a < b < c` and `a implies b implies c` read two ways; brackets say which is meant.
    fn check_chain(&mut self, op: BinaryOp, at: Span, left: ExprId, right: ExprId) {
        let strength = |op: &BinaryOp| Pending::Binary(*op, at).strength();
        if !matches!(strength(&op), COMPARISON | IMPLIES) {
            return;
        }
        for side in [left, right] {
            if let ExprKind::Binary(other, other_at, ..) = &self.tree.exprs[side].kind
                && strength(other) == strength(&op)
            {
                let finding = if strength(&op) == COMPARISON {
                    Finding::error(
                        Code::CHAINED_COMPARISON,
                        at,
                        phrase!("comparisons cannot be chained", "perbandingan tidak dapat dirangkai"),
                    )
                    .help(phrase!(
                        "write `x in 1..4`, or two comparisons joined by `and`",
                        "tulis `x in 1..4`, atau dua perbandingan yang dihubungkan `and`"
                    ))
                } else {
                    Finding::error(
                        Code::CHAINED_COMPARISON,
                        at,
                        phrase!("`implies` cannot be chained", "`implies` (`berarti`) tidak dapat dirangkai"),
                    )
                    .help(phrase!("put one of them in brackets", "beri tanda kurung pada salah satunya"))
                };
                self.findings.push(finding.also(*other_at, phrase!("the other one", "yang lain")));
                return;
            }
        }
    }

    fn prefix(&mut self, node: Node<'_>, stacks: &mut Stacks) {
        let span = self.span(&node);
        for part in node.children() {
            match part.rule() {
                Rule::k_not => stacks.pending.push(Pending::Unary(UnaryOp::Not, span)),
                Rule::minus => stacks.pending.push(Pending::Unary(UnaryOp::Negate, span)),
                Rule::top => {
                    for count in part.children() {
                        let at = self.span(&count);
                        let kind = match count.rule() {
                            Rule::number => self.number(&count).map(Literal::Number).map(ExprKind::Literal),
                            Rule::path => {
                                let id = self.path_expression(count);
                                stacks.pending.push(Pending::Top(id, span));
                                continue;
                            }
                            _ => continue,
                        };
                        let id = self.tree.exprs.push(kind.unwrap_or(ExprKind::Broken), at);
                        stacks.pending.push(Pending::Top(id, span));
                    }
                }
                _ => {}
            }
        }
    }

    /// A dotted name as an expression.
    /// A path as a body of its own.
    pub(super) fn path_body(&mut self, node: Node<'_>) -> Body {
        let first = self.tree.exprs.next();
        let span = self.span(&node);
        let root = self.path_expression(node);
        Body { first, root, span }
    }

    fn path_expression(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(&node);
        let path = self.path(node);
        let first = path.names.first().map_or(span, |name| name.span);
        let mut out: Option<ExprId> = None;
        for name in path.names {
            let (kind, span) = match out {
                None => (ExprKind::Name(name.clone()), name.span),
                Some(of) => (ExprKind::Member { of, name: name.clone() }, first.to(name.span)),
            };
            out = Some(self.tree.exprs.push(kind, span));
        }
        out.unwrap_or_else(|| self.tree.exprs.push(ExprKind::Broken, span))
    }

    fn infix(&mut self, node: Node<'_>) -> Pending {
        let span = self.span(&node);
        let sign = node.text().trim();
        let mut op = match sign {
            "+" => BinaryOp::Add,
            "-" => BinaryOp::Subtract,
            "*" => BinaryOp::Multiply,
            _ => BinaryOp::Divide,
        };
        if let Some(part) = node.children().next() {
            op = match part.rule() {
                Rule::k_or => BinaryOp::Or,
                Rule::k_and => BinaryOp::And,
                Rule::k_implies => BinaryOp::Implies,
                Rule::k_or_else => BinaryOp::OrElse,
                Rule::k_in => BinaryOp::In,
                Rule::not_in => BinaryOp::NotIn,
                Rule::compare => self.comparison(&part),
                Rule::named_where => return Pending::Where(self.first_name(part)),
                Rule::named_each => return Pending::Each(self.first_name(part)),
                Rule::k_sort_by => return Pending::SortBy { descending: false },
                _ => op,
            };
        }
        Pending::Binary(op, span)
    }

    fn first_name(&mut self, node: Node<'_>) -> Option<Name> {
        node.children().find(|n| n.rule() == Rule::name).map(|n| self.name(&n))
    }

    pub(super) fn comparison(&mut self, node: &Node<'_>) -> BinaryOp {
        let sign = node.text().trim();
        let right = match sign {
            "==" => Some("="),
            "<>" => Some("!="),
            _ => None,
        };
        if let Some(right) = right {
            let span = self.span(node);
            self.findings.push(
                Finding::error(
                    Code::FOREIGN_OPERATOR,
                    span,
                    phrase!("`{0}` is not an operator here", "`{0}` bukan operator di sini", sign),
                )
                .help(phrase!("write `{0}`", "tulis `{0}`", right)),
            );
        }
        match sign {
            "!=" | "<>" => BinaryOp::NotEqual,
            "<=" => BinaryOp::LessEqual,
            ">=" => BinaryOp::GreaterEqual,
            "<" => BinaryOp::Less,
            ">" => BinaryOp::Greater,
            _ => BinaryOp::Equal,
        }
    }

    fn suffix(&mut self, node: Node<'_>, stacks: &mut Stacks) {
        let at = self.span(&node);
        let Some(part) = node.children().next() else { return };
        match part.rule() {
            Rule::is_test => {
                self.reduce(stacks, COMPARISON + 1);
                let mut negated = false;
                let mut test = StateTest::Known;
                for word in part.children() {
                    match word.rule() {
                        Rule::k_not => negated = true,
                        Rule::k_unknown => test = StateTest::Unknown,
                        Rule::k_none => test = StateTest::None,
                        _ => {}
                    }
                }
                self.wrap(stacks, at, |of| ExprKind::State { of, test, negated });
            }
            Rule::k_ascending | Rule::k_descending => {
                let descending = part.rule() == Rule::k_descending;
                self.reduce(stacks, LIST + 1);
                match stacks.pending.last_mut() {
                    Some(Pending::SortBy { descending: slot }) => *slot = descending,
                    _ => self.findings.push(
                        Finding::error(
                            Code::SYNTAX,
                            at,
                            phrase!("nothing is sorted here", "tidak ada yang diurutkan di sini"),
                        )
                        .help(phrase!(
                            "a direction follows a sorting: `members sort by age descending`",
                            "arah mengikuti pengurutan: `members sort by age descending`"
                        )),
                    ),
                }
            }
            Rule::member_of => {
                let mut children = part.children();
                let Some(name) = children.next().map(|n| self.name(&n)) else { return };
                match children.next() {
                    None => self.wrap(stacks, at, |of| ExprKind::Member { of, name }),
                    Some(call) => {
                        let arguments = self.arguments(call);
                        self.wrap(stacks, at, |of| ExprKind::Call { of: Some(of), name, arguments });
                    }
                }
            }
            Rule::element => {
                if let Some(position) = part.children().next().and_then(|n| self.element_at(&n)) {
                    self.wrap(stacks, at, |of| ExprKind::Element { of, at: position });
                }
            }
            Rule::per_unit => {
                if let Some(unit) = self.unit_in(part) {
                    self.wrap(stacks, at, |of| ExprKind::Per(of, unit));
                }
            }
            Rule::is_outcome => {
                let word = part.children().find(|n| n.rule() == Rule::outcome);
                if let Some(outcome) = word.and_then(outcome_word) {
                    self.wrap(stacks, at, |of| ExprKind::Outcome(of, outcome));
                }
            }
            _ => {}
        }
    }

    fn wrap(&mut self, stacks: &mut Stacks, at: Span, kind: impl FnOnce(ExprId) -> ExprKind) {
        if let Some(of) = stacks.operands.pop() {
            let span = self.tree.exprs[of].span.to(at);
            let made = self.tree.exprs.push(kind(of), span);
            stacks.operands.push(made);
        }
    }

    fn operand(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(&node);
        let Some(part) = node.children().next() else { return self.tree.exprs.push(ExprKind::Broken, span) };
        let kind = match part.rule() {
            Rule::range => self.range(part),
            Rule::expression => {
                let inner = self.expression(part);
                ExprKind::Parens(inner)
            }
            Rule::applied => {
                let mut children = part.children();
                let Some(name) = children.next().map(|n| self.name(&n)) else {
                    return self.tree.exprs.push(ExprKind::Broken, span);
                };
                match children.next() {
                    None => ExprKind::Name(name),
                    Some(call) => ExprKind::Call { of: None, name, arguments: self.arguments(call) },
                }
            }
            Rule::choice => self.choice(part),
            Rule::period => self.period(part),
            Rule::list => {
                let items =
                    part.children().filter(|n| n.rule() == Rule::expression).map(|n| self.expression(n)).collect();
                ExprKind::List(items)
            }
            _ => self.literal(part).map_or(ExprKind::Broken, ExprKind::Literal),
        };
        self.tree.exprs.push(kind, span)
    }

    fn arguments(&mut self, call: Node<'_>) -> Vec<CallArgument> {
        call.children()
            .filter(|n| n.rule() == Rule::call_argument)
            .map(|argument| {
                let span = self.span(&argument);
                let mut children = argument.children();
                let name = children.next_if(Rule::name).map(|n| self.name(&n));
                let value = match children.next() {
                    Some(value) => self.expression(value),
                    None => self.tree.exprs.push(ExprKind::Broken, span),
                };
                CallArgument { name, value }
            })
            .collect()
    }

    fn choice(&mut self, node: Node<'_>) -> ExprKind {
        let mut parts: Vec<ExprId> =
            node.children().filter(|n| n.rule() == Rule::expression).map(|n| self.expression(n)).collect();
        let Some(otherwise) = parts.pop() else { return ExprKind::Broken };
        let (conditions, values) = (parts.iter().step_by(2), parts.iter().skip(1).step_by(2));
        ExprKind::If { arms: conditions.copied().zip(values.copied()).collect(), otherwise }
    }

    fn period(&mut self, node: Node<'_>) -> ExprKind {
        let mut unit = None;
        let mut inclusive = false;
        let mut ends = Vec::new();
        for part in node.children() {
            match part.rule() {
                Rule::unit => unit = unit_of(part.text()),
                Rule::k_through => inclusive = true,
                Rule::sum => ends.push(self.expression(part)),
                _ => {}
            }
        }
        match (unit, ends.as_slice()) {
            (Some(unit), [from, to]) => ExprKind::Period { unit, from: *from, to: *to, inclusive },
            _ => ExprKind::Broken,
        }
    }

    fn range(&mut self, node: Node<'_>) -> ExprKind {
        let opens_low = node.text().trim_start().starts_with("..");
        let mut bounds = Vec::new();
        let mut open = false;
        for part in node.children() {
            match part.rule() {
                Rule::open_end => open = true,
                Rule::bound => {
                    let span = self.span(&part);
                    let negative = part.text().starts_with('-');
                    let id = match part.children().next() {
                        Some(path) if path.rule() == Rule::path => self.path_expression(path),
                        Some(literal) => {
                            let kind = self.literal(literal).map_or(ExprKind::Broken, ExprKind::Literal);
                            let id = self.tree.exprs.push(kind, span);
                            if negative { self.tree.exprs.push(ExprKind::Unary(UnaryOp::Negate, id), span) } else { id }
                        }
                        None => self.tree.exprs.push(ExprKind::Broken, span),
                    };
                    bounds.push(id);
                }
                _ => {}
            }
        }
        let (low, high) = match bounds.as_slice() {
            [high] if opens_low => (None, Some(*high)),
            [low] => (Some(*low), None),
            [low, high] => (Some(*low), Some(*high)),
            _ => (None, None),
        };
        ExprKind::Range { low, high, open }
    }
}

pub(super) fn outcome_word(node: Node<'_>) -> Option<OutcomeWord> {
    let word = if node.rule() == Rule::outcome { node.children().next()? } else { node };
    Some(match word.rule() {
        Rule::k_eligible => OutcomeWord::Eligible,
        Rule::k_not_eligible => OutcomeWord::NotEligible,
        Rule::k_undetermined => OutcomeWord::Undetermined,
        Rule::k_error => OutcomeWord::Error,
        _ => return None,
    })
}

pub(super) fn unit_of(text: &str) -> Option<Unit> {
    Some(match text {
        "year" | "years" => Unit::Year,
        "month" | "months" => Unit::Month,
        "week" | "weeks" => Unit::Week,
        "day" | "days" => Unit::Day,
        _ => return None,
    })
}
