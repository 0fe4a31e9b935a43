//! How a token is made, as plain data.
//!
//! A recipe is what families write, exports print, the hunt will mutate and `explain` compares; the
//! forge turns it into bytes. Texts may hold placeholders, so that a recipe does not change with the
//! clock, the port or the length of what it describes:
//!
//! | placeholder | stands for |
//! | --- | --- |
//! | `{now}`, `{now+60}`, `{now-60}` | [`Env::now`](crate::Env) moved by so many seconds |
//! | `{origin.0}` | the harness's origin of that number |
//! | `{repeat.1000.a}` | the text between the second dot and the brace, so many times |
//!
//! In [`Json::Members`] a string value that is wholly a `{now…}` becomes a *number*; everywhere else
//! a placeholder is replaced as text. What only looks like a placeholder stays as it is.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{base64_bytes, forge::KeyName};

/// How the bytes of a token come about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipe {
    /// Exactly this text, as published; placeholders are not replaced.
    Text(String),
    /// Exactly these octets, for tokens that are not UTF-8.
    Octets(#[serde(with = "base64_bytes")] Vec<u8>),
    /// A JWS made by the forge.
    Jws(Box<JwsRecipe>),
}

/// A JWS to be forged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JwsRecipe {
    /// The protected header; `None` leaves it away, as only the JSON serializations can.
    pub protected: Option<Json>,
    /// The unprotected header of a JSON serialization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unprotected: Option<Json>,
    /// The payload before encoding.
    pub payload: Json,
    /// Who signs, and how.
    pub signing: Signing,
    /// The serialization (RFC 7515 §7).
    #[serde(default, skip_serializing_if = "Serialization::is_compact")]
    pub serialization: Serialization,
    /// How the payload stands in the signing input and in the token (RFC 7797).
    #[serde(default, skip_serializing_if = "PayloadEncoding::is_base64url")]
    pub payload_encoding: PayloadEncoding,
    /// Whether the payload travels beside the token (RFC 7515 Appendix F).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub detached: bool,
    /// Changes to the finished text, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Edit>,
}

/// A JSON text, as members or letter by letter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Json {
    /// An object of these members in this order, without white space; a name may stand twice.
    Members(Vec<(String, Value)>),
    /// This text after placeholders are replaced; it need not be JSON.
    Text(String),
    /// Exactly these octets.
    Octets(#[serde(with = "base64_bytes")] Vec<u8>),
}

impl Json {
    /// The value of the last member of this name, where the text is given as members.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Members(members) => {
                members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
            }
            Self::Text(_) | Self::Octets(_) => None,
        }
    }
}

/// Who signs, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signing {
    /// A genuine signature of this test key with this algorithm, whatever the header says.
    Key {
        /// Which test key.
        key: KeyName,
        /// The `alg` of RFC 7518 §3.1, RFC 8037 §3.1, RFC 8812 §3.2 or RFC 9864 to sign with.
        alg: String,
    },
    /// A genuine signature of a private JWK that was published together with what it signs.
    Jwk {
        /// The private JWK.
        jwk: Value,
        /// As above.
        alg: String,
    },
    /// An HMAC keyed with these octets (key confusion: the octets of a public key).
    HmacOctets {
        /// `HS256`, `HS384` or `HS512`.
        alg: String,
        /// The key.
        #[serde(with = "base64_bytes")]
        key: Vec<u8>,
    },
    /// These octets in place of a signature; none for an unsecured JWS (RFC 7515 Appendix A.5).
    Octets(#[serde(with = "base64_bytes")] Vec<u8>),
}

/// The serialization of a JWS (RFC 7515 §7).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Serialization {
    /// Three base64url texts and two dots (§7.1).
    #[default]
    Compact,
    /// One JSON object with one signature (§7.2.2).
    Flattened,
    /// One JSON object with an array of signatures, here of one (§7.2.1).
    General,
}

impl Serialization {
    fn is_compact(&self) -> bool {
        *self == Self::Compact
    }
}

/// How the payload stands in the signing input (RFC 7797 §3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayloadEncoding {
    /// base64url, as RFC 7515 has it.
    #[default]
    Base64url,
    /// As it is (`b64` false).
    Unencoded,
}

impl PayloadEncoding {
    fn is_base64url(&self) -> bool {
        *self == Self::Base64url
    }
}

/// A change to the text of a finished token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    /// Puts text in front.
    Prepend(String),
    /// Puts text behind.
    Append(String),
    /// Puts this text in place of the compact serialization's segment of that number, from 0.
    ReplaceSegment {
        /// 0 header, 1 payload, 2 signature.
        segment: usize,
        /// The text, placeholders replaced.
        text: String,
    },
    /// Flips one bit of the decoded octets of a segment and encodes them again.
    FlipBit {
        /// 0 header, 1 payload, 2 signature.
        segment: usize,
        /// Counted from the most significant bit of the first octet; negative from the end.
        bit: i64,
    },
}
