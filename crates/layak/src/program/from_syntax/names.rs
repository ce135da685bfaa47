//! What is declared where, and which module sees what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use crate::arena::Id;
use crate::diagnostic::{Code, Finding, nearest, phrase};
use crate::program::*;
use crate::source::Span;
use crate::syntax::{Allow, Argument, DeclarationKind, Lang, Name, OwnedName, Path, Texts, Tree};
use crate::value::{Calendar, LeapDay, MonthEnd};

use super::{At, Builder, DefinitionDecl, Import, Item, TypeState};

pub(super) fn label(texts: &Texts) -> Label {
    let mut label = Label::default();
    for (lang, written) in &texts.texts {
        let slot = match lang {
            Lang::En => &mut label.en,
            Lang::Id => &mut label.id,
        };
        slot.get_or_insert_with(|| Arc::clone(&written.text));
    }
    label
}

pub(super) fn dotted(path: &Path) -> String {
    let names: Vec<&str> = path.names.iter().map(|n| &*n.text).collect();
    names.join(".")
}

/// The module's name that a path without a header stands for: the file's.
fn file_stem(path: &str) -> String {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    file.trim_end_matches(".layak.md").trim_end_matches(".layak").to_owned()
}

impl<'a> Builder<'a> {
    pub(super) fn modules(&mut self) {
        let mut by_name: BTreeMap<Arc<str>, ModuleId> = BTreeMap::new();
        for tree in self.input.trees {
            let (name, span): (Arc<str>, Span) = match &tree.module {
                Some(path) => (dotted(path).into(), path.span),
                None => {
                    let file = self.input.sources.get(tree.span.source).map_or("", |s| s.path());
                    (file_stem(file).into(), Span { end: tree.span.start, ..tree.span })
                }
            };
            let id = self.modules.push(Module {
                name: Arc::clone(&name),
                title: tree.title.as_ref().map(label).unwrap_or_default(),
                lang: tree.lang,
                span,
            });
            self.module_of.push(id);
            if let Some(other) = by_name.insert(Arc::clone(&name), id) {
                let other = self.modules[other].span;
                self.tell(
                    Finding::error(
                        Code::DUPLICATE_MODULE,
                        span,
                        phrase!("module `{0}` is declared twice", "modul `{0}` dideklarasikan dua kali", name),
                    )
                    .also(other, phrase!("also here", "juga di sini"))
                    .help(phrase!("give one of them another name", "beri salah satunya nama lain")),
                );
            }
        }
        for (tree, own) in self.input.trees.iter().zip(self.module_of.clone()) {
            let imports = self.imports_of(tree, own, &by_name);
            self.imports.push(imports);
        }
        self.import_cycles();
        self.see_what_is_amended(&by_name);
    }

    /// What a module uses. It uses what it amends.
    fn imports_of(&mut self, tree: &Tree, own: ModuleId, by_name: &BTreeMap<Arc<str>, ModuleId>) -> Vec<Import> {
        let mut imports = Vec::new();
        for declaration in &tree.declarations {
            let (path, names) = match &declaration.kind {
                DeclarationKind::Use { path, names } => (path, names.as_ref()),
                DeclarationKind::Amend(decl) => (&decl.path, None),
                _ => continue,
            };
            let name = dotted(path);
            let Some(module) = by_name.get(&*name) else {
                let near = nearest(&name, by_name.keys().map(|k| &**k)).map(str::to_owned);
                self.tell(
                    Finding::error(
                        Code::UNKNOWN_MODULE,
                        path.span,
                        phrase!("no module `{0}`", "tidak ada modul `{0}`", name),
                    )
                    .maybe_help(near.map(|near| phrase!("did you mean `{0}`?", "maksud Anda `{0}`?", near)))
                    .help(phrase!(
                        "a module `a.b` stands in the file `a/b.layak`, seen from the root folder of the rules",
                        "modul `a.b` berada di berkas `a/b.layak`, dilihat dari folder akar aturan"
                    )),
                );
                continue;
            };
            let names = names.map(|names| names.iter().map(|n| Arc::clone(&n.text)).collect());
            // A module may hold the acts that amend it.
            if *module != own || matches!(declaration.kind, DeclarationKind::Use { .. }) {
                imports.push(Import { module: *module, names });
            }
        }
        imports
    }

    /// A module that amends another sees all that the other sees.
    fn see_what_is_amended(&mut self, by_name: &BTreeMap<Arc<str>, ModuleId>) {
        let seen = self.imports.clone();
        for (tree, imports) in self.input.trees.iter().zip(&mut self.imports) {
            for declaration in &tree.declarations {
                let DeclarationKind::Amend(decl) = &declaration.kind else { continue };
                let amended = by_name.get(&*dotted(&decl.path)).and_then(|module| seen.get(module.index()));
                imports.extend(amended.into_iter().flatten().cloned());
            }
        }
    }

    /// Names in `use m (a, b)` that the module does not have. Run once everything is declared.
    pub(super) fn check_imported_names(&mut self) {
        for tree in self.input.trees {
            for declaration in &tree.declarations {
                let DeclarationKind::Use { path, names: Some(names) } = &declaration.kind else { continue };
                let Some(module) = self.modules.iter().find(|(_, m)| *m.name == *dotted(path)).map(|(id, _)| id) else {
                    continue;
                };
                let known = self.names_of(module);
                for name in names {
                    if !known.contains(&name.text) {
                        let list: Vec<Arc<str>> = known.iter().cloned().collect();
                        self.unknown_name(
                            phrase!(
                                "module `{0}` declares no `{1}`",
                                "modul `{0}` tidak mendeklarasikan `{1}`",
                                dotted(path),
                                name.text
                            ),
                            name,
                            &list,
                        );
                    }
                }
            }
        }
    }

    /// Every name that a module declares.
    fn names_of(&self, module: ModuleId) -> BTreeSet<Arc<str>> {
        let items = self.items.iter().filter(|(_, list)| list.iter().any(|(m, _)| *m == module)).map(|(n, _)| n);
        let definitions = self.definitions.values().filter(|d| d.declared.module == module).map(|d| &d.declared.name);
        items.chain(definitions).cloned().collect()
    }

    /// Modules that import each other in a circle; an iterative search, for chains of modules may be long.
    fn import_cycles(&mut self) {
        let count = self.modules.len();
        // 0 not seen, 1 on the path, 2 done.
        let mut state = vec![0u8; count];
        for start in 0..count {
            if state.get(start) != Some(&0) {
                continue;
            }
            let mut path: Vec<(usize, usize)> = vec![(start, 0)];
            while let Some((module, next)) = path.last_mut() {
                let module = *module;
                if let Some(s) = state.get_mut(module) {
                    *s = 1;
                }
                let import = self.imports.get(module).and_then(|i| i.get(*next)).map(|i| i.module.index());
                *next += 1;
                match import {
                    None => {
                        if let Some(s) = state.get_mut(module) {
                            *s = 2;
                        }
                        path.pop();
                    }
                    Some(other) => match state.get(other) {
                        Some(0) => path.push((other, 0)),
                        Some(1) => {
                            let from = path.iter().position(|(m, _)| *m == other).unwrap_or(0);
                            let mut names: Vec<String> = path
                                .iter()
                                .skip(from)
                                .map(|(m, _)| {
                                    self.module_name(ModuleId::new(u32::try_from(*m).unwrap_or(0))).to_string()
                                })
                                .collect();
                            names.push(names.first().cloned().unwrap_or_default());
                            let at = self.use_span(module, other);
                            self.tell(
                                Finding::error(
                                    Code::MODULE_CYCLE,
                                    at,
                                    phrase!(
                                        "modules import each other in a circle: {0}",
                                        "modul saling mengimpor dalam lingkaran: {0}",
                                        names.join(" → ")
                                    ),
                                )
                                .help(phrase!(
                                    "move what both need into a module of its own",
                                    "pindahkan yang dibutuhkan keduanya ke modul tersendiri"
                                )),
                            );
                        }
                        _ => {}
                    },
                }
            }
        }
    }

    fn use_span(&self, from: usize, to: usize) -> Span {
        let name = self.module_name(ModuleId::new(u32::try_from(to).unwrap_or(0)));
        let tree = self.input.trees.get(from);
        let uses = tree.into_iter().flat_map(|t| &t.declarations).find_map(|d| match &d.kind {
            DeclarationKind::Use { path, .. } if *dotted(path) == *name => Some(path.span),
            DeclarationKind::Amend(decl) if *dotted(&decl.path) == *name => Some(decl.path.span),
            _ => None,
        });
        uses.unwrap_or_else(|| self.modules[ModuleId::new(u32::try_from(from).unwrap_or(0))].span)
    }

    /// `currency` and `calendar`: one for the ruleset, wherever it stands.
    pub(super) fn headers(&mut self) {
        for tree in self.input.trees {
            if let Some(name) = &tree.currency {
                match &self.currency {
                    Some((known, at)) if **known != *name.text => {
                        let (known, at) = (Arc::clone(known), *at);
                        self.tell(
                            Finding::error(
                                Code::REPEATED_DECLARATION,
                                name.span,
                                phrase!(
                                    "the ruleset counts in `{0}` and in `{1}`",
                                    "kumpulan aturan ini memakai `{0}` dan `{1}`",
                                    known,
                                    name.text
                                ),
                            )
                            .also(at, phrase!("declared here", "dideklarasikan di sini"))
                            .help(phrase!("keep one currency", "pakai satu mata uang saja")),
                        );
                    }
                    _ => self.currency = Some((Arc::clone(&name.text), name.span)),
                }
            }
            if let Some((choices, span)) = &tree.calendar {
                let calendar = self.calendar_of(choices, *span);
                match (calendar, self.calendar) {
                    (Some(calendar), Some((known, at))) if calendar != known => {
                        self.tell(
                            Finding::error(
                                Code::REPEATED_DECLARATION,
                                *span,
                                phrase!(
                                    "the ruleset declares two different calendars",
                                    "kumpulan aturan ini mendeklarasikan dua kalender berbeda"
                                ),
                            )
                            .also(at, phrase!("declared here", "dideklarasikan di sini"))
                            .help(phrase!("state it once", "nyatakan satu kali saja")),
                        );
                    }
                    (Some(calendar), _) => self.calendar = Some((calendar, *span)),
                    (None, _) => self.calendar_told = true,
                }
            }
        }
    }

    fn calendar_of(&mut self, choices: &BTreeMap<Arc<str>, Name>, span: Span) -> Option<Calendar> {
        let leap_day = self.calendar_choice(choices, span, "leap_day", &["march_1", "february_28"])?;
        let month_end = self.calendar_choice(choices, span, "month_end", &["clip", "next"])?;
        Some(Calendar {
            leap_day: if leap_day == 0 { LeapDay::March1 } else { LeapDay::February28 },
            month_end: if month_end == 0 { MonthEnd::Clip } else { MonthEnd::Next },
        })
    }

    fn calendar_choice(
        &mut self,
        choices: &BTreeMap<Arc<str>, Name>,
        span: Span,
        which: &str,
        words: &[&'static str],
    ) -> Option<usize> {
        let found = choices.get(which);
        let at = found.map_or(span, |n| n.span);
        let chosen = found.and_then(|n| words.iter().position(|w| *w == &*n.text || n.word.as_deref() == Some(w)));
        if let Some(found) = found.filter(|_| chosen.is_some()) {
            self.read_as_word(found);
        }
        if chosen.is_none() {
            self.tell(
                Finding::error(
                    Code::NO_CALENDAR,
                    at,
                    phrase!("`calendar` must state `{0}`", "`calendar` (`kalender`) harus menyatakan `{0}`", which),
                )
                .help(phrase!("write `{0} {1}`", "tulis `{0} {1}`", which, words.join("` / `"))),
            );
        }
        chosen
    }

    /// Gives every declaration its id and its name.
    pub(super) fn declare(&mut self) {
        let input = self.input;
        for (tree, module) in input.trees.iter().zip(self.module_of.clone()) {
            for declaration in &tree.declarations {
                let span = declaration.span;
                match &declaration.kind {
                    DeclarationKind::Enum(decl) => {
                        let declared = Self::declared(&decl.name, module, &decl.label);
                        let id = self.enums.push(EnumType { declared, members: Vec::new() });
                        self.enum_decls.push((id, At { tree, module, decl, span, act: None }));
                        self.item(&decl.name, module, Item::Enum(id));
                    }
                    DeclarationKind::Source(decl) => {
                        let declared = Self::declared(&decl.name, module, &decl.label);
                        let fresh = decl.fresh.map(|(d, _)| d);
                        let id = self.source_decls.push(SourceDeclared { declared, fresh, verifies: true });
                        self.source_trees.push((id, At { tree, module, decl, span, act: None }));
                        self.item(&decl.name, module, Item::Source(id));
                    }
                    DeclarationKind::Format(decl) => {
                        let declared = Self::declared(&decl.name, module, &decl.label);
                        let id = self.formats.push(TextFormat { declared, parts: Vec::new() });
                        self.format_trees.push((id, At { tree, module, decl, span, act: None }));
                        self.item(&decl.name, module, Item::Format(id));
                    }
                    DeclarationKind::Entity(decl) => {
                        let declared = Self::declared(&decl.name, module, &decl.label);
                        let id = self.entities.push(Entity {
                            declared,
                            fields: Vec::new(),
                            key: None,
                            holders: Vec::new(),
                            is_scalar_item: false,
                        });
                        self.entity_decls.push((id, At { tree, module, decl, span, act: None }));
                        self.item(&decl.name, module, Item::Entity(id));
                    }
                    DeclarationKind::Parameter(decl) => {
                        let declared = Self::declared(&decl.name, module, &decl.label);
                        let id = self.parameters.push(Parameter {
                            declared,
                            keys: Vec::new(),
                            ty: Type::Poison,
                            values: Vec::new(),
                            default: None,
                            basis: label(&decl.basis),
                            part_of: None,
                            bound: None,
                        });
                        self.allow(&decl.allows, span);
                        self.distinct(&decl.keys);
                        self.parameter_decls.push((id, At { tree, module, decl, span, act: None }));
                        self.item(&decl.name, module, Item::Parameter(id));
                    }
                    DeclarationKind::Programme(decl) => {
                        self.declare_programme(At { tree, module, decl, span, act: None }, module);
                    }
                    DeclarationKind::Use { .. }
                    | DeclarationKind::Define(_)
                    | DeclarationKind::Criterion(_)
                    | DeclarationKind::Table(_)
                    | DeclarationKind::Scale(_)
                    | DeclarationKind::Amend(_)
                    | DeclarationKind::Test(_)
                    | DeclarationKind::Property(_)
                    | DeclarationKind::Broken(_) => {}
                }
            }
        }
    }

    /// Gives every definition its id; their owners are known by now.
    pub(super) fn declare_definitions(&mut self) {
        let input = self.input;
        for (tree, module) in input.trees.iter().zip(self.module_of.clone()) {
            for declaration in &tree.declarations {
                let span = declaration.span;
                match &declaration.kind {
                    DeclarationKind::Define(decl) => {
                        let at = DefinitionDecl::Define(At { tree, module, decl, span, act: None });
                        self.define(at, DefinitionKind::Define, &decl.name, &decl.label, &decl.allows, module, span);
                    }
                    DeclarationKind::Criterion(decl) => {
                        let at = DefinitionDecl::Criterion(At { tree, module, decl, span, act: None });
                        self.define(at, DefinitionKind::Criterion, &decl.name, &decl.label, &decl.allows, module, span);
                    }
                    DeclarationKind::Table(decl) => {
                        let at = DefinitionDecl::Table(At { tree, module, decl, span, act: None });
                        self.define(at, DefinitionKind::Table, &decl.name, &decl.label, &decl.allows, module, span);
                    }
                    DeclarationKind::Scale(decl) => {
                        let at = DefinitionDecl::Scale(At { tree, module, decl, span, act: None });
                        self.define(at, DefinitionKind::Table, &decl.name, &decl.label, &decl.allows, module, span);
                    }
                    _ => {}
                }
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts that four kinds of declaration share")]
    pub(super) fn define(
        &mut self,
        at: DefinitionDecl<'a>,
        kind: DefinitionKind,
        name: &OwnedName,
        texts: &Texts,
        allows: &[Allow],
        module: ModuleId,
        span: Span,
    ) {
        self.allow(allows, span);
        if let DefinitionDecl::Define(at) = at {
            self.distinct(&at.decl.arguments);
        }
        let owner = match &name.owner {
            None => self.root,
            Some(owner) => self.entity_named(owner, module),
        };
        let Some(owner) = owner else { return };
        if let Some(entity) = &name.owner {
            self.rule_of_record(owner, entity);
        }
        let field = self.entities[owner].fields.iter().find(|f| *f.name == *name.name.text).map(|f| f.span);
        if let Some(other) = field {
            self.duplicate(&name.name, other);
        }
        let key = (owner, Arc::clone(&name.name.text));
        let same = self
            .defined
            .get(&key)
            .into_iter()
            .flatten()
            .copied()
            .find(|d| self.definitions[*d].declared.module == module);
        match same {
            Some(id) if self.definitions[id].kind == kind => {
                // Another version in time; `versions` finds those that overlap.
                if let Some(list) = self.definition_decls.get_mut(id.index()) {
                    list.push(at);
                }
            }
            Some(id) => {
                let other = self.definitions[id].declared.span;
                self.duplicate(&name.name, other);
            }
            None => {
                let declared = Self::declared(&name.name, module, texts);
                let id = self.definitions.push(Definition {
                    declared,
                    kind,
                    owner,
                    arguments: Vec::new(),
                    ty: Type::Poison,
                    versions: Vec::new(),
                    part_of: None,
                    base: None,
                    meaning: OnceLock::new(),
                });
                self.definition_decls.push(vec![at]);
                self.definition_types.push(TypeState::NotYet);
                self.defined.entry(key).or_default().push(id);
            }
        }
    }

    pub(super) fn declare_programme(&mut self, at: At<'a, crate::syntax::ProgrammeDecl>, module: ModuleId) {
        self.allow(&at.decl.allows, at.span);
        let known = self.items.get(&at.decl.name.text).into_iter().flatten().find_map(|(m, item)| match item {
            Item::Programme(id) if *m == module => Some(*id),
            _ => None,
        });
        if let Some(id) = known {
            if let Some(list) = self.programme_decls.get_mut(id.index()) {
                list.push(at);
            }
            return;
        }
        let declared = Self::declared(&at.decl.name, module, &at.decl.label);
        let owner = EntityId::new(0);
        let id = self.programmes.push(Programme { declared, owner, versions: Vec::new(), outputs: Vec::new() });
        self.programme_decls.push(vec![at]);
        self.item(&at.decl.name, module, Item::Programme(id));
    }

    fn declared(name: &Name, module: ModuleId, texts: &Texts) -> Declared {
        Declared { name: Arc::clone(&name.text), module, label: label(texts), span: name.span }
    }

    pub(super) fn allow(&mut self, allows: &[Allow], span: Span) {
        for allow in allows {
            match Code::from_text(&allow.code.text) {
                Some(code) => self.allowed.push(Allowed { code, within: span, span: allow.span, used: false }),
                None => {
                    let codes: Vec<Arc<str>> = Code::pages().iter().map(|p| p.code().to_string().into()).collect();
                    self.unknown_name(
                        phrase!("no finding has the code `{0}`", "tidak ada temuan dengan kode `{0}`", allow.code.text),
                        &allow.code,
                        &codes,
                    );
                }
            }
        }
    }

    fn item(&mut self, name: &Name, module: ModuleId, item: Item) {
        let list = self.items.entry(Arc::clone(&name.text)).or_default();
        let other = list.iter().find(|(m, _)| *m == module).map(|(_, item)| *item);
        list.push((module, item));
        if let Some(other) = other {
            let span = self.item_span(other);
            self.duplicate(name, span);
        }
    }

    /// Arguments have each a name of its own: of two alike only the first could be named.
    fn distinct(&mut self, arguments: &[Argument]) {
        let mut taken: BTreeMap<&str, Span> = BTreeMap::new();
        for Argument { name, .. } in arguments {
            if let Some(other) = taken.insert(&name.text, name.span) {
                self.duplicate(name, other);
            }
        }
    }

    pub(super) fn duplicate(&mut self, name: &Name, other: Span) {
        self.tell(
            Finding::error(
                Code::DUPLICATE_NAME,
                name.span,
                phrase!("`{0}` is declared twice", "`{0}` dideklarasikan dua kali", name.text),
            )
            .also(other, phrase!("also here", "juga di sini"))
            .help(phrase!("give one of them another name", "beri salah satunya nama lain")),
        );
    }

    pub(super) fn item_span(&self, item: Item) -> Span {
        match item {
            Item::Enum(id) => self.enums[id].declared.span,
            Item::Source(id) => self.source_decls[id].declared.span,
            Item::Format(id) => self.formats[id].declared.span,
            Item::Entity(id) => self.entities[id].declared.span,
            Item::Parameter(id) => self.parameters[id].declared.span,
            Item::Programme(id) => self.programmes[id].declared.span,
        }
    }

    /// The items of a name that a module sees: its own first, else those it imports.
    pub(super) fn items_named(&self, name: &str, from: ModuleId) -> Vec<(ModuleId, Item)> {
        let Some(all) = self.items.get(name) else { return Vec::new() };
        let own: Vec<_> = all.iter().filter(|(m, _)| *m == from).copied().collect();
        if own.is_empty() { all.iter().filter(|(m, _)| self.visible(from, *m, name)).copied().collect() } else { own }
    }

    /// The entity of a name; a finding where there is none.
    pub(super) fn entity_named(&mut self, name: &Name, from: ModuleId) -> Option<EntityId> {
        let found = self.items_named(&name.text, from).into_iter().find_map(|(_, item)| match item {
            Item::Entity(id) => Some(id),
            _ => None,
        });
        if found.is_none() {
            let hidden = self.items.get(&name.text).into_iter().flatten().find_map(|(m, item)| match item {
                Item::Entity(_) => Some(*m),
                _ => None,
            });
            if let Some(module) = hidden {
                self.not_imported(name, module);
                return None;
            }
            let known: Vec<Arc<str>> = self.entities.values().map(|e| Arc::clone(&e.declared.name)).collect();
            self.unknown_name(phrase!("no entity `{0}`", "tidak ada entitas `{0}`", name.text), name, &known);
        }
        found
    }

    pub(super) fn not_imported(&mut self, name: &Name, module: ModuleId) {
        let module = self.module_name(module);
        self.tell(
            Finding::error(
                Code::NOT_IMPORTED,
                name.span,
                phrase!(
                    "`{0}` is declared in module `{1}`, which is not imported here",
                    "`{0}` dideklarasikan di modul `{1}`, yang tidak diimpor di sini",
                    name.text,
                    module
                ),
            )
            .help(phrase!("add `use {0}`", "tambahkan `use {0}` (`pakai {0}`)", module)),
        );
    }
}
