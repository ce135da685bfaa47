//! Decisions as complete parts in a folder, with a manifest that says which there are: what is interrupted is finished later, to the
//! same bytes.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use layak::Phrase;
use serde::{Deserialize, Serialize};

use crate::reader::RecordReader;
use crate::run::{Portion, Source};
use crate::{BatchError, Summary};

/// So many households are in a part, or some more: parts end with portions.
pub const PART: usize = 1 << 17;

const MANIFEST: &str = "manifest.json";

/// What is known of a run: it stands in `manifest.json`, and is written anew after each part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    /// The version of this form.
    pub manifest: u32,
    /// What the run was asked for: rules, date, files and options. Another call cannot go on with it.
    pub call: BTreeMap<String, String>,
    /// The parts in order.
    pub parts: Vec<PartEntry>,
    /// Whether these are all.
    pub complete: bool,
}

/// A part that is whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PartEntry {
    /// Its name in the folder.
    pub file: String,
    /// The rejected rows of the same households, where there are some.
    pub rejects: Option<String>,
    /// How many bytes it has.
    pub bytes: u64,
    /// What it came to.
    pub summary: Summary,
}

impl Manifest {
    /// The parts of a run in a folder, in order.
    ///
    /// # Errors
    /// There is no manifest that can be read.
    pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, BatchError> {
        let path = folder.join(MANIFEST);
        let text = fs::read_to_string(&path).map_err(|error| BatchError::io(&path, error))?;
        let manifest: Manifest =
            serde_json::from_str(&text).map_err(|error| BatchError::io(&path, std::io::Error::other(error)))?;
        Ok(manifest.parts.iter().map(|part| folder.join(&part.file)).collect())
    }
}

/// A folder of parts.
#[derive(Debug)]
pub struct Parts {
    folder: PathBuf,
    end: String,
    manifest: Manifest,
}

impl Parts {
    /// Begins a run in a folder, which is made where there is none, or goes on with one; `end` is what the names of parts end with.
    ///
    /// # Errors
    /// There is a run already and it is not to be gone on with, it was another call, or the folder cannot be written.
    pub fn begin(folder: &Path, end: &str, call: BTreeMap<String, String>, resume: bool) -> Result<Parts, BatchError> {
        fs::create_dir_all(folder).map_err(|error| BatchError::io(folder, error))?;
        let path = folder.join(MANIFEST);
        let said = match fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(BatchError::io(&path, error)),
        };
        let manifest = match said {
            None => Manifest { manifest: 1, call, parts: Vec::new(), complete: false },
            Some(_) if !resume => {
                let name = folder.display();
                return Err(BatchError::Call(Phrase::new(
                    format!("{name} holds a run already: go on with it (--resume), or name another folder"),
                    format!("{name} sudah memuat hasil: lanjutkan (--resume), atau sebut folder lain"),
                )));
            }
            Some(text) => {
                let manifest: Manifest =
                    serde_json::from_str(&text).map_err(|error| BatchError::io(&path, std::io::Error::other(error)))?;
                if let Some(what) = difference(&manifest.call, &call) {
                    return Err(BatchError::Call(Phrase::new(
                        format!(
                            "{}: this is another call than the one that began: {what} differs; repeat the first call, or name another folder",
                            path.display()
                        ),
                        format!(
                            "{}: panggilan ini lain dari yang memulainya: {what} berbeda; ulangi panggilan yang semula, atau sebut folder lain",
                            path.display()
                        ),
                    )));
                }
                manifest
            }
        };
        let parts = Parts { folder: folder.to_owned(), end: end.to_owned(), manifest };
        parts.tidy()?;
        parts.say()?;
        Ok(parts)
    }

    /// Takes away what an interrupted run has left half done, and holds the parts to the manifest.
    fn tidy(&self) -> Result<(), BatchError> {
        let entries = fs::read_dir(&self.folder).map_err(|error| BatchError::io(&self.folder, error))?;
        let known = |name: &str| {
            self.manifest.parts.iter().any(|part| part.file == name || part.rejects.as_deref() == Some(name))
        };
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let is_ours = name.starts_with("part-") || name.starts_with(".part-") || name == ".manifest.json";
            if is_ours && !known(&name) {
                fs::remove_file(&path).map_err(|error| BatchError::io(&path, error))?;
            }
        }
        for part in &self.manifest.parts {
            let path = self.folder.join(&part.file);
            let bytes = fs::metadata(&path).map_err(|error| BatchError::io(&path, error))?.len();
            if bytes != part.bytes {
                let name = path.display();
                return Err(BatchError::Call(Phrase::new(
                    format!("{name} has {bytes} bytes, and the manifest says {}", part.bytes),
                    format!("{name} berukuran {bytes} bita, sedangkan manifes menyebut {}", part.bytes),
                )));
            }
        }
        Ok(())
    }

    /// How many parts are whole.
    pub fn count(&self) -> usize {
        self.manifest.parts.len()
    }

    /// Takes away what is half done, where that can be: whoever goes on does it too.
    pub fn abandon(&self) {
        let _ = self.tidy();
    }

    /// Whether every part is there.
    pub fn is_complete(&self) -> bool {
        self.manifest.complete
    }

    /// What the parts that are there came to.
    pub fn summary(&self) -> Summary {
        let mut out = Summary::default();
        self.manifest.parts.iter().for_each(|part| out.add(&part.summary));
        out
    }

    fn name(&self, ahead: usize) -> String {
        format!("part-{:05}", self.manifest.parts.len() + ahead)
    }

    /// Begins the next part.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn create(&self) -> Result<File, BatchError> {
        self.draft(0)
    }

    /// Begins the part after the next, before that one is put in its place.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn create_next(&self) -> Result<File, BatchError> {
        self.draft(1)
    }

    fn draft(&self, ahead: usize) -> Result<File, BatchError> {
        let path = self.folder.join(format!(".{}.{}", self.name(ahead), self.end));
        File::create(&path).map_err(|error| BatchError::io(&path, error))
    }

    /// Puts the part that was begun in its place, with the rejected rows of its households, and notes it; the last one with it that
    /// there is none more.
    ///
    /// # Errors
    /// The files cannot be written.
    pub fn commit(&mut self, file: File, rejects: &[u8], summary: Summary, is_last: bool) -> Result<(), BatchError> {
        let name = self.name(0);
        let part = format!("{name}.{}", self.end);
        let of_rejects = (!rejects.is_empty()).then(|| format!("{name}.rejects.jsonl"));
        if let Some(of_rejects) = &of_rejects {
            self.put(of_rejects, rejects)?;
        }
        let path = self.folder.join(&part);
        let told = |error| BatchError::io(&path, error);
        file.sync_all().map_err(told)?;
        let bytes = file.metadata().map_err(told)?.len();
        fs::rename(self.folder.join(format!(".{part}")), &path).map_err(told)?;
        self.manifest.parts.push(PartEntry { file: part, rejects: of_rejects, bytes, summary });
        self.manifest.complete = is_last;
        self.say()
    }

    fn say(&self) -> Result<(), BatchError> {
        let text = serde_json::to_string_pretty(&self.manifest)
            .map_err(|error| BatchError::io(&self.folder, std::io::Error::other(error)))?;
        self.put(MANIFEST, format!("{text}\n").as_bytes())
    }

    /// Writes a small file whole or not at all, and sees to it that its name outlasts a loss of power.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), BatchError> {
        let (draft, path) = (self.folder.join(format!(".{name}")), self.folder.join(name));
        let write = || {
            let mut file = File::create(&draft)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&draft, &path)?;
            // Not every system lets a folder be opened.
            File::open(&self.folder).map_or(Ok(()), |folder| folder.sync_all())
        };
        write().map_err(|error| BatchError::io(&path, error))
    }
}

/// The first thing in which two calls differ.
fn difference<'c>(one: &'c BTreeMap<String, String>, other: &'c BTreeMap<String, String>) -> Option<&'c str> {
    one.keys().chain(other.keys()).find(|key| one.get(*key) != other.get(*key)).map(String::as_str)
}

/// What tells a file from another: its length and its ends. A file that is none has no more than its name.
pub fn trace(path: &Path) -> String {
    use std::io::{Read as _, Seek as _, SeekFrom};
    const END: u64 = 1 << 16;
    let read = || -> std::io::Result<String> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut bytes = Vec::new();
        (&file).take(END).read_to_end(&mut bytes)?;
        file.seek(SeekFrom::Start(size.saturating_sub(END)))?;
        (&file).take(END).read_to_end(&mut bytes)?;
        // FNV-1a: the same everywhere and always.
        let hash = bytes
            .iter()
            .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3));
        Ok(format!("{size} bytes, {hash:016x}"))
    };
    if path.is_file() { read().unwrap_or_default() } else { String::new() }
}

/// A source of which some households are decided already.
#[derive(Debug)]
pub struct Rest<S> {
    source: S,
    decided: usize,
}

impl<S: Source> Rest<S> {
    /// All but the first so many households.
    pub fn of(source: S, decided: usize) -> Rest<S> {
        Rest { source, decided }
    }
}

impl<S: Source> Iterator for Rest<S> {
    type Item = Result<Portion, BatchError>;

    fn next(&mut self) -> Option<Result<Portion, BatchError>> {
        while self.decided > 0 {
            let portion = match self.source.next()? {
                Ok(portion) => portion,
                Err(error) => return Some(Err(error)),
            };
            match self.decided.checked_sub(portion.len()) {
                Some(left) => self.decided = left,
                None => {
                    return Some(Err(BatchError::Call(Phrase::new(
                        "the input is not what it was: its parts end elsewhere",
                        "masukannya bukan yang dahulu: bagian-bagiannya berakhir di tempat lain",
                    ))));
                }
            }
        }
        self.source.next()
    }
}

impl<S: Source> Source for Rest<S> {
    fn size(&self) -> Option<u64> {
        self.source.size()
    }

    fn progress(&self) -> Arc<AtomicU64> {
        self.source.progress()
    }

    fn reader(&self) -> Option<&RecordReader> {
        self.source.reader()
    }

    fn lacking(&self) -> Vec<String> {
        self.source.lacking()
    }

    fn carries_texts(&self) -> bool {
        self.source.carries_texts()
    }
}
