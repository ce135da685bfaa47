//! Sheets are read exactly, and what is wrong with one is told with its cell.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use layak::{Lang, Ruleset};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

use super::{Cell, Results, Sheet, SheetErrors, address, path};

const RULES: &str = r#"
module aid
currency IDR
enum Kind { old "Tua", young, none }
entity Home "Rumah" {
  id      text key
  rooms   integer 0.. column "kamar"
  rent    money IDR 0..
  owner   boolean
  since   date
  share   number 0..1
  left    optional date
  tags    list of text
  house   House
  members list of Person 0..9  "Anggota"
}
entity House { floors integer 0.. }
entity Person { nik text key  kind Kind  age integer 0..120 }
criterion small when rooms <= 2
criterion cheap when rent < IDR 1_000_000
programme food
  requires small, cheap
  gives    amount = rent * 2, first = since
criterion Person.aged when age >= 60
programme card for Person
  requires aged
  gives    points = age
define half = share / 2
"#;

fn rules() -> Ruleset {
    Ruleset::from_text(RULES).unwrap_or_else(|e| panic!("{e}"))
}

/// The failures of the cases of a sheet, row by row.
fn run(sheet: &Sheet) -> Vec<(usize, Vec<String>)> {
    let rules = rules();
    let mut cases = rules.cases();
    let all = sheet.cases(&rules).unwrap_or_else(|e| panic!("{e}"));
    let told = |json: &str, cases: &mut layak::Cases<'_>| {
        let result = cases.run(json.as_bytes());
        result.failures().iter().map(|f| f.in_lang(Lang::En).to_owned()).collect()
    };
    all.iter().map(|case| (case.row(), told(case.json(), &mut cases))).collect()
}

fn errors(sheet: Result<Sheet, SheetErrors>) -> Vec<(String, String)> {
    let errors = sheet.and_then(|sheet| sheet.cases(&rules())).unwrap_err();
    errors.iter().map(|e| (e.at().to_owned(), e.text(Lang::En).to_owned())).collect()
}

#[test]
fn a_table_says_what_json_says() {
    let sheet = Sheet::from_csv(
        "id,as_of,input.id,input.rooms,input.rent,input.owner,input.since,input.members,input.members[0].nik,input.members[0].age,input.members[1].nik,input.members[1].kind,programmes.food,programmes.food.amount,programmes.food.because,programmes.card[0],programmes.card[0].points,programmes.card[1].missing,expect.half\n\
         a,2026-01-15,h,2,0.1,ya,2020-02-29,,07,61,08,old,eligible,0.2,,eligible,61,members[1].age,\n\
         b,2026-01-15,h,3,5000000,no,,0,,,,,not_eligible,,\"small, cheap\",,,,\n\
         c,2026-01-15,,,,,,,,,,,undetermined,,[],,,,null\n\
         d,2026-01-15,h,1,5,,,2,07,10,,,,,,not_eligible,,,\n"
            .as_bytes(),
    )
    .unwrap();
    let rules = rules();
    let cases = sheet.cases(&rules).unwrap();
    assert_eq!(
        cases[0].json(),
        r#"{"id":"a","as_of":"2026-01-15","input":{"id":"h","rooms":"2","rent":"0.1","owner":true,"since":"2020-02-29","members":[{"nik":"07","age":"61"},{"nik":"08","kind":"old"}]},"programmes":{"food":{"outcome":"eligible","outputs":{"amount":"0.2"}},"card":{"07":{"outcome":"eligible","outputs":{"points":"61"}},"08":{"missing":["members[1].age"]}}}}"#
    );
    assert_eq!(cases[3].json().matches("{}").count(), 1, "{}", cases[3].json());
    for (row, failures) in run(&sheet) {
        // An unknown key is told by the rules, not by the sheet.
        let expected = usize::from(row >= 4);
        assert_eq!(failures.len(), expected, "{row}: {failures:?}");
    }
}

#[test]
fn a_bad_table_is_told_cell_by_cell() {
    let told = |text: &str| -> Vec<String> {
        errors(Sheet::from_csv(text.as_bytes())).into_iter().map(|(at, text)| format!("{at}: {text}")).collect()
    };
    for (text, want) in [
        ("id,as_of,input.romos\n", vec!["C1: a case has no column `input.romos`: did you mean `input.rooms`?"]),
        (
            "id,as_of,input.kamar,programmes.fod,programmes.food.amont\n",
            vec![
                "D1: a case has no column `programmes.fod`: did you mean `programmes.food`?",
                "E1: a case has no column `programmes.food.amont`: did you mean `programmes.food.amount`?",
            ],
        ),
        ("id,id\n", vec!["B1: the column `id` stands at A1 too"]),
        ("something,id\n", vec!["A1: a case has no column `something`: `layak test RULES --template FILE`"]),
        (
            "id,input.rooms\na,two\nb,1\nc,\"1,5\"\n",
            vec!["B2: `two` is no number: write it without", "B4: `1,5` is no number"],
        ),
        (
            "id,input.owner,input.since\na,maybe,31/01/2026\n",
            vec!["B2: `maybe` is neither yes nor no", "C2: `31/01/2026` is no date: write it as 2026-01-31"],
        ),
        (
            "id,programmes.food\na,eligble\n",
            vec!["B2: `eligble` is no outcome: it is one of eligible, not_eligible, undetermined, error"],
        ),
        (
            "id,input.members[0].nik,input.members[1].nik\na,,7\n",
            vec!["C2: `input.members[0]` is empty, and one after it is not"],
        ),
        (
            "id,input.members,input.members[0].nik\na,0,7\n",
            vec!["B2: there are 0 elements by this cell, and facts of 1"],
        ),
        ("id,input.members,input.members[0].nik\na,[],7\n", vec!["C2: this stands in another cell too"]),
        (
            "id,input.members[0].age,programmes.card[0]\na,60,eligible\n",
            vec!["C2: something is expected of `members[0]`, which has no `nik` in this row"],
        ),
        ("id,input.house\na,{\"\"floors\"\"\n", vec!["B2: this is no JSON: "]),
        ("id,as_of\na\nb,c,d\n", vec!["C3: the row has 3 cells, the first row 2"]),
        ("", vec![": the table is empty"]),
    ] {
        let all = told(text);
        assert_eq!(all.len(), want.len(), "{text}: {all:?}");
        for (have, want) in all.iter().zip(want) {
            assert!(have.starts_with(want), "{text}: {have}");
        }
    }
    let indonesian = Sheet::from_csv(b"id,input.rooms\na,dua\n").unwrap().cases(&rules()).unwrap_err();
    assert!(indonesian.iter().all(|e| e.text(Lang::Id).starts_with("`dua` bukan bilangan")));
}

/// A file with one row of names, and cells written as Excel would.
fn book(names: &[&str], fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (at, name) in (0u16..).zip(names) {
        page.write_string(0, at, *name).unwrap();
    }
    fill(page);
    book.save_to_buffer().unwrap()
}

#[test]
fn numbers_and_dates_of_excel_are_exact_or_refused() {
    let day = Format::new().set_num_format("dd/mm/yyyy");
    let names = ["id", "as_of", "input.rent", "input.share", "input.since", "input.owner", "expect.half"];
    let bytes = book(&names, |page| {
        page.write_string(1, 0, "a").unwrap();
        page.write_datetime_with_format(1, 1, ExcelDateTime::from_ymd(2026, 1, 15).unwrap(), &day).unwrap();
        page.write_number(1, 2, 16_777_217).unwrap();
        page.write_number(1, 3, 0.1).unwrap();
        page.write_datetime_with_format(1, 4, ExcelDateTime::from_ymd(2024, 2, 29).unwrap(), &day).unwrap();
        page.write_boolean(1, 5, true).unwrap();
        page.write_number(1, 6, 0.05).unwrap();
    });
    let sheet = Sheet::from_xlsx(&bytes).unwrap();
    let cases = sheet.cases(&rules()).unwrap();
    assert_eq!(
        cases[0].json(),
        r#"{"id":"a","as_of":"2026-01-15","input":{"rent":16777217,"share":0.1,"since":"2024-02-29","owner":true},"expect":{"half":0.05}}"#
    );
    for (row, failures) in run(&sheet) {
        // No key: the facts are refused by the rules.
        assert_eq!((row, failures.len()), (2, 1), "{failures:?}");
    }

    let bytes = book(&["id", "as_of", "input.id", "input.rent", "input.since", "input.rooms", "input.share"], |page| {
        page.write_string(1, 0, "a").unwrap();
        page.write_number(1, 1, 46_000).unwrap();
        page.write_number(1, 2, 3_510_010_101_900_001.0).unwrap();
        page.write_number(1, 3, 9_007_199_254_740_992.0).unwrap();
        let noon = ExcelDateTime::from_ymd(2024, 2, 29).unwrap().and_hms(12, 0, 0).unwrap();
        page.write_datetime_with_format(1, 4, &noon, &day).unwrap();
        page.write_formula(1, 5, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
        page.write_number(1, 6, 0.1 + 0.2).unwrap();
        page.write_number(2, 2, 35).unwrap();
    });
    let told = errors(Sheet::from_xlsx(&bytes));
    let starts = [
        ("B2", "46000 is a number where a date is needed"),
        ("C2", "3510010101900001 has more digits than Excel keeps"),
        ("D2", "9007199254740992 has more digits"),
        ("E2", "this has a time of day"),
        ("G2", "0.30000000000000004 has more digits"),
        ("C3", "35 is a number where a text is needed, and may have lost zeros"),
    ];
    let found: Vec<_> = told.iter().filter(|(at, _)| at != "F2").collect();
    assert_eq!(found.len(), starts.len(), "{told:?}");
    for ((at, text), (want_at, want)) in found.iter().zip(starts) {
        assert!(at == want_at && text.starts_with(want), "{at}: {text}");
    }
    assert!(told.iter().any(|(at, _)| at == "F2"), "{told:?}");
}

#[test]
fn what_is_no_sheet_is_refused() {
    for bytes in [&b""[..], b"PK\x03\x04", b"not a file", &[0xff; 64]] {
        assert_eq!(errors(Sheet::from_xlsx(bytes)).len(), 1);
    }
    let empty = book(&[], |_| {});
    assert!(errors(Sheet::from_xlsx(&empty))[0].1.contains("is empty"), "{:?}", errors(Sheet::from_xlsx(&empty)));
    // A cell far away costs no more than its row.
    let far = book(&["id"], |page| {
        page.write_string(1_048_575, 0, "a").unwrap();
        page.write_string(1_048_575, 16_383, "b").unwrap();
    });
    let sheet = Sheet::from_xlsx(&far).unwrap();
    assert_eq!(sheet.rows.len(), 1);
}

/// A file that unpacks to far more than it is.
#[test]
fn a_file_that_unpacks_without_end_is_refused() {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    archive.start_file("xl/workbook.xml", options).unwrap();
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..=super::LARGEST >> 20 {
        archive.write_all(&zeros).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    assert!(bytes.len() < 1 << 20);
    assert!(errors(Sheet::from_xlsx(&bytes))[0].1.contains("unpacks to more than 256 MiB"));
}

#[test]
fn a_template_is_read_as_the_empty_sheet_it_is() {
    let rules = rules();
    let template = Sheet::template(&rules, 2);
    let from_csv = Sheet::from_csv(&template.to_csv()).unwrap();
    assert_eq!(from_csv, template);
    for lang in [Lang::En, Lang::Id] {
        let bytes = template.to_xlsx(&rules, lang).unwrap();
        assert_eq!(Sheet::from_xlsx(&bytes).unwrap(), template);
        assert!(Sheet::from_xlsx(&bytes).unwrap().cases(&rules).unwrap().is_empty());
        let parts = unzipped(&bytes);
        let page = &parts.iter().find(|(name, _)| name == "xl/worksheets/sheet1.xml").unwrap().1;
        let yes = if lang == Lang::Id { "ya,tidak" } else { "yes,no" };
        for list in ["eligible,not_eligible,undetermined,error", "old,young,none", yes] {
            assert!(page.contains(&format!("<formula1>\"{list}\"</formula1>")), "{page}");
        }
    }
}

fn unzipped(bytes: &[u8]) -> Vec<(String, String)> {
    use std::io::Read as _;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut out = Vec::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        out.push((file.name().unwrap().into_owned(), text));
    }
    out
}

/// Cases written into a sheet and read from it again are the same cases, in both kinds of file.
#[test]
fn cases_there_and_back_are_the_same() {
    let rules = rules();
    let cases = [
        r#"{"id":"a","as_of":"2026-01-15","input":{"id":"h","rooms":2,"rent":0.1,"owner":false,"since":"2020-02-29","left":null,"tags":["x","y"],"house":{"floors":3},"members":[{"nik":"0007","kind":"none","age":61},{"nik":"8"}]},"programmes":{"food":{"outcome":"eligible","outputs":{"amount":"0.2","first":"2020-02-29"},"because":[],"missing":[]},"card":{"0007":"eligible","8":{"outcome":"undetermined","missing":["members[1].age"]}}}}"#,
        r#"{"id":"b","as_of":"1899-12-31","input":{"id":"h","rent":123456789012345678901234567890,"members":[]},"programmes":{"food":"not_eligible"}}"#,
        r#"{"id":"c","as_of":"2026-01-15","input":{"id":"h","members":[{"nik":"1"},{"nik":"2"},{"nik":"3"}]},"programmes":{"food":"undetermined"}}"#,
    ];
    let mut sheet = Sheet::template(&rules, 2);
    for case in cases {
        sheet.add_case(case, &rules).unwrap();
    }
    let results = |json: &str| rules.cases().run(json.as_bytes());
    for again in [
        Sheet::from_csv(&sheet.to_csv()).unwrap(),
        Sheet::from_xlsx(&sheet.to_xlsx(&rules, Lang::En).unwrap()).unwrap(),
    ] {
        let read = again.cases(&rules).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(read.len(), 3);
        for (case, read) in cases.iter().zip(&read) {
            assert_eq!(results(case).failures(), results(read.json()).failures(), "{}", read.json());
            // Every fact stays.
            let plan = rules.as_of("2026-01-15".parse().unwrap());
            let input = |json: &str| {
                let parts: std::collections::BTreeMap<String, Box<serde_json::value::RawValue>> =
                    serde_json::from_str(json).unwrap();
                plan.facts_from_json(parts["input"].get().as_bytes()).unwrap()
            };
            assert_eq!(input(case), input(read.json()), "{}", read.json());
        }
    }
    let wrong = sheet.add_case(r#"{"id":"d","unknown":1}"#, &rules).unwrap_err();
    assert!(wrong.to_string().contains("no column `unknown`"));
    assert!(sheet.add_case("[]", &rules).is_err());
}

#[test]
fn results_are_told_beside_the_cells_they_are_of() {
    let rules = rules();
    let sheet = Sheet::from_csv(
        b"id,as_of,input.id,input.rooms,input.rent,input.members[0].nik,input.members[0].age,programmes.food,programmes.food.amount,programmes.food.because,programmes.card[0].points,result\n\
          a,2026-01-15,h,2,10,7,60,eligible,20,,60,old\n\
          b,2026-01-15,h,3,10,7,60,eligible,30,cheap,61,\n\
          c,2026-01-15,h,x3,10,7,60,eligible,20,,,\n",
    )
    .unwrap();
    assert!(sheet.cases(&rules).unwrap_err().to_string().starts_with("D4: "));
    let mut results = Results::new();
    let mut cases = rules.cases();
    for case in sheet.cases_of(&rules, |row| row < 4).unwrap() {
        results.add(&case, &cases.run(case.json().as_bytes()));
    }
    let csv = String::from_utf8(results.to_csv(&sheet, Lang::Id)).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].ends_with(",programmes.card[0].points,result"), "{csv}");
    assert!(lines[1].ends_with(",60,lulus"), "{csv}");
    assert!(lines[2].contains("`food` adalah not_eligible, diharapkan eligible; "), "{csv}");
    let bytes = results.to_xlsx(&sheet, Lang::En).unwrap();
    let parts = unzipped(&bytes);
    let notes = &parts.iter().find(|(name, _)| name.contains("comments")).unwrap().1;
    for decided in ["decided: not_eligible", "decided: small", "decided: 60"] {
        assert!(notes.contains(decided), "{notes}");
    }
    let styles = &parts.iter().find(|(name, _)| name.ends_with("styles.xml")).unwrap().1;
    assert!(styles.contains("C6EFCE") && styles.contains("FFC7CE"), "{styles}");
    // The copy can be run again.
    let again = Sheet::from_xlsx(&bytes).unwrap();
    assert_eq!(again.cases_of(&rules, |row| row < 4).unwrap().len(), 2);
}

#[test]
fn cells_and_columns_have_names() {
    assert_eq!([address(0, 1), address(25, 2), address(26, 3), address(16_383, 7)], ["A1", "Z2", "AA3", "XFD7"]);
    assert_eq!(path::general("input.members[12].cards[0].no"), "input.members[0].cards[0].no");
    for bad in ["", ".", "a.", "a[", "a[x]", "a[0]b", "a[99999]", "a[-1]", "a..b"] {
        assert_eq!(path::steps(bad), None, "{bad}");
    }
    assert_eq!(Cell::Boolean(true).shown(), "yes");
}
