//! The rows of the input that were rejected, a JSON object a line: where each stands, and why.

use std::io::Write as _;
use std::path::Path;

use layak::{Code, Lang};
use layak_batch::{Alone, BatchError, Reject, told};
use serde_json::json;

use crate::CallError;
use crate::output::Output;

enum To {
    /// Nobody asked for them.
    Nowhere,
    File(Output),
    /// They go with the part of their households.
    Part(Vec<u8>),
}

pub(crate) struct Rejects {
    to: To,
    facts: String,
    lang: Lang,
}

impl Rejects {
    pub(crate) fn open(path: Option<&Path>, facts: &Path, lang: Lang) -> Result<Rejects, CallError> {
        let to = match path {
            Some(path) => To::File(Output::open(Some(path))?),
            None => To::Nowhere,
        };
        Ok(Rejects { to, facts: facts.display().to_string(), lang })
    }

    /// Those of a run in parts.
    pub(crate) fn by_part(facts: &Path, lang: Lang) -> Rejects {
        Rejects { to: To::Part(Vec::new()), facts: facts.display().to_string(), lang }
    }

    /// Those of the part that ends.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        match &mut self.to {
            To::Part(lines) => std::mem::take(lines),
            To::Nowhere | To::File(_) => Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, rejects: &[Reject]) -> Result<(), BatchError> {
        if matches!(self.to, To::Nowhere) {
            return Ok(());
        }
        let say = |en: &'static str, id: &'static str| if self.lang == Lang::Id { id } else { en };
        for reject in rejects {
            let lines: Vec<serde_json::Value> = match reject {
                Reject::Household { line, error } => error
                    .iter()
                    .map(|fault| {
                        json!({
                            "file": self.facts, "line": line, "id": error.id(), "code": fault.code().to_string(),
                            "path": fault.path(), "text": told(fault, self.lang), "decided": false,
                        })
                    })
                    .collect(),
                Reject::Alone(Alone { path, row, cause: Some(cause), .. }) => vec![json!({
                    "file": path.display().to_string(), "row": row, "id": null,
                    "code": Code::HALF_READ.to_string(), "path": "", "decided": false,
                    "text": match self.lang {
                        Lang::Id => format!("{}; kuncinya pun tidak terbaca: keluarganya diputuskan tanpanya, putuskan lagi setelah barisnya benar", cause.in_lang(Lang::Id)),
                        _ => format!("{}; its key cannot be read either: its household was decided without it, decide it again once the row is right", cause.in_lang(Lang::En)),
                    },
                })],
                Reject::Alone(Alone { path, row, key: None, .. }) => vec![json!({
                    "file": path.display().to_string(), "row": row, "id": null,
                    "code": Code::ALONE.to_string(), "path": "", "decided": false,
                    "text": say(
                        "it has no key, and its household was decided without it: give it the key, and decide again",
                        "tidak ada kuncinya, dan keluarganya diputuskan tanpanya: isi kuncinya, lalu putuskan lagi",
                    ),
                })],
                Reject::Alone(alone) => vec![json!({
                    "file": alone.path.display().to_string(), "row": alone.row, "id": alone.key,
                    "code": Code::ALONE.to_string(), "path": "", "decided": false,
                    "text": say(
                        "no household of the input has this key: put the key right, or add the household",
                        "tidak ada keluarga dalam masukan dengan kunci ini: perbaiki kuncinya, atau tambahkan keluarganya",
                    ),
                })],
                Reject::Twice { line, id } => vec![json!({
                    "file": self.facts, "line": line, "id": id, "code": Code::TWICE.to_string(), "path": "",
                    "decided": true,
                    "text": say(
                        "another household of the input has this key; both are decided: take one away, if they are the same",
                        "keluarga lain dalam masukan mempunyai kunci ini; keduanya diputuskan: hapus salah satu bila sama",
                    ),
                })],
                _ => Vec::new(),
            };
            for line in lines {
                match &mut self.to {
                    To::Nowhere => Ok(()),
                    To::File(output) => writeln!(output, "{line}"),
                    To::Part(lines) => writeln!(lines, "{line}"),
                }
                .map_err(|error| BatchError::Io { path: "--rejects".into(), error })?;
            }
        }
        Ok(())
    }

    /// Puts the file in its place.
    pub(crate) fn finish(self) -> Result<(), CallError> {
        match self.to {
            To::File(output) => output.finish(),
            To::Nowhere | To::Part(_) => Ok(()),
        }
    }
}
