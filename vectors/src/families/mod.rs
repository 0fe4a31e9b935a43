//! Our own cases, one family a file. Cases are written as recipes; the forge makes the bytes.

pub mod algorithm;
pub mod audience;
mod class;
pub mod confusion;
pub mod cost;
pub mod discovery;
pub mod encoding;
pub mod endpoint;
pub mod fetching;
pub mod freshness;
pub mod header;
pub mod honest;
pub mod interop;
pub mod issuer;
pub mod issuers;
pub mod json;
pub mod json_serialization;
pub mod key_selection;
pub mod keys;
pub mod keyset;
pub mod memory;
pub mod offered_keys;
pub mod outage;
pub mod required_claims;
pub mod revocation;
pub mod rotation;
mod scenario;
pub mod served_issuers;
pub mod served_memory;
pub mod signature;
pub mod static_keys;
pub mod time;
pub mod token_type;
pub mod unsecured;

use serde_json::{Value, json};

use crate::{
    env::Env,
    forge::{
        KeyName,
        keys::{TestKey, find},
        resolve_policy,
    },
    policy::{JwkRecipe, Keys, KeysRecipe, PolicyRecipe},
    recipe::{Json, JwsRecipe, PayloadEncoding, Recipe, Serialization, Signing},
};

/// The issuer that honest tokens name.
const ISSUER: &str = "https://issuer.test";
/// The audience that honest tokens are for.
const AUDIENCE: &str = "https://api.test";
/// The attacker's key, beside the trusted `p256-a`.
const ATTACKER: &str = "p256-b";
/// The subject of honest tokens.
const SUBJECT: &str = "alice";

/// The policy of a service that trusts one issuer with one key, and one algorithm.
fn one_issuer(key: &str, alg: &str) -> PolicyRecipe {
    let mut policy =
        PolicyRecipe::trusting(KeysRecipe::Set(vec![JwkRecipe::with_kid(KeyName::from(key), key)]));
    for issuer in &mut policy.issuers {
        issuer.issuer = Some(ISSUER.to_owned());
    }
    policy.audiences = vec![AUDIENCE.to_owned()];
    policy.algorithms = vec![alg.to_owned()];
    policy
}

/// The claims of an honest token: valid for an hour around now, so that a verifier with the wall
/// clock and a slow run still agree.
fn honest_claims() -> Vec<(String, Value)> {
    vec![
        ("iss".to_owned(), json!(ISSUER)),
        ("sub".to_owned(), json!(SUBJECT)),
        ("aud".to_owned(), json!(AUDIENCE)),
        ("iat".to_owned(), json!("{now-60}")),
        ("exp".to_owned(), json!("{now+3540}")),
        ("jti".to_owned(), json!("b5f1a1c2-7c1e-4f0e-9d0a-3f2b6c8d9e01")),
    ]
}

/// The header of an honest token.
fn honest_header(key: &str, alg: &str) -> Vec<(String, Value)> {
    vec![
        ("alg".to_owned(), json!(alg)),
        ("typ".to_owned(), json!("JWT")),
        ("kid".to_owned(), json!(key)),
    ]
}

/// A compact JWS of this header and these claims, genuinely signed.
fn compact(
    header: Vec<(String, Value)>,
    claims: Vec<(String, Value)>,
    key: &str,
    alg: &str,
) -> JwsRecipe {
    JwsRecipe {
        protected: Some(Json::Members(header)),
        unprotected: None,
        payload: Json::Members(claims),
        signing: Signing::Key { key: KeyName::from(key), alg: alg.to_owned() },
        serialization: Serialization::Compact,
        payload_encoding: PayloadEncoding::Base64url,
        detached: false,
        spelling: Vec::new(),
        edits: Vec::new(),
    }
}

/// Something of the attacker's that a URL in a token points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedDocument {
    /// Its path under `{origin.0}`, with the leading slash.
    pub path: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its octets.
    pub body: Vec<u8>,
}

/// What the harness serves where tokens name its origins, so that a verifier which believes what it
/// fetches there goes on to accept the attacker's token.
#[must_use]
pub fn offered_documents() -> Vec<OfferedDocument> {
    let keys = KeysRecipe::Set(vec![JwkRecipe::with_kid(KeyName::from(ATTACKER), ATTACKER)]);
    let policy = resolve_policy(&PolicyRecipe::trusting(keys), &Env::fixed());
    let issuers = policy.map(|policy| policy.issuers).unwrap_or_default();
    let sets = issuers.into_iter().filter_map(|issuer| match issuer.keys {
        Keys::Jwks(text) => Some(text),
        Keys::JwksB64(_)
        | Keys::JwksUri(_)
        | Keys::Discovery(_)
        | Keys::Jwk(_)
        | Keys::Pem(_)
        | Keys::DerB64(_)
        | Keys::SecretB64(_) => None,
    });
    let sets = sets.map(|text| ("/jwks.json", "application/json", text));
    let certificate = find(&KeyName::from(ATTACKER)).and_then(TestKey::certificate_pem).ok();
    let certificate =
        certificate.map(|text| ("/cert.pem", "application/pem-certificate-chain", text));
    sets.chain(certificate)
        .map(|(path, media_type, text)| OfferedDocument {
            path: path.to_owned(),
            media_type,
            body: text.into_bytes(),
        })
        .collect()
}

/// An honest token.
fn honest_token(key: &str, alg: &str) -> Recipe {
    Recipe::Jws(Box::new(compact(honest_header(key, alg), honest_claims(), key, alg)))
}
