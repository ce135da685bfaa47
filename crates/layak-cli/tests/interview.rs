//! `layak ask`: whole interviews from scripted answers, and facts that decide as the interview ended.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods
)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("interview-{name}"));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn bansos() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../rules/bansos")
}

/// What an interview says, given what is typed, and its exit status.
fn ask(rules: &Path, options: &[&str], typed: &str) -> (String, i32) {
    let mut run = Command::new(env!("CARGO_BIN_EXE_layak"))
        .arg("ask")
        .arg(rules)
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    run.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let out = run.wait_with_output().unwrap();
    let told = String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap();
    (told, out.status.code().unwrap())
}

fn decided(rules: &Path, facts: &Path, options: &[&str]) -> serde_json::Value {
    let out = Command::new(env!("CARGO_BIN_EXE_layak"))
        .arg("decide")
        .arg(rules)
        .arg(facts)
        .args(options)
        .args(["--format", "jsonl"])
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

const SMALL: &str = r#"module aid
currency IDR
source registry id "Register kesejahteraan" en "Welfare register"
entity Household id "Keluarga" en "Family" {
  desil    integer 1..10           id "Desil" en "Decile"  from registry
  wage     money 0.. per month     id "Upah" en "Wage"
  members  list of Person 0..9     id "anggota" en "members"
}
entity Person id "Anggota" en "Member" { born date id "Tanggal lahir" en "Date of birth" }
criterion poor id "Desil rendah" en "Low decile" when desil <= 4 otherwise id "Desil {desil} di atas 4" en "Decile {desil} is above 4"
criterion low_wage id "Upah kecil" en "Low wage" when wage < IDR 3_000_000 per month
criterion elder id "Ada lansia" en "An elder" when any(members where born <= 1960-01-01)
programme aid id "Bantuan" en "Aid" requires poor, low_wage, elder
"#;

fn small(name: &str) -> (PathBuf, PathBuf) {
    let folder = folder(name);
    let rules = folder.join("aid.layak");
    std::fs::write(&rules, SMALL).unwrap();
    (rules, folder.join("family.json"))
}

/// Whether a line begins with some words, whatever blanks part them.
fn says(told: &str, words: &str) -> bool {
    told.lines().any(|line| line.split_whitespace().collect::<Vec<_>>().join(" ").starts_with(words))
}

#[test]
fn an_interview_in_indonesian_ends_in_the_decision() {
    let (rules, facts) = small("indonesian");
    let options = ["--lang", "id", "--as-of", "2026-02-15", "--out", facts.to_str().unwrap()];
    let (told, status) = ask(&rules, &options, "3\n2.500.000\n2\n17 Agustus 1958\n");
    assert_eq!(status, 0, "{told}");
    let wanted = "\
Ketik jawaban; `?` penjelasan, `>` tidak tahu, `<` kembali, Ctrl-D selesai.

1. Desil
   (bilangan bulat; 1 sampai 10)
> 3
2. Upah
   (Rp per bulan, misalnya 1.500.000; paling sedikit Rp0 per bulan)
> 2.500.000
3. Banyaknya anggota
   (bilangan bulat; 0 sampai 9)
> 2
4. Anggota 1: Tanggal lahir
   (tanggal, misalnya 17-08-1990 atau 17 Agustus 1990)
> 17 Agustus 1958

Keputusan untuk 2026-02-15
";
    assert!(told.starts_with(wanted), "{told}");
    assert!(says(&told, "aid layak"), "{told}");
    let text = std::fs::read_to_string(&facts).unwrap();
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&text).unwrap(),
        serde_json::json!({"desil": 3, "wage": 2_500_000, "members": [{"born": "1958-08-17"}, {}]})
    );
    let decision = decided(&rules, &facts, &["--as-of", "2026-02-15"]);
    assert_eq!(decision["programmes"]["aid"]["outcome"], "eligible");
}

#[test]
fn an_interview_in_english_with_help_mistakes_and_a_way_back() {
    let (rules, facts) = small("english");
    let options = ["--lang", "en", "--as-of", "2026-02-15", "--out", facts.to_str().unwrap()];
    let (told, status) = ask(&rules, &options, "?\n11\n<\n3\n2.500\n2,500,000\n<\n>\n<\n<\n7\n");
    assert_eq!(status, 0, "{told}");
    for line in [
        "  fact: desil (Decile)",
        "  ask: Welfare register (registry)",
        "  decides: Aid: Low decile",
        "  ! `11` is out of range: from 1 to 10",
        "  this is the first question",
        "  ! `2.500` can be 2500 or a number with three decimals; write `2500`, or `2.50000`",
        "3. How many: members",
        "      - Decile 7 is above 4",
    ] {
        assert!(told.lines().any(|l| l.trim_start_matches("> ") == line), "{line}\n{told}");
    }
    assert!(says(&told, "aid not eligible"), "{told}");
    assert_eq!(std::fs::read_to_string(&facts).unwrap(), "{\n  \"desil\": 7\n}\n");
}

#[test]
fn the_end_of_the_input_keeps_what_was_answered_and_the_interview_goes_on_from_there() {
    let (rules, facts) = small("end");
    let out = facts.to_str().unwrap();
    let (told, status) = ask(&rules, &["--lang", "id", "--as-of", "2026-02-15", "--out", out], "3\n>\n");
    assert_eq!(status, 0, "{told}");
    assert!(says(&told, "aid belum pasti"), "{told}");
    assert_eq!(
        std::fs::read_to_string(&facts).unwrap(),
        "{\n  \"desil\": 3,\n  \"wage\": {\n    \"unknown\": true\n  }\n}\n"
    );
    // What was not known is not asked for again.
    let options = ["--lang", "id", "--as-of", "2026-02-15", "--facts", out, "--out", out];
    let (told, _) = ask(&rules, &options, "0\n");
    assert!(told.contains("1. Banyaknya anggota"), "{told}");
    assert!(says(&told, "aid tidak layak"), "{told}");
}

#[test]
fn bad_input_is_told_and_nothing_is_written() {
    let (rules, facts) = small("bad");
    std::fs::write(&facts, r#"{"desil": 30}"#).unwrap();
    let (told, status) = ask(&rules, &["--lang", "en", "--facts", facts.to_str().unwrap()], "");
    assert_eq!(status, 1, "{told}");
    assert!(told.contains("L0605: desil: `30` is out of range"), "{told}");
    let (told, status) = ask(&rules, &["--facts", "/no/such/file.json"], "");
    assert_eq!(status, 2, "{told}");
    let none = folder("none").join("none.layak");
    std::fs::write(&none, "module none\nentity Household { a boolean }\ndefine b = a\n").unwrap();
    let (told, status) = ask(&none, &["--lang", "en"], "");
    assert_eq!((told.as_str(), status), ("layak: these rules have no programme to decide\n", 2));
    let (told, status) = ask(&rules, &["--lang", "en"], "\u{0}\n99999999999999999999999999999999999999999\nmembers\n");
    assert_eq!(status, 0, "{told}");
}

/// Every line of `household` that is asked for, answered from there; what the interview and `layak decide` come to.
#[test]
fn the_facts_of_an_interview_decide_as_it_ended() {
    let folder = folder("bansos");
    for (name, typed, want) in [
        ("refused", "7\n>\n>\n2\n", "not_eligible"),
        ("car", "2\n900\nya\n", "not_eligible"),
        ("eligible", "2\n900\ntidak\n1\n8 juta\n1\npetani\ntidak\n35.10\n1.500.000\n", "eligible"),
    ] {
        let facts = folder.join(format!("{name}.json"));
        let options = ["--as-of", "2026-02-15", "--programme", "sembako"];
        let mut asking = options.to_vec();
        asking.extend(["--lang", "id", "--out", facts.to_str().unwrap()]);
        let (told, status) = ask(&bansos(), &asking, typed);
        assert_eq!(status, 0, "{told}");
        let decision = decided(&bansos(), &facts, &options);
        assert_eq!(decision["programmes"]["sembako"]["outcome"], want, "{told}");
        let line = if want == "eligible" { "sembako layak amount_per_month Rp200.000," } else { "sembako tidak layak" };
        assert!(says(&told, line), "{told}");
    }
}

#[test]
fn the_interview_of_the_readme_goes_as_it_is_shown() {
    let readme = std::fs::read_to_string(bansos().join("../../README.md")).unwrap();
    let (_, shown) = readme.split_once("$ layak ask rules/bansos ").unwrap();
    let (options, shown) = shown.split_once(" --out keluarga.json\n").unwrap();
    let (shown, _) = shown.split_once("Fakta disimpan").unwrap();
    let typed: String = shown.lines().filter_map(|l| l.strip_prefix("> ")).map(|l| format!("{l}\n")).collect();
    let options: Vec<&str> = options.split(' ').collect();
    let (told, status) = ask(&bansos(), &options, &typed);
    assert_eq!(status, 0, "{told}");
    assert!(told.contains(shown), "{told}");
}
