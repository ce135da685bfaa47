//! A record read back from its line of JSON.

use std::collections::BTreeMap;

use super::VERSION;
use crate::facts::tree::owned;
use crate::facts::{Data, FactsError, read};
use crate::ruleset::{PlanOptions, UnknownName};
use crate::syntax::Lang;
use crate::value::Date;

/// A decision that was kept, as [`Record::to_json`](crate::Record::to_json) wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    pub(super) line: Option<usize>,
    pub(super) id: Option<String>,
    pub(super) ruleset: String,
    pub(super) engine: String,
    pub(super) as_of: Date,
    pub(super) known_on: Date,
    pub(super) lang: Lang,
    pub(super) programmes: Option<Vec<String>>,
    pub(super) show: Vec<String>,
    pub(super) rules: Option<String>,
    pub(super) acts: Vec<String>,
    pub(super) facts: Option<Data<'static>>,
    /// All of it but the record itself.
    pub(super) decision: Data<'static>,
}

/// Why a decision cannot be made again.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// It is not JSON.
    #[error("{0}")]
    Json(FactsError),
    /// Nothing was decided: the household could not be read.
    #[error("nothing was decided: the household could not be read")]
    NotDecided,
    /// It is no decision, or one that was not kept with a record.
    #[error("the decision has no record: keep one with `layak decide --record`")]
    NoRecord,
    /// The record has a form that this engine does not know.
    #[error("the record has form {found}, this engine reads form {known}")]
    Version {
        /// The form that it has.
        found: String,
        /// The form that can be read.
        known: u32,
    },
    /// A part of the record is missing or not what it must be.
    #[error("`{0}` of the record cannot be read")]
    Part(&'static str),
    /// The facts were left out of the record, and none were brought along.
    #[error("the record was kept without the facts: bring them along")]
    NoFacts,
    /// The rules refuse the facts.
    #[error("the rules refuse the facts: {0}")]
    Facts(FactsError),
    /// The rules have no programme or value of a name.
    #[error("{0}")]
    Name(UnknownName),
}

impl RecordError {
    /// The same in a language.
    pub fn text(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        let each = |error: &FactsError| {
            let all = error.iter().map(|e| match e.path() {
                "" => e.message().in_lang(lang).to_owned(),
                path => format!("{path}: {}", e.message().in_lang(lang)),
            });
            all.collect::<Vec<_>>().join("; ")
        };
        match self {
            RecordError::Json(error) => each(error),
            RecordError::NotDecided => "tidak ada yang diputus: rumah tangga ini tidak dapat dibaca".to_owned(),
            RecordError::NoRecord => {
                "keputusan ini tanpa rekaman: simpan rekaman dengan `layak decide --record`".to_owned()
            }
            RecordError::Version { found, known } => {
                format!("rekaman berbentuk {found}, mesin ini membaca bentuk {known}")
            }
            RecordError::Part(name) => format!("`{name}` pada rekaman tidak dapat dibaca"),
            RecordError::NoFacts => "rekaman disimpan tanpa fakta: sertakan faktanya".to_owned(),
            RecordError::Facts(error) => format!("aturan menolak faktanya: {}", each(error)),
            RecordError::Name(name) => name.to_string(),
        }
    }
}

/// Names and values of an object.
type Parts<'a> = BTreeMap<&'a str, &'a Data<'static>>;

/// Records nest what facts nest, and little more.
const NESTING: usize = 80;

impl Recorded {
    /// Reads a record. The cost is linear in its length.
    ///
    /// # Errors
    /// What is given is not a decision with a record of a form that is known.
    pub fn from_json(json: &[u8]) -> Result<Recorded, RecordError> {
        let Data::Object(mut entries) = owned(read(json, NESTING).map_err(RecordError::Json)?) else {
            return Err(RecordError::NoRecord);
        };
        let Some(at) = entries.iter().position(|(name, _)| name == "record") else {
            let decided = entries.iter().any(|(name, _)| name == "programmes");
            let refused = !decided && entries.iter().any(|(name, _)| name == "error");
            return Err(if refused { RecordError::NotDecided } else { RecordError::NoRecord });
        };
        let (_, record) = entries.remove(at);
        let decision = Data::Object(entries);
        let (top, own) = (parts(&decision), parts(&record));
        match own.get("version") {
            Some(Data::Number(n)) if n.text() == VERSION.to_string() => {}
            found => {
                let found = found.map_or_else(|| "?".to_owned(), |data| data.to_json());
                return Err(RecordError::Version { found, known: VERSION });
            }
        }
        let day = |parts: &Parts<'_>, name: &'static str| -> Result<Date, RecordError> {
            text(parts, name)?.parse().map_err(|_| RecordError::Part(name))
        };
        let lang = text(&own, "lang")?;
        Ok(Recorded {
            line: match top.get("line") {
                Some(Data::Number(n)) => n.text().parse().ok(),
                _ => None,
            },
            id: match top.get("id") {
                Some(Data::Text(id)) => Some(id.to_string()),
                _ => None,
            },
            ruleset: text(&top, "ruleset")?.to_owned(),
            engine: text(&own, "engine")?.to_owned(),
            as_of: day(&top, "as_of")?,
            known_on: day(&own, "known_on")?,
            lang: Lang::from_tag(lang).ok_or(RecordError::Part("lang"))?,
            programmes: texts(&own, "programmes")?,
            show: texts(&own, "show")?.unwrap_or_default(),
            rules: own.contains_key("rules").then(|| text(&own, "rules").map(str::to_owned)).transpose()?,
            acts: texts(&own, "amend")?.unwrap_or_default(),
            facts: own.get("facts").map(|facts| (*facts).clone()),
            decision,
        })
    }

    /// The household's key.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Its place in the input that it was decided from, from 1.
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// The date that it was decided for.
    pub fn as_of(&self) -> Date {
        self.as_of
    }

    /// The fingerprint of the rules that decided.
    pub fn ruleset(&self) -> &str {
        &self.ruleset
    }

    /// Where the rules lay, as the host that kept the record named it.
    pub fn rules(&self) -> Option<&str> {
        self.rules.as_deref()
    }

    /// The acts that were laid over the rules, likewise.
    pub fn acts(&self) -> &[String] {
        &self.acts
    }

    /// Whether it was kept without the facts.
    pub fn is_without_facts(&self) -> bool {
        self.facts.is_none()
    }

    /// What it was decided with.
    pub(super) fn options(&self) -> PlanOptions {
        let mut options = PlanOptions::new(self.as_of).known_on(self.known_on);
        for name in self.programmes.iter().flatten() {
            options = options.programme(name);
        }
        for name in &self.show {
            options = options.show(name);
        }
        options
    }
}

fn parts<'a>(data: &'a Data<'static>) -> Parts<'a> {
    match data {
        Data::Object(entries) => entries.iter().map(|(name, value)| (&**name, value)).collect(),
        _ => BTreeMap::new(),
    }
}

fn text<'a>(parts: &Parts<'a>, name: &'static str) -> Result<&'a str, RecordError> {
    match parts.get(name) {
        Some(Data::Text(text)) => Ok(text),
        _ => Err(RecordError::Part(name)),
    }
}

fn texts(parts: &Parts<'_>, name: &'static str) -> Result<Option<Vec<String>>, RecordError> {
    let items = match parts.get(name) {
        None => return Ok(None),
        Some(Data::List(items)) => items,
        Some(_) => return Err(RecordError::Part(name)),
    };
    let each = items.iter().map(|item| match item {
        Data::Text(text) => Ok(text.to_string()),
        _ => Err(RecordError::Part(name)),
    });
    each.collect::<Result<_, _>>().map(Some)
}
