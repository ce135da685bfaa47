//! Declarations from the nodes of the grammar.

use crate::diagnostic::{Code, Finding, phrase};
use crate::source::Span;
use crate::syntax::parser::{Node, Nodes, Rule};
use crate::syntax::tree::*;

use super::Builder;

/// The clauses that several declarations share.
#[derive(Default)]
pub(super) struct Clauses {
    pub validity: Validity,
    pub basis: Texts,
    pub allows: Vec<Allow>,
}

impl Builder<'_> {
    pub(super) fn declaration_kind(&mut self, node: Node<'_>) -> Option<DeclarationKind> {
        let rule = node.rule();
        let whole = self.span(&node);
        let mut children = node.children();
        // The first child is the declaration's own word.
        let word = children.next().map_or("", |n| n.text());
        Some(match rule {
            Rule::use_modules => {
                let path = self.path(children.next()?);
                let names = children.next_if(Rule::names_in_parens).map(|n| self.names(n));
                DeclarationKind::Use { path, names }
            }
            Rule::enumeration => DeclarationKind::Enum(self.enumeration(children)?),
            Rule::source => {
                let name = self.name(&children.next()?);
                let label = self.next_texts(&mut children);
                let mut decl = SourceDecl { name, label, fresh: None, unverified: None };
                for clause in children {
                    let span = self.span(&clause);
                    match clause.rule() {
                        Rule::duration => decl.fresh = self.duration(clause).map(|d| (d, span)),
                        Rule::k_unverified => decl.unverified = Some(span),
                        _ => {}
                    }
                }
                DeclarationKind::Source(decl)
            }
            Rule::text_format => DeclarationKind::Format(self.text_format(children)?),
            Rule::entity => {
                let name = self.name(&children.next()?);
                let label = self.next_texts(&mut children);
                let root = children.next_if(Rule::k_root).is_some();
                let fields = children.filter_map(|n| self.field(n)).collect();
                DeclarationKind::Entity(EntityDecl { name, label, root, fields })
            }
            Rule::parameter => DeclarationKind::Parameter(self.parameter(children)?),
            Rule::define => DeclarationKind::Define(self.define(children)?),
            Rule::criterion => DeclarationKind::Criterion(self.criterion(children)?),
            Rule::table => DeclarationKind::Table(self.table(children)?),
            Rule::scale => DeclarationKind::Scale(self.scale(children)?),
            Rule::programme => DeclarationKind::Programme(self.programme(children)?),
            Rule::amend => DeclarationKind::Amend(self.amend(children)?),
            Rule::test => DeclarationKind::Test(self.test(children)?),
            Rule::property => DeclarationKind::Property(self.property(children)?),
            Rule::EOI => return None,
            _ => {
                self.not_supported(whole, word);
                return None;
            }
        })
    }

    /// What the grammar reads and the compiler does not know yet: said, never dropped.
    fn not_supported(&mut self, span: Span, what: &str) {
        self.findings.push(
            Finding::error(
                Code::NOT_SUPPORTED,
                span,
                phrase!("`{0}` is not supported yet", "`{0}` belum didukung", what),
            )
            .help(phrase!(
                "say it by a definition with `if`, or by a table",
                "nyatakan dengan definisi memakai `if` (`jika`), atau dengan tabel"
            )),
        );
    }

    pub(super) fn names(&mut self, node: Node<'_>) -> Vec<Name> {
        node.children().filter(|n| n.rule() == Rule::name).map(|n| self.name(&n)).collect()
    }

    pub(super) fn next_texts(&mut self, children: &mut Nodes<'_>) -> Texts {
        children.next_if(Rule::texts).map(|n| self.texts(n)).unwrap_or_default()
    }

    /// Takes a clause that several declarations share; gives back any other.
    pub(super) fn shared<'n>(&mut self, node: Node<'n>, clauses: &mut Clauses) -> Option<Node<'n>> {
        match node.rule() {
            Rule::basis => clauses.basis = self.texts_in(node),
            Rule::validity => clauses.validity = self.validity(node),
            Rule::allow => clauses.allows.extend(self.allow(node)),
            _ => return Some(node),
        }
        None
    }

    fn allow(&mut self, node: Node<'_>) -> Option<Allow> {
        let span = self.span(&node);
        let mut children = node.children();
        children.next();
        let (code, reason) = (children.next()?, children.next()?);
        Some(Allow { code: self.name(&code), reason: self.string(&reason), span })
    }

    pub(super) fn validity(&mut self, node: Node<'_>) -> Validity {
        let mut validity = Validity { span: Some(self.span(&node)), ..Validity::default() };
        let mut word = Rule::k_from;
        for part in node.children() {
            match part.rule() {
                Rule::date => {
                    let date = self.date(&part);
                    match word {
                        Rule::k_until => validity.until = date,
                        Rule::k_enacted => validity.enacted = date,
                        _ => validity.from = date,
                    }
                }
                rule => word = rule,
            }
        }
        validity
    }

    fn enumeration(&mut self, mut children: Nodes<'_>) -> Option<EnumDecl> {
        let name = self.name(&children.next()?);
        let label = self.next_texts(&mut children);
        let members = children
            .filter_map(|member| {
                let span = self.span(&member);
                let mut parts = member.children();
                let name = self.name(&parts.next()?);
                let label = self.next_texts(&mut parts);
                let codes = parts
                    .next_if(Rule::codes)
                    .map(|n| n.children().filter(|c| c.rule() == Rule::string).map(|c| self.string(&c)).collect())
                    .unwrap_or_default();
                Some(EnumMember { span, name, label, codes })
            })
            .collect();
        Some(EnumDecl { name, label, members })
    }

    fn text_format(&mut self, mut children: Nodes<'_>) -> Option<FormatDecl> {
        let name = self.name(&children.next()?);
        let label = self.next_texts(&mut children);
        let parts = children.filter_map(|part| self.format_part(part)).collect();
        Some(FormatDecl { name, label, parts })
    }

    fn format_part(&mut self, node: Node<'_>) -> Option<FormatPartDecl> {
        let mut children = node.children();
        let first = children.next()?;
        if first.rule() == Rule::k_fixed {
            return children.next().map(|text| FormatPartDecl::Fixed(self.string(&text)));
        }
        let name = self.name(&first);
        let digits = children.next()?.rule() == Rule::k_digits;
        let count = children.next()?;
        let mut part = NamedPart {
            name,
            digits,
            count: count.text().parse().ok(),
            count_span: self.span(&count),
            ranges: Vec::new(),
            label: Texts::default(),
        };
        for clause in children {
            match clause.rule() {
                Rule::digit_range => {
                    let span = self.span(&clause);
                    let mut ends = clause.children().map(|end| end.text().replace('_', "").parse::<i64>().ok());
                    let low = ends.next().flatten();
                    part.ranges.push((low, ends.next().unwrap_or(low), span));
                }
                Rule::texts => part.label = self.texts(clause),
                _ => {}
            }
        }
        Some(FormatPartDecl::Named(part))
    }

    fn field(&mut self, node: Node<'_>) -> Option<FieldDecl> {
        let span = self.span(&node);
        let mut children = node.children();
        let name = self.name(&children.next()?);
        let ty = self.type_expr(children.next()?);
        let mut field = FieldDecl {
            name,
            ty,
            label: Texts::default(),
            key: None,
            column: None,
            sources: Vec::new(),
            default: None,
            verified: None,
            fixed: None,
            allows: Vec::new(),
            span,
            inverse: None,
            acyclic: None,
        };
        for clause in children {
            let span = self.span(&clause);
            match clause.rule() {
                Rule::texts => field.label = self.texts(clause),
                Rule::k_key => field.key = Some(span),
                Rule::column => {
                    field.column = clause.children().find(|n| n.rule() == Rule::string).map(|n| self.string(&n));
                }
                Rule::sources => field.sources.extend(self.names(clause)),
                Rule::field_default => {
                    field.default = clause.children().find(|n| n.rule() == Rule::simple).and_then(|n| self.simple(n));
                }
                Rule::k_must_be_verified => field.verified = Some(span),
                Rule::k_fixed => field.fixed = Some(span),
                Rule::field_allow => field.allows.extend(self.allow(clause)),
                Rule::inverse => field.inverse = self.names(clause).pop(),
                Rule::k_acyclic => field.acyclic = Some(span),
                _ => {}
            }
        }
        Some(field)
    }

    fn argument_list(&mut self, children: &mut Nodes<'_>) -> Vec<Argument> {
        let Some(list) = children.next_if(Rule::arguments) else { return Vec::new() };
        list.children()
            .filter_map(|argument| {
                let mut parts = argument.children();
                Some(Argument { name: self.name(&parts.next()?), ty: self.type_expr(parts.next()?) })
            })
            .collect()
    }

    fn parameter(&mut self, mut children: Nodes<'_>) -> Option<ParameterDecl> {
        let name = self.name(&children.next()?);
        let keys = self.argument_list(&mut children);
        let ty = self.type_expr(children.next()?);
        let label = self.next_texts(&mut children);
        let mut clauses = Clauses::default();
        let mut versions = Vec::new();
        let mut csv = None;
        let mut default = None;
        for node in children {
            let span = self.span(&node);
            let Some(node) = self.shared(node, &mut clauses) else { continue };
            match node.rule() {
                Rule::csv_table => csv = node.children().find(|n| n.rule() == Rule::string).map(|n| self.string(&n)),
                Rule::version | Rule::always => versions.push(self.version(node, span)),
                Rule::parameter_default => {
                    default = node.children().find(|n| n.rule() == Rule::expression).map(|n| self.body(n));
                }
                _ => {}
            }
        }
        let values = match csv {
            Some(path) => ParameterValues::Csv(path),
            None => ParameterValues::Versions(versions),
        };
        let Clauses { basis, allows, .. } = clauses;
        Some(ParameterDecl { name, keys, ty, label, values, default, basis, allows })
    }

    fn version(&mut self, node: Node<'_>, span: Span) -> ParameterVersion {
        let mut version =
            ParameterVersion { validity: Validity::default(), entries: Vec::new(), basis: Texts::default(), span };
        for part in node.children() {
            let span = self.span(&part);
            match part.rule() {
                Rule::validity => version.validity = self.validity(part),
                Rule::basis => version.basis = self.texts_in(part),
                Rule::expression => {
                    let value = self.body(part);
                    version.entries.push(ParameterEntry { keys: Vec::new(), value, span });
                }
                Rule::entry => {
                    let mut keys = Vec::new();
                    for node in part.children() {
                        match node.rule() {
                            Rule::entry_key => keys = node.children().filter_map(|k| self.simple(k)).collect(),
                            _ => {
                                let value = self.body(node);
                                version.entries.push(ParameterEntry { keys: std::mem::take(&mut keys), value, span });
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        version
    }

    fn define(&mut self, mut children: Nodes<'_>) -> Option<DefineDecl> {
        let name = self.owned_name(children.next()?);
        let arguments = self.argument_list(&mut children);
        let ty = children.next_if(Rule::type_of).map(|n| self.type_expr(n));
        let label = self.next_texts(&mut children);
        let mut clauses = Clauses::default();
        let mut body = None;
        let mut exceptions = Vec::new();
        for node in children {
            let Some(node) = self.shared(node, &mut clauses) else { continue };
            match node.rule() {
                Rule::expression => body = Some(self.body(node)),
                Rule::exception => exceptions.extend(self.exception(node)),
                _ => {}
            }
        }
        let Clauses { validity, basis, allows } = clauses;
        Some(DefineDecl { name, arguments, ty, label, validity, body: body?, exceptions, basis, allows })
    }

    pub(super) fn exception(&mut self, node: Node<'_>) -> Option<ExceptionDecl> {
        let span = self.span(&node);
        let mut clauses = Clauses::default();
        let (mut label, mut target, mut priority) = (None, None, None);
        let mut bodies = Vec::new();
        for node in node.children() {
            let Some(node) = self.shared(node, &mut clauses) else { continue };
            match node.rule() {
                Rule::exception_name => label = self.names(node).pop(),
                Rule::exception_target => target = self.names(node).pop(),
                Rule::expression => bodies.push(self.body(node)),
                Rule::priority => {
                    priority = node.children().find(|n| n.rule() == Rule::number).and_then(|n| self.number(&n));
                }
                _ => {}
            }
        }
        let Clauses { validity, basis, .. } = clauses;
        let mut bodies = bodies.into_iter();
        let (condition, value) = (bodies.next()?, bodies.next()?);
        Some(ExceptionDecl { label, target, condition, value, priority, validity, basis, span })
    }

    fn criterion(&mut self, mut children: Nodes<'_>) -> Option<CriterionDecl> {
        let name = self.owned_name(children.next()?);
        let label = self.next_texts(&mut children);
        let mut clauses = Clauses::default();
        let mut condition = None;
        let mut otherwise = Texts::default();
        let mut exceptions = Vec::new();
        for node in children {
            let Some(node) = self.shared(node, &mut clauses) else { continue };
            match node.rule() {
                Rule::condition => {
                    condition = node.children().find(|n| n.rule() == Rule::expression).map(|n| self.body(n));
                }
                Rule::otherwise => {
                    otherwise = self.texts_in(node);
                    self.tree.templates.extend(otherwise.texts.iter().map(|(_, written)| written.span));
                }
                Rule::exception => exceptions.extend(self.exception(node)),
                _ => {}
            }
        }
        let Clauses { validity, basis, allows } = clauses;
        Some(CriterionDecl { name, label, validity, condition, exceptions, basis, otherwise, allows })
    }

    fn table(&mut self, mut children: Nodes<'_>) -> Option<TableDecl> {
        let name = self.owned_name(children.next()?);
        let ty = children.next_if(Rule::type_of).map(|n| self.type_expr(n));
        let label = self.next_texts(&mut children);
        let mut clauses = Clauses::default();
        let mut table = TableDecl {
            header: name.name.span,
            name,
            ty,
            label,
            policy: Policy::Unique,
            ranking: None,
            otherwise: Vec::new(),
            validity: Validity::default(),
            basis: Texts::default(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            rows: Vec::new(),
            allows: Vec::new(),
        };
        for node in children {
            let span = self.span(&node);
            let Some(node) = self.shared(node, &mut clauses) else { continue };
            match node.rule() {
                Rule::policy => self.policy(node, &mut table),
                Rule::table_else => {
                    let values =
                        node.children().filter(|n| n.rule() == Rule::expression).map(|n| self.body(n)).collect();
                    table.otherwise = values;
                }
                Rule::header => {
                    table.header = span;
                    for part in node.children() {
                        match part.rule() {
                            Rule::expression => {
                                let body = self.body(part);
                                table.inputs.push(body);
                            }
                            _ => {
                                let mut parts = part.children();
                                if let Some(name) = parts.next().map(|n| self.name(&n)) {
                                    let ty = parts.next().map(|n| self.type_expr(n));
                                    table.outputs.push((name, ty));
                                }
                            }
                        }
                    }
                }
                Rule::row => {
                    let row = self.row(node, span);
                    table.rows.push(row);
                }
                _ => {}
            }
        }
        let Clauses { validity, basis, allows } = clauses;
        Some(TableDecl { validity, basis, allows, ..table })
    }

    fn scale(&mut self, mut children: Nodes<'_>) -> Option<ScaleDecl> {
        let name = self.owned_name(children.next()?);
        let mut label = Texts::default();
        let mut clauses = Clauses::default();
        let (mut value, mut kind) = (None, None);
        let mut brackets = Vec::new();
        for node in children {
            let span = self.span(&node);
            let Some(node) = self.shared(node, &mut clauses) else { continue };
            match node.rule() {
                Rule::texts => label = self.texts(node),
                Rule::expression => value = Some(self.body(node)),
                Rule::scale_kind => {
                    kind = node.children().next().map(|word| match word.rule() {
                        Rule::k_marginal => ScaleKind::Marginal,
                        Rule::k_flat => ScaleKind::Flat,
                        _ => ScaleKind::Bracket,
                    });
                }
                Rule::bracket => {
                    let mut bodies = Vec::new();
                    for part in node.children() {
                        bodies.push(self.body(part));
                    }
                    if let [range, gives] = *bodies {
                        brackets.push(Bracket { range, gives, span });
                    }
                }
                _ => {}
            }
        }
        let Clauses { validity, basis, allows } = clauses;
        Some(ScaleDecl { name, label, kind: kind?, value: value?, brackets, validity, basis, allows })
    }

    fn policy(&mut self, node: Node<'_>, table: &mut TableDecl) {
        for part in node.children() {
            match part.rule() {
                Rule::k_unique => table.policy = Policy::Unique,
                Rule::k_first => table.policy = Policy::First,
                Rule::k_any => table.policy = Policy::Any,
                Rule::ranking => {
                    table.policy = Policy::Priority;
                    table.ranking = self.ranking(part);
                }
                Rule::collect => {
                    let mut how = Collect::List;
                    for word in part.children() {
                        match word.rule() {
                            Rule::k_sum => how = Collect::Sum,
                            Rule::k_min => how = Collect::Min,
                            Rule::k_max => how = Collect::Max,
                            Rule::k_count => how = Collect::Count,
                            Rule::ranking => table.ranking = self.ranking(word),
                            _ => {}
                        }
                    }
                    table.policy = Policy::Collect(how);
                }
                _ => {}
            }
        }
    }

    fn ranking(&mut self, node: Node<'_>) -> Option<Body> {
        let list = node.children().find(|n| n.rule() == Rule::list)?;
        let span = self.span(&list);
        let first = self.tree.exprs.next();
        let items = list.children().filter(|n| n.rule() == Rule::expression).map(|n| self.expression(n)).collect();
        let root = self.tree.exprs.push(ExprKind::List(items), span);
        Some(Body { first, root, span })
    }

    fn row(&mut self, node: Node<'_>, span: Span) -> TableRow {
        let mut row = TableRow { cells: Vec::new(), outputs: Vec::new(), basis: Texts::default(), span };
        for part in node.children() {
            match part.rule() {
                Rule::cell => {
                    let cell = self.cell(part);
                    row.cells.push(cell);
                }
                Rule::expression => {
                    let body = self.body(part);
                    row.outputs.push(body);
                }
                Rule::basis => row.basis = self.texts_in(part),
                _ => {}
            }
        }
        row
    }

    fn cell(&mut self, node: Node<'_>) -> Cell {
        let mut cell = Cell { tests: Vec::new(), negated: false, span: self.span(&node) };
        for part in node.children() {
            match part.rule() {
                Rule::k_not => cell.negated = true,
                Rule::cell_test => {
                    let span = self.span(&part);
                    let mut compare = None;
                    for piece in part.children() {
                        match piece.rule() {
                            Rule::compare => compare = Some(self.comparison(&piece)),
                            Rule::k_unknown => cell.tests.push(CellTest::Unknown(span)),
                            _ => {
                                let body = self.body(piece);
                                cell.tests.push(match compare {
                                    Some(op) => CellTest::Compare(op, body),
                                    None => CellTest::Is(body),
                                });
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        cell
    }

    fn programme(&mut self, mut children: Nodes<'_>) -> Option<ProgrammeDecl> {
        let name = self.name(&children.next()?);
        let mut clauses = Clauses::default();
        let mut programme = ProgrammeDecl {
            name,
            label: Texts::default(),
            unit: None,
            validity: Validity::default(),
            basis: Texts::default(),
            appeal: Texts::default(),
            requires: Vec::new(),
            refuses: Vec::new(),
            gives: Vec::new(),
            excludes: Vec::new(),
            allows: Vec::new(),
        };
        for node in children {
            let Some(node) = self.shared(node, &mut clauses) else { continue };
            match node.rule() {
                Rule::texts => programme.label = self.texts(node),
                Rule::programme_for => {
                    programme.unit = node.children().find(|n| n.rule() == Rule::name).map(|n| self.name(&n))
                }
                Rule::appeal => programme.appeal = self.texts_in(node),
                Rule::requires => programme.requires.extend(self.paths(node)),
                Rule::refuses => programme.refuses.extend(self.paths(node)),
                Rule::excludes => programme.excludes.extend(self.paths(node)),
                Rule::gives => {
                    let gifts: Vec<Gift> =
                        node.children().filter(|n| n.rule() == Rule::gift).filter_map(|n| self.gift(n)).collect();
                    programme.gives.extend(gifts);
                }
                _ => {}
            }
        }
        let Clauses { validity, basis, allows } = clauses;
        Some(ProgrammeDecl { validity, basis, allows, ..programme })
    }

    fn paths(&mut self, node: Node<'_>) -> Vec<Path> {
        node.children().filter(|n| n.rule() == Rule::path).map(|n| self.path(n)).collect()
    }

    fn gift(&mut self, node: Node<'_>) -> Option<Gift> {
        let mut children = node.children();
        let name = self.name(&children.next()?);
        let ty = children.next_if(Rule::type_of).map(|n| self.type_expr(n));
        let label = self.next_texts(&mut children);
        let value = self.body(children.next()?);
        Some(Gift { name, ty, label, value })
    }
}
