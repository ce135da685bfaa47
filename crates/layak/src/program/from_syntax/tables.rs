//! Decision tables: columns, cells and outputs, all in one body.

use std::sync::Arc;

use crate::diagnostic::{Code, Finding, phrase};
use crate::program::*;
use crate::syntax::{self, BinaryOp, Body, Collect, Policy, TableDecl};
use crate::value::Value;

use super::calls::is_taken_of;
use super::check::{Checker, Checking};
use super::names::label;
use super::{At, Builder, Wanted};

impl<'a> Builder<'a> {
    /// The bodies of a table in one fixed order: columns, then by row cells and outputs, then what stands otherwise, then the ranking.
    pub(super) fn table_bodies(decl: &TableDecl) -> Vec<Body> {
        let mut bodies: Vec<Body> = decl.inputs.clone();
        for row in &decl.rows {
            for cell in &row.cells {
                for test in &cell.tests {
                    match test {
                        syntax::CellTest::Compare(_, body) | syntax::CellTest::Is(body) => bodies.push(*body),
                        syntax::CellTest::Unknown(_) => {}
                    }
                }
            }
            bodies.extend(&row.outputs);
        }
        bodies.extend(&decl.otherwise);
        bodies.extend(decl.ranking);
        bodies
    }

    /// The type that a table states; nothing where its rows must tell.
    pub(super) fn table_type(&mut self, at: At<'a, TableDecl>) -> Option<Type> {
        if let Policy::Collect(Collect::Count) = at.decl.policy {
            return Some(Type::INTEGER);
        }
        let ty = at.decl.ty.as_ref().map(|ty| self.type_of(ty, at.module).map_or(Type::Poison, |(ty, _)| ty))?;
        if at.decl.outputs.len() > 1 {
            return None;
        }
        Some(match at.decl.policy {
            Policy::Collect(Collect::List) if !matches!(ty, Type::List(_)) => Type::list_of(ty),
            _ => ty,
        })
    }

    #[expect(clippy::too_many_lines, reason = "one table from head to foot")]
    pub(super) fn complete_table(
        &mut self,
        wanted: Wanted,
        at: At<'a, TableDecl>,
        _version: usize,
        state: &mut Checking<'a>,
        roots: &[ExprRef],
        known: Option<Type>,
    ) -> Type {
        let Wanted::Definition(id) = wanted else { return Type::Poison };
        let decl = at.decl;
        let mut next = roots.iter().copied();
        let mut take = || next.next().unwrap_or(ExprRef(0));
        let mut checker = Checker { builder: self, state };
        let inputs: Vec<ExprRef> = decl.inputs.iter().map(|_| take()).collect();
        let inputs: Vec<ExprRef> = inputs.into_iter().map(|i| checker.resolved(i)).collect();
        let mut rows = Vec::new();
        for row in &decl.rows {
            if row.cells.len() != inputs.len() || row.outputs.len() != decl.outputs.len() {
                checker.builder.tell(
                    Finding::error(
                        Code::TABLE_SHAPE,
                        row.span,
                        phrase!(
                            "this row has {0} cells and {1} outputs, the table {2} and {3}",
                            "baris ini punya {0} sel dan {1} keluaran, tabelnya {2} dan {3}",
                            row.cells.len(),
                            row.outputs.len(),
                            inputs.len(),
                            decl.outputs.len()
                        ),
                    )
                    .also(decl.header, phrase!("the head of the table", "kepala tabel"))
                    .help(phrase!("write `-` where any value will do", "tulis `-` bila nilai apa pun boleh")),
                );
            }
            let mut cells = Vec::new();
            for (column, cell) in row.cells.iter().enumerate() {
                let ty = inputs.get(column).map_or(Type::Poison, |i| checker.ty(*i));
                cells.push(checker.cell(cell, &ty, &mut take));
            }
            let outputs: Vec<ExprRef> = row.outputs.iter().map(|_| take()).collect();
            rows.push(Row { cells, outputs, basis: label(&row.basis), span: row.span });
        }
        let mut otherwise: Vec<ExprRef> = decl.otherwise.iter().map(|_| take()).collect();
        if !otherwise.is_empty() && otherwise.len() != decl.outputs.len() {
            checker.builder.error(
                Code::TABLE_SHAPE,
                decl.header,
                phrase!(
                    "`else` gives {0} values, the table has {1} outputs",
                    "`else` (`lainnya`) memberi {0} nilai, tabel punya {1} keluaran",
                    otherwise.len(),
                    decl.outputs.len()
                ),
            );
        }
        let ranking = decl.ranking.map(|_| take());
        let mut outputs = Vec::new();
        for (column, (name, declared)) in decl.outputs.iter().enumerate() {
            let mut values: Vec<ExprRef> = rows.iter().filter_map(|r| r.outputs.get(column).copied()).collect();
            values.extend(otherwise.get(column));
            let stated = match declared {
                Some(ty) => checker.builder.type_of(ty, at.module).map(|(ty, _)| ty),
                None if decl.outputs.len() == 1 => match (&decl.ty, decl.policy) {
                    (_, Policy::Collect(Collect::Count)) => None,
                    (Some(ty), policy) => checker.builder.type_of(ty, at.module).map(|(ty, _)| match (policy, ty) {
                        (Policy::Collect(Collect::List), Type::List(item)) => *item,
                        (_, ty) => ty,
                    }),
                    (None, _) => None,
                },
                None => None,
            };
            let ty = stated.unwrap_or_else(|| checker.common(&values));
            if ty == Type::Pending {
                values.iter().for_each(|v| {
                    checker.resolved(*v);
                });
            }
            for row in &mut rows {
                if let Some(value) = row.outputs.get_mut(column) {
                    *value = checker.want(*value, &ty);
                }
            }
            if let Some(value) = otherwise.get_mut(column) {
                *value = checker.want(*value, &ty);
            }
            let ty = if ty == Type::Pending { Type::Poison } else { ty };
            outputs.push((Arc::clone(&name.text), ty));
        }
        let function = match decl.policy {
            Policy::Collect(Collect::Sum) => Some(Aggregate::Sum),
            Policy::Collect(Collect::Min) => Some(Aggregate::Min),
            Policy::Collect(Collect::Max) => Some(Aggregate::Max),
            _ => None,
        };
        for (function, (_, ty)) in function.iter().flat_map(|f| outputs.iter().map(move |output| (*f, output))) {
            if !is_taken_of(function, ty) {
                checker.unlike_items(function, ty, decl.header);
            }
        }
        let first = outputs.first().map_or(Type::Poison, |(_, ty)| ty.clone());
        let ranking = ranking.map_or(Vec::new(), |r| checker.ranking(r, &first));
        checker.finish();
        let policy = match decl.policy {
            Policy::Unique => HitPolicy::Unique,
            Policy::First => HitPolicy::First,
            Policy::Any => HitPolicy::Any,
            Policy::Priority => HitPolicy::Priority,
            Policy::Collect(collect) => HitPolicy::Collect(collect),
        };
        let several = outputs.len() > 1;
        let table = self.tables.push(Table {
            name: Arc::clone(&decl.name.name.text),
            policy,
            body: std::mem::take(&mut state.out),
            inputs,
            outputs,
            rows,
            otherwise,
            ranking,
            span: at.span,
        });
        if at.act.is_none() {
            self.check_period(&decl.validity);
        }
        let (period, basis) = (self.period_in(&decl.validity, at.act), self.basis_in(&decl.basis, at.act));
        self.definitions[id].versions.push(DefinitionVersion {
            period,
            value: DefinitionValue::Table(table),
            written: at.span,
            exceptions: Vec::new(),
            basis,
            otherwise: Vec::new(),
            span: at.span,
            act: at.act,
            label: at.act.map(|_| label(&decl.label)).unwrap_or_default(),
        });
        let ty = match policy {
            HitPolicy::Collect(Collect::Count) => Type::INTEGER,
            HitPolicy::Collect(Collect::List) if several => Type::list_of(Type::Record(table)),
            HitPolicy::Collect(Collect::List) => Type::list_of(first),
            _ if several => Type::Record(table),
            _ => first,
        };
        known.unwrap_or(ty)
    }
}

impl Checker<'_, '_, '_> {
    fn cell(&mut self, cell: &syntax::Cell, ty: &Type, take: &mut impl FnMut() -> ExprRef) -> CellTests {
        let mut tests = Vec::new();
        let mut negated = cell.negated;
        let value_type = ty.required().clone();
        for test in &cell.tests {
            match test {
                syntax::CellTest::Unknown(_) => tests.push(CellTest::Unknown),
                syntax::CellTest::Compare(op, _) => {
                    let value = take();
                    let value = self.want(value, &value_type);
                    if !matches!(op, BinaryOp::Equal | BinaryOp::NotEqual) {
                        self.need_order(&value_type, cell.span);
                    }
                    tests.push(match op {
                        BinaryOp::Less => {
                            CellTest::Range { low: None, low_open: false, high: Some(value), high_open: true }
                        }
                        BinaryOp::LessEqual => {
                            CellTest::Range { low: None, low_open: false, high: Some(value), high_open: false }
                        }
                        BinaryOp::Greater => {
                            CellTest::Range { low: Some(value), low_open: true, high: None, high_open: false }
                        }
                        BinaryOp::GreaterEqual => {
                            CellTest::Range { low: Some(value), low_open: false, high: None, high_open: false }
                        }
                        BinaryOp::NotEqual if cell.tests.len() == 1 => {
                            negated = !negated;
                            CellTest::Equal(value)
                        }
                        BinaryOp::Equal => CellTest::Equal(value),
                        _ => {
                            self.builder.tell(
                                Finding::error(
                                    Code::TABLE_SHAPE,
                                    cell.span,
                                    phrase!(
                                        "this test cannot stand among others",
                                        "uji ini tidak dapat berdampingan dengan uji lain"
                                    ),
                                )
                                .help(phrase!("write `not a, b`", "tulis `not a, b` (`bukan a, b`)")),
                            );
                            CellTest::Equal(value)
                        }
                    });
                }
                syntax::CellTest::Is(_) => {
                    let value = take();
                    tests.push(self.is_test(value, &value_type, cell.span));
                }
            }
        }
        CellTests { tests, negated }
    }

    fn need_order(&mut self, ty: &Type, at: crate::source::Span) {
        if ty.is_ordered() || ty.is_poison() {
            return;
        }
        let name = self.builder.type_name(ty);
        self.builder.error(
            Code::TYPE_MISMATCH,
            at,
            crate::diagnostic::Phrase {
                en: format!("values of type {} have no order", name.en),
                id: format!("nilai bertipe {} tidak punya urutan", name.id),
            },
        );
    }

    /// A value to equal, or a range to lie in.
    fn is_test(&mut self, value: ExprRef, ty: &Type, at: crate::source::Span) -> CellTest {
        if let Some(range) = self.state.loose.remove(&value) {
            self.need_order(ty, at);
            let low = range.low.map(|e| self.want(e, ty));
            let high = range.high.map(|e| self.want(e, ty));
            return CellTest::Range { low, low_open: false, high, high_open: range.open };
        }
        CellTest::Equal(self.want(value, ty))
    }

    /// The values of a ranking, best first.
    fn ranking(&mut self, list: ExprRef, ty: &Type) -> Vec<Value> {
        let list = self.want(list, &Type::list_of(ty.clone()));
        let Kind::List(items) = self.state.out[list].kind.clone() else { return Vec::new() };
        let mut values = Vec::new();
        for item in items {
            match super::parameters::constant(&self.state.out, item) {
                Some(Constant::One(value)) => values.push(value),
                _ => {
                    let span = self.span_of(item);
                    self.builder.error(
                        Code::NOT_CONSTANT,
                        span,
                        phrase!("a ranking lists fixed values", "urutan prioritas memuat nilai tetap"),
                    );
                }
            }
        }
        values
    }
}
