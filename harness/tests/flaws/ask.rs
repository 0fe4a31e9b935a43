//! A question on its way to the reference, so that a flaw can bend it, or the answer.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use gauntlet_vectors::{
    NumericDate, Policy, Presented, Verdict,
    forge::{
        self, KeyName,
        keys::{self, TestKey},
        sign,
    },
    policy::Keys,
    verdict::{Believed, Mode},
};
use jwks_gauntlet::{
    builtin::reference::{Check, Reference, Rules},
    verifier::Implementation,
};
use serde_json::{Map, Value};

/// A policy, a token and a time; what the flawed verifier is asked.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(crate) policy: Arc<Policy>,
    pub(crate) presented: Presented,
    pub(crate) now: NumericDate,
    rules: Rules,
}

/// What the reference said before: most flaws ask it most questions as they are, and it has no memory.
type Answers = HashMap<(String, Rules, Vec<u8>, Option<Vec<u8>>, Mode, i64), Verdict>;
static ANSWERS: LazyLock<Mutex<Answers>> = LazyLock::new(Mutex::default);

impl Ask {
    pub(crate) fn new(policy: &Arc<Policy>, presented: &Presented, now: NumericDate) -> Self {
        let (policy, presented) = (Arc::clone(policy), presented.clone());
        Self { policy, presented, now, rules: Rules::STRICT }
    }

    /// What the reference says, with the rules as they are by now.
    pub(crate) fn verdict(&self) -> Verdict {
        let Presented { mode, token, detached_payload } = &self.presented;
        // The tokens of long cases are not worth their memory.
        if token.len() > 4096 {
            return self.asked();
        }
        let key = (
            serde_json::to_string(&*self.policy).unwrap(),
            self.rules,
            token.clone(),
            detached_payload.clone(),
            *mode,
            self.now.0,
        );
        if let Some(known) = ANSWERS.lock().unwrap().get(&key) {
            return known.clone();
        }
        let verdict = self.asked();
        ANSWERS.lock().unwrap().insert(key, verdict.clone());
        verdict
    }

    fn asked(&self) -> Verdict {
        match Reference::with_rules(self.rules).configure(&self.policy, self.now) {
            Ok(verifier) => match verifier.verify(&self.presented, self.now) {
                Ok(verdict) => verdict,
                Err(silence) => Verdict::reject(silence.to_string()),
            },
            Err(refusal) => Verdict::reject(refusal.to_string()),
        }
    }

    pub(crate) fn accepts(&self) -> bool {
        matches!(self.verdict(), Verdict::Accept(_))
    }

    /// The same without these checks.
    pub(crate) fn without(mut self, checks: &[Check]) -> Self {
        for check in checks {
            self.rules = self.rules.without(*check);
        }
        self
    }

    /// The same under another policy.
    pub(crate) fn policy(mut self, change: impl FnOnce(&mut Policy)) -> Self {
        change(Arc::make_mut(&mut self.policy));
        self
    }

    /// The same with other texts of key sets and keys.
    pub(crate) fn key_texts(self, change: impl Fn(&str) -> String) -> Self {
        self.policy(|policy| {
            for issuer in &mut policy.issuers {
                match &mut issuer.keys {
                    Keys::Jwks(text) | Keys::Jwk(text) | Keys::Pem(text) => *text = change(text),
                    Keys::JwksB64(octets) => {
                        let text = change(&String::from_utf8_lossy(octets));
                        issuer.keys = Keys::Jwks(text);
                    }
                    _ => {}
                }
            }
        })
    }

    /// The same with every JWK of every set changed, or left out.
    pub(crate) fn jwks(
        self,
        change: impl Fn(Map<String, Value>) -> Option<Map<String, Value>>,
    ) -> Self {
        self.key_texts(|text| {
            let Ok(mut document) = serde_json::from_str::<Value>(text) else {
                return text.to_owned();
            };
            if let Some(all) = document.get_mut("keys").and_then(Value::as_array_mut) {
                *all = std::mem::take(all)
                    .into_iter()
                    .filter_map(|jwk| match jwk {
                        Value::Object(jwk) => change(jwk).map(Value::Object),
                        other => Some(other),
                    })
                    .collect();
            } else if let Value::Object(jwk) = document {
                document = change(jwk).map_or(Value::Null, Value::Object);
            }
            document.to_string()
        })
    }

    /// The same with another token.
    pub(crate) fn token(mut self, change: impl FnOnce(&str) -> String) -> Self {
        let text = String::from_utf8_lossy(&self.presented.token).into_owned();
        self.presented.token = change(&text).into_bytes();
        self
    }

    pub(crate) fn at(mut self, now: i64) -> Self {
        self.now = NumericDate(now);
        self
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.presented.token).into_owned()
    }

    pub(crate) fn is_jwt(&self) -> bool {
        self.presented.mode == Mode::Jwt
    }

    pub(crate) fn segments(&self) -> Vec<String> {
        self.text().split('.').map(str::to_owned).collect()
    }

    pub(crate) fn octets(&self, segment: usize) -> Vec<u8> {
        self.segments().get(segment).and_then(forge::from_base64url).unwrap_or_default()
    }

    /// The header as a careless reader sees it.
    pub(crate) fn header(&self) -> Map<String, Value> {
        serde_json::from_slice(&self.octets(0)).unwrap_or_default()
    }

    pub(crate) fn claims(&self) -> Map<String, Value> {
        serde_json::from_slice(&self.octets(1)).unwrap_or_default()
    }

    pub(crate) fn header_text(&self, name: &str) -> String {
        self.header().get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// What was signed: all before the last period of three segments.
    pub(crate) fn signing_input(&self) -> String {
        self.text().rsplit_once('.').map(|(input, _)| input.to_owned()).unwrap_or_default()
    }

    /// Accepts the payload as it stands.
    pub(crate) fn believe(&self) -> Verdict {
        let payload = Some(self.octets(1));
        Verdict::Accept(Believed { claims: None, payload, key: None })
    }

    /// What the reference says, but an acceptance where this holds.
    pub(crate) fn or(self, also: impl FnOnce(&Self) -> bool) -> Verdict {
        match self.verdict() {
            Verdict::Accept(believed) => Verdict::Accept(believed),
            _ if also(&self) => self.believe(),
            refused => refused,
        }
    }

    /// What the reference says, but a refusal where this does not hold.
    pub(crate) fn and(self, also: impl FnOnce(&Self) -> bool) -> Verdict {
        match self.verdict() {
            Verdict::Accept(_) if !also(&self) => Verdict::reject("flawed: not to my liking"),
            verdict => verdict,
        }
    }

    /// The claims of a token that is judged by hand: as if it were signed by the right key.
    ///
    /// Issuer, audience and time as the policy has them, by the shortest way.
    pub(crate) fn claims_hold(&self) -> bool {
        if !self.is_jwt() {
            return true;
        }
        let claims = self.claims();
        let policy = &self.policy;
        let iss = claims.get("iss").and_then(Value::as_str);
        let named = policy.issuers.iter().any(|issuer| issuer.issuer.is_some());
        let issuer = !named || policy.issuers.iter().any(|issuer| issuer.issuer.as_deref() == iss);
        let own = policy.issuers.iter().find(|issuer| issuer.issuer.as_deref() == iss);
        let audiences = match own {
            Some(own) if !own.audiences.is_empty() => &own.audiences,
            _ => &policy.audiences,
        };
        let audience = match claims.get("aud") {
            Some(Value::String(aud)) => audiences.contains(aud),
            Some(Value::Array(auds)) => {
                auds.iter().any(|aud| audiences.iter().any(|ours| aud == ours))
            }
            Some(_) => false,
            None => audiences.is_empty(),
        };
        let exp = claims
            .get("exp")
            .is_none_or(|exp| exp.as_f64().is_some_and(|exp| exp > self.now.0 as f64));
        issuer && audience && exp && !claims.is_empty()
    }

    /// The test keys that the policy trusts, however it writes them.
    pub(crate) fn trusted(&self) -> Vec<&'static TestKey> {
        self.policy.issuers.iter().flat_map(|issuer| in_keys(&issuer.keys)).collect()
    }

    /// Whether the token's last segment is a genuine signature of this key with this algorithm.
    pub(crate) fn signed_by(&self, key: &TestKey, alg: &str) -> bool {
        let input = self.signing_input();
        sign::sign(key, alg, input.as_bytes(), 0).is_ok_and(|due| due == self.octets(2))
    }

    /// Whether a trusted key signed it with this algorithm, whatever the header says.
    pub(crate) fn signed_with(&self, alg: &str) -> bool {
        self.trusted().into_iter().any(|key| self.signed_by(key, alg))
    }

    /// Whether the signature is an HMAC keyed with these octets, by the algorithm that the header names.
    pub(crate) fn mac_of(&self, key: &[u8]) -> bool {
        let alg = self.header_text("alg");
        sign::hmac(&alg, key, self.signing_input().as_bytes())
            .is_ok_and(|due| due == self.octets(2))
    }

    /// Whether the allow-list that applies to everybody has this.
    pub(crate) fn allows(&self, alg: &str) -> bool {
        self.policy.algorithms.is_empty() || self.policy.algorithms.iter().any(|name| name == alg)
    }
}

/// Every test key.
pub(crate) fn test_keys() -> impl Iterator<Item = &'static TestKey> {
    keys::NAMES.iter().filter_map(|name| keys::find(&KeyName::from(*name)).ok())
}

/// The number by which a key is known.
pub(crate) fn number(key: &TestKey) -> Vec<u8> {
    let jwk = key.public_jwk();
    ["n", "x", "k"]
        .iter()
        .find_map(|member| forge::from_base64url(jwk.get(*member)?.as_str()?))
        .unwrap_or_default()
}

/// The test keys in a document of any kind: those whose number it holds.
pub(crate) fn in_keys(keys: &Keys) -> Vec<&'static TestKey> {
    let octets: Vec<Vec<u8>> = match keys {
        Keys::Jwks(text) | Keys::Jwk(text) => {
            let document: Value = serde_json::from_str(text).unwrap_or_default();
            let all = document.get("keys").and_then(Value::as_array).cloned();
            return all.unwrap_or_else(|| vec![document]).iter().filter_map(in_jwk).collect();
        }
        Keys::Pem(text) => text
            .split("-----")
            .chain(text.split_whitespace())
            .map(|part| part.split_whitespace().collect::<String>())
            .filter_map(|part| STANDARD.decode(part).ok())
            .collect(),
        Keys::DerB64(octets) | Keys::SecretB64(octets) => vec![octets.clone()],
        _ => Vec::new(),
    };
    in_octets(&octets)
}

/// The test keys whose number is in any of these.
pub(crate) fn in_octets(octets: &[Vec<u8>]) -> Vec<&'static TestKey> {
    test_keys()
        .filter(|key| {
            let number = number(key);
            octets.iter().any(|octets| octets.windows(number.len()).any(|part| part == number))
        })
        .collect()
}

/// The test key of a JWK.
pub(crate) fn in_jwk(jwk: &Value) -> Option<&'static TestKey> {
    let octets: Vec<Vec<u8>> = ["n", "x", "k"]
        .iter()
        .filter_map(|member| forge::from_base64url(jwk.get(*member)?.as_str()?))
        .collect();
    test_keys().find(|key| octets.contains(&number(key)))
}
