//! Findings on the terminal and as JSON.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use layak::{Finding, Findings, Lang, LoadError, Package, Ruleset, Severity, Source, SourceMap, Span};

use crate::args::FindingFormat;
use crate::{CallError, Ending};

/// Whether standard error may be coloured.
fn coloured() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Loads rules, with acts laid over them, and tells what was found; nothing where they cannot be used.
pub(crate) fn load(
    path: &Path,
    acts: &[PathBuf],
    format: FindingFormat,
    lang: Lang,
) -> Result<Option<Ruleset>, CallError> {
    let rules = Ruleset::from_path(path);
    match rules.and_then(|rules| if acts.is_empty() { Ok(rules) } else { rules.amended_by(acts) }) {
        Ok(rules) => {
            tell(rules.warnings(), format, lang);
            Ok(Some(rules))
        }
        Err(LoadError::Findings(findings)) => {
            tell(&findings, format, lang);
            Ok(None)
        }
        Err(error) => Err(CallError(error.to_string())),
    }
}

/// As `load`, of a folder that may hold several rulesets.
pub(crate) fn load_all(
    path: &Path,
    acts: &[PathBuf],
    format: FindingFormat,
    lang: Lang,
) -> Result<Option<Package>, CallError> {
    let rules = Package::from_path(path);
    match rules.and_then(|rules| if acts.is_empty() { Ok(rules) } else { rules.amended_by(acts) }) {
        Ok(rules) => {
            tell(&rules.warnings(), format, lang);
            Ok(Some(rules))
        }
        Err(LoadError::Findings(findings)) => {
            tell(&findings, format, lang);
            Ok(None)
        }
        Err(error) => Err(CallError(error.to_string())),
    }
}

/// Writes findings to standard error.
pub(crate) fn tell(findings: &Findings, format: FindingFormat, lang: Lang) {
    let mut err = std::io::stderr().lock();
    // Nobody is left to tell when standard error is closed.
    let _ = match format {
        FindingFormat::Json => findings.to_json(lang).iter().try_for_each(|f| {
            serde_json::to_writer(&mut err, f).map_err(std::io::Error::from).and_then(|()| writeln!(err))
        }),
        FindingFormat::Text => {
            let renderer = if coloured() { Renderer::styled() } else { Renderer::plain() };
            findings.iter().try_for_each(|f| writeln!(err, "{}\n", render(f, findings.sources(), lang, &renderer)))
        }
    };
}

fn render(finding: &Finding, sources: &SourceMap, lang: Lang, renderer: &Renderer) -> String {
    let level = match finding.severity() {
        Severity::Error => Level::ERROR,
        _ => Level::WARNING,
    };
    let level = match (lang, finding.severity()) {
        (Lang::Id, Severity::Error) => level.with_name("galat"),
        (Lang::Id, _) => level.with_name("peringatan"),
        _ => level,
    };
    let code = finding.code().to_string();
    let mut group = Group::with_title(level.primary_title(finding.message().in_lang(lang)).id(&code));
    if let Some(span) = finding.span()
        && let Some(source) = sources.get(span.source)
    {
        let own = finding.secondary().iter().filter(|(s, _)| s.source == span.source);
        let mut marks = vec![(span, AnnotationKind::Primary, finding.reason().map(|r| r.in_lang(lang)))];
        marks.extend(own.map(|(span, label)| (*span, AnnotationKind::Context, Some(label.in_lang(lang)))));
        group = excerpt(group, source, &marks);
        for (other, label) in finding.secondary().iter().filter(|(s, _)| s.source != span.source) {
            if let Some(source) = sources.get(other.source) {
                group = excerpt(group, source, &[(*other, AnnotationKind::Context, Some(label.in_lang(lang)))]);
            }
        }
    }
    for help in finding.ways_out() {
        let help_level = if lang == Lang::Id { Level::HELP.with_name("bantuan") } else { Level::HELP };
        group = group.element(help_level.message(help.in_lang(lang)));
    }
    renderer.render(&[group]).to_string()
}

/// Lines longer than this, all that an excerpt shows together, are named and not shown.
const LONGEST_EXCERPT: usize = 4 << 10;

/// The lines of a source that hold what is marked; alone, so that the cost of many findings does not grow with the source.
fn excerpt<'a>(group: Group<'a>, source: &'a Source, marks: &[(Span, AnnotationKind, Option<&'a str>)]) -> Group<'a> {
    let start = marks.iter().map(|(span, ..)| span.start).min().unwrap_or(0);
    let end = marks.iter().map(|(span, ..)| span.end).max().unwrap_or(start);
    let (text, from, line) = source.lines(start, end);
    if text.len() > LONGEST_EXCERPT {
        return marks.iter().fold(group, |group, (span, ..)| {
            let (line, column) = source.line_column(span.start);
            group.element(Origin::path(source.path()).line(line).char_column(column))
        });
    }
    let mut snippet = Snippet::source(text).path(source.path()).line_start(line);
    for (span, kind, label) in marks {
        let range = (span.start as usize).saturating_sub(from)..(span.end as usize).saturating_sub(from);
        let mut mark = kind.span(range);
        if let Some(label) = label {
            mark = mark.label(*label);
        }
        snippet = snippet.annotation(mark);
    }
    group.element(snippet)
}

/// How a command ends that found errors in the rules.
pub(crate) const FOUND: Ending = Ending::Findings;
