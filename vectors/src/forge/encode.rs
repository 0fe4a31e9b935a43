//! base64url, and JSON letter by letter.
//!
//! A serializer of a JSON library would not do: members stand twice, in any order, and their bytes
//! must never move.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{
    ForgeError,
    text::{expand, push, wholly_a_time},
};
use crate::{env::Env, recipe::Json};

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

/// The octets of a JSON text as a recipe describes it.
///
/// # Errors
/// [`ForgeError::NoOrigin`], [`ForgeError::TooLong`].
pub(super) fn json(json: &Json, env: &Env) -> Result<Vec<u8>, ForgeError> {
    match json {
        Json::Members(list) => {
            let list = list.iter().map(|(name, value)| (name, value));
            Ok(members(list, env)?.into_bytes())
        }
        Json::Text(text) => Ok(expand(text, env)?.into_owned().into_bytes()),
        Json::Octets(octets) => Ok(octets.clone()),
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
