//! `layak check --batch`: what is decided by columns and what is not.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

use std::path::{Path, PathBuf};
use std::process::Command;

fn layak(args: &[&str]) -> (Option<i32>, String, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_layak")).args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (run.status.code(), text(run.stdout), text(run.stderr))
}

fn file(name: &str, text: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("batch_form");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// What stands in the last line for a file of rules.
fn last_line(path: &Path, lang: &str) -> String {
    let (status, out, err) =
        layak(&["check", path.to_str().unwrap(), "--batch", "--as-of", "2026-02-15", "--lang", lang]);
    assert_eq!(status, Some(0), "{out}{err}");
    out.lines().last().unwrap().to_owned()
}

#[test]
fn rules_that_are_decided_by_columns_are_called_so() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules/bansos");
    assert_eq!(last_line(&rules, "en"), "every decision is made by columns");
    assert_eq!(last_line(&rules, "id"), "semua keputusan dibuat per kolom");
}

#[test]
fn what_has_no_columnar_form_is_named_with_the_reason() {
    let asks = file(
        "asks.layak",
        "module asks\nentity Home { rooms integer 0..  region text }\n\
         criterion large when rooms > 4\ncriterion told when region is known\n\
         programme aid requires large\nprogramme visit requires told\n",
    );
    let why = "a condition of a programme has no columnar form, or values are shown";
    assert_eq!(last_line(&asks, "en"), format!("households are decided row by row, for {why}: visit.told"));
    assert!(last_line(&asks, "id").ends_with("ada nilai yang ditampilkan: visit.told"));
    let linked = file(
        "linked.layak",
        "module linked\nentity Home { people list of Person }\n\
         entity Person { id text key  mother optional link to Person  age integer 0.. }\n\
         criterion Person.young when mother is not none and mother.age < 20\n\
         programme aid for Person requires young\n",
    );
    let told = last_line(&linked, "en");
    assert_eq!(told, "households are decided row by row, for members are linked to one another");
}

#[test]
fn programs_read_it_as_json() {
    let path = file(
        "json.layak",
        "module json\nentity Home { rooms integer 0.. }\ncriterion large when rooms > 4\nprogramme aid requires large\n",
    );
    let (status, out, err) = layak(&["check", path.to_str().unwrap(), "--batch", "--format", "json", "--lang", "en"]);
    assert_eq!(status, Some(0), "{err}");
    let told: serde_json::Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    let wanted = serde_json::json!({"ruleset": 0, "columnar": true, "row_by_row": [],
        "text": "every decision is made by columns"});
    assert_eq!(told, wanted);
}

#[test]
fn the_date_is_for_batches_alone() {
    let (status, _, err) = layak(&["check", "rules", "--as-of", "2026-02-15", "--lang", "en"]);
    assert_eq!(status, Some(2), "{err}");
    assert!(err.contains("--batch"), "{err}");
}
