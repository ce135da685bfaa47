//! Rule files in the other language of keywords, there and back.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::disallowed_methods)]

use std::path::{Path, PathBuf};

use layak::{Lang, Limits, Ruleset, Sources, format};

fn compiled(files: &[(&str, &str)]) -> Ruleset {
    let mut sources = Sources::new();
    files.iter().for_each(|(path, text)| {
        sources.add(*path, *text);
    });
    Ruleset::from_sources(&sources, Limits::default()).unwrap_or_else(|e| panic!("{e}"))
}

/// A text in the other language; that it means the same and comes back to the same bytes is made sure of here once more.
fn there_and_back(path: &str, text: &str, to: Lang) -> String {
    let rules = compiled(&[(path, text)]);
    let there = rules.translated(path, to).unwrap_or_else(|e| panic!("{e}")).unwrap();
    let other = compiled(&[(path, &there)]);
    assert_eq!(rules.fingerprint(), other.fingerprint(), "{there}");
    let from = if to == Lang::Id { Lang::En } else { Lang::Id };
    let back = other.translated(path, from).unwrap_or_else(|e| panic!("{e}")).unwrap();
    assert_eq!(back, format(path, text, Limits::default()).unwrap(), "{there}");
    there
}

fn to_id(text: &str) -> String {
    there_and_back("m.layak", text, Lang::Id)
}

fn refused(text: &str, to: Lang) -> Vec<String> {
    let found = compiled(&[("m.layak", text)]).translated("m.layak", to).unwrap_err();
    found.iter().map(|f| format!("{} {}", f.code(), f.message().in_lang(Lang::En))).collect()
}

#[test]
fn keywords_change_and_names_stay() {
    let text = "module m\ncurrency IDR\ncalendar leap_day march_1, month_end clip\nsource s \"S\" fresh for 1 month\n\
        enum School { none, sd code \"2\" }\n\
        entity Home \"Rumah\" {\n  id     text key  \"Nomor\"\n  text   integer 0..10  from s\n  date   optional date default none\n  school School\n  members list of Person 0..9\n}\n\
        entity Person { birth date  wage money per month  must boolean }\n\
        parameter limit: money per month\n  from 2025-01-01 until 2025-12-31: IDR 1_000  basis \"L\"\n  from 2026-01-01: IDR 2_000\n\
        define Person.age = years from birth to as_of\n\
        define count_of(x: integer) = x + 1\n\
        define total = round(sum(members where age >= 18 and wage > limit each wage) * 1 month, to: IDR 100, half_even)\n\
        define none_left = if school = none then date or else as_of + 18 years else as_of - 1 year 6 months\n\
        define first = count_of(text)\n\
        criterion few \"Sedikit\"\n  when count(members) <= 3 and date is none\n  otherwise id \"Ada {count(members)}, {{}}\" en \"There are {count(members where age >= 2)}\"\n\
        table t: integer  collect sum  else 0\n  | text | school || t |\n  | 1..<3 | not none || 1 |\n  | - | unknown || 2 |\n\
        programme p appeal id \"balai desa\" en \"the village hall\" requires few gives rest = top 1 of members.wage is known, mine = first\n\
        test \"one\" as of 2026-01-01\n  given { id: \"a\", date: none, school: none, members: [] }\n  expect p eligible, p.mine = 2 or text is unknown\n";
    let expected = "bahasa id\nmodul m\nmata_uang IDR\nkalender hari_kabisat maret_1, akhir_bulan potong\nsumber s \"S\" berlaku selama 1 bulan\n\
        pilihan School { none, sd kode \"2\" }\n";
    let there = to_id(
        &text
            .replace("top 1 of members.wage is known, mine", "count(top 1 of members.wage), mine")
            .replace(" or text is unknown", ""),
    );
    assert!(there.starts_with(expected), "{there}");
    for line in [
        "  id       teks kunci                      \"Nomor\"",
        "  date     opsional tanggal bawaan kosong",
        "  members  daftar berisi Person 0..9",
        "  dari 2025-01-01 sampai 2025-12-31: IDR 1_000  dasar \"L\"",
        "tetapkan Person.age = tahun dari birth ke tanggal_keputusan",
        "tetapkan count_of(x: bulat) = x + 1",
        "tetapkan total =",
        "  bulatkan(jumlah(members yang age >= 18 dan wage > limit setiap wage) * 1 bulan, ke: IDR 100, setengah_genap)",
        "tetapkan none_left = jika school = none maka date atau lainnya tanggal_keputusan + 18 tahun lainnya tanggal_keputusan - 1 tahun 6 bulan",
        "tetapkan first = count_of(text)",
        "  bila banyaknya(members) <= 3 dan date adalah kosong",
        "  sebaliknya id \"Ada {banyaknya(members)}, {{}}\" en \"There are {banyaknya(members yang age >= 2)}\"",
        "tabel t: bulat  kumpulkan jumlah  lainnya 0",
        "  | 1..<3 | bukan none    || 1 |",
        "  | -     | tak_diketahui || 2 |",
        "program p",
        "  keberatan id \"balai desa\" en \"the village hall\"",
        "  syarat few",
        "  memberi rest = banyaknya(teratas 1 atas members.wage), mine = first",
        "uji \"one\" per tanggal 2026-01-01",
        "  misal { id: \"a\", date: kosong, school: none, members: [] }",
        "  harapkan p layak, p.mine = 2",
    ] {
        assert!(there.lines().any(|l| l.trim_end() == line), "{line}\n{there}");
    }
}

#[test]
fn the_line_of_the_language_comes_and_goes() {
    let rest = "entity H { a integer }\n";
    assert_eq!(to_id(&format!("module m\n{rest}")), "bahasa id\nmodul m\nentitas H { a bulat }\n");
    assert_eq!(to_id(&format!("# law\nmodule m\n{rest}")), "bahasa id\n# law\nmodul m\nentitas H { a bulat }\n");
    assert_eq!(to_id(&format!("module m\nlanguage en\n{rest}")), "modul m\nbahasa id\nentitas H { a bulat }\n");
    let id = "entitas H { a bulat }\n";
    let to_en = |text: &str| there_and_back("m.layak", text, Lang::En);
    assert_eq!(to_en(&format!("bahasa id\nmodul m\n{id}")), format!("module m\n{rest}"));
    assert_eq!(to_en(&format!("bahasa id\n\nmodul m\n{id}")), format!("language en\n\nmodule m\n{rest}"));
    assert_eq!(to_en(&format!("modul m\nbahasa id\n{id}")), format!("module m\nlanguage en\n{rest}"));
    assert_eq!(
        refused(&format!("language en\nmodule m\n{rest}"), Lang::Id),
        ["L0121 this line says what holds without it, and would be gone after a translation back"]
    );
    // In its own language a file is laid out, no more.
    let rules = compiled(&[("m.layak", "module  m\nentity H { a  integer }")]);
    assert_eq!(rules.translated("m.layak", Lang::En).unwrap().unwrap(), "module  m\nentity H { a  integer }\n");
    assert_eq!(rules.translated("other.layak", Lang::En).unwrap(), None);
}

#[test]
fn of_markdown_the_blocks_alone_are_translated() {
    let text = "# Law\r\n\r\nmodule of text\r\n\r\n```layak\r\nmodule m\r\nentity H { a integer }\r\n```\r\n\r\n```layak\r\ndefine b = a or else 1\r\n```\r\n";
    let text = text.replace("a integer", "a optional integer");
    let there = there_and_back("m.layak.md", &text, Lang::Id);
    assert_eq!(
        there,
        "# Law\r\n\r\nmodule of text\r\n\r\n```layak\r\nbahasa id\r\nmodul m\r\nentitas H { a opsional bulat }\r\n```\r\n\r\n```layak\r\ntetapkan b = a atau lainnya 1\r\n```\r\n"
    );
}

#[test]
fn what_would_not_come_back_is_refused_with_its_place() {
    let told = |text: &str| {
        refused(
            &format!(
                "module m\ncalendar leap_day march_1, month_end clip\nentity H {{ a date  yang integer }}\n{text}"
            ),
            Lang::Id,
        )
    };
    let clash = "L0121 the name `yang` could be read as a word of the language `id`";
    assert_eq!(told("define b = yang + 1"), [clash]);
    assert_eq!(
        refused(
            "module m\ncalendar leap_day march_1, month_end clip\nentity H { a date }\ndefine b = a + 1 years",
            Lang::Id
        ),
        ["L0121 `years` stands where `year` belongs"]
    );
    let broken = "module m\nentity H { a integer must  be verified }";
    if Ruleset::from_text(broken).is_ok() {
        assert_eq!(refused(broken, Lang::Id), ["L0121 `must be verified` is broken over blanks, lines or comments"]);
    }
    // Names that only look like words, and are none where they stand, are no matter.
    let text = "module m\nentity H { jumlah integer  tanggal integer  uji boolean }\ndefine kode = jumlah + tanggal\ndefine program = if uji then kode else 0\n";
    let there = to_id(text);
    assert!(there.contains("tetapkan kode = jumlah + tanggal\n"), "{there}");
}

fn rule_files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rule_files(&path, out);
        } else if path.to_str().unwrap().ends_with(".layak") || path.to_str().unwrap().ends_with(".layak.md") {
            out.push(path);
        }
    }
}

/// Every rule file of every package means the same in Indonesian and comes back byte for byte.
#[test]
fn every_package_goes_there_and_back() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let mut count = 0;
    for package in std::fs::read_dir(root).unwrap() {
        let package = package.unwrap().path();
        let mut files = Vec::new();
        rule_files(&package, &mut files);
        // A package is one ruleset, or each of its files with what it uses is one.
        let all: Vec<Ruleset> = match Ruleset::from_path(&package) {
            Ok(rules) => vec![rules],
            Err(_) => files.iter().filter_map(|file| Ruleset::from_path(file).ok()).collect(),
        };
        for file in files {
            let path_in = |rules: &Ruleset| {
                rules.sources().iter().map(|(_, s)| s.path().to_owned()).find(|p| Path::new(p) == file)
            };
            let (rules, path) = all.iter().find_map(|rules| Some((rules, path_in(rules)?))).unwrap();
            let before = std::fs::read_to_string(&file).unwrap();
            let before = format(&path, &before, Limits::default()).unwrap();
            let there = rules.translated(&path, Lang::Id).unwrap_or_else(|e| panic!("{path}: {e}")).unwrap();
            assert!(there.starts_with("bahasa id\nmodul ") || there.starts_with("bahasa id\n#"), "{path}");
            let mut sources = Sources::new();
            rules.sources().iter().for_each(|(_, s)| {
                sources.add(s.path(), if s.path() == path { there.as_str() } else { s.text() });
            });
            let other = Ruleset::from_sources(&sources, Limits::default()).unwrap();
            assert_eq!(other.fingerprint(), rules.fingerprint(), "{path}");
            assert_eq!(other.translated(&path, Lang::En).unwrap().unwrap(), before, "{path}");
            count += 1;
        }
    }
    assert!(count > 60, "{count}");
}

/// Each function and each word that goes with one has its counterpart, and both mean the same.
#[test]
fn functions_have_their_words() {
    let text = "module m\ncurrency IDR\ncalendar leap_day march_1, month_end clip\n\
        entity H { n number  t text  d date  m money  l list of P 1..5 }\nentity P { a number  b boolean }\n\
        define f01 = count(l)\ndefine f02 = sum(l.a)\ndefine f03 = min(l.a)\ndefine f04 = max(l.a)\ndefine f05 = average(l.a)\n\
        define f06 = median(l.a)\ndefine f07 = any(l.b)\ndefine f08 = every(l.b)\ndefine f09 = none(l.b)\ndefine f10 = first(l.a)\n\
        define f11 = last(l.a)\ndefine f12 = round(n, half_up)\ndefine f13 = round(n, half_down)\ndefine f14 = round(n, to: 5, half_even)\n\
        define f15 = round(n, up)\ndefine f16 = round(n, down)\ndefine f17 = round(n, floor)\ndefine f18 = round(n, ceil)\n\
        define f19 = floor(n)\ndefine f20 = ceil(n)\ndefine f21 = abs(n)\ndefine f22 = power(n, 2)\ndefine f23 = remainder(n, 2)\n\
        define f24 = assume(n, 1)\ndefine f25 = length(t)\ndefine f26 = fold(t)\ndefine f27 = date(t)\ndefine f28 = year_of(d)\n\
        define f29 = month_of(d)\ndefine f30 = day_of(d)\ndefine f31 = first_day_of_month(d)\ndefine f32 = last_day_of_month(d)\n\
        define f33 = days from as_of through known_on\ndefine f34 = l sort by a descending\ndefine f35 = top 2 of l.a\n";
    let there = to_id(text);
    let english = [
        "count",
        "sum",
        "min",
        "max",
        "average",
        "any",
        "every",
        "none",
        "first",
        "last",
        "round",
        "half_up",
        "half_down",
        "half_even",
        "up",
        "down",
        "floor",
        "ceil",
        "abs",
        "power",
        "remainder",
        "assume",
        "length",
        "fold",
        "date",
        "year_of",
        "month_of",
        "day_of",
        "first_day_of_month",
        "last_day_of_month",
        "as_of",
        "known_on",
        "through",
        "to",
        "top",
        "descending",
    ];
    let words: Vec<&str> = there.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let left: Vec<&str> = english.into_iter().filter(|w| words.contains(w)).collect();
    assert_eq!(left, Vec::<&str>::new(), "{there}");
}

/// What a test gives is no part of the fingerprint: it is looked at by itself.
#[test]
fn what_tests_give_stays_within_evidence_and_lists() {
    let text = "module m\nsource s \"S\"\nenum Kind { none, some }\n\
        entity H { d optional date from s  k Kind from s  kinds list of Kind  dates list of optional date }\n\
        criterion c when d is none and k = none and count(kinds) = 1\nprogramme p requires c\n\
        test \"t\" as of 2026-01-01\n  given { d: { evidence: [{ value: none, source: \"s\" }] },\n          \
        k: { evidence: [{ value: none, source: \"s\" }] }, kinds: [none], dates: [none] }\n  expect p eligible\n";
    assert!(compiled(&[("m.layak", text)]).run_tests().iter().all(|t| t.failures().is_empty()));
    let there = to_id(text);
    assert!(there.contains("d: { evidence: [{ value: kosong, source: \"s\" }] }"), "{there}");
    assert!(
        there.contains("k: { evidence: [{ value: none, source: \"s\" }] }, kinds: [none], dates: [kosong]"),
        "{there}"
    );
    let failures: Vec<_> =
        compiled(&[("m.layak", &there)]).run_tests().into_iter().flat_map(|t| t.failures().to_vec()).collect();
    assert_eq!(failures, Vec::new());
}
