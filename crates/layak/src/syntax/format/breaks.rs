//! Where a line that is too wide is broken: before a clause, after a comma, before an operator; what stands in fewer brackets
//! first, and of that what binds least.
//!
//! INVARIANT: each line that comes out is one that is not broken any further, so laying out again changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::Line;
use super::spacing::{self, Piece, display_width};
use crate::syntax::lexicon;
use crate::syntax::scan::{self, TokenKind};
use crate::syntax::tree::{DeclarationKind, Tree};

/// The columns of a line, without a comment at its end.
pub(super) const WIDEST: usize = 100;

/// How far what goes on stands in from where it began.
const STEP: usize = 2;

/// What the words of a text are, by where they stand.
#[derive(Default)]
pub(super) struct Marks {
    /// The keyword, in English, that begins there.
    keywords: BTreeMap<usize, &'static str>,
    /// Words of a keyword that is made of several, but for the first.
    glued: BTreeSet<usize>,
    /// Fields of entities.
    fields: BTreeSet<usize>,
    /// Braces that open the body of a declaration, and whether it is an act, of which each line is one of its own.
    bodies: BTreeMap<usize, bool>,
}

impl Marks {
    /// Of the rules that a tree was read from.
    pub(super) fn of(text: &str, tree: &Tree) -> Marks {
        let names: BTreeSet<usize> = tree.names.iter().map(|span| span.start as usize).collect();
        let tokens = scan::tokens(text, crate::source::SourceId(0), &mut Vec::new());
        let words: Vec<(usize, &str)> = tokens
            .iter()
            .filter(|t| t.kind != TokenKind::Comment)
            .map(|t| (t.start, if t.kind == TokenKind::Word { text.get(t.start..t.end).unwrap_or("") } else { "" }))
            .collect();
        let mut marks = Marks { fields: fields(tree), ..Marks::default() };
        let mut rest = words.as_slice();
        let mut pending = None;
        while let [(at, word), tail @ ..] = rest {
            rest = tail;
            if word.is_empty() {
                if text.as_bytes().get(*at) == Some(&b'{')
                    && let Some(is_act) = pending.take()
                {
                    marks.bodies.insert(*at, is_act);
                }
                continue;
            }
            if names.contains(at) {
                continue;
            }
            let run: Vec<&str> = std::iter::once(*word).chain(tail.iter().map(|(_, w)| *w).take(LONGEST)).collect();
            if let Some((keyword, count)) = lexicon::phrase(&run, tree.lang) {
                marks.keywords.insert(*at, keyword);
                if BODIES.contains(&keyword) {
                    pending = Some(keyword == "amend");
                }
                let (glued, later) = tail.split_at_checked(count.saturating_sub(1)).unwrap_or((tail, &[]));
                marks.glued.extend(glued.iter().map(|(at, _)| *at));
                rest = later;
            }
        }
        marks
    }

    /// The blanks before a piece and how wide it is, with keywords as in English.
    fn measure(&self, piece: &Piece<'_>) -> (usize, usize) {
        let own = display_width(piece.text);
        if self.glued.contains(&piece.at) {
            // The first word has the width of all.
            return (0, 0);
        }
        let width = match (piece.kind, self.keywords.get(&piece.at)) {
            (TokenKind::Word, Some(keyword)) => lexicon::english_width(keyword).unwrap_or(own),
            // A name may be a keyword to those who know its type.
            (TokenKind::Word, None) => lexicon::english_width(piece.text).unwrap_or(own),
            // The values in a text are translated too.
            (TokenKind::Text, _) if piece.text.contains('{') => {
                let words = piece.text.split(|c: char| !unicode_ident::is_xid_continue(c));
                let words = words.filter_map(|word| Some((display_width(word), lexicon::english_width(word)?)));
                words.fold(own, |width, (here, english)| (width + english).saturating_sub(here))
            }
            _ => own,
        };
        // The blanks that draw the column of an arrow hang on other lines.
        (if is(piece, &["=>"]) { 1 } else { piece.gap }, width)
    }

    fn keyword(&self, piece: &Piece<'_>) -> &'static str {
        self.keywords.get(&piece.at).copied().unwrap_or("")
    }
}

/// The most words of a keyword, but for the first.
const LONGEST: usize = 3;

fn fields(tree: &Tree) -> BTreeSet<usize> {
    let entities = tree.declarations.iter().filter_map(|d| match &d.kind {
        DeclarationKind::Entity(entity) => Some(entity),
        _ => None,
    });
    entities.flat_map(|entity| &entity.fields).map(|field| field.name.span.start as usize).collect()
}

/// What a line is broken at; what comes first binds least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// A field of an entity, or a declaration in an act.
    Item,
    /// A clause of a declaration.
    Clause,
    /// The text in the second language.
    Tag,
    Comma,
    /// What a name stands for.
    Value,
    When,
    Else,
    Then,
    Where,
    Implies,
    Or,
    And,
    Compare,
    OrElse,
    Plus,
    Times,
}

impl Rank {
    /// Whether as much as fits stands on one line.
    fn fills(self) -> bool {
        matches!(self, Rank::Comma | Rank::Plus | Rank::Times | Rank::OrElse)
    }
}

/// Words that begin a clause of a declaration.
const CLAUSES: &[&str] = &[
    "when",
    "basis",
    "appeal",
    "otherwise",
    "requires",
    "refuses",
    "gives",
    "excludes",
    "except",
    "allow",
    "csv",
    "default",
    "priority",
    "given",
    "expect",
    "let",
    "for all",
    "unique",
    "collect",
    "as of",
    "known on",
    "column",
    "fresh for",
];

/// Words that begin a declaration within an act.
const ACTS: &[&str] =
    &["parameter", "define", "criterion", "table", "scale", "programme", "replace", "repeal", "except"];

/// Declarations with a body in braces.
const BODIES: &[&str] = &["entity", "enum", "format", "amend", "scale"];

fn is(piece: &Piece<'_>, signs: &[&str]) -> bool {
    piece.kind == TokenKind::Punctuation && signs.contains(&piece.text)
}

/// Breaks the lines that are too wide and not drawn in columns.
pub(super) fn lines(lines: &mut Vec<Line<'_>>, marks: &Marks) {
    let mut out = Vec::with_capacity(lines.len());
    for line in std::mem::take(lines) {
        let mut open = vec![line];
        while let Some(line) = open.pop() {
            match if line.is_drawn { Err(line) } else { split(line, marks) } {
                Ok(parts) => open.extend(parts.into_iter().rev()),
                Err(whole) => out.push(whole),
            }
        }
    }
    *lines = out;
}

/// How many pieces of a line are no comment.
fn code(line: &Line<'_>) -> usize {
    line.pieces.len() - usize::from(line.pieces.last().is_some_and(|p| p.kind == TokenKind::Comment))
}

/// The lines that a line is broken to at its first rank; itself where it is narrow enough or cannot be broken.
fn split<'a>(mut line: Line<'a>, marks: &Marks) -> Result<Vec<Line<'a>>, Line<'a>> {
    let end = code(&line);
    let is_wide = |line: &Line<'_>| line.measured + Ruler::measured(line, end, marks).width() > WIDEST;
    if !is_wide(&line) {
        return Err(line);
    }
    // Columns that the writer drew go first, but for what stands under the first word of a clause.
    line.pieces.iter_mut().take(end).skip(2).for_each(|piece| piece.gap = piece.gap.min(1));
    if !is_wide(&line) {
        return Err(line);
    }
    let all = candidates(&line, end, marks);
    let Some(first) = all.iter().map(|c| (c.depth, c.rank)).min() else { return Err(line) };
    let rank = first.1;
    let mut at: Vec<Candidate> = all.into_iter().filter(|c| (c.depth, c.rank) == first).collect();
    let head = line.pieces.first().map_or("", |p| marks.keyword(p));
    // A body in braces, and what closes it, stand on lines of their own.
    let body = (first.0 == 1).then(|| body(&line, end, marks)).flatten();
    if let Some(body) = &body {
        at.retain(|c| c.start != body.start);
        at.push(Candidate { start: body.start, depth: 1, rank, under: None });
        at.sort_unstable_by_key(|c| c.start);
        at.iter_mut().for_each(|c| c.under = None);
    }
    if rank == Rank::Comma {
        // As where it is joined again.
        for candidate in &at {
            line.pieces.get_mut(candidate.start).into_iter().for_each(|piece| piece.gap = 1);
        }
    }
    let again = rank == Rank::Else && matches!(head, "if" | "then" | "else")
        || rank == Rank::Clause && CLAUSES.contains(&head) && head != "except";
    let gives = head == "gives" && first.0 == 0;
    let fills = rank.fills() && !(rank == Rank::Comma && gives);
    // Who reads the layout again joins what is parted here, and measures it again, as `hung` does a text under another; of other
    // lines only the place is known.
    let is_joined = body.is_none() && (fills || matches!(rank, Rank::Or | Rank::And | Rank::Implies));
    let (drawn, measured) = (Ruler::drawn(&line, end), Ruler::measured(&line, end, marks));
    let deeper = |indent: usize, ruler: &Ruler| match (again, gives) {
        (true, _) => indent.max(STEP),
        // What an output comes to stands in from its name.
        (_, true) => indent + ruler.begins(1) + STEP,
        _ => indent + STEP,
    };
    let mut begun = vec![Begun { piece: 0, drawn: line.indent, measured: line.measured }];
    for (index, candidate) in at.iter().enumerate() {
        let next = at.get(index + 1).map_or(end, |c| c.start);
        let stop = measured.column(candidate.start, &begun, |b| b.measured) + measured.between(candidate.start, next);
        let must = !fills || body.as_ref().is_some_and(|b| b.start == candidate.start);
        if !must && stop <= WIDEST {
            continue;
        }
        let under = candidate.under.map(|under| {
            let drawn = drawn.column(under, &begun, |b| b.drawn);
            (drawn, measured.column(under, &begun, |b| b.measured))
        });
        let hung = under
            .filter(|(_, measured)| *measured <= FARTHEST)
            .map(|(drawn, measured)| (drawn.max(STEP), measured.max(STEP)));
        let is_measured = is_joined || rank == Rank::Tag && hung.is_some();
        let (drawn, measured) = hung.unwrap_or((deeper(line.indent, &drawn), deeper(line.measured, &measured)));
        begun.push(Begun { piece: candidate.start, drawn, measured: if is_measured { measured } else { drawn } });
    }
    if let Some(body) = body.filter(|b| b.end < end) {
        begun.push(Begun { piece: body.end, drawn: line.indent, measured: line.indent });
    }
    if begun.len() == 1 { Err(line) } else { Ok(cut(line, &begun)) }
}

/// Where a line begins: at which piece of the whole, at what column, and at what column it is measured from.
struct Begun {
    piece: usize,
    drawn: usize,
    measured: usize,
}

/// Where the pieces of a line begin and end, from its first.
struct Ruler {
    pieces: Vec<(usize, usize)>,
}

impl Ruler {
    /// As they stand.
    fn drawn(line: &Line<'_>, end: usize) -> Ruler {
        Ruler::of(line, end, |piece| (piece.gap, display_width(piece.text)))
    }

    /// As wide as they are in English: a translation is broken where the original is.
    fn measured(line: &Line<'_>, end: usize, marks: &Marks) -> Ruler {
        Ruler::of(line, end, |piece| marks.measure(piece))
    }

    fn of(line: &Line<'_>, end: usize, wide: impl Fn(&Piece<'_>) -> (usize, usize)) -> Ruler {
        let mut at = 0;
        let each = line.pieces.iter().take(end).enumerate().map(|(index, piece)| {
            let (gap, width) = wide(piece);
            let start = at + if index == 0 { 0 } else { gap };
            at = start + width;
            (start, at)
        });
        Ruler { pieces: each.collect() }
    }

    fn width(&self) -> usize {
        self.pieces.last().map_or(0, |(_, end)| *end)
    }

    fn begins(&self, piece: usize) -> usize {
        self.pieces.get(piece).map_or(0, |(start, _)| *start)
    }

    /// How wide a stretch of pieces is.
    fn between(&self, start: usize, end: usize) -> usize {
        let end = end.checked_sub(1).and_then(|last| self.pieces.get(last)).map_or(0, |(_, end)| *end);
        end.saturating_sub(self.begins(start))
    }

    /// The column of a piece, given where lines begin.
    fn column(&self, piece: usize, begun: &[Begun], of: impl Fn(&Begun) -> usize) -> usize {
        let line = begun.partition_point(|b| b.piece <= piece).checked_sub(1).and_then(|at| begun.get(at));
        line.map_or(0, |b| (of(b) + self.begins(piece)).saturating_sub(self.begins(b.piece)))
    }
}

/// What a list hangs under stands no farther out than this.
const FARTHEST: usize = 60;

/// The pieces between the braces of a body that the line holds whole.
fn body(line: &Line<'_>, end: usize, marks: &Marks) -> Option<Range<usize>> {
    let own = line.pieces.get(..end)?;
    let open = own.iter().position(|p| marks.bodies.contains_key(&p.at))?;
    own.last().filter(|p| is(p, &["}"])).map(|_| open + 1..end - 1).filter(|body| !body.is_empty())
}

/// A line in parts.
fn cut<'a>(line: Line<'a>, begun: &[Begun]) -> Vec<Line<'a>> {
    let mut out: Vec<Line<'a>> = Vec::with_capacity(begun.len());
    let mut begun = begun.iter().peekable();
    for (index, mut piece) in line.pieces.into_iter().enumerate() {
        if let Some(begun) = begun.next_if(|b| b.piece == index) {
            let (indent, measured) = (begun.drawn, begun.measured);
            out.push(Line { indent, measured, pieces: Vec::new(), is_drawn: false });
            piece.gap = 0;
        }
        if let Some(line) = out.last_mut() {
            line.pieces.push(piece);
        }
    }
    out
}

/// Where a line may be broken.
struct Candidate {
    /// Before which piece.
    start: usize,
    /// In how many brackets.
    depth: usize,
    rank: Rank,
    /// The piece under which what follows stands.
    under: Option<usize>,
}

/// Every place where a line may be broken.
fn candidates(line: &Line<'_>, end: usize, marks: &Marks) -> Vec<Candidate> {
    let mut out: Vec<(i64, Candidate)> = Vec::new();
    let own = line.pieces.get(..end).unwrap_or(&line.pieces);
    let head = own.first().map_or("", |p| marks.keyword(p));
    let (mut depth, mut lowest) = (0i64, 0i64);
    let mut open: Vec<usize> = Vec::new();
    let mut named = !matches!(head, "define" | "parameter" | "let" | "except" | "from");
    let tag = (0..end).find(|at| is_tag(own, *at));
    for (start, piece) in own.iter().enumerate() {
        if is(piece, &[")", "]", "}"]) {
            depth -= 1;
            lowest = lowest.min(depth);
            open.pop();
        }
        if start > 0
            && !marks.glued.contains(&piece.at)
            && let Some(rank) = rank(own, start, head, depth, &mut named, marks)
        {
            let under = match rank {
                Rank::Comma if depth > 0 => open.last().map(|bracket| bracket + 1),
                Rank::Comma if CLAUSES.contains(&head) || lexicon::DECLARATIONS.contains(&head) => Some(1),
                Rank::Comma => Some(0),
                // The first of them would hang under itself.
                Rank::Tag => tag.filter(|tag| *tag < start),
                _ => None,
            };
            out.push((depth, Candidate { start, depth: 0, rank, under }));
        }
        if is(piece, &["(", "[", "{"]) {
            depth += 1;
            open.push(start);
        }
    }
    // A line that closes more than it opens begins within brackets.
    let place = |(depth, candidate): (i64, Candidate)| Candidate {
        depth: usize::try_from(depth - lowest).unwrap_or(0),
        ..candidate
    };
    out.into_iter().map(place).collect()
}

/// Whether a text begins there that says its language.
fn is_tag(own: &[Piece<'_>], at: usize) -> bool {
    own.get(at).is_some_and(|p| p.kind == TokenKind::Word && matches!(p.text, "id" | "en"))
        && own.get(at + 1).is_some_and(|p| p.kind == TokenKind::Text)
}

/// What a line would be broken at before a piece. `named` is whether what the line gives a value to has been named.
fn rank(own: &[Piece<'_>], at: usize, head: &str, depth: i64, named: &mut bool, marks: &Marks) -> Option<Rank> {
    let (before, piece, after) = (own.get(at.checked_sub(1)?)?, own.get(at)?, own.get(at + 1));
    let keyword = marks.keyword(piece);
    if marks.fields.contains(&piece.at) || head == "amend" && depth == 1 && ACTS.contains(&keyword) {
        return Some(Rank::Item);
    }
    if is(before, &[","]) {
        return Some(Rank::Comma);
    }
    let value = before.kind != TokenKind::Punctuation || is(before, &[")", "]", "}", "%"]);
    if depth == 0 {
        if keyword == "when" && head == "except" {
            return Some(Rank::When);
        }
        let dated = after.is_some_and(|p| p.kind == TokenKind::Number)
            && own.get(at + 2).is_some_and(|p| is(p, &["-"]) && p.gap == 0);
        let clause = CLAUSES.contains(&keyword) || lexicon::DECLARATIONS.contains(&keyword);
        if value && (clause || keyword == "from" && dated) {
            return Some(Rank::Clause);
        }
        if before.kind == TokenKind::Text && is_tag(own, at) && is_told(head, own) {
            return Some(Rank::Tag);
        }
        let signs = if matches!(head, "except" | "from") { &[":"] } else { &["="] };
        if !*named && is(before, signs) {
            *named = true;
            return Some(Rank::Value);
        }
    }
    match keyword {
        "else" => return Some(Rank::Else),
        "then" => return Some(Rank::Then),
        "where" | "each" => return Some(Rank::Where),
        "implies" => return Some(Rank::Implies),
        "or" => return Some(Rank::Or),
        "and" => return Some(Rank::And),
        "or else" => return Some(Rank::OrElse),
        _ => {}
    }
    // The sign of a number, and those within a date, have no blanks.
    if piece.kind != TokenKind::Punctuation || !value || piece.gap == 0 || after.is_none_or(|after| after.gap == 0) {
        return None;
    }
    match piece.text {
        "=" if depth == 0 && !*named => None,
        "=" | "!=" | "<" | "<=" | ">" | ">=" => Some(Rank::Compare),
        "+" | "-" => Some(Rank::Plus),
        "*" | "/" => Some(Rank::Times),
        _ => None,
    }
}

/// Measures the lines that hang under a text of the line before from where that text would stand in English.
pub(super) fn hung(lines: &mut [Line<'_>], marks: &Marks) {
    let mut rest = lines;
    while let [before, tail @ ..] = rest {
        if let Some(line) = tail.first_mut().filter(|line| is_tag(&line.pieces, 0)) {
            let end = code(before);
            let (drawn, measured) = (Ruler::drawn(before, end), Ruler::measured(before, end, marks));
            let tag = (0..end).find(|at| is_tag(&before.pieces, *at));
            if let Some(tag) = tag.filter(|tag| before.indent + drawn.begins(*tag) == line.indent) {
                line.measured = before.measured + measured.begins(tag);
            }
        }
        rest = tail;
    }
}

/// Whether the texts of a line are those of a declaration or of a clause, not the label of one value among several.
fn is_told(head: &str, own: &[Piece<'_>]) -> bool {
    matches!(head, "otherwise" | "basis" | "appeal") || lexicon::DECLARATIONS.contains(&head) || is_tag(own, 0)
}

/// Puts lines together that the writer, or an earlier layout, parted at a comma or an operator: what does not fit is parted
/// anew. The items of an enum, an entity and a scale keep the writer's lines.
pub(super) fn join(lines: &mut Vec<Line<'_>>, marks: &Marks) {
    let mut out: Vec<Line<'_>> = Vec::with_capacity(lines.len());
    // Each open bracket: whether it is the body of a declaration, and then whether that is an act.
    let mut open: Vec<Option<bool>> = Vec::new();
    // In how many brackets what a programme gives is listed: each output has lines of its own.
    let mut gives: Option<usize> = None;
    for mut line in std::mem::take(lines) {
        let within = open.last().copied().flatten();
        let head = line.pieces.first().map_or("", |p| marks.keyword(p));
        if CLAUSES.contains(&head) || lexicon::DECLARATIONS.contains(&head) {
            gives = (head == "gives").then_some(open.len());
        }
        let lists = gives == Some(open.len());
        for piece in &line.pieces {
            if is(piece, &["(", "[", "{"]) {
                open.push(marks.bodies.get(&piece.at).copied());
            } else if is(piece, &[")", "]", "}"]) {
                open.pop();
            }
        }
        let may = |before: &&mut Line<'_>| match within {
            None => true,
            Some(false) => false,
            // What opens an act is not joined to what it holds first, nor what it holds last to what closes it.
            Some(true) => {
                !before.pieces.last().is_some_and(|p| is(p, &["{"]))
                    && !line.pieces.first().is_some_and(|p| is(p, &["}"]))
            }
        };
        let before = out.last_mut().filter(may).filter(|before| joins(before, &line, marks));
        let before = before.filter(|before| !lists || !before.pieces.last().is_some_and(|p| is(p, &[","])));
        match (before, line.pieces.first_mut()) {
            (Some(before), Some(first)) => {
                first.gap = before.pieces.last().map_or(0, |last| spacing::gap(last, first.text, first.kind, 1));
                before.pieces.append(&mut line.pieces);
            }
            _ => out.push(line),
        }
    }
    *lines = out;
}

/// Whether a line goes on with the one before it.
fn joins(before: &Line<'_>, line: &Line<'_>, marks: &Marks) -> bool {
    let (Some(last), Some(first)) = (before.pieces.last(), line.pieces.first()) else { return false };
    let is_row = |line: &Line<'_>| line.pieces.first().is_some_and(|p| is(p, &["|", "||"]));
    let begins = line.indent == 0 && !is(first, &[")", "]", "}"]);
    if begins || is_row(before) || is_row(line) || [last, first].iter().any(|p| p.kind == TokenKind::Comment) {
        return false;
    }
    let sign = is(first, &["+", "-", "*", "/"]) && line.pieces.get(1).is_some_and(|next| next.gap > 0);
    is(last, &[",", "(", "[", "{"])
        || is(first, &[")", "]", "}"])
        || sign
        || matches!(marks.keyword(first), "and" | "or" | "implies")
}
