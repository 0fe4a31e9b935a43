//! The crate `jsonwebtoken`, used as its documentation says, and nothing more.
//!
//! What the library leaves to its user, and this adapter therefore does, is named in
//! [`Description::adapter_does`]: the choice of the key where a token has no `kid`, one
//! [`Validation`] for each issuer, and, in `jws` mode, everything but the signature.

#[cfg(test)]
mod tests;

use std::{
    any::Any,
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    str::FromStr,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use gauntlet_vectors::{
    NoAnswer, NumericDate, Policy, Presented, Verdict,
    case::Capability,
    policy::{Keys, TrustedIssuer},
    verdict::{Believed, Mode},
};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, Header, Validation, crypto, dangerous, decode,
    decode_header,
    errors::Error,
    jwk::{Jwk, JwkSet},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::verifier::{
    Algorithms, Description, Implementation, ImplementationName, Refusal, Verifier,
};

/// The release that is linked; a test compares it with the lock file.
const VERSION: &str = "11.1.0";

const HMAC: &[&str] = &["HS256", "HS384", "HS512"];
const PUBLIC: &[&str] =
    &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"];

/// The crate `jsonwebtoken`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Jsonwebtoken;

impl Implementation for Jsonwebtoken {
    fn describe(&self) -> Description {
        let owned =
            |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let all = [owned(HMAC), owned(PUBLIC)].concat();
        Description {
            implementation: ImplementationName {
                name: "jsonwebtoken".to_owned(),
                version: VERSION.to_owned(),
                language: "Rust".to_owned(),
            },
            features: vec![
                Capability::Jwt,
                Capability::Jws,
                Capability::Jwks,
                Capability::Jwk,
                Capability::Pem,
                Capability::Secret,
                Capability::MultiIssuer,
                Capability::Several,
            ],
            algorithms: Algorithms::ByKind(BTreeMap::from([
                ("jwks".to_owned(), all.clone()),
                ("jwk".to_owned(), all),
                ("pem".to_owned(), owned(PUBLIC)),
                ("secret".to_owned(), owned(HMAC)),
            ])),
            curves: Some(owned(&["P-256", "P-384", "Ed25519"])),
            adapter_does: owned(&["key_selection", "issuer_routing", "jws"]),
            defaults: Map::from_iter([("leeway_s".to_owned(), Value::from(60))]),
            declares: Map::from_iter([
                ("kid_required".to_owned(), Value::from("if_several")),
                ("unknown_kid".to_owned(), Value::from("reject")),
            ]),
        }
    }

    fn configure(&self, policy: &Policy, _: NumericDate) -> Result<Box<dyn Verifier>, Refusal> {
        let configured = catch_unwind(AssertUnwindSafe(|| Configured::new(policy)));
        match configured {
            Ok(configured) => Ok(Box::new(configured?)),
            Err(panic) => Err(exception(panic.as_ref()).into()),
        }
    }
}

/// A policy in the library's terms.
#[derive(Debug)]
struct Configured {
    issuers: Vec<Issuer>,
}

/// An issuer with its keys, each with the `Validation` that goes with it.
#[derive(Debug)]
struct Issuer {
    name: Option<String>,
    keys: KeySource,
}

#[derive(Debug)]
enum KeySource {
    /// A set, and a key for each of its members, or why there is none.
    Set(JwkSet, Vec<Result<Prepared, Error>>),
    One(Box<Prepared>),
}

#[derive(Debug)]
struct Prepared {
    key: DecodingKey,
    validation: Validation,
}

impl Verifier for Configured {
    fn verify(&self, presented: &Presented, _: NumericDate) -> Result<Verdict, NoAnswer> {
        let answer = catch_unwind(AssertUnwindSafe(|| match presented.mode {
            Mode::Jwt => Ok(self.jwt(&presented.token)),
            Mode::Jws => self.jws(&presented.token),
        }));
        match answer {
            Ok(Ok(Ok(believed))) => Ok(Verdict::Accept(believed)),
            Ok(Ok(Err(refused))) => Ok(Verdict::reject(refused.to_string())),
            Ok(Err(no_answer)) => Err(no_answer),
            Err(panic) => Err(exception(panic.as_ref())),
        }
    }
}

/// Why a token is refused: by the library, or by what the adapter does in its place.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("{0:?}: {0}")]
    Library(#[from] Error),
    #[error("adapter: {0}")]
    Adapter(&'static str),
}

/// All that is read of a token before it is known whose it is.
#[derive(Deserialize)]
struct Unverified {
    iss: Option<String>,
}

impl Configured {
    fn new(policy: &Policy) -> Result<Self, Refusal> {
        if policy.token_type.is_some() {
            return Err(Refusal::Unsupported { what: "token_type".to_owned() });
        }
        let issuers = policy.issuers.iter().map(|issuer| Issuer::new(issuer, policy));
        Ok(Self { issuers: issuers.collect::<Result<_, _>>()? })
    }

    fn jwt(&self, token: &[u8]) -> Result<Believed, Refused> {
        let header = decode_header(token)?;
        let prepared = self.route(token)?.key(&header)?;
        let data = decode::<Map<String, Value>>(token, &prepared.key, &prepared.validation)?;
        Ok(Believed { claims: Some(data.claims), payload: None, key: header.kid })
    }

    /// One issuer is for the library to check. Of several, the one whose name the token claims gets
    /// it, and the library then compares that name again, in the verified claims.
    fn route(&self, token: &[u8]) -> Result<&Issuer, Refused> {
        if let [issuer] = self.issuers.as_slice() {
            return Ok(issuer);
        }
        let claimed = dangerous::insecure_decode_claims::<Unverified>(token)?.iss;
        self.issuers
            .iter()
            .find(|issuer| issuer.name == claimed)
            .ok_or(Refused::Adapter("no configured issuer has the name in `iss`"))
    }

    /// The library's own `jws` module knows claims only; for any payload it has
    /// [`crypto::verify`], around which its user takes the token apart.
    fn jws(&self, token: &[u8]) -> Result<Result<Believed, Refused>, NoAnswer> {
        let [issuer] = self.issuers.as_slice() else {
            return Err(NoAnswer::Unsupported { what: "several issuers in jws mode".to_owned() });
        };
        Ok(issuer.jws(token))
    }
}

impl Issuer {
    fn new(issuer: &TrustedIssuer, policy: &Policy) -> Result<Self, Refusal> {
        let options = Options::new(issuer, policy)?;
        Ok(Self { name: issuer.issuer.clone(), keys: KeySource::new(&issuer.keys, &options)? })
    }

    /// The key for a token: the set's own `find` where there is a `kid`, and where there is none the
    /// only key of the set.
    fn key(&self, header: &Header) -> Result<&Prepared, Refused> {
        let (set, keys) = match &self.keys {
            KeySource::One(prepared) => return Ok(prepared),
            KeySource::Set(set, keys) => (set, keys),
        };
        let prepared = match (&header.kid, keys.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => return Err(Refused::Adapter("no `kid`, and not exactly one key")),
            (Some(kid), _) => set
                .find(kid)
                .and_then(|found| set.keys.iter().position(|jwk| std::ptr::eq(jwk, found)))
                .and_then(|index| keys.get(index)),
        };
        match prepared {
            Some(Ok(prepared)) => Ok(prepared),
            Some(Err(error)) => Err(error.clone().into()),
            None => Err(Refused::Adapter("no key has this `kid`")),
        }
    }

    fn jws(&self, token: &[u8]) -> Result<Believed, Refused> {
        let header = decode_header(token)?;
        let Prepared { key, validation } = self.key(&header)?;
        if !validation.algorithms.contains(&header.alg) {
            return Err(Refused::Adapter("the algorithm is not allowed"));
        }
        let compact =
            std::str::from_utf8(token).ok().and_then(|token| token.rsplit_once('.')).and_then(
                |(message, signature)| Some((message, message.split_once('.')?.1, signature)),
            );
        let Some((message, payload, signature)) = compact else {
            return Err(Refused::Adapter("not three segments of text"));
        };
        if !crypto::verify(signature, message.as_bytes(), key, header.alg)? {
            return Err(Refused::Adapter("the library says that the signature is wrong"));
        }
        let payload = URL_SAFE_NO_PAD
            .decode(payload)
            .map_err(|_undecodable| Refused::Adapter("the payload is not base64url"))?;
        Ok(Believed { claims: None, payload: Some(payload), key: header.kid })
    }
}

impl KeySource {
    fn new(keys: &Keys, options: &Options<'_>) -> Result<Self, Refusal> {
        let unsupported = |what: &str| Refusal::Unsupported { what: what.to_owned() };
        let key = match keys {
            Keys::Jwks(text) => {
                let set: JwkSet = serde_json::from_str(text).map_err(|error| rejected(&error))?;
                let keys = set.keys.iter().map(|jwk| options.prepare_jwk(jwk)).collect();
                return Ok(Self::Set(set, keys));
            }
            Keys::JwksB64(octets) => {
                let set: JwkSet =
                    serde_json::from_slice(octets).map_err(|error| rejected(&error))?;
                let keys = set.keys.iter().map(|jwk| options.prepare_jwk(jwk)).collect();
                return Ok(Self::Set(set, keys));
            }
            Keys::Jwk(text) => {
                let jwk: Jwk = serde_json::from_str(text).map_err(|error| rejected(&error))?;
                let prepared = options.prepare_jwk(&jwk).map_err(|error| rejected(&error))?;
                return Ok(Self::One(Box::new(prepared)));
            }
            Keys::Pem(text) => match options.pem_family() {
                Some(AlgorithmFamily::Hmac) => Ok(DecodingKey::from_secret(text.as_bytes())),
                Some(AlgorithmFamily::Rsa) => DecodingKey::from_rsa_pem(text.as_bytes()),
                Some(AlgorithmFamily::Ec) => DecodingKey::from_ec_pem(text.as_bytes()),
                Some(AlgorithmFamily::Ed) => DecodingKey::from_ed_pem(text.as_bytes()),
                // The library has one function a family and insists on knowing which.
                None => return Err(unsupported("pem without algorithms")),
            },
            Keys::SecretB64(octets) => Ok(DecodingKey::from_secret(octets)),
            // `from_rsa_der` takes PKCS#1 and `from_ec_der` a bare point: none takes the
            // SubjectPublicKeyInfo that the protocol sends.
            Keys::DerB64(_) => return Err(unsupported("der")),
            Keys::JwksUri(_) => return Err(unsupported("jwks_uri")),
            Keys::Discovery(_) => return Err(unsupported("discovery")),
        };
        let key = key.map_err(|error| rejected(&error))?;
        let validation = options.validation(&key, None);
        Ok(Self::One(Box::new(Prepared { key, validation })))
    }
}

/// What a policy asks for, before it is known with which key.
struct Options<'p> {
    issuer: Option<&'p String>,
    audiences: &'p [String],
    /// The allow-list, without names that the library does not have; `None` where there is none.
    algorithms: Option<Vec<Algorithm>>,
    required_claims: &'p [String],
    leeway_s: Option<u64>,
}

impl<'p> Options<'p> {
    fn new(issuer: &'p TrustedIssuer, policy: &'p Policy) -> Result<Self, Refusal> {
        let own_or_shared =
            |own: &'p [String], shared: &'p [String]| if own.is_empty() { shared } else { own };
        // "The only values that will be considered are": others would be ignored without a word.
        const CONSIDERED: &[&str] = &["exp", "nbf", "aud", "iss", "sub"];
        let other = |name: &&String| !CONSIDERED.contains(&name.as_str());
        if let Some(name) = policy.required_claims.iter().find(other) {
            return Err(Refusal::Unsupported { what: format!("required claim {name}") });
        }
        let names = own_or_shared(&issuer.algorithms, &policy.algorithms);
        let known = names.iter().filter_map(|name| Algorithm::from_str(name).ok()).collect();
        Ok(Self {
            issuer: issuer.issuer.as_ref(),
            audiences: own_or_shared(&issuer.audiences, &policy.audiences),
            algorithms: (!names.is_empty()).then_some(known),
            required_claims: &policy.required_claims,
            leeway_s: policy.leeway_s,
        })
    }

    fn prepare_jwk(&self, jwk: &Jwk) -> Result<Prepared, Error> {
        let key = DecodingKey::from_jwk(jwk)?;
        let own = match (&self.algorithms, jwk.common.key_algorithm) {
            (None, Some(own)) => Some(Algorithm::try_from(own)?),
            (Some(_), _) | (None, None) => None,
        };
        let validation = self.validation(&key, own);
        Ok(Prepared { key, validation })
    }

    /// The `Validation` for tokens under this key.
    ///
    /// The library refuses any list that mixes families, so that the allow-list is narrowed to the
    /// key's. It has no default but HS256 and insists on a choice; where the policy makes none, it is
    /// the JWK's own algorithm, or what [`Validation::new_for_family`] gives.
    fn validation(&self, key: &DecodingKey, own: Option<Algorithm>) -> Validation {
        let family = key.family();
        let mut validation =
            own.map_or_else(|| Validation::new_for_family(family), Validation::new);
        if let Some(allowed) = &self.algorithms {
            validation.algorithms =
                allowed.iter().copied().filter(|alg| alg.family() == family).collect();
        }
        if !self.required_claims.is_empty() {
            validation.set_required_spec_claims(self.required_claims);
        }
        // "Validation only happens if the claim is present": its documentation tells to require it.
        if let Some(issuer) = self.issuer {
            validation.set_issuer(&[issuer]);
            validation.required_spec_claims.insert("iss".to_owned());
        }
        if !self.audiences.is_empty() {
            validation.set_audience(self.audiences);
            validation.required_spec_claims.insert("aud".to_owned());
        }
        // Off by default, although its README says that `nbf` is validated where present.
        validation.validate_nbf = true;
        if let Some(leeway) = self.leeway_s {
            validation.leeway = leeway;
        }
        validation
    }

    /// The family of a PEM, as the protocol has it: that of the first asymmetric algorithm, or else
    /// of the first.
    fn pem_family(&self) -> Option<AlgorithmFamily> {
        let algorithms = self.algorithms.as_deref()?;
        let families = || algorithms.iter().map(|alg| alg.family());
        families().find(|family| *family != AlgorithmFamily::Hmac).or_else(|| families().next())
    }
}

fn rejected(error: &dyn std::error::Error) -> Refusal {
    Refusal::Rejected { error: error.to_string() }
}

fn exception(panic: &(dyn Any + Send)) -> NoAnswer {
    let text = match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (None, Some(text)) => text.as_str(),
        (None, None) => "a panic without text",
    };
    NoAnswer::Exception { text: format!("panic: {text}") }
}
