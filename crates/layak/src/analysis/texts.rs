//! Texts that differ from what they are compared with, or from one another, by case or spelling.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::warning;
use crate::diagnostic::{Code, Finding, phrase};
use crate::program::*;
use crate::source::Span;
use crate::value::{Function, Value};

/// The most texts of one fact of which each is compared with each.
const MOST: usize = 400;

/// What texts are compared with. A field is known by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Fact(Span),
    Definition(DefinitionId),
}

/// By text the first place.
type Texts = BTreeMap<Arc<str>, Span>;

pub(super) fn analyse(program: &Program, found: &mut Vec<Finding>) {
    let mut compared: BTreeMap<Subject, Texts> = BTreeMap::new();
    for version in program.definitions.values().flat_map(|d| &d.versions) {
        match &version.value {
            DefinitionValue::Expr(body) => of_body(program, body, &mut compared),
            DefinitionValue::Table(table) => of_table(program, &program.tables[*table], &mut compared),
        }
    }
    for version in program.programmes.values().flat_map(|p| &p.versions) {
        let bodies = version.requires.iter().chain(&version.refuses).map(|c| &c.body);
        bodies.chain(version.gives.iter().map(|(_, body)| body)).for_each(|body| {
            of_body(program, body, &mut compared);
        });
    }
    let members = members(program);
    for (subject, texts) in &compared {
        let closed = match subject {
            Subject::Definition(id) => results(program, *id),
            Subject::Fact(_) => None,
        };
        match closed {
            Some(results) => {
                for (text, at) in texts.iter().filter(|(text, _)| !results.contains_key(*text)) {
                    let near = results.iter().find(|(other, _)| alike(text, other));
                    found.push(never(text, *at, near.map(|(text, at)| (&**text, *at))));
                }
            }
            None => among(texts, found),
        }
        for (text, at) in texts {
            let near = members.get(&folded(text)).filter(|(name, _)| *name != *text);
            if let Some((name, place)) = near
                && !texts.contains_key(name)
            {
                found.push(differs(text, *at, name, *place));
            }
        }
    }
}

/// Texts of one subject that differ by case or spelling: the second of each pair is told.
fn among(texts: &Texts, found: &mut Vec<Finding>) {
    let mut by_fold: BTreeMap<String, (&Arc<str>, Span)> = BTreeMap::new();
    let mut distinct: Vec<(&Arc<str>, Span)> = Vec::new();
    let mut in_order: Vec<(&Arc<str>, Span)> = texts.iter().map(|(text, at)| (text, *at)).collect();
    in_order.sort_by_key(|(_, at)| *at);
    for (text, at) in in_order {
        match by_fold.get(&folded(text)) {
            Some((other, place)) => found.push(differs(text, at, other, *place)),
            None => {
                by_fold.insert(folded(text), (text, at));
                distinct.push((text, at));
            }
        }
    }
    if distinct.len() > MOST {
        return;
    }
    for (at, (text, span)) in distinct.iter().enumerate() {
        if let Some((other, place)) = distinct.iter().take(at).find(|(other, _)| misspelt(text, other)) {
            found.push(differs(text, *span, other, *place));
        }
    }
}

fn differs(text: &str, at: Span, other: &str, place: Span) -> Finding {
    warning(
        Code::NEAR_TEXT,
        at,
        phrase!(
            "{0:?} differs from {1:?} by case or spelling alone",
            "{0:?} berbeda dari {1:?} hanya dalam huruf besar-kecil atau ejaan",
            text,
            other
        ),
        phrase!("write both alike, or use an enum", "tulis keduanya sama, atau pakai enum"),
    )
    .also(place, phrase!("the other", "yang lain"))
}

fn never(text: &str, at: Span, near: Option<(&str, Span)>) -> Finding {
    let finding = warning(
        Code::NEAR_TEXT,
        at,
        phrase!("what it is compared with is never {0:?}", "yang dibandingkan tidak pernah {0:?}", text),
        match near {
            Some((near, _)) => phrase!("did you mean {0:?}?", "maksud Anda {0:?}?", near),
            None => phrase!("compare with a text that it can be", "bandingkan dengan teks yang mungkin"),
        },
    );
    match near {
        Some((_, place)) => finding.also(place, phrase!("what it can be", "yang mungkin")),
        None => finding,
    }
}

/// By folded name or code, the members of enums.
fn members(program: &Program) -> BTreeMap<String, (Arc<str>, Span)> {
    let mut out = BTreeMap::new();
    for member in program.enums.values().flat_map(|e| &e.members) {
        for name in [&member.name].into_iter().chain(&member.codes) {
            out.entry(folded(name)).or_insert((Arc::clone(name), member.span));
        }
    }
    out
}

fn subject(program: &Program, body: &ExprBody, mut at: ExprRef) -> Option<Subject> {
    loop {
        if *body[at].ty.required() != Type::Text {
            return None;
        }
        match &body[at].kind {
            Kind::Field { entity, field, .. } => {
                return program.entities[*entity].fields.get(*field).map(|f| Subject::Fact(f.span));
            }
            Kind::Definition { definition, .. } => return Some(Subject::Definition(*definition)),
            Kind::Apply(Function::Unwrap, of) => at = *of.first()?,
            Kind::OrElse(of, _) | Kind::Assume(of, _) => at = *of,
            _ => return None,
        }
    }
}

fn literal(body: &ExprBody, at: ExprRef) -> Option<(Arc<str>, Span)> {
    match &body[at].kind {
        Kind::Constant(Value::Text(text)) => Some((Arc::clone(text), body[at].span)),
        _ => None,
    }
}

fn note(program: &Program, body: &ExprBody, of: ExprRef, with: ExprRef, out: &mut BTreeMap<Subject, Texts>) {
    if let Some((text, span)) = literal(body, with)
        && let Some(subject) = subject(program, body, of)
    {
        let place = out.entry(subject).or_default().entry(text).or_insert(span);
        *place = (*place).min(span);
    }
}

fn of_body(program: &Program, body: &ExprBody, out: &mut BTreeMap<Subject, Texts>) {
    for (_, expr) in body.iter() {
        match &expr.kind {
            Kind::Apply(Function::Equal, operands) => {
                if let [a, b] = operands.as_slice() {
                    note(program, body, *a, *b, out);
                    note(program, body, *b, *a, out);
                }
            }
            Kind::Contains { list, item } => {
                if let Kind::List(items) = &body[*list].kind {
                    items.iter().for_each(|with| note(program, body, *item, *with, out));
                }
            }
            _ => {}
        }
    }
}

fn of_table(program: &Program, table: &Table, out: &mut BTreeMap<Subject, Texts>) {
    of_body(program, &table.body, out);
    for row in &table.rows {
        for (cell, input) in row.cells.iter().zip(&table.inputs) {
            for test in &cell.tests {
                if let CellTest::Equal(with) = test {
                    note(program, &table.body, *input, *with, out);
                }
            }
        }
    }
}

/// The texts that a definition can be, where these are all written out.
fn results(program: &Program, id: DefinitionId) -> Option<Texts> {
    let mut out = Texts::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        for version in &program.definitions[id].versions {
            let (body, roots): (&ExprBody, Vec<ExprRef>) = match &version.value {
                DefinitionValue::Expr(body) => (body, body.root().into_iter().collect()),
                DefinitionValue::Table(table) => {
                    let table = &program.tables[*table];
                    if table.outputs.len() != 1 {
                        return None;
                    }
                    let rows = table.rows.iter().flat_map(|r| &r.outputs).chain(&table.otherwise);
                    (&table.body, rows.copied().collect())
                }
            };
            let mut roots = roots;
            while let Some(at) = roots.pop() {
                match &body[at].kind {
                    Kind::Constant(Value::Text(text)) => {
                        out.entry(Arc::clone(text)).or_insert(body[at].span);
                    }
                    Kind::If { arms, otherwise } => {
                        roots.extend(arms.iter().map(|(_, value)| *value));
                        roots.push(*otherwise);
                    }
                    Kind::Exceptions { exceptions, otherwise } => {
                        roots.extend(exceptions.iter().map(|(_, value, _)| *value));
                        roots.push(*otherwise);
                    }
                    Kind::Definition { definition, .. } => open.push(*definition),
                    _ => return None,
                }
            }
        }
    }
    Some(out)
}

fn alike(a: &str, b: &str) -> bool {
    folded(a) == folded(b) || misspelt(a, b)
}

/// Without case, accents, and what parts words.
fn folded(text: &str) -> String {
    let calendar =
        crate::value::Calendar { leap_day: crate::value::LeapDay::March1, month_end: crate::value::MonthEnd::Clip };
    let value = Function::Fold.apply(&[&Value::Text(Arc::from(text))], calendar);
    let folded = match &value {
        Ok(Value::Text(folded)) => folded,
        _ => text,
    };
    folded
        .split(|c: char| c.is_whitespace() || c == '_' || c == '-')
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Whether two words are one letter apart: one too many, another in its place, or two that changed places. Short ones and those with
/// digits, which are codes, may well be.
fn misspelt(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (folded(a).chars().collect(), folded(b).chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if short.len() < 5 || short.len() + 1 < long.len() || a.iter().chain(&b).any(|c| c.is_numeric()) {
        return false;
    }
    let same = short.iter().zip(long.iter()).take_while(|(a, b)| a == b).count();
    let (rest, other) = (short.get(same..).unwrap_or(&[]), long.get(same..).unwrap_or(&[]));
    // A word of one letter is a name, such as that of a class.
    let is_word = |at: usize, text: &[char]| {
        let letter = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|c| *c != ' ');
        letter(at.checked_sub(1)) || letter(at.checked_add(1))
    };
    if !is_word(same, long) {
        return false;
    }
    match (rest, other) {
        ([], [_]) => true,
        (rest, [_, tail @ ..]) if rest == tail => true,
        ([_, tail @ ..], [_, other @ ..]) if tail == other => true,
        ([a, b, tail @ ..], [c, d, other @ ..]) => a == d && b == c && tail == other,
        _ => false,
    }
}
