//! What a file asks for is the same read in part and as a whole.
#![cfg(feature = "files")]

use super::{outline, parse};
use crate::limits::Limits;
use crate::source::{Source, SourceId};
use crate::syntax::{AmendmentKind, Declaration, DeclarationKind, ParameterValues, Path, Tree};

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
