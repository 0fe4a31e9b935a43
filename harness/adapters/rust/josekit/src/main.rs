//! josekit: `jwt::decode_with_verifier_selector` and then `JwtPayloadValidator`; `JwsContext` for a JWS alone.
//!
//! Peculiar: a verifier is one key for one algorithm, so each key is loaded once for every allowed name, and the selector
//! takes by `kid` and `alg` (`key_selection`, `allow_list`): what the selector of `decode_with_verifier_in_jwk_set` returns
//! must outlive the set, and it never sees `alg`. The validator knows one audience, so each configured one is tried alone;
//! no leeway; and no required claims, which are asked of the payload (`required_claims`). Its `iat` is held against the same
//! clock as `exp`.

#[path = "../protocol.rs"]
mod protocol;

use std::time::{Duration, SystemTime};

use josekit::jwk::{Jwk, JwkSet};
use josekit::jws::{self, JwsContext, JwsHeader, JwsVerifier};
use josekit::jwt::{self, JwtPayload, JwtPayloadValidator};
use josekit::JoseError;
use protocol::{Accepted, Issuer, Keys, No, Policy, Presented, Verifier};
use serde_json::{json, Value};

const ALGORITHMS: [&str; 14] = [
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K", "EdDSA",
];

type Loaded = Result<Box<dyn JwsVerifier>, JoseError>;

/// One name of an algorithm, and the loader of the library that goes with it.
macro_rules! load {
    ($name:expr, $loader:ident, $text:expr, $($algorithm:ident)*) => {
        match $name { $(stringify!($algorithm) => Some(jws::$algorithm.$loader($text).map(|verifier| Box::new(verifier) as _)),)* _ => None }
    };
}

fn from_jwk(name: &str, jwk: &Jwk) -> Option<Loaded> {
    load!(name, verifier_from_jwk, jwk, HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 ES256K EdDSA)
}

fn from_pem(name: &str, pem: &str) -> Option<Loaded> {
    load!(name, verifier_from_pem, pem, RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 ES256K EdDSA)
}

fn from_der(name: &str, der: &[u8]) -> Option<Loaded> {
    load!(name, verifier_from_der, der, RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 ES256K EdDSA)
}

fn from_secret(name: &str, secret: &[u8]) -> Option<Loaded> {
    load!(name, verifier_from_bytes, secret, HS256 HS384 HS512)
}

struct Josekit {
    verifiers: Vec<Box<dyn JwsVerifier>>,
    issuer: Option<String>,
    audiences: Vec<Option<String>>,
    required: Vec<String>,
}

impl Verifier for Josekit {
    fn load(issuer: &Issuer, policy: &Policy) -> Result<Self, No> {
        if policy.token_type.is_some() {
            return Err(No::Unsupported("token_type"));
        }
        if policy.leeway_s.is_some_and(|leeway| leeway > 0) {
            return Err(No::Unsupported("leeway_s"));
        }
        let allowed: Vec<&str> = match issuer.algorithms(policy) {
            Some(names) => names.iter().map(String::as_str).collect(),
            None => ALGORITHMS.to_vec(),
        };
        let audiences = match issuer.audiences(policy) {
            Some(audiences) => audiences.iter().cloned().map(Some).collect(),
            None => vec![None],
        };
        Ok(Self {
            verifiers: verifiers(&issuer.keys, &allowed)?,
            issuer: issuer.issuer.clone(),
            audiences,
            required: policy.required_claims.clone(),
        })
    }

    fn verify(&self, presented: &Presented) -> Result<Accepted, No> {
        if presented.detached_payload_b64.is_some() {
            return Err(No::Unsupported("detached_payload_b64"));
        }
        if presented.is_jws() {
            return self.verify_jws(presented.token()).map(Accepted::Payload);
        }
        let (payload, _) = jwt::decode_with_verifier_selector(presented.token(), |header| Ok(self.select(header)))?;
        if let Some(name) = self.required.iter().find(|name| payload.claim(name).is_none()) {
            return Err(No::Refused(format!("no claim {name}")));
        }
        self.validate(&payload, presented.now)?;
        Ok(Accepted::Claims(Value::Object(payload.claims_set().clone())))
    }
}

/// The key, once for every allowed algorithm that it fits.
fn verifiers(keys: &Keys, allowed: &[&str]) -> Result<Vec<Box<dyn JwsVerifier>>, No> {
    let each = |load: &dyn Fn(&str) -> Option<Loaded>| allowed.iter().filter_map(|name| load(name)).collect::<Vec<_>>();
    let set = |text: &[u8]| -> Result<_, JoseError> {
        let loaded = JwkSet::from_bytes(text)?.keys().into_iter().flat_map(|jwk| each(&|name| from_jwk(name, jwk))).collect::<Vec<_>>();
        Ok(loaded.into_iter().filter_map(Result::ok).collect()) // a key that no algorithm takes is passed over
    };
    let loaded = match keys {
        Keys::Jwks(text) => return Ok(set(text.as_bytes())?),
        Keys::JwksB64(text) => return Ok(set(&text.0)?),
        Keys::Jwk(text) => {
            let jwk = Jwk::from_bytes(text)?;
            each(&|name| from_jwk(name, &jwk))
        }
        Keys::Pem(text) => each(&|name| from_pem(name, text)),
        Keys::DerB64(der) => each(&|name| from_der(name, &der.0)),
        Keys::SecretB64(secret) => each(&|name| from_secret(name, &secret.0)),
        Keys::JwksUri(_) => return Err(No::Unsupported("jwks_uri")),
        Keys::Discovery(_) => return Err(No::Unsupported("discovery")),
    };
    let (fitting, refused): (Vec<_>, Vec<_>) = loaded.into_iter().partition(Result::is_ok);
    match refused.into_iter().find_map(Result::err) {
        Some(error) if fitting.is_empty() => Err(error.into()),
        None if fitting.is_empty() => Err(No::Refused("no algorithm for this key".into())),
        _ => Ok(fitting.into_iter().flatten().collect()),
    }
}

impl Josekit {
    fn select(&self, header: &JwsHeader) -> Option<&dyn JwsVerifier> {
        let algorithm = header.algorithm()?;
        let fits = |verifier: &&Box<dyn JwsVerifier>| {
            verifier.algorithm().name() == algorithm && (header.key_id().is_none() || verifier.key_id().is_none() || verifier.key_id() == header.key_id())
        };
        self.verifiers.iter().find(fits).map(Box::as_ref)
    }

    fn verify_jws(&self, token: &[u8]) -> Result<Vec<u8>, No> {
        let mut context = JwsContext::new();
        context.add_acceptable_critical("b64");
        let (payload, _) = if token.starts_with(b"{") {
            context.deserialize_json_with_selector(token, |header| Ok(self.select(header)))?
        } else {
            context.deserialize_compact_with_selector(token, |header| Ok(self.select(header)))?
        };
        Ok(payload)
    }

    fn validate(&self, payload: &JwtPayload, now: Option<u64>) -> Result<(), JoseError> {
        let mut outcome = Ok(());
        for audience in &self.audiences {
            let mut validator = JwtPayloadValidator::new();
            if let Some(now) = now {
                let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now);
                validator.set_base_time(now);
                validator.set_max_issued_time(now);
            }
            if let Some(issuer) = &self.issuer {
                validator.set_issuer(issuer);
            }
            if let Some(audience) = audience {
                validator.set_audience(audience);
            }
            outcome = validator.validate(payload);
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }
}

fn main() {
    protocol::serve::<Josekit>(json!({
        "protocol": 1,
        "implementation": {"name": "josekit", "version": env!("CARGO_PKG_VERSION"), "language": "Rust"},
        "features": ["jwt", "jws", "jws_json", "b64_false", "jwks", "jwk", "pem", "der", "secret", "multi_issuer", "several", "clock"],
        "algorithms": ALGORITHMS,
        "adapter_does": ["key_selection", "allow_list", "issuer_routing", "required_claims"],
        "defaults": {"leeway_s": 0},
    }));
}
