//! Reading JSON objects strictly: names are unique, and a value of the wrong type is seen as such
//! instead of being forced into the right one.

mod reader;

use std::{borrow::Cow, collections::HashSet, fmt};

use self::reader::Reader;

pub(super) use self::reader::Malformed;

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
    /// The text of an array.
    Array(&'a str),
    /// The text of an object.
    Object(&'a str),
}

/// A JSON number, exact where it is an integer of 64 bits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Negative(i64),
    Natural(u64),
    Float(f64),
}

/// Which of two members of one name is kept, where a duplicate is no reason to refuse.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) enum Twice {
    /// The first, as in software that looks for a name and stops.
    #[default]
    First,
    /// The last, as ECMAScript has it and RFC 7515 §4 allows.
    Last,
}

/// What is asked of an object: members that have places.
pub(super) trait Members<'a> {
    /// The place for the member of this name; `None` where nobody asks for it.
    fn slot(&mut self, name: &str) -> Option<&mut Value<'a>>;

    /// Fills the places from a text that is one object and nothing else.
    ///
    /// In place, because these structures are large and a token passes through several of them.
    ///
    /// # Errors
    /// [`Malformed`], when the text is not that.
    fn fill(&mut self, text: &'a str, twice: Twice) -> Result<Rest<'a>, Malformed> {
        let mut rest = Rest { names: Names::none(), duplicate: None };
        let mut reader = Reader::new(text);
        reader.object(|reader, name| {
            match self.slot(&name) {
                Some(slot) if slot.is_absent() || twice == Twice::Last => {
                    if !slot.is_absent() {
                        rest.duplicate = Some(name.into_owned());
                    }
                    *slot = reader.value()?;
                    return Ok(());
                }
                None if !rest.names.hold(&name) => rest.names.add(name),
                Some(_) | None => rest.duplicate = Some(name.into_owned()),
            }
            reader.skip()
        })?;
        reader.end()?;
        Ok(rest)
    }
}

/// What an object holds beside the members asked for.
#[derive(Debug)]
pub(super) struct Rest<'a> {
    /// The names of the other members.
    pub(super) names: Names<'a>,
    /// A name that came twice.
    pub(super) duplicate: Option<String>,
}

impl<'a> Value<'a> {
    /// Whether there is no such member.
    pub(super) const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The string that it is.
    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The strings of an array of nothing else.
    pub(super) fn texts(&self) -> Option<Vec<Cow<'a, str>>> {
        let mut texts = Some(Vec::new());
        self.each_element(|reader| {
            match (reader.value()?, &mut texts) {
                (Value::Text(text), Some(texts)) => texts.push(text),
                _ => texts = None,
            }
            Ok(())
        })?;
        texts
    }

    /// The texts of the elements of an array.
    pub(super) fn elements(&self) -> Option<Vec<&'a str>> {
        let mut elements = Vec::new();
        self.each_element(|reader| {
            elements.push(reader.raw()?);
            Ok(())
        })?;
        Some(elements)
    }

    fn each_element(
        &self,
        element: impl FnMut(&mut Reader<'a>) -> Result<(), Malformed>,
    ) -> Option<()> {
        if let Self::Array(text) = self { Reader::new(text).array(element).ok() } else { None }
    }
}

/// The names of members that nobody asks for, kept to see one that comes twice.
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

    /// No name.
    pub(super) const fn none() -> Self {
        Self::Few(Vec::new())
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

    fn hold(&self, name: &str) -> bool {
        match self {
            Self::Few(names) => names.iter().any(|known| known == name),
            Self::Many(names) => names.contains(name),
        }
    }

    /// Keeps a name.
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
            Self::Negative(number) => i128::from(number) <= second,
            Self::Natural(number) => i128::from(number) <= second,
            Self::Float(number) => number <= second as f64,
        }
    }

    /// Whether it is after this second.
    pub(super) fn after(self, second: i128) -> bool {
        match self {
            Self::Negative(number) => i128::from(number) > second,
            Self::Natural(number) => i128::from(number) > second,
            Self::Float(number) => number > second as f64,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Negative(number) => number.fmt(f),
            Self::Natural(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default)]
    struct One<'a> {
        a: Value<'a>,
    }

    impl<'a> Members<'a> for One<'a> {
        fn slot(&mut self, name: &str) -> Option<&mut Value<'a>> {
            (name == "a").then_some(&mut self.a)
        }
    }

    fn read(text: &str) -> (One<'_>, Rest<'_>) {
        let mut one = One::default();
        let rest = one.fill(text, Twice::First).unwrap();
        (one, rest)
    }

    #[test]
    fn tells_every_type_apart() {
        for (json, value) in [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("-1", Value::Number(Number::Negative(-1))),
            ("18446744073709551615", Value::Number(Number::Natural(u64::MAX))),
            ("18446744073709551616", Value::Number(Number::Float(18_446_744_073_709_551_616.0))),
            ("1.5", Value::Number(Number::Float(1.5))),
            ("\"x\"", Value::Text("x".into())),
            ("[]", Value::Array("[]")),
            (" [ 1, [\"]\"] ] ", Value::Array("[ 1, [\"]\"] ]")),
            ("{\"b\":{}}", Value::Object("{\"b\":{}}")),
        ] {
            assert_eq!(read(&format!("{{\"a\":{json},\"z\":0}}")).0.a, value, "{json}");
        }
        assert_eq!(read("{}").0.a, Value::Absent);
    }

    #[test]
    fn takes_arrays_apart() {
        let array = |text| read(text).0.a;
        let strings = array(r#"{"a":["x", "\u0079" ]}"#);
        assert_eq!(strings.texts().unwrap(), ["x", "y"]);
        assert_eq!(strings.elements().unwrap(), [r#""x""#, r#""\u0079""#]);
        let mixed = array(r#"{"a":[{"b":[1]}, "x",[ ] ]}"#);
        assert_eq!(mixed.texts(), None);
        assert_eq!(mixed.elements().unwrap(), [r#"{"b":[1]}"#, r#""x""#, "[ ]"]);
        assert_eq!(array(r#"{"a":[]}"#).texts(), Some(vec![]));
        assert_eq!(array(r#"{"a":"x"}"#).texts(), None);
        assert_eq!(array(r#"{"a":{}}"#).elements(), None);
    }

    #[test]
    fn reads_names_through_their_escapes_and_keeps_the_first_of_two() {
        let (one, rest) = read(r#"{"\u0061":"first","a":"last"}"#);
        assert_eq!(one.a, Value::Text("first".into()));
        assert_eq!(rest.duplicate.as_deref(), Some("a"));
    }

    #[test]
    fn sees_duplicates_among_any_number_of_names() {
        for count in [2, Names::FEW - 1, Names::FEW, Names::FEW + 1, 2_000] {
            let names: Vec<String> = (0..count).map(|i| format!("\"n{i}\":{i}")).collect();
            let mut text = format!("{{{}", names.join(","));
            let unique = format!("{text}}}");
            assert_eq!(read(&unique).1.duplicate, None, "{count}");
            text.push_str(",\"n1\":[]}");
            assert_eq!(read(&text).1.duplicate.as_deref(), Some("n1"), "{count}");
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
            assert!(One::default().fill(text, Twice::First).is_err(), "{text:.40}");
        }
    }

    #[test]
    fn numbers_compare_exactly_at_a_boundary() {
        let second = 1_767_225_600;
        assert!(Number::Natural(1_767_225_600).at_or_before(second));
        assert!(!Number::Natural(1_767_225_601).at_or_before(second));
        assert!(Number::Negative(-1).at_or_before(-1) && !Number::Negative(-1).after(-1));
        assert!(Number::Natural(u64::MAX).after(i128::from(u64::MAX) - 1));
        assert!(!Number::Float(second as f64 + 0.5).at_or_before(second));
        assert!(Number::Float(second as f64 + 0.5).after(second));
        assert!(!Number::Float(second as f64).after(second));
        assert!(Number::Float(1e308).after(second) && Number::Float(-1e308).at_or_before(second));
    }
}
