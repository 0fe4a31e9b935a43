//! base64url, and JSON letter by letter.
//!
//! A serializer of a JSON library would not do: members stand twice, in any order, and their bytes
//! must never move.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{
    ForgeError, forge,
    text::{expand, push, wholly_a_time},
};
use crate::{env::Env, recipe::Json, verdict::Mode};

/// base64url without padding (RFC 7515 §2).
#[must_use]
pub fn base64url(octets: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

/// The octets of a base64url text; `None` when the text has padding, white space, letters of
/// another alphabet, an impossible length, or bits set beyond its last octet.
#[must_use]
pub fn from_base64url(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// The octets of a JSON text, or of a nested token, as a recipe describes it.
///
/// # Errors
/// [`ForgeError::NoOrigin`], [`ForgeError::TooLong`]; for a nested token every [`ForgeError`].
pub(super) fn json(json: &Json, env: &Env) -> Result<Vec<u8>, ForgeError> {
    match json {
        Json::Members(list) => {
            let list = list.iter().map(|(name, value)| (name, value));
            Ok(members(list, env)?.into_bytes())
        }
        Json::Text(text) => Ok(expand(text, env)?.into_owned().into_bytes()),
        Json::Octets(octets) => Ok(octets.clone()),
        Json::Token(inner) => Ok(forge(inner, Mode::Jws, None, env)?.presented.token),
    }
}

/// An object of these members in this order, without white space; placeholders are replaced.
///
/// # Errors
/// [`ForgeError::NoOrigin`], [`ForgeError::TooLong`].
pub(super) fn members<'a>(
    members: impl IntoIterator<Item = (&'a String, &'a Value)>,
    env: &Env,
) -> Result<String, ForgeError> {
    let mut writer = Writer { text: String::new(), env };
    writer.object(members)?;
    Ok(writer.text)
}

/// A JSON string, quotes included, of this text as it is.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

struct Writer<'e> {
    text: String,
    env: &'e Env,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value) -> Result<(), ForgeError> {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => self.push(&value.to_string()),
            Value::String(text) => match wholly_a_time(text, self.env) {
                Some(time) => self.push(&time.to_string()),
                None => self.string(text),
            },
            Value::Array(items) => self.array(items),
            Value::Object(members) => self.object(members),
        }
    }

    fn object<'a>(
        &mut self,
        members: impl IntoIterator<Item = (&'a String, &'a Value)>,
    ) -> Result<(), ForgeError> {
        let mut before = "{";
        for (name, value) in members {
            self.push(before)?;
            self.string(name)?;
            self.push(":")?;
            self.value(value)?;
            before = ",";
        }
        self.push(if before == "{" { "{}" } else { "}" })
    }

    fn array(&mut self, items: &[Value]) -> Result<(), ForgeError> {
        let mut before = "[";
        for item in items {
            self.push(before)?;
            self.value(item)?;
            before = ",";
        }
        self.push(if before == "[" { "[]" } else { "]" })
    }

    fn string(&mut self, text: &str) -> Result<(), ForgeError> {
        let text = quoted(&expand(text, self.env)?);
        self.push(&text)
    }

    fn push(&mut self, text: &str) -> Result<(), ForgeError> {
        push(&mut self.text, text, 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::env::NumericDate;

    fn written(members: Vec<(&str, Value)>) -> String {
        let members = members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let env = Env { now: NumericDate(100), ..Env::fixed() };
        String::from_utf8(super::json(&Json::Members(members), &env).unwrap()).unwrap()
    }

    #[test]
    fn encodes_as_rfc_4648_and_rfc_7515_do() {
        // RFC 4648 §10 without its padding, and RFC 7515 Appendix C.
        for (octets, text) in [
            (b"".as_slice(), ""),
            (b"f", "Zg"),
            (b"fo", "Zm8"),
            (b"foo", "Zm9v"),
            (b"foob", "Zm9vYg"),
            (b"fooba", "Zm9vYmE"),
            (b"foobar", "Zm9vYmFy"),
            (&[3, 236, 255, 224, 193], "A-z_4ME"),
        ] {
            assert_eq!(base64url(octets), text);
            assert_eq!(from_base64url(text).unwrap(), octets);
        }
    }

    #[test]
    fn decodes_nothing_that_has_a_second_spelling() {
        for text in ["A", "AAAAA", "Zg==", "Zm8=", "A+z/4ME", " Zg", "Zg\n", "Zh", "Zm9", "Z g"] {
            assert_eq!(from_base64url(text), None, "{text:?}");
        }
    }

    #[test]
    fn writes_members_in_order_and_twice() {
        assert_eq!(
            written(vec![("b", json!(1)), ("a", json!([])), ("b", json!({})), ("", json!(null))]),
            r#"{"b":1,"a":[],"b":{},"":null}"#
        );
        assert_eq!(written(vec![]), "{}");
    }

    #[test]
    fn turns_times_into_numbers_at_any_depth_and_leaves_other_texts_texts() {
        assert_eq!(
            written(vec![
                ("exp", json!("{now+60}")),
                ("deep", json!([{"a": ["{now}"]}])),
                ("text", json!("at {now}")),
                ("{now}", json!("{repeat.2.x}")),
                ("float", json!(1.5)),
            ]),
            r#"{"exp":160,"deep":[{"a":[100]}],"text":"at 100","100":"xx","float":1.5}"#
        );
    }

    #[test]
    fn escapes_what_placeholders_bring() {
        assert_eq!(
            written(vec![("{repeat.2.\"}", json!("{repeat.1.\\}\n\u{1}é"))]),
            r#"{"\"\"":"\\\n\u0001é"}"#
        );
    }

    #[test]
    fn texts_and_octets_need_not_be_json() {
        let env = Env { now: NumericDate(100), ..Env::fixed() };
        let text = Json::Text("{\"exp\":\"{now}\",".to_owned());
        assert_eq!(super::json(&text, &env).unwrap(), b"{\"exp\":\"100\",");
        let octets = Json::Octets(b"{now}\xff".to_vec());
        assert_eq!(super::json(&octets, &env).unwrap(), b"{now}\xff");
    }

    #[test]
    fn bounds_the_whole_text_and_not_only_each_value() {
        let half = Value::from("{repeat.33554432.a}");
        let members = Json::Members(vec![("a".to_owned(), half.clone()), ("b".to_owned(), half)]);
        let error = super::json(&members, &Env::fixed()).unwrap_err();
        assert!(matches!(error, ForgeError::TooLong { .. }), "{error}");
    }

    proptest! {
        #[test]
        fn base64url_goes_there_and_back(octets: Vec<u8>) {
            let text = base64url(&octets);
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
            prop_assert_eq!(from_base64url(text).unwrap(), octets);
        }

        #[test]
        fn what_decodes_is_the_encoding_of_what_it_decodes_to(text in "[A-Za-z0-9_-]{0,12}") {
            if let Some(octets) = from_base64url(&text) {
                prop_assert_eq!(base64url(&octets), text);
            }
        }

        #[test]
        fn a_json_library_reads_what_was_written(name in "[^{]*", text in "[^{]*") {
            let written = written(vec![(&name, json!([text]))]);
            let read: Value = serde_json::from_str(&written).unwrap();
            prop_assert_eq!(&read[&name][0], &text);
        }
    }
}
