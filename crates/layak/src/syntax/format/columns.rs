//! Columns: the fields of an entity, the cells of a table, the arrows of a keyed parameter.

use std::ops::Range;

use super::Line;
use super::spacing::{Piece, width};
use crate::syntax::scan::TokenKind;

/// A column wider than this is not drawn: one long cell would push all others far out, and blanks could outgrow the text.
const WIDEST: usize = 80;

/// Lays out lines of cells: `cells` gives for each line where its cells lie among its pieces (an empty one has no pieces);
/// every cell but those after the last is padded to the widest of its column, and `gap` blanks stand between.
fn align(lines: &mut [&mut Line<'_>], cells: &[Vec<Range<usize>>], gap: usize) {
    let columns = cells.iter().map(Vec::len).max().unwrap_or(0);
    let width_at =
        |line: &Line<'_>, cell: Option<&Range<usize>>| cell.and_then(|c| line.pieces.get(c.clone())).map_or(0, width);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let each = lines.iter().zip(cells).map(|(line, cells)| width_at(line, cells.get(column)));
            each.max().unwrap_or(0)
        })
        .collect();
    for (line, cells) in lines.iter_mut().zip(cells) {
        let mut owed = 0;
        for (cell, widest) in cells.iter().zip(&widths) {
            let own = width_at(line, Some(cell));
            if let Some(first) = line.pieces.get_mut(cell.clone()).and_then(|c| c.first_mut()) {
                first.gap = if first.kind == TokenKind::Comment { owed.max(2) } else { owed };
                owed = 0;
            }
            owed += match (*widest, own) {
                // A column that nobody fills takes no room.
                (0, _) => 0,
                (1..=WIDEST, _) => widest - own + gap,
                (_, 0) => 0,
                _ => gap,
            };
        }
    }
}

/// One blank wherever several stood, within cells: these columns are drawn anew.
fn close_up(pieces: &mut [Piece<'_>]) {
    for piece in pieces.iter_mut().filter(|p| p.kind != TokenKind::Comment) {
        piece.gap = piece.gap.min(1);
    }
}

fn is(piece: &Piece<'_>, sign: &str) -> bool {
    piece.kind == TokenKind::Punctuation && piece.text == sign
}

fn is_word(piece: &Piece<'_>, words: &[&str]) -> bool {
    piece.kind == TokenKind::Word && words.contains(&piece.text)
}

/// The fields of each entity, and the parts of each format, that stands over several lines: name, type, label, sources.
pub(super) fn entities(lines: &mut [Line<'_>]) {
    let mut inside = false;
    let mut fields: Vec<&mut Line<'_>> = Vec::new();
    for line in lines.iter_mut() {
        if line.indent == 0 && !line.pieces.is_empty() {
            draw_fields(&mut fields);
            fields.clear();
            let opens = line.pieces.iter().rfind(|p| p.kind != TokenKind::Comment).is_some_and(|p| is(p, "{"));
            inside = opens && line.pieces.first().is_some_and(|p| is_word(p, &["entity", "entitas", "format"]));
        } else if inside && line.pieces.first().is_some_and(|p| matches!(p.kind, TokenKind::Word | TokenKind::Quoted)) {
            line.is_drawn = true;
            fields.push(line);
        }
    }
    draw_fields(&mut fields);
}

/// Where a field's `allow` stands, which a code follows.
fn allow_at(pieces: &[Piece<'_>]) -> Option<usize> {
    let is_code = |p: &Piece<'_>| p.kind == TokenKind::Word && p.text.starts_with('L');
    (0..pieces.len()).find(|at| {
        let next = pieces.get(at + 1);
        pieces.get(*at).is_some_and(|p| is_word(p, &["allow", "izinkan"])) && next.is_some_and(is_code)
    })
}

fn draw_fields(fields: &mut [&mut Line<'_>]) {
    // A field that goes on in the next line is laid out as it is, and with it all of the entity.
    let begins_with_clause = |l: &&mut Line<'_>| {
        l.pieces.first().is_some_and(|p| is_word(p, &["from", "dari", "column", "kolom"]))
            || l.pieces.len() < 2
            || allow_at(&l.pieces) == Some(0)
    };
    if fields.iter().any(begins_with_clause) {
        return;
    }
    let mut cells = Vec::with_capacity(fields.len());
    for line in fields.iter_mut() {
        close_up(&mut line.pieces);
        let pieces = &line.pieces;
        let end = pieces.len();
        let name = if pieces.get(1).is_some_and(|p| is(p, ":")) { 2 } else { 1 };
        let comment = pieces.iter().position(|p| p.kind == TokenKind::Comment).unwrap_or(end);
        let allow = allow_at(pieces).unwrap_or(comment);
        let from = pieces.iter().position(|p| is_word(p, &["from", "dari"])).unwrap_or(allow);
        // The text after `column` is the name of a column; one right after `fixed` is what stands in a text.
        let before = |at: usize, words| at > 0 && pieces.get(at - 1).is_some_and(|p| is_word(p, words));
        let named = |at: usize| before(at, &["column", "kolom"]) || at == 1 && before(at, &["fixed", "tetap"]);
        let label = (0..from).find(|at| pieces.get(*at).is_some_and(|p| p.kind == TokenKind::Text) && !named(*at));
        let label = label.unwrap_or(from);
        let tagged = label > 0 && pieces.get(label - 1).is_some_and(|p| is_word(p, &["id", "en"]));
        let label = if tagged { label - 1 } else { label };
        // Clauses in another order than name, type, label, sources, allow are one cell.
        let in_order = name <= label && label <= from && from <= allow;
        let (label, from, allow) = if in_order { (label, from, allow) } else { (comment, comment, comment) };
        cells.push(vec![
            0..name,
            name..label.max(name),
            label.max(name)..from,
            from..allow,
            allow..comment,
            comment..end,
        ]);
    }
    align(fields, &cells, 2);
}

/// The rows of each table; a comment between rows parts nothing.
pub(super) fn tables(lines: &mut [Line<'_>]) {
    let mut rows: Vec<&mut Line<'_>> = Vec::new();
    for line in lines.iter_mut() {
        match line.pieces.first() {
            Some(first) if is(first, "|") => {
                line.is_drawn = true;
                rows.push(line);
            }
            Some(first) if first.kind == TokenKind::Comment && !rows.is_empty() => {}
            _ => {
                draw_rows(&mut rows);
                rows.clear();
            }
        }
    }
    draw_rows(&mut rows);
}

fn draw_rows(rows: &mut [&mut Line<'_>]) {
    let mut all = Vec::with_capacity(rows.len());
    for line in rows.iter_mut() {
        close_up(&mut line.pieces);
        let mut cells = Vec::new();
        let mut start = 0;
        for (at, piece) in line.pieces.iter().enumerate() {
            if is(piece, "|") || is(piece, "||") {
                if at > start {
                    cells.push(start..at);
                }
                cells.push(at..at + 1);
                start = at + 1;
            }
        }
        if start < line.pieces.len() {
            cells.push(start..line.pieces.len());
        }
        all.push(cells);
    }
    // Rows that go on in the next line have cells that are no columns.
    let bars = |line: &Line<'_>| line.pieces.iter().filter(|p| is(p, "|") || is(p, "||")).count();
    let first = rows.first().map_or(0, |l| bars(l));
    if rows.iter().all(|l| bars(l) == first) {
        align(rows, &all, 1);
    }
}

/// The arrows of entries that stand in lines of one indent.
pub(super) fn arrows(lines: &mut [Line<'_>]) {
    let mut entries: Vec<&mut Line<'_>> = Vec::new();
    let mut cells: Vec<Vec<Range<usize>>> = Vec::new();
    for line in lines.iter_mut() {
        let arrow = line.pieces.iter().position(|p| is(p, "=>")).filter(|at| *at > 0);
        let more = line.pieces.iter().filter(|p| is(p, "=>")).count() > 1;
        match arrow {
            Some(at) if !more => {
                if entries.first().is_some_and(|e| e.indent != line.indent) {
                    align(&mut entries, &cells, 1);
                    entries.clear();
                    cells.clear();
                }
                cells.push(vec![0..at, at..at + 1]);
                entries.push(line);
            }
            _ => {
                align(&mut entries, &cells, 1);
                entries.clear();
                cells.clear();
            }
        }
    }
    align(&mut entries, &cells, 1);
}
