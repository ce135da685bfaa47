//! Files of households: by what their names end with, packed or not.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::BatchError;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    JsonLines,
    Json,
    Csv,
    Parquet,
    Arrow,
}

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Plain,
    Gzip,
    Zstd,
}

/// The name of a file without folders, in small letters.
fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default()
}

fn packing_of(name: &str) -> (Packing, &str) {
    let gzip = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".gzip")).map(|rest| (Packing::Gzip, rest));
    let zstd = || name.strip_suffix(".zst").or_else(|| name.strip_suffix(".zstd")).map(|rest| (Packing::Zstd, rest));
    gzip.or_else(zstd).unwrap_or((Packing::Plain, name))
}

/// What a file holds by its name: whatever is nothing else is JSON lines.
pub(crate) fn kind_of(path: &Path) -> FileKind {
    let name = name_of(path);
    let (_, name) = packing_of(&name);
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("json") => FileKind::Json,
        Some("csv") => FileKind::Csv,
        Some("parquet" | "parq" | "pq") => FileKind::Parquet,
        Some("arrow" | "arrows" | "feather" | "ipc") => FileKind::Arrow,
        _ => FileKind::JsonLines,
    }
}

/// The name of a file without what says how it is packed and what it holds.
pub(crate) fn stem_of(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let plain = [".gz", ".gzip", ".zst", ".zstd"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    plain.rsplit_once('.').map_or(plain, |(stem, _)| stem).to_owned()
}

/// Whether a file is packed as a whole.
pub(crate) fn is_packed(path: &Path) -> bool {
    packing_of(&name_of(path)).0 != Packing::Plain
}

/// A file that counts what has been read of it.
pub(crate) struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(u64::try_from(count).unwrap_or(0), Ordering::Relaxed);
        Ok(count)
    }
}

/// A text file as it is read, unpacked; `-` is standard input.
pub(crate) struct TextFile {
    pub reader: Box<dyn BufRead + Send>,
    /// How many bytes of the file have been read.
    pub read: Arc<AtomicU64>,
    /// How many it has.
    pub size: Option<u64>,
}

impl TextFile {
    pub(crate) fn open(path: &Path) -> Result<TextFile, BatchError> {
        let read = Arc::new(AtomicU64::new(0));
        if path.as_os_str() == "-" {
            let reader = Counted { inner: std::io::stdin(), read: Arc::clone(&read) };
            return Ok(TextFile { reader: Box::new(BufReader::new(reader)), read, size: None });
        }
        let file = File::open(path).map_err(|error| BatchError::io(path, error))?;
        let size = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|m| m.len());
        let counted = Counted { inner: file, read: Arc::clone(&read) };
        let name = name_of(path);
        let reader: Box<dyn BufRead + Send> = match packing_of(&name).0 {
            Packing::Plain => Box::new(BufReader::with_capacity(1 << 18, counted)),
            Packing::Gzip => Box::new(BufReader::with_capacity(1 << 18, flate2::read::MultiGzDecoder::new(counted))),
            Packing::Zstd => {
                let unpacked = zstd::stream::read::Decoder::new(counted).map_err(|e| BatchError::io(path, e))?;
                Box::new(BufReader::with_capacity(1 << 18, unpacked))
            }
        };
        Ok(TextFile { reader, read, size })
    }
}
