//! jwt-simple: `verify_token` of the key, with `VerificationOptions`.
//!
//! Peculiar: a key is one type for one algorithm; there is no key set, nor a JWK that is a secret. So each key of a set is handed to `from_jwk` as
//! it stands, once for every allowed name, and `Token::decode_metadata` tells `kid` and `alg` (`json`, `key_selection`,
//! `allow_list`). Required claims are asked of the claims (`required_claims`). Without `leeway_s` it allows its 15 minutes.

#[path = "../protocol.rs"]
mod protocol;

use std::collections::HashSet;

use jwt_simple::prelude::*;
use protocol::{Accepted, Issuer, Keys, No, Policy, Presented, Verifier};
use serde::Deserialize;
use serde_json::{json, value::RawValue, Map, Value};

const SECRET: [&str; 3] = ["HS256", "HS384", "HS512"];
const PUBLIC: [&str; 11] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES256K", "EdDSA", "Ed25519"];

/// The name `Ed25519` is taken since `from_jwk` is there.
fn public() -> &'static [&'static str] {
    if cfg!(from_jwk) { &PUBLIC } else { &PUBLIC[..10] }
}

type Check = Box<dyn Fn(&str, VerificationOptions) -> Result<JWTClaims<Map<String, Value>>, jwt_simple::Error>>;
type Loaded = Result<Check, jwt_simple::Error>;

/// One name of an algorithm, its type of key, and the loader of the library.
macro_rules! load {
    ($name:expr, $loader:ident($text:expr), $($algorithm:literal $key:ident)*) => {
        match $name {
            $($algorithm => Some($key::$loader($text).map(|key| -> Check { Box::new(move |token, options| key.verify_token(token, Some(options))) })),)*
            _ => None,
        }
    };
}

fn from_pem(name: &str, pem: &str) -> Option<Loaded> {
    load!(name, from_pem(pem), "RS256" RS256PublicKey "RS384" RS384PublicKey "RS512" RS512PublicKey "PS256" PS256PublicKey "PS384" PS384PublicKey
        "PS512" PS512PublicKey "ES256" ES256PublicKey "ES384" ES384PublicKey "ES256K" ES256kPublicKey "EdDSA" Ed25519PublicKey "Ed25519" Ed25519PublicKey)
}

fn from_der(name: &str, der: &[u8]) -> Option<Loaded> {
    load!(name, from_der(der), "RS256" RS256PublicKey "RS384" RS384PublicKey "RS512" RS512PublicKey "PS256" PS256PublicKey "PS384" PS384PublicKey
        "PS512" PS512PublicKey "ES256" ES256PublicKey "ES384" ES384PublicKey "ES256K" ES256kPublicKey "EdDSA" Ed25519PublicKey "Ed25519" Ed25519PublicKey)
}

fn from_secret(name: &str, secret: &[u8]) -> Option<Loaded> {
    match name {
        "HS256" => Some(Ok(mac(HS256Key::from_bytes(secret)))),
        "HS384" => Some(Ok(mac(HS384Key::from_bytes(secret)))),
        "HS512" => Some(Ok(mac(HS512Key::from_bytes(secret)))),
        _ => None,
    }
}

fn mac(key: impl MACLike + 'static) -> Check {
    Box::new(move |token, options| key.verify_token(token, Some(options)))
}

#[cfg(from_jwk)]
fn from_jwk(name: &str, jwk: &str) -> Option<Loaded> {
    load!(name, from_jwk(jwk), "RS256" RS256PublicKey "RS384" RS384PublicKey "RS512" RS512PublicKey "PS256" PS256PublicKey "PS384" PS384PublicKey "PS512" PS512PublicKey "ES256" ES256PublicKey
        "ES384" ES384PublicKey "ES256K" ES256kPublicKey "EdDSA" Ed25519PublicKey "Ed25519" Ed25519PublicKey)
}

#[cfg(not(from_jwk))]
fn from_jwk(name: &str, jwk: &str) -> Option<Loaded> {
    use base64::{engine::general_purpose::URL_SAFE_NO_PAD, Engine};
    let jwk: Value = serde_json::from_str(jwk).ok()?;
    let bytes = |member: &str| URL_SAFE_NO_PAD.decode(jwk[member].as_str()?).ok();
    let point = || Some([vec![4], bytes("x")?, bytes("y")?].concat());
    match (jwk["kty"].as_str()?, jwk["crv"].as_str()) {
        ("RSA", _) => {
            let (n, e) = (bytes("n")?, bytes("e")?);
            macro_rules! rsa {
                ($($algorithm:literal $key:ident)*) => {
                    match name {
                        $($algorithm => Some($key::from_components(&n, &e).map(|key| -> Check { Box::new(move |token, options| key.verify_token(token, Some(options))) })),)*
                        _ => None,
                    }
                };
            }
            rsa!("RS256" RS256PublicKey "RS384" RS384PublicKey "RS512" RS512PublicKey "PS256" PS256PublicKey "PS384" PS384PublicKey "PS512" PS512PublicKey)
        }
        ("EC", Some("P-256")) => load!(name, from_bytes(&point()?), "ES256" ES256PublicKey),
        ("EC", Some("P-384")) => load!(name, from_bytes(&point()?), "ES384" ES384PublicKey),
        ("EC", Some("secp256k1")) => load!(name, from_bytes(&point()?), "ES256K" ES256kPublicKey),
        ("OKP", Some("Ed25519")) => load!(name, from_bytes(&bytes("x")?), "EdDSA" Ed25519PublicKey "Ed25519" Ed25519PublicKey),
        _ => None,
    }
}

#[derive(Deserialize)]
struct Set<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Named {
    kid: Option<String>,
}

/// A key for one algorithm.
struct Key {
    kid: Option<String>,
    algorithm: String,
    check: Check,
}

struct JwtSimple {
    keys: Vec<Key>,
    options: VerificationOptions,
    required: Vec<String>,
}

impl Verifier for JwtSimple {
    fn load(issuer: &Issuer, policy: &Policy) -> Result<Self, No> {
        let allowed: Vec<&str> = match issuer.algorithms(policy) {
            Some(names) => names.iter().map(String::as_str).collect(),
            None => [&SECRET[..], public()].concat(),
        };
        let mut options = VerificationOptions {
            required_signature_type: policy.token_type.clone(),
            allowed_issuers: issuer.issuer.clone().map(|issuer| HashSet::from([issuer])),
            allowed_audiences: issuer.audiences(policy).map(|audiences| audiences.iter().cloned().collect()),
            ..Default::default()
        };
        if let Some(leeway) = policy.leeway_s {
            options.time_tolerance = Some(Duration::from_secs(leeway));
        }
        Ok(Self { keys: keys(&issuer.keys, &allowed)?, options, required: policy.required_claims.clone() })
    }

    fn verify(&self, presented: &Presented) -> Result<Accepted, No> {
        if presented.is_jws() {
            return Err(No::Unsupported("mode"));
        }
        let token = std::str::from_utf8(presented.token())?;
        let mut options = self.options.clone();
        options.artificial_time = presented.now.map(Duration::from_secs);
        let header = Token::decode_metadata(token).map_err(refused)?;
        let fits = |key: &&Key| {
            key.algorithm == header.algorithm() && (key.kid.is_none() || header.key_id().is_none() || key.kid.as_deref() == header.key_id())
        };
        let mut outcome = Err(No::Refused("no key for this token".into()));
        for key in self.keys.iter().filter(fits) {
            outcome = (key.check)(token, options.clone()).map_err(refused);
            if outcome.is_ok() {
                break;
            }
        }
        let claims = serde_json::to_value(outcome?)?;
        match self.required.iter().find(|name| claims.get(name.as_str()).is_none()) {
            Some(name) => Err(No::Refused(format!("no claim {name}"))),
            None => Ok(Accepted::Claims(claims)),
        }
    }
}

/// The key, once for every allowed algorithm that it fits.
fn keys(keys: &Keys, allowed: &[&str]) -> Result<Vec<Key>, No> {
    let each = |kid: Option<String>, load: &dyn Fn(&str) -> Option<Loaded>| -> Vec<_> {
        let named = |name: &&str| Some(load(name)?.map(|check| Key { kid: kid.clone(), algorithm: name.to_string(), check }));
        allowed.iter().filter_map(named).collect()
    };
    let jwk = |text: &str| each(serde_json::from_str::<Named>(text).ok().and_then(|named| named.kid), &|name| from_jwk(name, text));
    let set = |text: &[u8]| -> Result<Vec<Key>, No> {
        let set: Set = serde_json::from_slice(text)?;
        Ok(set.keys.iter().flat_map(|key| jwk(key.get())).flatten().collect()) // a key that no algorithm takes is passed over
    };
    let loaded = match keys {
        Keys::Jwks(text) => return set(text.as_bytes()),
        Keys::JwksB64(text) => return set(&text.0),
        Keys::Jwk(text) => jwk(text),
        Keys::Pem(text) => each(None, &|name| from_pem(name, text)),
        Keys::DerB64(der) => each(None, &|name| from_der(name, &der.0)),
        Keys::SecretB64(secret) => each(None, &|name| from_secret(name, &secret.0)),
        Keys::JwksUri(_) => return Err(No::Unsupported("jwks_uri")),
        Keys::Discovery(_) => return Err(No::Unsupported("discovery")),
    };
    let (fitting, refusals): (Vec<_>, Vec<_>) = loaded.into_iter().partition(Result::is_ok);
    match refusals.into_iter().find_map(Result::err) {
        Some(error) if fitting.is_empty() => Err(refused(error)),
        None if fitting.is_empty() => Err(No::Refused("no algorithm for this key".into())),
        _ => Ok(fitting.into_iter().flatten().collect()),
    }
}

fn refused(error: jwt_simple::Error) -> No {
    No::Refused(format!("jwt_simple::Error: {error:#}"))
}

fn main() {
    protocol::serve::<JwtSimple>(json!({
        "protocol": 1,
        "implementation": {"name": "jwt-simple", "version": env!("CARGO_PKG_VERSION"), "language": "Rust"},
        "features": ["jwt", "jwks", "jwk", "pem", "der", "secret", "multi_issuer", "token_type", "several", "clock"],
        "algorithms": {"jwks": public(), "jwk": public(), "pem": public(), "der": public(), "secret": SECRET},
        "curves": ["P-256", "P-384", "secp256k1", "Ed25519"],
        "adapter_does": ["json", "key_selection", "allow_list", "issuer_routing", "required_claims"],
        "defaults": {"leeway_s": 900},
    }));
}
