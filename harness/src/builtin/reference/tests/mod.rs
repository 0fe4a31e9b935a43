//! The reference against published vectors, against tokens of its own making, and against the table
//! of its checks.

mod keys;
mod published;
mod samples;
mod tokens;

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use gauntlet_vectors::{
    NumericDate, Policy, Presented, Verdict,
    policy::{FetchOptions, Keys, TrustedIssuer},
    verdict::{Believed, Mode},
};

use super::{Reference, Rules};
use crate::verifier::{Implementation, Refusal};

const NOW: NumericDate = NumericDate::VIRTUAL;
const ISSUER: &str = "https://issuer.test";
const AUDIENCE: &str = "https://api.test";
const SECRET: [u8; 64] = *b"sixty-four octets, so that HS512 may use them without complaint.";
const CLAIMS: &str =
    r#"{"iss":"https://issuer.test","aud":"https://api.test","sub":"alice","exp":1767229200}"#;

/// The JWK of [`SECRET`] with these members more.
fn oct(more: &str) -> String {
    format!(r#"{{"kty":"oct","k":"{}"{more}}}"#, URL_SAFE_NO_PAD.encode(SECRET))
}

fn set(keys: &[String]) -> Keys {
    Keys::Jwks(format!(r#"{{"keys":[{}]}}"#, keys.join(",")))
}

/// One issuer with a name and an audience.
fn full(keys: Keys) -> Policy {
    let mut policy = bare(keys);
    policy.audiences = vec![AUDIENCE.to_owned()];
    for issuer in &mut policy.issuers {
        issuer.issuer = Some(ISSUER.to_owned());
    }
    policy
}

/// Keys and nothing else.
fn bare(keys: Keys) -> Policy {
    Policy::trusting(keys)
}

fn named(issuer: &str, keys: Keys) -> TrustedIssuer {
    TrustedIssuer {
        issuer: Some(issuer.to_owned()),
        keys,
        algorithms: Vec::new(),
        audiences: Vec::new(),
    }
}

fn b64(octets: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

/// A MAC with [`SECRET`], encoded.
fn mac(message: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &SECRET);
    b64(hmac::sign(&key, message.as_bytes()))
}

/// A compact token over these texts, under [`SECRET`] and HS256, whatever the header says.
fn hs256(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    let message = format!("{}.{}", b64(header), b64(payload));
    let signature = mac(&message);
    format!("{message}.{signature}")
}

fn jwt(token: impl Into<Vec<u8>>) -> Presented {
    Presented { mode: Mode::Jwt, token: token.into(), detached_payload: None }
}

fn jws(token: impl Into<Vec<u8>>) -> Presented {
    Presented { mode: Mode::Jws, token: token.into(), detached_payload: None }
}

fn beside(payload: &[u8], presented: Presented) -> Presented {
    Presented { detached_payload: Some(payload.to_vec()), ..presented }
}

/// What the reference believes, or the words with which it refuses configuration or token.
fn ask_with(rules: Rules, policy: &Policy, presented: &Presented) -> Result<Believed, String> {
    let verifier = match Reference::with_rules(rules).configure(policy, NOW) {
        Ok(verifier) => verifier,
        Err(Refusal::Rejected { error }) => return Err(error),
        Err(refusal) => panic!("{refusal}"),
    };
    match verifier.verify(presented, NOW).unwrap() {
        Verdict::Accept(believed) => Ok(believed),
        Verdict::Reject { error } => Err(error),
        Verdict::Unavailable { error } => panic!("{error}"),
    }
}

fn ask(policy: &Policy, presented: &Presented) -> Result<Believed, String> {
    ask_with(Rules::STRICT, policy, presented)
}

/// The id of the check that refuses.
fn refusal(policy: &Policy, presented: &Presented) -> String {
    let error = ask(policy, presented).unwrap_err();
    error.split_once(": ").unwrap().0.to_owned()
}
