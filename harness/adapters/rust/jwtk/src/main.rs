//! jwtk: `JwkSetVerifier::verify`, or `verify` with one key.
//!
//! Peculiar: it judges the signature, `exp` and `nbf` by the clock on the wall; a caller compares `alg`, `iss` and `aud`
//! afterwards (`allow_list`, `issuer`, `audience`) and asks for required claims (`required_claims`). A token without `kid` finds no key in a set.
//! `RemoteJwksVerifier` fetches with a `reqwest::Client`, which is where a timeout and a CA go.

#[path = "../protocol.rs"]
mod protocol;

use std::time::Duration;

use futures_util::future::join_all;
use jwtk::hmac::{HmacAlgorithm, HmacKey};
use jwtk::jwk::{Jwk, JwkSet, JwkSetVerifier, RemoteJwksVerifier};
use jwtk::{HeaderAndClaims, SomePublicKey, VerificationKey};
use protocol::{Accepted, Fetch, Issuer, Keys, No, Policy, Presented, Verifier};
use serde_json::{json, Map, Value};
use tokio::runtime::Runtime;

enum Key {
    Remote(RemoteJwksVerifier, Value),
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
            key: key(&issuer.keys, allowed.unwrap_or_default(), &policy.fetch)?,
            allowed: allowed.map(<[String]>::to_vec),
            issuer: issuer.issuer.clone(),
            audiences: issuer.audiences(policy).map(<[String]>::to_vec),
            required: policy.required_claims.clone(),
        })
    }

    fn verify(&self, presented: &Presented) -> Result<Accepted, No> {
        runtime().block_on(self.judge(presented))
    }

    fn effective(&self) -> Option<Value> {
        match &self.key {
            Key::Remote(_, effective) => Some(effective.clone()),
            Key::Set(_) | Key::One(_) => None,
        }
    }

    fn verify_all(presented: Vec<(&Self, Presented)>) -> Vec<Result<Accepted, No>> {
        runtime().block_on(join_all(presented.iter().map(|(verifier, presented)| verifier.judge(presented))))
    }
}

impl Jwtk {
    async fn judge(&self, presented: &Presented) -> Result<Accepted, No> {
        if presented.is_jws() {
            return Err(No::Unsupported("mode"));
        }
        let token = std::str::from_utf8(presented.token())?;
        let verified: HeaderAndClaims<Map<String, Value>> = match &self.key {
            Key::Remote(remote, _) => match remote.verify(token).await {
                Err(jwtk::Error::Reqwest(error)) => return Err(No::Unavailable(format!("{error:?}"))),
                verified => verified?,
            },
            Key::Set(set) => set.verify(token)?,
            Key::One(key) => jwtk::verify(token, key.as_ref())?,
        };
        self.accept(verified)
    }

    fn accept(&self, verified: HeaderAndClaims<Map<String, Value>>) -> Result<Accepted, No> {
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

/// One for the whole process, since connections are kept in it.
fn runtime() -> &'static Runtime {
    static RUNTIME: std::sync::OnceLock<Runtime> = std::sync::OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("a runtime"))
}

fn remote(url: &str, fetch: &Fetch) -> Result<Key, No> {
    let mut client = reqwest::Client::builder();
    let mut effective = json!({"max_age_s": fetch.max_age_s.unwrap_or(300.0), "cooldown_s": fetch.cooldown_s.unwrap_or(30.0), "max_stale_s": 0});
    if let Some(timeout) = fetch.timeout_ms {
        client = client.timeout(Duration::from_millis(timeout));
        effective["timeout_ms"] = timeout.into();
    }
    if let Some(file) = &fetch.ca_file {
        client = client.add_root_certificate(reqwest::Certificate::from_pem(&std::fs::read(file)?)?);
    }
    let mut builder = RemoteJwksVerifier::builder(url.to_owned()).with_client(client.build()?);
    if let Some(max_age) = fetch.max_age_s {
        builder = builder.with_cache_duration(Duration::from_secs_f64(max_age));
    }
    if let Some(cooldown) = fetch.cooldown_s {
        builder = builder.with_cooldown(Duration::from_secs_f64(cooldown));
    }
    Ok(Key::Remote(builder.build(), effective))
}

fn key(keys: &Keys, allowed: &[String], fetch: &Fetch) -> Result<Key, No> {
    Ok(match keys {
        Keys::Jwks(text) => Key::Set(serde_json::from_str::<JwkSet>(text)?.verifier()),
        Keys::JwksB64(text) => Key::Set(serde_json::from_slice::<JwkSet>(&text.0)?.verifier()),
        Keys::Jwk(text) => Key::One(Box::new(serde_json::from_str::<Jwk>(text)?.to_verification_key()?)),
        Keys::Pem(text) => Key::One(Box::new(SomePublicKey::from_pem(text.as_bytes())?)),
        Keys::SecretB64(secret) => Key::One(Box::new(HmacKey::from_bytes(&secret.0, hmac(allowed)))),
        Keys::DerB64(_) => return Err(No::Unsupported("der")),
        Keys::JwksUri(url) => remote(url, fetch)?,
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
        "features": ["jwt", "jwks", "jwks_uri", "jwk", "pem", "secret", "multi_issuer", "several", "concurrent"],
        "algorithms": {"jwks": public, "jwks_uri": public, "jwk": public, "pem": public, "secret": ["HS256", "HS384", "HS512"]},
        "curves": ["P-256", "P-384", "P-521", "secp256k1", "Ed25519"],
        "adapter_does": ["allow_list", "issuer", "audience", "issuer_routing", "required_claims"],
        "defaults": {"leeway_s": 0, "max_age_s": 300, "cooldown_s": 30, "max_stale_s": 0},
        "declares": {"on_outage": "fail_closed"},
    }));
}
