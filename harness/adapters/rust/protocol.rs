//! The adapter protocol for the Rust adapters: lines, base64, verifiers by name, panics. An adapter has a `hello` of its
//! own and a [`Verifier`] made from one issuer of the policy.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Mutex;

use base64::{engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD, Engine};
use serde::Deserialize;
use serde_json::{json, Map, Value};

/// What one issuer's tokens are held against.
pub trait Verifier: Sized {
    fn load(issuer: &Issuer, policy: &Policy) -> Result<Self, No>;
    fn verify(&self, presented: &Presented) -> Result<Accepted, No>;

    /// What holds of the policy's `fetch`, by those that fetch.
    fn effective(&self) -> Option<Value> {
        None
    }

    /// Many tokens at once, each by its verifier; one after the other where the library does nothing in between.
    fn verify_all(presented: Vec<(&Self, Presented)>) -> Vec<Result<Accepted, No>> {
        presented.iter().map(|(verifier, presented)| verifier.verify(presented)).collect()
    }
}

pub enum Accepted {
    Claims(Value),
    #[allow(dead_code, reason = "not every library checks a JWS alone")]
    Payload(Vec<u8>),
}

pub enum No {
    /// A member of the policy or the request that the library cannot express.
    Unsupported(&'static str),
    /// What the library refuses: a token, or a key at `configure`.
    Refused(String),
    /// No key set could be had.
    #[allow(dead_code, reason = "not every library fetches")]
    Unavailable(String),
}

/// Any error of the library, told as "Type: text".
impl<E: std::error::Error> From<E> for No {
    fn from(error: E) -> Self {
        No::Refused(format!("{}: {error}", std::any::type_name::<E>()))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code, reason = "not every library fetches")]
pub enum Keys {
    Jwks(String),
    JwksB64(Base64),
    JwksUri(String),
    Discovery(String),
    Jwk(String),
    Pem(String),
    DerB64(Base64),
    SecretB64(Base64),
}

#[derive(Deserialize)]
pub struct Issuer {
    pub issuer: Option<String>,
    pub keys: Keys,
    algorithms: Option<Vec<String>>,
    audiences: Option<Vec<String>>,
}

impl Issuer {
    pub fn algorithms<'a>(&'a self, policy: &'a Policy) -> Option<&'a [String]> {
        self.algorithms.as_deref().or(policy.algorithms.as_deref())
    }

    pub fn audiences<'a>(&'a self, policy: &'a Policy) -> Option<&'a [String]> {
        self.audiences.as_deref().or(policy.audiences.as_deref())
    }
}

#[derive(Deserialize)]
pub struct Policy {
    issuers: Vec<Issuer>,
    audiences: Option<Vec<String>>,
    algorithms: Option<Vec<String>>,
    #[serde(default)]
    pub required_claims: Vec<String>,
    pub token_type: Option<String>,
    pub leeway_s: Option<u64>,
    #[serde(default)]
    #[allow(dead_code, reason = "not every library fetches")]
    pub fetch: Fetch,
}

#[derive(Default, Deserialize)]
#[allow(dead_code, reason = "not every library fetches")]
pub struct Fetch {
    pub timeout_ms: Option<u64>,
    pub max_age_s: Option<f64>,
    pub cooldown_s: Option<f64>,
    pub ca_file: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
pub struct Presented {
    #[serde(default)]
    token: String,
    token_b64: Option<Base64>,
    #[serde(default)]
    mode: String,
    #[allow(dead_code, reason = "not every library has a clock to set")]
    pub now: Option<u64>,
    #[allow(dead_code, reason = "not every library knows RFC 7797")]
    pub detached_payload_b64: Option<Base64>,
}

impl Presented {
    pub fn token(&self) -> &[u8] {
        self.token_b64.as_ref().map_or(self.token.as_bytes(), |bytes| &bytes.0)
    }

    /// A JWS alone, whose claims nobody judges.
    pub fn is_jws(&self) -> bool {
        self.mode == "jws"
    }
}

/// Bytes that came as standard base64.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Base64(pub Vec<u8>);

impl TryFrom<String> for Base64 {
    type Error = base64::DecodeError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        STANDARD.decode(text).map(Self)
    }
}

#[derive(Deserialize)]
struct Request {
    id: i64,
    op: String,
    verifier: Option<String>,
    policy: Option<Policy>,
    #[serde(default)]
    tokens: Vec<String>,
    #[serde(flatten)]
    presented: Presented,
}

/// A verifier and the issuer that it is for.
type Configured<V> = Vec<(Option<String>, V)>;

/// Answers until the end of input.
pub fn serve<V: Verifier>(hello: Value) {
    static PANIC: Mutex<String> = Mutex::new(String::new());
    panic::set_hook(Box::new(|info| {
        eprintln!("{info}");
        *PANIC.lock().unwrap() = info.to_string();
    }));
    let mut verifiers = HashMap::new();
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().split(b'\n') {
        let line = line.expect("standard input can be read");
        let mut reply = match serde_json::from_slice::<Request>(&line) {
            Ok(request) => {
                let answered = panic::catch_unwind(AssertUnwindSafe(|| answer::<V>(&request, &hello, &mut verifiers)));
                let mut reply = answered.unwrap_or_else(|_| json!({"ok": false, "crash": *PANIC.lock().unwrap()}));
                reply["id"] = request.id.into();
                reply
            }
            Err(error) => json!({"id": id_of(&line), "error": error.to_string()}),
        }
        .to_string();
        reply.push('\n');
        out.write_all(reply.as_bytes()).and_then(|()| out.flush()).expect("standard output can be written");
    }
}

fn answer<V: Verifier>(request: &Request, hello: &Value, verifiers: &mut HashMap<String, Configured<V>>) -> Value {
    let name = request.verifier.as_deref().unwrap_or("main");
    match (request.op.as_str(), &request.policy) {
        ("hello", _) => hello.clone(),
        ("configure", Some(policy)) => {
            verifiers.remove(name);
            let loaded = policy.issuers.iter().map(|issuer| Ok((issuer.issuer.clone(), V::load(issuer, policy)?)));
            match loaded.collect::<Result<Configured<V>, No>>() {
                Ok(made) => {
                    let mut reply = json!({"ok": true});
                    if let Some(effective) = made.iter().find_map(|(_, verifier)| verifier.effective()) {
                        reply["effective"] = effective;
                    }
                    verifiers.insert(name.to_owned(), made);
                    reply
                }
                Err(No::Unsupported(member)) => json!({"ok": false, "unsupported": member}),
                Err(No::Refused(error) | No::Unavailable(error)) => json!({"ok": false, "error": error}),
            }
        }
        ("verify" | "verify_all", _) if !matches!(request.presented.mode.as_str(), "jwt" | "jws") => json!({"unsupported": "mode"}),
        ("verify", _) => match verifiers.get(name) {
            Some(configured) => judge(configured, &request.presented),
            None => json!({"error": "verify before configure"}),
        },
        ("verify_all", _) => match verifiers.get(name) {
            Some(configured) => judge_all(configured, request),
            None => json!({"error": "verify before configure"}),
        },
        _ => json!({"unsupported": "op"}),
    }
}

fn judge_all<V: Verifier>(configured: &Configured<V>, request: &Request) -> Value {
    let mut results = vec![json!({"verdict": "reject", "error": "no verifier for this issuer"}); request.tokens.len()];
    let (mut places, mut routed) = (Vec::new(), Vec::new());
    for (place, token) in request.tokens.iter().enumerate() {
        if let Some(verifier) = route(configured, token.as_bytes()) {
            places.push(place);
            routed.push((verifier, Presented { token: token.clone(), ..request.presented.clone() }));
        }
    }
    for (place, verdict) in places.into_iter().zip(V::verify_all(routed)) {
        results[place] = told(verdict);
    }
    json!({"results": results})
}

fn judge<V: Verifier>(configured: &Configured<V>, presented: &Presented) -> Value {
    let Some(verifier) = route(configured, presented.token()) else {
        return json!({"verdict": "reject", "error": "no verifier for this issuer"});
    };
    told(verifier.verify(presented))
}

fn told(verdict: Result<Accepted, No>) -> Value {
    match verdict {
        Ok(Accepted::Claims(claims)) => json!({"verdict": "accept", "claims": claims}),
        Ok(Accepted::Payload(payload)) => json!({"verdict": "accept", "payload_b64": STANDARD.encode(payload)}),
        Err(No::Unsupported(member)) => json!({"unsupported": member}),
        Err(No::Refused(error)) => json!({"verdict": "reject", "error": error.chars().take(500).collect::<String>()}),
        Err(No::Unavailable(error)) => json!({"verdict": "unavailable", "error": error.chars().take(500).collect::<String>()}),
    }
}

/// The library knows one issuer: several are told apart by the unverified `iss` (`issuer_routing`).
fn route<'a, V>(configured: &'a Configured<V>, token: &[u8]) -> Option<&'a V> {
    if let [(_, only)] = configured.as_slice() {
        return Some(only);
    }
    let payload = URL_SAFE_NO_PAD.decode(token.split(|byte| *byte == b'.').nth(1)?).ok()?;
    let claims: Map<String, Value> = serde_json::from_slice(&payload).ok()?;
    let claimed = claims.get("iss")?.as_str()?;
    configured.iter().find(|(issuer, _)| issuer.as_deref() == Some(claimed)).map(|(_, verifier)| verifier)
}

fn id_of(line: &[u8]) -> Value {
    serde_json::from_slice::<Value>(line).map_or(Value::Null, |request| request["id"].clone())
}
