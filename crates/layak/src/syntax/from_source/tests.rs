//! What a file asks for is the same read in part and as a whole; comments move nothing.
#![cfg(feature = "files")]

use super::{outline, parse};
use crate::diagnostic::Finding;
use crate::limits::Limits;
use crate::source::{Source, SourceId};
use crate::syntax::{AmendmentKind, Declaration, DeclarationKind, Lang, ParameterValues, Path, Tree};

/// The module and all other files that a tree names, in their order.
fn named(tree: &Tree) -> Vec<String> {
    fn dotted(path: &Path) -> String {
        path.names.iter().map(|name| &*name.text).collect::<Vec<_>>().join(".")
    }
    fn of(declaration: &Declaration, named: &mut Vec<String>) {
        match &declaration.kind {
            DeclarationKind::Use { path, .. } => named.push(format!("use {}", dotted(path))),
            DeclarationKind::Parameter(parameter) => {
                if let ParameterValues::Csv(table) = &parameter.values {
                    named.push(format!("csv {}", table.text));
                }
            }
            DeclarationKind::Amend(act) => {
                named.push(format!("amend {}", dotted(&act.path)));
                for amendment in &act.amendments {
                    if let AmendmentKind::Add(declaration) | AmendmentKind::Replace(declaration) = &amendment.kind {
                        of(declaration, named);
                    }
                }
            }
            _ => {}
        }
    }
    let mut named: Vec<String> = tree.module.iter().map(|path| format!("module {}", dotted(path))).collect();
    tree.declarations.iter().for_each(|declaration| of(declaration, &mut named));
    named
}

fn both(text: &str) -> Vec<String> {
    let (source, limits) = (Source::new("m.layak", text), Limits::default());
    let whole = named(&parse(SourceId(0), &source, &limits, &mut Vec::new()));
    assert_eq!(named(&outline(&source, &limits)), whole, "{text}");
    whole
}

#[test]
fn what_names_files_is_found_wherever_it_stands() {
    let one_line = "module a.b use c.d define x = 1 parameter p(r: text): money csv \"p.csv\" amend a.b { repeal x }";
    assert_eq!(both(one_line), ["module a.b", "use c.d", "csv p.csv", "amend a.b"]);
    let indented = "  module a\n  define use_of_it = 1 # use z\n  use b (x)\n  criterion c when\n  parameter p(r: text): money csv \"t.csv\"\n";
    assert_eq!(both(indented), ["module a", "use b", "csv t.csv"]);
    let act = "amend m \"Reform\" from 2026-01-01 {\n  replace parameter p(r: text): money csv \"new.csv\"\n  define y = 1\n}\nuse n";
    assert_eq!(both(act), ["amend m", "csv new.csv", "use n"]);
    let indonesian = "bahasa id\nmodul a\npakai b\nparameter p(r: teks): uang csv \"p.csv\"\nubah c { cabut x }\n";
    assert_eq!(both(indonesian), ["module a", "use b", "csv p.csv", "amend c"]);
    assert_eq!(both("define x = 1\ntest \"use\" given {} expect x = 1"), Vec::<String>::new());
    let markdown = "# Rules that use module z\n```layak\nmodule a\nuse b\n```\nuse c\n```layak\nparameter p(r: text): money csv \"p.csv\"\n```\n";
    let (source, limits) = (Source::new("m.layak.md", markdown), Limits::default());
    assert_eq!(named(&outline(&source, &limits)), ["module a", "use b", "csv p.csv"]);
    assert_eq!(both("use\nmodule\nparameter p csv\namend {"), Vec::<String>::new());
}

#[test]
fn real_rules_name_alike() {
    let [parameters, pkh] = [
        both(include_str!("../../../../../rules/bansos/parameters.layak")),
        both(include_str!("../../../../../rules/bansos/pkh.layak")),
    ];
    assert_eq!(parameters, ["module bansos.parameters", "csv data/umk.csv"]);
    let used = ["use bansos.household", "use bansos.parameters", "use bansos.exclusions"];
    assert_eq!(pkh, [&["module bansos.pkh"], &used[..]].concat());
}

/// What is told of a file: codes, places and texts.
fn told(text: &str) -> Vec<(String, u32, u32, String)> {
    let mut findings = Vec::new();
    parse(SourceId(0), &Source::new("m.layak", text), &Limits::default(), &mut findings);
    let told = |finding: &Finding| {
        let span = finding.span.unwrap();
        (finding.code.to_string(), span.start, span.end, finding.message.in_lang(Lang::Id).to_owned())
    };
    findings.iter().map(told).collect()
}

#[test]
fn comments_move_nothing_and_part_no_keyword() {
    let english =
        "module m # é \"{ `ü\nentity H { d date  k text must # ö (\n be # }\n verified }\ndefine x = # —\n  1 + # ∑\n";
    let indonesian = "bahasa id\nmodul m # é \"{ `ü\nentitas H { d tanggal  k teks wajib # ö (\n diverifikasi }\ntetapkan x = # —\n  1 + # ∑\n";
    for text in [english, indonesian] {
        let found = told(text);
        let [(code, start, end, message)] = found.as_slice() else { panic!("{found:?}") };
        // What is missing is told at the last word.
        let at = text.rfind('+').unwrap();
        assert_eq!((&**code, *start as usize, *end as usize), ("L0103", at, at + 1), "{message}");
        // Blanks of as many bytes say the same.
        let mut blank = String::new();
        for line in text.split_inclusive('\n') {
            let (words, comment) = line.split_at(line.find('#').unwrap_or(line.len()));
            blank.push_str(words);
            blank.extend(comment.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        }
        assert_eq!(told(&blank), found);
    }
    // Within a text and a name it is no comment.
    assert_eq!(told("define `a # b` = \"c # d\"\ndefine e = `a # b`"), []);
}
