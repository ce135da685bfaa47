//! A decision made again, told to people and as JSON.

use serde_json::{Value as Json, json};

use super::redecide::{Again, Correction, PaidAmount, Redecision};
use crate::facts::Data;
use crate::syntax::{Lang, Unit};
use crate::value::{Decimal, Value};

impl Redecision {
    /// For people: what changed, why, and what it makes; one line where nothing changed.
    pub fn render(&self, lang: Lang) -> String {
        let id = self.id.as_deref().unwrap_or("-");
        let until = self.until.map_or_else(String::new, |day| format!("..<{day}"));
        let head = format!("{id} {}{until}", self.as_of);
        if self.programmes.is_empty() {
            return match lang {
                Lang::Id => format!("{head}: tetap\n"),
                Lang::En => format!("{head}: as before\n"),
            };
        }
        let mut out = format!("{head}\n");
        for again in &self.programmes {
            again.render(lang, &mut out);
        }
        self.causes(lang, &mut out);
        out
    }

    fn causes(&self, lang: Lang, out: &mut String) {
        let by_rules: Vec<String> =
            self.programmes.iter().filter(|a| a.by_rules).map(|a| format!("`{}`", a.programme)).collect();
        let hangs = |by: &[String], lang: Lang| match (by.is_empty(), lang) {
            (true, Lang::Id) => "tidak memengaruhi hasil".to_owned(),
            (true, Lang::En) => "no outcome depends on it".to_owned(),
            (false, Lang::Id) => format!("menentukan {}", by.join(", ")),
            (false, Lang::En) => format!("decides {}", by.join(", ")),
        };
        if let Some((then, now)) = &self.ruleset {
            let hangs = hangs(&by_rules, lang);
            out.push_str(&match lang {
                Lang::Id => format!("  aturan: {then} -> {now} ({hangs})\n"),
                Lang::En => format!("  rules: {then} -> {now} ({hangs})\n"),
            });
        }
        if let Some((then, now)) = &self.known_on {
            let hangs = hangs(&by_rules, lang);
            out.push_str(&match lang {
                Lang::Id => format!("  hukum sebagaimana diketahui per: {then} -> {now} ({hangs})\n"),
                Lang::En => format!("  the law as known on: {then} -> {now} ({hangs})\n"),
            });
        }
        for correction in &self.corrections {
            let names: Vec<String> = correction.programmes.iter().map(|name| format!("`{name}`")).collect();
            out.push_str(&format!("  {} ({})\n", correction.words(lang), hangs(&names, lang)));
        }
        if !self.has_facts {
            out.push_str(match lang {
                Lang::Id => "  rekaman tanpa fakta: fakta mana yang berubah tidak diketahui\n",
                Lang::En => "  the record is without facts: which of them changed is not known\n",
            });
        }
    }

    /// As data. Exact values are texts.
    pub fn to_json(&self, lang: Lang) -> Json {
        let corrections: Vec<Json> = self.corrections.iter().map(Correction::json).collect();
        let programmes: Vec<Json> = self.programmes.iter().map(|again| again.json(lang)).collect();
        let days = |pair: &(crate::value::Date, crate::value::Date)| [pair.0.to_string(), pair.1.to_string()];
        json!({
            "id": self.id, "as_of": self.as_of.to_string(), "until": self.until.map(|day| day.to_string()),
            "same": self.is_same(), "programmes": programmes, "ruleset": self.ruleset,
            "known_on": self.known_on.as_ref().map(days), "corrections": corrections, "facts_recorded": self.has_facts,
        })
    }
}

/// An outcome for people.
fn outcome(word: Option<&str>, lang: Lang) -> &'static str {
    match (word, lang) {
        (Some("eligible"), Lang::Id) => "layak",
        (Some("eligible"), Lang::En) => "eligible",
        (Some("not_eligible"), Lang::Id) => "tidak layak",
        (Some("not_eligible"), Lang::En) => "not eligible",
        (Some("undetermined"), Lang::Id) => "belum pasti",
        (Some("undetermined"), Lang::En) => "undetermined",
        (Some(_), Lang::Id) => "galat",
        (Some(_), Lang::En) => "error",
        (None, Lang::Id) => "tidak ada",
        (None, Lang::En) => "absent",
    }
}

impl Again {
    fn render(&self, lang: Lang, out: &mut String) {
        let member = self.member.as_ref().map_or_else(String::new, |member| format!(" [{member}]"));
        let (old, new) = (outcome(self.old, lang), outcome(self.new, lang));
        let turn = match (old == new, lang) {
            (false, _) => format!("{old} -> {new}"),
            (true, Lang::Id) => format!("{new}, keluaran berbeda"),
            (true, Lang::En) => format!("{new}, other outputs"),
        };
        out.push_str(&format!("  {}{member}  {turn}\n", self.programme));
        for amount in &self.amounts {
            out.push_str(&format!("    {}\n", amount.words_in(lang)));
        }
        for (_, en, id) in &self.reasons {
            out.push_str(&format!("    - {}\n", if lang == Lang::Id { id } else { en }));
        }
        if self.reasons.is_empty() {
            let word = if lang == Lang::Id { "semula" } else { "then" };
            self.reasons_then.iter().for_each(|(_, text)| out.push_str(&format!("    - {word}: {text}\n")));
        }
        self.missing.iter().for_each(|fact| out.push_str(&format!("    ? {fact}\n")));
    }

    fn json(&self, lang: Lang) -> Json {
        let amounts: Vec<Json> = self.amounts.iter().map(PaidAmount::json).collect();
        let reasons: Vec<Json> = self
            .reasons
            .iter()
            .map(|(criterion, en, id)| json!({"criterion": criterion, "text": if lang == Lang::Id { id } else { en }}))
            .collect();
        let then: Vec<Json> = self.reasons_then.iter().map(|(c, text)| json!({"criterion": c, "text": text})).collect();
        json!({
            "programme": self.programme, "member": self.member, "then": self.old, "now": self.new, "amounts": amounts,
            "reasons": reasons, "reasons_then": then, "missing": self.missing, "by_rules": self.by_rules,
        })
    }
}

impl PaidAmount {
    fn words_in(&self, lang: Lang) -> String {
        let [en, id] = &self.words;
        let [then, now] = if lang == Lang::Id { id } else { en };
        let mut out = format!("{} {then} -> {now}", self.output);
        let sum = |sum: &Decimal| self.writing.words(&Value::Number(sum.clone()), lang);
        let made = match (self.overpaid(), self.underpaid(), lang) {
            (Some(over), _, Lang::Id) => format!(": kelebihan bayar {}", sum(&over)),
            (Some(over), _, Lang::En) => format!(": overpaid {}", sum(&over)),
            (_, Some(under), Lang::Id) => format!(": kurang bayar {}", sum(&under)),
            (_, Some(under), Lang::En) => format!(": underpaid {}", sum(&under)),
            // A rate over a period whose end is not known, or what is not settled.
            _ => String::new(),
        };
        out.push_str(&made);
        out
    }

    fn json(&self) -> Json {
        let text = |number: Option<Decimal>| number.map(|n| n.to_string());
        let per = self.per.map(|unit| match unit {
            Unit::Year => "year",
            Unit::Month => "month",
            Unit::Week => "week",
            Unit::Day => "day",
        });
        json!({
            "output": self.output, "then": text(self.then.clone()), "now": text(self.now.clone()), "per": per,
            "overpaid": text(self.overpaid()), "underpaid": text(self.underpaid()),
        })
    }
}

impl Correction {
    fn words(&self, lang: Lang) -> String {
        if self.is_element {
            return match (self.is_gone, lang) {
                (true, Lang::Id) => format!("`{}` tidak ada lagi", self.path),
                (true, Lang::En) => format!("`{}` is there no more", self.path),
                (false, Lang::Id) => format!("`{}` baru ada", self.path),
                (false, Lang::En) => format!("`{}` was not there", self.path),
            };
        }
        let none = if lang == Lang::Id { "tidak terekam" } else { "not recorded" };
        let side = |data: &Option<Data<'static>>| data.as_ref().map_or_else(|| none.to_owned(), Data::to_json);
        format!("`{}`: {} -> {}", self.path, side(&self.then), side(&self.now))
    }

    fn json(&self) -> Json {
        let value = |data: &Option<Data<'static>>| data.as_ref().map(Data::to_value);
        if self.is_element {
            return json!({"fact": self.path, "gone": self.is_gone, "programmes": self.programmes});
        }
        json!({"fact": self.path, "then": value(&self.then), "now": value(&self.now), "programmes": self.programmes})
    }
}
