//! An explanation as one page of HTML that needs nothing beside it: no script, no font, no picture from elsewhere.

use std::fmt::Write as _;

use crate::report::explain::{MOST_INDENT, ProgrammeReasoning, Reasoning, bracketed, kind_word, state_word};
use crate::report::letter::Letter;
use crate::report::picture::Mark;
use crate::report::why::GroundId;
use crate::report::{Asked, Decision, date_words, outcome_words};
use crate::syntax::Lang;

const STYLE: &str = include_str!("page.css");

/// A text in which nothing is markup.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // What is no character of HTML.
            c if c.is_control() && c != '\n' && c != '\t' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

fn page(title: &str, class: &str, lang: Lang, body: &str) -> String {
    let (skip, tag, title) = (pick(lang, "To the content", "Ke isi"), lang.tag(), escaped(title));
    format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#content\">{skip}</a>\n\
         <main id=\"content\" class=\"{class}\">\n<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n"
    )
}

fn pick<'a>(lang: Lang, en: &'a str, id: &'a str) -> &'a str {
    if lang == Lang::Id { id } else { en }
}

fn list(out: &mut String, items: &[String]) {
    out.push_str("<ul>\n");
    items.iter().for_each(|item| out.push_str(&format!("<li>{}</li>\n", escaped(item))));
    out.push_str("</ul>\n");
}

fn outcome(out: &mut String, mark: Mark, text: &str) {
    let (class, sign) = (mark.class(), mark.sign());
    let _ = writeln!(
        out,
        "<p class=\"outcome {class}\"><span class=\"mark\" aria-hidden=\"true\">{sign}</span> <span>{}</span></p>",
        escaped(text)
    );
}

impl Letter {
    /// As a page.
    pub(crate) fn html(&self, lang: Lang) -> String {
        let mut out = format!("<p>{}</p>\n", escaped(&self.opening));
        for (part, number) in self.programmes.iter().zip(1..) {
            let _ = writeln!(
                out,
                "<section aria-labelledby=\"p{number}\">\n<h2 id=\"p{number}\">{}</h2>",
                escaped(&part.heading)
            );
            outcome(&mut out, Mark::of(part.verdict), &part.sentence);
            for (head, items) in part.lists(lang) {
                let _ = writeln!(out, "<h3>{head}</h3>");
                list(&mut out, items);
            }
            let _ = writeln!(
                out,
                "<h3>{}</h3>\n<p>{}</p>",
                pick(lang, "What to do next", "Langkah berikutnya"),
                escaped(&part.next)
            );
            if !part.appeal.is_empty() {
                let _ = writeln!(out, "<p>{}</p>", escaped(&part.appeal));
            }
            if !part.basis.is_empty() {
                let _ = writeln!(
                    out,
                    "<p class=\"basis\">{}: {}</p>",
                    pick(lang, "The rule", "Aturannya"),
                    escaped(&part.basis)
                );
            }
            out.push_str("</section>\n");
        }
        let _ = writeln!(out, "<p>{}</p>", escaped(&self.closing));
        page(&self.title, "family", lang, &out)
    }
}

impl Reasoning {
    /// A caseworker's page; an auditor's, where it is given what was asked for.
    pub(crate) fn html(&self, decision: &Decision, asked: Option<&Asked<'_>>, lang: Lang) -> String {
        let mut out = String::new();
        let household = decision.id().unwrap_or("-");
        let title = match (asked.is_some(), lang) {
            (false, Lang::En) => format!("Household {household}: why it was decided so"),
            (false, Lang::Id) => format!("Rumah tangga {household}: alasan keputusan"),
            (true, Lang::En) => format!("Household {household}: audit record"),
            (true, Lang::Id) => format!("Rumah tangga {household}: rekaman audit"),
        };
        match asked {
            None => {
                let day = date_words(decision.as_of(), lang);
                let _ = writeln!(out, "<p>{}: {day}</p>", pick(lang, "Decided for", "Keputusan untuk"));
            }
            Some(asked) => {
                out.push_str("<dl>\n");
                for (name, value) in self.audit_head(decision, asked, lang) {
                    let _ = writeln!(out, "<dt>{name}</dt><dd>{}</dd>", escaped(&value));
                }
                out.push_str("</dl>\n");
            }
        }
        self.html_findings(&mut out, decision, lang);
        if asked.is_some() {
            let head = pick(lang, "Facts that had a part", "Fakta yang berperan");
            let _ = writeln!(out, "<section aria-labelledby=\"facts\">\n<h2 id=\"facts\">{head}</h2>");
            list(&mut out, &self.audit_facts(lang));
            out.push_str("</section>\n");
        }
        for (programme, number) in self.programmes.iter().zip(1..) {
            self.html_programme(&mut out, programme, number, lang);
        }
        if let Some(asked) = asked {
            let json = serde_json::to_string_pretty(&self.audit(decision, asked, lang)).unwrap_or_default();
            let head = pick(lang, "The record as JSON", "Rekaman sebagai JSON");
            let _ = writeln!(
                out,
                "<details>\n<summary>{head}</summary>\n<pre tabindex=\"0\">{}</pre>\n</details>",
                escaped(&json)
            );
        }
        page(&title, "wide", lang, &out)
    }

    fn html_findings(&self, out: &mut String, decision: &Decision, lang: Lang) {
        if decision.findings().is_empty() {
            return;
        }
        let head = pick(lang, "Findings on the facts", "Catatan atas fakta");
        let _ = writeln!(out, "<section aria-labelledby=\"findings\">\n<h2 id=\"findings\">{head}</h2>");
        let told = decision.findings().iter();
        let told = told.map(|f| format!("{}: {} ({})", f.fact(), f.text().in_lang(lang), f.dependence().in_lang(lang)));
        list(out, &told.collect::<Vec<_>>());
        out.push_str("</section>\n");
    }

    fn html_programme(&self, out: &mut String, programme: &ProgrammeReasoning, number: usize, lang: Lang) {
        let label = match programme.label.in_lang(lang) {
            "" => programme.name.to_string(),
            label => format!("{label} ({})", programme.name),
        };
        let whom = programme.element.as_ref().map(|e| format!(" — {}", e.text())).unwrap_or_default();
        let _ = writeln!(
            out,
            "<section aria-labelledby=\"p{number}\">\n<h2 id=\"p{number}\">{}</h2>",
            escaped(&format!("{label}{whom}"))
        );
        let verdict = programme.outcome.verdict;
        outcome(out, Mark::of(verdict), outcome_words(verdict, lang));
        let reasons: Vec<String> = programme.outcome.reasons().iter().map(|r| r.text(lang).into_owned()).collect();
        if !reasons.is_empty() {
            let _ = writeln!(out, "<h3>{}</h3>", pick(lang, "Reasons", "Alasan"));
            list(out, &reasons);
        }
        if let Some(error) = &programme.outcome.error {
            let at = error.at().map(|at| format!(" ({at})")).unwrap_or_default();
            let _ = writeln!(out, "<p>{}: {}{}</p>", error.code(), escaped(error.text().in_lang(lang)), escaped(&at));
        }
        let missing: Vec<String> = programme.missing.iter().map(|m| m.text(lang)).collect();
        if !missing.is_empty() {
            let _ = writeln!(out, "<h3>{}</h3>", pick(lang, "What is missing", "Yang belum diketahui"));
            list(out, &missing);
        }
        let _ = writeln!(out, "<h3>{}</h3>", pick(lang, "What decided", "Yang memutuskan"));
        for condition in &programme.conditions {
            let mark = Mark::of_condition(condition);
            let text = format!(
                "{} {}: {}{}",
                kind_word(condition.kind, lang),
                condition.label.in_lang(lang),
                state_word(condition.holds, lang),
                bracketed(condition.basis.in_lang(lang))
            );
            let open = if mark == Mark::For { "" } else { " open" };
            let _ = write!(
                out,
                "<details{open}>\n<summary><span class=\"mark {}\" aria-hidden=\"true\">{}</span><span class=\"read\">{}: </span>{}</summary>\n",
                mark.class(),
                mark.sign(),
                mark.word(lang),
                escaped(&text)
            );
            let amended: Vec<String> = condition.amended.iter().map(|rule| rule.text(lang)).collect();
            if !amended.is_empty() {
                list(out, &amended);
            }
            self.html_tree(out, self.beneath(&condition.rests_on, &condition.name), lang);
            out.push_str("</details>\n");
        }
        for output in &programme.outputs {
            let value = output.value.as_ref().map_or(pick(lang, "not settled", "belum pasti"), |v| v.in_lang(lang));
            let label = match output.label.in_lang(lang) {
                "" => &output.name,
                label => label,
            };
            let _ = writeln!(out, "<details>\n<summary>{}</summary>", escaped(&format!("{label}: {value}")));
            self.html_tree(out, self.beneath(&output.rests_on, &output.name), lang);
            out.push_str("</details>\n");
        }
        let amended: Vec<String> = programme.amended.iter().map(|rule| rule.text(lang)).collect();
        if !amended.is_empty() {
            list(out, &amended);
        }
        if !programme.basis.in_lang(lang).is_empty() {
            let (head, basis) = (pick(lang, "Basis", "Dasar"), programme.basis.in_lang(lang));
            let _ = writeln!(out, "<p class=\"basis\">{head}: {}</p>", escaped(basis));
        }
        if !programme.conditions.is_empty() {
            let caption = pick(
                lang,
                "Decision graph: ✓ speaks for it (whole line), ✗ against it (dashed), ? not known (dotted), • values and facts (facts are round)",
                "Graf keputusan: ✓ mendukung (garis utuh), ✗ menolak (putus-putus), ? belum diketahui (titik-titik), • nilai dan fakta (fakta membulat)",
            );
            let _ = writeln!(
                out,
                "<figure>\n<figcaption id=\"c{number}\">{caption}</figcaption>\n\
                 <div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-labelledby=\"c{number}\">{}</div>\n</figure>",
                self.picture(programme, number, lang)
            );
        }
        out.push_str("</section>\n");
    }

    /// Grounds as lists within lists; what has been written above in this tree is not written again.
    fn html_tree(&self, out: &mut String, from: &[GroundId], lang: Lang) {
        let mut told = vec![false; self.grounds.list.len()];
        let mut open: Vec<(GroundId, usize)> = from.iter().rev().map(|id| (*id, 1)).collect();
        let mut level = 0;
        while let Some((id, depth)) = open.pop() {
            let Some(ground) = self.grounds.list.get(id) else { continue };
            // Drawn on, a chain would be deeper than a browser reads.
            let shown = depth.min(MOST_INDENT);
            if shown > level {
                let class = if level == 0 { " class=\"tree\"" } else { "" };
                let _ = write!(out, "<ul{class}>");
                level += 1;
            } else {
                (shown..level).for_each(|_| out.push_str("</li></ul>"));
                out.push_str("</li>\n");
                level = shown;
            }
            let text = ground.kind.text(lang);
            let again = told.get_mut(id).is_some_and(|told| std::mem::replace(told, true));
            let again = again && !ground.rests_on.is_empty();
            let more = if again { pick(lang, " (as above)", " (seperti di atas)") } else { "" };
            let number = if depth > MOST_INDENT { format!("[{depth}] ") } else { String::new() };
            let _ = write!(out, "<li>{number}{}{more}", escaped(&text));
            if !again {
                open.extend(ground.rests_on.iter().rev().map(|id| (*id, depth + 1)));
            }
        }
        (0..level).for_each(|_| out.push_str("</li></ul>"));
        out.push('\n');
    }
}
