//! Any `serde::Serialize` to data. Floats are marked, to be refused where they stand: what was written is no longer what
//! they hold.

use std::borrow::Cow;
use std::fmt::Display;

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::Value;

use crate::diagnostic::{Code, Phrase, phrase};
use crate::facts::data::{Data, Entries as Given, Number, Refused, push_name, shown};
use crate::facts::error::{FactError, FactsError};
use crate::facts::json;

/// Data of a value; the error names the place.
pub(crate) fn from_serialize(value: &(impl Serialize + ?Sized), nesting: usize) -> Result<Data<'static>, FactsError> {
    value.serialize(Reader { left: nesting }).map_err(Failure::told)
}

/// The same of a JSON value, whose texts are not copied.
pub(crate) fn from_value(value: &Value, nesting: usize) -> Result<Data<'_>, FactsError> {
    of_value(value, Reader { left: nesting }).map_err(Failure::told)
}

/// The same of a value that may nest so deep; what is wrong is not told.
pub(super) fn data_of_value(value: &Value, nesting: usize) -> Option<Data<'_>> {
    of_value(value, Reader { left: nesting }).ok()
}

/// INVARIANT: it recurses no deeper than the limit.
fn of_value(value: &Value, reader: Reader) -> Result<Data<'_>, Failure> {
    Ok(match value {
        Value::Null => Data::Null,
        Value::Bool(b) => Data::Boolean(*b),
        Value::Number(number) => match number.as_i64() {
            Some(n) => Data::Number(Number::Whole(n)),
            None => number.serialize(reader)?,
        },
        Value::String(text) => Data::Text(Cow::Borrowed(text)),
        Value::Array(items) => {
            let inner = reader.deeper()?;
            let item = |(index, item)| of_value(item, inner).map_err(|e| e.under(Step::Item(index)));
            Data::List(items.iter().enumerate().map(item).collect::<Result<_, _>>()?)
        }
        Value::Object(entries) => {
            let inner = reader.deeper()?;
            let mut out = Vec::with_capacity(entries.len());
            for (name, value) in entries {
                let value = of_value(value, inner).map_err(|e| e.under(Step::Name(Cow::Owned(name.clone()))))?;
                out.push((Cow::Borrowed(name.as_str()), value));
            }
            Data::Object(out)
        }
    })
}

/// serde_json's way of handing on a number as its text.
const NUMBER: &str = "$serde_json::private::Number";
/// serde_json's way of handing on JSON text.
const RAW: &str = "$serde_json::private::RawValue";

#[derive(Debug)]
struct Failure {
    error: Box<FactError>,
    /// From the inside out.
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Name(Cow<'static, str>),
    Item(usize),
}

impl Failure {
    fn new(code: Code, message: Phrase) -> Failure {
        Failure { error: Box::new(FactError::new(code, "", message)), steps: Vec::new() }
    }

    /// An error of JSON text within the value.
    fn within(mut error: FactError) -> Failure {
        let path = std::mem::take(&mut error.path);
        let step = (!path.is_empty()).then_some(Step::Name(Cow::Owned(path)));
        Failure { error: Box::new(error), steps: step.into_iter().collect() }
    }

    fn under(mut self, step: Step) -> Failure {
        self.steps.push(step);
        self
    }

    fn told(self) -> FactsError {
        let mut path = String::new();
        for step in self.steps.into_iter().rev() {
            match step {
                Step::Name(name) => push_name(&mut path, &name),
                Step::Item(index) => path.push_str(&format!("[{index}]")),
            }
        }
        FactsError::one(FactError { path, ..*self.error })
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.error.message.en)
    }
}

impl std::error::Error for Failure {}

impl serde::ser::Error for Failure {
    fn custom<T: Display>(message: T) -> Failure {
        let message = message.to_string();
        let message = shown(&message);
        Failure::new(
            Code::FACT_SERIALIZE,
            phrase!("the value does not serialise: {0}", "nilai ini gagal diserialisasi: {0}", message),
        )
    }
}

#[derive(Clone, Copy)]
struct Reader {
    left: usize,
}

impl Reader {
    fn deeper(self) -> Result<Reader, Failure> {
        match self.left.checked_sub(1) {
            Some(left) => Ok(Reader { left }),
            None => Err(Failure::new(
                Code::FACT_NESTING,
                phrase!("the facts nest too deep", "fakta bersarang terlalu dalam"),
            )),
        }
    }
}

type Made = Result<Data<'static>, Failure>;

fn integer(n: impl Into<i64>) -> Made {
    Ok(Data::Number(Number::Whole(n.into())))
}

/// One that may have more digits.
fn long(n: impl TryInto<i64> + Display + Copy) -> Made {
    Ok(Data::Number(n.try_into().map_or_else(|_| n.to_string().into(), Number::Whole)))
}

impl Serializer for Reader {
    type Ok = Data<'static>;
    type Error = Failure;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Entries;

    fn serialize_bool(self, v: bool) -> Made {
        Ok(Data::Boolean(v))
    }
    fn serialize_i8(self, v: i8) -> Made {
        integer(v)
    }
    fn serialize_i16(self, v: i16) -> Made {
        integer(v)
    }
    fn serialize_i32(self, v: i32) -> Made {
        integer(v)
    }
    fn serialize_i64(self, v: i64) -> Made {
        integer(v)
    }
    fn serialize_i128(self, v: i128) -> Made {
        long(v)
    }
    fn serialize_u8(self, v: u8) -> Made {
        integer(v)
    }
    fn serialize_u16(self, v: u16) -> Made {
        integer(v)
    }
    fn serialize_u32(self, v: u32) -> Made {
        integer(v)
    }
    fn serialize_u64(self, v: u64) -> Made {
        long(v)
    }
    fn serialize_u128(self, v: u128) -> Made {
        long(v)
    }
    fn serialize_f32(self, _: f32) -> Made {
        Ok(Data::Refused(Refused::Float))
    }
    fn serialize_f64(self, _: f64) -> Made {
        Ok(Data::Refused(Refused::Float))
    }
    fn serialize_char(self, v: char) -> Made {
        Ok(Data::Text(Cow::Owned(v.to_string())))
    }
    fn serialize_str(self, v: &str) -> Made {
        Ok(Data::Text(Cow::Owned(v.to_owned())))
    }
    fn serialize_bytes(self, _: &[u8]) -> Made {
        Ok(Data::Refused(Refused::Bytes))
    }
    fn serialize_none(self) -> Made {
        Ok(Data::Null)
    }
    // A wrapper may hold itself, so it counts as a level.
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Made {
        value.serialize(self.deeper()?)
    }
    fn serialize_unit(self) -> Made {
        Ok(Data::Null)
    }
    fn serialize_unit_struct(self, _: &'static str) -> Made {
        Ok(Data::Null)
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Made {
        Ok(Data::Text(Cow::Borrowed(variant)))
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Made {
        value.serialize(self.deeper()?)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Made {
        let inner = value.serialize(self.deeper()?).map_err(|e| e.under(Step::Name(Cow::Borrowed(variant))))?;
        Ok(Data::Object(vec![(Cow::Borrowed(variant), inner)]))
    }
    fn serialize_seq(self, len: Option<usize>) -> Result<Items, Failure> {
        Ok(Items { reader: self.deeper()?, items: Vec::with_capacity(len.unwrap_or(0).min(1024)), variant: None })
    }
    fn serialize_tuple(self, len: usize) -> Result<Items, Failure> {
        self.serialize_seq(Some(len))
    }
    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Items, Failure> {
        self.serialize_seq(Some(len))
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Items, Failure> {
        let items = self.deeper()?.serialize_seq(Some(len))?;
        Ok(Items { variant: Some(variant), ..items })
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Entries, Failure> {
        Ok(Entries { reader: self.deeper()?, entries: Vec::new(), key: None, variant: None, special: None })
    }
    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Entries, Failure> {
        let special = match name {
            NUMBER => Some(Special::Number),
            RAW => Some(Special::Raw),
            _ => return self.serialize_map(None),
        };
        // It stands for a value without depth of its own.
        Ok(Entries { reader: self, entries: Vec::new(), key: None, variant: None, special })
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Entries, Failure> {
        let entries = self.deeper()?.serialize_map(None)?;
        Ok(Entries { variant: Some(variant), ..entries })
    }
}

struct Items {
    reader: Reader,
    items: Vec<Data<'static>>,
    variant: Option<&'static str>,
}

impl Items {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        let index = self.items.len();
        self.items.push(value.serialize(self.reader).map_err(|e| e.under(Step::Item(index)))?);
        Ok(())
    }

    fn finish(self) -> Made {
        Ok(wrap(Data::List(self.items), self.variant))
    }
}

fn wrap(data: Data<'static>, variant: Option<&'static str>) -> Data<'static> {
    match variant {
        Some(variant) => Data::Object(vec![(Cow::Borrowed(variant), data)]),
        None => data,
    }
}

impl SerializeSeq for Items {
    type Ok = Data<'static>;
    type Error = Failure;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        self.push(value)
    }
    fn end(self) -> Made {
        self.finish()
    }
}

impl SerializeTuple for Items {
    type Ok = Data<'static>;
    type Error = Failure;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        self.push(value)
    }
    fn end(self) -> Made {
        self.finish()
    }
}

impl SerializeTupleStruct for Items {
    type Ok = Data<'static>;
    type Error = Failure;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        self.push(value)
    }
    fn end(self) -> Made {
        self.finish()
    }
}

impl SerializeTupleVariant for Items {
    type Ok = Data<'static>;
    type Error = Failure;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        self.push(value)
    }
    fn end(self) -> Made {
        self.finish()
    }
}

struct Entries {
    reader: Reader,
    entries: Given<'static>,
    key: Option<String>,
    variant: Option<&'static str>,
    special: Option<Special>,
}

/// What serde_json hands on under a name of its own.
#[derive(Clone, Copy)]
enum Special {
    Number,
    Raw,
}

impl Entries {
    fn push<T: Serialize + ?Sized>(&mut self, key: Cow<'static, str>, value: &T) -> Result<(), Failure> {
        match value.serialize(self.reader) {
            Ok(value) => {
                self.entries.push((key, value));
                Ok(())
            }
            Err(error) => Err(error.under(Step::Name(key))),
        }
    }

    fn finish(mut self) -> Made {
        let Some(special) = self.special else { return Ok(wrap(Data::Object(self.entries), self.variant)) };
        let Some((_, Data::Text(text))) = self.entries.pop() else { return Err(not_json()) };
        let data = match json::read(text.as_bytes(), self.reader.left) {
            Ok(data) => owned(&data),
            Err(error) => return Err(error.errors.into_iter().next().map_or_else(not_json, Failure::within)),
        };
        match (special, data) {
            (Special::Raw, data) | (Special::Number, data @ Data::Number(_)) => Ok(data),
            (Special::Number, _) => Err(not_json()),
        }
    }
}

fn not_json() -> Failure {
    Failure::new(Code::FACT_SERIALIZE, phrase!("this is no JSON text", "ini bukan teks JSON"))
}

/// The same data, borrowing nothing. INVARIANT: data nests no deeper than the limit, for this recurses with it.
fn owned(data: &Data<'_>) -> Data<'static> {
    match data {
        Data::Null => Data::Null,
        Data::Boolean(b) => Data::Boolean(*b),
        Data::Number(n) => Data::Number(n.clone().into_owned()),
        Data::Text(t) => Data::Text(Cow::Owned(t.to_string())),
        Data::List(items) => Data::List(items.iter().map(owned).collect()),
        Data::Object(entries) => {
            Data::Object(entries.iter().map(|(k, v)| (Cow::Owned(k.to_string()), owned(v))).collect())
        }
        Data::Refused(refused) => Data::Refused(*refused),
    }
}

impl SerializeMap for Entries {
    type Ok = Data<'static>;
    type Error = Failure;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failure> {
        match key.serialize(Reader { left: 2 })? {
            Data::Text(text) => {
                self.key = Some(text.into_owned());
                Ok(())
            }
            _ => Err(Failure::new(
                Code::FACT_SERIALIZE,
                phrase!("the keys of a map are texts here", "kunci map di sini adalah teks"),
            )),
        }
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        let key = self.key.take().unwrap_or_default();
        self.push(Cow::Owned(key), value)
    }
    fn end(self) -> Made {
        self.finish()
    }
}

impl SerializeStruct for Entries {
    type Ok = Data<'static>;
    type Error = Failure;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Failure> {
        self.push(Cow::Borrowed(key), value)
    }
    fn end(self) -> Made {
        self.finish()
    }
}

impl SerializeStructVariant for Entries {
    type Ok = Data<'static>;
    type Error = Failure;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Failure> {
        self.push(Cow::Borrowed(key), value)
    }
    fn end(self) -> Made {
        self.finish()
    }
}
