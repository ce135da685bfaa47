//! Acts that change another module, from the nodes of the grammar.

use crate::syntax::parser::{Node, Nodes, Rule};
use crate::syntax::{AmendDecl, Amendment, AmendmentKind, Declaration, Validity};

use super::Builder;
use super::declarations::Clauses;

impl Builder<'_> {
    pub(super) fn amend(&mut self, mut children: Nodes<'_>) -> Option<AmendDecl> {
        let path = self.path(children.next()?);
        let label = self.next_texts(&mut children);
        let mut clauses = Clauses::default();
        let mut condition = None;
        let mut amendments = Vec::new();
        for node in children {
            let Some(node) = self.shared(node, &mut clauses) else { continue };
            if node.rule() == Rule::condition {
                condition = node.children().find(|n| n.rule() == Rule::expression).map(|n| self.body(n));
            } else {
                amendments.extend(self.amendment(node));
            }
        }
        let Clauses { validity, basis, .. } = clauses;
        Some(AmendDecl { path, label, basis, validity, condition, amendments })
    }

    fn amendment(&mut self, node: Node<'_>) -> Option<Amendment> {
        let span = self.span(&node);
        let kind = match node.rule() {
            Rule::replacement => {
                let inner = node.children().nth(1)?;
                AmendmentKind::Replace(self.declaration_in(inner)?)
            }
            Rule::repeal => {
                let mut children = node.children();
                children.next();
                let name = self.owned_name(children.next()?);
                let validity = children.next().map_or_else(Validity::default, |n| self.validity(n));
                AmendmentKind::Repeal { name, validity }
            }
            Rule::added_exception => {
                let name = node.clone().children().find(|n| n.rule() == Rule::owned_name);
                let name = name.map(|n| self.owned_name(n))?;
                AmendmentKind::Except { name, exception: self.exception(node)? }
            }
            _ => AmendmentKind::Add(self.declaration_in(node)?),
        };
        Some(Amendment { kind, span })
    }

    fn declaration_in(&mut self, node: Node<'_>) -> Option<Declaration> {
        let span = self.span(&node);
        self.declaration_kind(node).map(|kind| Declaration { kind, span })
    }
}
