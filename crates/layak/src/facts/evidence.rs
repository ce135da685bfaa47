//! A fact given as evidence: several statements of it, each with its source and date.

use crate::arena::Id;
use crate::diagnostic::{Code, phrase};
use crate::facts::bind::{Link, LinkTo, Slotted, Task, is_wrapped};
use crate::facts::data::{Data, Path, shown};
use crate::facts::layout::{Expect, Scalar};
use crate::facts::told::Hint;
use crate::facts::{Entry, EvidenceFact, EvidenceItem, Fact};
use crate::program::SourceDeclId;
use crate::value::{Date, Value};

impl<'b> Task<'b> {
    /// `{"evidence": [{"value": …, "source": …, "date": …}, …]}`
    pub(super) fn evidence(&mut self, at: Slotted, scalar: &'b Scalar, entries: &[Entry<'_>], path: &Path<'_>) {
        let mut given: Option<&Data<'_>> = None;
        for (name, value) in entries {
            let at = Path::Field(path, name);
            match given {
                _ if name != "evidence" => self.not_beside("evidence", name, &at),
                Some(_) => self.duplicate(&at, name),
                None => given = Some(value),
            }
        }
        let list = Path::Field(path, "evidence");
        let items = match given {
            Some(Data::List(items)) => items,
            Some(other) => {
                let needed = phrase!("a list of evidence", "daftar bukti");
                return self.wrong_type(&needed, other, &list, None);
            }
            None => return,
        };
        let mut stated: Vec<EvidenceItem> = Vec::with_capacity(items.len());
        let mut paths: Vec<String> = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let place = Path::Item(&list, index);
            let Some(item) = self.statement(scalar, item, &place) else { continue };
            if matches!(scalar.expect, Expect::Link(_)) {
                paths.push(Path::Field(&place, "value").to_string());
            }
            stated.push(item);
        }
        let number = self.evidence.len();
        if let Expect::Link(target) = scalar.expect {
            for ((index, item), path) in stated.iter_mut().enumerate().zip(paths) {
                // Until it is looked up a link is a key, which no reader must see.
                if let Some(key) = item.value.value().filter(|v| **v != Value::None).cloned() {
                    item.value = Fact::Unknown;
                    self.links.push(Link { to: LinkTo::Evidence(number, index), target, key, path: Some(path) });
                }
            }
        }
        self.evidence.push(EvidenceFact { entity: at.entity, field: at.field, row: at.row, items: stated });
    }

    /// A fact that must be verified, and was given without a source.
    pub(super) fn stated(&mut self, at: Slotted, value: Fact) {
        let items = vec![EvidenceItem { value, source: None, date: None }];
        self.evidence.push(EvidenceFact { entity: at.entity, field: at.field, row: at.row, items });
    }

    /// One statement; None where something is wrong with it, which is told.
    fn statement(&mut self, scalar: &'b Scalar, item: &Data<'_>, path: &Path<'_>) -> Option<EvidenceItem> {
        let Data::Object(parts) = item else {
            let needed = phrase!("an object with value, source and date", "objek berisi value, source dan date");
            self.wrong_type(&needed, item, path, None);
            return None;
        };
        let (mut value, mut source, mut date) = (None, None, None);
        let mut good = true;
        for (name, part) in parts {
            let at = Path::Field(path, name);
            let slot = match &**name {
                "value" => &mut value,
                "source" => &mut source,
                "date" => &mut date,
                _ => {
                    let message = phrase!("evidence has no `{0}`", "bukti tidak memuat `{0}`", shown(name));
                    let word = name.chars().take(81).collect();
                    self.errors.tell(Code::FACT_UNKNOWN_FIELD, at, message, Hint::Part(word));
                    good = false;
                    continue;
                }
            };
            if slot.is_some() {
                self.duplicate(&at, name);
                good = false;
            } else {
                *slot = Some(part);
            }
        }
        let source = self.source(source, path);
        let date = self.stated_date(date, &Path::Field(path, "date"));
        let value = self.stated_value(scalar, value, path);
        Some(EvidenceItem { value: value?, source: Some(source?), date: date? }).filter(|_| good)
    }

    fn source(&mut self, given: Option<&Data<'_>>, path: &Path<'_>) -> Option<SourceDeclId> {
        let at = Path::Field(path, "source");
        match given {
            None | Some(Data::Null) => {
                let message = phrase!("the evidence has no source", "bukti ini tanpa sumber");
                let way =
                    phrase!("name its source, or give the value alone", "sebut sumbernya, atau beri nilainya saja");
                self.errors.tell(Code::FACT_EVIDENCE, at, message, Hint::Say(way));
                None
            }
            Some(Data::Text(name)) => {
                let found = self.binder.sources.get(name);
                if found.is_none() {
                    let message = phrase!("there is no source `{0}`", "tidak ada sumber `{0}`", shown(name));
                    let word = name.chars().take(81).collect();
                    self.errors.tell(Code::FACT_SOURCE, at, message, Hint::Source(word));
                }
                found.map(SourceDeclId::new)
            }
            Some(other) => {
                self.wrong_type(&phrase!("the name of a source", "nama sumber"), other, &at, None);
                None
            }
        }
    }

    fn stated_date(&mut self, given: Option<&Data<'_>>, at: &Path<'_>) -> Option<Option<Date>> {
        match given {
            None | Some(Data::Null) => Some(None),
            Some(Data::Text(text)) => self.date(text, at).map(Some),
            Some(other) => {
                let needed = phrase!("a date as text, `YYYY-MM-DD`", "tanggal sebagai teks, `YYYY-MM-DD`");
                self.wrong_type(&needed, other, at, None);
                None
            }
        }
    }

    fn stated_value(&mut self, scalar: &'b Scalar, given: Option<&Data<'_>>, path: &Path<'_>) -> Option<Fact> {
        let at = Path::Field(path, "value");
        match given {
            None => {
                let message = phrase!("the evidence has no value", "bukti ini tanpa nilai");
                let way =
                    phrase!("write `null` where the source did not say", "tulis `null` bila sumber tidak menyebutnya");
                self.errors.tell(Code::FACT_EVIDENCE, at, message, Hint::Say(way));
                None
            }
            Some(Data::Null) if scalar.optional => Some(Fact::Known(Value::None)),
            Some(Data::Null) => Some(Fact::Unknown),
            Some(Data::Object(entries)) if is_wrapped(entries, "unknown") => {
                self.asked(entries, &at).then_some(Fact::Asked)
            }
            Some(value) => self.value(scalar, value, &at).map(Fact::Known),
        }
    }
}
