//! The layout of rule files, for hosts.

use std::sync::Arc;

use crate::diagnostic::{Code, Finding, Findings, phrase};
use crate::limits::Limits;
use crate::source::{Source, SourceMap, Span};
use crate::syntax;

/// The text of a rule file, laid out: one blank where one belongs, the columns of entities, tables and keyed parameters
/// drawn, no blank line twice, no blanks at the end of a line, lines that end with a line feed. Lists and operators run on as far
/// as 100 columns; what is wider is broken where it binds least, but for rows of columns and for texts. The writer's words, comments and
/// other line breaks stay. Laying out twice changes nothing more. Of a Markdown file (`.layak.md`) its `layak` blocks alone are
/// laid out. Its cost grows with the length of the text.
///
/// ```
/// let text = "module aid\nentity Home {\n  id text key\n  rooms integer 0..\n}\ndefine big=rooms>4\n";
/// let laid_out = layak::format("aid.layak", text, layak::Limits::default())?;
/// assert_eq!(laid_out, "module aid\nentity Home {\n  id     text key\n  rooms  integer 0..\n}\ndefine big = rooms>4\n");
/// # Ok::<(), layak::Findings>(())
/// ```
///
/// # Errors
/// What cannot be read: a text with errors of syntax is not laid out.
pub fn format(path: &str, text: &str, limits: Limits) -> Result<String, Findings> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut map = SourceMap::default();
    // Editors of some systems begin a file with this mark; it says nothing in UTF-8.
    let source = Source::new(path, text.strip_prefix('\u{feff}').unwrap_or(text));
    let id = map.add(source.clone());
    let laid_out = if text.len() <= limits.source_bytes {
        syntax::format(&source, &limits, &mut findings)
    } else {
        findings.push(Finding::error(
            Code::TOO_LARGE,
            Span { source: id, start: 0, end: 0 },
            phrase!(
                "the file has {0} bytes, more than the {1} allowed",
                "berkas ini {0} bita, melebihi batas {1}",
                text.len(),
                limits.source_bytes
            ),
        ));
        None
    };
    laid_out.ok_or_else(|| Findings::new(Arc::new(map), findings))
}
