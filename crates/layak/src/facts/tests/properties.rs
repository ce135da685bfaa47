//! Laws of reading: nothing makes it panic, nothing is lost, and every way in gives the same data.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

use super::*;
use crate::facts::data::Refused;

/// Data as JSON text.
fn written(data: &Data<'_>, out: &mut String) {
    match data {
        Data::Null | Data::Refused(_) => out.push_str("null"),
        Data::Boolean(b) => out.push_str(if *b { "true" } else { "false" }),
        Data::Number(number) => out.push_str(&number.text()),
        Data::Text(text) => out.push_str(&serde_json::to_string(text).unwrap()),
        Data::List(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { " ,\n" } else { "" });
                written(item, out);
            }
            out.push(']');
        }
        Data::Object(entries) => {
            out.push('{');
            for (i, (name, value)) in entries.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "\t" });
                out.push_str(&serde_json::to_string(name).unwrap());
                out.push_str(" : ");
                written(value, out);
            }
            out.push('}');
        }
    }
}

/// Data as something that serialises; numbers are handed on as serde_json does when it keeps their text.
struct Same<'a>(&'a Data<'a>);

impl Serialize for Same<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        match self.0 {
            Data::Null | Data::Refused(_) => serializer.serialize_none(),
            Data::Boolean(b) => serializer.serialize_bool(*b),
            Data::Number(number) => {
                let mut s = serializer.serialize_struct("$serde_json::private::Number", 1)?;
                s.serialize_field("$serde_json::private::Number", &*number.text())?;
                s.end()
            }
            Data::Text(text) => serializer.serialize_str(text),
            Data::List(items) => {
                let mut s = serializer.serialize_seq(None)?;
                items.iter().try_for_each(|i| s.serialize_element(&Same(i)))?;
                s.end()
            }
            Data::Object(entries) => {
                let mut s = serializer.serialize_map(None)?;
                entries.iter().try_for_each(|(k, v)| s.serialize_entry(&**k, &Same(v)))?;
                s.end()
            }
        }
    }
}

fn any_data() -> impl Strategy<Value = Data<'static>> {
    let number = "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,12})?([eE][+-]?[0-9]{1,4})?";
    let leaf = prop_oneof![
        Just(Data::Null),
        any::<bool>().prop_map(Data::Boolean),
        number.prop_map(|t| Data::Number(t.into())),
        any::<String>().prop_map(|t| Data::Text(Cow::Owned(t))),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        let name = any::<String>().prop_map(Cow::<'static, str>::Owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Data::List),
            prop::collection::vec((name, inner), 0..6).prop_map(Data::Object),
        ]
    })
}

/// JSON text that is nearly right.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let good = any_data().prop_map(|data| {
        let mut out = String::new();
        written(&data, &mut out);
        out.into_bytes()
    });
    (good, prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3)).prop_map(|(mut bytes, edits)| {
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    })
}

/// Households near to those that the village knows.
fn household() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        (-3i64..14).prop_map(|n| n.to_string()),
        Just("\"2020-02-29\"".to_owned()),
        Just("\"sd\"".to_owned()),
        Just("\"a\"".to_owned()),
        Just("\"L\"".to_owned()),
        Just("[]".to_owned()),
        Just("{\"unknown\":true}".to_owned()),
        Just("{\"evidence\":[{\"value\":3,\"source\":\"pln\"}]}".to_owned()),
    ];
    let names =
        ["id", "desil", "value", "nilai", "since", "head", "members", "flags", "nik", "sex", "school", "mother", "zz"];
    let entry = (prop::sample::select(names.to_vec()), scalar).prop_map(|(n, v)| format!("\"{n}\":{v}"));
    let object = prop::collection::vec(entry, 0..6).prop_map(|e| e.join(","));
    (object.clone(), prop::collection::vec(object, 0..5)).prop_map(|(own, members)| {
        let members: Vec<String> = members.iter().map(|m| format!("{{{m}}}")).collect();
        let comma = if own.is_empty() { "" } else { "," };
        format!("{{{own}{comma}\"members\":[{}]}}", members.join(","))
    })
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        let _ = read(&bytes, 64);
    }

    #[test]
    fn what_is_read_is_what_serde_json_accepts(bytes in nearly()) {
        // A number too large for a float is JSON all the same.
        let theirs = serde_json::from_slice::<Box<serde_json::value::RawValue>>(&bytes);
        prop_assert_eq!(read(&bytes, 64).is_ok(), theirs.is_ok(), "{:?}", String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn json_and_serialize_are_two_ways_to_the_same_data(data in any_data()) {
        let mut json = String::new();
        written(&data, &mut json);
        prop_assert_eq!(from_serialize(&Same(&data), 64), Ok(data.clone()));
        prop_assert_eq!(read(json.as_bytes(), 64), Ok(data));
    }

    #[test]
    fn a_value_is_read_as_it_serialises(data in any_data(), nesting in 0usize..6, bytes in nearly()) {
        let value = |json: &[u8]| serde_json::from_slice::<serde_json::Value>(json).ok();
        let mut json = String::new();
        written(&data, &mut json);
        // Whole, as a float, cut off where it nests deeper, and whatever bytes are JSON.
        for value in [value(json.as_bytes()), value(&bytes)].into_iter().flatten() {
            for nesting in [nesting, 64] {
                prop_assert_eq!(from_value(&value, nesting), from_serialize(&value, nesting), "{}", value);
            }
        }
    }

    #[test]
    fn what_is_walked_binds_as_its_data_does(json in household(), nesting in 0usize..6, elements in 0usize..6) {
        let p = program();
        let binder = Binder::new(&p);
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        for limits in [Limits { nesting, ..limits() }, Limits { elements, ..limits() }, limits()] {
            let of_value = from_value(&value, limits.nesting).and_then(|d| binder.bind(&p, &d, &limits));
            let of_text = read(json.as_bytes(), limits.nesting).and_then(|d| binder.bind(&p, &d, &limits));
            prop_assert_eq!(&binder.bind_value(&p, &value, &limits), &of_value, "{}", value);
            prop_assert_eq!(&binder.bind_text(&p, json.as_bytes(), &limits), &of_text, "{}", json);
            // What is as it should be is taken at once.
            if !json.contains("null") && !json.contains("unknown") {
                prop_assert_eq!(binder.walked(&p, &value, &limits).is_some(), of_value.is_ok(), "{}", value);
                prop_assert_eq!(binder.walked_text(&p, json.as_bytes(), &limits).is_some(), of_text.is_ok(), "{}", json);
            }
        }
    }

    #[test]
    fn broken_text_is_refused_as_it_is_read(json in household(), edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3)) {
        let p = program();
        let binder = Binder::new(&p);
        let mut text = json.into_bytes();
        for (at, byte) in edits {
            let at = at.index(text.len());
            text[at] = byte;
        }
        let bound = read(&text, 64).and_then(|d| binder.bind(&p, &d, &limits()));
        prop_assert_eq!(binder.bind_text(&p, &text, &limits()), bound, "{}", String::from_utf8_lossy(&text));
    }

    #[test]
    fn households_bind_or_say_why(json in household()) {
        let p = program();
        let data = read(json.as_bytes(), 64).unwrap();
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        let by_value = Binder::new(&p).bind_value(&p, &value, &limits());
        match Binder::new(&p).bind(&p, &data, &limits()) {
            Ok(bound) => {
                let again = from_serialize(&Same(&data), 64).and_then(|d| Binder::new(&p).bind(&p, &d, &limits()));
                prop_assert_eq!(again.as_ref(), Ok(&bound));
                prop_assert_eq!(by_value.as_ref(), Ok(&bound));
                for (id, e) in p.entities.iter() {
                    let table = bound.case.table(id).unwrap();
                    for (index, field) in e.fields.iter().enumerate() {
                        match &field.shape {
                            FieldShape::Scalar { range, .. } => {
                                prop_assert_eq!(table.column(index).count(), table.rows.len());
                                for value in table.column(index).filter_map(Fact::value) {
                                    prop_assert!(*value == Value::None || range.holds(value));
                                }
                            }
                            FieldShape::List { item, .. } => {
                                for row in 0..u32::try_from(table.rows.len()).unwrap() {
                                    let list = table.list(index, row).unwrap();
                                    for at in list.start..list.start + list.count {
                                        let held = &bound.case.table(*item).unwrap().rows[at as usize];
                                        prop_assert_eq!(held.holder, Some((id, index, row)));
                                    }
                                }
                            }
                            FieldShape::Record { .. } => {}
                        }
                    }
                }
            }
            Err(error) => {
                prop_assert!(!error.errors.is_empty());
                // A value holds a name once, and its names may stand in another order.
                if error.iter().all(|e| e.code != Code::FACT_DUPLICATE) {
                    let told = |error: FactsError| {
                        let mut told: Vec<_> =
                            error.errors.into_iter().map(|e| (e.path, e.code, e.message, e.help)).collect();
                        told.sort_by(|a, b| (&a.0, a.1.to_string(), &a.2.en).cmp(&(&b.0, b.1.to_string(), &b.2.en)));
                        // A name that there is not, given twice, is told twice.
                        told.dedup();
                        told
                    };
                    prop_assert_eq!(told(by_value.unwrap_err()), told(error.clone()));
                }
                for e in error.iter() {
                    prop_assert!(!e.message.en.contains('\n') && !e.message.en.is_empty() && !e.message.id.is_empty());
                }
            }
        }
    }
}

#[test]
fn what_is_not_json_is_refused_with_its_path_and_byte() {
    for (text, code, path, byte) in [
        (&br#"{"m":[{},{"b":NaN}]}"#[..], Code::FACT_SYNTAX, "m[1].b", 15),
        (br#"{"m":"\ud800"}"#, Code::FACT_ENCODING, "m", 9),
        (br#"{"m":"\ud800\u0041"}"#, Code::FACT_ENCODING, "m", 9),
        (br#"{"m":"\udc00"}"#, Code::FACT_ENCODING, "m", 9),
        (br#"{"m":01}"#, Code::FACT_SYNTAX, "m", 7),
        (b"{\"m\":5.}", Code::FACT_SYNTAX, "m", 8),
        (b"{\"m\":.5}", Code::FACT_SYNTAX, "m", 6),
        (b"{\"m\":+5}", Code::FACT_SYNTAX, "m", 6),
        (b"{\"m\":1e}", Code::FACT_SYNTAX, "m", 8),
        (b"{\"m\":0x10}", Code::FACT_SYNTAX, "m", 7),
        (b"{\"m\":1_000}", Code::FACT_SYNTAX, "m", 7),
        (b"[1,]", Code::FACT_SYNTAX, "[1]", 4),
        (b"[,1]", Code::FACT_SYNTAX, "[0]", 2),
        (b"{\"a\":1,}", Code::FACT_SYNTAX, "", 8),
        (b"{\"a\":1 \"b\":2}", Code::FACT_SYNTAX, "", 8),
        (b"{a:1}", Code::FACT_SYNTAX, "", 2),
        (b"{'a':1}", Code::FACT_SYNTAX, "", 2),
        (b"{} {}", Code::FACT_SYNTAX, "", 4),
        (b"{} // x", Code::FACT_SYNTAX, "", 4),
        (b"", Code::FACT_SYNTAX, "", 1),
        (b"{\"a\":{\"b\":[1,", Code::FACT_SYNTAX, "a.b[1]", 14),
        (b"{\"a\":\"x", Code::FACT_SYNTAX, "a", 8),
        (b"{\"a\":\"\x01\"}", Code::FACT_SYNTAX, "a", 7),
        (b"{\"a\":\"\\x\"}", Code::FACT_SYNTAX, "a", 8),
        (b"{\"a\":\"\\u12g4\"}", Code::FACT_SYNTAX, "a", 11),
        (b"\xef\xbb\xbf{}", Code::FACT_SYNTAX, "", 1),
        (b"{\"a\":\"\xff\"}", Code::FACT_ENCODING, "a", 7),
        (b"{\"a\":[0,\"ok\xed\xa0\x80\"]}", Code::FACT_ENCODING, "a[1]", 12),
        (b"{\"a\":1}\xff", Code::FACT_ENCODING, "", 8),
        (b"{\"a\":1}\x00", Code::FACT_SYNTAX, "", 8),
        (b"tru", Code::FACT_SYNTAX, "", 1),
    ] {
        let error = read(text, 64).unwrap_err();
        let first = error.first().unwrap();
        let told = (first.code, &*first.path, first.column());
        assert_eq!(told, (code, path, Some(byte)), "{} {first}", String::from_utf8_lossy(text));
    }
}

#[test]
fn no_depth_of_text_costs_call_depth() {
    let run = || {
        for unit in ["[", "{\"a\":", "[{\"a\":["] {
            let error = read(unit.repeat(100_000).as_bytes(), 64).unwrap_err();
            assert_eq!(error.first().unwrap().code(), Code::FACT_NESTING);
        }
        let closed = format!("{}{}", "[".repeat(64), "]".repeat(64));
        assert!(read(closed.as_bytes(), 64).is_ok());
        assert!(read(format!("[{closed}]").as_bytes(), 64).is_err());
        let error = from_serialize(&Nested(Some(Box::new(deep()))), 64).unwrap_err();
        assert_eq!(error.first().unwrap().code(), Code::FACT_NESTING);
    };
    std::thread::Builder::new().stack_size(256 << 10).spawn(run).unwrap().join().unwrap();
}

#[derive(Serialize)]
struct Nested(Option<Box<Nested>>);

fn deep() -> Nested {
    (0..200).fold(Nested(None), |inner, _| Nested(Some(Box::new(inner))))
}

#[test]
fn rust_values_are_read_exactly() {
    #[derive(Serialize)]
    #[serde(rename_all = "snake_case")]
    enum School {
        Sd,
        Other(u8),
    }
    #[derive(Serialize)]
    struct Unit;
    #[derive(Serialize)]
    struct Values {
        small: i8,
        large: u128,
        low: i128,
        letter: char,
        none: Option<u8>,
        some: Option<u8>,
        unit: Unit,
        school: School,
        other: School,
        pair: (bool, String),
        map: BTreeMap<String, u16>,
        raw: Box<serde_json::value::RawValue>,
        json: serde_json::Value,
    }
    let values = Values {
        small: -128,
        large: u128::MAX,
        low: i128::MIN,
        letter: 'é',
        none: None,
        some: Some(7),
        unit: Unit,
        school: School::Sd,
        other: School::Other(3),
        pair: (true, "x".into()),
        map: [("a".to_owned(), 1)].into(),
        raw: serde_json::value::RawValue::from_string("[1.10, null]".into()).unwrap(),
        json: serde_json::json!({"n": 9_007_199_254_740_993u64, "t": "x"}),
    };
    let json = r#"{"small":-128,"large":340282366920938463463374607431768211455,"low":-170141183460469231731687303715884105728,
        "letter":"é","none":null,"some":7,"unit":null,"school":"sd","other":{"other":3},"pair":[true,"x"],"map":{"a":1},
        "raw":[1.10,null],"json":{"n":9007199254740993,"t":"x"}}"#;
    assert_eq!(from_serialize(&values, 64), read(json.as_bytes(), 64));
}

#[test]
fn floats_bytes_and_other_keys_are_refused_where_they_stand() {
    let p = program();
    let told = |value: &serde_json::Value| {
        let error = from_serialize(value, 64).and_then(|d| Binder::new(&p).bind(&p, &d, &limits())).unwrap_err();
        error.errors.into_iter().map(|e| (e.code, e.path)).collect::<Vec<_>>()
    };
    let two = serde_json::json!({"id": "h", "land": 0.5, "value": 1.0, "desil": 11});
    assert_eq!(
        told(&two),
        [
            (Code::FACT_RANGE, "desil".to_owned()),
            (Code::FACT_FLOAT, "land".to_owned()),
            (Code::FACT_FLOAT, "value".to_owned())
        ]
    );
    assert_eq!(told(&serde_json::json!({"id": 0.5})), [(Code::FACT_TYPE, "id".to_owned())]);
    struct Bytes;
    impl Serialize for Bytes {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(b"x")
        }
    }
    assert_eq!(from_serialize(&Bytes, 64), Ok(Data::Refused(Refused::Bytes)));
    let keys: BTreeMap<&str, Vec<BTreeMap<u32, u32>>> = [("a", vec![BTreeMap::new(), [(1, 2)].into()])].into();
    let error = from_serialize(&keys, 64).unwrap_err();
    assert_eq!((error.errors[0].code, &*error.errors[0].path), (Code::FACT_SERIALIZE, "a[1]"));
    struct Fails;
    impl Serialize for Fails {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no\nway"))
        }
    }
    let error = from_serialize(&[("x", Fails)], 64).unwrap_err();
    assert_eq!((error.errors[0].code, &*error.errors[0].path), (Code::FACT_SERIALIZE, "[0][1]"));
    assert!(!error.to_string().contains('\n'));
}
