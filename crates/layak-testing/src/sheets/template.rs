//! An Excel file to fill in: lists to choose from, formats of dates and texts, and a page about its columns.

use std::collections::BTreeMap;

use layak::{CaseColumn, CaseColumnKind, Lang, Ruleset};
use rust_xlsxwriter::{DataValidation, Formula, Note, Workbook, XlsxError};

use super::xlsx::{CASES, Formats, put, unwritten, width};
use super::{Sheet, SheetErrors, path};

/// So many rows have lists to choose from, and more than the cases that stand in it.
const ROWS: u32 = 2_000;

/// A list in the rule of a cell has no more characters than this; a longer one stands on a page of its own.
const LONGEST_LIST: usize = 250;

pub(super) fn write(sheet: &Sheet, rules: &Ruleset, lang: Lang) -> Result<Vec<u8>, SheetErrors> {
    filled(sheet, rules, lang).map_err(|error| unwritten(&error))
}

fn filled(sheet: &Sheet, rules: &Ruleset, lang: Lang) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let formats = Formats::new();
    let known = rules.case_columns(1);
    let columns: Vec<(&str, Option<&CaseColumn>)> = sheet
        .header
        .iter()
        .map(|cell| (cell.shown(), known.iter().find(|c| path::general(c.name()) == path::general(cell.shown()))))
        .collect();
    // Lists too long for the rule of a cell, each a column of a page that nobody needs to see.
    let mut long: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for (_, column) in &columns {
        if let Some(CaseColumnKind::Choice(words)) = column.map(CaseColumn::kind)
            && is_long(words)
        {
            let next = long.len();
            long.entry(words.clone()).or_insert(next);
        }
    }
    let page = book.add_worksheet();
    page.set_name(CASES)?;
    page.set_freeze_panes(1, 1)?;
    let rows = sheet.rows.iter().map(|(row, _)| *row).max().unwrap_or(0);
    let last = ROWS.max(u32::try_from(rows).unwrap_or(u32::MAX).saturating_add(200));
    for (at, (name, column)) in columns.iter().enumerate() {
        let at = u16::try_from(at).unwrap_or(u16::MAX);
        page.write_string_with_format(0, at, *name, &formats.head)?;
        page.set_column_width(at, width(name))?;
        let Some(column) = column else { continue };
        if column.title(lang) != column.name() && !column.name().ends_with(column.title(lang)) {
            page.insert_note(0, at, &Note::new(column.title(lang)).add_author_prefix(false))?;
        }
        match column.kind() {
            CaseColumnKind::Date => page.set_column_format(at, &formats.day)?,
            CaseColumnKind::Number | CaseColumnKind::List => page,
            _ => page.set_column_format(at, &formats.text)?,
        };
        let yes_and_no = match lang {
            Lang::Id => ["ya", "tidak"],
            _ => ["yes", "no"],
        };
        let choice = match column.kind() {
            CaseColumnKind::Boolean => Some(DataValidation::new().allow_list_strings(&yes_and_no)?),
            CaseColumnKind::Choice(words) => match long.get(words) {
                Some(list) => {
                    let letters = super::address(*list, 1);
                    let letters = letters.trim_end_matches('1');
                    let list = format!("=lists!${letters}$1:${letters}${}", words.len());
                    Some(DataValidation::new().allow_list_formula(Formula::new(list)))
                }
                None => Some(DataValidation::new().allow_list_strings(words)?),
            },
            _ => None,
        };
        if let Some(choice) = choice {
            page.add_data_validation(1, at, last, at, &choice)?;
        }
    }
    for (number, cells) in &sheet.rows {
        let row = u32::try_from(number.saturating_sub(1)).unwrap_or(u32::MAX);
        for (at, cell) in cells.iter().enumerate() {
            put(page, row, u16::try_from(at).unwrap_or(u16::MAX), cell, None, &formats)?;
        }
    }
    about(&mut book, &columns, lang, &formats)?;
    if !long.is_empty() {
        let lists = book.add_worksheet();
        lists.set_name("lists")?;
        lists.set_hidden(true);
        for (words, at) in &long {
            for (row, word) in (0u32..).zip(words) {
                lists.write_string(row, u16::try_from(*at).unwrap_or(u16::MAX), word)?;
            }
        }
    }
    book.save_to_buffer()
}

fn is_long(words: &[String]) -> bool {
    words.iter().map(|word| word.len() + 1).sum::<usize>() > LONGEST_LIST || words.iter().any(|word| word.contains(','))
}

/// A page that says what each column is.
fn about(
    book: &mut Workbook,
    columns: &[(&str, Option<&CaseColumn>)],
    lang: Lang,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let id = lang == Lang::Id;
    let page = book.add_worksheet();
    page.set_name(if id { "keterangan" } else { "about" })?;
    let heads = if id { ["kolom", "arti", "isi"] } else { ["column", "meaning", "holds"] };
    for (at, head) in (0u16..).zip(heads) {
        page.write_string_with_format(0, at, head, &formats.head)?;
        page.set_column_width(at, 44)?;
    }
    for (row, (name, column)) in (1u32..).zip(columns) {
        page.write_string(row, 0, *name)?;
        let Some(column) = column else { continue };
        page.write_string(row, 1, column.title(lang))?;
        page.write_string(row, 2, holds(column.kind(), id))?;
    }
    Ok(())
}

fn holds(kind: &CaseColumnKind, id: bool) -> String {
    let text = match (kind, id) {
        (CaseColumnKind::Choice(words), _) => return words.join(", "),
        (CaseColumnKind::Date, true) => "tanggal, seperti 2026-01-31",
        (CaseColumnKind::Date, false) => "a date, such as 2026-01-31",
        (CaseColumnKind::Boolean, true) => "ya atau tidak; kosong bila tidak diketahui",
        (CaseColumnKind::Boolean, false) => "yes or no; empty where it is not known",
        (CaseColumnKind::Number, true) => "bilangan",
        (CaseColumnKind::Number, false) => "a number",
        (CaseColumnKind::Names, true) => "nama-nama, dipisah koma; [] bila tidak ada",
        (CaseColumnKind::Names, false) => "names, separated by commas; [] where there are none",
        (CaseColumnKind::List, true) => "banyaknya anggota daftar; kosong bila tidak diketahui",
        (CaseColumnKind::List, false) => "how many elements the list has; empty where that is not known",
        (_, true) => "teks",
        (_, false) => "a text",
    };
    text.to_owned()
}
