//! A hash of what rules mean.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::program::*;

/// The fingerprint of a program: names, types, versions and expressions in the order of their names. Places, labels'
/// order of files and the language of keywords are not in it.
pub(crate) fn fingerprint(program: &Program) -> Arc<str> {
    let mut parts: BTreeMap<String, String> = BTreeMap::new();
    let name = |d: &Declared| format!("{}.{}", program.modules[d.module].name, d.name);
    parts.insert("ruleset".into(), format!("{:?} {:?}", program.currency, program.calendar));
    for e in program.enums.values() {
        let members: Vec<_> = e.members.iter().map(|m| (&m.name, &m.codes, &m.label)).collect();
        parts.insert(format!("enum {}", name(&e.declared)), format!("{members:?}"));
    }
    for s in program.sources.values() {
        parts.insert(
            format!("source {}", name(&s.declared)),
            format!("{:?}{}", s.fresh, if s.verifies { "" } else { " unverified" }),
        );
    }
    for e in program.entities.values() {
        let mut text = format!("{:?} ", e.key);
        for f in &e.fields {
            let shape = match &f.shape {
                FieldShape::Scalar { ty, range, default } => {
                    format!("{} {range:?} {default:?}", type_text(program, ty))
                }
                FieldShape::List { item, least, most } => {
                    format!("list {} {least} {most:?}", program.entities[*item].declared.name)
                }
                FieldShape::Record { entity, .. } => format!("record {}", program.entities[*entity].declared.name),
            };
            let sources: Vec<_> = f.sources.iter().map(|s| &program.sources[*s].declared.name).collect();
            let verified = if f.verified { " verified" } else { "" };
            let fixed = if f.fixed { " fixed" } else { "" };
            let _ = write!(text, "{} {shape} {:?} {:?}{verified}{fixed};", f.name, f.column, sources);
        }
        parts.insert(format!("entity {}", name(&e.declared)), text);
    }
    for p in program.parameters.values() {
        let keys: Vec<_> = p.keys.iter().map(|(n, t)| (n, type_text(program, t))).collect();
        let mut text = format!("{keys:?} {} {:?} {:?} ", type_text(program, &p.ty), p.default, p.basis);
        for value in &p.values {
            for v in &value.versions {
                let _ = write!(text, "{:?} {:?} {:?} {:?};", value.keys, v.period, v.value, v.basis);
            }
        }
        parts.insert(format!("parameter {}", name(&p.declared)), text);
    }
    for d in program.definitions.values() {
        let owner = &program.entities[d.owner].declared.name;
        let mut text = format!("{:?} {} {:?} ", d.kind, type_text(program, &d.ty), d.declared.label);
        for v in &d.versions {
            let _ = write!(text, "{:?} {:?} ", v.period, v.basis);
            match &v.value {
                DefinitionValue::Expr(body) => text.push_str(&body_text(program, body)),
                DefinitionValue::Table(table) => text.push_str(&table_text(program, &program.tables[*table])),
            }
            for (lang, template) in &v.otherwise {
                let _ = write!(text, "{lang:?}");
                for part in &template.parts {
                    match part {
                        TemplatePart::Text(t) => {
                            let _ = write!(text, "{t:?}");
                        }
                        TemplatePart::Value(body) => text.push_str(&body_text(program, body)),
                    }
                }
            }
        }
        parts.insert(format!("define {owner} {}", name(&d.declared)), text);
    }
    for p in program.programmes.values() {
        let owner = &program.entities[p.owner].declared.name;
        let mut text = format!("{owner} {:?} ", p.declared.label);
        for v in &p.versions {
            let _ = write!(text, "{:?} {:?} ", v.period, v.basis);
            let mut lines: Vec<String> = Vec::new();
            lines.extend(v.requires.iter().map(|c| format!("requires {} {}", c.name, body_text(program, &c.body))));
            lines.extend(v.refuses.iter().map(|c| format!("refuses {} {}", c.name, body_text(program, &c.body))));
            lines.extend(v.excludes.iter().map(|e| format!("excludes {}", name(&program.programmes[*e].declared))));
            for (output, body) in &v.gives {
                let output = p.outputs.get(*output).map(|o| &o.name);
                lines.push(format!("gives {output:?} {}", body_text(program, body)));
            }
            lines.sort();
            text.push_str(&lines.join("|"));
        }
        parts.insert(format!("programme {}", name(&p.declared)), text);
    }
    let mut hash = Sha256::new();
    for (key, text) in parts {
        hash.update(key.len().to_le_bytes());
        hash.update(key);
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    }
    let mut out = String::new();
    for byte in hash.finalize().iter().take(16) {
        let _ = write!(out, "{byte:02x}");
    }
    out.into()
}

fn type_text(program: &Program, ty: &Type) -> String {
    match ty {
        Type::Enum(id) => format!("enum {}", program.enums[*id].declared.name),
        Type::Element(id) => format!("element {}", program.entities[*id].declared.name),
        Type::List(item) => format!("list {}", type_text(program, item)),
        Type::Optional(inner) => format!("optional {}", type_text(program, inner)),
        Type::Record(id) => format!("record {}", program.tables[*id].name),
        Type::Boolean
        | Type::Number(_)
        | Type::Date
        | Type::Duration(_)
        | Type::Text
        | Type::Pending
        | Type::Poison => {
            format!("{ty:?}")
        }
    }
}

/// An expression as its parts in order; ids are named by what they stand for, so that other files do not move them.
fn body_text(program: &Program, body: &ExprBody) -> String {
    let mut out = String::new();
    for (_, expr) in body.iter() {
        let name = |d: &Declared| format!("{}.{}", program.modules[d.module].name, d.name);
        let _ = match &expr.kind {
            Kind::Field { of, entity, field } => {
                let e = &program.entities[*entity];
                write!(out, "{of:?} {}.{:?};", e.declared.name, e.fields.get(*field).map(|f| &f.name))
            }
            Kind::Definition { of, definition, arguments } => {
                let d = &program.definitions[*definition];
                write!(out, "{of:?} {} {} {arguments:?};", program.entities[d.owner].declared.name, name(&d.declared))
            }
            Kind::Parameter { parameter, keys } => {
                write!(out, "{} {keys:?};", name(&program.parameters[*parameter].declared))
            }
            Kind::Outcome { of, programme, outcome } => {
                write!(out, "{of:?} {} {outcome:?};", name(&program.programmes[*programme].declared))
            }
            Kind::Output { of, programme, output } => {
                write!(out, "{of:?} {} {output};", name(&program.programmes[*programme].declared))
            }
            Kind::RecordField { of, table, output } => write!(out, "{of:?} {} {output};", program.tables[*table].name),
            // Their places are no part of what they mean.
            Kind::Exceptions { exceptions, otherwise } => {
                let list: Vec<_> = exceptions.iter().map(|(c, v, p)| (c, v, &p.label, &p.basis)).collect();
                write!(out, "Exceptions {list:?} {otherwise:?};")
            }
            kind => write!(out, "{kind:?};"),
        };
    }
    out
}

fn table_text(program: &Program, table: &Table) -> String {
    let mut out = format!(
        "{:?} {} {:?} {:?} {:?}",
        table.policy,
        body_text(program, &table.body),
        table.inputs,
        table.otherwise,
        table.ranking
    );
    for (name, ty) in &table.outputs {
        let _ = write!(out, "{name} {} ", type_text(program, ty));
    }
    for row in &table.rows {
        let _ = write!(out, "{:?} {:?} {:?};", row.cells, row.outputs, row.basis);
    }
    out
}
