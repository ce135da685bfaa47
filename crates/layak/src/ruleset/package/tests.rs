#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use proptest::prelude::*;

use super::*;
use crate::syntax::Lang;

fn sources(files: &[(&str, &str)]) -> Sources {
    let mut sources = Sources::new();
    for (path, text) in files {
        sources.add(*path, *text);
    }
    sources
}

fn package(files: &[(&str, &str)]) -> Result<Package, Findings> {
    Package::from_sources(&sources(files), Limits::default())
}

/// The files of each ruleset.
fn parts(package: &Package) -> Vec<Vec<String>> {
    let paths = |r: &Ruleset| r.sources().iter().map(|(_, s)| s.path().to_owned()).collect::<Vec<_>>();
    package.rulesets().iter().map(paths).collect()
}

fn told(findings: &Findings) -> Vec<String> {
    let place = |f: &Finding| f.span().map_or_else(String::new, |s| findings.sources().place(s).to_string());
    findings.iter().map(|f| format!("{} {}", place(f), f.code())).collect()
}

const SHARED: &str = "module p.shared entity Person { age integer 0..  hat text }
parameter limit: integer from 2025-01-01: 18
define Person.adult = age >= limit";
const A: &str = "module p.a use p.shared entity Home { people list of Person }
define grown = count(people where adult)";
const B: &str =
    "module p.b use p.shared entity Flat { who list of Person } define hats = count(who where hat = \"red\")";
const ALSO_A: &str = "module p.also_a use p.a define any_grown = grown > 0";

#[test]
fn a_folder_of_one_root_is_one_ruleset() {
    let one = package(&[("p/a.layak", A), ("p/also_a.layak", ALSO_A), ("p/shared.layak", SHARED)]).unwrap();
    assert_eq!(one.rulesets().len(), 1);
    let whole = sources(&[("p/a.layak", A), ("p/also_a.layak", ALSO_A), ("p/shared.layak", SHARED)]);
    let whole = Ruleset::from_sources(&whole, Limits::default()).unwrap();
    assert_eq!(one.rulesets()[0].fingerprint(), whole.fingerprint());
}

#[test]
fn what_shares_a_root_is_one_ruleset_and_every_other_root_has_its_own() {
    let also = "module p.second use p.a define more = grown + 1";
    let files = [
        ("p/a.layak", A),
        ("p/also_a.layak", ALSO_A),
        ("p/b.layak", B),
        ("p/second.layak", also),
        ("p/shared.layak", SHARED),
    ];
    assert_eq!(
        parts(&package(&files).unwrap()),
        [vec!["p/also_a.layak", "p/a.layak", "p/second.layak", "p/shared.layak"], vec!["p/b.layak", "p/shared.layak"]]
    );
}

#[test]
fn a_fact_of_a_shared_module_is_unused_only_where_no_ruleset_uses_it() {
    // `hat` serves `b`, `age` serves `a`.
    let used = package(&[("p/a.layak", A), ("p/b.layak", B), ("p/shared.layak", SHARED)]).unwrap();
    assert_eq!(told(&used.analyse()), Vec::<String>::new());
    let b = "module p.b use p.shared entity Flat { who list of Person } define grown = count(who where adult)";
    let idle = package(&[("p/a.layak", A), ("p/b.layak", b), ("p/shared.layak", SHARED)]).unwrap();
    assert_eq!(told(&idle.analyse()), ["p/shared.layak:1:50 L0705"]);
}

#[test]
fn what_is_wrong_in_a_shared_module_is_told_once_and_nothing_is_told_that_follows_from_the_division() {
    let shared = SHARED.replace("age >= limit", "age >= limits");
    let found = package(&[("p/a.layak", A), ("p/b.layak", B), ("p/shared.layak", &shared)]).unwrap_err();
    assert_eq!(told(&found), ["p/shared.layak:3:30 L0201"]);
}

#[test]
fn asked_for_as_one_ruleset_the_files_are_named() {
    let files = sources(&[("p/a.layak", A), ("p/b.layak", B), ("p/shared.layak", SHARED)]);
    let found = Ruleset::from_sources(&files, Limits::default()).unwrap_err();
    assert_eq!(told(&found), [" L0208"]);
    let only = found.iter().next().unwrap();
    assert_eq!(only.message().in_lang(Lang::En), "these are 2 rulesets, each with a root of its own");
    let help = "ask for one of them by its file: `p/a.layak`, `p/b.layak`";
    assert_eq!(only.ways_out()[0].in_lang(Lang::En), help);
    assert!(only.ways_out()[0].in_lang(Lang::Id).ends_with("`p/a.layak`, `p/b.layak`"));
}

#[test]
fn many_files_are_counted() {
    let texts: Vec<(String, String)> = (0..20)
        .map(|n| (format!("p/m{n}.layak"), format!("module p.m{n} entity E{n} {{ a integer }} define b = a")))
        .collect();
    let files: Vec<(&str, &str)> = texts.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(package(&files).unwrap().rulesets().len(), 20);
    let found = Ruleset::from_sources(&sources(&files), Limits::default()).unwrap_err();
    let help = found.iter().next().unwrap().ways_out()[0].in_lang(Lang::En).to_owned();
    assert!(help.ends_with("`p/m18.layak`, `p/m19.layak` and 8 more"), "{help}");
}

#[test]
fn two_roots_in_one_module_stay_an_error() {
    let both = "module p.m entity A { a integer } entity B { b integer }";
    assert_eq!(told(&package(&[("p/m.layak", both)]).unwrap_err()), ["p/m.layak:1:42 L0208"]);
    // A module that uses both makes them one ruleset, in error as before.
    let top = "module p.top use p.a use p.b define x = 1";
    let files = [("p/a.layak", A), ("p/b.layak", B), ("p/shared.layak", SHARED), ("p/top.layak", top)];
    let found = package(&files).unwrap_err();
    assert!(told(&found).contains(&"p/b.layak:1:32 L0208".to_owned()), "{found}");
}

#[test]
fn an_act_goes_over_each_ruleset_that_has_what_it_amends() {
    let act = "module p.act amend p.shared \"Act\" from 2026-01-01 { parameter limit: integer = 21 }";
    let files = [("p/a.layak", A), ("p/act.layak", act), ("p/b.layak", B), ("p/shared.layak", SHARED)];
    let within = vec![
        vec!["p/a.layak".to_owned(), "p/act.layak".to_owned(), "p/shared.layak".to_owned()],
        vec!["p/b.layak".to_owned(), "p/act.layak".to_owned(), "p/shared.layak".to_owned()],
    ];
    let sorted = |package: &Package| parts(package).into_iter().map(BTreeSet::from_iter).collect::<Vec<_>>();
    let wanted: Vec<BTreeSet<String>> = within.into_iter().map(BTreeSet::from_iter).collect();
    assert_eq!(sorted(&package(&files).unwrap()), wanted);
    let base = package(&[("p/a.layak", A), ("p/b.layak", B), ("p/shared.layak", SHARED)]).unwrap();
    let amended = base.amended(&sources(&[("p/act.layak", act)])).unwrap();
    assert_eq!(sorted(&amended), wanted);
    let unknown = "module p.act amend p.nothing \"Act\" from 2026-01-01 { parameter limit: integer = 21 }";
    let found = base.amended(&sources(&[("p/act.layak", unknown)])).unwrap_err();
    assert_eq!(told(&found), ["p/act.layak:1:1 L0208", "p/act.layak:1:20 L0204"]);
}

#[test]
fn a_difference_in_a_shared_module_is_told_once_and_a_new_ruleset_is_added() {
    let old = package(&[("p/a.layak", A), ("p/b.layak", B), ("p/shared.layak", SHARED)]).unwrap();
    assert!(old.diff(&old).is_empty());
    let shared = SHARED.replace("18", "21");
    let c = "module p.c use p.shared entity Tent { one list of Person } define n = count(one)";
    let new = package(&[("p/a.layak", A), ("p/b.layak", B), ("p/c.layak", c), ("p/shared.layak", &shared)]).unwrap();
    let text = old.diff(&new).render(Lang::En);
    let wanted = "added: entity `Tent` (p.c)  p/c.layak:1
changed: parameter `limit` (p.shared)  p/shared.layak:2
  from 2025-01-01: 18 -> 21
added: definition `n` (p.c)  p/c.layak:1

rests on a change, itself as before:
  definition `Person.adult` (p.shared)  by parameter `limit`
  definition `grown` (p.a)  by parameter `limit`
";
    assert_eq!(text, wanted);
    let back = new.diff(&old).render(Lang::En);
    assert!(back.starts_with("removed: entity `Tent` (p.c)  p/c.layak:1\n"), "{back}");
}

#[test]
fn tests_of_a_shared_module_are_told_once() {
    let shared = format!("{SHARED} test \"t\" given {{ }} expect 1 = 2");
    let files = [("p/a.layak", A), ("p/b.layak", B), ("p/shared.layak", shared.as_str())];
    assert_eq!(package(&files).unwrap().run_tests().len(), 1);
}

proptest! {
    /// However modules use one another: the rulesets hold every file, two of them never have the same root, each is what its
    /// files are by themselves, and the order of files says nothing.
    #[test]
    fn generated_folders_are_divided_by_root(uses in prop::collection::vec((any::<bool>(), prop::collection::vec(0..8usize, 0..3)), 1..8)) {
        let files: Vec<(String, String)> = uses
            .iter()
            .enumerate()
            .map(|(at, (is_shape, used))| {
                let used = used.iter().filter(|u| **u < at).collect::<BTreeSet<_>>();
                let used: String = used.iter().map(|u| format!("use p.m{u}\n")).collect();
                let shape = if *is_shape || at == 0 { format!("entity E{at} {{ a{at} integer }}\n") } else { String::new() };
                (format!("p/m{at}.layak"), format!("module p.m{at}\n{used}{shape}parameter n{at}: integer from 2025-01-01: 1\n"))
            })
            .collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        if let Ok(package) = package(&files) {
            let held: BTreeSet<String> = parts(&package).concat().into_iter().collect();
            prop_assert_eq!(held.len(), files.len());
            let roots: BTreeSet<String> = package.rulesets().iter().map(Ruleset::root_name).collect();
            prop_assert_eq!(roots.len(), package.rulesets().len());
            for rules in package.rulesets() {
                let mut own = Sources::new();
                for (_, source) in rules.sources().iter() {
                    own.add(source.path(), source.text());
                }
                let alone = Ruleset::from_sources(&own, Limits::default()).unwrap();
                prop_assert_eq!(alone.fingerprint(), rules.fingerprint());
            }
        }
    }
}
