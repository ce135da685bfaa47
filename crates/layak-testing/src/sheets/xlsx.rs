//! Sheets as Excel files.

use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, Xlsx};
use layak::Lang;
use rust_xlsxwriter::{ExcelDateTime, Format, Note, Workbook, Worksheet, XlsxError};

use super::{Cell, RESULT, Results, Sheet, SheetErrors, Wrong};

/// So many bytes a file may have once it is unpacked: a small file can unpack to one that fills all memory.
pub const LARGEST: u64 = 256 << 20;

/// So many filled cells a sheet may have.
const MOST_CELLS: usize = 4_000_000;

/// Digits that a binary number of Excel keeps.
const DIGITS: usize = 15;

/// The sheet that cases stand in, where a file has it.
pub(super) const CASES: &str = "cases";

pub(super) fn read(bytes: &[u8]) -> Result<Sheet, SheetErrors> {
    unpacked(bytes)?;
    let failed = |error: calamine::XlsxError| {
        SheetErrors::one(Wrong::new(
            format!("this is no Excel file (.xlsx) that can be read: {error}"),
            format!("ini bukan berkas Excel (.xlsx) yang bisa dibaca: {error}"),
        ))
    };
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(failed)?;
    let names = book.sheet_names();
    let name = names.iter().find(|name| name.as_str() == CASES).or_else(|| names.first()).cloned();
    let Some(name) = name else {
        return Err(SheetErrors::one(Wrong::new("the file has no sheet", "berkas ini tidak punya lembar")));
    };
    let mut reader = book.worksheet_cells_reader(&name).map_err(failed)?;
    let mut rows: Vec<(usize, Vec<Cell>)> = Vec::new();
    let mut count = 0usize;
    while let Some(found) = reader.next_cell_with_formula().map_err(failed)? {
        let cell = match (&found.value, &found.formula) {
            (DataRef::Empty, Some(_)) => Cell::Refused(Wrong::new(
                "this formula has no value yet: open the file in Excel and save it, or write the value",
                "rumus ini belum punya nilai: buka lalu simpan berkas ini di Excel, atau tulis nilainya",
            )),
            (value, _) => self::cell(value),
        };
        if cell == Cell::Empty {
            continue;
        }
        count += 1;
        if count > MOST_CELLS {
            return Err(SheetErrors::one(Wrong::new(
                format!("the sheet has more than {MOST_CELLS} filled cells: split it"),
                format!("lembar ini punya lebih dari {MOST_CELLS} sel terisi: pecah menjadi beberapa berkas"),
            )));
        }
        let (row, column) = (found.pos.0 as usize + 1, found.pos.1 as usize);
        let last = match rows.last_mut() {
            Some((last, cells)) if *last == row => cells,
            // A row that comes after a later one is none that Excel writes.
            Some((last, _)) if *last > row => return Err(unordered()),
            _ => {
                rows.push((row, Vec::new()));
                match rows.last_mut() {
                    Some((_, cells)) => cells,
                    None => continue,
                }
            }
        };
        // The address of a column is bounded by the format: at most three letters.
        if column >= 16_384 {
            return Err(unordered());
        }
        if last.len() <= column {
            last.resize(column + 1, Cell::Empty);
        }
        if let Some(slot) = last.get_mut(column) {
            *slot = cell;
        }
    }
    let mut rows = rows.into_iter();
    match rows.next() {
        Some((1, header)) => Ok(Sheet { header, rows: rows.collect() }),
        _ => Err(SheetErrors::one(Wrong::new(
            format!("the first row of the sheet `{name}` is empty: it names the columns"),
            format!("baris pertama lembar `{name}` kosong: baris itu menyebut kolom"),
        ))),
    }
}

fn unordered() -> SheetErrors {
    SheetErrors::one(Wrong::new(
        "the cells of this file are not in order: open it in Excel and save it",
        "sel dalam berkas ini tidak berurutan: buka lalu simpan berkas ini di Excel",
    ))
}

/// Makes sure that the file does not unpack to more than it may.
fn unpacked(bytes: &[u8]) -> Result<(), SheetErrors> {
    let failed = |error: &dyn std::fmt::Display| {
        SheetErrors::one(Wrong::new(
            format!("this is no Excel file (.xlsx): {error}"),
            format!("ini bukan berkas Excel (.xlsx): {error}"),
        ))
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| failed(&e))?;
    let mut left = LARGEST;
    for at in 0..archive.len() {
        let file = archive.by_index(at).map_err(|e| failed(&e))?;
        let read = std::io::copy(&mut file.take(left + 1), &mut std::io::sink()).map_err(|e| failed(&e))?;
        left = left.checked_sub(read).ok_or_else(|| {
            SheetErrors::one(Wrong::new(
                format!("the file unpacks to more than {} MiB", LARGEST >> 20),
                format!("isi berkas ini lebih dari {} MiB", LARGEST >> 20),
            ))
        })?;
    }
    Ok(())
}

fn cell(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(n) => Cell::Number(n.to_string()),
        DataRef::Float(n) => number(&n.to_string()),
        DataRef::String(text) => text_cell(text),
        DataRef::SharedString(text) => text_cell(text),
        DataRef::Bool(yes) => Cell::Boolean(*yes),
        DataRef::DateTime(day) if day.is_datetime() => {
            let (year, month, date, hours, minutes, seconds, thousandths) = day.to_ymd_hms_milli();
            let text = format!("{year:04}-{month:02}-{date:02}");
            if (hours, minutes, seconds, thousandths) != (0, 0, 0, 0) || day.as_f64() < 61.0 {
                return Cell::Refused(Wrong::new(
                    "this has a time of day, or is a day before March 1900: write the day as a text, such as 2026-01-31",
                    "sel ini memuat jam, atau hari sebelum Maret 1900: tulis tanggalnya sebagai teks, misalnya 2026-01-31",
                ));
            }
            if text.parse::<layak::Date>().is_err() {
                return Cell::Refused(Wrong::new(
                    format!("{text} is no day of the calendar"),
                    format!("{text} bukan tanggal dalam kalender"),
                ));
            }
            Cell::Date(text)
        }
        DataRef::DateTimeIso(text) if text.parse::<layak::Date>().is_ok() => Cell::Date(text.clone()),
        DataRef::DateTime(_) | DataRef::DateTimeIso(_) | DataRef::DurationIso(_) => Cell::Refused(Wrong::new(
            "a length of time or a time of day cannot be taken exactly: write it as a text, such as `1 year 6 months`",
            "jangka waktu atau jam tidak bisa dibaca tepat: tulis sebagai teks, misalnya `1 year 6 months`",
        )),
        DataRef::Error(error) => Cell::Refused(Wrong::new(
            format!("the formula of this cell has failed: {error}"),
            format!("rumus di sel ini gagal: {error}"),
        )),
    }
}

fn text_cell(text: &str) -> Cell {
    if text.trim().is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) }
}

/// The shortest decimal of a binary number, which is what was written if it has no more digits than such a number keeps.
fn number(shortest: &str) -> Cell {
    let digits = shortest.chars().filter(char::is_ascii_digit).collect::<String>();
    let significant = digits.trim_start_matches('0');
    let significant = if shortest.contains('.') { significant } else { significant.trim_end_matches('0') };
    if significant.len() > DIGITS || shortest.parse::<layak::Decimal>().is_err() {
        return Cell::Refused(Wrong::new(
            format!(
                "{shortest} has more digits than Excel keeps of a number ({DIGITS}), so that it may not be what was written: give the cell the format of a text and write it again"
            ),
            format!(
                "{shortest} punya lebih banyak digit daripada yang disimpan Excel untuk bilangan ({DIGITS}), jadi bisa bukan yang ditulis: beri sel ini format teks lalu tulis ulang"
            ),
        ));
    }
    Cell::Number(shortest.to_owned())
}

/// A writer's error, which comes of a sheet larger than such a file may be.
pub(super) fn unwritten(error: &XlsxError) -> SheetErrors {
    SheetErrors::one(Wrong::new(
        format!("this cannot be written as an Excel file: {error}"),
        format!("ini tidak bisa ditulis sebagai berkas Excel: {error}"),
    ))
}

/// The formats of cells.
pub(super) struct Formats {
    pub plain: Format,
    pub text: Format,
    pub day: Format,
    pub head: Format,
}

impl Formats {
    pub(super) fn new() -> Formats {
        Formats {
            plain: Format::new(),
            text: Format::new().set_num_format("@"),
            day: Format::new().set_num_format("yyyy-mm-dd"),
            head: Format::new().set_bold().set_background_color(0x00DD_E6F0).set_num_format("@"),
        }
    }
}

/// Writes a cell such that it is read as it was; a number that a binary one does not keep is a text.
pub(super) fn put(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Cell,
    colour: Option<u32>,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let coloured = |format: &Format| match colour {
        Some(colour) => format.clone().set_background_color(colour),
        None => format.clone(),
    };
    match cell {
        Cell::Empty | Cell::Refused(_) if colour.is_none() => {}
        Cell::Empty | Cell::Refused(_) => {
            sheet.write_blank(row, column, &coloured(&formats.plain))?;
        }
        Cell::Number(digits) => match digits.parse::<f64>() {
            Ok(n) if number(&n.to_string()) == Cell::Number(plain(digits)) => {
                sheet.write_number_with_format(row, column, n, &coloured(&formats.plain))?;
            }
            _ => {
                sheet.write_string_with_format(row, column, digits, &coloured(&formats.text))?;
            }
        },
        // Before March 1900 the days of Excel are not those of the calendar.
        Cell::Date(day) => match ExcelDateTime::parse_from_str(day) {
            Ok(date) if day.as_str() >= "1900-03-01" => {
                sheet.write_datetime_with_format(row, column, &date, &coloured(&formats.day))?;
            }
            _ => {
                sheet.write_string_with_format(row, column, day, &coloured(&formats.text))?;
            }
        },
        Cell::Text(_) | Cell::Boolean(_) => {
            sheet.write_string_with_format(row, column, cell.shown(), &coloured(&formats.text))?;
        }
    }
    Ok(())
}

/// Digits without zeros that say nothing.
fn plain(digits: &str) -> String {
    match digits.parse::<layak::Decimal>() {
        Ok(n) => n.to_string(),
        Err(_) => digits.to_owned(),
    }
}

const GREEN: u32 = 0x00C6_EFCE;
const RED: u32 = 0x00FF_C7CE;

pub(super) fn results(sheet: &Sheet, results: &Results, lang: Lang) -> Result<Vec<u8>, SheetErrors> {
    let write = || -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let formats = Formats::new();
        let page = book.add_worksheet();
        page.set_name(CASES)?;
        page.set_freeze_panes(1, 1)?;
        let own: Vec<usize> =
            (0..sheet.header.len()).filter(|at| sheet.header.get(*at).is_some_and(|c| c.shown() != RESULT)).collect();
        let narrow = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
        for (to, at) in own.iter().enumerate() {
            let name = sheet.header.get(*at).map_or("", Cell::shown);
            page.write_string_with_format(0, narrow(to), name, &formats.head)?;
            page.set_column_width(narrow(to), width(name))?;
        }
        let last = narrow(own.len());
        page.write_string_with_format(0, last, RESULT, &formats.head)?;
        page.set_column_width(last, 60)?;
        for (number, cells) in &sheet.rows {
            let row = u32::try_from(number.saturating_sub(1)).unwrap_or(u32::MAX);
            let result = results.rows.get(number);
            for (to, at) in own.iter().enumerate() {
                let cell = cells.get(*at).unwrap_or(&Cell::Empty);
                let decided = result.and_then(|r| r.decided.get(at));
                let colour = match (result, decided) {
                    (Some(_), Some(_)) => Some(RED),
                    (Some(result), None) if result.expected.contains(at) => Some(GREEN),
                    _ => None,
                };
                put(page, row, narrow(to), cell, colour, &formats)?;
                if let Some(decided) = decided.filter(|d| !d.is_empty()) {
                    let text =
                        if lang == Lang::Id { format!("diputuskan: {decided}") } else { format!("decided: {decided}") };
                    page.insert_note(row, narrow(to), &Note::new(text).add_author_prefix(false))?;
                }
            }
            if let Some(result) = result {
                let colour = if result.failures.is_empty() { GREEN } else { RED };
                put(page, row, last, &Cell::Text(result.told(lang)), Some(colour), &formats)?;
            }
        }
        book.save_to_buffer()
    };
    write().map_err(|error| unwritten(&error))
}

/// As wide as its name, within reason.
pub(super) fn width(name: &str) -> u32 {
    u32::try_from(name.chars().count()).unwrap_or(10).clamp(9, 40) + 3
}
