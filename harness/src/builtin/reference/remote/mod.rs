//! Key sets that are fetched: the client that one would want in production.
//!
//! - **Lazily.** Nothing is fetched at configuration and nothing in the background: a token whose key is
//!   wanted, and nothing else, makes a request, at the issuer that it names and no other.
//! - **Once.** Of many threads that need a fetch one makes it, the others wait and take what came of it.
//!   Whoever can be served from a fresh set does not wait. [`State`] decides, and holds no lock meanwhile.
//! - **Seldom.** From the end of a fetch to the next one the cooldown passes, whatever asks (a `kid` that the
//!   set lacks, the end of freshness, a cold start) and however the last one ended, so that a stranger
//!   cannot make us a nuisance. A `kid` is the only thing in a token that asks for one: a bad signature
//!   would be everybody's to make. That the token is expired, too, stops nothing, because nobody has
//!   verified its claims, and who wants a fetch writes any `exp`.
//! - **Fresh** as long as the response says (`freshness`), at most `max_age_s`, and at least `cooldown_s`.
//! - **Whole.** A new set replaces the old one, the empty one too: a key that is gone is taken back. A document
//!   that is no set is a failed fetch, and a failed fetch changes nothing.
//! - **Stale** no longer than `max_stale_s`, only while fetches fail, and only where the response does not
//!   forbid it (RFC 9111 §4.2.4). Without a set that may be used, a token gets no decision.
//! - **From where the operator said**: http or https, as configured; no redirects (`fetch`); metadata only of
//!   the issuer that was asked, and no key set without TLS from metadata with it (`metadata`).
//! - **Bounded**: one deadline for metadata and set together, and so many octets for each.
//!
//! `Retry-After` is not read: the cooldown is the operator's, and he has to live with it.

mod fetch;
mod freshness;
mod metadata;
mod state;
#[cfg(test)]
mod tests;
mod url;

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use gauntlet_vectors::policy::FetchOptions;
use serde_json::{Value, json};

use self::{
    fetch::Client,
    freshness::Caching,
    state::{Fetched, State, Step, Version},
    url::{IssuerUrl, Url},
};
use super::{
    algorithms::AlgSet,
    checks::{Check, Refused, Rules},
    clock::{Moment, Now},
    jwk,
    keyring::KeyRing,
};

/// The bounds that the operator sets, or leaves to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Options {
    timeout_ms: u64,
    max_age_s: u64,
    cooldown_s: u64,
    max_stale_s: u64,
    max_bytes: u64,
}

/// Where a set comes from.
#[derive(Debug)]
enum Source {
    /// From here.
    Uri(Url),
    /// From wherever this issuer says.
    Issuer(IssuerUrl),
}

/// A key set that is fetched when it is needed.
#[derive(Debug)]
pub(super) struct Remote {
    source: Source,
    client: Client,
    /// What its keys may be used for.
    allowed: AlgSet,
    rules: Rules,
    state: Mutex<State>,
    /// Told of every fetch that ends.
    ended: Condvar,
}

impl Options {
    /// Where the policy says nothing.
    ///
    /// A caller waits 5 s at most. A key that was taken back verifies 5 minutes longer, and 15 during an
    /// outage that hides it, which is as long as an honest issuer may be down unnoticed. A new key is found
    /// within 30 s of a failure or of another new one. A mebibyte is a thousand keys.
    pub(super) const DEFAULT: Self = Self {
        timeout_ms: 5_000,
        max_age_s: 300,
        cooldown_s: 30,
        max_stale_s: 600,
        max_bytes: 1 << 20,
    };

    /// Whoever allows more has no deadline in mind; and an hour more is not beyond any clock.
    const LONGEST_TIMEOUT_MS: u64 = 3_600_000;

    /// Those of a policy, and ours for the rest.
    pub(super) fn of(policy: Option<&FetchOptions>) -> Self {
        let Some(given) = policy else {
            return Self::DEFAULT;
        };
        let ours = Self::DEFAULT;
        let cooldown_s = given.cooldown_s.unwrap_or(ours.cooldown_s);
        Self {
            timeout_ms: given.timeout_ms.unwrap_or(ours.timeout_ms).min(Self::LONGEST_TIMEOUT_MS),
            // A set is used until it could be fetched again, so that no other bound would hold.
            max_age_s: given.max_age_s.unwrap_or(ours.max_age_s).max(cooldown_s),
            cooldown_s,
            max_stale_s: given.max_stale_s.unwrap_or(ours.max_stale_s),
            max_bytes: given.max_bytes.unwrap_or(ours.max_bytes),
        }
    }

    /// The same, as the adapter protocol tells `defaults` and `effective`.
    pub(super) fn tell(self) -> Value {
        let Self { timeout_ms, max_age_s, cooldown_s, max_stale_s, max_bytes } = self;
        json!({
            "timeout_ms": timeout_ms,
            "max_age_s": max_age_s,
            "cooldown_s": cooldown_s,
            "max_stale_s": max_stale_s,
            "max_bytes": max_bytes,
        })
    }
}

impl Remote {
    /// The set at a `jwks_uri`.
    ///
    /// # Errors
    /// [`Refused`], when nothing will be fetched from there.
    pub(super) fn at_uri(
        uri: &str,
        fetch: Option<&FetchOptions>,
        allowed: AlgSet,
        rules: Rules,
    ) -> Result<Self, Refused> {
        let url = Url::parse(uri).map_err(|error| Refused::by(Check::KeyUrl, error.to_string()))?;
        Self::new(Source::Uri(url), fetch, allowed, rules)
    }

    /// The set that an issuer's metadata name.
    ///
    /// # Errors
    /// [`Refused`], when nothing will be fetched from there.
    pub(super) fn of_issuer(
        issuer: &str,
        fetch: Option<&FetchOptions>,
        allowed: AlgSet,
        rules: Rules,
    ) -> Result<Self, Refused> {
        let issuer = IssuerUrl::parse(issuer)
            .map_err(|error| Refused::by(Check::KeyUrl, error.to_string()))?;
        Self::new(Source::Issuer(issuer), fetch, allowed, rules)
    }

    fn new(
        source: Source,
        fetch: Option<&FetchOptions>,
        allowed: AlgSet,
        rules: Rules,
    ) -> Result<Self, Refused> {
        let options = Options::of(fetch);
        let ca_file = fetch.and_then(|fetch| fetch.ca_file.as_deref());
        let timeout = Duration::from_millis(options.timeout_ms);
        Ok(Self {
            source,
            client: Client::new(timeout, options.max_bytes, ca_file, rules)?,
            allowed,
            rules,
            state: Mutex::new(State::new(options, rules)),
            ended: Condvar::new(),
        })
    }

    /// The set to verify a token with that names this key.
    ///
    /// It may lack that key, and is then as new as it could be had.
    ///
    /// # Errors
    /// Why no set may be used, in words.
    pub(super) fn ring(&self, kid: Option<&str>, now: Now) -> Result<Arc<KeyRing>, String> {
        let mut state = self.state();
        let mut step = state.step(kid, now.moment());
        loop {
            match step {
                Step::Serve(ring) => return Ok(ring),
                Step::Refuse(why) => return Err(why),
                Step::Wait { round } => {
                    while !state.has_ended(round) {
                        state = self.ended.wait(state).unwrap_or_else(PoisonError::into_inner);
                    }
                }
                Step::Fetch => {
                    let flight = Flight { remote: self, begun: now.moment(), now, fetched: None };
                    let version = state.begin();
                    drop(state);
                    flight.fly(version);
                    state = self.state();
                }
            }
            step = state.settle(now.moment());
        }
    }

    /// A thread that panicked left nothing half done: each change of the state is one assignment or goes
    /// through [`Flight`].
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fetch(&self, held: Option<Version>) -> Result<Fetched, Refused> {
        let rules = self.rules;
        let deadline = self.client.deadline();
        let found;
        let url = match &self.source {
            Source::Uri(url) => url,
            Source::Issuer(issuer) => {
                found = metadata::key_set_of(issuer, &self.client, deadline, rules)?;
                &found
            }
        };
        // A tag is of one document; what is elsewhere now is another one.
        let tag = held.filter(|held| held.url == *url).and_then(|held| held.tag);
        let response = self.client.get(url, tag.as_ref(), deadline)?;
        let caching = Caching::of(&response.headers);
        if response.is_unmodified(url, tag.as_ref())? {
            return Ok(Fetched::Unmodified { caching });
        }
        let set = jwk::read_set(response.document(url, rules)?, self.allowed, rules)?;
        let version = Version { url: url.clone(), tag: response.tag() };
        Ok(Fetched::Set { ring: Arc::new(KeyRing::of_set(set)), version, caching })
    }
}

/// A fetch that is under way. However it ends, its end is noted, or the others would wait for ever.
struct Flight<'a> {
    remote: &'a Remote,
    begun: Moment,
    now: Now,
    fetched: Option<Result<Fetched, Refused>>,
}

impl Flight<'_> {
    fn fly(mut self, held: Option<Version>) {
        self.fetched = Some(self.remote.fetch(held));
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let fetched = self.fetched.take();
        let fetched =
            fetched.unwrap_or_else(|| Err(Refused::by(Check::FetchFailed, "the fetch broke off")));
        self.remote.state().end(self.begun, self.now, fetched);
        self.remote.ended.notify_all();
    }
}
