//! jwtk: `JwkSetVerifier::verify`, or `verify` with one key.
//!
//! Peculiar: it judges the signature, `exp` and `nbf` by the clock on the wall; a caller compares `alg`, `iss` and `aud`
//! afterwards (`allow_list`, `issuer`, `audience`) and asks for required claims (`required_claims`). A token without `kid` finds no key in a set.

#[path = "../protocol.rs"]
mod protocol;

use jwtk::hmac::{HmacAlgorithm, HmacKey};
use jwtk::jwk::{Jwk, JwkSet, JwkSetVerifier};
use jwtk::{HeaderAndClaims, SomePublicKey, VerificationKey};
use protocol::{Accepted, Issuer, Keys, No, Policy, Presented, Verifier};
use serde_json::{json, Map, Value};

enum Key {
    Set(JwkSetVerifier),
    One(Box<dyn VerificationKey>),
}

struct Jwtk {
    key: Key,
    allowed: Option<Vec<String>>,
    issuer: Option<String>,
    audiences: Option<Vec<String>>,
    required: Vec<String>,
}

impl Verifier for Jwtk {
    fn load(issuer: &Issuer, policy: &Policy) -> Result<Self, No> {
        if policy.token_type.is_some() {
            return Err(No::Unsupported("token_type"));
        }
        if policy.leeway_s.is_some_and(|leeway| leeway > 0) {
            return Err(No::Unsupported("leeway_s"));
        }
        let allowed = issuer.algorithms(policy);
        Ok(Self {
            key: key(&issuer.keys, allowed.unwrap_or_default())?,
            allowed: allowed.map(<[String]>::to_vec),
            issuer: issuer.issuer.clone(),
            audiences: issuer.audiences(policy).map(<[String]>::to_vec),
            required: policy.required_claims.clone(),
        })
    }

    fn verify(&self, presented: &Presented) -> Result<Accepted, No> {
        if presented.is_jws() {
            return Err(No::Unsupported("mode"));
        }
        let token = std::str::from_utf8(presented.token())?;
        let verified: HeaderAndClaims<Map<String, Value>> = match &self.key {
            Key::Set(set) => set.verify(token)?,
            Key::One(key) => jwtk::verify(token, key.as_ref())?,
        };
        let (algorithm, claims) = (&verified.header().alg, verified.claims());
        if self.allowed.as_ref().is_some_and(|allowed| !allowed.iter().any(|name| name == algorithm)) {
            return Err(No::Refused(format!("algorithm {algorithm}")));
        }
        if self.issuer.is_some() && claims.iss != self.issuer {
            return Err(No::Refused("another issuer".into()));
        }
        if self.audiences.as_ref().is_some_and(|audiences| !claims.aud.iter().any(|audience| audiences.contains(audience))) {
            return Err(No::Refused("another audience".into()));
        }
        let claims = serde_json::to_value(claims)?;
        match self.required.iter().find(|name| claims.get(name.as_str()).is_none_or(Value::is_null)) {
            Some(name) => Err(No::Refused(format!("no claim {name}"))),
            None => Ok(Accepted::Claims(claims)),
        }
    }
}

fn key(keys: &Keys, allowed: &[String]) -> Result<Key, No> {
    Ok(match keys {
        Keys::Jwks(text) => Key::Set(serde_json::from_str::<JwkSet>(text)?.verifier()),
        Keys::JwksB64(text) => Key::Set(serde_json::from_slice::<JwkSet>(&text.0)?.verifier()),
        Keys::Jwk(text) => Key::One(Box::new(serde_json::from_str::<Jwk>(text)?.to_verification_key()?)),
        Keys::Pem(text) => Key::One(Box::new(SomePublicKey::from_pem(text.as_bytes())?)),
        Keys::SecretB64(secret) => Key::One(Box::new(HmacKey::from_bytes(&secret.0, hmac(allowed)))),
        Keys::DerB64(_) => return Err(No::Unsupported("der")),
        Keys::JwksUri(_) => return Err(No::Unsupported("jwks_uri")),
        Keys::Discovery(_) => return Err(No::Unsupported("discovery")),
    })
}

/// A secret is for one algorithm: the first that is allowed.
fn hmac(allowed: &[String]) -> HmacAlgorithm {
    match allowed.iter().map(String::as_str).find(|name| name.starts_with("HS")) {
        Some("HS384") => HmacAlgorithm::HS384,
        Some("HS512") => HmacAlgorithm::HS512,
        _ => HmacAlgorithm::HS256,
    }
}

fn main() {
    let public = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K", "EdDSA"];
    protocol::serve::<Jwtk>(json!({
        "protocol": 1,
        "implementation": {"name": "jwtk", "version": env!("CARGO_PKG_VERSION"), "language": "Rust"},
        "features": ["jwt", "jwks", "jwk", "pem", "secret", "multi_issuer", "several"],
        "algorithms": {"jwks": public, "jwk": public, "pem": public, "secret": ["HS256", "HS384", "HS512"]},
        "curves": ["P-256", "P-384", "P-521", "secp256k1", "Ed25519"],
        "adapter_does": ["allow_list", "issuer", "audience", "issuer_routing", "required_claims"],
        "defaults": {"leeway_s": 0},
    }));
}
