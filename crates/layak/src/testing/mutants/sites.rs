//! Where rules can be changed, and what may stand there instead.

use std::collections::BTreeSet;

use crate::limits::Limits;
use crate::program::{CellTests, DefinitionValue, ExprBody, ExprRef, Kind, Program, Type};
use crate::source::{SourceId, SourceMap, Span};
use crate::syntax::{
    self, AmendmentKind, BinaryOp, Body, CriterionDecl, Declaration, DeclarationKind, DefineDecl, ExceptionDecl,
    ExprId, ExprKind, Lang, Literal, ProgrammeDecl, TableDecl, Tree, UnaryOp, Validity,
};
use crate::testing::mutants::MutantKind;
use crate::value::{Date, Value};

/// The changes found: where, of what kind, and what stands there instead.
#[derive(Default)]
pub(super) struct Sites {
    found: BTreeSet<(SourceId, u32, std::cmp::Reverse<u32>, MutantKind, String)>,
}

impl Sites {
    pub(super) fn add(&mut self, span: Span, kind: MutantKind, after: impl Into<String>) {
        self.found.insert((span.source, span.start, std::cmp::Reverse(span.end), kind, after.into()));
    }

    /// By place; the same change of the same place once.
    pub(super) fn into_sorted(self) -> Vec<(Span, MutantKind, String)> {
        let mut out: Vec<(Span, MutantKind, String)> = Vec::new();
        for (source, start, end, kind, after) in self.found {
            let span = Span { source, start, end: end.0 };
            if !out.iter().rev().take_while(|(s, ..)| s.start == start).any(|(s, _, a)| *s == span && *a == after) {
                out.push((span, kind, after));
            }
        }
        out
    }
}

pub(super) fn sites(program: &Program, sources: &SourceMap, limits: &Limits, out: &mut Sites) {
    for (id, source) in sources.iter() {
        if crate::ruleset::is_rule_file(source.path()) {
            let tree = syntax::parse(id, source, limits, &mut Vec::new());
            File { tree: &tree, sources, out }.run();
        } else {
            data(id, source.text(), out);
        }
    }
    members(program, out);
}

/// So many rows of a data table are changed, spread over it.
const DATA_ROWS: usize = 12;

/// Numbers and dates of a data table. Rows with quotes are left as they are: a cell of theirs may hold a comma.
fn data(id: SourceId, text: &str, out: &mut Sites) {
    let mut rows: Vec<(usize, &str)> = Vec::new();
    let mut start = 0usize;
    for line in text.split_inclusive('\n') {
        if !line.contains('"') {
            rows.push((start, line.trim_end_matches(['\n', '\r'])));
        }
        start = start.saturating_add(line.len());
    }
    // The other columns are keys, and what people are told.
    let names: Vec<&str> = rows.first().map_or_else(Vec::new, |(_, line)| line.split(',').map(str::trim).collect());
    let changes = |column: usize| names.get(column).is_some_and(|name| matches!(*name, "value" | "from" | "until"));
    let step = rows.len().saturating_sub(1).div_ceil(DATA_ROWS).max(1);
    for (start, line) in rows.into_iter().skip(1).step_by(step) {
        let mut at = start;
        for (column, cell) in line.split(',').enumerate() {
            let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            let span = Span { source: id, start: place(at), end: place(at.saturating_add(cell.len())) };
            if !changes(column) {
                // A key that is another is another table.
            } else if let Ok(date) = cell.parse::<Date>() {
                let days = [-1, 1].into_iter().filter_map(|day| date.add_days(day));
                days.for_each(|day| out.add(span, MutantKind::Data, day.to_string()));
            } else if cell.chars().all(|c| c.is_ascii_digit() || c == '.')
                && cell.starts_with(|c: char| c.is_ascii_digit())
            {
                beside(cell).into_iter().for_each(|other| out.add(span, MutantKind::Data, other));
            }
            at = at.saturating_add(cell.len()).saturating_add(1);
        }
    }
}

pub(super) struct File<'a> {
    pub tree: &'a Tree,
    pub sources: &'a SourceMap,
    pub out: &'a mut Sites,
}

impl File<'_> {
    fn run(&mut self) {
        for declaration in &self.tree.declarations {
            self.declaration(declaration);
        }
    }

    fn declaration(&mut self, declaration: &Declaration) {
        match &declaration.kind {
            DeclarationKind::Parameter(decl) => {
                if let syntax::ParameterValues::Versions(versions) = &decl.values {
                    for version in versions {
                        self.validity(&version.validity);
                        version.entries.iter().for_each(|entry| self.body(entry.value));
                    }
                }
                decl.default.iter().for_each(|body| self.body(*body));
            }
            DeclarationKind::Define(DefineDecl { validity, body, exceptions, .. }) => {
                self.validity(validity);
                self.body(*body);
                self.exceptions(exceptions);
            }
            DeclarationKind::Criterion(CriterionDecl { validity, condition, exceptions, .. }) => {
                self.validity(validity);
                if let Some(condition) = condition {
                    self.body(*condition);
                    self.negate(*condition);
                }
                self.exceptions(exceptions);
            }
            DeclarationKind::Table(decl) => self.table(decl),
            DeclarationKind::Scale(decl) => {
                self.validity(&decl.validity);
                self.body(decl.value);
                for bracket in &decl.brackets {
                    self.body(bracket.range);
                    self.body(bracket.gives);
                }
            }
            DeclarationKind::Programme(decl) => self.programme(decl),
            DeclarationKind::Amend(decl) => {
                self.validity(&decl.validity);
                decl.condition.iter().for_each(|body| self.body(*body));
                for amendment in &decl.amendments {
                    match &amendment.kind {
                        AmendmentKind::Add(declaration) | AmendmentKind::Replace(declaration) => {
                            self.declaration(declaration);
                        }
                        AmendmentKind::Except { exception, .. } => self.exceptions(std::slice::from_ref(exception)),
                        AmendmentKind::Repeal { .. } => {}
                    }
                }
            }
            DeclarationKind::Enum(decl) => self.enumeration(decl),
            DeclarationKind::Source(decl) => self.source(decl),
            DeclarationKind::Entity(decl) => self.entity(decl),
            DeclarationKind::Use { .. }
            | DeclarationKind::Format(_)
            | DeclarationKind::Test(_)
            | DeclarationKind::Property(_)
            | DeclarationKind::Broken(_) => {}
        }
    }

    fn programme(&mut self, decl: &ProgrammeDecl) {
        self.validity(&decl.validity);
        for list in [&decl.requires, &decl.refuses] {
            let spans: Vec<Span> = list.iter().map(|criterion| criterion.span).collect();
            for at in 0..spans.len() {
                let span = match spans.as_slice() {
                    [only] => Some(self.with_word_before(*only)),
                    _ => without(&spans, at),
                };
                span.into_iter().for_each(|span| self.out.add(span, MutantKind::DropCriterion, ""));
            }
        }
        decl.gives.iter().for_each(|gift| self.body(gift.value));
    }

    /// What is written with the word before it: `requires poor`.
    pub(super) fn with_word_before(&self, span: Span) -> Span {
        let text = self.sources.get(span.source).map_or("", |s| s.text());
        let head = text.get(..span.start as usize).unwrap_or("").trim_end();
        let word = head.rfind(|c: char| !c.is_alphabetic() && c != '_').map_or(0, |at| at.saturating_add(1));
        Span { start: u32::try_from(word).unwrap_or(span.start), ..span }
    }

    fn exceptions(&mut self, list: &[ExceptionDecl]) {
        for exception in list {
            self.out.add(exception.span, MutantKind::DropException, "");
            self.validity(&exception.validity);
            self.body(exception.condition);
            self.negate(exception.condition);
            self.body(exception.value);
        }
    }

    fn table(&mut self, decl: &TableDecl) {
        self.validity(&decl.validity);
        decl.inputs.iter().chain(&decl.otherwise).for_each(|body| self.body(*body));
        for row in &decl.rows {
            if decl.rows.len() > 1 {
                self.out.add(row.span, MutantKind::Table, "");
            }
            for cell in row.cells.iter().filter(|cell| !cell.tests.is_empty()) {
                self.out.add(cell.span, MutantKind::Table, "-");
                let text = self.sources.snippet(cell.span);
                let not = syntax::spelling("not", self.tree.lang);
                match text.strip_prefix(not).filter(|_| cell.negated) {
                    Some(rest) => self.out.add(cell.span, MutantKind::Table, rest.trim_start()),
                    None => self.out.add(cell.span, MutantKind::Table, format!("{not} {text}")),
                }
                for test in &cell.tests {
                    match test {
                        syntax::CellTest::Compare(op, body) => {
                            self.body(*body);
                            let sign = Span { end: body.span.start, start: cell.span.start, ..cell.span };
                            let written = self.sources.snippet(sign).trim_end().len();
                            let end = sign.start.saturating_add(u32::try_from(written).unwrap_or(0));
                            if let Some(other) = other_comparison(*op) {
                                self.out.add(Span { end, ..sign }, MutantKind::Comparison, other);
                            }
                        }
                        syntax::CellTest::Is(body) => self.body(*body),
                        syntax::CellTest::Unknown(_) => {}
                    }
                }
            }
            row.outputs.iter().for_each(|body| self.body(*body));
        }
    }

    /// The dates of a period, a day sooner and later.
    fn validity(&mut self, validity: &Validity) {
        let Some(span) = validity.span else { return };
        let text = self.sources.snippet(span);
        for start in 0..text.len() {
            let Some(date) = text.get(start..start.saturating_add(10)).and_then(|t| t.parse::<Date>().ok()) else {
                continue;
            };
            let at = |n: usize| span.start.saturating_add(u32::try_from(n).unwrap_or(0));
            let place = Span { start: at(start), end: at(start.saturating_add(10)), ..span };
            for day in [-1, 1] {
                if let Some(other) = date.add_days(day) {
                    self.out.add(place, MutantKind::Date, other.to_string());
                }
            }
        }
    }

    fn negate(&mut self, condition: Body) {
        let not = syntax::spelling("not", self.tree.lang);
        let text = self.sources.snippet(condition.span);
        self.out.add(condition.span, MutantKind::Negation, format!("{not} ({text})"));
    }

    /// What stands in an expression.
    fn body(&mut self, body: Body) {
        for index in body.first.0..=body.root.0 {
            self.expression(ExprId(index));
        }
    }

    fn expression(&mut self, id: ExprId) {
        let lang = self.tree.lang;
        let expr = &self.tree.exprs[id];
        match &expr.kind {
            ExprKind::Literal(literal) => self.literal(literal, expr.span),
            ExprKind::Binary(op, at, ..) => match op {
                BinaryOp::And => self.out.add(*at, MutantKind::Junction, syntax::spelling("or", lang)),
                BinaryOp::Or => self.out.add(*at, MutantKind::Junction, syntax::spelling("and", lang)),
                BinaryOp::In => {
                    let (not, within) = (syntax::spelling("not", lang), syntax::spelling("in", lang));
                    self.out.add(*at, MutantKind::Membership, format!("{not} {within}"));
                }
                BinaryOp::NotIn => self.out.add(*at, MutantKind::Membership, syntax::spelling("in", lang)),
                BinaryOp::Add => self.out.add(*at, MutantKind::Arithmetic, "-"),
                BinaryOp::Subtract => self.out.add(*at, MutantKind::Arithmetic, "+"),
                BinaryOp::Multiply => self.out.add(*at, MutantKind::Arithmetic, "/"),
                BinaryOp::Divide => self.out.add(*at, MutantKind::Arithmetic, "*"),
                op => {
                    if let Some(other) = other_comparison(*op) {
                        self.out.add(*at, MutantKind::Comparison, other);
                    }
                }
            },
            ExprKind::Unary(UnaryOp::Not, of) => {
                let text = self.sources.snippet(self.tree.exprs[*of].span);
                self.out.add(expr.span, MutantKind::Negation, text);
            }
            ExprKind::If { arms, .. } => {
                for (condition, _) in arms {
                    let span = self.tree.exprs[*condition].span;
                    let (not, text) = (syntax::spelling("not", lang), self.sources.snippet(span));
                    self.out.add(span, MutantKind::Negation, format!("{not} ({text})"));
                }
            }
            ExprKind::Call { name, arguments, .. } => self.call(name, arguments),
            ExprKind::Where { .. }
            | ExprKind::Name(_)
            | ExprKind::Member { .. }
            | ExprKind::Element { .. }
            | ExprKind::Unary(UnaryOp::Negate, _)
            | ExprKind::State { .. }
            | ExprKind::List(_)
            | ExprKind::Range { .. }
            | ExprKind::Each { .. }
            | ExprKind::SortBy { .. }
            | ExprKind::Top { .. }
            | ExprKind::Period { .. }
            | ExprKind::Per(..)
            | ExprKind::Outcome(..)
            | ExprKind::Parens(_)
            | ExprKind::Broken => {}
        }
    }

    /// Another way of rounding.
    fn call(&mut self, name: &syntax::Name, arguments: &[syntax::CallArgument]) {
        let word = name.word.as_deref().unwrap_or(&name.text);
        match word {
            "floor" | "ceil" => {
                let other = if word == "floor" { "ceil" } else { "floor" };
                self.out.add(name.span, MutantKind::Rounding, other_word(other, self.tree.lang));
            }
            "round" => {
                for argument in arguments {
                    let ExprKind::Name(mode) = &self.tree.exprs[argument.value].kind else { continue };
                    let others: &[&'static str] = match mode.word.as_deref().unwrap_or(&mode.text) {
                        "half_up" | "half_even" | "half_down" => &["up", "down"],
                        "up" => &["down", "half_up"],
                        "down" => &["up", "half_up"],
                        _ => &[],
                    };
                    for other in others {
                        self.out.add(mode.span, MutantKind::Rounding, other_word(other, self.tree.lang));
                    }
                }
            }
            _ => {}
        }
    }

    /// One unit of the last place more and less; of a duration, of the unit written first.
    fn literal(&mut self, literal: &Literal, span: Span) {
        let text = self.sources.snippet(span);
        match literal {
            Literal::Date(date) => {
                for other in [-1, 1].into_iter().filter_map(|day| date.add_days(day)) {
                    self.out.add(span, MutantKind::Threshold, other.to_string());
                }
            }
            Literal::Boolean(value) => {
                let other = syntax::spelling(if *value { "no" } else { "yes" }, self.tree.lang);
                self.out.add(span, MutantKind::Negation, other);
            }
            Literal::Number(_) | Literal::Money(..) | Literal::Duration(_) => {
                let Some(start) = text.find(|c: char| c.is_ascii_digit()) else { return };
                let rest = text.get(start..).unwrap_or("");
                let length = rest.find(|c: char| !c.is_ascii_digit() && c != '_' && c != '.').unwrap_or(rest.len());
                let (digits, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
                let head = text.get(..start).unwrap_or("");
                for other in beside(digits) {
                    self.out.add(span, MutantKind::Threshold, format!("{head}{other}{tail}"));
                }
            }
            Literal::Text(_) => {}
        }
    }
}

/// One of several that stand with commas between, and the comma that goes with it.
pub(super) fn without(list: &[Span], at: usize) -> Option<Span> {
    let own = *list.get(at)?;
    Some(match (at.checked_sub(1).and_then(|last| list.get(last)), list.get(at.saturating_add(1))) {
        (_, Some(next)) => Span { end: next.start, ..own },
        (Some(last), None) => Span { start: last.end, ..own },
        (None, None) => own,
    })
}

fn other_word(word: &'static str, lang: Lang) -> &'static str {
    syntax::spelling(word, lang)
}

fn other_comparison(op: BinaryOp) -> Option<&'static str> {
    match op {
        BinaryOp::Less => Some("<="),
        BinaryOp::LessEqual => Some("<"),
        BinaryOp::Greater => Some(">="),
        BinaryOp::GreaterEqual => Some(">"),
        BinaryOp::Equal => Some("!="),
        BinaryOp::NotEqual => Some("="),
        BinaryOp::Or
        | BinaryOp::And
        | BinaryOp::Implies
        | BinaryOp::In
        | BinaryOp::NotIn
        | BinaryOp::OrElse
        | BinaryOp::Add
        | BinaryOp::Subtract
        | BinaryOp::Multiply
        | BinaryOp::Divide => None,
    }
}

/// The numbers one unit of the last place below and above.
pub(super) fn beside(digits: &str) -> Vec<String> {
    let places = digits.split_once('.').map_or(0, |(_, after)| after.chars().filter(char::is_ascii_digit).count());
    let whole: String = digits.chars().filter(char::is_ascii_digit).collect();
    let Ok(number) = whole.parse::<u128>() else { return Vec::new() };
    let written = |number: u128| {
        let text = number.to_string();
        let text = format!("{text:0>width$}", width = places.saturating_add(1));
        let (whole, after) = text.split_at_checked(text.len().saturating_sub(places)).unwrap_or((&text, ""));
        // In thousands, where the rules are written so.
        let whole = if digits.contains('_') { grouped(whole) } else { whole.to_owned() };
        if places == 0 { whole } else { format!("{whole}.{after}") }
    };
    number.checked_sub(1).into_iter().chain(number.checked_add(1)).map(written).collect()
}

fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len().saturating_sub(index).checked_rem(3) == Some(0) {
            out.push('_');
        }
        out.push(digit);
    }
    out
}

/// The members of enums that rules name, each the next of its enum.
fn members(program: &Program, out: &mut Sites) {
    for definition in program.definitions.values() {
        for version in &definition.versions {
            let body = version.body(program);
            match &version.value {
                DefinitionValue::Expr(_) => body.iter().for_each(|(at, _)| member(program, body, at, out)),
                DefinitionValue::Table(id) => {
                    let cells = program.tables[*id]
                        .rows
                        .iter()
                        .flat_map(|row| &row.cells)
                        .flat_map(|cell: &CellTests| &cell.tests);
                    for test in cells {
                        if let crate::program::CellTest::Equal(at) = test {
                            member(program, body, *at, out);
                        }
                    }
                    let outputs = program.tables[*id].rows.iter().flat_map(|row| &row.outputs);
                    outputs.for_each(|at| member(program, body, *at, out));
                }
            }
        }
    }
    for programme in program.programmes.values().flat_map(|p| &p.versions) {
        for (_, body) in &programme.gives {
            body.iter().for_each(|(at, _)| member(program, body, at, out));
        }
    }
}

fn member(program: &Program, body: &ExprBody, at: ExprRef, out: &mut Sites) {
    let expr = &body[at];
    let (Kind::Constant(Value::Enum(number)), Type::Enum(id)) = (&expr.kind, expr.ty.required()) else { return };
    let members = &program.enums[*id].members;
    let number = usize::try_from(*number).unwrap_or(0);
    let next = members.get(number.saturating_add(1)).or_else(|| members.first());
    if let Some(next) = next.filter(|_| members.len() > 1) {
        out.add(expr.span, MutantKind::EnumValue, &*next.name);
    }
}
