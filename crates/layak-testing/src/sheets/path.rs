//! What the head of a column names: a part of a case.

/// A step from a part of a case to what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Field(String),
    Item(usize),
    /// An element named by its key, in quotes.
    Key(String),
}

/// Elements of a list further than this have no column.
const FURTHEST: usize = 1_000;

/// The steps of `input.members[0].birth_date`; nothing where it is no path.
pub(super) fn steps(text: &str) -> Option<Vec<Step>> {
    let mut out = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(end)?;
        if name.is_empty() {
            return None;
        }
        out.push(Step::Field(name.to_owned()));
        rest = after;
        while let Some(inner) = rest.strip_prefix('[') {
            let (at, after) = inner.split_once(']')?;
            out.push(match at.strip_prefix('"').and_then(|at| at.strip_suffix('"')) {
                Some(key) => Step::Key(key.to_owned()),
                None => Step::Item(at.parse::<usize>().ok().filter(|n| *n < FURTHEST)?),
            });
            rest = after;
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Some(out),
            None => return None,
        }
    }
}

/// A name without positions and keys: `input.members[3].wage` is `input.members[0].wage`.
pub(super) fn general(name: &str) -> String {
    let mut out = String::new();
    let mut rest = name;
    while let Some((before, inner)) = rest.split_once('[') {
        out.push_str(before);
        out.push_str("[0]");
        rest = inner.split_once(']').map_or("", |(_, after)| after);
    }
    out + rest
}
