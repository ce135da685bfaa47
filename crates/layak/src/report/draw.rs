//! The decision graph as a drawing: facts and parameters, what rests on them, and the programmes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::program::*;

/// How the graph is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GraphFormat {
    /// Graphviz.
    Dot,
    /// Mermaid, for Markdown.
    Mermaid,
    /// A picture of its own.
    Svg,
    /// Nodes and edges as data.
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum NodeKind {
    Fact,
    Parameter,
    Definition,
    Criterion,
    Table,
    Programme,
}

impl NodeKind {
    fn word(self) -> &'static str {
        match self {
            NodeKind::Fact => "fact",
            NodeKind::Parameter => "parameter",
            NodeKind::Definition => "definition",
            NodeKind::Criterion => "criterion",
            NodeKind::Table => "table",
            NodeKind::Programme => "programme",
        }
    }

    fn colour(self) -> &'static str {
        match self {
            NodeKind::Fact => "#dbeafe",
            NodeKind::Parameter => "#fef3c7",
            NodeKind::Definition | NodeKind::Table => "#f3f4f6",
            NodeKind::Criterion => "#dcfce7",
            NodeKind::Programme => "#fee2e2",
        }
    }
}

/// Nodes by name, and edges from what is needed to what needs it.
#[derive(Default)]
struct Drawing {
    nodes: BTreeMap<String, NodeKind>,
    edges: BTreeSet<(String, String)>,
    /// By name of what is drawn, the parts of rules that have been gone through for it.
    parts: BTreeSet<(String, DefinitionId)>,
}

/// Draws the rules. The order of nodes and edges comes from their names.
pub(crate) fn draw(program: &Program, format: GraphFormat) -> String {
    let drawing = drawing(program);
    match format {
        GraphFormat::Dot => drawing.dot(),
        GraphFormat::Mermaid => drawing.mermaid(),
        GraphFormat::Svg => drawing.svg(),
        GraphFormat::Json => drawing.json(),
    }
}

fn drawing(program: &Program) -> Drawing {
    let mut out = Drawing::default();
    let owned = |entity: EntityId, name: &str| program.owned(entity, name);
    let of_definition = |id: DefinitionId| owned(program.definitions[id].owner, &program.definitions[id].declared.name);
    for (id, definition) in program.definitions.iter().filter(|(_, d)| d.part_of.is_none()) {
        let name = of_definition(id);
        let kind = match definition.kind {
            DefinitionKind::Define => NodeKind::Definition,
            DefinitionKind::Criterion => NodeKind::Criterion,
            DefinitionKind::Table => NodeKind::Table,
        };
        out.nodes.insert(name.clone(), kind);
        for version in &definition.versions {
            out.needs(program, version.body(program), &name, &owned, &of_definition);
        }
    }
    for programme in program.programmes.values() {
        let name = programme.declared.name.to_string();
        out.nodes.insert(name.clone(), NodeKind::Programme);
        for version in &programme.versions {
            let bodies = version.requires.iter().chain(&version.refuses).map(|c| &c.body);
            for body in bodies.chain(version.gives.iter().map(|(_, b)| b)) {
                out.needs(program, body, &name, &owned, &of_definition);
            }
        }
    }
    out
}

impl Drawing {
    fn needs(
        &mut self,
        program: &Program,
        body: &ExprBody,
        name: &str,
        owned: &impl Fn(EntityId, &str) -> String,
        of_definition: &impl Fn(DefinitionId) -> String,
    ) {
        for (_, expr) in body.iter() {
            let needed = match &expr.kind {
                // What an act puts in is drawn with what it changes.
                Kind::Definition { definition, .. } if program.definitions[*definition].part_of.is_some() => {
                    if !self.parts.insert((name.to_owned(), *definition)) {
                        continue;
                    }
                    for version in &program.definitions[*definition].versions {
                        self.needs(program, version.body(program), name, owned, of_definition);
                    }
                    continue;
                }
                Kind::Field { entity, field, .. } => {
                    let Some(field) = program.entities[*entity].fields.get(*field) else { continue };
                    if !matches!(field.shape, FieldShape::Scalar { .. }) {
                        continue;
                    }
                    let fact = owned(*entity, &field.name);
                    self.nodes.insert(fact.clone(), NodeKind::Fact);
                    fact
                }
                Kind::Parameter { parameter, .. } => {
                    let parameter = program.parameters[*parameter].declared.name.to_string();
                    self.nodes.insert(parameter.clone(), NodeKind::Parameter);
                    parameter
                }
                Kind::Definition { definition, .. } => of_definition(*definition),
                Kind::Outcome { programme, .. } | Kind::Output { programme, .. } => {
                    program.programmes[*programme].declared.name.to_string()
                }
                _ => continue,
            };
            self.edges.insert((needed, name.to_owned()));
        }
    }

    fn dot(&self) -> String {
        let mut out = String::from(
            "digraph rules {\n  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\"];\n",
        );
        for (name, kind) in &self.nodes {
            let _ = writeln!(out, "  {name:?} [fillcolor={:?}, tooltip={:?}];", kind.colour(), kind.word());
        }
        for (from, to) in &self.edges {
            let _ = writeln!(out, "  {from:?} -> {to:?};");
        }
        out.push_str("}\n");
        out
    }

    fn mermaid(&self) -> String {
        let ids: BTreeMap<&str, usize> = self.nodes.keys().zip(0..).map(|(n, i)| (n.as_str(), i)).collect();
        let mut out = String::from("flowchart LR\n");
        for ((name, kind), id) in self.nodes.iter().zip(0..) {
            let _ = writeln!(out, "  n{id}[\"{}\"]:::{}", name.replace('"', "#quot;"), kind.word());
        }
        for (from, to) in &self.edges {
            if let (Some(from), Some(to)) = (ids.get(from.as_str()), ids.get(to.as_str())) {
                let _ = writeln!(out, "  n{from} --> n{to}");
            }
        }
        for kind in [
            NodeKind::Fact,
            NodeKind::Parameter,
            NodeKind::Definition,
            NodeKind::Criterion,
            NodeKind::Table,
            NodeKind::Programme,
        ] {
            let _ = writeln!(out, "  classDef {} fill:{},stroke:#6b7280,color:#111827", kind.word(), kind.colour());
        }
        out
    }

    fn json(&self) -> String {
        let nodes: Vec<serde_json::Value> =
            self.nodes.iter().map(|(name, kind)| serde_json::json!({"name": name, "kind": kind.word()})).collect();
        let edges: Vec<serde_json::Value> =
            self.edges.iter().map(|(from, to)| serde_json::json!({"from": from, "to": to})).collect();
        format!("{}\n", serde_json::json!({"nodes": nodes, "edges": edges}))
    }

    /// Columns from what needs nothing to what needs most; within a column near what it needs.
    fn svg(&self) -> String {
        let mut level: BTreeMap<&str, usize> = self.nodes.keys().map(|n| (n.as_str(), 0)).collect();
        // INVARIANT: definitions do not need themselves, so as many rounds as there are nodes settle every level.
        for _ in 0..self.nodes.len() {
            let mut changed = false;
            for (from, to) in &self.edges {
                let least = level.get(from.as_str()).copied().unwrap_or(0) + 1;
                if let Some(at) = level.get_mut(to.as_str())
                    && *at < least
                {
                    *at = least;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        let columns = level.values().max().copied().unwrap_or(0) + 1;
        let mut placed: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        let mut tallest = 0;
        for column in 0..columns {
            let mut names: Vec<&str> = level.iter().filter(|(_, l)| **l == column).map(|(n, _)| *n).collect();
            let wish = |name: &str| {
                let rows: Vec<usize> = self
                    .edges
                    .iter()
                    .filter(|(_, to)| to == name)
                    .filter_map(|(from, _)| placed.get(from.as_str()).map(|(_, row)| *row))
                    .collect();
                (rows.iter().sum::<usize>() * 100).checked_div(rows.len()).unwrap_or(0)
            };
            names.sort_by_cached_key(|n| (wish(n), n.to_string()));
            tallest = tallest.max(names.len());
            for (row, name) in names.into_iter().enumerate() {
                placed.insert(name, (column, row));
            }
        }
        let (width, height) = (columns * 260 + 20, tallest * 34 + 20);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
        );
        for (from, to) in &self.edges {
            if let (Some((c1, r1)), Some((c2, r2))) = (placed.get(from.as_str()), placed.get(to.as_str())) {
                let (x1, y1, x2, y2) = (c1 * 260 + 220, r1 * 34 + 24, c2 * 260 + 10, r2 * 34 + 24);
                let _ = writeln!(
                    out,
                    "<path d=\"M{x1} {y1}C{} {y1} {} {y2} {x2} {y2}\" fill=\"none\" stroke=\"#9ca3af\" stroke-width=\"0.8\"/>",
                    x1 + 30,
                    x2.saturating_sub(30)
                );
            }
        }
        for (name, kind) in &self.nodes {
            let Some((column, row)) = placed.get(name.as_str()) else { continue };
            let text = name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let short: String = text.chars().take(32).collect();
            let _ = writeln!(
                out,
                "<g><title>{} {text}</title><rect x=\"{}\" y=\"{}\" width=\"210\" height=\"26\" rx=\"5\" fill=\"{}\" stroke=\"#6b7280\"/><text x=\"{}\" y=\"{}\" fill=\"#111827\">{short}</text></g>",
                kind.word(),
                column * 260 + 10,
                row * 34 + 11,
                kind.colour(),
                column * 260 + 18,
                row * 34 + 28
            );
        }
        out.push_str("</svg>\n");
        out
    }
}
