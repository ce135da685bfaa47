//! What changed in meaning between two rulesets.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods
)]

use std::path::{Path, PathBuf};

use layak::{Diff, Lang, Limits, Ruleset, Sources};

fn compiled(text: &str) -> Ruleset {
    Ruleset::from_text(text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

/// The diff, held to its law: it is empty exactly where the fingerprints are equal.
fn diff(old: &Ruleset, new: &Ruleset) -> Diff {
    let diff = old.diff(new);
    assert_eq!(diff.is_empty(), old.fingerprint() == new.fingerprint(), "{}", diff.render(Lang::En));
    assert_eq!(new.diff(old).is_empty(), diff.is_empty());
    diff
}

/// What changed, without what rests on it, a line for each declaration and piece.
fn changes(diff: &Diff, lang: Lang) -> Vec<String> {
    let text = diff.render(lang);
    text.split("\n\n").next().unwrap().lines().map(|l| l.trim_end().to_owned()).collect()
}

fn of_texts(old: &str, new: &str) -> Vec<String> {
    changes(&diff(&compiled(old), &compiled(new)), Lang::En)
}

/// The rule files and tables of a package, by path, with a change of one of them.
fn package(name: &str, edit: impl Fn(&str, String) -> String) -> Ruleset {
    fn files(folder: &Path, out: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, out);
            } else if path.extension().is_some_and(|e| e == "layak" || e == "csv") {
                out.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules").join(name);
    let mut all = Vec::new();
    if root.is_dir() {
        files(&root, &mut all);
    } else {
        all.push(root.clone());
    }
    let root = if root.is_dir() { root.as_path() } else { root.parent().unwrap() };
    let mut sources = Sources::new();
    for file in all {
        let path = file.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        sources.add(path.clone(), edit(&path, text));
    }
    Ruleset::from_sources(&sources, Limits::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn as_it_is(name: &str) -> Ruleset {
    package(name, |_, text| text)
}

/// A package against itself with one text of a file replaced.
fn edited(name: &str, file: &str, from: &str, to: &str) -> Diff {
    let new = package(name, |path, text| {
        if path == file {
            assert!(text.contains(from), "{file} has no {from:?}");
            text.replacen(from, to, 1)
        } else {
            text
        }
    });
    diff(&as_it_is(name), &new)
}

#[test]
fn a_threshold_of_a_real_package() {
    let diff = edited("bansos", "parameters.layak", "from 2025-04-01: 4 ", "from 2025-04-01: 3 ");
    assert_eq!(
        changes(&diff, Lang::En),
        ["changed: parameter `pkh_desil_limit` (bansos.parameters)  parameters.layak:14", "  from 2025-04-01: 4 -> 3"]
    );
    assert_eq!(
        changes(&diff, Lang::Id),
        ["berubah: parameter `pkh_desil_limit` (bansos.parameters)  parameters.layak:14", "  sejak 2025-04-01: 4 -> 3"]
    );
    let affected: Vec<(&str, &str, &str)> =
        diff.affected().iter().map(|a| (a.declaration().kind(), a.declaration().name(), a.because().name())).collect();
    assert_eq!(
        affected,
        [("criterion", "desil_within_pkh", "pkh_desil_limit"), ("programme", "pkh", "pkh_desil_limit")]
    );
}

#[test]
fn a_date_of_a_real_package() {
    let diff = edited("bansos", "parameters.layak", "from 2026-01-01: 4 ", "from 2026-03-01: 4 ");
    // That the version before ends later goes without saying.
    assert_eq!(
        changes(&diff, Lang::En),
        [
            "changed: parameter `sembako_desil_limit` (bansos.parameters)  parameters.layak:17",
            "  from 2026-03-01, first day: 2026-01-01 -> 2026-03-01"
        ]
    );
    assert!(!diff.changes()[0].is_wording());
}

#[test]
fn a_new_version_of_a_real_package() {
    let from = "from 2025-04-01: 4   basis \"Kepmensos 79/HUK/2025; Inpres 4/2025\"";
    let to = format!("{from}\n  from 2027-01-01: 2   basis \"Kepmensos 1/HUK/2027\"");
    let diff = edited("bansos", "parameters.layak", from, &to);
    assert_eq!(changes(&diff, Lang::En)[1..], ["  from 2027-01-01: added: 2"]);
    assert_eq!(changes(&diff, Lang::Id)[1..], ["  sejak 2027-01-01: ditambah: 2"]);
}

#[test]
fn an_amount_by_key_and_one_of_a_csv_table() {
    let diff = edited("bansos", "parameters.layak", "sma               => IDR 2_000_000", "sma => IDR 2_250_000");
    assert_eq!(
        changes(&diff, Lang::Id)[1..],
        ["  sma, sejak 2023-01-01: Rp2.000.000 per tahun -> Rp2.250.000 per tahun"]
    );
    let diff = edited("bansos", "data/umk.csv", "35.10,2025-01-01,2810139", "35.10,2025-01-01,2810140");
    assert_eq!(
        changes(&diff, Lang::En),
        [
            "changed: parameter `umk` (bansos.parameters)  parameters.layak:81",
            "  \"35.10\", from 2025-01-01: Rp2,810,139 per month -> Rp2,810,140 per month"
        ]
    );
}

#[test]
fn the_wording_of_a_criterion_and_a_label() {
    let from = "en \"Decile {desil} is above the limit {pkh_desil_limit}\"";
    let diff = edited("bansos", "pkh.layak", from, "en \"Decile {desil} exceeds {pkh_desil_limit}\"");
    assert_eq!(
        changes(&diff, Lang::En),
        [
            "changed in wording: criterion `desil_within_pkh` (bansos.pkh)  pkh.layak:7",
            "  reason (en): \"Decile {desil} is above the limit {pkh_desil_limit}\" -> \"Decile {desil} exceeds {pkh_desil_limit}\""
        ]
    );
    // No decision rests on words.
    assert!(diff.affected().is_empty());
    let diff = edited("bansos", "pkh.layak", "id \"Desil dalam batas PKH\"", "id \"Desil memenuhi batas PKH\"");
    assert_eq!(
        changes(&diff, Lang::Id),
        [
            "berubah redaksinya: kriteria `desil_within_pkh` (bansos.pkh)  pkh.layak:7",
            "  label (id): Desil dalam batas PKH -> Desil memenuhi batas PKH"
        ]
    );
}

#[test]
fn where_to_object_is_wording() {
    let rules =
        |at: &str| format!("module m\nentity H {{ a boolean }}\nprogramme p{at}\n  requires ok\ncriterion ok when a\n");
    let (none, hall) = (rules(""), rules("\n  appeal id \"balai desa\" en \"the village hall\""));
    let office = hall.replace("the village hall", "the office");
    let changed = "changed in wording: programme `p` (m)  rules.layak:3";
    assert_eq!(of_texts(&hall, &office), [changed, "  appeal (en): the village hall -> the office"]);
    let added = [changed, "  appeal (en): added: the village hall", "  appeal (id): added: balai desa"];
    assert_eq!(of_texts(&none, &hall), added);
    let diff = diff(&compiled(&hall), &compiled(&office));
    assert!(diff.affected().is_empty(), "no decision rests on it");
    assert_ne!(compiled(&hall).fingerprint(), compiled(&office).fingerprint());
}

#[test]
fn a_cell_and_the_order_of_the_rows_of_a_real_table() {
    let diff = edited(
        "dmn_tables/first_single.layak",
        "first_single.layak",
        "| > 12 || \"Videogames\" |",
        "| > 13 || \"Videogames\" |",
    );
    assert_eq!(
        changes(&diff, Lang::En),
        [
            "changed: table `result` (dmn_tables.first_single)  first_single.layak:6",
            "  row 2, column `age`: > 12 -> > 13"
        ]
    );
    let (a, b) = ("| > 18 || \"Cars\"       |\n", "  | > 12 || \"Videogames\" |\n");
    let diff = edited(
        "dmn_tables/first_single.layak",
        "first_single.layak",
        &format!("{a}{b}"),
        &format!("{}  {a}", b.trim_start()),
    );
    assert_eq!(changes(&diff, Lang::En)[1..], ["  row 2, place: 1 -> 2"]);
    assert!(!diff.changes()[0].is_wording());
}

#[test]
fn every_package_is_as_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let mut count = 0;
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        // Folders of modules that each stand for themselves are no one ruleset.
        let Ok(rules) = Ruleset::from_path(&path) else { continue };
        let again = Ruleset::from_path(&path).unwrap();
        assert_eq!(diff(&rules, &again).render(Lang::En), "no change in meaning\n");
        count += 1;
    }
    assert!(count > 5, "{count}");
}

const BASE: &str = "module m
currency IDR
calendar leap_day march_1, month_end clip
source pln \"PLN\" fresh for 3 months
source self
enum School { none \"Tidak\", sd \"SD\" code \"2\", smp }
entity Home \"Rumah\" { id text key  desil integer 1..10 \"Desil\" from pln, self  power integer  members list of Person 1..9 }
entity Person { nik text key  birth date  school School  sick boolean }
parameter limit: integer from 2025-01-01: 4  from 2026-01-01: 5
parameter rate(s: School): money per month  from 2025-01-01: sd => IDR 10  smp => IDR 20
define Person.age = years from birth to as_of
define young(p: integer) = p < 18
define ceiling = 900
  except trade when desil = 1: 1300  basis \"A\"
  except to trade when power > 5: 2200  priority 2
criterion poor \"Miskin\" when desil <= limit and count(members where age < 6) >= 0
  basis \"L\" otherwise id \"Desil {desil}\" en \"Decile {desil}\"
table Person.due: money per month  else IDR 0 per month
  | school | age   || due       |
  | sd     | 6..12 || rate(sd)  |
  | smp    | -     || rate(smp) |
scale tax of power: marginal { 0..<100 => 1%  100.. => 2% }
programme aid \"Bantuan\" requires poor gives amount \"Jumlah\" = sum(members each due), small = young(desil)
";

#[test]
fn what_is_no_change_of_meaning() {
    let same = |new: &str| assert_eq!(of_texts(BASE, new), ["no change in meaning"], "{new}");
    // Layout, comments, the names of elements and of arguments, the order of declarations, of exceptions, of rows.
    same(&BASE.replace(", ", " ,\n   ").replace("module m", "# about\nmodule m"));
    same(&BASE.replace("members where age < 6", "members p where p.age < 6"));
    same(&BASE.replace("young(p: integer) = p < 18", "young(years_of_age: integer) = years_of_age < 18"));
    same(&BASE.replace("desil <= limit and", "limit >= desil and"));
    let mut blocks: Vec<&str> = Vec::new();
    let mut start = 0;
    for (at, _) in BASE.match_indices('\n') {
        let next = &BASE[at + 1..];
        if !next.starts_with([' ', '|']) {
            blocks.push(&BASE[start..=at]);
            start = at + 1;
        }
    }
    blocks[3..].reverse();
    same(&blocks.concat());
    let (trade, to) =
        ("  except trade when desil = 1: 1300  basis \"A\"\n", "  except to trade when power > 5: 2200  priority 2\n");
    same(&BASE.replace(&format!("{trade}{to}"), &format!("{to}{trade}")));
    let (sd, smp) = ("  | sd     | 6..12 || rate(sd)  |\n", "  | smp    | -     || rate(smp) |\n");
    same(&BASE.replace(&format!("{sd}{smp}"), &format!("{smp}{sd}")));
    // Columns of a table in another order.
    same(&BASE.replace(
        "  | school | age   || due       |\n  | sd     | 6..12 || rate(sd)  |\n  | smp    | -     || rate(smp) |\n",
        "  | age   | school || due       |\n  | 6..12 | sd     || rate(sd)  |\n  | -     | smp    || rate(smp) |\n",
    ));
    same(&BASE.replace("sd => IDR 10  smp => IDR 20", "smp => IDR 20  sd => IDR 10"));
}

/// Each change of meaning, and the lines that tell of it. All of them are seen by the fingerprint too.
#[test]
fn each_change_of_meaning_is_told_where_it_stands() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "month_end clip",
            "month_end next",
            &["changed: ruleset", "  calendar: leap_day march_1, month_end clip -> leap_day march_1, month_end next"],
        ),
        (
            "fresh for 3 months",
            "fresh for 2 months",
            &["changed: source `pln` (m)  rules.layak:4", "  fresh for: 3 months -> 2 months"],
        ),
        (
            "sd \"SD\"",
            "sd \"Dasar\"",
            &["changed in wording: enum `School` (m)  rules.layak:6", "  value `sd`, label (en): SD -> Dasar"],
        ),
        (
            "code \"2\"",
            "code \"2\", \"3\"",
            &["changed: enum `School` (m)  rules.layak:6", "  value `sd`, codes: 2 -> 2, 3"],
        ),
        (", smp }", ", smp, sma }", &["changed: enum `School` (m)  rules.layak:6", "  value `sma`: added"]),
        (
            "none \"Tidak\", sd \"SD\" code \"2\"",
            "sd \"SD\" code \"2\", none \"Tidak\"",
            &["changed in wording: enum `School` (m)  rules.layak:6", "  order: none, sd, smp -> sd, none, smp"],
        ),
        ("1..10", "1..<10", &["changed: entity `Home` (m)  rules.layak:7", "  field `desil`, range: 1..10 -> 1..<10"]),
        (
            "from pln, self",
            "from self, pln",
            &["changed: entity `Home` (m)  rules.layak:7", "  field `desil`, sources: pln, self -> self, pln"],
        ),
        (
            "Person 1..9",
            "Person 0..9",
            &["changed: entity `Home` (m)  rules.layak:7", "  field `members`, number of elements: 1..9 -> 0..9"],
        ),
        (
            "\"Rumah\"",
            "\"Keluarga\"",
            &["changed in wording: entity `Home` (m)  rules.layak:7", "  label (en): Rumah -> Keluarga"],
        ),
        (
            "power integer",
            "power number",
            &["changed: entity `Home` (m)  rules.layak:7", "  field `power`, type: integer -> number"],
        ),
        ("sick boolean }", "}", &["changed: entity `Person` (m)  rules.layak:8", "  field `sick`: removed"]),
        (
            "from 2025-01-01: 4  ",
            "",
            &["changed: parameter `limit` (m)  rules.layak:9", "  from 2025-01-01: removed: 4"],
        ),
        (
            "from 2026-01-01: 5",
            "from 2026-01-01 enacted 2025-12-01: 5",
            &[
                "changed: parameter `limit` (m)  rules.layak:9",
                "  from 2026-01-01, enacted 2025-12-01, enacted: added: 2025-12-01",
            ],
        ),
        (
            "parameter limit: integer from 2025-01-01: 4  from 2026-01-01: 5",
            "parameter limit: integer = 4",
            &[
                "changed: parameter `limit` (m)  rules.layak:9",
                "  first day: removed: 2025-01-01",
                "  from 2026-01-01: removed: 5",
            ],
        ),
        (
            "sd => IDR 10  ",
            "",
            &["changed: parameter `rate` (m)  rules.layak:10", "  sd, from 2025-01-01: removed: Rp10 per month"],
        ),
        (
            "years from birth",
            "months from birth",
            &[
                "changed: definition `Person.age` (m)  rules.layak:11",
                "  value: years from birth to as_of -> months from birth to as_of",
            ],
        ),
        (
            "when desil = 1: 1300",
            "when desil = 2: 1300",
            &[
                "changed: definition `ceiling` (m)  rules.layak:13",
                "  exception `trade`, condition: desil = 1 -> desil = 2",
            ],
        ),
        (
            "to trade when",
            "when",
            &["changed: definition `ceiling` (m)  rules.layak:13", "  exception, exception to: removed: trade"],
        ),
        (
            "priority 2",
            "priority 3",
            &["changed: definition `ceiling` (m)  rules.layak:13", "  exception, priority: 2 -> 3"],
        ),
        (
            "basis \"A\"",
            "basis \"B\"",
            &[
                "changed in wording: definition `ceiling` (m)  rules.layak:13",
                "  exception `trade`, basis (en): A -> B",
            ],
        ),
        (
            "desil <= limit",
            "desil < limit",
            &[
                "changed: criterion `poor` (m)  rules.layak:16",
                "  value: desil <= limit and count(members where age < 6) >= 0 -> desil < limit and count(members where age < 6) >= 0",
            ],
        ),
        (
            "basis \"L\" otherwise",
            "otherwise",
            &["changed in wording: criterion `poor` (m)  rules.layak:16", "  basis (en): removed: L"],
        ),
        (
            "6..12 ||",
            "6..11 ||",
            &["changed: table `Person.due` (m)  rules.layak:18", "  row 1, column `age`: 6..12 -> 6..11"],
        ),
        (
            "| -     || rate(smp)",
            "| >= 12 || rate(smp)",
            &["changed: table `Person.due` (m)  rules.layak:18", "  row 2, column `age`: - -> >= 12"],
        ),
        (
            "|| rate(smp) |",
            "|| rate(sd)  |",
            &["changed: table `Person.due` (m)  rules.layak:18", "  row 2, output `due`: rate(smp) -> rate(sd)"],
        ),
        (
            "  | smp    | -     || rate(smp) |\n",
            "",
            &["changed: table `Person.due` (m)  rules.layak:18", "  row 2: removed: | smp    | -     || rate(smp) |"],
        ),
        (
            "else IDR 0 per month",
            "else IDR 1 per month",
            &["changed: table `Person.due` (m)  rules.layak:18", "  else: IDR 0 per month -> IDR 1 per month"],
        ),
        (
            "per month  else",
            "per month  first else",
            &["changed: table `Person.due` (m)  rules.layak:18", "  hit policy: unique -> first"],
        ),
        (
            "100.. => 2%",
            "100.. => 3%",
            &["changed: table `tax` (m)  rules.layak:22", "  row 2: 100.. => 2% -> 100.. => 3%"],
        ),
        ("marginal", "flat", &["changed: table `tax` (m)  rules.layak:22", "  hit policy: first -> unique"]),
        (
            "requires poor",
            "refuses poor",
            &["changed: programme `aid` (m)  rules.layak:23", "  refuses `poor`: added", "  requires `poor`: removed"],
        ),
        (
            "small = young(desil)",
            "small = young(power)",
            &["changed: programme `aid` (m)  rules.layak:23", "  gives `small`: young(desil) -> young(power)"],
        ),
        (
            "\"Jumlah\"",
            "\"Besaran\"",
            &[
                "changed in wording: programme `aid` (m)  rules.layak:23",
                "  output `amount`, label (en): Jumlah -> Besaran",
            ],
        ),
        (
            "scale tax of power: marginal { 0..<100 => 1%  100.. => 2% }\n",
            "",
            &["removed: table `tax` (m)  rules.layak:22"],
        ),
        ("scale tax", "define more = 1\nscale tax", &["added: definition `more` (m)  rules.layak:22"]),
    ];
    let other = of_texts(BASE, &BASE.replace("IDR", "USD"));
    assert_eq!(other[..2], ["changed: ruleset", "  currency: IDR -> USD"]);
    for (from, to, told) in cases {
        assert!(BASE.contains(from), "{from}");
        let found = of_texts(BASE, &BASE.replacen(from, to, 1));
        assert_eq!(found, *told, "{from} -> {to}");
    }
}

#[test]
fn what_links_promise() {
    let with = |clauses: &str| {
        compiled(&format!(
            "module m\nentity H {{ members list of P }}\nentity P {{ id text key  parent optional link to P{clauses}  child optional link to P }}"
        ))
    };
    let told = |old: &str, new: &str| changes(&diff(&with(old), &with(new)), Lang::En)[1..].to_vec();
    assert_eq!(told("", " acyclic"), ["  field `parent`, never comes back: added"]);
    assert!(told("", " inverse child").contains(&"  field `parent`, link back: added: child".to_owned()));
}

/// What is written as it was but reads another's value now is told as such.
#[test]
fn a_name_that_means_something_else() {
    let with = |used: &str| {
        let mut sources = Sources::new();
        sources.add("a.layak", "module a\nuse b\nentity H { n integer }");
        sources.add("b.layak", "module b\nparameter limit: integer = 1");
        sources.add("c.layak", "module c\nparameter limit: integer = 2");
        sources.add("d.layak", format!("module d\nuse {used}\ndefine x = limit"));
        Ruleset::from_sources(&sources, Limits::default()).unwrap()
    };
    let diff = diff(&with("b"), &with("c"));
    let note = "  value: limit (written as before; a name in it means something else now)";
    assert_eq!(changes(&diff, Lang::En), ["changed: definition `x` (d)  d.layak:3", note]);
}

#[test]
fn a_diff_as_json() {
    let new = BASE.replace("from 2026-01-01: 5", "from 2026-01-01: 6");
    let diff = diff(&compiled(BASE), &compiled(&new));
    let lines: Vec<String> = diff.to_json().iter().map(|l| serde_json::to_string(l).unwrap()).collect();
    assert_eq!(
        lines,
        [
            r#"{"change":"changed","kind":"parameter","module":"m","name":"limit","touches":"decisions","before":{"path":"rules.layak","line":9,"column":11},"after":{"path":"rules.layak","line":9,"column":11},"details":[{"change":"changed","part":[{"kind":"version","name":"2026-01-01"}],"touches":"decisions","before":"5","after":"6"}]}"#,
            r#"{"change":"affected","kind":"criterion","module":"m","name":"poor","because":{"kind":"parameter","module":"m","name":"limit"}}"#,
            r#"{"change":"affected","kind":"programme","module":"m","name":"aid","because":{"kind":"parameter","module":"m","name":"limit"}}"#,
        ]
    );
}

#[test]
fn what_rests_on_a_field_rests_on_no_other() {
    let new = BASE.replace("power integer", "power integer 0..");
    let diff = diff(&compiled(BASE), &compiled(&new));
    let affected: Vec<&str> = diff.affected().iter().map(|a| a.declaration().name()).collect();
    assert_eq!(affected, ["ceiling", "tax"]);
}

/// A large table whose every row differs costs no time of the square of its rows.
#[test]
fn large_tables_are_compared() {
    let table = |step: usize| {
        let rows: String =
            (0..1000).map(|n| format!("  | {} | {} || {} |\n", n * 2 + step, n + step, n + step)).collect();
        compiled(&format!("module m\nentity H {{ a integer  b integer }}\ntable t  first\n  | a | b || t |\n{rows}"))
    };
    let diff = diff(&table(0), &table(1));
    assert_eq!(diff.changes().len(), 1);
    assert!(diff.changes()[0].details().len() >= 1000, "{}", diff.changes()[0].details().len());
}

/// Facts, parameters, tables and programmes with every piece that a declaration can have.
const PIECES: &str = r#"module m
currency IDR
calendar leap_day march_1, month_end clip
enum Work { farmer, trader code "T" }
source hall fresh for 3 months
source desk unverified
entity Home root {
  id text key
  n integer 0..10 default 2 column "N"
  since date from hall must be verified
  work Work
  people list of Person 0..4
}
entity Person { nik text  age integer }
parameter rate(work: Work, n: integer): money per month from 2025-01-01: (farmer, 1) => IDR 10  (trader, 1) => IDR 20
parameter kind: optional Work until 2026-12-31: farmer
parameter days: list of text = ["a", "b"]
define twice(a: number) = a * 2
define Person.old = age > 60
table grade: integer first
| n    | work   || grade |
| < 3  | farmer || 1     |
| 5..6 | -      || 2     |
table all: list of Work collect list priority [farmer, trader]
| n || all    |
| - || trader |
criterion poor when n < 5
criterion rich when n > 9
programme other requires poor
programme aid requires poor refuses rich excludes other gives x = n
programme for_people for Person requires poor gives y = 1
"#;

#[test]
fn every_piece_has_a_name_in_both_languages() {
    // A change, its lines in English and in Indonesian, and the pieces as data names them.
    #[expect(clippy::type_complexity, reason = "a table of cases")]
    let cases: &[(&str, &str, &[&str], &[&str], &str)] = &[
        ("desk unverified", "desk", &["unverified: removed"], &["tanpa verifikasi: dihapus"], "unverified"),
        ("text key", "text", &["key: removed: id"], &["kunci: dihapus: id"], "key"),
        ("default 2", "default 3", &["field `n`, default: 2 -> 3"], &["kolom `n`, bawaan: 2 -> 3"], "field/default"),
        (
            "column \"N\"",
            "column \"M\"",
            &["field `n`, name in data: N -> M"],
            &["kolom `n`, nama dalam data: N -> M"],
            "field/data_name",
        ),
        (
            " must be verified",
            "",
            &["field `since`, must be verified: removed"],
            &["kolom `since`, wajib diverifikasi: dihapus"],
            "field/verified",
        ),
        (
            "must be verified",
            "must be verified fixed",
            &["field `since`, fixed: added"],
            &["kolom `since`, tetap: ditambah"],
            "field/fixed",
        ),
        (
            "(work: Work, n: integer): money per month from 2025-01-01: (farmer, 1) => IDR 10  (trader, 1) => IDR 20",
            "(work: Work): money per year from 2025-01-01: farmer => IDR 10  trader => IDR 20",
            &[
                "type: money per month -> money per year",
                "keys: work, n -> work",
                "farmer, from 2025-01-01: added: Rp10 per year",
                "trader, from 2025-01-01: added: Rp20 per year",
                "farmer, 1, from 2025-01-01: removed: Rp10 per month",
                "trader, 1, from 2025-01-01: removed: Rp20 per month",
            ],
            &[
                "tipe: uang per bulan -> uang per tahun",
                "kunci: work, n -> work",
                "farmer, sejak 2025-01-01: ditambah: Rp10 per tahun",
                "trader, sejak 2025-01-01: ditambah: Rp20 per tahun",
                "farmer, 1, sejak 2025-01-01: dihapus: Rp10 per bulan",
                "trader, 1, sejak 2025-01-01: dihapus: Rp20 per bulan",
            ],
            "type keys key_value/version key_value/version key_value/version key_value/version",
        ),
        (
            "until 2026-12-31",
            "until 2026-11-30",
            &["last day: 2026-12-31 -> 2026-11-30"],
            &["hari terakhir: 2026-12-31 -> 2026-11-30"],
            "until",
        ),
        (": farmer", ": trader", &["value: farmer -> trader"], &["nilai: farmer -> trader"], ""),
        ("[\"a\", \"b\"]", "[\"a\"]", &["value: [\"a\", \"b\"] -> [\"a\"]"], &["nilai: [\"a\", \"b\"] -> [\"a\"]"], ""),
        ("twice(a: number)", "twice(a: integer)", &["type: number -> integer"], &["tipe: angka -> bulat"], "type"),
        (
            "integer first",
            "integer any",
            &["hit policy: first -> any"],
            &["aturan pemilihan baris: pertama -> ada"],
            "policy",
        ),
        (
            "integer first",
            "integer priority [1, 2]",
            &["hit policy: first -> priority", "priority: added: 1, 2"],
            &["aturan pemilihan baris: pertama -> prioritas", "prioritas: ditambah: 1, 2"],
            "policy ranking",
        ),
        (
            "integer first",
            "integer collect sum",
            &["hit policy: first -> collect sum"],
            &["aturan pemilihan baris: pertama -> kumpulkan jumlah"],
            "policy",
        ),
        (
            "integer first",
            "integer collect min",
            &["hit policy: first -> collect min"],
            &["aturan pemilihan baris: pertama -> kumpulkan terkecil"],
            "policy",
        ),
        (
            "integer first",
            "integer collect max",
            &["hit policy: first -> collect max"],
            &["aturan pemilihan baris: pertama -> kumpulkan terbesar"],
            "policy",
        ),
        (
            "integer first",
            "integer collect count",
            &["hit policy: first -> collect count"],
            &["aturan pemilihan baris: pertama -> kumpulkan banyaknya"],
            "policy",
        ),
        (
            "integer first",
            "integer collect list",
            &["type: integer -> list of integer", "hit policy: first -> collect list"],
            &["tipe: bulat -> daftar berisi bulat", "aturan pemilihan baris: pertama -> kumpulkan daftar"],
            "type policy",
        ),
        ("< 3 ", "<= 3", &["row 1, column `n`: < 3 -> <= 3"], &["baris 1, kolom `n`: < 3 -> <= 3"], "row/column"),
        (
            "< 3 ",
            "unknown",
            &["row 1, column `n`: < 3 -> unknown"],
            &["baris 1, kolom `n`: < 3 -> unknown"],
            "row/column",
        ),
        ("| 5..6", "| <= 6", &["row 2, column `n`: 5..6 -> <= 6"], &["baris 2, kolom `n`: 5..6 -> <= 6"], "row/column"),
        (
            "| n    | work   ||",
            "| n + 1 | work   ||",
            &[
                "column `n + 1`: added: n + 1",
                "row 1, column `n + 1`: - -> < 3",
                "row 1, column `n`: < 3 -> -",
                "row 2, column `n + 1`: - -> 5..6",
                "row 2, column `n`: 5..6 -> -",
                "column `n`: removed: n",
            ],
            &[
                "kolom `n + 1`: ditambah: n + 1",
                "baris 1, kolom `n + 1`: - -> < 3",
                "baris 1, kolom `n`: < 3 -> -",
                "baris 2, kolom `n + 1`: - -> 5..6",
                "baris 2, kolom `n`: 5..6 -> -",
                "kolom `n`: dihapus: n",
            ],
            "column row/column row/column row/column row/column column",
        ),
        (
            "collect list priority [farmer, trader]",
            "collect list",
            &["priority: removed: farmer, trader"],
            &["prioritas: dihapus: farmer, trader"],
            "ranking",
        ),
        (" excludes other", "", &["excludes `other`: removed"], &["mengecualikan `other`: dihapus"], "excludes"),
        ("for Person", "for Home", &["for: Person -> Home"], &["untuk: Person -> Home"], "for"),
    ];
    for (from, to, english, indonesian, pieces) in cases {
        assert!(PIECES.contains(from), "{from}");
        let diff = diff(&compiled(PIECES), &compiled(&PIECES.replacen(from, to, 1)));
        for (lang, told) in [(Lang::En, english), (Lang::Id, indonesian)] {
            let lines = changes(&diff, lang);
            assert_eq!(lines[1..].iter().map(|line| line.trim()).collect::<Vec<_>>(), **told, "{from} -> {to}");
        }
        let json: Vec<serde_json::Value> =
            diff.to_json().iter().map(|line| serde_json::to_value(line).unwrap()).collect();
        let parts = json.iter().filter_map(|line| line["details"].as_array()).flatten().map(|detail| {
            let kinds = detail["part"].as_array().unwrap().iter().map(|part| part["kind"].as_str().unwrap());
            kinds.collect::<Vec<_>>().join("/")
        });
        assert_eq!(parts.collect::<Vec<_>>().join(" "), *pieces, "{from} -> {to}");
    }
}

#[test]
fn a_type_is_told_in_both_languages() {
    let with = |ty: &str| compiled(&PIECES.replacen("  work Work", &format!("  work Work\n  z {ty}"), 1));
    for (ty, indonesian) in [
        ("boolean", "ya_tidak"),
        ("number", "angka"),
        ("number per year", "angka per tahun"),
        ("money", "uang"),
        ("money per month", "uang per bulan"),
        ("money per week", "uang per minggu"),
        ("money per day", "uang per hari"),
        ("date", "tanggal"),
        ("duration in months", "jangka dalam bulan"),
        ("duration in days", "jangka dalam hari"),
        ("duration", "jangka"),
        ("text", "teks"),
        ("Work", "Work"),
        ("optional date", "opsional tanggal"),
    ] {
        let diff = diff(&with("integer"), &with(ty));
        assert_eq!(changes(&diff, Lang::En)[1].trim(), format!("field `z`, type: integer -> {ty}"));
        assert_eq!(changes(&diff, Lang::Id)[1].trim(), format!("kolom `z`, tipe: bulat -> {indonesian}"));
    }
}

#[test]
fn a_change_says_where_it_stands_and_what_rests_on_it() {
    let new = BASE.replace("from 2026-01-01: 5", "from 2026-01-01: 6");
    let diff = diff(&compiled(BASE), &compiled(&new));
    let [change] = diff.changes() else { panic!("{}", diff.render(Lang::En)) };
    assert_eq!((change.kind(), change.is_wording()), (layak::ChangeKind::Changed, false));
    assert_eq!(
        (change.declaration().kind(), change.declaration().module(), change.declaration().name()),
        ("parameter", "m", "limit")
    );
    for place in [change.before(), change.after()] {
        assert_eq!(place.map(|place| (&*place.path, place.line)), Some(("rules.layak", 9)));
    }
    let [detail] = change.details() else { panic!("{}", diff.render(Lang::En)) };
    assert_eq!((detail.kind(), detail.is_wording()), (layak::ChangeKind::Changed, false));
    assert_eq!(detail.part().in_lang(Lang::En), "from 2026-01-01");
    let told = |phrase: Option<&layak::Phrase>| phrase.map(|phrase| phrase.in_lang(Lang::En).to_owned());
    assert_eq!((told(detail.before()).as_deref(), told(detail.after()).as_deref()), (Some("5"), Some("6")));
    let because: Vec<(&str, &str)> =
        diff.affected().iter().map(|a| (a.declaration().name(), a.because().name())).collect();
    assert_eq!(because, [("poor", "limit"), ("aid", "limit")]);
}
