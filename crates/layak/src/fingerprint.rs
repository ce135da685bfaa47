//! A hash of what rules mean.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::program::*;

/// The fingerprint of a program: names, types, versions and expressions in the order of their names. Places, labels'
/// order of files and the language of keywords are not in it.
pub(crate) fn fingerprint(program: &Program) -> Arc<str> {
    let texts = &Texts { program, parts: RefCell::default() };
    let mut parts: BTreeMap<String, String> = BTreeMap::new();
    let name = |d: &Declared| format!("{}.{}", program.modules[d.module].name, d.name);
    parts.insert("ruleset".into(), format!("{:?} {:?}", program.currency, program.calendar));
    for e in program.enums.values() {
        let members: Vec<_> = e.members.iter().map(|m| (&m.name, &m.codes, &m.label)).collect();
        parts.insert(format!("enum {}", name(&e.declared)), format!("{members:?}"));
    }
    for s in program.sources.values() {
        parts.insert(format!("source {}", name(&s.declared)), format!("{:?}", s.fresh));
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
            let _ = write!(text, "{} {shape} {:?} {:?};", f.name, f.column, sources);
        }
        parts.insert(format!("entity {}", name(&e.declared)), text);
    }
    for p in program.parameters.values().filter(|p| p.part_of.is_none()) {
        parts.insert(format!("parameter {}", name(&p.declared)), parameter_text(program, p));
    }
    for d in program.definitions.values().filter(|d| d.part_of.is_none()) {
        let owner = &program.entities[d.owner].declared.name;
        parts.insert(format!("define {owner} {}", name(&d.declared)), definition_text(texts, d));
    }
    for a in program.acts.values() {
        let key = format!(
            "act {} {} {:?} {:?}",
            program.modules[a.module].name, program.modules[a.amends].name, a.label, a.period
        );
        parts.insert(key, format!("{:?}", a.basis));
    }
    for p in program.programmes.values() {
        let owner = &program.entities[p.owner].declared.name;
        let mut text = format!("{owner} {:?} ", p.declared.label);
        for v in &p.versions {
            let _ = write!(text, "{:?} {:?} ", v.period, v.basis);
            let mut lines: Vec<String> = Vec::new();
            lines.extend(v.requires.iter().map(|c| format!("requires {} {}", c.name, body_text(texts, &c.body))));
            lines.extend(v.refuses.iter().map(|c| format!("refuses {} {}", c.name, body_text(texts, &c.body))));
            lines.extend(v.excludes.iter().map(|e| format!("excludes {}", name(&program.programmes[*e].declared))));
            for (output, body) in &v.gives {
                let output = p.outputs.get(*output).map(|o| &o.name);
                lines.push(format!("gives {output:?} {}", body_text(texts, body)));
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

/// The rules, and what their parts are, each worked out once.
struct Texts<'p> {
    program: &'p Program,
    parts: RefCell<BTreeMap<DefinitionId, Arc<str>>>,
}

impl Texts<'_> {
    /// A part has no name in the rules: it is what it holds. Parts that hold parts do so a few levels deep.
    fn part(&self, id: DefinitionId) -> Arc<str> {
        if let Some(known) = self.parts.borrow().get(&id) {
            return Arc::clone(known);
        }
        let text = definition_text(self, &self.program.definitions[id]);
        let short: Arc<str> = format!("{:?}", Sha256::digest(text).as_slice()).into();
        self.parts.borrow_mut().insert(id, Arc::clone(&short));
        short
    }
}

fn parameter_text(program: &Program, p: &Parameter) -> String {
    let keys: Vec<_> = p.keys.iter().map(|(n, t)| (n, type_text(program, t))).collect();
    let mut text = format!("{keys:?} {} {:?} {:?} ", type_text(program, &p.ty), p.default, p.basis);
    for value in &p.values {
        for v in &value.versions {
            let _ = write!(text, "{:?} {:?} {:?} {:?};", value.keys, v.period, v.value, v.basis);
        }
    }
    text
}

fn definition_text(texts: &Texts<'_>, d: &Definition) -> String {
    let program = texts.program;
    let mut text = format!("{:?} {} {:?} ", d.kind, type_text(program, &d.ty), d.declared.label);
    for v in &d.versions {
        let _ = write!(text, "{:?} {:?} ", v.period, v.basis);
        if v.label != Label::default() {
            let _ = write!(text, "{:?} ", v.label);
        }
        match &v.value {
            DefinitionValue::Expr(body) => text.push_str(&body_text(texts, body)),
            DefinitionValue::Table(table) => text.push_str(&table_text(texts, &program.tables[*table])),
        }
        for (lang, template) in &v.otherwise {
            let _ = write!(text, "{lang:?}");
            for part in &template.parts {
                match part {
                    TemplatePart::Text(t) => {
                        let _ = write!(text, "{t:?}");
                    }
                    TemplatePart::Value(body) => text.push_str(&body_text(texts, body)),
                }
            }
        }
    }
    text
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
fn body_text(texts: &Texts<'_>, body: &ExprBody) -> String {
    let program = texts.program;
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
                if d.part_of.is_some() {
                    out.push_str(&texts.part(*definition));
                }
                write!(out, "{of:?} {} {} {arguments:?};", program.entities[d.owner].declared.name, name(&d.declared))
            }
            Kind::Parameter { parameter, keys } => {
                if program.parameters[*parameter].part_of.is_some() {
                    out.push_str(&parameter_text(program, &program.parameters[*parameter]));
                }
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

fn table_text(texts: &Texts<'_>, table: &Table) -> String {
    let program = texts.program;
    let mut out = format!(
        "{:?} {} {:?} {:?} {:?}",
        table.policy,
        body_text(texts, &table.body),
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
