//! What is wrong with an act, each with the place of what it would change.

use std::sync::Arc;

use crate::diagnostic::{Code, Finding, nearest, phrase};
use crate::program::*;
use crate::source::Span;
use crate::syntax::{DeclarationKind, Name};

use super::Builder;
use super::acts::Amended;

/// More amendments of one thing are refused: whatever depends on which of them counts grows with their square.
const MOST_AMENDMENTS: usize = 200;

impl Builder<'_> {
    /// Whether a thing may be amended once more; the first time not, a finding.
    pub(super) fn has_room(&mut self, amended: Amended, count: usize, name: &Name) -> bool {
        if count >= MOST_AMENDMENTS && self.amendments.full.insert(amended) {
            self.tell(
                Finding::error(
                    Code::TOO_LARGE,
                    name.span,
                    phrase!(
                        "`{0}` is amended more than {1} times",
                        "`{0}` diubah lebih dari {1} kali",
                        name.text,
                        MOST_AMENDMENTS
                    ),
                )
                .help(phrase!(
                    "gather acts in one: by several versions, by keys, or by a table",
                    "gabungkan perubahan: dengan beberapa versi, dengan kunci, atau dengan tabel"
                )),
            );
        }
        count < MOST_AMENDMENTS
    }

    pub(super) fn amends_nothing(&mut self, name: &Name, act: ActId) {
        let amends = self.acts[act].amends;
        // It may be what could not be read, which is told.
        let of_module = self.input.trees.iter().zip(&self.module_of).filter(|(_, module)| **module == amends);
        let broken = of_module
            .flat_map(|(tree, _)| &tree.declarations)
            .any(|d| matches!(&d.kind, DeclarationKind::Broken(Some(broken)) if broken.text == name.text));
        if broken {
            return;
        }
        let module = self.module_name(amends);
        let mut finding = Finding::error(
            Code::AMENDS_NOTHING,
            name.span,
            phrase!(
                "module `{0}` declares no `{1}` that an act could change",
                "modul `{0}` tidak mendeklarasikan `{1}` yang dapat diubah",
                module,
                name.text
            ),
        );
        let elsewhere = self.definitions.values().filter(|d| d.part_of.is_none()).map(|d| &d.declared);
        let elsewhere = elsewhere.chain(self.parameters.values().map(|p| &p.declared));
        let elsewhere = elsewhere.chain(self.programmes.values().map(|p| &p.declared));
        let (mut other, mut known) = (None, Vec::new());
        for declared in elsewhere {
            if *declared.name == *name.text && declared.module != amends {
                other = other.or(Some((declared.span, self.module_name(declared.module))));
            }
            if declared.module == amends {
                known.push(Arc::clone(&declared.name));
            }
        }
        finding = match other {
            Some((span, module)) => finding
                .also(span, phrase!("declared here", "dideklarasikan di sini"))
                .help(phrase!("write `amend {0}`", "tulis `amend {0}` (`ubah {0}`)", module)),
            None => {
                let near = nearest(&name.text, known.iter().map(|n| &**n)).map(str::to_owned);
                finding.maybe_help(near.map(|near| phrase!("did you mean `{0}`?", "maksud Anda `{0}`?", near))).help(
                    phrase!(
                        "a parameter that is new stands outside of `amend`",
                        "parameter baru ditulis di luar `amend` (`ubah`)"
                    ),
                )
            }
        };
        self.tell(finding);
    }

    pub(super) fn exists(&mut self, name: &Name, other: Span) {
        self.tell(
            Finding::error(
                Code::AMENDED_EXISTS,
                name.span,
                phrase!("the module has `{0}` already", "modul itu sudah punya `{0}`", name.text),
            )
            .also(other, phrase!("declared here", "dideklarasikan di sini"))
            .help(phrase!(
                "write `replace` before it, or give it another name",
                "tulis `replace` (`ganti`) di depannya, atau beri nama lain"
            )),
        );
    }

    pub(super) fn other_kind(&mut self, name: &Name, amended: Amended, act: ActId) {
        let (en, id) = match amended {
            Amended::Parameter(_) => ("parameter", "parameter"),
            Amended::Programme(_) => ("programme", "program"),
            Amended::Definition(id) => match self.definitions[id].kind {
                DefinitionKind::Define => ("definition", "definisi"),
                DefinitionKind::Criterion => ("criterion", "kriteria"),
                DefinitionKind::Table => ("table or scale", "tabel atau skala"),
            },
        };
        let span = self.amended_span(amended);
        let module = self.module_name(self.acts[act].amends);
        self.tell(
            Finding::error(
                Code::AMENDMENT_KIND,
                name.span,
                crate::diagnostic::Phrase {
                    en: format!("`{}` of module `{module}` is a {en}", name.text),
                    id: format!("`{}` di modul `{module}` adalah {id}", name.text),
                },
            )
            .also(span, phrase!("declared here", "dideklarasikan di sini"))
            .help(phrase!(
                "change it as what it is; a definition may name a table of the act's own",
                "ubah sesuai jenisnya; definisi boleh menyebut tabel milik peraturan perubahan"
            )),
        );
    }

    /// Findings from `first` on that tell of a type speak of what an act changes, and where that stands. Whether there are
    /// any.
    pub(super) fn retell_types(&mut self, first: usize, name: &str, other: Span) -> bool {
        let mut any = false;
        for finding in self.findings.iter_mut().skip(first) {
            if matches!(finding.code(), Code::TYPE_MISMATCH | Code::DIMENSION)
                && let Some(span) = finding.span()
            {
                let told = finding.message();
                let message = crate::diagnostic::Phrase {
                    en: format!("this act changes the type of `{name}`: {}", told.en),
                    id: format!("peraturan perubahan ini mengubah tipe `{name}`: {}", told.id),
                };
                *finding = changed_type(span, message, other);
                any = true;
            }
        }
        any
    }

    pub(super) fn other_type(&mut self, name: &str, span: Span, (old, new): (&Type, &Type), other: Span) {
        let (old, new) = (self.type_name(old), self.type_name(new));
        let message = crate::diagnostic::Phrase {
            en: format!("this act changes the type of `{name}` from {} to {}", old.en, new.en),
            id: format!("peraturan perubahan ini mengubah tipe `{name}` dari {} menjadi {}", old.id, new.id),
        };
        self.tell(changed_type(span, message, other));
    }

    pub(super) fn other_arguments(&mut self, name: &Name, other: Span) {
        let message = phrase!(
            "this act gives `{0}` other arguments than it has",
            "peraturan perubahan ini memberi `{0}` argumen yang lain",
            name.text
        );
        self.tell(changed_type(name.span, message, other));
    }
}

fn changed_type(span: Span, message: crate::diagnostic::Phrase, other: Span) -> Finding {
    Finding::error(Code::AMENDMENT_TYPE, span, message)
        .also(other, phrase!("declared here", "dideklarasikan di sini"))
        .help(phrase!(
            "what rests on it expects the type it has; declare a new name for another type",
            "yang bertumpu padanya mengharapkan tipe semula; deklarasikan nama baru untuk tipe lain"
        ))
}
