//! Who may know whom: the `use crate::…` lines of the core, held to the order of its rooms.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

use std::path::{Path, PathBuf};

/// Rooms in the order of the flow; a room uses those before it, and those of its own number.
const ROOMS: &[(&str, u8)] = &[
    ("arena", 0),
    ("limits", 0),
    ("source", 0),
    ("diagnostic", 0),
    ("value", 0),
    ("syntax", 1),
    ("program", 2),
    ("fingerprint", 3),
    ("facts", 3),
    // A node's unknown facts are `Possible`, and what is possible is worked out over nodes: one stage in two rooms.
    ("graph", 4),
    ("outcome", 4),
    ("analysis", 5),
    ("report", 5),
    ("diff", 5),
    ("layout", 2),
    ("ruleset", 6),
    ("changes", 7),
    ("columns", 7),
    ("files", 7),
    ("interview", 7),
    ("record", 7),
    ("testing", 7),
];

/// Names that earlier rooms use of later ones, each with the reason.
const ALLOWED: &[(&str, &str)] = &[("diagnostic", "syntax")]; // `Lang`, the language of messages

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

#[test]
fn each_room_uses_earlier_rooms_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&root, &mut all);
    let mut wrong = Vec::new();
    for file in all {
        let inner = file.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        let text = std::fs::read_to_string(&file).unwrap();
        let room = inner.split(['/', '.']).next().unwrap();
        if inner != "syntax/parser.rs"
            && text
                .lines()
                .any(|l| !l.trim_start().starts_with("//") && (l.contains("pest::") || l.contains("pest_derive")))
        {
            wrong.push(format!("{inner} names pest"));
        }
        if inner != "files.rs" && !inner.contains("/tests/") && text.contains("std::fs") {
            wrong.push(format!("{inner} names std::fs"));
        }
        let Some((_, own)) = ROOMS.iter().find(|(r, _)| *r == room) else {
            if inner != "lib.rs" {
                wrong.push(format!("{inner} belongs to no room"));
            }
            continue;
        };
        for line in text.lines().filter(|l| !l.trim_start().starts_with("//")) {
            for used in line.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let later = ROOMS.iter().find(|(r, _)| *r == used).is_some_and(|(_, number)| number > own);
                if later && !ALLOWED.contains(&(room, used.as_str())) && !inner.contains("tests") {
                    wrong.push(format!("{inner} uses {used}"));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
