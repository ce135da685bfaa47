use std::io::{BufReader, Cursor, Read};

use super::*;

struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }
}

/// Hands out few bytes at a time.
struct Slow(Cursor<Vec<u8>>, usize);

impl Read for Slow {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.1.min(buffer.len());
        self.0.read(buffer.get_mut(..most).unwrap_or(&mut []))
    }
}

fn own(text: &[u8], step: usize) -> Vec<csv::ByteRecord> {
    let reader = BufReader::with_capacity(step.max(1), Slow(Cursor::new(text.to_vec()), step));
    let mut records = Records::new(Box::new(reader)).unwrap();
    let mut out = Vec::new();
    while records.advance().unwrap() {
        assert_eq!(records.len(), records.cells().count());
        let each = records.cells().all(|cell| std::str::from_utf8(cell).is_ok());
        assert_eq!(records.is_text(), each);
        out.push(records.cells().collect());
    }
    assert!(!records.advance().unwrap(), "the end is the end");
    out
}

fn reference(text: &[u8]) -> Vec<csv::ByteRecord> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text);
    reader.byte_records().map(Result::unwrap).collect()
}

#[test]
fn records_are_those_of_the_csv_crate() {
    let c = &mut Chance(0xc5f);
    let pieces: [&[u8]; 15] = [
        b",",
        b",",
        b",",
        b"\n",
        b"\r\n",
        b"\r",
        b"\"",
        b"\"\"",
        b"a",
        b"17",
        b" ",
        "é".as_bytes(),
        b"\xff",
        b"\xc3",
        b"\xef\xbb\xbf",
    ];
    let mut quoted = 0;
    for round in 0..6_000 {
        let quotes = round % 3;
        let count = c.below(60);
        let mut text = Vec::new();
        for _ in 0..count {
            let piece = pieces[c.below(pieces.len() as u64) as usize];
            if !piece.contains(&b'"') || quotes == 1 || quotes == 2 && c.below(4) == 0 {
                text.extend_from_slice(piece);
            }
        }
        quoted += usize::from(text.contains(&b'"'));
        let step = [1, 3, 64][c.below(3) as usize];
        assert_eq!(own(&text, step), reference(&text), "{:?}", String::from_utf8_lossy(&text));
    }
    assert!(quoted > 2_000);
}

#[test]
fn records_longer_than_what_is_read_at_once_are_whole() {
    let long = "x".repeat(STEP * 2 + 5);
    for text in [format!("a,{long}\nb,c"), format!("a,\"{long}\n{long}\"\r\nb,c\r\n"), long.clone()] {
        assert_eq!(own(text.as_bytes(), 1 << 16), reference(text.as_bytes()));
    }
}
