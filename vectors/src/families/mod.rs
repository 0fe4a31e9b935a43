//! Our own cases, one family a file. Cases are written as recipes; the forge makes the bytes.

pub mod header;
pub mod honest;

use serde_json::{Value, json};

use crate::{
    forge::KeyName,
    policy::{JwkRecipe, KeysRecipe, PolicyRecipe},
    recipe::{Json, JwsRecipe, PayloadEncoding, Recipe, Serialization, Signing},
};

/// The issuer that honest tokens name.
const ISSUER: &str = "https://issuer.test";
/// The audience that honest tokens are for.
const AUDIENCE: &str = "https://api.test";
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

/// The claims of an honest token: valid for ten minutes around now, so that a verifier with the wall
/// clock and a slow run still agree.
fn honest_claims() -> Vec<(String, Value)> {
    vec![
        ("iss".to_owned(), json!(ISSUER)),
        ("sub".to_owned(), json!(SUBJECT)),
        ("aud".to_owned(), json!(AUDIENCE)),
        ("iat".to_owned(), json!("{now-60}")),
        ("exp".to_owned(), json!("{now+540}")),
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
        edits: Vec::new(),
    }
}

/// An honest token.
fn honest_token(key: &str, alg: &str) -> Recipe {
    Recipe::Jws(Box::new(compact(honest_header(key, alg), honest_claims(), key, alg)))
}
