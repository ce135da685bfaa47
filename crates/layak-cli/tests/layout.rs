//! `layak fmt`: what it writes, what it leaves alone, and that rules mean the same afterwards.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::disallowed_methods)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use layak::{LoadError, Ruleset};

const UNTIDY: &str = "module a\nentity H {\n  a integer\n  long_name text\n}\ndefine b=a+1   # one more\n";
const TIDY: &str = "module a\nentity H {\n  a          integer\n  long_name  text\n}\ndefine b = a + 1   # one more\n";
const TIDY_ID: &str =
    "bahasa id\nmodul a\nentitas H {\n  a          bulat\n  long_name  teks\n}\ntetapkan b = a + 1   # one more\n";
const BROKEN: &str = "module a\nentity H { a integer }\ndefine b=a + + 1\n";

fn layak(args: &[&str], input: &str) -> Output {
    let mut run = Command::new(env!("CARGO_BIN_EXE_layak"))
        .args(args)
        .args(["--lang", "en"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A call that reads nothing may have ended already.
    let _ = run.stdin.take().unwrap().write_all(input.as_bytes());
    run.wait_with_output().unwrap()
}

fn fmt(args: &[&str], input: &str) -> (Option<i32>, String, String) {
    let run = layak(&[&["fmt"], args].concat(), input);
    (run.status.code(), String::from_utf8(run.stdout).unwrap(), String::from_utf8(run.stderr).unwrap())
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("layout").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn none() -> String {
    String::new()
}

#[test]
fn check_names_the_file_and_writes_nothing_and_the_second_run_has_nothing_to_do() {
    let path = write(&folder("file"), "a.layak", UNTIDY);
    assert_eq!(fmt(&[&path, "--check"], ""), (Some(1), format!("{path}\n"), none()));
    assert_eq!(read(&path), UNTIDY);
    assert_eq!(fmt(&[&path], ""), (Some(0), format!("{path}\n"), none()));
    assert_eq!(read(&path), TIDY);
    assert_eq!(fmt(&[&path], ""), (Some(0), none(), none()));
    assert_eq!(fmt(&[&path, "--check"], ""), (Some(0), none(), none()));
    assert_eq!(read(&path), TIDY);
}

#[test]
fn a_file_with_errors_is_left_alone_and_its_neighbours_are_laid_out() {
    let folder = folder("broken");
    let broken = write(&folder, "broken.layak", BROKEN);
    let good = write(&folder, "good.layak", UNTIDY);
    let other = write(&folder, "notes.txt", UNTIDY);
    let (status, told, findings) = fmt(&[folder.to_str().unwrap()], "");
    assert_eq!((status, told), (Some(1), format!("{good}\n")));
    assert!(findings.contains("L0103") && findings.contains("broken.layak:3:"), "{findings}");
    assert_eq!((read(&broken).as_str(), read(&good).as_str(), read(&other).as_str()), (BROKEN, TIDY, UNTIDY));
}

#[test]
fn standard_input_goes_to_standard_output() {
    assert_eq!(fmt(&["-"], UNTIDY), (Some(0), TIDY.to_owned(), none()));
    assert_eq!(fmt(&["-"], TIDY), (Some(0), TIDY.to_owned(), none()));
    assert_eq!(fmt(&["-", "--check"], UNTIDY), (Some(1), none(), none()));
    assert_eq!(fmt(&["-", "--check"], TIDY), (Some(0), none(), none()));
    let (status, told, findings) = fmt(&["-"], BROKEN);
    assert_eq!((status, told), (Some(1), none()));
    assert!(findings.contains("L0103"), "{findings}");
}

#[test]
fn of_a_markdown_file_the_rules_alone_are_laid_out() {
    let text = |rules: &str| format!("# Aid  \n\n\n*  prose   a=1\n\n```layak\n{rules}```\n\n    more=prose\n");
    let path = write(&folder("literate"), "a.layak.md", &text(UNTIDY));
    assert_eq!(fmt(&[&path], ""), (Some(0), format!("{path}\n"), none()));
    assert_eq!(read(&path), text(TIDY));
    assert_eq!(fmt(&[&path, "--check"], ""), (Some(0), none(), none()));
}

#[test]
fn wrong_calls_end_with_2() {
    let folder = folder("wrong");
    assert_eq!(fmt(&[folder.to_str().unwrap()], "").0, Some(2), "no rule file");
    assert_eq!(fmt(&[folder.join("none.layak").to_str().unwrap()], "").0, Some(2));
    let path = folder.join("latin.layak");
    std::fs::write(&path, b"module a # \xe9\n").unwrap();
    let (status, _, told) = fmt(&[path.to_str().unwrap()], "");
    assert_eq!(status, Some(2));
    assert!(told.contains("latin.layak: byte 12 is not UTF-8"), "{told}");
}

/// Copies a folder and gives its rule files.
fn copy(from: &Path, to: &Path, rules: &mut Vec<PathBuf>) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let copied = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &copied, rules);
        } else {
            std::fs::copy(entry.path(), &copied).unwrap();
            if copied.extension().is_some_and(|e| e == "layak") {
                rules.push(copied);
            }
        }
    }
}

/// A ruleset's fingerprint, or the codes of what hinders it (a file may stand only among others).
fn meaning(path: &Path) -> Result<String, Vec<String>> {
    match Ruleset::from_path(path) {
        Ok(rules) => Ok(rules.fingerprint().to_owned()),
        Err(LoadError::Findings(found)) => Err(found.iter().map(|f| f.code().to_string()).collect()),
        Err(e) => panic!("{}: {e}", path.display()),
    }
}

#[test]
fn every_rule_file_of_the_project_keeps_its_meaning() {
    let folder = folder("rules");
    let mut files = Vec::new();
    copy(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../rules"), &folder, &mut files);
    files.sort();
    let meanings = || files.iter().map(|f| meaning(f)).collect::<Vec<_>>();
    let before = meanings();
    assert!(before.iter().filter(|m| m.is_ok()).count() > 30, "{before:?}");
    let (status, _, findings) = fmt(&[folder.to_str().unwrap()], "");
    assert_eq!((status, findings), (Some(0), none()));
    assert_eq!(fmt(&[folder.to_str().unwrap(), "--check"], ""), (Some(0), none(), none()));
    for ((file, before), after) in files.iter().zip(before).zip(meanings()) {
        assert_eq!(before, after, "{}", file.display());
    }
    let test = layak(&["test", folder.join("bansos").to_str().unwrap(), "--count", "20"], "");
    assert_eq!(test.status.code(), Some(0), "{}", String::from_utf8_lossy(&test.stdout));
}

#[test]
fn every_package_is_tested_in_the_other_language_and_comes_back() {
    let folder = folder("packages");
    let rules = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let mut files = Vec::new();
    copy(&rules, &folder, &mut files);
    let texts = || files.iter().map(|f| std::fs::read_to_string(f).unwrap()).collect::<Vec<_>>();
    let (before, path) = (texts(), folder.to_str().unwrap());
    let (status, named, err) = fmt(&[path, "--language", "id"], "");
    assert_eq!((status, named.lines().count(), err), (Some(0), files.len(), none()));
    assert!(texts().iter().all(|text| text.starts_with("bahasa id\n")));
    assert_eq!(fmt(&[path, "--check"], ""), (Some(0), none(), none()));
    let told = |path: &str| text(layak(&["test", path, "--count", "20"], "").stdout);
    assert_eq!(told(path), told(rules.to_str().unwrap()));
    assert_eq!(fmt(&[path, "--language", "en"], "").0, Some(0));
    assert!(texts() == before, "the same bytes");
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_rule_files_of_the_project_are_laid_out() {
    let rules = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    assert_eq!(fmt(&[rules.to_str().unwrap(), "--check"], ""), (Some(0), none(), none()));
}

#[test]
fn a_comment_between_the_words_of_a_keyword_is_kept_by_a_translation() {
    let id = "bahasa id\nmodul a\nentitas H { p daftar  # orang\n    berisi P }\nentitas P { umur bulat }\ntetapkan n = banyaknya(p)\n";
    let en = "module a\nentity H { p list  # orang\n    of P }\nentity P { umur integer }\ndefine n = count(p)\n";
    assert_eq!(fmt(&["-", "--language", "en"], id).1, en);
    assert_eq!(fmt(&["-", "--language", "id"], en).1, id);
}

#[test]
fn keywords_are_translated_in_place_and_back() {
    let folder = folder("language");
    let package = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules/bansos").join(name);
    let mut files = Vec::new();
    for name in ["exclusions", "household", "parameters", "pbi_jk", "pkh", "sembako", "tests"] {
        let name = format!("{name}.layak");
        let text = std::fs::read_to_string(package(&name)).unwrap();
        files.push((write(&folder, &name, &text), layak::format(&name, &text, layak::Limits::default()).unwrap()));
    }
    std::fs::create_dir(folder.join("data")).unwrap();
    std::fs::copy(package("data/umk.csv"), folder.join("data/umk.csv")).unwrap();
    let rules = folder.to_str().unwrap();
    let before = Ruleset::from_path(&folder).unwrap();
    let (status, named, err) = fmt(&[rules, "--language", "id"], "");
    assert_eq!((status, named.lines().count(), err), (Some(0), files.len(), none()));
    assert!(files.iter().all(|(path, _)| read(path).starts_with("bahasa id\nmodul ")));
    assert_eq!(Ruleset::from_path(&folder).unwrap().fingerprint(), before.fingerprint());
    assert_eq!(layak(&["test", rules, "--count", "20"], "").status.code(), Some(0));
    assert_eq!(fmt(&[rules, "--language", "id", "--check"], ""), (Some(0), none(), none()));
    // A file alone, one without a root of its own, and one from standard input.
    let (parameters, text) = &files[2];
    assert_eq!(fmt(&[parameters, "--language", "en"], ""), (Some(0), format!("{parameters}\n"), none()));
    assert_eq!(&read(parameters), text);
    assert_eq!(fmt(&["-", "--language", "id"], TIDY).1, TIDY_ID);
    assert_eq!(fmt(&["-", "--language", "en"], TIDY_ID).1, TIDY);
    assert_eq!(fmt(&[rules, "--language", "en"], "").0, Some(0));
    for (path, text) in &files {
        assert_eq!(&read(path), text, "{path}");
    }
    // Rules with errors are told and left alone.
    let (status, out, err) = fmt(&["-", "--language", "id"], "module a\nentity H { a integer }\ndefine b = c\n");
    assert_eq!((status, out), (Some(1), none()));
    assert!(err.contains("L0201"), "{err}");
}
