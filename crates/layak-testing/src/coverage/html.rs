//! The coverage as a page that needs nothing else: the rules, with what has not been shown beside their lines.

use std::collections::BTreeMap;

use layak::{Coverage, CoverageItem, CoverageKind, Lang, SourceMap};

use crate::coverage::{kind_word, kinds_word, open_goals, percent};

const STYLE: &str = "
:root{color-scheme:light dark;--line:#d0d7de;--ok:#dafbe1;--part:#fff8c5;--no:#ffebe9;--faint:#656d76}
@media(prefers-color-scheme:dark){:root{--line:#30363d;--ok:#12301d;--part:#3a2f0b;--no:#3c1618;--faint:#8b949e}}
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem}
table{border-collapse:collapse}th,td{text-align:left;padding:.15rem .75rem;border-bottom:1px solid var(--line)}
td.n{text-align:right;font-variant-numeric:tabular-nums}
.rules{width:100%;font:13px/1.45 ui-monospace,monospace;table-layout:fixed}
.rules td{border:0;vertical-align:top;white-space:pre-wrap;overflow-wrap:anywhere;padding:0 .5rem}
.rules td:first-child{width:3.5rem;text-align:right;color:var(--faint);user-select:none}
.rules td:last-child{width:22rem;font-family:system-ui,sans-serif}
tr.ok td:nth-child(2){background:var(--ok)}tr.part td:nth-child(2){background:var(--part)}tr.no td:nth-child(2){background:var(--no)}
";

/// A page with the rules line by line, and beside each line what has not been shown of what begins on it. Only the files are
/// on it that have such parts.
pub fn html(coverage: &Coverage, sources: &SourceMap, lang: Lang) -> String {
    let is_id = lang == Lang::Id;
    let (shown, all) = coverage.shown(None);
    let title = if is_id { "Cakupan aturan" } else { "Coverage of the rules" };
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n<h1>{title}: {}%</h1>\n<table>\n",
        if is_id { "id" } else { "en" },
        percent(coverage)
    );
    let (seen, of) = if is_id { ("ditunjukkan", "dari") } else { ("shown", "of") };
    out.push_str(&format!("<tr><td></td><td class=\"n\">{seen}</td><td class=\"n\">{of}</td></tr>\n"));
    for kind in CoverageKind::ALL {
        let (shown, all) = coverage.shown(Some(kind));
        if all > 0 {
            out.push_str(&row(kinds_word(kind, lang), shown, all));
        }
    }
    out.push_str(&row(if is_id { "semua" } else { "all" }, shown, all));
    out.push_str("</table>\n");
    let mut files: BTreeMap<&str, BTreeMap<usize, Vec<CoverageItem<'_>>>> = BTreeMap::new();
    for item in coverage.items() {
        let place = item.place();
        files.entry(&place.path).or_default().entry(place.line).or_default().push(item);
    }
    for (_, source) in sources.iter() {
        let Some(lines) = files.get(source.path()) else { continue };
        out.push_str(&format!("<h2>{}</h2>\n<table class=\"rules\">\n", escaped(source.path())));
        for (number, line) in (1usize..).zip(source.text().lines()) {
            let (class, notes) = lines.get(&number).map_or(("", String::new()), |items| told(items, lang));
            out.push_str(&format!(
                "<tr class=\"{class}\"><td>{number}</td><td>{}</td><td>{notes}</td></tr>\n",
                escaped(line)
            ));
        }
        out.push_str("</table>\n");
    }
    out.push_str("</html>\n");
    out
}

fn row(name: &str, shown: usize, all: usize) -> String {
    format!("<tr><th>{name}</th><td class=\"n\">{shown}</td><td class=\"n\">{all}</td></tr>\n")
}

/// How a line looks, and what has not been shown of its parts.
fn told(items: &[CoverageItem<'_>], lang: Lang) -> (&'static str, String) {
    let goals = || items.iter().flat_map(CoverageItem::goals);
    let class = match (goals().any(|(_, times)| times > 0), goals().any(|(_, times)| times == 0)) {
        (true, true) => "part",
        (true, false) => "ok",
        (false, _) => "no",
    };
    let notes = items.iter().map(|item| (item, open_goals(item, lang))).filter(|(_, open)| !open.is_empty());
    let notes: Vec<String> = notes
        .map(|(item, open)| format!("{} <b>{}</b>: {open}", kind_word(item.kind(), lang), escaped(item.name())))
        .collect();
    (class, notes.join("<br>"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
