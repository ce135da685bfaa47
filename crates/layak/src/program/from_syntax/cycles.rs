//! Definitions and programmes that need themselves are refused, with the way round named.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::diagnostic::{Code, Finding, phrase};
use crate::program::*;
use crate::source::Span;

use super::Builder;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Definition(DefinitionId),
    Output(ProgrammeId, usize),
    Outcome(ProgrammeId),
}

impl Builder<'_> {
    pub(super) fn cycles(&mut self) {
        let mut state: std::collections::BTreeMap<Node, u8> = std::collections::BTreeMap::new();
        let mut starts: Vec<Node> = self.definitions.ids().map(Node::Definition).collect();
        starts.extend(self.programmes.ids().map(Node::Outcome));
        for id in self.programmes.ids() {
            starts.extend((0..self.programmes[id].outputs.len()).map(|o| Node::Output(id, o)));
        }
        for start in starts {
            if state.contains_key(&start) {
                continue;
            }
            state.insert(start, 1);
            let mut path: Vec<(Node, Vec<Node>)> = vec![(start, self.needs(start))];
            while let Some((node, needs)) = path.last_mut() {
                let node = *node;
                let Some(next) = needs.pop() else {
                    state.insert(node, 2);
                    path.pop();
                    continue;
                };
                match state.get(&next) {
                    None => {
                        state.insert(next, 1);
                        let needs = self.needs(next);
                        path.push((next, needs));
                    }
                    Some(1) => {
                        let from = path.iter().position(|(n, _)| *n == next).unwrap_or(0);
                        let round: Vec<Node> = path.iter().skip(from).map(|(n, _)| *n).collect();
                        self.cycle(&round);
                    }
                    Some(_) => {}
                }
            }
        }
    }

    fn cycle(&mut self, round: &[Node]) {
        let Some(first) = round.iter().min().copied() else { return };
        let at = round.iter().position(|n| *n == first).unwrap_or(0);
        let mut names: Vec<String> = Vec::new();
        for i in 0..=round.len() {
            if let Some(node) = round.get((at + i) % round.len().max(1)) {
                names.push(format!("`{}`", self.node_name(*node)));
            }
        }
        if names.len() > 12 {
            let left = names.len() - 11;
            names.splice(10..names.len() - 1, [format!("… ({left})")]);
        }
        let span = self.node_span(first);
        let mut finding = Finding::error(
            Code::DEFINITION_CYCLE,
            span,
            phrase!("these need one another: {0}", "ini saling membutuhkan: {0}", names.join(" → ")),
        )
        .help(phrase!(
            "break the circle: one of them must rest on facts alone",
            "putuskan lingkarannya: salah satu harus bertumpu pada fakta saja"
        ));
        for node in round.iter().filter(|n| **n != first).take(10) {
            finding = finding.also(self.node_span(*node), phrase!("part of the circle", "bagian dari lingkaran"));
        }
        self.tell(finding);
    }

    fn node_name(&self, node: Node) -> String {
        match node {
            Node::Definition(id) => self.definitions[id].declared.name.to_string(),
            Node::Outcome(id) => self.programmes[id].declared.name.to_string(),
            Node::Output(id, output) => {
                let name: Arc<str> =
                    self.programmes[id].outputs.get(output).map(|o| Arc::clone(&o.name)).unwrap_or_default();
                format!("{}.{}", self.programmes[id].declared.name, name)
            }
        }
    }

    fn node_span(&self, node: Node) -> Span {
        match node {
            Node::Definition(id) => self.definitions[id].declared.span,
            Node::Outcome(id) | Node::Output(id, _) => self.programmes[id].declared.span,
        }
    }

    fn needs(&self, node: Node) -> Vec<Node> {
        let mut out = BTreeSet::new();
        match node {
            Node::Definition(id) => {
                for version in &self.definitions[id].versions {
                    match &version.value {
                        DefinitionValue::Expr(body) => body_needs(body, &mut out),
                        DefinitionValue::Table(table) => body_needs(&self.tables[*table].body, &mut out),
                    }
                }
            }
            Node::Output(id, output) => {
                for version in &self.programmes[id].versions {
                    for (_, body) in version.gives.iter().filter(|(o, _)| *o == output) {
                        body_needs(body, &mut out);
                    }
                }
            }
            Node::Outcome(id) => {
                for version in &self.programmes[id].versions {
                    for condition in version.requires.iter().chain(&version.refuses) {
                        body_needs(&condition.body, &mut out);
                    }
                }
                for other in self.programmes.ids() {
                    if self.programmes[other].versions.iter().any(|v| v.excludes.contains(&id)) {
                        out.insert(Node::Outcome(other));
                    }
                }
            }
        }
        out.into_iter().rev().collect()
    }
}

fn body_needs(body: &ExprBody, out: &mut BTreeSet<Node>) {
    for (_, expr) in body.iter() {
        match &expr.kind {
            Kind::Definition { definition, .. } => {
                out.insert(Node::Definition(*definition));
            }
            Kind::Outcome { programme, .. } => {
                out.insert(Node::Outcome(*programme));
            }
            Kind::Output { programme, output, .. } => {
                out.insert(Node::Output(*programme, *output));
            }
            _ => {}
        }
    }
}
