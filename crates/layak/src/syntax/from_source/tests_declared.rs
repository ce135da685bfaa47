//! Tests and properties from the nodes of the grammar, and the facts that tests give.

use crate::source::Span;
use crate::syntax::parser::{Node, Nodes, Rule};
use crate::syntax::tree::*;

use super::Builder;
use super::expressions::outcome_word;

impl Builder<'_> {
    pub(super) fn test(&mut self, mut children: Nodes<'_>) -> Option<TestDecl> {
        let name = self.string(&children.next()?);
        let (mut as_of, mut known_on, mut given) = (None, None, None);
        let mut expect = Vec::new();
        for node in children {
            match node.rule() {
                Rule::as_of => as_of = self.dated(node),
                Rule::known_on => known_on = self.dated(node),
                Rule::given => given = node.children().find(|n| n.rule() == Rule::object).map(|n| self.object(n)),
                Rule::expect => {
                    let list: Vec<Expectation> = node
                        .children()
                        .filter(|n| n.rule() == Rule::expectation)
                        .filter_map(|n| self.expectation(n))
                        .collect();
                    expect.extend(list);
                }
                _ => {}
            }
        }
        Some(TestDecl { name, as_of, known_on, given: given?, expect })
    }

    pub(super) fn property(&mut self, mut children: Nodes<'_>) -> Option<PropertyDecl> {
        let name = self.name(&children.next()?);
        let label = self.next_texts(&mut children);
        let mut property = PropertyDecl {
            name,
            label,
            as_of: None,
            known_on: None,
            for_all: Vec::new(),
            lets: Vec::new(),
            expect: Vec::new(),
            forms: Vec::new(),
        };
        for node in children {
            match node.rule() {
                Rule::as_of => property.as_of = self.dated(node),
                Rule::known_on => property.known_on = self.dated(node),
                Rule::for_all => {
                    let mut names = self.names(node).into_iter();
                    property.for_all.extend(names.next().zip(names.next()));
                }
                Rule::binding => property.lets.extend(self.binding(node)),
                Rule::property_expect => {
                    for part in node.children() {
                        match part.rule() {
                            Rule::k_expect => {}
                            Rule::expression => property.expect.push(self.body(part)),
                            _ => property.forms.extend(self.form(part)),
                        }
                    }
                }
                _ => {}
            }
        }
        Some(property)
    }

    fn binding(&mut self, node: Node<'_>) -> Option<LetDecl> {
        let (mut names, mut changes) = (Vec::new(), Vec::new());
        for part in node.children() {
            match part.rule() {
                Rule::name => names.push(self.name(&part)),
                Rule::changes => {
                    for change in part.children().filter(|n| n.rule() == Rule::change) {
                        let mut parts = change.children();
                        let name = self.name(&parts.next()?);
                        changes.push((name, self.body(parts.next()?)));
                    }
                }
                _ => {}
            }
        }
        let mut names = names.into_iter();
        Some(LetDecl { name: names.next()?, of: names.next()?, changes })
    }

    /// A built-in form: its words say which, and which of its names is what.
    fn form(&mut self, node: Node<'_>) -> Option<FormDecl> {
        let (rule, span) = (node.rule(), self.span(&node));
        let (mut more, mut adds) = (false, false);
        let mut bodies = Vec::new();
        for part in node.children() {
            match part.rule() {
                Rule::k_more_of => more = true,
                Rule::k_never_adds => adds = true,
                Rule::path => bodies.push(self.path_body(part)),
                Rule::expression => bodies.push(self.body(part)),
                _ => {}
            }
        }
        let mut bodies = bodies.into_iter();
        let (kind, targets) = match rule {
            Rule::monotone => {
                let fact = bodies.next()?;
                (FormKind::Monotone { more, fact, adds }, bodies.collect())
            }
            Rule::drop => {
                let target = bodies.next()?;
                let kind = FormKind::Drop { most: bodies.next()?, fact: bodies.next()?, step: bodies.next()? };
                (kind, vec![target])
            }
            Rule::together => (FormKind::Together, bodies.collect()),
            Rule::decided => (FormKind::Decided, bodies.collect()),
            Rule::bounded => {
                let target = bodies.next()?;
                (FormKind::Bounded { within: bodies.next()? }, vec![target])
            }
            _ => {
                let mut bodies: Vec<Body> = bodies.collect();
                (FormKind::Reordered { list: bodies.pop()? }, bodies)
            }
        };
        Some(FormDecl { kind, targets, span })
    }

    fn dated(&mut self, node: Node<'_>) -> Option<(crate::value::Date, Span)> {
        let date = node.children().find(|n| n.rule() == Rule::date)?;
        let span = self.span(&date);
        self.date(&date).map(|d| (d, span))
    }

    fn expectation(&mut self, node: Node<'_>) -> Option<Expectation> {
        let span = self.span(&node);
        let part = node.children().next()?;
        if part.rule() == Rule::expression {
            return Some(Expectation::Holds(self.body(part)));
        }
        let mut children = part.children();
        let place = self.place(children.next()?)?;
        let outcome = outcome_word(children.next()?)?;
        let (mut because, mut missing) = (Vec::new(), Vec::new());
        for clause in children {
            match clause.rule() {
                Rule::because => because = self.names(clause),
                _ => {
                    let places =
                        clause.children().filter(|n| n.rule() == Rule::place).filter_map(|n| self.place(n)).collect();
                    missing = places;
                }
            }
        }
        Some(Expectation::Outcome { place, outcome, because, missing, span })
    }

    fn place(&mut self, node: Node<'_>) -> Option<PlaceExpr> {
        let span = self.span(&node);
        let mut children = node.children();
        let head = self.name(&children.next()?);
        let steps = children
            .filter_map(|step| {
                let part = step.children().next()?;
                match part.rule() {
                    Rule::name => Some(Step::Name(self.name(&part))),
                    _ => self.element_at(&part).map(Step::At),
                }
            })
            .collect();
        Some(PlaceExpr { head, steps, span })
    }

    fn object(&mut self, node: Node<'_>) -> Fact {
        let span = self.span(&node);
        let entries = node
            .children()
            .filter(|n| n.rule() == Rule::object_entry)
            .filter_map(|entry| {
                let mut parts = entry.children();
                let key = parts.next()?;
                let name = if key.rule() == Rule::string {
                    let Written { text, span } = self.string(&key);
                    Name { text, word: None, span }
                } else {
                    self.name(&key)
                };
                Some((name, self.fact(parts.next()?)))
            })
            .collect();
        Fact { kind: FactKind::Object(entries), span }
    }

    fn fact(&mut self, node: Node<'_>) -> Fact {
        let span = self.span(&node);
        let Some(part) = node.children().next() else { return Fact { kind: FactKind::Unknown, span } };
        match part.rule() {
            Rule::object => self.object(part),
            Rule::fact_list => {
                let items = part.children().filter(|n| n.rule() == Rule::fact).map(|n| self.fact(n)).collect();
                Fact { kind: FactKind::List(items), span }
            }
            Rule::simple => match self.simple(part) {
                Some(simple) => Fact { kind: FactKind::Simple(simple), span },
                None => Fact { kind: FactKind::Unknown, span },
            },
            _ => Fact { kind: FactKind::Unknown, span },
        }
    }
}
