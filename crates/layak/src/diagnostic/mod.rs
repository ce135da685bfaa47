//! What Layak has to say about a rule file: findings, each with its code, place, reason and way out.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::source::{Place, SourceId, SourceMap, Span};
use crate::syntax::Lang;

mod code;
mod near;

pub use code::{Code, CodePage};
pub(crate) use near::nearest;

/// One sentence in each language of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phrase {
    pub(crate) en: String,
    pub(crate) id: String,
}

impl Phrase {
    /// One said in English and in Indonesian.
    pub fn new(en: impl Into<String>, id: impl Into<String>) -> Phrase {
        Phrase { en: en.into(), id: id.into() }
    }

    /// The sentence in a language.
    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Id => &self.id,
        }
    }
}

/// `phrase!("english {0}", "indonesia {0}", value…)`: both sentences take the same values.
macro_rules! phrase {
    ($en:literal, $id:literal $(, $arg:expr)* $(,)?) => {
        $crate::diagnostic::Phrase { en: format!($en $(, $arg)*), id: format!($id $(, $arg)*) }
    };
}
pub(crate) use phrase;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Severity {
    /// The rules cannot be used.
    Error,
    /// The rules can be used, but say something that is hardly meant.
    Warning,
}

/// Something found in the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub(crate) code: Code,
    pub(crate) severity: Severity,
    pub(crate) message: Phrase,
    pub(crate) span: Option<Span>,
    pub(crate) label: Option<Phrase>,
    pub(crate) secondary: Vec<(Span, Phrase)>,
    pub(crate) help: Vec<Phrase>,
    /// The name that a warning can be silenced by naming, where it belongs to one declaration.
    pub(crate) subject: Option<Arc<str>>,
}

impl Finding {
    pub(crate) fn error(code: Code, span: Span, message: Phrase) -> Finding {
        Finding {
            code,
            severity: Severity::Error,
            message,
            span: Some(span),
            label: None,
            secondary: Vec::new(),
            help: Vec::new(),
            subject: None,
        }
    }

    /// A finding about the ruleset as a whole, which stands nowhere.
    pub(crate) fn nowhere(code: Code, message: Phrase) -> Finding {
        Finding {
            code,
            severity: Severity::Error,
            message,
            span: None,
            label: None,
            secondary: Vec::new(),
            help: Vec::new(),
            subject: None,
        }
    }

    pub(crate) fn label(mut self, label: Phrase) -> Finding {
        self.label = Some(label);
        self
    }

    pub(crate) fn also(mut self, span: Span, label: Phrase) -> Finding {
        self.secondary.push((span, label));
        self
    }

    pub(crate) fn help(mut self, help: Phrase) -> Finding {
        self.help.push(help);
        self
    }

    pub(crate) fn maybe_help(mut self, help: Option<Phrase>) -> Finding {
        self.help.extend(help);
        self
    }

    /// Its stable code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// How grave it is.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What is the matter.
    pub fn message(&self) -> &Phrase {
        &self.message
    }

    /// Where, if it stands somewhere.
    pub fn span(&self) -> Option<Span> {
        self.span
    }

    /// What to say beside the place.
    pub fn reason(&self) -> Option<&Phrase> {
        self.label.as_ref()
    }

    /// Other places that belong to it, each with what to say there.
    pub fn secondary(&self) -> &[(Span, Phrase)] {
        &self.secondary
    }

    /// Ways out.
    pub fn ways_out(&self) -> &[Phrase] {
        &self.help
    }
}

/// All findings on a ruleset together with its sources, so that they can be shown.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    pub(crate) sources: Arc<SourceMap>,
    pub(crate) list: Vec<Finding>,
}

impl Findings {
    /// INVARIANT: the order comes from paths and positions alone, not from the order of discovery or of files.
    pub(crate) fn new(sources: Arc<SourceMap>, mut list: Vec<Finding>) -> Findings {
        let key = |f: &Finding| (f.span.map(|s| (sources.place(s), s.end)), f.code, f.message.clone());
        list.sort_by_cached_key(key);
        list.dedup();
        Findings { sources, list }
    }

    /// The findings of several rulesets that share files, each once. A finding is kept if a test lets it through, which is
    /// told the path of its file and how many of them tell it.
    pub(crate) fn merged(all: &[Findings], keeps: impl Fn(&Finding, (&str, usize)) -> bool) -> Findings {
        let mut sources = SourceMap::default();
        let mut known: BTreeMap<String, SourceId> = BTreeMap::new();
        let mut list: Vec<Finding> = Vec::new();
        for findings in all {
            let own = findings.sources.iter().map(|(_, source)| match known.get(source.path()) {
                Some(id) => *id,
                None => {
                    let id = sources.add(source.clone());
                    known.insert(source.path().to_owned(), id);
                    id
                }
            });
            let own: Vec<SourceId> = own.collect();
            let moved = |span: Span| match own.get(span.source.0 as usize) {
                Some(id) => Span { source: *id, ..span },
                None => span,
            };
            for finding in &findings.list {
                let mut finding = finding.clone();
                finding.span = finding.span.map(moved);
                finding.secondary.iter_mut().for_each(|(span, _)| *span = moved(*span));
                list.push(finding);
            }
        }
        let times: Vec<usize> = {
            let key = |f: &Finding| (f.span.map(|s| (s.source, s.start, s.end)), f.code, f.message.clone());
            let mut counts: BTreeMap<_, usize> = BTreeMap::new();
            list.iter().for_each(|f| *counts.entry(key(f)).or_default() += 1);
            list.iter().map(|f| counts.get(&key(f)).copied().unwrap_or(1)).collect()
        };
        let path =
            |f: &Finding| f.span.and_then(|span| sources.get(span.source)).map_or("", crate::source::Source::path);
        let kept = list.iter().zip(times).filter(|(f, times)| keeps(f, (path(f), *times))).map(|(f, _)| f.clone());
        let kept = kept.collect();
        Findings::new(Arc::new(sources), kept)
    }

    /// The findings by place.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.list.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether any makes the rules unusable.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|f| f.severity == Severity::Error)
    }

    /// The sources that the findings speak of.
    pub fn sources(&self) -> &SourceMap {
        &self.sources
    }

    /// Each finding as an object: code, severity, path, line, column, message, reason, secondary places and help, in one
    /// language. Serialises as a list; the command line writes one a line.
    pub fn to_json(&self, lang: Lang) -> Vec<impl Serialize + '_> {
        self.list.iter().map(|finding| FindingJson { finding, sources: &self.sources, lang }).collect()
    }
}

struct FindingJson<'a> {
    finding: &'a Finding,
    sources: &'a SourceMap,
    lang: Lang,
}

impl Serialize for FindingJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Spot<'a> {
            path: &'a str,
            line: usize,
            column: usize,
            text: &'a str,
        }
        let f = self.finding;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", &f.code.to_string())?;
        map.serialize_entry("severity", &f.severity)?;
        if let Some(span) = f.span {
            let Place { path, line, column } = self.sources.place(span);
            let end = self.sources.place(Span { start: span.end, ..span });
            map.serialize_entry("path", &*path)?;
            map.serialize_entry("line", &line)?;
            map.serialize_entry("column", &column)?;
            map.serialize_entry("end_line", &end.line)?;
            map.serialize_entry("end_column", &end.column)?;
        }
        map.serialize_entry("message", f.message.in_lang(self.lang))?;
        if let Some(label) = &f.label {
            map.serialize_entry("reason", label.in_lang(self.lang))?;
        }
        let spots: Vec<_> = f.secondary.iter().map(|(span, text)| (self.sources.place(*span), text)).collect();
        let spots: Vec<_> = spots
            .iter()
            .map(|(p, text)| Spot { path: &p.path, line: p.line, column: p.column, text: text.in_lang(self.lang) })
            .collect();
        map.serialize_entry("secondary", &spots)?;
        let help: Vec<_> = f.help.iter().map(|h| h.in_lang(self.lang)).collect();
        map.serialize_entry("help", &help)?;
        map.end()
    }
}

impl fmt::Display for Findings {
    /// One line a finding, and its help below it: enough for a log. A terminal deserves the command line's rendering.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, finding) in self.list.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            if let Some(span) = finding.span {
                write!(f, "{}: ", self.sources.place(span))?;
            }
            let severity = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            write!(f, "{severity}[{}]: {}", finding.code, finding.message.en)?;
            if let Some(label) = &finding.label {
                write!(f, " ({})", label.en)?;
            }
            for help in &finding.help {
                write!(f, "\n  help: {}", help.en)?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Findings {}
