//! Where results go: standard output, or a file that is written whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::CallError;

pub(crate) struct Output {
    writer: BufWriter<Box<dyn Write + Send>>,
    /// The file that takes the place of another once it is whole.
    target: Option<(PathBuf, PathBuf)>,
}

impl Output {
    pub(crate) fn open(path: Option<&Path>) -> Result<Output, CallError> {
        let Some(path) = path else {
            return Ok(Output { writer: BufWriter::with_capacity(1 << 18, Box::new(io::stdout())), target: None });
        };
        // A device or a pipe takes what comes: no file can stand in its place.
        if path.metadata().is_ok_and(|about| !about.is_file() && !about.is_dir()) {
            let told = |error| CallError(format!("{}: {error}", path.display()));
            let file = File::options().write(true).open(path).map_err(told)?;
            return Ok(Output { writer: BufWriter::with_capacity(1 << 18, Box::new(file)), target: None });
        }
        let mut name = path.file_name().map(std::ffi::OsStr::to_os_string).unwrap_or_default();
        name.push(format!(".part-{}", std::process::id()));
        let part = path.with_file_name(name);
        let file = File::create(&part).map_err(|e| CallError(format!("{}: {e}", path.display())))?;
        Ok(Output {
            writer: BufWriter::with_capacity(1 << 18, Box::new(file)),
            target: Some((part, path.to_path_buf())),
        })
    }

    /// Writes out what is left and puts the file in its place.
    pub(crate) fn finish(mut self) -> Result<(), CallError> {
        let flushed = self.writer.flush();
        let Some((part, path)) = self.target.take() else {
            return flushed.or_else(closed).map_err(CallError::from);
        };
        flushed.and_then(|()| std::fs::rename(&part, &path)).map_err(|e| {
            let _ = std::fs::remove_file(&part);
            CallError(format!("{}: {e}", path.display()))
        })
    }
}

/// A reader that has closed its end has seen enough.
pub(crate) fn closed(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // What was not finished leaves nothing behind.
        if let Some((part, _)) = &self.target {
            let _ = std::fs::remove_file(part);
        }
    }
}

/// Writes to standard output. A reader that has closed its end, such as `head`, is no error.
pub(crate) fn say(text: &str) -> Result<(), CallError> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).or_else(closed)?;
    Ok(())
}

/// Writes to standard error. There is nowhere to tell that nobody listens there.
pub(crate) fn tell(text: &str) {
    io::stderr().lock().write_all(text.as_bytes()).unwrap_or_default();
}
