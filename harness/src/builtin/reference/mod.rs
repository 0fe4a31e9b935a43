//! The strict reference verifier: small, complete, and of no other opinion than the specifications.
//!
//! Where a specification leaves a choice, it takes the stricter side and says so in
//! [`Description::declares`]. It shares no line and no cryptography with the forge that makes the
//! catalogue's tokens, so that one mistake cannot cancel itself: signatures are verified by
//! `aws-lc-rs`, and Ed448, which that does not have, by `ed448-goldilocks`.
//!
//! A token takes this way, and every refusal on it is a [`Check`]:
//!
//! 1. `jws` takes the serialization apart, `header` judges the header.
//! 2. In `jwt` mode `claims` are read, once, and `iss` picks the issuers whose keys may have signed.
//! 3. `keyring` picks the candidates among those keys, `key` verifies. Keys that the issuer publishes are
//!    fetched by `remote`, here and not before, so that a token that fails earlier makes no request.
//! 4. The claims, now known to be the issuer's, are judged.
//!
//! What is chosen where there is a choice:
//! - Duplicate members are refused in headers, claims, keys and key sets.
//! - A `kid` that no key of a set has is refused; for a single configured key it is a hint. Without
//!   `kid` every key of the right type is tried, up to 32 for one token.
//! - Of several signatures one good one is enough, and the others do not matter; a JSON serialization
//!   that is malformed is refused whatever its signatures.
//! - `exp` is not demanded unless the policy requires it; there is no leeway unless it gives one.
//! - Claims of a wrong type (`iat`, `sub`, `jti`) are refused.
//! - A key set that is published verifies no HMAC: a secret that can be fetched is none.
//! - Tokens of an issuer that is known by its metadata have to name it in `iss`, unless the policy names
//!   another one.
//! - Where no key set can be had there is no decision, and the verdict says so: [`Verdict::Unavailable`].
//!
//! Time is what the questions say, for claims and for the age of key sets alike, so that hours pass in no
//! time; [`Reference::on_the_wall`] goes by the machine's clocks instead, as a product would. The network's
//! deadlines are in real time in both.

mod algorithms;
mod base64url;
mod checks;
mod claims;
mod clock;
mod der;
mod edwards;
mod header;
mod json;
mod jwk;
mod jws;
mod key;
mod keyring;
mod pem;
mod policy;
mod remote;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, collections::BTreeMap};

use gauntlet_vectors::{
    NoAnswer, NumericDate, Policy, Presented, Verdict,
    case::Capability,
    verdict::{Believed, Mode},
};
use serde_json::{Map, Value, json};

pub use checks::{CHECKS, Check, Kind, Rules};

use self::{
    algorithms::{Alg, How},
    base64url::Buffer,
    checks::Refused,
    claims::Claims,
    clock::{Clock, Now, Watch},
    header::Header,
    json::Names,
    jws::{Compact, Json, Payload, Signature},
    keyring::{Signed, Tries},
    policy::{Denied, Route, Trust},
    remote::Options,
};
use crate::verifier::{
    Algorithms, Description, Implementation, ImplementationName, Refusal, Verifier,
};

/// The reference implementation, strict unless [`Rules`] say otherwise.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reference {
    rules: Rules,
    clock: Clock,
}

impl Reference {
    /// The reference as it is measured against.
    #[must_use]
    pub const fn strict() -> Self {
        Self::with_rules(Rules::STRICT)
    }

    /// The reference with some checks switched off: a verifier with just that flaw.
    #[must_use]
    pub const fn with_rules(rules: Rules) -> Self {
        Self { rules, clock: Clock::Given }
    }

    /// The reference as it would be in production: claims are judged by the machine's date, and key sets age
    /// by its monotonic clock, whatever the questions say.
    ///
    /// It lists neither [`Capability::Clock`] nor [`Capability::VirtualTime`].
    #[must_use]
    pub const fn on_the_wall() -> Self {
        Self { rules: Rules::STRICT, clock: Clock::Wall }
    }
}

impl Implementation for Reference {
    fn describe(&self) -> Description {
        let names = |wanted: fn(How) -> bool| {
            let served = Alg::ALL.iter().filter(|alg| wanted(alg.how()));
            served.map(|alg| alg.name().to_owned()).collect::<Vec<_>>()
        };
        let is_hmac = |how: How| matches!(how, How::Hmac { .. });
        let is_public = |how: How| !matches!(how, How::Hmac { .. });
        let mut features = vec![
            Capability::Jwt,
            Capability::Jws,
            Capability::JwsJson,
            Capability::B64False,
            Capability::Jwks,
            Capability::Jwk,
            Capability::Pem,
            Capability::Der,
            Capability::Secret,
            Capability::JwksUri,
            Capability::Discovery,
            Capability::MultiIssuer,
            Capability::TokenType,
            Capability::Several,
            Capability::Concurrent,
        ];
        match self.clock {
            Clock::Given => features.extend([Capability::Clock, Capability::VirtualTime]),
            Clock::Wall => {}
        }
        let mut defaults = object(Options::DEFAULT.tell());
        defaults.insert("leeway_s".to_owned(), json!(0));
        Description {
            implementation: ImplementationName {
                name: "reference".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                language: "Rust".to_owned(),
            },
            features,
            algorithms: Algorithms::ByKind(BTreeMap::from([
                ("jwks".to_owned(), names(|_| true)),
                ("jwk".to_owned(), names(|_| true)),
                ("pem".to_owned(), names(is_public)),
                ("der".to_owned(), names(is_public)),
                ("secret".to_owned(), names(is_hmac)),
                ("jwks_uri".to_owned(), names(is_public)),
                ("discovery".to_owned(), names(is_public)),
            ])),
            curves: None,
            adapter_does: Vec::new(),
            defaults,
            declares: object(json!({
                "duplicate_header": "reject",
                "kid_required": "never",
                "on_outage": "serve_stale",
                "unknown_kid": "reject",
            })),
        }
    }

    fn configure(&self, policy: &Policy, _: NumericDate) -> Result<Box<dyn Verifier>, Refusal> {
        let trust = Trust::prepare(policy, self.rules)?;
        let fetch = trust.fetches().then(|| Options::of(policy.fetch.as_ref()));
        Ok(Box::new(Configured { trust, fetch, watch: self.clock.start(), rules: self.rules }))
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}

/// The reference with a policy.
#[derive(Debug)]
struct Configured {
    trust: Trust,
    /// How key sets are fetched, where any are.
    fetch: Option<Options>,
    watch: Watch,
    rules: Rules,
}

impl Verifier for Configured {
    fn verify(&self, presented: &Presented, now: NumericDate) -> Result<Verdict, NoAnswer> {
        Ok(match self.judge(presented, self.watch.at(now)) {
            Ok(believed) => Verdict::Accept(believed),
            Err(Denied::Refused(refused)) => Verdict::reject(refused.to_string()),
            Err(Denied::Unavailable(error)) => Verdict::Unavailable { error },
        })
    }

    fn effective(&self) -> Map<String, Value> {
        self.fetch.map_or_else(Map::new, |options| object(options.tell()))
    }
}

impl Configured {
    /// The longest token looked at, in octets.
    const LONGEST: usize = 1 << 20;

    fn judge(&self, presented: &Presented, now: Now) -> Result<Believed, Denied> {
        let Presented { mode, token, detached_payload } = presented;
        if token.len() > Self::LONGEST {
            let detail = format!("{} octets", token.len());
            self.rules.refuse(Check::TokenLength, detail)?;
        }
        let token = std::str::from_utf8(token)
            .map_err(|error| Refused::by(Check::TokenEncoding, error.to_string()))?;
        let is_json = token.trim_ascii_start().starts_with('{');
        let beside = detached_payload.as_deref();
        match mode {
            Mode::Jwt if is_json => {
                Err(Refused::by(Check::JwtCompact, "a JSON serialization is no JWT").into())
            }
            Mode::Jwt if beside.is_some() => {
                Err(Refused::by(Check::DetachedTwice, "a JWT brings its own payload").into())
            }
            Mode::Jwt => self.jwt(token, now),
            Mode::Jws if is_json => self.jws_json(token, beside, now),
            Mode::Jws => self.jws(token, beside, now),
        }
    }

    fn jwt(&self, token: &str, now: Now) -> Result<Believed, Denied> {
        let rules = self.rules;
        let compact = Compact::split(token)?;
        let (mut buffer, mut header) = (Buffer::new(), Header::default());
        header.fill_from(buffer.decode(rules, compact.header, "header")?, rules)?;
        let jose = header.judge(self.trust.token_type.as_ref(), rules)?;
        if !jose.b64 {
            rules.refuse(Check::B64Jwt, "`b64` is false")?;
        }
        header.judge_nesting(rules)?;
        let payload = Payload::Attached(compact.payload).octets(jose.b64, rules)?;
        let mut claims = Claims::asked_by(&self.trust);
        claims.fill_from(&payload, rules)?;
        let route = self.trust.route(claims.iss(), rules)?;
        let mut buffer = Buffer::new();
        let signature = buffer.decode(rules, compact.signature, "signature")?;
        let mut tries = Tries::new();
        let signed = Signed { jose: &jose, message: compact.message.as_bytes(), signature };
        let (issuer, kid) = self.trust.verify(route, &signed, now, &mut tries, rules)?;
        claims.judge(issuer, &self.trust, now.date().0, rules)?;
        Ok(Believed { claims: None, key: kid.map(Cow::into_owned), payload: Some(payload) })
    }

    fn jws(&self, token: &str, beside: Option<&[u8]>, now: Now) -> Result<Believed, Denied> {
        let rules = self.rules;
        let compact = Compact::split(token)?;
        let payload = Payload::of(Some(compact.payload), beside)?;
        let (mut buffer, mut header) = (Buffer::new(), Header::default());
        header.fill_from(buffer.decode(rules, compact.header, "header")?, rules)?;
        let jose = header.judge(self.trust.token_type.as_ref(), rules)?;
        if let Payload::Attached(text) = payload
            && !jose.b64
            && !text.bytes().all(|octet| matches!(octet, b' '..=b'~'))
        {
            rules.refuse(Check::B64Characters, "the payload is not printable ASCII")?;
        }
        let mut buffer = Buffer::new();
        let signature = buffer.decode(rules, compact.signature, "signature")?;
        let mut tries = Tries::new();
        let detached;
        let message = match payload {
            Payload::Attached(_) => compact.message.as_bytes(),
            Payload::Detached(_) => {
                detached = payload.message(compact.header, jose.b64);
                &detached
            }
        };
        let signed = Signed { jose: &jose, message, signature };
        let (_, kid) = self.trust.verify(Route::All, &signed, now, &mut tries, rules)?;
        let octets = payload.octets(jose.b64, rules)?;
        Ok(Believed { claims: None, key: kid.map(Cow::into_owned), payload: Some(octets) })
    }

    /// The first good signature decides what is believed; the others are looked at all the same,
    /// because all of them have to agree on `b64`.
    fn jws_json(&self, text: &str, beside: Option<&[u8]>, now: Now) -> Result<Believed, Denied> {
        let json = Json::read(text, self.rules)?;
        let payload = Payload::of(json.payload.as_deref(), beside)?;
        let mut tries = Tries::new();
        let mut agreed = None;
        let mut good = None;
        let mut bad = None;
        for signature in &json.signatures {
            match self.signature(signature, payload, now, &mut agreed, &mut tries) {
                Ok(found) => good = good.or(Some(found)),
                Err(Denied::Refused(refused)) if refused.check == Check::B64Mixed => {
                    return Err(refused.into());
                }
                Err(denied) => bad = Some(denied.after(bad)),
            }
        }
        let Some((key, b64)) = good else {
            let none = || Refused::by(Check::JwsUnsigned, "no signature").into();
            return Err(bad.unwrap_or_else(none));
        };
        let octets = payload.octets(b64, self.rules)?;
        Ok(Believed { claims: None, key, payload: Some(octets) })
    }

    /// Verifies one signature of a JSON serialization: the name of its key, and its `b64`.
    fn signature(
        &self,
        signature: &Signature<'_>,
        payload: Payload<'_>,
        now: Now,
        agreed: &mut Option<bool>,
        tries: &mut Tries,
    ) -> Result<(Option<String>, bool), Denied> {
        let rules = self.rules;
        let (mut buffer, mut header) = (Buffer::new(), Header::default());
        let mut names = Names::none();
        if let Some(text) = &signature.protected {
            names = header.fill_from(buffer.decode(rules, text, "protected header")?, rules)?;
        }
        if let Some(text) = signature.header {
            header.unite(&names, text, rules)?;
        }
        let jose = header.judge(self.trust.token_type.as_ref(), rules)?;
        if agreed.replace(jose.b64).is_some_and(|other| other != jose.b64) {
            rules.refuse(Check::B64Mixed, "the signatures differ in `b64`")?;
        }
        let message = payload.message(signature.protected.as_deref().unwrap_or_default(), jose.b64);
        let octets = base64url::decode(rules, &signature.signature, "signature")?;
        let signed = Signed { jose: &jose, message: &message, signature: &octets };
        let (_, kid) = self.trust.verify(Route::All, &signed, now, tries, rules)?;
        Ok((kid.map(Cow::into_owned), jose.b64))
    }
}
