//! Vectors that others published, each with its source and its publisher's label.
//!
//! Where our label differs from the publisher's, an overlay beside the data says so and why.

pub mod rfc;
pub mod wycheproof;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    case::{HonestAlgorithm, Level},
    policy::{Keys, KeysRecipe, PolicyRecipe},
};

/// What we hold a verifier to, in place of the publisher's label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Effective {
    /// It must be accepted.
    Valid,
    /// It must be refused.
    Invalid,
    /// It should be refused.
    Should,
    /// The specification leaves the choice.
    Policy,
}

impl Effective {
    /// How strongly a refusal or an acceptance is asked.
    const fn level(self) -> Level {
        match self {
            Self::Valid | Self::Invalid => Level::Must,
            Self::Should => Level::Should,
            Self::Policy => Level::May,
        }
    }
}

/// The members that make a JWK private, and those that only describe it.
const PRIVATE_MEMBERS: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth"];

/// A JWK Set document of the public halves of these keys.
fn public_set(keys: &[Value]) -> KeysRecipe {
    let keys: Vec<Value> = keys.iter().map(public_half).collect();
    KeysRecipe::Literal(Keys::Jwks(json!({ "keys": keys }).to_string()))
}

/// A JWK without its private members; an `oct` key is its own public half.
fn public_half(jwk: &Value) -> Value {
    let Some(members) = jwk.as_object() else { return jwk.clone() };
    let kept: Map<String, Value> = members
        .iter()
        .filter(|(name, _)| !PRIVATE_MEMBERS.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    Value::Object(kept)
}

/// A policy that trusts these keys, and these algorithms.
fn policy(keys: KeysRecipe, algorithms: Vec<String>) -> PolicyRecipe {
    let mut policy = PolicyRecipe::trusting(keys);
    policy.algorithms = algorithms;
    policy
}

/// What an honest token of this algorithm under this key needs.
fn honest(alg: &str, jwk: Option<&Value>) -> HonestAlgorithm {
    let crv = jwk.and_then(|jwk| jwk.get("crv")).and_then(Value::as_str).map(str::to_owned);
    HonestAlgorithm { alg: alg.to_owned(), crv }
}

/// The protected header's `alg` of a compact JWS, where it can be read.
fn compact_alg(token: &str) -> Option<String> {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    let header: Value = serde_json::from_slice(&header).ok()?;
    header.get("alg")?.as_str().map(str::to_owned)
}

/// The payload octets of a compact JWS, where they can be read.
fn compact_payload(token: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()
}

/// `acceptsValidToken` as `accepts valid token`; other characters become spaces.
fn humanised(comment: &str) -> String {
    let mut text = String::with_capacity(comment.len() + 8);
    let mut previous_lower = false;
    for c in comment.chars() {
        if c.is_uppercase() && previous_lower {
            text.push(' ');
        }
        previous_lower = c.is_lowercase() || c.is_ascii_digit();
        match c {
            '_' | ':' => text.push(' '),
            other => text.extend(other.to_lowercase()),
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
