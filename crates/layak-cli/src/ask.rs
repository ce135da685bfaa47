//! `layak ask`: an interview on the terminal.

use std::io::{BufRead, IsTerminal, Write};

use layak::{Interview, Lang, Question};

use crate::args::{AskCall, FindingFormat};
use crate::output::{self, Output};
use crate::{CallError, Done, Ending, decide, findings};

/// A line of input longer than this is no answer.
const LONGEST_LINE: u64 = 64 << 10;

pub(crate) fn run(call: &AskCall, lang: Lang) -> Done {
    let Some(rules) = findings::load(&call.rules, &call.amend, FindingFormat::Text, lang)? else {
        return Ok(findings::FOUND);
    };
    let mut options = decide::options(call.day)?;
    for name in &call.programme {
        options = options.programme(name);
    }
    let plan = rules.plan(options)?;
    let begun = match &call.facts {
        None => Interview::new(&plan),
        Some(path) => {
            let json = std::fs::read(path).map_err(|e| CallError(format!("{}: {e}", path.display())))?;
            Interview::from_json(&plan, &json)
        }
    };
    let begun = if call.keys { begun.and_then(Interview::with_keys) } else { begun };
    let mut interview = match begun {
        Ok(interview) => interview,
        Err(error) => {
            for one in error.iter() {
                output::tell(&format!("{}: {}: {}\n", one.code(), one.path(), decide::told(one, lang)));
            }
            return Ok(findings::FOUND);
        }
    };
    if interview.decision().programmes().next().is_none() {
        return Err(CallError(match lang {
            Lang::Id => "aturan ini tidak memuat program yang diputuskan".to_owned(),
            _ => "these rules have no programme to decide".to_owned(),
        }));
    }
    converse(&mut interview, lang)?;
    output::say(&ending(&interview, lang))?;
    match &call.out {
        Some(path) => {
            let mut out = Output::open(Some(path))?;
            out.write_all(interview.facts_pretty_json().as_bytes())?;
            out.finish()?;
            output::say(&match lang {
                Lang::Id => format!("Fakta disimpan di {}\n", path.display()),
                _ => format!("Facts written to {}\n", path.display()),
            })?;
        }
        None => {
            let head = if lang == Lang::Id { "Fakta:" } else { "Facts:" };
            output::say(&format!("{head}\n{}", interview.facts_pretty_json()))?;
        }
    }
    Ok(Ending::Clean)
}

/// Asks until nothing is left to ask, or the input ends.
fn converse(interview: &mut Interview, lang: Lang) -> Result<(), CallError> {
    let input = std::io::stdin();
    let mut number = 0usize;
    let mut shown = String::new();
    output::say(match lang {
        Lang::Id => "Ketik jawaban; `?` penjelasan, `>` tidak tahu, `<` kembali, Ctrl-D selesai.\n\n",
        _ => "Type the answer; `?` tells more, `>` not known, `<` back, Ctrl-D ends.\n\n",
    })?;
    while let Some(question) = interview.question() {
        if shown != question.fact() {
            number += 1;
            shown = question.fact().to_owned();
            output::say(&posed(question, interview.asked().count() + 1, lang))?;
        }
        output::say("> ")?;
        let mut line = Vec::new();
        let read = std::io::Read::take(input.lock(), LONGEST_LINE).read_until(b'\n', &mut line)?;
        if read == 0 {
            output::say("\n")?;
            break;
        }
        let line = String::from_utf8_lossy(&line).trim().to_owned();
        // A transcript of answers from a file reads like one that was typed.
        if !input.is_terminal() {
            output::say(&format!("{line}\n"))?;
        }
        let done = match line.as_str() {
            "" => Ok(()),
            "?" => {
                output::say(&help(question, lang))?;
                Ok(())
            }
            "<" => {
                shown.clear();
                if !interview.back() {
                    output::say(match lang {
                        Lang::Id => "  ini pertanyaan pertama\n",
                        _ => "  this is the first question\n",
                    })?;
                }
                Ok(())
            }
            ">" => interview.skip(),
            typed => interview.answer_text(typed, lang),
        };
        if let Err(error) = done {
            for one in error.iter() {
                output::say(&format!("  ! {}\n", decide::told(one, lang)))?;
            }
        }
    }
    if number > 0 {
        output::say("\n")?;
    }
    Ok(())
}

fn posed(question: &Question, number: usize, lang: Lang) -> String {
    let mut out = format!("{number}. {}\n", question.text(lang));
    for (place, choice) in question.choices().iter().enumerate() {
        out.push_str(&format!("     {}. {}\n", place + 1, choice.label().in_lang(lang)));
    }
    out.push_str(&format!("   ({})\n", question.hint(lang)));
    if question.must_be_verified() {
        let names: Vec<&str> = question.ask().map(|(_, label)| label.in_lang(lang)).collect();
        out.push_str(&match lang {
            Lang::Id => format!("   jawab hanya yang dipastikan oleh: {}\n", names.join(", ")),
            _ => format!("   answer only what is confirmed by: {}\n", names.join(", ")),
        });
    }
    out
}

fn help(question: &Question, lang: Lang) -> String {
    let (fact, ask, why) = match lang {
        Lang::Id => ("fakta", "tanyakan kepada", "menentukan"),
        _ => ("fact", "ask", "decides"),
    };
    let mut out = format!("  {fact}: {} ({})\n", question.fact(), question.label().in_lang(lang));
    let sources: Vec<String> =
        question.ask().map(|(name, label)| format!("{} ({name})", label.in_lang(lang))).collect();
    if !sources.is_empty() {
        out.push_str(&format!("  {ask}: {}\n", sources.join("; ")));
    }
    for reason in question.why() {
        out.push_str(&format!("  {why}: {}\n", reason.in_lang(lang)));
    }
    out
}

/// The decision for the one who was asked.
fn ending(interview: &Interview, lang: Lang) -> String {
    let decision = interview.decision();
    let head = if lang == Lang::Id { "Keputusan untuk" } else { "Decision for" };
    format!("{head} {}\n{}", decision.as_of(), decide::in_words(interview.plan(), decision, lang))
}
