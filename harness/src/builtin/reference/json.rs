//! Reading JSON objects strictly: names are unique, and a value of the wrong type is seen as such
//! instead of being forced into the right one.
//!
//! The grammar is that of `serde_json`, which knows no comments, no `NaN`, no trailing commas and no
//! text behind the value. Values that nobody asks for are stepped over without recursion and without
//! building anything; those that are asked for may nest as deep as `serde_json` lets them (128).

use std::{borrow::Cow, collections::HashSet, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

/// A value as far as anybody wants to know it.
#[derive(Debug, Default, PartialEq)]
pub(super) enum Value<'a> {
    /// There is no such member.
    #[default]
    Absent,
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    /// An array of nothing but strings, perhaps of none.
    Texts(Vec<Cow<'a, str>>),
    /// An array with something else in it.
    Array,
    Object,
}

/// A JSON number, exact where it is an integer of 64 bits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Integer(i128),
    Float(f64),
}

/// Where the value of a member goes.
pub(super) enum Slot<'s, 'a> {
    Value(&'s mut Value<'a>),
    /// Kept as text, to be read later.
    Raw(&'s mut Option<&'a RawValue>),
    /// Nobody asks for it.
    Skip,
}

/// An object whose members have places.
pub(super) trait Members<'a> {
    /// The place for the member of this name.
    fn slot(&mut self, name: &str) -> Slot<'_, 'a>;
}

/// An object that was read.
#[derive(Debug)]
pub(super) struct Object<'a, M> {
    /// The members asked for; of duplicates, the first.
    pub(super) members: M,
    /// Every name.
    pub(super) names: Names<'a>,
    /// A name that came twice.
    pub(super) duplicate: Option<String>,
}

impl<'a, M: Members<'a>> Object<'a, M> {
    /// Reads a text that is one object and nothing else.
    pub(super) fn read(text: &'a str, members: M) -> Result<Self, serde_json::Error> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let object = reader.deserialize_map(ObjectVisitor(members, PhantomData))?;
        reader.end()?;
        Ok(object)
    }
}

/// The names of an object's members.
///
/// A list, because objects have a dozen members; beyond that a set, because a token may have a
/// hundred thousand and a stranger chooses how many.
#[derive(Debug)]
pub(super) enum Names<'a> {
    Few(Vec<Cow<'a, str>>),
    Many(HashSet<Cow<'a, str>>),
}

impl<'a> Names<'a> {
    const FEW: usize = 24;

    /// Whether the object has a member of this name.
    pub(super) fn hold(&self, name: &str) -> bool {
        match self {
            Self::Few(names) => names.iter().any(|known| known == name),
            Self::Many(names) => names.contains(name),
        }
    }

    /// A name that both objects have.
    pub(super) fn shared<'s>(&'s self, other: &Names<'_>) -> Option<&'s str> {
        match self {
            Self::Few(names) => names.iter().find(|name| other.hold(name)).map(AsRef::as_ref),
            Self::Many(names) => {
                names.iter().filter(|name| other.hold(name)).min().map(AsRef::as_ref)
            }
        }
    }

    fn add(&mut self, name: Cow<'a, str>) {
        match self {
            Self::Few(names) if names.len() < Self::FEW => names.push(name),
            Self::Few(names) => {
                let mut many: HashSet<_> = names.drain(..).collect();
                many.insert(name);
                *self = Self::Many(many);
            }
            Self::Many(names) => {
                names.insert(name);
            }
        }
    }
}

impl Number {
    /// Whether it is at or before this second.
    pub(super) fn at_or_before(self, second: i128) -> bool {
        match self {
            Self::Integer(number) => number <= second,
            Self::Float(number) => number <= second as f64,
        }
    }

    /// Whether it is after this second.
    pub(super) fn after(self, second: i128) -> bool {
        match self {
            Self::Integer(number) => number > second,
            Self::Float(number) => number > second as f64,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
        }
    }
}

struct ObjectVisitor<'a, M>(M, PhantomData<&'a ()>);

impl<'a, M: Members<'a>> Visitor<'a> for ObjectVisitor<'a, M> {
    type Value = Object<'a, M>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Self(mut members, PhantomData) = self;
        let mut names = Names::Few(Vec::with_capacity(8));
        let mut duplicate = None;
        while let Some(Text(name)) = map.next_key()? {
            if names.hold(&name) {
                map.next_value::<IgnoredAny>()?;
                duplicate = Some(name.into_owned());
                continue;
            }
            match members.slot(&name) {
                Slot::Value(slot) => *slot = map.next_value()?,
                Slot::Raw(slot) => *slot = Some(map.next_value()?),
                Slot::Skip => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            names.add(name);
        }
        Ok(Object { members, names, duplicate })
    }
}

/// A string that borrows from the text where it has no escapes.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        from.deserialize_str(TextVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Value::Number(Number::Integer(value.into())))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Value::Number(Number::Integer(value.into())))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Value::Number(Number::Float(value)))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let mut texts = Vec::new();
        while let Some(element) = elements.next_element()? {
            let Value::Text(text) = element else {
                while elements.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(Value::Array);
            };
            texts.push(text);
        }
        Ok(Value::Texts(texts))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default)]
    struct One<'a> {
        a: Value<'a>,
        raw: Option<&'a RawValue>,
    }

    impl<'a> Members<'a> for One<'a> {
        fn slot(&mut self, name: &str) -> Slot<'_, 'a> {
            match name {
                "a" => Slot::Value(&mut self.a),
                "raw" => Slot::Raw(&mut self.raw),
                _ => Slot::Skip,
            }
        }
    }

    fn read(text: &str) -> Object<'_, One<'_>> {
        Object::read(text, One::default()).unwrap()
    }

    #[test]
    fn tells_every_type_apart() {
        for (json, value) in [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("-1", Value::Number(Number::Integer(-1))),
            ("18446744073709551615", Value::Number(Number::Integer(u64::MAX.into()))),
            ("18446744073709551616", Value::Number(Number::Float(18_446_744_073_709_551_616.0))),
            ("1.5", Value::Number(Number::Float(1.5))),
            ("\"x\"", Value::Text("x".into())),
            ("[]", Value::Texts(vec![])),
            ("[\"x\",\"\\u0079\"]", Value::Texts(vec!["x".into(), "y".into()])),
            ("[\"x\",1,[2]]", Value::Array),
            ("[[\"x\"]]", Value::Array),
            ("{\"b\":{}}", Value::Object),
        ] {
            assert_eq!(read(&format!("{{\"a\":{json},\"z\":0}}")).members.a, value, "{json}");
        }
        assert_eq!(read("{}").members.a, Value::Absent);
        assert_eq!(read("{\"raw\":[1, {}]}").members.raw.unwrap().get(), "[1, {}]");
    }

    #[test]
    fn reads_names_through_their_escapes_and_keeps_the_first_of_two() {
        let object = read(r#"{"\u0061":"first","a":"last"}"#);
        assert_eq!(object.members.a, Value::Text("first".into()));
        assert_eq!(object.duplicate.as_deref(), Some("a"));
    }

    #[test]
    fn sees_duplicates_among_any_number_of_names() {
        for count in [2, Names::FEW - 1, Names::FEW, Names::FEW + 1, 2_000] {
            let names: Vec<String> = (0..count).map(|i| format!("\"n{i}\":{i}")).collect();
            let mut text = format!("{{{}", names.join(","));
            let unique = format!("{text}}}");
            assert_eq!(read(&unique).duplicate, None, "{count}");
            text.push_str(",\"n1\":[]}");
            assert_eq!(read(&text).duplicate.as_deref(), Some("n1"), "{count}");
        }
    }

    #[test]
    fn refuses_what_is_not_one_object() {
        let long = format!("{{\"a\":{}}}", "[".repeat(100_000));
        for text in [
            "",
            "null",
            "[]",
            "\"a\"",
            "{",
            "{}}",
            "{} x",
            "{\"a\":1,}",
            "{a:1}",
            "{'a':1}",
            "{\"a\":NaN}",
            "{\"a\":01}",
            "{\"a\":1e400}",
            "{\"a\":\"\\ud800\"}",
            "\u{feff}{}",
            "{\"a\":1 /* */}",
            "{\"a\":\"\n\"}",
            &long,
        ] {
            assert!(Object::read(text, One::default()).is_err(), "{text:.40}");
        }
    }

    #[test]
    fn depth_that_nobody_asks_for_costs_no_stack() {
        let text = format!("{{\"deep\":{}{}}}", "[".repeat(300_000), "]".repeat(300_000));
        assert!(Object::read(&text, One::default()).is_ok());
    }

    #[test]
    fn numbers_compare_exactly_at_a_boundary() {
        let second = 1_767_225_600;
        assert!(Number::Integer(second).at_or_before(second));
        assert!(!Number::Integer(second + 1).at_or_before(second));
        assert!(!Number::Float(second as f64 + 0.5).at_or_before(second));
        assert!(Number::Float(second as f64 + 0.5).after(second));
        assert!(!Number::Float(second as f64).after(second));
        assert!(Number::Float(1e308).after(second) && Number::Float(-1e308).at_or_before(second));
    }
}
