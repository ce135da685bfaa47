//! What a family is told: for each programme the outcome, why, what was noted down of them, what to do next and where to
//! object, in sentences without a word of the trade.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::outcome::Verdict;
use crate::report::explain::{ProgrammeReasoning, Reasoning};
use crate::report::why::{ElementName, GroundKind};
use crate::report::{Answer, Decision, date_words};
use crate::syntax::Lang;

/// A letter, in one language.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Letter {
    #[serde(rename = "for")]
    reader: &'static str,
    lang: &'static str,
    pub title: String,
    /// For whom and for which day.
    pub opening: String,
    pub programmes: Vec<LetterPart>,
    pub closing: String,
}

/// What is said of one programme.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct LetterPart {
    pub programme: String,
    /// Of a programme of members those of whom the same is to be said, by key or position.
    pub members: Vec<String>,
    /// The same as people call them.
    #[serde(skip)]
    names: Vec<String>,
    #[serde(skip)]
    label: String,
    pub outcome: &'static str,
    #[serde(skip)]
    pub verdict: Verdict,
    pub heading: String,
    pub sentence: String,
    /// What is given.
    pub outputs: Vec<String>,
    pub reasons: Vec<String>,
    /// The facts that a refusal rests on, as they were noted down, and who can put them right.
    pub noted: Vec<String>,
    /// The facts still to be brought.
    pub needed: Vec<String>,
    pub next: String,
    pub appeal: String,
    pub basis: String,
}

/// A reason that rests on more facts than these does not list them: nobody reads on.
const MOST_NOTED: usize = 6;

/// A sentence in the language asked for.
fn say<'a>(lang: Lang, en: &'a str, id: &'a str) -> &'a str {
    match lang {
        Lang::En => en,
        Lang::Id => id,
    }
}

/// With its full stop.
fn stopped(text: String) -> String {
    if text.ends_with(['.', '!', '?']) { text } else { text + "." }
}

/// `Daya listrik rumah (Siti)`.
fn of_whom(label: &str, element: Option<&ElementName>) -> String {
    match element {
        Some(element) => format!("{label} ({})", element.text()),
        None => label.to_owned(),
    }
}

impl Reasoning {
    /// The letter to the family.
    pub(crate) fn letter(&self, decision: &Decision, lang: Lang) -> Letter {
        let day = date_words(decision.as_of(), lang);
        let whom = decision.id().map(|id| match lang {
            Lang::En => format!(" of the family with number {id}"),
            Lang::Id => format!(" keluarga dengan nomor {id}"),
        });
        let whom = whom.unwrap_or_default();
        Letter {
            reader: "family",
            lang: lang.tag(),
            title: say(lang, "The decision on your assistance", "Keputusan tentang bantuan untuk Anda").to_owned(),
            opening: match lang {
                Lang::En => format!("This letter tells you what was decided on the data{whom}, as they stand on {day}."),
                Lang::Id => format!("Surat ini menjelaskan keputusan atas data{whom} menurut keadaan pada {day}."),
            },
            programmes: together(self.programmes.iter().map(|p| self.part(p, lang)), lang),
            closing: say(
                lang,
                "If something in your family changes, such as a birth, a death, a move or new work, tell your social worker.",
                "Bila ada perubahan dalam keluarga, misalnya kelahiran, kematian, pindah, atau pekerjaan baru, beri tahu pendamping sosial Anda.",
            )
            .to_owned(),
        }
    }

    fn part(&self, programme: &ProgrammeReasoning, lang: Lang) -> LetterPart {
        let label = match programme.label.in_lang(lang) {
            "" => programme.name.replace('_', " "),
            label => label.to_owned(),
        };
        let verdict = programme.outcome.verdict;
        let sentence = match verdict {
            Verdict::Eligible => say(lang, "You receive this assistance.", "Anda berhak atas bantuan ini."),
            Verdict::NotEligible => {
                say(lang, "You do not receive this assistance.", "Anda tidak berhak atas bantuan ini.")
            }
            Verdict::Undetermined => say(
                lang,
                "This cannot be decided yet. Some of your data are still missing.",
                "Ini belum dapat diputuskan. Masih ada data Anda yang kurang.",
            ),
            Verdict::Error => say(
                lang,
                "This cannot be decided, because something is wrong on our side. This is no refusal.",
                "Ini tidak dapat diputuskan karena ada kesalahan di pihak kami. Ini bukan penolakan.",
            ),
        };
        let outputs = programme.outputs.iter().filter_map(|output| {
            let label = match output.label.in_lang(lang) {
                "" => output.name.replace('_', " "),
                label => label.to_owned(),
            };
            output.value.as_ref().map(|value| format!("{label}: {}", value.in_lang(lang)))
        });
        LetterPart {
            programme: programme.name.to_string(),
            members: programme.member.iter().cloned().collect(),
            names: programme.element.iter().map(|element| element.text().to_owned()).collect(),
            heading: label.clone(),
            label,
            outcome: verdict.name(),
            verdict,
            sentence: sentence.to_owned(),
            outputs: outputs.collect(),
            reasons: self.refusals(programme, lang),
            noted: if verdict == Verdict::NotEligible { self.noted(programme, lang) } else { Vec::new() },
            needed: self.needed(programme, lang),
            next: next(verdict, lang).to_owned(),
            appeal: match (verdict, programme.appeal.in_lang(lang)) {
                (Verdict::Eligible, "") | (Verdict::Undetermined | Verdict::Error, _) => String::new(),
                (_, "") => say(
                    lang,
                    "If you do not agree, you may object at the office that sent you this letter.",
                    "Bila Anda tidak setuju, Anda boleh mengajukan keberatan kepada kantor yang mengirim surat ini.",
                )
                .to_owned(),
                (_, appeal) => match lang {
                    Lang::En => stopped(format!("If you do not agree, you may object here: {appeal}")),
                    Lang::Id => stopped(format!("Bila Anda tidak setuju, ajukan keberatan di sini: {appeal}")),
                },
            },
            basis: programme.basis.in_lang(lang).to_owned(),
        }
    }

    /// Why it is refused: all that fails. Refused whichever way what is open falls, the conditions that hang on it.
    fn refusals(&self, programme: &ProgrammeReasoning, lang: Lang) -> Vec<String> {
        let reasons = programme.outcome.reasons();
        if programme.outcome.verdict != Verdict::NotEligible || !reasons.is_empty() {
            return reasons.iter().map(|reason| stopped(reason.text(lang).into_owned())).collect();
        }
        let labels: Vec<&str> = programme.conditions.iter().map(|c| c.label.in_lang(lang)).collect();
        vec![match lang {
            Lang::En => format!("Whatever the data still missing are, one of these refuses it: {}.", labels.join(", ")),
            Lang::Id => {
                format!("Apa pun isi data yang masih kurang, salah satu hal ini menolaknya: {}.", labels.join(", "))
            }
        }]
    }

    fn noted(&self, programme: &ProgrammeReasoning, lang: Lang) -> Vec<String> {
        let mut out = Vec::new();
        let mut seen = BTreeSet::new();
        for condition in programme.conditions.iter().filter(|c| c.fails()) {
            let below = self.grounds.below(&condition.rests_on);
            let facts: Vec<_> = below
                .into_iter()
                .filter_map(|id| match self.grounds.get_kind(id) {
                    Some(GroundKind::Fact(fact)) => Some((id, fact)),
                    _ => None,
                })
                .collect();
            if facts.len() > MOST_NOTED {
                continue;
            }
            for (id, fact) in facts {
                let is_told = fact.answer != Answer::None && seen.insert(id);
                let Some(value) = fact.value.as_ref().filter(|_| is_told) else { continue };
                let name = of_whom(fact.label.in_lang(lang), fact.element.as_ref());
                let sources: Vec<&str> = fact.sources.iter().map(|s| s.in_lang(lang)).collect();
                let sources = match (sources.is_empty(), lang) {
                    (true, _) => String::new(),
                    (false, Lang::En) => format!(" — put right at: {}", sources.join(", ")),
                    (false, Lang::Id) => format!(" — diperbaiki di: {}", sources.join(", ")),
                };
                out.push(format!("{name}: {}{sources}", value.in_lang(lang)));
            }
        }
        out
    }

    fn needed(&self, programme: &ProgrammeReasoning, lang: Lang) -> Vec<String> {
        let one = |missing: &crate::report::explain::MissingReasoning| {
            let name = of_whom(missing.label.in_lang(lang), missing.element.as_ref());
            let sources: Vec<&str> = missing.sources.iter().map(|s| s.in_lang(lang)).collect();
            match (sources.is_empty(), missing.verify, lang) {
                (true, ..) => name,
                (false, false, Lang::En) => format!("{name} — from: {}", sources.join(", ")),
                (false, true, Lang::En) => format!("{name} — proof from: {}", sources.join(", ")),
                (false, false, Lang::Id) => format!("{name} — dari: {}", sources.join(", ")),
                (false, true, Lang::Id) => format!("{name} — bukti dari: {}", sources.join(", ")),
            }
        };
        programme.missing.iter().map(one).collect()
    }
}

/// Parts that say the same of several members as one, each headed by whom it is for.
fn together(parts: impl Iterator<Item = LetterPart>, lang: Lang) -> Vec<LetterPart> {
    let mut out: Vec<LetterPart> = Vec::new();
    for part in parts {
        let same = out.iter_mut().find(|own| own.is_as(&part));
        match same {
            Some(own) => {
                own.members.extend(part.members);
                own.names.extend(part.names);
            }
            None => out.push(part),
        }
    }
    for part in &mut out {
        part.heading = match (part.names.as_slice(), lang) {
            ([], _) => part.label.clone(),
            (names, Lang::En) => format!("{}, for {}", part.label, listed(names, "and")),
            (names, Lang::Id) => format!("{}, untuk {}", part.label, listed(names, "dan")),
        };
    }
    out
}

/// `Ani`, `Ani and Budi`, `Ani, Budi, and Citra`.
fn listed(names: &[String], and: &str) -> String {
    match names {
        [first, second] => format!("{first} {and} {second}"),
        [before @ .., last] if before.len() > 1 => format!("{}, {and} {last}", before.join(", ")),
        _ => names.join(", "),
    }
}

fn next(verdict: Verdict, lang: Lang) -> &'static str {
    match verdict {
        Verdict::Eligible => say(lang, "You need to do nothing.", "Anda tidak perlu melakukan apa-apa."),
        Verdict::NotEligible => say(
            lang,
            "Check the reason. If something that we have noted is not right, have it corrected and bring the proof to your social worker; we then decide again.",
            "Periksa alasannya. Bila ada catatan kami yang tidak benar, mintalah perbaikan data dan bawa buktinya kepada pendamping sosial Anda; kami akan memutuskan lagi.",
        ),
        Verdict::Undetermined => say(
            lang,
            "Bring what is missing to your social worker; we then decide.",
            "Serahkan data yang kurang kepada pendamping sosial Anda; setelah itu kami memutuskan.",
        ),
        Verdict::Error => say(
            lang,
            "You need to do nothing. The office has to repair this and decide again.",
            "Anda tidak perlu melakukan apa-apa. Kantor harus memperbaikinya dan memutuskan lagi.",
        ),
    }
}

impl Letter {
    /// As plain text.
    pub(crate) fn text(&self, lang: Lang) -> String {
        let mut out = format!("{}\n\n{}\n", self.title, self.opening);
        for part in &self.programmes {
            out.push_str(&format!("\n{}\n\n{}\n", part.heading, part.sentence));
            for (head, list) in part.lists(lang) {
                out.push_str(&format!("\n{head}\n"));
                list.iter().for_each(|item| out.push_str(&format!("- {item}\n")));
            }
            out.push_str(&format!("\n{}\n", part.next));
            if !part.appeal.is_empty() {
                out.push_str(&format!("{}\n", part.appeal));
            }
            if !part.basis.is_empty() {
                out.push_str(&format!("{}: {}\n", say(lang, "The rule", "Aturannya"), part.basis));
            }
        }
        out.push_str(&format!("\n{}\n", self.closing));
        out
    }
}

impl LetterPart {
    /// Whether it says the same of other members of the same programme.
    fn is_as(&self, other: &LetterPart) -> bool {
        let names = |part: &LetterPart| LetterPart { members: Vec::new(), names: Vec::new(), ..part.clone() };
        !self.members.is_empty() && !other.members.is_empty() && names(self) == names(other)
    }

    /// Its lists that are not empty, each with its heading.
    pub(crate) fn lists(&self, lang: Lang) -> Vec<(&'static str, &[String])> {
        let all: [(&'static str, &[String]); 4] = [
            (say(lang, "What you get:", "Yang Anda terima:"), &self.outputs),
            (say(lang, "Why:", "Alasannya:"), &self.reasons),
            (say(lang, "What we have noted of you:", "Yang kami catat tentang Anda:"), &self.noted),
            (say(lang, "What we still need:", "Yang masih kami perlukan:"), &self.needed),
        ];
        all.into_iter().filter(|(_, list)| !list.is_empty()).collect()
    }
}
