//! The records of a CSV file as the crate `csv` reads them; those without quotation marks are cut where they stand.

use std::io::{self, BufRead};

/// So much more is read at a time.
const STEP: usize = 1 << 18;

/// The records of a table one after another; the one that was read last can be looked at.
pub(crate) struct Records {
    reader: Box<dyn BufRead + Send>,
    /// What has been read, from `start` on not yet handed out.
    buffer: Vec<u8>,
    start: usize,
    has_ended: bool,
    /// For records with quotation marks.
    core: csv_core::Reader,
    unquoted: Vec<u8>,
    ends: Vec<usize>,
    /// Whether the record's cells stand in `unquoted`, or else in the buffer.
    is_unquoted: bool,
    /// Where each cell begins and ends.
    cells: Vec<(usize, usize)>,
    /// Where the record does.
    whole: (usize, usize),
}

impl Records {
    pub(crate) fn new(reader: Box<dyn BufRead + Send>) -> io::Result<Records> {
        let mut core = csv_core::Reader::new();
        // It takes a mark of the byte order for one at the beginning of what it reads first, which is no beginning of the file.
        core.read_record(b"-\n", &mut [0; 4], &mut [0; 4]);
        let mut records = Records {
            reader,
            buffer: Vec::new(),
            start: 0,
            has_ended: false,
            core,
            unquoted: Vec::new(),
            ends: Vec::new(),
            is_unquoted: false,
            cells: Vec::new(),
            whole: (0, 0),
        };
        while records.buffer.len() < 3 && records.fill()? {}
        if records.buffer.starts_with(b"\xef\xbb\xbf") {
            records.start = 3;
        }
        Ok(records)
    }

    /// Reads on; whether there was more.
    fn fill(&mut self) -> io::Result<bool> {
        if self.has_ended {
            return Ok(false);
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        let before = self.buffer.len();
        while self.buffer.len() < before + STEP {
            let more = self.reader.fill_buf()?;
            let count = more.len();
            self.buffer.extend_from_slice(more);
            self.reader.consume(count);
            if count == 0 {
                self.has_ended = true;
                break;
            }
        }
        Ok(self.buffer.len() > before)
    }

    /// Reads the next record; whether there is one. Lines without anything are none.
    pub(crate) fn advance(&mut self) -> io::Result<bool> {
        loop {
            let left = self.buffer.get(self.start..).unwrap_or(&[]);
            self.start += left.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
            if self.start < self.buffer.len() {
                break;
            }
            if !self.fill()? {
                return Ok(false);
            }
        }
        let mut seen = 0;
        loop {
            let left = self.buffer.get(self.start..).unwrap_or(&[]);
            let found = memchr::memchr3(b'\n', b'\r', b'"', left.get(seen..).unwrap_or(&[])).map(|at| seen + at);
            match found {
                Some(at) if left.get(at) == Some(&b'"') => return self.quoted(),
                Some(at) => {
                    self.cut(at);
                    return Ok(true);
                }
                None => {
                    seen = left.len();
                    if !self.fill()? {
                        self.cut(seen);
                        return Ok(true);
                    }
                }
            }
        }
    }

    /// A record of so many bytes without quotation marks.
    fn cut(&mut self, length: usize) {
        self.is_unquoted = false;
        self.cells.clear();
        self.whole = (self.start, self.start + length);
        let mut begin = self.start;
        for (byte, at) in self.buffer.get(self.start..self.start + length).unwrap_or(&[]).iter().zip(self.start..) {
            if *byte == b',' {
                self.cells.push((begin, at));
                begin = at + 1;
            }
        }
        self.cells.push((begin, self.start + length));
        self.start += length;
    }

    fn quoted(&mut self) -> io::Result<bool> {
        self.is_unquoted = true;
        self.cells.clear();
        let (mut bytes, mut count) = (0, 0);
        loop {
            if self.unquoted.len() < bytes + 1024 {
                self.unquoted.resize(self.unquoted.len() * 2 + 1024, 0);
            }
            if self.ends.len() < count + 16 {
                self.ends.resize(self.ends.len() * 2 + 16, 0);
            }
            let left = self.buffer.get(self.start..).unwrap_or(&[]);
            let (unquoted, ends) = (self.unquoted.get_mut(bytes..), self.ends.get_mut(count..));
            let (result, read, written, ended) =
                self.core.read_record(left, unquoted.unwrap_or(&mut []), ends.unwrap_or(&mut []));
            self.start += read;
            bytes += written;
            count += ended;
            match result {
                csv_core::ReadRecordResult::InputEmpty => {
                    self.fill()?;
                }
                csv_core::ReadRecordResult::OutputFull | csv_core::ReadRecordResult::OutputEndsFull => {}
                csv_core::ReadRecordResult::Record => break,
                csv_core::ReadRecordResult::End => return Ok(false),
            }
        }
        self.whole = (0, bytes);
        let mut begin = 0;
        for end in self.ends.iter().take(count) {
            self.cells.push((begin, *end));
            begin = *end;
        }
        Ok(true)
    }

    fn bytes(&self) -> &[u8] {
        if self.is_unquoted { &self.unquoted } else { &self.buffer }
    }

    /// How many cells the record has.
    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }

    /// A cell of the record.
    pub(crate) fn cell(&self, at: usize) -> Option<&[u8]> {
        let (begin, end) = *self.cells.get(at)?;
        self.bytes().get(begin..end)
    }

    /// The cells of the record.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        let bytes = self.bytes();
        self.cells.iter().map(|(begin, end)| bytes.get(*begin..*end).unwrap_or(&[]))
    }

    /// Whether every cell of the record is UTF-8.
    pub(crate) fn is_text(&self) -> bool {
        let whole = self.bytes().get(self.whole.0..self.whole.1).unwrap_or(&[]);
        // Cells that stand side by side could be UTF-8 together and not each.
        whole.is_ascii()
            || if self.is_unquoted {
                self.cells().all(|cell| std::str::from_utf8(cell).is_ok())
            } else {
                std::str::from_utf8(whole).is_ok()
            }
    }
}

#[cfg(test)]
mod tests;
