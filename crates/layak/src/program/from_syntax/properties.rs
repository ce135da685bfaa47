//! The properties of the rule files: households and what must hold of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Code, Finding, phrase};
use crate::program::*;
use crate::source::Span;
use crate::syntax::{Body, DeclarationKind, LetDecl, Name, PropertyDecl};

use super::check::{Checker, Checking, World as NamedWorld};
use super::names::label;
use super::{At, Builder, Item};

/// So many households one property may speak of.
const MOST_WORLDS: usize = 16;

/// The households that an expression speaks of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Speaks {
    None,
    One(usize),
    Several,
}

impl Speaks {
    fn with(self, other: Speaks) -> Speaks {
        match (self, other) {
            (Speaks::None, speaks) | (speaks, Speaks::None) => speaks,
            (Speaks::One(a), Speaks::One(b)) if a == b => self,
            _ => Speaks::Several,
        }
    }
}

impl<'a> Builder<'a> {
    pub(super) fn properties(&mut self) -> Vec<Property> {
        let input = self.input;
        let mut properties = Vec::new();
        let mut taken: BTreeMap<(ModuleId, Arc<str>), Span> = BTreeMap::new();
        for (tree, module) in input.trees.iter().zip(self.module_of.clone()) {
            for declaration in &tree.declarations {
                if let DeclarationKind::Property(decl) = &declaration.kind {
                    let name = &decl.name;
                    if let Some(other) = taken.insert((module, Arc::clone(&name.text)), name.span) {
                        self.duplicate(name, other);
                    }
                    properties.extend(self.property(At { tree, module, decl, span: declaration.span, act: None }));
                }
            }
        }
        properties
    }

    fn property(&mut self, at: At<'a, PropertyDecl>) -> Option<Property> {
        let decl = at.decl;
        let entity = self.property_entity(decl, at.module)?;
        let mut names: Vec<NamedWorld> = Vec::new();
        let named = |name: &Name| NamedWorld { name: Arc::clone(&name.text), span: name.span, entity };
        names.extend(decl.for_all.first().map(|(name, _)| named(name)));
        let first =
            World { name: names.first().map(|n| Arc::clone(&n.name)), base: 0, changes: Vec::new(), order: None };
        let mut claims = self.forms(at, entity, &names);
        let mut worlds = vec![first];
        for binding in &decl.lets {
            if let Some(other) = names.iter().find(|n| n.name == binding.name.text) {
                let span = other.span;
                self.duplicate(&binding.name, span);
                continue;
            }
            if worlds.len() == MOST_WORLDS {
                self.error(
                    Code::PROPERTY_SHAPE,
                    binding.name.span,
                    phrase!(
                        "a property speaks of at most {0} households",
                        "satu sifat berbicara tentang paling banyak {0} rumah tangga",
                        MOST_WORLDS
                    ),
                );
                continue;
            }
            if let Some(world) = self.world(binding, at, entity, &names) {
                worlds.push(world);
                names.push(named(&binding.name));
            }
        }
        let mut laws = Vec::new();
        for body in &decl.expect {
            let span = at.tree.exprs[body.root].span;
            if let Some(value) = self.mixed(*body, at, &names, &Type::Boolean) {
                laws.push(Law { value, span, says: Says::Condition });
            }
        }
        if decl.expect.is_empty() && decl.forms.is_empty() {
            self.tell(
                Finding::error(
                    Code::PROPERTY_SHAPE,
                    decl.name.span,
                    phrase!("property `{0}` expects nothing", "sifat `{0}` tidak mengharapkan apa pun", decl.name.text),
                )
                .help(phrase!("write `expect` and a condition", "tulis `expect` (`harapkan`) dan sebuah syarat")),
            );
        }
        if !laws.is_empty() || claims.is_empty() {
            claims.insert(0, Claim { worlds, laws, expectation: 0, span: at.span, complete: false });
        }
        Some(Property {
            name: Arc::clone(&decl.name.text),
            label: label(&decl.label),
            module: at.module,
            lang: at.tree.lang,
            as_of: decl.as_of.map(|(d, _)| d),
            known_on: decl.known_on.map(|(d, _)| d),
            entity,
            claims,
            span: at.span,
        })
    }

    /// The entity that `for all` names, the root where nothing is said.
    fn property_entity(&mut self, decl: &PropertyDecl, module: ModuleId) -> Option<EntityId> {
        let root = self.root?;
        let [(_, entity), more @ ..] = decl.for_all.as_slice() else { return Some(root) };
        if let Some((name, _)) = more.first() {
            self.tell(
                Finding::error(
                    Code::PROPERTY_SHAPE,
                    name.span,
                    phrase!(
                        "a property has one `for all`",
                        "satu sifat punya satu `for all` (`untuk semua`)"
                    ),
                )
                .help(phrase!(
                    "name another household as a change of the first: `let other = h with {{ … }}`",
                    "sebut rumah tangga lain sebagai perubahan yang pertama: `let other = h with {{ … }}` (`misalkan … dengan`)"
                )),
            );
            return None;
        }
        let found = self.items_named(&entity.text, module).into_iter().find_map(|(_, item)| match item {
            Item::Entity(id) => Some(id),
            _ => None,
        });
        let Some(found) = found else {
            let hidden = self.items.get(&entity.text).into_iter().flatten().find_map(|(m, item)| match item {
                Item::Entity(_) => Some(*m),
                _ => None,
            });
            if let Some(module) = hidden {
                self.not_imported(entity, module);
                return None;
            }
            let known: Vec<Arc<str>> =
                self.entities.values().filter(|e| !e.is_scalar_item).map(|e| Arc::clone(&e.declared.name)).collect();
            self.unknown_name(phrase!("no entity `{0}`", "tidak ada entitas `{0}`", entity.text), entity, &known);
            return None;
        };
        if found != root && self.entities[found].holders.is_empty() {
            self.error(
                Code::PROPERTY_SHAPE,
                entity.span,
                phrase!("no list holds a `{0}`", "tidak ada daftar yang memuat `{0}`", entity.text),
            );
            return None;
        }
        Some(found)
    }

    fn world(
        &mut self,
        binding: &LetDecl,
        at: At<'a, PropertyDecl>,
        entity: EntityId,
        names: &[NamedWorld],
    ) -> Option<World> {
        let Some(base) = names.iter().position(|n| n.name == binding.of.text) else {
            let known: Vec<Arc<str>> = names.iter().map(|n| Arc::clone(&n.name)).collect();
            self.unknown_name(
                phrase!("no household `{0}` before this", "tidak ada rumah tangga `{0}` sebelum ini", binding.of.text),
                &binding.of,
                &known,
            );
            return None;
        };
        let mut changes: Vec<FactChange> = Vec::new();
        let mut taken: BTreeMap<Arc<str>, Span> = BTreeMap::new();
        for (name, body) in &binding.changes {
            if let Some(other) = taken.insert(Arc::clone(&name.text), name.span) {
                self.duplicate(name, other);
                continue;
            }
            let Some((field, ty)) = self.changed_field(entity, name) else { continue };
            if let Some(value) = self.mixed(*body, at, names, &ty) {
                changes.push(FactChange { field, value: NewValue::Of(value) });
            }
        }
        Some(World { name: Some(Arc::clone(&binding.name.text)), base, changes, order: None })
    }

    fn changed_field(&mut self, entity: EntityId, name: &Name) -> Option<(usize, Type)> {
        let fields = &self.entities[entity].fields;
        let Some(field) = fields.iter().position(|f| f.name == name.text) else {
            let known: Vec<Arc<str>> = fields.iter().map(|f| Arc::clone(&f.name)).collect();
            let of = Arc::clone(&self.entities[entity].declared.name);
            self.unknown_name(
                phrase!("`{0}` has no fact `{1}`", "`{0}` tidak punya fakta `{1}`", of, name.text),
                name,
                &known,
            );
            return None;
        };
        let is_key = self.entities[entity].key == Some(field);
        match fields.get(field).map(|f| &f.shape) {
            Some(FieldShape::Scalar { ty, .. }) if !is_key => Some((field, ty.clone())),
            _ => {
                self.tell(
                    Finding::error(
                        Code::PROPERTY_CHANGE,
                        name.span,
                        phrase!(
                            "`{0}` cannot be changed by `with`",
                            "`{0}` tidak bisa diubah dengan `with` (`dengan`)",
                            name.text
                        ),
                    )
                    .help(phrase!(
                        "single facts can be changed, but not keys, lists and records",
                        "fakta tunggal bisa diubah, tetapi kunci, daftar, dan kolom berisi entitas tidak"
                    )),
                );
                None
            }
        }
    }

    /// An expression over several households, taken apart into what each of them says alone.
    pub(super) fn mixed(
        &mut self,
        body: Body,
        at: At<'a, PropertyDecl>,
        names: &[NamedWorld],
        want: &Type,
    ) -> Option<Mixed> {
        let owner = if names.is_empty() { self.root } else { None };
        let mut state = Checking::new(&at.tree.exprs, at.module, owner);
        state.worlds = names.to_vec();
        state.out.vars = u32::try_from(names.len().max(1)).unwrap_or(1);
        let root = self.check_body(&mut state, body)?;
        let mut checker = Checker { builder: self, state: &mut state };
        let root = checker.want(root, want);
        checker.finish();
        let mut body = state.out;
        body.close(root);
        self.take_apart(body, names.len())
    }

    pub(super) fn take_apart(&mut self, body: ExprBody, worlds: usize) -> Option<Mixed> {
        let mut speaks: Vec<Speaks> = Vec::with_capacity(body.len());
        for (_, expr) in body.iter() {
            let mut mine = match &expr.kind {
                Kind::Var(var) if (var.0 as usize) < worlds.max(1) => Speaks::One(var.0 as usize),
                _ => Speaks::None,
            };
            for operand in operands(&expr.kind) {
                mine = mine.with(speaks.get(operand.0 as usize).copied().unwrap_or(Speaks::None));
            }
            speaks.push(mine);
        }
        let of = |at: ExprRef| speaks.get(at.0 as usize).copied().unwrap_or(Speaks::None);
        let mut parts: BTreeMap<ExprRef, usize> = BTreeMap::new();
        let mut open: Vec<ExprRef> = body.root().into_iter().collect();
        while let Some(at) = open.pop() {
            let kind = &body[at].kind;
            let world = match of(at) {
                Speaks::Several => None,
                Speaks::None => Some(0),
                Speaks::One(world) => Some(world),
            };
            match (world, kind) {
                (Some(_), Kind::Constant(_) | Kind::Broken) => {}
                (Some(world), _) if stands_alone(&body[at].ty) => {
                    parts.insert(at, world);
                }
                (Some(_), Kind::List(items)) => open.extend(items),
                (
                    None,
                    Kind::Apply(..)
                    | Kind::Not(_)
                    | Kind::And(_)
                    | Kind::Or(_)
                    | Kind::State(..)
                    | Kind::Assume(..)
                    | Kind::OrElse(..)
                    | Kind::If { .. }
                    | Kind::List(_),
                ) => open.extend(operands(kind)),
                (None, Kind::Contains { list, .. } | Kind::Aggregate { list, .. })
                    if matches!(body[*list].kind, Kind::List(_)) =>
                {
                    open.extend(operands(kind));
                }
                _ => {
                    self.tell(
                        Finding::error(
                            Code::PROPERTY_MIXED,
                            body[at].span,
                            phrase!(
                                "this speaks of several households at once",
                                "ini berbicara tentang beberapa rumah tangga sekaligus"
                            ),
                        )
                        .help(phrase!(
                            "compare what each household says by itself: `h.total <= other.total`",
                            "bandingkan apa kata tiap rumah tangga: `h.total <= other.total`"
                        )),
                    );
                    return None;
                }
            }
        }
        let parts = parts.into_iter().map(|(at, world)| Part { at, world, body: body.part(at, worlds) }).collect();
        Some(Mixed { body, parts })
    }
}

/// Whether values of a type are compared one by one.
fn stands_alone(ty: &Type) -> bool {
    ty.is_scalar() || matches!(ty.required(), Type::Element(_))
}
