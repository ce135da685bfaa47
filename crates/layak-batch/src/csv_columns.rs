//! Households and the elements of their lists in tables of CSV, read by columns. A cell that its fact's column cannot hold as the
//! household's JSON would have it (JSON of its own, a word for yes or no that is no answer, a column of no fact) has the household
//! read as JSON, as [`Csv`](crate::csv_tables::Csv) makes it: columns add speed and no rule of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, ListArray, RecordBatch, StringArray, StructArray};
use arrow_buffer::{BooleanBufferBuilder, Buffer, NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, Fields, Schema};
use layak::{Code, FactKind, FactShape, Phrase, Plan};

use crate::BatchError;
use crate::binding::Naming;
use crate::csv_records::Records;
use crate::csv_tables::{cell_json, flag, miscounted, not_text, object, rename};
use crate::files::TextFile;
use crate::found::lists_beyond;
use crate::join::order;
use crate::keys::{Key, Keys};
use crate::reader::RecordReader;
use crate::run::{Alone, Portion, Source};
use crate::tables::{ElementBatches, Elements, ListColumn, ListTable, Odd};
use crate::texts::refused;

/// A portion has so many rows, or so many bytes.
const ROWS: usize = 8 * layak::Batch::STRETCH;
const BYTES: usize = 16 << 20;

/// A longer cell stands in no column.
const LONGEST_CELL: usize = 1 << 20;

/// The households of a CSV table, by columns.
pub(crate) struct CsvSource {
    reader: RecordReader,
    path: PathBuf,
    records: Records,
    form: Arc<Form>,
    /// The places of the columns that go through to the decisions.
    carried: Vec<Option<usize>>,
    lists: Vec<(String, ListTable)>,
    lacking: Vec<String>,
    /// The line of the next household.
    line: usize,
    read: Arc<AtomicU64>,
    size: Option<u64>,
    is_done: bool,
}

/// What the columns of a table hold.
struct Form {
    /// By column: the name that the household's JSON has of it; none where it is left out.
    names: Vec<Option<String>>,
    cells: Vec<Cell>,
    fields: Fields,
}

/// Where the cells of a column go.
#[derive(Clone, Copy)]
enum Cell {
    /// Nowhere.
    Left,
    /// Into the next column of the batch.
    Column,
    /// Where there is anything, the row is read as JSON.
    Odd,
}

/// A column on its way.
enum Growing {
    Texts { offsets: Vec<i32>, bytes: Vec<u8>, known: BooleanBufferBuilder },
    Flags { values: BooleanBufferBuilder, known: BooleanBufferBuilder },
}

impl Growing {
    fn of(data_type: &DataType) -> Growing {
        let known = BooleanBufferBuilder::new(ROWS);
        match data_type {
            DataType::Boolean => Growing::Flags { values: BooleanBufferBuilder::new(ROWS), known },
            _ => Growing::Texts { offsets: vec![0], bytes: Vec::new(), known },
        }
    }

    /// Takes a cell; whether it holds what the JSON of the cell is.
    fn add(&mut self, cell: &[u8]) -> bool {
        match self {
            Growing::Texts { offsets, bytes, known } => {
                let is_plain = match cell.first() {
                    Some(b'[' | b'{') => false,
                    Some(b't' | b'y' | b'f' | b'n') => std::str::from_utf8(cell).is_ok_and(|cell| flag(cell).is_none()),
                    _ => true,
                } && cell.len() <= LONGEST_CELL;
                let is_held = is_plain && !cell.is_empty();
                if is_held {
                    bytes.extend_from_slice(cell);
                }
                known.append(is_held);
                offsets.push(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
                is_plain
            }
            Growing::Flags { values, known } => {
                let value = std::str::from_utf8(cell).ok().and_then(flag);
                values.append(value == Some(true));
                known.append(value.is_some());
                value.is_some() || cell.is_empty()
            }
        }
    }

    fn finish(self) -> Result<ArrayRef, BatchError> {
        let nulls = |mut known: BooleanBufferBuilder| {
            Some(NullBuffer::new(known.finish())).filter(|nulls| nulls.null_count() > 0)
        };
        Ok(match self {
            Growing::Texts { offsets, bytes, known } => {
                let offsets = OffsetBuffer::new(offsets.into());
                Arc::new(StringArray::try_new(offsets, Buffer::from_vec(bytes), nulls(known))?)
            }
            Growing::Flags { mut values, known } => Arc::new(BooleanArray::new(values.finish(), nulls(known))),
        })
    }
}

impl Form {
    /// What the columns of a header hold. `list` is the list whose elements the table has, and the column of their key.
    fn of(headers: &[String], shapes: &[FactShape], list: Option<(&str, usize)>, naming: &Naming) -> Form {
        let is_fact = |name: &str| shapes.iter().any(|s| *s.name == *name || s.column.as_deref() == Some(name));
        let is_left_out = |at: usize, name: &String| match list {
            Some((list, key)) => at == key || naming.ignored.contains(&format!("{list}.{name}")),
            None => {
                !naming.columns.values().any(|column| column == name)
                    && (naming.ignored.contains(name) || naming.carried.contains(name) && !is_fact(name))
            }
        };
        let mut names: Vec<Option<String>> = Vec::new();
        for (at, header) in headers.iter().enumerate() {
            let mut entry = [(header.clone(), String::new())];
            rename(&mut entry, list.map_or("", |(list, _)| list), naming);
            let [(name, _)] = entry;
            names.push((!is_left_out(at, header)).then_some(name));
        }
        let shape = |name: &str| {
            let own = shapes.iter().find(|s| *s.name == *name);
            own.or_else(|| shapes.iter().find(|s| s.column.as_deref() == Some(name)))
        };
        let found: Vec<Option<&FactShape>> = names.iter().map(|name| shape(name.as_deref()?)).collect();
        let (mut cells, mut fields) = (Vec::new(), Vec::new());
        for (name, shape) in names.iter().zip(&found) {
            let count = found.iter().flatten().filter(|other| shape.is_some_and(|own| own.name == other.name)).count();
            let data_type = match shape.map(|shape| &shape.kind) {
                Some(FactKind::Boolean) => Some(DataType::Boolean),
                Some(FactKind::List(_) | FactKind::Values(_) | FactKind::Record(_)) | None => None,
                Some(_) => Some(DataType::Utf8),
            };
            cells.push(match (name, shape, data_type) {
                (None, ..) => Cell::Left,
                // Two columns of one fact are an error of whoever has something in both.
                (Some(name), Some(_), Some(data_type)) if count == 1 => {
                    fields.push(Field::new(name, data_type, true));
                    Cell::Column
                }
                _ => Cell::Odd,
            });
        }
        Form { names, cells, fields: fields.into() }
    }

    fn growing(&self) -> Vec<Growing> {
        self.fields.iter().map(|field| Growing::of(field.data_type())).collect()
    }

    /// Takes the cells of a record; whether the columns say all of it.
    fn add(&self, record: &Records, columns: &mut [Growing]) -> bool {
        let mut is_plain = true;
        let mut columns = columns.iter_mut();
        for (to, cell) in self.cells.iter().zip(record.cells()) {
            match to {
                Cell::Left => {}
                Cell::Odd => is_plain &= cell.is_empty(),
                Cell::Column => is_plain &= columns.next().is_some_and(|column| column.add(cell)),
            }
        }
        is_plain
    }

    /// Takes a row of which nothing is read.
    fn skip(columns: &mut [Growing]) {
        columns.iter_mut().for_each(|column| {
            column.add(b"");
        });
    }

    /// The cells of a record as JSON, by their names.
    fn entries(&self, record: &Records) -> Vec<(String, String)> {
        let given = self.names.iter().zip(record.cells()).filter(|(_, cell)| !cell.is_empty());
        given.filter_map(|(name, cell)| Some((name.clone()?, cell_json(&String::from_utf8_lossy(cell))))).collect()
    }

    /// What is wrong with a record.
    fn fault(&self, record: &Records) -> Option<Phrase> {
        if record.len() != self.cells.len() {
            return Some(miscounted(record.len(), self.cells.len()));
        }
        (!record.is_text()).then(not_text)
    }
}

/// The cells of a row as JSON, by their names.
fn entries(fields: &Fields, columns: &[ArrayRef], row: usize) -> Vec<(String, String)> {
    let given = fields.iter().zip(columns).filter(|(_, column)| column.is_valid(row));
    given
        .map(|(field, column)| {
            let json = match column.as_boolean_opt() {
                Some(flags) => flags.value(row).to_string(),
                None => cell_json(column.as_string::<i32>().value(row)),
            };
            (field.name().clone(), json)
        })
        .collect()
}

/// The key in a record, which it may have although it cannot be read; none where the key cannot be either.
fn key_of(record: &Records, at: usize) -> Option<Key> {
    Some(Key::of_text(std::str::from_utf8(record.cell(at)?).ok()?))
}

/// The header of a table, and its rows to come.
fn table(path: &Path, file: TextFile) -> Result<(Vec<String>, Records), BatchError> {
    let io = |error| BatchError::io(path, error);
    let mut records = Records::new(file.reader).map_err(io)?;
    if records.advance().map_err(io)? && !records.is_text() {
        let text = |why: &str| format!("{}: {why}", path.display());
        return Err(BatchError::Call(Phrase::new(
            text("the header is not UTF-8"),
            text("kepala tabelnya bukan UTF-8"),
        )));
    }
    let headers = records.cells().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect();
    Ok((headers, records))
}

/// The header of a table.
pub(crate) fn headers(path: &Path) -> Result<Vec<String>, BatchError> {
    Ok(table(path, TextFile::open(path)?)?.0)
}

/// The keys in a column of a table.
fn keys(path: &Path, column: usize) -> Result<impl Iterator<Item = Result<Key, BatchError>>, BatchError> {
    let (headers, mut records) = table(path, TextFile::open(path)?)?;
    let path = path.to_owned();
    Ok(std::iter::from_fn(move || {
        loop {
            match records.advance() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(BatchError::io(&path, error))),
            }
            match key_of(&records, column) {
                // It is told where it is read.
                None => {}
                Some(Key::None) if records.len() != headers.len() || !records.is_text() => {}
                Some(key) => return Some(Ok(key)),
            }
        }
    }))
}

/// The elements of a table.
fn elements(path: PathBuf, mut records: Records, form: Arc<Form>, key_at: usize) -> ElementBatches {
    let mut row = 0;
    let mut read = move || -> Result<Option<Elements>, BatchError> {
        let mut columns = form.growing();
        let (mut keys, mut odd, mut keyless) = (Keys::default(), Vec::new(), Vec::new());
        let mut bytes = 0;
        let mut is_more = false;
        while keys.len() < ROWS && bytes < BYTES {
            is_more = records.advance().map_err(|error| BatchError::io(&path, error))?;
            if !is_more {
                break;
            }
            row += 1;
            bytes += records.cells().map(<[u8]>::len).sum::<usize>();
            let key = key_of(&records, key_at);
            if let Some(why) = form.fault(&records) {
                match key {
                    None | Some(Key::None) => {
                        keyless.push(Alone { path: path.clone(), row, key: None, cause: Some(why) });
                        continue;
                    }
                    Some(_) => odd.push((keys.len(), Odd::Unreadable(row, why))),
                }
                Form::skip(&mut columns);
            } else if !form.add(&records, &mut columns) {
                odd.push((keys.len(), Odd::Json(object(&form.entries(&records)))));
            }
            keys.push(key.unwrap_or(Key::None), row);
        }
        if !is_more && keys.is_empty() && keyless.is_empty() {
            return Ok(None);
        }
        let columns: Result<Vec<ArrayRef>, BatchError> = columns.into_iter().map(Growing::finish).collect();
        let columns = StructArray::try_new_with_length(form.fields.clone(), columns?, None, keys.len())?;
        Ok(Some(Elements { keys, columns, odd, keyless }))
    };
    Box::new(std::iter::from_fn(move || read().transpose()))
}

impl CsvSource {
    /// Whether tables can be read by columns: whether every list is one of elements.
    pub(crate) fn can_read(plan: &Plan, lists: &[(String, PathBuf)]) -> bool {
        let shapes = plan.fact_shapes();
        let is_list = |name: &str| shapes.iter().any(|s| *s.name == *name && matches!(s.kind, FactKind::List(_)));
        let is_alone = |name: &String| lists.iter().filter(|(other, _)| other == name).count() == 1;
        lists.iter().all(|(name, _)| is_list(name) && is_alone(name))
    }

    pub(crate) fn open(
        plan: &Plan,
        path: &Path,
        lists: &[(String, PathBuf)],
        naming: &Naming,
    ) -> Result<CsvSource, BatchError> {
        let file = TextFile::open(path)?;
        let (read, size) = (Arc::clone(&file.read), file.size);
        let (headers, records) = table(path, file)?;
        let shapes = plan.fact_shapes();
        let form = Form::of(&headers, &shapes, None, naming);
        let mut fields: Vec<Arc<Field>> = form.fields.iter().map(Arc::clone).collect();
        let mut tables = Vec::new();
        for (list, file) in lists {
            let (headers, records) = table(file, TextFile::open(file)?)?;
            let key = naming.key.as_ref().and_then(|name| headers.iter().position(|h| h == name)).unwrap_or(0);
            let inner = shapes.iter().find_map(|shape| match &shape.kind {
                FactKind::List(inner) if *shape.name == **list => Some(inner.as_slice()),
                _ => None,
            });
            let form = Arc::new(Form::of(&headers, inner.unwrap_or(&[]), Some((list, key)), naming));
            let order = order(|| keys(path, 0), || keys(file, key))?;
            let item = Arc::new(Field::new("item", DataType::Struct(form.fields.clone()), false));
            fields.push(Arc::new(Field::new(list, DataType::List(item), false)));
            let batches = elements(file.clone(), records, Arc::clone(&form), key);
            tables.push((list.clone(), ListTable::new(list, file, form.fields.clone(), order, batches)?));
        }
        let place = |name: &String| headers.iter().position(|header| header == name);
        let columns = headers.iter().chain(lists.iter().map(|(list, _)| list)).map(String::as_str);
        let lacking = lists_beyond(plan, columns, naming);
        Ok(CsvSource {
            reader: RecordReader::new(plan, &Schema::new(fields), &Naming::default())?.leaving_out(),
            path: path.to_owned(),
            records,
            form: Arc::new(form),
            carried: naming.carried.iter().map(place).collect(),
            lists: tables,
            lacking,
            line: 2,
            read,
            size,
            is_done: false,
        })
    }

    fn portion(&mut self) -> Result<Option<Portion>, BatchError> {
        let mut columns = self.form.growing();
        let mut carried: Vec<StringBuilder> = self.carried.iter().map(|_| StringBuilder::new()).collect();
        let (mut keys, mut wrong, mut odd) = (Keys::default(), Vec::new(), BTreeMap::new());
        let mut bytes = 0;
        while keys.len() < ROWS && bytes < BYTES {
            if !self.records.advance().map_err(|error| BatchError::io(&self.path, error))? {
                self.is_done = true;
                break;
            }
            bytes += self.records.cells().map(<[u8]>::len).sum::<usize>();
            let key = key_of(&self.records, 0).unwrap_or(Key::None);
            let fault = self.form.fault(&self.records);
            for (at, column) in self.carried.iter().zip(&mut carried) {
                let cell = at.filter(|_| fault.is_none()).and_then(|at| self.records.cell(at));
                let cell = cell.and_then(|cell| std::str::from_utf8(cell).ok());
                column.append_option(cell.filter(|cell| !cell.is_empty()));
            }
            if let Some(why) = fault {
                Form::skip(&mut columns);
                wrong.push((keys.len(), refused(Code::UNREADABLE, "", why, key.text())));
            } else if !self.form.add(&self.records, &mut columns) {
                odd.insert(keys.len(), self.form.entries(&self.records));
            }
            keys.push(key, self.line + keys.len());
        }
        let line = self.line;
        self.line += keys.len();
        let own: Result<Vec<ArrayRef>, BatchError> = columns.into_iter().map(Growing::finish).collect();
        let own = own?;
        let mut alone = Vec::new();
        let mut lists: Vec<ListOf> = Vec::new();
        for (list, table) in &mut self.lists {
            let ListColumn { column, alone: lone, refused, odd } = table.column(keys.iter())?;
            wrong.extend(refused);
            alone.extend(lone);
            if self.is_done {
                alone.extend(table.rest()?);
            }
            lists.push(ListOf { name: list.clone(), column, odd: odd.into_iter().collect() });
        }
        if keys.is_empty() && alone.is_empty() {
            return Ok(None);
        }
        wrong.sort_by_key(|(row, _)| *row);
        wrong.dedup_by_key(|(row, _)| *row);
        let mut by_text: BTreeSet<usize> = odd.keys().copied().collect();
        by_text.extend(lists.iter().flat_map(|list| list.odd.keys().copied()));
        by_text.retain(|row| wrong.binary_search_by_key(row, |(at, _)| *at).is_err());
        let mut texts = Vec::new();
        for row in by_text {
            let mut all = odd.remove(&row).unwrap_or_else(|| entries(&self.form.fields, &own, row));
            all.extend(lists.iter().map(|list| (list.name.clone(), list.json(row))));
            texts.push((row, object(&all).into_bytes()));
        }
        let all = own.into_iter().chain(lists.into_iter().map(|list| list.column)).collect();
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(keys.len()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(self.reader.schema()), all, &options)?;
        let carried = carried.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect();
        Ok(Some(Portion::Records { line, batch, refused: wrong, alone, texts, carried }))
    }
}

/// A list of some households.
struct ListOf {
    name: String,
    column: ArrayRef,
    /// By household: the elements, by place, that the column does not hold.
    odd: BTreeMap<usize, Vec<(usize, String)>>,
}

impl ListOf {
    /// A household's elements as JSON.
    fn json(&self, row: usize) -> String {
        let lists: &ListArray = self.column.as_list();
        let elements = lists.value(row);
        let elements = elements.as_struct();
        let odd = self.odd.get(&row).map_or(&[][..], Vec::as_slice);
        let parts: Vec<String> = (0..elements.len())
            .map(|at| match odd.iter().find(|(place, _)| *place == at) {
                Some((_, json)) => json.clone(),
                None => object(&entries(elements.fields(), elements.columns(), at)),
            })
            .collect();
        format!("[{}]", parts.join(","))
    }
}

impl Iterator for CsvSource {
    type Item = Result<Portion, BatchError>;

    fn next(&mut self) -> Option<Result<Portion, BatchError>> {
        if self.is_done {
            return None;
        }
        let portion = self.portion();
        self.is_done |= portion.is_err();
        portion.transpose()
    }
}

impl Source for CsvSource {
    fn size(&self) -> Option<u64> {
        self.size
    }

    fn progress(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.read)
    }

    fn reader(&self) -> Option<&RecordReader> {
        Some(&self.reader)
    }

    fn lacking(&self) -> Vec<String> {
        self.lacking.clone()
    }

    fn carries_texts(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
