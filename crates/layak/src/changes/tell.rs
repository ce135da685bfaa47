//! Changes told: as text, as data, and to Rust.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::{Changes, FactChange, InTime, ProgrammeChanges, Threshold, Told, Way};
use crate::diagnostic::{Phrase, phrase};
use crate::outcome::Verdict;
use crate::report::{Answer, outcome_words};
use crate::syntax::Lang;
use crate::value::Date;

impl Changes {
    /// The household's key.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The day of the decision.
    pub fn as_of(&self) -> Date {
        self.as_of
    }

    /// Each programme that is decided, for the household and for each member, in the order of the decision.
    pub fn programmes(&self) -> impl Iterator<Item = &ProgrammeChanges> {
        self.programmes.iter()
    }

    /// As an indented text.
    pub fn render(&self, lang: Lang) -> String {
        let mut out = String::new();
        let _ = match lang {
            Lang::En => writeln!(out, "What would change it"),
            Lang::Id => writeln!(out, "Yang dapat mengubahnya"),
        };
        for programme in &self.programmes {
            programme.render(&mut out, lang);
        }
        out
    }

    /// As data.
    pub fn to_json(&self, lang: Lang) -> impl Serialize + '_ {
        let programmes: Vec<Json> = self.programmes.iter().map(|p| p.json(lang)).collect();
        json!({"id": self.id(), "as_of": self.as_of.to_string(), "programmes": programmes})
    }
}

impl ProgrammeChanges {
    /// The programme's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The member's key, where the programme is one of members.
    pub fn member(&self) -> Option<&str> {
        self.member.as_deref()
    }

    /// Whether it is eligible now, so that the ways end it; else they make it eligible.
    pub fn is_eligible(&self) -> bool {
        self.verdict == Verdict::Eligible
    }

    /// Changes of facts that turn the decision: single ones, or where none does pairs, in the order of the facts.
    pub fn ways(&self) -> &[Way] {
        &self.ways
    }

    /// How far values are from the limits that had a part in the decision: of a refusal, in what refused.
    pub fn thresholds(&self) -> &[Threshold] {
        &self.thresholds
    }

    /// What time alone brings within five years.
    pub fn time(&self) -> Option<&InTime> {
        self.time.as_ref()
    }

    /// Whether the search came to its end; else there may be ways that it did not find.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    fn render(&self, out: &mut String, lang: Lang) {
        let member = self.member().map(|m| format!(" [{m}]")).unwrap_or_default();
        let _ = writeln!(out, "\n{}{member}: {}", self.name, outcome_words(self.verdict, lang));
        for way in &self.ways {
            let _ = writeln!(out, "  • {}", way.text().in_lang(lang));
        }
        if self.ways.is_empty() {
            let none = match (self.is_eligible(), lang) {
                (false, Lang::En) => "no change of one or two facts that may change makes it eligible",
                (false, Lang::Id) => {
                    "tidak ada perubahan satu atau dua fakta yang boleh berubah yang menjadikannya layak"
                }
                (true, Lang::En) => "no change of one fact that may change ends it",
                (true, Lang::Id) => "tidak ada perubahan satu fakta yang boleh berubah yang mengakhirinya",
            };
            let _ = writeln!(out, "  {none}");
        }
        if !self.complete {
            let _ = match lang {
                Lang::En => writeln!(out, "  (not everything could be tried)"),
                Lang::Id => writeln!(out, "  (tidak semuanya sempat dicoba)"),
            };
        }
        for threshold in &self.thresholds {
            let _ = writeln!(out, "  {}", threshold.text().in_lang(lang));
        }
        if let Some(time) = &self.time {
            let _ = writeln!(out, "  {}", time.text().in_lang(lang));
        }
    }

    fn json(&self, lang: Lang) -> Json {
        let value = |told: &Told| serde_json::to_value(told.answer.to_json(lang)).unwrap_or(Json::Null);
        let change = |c: &FactChange| {
            json!({"fact": c.fact, "from": value(&c.from), "to": c.to.iter().map(value).collect::<Vec<_>>(),
                "distance": c.distance.as_ref().map(|(d, _)| value(d)), "text": c.text().in_lang(lang)})
        };
        let way = |w: &Way| json!({"changes": w.changes.iter().map(change).collect::<Vec<_>>(), "open": w.open, "text": w.text().in_lang(lang)});
        let threshold = |t: &Threshold| {
            json!({"criterion": &*t.criterion, "element": t.element, "subject": t.subject, "value": value(&t.value),
                "limit": value(&t.limit), "distance": value(&t.distance), "above": t.above, "text": t.text().in_lang(lang)})
        };
        let time = |t: &InTime| {
            let because: Vec<&str> = t.because.iter().map(|b| b.in_lang(lang)).collect();
            json!({"date": t.date.to_string(), "outcome": t.outcome(), "because": because, "text": t.text().in_lang(lang)})
        };
        json!({
            "programme": self.name(), "member": self.member(), "outcome": word(self.verdict),
            "ways": self.ways.iter().map(way).collect::<Vec<_>>(),
            "thresholds": self.thresholds.iter().map(threshold).collect::<Vec<_>>(),
            "time": self.time.as_ref().map(time), "complete": self.complete,
        })
    }
}

impl Way {
    /// The changes, all of which it takes.
    pub fn changes(&self) -> &[FactChange] {
        &self.changes
    }

    /// Whether facts that are still missing would then decide.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// It in one sentence.
    pub fn text(&self) -> Phrase {
        let join = |lang: Lang, and: &str| {
            let list: Vec<String> = self.changes.iter().map(|c| c.text().in_lang(lang).to_owned()).collect();
            list.join(and)
        };
        let (en, id) = (join(Lang::En, ", and "), join(Lang::Id, ", dan "));
        match self.open {
            false => Phrase { en, id },
            true => Phrase {
                en: format!("{en}; then what is missing decides"),
                id: format!("{id}; setelah itu fakta yang belum diketahui menentukan"),
            },
        }
    }
}

impl FactChange {
    /// Where the fact stands.
    pub fn fact(&self) -> &str {
        &self.fact
    }

    /// Its value now.
    pub fn from(&self) -> &Answer {
        &self.from.answer
    }

    /// The values any of which will do; of a number or a date the nearest, on either side.
    pub fn to(&self) -> impl Iterator<Item = &Answer> {
        self.to.iter().map(|told| &told.answer)
    }

    /// It in words.
    pub fn text(&self) -> Phrase {
        let list = |lang: Lang, or: &str| {
            let words: Vec<&str> = self.to.iter().map(|told| told.words.in_lang(lang)).collect();
            words.join(or)
        };
        let (now, far) = (&self.from.words, self.far());
        Phrase {
            en: format!("`{}`: {} instead of {}{}", self.fact, list(Lang::En, " or "), now.en, far.en),
            id: format!("`{}`: {}, bukan {}{}", self.fact, list(Lang::Id, " atau "), now.id, far.id),
        }
    }

    fn far(&self) -> Phrase {
        let Some((far, above)) = &self.distance else { return phrase!("", "") };
        let (en, id) = match (&far.answer, above) {
            (Answer::Duration(_), true) => ("later", "lebih lambat"),
            (Answer::Duration(_), false) => ("earlier", "lebih awal"),
            (_, true) => ("more", "lebih banyak"),
            (_, false) => ("less", "lebih sedikit"),
        };
        Phrase { en: format!(" ({} {en})", far.words.en), id: format!(" ({} {id})", far.words.id) }
    }
}

impl Threshold {
    /// The criterion in which the limit stands.
    pub fn criterion(&self) -> &str {
        &self.criterion
    }

    /// What is compared: a fact's place, or the expression as it is written.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Its value.
    pub fn value(&self) -> &Answer {
        &self.value.answer
    }

    /// What it is compared with.
    pub fn limit(&self) -> &Answer {
        &self.limit.answer
    }

    /// How far apart they are.
    pub fn distance(&self) -> &Answer {
        &self.distance.answer
    }

    /// Whether the value is above the limit; on it, it counts as above.
    pub fn is_above(&self) -> bool {
        self.above
    }

    /// It in words.
    pub fn text(&self) -> Phrase {
        // The place of a fact names its element.
        let element = self.element.as_deref().filter(|e| !e.is_empty() && !self.subject.starts_with(e));
        let element = element.map(|e| format!(" [{e}]")).unwrap_or_default();
        let (value, limit, far) = (&self.value.words, &self.limit.words, &self.distance.words);
        let head = format!("{}{element}: `{}`", self.criterion, self.subject);
        if value == limit {
            return Phrase {
                en: format!("{head} is {}, the limit itself", value.en),
                id: format!("{head} {}, tepat pada batas", value.id),
            };
        }
        let (en, id) = if self.above { ("above", "di atas") } else { ("below", "di bawah") };
        Phrase {
            en: format!("{head} is {}, {} {en} {}", value.en, far.en, limit.en),
            id: format!("{head} {}, {} {id} {}", value.id, far.id, limit.id),
        }
    }
}

impl InTime {
    /// The first day on which it is decided otherwise.
    pub fn date(&self) -> Date {
        self.date
    }

    /// How it is decided then: `eligible`, `not_eligible`, `undetermined` or `error`.
    pub fn outcome(&self) -> &'static str {
        word(self.verdict)
    }

    /// What happens on that day.
    pub fn because(&self) -> &[Phrase] {
        &self.because
    }

    /// It in words.
    pub fn text(&self) -> Phrase {
        let because = |lang: Lang, when: &str, and: &str| {
            let list: Vec<&str> = self.because.iter().map(|b| b.in_lang(lang)).collect();
            if list.is_empty() { String::new() } else { format!(", {when} {}", list.join(and)) }
        };
        Phrase {
            en: format!(
                "from {} {}{}",
                self.date,
                outcome_words(self.verdict, Lang::En),
                because(Lang::En, "when", " and ")
            ),
            id: format!(
                "mulai {} {}{}",
                self.date,
                outcome_words(self.verdict, Lang::Id),
                because(Lang::Id, "ketika", " dan ")
            ),
        }
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Eligible => "eligible",
        Verdict::NotEligible => "not_eligible",
        Verdict::Undetermined => "undetermined",
        Verdict::Error => "error",
    }
}
