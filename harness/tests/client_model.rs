//! The reference's key-set client against a model: random sequences of publish, fault, advance and verify, with
//! what is permitted at each moment.
//!
//! The model knows no cache. It reads in the issuer's log when a fetch was made and what came of it, and says
//! from that alone whether the next token may, must or must not be accepted, and whether a fetch was due.

#![expect(clippy::unwrap_used, reason = "the whole file is a test, whose panic is its report")]

use std::time::Duration;

use gauntlet_vectors::{
    Env, NumericDate, Policy, Verdict,
    forge::{self, Published},
    policy::{FetchOptions, JwkRecipe, Keys, KeysRecipe},
    recipe::{Json, JwsRecipe, PayloadEncoding, Recipe, Serialization, Signing},
    timeline::{Endpoint, Fault, Publication, Scheme, Spans},
    verdict::Mode,
};
use jwks_gauntlet::{
    builtin::reference::Reference,
    issuer::{Issuer, Rule, Settings},
    verifier::{Implementation, Verifier},
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

const KEYS: [&str; 3] = ["p256-a", "p256-b", "p256-c"];
const MAX_AGE: i64 = 300;
const COOLDOWN: i64 = 30;
const MAX_STALE: i64 = 600;

/// One thing that happens.
#[derive(Debug, Clone)]
enum Op {
    /// These of the keys are served.
    Publish([bool; 3]),
    /// The response says this of its own freshness.
    Caching(Caching),
    /// Answers fail.
    Break(Fault),
    Mend,
    Advance(i64),
    /// A token of this key is shown.
    Verify(usize),
    /// A stranger's token is shown that names a key which nobody has.
    Stray,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caching {
    Silent,
    MaxAge(i64),
    NoStore,
}

impl Caching {
    fn headers(self) -> Vec<(String, String)> {
        let value = match self {
            Self::Silent => return Vec::new(),
            Self::MaxAge(seconds) => format!("max-age={seconds}"),
            Self::NoStore => "no-store".to_owned(),
        };
        vec![("Cache-Control".to_owned(), value)]
    }

    /// How long a set is fresh: the response within the operator's bounds, and never shorter than the cooldown.
    fn freshness(self) -> i64 {
        let said = match self {
            Self::Silent => MAX_AGE,
            Self::MaxAge(seconds) => seconds,
            Self::NoStore => 0,
        };
        said.clamp(COOLDOWN, MAX_AGE)
    }
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let fault = select(vec![
        Fault::Refused,
        Fault::Closed,
        Fault::Reset,
        Fault::Cut,
        Fault::BadChunk,
        Fault::NotHttp,
        Fault::Status(404),
        Fault::Status(503),
        Fault::StatusWithDocument(500),
        Fault::NotModified,
        Fault::Html,
        Fault::Empty,
        Fault::EmptyObject,
        Fault::HalfDocument,
        Fault::RedirectLoop,
    ]);
    // Around every boundary, and far from all of them.
    let seconds =
        select(vec![1, 5, 29, 30, 31, 59, 60, 61, 150, 299, 300, 301, 600, 899, 900, 901, 5_000]);
    let caching = select(vec![
        Caching::Silent,
        Caching::MaxAge(0),
        Caching::MaxAge(60),
        Caching::MaxAge(100_000),
        Caching::NoStore,
    ]);
    let op = prop_oneof![
        2 => any::<[bool; 3]>().prop_map(Op::Publish),
        1 => caching.prop_map(Op::Caching),
        2 => fault.prop_map(Op::Break),
        2 => Just(Op::Mend),
        4 => seconds.prop_map(Op::Advance),
        6 => (0..KEYS.len()).prop_map(Op::Verify),
        2 => Just(Op::Stray),
    ];
    vec(op, 1..40)
}

/// A set that was fetched.
#[derive(Debug, Clone, Copy)]
struct Held {
    at: i64,
    keys: [bool; 3],
    caching: Caching,
}

/// What is known of the verifier from outside.
#[derive(Debug, Default)]
struct Model {
    held: Option<Held>,
    /// When it asked last, and whether that failed.
    asked: Option<(i64, bool)>,
}

impl Model {
    fn is_fresh(&self, now: i64) -> bool {
        self.held.is_some_and(|held| now < held.at + held.caching.freshness())
    }

    fn may_serve_stale(&self, now: i64) -> bool {
        let failed = self.asked.is_some_and(|(_, failed)| failed);
        failed
            && self.held.is_some_and(|held| {
                held.caching != Caching::NoStore
                    && now < held.at + held.caching.freshness() + MAX_STALE
            })
    }

    fn has(&self, key: Option<usize>) -> bool {
        let held = self.held.map(|held| held.keys).unwrap_or_default();
        key.is_some_and(|key| held.get(key).copied().unwrap_or_default())
    }

    /// Whether the next token makes a fetch.
    fn is_due(&self, now: i64, key: Option<usize>) -> bool {
        let is_cool = self.asked.is_none_or(|(at, _)| now >= at + COOLDOWN);
        is_cool && (!self.is_fresh(now) || !self.has(key))
    }
}

struct World {
    issuer: Issuer,
    verifier: Box<dyn Verifier>,
    now: i64,
    published: [bool; 3],
    caching: Caching,
    fault: Option<Fault>,
    model: Model,
    seen: usize,
}

impl World {
    fn new() -> Self {
        let settings =
            Settings { scheme: Scheme::Http, spans: Spans::VIRTUAL, drip: Duration::from_secs(1) };
        let issuer = Issuer::open(settings).unwrap();
        let mut policy = Policy::trusting(Keys::JwksUri(format!("{}/jwks.json", issuer.url())));
        policy.algorithms = vec!["ES256".to_owned()];
        policy.fetch = Some(FetchOptions {
            timeout_ms: Some(5_000),
            max_age_s: Some(MAX_AGE as u64),
            cooldown_s: Some(COOLDOWN as u64),
            max_stale_s: Some(MAX_STALE as u64),
            max_bytes: None,
            ca_file: None,
        });
        let now = NumericDate::VIRTUAL;
        let verifier = Reference::strict().configure(&policy, now).unwrap();
        let mut world = Self {
            issuer,
            verifier,
            now: now.0,
            published: [true, false, false],
            caching: Caching::Silent,
            fault: None,
            model: Model::default(),
            seen: 0,
        };
        world.issuer.set_now(Some(now));
        world.publish();
        world
    }

    fn publish(&mut self) {
        let keys = KEYS
            .iter()
            .zip(self.published)
            .filter(|(_, is_there)| *is_there)
            .map(|(key, _)| JwkRecipe::with_kid((*key).into(), key))
            .collect();
        let publication =
            Publication { keys: Some(KeysRecipe::Set(keys)), ..Publication::default() };
        let made = forge::resolve_publication(&publication, &Env::fixed()).unwrap();
        let headers = Some(self.caching.headers());
        self.issuer.publish(&Published { headers, ..made });
    }

    fn play(&mut self, op: &Op) -> Result<(), TestCaseError> {
        match op {
            Op::Publish(keys) => {
                self.published = *keys;
                self.publish();
            }
            Op::Caching(caching) => {
                self.caching = *caching;
                self.publish();
            }
            Op::Break(fault) => {
                self.fault = Some(fault.clone());
                let rule = Rule { at: Endpoint::Jwks, fault: fault.clone(), after: 0, times: None };
                self.issuer.fault(rule).unwrap();
            }
            Op::Mend => {
                self.fault = None;
                self.issuer.mend().unwrap();
            }
            Op::Advance(seconds) => {
                self.now += seconds;
                self.issuer.set_now(Some(NumericDate(self.now)));
                self.verifier.advance(NumericDate(self.now));
            }
            Op::Verify(key) => self.verify(Some(*key))?,
            Op::Stray => self.verify(None)?,
        }
        Ok(())
    }

    /// Shows a token, and holds what came of it against the model.
    fn verify(&mut self, key: Option<usize>) -> Result<(), TestCaseError> {
        let is_due = self.model.is_due(self.now, key);
        let token = token(key, self.now);
        let verdict = self.verifier.verify(&token, NumericDate(self.now)).unwrap();

        let fetches = self.issuer.requests().len() - self.seen;
        self.seen += fetches;
        if self.fault == Some(Fault::Refused) {
            prop_assert_eq!(fetches, 0, "somebody came through a closed port");
        } else {
            prop_assert_eq!(fetches, usize::from(is_due), "a fetch is due: {}", is_due);
        }
        if is_due {
            self.model.asked = Some((self.now, self.fault.is_some()));
            if self.fault.is_none() {
                let (keys, caching) = (self.published, self.caching);
                self.model.held = Some(Held { at: self.now, keys, caching });
            }
        }

        let usable = self.model.is_fresh(self.now) || self.model.may_serve_stale(self.now);
        let expected = match (usable, self.model.has(key)) {
            (true, true) => "accept",
            (true, false) => "reject",
            (false, _) => "unavailable",
        };
        prop_assert_eq!(verdict.word(), expected, "{:?}", told(&verdict));
        Ok(())
    }
}

fn told(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Accept(_) => "accepted",
        Verdict::Reject { error } | Verdict::Unavailable { error } => error,
    }
}

fn token(key: Option<usize>, now: i64) -> gauntlet_vectors::Presented {
    let (key, kid) = match key.and_then(|key| KEYS.get(key)) {
        Some(key) => (*key, *key),
        None => ("p256-leading-zero", "nobody"),
    };
    let header =
        [("alg", "ES256"), ("kid", kid)].map(|(name, value)| (name.to_owned(), Value::from(value)));
    let recipe = JwsRecipe {
        protected: Some(Json::Members(header.to_vec())),
        unprotected: None,
        payload: Json::Members(vec![("exp".to_owned(), json!(now + 60))]),
        signing: Signing::Key { key: key.into(), alg: "ES256".to_owned() },
        serialization: Serialization::Compact,
        payload_encoding: PayloadEncoding::Base64url,
        detached: false,
        spelling: Vec::new(),
        edits: Vec::new(),
    };
    let recipe = Recipe::Jws(Box::new(recipe));
    forge::forge(&recipe, Mode::Jwt, None, &Env::fixed()).unwrap().presented
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_reference_does_what_is_permitted_at_each_moment(ops in ops()) {
        let mut world = World::new();
        for op in &ops {
            world.play(op)?;
        }
    }
}
