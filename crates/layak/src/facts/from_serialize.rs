//! Any `serde::Serialize` to data. Floats are refused: what was written is no longer what they hold.

use std::borrow::Cow;
use std::fmt::Display;

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use crate::diagnostic::{Code, phrase};
use crate::facts::data::Data;
use crate::facts::error::{FactError, FactsError};

/// Data of a value; the error names the place.
pub(crate) fn from_serialize(value: &(impl Serialize + ?Sized), nesting: usize) -> Result<Data<'static>, FactsError> {
    value.serialize(Reader { left: nesting }).map_err(|error| {
        let mut steps = error.steps;
        steps.reverse();
        let mut path = String::new();
        for step in steps {
            if !path.is_empty() && !step.starts_with('[') {
                path.push('.');
            }
            path.push_str(&step);
        }
        FactsError::one(FactError { path, ..error.error })
    })
}

/// serde_json's way of handing on a number as its text.
const NUMBER: &str = "$serde_json::private::Number";
/// serde_json's way of handing on JSON text.
const RAW: &str = "$serde_json::private::RawValue";

#[derive(Debug)]
struct Failure {
    error: FactError,
    /// From the inside out.
    steps: Vec<String>,
}

impl Failure {
    fn new(code: Code, message: crate::diagnostic::Phrase) -> Failure {
        Failure { error: FactError::new(code, "", message), steps: Vec::new() }
    }

    fn under(mut self, step: String) -> Failure {
        self.steps.push(step);
        self
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
        Failure::new(Code::FACT_SYNTAX, phrase!("{0}", "{0}", message))
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
                Code::FACT_SYNTAX,
                phrase!("the facts nest too deep", "fakta bersarang terlalu dalam"),
            )),
        }
    }
}

type Made = Result<Data<'static>, Failure>;

fn integer(n: impl Display) -> Made {
    Ok(Data::Number(Cow::Owned(n.to_string())))
}

fn float() -> Made {
    let mut failure =
        Failure::new(Code::FACT_FLOAT, phrase!("a binary float is not exact", "bilangan float biner tidak eksak"));
    failure.error.help = Some(phrase!(
        "give an integer, or a decimal as text: `\"0.1\"`",
        "beri bilangan bulat, atau desimal sebagai teks: `\"0.1\"`"
    ));
    Err(failure)
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
        integer(v)
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
        integer(v)
    }
    fn serialize_u128(self, v: u128) -> Made {
        integer(v)
    }
    fn serialize_f32(self, _: f32) -> Made {
        float()
    }
    fn serialize_f64(self, _: f64) -> Made {
        float()
    }
    fn serialize_char(self, v: char) -> Made {
        Ok(Data::Text(Cow::Owned(v.to_string())))
    }
    fn serialize_str(self, v: &str) -> Made {
        Ok(Data::Text(Cow::Owned(v.to_owned())))
    }
    fn serialize_bytes(self, _: &[u8]) -> Made {
        Err(Failure::new(Code::FACT_TYPE, phrase!("bytes are no fact", "deret bita bukan fakta")))
    }
    fn serialize_none(self) -> Made {
        Ok(Data::Null)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Made {
        value.serialize(self)
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
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Made {
        let inner = value.serialize(self.deeper()?).map_err(|e| e.under(variant.to_owned()))?;
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
        let special = [NUMBER, RAW].into_iter().find(|s| *s == name);
        Ok(Entries { special, ..self.serialize_map(None)? })
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
        self.items.push(value.serialize(self.reader).map_err(|e| e.under(format!("[{index}]")))?);
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
    entries: Vec<(Cow<'static, str>, Data<'static>)>,
    key: Option<String>,
    variant: Option<&'static str>,
    special: Option<&'static str>,
}

impl Entries {
    fn push<T: Serialize + ?Sized>(&mut self, key: Cow<'static, str>, value: &T) -> Result<(), Failure> {
        let value = value.serialize(self.reader).map_err(|e| e.under(key.to_string()))?;
        self.entries.push((key, value));
        Ok(())
    }

    fn finish(mut self) -> Made {
        match (self.special, self.entries.pop()) {
            (Some(NUMBER), Some((_, Data::Text(text)))) => return Ok(Data::Number(text)),
            (Some(_), Some((_, Data::Text(text)))) => {
                let read = crate::facts::json::read(text.as_bytes(), self.reader.left);
                return read.map(|data| owned(&data)).map_err(|error| {
                    let first = error.errors.into_iter().next();
                    let fallback = || FactError::new(Code::FACT_SYNTAX, "", phrase!("no JSON", "bukan JSON"));
                    let error = first.unwrap_or_else(fallback);
                    let steps = vec![error.path.clone()];
                    Failure { error, steps }
                });
            }
            (_, Some(entry)) => self.entries.push(entry),
            (_, None) => {}
        }
        Ok(wrap(Data::Object(self.entries), self.variant))
    }
}

/// The same data, borrowing nothing. INVARIANT: data nests no deeper than the limit, for this recurses with it.
fn owned(data: &Data<'_>) -> Data<'static> {
    match data {
        Data::Null => Data::Null,
        Data::Boolean(b) => Data::Boolean(*b),
        Data::Number(t) => Data::Number(Cow::Owned(t.to_string())),
        Data::Text(t) => Data::Text(Cow::Owned(t.to_string())),
        Data::List(items) => Data::List(items.iter().map(owned).collect()),
        Data::Object(entries) => {
            Data::Object(entries.iter().map(|(k, v)| (Cow::Owned(k.to_string()), owned(v))).collect())
        }
    }
}

impl SerializeMap for Entries {
    type Ok = Data<'static>;
    type Error = Failure;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failure> {
        match key.serialize(Reader { left: 1 })? {
            Data::Text(text) | Data::Number(text) => {
                self.key = Some(text.into_owned());
                Ok(())
            }
            _ => Err(Failure::new(Code::FACT_TYPE, phrase!("a name is a text", "nama adalah teks"))),
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
