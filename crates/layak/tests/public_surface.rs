//! The public surface, written down: a change to it shows in `public_surface.txt`. To accept one, run the test with
//! `LAYAK_ACCEPT=1` and read the difference.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

use std::path::{Path, PathBuf};

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Every `pub` item with its first line, by file, and what `lib.rs` lets out.
fn surface() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&root, &mut all);
    all.sort();
    let mut out = String::new();
    for file in all {
        let inner = file.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        let text = std::fs::read_to_string(&file).unwrap();
        let mut of = String::new();
        for line in text.split("#[cfg(test)]\nmod tests").next().unwrap().lines() {
            let line = line.trim();
            if line.starts_with("pub ") && !line.starts_with("pub mod") && inner != "lib.rs"
                || inner == "lib.rs" && line.starts_with("pub use")
            {
                of.push_str(&format!("  {}\n", line.trim_end_matches('{').trim_end()));
            }
        }
        if !of.is_empty() {
            out.push_str(&format!("{inner}\n{of}"));
        }
    }
    out
}

#[test]
fn the_public_surface_is_the_one_written_down() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/public_surface.txt");
    let now = surface();
    if std::env::var_os("LAYAK_ACCEPT").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == now, "the public surface has changed; read the difference and accept it with LAYAK_ACCEPT=1");
}
