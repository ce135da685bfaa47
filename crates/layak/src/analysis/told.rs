//! What a citizen is told without saying what it is, or by which law.

use std::collections::BTreeSet;

use super::warning;
use crate::diagnostic::{Code, Finding, Phrase, phrase};
use crate::program::*;
use crate::source::Span;

pub(super) fn analyse(program: &Program, found: &mut Vec<Finding>) {
    let mut asked: BTreeSet<DefinitionId> = BTreeSet::new();
    for programme in program.programmes.values() {
        let name = &programme.declared.name;
        label(&programme.declared.label, programme.declared.span, name, found);
        for version in &programme.versions {
            basis(&version.basis, at(version.span, programme.declared.span), name, found);
            asked.extend(version.requires.iter().chain(&version.refuses).filter_map(|c| c.definition));
        }
        for (index, output) in programme.outputs.iter().enumerate() {
            let first = programme.versions.iter().flat_map(|v| &v.gives).find(|(o, _)| *o == index);
            let at = first.and_then(|(_, body)| Some(body[body.root()?].span)).unwrap_or(programme.declared.span);
            label(&output.label, at, &format!("{name}.{}", output.name), found);
        }
    }
    for id in asked {
        let definition = &program.definitions[id];
        let name = program.owned(definition.owner, &definition.declared.name);
        label(&definition.declared.label, definition.declared.span, &name, found);
        for version in &definition.versions {
            basis(&version.basis, at(version.span, definition.declared.span), &name, found);
        }
    }
}

/// The name of the declaration, where it stands in the version; else the version.
fn at(version: Span, name: Span) -> Span {
    let inside = version.source == name.source && version.start <= name.start && name.end <= version.end;
    if inside { name } else { version }
}

fn label(of: &Label, at: Span, name: &str, found: &mut Vec<Finding>) {
    if *of == Label::default() {
        found.push(missing(
            Code::NO_LABEL,
            at,
            phrase!("`{0}` has no label", "`{0}` tidak punya label", name),
            phrase!("say in a text after the name what it is called", "tulis sebutannya sebagai teks sesudah namanya"),
        ));
    }
}

fn basis(of: &Label, at: Span, name: &str, found: &mut Vec<Finding>) {
    if *of == Label::default() {
        found.push(missing(
            Code::NO_BASIS,
            at,
            phrase!("`{0}` has no legal basis", "`{0}` tidak punya dasar hukum", name),
            phrase!("name the provision: `basis \"…\"`", "sebut ketentuannya: `basis \"…\"` (`dasar`)"),
        ));
    }
}

fn missing(code: Code, at: Span, message: Phrase, help: Phrase) -> Finding {
    warning(code, at, message, help)
        .label(phrase!("a decision tells it to the citizen", "keputusan memberitahukannya kepada warga"))
}
