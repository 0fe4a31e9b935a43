//! The examples of RFC 7515, 7516, 7517, 7519, 7520, 7797 and 8037, and what was derived from them.
//!
//! What no verifier can be shown (thumbprints, key agreement, base64url, certificate chains) is in the
//! tests of the forge. The sources have traps, each of which a test here holds fast:
//!
//! - RFC 7515 Appendix E prints `example.invalid` but encodes `example.com`, under `alg` none: whoever
//!   refuses `none` passes without knowing `crit`. The derived vectors say the same under a good MAC.
//! - RFC 8037 A.5 prints "Signing" but signs "signing".
//! - RFC 7520 §4.7 and §4.8 carry `alg` unprotected; §4.8's RSA and EC keys share a `kid`.
//! - Every JWT of the RFCs expired in 2011, so that they are played with a fixed clock.

mod class;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use self::class::Class;
use super::{Effective, compact_payload, honest, policy, public_set};
use crate::{
    case::{
        Belief, Capability, Case, CaseId, Category, Clause, Clock, HonestAlgorithm, Needs, Part,
        Permitted, Severity, Story,
    },
    catalogue::Family,
    env::NumericDate,
    policy::{Keys, KeysRecipe, PolicyRecipe},
    recipe::{Json, JwsRecipe, PayloadEncoding, Recipe, Serialization, Signing},
    timeline::{DetachedPayload, Presentation, Timeline},
    verdict::Mode,
};

/// See the module.
pub const FAMILY: Family =
    Family { name: "rfc", title: "Examples printed in the RFCs, at their labels", cases };

/// The documents, in the order of the RFCs.
const DOCUMENTS: &[&str] = &[
    include_str!("../../rfc/rfc7515.json"),
    include_str!("../../rfc/rfc7516.json"),
    include_str!("../../rfc/rfc7517.json"),
    include_str!("../../rfc/rfc7519.json"),
    include_str!("../../rfc/rfc7520.json"),
    include_str!("../../rfc/rfc7797.json"),
    include_str!("../../rfc/rfc8037.json"),
    include_str!("../../rfc/derived.json"),
];

const OVERLAY: &str = include_str!("../../rfc/overlay.json");

/// When the example claims set of RFC 7519 §3.1 expires: 2011-03-22T18:43:00Z.
const EXPIRY: NumericDate = NumericDate(1_300_819_380);

#[derive(Debug, Deserialize)]
struct Document {
    vectors: Vec<Vector>,
}

#[derive(Debug, Clone, Deserialize)]
struct Vector {
    id: String,
    source: String,
    kind: String,
    #[serde(default)]
    alg: Value,
    inputs: Map<String, Value>,
    expected: Map<String, Value>,
    #[serde(default)]
    notes: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    id: String,
    /// The label that the entry was written against; a test holds it to the file's.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the test that compares labels"))]
    upstream: String,
    effective: Effective,
    why: String,
}

fn cases() -> Vec<Case> {
    // The documents are part of the binary; that they parse, and how many cases they make, is tested.
    Examples::load().map(|examples| examples.cases()).unwrap_or_default()
}

struct Examples {
    vectors: Vec<Vector>,
    overlay: Vec<Entry>,
}

impl Examples {
    fn load() -> Result<Self, serde_json::Error> {
        let mut vectors = Vec::new();
        for document in DOCUMENTS {
            vectors.extend(serde_json::from_str::<Document>(document)?.vectors);
        }
        Ok(Self { vectors, overlay: serde_json::from_str(OVERLAY)? })
    }

    fn cases(&self) -> Vec<Case> {
        self.vectors.iter().flat_map(|vector| self.cases_of(vector)).collect()
    }

    fn cases_of(&self, vector: &Vector) -> Vec<Case> {
        match vector.kind.as_str() {
            kind if kind.starts_with("jws-") => self.jws(vector).into_iter().collect(),
            "jwt" => self.jwt(vector),
            "jwe-compact" | "jwe-general" | "jwe-flattened" | "nested-jwt" => {
                self.jwe(vector).into_iter().collect()
            }
            "jwk" | "jwks" => self.keys(vector).into_iter().collect(),
            // Thumbprints, key agreement, base64url and certificate chains: tests of the forge.
            _ => Vec::new(),
        }
    }

    fn find(&self, id: &str) -> Option<&Vector> {
        self.vectors.iter().find(|vector| vector.id == id)
    }

    fn jws(&self, vector: &Vector) -> Option<Case> {
        // An unsecured example names no key; whoever refuses it must be able to accept something, so that
        // the verifier holds the key of RFC 7515 A.1.
        let keyed = if vector.keys().is_empty() { self.find("rfc7515-A.1")? } else { vector };
        let (effective, differs_because) = self.label(vector);
        let token = vector.token()?;
        let payload = vector.payload().or_else(|| compact_payload(&token));
        let detached = vector.kind.ends_with("-detached");

        let mut capabilities = vec![
            if vector.is_json() { Capability::JwsJson } else { Capability::Jws },
            Capability::Jwks,
        ];
        if detached || vector.inputs.get("b64") == Some(&Value::Bool(false)) {
            capabilities.push(Capability::B64False);
        }
        let mut presentation = Presentation::new(
            Mode::Jws,
            Recipe::Text(token),
            permitted(effective, payload.clone()),
        );
        if detached {
            presentation.detached_payload = payload.map(DetachedPayload);
        }
        let class = Class::of_jws(vector, effective);
        let twin = (effective == Effective::Invalid).then(|| id("rfc7515-A.1"));
        Some(Case {
            needs: Needs {
                capabilities,
                lacks: Vec::new(),
                effective: Vec::new(),
                spared: Vec::new(),
                algorithms: keyed.honest_algorithms(),
            },
            policy: keyed.policy(),
            timeline: Timeline::of(presentation),
            twin,
            ..class.case(vector, effective, differs_because)
        })
    }

    /// The example itself at a fixed time, and after it has expired.
    fn jwt(&self, vector: &Vector) -> Vec<Case> {
        let Some(token) = vector.token() else { return Vec::new() };
        let Some(keyed) =
            (if vector.keys().is_empty() { self.find("rfc7515-A.1") } else { Some(vector) })
        else {
            return Vec::new();
        };
        let (effective, differs_because) = self.label(vector);
        let payload = vector.payload().or_else(|| compact_payload(&token));
        let mut policy = keyed.policy();
        let claims: Option<Value> =
            payload.as_deref().and_then(|octets| serde_json::from_slice(octets).ok());
        let issuer = claims.as_ref().and_then(|claims| claims.get("iss")).and_then(Value::as_str);
        for trusted in &mut policy.issuers {
            trusted.issuer = issuer.map(str::to_owned);
        }
        let class = Class::of_jws(vector, effective);
        let case = Case {
            needs: Needs {
                capabilities: vec![Capability::Jwt, Capability::Jwks, Capability::Clock],
                lacks: Vec::new(),
                effective: Vec::new(),
                spared: Vec::new(),
                algorithms: keyed.honest_algorithms(),
            },
            clock: Clock::At(EXPIRY.plus(-60)),
            issuers: Vec::new(),
            policy,
            timeline: Timeline::of(Presentation::new(
                Mode::Jwt,
                Recipe::Text(token.clone()),
                permitted(effective, payload),
            )),
            twin: (effective == Effective::Invalid).then(|| id("rfc7519-3.1")),
            ..class.case(vector, effective, differs_because)
        };
        let mut cases = Vec::new();
        if effective == Effective::Valid {
            cases.push(expired(&case, token));
        }
        cases.insert(0, case);
        cases
    }

    /// A JWE shown where a JWS is due, under the policy of a JWS example of the same form.
    fn jwe(&self, vector: &Vector) -> Option<Case> {
        let token = vector.token()?;
        let (mode, twin, capability) = match vector.kind.as_str() {
            "jwe-general" => (Mode::Jws, "rfc7515-A.6", Capability::JwsJson),
            "jwe-flattened" => (Mode::Jws, "rfc7515-A.7", Capability::JwsJson),
            "nested-jwt" => (Mode::Jwt, "rfc7519-3.1", Capability::Jwt),
            _ => (Mode::Jws, "rfc7515-A.1", Capability::Jws),
        };
        let honest_case = self.cases_of(self.find(twin)?).into_iter().next()?;
        let mut needs = honest_case.needs.clone();
        needs.capabilities =
            [capability].into_iter().chain(needs.capabilities.into_iter().skip(1)).collect();
        Some(Case {
            needs,
            clock: honest_case.clock,
            issuers: Vec::new(),
            policy: honest_case.policy.clone(),
            timeline: Timeline::of(Presentation::new(
                mode,
                Recipe::Text(token),
                Permitted::refuse(),
            )),
            twin: Some(id(twin)),
            ..Class::Jwe.case(vector, Effective::Invalid, None)
        })
    }

    /// Key documents that some example signs under.
    fn keys(&self, vector: &Vector) -> Option<Case> {
        let (keys, token, alg, jwk, payload) = match vector.id.as_str() {
            "rfc7517-3" => {
                let signed = self.find("rfc7515-A.3")?;
                let jwk = vector.inputs.get("jwk")?.clone();
                let keys = public_set(std::slice::from_ref(&jwk));
                (
                    keys,
                    Recipe::Text(signed.token()?),
                    "ES256",
                    jwk,
                    Belief::Payload(signed.payload()?),
                )
            }
            "rfc7517-A.1" => {
                let private =
                    self.find("rfc7517-A.2")?.inputs.get("jwks")?.get("keys")?.get(1)?.clone();
                let keys = literal_set(vector)?;
                (keys, signed_by(&private, "RS256"), "RS256", private, Belief::Signed)
            }
            "rfc7517-A.3" => {
                let secret = vector.inputs.get("jwks")?.get("keys")?.get(1)?.clone();
                (literal_set(vector)?, signed_by(&secret, "HS256"), "HS256", secret, Belief::Signed)
            }
            _ => return None,
        };
        Some(Case {
            needs: Needs {
                capabilities: vec![Capability::Jws, Capability::Jwks],
                lacks: Vec::new(),
                effective: Vec::new(),
                spared: Vec::new(),
                algorithms: vec![honest(alg, Some(&jwk))],
            },
            policy: policy(keys, vec![alg.to_owned()]),
            timeline: Timeline::of(Presentation::new(
                Mode::Jws,
                token,
                Permitted::accept_believing(payload),
            )),
            ..Class::KeyDocument.case(vector, Effective::Valid, None)
        })
    }

    fn label(&self, vector: &Vector) -> (Effective, Option<String>) {
        if let Some(entry) = self.overlay.iter().find(|entry| entry.id == vector.id) {
            return (entry.effective, Some(entry.why.clone()));
        }
        let effective = match vector.result() {
            "valid" => Effective::Valid,
            "policy" => Effective::Policy,
            // `invalid`, and `unsecured`, which has to be refused wherever a key is configured.
            _ => Effective::Invalid,
        };
        (effective, None)
    }
}

impl Vector {
    fn result(&self) -> &str {
        self.expected.get("result").and_then(Value::as_str).unwrap_or_default()
    }

    fn is_json(&self) -> bool {
        self.inputs.contains_key("jws") && !self.inputs.contains_key("compact")
    }

    fn token(&self) -> Option<String> {
        let text = |name: &str| self.inputs.get(name).and_then(Value::as_str).map(str::to_owned);
        let json = |name: &str| self.inputs.get(name).map(Value::to_string);
        text("compact").or_else(|| json("jws")).or_else(|| json("jwe"))
    }

    fn payload(&self) -> Option<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(self.expected.get("payload_b64u")?.as_str()?).ok()
    }

    /// The keys that the signatures are to be checked with.
    fn keys(&self) -> Vec<Value> {
        let set = self
            .inputs
            .get("jwks_verify")
            .and_then(|set| set.get("keys"))
            .and_then(Value::as_array);
        match (set, self.inputs.get("jwk_verify")) {
            (Some(keys), _) => keys.clone(),
            (None, Some(jwk)) => vec![jwk.clone()],
            (None, None) => Vec::new(),
        }
    }

    fn algorithms(&self) -> Vec<String> {
        match &self.alg {
            Value::String(alg) => vec![alg.clone()],
            Value::Array(list) => {
                list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
        }
    }

    /// Each algorithm with the curve of the key that goes with it.
    fn honest_algorithms(&self) -> Vec<HonestAlgorithm> {
        let keys = self.keys();
        self.algorithms()
            .iter()
            .map(|alg| {
                let kty = match alg.get(..2) {
                    Some("ES") => "EC",
                    Some("Ed") => "OKP",
                    _ => "",
                };
                honest(
                    alg,
                    keys.iter().find(|jwk| jwk.get("kty").and_then(Value::as_str) == Some(kty)),
                )
            })
            .collect()
    }

    fn policy(&self) -> PolicyRecipe {
        policy(public_set(&self.keys()), self.algorithms())
    }
}

fn expired(case: &Case, token: String) -> Case {
    Case {
        id: CaseId::new(
            FAMILY.name,
            &format!("{}-expired", case.id.as_str().trim_start_matches("rfc/")),
        ),
        title: format!(
            "refuses the example of {} a day after it expired",
            case.source.as_ref().map_or("this RFC", |source| source.document.as_str())
        ),
        story: Story {
            rule: "The current time must be before `exp`, but for a small leeway.".to_owned(),
            attack: "A token that was stolen, logged or left in a cache is shown after its time."
                .to_owned(),
            consequence: "A token is good for ever.".to_owned(),
            remedy: "Compare `exp` with the clock on every verification.".to_owned(),
        },
        clauses: vec![Clause("RFC 7519 §4.1.4".to_owned())],
        cwe: vec![613],
        category: Category::ClaimsTime,
        severity: Severity::High,
        part: Part::Time,
        twin: Some(case.id.clone()),
        clock: Clock::At(EXPIRY.plus(86_400)),
        issuers: Vec::new(),
        timeline: Timeline::of(Presentation::new(
            Mode::Jwt,
            Recipe::Text(token),
            Permitted::refuse(),
        )),
        ..case.clone()
    }
}

fn permitted(effective: Effective, payload: Option<Vec<u8>>) -> Permitted {
    let belief = payload.map_or(Belief::Signed, Belief::Payload);
    match effective {
        Effective::Valid => Permitted::accept_believing(belief),
        Effective::Invalid | Effective::Should => Permitted::refuse(),
        Effective::Policy => Permitted::choice(belief),
    }
}

/// `rfc7515-A.1` as `rfc/7515-a-1`.
fn id(vector: &str) -> CaseId {
    let slug: String = vector
        .trim_start_matches("rfc")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    CaseId::new(FAMILY.name, &slug)
}

/// The document as printed, private members and all: what a careless operator publishes.
fn literal_set(vector: &Vector) -> Option<KeysRecipe> {
    Some(KeysRecipe::Literal(Keys::Jwks(vector.inputs.get("jwks")?.to_string())))
}

/// A JWS that names the key by its `kid`.
fn signed_by(jwk: &Value, alg: &str) -> Recipe {
    let mut header = vec![("alg".to_owned(), json!(alg))];
    if let Some(kid) = jwk.get("kid") {
        header.push(("kid".to_owned(), kid.clone()));
    }
    Recipe::Jws(Box::new(JwsRecipe {
        protected: Some(Json::Members(header)),
        unprotected: None,
        payload: Json::Text("signed under a key of RFC 7517".to_owned()),
        signing: Signing::Jwk { jwk: jwk.clone(), alg: alg.to_owned() },
        serialization: Serialization::Compact,
        payload_encoding: PayloadEncoding::Base64url,
        detached: false,
        spelling: Vec::new(),
        edits: Vec::new(),
    }))
}

#[cfg(test)]
mod tests;
