//! Sheets as CSV: every cell a text.

use layak::Lang;

use super::{Cell, RESULT, Results, Sheet, SheetError, SheetErrors, Wrong};

pub(super) fn read(bytes: &[u8]) -> Result<Sheet, SheetErrors> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| SheetErrors::one(Wrong::new(error.to_string(), error.to_string())))?;
        let number = record.position().map_or(0, |p| usize::try_from(p.line()).unwrap_or(usize::MAX));
        let cells = record.iter().map(|text| match text.trim() {
            "" => Cell::Empty,
            _ => Cell::Text(text.to_owned()),
        });
        rows.push((number, cells.collect::<Vec<Cell>>()));
    }
    let mut rows = rows.into_iter();
    let Some((_, header)) = rows.next() else {
        return Err(SheetErrors::one(Wrong::new(
            "the table is empty: its first row names the columns",
            "tabel ini kosong: baris pertamanya menyebut kolom",
        )));
    };
    let rows: Vec<(usize, Vec<Cell>)> = rows.collect();
    let uneven = rows.iter().find(|(_, cells)| cells.len() != header.len() && cells.len() > 1);
    if let Some((row, cells)) = uneven {
        let (have, want) = (cells.len(), header.len());
        let wrong = Wrong::new(
            format!("the row has {have} cells, the first row {want}: a cell with a comma stands in quotes"),
            format!("baris ini punya {have} sel, baris pertama {want}: sel yang memuat koma ditulis dalam tanda petik"),
        );
        return Err(SheetErrors(vec![SheetError::new(have.min(want), *row, wrong)]));
    }
    Ok(Sheet { header, rows: rows.into_iter().filter(|(_, cells)| cells.iter().any(|c| *c != Cell::Empty)).collect() })
}

pub(super) fn write(sheet: &Sheet) -> Vec<u8> {
    rows(sheet, |_| None)
}

pub(super) fn results(sheet: &Sheet, results: &Results, lang: Lang) -> Vec<u8> {
    rows(sheet, |row| match row {
        None => Some(RESULT.to_owned()),
        Some(row) => Some(results.rows.get(&row).map_or_else(String::new, |result| result.told(lang))),
    })
}

/// The rows, each with one cell more where `last` has one; the header has no number.
fn rows(sheet: &Sheet, last: impl Fn(Option<usize>) -> Option<String>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let kept: Vec<usize> =
        (0..sheet.header.len()).filter(|at| sheet.header.get(*at).is_some_and(|c| c.shown() != RESULT)).collect();
    let lines = std::iter::once((None, &sheet.header)).chain(sheet.rows.iter().map(|(row, cells)| (Some(*row), cells)));
    for (row, cells) in lines {
        let own = kept.iter().map(|at| cells.get(*at).map_or("", Cell::shown).to_owned());
        // A vector takes every byte, so writing cannot fail.
        let _ = writer.write_record(own.chain(last(row)));
    }
    writer.into_inner().unwrap_or_default()
}
