//! `layak test --generate`: the fewest cases that show the rules.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods)]

use std::path::PathBuf;
use std::process::Command;

const RULES: &str = "module aid
currency IDR
entity Home { id text key  desil integer 1..10  rent money IDR 0..  people list of Person 0..9 }
entity Person { nik text key  age integer 0..120  works boolean }
parameter limit: integer
  from 2025-01-01: 4
  from 2026-01-01: 3
criterion poor when desil <= limit
criterion cheap when rent < IDR 100
define Person.counts = age >= 60 and not works
programme food
  requires poor, cheap
  gives    amount = rent * 2 + IDR 10 * count(people where counts)
criterion Person.aged when age >= 60
programme card for Person requires aged
";

fn call(folder: &std::path::Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let run =
        Command::new(env!("CARGO_BIN_EXE_layak")).current_dir(folder).arg("test").args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (run.status.code(), text(&run.stdout), text(&run.stderr))
}

#[test]
fn cases_are_few_show_everything_and_pass() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("generate");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("aid.layak"), RULES).unwrap();
    let make = |more: &[&str]| {
        let mut all = vec!["aid.layak", "--generate", "30", "--lang", "en", "--count", "1500"];
        all.extend(more);
        call(&folder, &all)
    };
    let (status, cases, told) = make(&[]);
    assert_eq!(status, Some(0));
    assert!(told.contains("cases of ") && told.contains("households tried, which nobody has confirmed\n"), "{told}");
    assert!(told.contains("coverage 100% "), "{told}");
    let lines: Vec<&str> = cases.lines().collect();
    assert!((4..=14).contains(&lines.len()), "{cases}");
    assert!(lines.iter().all(|line| line.contains("\"origin\":\"unconfirmed\"")), "{cases}");
    // The same seed, the same cases; another one others.
    assert_eq!(make(&[]).1, cases);
    assert_ne!(make(&["--seed", "9"]).1, cases);
    // Each file holds the same cases: they pass, and show what was told.
    for file in ["made.jsonl", "made.csv", "made.xlsx"] {
        assert_eq!(make(&["--out", file, "--elements", "1"]).0, Some(0));
        let (status, shown, _) = call(&folder, &["aid.layak", "--cases", file, "--coverage", "--lang", "en"]);
        assert_eq!(status, Some(0), "{file}: {shown}");
        assert!(shown.starts_with(&format!("{} tests passed, 0 failed\n", lines.len())), "{file}: {shown}");
        assert!(shown.contains("coverage 100% "), "{file}: {shown}");
    }
    // Without one of them something is not shown.
    for left_out in 0..lines.len() {
        let others: Vec<&str> = lines.iter().enumerate().filter(|(n, _)| *n != left_out).map(|(_, l)| *l).collect();
        std::fs::write(folder.join("others.jsonl"), others.join("\n")).unwrap();
        let (_, shown, _) = call(&folder, &["aid.layak", "--cases", "others.jsonl", "--coverage", "--lang", "en"]);
        assert!(!shown.contains("coverage 100% "), "{left_out}: {shown}");
    }
    let (status, few, told) = call(&folder, &["aid.layak", "--generate", "2", "--lang", "id"]);
    assert_eq!((status, few.lines().count()), (Some(0), 2));
    assert!(told.contains("belum dikonfirmasi siapa pun"), "{told}");
    // No time at all: nothing is tried, and that is told.
    let (status, none, told) = call(&folder, &["aid.layak", "--generate", "5", "--budget", "0", "--lang", "en"]);
    assert_eq!((status, none.as_str()), (Some(0), ""));
    assert!(told.starts_with("0 cases of 0 households tried"), "{told}");
    assert_eq!(call(&folder, &["aid.layak", "--out", "x.jsonl"]).0, Some(2));
    assert_eq!(call(&folder, &["aid.layak", "--generate", "5", "--mutate"]).0, Some(2));
}

#[test]
fn rules_without_programmes_are_shown_by_their_values() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("generate-values");
    std::fs::create_dir_all(&folder).unwrap();
    let rules = "module m\nentity H { n integer 0..100 }\ndefine few = n < 3\n\
                 table size: integer first\n  | n || size |\n  | < 10 || 1 |\n  | 10..50 || 2 |\n  | - || 3 |\n";
    std::fs::write(folder.join("m.layak"), rules).unwrap();
    let (status, cases, told) = call(&folder, &["m.layak", "--generate", "9", "--lang", "en"]);
    assert_eq!(status, Some(0), "{told}");
    assert!(told.contains("coverage 100% "), "{told}");
    assert!(cases.lines().all(|line| line.contains("\"expect\":{\"m.few\":")), "{cases}");
    std::fs::write(folder.join("made.jsonl"), &cases).unwrap();
    assert_eq!(call(&folder, &["m.layak", "--cases", "made.jsonl"]).0, Some(0));
}
