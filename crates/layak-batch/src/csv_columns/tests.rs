//! Tables read by columns come to what they come to household by household: decisions, errors, places, rejects, and what is carried.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::ControlFlow;

use layak::{Decision, FactsError, Lang, Ruleset};

use super::*;
use crate::texts::Texts;
use crate::{Carried, Digests, Encode, Household, RunOptions, Summary, cell};

struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % n as u64).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        n > 0 && self.below(n) == 0
    }

    fn pick<'p>(&mut self, of: &[&'p str]) -> &'p str {
        of[self.below(of.len())]
    }
}

const RULES: &str = r#"
module aid
calendar leap_day march_1, month_end clip
currency IDR
source registry "Registry"
enum Work { farmer "Farmer" code "petani", "1", clerk "Clerk" code "2", no_work "None" code "3" }
entity Home {
  id KEY key
  desil integer 1..10
  income money 0..
  land number
  has_car boolean
  told optional boolean
  since date column "sejak"
  region text
  rent optional money
  floor optional integer default none
  people list of Person
}
entity Person {
  nik text key
  born date
  work Work
  wage money 0..
  left optional date
}
criterion poor when desil <= 4
criterion low when income + sum(people each wage) < IDR 3_000_000
criterion small when land <= 0.75
criterion has_child when any(people where years from born to as_of < 18)
criterion local when region = "35.10" or region = "ya"
criterion high_up when floor > 3
criterion renting when rent is none
criterion Person.here when left is none
criterion Person.works when work = farmer
programme aid
  requires poor, low, has_child
  refuses high_up
  gives amount = IDR 100_000 * count(people), area = land / 3
programme field requires local, small, renting refuses has_car gives day = since
programme pass for Person requires here, works gives wage_now = wage
"#;

/// A table by chance.
struct Sheet {
    text: Vec<u8>,
    end: &'static str,
    quotes: usize,
}

impl Sheet {
    fn new(c: &mut Chance, quotes: usize) -> Sheet {
        let text = if c.one_in(4) { b"\xef\xbb\xbf".to_vec() } else { Vec::new() };
        Sheet { text, end: c.pick(&["\n", "\n", "\r\n"]).to_owned().leak(), quotes }
    }

    fn row(&mut self, c: &mut Chance, cells: &[String]) {
        for (at, cell) in cells.iter().enumerate() {
            self.text.extend_from_slice(if at > 0 { b"," } else { b"" });
            if cell.contains([',', '"', '\n']) || c.one_in(self.quotes) {
                self.text.extend_from_slice(format!("\"{}\"", cell.replace('"', "\"\"")).as_bytes());
            } else {
                self.text.extend(cell.chars().flat_map(|of| match of {
                    // What stands for a byte that is no text.
                    '\u{1}' => vec![0xff],
                    of => of.to_string().into_bytes(),
                }));
            }
        }
        self.text.extend_from_slice(self.end.as_bytes());
        if c.one_in(30) {
            self.text.extend_from_slice(self.end.as_bytes());
        }
    }
}

/// A cell: a good one, none, or one that is not as asked.
fn one(c: &mut Chance, gaps: usize, wrong: usize, good: String) -> String {
    if c.one_in(gaps) {
        return String::new();
    }
    if !c.one_in(wrong) {
        return good;
    }
    let bad = [
        "ya",
        "no",
        "true",
        "[1]",
        "{\"value\": 3}",
        "{\"evidence\": [{\"value\": 3, \"source\": \"registry\"}]}",
        "[",
        "x,y",
        "\"q\"",
        "a\nb",
        "\u{1}",
        "é",
        "e\u{301}",
        "007",
        "1e1",
        "-0",
        "+5",
        " 5",
        "5.",
        ".5",
        "0.50",
        "1.234567",
        "99999999999999999999",
        "2026-02-30",
        "2026-2-3",
        "pilot",
        "petani",
        "2",
        "null",
    ];
    c.pick(&bad).to_owned()
}

/// How a pair of tables is made up: one in so many cells is empty, is not as asked; one in so many rows is cut; and the kind of key.
#[derive(Clone, Copy)]
struct Kind {
    gaps: usize,
    wrong: usize,
    cut: usize,
    quotes: usize,
    is_number: bool,
}

fn tables(c: &mut Chance, kind: Kind, folder: &Path) {
    let Kind { gaps, wrong, cut, quotes, is_number } = kind;
    let date = |c: &mut Chance| format!("{:04}-{:02}-{:02}", 1950 + c.below(76), 1 + c.below(12), 1 + c.below(28));
    let flag = |c: &mut Chance| c.pick(&["true", "false", "ya", "tidak", "yes", "no"]).to_owned();
    let mut head = vec![
        "id", "desil", "income", "land", "has_car", "told", "sejak", "region", "rent", "floor", "note", "desa",
        "wilayah",
    ];
    if c.one_in(4) {
        head.push("stray");
    }
    if c.one_in(6) {
        head.push(c.pick(&["desil", "since", "people", " told "]));
    }
    if c.one_in(3) {
        let at = 1 + c.below(head.len() - 1);
        head.remove(at);
    }
    let mut member_head = vec!["home", "nik", "born", "work", "wage", "left", "remark"];
    if c.one_in(5) {
        member_head.push("stray");
    }
    let (mut homes, mut people) = (Sheet::new(c, quotes), Sheet::new(c, quotes));
    homes.row(c, &head.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    people.row(c, &member_head.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    let order = c.below(3);
    let mut members: Vec<Vec<String>> = Vec::new();
    for number in 0..40 {
        let number = if order == 2 { (number * 7) % 40 } else { number };
        let name = |number: usize| if is_number { number.to_string() } else { format!("H{number:02}") };
        let key = if c.one_in(wrong * 3) { c.pick(&["", "\u{1}", "07", "H01"]).to_owned() } else { name(number) };
        let mut row: Vec<String> = Vec::new();
        for column in &head {
            let good = match column.trim() {
                "id" => {
                    row.push(key.clone());
                    continue;
                }
                "desil" => (1 + c.below(10)).to_string(),
                "income" => format!("{}.00", c.below(4_000_000)),
                "land" => format!("{}.{:02}", c.below(2), c.below(100)),
                "has_car" | "told" => flag(c),
                "sejak" | "since" => date(c),
                "region" | "wilayah" => c.pick(&["35.10", "35.78", "Ünna", "the end", "nothing"]).to_owned(),
                "rent" => c.below(100).to_string(),
                "floor" => c.below(6).to_string(),
                "note" | "desa" => c.pick(&["", "a note", "ya", "[x"]).to_owned(),
                _ if c.one_in(10) => "something".to_owned(),
                _ => String::new(),
            };
            row.push(one(c, gaps, wrong, good));
        }
        if c.one_in(cut) {
            row.truncate(c.below(row.len()).max(1));
        }
        homes.row(c, &row);
        for n in 0..c.below(5) {
            let key = if c.one_in(wrong * 3) {
                c.pick(&["", "\u{1}", "nobody", "H99"]).to_owned()
            } else {
                row.first().cloned().unwrap_or_default()
            };
            let mut person = vec![key];
            for column in member_head.iter().skip(1) {
                let good = match *column {
                    "nik" => format!("{number}-{n}"),
                    "born" | "left" => date(c),
                    "work" => c.pick(&["farmer", "clerk", "no_work", "petani", "3"]).to_owned(),
                    "wage" => format!("{}.5", c.below(3_000_000)),
                    "remark" => c.pick(&["", "said"]).to_owned(),
                    _ if c.one_in(10) => "something".to_owned(),
                    _ => String::new(),
                };
                let gaps = if *column == "left" { 2 } else { gaps };
                person.push(one(c, gaps, wrong * 2, good));
            }
            if c.one_in(cut) {
                person.truncate(1 + c.below(person.len() - 1));
            }
            members.push(person);
        }
    }
    if order == 1 {
        for at in (1..members.len()).rev() {
            members.swap(at, c.below(at + 1));
        }
    }
    members.iter().for_each(|person| people.row(c, person));
    std::fs::write(folder.join("homes.csv"), homes.text).unwrap();
    std::fs::write(folder.join("homes.people.csv"), people.text).unwrap();
}

/// Everything that is told of a household.
struct Told<'c> {
    carried: &'c Carried,
    columns: Vec<ArrayRef>,
    lines: Vec<String>,
}

impl Encode for Told<'_> {
    type Out = Vec<String>;

    fn begin(&mut self, portion: &Portion) {
        self.columns = self.carried.columns(portion);
    }

    fn add(&mut self, household: &Household<'_>, decision: &Result<Decision, FactsError>) {
        let mut line = format!("{} ", household.line());
        match decision {
            Ok(decision) => {
                line.push_str(&serde_json::to_string(&decision.to_json(None, Lang::En)).unwrap());
            }
            Err(error) => {
                let _ = write!(line, "{:?}", error.id());
                for fault in error.iter() {
                    let of = |lang| crate::told(fault, lang);
                    let _ = write!(line, " | {} {} {} {}", fault.code(), fault.path(), of(Lang::En), of(Lang::Id));
                }
            }
        }
        let _ = write!(line, " {:?}", household.digest());
        let row = self.lines.len();
        self.columns.iter().for_each(|column| line.push_str(&format!(" {:?}", cell(column, row))));
        self.lines.push(line);
    }

    fn end(&mut self) -> Result<Vec<String>, BatchError> {
        Ok(std::mem::take(&mut self.lines))
    }
}

fn told(plan: &Plan, source: impl Source, naming: &Naming, digests: bool) -> (Vec<String>, Vec<String>, Summary) {
    let carried = Carried::of(&source, &naming.carried).unwrap();
    let options = RunOptions {
        threads: 2,
        unique: true,
        digests: digests.then(|| Arc::new(Digests::of(plan, Lang::En))),
        ..RunOptions::default()
    };
    let encoder = || Told { carried: &carried, columns: Vec::new(), lines: Vec::new() };
    let (mut lines, mut rejects) = (Vec::new(), Vec::new());
    let summary = crate::run(plan, &options, source, encoder, |done| {
        lines.extend(done.out);
        rejects.extend(done.rejects.iter().map(|reject| format!("{reject:?}")));
        Ok(ControlFlow::Continue(()))
    });
    // Those of no household come with a portion, and portions are of other sizes.
    rejects.sort();
    (lines, rejects, summary.unwrap())
}

#[test]
fn tables_by_columns_are_read_as_households_are() {
    let folder = std::env::temp_dir().join(format!("layak-csv-columns-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let plans = ["text", "integer"].map(|key| {
        let rules = Ruleset::from_text(&RULES.replace("KEY", key)).unwrap_or_else(|error| panic!("{error}"));
        rules.as_of("2026-01-15".parse().unwrap())
    });
    let namings: Vec<Naming> = (0..4)
        .map(|n| {
            let mut naming = Naming::default();
            naming.ignored.extend(["note", "people.remark", "wilayah"].map(str::to_owned));
            naming.carried = ["desa", "region", "nowhere"].map(str::to_owned).to_vec();
            if n % 2 == 1 {
                naming.columns = BTreeMap::from([("region".to_owned(), "wilayah".to_owned())]);
                naming.columns.insert("people.nik".to_owned(), "remark".to_owned());
                naming.key = Some("home".to_owned());
            }
            naming
        })
        .collect();
    let c = &mut Chance(0x7ab1e5);
    let (mut decided, mut refused, mut columnar, mut rejected) = (0, 0, 0, 0);
    for round in 0..120 {
        let (gaps, wrong, cut) = [(0, 0, 0), (9, 0, 0), (9, 40, 0), (12, 60, 30)][round % 4];
        let quotes = [0, 20][c.below(2)];
        let kind = Kind { gaps, wrong, cut, quotes, is_number: round % 3 == 0 };
        tables(c, kind, &folder);
        let plan = &plans[usize::from(kind.is_number)];
        let naming = &namings[c.below(4)];
        let (path, lists) = (folder.join("homes.csv"), vec![("people".to_owned(), folder.join("homes.people.csv"))]);
        let lists = if c.one_in(5) { Vec::new() } else { lists };
        assert!(CsvSource::can_read(plan, &lists));
        let digests = c.one_in(3);
        let columns = CsvSource::open(plan, &path, &lists, naming).unwrap();
        for portion in CsvSource::open(plan, &path, &lists, naming).unwrap() {
            if let Portion::Records { batch, texts, .. } = portion.unwrap() {
                columnar += batch.num_rows() - texts.len();
            }
        }
        let rows = Texts::with_lists(&path, &lists, naming).unwrap().for_plan(plan);
        let (by_columns, by_rows) = (told(plan, columns, naming, digests), told(plan, rows, naming, digests));
        for (columns, rows) in by_columns.0.iter().zip(&by_rows.0) {
            assert_eq!(columns, rows, "round {round}");
            decided += usize::from(columns.contains("\"programmes\""));
            refused += usize::from(columns.contains(" | L"));
        }
        assert_eq!(by_columns.0.len(), by_rows.0.len());
        assert_eq!(by_columns.1, by_rows.1, "round {round}");
        assert_eq!(by_columns.2, by_rows.2, "round {round}");
        rejected += by_columns.1.len();
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(
        decided > 1_500 && refused > 500 && columnar > 1_500 && rejected > refused,
        "{decided} {refused} {columnar} {rejected}"
    );
}
