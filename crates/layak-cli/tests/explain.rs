//! `layak explain` for a family, a caseworker and an auditor, on the package of Indonesia.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods
)]

use std::path::PathBuf;
use std::process::{Command, Output};

fn explain(more: &[&str]) -> Output {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let call =
        ["explain", "rules/bansos", "rules/bansos/cases/sample.jsonl", "--as-of", "2026-02-15", "--id", "3510-000004"];
    Command::new(env!("CARGO_BIN_EXE_layak")).current_dir(root).args(call).args(more).env("LANG", "C").output().unwrap()
}

fn told(more: &[&str]) -> String {
    let run = explain(more);
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

#[test]
fn each_reader_is_told_in_each_form() {
    let letter = told(&["--for", "family", "--lang", "id"]);
    for line in [
        "- Pekerjaan ASN tidak berhak atas bantuan iuran.",
        "ajukan keberatan di sini: kantor desa",
        "- Iuran sebulan: Rp42.000",
    ] {
        assert!(letter.contains(line), "{line}:\n{letter}");
    }
    // Three refuse the cash transfer, and the decile does not: it is not spoken of.
    let pkh = letter.split("\nProgram Keluarga Harapan\n").nth(1).unwrap().split("\nProgram Sembako\n").next().unwrap();
    assert_eq!(pkh.matches("\n- Ada anggota").count() + pkh.matches("\n- Tidak ada anggota").count(), 3, "{pkh}");
    assert!(!pkh.contains("esil"), "{pkh}");
    assert_eq!(told(&[]), told(&["--for", "caseworker", "--format", "text"]));
    assert_eq!(told(&[]), told(&["--for", "family", "--format", "tree"]));
    let json = |reader: &str| -> serde_json::Value {
        serde_json::from_str(&told(&["--for", reader, "--format", "json"])).unwrap()
    };
    assert_eq!(json("family")["for"], "family");
    assert_eq!(json("caseworker")["decision"]["id"], "3510-000004");
    assert_eq!(json("audit")["schema"], "layak.audit/1");
    for reader in ["family", "caseworker", "audit"] {
        let page = told(&["--for", reader, "--format", "html", "--lang", "id"]);
        assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"id\">") && page.ends_with("</html>\n"), "{page}");
    }
}

#[test]
fn what_would_change_it_stands_in_text_and_json_alone() {
    for wrong in [["--format", "html"], ["--for", "audit"]] {
        let run = explain(&[&["--changes"][..], &wrong].concat());
        assert_eq!(run.status.code(), Some(2), "{wrong:?}");
        assert!(String::from_utf8_lossy(&run.stderr).contains("--changes does not go with"), "{wrong:?}");
    }
}
