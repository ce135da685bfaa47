//! Nothing that the help says is in one language alone.
#![allow(clippy::unwrap_used)]

use clap::CommandFactory as _;
use clap::Parser as _;

use super::*;
use crate::args::Args;

/// Every text of a command and of what lies within it.
fn texts(command: &Command, out: &mut Vec<String>) {
    let own = [command.get_about(), command.get_after_help(), command.get_after_long_help()];
    out.extend(own.into_iter().flatten().map(ToString::to_string));
    for argument in command.get_arguments() {
        out.extend([argument.get_help(), argument.get_long_help()].into_iter().flatten().map(ToString::to_string));
        if argument.get_action().takes_values() {
            out.extend(argument.get_value_names().unwrap_or_default().iter().map(ToString::to_string));
            out.extend(argument.get_possible_values().iter().filter_map(|v| v.get_help().map(ToString::to_string)));
        }
    }
    command.get_subcommands().for_each(|inner| texts(inner, out));
}

#[test]
fn every_text_of_the_help_is_there_in_indonesian() {
    let mut all = Vec::new();
    let mut command = Args::command();
    command.build();
    texts(&command, &mut all);
    let missing: Vec<&String> = all.iter().filter(|text| !TEXTS.iter().any(|(en, _)| en == text)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    let unused: Vec<&str> = TEXTS.iter().map(|(en, _)| *en).filter(|en| !all.iter().any(|t| t == en)).collect();
    // These are clap's own, made when help is asked for.
    let of_clap = |text: &&str| text.starts_with("Print help") || *text == "COMMAND";
    assert!(unused.iter().all(of_clap), "{unused:#?}");
}

#[test]
fn the_indonesian_help_has_no_word_of_the_english_frame() {
    let mut command = in_language(Args::command(), Lang::Id);
    let mut pages = vec![command.render_long_help().to_string(), command.render_help().to_string()];
    for inner in command.get_subcommands_mut() {
        pages.push(inner.render_long_help().to_string());
        pages.push(inner.render_help().to_string());
    }
    assert!(pages.len() > 20);
    for page in pages {
        for word in [
            "Usage:",
            "Options:",
            "Arguments:",
            "Commands:",
            "[default",
            "Possible values",
            "possible values",
            "Print ",
        ] {
            assert!(!page.contains(word), "{word}: {page}");
        }
        assert!(page.contains("Penggunaan:"), "{page}");
    }
}

#[test]
fn a_wrong_call_is_told_in_the_language_of_the_reader() {
    let told = |line: &str| told(&Args::try_parse_from(line.split(' ')).unwrap_err(), Lang::Id);
    assert!(told("layak chek rules").contains("tidak ada perintah `chek`"), "{}", told("layak chek rules"));
    assert!(told("layak decid rules").contains("yang mirip: decide"));
    assert!(told("layak --lang id").contains("perintah belum disebut: check, decide"));
    assert!(told("layak check rules --amnd x").contains("tidak ada opsi `--amnd`"));
    assert!(told("layak check").contains("kurang: <RULES>"), "{}", told("layak check"));
    let format = told("layak check rules --format xml");
    assert!(
        format.contains("`xml` bukan nilai untuk `--format <FORMAT>`") && format.contains("text, json"),
        "{format}"
    );
    assert!(told("layak decide r f --as-of 2026-02-30").contains("`2026-02-30` bukan nilai"));
}
