//! Expressions as a text of what they mean: ids by the names that they stand for, names that the writer gave to elements
//! of a list not at all.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::program::*;
use crate::value::Value;

/// Longer texts of one expression stand as their hash, so that what many rows share is written once.
const LONGEST: usize = 200;

/// The texts of one body.
pub(super) struct Canon<'a> {
    program: &'a Program,
    body: &'a ExprBody,
    /// By expression: the walk that last met it, and its number in that walk.
    seen: Vec<(u32, u32)>,
    walk: u32,
    /// The exceptions to a rule, which stand as a hash wherever they are met.
    exceptions: BTreeMap<ExprRef, Arc<str>>,
    /// Long texts that have been asked for.
    long: BTreeMap<ExprRef, Arc<str>>,
}

impl<'a> Canon<'a> {
    pub(super) fn of(program: &'a Program, body: &'a ExprBody) -> Canon<'a> {
        let mut canon = Canon {
            program,
            body,
            seen: vec![(0, 0); body.len()],
            walk: 0,
            exceptions: BTreeMap::new(),
            long: BTreeMap::new(),
        };
        // The order in which exceptions stand says nothing, so their texts are sorted. INVARIANT: exceptions to exceptions
        // stand before these, and none stands inside a `where` or `each`.
        for (id, expr) in body.iter() {
            if let Kind::Exceptions { exceptions, otherwise } = &expr.kind {
                let mut texts: Vec<String> =
                    exceptions.iter().map(|(when, value, _)| canon.text(*when) + "=>" + &canon.text(*value)).collect();
                texts.sort();
                let text = format!("Exceptions {texts:?} {}", canon.text(*otherwise));
                canon.exceptions.insert(id, hash(&text));
            }
        }
        canon
    }

    /// The whole body.
    pub(super) fn whole(program: &'a Program, body: &'a ExprBody) -> String {
        let mut canon = Canon::of(program, body);
        body.root().map_or(String::new(), |root| canon.text(root))
    }

    /// An expression with all below it.
    pub(super) fn text(&mut self, root: ExprRef) -> String {
        if let Some(text) = self.exceptions.get(&root).or_else(|| self.long.get(&root)) {
            return text.to_string();
        }
        self.walk += 1;
        let mut out = String::new();
        let mut vars: BTreeMap<Var, usize> = BTreeMap::from([(Var::OWNER, 0)]);
        let mut count = 0;
        let mut open = vec![(root, false)];
        while let Some((id, entered)) = open.pop() {
            let Some(slot) = self.seen.get_mut(id.0 as usize) else { continue };
            let expr = &self.body[id];
            let leaf = self.exceptions.get(&id);
            if !entered {
                if slot.0 == self.walk {
                    continue;
                }
                open.push((id, true));
                if leaf.is_none() {
                    open.extend(self.operands(&expr.kind).into_iter().rev().map(|o| (o, false)));
                }
                continue;
            }
            if slot.0 == self.walk {
                continue;
            }
            *slot = (self.walk, count);
            count += 1;
            if let Some(leaf) = leaf {
                let _ = write!(out, "{leaf};");
                continue;
            }
            let mut var = |var: &Var| {
                let next = vars.len();
                *vars.entry(*var).or_insert(next)
            };
            let kind = &expr.kind;
            let _ = match kind {
                Kind::Var(v) => write!(out, "var {}", var(v)),
                Kind::Where { var: v, .. } => write!(out, "where {}", var(v)),
                Kind::Each { var: v, .. } => write!(out, "each {}", var(v)),
                Kind::SortBy { var: v, descending, .. } => write!(out, "sort {} {descending}", var(v)),
                kind => {
                    out.push_str(&self.head(kind, &expr.ty));
                    Ok(())
                }
            };
            for operand in self.operands(kind) {
                let number = self.seen.get(operand.0 as usize).map_or(0, |s| s.1);
                let _ = write!(out, " {number}");
            }
            out.push(';');
        }
        if out.len() > LONGEST {
            let text = hash(&out);
            self.long.insert(root, Arc::clone(&text));
            return text.to_string();
        }
        out
    }

    /// The operands of an expression; those of a parameter that acts change for some households are its keys, as ever.
    fn operands(&self, kind: &Kind) -> Vec<ExprRef> {
        match kind {
            Kind::Definition { definition, arguments, .. } if parameter_of(self.program, *definition).is_some() => {
                arguments.clone()
            }
            kind => operands(kind),
        }
    }

    /// An expression without its operands.
    fn head(&self, kind: &Kind, ty: &Type) -> String {
        let p = self.program;
        match kind {
            Kind::Constant(value) => value_text(p, value, ty),
            Kind::Argument(n) => format!("argument {n}"),
            Kind::AsOf => "as_of".into(),
            Kind::KnownOn => "known_on".into(),
            Kind::Root(_) => "root".into(),
            Kind::Parent(_) => "parent".into(),
            Kind::Field { entity, field, .. } => {
                let entity = &p.entities[*entity];
                let name = entity.fields.get(*field).map_or("", |f| &f.name);
                format!("field {} {name:?}", declared(p, &entity.declared))
            }
            Kind::Definition { definition, .. } => {
                let d = &p.definitions[*definition];
                if d.part_of.is_some() {
                    return part_head(p, *definition);
                }
                format!("definition {} {}", declared(p, &d.declared), p.entities[d.owner].declared.name)
            }
            Kind::Parameter { parameter, .. } => {
                format!("parameter {}", declared(p, &p.parameters[*parameter].declared))
            }
            Kind::Outcome { programme, outcome, .. } => {
                format!("outcome {} {outcome:?}", declared(p, &p.programmes[*programme].declared))
            }
            Kind::Output { programme, output, .. } => {
                let programme = &p.programmes[*programme];
                let name = programme.outputs.get(*output).map_or("", |o| &o.name);
                format!("output {} {name}", declared(p, &programme.declared))
            }
            Kind::RecordField { table, output, .. } => {
                let table = &p.tables[*table];
                format!("record {} {}", table.name, table.outputs.get(*output).map_or("", |(name, _)| name))
            }
            Kind::Apply(function, _) => format!("{function:?}"),
            Kind::Not(_) => "not".into(),
            Kind::And(_) => "and".into(),
            Kind::Or(_) => "or".into(),
            Kind::State(test, _) => format!("is {test:?}"),
            Kind::Assume(..) => "assume".into(),
            Kind::OrElse(..) => "or else".into(),
            Kind::If { .. } => "if".into(),
            Kind::List(_) => "list".into(),
            Kind::Contains { .. } => "contains".into(),
            Kind::Top { .. } => "top".into(),
            Kind::Aggregate { function, .. } => function.word().into(),
            Kind::Element { at, .. } => format!("{at:?}"),
            // `text` writes these itself; what is not yet known or broken is in no checked program.
            Kind::Var(_)
            | Kind::Where { .. }
            | Kind::Each { .. }
            | Kind::SortBy { .. }
            | Kind::Exceptions { .. }
            | Kind::Pending(_)
            | Kind::Broken => String::new(),
        }
    }
}

/// The parameter that a definition stands for, where acts change it for some households.
fn parameter_of(program: &Program, id: DefinitionId) -> Option<&Parameter> {
    program.definitions[id].part_of.filter(|rule| *rule == id)?;
    program.parameters.values().find(|p| p.bound == Some(id))
}

/// A part has no name in the rules: it is what it holds. A parameter that acts change for some households is named as ever.
fn part_head(program: &Program, id: DefinitionId) -> String {
    match parameter_of(program, id) {
        Some(parameter) => format!("parameter {}", declared(program, &parameter.declared)),
        None => format!("part {}", part_text(program, id)),
    }
}

/// What a part means. INVARIANT: parts hold parts a few levels deep.
pub(super) fn part_text(program: &Program, id: DefinitionId) -> Arc<str> {
    let part = &program.definitions[id];
    if let Some(known) = part.meaning.get() {
        return Arc::clone(known);
    }
    let mut text = String::new();
    for version in &part.versions {
        let _ = write!(text, "{:?} {:?} {:?} ", version.period, version.basis, version.label);
        match &version.value {
            DefinitionValue::Expr(body) => text.push_str(&Canon::whole(program, body)),
            DefinitionValue::Table(table) => text.push_str(&table_text(program, &program.tables[*table])),
        }
        for (lang, template) in &version.otherwise {
            for piece in &template.parts {
                let _ = match piece {
                    TemplatePart::Text(piece) => write!(text, "{lang:?}{piece:?}"),
                    TemplatePart::Value(body) => write!(text, "{lang:?}{{{}}}", Canon::whole(program, body)),
                };
            }
        }
    }
    let text = hash(&text);
    Arc::clone(part.meaning.get_or_init(|| text))
}

/// A table that is a part: its rows as they stand.
fn table_text(program: &Program, table: &Table) -> String {
    let mut canon = Canon::of(program, &table.body);
    let mut out = format!("{:?} {:?}", table.policy, table.ranking);
    for input in &table.inputs {
        let _ = write!(out, "|{}", canon.text(*input));
    }
    for row in &table.rows {
        for cell in &row.cells {
            let _ = write!(out, "|{}", cell_text(&mut canon, cell));
        }
        for output in &row.outputs {
            let _ = write!(out, "|{}", canon.text(*output));
        }
        let _ = write!(out, "{:?}", row.basis);
    }
    for value in &table.otherwise {
        let _ = write!(out, "|{}", canon.text(*value));
    }
    out
}

pub(super) fn cell_text(canon: &mut Canon<'_>, cell: &CellTests) -> String {
    let mut tests: Vec<String> = cell
        .tests
        .iter()
        .map(|test| match test {
            CellTest::Equal(value) => format!("= {}", canon.text(*value)),
            CellTest::Range { low, low_open, high, high_open } => {
                let mut end = |end: &Option<ExprRef>| end.map(|e| canon.text(e));
                format!("{:?} {low_open} {:?} {high_open}", end(low), end(high))
            }
            CellTest::Unknown => "unknown".into(),
        })
        .collect();
    tests.sort();
    tests.dedup();
    format!("{} {tests:?}", cell.negated)
}

fn hash(text: &str) -> Arc<str> {
    hex(Sha256::digest(text.as_bytes()).as_ref()).into()
}

/// The first 16 bytes of a hash.
pub(super) fn hex(hash: &[u8]) -> String {
    hash.iter().take(16).fold(String::from("#"), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// A name after its module.
pub(super) fn declared(program: &Program, declared: &Declared) -> String {
    format!("{}.{}", program.modules[declared.module].name, declared.name)
}

/// A value with nothing of it left out; of an enum the member's name, wherever it stands.
pub(crate) fn value_text(program: &Program, value: &Value, ty: &Type) -> String {
    match (value, ty.required()) {
        (Value::Boolean(true), _) => "yes".into(),
        (Value::Boolean(false), _) => "no".into(),
        (Value::Number(n), _) => n.to_string(),
        (Value::Date(d), _) => d.to_string(),
        (Value::Duration(d), _) => d.to_string(),
        (Value::Text(t), _) => format!("{t:?}"),
        (Value::Enum(n), Type::Enum(id)) => {
            program.enums[*id].members.get(*n as usize).map_or_else(String::new, |m| m.name.to_string())
        }
        (Value::Enum(n), _) => format!("member {n}"),
        (Value::Element(n), _) => format!("element {n}"),
        (Value::None, _) => "none".into(),
    }
}

pub(crate) fn constant_text(program: &Program, constant: &Constant, ty: &Type) -> String {
    match (constant, ty.required()) {
        (Constant::One(value), ty) => value_text(program, value, ty),
        (Constant::List(values), ty) => {
            let item = if let Type::List(item) = ty { item } else { ty };
            let texts: Vec<String> = values.iter().map(|v| value_text(program, v, item)).collect();
            format!("[{}]", texts.join(", "))
        }
    }
}

/// A type, its entities and enums by their names with the module.
pub(super) fn type_text(program: &Program, ty: &Type) -> String {
    match ty {
        Type::Enum(id) => format!("enum {}", declared(program, &program.enums[*id].declared)),
        Type::Element(id) => format!("element {}", declared(program, &program.entities[*id].declared)),
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
