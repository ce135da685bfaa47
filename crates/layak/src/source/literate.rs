//! Rules inside a Markdown file: its fenced `layak` blocks.

use std::ops::Range;

/// The text with everything outside the `layak` blocks replaced by blanks of the same byte length; line ends stay, so that
/// every position is a position of the Markdown file.
pub(super) fn rules(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut copied = 0;
    for block in blocks(markdown) {
        blank(&mut out, markdown.get(copied..block.start).unwrap_or(""));
        out.push_str(markdown.get(block.clone()).unwrap_or(""));
        copied = block.end;
    }
    blank(&mut out, markdown.get(copied..).unwrap_or(""));
    out
}

/// Where the contents of the `layak` blocks lie, in the order of the text.
pub(super) fn blocks(markdown: &str) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    // The fence that is open: its character, its length, and where its block begins if it is ours.
    let mut open: Option<(char, usize, Option<usize>)> = None;
    let mut start = 0;
    for line in markdown.split_inclusive('\n') {
        let end = start + line.len();
        let body = line.trim_end_matches(['\n', '\r']);
        let indent = body.len() - body.trim_start_matches(' ').len();
        let fence = if indent <= 3 { fence_of(body.trim_start_matches(' ')) } else { None };
        match (open, fence) {
            (None, Some((mark, length, info))) => {
                open = Some((mark, length, (info.split_whitespace().next() == Some("layak")).then_some(end)));
            }
            (Some((mark, length, ours)), Some((closing, count, info)))
                if closing == mark && count >= length && info.trim().is_empty() =>
            {
                open = None;
                out.extend(ours.map(|from| from..start));
            }
            _ => {}
        }
        start = end;
    }
    // A block that is never closed runs to the end.
    out.extend(open.and_then(|(.., ours)| ours).map(|from| from..markdown.len()));
    out
}

/// The fence character, how often it stands, and what follows it.
fn fence_of(line: &str) -> Option<(char, usize, &str)> {
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let rest = line.trim_start_matches(mark);
    let length = line.len() - rest.len();
    (length >= 3 && !(mark == '`' && rest.contains('`'))).then_some((mark, length, rest))
}

fn blank(out: &mut String, line: &str) {
    out.extend(line.bytes().map(|b| if b == b'\n' || b == b'\r' { char::from(b) } else { ' ' }));
}

#[cfg(test)]
mod tests {
    use super::rules;

    #[test]
    fn only_layak_blocks_remain_and_no_byte_moves() {
        let text = "# Pasal 1 – é\n\n```layak\ndefine a = 1\n```\ntext\n~~~ layak\r\ndefine b = 2\r\n~~~\n```rust\nfn x() {}\n```\n";
        let out = rules(text);
        assert_eq!(out.len(), text.len());
        assert_eq!(out.split_whitespace().collect::<Vec<_>>(), ["define", "a", "=", "1", "define", "b", "=", "2"]);
        assert_eq!(out.find("define b"), text.find("define b"));
    }

    #[test]
    fn a_longer_fence_holds_a_shorter_one() {
        let out = rules("````layak\n```\ndefine a = 1\n````\ndefine b = 2\n");
        assert!(out.contains("```") && out.contains("a = 1") && !out.contains("b = 2"));
    }
}
