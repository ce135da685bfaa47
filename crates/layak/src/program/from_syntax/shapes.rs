//! The shapes of facts: types, enums, sources, entities.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::arena::Id;
use crate::diagnostic::{Code, Finding, Phrase, phrase};
use crate::program::*;
use crate::source::Span;
use crate::syntax::{self, Literal, Name, Simple, SimpleRange, TypeExpr, TypeKind, Unit};
use crate::value::{Decimal, Value};

use super::names::label;
use super::{At, Builder, Item};

impl<'a> Builder<'a> {
    pub(super) fn enums_and_sources(&mut self) {
        for (id, at) in std::mem::take(&mut self.enum_decls) {
            let mut members: Vec<Member> = Vec::new();
            let mut taken: BTreeMap<Arc<str>, Span> = BTreeMap::new();
            for member in &at.decl.members {
                if let Some(other) = taken.insert(Arc::clone(&member.name.text), member.name.span) {
                    self.duplicate(&member.name, other);
                    continue;
                }
                let mut codes = Vec::new();
                for code in &member.codes {
                    if let Some(other) = taken.insert(Arc::clone(&code.text), code.span) {
                        let name = Name { text: Arc::clone(&code.text), word: None, span: code.span };
                        self.duplicate(&name, other);
                    }
                    codes.push(Arc::clone(&code.text));
                }
                members.push(Member {
                    name: Arc::clone(&member.name.text),
                    label: label(&member.label),
                    codes,
                    span: member.name.span,
                });
            }
            if members.is_empty() {
                let name = Arc::clone(&at.decl.name.text);
                self.tell(
                    Finding::error(
                        Code::EMPTY_SHAPE,
                        at.decl.name.span,
                        phrase!("enum `{0}` has no members", "enum `{0}` tidak punya anggota", name),
                    )
                    .help(phrase!("name its values in `{{ }}`", "sebutkan nilainya di dalam `{{ }}`")),
                );
            }
            self.enums[id].members = members;
        }
        self.sources();
        self.text_formats();
    }

    pub(super) fn entities(&mut self) {
        let decls = std::mem::take(&mut self.entity_decls);
        for (id, at) in &decls {
            self.entity_fields(*id, *at);
        }
        self.entity_cycles(&decls);
        self.lay_out_records(&decls);
        self.links(&decls);
        let entities: Vec<EntityId> = self.entities.ids().collect();
        let mut holders: BTreeMap<EntityId, Vec<(EntityId, usize)>> = BTreeMap::new();
        // What lies in a record is held by the entity that holds the record.
        let rows = self.row_entities();
        for entity in entities.iter().filter(|e| rows.contains(e)) {
            for (index, field) in self.entities[*entity].fields.iter().enumerate() {
                if let FieldShape::List { item, .. } = &field.shape {
                    holders.entry(*item).or_default().push((*entity, index));
                }
            }
        }
        for (entity, list) in holders {
            self.entities[entity].holders = list;
        }
        self.find_root(&decls);
        // The finding is told; what rests on the root is checked against the first entity all the same.
        self.root = self.root.or_else(|| self.entities.ids().next());
        self.declare_definitions();
    }

    fn find_root(&mut self, decls: &[(EntityId, At<'a, syntax::EntityDecl>)]) {
        let rows = self.row_entities();
        let marked: Vec<_> = decls.iter().filter(|(_, at)| at.decl.root).collect();
        let unheld: Vec<_> =
            decls.iter().filter(|(id, _)| self.entities[*id].holders.is_empty() && rows.contains(id)).collect();
        let candidates = if marked.is_empty() { &unheld } else { &marked };
        match candidates.as_slice() {
            [(id, _)] => self.root = Some(*id),
            // It may be the one that could not be read.
            [] if self
                .input
                .trees
                .iter()
                .flat_map(|t| &t.declarations)
                .any(|d| matches!(d.kind, syntax::DeclarationKind::Broken(_))) => {}
            [] => {
                let span = decls.first().map(|(_, at)| at.decl.name.span);
                let message = phrase!(
                    "no entity is the root, the shape of one household",
                    "tidak ada entitas akar, yaitu bentuk satu rumah tangga"
                );
                let finding = match span {
                    Some(span) => Finding::error(Code::NO_ROOT, span, message),
                    None => Finding::nowhere(Code::NO_ROOT, message),
                };
                self.tell(finding.help(phrase!(
                    "declare an `entity` that no other entity holds",
                    "deklarasikan sebuah `entity` (`entitas`) yang tidak dimuat entitas lain"
                )));
            }
            [(_, first), (_, second), ..] => {
                let (first, second) = (&first.decl.name, &second.decl.name);
                let finding = Finding::error(
                    Code::NO_ROOT,
                    second.span,
                    phrase!(
                        "`{0}` and `{1}` could both be the root",
                        "`{0}` dan `{1}` sama-sama dapat menjadi akar",
                        first.text,
                        second.text
                    ),
                )
                .also(first.span, phrase!("the other one", "yang lain"))
                .help(phrase!(
                    "hold one in a list of the other, or write `root` after the name of the root",
                    "muat salah satunya dalam daftar yang lain, atau tulis `root` (`akar`) setelah nama akarnya"
                ));
                self.tell(finding);
            }
        }
    }

    /// An entity that holds itself, directly or through others, would have no end.
    fn entity_cycles(&mut self, decls: &[(EntityId, At<'a, syntax::EntityDecl>)]) {
        for (start, at) in decls {
            let mut seen = BTreeSet::new();
            let mut open = vec![*start];
            let mut found = false;
            while let Some(entity) = open.pop() {
                for field in &self.entities[entity].fields {
                    if let FieldShape::List { item, .. } | FieldShape::Record { entity: item, .. } = &field.shape {
                        found |= item == start;
                        if seen.insert(*item) {
                            open.push(*item);
                        }
                    }
                }
            }
            if found {
                let name = &at.decl.name;
                self.tell(
                    Finding::error(
                        Code::ENTITY_CYCLE,
                        name.span,
                        phrase!("entity `{0}` holds itself", "entitas `{0}` memuat dirinya sendiri", name.text),
                    )
                    .help(phrase!(
                        "name another element of the household by `link to {0}`",
                        "sebut anggota lain rumah tangga dengan `link to {0}` (`tautan ke {0}`)",
                        name.text
                    )),
                );
                self.entities[*start].fields.retain(|f| matches!(f.shape, FieldShape::Scalar { .. }));
            }
        }
    }

    /// The sources of a field, each once: they stand in the order of their trust.
    fn field_sources(&mut self, decl: &'a syntax::FieldDecl, module: ModuleId) -> Vec<SourceDeclId> {
        let mut met: BTreeMap<SourceDeclId, Span> = BTreeMap::new();
        let mut sources = Vec::new();
        for name in &decl.sources {
            let Some(source) = self.source_named(name, module) else { continue };
            match met.insert(source, name.span) {
                None => sources.push(source),
                Some(first) => {
                    let message = phrase!("`{0}` stands here twice", "`{0}` ditulis dua kali di sini", name.text);
                    let finding = Finding::error(Code::REPEATED_CLAUSE, name.span, message);
                    let finding = finding.also(first, phrase!("also here", "juga di sini"));
                    self.tell(finding.help(phrase!("keep one of them", "pertahankan salah satunya")));
                }
            }
        }
        sources
    }

    fn entity_fields(&mut self, id: EntityId, at: At<'a, syntax::EntityDecl>) {
        let mut taken: BTreeMap<Arc<str>, Span> = BTreeMap::new();
        let mut fields: Vec<Field> = Vec::new();
        let mut key = None;
        for decl in &at.decl.fields {
            if let Some(other) = taken.insert(Arc::clone(&decl.name.text), decl.name.span) {
                self.duplicate(&decl.name, other);
                continue;
            }
            self.allow(&decl.allows, decl.span);
            let sources = self.field_sources(decl, at.module);
            let Some((shape, format)) = self.field_shape(decl, at.module) else { continue };
            let verified = self.is_verified(decl, &shape, &sources);
            let fixed = self.is_fixed(decl, &shape);
            if let Some(span) = decl.key {
                if key.is_some() {
                    self.tell(
                        Finding::error(
                            Code::REPEATED_DECLARATION,
                            span,
                            phrase!("an entity has one key", "satu entitas hanya punya satu kunci"),
                        )
                        .help(phrase!("keep one `key`", "pertahankan satu `key` (`kunci`)")),
                    );
                }
                key = Some(fields.len());
            }
            fields.push(Field {
                name: Arc::clone(&decl.name.text),
                shape,
                label: label(&decl.label),
                column: decl.column.as_ref().map(|c| Arc::clone(&c.text)),
                sources,
                verified,
                fixed,
                format,
                inverse: None,
                acyclic: false,
                span: decl.name.span,
            });
        }
        self.entities[id].fields = fields;
        self.entities[id].key = key;
    }

    fn source_named(&mut self, name: &Name, module: ModuleId) -> Option<SourceDeclId> {
        let found = self.items_named(&name.text, module).into_iter().find_map(|(_, item)| match item {
            Item::Source(id) => Some(id),
            _ => None,
        });
        if found.is_none() {
            let known: Vec<Arc<str>> = self.source_decls.values().map(|s| Arc::clone(&s.declared.name)).collect();
            self.unknown_name(phrase!("no source `{0}`", "tidak ada sumber `{0}`", name.text), name, &known);
        }
        found
    }

    fn field_shape(&mut self, decl: &syntax::FieldDecl, module: ModuleId) -> Option<(FieldShape, Option<FormatId>)> {
        if let TypeKind::List(item, range) = &decl.ty.kind {
            let (least, most) = self.list_size(range.as_ref());
            let item = match &item.kind {
                TypeKind::Named(name) if self.is_entity(name, module) => self.entity_named(name, module)?,
                _ => {
                    // A list of scalars is a list of elements with one nameless field.
                    let (ty, range, format) = self.fact_type(item, module)?;
                    let name: Arc<str> = decl.name.text.clone();
                    self.entities.push(Entity {
                        declared: Declared { name, module, label: Label::default(), span: decl.name.span },
                        fields: vec![Field {
                            name: "".into(),
                            shape: FieldShape::Scalar { ty, range, default: None },
                            label: label(&decl.label),
                            column: None,
                            sources: Vec::new(),
                            verified: false,
                            fixed: false,
                            format,
                            inverse: None,
                            acyclic: false,
                            span: decl.name.span,
                        }],
                        key: None,
                        holders: Vec::new(),
                        is_scalar_item: true,
                    })
                }
            };
            return Some((FieldShape::List { item, least, most }, None));
        }
        let (ty, range, format) = self.fact_type(&decl.ty, module)?;
        if let Type::Element(entity) = *ty.required()
            && matches!(decl.ty.kind, TypeKind::Named(_))
        {
            // Its columns are laid beside the others once every entity is read.
            return Some((FieldShape::Record { entity, first: 0, count: 0 }, None));
        }
        let default = self.default_of(decl, &ty, &range, format, module)?;
        Some((FieldShape::Scalar { ty, range, default }, format))
    }

    fn is_entity(&self, name: &Name, module: ModuleId) -> bool {
        let items = self.items_named(&name.text, module);
        items.is_empty() || items.iter().any(|(_, item)| matches!(item, Item::Entity(_)))
    }

    fn list_size(&mut self, range: Option<&SimpleRange>) -> (usize, Option<usize>) {
        let Some(range) = range else { return (0, None) };
        let end = |simple: &Option<Simple>, builder: &mut Self| match simple {
            Some(Simple::Literal(Literal::Number(n), span)) => {
                let count = n.to_i64().and_then(|n| usize::try_from(n).ok());
                if count.is_none() {
                    builder.error(
                        Code::BAD_RANGE,
                        *span,
                        phrase!("a list's length is a whole number", "panjang daftar adalah bilangan bulat"),
                    );
                }
                count
            }
            _ => None,
        };
        let least = end(&range.low, self).unwrap_or(0);
        let most = end(&range.high, self).map(|n| if range.open { n.saturating_sub(1) } else { n });
        if most.is_some_and(|most| most < least) {
            self.error(
                Code::BAD_RANGE,
                range.span,
                phrase!("no length lies in this range", "tidak ada panjang dalam rentang ini"),
            );
        }
        (least, most)
    }

    /// A type and the range that belongs to it.
    pub(super) fn type_of(&mut self, ty: &TypeExpr, module: ModuleId) -> Option<(Type, Range)> {
        let number = |whole, per: &Option<Unit>| Type::Number(Quantity { money: false, whole, per: *per });
        let (base, range) = match &ty.kind {
            TypeKind::Boolean => (Type::Boolean, None),
            TypeKind::Integer { per, range } => (number(true, per), range.as_ref()),
            TypeKind::Number { per, range } => (number(false, per), range.as_ref()),
            TypeKind::Money { currency, per, range } => {
                if let Some(currency) = currency {
                    self.check_currency(currency);
                }
                (Type::Number(Quantity { money: true, whole: false, per: *per }), range.as_ref())
            }
            TypeKind::Date { range } => (Type::Date, range.as_ref()),
            TypeKind::Duration(unit) => (
                Type::Duration(match unit {
                    Some(Unit::Year | Unit::Month) => DurationKind::Months,
                    Some(Unit::Week | Unit::Day) => DurationKind::Days,
                    None => DurationKind::Mixed,
                }),
                None,
            ),
            TypeKind::Text => (Type::Text, None),
            TypeKind::Link(name) => (Type::Element(self.entity_named(name, module)?), None),
            TypeKind::List(item, _) => {
                let (item, _) = self.type_of(item, module)?;
                (Type::list_of(item), None)
            }
            TypeKind::Named(name) => {
                let found = self.items_named(&name.text, module).into_iter().find_map(|(_, item)| match item {
                    Item::Enum(id) => Some(Type::Enum(id)),
                    Item::Entity(id) => Some(Type::Element(id)),
                    _ => None,
                });
                let Some(found) = found else {
                    if self.format_of(ty, module).is_some() {
                        self.misplaced_format(name);
                        return None;
                    }
                    self.unknown_type(name);
                    return None;
                };
                (found, None)
            }
        };
        let range = match range {
            Some(range) => self.range_of(range, &base, module)?,
            None => Range::default(),
        };
        Some((if ty.optional { Type::optional(base) } else { base }, range))
    }

    fn unknown_type(&mut self, name: &Name) {
        let hidden = self.items.get(&name.text).into_iter().flatten().find_map(|(m, item)| match item {
            Item::Enum(_) | Item::Entity(_) | Item::Format(_) => Some(*m),
            _ => None,
        });
        if let Some(module) = hidden {
            self.not_imported(name, module);
            return;
        }
        let mut known: Vec<Arc<str>> = self.enums.values().map(|e| Arc::clone(&e.declared.name)).collect();
        known.extend(self.entities.values().filter(|e| !e.is_scalar_item).map(|e| Arc::clone(&e.declared.name)));
        known.extend(self.formats.values().map(|f| Arc::clone(&f.declared.name)));
        known.extend(["boolean", "integer", "number", "money", "date", "duration", "text"].map(Arc::from));
        self.unknown_name(phrase!("no type `{0}`", "tidak ada tipe `{0}`", name.text), name, &known);
    }

    pub(super) fn check_currency(&mut self, name: &Name) {
        let is_ours = match &self.currency {
            Some((currency, _)) => **currency == *name.text || (**currency == *"IDR" && &*name.text == "Rp"),
            None => {
                self.tell(
                    Finding::error(
                        Code::UNKNOWN_CURRENCY,
                        name.span,
                        phrase!("the ruleset declares no currency", "kumpulan aturan ini tidak menyatakan mata uang"),
                    )
                    .help(phrase!(
                        "write `currency {0}` at the head of one file",
                        "tulis `currency {0}` (`mata_uang {0}`) di kepala salah satu berkas",
                        if &*name.text == "Rp" { "IDR" } else { &name.text }
                    )),
                );
                // Said once.
                self.currency = Some((Arc::clone(&name.text), name.span));
                return;
            }
        };
        if !is_ours {
            let currency = self.currency.as_ref().map(|(c, _)| Arc::clone(c)).unwrap_or_default();
            self.tell(
                Finding::error(
                    Code::UNKNOWN_CURRENCY,
                    name.span,
                    phrase!(
                        "money here is in `{0}`, not `{1}`",
                        "uang di sini dalam `{0}`, bukan `{1}`",
                        currency,
                        name.text
                    ),
                )
                .help(phrase!("write `{0}`", "tulis `{0}`", currency)),
            );
        }
    }

    fn range_of(&mut self, range: &SimpleRange, ty: &Type, module: ModuleId) -> Option<Range> {
        let end = |simple: &Option<Simple>, builder: &mut Self| match simple {
            None => Some(None),
            Some(simple) => builder.simple_value(simple, ty, module).map(Some),
        };
        let low = end(&range.low, self);
        let high = end(&range.high, self);
        let mut out = Range { low: low?, high: high?, open: range.open };
        let empty = match (&out.low, &out.high) {
            (Some(low), Some(high)) => high < low || (out.open && high == low),
            _ => false,
        };
        if empty {
            self.tell(
                Finding::error(
                    Code::BAD_RANGE,
                    range.span,
                    phrase!("no value lies in this range", "tidak ada nilai dalam rentang ini"),
                )
                .help(phrase!("write the smaller end first", "tulis ujung yang lebih kecil lebih dahulu")),
            );
            out = Range::default();
        }
        Some(out)
    }

    /// A written value as one of a type; a finding where it does not fit.
    pub(super) fn simple_value(&mut self, simple: &Simple, ty: &Type, module: ModuleId) -> Option<Value> {
        let wanted = ty.required().clone();
        match simple {
            Simple::Literal(literal, span) => {
                let value = self.literal_of(literal, &wanted);
                if value.is_none() {
                    let text = Arc::<str>::from(self.input.sources.snippet(*span));
                    self.mismatch(*span, &text, &wanted);
                }
                value
            }
            Simple::Path(path) => {
                let [.., name] = path.names.as_slice() else { return None };
                if let Type::Enum(id) = wanted {
                    let position = self.enums[id].members.iter().position(|m| *m.name == *name.text);
                    if let Some(position) = position {
                        return Some(Value::Enum(u32::try_from(position).unwrap_or(u32::MAX)));
                    }
                }
                if matches!(ty, Type::Optional(_)) && name.word.as_deref() == Some("none") {
                    self.read_as_word(name);
                    return Some(Value::None);
                }
                if let Type::Enum(id) = wanted {
                    self.unknown_member(name, id);
                } else {
                    let found = self.items_named(&name.text, module);
                    let text = Arc::clone(&name.text);
                    if found.is_empty() && !wanted.is_poison() {
                        self.mismatch(name.span, &text, &wanted);
                    } else {
                        self.error(
                            Code::NOT_CONSTANT,
                            name.span,
                            phrase!("`{0}` is not a fixed value", "`{0}` bukan nilai tetap", text),
                        );
                    }
                }
                None
            }
        }
    }

    pub(super) fn unknown_member(&mut self, name: &Name, id: EnumId) {
        let members: Vec<Arc<str>> = self.enums[id].members.iter().map(|m| Arc::clone(&m.name)).collect();
        let of = Arc::clone(&self.enums[id].declared.name);
        self.unknown_name(
            phrase!("enum `{0}` has no member `{1}`", "enum `{0}` tidak punya anggota `{1}`", of, name.text),
            name,
            &members,
        );
    }

    fn mismatch(&mut self, span: Span, text: &str, wanted: &Type) {
        let name = self.type_name(wanted);
        self.error(
            Code::TYPE_MISMATCH,
            span,
            Phrase {
                en: format!("`{text}` is not of type {}", name.en),
                id: format!("`{text}` bukan bertipe {}", name.id),
            },
        );
    }

    fn literal_of(&mut self, literal: &Literal, ty: &Type) -> Option<Value> {
        match (literal, ty) {
            (Literal::Number(n), Type::Number(q)) if !q.whole || n.is_integer() => Some(Value::Number(n.clone())),
            (Literal::Money(currency, n), Type::Number(q)) if q.money => {
                self.check_currency(currency);
                Some(Value::Number(n.clone()))
            }
            (Literal::Date(d), Type::Date) => Some(Value::Date(*d)),
            (Literal::Duration(d), Type::Duration(_)) => Some(Value::Duration(*d)),
            (Literal::Text(t), Type::Text) => Some(Value::Text(Arc::clone(t))),
            (Literal::Boolean(b), Type::Boolean) => Some(Value::Boolean(*b)),
            _ => None,
        }
    }

    /// A type as a rule file writes it.
    pub(super) fn type_name(&self, ty: &Type) -> Phrase {
        let unit = |per: Option<Unit>| match per {
            None => "",
            Some(Unit::Year) => " per year",
            Some(Unit::Month) => " per month",
            Some(Unit::Week) => " per week",
            Some(Unit::Day) => " per day",
        };
        let text: String = match ty {
            Type::Boolean => "boolean".into(),
            Type::Number(q) => {
                let base = if q.money {
                    "money"
                } else if q.whole {
                    "integer"
                } else {
                    "number"
                };
                format!("{base}{}", unit(q.per))
            }
            Type::Date => "date".into(),
            Type::Duration(DurationKind::Months) => "duration in months".into(),
            Type::Duration(DurationKind::Days) => "duration in days".into(),
            Type::Duration(DurationKind::Mixed) => "duration".into(),
            Type::Text => "text".into(),
            Type::Enum(id) => self.enums[*id].declared.name.to_string(),
            Type::Element(id) => self.entities[*id].declared.name.to_string(),
            Type::List(item) => {
                let item = self.type_name(item);
                return Phrase { en: format!("list of {}", item.en), id: format!("daftar berisi {}", item.id) };
            }
            Type::Optional(inner) => {
                let inner = self.type_name(inner);
                return Phrase { en: format!("optional {}", inner.en), id: format!("opsional {}", inner.id) };
            }
            Type::Record(id) => return phrase!("the outputs of `{0}`", "keluaran `{0}`", self.tables[*id].name),
            Type::Pending | Type::Poison => return phrase!("unknown", "tidak diketahui"),
        };
        let id = match text.as_str() {
            "boolean" => "ya_tidak".to_owned(),
            "integer" => "bulat".to_owned(),
            "number" => "angka".to_owned(),
            "date" => "tanggal".to_owned(),
            "text" => "teks".to_owned(),
            other => other
                .replace("money", "uang")
                .replace("duration in months", "jangka bulan")
                .replace("duration in days", "jangka hari")
                .replace("duration", "jangka")
                .replace("per year", "per tahun")
                .replace("per month", "per bulan")
                .replace("per week", "per pekan")
                .replace("per day", "per hari"),
        };
        Phrase { en: text, id }
    }
}

/// The value of a whole number.
pub(super) fn whole(n: i64) -> Value {
    Value::Number(Decimal::from(n))
}

/// The id of the first entity; for ids made before the root is known.
pub(super) fn first_entity() -> EntityId {
    EntityId::new(0)
}
