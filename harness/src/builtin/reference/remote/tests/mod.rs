//! The client against servers that are not ours: wiremock where they speak HTTP, bare sockets where they
//! do not. Time is virtual, so that nothing here waits but for a deadline.

mod discovery;
mod freshness;
mod outage;
mod requests;
mod rules;
mod wire;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use gauntlet_vectors::{
    NumericDate, Policy, Presented, Verdict,
    policy::{FetchOptions, Keys, TrustedIssuer},
    verdict::Mode,
};
use tokio::runtime::{Builder, Runtime};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers};

use crate::{
    builtin::reference::{Reference, Rules},
    verifier::{Implementation, Refusal, Verifier},
};

const NOW: i64 = NumericDate::VIRTUAL.0;
const ISSUER: &str = "https://issuer.test";

/// Short enough for a test, long enough for a busy machine.
const OPTIONS: FetchOptions = FetchOptions {
    timeout_ms: Some(5_000),
    max_age_s: Some(300),
    cooldown_s: Some(30),
    max_stale_s: Some(600),
    max_bytes: Some(1 << 16),
    ca_file: None,
};

fn b64(octets: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

fn pair(key: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[key; 32]).unwrap()
}

/// The public half of the key of this number, under a name.
fn jwk(key: u8, kid: &str) -> String {
    let x = b64(pair(key).public_key());
    format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","kid":"{kid}"}}"#)
}

fn set(keys: &[String]) -> String {
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}

/// A set of the key 1 by the name of `a`.
fn set_a() -> String {
    set(&[jwk(1, "a")])
}

/// A token under the key of this number, of this issuer, that names a key.
fn token_of(issuer: &str, key: u8, kid: &str) -> Presented {
    let header = b64(format!(r#"{{"alg":"EdDSA","kid":"{kid}"}}"#));
    let message = format!("{header}.{}", b64(format!(r#"{{"iss":"{issuer}"}}"#)));
    let signature = b64(pair(key).sign(message.as_bytes()));
    shown(format!("{message}.{signature}"))
}

fn token(key: u8, kid: &str) -> Presented {
    token_of(ISSUER, key, kid)
}

fn shown(token: String) -> Presented {
    Presented { mode: Mode::Jwt, token: token.into_bytes(), detached_payload: None }
}

fn trusted(issuer: &str, keys: Keys) -> TrustedIssuer {
    TrustedIssuer {
        issuer: Some(issuer.to_owned()),
        keys,
        algorithms: Vec::new(),
        audiences: Vec::new(),
    }
}

fn policy(keys: Keys, fetch: FetchOptions) -> Policy {
    let mut policy = Policy::trusting(keys);
    policy.issuers = vec![trusted(ISSUER, policy.issuers.remove(0).keys)];
    policy.fetch = Some(fetch);
    policy
}

/// A verifier in virtual time.
struct Asked(Box<dyn Verifier>);

impl Asked {
    fn by(policy: &Policy) -> Self {
        Self::under(Rules::STRICT, policy)
    }

    fn under(rules: Rules, policy: &Policy) -> Self {
        Self(Reference::with_rules(rules).configure(policy, NumericDate(NOW)).unwrap())
    }

    fn at_uri(uri: String, fetch: FetchOptions) -> Self {
        Self::by(&policy(Keys::JwksUri(uri), fetch))
    }

    /// `accept`, or `reject` or `unavailable` with the check behind it, so many seconds from the beginning.
    fn says(&self, presented: &Presented, seconds: i64) -> String {
        let verdict = self.0.verify(presented, NumericDate(NOW + seconds)).unwrap();
        let check = |error: &str| error.split(':').next().unwrap_or_default().to_owned();
        match verdict {
            Verdict::Accept(_) => "accept".to_owned(),
            Verdict::Reject { error } => format!("reject {}", check(&error)),
            Verdict::Unavailable { error } => format!("unavailable {}", check(&error)),
        }
    }

    #[track_caller]
    fn accepts(&self, presented: &Presented, seconds: i64) {
        assert_eq!(self.says(presented, seconds), "accept");
    }

    /// The whole of what it says where it comes to no decision.
    fn laments(&self, presented: &Presented, seconds: i64) -> String {
        match self.0.verify(presented, NumericDate(NOW + seconds)).unwrap() {
            Verdict::Unavailable { error } => error,
            other @ (Verdict::Accept(_) | Verdict::Reject { .. }) => panic!("{other:?}"),
        }
    }
}

/// The words with which a policy is refused.
fn refusal(policy: &Policy) -> String {
    match Reference::strict().configure(policy, NumericDate(NOW)).map(drop).unwrap_err() {
        Refusal::Rejected { error } => error,
        other @ (Refusal::Unsupported { .. } | Refusal::NoAnswer(_)) => panic!("{other}"),
    }
}

type Answer = Box<dyn Fn(&Request) -> ResponseTemplate + Send + Sync>;

/// A server that counts.
struct Origin {
    _runtime: Runtime,
    server: MockServer,
    state: Arc<Mutex<Answers>>,
}

#[derive(Default)]
struct Answers {
    by_path: BTreeMap<String, Answer>,
    /// The paths that were asked for.
    asked: Vec<String>,
}

struct Responder(Arc<Mutex<Answers>>);

impl Respond for Responder {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut answers = self.0.lock().unwrap();
        let path = request.url.path().to_owned();
        let response = match answers.by_path.get(&path) {
            Some(answer) => answer(request),
            None => ResponseTemplate::new(404),
        };
        answers.asked.push(path);
        response
    }
}

impl Origin {
    fn start() -> Self {
        let runtime = Builder::new_current_thread().build().unwrap();
        let state = Arc::<Mutex<Answers>>::default();
        let server = runtime.block_on(async {
            let server = MockServer::start().await;
            let responder = Responder(Arc::clone(&state));
            Mock::given(matchers::any()).respond_with(responder).mount(&server).await;
            server
        });
        Self { _runtime: runtime, server, state }
    }

    /// One that serves a set at [`Self::jwks`].
    fn serving(set: String) -> Self {
        let origin = Self::start();
        origin.publish(set);
        origin
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.uri())
    }

    fn jwks(&self) -> String {
        self.url("/jwks")
    }

    fn on(
        &self,
        path: &str,
        answer: impl Fn(&Request) -> ResponseTemplate + Send + Sync + 'static,
    ) {
        self.state.lock().unwrap().by_path.insert(path.to_owned(), Box::new(answer));
    }

    fn publish(&self, set: String) {
        self.publish_with(set, &[]);
    }

    fn publish_with(&self, set: String, fields: &[(&'static str, &str)]) {
        let mut response = ResponseTemplate::new(200).set_body_string(set);
        for (name, value) in fields {
            response = response.append_header(*name, *value);
        }
        self.on("/jwks", move |_| response.clone());
    }

    fn fail(&self, status: u16) {
        self.on("/jwks", move |_| ResponseTemplate::new(status));
    }

    /// How often a path was asked for.
    fn count_of(&self, path: &str) -> usize {
        self.state.lock().unwrap().asked.iter().filter(|asked| *asked == path).count()
    }

    fn count(&self) -> usize {
        self.count_of("/jwks")
    }
}
