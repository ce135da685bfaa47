//! Where the decisions of a run go: a file that is written whole or not at all, standard output, or parts in a folder.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use layak::{Lang, Phrase, Plan};
use layak_batch::{ArrowFile, BatchError, Done, Encode, PART, ParquetFile, Parts, Rest, RunOptions, Source, Summary};

use crate::CallError;
use crate::args::{DecideCall, DecisionFormat};
use crate::encode::Writing;
use crate::output::Output;
use crate::progress::Progress;
use crate::rejects::Rejects;

/// What portions of a kind are written to.
pub(crate) trait Body<T>: Sized {
    fn write(&mut self, portion: &T) -> Result<(), BatchError>;
}

impl<W: Write + Send> Body<RecordBatch> for ParquetFile<W> {
    fn write(&mut self, portion: &RecordBatch) -> Result<(), BatchError> {
        ParquetFile::write(self, portion)
    }
}

impl<W: Write + Send> Body<RecordBatch> for ArrowFile<W> {
    fn write(&mut self, portion: &RecordBatch) -> Result<(), BatchError> {
        ArrowFile::write(self, portion)
    }
}

impl<W: Write> Body<Vec<u8>> for Writing<W> {
    fn write(&mut self, portion: &Vec<u8>) -> Result<(), BatchError> {
        self.portion(portion)
    }
}

/// How a body begins and ends.
pub(crate) struct Form<T, B: Body<T>, W> {
    pub begin: Box<dyn Fn(W) -> Result<B, BatchError>>,
    pub end: fn(B) -> Result<W, BatchError>,
    pub _portion: std::marker::PhantomData<T>,
}

impl<W: Write + Send> Form<RecordBatch, ParquetFile<W>, W> {
    pub(crate) fn parquet(schema: SchemaRef) -> Self {
        Form {
            begin: Box::new(move |out| ParquetFile::new(out, &schema)),
            end: ParquetFile::finish,
            _portion: std::marker::PhantomData,
        }
    }
}

impl<W: Write + Send> Form<RecordBatch, ArrowFile<W>, W> {
    pub(crate) fn arrow(schema: SchemaRef) -> Self {
        Form {
            begin: Box::new(move |out| ArrowFile::new(out, &schema)),
            end: ArrowFile::finish,
            _portion: std::marker::PhantomData,
        }
    }
}

impl<W: Write> Form<Vec<u8>, Writing<W>, W> {
    pub(crate) fn text(format: DecisionFormat, carried: Vec<String>) -> Self {
        Form {
            begin: Box::new(move |out| {
                let mut writing = Writing::new(out, format);
                writing.head(&carried)?;
                Ok(writing)
            }),
            end: Writing::end,
            _portion: std::marker::PhantomData,
        }
    }
}

/// A run and its surroundings.
pub(crate) struct Run<'r> {
    pub plan: &'r Plan,
    pub options: &'r RunOptions,
    pub call: &'r DecideCall,
    pub progress: Progress,
    pub rejects: Rejects,
}

impl Run<'_> {
    /// Into one file, or to standard output.
    pub(crate) fn whole<E: Encode, B: Body<E::Out>>(
        mut self,
        source: impl Source,
        encoder: impl Fn() -> E + Sync,
        form: &Form<E::Out, B, Output>,
    ) -> Result<Summary, BatchError> {
        let output = Output::open(self.call.out.as_deref()).map_err(wrong)?;
        let mut body = (form.begin)(output)?;
        let store = |done: Done<E::Out>| {
            self.progress.more(done.summary.households);
            self.rejects.add(&done.rejects)?;
            body.write(&done.out)?;
            Ok(ControlFlow::Continue(()))
        };
        let summary = layak_batch::run(self.plan, self.options, source, encoder, store)?;
        let output = (form.end)(body)?;
        self.progress.finish();
        self.rejects.finish().map_err(wrong)?;
        // A run that was ended half way leaves no file that looks whole.
        if !summary.is_stopped || self.call.out.is_none() {
            output.finish().map_err(wrong)?;
        }
        Ok(summary)
    }

    /// Into a folder, by parts.
    pub(crate) fn in_parts<E: Encode, B: Body<E::Out>>(
        mut self,
        folder: &Path,
        (end, about): (&str, BTreeMap<String, String>),
        source: impl Source,
        encoder: impl Fn() -> E + Sync,
        form: &Form<E::Out, B, File>,
    ) -> Result<Summary, BatchError> {
        let mut parts = Parts::begin(folder, end, about, self.call.resume)?;
        let mut total = parts.summary();
        if parts.is_complete() {
            return Ok(total);
        }
        let source = Rest::of(source, total.households);
        let size = self.call.part_rows.unwrap_or(PART);
        let mut body = (form.begin)(parts.create()?)?;
        let mut own = Summary::default();
        let mut keep = |done: Done<E::Out>| {
            self.progress.more(done.summary.households);
            // A part ends where the next begins, so that what belongs to no household goes with the last.
            if own.households >= size && done.summary.households > 0 {
                let next = (form.begin)(parts.create_next()?)?;
                let file = (form.end)(std::mem::replace(&mut body, next))?;
                parts.commit(file, &self.rejects.take(), std::mem::take(&mut own), false)?;
            }
            self.rejects.add(&done.rejects)?;
            own.add(&done.summary);
            body.write(&done.out)
        };
        let mut full = None;
        let store = |done: Done<E::Out>| match keep(done) {
            Ok(()) => Ok(ControlFlow::Continue(())),
            Err(error) => {
                full = Some(error);
                Ok(ControlFlow::Break(()))
            }
        };
        let run = layak_batch::run(self.plan, self.options, source, encoder, store)?;
        self.progress.finish();
        if full.is_none() && !run.is_stopped {
            let last = (form.end)(body).and_then(|file| parts.commit(file, &self.rejects.take(), own, true));
            full = last.err();
        }
        if let Some(error) = full {
            return Err(unfinished(&parts, folder, &error));
        }
        total.add(&run);
        Ok(total)
    }
}

/// A part could not be written: what there is of it goes, so that nothing takes room in vain.
fn unfinished(parts: &Parts, folder: &Path, error: &BatchError) -> BatchError {
    parts.abandon();
    let text = |lang: Lang| match error {
        BatchError::Io { error, .. } => error.to_string(),
        other => other.text(lang),
    };
    let (folder, done) = (folder.display(), parts.count());
    BatchError::Call(Phrase::new(
        format!(
            "{folder}: part {} cannot be written: {}; the {done} parts before it are whole and in the manifest: make room, then go on with --resume",
            done + 1,
            text(Lang::En),
        ),
        format!(
            "{folder}: bagian {} tidak dapat ditulis: {}; {done} bagian sebelumnya utuh dan tercatat dalam manifes: sediakan tempat, lalu lanjutkan dengan --resume",
            done + 1,
            text(Lang::Id),
        ),
    ))
}

/// What a call asks for, as the manifest of a run in parts says it.
pub(crate) fn about(call: &DecideCall, plan: &Plan, format: &str, lang: &str) -> BTreeMap<String, String> {
    let tables =
        call.table.iter().map(|(list, path)| format!("{list}={} ({})", path.display(), layak_batch::trace(path)));
    let parts = [
        ("rules", plan.fingerprint().to_owned()),
        ("as_of", plan.as_of().to_string()),
        ("known_on", call.day.known_on.map_or_else(String::new, |day| day.to_string())),
        ("programmes", call.programme.join(" ")),
        ("show", call.show.join(" ")),
        ("facts", format!("{} ({})", call.facts.display(), layak_batch::trace(&call.facts))),
        ("tables", tables.collect::<Vec<_>>().join(" ")),
        ("map", call.map.as_deref().map(layak_batch::trace).unwrap_or_default()),
        ("columns", format!("key {:?}, carried {:?}, ignored {:?}", call.key, call.carry, call.ignore)),
        ("allow_floats", call.allow_floats.to_string()),
        (
            "format",
            format!("{format}{}{}", if call.long { ", long" } else { "" }, if call.record { ", recorded" } else { "" }),
        ),
        ("digest", call.digest.to_string()),
        ("previous", call.previous.as_deref().map(previous).unwrap_or_default()),
        ("part_rows", call.part_rows.unwrap_or(PART).to_string()),
        ("lang", lang.to_owned()),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    parts.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

/// Which decisions are taken over: those of a folder by its manifest.
fn previous(path: &Path) -> String {
    let file = if path.is_dir() { path.join("manifest.json") } else { path.to_owned() };
    format!("{} ({})", path.display(), layak_batch::trace(&file))
}

pub(crate) fn wrong(CallError(text): CallError) -> BatchError {
    BatchError::Call(Phrase::new(&text, &text))
}
