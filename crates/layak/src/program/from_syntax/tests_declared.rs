//! The tests of the rule files: facts, and what is expected of them.

use std::sync::Arc;

use crate::diagnostic::{Code, Finding, phrase};
use crate::program::*;
use crate::syntax::{self, DeclarationKind, Fact, FactKind, Literal, PlaceExpr, Simple, Step, TestDecl};
use crate::value::Decimal;

use super::check::{Checker, Checking};
use super::{At, Builder, Item};

impl<'a> Builder<'a> {
    pub(super) fn tests(&mut self) -> Vec<Test> {
        let input = self.input;
        let mut tests = Vec::new();
        for (tree, module) in input.trees.iter().zip(self.module_of.clone()) {
            for declaration in &tree.declarations {
                if let DeclarationKind::Test(decl) = &declaration.kind {
                    let at = At { tree, module, decl, span: declaration.span, act: None };
                    tests.push(self.test(at));
                }
            }
        }
        tests
    }

    fn test(&mut self, at: At<'a, TestDecl>) -> Test {
        let decl = at.decl;
        let given = given(&decl.given, self.root.map(|root| Shape { builder: self, entity: root }));
        let mut expect = Vec::new();
        for expectation in &decl.expect {
            match expectation {
                syntax::Expectation::Outcome { place, outcome, because, missing, span } => {
                    let Some((programme, of)) = self.test_programme(place, at.module) else { continue };
                    expect.push(Expectation::Outcome {
                        programme,
                        of,
                        outcome: *outcome,
                        because: because.iter().map(|n| Arc::clone(&n.text)).collect(),
                        missing: missing.iter().map(place_text).collect(),
                        span: *span,
                    });
                    self.check_because(programme, because);
                }
                syntax::Expectation::Holds(body) => {
                    let mut state = Checking::new(&at.tree.exprs, at.module, self.root);
                    state.in_test = true;
                    let Some(root) = self.check_body(&mut state, *body) else { continue };
                    let mut checker = Checker { builder: self, state: &mut state };
                    let root = checker.want(root, &Type::Boolean);
                    checker.finish();
                    let span = at.tree.exprs[body.root].span;
                    let mut body = state.out;
                    body.close(root);
                    expect.push(Expectation::Holds { body, span });
                }
            }
        }
        Test {
            name: Arc::clone(&decl.name.text),
            module: at.module,
            as_of: decl.as_of.map(|(d, _)| d),
            known_on: decl.known_on.map(|(d, _)| d),
            given,
            expect,
            span: at.span,
        }
    }

    /// `because` names conditions of the programme.
    fn check_because(&mut self, programme: ProgrammeId, because: &[syntax::Name]) {
        let known: Vec<Arc<str>> = self.programmes[programme]
            .versions
            .iter()
            .flat_map(|v| v.requires.iter().chain(&v.refuses))
            .map(|c| Arc::clone(&c.name))
            .collect();
        for name in because {
            let excluded = self.programmes.values().any(|p| p.declared.name == name.text);
            if !known.contains(&name.text) && !excluded {
                let of = Arc::clone(&self.programmes[programme].declared.name);
                self.unknown_name(
                    phrase!(
                        "programme `{0}` has no condition `{1}`",
                        "program `{0}` tidak punya syarat `{1}`",
                        of,
                        name.text
                    ),
                    name,
                    &known,
                );
            }
        }
    }

    /// The programme that a place ends in, and the way to its element.
    fn test_programme(&mut self, place: &PlaceExpr, module: ModuleId) -> Option<(ProgrammeId, Vec<Step>)> {
        let mut steps = vec![Step::Name(place.head.clone())];
        steps.extend(place.steps.iter().cloned());
        let Some(Step::Name(name)) = steps.pop() else {
            self.not_a_programme(place);
            return None;
        };
        let found = self.items_named(&name.text, module).into_iter().find_map(|(_, item)| match item {
            Item::Programme(id) => Some(id),
            _ => None,
        });
        let Some(found) = found else {
            let known: Vec<Arc<str>> = self.programmes.values().map(|p| Arc::clone(&p.declared.name)).collect();
            self.unknown_name(phrase!("no programme `{0}`", "tidak ada program `{0}`", name.text), &name, &known);
            return None;
        };
        let of_root = Some(self.programmes[found].owner) == self.root;
        if of_root != steps.is_empty() {
            self.not_a_programme(place);
            return None;
        }
        Some((found, steps))
    }

    fn not_a_programme(&mut self, place: &PlaceExpr) {
        self.tell(
            Finding::error(
                Code::WRONG_KIND,
                place.span,
                phrase!("no programme stands at this place", "tidak ada program di tempat ini"),
            )
            .help(phrase!(
                "write `pkh` for a programme of the household, `members[0].pbi_jk` for one of a member",
                "tulis `pkh` untuk program rumah tangga, `members[0].pbi_jk` untuk program anggota"
            )),
        );
    }
}

fn place_text(place: &PlaceExpr) -> Arc<str> {
    let mut out = place.head.text.to_string();
    for step in &place.steps {
        match step {
            Step::Name(name) => {
                out.push('.');
                out.push_str(&name.text);
            }
            Step::At(syntax::ElementAt::Position(n)) => out.push_str(&format!("[{n}]")),
            Step::At(syntax::ElementAt::Key(key)) => out.push_str(&format!("[{key:?}]")),
        }
    }
    out.into()
}

/// The entity that facts are read as, to tell the member `none` of an enum from "there is none".
#[derive(Clone, Copy)]
struct Shape<'b, 'a> {
    builder: &'b Builder<'a>,
    entity: EntityId,
}

/// INVARIANT: the scan has bounded how deep facts nest, for this recurses with them.
fn given(fact: &Fact, shape: Option<Shape<'_, '_>>) -> Given {
    let kind = match &fact.kind {
        FactKind::Unknown => GivenKind::Unknown,
        FactKind::List(items) => GivenKind::List(items.iter().map(|i| given(i, shape)).collect()),
        FactKind::Object(entries) => GivenKind::Object(
            entries
                .iter()
                .map(|(name, fact)| {
                    let field = shape.and_then(|s| {
                        let field = s.builder.entities[s.entity].fields.iter().find(|f| f.name == name.text)?;
                        Some((s, field.shape.clone()))
                    });
                    let value = match (&fact.kind, &field) {
                        (FactKind::Simple(simple), Some((_, FieldShape::Scalar { ty, .. }))) => {
                            Given { kind: simple_given(simple, shape, Some(ty)), span: fact.span }
                        }
                        (_, Some((_, FieldShape::Scalar { ty, .. }))) => evidence(fact, shape, ty),
                        (_, Some((s, FieldShape::List { item, .. }))) => {
                            given(fact, Some(Shape { entity: *item, ..*s }))
                        }
                        (_, Some((s, FieldShape::Record { entity, .. }))) => {
                            given(fact, Some(Shape { entity: *entity, ..*s }))
                        }
                        _ => given(fact, None),
                    };
                    (Arc::clone(&name.text), value)
                })
                .collect(),
        ),
        FactKind::Simple(simple) => {
            // An item of a list of scalars.
            let entity = shape.map(|s| &s.builder.entities[s.entity]).filter(|entity| entity.is_scalar_item);
            let item = entity.and_then(|entity| entity.fields.first()).map(|field| &field.shape);
            let ty = match item {
                Some(FieldShape::Scalar { ty, .. }) => Some(ty),
                _ => None,
            };
            simple_given(simple, shape, ty)
        }
    };
    Given { kind, span: fact.span }
}

/// What stands in the place of a value of a type: evidence, each with a value of the type.
fn evidence(fact: &Fact, shape: Option<Shape<'_, '_>>, ty: &Type) -> Given {
    let kind = match &fact.kind {
        FactKind::List(items) => GivenKind::List(items.iter().map(|item| evidence(item, shape, ty)).collect()),
        FactKind::Object(entries) => {
            let entry = |(name, fact): &(syntax::Name, Fact)| (Arc::clone(&name.text), evidence(fact, shape, ty));
            GivenKind::Object(entries.iter().map(entry).collect())
        }
        FactKind::Simple(simple) => simple_given(simple, shape, Some(ty)),
        FactKind::Unknown => GivenKind::Unknown,
    };
    Given { kind, span: fact.span }
}

fn simple_given(simple: &Simple, shape: Option<Shape<'_, '_>>, ty: Option<&Type>) -> GivenKind {
    match simple {
        Simple::Literal(Literal::Number(n) | Literal::Money(_, n), _) => GivenKind::Number(Decimal::clone(n)),
        Simple::Literal(Literal::Date(d), _) => GivenKind::Text(d.to_string().into()),
        Simple::Literal(Literal::Duration(d), _) => GivenKind::Text(d.to_string().into()),
        Simple::Literal(Literal::Text(t), _) => GivenKind::Text(Arc::clone(t)),
        Simple::Literal(Literal::Boolean(b), _) => GivenKind::Boolean(*b),
        Simple::Path(path) => {
            let Some(name) = path.names.last() else { return GivenKind::None };
            let has_member = shape.zip(ty).is_some_and(|(s, ty)| match ty.required() {
                Type::Enum(id) => s.builder.enums[*id].members.iter().any(|m| m.name == name.text),
                _ => false,
            });
            if !has_member && name.word.as_deref() == Some("none") {
                if let Some(shape) = shape {
                    shape.builder.read_as_word(name);
                }
                GivenKind::None
            } else {
                GivenKind::Text(Arc::clone(&name.text))
            }
        }
    }
}
