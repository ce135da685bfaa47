//! The one file that names pest: the grammar, run on one chunk, and its parse as plain nodes.

use pest::Parser as _;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::{Pair, Pairs};

mod grammar {
    // The derive makes a public enum without documentation and public functions of its own.
    #![allow(missing_docs, unreachable_pub)]

    #[derive(pest_derive::Parser)]
    #[grammar = "syntax/grammar.pest"]
    pub(super) struct Grammar;
}

pub(super) use grammar::Rule;

/// A stretch of text that a rule of the grammar has matched.
#[derive(Clone, Debug)]
pub(super) struct Node<'a>(Pair<'a, Rule>);

/// Where the grammar gave up and what would have let it go on.
pub(super) struct Failure {
    pub at: usize,
    pub expected: Vec<Rule>,
}

/// Reads declarations. INVARIANT: `scan` has bounded how deep `text` nests, for this recurses with it.
pub(super) fn parse_declarations(text: &str) -> Result<Nodes<'_>, Failure> {
    match grammar::Grammar::parse(Rule::chunk, text) {
        Ok(mut pairs) => Ok(Nodes(pairs.next().map(Pair::into_inner))),
        Err(error) => {
            let at = match error.location {
                InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
            };
            let expected = match error.variant {
                ErrorVariant::ParsingError { positives, .. } => positives,
                ErrorVariant::CustomError { .. } => Vec::new(),
            };
            Err(Failure { at, expected })
        }
    }
}

impl<'a> Node<'a> {
    pub(super) fn rule(&self) -> Rule {
        self.0.as_rule()
    }

    pub(super) fn text(&self) -> &'a str {
        self.0.as_str()
    }

    pub(super) fn start(&self) -> usize {
        self.0.as_span().start()
    }

    pub(super) fn end(&self) -> usize {
        self.0.as_span().end()
    }

    pub(super) fn children(self) -> Nodes<'a> {
        Nodes(Some(self.0.into_inner()))
    }
}

/// Nodes in the order of the text.
#[derive(Clone, Debug)]
pub(super) struct Nodes<'a>(Option<Pairs<'a, Rule>>);

impl<'a> Iterator for Nodes<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        self.0.as_mut()?.next().map(Node)
    }
}

impl<'a> Nodes<'a> {
    fn peek(&self) -> Option<Rule> {
        self.0.as_ref()?.peek().map(|p| p.as_rule())
    }

    /// The next node, if it is of a rule.
    pub(super) fn next_if(&mut self, rule: Rule) -> Option<Node<'a>> {
        if self.peek() == Some(rule) { self.next() } else { None }
    }
}
