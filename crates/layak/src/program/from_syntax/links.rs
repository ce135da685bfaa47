//! What entities say of their links: which link of the other side leads back, and which never comes back.

use std::sync::Arc;

use crate::diagnostic::{Code, Finding, nearest, phrase};
use crate::program::*;
use crate::source::Span;
use crate::syntax::{self, FieldDecl, Name};

use super::{At, Builder};

/// A link of an entity.
#[derive(Clone, Copy)]
struct Side {
    entity: EntityId,
    field: usize,
    target: EntityId,
}

impl<'a> Builder<'a> {
    pub(super) fn links(&mut self, decls: &[(EntityId, At<'a, syntax::EntityDecl>)]) {
        for (id, at) in decls {
            for decl in at.decl.fields.iter().filter(|d| d.inverse.is_some() || d.acyclic.is_some()) {
                // Where the name is taken twice, the first has it; the other has been told.
                let found = self.entities[*id].fields.iter().position(|f| f.span == decl.name.span);
                let Some(field) = found else { continue };
                self.link_clauses(*id, field, decl);
            }
        }
    }

    fn link_clauses(&mut self, entity: EntityId, field: usize, decl: &FieldDecl) {
        let link = self.entities[entity].fields.get(field).and_then(|f| f.link(&self.entities));
        let Some((target, _)) = link else {
            let span = decl.inverse.as_ref().map(|n| n.span).or(decl.acyclic);
            self.no_link(decl, span.unwrap_or(decl.name.span));
            return;
        };
        let is_record = |f: &Field| matches!(f.shape, FieldShape::Record { entity: e, .. } if e == entity);
        if self.entities.values().flat_map(|e| &e.fields).any(is_record) {
            let name = Arc::clone(&self.entities[entity].declared.name);
            self.error(
                Code::NOT_A_LINK,
                decl.name.span,
                phrase!(
                    "`{0}` is one field of another entity, and links back only to elements of lists",
                    "`{0}` adalah satu kolom entitas lain; tautan balik hanya untuk anggota daftar",
                    name
                ),
            );
            return;
        }
        let side = Side { entity, field, target };
        if let Some(name) = &decl.inverse {
            self.inverse(side, decl, name);
        }
        if let Some(span) = decl.acyclic {
            self.acyclic(side, decl, span);
        }
    }

    fn no_link(&mut self, decl: &FieldDecl, span: Span) {
        self.tell(
            Finding::error(
                Code::NOT_A_LINK,
                span,
                phrase!("`{0}` is no link", "`{0}` bukan tautan", decl.name.text),
            )
            .also(decl.ty.span, phrase!("its type", "tipenya"))
            .help(phrase!(
                "`inverse` and `acyclic` are said of `link to` or `list of link to` an entity",
                "`inverse` (`kebalikan`) dan `acyclic` (`tanpa_siklus`) untuk `link to` (`tautan ke`) atau `list of link to` (`daftar dari tautan ke`) sebuah entitas"
            )),
        );
    }

    fn inverse(&mut self, side: Side, decl: &FieldDecl, name: &Name) {
        let other = &self.entities[side.target];
        let leads_back = |f: &Field| f.link(&self.entities).is_some_and(|(target, _)| target == side.entity);
        let found = other.fields.iter().position(|f| f.name == name.text);
        let back = found.filter(|i| other.fields.get(*i).is_some_and(leads_back));
        let Some(back) = back else {
            let known = other.fields.iter().filter(|f| leads_back(f)).map(|f| &*f.name);
            let near = nearest(&name.text, known).map(str::to_owned);
            let (here, there) = (Arc::clone(&self.entities[side.entity].declared.name), &other.declared.name);
            let mut finding = Finding::error(
                Code::NO_INVERSE,
                name.span,
                phrase!(
                    "`{0}` has no link `{1}` back to `{2}`",
                    "`{0}` tidak punya tautan `{1}` kembali ke `{2}`",
                    there,
                    name.text,
                    here
                ),
            );
            if let Some(field) = found.and_then(|i| other.fields.get(i)) {
                finding = finding.also(field.span, phrase!("this is no such link", "ini bukan tautan semacam itu"));
            }
            let finding = finding.help(match near {
                Some(near) => phrase!("did you mean `{0}`?", "maksud Anda `{0}`?", near),
                None => phrase!(
                    "declare it in `{0}`: `{1} list of link to {2}`, or `{1} optional link to {2}`",
                    "deklarasikan di `{0}`: `{1} list of link to {2}` (`daftar dari tautan ke`), atau `{1} optional link to {2}` (`opsional tautan ke`)",
                    there,
                    name.text,
                    here
                ),
            });
            self.tell(finding);
            return;
        };
        let there = Side { entity: side.target, field: back, target: side.entity };
        if self.pair(side, there, decl, name) && (side.entity, side.field) != (there.entity, there.field) {
            self.pair(there, side, decl, name);
        }
    }

    /// Notes that one link is led back by another; no where it has another inverse already, which is told.
    fn pair(&mut self, side: Side, back: Side, decl: &FieldDecl, name: &Name) -> bool {
        let entities = &self.entities;
        let known = |entity: EntityId, field: usize| entities[entity].fields.get(field);
        let taken = known(side.entity, side.field).and_then(|f| f.inverse);
        if let Some((entity, field)) = taken
            && (entity, field) != (back.entity, back.field)
        {
            let text = |entity: EntityId, field: usize| {
                format!("{}.{}", entities[entity].declared.name, known(entity, field).map_or("", |f| &f.name))
            };
            let also = known(entity, field).map_or(decl.name.span, |f| f.span);
            let finding = Finding::error(
                Code::INVERSES_DIFFER,
                name.span,
                phrase!(
                    "the inverse of `{0}` is `{1}`, and here `{2}`",
                    "kebalikan `{0}` adalah `{1}`, dan di sini `{2}`",
                    text(side.entity, side.field),
                    text(entity, field),
                    text(back.entity, back.field)
                ),
            )
            .also(also, phrase!("the other one", "yang lain"))
            .help(phrase!(
                "a link has one inverse: name it alike on both sides",
                "satu tautan punya satu kebalikan: sebut yang sama di kedua sisi"
            ));
            self.tell(finding);
            return false;
        }
        if let Some(field) = self.entities[side.entity].fields.get_mut(side.field) {
            field.inverse = Some((back.entity, back.field));
        }
        true
    }

    fn acyclic(&mut self, side: Side, decl: &FieldDecl, span: Span) {
        let name = &decl.name.text;
        if side.target != side.entity {
            let (here, there) = (&self.entities[side.entity].declared.name, &self.entities[side.target].declared.name);
            let finding = Finding::error(
                Code::NOT_A_LINK,
                span,
                phrase!(
                    "`{0}` links a `{1}` to a `{2}` and cannot come back",
                    "`{0}` menautkan `{1}` ke `{2}` dan tidak bisa kembali",
                    name,
                    here,
                    there
                ),
            )
            .help(phrase!("leave `acyclic` out", "hilangkan `acyclic` (`tanpa_siklus`)"));
            self.tell(finding);
            return;
        }
        let field = self.entities[side.entity].fields.get_mut(side.field);
        let is_its_own = field.as_ref().is_some_and(|f| f.inverse == Some((side.entity, side.field)));
        if is_its_own {
            self.tell(
                Finding::error(
                    Code::ALWAYS_A_CYCLE,
                    span,
                    phrase!(
                        "`{0}` is its own inverse, so every such link comes back",
                        "`{0}` adalah kebalikannya sendiri, jadi setiap tautan kembali",
                        name
                    ),
                )
                .help(phrase!(
                    "leave out `acyclic`, or name another link as the inverse",
                    "hilangkan `acyclic` (`tanpa_siklus`), atau sebut tautan lain sebagai kebalikan"
                )),
            );
        } else if let Some(field) = field {
            field.acyclic = true;
        }
    }
}
