//! The tutorials: what they save is saved, what they call is called, and what they show is what comes out.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a tutorial in an empty folder; gives how many calls it made. A shown line that ends in `…` stands for any end.
fn follow(page: &str, locale: &str) -> usize {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("docs").join(page)).unwrap();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(page);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let mut calls = 0;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(copy) = line.strip_prefix("<!-- copy ").and_then(|l| l.strip_suffix(" -->")) {
            let (files, (from, to)) = copy.split_once(": ").map(|(f, e)| (f, e.split_once(" => ").unwrap())).unwrap();
            let (source, target) = files.split_once(' ').unwrap();
            let before = std::fs::read_to_string(folder.join(source)).unwrap();
            assert_eq!(before.matches(from).count(), 1, "{page}: {from}");
            std::fs::write(folder.join(target), before.replace(from, to)).unwrap();
        } else if let Some(info) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|l| *l != "```").collect();
            if let Some((_, file)) = info.split_once("file=") {
                std::fs::write(folder.join(file), block.join("\n") + "\n").unwrap();
            } else {
                assert_eq!(info, "console", "{page}");
                calls += call_all(&folder, &block, locale);
            }
        }
    }
    calls
}

fn call_all(folder: &Path, block: &[&str], locale: &str) -> usize {
    let mut calls: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in block {
        match (line.strip_prefix("$ layak "), calls.last_mut()) {
            (Some(call), _) => calls.push((call, Vec::new())),
            (None, Some((_, shown))) => shown.push(line),
            (None, None) => panic!("{line}: no call before it"),
        }
    }
    for (call, shown) in &calls {
        let run = Command::new(env!("CARGO_BIN_EXE_layak"))
            .current_dir(folder)
            .args(call.split(' '))
            .env("LC_ALL", locale)
            .output()
            .unwrap();
        let out = String::from_utf8([run.stdout, run.stderr].concat()).unwrap();
        let lines: Vec<&str> = out.trim_end().lines().map(str::trim_end).collect();
        let agree = lines.len() == shown.len()
            && lines.iter().zip(shown).all(|(line, shown)| match shown.strip_suffix('…') {
                Some(start) => line.starts_with(start),
                None => line == shown,
            });
        assert!(agree, "$ layak {call}\n{}", lines.join("\n"));
    }
    calls.len()
}

#[test]
fn the_english_tutorial_runs() {
    assert_eq!(follow("tutorial.en.md", "C"), 5);
}

#[test]
fn the_indonesian_tutorial_runs() {
    assert_eq!(follow("tutorial.id.md", "id_ID.UTF-8"), 5);
}
